//! What a run is in text: its choices, and what it was when it ran. The file `run.toml`.
//!
//! A [`RunFile`] holds every choice, none left to a default, so that [`Choices::parse`] of its text repeats
//! the run; and a [`Record`] of what no option says: the command, the program, the layers, the checksums.
//! What changes no result is left out (the number of threads, how answers are worded).

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use synfire_data::Preparation;
use synfire_net::printable;

use crate::choices::{Choices, RunFileError, RunFileProblem};
use crate::config::Config;
use crate::error::RunError;
use crate::ground::read_regular;
use crate::seeds::Seeds;

/// Longest run file, in bytes.
const LONGEST_FILE: u64 = 1 << 20;

/// A run as `run.toml` records it: everything needed to repeat it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFile {
    /// Every choice. [`Config::n_hidden`] is filled in, [`Config::expected`] are the checksums of the record.
    pub config: Config,
    /// Several seeds, if the file is that of a sweep; then the seed in `config` means nothing.
    pub seeds: Option<Seeds>,
    /// The folder searched first for the data set, if one was named.
    pub data_dir: Option<PathBuf>,
    /// What no option says.
    pub record: Record,
}

/// What a run was when it ran; of no effect when it is repeated, but that its checksums must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The command that repeats the run.
    pub command: String,
    /// Version of Synfire that ran.
    pub version: String,
    /// The commit of its sources if known; a `+` at its end if they were changed.
    pub commit: Option<String>,
    /// Layer sizes from input to output.
    pub layers: Vec<usize>,
    /// Number of training samples in an epoch.
    pub samples: usize,
    /// What was read.
    pub checksums: Checksums,
}

/// SHA-256 of what a run reads, in lower-case hexadecimal, where known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checksums {
    /// Of the samples as they are after crop and threshold, see
    /// [`Dataset::fingerprint`](synfire_data::Dataset::fingerprint): those for training, then those for testing.
    pub dataset: Option<String>,
    /// Of the file with the start weights.
    pub init_weights: Option<String>,
}

