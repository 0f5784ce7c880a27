//! What came out of a sweep, read from the folders of its trials and checked.
//!
//! A trial that is not there, or not finished, is missing; one that is damaged or is not what its name says is an
//! error, whatever else is there. Trials of one data set must have seen the same samples: machines may have different
//! files by one name.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use synfire_reference::{Shape, ShapeError};

use super::plan::{Plan, trial_dir};
use super::run::{LONGEST_METRICS, check_place};
use super::table::{self, Figures, GROUPS_FILE, Group, SWEEP_FILE};
use super::trial::{Trial, TrialId};
use crate::error::RunError;
use crate::folder::{RUN_FILE, read_run};
use crate::ground::{fit, read_file, read_regular};
use crate::metrics::{EpochMetrics, MetricsError, check_metrics, parse_metrics_csv};
use crate::output::{OutputDir, OutputError};
use crate::record::RunFile;
use crate::run::Summary;
use crate::saver::{METRICS_FILE, WEIGHTS_FILE};

/// Most bytes of all tables of epochs together, of which all rows are kept.
const MOST_METRICS: u64 = 2 * LONGEST_METRICS;

/// A sweep as far as it is finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// All trials.
    pub plan: Plan,
    /// Those that are finished, in the order of the plan.
    pub trials: Vec<MergedTrial>,
    /// Those that are not, in the order of the plan.
    pub missing: Vec<Missing>,
}

/// A trial that is finished.
#[derive(Clone, Debug, PartialEq)]
pub struct MergedTrial {
    /// Which one of [`Plan::trials`].
    pub trial_idx: usize,
    /// What it did.
    pub summary: Summary,
}

impl MergedTrial {
    /// Its figures.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures::of(&self.summary.rows)
    }
}

/// A trial that is not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub id: TrialId,
    /// Epochs that are done, and epochs that it is to have.
    pub epochs: [u32; 2],
}

/// Why a sweep cannot be merged.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum MergeError {
    /// The folder of a trial is damaged, or holds another run.
    #[error("trial {id}: {cause}")]
    Run { id: TrialId, cause: Box<RunError> },
    /// The table of epochs of a trial is damaged.
    #[error("trial {id}: {} is damaged: {cause}", .path.display())]
    Metrics { id: TrialId, path: PathBuf, cause: Box<dyn std::error::Error + Send + Sync> },
    /// Tables of epochs that are longer than any sweep's, all together.
    #[error(
        "trial {id}: {}: the tables of epochs of this and the trials before it have {found} bytes, allowed are \
         {MOST_METRICS}", .path.display()
    )]
    TooLong { id: TrialId, path: PathBuf, found: u64 },
    /// A trial says that it is finished, and something is not there.
    #[error(
        "trial {id}: {} is missing, and the trial is finished; `synfire sweep run` writes it again",
        .path.display()
    )]
    NoFile { id: TrialId, path: PathBuf },
    /// The record of a trial names layers that make no network.
    #[error("trial {id}: {RUN_FILE}, record: {cause}")]
    Layers { id: TrialId, cause: ShapeError },
    /// Trials of one data set that are not of the same samples.
    #[error(
        "trials {} and {} are of {dataset} with the same preparation, but not of the same samples: their machines \
         have different files", .ids[0], .ids[1]
    )]
    Samples { ids: [TrialId; 2], dataset: String },
    /// The tables cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Reads what the trials of a sweep have left in its folder.
///
/// # Errors
/// The first trial, in the order of the plan, that is damaged, is another one than its name says, or saw other samples
/// than those with the same data set.
pub fn merge(plan: Plan, dir: &Path) -> Result<Merged, MergeError> {
    let (mut trials, mut missing) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, (TrialId, Option<String>)> = BTreeMap::new();
    let mut n_bytes = 0;
    for (trial_idx, trial) in plan.trials().iter().enumerate() {
        let id = trial.id();
        match read_trial(trial, &trial_dir(dir, trial), &mut n_bytes)? {
            Read::Missing { n_done } => {
                let epochs = [n_done, trial.choices().epochs.unwrap_or(0)];
                missing.push(Missing { id, epochs });
            }
            Read::Finished(summary) => {
                let keys = ["dataset", "crop", "threshold", "samples"];
                let data = keys.map(|key| format!("{:?}", trial.value(key))).join(" ");
                let found = summary.run.record.checksums.dataset.clone();
                let (other, expected) = seen.entry(data).or_insert_with(|| (id, found.clone()));
                if *expected != found {
                    let dataset = summary.run.config.dataset.to_string();
                    return Err(MergeError::Samples { ids: [*other, id], dataset });
                }
                trials.push(MergedTrial { trial_idx, summary: *summary });
            }
        }
    }
    Ok(Merged { plan, trials, missing })
}

