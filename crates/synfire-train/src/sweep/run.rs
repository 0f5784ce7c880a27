//! Running the trials of one shard.
//!
//! Each trial is a normal run in its folder: it begins there, or goes on from its checkpoint, and what is done is left
//! alone. The lock of the folder comes first, then a look at what lies there, so that two processes with one trial
//! do not disturb each other: the second passes it by. Data sets are loaded once and shared by the trials that
//! have them in common; a missing one is found before anything is trained.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::ThreadPool;
use synfire_data::SearchPath;

use super::plan::Plan;
use super::shard::Shard;
use super::trial::{Trial, TrialId};
use crate::choices::Choices;
use crate::config::Config;
use crate::crew::{Clock, Crew, RunEvent, RunsMonitor, Skip, Stop};
use crate::error::RunError;
use crate::folder::{Kept, Which, read_run};
use crate::ground::{Ground, Samples, Whole, read_regular};
use crate::metrics::parse_metrics_csv;
use crate::monitor::{Monitor, Notice};
use crate::output::{OutputDir, OutputError};
use crate::resume::{Place, Resume};
use crate::run::Summary;
use crate::saver::{METRICS_FILE, WEIGHTS_FILE};

/// Longest table of epochs, in bytes; a hundred thousand epochs have 15 MB of them. A row of the shortest takes five
/// times as much memory as text.
pub(crate) const LONGEST_METRICS: u64 = 64 << 20;

/// What is to be run, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardTask {
    /// The folder of the sweep.
    pub dir: PathBuf,
    /// Which part of it.
    pub shard: Shard,
    /// Number of threads, all together; `None` for those of the current rayon pool. Of no effect on any result.
    pub n_threads: Option<NonZeroUsize>,
    /// As [`Config::commit`].
    pub commit: Option<String>,
}

impl ShardTask {
    /// All of the sweep in a folder.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> ShardTask {
        ShardTask { dir: dir.into(), shard: Shard::WHOLE, n_threads: None, commit: None }
    }
}

/// What became of the trials of a shard.
#[derive(Debug, Default)]
pub struct ShardRuns {
    /// Those that came to their end, in the order of the plan.
    pub finished: Vec<(TrialId, Summary)>,
    /// Those that were done before.
    pub done: Vec<TrialId>,
    /// Those that another process is at.
    pub busy: Vec<TrialId>,
    /// Those that were stopped, or not begun, because somebody wanted to stop.
    pub open: Vec<TrialId>,
    /// Those that failed, and why.
    pub failed: Vec<(TrialId, RunError)>,
}

impl ShardRuns {
    /// Whether every run that came to its end here kept its claims, see [`Summary::is_exact`].
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.finished.iter().all(|(_, summary)| summary.is_exact())
    }
}

/// How a trial ended.
enum End {
    Ran(Box<Summary>),
    Skipped(Skip),
}

/// A trial that is not done yet, and what it is trained on.
struct Job<'a> {
    /// Its place in the shard, see [`Plan::shard`].
    place: usize,
    trial: &'a Trial,
    config: Config,
    /// Taken when the trial runs, so that data nobody needs any more is dropped.
    samples: Mutex<Option<Arc<Samples>>>,
}

