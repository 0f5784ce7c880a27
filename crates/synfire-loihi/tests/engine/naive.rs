//! A second simulator, written from the chip's rules and the order of a step alone.
//!
//! It shares no arithmetic with the crate: wide integers, the published formulas in another form (the
//! decrement of a decay rounded up instead of the rest rounded down, a wrap by remainder), all
//! synapses visited in every step, input kept as a list of what arrives when, and rules evaluated as
//! fractions.

use std::sync::Arc;
use synfire_net::rule::{Dependency, Factor, Rule, Variable};
use synfire_net::{Fault, FaultKind, LayerId, LayerKind, Network, ProjectionId, Synapse, Weights};

pub(crate) struct Naive {
    network: Arc<Network>,
    step: u64,
    pub(crate) currents: Vec<Vec<i64>>,
    pub(crate) voltages: Vec<Vec<i64>>,
    held: Vec<Vec<u8>>,
    pub(crate) weights: Vec<Vec<i64>>,
    synapses: Vec<Vec<Synapse>>,
    /// (step, layer, neuron, charge)
    arriving: Vec<(u64, usize, usize, i64)>,
}

/// What one step reported.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) spikes: Vec<(u64, LayerId, Vec<u32>)>,
    pub(crate) faults: Vec<Fault>,
}

impl Naive {
    pub(crate) fn new(network: Arc<Network>) -> Self {
        let neurons: Vec<usize> = network
            .layers()
            .iter()
            .map(|layer| if layer.is_source() { 0 } else { layer.n_neurons as usize })
            .collect();
        let synapses: Vec<Vec<Synapse>> =
            network.projection_ids().map(|id| network.synapses(id).collect()).collect();
        Self {
            step: 0,
            currents: neurons.iter().map(|&n| vec![0; n]).collect(),
            voltages: neurons.iter().map(|&n| vec![0; n]).collect(),
            held: neurons.iter().map(|&n| vec![0; n]).collect(),
            weights: synapses
                .iter()
                .map(|all| all.iter().map(|synapse| synapse.weight.into()).collect())
                .collect(),
            synapses,
            arriving: Vec::new(),
            network,
        }
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
            for (idx, synapse) in self.synapses[id.index()].iter().enumerate() {
                if spiked[projection.source.index()][synapse.source as usize] {
                    let charge = self.weights[id.index()][idx] * i64::from(projection.gain);
                    let due = step + 1 + u64::from(synapse.delay.get());
                    let target = synapse.target as usize;
                    self.arriving.push((due, projection.target.index(), target, charge));
                }
            }
        }
        for id in network.projection_ids() {
            self.learn(id, &spiked, phase, &mut found.faults);
        }
        found
    }

    /// Whether the neuron spikes.
    fn neuron(&mut self, id: LayerId, idx: usize, fault: &mut impl FnMut(FaultKind)) -> bool {
        let layer = id.index();
        let parameters = *self.network.layer(id).neuron().unwrap();
        let mut q = 0;
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
        let i = u + i64::from(parameters.bias);
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
        let rewarded = plasticity.reward.is_some_and(|reward| spiked[reward.source.index()][0]);
        let r1 = if rewarded { plasticity.reward.unwrap().trace.impulse.whole() } else { 0 };
        let rule = plasticity.rules.weight.as_ref().unwrap();
        for (idx, synapse) in self.synapses[id.index()].iter().enumerate() {
            let x0 = spiked[projection.source.index()][synapse.source as usize];
            let y0 = spiked[projection.target.index()][synapse.target as usize];
            if let (true, true, Some(phase), Some(allowed)) = (x0, y0, phase, plasticity.phases)
                && !allowed.contains(phase)
            {
                faults.push(Fault {
                    step: self.step,
                    layer: projection.target,
                    neuron_idx: synapse.target,
                    kind: FaultKind::LearningOutsidePhase {
                        phase,
                        projection: id,
                        source_idx: synapse.source,
                    },
                });
            }
            let change = change(rule, x0, y0, r1);
            let weight = self.weights[id.index()][idx] + change;
            let range = plasticity.range;
            self.weights[id.index()][idx] = weight.clamp(range.min.into(), range.max.into());
        }
    }
}

fn decayed(x: i64, loss: u16) -> i64 {
    let decrement = (x.abs() * i64::from(loss) + 4095) / 4096;
    x - x.signum() * decrement
}

fn wrapped(x: i64, bits: u32) -> i64 {
    let half = 1 << bits;
    (x + half).rem_euclid(2 * half) - half
}

/// The change that a rule without traces asks for, which must be a whole number.
fn change(rule: &Rule, x0: bool, y0: bool, r1: u8) -> i64 {
    let flag = |set: bool| i64::from(set);
    let mut in_128ths = 0;
    for product in rule.products() {
        let mut value = match product.gate() {
            Dependency::X0 => flag(x0),
            Dependency::Y0 => flag(y0),
            Dependency::U(_) => unreachable!("not in the networks of these tests"),
        };
        value *= i64::from(product.mantissa()) * (1 << (product.exponent() + 7));
        for factor in product.factors() {
            value *= match *factor {
                Factor::X0 => flag(x0),
                Factor::Y0 => flag(y0),
                Factor::Sum { variable: Variable::R1, constant } => {
                    i64::from(r1) + i64::from(constant)
                }
                _ => unreachable!("not in the networks of these tests"),
            };
        }
        in_128ths += value;
    }
    assert_eq!(in_128ths % 128, 0, "{rule}");
    in_128ths / 128
}

/// All weights equal, or one each.
pub(crate) fn weights(each: Vec<i32>) -> Weights {
    if each.windows(2).all(|pair| pair[0] == pair[1]) && !each.is_empty() {
        Weights::Uniform(each[0])
    } else {
        Weights::Each(each)
    }
}
