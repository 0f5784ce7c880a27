//! Changes of the weights: a potentiation phase, then a depression phase, each saturating.
//!
//! Clause R5. A forward weight grows by one step where its source is active and its target has a
//! positive error, then shrinks by one step where the target has a negative error. The positive
//! feedback matrix follows with sources and targets exchanged; the negative one does the opposite
//! in the same phases. Which errors there are is the business of `backward`.

use pulp::NullaryFnOnce;

use crate::lanes::Dispatch;
use crate::limits::WeightLimits;
use crate::matrix::{Matrix, PADDING};
use crate::packed::Packed;
use crate::record::LayerRecord;

/// Targets that cost as much to change one by one as a whole row costs.
const SPARSE: usize = 64;

/// Steps of one layer's targets and of their sources, kept from sample to sample.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    raise: Vec<i16>,
    lower: Vec<i16>,
}

impl Steps {
    /// Room for layers of up to `widest` neurons.
    pub(crate) fn new(widest: usize) -> Steps {
        let n_lanes = widest.next_multiple_of(PADDING);
        Steps { raise: vec![0; n_lanes], lower: vec![0; n_lanes] }
    }
}

/// Changes the weights into one layer by its errors, and their packed copy with them.
pub(crate) fn change_forward(
    dispatch: Dispatch,
    matrix: &mut Matrix,
    packed: Option<&mut Packed>,
    active: &[u32],
    errors: &LayerRecord,
    limits: WeightLimits,
    steps: &mut Steps,
) {
    dispatch.run(ChangeForward { matrix, packed, active, errors, limits, steps });
}

struct ChangeForward<'a> {
    matrix: &'a mut Matrix,
    packed: Option<&'a mut Packed>,
    active: &'a [u32],
    errors: &'a LayerRecord,
    limits: WeightLimits,
    steps: &'a mut Steps,
}

impl NullaryFnOnce for ChangeForward<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let ChangeForward { matrix, packed, active, errors, limits, steps } = self;
        let n_errors = errors.error_plus_list.len() + errors.error_minus_list.len();
        if n_errors <= (errors.error_plus.len() / SPARSE).max(2) {
            change_places(matrix, packed, active, errors, limits);
            return;
        }
        let n_lanes = errors.error_plus.len().next_multiple_of(PADDING);
        let (raise, lower) = (&mut steps.raise[..n_lanes], &mut steps.lower[..n_lanes]);
        step_where(&errors.error_plus, limits, raise);
        step_where(&errors.error_minus, limits, lower);
        match packed {
            Some(packed) => packed.change_rows(matrix, active, (raise, lower), limits),
            None => change_rows(matrix, active, raise, lower, limits),
        }
    }
}

/// Changes the two feedback matrices that mirror the weights from a layer whose activity is
/// `active` to one with `errors`.
pub(crate) fn change_feedback(
    dispatch: Dispatch,
    feedback: (&mut Matrix, &mut Matrix),
    active: &[bool],
    errors: &LayerRecord,
    limits: WeightLimits,
    steps: &mut Steps,
) {
    dispatch.run(ChangeFeedback { feedback, active, errors, limits, steps });
}

struct ChangeFeedback<'a> {
    /// Positive and negative.
    feedback: (&'a mut Matrix, &'a mut Matrix),
    active: &'a [bool],
    errors: &'a LayerRecord,
    limits: WeightLimits,
    steps: &'a mut Steps,
}

impl NullaryFnOnce for ChangeFeedback<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let ChangeFeedback { feedback, active, errors, limits, steps } = self;
        let (plus, minus) = (&errors.error_plus_list, &errors.error_minus_list);
        let steps = &mut steps.raise[..active.len()];
        step_where(active, limits, steps);
        raise_then_lower(feedback.0, plus, minus, steps, limits);
        raise_then_lower(feedback.1, minus, plus, steps, limits);
    }
}

/// One step where a bit is set, 0 elsewhere and behind the bits.
#[inline(always)]
fn step_where(bits: &[bool], limits: WeightLimits, steps: &mut [i16]) {
    let (steps, behind) = steps.split_at_mut(bits.len());
    for (step, &bit) in steps.iter_mut().zip(bits) {
        *step = limits.step() * i16::from(bit);
    }
    behind.fill(0);
}

/// Raises, then lowers the weights from all `sources` to the targets that have an error.
#[inline(always)]
fn change_places(
    matrix: &mut Matrix,
    mut packed: Option<&mut Packed>,
    sources: &[u32],
    errors: &LayerRecord,
    limits: WeightLimits,
) {
    let (min, max, step) = (limits.min(), limits.max(), limits.step());
    let raised = errors.error_plus_list.iter().map(|&target_idx| (target_idx, step));
    let lowered = errors.error_minus_list.iter().map(|&target_idx| (target_idx, -step));
    for (target_idx, change) in raised.chain(lowered) {
        let target_idx = target_idx as usize;
        let n_targets = matrix.n_targets();
        let values = matrix.values_mut();
        let place = |source_idx: u32| source_idx as usize * n_targets + target_idx;
        match &mut packed {
            Some(packed) => {
                let mut column = packed.column_mut(target_idx);
                for &source_idx in sources {
                    let weight = &mut values[place(source_idx)];
                    *weight = weight.wrapping_add(change).clamp(min, max);
                    column.repack(source_idx as usize, *weight);
                }
            }
            None => {
                for &source_idx in sources {
                    let weight = &mut values[place(source_idx)];
                    *weight = weight.wrapping_add(change).clamp(min, max);
                }
            }
        }
    }
}

/// Raises, then lowers the rows of all `sources`, each target by its own step.
#[inline(always)]
fn change_rows(
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
#[inline(always)]
fn raise_then_lower(
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
        raise_then_lower(&mut matrix, &[0, 1], &[1, 2], &[2, 2], limits);
        assert_eq!(matrix.row(0), [254, -254]);
        assert_eq!(matrix.row(1), [252, -256]);
        assert_eq!(matrix.row(2), [252, -256]);
    }
}
