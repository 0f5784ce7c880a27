//! A second simulator, written from the chip's rules and the order of a step alone.
//!
//! It shares no arithmetic with the crate: wide integers, the published formulas in another form (the
//! decrement of a decay rounded up instead of the rest rounded down, a wrap by remainder), all
//! synapses visited in every step, input kept as a list of what arrives when. Only random words are the
//! crate's own, read at their addresses (clause RND7). `naive_learning` is learning, `naive_rule` rules.

use crate::naive_learning::{NaiveLearning, NaiveSynapse};
use crate::naive_rule::{Event, Seen};
use std::sync::Arc;
use synfire_loihi::RuleArithmetic;
use synfire_loihi::random::{Purpose, Words};
use synfire_net::{
    Fault, FaultKind, LayerId, LayerKind, Network, Noise, NoiseTarget, ProjectionId, Weights,
};

pub(crate) struct Naive {
    network: Arc<Network>,
    step: u64,
    pub(crate) currents: Vec<Vec<i64>>,
    pub(crate) voltages: Vec<Vec<i64>>,
    held: Vec<Vec<u8>>,
    pub(crate) synapses: Vec<Vec<NaiveSynapse>>,
    pub(crate) learning: Vec<Option<NaiveLearning>>,
    /// (step, layer, neuron, charge)
    arriving: Vec<(u64, usize, usize, i64)>,
    noise: Vec<Words>,
    pub(crate) seen: Seen,
}

/// What one step reported.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) spikes: Vec<(u64, LayerId, Vec<u32>)>,
    pub(crate) faults: Vec<Fault>,
}

impl Naive {
    pub(crate) fn new(network: Arc<Network>, seed: u64, arithmetic: RuleArithmetic) -> Self {
        let neurons: Vec<usize> = network
            .layers()
            .iter()
            .map(|layer| if layer.is_source() { 0 } else { layer.n_neurons as usize })
            .collect();
        let synapses = |id| {
            let synapses = network.synapses(id).map(|synapse| NaiveSynapse {
                source: synapse.source as usize,
                target: synapse.target as usize,
                weight: synapse.weight.into(),
                delay: synapse.delay.get().into(),
                tag: 0,
            });
            synapses.collect()
        };
        Self {
            step: 0,
            currents: neurons.iter().map(|&n| vec![0; n]).collect(),
            voltages: neurons.iter().map(|&n| vec![0; n]).collect(),
            held: neurons.iter().map(|&n| vec![0; n]).collect(),
            synapses: network.projection_ids().map(synapses).collect(),
            learning: network
                .projection_ids()
                .map(|id| NaiveLearning::new(&network, id, seed, arithmetic))
                .collect(),
            arriving: Vec::new(),
            noise: (0_u32..)
                .zip(&neurons)
                .map(|(layer, _)| Words::new(seed, Purpose::Noise, layer))
                .collect(),
            seen: Seen::default(),
            network,
        }
    }

    /// Weights, delays or tags of a projection.
    pub(crate) fn all(&self, id: ProjectionId, of: fn(&NaiveSynapse) -> i128) -> Vec<i128> {
        self.synapses[id.index()].iter().map(of).collect()
    }

    /// Synapses for which some rule asked for a change, so far.
    pub(crate) fn n_updates(&self) -> u64 {
        self.learning.iter().flatten().map(|learning| learning.n_updates).sum()
    }

    /// Runs one step with the given sources spiking.
    pub(crate) fn advance(&mut self, input: &[(LayerId, u32)]) -> Step {
        self.step += 1;
        let step = self.step;
        let network = Arc::clone(&self.network);
        let phase = network.phase(step);
        let mut found = Step::default();
        let mut spiked: Vec<Vec<bool>> = Vec::new();
        for id in network.layer_ids() {
            let layer = network.layer(id);
            let mut fault = |neuron_idx: usize, kind| {
                let neuron_idx = u32::try_from(neuron_idx).unwrap();
                found.faults.push(Fault { step, layer: id, neuron_idx, kind });
            };
            let mut of_layer = vec![false; layer.n_neurons as usize];
            for (idx, spikes) in of_layer.iter_mut().enumerate() {
                *spikes = match layer.kind {
                    LayerKind::Source => input.contains(&(id, u32::try_from(idx).unwrap())),
                    LayerKind::Neurons(_) => self.neuron(id, idx, &mut |kind| fault(idx, kind)),
                };
            }
            let list: Vec<u32> =
                (0..layer.n_neurons).filter(|&idx| of_layer[idx as usize]).collect();
            if let (Some(phase), Some(allowed)) = (phase, layer.phases) {
                for &idx in list.iter().filter(|_| !allowed.contains(phase)) {
                    fault(idx as usize, FaultKind::SpikeOutsidePhase { phase });
                }
            }
            if !list.is_empty() {
                found.spikes.push((step, id, list));
            }
            spiked.push(of_layer);
        }
        for id in network.projection_ids() {
            let projection = network.projection(id);
            for synapse in &self.synapses[id.index()] {
                if spiked[projection.source.index()][synapse.source] {
                    let charge = synapse.weight * i128::from(projection.gain);
                    let charge = i64::try_from(charge).unwrap();
                    let due = step + 1 + u64::try_from(synapse.delay).unwrap();
                    self.arriving.push((due, projection.target.index(), synapse.target, charge));
                }
            }
        }
        self.arriving.retain(|&(due, ..)| due > step);
        for id in network.projection_ids() {
            self.learn(id, &spiked, phase, &mut found.faults);
        }
        found
    }

