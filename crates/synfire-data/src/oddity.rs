//! What is odd about a data set without being wrong: it can be trained on, and somebody ought to know.

use std::fmt;

use crate::dataset::{Dataset, Split};

/// Something odd about a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Oddity {
    /// There is one class only: every answer is right.
    OneClass,
    /// Classes without a sample to learn from.
    NoTraining {
        /// The classes, ascending.
        classes: Vec<usize>,
    },
    /// Classes without a sample to be judged by.
    NoTest {
        /// The classes, ascending.
        classes: Vec<usize>,
    },
    /// No input is ever active.
    NothingActive,
    /// All training samples show the same.
    AllEqual,
    /// More than half of the inputs are active on average, as in dark writing on a light ground.
    MostlyActive {
        /// Active inputs of all training samples, in per cent of all inputs.
        percent: u32,
    },
}

/// Everything odd about a set, in the order of [`Oddity`].
///
/// ```
/// use synfire_data::{digits, oddities};
/// let mut split = digits::generate(digits::SEED, 3, 10)?;
/// assert!(oddities(&split)[0].to_string().ends_with("have no training samples"));
/// split.train = split.test.clone();
/// assert!(oddities(&split).is_empty());
/// # Ok::<(), synfire_data::DatasetError>(())
/// ```
#[must_use]
pub fn oddities(split: &Split) -> Vec<Oddity> {
    let Split { train, test } = split;
    let mut found = Vec::new();
    if train.n_classes() == 1 {
        found.push(Oddity::OneClass);
    }
    let without = |set: &Dataset| -> Vec<usize> {
        let counts = class_counts(set);
        (0..set.n_classes()).filter(|&class| counts[class] == 0).collect()
    };
    let (untaught, unasked) = (without(train), without(test));
    if !untaught.is_empty() {
        found.push(Oddity::NoTraining { classes: untaught });
    }
    if !unasked.is_empty() {
        found.push(Oddity::NoTest { classes: unasked });
    }
    let n_active = train.total_active() as u64;
    let n_inputs = train.n_inputs() as u64 * train.len() as u64;
    if n_active == 0 {
        found.push(Oddity::NothingActive);
    } else if train.len() > 1 && train.iter().all(|(input, _)| input == train.input(0)) {
        found.push(Oddity::AllEqual);
    }
    if 2 * n_active > n_inputs {
        let percent = u32::try_from(100 * u128::from(n_active) / u128::from(n_inputs));
        found.push(Oddity::MostlyActive { percent: percent.unwrap_or(100) });
    }
    found
}

/// The number of samples of each class.
#[must_use]
pub fn class_counts(set: &Dataset) -> Vec<usize> {
    let mut counts = vec![0; set.n_classes()];
    for &label in set.labels() {
        counts[usize::from(label)] += 1;
    }
    counts
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Oddity::OneClass => f.write_str("there is one class only: every answer is right"),
            Oddity::NoTraining { classes } => {
                write!(f, "{} no training samples", having(classes))
            }
            Oddity::NoTest { classes } => write!(f, "{} no test samples", having(classes)),
            Oddity::NothingActive => f.write_str(
                "no pixel of a training image counts as 1: is the threshold too high, or the crop too wide?",
            ),
            Oddity::AllEqual => f.write_str("all training images show the same after crop and threshold"),
            Oddity::MostlyActive { percent } => write!(
                f,
                "{percent} % of the pixels count as 1: if the images are dark on light, invert them"
            ),
        }
    }
}

/// `class 3 has`, `classes 3 and 5 have`, `12 classes (3, 5, 6, 7, ...) have`.
fn having(classes: &[usize]) -> String {
    let names: Vec<String> = classes.iter().map(usize::to_string).collect();
    match &names[..] {
        [one] => format!("class {one} has"),
        [first @ .., last] if first.len() < 6 => {
            format!("classes {} and {last} have", first.join(", "))
        }
        _ => format!(
            "{} classes ({}, ...) have",
            names.len(),
            names[..names.len().min(4)].join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::{Oddity, class_counts, oddities};
    use crate::dataset::{Dataset, Split};

    fn set(n_classes: usize, samples: &[(&[u32], u8)]) -> Dataset {
        Dataset::from_samples("s", (2, 2), n_classes, samples.iter().copied()).unwrap()
    }

    fn said(train: Dataset, test: Dataset) -> Vec<String> {
        oddities(&Split { train, test }).iter().map(Oddity::to_string).collect()
    }

    #[test]
    fn a_usual_set_is_not_odd() {
        let usual = || set(2, &[(&[0], 0), (&[1, 2], 1)]);
        assert_eq!(said(usual(), usual()), [""; 0]);
        assert_eq!(class_counts(&usual()), [1, 1]);
    }

    #[test]
    fn classes_without_samples_are_named() {
        let train = set(4, &[(&[0], 0), (&[1], 3)]);
        let test = set(4, &[(&[0], 3)]);
        assert_eq!(
            said(train, test),
            ["classes 1 and 2 have no training samples", "classes 0, 1 and 2 have no test samples"]
        );
        let lone = || set(256, &[(&[0], 255), (&[1], 0)]);
        let found = said(lone(), lone());
        assert_eq!(found[0], "254 classes (1, 2, 3, 4, ...) have no training samples");
    }

    #[test]
    fn images_that_say_nothing_are_noticed() {
        let blank = || set(1, &[(&[], 0), (&[], 0)]);
        let found = said(blank(), blank());
        assert_eq!(found[0], "there is one class only: every answer is right");
        assert!(found[1].starts_with("no pixel of a training image counts as 1"), "{found:?}");
        let full = || set(2, &[(&[0, 1, 2], 0), (&[0, 1, 2], 1)]);
        let found = said(full(), full());
        assert_eq!(found[0], "all training images show the same after crop and threshold");
        assert!(found[1].starts_with("75 % of the pixels count as 1"), "{found:?}");
    }
}
