//! What a run tells whoever watches it, while it runs.
//!
//! The library prints nothing and has no clock: both belong to the program around it.

use std::time::Duration;

use crate::config::RunFile;
use crate::metrics::EpochMetrics;

/// Watches a run. Only the clock must be there.
pub trait Monitor {
    /// Time since any fixed moment; it never runs backwards.
    fn now(&mut self) -> Duration;

    /// Data and start weights are there, the first epoch is about to begin.
    fn started(&mut self, run: &RunFile) {
        let _ = run;
    }

    /// An epoch begins; epochs are counted from 1.
    fn epoch_started(&mut self, epoch: u32, n_samples: usize) {
        let _ = (epoch, n_samples);
    }

    /// So many samples of the epoch have been trained. Not called for every sample.
    fn trained(&mut self, n_samples: usize) {
        let _ = n_samples;
    }

    /// Something the user ought to know; the run goes on.
    fn noticed(&mut self, notice: &Notice) {
        let _ = notice;
    }

    /// An epoch has been trained, evaluated and written.
    fn epoch_finished(&mut self, row: &EpochMetrics) {
        let _ = row;
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
