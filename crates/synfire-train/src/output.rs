//! The folder of a run's results. A file in it is complete or not there.
//!
//! Each file is written beside its final name and then renamed, so that a crash leaves the version
//! before. Whether the folder can be written at all is found out when it is opened, that is before
//! anything is computed.

use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Why results cannot be written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what failed and why")]
#[non_exhaustive]
pub enum OutputError {
    /// The folder cannot be made, or no file can be made in it.
    #[error("output folder {} cannot be written: {cause}", .dir.display())]
    Dir { dir: PathBuf, cause: std::io::Error },
    /// A file cannot be written or replaced.
    #[error("{} cannot be written: {cause}", .path.display())]
    File { path: PathBuf, cause: std::io::Error },
    /// The content could not be put into the form of the file.
    #[error("{} cannot be written: {cause}", .path.display())]
    Form { path: PathBuf, cause: Box<dyn std::error::Error + Send + Sync> },
}

/// A folder that could be written when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputDir {
    dir: PathBuf,
}

impl OutputDir {
    /// Makes the folder where it is not there yet, and tries to make a file in it.
    ///
    /// # Errors
    /// If either fails.
    pub fn open(dir: &Path) -> Result<OutputDir, OutputError> {
        let failed = |cause| OutputError::Dir { dir: dir.to_owned(), cause };
        std::fs::create_dir_all(dir).map_err(failed)?;
        new_file(dir).map_err(failed)?;
        Ok(OutputDir { dir: dir.to_owned() })
    }

    /// The path of a file in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Writes a file, replacing the one that was there.
    ///
    /// # Errors
    /// If the file cannot be written or renamed; the old one then stays.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let mut file = self.create(name)?;
        file.write_all(bytes)
            .map_err(|cause| OutputError::File { path: self.path(name), cause })?;
        file.finish()
    }

    /// Begins a file that is written bit by bit and replaces the one of this name when it is finished.
    ///
    /// # Errors
    /// If no file can be made in the folder.
    pub fn create(&self, name: &str) -> Result<OutputFile, OutputError> {
        let path = self.path(name);
        match new_file(&self.dir) {
            Ok(file) => Ok(OutputFile { path, file: BufWriter::new(file) }),
            Err(cause) => Err(OutputError::File { path, cause }),
        }
    }

    /// Removes a file if it is there.
    ///
    /// # Errors
    /// If it is there and stays.
    pub fn remove(&self, name: &str) -> Result<(), OutputError> {
        let path = self.path(name);
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                Err(OutputError::File { path, cause })
            }
            _ => Ok(()),
        }
    }
}

/// A file that is being written; it is not there before [`OutputFile::finish`], and vanishes without it.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl OutputFile {
    /// Where the file will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the file in its place, with everything written to it so far.
    ///
    /// # Errors
    /// If the file cannot be written or renamed; the old one then stays.
    pub fn finish(self) -> Result<(), OutputError> {
        let path = self.path;
        let finished =
            self.file.into_inner().map_err(|error| error.into_error()).and_then(|file| {
                file.as_file().sync_all()?;
                file.persist(&path).map_err(|error| error.error)?;
                Ok(())
            });
        finished.map_err(|cause| OutputError::File { path, cause })
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// A temporary file beside the results, readable for whom the user's mask says.
fn new_file(dir: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".synfire-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The library's default of 0600 would outlive the renaming.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(dir)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn files_are_replaced_as_a_whole_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let output = OutputDir::open(&dir.path().join("a/b")).unwrap();
        output.write("x.txt", b"one").unwrap();
        output.write("x.txt", b"two").unwrap();
        assert_eq!(std::fs::read(output.path("x.txt")).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path().join("a/b")).unwrap().count(), 1);
        output.remove("x.txt").unwrap();
        output.remove("x.txt").unwrap();
        assert!(!output.path("x.txt").exists());
    }

    #[test]
    fn a_file_is_there_when_it_is_finished() {
        let dir = tempfile::tempdir().unwrap();
        let output = OutputDir::open(dir.path()).unwrap();
        let mut file = output.create("x.txt").unwrap();
        file.write_all(b"one").unwrap();
        file.flush().unwrap();
        assert!(!output.path("x.txt").exists());
        assert_eq!(file.path(), output.path("x.txt"));
        file.finish().unwrap();
        assert_eq!(std::fs::read(output.path("x.txt")).unwrap(), b"one");
        drop(output.create("x.txt").unwrap());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left");
    }

    #[test]
    fn a_folder_that_cannot_be_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let message = OutputDir::open(&file.join("out")).err().unwrap().to_string();
        let start = format!("output folder {} cannot be written: ", file.join("out").display());
        assert!(message.starts_with(&start), "{message}");
    }
}
