//! A whole run: data, start weights, epochs, results.
//!
//! Everything that can be found wrong is found before the first sample: choices, data, start weights,
//! the circuit, the output folder. `run.toml` is written first. After each epoch `weights.npz`, `metrics.csv`
//! and the checkpoint are replaced, each as a whole, so that a run that ends early leaves its last complete
//! epoch; in between, the checkpoint is every few minutes. The event file for TensorBoard, if there is to be
//! one, grows. A run that differs from the reference goes on to its end, counts, and says so in its
//! [`Summary`].
//!
//! One loop trains, whether a run begins or goes on ([`resume`](crate::resume())); where it stands is all in
//! the trainer and the rows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use synfire_circuit::Form;
use synfire_data::SearchPath;

use crate::checkpoint::Checkpoint;
use crate::config::{Config, ConfigError};
use crate::error::RunError;
use crate::folder::{RUN_FILE, vacate};
use crate::ground::Ground;
use crate::metrics::EpochMetrics;
use crate::monitor::{Monitor, Notice};
use crate::output::{OutputDir, OutputError, OutputLock};
use crate::position::Milestone;
use crate::record::RunFile;
use crate::saver::{Safe, Saver, Saving, WEIGHTS_FILE};
use crate::tensorboard::{EVENT_FILE, EventFile};
use crate::trainer::{Course, Trainer};

/// What a run did.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The record of the run.
    pub run: RunFile,
    /// The folder of the results.
    pub dir: PathBuf,
    /// One row per epoch.
    pub rows: Vec<EpochMetrics>,
    /// How far it got, if the monitor stopped it.
    pub stopped: Option<Stopped>,
    form: Form,
}

/// How far a run got that was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Up to where it got.
    pub at: Milestone,
    /// Whether it can be resumed from there; otherwise its engine takes no states.
    pub is_saved: bool,
}

impl Summary {
    /// That of a run that came to its end, as its folder holds it.
    pub(crate) fn of_finished(run: RunFile, dir: &Path, rows: Vec<EpochMetrics>) -> Summary {
        let form = run.config.circuit;
        Summary { run, dir: dir.to_owned(), rows, stopped: None, form }
    }

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
    Ground::new(config, dirs)?.run(config, None, pool.as_ref(), monitor)
}

impl Ground {
    /// Trains on this ground; evaluates in `pool`, or in the current one if there is none. Whoever holds the lock of
    /// the folder already hands it in.
    pub(crate) fn run(
        &self,
        config: &Config,
        lock: Option<OutputLock>,
        pool: Option<&ThreadPool>,
        monitor: &mut dyn Monitor,
    ) -> Result<Summary, RunError> {
        config.check()?;
        let start = self.start(config.seed);
        let trainer = Trainer::new(self.shape.clone(), start, self.machine(config))?;
        let record = self.record(config, None);
        let output = OutputDir::open(&config.out)?;
        let lock = lock.map_or_else(|| output.lock(), Ok)?;
        if let Some(path) = &config.init_weights {
            let is_same =
                |a: PathBuf, b: PathBuf| Some(a.canonicalize().ok()? == b.canonicalize().ok()?);
            if is_same(path.clone(), output.path(WEIGHTS_FILE)) == Some(true) {
                return Err(ConfigError::Overwrite { path: path.clone() }.into());
            }
        }
        // Results of an earlier run must not lie beside the record of this one.
        vacate(&output, &lock, &record, config.may_overwrite)?;
        let standing = Standing { trainer, rows: Vec::new(), safe: Safe::default() };
        self.train(&record, output, lock, standing, pool, monitor)
    }

