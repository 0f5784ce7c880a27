//! Learning that the ideal engine accepts: rules over `x0`, `y0` and `r1`, evaluated in every step, whose
//! changes are multiples of the weight step.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::Reach;
use crate::{Rule, WeightRange};

#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) range: WeightRange,
    pub(super) gain_exponent: i32,
    terms: Vec<Term>,
    pub(super) reward: Option<(Index, u8)>,
    pub(super) phases: Option<u64>,
}

/// A product of a rule: the weight step times `steps`, gated, and perhaps times the reward.
#[derive(Clone, Copy, Debug)]
struct Term {
    steps: i32,
    gate: &'static str,
    reward: Option<i32>,
}

pub(super) fn draft(reach: Reach) -> impl Strategy<Value = Draft> {
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
            Draft { range, gain_exponent, terms, reward, phases }
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

impl Draft {
    /// The rule; with `impulse`, if there is a reward.
    pub(super) fn rule(&self, impulse: Option<u8>) -> Rule {
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
}
