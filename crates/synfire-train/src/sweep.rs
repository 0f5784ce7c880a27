//! Independent runs that differ in their seeds, side by side on several threads.
//!
//! The data set is loaded once and shared. Each run writes into a folder `seed-N` of its own what a single
//! run with this seed would write there, bit for bit. Workers take the next seed when they are done with
//! one; each evaluates in a pool of its own, so that no run waits for another and as many threads are
//! busy as were asked for, with any number of seeds. After each run `seeds.csv` is replaced as a whole; a
//! run that fails leaves the others as they are. A sweep that was stopped goes on with those of its runs that
//! are not finished.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use rayon::ThreadPool;
use synfire_data::{Oddity, SearchPath};

use crate::config::Config;
use crate::error::RunError;
use crate::folder::{Kept, RUN_FILE, ResumeError, Which, check_vacant, read_run};
use crate::ground::Ground;
use crate::metrics::{EpochMetrics, Tally};
use crate::monitor::{Monitor, Notice};
use crate::output::OutputDir;
use crate::record::RunFile;
use crate::resume::Resume;
use crate::run::{Summary, form_error, new_pool};
use crate::seeds::Seeds;
use crate::spread::{SeedRow, seeds_csv};

/// Name of the file with one row per finished run.
pub const SEEDS_FILE: &str = "seeds.csv";

/// Progress is told about once in so many samples of a run.
const SAMPLES_PER_REPORT: u64 = 1024;

/// What the runs of several seeds did.
#[derive(Debug)]
pub struct Sweep {
    /// The folder that holds `seeds.csv` and a folder `seed-N` for each seed.
    pub dir: PathBuf,
    /// The runs that came to their end, in the order of the seeds.
    pub finished: Vec<Summary>,
    /// The seeds whose runs were stopped, or not begun, because somebody wanted to stop.
    pub open: Vec<u64>,
    /// The seeds whose runs failed, and why, in the order of the seeds.
    pub failed: Vec<(u64, RunError)>,
}

impl Sweep {
    /// Whether every run came to its end and kept its claims, see [`Summary::is_exact`].
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.failed.is_empty()
            && self.open.is_empty()
            && self.finished.iter().all(Summary::is_exact)
    }

    /// The rows of `seeds.csv`.
    #[must_use]
    pub fn rows(&self) -> Vec<SeedRow> {
        self.finished.iter().map(SeedRow::new).collect()
    }
}

