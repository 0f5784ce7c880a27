//! A whole run: data, start weights, epochs, results.
//!
//! Everything that can be found wrong is found before the first sample: choices, data, start weights,
//! the circuit, the output folder. After each epoch `weights.npz` and `metrics.csv` are replaced as a
//! whole, so that a run that ends early leaves its last complete epoch; `run.toml` is written first. The
//! event file for TensorBoard, if there is to be one, grows.
//! A run that differs from the reference goes on to its end, counts, and says so in its [`Summary`].

use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use rayon::{ThreadPool, ThreadPoolBuilder};
use synfire_circuit::Form;
use synfire_data::{Dataset, Preparation, SearchPath, Source, Split, load, sha256_hex};
use synfire_reference::{Shape, Variant, WeightLimits, Weights, init};

use crate::config::{Config, ConfigError, EngineKind};
use crate::error::RunError;
use crate::evaluate::{Evaluation, evaluate};
use crate::machine::Machine;
use crate::metrics::{EpochMetrics, metrics_csv};
use crate::monitor::{Monitor, Notice};
use crate::output::{OutputDir, OutputError};
use crate::record::{Checksums, RunFile};
use crate::seeds::Seeds;
use crate::tensorboard::{EVENT_FILE, EventFile};
use crate::trainer::Trainer;
use crate::weights::{WeightFile, write_weights};

/// Name of the file with the trained weights.
pub const WEIGHTS_FILE: &str = "weights.npz";
/// Name of the file with one row per epoch.
pub const METRICS_FILE: &str = "metrics.csv";
/// Name of the file with everything needed to repeat the run.
pub const RUN_FILE: &str = "run.toml";

/// Longest weight file, in bytes.
const LONGEST_FILE: u64 = 1 << 30;

/// What a run did.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The record of the run.
    pub run: RunFile,
    /// The folder of the results.
    pub dir: PathBuf,
    /// One row per epoch.
    pub rows: Vec<EpochMetrics>,
    form: Form,
}

impl Summary {
    /// Samples compared with the reference, over all epochs.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.rows.iter().map(|row| row.compared).sum()
    }

    /// Compared samples that differed, over all epochs.
    #[must_use]
    pub fn mismatches(&self) -> u64 {
        self.rows.iter().map(|row| row.mismatches).sum()
    }

    /// Faults of the engine in training and evaluation, over all epochs.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.rows.iter().map(|row| row.faults + row.test_faults).sum()
    }

    /// Whether the run kept its claims: no update differed from the reference and, in the sized
    /// circuit, there was no fault. The published circuit has harmless phantom spikes, which are counted
    /// and do not fail it.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.mismatches() == 0 && (self.form == Form::Published || self.faults() == 0)
    }
}

/// Runs a training from its choices to its results.
///
/// ```no_run
/// use std::time::{Duration, Instant};
/// use synfire_train::synfire_data::{SearchPath, Source};
/// use synfire_train::{Config, EngineKind, Monitor, run};
///
/// struct Clock(Instant);
/// impl Monitor for Clock {
///     fn now(&mut self) -> Duration {
///         self.0.elapsed()
///     }
/// }
///
/// let config = Config { epochs: 1, ..Config::new(Source::Digits, EngineKind::Lif) };
/// let summary = run(&config, &SearchPath::default(), &mut Clock(Instant::now()))?;
/// assert!(summary.is_exact() && summary.compared() == 10_000);
/// # Ok::<(), synfire_train::RunError>(())
/// ```
///
/// # Errors
/// If anything is wrong with the choices, the data or the start weights, the results cannot be written,
/// or the engine stops. A mismatch is no error, see [`Summary::is_exact`].
pub fn run(
    config: &Config,
    dirs: &SearchPath,
    monitor: &mut dyn Monitor,
) -> Result<Summary, RunError> {
    let pool = config.n_threads.map(|n_threads| new_pool(n_threads.get())).transpose()?;
    Ground::new(config, dirs)?.run(config, pool.as_ref(), monitor)
}

