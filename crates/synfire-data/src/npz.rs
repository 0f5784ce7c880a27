//! NPZ: several arrays in a zip archive, one `.npy` entry for each.
//!
//! An archive is not trusted. The name of an entry is compared with names and never used as a path. The table of
//! all entries is read as a whole, so that an archive with more entries than anybody means is refused before; an
//! entry is unpacked piece by piece, and its sizes are not believed. What an array holds is the business of
//! [`npy`](crate::npy).

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;

use crate::idx::MAX_OWN_BYTES;
use crate::load::LoadError;

/// Most entries of an archive.
const MOST_ENTRIES: u16 = 1024;
/// The longest table of entries, in bytes.
const LONGEST_TABLE: u32 = 1 << 20;
/// The end of an archive: a record of 22 bytes, then a comment of at most 65,535.
const END_BYTES: u64 = 22 + 65_535;

/// Bytes of an archive, wherever they are.
trait Packed: Read + Seek {}

impl<R: Read + Seek> Packed for R {}

/// An archive whose arrays are read as they are asked for.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Box<dyn Packed + 'a>>,
}

impl<'a> Archive<'a> {
    /// Reads the table of an archive on the disk.
    pub(crate) fn open(path: &Path) -> Result<Archive<'a>, LoadError> {
        let failed = |cause| LoadError::Read { path: path.to_owned(), cause };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(failed(std::io::Error::other("it is not a regular file")));
        }
        let allowed = MAX_OWN_BYTES;
        if metadata.len() > allowed {
            return Err(LoadError::FileSize { path: path.to_owned(), allowed });
        }
        let file = File::open(path).map_err(failed)?;
        Archive::read(path, BufReader::new(file), metadata.len())
    }

    /// Reads the table of an archive in memory, which messages call by this path.
    pub(crate) fn of(path: &Path, bytes: &'a [u8]) -> Result<Archive<'a>, LoadError> {
        Archive::read(path, Cursor::new(bytes), bytes.len() as u64)
    }

    fn read(
        path: &Path,
        mut packed: impl Packed + 'a,
        n_bytes: u64,
    ) -> Result<Archive<'a>, LoadError> {
        let failed = |cause| LoadError::Read { path: path.to_owned(), cause };
        let refused = |reason| LoadError::Archive { path: path.to_owned(), reason };
        check_end(&mut packed, n_bytes).map_err(failed)?.map_err(refused)?;
        let packed: Box<dyn Packed + 'a> = Box::new(packed);
        let zip = ZipArchive::new(packed);
        let zip = zip.map_err(|error| refused(error.to_string()))?;
        if zip.has_duplicate_names() {
            // Readers differ in which they take.
            return Err(refused("two entries have one name".to_owned()));
        }
        Ok(Archive { zip })
    }

    /// Whether there is an array of this name.
    pub(crate) fn has(&self, array: &str) -> bool {
        self.zip.index_for_name(&format!("{array}.npy")).is_some()
    }

    /// The bytes of an array.
    pub(crate) fn array(&mut self, array: &str) -> Result<impl Read + use<'_, 'a>, String> {
        self.zip.by_name(&format!("{array}.npy")).map_err(|error| error.to_string())
    }
}

/// Whether the table of entries is one that can be read as a whole; the inner error says why not.
fn check_end(packed: &mut impl Packed, n_bytes: u64) -> std::io::Result<Result<(), String>> {
    let first = n_bytes.saturating_sub(END_BYTES);
    packed.seek(SeekFrom::Start(first))?;
    let mut end = Vec::new();
    Read::by_ref(packed).take(END_BYTES).read_to_end(&mut end)?;
    packed.rewind()?;
    // The record may stand at several places, of which a reader takes one: all must be of a small archive.
    let mut is_there = false;
    for (at, window) in end.windows(22).enumerate() {
        if !window.starts_with(b"PK\x05\x06") {
            continue;
        }
        is_there = true;
        let n_entries = u16::from_le_bytes([window[10], window[11]]);
        let n_bytes = u32::from_le_bytes([window[12], window[13], window[14], window[15]]);
        if n_entries > MOST_ENTRIES || n_bytes > LONGEST_TABLE {
            let found = format!("{n_entries} entries in {n_bytes} bytes");
            return Ok(Err(format!(
                "it has {found}, expected at most {MOST_ENTRIES} in {LONGEST_TABLE}"
            )));
        }
        // A second record before it, with sizes of 64 bits, would go before this one.
        if at >= 20 && end[at - 20..].starts_with(b"PK\x06\x07") {
            return Ok(Err("it is of the form for more than 4 GiB".to_owned()));
        }
    }
    Ok(if is_there { Ok(()) } else { Err("its end is missing".to_owned()) })
}
