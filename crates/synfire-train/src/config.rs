//! What a run is made of, checked before anything is loaded.
//!
//! [`Config`] holds every choice, with the defaults of the data set filled in. [`Choices`](crate::Choices)
//! are what somebody asked for, [`RunFile`](crate::RunFile) is the record in `run.toml`. Reading arguments is
//! the business of the command, running that of [`run`](crate::run()).

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use synfire_circuit::Form;
use synfire_data::{Preparation, Source};
use synfire_reference::Variant;

use crate::minutes::Minutes;
use crate::record::Checksums;

/// What executes the learning rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// The integer reference: no spikes, the same weights.
    Reference,
    /// The ideal integer LIF engine, spike by spike.
    Lif,
    /// The strict model of the chip, spike by spike, one neuron after the other.
    Loihi,
    /// The same model by events and dense kernels, the same spikes and weights much faster; the default.
    #[default]
    Fast,
}

impl EngineKind {
    /// All of them, in the order in which messages list them.
    pub const ALL: [EngineKind; 4] =
        [EngineKind::Reference, EngineKind::Lif, EngineKind::Loihi, EngineKind::Fast];

    /// The name used on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            EngineKind::Reference => "reference",
            EngineKind::Lif => "lif",
            EngineKind::Loihi => "loihi",
            EngineKind::Fast => "fast",
        }
    }
}

/// In which order an epoch visits the training samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// A new pinned shuffle each epoch, a function of seed and epoch; the default.
    #[default]
    Shuffled,
    /// As the samples lie in the file.
    File,
}

impl Order {
    /// All of them, in the order in which messages list them.
    pub const ALL: [Order; 2] = [Order::Shuffled, Order::File];

    /// The name used on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Order::Shuffled => "shuffled",
            Order::File => "file",
        }
    }
}

/// A name that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{quantity} is `{found}`, expected {expected}")]
pub struct NameError {
    /// What was to be named.
    pub quantity: &'static str,
    /// The name given.
    pub found: String,
    /// The names there are.
    pub expected: &'static str,
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for EngineKind {
    type Err = NameError;

    fn from_str(name: &str) -> Result<EngineKind, NameError> {
        EngineKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| NameError {
            quantity: "engine",
            found: name.to_owned(),
            expected: "`reference`, `lif`, `loihi` or `fast`",
        })
    }
}

impl FromStr for Order {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Order, NameError> {
        Order::ALL.into_iter().find(|order| order.name() == name).ok_or_else(|| NameError {
            quantity: "order",
            found: name.to_owned(),
            expected: "`shuffled` or `file`",
        })
    }
}

/// Every choice of a training run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The data set.
    pub dataset: Source,
    /// How its images become bits.
    pub preparation: Preparation,
    /// Number of hidden neurons; by default that of the start weights, or [`Config::HIDDEN`].
    pub n_hidden: Option<usize>,
    /// What executes the learning rule.
    pub engine: EngineKind,
    /// The form of the circuit; of no effect on the reference engine.
    pub circuit: Form,
    /// The algorithm; only the reference engine knows another than the circuit's.
    pub variant: Variant,
    /// Number of passes over the training samples, at least 1.
    pub epochs: u32,
    /// Use only the first so many training samples, at least 1; `None` for all.
    pub samples: Option<usize>,
    /// In which order an epoch visits them.
    pub order: Order,
    /// Seed of initial weights and shuffles, at most 2^63 - 1.
    pub seed: u64,
    /// A weight file to start from instead of random weights.
    pub init_weights: Option<PathBuf>,
    /// Every so-manieth sample's update is compared with the reference: 1 for all, 0 for none.
    pub check_every: u64,
    /// Number of threads; `None` for those of the current rayon pool. Of no effect on any result, and
    /// not recorded.
    pub n_threads: Option<NonZeroUsize>,
    /// Minutes of training between two checkpoints. Of no effect on any result.
    pub checkpoint_minutes: Minutes,
    /// Whether event files for TensorBoard are written beside the metrics.
    pub has_tensorboard: bool,
    /// The folder for the results.
    pub out: PathBuf,
    /// Whether a run that lies in that folder is replaced, even if it is not finished or of other choices.
    pub may_overwrite: bool,
    /// Checksums that what is read must have, from the record of an earlier run; those not known are not
    /// checked.
    pub expected: Checksums,
    /// The commit of the program's sources, for the record; a `+` at its end if they were changed.
    pub commit: Option<String>,
}

impl Config {
    /// Number of hidden neurons unless something else is asked for, as in the paper.
    pub const HIDDEN: usize = 400;

    /// The largest number of hidden neurons.
    pub const MOST_HIDDEN: usize = 65_536;

    /// The largest seed, as run files hold it.
    pub const MOST_SEED: u64 = i64::MAX as u64;

    /// The data set unless another is asked for: the one that needs no files.
    pub const DATASET: Source = Source::Digits;

    /// The seed unless another is asked for.
    pub const SEED: u64 = 1;

    /// The largest number of threads.
    pub const MOST_THREADS: usize = 1024;

