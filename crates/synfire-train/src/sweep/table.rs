//! A sweep in figures: a row for each trial, and one for each group of trials that differ in their seeds only.
//!
//! Nothing in the tables depends on time, on folders, or on who computed what.

use super::merge::Merged;
use super::trial::{Trial, TrialId, TrialValue};
use crate::metrics::EpochMetrics;
use crate::spread::Spread;

/// Name of the file with a row for each trial.
pub const SWEEP_FILE: &str = "sweep.csv";
/// Name of the file with a row for each group of trials that differ in their seeds only.
pub const GROUPS_FILE: &str = "groups.csv";

/// The names of the three readouts, in the order of [`Figures`].
const READOUTS: [&str; 3] = ["exact", "binary", "potential"];

/// What became of a run, over all its epochs. Fractions of test samples lie between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Test samples read right after the last epoch, by exact, binary and potential readout.
    pub last: [f64; 3],
    /// The same at the highest of all epochs.
    pub best: [f64; 3],
    /// The first epoch at which it was that.
    pub best_epoch: [u32; 3],
    /// Samples compared with the reference.
    pub compared: u64,
    /// Of those, samples that differed.
    pub mismatches: u64,
    /// Faults of the engine in training and evaluation.
    pub faults: u64,
}

impl Figures {
    /// The figures of a run with these epochs.
    #[must_use]
    pub fn of(rows: &[EpochMetrics]) -> Figures {
        let tests = |row: &EpochMetrics| [row.test_exact, row.test_binary, row.test_potential];
        let mut figures = Figures::default();
        for row in rows {
            figures.last = tests(row);
            for (readout_idx, value) in tests(row).into_iter().enumerate() {
                if value > figures.best[readout_idx] || figures.best_epoch[readout_idx] == 0 {
                    figures.best[readout_idx] = value;
                    figures.best_epoch[readout_idx] = row.epoch;
                }
            }
            // A table from somewhere else may hold any number.
            figures.compared = figures.compared.saturating_add(row.compared);
            figures.mismatches = figures.mismatches.saturating_add(row.mismatches);
            let faults = row.faults.saturating_add(row.test_faults);
            figures.faults = figures.faults.saturating_add(faults);
        }
        figures
    }
}

/// Trials that differ in their seeds only.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What the trials have in common, of the keys that vary in the sweep, in their order.
    pub values: Vec<(&'static str, Option<TrialValue>)>,
    /// Number of trials planned.
    pub n_planned: usize,
    /// Those that are there, as indices into [`Merged::trials`].
    pub trials: Vec<usize>,
    /// How the last epoch scatters, by exact, binary and potential readout; `None` without a trial.
    pub last: [Option<Spread>; 3],
    /// How the best epochs scatter.
    pub best: [Option<Spread>; 3],
    /// Sums over the trials.
    pub compared: u64,
    /// Sums over the trials.
    pub mismatches: u64,
    /// Sums over the trials.
    pub faults: u64,
}

impl Group {
    /// What the trials have in common in words; without anything, what they are.
    #[must_use]
    pub fn name(&self) -> String {
        let word = |(key, value): &(&str, Option<TrialValue>)| match value {
            Some(value) => format!("{key} {value}"),
            None => format!("{key} not given"),
        };
        let words: Vec<String> = self.values.iter().map(word).collect();
        if words.is_empty() { "all trials".to_owned() } else { words.join(", ") }
    }
}

/// The groups of a sweep, in the order of the plan.
pub(super) fn groups(merged: &Merged) -> Vec<Group> {
    let keys: Vec<&'static str> =
        merged.plan.varied().into_iter().filter(|&key| key != "seed").collect();
    let values =
        |trial: &Trial| -> Vec<_> { keys.iter().map(|&key| (key, trial.value(key))).collect() };
    let mut groups: Vec<Group> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    let mut there = merged.trials.iter().enumerate().peekable();
    for (trial_idx, trial) in merged.plan.trials().iter().enumerate() {
        let values = values(trial);
        let place = *places.entry(values.clone()).or_insert_with(|| {
            groups.push(Group {
                values,
                n_planned: 0,
                trials: Vec::new(),
                last: [None; 3],
                best: [None; 3],
                compared: 0,
                mismatches: 0,
                faults: 0,
            });
            groups.len() - 1
        });
        groups[place].n_planned += 1;
        if let Some((idx, _)) = there.next_if(|(_, merged)| merged.trial_idx == trial_idx) {
            groups[place].trials.push(idx);
        }
    }
    for group in &mut groups {
        let figures: Vec<Figures> =
            group.trials.iter().map(|&idx| merged.trials[idx].figures()).collect();
        let spread =
            |of: &dyn Fn(&Figures) -> f64| Spread::of(&figures.iter().map(of).collect::<Vec<_>>());
        group.last = [0, 1, 2].map(|readout_idx| spread(&|figures| figures.last[readout_idx]));
        group.best = [0, 1, 2].map(|readout_idx| spread(&|figures| figures.best[readout_idx]));
        let sum = |of: fn(&Figures) -> u64| figures.iter().map(of).fold(0, u64::saturating_add);
        group.compared = sum(|figures| figures.compared);
        group.mismatches = sum(|figures| figures.mismatches);
        group.faults = sum(|figures| figures.faults);
    }
    groups
}

