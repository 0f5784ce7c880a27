//! Training runs as one self-contained page of HTML: curves, confusions, spikes, weights, cost.
//!
//! [`report`] goes from folders that [`synfire_train::run`] wrote to a [`Report`], whose [`html`](Report::html) is the
//! page; this is what the command `synfire report` calls. [`read_folders`] alone gives what the folders hold, checked,
//! for programs that draw something of their own. [`sweep_report`] is the page of a sweep that was merged: heat
//! tables and mean curves of its groups.
//!
//! The page loads nothing: pictures are SVG in the text, there is no script, and a policy in its head forbids
//! everything else. It follows the reader's preference for light or dark, prints, and needs neither colour nor a
//! pointer. It holds no date, so that equal folders give equal pages.
//!
//! Curves, counts and the record are drawn from the files alone. What needs the data set (confusions, misread
//! samples, spikes, sparsity, cost) is worked out anew from `weights.npz`; where either is missing, the page says so
//! in the place of the figure, and [`Report::notes`] say what to do about it.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use synfire_report::report;
//! use synfire_report::synfire_train::synfire_data::{SearchPath, Source};
//! use synfire_report::synfire_train::{Config, EngineKind, Monitor, run};
//!
//! struct Clock(Instant);
//! impl Monitor for Clock {
//!     fn now(&mut self) -> Duration {
//!         self.0.elapsed()
//!     }
//! }
//!
//! let out = std::env::temp_dir().join("synfire-report-example");
//! let config = Config {
//!     epochs: 1,
//!     samples: Some(100),
//!     n_hidden: Some(20),
//!     may_overwrite: true,
//!     out: out.clone(),
//!     ..Config::new(Source::Digits, EngineKind::Fast)
//! };
//! run(&config, &SearchPath::default(), &mut Clock(Instant::now()))?;
//!
//! let report = report(&[out], &SearchPath::default())?;
//! assert!(report.html.starts_with("<!DOCTYPE html>") && report.notes.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do
//! It trains nothing and changes nothing in the folders; it prints nothing and writes no file.

#![expect(
    clippy::float_arithmetic,
    reason = "places in pictures and fractions of a report; no weight is computed"
)]
#![expect(clippy::cast_precision_loss, reason = "counts that are drawn stay far below 2^53")]

mod answers;
mod axis;
mod chart;
mod cost;
mod error;
mod findings;
mod folder;
mod page;
mod paper;
mod pixels;
mod section;
mod sweep;
mod words;

use std::path::PathBuf;

use synfire_train::synfire_data::SearchPath;

pub use error::ReportError;
pub use folder::{MOST_RUNS, RunFolder, read_folders};
pub use page::MOST_DETAILED;
pub use sweep::sweep_report;

pub use synfire_train;

use findings::{Datasets, Findings};

/// A page, and what was left out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The text of the page.
    pub html: String,
    /// What was missing, and how to get it; empty if the page holds everything.
    pub notes: Vec<String>,
}

/// Makes the page of one run, or of several side by side. Data sets are looked for in `dirs`.
///
/// # Errors
/// As [`read_folders`]. Data that is missing is no error, see [`Report::notes`].
pub fn report(folders: &[PathBuf], dirs: &SearchPath) -> Result<Report, ReportError> {
    let folders = read_folders(folders)?;
    let mut datasets = Datasets::new(dirs);
    let findings: Vec<Findings> = folders
        .iter()
        .take(MOST_DETAILED)
        .map(|folder| Findings::new(folder, &mut datasets))
        .collect();
    let html = page::page(&folders, &findings);
    Ok(Report { html, notes: datasets.notes })
}
