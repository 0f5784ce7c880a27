//! Replaces rows of weights: for a comparison that follows other weights row by row.
//!
//! Who compares with an engine after each sample knows which rows the sample can have changed.
//! Replacing those costs what they hold, not what the network holds. Rows are checked as
//! [`Weights::check`] checks matrices, and nothing is changed unless all of them fit.
//!
//! In `lanl-numpy` there is one matrix where the circuit has three: a forward row takes its
//! feedback twins along, and a feedback row may only say what the forward weights say already.

use pulp::NullaryFnOnce;

use crate::limits::WeightLimits;
use crate::matrix::Matrix;
use crate::packed::Packed;
use crate::shape::{Shape, Variant};
use crate::weights::{MatrixName, Weights, WeightsError};

/// Replaces neighbouring rows of a matrix and, of a packed forward matrix, their bytes.
pub(crate) struct SetRows<'a> {
    pub(crate) shape: &'a Shape,
    pub(crate) weights: &'a mut Weights,
    pub(crate) packed: &'a mut [Option<Packed>],
    pub(crate) matrix: MatrixName,
    pub(crate) first: usize,
    pub(crate) rows: &'a [i16],
}

impl NullaryFnOnce for SetRows<'_> {
    type Output = Result<(), WeightsError>;

    #[inline(always)]
    fn call(self) -> Result<(), WeightsError> {
        let SetRows { shape, weights, packed, matrix, first, rows } = self;
        let n_rows = weights.set_rows(shape, matrix, first, rows)?;
        if let MatrixName::Forward(layer) = matrix
            && let Some(packed) = &mut packed[layer]
        {
            for source_idx in first..first + n_rows {
                packed.repack_row(&weights.forward[layer], source_idx);
            }
        }
        Ok(())
    }
}

impl Weights {
    /// Replaces the weights from source `first` and its successors to all targets, or fails and changes
    /// nothing. Returns the number of rows.
    #[inline(always)]
    pub(crate) fn set_rows(
        &mut self,
        shape: &Shape,
        matrix: MatrixName,
        first: usize,
        rows: &[i16],
    ) -> Result<usize, WeightsError> {
        let Some(old) = self.named(matrix) else {
            let n_matrices = match matrix {
                MatrixName::Forward(_) => self.forward.len(),
                MatrixName::FeedbackPlus(_) => self.feedback_plus.len(),
                MatrixName::FeedbackMinus(_) => self.feedback_minus.len(),
            };
            return Err(WeightsError::Matrix { matrix, n_matrices });
        };
        let (n_sources, n_targets) = (old.n_sources(), old.n_targets());
        let (n_rows, n_left) = (rows.len() / n_targets, rows.len() % n_targets);
        let n_fit = n_sources.saturating_sub(first);
        if n_fit == 0 || n_rows > n_fit {
            let found = first.saturating_add(n_fit);
            return Err(WeightsError::Source { matrix, found, n_sources });
        }
        if n_left > 0 {
            let source_idx = first + n_rows;
            return Err(WeightsError::RowLength { matrix, source_idx, found: n_left, n_targets });
        }
        check_rows(matrix, first, n_targets, rows, shape.limits())?;
        if shape.variant() == Variant::LanlNumpy {
            for (source_idx, row) in (first..).zip(rows.chunks_exact(n_targets)) {
                self.keep_one_matrix(shape.limits(), matrix, source_idx, row)?;
            }
        }
        let replaced = match matrix {
            MatrixName::Forward(index) => &mut self.forward[index],
            MatrixName::FeedbackPlus(index) => &mut self.feedback_plus[index],
            MatrixName::FeedbackMinus(index) => &mut self.feedback_minus[index],
        };
        let start = first * n_targets;
        replaced.padded_mut()[start..start + rows.len()].copy_from_slice(rows);
        Ok(n_rows)
    }

    pub(crate) fn named(&self, matrix: MatrixName) -> Option<&Matrix> {
        match matrix {
            MatrixName::Forward(index) => self.forward.get(index),
            MatrixName::FeedbackPlus(index) => self.feedback_plus.get(index),
            MatrixName::FeedbackMinus(index) => self.feedback_minus.get(index),
        }
    }

