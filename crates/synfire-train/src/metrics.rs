//! Counts of an epoch, and the table row they become.
//!
//! Counts are integers and independent of the order in which they were added; fractions are formed
//! once, when a row is made. `metrics.csv` holds one [`EpochMetrics`] a line.

#![expect(
    clippy::float_arithmetic,
    reason = "fractions and seconds of a report, derived from counts"
)]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use synfire_reference::Readout;

use crate::evaluate::Evaluation;

/// How many answers were right, by readout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Number of samples.
    pub samples: u64,
    /// Samples of which all output bits were right.
    pub exact: u64,
    /// Samples whose first active output was right.
    pub binary: u64,
    /// Samples whose largest output potential was right.
    pub potential: u64,
}

impl Score {
    pub(crate) fn add(&mut self, readout: Readout, target: usize) {
        self.samples += 1;
        self.exact += u64::from(readout.exact);
        self.binary += u64::from(readout.binary == target);
        self.potential += u64::from(readout.potential == target);
    }

    /// The fractions of right answers: exact, binary, potential.
    #[must_use]
    pub fn fractions(&self) -> [f64; 3] {
        [self.exact, self.binary, self.potential].map(|right| fraction(right, self.samples))
    }
}

impl std::ops::AddAssign for Score {
    fn add_assign(&mut self, other: Score) {
        self.samples += other.samples;
        self.exact += other.exact;
        self.binary += other.binary;
        self.potential += other.potential;
    }
}

/// What training did in one epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Answers as seen during training, before each sample's update.
    pub score: Score,
    /// Samples with any output error.
    pub errors: u64,
    /// Changes asked for in `w1` and `w2`, saturated or not: active sources times error signals.
    pub updates: u64,
    /// Faults of the engine.
    pub faults: u64,
    /// Samples whose complete update was compared with the reference.
    pub compared: u64,
    /// Of those, samples that differed, and 1 more if the weights did at the end of the epoch.
    pub mismatches: u64,
}

/// One row of `metrics.csv`. Fractions lie between 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// The epoch, counted from 1.
    pub epoch: u32,
    /// Training samples with all output bits right, as seen during training.
    pub train_exact: f64,
    /// Training samples read right by the binary readout, as seen during training.
    pub train_binary: f64,
    /// Training samples read right by the potential readout, as seen during training.
    pub train_potential: f64,
    /// Test samples with all output bits right, after the epoch.
    pub test_exact: f64,
    /// Test samples read right by the binary readout, after the epoch.
    pub test_binary: f64,
    /// Test samples read right by the potential readout, after the epoch.
    pub test_potential: f64,
    /// Share of training samples with any output error.
    pub error_share: f64,
    /// Changes asked for in `w1` and `w2`.
    pub updates: u64,
    /// Weights at a limit at the end of the epoch, feedback matrices included.
    pub saturated: u64,
    /// Faults of the engine in training.
    pub faults: u64,
    /// Samples whose complete update was compared with the reference.
    pub compared: u64,
    /// Of those, samples that differed, and 1 more if the weights did at the end of the epoch.
    pub mismatches: u64,
    /// Seconds of training, evaluation not included.
    pub seconds: f64,
    /// Classes that have died, separated by spaces; see [`Evaluation::dead_classes`].
    pub dead_classes: String,
    /// Faults of the engine in evaluation.
    pub test_faults: u64,
    /// Hidden neurons active for a test sample, mean, after the epoch.
    pub hidden_active: f64,
}

impl EpochMetrics {
    /// The row of an epoch.
    #[must_use]
    pub fn new(
        epoch: u32,
        tally: &Tally,
        test: &Evaluation,
        saturated: u64,
        training_time: Duration,
    ) -> EpochMetrics {
        let [train_exact, train_binary, train_potential] = tally.score.fractions();
        let [test_exact, test_binary, test_potential] = test.score.fractions();
        let dead: Vec<String> = test.dead_classes().iter().map(usize::to_string).collect();
        EpochMetrics {
            epoch,
            train_exact,
            train_binary,
            train_potential,
            test_exact,
            test_binary,
            test_potential,
            error_share: fraction(tally.errors, tally.score.samples),
            updates: tally.updates,
            saturated,
            faults: tally.faults,
            compared: tally.compared,
            mismatches: tally.mismatches,
            seconds: milliseconds(training_time),
            dead_classes: dead.join(" "),
            test_faults: test.faults,
            hidden_active: fraction(test.hidden_active, test.score.samples),
        }
    }
}

