//! The proof that no population can spike outside its phases and no sum can wrap, or what is missing.
//!
//! [`prove`] bounds the input of every population in every phase. It argues by induction over steps:
//! if up to step t every population spiked in its phases only, the input of step t + 1 is a sum over the
//! synapses whose source may have spiked in the right phase. Of an all-to-all projection at most as many
//! rows contribute as its source can have active neurons at once; a plastic weight may be anything in its
//! range; a gate of the ring spikes for certain in its phase, so that what it holds down is held down;
//! populations that receive equal fixed inputs in a phase spike alike (o, o< and o> when the error is
//! replayed), so that what they relay onwards adds up before it is bounded. Where the hidden neurons are held by the
//! memory of their own activity, `echo` bounds those that were active and those that were not, each by itself.
//!
//! A population is *proved* in a phase if its largest input cannot make it spike where it must not, and
//! neither end of the bound wraps the chip's accumulator of one step. Where that fails, the row says how
//! far the bound overshoots, and the engines watch every step at run time instead.
//!
//! The bounds hold for neurons without memory, which all populations of these circuits are, and from the
//! first sample on, when the ring runs.

mod echo;

use crate::learning::LearningCircuit;
use crate::population::{LEARNING_PERIOD, Population};
use std::fmt;
use synfire_net::{Connectivity, Decay, LayerId, Network, Neuron, PhaseSet, Projection, UNIT_GAIN};

/// Charge of one step beyond which the chip's accumulator wraps: 22 bits with sign.
const INPUT_MIN: i64 = -(1 << 21);
const INPUT_MAX: i64 = (1 << 21) - 1;
/// Cycles a refractory period of at most 63 steps can reach back.
const MAX_HOLD: u32 = 6;

/// Bounds of one population's input in one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The population, by the name of its layer.
    pub population: String,
    /// The phase, 0 to period - 1.
    pub phase: u32,
    /// Whether it may spike in this phase.
    pub may_spike: bool,
    /// Smallest possible input, in units of charge.
    pub lowest: i64,
    /// Largest possible input, in units of charge.
    pub highest: i64,
    /// Largest input that is harmless: it does not wrap and, where the population must rest, does not
    /// make it spike.
    pub ceiling: i64,
}

impl Row {
    /// How far the bounds stay away from harm, in units of charge; negative where the proof fails.
    #[must_use]
    pub fn headroom(&self) -> i64 {
        (self.ceiling - self.highest).min(self.lowest - INPUT_MIN)
    }

    /// Whether the bounds prove the population harmless in this phase.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.headroom() >= 0
    }
}

/// A plastic projection whose ends may spike together where it must not learn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayLearning {
    /// The projection, by name.
    pub projection: String,
    /// The phases in which both ends may spike although the projection may not learn.
    pub phases: PhaseSet,
}

/// What [`prove`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// One row per population and phase, in the order of layers, then phases.
    pub rows: Vec<Row>,
    /// Projections that could learn in a wrong phase; empty in these circuits.
    pub stray_learning: Vec<StrayLearning>,
    /// Populations with memory, to which the argument does not apply; empty in these circuits.
    pub with_memory: Vec<String>,
    /// Units of charge in one unit of a plastic weight.
    pub plastic_gain: i32,
}

impl Proof {
    /// Whether the whole circuit is proved exact for every weight the limits allow.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stray_learning.is_empty()
            && self.with_memory.is_empty()
            && self.rows.iter().all(Row::is_proved)
    }

    /// The rows that are not proved: what the engines must watch.
    pub fn missing(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.is_proved())
    }
}

