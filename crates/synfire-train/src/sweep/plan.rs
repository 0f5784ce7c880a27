//! The trials of a sweep, as a list and as the file `plan.toml`.
//!
//! The file holds every choice of every trial, none left to a default, in the order of the grid. It is what shards
//! on many machines have in common; a trial whose name is not the hash of its choices is refused, so that nobody
//! computes, or merges, something else than was planned.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::ser::{Serialize, SerializeMap, Serializer};
use synfire_net::{check_toml_memory, printable};
use toml::de::{DeTable, DeValue};

use super::grid::{GridError, MOST_TRIALS};
use super::shard::Shard;
use super::trial::{LONGEST_TEXT, Trial, TrialId, TrialIdError, TrialValue};
use crate::choices::{Choices, Entry, RunFileError, RunFileProblem, in_order, unknown};
use crate::config::{Config, ConfigError};
use crate::minutes::Minutes;
use crate::output::{OutputDir, OutputError};
use crate::record::read_text;

/// Name of the file with all trials.
pub const PLAN_FILE: &str = "plan.toml";
/// Name of the folder with a folder for each trial.
pub const TRIALS_DIR: &str = "trials";

/// Longest plan, in bytes.
const LONGEST_FILE: u64 = 32 << 20;

/// The most bytes of memory that reading a plan may take; one of 10,000 trials may take some 340 MB.
const MOST_MEMORY: u64 = 512 << 20;

/// What the file's form is called; another one would have another number.
const FORM: u64 = 1;

/// What stands before the plan.
const HEAD: &str = "# Written by `synfire sweep plan`. The name of a trial is a hash of its choices: change the grid\n\
                    # file and plan again, not this.\n";

/// What trials have in common that has no effect on results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The folder searched first for data sets, if one was named.
    pub data_dir: Option<PathBuf>,
    /// Minutes of training between two checkpoints.
    pub checkpoint_minutes: Minutes,
    /// Whether event files for TensorBoard are written beside the metrics.
    pub has_tensorboard: bool,
}

/// All trials of a sweep, at least one, no two of them equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    settings: Settings,
    trials: Vec<Trial>,
    n_repeated: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum PlanError {
    /// Not the folder of a sweep.
    #[error("{} holds no sweep: there is no {PLAN_FILE} in it; make one with `synfire sweep plan`", .dir.display())]
    NoPlan { dir: PathBuf },
    /// A file cannot be read.
    #[error("{}: cannot be read: {cause}", .path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// A grid file does not say what a sweep is.
    #[error("{}, {cause}", .path.display())]
    Grid { path: PathBuf, cause: Box<GridError> },
    /// A plan is damaged.
    #[error("{}, {cause}", .path.display())]
    Text { path: PathBuf, cause: Box<RunFileError> },
    /// A plan has the form of another version.
    #[error("{}: form is {found}, expected {FORM}: it was written by another version of Synfire", .path.display())]
    Form { path: PathBuf, found: u64 },
    /// A trial is not what its name says.
    #[error("{}, trial {number}: id is {found}, but its choices make {expected}: make the plan again", .path.display())]
    Id { path: PathBuf, number: usize, found: TrialId, expected: TrialId },
    /// A trial makes no run.
    #[error("{}, trial {number}: {cause}", .path.display())]
    Trial { path: PathBuf, number: usize, cause: ConfigError },
    /// A trial more than once.
    #[error("{}, trial {number}: {id} is there twice", .path.display())]
    Twice { path: PathBuf, number: usize, id: TrialId },
    /// No trial, or too many.
    #[error("{}: number of trials is {found}, expected 1 to {MOST_TRIALS}", .path.display())]
    Count { path: PathBuf, found: usize },
    /// Paths so long that the plan could not be read again.
    #[error(
        "the plan has {found} bytes, expected at most {LONGEST_FILE}: shorten the paths in the grid file"
    )]
    Long { found: usize },
    /// The plan cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl PlanError {
    /// Whether what was asked for is to blame, and not what it was applied to.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(self, PlanError::Grid { .. } | PlanError::NoPlan { .. } | PlanError::Long { .. })
    }
}

impl Plan {
    pub(crate) const fn of(settings: Settings, trials: Vec<Trial>, n_repeated: usize) -> Plan {
        Plan { settings, trials, n_repeated }
    }

