//! Arrays in a safetensors file: a header that says name, type, shape and place of each, and the values behind it.
//!
//! Equal arrays and metadata make equal bytes: tensors in the order given, everything else in the header sorted. Read
//! are the types that NumPy has too; the crate `safetensors` checks that the header fits the bytes that are there.

use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, Metadata, SafeTensors};
use serde_json::{Map, Value, json};

use synfire_npy::{Array, Values, listed, printable};

/// The header ends where a multiple of this many bytes ends, so that values may be mapped into memory.
const ALIGNMENT: usize = 8;
/// Longest header, in bytes. Reading one takes some fifty times as much memory at worst.
const LONGEST_HEADER: u64 = 4 << 20;
/// Most tensors of a file.
const MOST_TENSORS: usize = 4096;
/// Entry of the header that is no tensor.
const METADATA: &str = "__metadata__";

/// Why arrays are not written to, or not read from, a safetensors file.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum TensorsError {
    /// No file of this form, or not all of it.
    #[error("not a complete safetensors file: {message}")]
    Form { message: String },
    /// A longer header than anybody can mean.
    #[error("the safetensors header has {found} bytes, expected at most {LONGEST_HEADER}")]
    Header { found: u64 },
    /// More tensors than anybody can mean.
    #[error("the safetensors file has {found} tensors, expected at most {MOST_TENSORS}")]
    Count { found: usize },
    /// A tensor that is needed is not there.
    #[error("tensor {} is missing, found {}", printable(.tensor), listed(.found, "no tensors"))]
    Missing { tensor: String, found: Vec<String> },
    /// Elements of a type that is not exchanged.
    #[error("tensor {} has elements of type {found}, expected integers, F32, F64 or BOOL", printable(.tensor))]
    Type { tensor: String, found: String },
    /// A boolean that is neither 0 nor 1.
    #[error("tensor {}, element {position} is no boolean", printable(.tensor))]
    Bool { tensor: String, position: usize },
    /// Two tensors of one name, or one with the name of the metadata.
    #[error("tensor name {} is taken", printable(.tensor))]
    Name { tensor: String },
}

/// Packs arrays under their names, with metadata that `safe_open(...).metadata()` shows in Python.
///
/// ```
/// use std::collections::BTreeMap;
/// use synfire_exchange::{Array, Tensors, write_tensors};
///
/// let weights = Array::new(&[1, 2], vec![-256_i16, 254])?;
/// let metadata = BTreeMap::from([("from".to_owned(), "here".to_owned())]);
/// let bytes = write_tensors([("w1", &weights)], &metadata)?;
/// let file = Tensors::parse(&bytes)?;
/// assert_eq!((file.array("w1")?, file.metadata()), (weights, &metadata));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a name occurs twice, or an array holds texts.
pub fn write_tensors<'a>(
    arrays: impl IntoIterator<Item = (&'a str, &'a Array)>,
    metadata: &BTreeMap<String, String>,
) -> Result<Vec<u8>, TensorsError> {
    let mut header = Map::new();
    if !metadata.is_empty() {
        header.insert(METADATA.to_owned(), json!(metadata));
    }
    let mut data = Vec::new();
    for (name, array) in arrays {
        let start = data.len();
        let dtype = put(&mut data, array.values()).ok_or_else(|| TensorsError::Type {
            tensor: name.to_owned(),
            found: "str".to_owned(),
        })?;
        let entry =
            json!({ "dtype": dtype, "shape": array.shape(), "data_offsets": [start, data.len()] });
        if name == METADATA || header.insert(name.to_owned(), entry).is_some() {
            return Err(TensorsError::Name { tensor: name.to_owned() });
        }
    }
    let mut header = Value::Object(header).to_string();
    header.push_str(&" ".repeat(header.len().next_multiple_of(ALIGNMENT) - header.len()));
    Ok([&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat())
}

/// Appends values as bytes and returns the name of their type, if they have one.
fn put(data: &mut Vec<u8>, values: &Values) -> Option<&'static str> {
    macro_rules! put {
        ($list:expr) => {
            data.extend($list.iter().flat_map(|value| value.to_le_bytes()))
        };
    }
    match values {
        Values::Bool(list) => data.extend(list.iter().map(|&value| u8::from(value))),
        Values::I8(list) => put!(list),
        Values::I16(list) => put!(list),
        Values::I32(list) => put!(list),
        Values::I64(list) => put!(list),
        Values::U8(list) => put!(list),
        Values::U16(list) => put!(list),
        Values::U32(list) => put!(list),
        Values::U64(list) => put!(list),
        Values::F32(list) => put!(list),
        Values::F64(list) => put!(list),
        Values::Text(_) => {}
    }
    Some(match values {
        Values::Bool(_) => "BOOL",
        Values::I8(_) => "I8",
        Values::I16(_) => "I16",
        Values::I32(_) => "I32",
        Values::I64(_) => "I64",
        Values::U8(_) => "U8",
        Values::U16(_) => "U16",
        Values::U32(_) => "U32",
        Values::U64(_) => "U64",
        Values::F32(_) => "F32",
        Values::F64(_) => "F64",
        Values::Text(_) => return None,
    })
}

