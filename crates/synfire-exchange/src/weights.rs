//! Weights of a network as a file: `w1`, `w2`, and the feedback matrices `w2Tp`, `w2Tm`.
//!
//! All are int16 with one row per **target** neuron, as in the files of the paper's authors: `w1` is
//! (hidden, input), `w2` (output, hidden), the feedback matrices (hidden, output). A network with more
//! layers goes on with `w3`, `w3Tp`, `w3Tm`. A file without feedback matrices is complete: they then
//! start as clause R4 says, from the forward matrices. The arrays lie in an npz archive or in a safetensors file,
//! which also says what network they are of.
//!
//! Read are besides what the authors' programs write: floating-point numbers that are integers, matrices over time
//! (`all_weights_*.npz`), of which the last is taken, and capital letters. What was done to a file is told in
//! [`Remark`]s. What each file looks like is written in `docs/formats.md`.
//!
//! ```
//! use synfire_exchange::synfire_reference::{Shape, init};
//! use synfire_exchange::{WeightFile, write_weights};
//!
//! let shape = Shape::new(&[20, 16, 10])?;
//! let weights = init::he(&shape, 1);
//! let bytes = write_weights(&weights)?;
//! let file = WeightFile::parse(&bytes, shape.limits())?;
//! assert_eq!(file.sizes(), [20, 16, 10]);
//! assert_eq!(file.into_weights(&shape)?, weights);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use synfire_npy::{Array, Npz, NpzError, Shaped, listed, write_npz};
use synfire_reference::{Matrix, Shape, WeightLimits, Weights, WeightsError};

use crate::tensors::{Tensors, TensorsError, write_tensors};
use crate::told::{MetadataError, metadata_of, shape_in};

/// Most rows, and most columns, of a matrix.
const LARGEST_SIDE: usize = 65_536;
/// Most numbers in an array.
const LARGEST_ARRAY: usize = 1 << 26;

/// Why bytes are not the weights of a network.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum WeightFileError {
    /// The archive or one of its arrays cannot be read.
    #[error(transparent)]
    Npz(Box<NpzError>),
    /// The safetensors file or one of its tensors cannot be read.
    #[error(transparent)]
    Tensors(Box<TensorsError>),
    /// A safetensors file of ours says something impossible of its network.
    #[error("metadata: {0}")]
    Metadata(Box<MetadataError>),
    /// Not a matrix, or one of absurd size.
    #[error(
        "array {array} has shape {}, expected two dimensions of 1 to 65536, or three of matrices over time, and at \
         most 67108864 numbers",
        Shaped(.found)
    )]
    Dimensions { array: String, found: Vec<usize> },
    /// A number that is not allowed.
    #[error("array {array}, element [{row}, {column}] is {found}, expected {allowed}")]
    Value { array: String, row: usize, column: usize, found: String, allowed: String },
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

impl From<NpzError> for WeightFileError {
    fn from(error: NpzError) -> Self {
        Self::Npz(Box::new(error))
    }
}

impl From<TensorsError> for WeightFileError {
    fn from(error: TensorsError) -> Self {
        Self::Tensors(Box::new(error))
    }
}

impl From<MetadataError> for WeightFileError {
    fn from(error: MetadataError) -> Self {
        Self::Metadata(Box::new(error))
    }
}

/// What a reader ought to know of a weight file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are what the words name")]
#[non_exhaustive]
pub enum Remark {
    /// There are no feedback matrices.
    NoFeedback,
    /// The negative feedback matrix is the positive one, as the authors' NumPy simulation saves it.
    UnsignedFeedback { array: String },
    /// Matrices over time, of which the last is taken.
    LastOfSeries { array: String, n: usize },
    /// Arrays that are no weights, or copies.
    Ignored { arrays: Vec<String> },
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remark::NoFeedback => f.write_str(
                "no feedback matrices: they start as the forward ones transposed, positive and negative",
            ),
            Remark::UnsignedFeedback { array } => write!(
                f,
                "{array} has the sign of its positive twin, as LANL's NumPy simulation saves it: the feedback \
                 matrices start as the forward ones transposed, positive and negative"
            ),
            Remark::LastOfSeries { array, n } => {
                write!(f, "{array} holds {n} matrices over time: the last one is taken")
            }
            Remark::Ignored { arrays } => write!(f, "not read: {}", listed(arrays, "nothing")),
        }
    }
}

