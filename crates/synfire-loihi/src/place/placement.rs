//! Where everything is, and what every core uses.

use super::limits::ChipLimits;
use super::mesh::CoreId;
use super::settings::CoreSettings;
use super::usage::Usage;
use std::collections::BTreeSet;
use std::sync::Arc;
use synfire_net::{LayerId, Network};

/// A run of neurons of one layer on one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The layer.
    pub layer: LayerId,
    /// Index of the first of the neurons in their layer.
    pub first: u32,
    /// Number of neurons, 1 at least.
    pub n: u32,
    /// Position of the core in [`Placement::cores`].
    pub core_idx: usize,
    /// First of the compartments on the core.
    pub offset: u32,
}

/// A core in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    /// Which core of which chip it is.
    pub id: CoreId,
    /// The runs of neurons on it, in the order of compartments.
    pub slices: Vec<Slice>,
    /// What they use.
    pub usage: Usage,
    /// What they have in common.
    pub settings: CoreSettings,
}

/// Axons from one core to another, or to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Position of the neurons' core in [`Placement::cores`].
    pub from: usize,
    /// Position of the targets' core in [`Placement::cores`].
    pub to: usize,
    /// Number of axons, one for each neuron and projection that leads there.
    pub n_axons: u32,
}

/// Where a program is on cores and chips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    pub(super) network: Arc<Network>,
    pub(super) limits: ChipLimits,
    /// In the order of their ids.
    pub(super) cores: Vec<Core>,
    /// By layer.
    pub(super) slices: Vec<Vec<Slice>>,
    pub(super) routes: Vec<Route>,
    pub(super) n_axon_hops: u64,
}

/// Sums over all cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Cores in use.
    pub n_cores: usize,
    /// Chips in use.
    pub n_chips: usize,
    /// What all cores use together. Profiles, formats and rules are counted once for every core.
    pub usage: Usage,
    /// The hops from tile to tile of one spike of every neuron, sources apart.
    pub n_axon_hops: u64,
}

impl Placement {
    /// The cores in use, in the order of their ids.
    #[must_use]
    pub fn cores(&self) -> &[Core] {
        &self.cores
    }

    /// The runs of a layer, ascending, which together are the layer; none for sources, which the host
    /// drives.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn slices(&self, layer: LayerId) -> &[Slice] {
        &self.slices[layer.index()]
    }

    /// Position in [`Placement::cores`] of the core of a neuron; `None` for a source, or a neuron that the
    /// layer does not have.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn core_of(&self, layer: LayerId, neuron_idx: u32) -> Option<usize> {
        let slices = self.slices(layer);
        let at = slices.partition_point(|slice| slice.first + slice.n <= neuron_idx);
        slices.get(at).map(|slice| slice.core_idx)
    }

    /// The axons from core to core, ascending by `from`, then `to`. What the host sends is not among them.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The budgets that were kept.
    #[must_use]
    pub const fn limits(&self) -> &ChipLimits {
        &self.limits
    }

    /// The network that was placed.
    #[must_use]
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// Number of chips in use.
    #[must_use]
    pub fn n_chips(&self) -> usize {
        self.cores.iter().map(|core| core.id.chip).collect::<BTreeSet<_>>().len()
    }

    /// Sums over all cores.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut usage = Usage::default();
        for core in &self.cores {
            usage.add(&core.usage);
        }
        let n_cores = self.cores.len();
        Totals { n_cores, n_chips: self.n_chips(), usage, n_axon_hops: self.n_axon_hops }
    }
}
