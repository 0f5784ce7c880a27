//! Somebody's weights against the golden ones of a case, in one of three forms.
//!
//! - CSV with columns `pre`, `post`, `new` and `step`: every change, in the step at whose end it happens, as in
//!   `changes.csv`. With `sample` in the place of `step`: every weight that differs after the sample.
//! - CSV with columns `pre`, `post`, `weight`: weights as they stand after a sample, of all synapses or of some.
//! - `.npz` with `w1`, `w2` and, if there, `w2Tp`, `w2Tm`: the matrices after a sample.
//!
//! Neurons are called by their ids.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use synfire_train::synfire_exchange::{Npz, WeightFile};
use synfire_train::synfire_reference::{Shape, WeightLimits};

use crate::BundleError;
use crate::check::BundleProblem;
use crate::dump::{LONGEST_DUMP, csv, is_npz, of_file, wrong};
use crate::listing::Listing;
use crate::parse::{Rows, file_of};
use crate::score::{Score, Source, form};
use crate::table::{CHANGES, NO_RULE, SYNAPSES};

/// Most rules of a case; ours have a few.
const MOST_RULES: usize = 64;
/// Most lines of a list of weights that are read; few in unit tests, which go to the limit.
const MOST_LINES: usize = if cfg!(test) { 100 } else { 20_000_000 };

/// How weights did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightComparison {
    /// Whether changes were compared, and not weights as they stand.
    pub is_changes: bool,
    /// Golden changes, or weights that were listed.
    pub n_compared: usize,
    /// Weights that learn, in all copies.
    pub n_weights: usize,
    /// Changes or weights that are not as they must be.
    pub n_different: usize,
    /// The first of them, by sample and step, then by synapse.
    pub first: Option<WeightMismatch>,
    /// What may be behind the differences.
    pub hints: Vec<String>,
}

/// A weight that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightMismatch {
    /// The sample after which, or in which.
    pub sample: usize,
    /// The step at whose end, if changes of steps were compared.
    pub step: Option<u64>,
    /// The rule, that is the matrix and its copy.
    pub rule: String,
    /// Presynaptic neuron by layer and index.
    pub pre: String,
    /// Postsynaptic neuron by layer and index.
    pub post: String,
    /// Their ids.
    pub ids: (u32, u32),
    /// The weight that must be there; `None` if it must not change.
    pub expected: Option<i16>,
    /// The weight that is there; `None` if it does not change.
    pub found: Option<i64>,
    /// What the weight does in this step or sample, in words.
    pub meaning: String,
}

impl std::fmt::Display for WeightMismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.step {
            Some(step) => write!(f, "step {step}, sample {}", self.sample)?,
            None => write!(f, "after sample {}", self.sample)?,
        }
        let (pre, post) = self.ids;
        write!(
            f,
            ": weight {} from {} (id {pre}) to {} (id {post}): ",
            self.rule, self.pre, self.post
        )?;
        match self.expected {
            Some(expected) => write!(f, "expected {expected}{}", self.meaning)?,
            None => write!(f, "expected no change")?,
        }
        match self.found {
            Some(found) => write!(f, ", found {found}"),
            None => write!(f, ", found no change"),
        }
    }
}

/// A synapse by the ids of its ends.
type Synapse = (u32, u32);

/// A golden change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    sample: usize,
    step: u64,
    synapse: Synapse,
    old: i16,
    new: i16,
}

/// The golden weights of a case.
struct Scale<'a> {
    score: &'a Score,
    /// Rule and weight at the start of every synapse that learns.
    start: BTreeMap<Synapse, (usize, i16)>,
    rules: Vec<String>,
    changes: Vec<Change>,
}

/// Compares weights with a case.
pub(crate) fn weigh(
    score: &Score,
    source: &Source<'_>,
    path: &Path,
    after: Option<usize>,
) -> Result<WeightComparison, BundleError> {
    let scale = Scale::read(score, source)?;
    let last = score.samples.len() - 1;
    let after = after.unwrap_or(last);
    if after > last {
        return Err(BundleError::After { found: after, last });
    }
    let bytes = source.contents().dump(path, LONGEST_DUMP).map_err(BundleError::read(path))?;
    let compared = match is_npz(&bytes) {
        true => scale
            .listed_in_npz(&bytes)
            .map(|listed| scale.compare_weights(&listed, after))
            .map_err(of_file),
        false => csv(&bytes).and_then(|text| scale.compare_csv(text, after)),
    };
    compared.map_err(|problem| wrong(path, problem))
}

