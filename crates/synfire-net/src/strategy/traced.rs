//! Learning over the whole language: rules for weight, delay and tag, all traces, learning periods, reward.
//!
//! 1. One k is drawn for all `u_k` of a projection, then a rule for each target: half of them rules as people
//!    write them, the others any that there are. There is always one.
//! 2. Traces and reward are drawn in full, and then those left out that no rule reads, mostly.
//!
//! The ranges are those the chip stores: either sign with 0 to 6 and 8 bits.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::Reach;
use crate::rule::{self, Variable};
use crate::{
    DecayLaw, Delay, Impulse, LayerId, LearningPeriod, Plasticity, Reward, Rounding, Rule, Rules,
    Trace, Traces, WeightRange,
};

#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) range: WeightRange,
    pub(super) gain_exponent: i32,
    rules: Rules,
    traces: Traces,
    /// The layer, looked up among those of one neuron or source, and the trace.
    pub(super) reward: Option<(Index, Trace)>,
    period: LearningPeriod,
    pub(super) phases: Option<u64>,
}

pub(super) fn draft(reach: Reach) -> impl Strategy<Value = Draft> {
    let gain_exponent = match reach {
        Reach::Bounded => prop_oneof![5 => Just(6), 1 => 0..=9].boxed(),
        Reach::Wrapping => prop_oneof![3 => 11..=13, 1 => 0..=13].boxed(),
    };
    let unread = prop::array::uniform6(prop::bool::weighted(0.2));
    let traces = prop::array::uniform5(trace());
    let reward = (any::<Index>(), trace());
    let phases = prop_oneof![4 => Just(None), 1 => super::phases()];
    (range(), gain_exponent, rules(), traces, reward, unread, period(), phases).prop_map(
        move |(range, gain_exponent, rules, traces, reward, unread, period, phases)| {
            let kept = |idx: usize, variable| {
                (unread[idx] || rules.reads(variable)).then_some(traces[idx])
            };
            let traces = Traces {
                x1: kept(0, Variable::X1),
                x2: kept(1, Variable::X2),
                y1: kept(2, Variable::Y1),
                y2: kept(3, Variable::Y2),
                y3: kept(4, Variable::Y3),
            };
            let needs_reward = rules.iter().any(|(_, rule)| rule.needs_reward());
            let reward = (unread[5] || needs_reward).then_some(reward);
            // Every charge must be a multiple of 64 and within 2^21 - 64. Where delays are learned, many
            // spikes can meet: then as little charge as there can be.
            let least = (6 - range.step.trailing_zeros().cast_signed()).max(0);
            let most = if range.min == -256 { 12 } else { 13 };
            let is_crowded = reach == Reach::Bounded && rules.delay.is_some();
            let gain_exponent = if is_crowded { least } else { gain_exponent.clamp(least, most) };
            Draft { range, gain_exponent, rules, traces, reward, period, phases }
        },
    )
}

/// What the chip stores: with fewer bits, multiples of a larger step.
fn range() -> impl Strategy<Value = WeightRange> {
    let bits = prop_oneof![4 => Just(8), 1 => 1_u32..=6, 1 => select(vec![0, 1, 2, 3, 4, 5, 6])];
    let ends = prop_oneof![
        3 => Just((256, 255)),
        3 => Just((0, 255)),
        1 => Just((255, 0)),
    ];
    (ends, bits).prop_map(|((lowest, highest), bits): ((i16, i16), u32)| {
        let step_bits = 8 - bits + u32::from(lowest == 256);
        let stored = -1_i16 << step_bits;
        WeightRange { min: -(lowest & stored), max: highest & stored, step: 1 << step_bits }
    })
}

fn period() -> impl Strategy<Value = LearningPeriod> {
    prop_oneof![
        4 => Just(1_u8),
        6 => 2_u8..=8,
        1 => select(vec![16_u8, 62, 63]),
    ]
    .prop_map(|steps| LearningPeriod::new(steps).expect("1 to 63 steps"))
}

