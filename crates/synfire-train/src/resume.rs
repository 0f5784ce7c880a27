//! A run that goes on from its checkpoint, as if it had never been stopped.

use std::path::{Path, PathBuf};

use rayon::ThreadPool;
use synfire_data::SearchPath;

use crate::choices::Choices;
use crate::config::Config;
use crate::error::RunError;
use crate::folder::{Kept, ResumeError, Which, read_run};
use crate::ground::Ground;
use crate::monitor::{Monitor, Notice};
use crate::output::{OutputDir, OutputLock};
use crate::position::Position;
use crate::record::RunFile;
use crate::run::{Standing, Summary, new_pool};
use crate::saver::{CHECKPOINT_BEFORE_FILE, CHECKPOINT_FILE, Safe};
use crate::trainer::Trainer;

/// How a run is to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    /// The folder of the run.
    pub dir: PathBuf,
    /// From which of its checkpoints.
    pub which: Which,
    /// What is to be otherwise: the number of epochs, as long as no fewer than are begun, the number of threads,
    /// the time between checkpoints, event files for TensorBoard, and where the data lies. All else is as the run
    /// began.
    pub choices: Choices,
    /// As [`Config::commit`].
    pub commit: Option<String>,
}

impl Resume {
    /// A run that goes on from the last checkpoint in a folder, with nothing changed.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Resume {
        Resume { dir: dir.into(), ..Resume::default() }
    }

    /// The choices of the run from here on.
    pub(crate) fn config(&self, run: &RunFile) -> Result<Config, ResumeError> {
        if let Some(key) = self.choices.fixed() {
            return Err(ResumeError::Fixed { key });
        }
        let Choices { epochs, threads, checkpoint_minutes, tensorboard, .. } = &self.choices;
        let recorded = &run.config;
        Ok(Config {
            epochs: epochs.unwrap_or(recorded.epochs),
            n_threads: *threads,
            checkpoint_minutes: checkpoint_minutes.unwrap_or(recorded.checkpoint_minutes),
            has_tensorboard: tensorboard.unwrap_or(recorded.has_tensorboard),
            commit: self.commit.clone(),
            ..recorded.clone()
        })
    }
}

/// The record of the run, or the runs, in a folder.
///
/// # Errors
/// If there is none, or it is not one that a run has written.
pub fn recorded(dir: &Path) -> Result<RunFile, RunError> {
    match read_run(dir)? {
        Some(run) => Ok(run),
        // The checkpoint has a copy.
        None => Ok(Kept::read(dir, Which::Last)?.run),
    }
}

/// Goes on with a run that was stopped, killed, or finished and is to have more epochs. The results are those of a
/// run that was never stopped, bit for bit, but for times.
///
/// The record says what the run is, the checkpoint how far it got; start weights are no longer needed. If the
/// folder was moved, the run goes on where it lies now.
///
/// # Errors
/// If there is nothing to go on from, the checkpoint is damaged or foreign, it does not fit the record or the data
/// set; and as [`run`](crate::run()).
pub fn resume(
    plan: &Resume,
    dirs: &SearchPath,
    monitor: &mut dyn Monitor,
) -> Result<Summary, RunError> {
    let kept = Kept::read(&plan.dir, plan.which)?;
    let config = plan.config(&kept.run)?;
    let pool = config.n_threads.map(|n_threads| new_pool(n_threads.get())).transpose()?;
    let ground = Ground::to_go_on(&config, dirs)?;
    let place = Place { dir: &plan.dir, which: plan.which, lock: None };
    ground.resume(&config, place, kept, pool.as_ref(), monitor)
}

/// From where a run goes on.
pub(crate) struct Place<'a> {
    pub(crate) dir: &'a Path,
    pub(crate) which: Which,
    /// The lock of the folder, if whoever calls holds it already.
    pub(crate) lock: Option<OutputLock>,
}

impl Ground {
    /// Goes on from what was kept in a folder.
    pub(crate) fn resume(
        &self,
        config: &Config,
        place: Place<'_>,
        kept: Kept,
        pool: Option<&ThreadPool>,
        monitor: &mut dyn Monitor,
    ) -> Result<Summary, RunError> {
        let Kept { run, checkpoint } = kept;
        let position = checkpoint.position;
        self.check_position(&position)?;
        let least = if position.is_between_epochs() { position.epochs } else { position.epoch() };
        if config.epochs < least {
            return Err(ResumeError::Epochs { found: config.epochs, least }.into());
        }
        let record = self.record(config, None);
        let machine = self.machine(config);
        let trainer = Trainer::resume(self.shape.clone(), machine, &checkpoint.learner, position)?;
        let Place { dir, which, lock } = place;
        let output = OutputDir::open(dir)?;
        let lock = lock.map_or_else(|| output.lock(), Ok)?;
        output.tidy(&lock);
        if which == Which::Before {
            // Else the next checkpoint would put the damaged one in the place of the whole one.
            output.duplicate(CHECKPOINT_BEFORE_FILE, CHECKPOINT_FILE)?;
        }
        let programs = [&run, &record].map(RunFile::program);
        let is_known = run.record.commit.is_some() == record.record.commit.is_some();
        if is_known && programs[0] != programs[1] {
            let [began, goes_on] = programs;
            monitor.noticed(&Notice::OtherProgram { began, goes_on });
        }
        let milestone = Some(position.milestone());
        let is_between = position.is_between_epochs() && position.epochs > 0;
        let results = milestone.filter(|_| is_between);
        let safe = Safe { weights: results, metrics: results, checkpoint: milestone };
        let standing = Standing { trainer, rows: checkpoint.rows, safe };
        self.train(&record, output, lock, standing, pool, monitor)
    }

    fn check_position(&self, position: &Position) -> Result<(), ResumeError> {
        let n = self.samples.train.len() as u64;
        let place = position.tally.score.samples;
        let expected = u64::from(position.epochs).saturating_mul(n).saturating_add(place);
        if place > n {
            let expected = format!("at most {n} in an epoch");
            return Err(ResumeError::Position { found: place, expected });
        }
        if position.samples != expected {
            let expected = expected.to_string();
            return Err(ResumeError::Position { found: position.samples, expected });
        }
        Ok(())
    }
}