/// Bounds every population of a learning circuit in every phase.
#[must_use]
pub fn prove(circuit: &LearningCircuit) -> Proof {
    let shape = circuit.shape();
    let [input, target, _] = circuit.sources();
    let limits = [
        (input, shape.active()),
        (circuit.layer(Population::X), shape.active()),
        (circuit.layer(Population::Mx), shape.active()),
        (target, 1),
        (circuit.layer(Population::T), 1),
    ];
    let network = circuit.network();
    let mut proof = Proof {
        rows: Vec::new(),
        stray_learning: Vec::new(),
        with_memory: Vec::new(),
        plastic_gain: circuit.dials().plastic_gain,
    };
    for layer_id in network.layer_ids() {
        let layer = network.layer(layer_id);
        let Some(neuron) = layer.neuron() else { continue };
        if !is_memoryless(neuron) {
            proof.with_memory.push(layer.name.clone());
        }
        for phase in 0..LEARNING_PERIOD {
            let (lowest, highest) = echo::bounds(circuit, layer_id, phase)
                .unwrap_or_else(|| bounds(network, layer_id, phase, &limits));
            let may_spike = layer.phases.is_none_or(|phases| phases.contains(phase));
            let silent_up_to = i64::from(neuron.threshold) - i64::from(neuron.bias);
            let ceiling = if may_spike { INPUT_MAX } else { INPUT_MAX.min(silent_up_to) };
            let population = layer.name.clone();
            proof.rows.push(Row { population, phase, may_spike, lowest, highest, ceiling });
        }
    }
    for projection in network.projections() {
        let Some(learning) = &projection.plasticity else { continue };
        let allowed = learning.phases.unwrap_or(PhaseSet::EMPTY);
        let ends = [projection.source, projection.target].map(|id| phases_of(network, id));
        let stray = (0..LEARNING_PERIOD).filter(|&phase| {
            ends.iter().all(|end| end.contains(phase)) && !allowed.contains(phase)
        });
        if let Some(phases) =
            PhaseSet::try_of(&stray.collect::<Vec<_>>()).filter(|set| !set.is_empty())
        {
            proof
                .stray_learning
                .push(StrayLearning { projection: projection.name.clone(), phases });
        }
    }
    proof
}

fn phases_of(network: &Network, layer: LayerId) -> PhaseSet {
    let every: Vec<u32> = (0..LEARNING_PERIOD).collect();
    network.layer(layer).phases.unwrap_or_else(|| PhaseSet::of(&every))
}

/// The least and the greatest input of any neuron of a layer in one phase.
fn bounds(network: &Network, target: LayerId, phase: u32, limits: &[(LayerId, u32)]) -> (i64, i64) {
    let (mut lowest, mut highest) = (0, 0);
    // Relays from populations that spike alike: their weights act together or not at all.
    let mut relayed: Vec<(Twin, i64)> = Vec::new();
    for (projection, sent) in incoming(network, target, phase) {
        let source = network.layer(projection.source);
        let is_gate =
            network.gating().is_some_and(|gating| gating.chain.contains(&projection.source));
        let (low, high) = weight_bounds(projection);
        let gain = i64::from(projection.gain);
        let rows = match projection.connectivity {
            Connectivity::OneToOne { .. } if !is_gate && low == high => {
                let twin = twin_of(network, projection.source, sent);
                match relayed.iter_mut().find(|(other, _)| *other == twin) {
                    Some((_, charge)) => *charge += low * gain,
                    None => relayed.push((twin, low * gain)),
                }
                continue;
            }
            Connectivity::OneToOne { .. } | Connectivity::OneToAll { .. } => 1,
            Connectivity::AllToAll { .. } | Connectivity::List(_) => limits
                .iter()
                .find(|(layer, _)| *layer == projection.source)
                .map_or(source.n_neurons, |(_, active)| *active),
        };
        let (low, high) = (low * gain * i64::from(rows), high * gain * i64::from(rows));
        // A gate spikes for certain; anybody else may also be silent.
        lowest += if is_gate { low } else { low.min(0) };
        highest += if is_gate { high } else { high.max(0) };
    }
    for (_, charge) in relayed {
        lowest += charge.min(0);
        highest += charge.max(0);
    }
    (lowest, highest)
}

