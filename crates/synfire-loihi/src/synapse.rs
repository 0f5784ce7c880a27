//! Synapse formats: how a weight is stored, and what fits.
//!
//! A format is a sign mode, a number of weight bits and a weight exponent, shared by all synapses of a
//! projection. Sign mode and bits give the stored step, `2^(8 - bits)`, twice that in mixed mode, and
//! the range of the mantissa. [`WeightFormat::quantise`] takes what fits and refuses the rest; whoever
//! wants a weight rounded says how with one of the `round_*` functions. Emulators of the chip round
//! silently and each in another way: Lava down, Brian2Loihi toward zero, nengo-loihi to the nearest.
//!
//! What a spike carries through a synapse is
//! [`fixed::effective_weight`](crate::fixed::effective_weight); how synapses are packed into memory is
//! the business of [`place`](crate::place).

use crate::fixed::stochastic_shift;
use crate::limits::{RULE_FRACTION_BITS, WEIGHT_BITS, WEIGHT_EXPONENT};
use std::fmt;
use synfire_net::WeightRange;

/// Which signs the weights of a format have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignMode {
    /// Either sign: a sign and one magnitude bit less.
    Mixed,
    /// Zero or more.
    Excitatory,
    /// Zero or less.
    Inhibitory,
}

impl SignMode {
    /// Every sign mode.
    pub const ALL: [Self; 3] = [Self::Mixed, Self::Excitatory, Self::Inhibitory];
}

impl fmt::Display for SignMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mixed => "mixed",
            Self::Excitatory => "excitatory",
            Self::Inhibitory => "inhibitory",
        })
    }
}

/// How a weight mantissa is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightFormat {
    sign_mode: SignMode,
    bits: u8,
}

impl WeightFormat {
    /// Returns `None` unless `bits` is one of 0 to 6 and 8.
    #[must_use]
    pub fn new(sign_mode: SignMode, bits: u8) -> Option<Self> {
        WEIGHT_BITS.contains(&bits).then_some(Self { sign_mode, bits })
    }

    /// The format with 8 bits.
    #[must_use]
    pub const fn full(sign_mode: SignMode) -> Self {
        Self { sign_mode, bits: 8 }
    }

    /// The format that holds exactly the weights of `range`, if there is one.
    #[must_use]
    pub fn of_range(range: WeightRange) -> Option<Self> {
        let formats = SignMode::ALL
            .into_iter()
            .flat_map(|sign_mode| WEIGHT_BITS.map(|bits| Self { sign_mode, bits }));
        formats.into_iter().find(|format| format.range() == range)
    }

    /// Which signs it stores.
    #[must_use]
    pub const fn sign_mode(self) -> SignMode {
        self.sign_mode
    }

