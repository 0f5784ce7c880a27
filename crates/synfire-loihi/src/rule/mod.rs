//! Learning rules as the chip evaluates them: microcode and its scalar evaluation.
//!
//! A rule is a sum of products, each gated by a spike or a turn. The chip holds weight, delay or tag in a
//! 16-bit accumulator with 7 binary places, multiplies each product out, shifts it to that scale,
//! saturates it, adds, brings the sign of a weight to the sign mode, rounds at random to the stored step
//! and clamps. [`Microcode::change`] is the sum of the products, [`Microcode::ask`] adds it to the old
//! value, and [`Microcode::store_weight`], [`store_delay`] and [`store_tag`] round and clamp.
//!
//! Three points are not settled by any public source, and [`RuleArithmetic`] offers both answers to the
//! first two:
//!
//! - Lava adds product by product onto the weight and saturates each time, so that the order of the
//!   text matters: `y0*x0*r1*4 - y0*x0*2` would leave 254 at 32511/128, that is at 252 in one of 256
//!   cases, where the published equivalence clamps it to 254. By default products are summed first.
//! - A product of several wide factors is shifted down. The width of its mantissa counts as 3 bits
//!   (nengo-loihi, which documents it as what the chip does) or as 4 (Lava).
//! - Weight, delay and tag are all read as they stood before the learning.
//!
//! `product` is one product, `pulse` the rules that need no chance and no memory.

mod product;
mod pulse;

use self::product::{Gate, MicroProduct};
pub use self::pulse::Pulse;
use crate::fixed::{saturate, saturate_rule, stochastic_shift};
use crate::limits::{RULE_FRACTION_BITS, SCALE_BITS, TAG};
use crate::synapse::WeightFormat;
use synfire_net::rule::Target;
use synfire_net::{Delay, Rule, Rules};

/// What no source settles about the arithmetic of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleArithmetic {
    /// Width of a product's mantissa for overflow accounting: 3 or 4.
    pub scale: ScaleWidth,
    /// How products meet in the accumulator.
    pub accumulation: Accumulation,
}

impl RuleArithmetic {
    /// Three bits, products summed first: what this model does unless told otherwise.
    pub const DEFAULT: Self =
        Self { scale: ScaleWidth::Three, accumulation: Accumulation::SumFirst };
    /// Four bits, one by one, as Lava has it.
    pub const LAVA: Self = Self { scale: ScaleWidth::Four, accumulation: Accumulation::OneByOne };
}

impl Default for RuleArithmetic {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Width of a product's mantissa for overflow accounting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleWidth {
    /// Three bits, as in nengo-loihi.
    Three,
    /// Four bits, as in Lava.
    Four,
}

impl ScaleWidth {
    const fn bits(self) -> u32 {
        match self {
            Self::Three => SCALE_BITS,
            Self::Four => SCALE_BITS + 1,
        }
    }
}

/// How products meet in the accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accumulation {
    /// Their sum is added to the old value, which saturates once.
    SumFirst,
    /// They are added to the old value one by one in the order of the text, saturating each time.
    OneByOne,
}

/// The traces as a product reads them: at the last spike that gates it, or at the end of the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the trace of its name, 0 to 127")]
pub struct Reading {
    pub x1: u8,
    pub x2: u8,
    pub y1: u8,
    pub y2: u8,
    pub y3: u8,
}

/// Everything that the rules of one synapse read when learning takes place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Whether the presynaptic compartment or source spiked in the period.
    pub x0: bool,
    /// Whether the postsynaptic compartment spiked in the period.
    pub y0: bool,
    /// Whether it is the turn of the `u_k` of the rules.
    pub turn: bool,
    /// Traces at the last presynaptic spike, for products gated by `x0`.
    pub at_pre: Reading,
    /// Traces at the last postsynaptic spike, for products gated by `y0`.
    pub at_post: Reading,
    /// Traces at the end of the period, for products gated by `u_k`.
    pub at_end: Reading,
    /// Whether the reward source spiked in the period.
    pub r0: bool,
    /// The reward trace, 0 to 127.
    pub r1: u8,
    /// The weight mantissa before learning.
    pub weight: i16,
    /// The delay before learning, 0 to 62.
    pub delay: u8,
    /// The tag before learning, -256 to 255.
    pub tag: i16,
}