/// What happened in the run of one seed.
#[derive(Debug)]
#[non_exhaustive]
pub enum SeedEvent<'a> {
    /// Training is about to begin; the epochs that are done already, if the run is resumed.
    Started(&'a RunFile, &'a [EpochMetrics]),
    /// So many more samples have been trained; what training did in their epoch so far.
    Trained(u64, &'a Tally),
    /// Something the user ought to know.
    Noticed(&'a Notice),
    /// An epoch has been trained, evaluated and written.
    Epoch(&'a EpochMetrics),
    /// The run has come to its end.
    Finished(&'a Summary),
    /// The run was stopped.
    Stopped(&'a Summary),
    /// The run has failed; the others go on.
    Failed(&'a RunError),
}

/// Watches runs of several seeds; all but the clock is called on the thread that called [`run_seeds`].
pub trait SweepMonitor {
    /// The data is there, runs of `n_samples` training samples an epoch are about to begin.
    fn started(&mut self, n_samples: usize) {
        let _ = n_samples;
    }

    /// Time since 1 January 1970, UTC. It stands only in files whose form asks for dates.
    fn unix_time(&mut self) -> Duration {
        Duration::ZERO
    }

    /// Something happened in the run of a seed.
    fn happened(&mut self, seed: u64, event: &SeedEvent<'_>) {
        let _ = (seed, event);
    }
}

/// Watches nothing.
impl SweepMonitor for () {}

/// Time since any fixed moment, on any thread; it never runs backwards.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// Whether all runs are to end after the samples that they are at; asked after each, on any thread.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// Runs `config` once for each seed, with the seed in the place of its own and `seed-N` in its folder.
///
/// [`Config::n_threads`] is the number of all threads together; no result depends on it.
///
/// # Errors
/// If anything is wrong with the choices, the data, the start weights or the folder, found before the
/// first run, or if `seeds.csv` cannot be written at the end. Runs that fail are in [`Sweep::failed`].
///
/// # Panics
/// Only if a run or the monitor does.
pub fn run_seeds(
    config: &Config,
    seeds: &Seeds,
    dirs: &SearchPath,
    clock: Clock<'_>,
    wants_stop: Stop<'_>,
    monitor: &mut dyn SweepMonitor,
) -> Result<Sweep, RunError> {
    for &seed in seeds.as_slice() {
        of_seed(config, &config.out, seed).check()?;
    }
    let mut ground = Ground::new(config, dirs)?;
    if !config.may_overwrite {
        for &seed in seeds.as_slice() {
            let config = of_seed(config, &config.out, seed);
            check_vacant(&config.out, &ground.record(&config, None))?;
        }
    }
    let oddities = std::mem::take(&mut ground.oddities);
    let runs = Runs { config, dir: &config.out, seeds, ground: &ground, changes: None };
    runs.run(&oddities, clock, wants_stop, monitor)
}

/// Goes on with the runs of several seeds that were stopped or killed: those that are finished stay as they are.
///
/// # Errors
/// As [`resume`](crate::resume()) and [`run_seeds`].
///
/// # Panics
/// Only if a run or the monitor does.
pub fn resume_seeds(
    plan: &Resume,
    dirs: &SearchPath,
    clock: Clock<'_>,
    wants_stop: Stop<'_>,
    monitor: &mut dyn SweepMonitor,
) -> Result<Sweep, RunError> {
    let dir = &plan.dir;
    let no_run = || ResumeError::NoRun { dir: dir.clone() };
    let run = read_run(dir)?.ok_or_else(no_run)?;
    let seeds = run.seeds.as_ref().ok_or_else(no_run)?;
    if plan.which != Which::Last {
        return Err(ResumeError::BeforeOfSweep { dir: dir.clone() }.into());
    }
    let config = plan.config(&run)?;
    let is_begun = |&seed: &u64| {
        let dir = of_seed(&config, dir, seed).out;
        [Which::Last, Which::Before].iter().any(|which| dir.join(which.file_name()).exists())
    };
    // Whoever begins needs what runs start from.
    let mut ground = match seeds.as_slice().iter().all(is_begun) {
        true => Ground::to_go_on(&config, dirs)?,
        false => Ground::new(&config, dirs)?,
    };
    let oddities = std::mem::take(&mut ground.oddities);
    let runs = Runs { config: &config, dir, seeds, ground: &ground, changes: Some(plan) };
    runs.run(&oddities, clock, wants_stop, monitor)
}

/// The choices of one run of a sweep.
fn of_seed(config: &Config, dir: &Path, seed: u64) -> Config {
    Config { seed, out: dir.join(format!("seed-{seed}")), ..config.clone() }
}

/// The runs of a sweep.
struct Runs<'a> {
    config: &'a Config,
    /// Where they lie; what is recorded is [`Config::out`].
    dir: &'a Path,
    seeds: &'a Seeds,
    ground: &'a Ground,
    /// How they go on; otherwise they begin.
    changes: Option<&'a Resume>,
}

impl Runs<'_> {
    /// Begins a run or goes on with it.
    fn run_one(
        &self,
        seed: u64,
        pool: &ThreadPool,
        monitor: &mut dyn Monitor,
    ) -> Result<Summary, RunError> {
        let config = of_seed(self.config, &self.config.out, seed);
        let here = of_seed(self.config, self.dir, seed);
        let Some(plan) = self.changes else { return self.ground.run(&here, Some(pool), monitor) };
        match Kept::read(&here.out, Which::Last) {
            Ok(kept) => {
                let ended = Config { out: config.out, ..plan.config(&kept.run)? };
                self.ground.resume(&ended, &here.out, Which::Last, kept, Some(pool), monitor)
            }
            // It did not get as far as that.
            Err(RunError::Resume(error)) if error.is_before_the_first() => {
                self.ground.run(&here, Some(pool), monitor)
            }
            Err(error) => Err(error),
        }
    }

    /// What is odd about the data is told once, of the first seed.
    fn run(
        &self,
        oddities: &[Oddity],
        clock: Clock<'_>,
        wants_stop: Stop<'_>,
        monitor: &mut dyn SweepMonitor,
    ) -> Result<Sweep, RunError> {
        let Runs { config, dir, seeds, ground, .. } = *self;
        let output = OutputDir::open(dir)?;
        let _lock = output.lock()?;
        // Rows of an earlier sweep must not lie beside the runs of this one.
        output.remove(SEEDS_FILE)?;
        let text = ground.record(config, Some(seeds)).to_text();
        let text = text.map_err(|cause| form_error(&output, RUN_FILE, cause))?;
        output.write(RUN_FILE, text.as_bytes())?;
        let n_threads = config.n_threads.map_or_else(rayon::current_num_threads, NonZeroUsize::get);
        let pools = pools(n_threads, seeds.as_slice().len())?;
        monitor.started(ground.train.len());
        for oddity in oddities {
            let notice = Notice::Dataset(oddity.clone());
            let first = seeds.as_slice().first().copied().unwrap_or_default();
            monitor.happened(first, &SeedEvent::Noticed(&notice));
        }
        let clock_began = monitor.unix_time().saturating_sub(clock());

        let mut ends: Vec<Option<Result<Summary, RunError>>> =
            seeds.as_slice().iter().map(|_| None).collect();
        let mut written = Ok(());
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            for pool in &pools {
                let sender = sender.clone();
                let next = &next;
                scope.spawn(move || {
                    while !wants_stop() {
                        let seed_idx = next.fetch_add(1, Ordering::Relaxed);
                        let Some(&seed) = seeds.as_slice().get(seed_idx) else { break };
                        let mut relay = Relay {
                            seed_idx,
                            sender: &sender,
                            clock,
                            clock_began,
                            wants_stop,
                            n_told: 0,
                            tally: Tally::default(),
                        };
                        let end = self.run_one(seed, pool, &mut relay);
                        relay.tell(Told::Ended(Box::new(end)));
                    }
                });
            }
            drop(sender);
            // Ends when the last worker has dropped its sender.
            for (seed_idx, told) in receiver {
                let Told::Ended(end) = told else {
                    tell(monitor, seeds.as_slice()[seed_idx], &told);
                    continue;
                };
                let event = match &*end {
                    Ok(summary) if summary.stopped.is_some() => SeedEvent::Stopped(summary),
                    Ok(summary) => SeedEvent::Finished(summary),
                    Err(error) => SeedEvent::Failed(error),
                };
                monitor.happened(seeds.as_slice()[seed_idx], &event);
                ends[seed_idx] = Some(*end);
                // One that fails does not stop the runs; the last one counts.
                written = write_rows(&output, &ends);
            }
        });
        written?;
        let (finished, open, failed) = (Vec::new(), Vec::new(), Vec::new());
        let mut sweep = Sweep { dir: dir.to_owned(), finished, open, failed };
        for (&seed, end) in seeds.as_slice().iter().zip(ends) {
            match end {
                Some(Ok(summary)) if summary.stopped.is_none() => sweep.finished.push(summary),
                Some(Ok(_)) | None => sweep.open.push(seed),
                Some(Err(error)) => sweep.failed.push((seed, error)),
            }
        }
        Ok(sweep)
    }
}

/// Passes on what a worker told; how a run ended is not among it.
fn tell(monitor: &mut dyn SweepMonitor, seed: u64, told: &Told) {
    match told {
        Told::Started(run, rows) => monitor.happened(seed, &SeedEvent::Started(run, rows)),
        Told::Trained(n, tally) => monitor.happened(seed, &SeedEvent::Trained(*n, tally)),
        Told::Noticed(notice) => monitor.happened(seed, &SeedEvent::Noticed(notice)),
        Told::Epoch(row) => monitor.happened(seed, &SeedEvent::Epoch(row)),
        Told::Ended(_) => {}
    }
}

/// A pool for each worker; together they have `n_threads` threads.
fn pools(n_threads: usize, n_seeds: usize) -> Result<Vec<ThreadPool>, RunError> {
    let n_workers = n_threads.min(n_seeds).max(1);
    let share = |worker: usize| n_threads / n_workers + usize::from(worker < n_threads % n_workers);
    (0..n_workers).map(|worker| new_pool(share(worker).max(1))).collect()
}

fn write_rows(
    output: &OutputDir,
    ends: &[Option<Result<Summary, RunError>>],
) -> Result<(), RunError> {
    let ended = ends.iter().filter_map(|end| end.as_ref()?.as_ref().ok());
    let finished = ended.filter(|summary| summary.stopped.is_none());
    let rows: Vec<SeedRow> = finished.map(SeedRow::new).collect();
    let text = seeds_csv(&rows).map_err(|cause| form_error(output, SEEDS_FILE, cause))?;
    Ok(output.write(SEEDS_FILE, &text)?)
}

/// What a worker tells.
enum Told {
    Started(Box<RunFile>, Vec<EpochMetrics>),
    Trained(u64, Tally),
    Noticed(Notice),
    Epoch(Box<EpochMetrics>),
    Ended(Box<Result<Summary, RunError>>),
}

/// The monitor of one run: passes everything on to the thread that watches.
struct Relay<'a> {
    seed_idx: usize,
    sender: &'a Sender<(usize, Told)>,
    clock: Clock<'a>,
    /// Time since 1970 when the clock showed 0.
    clock_began: Duration,
    wants_stop: Stop<'a>,
    /// Samples told of in this epoch.
    n_told: u64,
    tally: Tally,
}

