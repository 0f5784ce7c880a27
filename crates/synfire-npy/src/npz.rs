//! Arrays in a NumPy `.npz` archive: a zip file with one `.npy` entry per array.
//!
//! Written entries are stored without compression, in the order given, with the zip format's first date, so that
//! equal arrays make equal bytes. Read are entries as `savez` stores and `savez_compressed` deflates them, one at
//! a time.
//!
//! A file is not trusted. The name of an entry is compared with names and never used as a path; its sizes are
//! not believed; and all arrays read from one archive together are at most [`MOST_UNPACKED`] bytes larger than the
//! archive itself, however much its entries would unpack to.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::array::Array;
use crate::names::{listed, printable};
use crate::npy::{self, NpyError, write_npy};

/// By how many bytes all arrays read from an archive may be larger than the archive: 256 MiB.
pub const MOST_UNPACKED: u64 = 1 << 28;
/// Most entries of an archive, of each of which some hundred bytes are kept.
const MOST_ENTRIES: usize = 4096;
/// What the description of an entry begins with, in the directory of an archive.
const ENTRY_SIGNATURE: [u8; 4] = *b"PK\x01\x02";

/// Why an archive or one of its arrays cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum NpzError {
    /// Not a zip file, or one cut short.
    #[error("not a complete npz archive: {cause}")]
    Archive { cause: zip::result::ZipError },
    /// More entries than anybody can mean.
    #[error("the npz archive has {found} entries, expected at most {MOST_ENTRIES}")]
    Entries { found: usize },
    /// Two entries of one name: readers differ in which they take.
    #[error("the npz archive has two entries of one name")]
    Twice,
    /// An array that is needed is not there.
    #[error("array {} is missing, found {}", printable(.array), listed(.found, "no arrays"))]
    Missing { array: String, found: Vec<String> },
    /// An entry that the archive does not hand out: encrypted, or compressed in a way that NumPy does not.
    #[error("array {} cannot be unpacked: {cause}", printable(.array))]
    Entry { array: String, cause: zip::result::ZipError },
    /// An entry is no `.npy` file, or one cut short or too large.
    #[error("array {} cannot be read: {cause}", printable(.array))]
    Array { array: String, cause: NpyError },
}

/// Packs arrays under their names; `np.load` finds them under the same. Equal arrays make equal bytes.
///
/// ```
/// use synfire_npy::{Array, Npz, write_npz};
///
/// let steps = Array::list(vec![3_i64, 5]);
/// let weights = Array::new(&[1, 2], vec![-256_i16, 254])?;
/// let bytes = write_npz([("steps", &steps), ("weights", &weights)])?;
/// let mut archive = Npz::parse(&bytes)?;
/// assert_eq!(archive.names(), ["steps", "weights"]);
/// assert_eq!(archive.array("weights")?, weights);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If two names are equal, or the archive would pass the limits of the zip format (4 GiB).
pub fn write_npz<'a>(
    arrays: impl IntoIterator<Item = (&'a str, &'a Array)>,
) -> std::io::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, array) in arrays {
        archive.start_file(format!("{name}.npy"), options)?;
        archive.write_all(&write_npy(array))?;
    }
    Ok(archive.finish()?.into_inner())
}

/// An archive in memory, whose arrays are read as they are asked for.
#[derive(Debug)]
pub struct Npz<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<'a> Npz<'a> {
    /// Reads the table of an archive.
    ///
    /// # Errors
    /// If the bytes are not all of a zip file, or a name occurs twice.
    pub fn parse(bytes: &'a [u8]) -> Result<Npz<'a>, NpzError> {
        // Before they are read. Values that look like a signature are too rare to count: one in four gigabytes.
        let found = bytes.windows(4).filter(|four| *four == ENTRY_SIGNATURE).count();
        if found > MOST_ENTRIES {
            return Err(NpzError::Entries { found });
        }
        let zip =
            ZipArchive::new(Cursor::new(bytes)).map_err(|cause| NpzError::Archive { cause })?;
        if zip.has_duplicate_names() {
            return Err(NpzError::Twice);
        }
        let array = |name: &str| name.strip_suffix(".npy").map(str::to_owned);
        let mut names: Vec<String> =
            (0..zip.len()).filter_map(|idx| array(&zip.name_for_index(idx)?.ok()?)).collect();
        names.sort_unstable();
        Ok(Npz { zip, names, left: (bytes.len() as u64).saturating_add(MOST_UNPACKED) })
    }

    /// The names of all arrays, sorted.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether there is an array of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.binary_search_by(|other| other.as_str().cmp(name)).is_ok()
    }

