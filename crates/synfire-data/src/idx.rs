//! IDX, the format of the MNIST files: a header of big-endian words, then unsigned bytes.
//!
//! An image file starts with the magic number 0x00000803, then the number of images, of rows and of
//! columns; a label file with 0x00000801 and the number of labels. Either may be wrapped in gzip,
//! which is recognised by its first two bytes. Checked here, in this order:
//!
//! 1. the header is whole and announces unsigned bytes of the expected rank;
//! 2. it promises at least one sample, pixels in each, and no more than [`MAX_UNPACKED_BYTES`];
//! 3. the payload has exactly the promised length, not a byte less or more.
//!
//! Memory is bounded by what is really there: a buffer never grows past the promised length, and a
//! promise never reserves more than the input can unpack to. Whether labels are classes, and whether
//! images and labels belong together, is the business of [`Dataset`](crate::Dataset).
//!
//! Source: the description of the format that Yann LeCun published with the MNIST database.

use std::borrow::Cow;
use std::io::Read;

use flate2::bufread::GzDecoder;

/// The longest file that is accepted, unpacked: 128 MiB, 2.8 times the longest of the known files.
pub const MAX_UNPACKED_BYTES: u64 = 128 << 20;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Deflate turns one byte into at most 1,032.
const MAX_DEFLATE_RATIO: u64 = 1032;

/// What an IDX file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Images,
    Labels,
}

impl Content {
    const fn magic(self) -> u32 {
        match self {
            Content::Images => 0x0803,
            Content::Labels => 0x0801,
        }
    }

    const fn header_len(self) -> usize {
        match self {
            Content::Images => 16,
            Content::Labels => 8,
        }
    }
}

/// Grey images of one size, one byte per pixel, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    n_rows: usize,
    n_columns: usize,
    pixels: Vec<u8>,
}

impl Images {
    /// Images of `n_rows` times `n_columns` pixels, one after the other in `pixels`.
    ///
    /// # Errors
    /// As [`parse_images`] for a file with these sizes: none without a sample or a pixel, and none
    /// whose pixels are not a whole number of images.
    pub fn new(n_rows: usize, n_columns: usize, pixels: Vec<u8>) -> Result<Images, IdxError> {
        let size = n_rows.saturating_mul(n_columns);
        if size == 0 {
            return Err(IdxError::NoPixels { rows: n_rows, columns: n_columns });
        }
        if pixels.is_empty() {
            return Err(IdxError::NoSamples);
        }
        if !pixels.len().is_multiple_of(size) {
            let promised = (pixels.len() / size + 1).saturating_mul(size);
            return Err(IdxError::Truncated { promised, found: pixels.len() });
        }
        Ok(Images { n_rows, n_columns, pixels })
    }

    /// Number of images; at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pixels.len() / (self.n_rows * self.n_columns)
    }

    /// Always false: a file without images is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Rows of each image; at least 1.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Columns of each image; at least 1.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The pixels of image `image_idx`, row by row.
    ///
    /// # Panics
    /// If `image_idx` is not below [`len`](Images::len).
    #[must_use]
    pub fn image(&self, image_idx: usize) -> &[u8] {
        let size = self.n_rows * self.n_columns;
        &self.pixels[image_idx * size..(image_idx + 1) * size]
    }

    /// All images in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.n_rows * self.n_columns)
    }
}

/// One label per sample, as stored: any byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels(Vec<u8>);

impl Labels {
    /// These labels.
    ///
    /// # Errors
    /// [`IdxError::NoSamples`] if there are none.
    pub fn new(labels: Vec<u8>) -> Result<Labels, IdxError> {
        if labels.is_empty() { Err(IdxError::NoSamples) } else { Ok(Labels(labels)) }
    }

