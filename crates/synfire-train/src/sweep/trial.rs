//! One run of a sweep: its choices, complete, and the name that follows from them.
//!
//! The id is the beginning of the SHA-256 of a text that lists every choice with an effect on what a run computes or
//! compares, defaults filled in, one `key = value` a line. What has no effect is not in it: threads, folders, the
//! time between checkpoints. Of files it has the names and not the contents, so that a plan needs no data; what the
//! contents were is in the `run.toml` of the trial, as checksums.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use synfire_data::sha256_hex;
use synfire_net::printable;

use crate::choices::Choices;
use crate::config::{Config, ConfigError, EngineKind};
use crate::error::RunError;
use crate::record::RunFile;

/// First line of what is hashed: another list of choices would be another number.
const FORM: &str = "synfire trial 1\n";

/// First line of what a seed is drawn from.
const SEED_FORM: &str = "synfire trial seed 1\n";

/// Hexadecimal digits of a seed that is made from a hash: 52 bits, which every program reads exactly.
const SEED_DIGITS: usize = 13;

/// Longest text of a choice, in bytes; a sweep has many copies of it.
pub(crate) const LONGEST_TEXT: usize = 4096;

/// Training samples of a set of which nothing is known before it is read, for an estimate.
const SAMPLES_OF_UNKNOWN: u64 = 60_000;

/// The name of a trial: the first 64 bits of a hash of its choices, as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrialId(u64);

/// A text that is no name of a trial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("trial is `{found}`, expected 16 hexadecimal digits in lower case")]
pub struct TrialIdError {
    /// The text.
    pub found: String,
}

impl fmt::Display for TrialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for TrialId {
    type Err = TrialIdError;

    fn from_str(text: &str) -> Result<TrialId, TrialIdError> {
        let id = u64::from_str_radix(text, 16).ok().map(TrialId);
        // A sign, upper case or fewer digits would be a second spelling.
        id.filter(|id| id.to_string() == text).ok_or_else(|| TrialIdError {
            found: text.chars().take(LONGEST_TEXT).collect::<String>().escape_debug().to_string(),
        })
    }
}

/// A choice as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrialValue {
    /// A number.
    Number(u64),
    /// A name or a path.
    Text(String),
}

impl fmt::Display for TrialValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrialValue::Number(number) => write!(f, "{number}"),
            TrialValue::Text(text) => f.write_str(text),
        }
    }
}

impl serde::Serialize for TrialValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            TrialValue::Number(number) => serializer.serialize_u64(*number),
            TrialValue::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// One run of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    id: TrialId,
    choices: Choices,
}

impl Trial {
    /// The keys that make a trial what it is, in the order of tables. They are keys of run files.
    pub const KEYS: [&str; 13] = [
        "dataset",
        "crop",
        "threshold",
        "samples",
        "engine",
        "circuit",
        "variant",
        "hidden",
        "init-weights",
        "epochs",
        "order",
        "check",
        "seed",
    ];

    /// The trial of these choices; what was left open is filled in, what has no effect on results is left out.
    ///
    /// ```
    /// use synfire_train::{Choices, Trial};
    ///
    /// let trial = |text: &str| Trial::new(&Choices::parse(text).expect("choices"));
    /// let (short, long) = (trial("hidden = 400")?, trial("seed = 1\nepochs = 8\nthreads = 2")?);
    /// assert_eq!(short.id(), long.id());
    /// assert_ne!(short.id(), trial("seed = 2")?.id());
    /// # Ok::<(), synfire_train::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Config::check`].
    pub fn new(choices: &Choices) -> Result<Trial, ConfigError> {
        let config = choices.config();
        config.check()?;
        let choices = complete(config);
        let id = TrialId(first_64(&sha256_hex(text(FORM, &choices).as_bytes())));
        Ok(Trial { id, choices })
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> TrialId {
        self.id
    }

    /// Its choices, none left open but those that only data or start weights can fill in.
    #[must_use]
    pub const fn choices(&self) -> &Choices {
        &self.choices
    }

    /// The choice of one of [`Trial::KEYS`]; `None` if it is for data or start weights to say.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<TrialValue> {
        let of_key = |(known, value)| (known == key).then_some(value);
        values(&self.choices).into_iter().find_map(of_key).flatten()
    }