/// Runs the trials of a shard, the longest first. The monitor counts them in the order of [`Plan::shard`].
///
/// What a trial computes depends on nothing but its choices: not on the shard, on what ran before or beside it, on the
/// number of threads, or on how often it was stopped.
///
/// # Errors
/// If a data set is missing or damaged, or has fewer samples than a trial asks for. Trials that fail later are in
/// [`ShardRuns::failed`].
///
/// # Panics
/// Only if a run or the monitor does.
pub fn run_shard(
    plan: &Plan,
    task: &ShardTask,
    dirs: &SearchPath,
    clock: Clock<'_>,
    wants_stop: Stop<'_>,
    monitor: &mut dyn RunsMonitor,
) -> Result<ShardRuns, RunError> {
    let mine = plan.shard(task.shard);
    let mut jobs = Vec::new();
    // Of each trial, unless it is to run: what is said of it, and its samples.
    let mut ends: Vec<Option<Result<End, RunError>>> = mine.iter().map(|_| None).collect();
    let (mut shelf, mut oddities) = (Shelf::default(), Vec::new());
    for (place, &trial_idx) in mine.iter().enumerate() {
        let trial = &plan.trials()[trial_idx];
        let config = plan.config(trial, &task.dir, task.commit.clone());
        match is_done(&config.out, trial) {
            Ok(true) => ends[place] = Some(Ok(End::Skipped(Skip::Done))),
            Err(error) => ends[place] = Some(Err(error)),
            Ok(false) => {
                let (samples, is_new) = shelf.samples(&config, dirs)?;
                // What is odd about a set is told once.
                let odd = samples.oddities.iter().filter(|_| is_new);
                oddities.extend(odd.map(|oddity| (place, oddity.clone())));
                let samples = Mutex::new(Some(samples));
                jobs.push(Job { place, trial, config, samples });
            }
        }
    }
    drop(shelf);
    let crew = Crew::new(task.n_threads, jobs.len(), clock, wants_stop)?;
    let mut n_samples = vec![0; mine.len()];
    for job in &jobs {
        let samples = job.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let n_train = samples.as_ref().map_or(0, |samples| samples.train.len() as u64);
        n_samples[job.place] = u64::from(job.config.epochs).saturating_mul(n_train);
    }
    monitor.started(&n_samples);
    for (place, oddity) in oddities {
        monitor.happened(place, &RunEvent::Noticed(&Notice::Dataset(oddity)));
    }
    for (place, end) in ends.iter().enumerate() {
        match end {
            Some(Ok(End::Skipped(skip))) => monitor.happened(place, &RunEvent::Skipped(*skip)),
            Some(Err(error)) => monitor.happened(place, &RunEvent::Failed(error)),
            Some(Ok(End::Ran(_))) | None => {}
        }
    }
    let run = |job_idx: usize, pool: &ThreadPool, monitor: &mut dyn Monitor| {
        jobs[job_idx].run(dirs, pool, monitor)
    };
    crew.run(jobs.len(), &run, monitor, &mut |monitor, job_idx, end| {
        let place = jobs[job_idx].place;
        let event = match &end {
            Ok(End::Skipped(skip)) => RunEvent::Skipped(*skip),
            Ok(End::Ran(summary)) if summary.stopped.is_some() => RunEvent::Stopped(summary),
            Ok(End::Ran(summary)) => RunEvent::Finished(summary),
            Err(error) => RunEvent::Failed(error),
        };
        monitor.happened(place, &event);
        ends[place] = Some(end);
    });
    let mut in_order: Vec<_> = mine.into_iter().zip(ends).collect();
    in_order.sort_by_key(|&(trial_idx, _)| trial_idx);
    let mut runs = ShardRuns::default();
    for (trial_idx, end) in in_order {
        let id = plan.trials()[trial_idx].id();
        match end {
            Some(Ok(End::Ran(summary))) if summary.stopped.is_none() => {
                runs.finished.push((id, *summary));
            }
            Some(Ok(End::Ran(_))) | None => runs.open.push(id),
            Some(Ok(End::Skipped(Skip::Busy))) => runs.busy.push(id),
            Some(Ok(End::Skipped(Skip::Done))) => runs.done.push(id),
            Some(Err(error)) => runs.failed.push((id, error)),
        }
    }
    Ok(runs)
}

