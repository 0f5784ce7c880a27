//! Integer matrices in a NumPy `.npz` archive: a zip file with one `.npy` entry per array.
//!
//! Written entries are stored without compression, in the order given, with the zip format's first
//! date, so that equal matrices make equal bytes. Read are entries of any integer type in C or
//! Fortran order, stored or deflated.
//!
//! A file is not trusted: what a header announces is checked before anything is allocated for it,
//! and memory grows only with the data that is really there. What the numbers mean is the business
//! of [`weights`](crate::weights).

use std::fmt;
use std::io::{Cursor, Read, Write};

use npyz::{NpyFile, NpyHeader, Order, TypeChar, WriteOptions, WriterBuilder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Most rows, and most columns, of a matrix.
const LARGEST_SIDE: u64 = 65_536;
/// Most numbers in a matrix.
const LARGEST_MATRIX: u64 = 1 << 26;
/// Longest text of a header, in bytes; NumPy writes 54 to 118 for a matrix.
const LONGEST_HEADER: u64 = 4096;

/// A matrix in C order.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) n_rows: usize,
    pub(crate) n_columns: usize,
    pub(crate) values: Vec<i16>,
}

/// Why an archive or one of its arrays cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum NpzError {
    /// Not a zip file, or one cut short.
    #[error("not a complete npz archive: {cause}")]
    Archive { cause: zip::result::ZipError },
    /// An array that is needed is not there.
    #[error("array {array} is missing, found {}", list(.found))]
    Missing { array: String, found: Vec<String> },
    /// An entry is no `.npy` file, or one cut short.
    #[error("array {array} cannot be read: {cause}")]
    Entry { array: String, cause: std::io::Error },
    /// A header that no writer of matrices writes.
    #[error(
        "array {array} has a header of {found} bytes or with nested parts, expected that of a matrix"
    )]
    Header { array: String, found: u64 },
    /// Not a matrix, or one of absurd size.
    #[error(
        "array {array} has shape {}, expected two dimensions of 1 to 65536 and at most 67108864 numbers",
        Shaped(.found)
    )]
    Dimensions { array: String, found: Vec<u64> },
    /// Not integers.
    #[error("array {array} has elements of type {found}, expected integers of 1 to 8 bytes")]
    Type { array: String, found: String },
    /// A number that is not allowed.
    #[error("array {array}, element [{row}, {column}] is {found}, expected {allowed}")]
    Value { array: String, row: usize, column: usize, found: i128, allowed: String },
}

/// Which numbers are allowed: integers from `min` to `max` in steps of `step`, from zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed {
    pub(crate) min: i16,
    pub(crate) max: i16,
    pub(crate) step: i16,
}

impl Allowed {
    fn check(self, found: i128) -> Option<i16> {
        let value = i16::try_from(found).ok()?;
        let fits = self.min <= value && value <= self.max && value % self.step == 0;
        fits.then_some(value)
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { min, max, step } = self;
        match step {
            1 => write!(f, "an integer from {min} to {max}"),
            2 => write!(f, "an even integer from {min} to {max}"),
            _ => write!(f, "a multiple of {step} from {min} to {max}"),
        }
    }
}

/// Packs matrices under their names.
pub(crate) fn write(tables: &[(String, Table)]) -> std::io::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, table) in tables {
        archive.start_file(format!("{name}.npy"), options)?;
        let shape = [table.n_rows as u64, table.n_columns as u64];
        let mut bytes = Vec::with_capacity(128 + 2 * table.values.len());
        let mut writer =
            WriteOptions::new().default_dtype().shape(&shape).writer(&mut bytes).begin_nd()?;
        writer.extend(table.values.iter().copied())?;
        writer.finish()?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// An archive in memory.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, NpzError> {
        let zip =
            ZipArchive::new(Cursor::new(bytes)).map_err(|cause| NpzError::Archive { cause })?;
        let array = |name: &str| name.strip_suffix(".npy").map(str::to_owned);
        let mut names: Vec<String> =
            (0..zip.len()).filter_map(|idx| array(&zip.name_for_index(idx)?.ok()?)).collect();
        names.sort_unstable();
        Ok(Self { zip, names })
    }

    pub(crate) fn has(&self, array: &str) -> bool {
        self.names.iter().any(|name| name == array)
    }

    /// Reads one matrix, every number of which must be allowed.
    pub(crate) fn matrix(&mut self, array: &str, allowed: Allowed) -> Result<Table, NpzError> {
        if !self.has(array) {
            return Err(NpzError::Missing { array: array.to_owned(), found: self.names.clone() });
        }
        let failed = |cause| NpzError::Entry { array: array.to_owned(), cause };
        let mut entry = self
            .zip
            .by_name(&format!("{array}.npy"))
            .map_err(|cause| failed(std::io::Error::other(cause)))?;
        let header = read_header(&mut entry, array)?;
        let dimensions =
            || NpzError::Dimensions { array: array.to_owned(), found: header.shape().to_vec() };
        let &[n_rows, n_columns] = header.shape() else { return Err(dimensions()) };
        let is_side = |side| (1..=LARGEST_SIDE).contains(&side);
        if !is_side(n_rows) || !is_side(n_columns) || n_rows * n_columns > LARGEST_MATRIX {
            return Err(dimensions());
        }
        let sides = usize::try_from(n_rows).and_then(|r| Ok((r, usize::try_from(n_columns)?)));
        let (n_rows, n_columns) = sides.map_err(|_| dimensions())?;
        let order = header.order();
        let stored = read_values(
            NpyFile::with_header(header, entry),
            array,
            allowed,
            |position| match order {
                Order::C => (position / n_columns, position % n_columns),
                Order::Fortran => (position % n_rows, position / n_rows),
            },
        )?;
        let values = match order {
            Order::C => stored,
            Order::Fortran => transposed(&stored, n_rows),
        };
        Ok(Table { n_rows, n_columns, values })
    }
}

