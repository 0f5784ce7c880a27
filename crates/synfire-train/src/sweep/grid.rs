//! The file that asks for a sweep.
//!
//! ```toml
//! [base]                      # what all trials have in common: keys of a run file
//! samples = 1000
//!
//! [grid]                      # every combination of these
//! hidden = [50, 100]
//! seed = "1..=3"
//!
//! [[trial]]                   # and these; a value may be a list here too
//! hidden = 400
//! seed = 1
//! ```
//!
//! The table `[grid]` and each `[[trial]]` stand for all combinations of their values, over `[base]`. Combinations that
//! come about more than once are one trial. How many there would be is counted before any is made, so that memory
//! stays bounded whatever the text says.
//!
//! Seeds are a list, a range as `--seeds` has it, or `"hash"`: a seed made from the hash of all else in the trial, so
//! that no two trials share a random stream; `"hash 1..=3"` for three of them each.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use synfire_net::{check_toml_memory, printable};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::plan::{Plan, PlanError, Settings};
use super::trial::{LONGEST_TEXT, Trial, TrialId, seed_of, values};
use crate::choices::{Choices, Entry, KEYS, RunFileProblem, in_order, located, quoted, unknown};
use crate::config::ConfigError;
use crate::record::read_text;
use crate::seeds::Seeds;

/// Most trials of a sweep.
pub const MOST_TRIALS: usize = 10_000;

/// Longest grid file, in bytes.
const LONGEST_FILE: usize = 1 << 20;

/// The most bytes of memory that reading a text may take; that of a list of 10,000 numbers takes some 4 MB.
const MOST_MEMORY: u64 = 64 << 20;

const BASE: &str = "base";
const GRID: &str = "grid";
const TRIAL: &str = "trial";

/// What is wrong in a grid file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct GridError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters.
    pub column: usize,
    /// What is wrong there.
    pub problem: GridProblem,
}