impl Job<'_> {
    fn run(
        &self,
        dirs: &SearchPath,
        pool: &ThreadPool,
        monitor: &mut dyn Monitor,
    ) -> Result<End, RunError> {
        let Job { trial, config, .. } = self;
        let dir = &config.out;
        let lock = match OutputDir::open(dir)?.lock() {
            Err(OutputError::Busy { .. }) => return Ok(End::Skipped(Skip::Busy)),
            lock => Some(lock?),
        };
        // Somebody may have done it since the shard began.
        if is_done(dir, trial)? {
            return Ok(End::Skipped(Skip::Done));
        }
        let samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(samples) = samples else { unreachable!("each trial runs once") };
        let summary = match Kept::read(dir, Which::Last) {
            Ok(kept) => {
                trial.check(dir, &kept.run)?;
                let choices = Choices {
                    checkpoint_minutes: Some(config.checkpoint_minutes),
                    tensorboard: Some(config.has_tensorboard),
                    ..Choices::default()
                };
                let commit = config.commit.clone();
                let plan = Resume { choices, commit, ..Resume::new(dir) };
                let goes_on = Config { out: dir.clone(), ..plan.config(&kept.run)? };
                let ground = Ground::to_go_on_with(samples, &goes_on, dirs)?;
                let place = Place { dir, which: Which::Last, lock };
                ground.resume(&goes_on, place, kept, Some(pool), monitor)?
            }
            // It did not get as far as that.
            Err(RunError::Resume(error)) if error.is_before_the_first() => {
                Ground::on(samples, config, dirs)?.run(config, lock, Some(pool), monitor)?
            }
            Err(error) => return Err(error),
        };
        Ok(End::Ran(Box::new(summary)))
    }
}

/// The trials that are done already, in the order of the plan.
///
/// # Errors
/// If the folder of a trial holds another run, or cannot be read.
pub fn done_trials(plan: &Plan, dir: &Path) -> Result<Vec<TrialId>, RunError> {
    let mut done = Vec::new();
    for trial in plan.trials() {
        if is_done(&plan.config(trial, dir, None).out, trial)? {
            done.push(trial.id());
        }
    }
    Ok(done)
}

/// Whether a trial has its results: the record is its own, and the table, which is written after the weights, has
/// the last epoch. Whether all of it is whole is seen when it is merged.
fn is_done(dir: &Path, trial: &Trial) -> Result<bool, RunError> {
    check_place(dir)?;
    let Some(run) = read_run(dir)? else { return Ok(false) };
    trial.check(dir, &run)?;
    let path = dir.join(METRICS_FILE);
    let text = match read_regular(&path, LONGEST_METRICS) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(cause) => return Err(RunError::ReadResults { path, cause }),
    };
    let rows = parse_metrics_csv(&text).unwrap_or_default();
    let is_last = rows.last().is_some_and(|row| row.epoch == run.config.epochs);
    Ok(is_last && dir.join(WEIGHTS_FILE).is_file())
}

/// Whether the folder of a trial is one, or is not there yet: a link could lead anywhere, and be written to.
pub(crate) fn check_place(dir: &Path) -> Result<(), RunError> {
    match std::fs::symlink_metadata(dir) {
        Ok(found) if !found.is_dir() => {
            let cause = std::io::Error::other("expected a folder of its own, no link and no file");
            Err(RunError::ReadResults { path: dir.to_owned(), cause })
        }
        _ => Ok(()),
    }
}

/// A data set and its preparation.
type SetKey = (String, usize, u8);

/// Data that several trials share, each piece loaded once.
#[derive(Default)]
struct Shelf {
    sets: BTreeMap<SetKey, Whole>,
    samples: BTreeMap<(SetKey, Option<usize>), Arc<Samples>>,
}

impl Shelf {
    /// The samples that a run asks for, and whether their set was loaded just now.
    fn samples(
        &mut self,
        config: &Config,
        dirs: &SearchPath,
    ) -> Result<(Arc<Samples>, bool), RunError> {
        let preparation = config.preparation;
        let key = (config.dataset.to_string(), preparation.crop, preparation.threshold);
        if let Some(samples) = self.samples.get(&(key.clone(), config.samples)) {
            return Ok((Arc::clone(samples), false));
        }
        let is_new = !self.sets.contains_key(&key);
        if is_new {
            self.sets.insert(key.clone(), Whole::load(config, dirs)?);
        }
        let samples = Arc::new(Samples::of(config, &self.sets[&key])?);
        self.samples.insert((key, config.samples), Arc::clone(&samples));
        Ok((samples, is_new))
    }
}
