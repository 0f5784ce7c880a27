//! Choices of a run as far as they were made, and their text in a run file.
//!
//! The options of the command and the keys of a run file are the same list, [`Choices`]; each may be left
//! out. Options go [over](Choices::over) the file, and [`Choices::config`] fills in what nobody chose. A file
//! that a run recorded has the table `[record]` beside its keys ([`Record`]), whose checksums must hold when
//! the run is repeated.
//!
//! The text is TOML, read key by key, so that whatever is wrong has a place. Relative paths in it count
//! from the current folder, as on the command line.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;

use synfire_circuit::Form;
use synfire_data::{Preparation, Source};
use synfire_net::{TomlMemoryError, check_toml_memory, printable};
use synfire_reference::Variant;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::{Config, EngineKind, Order};
use crate::minutes::Minutes;
use crate::record::{Checksums, Record};
use crate::seeds::Seeds;

/// Choices of a run, each made or left open. The names are those of the options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the options, see `Config`")]
pub struct Choices {
    pub dataset: Option<Source>,
    /// The folder searched first for the data set.
    pub data_dir: Option<PathBuf>,
    pub crop: Option<usize>,
    pub threshold: Option<u8>,
    pub engine: Option<EngineKind>,
    pub circuit: Option<Form>,
    pub hidden: Option<usize>,
    pub variant: Option<Variant>,
    pub epochs: Option<u32>,
    pub samples: Option<usize>,
    pub order: Option<Order>,
    pub seed: Option<u64>,
    pub seeds: Option<Seeds>,
    pub init_weights: Option<PathBuf>,
    pub check: Option<u64>,
    pub threads: Option<NonZeroUsize>,
    pub checkpoint_minutes: Option<Minutes>,
    pub tensorboard: Option<bool>,
    pub json: Option<bool>,
    pub out: Option<PathBuf>,
    /// What the file says about the run that recorded it.
    pub record: Option<Record>,
}

/// What is wrong in a run file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct RunFileError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters.
    pub column: usize,
    /// What is wrong there.
    pub problem: RunFileProblem,
}

