//! The first line of a `.npy` file: a Python dictionary that says type, order and shape of what follows.
//!
//! Only what such a line holds is understood, and no part of it is believed: whoever allocates for what it announces
//! checks that first. A crate for all that NumPy writes, npyz, parses any Python literal, and is not done with a
//! hundred nested brackets after minutes; it is what the tests compare with.
//!
//! Source: the description of the format in NumPy's documentation of `numpy.lib.format`.

use std::io::Read;

use crate::names::printable;

/// Longest first line, in bytes; NumPy writes 54 to 118 for what is read here.
const LONGEST_HEADER: usize = 4096;
/// Most dimensions, as NumPy had them for long.
const MOST_DIMENSIONS: usize = 32;
/// Longest text, in characters.
const LONGEST_TEXT: usize = 4096;
pub(crate) const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Why bytes do not begin as an array.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum HeaderError {
    /// The bytes cannot be had: a compressed entry is damaged or cut short.
    #[error("{reason}")]
    Read { reason: String },
    /// Another kind of file.
    #[error("it does not begin as a .npy file of version 1, 2 or 3")]
    Magic,
    /// A first line of absurd length.
    #[error("its header has {found} bytes, expected at most {LONGEST_HEADER}")]
    Long { found: u64 },
    /// A first line that no writer of plain arrays writes.
    #[error("its header is `{found}`, expected type, order and shape of an array")]
    Text { found: String },
    /// Elements of another type.
    #[error(
        "elements of type {found}, expected booleans, integers of 1 to 8 bytes, floating-point numbers of 2 to 8 \
         bytes, or texts of at most {LONGEST_TEXT} characters"
    )]
    Type { found: String },
}

/// The type of the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ElementType {
    /// One byte, 0 or 1.
    Bool,
    /// An integer.
    Integer {
        /// Bytes of an element: 1, 2, 4 or 8.
        n_bytes: usize,
        /// Whether it is in two's complement.
        is_signed: bool,
    },
    /// A floating-point number of IEEE 754.
    Float {
        /// Bytes of an element: 2, 4 or 8.
        n_bytes: usize,
    },
    /// A text of so many characters at most, 1 to 4096, each of four bytes.
    Text(usize),
}

impl ElementType {
    /// Bytes of an element.
    #[must_use]
    pub const fn n_bytes(self) -> usize {
        match self {
            ElementType::Bool => 1,
            ElementType::Integer { n_bytes, .. } | ElementType::Float { n_bytes } => n_bytes,
            ElementType::Text(width) => 4 * width,
        }
    }

    /// The type that a file calls by this name, and whether its bytes are turned round.
    fn parse(descr: &str) -> Option<(ElementType, bool)> {
        let (order, name) = match descr.split_at_checked(1)? {
            (order @ ("<" | ">" | "|" | "="), name) => (order, name),
            _ => ("=", descr),
        };
        let element = match name {
            "b1" | "?" => ElementType::Bool,
            "i1" | "i2" | "i4" | "i8" | "u1" | "u2" | "u4" | "u8" => {
                let (sign, n_bytes) = name.split_at(1);
                ElementType::Integer { n_bytes: n_bytes.parse().ok()?, is_signed: sign == "i" }
            }
            "f2" | "f4" | "f8" => ElementType::Float { n_bytes: name[1..].parse().ok()? },
            _ => {
                let width = name.strip_prefix('U')?;
                let width = width.bytes().all(|byte| byte.is_ascii_digit()).then_some(width)?;
                let width: usize = width.parse().ok()?;
                ElementType::Text((1..=LONGEST_TEXT).contains(&width).then_some(width)?)
            }
        };
        Some((element, order == ">"))
    }
}

/// What the first line of a file says of the elements that follow it.
///
/// ```
/// use synfire_npy::{Array, ElementType, Header, write_npy};
///
/// let bytes = write_npy(&Array::new(&[1, 2], vec![2_i16, -4])?);
/// let mut rest = &bytes[..];
/// let header = Header::read(&mut rest)?;
/// assert_eq!((&header.shape[..], header.element.n_bytes()), (&[1, 2][..], 2));
/// assert_eq!(rest, [2, 0, 252, 255]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type in NumPy's words, such as `<i2`.
    pub descr: String,
    /// The type.
    pub element: ElementType,
    /// Whether the bytes of an element begin with the highest.
    pub is_big_endian: bool,
    /// Whether the first index runs fastest, and not the last.
    pub is_fortran: bool,
    /// The number of elements along each dimension; their product may be anything.
    pub shape: Vec<usize>,
}

