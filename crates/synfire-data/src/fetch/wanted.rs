//! What is wanted, from where, and whether a file is it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::problem::FetchProblem;
use crate::checksum::{Sha256Sum, known_files};
use crate::load::accepted_names;
use crate::source::Source;

/// A file by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name without `.gz`.
    pub name: String,
    /// SHA-256 of the unpacked content, in lower-case hexadecimal.
    pub sha256: String,
    /// Length of the unpacked content.
    pub n_bytes: u64,
}

/// The files of a known set; none of others.
#[must_use]
pub fn wanted_files(source: &Source) -> Vec<Wanted> {
    let wanted = known_files(source).iter().map(|file| Wanted {
        name: file.name.to_owned(),
        sha256: file.sha256.to_owned(),
        n_bytes: file.n_bytes,
    });
    wanted.collect()
}

/// Public mirrors of a known set, in the order in which they are tried; none of others.
///
/// MNIST: the bucket that PyTorch uses, then that of the Common Visual Data Foundation. Fashion-MNIST: that of its
/// authors, which has no `https`; the checksums make up for it.
#[must_use]
pub fn mirrors(source: &Source) -> Vec<String> {
    // Both answer with and without encryption; without the feature there is none.
    let scheme = if cfg!(feature = "https") { "https" } else { "http" };
    match source {
        Source::Mnist => vec![
            format!("{scheme}://ossci-datasets.s3.amazonaws.com/mnist/"),
            format!("{scheme}://storage.googleapis.com/cvdf-datasets/mnist/"),
        ],
        Source::FashionMnist => {
            vec!["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/".to_owned()]
        }
        Source::Digits | Source::Idx(_) | Source::Npy(_) => Vec::new(),
    }
}

impl Wanted {
    /// The names that are looked for, in this order.
    pub(super) fn names(&self) -> [String; 4] {
        accepted_names(&self.name)
    }

    /// The longest packed or plain file that can have this content. What cannot be packed grows a little: by five
    /// bytes for each block in the best case, by a sixteenth with codes that do not suit it.
    pub(super) const fn most_bytes(&self) -> u64 {
        self.n_bytes.saturating_add(self.n_bytes / 8).saturating_add(1 << 12)
    }

    /// Whether a file is this one, packed or plain; its length on the disk.
    pub(super) fn check(&self, path: &Path) -> Result<u64, FetchProblem> {
        let failed = |cause: std::io::Error| FetchProblem::Unreadable { reason: cause.to_string() };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(failed(std::io::Error::other("it is not a regular file")));
        }
        let (found, allowed) = (metadata.len(), self.most_bytes());
        if found > allowed {
            return Err(FetchProblem::TooLong { found: Some(found), allowed });
        }
        let file = File::open(path).map_err(failed)?;
        self.check_content(BufReader::with_capacity(1 << 16, file.take(allowed)))?;
        Ok(found)
    }

    /// Whether bytes are this file, packed or plain.
    ///
    /// # Errors
    /// What they are instead: a page, a damaged stream, another content.
    pub fn check_bytes(&self, bytes: &[u8]) -> Result<(), FetchProblem> {
        let (found, allowed) = (bytes.len() as u64, self.most_bytes());
        if found > allowed {
            return Err(FetchProblem::TooLong { found: Some(found), allowed });
        }
        self.check_content(bytes)
    }

    fn check_content(&self, mut input: impl BufRead) -> Result<(), FetchProblem> {
        let failed = |cause: std::io::Error| FetchProblem::Unreadable { reason: cause.to_string() };
        let start = input.fill_buf().map_err(failed)?;
        if let Some(text) = page(start) {
            return Err(FetchProblem::Page { text });
        }
        let is_packed = start.starts_with(&[0x1f, 0x8b]);
        let mut sum = Sha256Sum::default();
        let mut n_bytes = 0;
        let mut add = |content: &mut dyn Read| -> Result<(), FetchProblem> {
            let mut piece = vec![0; 1 << 16];
            loop {
                let n = match content.read(&mut piece) {
                    Ok(0) => return Ok(()),
                    Ok(n) => n,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    Err(error) if is_packed => {
                        return Err(FetchProblem::Gzip { reason: error.to_string() });
                    }
                    Err(error) => return Err(failed(error)),
                };
                n_bytes += n as u64;
                // Whatever comes after is not looked at, however much it is.
                if n_bytes > self.n_bytes {
                    return Err(FetchProblem::Content { found: None, expected: self.n_bytes });
                }
                sum.add(&piece[..n]);
            }
        };
        if is_packed {
            let mut decoder = GzDecoder::new(&mut input);
            add(&mut decoder)?;
            if !input.fill_buf().map_err(failed)?.is_empty() {
                let reason = "more bytes follow the packed content".to_owned();
                return Err(FetchProblem::Gzip { reason });
            }
        } else {
            add(&mut input)?;
        }
        if n_bytes != self.n_bytes {
            return Err(FetchProblem::Content { found: Some(n_bytes), expected: self.n_bytes });
        }
        let found = sum.hex();
        if found != self.sha256 {
            return Err(FetchProblem::Checksum { found, expected: self.sha256.clone() });
        }
        Ok(())
    }
}

/// The beginning of a page, if bytes are one, in printable characters.
pub(super) fn page(start: &[u8]) -> Option<String> {
    let text = start.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let head: Vec<u8> = text.iter().take(9).map(u8::to_ascii_lowercase).collect();
    let is_page = [&b"<!doctype"[..], b"<html", b"<?xml", b"<head", b"<body"]
        .iter()
        .any(|tag| head.starts_with(tag));
    is_page.then(|| {
        let shown = String::from_utf8_lossy(&text[..text.len().min(200)]);
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let words = shown.chars().map(plain).collect::<String>();
        words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect()
    })
}
