//! How much charge can be on its way to a neuron, for the check of a state.
//!
//! Every synapse carries at most one spike of each step, and what it carries is bounded by its weight, or by the range
//! of its weight if it learns. Input that is on its way, and has some steps to go, comes from synapses that are slow
//! enough. Engines rely on these bounds: their sums do not overflow.

use crate::{Connectivity, Delay, LayerId, Network, Projection, ProjectionId, Weights};
use std::collections::BTreeMap;

/// What the synapses onto a layer can carry: sums of magnitudes, one per neuron.
pub(super) struct Carried {
    n_neurons: usize,
    /// By delay, ascending; delays that no synapse has are left out.
    by_delay: BTreeMap<Delay, Vec<i64>>,
    /// Of synapses whose delay is learned: one spike of each.
    by_any_delay: Vec<i64>,
}

impl Carried {
    pub(super) fn onto(network: &Network, id: LayerId) -> Self {
        let n_neurons = network.layer(id).n_neurons as usize;
        let by_any_delay = vec![0; n_neurons];
        let mut carried = Self { n_neurons, by_delay: BTreeMap::new(), by_any_delay };
        let is_incoming = |it: &ProjectionId| network.projection(*it).target == id;
        for id in network.projection_ids().filter(is_incoming) {
            carried.add(network, id);
        }
        carried
    }

    fn add(&mut self, network: &Network, id: ProjectionId) {
        let projection = network.projection(id);
        let charge = |weight: i32| largest_charge(projection, weight);
        match &projection.connectivity {
            Connectivity::List(synapses) => {
                for synapse in synapses {
                    let sum = &mut self.sums(projection, synapse.delay)[synapse.target as usize];
                    *sum = sum.saturating_add(charge(synapse.weight));
                }
            }
            Connectivity::AllToAll { weights, delay, .. }
                if projection.is_plastic() || matches!(weights, Weights::Uniform(_)) =>
            {
                let weight = if let Weights::Uniform(weight) = weights { *weight } else { 0 };
                let n_sources = i64::from(network.layer(projection.source).n_neurons);
                let charge = charge(weight).saturating_mul(n_sources);
                for sum in self.sums(projection, *delay) {
                    *sum = sum.saturating_add(charge);
                }
            }
            Connectivity::AllToAll { delay, .. }
            | Connectivity::OneToOne { delay, .. }
            | Connectivity::OneToAll { delay, .. } => {
                let sums = self.sums(projection, *delay);
                for synapse in network.synapses(id) {
                    let sum = &mut sums[synapse.target as usize];
                    *sum = sum.saturating_add(charge(synapse.weight));
                }
            }
        }
    }

    /// Where the charges of a synapse of this delay are added up.
    fn sums(&mut self, projection: &Projection, delay: Delay) -> &mut [i64] {
        let plasticity = projection.plasticity.as_ref();
        if plasticity.is_some_and(|plasticity| plasticity.rules.delay.is_some()) {
            return &mut self.by_any_delay;
        }
        let n_neurons = self.n_neurons;
        self.by_delay.entry(delay).or_insert_with(|| vec![0; n_neurons])
    }

    /// The largest magnitude of what can be on its way to each neuron, to arrive after so many steps: every synapse
    /// that is slow enough carries one spike, and one whose delay is learned as many as can meet.
    pub(super) fn in_flight(&self, steps: u8) -> Vec<i64> {
        // A spike of the last step arrives after 1 + delay steps.
        let least = Delay::new(steps.saturating_sub(1)).unwrap_or(Delay::MAX);
        let n_meeting = i64::from(Delay::MAX.get() - least.get()) + 1;
        let meeting = self.by_any_delay.iter().map(|one| one.saturating_mul(n_meeting));
        let mut sums: Vec<i64> = meeting.collect();
        for slow in self.by_delay.range(least..).map(|(_, slow)| slow) {
            sums.iter_mut().zip(slow).for_each(|(sum, &more)| *sum = sum.saturating_add(more));
        }
        sums
    }
}

/// The largest magnitude that a spike carries through a synapse that has this weight, or learns.
fn largest_charge(projection: &Projection, weight: i32) -> i64 {
    let largest = projection.plasticity.as_ref().map_or(i64::from(weight).abs(), |plasticity| {
        let range = plasticity.range;
        i64::from(range.min).abs().max(i64::from(range.max).abs())
    });
    largest * i64::from(projection.gain)
}