/// What runs that differ in their seeds and folders have in common, loaded once.
pub(crate) struct Ground {
    train: Dataset,
    test: Dataset,
    max_active: u32,
    shape: Shape,
    /// The weights of the file to start from, if there is one.
    start: Option<Weights>,
    checksums: Checksums,
    data_dir: Option<PathBuf>,
}

impl Ground {
    /// Loads and checks everything but the folder of the results.
    pub(crate) fn new(config: &Config, dirs: &SearchPath) -> Result<Ground, RunError> {
        config.check()?;
        let file = config.init_weights.as_deref().map(|path| {
            read_file(path, config.variant.limits()).map(|(file, sha256)| (path, file, sha256))
        });
        let file = file.transpose()?;
        if let Some((path, _, found)) = &file {
            let what = || format!("start weights {}", path.display());
            check_sum(what, config.expected.init_weights.as_deref(), found)?;
        }
        let Split { train, test } = load(config.dataset, dirs, &config.preparation)?;
        // The circuit is sized for the whole set, so that it does not depend on how much of it is used.
        let max_active = max_active(&[&train, &test]);
        let train = match config.samples {
            None => train,
            Some(found) => train.truncated(found).map_err(|_| {
                let (available, dataset) = (train.len(), config.dataset);
                ConfigError::Samples { found, available, dataset }
            })?,
        };
        let stored = file.as_ref().and_then(|(_, file, _)| file.sizes().get(1).copied());
        let n_hidden = config.n_hidden.or(stored).unwrap_or(Config::HIDDEN);
        let sizes = [train.n_inputs(), n_hidden, train.n_classes()];
        let shape = Shape::new(&sizes)?.with_variant(config.variant);
        let (start, init_weights) = match file {
            None => (None, None),
            Some((path, file, sha256)) => (Some(fit(file, &shape, path)?), Some(sha256)),
        };
        let dataset = sha256_hex((train.fingerprint() + &test.fingerprint()).as_bytes());
        let what = || format!("data set {} as prepared", config.dataset);
        check_sum(what, config.expected.dataset.as_deref(), &dataset)?;
        let checksums = Checksums { dataset: Some(dataset), init_weights };
        let data_dir = dirs.explicit().map(Path::to_owned);
        Ok(Ground { train, test, max_active, shape, start, checksums, data_dir })
    }

    /// Number of training samples in an epoch.
    pub(crate) fn n_samples(&self) -> usize {
        self.train.len()
    }

    /// The record of a run on this ground, or of runs of several seeds.
    pub(crate) fn record(&self, config: &Config, seeds: Option<&Seeds>) -> RunFile {
        let (data_dir, checksums) = (self.data_dir.clone(), self.checksums.clone());
        RunFile::new(config, seeds, data_dir, self.shape.sizes(), self.train.len(), checksums)
    }

