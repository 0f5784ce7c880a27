//! One array as a `.npy` file: a line that says type, order and shape, and the values after it.
//!
//! Written are the bytes that NumPy writes. Read are booleans, integers, floating-point numbers of 4 and 8
//! bytes and texts, in either byte order, in C or Fortran order. Objects are refused: they are programs for
//! Python's unpickler.
//!
//! A file is not trusted: what its first line announces is checked before anything is allocated for it, and
//! memory grows only with the data that is really there.

use std::io::Read;

use crate::array::{Array, MOST_TEXTS, Shaped, Values};
use crate::header::{ElementType, Header, HeaderError, MAGIC, in_c_order};

/// The first line ends where a multiple of this many bytes ends.
const ALIGNMENT: usize = 64;

/// Why bytes are not an array.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum NpyError {
    /// It does not begin as an array.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The bytes cannot be had: a compressed entry is damaged or cut short.
    #[error("{cause}")]
    Read { cause: std::io::Error },
    /// Elements of half precision, which no value here has.
    #[error("elements of type {descr}, expected floating-point numbers of 4 or 8 bytes")]
    Half { descr: String },
    /// More than can be, or than is read.
    #[error("its shape {} makes {n_bytes} bytes of {descr}, allowed are {allowed}", Shaped(.shape))]
    Size { shape: Vec<usize>, descr: String, n_bytes: u128, allowed: u64 },
    /// An array of more texts than are read.
    #[error("its shape {} holds more than {MOST_TEXTS} texts", Shaped(.shape))]
    Texts { shape: Vec<usize> },
    /// Less data than announced.
    #[error("it has {found} bytes of data, expected {expected}")]
    Short { found: usize, expected: usize },
    /// More data than announced.
    #[error("there is more data than its {expected} bytes")]
    Long { expected: usize },
    /// A value its type does not have: a boolean above 1, a text that is none.
    #[error("element {position} is no {descr}")]
    Value { position: usize, descr: String },
}

/// Reads a `.npy` file.
///
/// # Errors
/// If the bytes are not exactly an array of a type that is read.
pub fn parse_npy(bytes: &[u8]) -> Result<Array, NpyError> {
    read(bytes, bytes.len() as u64)
}

/// Reads an array of at most `allowed` bytes of data from what is all of a file.
pub(crate) fn read(mut file: impl Read, allowed: u64) -> Result<Array, NpyError> {
    let header = Header::read(&mut file)?;
    let Header { shape, element, .. } = &header;
    let n = header.n_elements();
    let n_bytes = n.and_then(|n| n.checked_mul(element.n_bytes() as u128)).unwrap_or(u128::MAX);
    if n_bytes > u128::from(allowed) {
        let (shape, descr) = (shape.clone(), header.descr);
        return Err(NpyError::Size { shape, descr, n_bytes, allowed });
    }
    if matches!(element, ElementType::Text(_)) && n.is_none_or(|n| n > MOST_TEXTS as u128) {
        return Err(NpyError::Texts { shape: shape.clone() });
    }
    let too_big = |_| NpyError::Size {
        shape: shape.clone(),
        descr: header.descr.clone(),
        n_bytes,
        allowed: usize::MAX as u64,
    };
    let expected = usize::try_from(n_bytes).map_err(too_big)?;
    let mut bytes = Vec::new();
    // One more than is wanted: an entry of an archive is checked against its sum only at its end.
    file.take(expected as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| NpyError::Read { cause })?;
    if bytes.len() < expected {
        return Err(NpyError::Short { found: bytes.len(), expected });
    }
    if bytes.len() > expected {
        return Err(NpyError::Long { expected });
    }
    let values = values(&bytes, &header)?;
    drop(bytes);
    Ok(Array::new(&header.shape, values).expect("as many values as the shape says"))
}

/// An array as the bytes that NumPy's `save` writes.
#[must_use]
pub fn write_npy(array: &Array) -> Vec<u8> {
    let shape = Shaped(array.shape());
    let mut header =
        format!("{{'descr': '{}', 'fortran_order': False, 'shape': {shape}, }}", descr(array));
    // NumPy leaves room for the first side to grow to 21 digits.
    if let Some(first) = array.shape().first() {
        header.push_str(&" ".repeat(21_usize.saturating_sub(first.to_string().len())));
    }
    let unaligned = (MAGIC.len() + 4 + header.len() + 1) % ALIGNMENT;
    header.push_str(&" ".repeat(ALIGNMENT - unaligned));
    header.push('\n');
    let length = u16::try_from(header.len()).unwrap_or(u16::MAX).to_le_bytes();
    let mut bytes = [&MAGIC[..], &[1, 0], &length, header.as_bytes()].concat();
    macro_rules! put {
        ($list:expr) => {
            bytes.extend($list.iter().flat_map(|value| value.to_le_bytes()))
        };
    }
    match array.values() {
        Values::Bool(list) => bytes.extend(list.iter().map(|&value| u8::from(value))),
        Values::I8(list) => put!(list),
        Values::I16(list) => put!(list),
        Values::I32(list) => put!(list),
        Values::I64(list) => put!(list),
        Values::U8(list) => bytes.extend(list),
        Values::U16(list) => put!(list),
        Values::U32(list) => put!(list),
        Values::U64(list) => put!(list),
        Values::F32(list) => put!(list),
        Values::F64(list) => put!(list),
        Values::Text(list) => {
            let width = width(list);
            for text in list {
                let characters = text.chars().chain(std::iter::repeat('\0')).take(width);
                bytes.extend(characters.flat_map(|character| u32::from(character).to_le_bytes()));
            }
        }
    }
    bytes
}

