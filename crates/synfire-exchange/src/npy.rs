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

/// Longest first line, in bytes; NumPy writes 54 to 118 for what is read here.
const LONGEST_HEADER: usize = 4096;
/// Most dimensions, as NumPy had them for long.
const MOST_DIMENSIONS: usize = 32;
/// Longest text, in characters.
const LONGEST_TEXT: usize = 4096;
/// The first line ends where a multiple of this many bytes ends.
const ALIGNMENT: usize = 64;
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Why bytes are not an array.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum NpyError {
    /// The bytes cannot be had: a compressed entry is damaged or cut short.
    #[error("{cause}")]
    Read { cause: std::io::Error },
    /// Another kind of file.
    #[error("it does not begin as a .npy file of version 1, 2 or 3")]
    Magic,
    /// A first line of absurd length.
    #[error("its header has {found} bytes, expected at most {LONGEST_HEADER}")]
    LongHeader { found: u64 },
    /// A first line that no writer of plain arrays writes.
    #[error("its header is `{found}`, expected type, order and shape of an array")]
    Header { found: String },
    /// Elements of another type.
    #[error(
        "elements of type {found}, expected booleans, integers of 1 to 8 bytes, floating-point numbers of 4 or 8 \
         bytes, or texts of at most {LONGEST_TEXT} characters"
    )]
    Type { found: String },
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
    let header = read_header(&mut file)?;
    let Header { shape, kind, .. } = &header;
    let n = shape.iter().try_fold(1_u128, |n, &side| n.checked_mul(side as u128));
    let n_bytes = n.and_then(|n| n.checked_mul(kind.n_bytes() as u128)).unwrap_or(u128::MAX);
    if n_bytes > u128::from(allowed) {
        let (shape, descr) = (shape.clone(), header.descr);
        return Err(NpyError::Size { shape, descr, n_bytes, allowed });
    }
    if matches!(kind, Kind::Text(_)) && n.is_none_or(|n| n > MOST_TEXTS as u128) {
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
    let is_turned = header.is_fortran && shape.iter().filter(|&&side| side > 1).count() > 1;
    let values = if is_turned { in_c_order(values, shape) } else { values };
    Ok(Array::new(shape, values).expect("as many values as the shape says"))
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

/// What a first line says.
struct Header {
    descr: String,
    kind: Kind,
    is_big_endian: bool,
    is_fortran: bool,
    shape: Vec<usize>,
}

#[derive(Clone, Copy)]
enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    /// Of so many characters, each of four bytes.
    Text(usize),
}

impl Kind {
    const fn n_bytes(self) -> usize {
        match self {
            Kind::Bool | Kind::I8 | Kind::U8 => 1,
            Kind::I16 | Kind::U16 => 2,
            Kind::I32 | Kind::U32 | Kind::F32 => 4,
            Kind::I64 | Kind::U64 | Kind::F64 => 8,
            Kind::Text(width) => 4 * width,
        }
    }
}

fn read_header(file: &mut impl Read) -> Result<Header, NpyError> {
    // A file too short for its first line is none; one that cannot be read is another matter.
    let failed = |cause: std::io::Error| match cause.kind() {
        std::io::ErrorKind::UnexpectedEof => NpyError::Magic,
        _ => NpyError::Read { cause },
    };
    let mut preamble = [0; 8];
    file.read_exact(&mut preamble).map_err(failed)?;
    let (magic, version) = preamble.split_at(MAGIC.len());
    if magic != MAGIC || !(1..=3).contains(&version[0]) {
        return Err(NpyError::Magic);
    }
    let mut length = [0; 4];
    let n_digits = if version[0] == 1 { 2 } else { 4 };
    file.read_exact(&mut length[..n_digits]).map_err(failed)?;
    let length = u64::from(u32::from_le_bytes(length));
    if length > LONGEST_HEADER as u64 {
        return Err(NpyError::LongHeader { found: length });
    }
    let mut text = Vec::new();
    file.take(length).read_to_end(&mut text).map_err(failed)?;
    let shown = String::from_utf8_lossy(&text).trim_end().chars().take(200).collect::<String>();
    let refused = || NpyError::Header { found: shown.clone() };
    if text.len() as u64 != length {
        return Err(refused());
    }
    let (descr, is_fortran, shape) = Literal(&text).header().ok_or_else(refused)?;
    let Some((kind, is_big_endian)) = kind(&descr) else {
        return Err(NpyError::Type { found: descr });
    };
    Ok(Header { descr, kind, is_big_endian, is_fortran, shape })
}

/// The type that a file calls by this name, and whether its bytes are turned round.
fn kind(descr: &str) -> Option<(Kind, bool)> {
    let (order, name) = match descr.split_at_checked(1)? {
        (order @ ("<" | ">" | "|" | "="), name) => (order, name),
        _ => ("=", descr),
    };
    let kind = match name {
        "b1" | "?" => Kind::Bool,
        "i1" => Kind::I8,
        "i2" => Kind::I16,
        "i4" => Kind::I32,
        "i8" => Kind::I64,
        "u1" => Kind::U8,
        "u2" => Kind::U16,
        "u4" => Kind::U32,
        "u8" => Kind::U64,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        _ => {
            let width = name.strip_prefix('U')?;
            let width = width.bytes().all(|byte| byte.is_ascii_digit()).then_some(width)?;
            let width: usize = width.parse().ok()?;
            Kind::Text((1..=LONGEST_TEXT).contains(&width).then_some(width)?)
        }
    };
    Some((kind, order == ">"))
}

/// The first line, a Python dictionary, of which only what such a line holds is understood.
struct Literal<'a>(&'a [u8]);

