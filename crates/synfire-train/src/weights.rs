//! Weights of a network as a NumPy archive: `w1`, `w2`, and the feedback matrices `w2Tp`, `w2Tm`.
//!
//! All are int16 with one row per **target** neuron, as in the files of the paper's authors: `w1` is
//! (hidden, input), `w2` (output, hidden), the feedback matrices (hidden, output). A network with more
//! layers goes on with `w3`, `w3Tp`, `w3Tm`. A file without feedback matrices is complete: they then
//! start as clause R4 says, from the forward matrices.
//!
//! ```
//! use synfire_train::synfire_reference::{Shape, init};
//! use synfire_train::{WeightFile, write_weights};
//!
//! let shape = Shape::new(&[20, 16, 10])?;
//! let weights = init::he(&shape, 1);
//! let bytes = write_weights(&weights)?;
//! let file = WeightFile::parse(&bytes, shape.limits())?;
//! assert_eq!(file.sizes(), [20, 16, 10]);
//! assert_eq!(file.into_weights(&shape)?, weights);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use synfire_reference::{Matrix, Shape, WeightLimits, Weights, WeightsError};

use crate::npz::{Allowed, Archive, NpzError, Table, write};

/// Why bytes are not the weights of a network.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum WeightFileError {
    /// The archive or one of its arrays cannot be read, or a weight is not allowed.
    #[error(transparent)]
    Npz(#[from] NpzError),
    /// The file holds another number of matrices than the network has.
    #[error("found forward arrays w1 to w{found}, expected w1 to w{expected}")]
    Layers { found: usize, expected: usize },
    /// An array has the wrong size.
    #[error(
        "array {array} has shape ({}, {}), expected ({}, {}): {target} by {source_layer} neurons",
        .found.0, .found.1, .expected.0, .expected.1
    )]
    Shape {
        array: String,
        found: (usize, usize),
        expected: (usize, usize),
        target: &'static str,
        source_layer: &'static str,
    },
    /// The weights do not suit the variant.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// The arrays of a weight file; every number is a weight within the limits.
#[derive(Clone, PartialEq, Eq)]
pub struct WeightFile {
    forward: Vec<Table>,
    /// Positive and negative feedback of each hidden layer, or nothing if the file has none at all.
    feedback: Option<Vec<[Table; 2]>>,
}

impl WeightFile {
    /// Reads an archive.
    ///
    /// # Errors
    /// If the bytes are no archive, `w1`, `w2` or one of two feedback matrices is missing, an array is
    /// no matrix of integers, or a number is not a weight within `limits`.
    pub fn parse(bytes: &[u8], limits: WeightLimits) -> Result<WeightFile, WeightFileError> {
        let allowed = Allowed { min: limits.min(), max: limits.max(), step: limits.step() };
        let mut archive = Archive::open(bytes)?;
        let mut forward = vec![archive.matrix("w1", allowed)?, archive.matrix("w2", allowed)?];
        while archive.has(&format!("w{}", forward.len() + 1)) {
            forward.push(archive.matrix(&format!("w{}", forward.len() + 1), allowed)?);
        }
        let names: Vec<[String; 2]> =
            (2..=forward.len()).map(|k| ["p", "m"].map(|sign| format!("w{k}T{sign}"))).collect();
        let feedback = match names.iter().flatten().any(|name| archive.has(name)) {
            false => None,
            true => Some(
                names
                    .iter()
                    .map(|[plus, minus]| {
                        Ok([archive.matrix(plus, allowed)?, archive.matrix(minus, allowed)?])
                    })
                    .collect::<Result<_, NpzError>>()?,
            ),
        };
        Ok(WeightFile { forward, feedback })
    }

    /// Layer sizes from input to output, as the forward matrices announce them.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        let first = self.forward.iter().take(1).map(|table| table.n_columns);
        first.chain(self.forward.iter().map(|table| table.n_rows)).collect()
    }

    /// The weights of a network of this shape.
    ///
    /// # Errors
    /// If an array has the wrong shape, or feedback weights are of their own where the variant has
    /// none.
    pub fn into_weights(self, shape: &Shape) -> Result<Weights, WeightFileError> {
        let sizes = shape.sizes();
        let (found, expected) = (self.forward.len(), sizes.len() - 1);
        if found != expected {
            return Err(WeightFileError::Layers { found, expected });
        }
        let matrix = |array: String, table: Table, target: usize, source: usize| {
            let found = (table.n_rows, table.n_columns);
            let expected = (sizes[target], sizes[source]);
            if found != expected {
                let (target, source_layer) = (kind(shape, target), kind(shape, source));
                return Err(WeightFileError::Shape {
                    array,
                    found,
                    expected,
                    target,
                    source_layer,
                });
            }
            Ok(from_table(table))
        };
        let mut forward = Vec::new();
        for (l, table) in self.forward.into_iter().enumerate() {
            forward.push(matrix(format!("w{}", l + 1), table, l + 1, l)?);
        }
        let Some(feedback) = self.feedback else {
            return Ok(Weights::from_forward(shape, forward)?);
        };
        let (mut feedback_plus, mut feedback_minus) = (Vec::new(), Vec::new());
        for (k, [plus, minus]) in feedback.into_iter().enumerate() {
            feedback_plus.push(matrix(format!("w{}Tp", k + 2), plus, k + 1, k + 2)?);
            feedback_minus.push(matrix(format!("w{}Tm", k + 2), minus, k + 1, k + 2)?);
        }
        Ok(Weights::new(shape, forward, feedback_plus, feedback_minus)?)
    }
}