impl Relay<'_> {
    fn tell(&self, told: Told) {
        // The thread that watches is gone only if it panicked, and then nobody wants to know.
        let _ = self.sender.send((self.seed_idx, told));
    }

    fn tell_trained(&mut self) {
        let n_now = self.tally.score.samples;
        if n_now > self.n_told {
            self.tell(Told::Trained(n_now - self.n_told, self.tally));
            self.n_told = n_now;
        }
    }
}

impl Monitor for Relay<'_> {
    fn now(&mut self) -> Duration {
        (self.clock)()
    }

    fn unix_time(&mut self) -> Duration {
        self.clock_began + (self.clock)()
    }

    fn wants_stop(&mut self) -> bool {
        (self.wants_stop)()
    }

    fn started(&mut self, run: &RunFile, rows: &[EpochMetrics]) {
        self.tell(Told::Started(Box::new(run.clone()), rows.to_vec()));
    }

    fn epoch_started(&mut self, _epoch: u32, _n_samples: usize, tally: &Tally) {
        (self.n_told, self.tally) = (tally.score.samples, *tally);
    }

    fn trained(&mut self, tally: &Tally) {
        self.tally = *tally;
        if tally.score.samples - self.n_told >= SAMPLES_PER_REPORT {
            self.tell_trained();
        }
    }

    fn noticed(&mut self, notice: &Notice) {
        self.tell(Told::Noticed(notice.clone()));
    }

    fn epoch_finished(&mut self, row: &EpochMetrics) {
        self.tell_trained();
        self.tell(Told::Epoch(Box::new(row.clone())));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn threads_are_shared_out_and_none_is_added() {
        let sizes = |n_threads, n_seeds| -> Vec<usize> {
            pools(n_threads, n_seeds).unwrap().iter().map(ThreadPool::current_num_threads).collect()
        };
        assert_eq!(sizes(1, 5), [1]);
        assert_eq!(sizes(2, 2), [1, 1]);
        assert_eq!(sizes(3, 2), [2, 1]);
        assert_eq!(sizes(5, 1), [5]);
        assert_eq!(sizes(2, 15), [1, 1]);
    }
}
