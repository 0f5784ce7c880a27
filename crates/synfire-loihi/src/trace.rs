//! Traces: seven bits that decay, and what a spike adds.
//!
//! In every step a trace decays, rounded at random; then a spike of that step adds its impulse, and the sum
//! saturates at 127. Decay and impulse of one step take their chance from one random word: decay from its
//! upper 16 bits, the fraction of the impulse from its lower 8. The order, decay first, gives the value
//! that a rule reads, whether one counts the decay to the beginning of a step or to its end.
//!
//! With a learning period of several steps the chip stores a trace as of the end of the last period and
//! the step of the **last** spike since, and works out the course in between when learning takes place
//! ([`Course`]). A spike that follows another in the same period puts the earlier one's impulse onto the
//! stored value at once, without decay.

use crate::fixed::saturate;
use crate::limits::TRACE_BITS;
use synfire_net::{Rounding, Trace};

/// Largest value of a trace.
const END: i32 = (1 << TRACE_BITS) - 1;

/// A trace with its decay factor worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceConfig {
    whole: u8,
    fraction: u8,
    /// What is left after a step, in 1/65536.
    factor: u32,
    rounding: Rounding,
}

impl TraceConfig {
    /// Prepares the parameters of a trace.
    #[must_use]
    pub const fn new(trace: &Trace) -> Self {
        Self {
            whole: trace.impulse.whole(),
            fraction: trace.impulse.fraction(),
            factor: trace.decay_factor(),
            rounding: trace.rounding,
        }
    }

    /// What a step leaves of `value`, before any spike.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a trace has seven bits")]
    pub const fn decay(&self, value: u8, word: u32) -> u8 {
        let chance = match self.rounding {
            Rounding::Stochastic => word >> 16,
            Rounding::Down => 0,
        };
        // 127 * 2^16 + 2^16 at most.
        ((value as u32 * self.factor + chance) >> 16) as u8
    }

    /// What a spike makes of `value`.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a trace has seven bits")]
    #[expect(clippy::cast_sign_loss, reason = "a trace has no sign")]
    pub const fn add(&self, value: u8, word: u32) -> u8 {
        let is_one_more = match self.rounding {
            Rounding::Stochastic => (word & 0xff) < self.fraction as u32,
            Rounding::Down => false,
        };
        let sum = value as i32 + self.whole as i32 + is_one_more as i32;
        saturate(sum, 0, END) as u8
    }
}

/// The course of one trace through a learning period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// Value at the end of the last period, and impulses of spikes that were followed by another.
    pub stored: u8,
    /// The step of the period in which the last spike fell, from 1; 0 if there was none.
    pub last_spike: u8,
}

impl Course {
    /// Works out the values at the end of each step of the period, into `values`, one per step; `word` gives
    /// the random word of a step of the period, counted from 1. The last value is what is stored next.
    pub fn write(self, config: &TraceConfig, values: &mut [u8], mut word: impl FnMut(u8) -> u32) {
        let mut value = self.stored;
        for (place, step) in values.iter_mut().zip(1_u8..) {
            let is_spike = step == self.last_spike;
            // Nothing becomes of nothing, whatever the word.
            if value != 0 || is_spike {
                let word = word(step);
                value = config.decay(value, word);
                if is_spike {
                    value = config.add(value, word);
                }
            }
            *place = value;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use synfire_net::DecayLaw;

    fn config(impulse: u8, tau: u16, law: DecayLaw, rounding: Rounding) -> TraceConfig {
        TraceConfig::new(&Trace { law, rounding, ..Trace::new(impulse, tau).unwrap() })
    }

    /// Every value, factor and word that can matter: the result is floor or floor + 1 of the exact product,
    /// and one more exactly for the words whose upper half carries.
    #[test]
    fn decay_is_the_exact_product_on_average() {
        for tau in [0, 1, 2, 3, 5, 10, 100, 1000, 65_535] {
            for law in [DecayLaw::Exponential, DecayLaw::Linear] {
                let trace = config(1, tau, law, Rounding::Stochastic);
                for value in 0..=127_u8 {
                    let exact = u32::from(value) * trace.factor;
                    let (floor, rest) = (exact >> 16, exact & 0xffff);
                    let down = config(1, tau, law, Rounding::Down);
                    assert_eq!(u32::from(down.decay(value, u32::MAX)), floor);
                    // The first word that carries, and the one before it.
                    let first = (0x1_0000 - rest) << 16 >> 16;
                    if rest > 0 {
                        assert_eq!(u32::from(trace.decay(value, first << 16)), floor + 1);
                        assert_eq!(u32::from(trace.decay(value, (first << 16) - 1)), floor);
                    } else {
                        assert_eq!(u32::from(trace.decay(value, u32::MAX)), floor);
                    }
                    assert!(trace.decay(value, u32::MAX) <= value);
                }
            }
        }
    }

    /// Worked example E14 a and b: a linear law of time constant 2 halves, and the impulse saturates.
    #[test]
    fn halving_and_saturation() {
        let half = config(64, 2, DecayLaw::Linear, Rounding::Stochastic);
        let mut value = half.add(0, 0);
        let mut values = vec![value];
        for _ in 0..6 {
            value = half.decay(value, u32::MAX);
            values.push(value);
        }
        assert_eq!(values, [64, 32, 16, 8, 4, 2, 1]);
        assert_eq!((half.decay(1, 0x7fff_ffff), half.decay(1, 0x8000_0000)), (0, 1));

        let strong = config(100, 2, DecayLaw::Linear, Rounding::Stochastic);
        let mut value = strong.add(0, 0);
        for _ in 0..2 {
            value = strong.add(strong.decay(value, 0), 0);
            assert_eq!(value, 127);
        }
        assert_eq!((strong.decay(127, 0x7fff_ffff), strong.decay(127, 0x8000_0000)), (63, 64));
    }

    /// The fraction of an impulse adds one in that many of 256 words.
    #[test]
    fn the_fraction_of_an_impulse_is_a_chance() {
        for fraction in 0..=255_u8 {
            let impulse = synfire_net::Impulse::new(3, fraction).unwrap();
            let trace = TraceConfig::new(&Trace { impulse, ..Trace::flash(0).unwrap() });
            let n_up = (0..=255).filter(|&word| trace.add(0, word) == 4).count();
            assert_eq!(n_up, usize::from(fraction));
            let down = TraceConfig { rounding: Rounding::Down, ..trace };
            assert_eq!(down.add(0, 0), 3);
        }
    }

    /// Section 3.4: the last spike stands at its step, an earlier one already in the stored value.
    #[test]
    fn the_course_of_a_period() {
        let half = config(64, 2, DecayLaw::Linear, Rounding::Down);
        let course = |stored, last_spike| {
            let mut values = [0; 4];
            Course { stored, last_spike }.write(&half, &mut values, |_| 0);
            values
        };
        assert_eq!(course(0, 0), [0; 4]);
        assert_eq!(course(100, 0), [50, 25, 12, 6]);
        assert_eq!(course(0, 2), [0, 64, 32, 16]);
        assert_eq!(course(100, 4), [50, 25, 12, 70]);
        assert_eq!(course(127, 1), [127, 63, 31, 15]);
    }
}
