//! Replaces one row of weights: for a comparison that follows other weights row by row.
//!
//! Who compares with an engine after each sample knows which rows the sample can have changed.
//! Replacing those costs what they hold, not what the network holds. A row is checked as
//! [`Weights::check`] checks matrices, and nothing is changed unless all of it fits.
//!
//! In `lanl-numpy` there is one matrix where the circuit has three: a forward row takes its
//! feedback twins along, and a feedback row may only say what the forward weights say already.

use crate::limits::WeightLimits;
use crate::matrix::Matrix;
use crate::shape::{Shape, Variant};
use crate::weights::{MatrixName, Weights, WeightsError};

impl Weights {
    /// Replaces the weights from `source_idx` to all targets, or fails and changes nothing.
    pub(crate) fn set_row(
        &mut self,
        shape: &Shape,
        matrix: MatrixName,
        source_idx: usize,
        row: &[i16],
    ) -> Result<(), WeightsError> {
        let Some(old) = self.named(matrix) else {
            let n_matrices = match matrix {
                MatrixName::Forward(_) => self.forward.len(),
                MatrixName::FeedbackPlus(_) => self.feedback_plus.len(),
                MatrixName::FeedbackMinus(_) => self.feedback_minus.len(),
            };
            return Err(WeightsError::Matrix { matrix, n_matrices });
        };
        let (n_sources, n_targets) = (old.n_sources(), old.n_targets());
        if source_idx >= n_sources {
            return Err(WeightsError::Source { matrix, found: source_idx, n_sources });
        }
        if row.len() != n_targets {
            let found = row.len();
            return Err(WeightsError::RowLength { matrix, source_idx, found, n_targets });
        }
        check_row(matrix, source_idx, row, shape.limits())?;
        if shape.variant() == Variant::LanlNumpy {
            self.keep_one_matrix(shape.limits(), matrix, source_idx, row)?;
        }
        let replaced = match matrix {
            MatrixName::Forward(index) => &mut self.forward[index],
            MatrixName::FeedbackPlus(index) => &mut self.feedback_plus[index],
            MatrixName::FeedbackMinus(index) => &mut self.feedback_minus[index],
        };
        replaced.row_of_mut(source_idx).copy_from_slice(row);
        Ok(())
    }

    fn named(&self, matrix: MatrixName) -> Option<&Matrix> {
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
fn check_row(
    matrix: MatrixName,
    source_idx: usize,
    row: &[i16],
    limits: WeightLimits,
) -> Result<(), WeightsError> {
    let (min, max, step) = (limits.min(), limits.max(), limits.step());
    if step.count_ones() == 1 {
        // Of a grid that is a power of two all weights are looked at at once; which one is wrong is seldom asked.
        let wrong = |&weight: &i16| {
            i16::from(weight < min) | i16::from(weight > max) | (weight & (step - 1))
        };
        if row.iter().map(wrong).fold(0, |all, wrong| all | wrong) == 0 {
            return Ok(());
        }
    }
    let wrong = |&weight: &i16| !limits.is_in_range(weight) || !limits.is_on_grid(weight);
    let Some(target_idx) = row.iter().position(wrong) else { return Ok(()) };
    let found = row[target_idx];
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
                weights.set_row(&shape, name, source_idx, &row).unwrap();
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
            (w2tm, 1, &[0; 4], "row 1 of w2Tm has 4 weights, expected 3"),
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
            let error = weights.set_row(&shape, name, source_idx, row).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(weights, before);
        }
    }

    /// Whatever rows are set, the weights are still weights of a `lanl-numpy` network.
    #[test]
    fn lanl_numpy_keeps_one_matrix() {
        let shape = shape().with_variant(Variant::LanlNumpy);
        let mut weights = zeros(&shape);
        weights.set_row(&shape, MatrixName::Forward(0), 1, &[2, 4, 6]).unwrap();
        weights.set_row(&shape, MatrixName::Forward(1), 2, &[2, -254, 6, 254]).unwrap();
        weights.check(&shape).unwrap();
        assert_eq!(weights.feedback_plus()[0].row(1), [0, 0, -254]);
        assert_eq!(weights.feedback_minus()[0].row(1), [0, 0, 254]);
        let before = weights.clone();
        weights.set_row(&shape, MatrixName::FeedbackPlus(0), 1, &[0, 0, -254]).unwrap();
        weights.set_row(&shape, MatrixName::FeedbackMinus(0), 3, &[0, 0, -254]).unwrap();
        assert_eq!(
            weights.set_row(&shape, MatrixName::FeedbackMinus(0), 1, &[0, 0, -254]),
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