impl Header {
    /// Reads everything before the elements.
    ///
    /// # Errors
    /// If what is read does not begin as an array of a type named in [`ElementType`].
    pub fn read(input: &mut impl Read) -> Result<Header, HeaderError> {
        // A file too short for its first line is none; one that cannot be read is another matter.
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => HeaderError::Magic,
            _ => HeaderError::Read { reason: error.to_string() },
        };
        let mut preamble = [0; 8];
        input.read_exact(&mut preamble).map_err(failed)?;
        let (magic, version) = preamble.split_at(MAGIC.len());
        if magic != MAGIC || !(1..=3).contains(&version[0]) {
            return Err(HeaderError::Magic);
        }
        let mut length = [0; 4];
        let n_digits = if version[0] == 1 { 2 } else { 4 };
        input.read_exact(&mut length[..n_digits]).map_err(failed)?;
        let length = u64::from(u32::from_le_bytes(length));
        if length > LONGEST_HEADER as u64 {
            return Err(HeaderError::Long { found: length });
        }
        let mut text = Vec::new();
        input.take(length).read_to_end(&mut text).map_err(failed)?;
        let refused =
            || HeaderError::Text { found: printable(String::from_utf8_lossy(&text).trim_end()) };
        if text.len() as u64 != length {
            return Err(refused());
        }
        let (descr, is_fortran, shape) = Literal(&text).parse().ok_or_else(refused)?;
        let Some((element, is_big_endian)) = ElementType::parse(&descr) else {
            return Err(HeaderError::Type { found: printable(&descr) });
        };
        Ok(Header { descr, element, is_big_endian, is_fortran, shape })
    }

    /// Number of elements; nothing if it is beyond 128 bits.
    #[must_use]
    pub fn n_elements(&self) -> Option<u128> {
        // A side of 0 makes it 0, whatever the others are.
        if self.shape.contains(&0) {
            return Some(0);
        }
        self.shape.iter().try_fold(1_u128, |n, &side| n.checked_mul(side as u128))
    }

    /// The index of the element at a position of the file; meaningless beyond the elements.
    #[must_use]
    pub fn index(&self, position: u64) -> Vec<u64> {
        let mut rest = position;
        let mut index = |&side: &usize| {
            let side = (side as u64).max(1);
            let index = rest % side;
            rest /= side;
            index
        };
        if self.is_fortran {
            return self.shape.iter().map(index).collect();
        }
        let mut indices: Vec<u64> = self.shape.iter().rev().map(&mut index).collect();
        indices.reverse();
        indices
    }
}

/// Elements in the order of a file, in C order: the last index runs fastest. Without a header in Fortran order they
/// are as they were.
///
/// # Panics
/// If there are not as many elements as the shape says.
#[must_use]
pub fn in_c_order<T: Clone>(elements: Vec<T>, header: &Header) -> Vec<T> {
    let shape = &header.shape[..];
    let is_same = elements.is_empty() || shape.iter().filter(|&&side| side > 1).count() < 2;
    if is_same || !header.is_fortran {
        return elements;
    }
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
        let value = elements[place].clone();
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
    elements.iter().map(next).collect()
}

/// The first line, a Python dictionary, of which only what such a line holds is understood.
struct Literal<'a>(&'a [u8]);

impl<'a> Literal<'a> {
    fn parse(mut self) -> Option<(String, bool, Vec<usize>)> {
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn header(shape: &[usize], is_fortran: bool) -> Header {
        Header {
            descr: "|u1".to_owned(),
            element: ElementType::Integer { n_bytes: 1, is_signed: false },
            is_big_endian: false,
            is_fortran,
            shape: shape.to_vec(),
        }
    }

    #[test]
    fn positions_have_indices_in_both_orders() {
        assert_eq!(header(&[2, 3], false).index(4), [1, 1]);
        assert_eq!(header(&[2, 3], true).index(4), [0, 2]);
        assert_eq!(header(&[0], true).index(4), [0]);
    }

    #[test]
    fn fortran_order_is_turned() {
        let elements = vec![2_u8, 8, 4, 10, 6, 12];
        assert_eq!(in_c_order(elements.clone(), &header(&[2, 3], true)), [2, 4, 6, 8, 10, 12]);
        assert_eq!(in_c_order(elements.clone(), &header(&[2, 3], false)), elements);
        assert_eq!(in_c_order(elements.clone(), &header(&[1, 6], true)), elements);
    }

    #[test]
    fn as_many_elements_as_there_could_be() {
        assert_eq!(header(&[usize::MAX, usize::MAX, 0], false).n_elements(), Some(0));
        assert_eq!(header(&[usize::MAX, usize::MAX, 9], false).n_elements(), None);
        assert_eq!(header(&[], false).n_elements(), Some(1));
        let none = in_c_order(Vec::<u8>::new(), &header(&[usize::MAX, usize::MAX, 0], true));
        assert!(none.is_empty());
    }

    #[test]
    fn types_by_name() {
        let parse = |name: &str| ElementType::parse(name);
        assert_eq!(parse("<f2"), Some((ElementType::Float { n_bytes: 2 }, false)));
        assert_eq!(parse(">U7"), Some((ElementType::Text(7), true)));
        assert_eq!(parse("?").unwrap().0.n_bytes(), 1);
        for name in ["", "i", "i3", "<c8", "|O", "|S4", "<U", "<U0", "<U4097", "M8", "é"] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn what_a_message_quotes_is_short_and_moves_no_cursor() {
        let message = |text: &str| {
            let length = u16::try_from(text.len()).unwrap().to_le_bytes();
            let file = [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes()].concat();
            Header::read(&mut &file[..]).unwrap_err().to_string()
        };
        let text = message("{\u{1b}[2J");
        assert!(text.starts_with("its header is `{\\u{1b}[2J`, "), "{text}");
        let descr = format!("\u{1b}[2J{}", "x".repeat(3000));
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (), }}");
        let text = message(&header);
        assert!(text.starts_with("elements of type \\u{1b}[2Jxxx") && text.len() < 500, "{text}");
    }
}