/// Reads the numbers in the order of the file, of whatever integer type.
fn read_values<R: Read>(
    file: NpyFile<R>,
    array: &str,
    allowed: Allowed,
    place: impl Fn(usize) -> (usize, usize),
) -> Result<Vec<i16>, NpzError> {
    let npyz::DType::Plain(kind) = file.dtype() else {
        let found = file.dtype().descr();
        return Err(NpzError::Type { array: array.to_owned(), found });
    };
    macro_rules! read {
        ($integer:ty) => {{
            let numbers = file.data::<$integer>().map_err(|cause| NpzError::Entry {
                array: array.to_owned(),
                cause: std::io::Error::other(cause),
            })?;
            let mut values = Vec::new();
            for (position, number) in numbers.enumerate() {
                let number =
                    number.map_err(|cause| NpzError::Entry { array: array.to_owned(), cause })?;
                let found = i128::from(number);
                let Some(value) = allowed.check(found) else {
                    let (row, column) = place(position);
                    let (array, allowed) = (array.to_owned(), allowed.to_string());
                    return Err(NpzError::Value { array, row, column, found, allowed });
                };
                values.push(value);
            }
            Ok(values)
        }};
    }
    match (kind.type_char(), kind.size_field()) {
        (TypeChar::Int, 1) => read!(i8),
        (TypeChar::Int, 2) => read!(i16),
        (TypeChar::Int, 4) => read!(i32),
        (TypeChar::Int, 8) => read!(i64),
        (TypeChar::Uint, 1) => read!(u8),
        (TypeChar::Uint, 2) => read!(u16),
        (TypeChar::Uint, 4) => read!(u32),
        (TypeChar::Uint, 8) => read!(u64),
        _ => Err(NpzError::Type { array: array.to_owned(), found: kind.to_string() }),
    }
}

/// Reads and checks what comes before the numbers.
///
/// The parser behind npyz recurses into brackets, multiplies the dimensions without a check, and
/// makes room for as long a text as the file announces. With few brackets and few digits it can do
/// none of this harm: a product of numbers of at most 18 digits in all fits 64 bits.
fn read_header(entry: &mut impl Read, array: &str) -> Result<NpyHeader, NpzError> {
    let failed = |cause| NpzError::Entry { array: array.to_owned(), cause };
    let mut preamble = vec![0; 10];
    entry.read_exact(&mut preamble).map_err(failed)?;
    let mut length = u64::from(u16::from_le_bytes([preamble[8], preamble[9]]));
    if preamble[6] >= 2 {
        let mut high = [0; 2];
        entry.read_exact(&mut high).map_err(failed)?;
        preamble.extend(high);
        length += u64::from(u16::from_le_bytes(high)) << 16;
    }
    let refused = || NpzError::Header { array: array.to_owned(), found: length };
    if length > LONGEST_HEADER {
        return Err(refused());
    }
    let mut text = Vec::new();
    entry.take(length).read_to_end(&mut text).map_err(failed)?;
    let n_brackets = text.iter().filter(|&byte| b"([{".contains(byte)).count();
    let n_digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    if n_brackets > 4 || n_digits > 18 {
        return Err(refused());
    }
    preamble.extend(text);
    NpyHeader::from_reader(&preamble[..]).map_err(failed)
}

/// Numbers in Fortran order, in C order.
fn transposed(values: &[i16], n_rows: usize) -> Vec<i16> {
    let n_columns = values.len() / n_rows;
    (0..values.len()).map(|place| values[place % n_columns * n_rows + place / n_columns]).collect()
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no arrays".to_owned() } else { names.join(", ") }
}

struct Shaped<'a>(&'a [u64]);

