//! How often a run is saved: minutes, as the option and the run file say them.
//!
//! Kept as whole milliseconds, so that what is written reads back as the same.

#![expect(clippy::float_arithmetic, reason = "minutes between two savings; no sample sees them")]

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Minutes of training between two checkpoints; 0 for the ends of epochs alone.
///
/// ```
/// use std::time::Duration;
/// use synfire_train::Minutes;
///
/// let minutes: Minutes = "0.5".parse()?;
/// assert_eq!(minutes.duration(), Some(Duration::from_secs(30)));
/// assert_eq!("0".parse::<Minutes>()?.duration(), None);
/// assert!("-1".parse::<Minutes>().is_err());
/// # Ok::<(), synfire_train::MinutesError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minutes {
    milliseconds: u64,
}

/// A number of minutes that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "minutes between checkpoints are `{found}`, expected 0 to {}, fractions allowed",
    Minutes::MOST
)]
pub struct MinutesError {
    /// What was given.
    pub found: String,
}

impl Minutes {
    /// The largest number: nearly two years.
    pub const MOST: u32 = 1_000_000;

    /// Milliseconds of a minute.
    const MINUTE: f64 = 60_000.0;

    /// So many minutes, as precisely as a millisecond. What is above 0 stays above 0.
    ///
    /// # Errors
    /// Below 0, above [`Minutes::MOST`], or no number.
    pub fn new(minutes: f64) -> Result<Minutes, MinutesError> {
        if !(0.0..=f64::from(Minutes::MOST)).contains(&minutes) {
            return Err(MinutesError { found: minutes.to_string() });
        }
        let milliseconds = (minutes * Minutes::MINUTE).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        let milliseconds = milliseconds as u64;
        Ok(Minutes { milliseconds: milliseconds.max(u64::from(minutes > 0.0)) })
    }

    /// The number of minutes.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "at most 6e10 milliseconds")]
    pub fn get(self) -> f64 {
        self.milliseconds as f64 / Minutes::MINUTE
    }

    /// The time between two checkpoints, or `None` if only the ends of epochs are saved.
    #[must_use]
    pub const fn duration(self) -> Option<Duration> {
        match self.milliseconds {
            0 => None,
            milliseconds => Some(Duration::from_millis(milliseconds)),
        }
    }
}

/// Five minutes.
impl Default for Minutes {
    fn default() -> Minutes {
        Minutes { milliseconds: 300_000 }
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

impl FromStr for Minutes {
    type Err = MinutesError;

    fn from_str(text: &str) -> Result<Minutes, MinutesError> {
        let wrong = || MinutesError { found: text.to_owned() };
        Minutes::new(text.parse().map_err(|_| wrong())?).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn minutes_read_back() {
        for text in ["0", "5", "0.5", "0.1", "0.7", "0.0001", "1.25", "1000000"] {
            let minutes: Minutes = text.parse().unwrap();
            assert_eq!(minutes.to_string(), text);
            assert_eq!(Minutes::new(minutes.get()), Ok(minutes));
        }
        assert_eq!("1e-9".parse::<Minutes>().unwrap().duration(), Some(Duration::from_millis(1)));
        assert_eq!(Minutes::default().to_string(), "5");
    }

    #[test]
    fn what_is_no_number_of_minutes_is_refused() {
        for text in ["-0.1", "1000001", "nan", "inf", "five", ""] {
            let message = text.parse::<Minutes>().err().unwrap().to_string();
            let expected = format!(
                "minutes between checkpoints are `{text}`, expected 0 to 1000000, fractions allowed"
            );
            assert_eq!(message, expected);
        }
    }
}
