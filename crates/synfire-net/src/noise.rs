//! Noise on a neuron: a pseudo-random charge in every step.
//!
//! In every step in which a neuron is updated a whole number k from -127 to 127 is drawn, each as likely as
//! any other; the noise is (k + 64 * `mantissa_offset`) * 2^(`exponent` - 7), towards zero. Where it is
//! added is its target. The form is nengo-loihi's (chip fact C31); field widths are not public, so that any
//! noise is allowed that fits into the registers of current and voltage.

use serde::{Deserialize, Serialize};

/// What noise is added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoiseTarget {
    /// The input of the step, before the current takes it.
    Current,
    /// Current plus bias, on their way to the voltage.
    Voltage,
}

/// Noise on every neuron of a layer, each drawn for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// What it is added to.
    pub target: NoiseTarget,
    /// Power of two that the drawn number is multiplied by, plus 7: 0 to 23.
    pub exponent: u8,
    /// The mean of the drawn number in units of 64.
    #[serde(default)]
    pub mantissa_offset: i8,
}

impl Noise {
    /// Largest exponent: 127 * 2^16 just fits into 23 bits.
    pub const MAX_EXPONENT: u8 = 23;
    /// Largest magnitude of the charge that a step may add, that of a 24-bit register.
    pub const MAX_CHARGE: i64 = (1 << 23) - 1;

    /// The charge that a drawn number, -127 to 127, stands for.
    #[must_use]
    pub const fn charge(self, drawn: i8) -> i64 {
        let mantissa = drawn as i64 + 64 * self.mantissa_offset as i64;
        // 2^23 times 2^15 at most: exact. The division rounds towards zero.
        (mantissa << self.exponent) / 128
    }

    /// The largest magnitude that a step can add, in units of charge.
    #[must_use]
    pub const fn largest_charge(self) -> i64 {
        let [low, high] = [self.charge(-127).abs(), self.charge(127).abs()];
        if low > high { low } else { high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_charge_is_scaled_towards_zero() {
        let noise = |exponent, mantissa_offset| Noise {
            target: NoiseTarget::Current,
            exponent,
            mantissa_offset,
        };
        assert_eq!(noise(7, 0).charge(-127), -127);
        assert_eq!(noise(6, 0).charge(-127), -63);
        assert_eq!(noise(6, 0).charge(127), 63);
        assert_eq!(noise(8, 1).charge(-64), 0);
        assert_eq!(noise(8, -1).charge(1), -126);
        assert_eq!(noise(0, 0).charge(127), 0);
        assert_eq!(noise(0, 1).charge(64), 1);
        assert_eq!(noise(23, 0).largest_charge(), 127 << 16);
        assert!(noise(23, 0).largest_charge() <= Noise::MAX_CHARGE);
        assert_eq!(noise(9, -1).largest_charge(), (127 + 64) * 4);
    }
}
