//! Results on disk, one file for each trial, under the hash of the sources that computed them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::record::{Outcome, Record, Times};
use crate::scale::Scale;
use crate::trial::Trial;

/// A folder of results.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    outcome: Outcome,
    times: Times,
}

impl Store {
    /// The results of an item that sources with this hash computed at this scale, in a folder for all of them.
    #[must_use]
    pub fn new(folder: &Path, scale: Scale, item: &str, sources: &str) -> Store {
        let short = sources.get(..16).unwrap_or(sources);
        Store { dir: folder.join(scale.name()).join(item).join(short) }
    }

    /// Where they are.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn path(&self, trial: &str) -> PathBuf {
        self.dir.join(format!("{trial}.json"))
    }

    /// What this trial came to, if it has run with the same parameters. A file that is no result counts as none.
    #[must_use]
    pub fn get(&self, trial: &Trial) -> Option<(Outcome, Times)> {
        let text = fs::read(self.path(&trial.name)).ok()?;
        let kept: Kept = serde_json::from_slice(&text).ok()?;
        (kept.outcome.parameters == trial.parameters).then_some((kept.outcome, kept.times))
    }

    /// Keeps what a trial came to; the file is whole or not there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put(&self, trial: &str, outcome: &Outcome, times: &Times) -> Result<()> {
        let (dir, path) = (&self.dir, self.path(trial));
        let written = || -> Result<()> {
            fs::create_dir_all(dir)?;
            let mut file = tempfile::NamedTempFile::new_in(dir)?;
            let kept = Kept { outcome: outcome.clone(), times: times.clone() };
            file.write_all(&serde_json::to_vec(&kept)?)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        written().with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Adds what these trials of an item came to, or says which have not run.
    pub fn collect(&self, item: &str, trials: &[Trial], record: &mut Record) -> Vec<String> {
        let mut missing = Vec::new();
        for trial in trials {
            let Some((outcome, times)) = self.get(trial) else {
                missing.push(trial.name.clone());
                continue;
            };
            record.items.entry(item.to_owned()).or_default().insert(trial.name.clone(), outcome);
            record.times.entry(item.to_owned()).or_default().insert(trial.name.clone(), times);
        }
        missing
    }
}