/// A matrix, a row for each target neuron.
#[derive(Clone, PartialEq, Eq)]
struct Table {
    n_rows: usize,
    n_columns: usize,
    values: Vec<i16>,
}

/// The arrays of a weight file; every number is a weight within the limits.
#[derive(Clone, PartialEq, Eq)]
pub struct WeightFile {
    forward: Vec<Table>,
    /// Positive and negative feedback of each hidden layer, or nothing if the file has none that can be used.
    feedback: Option<Vec<[Table; 2]>>,
    remarks: Vec<Remark>,
    told: Option<Shape>,
}

/// Either kind of file.
enum Arrays<'a> {
    Npz(Box<Npz<'a>>),
    Tensors(Tensors<'a>),
}

impl<'a> Arrays<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Arrays<'a>, WeightFileError> {
        if Tensors::is_likely(bytes) {
            return Ok(Arrays::Tensors(Tensors::parse(bytes)?));
        }
        Ok(Arrays::Npz(Box::new(Npz::parse(bytes)?)))
    }

    fn names(&self) -> &[String] {
        match self {
            Arrays::Npz(file) => file.names(),
            Arrays::Tensors(file) => file.names(),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names().binary_search_by(|other| other.as_str().cmp(name)).is_ok()
    }

    fn array(&mut self, name: &str) -> Result<Array, WeightFileError> {
        match self {
            _ if !self.has(name) => {
                let found = self.names().to_vec();
                Err(NpzError::Missing { array: name.to_owned(), found }.into())
            }
            Arrays::Npz(file) => Ok(file.array(name)?),
            Arrays::Tensors(file) => Ok(file.array(name)?),
        }
    }
}

impl WeightFile {
    /// Reads an npz archive or a safetensors file.
    ///
    /// # Errors
    /// If the bytes are neither, `w1`, `w2` or one of two feedback matrices is missing, an array is
    /// no matrix of integers, or a number is not a weight within `limits`.
    pub fn parse(bytes: &[u8], limits: WeightLimits) -> Result<WeightFile, WeightFileError> {
        let mut arrays = Arrays::parse(bytes)?;
        let told = match &arrays {
            Arrays::Npz(_) => None,
            Arrays::Tensors(file) => shape_in(file.metadata())?,
        };
        // The authors' NumPy simulation writes capitals.
        let w = if arrays.has("W1") && !arrays.has("w1") { "W" } else { "w" };
        let mut remarks = Vec::new();
        let mut read = Vec::new();
        let mut matrix = |arrays: &mut Arrays<'_>, name: String| {
            let (table, remark) = table(&arrays.array(&name)?, &name, limits)?;
            remarks.extend(remark);
            read.push(name);
            Ok::<Table, WeightFileError>(table)
        };
        let mut forward =
            vec![matrix(&mut arrays, format!("{w}1"))?, matrix(&mut arrays, format!("{w}2"))?];
        while arrays.has(&format!("{w}{}", forward.len() + 1)) {
            forward.push(matrix(&mut arrays, format!("{w}{}", forward.len() + 1))?);
        }
        let names: Vec<[String; 2]> =
            (2..=forward.len()).map(|k| ["p", "m"].map(|sign| format!("{w}{k}T{sign}"))).collect();
        let mut feedback = None;
        if names.iter().flatten().any(|name| arrays.has(name)) {
            let mut pairs = Vec::new();
            for [plus, minus] in &names {
                pairs.push([
                    matrix(&mut arrays, plus.clone())?,
                    matrix(&mut arrays, minus.clone())?,
                ]);
            }
            feedback = Some(pairs);
        }
        let others: Vec<String> =
            arrays.names().iter().filter(|name| !read.contains(name)).cloned().collect();
        match &feedback {
            None => remarks.push(Remark::NoFeedback),
            Some(pairs) => {
                let is_unsigned = |[plus, minus]: &[Table; 2]| {
                    plus == minus && plus.values.iter().any(|&weight| weight != 0)
                };
                if let Some(place) = pairs.iter().position(is_unsigned) {
                    remarks.push(Remark::UnsignedFeedback { array: names[place][1].clone() });
                    feedback = None;
                }
            }
        }
        if !others.is_empty() {
            remarks.push(Remark::Ignored { arrays: others });
        }
        Ok(WeightFile { forward, feedback, remarks, told })
    }

    /// Layer sizes from input to output, as the forward matrices announce them.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        let first = self.forward.iter().take(1).map(|table| table.n_columns);
        first.chain(self.forward.iter().map(|table| table.n_rows)).collect()
    }

    /// Whether the file has feedback matrices that are used.
    #[must_use]
    pub const fn has_feedback(&self) -> bool {
        self.feedback.is_some()
    }

    /// What a reader ought to know.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// The network that the file says its weights are of: only a safetensors file of ours does. Whether the
    /// matrices fit it has not been looked at.
    #[must_use]
    pub const fn told(&self) -> Option<&Shape> {
        self.told.as_ref()
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

/// All matrices of a network as arrays, by name, a row for each target neuron.
///
/// # Panics
/// Never: a matrix has rows times columns weights.
#[must_use]
pub fn weight_arrays(weights: &Weights) -> Vec<(String, Array)> {
    let array = |matrix: &Matrix| {
        let turned = matrix.transposed();
        Array::new(&[turned.n_sources(), turned.n_targets()], turned.values().to_vec())
            .expect("a matrix has rows times columns weights")
    };
    weights.matrices().map(|(name, matrix)| (name.to_string(), array(matrix))).collect()
}

/// Writes all matrices of a network as an npz archive; equal weights make equal bytes.
///
/// # Errors
/// If the archive would pass the limits of the zip format (4 GiB).
pub fn write_weights(weights: &Weights) -> std::io::Result<Vec<u8>> {
    let arrays = weight_arrays(weights);
    write_npz(arrays.iter().map(|(name, array)| (name.as_str(), array)))
}

/// Writes all matrices of a network as a safetensors file, whose metadata say of what network they are; equal
/// weights make equal bytes.
///
/// # Panics
/// Never: the names of the matrices differ and their elements are integers.
#[must_use]
pub fn write_weight_tensors(weights: &Weights, shape: &Shape) -> Vec<u8> {
    let arrays = weight_arrays(weights);
    let pairs = arrays.iter().map(|(name, array)| (name.as_str(), array));
    write_tensors(pairs, &metadata_of(shape))
        .expect("matrices of integers under names of their own")
}

fn kind(shape: &Shape, layer: usize) -> &'static str {
    match layer {
        0 => "input",
        _ if shape.is_hidden(layer) => "hidden",
        _ => "output",
    }
}

