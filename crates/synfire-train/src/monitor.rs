//! What a run tells whoever watches it, while it runs.
//!
//! The library prints nothing and has no clock: both belong to the program around it.

use std::time::Duration;

use synfire_data::Oddity;

use crate::metrics::{EpochMetrics, Tally};
use crate::position::Milestone;
use crate::record::RunFile;

/// Watches a run. Only the clock must be there.
pub trait Monitor {
    /// Time since any fixed moment; it never runs backwards.
    fn now(&mut self) -> Duration;

    /// Time since 1 January 1970, UTC. It stands only in files whose form asks for dates.
    fn unix_time(&mut self) -> Duration {
        Duration::ZERO
    }

    /// Data and start weights are there, training is about to begin. `rows` are the epochs that are done
    /// already, none unless the run is resumed.
    fn started(&mut self, run: &RunFile, rows: &[EpochMetrics]) {
        let _ = (run, rows);
    }

    /// An epoch of `n_samples` begins; epochs are counted from 1. `tally` is what is done of it already,
    /// nothing unless the run is resumed.
    fn epoch_started(&mut self, epoch: u32, n_samples: usize, tally: &Tally) {
        let _ = (epoch, n_samples, tally);
    }

    /// What training did in this epoch so far, `score.samples` samples. Not called for every sample, but
    /// for the last.
    fn trained(&mut self, tally: &Tally) {
        let _ = tally;
    }

    /// The epoch has been trained; its evaluation begins.
    fn evaluation_started(&mut self, epoch: u32) {
        let _ = epoch;
    }

    /// Something the user ought to know; the run goes on.
    fn noticed(&mut self, notice: &Notice) {
        let _ = notice;
    }

    /// An epoch has been trained and evaluated; its results are being written.
    fn epoch_finished(&mut self, row: &EpochMetrics) {
        let _ = row;
    }

    /// Up to here the run is on disk: it can be resumed from this milestone, and the results of the epochs
    /// before it are there.
    fn saved(&mut self, milestone: Milestone) {
        let _ = milestone;
    }

    /// Whether the run is to end after this sample, with a checkpoint to resume it from. Asked after each.
    fn wants_stop(&mut self) -> bool {
        false
    }
}

/// Something the user ought to know about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields say where; `Display` says it in words")]
#[non_exhaustive]
pub enum Notice {
    /// The first update that differs from the reference.
    Mismatch { epoch: u32, sample_idx: usize, description: String },
    /// The first difference that no compared update showed, but all weights at the end of an epoch.
    WeightsDiffer { epoch: u32, description: String },
    /// The first fault of the engine in training.
    Fault { epoch: u32, sample_idx: usize, description: String },
    /// The first fault of the engine in evaluation.
    TestFault { epoch: u32, description: String },
    /// Classes have died, or others than before.
    DeadClasses { epoch: u32, classes: Vec<usize> },
    /// The data set can be trained on, but is odd.
    Dataset(Oddity),
    /// The engine takes no states, so that the run cannot be resumed.
    NoCheckpoints,
    /// The run was begun by another version of Synfire, or from other sources, than go on with it.
    OtherProgram { began: String, goes_on: String },
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Notice::Mismatch { epoch, sample_idx, description } => write!(
                f,
                "epoch {epoch}, training sample {sample_idx}: update differs from the reference: {description}"
            ),
            Notice::WeightsDiffer { epoch, description } => {
                write!(f, "after epoch {epoch}: weights differ from what was learnt: {description}")
            }
            Notice::Fault { epoch, sample_idx, description } => {
                write!(f, "epoch {epoch}, training sample {sample_idx}: fault: {description}")
            }
            Notice::TestFault { epoch, description } => {
                write!(f, "after epoch {epoch}, {description}")
            }
            Notice::Dataset(oddity) => write!(f, "data set: {oddity}"),
            Notice::NoCheckpoints => f.write_str(
                "the engine takes no states: there are no checkpoints, and the run cannot be resumed",
            ),
            Notice::OtherProgram { began, goes_on } => write!(
                f,
                "the run was begun by Synfire {began} and goes on with {goes_on}: what differs between them may \
                 show in the results"
            ),
            Notice::DeadClasses { epoch, classes } if classes.is_empty() => {
                write!(f, "after epoch {epoch}: no class is dead any more")
            }
            Notice::DeadClasses { epoch, classes } => {
                let names: Vec<String> = classes.iter().map(usize::to_string).collect();
                let (noun, their) = match classes.len() {
                    1 => ("class", "has died: for nearly all of its"),
                    _ => ("classes", "have died: for nearly all of their"),
                };
                let names = names.join(", ");
                write!(
                    f,
                    "after epoch {epoch}: {noun} {names} {their} test samples the output's potential is not \
                     above 0"
                )
            }
        }
    }
}