impl<'a> Scale<'a> {
    fn read(score: &'a Score, source: &Source<'_>) -> Result<Scale<'a>, BundleError> {
        let mut scale =
            Scale { score, start: BTreeMap::new(), rules: Vec::new(), changes: Vec::new() };
        let name = &score.header.name;
        let file = file_of(name, "synapses.csv");
        let text = source.text(&file)?;
        scale
            .add_synapses(&file, &text)
            .map_err(|problem| form(source.contents().dir(), problem))?;
        let file = file_of(name, "changes.csv");
        let text = source.text(&file)?;
        scale
            .add_changes(&file, &text)
            .map_err(|problem| form(source.contents().dir(), problem))?;
        Ok(scale)
    }

    fn add_synapses(&mut self, file: &str, text: &str) -> Result<(), BundleProblem> {
        let most = i64::from(self.score.n_neurons()) - 1;
        for row in Rows::new(file, text, SYNAPSES)? {
            let row = row?;
            let rule = row.text(5);
            if rule == NO_RULE {
                continue;
            }
            let [pre, post] = [row.number(0, "pre", 0, most)?, row.number(1, "post", 0, most)?]
                .map(|id| u32::try_from(id).unwrap_or_default());
            let weight = row.number(2, "weight", -256, 254)?;
            let rule_idx = self.rules.iter().position(|other| other == rule);
            let rule_idx = match rule_idx {
                Some(rule_idx) => rule_idx,
                // Every line could name another.
                None if self.rules.len() == MOST_RULES => {
                    return Err(row.problem(format!("more than {MOST_RULES} rules")));
                }
                None => {
                    self.rules.push(row.words(5, "rule")?);
                    self.rules.len() - 1
                }
            };
            let weight = i16::try_from(weight).unwrap_or_default();
            self.start.insert((pre, post), (rule_idx, weight));
        }
        Ok(())
    }

    fn add_changes(&mut self, file: &str, text: &str) -> Result<(), BundleProblem> {
        let most = i64::from(self.score.n_neurons()) - 1;
        for row in Rows::new(file, text, CHANGES)? {
            let row = row?;
            let id = |column, name| {
                row.number(column, name, 0, most).map(|id| u32::try_from(id).unwrap_or_default())
            };
            let weight = |column, name| {
                let weight = row.number(column, name, -256, 254)?;
                Ok(i16::try_from(weight).unwrap_or_default())
            };
            let sample = row.number(0, "sample", 0, i64::MAX)?;
            self.changes.push(Change {
                sample: usize::try_from(sample).unwrap_or(usize::MAX),
                step: row.number(1, "step", 1, i64::MAX)?.unsigned_abs(),
                synapse: (id(3, "pre")?, id(4, "post")?),
                old: weight(5, "old")?,
                new: weight(6, "new")?,
            });
        }
        Ok(())
    }

    /// The golden weights after a sample.
    fn after(&self, sample: usize) -> BTreeMap<Synapse, i16> {
        let mut weights: BTreeMap<_, _> =
            self.start.iter().map(|(&synapse, &(_, weight))| (synapse, weight)).collect();
        for change in self.changes.iter().filter(|change| change.sample <= sample) {
            weights.insert(change.synapse, change.new);
        }
        weights
    }

    fn rule(&self, synapse: Synapse) -> &str {
        self.start.get(&synapse).map_or("", |&(rule, _)| &self.rules[rule])
    }

    fn mismatch(
        &self,
        (sample, step): (usize, Option<u64>),
        synapse: Synapse,
        expected: Option<i16>,
        found: Option<i64>,
        meaning: String,
    ) -> WeightMismatch {
        let (pre, post) = synapse;
        WeightMismatch {
            sample,
            step,
            rule: self.rule(synapse).to_owned(),
            pre: self.score.name_of(pre),
            post: self.score.name_of(post),
            ids: synapse,
            expected,
            found,
            meaning,
        }
    }

    /// Weights as they stand after a sample.
    fn compare_weights(&self, listed: &[(Synapse, i64)], after: usize) -> WeightComparison {
        let golden = self.after(after);
        let is_golden = |&(synapse, found): &(Synapse, i64)| {
            golden.get(&synapse).is_some_and(|&weight| i64::from(weight) == found)
        };
        let different: Vec<(Synapse, i64)> =
            listed.iter().copied().filter(|weight| !is_golden(weight)).collect();
        let first = different.iter().min().map(|&(synapse, found)| {
            let expected = golden.get(&synapse).copied();
            self.mismatch((after, None), synapse, expected, Some(found), String::new())
        });
        WeightComparison {
            is_changes: false,
            n_compared: listed.len(),
            n_weights: self.start.len(),
            n_different: different.len(),
            first,
            hints: self.weight_hints(&different, after),
        }
    }

    fn weight_hints(&self, different: &[(Synapse, i64)], after: usize) -> Vec<String> {
        let mut hints = Vec::new();
        if different.is_empty() {
            return hints;
        }
        // The first change of a synapse in the sample says what it was before.
        let of_sample = self.changes.iter().filter(|change| change.sample == after).rev();
        let before: BTreeMap<_, _> = of_sample.map(|change| (change.synapse, change)).collect();
        let is_turned = |&&(synapse, found): &&(Synapse, i64)| {
            before.get(&synapse).is_some_and(|change| change.is_turned(found))
        };
        let n_turned = different.iter().filter(is_turned).count();
        if n_turned * 2 > different.len() {
            hints.push(format!(
                "{n_turned} weights that must go up in sample {after} went down: as if its rewards were missing"
            ));
        }
        let is_old = |&(synapse, found): &(Synapse, i64)| {
            before.get(&synapse).is_some_and(|change| i64::from(change.old) == found)
        };
        if different.iter().all(is_old) {
            hints.push(format!("these weights stand as before sample {after}: it was not learned"));
        }
        if different.iter().all(|&(synapse, _)| self.rule(synapse) == "f-") {
            let what = "only F- differs: it saturates by itself and is kept, not rebuilt from W2";
            hints.push(what.to_owned());
        }
        hints
    }

    fn listed_in_npz(&self, bytes: &[u8]) -> Result<Vec<(Synapse, i64)>, String> {
        let names = Npz::parse(bytes).map_err(|error| error.to_string())?.names().to_vec();
        let file =
            WeightFile::parse(bytes, WeightLimits::CIRCUIT).map_err(|error| error.to_string())?;
        let sizes = self.score.header.layers.map(|size| size as usize);
        let shape = Shape::new(&sizes).map_err(|error| error.to_string())?;
        let weights = file.into_weights(&shape).map_err(|error| error.to_string())?;
        let first_id = |name: &str| {
            let layer = self.score.find(name).map(|idx| &self.score.layers[idx]);
            layer.map(|layer| layer.first_id).ok_or_else(|| format!("the case has no layer {name}"))
        };
        let [x, h, o, t, m] = ["x", "h", "o", "hT", "oT"].map(first_id);
        let has_feedback = names.iter().any(|name| name == "w2Tp");
        let mut matrices =
            vec![(&weights.forward()[0], x?, h.clone()?), (&weights.forward()[1], h?, o.clone()?)];
        if has_feedback {
            let back = t?;
            matrices.push((&weights.feedback_plus()[0], o?, back));
            matrices.push((&weights.feedback_minus()[0], m?, back));
        }
        let mut listed = Vec::new();
        for (matrix, first_pre, first_post) in matrices {
            let n_targets = matrix.n_targets();
            for (position, &weight) in matrix.values().iter().enumerate() {
                let [pre, post] = [position / n_targets, position % n_targets]
                    .map(|index| u32::try_from(index).unwrap_or_default());
                listed.push(((first_pre + pre, first_post + post), i64::from(weight)));
            }
        }
        Ok(listed)
    }

    fn compare_csv(&self, text: &str, after: usize) -> Result<WeightComparison, BundleProblem> {
        let listing = Listing::new(text)?;
        let place = |name: &'static str| listing.place(name).map(|at| (at, name));
        let time_at = place("step").or(place("sample"));
        let is_changes = place("new").is_some() && time_at.is_some();
        let value_at = if is_changes { place("new") } else { place("weight") };
        let (Some(pre_at), Some(post_at), Some(value_at)) = (place("pre"), place("post"), value_at)
        else {
            let expected = "`pre,post,weight`, `step,pre,post,new` or `sample,pre,post,new`";
            return Err(listing.lacks(expected));
        };
        let n_neurons = self.score.n_neurons();
        let mut listed = Vec::new();
        let mut changed = BTreeMap::new();
        for item in listing {
            let item = item?;
            if item.line > MOST_LINES {
                return Err(item.problem(format!("more than {MOST_LINES} lines")));
            }
            let id = |(at, name)| item.below(at, name, n_neurons);
            let synapse = (id(pre_at)?, id(post_at)?);
            if !self.start.contains_key(&synapse) {
                let [pre, post] = [synapse.0, synapse.1].map(|id| self.score.name_of(id));
                let message = format!("from {pre} to {post} there is no synapse that learns");
                return Err(item.problem(message));
            }
            let weight = item.number::<i64>(value_at.0, value_at.1)?;
            let Some((at, name)) = time_at.filter(|_| is_changes) else {
                listed.push((synapse, weight));
                continue;
            };
            let time = item.number::<i64>(at, name)?;
            if changed.insert((time, synapse), weight).is_some() {
                return Err(item.problem("this change is listed a second time".to_owned()));
            }
        }
        Ok(match is_changes {
            true => self.compare_changes(&changed, time_at.is_some_and(|(_, name)| name == "step")),
            false => self.compare_weights(&listed, after),
        })
    }

    /// Changes by step, or net changes by sample.
    fn compare_changes(
        &self,
        found: &BTreeMap<(i64, Synapse), i64>,
        is_by_step: bool,
    ) -> WeightComparison {
        let mut expected: BTreeMap<(i64, Synapse), Change> = BTreeMap::new();
        for &change in &self.changes {
            let time = if is_by_step { change.step } else { change.sample as u64 };
            let key = (i64::try_from(time).unwrap_or(i64::MAX), change.synapse);
            expected.entry(key).and_modify(|it| it.new = change.new).or_insert(change);
        }
        expected.retain(|_, change| change.old != change.new);
        let is_golden = |key: &(i64, Synapse)| {
            expected.get(key).map(|change| i64::from(change.new)) == found.get(key).copied()
        };
        let keys: BTreeSet<_> = expected.keys().chain(found.keys()).copied().collect();
        let different: Vec<_> = keys.into_iter().filter(|key| !is_golden(key)).collect();
        let first = different.first().map(|&(time, synapse)| {
            let golden = expected.get(&(time, synapse));
            let at = time.unsigned_abs();
            let place = match is_by_step {
                true => (self.score.sample_of(at).unwrap_or_default(), Some(at)),
                false => (usize::try_from(at).unwrap_or_default(), None),
            };
            let meaning = golden.map_or_else(String::new, |change| {
                let way = if change.new > change.old { "potentiation" } else { "depression" };
                format!(" ({way} from {})", change.old)
            });
            let value = found.get(&(time, synapse)).copied();
            self.mismatch(place, synapse, golden.map(|change| change.new), value, meaning)
        });
        let what = if is_by_step { "step" } else { "sample" };
        let mut hints = Vec::new();
        if let Some(&(time, _)) = different.first() {
            let here: Vec<_> = different.iter().filter(|key| key.0 == time).collect();
            let is_turned = |key: &&&(i64, Synapse)| {
                let value = found.get(**key).copied();
                expected
                    .get(**key)
                    .zip(value)
                    .is_some_and(|(change, value)| change.is_turned(value))
            };
            let n_turned = here.iter().filter(is_turned).count();
            if n_turned * 2 > here.len() {
                hints.push(format!(
                    "{n_turned} weights that must go up in {what} {time} go down: as if its reward were missing"
                ));
            }
            let n_changes = expected.keys().filter(|key| key.0 == time).count();
            if here.len() == n_changes && here.iter().all(|key| !found.contains_key(key)) {
                hints.push(format!(
                    "{what} {time} changes nothing: as if nothing were learned in it"
                ));
            }
        }
        WeightComparison {
            is_changes: true,
            n_compared: expected.len(),
            n_weights: self.start.len(),
            n_different: different.len(),
            first,
            hints,
        }
    }
}

