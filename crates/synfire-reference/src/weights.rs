//! All weights of one network: forward matrices and the two feedback matrices per hidden layer.
//!
//! `forward[l]` leads from layer `l` to layer `l + 1`. `feedback_plus[k]` and `feedback_minus[k]`
//! lead from layer `k + 2` back to the hidden layer `k + 1`; the first starts as the transpose of
//! `forward[k + 1]`, the second as its negative, and each saturates on its own (clauses R5, R7).
//!
//! Weights that exist have the sizes, the range and the grid of the shape they were checked
//! against. Reading and writing files is done elsewhere.

use std::fmt;

use thiserror::Error;

use crate::limits::WeightLimits;
use crate::matrix::Matrix;
use crate::shape::{Shape, Variant};

/// Every plastic weight of one network, in weight units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    pub(crate) forward: Vec<Matrix>,
    pub(crate) feedback_plus: Vec<Matrix>,
    pub(crate) feedback_minus: Vec<Matrix>,
}

/// Names one matrix of [`Weights`], as weight files do: `w1` is `forward[0]`, `w2Tp` is
/// `feedback_plus[0]`, `w2Tm` is `feedback_minus[0]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatrixName {
    /// `forward[index]`.
    Forward(usize),
    /// `feedback_plus[index]`.
    FeedbackPlus(usize),
    /// `feedback_minus[index]`.
    FeedbackMinus(usize),
}

impl fmt::Display for MatrixName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MatrixName::Forward(index) => write!(f, "w{}", index + 1),
            MatrixName::FeedbackPlus(index) => write!(f, "w{}Tp", index + 2),
            MatrixName::FeedbackMinus(index) => write!(f, "w{}Tm", index + 2),
        }
    }
}

/// Why matrices are not the weights of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum WeightsError {
    /// There are too few or too many matrices; `first` names the first of their kind.
    #[error("found {found} matrices of the kind of {first}, expected {expected}")]
    Count { first: MatrixName, found: usize, expected: usize },
    /// A matrix has the wrong size.
    #[error(
        "{matrix} has {found_sources} sources and {found_targets} targets, \
         expected {expected_sources} and {expected_targets}"
    )]
    Size {
        matrix: MatrixName,
        found_sources: usize,
        found_targets: usize,
        expected_sources: usize,
        expected_targets: usize,
    },
    /// A weight lies outside the limits.
    #[error(
        "{matrix} from source {source_idx} to target {target_idx} is {found}, \
         expected {min} to {max}"
    )]
    Range {
        matrix: MatrixName,
        source_idx: usize,
        target_idx: usize,
        found: i16,
        min: i16,
        max: i16,
    },
    /// A weight is not on the grid.
    #[error(
        "{matrix} from source {source_idx} to target {target_idx} is {found}, \
         expected a multiple of {step}"
    )]
    Grid { matrix: MatrixName, source_idx: usize, target_idx: usize, found: i16, step: i16 },
    /// In `lanl-numpy` there is one feedback matrix, the forward one itself; a feedback weight
    /// says otherwise.
    #[error(
        "{matrix} from source {source_idx} to target {target_idx} is {found}, \
         expected {expected} because variant lanl-numpy feeds back through the forward weights"
    )]
    Feedback { matrix: MatrixName, source_idx: usize, target_idx: usize, found: i16, expected: i16 },
    /// A row was given for a matrix that the network does not have.
    #[error("found no {matrix}, there are {n_matrices} matrices of its kind")]
    Matrix { matrix: MatrixName, n_matrices: usize },
    /// A row was given for a source that the matrix does not have.
    #[error("source of {matrix} is {found}, expected less than {n_sources}")]
    Source { matrix: MatrixName, found: usize, n_sources: usize },
    /// A row is too short or too long.
    #[error("row {source_idx} of {matrix} has {found} weights, expected {n_targets}")]
    RowLength { matrix: MatrixName, source_idx: usize, found: usize, n_targets: usize },
}

/// Numbers of weights that sit at one of their limits, matrix by matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saturation {
    /// One count per forward matrix.
    pub forward: Vec<usize>,
    /// One count per positive feedback matrix.
    pub feedback_plus: Vec<usize>,
    /// One count per negative feedback matrix.
    pub feedback_minus: Vec<usize>,
}

impl Saturation {
    /// The sum of all counts.
    #[must_use]
    pub fn total(&self) -> usize {
        [&self.forward, &self.feedback_plus, &self.feedback_minus].into_iter().flatten().sum()
    }
}

impl Weights {
    /// Weights whose feedback is the transpose of the forward matrices and its negative,
    /// saturated: -256 becomes 254 under the circuit's limits.
    ///
    /// # Errors
    /// If a forward matrix is missing, of the wrong size, out of range or off the grid.
    pub fn from_forward(shape: &Shape, forward: Vec<Matrix>) -> Result<Weights, WeightsError> {
        let weights = Weights::with_mirrored_feedback(forward, shape.limits());
        weights.check(shape)?;
        Ok(weights)
    }