/// Writes all matrices of a network; equal weights make equal bytes.
///
/// # Errors
/// If the archive would pass the limits of the zip format (4 GiB).
pub fn write_weights(weights: &Weights) -> std::io::Result<Vec<u8>> {
    let tables: Vec<_> =
        weights.matrices().map(|(name, matrix)| (name.to_string(), to_table(matrix))).collect();
    write(&tables)
}

fn kind(shape: &Shape, layer: usize) -> &'static str {
    match layer {
        0 => "input",
        _ if shape.is_hidden(layer) => "hidden",
        _ => "output",
    }
}

/// One row per source becomes one row per target.
fn to_table(matrix: &Matrix) -> Table {
    let turned = matrix.transposed();
    let (n_rows, n_columns) = (turned.n_sources(), turned.n_targets());
    Table { n_rows, n_columns, values: turned.values().to_vec() }
}

fn from_table(table: Table) -> Matrix {
    Matrix::new(table.n_rows, table.n_columns, table.values)
        .expect("a table holds rows times columns numbers")
        .transposed()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_reference::init;

    fn shape() -> Shape {
        Shape::new(&[6, 5, 3]).unwrap()
    }

    /// An archive with some of the arrays of a network.
    fn some(names: &[&str]) -> Vec<u8> {
        let weights = init::he(&shape(), 3);
        let tables = weights.matrices().map(|(name, matrix)| (name.to_string(), to_table(matrix)));
        write(&tables.filter(|(name, _)| names.contains(&&name[..])).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn feedback_is_rebuilt_where_the_file_has_none() {
        let limits = shape().limits();
        let file = WeightFile::parse(&some(&["w1", "w2"]), limits).unwrap();
        assert_eq!(file.into_weights(&shape()).unwrap(), init::he(&shape(), 3));
        let half = WeightFile::parse(&some(&["w1", "w2", "w2Tp"]), limits).err().unwrap();
        assert_eq!(half.to_string(), "array w2Tm is missing, found w1, w2, w2Tp");
    }

    #[test]
    fn arrays_have_one_row_per_target() {
        let bytes = write_weights(&init::he(&shape(), 3)).unwrap();
        let mut archive = Archive::open(&bytes).unwrap();
        let allowed = Allowed { min: -256, max: 254, step: 2 };
        for (name, sides) in [("w1", (5, 6)), ("w2", (3, 5)), ("w2Tp", (5, 3)), ("w2Tm", (5, 3))] {
            let table = archive.matrix(name, allowed).unwrap();
            assert_eq!((table.n_rows, table.n_columns), sides, "{name}");
        }
        assert_eq!(write_weights(&init::he(&shape(), 3)).unwrap(), bytes);
    }

    #[test]
    fn wrong_shapes_are_named() {
        let message = |sizes: &[usize]| {
            let file = WeightFile::parse(&some(&["w1", "w2"]), shape().limits()).unwrap();
            file.into_weights(&Shape::new(sizes).unwrap()).err().unwrap().to_string()
        };
        assert_eq!(
            message(&[7, 5, 3]),
            "array w1 has shape (5, 6), expected (5, 7): hidden by input neurons"
        );
        assert_eq!(
            message(&[6, 5, 4]),
            "array w2 has shape (3, 5), expected (4, 5): output by hidden neurons"
        );
        assert_eq!(message(&[6, 5, 5, 3]), "found forward arrays w1 to w2, expected w1 to w3");
    }

    #[test]
    fn deep_networks_have_their_own_arrays() {
        let shape = Shape::new(&[6, 5, 4, 3]).unwrap();
        let weights = init::he(&shape, 1);
        let file = WeightFile::parse(&write_weights(&weights).unwrap(), shape.limits()).unwrap();
        assert_eq!(file.sizes(), [6, 5, 4, 3]);
        assert_eq!(file.into_weights(&shape).unwrap(), weights);
    }
}
