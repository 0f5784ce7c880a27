//! `synfire eval`: a weight file, a data set, a machine.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use synfire_circuit::Form;
use synfire_data::{Preparation, SearchPath, Source, Split, load};
use synfire_reference::{Shape, Variant};

use crate::config::{Config, EngineKind};
use crate::error::RunError;
use crate::evaluate::{Evaluation, evaluate};
use crate::ground::{fit, max_active, read_file};
use crate::machine::Machine;
use crate::run::new_pool;

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
    let Split { train, test } = load(&config.dataset, dirs, &config.preparation)?;
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
