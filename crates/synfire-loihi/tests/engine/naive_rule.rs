//! Learning rules once more: the integer steps of the chip description's section 4.4 and nothing else.
//!
//! A rule's parsed products are read from the network; how they are evaluated is written here anew, in 128
//! bits, with division and remainder where the crate shifts, and the whole of a situation written out where
//! the crate keeps readings. What happens on the way is counted, so that a comparison can show that it
//! compared something.

use synfire_loihi::{Accumulation, RuleArithmetic, ScaleWidth};
use synfire_net::rule::{Dependency, Factor, Product, Rule, Variable};

/// Everything that one synapse's rules read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Situation {
    pub(crate) x0: bool,
    pub(crate) y0: bool,
    pub(crate) turn: bool,
    pub(crate) r0: bool,
    pub(crate) r1: i128,
    /// x1, x2, y1, y2, y3 at the source's last spike, the target's last spike, and the end of the period.
    pub(crate) traces: [[i128; 5]; 3],
    pub(crate) weight: i128,
    pub(crate) delay: i128,
    pub(crate) tag: i128,
}

/// What may happen when networks learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    RoundedWeight,
    RoundedDelay,
    RoundedTag,
    ChangedWeight,
    ChangedDelay,
    ChangedTag,
    ClampedWeight,
    ClampedDelay,
    ClampedTag,
    SaturatedFactor,
    SaturatedProduct,
    SaturatedSum,
    /// One by one, a sum on the way saturates, so that the order of products matters.
    SaturatedOnTheWay,
    CutByExcess,
    GateTimesDiffer,
    RepeatedSpike,
    TraceRounded,
    TraceSaturated,
    ImpulseFraction,
    RewardedPeriod,
    RepeatedReward,
    LastingReward,
    Turn,
    NoTurn,
    Noise,
}

impl Event {
    /// In the order of their definition.
    pub(crate) const ALL: [Self; 25] = [
        Self::RoundedWeight,
        Self::RoundedDelay,
        Self::RoundedTag,
        Self::ChangedWeight,
        Self::ChangedDelay,
        Self::ChangedTag,
        Self::ClampedWeight,
        Self::ClampedDelay,
        Self::ClampedTag,
        Self::SaturatedFactor,
        Self::SaturatedProduct,
        Self::SaturatedSum,
        Self::SaturatedOnTheWay,
        Self::CutByExcess,
        Self::GateTimesDiffer,
        Self::RepeatedSpike,
        Self::TraceRounded,
        Self::TraceSaturated,
        Self::ImpulseFraction,
        Self::RewardedPeriod,
        Self::RepeatedReward,
        Self::LastingReward,
        Self::Turn,
        Self::NoTurn,
        Self::Noise,
    ];
}

/// How often.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen([u64; Event::ALL.len()]);

impl Seen {
    pub(crate) fn count(&mut self, event: Event, happens: bool) {
        self.0[event as usize] += u64::from(happens);
    }

    pub(crate) fn of(&self, event: Event) -> u64 {
        self.0[event as usize]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, n) in self.0.iter_mut().zip(other.0) {
            *sum += n;
        }
    }
}

/// 2 to the power of `exponent`.
fn power(exponent: u32) -> i128 {
    2_i128.pow(exponent)
}

/// The nearest of 16 bits, two's complement.
fn held(value: i128, event: Event, seen: &mut Seen) -> i128 {
    let nearest = value.clamp(-power(15), power(15) - 1);
    seen.count(event, nearest != value);
    nearest
}

/// What is left of the rule in a situation: the accumulator, and the sum of the products.
pub(crate) fn accumulate(
    rule: &Rule,
    old: i128,
    situation: &Situation,
    arithmetic: RuleArithmetic,
    seen: &mut Seen,
) -> (i128, i128) {
    let mantissa_bits = match arithmetic.scale {
        ScaleWidth::Three => 3,
        ScaleWidth::Four => 4,
    };
    let mut changes = Vec::new();
    for product in rule.products() {
        changes.push(evaluate(product, situation, mantissa_bits, seen));
    }
    let asked: i128 = changes.iter().sum();
    let accumulator = match arithmetic.accumulation {
        Accumulation::SumFirst => held(old * 128 + asked, Event::SaturatedSum, seen),
        Accumulation::OneByOne => {
            let mut sum = old * 128;
            for change in changes {
                sum = held(sum + change, Event::SaturatedSum, seen);
            }
            let at_once = (old * 128 + asked).clamp(-power(15), power(15) - 1);
            seen.count(Event::SaturatedOnTheWay, sum != at_once);
            sum
        }
    };
    (accumulator, asked)
}