/// What is wrong in a run file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum RunFileProblem {
    /// The text is no TOML.
    #[error("{0}")]
    Syntax(String),
    /// The text has more values or tables than memory is given to.
    #[error(transparent)]
    Memory(#[from] TomlMemoryError),
    /// A key that nothing is called, but something nearly so.
    #[error("unknown key `{found}`, did you mean `{nearest}`?")]
    Misspelt { found: String, nearest: &'static str },
    /// A key that nothing is called.
    #[error("unknown key `{found}`, expected one of {}", .expected.join(", "))]
    Unknown { found: String, expected: Vec<&'static str> },
    /// A value of another type than the key's.
    #[error("{key} is of type {found}, expected {expected}")]
    Type { key: &'static str, found: &'static str, expected: &'static str },
    /// A value that the key cannot have.
    #[error("{key} is {found}, expected {expected}")]
    Value { key: &'static str, found: String, expected: String },
    /// A value whose own error says all of it.
    #[error("{key}: {message}")]
    Text { key: &'static str, message: String },
    /// Two keys of which only one can be meant.
    #[error("{key} cannot be used with {other}")]
    Conflict { key: &'static str, other: &'static str },
    /// The file was written by hand, and only what a run recorded will do.
    #[error("the table [record] is missing: the file was not written by a run")]
    NoRecord,
}

/// The keys of a run file, in the order in which messages list them.
pub(crate) const KEYS: [&str; 20] = [
    "dataset",
    "data-dir",
    "crop",
    "threshold",
    "engine",
    "circuit",
    "hidden",
    "variant",
    "epochs",
    "samples",
    "order",
    "seed",
    "seeds",
    "init-weights",
    "check",
    "threads",
    "checkpoint-minutes",
    "tensorboard",
    "json",
    "out",
];

/// The keys of the table `[record]`.
const RECORD_KEYS: [&str; 7] =
    ["command", "version", "commit", "layers", "samples", "dataset-sha256", "init-weights-sha256"];

/// The most bytes of memory that reading a text may take; the files that runs write take some 50,000.
const MOST_MEMORY: u64 = 64 << 20;

/// The most characters of a key or value that a message quotes.
const MOST_QUOTED: usize = 80;

/// The name of the table with what is only a record.
const RECORD: &str = "record";

/// Edits of a misspelt key that still tell what was meant, by its length.
const fn most_edits(length: usize) -> usize {
    if length < 5 { 1 } else { 2 }
}

impl Choices {
    /// Reads the text of a run file.
    ///
    /// ```
    /// use synfire_train::Choices;
    ///
    /// let choices = Choices::parse("dataset = \"mnist\"\nepochs = 5\n")?;
    /// assert_eq!((choices.config().epochs, choices.config().seed), (5, 1));
    ///
    /// let error = Choices::parse("epoch = 5").unwrap_err();
    /// assert_eq!(error.to_string(), "line 1, column 1: unknown key `epoch`, did you mean `epochs`?");
    /// # Ok::<(), synfire_train::RunFileError>(())
    /// ```
    ///
    /// # Errors
    /// The first place, in the order of the text, that is no TOML, an unknown key, a value of the wrong type
    /// or out of range; a text that may take more than 64 MiB of memory to read.
    pub fn parse(text: &str) -> Result<Choices, RunFileError> {
        check_toml_memory(text, MOST_MEMORY)
            .map_err(|error| RunFileError::at(text, 0..0, error.into()))?;
        let table = DeTable::parse(text).map_err(|error| {
            let problem = RunFileProblem::Syntax(printable(error.message().trim_end()));
            RunFileError::at(text, error.span().unwrap_or(0..0), problem)
        })?;
        let mut choices = Choices::default();
        for (key, value) in in_order(table.get_ref()) {
            let read = match key.get_ref().as_ref() {
                RECORD => {
                    choices.record = Some(read_record(text, value)?);
                    continue;
                }
                name => match KEYS.into_iter().find(|&known| known == name) {
                    Some(known) => choices.set(&Entry { key: known, value: value.get_ref() }),
                    None => {
                        let known = KEYS.iter().copied().chain([RECORD]);
                        return Err(RunFileError::at(text, key.span(), unknown(name, known)));
                    }
                },
            };
            read.map_err(|problem| RunFileError::at(text, value.span(), problem))?;
            if choices.seed.is_some() && choices.seeds.is_some() {
                let (key_is_seed, span) = (key.get_ref() == "seed", key.span());
                let (key, other) = if key_is_seed { ("seed", "seeds") } else { ("seeds", "seed") };
                return Err(RunFileError::at(text, span, RunFileProblem::Conflict { key, other }));
            }
        }
        Ok(choices)
    }

    /// Makes the choice that a key and its value say.
    pub(crate) fn set(&mut self, entry: &Entry<'_>) -> Result<(), RunFileProblem> {
        match entry.key {
            "dataset" => self.dataset = Some(entry.name()?),
            "data-dir" => self.data_dir = Some(entry.path()?),
            "crop" => self.crop = Some(entry.number(0, usize::MAX as u64)?),
            "threshold" => self.threshold = Some(entry.number(1, 255)?),
            "engine" => self.engine = Some(entry.name()?),
            "circuit" => self.circuit = Some(entry.name()?),
            "hidden" => self.hidden = Some(entry.number(1, Config::MOST_HIDDEN as u64)?),
            "variant" => self.variant = Some(entry.name()?),
            "epochs" => self.epochs = Some(entry.number(1, u64::from(u32::MAX))?),
            "samples" => self.samples = Some(entry.number(1, usize::MAX as u64)?),
            "order" => self.order = Some(entry.name()?),
            "seed" => self.seed = Some(entry.number(0, Config::MOST_SEED)?),
            "seeds" => self.seeds = Some(entry.seeds()?),
            "init-weights" => self.init_weights = Some(entry.path()?),
            "check" => self.check = Some(entry.number(0, u64::MAX)?),
            "threads" => {
                let threads = entry.number(1, Config::MOST_THREADS as u64)?;
                self.threads = NonZeroUsize::new(threads);
            }
            "checkpoint-minutes" => self.checkpoint_minutes = Some(entry.minutes()?),
            "tensorboard" => self.tensorboard = Some(entry.flag()?),
            "json" => self.json = Some(entry.flag()?),
            "out" => self.out = Some(entry.path()?),
            key => unreachable!("{key} is in KEYS, and every key of it is handled"),
        }
        Ok(())
    }

    /// These choices, and those of `file` where none was made here.
    ///
    /// One seed replaces several and the other way round. A folder for the results that `file` names only
    /// because it is where they go by default follows data set, engine and seed. A checksum of the record
    /// holds as long as what it belongs to is chosen as there.
    #[must_use]
    pub fn over(self, file: Choices) -> Choices {
        let has_default_out = file.out == Some(file.default_out());
        let moves = self.dataset.is_some()
            || self.engine.is_some()
            || self.seed.is_some()
            || self.seeds.is_some();
        let out = file.out.clone().filter(|_| !(has_default_out && moves));
        let other = |mine: bool, same: bool| mine && !same;
        let has_other_data = other(self.dataset.is_some(), self.dataset == file.dataset)
            || other(self.crop.is_some(), self.crop == file.crop)
            || other(self.threshold.is_some(), self.threshold == file.threshold)
            || other(self.samples.is_some(), self.samples == file.samples);
        let has_other_start =
            other(self.init_weights.is_some(), self.init_weights == file.init_weights);
        let record = self.record.or(file.record).map(|mut record| {
            let Checksums { dataset, init_weights } = &mut record.checksums;
            *dataset = dataset.take().filter(|_| !has_other_data);
            *init_weights = init_weights.take().filter(|_| !has_other_start);
            record
        });
        let (has_seed, has_seeds) = (self.seed.is_some(), self.seeds.is_some());
        Choices {
            dataset: self.dataset.or(file.dataset),
            data_dir: self.data_dir.or(file.data_dir),
            crop: self.crop.or(file.crop),
            threshold: self.threshold.or(file.threshold),
            engine: self.engine.or(file.engine),
            circuit: self.circuit.or(file.circuit),
            hidden: self.hidden.or(file.hidden),
            variant: self.variant.or(file.variant),
            epochs: self.epochs.or(file.epochs),
            samples: self.samples.or(file.samples),
            order: self.order.or(file.order),
            seed: self.seed.or(file.seed.filter(|_| !has_seeds)),
            seeds: self.seeds.or(file.seeds.filter(|_| !has_seed)),
            init_weights: self.init_weights.or(file.init_weights),
            check: self.check.or(file.check),
            threads: self.threads.or(file.threads),
            checkpoint_minutes: self.checkpoint_minutes.or(file.checkpoint_minutes),
            tensorboard: self.tensorboard.or(file.tensorboard),
            json: self.json.or(file.json),
            out: self.out.or(out),
            record,
        }
    }

    /// The choices of a run; what was left open is as [`Config::new`] says. Of several seeds, see
    /// [`run_seeds`](crate::run_seeds), it holds none.
    #[must_use]
    pub fn config(&self) -> Config {
        let source = self.dataset.clone().unwrap_or(Config::DATASET);
        let defaults = Config::new(source, self.engine.unwrap_or_default());
        let Preparation { crop, threshold } = defaults.preparation;
        Config {
            preparation: Preparation {
                crop: self.crop.unwrap_or(crop),
                threshold: self.threshold.unwrap_or(threshold),
            },
            n_hidden: self.hidden,
            circuit: self.circuit.unwrap_or_default(),
            variant: self.variant.unwrap_or_default(),
            epochs: self.epochs.unwrap_or(defaults.epochs),
            samples: self.samples,
            order: self.order.unwrap_or_default(),
            seed: self.seed.unwrap_or(defaults.seed),
            init_weights: self.init_weights.clone(),
            check_every: self.check.unwrap_or(defaults.check_every),
            n_threads: self.threads,
            checkpoint_minutes: self.checkpoint_minutes.unwrap_or_default(),
            has_tensorboard: self.tensorboard.unwrap_or(false),
            out: self.out.clone().unwrap_or_else(|| self.default_out()),
            expected: self
                .record
                .as_ref()
                .map(|record| record.checksums.clone())
                .unwrap_or_default(),
            ..defaults
        }
    }

    /// The first choice made here that cannot change in the midst of a run.
    pub(crate) fn fixed(&self) -> Option<&'static str> {
        let made = [
            ("dataset", self.dataset.is_some()),
            ("crop", self.crop.is_some()),
            ("threshold", self.threshold.is_some()),
            ("engine", self.engine.is_some()),
            ("circuit", self.circuit.is_some()),
            ("hidden", self.hidden.is_some()),
            ("variant", self.variant.is_some()),
            ("samples", self.samples.is_some()),
            ("order", self.order.is_some()),
            ("seed", self.seed.is_some()),
            ("seeds", self.seeds.is_some()),
            ("init-weights", self.init_weights.is_some()),
            ("check", self.check.is_some()),
            ("out", self.out.is_some()),
        ];
        made.into_iter().find(|(_, is_made)| *is_made).map(|(key, _)| key)
    }

    fn default_out(&self) -> PathBuf {
        let dataset = self.dataset.as_ref().unwrap_or(&Config::DATASET);
        let engine = self.engine.unwrap_or_default();
        match self.seeds {
            None => Config::default_out(dataset, engine, self.seed.unwrap_or(Config::SEED)),
            Some(_) => Config::default_out_of_seeds(dataset, engine),
        }
    }
}

/// The entries of a table as they stand in the text.
pub(crate) fn in_order<'a, 'i>(
    table: &'a DeTable<'i>,
) -> Vec<(&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn read_record(text: &str, value: &Spanned<DeValue<'_>>) -> Result<Record, RunFileError> {
    let DeValue::Table(table) = value.get_ref() else {
        let found = value.get_ref().type_str();
        let problem = RunFileProblem::Type { key: RECORD, found, expected: "a table" };
        return Err(RunFileError::at(text, value.span(), problem));
    };
    let mut record = Record::default();
    for (key, value) in in_order(table) {
        let name = key.get_ref().as_ref();
        let Some(known) = RECORD_KEYS.into_iter().find(|&known| known == name) else {
            return Err(RunFileError::at(text, key.span(), unknown(name, RECORD_KEYS.into_iter())));
        };
        let entry = Entry { key: known, value: value.get_ref() };
        let mut read = || -> Result<(), RunFileProblem> {
            match known {
                "command" => record.command = entry.text()?.to_owned(),
                "version" => record.version = entry.text()?.to_owned(),
                "commit" => record.commit = Some(entry.text()?.to_owned()),
                "layers" => record.layers = entry.numbers()?,
                "samples" => record.samples = entry.number(0, usize::MAX as u64)?,
                "dataset-sha256" => record.checksums.dataset = Some(entry.sha256()?),
                "init-weights-sha256" => record.checksums.init_weights = Some(entry.sha256()?),
                key => unreachable!("{key} is in RECORD_KEYS, and every key of it is handled"),
            }
            Ok(())
        };
        read().map_err(|problem| RunFileError::at(text, value.span(), problem))?;
    }
    Ok(record)
}

pub(crate) fn unknown(found: &str, known: impl Iterator<Item = &'static str>) -> RunFileProblem {
    let expected: Vec<&'static str> = known.collect();
    // What is longer than anything that could be meant is not compared either.
    let found = quoted(found);
    // Whoever writes init_weights means init-weights.
    let spelt = found.to_lowercase().replace('_', "-");
    let distances = expected.iter().map(|&known| (strsim::osa_distance(&spelt, known), known));
    match distances.min() {
        Some((distance, nearest)) if distance <= most_edits(nearest.len()) => {
            RunFileProblem::Misspelt { found, nearest }
        }
        _ => RunFileProblem::Unknown { found, expected },
    }
}

/// What a message says of a key or value: its beginning, on one line.
pub(crate) fn quoted(found: &str) -> String {
    let mut quoted: String = found.chars().take(MOST_QUOTED).collect();
    if quoted.len() < found.len() {
        quoted.push_str("...");
    }
    quoted.escape_debug().to_string()
}

/// The line and column of a place, both counted from 1, columns in characters.
pub(crate) fn located(text: &str, span: Range<usize>) -> (usize, usize) {
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count() + 1)
}

impl RunFileError {
    pub(crate) fn at(text: &str, span: Range<usize>, problem: RunFileProblem) -> RunFileError {
        let (line, column) = located(text, span);
        RunFileError { line, column, problem }
    }
}

/// A key and its value.
pub(crate) struct Entry<'a> {
    pub(crate) key: &'static str,
    pub(crate) value: &'a DeValue<'a>,
}

impl Entry<'_> {
    pub(crate) fn wrong_type(&self, expected: &'static str) -> RunFileProblem {
        RunFileProblem::Type { key: self.key, found: self.value.type_str(), expected }
    }

    pub(crate) fn text(&self) -> Result<&str, RunFileProblem> {
        self.value.as_str().ok_or_else(|| self.wrong_type("string"))
    }

    fn flag(&self) -> Result<bool, RunFileProblem> {
        self.value.as_bool().ok_or_else(|| self.wrong_type("boolean"))
    }

    fn path(&self) -> Result<PathBuf, RunFileProblem> {
        match self.text()? {
            "" => Err(RunFileProblem::Value {
                key: self.key,
                found: "empty".to_owned(),
                expected: "a path".to_owned(),
            }),
            path => Ok(path.into()),
        }
    }

    /// One of a few names, whose own error names them all.
    fn name<T: FromStr<Err: std::fmt::Display>>(&self) -> Result<T, RunFileProblem> {
        self.text()?.parse().map_err(|error: T::Err| RunFileProblem::Text {
            key: self.key,
            message: printable(&error.to_string()),
        })
    }

    pub(crate) fn number<T: TryFrom<u64>>(
        &self,
        least: u64,
        most: u64,
    ) -> Result<T, RunFileProblem> {
        let DeValue::Integer(found) = self.value else { return Err(self.wrong_type("integer")) };
        let number = u64::from_str_radix(found.as_str(), found.radix()).ok();
        let number = number.filter(|number| (least..=most).contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let expected = match most {
                u64::MAX => format!("at least {least}"),
                _ => format!("{least} to {most}"),
            };
            RunFileProblem::Value { key: self.key, found: quoted(&found.to_string()), expected }
        })
    }

    fn numbers(&self) -> Result<Vec<usize>, RunFileProblem> {
        let list = self.value.as_array().ok_or_else(|| self.wrong_type("array of integers"))?;
        list.iter()
            .map(|value| Entry { key: self.key, value: value.get_ref() }.number(0, u64::MAX))
            .collect()
    }

    /// A list as the option has it, `"1..=15"`, or an array of integers.
    pub(crate) fn seeds(&self) -> Result<Seeds, RunFileProblem> {
        let text = match self.value {
            DeValue::String(text) => text.to_string(),
            DeValue::Array(_) => {
                let seeds: Vec<String> = self.numbers()?.iter().map(usize::to_string).collect();
                seeds.join(",")
            }
            _ => return Err(self.wrong_type("string or array of integers")),
        };
        let seeds = text.parse::<Seeds>();
        seeds.map_err(|error| RunFileProblem::Text {
            key: self.key,
            message: printable(&error.to_string()),
        })
    }

    fn minutes(&self) -> Result<Minutes, RunFileProblem> {
        let text = match self.value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => return Err(self.wrong_type("number")),
        };
        text.parse().map_err(|_| RunFileProblem::Value {
            key: self.key,
            found: quoted(text),
            expected: format!("0 to {}, fractions allowed", Minutes::MOST),
        })
    }

    fn sha256(&self) -> Result<String, RunFileProblem> {
        let text = self.text()?;
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(text.to_lowercase());
        }
        Err(RunFileProblem::Value {
            key: self.key,
            found: format!("`{}`", quoted(text)),
            expected: "64 hexadecimal digits".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn message(text: &str) -> String {
        Choices::parse(text).err().unwrap().to_string()
    }

    #[test]
    fn every_key_is_read() {
        let text = "dataset = \"mnist\"\ndata-dir = \"d\"\ncrop = 2\nthreshold = 9\nengine = \"lif\"\n\
                    circuit = \"published\"\nhidden = 30\nvariant = \"circuit\"\nepochs = 0x3\nsamples = 1_000\n\
                    order = \"file\"\nseed = 4\ninit-weights = \"w.npz\"\ncheck = 5\nthreads = 2\n\
                    checkpoint-minutes = 0.5\ntensorboard = true\njson = false\nout = \"o\"\n";
        let choices = Choices::parse(text).unwrap();
        let expected = Choices {
            dataset: Some(Source::Mnist),
            data_dir: Some("d".into()),
            crop: Some(2),
            threshold: Some(9),
            engine: Some(EngineKind::Lif),
            circuit: Some(Form::Published),
            hidden: Some(30),
            variant: Some(Variant::Circuit),
            epochs: Some(3),
            samples: Some(1000),
            order: Some(Order::File),
            seed: Some(4),
            seeds: None,
            init_weights: Some("w.npz".into()),
            check: Some(5),
            threads: NonZeroUsize::new(2),
            checkpoint_minutes: Some("0.5".parse().unwrap()),
            tensorboard: Some(true),
            json: Some(false),
            out: Some("o".into()),
            record: None,
        };
        assert_eq!(choices, expected);
        // Each key but `seeds`, which stands for `seed`.
        assert_eq!(text.lines().count(), KEYS.len() - 1);
        let seeds = |text: &str| Choices::parse(text).unwrap().seeds.unwrap();
        assert_eq!(seeds("seeds = [1, 2, 7]"), seeds("seeds = \"1..=2,7\""));
        assert_eq!(
            Choices::parse("checkpoint-minutes = 3").unwrap().checkpoint_minutes.unwrap().get(),
            3.0
        );
        assert_eq!(Choices::parse("").unwrap(), Choices::default());
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let cases = [
            ("epoch = 5", "line 1, column 1: unknown key `epoch`, did you mean `epochs`?"),
            (
                "seed = 1\n  ephocs = 5",
                "line 2, column 3: unknown key `ephocs`, did you mean `epochs`?",
            ),
            ("init_weights = \"w\"", "unknown key `init_weights`, did you mean `init-weights`?"),
            ("Hidden = 3", "line 1, column 1: unknown key `Hidden`, did you mean `hidden`?"),
            (
                "learning-rate = 3",
                "line 1, column 1: unknown key `learning-rate`, expected one of dataset, ",
            ),
            ("epochs = \"5\"", "line 1, column 10: epochs is of type string, expected integer"),
            ("epochs = 0", "line 1, column 10: epochs is 0, expected 1 to 4294967295"),
            ("epochs = -3", "line 1, column 10: epochs is -3, expected 1 to 4294967295"),
            ("threshold = 256", "line 1, column 13: threshold is 256, expected 1 to 255"),
            ("hidden = 65537", "line 1, column 10: hidden is 65537, expected 1 to 65536"),
            ("hidden = 1.5", "line 1, column 10: hidden is of type float, expected integer"),
            ("threads = 0", "line 1, column 11: threads is 0, expected 1 to 1024"),
            ("checkpoint-minutes = -1", "expected 0 to 1000000, fractions allowed"),
            (
                "engine = \"fats\"",
                "line 1, column 10: engine: engine is `fats`, expected `reference`, ",
            ),
            ("out = \"\"", "line 1, column 7: out is empty, expected a path"),
            ("seeds = \"3..=1\"", "line 1, column 9: seeds: seeds `3..=1`: the range is empty"),
            ("seeds = [1, 1]", "line 1, column 9: seeds: seed 1 is named twice"),
            ("seed = 1\nseeds = [1]", "line 2, column 1: seeds cannot be used with seed"),
            ("epochs = 1\nepochs = 2", "line 2, column 1: duplicate key"),
            ("ä = 1 = 2", "line 1, column "),
            ("record = 3", "line 1, column 10: record is of type integer, expected a table"),
            (
                "[record]\ncomit = \"1\"",
                "line 2, column 1: unknown key `comit`, did you mean `commit`?",
            ),
            (
                "[record]\ninit-weights-sha256 = \"1\"",
                "line 2, column 23: init-weights-sha256 is `1`, expected 64",
            ),
        ];
        for (text, expected) in cases {
            let found = message(text);
            assert!(found.contains(expected), "{text}: {found}");
        }
    }

    /// A word of a megabyte is neither compared with every key nor printed.
    #[test]
    fn messages_stay_short() {
        let long = "k".repeat(1 << 20);
        let sum = "0".repeat(1 << 20);
        for text in [
            format!("{long} = 1"),
            format!("epochs = 1{sum}"),
            format!("checkpoint-minutes = 1{sum}.5"),
            format!("[record]\ninit-weights-sha256 = \"{long}\""),
            format!("engine = \"{long}\""),
            format!("seeds = \"{long}\""),
        ] {
            let message = message(&text);
            assert!(message.len() < 1000, "{} bytes", message.len());
        }
        assert!(message("\"a\\u001b\" = 1").contains("unknown key `a\\u{1b}`"));
    }

    #[test]
    fn a_text_that_would_fill_memory_is_refused_unread() {
        let bomb = format!("x = [{}]", "{a.a.a.a.a.a.a.a.a.a=1},".repeat(10_000));
        let message = message(&bomb);
        assert!(message.starts_with("line 1, column 1: reading it may take "), "{message}");
        assert!(message.contains(", allowed are 67108864: "), "{message}");
    }

    #[test]
    fn options_go_over_the_file() {
        let sum = "ab".repeat(32);
        let file = Choices::parse(&format!(
            "dataset = \"digits\"\nepochs = 3\nseed = 2\ncrop = 0\nout = \"runs/digits-fast-seed2\"\n\
             [record]\ndataset-sha256 = \"{sum}\"\ninit-weights-sha256 = \"{sum}\"\n"
        ))
        .unwrap();
        let sums = |choices: Choices| {
            let Checksums { dataset, init_weights } = choices.over(file.clone()).config().expected;
            (dataset.is_some(), init_weights.is_some())
        };
        let none = Choices::default();
        assert_eq!(none.clone().over(file.clone()), file);
        assert_eq!(sums(none.clone()), (true, true));
        assert_eq!(sums(Choices { epochs: Some(9), crop: Some(0), ..none.clone() }), (true, true));
        assert_eq!(sums(Choices { crop: Some(1), ..none.clone() }), (false, true));
        assert_eq!(sums(Choices { init_weights: Some("w".into()), ..none.clone() }), (true, false));

        let config = |choices: Choices| choices.over(file.clone()).config();
        let longer = config(Choices { epochs: Some(9), ..none.clone() });
        assert_eq!((longer.epochs, longer.seed), (9, 2));
        assert_eq!(longer.out, PathBuf::from("runs/digits-fast-seed2"));
        let seed = config(Choices { seed: Some(5), ..none.clone() });
        assert_eq!(
            seed.out,
            PathBuf::from("runs/digits-fast-seed5"),
            "not over the results of seed 2"
        );
        let seeds = Choices { seeds: "1,2".parse().ok(), ..none.clone() }.over(file.clone());
        assert_eq!((seeds.seed, seeds.config().out), (None, "runs/digits-fast-seeds".into()));
        let back = Choices { seed: Some(3), ..none.clone() }.over(seeds);
        assert_eq!((back.seed, back.seeds), (Some(3), None));
        let named = Choices { out: Some("mine".into()), ..file.clone() };
        let kept = Choices { seed: Some(5), ..none }.over(named).config();
        assert_eq!(kept.out, PathBuf::from("mine"));
    }
}
