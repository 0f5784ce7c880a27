//! A layer: a named population of equal neurons, or of spike sources driven from outside.

use crate::{Neuron, PhaseSet};

/// A population of equal neurons or sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Name, unique among the layers of the network, not empty and without control characters.
    pub name: String,
    /// Number of neurons or sources, 1 to [`MAX_LAYER`](crate::MAX_LAYER).
    pub n_neurons: u32,
    /// What the neurons are.
    pub kind: LayerKind,
    /// The phases of the gating cycle in which the layer may spike; `None` allows every step. An
    /// engine reports a spike in another phase as a fault.
    pub phases: Option<PhaseSet>,
}

/// What the members of a layer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// Spike sources: they spike when the input schedule says so and have no state. A source that
    /// spikes at step t acts like a neuron that spikes at t.
    Source,
    /// Integer LIF neurons.
    Neurons(Neuron),
}

impl Layer {
    /// The neuron parameters, or `None` for a layer of sources.
    #[must_use]
    pub const fn neuron(&self) -> Option<&Neuron> {
        match &self.kind {
            LayerKind::Source => None,
            LayerKind::Neurons(neuron) => Some(neuron),
        }
    }

    /// Whether the layer is driven by the input schedule.
    #[must_use]
    pub const fn is_source(&self) -> bool {
        matches!(self.kind, LayerKind::Source)
    }
}