/// One row per target becomes one row per source.
fn from_table(table: Table) -> Matrix {
    Matrix::new(table.n_rows, table.n_columns, table.values)
        .expect("a table holds rows times columns numbers")
        .transposed()
}

/// The matrix in an array, every number of which must be a weight.
fn table(
    array: &Array,
    name: &str,
    limits: WeightLimits,
) -> Result<(Table, Option<Remark>), WeightFileError> {
    let (n_rows, n_columns, n) = match *array.shape() {
        [n_rows, n_columns] => (n_rows, n_columns, 1),
        [n_rows, n_columns, n] => (n_rows, n_columns, n),
        _ => (0, 0, 0),
    };
    let is_side = |side| (1..=LARGEST_SIDE).contains(&side);
    if ![n_rows, n_columns, n].into_iter().all(is_side) || array.values().len() > LARGEST_ARRAY {
        let found = array.shape().to_vec();
        return Err(WeightFileError::Dimensions { array: name.to_owned(), found });
    }
    let mut values = Vec::with_capacity(n_rows * n_columns);
    for place in 0..n_rows * n_columns {
        let position = place * n + n - 1;
        let integer = array.values().integer(position).and_then(|value| i16::try_from(value).ok());
        let is_weight = |&value: &i16| limits.is_in_range(value) && limits.is_on_grid(value);
        let Some(value) = integer.filter(is_weight) else {
            return Err(WeightFileError::Value {
                array: name.to_owned(),
                row: place / n_columns,
                column: place % n_columns,
                found: array.values().shown(position),
                allowed: allowed(limits),
            });
        };
        values.push(value);
    }
    let is_series = array.shape().len() == 3;
    let remark = is_series.then(|| Remark::LastOfSeries { array: name.to_owned(), n });
    Ok((Table { n_rows, n_columns, values }, remark))
}