/// What is wrong in a grid file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum GridProblem {
    /// As it would be wrong in a run file.
    #[error(transparent)]
    Run(RunFileProblem),
    /// A key that does not belong in this table.
    #[error("{key} cannot be in [{table}]: {reason}")]
    Misplaced { key: &'static str, table: &'static str, reason: &'static str },
    /// A list without a value, and so no trial at all.
    #[error("{key} has no value, expected at least 1")]
    NoValue { key: &'static str },
    /// The same value again in one list.
    #[error("{key} is {value} twice")]
    Twice { key: &'static str, value: String },
    /// A text that is longer than any name or path.
    #[error("{key} has {found} bytes, expected at most {LONGEST_TEXT}")]
    Long { key: &'static str, found: usize },
    /// Nothing is asked for.
    #[error("there is neither a table [grid] nor a [[trial]]: nothing is to be run")]
    Nothing,
    /// More trials than anybody can mean.
    #[error("the grid has {found} combinations, expected at most {MOST_TRIALS}")]
    TooMany { found: String },
    /// A combination that makes no run.
    #[error("the trial with {choices}: {cause}")]
    Config { choices: String, cause: ConfigError },
    /// Different trials with one name, which is not to be expected of a hash.
    #[error("two trials that differ have the name {id}: change any choice of either")]
    Collision { id: TrialId },
    /// More text than a grid needs.
    #[error("the file has {found} bytes, expected at most {LONGEST_FILE}")]
    TooLong { found: usize },
}

impl From<RunFileProblem> for GridProblem {
    fn from(problem: RunFileProblem) -> GridProblem {
        GridProblem::Run(problem)
    }
}

/// Reads a grid file, see [`parse_grid`].
///
/// # Errors
/// If the file cannot be read, or as [`parse_grid`].
pub fn read_grid(path: &Path) -> Result<Plan, PlanError> {
    let text = read_text(path, LONGEST_FILE as u64)
        .map_err(|cause| PlanError::Read { path: path.to_owned(), cause })?;
    parse_grid(&text)
        .map_err(|cause| PlanError::Grid { path: path.to_owned(), cause: Box::new(cause) })
}

/// Reads the text of a grid file, and makes the trials that it asks for.
///
/// ```
/// use synfire_train::parse_grid;
///
/// let plan = parse_grid("[grid]\nhidden = [50, 100]\nseed = \"1..=3\"\n")?;
/// assert_eq!((plan.trials().len(), plan.varied()), (6, vec!["hidden", "seed"]));
///
/// let error = parse_grid("[grid]\nhiden = [50]").unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 1: unknown key `hiden`, did you mean `hidden`?");
/// # Ok::<(), synfire_train::GridError>(())
/// ```
///
/// # Errors
/// The first place, in the order of the text, that is no TOML, an unknown key, a key that cannot vary or a value that
/// cannot be; more than [`MOST_TRIALS`]; the first combination that makes no run.
pub fn parse_grid(text: &str) -> Result<Plan, GridError> {
    if text.len() > LONGEST_FILE {
        return Err(placed(text, 0..0, GridProblem::TooLong { found: text.len() }));
    }
    check_toml_memory(text, MOST_MEMORY)
        .map_err(|error| placed(text, 0..0, RunFileProblem::Memory(error)))?;
    let table = DeTable::parse(text).map_err(|error| {
        let problem = RunFileProblem::Syntax(printable(error.message().trim_end()));
        placed(text, error.span().unwrap_or(0..0), problem)
    })?;
    let (mut base, mut blocks) = (Block::default(), Vec::new());
    for (key, value) in in_order(table.get_ref()) {
        match key.get_ref().as_ref() {
            BASE => base = Block::read(text, BASE, value.span(), as_table(text, BASE, value)?)?,
            GRID => blocks.push(Block::read(text, GRID, key.span(), as_table(text, GRID, value)?)?),
            TRIAL => {
                let wrong = || {
                    let (key, found) = (TRIAL, value.get_ref().type_str());
                    RunFileProblem::Type { key, found, expected: "an array of tables, [[trial]]" }
                };
                let list = value.get_ref().as_array();
                for trial in list.ok_or_else(|| placed(text, value.span(), wrong()))? {
                    let block = as_table(text, TRIAL, trial)?;
                    blocks.push(Block::read(text, TRIAL, trial.span(), block)?);
                }
            }
            name => {
                let problem = unknown(name, [BASE, GRID, TRIAL].into_iter());
                return Err(placed(text, key.span(), problem));
            }
        }
    }
    if blocks.is_empty() {
        return Err(placed(text, 0..0, GridProblem::Nothing));
    }
    let n_trials = blocks.iter().map(Block::n_trials);
    let n_trials = n_trials.fold(0, u128::saturating_add);
    if n_trials > MOST_TRIALS as u128 {
        let most = |block: &&Block| block.n_trials();
        let place = blocks.iter().max_by_key(most).map_or(0..0, |block| block.place.clone());
        let found = match n_trials {
            u128::MAX => format!("more than {}", u128::MAX),
            n => n.to_string(),
        };
        return Err(placed(text, place, GridProblem::TooMany { found }));
    }
    let mut trials: Vec<Trial> = Vec::new();
    let mut seen: BTreeMap<TrialId, usize> = BTreeMap::new();
    for block in &blocks {
        for n in 0..block.n_trials() {
            let choices = block.choices(&base, n);
            let trial = Trial::new(&choices).map_err(|cause| {
                let choices = words(block.axes.iter().map(|axis| axis.key), &choices);
                placed(text, block.place.clone(), GridProblem::Config { choices, cause })
            })?;
            match seen.get(&trial.id()) {
                None => {
                    seen.insert(trial.id(), trials.len());
                    trials.push(trial);
                }
                Some(&idx) if trials[idx] == trial => {}
                Some(_) => {
                    let problem = GridProblem::Collision { id: trial.id() };
                    return Err(placed(text, block.place.clone(), problem));
                }
            }
        }
    }
    let Choices { data_dir, checkpoint_minutes, tensorboard, .. } = base.fixed;
    let settings = Settings {
        data_dir,
        checkpoint_minutes: checkpoint_minutes.unwrap_or_default(),
        has_tensorboard: tensorboard.unwrap_or(false),
    };
    // There are at most so many.
    let n_repeated = usize::try_from(n_trials).unwrap_or(usize::MAX) - trials.len();
    Ok(Plan::of(settings, trials, n_repeated))
}

/// Why a key is not in a table where it was found.
fn misplaced(key: &str, table: &str) -> Option<&'static str> {
    match (key, table) {
        ("out", _) => Some("the folder of a trial follows from its choices"),
        ("json", _) => Some("it is an option of `synfire sweep run`"),
        ("threads", _) => Some("it changes no result; it is an option of `synfire sweep run`"),
        ("seeds", BASE) => Some("what varies is in [grid]"),
        ("data-dir" | "checkpoint-minutes" | "tensorboard", GRID | TRIAL) => {
            Some("it changes no result; it can be in [base]")
        }
        _ => None,
    }
}

/// One of the tables: what is the same in all its trials, and what varies.
#[derive(Default)]
struct Block {
    /// Where it is in the text.
    place: Range<usize>,
    fixed: Choices,
    /// The seeds are made from hashes, for each of these numbers.
    hashed: Option<Vec<u64>>,
    axes: Vec<Axis>,
}

/// The values of one key.
struct Axis {
    key: &'static str,
    values: Vec<Choices>,
}

impl Block {
    fn read(
        text: &str,
        table: &'static str,
        place: Range<usize>,
        entries: &DeTable<'_>,
    ) -> Result<Block, GridError> {
        let mut block = Block { place, ..Block::default() };
        let mut seed_key = None;
        for (key, value) in in_order(entries) {
            let name = key.get_ref().as_ref();
            let Some(known) = KEYS.into_iter().find(|&known| known == name) else {
                return Err(placed(text, key.span(), unknown(name, KEYS.into_iter())));
            };
            if let Some(reason) = misplaced(known, table) {
                let problem = GridProblem::Misplaced { key: known, table, reason };
                return Err(placed(text, key.span(), problem));
            }
            if let (true, Some(other)) = (known.starts_with("seed"), seed_key) {
                let problem = RunFileProblem::Conflict { key: known, other };
                return Err(placed(text, key.span(), problem));
            }
            let read = match known {
                "seed" | "seeds" => {
                    seed_key = Some(known);
                    block.read_seeds(known, table, value.get_ref())
                }
                _ => block.read_values(known, table, value.get_ref()),
            };
            read.map_err(|problem| placed(text, value.span(), problem))?;
        }
        Ok(block)
    }

    fn read_values(
        &mut self,
        key: &'static str,
        table: &str,
        value: &DeValue<'_>,
    ) -> Result<(), GridProblem> {
        let list = match value {
            // A run file has no lists but of seeds.
            DeValue::Array(list) if table != BASE => list,
            value => return set(&mut self.fixed, key, value),
        };
        if list.len() > MOST_TRIALS {
            return Err(GridProblem::TooMany { found: list.len().to_string() });
        }
        let (mut values, mut seen) = (Vec::new(), BTreeSet::new());
        for value in list {
            let mut choices = Choices::default();
            set(&mut choices, key, value.get_ref())?;
            let written = written(key, &choices);
            if !seen.insert(written.clone()) {
                return Err(GridProblem::Twice { key, value: quoted(&written) });
            }
            values.push(choices);
        }
        self.add(key, values)
    }

    fn read_seeds(
        &mut self,
        key: &'static str,
        table: &str,
        value: &DeValue<'_>,
    ) -> Result<(), GridProblem> {
        let seeds = |text: &str| {
            let seeds = text.parse::<Seeds>();
            seeds.map_err(|error| RunFileProblem::Text { key, message: error.to_string() })
        };
        match value {
            DeValue::String(text) if text.starts_with("hash") => {
                let numbers = match text.strip_prefix("hash ") {
                    Some(numbers) if table != BASE => seeds(numbers)?.as_slice().to_vec(),
                    None if text == "hash" => vec![1],
                    _ => {
                        let expected = match table {
                            BASE => "a number or `hash`",
                            _ => "numbers, a range such as 1..=15, `hash` or `hash 1..=15`",
                        };
                        let (found, expected) =
                            (format!("`{}`", quoted(text)), expected.to_owned());
                        return Err(RunFileProblem::Value { key, found, expected }.into());
                    }
                };
                self.hashed = Some(numbers);
                Ok(())
            }
            DeValue::String(_) | DeValue::Array(_) if table != BASE => {
                if value.as_array().is_some_and(|list| list.is_empty()) {
                    return Err(GridProblem::NoValue { key });
                }
                let seeds = Entry { key, value }.seeds()?;
                let of_seed = |&seed: &u64| -> Result<Choices, GridProblem> {
                    let found = seed.to_string();
                    let most = crate::config::Config::MOST_SEED;
                    if seed > most {
                        let expected = format!("0 to {most}");
                        return Err(RunFileProblem::Value { key, found, expected }.into());
                    }
                    Ok(Choices { seed: Some(seed), ..Choices::default() })
                };
                let values = seeds.as_slice().iter().map(of_seed).collect::<Result<_, _>>()?;
                self.add("seed", values)
            }
            value => set(&mut self.fixed, "seed", value),
        }
    }

    fn add(&mut self, key: &'static str, values: Vec<Choices>) -> Result<(), GridProblem> {
        if values.is_empty() {
            return Err(GridProblem::NoValue { key });
        }
        self.axes.push(Axis { key, values });
        Ok(())
    }

    /// The combinations of its values.
    fn n_trials(&self) -> u128 {
        let n_hashed = self.hashed.as_ref().map_or(1, Vec::len);
        let lengths = self.axes.iter().map(|axis| axis.values.len()).chain([n_hashed]);
        lengths.fold(1, |product: u128, n| product.saturating_mul(n as u128))
    }

    /// The choices of combination `n`, of which the last key varies fastest, over those of the base.
    fn choices(&self, base: &Block, n: u128) -> Choices {
        let mut rest = n;
        let mut digit = |n_values: usize| {
            let n_values = n_values as u128;
            let digit = usize::try_from(rest % n_values).unwrap_or(0);
            rest /= n_values;
            digit
        };
        let own = self.hashed.as_ref();
        let replicate = own.map(|numbers| numbers[digit(numbers.len())]);
        let mut choices = self.fixed.clone();
        for axis in self.axes.iter().rev() {
            choices = axis.values[digit(axis.values.len())].clone().over(choices);
        }
        let names_seed = choices.seed.is_some();
        choices = choices.over(base.fixed.clone());
        let of_base = base.hashed.as_ref().and_then(|numbers| numbers.first().copied());
        if let Some(replicate) = replicate.or(of_base.filter(|_| !names_seed)) {
            choices.seed = Some(seed_of(&choices, replicate));
        }
        choices
    }
}

/// Makes a choice, of a text that is no longer than any can be.
fn set(choices: &mut Choices, key: &'static str, value: &DeValue<'_>) -> Result<(), GridProblem> {
    if let Some(found) = value.as_str().map(str::len).filter(|&found| found > LONGEST_TEXT) {
        return Err(GridProblem::Long { key, found });
    }
    Ok(choices.set(&Entry { key, value })?)
}

/// A choice as it is written.
fn written(key: &str, choices: &Choices) -> String {
    let of_key = |(known, value)| (known == key).then_some(value);
    let value = values(choices).into_iter().find_map(of_key).flatten();
    value.map_or_else(String::new, |value| value.to_string())
}

/// Some choices in words.
fn words<'a>(keys: impl Iterator<Item = &'a str>, choices: &Choices) -> String {
    let words: Vec<String> =
        keys.map(|key| format!("{key} {}", quoted(&written(key, choices)))).collect();
    if words.is_empty() { "the values of this table".to_owned() } else { words.join(", ") }
}

fn as_table<'a, 'i>(
    text: &str,
    key: &'static str,
    value: &'a Spanned<DeValue<'i>>,
) -> Result<&'a DeTable<'i>, GridError> {
    let found = value.get_ref().type_str();
    let problem = RunFileProblem::Type { key, found, expected: "a table" };
    value.get_ref().as_table().ok_or_else(|| placed(text, value.span(), problem))
}

fn placed(text: &str, span: Range<usize>, problem: impl Into<GridProblem>) -> GridError {
    let (line, column) = located(text, span);
    GridError { line, column, problem: problem.into() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn seeds(plan: &Plan) -> Vec<u64> {
        plan.trials().iter().map(|trial| trial.choices().seed.unwrap()).collect()
    }

    #[test]
    fn every_combination_is_a_trial() {
        let plan = parse_grid(
            "[base]\nsamples = 50\nepochs = 2\n[grid]\nhidden = [10, 20]\norder = [\"file\", \"shuffled\"]\n\
             seed = [3, 1]\n",
        )
        .unwrap();
        let of = |trial: &Trial| {
            let choices = trial.choices();
            assert_eq!((choices.samples, choices.epochs), (Some(50), Some(2)));
            (choices.hidden.unwrap(), choices.order.unwrap().name(), choices.seed.unwrap())
        };
        let found: Vec<_> = plan.trials().iter().map(of).collect();
        let expected = [
            (10, "file", 3),
            (10, "file", 1),
            (10, "shuffled", 3),
            (10, "shuffled", 1),
            (20, "file", 3),
            (20, "file", 1),
            (20, "shuffled", 3),
            (20, "shuffled", 1),
        ];
        assert_eq!(found, expected);
        assert_eq!(plan.varied(), ["hidden", "order", "seed"]);
    }

    /// Whatever the order of keys and values, the same trials by the same names; more values add trials.
    #[test]
    fn equal_trials_have_equal_names() {
        let ids = |text: &str| {
            let plan = parse_grid(text).unwrap();
            plan.trials().iter().map(Trial::id).collect::<BTreeSet<_>>()
        };
        let one = ids("[base]\nepochs = 3\n[grid]\nhidden = [10, 20]\nseed = \"1..=2\"\n");
        assert_eq!(one.len(), 4);
        let other = "[grid]\nseeds = [2, 1]\nhidden = [20, 10]\n[base]\nepochs = 3\n";
        assert_eq!(ids(other), one);
        let trials = "[[trial]]\nhidden = 10\nepochs = 3\nseed = \"1,2\"\n[[trial]]\nhidden = 20\nepochs = [3]\n\
                      seeds = \"1..=2\"\n[base]\nepochs = 7\n";
        assert_eq!(ids(trials), one);
        let more = ids("[base]\nepochs = 3\n[grid]\nhidden = [5, 10, 20]\nseed = \"0..=2\"\n");
        assert!(more.len() == 9 && more.is_superset(&one));
    }

    #[test]
    fn combinations_that_come_about_twice_are_one() {
        let plan =
            parse_grid("[grid]\nseed = \"1..=3\"\n[[trial]]\nseed = 2\n[[trial]]\nseed = 9\n");
        let plan = plan.unwrap();
        assert_eq!((seeds(&plan), plan.n_repeated()), (vec![1, 2, 3, 9], 1));
    }

    #[test]
    fn seeds_from_hashes_differ_between_trials_and_stay() {
        let plan = parse_grid("[grid]\nhidden = [10, 20]\nseed = \"hash 1..=2\"\n").unwrap();
        let found = seeds(&plan);
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 4);
        let wider = parse_grid("[grid]\nseed = \"hash 1..=3\"\nhidden = [20, 30, 10]\n").unwrap();
        assert!(found.iter().all(|seed| seeds(&wider).contains(seed)));
        let base = parse_grid("[base]\nseed = \"hash\"\n[grid]\nhidden = [10, 20]\n").unwrap();
        assert_eq!(seeds(&base), [found[0], found[2]]);
        // A seed that is named goes over the base.
        let named =
            parse_grid("[base]\nseed = \"hash\"\n[grid]\nhidden = [10]\nseed = [4]\n").unwrap();
        assert_eq!(seeds(&named), [4]);
        let hashed =
            parse_grid("[base]\nseed = 3\n[grid]\nhidden = [10]\nseed = \"hash\"\n").unwrap();
        assert_eq!(seeds(&hashed), [found[0]]);
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        for (text, expected) in [
            ("", "line 1, column 1: there is neither a table [grid] nor a [[trial]]"),
            ("[base]\nepochs = 3\n", "line 1, column 1: there is neither"),
            (
                "hidden = [3]",
                "line 1, column 1: unknown key `hidden`, expected one of base, grid, trial",
            ),
            ("[gird]\n", "line 1, column 2: unknown key `gird`, did you mean `grid`?"),
            ("grid = 3", "line 1, column 8: grid is of type integer, expected a table"),
            ("[trial]\nseed = 1", "trial is of type table, expected an array of tables, [[trial]]"),
            ("trial = [3]", "line 1, column 10: trial is of type integer, expected a table"),
            (
                "[grid]\nephocs = [3]",
                "line 2, column 1: unknown key `ephocs`, did you mean `epochs`?",
            ),
            (
                "[base]\nHidden = 3",
                "line 2, column 1: unknown key `Hidden`, did you mean `hidden`?",
            ),
            (
                "[base]\nhidden = [3]",
                "line 2, column 10: hidden is of type array, expected integer",
            ),
            ("[grid]\nhidden = []", "line 2, column 10: hidden has no value, expected at least 1"),
            ("[grid]\nseed = []", "line 2, column 8: seed has no value, expected at least 1"),
            ("[grid]\nhidden = [3, 4, 3]", "line 2, column 10: hidden is 3 twice"),
            ("[grid]\nseed = [1, 1]", "line 2, column 8: seed: seed 1 is named twice"),
            (
                "[grid]\nhidden = [3, \"4\"]",
                "line 2, column 10: hidden is of type string, expected integer",
            ),
            ("[grid]\nhidden = [0]", "line 2, column 10: hidden is 0, expected 1 to 65536"),
            (
                "[grid]\nseed = \"3..=1\"",
                "line 2, column 8: seed: seeds `3..=1`: the range is empty",
            ),
            ("[grid]\nseed = \"hush\"", "seed: seeds `hush`: expected numbers and ranges such as"),
            (
                "[grid]\nseed = \"hash1\"",
                "seed is `hash1`, expected numbers, a range such as 1..=15, `hash` or",
            ),
            ("[grid]\nseed = \"hash \\t\"", r"seed: seeds `\t`: expected numbers"),
            ("[grid]\ninit-weights = [\"\\t\", \"\\t\"]", r"init-weights is \t twice"),
            (
                "[grid]\nvariant = [\"lanl-numpy\"]\ninit-weights = [\"\\r\"]",
                r"the trial with variant lanl-numpy, init-weights \r: variant lanl-numpy runs on engine",
            ),
            ("[grid]\nseed = \"hash 1,1\"", "seed: seed 1 is named twice"),
            ("[base]\nseed = \"hash 1..=3\"", "seed is `hash 1..=3`, expected a number or `hash`"),
            ("[base]\nseed = \"1..=3\"", "seed is of type string, expected integer"),
            ("[grid]\nseed = [1]\nseeds = [2]", "line 3, column 1: seeds cannot be used with seed"),
            ("[grid]\nseed = [9223372036854775808]", "seed is 9223372036854775808, expected 0 to"),
            (
                "[grid]\nthreads = [1, 2]",
                "line 2, column 1: threads cannot be in [grid]: it changes no result",
            ),
            (
                "[grid]\nout = [\"a\"]",
                "out cannot be in [grid]: the folder of a trial follows from",
            ),
            ("[base]\nout = \"a\"", "out cannot be in [base]: the folder of a trial follows from"),
            ("[base]\nseeds = [1]", "seeds cannot be in [base]: what varies is in [grid]"),
            (
                "[grid]\ndata-dir = [\"a\"]",
                "data-dir cannot be in [grid]: it changes no result; it can be in [base]",
            ),
            (
                "[base]\n[base.record]\ncommand = \"x\"",
                "unknown key `record`, expected one of dataset",
            ),
            (
                "[grid]\nvariant = [\"circuit\", \"lanl-numpy\"]\nhidden = [5]",
                "line 1, column 2: the trial with variant lanl-numpy, hidden 5: variant lanl-numpy runs on engine",
            ),
            ("[grid]\nhidden = [1\n", "line "),
        ] {
            let found = parse_grid(text).err().unwrap().to_string();
            assert!(found.contains(expected), "{text}: {found}");
        }
    }

    /// What would be large is refused before it is made.
    #[test]
    fn grids_of_any_size_are_refused_at_once() {
        let seeds = "seed = \"1..=1000\"\ncheck = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n";
        let plan = parse_grid(&format!("[grid]\n{seeds}")).unwrap();
        assert_eq!(plan.trials().len(), MOST_TRIALS);
        let message = |text: &str| parse_grid(text).err().unwrap().to_string();
        assert_eq!(
            message(&format!("[grid]\n{seeds}[[trial]]\nseed = 0")),
            "line 1, column 2: the grid has 10001 combinations, expected at most 10000"
        );
        let list: Vec<String> = (1..=1000).map(|n| n.to_string()).collect();
        let list = list.join(", ");
        let text = format!("[grid]\nhidden = [{list}]\nepochs = [{list}]\nsamples = [{list}]\n");
        assert!(message(&text).contains("the grid has 1000000000 combinations, expected at most"));
        let more = format!("{text}seed = \"1..=1000\"\ncheck = [{list}]\n");
        assert!(message(&more).contains("the grid has 1000000000000000 combinations"));
        let many = vec!["1"; MOST_TRIALS + 1].join(",");
        assert!(
            message(&format!("[grid]\nhidden = [{many}]"))
                .contains("the grid has 10001 combinations")
        );
        let long = format!("[base]\ninit-weights = \"{}\"\n[grid]\nseed = [1]", "w".repeat(4097));
        assert!(message(&long).contains("init-weights has 4097 bytes, expected at most 4096"));
        assert!(message(&" ".repeat((1 << 20) + 1)).contains("the file has 1048577 bytes"));
    }
}