    /// Reads an array.
    ///
    /// # Errors
    /// If there is none of this name, it cannot be read, or it would be larger than is read from one archive.
    pub fn array(&mut self, name: &str) -> Result<Array, NpzError> {
        if !self.has(name) {
            let found = self.names.clone();
            return Err(NpzError::Missing { array: name.to_owned(), found });
        }
        let entry = self
            .zip
            .by_name(&format!("{name}.npy"))
            .map_err(|cause| NpzError::Entry { array: name.to_owned(), cause })?;
        let array = npy::read(entry, self.left)
            .map_err(|cause| NpzError::Array { array: name.to_owned(), cause })?;
        self.left = self.left.saturating_sub(array.values().n_bytes());
        Ok(array)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// An archive with entries of given bytes.
    fn archive(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let options = SimpleFileOptions::default().compression_method(method);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn equal_arrays_make_equal_bytes_and_come_back() {
        let arrays = [
            ("w1", Array::new(&[2, 2], vec![2_i16, -4, 6, 8]).unwrap()),
            ("names", Array::list(vec!["o".to_owned(), "oT-".to_owned()])),
        ];
        let write = || write_npz(arrays.iter().map(|(name, array)| (*name, array))).unwrap();
        let bytes = write();
        assert_eq!(bytes, write());
        let mut read = Npz::parse(&bytes).unwrap();
        for (name, array) in &arrays {
            assert_eq!(&read.array(name).unwrap(), array);
        }
        let twice = write_npz([("a", &arrays[0].1), ("a", &arrays[1].1)]);
        assert!(twice.is_err());
    }

    #[test]
    fn compressed_arrays_are_read_up_to_a_limit() {
        let array = Array::new(&[100, 100], vec![2_i16; 10_000]).unwrap();
        let bytes = archive(&[("w1.npy", &write_npy(&array))], CompressionMethod::Deflated);
        assert!(bytes.len() < 1000);
        assert_eq!(Npz::parse(&bytes).unwrap().array("w1").unwrap(), array);
        // A kilobyte of archive that says it is a gigabyte of array: refused unseen.
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1073741824,), }";
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        let bomb = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &[0; 100_000]].concat();
        let bytes = archive(&[("bomb.npy", &bomb)], CompressionMethod::Deflated);
        let message = Npz::parse(&bytes).unwrap().array("bomb").unwrap_err().to_string();
        assert!(message.contains("makes 1073741824 bytes of |u1, allowed are 26843"), "{message}");
    }

    /// One entry read again and again costs as much as many.
    #[test]
    fn all_that_is_read_from_one_archive_counts() {
        let array = Array::list(vec![0_u8; 1000]);
        let bytes = write_npz([("a", &array)]).unwrap();
        let mut archive = Npz::parse(&bytes).unwrap();
        archive.left = 1999;
        assert!(archive.array("a").is_ok());
        assert!(archive.array("a").unwrap_err().to_string().contains("allowed are 999"));
    }

    #[test]
    fn names_are_names_and_no_paths() {
        let bytes = archive(
            &[
                ("../../out.npy", &write_npy(&Array::list(vec![1_u8]))),
                ("/etc/a.npy", b"no array"),
                ("\u{1b}.npy", b"no array"),
                ("readme.txt", b"no array"),
            ],
            CompressionMethod::Stored,
        );
        let mut archive = Npz::parse(&bytes).unwrap();
        assert_eq!(archive.names(), ["\u{1b}", "../../out", "/etc/a"]);
        let message = archive.array("\u{1b}").unwrap_err().to_string();
        assert!(message.starts_with(r"array \u{1b} cannot be read: "), "{message}");
        let message = archive.array("\t").unwrap_err().to_string();
        assert!(message.starts_with(r"array \t is missing, "), "{message}");
        assert!(!archive.has("readme.txt") && !archive.has("out"));
        assert_eq!(archive.array("../../out").unwrap().into_values(), vec![1_u8].into());
        let message = archive.array("/etc/a").unwrap_err().to_string();
        assert!(message.starts_with("array /etc/a cannot be read: it does not begin"), "{message}");
        let message = archive.array("w1").unwrap_err().to_string();
        assert_eq!(message, r"array w1 is missing, found \u{1b}, ../../out, /etc/a");
    }

    #[test]
    fn archives_that_are_none() {
        for bytes in [&b""[..], b"PK\x03\x04 and nothing more"] {
            let message = Npz::parse(bytes).unwrap_err().to_string();
            assert!(message.starts_with("not a complete npz archive: "), "{message}");
        }
        let bytes = archive(&[("readme.txt", b"")], CompressionMethod::Stored);
        let message = Npz::parse(&bytes).unwrap().array("w1").unwrap_err().to_string();
        assert_eq!(message, "array w1 is missing, found no arrays");
    }

    /// A directory of a million entries would take half a gigabyte.
    #[test]
    fn archives_of_too_many_entries_are_refused() {
        let names: Vec<String> = (0..=MOST_ENTRIES).map(|k| format!("{k}.npy")).collect();
        let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (&name[..], &b""[..])).collect();
        assert!(Npz::parse(&archive(&entries[1..], CompressionMethod::Stored)).is_ok());
        let message = Npz::parse(&archive(&entries, CompressionMethod::Stored)).unwrap_err();
        let expected = "the npz archive has 4097 entries, expected at most 4096";
        assert_eq!(message.to_string(), expected);
    }

    /// Readers differ in which of two entries they take.
    #[test]
    fn a_name_that_occurs_twice_is_refused() {
        let array = write_npy(&Array::list(vec![7_u8]));
        let mut bytes = archive(&[("a.npy", &array), ("b.npy", &array)], CompressionMethod::Stored);
        assert!(Npz::parse(&bytes).is_ok());
        let places: Vec<usize> =
            (0..bytes.len() - 5).filter(|&at| bytes[at..].starts_with(b"b.npy")).collect();
        assert_eq!(places.len(), 2, "beside the entry and in the table");
        for at in places {
            bytes[at] = b'a';
        }
        assert!(matches!(Npz::parse(&bytes), Err(NpzError::Twice)));
    }

    /// A changed byte of an entry is seen by its sum.
    #[test]
    fn damage_is_noticed() {
        let array = Array::list(vec![7_u8; 100]);
        let mut bytes = write_npz([("a", &array)]).unwrap();
        let place = bytes.windows(100).position(|window| window == [7; 100]).unwrap();
        bytes[place + 50] = 8;
        let message = Npz::parse(&bytes).unwrap().array("a").unwrap_err().to_string();
        assert!(message.starts_with("array a cannot be read: "), "{message}");
    }
}