    /// The code of the number of weight bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.bits
    }

    /// The stored step as a power of two: mantissas are multiples of `2^step_bits`.
    #[must_use]
    pub const fn step_bits(self) -> u32 {
        let sign_bits = match self.sign_mode {
            SignMode::Mixed => 1,
            SignMode::Excitatory | SignMode::Inhibitory => 0,
        };
        8 - self.bits as u32 + sign_bits
    }

    /// The mantissas it can store. The mixed mode reaches -256 but not 256, and -256 is not stored in
    /// inhibitory mode.
    #[must_use]
    pub const fn range(self) -> WeightRange {
        let (lowest, highest) = match self.sign_mode {
            SignMode::Mixed => (256, 255),
            SignMode::Excitatory => (0, 255),
            SignMode::Inhibitory => (255, 0),
        };
        // The multiples of the step within: the low bits of either magnitude are not stored.
        let stored = -1_i16 << self.step_bits();
        WeightRange { min: -(lowest & stored), max: highest & stored, step: 1 << self.step_bits() }
    }

    /// `weight` as a mantissa, or `None` if it is out of range or not a multiple of the stored step.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a weight in range is a short integer")]
    pub const fn quantise(self, weight: i32) -> Option<i16> {
        if self.range().contains(weight) { Some(weight as i16) } else { None }
    }

    /// The next mantissa at or below `weight`, or the nearest end of the range.
    #[must_use]
    pub fn round_down(self, weight: i32) -> i16 {
        self.saturate(weight.div_euclid(self.step()).saturating_mul(self.step()))
    }

    /// The next mantissa from `weight` towards zero, or the nearest end of the range.
    #[must_use]
    pub fn round_toward_zero(self, weight: i32) -> i16 {
        self.saturate(weight / self.step() * self.step())
    }

    /// The nearest mantissa, an even multiple of the step at a tie, or the nearest end of the range.
    #[must_use]
    pub fn round_nearest(self, weight: i32) -> i16 {
        let below = weight.div_euclid(self.step());
        let twice_rest = 2 * i64::from(weight.rem_euclid(self.step()));
        let tie_or_above = twice_rest.cmp(&i64::from(self.step()));
        let up = tie_or_above.is_gt() || (tie_or_above.is_eq() && below % 2 != 0);
        self.saturate((below + i32::from(up)).saturating_mul(self.step()))
    }

    /// The mantissa that a rule's accumulator, in 1/128 of a weight unit, is stored as: its sign is brought
    /// to the sign mode, it is rounded to the stored step at random, by `word`, and clamped to the range.
    #[inline]
    #[must_use]
    pub const fn store(self, accumulator: i32, word: u32) -> i16 {
        let accumulator = match self.sign_mode {
            SignMode::Mixed => accumulator,
            SignMode::Excitatory if accumulator < 0 => 0,
            SignMode::Inhibitory if accumulator > 0 => 0,
            SignMode::Excitatory | SignMode::Inhibitory => accumulator,
        };
        let rest_bits = RULE_FRACTION_BITS + self.step_bits();
        self.saturate(stochastic_shift(accumulator, rest_bits, word) << self.step_bits())
    }

    const fn step(self) -> i32 {
        1 << self.step_bits()
    }

    #[expect(clippy::cast_possible_truncation, reason = "both ends of a range are short integers")]
    const fn saturate(self, weight: i32) -> i16 {
        let range = self.range();
        crate::fixed::saturate(weight, range.min as i32, range.max as i32) as i16
    }
}

impl fmt::Display for WeightFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}-bit", self.sign_mode, self.bits)
    }
}

/// Power of two by which all mantissas of a projection are multiplied, -8 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeightExponent(i8);

impl WeightExponent {
    /// The mantissa is the weight.
    pub const ZERO: Self = Self(0);

    /// Returns `None` outside -8..=7.
    #[must_use]
    pub const fn new(exponent: i8) -> Option<Self> {
        if exponent >= *WEIGHT_EXPONENT.start() && exponent <= *WEIGHT_EXPONENT.end() {
            Some(Self(exponent))
        } else {
            None
        }
    }

    /// The exponent as the chip stores it.
    #[must_use]
    pub const fn get(self) -> i8 {
        self.0
    }
}

/// How the synapses of a projection are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SynapseFormat {
    /// How a mantissa is stored.
    pub weight: WeightFormat,
    /// Power of two on every mantissa.
    pub exponent: WeightExponent,
}

impl SynapseFormat {
    /// Charge that a spike carries through a synapse of this mantissa.
    #[must_use]
    pub const fn effective_weight(self, weight_mantissa: i16) -> i32 {
        crate::fixed::effective_weight(weight_mantissa, self.exponent)
    }

