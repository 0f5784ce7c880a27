//! NPY, the format of NumPy's arrays: a header that says type, order and shape, then the elements.
//!
//! Images are arrays of shape (samples, rows, columns) or (samples, features), each of the latter a picture of one
//! row; a single channel, first or last, may stand beside rows and columns. Their elements become grey values:
//!
//! - integers of any type are grey values, 0 to 255;
//! - booleans are 0 and 255;
//! - floating-point numbers lie between 0 and 1, and `v` stands for 255 v, rounded to the nearest, upwards in the
//!   middle, in exact integers: `x / 255` gives back the `x` it was made from.
//!
//! Labels are integers of any type, 0 to 255, of shape (samples) or (samples, 1). Anything else is refused; objects are
//! programs for Python's unpickler. Checked before a byte of the elements is read: the header is short and says what
//! a header says, and there is at least one sample, pixels in each, and no more than fits. Elements are read piece by
//! piece, so that who keeps one bit of a grey value never holds all; arrays in Fortran order, whose samples do not
//! lie one after another, are held whole as grey values.
//!
//! Source: the description of the format in NumPy's documentation of `numpy.lib.format`.

mod element;

use std::fmt;
use std::io::Read;

use synfire_npy::{Header, HeaderError, Shaped, in_c_order};

use crate::idx::{Images, Labels, MAX_IMAGE_PIXELS, MAX_OWN_BYTES};

/// Elements are read about so many bytes at a time.
const PIECE_BYTES: usize = 1 << 16;