    /// The labels in order; at least one.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

/// Why bytes are not usable as an IDX image or label file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum IdxError {
    /// The bytes end within the header.
    #[error("header has {found} bytes, expected {expected}")]
    Header { expected: usize, found: usize },
    /// The first four bytes announce another element type or rank.
    #[error(
        "magic number is 0x{found:08x}{}, expected 0x{expected:08x}{}",
        magic_name(*found),
        magic_name(*expected)
    )]
    Magic { expected: u32, found: u32 },
    /// The header promises no sample.
    #[error("number of samples is 0, expected at least 1")]
    NoSamples,
    /// The header promises images without pixels.
    #[error("image size is {rows} rows by {columns} columns, expected at least 1 by 1")]
    NoPixels { rows: usize, columns: usize },
    /// The header promises more than is accepted.
    #[error("header promises {promised} bytes, allowed are {allowed}")]
    TooLarge { promised: u64, allowed: u64 },
    /// The payload is shorter than the header promises.
    #[error("payload is truncated: {found} bytes, the header promises {promised}")]
    Truncated { promised: usize, found: usize },
    /// The payload is longer than the header promises.
    #[error("payload is longer than the {promised} bytes that the header promises")]
    TooLong { promised: usize },
    /// The gzip stream is damaged or cut off.
    #[error("gzip stream is damaged or cut off after {unpacked} unpacked bytes: {reason}")]
    Gzip { unpacked: usize, reason: String },
    /// Bytes follow the end of the gzip stream.
    #[error("gzip stream is followed by {found} more bytes, expected none")]
    AfterGzip { found: usize },
}

/// What a magic number stands for, in words for messages.
fn magic_name(magic: u32) -> &'static str {
    match magic {
        0x0803 => " (images)",
        0x0801 => " (labels)",
        _ => "",
    }
}

/// Parses an image file, plain or gzip.
///
/// ```
/// let bytes = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 50, 128, 255];
/// let images = synfire_data::idx::parse_images(&bytes)?;
/// assert_eq!((images.len(), images.n_rows(), images.n_columns()), (1, 2, 2));
/// assert_eq!(images.image(0), [0, 50, 128, 255]);
/// # Ok::<(), synfire_data::idx::IdxError>(())
/// ```
///
/// # Errors
/// If the bytes are not exactly one image file; see [`IdxError`].
pub fn parse_images(bytes: &[u8]) -> Result<Images, IdxError> {
    images_from_unpacked(&unpack(bytes, Content::Images)?)
}

/// Parses a label file, plain or gzip.
///
/// # Errors
/// If the bytes are not exactly one label file; see [`IdxError`].
pub fn parse_labels(bytes: &[u8]) -> Result<Labels, IdxError> {
    labels_from_unpacked(&unpack(bytes, Content::Labels)?)
}

/// The images in a file that [`unpack`] has returned.
pub(crate) fn images_from_unpacked(bytes: &[u8]) -> Result<Images, IdxError> {
    let header = Header::parse(bytes, Content::Images)?;
    let payload = header.payload(bytes)?;
    Images::new(header.n_rows, header.n_columns, payload.to_vec())
}

/// The labels in a file that [`unpack`] has returned.
pub(crate) fn labels_from_unpacked(bytes: &[u8]) -> Result<Labels, IdxError> {
    let header = Header::parse(bytes, Content::Labels)?;
    Labels::new(header.payload(bytes)?.to_vec())
}

/// The file inside the gzip wrapping, or the bytes themselves where there is none.
///
/// Unpacks the header first and then no more than it promises.
pub(crate) fn unpack(bytes: &[u8], content: Content) -> Result<Cow<'_, [u8]>, IdxError> {
    if !bytes.starts_with(&GZIP_MAGIC) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut decoder = GzDecoder::new(bytes);
    let mut unpacked = Vec::new();
    read_up_to(&mut decoder, content.header_len(), &mut unpacked)?;
    let header = Header::parse(&unpacked, content)?;

    let packed_len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let reachable = packed_len.saturating_mul(MAX_DEFLATE_RATIO);
    let reserved = usize::try_from(reachable).unwrap_or(usize::MAX).min(header.payload_len);
    unpacked.reserve_exact(reserved.saturating_add(1));
    // One byte more than promised shows that the stream goes on, and reading to its end is what
    // makes the decoder compare the stream's own check sum.
    read_up_to(&mut decoder, header.payload_len.saturating_add(1), &mut unpacked)?;
    header.payload(&unpacked)?;
    match decoder.into_inner().len() {
        0 => Ok(Cow::Owned(unpacked)),
        found => Err(IdxError::AfterGzip { found }),
    }
}

