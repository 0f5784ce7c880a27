//! IDX, the format of the MNIST files: a header of big-endian words, then unsigned bytes.
//!
//! An image file starts with the magic number 0x00000803, then the number of images, of rows and of
//! columns; a label file with 0x00000801 and the number of labels. Samples of a user's own that are no pictures may
//! come with 0x00000802, the number of samples and of features: each is a picture of one row. Either may be
//! wrapped in gzip, which is recognised by its first two bytes. Checked here, in this order:
//!
//! 1. the header is whole and announces unsigned bytes of the expected rank;
//! 2. it promises at least one sample, pixels in each, and no more than [`MAX_UNPACKED_BYTES`], of a user's own set
//!    no more than 1 GiB;
//! 3. the payload has exactly the promised length, not a byte less or more.
//!
//! Files are unpacked piece by piece, so that who keeps one bit of a grey value never holds the bytes of
//! all. Memory is bounded by what is really there: a buffer never grows past the promised length, and a
//! promise never reserves more than the input can unpack to. Whether labels are classes, and whether
//! images and labels belong together, is the business of [`Dataset`](crate::Dataset).
//!
//! Source: the description of the format that Yann LeCun published with the MNIST database.

use std::io::{BufRead, Read};

use flate2::bufread::GzDecoder;

/// The longest file that is accepted, unpacked: 128 MiB, 2.8 times the longest of the known files.
pub const MAX_UNPACKED_BYTES: u64 = 128 << 20;

/// The longest payload of a file of a user's own: room for EMNIST, the largest relative of MNIST, twice.
pub(crate) const MAX_OWN_BYTES: u64 = 1 << 30;
/// The largest image of a user's own, in pixels, so that a single one never takes much memory.
pub(crate) const MAX_IMAGE_PIXELS: u64 = 1 << 24;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Deflate turns one byte into at most 1,032.
const MAX_DEFLATE_RATIO: u64 = 1032;

/// What an IDX file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Images,
    Labels,
    /// Images of a user's own, or samples of as many features as they like.
    Samples,
}

impl Content {
    /// The magic number it is to begin with.
    const fn magic(self) -> u32 {
        match self {
            Content::Images | Content::Samples => 0x0803,
            Content::Labels => 0x0801,
        }
    }

