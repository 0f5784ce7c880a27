//! Traces: what is left of earlier spikes, as a learning rule reads it.
//!
//! A trace is a number of seven bits. In every step it decays; a spike then adds its impulse, and the sum
//! saturates at 127. Presynaptic traces (`x1`, `x2`) belong to a source of a projection, postsynaptic ones
//! (`y1`, `y2`, `y3`) to a target, the reward trace (`r1`) to the projection. What a step does with them is
//! clause S5 of `docs/semantics.md`. Here are their parameters, and the decay factor that these stand for:
//! a whole number of 1/65536, found without floating point, so that it is the same on every machine.

use crate::rule::{Rule, Variable};
use serde::{Deserialize, Serialize};

/// What a spike adds to a trace: 0 to 127, and a fraction that is added at random or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impulse {
    whole: u8,
    fraction: u8,
}

impl Impulse {
    /// Nothing.
    pub const ZERO: Self = Self { whole: 0, fraction: 0 };

    /// `whole` and `fraction`/256; `None` if `whole` is above 127.
    #[must_use]
    pub const fn new(whole: u8, fraction: u8) -> Option<Self> {
        if whole <= 127 { Some(Self { whole, fraction }) } else { None }
    }

    /// The whole part, 0 to 127.
    #[must_use]
    pub const fn whole(self) -> u8 {
        self.whole
    }

    /// The fraction in 1/256: the chance that a spike adds one more.
    #[must_use]
    pub const fn fraction(self) -> u8 {
        self.fraction
    }
}

/// How the time constant gives the factor by which a trace decays. Descriptions of the chip disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecayLaw {
    /// exp(-1 / tau), as Lava and nengo-loihi have it.
    #[default]
    Exponential,
    /// 1 - 1 / tau, as Brian2Loihi has it.
    Linear,
}

/// What becomes of the fraction when a trace decays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rounding {
    /// Up with the probability of the fraction, down otherwise: right on average, as on the chip.
    #[default]
    Stochastic,
    /// Down, also for the fraction of an impulse. Not on the chip; for tests and for examples by hand.
    Down,
}

/// Parameters of one trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What a spike adds.
    pub impulse: Impulse,
    /// Time constant in steps. With 0 nothing survives a step.
    pub tau: u16,
    /// How `tau` becomes a factor.
    pub law: DecayLaw,
    /// What becomes of fractions.
    pub rounding: Rounding,
}

impl Trace {
    /// A trace of a spike that decays with time constant `tau`, on average; `None` for an impulse above 127.
    #[must_use]
    pub const fn new(impulse: u8, tau: u16) -> Option<Self> {
        match Impulse::new(impulse, 0) {
            None => None,
            Some(impulse) => Some(Self {
                impulse,
                tau,
                law: DecayLaw::Exponential,
                rounding: Rounding::Stochastic,
            }),
        }
    }

    /// A trace that does not outlive its step: `impulse` in a step with a spike and otherwise 0. `None` for
    /// an impulse above 127.
    #[must_use]
    pub const fn flash(impulse: u8) -> Option<Self> {
        Self::new(impulse, 0)
    }

    /// Whether the value is the whole impulse in steps with a spike and 0 in all others.
    #[must_use]
    pub const fn is_flash(&self) -> bool {
        self.decay_factor() == 0 && self.impulse.fraction == 0
    }

    /// What is left of a trace after one step, in 1/65536, to the nearest: 0 to 65536.
    #[must_use]
    pub const fn decay_factor(&self) -> u32 {
        match (self.law, self.tau) {
            (_, 0) => 0,
            (DecayLaw::Exponential, tau) => exponential(tau),
            // The nearest to 65536 (1 - 1 / tau).
            (DecayLaw::Linear, tau) => 65_536 - (65_536 + tau as u32 / 2) / tau as u32,
        }
    }
}