    /// As [`Weights::from_forward`], for forward matrices that are known to fit.
    pub(crate) fn with_mirrored_feedback(forward: Vec<Matrix>, limits: WeightLimits) -> Weights {
        let feedback_plus: Vec<Matrix> = forward.iter().skip(1).map(Matrix::transposed).collect();
        let feedback_minus = feedback_plus.iter().map(|f| negated(f, limits)).collect();
        Weights { forward, feedback_plus, feedback_minus }
    }

    /// Weights with feedback of their own, as training leaves them.
    ///
    /// # Errors
    /// If a matrix is missing, of the wrong size, out of range or off the grid; under `lanl-numpy`
    /// also if a feedback weight differs from its forward twin. The first problem is reported,
    /// in the order of the arguments.
    pub fn new(
        shape: &Shape,
        forward: Vec<Matrix>,
        feedback_plus: Vec<Matrix>,
        feedback_minus: Vec<Matrix>,
    ) -> Result<Weights, WeightsError> {
        let weights = Weights { forward, feedback_plus, feedback_minus };
        weights.check(shape)?;
        Ok(weights)
    }

    /// Checks these weights against a shape.
    ///
    /// # Errors
    /// As [`Weights::new`].
    pub fn check(&self, shape: &Shape) -> Result<(), WeightsError> {
        let sizes = shape.sizes();
        let n_feedback = shape.n_hidden_layers();
        let counts = [
            (MatrixName::Forward(0), self.forward.len(), sizes.len() - 1),
            (MatrixName::FeedbackPlus(0), self.feedback_plus.len(), n_feedback),
            (MatrixName::FeedbackMinus(0), self.feedback_minus.len(), n_feedback),
        ];
        for (first, found, expected) in counts {
            if found != expected {
                return Err(WeightsError::Count { first, found, expected });
            }
        }
        for (name, matrix) in self.matrices() {
            let size = match name {
                MatrixName::Forward(l) => (sizes[l], sizes[l + 1]),
                MatrixName::FeedbackPlus(k) | MatrixName::FeedbackMinus(k) => {
                    (sizes[k + 2], sizes[k + 1])
                }
            };
            check_matrix(name, matrix, size, shape.limits())?;
        }
        if shape.variant() == Variant::LanlNumpy {
            for index in 0..n_feedback {
                let plus = self.forward[index + 1].transposed();
                let minus = negated(&plus, shape.limits());
                check_equal(MatrixName::FeedbackPlus(index), &self.feedback_plus[index], &plus)?;
                check_equal(MatrixName::FeedbackMinus(index), &self.feedback_minus[index], &minus)?;
            }
        }
        Ok(())
    }

    /// `forward()[l]` leads from layer `l` to layer `l + 1`.
    #[must_use]
    pub fn forward(&self) -> &[Matrix] {
        &self.forward
    }

    /// `feedback_plus()[k]` leads from layer `k + 2` back to layer `k + 1`.
    #[must_use]
    pub fn feedback_plus(&self) -> &[Matrix] {
        &self.feedback_plus
    }

    /// `feedback_minus()[k]` leads from layer `k + 2` back to layer `k + 1`.
    #[must_use]
    pub fn feedback_minus(&self) -> &[Matrix] {
        &self.feedback_minus
    }

    /// Every matrix with its name: forward, then positive, then negative feedback.
    pub fn matrices(&self) -> impl Iterator<Item = (MatrixName, &Matrix)> {
        let forward = self.forward.iter().enumerate();
        let plus = self.feedback_plus.iter().enumerate();
        let minus = self.feedback_minus.iter().enumerate();
        forward
            .map(|(l, matrix)| (MatrixName::Forward(l), matrix))
            .chain(plus.map(|(k, matrix)| (MatrixName::FeedbackPlus(k), matrix)))
            .chain(minus.map(|(k, matrix)| (MatrixName::FeedbackMinus(k), matrix)))
    }

    /// The three lists of matrices: forward, positive feedback, negative feedback.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Matrix>, Vec<Matrix>, Vec<Matrix>) {
        (self.forward, self.feedback_plus, self.feedback_minus)
    }

    /// Counts the weights that sit at a limit. Looks at every weight.
    #[must_use]
    pub fn saturation(&self, limits: WeightLimits) -> Saturation {
        let count = |matrices: &[Matrix]| {
            let at_limit =
                |m: &Matrix| m.values().iter().filter(|&&w| limits.is_saturated(w)).count();
            matrices.iter().map(at_limit).collect()
        };
        Saturation {
            forward: count(&self.forward),
            feedback_plus: count(&self.feedback_plus),
            feedback_minus: count(&self.feedback_minus),
        }
    }
}

/// The negative of every weight, saturated.
fn negated(matrix: &Matrix, limits: WeightLimits) -> Matrix {
    let mut negated = matrix.clone();
    for value in negated.values_mut() {
        *value = limits.saturate(value.saturating_neg());
    }
    negated
}

