//! The folder of a run's results. A file in it is complete or not there.
//!
//! Each file is written beside its final name and then renamed, so that a crash leaves the version
//! before. Whether the folder can be written at all is found out when it is opened, that is before
//! anything is computed.
//!
//! Of a file that is replaced the version before can be kept under a name of its own
//! ([`OutputDir::write_keeping`]); whatever stops the process and whenever, a complete version lies under the
//! proper name.

use std::fs::{File, TryLockError};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// What the names of files begin with that are not in their place yet.
const PREFIX: &str = ".synfire-";
/// A second name of a file on its way to another name.
const LINK: &str = ".synfire-link";

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
    /// Somebody else writes there.
    #[error("output folder {} belongs to a run that still goes on", .dir.display())]
    Busy { dir: PathBuf },
    /// The content could not be put into the form of the file.
    #[error("{} cannot be written: {cause}", .path.display())]
    Form { path: PathBuf, cause: Box<dyn std::error::Error + Send + Sync> },
}

impl OutputError {
    /// The file or folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            OutputError::Dir { dir, .. } | OutputError::Busy { dir } => dir,
            OutputError::File { path, .. } | OutputError::Form { path, .. } => path,
        }
    }
}

/// A folder that could be written when it was opened.
#[derive(Clone, Debug)]
pub struct OutputDir {
    dir: PathBuf,
    #[cfg(test)]
    pub(crate) trial: Option<std::sync::Arc<Trial>>,
}

/// The right to write to a folder, until it is dropped or the process ends, however it does.
#[derive(Debug)]
pub(crate) struct OutputLock {
    _dir: Option<File>,
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
        Ok(OutputDir {
            dir: dir.to_owned(),
            #[cfg(test)]
            trial: None,
        })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Keeps other runs out of the folder. Where folders cannot be locked, nobody is kept out.
    pub(crate) fn lock(&self) -> Result<OutputLock, OutputError> {
        let Ok(dir) = File::open(&self.dir) else { return Ok(OutputLock { _dir: None }) };
        match dir.try_lock() {
            Err(TryLockError::WouldBlock) => Err(OutputError::Busy { dir: self.dir.clone() }),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(OutputLock { _dir: Some(dir) }),
        }
    }

    /// Removes what a process left behind that was killed while it wrote. Only for who holds the lock.
    pub(crate) fn tidy(&self, _lock: &OutputLock) {
        // What cannot be removed is in nobody's way.
        for entry in std::fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
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
        let file = self.filled(name, bytes)?;
        self.put(file, name)
    }

    /// Writes a file; the one that was there is kept under the name `before`, whatever was there is gone.
    ///
    /// Between any two operations on the disk a complete file lies under `name`, if one did in the beginning, and
    /// from the first time on under `before`.
    ///
    /// # Errors
    /// If the file cannot be written or renamed; what there was under `name` then stays.
    pub fn write_keeping(&self, name: &str, before: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let file = self.filled(name, bytes)?;
        if self.path(name).exists() {
            self.link(name, before)
                .map_err(|cause| OutputError::File { path: self.path(before), cause })?;
        }
        self.put(file, name)
    }

    /// Puts a file in the place of another one too, in one step.
    pub(crate) fn duplicate(&self, name: &str, other: &str) -> Result<(), OutputError> {
        self.link(name, other).map_err(|cause| OutputError::File { path: self.path(other), cause })
    }