    /// The defaults for a data set and an engine: 8 epochs of `digits` with every update compared; 60
    /// epochs, as in the paper, of anything else, with every hundredth update compared.
    #[must_use]
    pub fn new(dataset: Source, engine: EngineKind) -> Config {
        let is_digits = dataset == Source::Digits;
        let seed = Config::SEED;
        let out = Config::default_out(&dataset, engine, seed);
        Config {
            preparation: Preparation::of(&dataset),
            dataset,
            n_hidden: None,
            engine,
            circuit: Form::default(),
            variant: Variant::default(),
            epochs: if is_digits { 8 } else { 60 },
            samples: None,
            order: Order::default(),
            seed,
            init_weights: None,
            check_every: if is_digits { 1 } else { 100 },
            n_threads: None,
            checkpoint_minutes: Minutes::default(),
            has_tensorboard: false,
            out,
            may_overwrite: false,
            expected: Checksums::default(),
            commit: None,
        }
    }

    /// Where the results go unless something else is asked for: `runs/<dataset>-<engine>-seed<seed>`, with the
    /// [short name](Source::short_name) of the data set.
    #[must_use]
    pub fn default_out(dataset: &Source, engine: EngineKind, seed: u64) -> PathBuf {
        PathBuf::from("runs").join(format!("{}-{engine}-seed{seed}", dataset.short_name()))
    }

    /// Where the results of several seeds go unless something else is asked for:
    /// `runs/<dataset>-<engine>-seeds`.
    #[must_use]
    pub fn default_out_of_seeds(dataset: &Source, engine: EngineKind) -> PathBuf {
        PathBuf::from("runs").join(format!("{}-{engine}-seeds", dataset.short_name()))
    }

    /// Checks what can be checked without data.
    ///
    /// # Errors
    /// The first choice out of range, or a variant that needs another engine.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.variant != Variant::Circuit && self.engine != EngineKind::Reference {
            return Err(ConfigError::Variant { variant: self.variant, engine: self.engine });
        }
        if self.epochs == 0 {
            return Err(ConfigError::Epochs);
        }
        if self.samples == Some(0) {
            return Err(ConfigError::NoSamples);
        }
        if let Some(found) = self.n_hidden.filter(|n| !(1..=Config::MOST_HIDDEN).contains(n)) {
            return Err(ConfigError::Hidden { found });
        }
        if self.seed > Config::MOST_SEED {
            return Err(ConfigError::Seed { found: self.seed });
        }
        if let Some(found) =
            self.n_threads.map(NonZeroUsize::get).filter(|&n| n > Config::MOST_THREADS)
        {
            return Err(ConfigError::Threads { found });
        }
        Ok(())
    }
}

/// Why choices do not make a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what is allowed")]
#[non_exhaustive]
pub enum ConfigError {
    /// Only the reference knows other algorithms.
    #[error(
        "variant {variant} runs on engine reference only, found engine {engine}: it is not what the circuit computes"
    )]
    Variant { variant: Variant, engine: EngineKind },
    /// No epoch.
    #[error("number of epochs is 0, expected at least 1")]
    Epochs,
    /// No training sample.
    #[error("number of training samples is 0, expected at least 1")]
    NoSamples,
    /// More training samples than there are.
    #[error("number of training samples is {found}, expected 1 to {available} for {dataset}")]
    Samples { found: usize, available: usize, dataset: Source },
    /// No hidden neurons, or too many.
    #[error("number of hidden neurons is {found}, expected 1 to {}", Config::MOST_HIDDEN)]
    Hidden { found: usize },
    /// A seed that the run file cannot hold.
    #[error("seed is {found}, expected 0 to {}", Config::MOST_SEED)]
    Seed { found: u64 },
    /// More threads than anything could need.
    #[error("number of threads is {found}, expected 1 to {}", Config::MOST_THREADS)]
    Threads { found: usize },
    /// A file or a data set is another one than a run file recorded.
    #[error(
        "{what} has SHA-256 {found}, expected {expected} as the run file records: it is not the same"
    )]
    Checksum { what: String, found: String, expected: String },
    /// The run would replace the file it starts from.
    #[error("start weights {} would be overwritten by the results: choose another output folder", .path.display())]
    Overwrite { path: PathBuf },
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn config() -> Config {
        Config::new(Source::Mnist, EngineKind::Reference)
    }

    #[test]
    fn choices_out_of_range_are_named() {
        let message = |config: Config| config.check().err().unwrap().to_string();
        assert!(config().check().is_ok());
        assert_eq!(
            message(Config { epochs: 0, ..config() }),
            "number of epochs is 0, expected at least 1"
        );
        assert_eq!(
            message(Config { samples: Some(0), ..config() }),
            "number of training samples is 0, expected at least 1"
        );
        assert_eq!(
            message(Config { n_hidden: Some(0), ..config() }),
            "number of hidden neurons is 0, expected 1 to 65536"
        );
        assert_eq!(
            message(Config { seed: 1 << 63, ..config() }),
            "seed is 9223372036854775808, expected 0 to 9223372036854775807"
        );
        let lanl = Config { variant: Variant::LanlNumpy, ..config() };
        assert!(lanl.check().is_ok());
        assert_eq!(
            message(Config { engine: EngineKind::Loihi, ..lanl }),
            "variant lanl-numpy runs on engine reference only, found engine loihi: \
             it is not what the circuit computes"
        );
    }

    #[test]
    fn names_read_back() {
        for kind in EngineKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        for order in Order::ALL {
            assert_eq!(order.name().parse(), Ok(order));
        }
        let error = "loihi2".parse::<EngineKind>().err().unwrap();
        assert_eq!(
            error.to_string(),
            "engine is `loihi2`, expected `reference`, `lif`, `loihi` or `fast`"
        );
    }
}
