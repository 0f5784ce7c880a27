//! Learning rules as the chip evaluates them: microcode and its scalar evaluation.
//!
//! A rule is a sum of products, each gated by a spike. The chip holds the weight in a 16-bit
//! accumulator with 7 binary places, multiplies each product out, shifts it to that scale, saturates
//! it, adds, brings the sign to the sign mode, rounds to the stored step and clamps.
//! [`Microcode::change`] is the sum of the products, [`Microcode::learn`] the whole.
//!
//! Modelled are rules over `x0`, `y0` and `r1` with learning period 1, that is rules without traces.
//! Lowering refuses the other terms, and it refuses a rule whose products the chip would saturate or
//! scale down, or whose changes are not multiples of the stored step and would be rounded at random. A
//! rule that is accepted therefore changes a weight by exactly what it says, up to the clamp.
//!
//! Two points are not settled by any public source; neither is observable in an accepted rule as long
//! as products are summed before the weight is added:
//!
//! - Lava adds product by product onto the weight and saturates each time, so that the order of the
//!   text matters: `y0*x0*r1*4 - y0*x0*2` would leave 254 at 32511/128, that is at 252 in one of 256
//!   cases, where the published equivalence clamps it to 254. We sum the products first.
//! - Scaling of wide products: see [`limits::SCALE_BITS`](crate::limits::SCALE_BITS).

use crate::fixed::{saturate, saturate_rule};
use crate::limits::{FLAG_BITS, REWARD_BITS, RULE_BITS, RULE_FRACTION_BITS, SCALE_BITS};
use crate::synapse::WeightFormat;
use synfire_net::Rule;
use synfire_net::rule::{Dependency, Factor, Product, Variable};

/// Why a rule is not lowered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum RuleRefusal {
    /// The rule reads something that is not modelled.
    #[error("rule `{rule}` uses `{term}`, which is not modelled; expected x0, y0, r1 and literals")]
    Term { rule: String, term: String },
    /// The chip would not hold a product.
    #[error(
        "rule `{rule}`: with r1 = {r1} the product `{product}` is {exact}/128, of which the chip would make {found}/128, beyond 16 bits or the width of a factor"
    )]
    Product { rule: String, product: String, r1: u8, exact: i128, found: i64 },
    /// A change would have to be rounded.
    #[error(
        "rule `{rule}`: with x0 = {x0}, y0 = {y0}, r1 = {r1} the change is {found}/128, expected a multiple of {step}, which is the stored step of {format} weights; stochastic rounding is not modelled"
    )]
    Step { rule: String, x0: u8, y0: u8, r1: u8, found: i32, step: i16, format: String },
}

/// The spikes and the reward that a synapse learns from in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Events {
    /// Whether the presynaptic compartment or source spiked in this step.
    pub x0: bool,
    /// Whether the postsynaptic compartment spiked in this step.
    pub y0: bool,
    /// The reward trace, 0 to 127.
    pub r1: u8,
}

/// A rule without traces, ready to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Microcode {
    products: Vec<MicroProduct>,
    format: WeightFormat,
    impulse: u8,
}

/// `gate * mantissa * 2^exponent * operands`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MicroProduct {
    gate: Flag,
    mantissa: i8,
    exponent: i8,
    operands: Vec<Operand>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    X0,
    Y0,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    Flag(Flag),
    Reward { constant: i8 },
}

impl Microcode {
    /// Lowers a rule for weights of `format` and a reward of `impulse` in rewarded steps.
    ///
    /// # Errors
    /// Every reason why the chip as modelled would not evaluate the rule exactly.
    pub fn lower(rule: &Rule, format: WeightFormat, impulse: u8) -> Result<Self, Vec<RuleRefusal>> {
        let mut terms = Vec::new();
        let mut products = Vec::new();
        for product in rule.products() {
            products.extend(MicroProduct::lower(product, &mut terms));
        }
        if !terms.is_empty() {
            let mut refusals: Vec<RuleRefusal> = Vec::new();
            for term in terms {
                let refusal = RuleRefusal::Term { rule: rule.to_string(), term };
                if !refusals.contains(&refusal) {
                    refusals.push(refusal);
                }
            }
            return Err(refusals);
        }
        let microcode = Self { products, format, impulse };
        let refusals = microcode.inexact(rule);
        if refusals.is_empty() { Ok(microcode) } else { Err(refusals) }
    }