/// The text of `sweep.csv`.
pub(super) fn sweep_csv(merged: &Merged) -> Result<Vec<u8>, csv::Error> {
    let keys = merged.plan.varied();
    let of_readouts = |what: &str| READOUTS.map(|readout| format!("{what}_{readout}"));
    let mut head: Vec<String> = vec!["trial".to_owned()];
    head.extend(keys.iter().map(|&key| key.to_owned()));
    head.extend(of_readouts("last"));
    for name in of_readouts("best") {
        let epoch = format!("{name}_epoch");
        head.extend([name, epoch]);
    }
    let more = ["error_share", "updates", "saturated", "hidden_active", "dead_classes"];
    head.extend(more.map(str::to_owned));
    head.extend(["compared", "mismatches", "faults"].map(str::to_owned));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&head)?;
    for merged_trial in &merged.trials {
        let trial = &merged.plan.trials()[merged_trial.trial_idx];
        let rows = &merged_trial.summary.rows;
        let Figures { last, best, best_epoch, compared, mismatches, faults } =
            merged_trial.figures();
        let mut record = vec![trial.id().to_string()];
        record.extend(keys.iter().map(|key| written(trial.value(key).as_ref())));
        record.extend(last.map(|value| value.to_string()));
        for (value, epoch) in best.into_iter().zip(best_epoch) {
            record.extend([value.to_string(), epoch.to_string()]);
        }
        let updates = rows.iter().map(|row| row.updates).fold(0, u64::saturating_add);
        let last = rows.last();
        record.extend([
            last.map_or(0.0, |row| row.error_share).to_string(),
            updates.to_string(),
            last.map_or(0, |row| row.saturated).to_string(),
            last.map_or(0.0, |row| row.hidden_active).to_string(),
            last.map_or_else(String::new, |row| row.dead_classes.clone()),
        ]);
        record.extend([compared, mismatches, faults].map(|count| count.to_string()));
        writer.write_record(&record)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The text of `groups.csv`.
pub(super) fn groups_csv(merged: &Merged) -> Result<Vec<u8>, csv::Error> {
    let groups = groups(merged);
    let keys = groups.first().map_or(&[][..], |group| &group.values);
    let mut head: Vec<String> = keys.iter().map(|(key, _)| (*key).to_owned()).collect();
    head.extend(["planned", "n"].map(str::to_owned));
    for what in ["last", "best"] {
        for readout in READOUTS {
            head.extend(["mean", "sd"].map(|figure| format!("{what}_{readout}_{figure}")));
        }
    }
    head.extend(["compared", "mismatches", "faults"].map(str::to_owned));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&head)?;
    for group in &groups {
        let mut record: Vec<String> =
            group.values.iter().map(|(_, value)| written(value.as_ref())).collect();
        record.extend([group.n_planned, group.trials.len()].map(|n| n.to_string()));
        for spread in group.last.iter().chain(&group.best) {
            let figure =
                |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
            record.push(figure(spread.map(|spread| spread.mean)));
            record.push(figure(spread.and_then(|spread| spread.deviation)));
        }
        record.extend([group.compared, group.mismatches, group.faults].map(|n| n.to_string()));
        writer.write_record(&record)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn written(value: Option<&TrialValue>) -> String {
    value.map_or_else(String::new, TrialValue::to_string)
}

/// Which trials a message names: the first few.
pub(super) fn some(ids: &[TrialId]) -> String {
    const MOST: usize = 8;
    let names: Vec<String> = ids.iter().take(MOST).map(TrialId::to_string).collect();
    let more = ids.len().saturating_sub(MOST);
    match more {
        0 => names.join(", "),
        _ => format!("{} and {more} more", names.join(", ")),
    }
}