    /// From where a run stands to its end.
    pub(crate) fn train(
        &self,
        record: &RunFile,
        output: OutputDir,
        lock: OutputLock,
        standing: Standing,
        pool: Option<&ThreadPool>,
        monitor: &mut dyn Monitor,
    ) -> Result<Summary, RunError> {
        let config = &record.config;
        let text = record.to_text().map_err(|cause| form_error(&output, RUN_FILE, cause))?;
        output.write(RUN_FILE, text.as_bytes())?;
        let Standing { trainer, rows, safe } = standing;
        let events = if config.has_tensorboard {
            let n_samples = self.samples.train.len();
            Some(EventFile::open(&output, &rows, n_samples, monitor.unix_time())?)
        } else {
            output.remove(EVENT_FILE)?;
            None
        };
        monitor.started(record, &rows);
        for oddity in &self.oddities {
            monitor.noticed(&Notice::Dataset(oddity.clone()));
        }
        let has_checkpoints = trainer.state().is_some();
        if !has_checkpoints {
            monitor.noticed(&Notice::NoCheckpoints);
        }
        let dir = output.dir().to_owned();
        let dead = rows.last().map_or_else(String::new, |row| row.dead_classes.clone());
        let since = monitor.now();
        let mut session = Session {
            ground: self,
            config,
            pool,
            text,
            trainer,
            rows,
            events,
            dead,
            has_checkpoints,
            saver: Saver::new(output, safe),
            submitted: safe.checkpoint,
            since,
        };
        let is_complete = session.run(monitor)?;
        let at = session.trainer.position().milestone();
        let stopped = (!is_complete).then_some(Stopped { at, is_saved: has_checkpoints });
        let rows = std::mem::take(&mut session.rows);
        // Nobody else may write before all is written.
        drop(session);
        drop(lock);
        Ok(Summary { run: record.clone(), dir, rows, stopped, form: config.circuit })
    }
}

/// Where a run stands, at its beginning or in the midst of it.
pub(crate) struct Standing {
    pub(crate) trainer: Trainer,
    pub(crate) rows: Vec<EpochMetrics>,
    pub(crate) safe: Safe,
}

/// A run that goes on.
struct Session<'a> {
    ground: &'a Ground,
    config: &'a Config,
    pool: Option<&'a ThreadPool>,
    /// Of `run.toml`.
    text: String,
    trainer: Trainer,
    rows: Vec<EpochMetrics>,
    events: Option<EventFile>,
    /// The classes that were dead after the last epoch, as the metrics have them.
    dead: String,
    has_checkpoints: bool,
    saver: Saver,
    /// Up to where the last checkpoint is that was handed to the saver.
    submitted: Option<Milestone>,
    /// When that was.
    since: Duration,
}