    /// The value of `r1` in a rewarded step; it is 0 in every other.
    #[must_use]
    pub const fn impulse(&self) -> u8 {
        self.impulse
    }

    /// The format of the weights that learn.
    #[must_use]
    pub const fn format(&self) -> WeightFormat {
        self.format
    }

    /// The change that the rule asks for, in 1/128 of a weight unit.
    #[must_use]
    pub fn change(&self, events: Events) -> i32 {
        self.products.iter().map(|product| product.evaluate(events)).sum()
    }

    /// The mantissa after a change, as [`Microcode::change`] gives it.
    #[inline]
    #[must_use]
    pub const fn learn(&self, weight_mantissa: i16, change: i32) -> i16 {
        let accumulator = ((weight_mantissa as i32) << RULE_FRACTION_BITS) + change;
        self.format.store(saturate_rule(accumulator))
    }

    /// The ways in which a step can differ: every synapse where anything spikes, with and without
    /// reward. All products are gated by a spike, so nothing changes without one.
    fn all_events(&self) -> impl Iterator<Item = Events> + use<> {
        let flags = [(true, false), (false, true), (true, true)];
        let rewards = if self.impulse == 0 { vec![0] } else { vec![0, self.impulse] };
        rewards.into_iter().flat_map(move |r1| flags.map(|(x0, y0)| Events { x0, y0, r1 }))
    }

    fn inexact(&self, rule: &Rule) -> Vec<RuleRefusal> {
        let mut refusals = Vec::new();
        for events in self.all_events() {
            for (product, source) in self.products.iter().zip(rule.products()) {
                let found = i64::from(product.evaluate(events));
                let exact = product.exact(events);
                let refusal = RuleRefusal::Product {
                    rule: rule.to_string(),
                    product: source.to_string(),
                    r1: events.r1,
                    exact,
                    found,
                };
                if exact != i128::from(found) && !refusals.contains(&refusal) {
                    refusals.push(refusal);
                }
            }
        }
        if !refusals.is_empty() {
            return refusals;
        }
        let range = self.format.range();
        for events in self.all_events() {
            let found = self.change(events);
            if found % (i32::from(range.step) << RULE_FRACTION_BITS) != 0 {
                refusals.push(RuleRefusal::Step {
                    rule: rule.to_string(),
                    x0: events.x0.into(),
                    y0: events.y0.into(),
                    r1: events.r1,
                    found,
                    step: range.step,
                    format: self.format.to_string(),
                });
            }
        }
        refusals
    }
}

impl MicroProduct {
    /// Lowers a product, or adds the terms that are not modelled to `refused`.
    fn lower(product: &Product, refused: &mut Vec<String>) -> Option<Self> {
        let n_refused = refused.len();
        let gate = match product.gate() {
            Dependency::X0 => Flag::X0,
            Dependency::Y0 => Flag::Y0,
            gate @ Dependency::U(_) => {
                refused.push(gate.to_string());
                Flag::X0
            }
        };
        let mut operands = Vec::new();
        for &factor in product.factors() {
            match factor {
                Factor::X0 => operands.push(Operand::Flag(Flag::X0)),
                Factor::Y0 => operands.push(Operand::Flag(Flag::Y0)),
                Factor::Sum { variable: Variable::R1, constant } => {
                    operands.push(Operand::Reward { constant });
                }
                Factor::Sum { variable, .. } => refused.push(variable.to_string()),
                sign @ Factor::Sign { .. } => refused.push(sign.to_string()),
            }
        }
        let (mantissa, exponent) = (product.mantissa(), product.exponent());
        (refused.len() == n_refused).then_some(Self { gate, mantissa, exponent, operands })
    }

    /// The product in 1/128 of a weight unit, by the chip's integer steps.
    fn evaluate(&self, events: Events) -> i32 {
        if !self.gate.is_set(events) {
            return 0;
        }
        let factors = self.operands.iter().map(|operand| i64::from(operand.held(events)));
        let product = i64::from(self.mantissa) * factors.product::<i64>();
        let width: u32 = self.operands.iter().map(|operand| operand.width()).sum();
        let excess = (width + SCALE_BITS).saturating_sub(RULE_BITS);
        // The scaling down is not made good again: that is what the chip does.
        let scaled = i128::from(product >> excess) << self.shift();
        let end = 1_i128 << RULE_BITS;
        #[expect(clippy::cast_possible_truncation, reason = "16 bits fit into 32")]
        let held = scaled.clamp(-end, end - 1) as i32;
        held
    }