impl Merged {
    /// Whether every trial kept its claims, see [`Summary::is_exact`].
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.trials.iter().all(|trial| trial.summary.is_exact())
    }

    /// The names of trials that are not finished, the first few of them, for a message.
    #[must_use]
    pub fn names_of_missing(&self) -> String {
        table::some(&self.missing.iter().map(|missing| missing.id).collect::<Vec<_>>())
    }

    /// The groups of trials that differ in their seeds only, in the order of the plan.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        table::groups(self)
    }

    /// Writes `sweep.csv` and `groups.csv`. Equal results give equal files, whoever computed them, and where.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn write(&self, output: &OutputDir) -> Result<(), OutputError> {
        for (name, text) in
            [(SWEEP_FILE, table::sweep_csv(self)), (GROUPS_FILE, table::groups_csv(self))]
        {
            let form = |cause: csv::Error| OutputError::Form {
                path: output.path(name),
                cause: cause.into(),
            };
            output.write(name, &text.map_err(form)?)?;
        }
        Ok(())
    }
}

/// What lies in the folder of a trial.
enum Read {
    Finished(Box<Summary>),
    Missing { n_done: u32 },
}

/// Reads the folder of a trial; `n_bytes` counts the bytes of tables.
fn read_trial(trial: &Trial, dir: &Path, n_bytes: &mut u64) -> Result<Read, MergeError> {
    let id = trial.id();
    let failed = |cause: RunError| MergeError::Run { id, cause: Box::new(cause) };
    check_place(dir).map_err(failed)?;
    let Some(run) = read_run(dir).map_err(failed)? else { return Ok(Read::Missing { n_done: 0 }) };
    trial.check(dir, &run).map_err(failed)?;
    let path = dir.join(METRICS_FILE);
    let rows = match read_regular(&path, LONGEST_METRICS) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Read::Missing { n_done: 0 });
        }
        Err(cause) => return Err(failed(RunError::ReadResults { path, cause })),
        Ok(text) => {
            *n_bytes += text.len() as u64;
            if *n_bytes > MOST_METRICS {
                return Err(MergeError::TooLong { id, path, found: *n_bytes });
            }
            match parse_metrics_csv(&text) {
                Ok(rows) => rows,
                Err(cause) => return Err(MergeError::Metrics { id, path, cause: cause.into() }),
            }
        }
    };
    check(&rows, &run).map_err(|cause| MergeError::Metrics { id, path, cause: cause.into() })?;
    let n_done = rows.last().map_or(0, |row| row.epoch);
    if n_done < run.config.epochs {
        return Ok(Read::Missing { n_done });
    }
    let shape = Shape::new(&run.record.layers).map_err(|cause| MergeError::Layers { id, cause })?;
    let shape = shape.with_variant(run.config.variant);
    let path = dir.join(WEIGHTS_FILE);
    if !path.exists() {
        return Err(MergeError::NoFile { id, path });
    }
    let (file, _) = read_file(&path, run.config.variant.limits()).map_err(failed)?;
    fit(file, &shape, &path).map_err(failed)?;
    Ok(Read::Finished(Box::new(Summary::of_finished(run, dir, rows))))
}

/// Every epoch from the first on, and no more of them than the trial has.
fn check(rows: &[EpochMetrics], run: &RunFile) -> Result<(), MetricsError> {
    check_metrics(rows)?;
    let expected = |row_idx: usize| u32::try_from(row_idx + 1).unwrap_or(u32::MAX);
    let wrong = |(row_idx, row): &(usize, &EpochMetrics)| {
        row.epoch != expected(*row_idx) || row.epoch > run.config.epochs
    };
    match rows.iter().enumerate().find(wrong) {
        None => Ok(()),
        Some((row_idx, row)) => Err(MetricsError {
            row: row_idx + 1,
            quantity: "epoch",
            found: row.epoch.to_string(),
            expected: match expected(row_idx) {
                next if next <= run.config.epochs => next.to_string(),
                _ => format!("no more than {} epochs", run.config.epochs),
            },
        }),
    }
}
