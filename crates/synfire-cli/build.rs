//! Tells the program from which commit it is built: `SYNFIRE_COMMIT`, with a `+` at its end if the sources
//! were changed since. Absent where there is neither a repository nor what cargo leaves in a package.
//!
//! Results do not depend on it; it only goes into the record of a run.

use std::path::Path;
use std::process::Command;

/// What cargo leaves in a package: the commit it was made from.
const OF_PACKAGE: &str = ".cargo_vcs_info.json";

/// What a result can depend on, seen from this crate.
const SOURCES: [&str; 11] = [
    "../synfire-net",
    "../synfire-reference",
    "../synfire-circuit",
    "../synfire-loihi",
    "../synfire-fast",
    "../synfire-data",
    "../synfire-verify",
    "../synfire-train",
    "../synfire-bundle",
    "../../Cargo.toml",
    "../../Cargo.lock",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src");
    if let Some(commit) = of_package().or_else(of_repository) {
        println!("cargo::rustc-env=SYNFIRE_COMMIT={commit}");
    }
}

/// A packaged crate may lie in any repository, a vendored one for instance, whose commit would say nothing.
fn of_package() -> Option<String> {
    let text = std::fs::read_to_string(OF_PACKAGE).ok()?;
    println!("cargo::rerun-if-changed={OF_PACKAGE}");
    let (_, rest) = text.split_once("\"sha1\"")?;
    let commit = rest.split('"').nth(1)?.to_owned();
    let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mark = if text.contains("\"dirty\": true") { "+" } else { "" };
    is_commit.then(|| commit + mark)
}

fn of_repository() -> Option<String> {
    // Only the repository of this workspace, not one that the sources were copied into.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != Path::new("../..").canonicalize().ok()? {
        return None;
    }
    // Grows with every commit and checkout.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    for path in SOURCES.iter().copied().chain([log.as_str()]) {
        if Path::new(path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = git(&["rev-parse", "HEAD"])?;
    let status: Vec<&str> = ["status", "--porcelain", "--untracked-files=no", "--", "."]
        .into_iter()
        .chain(SOURCES)
        .collect();
    let mark = if git(&status)?.is_empty() { "" } else { "+" };
    Some(commit + mark)
}

/// What git says, if there is a git and it does not complain.
fn git(words: &[&str]) -> Option<String> {
    // Reading the state of the tree must not write to it.
    let output = Command::new("git").arg("--no-optional-locks").args(words).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