    /// Whether the neuron spikes.
    fn neuron(&mut self, id: LayerId, idx: usize, fault: &mut impl FnMut(FaultKind)) -> bool {
        let layer = id.index();
        let parameters = *self.network.layer(id).neuron().unwrap();
        let noise = parameters.noise.map_or(0, |noise| {
            let charge = charge_of(noise, self.noise[layer].word(self.step, idx));
            self.seen.count(Event::Noise, charge != 0);
            charge
        });
        let target = parameters.noise.map(|noise| noise.target);
        let mut q = if target == Some(NoiseTarget::Current) { noise } else { 0 };
        for &(due, to_layer, to_neuron, charge) in &self.arriving {
            if (due, to_layer, to_neuron) == (self.step, layer, idx) {
                q += charge;
            }
        }
        if !(-(1 << 21)..1 << 21).contains(&q) {
            fault(FaultKind::InputWrapped { charge: q });
        }
        let u = decayed(self.currents[layer][idx], parameters.current_decay.get()) + wrapped(q, 21);
        if !(-(1 << 23)..1 << 23).contains(&u) {
            fault(FaultKind::CurrentWrapped { charge: u });
        }
        let u = wrapped(u, 23);
        self.currents[layer][idx] = u;
        if self.held[layer][idx] > 0 {
            self.held[layer][idx] -= 1;
            self.voltages[layer][idx] = 0;
            return false;
        }
        let i = u
            + i64::from(parameters.bias)
            + if target == Some(NoiseTarget::Voltage) { noise } else { 0 };
        if !(-(1 << 23)..1 << 23).contains(&i) {
            fault(FaultKind::BiasedCurrentWrapped { charge: i });
        }
        let v = decayed(self.voltages[layer][idx], parameters.voltage_decay.get()) + wrapped(i, 23);
        let end = (1 << 23) - 1;
        let floor = parameters.voltage_floor.map_or(-end, i64::from).max(-end);
        let ceiling = parameters.voltage_ceiling.map_or(end, i64::from);
        if (v < floor && floor == -end) || (v > ceiling && ceiling == end) {
            fault(FaultKind::VoltageClamped { charge: v });
        }
        let v = v.clamp(floor, ceiling);
        let spikes = v > i64::from(parameters.threshold);
        self.voltages[layer][idx] = if spikes { 0 } else { v };
        if spikes {
            self.held[layer][idx] = parameters.refractory.get() - 1;
        }
        spikes
    }

    fn learn(
        &mut self,
        id: ProjectionId,
        spiked: &[Vec<bool>],
        phase: Option<u32>,
        faults: &mut Vec<Fault>,
    ) {
        let projection = self.network.projection(id);
        let Some(plasticity) = &projection.plasticity else { return };
        let is_rewarded = plasticity.reward.is_some_and(|reward| spiked[reward.source.index()][0]);
        let sides = [projection.source, projection.target].map(|id| spiked[id.index()].as_slice());
        let synapses = &mut self.synapses[id.index()];
        for synapse in synapses.iter().filter(|it| sides[0][it.source] && sides[1][it.target]) {
            if let (Some(phase), Some(allowed)) = (phase, plasticity.phases)
                && !allowed.contains(phase)
            {
                let [source_idx, neuron_idx] =
                    [synapse.source, synapse.target].map(|idx| u32::try_from(idx).unwrap());
                faults.push(Fault {
                    step: self.step,
                    layer: projection.target,
                    neuron_idx,
                    kind: FaultKind::LearningOutsidePhase { phase, projection: id, source_idx },
                });
            }
        }
        let learning = self.learning[id.index()].as_mut().unwrap();
        learning.step(self.step, sides, is_rewarded, synapses, &mut self.seen);
    }
}

/// One of 255 numbers by the word's place among all words, scaled, without its fraction.
fn charge_of(noise: Noise, word: u32) -> i64 {
    let drawn = i128::from(word) * 255 / 2_i128.pow(32) - 127;
    let scaled =
        (drawn + 64 * i128::from(noise.mantissa_offset)) * 2_i128.pow(noise.exponent.into());
    let charge = scaled.abs() / 128 * scaled.signum();
    i64::try_from(charge).unwrap()
}

fn decayed(x: i64, loss: u16) -> i64 {
    let decrement = (x.abs() * i64::from(loss) + 4095) / 4096;
    x - x.signum() * decrement
}

fn wrapped(x: i64, bits: u32) -> i64 {
    let half = 1 << bits;
    (x + half).rem_euclid(2 * half) - half
}

/// All weights equal, or one each.
pub(crate) fn weights(each: Vec<i32>) -> Weights {
    if each.windows(2).all(|pair| pair[0] == pair[1]) && !each.is_empty() {
        Weights::Uniform(each[0])
    } else {
        Weights::Each(each)
    }
}