    /// A new file with this content, on the disk but not in its place.
    fn filled(&self, name: &str, bytes: &[u8]) -> Result<NamedTempFile, OutputError> {
        let filled = || {
            self.operate()?;
            let mut file = new_file(&self.dir)?;
            #[cfg(test)]
            file.disable_cleanup(self.trial.is_some());
            self.operate()?;
            file.write_all(&bytes[..bytes.len() / 2])?;
            self.operate()?;
            file.write_all(&bytes[bytes.len() / 2..])?;
            self.operate()?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        filled().map_err(|cause| OutputError::File { path: self.path(name), cause })
    }

    fn put(&self, file: NamedTempFile, name: &str) -> Result<(), OutputError> {
        let path = self.path(name);
        let put = || {
            self.operate()?;
            file.persist(&path).map_err(|error| error.error)?;
            self.operate()
        };
        put().map_err(|cause| OutputError::File { path: self.path(name), cause })
    }

    /// Puts the file `name` in the place of `before` too, in one step.
    fn link(&self, name: &str, before: &str) -> std::io::Result<()> {
        let [link, name, before] = [LINK, name, before].map(|name| self.path(name));
        let remove = || match std::fs::remove_file(&link) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        self.operate()?;
        remove()?;
        self.operate()?;
        if self.hard_link(&name, &link).is_err() {
            // Not every file system has links.
            let mut copy = new_file(&self.dir)?;
            copy.write_all(&std::fs::read(&name)?)?;
            copy.as_file().sync_all()?;
            self.operate()?;
            copy.persist(&before).map_err(|error| error.error)?;
            return Ok(());
        }
        self.operate()?;
        std::fs::rename(&link, &before)?;
        // A rename does nothing where both are the same file already, after a stop at this point the last time.
        self.operate()?;
        remove()
    }

    #[cfg(not(test))]
    fn hard_link(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        std::fs::hard_link(from, to)
    }

    /// Tests stop here, as a kill would, between two operations on the disk.
    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "tests stop here")]
    const fn operate(&self) -> std::io::Result<()> {
        Ok(())
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
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The library's default of 0600 would outlive the renaming.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(dir)
}

/// What a test does to a folder.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Trial {
    /// Operations on the disk before everything stops.
    pub(crate) left: std::sync::atomic::AtomicU32,
    pub(crate) has_links: bool,
}

#[cfg(test)]
impl OutputDir {
    fn hard_link(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        match &self.trial {
            Some(trial) if !trial.has_links => Err(ErrorKind::Unsupported.into()),
            _ => std::fs::hard_link(from, to),
        }
    }

    fn operate(&self) -> std::io::Result<()> {
        use std::sync::atomic::Ordering::SeqCst;
        let Some(trial) = &self.trial else { return Ok(()) };
        let left = trial.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| std::io::Error::other("stopped"))
    }
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

    /// Everything stops between two operations, again and again, for every number of operations.
    #[test]
    fn whenever_it_is_killed_complete_versions_are_there() {
        use std::sync::Arc;
        for has_links in [true, false] {
            for pace in 1..14 {
                let dir = tempfile::tempdir().unwrap();
                let mut output = OutputDir::open(dir.path()).unwrap();
                let read = |output: &OutputDir, name: &str| -> Option<u32> {
                    let text = std::fs::read_to_string(output.path(name)).ok()?;
                    // A version is its number, as often as it is written.
                    let number: u32 = text.lines().next().unwrap().parse().unwrap();
                    assert_eq!(text, format!("{number}\n").repeat(50), "{name} is not complete");
                    Some(number)
                };
                let write = |output: &OutputDir, number: u32| {
                    let text = format!("{number}\n").repeat(50);
                    output.write_keeping("x", "before", text.as_bytes()).is_ok()
                };
                assert!(write(&output, 0) && write(&output, 1));
                assert_eq!((read(&output, "x"), read(&output, "before")), (Some(1), Some(0)));
                let (mut last, mut n_stops) = (1, 0);
                for number in 2..60 {
                    // A little more each time, so that every pair of stopping places comes by.
                    let left = (pace + number % 5).into();
                    output.trial = Some(Arc::new(Trial { left, has_links }));
                    let is_written = write(&output, number);
                    n_stops += u32::from(!is_written);
                    let (x, before) =
                        (read(&output, "x").unwrap(), read(&output, "before").unwrap());
                    assert!(x == last || x == number, "{x} after {last}");
                    assert!(before <= x && (!is_written || before < x), "{before} before {x}");
                    assert!(!is_written || x == number);
                    last = x;
                }
                assert!(n_stops > 0 || pace > 8, "nothing was ever stopped");
                output.trial = None;
                output.tidy(&output.lock().unwrap());
                assert!(write(&output, 70));
                assert_eq!((read(&output, "x"), read(&output, "before")), (Some(70), Some(last)));
                assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_is_locked_once() {
        let dir = tempfile::tempdir().unwrap();
        let output = OutputDir::open(dir.path()).unwrap();
        let lock = output.lock().unwrap();
        let message = output.lock().err().unwrap().to_string();
        assert!(message.ends_with("belongs to a run that still goes on"), "{message}");
        drop(lock);
        output.lock().unwrap();
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
