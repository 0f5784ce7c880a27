//! The folder of a run whose weights a command uses.

use std::path::{Path, PathBuf};

use anyhow::Result;
use synfire_train::{Choices, RUN_FILE, WEIGHTS_FILE, read_choices};

use crate::UsageError;

/// What the run in this folder was; its weights are there.
///
/// # Errors
/// If the folder is not that of one run, or the run has no weights yet.
pub(crate) fn finished(dir: &Path) -> Result<Choices> {
    let shown = dir.display();
    let path = dir.join(RUN_FILE);
    if !path.exists() {
        let message = format!("{shown} is not the folder of a run: there is no {RUN_FILE} in it");
        return Err(UsageError(message).into());
    }
    let choices = read_choices(&path)?;
    if choices.seeds.is_some() {
        let one = dir.join("seed-1");
        let message = format!(
            "{shown} holds runs of several seeds, expected one of them, such as {}",
            one.display()
        );
        return Err(UsageError(message).into());
    }
    if !weights_in(dir).exists() {
        let message = format!("{shown} has no {WEIGHTS_FILE}: the run has finished no epoch yet");
        return Err(UsageError(message).into());
    }
    Ok(choices)
}

/// The weights of the run in this folder.
pub(crate) fn weights_in(dir: &Path) -> PathBuf {
    dir.join(WEIGHTS_FILE)
}
