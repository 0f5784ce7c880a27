//! `synfire bundle`: bundles are equal, run without us, notice what was changed in them, and name what somebody else's
//! machine does wrong.

mod archives;
mod folders;
mod hostile;
mod made;
mod planted;
mod spikes;
mod weights;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use synfire_train::synfire_data::sha256_hex;

use crate::scratch::Scratch;

const CASES: [&str; 7] =
    ["first", "trained", "inference", "ties", "saturation", "both-errors", "large-sums"];

/// A small run and its bundle, made once: nobody changes them.
struct Shared {
    scratch: Scratch,
}

fn shared() -> &'static Scratch {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        let scratch = Scratch::new();
        let words = "train --samples 200 --epochs 1 --hidden 16 --check 0 --out @/run";
        scratch.synfire(words).succeeded();
        let answer = scratch.synfire("bundle @/run --out @/bundle --samples 3").succeeded();
        assert!(answer.stdout.contains("case first: 3 samples, 48 steps, "), "{answer:?}");
        assert!(answer.stdout.contains("/bundle: 95 files, "), "{answer:?}");
        Shared { scratch }
    });
    &shared.scratch
}

fn bundle() -> PathBuf {
    shared().path("bundle")
}

/// Every file below a folder.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(place) = waiting.pop() {
        for entry in std::fs::read_dir(&place).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("below").to_str().expect("plain");
                files.insert(name.to_owned(), std::fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// A bundle of one's own to spoil, as `bundle` in a scratch folder.
fn copy() -> Scratch {
    let scratch = Scratch::new();
    for (name, bytes) in files(&bundle()) {
        let path = scratch.path("bundle").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("writable");
    }
    scratch
}

fn text(scratch: &Scratch, name: &str) -> String {
    String::from_utf8(scratch.read(&format!("bundle/{name}"))).expect("text")
}

/// Writes a file of a bundle, and its sum as a forger would.
fn forge(scratch: &Scratch, name: &str, content: &str) {
    scratch.write(&format!("bundle/{name}"), content.as_bytes());
    let sums = text(scratch, "SHA256SUMS");
    let sums: String = sums
        .lines()
        .map(|line| match line.split_once("  ") {
            Some((_, other)) if other == name => {
                format!("{}  {name}\n", sha256_hex(content.as_bytes()))
            }
            _ => format!("{line}\n"),
        })
        .collect();
    scratch.write("bundle/SHA256SUMS", sums.as_bytes());
}