    /// What it is, key by key.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&'static str, TrialValue)> {
        values(&self.choices).into_iter().filter_map(|(key, value)| Some((key, value?)))
    }

    /// Training samples it will learn, over all epochs; `None` if only the data set can say.
    #[must_use]
    pub fn n_samples(&self) -> Option<u64> {
        let epochs = u64::from(self.choices.epochs.unwrap_or(1));
        let samples = match (self.choices.samples, self.value("dataset")?.to_string().as_str()) {
            (Some(samples), _) => samples as u64,
            (None, "digits") => 10_000,
            (None, "mnist" | "fashion-mnist") => 60_000,
            (None, _) => return None,
        };
        Some(epochs.saturating_mul(samples))
    }

    /// How long it takes, in no unit: to deal trials out evenly and to begin with the longest. Roughly the neurons of
    /// all samples, times what the engine takes for one.
    #[must_use]
    pub fn work(&self) -> u64 {
        let Choices { epochs, hidden, engine, .. } = &self.choices;
        let epochs = u64::from(epochs.unwrap_or(1));
        let samples = self.n_samples().unwrap_or(epochs.saturating_mul(SAMPLES_OF_UNKNOWN));
        let per_neuron = match engine.unwrap_or_default() {
            EngineKind::Reference => 1,
            EngineKind::Fast => 3,
            EngineKind::Lif => 60,
            EngineKind::Loihi => 200,
        };
        let n_hidden = hidden.unwrap_or(Config::HIDDEN) as u64;
        samples.saturating_mul(n_hidden + 30).saturating_mul(per_neuron)
    }

    /// Whether a recorded run is this trial, see [`RunFile::config`].
    ///
    /// # Errors
    /// The first choice that is another one.
    pub(crate) fn check(&self, dir: &Path, run: &RunFile) -> Result<(), RunError> {
        let recorded = values(&complete(run.config.clone()));
        for ((key, mine), (_, theirs)) in values(&self.choices).into_iter().zip(recorded) {
            // What only the start weights say is recorded when they were read.
            let is_open = key == "hidden" && mine.is_none();
            if !is_open && mine != theirs {
                let word = |value: Option<TrialValue>| {
                    value.map_or_else(
                        || "not given".to_owned(),
                        |value| printable(&value.to_string()),
                    )
                };
                let (found, expected) = (word(theirs), word(mine));
                return Err(RunError::OtherTrial { dir: dir.to_owned(), key, found, expected });
            }
        }
        match &run.seeds {
            None => Ok(()),
            Some(seeds) => Err(RunError::OtherTrial {
                dir: dir.to_owned(),
                key: "seeds",
                found: seeds.to_string(),
                expected: "one seed".to_owned(),
            }),
        }
    }
}

/// A seed made from everything else that makes a trial, and from a number that tells like trials apart.
pub(crate) fn seed_of(choices: &Choices, replicate: u64) -> u64 {
    let choices = Choices { seed: None, ..complete(choices.config()) };
    let text = text(SEED_FORM, &choices) + &format!("replicate = {replicate}\n");
    first_64(&sha256_hex(text.as_bytes())) >> (64 - 4 * SEED_DIGITS)
}

/// All choices that make a trial, and no others.
fn complete(config: Config) -> Choices {
    let Config { dataset, preparation, n_hidden, engine, circuit, variant, epochs, .. } = config;
    let Config { samples, order, seed, init_weights, check_every, .. } = config;
    Choices {
        dataset: Some(dataset),
        crop: Some(preparation.crop),
        threshold: Some(preparation.threshold),
        engine: Some(engine),
        circuit: Some(circuit),
        // With start weights it is theirs.
        hidden: n_hidden.or_else(|| init_weights.is_none().then_some(Config::HIDDEN)),
        variant: Some(variant),
        epochs: Some(epochs),
        samples,
        order: Some(order),
        seed: Some(seed),
        init_weights,
        check: Some(check_every),
        ..Choices::default()
    }
}

