//! The learning circuit: twelve phases from a sample to its weight update.
//!
//! The wiring is clause P2 of `docs/semantics.md` (after Renner et al. 2024 and their published topology), the
//! phases are those of [`Population::learning_phases`]. The published form is theirs synapse for synapse; the sized
//! form has other strengths ([`Dials`]), holds the output populations in phase 8 as well, where the published one
//! trusts the bias, and holds the hidden populations in 8 and 0 neuron by neuron, by the memory of their activity,
//! where the published one has a gate for 8 and the bias for 0.

use crate::chain::Chain;
use crate::dials::{Dials, Form, Opening};
use crate::population::{LEARNING_PERIOD, Population, Side};
use crate::relay::Wiring;
use crate::shape::{CircuitError, CircuitShape, PlasticWeights, check_error_threshold};
use std::sync::Arc;
use synfire_net::{
    Connectivity, Delay, LayerId, Network, NetworkBuilder, Neuron, PhaseSet, Plasticity,
    Projection, ProjectionId, Refractory, Reward, Rule, UNIT_GAIN, WeightRange, Weights,
};

/// The published learning rule: up by 2 when pre- and postsynaptic neuron spike in a rewarded step, down
/// by 2 when they do in another.
pub const RULE: &str = "y0*x0*r1*4 - y0*x0*2";

/// The steps of a sample's cycle, counted from the last step of the cycle before, in which sources spike.
pub(crate) const INPUT_OFFSET: u64 = 1;
pub(crate) const TARGET_OFFSET: u64 = 3;
pub(crate) const REWARD_OFFSETS: [u64; 2] = [6, 8];

/// The learning circuit and where to find its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearningCircuit {
    pub(crate) shape: CircuitShape,
    pub(crate) form: Form,
    pub(crate) dials: Dials,
    pub(crate) network: Arc<Network>,
    pub(crate) layers: [LayerId; 15],
    pub(crate) chain: Chain,
    pub(crate) input: LayerId,
    pub(crate) target: LayerId,
    pub(crate) reward: LayerId,
    pub(crate) w1: [ProjectionId; 3],
    pub(crate) w2: [ProjectionId; 3],
    pub(crate) feedback_plus: ProjectionId,
    pub(crate) feedback_minus: ProjectionId,
}

impl LearningCircuit {
    /// Builds the circuit with our names.
    ///
    /// # Errors
    /// An error threshold the form cannot hold, or weights that do not fit the shape or the range.
    pub fn new(
        shape: CircuitShape,
        form: Form,
        weights: &PlasticWeights,
    ) -> Result<Self, CircuitError> {
        Self::named(shape, form, weights, Population::name)
    }

    /// Builds the circuit with layers named by `name`, such as [`Population::lanl_name`].
    ///
    /// # Errors
    /// As [`LearningCircuit::new`], and names that are not unique.
    pub fn named(
        shape: CircuitShape,
        form: Form,
        weights: &PlasticWeights,
        name: impl Fn(Population) -> String,
    ) -> Result<Self, CircuitError> {
        let published = form == Form::Published;
        check_error_threshold(shape.error_threshold, published)?;
        let dials = if published {
            Dials::published()
        } else {
            Dials::sized(shape.active(), shape.n_hidden, shape.n_outputs, shape.error_threshold)
        };
        let mut builder = NetworkBuilder::new(format!("learning circuit, {form}"));
        let layers = Population::WORKING.map(|population| {
            let size = match population.side() {
                Side::Input => shape.n_inputs,
                Side::Hidden => shape.n_hidden,
                Side::Output => shape.n_outputs,
                Side::Single => 1,
            };
            let layer = builder.neurons(name(population), size, gated_neuron(&dials, population));
            builder.allow(layer, population.learning_phases());
            layer
        });
        let chain = Chain::add(&mut builder, 12, &dials, |k| name(Population::Gate(k)));
        let mut source = |name: &str, size: u32, phases: &[u32]| {
            let layer = builder.sources(name, size);
            builder.allow(layer, PhaseSet::of(phases));
            layer
        };
        let input = source("input", shape.n_inputs, &[0]);
        let target = source("target", shape.n_outputs, &[2]);
        let reward = source("reward", 1, &[5, 7]);
        let at = |population| layers[working_index(population)];
        wire_fixed(&mut builder, &dials, published, &at, &chain.gates, input, target);

        let plastic = Plastic { dials: &dials, reward };
        use Population::{H, HBack, HHigh, HLow, O, OBack, OHigh, OLow, X};
        let w1 = [H, HLow, HHigh]
            .map(|to| plastic.add(&mut builder, at(X), at(to), &weights.w1, &[7, 11]));
        let w2 = [O, OLow, OHigh]
            .map(|to| plastic.add(&mut builder, at(H), at(to), &weights.w2, &[5, 9]));
        let feedback_plus =
            plastic.add(&mut builder, at(O), at(HBack), &weights.feedback_plus, &[5, 9]);
        let feedback_minus =
            plastic.add(&mut builder, at(OBack), at(HBack), &weights.feedback_minus, &[5, 9]);

        let network = Arc::new(builder.build()?);
        Ok(Self {
            shape,
            form,
            dials,
            network,
            layers,
            chain,
            input,
            target,
            reward,
            w1,
            w2,
            feedback_plus,
            feedback_minus,
        })
    }

