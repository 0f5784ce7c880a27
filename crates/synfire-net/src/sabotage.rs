//! Deliberate deviations from the semantics, for testing the checks.
//!
//! A check that cannot fail proves nothing. Engines accept a [`Sabotage`] after they are made, and
//! whoever compares engines uses it to show that the comparison notices. Deviations that a network can
//! express (another delay, threshold, refractory period) need no sabotage: change the network.

use crate::{LayerId, ProjectionId};

/// One deliberate deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Spikes carry the weight after the learning of their own step instead of before it.
    DeliverAfterLearning,
    /// The same for one projection only.
    DeliverAfterLearningOf(ProjectionId),
    /// A spike of this neuron in this step gets lost: nobody sees it, the neuron is reset all the same.
    DropSpike {
        /// The step, counted from 1.
        step: u64,
        /// The layer of the neuron.
        layer: LayerId,
        /// The neuron.
        neuron_idx: u32,
    },
    /// This neuron spikes in this step whatever its voltage.
    AddSpike {
        /// The step, counted from 1.
        step: u64,
        /// The layer of the neuron.
        layer: LayerId,
        /// The neuron.
        neuron_idx: u32,
    },
}
