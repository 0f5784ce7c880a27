//! What neither compiler nor clippy can see, checked by reading the tree.
//!
//! In this order: every Rust file by itself ([`source`]); what a crate must not name ([`absence`]);
//! whether cited clauses exist ([`clause`]); manifests, documents and their tables ([`manifest`]).
//! All problems are collected, each with file, line and reason. The rules run as `cargo xtask tidy` and
//! as an ordinary test of this package, in which each rule also meets a tree that breaks it.
//!
//! Formatting is rustfmt's business, and who depends on whom that of `layers`.

mod absence;
mod clause;
mod manifest;
mod source;

use crate::workspace;
use anyhow::{Context, Result};
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// One problem and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    path: String,
    /// Counted from 1; `None` if the problem belongs to the whole file.
    line: Option<usize>,
    message: String,
}

impl Problem {
    fn of_file(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, message: message.into() }
    }

    fn at(path: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: Some(line), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

/// A text file of the tree.
struct File {
    /// Relative to the root, with `/` between its parts.
    path: String,
    text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        has_extension(&self.path, "rs")
    }

    fn is_markdown(&self) -> bool {
        has_extension(&self.path, "md")
    }

    /// The lines, counted from 1, without their comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Every file tidy looks at, in the order of their paths.
struct Tree {
    files: Vec<File>,
}

/// The folders that are read, whole; of the root only the files. Build outputs lie elsewhere.
const FOLDERS: [&str; 7] =
    [".cargo", ".ci", "crates", "docs", "fuzz/fuzz_targets", "tests", "xtask"];

impl Tree {
    fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        read_folder(root, "", false, &mut files)?;
        for folder in FOLDERS {
            if root.join(folder).is_dir() {
                read_folder(root, folder, true, &mut files)?;
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// The Rust files of a crate's library or binary, tests and examples left out.
    fn sources_of<'a>(&'a self, package: &str) -> impl Iterator<Item = &'a File> + use<'a> {
        let folder = format!("crates/{package}/src/");
        self.rust().filter(move |file| file.path.starts_with(&folder))
    }
}

fn read_folder(root: &Path, folder: &str, is_deep: bool, files: &mut Vec<File>) -> Result<()> {
    let place = root.join(folder);
    let entries =
        std::fs::read_dir(&place).with_context(|| format!("cannot list {}", place.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", place.display()))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let kind = entry.file_type().with_context(|| format!("cannot look at {path}"))?;
        if kind.is_dir() && is_deep && name != "target" {
            read_folder(root, &path, true, files)?;
        } else if kind.is_file() {
            let bytes =
                std::fs::read(entry.path()).with_context(|| format!("cannot read {path}"))?;
            // What is no text has nothing that these rules could check.
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File { path, text });
            }
        }
    }
    Ok(())
}

/// Checks the workspace and prints every problem.
pub(crate) fn run() -> Result<ExitCode> {
    Ok(workspace::report("tidy", &check(&workspace::root())?))
}

/// Every problem of the tree below `root`.
fn check(root: &Path) -> Result<Vec<Problem>> {
    let tree = Tree::read(root)?;
    let mut problems = Vec::new();
    source::check(&tree, &mut problems);
    absence::check(&tree, &mut problems);
    clause::check(&tree, &mut problems);
    manifest::check(&tree, &mut problems);
    Ok(problems)
}

#[cfg(test)]
mod tests;