impl<'a> Literal<'a> {
    fn header(mut self) -> Option<(String, bool, Vec<usize>)> {
        let (mut descr, mut is_fortran, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.accept(b'}') {
            let key = self.string()?;
            self.expect(b':')?;
            match key {
                "descr" if descr.is_none() => descr = Some(self.string()?.to_owned()),
                "fortran_order" if is_fortran.is_none() => is_fortran = Some(self.truth()?),
                "shape" if shape.is_none() => shape = Some(self.tuple()?),
                _ => return None,
            }
            if !self.accept(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        self.skip_spaces();
        self.0.is_empty().then_some((descr?, is_fortran?, shape?))
    }

    fn skip_spaces(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.skip_spaces();
        match self.0.split_first() {
            Some((&first, rest)) if first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.accept(byte).then_some(())
    }

    /// As many of the next bytes as fulfil this, as text.
    fn take_while(&mut self, is_part: impl Fn(u8) -> bool) -> Option<&'a str> {
        let n = self.0.iter().take_while(|&&byte| is_part(byte)).count();
        let (taken, rest) = self.0.split_at(n);
        self.0 = rest;
        std::str::from_utf8(taken).ok()
    }

    fn string(&mut self) -> Option<&'a str> {
        let quote = if self.accept(b'"') { b'"' } else { b'\'' };
        if quote == b'\'' {
            self.expect(quote)?;
        }
        let text = self.take_while(|byte| byte != quote && byte != b'\\')?;
        // Not by `expect`: what stands between is part of the text.
        self.0 = self.0.strip_prefix(&[quote])?;
        Some(text)
    }

    fn truth(&mut self) -> Option<bool> {
        self.skip_spaces();
        match self.take_while(|byte| byte.is_ascii_alphabetic())? {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        }
    }

    fn tuple(&mut self) -> Option<Vec<usize>> {
        let mut sides = Vec::new();
        self.expect(b'(')?;
        while !self.accept(b')') {
            if sides.len() == MOST_DIMENSIONS {
                return None;
            }
            self.skip_spaces();
            sides.push(self.take_while(|byte| byte.is_ascii_digit())?.parse().ok()?);
            // Python 2 wrote large numbers so.
            let _ = self.0.first() == Some(&b'L') && self.accept(b'L');
            if !self.accept(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Some(sides)
    }
}

/// The values in the order of the file.
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
    let refused = |position| NpyError::Value { position, descr: header.descr.clone() };
    Ok(match header.kind {
        Kind::Bool => {
            if let Some(position) = bytes.iter().position(|&byte| byte > 1) {
                return Err(refused(position));
            }
            bytes.iter().map(|&byte| byte == 1).collect::<Vec<bool>>().into()
        }
        Kind::I8 => numbers!(i8).into(),
        Kind::I16 => numbers!(i16).into(),
        Kind::I32 => numbers!(i32).into(),
        Kind::I64 => numbers!(i64).into(),
        Kind::U8 => bytes.to_vec().into(),
        Kind::U16 => numbers!(u16).into(),
        Kind::U32 => numbers!(u32).into(),
        Kind::U64 => numbers!(u64).into(),
        Kind::F32 => numbers!(f32).into(),
        Kind::F64 => numbers!(f64).into(),
        Kind::Text(width) => {
            let codes = numbers!(u32);
            let texts = codes.chunks_exact(width).enumerate().map(|(position, codes)| {
                let end = codes.iter().rposition(|&code| code != 0).map_or(0, |last| last + 1);
                codes[..end]
                    .iter()
                    .map(|&code| char::from_u32(code).filter(|&character| character != '\0'))
                    .collect::<Option<String>>()
                    .ok_or_else(|| refused(position))
            });
            texts.collect::<Result<Vec<String>, NpyError>>()?.into()
        }
    })
}

/// Values in Fortran order, the first index fastest, in C order.
fn in_c_order(values: Values, shape: &[usize]) -> Values {
    match values {
        Values::Bool(list) => turned(&list, shape).into(),
        Values::I8(list) => turned(&list, shape).into(),
        Values::I16(list) => turned(&list, shape).into(),
        Values::I32(list) => turned(&list, shape).into(),
        Values::I64(list) => turned(&list, shape).into(),
        Values::U8(list) => turned(&list, shape).into(),
        Values::U16(list) => turned(&list, shape).into(),
        Values::U32(list) => turned(&list, shape).into(),
        Values::U64(list) => turned(&list, shape).into(),
        Values::F32(list) => turned(&list, shape).into(),
        Values::F64(list) => turned(&list, shape).into(),
        Values::Text(list) => turned(&list, shape).into(),
    }
}

fn turned<T: Clone>(list: &[T], shape: &[usize]) -> Vec<T> {
    // How far apart neighbours along each side lie in the file.
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = 1;
    for side in shape {
        strides.push(stride);
        stride *= side;
    }
    let mut index = vec![0; shape.len()];
    let mut place = 0;
    let next = |_: &T| {
        let value = list[place].clone();
        for (dimension, at) in index.iter_mut().enumerate().rev() {
            *at += 1;
            place += strides[dimension];
            if *at < shape[dimension] {
                break;
            }
            place -= strides[dimension] * shape[dimension];
            *at = 0;
        }
        value
    };
    list.iter().map(next).collect()
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
        assert!(matches!(parse_npy(b""), Err(NpyError::Magic)));
        assert!(matches!(parse_npy(b"\x93NUMPY\x04\x00\x00\x00"), Err(NpyError::Magic)));
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
            assert!(matches!(error, NpyError::Header { .. }), "{text}: {error}");
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
