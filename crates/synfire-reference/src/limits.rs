//! The range and the grid of a plastic weight.
//!
//! A weight is an integer between two limits and a multiple of a step; one update moves it by one
//! step and saturates at the limits. The reference takes both as plain numbers: it knows of no
//! storage format that would explain them. Clauses R5 and R7 of the nBP semantics, "Units".

use thiserror::Error;

/// Largest magnitude a weight limit may have: sums of 65,536 such weights, counted twice as in
/// the hidden error, still fit into 31 bits.
const LARGEST_MAGNITUDE: i16 = 8192;

/// Smallest and largest weight and the distance between two neighbouring weights, in weight units.
///
/// The step is also the size of one potentiation or depression (2 in clause R5). Zero is always a
/// weight: the limits are multiples of the step on either side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightLimits {
    min: i16,
    max: i16,
    step: i16,
}

/// Why three numbers are not the limits and the grid of a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the fields say what was found")]
#[non_exhaustive]
pub enum LimitsError {
    /// The step is not positive.
    #[error("weight step is {found}, expected 1 or more")]
    Step { found: i16 },
    /// The range does not reach from 0 or below to 0 or above.
    #[error("weight limits are {min}..={max}, expected a range that holds 0 and another weight")]
    Order { min: i16, max: i16 },
    /// A limit lies outside -8192..=8192.
    #[error("weight limit is {found}, expected -8192 to 8192")]
    Magnitude { found: i16 },
    /// A limit is not a multiple of the step.
    #[error("weight limit is {found}, expected a multiple of the weight step {step}")]
    Grid { found: i16, step: i16 },
}

impl WeightLimits {
    /// The published circuit's weights: even, -256 to 254.
    pub const CIRCUIT: WeightLimits = WeightLimits { min: -256, max: 254, step: 2 };
    /// The weights of LANL's NumPy simulation: even, -254 to 254.
    pub const LANL: WeightLimits = WeightLimits { min: -254, max: 254, step: 2 };

    /// Checks and keeps the limits.
    ///
    /// # Errors
    /// If the step is not positive, the range does not hold zero and one more weight, a limit lies
    /// outside -8192..=8192 or off the grid.
    pub const fn new(min: i16, max: i16, step: i16) -> Result<WeightLimits, LimitsError> {
        if step < 1 {
            return Err(LimitsError::Step { found: step });
        }
        if min > 0 || max < 0 || min == max {
            return Err(LimitsError::Order { min, max });
        }
        if min < -LARGEST_MAGNITUDE {
            return Err(LimitsError::Magnitude { found: min });
        }
        if max > LARGEST_MAGNITUDE {
            return Err(LimitsError::Magnitude { found: max });
        }
        if min % step != 0 {
            return Err(LimitsError::Grid { found: min, step });
        }
        if max % step != 0 {
            return Err(LimitsError::Grid { found: max, step });
        }
        Ok(WeightLimits { min, max, step })
    }

    /// Smallest weight.
    #[must_use]
    pub const fn min(self) -> i16 {
        self.min
    }

    /// Largest weight.
    #[must_use]
    pub const fn max(self) -> i16 {
        self.max
    }

    /// Distance between neighbouring weights, and size of one update.
    #[must_use]
    pub const fn step(self) -> i16 {
        self.step
    }

    /// Whether the smallest weight is the negative of the largest. Only then is the negative of
    /// every weight a weight.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        self.min == -self.max
    }

    /// Whether `weight` lies within the limits.
    #[must_use]
    pub const fn is_in_range(self, weight: i16) -> bool {
        self.min <= weight && weight <= self.max
    }

    /// Whether `weight` is a multiple of the step.
    #[must_use]
    pub const fn is_on_grid(self, weight: i16) -> bool {
        weight % self.step == 0
    }

    /// Whether `weight` sits at one of the two limits.
    #[must_use]
    pub const fn is_saturated(self, weight: i16) -> bool {
        weight == self.min || weight == self.max
    }

    /// The weight closest to `value`, which must itself be on the grid: the value or a limit.
    pub(crate) fn saturate(self, value: i16) -> i16 {
        value.clamp(self.min, self.max)
    }

    /// How many rows of weights can be added in 16 bits without any sum leaving them.
    pub(crate) fn rows_without_overflow(self) -> usize {
        // At least one limit differs from zero, and none exceeds 8192: the result is 3 or more.
        let largest = self.min.unsigned_abs().max(self.max.unsigned_abs());
        usize::from(i16::MAX.unsigned_abs() / largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_limits_pass_their_own_check() {
        assert_eq!(WeightLimits::new(-256, 254, 2), Ok(WeightLimits::CIRCUIT));
        assert_eq!(WeightLimits::new(-254, 254, 2), Ok(WeightLimits::LANL));
        assert!(WeightLimits::LANL.is_symmetric());
        assert!(!WeightLimits::CIRCUIT.is_symmetric());
    }

    #[test]
    fn wrong_limits_are_named() {
        assert_eq!(WeightLimits::new(-4, 4, 0), Err(LimitsError::Step { found: 0 }));
        assert_eq!(WeightLimits::new(-4, 4, -2), Err(LimitsError::Step { found: -2 }));
        assert_eq!(WeightLimits::new(2, 4, 2), Err(LimitsError::Order { min: 2, max: 4 }));
        assert_eq!(WeightLimits::new(0, 0, 2), Err(LimitsError::Order { min: 0, max: 0 }));
        assert_eq!(
            WeightLimits::new(i16::MIN, 4, 2),
            Err(LimitsError::Magnitude { found: i16::MIN })
        );
        assert_eq!(WeightLimits::new(-4, 8194, 2), Err(LimitsError::Magnitude { found: 8194 }));
        assert_eq!(WeightLimits::new(-3, 4, 2), Err(LimitsError::Grid { found: -3, step: 2 }));
        assert_eq!(WeightLimits::new(-4, 3, 2), Err(LimitsError::Grid { found: 3, step: 2 }));
        assert_eq!(
            LimitsError::Grid { found: 3, step: 2 }.to_string(),
            "weight limit is 3, expected a multiple of the weight step 2"
        );
    }

    /// The block length of the 16-bit sums, for the circuit's weights and at the extremes.
    #[test]
    fn the_worst_block_fits_into_sixteen_bits() {
        assert_eq!(WeightLimits::CIRCUIT.rows_without_overflow(), 127);
        for (min, max) in [(-256, 254), (-8192, 8192), (-8192, 0), (0, 8192), (-1, 0), (-1, 1)] {
            let limits = WeightLimits::new(min, max, 1);
            let Ok(limits) = limits else { panic!("{min}..={max} are limits") };
            let rows = i64::try_from(limits.rows_without_overflow()).unwrap_or(i64::MAX);
            assert!(rows >= 1 && rows * i64::from(min) >= i64::from(i16::MIN));
            assert!(rows * i64::from(max) <= i64::from(i16::MAX));
        }
    }
}