/// Why bytes are not usable as an array of images or labels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum NpyError {
    /// It does not begin as an array of plain elements.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Elements of another type.
    #[error("elements are of type {found}, expected {expected}")]
    Type { found: String, expected: &'static str },
    /// Not the shape of images or labels.
    #[error("shape is {}, expected {expected}", Shaped(.found))]
    Shape { found: Vec<usize>, expected: &'static str },
    /// No sample.
    #[error("number of samples is 0, expected at least 1")]
    NoSamples,
    /// More elements than are accepted.
    #[error("shape {} makes {n_elements} elements, allowed are {allowed}", Shaped(.found))]
    TooLarge { found: Vec<usize>, n_elements: u128, allowed: u64 },
    /// A single image is larger than is accepted.
    #[error("shape {} makes {n_pixels} pixels an image, allowed are {allowed}", Shaped(.found))]
    ImageSize { found: Vec<usize>, n_pixels: u64, allowed: u64 },
    /// Fewer elements than announced.
    #[error("elements are truncated: {found} bytes, the header promises {promised}")]
    Truncated { promised: u64, found: u64 },
    /// More data than announced.
    #[error("there is more data than the {promised} bytes that the header promises")]
    TooLong { promised: u64 },
    /// An element that stands for nothing.
    #[error("element {} is {found}, expected {expected}", Place(.place))]
    Value { place: Vec<u64>, found: String, expected: &'static str },
    /// The bytes cannot be had: a packed array is damaged or cut short.
    #[error("array cannot be unpacked: {reason}")]
    Read { reason: String },
}

/// Parses a `.npy` file of images.
///
/// ```
/// use synfire_data::npy::parse_images;
/// let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 2), }";
/// let length = [u8::try_from(header.len())?, 0];
/// let bytes = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &[0, 50, 128, 255]].concat();
/// let images = parse_images(&bytes)?;
/// assert_eq!((images.n_rows(), images.n_columns(), images.image(0)), (2, 2, &[0, 50, 128, 255][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the bytes are not exactly one array of images.
pub fn parse_images(bytes: &[u8]) -> Result<Images, NpyError> {
    let mut file = Unpacking::open(bytes, Content::Images)?;
    let (n_rows, n_columns) = file.size();
    let mut pixels = Vec::new();
    while let Some(piece) = file.next_piece()? {
        pixels.extend_from_slice(piece);
    }
    Images::new(n_rows, n_columns, pixels).map_err(|_| NpyError::NoSamples)
}

/// Parses a `.npy` file of labels.
///
/// # Errors
/// If the bytes are not exactly one array of labels.
pub fn parse_labels(bytes: &[u8]) -> Result<Labels, NpyError> {
    let mut file = Unpacking::open(bytes, Content::Labels)?;
    let mut labels = Vec::new();
    while let Some(piece) = file.next_piece()? {
        labels.extend_from_slice(piece);
    }
    Labels::new(labels).map_err(|_| NpyError::NoSamples)
}

/// What an array holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Images,
    Labels,
}

/// An array that is read piece by piece: what is not kept costs no memory.
pub(crate) struct Unpacking<R> {
    input: R,
    content: Content,
    header: Header,
    n_samples: u64,
    n_rows: usize,
    n_columns: usize,
    /// Samples handed out so far.
    n_handed: u64,
    /// Grey values or labels of the samples that come next.
    piece: Vec<u8>,
}

impl<R: Read> Unpacking<R> {
    /// Reads and checks the header.
    pub(crate) fn open(mut input: R, content: Content) -> Result<Self, NpyError> {
        let header = Header::read(&mut input).map_err(|error| match error {
            HeaderError::Type { found } => NpyError::Type { found, expected: element::ALL },
            other => other.into(),
        })?;
        let found = || header.shape.clone();
        let (n_samples, n_rows, n_columns) = match (content, &header.shape[..]) {
            (Content::Labels, &[n] | &[n, 1]) => (n, 1, 1),
            (Content::Labels, _) => {
                let expected = "(samples) or (samples, 1), a class number for each sample";
                return Err(NpyError::Shape { found: found(), expected });
            }
            (Content::Images, &[n, n_features]) => (n, 1, n_features),
            (Content::Images, &[n, n_rows, n_columns]) => (n, n_rows, n_columns),
            (Content::Images, &[n, n_rows, n_columns, 1] | &[n, 1, n_rows, n_columns]) => {
                (n, n_rows, n_columns)
            }
            (Content::Images, _) => {
                let expected =
                    "(samples, rows, columns) or (samples, features), of one grey value each";
                return Err(NpyError::Shape { found: found(), expected });
            }
        };
        if n_samples == 0 {
            return Err(NpyError::NoSamples);
        }
        // Each side fits 64 bits, so that three of them fit 192; the first product is checked before the second.
        let n_pixels = (n_rows as u128).saturating_mul(n_columns as u128);
        let n_elements = n_pixels.saturating_mul(n_samples as u128);
        if n_elements == 0 {
            let expected = "at least one row and one column";
            return Err(NpyError::Shape { found: found(), expected });
        }
        if n_elements > u128::from(MAX_OWN_BYTES) {
            return Err(NpyError::TooLarge { found: found(), n_elements, allowed: MAX_OWN_BYTES });
        }
        let n_pixels = u64::try_from(n_pixels).unwrap_or(u64::MAX);
        if n_pixels > MAX_IMAGE_PIXELS {
            return Err(NpyError::ImageSize {
                found: found(),
                n_pixels,
                allowed: MAX_IMAGE_PIXELS,
            });
        }
        element::check(&header, content)?;
        let n_samples = n_samples as u64;
        let (n_handed, piece) = (0, Vec::new());
        Ok(Unpacking { input, content, header, n_samples, n_rows, n_columns, n_handed, piece })
    }

    /// Rows and columns of each image; 1 and 1 for labels.
    pub(crate) const fn size(&self) -> (usize, usize) {
        (self.n_rows, self.n_columns)
    }

    /// The next samples, at least one and none cut off, one byte for each element; nothing after the last. That
    /// nothing follows the elements has been checked by then.
    pub(crate) fn next_piece(&mut self) -> Result<Option<&[u8]>, NpyError> {
        self.piece.clear();
        if self.n_handed == self.n_samples {
            return self.check_end().map(|()| None);
        }
        let sample_len = self.n_rows * self.n_columns;
        let at_once = (PIECE_BYTES / sample_len).max(1) as u64;
        let left = self.n_samples - self.n_handed;
        let n_samples = if self.header.is_fortran { left } else { at_once.min(left) };
        // The product is at most the number of all elements, which is bounded.
        let n_elements =
            usize::try_from(n_samples).unwrap_or(usize::MAX).saturating_mul(sample_len);
        self.read_elements(n_elements)?;
        self.piece = in_c_order(std::mem::take(&mut self.piece), &self.header);
        self.n_handed += n_samples;
        Ok(Some(&self.piece))
    }

    /// Appends the next elements to the piece. Memory grows with what is there.
    fn read_elements(&mut self, n_elements: usize) -> Result<(), NpyError> {
        let first = self.n_handed * (self.n_rows * self.n_columns) as u64;
        let n_bytes = self.header.element.n_bytes();
        let mut raw = Vec::new();
        while self.piece.len() < n_elements {
            let wanted = (n_elements - self.piece.len()).min(PIECE_BYTES) * n_bytes;
            raw.clear();
            (&mut self.input)
                .take(wanted as u64)
                .read_to_end(&mut raw)
                .map_err(|error| NpyError::Read { reason: error.to_string() })?;
            for bytes in raw.chunks_exact(n_bytes) {
                match element::byte(&self.header, bytes, self.content) {
                    Ok(byte) => self.piece.push(byte),
                    Err((found, expected)) => {
                        let place = self.header.index(first + self.piece.len() as u64);
                        return Err(NpyError::Value { place, found, expected });
                    }
                }
            }
            if raw.len() < wanted {
                let promised = self.n_bytes();
                let rest = (raw.len() % n_bytes) as u64;
                let found = (first + self.piece.len() as u64) * n_bytes as u64 + rest;
                return Err(NpyError::Truncated { promised, found });
            }
        }
        Ok(())
    }

    /// Bytes of all elements.
    fn n_bytes(&self) -> u64 {
        let n_pixels = (self.n_rows * self.n_columns) as u64;
        self.n_samples * n_pixels * self.header.element.n_bytes() as u64
    }

    /// Reading past the end is also what makes a packed array compare its check sum.
    fn check_end(&mut self) -> Result<(), NpyError> {
        let mut more = [0];
        loop {
            return match self.input.read(&mut more) {
                Ok(0) => Ok(()),
                Ok(_) => Err(NpyError::TooLong { promised: self.n_bytes() }),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => Err(NpyError::Read { reason: error.to_string() }),
            };
        }
    }
}

/// An index as Python writes it.
struct Place<'a>(&'a [u64]);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indices: Vec<String> = self.0.iter().map(u64::to_string).collect();
        write!(f, "[{}]", indices.join(", "))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::{HeaderError, Images, NpyError, parse_images, parse_labels};

    fn npy(header: &str, elements: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), elements].concat()
    }

    fn header(descr: &str, order: &str, shape: &str) -> String {
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n")
    }

    fn images(descr: &str, order: &str, shape: &str, elements: &[u8]) -> Result<Images, NpyError> {
        parse_images(&npy(&header(descr, order, shape), elements))
    }

    #[track_caller]
    fn refused(descr: &str, shape: &str, elements: &[u8], message: &str) {
        let error = images(descr, "False", shape, elements).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn shapes_of_images_and_features() {
        let expected = Images::new(2, 3, vec![1, 2, 3, 4, 5, 6]).unwrap();
        for shape in ["(1, 2, 3)", "(1,2,3,)", "( 1L, 2L , 3L)", "(1, 2, 3, 1)", "(1, 1, 2, 3)"] {
            let read = images("|u1", "False", shape, &[1, 2, 3, 4, 5, 6]);
            assert_eq!(read.as_ref(), Ok(&expected), "{shape}");
        }
        let flat = images("|u1", "False", "(2, 3)", &[1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!((flat.len(), flat.n_rows(), flat.n_columns()), (2, 1, 3));
        let labels = |shape| {
            let labels = parse_labels(&npy(&header("|i1", "False", shape), &[7, 0]));
            labels.map(|labels| labels.as_slice().to_vec())
        };
        assert_eq!((labels("(2,)"), labels("(2, 1)")), (Ok(vec![7, 0]), Ok(vec![7, 0])));
        assert_eq!(
            labels("(1, 2)").unwrap_err().to_string(),
            "shape is (1, 2), expected (samples) or (samples, 1), a class number for each sample"
        );
    }

    #[test]
    fn all_types_are_read_in_both_byte_orders() {
        let grey = |descr: &str, elements: &[u8]| {
            images(descr, "False", "(1, 1, 1)", elements).unwrap().image(0)[0]
        };
        for (descr, elements) in [
            ("|u1", &[200][..]),
            ("u1", &[200]),
            ("<i2", &[200, 0]),
            (">i2", &[0, 200]),
            ("<u4", &[200, 0, 0, 0]),
            (">i8", &[0, 0, 0, 0, 0, 0, 0, 200]),
        ] {
            assert_eq!(grey(descr, elements), 200, "{descr}");
        }
        assert_eq!((grey("|b1", &[0]), grey("|b1", &[1])), (0, 255));
        assert_eq!(
            (grey("<f4", &0.5_f32.to_le_bytes()), grey(">f8", &1_f64.to_be_bytes())),
            (128, 255)
        );
        // 0.5 and 1 with sixteen bits.
        assert_eq!((grey("<f2", &[0x00, 0x38]), grey(">f2", &[0x3c, 0x00])), (128, 255));
    }

    #[test]
    fn fortran_order_is_turned() {
        // (2, 2, 3): element [i, r, c] is 100 i + 10 r + c.
        let in_c = [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112];
        let in_fortran = [0, 100, 10, 110, 1, 101, 11, 111, 2, 102, 12, 112];
        let expected = images("|u1", "False", "(2, 2, 3)", &in_c).unwrap();
        assert_eq!(images("|u1", "True", "(2, 2, 3)", &in_fortran), Ok(expected.clone()));
        assert_eq!(images("|u1", "True", "(2, 2, 3, 1)", &in_fortran), Ok(expected));
        let error = images("|b1", "True", "(2, 2)", &[0, 1, 5, 0]).unwrap_err();
        assert_eq!(error.to_string(), "element [0, 1] is 5, expected a boolean, 0 or 1");
        let error = images("|b1", "False", "(2, 2)", &[0, 1, 5, 0]).unwrap_err();
        assert_eq!(error.to_string(), "element [1, 0] is 5, expected a boolean, 0 or 1");
    }

    #[test]
    fn what_is_wrong_is_named() {
        refused(
            "<i2",
            "(1, 1, 2)",
            &[0, 0, 0, 1],
            "element [0, 0, 1] is 256, expected a grey value from 0 to 255",
        );
        refused(
            "|i1",
            "(1, 1, 1)",
            &[255],
            "element [0, 0, 0] is -1, expected a grey value from 0 to 255",
        );
        let share = "expected a number from 0 to 1; grey values from 0 to 255 are stored as integers, \
                     x.astype('uint8')";
        refused(
            "<f4",
            "(1, 1)",
            &255_f32.to_le_bytes(),
            &format!("element [0, 0] is 255, {share}"),
        );
        refused(
            "<f8",
            "(1, 1)",
            &f64::NAN.to_le_bytes(),
            &format!("element [0, 0] is NaN, {share}"),
        );
        let types = "expected booleans, integers or floating-point numbers of 1 to 8 bytes";
        refused("|O", "(1, 1)", &[0; 8], &format!("elements are of type |O, {types}"));
        refused("<c8", "(1, 1)", &[0; 8], &format!("elements are of type <c8, {types}"));
        let images =
            "expected (samples, rows, columns) or (samples, features), of one grey value each";
        refused("|u1", "(4,)", &[0; 4], &format!("shape is (4,), {images}"));
        refused("|u1", "()", &[0; 1], &format!("shape is (), {images}"));
        refused("|u1", "(1, 2, 2, 3)", &[0; 12], &format!("shape is (1, 2, 2, 3), {images}"));
        refused("|u1", "(0, 2, 2)", &[], "number of samples is 0, expected at least 1");
        refused(
            "|u1",
            "(2, 0, 2)",
            &[],
            "shape is (2, 0, 2), expected at least one row and one column",
        );
        refused(
            "<i2",
            "(1, 2)",
            &[0, 0, 1],
            "elements are truncated: 3 bytes, the header promises 4",
        );
        refused(
            "<i2",
            "(1, 1)",
            &[0; 3],
            "there is more data than the 2 bytes that the header promises",
        );
        let labels = parse_labels(&npy(&header("<f4", "False", "(1,)"), &[0; 4])).unwrap_err();
        assert_eq!(
            labels.to_string(),
            "elements are of type floating-point numbers, expected integers as labels, y.astype('uint8')"
        );
        let labels =
            parse_labels(&npy(&header("<i2", "False", "(2,)"), &[3, 0, 0, 1])).unwrap_err();
        assert_eq!(labels.to_string(), "element [1] is 256, expected a class number from 0 to 255");
        assert_eq!(parse_images(b"\x93NUMPX\x01\x00"), Err(HeaderError::Magic.into()));
        assert_eq!(parse_images(b"\x93NUMPY\x04\x00\x00\x00"), Err(HeaderError::Magic.into()));
        assert_eq!(parse_images(b""), Err(HeaderError::Magic.into()));
    }

    #[test]
    fn lying_headers_cost_no_memory() {
        refused(
            "<f8",
            "(18446744073709551615, 18446744073709551615, 18446744073709551615)",
            &[],
            "shape (18446744073709551615, 18446744073709551615, 18446744073709551615) makes \
             340282366920938463463374607431768211455 elements, allowed are 1073741824",
        );
        refused(
            "|u1",
            "(1, 4097, 4096)",
            &[],
            "shape (1, 4097, 4096) makes 16781312 pixels an image, allowed are 16777216",
        );
        refused(
            "<f8",
            "(64, 16777216)",
            &[1],
            "elements are truncated: 1 bytes, the header promises 8589934592",
        );
        let error = images("|u1", "True", "(64, 16777216)", &[1; 9]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "elements are truncated: 9 bytes, the header promises 1073741824"
        );
        let long = [b"\x93NUMPY\x02\x00", &[255; 4][..], &[b' '; 64]].concat();
        assert_eq!(parse_images(&long), Err(HeaderError::Long { found: u32::MAX.into() }.into()));
    }
}
