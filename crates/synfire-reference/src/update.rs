//! Changes of the weights: a potentiation phase, then a depression phase, each saturating.
//!
//! Clause R5. A forward weight grows by one step where its source is active and its target has a
//! positive error, then shrinks by one step where the target has a negative error. The positive
//! feedback matrix follows with sources and targets exchanged; the negative one does the opposite
//! in the same phases. Which errors there are is the business of `backward`.

use crate::limits::WeightLimits;
use crate::matrix::Matrix;

/// Steps of one layer's targets: one step where a bit is set, 0 elsewhere.
pub(crate) fn steps(bits: &[bool], limits: WeightLimits, steps: &mut [i16]) {
    for (step, &bit) in steps.iter_mut().zip(bits) {
        *step = limits.step() * i16::from(bit);
    }
}

/// Raises, then lowers the rows of all `sources`, each target by its own step.
pub(crate) fn change_rows(
    matrix: &mut Matrix,
    sources: &[u32],
    raise: &[i16],
    lower: &[i16],
    limits: WeightLimits,
) {
    let (min, max) = (limits.min(), limits.max());
    for &source in sources {
        let row = matrix.row_of_mut(source as usize);
        for ((weight, &up), &down) in row.iter_mut().zip(raise).zip(lower) {
            // Limits and steps are at most 8192, so neither sum can leave 16 bits.
            let raised = weight.wrapping_add(up).min(max);
            *weight = raised.wrapping_sub(down).max(min);
        }
    }
}

/// Raises every row whose source is in `raised`, then lowers every row whose source is in
/// `lowered`, by the given step of each target.
pub(crate) fn change_feedback(
    matrix: &mut Matrix,
    raised: &[u32],
    lowered: &[u32],
    target_steps: &[i16],
    limits: WeightLimits,
) {
    for &source in raised {
        for (weight, &step) in matrix.row_of_mut(source as usize).iter_mut().zip(target_steps) {
            *weight = weight.wrapping_add(step).min(limits.max());
        }
    }
    for &source in lowered {
        for (weight, &step) in matrix.row_of_mut(source as usize).iter_mut().zip(target_steps) {
            *weight = weight.wrapping_sub(step).max(limits.min());
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// R5: at the upper limit a rise is lost and the fall after it is not; at the lower limit the
    /// fall meets a weight that has just risen.
    #[test]
    fn potentiation_comes_first_and_saturates_on_its_own() {
        let limits = WeightLimits::CIRCUIT;
        let mut matrix = Matrix::new(2, 4, vec![254, -256, 0, 254, 5, 5, 5, 5]).unwrap();
        change_rows(&mut matrix, &[0], &[2, 2, 2, 2], &[2, 2, 2, 0], limits);
        assert_eq!(matrix.row(0), [252, -256, 0, 254]);
        assert_eq!(matrix.row(1), [5, 5, 5, 5]);
    }

    #[test]
    fn feedback_rows_change_in_the_same_order() {
        let limits = WeightLimits::CIRCUIT;
        let mut matrix = Matrix::new(3, 2, vec![254, -256, 254, -256, 254, -256]).unwrap();
        change_feedback(&mut matrix, &[0, 1], &[1, 2], &[2, 2], limits);
        assert_eq!(matrix.row(0), [254, -254]);
        assert_eq!(matrix.row(1), [252, -256]);
        assert_eq!(matrix.row(2), [252, -256]);
    }
}