impl fmt::Display for Shaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides: Vec<String> = self.0.iter().map(u64::to_string).collect();
        write!(f, "({})", sides.join(", "))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const ALLOWED: Allowed = Allowed { min: -256, max: 254, step: 2 };

    /// An archive with one entry of given bytes.
    fn archive(name: &str, npy: &[u8]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(npy).unwrap();
        zip.finish().unwrap().into_inner()
    }

    fn npy(header: &str, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), body].concat()
    }

    fn read(npy: &[u8]) -> Result<Table, String> {
        let bytes = archive("w1.npy", npy);
        Archive::open(&bytes).unwrap().matrix("w1", ALLOWED).map_err(|error| error.to_string())
    }

    fn header(descr: &str, order: &str, shape: &str) -> String {
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}")
    }

    #[test]
    fn both_orders_and_all_integer_types_are_read() {
        let values = vec![2, 4, 6, 8, 10, 12];
        let c_order = npy(&header("|i1", "False", "(2, 3)"), &[2, 4, 6, 8, 10, 12]);
        assert_eq!(read(&c_order).unwrap().values, values);
        let fortran = npy(&header("|u1", "True", "(2, 3)"), &[2, 8, 4, 10, 6, 12]);
        let table = read(&fortran).unwrap();
        assert_eq!((table.n_rows, table.n_columns, table.values), (2, 3, values));
        for (descr, body) in [
            ("<i2", vec![0, 255]),
            (">i2", vec![255, 0]),
            ("<i4", vec![0, 255, 255, 255]),
            ("<i8", vec![0, 255, 255, 255, 255, 255, 255, 255]),
        ] {
            let table = read(&npy(&header(descr, "False", "(1, 1)"), &body)).unwrap();
            assert_eq!(table.values, [-256], "{descr}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |descr, order, shape, body: &[u8]| {
            read(&npy(&header(descr, order, shape), body)).err().unwrap()
        };
        assert_eq!(
            message("|i1", "False", "(2, 2)", &[2, 4, 5, 6]),
            "array w1, element [1, 0] is 5, expected an even integer from -256 to 254"
        );
        assert_eq!(
            message("|i1", "True", "(2, 2)", &[2, 4, 5, 6]),
            "array w1, element [0, 1] is 5, expected an even integer from -256 to 254"
        );
        assert_eq!(
            message("<u8", "False", "(1, 1)", &[255; 8]),
            "array w1, element [0, 0] is 18446744073709551615, expected an even integer from -256 to 254"
        );
        assert_eq!(
            message("<f8", "False", "(1, 1)", &[0; 8]),
            "array w1 has elements of type <f8, expected integers of 1 to 8 bytes"
        );
        for shape in ["()", "(4,)", "(1, 2, 2)", "(0, 4)", "(65537, 1)", "(65536, 65536)"] {
            let text = message("|i1", "False", shape, &[2, 4, 6, 8]);
            assert!(text.starts_with("array w1 has shape ("), "{text}");
        }
        let text = message("|i1", "False", "(2, 2)", &[2, 4, 6]);
        assert!(text.starts_with("array w1 cannot be read: "), "{text}");
    }

    /// Each of these would overflow, exhaust the stack or reserve gigabytes if it got to the parser.
    #[test]
    fn lying_headers_are_refused_before_they_are_believed() {
        let huge = header("<i2", "False", "(4294967296, 4294967296)");
        let nested = "(".repeat(4000);
        for text in [
            huge,
            nested,
            header("<i2", "False", "(9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9)"),
        ] {
            let message = read(&npy(&text, &[])).err().unwrap();
            assert!(message.starts_with("array w1 has a header of "), "{message}");
        }
        let long = [b"\x93NUMPY\x02\x00", &[255; 4][..], &[b' '; 64]].concat();
        assert!(read(&long).err().unwrap().contains("4294967295 bytes"));
        // Announces a large matrix and brings four bytes: fails without reserving room for it.
        let short = read(&npy(&header("<i8", "False", "(8192, 8192)"), &[0; 4]));
        assert!(short.err().unwrap().starts_with("array w1 cannot be read"));
    }

    #[test]
    fn archives_that_are_none_and_arrays_that_are_not_there() {
        let error = |bytes: &[u8]| Archive::open(bytes).err().unwrap().to_string();
        assert!(error(b"").starts_with("not a complete npz archive: "));
        assert!(error(b"PK\x03\x04 and nothing more").starts_with("not a complete npz archive: "));
        let bytes = archive("w9.npy", &[]);
        let missing = Archive::open(&bytes).unwrap().matrix("w1", ALLOWED).err().unwrap();
        assert_eq!(missing.to_string(), "array w1 is missing, found w9");
        let bytes = archive("readme.txt", &[]);
        let missing = Archive::open(&bytes).unwrap().matrix("w1", ALLOWED).err().unwrap();
        assert_eq!(missing.to_string(), "array w1 is missing, found no arrays");
    }
}