/// The rules of a projection, ready to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Microcode {
    format: WeightFormat,
    arithmetic: RuleArithmetic,
    /// The k of the `u_k`.
    turn: Option<u8>,
    weight: Option<Vec<MicroProduct>>,
    delay: Option<Vec<MicroProduct>>,
    tag: Option<Vec<MicroProduct>>,
}

impl Microcode {
    /// Lowers rules for weights of `format`. Every rule can be lowered; that all `u_k` have one k, and
    /// that there is a trace for what is read, is the network's business.
    #[must_use]
    pub fn new(rules: &Rules, format: WeightFormat, arithmetic: RuleArithmetic) -> Self {
        let products = |rule: &Rule| {
            let scale_bits = arithmetic.scale.bits();
            rule.products().iter().map(|product| MicroProduct::new(product, scale_bits)).collect()
        };
        Self {
            format,
            arithmetic,
            turn: rules.u_exponent().unwrap_or_else(|[first, _]| Some(first)),
            weight: rules.weight.as_ref().map(products),
            delay: rules.delay.as_ref().map(products),
            tag: rules.tag.as_ref().map(products),
        }
    }

    /// The format of the weights that learn.
    #[must_use]
    pub const fn format(&self) -> WeightFormat {
        self.format
    }

    /// The arithmetic in which the rules are evaluated.
    #[must_use]
    pub const fn arithmetic(&self) -> RuleArithmetic {
        self.arithmetic
    }

    /// The k of the `u_k` in the rules.
    #[must_use]
    pub const fn turn(&self) -> Option<u8> {
        self.turn
    }

    /// Whether there is a rule for this target.
    #[must_use]
    pub const fn changes(&self, target: Target) -> bool {
        self.products(target).is_some()
    }

    /// Whether some product, of any target, is gated by `x0`, by `y0` and by `u_k`.
    #[must_use]
    pub fn gates(&self) -> [bool; 3] {
        let all = [&self.weight, &self.delay, &self.tag];
        let is_gated = |gate| {
            all.iter().any(|products| products.iter().flatten().any(|product| product.gate == gate))
        };
        [Gate::X0, Gate::Y0, Gate::Turn].map(is_gated)
    }

    const fn products(&self, target: Target) -> Option<&Vec<MicroProduct>> {
        match target {
            Target::Weight => self.weight.as_ref(),
            Target::Delay => self.delay.as_ref(),
            Target::Tag => self.tag.as_ref(),
        }
    }

    /// The sum of the products of a target, in 1/128 of a unit: what the rule asks for. 0 without a rule.
    #[must_use]
    pub fn change(&self, target: Target, moment: &Moment) -> i32 {
        // At most 256 products of 16 bits each.
        self.products(target).into_iter().flatten().map(|product| product.evaluate(moment)).sum()
    }

    /// What the accumulator of a target holds in the end, in 1/128 of a unit; `None` if its products ask for
    /// nothing. Added one by one, products that cancel may still ask: they may saturate on the way.
    #[must_use]
    pub fn ask(&self, target: Target, moment: &Moment) -> Option<i32> {
        let start = Self::start(target, moment);
        let (mut change, mut one_by_one) = (0, start);
        for product in self.products(target).into_iter().flatten() {
            let product = product.evaluate(moment);
            change += product;
            one_by_one = saturate_rule(one_by_one + product);
        }
        let accumulator = match self.arithmetic.accumulation {
            Accumulation::SumFirst => saturate_rule(start + change),
            Accumulation::OneByOne => one_by_one,
        };
        (change != 0 || accumulator != start).then_some(accumulator)
    }

    /// What the accumulator of a target holds in the end, whether or not its products ask for something.
    #[must_use]
    pub fn accumulate(&self, target: Target, moment: &Moment) -> i32 {
        self.ask(target, moment).unwrap_or(Self::start(target, moment))
    }

