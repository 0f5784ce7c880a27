//! Where every neuron is, in tables with one entry per neuron, sources included.
//!
//! All layers share one numbering of neurons, layer after layer.

use crate::place::Hops;
use crate::place::{CoreId, Placement, hops};
use std::collections::BTreeMap;
use synfire_net::Network;

/// Compartments that are serviced together (nengo-loihi).
const GROUP: u64 = 4;

#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) cores: Vec<CoreId>,
    /// Places that a core services in every step.
    pub(super) n_serviced: Vec<u64>,
    /// Number of the first neuron of each layer.
    pub(super) first: Vec<usize>,
    /// The core of each neuron; `None` for sources.
    pub(super) core_of: Vec<Option<u32>>,
    /// For each layer, how many of its neurons are on which core.
    pub(super) n_on_core: Vec<Vec<(usize, u64)>>,
}

impl Layout {
    pub(super) fn new(network: &Network, placement: &Placement) -> Self {
        let cores: Vec<CoreId> = placement.cores().iter().map(|core| core.id).collect();
        let mut n_serviced = vec![0; cores.len()];
        let (mut first, mut core_of, mut n_on_core) = (Vec::new(), Vec::new(), Vec::new());
        for layer in network.layer_ids() {
            let start = core_of.len();
            first.push(start);
            core_of.resize(start + network.layer(layer).n_neurons as usize, None);
            let mut here = BTreeMap::new();
            for slice in placement.slices(layer) {
                let neurons = start + slice.first as usize..;
                for core in core_of[neurons].iter_mut().take(slice.n as usize) {
                    *core = u32::try_from(slice.core_idx).ok();
                }
                *here.entry(slice.core_idx).or_insert(0) += u64::from(slice.n);
            }
            for (&core, &n) in &here {
                n_serviced[core] += n;
            }
            n_on_core.push(here.into_iter().collect());
        }
        for n in &mut n_serviced {
            *n = n.next_multiple_of(GROUP);
        }
        Self { cores, n_serviced, first, core_of, n_on_core }
    }

    /// The core of a neuron, or `None` if it is a source.
    pub(super) fn core(&self, layer: usize, neuron_idx: u32) -> Option<usize> {
        self.core_of[self.first[layer] + neuron_idx as usize].map(|core| core as usize)
    }

    /// The way from one core to another.
    pub(super) fn hops(&self, from: usize, to: usize) -> Hops {
        hops(self.cores[from], self.cores[to])
    }
}
