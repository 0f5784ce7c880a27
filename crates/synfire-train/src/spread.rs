//! Runs of several seeds in figures: a row for each, and how they scatter.

#![expect(
    clippy::float_arithmetic,
    reason = "means and deviations of a report, derived from counts"
)]

use serde::{Deserialize, Serialize};

use crate::run::Summary;
use crate::sweep::Figures;

/// Mean, deviation and range of one figure over runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of a sample (divisor n - 1); `None` for a single run.
    pub deviation: Option<f64>,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// The spread of these values; `None` if there are none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "there are at most 10,000 values")]
    pub fn of(values: &[f64]) -> Option<Spread> {
        let (&first, n) = (values.first()?, values.len() as f64);
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let deviation = (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt());
        let min = values.iter().copied().fold(first, f64::min);
        let max = values.iter().copied().fold(first, f64::max);
        Some(Spread { mean, deviation, min, max })
    }
}

/// One row of `seeds.csv`: a run that came to its end. Fractions of test samples lie between 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedRow {
    /// The seed.
    pub seed: u64,
    /// Epochs trained.
    pub epochs: u32,
    /// Test samples with all output bits right, after the last epoch.
    pub last_exact: f64,
    /// Test samples read right by the binary readout, after the last epoch.
    pub last_binary: f64,
    /// Test samples read right by the potential readout, after the last epoch.
    pub last_potential: f64,
    /// The largest `test_exact` of any epoch.
    pub best_exact: f64,
    /// The first epoch after which it was that.
    pub best_exact_epoch: u32,
    /// The largest `test_binary` of any epoch.
    pub best_binary: f64,
    /// The first epoch after which it was that.
    pub best_binary_epoch: u32,
    /// The largest `test_potential` of any epoch.
    pub best_potential: f64,
    /// The first epoch after which it was that.
    pub best_potential_epoch: u32,
    /// Samples compared with the reference.
    pub compared: u64,
    /// Of those, samples that differed.
    pub mismatches: u64,
    /// Faults of the engine in training and evaluation.
    pub faults: u64,
    /// Seconds of training, evaluation not included.
    pub seconds: f64,
}

impl SeedRow {
    /// The row of a run.
    #[must_use]
    pub fn new(summary: &Summary) -> SeedRow {
        let rows = &summary.rows;
        let Figures { last, best, best_epoch, compared, mismatches, faults } = Figures::of(rows);
        SeedRow {
            seed: summary.run.config.seed,
            epochs: summary.run.config.epochs,
            last_exact: last[0],
            last_binary: last[1],
            last_potential: last[2],
            best_exact: best[0],
            best_exact_epoch: best_epoch[0],
            best_binary: best[1],
            best_binary_epoch: best_epoch[1],
            best_potential: best[2],
            best_potential_epoch: best_epoch[2],
            compared,
            mismatches,
            faults,
            seconds: rows.iter().map(|row| row.seconds).sum(),
        }
    }
}

/// The text of `seeds.csv`.
pub(crate) fn seeds_csv(rows: &[SeedRow]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Reads the text of `seeds.csv`.
///
/// # Errors
/// If a column is missing or a field is no number.
pub fn parse_seeds_csv(text: &[u8]) -> Result<Vec<SeedRow>, csv::Error> {
    csv::Reader::from_reader(text).deserialize().collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn spreads_by_hand() {
        let spread = Spread::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!((spread.mean, spread.min, spread.max), (5.0, 2.0, 9.0));
        // The squares add up to 32.
        assert_eq!(spread.deviation, Some((32.0_f64 / 7.0).sqrt()));
        let one = Spread { mean: 0.5, deviation: None, min: 0.5, max: 0.5 };
        assert_eq!(Spread::of(&[0.5]), Some(one));
        assert_eq!(Spread::of(&[]), None);
    }
}
