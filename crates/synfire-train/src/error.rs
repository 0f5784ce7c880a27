//! Why a run failed.

use std::path::{Path, PathBuf};

use synfire_circuit::CircuitError;
use synfire_data::{DatasetError, LoadError};
use synfire_exchange::WeightFileError;
use synfire_net::StepError;
use synfire_reference::{SampleError, ShapeError};
use synfire_verify::LockstepError;

use crate::choices::RunFileError;
use crate::config::ConfigError;
use crate::folder::{OccupiedError, ResumeError};
use crate::machine::EngineError;
use crate::output::OutputError;
use crate::record::quoted;
use crate::saver::Safe;

/// Why a run, or an evaluation, came to no end.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum RunError {
    /// The choices do not make a run.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A run file cannot be read.
    #[error("{}: cannot be read: {cause}", .path.display())]
    ReadRunFile { path: PathBuf, cause: std::io::Error },
    /// A run file does not say what a run is.
    #[error("{}, {cause}", .path.display())]
    RunFile { path: PathBuf, cause: Box<RunFileError> },
    /// The data set is missing or damaged.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The output folder cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The output folder holds another run.
    #[error(transparent)]
    Occupied(#[from] Box<OccupiedError>),
    /// What the run got could not be written in the midst of it.
    #[error(
        "{cause}; {safe}; when there is room, go on with `synfire train --resume {}`",
        quoted(&.cause.path().parent().unwrap_or(Path::new("")).to_string_lossy())
    )]
    NotSaved { cause: Box<OutputError>, safe: Safe },
    /// The folder of a trial holds something else.
    #[error(
        "{} holds another run than the trial: {key} is {found} there and {expected} in the plan; move it away",
        .dir.display()
    )]
    OtherTrial { dir: PathBuf, key: &'static str, found: String, expected: String },
    /// Results that lie in a folder cannot be read.
    #[error("{}: cannot be read: {cause}", .path.display())]
    ReadResults { path: PathBuf, cause: std::io::Error },
    /// There is nothing to go on from.
    #[error(transparent)]
    Resume(Box<ResumeError>),
    /// The network does not take the state of the checkpoint.
    #[error("the checkpoint does not fit the network: {0}")]
    Restore(LockstepError),
    /// The state of a reference for an engine, or the other way round.
    #[error("the checkpoint is that of another kind of engine")]
    OtherMachine,
    /// The layer sizes do not make a network.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The network has another number of layers than the circuit.
    #[error("the circuit has 3 layers, found {found}")]
    Layers { found: usize },
    /// The circuit cannot be built.
    #[error("the circuit cannot be built: {0}")]
    Circuit(#[from] CircuitError),
    /// The engine cannot run the circuit.
    #[error("the engine cannot run the circuit: {0}")]
    Engine(EngineError),
    /// A weight file cannot be read.
    #[error("{}: cannot be read: {cause}", .path.display())]
    ReadWeights { path: PathBuf, cause: std::io::Error },
    /// A weight file does not hold weights for this network.
    #[error("{}: {cause}", .path.display())]
    WeightFile { path: PathBuf, cause: WeightFileError },
    /// Weights handed in do not fit the network.
    #[error("{cause}")]
    Weights { cause: WeightFileError },
    /// A sample does not fit the network.
    #[error("sample {sample_idx}: {cause}")]
    Sample { sample_idx: usize, cause: SampleError },
    /// The engine stopped in training.
    #[error("training sample {sample_idx}: {cause}")]
    Training { sample_idx: usize, cause: LockstepError },
    /// The engine stopped before the first sample, or runs another network.
    #[error("before the first sample: {0}")]
    Start(LockstepError),
    /// The system gives no threads.
    #[error("threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The engine stopped in evaluation.
    #[error("test sample {sample_idx}: {cause}")]
    Evaluation { sample_idx: usize, cause: StepError },
}

impl From<ResumeError> for RunError {
    fn from(error: ResumeError) -> RunError {
        RunError::Resume(Box::new(error))
    }
}

impl RunError {
    /// Whether the choices are to blame and not what they were applied to.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            RunError::Config(_)
            | RunError::RunFile { .. }
            | RunError::Occupied(_)
            | RunError::Shape(_) => true,
            RunError::Resume(error) => matches!(
                **error,
                ResumeError::Fixed { .. }
                    | ResumeError::Epochs { .. }
                    | ResumeError::BeforeOfSweep { .. }
            ),
            RunError::Load(LoadError::Dataset { cause, .. }) => {
                matches!(cause, DatasetError::Preparation(_))
            }
            _ => false,
        }
    }
}
