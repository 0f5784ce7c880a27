//! Why there is no report.

use std::path::PathBuf;

use synfire_train::synfire_reference::ShapeError;
use synfire_train::{CHECKPOINT_FILE, RUN_FILE, RunFileError, WeightFileError, quoted};

/// Why folders do not make a report. Data that is not there is no such reason: the report then says what is
/// left out.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum ReportError {
    /// No folder at all.
    #[error("number of folders is 0, expected at least 1")]
    NoFolder,
    /// More runs than one page can show.
    #[error("number of runs is {found}, expected 1 to {most}")]
    Runs { found: usize, most: usize },
    /// One folder more than once.
    #[error("{} is named twice", .dir.display())]
    Twice { dir: PathBuf },
    /// Not the folder of a run.
    #[error(
        "{} holds no run: there is no {RUN_FILE} in it; expected a folder that `synfire train` wrote", .dir.display()
    )]
    NoRun { dir: PathBuf },
    /// A sweep of which nothing can be shown yet.
    #[error("{} holds none of the runs of its seeds yet", .dir.display())]
    NoSeed { dir: PathBuf },
    /// The run file is damaged, or was written by hand.
    #[error("{}, {cause}", .path.display())]
    RunFile { path: PathBuf, cause: Box<RunFileError> },
    /// The run file names layers that make no network.
    #[error("{}, record: {cause}", .path.display())]
    Layers { path: PathBuf, cause: ShapeError },
    /// A file that is needed is not there.
    #[error("{} is missing: the run has finished no epoch yet{}", .path.display(), again(.dir))]
    Missing { path: PathBuf, dir: PathBuf },
    /// A file is there and cannot be read.
    #[error("{} cannot be read: {cause}", .path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// The metrics are no table of epochs, or hold a figure that cannot be.
    #[error("{} is damaged: {cause}{}", .path.display(), again(.dir))]
    Metrics { path: PathBuf, cause: Box<dyn std::error::Error + Send + Sync>, dir: PathBuf },
    /// The weights are damaged, or those of another network.
    #[error("{} is damaged: {cause}{}", .path.display(), again(.dir))]
    Weights { path: PathBuf, cause: Box<WeightFileError>, dir: PathBuf },
}

/// How to have the files of a folder again.
fn again(dir: &PathBuf) -> String {
    let word = |path: &PathBuf| quoted(&path.to_string_lossy());
    match dir.join(CHECKPOINT_FILE).exists() {
        true => format!("; `synfire train --resume {}` goes on and writes it again", word(dir)),
        false => {
            format!("; `synfire train --config {}` runs it again", word(&dir.join(RUN_FILE)))
        }
    }
}
