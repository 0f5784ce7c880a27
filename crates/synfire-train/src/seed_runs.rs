//! Independent runs that differ in their seeds, side by side on several threads.
//!
//! The data set is loaded once and shared. Each run writes into a folder `seed-N` of its own what a single
//! run with this seed would write there, bit for bit. After each run `seeds.csv` is replaced as a whole; a
//! run that fails leaves the others as they are. Runs that were stopped go on, those that are finished stay. How
//! workers share them is in `crew`; runs that differ in more than seeds are in `sweep`.

use std::path::{Path, PathBuf};

use rayon::ThreadPool;
use synfire_data::{Oddity, SearchPath};

use crate::config::Config;
use crate::crew::{Clock, Crew, RunEvent, RunsMonitor, Stop};
use crate::error::RunError;
use crate::folder::{Kept, RUN_FILE, ResumeError, Which, check_vacant, read_run};
use crate::ground::Ground;
use crate::monitor::{Monitor, Notice};
use crate::output::OutputDir;
use crate::resume::{Place, Resume};
use crate::run::{Summary, form_error};
use crate::seeds::Seeds;
use crate::spread::{SeedRow, seeds_csv};

/// Name of the file with one row per finished run.
pub const SEEDS_FILE: &str = "seeds.csv";

/// What the runs of several seeds did.
#[derive(Debug)]
pub struct SeedRuns {
    /// The folder that holds `seeds.csv` and a folder `seed-N` for each seed.
    pub dir: PathBuf,
    /// The runs that came to their end, in the order of the seeds.
    pub finished: Vec<Summary>,
    /// The seeds whose runs were stopped, or not begun, because somebody wanted to stop.
    pub open: Vec<u64>,
    /// The seeds whose runs failed, and why, in the order of the seeds.
    pub failed: Vec<(u64, RunError)>,
}

impl SeedRuns {
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

/// Runs `config` once for each seed, with the seed in the place of its own and `seed-N` in its folder.
///
/// [`Config::n_threads`] is the number of all threads together; no result depends on it.
///
/// # Errors
/// If anything is wrong with the choices, the data, the start weights or the folder, found before the
/// first run, or if `seeds.csv` cannot be written at the end. Runs that fail are in [`SeedRuns::failed`].
///
/// # Panics
/// Only if a run or the monitor does.
pub fn run_seeds(
    config: &Config,
    seeds: &Seeds,
    dirs: &SearchPath,
    clock: Clock<'_>,
    wants_stop: Stop<'_>,
    monitor: &mut dyn RunsMonitor,
) -> Result<SeedRuns, RunError> {
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
    monitor: &mut dyn RunsMonitor,
) -> Result<SeedRuns, RunError> {
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

/// The choices of the run of one seed.
fn of_seed(config: &Config, dir: &Path, seed: u64) -> Config {
    Config { seed, out: dir.join(format!("seed-{seed}")), ..config.clone() }
}

/// The runs of several seeds.
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
        let Some(plan) = self.changes else {
            return self.ground.run(&here, None, Some(pool), monitor);
        };
        match Kept::read(&here.out, Which::Last) {
            Ok(kept) => {
                let ended = Config { out: config.out, ..plan.config(&kept.run)? };
                let place = Place { dir: &here.out, which: Which::Last, lock: None };
                self.ground.resume(&ended, place, kept, Some(pool), monitor)
            }
            // It did not get as far as that.
            Err(RunError::Resume(error)) if error.is_before_the_first() => {
                self.ground.run(&here, None, Some(pool), monitor)
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
        monitor: &mut dyn RunsMonitor,
    ) -> Result<SeedRuns, RunError> {
        let Runs { config, dir, seeds, ground, .. } = *self;
        let seeds_in_order = seeds.as_slice();
        let output = OutputDir::open(dir)?;
        let _lock = output.lock()?;
        // Rows of earlier runs must not lie beside these.
        output.remove(SEEDS_FILE)?;
        let text = ground.record(config, Some(seeds)).to_text();
        let text = text.map_err(|cause| form_error(&output, RUN_FILE, cause))?;
        output.write(RUN_FILE, text.as_bytes())?;
        let crew = Crew::new(config.n_threads, seeds_in_order.len(), clock, wants_stop)?;
        let n_samples = u64::from(config.epochs) * ground.samples.train.len() as u64;
        monitor.started(&vec![n_samples; seeds_in_order.len()]);
        for oddity in oddities {
            monitor.happened(0, &RunEvent::Noticed(&Notice::Dataset(oddity.clone())));
        }

        let mut ends: Vec<Option<Result<Summary, RunError>>> =
            seeds_in_order.iter().map(|_| None).collect();
        let mut written = Ok(());
        let run = |run_idx: usize, pool: &ThreadPool, monitor: &mut dyn Monitor| {
            Box::new(self.run_one(seeds_in_order[run_idx], pool, monitor))
        };
        crew.run(seeds_in_order.len(), &run, monitor, &mut |monitor, run_idx, end| {
            monitor.happened(run_idx, &RunEvent::of_end(&end));
            ends[run_idx] = Some(*end);
            // One that fails does not stop the runs; the last one counts.
            written = write_rows(&output, &ends);
        });
        written?;
        let (finished, open, failed) = (Vec::new(), Vec::new(), Vec::new());
        let mut runs = SeedRuns { dir: dir.to_owned(), finished, open, failed };
        for (&seed, end) in seeds_in_order.iter().zip(ends) {
            match end {
                Some(Ok(summary)) if summary.stopped.is_none() => runs.finished.push(summary),
                Some(Ok(_)) | None => runs.open.push(seed),
                Some(Err(error)) => runs.failed.push((seed, error)),
            }
        }
        Ok(runs)
    }
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
