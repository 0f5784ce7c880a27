//! Circuits of the sized wiring with other strengths, refractory periods or biases.
//!
//! All fixed synapses of the sized circuit are there, some with strength 0, so that whoever knows the one circuit finds
//! his way in all of them. The published circuit is one of them (a test of `ablation` holds it against the published
//! form).

use std::borrow::Cow;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use synfire_circuit::{Dials, LearningCircuit, Population, Side};
use synfire_fast::FastEngine;
use synfire_net::{
    Connectivity, Engine, InputSchedule, LayerId, LayerKind, Network, NetworkBuilder, Observer,
    Operations, ProjectionId, Refractory, StepError, UNIT_GAIN, Weights as Wired, WeightsError,
};

use super::watched::fast;

/// Bias of the gated populations of both forms, in units of 64.
pub(crate) const BIAS: i32 = -8192;
/// The strongest inhibition of which all multiples of 64 below can be held.
pub(crate) const HOLD_MOST: i32 = 16_320;

pub(crate) const HIDDEN: [Population; 3] = [Population::H, Population::HLow, Population::HHigh];
pub(crate) const OUTPUT: [Population; 3] = [Population::O, Population::OLow, Population::OHigh];

/// A circuit of the sized wiring.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) dials: Dials,
    /// Bias of the gated populations, in units of 64.
    pub(crate) bias: i32,
    /// Gates that do not hold this side down.
    pub(crate) open: Vec<(u8, Side)>,
    /// Populations with another refractory period.
    pub(crate) refractory: Vec<(Population, u8)>,
}

impl Part {
    pub(crate) fn new(name: impl Into<String>, dials: Dials) -> Part {
        Part { name: name.into(), dials, bias: BIAS, open: Vec::new(), refractory: Vec::new() }
    }

    pub(crate) fn named(self, name: impl Into<String>) -> Part {
        Part { name: name.into(), ..self }
    }

    pub(crate) fn without(mut self, gates: &[u8], side: Side) -> Part {
        self.open.extend(gates.iter().map(|&gate| (gate, side)));
        self
    }

    pub(crate) fn refractory(mut self, populations: &[Population], steps: u8) -> Part {
        self.refractory.extend(populations.iter().map(|&population| (population, steps)));
        self
    }

    /// Holds h, o and hT with these strengths.
    pub(crate) fn held(mut self, [hidden, output, error]: [i32; 3]) -> Part {
        self.dials.hold_hidden = -hidden;
        self.dials.hold_output = -output;
        self.dials.hold_error = -error;
        self
    }

    pub(crate) fn holds(&self) -> [i32; 3] {
        [-self.dials.hold_hidden, -self.dials.hold_output, -self.dials.hold_error]
    }

    /// `i` times so many quarters, as far as the chip holds it.
    pub(crate) fn held_by(self, quarters: i32) -> Part {
        let holds = self.holds().map(|hold| (hold * quarters / 4 / 64 * 64).min(HOLD_MOST));
        self.held(holds)
    }

    /// Less bias, the gates weakened by as much, so that they open at the same potentials.
    pub(crate) fn biased(mut self, bias: i32) -> Part {
        let less = bias - self.bias;
        self.bias = bias;
        self.dials.gate -= less;
        self.dials.gate_high -= less;
        self
    }
}

/// The published circuit.
pub(crate) fn published() -> Part {
    lean(Part::new("published", Dials::published()))
}

/// Without what only the sized circuit holds down.
pub(crate) fn lean(part: Part) -> Part {
    part.without(&[0], Side::Hidden).without(&[8], Side::Output)
}

/// The published circuit with all strengths halved, bias and thresholds too: the same in everything but in that sums
/// may be twice as large before they wrap around.
pub(crate) fn wide() -> Part {
    let Dials { ring, .. } = Dials::published();
    let dials = Dials {
        plastic_gain: 32,
        threshold: 512,
        gate_threshold: 512,
        gate: 4352,
        gate_high: 4096,
        gate_extra: 256,
        error_extra: 256,
        one: 260,
        hold_hidden: -4064,
        hold_output: -4064,
        hold_error: -4064,
        ring: ring / 2,
    };
    Part { bias: BIAS / 2, ..lean(Part::new("wide", dials)) }
}

/// What the authors' code was at an earlier time: twice the inhibition, h held in 0 and o in 8, no refractory period.
pub(crate) fn earlier() -> Part {
    let part = Part::new("earlier", Dials::published()).held([16_256; 3]);
    part.refractory(&Population::WORKING, 1)
}

