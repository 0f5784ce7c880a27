//! An array as NumPy has it: a shape and values of one type, in C order.
//!
//! It is what lies in an archive ([`npz`](crate::npz)), before anybody has said what the numbers mean.

use std::fmt;

/// Most elements of an array of texts: each takes more room here than in a file.
pub(crate) const MOST_TEXTS: usize = 65_536;

/// Values of one of the types that NumPy writes and Synfire knows.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the types")]
pub enum Values {
    Bool(Vec<bool>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    /// Texts without zero characters.
    Text(Vec<String>),
}

/// Does the same with the values, whatever their type.
macro_rules! each {
    ($values:expr, $list:ident => $result:expr) => {
        match $values {
            Values::Bool($list) => $result,
            Values::I8($list) => $result,
            Values::I16($list) => $result,
            Values::I32($list) => $result,
            Values::I64($list) => $result,
            Values::U8($list) => $result,
            Values::U16($list) => $result,
            Values::U32($list) => $result,
            Values::U64($list) => $result,
            Values::F32($list) => $result,
            Values::F64($list) => $result,
            Values::Text($list) => $result,
        }
    };
}

macro_rules! from_vec {
    ($($variant:ident: $element:ty),*) => {$(
        impl From<Vec<$element>> for Values {
            fn from(values: Vec<$element>) -> Values {
                Values::$variant(values)
            }
        }
    )*};
}

from_vec!(Bool: bool, I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64);
from_vec!(F32: f32, F64: f64, Text: String);

impl Values {
    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        each!(self, list => list.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Roughly the memory they take.
    pub(crate) fn n_bytes(&self) -> u64 {
        let of_texts =
            |list: &[String]| list.iter().map(|text| text.len() + size_of::<String>()).sum();
        let n_bytes: usize = match self {
            Values::Text(list) => of_texts(list),
            _ => each!(self, list => size_of_val(&list[..])),
        };
        n_bytes as u64
    }

    /// The type as NumPy calls it, such as `int16`; all texts are `str`.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Values::Bool(_) => "bool",
            Values::I8(_) => "int8",
            Values::I16(_) => "int16",
            Values::I32(_) => "int32",
            Values::I64(_) => "int64",
            Values::U8(_) => "uint8",
            Values::U16(_) => "uint16",
            Values::U32(_) => "uint32",
            Values::U64(_) => "uint64",
            Values::F32(_) => "float32",
            Values::F64(_) => "float64",
            Values::Text(_) => "str",
        }
    }

    /// The value at a position if it is a whole number, exactly; of `bool`, 0 or 1.
    ///
    /// `None` for fractions, infinities, floating-point numbers beyond 2^53, texts, and outside the array.
    #[must_use]
    pub fn integer(&self, position: usize) -> Option<i128> {
        match self {
            Values::Bool(list) => list.get(position).map(|&value| value.into()),
            Values::I8(list) => list.get(position).map(|&value| value.into()),
            Values::I16(list) => list.get(position).map(|&value| value.into()),
            Values::I32(list) => list.get(position).map(|&value| value.into()),
            Values::I64(list) => list.get(position).map(|&value| value.into()),
            Values::U8(list) => list.get(position).map(|&value| value.into()),
            Values::U16(list) => list.get(position).map(|&value| value.into()),
            Values::U32(list) => list.get(position).map(|&value| value.into()),
            Values::U64(list) => list.get(position).map(|&value| value.into()),
            Values::F32(list) => list.get(position).and_then(|&value| whole(value.into())),
            Values::F64(list) => list.get(position).and_then(|&value| whole(value)),
            Values::Text(_) => None,
        }
    }

    /// The value at a position in words, for messages; nothing outside the array.
    #[must_use]
    pub fn shown(&self, position: usize) -> String {
        match self {
            Values::F32(list) => list.get(position).map_or_else(String::new, f32::to_string),
            Values::F64(list) => list.get(position).map_or_else(String::new, f64::to_string),
            Values::Text(list) => {
                list.get(position).map_or_else(String::new, |text| format!("{text:?}"))
            }
            _ => self.integer(position).map_or_else(String::new, |value| value.to_string()),
        }
    }
}