/// The projections whose spikes may act on a layer in a phase, with the phase in which they were sent.
fn incoming(
    network: &Network,
    target: LayerId,
    phase: u32,
) -> impl Iterator<Item = (&Projection, u32)> {
    network.projections().iter().filter(move |projection| projection.target == target).filter_map(
        move |projection| {
            // A spike of phase p acts in phase p + 1 + delay; the circuits use one delay a projection.
            let late = (1 + u32::from(projection.max_delay().get())) % LEARNING_PERIOD;
            let sent = (phase + LEARNING_PERIOD - late) % LEARNING_PERIOD;
            phases_of(network, projection.source).contains(sent).then_some((projection, sent))
        },
    )
}

/// What decides whether neuron k of a population spikes in a phase, where that is the same for several
/// populations: neurons without memory, not held by an earlier spike, that receive equal fixed inputs.
/// Otherwise the population itself.
#[derive(PartialEq)]
enum Twin {
    Alike(Neuron, Vec<(LayerId, u32, i64)>),
    Alone(LayerId),
}

fn twin_of(network: &Network, layer_id: LayerId, phase: u32) -> Twin {
    let Some(neuron) = network.layer(layer_id).neuron() else { return Twin::Alone(layer_id) };
    if !is_memoryless(neuron) || may_be_held(network, layer_id, neuron, phase) {
        return Twin::Alone(layer_id);
    }
    let mut inputs = Vec::new();
    for (projection, sent) in incoming(network, layer_id, phase) {
        let (low, high) = weight_bounds(projection);
        let is_fixed = projection.plasticity.is_none() && low == high;
        let is_simple = matches!(
            projection.connectivity,
            Connectivity::OneToOne { .. } | Connectivity::OneToAll { .. }
        );
        if !is_fixed || !is_simple {
            return Twin::Alone(layer_id);
        }
        inputs.push((projection.source, sent, low * i64::from(projection.gain)));
    }
    inputs.sort_unstable();
    Twin::Alike(*neuron, inputs)
}

fn is_memoryless(neuron: &Neuron) -> bool {
    neuron.current_decay == Decay::CLEAR && neuron.voltage_decay == Decay::CLEAR
}

/// Whether an earlier spike may hold a neuron in a phase.
fn may_be_held(network: &Network, layer_id: LayerId, neuron: &Neuron, phase: u32) -> bool {
    (1..u32::from(neuron.refractory.get())).any(|before| {
        let earlier = (phase + MAX_HOLD * LEARNING_PERIOD - before) % LEARNING_PERIOD;
        phases_of(network, layer_id).contains(earlier)
    })
}

fn weight_bounds(projection: &Projection) -> (i64, i64) {
    if let Some(learning) = &projection.plasticity {
        return (i64::from(learning.range.min), i64::from(learning.range.max));
    }
    use synfire_net::Weights::{Each, Uniform};
    match &projection.connectivity {
        Connectivity::AllToAll { weights, .. }
        | Connectivity::OneToOne { weights, .. }
        | Connectivity::OneToAll { weights, .. } => match weights {
            Uniform(weight) => (i64::from(*weight), i64::from(*weight)),
            Each(each) => extremes(each.iter().copied()),
        },
        Connectivity::List(synapses) => extremes(synapses.iter().map(|synapse| synapse.weight)),
    }
}

fn extremes(weights: impl Iterator<Item = i32> + Clone) -> (i64, i64) {
    let low = weights.clone().min().unwrap_or(0);
    (i64::from(low), i64::from(weights.max().unwrap_or(0)))
}

