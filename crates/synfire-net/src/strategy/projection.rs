//! Projections: every pattern, every sign mode, learning or not.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{LayerDraft, Reach, Scope, learning, masked, neuron, traced};
use crate::{
    Connectivity, Delay, LayerId, LearningPeriod, Plasticity, Projection, Reward, Synapse,
    WeightRange, Weights,
};

/// Largest sum of magnitudes of all weights onto a neuron: what the input of one step can hold, or what
/// 32 bits can.
const fn largest_sum(reach: Reach) -> i64 {
    match reach {
        Reach::Bounded => (1 << 21) - 1,
        Reach::Wrapping => i32::MAX as i64,
    }
}

/// A projection whose ends are not looked up yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    name: &'static str,
    source: Index,
    /// Whether the source is looked up among the layers of sources, and not among all.
    is_input: bool,
    target: Index,
    pattern: Pattern,
    strength: Strength,
    /// Mantissas, used in turn; one of them for all synapses if `is_uniform`.
    mantissas: Vec<i16>,
    is_uniform: bool,
}

#[derive(Clone, Debug)]
enum Pattern {
    AllToAll(Delay),
    OneToOne(Delay),
    OneToAll(Delay),
    /// Ends and delays; the first `n_repeated` of them once more.
    List {
        synapses: Vec<(Index, Index, Delay)>,
        n_repeated: usize,
    },
}

#[derive(Clone, Debug)]
enum Strength {
    Static(Format),
    Plastic(learning::Draft),
    Traced(Box<traced::Draft>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Mixed,
    Excitatory,
    Inhibitory,
}

/// The charge of a mantissa is `mantissa * 64 * 2^exponent`, split into a weight and a gain of
/// `2^gain_exponent`.
#[derive(Clone, Copy, Debug)]
struct Format {
    sign: Sign,
    exponent: i32,
    gain_exponent: i32,
}

pub(super) fn draft(reach: Reach, scope: Scope) -> impl Strategy<Value = Draft> {
    let fixed = format(reach).prop_map(Strength::Static);
    let plastic = learning::draft(reach).prop_map(Strength::Plastic);
    let strength = match scope {
        Scope::Ideal => prop_oneof![3 => fixed, 2 => plastic].boxed(),
        Scope::Whole => {
            let traced = traced::draft(reach).prop_map(|traced| Strength::Traced(Box::new(traced)));
            prop_oneof![3 => fixed, 1 => plastic, 6 => traced].boxed()
        }
    };
    let mantissas = prop::collection::vec(mantissa(reach), 1..=40);
    let ends = (any::<Index>(), any::<bool>(), any::<Index>());
    (super::name(), ends, pattern(), strength, mantissas, any::<bool>()).prop_map(
        |(name, (source, is_input, target), pattern, strength, mantissas, is_uniform)| Draft {
            name,
            source,
            is_input,
            target,
            pattern,
            strength,
            mantissas,
            is_uniform,
        },
    )
}

fn delay() -> impl Strategy<Value = Delay> {
    prop_oneof![
        5 => Just(0_u8),
        3 => 1_u8..=5,
        1 => select(vec![6_u8, 7, 14, 15, 30, 31]),
        1 => select(vec![61_u8, 62]),
        1 => 0_u8..=62,
    ]
    .prop_map(|steps| Delay::new(steps).expect("0 to 62 steps"))
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let synapse = (any::<Index>(), any::<Index>(), delay());
    let list = (prop::collection::vec(synapse, 0..=12), 0_usize..=3)
        .prop_map(|(synapses, n_repeated)| Pattern::List { synapses, n_repeated });
    prop_oneof![
        3 => delay().prop_map(Pattern::AllToAll),
        2 => delay().prop_map(Pattern::OneToOne),
        2 => delay().prop_map(Pattern::OneToAll),
        3 => list,
    ]
}

/// A mantissa before it is brought to its sign mode.
fn mantissa(reach: Reach) -> impl Strategy<Value = i16> {
    let ends = if reach == Reach::Wrapping { 6 } else { 1 };
    prop_oneof![
        ends => select(vec![-256_i16, -255, -254, 253, 254, 255]),
        2 => -8_i16..=8,
        4 => -256_i16..=255,
    ]
}

fn format(reach: Reach) -> impl Strategy<Value = Format> {
    // Mostly towards the threshold, so that neurons spike.
    let sign = prop_oneof![3 => Just(Sign::Mixed), 4 => Just(Sign::Excitatory), 1 => Just(Sign::Inhibitory)];
    let exponent = match reach {
        Reach::Bounded => prop_oneof![4 => Just(0), 1 => Just(-1), 2 => 1..=3].boxed(),
        Reach::Wrapping => prop_oneof![4 => 5..=7, 1 => -1..=7].boxed(),
    };
    // How many powers of two go from the gain to the weight; mostly none, so that it is the mantissa.
    let moved = prop_oneof![3 => Just(0), 1 => 0..=13];
    (sign, exponent, moved).prop_map(|(sign, exponent, moved)| {
        let gain_exponent = (exponent + 6 - moved).max(0);
        Format { sign, exponent, gain_exponent }
    })
}

impl Format {
    /// A mantissa that the chip can hold in this format.
    fn admit(self, mantissa: i16) -> i16 {
        // Half a unit of charge is exact only for even mantissas, and 2^21 is one unit too much.
        let step = if self.exponent < 0 || self.sign == Sign::Mixed { 2 } else { 1 };
        let mantissa = match self.sign {
            Sign::Mixed if self.exponent == 7 => mantissa.max(-254),
            Sign::Mixed => mantissa,
            Sign::Excitatory => mantissa.abs().min(255),
            Sign::Inhibitory => -mantissa.abs().min(255),
        };
        mantissa / step * step
    }

