//! How far a training is: all that its next sample depends on, but the weights.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::metrics::Tally;

/// How far a training is, at the boundary of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Position {
    /// Epochs that were trained and evaluated.
    pub(crate) epochs: u32,
    /// Samples learned so far, over all epochs.
    pub(crate) samples: u64,
    /// Whether all samples of the epoch that runs are learned and all weights are compared; only its evaluation
    /// is missing.
    pub(crate) is_trained: bool,
    /// The monitor has heard of a mismatch, of a fault, of a fault in evaluation.
    pub(crate) has_mismatch: bool,
    pub(crate) has_fault: bool,
    pub(crate) has_test_fault: bool,
    /// How long the epoch that runs has been trained.
    pub(crate) seconds: Duration,
    /// What training did in the epoch that runs; its number of samples is the place in the epoch.
    pub(crate) tally: Tally,
}

impl Position {
    /// The epoch that runs, or comes next, counted from 1.
    pub(crate) const fn epoch(&self) -> u32 {
        self.epochs.saturating_add(1)
    }

    /// Whether no sample of the next epoch was learned yet.
    pub(crate) const fn is_between_epochs(&self) -> bool {
        self.tally.score.samples == 0 && !self.is_trained
    }

    /// Ends the epoch that runs, and says what training did in it and how long it took.
    pub(crate) fn finish_epoch(&mut self) -> (Tally, Duration) {
        let done = (self.tally, self.seconds);
        (self.tally, self.seconds) = Default::default();
        self.is_trained = false;
        self.epochs = self.epoch();
        done
    }

    /// For messages: what has been done.
    pub(crate) fn milestone(&self) -> Milestone {
        Milestone { epochs: self.epochs, samples: self.tally.score.samples }
    }
}

/// Up to where a run has got, or is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Milestone {
    /// Epochs that were trained and evaluated.
    pub epochs: u32,
    /// Samples learned of the epoch after them.
    pub samples: u64,
}

impl std::fmt::Display for Milestone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Milestone { epochs, samples } = *self;
        match (epochs, samples) {
            (0, 0) => f.write_str("the start"),
            (_, 0) => write!(f, "epoch {epochs}"),
            (_, 1) => write!(f, "1 sample of epoch {}", epochs.saturating_add(1)),
            _ => write!(f, "{samples} samples of epoch {}", epochs.saturating_add(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milestones_in_words() {
        let words = |epochs, samples| Milestone { epochs, samples }.to_string();
        assert_eq!(words(0, 0), "the start");
        assert_eq!(words(3, 0), "epoch 3");
        assert_eq!(words(3, 1), "1 sample of epoch 4");
        assert_eq!(words(0, 64), "64 samples of epoch 1");
    }
}
