//! Error signals: from the output's mistake down through the hidden layers.
//!
//! 1. Clause R3: the output error compares the target with the output and is gated by the
//!    output's potential.
//! 2. Clause R4: a hidden neuron's two error sums come back through the feedback weights; they
//!    become error signals where they pass the layer's error threshold and the neuron's derivative
//!    gate is open.
//!
//! Whether the feedback weights have already changed in this sample is decided by the caller; the
//! changes themselves are made in `update`.

use pulp::NullaryFnOnce;

use crate::forward::{Sum, list_set, sum_rows};
use crate::lanes::Dispatch;
use crate::limits::WeightLimits;
use crate::matrix::Matrix;
use crate::record::LayerRecord;

/// R3: the output's error signals for a class, both lists included. Returns whether there is any.
pub(crate) fn output_error(output: &mut LayerRecord, class: usize) -> bool {
    // Only active outputs other than the class, or a silent class, can be wrong.
    let (zero, ceiling) = (output.zero, output.ceiling);
    let class_is_silent = output.active.get(class) == Some(&false);
    let n_wrong = output.active_list.len() - usize::from(!class_is_silent);
    if n_wrong == 0 && !class_is_silent {
        return false;
    }
    let bits = output.error_plus.iter_mut().zip(&mut output.error_minus);
    let neurons = output.active.iter().zip(&output.potential);
    for (neuron_idx, ((plus, minus), (&active, &potential))) in bits.zip(neurons).enumerate() {
        let wanted = neuron_idx == class;
        *plus = wanted && !active && potential > zero;
        *minus = active && !wanted && potential <= ceiling;
    }
    list_errors(output)
}

/// R4: the hidden layer's error sums and signals from the errors of the layer above. Returns
/// whether there is any signal.
pub(crate) fn hidden_error(
    dispatch: Dispatch,
    hidden: &mut LayerRecord,
    above: &LayerRecord,
    feedback: (&Matrix, &Matrix),
    theta: i32,
    limits: WeightLimits,
) -> bool {
    dispatch.run(HiddenError { hidden, above, feedback, theta, limits })
}

struct HiddenError<'a> {
    hidden: &'a mut LayerRecord,
    above: &'a LayerRecord,
    /// Positive and negative.
    feedback: (&'a Matrix, &'a Matrix),
    theta: i32,
    limits: WeightLimits,
}

impl NullaryFnOnce for HiddenError<'_> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        let HiddenError { hidden, above, feedback, theta, limits } = self;
        let (plus, minus) = (&above.error_plus_list, &above.error_minus_list);
        sum_rows(feedback.0, plus, limits, Sum::Replace, &mut hidden.e_plus);
        sum_rows(feedback.1, minus, limits, Sum::Add, &mut hidden.e_plus);
        sum_rows(feedback.0, minus, limits, Sum::Replace, &mut hidden.e_minus);
        sum_rows(feedback.1, plus, limits, Sum::Add, &mut hidden.e_minus);
        for (&gate, (plus, &sum)) in
            hidden.gate.iter().zip(hidden.error_plus.iter_mut().zip(&hidden.e_plus))
        {
            *plus = gate & (sum > theta);
        }
        for (&gate, (minus, &sum)) in
            hidden.gate.iter().zip(hidden.error_minus.iter_mut().zip(&hidden.e_minus))
        {
            *minus = gate & (sum > theta);
        }
        list_errors(hidden)
    }
}

#[inline(always)]
fn list_errors(layer: &mut LayerRecord) -> bool {
    layer.has_error_values = true;
    list_set(&layer.error_plus, &mut layer.error_plus_list);
    list_set(&layer.error_minus, &mut layer.error_minus_list);
    !layer.error_plus_list.is_empty() || !layer.error_minus_list.is_empty()
}