/// Characters of the longest text; NumPy has no texts of none.
fn width(list: &[String]) -> usize {
    list.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1)
}

/// The type of an array as its file says it.
fn descr(array: &Array) -> String {
    match array.values() {
        Values::Bool(_) => "|b1".to_owned(),
        Values::I8(_) => "|i1".to_owned(),
        Values::I16(_) => "<i2".to_owned(),
        Values::I32(_) => "<i4".to_owned(),
        Values::I64(_) => "<i8".to_owned(),
        Values::U8(_) => "|u1".to_owned(),
        Values::U16(_) => "<u2".to_owned(),
        Values::U32(_) => "<u4".to_owned(),
        Values::U64(_) => "<u8".to_owned(),
        Values::F32(_) => "<f4".to_owned(),
        Values::F64(_) => "<f8".to_owned(),
        Values::Text(list) => format!("<U{}", width(list)),
    }
}

/// The values in C order.
fn values(bytes: &[u8], header: &Header) -> Result<Values, NpyError> {
    macro_rules! numbers {
        ($element:ty) => {{
            let chunks = bytes.chunks_exact(size_of::<$element>());
            let value = |chunk: &[u8]| {
                let mut one = [0; size_of::<$element>()];
                one.copy_from_slice(chunk);
                match header.is_big_endian {
                    true => <$element>::from_be_bytes(one),
                    false => <$element>::from_le_bytes(one),
                }
            };
            chunks.map(value).collect::<Vec<$element>>()
        }};
    }
    macro_rules! ordered {
        ($element:ty) => {
            in_c_order(numbers!($element), header).into()
        };
    }
    let refused = |position| NpyError::Value { position, descr: header.descr.clone() };
    Ok(match header.element {
        ElementType::Bool => {
            if let Some(position) = bytes.iter().position(|&byte| byte > 1) {
                return Err(refused(position));
            }
            in_c_order(bytes.iter().map(|&byte| byte == 1).collect(), header).into()
        }
        ElementType::Integer { n_bytes, is_signed } => match (n_bytes, is_signed) {
            (1, true) => ordered!(i8),
            (2, true) => ordered!(i16),
            (4, true) => ordered!(i32),
            (_, true) => ordered!(i64),
            (1, false) => ordered!(u8),
            (2, false) => ordered!(u16),
            (4, false) => ordered!(u32),
            (_, false) => ordered!(u64),
        },
        ElementType::Float { n_bytes: 4 } => ordered!(f32),
        ElementType::Float { n_bytes: 8 } => ordered!(f64),
        ElementType::Float { .. } => return Err(NpyError::Half { descr: header.descr.clone() }),
        ElementType::Text(width) => {
            let codes = numbers!(u32);
            let texts = codes.chunks_exact(width).enumerate().map(|(position, codes)| {
                let end = codes.iter().rposition(|&code| code != 0).map_or(0, |last| last + 1);
                codes[..end]
                    .iter()
                    .map(|&code| char::from_u32(code).filter(|&character| character != '\0'))
                    .collect::<Option<String>>()
                    .ok_or_else(|| refused(position))
            });
            in_c_order(texts.collect::<Result<Vec<String>, NpyError>>()?, header).into()
        }
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn file(header: &str, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), body].concat()
    }

    fn header(descr: &str, order: &str, shape: &str) -> String {
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}")
    }

    fn message(descr: &str, order: &str, shape: &str, body: &[u8]) -> String {
        parse_npy(&file(&header(descr, order, shape), body)).unwrap_err().to_string()
    }

    fn arrays() -> Vec<Array> {
        let texts = ["x", "", "o_copy\u{1f389}"].map(str::to_owned).to_vec();
        vec![
            Array::new(&[2, 3], vec![-256_i16, 254, 0, 2, -4, 6]).unwrap(),
            Array::new(&[3, 1, 2], vec![1_u8, 2, 3, 4, 5, 6]).unwrap(),
            Array::new(&[], vec![7_i64]).unwrap(),
            Array::new(&[0, 4], Vec::<f32>::new()).unwrap(),
            Array::list(vec![true, false]),
            Array::list(vec![i8::MIN]),
            Array::list(vec![i32::MIN]),
            Array::list(vec![u16::MAX]),
            Array::list(vec![u32::MAX]),
            Array::list(vec![u64::MAX]),
            Array::list(vec![0.5_f32, f32::MIN]),
            Array::list(vec![0.1_f64]),
            Array::list(texts),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        for array in arrays() {
            let bytes = write_npy(&array);
            assert_eq!(parse_npy(&bytes).unwrap(), array);
            let start = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
            assert_eq!(start % ALIGNMENT, 0);
        }
    }

    /// The bytes of NumPy 2.4: `np.save(f, np.array([[1, 2, 3]], np.int16))`.
    #[test]
    fn the_bytes_are_those_of_numpy() {
        let found = write_npy(&Array::new(&[1, 3], vec![1_i16, 2, 3]).unwrap());
        let line = "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 3), }";
        let expected = file(&format!("{line:<117}\n"), &[1, 0, 2, 0, 3, 0]);
        assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&expected));
    }

    #[test]
    fn both_orders_and_both_ends_are_read() {
        let values = |bytes: &[u8]| parse_npy(bytes).unwrap().into_values();
        let turned = file(&header("|u1", "True", "(2, 3)"), &[2, 8, 4, 10, 6, 12]);
        assert_eq!(values(&turned), vec![2_u8, 4, 6, 8, 10, 12].into());
        let deep = file(&header("|u1", "True", "(2, 2, 2)"), &[0, 4, 2, 6, 1, 5, 3, 7]);
        assert_eq!(values(&deep), vec![0_u8, 1, 2, 3, 4, 5, 6, 7].into());
        let big = file(&header(">i2", "False", "(1,)"), &[255, 0]);
        assert_eq!(values(&big), vec![-256_i16].into());
        let other = "{\"shape\": (1L,), \"fortran_order\": False, \"descr\": \"<f8\"}  \n";
        assert_eq!(values(&file(other, &1.5_f64.to_le_bytes())), vec![1.5_f64].into());
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(matches!(parse_npy(b""), Err(NpyError::Header(HeaderError::Magic))));
        assert!(matches!(
            parse_npy(b"\x93NUMPY\x04\x00\x00\x00"),
            Err(NpyError::Header(HeaderError::Magic))
        ));
        assert!(
            message("|O", "False", "(1,)", &[0; 8]).starts_with("elements of type |O, expected")
        );
        assert!(message("<f2", "False", "(1,)", &[0; 2]).contains("type <f2"));
        assert!(message("<U0", "False", "(9,)", &[]).contains("type <U0"));
        assert!(message("<U5000", "False", "(9,)", &[]).contains("type <U5000"));
        assert_eq!(
            message("<i2", "False", "(2, 2)", &[0; 7]),
            "it has 7 bytes of data, expected 8"
        );
        assert_eq!(message("|b1", "False", "(2,)", &[1, 2]), "element 1 is no |b1");
        assert_eq!(message("<U1", "False", "(1,)", &[0, 0, 0xd8, 0]), "element 0 is no <U1");
        for text in [
            "",
            "{",
            "{}",
            "{'descr': '<i2'}",
            "{'descr': '<i2', 'fortran_order': 0, 'shape': (1,)}",
            "{'descr': '<i2', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<i2', 'fortran_order': False, 'shape': (1,)} x",
            "{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (1,)}",
        ] {
            let error = parse_npy(&file(text, &[0, 0])).unwrap_err();
            assert!(matches!(error, NpyError::Header(HeaderError::Text { .. })), "{text}: {error}");
        }
    }

    /// Each of these would overflow, exhaust the stack or reserve gigabytes if it were believed.
    #[test]
    fn lying_headers_are_refused_before_they_are_believed() {
        let max = usize::MAX.to_string();
        for shape in [
            format!("({max}, {max})"),
            format!("({})", "9, ".repeat(32)),
            format!("({})", "9, ".repeat(33)),
            "(4294967296, 4294967296)".to_owned(),
            "(99999999999999999999999,)".to_owned(),
            format!("({max}, 0, {max})"),
            format!("({max}, {max}, 0)"),
        ] {
            let text = message("<i8", "False", &shape, &[0; 4]);
            assert!(
                text.contains("its shape")
                    || text.contains("its header")
                    || text.contains("more data"),
                "{text}"
            );
        }
        assert!(message("|S1", "False", &"(".repeat(4000), &[]).starts_with("its header"));
        let long = [b"\x93NUMPY\x02\x00", &[255; 4][..], &[b' '; 64]].concat();
        assert!(parse_npy(&long).unwrap_err().to_string().contains("4294967295 bytes"));
        let texts = file(&header("<U1", "False", "(65537,)"), &vec![0; 4 * 65_537]);
        assert!(parse_npy(&texts).unwrap_err().to_string().contains("more than 65536 texts"));
        // From a stream nothing is reserved for what is not there.
        let short = file(&header("<i8", "False", "(16777216,)"), &[0; 4]);
        assert!(matches!(read(&short[..], 1 << 28), Err(NpyError::Short { found: 4, .. })));
    }
}
