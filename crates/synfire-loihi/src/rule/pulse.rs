//! Rules that need neither chance nor memory: what they ask for in a step is one of a few numbers.
//!
//! A rule for weights that reads nothing but the spikes of a step and its reward can ask for three changes in
//! that step: where only the source spiked, where only the target did, and where both did. If each of
//! them is a multiple of the stored step, no bit is left to be rounded at random. Engines then go through
//! spikes instead of synapses.

use super::{Accumulation, Microcode, Moment};
use crate::limits::RULE_FRACTION_BITS;
use synfire_net::Reward;
use synfire_net::rule::Target;

/// A rule that needs neither chance nor memory, with its changes worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Without and with reward: where only the source, only the target, or both spiked.
    changes: [[i32; 3]; 2],
}

impl Pulse {
    /// The pulse that rules amount to if learning takes place in every step and this reward drives `r1`;
    /// `None` if they need chance or memory.
    #[must_use]
    pub fn of(microcode: &Microcode, reward: Option<Reward>) -> Option<Self> {
        let products = microcode.weight.as_ref()?;
        let is_pulse = microcode.delay.is_none()
            && microcode.tag.is_none()
            && microcode.arithmetic.accumulation == Accumulation::SumFirst
            && products.iter().all(super::MicroProduct::is_of_spikes)
            && reward.is_none_or(|reward| reward.trace.is_flash());
        if !is_pulse {
            return None;
        }
        let impulse = reward.map_or(0, |reward| reward.trace.impulse.whole());
        let changes = [(false, 0), (true, impulse)].map(|(r0, r1)| {
            [(true, false), (false, true), (true, true)].map(|(x0, y0)| {
                microcode.change(Target::Weight, &Moment { x0, y0, r0, r1, ..Moment::default() })
            })
        });
        let rest_bits = RULE_FRACTION_BITS + microcode.format.step_bits();
        let n_rewards = if reward.is_some() { 2 } else { 1 };
        let mut reachable = changes[..n_rewards].iter().flatten();
        reachable.all(|change| change % (1 << rest_bits) == 0).then_some(Self { changes })
    }

    /// What is asked for in a step with or without reward, in 1/128 of a weight unit: where only the source,
    /// only the target, or both spiked.
    #[must_use]
    pub const fn changes(&self, is_rewarded: bool) -> [i32; 3] {
        self.changes[if is_rewarded { 1 } else { 0 }]
    }
}

impl Microcode {
    /// The mantissa after a change of a [`Pulse`]. The sum is a multiple of the stored step, or it stands at
    /// the upper end of 16 bits, where the clamp gives one result whichever way the rest is rounded.
    #[inline]
    #[must_use]
    pub const fn learn(&self, weight_mantissa: i16, change: i32) -> i16 {
        let accumulator = ((weight_mantissa as i32) << RULE_FRACTION_BITS) + change;
        self.format.store(crate::fixed::saturate_rule(accumulator), 0)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::fixed::saturate_rule;
    use crate::limits::WEIGHT_BITS;
    use crate::rule::RuleArithmetic;
    use crate::synapse::{SignMode, WeightFormat};
    use synfire_net::{NetworkBuilder, Rules, Trace};

    const MIXED: WeightFormat = WeightFormat::full(SignMode::Mixed);

    /// A reward channel; which layer drives it is without effect here.
    fn reward(impulse: u8) -> Option<Reward> {
        Reward::flash(NetworkBuilder::new("reward").sources("reward", 1), impulse)
    }

    fn pulse(rule: &str, format: WeightFormat, reward: Option<Reward>) -> Option<Pulse> {
        let rules = Rules::weight(rule.parse().unwrap());
        Pulse::of(&Microcode::new(&rules, format, RuleArithmetic::DEFAULT), reward)
    }

    /// Worked example E20, last rows, with the reward in the place of the trace: +2 with it, -2
    /// without, and only where both neurons spike.
    #[test]
    fn the_published_rule_changes_by_two() {
        let rule = pulse("y0*x0*r1*4 - y0*x0*2", MIXED, reward(1)).unwrap();
        assert_eq!(rule.changes(true), [0, 0, 256]);
        assert_eq!(rule.changes(false), [0, 0, -256]);
    }

    #[test]
    fn what_needs_chance_or_memory_is_no_pulse() {
        let excitatory = WeightFormat::full(SignMode::Excitatory);
        for rule in ["2*x0*x1", "2*u0", "2*x0*w", "2*x0*sgn(w)", "x0", "2^-1*x0*y0", "2*x0 + x0*y0"]
        {
            assert_eq!(pulse(rule, MIXED, None), None, "{rule}");
        }
        assert!(pulse("x0", excitatory, None).is_some());
        // Halves that add up to a step need no chance.
        assert!(pulse("x0*y0 + y0*x0", MIXED, None).is_some());
        // A fraction counts only with a reward that is not a multiple of it.
        assert_eq!(pulse("2^-3*x0*r1", MIXED, reward(8)), None);
        assert!(pulse("2^-3*x0*r1", MIXED, reward(16)).is_some());
        assert_eq!(pulse("x0*r0", MIXED, reward(2)), None);
        assert!(pulse("2*x0*r0", MIXED, reward(2)).is_some());
        let lasting =
            reward(2).map(|channel| Reward { trace: Trace::new(2, 1).unwrap(), ..channel });
        assert_eq!(pulse("2*x0*r1", MIXED, lasting), None);
        let delays =
            Rules { delay: Some("x0".parse().unwrap()), ..Rules::weight("2*x0".parse().unwrap()) };
        let delays = Microcode::new(&delays, MIXED, RuleArithmetic::DEFAULT);
        assert_eq!(Pulse::of(&delays, None), None);
        let one_by_one = Rules::weight("2*x0".parse().unwrap());
        let one_by_one = Microcode::new(&one_by_one, MIXED, RuleArithmetic::LAVA);
        assert_eq!(Pulse::of(&one_by_one, None), None);
    }

    /// Whatever the format, the weight and the change, a pulse adds and clamps; and the bits that are cut
    /// off make no difference, so that a random rounding would do the same.
    #[test]
    fn learning_is_addition_and_clamp() {
        for sign_mode in SignMode::ALL {
            for bits in WEIGHT_BITS {
                let format = WeightFormat::new(sign_mode, bits).unwrap();
                let range = format.range();
                let step = i32::from(range.step);
                let rule = Microcode::new(&Rules::default(), format, RuleArithmetic::DEFAULT);
                for weight in (range.min..=range.max).filter(|&w| range.contains(w.into())) {
                    for steps in -600 / step..=600 / step {
                        let sum = i32::from(weight) + steps * step;
                        let clamped = sum.clamp(range.min.into(), range.max.into());
                        let change = steps * step * 128;
                        assert_eq!(i32::from(rule.learn(weight, change)), clamped);
                        let accumulator = saturate_rule((i32::from(weight) << 7) + change);
                        assert_eq!(i32::from(format.store(accumulator, u32::MAX)), clamped);
                    }
                }
            }
        }
    }
}
