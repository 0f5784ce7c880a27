//! A folder for hostile files, and the real command in it, within a bounded address space.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::process::binary;
use crate::scratch::Scratch;

/// Address space of a command, in KiB: a gigabyte, of which the program itself takes little.
pub(crate) const LIMIT_KIB: u64 = 1 << 20;

/// A folder for hostile files, two levels down, so that a path that climbs out of it is seen.
pub(crate) struct Trap(Scratch);

impl Trap {
    pub(crate) fn new() -> Trap {
        let scratch = Scratch::new();
        std::fs::create_dir_all(scratch.path("a/b")).expect("folders");
        Trap(scratch)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.path("a/b").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, bytes).expect("writable");
    }

    /// A place in the folder that commands run in.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path("a/b").join(name)
    }

    /// Every file and folder of the trap.
    pub(crate) fn list(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.0.path("")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                // Links are not followed: one may lead back.
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(entry.path());
                }
                found.push(entry.path());
            }
        }
        found.sort();
        found
    }

    pub(crate) fn synfire(&self, words: &str, limit_kib: u64) -> Output {
        let script = format!("ulimit -v {limit_kib} && exec \"$@\"");
        Command::new("sh")
            .args(["-c", &script, "sh"])
            .arg(binary())
            .args(words.split_whitespace())
            // Threads and their heaps reserve addresses that nobody uses.
            .envs([("RAYON_NUM_THREADS", "1"), ("MALLOC_ARENA_MAX", "1")])
            .env("SYNFIRE_DATA_DIR", self.0.path("nowhere"))
            .current_dir(self.0.path("a/b"))
            .stdin(Stdio::null())
            .output()
            .expect("a shell")
    }

    /// The message of a command that ends in an error, for all it is.
    #[track_caller]
    pub(crate) fn refused(&self, words: &str, expected: &[&str]) -> String {
        let before = self.list();
        let output = self.synfire(words, LIMIT_KIB);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        let start: String = message.chars().take(2000).collect();
        assert!(
            matches!(output.status.code(), Some(1 | 2)),
            "{words}: {:?} {start}",
            output.status
        );
        assert!(message.starts_with("error: "), "{words}: {start}");
        assert!(message.len() < 8000, "{words}: {} bytes: {start}", message.len());
        for part in expected {
            assert!(message.contains(part), "{words}: expected `{part}`: {start}");
        }
        let printable = |c: char| !c.is_control() || c == '\n';
        assert!(message.chars().all(printable), "{words}: {start:?}");
        assert_eq!(self.list(), before, "{words}: nothing is written");
        message
    }
}
