//! What is loaded and checked before a run writes anything: choices, start weights, data, layer sizes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use synfire_data::{Dataset, Oddity, SearchPath, Split, load, oddities, sha256_hex};
use synfire_exchange::WeightFile;
use synfire_reference::{Shape, WeightLimits, Weights, init};

use crate::config::{Config, ConfigError};
use crate::error::RunError;
use crate::machine::Machine;
use crate::record::{Checksums, RunFile};
use crate::seeds::Seeds;

/// Longest weight file, in bytes.
const LONGEST_FILE: u64 = 1 << 30;

/// What runs that differ in their seeds and folders have in common, loaded once.
pub(crate) struct Ground {
    pub(crate) train: Dataset,
    pub(crate) test: Dataset,
    pub(crate) shape: Shape,
    max_active: u32,
    /// The weights of the file to start from, if there is one.
    start: Option<Weights>,
    checksums: Checksums,
    data_dir: Option<PathBuf>,
    /// What is odd about the whole set.
    pub(crate) oddities: Vec<Oddity>,
    #[cfg(test)]
    pub(crate) foreign: Option<Machine>,
}

impl Ground {
    /// Loads and checks everything but the folder of the results.
    pub(crate) fn new(config: &Config, dirs: &SearchPath) -> Result<Ground, RunError> {
        config.check()?;
        let file = config.init_weights.as_deref().map(|path| {
            read_file(path, config.variant.limits()).map(|(file, sha256)| (path, file, sha256))
        });
        let file = file.transpose()?;
        if let Some((path, _, found)) = &file {
            let what = || format!("start weights {}", path.display());
            check_sum(what, config.expected.init_weights.as_deref(), found)?;
        }
        let stored = file.as_ref().and_then(|(_, file, _)| file.sizes().get(1).copied());
        let mut ground = Ground::load(config, dirs, stored)?;
        if let Some((path, file, sha256)) = file {
            ground.start = Some(fit(file, &ground.shape, path)?);
            ground.checksums.init_weights = Some(sha256);
        }
        Ok(ground)
    }

    /// As [`Ground::new`] for runs that go on: what they started from is no longer needed, and is recorded as it
    /// was.
    pub(crate) fn to_go_on(config: &Config, dirs: &SearchPath) -> Result<Ground, RunError> {
        config.check()?;
        let mut ground = Ground::load(config, dirs, None)?;
        ground.checksums.init_weights.clone_from(&config.expected.init_weights);
        Ok(ground)
    }

    fn load(config: &Config, dirs: &SearchPath, stored: Option<usize>) -> Result<Ground, RunError> {
        let split = load(&config.dataset, dirs, &config.preparation)?;
        let oddities = oddities(&split);
        let Split { train, test } = split;
        // The circuit is sized for the whole set, so that it does not depend on how much of it is used.
        let max_active = max_active(&[&train, &test]);
        let train = match config.samples {
            None => train,
            Some(found) => train.truncated(found).map_err(|_| {
                let (available, dataset) = (train.len(), config.dataset.clone());
                ConfigError::Samples { found, available, dataset }
            })?,
        };
        let n_hidden = config.n_hidden.or(stored).unwrap_or(Config::HIDDEN);
        let sizes = [train.n_inputs(), n_hidden, train.n_classes()];
        let shape = Shape::new(&sizes)?.with_variant(config.variant);
        let dataset = sha256_hex((train.fingerprint() + &test.fingerprint()).as_bytes());
        let what = || format!("data set {} as prepared", config.dataset);
        check_sum(what, config.expected.dataset.as_deref(), &dataset)?;
        let checksums = Checksums { dataset: Some(dataset), init_weights: None };
        let data_dir = dirs.explicit().map(Path::to_owned);
        Ok(Ground {
            train,
            test,
            shape,
            max_active,
            start: None,
            checksums,
            data_dir,
            oddities,
            #[cfg(test)]
            foreign: None,
        })
    }

    /// The record of a run on this ground, or of runs of several seeds.
    pub(crate) fn record(&self, config: &Config, seeds: Option<&Seeds>) -> RunFile {
        let (data_dir, checksums) = (self.data_dir.clone(), self.checksums.clone());
        RunFile::new(config, seeds, data_dir, self.shape.sizes(), self.train.len(), checksums)
    }

    /// The weights to start from.
    pub(crate) fn start(&self, seed: u64) -> Weights {
        self.start.clone().unwrap_or_else(|| init::he(&self.shape, seed))
    }

    /// What executes learning and inference.
    pub(crate) fn machine(&self, config: &Config) -> Machine {
        #[cfg(test)]
        if let Some(machine) = &self.foreign {
            return machine.clone();
        }
        Machine::new(config.engine, config.circuit, self.max_active)
    }
}

/// The largest number of inputs active in one sample of these sets.
pub(crate) fn max_active(sets: &[&Dataset]) -> u32 {
    let most = sets.iter().map(|set| set.max_active()).max().unwrap_or(0);
    u32::try_from(most).unwrap_or(u32::MAX)
}

/// Whether a checksum is the one expected, if one is.
fn check_sum(
    what: impl Fn() -> String,
    expected: Option<&str>,
    found: &str,
) -> Result<(), ConfigError> {
    match expected.filter(|&expected| expected != found) {
        None => Ok(()),
        Some(expected) => {
            let (found, expected) = (found.to_owned(), expected.to_owned());
            Err(ConfigError::Checksum { what: what(), found, expected })
        }
    }
}

/// The bytes of a regular file that is not longer than anybody can mean.
pub(crate) fn read_regular(path: &Path, longest: u64) -> std::io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > longest {
        let message = format!("expected a regular file of at most {longest} bytes");
        return Err(std::io::Error::other(message));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(longest).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A weight file and the SHA-256 of its bytes.
pub(crate) fn read_file(
    path: &Path,
    limits: WeightLimits,
) -> Result<(WeightFile, String), RunError> {
    let bytes = read_regular(path, LONGEST_FILE)
        .map_err(|cause| RunError::ReadWeights { path: path.to_owned(), cause })?;
    let file = WeightFile::parse(&bytes, limits)
        .map_err(|cause| RunError::WeightFile { path: path.to_owned(), cause })?;
    Ok((file, sha256_hex(&bytes)))
}

/// Reads a weight file of any form, of whatever network.
///
/// # Errors
/// If the file cannot be read, is no weight file, or a number is not a weight within `limits`.
pub fn read_weights(path: &Path, limits: WeightLimits) -> Result<WeightFile, RunError> {
    Ok(read_file(path, limits)?.0)
}

/// The weights of a file for a network.
pub(crate) fn fit(file: WeightFile, shape: &Shape, path: &Path) -> Result<Weights, RunError> {
    file.into_weights(shape).map_err(|cause| RunError::WeightFile { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let error = read_file(dir.path(), WeightLimits::CIRCUIT).err().unwrap().to_string();
        assert!(error.contains("expected a regular file of at most 1073741824 bytes"), "{error}");
    }
}