    /// Trains on this ground; evaluates in `pool`, or in the current one if there is none.
    pub(crate) fn run(
        &self,
        config: &Config,
        pool: Option<&ThreadPool>,
        monitor: &mut dyn Monitor,
    ) -> Result<Summary, RunError> {
        config.check()?;
        let Ground { train, test, shape, .. } = self;
        let weights = match &self.start {
            None => init::he(shape, config.seed),
            Some(weights) => weights.clone(),
        };
        let machine = Machine::new(config.engine, config.circuit, self.max_active);
        let mut trainer = Trainer::new(shape.clone(), weights, machine)?;

        let output = OutputDir::open(&config.out)?;
        if let Some(path) = &config.init_weights {
            let is_same =
                |a: PathBuf, b: PathBuf| Some(a.canonicalize().ok()? == b.canonicalize().ok()?);
            if is_same(path.clone(), output.path(WEIGHTS_FILE)) == Some(true) {
                return Err(ConfigError::Overwrite { path: path.clone() }.into());
            }
        }
        let record = self.record(config, None);
        // Results of an earlier run must not lie beside the record of this one.
        output.remove(WEIGHTS_FILE)?;
        output.remove(METRICS_FILE)?;
        write_record(&output, &record)?;
        let mut rows = Vec::new();
        let mut events = if config.has_tensorboard {
            Some(EventFile::open(&output, &rows, train.len(), monitor.unix_time())?)
        } else {
            output.remove(EVENT_FILE)?;
            None
        };
        monitor.started(&record, &rows);

        let mut dead = Vec::new();
        for epoch in 1..=config.epochs {
            let start = monitor.now();
            let tally =
                trainer.epoch(train, config.order, config.seed, config.check_every, monitor)?;
            let training_time = monitor.now().saturating_sub(start);
            monitor.evaluation_started(epoch);
            let evaluation = trainer.test(test, pool, monitor)?;
            let weights = trainer.weights()?;
            let saturated = weights.saturation(config.variant.limits()).total() as u64;
            rows.push(EpochMetrics::new(epoch, &tally, &evaluation, saturated, training_time));
            write_results(&output, &weights, &rows)?;
            let classes = evaluation.dead_classes();
            if classes != dead {
                monitor.noticed(&Notice::DeadClasses { epoch, classes: classes.clone() });
                dead = classes;
            }
            if let Some(row) = rows.last() {
                if let Some(events) = &mut events {
                    events.add(row, monitor.unix_time())?;
                }
                monitor.epoch_finished(row);
            }
        }
        Ok(Summary { run: record, dir: config.out.clone(), rows, form: config.circuit })
    }
}

/// So many threads for evaluation.
pub(crate) fn new_pool(n_threads: usize) -> Result<ThreadPool, RunError> {
    Ok(ThreadPoolBuilder::new().num_threads(n_threads).build()?)
}

/// Writes `run.toml`.
pub(crate) fn write_record(output: &OutputDir, record: &RunFile) -> Result<(), RunError> {
    let text = record.to_text().map_err(|cause| form_error(output, RUN_FILE, cause))?;
    Ok(output.write(RUN_FILE, text.as_bytes())?)
}

/// Whether a checksum is the one expected, if one is.
fn check_sum(
    what: impl Fn() -> String,
    expected: Option<&str>,
    found: &str,
) -> Result<(), ConfigError> {
    match expected.filter(|&expected| expected != found) {
        None => Ok(()),
        Some(expected) => {
            let (found, expected) = (found.to_owned(), expected.to_owned());
            Err(ConfigError::Checksum { what: what(), found, expected })
        }
    }
}

fn write_results(
    output: &OutputDir,
    weights: &Weights,
    rows: &[EpochMetrics],
) -> Result<(), RunError> {
    let archive =
        write_weights(weights).map_err(|cause| form_error(output, WEIGHTS_FILE, cause))?;
    output.write(WEIGHTS_FILE, &archive)?;
    let table = metrics_csv(rows).map_err(|cause| form_error(output, METRICS_FILE, cause))?;
    output.write(METRICS_FILE, &table)?;
    Ok(())
}

pub(crate) fn form_error(
    output: &OutputDir,
    name: &str,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> RunError {
    OutputError::Form { path: output.path(name), cause: Box::new(cause) }.into()
}

/// The choices of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalConfig {
    /// The weight file.
    pub weights: PathBuf,
    /// The data set, whose test samples are answered.
    pub dataset: Source,
    /// How its images become bits.
    pub preparation: Preparation,
    /// What answers.
    pub engine: EngineKind,
    /// The form of the circuit; of no effect on the reference engine.
    pub circuit: Form,
    /// Number of threads; `None` for those of the current rayon pool. Of no effect on the result.
    pub n_threads: Option<NonZeroUsize>,
}

