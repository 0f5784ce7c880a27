//! What a run is made of, checked before anything is loaded, and its record in `run.toml`.
//!
//! [`Config`] holds every choice, with the defaults of the data set filled in. [`RunFile`] is the same
//! as text, with the layer sizes, the version, the checksum of the start weights and the command that
//! repeats the run. Reading arguments is the business of the command, running that of
//! [`run`](crate::run()).

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use synfire_circuit::Form;
use synfire_data::{Preparation, Source};
use synfire_reference::Variant;

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
    /// The folder for the results.
    pub out: PathBuf,
}

impl Config {
    /// Number of hidden neurons unless something else is asked for, as in the paper.
    pub const HIDDEN: usize = 400;

    /// The largest number of threads.
    pub const MOST_THREADS: usize = 1024;

    /// The defaults for a data set and an engine: 8 epochs of `digits` with every update compared; 60
    /// epochs, as in the paper, of anything else, with every hundredth update compared.
    #[must_use]
    pub fn new(dataset: Source, engine: EngineKind) -> Config {
        let is_digits = dataset == Source::Digits;
        let seed = 1;
        Config {
            dataset,
            preparation: Preparation::of(dataset),
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
            out: Config::default_out(dataset, engine, seed),
        }
    }

    /// Where the results go unless something else is asked for: `runs/<dataset>-<engine>-seed<seed>`.
    #[must_use]
    pub fn default_out(dataset: Source, engine: EngineKind, seed: u64) -> PathBuf {
        PathBuf::from("runs").join(format!("{dataset}-{engine}-seed{seed}"))
    }

    /// Where the results of several seeds go unless something else is asked for:
    /// `runs/<dataset>-<engine>-seeds`.
    #[must_use]
    pub fn default_out_of_seeds(dataset: Source, engine: EngineKind) -> PathBuf {
        PathBuf::from("runs").join(format!("{dataset}-{engine}-seeds"))
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
        if let Some(found) = self.n_hidden.filter(|n| !(1..=65_536).contains(n)) {
            return Err(ConfigError::Hidden { found });
        }
        if i64::try_from(self.seed).is_err() {
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
    #[error("number of hidden neurons is {found}, expected 1 to 65536")]
    Hidden { found: usize },
    /// A seed that the run file cannot hold.
    #[error("seed is {found}, expected 0 to 9223372036854775807")]
    Seed { found: u64 },
    /// More threads than anything could need.
    #[error("number of threads is {found}, expected 1 to {}", Config::MOST_THREADS)]
    Threads { found: usize },
    /// The run would replace the file it starts from.
    #[error("start weights {} would be overwritten by the results: choose another output folder", .path.display())]
    Overwrite { path: PathBuf },
}

/// A run as `run.toml` records it: everything needed to repeat it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the options, see `Config`")]
pub struct RunFile {
    /// The command that repeats the run.
    pub command: String,
    /// Version of Synfire that ran.
    pub version: String,
    pub dataset: String,
    pub crop: usize,
    pub threshold: u8,
    /// Layer sizes from input to output.
    pub layers: Vec<usize>,
    pub engine: String,
    pub circuit: String,
    pub variant: String,
    pub epochs: u32,
    /// Number of training samples in an epoch.
    pub samples: usize,
    pub order: String,
    pub seed: u64,
    pub check: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_weights: Option<StartWeights>,
}

/// The weight file a run started from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartWeights {
    /// As it was named.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl RunFile {
    /// The record of a run with these choices, layer sizes and number of training samples.
    #[must_use]
    pub fn new(
        config: &Config,
        layers: &[usize],
        n_samples: usize,
        init_weights: Option<StartWeights>,
    ) -> RunFile {
        RunFile {
            command: command(config, layers),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            dataset: config.dataset.to_string(),
            crop: config.preparation.crop,
            threshold: config.preparation.threshold,
            layers: layers.to_vec(),
            engine: config.engine.to_string(),
            circuit: config.circuit.to_string(),
            variant: config.variant.to_string(),
            epochs: config.epochs,
            samples: n_samples,
            order: config.order.to_string(),
            seed: config.seed,
            check: config.check_every,
            init_weights,
        }
    }

    /// The file's text.
    ///
    /// # Errors
    /// If the path of the start weights is not Unicode.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// If it is no TOML, or a field is missing, unknown or of the wrong type.
    pub fn parse(text: &str) -> Result<RunFile, toml::de::Error> {
        toml::from_str(text)
    }
}

/// Every choice as an option, none left to a default.
fn command(config: &Config, layers: &[usize]) -> String {
    let n_hidden = layers.get(1).copied().unwrap_or(Config::HIDDEN);
    let Preparation { crop, threshold } = config.preparation;
    let Config { dataset, engine, circuit, variant, epochs, order, seed, check_every, .. } = config;
    let mut command = format!(
        "synfire train --dataset {dataset} --crop {crop} --threshold {threshold} --hidden {n_hidden} \
         --engine {engine} --circuit {circuit} --variant {variant} --epochs {epochs} --order {order} \
         --seed {seed} --check {check_every}"
    );
    if let Some(samples) = config.samples {
        command += &format!(" --samples {samples}");
    }
    if let Some(path) = &config.init_weights {
        command += &format!(" --init-weights {}", quoted(&path.to_string_lossy()));
    }
    command + &format!(" --out {}", quoted(&config.out.to_string_lossy()))
}

/// A word of a shell command.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn config() -> Config {
        Config::new(Source::Mnist, EngineKind::Reference)
    }

    #[test]
    fn the_run_file_reads_back() {
        let config = Config {
            samples: Some(2000),
            init_weights: Some("old runs/weights.npz".into()),
            ..config()
        };
        let start = StartWeights { path: "old runs/weights.npz".into(), sha256: "00ff".to_owned() };
        let file = RunFile::new(&config, &[400, 300, 10], 2000, Some(start));
        let text = file.to_text().unwrap();
        assert_eq!(RunFile::parse(&text).unwrap(), file, "{text}");
        assert!(file.command.contains("--hidden 300"), "{}", file.command);
        assert!(file.command.contains("--init-weights 'old runs/weights.npz'"), "{}", file.command);
        let plain =
            RunFile::new(&Config { samples: None, ..config }, &[400, 300, 10], 60_000, None);
        assert_eq!(RunFile::parse(&plain.to_text().unwrap()).unwrap(), plain);
        assert!(RunFile::parse("epochs = 3").is_err());
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

    /// Checking is cheap enough to leave on, and complete where a set is small.
    #[test]
    fn updates_are_compared_unless_told_otherwise() {
        let checks = [(Source::Digits, 1), (Source::Mnist, 100), (Source::FashionMnist, 100)];
        for (dataset, check) in checks {
            let config = Config::new(dataset, EngineKind::default());
            assert_eq!((config.engine, config.check_every), (EngineKind::Fast, check));
            let file = RunFile::new(&config, &[400, 400, 10], 60_000, None);
            assert_eq!((&file.engine[..], file.check), ("fast", check));
            let words = format!(
                " --engine fast --circuit sized --variant circuit --epochs {} ",
                config.epochs
            );
            assert!(file.command.contains(&words), "{}", file.command);
            assert!(file.command.contains(&format!(" --check {check} ")), "{}", file.command);
        }
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
