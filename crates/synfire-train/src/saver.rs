//! Writes what a run saves, on a thread of its own, so that training does not wait for the disk.
//!
//! One [`Saving`] is under way at a time, in the order in which they were handed in: the results first, then the
//! checkpoint, so that a checkpoint never promises results that are not there. If a file cannot be written, the
//! others still are; then nothing more is written, and the run is told what is safe.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::JoinHandle;

use synfire_exchange::write_weights;
use synfire_reference::Weights;

use crate::checkpoint::Checkpoint;
use crate::error::RunError;
use crate::metrics::{EpochMetrics, metrics_csv};
use crate::output::{OutputDir, OutputError};
use crate::position::Milestone;

/// Name of the file with the trained weights.
pub const WEIGHTS_FILE: &str = "weights.npz";
/// Name of the file with one row per epoch.
pub const METRICS_FILE: &str = "metrics.csv";
/// Name of the file from which a run is resumed.
pub const CHECKPOINT_FILE: &str = "checkpoint.safetensors";
/// Name of the file that was [`CHECKPOINT_FILE`] before.
pub const CHECKPOINT_BEFORE_FILE: &str = "checkpoint-before.safetensors";

/// What is to be saved.
pub(crate) struct Saving {
    pub(crate) milestone: Milestone,
    /// Weights and rows, at the end of an epoch.
    pub(crate) results: Option<(Weights, Vec<EpochMetrics>)>,
    pub(crate) checkpoint: Option<Box<Checkpoint>>,
}

/// What lies complete on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Safe {
    /// Up to where `weights.npz` is, if it is there.
    pub weights: Option<Milestone>,
    /// Up to where `metrics.csv` is.
    pub metrics: Option<Milestone>,
    /// Up to where the checkpoint is, from which the run can be resumed.
    pub checkpoint: Option<Milestone>,
}

impl std::fmt::Display for Safe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files = [
            (WEIGHTS_FILE, self.weights),
            (METRICS_FILE, self.metrics),
            (CHECKPOINT_FILE, self.checkpoint),
        ];
        let safe = files.into_iter().filter_map(|(name, at)| Some(format!("{name} of {}", at?)));
        let safe: Vec<String> = safe.collect();
        match safe.is_empty() {
            true => f.write_str("nothing of this run is saved"),
            false => write!(f, "complete are {}", safe.join(", ")),
        }
    }
}

/// The thread that writes.
pub(crate) struct Saver {
    /// Gone when no more is to be written.
    savings: Option<SyncSender<Saving>>,
    answers: Receiver<Result<Milestone, Box<(OutputError, Safe)>>>,
    thread: Option<JoinHandle<()>>,
    is_busy: bool,
}

impl Saver {
    /// Begins to write into a folder in which so much is safe already.
    pub(crate) fn new(output: OutputDir, safe: Safe) -> Saver {
        let (savings, to_save) = mpsc::sync_channel::<Saving>(1);
        let (answer, answers) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut safe = safe;
            for saving in to_save {
                let milestone = saving.milestone;
                let saved = save(&output, saving, &mut safe);
                let is_over = saved.is_err();
                let told = answer.send(match saved {
                    Ok(()) => Ok(milestone),
                    Err(error) => Err(Box::new((error, safe))),
                });
                if is_over || told.is_err() {
                    break;
                }
            }
        });
        Saver { savings: Some(savings), answers, thread: Some(thread), is_busy: false }
    }

    /// Hands in what is to be saved, when what was handed in before is. Up to where that was, if it was.
    pub(crate) fn save(&mut self, saving: Saving) -> Result<Option<Milestone>, RunError> {
        let saved = self.wait()?;
        if let Some(savings) = &self.savings {
            // The thread ends only after an error, which `wait` has told.
            self.is_busy = savings.send(saving).is_ok();
        }
        Ok(saved)
    }

    /// Waits until all is saved. Up to where the last saving was, if one was under way.
    pub(crate) fn wait(&mut self) -> Result<Option<Milestone>, RunError> {
        if !self.is_busy {
            return Ok(None);
        }
        self.is_busy = false;
        self.answers.recv().ok().map(Saver::told).transpose()
    }

    /// As [`Saver::wait`], but without waiting.
    pub(crate) fn look(&mut self) -> Result<Option<Milestone>, RunError> {
        let answer = if self.is_busy { self.answers.try_recv().ok() } else { None };
        self.is_busy &= answer.is_none();
        answer.map(Saver::told).transpose()
    }

    fn told(answer: Result<Milestone, Box<(OutputError, Safe)>>) -> Result<Milestone, RunError> {
        answer.map_err(|failed| {
            let (cause, safe) = *failed;
            RunError::NotSaved { cause: Box::new(cause), safe }
        })
    }
}

/// What was handed in is written, whatever ended the run.
impl Drop for Saver {
    fn drop(&mut self) {
        self.savings = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Writes all files it can; the first error is told.
fn save(output: &OutputDir, saving: Saving, safe: &mut Safe) -> Result<(), OutputError> {
    let Saving { milestone, results, checkpoint } = saving;
    let form = |name: &str, cause: Box<dyn std::error::Error + Send + Sync>| OutputError::Form {
        path: output.path(name),
        cause,
    };
    let mut first = Ok(());
    let mut note = |safe: &mut Option<Milestone>, written: Result<(), OutputError>| match written {
        Ok(()) => *safe = Some(milestone),
        Err(error) if first.is_ok() => first = Err(error),
        Err(_) => {}
    };
    if let Some((weights, rows)) = results {
        let archive = write_weights(&weights).map_err(|cause| form(WEIGHTS_FILE, cause.into()));
        let written = archive.and_then(|archive| output.write(WEIGHTS_FILE, &archive));
        note(&mut safe.weights, written);
        let table = metrics_csv(&rows).map_err(|cause| form(METRICS_FILE, cause.into()));
        note(&mut safe.metrics, table.and_then(|table| output.write(METRICS_FILE, &table)));
    }
    if let Some(checkpoint) = checkpoint {
        let bytes = checkpoint.to_bytes().map_err(|cause| form(CHECKPOINT_FILE, cause.into()));
        let written = bytes.and_then(|bytes| {
            output.write_keeping(CHECKPOINT_FILE, CHECKPOINT_BEFORE_FILE, &bytes)
        });
        note(&mut safe.checkpoint, written);
    }
    first
}