/// The text of `metrics.csv`.
///
/// # Errors
/// None that a table of numbers can cause; the error is that of the CSV writer.
pub fn metrics_csv(rows: &[EpochMetrics]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Reads the text of `metrics.csv`.
///
/// # Errors
/// If a column is missing or a field is no number.
pub fn parse_metrics_csv(text: &[u8]) -> Result<Vec<EpochMetrics>, csv::Error> {
    csv::Reader::from_reader(text).deserialize().collect()
}

/// A figure of a table of epochs that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{quantity} in row {row} is {found}, expected {expected}")]
#[expect(missing_docs, reason = "the fields say what was found, where, and what is allowed")]
pub struct MetricsError {
    pub row: usize,
    pub quantity: &'static str,
    pub found: String,
    pub expected: String,
}

/// Checks that epochs ascend from 1 or later, and that every fraction and time is one.
///
/// # Errors
/// The first figure that cannot be.
pub fn check_metrics(rows: &[EpochMetrics]) -> Result<(), MetricsError> {
    for (row_idx, row) in rows.iter().enumerate() {
        let wrong = |quantity, found: String, expected: String| MetricsError {
            row: row_idx + 1,
            quantity,
            found,
            expected,
        };
        let least = if row_idx == 0 { 1 } else { rows[row_idx - 1].epoch.saturating_add(1) };
        if row.epoch < least {
            return Err(wrong("epoch", row.epoch.to_string(), format!("at least {least}")));
        }
        let fractions = [
            ("train_exact", row.train_exact),
            ("train_binary", row.train_binary),
            ("train_potential", row.train_potential),
            ("test_exact", row.test_exact),
            ("test_binary", row.test_binary),
            ("test_potential", row.test_potential),
            ("error_share", row.error_share),
        ];
        if let Some((quantity, found)) =
            fractions.into_iter().find(|(_, value)| !(0.0..=1.0).contains(value))
        {
            return Err(wrong(quantity, found.to_string(), "0 to 1".to_owned()));
        }
        for (quantity, found) in [("seconds", row.seconds), ("hidden_active", row.hidden_active)] {
            if !found.is_finite() || found < 0.0 {
                return Err(wrong(quantity, found.to_string(), "at least 0".to_owned()));
            }
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn fraction(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Seconds, in whole milliseconds.
fn milliseconds(time: Duration) -> f64 {
    f64::from(u32::try_from(time.as_millis()).unwrap_or(u32::MAX)) / 1000.0
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn rows_read_back_and_columns_keep_their_order() {
        let score = Score { samples: 3, exact: 1, binary: 2, potential: 3 };
        let tally = Tally { score, errors: 2, updates: 70, ..Tally::default() };
        let mut test = Evaluation::new(3);
        test.add(Readout { exact: true, binary: 1, potential: 1 }, true, 1);
        test.add(Readout { exact: false, binary: 0, potential: 1 }, false, 2);
        test.hidden_active = 101;
        let row = EpochMetrics::new(1, &tally, &test, 5, Duration::from_micros(1_234_567));
        assert_eq!((row.train_exact, row.test_exact, row.seconds), (1.0 / 3.0, 0.5, 1.234));
        assert_eq!((row.dead_classes.as_str(), row.hidden_active), ("2", 50.5));
        let rows = vec![row.clone(), EpochMetrics { epoch: 2, ..row }];
        let text = metrics_csv(&rows).unwrap();
        assert_eq!(parse_metrics_csv(&text).unwrap(), rows);
        let text = String::from_utf8(text).unwrap();
        let header = "epoch,train_exact,train_binary,train_potential,test_exact,test_binary,\
                      test_potential,error_share,updates,saturated,faults,compared,mismatches,seconds,";
        assert!(text.starts_with(header), "{text}");
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn nothing_of_nothing_is_nothing() {
        assert_eq!(Score::default().fractions(), [0.0; 3]);
    }
}
