//! Circuits of one of the two wirings with other strengths, refractory periods or biases.
//!
//! A [`Part`] is a form of the circuit and what is changed in it. Those of the published form have its synapses
//! and, behind them, those by which gates 0 and 8 would hold h and o, with strength 0 where they do not: whoever
//! knows the form's circuit finds his way in all of them. An unchanged part is the form itself (a test of
//! `ablation` holds them against each other).

use std::borrow::Cow;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use synfire_circuit::{Dials, Form, LearningCircuit, Opening, Population, Side};
use synfire_fast::FastEngine;
use synfire_net::{
    Connectivity, Delay, Engine, InputSchedule, LayerId, LayerKind, Network, NetworkBuilder,
    Observer, Operations, ProjectionId, Refractory, StepError, UNIT_GAIN, Weights as Wired,
    WeightsError,
};

use super::watched::fast;

/// The strongest inhibition of which all multiples of 64 below can be held.
pub(crate) const HOLD_MOST: i32 = 16_320;
/// The strongest at all, of which all multiples of 128 below can be held.
pub(crate) const MEMORY_HOLD_MOST: i32 = 32_640;

pub(crate) const HIDDEN: [Population; 3] = [Population::H, Population::HLow, Population::HHigh];
pub(crate) const OUTPUT: [Population; 3] = [Population::O, Population::OLow, Population::OHigh];

/// A circuit of one of the wirings.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) dials: Dials,
    /// Phases in which this side is not held down.
    pub(crate) open: Vec<(u8, Side)>,
    /// Populations with another refractory period.
    pub(crate) refractory: Vec<(Population, u8)>,
}

impl Part {
    pub(crate) fn new(name: impl Into<String>, form: Form, dials: Dials) -> Part {
        Part { name: name.into(), form, dials, open: Vec::new(), refractory: Vec::new() }
    }

    pub(crate) fn named(self, name: impl Into<String>) -> Part {
        Part { name: name.into(), ..self }
    }

    pub(crate) fn without(mut self, phases: &[u8], side: Side) -> Part {
        self.open.extend(phases.iter().map(|&phase| (phase, side)));
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
        let holds = self.holds().map(|hold| match hold * quarters / 4 {
            wanted @ ..=HOLD_MOST => wanted / 64 * 64,
            wanted => (wanted / 128 * 128).min(MEMORY_HOLD_MOST),
        });
        self.held(holds)
    }

    /// So many quarters of each bias, the gates weakened by as much, so that they open at the same potentials.
    pub(crate) fn biased_by(mut self, quarters: i32) -> Part {
        for opening in [&mut self.dials.hidden, &mut self.dials.other] {
            let less = opening.bias * quarters / 4 - opening.bias;
            opening.bias += less;
            opening.gate -= less;
            opening.gate_high -= less;
        }
        self
    }
}

/// The published circuit.
pub(crate) fn published() -> Part {
    lean(Part::new("published", Form::Published, Dials::published()))
}

/// Without what the published circuit does not hold down.
pub(crate) fn lean(part: Part) -> Part {
    part.without(&[0], Side::Hidden).without(&[8], Side::Output)
}

/// The published circuit with all strengths halved, bias and thresholds too: the same in everything but in that sums
/// may be twice as large before they wrap around.
pub(crate) fn wide() -> Part {
    let Dials { ring, .. } = Dials::published();
    let opening = Opening { threshold: 512, bias: -4096, gate: 4352, gate_high: 4096 };
    let dials = Dials {
        plastic_gain: 32,
        hidden: opening,
        other: opening,
        gate_threshold: 512,
        gate_extra: 256,
        error_extra: 256,
        one: 260,
        hold_hidden: -4064,
        hold_output: -4064,
        hold_error: -4064,
        ring: ring / 2,
    };
    lean(Part::new("wide", Form::Published, dials))
}

/// What the authors' code was at an earlier time: twice the inhibition, h held in 0 and o in 8, no refractory period.
pub(crate) fn earlier() -> Part {
    let part = Part::new("earlier", Form::Published, Dials::published()).held([16_256; 3]);
    part.refractory(&Population::WORKING, 1)
}

