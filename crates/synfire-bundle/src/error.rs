//! Why there is no bundle, or why one cannot be judged.

use std::path::{Path, PathBuf};

use synfire_train::synfire_circuit::CircuitError;
use synfire_train::synfire_loihi::Refusals;
use synfire_train::synfire_net::StepError;
use synfire_train::{RUN_FILE, RunError, WEIGHTS_FILE};

/// Why a bundle cannot be made, or a folder is none.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum BundleError {
    /// The run, its weights or its data cannot be read.
    #[error(transparent)]
    Run(Box<RunError>),
    /// Not the folder of a run.
    #[error(
        "{} holds no run: there is no {RUN_FILE} in it; expected a folder that `synfire train` wrote", .dir.display()
    )]
    NoRun { dir: PathBuf },
    /// Runs of several seeds.
    #[error(
        "{} holds runs of several seeds, expected one of them, such as {}",
        .dir.display(), .dir.join("seed-1").display()
    )]
    Sweep { dir: PathBuf },
    /// No epoch has ended.
    #[error("{} has no {WEIGHTS_FILE}: the run has finished no epoch yet", .dir.display())]
    NoWeights { dir: PathBuf },
    /// Data that the run was not trained on.
    #[error(
        "SHA-256 of the prepared samples of {dataset} is {found}, expected {expected} as in {RUN_FILE}"
    )]
    OtherData { dataset: String, found: String, expected: String },
    /// A network that is no circuit.
    #[error("number of layers is {found}, expected 3: the circuit has one hidden layer")]
    Layers { found: usize },
    /// An algorithm that is not the circuit's.
    #[error("variant is {found}, expected circuit: spikes compute nothing else")]
    Variant { found: String },
    /// A number of samples that cannot be.
    #[error("number of samples is {found}, expected 1 to {most}")]
    Samples { found: usize, most: usize },
    /// The circuit cannot be built.
    #[error("case {case}: {cause}")]
    Circuit { case: String, cause: Box<CircuitError> },
    /// The circuit does not fit the chip.
    #[error("case {case}: {cause}")]
    Refused { case: String, cause: Refusals },
    /// An engine stopped.
    #[error("case {case}: {cause}")]
    Step { case: String, cause: StepError },
    /// A sized circuit did what it must not.
    #[error("case {case}: the sized circuit has a fault: {fault}")]
    Fault { case: String, fault: String },
    /// What must agree does not: nothing is written.
    #[error("case {case}, sample {sample}: {what}; nothing was written")]
    Disagreement { case: String, sample: usize, what: String },
    /// No network of some thousands shows what a case is for.
    #[error("case {case}: no sample was found that shows {wanted}")]
    NotFound { case: String, wanted: String },
    /// A bundle that does not pass its own check.
    #[error("the bundle does not pass its own check, nothing was written: {problem}")]
    OwnCheck { problem: String },
    /// Something lies where the bundle is to go.
    #[error("{} is there already{}", .dir.display(), if *.is_bundle {
        ": replace the bundle with --overwrite, or choose another folder with --out"
    } else {
        " and is no bundle: choose another folder with --out"
    })]
    Occupied { dir: PathBuf, is_bundle: bool },
    /// A folder or file cannot be written.
    #[error("{} cannot be written: {cause}", .path.display())]
    Write { path: PathBuf, cause: std::io::Error },
    /// A folder or file cannot be read.
    #[error("{} cannot be read: {cause}", .path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// Not the folder of a bundle.
    #[error("{} is no bundle: there is no {} in it", .dir.display(), crate::make::HEADER_FILE)]
    NoBundle { dir: PathBuf },
    /// A file is not what its form says.
    #[error("{}{}: {message}", .path.display(), at(*.line))]
    Form { path: PathBuf, line: usize, message: String },
    /// A case that the bundle does not have.
    #[error("case is `{found}`, expected one of {known}")]
    Case { found: String, known: String },
    /// A layer that the case does not have.
    #[error("layer is `{found}`, expected one of {known}")]
    Layer { found: String, known: String },
    /// A sample that the case does not have.
    #[error("sample is {found}, expected 0 to {last}")]
    After { found: usize, last: usize },
    /// A bundle whose files were changed is nothing to compare with.
    #[error("{} is not as the bundle was made: `synfire bundle check` says more", .path.display())]
    Changed { path: PathBuf },
}

fn at(line: usize) -> String {
    if line == 0 { String::new() } else { format!(", line {line}") }
}

impl From<RunError> for BundleError {
    fn from(error: RunError) -> BundleError {
        BundleError::Run(Box::new(error))
    }
}

impl BundleError {
    /// Whether the choices are to blame and not what they were applied to.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Run(error) => error.is_usage(),
            Self::NoRun { .. }
            | Self::Sweep { .. }
            | Self::Samples { .. }
            | Self::Case { .. }
            | Self::Layer { .. }
            | Self::After { .. } => true,
            _ => false,
        }
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> BundleError {
        let path = path.to_owned();
        move |cause| BundleError::Read { path, cause }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> BundleError {
        let path = path.to_owned();
        move |cause| BundleError::Write { path, cause }
    }
}
