//! What executes learning and inference: the reference, or a circuit on an engine.
//!
//! An engine is handed in as a function from a network to a running engine, so that any engine can be
//! trained on, not only those of this workspace.

use std::sync::Arc;

use synfire_circuit::{CircuitShape, Form, LifEngine};
use synfire_fast::FastEngine;
use synfire_loihi::{PlainEngine, lower};
use synfire_net::{Engine, Network, Strictness};
use synfire_reference::Shape;

use crate::config::EngineKind;
use crate::error::RunError;

/// Any reason why an engine cannot run a network.
pub type EngineError = Box<dyn std::error::Error + Send + Sync>;

/// Makes an engine for a network.
///
/// It should report faults and go on ([`Strictness::Report`]): a run counts them and goes on to its end.
pub type EngineBuilder = dyn Fn(Arc<Network>) -> Result<Box<dyn Engine>, EngineError> + Send + Sync;

/// What executes learning and inference.
#[derive(Clone)]
pub enum Machine {
    /// The integer reference.
    Reference,
    /// A circuit on an engine.
    Circuit {
        /// The form of the circuit.
        form: Form,
        /// The largest number of inputs active in one sample, by which the circuit is sized.
        max_active: u32,
        /// Makes the engine.
        build: Arc<EngineBuilder>,
    },
}

impl Machine {
    /// One of the machines of this workspace.
    #[must_use]
    pub fn new(kind: EngineKind, form: Form, max_active: u32) -> Machine {
        let build: Arc<EngineBuilder> = match kind {
            EngineKind::Reference => return Machine::Reference,
            EngineKind::Lif => Arc::new(|network| {
                Ok(Box::new(LifEngine::new(network, Strictness::Report)?) as Box<dyn Engine>)
            }),
            EngineKind::Loihi => Arc::new(|network| {
                let program = Arc::new(lower(network)?);
                Ok(Box::new(PlainEngine::new(program, Strictness::Report)) as Box<dyn Engine>)
            }),
            EngineKind::Fast => Arc::new(|network| {
                let program = Arc::new(lower(network)?);
                Ok(Box::new(FastEngine::new(program, Strictness::Report)) as Box<dyn Engine>)
            }),
        };
        Machine::Circuit { form, max_active, build }
    }
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Machine::Reference => f.write_str("Reference"),
            Machine::Circuit { form, max_active, .. } => f
                .debug_struct("Circuit")
                .field("form", form)
                .field("max_active", max_active)
                .finish_non_exhaustive(),
        }
    }
}

/// The circuit's view of a shape, which must have three layers.
pub(crate) fn circuit_shape(shape: &Shape, max_active: u32) -> Result<CircuitShape, RunError> {
    let &[n_inputs, n_hidden, n_outputs] = shape.sizes() else {
        return Err(RunError::Layers { found: shape.n_layers() });
    };
    // A reference shape has at most 65,536 neurons in a layer.
    let [n_inputs, n_hidden, n_outputs] =
        [n_inputs, n_hidden, n_outputs].map(|size| u32::try_from(size).unwrap_or(u32::MAX));
    let error_threshold = shape.error_threshold(1);
    let sizes = CircuitShape::new(n_inputs, n_hidden, n_outputs).with_max_active(max_active);
    Ok(CircuitShape { error_threshold, ..sizes })
}