impl Session<'_> {
    /// To the end, or until the monitor wants to stop: whether it got to the end. All is written then.
    fn run(&mut self, monitor: &mut dyn Monitor) -> Result<bool, RunError> {
        // What a run that was killed had no time to write, or that is older than the checkpoint.
        let position = self.trainer.position();
        if position.is_between_epochs() && position.epochs > 0 {
            let milestone = position.milestone();
            let results = Some((self.trainer.weights()?, self.rows.clone()));
            self.saver.save(Saving { milestone, results, checkpoint: None })?;
        }
        // An epoch that begins now is told of when it begins.
        if !position.is_between_epochs() {
            self.trainer.begin_epoch(&self.ground.samples.train, monitor);
        }
        while self.trainer.position().epochs < self.config.epochs {
            if monitor.wants_stop() {
                self.save_checkpoint(monitor)?;
                self.wait(monitor)?;
                return Ok(false);
            }
            // Of a run that was stopped just here; to stop it here again would get it nowhere.
            let was_trained = self.trainer.position().is_trained;
            let is_trained = self.go_on(monitor)?;
            if self.is_due(monitor.now()) {
                self.save_checkpoint(monitor)?;
            }
            if is_trained && (was_trained || !monitor.wants_stop()) {
                self.end_epoch(monitor)?;
            }
        }
        self.wait(monitor)?;
        Ok(true)
    }

    /// Trains to the end of the epoch, if nothing is in the way; whether it got there.
    fn go_on(&mut self, monitor: &mut dyn Monitor) -> Result<bool, RunError> {
        let Config { order, seed, check_every, .. } = *self.config;
        let course = Course { dataset: &self.ground.samples.train, order, seed, check_every };
        let Session { trainer, saver, config, since, .. } = self;
        let mut looked = Ok(None);
        let is_trained = trainer.go_on(&course, monitor, &mut |now| {
            looked = saver.look();
            !matches!(looked, Ok(None)) || is_due(config, *since, now)
        })?;
        if let Some(milestone) = looked? {
            monitor.saved(milestone);
        }
        Ok(is_trained)
    }

    /// Evaluates what was trained, and has all of it written.
    fn end_epoch(&mut self, monitor: &mut dyn Monitor) -> Result<(), RunError> {
        let epoch = self.trainer.position().epoch();
        monitor.evaluation_started(epoch);
        let evaluation = self.trainer.test(&self.ground.samples.test, self.pool, monitor)?;
        let weights = self.trainer.weights()?;
        let saturated = weights.saturation(self.config.variant.limits()).total() as u64;
        let (tally, time) = self.trainer.finish_epoch();
        let row = EpochMetrics::new(epoch, &tally, &evaluation, saturated, time);
        self.rows.push(row.clone());
        if row.dead_classes != self.dead {
            self.dead.clone_from(&row.dead_classes);
            monitor.noticed(&Notice::DeadClasses { epoch, classes: evaluation.dead_classes() });
        }
        self.save(Some(weights), monitor)?;
        if let Some(events) = &mut self.events {
            events.add(&row, monitor.unix_time())?;
        }
        monitor.epoch_finished(&row);
        Ok(())
    }

    /// Whether it is time for a checkpoint.
    fn is_due(&self, now: Duration) -> bool {
        is_due(self.config, self.since, now)
    }

    /// A checkpoint of where the run stands, unless there is one.
    fn save_checkpoint(&mut self, monitor: &mut dyn Monitor) -> Result<(), RunError> {
        self.since = monitor.now();
        let milestone = self.trainer.position().milestone();
        if !self.has_checkpoints || self.submitted == Some(milestone) {
            return Ok(());
        }
        self.save(None, monitor)
    }

    /// Has a checkpoint written, at the end of an epoch with the results.
    fn save(
        &mut self,
        weights: Option<synfire_reference::Weights>,
        monitor: &mut dyn Monitor,
    ) -> Result<(), RunError> {
        let position = *self.trainer.position();
        let milestone = position.milestone();
        let checkpoint = self.trainer.state().map(|learner| {
            let (run, rows) = (self.text.clone(), self.rows.clone());
            Box::new(Checkpoint { run, position, rows, learner })
        });
        let results = weights.map(|weights| (weights, self.rows.clone()));
        if let Some(milestone) = self.saver.save(Saving { milestone, results, checkpoint })? {
            monitor.saved(milestone);
        }
        self.submitted = Some(milestone);
        self.since = monitor.now();
        Ok(())
    }

    fn wait(&mut self, monitor: &mut dyn Monitor) -> Result<(), RunError> {
        if let Some(milestone) = self.saver.wait()? {
            monitor.saved(milestone);
        }
        Ok(())
    }
}

fn is_due(config: &Config, since: Duration, now: Duration) -> bool {
    let every = config.checkpoint_minutes.duration();
    every.is_some_and(|every| now.saturating_sub(since) >= every)
}

/// So many threads for evaluation.
pub(crate) fn new_pool(n_threads: usize) -> Result<ThreadPool, RunError> {
    Ok(ThreadPoolBuilder::new().num_threads(n_threads).build()?)
}

