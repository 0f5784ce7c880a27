//! Text files that a command is handed: read within a limit, and said what is wrong with them by line.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use synfire_train::synfire_net::{Network, file};

/// Longest network file, in bytes.
pub(super) const LONGEST_NETWORK: u64 = 256 << 20;
/// Longest placement file, in bytes.
pub(super) const LONGEST_PLACEMENT: u64 = 16 << 20;

/// Reads a network in its TOML form.
///
/// # Errors
/// If the file cannot be read, is no text, or holds no valid network; then with every problem.
pub(super) fn read_network(path: &Path) -> Result<Network> {
    let text = read_text(path, LONGEST_NETWORK)?;
    file::parse(&text).with_context(|| path.display().to_string())
}

/// Reads a text of at most `longest` bytes; a byte order mark at its beginning is left out.
///
/// # Errors
/// If there is no such file, it is no regular file or too long, or its bytes are not UTF-8.
pub(super) fn read_text(path: &Path, longest: u64) -> Result<String> {
    let shown = path.display();
    let bytes = read_bytes(path, longest)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let line = 1 + bytes[..valid].iter().filter(|&&byte| byte == b'\n').count();
            let byte = bytes[valid];
            bail!("{shown}: line {line}: byte 0x{byte:02x} is not UTF-8, expected a text file")
        }
    }
}

/// Reads a file of at most `longest` bytes.
///
/// # Errors
/// If there is no such file, or it is no regular file or too long.
pub(super) fn read_bytes(path: &Path, longest: u64) -> Result<Vec<u8>> {
    let shown = path.display();
    let cannot = || format!("{shown}: cannot be read");
    let metadata = std::fs::metadata(path).with_context(cannot)?;
    if !metadata.is_file() {
        bail!("{shown}: cannot be read: expected a regular file");
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that has grown since from one that has not.
    File::open(path)
        .and_then(|file| file.take(longest + 1).read_to_end(&mut bytes))
        .with_context(cannot)?;
    if bytes.len() as u64 > longest {
        let found = metadata.len().max(bytes.len() as u64);
        bail!("{shown}: cannot be read: {found} bytes, expected at most {longest}");
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn texts_within_the_limit_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        let read = |bytes: &[u8], longest| {
            std::fs::write(&path, bytes).unwrap();
            read_text(&path, longest).map_err(|error| {
                let message = format!("{error:#}");
                message.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
            })
        };
        assert_eq!(read(b"abc", 3).unwrap(), "abc");
        assert_eq!(read(b"\xef\xbb\xbfabc", 6).unwrap(), "abc");
        assert_eq!(read(b"abcd", 3).unwrap_err(), "cannot be read: 4 bytes, expected at most 3");
        assert_eq!(
            read(b"a\nb\n\xffc", 9).unwrap_err(),
            "line 3: byte 0xff is not UTF-8, expected a text file"
        );
        let message = format!("{:#}", read_text(dir.path(), 3).unwrap_err());
        assert!(message.ends_with("expected a regular file"), "{message}");
    }
}