    fn weight(self, mantissa: i16) -> i32 {
        i32::from(self.admit(mantissa)) << (self.exponent + 6 - self.gain_exponent)
    }
}

/// Makes projections of drafts and sums up what they can carry.
pub(super) struct Wiring<'a> {
    layers: &'a [LayerDraft],
    /// The layers of sources, by their index.
    inputs: Vec<usize>,
    /// The layers of neurons, by their index.
    targets: Vec<usize>,
    /// The layers of one neuron or source, by their index.
    single: Vec<usize>,
    reach: Reach,
    period: Option<u32>,
    projections: Vec<Projection>,
    /// The learning period of each layer that something learns onto: a core of the chip has one.
    periods: Vec<Option<LearningPeriod>>,
    /// Sum of the magnitudes of all weights onto each neuron of each layer, and of the noise there.
    sums: Vec<Vec<i64>>,
}

impl<'a> Wiring<'a> {
    pub(super) fn new(layers: &'a [LayerDraft], reach: Reach, period: Option<u32>) -> Self {
        let chosen = |choice: fn(&LayerDraft) -> bool| {
            let layers = layers.iter().enumerate().filter(|(_, layer)| choice(layer));
            layers.map(|(idx, _)| idx).collect()
        };
        Self {
            layers,
            inputs: chosen(|layer| layer.neuron.is_none()),
            targets: chosen(|layer| layer.neuron.is_some()),
            single: chosen(|layer| layer.n_neurons == 1),
            reach,
            period,
            projections: Vec::new(),
            periods: vec![None; layers.len()],
            sums: layers
                .iter()
                .map(|layer| {
                    let noise = layer.neuron.as_ref().map_or(0, neuron::largest_noise);
                    vec![noise; layer.n_neurons as usize]
                })
                .collect(),
        }
    }

    /// Adds a projection, unless it would carry too much onto a neuron.
    pub(super) fn add(&mut self, idx: usize, draft: Draft) {
        let mut source = if draft.is_input {
            self.inputs[draft.source.index(self.inputs.len())]
        } else {
            draft.source.index(self.layers.len())
        };
        let mut target = self.targets[draft.target.index(self.targets.len())];
        let size = |layer: usize| self.layers[layer].n_neurons;
        let mut pattern = draft.pattern.clone();
        match pattern {
            Pattern::OneToOne(delay) => {
                let alike = self.targets.iter().filter(|&&layer| size(layer) == size(source));
                let alike: Vec<usize> = alike.copied().collect();
                match alike.len() {
                    0 => pattern = Pattern::AllToAll(delay),
                    n => target = alike[draft.target.index(n)],
                }
            }
            Pattern::OneToAll(delay) => match self.single.len() {
                0 => pattern = Pattern::AllToAll(delay),
                n => source = self.single[draft.source.index(n)],
            },
            Pattern::AllToAll(_) | Pattern::List { .. } => {}
        }
        let (gain_exponent, plasticity) = match &draft.strength {
            Strength::Static(format) => (format.gain_exponent, None),
            Strength::Plastic(learning) => {
                (learning.gain_exponent, Some(self.plasticity(learning)))
            }
            Strength::Traced(traced) => (traced.gain_exponent, Some(self.traced(traced))),
        };
        let gain = 1 << gain_exponent;
        let plasticity = plasticity.map(|plasticity| Plasticity {
            period: self.periods[target].unwrap_or(plasticity.period),
            ..plasticity
        });
        let projection = Projection {
            name: format!("{}{idx}", draft.name),
            source: id(source),
            target: id(target),
            connectivity: draft.connectivity(&pattern, size(source), size(target)),
            gain,
            plasticity,
        };
        let largest_plastic = projection.plasticity.as_ref().map(|plasticity| {
            let range = plasticity.range;
            i64::from(range.min).abs().max(i64::from(range.max))
                * traced::meeting_spikes(plasticity, self.reach)
        });
        let mut sums = self.sums[target].clone();
        for synapse in projection.synapses(size(source), size(target)) {
            let weight = largest_plastic.unwrap_or(i64::from(synapse.weight).abs());
            sums[synapse.target as usize] += weight * i64::from(gain);
        }
        if sums.iter().all(|&sum| sum <= largest_sum(self.reach)) {
            self.sums[target] = sums;
            if let Some(plasticity) = &projection.plasticity {
                self.periods[target] = Some(plasticity.period);
            }
            self.projections.push(projection);
        }
    }