/// The sized circuit's network with the strengths and neurons of a part.
pub(crate) fn network_of(sized: &LearningCircuit, part: &Part) -> Result<Arc<Network>> {
    let network = sized.network();
    let (old, new) = (sized.dials(), &part.dials);
    let population = |layer: LayerId| {
        let gates = (0..12).map(Population::Gate);
        Population::WORKING.into_iter().chain(gates).find(|&it| sized.layer(it) == layer)
    };
    let mut builder = NetworkBuilder::new(format!("{}, {}", network.name(), part.name));
    for id in network.layer_ids() {
        let mut layer = network.layer(id).clone();
        let is_gate = matches!(population(id), Some(Population::Gate(_)));
        if let LayerKind::Neurons(neuron) = &mut layer.kind {
            if is_gate {
                neuron.threshold = new.gate_threshold * UNIT_GAIN;
            } else {
                neuron.threshold = new.threshold * UNIT_GAIN;
                neuron.bias = part.bias * UNIT_GAIN;
            }
            for (changed, steps) in &part.refractory {
                if sized.layer(*changed) == id
                    && let Some(refractory) = Refractory::new(*steps)
                {
                    neuron.refractory = refractory;
                }
            }
        }
        builder.layer(layer);
    }
    for wired in network.projections() {
        let mut wired = wired.clone();
        if wired.plasticity.is_some() {
            wired.gain = new.plastic_gain;
        } else {
            let (Connectivity::OneToOne { weights: Wired::Uniform(weight), .. }
            | Connectivity::OneToAll { weights: Wired::Uniform(weight), .. }) =
                &mut wired.connectivity
            else {
                bail!("the projection {} has other weights than expected", wired.name);
            };
            let (from, to) = (population(wired.source), population(wired.target));
            *weight = strength(old, new, *weight, from, to, &part.open)?;
        }
        builder.projection(wired);
    }
    if let Some(gating) = network.gating() {
        builder.gating(gating.clone());
    }
    Ok(Arc::new(builder.build()?))
}

/// The strength that takes the place of one of the sized circuit's.
fn strength(
    old: &Dials,
    new: &Dials,
    weight: i32,
    from: Option<Population>,
    to: Option<Population>,
    open: &[(u8, Side)],
) -> Result<i32> {
    if weight <= 0 && weight != -old.one {
        // Who is held down: by a gate, the populations of one side.
        let (Some(Population::Gate(gate)), Some(to)) = (from, to) else {
            bail!("nobody but a gate holds anyone down");
        };
        let side = if to == Population::HBack { Side::Output } else { to.side() };
        return Ok(match to {
            _ if open.contains(&(gate, side)) => 0,
            Population::HBack | Population::OBack => new.hold_error,
            _ if side == Side::Hidden => new.hold_hidden,
            _ => new.hold_output,
        });
    }
    let pairs = [
        (old.one, new.one),
        (-old.one, -new.one),
        (old.gate, new.gate),
        (old.gate_high, new.gate_high),
        (old.gate_extra, new.gate_extra),
        (old.ring, new.ring),
    ];
    match pairs.iter().find(|(old, _)| *old == weight) {
        Some((_, new)) => Ok(*new),
        None => bail!("the sized circuit has no strength {weight}"),
    }
}

/// An engine on a network that differs from the circuit's in strengths and neurons only, and passes for the circuit's.
pub(crate) struct Changed {
    inner: FastEngine,
    network: Arc<Network>,
}

impl Changed {
    pub(crate) fn new(circuit: &LearningCircuit, changed: &Arc<Network>) -> Result<Changed> {
        let network = Arc::clone(circuit.network());
        let ends = |network: &Network| -> Vec<(LayerId, LayerId)> {
            network.projections().iter().map(|wired| (wired.source, wired.target)).collect()
        };
        ensure!(ends(&network) == ends(changed), "the changed network is wired otherwise");
        Ok(Changed { inner: fast(changed)?, network })
    }
}

impl Engine for Changed {
    fn name(&self) -> &'static str {
        "changed"
    }
    fn network(&self) -> &Network {
        &self.network
    }
    fn step(&self) -> u64 {
        self.inner.step()
    }
    fn advance(
        &mut self,
        steps: u32,
        input: &InputSchedule,
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        self.inner.advance(steps, input, observer)
    }
    fn currents(&self, layer: LayerId) -> Vec<i64> {
        self.inner.currents(layer)
    }
    fn voltages(&self, layer: LayerId) -> Vec<i64> {
        self.inner.voltages(layer)
    }
    fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>> {
        self.inner.weights(projection)
    }
    fn set_weights(&mut self, to: ProjectionId, weights: &[i16]) -> Result<(), WeightsError> {
        self.inner.set_weights(to, weights)
    }
    fn operations(&self) -> Operations {
        self.inner.operations()
    }
}