impl Change {
    /// Whether a weight that must go up has gone down by 2 instead.
    fn is_turned(&self, found: i64) -> bool {
        self.new > self.old && i64::from(self.old) - 2 == found
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::score::tests::two_layers;

    #[test]
    fn more_lines_and_rules_than_are_read_are_refused() {
        let score = two_layers();
        let (start, rules, changes) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut scale = Scale { score: &score, start, rules, changes };
        let synapses = |n: usize| -> String {
            let row = |k: usize| format!("0,2,4,0,1,r{k}\n");
            format!("{SYNAPSES}\n{}", (0..n).map(row).collect::<String>())
        };
        assert_eq!(scale.add_synapses("s.csv", &synapses(MOST_RULES)), Ok(()));
        let problem = scale.add_synapses("s.csv", &synapses(MOST_RULES + 1)).unwrap_err();
        assert_eq!(problem.to_string(), "s.csv, line 66: more than 64 rules");
        let list = |n: usize| format!("pre,post,weight\n{}", "0,2,4\n".repeat(n - 1));
        assert!(scale.compare_csv(&list(MOST_LINES), 0).is_ok());
        let problem = scale.compare_csv(&list(MOST_LINES + 1), 0).unwrap_err();
        assert_eq!(problem.line, Some(101));
        assert_eq!(problem.message, "more than 100 lines");
    }
}
