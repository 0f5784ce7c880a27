//! An observer that keeps everything, and short ways to build and run small networks.

use std::sync::Arc;
use synfire_loihi::{PlainEngine, lower};
use synfire_net::{
    Connectivity, Decay, Delay, Engine, Fault, InputSchedule, LayerId, NetworkBuilder, Neuron,
    Observer, Refractory, Strictness, Weights,
};

/// Everything an engine reported, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) spikes: Vec<(u64, LayerId, Vec<u32>)>,
    pub(crate) faults: Vec<Fault>,
}

impl Record {
    /// The steps in which a neuron spiked.
    pub(crate) fn steps_of(&self, layer: LayerId, neuron_idx: u32) -> Vec<u64> {
        let of_neuron = self
            .spikes
            .iter()
            .filter(|(_, of, neurons)| *of == layer && neurons.contains(&neuron_idx));
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

pub(crate) fn engine(builder: NetworkBuilder, strictness: Strictness) -> PlainEngine {
    let program = lower(Arc::new(builder.build().unwrap())).unwrap();
    PlainEngine::new(Arc::new(program), strictness)
}

/// Steps, layer and source of input spikes.
pub(crate) fn schedule(spikes: &[(u64, LayerId, u32)]) -> InputSchedule {
    let mut schedule = InputSchedule::new();
    for &(step, layer, source_idx) in spikes {
        schedule.push(step, layer, source_idx);
    }
    schedule
}

/// Current and voltage of the only neuron of `layer` after each of `n_steps` steps.
pub(crate) fn run(
    engine: &mut PlainEngine,
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

pub(crate) fn one_to_one(weight: i32) -> Connectivity {
    one_to_one_delayed(weight, 0)
}

pub(crate) fn one_to_one_delayed(weight: i32, delay: u8) -> Connectivity {
    let delay = Delay::new(delay).unwrap();
    Connectivity::OneToOne { weights: Weights::Uniform(weight), delay }
}

/// A neuron by its decays and threshold mantissa.
pub(crate) fn neuron(current_decay: u16, voltage_decay: u16, threshold_mantissa: i32) -> Neuron {
    Neuron {
        current_decay: Decay::new(current_decay).unwrap(),
        voltage_decay: Decay::new(voltage_decay).unwrap(),
        ..Neuron::memoryless(threshold_mantissa * 64, 0, Refractory::ONE)
    }
}
