//! `synfire margin`: the proof table of a learning circuit.

use std::io::Write;

use anyhow::{Context, Result};
use synfire_train::synfire_circuit::margin::prove;
use synfire_train::synfire_circuit::{CircuitShape, LearningCircuit, PlasticWeights};

use crate::Status;
use crate::options::MarginOptions;

pub(crate) fn run(options: &MarginOptions, stdout: &mut dyn Write) -> Result<Status> {
    let MarginOptions { inputs, hidden, outputs, active, circuit } = *options;
    let shape = CircuitShape { max_active: active, ..CircuitShape::new(inputs, hidden, outputs) };
    // The proof holds for every weight within the limits, so that it needs none.
    let learning = LearningCircuit::new(shape, circuit, &PlasticWeights::zeros(&shape))
        .context("the circuit cannot be built")?;
    write!(stdout, "{}", prove(&learning))?;
    Ok(Status::Success)
}
