//! The chip's arithmetic: decay, wrap-around, effective weight, saturation.
//!
//! Each function is one scalar definition that every engine of the chip shares or is tested against.
//! Nothing here has a state, and nothing outside this module and [`synapse`](crate::synapse) rounds. What is
//! rounded at random takes its random word as an argument; where words come from is
//! [`random`](crate::random).

use crate::WeightExponent;
use crate::limits::{DECAY_BITS, DECAY_REGISTER, EFFECTIVE_WEIGHT_END, RULE_BITS, UNIT_BITS};
use synfire_net::Decay;

/// Reduces `value` to two's complement with `magnitude_bits` bits and a sign: the range is
/// -(2^bits) to 2^bits - 1.
///
/// nengo-loihi compared these wraps with a chip, with input and current overflowing.
///
/// # Panics
/// Above 31 magnitude bits, in a build that checks arithmetic.
#[must_use]
pub const fn wrap(value: i32, magnitude_bits: u32) -> i32 {
    let unused = 31 - magnitude_bits;
    // Sign extension from the bits that exist; the bits above are lost, as they are in the register.
    (value << unused) >> unused
}

/// What is left of a current or voltage after one step, its magnitude rounded down.
///
/// Replaying voltages recorded on a chip (slayerPytorch, 250-25-1 network) gives no mismatch in 1996
/// samples with this rounding, and hundreds with any other.
#[must_use]
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a magnitude never grows by decaying")]
pub const fn decay(state: i32, loss: Decay) -> i32 {
    let kept = (1 << DECAY_BITS) - loss.get() as i64;
    // The chip shifts the magnitude and restores the sign, which is what this division does. Shifting
    // the signed value would round towards minus infinity and leave -1 stuck at -1 for ever.
    (state as i64 * kept / (1 << DECAY_BITS)) as i32
}

/// Whether the offset bit of a core adds 1 to the decay registers of its compartments.
///
/// By default the chip sets it for the current and not for the voltage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecayOffset {
    /// The register is the decay.
    Zero,
    /// The decay is one more than the register.
    One,
}

/// The decay that a 12-bit register stands for, or `None` above 4095.
///
/// Everything else in this crate speaks of the effective decay, as vendor configurations do.
#[must_use]
pub const fn decay_from_register(register: u16, offset: DecayOffset) -> Option<Decay> {
    if register > *DECAY_REGISTER.end() {
        return None;
    }
    match offset {
        DecayOffset::Zero => Decay::new(register),
        DecayOffset::One => Decay::new(register + 1),
    }
}

/// Charge that one spike carries through a synapse: `floor(mantissa * 2^exponent) * 64`, saturated at
/// 2^21 - 64 either way.
///
/// Rounding and limit act on each synapse, not on a sum (Brian2Loihi; Lava shifts the sum of a step).
/// The limit is reached by -256 with the exponent 7 and by nothing else.
#[must_use]
pub const fn effective_weight(weight_mantissa: i16, weight_exponent: WeightExponent) -> i32 {
    let mantissa = weight_mantissa as i32;
    let exponent = weight_exponent.get();
    let weight = if exponent >= 0 {
        mantissa << exponent.unsigned_abs()
    } else {
        mantissa >> exponent.unsigned_abs()
    };
    saturate(weight << UNIT_BITS, -EFFECTIVE_WEIGHT_END, EFFECTIVE_WEIGHT_END)
}

/// `value` or the nearest limit.
#[must_use]
pub const fn saturate(value: i32, min: i32, max: i32) -> i32 {
    if value < min {
        min
    } else if value > max {
        max
    } else {
        value
    }
}

/// `value / 2^shift`, rounded up with the probability of the fraction and down otherwise.
///
/// Of `word`, which is meant to be random, the top `shift` bits are added before the shift; they make no
/// difference if the fraction is 0. The mean over all words is the exact quotient.
///
/// # Panics
/// For a shift of 0 or above 31, in a build that checks arithmetic.
#[must_use]
pub const fn stochastic_shift(value: i32, shift: u32, word: u32) -> i32 {
    // In 64 bits, so that no sum can overflow.
    let sum = value as i64 + (word >> (32 - shift)) as i64;
    #[expect(clippy::cast_possible_truncation, reason = "a shift makes it smaller")]
    let shifted = (sum >> shift) as i32;
    shifted
}