    /// The number of sizes in a header that begins with `magic`, if it may.
    fn n_sizes(self, magic: u32) -> Option<usize> {
        match self {
            _ if magic == self.magic() => Some((magic & 0xff) as usize),
            Content::Samples if magic == 0x0802 => Some(2),
            _ => None,
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
    /// An image of a user's own is larger than is accepted.
    #[error("image size is {rows} rows by {columns} columns, allowed are {allowed} pixels in all")]
    ImageSize { rows: usize, columns: usize, allowed: u64 },
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

/// What a magic number stands for, in words for messages: the third byte is the type of the elements, the fourth
/// the number of dimensions.
fn magic_name(magic: u32) -> String {
    let [0, 0, element, n_dimensions] = magic.to_be_bytes() else { return String::new() };
    let element = match element {
        0x08 if n_dimensions == 3 => return " (images)".to_owned(),
        0x08 if n_dimensions == 1 => return " (labels)".to_owned(),
        0x08 => "unsigned bytes",
        0x09 => "signed bytes",
        0x0b => "16-bit integers",
        0x0c => "32-bit integers",
        0x0d => "32-bit floats",
        0x0e => "64-bit floats",
        _ => return String::new(),
    };
    format!(" ({element} in {n_dimensions} dimensions)")
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
    let (n_rows, n_columns, pixels) = parse(bytes, Content::Images)?;
    Images::new(n_rows, n_columns, pixels)
}

/// Parses a label file, plain or gzip.
///
/// # Errors
/// If the bytes are not exactly one label file; see [`IdxError`].
pub fn parse_labels(bytes: &[u8]) -> Result<Labels, IdxError> {
    let (_, _, labels) = parse(bytes, Content::Labels)?;
    Labels::new(labels)
}

/// Pieces of about this many bytes are unpacked at a time.
const PIECE_BYTES: usize = 1 << 16;

/// An IDX file, plain or gzip, unpacked piece by piece: what is not kept costs no memory.
pub(crate) struct Unpacking<R> {
    source: Stream<R>,
    header: Header,
    header_bytes: Vec<u8>,
    piece: Vec<u8>,
    /// Bytes of the payload handed out so far.
    n_handed: usize,
}

enum Stream<R> {
    Plain(R),
    Gzip(Box<GzDecoder<R>>),
}

impl<R: BufRead> Unpacking<R> {
    /// Reads and checks the header, which may promise a payload of `most_bytes`.
    pub(crate) fn open(mut input: R, content: Content, most_bytes: u64) -> Result<Self, IdxError> {
        let start = input.fill_buf().map_err(|error| unreadable(0, &error))?;
        let mut source = match start.starts_with(&GZIP_MAGIC) {
            false => Stream::Plain(input),
            true => Stream::Gzip(Box::new(GzDecoder::new(input))),
        };
        let mut header_bytes = Vec::new();
        source.append(4, 0, &mut header_bytes)?;
        let expected = content.magic();
        let header_len = |magic: u32| content.n_sizes(magic).map(|n_sizes| 4 + 4 * n_sizes);
        let &[a, b, c, d] = &header_bytes[..] else {
            let expected = header_len(expected).unwrap_or(4);
            return Err(IdxError::Header { expected, found: header_bytes.len() });
        };
        let found = u32::from_be_bytes([a, b, c, d]);
        let len = header_len(found).ok_or(IdxError::Magic { expected, found })?;
        source.append(len - 4, 4, &mut header_bytes)?;
        if header_bytes.len() < len {
            return Err(IdxError::Header { expected: len, found: header_bytes.len() });
        }
        let header = Header::new(&header_bytes[4..], most_bytes)?;
        if content == Content::Samples {
            header.check_image()?;
        }
        Ok(Unpacking { source, header, header_bytes, piece: Vec::new(), n_handed: 0 })
    }

    /// The bytes of the header, as they were in the file.
    pub(crate) fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// Rows and columns of each image; 1 and 1 for labels.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.header.n_rows, self.header.n_columns)
    }

    /// The next samples, at least one and none cut off; nothing after the last. That nothing follows the
    /// payload has been checked by then.
    pub(crate) fn next_piece(&mut self) -> Result<Option<&[u8]>, IdxError> {
        let sample_len = self.header.n_rows * self.header.n_columns;
        let promised = self.header.payload_len;
        let left = promised - self.n_handed;
        let wanted = left.min((PIECE_BYTES / sample_len).max(1).saturating_mul(sample_len));
        self.piece.clear();
        let n_before = self.header_bytes.len() + self.n_handed;
        if left == 0 {
            // One byte more than promised shows that the stream goes on, and reading to its end is what
            // makes the decoder compare the stream's own check sum.
            self.source.append(1, n_before, &mut self.piece)?;
            if !self.piece.is_empty() {
                return Err(IdxError::TooLong { promised });
            }
            return self.source.check_end().map(|()| None);
        }
        self.source.append(wanted, n_before, &mut self.piece)?;
        if self.piece.len() < wanted {
            let found = self.n_handed + self.piece.len();
            return Err(IdxError::Truncated { promised, found });
        }
        self.n_handed += wanted;
        Ok(Some(&self.piece))
    }
}

impl<R: BufRead> Stream<R> {
    /// Appends at most `limit` unpacked bytes; fewer only at the end of the stream.
    fn append(
        &mut self,
        limit: usize,
        n_before: usize,
        unpacked: &mut Vec<u8>,
    ) -> Result<(), IdxError> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let read = match self {
            Stream::Plain(input) => input.take(limit).read_to_end(unpacked),
            Stream::Gzip(decoder) => decoder.take(limit).read_to_end(unpacked),
        };
        read.map(|_| ()).map_err(|error| unreadable(n_before + unpacked.len(), &error))
    }

    /// Nothing may follow a gzip stream.
    fn check_end(&mut self) -> Result<(), IdxError> {
        let Stream::Gzip(decoder) = self else { return Ok(()) };
        let rest = std::io::copy(decoder.get_mut(), &mut std::io::sink());
        match rest.map_err(|error| unreadable(0, &error))? {
            0 => Ok(()),
            found => {
                Err(IdxError::AfterGzip { found: usize::try_from(found).unwrap_or(usize::MAX) })
            }
        }
    }
}

/// Bytes in memory can always be read, so that it was the decoder that failed; who reads a file looks at the
/// file first.
fn unreadable(unpacked: usize, error: &std::io::Error) -> IdxError {
    IdxError::Gzip { unpacked, reason: error.to_string() }
}

/// The samples of a file, and the sizes of one.
fn parse(bytes: &[u8], content: Content) -> Result<(usize, usize, Vec<u8>), IdxError> {
    let mut file = Unpacking::open(bytes, content, MAX_UNPACKED_BYTES)?;
    // A promise reserves no more than the bytes can unpack to.
    let packed_len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let reachable = packed_len.saturating_mul(MAX_DEFLATE_RATIO);
    let reachable = usize::try_from(reachable).unwrap_or(usize::MAX);
    let mut payload = Vec::with_capacity(reachable.min(file.header.payload_len));
    while let Some(piece) = file.next_piece()? {
        payload.extend_from_slice(piece);
    }
    let (n_rows, n_columns) = file.size();
    Ok((n_rows, n_columns, payload))
}

/// A checked header.
struct Header {
    n_rows: usize,
    n_columns: usize,
    payload_len: usize,
}

impl Header {
    /// From the sizes after the magic number: number of samples, then rows and columns as far as there are any.
    fn new(sizes: &[u8], most_bytes: u64) -> Result<Header, IdxError> {
        let mut words = sizes
            .chunks_exact(4)
            .map(|word| word.iter().fold(0_u32, |number, &byte| number << 8 | u32::from(byte)));
        let n_samples = words.next().unwrap_or(0);
        let (n_rows, n_columns) = match (words.next(), words.next()) {
            (Some(n_rows), Some(n_columns)) => (n_rows, n_columns),
            (Some(n_features), None) => (1, n_features),
            _ => (1, 1),
        };
        if n_samples == 0 {
            return Err(IdxError::NoSamples);
        }
        // Three 32-bit factors fit in 96 bits.
        let promised = u128::from(n_samples) * u128::from(n_rows) * u128::from(n_columns);
        let too_large = || IdxError::TooLarge {
            promised: u64::try_from(promised).unwrap_or(u64::MAX),
            allowed: most_bytes,
        };
        if promised > u128::from(most_bytes) {
            return Err(too_large());
        }
        let to_usize = |number: u32| usize::try_from(number).map_err(|_| too_large());
        let (n_rows, n_columns) = (to_usize(n_rows)?, to_usize(n_columns)?);
        if promised == 0 {
            return Err(IdxError::NoPixels { rows: n_rows, columns: n_columns });
        }
        let payload_len = usize::try_from(promised).map_err(|_| too_large())?;
        Ok(Header { n_rows, n_columns, payload_len })
    }