/// A safetensors file in memory, whose arrays are read as they are asked for.
#[derive(Debug)]
pub struct Tensors<'a> {
    header: Metadata,
    /// The values of all tensors.
    data: &'a [u8],
    names: Vec<String>,
    metadata: BTreeMap<String, String>,
}

impl<'a> Tensors<'a> {
    /// Reads the header of a file and checks it against the file.
    ///
    /// # Errors
    /// If the bytes are not all of a safetensors file.
    pub fn parse(bytes: &'a [u8]) -> Result<Tensors<'a>, TensorsError> {
        let length = bytes.first_chunk().map(|length| u64::from_le_bytes(*length));
        // Of one that is not there the parser says so.
        if let Some(found) = length.filter(|&n| n > LONGEST_HEADER && n < bytes.len() as u64) {
            return Err(TensorsError::Header { found });
        }
        let read = SafeTensors::read_metadata(bytes);
        let (header_len, header) =
            read.map_err(|error| TensorsError::Form { message: printable(&error.to_string()) })?;
        let data = &bytes[size_of::<u64>() + header_len..];
        let mut names = header.offset_keys();
        if names.len() > MOST_TENSORS {
            return Err(TensorsError::Count { found: names.len() });
        }
        names.sort_unstable();
        let metadata = header.metadata().iter().flatten();
        let metadata = metadata.map(|(key, value)| (key.clone(), value.clone())).collect();
        Ok(Tensors { header, data, names, metadata })
    }

    /// Whether bytes begin as those of a safetensors file: the length of a header, and a header.
    #[must_use]
    pub fn is_likely(bytes: &[u8]) -> bool {
        matches!(bytes.split_first_chunk::<8>(), Some((_, [b'{', ..])))
    }

    /// The names of all tensors, sorted.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Keys and values that are no tensors.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Reads an array.
    ///
    /// # Errors
    /// If there is none of this name, or its elements have a type that is not exchanged.
    ///
    /// # Panics
    /// Never: a tensor has as many bytes as its shape says, which was checked.
    pub fn array(&self, name: &str) -> Result<Array, TensorsError> {
        let Some(tensor) = self.header.info(name) else {
            let found = self.names.clone();
            return Err(TensorsError::Missing { tensor: name.to_owned(), found });
        };
        let (begin, end) = tensor.data_offsets;
        let bytes = &self.data[begin..end];
        macro_rules! numbers {
            ($element:ty) => {{
                let chunks = bytes.chunks_exact(size_of::<$element>());
                let value = |chunk: &[u8]| {
                    let mut one = [0; size_of::<$element>()];
                    one.copy_from_slice(chunk);
                    <$element>::from_le_bytes(one)
                };
                Values::from(chunks.map(value).collect::<Vec<$element>>())
            }};
        }
        let values = match tensor.dtype {
            Dtype::BOOL => {
                if let Some(position) = bytes.iter().position(|&byte| byte > 1) {
                    return Err(TensorsError::Bool { tensor: name.to_owned(), position });
                }
                bytes.iter().map(|&byte| byte == 1).collect::<Vec<bool>>().into()
            }
            Dtype::I8 => numbers!(i8),
            Dtype::I16 => numbers!(i16),
            Dtype::I32 => numbers!(i32),
            Dtype::I64 => numbers!(i64),
            Dtype::U8 => numbers!(u8),
            Dtype::U16 => numbers!(u16),
            Dtype::U32 => numbers!(u32),
            Dtype::U64 => numbers!(u64),
            Dtype::F32 => numbers!(f32),
            Dtype::F64 => numbers!(f64),
            other => {
                let found = other.to_string();
                return Err(TensorsError::Type { tensor: name.to_owned(), found });
            }
        };
        Ok(Array::new(&tensor.shape, values).expect("a tensor is as large as its shape says"))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn arrays() -> Vec<(&'static str, Array)> {
        vec![
            ("w2", Array::new(&[2, 3], vec![-256_i16, 254, 0, 2, -4, 6]).unwrap()),
            ("a", Array::list(vec![true, false, true])),
            ("b", Array::new(&[], vec![i64::MIN]).unwrap()),
            ("c", Array::new(&[0, 4], Vec::<f32>::new()).unwrap()),
            ("d", Array::list(vec![0.1_f64])),
            ("e", Array::list(vec![u8::MAX])),
            ("f", Array::list(vec![u16::MAX])),
            ("g", Array::list(vec![u32::MAX])),
            ("h", Array::list(vec![u64::MAX])),
            ("i", Array::list(vec![i8::MIN])),
            ("j", Array::list(vec![i32::MIN])),
        ]
    }

    fn metadata() -> BTreeMap<String, String> {
        let pairs = [("z", "last"), ("quoted \"key\"", "line\nbreak"), ("a", "")];
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn what_is_written_is_read_and_the_bytes_are_always_the_same() {
        let arrays = arrays();
        let write = || {
            let pairs = arrays.iter().map(|(name, array)| (*name, array));
            write_tensors(pairs, &metadata()).unwrap()
        };
        let bytes = write();
        assert_eq!(bytes, write());
        let file = Tensors::parse(&bytes).unwrap();
        assert_eq!(file.metadata(), &metadata());
        assert_eq!(file.names().len(), arrays.len());
        for (name, array) in &arrays {
            assert_eq!(&file.array(name).unwrap(), array, "{name}");
        }
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap());
        assert_eq!(length % 8, 0);
        assert!(Tensors::is_likely(&bytes) && !Tensors::is_likely(b"PK\x03\x04abcdefgh"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let none = BTreeMap::new();
        let text = Array::list(vec!["a".to_owned()]);
        let error = write_tensors([("t", &text)], &none).unwrap_err();
        assert!(error.to_string().starts_with("tensor t has elements of type str"), "{error}");
        let one = Array::list(vec![1_u8]);
        for pairs in [[("a", &one), ("a", &one)], [("a", &one), (METADATA, &one)]] {
            assert!(matches!(write_tensors(pairs, &none), Err(TensorsError::Name { .. })));
        }
        let bytes = write_tensors([("a", &one)], &none).unwrap();
        let file = Tensors::parse(&bytes).unwrap();
        let error = file.array("b").unwrap_err().to_string();
        assert_eq!(error, "tensor b is missing, found a");
        for length in 0..bytes.len() {
            let error = Tensors::parse(&bytes[..length]).unwrap_err().to_string();
            assert!(error.starts_with("not a complete safetensors file: "), "{error}");
        }
        let foreign = |header: &str, data: &[u8]| {
            [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
        };
        let half = foreign(r#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#, &[0, 0]);
        let error = Tensors::parse(&half).unwrap().array("a").unwrap_err().to_string();
        assert!(error.starts_with("tensor a has elements of type F16"), "{error}");
        let name =
            foreign(r#"{"\u0007":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#, &[0, 0]);
        let tensors = Tensors::parse(&name).unwrap();
        for (name, expected) in
            [("\u{7}", r"tensor \u{7} has elements"), ("\t", r"tensor \t is missing, found \u{7}")]
        {
            let error = tensors.array(name).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        let bool = foreign(r#"{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#, &[1, 2]);
        let error = Tensors::parse(&bool).unwrap().array("a").unwrap_err().to_string();
        assert_eq!(error, "tensor a, element 1 is no boolean");
        // The library quotes names of the file.
        let odd =
            foreign(r#"{"\u001b[2J":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, &[1, 2]);
        let error = Tensors::parse(&odd).unwrap_err().to_string();
        assert!(error.ends_with(r"`\u{1b}[2J`"), "{error}");
    }

    /// A million tensors of no size, and a header of nothing but room.
    #[test]
    fn headers_larger_than_anybody_can_mean_are_refused() {
        let file =
            |header: &str| [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
        let error = |header: &str| Tensors::parse(&file(header)).unwrap_err().to_string();
        let tensors = |n: usize| {
            let one =
                |k| format!("\"{k}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}");
            format!("{{{}}}", (0..n).map(one).collect::<Vec<_>>().join(","))
        };
        assert!(Tensors::parse(&file(&tensors(MOST_TENSORS))).is_ok());
        let message = "the safetensors file has 4097 tensors, expected at most 4096";
        assert_eq!(error(&tensors(MOST_TENSORS + 1)), message);
        let message = "the safetensors header has 4194305 bytes, expected at most 4194304";
        assert_eq!(error(&format!("{{}}{}", " ".repeat((4 << 20) - 1))), message);
    }

    /// Headers that announce more than there is, or than there can be.
    #[test]
    fn lying_headers_are_refused() {
        let max = u64::MAX;
        for header in [
            r#"{"a":{"dtype":"I16","shape":[4294967296,4294967296],"data_offsets":[0,2]}}"#
                .to_owned(),
            r#"{"a":{"dtype":"I16","shape":[1000000],"data_offsets":[0,2000000]}}"#.to_owned(),
            format!(r#"{{"a":{{"dtype":"I16","shape":[{max},2],"data_offsets":[0,{max}]}}}}"#),
            r#"{"a":{"dtype":"I16","shape":[1],"data_offsets":[2,0]}}"#.to_owned(),
            "{".repeat(10_000),
        ] {
            let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 2]].concat();
            assert!(Tensors::parse(&bytes).is_err(), "{header}");
        }
        let lying = [&max.to_le_bytes()[..], b"{}"].concat();
        assert!(Tensors::parse(&lying).is_err());
    }
}
