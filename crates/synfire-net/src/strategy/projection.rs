//! Projections: every pattern, every sign mode, learning or not.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{LayerDraft, Reach, masked};
use crate::{
    Connectivity, Delay, LayerId, Plasticity, Projection, Reward, Rule, Synapse, WeightRange,
    Weights,
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
    Plastic(LearningDraft),
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

#[derive(Clone, Debug)]
struct LearningDraft {
    range: WeightRange,
    gain_exponent: i32,
    terms: Vec<Term>,
    reward: Option<(Index, u8)>,
    phases: Option<u64>,
}

/// A product of a rule: the weight step times `steps`, gated, and perhaps times the reward.
#[derive(Clone, Copy, Debug)]
struct Term {
    steps: i32,
    gate: &'static str,
    reward: Option<i32>,
}

pub(super) fn draft(reach: Reach) -> impl Strategy<Value = Draft> {
    let strength = prop_oneof![
        3 => format(reach).prop_map(Strength::Static),
        2 => learning(reach).prop_map(Strength::Plastic),
    ];
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

fn learning(reach: Reach) -> impl Strategy<Value = LearningDraft> {
    let range = |min, max, step| WeightRange { min, max, step };
    // What the chip stores with 8, 6 and 5 bits.
    let ranges = prop_oneof![
        5 => Just(WeightRange::MIXED),
        1 => Just(range(0, 255, 1)),
        1 => Just(range(-255, 0, 1)),
        1 => Just(range(-256, 248, 8)),
        1 => Just(range(0, 252, 4)),
        1 => Just(range(-248, 0, 8)),
    ];
    let largest = if reach == Reach::Wrapping { 13 } else { 9 };
    let gain_exponent = match reach {
        Reach::Bounded => prop_oneof![5 => Just(6), 1 => Just(5), 1 => 4..=largest].boxed(),
        Reach::Wrapping => prop_oneof![3 => 11..=largest, 1 => 4..=largest].boxed(),
    };
    let impulse = prop_oneof![5 => Just(1_u8), 2 => select(vec![0_u8, 2, 3, 126, 127])];
    let reward = prop::option::weighted(0.8, (any::<Index>(), impulse));
    (ranges, gain_exponent, terms(), reward, super::phases()).prop_map(
        |(range, gain_exponent, terms, reward, phases)| {
            // Every charge must be a multiple of 64 and within 2^21 - 64.
            let least = 6 - i32::try_from(range.step.trailing_zeros()).unwrap_or(0);
            let most = if range.min == -256 { 12 } else { 13 };
            let gain_exponent = gain_exponent.clamp(least, most);
            LearningDraft { range, gain_exponent, terms, reward, phases }
        },
    )
}

fn terms() -> impl Strategy<Value = Vec<Term>> {
    let term = |steps, gate, reward| Term { steps, gate, reward };
    let known = vec![
        vec![term(2, "y0*x0", Some(0)), term(-1, "y0*x0", None)],
        vec![term(1, "x0*y0", None)],
        vec![term(-1, "y0", None)],
        vec![term(2, "x0", None), term(-1, "y0", None)],
        vec![term(1, "x0", Some(0))],
    ];
    let any_term = (
        select(vec![1, -1, 2, -2, 3, 4, -4, 7, -8]),
        select(vec!["x0", "y0", "x0*y0", "y0*x0"]),
        prop::option::of(select(vec![0, 0, 1, -1])),
    )
        .prop_map(|(steps, gate, reward)| Term { steps, gate, reward });
    prop_oneof![1 => select(known), 1 => prop::collection::vec(any_term, 1..=4)]
}

impl LearningDraft {
    /// The rule; with `impulse`, if there is a reward.
    fn rule(&self, impulse: Option<u8>) -> Rule {
        let mut text = String::new();
        for term in &self.terms {
            let change = term.steps * i32::from(self.range.step);
            let sign = if change < 0 { '-' } else { '+' };
            text.push_str(&format!(" {sign} {}*{}", change.abs(), term.gate));
            let Some((constant, impulse)) = term.reward.zip(impulse) else { continue };
            let rewarded = i32::from(impulse) + constant;
            // The chip holds 7 bits of a factor and 16 bits of a product, of which 7 are binary places.
            if rewarded <= 127 && rewarded.abs().max(constant.abs()) * change.abs() <= 255 {
                text.push_str(&match constant {
                    0 => "*r1".to_owned(),
                    constant => format!("*(r1{constant:+})"),
                });
            }
        }
        Rule::parse(&text).expect("a few short products")
    }

    fn admit(&self, mantissa: i16) -> i16 {
        let range = self.range;
        let mantissa = match (range.min, range.max) {
            (0, _) => mantissa.abs(),
            (_, 0) => -mantissa.abs(),
            _ => mantissa,
        };
        mantissa.clamp(range.min, range.max) / range.step * range.step
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
    /// Sum of the magnitudes of all weights onto each neuron of each layer.
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
            sums: layers.iter().map(|layer| vec![0; layer.n_neurons as usize]).collect(),
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
        let (gain, plasticity) = match &draft.strength {
            Strength::Static(format) => (1 << format.gain_exponent, None),
            Strength::Plastic(learning) => {
                (1 << learning.gain_exponent, Some(self.plasticity(learning)))
            }
        };
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
        });
        let mut sums = self.sums[target].clone();
        for synapse in projection.synapses(size(source), size(target)) {
            let weight = largest_plastic.unwrap_or(i64::from(synapse.weight).abs());
            sums[synapse.target as usize] += weight * i64::from(gain);
        }
        if sums.iter().all(|&sum| sum <= largest_sum(self.reach)) {
            self.sums[target] = sums;
            self.projections.push(projection);
        }
    }

    fn plasticity(&self, learning: &LearningDraft) -> Plasticity {
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
            Strength::Plastic(learning) => learning.admit(mantissa).into(),
        }
    }
}

fn id(idx: usize) -> LayerId {
    LayerId(u32::try_from(idx).expect("a handful of layers"))
}

fn among(index: Index, n: u32) -> u32 {
    u32::try_from(index.index(n as usize)).expect("an index below a 32-bit size")
}
