//! A matrix of weights between two layers.
//!
//! It holds one row per **source** neuron: the weights from that neuron to all targets lie side by
//! side, so one active input adds one contiguous row to the potentials. What range and grid the
//! values obey is the business of [`Weights`](crate::Weights); a matrix alone knows only its size.

use thiserror::Error;

/// Lanes that a row sum reads at once.
pub(crate) const LANES: usize = 16;

/// The storage is longer than the matrix by as many zeros, so that the last row may be read in
/// whole pairs of lanes too.
pub(crate) const PADDING: usize = 2 * LANES;

/// Weights from `n_sources` neurons to `n_targets` neurons, in weight units.
#[derive(Clone, PartialEq, Eq)]
pub struct Matrix {
    n_sources: usize,
    n_targets: usize,
    /// Row-major weights, followed by [`PADDING`] zeros that never change.
    padded: Vec<i16>,
}

/// Why a list of values is not a matrix of the stated size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("matrix of {n_sources} sources by {n_targets} targets has {found} values")]
pub struct MatrixError {
    /// Announced number of rows.
    pub n_sources: usize,
    /// Announced length of a row.
    pub n_targets: usize,
    /// Number of values given.
    pub found: usize,
}

impl Matrix {
    /// Takes `values` as rows, one per source neuron.
    ///
    /// # Errors
    /// If there are not exactly `n_sources * n_targets` values.
    pub fn new(
        n_sources: usize,
        n_targets: usize,
        mut values: Vec<i16>,
    ) -> Result<Matrix, MatrixError> {
        if n_sources.checked_mul(n_targets) != Some(values.len()) {
            return Err(MatrixError { n_sources, n_targets, found: values.len() });
        }
        values.resize(values.len() + PADDING, 0);
        Ok(Matrix { n_sources, n_targets, padded: values })
    }

    /// A matrix of zeros.
    #[must_use]
    pub fn zeros(n_sources: usize, n_targets: usize) -> Matrix {
        Matrix { n_sources, n_targets, padded: vec![0; n_sources * n_targets + PADDING] }
    }

    /// Number of source neurons, that is of rows.
    #[must_use]
    pub fn n_sources(&self) -> usize {
        self.n_sources
    }

    /// Number of target neurons, the length of a row.
    #[must_use]
    pub fn n_targets(&self) -> usize {
        self.n_targets
    }

    /// The weights from `source` to all targets; empty if there is no such source.
    #[must_use]
    pub fn row(&self, source: usize) -> &[i16] {
        if source < self.n_sources { self.row_of(source) } else { &[] }
    }

    /// The weight from `source` to `target`, or `None` outside the matrix.
    #[must_use]
    pub fn get(&self, source: usize, target: usize) -> Option<i16> {
        self.row(source).get(target).copied()
    }

    /// Replaces one weight and returns the old one, or does nothing outside the matrix and returns
    /// `None`.
    pub fn set(&mut self, source: usize, target: usize, value: i16) -> Option<i16> {
        if source >= self.n_sources || target >= self.n_targets {
            return None;
        }
        Some(std::mem::replace(&mut self.row_of_mut(source)[target], value))
    }

    /// All weights, row after row.
    #[must_use]
    pub fn values(&self) -> &[i16] {
        &self.padded[..self.n_sources * self.n_targets]
    }

    /// All weights, row after row, to be changed in place.
    pub fn values_mut(&mut self) -> &mut [i16] {
        &mut self.padded[..self.n_sources * self.n_targets]
    }

    /// The same weights with sources and targets exchanged.
    #[must_use]
    pub fn transposed(&self) -> Matrix {
        let mut turned = Matrix::zeros(self.n_targets, self.n_sources);
        for source in 0..self.n_sources {
            for (target, &value) in self.row_of(source).iter().enumerate() {
                turned.padded[target * self.n_sources + source] = value;
            }
        }
        turned
    }

    /// The weights with the zeros behind them, for sums over whole lanes.
    #[inline(always)]
    pub(crate) fn padded(&self) -> &[i16] {
        &self.padded
    }

    /// The weights with the zeros behind them, which must stay zeros.
    #[inline(always)]
    pub(crate) fn padded_mut(&mut self) -> &mut [i16] {
        &mut self.padded
    }

    #[inline(always)]
    pub(crate) fn row_of(&self, source: usize) -> &[i16] {
        &self.padded[source * self.n_targets..][..self.n_targets]
    }

    #[inline(always)]
    pub(crate) fn row_of_mut(&mut self, source: usize) -> &mut [i16] {
        &mut self.padded[source * self.n_targets..][..self.n_targets]
    }
}

impl std::fmt::Debug for Matrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matrix")
            .field("n_sources", &self.n_sources)
            .field("n_targets", &self.n_targets)
            .field("values", &self.values())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_belong_to_sources() -> Result<(), MatrixError> {
        let mut matrix = Matrix::new(2, 3, vec![1, 2, 3, 4, 5, 6])?;
        assert_eq!((matrix.n_sources(), matrix.n_targets()), (2, 3));
        assert_eq!(matrix.row(1), [4, 5, 6]);
        assert_eq!(matrix.row(2), [0_i16; 0]);
        assert_eq!(matrix.get(0, 2), Some(3));
        assert_eq!(matrix.get(0, 3), None);
        assert_eq!(matrix.get(2, 0), None);
        assert_eq!(matrix.set(1, 0, 9), Some(4));
        assert_eq!(matrix.set(1, 3, 9), None);
        assert_eq!(matrix.set(2, 0, 9), None);
        assert_eq!(matrix.values(), [1, 2, 3, 9, 5, 6]);
        assert_eq!(matrix.transposed().values(), [1, 9, 2, 5, 3, 6]);
        assert_eq!(matrix.transposed().transposed(), matrix);
        matrix.values_mut()[5] = 7;
        assert_eq!(matrix.get(1, 2), Some(7));
        Ok(())
    }

    #[test]
    fn a_wrong_number_of_values_is_refused() {
        let error = Matrix::new(2, 3, vec![0; 5]);
        assert_eq!(error, Err(MatrixError { n_sources: 2, n_targets: 3, found: 5 }));
        assert!(Matrix::new(usize::MAX, 2, vec![]).is_err());
        assert_eq!(
            MatrixError { n_sources: 2, n_targets: 3, found: 5 }.to_string(),
            "matrix of 2 sources by 3 targets has 5 values"
        );
    }
}