/// Saturates to the 16 bits in which rules are evaluated.
#[must_use]
pub const fn saturate_rule(value: i32) -> i32 {
    saturate(value, -(1 << RULE_BITS), (1 << RULE_BITS) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{INPUT_BITS, STATE_BITS};

    #[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    fn loss(value: u16) -> Decay {
        Decay::new(value).unwrap()
    }

    /// Worked example E1: values produced by nengo-loihi's `decay_int`, by register and offset bit.
    #[test]
    #[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    fn decay_agrees_with_nengo_loihi() {
        let rows = [
            (1000, 0, 1000, 999),
            (-1000, 1, -999, -999),
            (1, 1, 0, 0),
            (-1, 1, 0, 0),
            (-7, 100, -6, -6),
            (1000, 4095, 0, 0),
            (8_388_607, 2048, 4_194_303, 4_192_255),
            (-8_388_607, 2048, -4_194_303, -4_192_255),
        ];
        for (state, register, zero, one) in rows {
            for (offset, expected) in [(DecayOffset::Zero, zero), (DecayOffset::One, one)] {
                let loss = decay_from_register(register, offset).unwrap();
                assert_eq!(decay(state, loss), expected, "{state} {register} {offset:?}");
            }
        }
        assert_eq!(decay_from_register(4096, DecayOffset::Zero), None);
        assert_eq!(decay_from_register(4095, DecayOffset::One), Some(Decay::CLEAR));
    }

    /// Brian2Loihi rounds the decrement away from zero; that must be the same for every constant.
    #[test]
    fn decay_is_the_decrement_rounded_away_from_zero() {
        let edge = 1 << STATE_BITS;
        let states = [0, 1, 2, 63, 64, 4095, 4096, 4097, 1_000_003, edge - 2, edge - 1, edge];
        for constant in 0..=4096_u16 {
            for magnitude in states {
                let decrement =
                    (i64::from(magnitude) * i64::from(constant) + 4095).div_euclid(4096);
                let left = i64::from(magnitude) - decrement;
                assert_eq!(i64::from(decay(magnitude, loss(constant))), left);
                assert_eq!(i64::from(decay(-magnitude, loss(constant))), -left);
            }
        }
    }

    /// Worked example E8, first row: the input register, run on nengo-loihi.
    #[test]
    fn input_wraps_at_twenty_one_bits() {
        let rows = [
            (2_097_151, 2_097_151),
            (2_097_152, -2_097_152),
            (2_097_153, -2_097_151),
            (-2_097_152, -2_097_152),
            (-2_097_153, 2_097_151),
        ];
        for (sum, held) in rows {
            assert_eq!(wrap(sum, INPUT_BITS), held);
        }
    }

    #[test]
    fn wrap_is_reduction_modulo_the_register() {
        for bits in [INPUT_BITS, STATE_BITS] {
            let half = 1_i64 << bits;
            for centre in [0, half, -half, 2 * half, 3 * half, i64::from(i32::MAX) - 2] {
                for offset in -2..=2 {
                    let Ok(value) = i32::try_from(centre + offset) else { continue };
                    let naive = (i64::from(value) + half).rem_euclid(2 * half) - half;
                    assert_eq!(i64::from(wrap(value, bits)), naive);
                }
            }
        }
    }

    /// Worked example E11: mixed weights of 8 bits, run on Brian2Loihi; and its excitatory line.
    #[test]
    #[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    fn effective_weights_agree_with_brian2loihi() {
        let mantissas = [-256, -254, -100, -6, -2, 2, 6, 100, 254];
        let rows = [
            (-8, [-64, -64, -64, -64, -64, 0, 0, 0, 0]),
            (-6, [-256, -256, -128, -64, -64, 0, 0, 64, 192]),
            (-2, [-4096, -4096, -1600, -128, -64, 0, 64, 1600, 4032]),
            (-1, [-8192, -8128, -3200, -192, -64, 64, 192, 3200, 8128]),
            (1, [-32768, -32512, -12800, -768, -256, 256, 768, 12800, 32512]),
            (5, [-524_288, -520_192, -204_800, -12288, -4096, 4096, 12288, 204_800, 520_192]),
            (
                7,
                [
                    -2_097_088, -2_080_768, -819_200, -49152, -16384, 16384, 49152, 819_200,
                    2_080_768,
                ],
            ),
        ];
        for (exponent, expected) in rows {
            let exponent = WeightExponent::new(exponent).unwrap();
            assert_eq!(mantissas.map(|mantissa| effective_weight(mantissa, exponent)), expected);
        }
        let largest = WeightExponent::new(7).unwrap();
        let expected = [8192, 1_048_576, 2_088_960];
        assert_eq!([1, 128, 255].map(|mantissa| effective_weight(mantissa, largest)), expected);
    }

    /// All mantissas and exponents against floor division of whole numbers.
    #[test]
    #[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    fn effective_weight_is_the_floor_of_the_product() {
        for exponent in -8..=7_i8 {
            for mantissa in -256..=255_i16 {
                let scaled = i64::from(mantissa) * (1 << (exponent + 8));
                let charge = (scaled.div_euclid(256) * 64).clamp(-2_097_088, 2_097_088);
                let exponent = WeightExponent::new(exponent).unwrap();
                assert_eq!(i64::from(effective_weight(mantissa, exponent)), charge);
            }
        }
    }

    /// Worked example E12: rounding acts on each synapse, so two weights of 3 with exponent -2 carry
    /// nothing. Lava, which shifts their sum, delivers 64.
    #[test]
    #[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    fn negative_exponents_round_each_synapse() {
        let exponent = WeightExponent::new(-2).unwrap();
        assert_eq!(effective_weight(3, exponent) + effective_weight(3, exponent), 0);
        assert_eq!(effective_weight(3 + 3, exponent), 64);
    }
}
