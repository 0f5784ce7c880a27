//! What lies on the disk while files are downloaded, and in which order it gets there.
//!
//! Of each file there may be, beside what has its name: `NAME.part`, the bytes that have come, and `NAME.part-from`,
//! from where. The second is written after the first is emptied and removed before it is, so that bytes never lie
//! beside the word of another origin; whoever finds one without the other begins anew. What a broken machine made of
//! the bytes themselves shows when they are compared with their checksum.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::problem::FetchError;

/// The longest word of an origin, in bytes.
const LONGEST_ORIGIN: u64 = 1 << 13;

/// The folder.
pub(super) struct Store {
    dir: PathBuf,
    #[cfg(test)]
    pub(super) operations_left: Option<std::cell::Cell<u32>>,
}

/// The right to write to the folder, until it is dropped or the process ends, however it does.
pub(super) struct Lock {
    _dir: Option<File>,
}

/// Where the bytes of a part come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) url: String,
    /// What tells that the file there is still the same.
    pub(super) validator: String,
    /// Bytes in all, if the server said it.
    pub(super) n_total: Option<u64>,
}

/// A part of a file from an earlier transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) n_bytes: u64,
    pub(super) origin: Origin,
}

impl Store {
    /// Makes the folder where it is not there yet.
    pub(super) fn open(dir: &Path) -> Result<Store, FetchError> {
        let failed = |cause| FetchError::Dir { dir: dir.to_owned(), cause };
        std::fs::create_dir_all(dir).map_err(failed)?;
        Ok(Store {
            dir: dir.to_owned(),
            #[cfg(test)]
            operations_left: None,
        })
    }

    /// Keeps other downloads out of the folder. Where folders cannot be locked, nobody is kept out.
    pub(super) fn lock(&self) -> Result<Lock, FetchError> {
        let Ok(dir) = File::open(&self.dir) else { return Ok(Lock { _dir: None }) };
        match dir.try_lock() {
            Err(TryLockError::WouldBlock) => Err(FetchError::Busy { dir: self.dir.clone() }),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Lock { _dir: Some(dir) }),
        }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(super) fn part_path(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.part"))
    }

    fn origin_path(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.part-from"))
    }

    /// The part of a file that is there, if its origin is known.
    pub(super) fn part(&self, name: &str) -> Option<Part> {
        let mut text = String::new();
        let file = File::open(self.origin_path(name)).ok()?;
        file.take(LONGEST_ORIGIN).read_to_string(&mut text).ok()?;
        let origin = Origin::parse(&text)?;
        let metadata = std::fs::metadata(self.part_path(name)).ok()?;
        let n_bytes = metadata.is_file().then_some(metadata.len())?;
        (n_bytes > 0).then_some(Part { n_bytes, origin })
    }

    /// An empty part; what was there is gone. Without an origin it cannot be gone on with.
    pub(super) fn begin(&self, name: &str, origin: Option<&Origin>) -> Result<File, FetchError> {
        let [origin_path, part_path] = [self.origin_path(name), self.part_path(name)];
        self.do_with(&origin_path, || remove(&origin_path))?;
        let part = self.do_with(&part_path, || File::create(&part_path))?;
        if let Some(origin) = origin {
            self.do_with(&origin_path, || std::fs::write(&origin_path, origin.text()))?;
        }
        Ok(part)
    }

    /// The part of a file, to go on at its end.
    pub(super) fn go_on(&self, name: &str) -> Result<File, FetchError> {
        let path = self.part_path(name);
        self.do_with(&path, || OpenOptions::new().append(true).open(&path))
    }

    /// Appends bytes to a part.
    pub(super) fn append(
        &self,
        name: &str,
        part: &mut File,
        bytes: &[u8],
    ) -> Result<(), FetchError> {
        let path = self.part_path(name);
        self.do_with(&path, || part.write_all(bytes))
    }

    /// Puts what has come on the disk.
    pub(super) fn flush(&self, name: &str, part: &File) -> Result<(), FetchError> {
        let path = self.part_path(name);
        self.do_with(&path, || part.sync_all())
    }

    /// Removes a part that is worth nothing.
    pub(super) fn discard(&self, name: &str) -> Result<(), FetchError> {
        for path in [self.origin_path(name), self.part_path(name)] {
            self.do_with(&path, || remove(&path))?;
        }
        Ok(())
    }

    /// Gives a part that is complete and verified its name.
    pub(super) fn finish(&self, name: &str, whole: &str) -> Result<PathBuf, FetchError> {
        let (part, path, origin) = (self.part_path(name), self.path(whole), self.origin_path(name));
        self.do_with(&path, || std::fs::rename(&part, &path))?;
        // The name is on the disk with the folder; not every system can say so.
        self.do_with(&path, || {
            let _ = File::open(&self.dir).and_then(|dir| dir.sync_all());
            Ok(())
        })?;
        self.do_with(&origin, || remove(&origin))?;
        Ok(path)
    }

    /// Gives a file another name, under which nobody looks for it.
    pub(super) fn move_aside(&self, name: &str) -> Result<PathBuf, FetchError> {
        let (from, to) = (self.path(name), self.path(&format!("{name}.wrong")));
        self.do_with(&from, || std::fs::rename(&from, &to))?;
        Ok(to)
    }

    /// An operation on the disk; tests stop before one, as a kill would.
    fn do_with<T>(
        &self,
        path: &Path,
        operation: impl FnOnce() -> std::io::Result<T>,
    ) -> Result<T, FetchError> {
        let failed = |cause| FetchError::File { path: path.to_owned(), cause };
        #[cfg(test)]
        if let Some(left) = &self.operations_left {
            if left.get() == 0 {
                return Err(failed(std::io::Error::other("killed")));
            }
            left.set(left.get() - 1);
        }
        operation().map_err(failed)
    }
}

impl Origin {
    pub(super) fn text(&self) -> String {
        let Origin { url, validator, n_total } = self;
        let n_total = n_total.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
        format!("url {url}\nunchanged {validator}\nbytes {n_total}\nend\n")
    }

    /// An origin whose text is whole.
    pub(super) fn parse(text: &str) -> Option<Origin> {
        let mut lines = text.strip_suffix("end\n")?.lines();
        let url = lines.next()?.strip_prefix("url ")?.to_owned();
        let validator = lines.next()?.strip_prefix("unchanged ")?.to_owned();
        let n_total = match lines.next()?.strip_prefix("bytes ")? {
            "unknown" => None,
            n_total => Some(n_total.parse().ok()?),
        };
        lines.next().is_none().then_some(Origin { url, validator, n_total })
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn an_origin_is_whole_or_none() {
        for n_total in [None, Some(7)] {
            let validator = "\"a b\"".to_owned();
            let origin = Origin { url: "http://h/x.gz".to_owned(), validator, n_total };
            let text = origin.text();
            assert_eq!(Origin::parse(&text), Some(origin));
            for end in 0..text.len() {
                assert_eq!(Origin::parse(&text[..end]), None, "{end}");
            }
            assert_eq!(Origin::parse(&(text + "end\n")), None);
        }
    }
}
