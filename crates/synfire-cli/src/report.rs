//! `synfire report`: runs as one page of HTML.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use synfire_report::{read_folders, report};
use synfire_train::{METRICS_FILE, RUN_FILE, WEIGHTS_FILE};

use crate::chip::{Destination, check_distinct};
use crate::{Status, Surroundings};

const PAGE_FILE: &str = "report.html";

#[derive(Args, Clone, Debug)]
pub(crate) struct ReportOptions {
    /// Folders of runs, as `synfire train` wrote them; that of a sweep stands for its seeds
    #[arg(value_name = "DIR", required = true)]
    runs: Vec<PathBuf>,
    /// The page [default: report.html, in DIR if there is only one]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Folder that holds mnist/ or fashion-mnist/, searched before $SYNFIRE_DATA_DIR and the cache folder
    /// [default: that of the runs]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) fn run(
    options: &ReportOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    // What is wrong with the folders is said before anything is made.
    let folders = read_folders(&options.runs)?;
    let out = options.out.clone().unwrap_or_else(|| match &options.runs[..] {
        [only] => only.join(PAGE_FILE),
        _ => PathBuf::from(PAGE_FILE),
    });
    let files = [RUN_FILE, METRICS_FILE, WEIGHTS_FILE];
    let inputs: Vec<PathBuf> =
        folders.iter().flat_map(|folder| files.map(|file| folder.dir.join(file))).collect();
    check_distinct(
        &inputs.iter().map(PathBuf::as_path).collect::<Vec<_>>(),
        std::slice::from_ref(&out),
    )?;
    let destination = Destination::open(&out)?;
    let recorded = || folders.iter().find_map(|folder| folder.run.data_dir.clone());
    let dirs = surroundings.search_path(options.data_dir.clone().or_else(recorded));
    let report = report(&options.runs, &dirs)?;
    destination.write(report.html.as_bytes())?;
    for note in &report.notes {
        writeln!(stderr, "note: {note}")?;
    }
    let n = folders.len();
    let noun = if n == 1 { "run" } else { "runs" };
    let left_out = if report.notes.is_empty() { "" } else { "; parts are left out, see the notes" };
    writeln!(
        stdout,
        "{n} {noun}, {} kB: wrote {}{left_out}",
        report.html.len().div_ceil(1000),
        shown(&out)
    )?;
    Ok(Status::Success)
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(".").unwrap_or(path).display()
}