/// The choices of [`Trial::KEYS`], in that order.
pub(crate) fn values(choices: &Choices) -> [(&'static str, Option<TrialValue>); 13] {
    fn text<T: ToString>(value: Option<&T>) -> Option<TrialValue> {
        value.map(|value| TrialValue::Text(value.to_string()))
    }
    let number = |value: Option<u64>| value.map(TrialValue::Number);
    let length = |value: Option<usize>| number(value.map(|value| value as u64));
    let path = choices.init_weights.as_ref().map(|path| path.to_string_lossy());
    let values = [
        text(choices.dataset.as_ref()),
        length(choices.crop),
        number(choices.threshold.map(u64::from)),
        length(choices.samples),
        text(choices.engine.as_ref()),
        text(choices.circuit.as_ref()),
        text(choices.variant.as_ref()),
        length(choices.hidden),
        text(path.as_ref()),
        number(choices.epochs.map(u64::from)),
        text(choices.order.as_ref()),
        number(choices.check),
        number(choices.seed),
    ];
    let mut keys = Trial::KEYS.into_iter();
    values.map(|value| (keys.next().unwrap_or_default(), value))
}

/// What is hashed.
fn text(form: &str, choices: &Choices) -> String {
    let mut text = form.to_owned();
    for (key, value) in values(choices) {
        match value {
            // A name with a line break in it must not look like a further choice.
            Some(TrialValue::Text(value)) => {
                text += &format!("{key} = \"{}\"\n", value.escape_default());
            }
            Some(TrialValue::Number(value)) => text += &format!("{key} = {value}\n"),
            None => {}
        }
    }
    text
}

/// The first 64 bits of a hash.
fn first_64(hex: &str) -> u64 {
    hex.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn trial(text: &str) -> Trial {
        Trial::new(&Choices::parse(text).unwrap()).unwrap()
    }

    /// What is hashed, and the hash: a change of either would lose what users have computed.
    #[test]
    fn ids_are_pinned() {
        let trial = trial("hidden = 30\nseed = 7");
        let expected = "synfire trial 1\ndataset = \"digits\"\ncrop = 0\nthreshold = 129\nengine = \"fast\"\n\
                        circuit = \"sized\"\nvariant = \"circuit\"\nhidden = 30\nepochs = 8\norder = \"shuffled\"\n\
                        check = 1\nseed = 7\n";
        assert_eq!(text(FORM, &trial.choices), expected);
        assert_eq!(trial.id.to_string(), sha256_hex(expected.as_bytes())[..16]);
        assert_eq!(trial.id.to_string().parse(), Ok(trial.id));
        let seed = seed_of(&Choices::default(), 1);
        assert_eq!(seed, seed_of(&Choices::parse("seed = 9\nepochs = 8").unwrap(), 1));
        assert!(seed < 1 << 52 && seed != seed_of(&Choices::default(), 2));
    }

    #[test]
    fn each_choice_with_an_effect_makes_another_trial_and_no_other_does() {
        let plain = trial("").id;
        for text in [
            "dataset = \"mnist\"\ncrop = 0\nepochs = 8\ncheck = 1",
            "crop = 1",
            "threshold = 128",
            "samples = 10000",
            "engine = \"loihi\"",
            "circuit = \"published\"",
            "variant = \"lanl-numpy\"\nengine = \"reference\"",
            "hidden = 401",
            "init-weights = \"w.npz\"\nhidden = 400",
            "epochs = 9",
            "order = \"file\"",
            "check = 2",
            "seed = 2",
        ] {
            assert_ne!(trial(text).id, plain, "{text}");
        }
        for text in [
            "dataset = \"digits\"\nhidden = 400\nseed = 1",
            "data-dir = \"d\"\nout = \"o\"\nthreads = 3",
            "checkpoint-minutes = 1\ntensorboard = true\njson = true",
        ] {
            assert_eq!(trial(text).id, plain, "{text}");
        }
        // A name that goes on as another choice would.
        let sly = trial("init-weights = \"w\\\"\\nepochs = 9\"");
        assert_ne!(sly.id, trial("init-weights = \"w\"\nepochs = 9").id);
    }

    #[test]
    fn names_have_one_spelling() {
        for text in [
            "",
            "0",
            "+123456789abcdef",
            "0123456789ABCDEF",
            "00123456789abcdef",
            "0123456789abcdeg",
        ] {
            let message = text.parse::<TrialId>().err().unwrap().to_string();
            assert_eq!(
                message,
                format!("trial is `{text}`, expected 16 hexadecimal digits in lower case")
            );
        }
    }

    #[test]
    fn longer_trials_are_more_work() {
        let work = |text: &str| trial(text).work();
        assert!(work("epochs = 9") > work("") && work("hidden = 401") > work(""));
        assert!(work("samples = 9999") < work("") && work("engine = \"loihi\"") > work(""));
        assert_eq!(trial("samples = 5\nepochs = 3").n_samples(), Some(15));
        assert_eq!(trial("dataset = \"mnist\"").n_samples(), Some(3_600_000));
        assert_eq!(
            work("epochs = 4294967295\nengine = \"loihi\"\nsamples = 9223372036854775807"),
            u64::MAX
        );
    }
}