/// The network of the part's form with the strengths and neurons of the part.
pub(crate) fn network_of(circuit: &LearningCircuit, part: &Part) -> Result<Arc<Network>> {
    ensure!(circuit.form() == part.form, "{} is of the other form", part.name);
    let network = circuit.network();
    let (old, new) = (circuit.dials(), &part.dials);
    let population = |layer: LayerId| {
        let gates = (0..12).map(Population::Gate);
        Population::WORKING.into_iter().chain(gates).find(|&it| circuit.layer(it) == layer)
    };
    let mut builder = NetworkBuilder::new(format!("{}, {}", network.name(), part.name));
    for id in network.layer_ids() {
        let mut layer = network.layer(id).clone();
        if let LayerKind::Neurons(neuron) = &mut layer.kind {
            match population(id) {
                Some(Population::Gate(_)) | None => {
                    neuron.threshold = new.gate_threshold * UNIT_GAIN;
                }
                Some(population) => {
                    let Opening { threshold, bias, .. } = new.opening(population);
                    neuron.threshold = threshold * UNIT_GAIN;
                    neuron.bias = bias * UNIT_GAIN;
                }
            }
            for (changed, steps) in &part.refractory {
                if circuit.layer(*changed) == id
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
            let delay = wired.max_delay();
            let (Connectivity::OneToOne { weights: Wired::Uniform(weight), .. }
            | Connectivity::OneToAll { weights: Wired::Uniform(weight), .. }) =
                &mut wired.connectivity
            else {
                bail!("the projection {} has other weights than expected", wired.name);
            };
            let (from, to) = (population(wired.source), population(wired.target));
            *weight = strength(old, new, *weight, delay, from, to, &part.open)?;
        }
        builder.projection(wired);
    }
    if part.form == Form::Published {
        for (gate, side, held, hold) in
            [(0, Side::Hidden, HIDDEN, new.hold_hidden), (8, Side::Output, OUTPUT, new.hold_output)]
        {
            let hold = if part.open.contains(&(gate, side)) { 0 } else { hold };
            for to in held {
                let (source, target) = (circuit.layer(Population::Gate(gate)), circuit.layer(to));
                let weights = Wired::Uniform(hold);
                let wired = Connectivity::OneToAll { weights, delay: Delay::ZERO };
                builder.connect(format!("g{gate} holds {}", to.name()), source, target, wired);
            }
        }
    }
    if let Some(gating) = network.gating() {
        builder.gating(gating.clone());
    }
    Ok(Arc::new(builder.build()?))
}

/// The strength that takes the place of one of the form's.
fn strength(
    old: &Dials,
    new: &Dials,
    weight: i32,
    delay: Delay,
    from: Option<Population>,
    to: Option<Population>,
    open: &[(u8, Side)],
) -> Result<i32> {
    if weight <= 0 && weight != -old.one {
        // Who is held down: by a gate all of a population, by the memory of phase 3 who was active.
        let to = to.context("somebody is held who is no population")?;
        let phase = match from {
            Some(Population::Gate(phase)) => phase,
            Some(Population::Mh) => (3 + 1 + delay.get()) % 12,
            _ => bail!("nobody but a gate or a memory holds anyone down"),
        };
        let side = if to == Population::HBack { Side::Output } else { to.side() };
        return Ok(match to {
            _ if open.contains(&(phase, side)) => 0,
            Population::HBack | Population::OBack => new.hold_error,
            _ if side == Side::Hidden => new.hold_hidden,
            _ => new.hold_output,
        });
    }
    let [from_opening, to_opening] =
        [old, new].map(|dials| to.map_or(dials.other, |population| dials.opening(population)));
    let pairs = [
        (old.one, new.one),
        (-old.one, -new.one),
        (from_opening.gate, to_opening.gate),
        (from_opening.gate_high, to_opening.gate_high),
        (old.gate_extra, new.gate_extra),
        (old.ring, new.ring),
    ];
    match pairs.iter().find(|(old, _)| *old == weight) {
        Some((_, new)) => Ok(*new),
        None => bail!("the circuit has no strength {weight}"),
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
        let is_known = ends(changed).starts_with(&ends(&network));
        ensure!(is_known, "the changed network is wired otherwise");
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
