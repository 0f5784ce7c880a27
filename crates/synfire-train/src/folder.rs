//! What lies in the folder of a run: its record and its checkpoints.
//!
//! A run that begins finds its folder vacant or vacates it, see [`vacate`]; one that goes on reads what was
//! [`Kept`] there. Of record and checkpoint the record is younger: how long a run is to be, and what has no
//! effect on results, is as it says; everything else must be as in the checkpoint.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::choices::RunFileError;
use crate::error::RunError;
use crate::ground::read_regular;
use crate::output::{OutputDir, OutputLock};
use crate::record::{RunFile, quoted, read_record};
use crate::saver::{CHECKPOINT_BEFORE_FILE, CHECKPOINT_FILE, METRICS_FILE, WEIGHTS_FILE};

/// Name of the file with everything needed to repeat the run.
pub const RUN_FILE: &str = "run.toml";

/// Longest checkpoint, in bytes: three times that of 65,536 hidden neurons with 1,024 inputs.
const LONGEST_FILE: u64 = 1 << 30;

/// Which of the two checkpoints in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// The last one; the default.
    #[default]
    Last,
    /// The one before it.
    Before,
}

impl Which {
    /// The name of the file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Which::Last => CHECKPOINT_FILE,
            Which::Before => CHECKPOINT_BEFORE_FILE,
        }
    }
}

/// Why a run does not go on.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum ResumeError {
    /// Not the folder of a run.
    #[error("{} holds no run: there is no {RUN_FILE}", .dir.display())]
    NoRun { dir: PathBuf },
    /// The run has not got to its first checkpoint.
    #[error(
        "{} holds no {}: nothing of the run is there to go on from; begin it again with `synfire train --config {}`",
        .dir.display(), .which.file_name(), quoted(&.dir.join(RUN_FILE).to_string_lossy())
    )]
    NoCheckpoint { dir: PathBuf, which: Which },
    /// Only the checkpoint before the last one is there.
    #[error("{} is missing{}", .path.display(), offer(Some(.dir)))]
    Missing { path: PathBuf, dir: PathBuf },
    /// The checkpoint cannot be opened.
    #[error("{}: cannot be read: {cause}", .path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// The checkpoint is damaged, foreign, or of another version. The other one may be whole.
    #[error("{} cannot be resumed: {cause}{}", .path.display(), offer(.other.as_ref()))]
    Checkpoint { path: PathBuf, cause: CheckpointError, other: Option<PathBuf> },
    /// The record in a checkpoint cannot be read.
    #[error("{} cannot be resumed: its record, {cause}", .path.display())]
    Record { path: PathBuf, cause: Box<RunFileError> },
    /// Record and checkpoint are of different runs.
    #[error(
        "{RUN_FILE} says {key} is {found}, but the checkpoint was written with {key} {expected}"
    )]
    Differs { key: &'static str, found: String, expected: String },
    /// Something that cannot change in the midst of a run.
    #[error(
        "--{key} cannot be used with --resume: a run goes on with its own options; leave it out, or begin \
         another run in another folder"
    )]
    Fixed { key: &'static str },
    /// Fewer epochs than were trained.
    #[error("number of epochs is {found}, expected at least {least}: so many are trained or begun")]
    Epochs { found: u32, least: u32 },
    /// The place of the checkpoint is not in the data set.
    #[error("the checkpoint stands at sample {found}, expected {expected}")]
    Position { found: u64, expected: String },
    /// Each run of a sweep has checkpoints of its own.
    #[error("{} holds the runs of several seeds: name the folder of one of them for --before", .dir.display())]
    BeforeOfSweep { dir: PathBuf },
}

impl ResumeError {
    /// Whether the run did not get as far as its first checkpoint.
    pub(crate) const fn is_before_the_first(&self) -> bool {
        matches!(self, ResumeError::NoRun { .. } | ResumeError::NoCheckpoint { .. })
    }
}

/// The command for a checkpoint that is whole.
fn offer(dir: Option<&PathBuf>) -> String {
    dir.map_or_else(String::new, |dir| {
        let dir = quoted(&dir.to_string_lossy());
        format!("; the checkpoint before it is whole: `synfire train --resume {dir} --before`")
    })
}

/// A run that was kept in its folder.
pub(crate) struct Kept {
    /// What it is to be from here on.
    pub(crate) run: RunFile,
    pub(crate) checkpoint: Checkpoint,
}