    /// The product in 1/128 of a weight unit, by whole numbers without limit.
    fn exact(&self, events: Events) -> i128 {
        if !self.gate.is_set(events) {
            return 0;
        }
        let factors = self.operands.iter().map(|operand| i128::from(operand.exact(events)));
        (i128::from(self.mantissa) * factors.product::<i128>()) << self.shift()
    }

    /// From the product to 1/128 of a weight unit; the exponent is at least -7.
    const fn shift(&self) -> u32 {
        (self.exponent + 7).unsigned_abs() as u32
    }
}

impl Flag {
    const fn is_set(self, events: Events) -> bool {
        match self {
            Self::X0 => events.x0,
            Self::Y0 => events.y0,
        }
    }
}

impl Operand {
    fn exact(self, events: Events) -> i32 {
        match self {
            Self::Flag(flag) => i32::from(flag.is_set(events)),
            Self::Reward { constant } => i32::from(events.r1) + i32::from(constant),
        }
    }

    /// The value as wide as the chip holds it.
    fn held(self, events: Events) -> i32 {
        let end = 1 << self.width();
        saturate(self.exact(events), -end, end - 1)
    }

    const fn width(self) -> u32 {
        match self {
            Self::Flag(_) => FLAG_BITS,
            Self::Reward { .. } => REWARD_BITS,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::limits::WEIGHT_BITS;
    use crate::synapse::SignMode;

    const MIXED: WeightFormat = WeightFormat::full(SignMode::Mixed);

    fn microcode(rule: &str, format: WeightFormat, impulse: u8) -> Microcode {
        Microcode::lower(&rule.parse().unwrap(), format, impulse).unwrap()
    }

    fn refused(rule: &str, format: WeightFormat, impulse: u8) -> Vec<String> {
        let refusals = Microcode::lower(&rule.parse().unwrap(), format, impulse).unwrap_err();
        refusals.iter().map(ToString::to_string).collect()
    }

    const fn events(x0: bool, y0: bool, r1: u8) -> Events {
        Events { x0, y0, r1 }
    }

    /// Worked example E20, last rows, with the reward in the place of the trace: +2 with it, -2
    /// without, and only where both neurons spike.
    #[test]
    fn the_published_rule_changes_by_two() {
        let rule = microcode("y0*x0*r1*4 - y0*x0*2", MIXED, 1);
        assert_eq!(rule.change(events(true, true, 1)), 256);
        assert_eq!(rule.change(events(true, true, 0)), -256);
        for (x0, y0) in [(false, false), (true, false), (false, true)] {
            assert_eq!(rule.change(events(x0, y0, 1)), 0);
        }
        assert_eq!(rule.learn(10, 256), 12);
        assert_eq!(rule.learn(10, -256), 8);
    }

    /// Worked example E18: saturation of mixed weights (Brian2Loihi) and others (Lava, except that no
    /// inhibitory weight reaches -256 in either).
    #[test]
    fn weights_saturate() {
        let rows = [
            (SignMode::Mixed, 248, 2, [250, 252, 254, 254]),
            (SignMode::Mixed, -250, -2, [-252, -254, -256, -256]),
            (SignMode::Excitatory, 250, 2, [252, 254, 255, 255]),
            (SignMode::Excitatory, 3, -2, [1, 0, 0, 0]),
            (SignMode::Inhibitory, -250, -2, [-252, -254, -255, -255]),
            (SignMode::Inhibitory, -3, 2, [-1, 0, 0, 0]),
        ];
        for (sign_mode, mut weight, change, expected) in rows {
            let rule = microcode(&format!("{change}*x0"), WeightFormat::full(sign_mode), 0);
            for expected in expected {
                weight = rule.learn(weight, rule.change(events(true, false, 0)));
                assert_eq!(weight, expected, "{sign_mode}");
            }
        }
    }

    /// Whatever the format, the weight and the change, an accepted rule adds and clamps; and the bits
    /// that are cut off make no difference, so a random rounding would do the same.
    #[test]
    fn learning_is_addition_and_clamp() {
        for sign_mode in SignMode::ALL {
            for bits in WEIGHT_BITS {
                let format = WeightFormat::new(sign_mode, bits).unwrap();
                let range = format.range();
                let step = i32::from(range.step);
                let rule = Microcode { products: Vec::new(), format, impulse: 0 };
                let rest_bits = 7 + format.step_bits();
                for weight in (range.min..=range.max).filter(|&w| range.contains(w.into())) {
                    for steps in -600 / step..=600 / step {
                        let sum = i32::from(weight) + steps * step;
                        let clamped = sum.clamp(range.min.into(), range.max.into());
                        let change = steps * step * 128;
                        assert_eq!(i32::from(rule.learn(weight, change)), clamped);

                        let accumulator = saturate_rule((i32::from(weight) << 7) + change);
                        let most = accumulator + (1 << rest_bits) - 1;
                        let rounded_up = (most >> rest_bits) * step;
                        assert_eq!(rounded_up.clamp(range.min.into(), range.max.into()), clamped);
                    }
                }
            }
        }
    }

    #[test]
    fn terms_that_are_not_modelled_are_named() {
        assert_eq!(
            refused("2*x0*x1 + 2*y0*y3*(w-1) + 2*y0*sgn(w) + x0*x1", MIXED, 0),
            [
                "rule `2*x0*x1 + 2*y0*y3*(w-1) + 2*y0*sgn(w) + x0*x1` uses `x1`, which is not modelled; expected x0, y0, r1 and literals",
                "rule `2*x0*x1 + 2*y0*y3*(w-1) + 2*y0*sgn(w) + x0*x1` uses `y3`, which is not modelled; expected x0, y0, r1 and literals",
                "rule `2*x0*x1 + 2*y0*y3*(w-1) + 2*y0*sgn(w) + x0*x1` uses `w`, which is not modelled; expected x0, y0, r1 and literals",
                "rule `2*x0*x1 + 2*y0*y3*(w-1) + 2*y0*sgn(w) + x0*x1` uses `sgn(w)`, which is not modelled; expected x0, y0, r1 and literals",
            ]
        );
        for term in ["x1", "x2", "y1", "y2", "y3", "r0", "w", "d", "t"] {
            let messages = refused(&format!("2*x0*{term}"), MIXED, 1);
            assert!(messages[0].contains(&format!("uses `{term}`")), "{messages:?}");
        }
        assert!(refused("2*u0", MIXED, 1)[0].contains("uses `u0`"));
    }

    #[test]
    fn changes_that_would_be_rounded_are_refused() {
        assert_eq!(
            refused("x0", MIXED, 0),
            [
                "rule `x0`: with x0 = 1, y0 = 0, r1 = 0 the change is 128/128, expected a multiple of 2, which is the stored step of mixed 8-bit weights; stochastic rounding is not modelled",
                "rule `x0`: with x0 = 1, y0 = 1, r1 = 0 the change is 128/128, expected a multiple of 2, which is the stored step of mixed 8-bit weights; stochastic rounding is not modelled",
            ]
        );
        microcode("x0", WeightFormat::full(SignMode::Excitatory), 0);
        // Halves that add up to a step are exact.
        microcode("x0*y0 + y0*x0", MIXED, 0);
        // A fraction counts only with a reward that is not a multiple of it.
        assert_eq!(refused("2^-3*x0*r1", MIXED, 8).len(), 2);
        microcode("2^-3*x0*r1", MIXED, 16);
    }

    #[test]
    fn products_the_chip_cannot_hold_are_refused() {
        // 4 * 127 = 508 units, beyond 255.99.
        assert_eq!(
            refused("4*x0*r1", MIXED, 127),
            [
                "rule `4*x0*r1`: with r1 = 127 the product `4*x0*r1` is 65024/128, of which the chip would make 32767/128, beyond 16 bits or the width of a factor"
            ]
        );
        // The factor saturates at 127.
        assert!(refused("2*x0*(r1+100)", MIXED, 100)[0].contains("51200/128"));
        // Two factors of seven bits are scaled down.
        assert!(refused("2*x0*r1*r1", MIXED, 1)[0].contains("would make 0/128"));
        microcode("2*x0*r1*r1", MIXED, 0);
        // As wide as a product can be.
        let widest = format!("-8*2^8*x0{}", "*(r1-128)".repeat(6));
        assert!(!refused(&widest, MIXED, 0).is_empty());
    }
}