    /// Whether a single image takes little memory.
    fn check_image(&self) -> Result<(), IdxError> {
        let (rows, columns, allowed) = (self.n_rows, self.n_columns, MAX_IMAGE_PIXELS);
        if (rows * columns) as u64 > allowed {
            return Err(IdxError::ImageSize { rows, columns, allowed });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::{Content, Images, Unpacking, parse_images, parse_labels};

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

    /// Files are unpacked in pieces: of many samples, of one, and of an end that is shorter.
    #[test]
    fn files_of_several_pieces_are_whole() {
        for size in [[3_u32, 200, 350], [20_000, 2, 5], [1, 300, 301]] {
            let n_bytes = size.iter().product::<u32>();
            let pixels: Vec<u8> = (0..n_bytes).map(|k| (k % 251) as u8).collect();
            let file = image_file(size, &pixels);
            let expected = Images::new(size[1] as usize, size[2] as usize, pixels).unwrap();
            assert!(parse_images(&file).unwrap() == expected, "{size:?}");
            assert!(parse_images(&gzip(&file)).unwrap() == expected, "{size:?}, packed");
            let message = format!(
                "payload is truncated: {} bytes, the header promises {n_bytes}",
                n_bytes - 1
            );
            refused(&file[..file.len() - 1], &message);
        }
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
        let expected = "expected 0x00000803 (images)";
        for (element, name) in [
            (9, "signed bytes"),
            (11, "16-bit integers"),
            (12, "32-bit integers"),
            (13, "32-bit floats"),
            (14, "64-bit floats"),
        ] {
            let found = format!("magic number is 0x00000{element:x}03 ({name} in 3 dimensions)");
            refused(&[0, 0, element, 3, 0, 0, 0, 1], &format!("{found}, {expected}"));
        }
        let colours = "magic number is 0x00000804 (unsigned bytes in 4 dimensions)";
        refused(&[0, 0, 8, 4], &format!("{colours}, {expected}"));
        refused(&[0, 0, 10, 3], &format!("magic number is 0x00000a03, {expected}"));
    }

    /// Samples of a user's own may be pictures or lists of features, and more of them.
    #[test]
    fn samples_may_be_flat() {
        let open = |bytes: &'static [u8], most| Unpacking::open(bytes, Content::Samples, most);
        let mut flat = open(&[0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6], 6).unwrap();
        assert_eq!(flat.size(), (1, 3));
        assert_eq!(flat.next_piece().unwrap(), Some(&[1, 2, 3, 4, 5, 6][..]));
        assert_eq!(flat.next_piece().unwrap(), None);
        let message = |bytes, most| open(bytes, most).err().unwrap().to_string();
        assert_eq!(
            message(&[0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1], 5),
            "header promises 6 bytes, allowed are 5"
        );
        assert_eq!(
            message(&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 16, 1, 0, 0, 16, 0], 1 << 30),
            "image size is 4097 rows by 4096 columns, allowed are 16777216 pixels in all"
        );
        assert_eq!(message(&[0, 0, 8, 2, 0, 0, 0, 2], 6), "header has 8 bytes, expected 12");
        assert!(parse_images(&[0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7]).is_err());
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