/// Steps 1 to 7 of section 4.4 for one product.
fn evaluate(product: &Product, situation: &Situation, mantissa_bits: u32, seen: &mut Seen) -> i128 {
    let (is_open, time) = match product.gate() {
        Dependency::X0 => (situation.x0, 0),
        Dependency::Y0 => (situation.y0, 1),
        Dependency::U(_) => (situation.turn, 2),
    };
    if !is_open {
        return 0;
    }
    let mut value = i128::from(product.mantissa());
    let mut width = 0;
    for &factor in product.factors() {
        let (operand, bits) = operand(factor, situation, time, seen);
        value *= operand;
        width += bits;
    }
    if width + mantissa_bits > 15 {
        let cut = power(width + mantissa_bits - 15);
        seen.count(Event::CutByExcess, value.rem_euclid(cut) != 0);
        value = value.div_euclid(cut);
    }
    let places = u32::try_from(i32::from(product.exponent()) + 7).unwrap();
    held(value * power(places), Event::SaturatedProduct, seen)
}

/// The value of a factor as wide as it is held, and that width.
fn operand(factor: Factor, situation: &Situation, time: usize, seen: &mut Seen) -> (i128, u32) {
    let (variable, constant) = match factor {
        Factor::X0 => return (situation.x0.into(), 1),
        Factor::Y0 => return (situation.y0.into(), 1),
        Factor::Sum { variable, constant } | Factor::Sign { variable, constant } => {
            (variable, i128::from(constant))
        }
    };
    let mut trace = |idx: usize| {
        let read = situation.traces[time][idx];
        let others = [0, 1, 2].map(|other: usize| situation.traces[other][idx]);
        let flags = [situation.x0, situation.y0, true];
        let differs = others.iter().zip(flags).any(|(&other, is_there)| is_there && other != read);
        seen.count(Event::GateTimesDiffer, differs);
        (read, 7)
    };
    let (value, width) = match variable {
        Variable::X1 => trace(0),
        Variable::X2 => trace(1),
        Variable::Y1 => trace(2),
        Variable::Y2 => trace(3),
        Variable::Y3 => trace(4),
        Variable::R0 => (situation.r0.into(), 1),
        Variable::R1 => (situation.r1, 7),
        Variable::W => (situation.weight, 9),
        Variable::D => (situation.delay, 6),
        Variable::T => (situation.tag, 9),
    };
    let sum = value + constant;
    if let Factor::Sign { .. } = factor {
        return (i128::from(sum > 0) - i128::from(sum < 0), width);
    }
    let nearest = sum.clamp(-power(width), power(width) - 1);
    seen.count(Event::SaturatedFactor, nearest != sum);
    (nearest, width)
}

/// What is stored, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Store {
    pub(crate) min: i128,
    pub(crate) max: i128,
    pub(crate) step: i128,
    /// What is counted: rounded, changed, clamped.
    pub(crate) events: [Event; 3],
}

impl Store {
    pub(crate) const DELAY: Self = Self {
        min: 0,
        max: 62,
        step: 1,
        events: [Event::RoundedDelay, Event::ChangedDelay, Event::ClampedDelay],
    };
    pub(crate) const TAG: Self = Self {
        min: -256,
        max: 255,
        step: 1,
        events: [Event::RoundedTag, Event::ChangedTag, Event::ClampedTag],
    };

    pub(crate) fn weight(min: i16, max: i16, step: i16) -> Self {
        let events = [Event::RoundedWeight, Event::ChangedWeight, Event::ClampedWeight];
        Self { min: min.into(), max: max.into(), step: step.into(), events }
    }

    /// Steps 8 to 10: the sign mode, the rounding by a random word, the clamp.
    pub(crate) fn store(&self, accumulator: i128, word: u32, seen: &mut Seen) -> i128 {
        let mut accumulator = accumulator;
        if self.min == 0 {
            accumulator = accumulator.max(0);
        }
        if self.max == 0 {
            accumulator = accumulator.min(0);
        }
        let unit = 128 * self.step;
        let (whole, rest) = (accumulator.div_euclid(unit), accumulator.rem_euclid(unit));
        // The top bits of the word, as many as are cut off.
        let chance = i128::from(word) * unit / power(32);
        seen.count(self.events[0], rest != 0);
        let rounded = if rest + chance >= unit { whole + 1 } else { whole } * self.step;
        seen.count(self.events[2], rounded < self.min || rounded > self.max);
        rounded.max(self.min).min(self.max)
    }
}