    /// The network, for an engine.
    #[must_use]
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The shape the circuit was built for.
    #[must_use]
    pub const fn shape(&self) -> &CircuitShape {
        &self.shape
    }

    /// The form of the circuit.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// The fixed strengths of the circuit.
    #[must_use]
    pub const fn dials(&self) -> &Dials {
        &self.dials
    }

    /// The layer of a population.
    ///
    /// # Panics
    /// For a gate above the eleventh.
    #[must_use]
    pub fn layer(&self, population: Population) -> LayerId {
        match population {
            Population::Gate(k) => self.chain.gates[usize::from(k)],
            _ => self.layers[working_index(population)],
        }
    }

    /// The ring.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The sources of input, target and reward.
    #[must_use]
    pub const fn sources(&self) -> [LayerId; 3] {
        [self.input, self.target, self.reward]
    }

    /// The eight plastic projections with names: the copies of `w1` onto h, h<, h>, those of `w2` onto
    /// o, o<, o>, and the two feedback matrices.
    #[must_use]
    pub fn plastic(&self) -> [(&'static str, ProjectionId); 8] {
        let ([a, b, c], [d, e, f]) = (self.w1, self.w2);
        [
            ("w1", a),
            ("w1 onto h<", b),
            ("w1 onto h>", c),
            ("w2", d),
            ("w2 onto o<", e),
            ("w2 onto o>", f),
            ("feedback plus", self.feedback_plus),
            ("feedback minus", self.feedback_minus),
        ]
    }

    /// The projections that hold copies of `w1`, `w2`, and the feedback matrices, in this order.
    #[must_use]
    pub const fn matrices(
        &self,
    ) -> ([ProjectionId; 3], [ProjectionId; 3], ProjectionId, ProjectionId) {
        (self.w1, self.w2, self.feedback_plus, self.feedback_minus)
    }
}

fn working_index(population: Population) -> usize {
    Population::WORKING.iter().position(|&other| other == population).unwrap_or_default()
}

pub(crate) fn gated_neuron(dials: &Dials, population: Population) -> Neuron {
    // The error returns to a hidden neuron in two consecutive phases (its replay in 5 and 9, the error
    // in 6 and 10), so this population alone must be able to spike twice in a row.
    let refractory = match population {
        Population::HBack => Refractory::ONE,
        _ => Refractory::TWO,
    };
    let Opening { threshold, bias, .. } = dials.opening(population);
    Neuron::memoryless(threshold * UNIT_GAIN, bias * UNIT_GAIN, refractory)
}

/// The fixed synapses of clause P2.
fn wire_fixed(
    builder: &mut NetworkBuilder,
    dials: &Dials,
    published: bool,
    at: &impl Fn(Population) -> LayerId,
    gates: &[LayerId],
    input: LayerId,
    target: LayerId,
) {
    use Population::{
        C, DMinus, DPlus, H, HBack, HHigh, HLow, Mh, Mx, O, OBack, OHigh, OLow, T, X,
    };
    let mut wiring = Wiring { builder };
    let one = dials.one;
    wiring.relay(input, at(X), one, 0);
    wiring.relay(target, at(T), one, 0);
    // Memory and replay of the input and the hidden activity.
    wiring.relay(at(X), at(Mx), one, 4);
    wiring.relay(at(Mx), at(X), one, 0);
    wiring.relay(at(Mx), at(X), one, 4);
    wiring.relay(at(H), at(Mh), one, 0);
    for to in [H, HBack] {
        wiring.relay(at(Mh), at(to), one, 1);
        wiring.relay(at(Mh), at(to), one, 5);
    }
    // The derivative gate.
    wiring.relay(at(HLow), at(C), one, 3);
    wiring.relay(at(HHigh), at(C), -one, 3);
    for to in [H, HLow, HHigh] {
        wiring.relay(at(C), at(to), dials.hidden.gate, 0);
        wiring.relay(at(C), at(to), dials.hidden.gate, 4);
    }
    // The output error.
    for to in [DMinus, DPlus] {
        wiring.relay(at(OLow), at(to), dials.other.gate, 0);
    }
    wiring.relay(at(OHigh), at(DMinus), -one, 0);
    wiring.relay(at(O), at(DMinus), one, 0);
    wiring.relay(at(T), at(DMinus), -one, 0);
    wiring.relay(at(T), at(DPlus), one, 0);
    wiring.relay(at(O), at(DPlus), -one, 0);
    // The error on its way back: up in 5 and 7, down in 9 and 11.
    for to in [O, OLow, OHigh] {
        wiring.relay(at(DPlus), at(to), one, 0);
        wiring.relay(at(DMinus), at(to), one, 4);
    }
    wiring.relay(at(DPlus), at(OBack), one, 4);
    wiring.relay(at(DMinus), at(OBack), one, 0);
    for to in [H, HLow, HHigh] {
        wiring.relay(at(HBack), at(to), one, 0);
    }
    if !published {
        // Who was active is held down while the input is replayed: the memory of phase 3 acts in 8 and 0.
        for to in [H, HLow, HHigh] {
            wiring.relay(at(Mh), at(to), dials.hold_hidden, 4);
            wiring.relay(at(Mh), at(to), dials.hold_hidden, 8);
        }
    }
    // Who opens whom.
    let mut open = |k: usize, to: Population, weight: i32| {
        wiring.gate(gates[k], at(to), weight);
    };
    let gate = |to| dials.opening(to).gate;
    open(1, X, gate(X));
    open(2, H, gate(H));
    open(2, HLow, gate(HLow));
    open(2, HLow, dials.gate_extra);
    open(2, HHigh, dials.hidden.gate_high);
    for to in [Mh, T, O, OLow] {
        open(3, to, gate(to));
    }
    open(3, OLow, dials.gate_extra);
    open(3, OHigh, dials.other.gate_high);
    for k in [5, 9] {
        for to in [H, HBack, OBack, O, OLow, OHigh] {
            open(k, to, gate(to));
        }
    }
    for to in [Mx, C] {
        open(6, to, gate(to));
    }
    for k in [6, 10] {
        open(k, HBack, gate(HBack));
        open(k, HBack, dials.error_extra);
    }
    for k in [7, 11] {
        open(k, X, gate(X));
    }
    // Who is held down by a gate while memories are replayed.
    for to in [HBack, OBack] {
        open(4, to, dials.hold_error);
    }
    if published {
        for to in [H, HLow, HHigh] {
            open(8, to, dials.hold_hidden);
        }
    }
    let hold_output: &[usize] = if published { &[6, 10, 0] } else { &[6, 8, 10, 0] };
    for &k in hold_output {
        for to in [O, OLow, OHigh] {
            open(k, to, dials.hold_output);
        }
    }
    debug_assert_eq!(gates.len(), LEARNING_PERIOD as usize, "the ring has one gate per phase");
}

struct Plastic<'a> {
    dials: &'a Dials,
    reward: LayerId,
}

impl Plastic<'_> {
    fn add(
        &self,
        builder: &mut NetworkBuilder,
        source: LayerId,
        target: LayerId,
        weights: &[i16],
        phases: &[u32],
    ) -> ProjectionId {
        let name =
            format!("{} to {}, plastic", builder.layer_name(source), builder.layer_name(target));
        let each = weights.iter().map(|&weight| i32::from(weight)).collect();
        builder.projection(Projection {
            name,
            source,
            target,
            connectivity: Connectivity::AllToAll {
                weights: Weights::Each(each),
                delay: Delay::ZERO,
            },
            gain: self.dials.plastic_gain,
            plasticity: Some(Plasticity {
                reward: Reward::flash(self.reward, 1),
                phases: Some(PhaseSet::of(phases)),
                ..Plasticity::new(
                    RULE.parse::<Rule>().expect("the published rule is well formed"),
                    WeightRange::MIXED,
                )
            }),
        })
    }
}