/// 65536 exp(-1 / tau) to the nearest.
///
/// The alternating series is summed in 1/2^64, where 40 terms and their roundings stay below 2^-57: far
/// nearer than any of the 65,535 values lies to a half, as a test goes through.
const fn exponential(tau: u16) -> u32 {
    let mut sum: u128 = 0;
    let mut term: u128 = 1 << 64;
    let mut k = 0_u128;
    while term > 0 {
        // Terms decrease, so that a sum that has begun with one never goes below zero.
        sum = if k.is_multiple_of(2) { sum + term } else { sum - term };
        k += 1;
        term /= k * tau as u128;
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most 1 in 1/65536")]
    let nearest = ((sum + (1 << 47)) >> 48) as u32;
    nearest
}

/// The traces of a projection; a rule may read those that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// First trace of each source.
    pub x1: Option<Trace>,
    /// Second trace of each source.
    pub x2: Option<Trace>,
    /// First trace of each target.
    pub y1: Option<Trace>,
    /// Second trace of each target.
    pub y2: Option<Trace>,
    /// Third trace of each target.
    pub y3: Option<Trace>,
}

impl Traces {
    /// None at all.
    pub const NONE: Self = Self { x1: None, x2: None, y1: None, y2: None, y3: None };

    /// The names of the traces that a rule reads and that are not here.
    pub fn missing(self, rule: &Rule) -> impl Iterator<Item = &'static str> {
        let all = [
            (Variable::X1, "x1", self.x1),
            (Variable::X2, "x2", self.x2),
            (Variable::Y1, "y1", self.y1),
            (Variable::Y2, "y2", self.y2),
            (Variable::Y3, "y3", self.y3),
        ];
        let missing = move |&(variable, _, trace): &(Variable, &str, Option<Trace>)| {
            trace.is_none() && rule.reads(variable)
        };
        all.into_iter().filter(missing).map(|(_, name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn factor(tau: u16, law: DecayLaw) -> u32 {
        Trace { law, ..Trace::new(1, tau).unwrap() }.decay_factor()
    }

    /// Values from tables of the exponential function, times 65536.
    #[test]
    fn the_exponential_law_is_the_exponential_function() {
        // e^-1 = 0.36787944, e^-1/2 = 0.60653066, e^-1/3 = 0.71653131, e^-1/10 = 0.90483742
        let rows = [(0, 0), (1, 24_109), (2, 39_750), (3, 46_959), (10, 59_299), (65_535, 65_535)];
        for (tau, expected) in rows {
            assert_eq!(factor(tau, DecayLaw::Exponential), expected, "tau {tau}");
        }
    }

    /// All time constants, against floating point where that is sure, and none near a tie.
    #[test]
    fn every_factor_is_the_nearest() {
        for tau in 1..=u16::MAX {
            let exact = 65_536.0 * (-1.0 / f64::from(tau)).exp();
            assert!((exact.fract() - 0.5).abs() > 1e-7, "tau {tau} is near a tie");
            assert_eq!(f64::from(factor(tau, DecayLaw::Exponential)), exact.round(), "tau {tau}");
            let linear = 65_536.0 * (1.0 - 1.0 / f64::from(tau));
            let found = f64::from(factor(tau, DecayLaw::Linear));
            assert!((found - linear).abs() <= 0.5, "tau {tau}");
        }
    }

    #[test]
    fn the_linear_law_is_one_less_a_fraction() {
        for (tau, expected) in [(0, 0), (1, 0), (2, 32_768), (3, 43_691), (10, 58_982)] {
            assert_eq!(factor(tau, DecayLaw::Linear), expected, "tau {tau}");
        }
    }

    #[test]
    fn a_flash_does_not_outlive_its_step() {
        assert!(Trace::flash(1).unwrap().is_flash());
        assert!(!Trace::new(1, 1).unwrap().is_flash());
        let fraction = Impulse::new(1, 128).unwrap();
        assert!(!Trace { impulse: fraction, ..Trace::flash(1).unwrap() }.is_flash());
        assert_eq!((Impulse::new(128, 0), Trace::flash(128)), (None, None));
    }
}
