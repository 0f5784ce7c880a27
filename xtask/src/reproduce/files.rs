//! The documents on disk.

use crate::workspace;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use synfire_reproduce::{Document, Record};

pub(super) const PAGE: &str = "reproduction.md";
pub(super) const RECORD: &str = "reproduction.json";
const FINDINGS: &str = "findings.md";
const FIGURES: &str = "reproduction";

/// Writes all files, each as a whole, the record last, and removes figures that are no longer drawn.
pub(super) fn write(out: &Path, record: &Record, document: &Document) -> Result<()> {
    let figures = out.join(FIGURES);
    fs::create_dir_all(&figures)
        .with_context(|| format!("{} cannot be made", figures.display()))?;
    let mut names = Vec::new();
    for figure in &document.figures {
        let name = format!("{}.svg", figure.name);
        workspace::replace(&figures.join(&name), figure.svg.as_bytes())?;
        names.push(name);
    }
    for entry in fs::read_dir(&figures)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".svg") && !names.contains(&name) {
            fs::remove_file(entry.path())?;
        }
    }
    workspace::replace(&out.join(PAGE), document.page.as_bytes())?;
    workspace::replace(&out.join(FINDINGS), document.findings.as_bytes())?;
    workspace::replace(&out.join(RECORD), record.to_json()?.as_bytes())
}
