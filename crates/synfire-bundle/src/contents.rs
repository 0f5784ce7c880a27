//! The files of a bundle by their names: below a folder, or in memory, as who unpacks an archive has them.
//!
//! Whatever reads a bundle reads it through this. What lies below a folder is read within bounds, and links, which
//! could lead out of it, are not followed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use synfire_train::read_regular;

use crate::check::BundleProblem;
use crate::sums::{MOST_FILES, check_name};

/// Most entries of a folder that are looked at; no bundle has as many.
const MOST_ENTRIES: usize = 2 * MOST_FILES;

/// Where the files of a bundle are.
#[derive(Clone, Copy)]
pub(crate) enum Contents<'a> {
    /// Below a folder.
    Folder(&'a Path),
    /// In memory, each under its name.
    Memory(&'a BTreeMap<String, Vec<u8>>),
}

impl<'a> Contents<'a> {
    /// The folder, for messages; empty if there is none.
    pub(crate) fn dir(self) -> &'a Path {
        match self {
            Contents::Folder(dir) => dir,
            Contents::Memory(_) => Path::new(""),
        }
    }

    /// Whether there is something of this name.
    pub(crate) fn has(self, name: &str) -> bool {
        match self {
            Contents::Folder(dir) => dir.join(name).exists(),
            Contents::Memory(files) => files.contains_key(name),
        }
    }

    /// The bytes of a file of the bundle, `longest` at most.
    pub(crate) fn bytes(self, name: &str, longest: u64) -> Result<Cow<'a, [u8]>, BundleProblem> {
        let problem = |message: String| BundleProblem::new(name, None, message);
        if let Contents::Folder(dir) = self {
            let parents = name.match_indices('/').map(|(end, _)| &name[..end]);
            let is_link = |name: &str| {
                std::fs::symlink_metadata(dir.join(name)).is_ok_and(|found| found.is_symlink())
            };
            if parents.chain([name]).any(is_link) {
                return Err(problem("is a link, expected a file".to_owned()));
            }
        }
        let bytes = match self {
            Contents::Folder(dir) => read_regular(&dir.join(name), longest).map(Cow::Owned),
            Contents::Memory(files) => entry(files, name, longest),
        };
        bytes.map_err(|error| problem(format!("cannot be read: {error}")))
    }

    /// The text of a file of the bundle.
    pub(crate) fn text(self, name: &str, longest: u64) -> Result<String, BundleProblem> {
        let bytes = self.bytes(name, longest)?.into_owned();
        String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
            BundleProblem::new(name, Some(line), "is no text in UTF-8")
        })
    }

    /// The bytes of a file of somebody's that need not be the bundle's: beside one in memory it lies there too.
    pub(crate) fn dump(self, path: &'a Path, longest: u64) -> std::io::Result<Cow<'a, [u8]>> {
        match self {
            Contents::Folder(_) => read_regular(path, longest).map(Cow::Owned),
            Contents::Memory(files) => entry(files, &path.to_string_lossy(), longest),
        }
    }

    /// The names of all files, and what else there is as problems. A bundle has so many files at most that a few too
    /// many are enough to see it.
    pub(crate) fn names(self, problems: &mut Vec<BundleProblem>) -> Vec<String> {
        let mut names = Vec::new();
        match self {
            Contents::Folder(dir) => list(dir, "", &mut names, problems),
            Contents::Memory(files) => {
                for name in files.keys().take(MOST_FILES + 1) {
                    match check_name(name) {
                        Ok(()) => names.push(name.clone()),
                        Err(message) => problems.push(BundleProblem::new("", None, message)),
                    }
                }
            }
        }
        names
    }
}

/// An entry of files in memory.
fn entry<'a>(
    files: &'a BTreeMap<String, Vec<u8>>,
    name: &str,
    longest: u64,
) -> std::io::Result<Cow<'a, [u8]>> {
    let bytes = files.get(name).ok_or(std::io::ErrorKind::NotFound)?;
    match bytes.len() as u64 > longest {
        true => Err(std::io::Error::other(format!("expected at most {longest} bytes"))),
        false => Ok(Cow::Borrowed(bytes)),
    }
}

/// Every file in a folder and those in it, by its name from the top.
fn list(dir: &Path, within: &str, present: &mut Vec<String>, problems: &mut Vec<BundleProblem>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir.join(within))
        .into_iter()
        .flatten()
        .flatten()
        .take(MOST_ENTRIES)
        .collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if present.len() > MOST_FILES {
            return;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = if within.is_empty() { name } else { format!("{within}/{name}") };
        let Ok(kind) = entry.file_type() else { continue };
        if let Err(message) = check_name(&name) {
            problems.push(BundleProblem::new(within, None, message));
        } else if kind.is_dir() && name.split('/').count() <= 2 {
            list(dir, &name, present, problems);
        } else if kind.is_file() {
            present.push(name);
        } else {
            let message = "is no regular file, and no folder of a case";
            problems.push(BundleProblem::new(name, None, message));
        }
    }
}