impl Kept {
    /// Reads and checks one of the checkpoints and the record beside it.
    pub(crate) fn read(dir: &Path, which: Which) -> Result<Kept, RunError> {
        let checkpoint = read_checkpoint(dir, which)?;
        let path = || dir.join(which.file_name());
        let written = RunFile::parse(&checkpoint.run)
            .map_err(|cause| ResumeError::Record { path: path(), cause: Box::new(cause) })?;
        let run = match read_run(dir)? {
            Some(run) => run,
            None => written.clone(),
        };
        if let Some((key, found, expected)) = run.difference(&written) {
            return Err(ResumeError::Differs { key, found, expected }.into());
        }
        Ok(Kept { run, checkpoint })
    }

    /// Whether nothing is left to train.
    pub(crate) const fn is_finished(&self) -> bool {
        let position = &self.checkpoint.position;
        position.is_between_epochs() && position.epochs >= self.run.config.epochs
    }
}

/// The record in a folder, if there is one.
pub(crate) fn read_run(dir: &Path) -> Result<Option<RunFile>, RunError> {
    match read_record(&dir.join(RUN_FILE)) {
        Err(RunError::ReadRunFile { cause, .. }) if cause.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

fn read_checkpoint(dir: &Path, which: Which) -> Result<Checkpoint, ResumeError> {
    let path = dir.join(which.file_name());
    let has_other = || {
        let before = dir.join(Which::Before.file_name());
        which == Which::Last && matches!(parse(&before), Ok(Some(Ok(_))))
    };
    let cause = match parse(&path)? {
        Some(Ok(checkpoint)) => return Ok(checkpoint),
        Some(Err(cause)) => cause,
        None => {
            let dir = dir.to_owned();
            return Err(match dir.join(RUN_FILE).exists() {
                _ if has_other() => ResumeError::Missing { path, dir },
                true => ResumeError::NoCheckpoint { dir, which },
                false => ResumeError::NoRun { dir },
            });
        }
    };
    let has_other = has_other();
    Err(ResumeError::Checkpoint { path, cause, other: has_other.then(|| dir.to_owned()) })
}

/// A checkpoint, if there is one, and if it is whole.
fn parse(path: &Path) -> Result<Option<Result<Checkpoint, CheckpointError>>, ResumeError> {
    match read_regular(path, LONGEST_FILE) {
        Ok(bytes) => Ok(Some(Checkpoint::parse(&bytes))),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(ResumeError::Read { path: path.to_owned(), cause }),
    }
}

/// Why a run does not begin in a folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[error("output folder {} holds {found}: {}choose another folder with --out, or replace it with --overwrite", .dir.display(), .instead)]
pub struct OccupiedError {
    pub dir: PathBuf,
    /// What lies there.
    pub found: String,
    /// How to go on with it, if that is possible.
    pub instead: String,
}

/// Whether a run may begin in a folder: if nothing lies there that it could not have back. A finished run of the
/// same choices is replaced by itself; one that is not finished, or of other choices, is not replaced.
pub(crate) fn check_vacant(dir: &Path, record: &RunFile) -> Result<(), RunError> {
    let go_on = |more: &str| {
        let dir = quoted(&dir.to_string_lossy());
        format!("go on with it, `synfire train --resume {dir}{more}`, ")
    };
    let is_there = |which: Which| dir.join(which.file_name()).exists();
    let (found, instead) = match Kept::read(dir, Which::Last) {
        _ if !is_there(Which::Last) && !is_there(Which::Before) => return Ok(()),
        Err(error) => (format!("a run that cannot be read ({error})"), String::new()),
        Ok(kept) if !kept.is_finished() => {
            let at = kept.checkpoint.position.milestone();
            (format!("a run that is not finished, saved up to {at}"), go_on(""))
        }
        Ok(kept) => {
            let mine = record.config.epochs;
            let theirs = kept.run.config.epochs;
            match kept.run.difference(record) {
                None if mine == theirs => return Ok(()),
                None if mine > theirs => {
                    let found = format!("a finished run of {theirs} epochs");
                    (found, go_on(&format!(" --epochs {mine}")))
                }
                None => (format!("a finished run of {theirs} epochs"), String::new()),
                Some((key, found, expected)) => {
                    let other = format!("{key} is {found} there and {expected} here");
                    (format!("a finished run with other options ({other})"), String::new())
                }
            }
        }
    };
    Err(RunError::Occupied(Box::new(OccupiedError { dir: dir.to_owned(), found, instead })))
}

/// Removes what an earlier run left in a folder, if it may be replaced.
pub(crate) fn vacate(
    output: &OutputDir,
    lock: &OutputLock,
    record: &RunFile,
    may_overwrite: bool,
) -> Result<(), RunError> {
    if !may_overwrite {
        check_vacant(output.dir(), record)?;
    }
    output.tidy(lock);
    for name in [CHECKPOINT_BEFORE_FILE, CHECKPOINT_FILE, WEIGHTS_FILE, METRICS_FILE] {
        output.remove(name)?;
    }
    Ok(())
}