    /// What the trials have in common that has no effect on results.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The trials in the order of the grid.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Combinations of the grid that were there already.
    #[must_use]
    pub const fn n_repeated(&self) -> usize {
        self.n_repeated
    }

    /// Those of [`Trial::KEYS`] that are not the same in all trials.
    #[must_use]
    pub fn varied(&self) -> Vec<&'static str> {
        let Some((first, rest)) = self.trials.split_first() else { return Vec::new() };
        let is_varied = |key: &&'static str| {
            let value = first.value(key);
            rest.iter().any(|trial| trial.value(key) != value)
        };
        Trial::KEYS.into_iter().filter(is_varied).collect()
    }

    /// The trials of one shard, as indices: dealt out from the longest to the shortest, so that shards are of even
    /// work, and in that order, so that none is left for the end.
    #[must_use]
    pub fn shard(&self, shard: Shard) -> Vec<usize> {
        let mut by_work: Vec<usize> = (0..self.trials.len()).collect();
        by_work.sort_by_key(|&idx| std::cmp::Reverse(self.trials[idx].work()));
        shard.deal(by_work.into_iter()).collect()
    }

    /// The text of `plan.toml`.
    ///
    /// # Errors
    /// If a path is not Unicode.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        Ok(HEAD.to_owned() + &toml::to_string(self)?)
    }

    /// Writes `plan.toml` into a folder, in the place of the one that was there. What was computed stays.
    ///
    /// # Errors
    /// If the folder cannot be written, or paths are so long that the plan could not be read again.
    pub fn write(&self, dir: &Path) -> Result<(), PlanError> {
        let form = |cause: toml::ser::Error| OutputError::Form {
            path: dir.join(PLAN_FILE),
            cause: cause.into(),
        };
        let text = self.to_text().map_err(form)?;
        if text.len() as u64 > LONGEST_FILE {
            return Err(PlanError::Long { found: text.len() });
        }
        Ok(OutputDir::open(dir)?.write(PLAN_FILE, text.as_bytes())?)
    }

    /// Reads the plan in the folder of a sweep.
    ///
    /// # Errors
    /// If there is none, or it is not one that was written by [`Plan::write`].
    pub fn read(dir: &Path) -> Result<Plan, PlanError> {
        let path = dir.join(PLAN_FILE);
        let text = read_text(&path, LONGEST_FILE).map_err(|cause| match cause.kind() {
            ErrorKind::NotFound => PlanError::NoPlan { dir: dir.to_owned() },
            _ => PlanError::Read { path: path.clone(), cause },
        })?;
        Plan::parse(&text, &path)
    }

    /// Reads the text of a plan; `path` is for messages.
    ///
    /// # Errors
    /// The first place that is no TOML, an unknown key or a value that cannot be; the first trial that is not what its
    /// name says.
    pub fn parse(text: &str, path: &Path) -> Result<Plan, PlanError> {
        let wrong = |span, problem| {
            let cause = Box::new(RunFileError::at(text, span, problem));
            PlanError::Text { path: path.to_owned(), cause }
        };
        check_toml_memory(text, MOST_MEMORY)
            .map_err(|error| wrong(0..0, RunFileProblem::Memory(error)))?;
        let table = DeTable::parse(text).map_err(|error| {
            let problem = RunFileProblem::Syntax(printable(error.message().trim_end()));
            wrong(error.span().unwrap_or(0..0), problem)
        })?;
        const KEYS: [&str; 5] = ["form", "data-dir", "checkpoint-minutes", "tensorboard", "trial"];
        let (mut choices, mut form, mut list) = (Choices::default(), 0, None);
        for (key, value) in in_order(table.get_ref()) {
            let name = key.get_ref().as_ref();
            let Some(known) = KEYS.into_iter().find(|&known| known == name) else {
                return Err(wrong(key.span(), unknown(name, KEYS.into_iter())));
            };
            let entry = Entry { key: known, value: value.get_ref() };
            let read = match (known, value.get_ref()) {
                ("form", _) => entry.number(0, u64::MAX).map(|found| form = found),
                ("trial", DeValue::Array(found)) => {
                    list = Some(found);
                    Ok(())
                }
                ("trial", _) => Err(entry.wrong_type("array")),
                _ => choices.set(&entry),
            };
            read.map_err(|problem| wrong(value.span(), problem))?;
        }
        if form != FORM {
            return Err(PlanError::Form { path: path.to_owned(), found: form });
        }
        let list = list.into_iter().flatten();
        let found = list.clone().count();
        if !(1..=MOST_TRIALS).contains(&found) {
            return Err(PlanError::Count { path: path.to_owned(), found });
        }
        let (mut trials, mut seen) = (Vec::new(), BTreeSet::new());
        for (number, value) in (1..).zip(list) {
            let (id, choices) = read_trial(value.get_ref())
                .map_err(|(span, problem)| wrong(span.unwrap_or(value.span()), problem))?;
            let trial = Trial::new(&choices).map_err(|cause| PlanError::Trial {
                path: path.to_owned(),
                number,
                cause,
            })?;
            let expected = trial.id();
            if id != expected {
                return Err(PlanError::Id { path: path.to_owned(), number, found: id, expected });
            }
            if !seen.insert(id) {
                return Err(PlanError::Twice { path: path.to_owned(), number, id });
            }
            trials.push(trial);
        }
        let settings = Settings {
            data_dir: choices.data_dir,
            checkpoint_minutes: choices.checkpoint_minutes.unwrap_or_default(),
            has_tensorboard: choices.tensorboard.unwrap_or(false),
        };
        Ok(Plan { settings, trials, n_repeated: 0 })
    }

    /// The choices of a trial as a run in the folder of the sweep.
    pub(crate) fn config(&self, trial: &Trial, dir: &Path, commit: Option<String>) -> Config {
        let Settings { checkpoint_minutes, has_tensorboard, .. } = self.settings;
        Config {
            checkpoint_minutes,
            has_tensorboard,
            out: trial_dir(dir, trial),
            commit,
            ..trial.choices().config()
        }
    }
}