/// What cannot be put into the form of a file.
pub(crate) fn form_error(
    output: &OutputDir,
    name: &str,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> RunError {
    OutputError::Form { path: output.path(name), cause: Box::new(cause) }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EngineKind;
    use crate::evaluate::Evaluation;
    use crate::machine::{EngineBuilder, Machine};
    use crate::metrics::Tally;
    use crate::record::Checksums;
    use std::borrow::Cow;
    use std::sync::Arc;
    use synfire_circuit::LifEngine;
    use synfire_data::Source;
    use synfire_net::{
        Engine, InputSchedule, LayerId, Network, Observer, Operations, ProjectionId, StepError,
        Strictness, WeightsError,
    };

    fn summary(form: Form, tally: &Tally, test_faults: u64) -> Summary {
        let config = Config::new(Source::Digits, EngineKind::Lif);
        let mut test = Evaluation::new(10);
        test.faults = test_faults;
        let row = |epoch, tally| EpochMetrics::new(epoch, tally, &test, 0, Duration::ZERO);
        // What is wrong in an early epoch counts at the end.
        let rows = vec![row(1, tally), row(2, &Tally::default())];
        let run = RunFile::new(&config, None, None, &[400, 400, 10], 10_000, Checksums::default());
        Summary { run, dir: config.out, rows, stopped: None, form }
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

    /// The ideal engine, as somebody else might write it who takes no states.
    struct Stateless(LifEngine);

    impl Engine for Stateless {
        fn name(&self) -> &'static str {
            "stateless"
        }
        fn network(&self) -> &Network {
            self.0.network()
        }
        fn step(&self) -> u64 {
            self.0.step()
        }
        fn advance(
            &mut self,
            steps: u32,
            input: &InputSchedule,
            observer: &mut dyn Observer,
        ) -> Result<(), StepError> {
            self.0.advance(steps, input, observer)
        }
        fn currents(&self, layer: LayerId) -> Vec<i64> {
            self.0.currents(layer)
        }
        fn voltages(&self, layer: LayerId) -> Vec<i64> {
            self.0.voltages(layer)
        }
        fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>> {
            self.0.weights(projection)
        }
        fn set_weights(&mut self, to: ProjectionId, weights: &[i16]) -> Result<(), WeightsError> {
            self.0.set_weights(to, weights)
        }
        fn operations(&self) -> Operations {
            self.0.operations()
        }
    }

    /// It runs to its end, or stops, without checkpoints, and that is said once.
    #[test]
    fn an_engine_without_states_runs_without_checkpoints() {
        struct Listener(u32, Vec<String>);
        impl Monitor for Listener {
            fn now(&mut self) -> Duration {
                Duration::ZERO
            }
            fn noticed(&mut self, notice: &Notice) {
                self.1.push(notice.to_string());
            }
            fn wants_stop(&mut self) -> bool {
                self.0 = self.0.saturating_sub(1);
                self.0 == 0
            }
        }
        let dir = tempfile::tempdir().expect("a folder");
        let config = Config {
            epochs: 2,
            samples: Some(20),
            n_hidden: Some(10),
            out: dir.path().to_owned(),
            ..Config::new(Source::Digits, EngineKind::Lif)
        };
        let mut ground = Ground::new(&config, &SearchPath::default()).expect("data");
        let Machine::Circuit { form, max_active, .. } = ground.machine(&config) else {
            panic!("a circuit")
        };
        let build: Arc<EngineBuilder> = Arc::new(|network| {
            let engine = LifEngine::new(network, Strictness::Report)?;
            Ok(Box::new(Stateless(engine)) as Box<dyn Engine>)
        });
        ground.foreign = Some(Machine::Circuit { form, max_active, build });
        let mut listener = Listener(u32::MAX, Vec::new());
        let summary = ground.run(&config, None, None, &mut listener).expect("it runs");
        assert_eq!((summary.rows.len(), summary.stopped), (2, None));
        let notice =
            "the engine takes no states: there are no checkpoints, and the run cannot be resumed";
        assert_eq!(listener.1, [notice]);
        assert!(!dir.path().join("checkpoint.safetensors").exists());
        let summary =
            ground.run(&config, None, None, &mut Listener(30, Vec::new())).expect("it runs");
        let stopped = summary.stopped.expect("it was stopped");
        assert!(!stopped.is_saved && summary.rows.len() == 1, "{stopped:?}");
        assert!(dir.path().join("weights.npz").exists(), "the first epoch is kept");
    }
}