/// A table of one line per population and phase that receives anything, in units of 64; and what is
/// missing, in units of a plastic weight.
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = i64::from(UNIT_GAIN);
        writeln!(f, "population  phase   input from      to   harmless to   headroom")?;
        for row in self.rows.iter().filter(|row| (row.lowest, row.highest) != (0, 0)) {
            let verdict = match (row.is_proved(), row.may_spike) {
                (true, true) => "may spike, cannot wrap",
                (true, false) => "proved silent",
                (false, _) => "NOT proved: watched at run time",
            };
            writeln!(
                f,
                "{:<10}  {:>5}   {:>10} {:>7}   {:>11}   {:>8}   {verdict}",
                row.population,
                row.phase,
                row.lowest.div_euclid(unit),
                row.highest.div_euclid(unit),
                row.ceiling.div_euclid(unit),
                row.headroom().div_euclid(unit),
            )?;
        }
        for stray in &self.stray_learning {
            let StrayLearning { projection, phases } = stray;
            writeln!(f, "{projection}: could learn in phases {phases}: watched at run time")?;
        }
        for population in &self.with_memory {
            writeln!(
                f,
                "{population}: its neurons have memory, to which this proof does not apply"
            )?;
        }
        if self.is_complete() {
            return writeln!(
                f,
                "proved: no weight within the limits can make a population spike outside its phases or \
                 a sum wrap"
            );
        }
        writeln!(
            f,
            "not proved for every weight within the limits; the engines watch every step:"
        )?;
        for row in self.missing() {
            let lacking = -row.headroom();
            writeln!(
                f,
                "  {} in phase {}: worst case overshoots by {} plastic weight units",
                row.population,
                row.phase,
                (lacking + i64::from(self.plastic_gain) - 1) / i64::from(self.plastic_gain),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CircuitShape, Form, PlasticWeights};

    fn proof(shape: CircuitShape, form: Form) -> Proof {
        let circuit = LearningCircuit::new(shape, form, &PlasticWeights::zeros(&shape));
        prove(&circuit.expect("a valid shape"))
    }

    #[test]
    fn the_sized_circuit_is_proved_up_to_241_active_inputs_and_170_hidden_neurons() {
        let shape = CircuitShape::new(400, 170, 10).with_max_active(241);
        let complete = proof(shape, Form::Sized);
        assert!(complete.is_complete(), "{complete}");
        let missing = |n_hidden, max_active| {
            let shape = CircuitShape::new(400, n_hidden, 10).with_max_active(max_active);
            let proof = proof(shape, Form::Sized);
            let rows = proof.missing().map(|row| (row.population.clone(), row.phase));
            rows.collect::<Vec<_>>()
        };
        // The open phase of h< and the echo of all three, at 242 times 127.
        let rows = [("h", 0), ("h", 8), ("h<", 0), ("h<", 2), ("h<", 8), ("h>", 0), ("h>", 8)];
        assert_eq!(missing(170, 242), rows.map(|(name, phase)| (name.to_owned(), phase)));
        let rows = missing(172, 100);
        assert!(!rows.is_empty() && rows.iter().all(|(name, _)| name.starts_with('o')), "{rows:?}");
    }

    #[test]
    fn the_published_circuit_is_proved_for_small_layers_only() {
        // Phase 0 trusts the bias: 9216 units, 36 weights of 254.
        assert!(proof(CircuitShape::new(36, 36, 10), Form::Published).is_complete());
        let missing = proof(CircuitShape::new(37, 36, 10), Form::Published);
        let missing: Vec<_> =
            missing.missing().map(|row| (row.population.as_str(), row.phase)).collect();
        assert_eq!(missing, [("h", 0), ("h<", 0), ("h>", 0)]);
    }

    #[test]
    fn a_weaker_hold_or_memory_is_noticed() {
        let shape = CircuitShape::new(170, 170, 10);
        let circuit = LearningCircuit::new(shape, Form::Sized, &PlasticWeights::zeros(&shape))
            .expect("a valid shape");
        let text = synfire_net::file::write(circuit.network());
        let is_proved_with = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            let network = synfire_net::file::parse(&text.replace(from, to)).expect("still valid");
            prove(&LearningCircuit { network: network.into(), ..circuit.clone() }).is_complete()
        };
        assert!(is_proved_with("bias", "bias"));
        let dials = *circuit.dials();
        for hold in [dials.hold_hidden, dials.hold_output] {
            let weight = |hold: i32| format!("weight = {hold}\n");
            assert!(!is_proved_with(&weight(hold), &weight(hold / 2)), "{hold}");
        }
        // A memory that comes too late, and one that does not fire, hold nobody.
        for (right, wrong) in [(4, 5), (8, 7)] {
            let hold = |delay: i32| {
                format!("delay = {delay}\ngain = 64\nweight = {}\n", dials.hold_hidden)
            };
            assert!(!is_proved_with(&hold(right), &hold(wrong)), "{wrong}");
        }
    }
}
