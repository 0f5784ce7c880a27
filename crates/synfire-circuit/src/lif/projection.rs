//! The synapses of a projection: wiring, weights, and clause S4 on all of them.

use super::rule::{Learning, LifError};
use super::slot_of;
use synfire_net::{Connectivity, Network, Projection, Weights};

#[derive(Clone, Debug)]
pub(super) struct ProjectionState {
    pub(super) target: usize,
    pub(super) gain: i64,
    pub(super) wiring: Wiring,
    pub(super) strength: Strength,
}

#[derive(Clone, Debug)]
pub(super) enum Wiring {
    /// Every source to every target, with one delay.
    Dense { n_targets: usize, delay: u64 },
    /// Synapses `first[source]..first[source + 1]`.
    Sparse { first: Vec<usize>, targets: Vec<u32>, delays: Vec<u8> },
}

#[derive(Clone, Debug)]
pub(super) enum Strength {
    Uniform(i32),
    Static(Vec<i32>),
    Plastic(Vec<i16>, Learning),
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to a range of i16")]
pub(super) const fn narrow(weight: i32) -> i16 {
    weight as i16
}

impl Wiring {
    /// Every synapse whose ends both spiked, in canonical order.
    pub(super) fn coincidences(&self, pre: &[u32], post: &[u32]) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for &source in pre {
            match self {
                Self::Dense { .. } => found.extend(post.iter().map(|&target| (source, target))),
                Self::Sparse { first, targets, .. } => {
                    let row = &targets[first[source as usize]..first[source as usize + 1]];
                    let hit = row.iter().filter(|target| post.binary_search(target).is_ok());
                    found.extend(hit.map(|&target| (source, target)));
                }
            }
        }
        found
    }
}

impl ProjectionState {
    pub(super) fn new(network: &Network, projection: &Projection) -> Result<Self, LifError> {
        let n_sources = network.layer(projection.source).n_neurons;
        let n_targets = network.layer(projection.target).n_neurons;
        let wiring = match &projection.connectivity {
            Connectivity::AllToAll { delay, .. } => {
                Wiring::Dense { n_targets: n_targets as usize, delay: u64::from(delay.get()) }
            }
            _ => {
                let mut first = vec![0; n_sources as usize + 1];
                let (mut targets, mut delays) = (Vec::new(), Vec::new());
                for synapse in projection.synapses(n_sources, n_targets) {
                    first[synapse.source as usize + 1] += 1;
                    targets.push(synapse.target);
                    delays.push(synapse.delay.get());
                }
                for source in 0..n_sources as usize {
                    first[source + 1] += first[source];
                }
                Wiring::Sparse { first, targets, delays }
            }
        };
        let strength = match (&projection.plasticity, &projection.connectivity) {
            (Some(plasticity), _) => {
                let weights = projection.synapses(n_sources, n_targets);
                let weights = weights.map(|synapse| narrow(synapse.weight)).collect();
                Strength::Plastic(weights, Learning::new(projection, plasticity)?)
            }
            (
                None,
                Connectivity::AllToAll { weights, .. }
                | Connectivity::OneToOne { weights, .. }
                | Connectivity::OneToAll { weights, .. },
            ) => match weights {
                Weights::Uniform(weight) => Strength::Uniform(*weight),
                Weights::Each(each) => Strength::Static(each.clone()),
            },
            (None, Connectivity::List(synapses)) => {
                Strength::Static(synapses.iter().map(|synapse| synapse.weight).collect())
            }
        };
        let (target, gain) = (projection.target.index(), i64::from(projection.gain));
        Ok(Self { target, gain, wiring, strength })
    }

    /// Adds the weights of all spikes to the slots of the target layer; returns how many.
    pub(super) fn deliver(&self, step: u64, spikes: &[u32], slots: &mut [Vec<i64>]) -> u64 {
        let n_slots = slots.len();
        let mut n_delivered = 0;
        for &source in spikes {
            let source = source as usize;
            match &self.wiring {
                Wiring::Dense { n_targets, delay } => {
                    let slot = &mut slots[slot_of(step + 1 + delay, n_slots)];
                    let row = source * n_targets..(source + 1) * n_targets;
                    match &self.strength {
                        Strength::Uniform(weight) => {
                            let charge = i64::from(*weight) * self.gain;
                            slot.iter_mut().for_each(|sum| *sum += charge);
                        }
                        Strength::Static(weights) => {
                            for (sum, &weight) in slot.iter_mut().zip(&weights[row]) {
                                *sum += i64::from(weight) * self.gain;
                            }
                        }
                        Strength::Plastic(weights, _) => {
                            for (sum, &weight) in slot.iter_mut().zip(&weights[row]) {
                                *sum += i64::from(weight) * self.gain;
                            }
                        }
                    }
                    n_delivered += *n_targets as u64;
                }
                Wiring::Sparse { first, targets, delays } => {
                    let row = first[source]..first[source + 1];
                    n_delivered += row.len() as u64;
                    let mut synapses = row.clone();
                    // Most rows have one delay, so that its slot is looked up once and not per synapse.
                    for delays in delays[row].chunk_by(|a, b| a == b) {
                        let slot = slot_of(step + 1 + u64::from(delays[0]), n_slots);
                        let sums = &mut slots[slot];
                        for synapse in synapses.by_ref().take(delays.len()) {
                            let weight = match &self.strength {
                                Strength::Uniform(weight) => *weight,
                                Strength::Static(weights) => weights[synapse],
                                Strength::Plastic(weights, _) => i32::from(weights[synapse]),
                            };
                            sums[targets[synapse] as usize] += i64::from(weight) * self.gain;
                        }
                    }
                }
            }
        }
        n_delivered
    }
}