/// Evaluates a weight file on the test samples of a data set.
///
/// # Errors
/// If the data is missing or damaged, the file does not hold weights for it, or the engine stops.
pub fn evaluate_file(config: &EvalConfig, dirs: &SearchPath) -> Result<Evaluation, RunError> {
    let (file, _) = read_file(&config.weights, Variant::Circuit.limits())?;
    let Split { train, test } = load(config.dataset, dirs, &config.preparation)?;
    let n_hidden = file.sizes().get(1).copied().unwrap_or(Config::HIDDEN);
    let shape = Shape::new(&[test.n_inputs(), n_hidden, test.n_classes()])?;
    let weights = fit(file, &shape, &config.weights)?;
    let machine = Machine::new(config.engine, config.circuit, max_active(&[&train, &test]));
    let evaluated = || evaluate(&shape, &weights, &test, &machine);
    match config.n_threads {
        None => evaluated(),
        Some(n_threads) => new_pool(n_threads.get())?.install(evaluated),
    }
}

pub(crate) fn max_active(sets: &[&Dataset]) -> u32 {
    let most = sets.iter().map(|set| set.max_active()).max().unwrap_or(0);
    u32::try_from(most).unwrap_or(u32::MAX)
}

/// A weight file and the SHA-256 of its bytes.
pub(crate) fn read_file(
    path: &Path,
    limits: WeightLimits,
) -> Result<(WeightFile, String), RunError> {
    let failed = |cause| RunError::ReadWeights { path: path.to_owned(), cause };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() || metadata.len() > LONGEST_FILE {
        let message = format!("expected a regular file of at most {LONGEST_FILE} bytes");
        return Err(failed(std::io::Error::other(message)));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LONGEST_FILE).read_to_end(&mut bytes).map_err(failed)?;
    let file = WeightFile::parse(&bytes, limits)
        .map_err(|cause| RunError::WeightFile { path: path.to_owned(), cause })?;
    Ok((file, sha256_hex(&bytes)))
}

pub(crate) fn fit(file: WeightFile, shape: &Shape, path: &Path) -> Result<Weights, RunError> {
    file.into_weights(shape).map_err(|cause| RunError::WeightFile { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::metrics::Tally;
    use std::time::Duration;

    fn summary(form: Form, tally: &Tally, test_faults: u64) -> Summary {
        let config = Config::new(Source::Digits, EngineKind::Lif);
        let mut test = Evaluation::new(10);
        test.faults = test_faults;
        let row = |epoch, tally| EpochMetrics::new(epoch, tally, &test, 0, Duration::ZERO);
        // What is wrong in an early epoch counts at the end.
        let rows = vec![row(1, tally), row(2, &Tally::default())];
        let run = RunFile::new(&config, None, None, &[400, 400, 10], 10_000, Checksums::default());
        Summary { run, dir: config.out, rows, form }
    }

    #[test]
    fn a_fault_fails_the_sized_circuit_and_a_mismatch_both() {
        let clean = Tally { compared: 10, ..Tally::default() };
        let fault = Tally { faults: 1, ..clean };
        let mismatch = Tally { mismatches: 1, ..clean };
        for (form, tally, test_faults, is_exact) in [
            (Form::Sized, clean, 0, true),
            (Form::Sized, fault, 0, false),
            (Form::Sized, clean, 1, false),
            (Form::Sized, mismatch, 0, false),
            (Form::Published, fault, 1, true),
            (Form::Published, mismatch, 0, false),
        ] {
            let summary = summary(form, &tally, test_faults);
            assert_eq!(summary.is_exact(), is_exact, "{form} {tally:?} {test_faults}");
            assert_eq!(summary.compared(), 10);
        }
    }

    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let error = read_file(dir.path(), WeightLimits::CIRCUIT).err().unwrap().to_string();
        assert!(error.contains("expected a regular file of at most 1073741824 bytes"), "{error}");
    }
}
