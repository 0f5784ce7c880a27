//! Which seeds: `1,2,5`, `1..=15`, or both, `1..=3,7`.
//!
//! Only the list; that a seed is small enough for `run.toml` is checked with the run, see
//! [`Config::check`](crate::Config::check).

use std::fmt;
use std::str::FromStr;

use crate::choices::quoted;

/// Seeds of independent runs: at least one, in the order given, none twice.
///
/// ```
/// use synfire_train::Seeds;
///
/// let seeds: Seeds = "1..=3,7".parse()?;
/// assert_eq!(seeds.as_slice(), [1, 2, 3, 7]);
/// # Ok::<(), synfire_train::SeedsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(Vec<u64>);

/// Why a text names no seeds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found")]
#[non_exhaustive]
pub enum SeedsError {
    /// A part between commas is neither a number nor a range.
    #[error("seeds `{found}`: expected numbers and ranges such as 1,2,5 or 1..=15")]
    Form { found: String },
    /// A range that ends before it starts.
    #[error("seeds `{found}`: the range is empty, expected its end at or after its start")]
    Empty { found: String },
    /// The same seed again: its run would be the same and lie in the same folder.
    #[error("seed {seed} is named twice")]
    Twice { seed: u64 },
    /// More than anybody can mean.
    #[error("more than {} seeds", Seeds::MOST)]
    TooMany,
}

impl Seeds {
    /// The largest number of seeds.
    pub const MOST: usize = 10_000;

    /// The seeds, in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[u64] {
        &self.0
    }
}

/// As short as it reads back: runs of three and more as ranges.
impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_slice();
        let mut comma = "";
        while let Some(&first) = rest.first() {
            let follows = |(n, &seed): (u64, &u64)| first.checked_add(n) == Some(seed);
            let n = (0..).zip(rest).take_while(|&pair| follows(pair)).count();
            let n = if n < 3 { 1 } else { n };
            match n {
                1 => write!(f, "{comma}{first}")?,
                _ => write!(f, "{comma}{first}..={}", rest[n - 1])?,
            }
            (rest, comma) = (&rest[n..], ",");
        }
        Ok(())
    }
}

impl FromStr for Seeds {
    type Err = SeedsError;

    fn from_str(text: &str) -> Result<Seeds, SeedsError> {
        let mut seeds = Vec::new();
        for part in text.split(',') {
            let form = || SeedsError::Form { found: quoted(part) };
            // A sign would be read as part of a number.
            let number = |digits: &str| match digits.starts_with('+') {
                true => Err(form()),
                false => digits.parse::<u64>().map_err(|_| form()),
            };
            let (first, last) = match part.split_once("..=") {
                None => (number(part)?, number(part)?),
                Some((first, last)) => (number(first)?, number(last)?),
            };
            let Some(more) = last.checked_sub(first) else {
                return Err(SeedsError::Empty { found: quoted(part) });
            };
            let room = Seeds::MOST - seeds.len();
            if usize::try_from(more).map_or(true, |more| more >= room) {
                return Err(SeedsError::TooMany);
            }
            seeds.extend(first..=last);
        }
        let mut sorted = seeds.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(SeedsError::Twice { seed: pair[0] }),
            None => Ok(Seeds(seeds)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn lists_and_ranges() {
        let read = |text: &str| text.parse::<Seeds>().unwrap().0;
        assert_eq!(read("4"), [4]);
        assert_eq!(read("5,1,2"), [5, 1, 2]);
        assert_eq!(read("1..=15"), (1..=15).collect::<Vec<_>>());
        assert_eq!(read("9,0..=2,7..=7"), [9, 0, 1, 2, 7]);
        assert_eq!(read("1..=10000").len(), Seeds::MOST);
        assert_eq!(read("18446744073709551615"), [u64::MAX]);
    }

    #[test]
    fn seeds_read_back() {
        for (text, short) in [
            ("4", "4"),
            ("5,1,2", "5,1,2"),
            ("9,0..=2,7..=7", "9,0..=2,7"),
            ("1,2,3,4,3000,3001", "1..=4,3000,3001"),
            (
                "18446744073709551614,18446744073709551615,0,1",
                "18446744073709551614,18446744073709551615,0,1",
            ),
        ] {
            let seeds: Seeds = text.parse().unwrap();
            assert_eq!(seeds.to_string(), short);
            assert_eq!(short.parse(), Ok(seeds));
        }
    }

    #[test]
    fn what_names_no_seeds_is_refused() {
        let message = |text: &str| text.parse::<Seeds>().err().unwrap().to_string();
        for text in ["", "1,", "one", "-1", "+1", "1..3", "1..=", "1 ,2", "1..=2..=3"] {
            assert!(message(text).ends_with("expected numbers and ranges such as 1,2,5 or 1..=15"));
        }
        let odd = message("1,\u{1b}[2J");
        assert!(odd.starts_with("seeds `\\u{1b}[2J`: expected numbers"), "{odd}");
        assert_eq!(
            message("1,3..4"),
            "seeds `3..4`: expected numbers and ranges such as 1,2,5 or 1..=15"
        );
        assert_eq!(
            message("3..=1"),
            "seeds `3..=1`: the range is empty, expected its end at or after its start"
        );
        assert_eq!(message("1..=3,2"), "seed 2 is named twice");
        for text in ["1..=10001", "0,1..=10000", "0..=18446744073709551615"] {
            assert_eq!(message(text), "more than 10000 seeds");
        }
    }
}