    fn plasticity(&self, learning: &learning::Draft) -> Plasticity {
        let reward = learning.reward.filter(|_| !self.single.is_empty());
        let rule = learning.rule(reward.map(|(_, impulse)| impulse));
        Plasticity {
            reward: reward.and_then(|(source, impulse)| {
                Reward::flash(id(self.single[source.index(self.single.len())]), impulse)
            }),
            phases: masked(learning.phases, self.period),
            ..Plasticity::new(rule, learning.range)
        }
    }

    /// There is a layer of one source wherever such drafts are made.
    fn traced(&self, traced: &traced::Draft) -> Plasticity {
        let reward = traced.reward.map(|(at, _)| id(self.single[at.index(self.single.len())]));
        let phases = masked(traced.phases, self.period);
        Plasticity { phases, ..traced.plasticity(reward) }
    }

    /// The projections, and for each layer the largest input of a neuron in one step.
    pub(super) fn finish(self) -> (Vec<Projection>, Vec<i64>) {
        let sums = self.sums.iter().map(|sums| sums.iter().copied().max().unwrap_or(0)).collect();
        (self.projections, sums)
    }
}

impl Draft {
    fn connectivity(&self, pattern: &Pattern, n_sources: u32, n_targets: u32) -> Connectivity {
        let weights = |n_synapses: u32| {
            if self.is_uniform {
                Weights::Uniform(self.weight(0))
            } else {
                Weights::Each((0..n_synapses as usize).map(|idx| self.weight(idx)).collect())
            }
        };
        match pattern {
            Pattern::AllToAll(delay) => {
                Connectivity::AllToAll { weights: weights(n_sources * n_targets), delay: *delay }
            }
            Pattern::OneToOne(delay) => {
                Connectivity::OneToOne { weights: weights(n_sources), delay: *delay }
            }
            Pattern::OneToAll(delay) => {
                Connectivity::OneToAll { weights: weights(n_targets), delay: *delay }
            }
            Pattern::List { synapses, n_repeated } => {
                let repeated = synapses.iter().take(*n_repeated);
                let synapses = synapses.iter().chain(repeated).enumerate();
                let synapse = |(idx, (source, target, delay)): (usize, &(Index, Index, Delay))| {
                    let (source, target) = (among(*source, n_sources), among(*target, n_targets));
                    Synapse { source, target, delay: *delay, weight: self.weight(idx) }
                };
                Connectivity::List(synapses.map(synapse).collect())
            }
        }
    }

    fn weight(&self, synapse_idx: usize) -> i32 {
        let mantissa = self.mantissas[synapse_idx % self.mantissas.len()];
        match &self.strength {
            Strength::Static(format) => format.weight(mantissa),
            Strength::Plastic(learning) => admit(learning.range, mantissa).into(),
            Strength::Traced(traced) => admit(traced.range, mantissa).into(),
        }
    }
}

/// A weight of this range.
fn admit(range: WeightRange, mantissa: i16) -> i16 {
    let mantissa = match (range.min, range.max) {
        (0, _) => mantissa.abs(),
        (_, 0) => -mantissa.abs(),
        _ => mantissa,
    };
    mantissa.clamp(range.min, range.max) / range.step * range.step
}

fn id(idx: usize) -> LayerId {
    LayerId(u32::try_from(idx).expect("a handful of layers"))
}

fn among(index: Index, n: u32) -> u32 {
    u32::try_from(index.index(n as usize)).expect("an index below a 32-bit size")
}
