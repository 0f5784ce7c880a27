//! The part of a sweep that one machine does.

use std::fmt;
use std::str::FromStr;

/// One of several parts of equal size, `2/5`: the second of five.
///
/// ```
/// use synfire_train::Shard;
///
/// let shard: Shard = "2/5".parse()?;
/// assert_eq!((shard.number(), shard.n_shards()), (2, 5));
/// assert!("0/5".parse::<Shard>().is_err() && "6/5".parse::<Shard>().is_err());
/// # Ok::<(), synfire_train::ShardError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    n_shards: u64,
}

/// Why a text, or two numbers, name no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found")]
#[non_exhaustive]
pub enum ShardError {
    /// Not two numbers.
    #[error("shard is `{found}`, expected i/n such as 2/5, the second of five")]
    Form { found: String },
    /// No part of so many, or none of them.
    #[error("shard is {number}/{n_shards}, expected 1/{n_shards} to {n_shards}/{n_shards}", n_shards = .n_shards)]
    Number { number: u64, n_shards: u64 },
    /// No parts at all, or more than anybody can mean.
    #[error("number of shards is {found}, expected 1 to {}", Shard::MOST)]
    Count { found: u64 },
}

impl Shard {
    /// The largest number of shards.
    pub const MOST: u64 = 1_000_000;

    /// All of a sweep.
    pub const WHOLE: Shard = Shard { number: 1, n_shards: 1 };

    /// Part `number`, counted from 1, of `n_shards`.
    ///
    /// # Errors
    /// If there is no such part.
    pub const fn new(number: u64, n_shards: u64) -> Result<Shard, ShardError> {
        if n_shards == 0 || n_shards > Shard::MOST {
            return Err(ShardError::Count { found: n_shards });
        }
        if number == 0 || number > n_shards {
            return Err(ShardError::Number { number, n_shards });
        }
        Ok(Shard { number, n_shards })
    }

    /// Which part, counted from 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.number
    }

    /// How many parts there are.
    #[must_use]
    pub const fn n_shards(self) -> u64 {
        self.n_shards
    }

    /// The things at these places that fall to this part when they are dealt out like cards.
    pub(crate) fn deal<T>(self, things: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let is_mine = move |place: u64| place % self.n_shards == self.number - 1;
        (0..).zip(things).filter(move |&(place, _)| is_mine(place)).map(|(_, thing)| thing)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.n_shards)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Shard, ShardError> {
        let form = || ShardError::Form { found: text.escape_debug().to_string() };
        // A sign would be read as part of a number.
        let number = |digits: &str| match digits.starts_with('+') {
            true => Err(form()),
            false => digits.parse::<u64>().map_err(|_| form()),
        };
        let (first, second) = text.split_once('/').ok_or_else(form)?;
        Shard::new(number(first)?, number(second)?)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn every_thing_falls_to_one_part() {
        for n_shards in 1..9 {
            let mut all = Vec::new();
            for number in 1..=n_shards {
                let shard = Shard::new(number, n_shards).unwrap();
                assert_eq!(shard.to_string().parse(), Ok(shard));
                let mine: Vec<u32> = shard.deal(0..7).collect();
                assert!(
                    mine.len() as u64 >= 7 / n_shards
                        && mine.len() as u64 <= 7_u64.div_ceil(n_shards)
                );
                all.extend(mine);
            }
            all.sort_unstable();
            assert_eq!(all, (0..7).collect::<Vec<_>>());
        }
        assert_eq!(Shard::WHOLE.deal(0..3).count(), 3);
    }

    #[test]
    fn what_is_no_part_is_refused() {
        let message = |text: &str| text.parse::<Shard>().err().unwrap().to_string();
        for text in ["", "1", "1/", "/5", "a/5", "+1/5", "1/5/6", "1 /5", "-1/5"] {
            let expected =
                format!("shard is `{text}`, expected i/n such as 2/5, the second of five");
            assert_eq!(message(text), expected);
        }
        assert_eq!(message("0/5"), "shard is 0/5, expected 1/5 to 5/5");
        assert_eq!(message("6/5"), "shard is 6/5, expected 1/5 to 5/5");
        assert_eq!(message("1/0"), "number of shards is 0, expected 1 to 1000000");
        assert_eq!(message("1/1000001"), "number of shards is 1000001, expected 1 to 1000000");
    }
}
