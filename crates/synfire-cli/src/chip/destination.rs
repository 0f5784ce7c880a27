//! Files that a command is asked to write. Their folder is tried before anything is computed.

use std::path::{Path, PathBuf};

use anyhow::Result;
use synfire_train::{OutputDir, OutputError, OutputFile};

use crate::UsageError;

/// A file in a folder that could be written when it was opened.
#[derive(Debug)]
pub(crate) struct Destination {
    dir: OutputDir,
    name: String,
}

impl Destination {
    /// The file of this path; its folder is made where it is not there yet.
    ///
    /// # Errors
    /// A path that names no file, and a folder that cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Destination> {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| !path.is_dir())
        else {
            let message = format!("output {}: expected the name of a file", path.display());
            return Err(UsageError(message).into());
        };
        let dir = match path.parent() {
            Some(dir) if !dir.as_os_str().is_empty() => dir,
            _ => Path::new("."),
        };
        Ok(Destination { dir: OutputDir::open(dir)?, name: name.to_owned() })
    }

    /// Begins the file.
    pub(crate) fn create(&self) -> Result<OutputFile, OutputError> {
        self.dir.create(&self.name)
    }

    /// Writes the whole file.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), OutputError> {
        self.dir.write(&self.name, bytes)
    }
}

/// Refuses outputs of which one would replace another, or what is read.
///
/// # Errors
/// The first path that stands twice in either list.
pub(crate) fn check_distinct(inputs: &[&Path], outputs: &[PathBuf]) -> Result<(), UsageError> {
    // A file that is not there yet has no canonical path; its folder may have one.
    let canonical = |path: &Path| -> PathBuf {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let dir = dir.unwrap_or(Path::new("."));
        path.canonicalize().unwrap_or_else(|_| match (dir.canonicalize(), path.file_name()) {
            (Ok(dir), Some(name)) => dir.join(name),
            _ => path.to_owned(),
        })
    };
    let mut taken: Vec<PathBuf> = inputs.iter().map(|path| canonical(path)).collect();
    for path in outputs {
        let found = canonical(path);
        if taken.contains(&found) {
            let by = if taken.iter().position(|path| *path == found) < Some(inputs.len()) {
                "is read by this command"
            } else {
                "is named twice"
            };
            let shown = path.display();
            return Err(UsageError(format!("output {shown} {by}: choose another file")));
        }
        taken.push(found);
    }
    Ok(())
}