/// A floating-point number that is an integer, as one.
fn whole(value: f64) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.trunc() != value || value.abs() > EXACT {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 2^53")]
    let integer = value as i64;
    Some(integer.into())
}

/// Why values are not an array of the stated shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("array of shape {} has {found} values", Shaped(.shape))]
pub struct ArrayError {
    /// The stated shape.
    pub shape: Vec<usize>,
    /// Number of values given.
    pub found: usize,
}

/// Values in a shape, in C order: the last index runs fastest.
///
/// ```
/// use synfire_npy::Array;
///
/// let array = Array::new(&[2, 3], vec![1_i16, 2, 3, 4, 5, 6])?;
/// assert_eq!((array.shape(), array.values().type_name()), (&[2, 3][..], "int16"));
/// assert!(Array::new(&[2, 2], vec![1_u8, 2, 3]).is_err());
/// # Ok::<(), synfire_npy::ArrayError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    values: Values,
}

impl Array {
    /// Takes values in C order; a shape without dimensions has one value.
    ///
    /// # Errors
    /// If there are not as many values as the shape says.
    pub fn new(shape: &[usize], values: impl Into<Values>) -> Result<Array, ArrayError> {
        let values = values.into();
        // A side of 0 makes it 0, whatever the others are.
        let n = match shape.contains(&0) {
            true => Some(0),
            false => shape.iter().try_fold(1_usize, |n, &side| n.checked_mul(side)),
        };
        if n != Some(values.len()) {
            return Err(ArrayError { shape: shape.to_vec(), found: values.len() });
        }
        Ok(Array { shape: shape.to_vec(), values })
    }

    /// An array of one dimension.
    #[must_use]
    pub fn list(values: impl Into<Values>) -> Array {
        let values = values.into();
        Array { shape: vec![values.len()], values }
    }

    /// The number of elements along each dimension.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values, in C order.
    #[must_use]
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The values, in C order.
    #[must_use]
    pub fn into_values(self) -> Values {
        self.values
    }
}

/// A shape as NumPy writes it, for messages: `(3, 4)`, `(3,)`.
#[derive(Clone, Copy, Debug)]
pub struct Shaped<'a>(
    /// The sides.
    pub &'a [usize],
);

impl fmt::Display for Shaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // NumPy has no more, and safetensors any number.
        const MOST: usize = 32;
        let sides: Vec<String> = self.0.iter().take(MOST).map(usize::to_string).collect();
        let end = match self.0.len() {
            1 => ",",
            n if n > MOST => ", ...",
            _ => "",
        };
        write!(f, "({}{end})", sides.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_taken_exactly_and_others_not_at_all() {
        let floats = Values::from(vec![-256.0, 254.0, 0.5, f64::NAN, f64::INFINITY, 1e300, -0.0]);
        let found: Vec<_> = (0..8).map(|position| floats.integer(position)).collect();
        assert_eq!(found, [Some(-256), Some(254), None, None, None, None, Some(0), None]);
        assert_eq!(Values::from(vec![f32::MAX]).integer(0), None);
        assert_eq!(Values::from(vec![true]).integer(0), Some(1));
        assert_eq!(Values::from(vec![u64::MAX]).integer(0), Some(u64::MAX.into()));
        assert_eq!(Values::from(vec!["1".to_owned()]).integer(0), None);
        assert_eq!(Values::from(vec![0.5_f32]).shown(0), "0.5");
    }
    #[test]
    fn shapes_hold_as_many_values() {
        assert!(Array::new(&[], vec![1_u8]).is_ok());
        assert!(Array::new(&[0, 7], Vec::<f32>::new()).is_ok());
        let error = Array::new(&[usize::MAX, 2], vec![1_u8]);
        assert!(error.is_err());
        let error = Array::new(&[4], vec![1_u8]);
        assert_eq!(
            error.map_err(|error| error.to_string()),
            Err("array of shape (4,) has 1 values".to_owned())
        );
    }
}