/// The folder of a trial in that of its sweep.
pub(crate) fn trial_dir(dir: &Path, trial: &Trial) -> PathBuf {
    dir.join(TRIALS_DIR).join(trial.id().to_string())
}

/// Where something is wrong, if that is known, and what.
type Wrong = (Option<std::ops::Range<usize>>, RunFileProblem);

fn read_trial(value: &DeValue<'_>) -> Result<(TrialId, Choices), Wrong> {
    let entry = Entry { key: "trial", value };
    let table = value.as_table().ok_or_else(|| (None, entry.wrong_type("table")))?;
    let (mut id, mut choices) = (None, Choices::default());
    for (key, value) in in_order(table) {
        let name = key.get_ref().as_ref();
        let known = || Trial::KEYS.into_iter().chain(["id"]);
        let Some(key) = known().find(|&known| known == name) else {
            return Err((Some(key.span()), unknown(name, known())));
        };
        let entry = Entry { key, value: value.get_ref() };
        let read = match (key, entry.text()) {
            ("id", text) => text.and_then(|text| {
                let message = |error: TrialIdError| error.to_string();
                let parsed = text.parse().map_err(message);
                id = Some(parsed.map_err(|message| RunFileProblem::Text { key, message })?);
                Ok(())
            }),
            (_, Ok(text)) if text.len() > LONGEST_TEXT => {
                let (found, expected) =
                    (format!("{} bytes", text.len()), format!("at most {LONGEST_TEXT}"));
                Err(RunFileProblem::Value { key, found, expected })
            }
            _ => choices.set(&entry),
        };
        read.map_err(|problem| (Some(value.span()), problem))?;
    }
    let missing = || {
        let (found, expected) = ("missing".to_owned(), "the name of the trial".to_owned());
        (None, RunFileProblem::Value { key: "id", found, expected })
    };
    Ok((id.ok_or_else(missing)?, choices))
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Settings { data_dir, checkpoint_minutes, has_tensorboard } = &self.settings;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("form", &FORM)?;
        if let Some(dir) = data_dir {
            map.serialize_entry("data-dir", dir)?;
        }
        map.serialize_entry("checkpoint-minutes", &checkpoint_minutes.get())?;
        if *has_tensorboard {
            map.serialize_entry("tensorboard", &true)?;
        }
        map.serialize_entry("trial", &self.trials)?;
        map.end()
    }
}