fn trace() -> impl Strategy<Value = Trace> {
    let whole = prop_oneof![3 => select(vec![0_u8, 1, 2, 16, 32, 64, 126, 127]), 1 => 0_u8..=127];
    let fraction = prop_oneof![3 => Just(0_u8), 1 => select(vec![1, 128, 255]), 1 => any::<u8>()];
    let tau = prop_oneof![
        2 => Just(0_u16),
        6 => 1_u16..=20,
        1 => select(vec![64, 1000, u16::MAX]),
        1 => any::<u16>(),
    ];
    let law = prop_oneof![2 => Just(DecayLaw::Exponential), 1 => Just(DecayLaw::Linear)];
    let rounding = prop_oneof![2 => Just(Rounding::Stochastic), 1 => Just(Rounding::Down)];
    (whole, fraction, tau, law, rounding).prop_map(|(whole, fraction, tau, law, rounding)| {
        let impulse = Impulse::new(whole, fraction).expect("at most 127");
        Trace { impulse, tau, law, rounding }
    })
}

/// Rules of one k, at least one of them.
fn rules() -> impl Strategy<Value = Rules> {
    // Turns that come more than once in a few dozen steps.
    let k = prop_oneof![6 => 0_u8..=2, 1 => 0_u8..=9];
    k.prop_flat_map(|k| {
        let rule = |texts: &'static [&'static str]| {
            let known = select(texts).prop_map(move |text| {
                let text = text.replace("uk", &format!("u{k}"));
                Rule::parse(&text).expect("a rule of the lists below")
            });
            prop_oneof![known, rule::strategy_of(k)]
        };
        (
            prop::option::weighted(0.85, rule(&WEIGHT_RULES)),
            prop::option::weighted(0.3, rule(&DELAY_RULES)),
            prop::option::weighted(0.4, rule(&TAG_RULES)),
            rule(&WEIGHT_RULES),
        )
    })
    .prop_map(|(weight, delay, tag, other)| {
        let weight = weight.or_else(|| (delay.is_none() && tag.is_none()).then_some(other));
        Rules { weight, delay, tag }
    })
}

const WEIGHT_RULES: [&str; 9] = [
    "2^-2*x1*y0 - 2^-2*x0*y1",
    "2^-3*y0*x1*(y2+16) - 2^-2*x0*y1",
    "2^-4*y0*x2 - 2^-3*x0*y3",
    "2^-7*uk*x1*y1",
    "2^-5*uk*r1*t",
    "2^-4*y0*x1*r1 - 2^-6*uk*w",
    "uk*(y1-64) - uk*w",
    "4*x0*y0*r0 - 2*x0*y0",
    "-2^3*uk*sgn(w)",
];

const DELAY_RULES: [&str; 5] =
    ["2^-5*x0*y1 - 2^-5*y0*x1", "uk*sgn(t)", "-2^-2*y0*(d-3)", "-uk*x0", "2*x0*y0 - y0"];

const TAG_RULES: [&str; 4] =
    ["2^-3*x1*y0 - 2^-3*x0*y1", "2^-2*y0*x1 - 2^-4*uk*t", "4*x0*y0 - uk*sgn(t)", "x0*r1 - y0*d"];

impl Draft {
    /// The learning, with this layer as the source of the reward, if it has one.
    pub(super) fn plasticity(&self, reward: Option<LayerId>) -> Plasticity {
        let Self { ref rules, range, traces, period, .. } = *self;
        let reward = self.reward.zip(reward).map(|((_, trace), source)| Reward { source, trace });
        Plasticity { rules: rules.clone(), range, traces, reward, period, phases: None }
    }
}

/// How many spikes of one source a synapse can deliver in one step. With a delay that shrinks while spikes
/// are on their way it is one of every learning period that they can come from.
pub(super) fn meeting_spikes(plasticity: &Plasticity, reach: Reach) -> i64 {
    if plasticity.rules.delay.is_none() {
        return 1;
    }
    // They left 1 to 63 steps ago. The model of the chip, which refuses what 32 bits may not hold, counts them
    // all.
    let period = if reach == Reach::Bounded { plasticity.period.get() } else { 1 };
    i64::from(Delay::MAX.get().div_ceil(period)) + 1
}
