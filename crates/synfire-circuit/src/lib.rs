//! Synfire-gated circuits for on-chip backpropagation, and an ideal integer LIF engine to run them.

mod chain;
mod dials;
mod drive;
mod inference;
mod learning;
mod lif;
pub mod margin;
mod population;
mod readout;
mod relay;
mod shape;

pub use chain::Chain;
pub use dials::{Dials, Form};
pub use drive::Potentials;
pub use inference::InferenceCircuit;
pub use learning::{LearningCircuit, RULE};
pub use lif::{LifEngine, LifError};
pub use population::{INFERENCE_PERIOD, LEARNING_PERIOD, Population, Side};
pub use readout::{MEANINGS, Meaning, Quantity};
pub use shape::{CircuitError, CircuitShape, PlasticWeights};