/// Appends at most `limit` bytes of `decoder` to `unpacked`.
fn read_up_to(
    decoder: &mut GzDecoder<&[u8]>,
    limit: usize,
    unpacked: &mut Vec<u8>,
) -> Result<(), IdxError> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    match decoder.take(limit).read_to_end(unpacked) {
        Ok(_) => Ok(()),
        Err(error) => Err(IdxError::Gzip { unpacked: unpacked.len(), reason: error.to_string() }),
    }
}

/// A checked header.
struct Header {
    len: usize,
    n_rows: usize,
    n_columns: usize,
    payload_len: usize,
}

impl Header {
    fn parse(bytes: &[u8], content: Content) -> Result<Header, IdxError> {
        let (expected, len) = (content.magic(), content.header_len());
        let cut = IdxError::Header { expected: len, found: bytes.len() };
        let mut words = bytes
            .chunks_exact(4)
            .map(|word| word.iter().fold(0_u32, |number, &byte| number << 8 | u32::from(byte)));
        let found = words.next().ok_or(cut.clone())?;
        if found != expected {
            return Err(IdxError::Magic { expected, found });
        }
        let mut size = || words.next().ok_or(cut.clone());
        let n_samples = size()?;
        let (n_rows, n_columns) = match content {
            Content::Images => (size()?, size()?),
            Content::Labels => (1, 1),
        };
        if n_samples == 0 {
            return Err(IdxError::NoSamples);
        }
        // Three 32-bit factors fit in 96 bits.
        let promised = u128::from(n_samples) * u128::from(n_rows) * u128::from(n_columns);
        let too_large = || IdxError::TooLarge {
            promised: u64::try_from(promised).unwrap_or(u64::MAX),
            allowed: MAX_UNPACKED_BYTES,
        };
        if promised > u128::from(MAX_UNPACKED_BYTES) {
            return Err(too_large());
        }
        let to_usize = |number: u32| usize::try_from(number).map_err(|_| too_large());
        let (n_rows, n_columns) = (to_usize(n_rows)?, to_usize(n_columns)?);
        if promised == 0 {
            return Err(IdxError::NoPixels { rows: n_rows, columns: n_columns });
        }
        let payload_len = usize::try_from(promised).map_err(|_| too_large())?;
        Ok(Header { len, n_rows, n_columns, payload_len })
    }