    /// `lanl-numpy`: writes the feedback twins of a forward row, compares a feedback row with its
    /// forward twins.
    fn keep_one_matrix(
        &mut self,
        limits: WeightLimits,
        matrix: MatrixName,
        source_idx: usize,
        row: &[i16],
    ) -> Result<(), WeightsError> {
        let negated = |weight: i16| limits.saturate(weight.saturating_neg());
        let (index, is_minus) = match matrix {
            MatrixName::Forward(0) => return Ok(()),
            MatrixName::Forward(layer) => {
                for (target_idx, &weight) in row.iter().enumerate() {
                    self.feedback_plus[layer - 1].set(target_idx, source_idx, weight);
                    self.feedback_minus[layer - 1].set(target_idx, source_idx, negated(weight));
                }
                return Ok(());
            }
            MatrixName::FeedbackPlus(index) => (index, false),
            MatrixName::FeedbackMinus(index) => (index, true),
        };
        for (target_idx, &found) in row.iter().enumerate() {
            let twin = self.forward[index + 1].row_of(target_idx)[source_idx];
            let expected = if is_minus { negated(twin) } else { twin };
            if found != expected {
                return Err(WeightsError::Feedback {
                    matrix,
                    source_idx,
                    target_idx,
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }
}

/// Range first, then grid, for the first weight that fails either.
#[inline(always)]
fn check_rows(
    matrix: MatrixName,
    first: usize,
    n_targets: usize,
    rows: &[i16],
    limits: WeightLimits,
) -> Result<(), WeightsError> {
    let (min, max, step) = (limits.min(), limits.max(), limits.step());
    if step.count_ones() == 1 {
        // Of a grid that is a power of two all weights are looked at at once; which one is wrong is seldom asked.
        let (mut least, mut most, mut bits) = (max, min, 0);
        for &weight in rows {
            (least, most, bits) = (least.min(weight), most.max(weight), bits | weight);
        }
        if least >= min && most <= max && bits & (step - 1) == 0 {
            return Ok(());
        }
    }
    find_wrong(matrix, first, n_targets, rows, limits)
}

#[cold]
fn find_wrong(
    matrix: MatrixName,
    first: usize,
    n_targets: usize,
    rows: &[i16],
    limits: WeightLimits,
) -> Result<(), WeightsError> {
    let wrong = |&weight: &i16| !limits.is_in_range(weight) || !limits.is_on_grid(weight);
    let Some(place) = rows.iter().position(wrong) else { return Ok(()) };
    let (found, source_idx, target_idx) =
        (rows[place], first + place / n_targets, place % n_targets);
    Err(if limits.is_in_range(found) {
        WeightsError::Grid { matrix, source_idx, target_idx, found, step: limits.step() }
    } else {
        let (min, max) = (limits.min(), limits.max());
        WeightsError::Range { matrix, source_idx, target_idx, found, min, max }
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn shape() -> Shape {
        Shape::new(&[2, 3, 4, 2]).unwrap()
    }

    fn zeros(shape: &Shape) -> Weights {
        let pairs = shape.sizes().windows(2);
        let forward = pairs.map(|pair| Matrix::zeros(pair[0], pair[1])).collect();
        Weights::from_forward(shape, forward).unwrap()
    }

    /// Every row of every matrix, and no other weight.
    #[test]
    fn a_row_lands_where_it_belongs() {
        let shape = shape();
        let mut weights = zeros(&shape);
        let places: Vec<_> = weights
            .matrices()
            .map(|(name, matrix)| (name, matrix.n_sources(), matrix.n_targets()))
            .collect();
        assert_eq!(places.len(), 7);
        let mut next = -200;
        let mut written = Vec::new();
        for (name, n_sources, n_targets) in places {
            for source_idx in 0..n_sources {
                let row: Vec<i16> = (0..n_targets)
                    .map(|_| {
                        next += 2;
                        next
                    })
                    .collect();
                weights.set_rows(&shape, name, source_idx, &row).unwrap();
                written.extend(row);
            }
        }
        let values = weights.matrices().flat_map(|(_, matrix)| matrix.values().to_vec());
        assert_eq!(values.collect::<Vec<_>>(), written);
    }

    #[test]
    fn what_does_not_fit_is_located_and_changes_nothing() {
        let shape = shape();
        let mut weights = zeros(&shape);
        let before = weights.clone();
        let w2 = MatrixName::Forward(1);
        let w2tm = MatrixName::FeedbackMinus(0);
        let cases: [(MatrixName, usize, &[i16], &str); 8] = [
            (MatrixName::Forward(3), 0, &[0, 0], "found no w4, there are 3 matrices of its kind"),
            (
                MatrixName::FeedbackPlus(2),
                0,
                &[0],
                "found no w4Tp, there are 2 matrices of its kind",
            ),
            (w2, 3, &[0; 4], "source of w2 is 3, expected less than 3"),
            (w2, 1, &[0; 3], "row 1 of w2 has 3 weights, expected 4"),
            (w2tm, 1, &[0; 4], "row 2 of w2Tm has 1 weights, expected 3"),
            (w2, 2, &[2, 4, 256, 7], "w2 from source 2 to target 2 is 256, expected -256 to 254"),
            (
                w2tm,
                3,
                &[2, -258, 0],
                "w2Tm from source 3 to target 1 is -258, expected -256 to 254",
            ),
            (w2, 0, &[2, 4, 6, 7], "w2 from source 0 to target 3 is 7, expected a multiple of 2"),
        ];
        for (name, source_idx, row, message) in cases {
            let error = weights.set_rows(&shape, name, source_idx, row).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(weights, before);
        }
    }

    /// Whatever rows are set, the weights are still weights of a `lanl-numpy` network.
    #[test]
    fn lanl_numpy_keeps_one_matrix() {
        let shape = shape().with_variant(Variant::LanlNumpy);
        let mut weights = zeros(&shape);
        weights.set_rows(&shape, MatrixName::Forward(0), 1, &[2, 4, 6]).unwrap();
        weights.set_rows(&shape, MatrixName::Forward(1), 2, &[2, -254, 6, 254]).unwrap();
        weights.check(&shape).unwrap();
        assert_eq!(weights.feedback_plus()[0].row(1), [0, 0, -254]);
        assert_eq!(weights.feedback_minus()[0].row(1), [0, 0, 254]);
        let before = weights.clone();
        weights.set_rows(&shape, MatrixName::FeedbackPlus(0), 1, &[0, 0, -254]).unwrap();
        weights.set_rows(&shape, MatrixName::FeedbackMinus(0), 3, &[0, 0, -254]).unwrap();
        assert_eq!(
            weights.set_rows(&shape, MatrixName::FeedbackMinus(0), 1, &[0, 0, -254]),
            Err(WeightsError::Feedback {
                matrix: MatrixName::FeedbackMinus(0),
                source_idx: 1,
                target_idx: 2,
                found: -254,
                expected: 254,
            })
        );
        assert_eq!(weights, before);
    }
}
