//! Files that are read: regular, not absurdly long, and with the error of the file kept apart from that of a
//! decoder, which would pass it on as its own.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use crate::load::LoadError;

/// Bytes read from the disk at a time.
const BUFFER_BYTES: usize = 1 << 16;

/// The first error of reading a file itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Rc<RefCell<Option<std::io::Error>>>);

impl Failure {
    /// What the parser could not read may be the file's fault or that of its content.
    pub(crate) fn or(&self, path: &Path, of_content: LoadError) -> LoadError {
        match self.0.borrow_mut().take() {
            Some(cause) => LoadError::Read { path: path.to_owned(), cause },
            None => of_content,
        }
    }
}

/// A file that is being read.
pub(crate) type Input = BufReader<Watched>;

/// A file that keeps the error it fails with.
pub(crate) struct Watched {
    file: std::io::Take<File>,
    failure: Failure,
}

impl Read for Watched {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.file.read(bytes).inspect_err(|error| {
            // Who reads tries again after an interruption.
            if error.kind() != std::io::ErrorKind::Interrupted {
                let kept = std::io::Error::new(error.kind(), error.to_string());
                self.failure.0.borrow_mut().get_or_insert(kept);
            }
        })
    }
}

/// The file, if it is one and no longer than `allowed` bytes.
pub(crate) fn open_bounded(path: &Path, allowed: u64) -> Result<(Input, Failure), LoadError> {
    let failed = |cause| LoadError::Read { path: path.to_owned(), cause };
    // Opening a pipe would wait for a writer for ever, so the kind is asked for first.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(std::io::Error::other("it is not a regular file")));
    }
    if metadata.len() > allowed {
        return Err(LoadError::FileSize { path: path.to_owned(), allowed });
    }
    let file = File::open(path).map_err(failed)?;
    let failure = Failure::default();
    // The file may grow while it is read.
    let watched = Watched { file: file.take(allowed), failure: failure.clone() };
    Ok((BufReader::with_capacity(BUFFER_BYTES, watched), failure))
}