impl RunFile {
    /// The record of a run with these choices, layer sizes and number of training samples.
    #[must_use]
    pub fn new(
        config: &Config,
        seeds: Option<&Seeds>,
        data_dir: Option<PathBuf>,
        layers: &[usize],
        n_samples: usize,
        checksums: Checksums,
    ) -> RunFile {
        let config = Config {
            n_hidden: layers.get(1).copied().or(config.n_hidden),
            // Of no effect on any result.
            n_threads: None,
            may_overwrite: false,
            // Each of several seeds has a file of its own.
            seed: if seeds.is_some() { Config::SEED } else { config.seed },
            expected: checksums.clone(),
            ..config.clone()
        };
        let mut run =
            RunFile { config, seeds: seeds.cloned(), data_dir, record: Record::default() };
        run.record = Record {
            command: run.command(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: run.config.commit.clone(),
            layers: layers.to_vec(),
            samples: n_samples,
            checksums,
        };
        run
    }

    /// The file's text.
    ///
    /// # Errors
    /// If a path is not Unicode.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        if self.config.dataset.path().is_some_and(|path| path.to_str().is_none()) {
            return Err(serde::ser::Error::custom("the path of the data set is not valid Unicode"));
        }
        toml::to_string(&Text::of(self))
    }

    /// Reads the text of a file that a run has written.
    ///
    /// # Errors
    /// As [`Choices::parse`], and if there is no table `[record]`.
    pub fn parse(text: &str) -> Result<RunFile, RunFileError> {
        let choices = Choices::parse(text)?;
        let config = choices.config();
        let problem = RunFileProblem::NoRecord;
        let Some(record) = choices.record else {
            return Err(RunFileError { line: 1, column: 1, problem });
        };
        let config = Config { commit: record.commit.clone(), ..config };
        Ok(RunFile { config, seeds: choices.seeds, data_dir: choices.data_dir, record })
    }

    /// The first choice that changes results and is another one in `other`: its name, its value here, its value
    /// there. The number of epochs is none of them: as far as both go, runs of different lengths are equal.
    pub(crate) fn difference(&self, other: &RunFile) -> Option<(&'static str, String, String)> {
        let [mine, theirs] = [self, other].map(RunFile::fixed);
        let differs = mine.into_iter().zip(theirs).find(|(mine, theirs)| mine != theirs);
        differs.map(|((key, mine), (_, theirs))| (key, printable(&mine), printable(&theirs)))
    }

    /// What changes results, as text.
    fn fixed(&self) -> [(&'static str, String); 15] {
        let RunFile { config, seeds, record, .. } = self;
        let sum = |sum: &Option<String>| sum.clone().unwrap_or_else(|| "none".to_owned());
        let numbers = |numbers: &[usize]| format!("{numbers:?}");
        [
            ("dataset", config.dataset.to_string()),
            ("crop", config.preparation.crop.to_string()),
            ("threshold", config.preparation.threshold.to_string()),
            ("engine", config.engine.to_string()),
            ("circuit", config.circuit.to_string()),
            ("hidden", config.n_hidden.map_or_else(String::new, |n| n.to_string())),
            ("variant", config.variant.to_string()),
            ("samples", record.samples.to_string()),
            ("order", config.order.to_string()),
            ("seed", config.seed.to_string()),
            ("seeds", seeds.as_ref().map_or_else(String::new, Seeds::to_string)),
            ("check", config.check_every.to_string()),
            ("layers", numbers(&record.layers)),
            ("init-weights-sha256", sum(&record.checksums.init_weights)),
            ("dataset-sha256", sum(&record.checksums.dataset)),
        ]
    }

    /// The program that wrote the record.
    pub(crate) fn program(&self) -> String {
        match &self.record.commit {
            None => self.record.version.clone(),
            Some(commit) => format!("{} ({commit})", self.record.version),
        }
    }

    /// Every choice as an option, none left to a default.
    fn command(&self) -> String {
        let config = &self.config;
        let n_hidden = config.n_hidden.unwrap_or(Config::HIDDEN);
        let Preparation { crop, threshold } = config.preparation;
        let Config { dataset, engine, circuit, variant, epochs, order, check_every, .. } = config;
        let seed = match &self.seeds {
            None => format!("--seed {}", config.seed),
            Some(seeds) => format!("--seeds {seeds}"),
        };
        let mut command = format!(
            "synfire train --dataset {} --crop {crop} --threshold {threshold} --hidden {n_hidden} \
             --engine {engine} --circuit {circuit} --variant {variant} --epochs {epochs} --order {order} \
             {seed} --check {check_every} --checkpoint-minutes {}",
            quoted(&dataset.to_string()),
            config.checkpoint_minutes
        );
        if let Some(samples) = config.samples {
            command += &format!(" --samples {samples}");
        }
        if config.has_tensorboard {
            command += " --tensorboard";
        }
        for (option, path) in [("init-weights", &config.init_weights), ("data-dir", &self.data_dir)]
        {
            if let Some(path) = path {
                command += &format!(" --{option} {}", quoted(&path.to_string_lossy()));
            }
        }
        command + &format!(" --out {}", quoted(&config.out.to_string_lossy()))
    }
}

/// Reads a run file, written by hand or by a run.
///
/// # Errors
/// If it cannot be read, or as [`Choices::parse`].
pub fn read_choices(path: &Path) -> Result<Choices, RunError> {
    let text = read_run_text(path)?;
    Choices::parse(&text)
        .map_err(|cause| RunError::RunFile { path: path.to_owned(), cause: Box::new(cause) })
}

/// Reads the record that a run has written.
pub(crate) fn read_record(path: &Path) -> Result<RunFile, RunError> {
    let text = read_run_text(path)?;
    RunFile::parse(&text)
        .map_err(|cause| RunError::RunFile { path: path.to_owned(), cause: Box::new(cause) })
}

/// The text of a regular file of at most so many bytes.
pub(crate) fn read_text(path: &Path, longest: u64) -> std::io::Result<String> {
    let bytes = read_regular(path, longest)?;
    String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

fn read_run_text(path: &Path) -> Result<String, RunError> {
    read_text(path, LONGEST_FILE)
        .map_err(|cause| RunError::ReadRunFile { path: path.to_owned(), cause })
}

impl Serialize for RunFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text::of(self).serialize(serializer)
    }
}

/// A word of a shell command, in quotes if it needs them.
#[must_use]
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._:-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The keys and their values in the order of the text.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text<'a> {
    dataset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<&'a PathBuf>,
    crop: usize,
    threshold: u8,
    engine: &'static str,
    circuit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<usize>,
    variant: String,
    epochs: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<usize>,
    order: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seeds: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    init_weights: Option<&'a PathBuf>,
    check: u64,
    checkpoint_minutes: f64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tensorboard: bool,
    out: &'a PathBuf,
    record: RecordText<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RecordText<'a> {
    command: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    layers: &'a [usize],
    samples: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset_sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    init_weights_sha256: Option<&'a str>,
}

