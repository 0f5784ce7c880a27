//! A lowered network: what the chip would be loaded with, apart from where on the chip.
//!
//! A [`Program`] exists only if every number of its network is exactly representable; it is made by
//! [`lower`](crate::lower()) and never changes. It keeps the network it came from, for names, phases and
//! shapes. Where it goes on a chip is the business of [`place`](crate::place); what placement needs, the
//! number of accumulator slots for instance, is recorded.

use crate::compartment::CompartmentConfig;
use crate::rule::{Microcode, Pulse};
use crate::synapse::SynapseFormat;
use std::sync::Arc;
use synfire_net::{LayerId, Network, ProjectionId};

/// A network in the chip's own terms.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) network: Arc<Network>,
    /// One per layer; `None` for sources.
    pub(crate) groups: Vec<Option<CompartmentGroup>>,
    /// One per projection.
    pub(crate) projections: Vec<SynapseGroup>,
}

impl Program {
    /// The network that was lowered.
    #[must_use]
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The compartments of a layer, or `None` if it is a layer of sources.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn compartments(&self, layer: LayerId) -> Option<&CompartmentGroup> {
        self.groups[layer.index()].as_ref()
    }

    /// The synapses of a projection.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn synapses(&self, projection: ProjectionId) -> &SynapseGroup {
        &self.projections[projection.index()]
    }
}

/// The compartments of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompartmentGroup {
    /// Parameters of each of them.
    pub config: CompartmentConfig,
    /// Number of them.
    pub n_compartments: u32,
    /// Accumulator slots of each, enough for every delay that leads here.
    pub n_accumulators: u8,
}

/// The synapses of one projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynapseGroup {
    /// How each of them is stored.
    pub format: SynapseFormat,
    /// Their mantissas at the start, in canonical order.
    pub weight_mantissas: Vec<i16>,
    /// How they learn, if they do. A weight that learns is its own mantissa.
    pub microcode: Option<Microcode>,
    /// The same if it needs neither chance nor memory, and learning takes place in every step.
    pub pulse: Option<Pulse>,
}