    /// The mantissa whose effective weight is exactly `charge`, if there is one.
    #[must_use]
    pub fn mantissa_of_charge(self, charge: i32) -> Option<i16> {
        // Mantissas that a negative exponent rounds are not looked for: they would carry the charge
        // by accident.
        let scaled = i64::from(charge) << 8;
        let unit = 64_i64 << (8 + self.exponent.get());
        if scaled % unit != 0 {
            return None;
        }
        let mantissa = self.weight.quantise(i32::try_from(scaled / unit).ok()?)?;
        (self.effective_weight(mantissa) == charge).then_some(mantissa)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    const fn range(min: i16, max: i16, step: i16) -> WeightRange {
        WeightRange { min, max, step }
    }

    fn all_formats() -> impl Iterator<Item = WeightFormat> {
        SignMode::ALL.into_iter().flat_map(|sign_mode| {
            WEIGHT_BITS.into_iter().map(move |bits| WeightFormat::new(sign_mode, bits).unwrap())
        })
    }

    /// Table 2.1 of the chip description, and what it says of fewer bits.
    #[test]
    fn ranges_follow_sign_mode_and_bits() {
        let full = |sign_mode| WeightFormat::full(sign_mode).range();
        assert_eq!(full(SignMode::Mixed), WeightRange::MIXED);
        assert_eq!(full(SignMode::Excitatory), range(0, 255, 1));
        assert_eq!(full(SignMode::Inhibitory), range(-255, 0, 1));
        let six = |sign_mode| WeightFormat::new(sign_mode, 6).unwrap().range();
        assert_eq!(six(SignMode::Mixed), range(-256, 248, 8));
        assert_eq!(six(SignMode::Excitatory), range(0, 252, 4));
        assert_eq!(six(SignMode::Inhibitory), range(-252, 0, 4));
        assert_eq!(WeightFormat::new(SignMode::Mixed, 1).unwrap().range(), range(-256, 0, 256));
        assert_eq!(WeightFormat::new(SignMode::Mixed, 0).unwrap().range(), range(0, 0, 512));
        assert_eq!(WeightFormat::new(SignMode::Mixed, 7), None);
        assert_eq!(WeightFormat::new(SignMode::Mixed, 9), None);
    }

    #[test]
    fn a_range_names_its_format() {
        for format in all_formats() {
            // With no bits at all, excitatory and inhibitory are the same.
            let named = match (format.sign_mode(), format.bits()) {
                (SignMode::Inhibitory, 0) => WeightFormat::new(SignMode::Excitatory, 0),
                _ => Some(format),
            };
            assert_eq!(WeightFormat::of_range(format.range()), named, "{format}");
        }
        for other in [range(-256, 255, 1), range(-254, 254, 2), range(0, 254, 2), range(-256, 0, 1)]
        {
            assert_eq!(WeightFormat::of_range(other), None);
        }
    }

    /// Worked example E10: 8 bits with exponent 0. Lava rounds down, Brian2Loihi toward zero,
    /// nengo-loihi to the nearest. Where we differ from nengo-loihi it clips to 254 either way.
    #[test]
    fn rounding_agrees_with_the_emulators() {
        let mixed = WeightFormat::full(SignMode::Mixed);
        let rows = [
            (-256, -256, -256, -256),
            (-255, -256, -254, -256),
            (-3, -4, -2, -4),
            (-1, -2, 0, 0),
            (1, 0, 0, 0),
            (3, 2, 2, 4),
            (254, 254, 254, 254),
            (255, 254, 254, 254),
        ];
        for (weight, down, toward_zero, nearest) in rows {
            assert_eq!(mixed.round_down(weight), down, "{weight}");
            assert_eq!(mixed.round_toward_zero(weight), toward_zero, "{weight}");
            assert_eq!(mixed.round_nearest(weight), nearest, "{weight}");
        }
        let excitatory = WeightFormat::new(SignMode::Excitatory, 6).unwrap();
        let inhibitory = WeightFormat::new(SignMode::Inhibitory, 6).unwrap();
        assert_eq!([1, 3, 255].map(|weight| excitatory.round_down(weight)), [0, 0, 252]);
        assert_eq!([1, 3, 255].map(|weight| excitatory.round_toward_zero(weight)), [0, 0, 252]);
        // The emulators store -256 here; we hold that no inhibitory weight reaches it.
        let expected = [-252, -252, 0];
        assert_eq!([-256, -255, -3].map(|weight| inhibitory.round_toward_zero(weight)), expected);
        // Table 2.2.
        assert_eq!([-255, -3, 3].map(|weight| mixed.quantise(weight)), [None; 3]);
        assert_eq!(
            [-256, -4, 254].map(|weight| mixed.quantise(weight)),
            [Some(-256), Some(-4), Some(254)]
        );
        assert_eq!([-258, 256].map(|weight| mixed.quantise(weight)), [None; 2]);
    }

    /// Every weight near every range: what fits is left alone, the rest goes where the name says.
    #[test]
    fn rounding_obeys_its_laws() {
        for format in all_formats() {
            let range = format.range();
            let step = i32::from(range.step);
            for weight in (-1100..=1100).chain([i32::MIN, i32::MAX]) {
                let results = [
                    format.round_down(weight),
                    format.round_toward_zero(weight),
                    format.round_nearest(weight),
                ]
                .map(i32::from);
                for result in results {
                    assert!(range.contains(result), "{format} {weight} {result}");
                }
                match format.quantise(weight) {
                    Some(mantissa) => assert_eq!(results, [i32::from(mantissa); 3]),
                    None => assert!(!range.contains(weight)),
                }
                if weight > i32::from(range.min) && weight < i32::from(range.max) {
                    let [down, toward_zero, nearest] = results;
                    assert!(down <= weight && weight - down < step);
                    assert!(
                        toward_zero.abs() <= weight.abs() && (weight - toward_zero).abs() < step
                    );
                    assert!(2 * (weight - nearest).abs() <= step);
                }
            }
        }
    }

    /// Section 10.1: the fixed weights of the published circuit, by that circuit's own encoding.
    #[test]
    fn published_weights_have_their_published_mantissas() {
        let rows = [(520, 130, 2), (9280, 145, 6), (8704, 136, 6), (8192, 128, 6), (512, 128, 2)];
        for (weight, mantissa, exponent) in rows {
            for (sign, sign_mode) in [(1, SignMode::Excitatory), (-1, SignMode::Inhibitory)] {
                let exponent = WeightExponent::new(exponent).unwrap();
                let format = SynapseFormat { weight: WeightFormat::full(sign_mode), exponent };
                let charge = i32::from(sign) * weight * 64;
                assert_eq!(format.mantissa_of_charge(charge), Some(sign * mantissa));
            }
        }
    }

    /// Every mantissa that an exponent does not round is found from its charge; no other is.
    #[test]
    fn charges_name_their_mantissas() {
        for weight in SignMode::ALL.map(WeightFormat::full) {
            for exponent in WEIGHT_EXPONENT {
                let format =
                    SynapseFormat { weight, exponent: WeightExponent::new(exponent).unwrap() };
                let range = weight.range();
                for mantissa in range.min..=range.max {
                    let charge = i64::from(mantissa) * 64 * (1 << (8 + exponent)) / 256;
                    let exact = charge * 256 == i64::from(mantissa) * 64 * (1 << (8 + exponent))
                        && charge % 64 == 0
                        && charge.abs() <= 2_097_088
                        && range.contains(i32::from(mantissa));
                    let charge = i32::try_from(charge).unwrap();
                    let found = format.mantissa_of_charge(charge);
                    if exact {
                        assert_eq!(found, Some(mantissa), "{weight} {exponent}");
                    } else {
                        assert_ne!(found, Some(mantissa), "{weight} {exponent}");
                    }
                }
            }
        }
    }

    /// One end of every range is an odd multiple of the step: lowering relies on it to find weights that
    /// a negative exponent would round.
    #[test]
    fn an_end_of_the_range_is_odd() {
        for format in all_formats().filter(|format| format.range().min != format.range().max) {
            let range = format.range();
            assert!([range.min, range.max].iter().any(|end| end / range.step % 2 != 0), "{format}");
        }
    }

    /// The accumulator of a weight that was not changed is stored as the same weight.
    #[test]
    fn storing_an_unchanged_weight_changes_nothing() {
        for format in all_formats() {
            let range = format.range();
            for mantissa in (range.min..=range.max).filter(|&weight| range.contains(weight.into()))
            {
                assert_eq!(
                    format.store(i32::from(mantissa) << RULE_FRACTION_BITS, u32::MAX),
                    mantissa
                );
            }
        }
    }
}