    /// The value before learning as the accumulator holds it.
    const fn start(target: Target, moment: &Moment) -> i32 {
        let value = match target {
            Target::Weight => moment.weight as i32,
            Target::Delay => moment.delay as i32,
            Target::Tag => moment.tag as i32,
        };
        value << RULE_FRACTION_BITS
    }

    /// The weight mantissa that an accumulator is stored as, with a random word.
    #[inline]
    #[must_use]
    pub const fn store_weight(&self, accumulator: i32, word: u32) -> i16 {
        self.format.store(accumulator, word)
    }
}

/// The delay that an accumulator is stored as, with a random word: rounded at random to whole steps and
/// clamped to 0 to 62.
#[must_use]
pub const fn store_delay(accumulator: i32, word: u32) -> u8 {
    let rounded = stochastic_shift(accumulator, RULE_FRACTION_BITS, word);
    #[expect(clippy::cast_possible_truncation, reason = "0 to 62")]
    #[expect(clippy::cast_sign_loss, reason = "0 to 62")]
    let delay = saturate(rounded, 0, Delay::MAX.get() as i32) as u8;
    delay
}

/// The tag that an accumulator is stored as, with a random word: rounded at random to whole numbers and
/// clamped to -256 to 255.
#[must_use]
pub const fn store_tag(accumulator: i32, word: u32) -> i16 {
    let rounded = stochastic_shift(accumulator, RULE_FRACTION_BITS, word);
    #[expect(clippy::cast_possible_truncation, reason = "nine bits")]
    let tag = saturate(rounded, *TAG.start() as i32, *TAG.end() as i32) as i16;
    tag
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::limits::WEIGHT_BITS;
    use crate::synapse::SignMode;

    const MIXED: WeightFormat = WeightFormat::full(SignMode::Mixed);

    fn microcode(rule: &str, format: WeightFormat, arithmetic: RuleArithmetic) -> Microcode {
        Microcode::new(&Rules::weight(rule.parse().unwrap()), format, arithmetic)
    }

    /// A moment in which everything spikes, it is everyone's turn, and all traces are alike.
    fn everything(reading: Reading, weight: i16) -> Moment {
        Moment {
            x0: true,
            y0: true,
            turn: true,
            at_pre: reading,
            at_post: reading,
            at_end: reading,
            r0: true,
            r1: 1,
            weight,
            delay: 3,
            tag: -5,
        }
    }

    /// Worked example E20: what Lava's rule applier, with four bits for the mantissa, adds to the
    /// accumulator.
    #[test]
    fn products_agree_with_lava() {
        let [x1, y1] =
            [|x1| Reading { x1, ..Reading::default() }, |y1| Reading { y1, ..Reading::default() }];
        let both = Reading { x1: 40, y1: 30, y2: 20, ..Reading::default() };
        let ones = Reading { x1: 1, y1: 1, ..Reading::default() };
        let rows = [
            ("2^-2*x1*y0", x1(8), 0, 256),
            ("2^-2*x1*y0", x1(9), 0, 288),
            ("2^-2*x1*y0", x1(127), 0, 4064),
            ("-2^-2*y1*x0", y1(9), 0, -288),
            ("x1*y0", x1(127), 200, 7167),
            ("4*x1*y0", x1(127), 0, 32_767),
            ("u0*x1*y1", both, 0, 19_200),
            ("2^-4*u0*x1*y1", both, 0, 1200),
            ("2^-7*u0*x1*y1", both, 0, 150),
            ("2^-7*u0*x1*y1*y2", both, 0, 23),
            ("-2^-6*u0*x1*y1", ones, 0, -2),
            ("-2^-2*u0*w", ones, 101, -3232),
            ("u0*(y1-64)-u0*w", y1(10), 30, -10_752),
            ("x0*(y1+100)", y1(100), 0, 16_256),
            ("x0*y0*y1*4-x0*y0*2", y1(1), 10, 256),
            ("x0*y0*y1*4-x0*y0*2", y1(0), 10, -256),
        ];
        for (rule, reading, weight, expected) in rows {
            let rule = microcode(rule, MIXED, RuleArithmetic::LAVA);
            let moment = everything(reading, weight);
            let found = rule.accumulate(Target::Weight, &moment) - (i32::from(weight) << 7);
            assert_eq!(found, expected, "{rule:?}");
        }
        // Three bits for the mantissa keep one bit more of a wide product: /4 instead of /8.
        let ours = microcode("u0*x1*y1", MIXED, RuleArithmetic::DEFAULT);
        assert_eq!(ours.change(Target::Weight, &everything(both, 0)), 32_767);
        let ours = microcode("2^-7*u0*x1*y1", MIXED, RuleArithmetic::DEFAULT);
        assert_eq!(ours.change(Target::Weight, &everything(both, 0)), 300);
    }

    /// Why products are summed first: the published rule at the upper rail (chip fact C25).
    #[test]
    fn one_by_one_the_published_rule_may_lose_a_step_at_the_rail() {
        let rule = "y0*x0*r1*4 - y0*x0*2";
        let moment = everything(Reading::default(), 254);
        let sum =
            |arithmetic| microcode(rule, MIXED, arithmetic).accumulate(Target::Weight, &moment);
        assert_eq!(sum(RuleArithmetic::DEFAULT), 32_767);
        assert_eq!(sum(RuleArithmetic::LAVA), 32_511);
        let stored = |sum, word| MIXED.store(sum, word);
        assert_eq!([0, u32::MAX].map(|word| stored(32_767, word)), [254, 254]);
        assert_eq!([0, u32::MAX].map(|word| stored(32_511, word)), [252, 254]);
    }

    /// Gates look at their own spikes, and products at the traces of their own gate.
    #[test]
    fn products_read_traces_at_their_gate() {
        let reading = |x1| Reading { x1, ..Reading::default() };
        let all = Moment {
            at_pre: reading(1),
            at_post: reading(2),
            at_end: reading(4),
            ..everything(Reading::default(), 0)
        };
        let rule = microcode("x0*x1 + y0*x1 + u0*x1", MIXED, RuleArithmetic::DEFAULT);
        let change = |moment: &Moment| rule.change(Target::Weight, moment) / 128;
        assert_eq!(change(&all), 7);
        assert_eq!(change(&Moment { x0: false, ..all }), 6);
        assert_eq!(change(&Moment { y0: false, ..all }), 5);
        assert_eq!(change(&Moment { turn: false, ..all }), 3);
        assert_eq!(rule.gates(), [true; 3]);
        assert_eq!(
            microcode("x0*y0", MIXED, RuleArithmetic::DEFAULT).gates(),
            [true, false, false]
        );
    }

    #[test]
    fn factors_are_as_wide_as_they_are() {
        // Each factor at both ends: sums saturate at -2^n and 2^n - 1.
        let rows = [
            ("x1+127", 7, 127),
            ("r1-128", 7, -127),
            ("r0+100", 1, 1),
            ("r0-100", 1, -2),
            ("w+127", 9, 381),
            ("w-128", 9, 126),
            ("t-128", 9, -133),
            ("d+127", 6, 63),
            ("d-128", 6, -64),
        ];
        let moment = everything(Reading { x1: 127, ..Reading::default() }, 254);
        for (factor, width, expected) in rows {
            let rule = microcode(&format!("2^-7*x0*({factor})"), MIXED, RuleArithmetic::DEFAULT);
            assert_eq!(rule.change(Target::Weight, &moment), expected, "{factor}");
            // With a second factor of 7 bits it is scaled down by what exceeds 15 - 3 bits.
            let wide = microcode(&format!("2^8*x0*x1*({factor})"), MIXED, RuleArithmetic::DEFAULT);
            let excess = (width + 7 + 3_u32).saturating_sub(15);
            let product = (i64::from(expected) * 127) >> excess << 15;
            let found = i64::from(wide.change(Target::Weight, &moment));
            assert_eq!(found, product.clamp(-32_768, 32_767), "{factor}");
        }
        for (factor, expected) in [("w", 1), ("t", -1), ("d-3", 0), ("d-4", -1), ("t+6", 1)] {
            let rule = microcode(&format!("2^-7*x0*sgn({factor})"), MIXED, RuleArithmetic::DEFAULT);
            assert_eq!(rule.change(Target::Weight, &moment), expected, "{factor}");
        }
        // As wide as a product can be: nothing overflows on the way.
        let widest = format!("-8*2^8*x0{}", "*(t-128)".repeat(6));
        let lowest = Moment { tag: -256, ..moment };
        let rule = microcode(&widest, MIXED, RuleArithmetic::DEFAULT);
        assert_eq!(rule.change(Target::Weight, &lowest), -32_768);
    }

    /// Delays and tags have a step of 1 and ranges of their own.
    #[test]
    fn delays_and_tags_are_stored_in_whole_numbers() {
        let halves = [(0, 0), (0x7fff_ffff, 0), (0x8000_0000, 1), (u32::MAX, 1)];
        for (word, up) in halves {
            assert_eq!(store_delay((5 << 7) + 64, word), 5 + up);
            assert_eq!(store_tag(-(5 << 7) + 64, word), -5 + i16::from(up));
        }
        let ends = [(-32_768, 0, -256), (32_767, 62, 255), (63 << 7, 62, 63), (-1, 0, -1)];
        for (accumulator, delay, tag) in ends {
            assert_eq!((store_delay(accumulator, 0), store_tag(accumulator, 0)), (delay, tag));
        }
        let rules = Rules {
            delay: Some("2*x0".parse().unwrap()),
            tag: Some("x0*t".parse().unwrap()),
            ..Rules::default()
        };
        let rules = Microcode::new(&rules, MIXED, RuleArithmetic::DEFAULT);
        let moment = everything(Reading::default(), 0);
        assert_eq!(rules.accumulate(Target::Delay, &moment), 5 << 7);
        assert_eq!(rules.accumulate(Target::Tag, &moment), -10 << 7);
        assert_eq!(rules.change(Target::Weight, &moment), 0);
        assert!(!rules.changes(Target::Weight) && rules.changes(Target::Tag));
    }

    /// Every format, weight and fraction: the stored weight is one of the two neighbours, the upper one for
    /// exactly the share of words that the fraction is.
    #[test]
    fn rounding_is_right_on_average() {
        for sign_mode in SignMode::ALL {
            for bits in WEIGHT_BITS {
                let format = WeightFormat::new(sign_mode, bits).unwrap();
                let range = format.range();
                let rest_bits = 7 + format.step_bits();
                for accumulator in (-32_768..32_768).step_by(37) {
                    let floor = accumulator >> rest_bits << format.step_bits();
                    let rest = accumulator & ((1 << rest_bits) - 1);
                    let sign_fits = match sign_mode {
                        SignMode::Mixed => true,
                        SignMode::Excitatory => accumulator >= 0,
                        SignMode::Inhibitory => accumulator <= 0,
                    };
                    let clamp = |weight: i32| weight.clamp(range.min.into(), range.max.into());
                    let [low, high] = if sign_fits {
                        [clamp(floor), clamp(floor + i32::from(range.step))]
                    } else {
                        [0, 0]
                    };
                    let store = |word| i32::from(format.store(accumulator, word));
                    assert_eq!(store(0), low);
                    if sign_fits && rest > 0 {
                        // The first word that carries, and the one before it.
                        let first =
                            ((1_u32 << rest_bits) - rest.unsigned_abs()) << (32 - rest_bits);
                        assert_eq!((store(first - 1), store(first)), (low, high));
                    } else {
                        assert_eq!(store(u32::MAX), low);
                    }
                }
            }
        }
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
            let format = WeightFormat::full(sign_mode);
            let rule = microcode(&format!("{change}*x0"), format, RuleArithmetic::DEFAULT);
            for expected in expected {
                let moment = everything(Reading::default(), weight);
                weight = rule.store_weight(rule.accumulate(Target::Weight, &moment), 0x5555_5555);
                assert_eq!(weight, expected, "{sign_mode}");
            }
        }
    }
}
