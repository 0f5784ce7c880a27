//! Training runs of spiking backpropagation, over the integer reference or any engine.
//!
//! - [`run()`] goes from a [`Config`] to `weights.npz`, `metrics.csv` and `run.toml`; this is what the
//!   command `synfire train` calls. [`evaluate_file`] is `synfire eval`.
//! - [`resume()`] goes on with a run that was stopped, killed, or is to have more epochs, from its checkpoint; what
//!   comes out is what would have come out of a run that was left alone, bit for bit, but for times.
//! - [`Choices`] are options, made or left open, and the text of a run file; [`RunFile`] is what a run records.
//! - [`run_seeds`] is such a run for each of several seeds, side by side on several threads, with the data
//!   loaded once.
//! - [`parse_grid`], [`Plan`], [`run_shard`] and [`merge()`] are the same for runs that differ in any choices, on
//!   one machine or on many: a sweep.
//! - [`Trainer`] is one network on one [`Machine`], epoch by epoch, for programs of their own. A machine
//!   is made from any function from a network to an engine.
//! - [`raster_file`] and [`sample_raster`] show samples in the learning circuit, spike by spike, as a picture;
//!   the first is `synfire raster`.
//! - [`compare_spikes`] holds the spikes of a chip on record against the circuit here.
//! - [`WeightFile`] and [`write_weights`] read and write weights as NumPy does.
//!
//! Every update can be compared with the reference while training ([`Config::check_every`]); counts of
//! what was compared and of what differed stand in each row of the metrics. Results do not depend on the
//! number of threads: one network trains on one, evaluation adds up counts.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use synfire_train::synfire_circuit::Form;
//! use synfire_train::synfire_data::digits;
//! use synfire_train::synfire_reference::{Shape, init};
//! use synfire_train::{EngineKind, Machine, Monitor, Order, Trainer, write_weights};
//!
//! struct Clock(Instant);
//! impl Monitor for Clock {
//!     fn now(&mut self) -> Duration {
//!         self.0.elapsed()
//!     }
//! }
//!
//! // 200 digits on the chip model, spike by spike, each update compared with the reference.
//! let split = digits::generate(digits::SEED, 200, 50)?;
//! let shape = Shape::new(&[split.train.n_inputs(), 40, 10])?;
//! let max_active = u32::try_from(split.train.max_active().max(split.test.max_active()))?;
//! let machine = Machine::new(EngineKind::Fast, Form::Sized, max_active);
//! let mut trainer = Trainer::new(shape.clone(), init::he(&shape, 1), machine)?;
//! let tally = trainer.epoch(&split.train, Order::Shuffled, 1, 1, &mut Clock(Instant::now()))?;
//! assert_eq!((tally.compared, tally.mismatches, tally.faults), (200, 0, 0));
//!
//! let test = trainer.evaluate(&split.test)?;
//! println!("{} of {} read right by potential", test.score.potential, test.score.samples);
//! let npz = write_weights(&trainer.weights()?)?;
//! # assert_eq!((&npz[..2], test.score.samples), (&b"PK"[..], 50));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do
//! It prints nothing and has no clock: the program around it hands in a [`Monitor`]. It opens only files
//! and folders it is handed. It takes no signals: a monitor says when to stop. It starts no
//! processes and talks to no other machine: shards of a sweep have a folder in common and nothing else.

mod checkpoint;
mod choices;
mod compare_spikes;
mod config;
mod crew;
mod error;
mod evaluate;
mod evaluate_file;
mod folder;
mod ground;
mod learner;
mod machine;
mod metrics;
mod minutes;
mod monitor;
mod output;
mod position;
mod raster;
mod readout;
mod record;
mod resume;
mod run;
mod saver;
mod seed_runs;
mod seeds;
mod spread;
mod sweep;
mod tensorboard;
mod trainer;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use choices::{Choices, RunFileError, RunFileProblem};
pub use compare_spikes::{
    Discrepancy, LayerCounts, Ring, SpikeCompareConfig, SpikeCompareError, SpikeComparison,
    Stimulus, compare_spikes, record_spikes,
};
pub use config::{Config, ConfigError, EngineKind, NameError, Order};
pub use crew::{Clock, RunEvent, RunsMonitor, Skip, Stop};
pub use error::RunError;
pub use evaluate::{Evaluation, evaluate};
pub use evaluate_file::{EvalConfig, evaluate_file};
pub use folder::{OccupiedError, RUN_FILE, ResumeError, Which};
pub use ground::{read_regular, read_weights};
pub use machine::{EngineBuilder, EngineError, Machine};
pub use metrics::{
    EpochMetrics, MetricsError, Score, Tally, check_metrics, metrics_csv, parse_metrics_csv,
};
pub use minutes::{Minutes, MinutesError};
pub use monitor::{Monitor, Notice};
pub use output::{OutputDir, OutputError, OutputFile};
pub use position::Milestone;
pub use raster::{
    Half, MOST_RASTER_ROWS, MOST_RASTER_SAMPLES, RasterConfig, RasterError, RasterLook,
    SampleRaster, SampleStory, raster_file, sample_raster,
};
pub use record::{Checksums, Record, RunFile, quoted, read_choices};
pub use resume::{Resume, recorded, resume};
pub use run::{Stopped, Summary, run};
pub use saver::{CHECKPOINT_BEFORE_FILE, CHECKPOINT_FILE, METRICS_FILE, Safe, WEIGHTS_FILE};
pub use seed_runs::{SEEDS_FILE, SeedRuns, resume_seeds, run_seeds};
pub use seeds::{Seeds, SeedsError};
pub use spread::{SeedRow, Spread, parse_seeds_csv};
pub use sweep::{
    Figures, GROUPS_FILE, GridError, GridProblem, Group, MOST_TRIALS, MergeError, Merged,
    MergedTrial, Missing, PLAN_FILE, Plan, PlanError, SWEEP_FILE, Settings, Shard, ShardError,
    ShardRuns, ShardTask, TRIALS_DIR, Trial, TrialId, TrialIdError, TrialValue, done_trials, merge,
    parse_grid, read_grid, run_shard,
};
pub use synfire_exchange::{NpzError, WeightFile, WeightFileError, write_weights};
pub use tensorboard::{EVENT_FILE, kept_events};
pub use trainer::Trainer;

pub use synfire_circuit;
pub use synfire_data;
pub use synfire_draw;
pub use synfire_exchange;
pub use synfire_fast;
pub use synfire_loihi;
pub use synfire_net;
pub use synfire_reference;