impl Text<'_> {
    fn of(run: &RunFile) -> Text<'_> {
        let RunFile { config, seeds, data_dir, record } = run;
        Text {
            dataset: config.dataset.to_string(),
            data_dir: data_dir.as_ref(),
            crop: config.preparation.crop,
            threshold: config.preparation.threshold,
            engine: config.engine.name(),
            circuit: config.circuit.name(),
            hidden: config.n_hidden,
            variant: config.variant.to_string(),
            epochs: config.epochs,
            samples: config.samples,
            order: config.order.name(),
            seed: seeds.is_none().then_some(config.seed),
            seeds: seeds.as_ref().map(Seeds::to_string),
            init_weights: config.init_weights.as_ref(),
            check: config.check_every,
            checkpoint_minutes: config.checkpoint_minutes.get(),
            tensorboard: config.has_tensorboard,
            out: &config.out,
            record: RecordText {
                command: &record.command,
                version: &record.version,
                commit: record.commit.as_deref(),
                layers: &record.layers,
                samples: record.samples,
                dataset_sha256: record.checksums.dataset.as_deref(),
                init_weights_sha256: record.checksums.init_weights.as_deref(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::config::EngineKind;
    use synfire_data::Source;

    #[test]
    fn the_run_file_reads_back() {
        let config = Config {
            samples: Some(2000),
            init_weights: Some("old runs/weights.npz".into()),
            commit: Some("0123abc+".to_owned()),
            has_tensorboard: true,
            checkpoint_minutes: "0.1".parse().unwrap(),
            ..Config::new(Source::Mnist, EngineKind::Reference)
        };
        let checksums =
            Checksums { dataset: Some("01".repeat(32)), init_weights: Some("ef".repeat(32)) };
        let file =
            RunFile::new(&config, None, Some("my data".into()), &[400, 300, 10], 2000, checksums);
        let text = file.to_text().unwrap();
        assert_eq!(RunFile::parse(&text).unwrap(), file, "{text}");
        let command = &file.record.command;
        assert!(command.contains("--hidden 300"), "{command}");
        assert!(command.contains("--init-weights 'old runs/weights.npz'"), "{command}");
        assert!(command.contains(" --data-dir 'my data' "), "{command}");

        let config = Config { samples: None, init_weights: None, commit: None, ..config };
        let plain =
            RunFile::new(&config, None, None, &[400, 300, 10], 60_000, Checksums::default());
        assert_eq!(RunFile::parse(&plain.to_text().unwrap()).unwrap(), plain);
        let seeds = "2..=4,1".parse::<Seeds>().unwrap();
        let sweep = RunFile::new(
            &config,
            Some(&seeds),
            None,
            &[400, 300, 10],
            60_000,
            Checksums::default(),
        );
        let text = sweep.to_text().unwrap();
        assert!(text.contains("\nseeds = \"2..=4,1\"\n") && !text.contains("\nseed ="), "{text}");
        assert_eq!(RunFile::parse(&text).unwrap().seeds, Some(seeds));
        let error = RunFile::parse("epochs = 3").err().unwrap().to_string();
        assert!(
            error.ends_with("the table [record] is missing: the file was not written by a run")
        );
    }

    /// Checking is cheap enough to leave on, and complete where a set is small.
    #[test]
    fn updates_are_compared_unless_told_otherwise() {
        let checks = [(Source::Digits, 1), (Source::Mnist, 100), (Source::FashionMnist, 100)];
        for (dataset, check) in checks {
            let config = Config::new(dataset, EngineKind::default());
            assert_eq!((config.engine, config.check_every), (EngineKind::Fast, check));
            let sizes = [400, 400, 10];
            let file = RunFile::new(&config, None, None, &sizes, 60_000, Checksums::default());
            let command = file.record.command;
            let words = format!(
                " --engine fast --circuit sized --variant circuit --epochs {} ",
                config.epochs
            );
            assert!(command.contains(&words), "{command}");
            assert!(command.contains(&format!(" --check {check} ")), "{command}");
        }
    }
}
