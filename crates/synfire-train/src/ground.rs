//! What is loaded and checked before a run writes anything: choices, start weights, data, layer sizes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// The samples of a run, loaded, cut to length and hashed.
pub(crate) struct Samples {
    pub(crate) train: Arc<Dataset>,
    pub(crate) test: Arc<Dataset>,
    max_active: u32,
    sha256: String,
    /// What is odd about the whole set.
    pub(crate) oddities: Vec<Oddity>,
}

impl Samples {
    /// Loads the samples that a run asks for.
    pub(crate) fn load(config: &Config, dirs: &SearchPath) -> Result<Samples, RunError> {
        Samples::of(config, &Whole::load(config, dirs)?)
    }

    /// Those samples of a loaded set that a run asks for.
    pub(crate) fn of(config: &Config, whole: &Whole) -> Result<Samples, RunError> {
        let Whole { train, test, max_active, oddities } = whole;
        let train = match config.samples {
            None => Arc::clone(train),
            Some(found) => Arc::new(train.truncated(found).map_err(|_| {
                let (available, dataset) = (train.len(), config.dataset.clone());
                ConfigError::Samples { found, available, dataset }
            })?),
        };
        let sha256 = sha256_hex((train.fingerprint() + &test.fingerprint()).as_bytes());
        let (test, max_active, oddities) = (Arc::clone(test), *max_active, oddities.clone());
        Ok(Samples { train, test, max_active, sha256, oddities })
    }
}

/// A data set as it is prepared, before anything is cut off.
pub(crate) struct Whole {
    train: Arc<Dataset>,
    test: Arc<Dataset>,
    /// The circuit is sized for the whole set, so that it does not depend on how much of it is used.
    max_active: u32,
    oddities: Vec<Oddity>,
}

impl Whole {
    pub(crate) fn load(config: &Config, dirs: &SearchPath) -> Result<Whole, RunError> {
        let split = load(&config.dataset, dirs, &config.preparation)?;
        let oddities = oddities(&split);
        let Split { train, test } = split;
        let max_active = max_active(&[&train, &test]);
        Ok(Whole { train: Arc::new(train), test: Arc::new(test), max_active, oddities })
    }
}

/// What runs that differ in their seeds and folders have in common, loaded once.
pub(crate) struct Ground {
    pub(crate) samples: Arc<Samples>,
    pub(crate) shape: Shape,
    /// The weights of the file to start from, if there is one.
    start: Option<Weights>,
    checksums: Checksums,
    data_dir: Option<PathBuf>,
    /// What is to be told about the data; nothing where several runs share it and it is told once.
    pub(crate) oddities: Vec<Oddity>,
    #[cfg(test)]
    pub(crate) foreign: Option<Machine>,
}

/// The file to start from, and the SHA-256 of its bytes.
struct StartFile<'a> {
    path: &'a Path,
    file: WeightFile,
    sha256: String,
}

impl Ground {
    /// Loads and checks everything but the folder of the results.
    pub(crate) fn new(config: &Config, dirs: &SearchPath) -> Result<Ground, RunError> {
        config.check()?;
        let start = StartFile::read(config)?;
        let samples = Arc::new(Samples::load(config, dirs)?);
        let ground = Ground::begin(config, dirs, samples, start)?;
        Ok(ground.with_oddities())
    }

    /// As [`Ground::new`] on samples that were loaded before.
    pub(crate) fn on(
        samples: Arc<Samples>,
        config: &Config,
        dirs: &SearchPath,
    ) -> Result<Ground, RunError> {
        config.check()?;
        Ground::begin(config, dirs, samples, StartFile::read(config)?)
    }

    /// As [`Ground::new`] for runs that go on: what they started from is no longer needed, and is recorded as it
    /// was.
    pub(crate) fn to_go_on(config: &Config, dirs: &SearchPath) -> Result<Ground, RunError> {
        config.check()?;
        let samples = Arc::new(Samples::load(config, dirs)?);
        Ok(Ground::to_go_on_with(samples, config, dirs)?.with_oddities())
    }

    fn with_oddities(self) -> Ground {
        Ground { oddities: self.samples.oddities.clone(), ..self }
    }

    /// As [`Ground::to_go_on`] on samples that were loaded before.
    pub(crate) fn to_go_on_with(
        samples: Arc<Samples>,
        config: &Config,
        dirs: &SearchPath,
    ) -> Result<Ground, RunError> {
        config.check()?;
        let mut ground = Ground::of(config, dirs, samples, None)?;
        ground.checksums.init_weights.clone_from(&config.expected.init_weights);
        Ok(ground)
    }

    fn begin(
        config: &Config,
        dirs: &SearchPath,
        samples: Arc<Samples>,
        start: Option<StartFile<'_>>,
    ) -> Result<Ground, RunError> {
        let stored = start.as_ref().and_then(|start| start.file.sizes().get(1).copied());
        let mut ground = Ground::of(config, dirs, samples, stored)?;
        if let Some(StartFile { path, file, sha256 }) = start {
            ground.start = Some(fit(file, &ground.shape, path)?);
            ground.checksums.init_weights = Some(sha256);
        }
        Ok(ground)
    }

    fn of(
        config: &Config,
        dirs: &SearchPath,
        samples: Arc<Samples>,
        stored: Option<usize>,
    ) -> Result<Ground, RunError> {
        let n_hidden = config.n_hidden.or(stored).unwrap_or(Config::HIDDEN);
        let train = &samples.train;
        let sizes = [train.n_inputs(), n_hidden, train.n_classes()];
        let shape = Shape::new(&sizes)?.with_variant(config.variant);
        let what = || format!("data set {} as prepared", config.dataset);
        check_sum(what, config.expected.dataset.as_deref(), &samples.sha256)?;
        let checksums = Checksums { dataset: Some(samples.sha256.clone()), init_weights: None };
        let data_dir = dirs.explicit().map(Path::to_owned);
        Ok(Ground {
            samples,
            shape,
            start: None,
            checksums,
            data_dir,
            oddities: Vec::new(),
            #[cfg(test)]
            foreign: None,
        })
    }

    /// The record of a run on this ground, or of runs of several seeds.
    pub(crate) fn record(&self, config: &Config, seeds: Option<&Seeds>) -> RunFile {
        let (data_dir, checksums) = (self.data_dir.clone(), self.checksums.clone());
        RunFile::new(
            config,
            seeds,
            data_dir,
            self.shape.sizes(),
            self.samples.train.len(),
            checksums,
        )
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
        Machine::new(config.engine, config.circuit, self.samples.max_active)
    }
}

impl<'a> StartFile<'a> {
    fn read(config: &'a Config) -> Result<Option<StartFile<'a>>, RunError> {
        let Some(path) = config.init_weights.as_deref() else { return Ok(None) };
        let (file, sha256) = read_file(path, config.variant.limits())?;
        let what = || format!("start weights {}", path.display());
        check_sum(what, config.expected.init_weights.as_deref(), &sha256)?;
        Ok(Some(StartFile { path, file, sha256 }))
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

/// The bytes of a regular file of at most `longest` bytes: no pipe or device, which may have no end.
///
/// # Errors
/// If the file cannot be read, is no regular file, or is longer.
pub fn read_regular(path: &Path, longest: u64) -> std::io::Result<Vec<u8>> {
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
