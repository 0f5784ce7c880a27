//! The scale of a product: the literals of its text, multiplied, as mantissa and exponent.
//!
//! The chip holds a signed 4-bit mantissa and a 4-bit exponent. A magnitude above 7 is halved as
//! long as that loses nothing and the exponent has room, as Lava does; a mantissa of at most 7 is
//! left as written, so that `2*2^-8` is refused although `2^-7` would say the same.

use super::error::RuleError;

const MANTISSA_MIN: i64 = -8;
const MANTISSA_MAX: i64 = 7;
const EXPONENT_MIN: i64 = -7;
const EXPONENT_MAX: i64 = 8;

/// A reduced scale `mantissa * 2^exponent`, with the mantissa in -8..=7 and the exponent in -7..=8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scale {
    mantissa: i8,
    exponent: i8,
}

impl Scale {
    pub(super) const fn mantissa(self) -> i8 {
        self.mantissa
    }

    pub(super) const fn exponent(self) -> i8 {
        self.exponent
    }
}

/// The literals of a product read so far, multiplied and not yet reduced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literals {
    negative: bool,
    /// Not negative; the sign is kept apart so that turning it never overflows.
    magnitude: i64,
    exponent: i64,
}

impl Literals {
    /// The scale of a product without literals: 1 or -1.
    pub(super) const fn new(negative: bool) -> Literals {
        Literals { negative, magnitude: 1, exponent: 0 }
    }

    pub(super) const fn negate(&mut self) {
        self.negative = !self.negative;
    }

    /// Multiplies by `integer * 2^exponent`, where `integer` is not negative.
    /// Returns `None` if the magnitude or the exponent passes 63 bits.
    pub(super) fn multiply(&mut self, integer: i64, exponent: i64) -> Option<()> {
        self.magnitude = self.magnitude.checked_mul(integer)?;
        self.exponent = self.exponent.checked_add(exponent)?;
        Some(())
    }

    /// Reduces, or says which of the two numbers is out of range in the `product`-th product,
    /// counted from 1, which begins at byte `offset`.
    pub(super) fn reduce(self, offset: usize, product: usize) -> Result<Scale, RuleError> {
        let mut mantissa = if self.negative { -self.magnitude } else { self.magnitude };
        let mut exponent = self.exponent;
        // -8 would fit, yet Lava halves it too: the bound is on the magnitude.
        while mantissa.abs() > MANTISSA_MAX && mantissa % 2 == 0 && exponent < EXPONENT_MAX {
            mantissa /= 2;
            exponent += 1;
        }
        if !(MANTISSA_MIN..=MANTISSA_MAX).contains(&mantissa) {
            return Err(RuleError::Mantissa { offset, product, found: mantissa });
        }
        if !(EXPONENT_MIN..=EXPONENT_MAX).contains(&exponent) {
            return Err(RuleError::Exponent { offset, product, found: exponent });
        }
        // Both conversions hold by the two checks above.
        match (i8::try_from(mantissa), i8::try_from(exponent)) {
            (Ok(mantissa), Ok(exponent)) => Ok(Scale { mantissa, exponent }),
            _ => unreachable!("mantissa {mantissa} and exponent {exponent} were just checked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every mantissa and exponent anywhere near the ranges, against the rule stated as search:
    /// the halvings are the fewest that bring the magnitude to 7, as far as parity and room allow.
    #[test]
    fn reduction_is_exact_and_ends_where_it_must() {
        for magnitude in 0..4096_i64 {
            for exponent in -20..=20_i64 {
                for negative in [false, true] {
                    let mut literals = Literals::new(negative);
                    literals.multiply(magnitude, exponent).expect("small numbers");
                    let signed = if negative { -magnitude } else { magnitude };
                    let fewest = (0..13_u32)
                        .find(|&n| {
                            let halved = signed >> n;
                            halved.abs() <= 7 || halved % 2 != 0 || exponent + i64::from(n) >= 8
                        })
                        .expect("4096 is below 7 * 2^13");
                    let (mantissa, exponent) = (signed >> fewest, exponent + i64::from(fewest));
                    let fits = (-8..=7).contains(&mantissa) && (-7..=8).contains(&exponent);
                    match literals.reduce(0, 1) {
                        Ok(scale) => {
                            assert!(fits);
                            assert_eq!(i64::from(scale.mantissa()), mantissa);
                            assert_eq!(i64::from(scale.exponent()), exponent);
                        }
                        Err(RuleError::Mantissa { found, .. }) => {
                            assert!(!fits);
                            assert_eq!(found, mantissa);
                        }
                        Err(RuleError::Exponent { found, .. }) => {
                            assert!(!fits);
                            assert_eq!(found, exponent);
                        }
                        Err(other) => panic!("reduction reported {other}"),
                    }
                }
            }
        }
    }

    #[test]
    fn literals_overflow_without_panic() {
        let mut literals = Literals::new(true);
        assert_eq!(literals.multiply(i64::MAX, i64::MAX), Some(()));
        assert_eq!(literals.multiply(2, 0), None);
        let mut literals = Literals::new(true);
        assert_eq!(literals.multiply(1, i64::MIN), Some(()));
        assert_eq!(literals.multiply(1, -1), None);
        let mut literals = Literals::new(true);
        assert_eq!(literals.multiply(i64::MAX, 0), Some(()));
        assert!(matches!(
            literals.reduce(3, 2),
            Err(RuleError::Mantissa { offset: 3, product: 2, found }) if found == -i64::MAX
        ));
    }
}