/// The name and every choice, as in `plan.toml`.
impl Serialize for Trial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &TrialValue::Text(self.id().to_string()))?;
        for (key, value) in self.values() {
            map.serialize_entry(key, &value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::super::grid::parse_grid;
    use super::*;

    const GRID: &str = "[base]\nsamples = 50\ndata-dir = \"my data\"\ncheckpoint-minutes = 0.5\ntensorboard = true\n\
                        [grid]\nhidden = [10, 20]\nengine = [\"fast\", \"reference\"]\nseed = \"1..=2\"\n\
                        [[trial]]\ninit-weights = \"w's \\\"1\\\".npz\"\n";

    fn parse(text: &str) -> Result<Plan, PlanError> {
        Plan::parse(text, Path::new("plan.toml"))
    }

    #[test]
    fn a_plan_reads_back() {
        let plan = parse_grid(GRID).unwrap();
        let text = plan.to_text().unwrap();
        assert_eq!(parse(&text).unwrap(), plan, "{text}");
        let dir = tempfile::tempdir().unwrap();
        plan.write(dir.path()).unwrap();
        assert_eq!(Plan::read(dir.path()).unwrap(), plan);
        assert_eq!(plan.varied(), ["engine", "hidden", "init-weights", "seed"]);
        // With start weights the number of hidden neurons is theirs.
        assert_eq!(plan.trials()[8].value("hidden"), None);
    }

    /// The largest plan there can be.
    #[test]
    fn a_plan_of_ten_thousand_trials_reads_back() {
        let grid = "[grid]\nseed = \"hash 1..=10000\"\nsamples = [1000]\ninit-weights = [\"runs/before/weights.npz\"]\n\
                    hidden = [400]\n";
        let plan = parse_grid(grid).unwrap();
        let text = plan.to_text().unwrap();
        let memory = synfire_net::toml_memory(&text);
        assert!(memory < MOST_MEMORY / 4 * 3, "{memory}");
        assert_eq!(parse(&text).unwrap().trials(), plan.trials());
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        let text = parse_grid(GRID).unwrap().to_text().unwrap();
        for (from, to, expected) in [
            ("hidden = 20", "hidden = 21", "plan.toml, trial 5: id is "),
            (
                "form = 1",
                "form = 2",
                "plan.toml: form is 2, expected 1: it was written by another version",
            ),
            ("form = 1\n", "", "form is 0, expected 1"),
            ("[[trial]]", "[[trail]]", "unknown key `trail`, did you mean `trial`?"),
            ("[[trial]]\nid", "[[trial]]\nname", "unknown key `name`, expected one of dataset"),
            ("id = \"", "id = \"x", "id: trial is `x"),
            ("samples = 50", "samples = 0", "samples is 0, expected at least 1"),
            ("seed = 1", "seed = 1\nthreads = 3", "unknown key `threads`"),
        ] {
            assert!(text.contains(from), "{from}: {text}");
            let message = parse(&text.replacen(from, to, 1)).err().unwrap().to_string();
            assert!(message.contains(expected), "{from}: {message}");
        }
        let start = text.find("[[trial]]").unwrap();
        let (head, trials) = text.split_at(start);
        let message = |text: &str| parse(text).err().unwrap().to_string();
        assert_eq!(message(head), "plan.toml: number of trials is 0, expected 1 to 10000");
        assert!(message(&format!("{head}{trials}\n{trials}")).contains("trial 10: "));
        assert!(
            message("form = 1\ntrial = [3]").contains("trial is of type integer, expected table")
        );
        assert!(
            message("form = 1\n[[trial]]\nseed = 1").contains("id is missing, expected the name")
        );
        assert!(
            message("form = 1\n[[trial]]\nid = 3")
                .contains("id is of type integer, expected string")
        );
        let dir = tempfile::tempdir().unwrap();
        let message = Plan::read(dir.path()).err().unwrap().to_string();
        assert!(message.contains("holds no sweep: there is no plan.toml in it"), "{message}");
    }

    #[test]
    fn shards_are_of_even_work_and_begin_with_the_longest() {
        let plan = parse_grid("[grid]\nhidden = [10, 40, 20, 80]\nseed = \"1..=3\"\n").unwrap();
        let mut all = Vec::new();
        for number in 1..=5 {
            let mine = plan.shard(Shard::new(number, 5).unwrap());
            assert!((2..=3).contains(&mine.len()));
            let work: Vec<u64> = mine.iter().map(|&idx| plan.trials()[idx].work()).collect();
            assert!(work.is_sorted_by(|a, b| a >= b), "{work:?}");
            all.extend(mine);
        }
        all.sort_unstable();
        assert_eq!(all, (0..12).collect::<Vec<_>>());
        assert_eq!(plan.shard(Shard::new(13, 13).unwrap()), Vec::<usize>::new());
    }
}