    /// The payload of `bytes`, which start with this header.
    fn payload<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], IdxError> {
        let payload = bytes.get(self.len..).unwrap_or_default();
        let (promised, found) = (self.payload_len, payload.len());
        match found.cmp(&promised) {
            std::cmp::Ordering::Less => Err(IdxError::Truncated { promised, found }),
            std::cmp::Ordering::Equal => Ok(payload),
            std::cmp::Ordering::Greater => Err(IdxError::TooLong { promised }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::{Images, parse_images, parse_labels};

    fn image_file(sizes: [u32; 3], payload: &[u8]) -> Vec<u8> {
        let mut file = vec![0, 0, 8, 3];
        file.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        file.extend(payload);
        file
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[track_caller]
    fn refused(bytes: &[u8], message: &str) {
        assert_eq!(parse_images(bytes).unwrap_err().to_string(), message);
    }

    #[test]
    fn plain_and_gzip_agree() {
        let file = image_file([2, 1, 3], &[1, 2, 3, 4, 5, 6]);
        let images = parse_images(&file).unwrap();
        assert_eq!(images, Images::new(1, 3, vec![1, 2, 3, 4, 5, 6]).unwrap());
        assert_eq!(images.iter().collect::<Vec<_>>(), [[1, 2, 3], [4, 5, 6]]);
        assert_eq!(parse_images(&gzip(&file)).unwrap(), images);
        let labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 255];
        assert_eq!(parse_labels(&labels).unwrap().as_slice(), [7, 255]);
        assert_eq!(parse_labels(&gzip(&labels)).unwrap().as_slice(), [7, 255]);
    }

    #[test]
    fn truncated_files_say_what_is_there() {
        let file = image_file([2, 1, 3], &[1, 2, 3, 4, 5]);
        let message = "payload is truncated: 5 bytes, the header promises 6";
        refused(&file, message);
        refused(&gzip(&file), message);
        refused(&file[..15], "header has 15 bytes, expected 16");
        refused(&gzip(&file[..15]), "header has 15 bytes, expected 16");
        refused(&[], "header has 0 bytes, expected 16");
        let longer = image_file([1, 1, 1], &[1, 2]);
        refused(&longer, "payload is longer than the 1 bytes that the header promises");
        refused(&gzip(&longer), "payload is longer than the 1 bytes that the header promises");
    }

    #[test]
    fn mislabelled_files_are_named() {
        let labels = [0, 0, 8, 1, 0, 0, 0, 1, 7];
        refused(&labels, "magic number is 0x00000801 (labels), expected 0x00000803 (images)");
        let images = image_file([1, 1, 1], &[1]);
        assert_eq!(
            parse_labels(&gzip(&images)).unwrap_err().to_string(),
            "magic number is 0x00000803 (images), expected 0x00000801 (labels)"
        );
        refused(b"\x89PNG....", "magic number is 0x89504e47, expected 0x00000803 (images)");
    }

    #[test]
    fn empty_sizes_are_refused() {
        refused(&image_file([0, 28, 28], &[]), "number of samples is 0, expected at least 1");
        refused(
            &image_file([3, 0, 28], &[7]),
            "image size is 0 rows by 28 columns, expected at least 1 by 1",
        );
        assert_eq!(
            parse_labels(&[0, 0, 8, 1, 0, 0, 0, 0]).unwrap_err().to_string(),
            "number of samples is 0, expected at least 1"
        );
    }

    #[test]
    fn lying_headers_cost_no_memory() {
        let huge = image_file([u32::MAX; 3], &[0; 8]);
        let message = "header promises 18446744073709551615 bytes, allowed are 134217728";
        refused(&huge, message);
        refused(&gzip(&huge), message);
        let message = "header promises 134217729 bytes, allowed are 134217728";
        refused(&image_file([(1 << 27) + 1, 1, 1], &[0; 8]), message);
        let allowed = image_file([1 << 27, 1, 1], &[0; 8]);
        refused(&allowed, "payload is truncated: 8 bytes, the header promises 134217728");
        refused(&gzip(&allowed), "payload is truncated: 8 bytes, the header promises 134217728");
    }

    /// 16 MiB of zeros in some 16 KiB, with a wrong check sum at the very end: that the message is
    /// not about the check sum shows that unpacking stopped before it.
    #[test]
    fn a_gzip_bomb_is_left_packed() {
        let mut bomb = gzip(&image_file([1, 2, 2], &vec![0; 1 << 24]));
        assert!(bomb.len() < 1 << 15, "{}", bomb.len());
        let check = bomb.len() - 8;
        bomb[check] ^= 1;
        refused(&bomb, "payload is longer than the 4 bytes that the header promises");
    }

    #[test]
    fn damaged_gzip_is_told_from_short_payload() {
        let mut file = gzip(&image_file([1, 2, 2], &[1, 2, 3, 4]));
        let cut = parse_images(&file[..file.len() - 9]).unwrap_err().to_string();
        assert!(cut.starts_with("gzip stream is damaged or cut off after "), "{cut}");
        let mut doubled = file.clone();
        doubled.extend([0; 3]);
        refused(&doubled, "gzip stream is followed by 3 more bytes, expected none");
        // The stored check sum is in the last eight bytes.
        let check = file.len() - 8;
        file[check] ^= 1;
        let wrong = parse_images(&file).unwrap_err().to_string();
        assert!(wrong.starts_with("gzip stream is damaged"), "{wrong}");
    }
}
