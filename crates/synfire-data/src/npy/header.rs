//! What comes before the elements of an array: a Python dictionary, of which only what such a header holds is
//! understood.

use std::io::Read;

use super::NpyError;
use super::element::Element;

/// Longest header, in bytes; NumPy writes 54 to 118 for what is read here.
pub(super) const LONGEST_HEADER: u32 = 4096;
/// Most dimensions: samples, rows, columns and a channel.
const MOST_DIMENSIONS: usize = 4;
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// What a header says.
pub(super) struct Header {
    pub(super) element: Element,
    pub(super) is_fortran: bool,
    pub(super) shape: Vec<u64>,
}

impl Header {
    /// Reads and checks everything before the elements.
    pub(super) fn read(input: &mut impl Read) -> Result<Header, NpyError> {
        // Bytes too short for a header are none; those that cannot be had are another matter.
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => NpyError::Magic,
            _ => NpyError::Read { reason: error.to_string() },
        };
        let mut preamble = [0; 8];
        input.read_exact(&mut preamble).map_err(failed)?;
        if preamble[..6] != *MAGIC || !(1..=3).contains(&preamble[6]) {
            return Err(NpyError::Magic);
        }
        let mut length = [0; 4];
        let n_digits = if preamble[6] == 1 { 2 } else { 4 };
        input.read_exact(&mut length[..n_digits]).map_err(failed)?;
        let found = u32::from_le_bytes(length);
        if found > LONGEST_HEADER {
            return Err(NpyError::LongHeader { found });
        }
        let mut text = Vec::new();
        input.take(found.into()).read_to_end(&mut text).map_err(failed)?;
        let shown = || String::from_utf8_lossy(&text).trim_end().chars().take(200).collect();
        let refused = || NpyError::Header { found: shown() };
        if text.len() as u64 != u64::from(found) {
            return Err(refused());
        }
        let (descr, is_fortran, shape) = Literal(&text).header().ok_or_else(refused)?;
        let Some(element) = Element::parse(descr) else {
            let expected = "booleans, integers or floating-point numbers of 1 to 8 bytes";
            return Err(NpyError::Type { found: descr.to_owned(), expected });
        };
        Ok(Header { element, is_fortran, shape })
    }

    /// The index of the element at a position of the file.
    pub(super) fn place(&self, position: u64) -> Vec<u64> {
        let mut rest = position;
        let mut index = |side: &u64| {
            let index = rest % (*side).max(1);
            rest /= (*side).max(1);
            index
        };
        if self.is_fortran {
            return self.shape.iter().map(index).collect();
        }
        let mut place: Vec<u64> = self.shape.iter().rev().map(&mut index).collect();
        place.reverse();
        place
    }
}

/// The text of a header, a Python dictionary, of which only what such a header holds is understood.
struct Literal<'a>(&'a [u8]);

impl<'a> Literal<'a> {
    /// Type, order and shape, each said once.
    fn header(mut self) -> Option<(&'a str, bool, Vec<u64>)> {
        let (mut descr, mut is_fortran, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.accept(b'}') {
            let key = self.text()?;
            self.expect(b':')?;
            match key {
                "descr" if descr.is_none() => descr = Some(self.text()?),
                "fortran_order" if is_fortran.is_none() => is_fortran = Some(self.truth()?),
                "shape" if shape.is_none() => shape = Some(self.sides()?),
                _ => return None,
            }
            if !self.accept(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        let is_all = self.0.trim_ascii().is_empty();
        is_all.then_some((descr?, is_fortran?, shape?))
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.0 = self.0.trim_ascii_start();
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.accept(byte).then_some(())
    }

    /// The bytes up to the first that is not of this kind.
    fn run(&mut self, is_part: impl Fn(&u8) -> bool) -> Option<&'a str> {
        let n = self.0.iter().take_while(|&byte| is_part(byte)).count();
        let (run, rest) = self.0.split_at(n);
        self.0 = rest;
        std::str::from_utf8(run).ok()
    }

    /// A text in quotes of either kind.
    fn text(&mut self) -> Option<&'a str> {
        let quote = if self.accept(b'"') { b'"' } else { b'\'' };
        if quote == b'\'' {
            self.expect(quote)?;
        }
        let text = self.run(|&byte| byte != quote && byte != b'\\')?;
        self.0 = self.0.strip_prefix(&[quote])?;
        Some(text)
    }

    fn truth(&mut self) -> Option<bool> {
        self.0 = self.0.trim_ascii_start();
        match self.run(u8::is_ascii_alphabetic)? {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        }
    }

    fn sides(&mut self) -> Option<Vec<u64>> {
        let mut sides = Vec::new();
        self.expect(b'(')?;
        while !self.accept(b')') {
            // One more than there can be, so that the message says the shape.
            if sides.len() > MOST_DIMENSIONS {
                return None;
            }
            self.0 = self.0.trim_ascii_start();
            sides.push(self.run(u8::is_ascii_digit)?.parse().ok()?);
            // Python 2 wrote large numbers so.
            self.0 = self.0.strip_prefix(b"L").unwrap_or(self.0);
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
    use super::{Header, NpyError};

    fn read(text: &str) -> Result<Header, NpyError> {
        let length = u16::try_from(text.len()).unwrap_or(0).to_le_bytes();
        Header::read(&mut &[b"\x93NUMPY\x01\x00", &length[..], text.as_bytes()].concat()[..])
    }

    #[test]
    fn headers_are_understood_as_a_whole_or_not_at_all() {
        let good = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1), }\n";
        assert!(read(good).is_ok());
        assert!(read("{\"shape\": (1, 1), \"descr\": \"|u1\", \"fortran_order\": False}").is_ok());
        for text in [
            "",
            "{}",
            "{'descr': '|u1', 'fortran_order': False}",
            "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1), 'more': 1}",
            "{'descr': '|u1', 'fortran_order': 0, 'shape': (1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (18446744073709551616, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1)}",
            "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1)} x",
            "{'descr': '|u1' 'fortran_order': False, 'shape': (1, 1)}",
            "((((((((((((((((((((((((",
        ] {
            assert!(matches!(read(text), Err(NpyError::Header { .. })), "{text}");
        }
        for end in 0..good.len() {
            assert!(read(good[..end].trim_end_matches('}')).is_err(), "{end}");
        }
    }
}
