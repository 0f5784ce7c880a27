//! An observer that keeps everything, and short ways to build and run small networks.

use std::sync::Arc;
use synfire_circuit::LifEngine;
use synfire_net::{
    Connectivity, Decay, Delay, Engine, Fault, InputSchedule, LayerId, NetworkBuilder, Neuron,
    Observer, Plasticity, Refractory, Strictness, WeightRange, Weights,
};

/// Everything an engine reported, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) spikes: Vec<(u64, LayerId, Vec<u32>)>,
    pub(crate) faults: Vec<Fault>,
}

impl Record {
    /// The steps in which neuron 0 of a layer spiked.
    pub(crate) fn steps_of(&self, layer: LayerId) -> Vec<u64> {
        let spikes = self.spikes.iter();
        let of_neuron = spikes.filter(|(_, of, neurons)| *of == layer && neurons.contains(&0));
        of_neuron.map(|(step, ..)| *step).collect()
    }
}

impl Observer for Record {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.spikes.push((step, layer, neurons.to_vec()));
    }
    fn fault(&mut self, fault: &Fault) {
        self.faults.push(*fault);
    }
}

pub(crate) fn engine(builder: NetworkBuilder, strictness: Strictness) -> LifEngine {
    LifEngine::new(Arc::new(builder.build().unwrap()), strictness).unwrap()
}

/// Steps and layers of input spikes of source 0.
pub(crate) fn schedule(spikes: &[(u64, LayerId)]) -> InputSchedule {
    let mut schedule = InputSchedule::new();
    for &(step, layer) in spikes {
        schedule.push(step, layer, 0);
    }
    schedule
}

/// Current and voltage of the only neuron of `layer` after each of `n_steps` steps.
pub(crate) fn run(
    engine: &mut LifEngine,
    n_steps: usize,
    input: &InputSchedule,
    layer: LayerId,
    record: &mut Record,
) -> [Vec<i64>; 2] {
    let mut sequences = [Vec::new(), Vec::new()];
    for _ in 0..n_steps {
        engine.advance(1, input, record).unwrap();
        sequences[0].push(engine.currents(layer)[0]);
        sequences[1].push(engine.voltages(layer)[0]);
    }
    sequences
}

pub(crate) fn one_to_one(weight: i32, delay: u8) -> Connectivity {
    let delay = Delay::new(delay).unwrap();
    Connectivity::OneToOne { weights: Weights::Uniform(weight), delay }
}

/// A neuron by its decays in 1/4096, its threshold in units of charge and its refractory period.
pub(crate) fn neuron(decays: [u16; 2], threshold: i32, refractory: u8) -> Neuron {
    let [current_decay, voltage_decay] = decays.map(|decay| Decay::new(decay).unwrap());
    let refractory = Refractory::new(refractory).unwrap();
    Neuron { current_decay, voltage_decay, ..Neuron::memoryless(threshold, 0, refractory) }
}

pub(crate) fn rule(text: &str) -> Plasticity {
    let rule = text.parse().unwrap();
    Plasticity::new(rule, WeightRange::MIXED)
}