fn check_matrix(
    name: MatrixName,
    matrix: &Matrix,
    (expected_sources, expected_targets): (usize, usize),
    limits: WeightLimits,
) -> Result<(), WeightsError> {
    let (found_sources, found_targets) = (matrix.n_sources(), matrix.n_targets());
    if (found_sources, found_targets) != (expected_sources, expected_targets) {
        return Err(WeightsError::Size {
            matrix: name,
            found_sources,
            found_targets,
            expected_sources,
            expected_targets,
        });
    }
    let wrong = |&w: &i16| !limits.is_in_range(w) || !limits.is_on_grid(w);
    let Some(position) = matrix.values().iter().position(wrong) else { return Ok(()) };
    let (source_idx, target_idx) = (position / found_targets, position % found_targets);
    let found = matrix.values()[position];
    Err(if limits.is_in_range(found) {
        WeightsError::Grid { matrix: name, source_idx, target_idx, found, step: limits.step() }
    } else {
        let (min, max) = (limits.min(), limits.max());
        WeightsError::Range { matrix: name, source_idx, target_idx, found, min, max }
    })
}

fn check_equal(name: MatrixName, found: &Matrix, expected: &Matrix) -> Result<(), WeightsError> {
    let pairs = found.values().iter().zip(expected.values());
    for (position, (&found_weight, &expected_weight)) in pairs.enumerate() {
        if found_weight != expected_weight {
            return Err(WeightsError::Feedback {
                matrix: name,
                source_idx: position / found.n_targets(),
                target_idx: position % found.n_targets(),
                found: found_weight,
                expected: expected_weight,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn forward() -> Vec<Matrix> {
        let w1 = Matrix::new(2, 3, vec![2, 4, 6, 8, 10, 12]).unwrap();
        let w2 = Matrix::new(3, 2, vec![-256, 254, 0, 2, -4, 6]).unwrap();
        vec![w1, w2]
    }

    fn shape() -> Shape {
        Shape::new(&[2, 3, 2]).unwrap()
    }

    /// R7: -256 has no positive twin.
    #[test]
    fn feedback_starts_as_transpose_and_saturated_negative() {
        let weights = Weights::from_forward(&shape(), forward()).unwrap();
        assert_eq!(weights.feedback_plus()[0].values(), [-256, 0, -4, 254, 2, 6]);
        assert_eq!(weights.feedback_minus()[0].values(), [254, 0, 4, -254, -2, -6]);
        let saturation = weights.saturation(WeightLimits::CIRCUIT);
        assert_eq!(saturation.forward, [0, 2]);
        assert_eq!((saturation.feedback_plus.len(), saturation.feedback_minus[0]), (1, 1));
        assert_eq!(saturation.total(), 5);
        let names: Vec<_> = weights.matrices().map(|(name, _)| name.to_string()).collect();
        assert_eq!(names, ["w1", "w2", "w2Tp", "w2Tm"]);
    }

    #[test]
    fn problems_are_located() {
        let refuse = |forward| Weights::from_forward(&shape(), forward).unwrap_err();
        let mut missing = forward();
        missing.pop();
        assert_eq!(
            refuse(missing),
            WeightsError::Count { first: MatrixName::Forward(0), found: 1, expected: 2 }
        );
        let mut turned = forward();
        turned[1] = turned[1].transposed();
        assert_eq!(refuse(turned).to_string(), "w2 has 2 sources and 3 targets, expected 3 and 2");
        let mut wide = forward();
        wide[1].set(2, 0, 256);
        assert_eq!(
            refuse(wide).to_string(),
            "w2 from source 2 to target 0 is 256, expected -256 to 254"
        );
        let mut odd = forward();
        odd[0].set(1, 2, 13);
        assert_eq!(
            refuse(odd).to_string(),
            "w1 from source 1 to target 2 is 13, expected a multiple of 2"
        );
        let (w, p, m) = Weights::from_forward(&shape(), forward()).unwrap().into_parts();
        let mut outside = m.clone();
        outside[0].set(1, 1, -258);
        assert_eq!(
            Weights::new(&shape(), w.clone(), p.clone(), outside).unwrap_err().to_string(),
            "w2Tm from source 1 to target 1 is -258, expected -256 to 254"
        );
        assert_eq!(
            Weights::new(&shape(), w, p, vec![]).unwrap_err(),
            WeightsError::Count { first: MatrixName::FeedbackMinus(0), found: 0, expected: 1 }
        );
    }

    #[test]
    fn lanl_numpy_feeds_back_through_the_forward_weights() {
        let shape = shape().with_variant(Variant::LanlNumpy);
        let mut forward = forward();
        forward[1].set(0, 0, -254);
        let (w, p, m) = Weights::from_forward(&shape, forward).unwrap().into_parts();
        let mut other = p.clone();
        other[0].set(1, 2, 8);
        assert_eq!(
            Weights::new(&shape, w.clone(), other, m.clone()),
            Err(WeightsError::Feedback {
                matrix: MatrixName::FeedbackPlus(0),
                source_idx: 1,
                target_idx: 2,
                found: 8,
                expected: 6,
            })
        );
        assert!(Weights::new(&shape, w, p, m).is_ok());
    }
}