fn allowed(limits: WeightLimits) -> String {
    let (min, max) = (limits.min(), limits.max());
    match limits.step() {
        1 => format!("an integer from {min} to {max}"),
        2 => format!("an even integer from {min} to {max}"),
        step => format!("a multiple of {step} from {min} to {max}"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_npy::Values;
    use synfire_reference::{Variant, init};

    fn shape() -> Shape {
        Shape::new(&[6, 5, 3]).unwrap()
    }

    fn archive(arrays: &[(&str, Array)]) -> Vec<u8> {
        write_npz(arrays.iter().map(|(name, array)| (*name, array))).unwrap()
    }

    /// An archive with some of the arrays of a network.
    fn some(names: &[&str]) -> Vec<u8> {
        let arrays = weight_arrays(&init::he(&shape(), 3));
        let pairs = arrays.iter().map(|(name, array)| (name.as_str(), array));
        write_npz(pairs.filter(|(name, _)| names.contains(name))).unwrap()
    }

    fn parse(bytes: &[u8]) -> Result<WeightFile, String> {
        WeightFile::parse(bytes, shape().limits()).map_err(|error| error.to_string())
    }

    fn message(array: Array) -> String {
        parse(&archive(&[("w1", array)])).err().unwrap()
    }

    #[test]
    fn feedback_is_rebuilt_where_the_file_has_none() {
        let file = parse(&some(&["w1", "w2"])).unwrap();
        assert_eq!(file.remarks(), [Remark::NoFeedback]);
        assert_eq!(file.into_weights(&shape()).unwrap(), init::he(&shape(), 3));
        let half = parse(&some(&["w1", "w2", "w2Tp"])).err().unwrap();
        assert_eq!(half, "array w2Tm is missing, found w1, w2, w2Tp");
    }

    #[test]
    fn arrays_have_one_row_per_target() {
        let bytes = write_weights(&init::he(&shape(), 3)).unwrap();
        let mut archive = Npz::parse(&bytes).unwrap();
        for (name, sides) in [("w1", [5, 6]), ("w2", [3, 5]), ("w2Tp", [5, 3]), ("w2Tm", [5, 3])] {
            let array = archive.array(name).unwrap();
            assert_eq!((array.shape(), array.values().type_name()), (&sides[..], "int16"));
        }
        assert_eq!(write_weights(&init::he(&shape(), 3)).unwrap(), bytes);
    }

    #[test]
    fn safetensors_say_what_network_they_are_of() {
        let weights = init::he(&shape(), 3);
        let bytes = write_weight_tensors(&weights, &shape());
        let file = parse(&bytes).unwrap();
        assert_eq!((file.told(), file.remarks()), (Some(&shape()), &[][..]));
        assert_eq!(file.into_weights(&shape()).unwrap(), weights);
        let other = shape().with_error_threshold(1, 7).unwrap();
        let file = parse(&write_weight_tensors(&weights, &other)).unwrap();
        assert_eq!(file.told(), Some(&other));
        let cut = parse(&bytes[..bytes.len() - 1]).err().unwrap();
        assert!(cut.starts_with("not a complete safetensors file: "), "{cut}");
    }

    /// LANL's code keeps probed weights as floating-point numbers, and all of them in a second file.
    #[test]
    fn files_of_the_authors_are_read() {
        let weights = init::he(&shape(), 3);
        let arrays = weight_arrays(&weights);
        let floats = |n: usize| -> Vec<(&str, Array)> {
            let series = |array: &Array| {
                let values = 0..array.values().len();
                let values: Vec<f64> = values
                    .flat_map(|place| {
                        let last = array.values().integer(place).unwrap();
                        std::iter::repeat_n(0.5, n - 1).chain([i32::try_from(last).unwrap().into()])
                    })
                    .collect();
                let mut sides = array.shape().to_vec();
                if n > 1 {
                    sides.push(n);
                }
                Array::new(&sides, values).unwrap()
            };
            arrays.iter().map(|(name, array)| (name.as_str(), series(array))).collect()
        };
        let file = parse(&archive(&floats(1))).unwrap();
        assert_eq!(file.remarks(), []);
        assert_eq!(file.into_weights(&shape()).unwrap(), weights);
        let file = parse(&archive(&floats(3))).unwrap();
        assert_eq!(file.remarks().len(), 4);
        let said = file.remarks()[0].to_string();
        assert_eq!(said, "w1 holds 3 matrices over time: the last one is taken");
        assert_eq!(file.into_weights(&shape()).unwrap(), weights);
    }

    /// LANL's NumPy simulation saves the one feedback matrix under both names, and a copy of W1.
    #[test]
    fn feedback_without_its_sign_is_not_taken() {
        let weights = init::he(&shape(), 3);
        let array = |wanted: &str| {
            weight_arrays(&weights).into_iter().find(|(name, _)| name == wanted).unwrap().1
        };
        let bytes = archive(&[
            ("W1", array("w1")),
            ("W2", array("w2")),
            ("W2Tp", array("w2Tp")),
            ("W2Tm", array("w2Tp")),
            ("W1_copy", array("w1")),
        ]);
        let file = parse(&bytes).unwrap();
        let expected = [
            Remark::UnsignedFeedback { array: "W2Tm".to_owned() },
            Remark::Ignored { arrays: vec!["W1_copy".to_owned()] },
        ];
        assert_eq!((file.remarks(), file.has_feedback()), (&expected[..], false));
        assert_eq!(file.into_weights(&shape()).unwrap(), weights);
    }

    #[test]
    fn wrong_shapes_are_named() {
        let message = |sizes: &[usize]| {
            let file = parse(&some(&["w1", "w2"])).unwrap();
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
    fn what_is_no_weight_is_named() {
        let matrix = |values: Values| Array::new(&[2, 2], values).unwrap();
        let even = "expected an even integer from -256 to 254";
        for (values, place, found) in [
            (Values::from(vec![2_i8, 4, 5, 6]), "[1, 0]", "5"),
            (vec![2_u64, 4, 6, u64::MAX].into(), "[1, 1]", "18446744073709551615"),
            (vec![2.0, 0.5, 0.0, f64::NAN].into(), "[0, 1]", "0.5"),
            (vec![2.0, 4.0, f32::NAN, 0.0].into(), "[1, 0]", "NaN"),
            (vec![-258_i16, 0, 0, 0].into(), "[0, 0]", "-258"),
            (vec![256_i16, 0, 0, 0].into(), "[0, 0]", "256"),
            (vec![false, true, false, false].into(), "[0, 1]", "1"),
            (vec!["a".to_owned(); 4].into(), "[0, 0]", "\"a\""),
        ] {
            let expected = format!("array w1, element {place} is {found}, {even}");
            assert_eq!(message(matrix(values)), expected);
        }
        for sides in [&[][..], &[4], &[1, 2, 2, 1], &[0, 4], &[65_537, 1], &[1, 1, 0]] {
            let array = Array::new(sides, vec![2_i16; sides.iter().product()]).unwrap();
            let text = message(array);
            assert!(text.starts_with("array w1 has shape ("), "{text}");
        }
    }

    #[test]
    fn deep_networks_have_their_own_arrays() {
        let shape = Shape::new(&[6, 5, 4, 3]).unwrap();
        let weights = init::he(&shape, 1);
        for bytes in [write_weights(&weights).unwrap(), write_weight_tensors(&weights, &shape)] {
            let file = WeightFile::parse(&bytes, shape.limits()).unwrap();
            assert_eq!(file.sizes(), [6, 5, 4, 3]);
            assert_eq!(file.into_weights(&shape).unwrap(), weights);
        }
        let lanl = shape.with_variant(Variant::LanlNumpy);
        let weights = init::he(&lanl, 1);
        let file =
            WeightFile::parse(&write_weight_tensors(&weights, &lanl), lanl.limits()).unwrap();
        assert_eq!(file.told(), Some(&lanl));
        assert_eq!(file.into_weights(&lanl).unwrap(), weights);
    }
}
