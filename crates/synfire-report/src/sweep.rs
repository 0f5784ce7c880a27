//! The page of a sweep: what varied, what came of it by groups, how the groups learned, every trial.
//!
//! A group is the trials that differ in their seeds only; its values are means. Nothing on the page depends on time, on
//! folders, or on who computed what, so that equal results give equal pages.

use maud::{Markup, html};
use synfire_train::synfire_circuit::Form;
use synfire_train::{EngineKind, Group, Merged, Spread, Trial, TrialValue};

use crate::chart::{Line, legend_name};
use crate::page::{Contents, framed};
use crate::paper::Reading;
use crate::section::{Place, accuracy, pictures, wide};
use crate::words::{count, grouped, percent};

/// Groups whose curves are drawn.
const MOST_CURVES: usize = 8;
/// Rows of a table on the page; all of them are in the files beside it.
const MOST_ROWS: usize = 500;
/// Values of a key up to which two keys make a table of rows and columns.
const MOST_COLUMNS: usize = 16;

/// Makes the page of a sweep as far as it is finished.
#[must_use]
pub fn sweep_report(merged: &Merged) -> String {
    let groups = merged.groups();
    let place = Place::top();
    let n_trials = merged.plan.trials().len();
    let title = format!(
        "Sweep of {} in {}",
        count(n_trials as u64, "trial"),
        count(groups.len() as u64, "group")
    );
    let sections = [
        ("sweep", "What ran", what_ran(merged)),
        ("groups", "Groups", by_group(&place, merged, &groups)),
        ("learning", "Learning", learning(&place, merged, &groups)),
        ("exactness", "Exactness", exactness(merged, &groups)),
        ("trials", "Trials", trials(merged)),
    ];
    let contents: Contents =
        sections.iter().map(|(id, title, _)| ((*id).to_owned(), (*title).to_owned())).collect();
    let body = html! {
        @for (id, title, body) in &sections { (place.section(id, title, body)) }
    };
    framed(&title, &contents, &body)
}

fn written(value: Option<&TrialValue>) -> String {
    value.map_or_else(|| "not given".to_owned(), TrialValue::to_string)
}

/// Which place a readout has in the figures of a sweep.
const fn readout_idx(reading: Reading) -> usize {
    match reading {
        Reading::Exact => 0,
        Reading::Binary => 1,
        Reading::Potential => 2,
    }
}

/// What all trials have in common, what varies, and what is missing.
fn what_ran(merged: &Merged) -> Markup {
    let varied = merged.plan.varied();
    let values = |key: &str| {
        let mut values: Vec<String> = Vec::new();
        for trial in merged.plan.trials() {
            let value = written(trial.value(key).as_ref());
            if !values.contains(&value) && values.len() <= MOST_COLUMNS {
                values.push(value);
            }
        }
        if values.len() > MOST_COLUMNS {
            values.truncate(MOST_COLUMNS);
            values.push("and more".to_owned());
        }
        values.join(", ")
    };
    let common = Trial::KEYS.into_iter().filter(|key| !varied.contains(key));
    let first = merged.plan.trials().first();
    let common = common.filter_map(|key| Some((key, first?.value(key)?.to_string())));
    html! {
        @if !merged.missing.is_empty() {
            p.warning {
                (grouped(merged.missing.len() as u64)) " of " (grouped(merged.plan.trials().len() as u64))
                " trials are not finished and not on this page: " (merged.names_of_missing()) "."
            }
        }
        dl.facts {
            @for key in &varied { div { dt { (key) } dd { strong { (values(key)) } } } }
            @for (key, value) in common { div { dt { (key) } dd { (value) } } }
        }
    }
}

/// Mean and deviation in per cent.
fn spread_words(spread: Option<Spread>) -> String {
    match spread {
        None => "-".to_owned(),
        Some(Spread { mean, deviation: None, .. }) => percent(mean),
        Some(Spread { mean, deviation: Some(deviation), .. }) => {
            format!("{} \u{b1} {}", percent(mean), percent(deviation))
        }
    }
}

/// How dark a cell is: from the lowest of all values to the highest.
fn shade(value: Option<Spread>, all: &[Spread]) -> &'static str {
    const SHADES: [&str; 7] = ["h0", "h1", "h2", "h3", "h4", "h5", "h6"];
    let Some(value) = value else { return "none" };
    let means = || all.iter().map(|spread| spread.mean);
    let (min, max) = (means().fold(1.0, f64::min), means().fold(0.0, f64::max));
    let height = if max > min { (value.mean - min) / (max - min) } else { 0.0 };
    let step = SHADES.iter().enumerate().take_while(|(idx, _)| height * 7.0 >= *idx as f64).last();
    step.map_or(SHADES[0], |(_, shade)| shade)
}

fn by_group(place: &Place, merged: &Merged, groups: &[Group]) -> Markup {
    let n_seeds = groups.iter().map(|group| group.n_planned).max().unwrap_or(0);
    let is_repeated = merged.plan.varied().contains(&"seed");
    let see = if is_repeated && n_seeds > 1 {
        "Mean and standard deviation over the trials of a group, which differ in their seeds only. The stronger the \
         shade, the higher the mean in its column."
    } else {
        "Each group is one trial: the seed does not vary. The stronger the shade, the higher the value in its column."
    };
    html! {
        @if let [Some((first, rows)), Some((second, columns))] = two_keys(groups) {
            div.pair {
                @for reading in Reading::ALL {
                    (crossed(place, groups, reading, first, &rows, second, &columns))
                }
            }
        }
        (place.figure("All groups", see, &wide("All groups", &table(groups))))
        @if groups.len() > MOST_ROWS {
            p.note { "The first " (MOST_ROWS) " of " (grouped(groups.len() as u64)) " groups; groups.csv has all." }
        }
    }
}

/// A key and its values, if there are few enough.
type Key = Option<(&'static str, Vec<Option<TrialValue>>)>;

/// The keys that vary, if they are two and make a table.
fn two_keys(groups: &[Group]) -> [Key; 2] {
    let Some(first) = groups.first().filter(|group| group.values.len() == 2) else {
        return [None, None];
    };
    let values = |idx: usize| {
        let mut values: Vec<Option<TrialValue>> = Vec::new();
        for group in groups {
            let value = &group.values[idx].1;
            if !values.contains(value) {
                values.push(value.clone());
            }
            if values.len() > MOST_COLUMNS {
                return None;
            }
        }
        Some((first.values[idx].0, values))
    };
    match [values(0), values(1)] {
        [Some(rows), Some(columns)] => [Some(rows), Some(columns)],
        _ => [None, None],
    }
}

fn crossed(
    place: &Place,
    groups: &[Group],
    reading: Reading,
    first: &str,
    rows: &[Option<TrialValue>],
    second: &str,
    columns: &[Option<TrialValue>],
) -> Markup {
    let last = |group: &Group| group.last[readout_idx(reading)];
    let all: Vec<Spread> = groups.iter().filter_map(last).collect();
    let cell = |row: &Option<TrialValue>, column: &Option<TrialValue>| {
        let group =
            groups.iter().find(|group| group.values[0].1 == *row && group.values[1].1 == *column);
        group.and_then(last)
    };
    let title = format!("Accuracy of the {} readout by {first} and {second}", reading.name());
    let body = html! {
        table.heat {
            caption { "Test samples read right in per cent, after the last epoch" }
            thead {
                tr {
                    th scope="col" { (first) " \\ " (second) }
                    @for column in columns { th.n scope="col" { (written(column.as_ref())) } }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (written(row.as_ref())) }
                        @for column in columns {
                            @let spread = cell(row, column);
                            td.n.(shade(spread, &all)) { (spread_words(spread)) }
                        }
                    }
                }
            }
        }
    };
    place.figure(
        &title,
        "Means over seeds; the stronger the shade, the higher.",
        &wide(&title, &body),
    )
}

fn table(groups: &[Group]) -> Markup {
    let keys = groups.first().map_or(&[][..], |group| &group.values);
    let column = |of: fn(&Group) -> &[Option<Spread>; 3], reading: Reading| -> Vec<Spread> {
        groups.iter().filter_map(|group| of(group)[readout_idx(reading)]).collect()
    };
    let lasts = Reading::ALL.map(|reading| column(|group| &group.last, reading));
    let bests = Reading::ALL.map(|reading| column(|group| &group.best, reading));
    html! {
        table.heat {
            caption { "Test samples read right in per cent, after the last epoch and at the highest" }
            thead {
                tr {
                    @for (key, _) in keys { th scope="col" { (key) } }
                    @if keys.is_empty() { th scope="col" { "group" } }
                    th.n scope="col" { "trials" }
                    @for reading in Reading::ALL {
                        th.n scope="col" { (reading.name()) }
                        th.n scope="col" { (reading.name()) ", highest" }
                    }
                }
            }
            tbody {
                @for group in groups.iter().take(MOST_ROWS) {
                    tr {
                        @for (_, value) in &group.values { td { (written(value.as_ref())) } }
                        @if group.values.is_empty() { td { (group.name()) } }
                        td.n {
                            (group.trials.len())
                            @if group.trials.len() < group.n_planned { " of " (group.n_planned) }
                        }
                        @for (idx, reading) in Reading::ALL.into_iter().enumerate() {
                            @let (last, best) = (group.last[readout_idx(reading)], group.best[readout_idx(reading)]);
                            td.n.(shade(last, &lasts[idx])) { (spread_words(last)) }
                            td.n.(shade(best, &bests[idx])) { (spread_words(best)) }
                        }
                    }
                }
            }
        }
    }
}

/// Mean curves of the groups that end highest.
fn learning(place: &Place, merged: &Merged, groups: &[Group]) -> Markup {
    let curve = |group: &Group, reading: Reading| -> Vec<(f64, f64)> {
        let rows = |idx: &usize| &merged.trials[*idx].summary.rows;
        let n_epochs = group.trials.iter().map(|idx| rows(idx).len()).min().unwrap_or(0);
        let mean = |epoch_idx: usize| {
            let values = group.trials.iter().map(|idx| accuracy(&rows(idx)[epoch_idx], reading));
            100.0 * values.sum::<f64>() / group.trials.len().max(1) as f64
        };
        (0..n_epochs).map(|epoch_idx| ((epoch_idx + 1) as f64, mean(epoch_idx))).collect()
    };
    // A group without a trial has no curve.
    let there: Vec<&Group> = groups.iter().filter(|group| !group.trials.is_empty()).collect();
    let highest = |reading: Reading| -> Vec<&Group> {
        let last =
            |group: &&Group| group.last[readout_idx(reading)].map_or(-1.0, |spread| spread.mean);
        let mut there = there.clone();
        // Equal ones stay in the order of the plan.
        there.sort_by(|a, b| last(b).total_cmp(&last(a)));
        there.truncate(MOST_CURVES);
        there
    };
    html! {
        div.pair {
            @for reading in Reading::ALL {
                @let shown = highest(reading);
                @let lines = || shown.iter().enumerate().map(|(style, group)| Line {
                    name: legend_name(&group.name()),
                    style,
                    is_faint: false,
                    points: curve(group, reading),
                }).collect::<Vec<_>>();
                (pictures(
                    place,
                    reading.name(),
                    &format!("Accuracy of the {} readout, test samples", reading.name()),
                    &format!("Each curve is the mean of a group after each epoch; right means: {}.", reading.meaning()),
                    &lines,
                    &Vec::new,
                ))
            }
        }
        @if there.len() > MOST_CURVES {
            p.note {
                "The " (MOST_CURVES) " groups that end highest, of " (grouped(there.len() as u64))
                "; the table above has all."
            }
        }
    }
}

fn exactness(merged: &Merged, groups: &[Group]) -> Markup {
    let sum = |of: fn(&Group) -> u64| groups.iter().map(of).fold(0, u64::saturating_add);
    let (compared, mismatches, faults) =
        (sum(|group| group.compared), sum(|group| group.mismatches), sum(|group| group.faults));
    let configs = || merged.trials.iter().map(|trial| &trial.summary.run.config);
    let is_reference = configs().all(|config| config.engine == EngineKind::Reference);
    let has_published = configs().any(|config| config.circuit == Form::Published);
    let wrong: Vec<String> = merged
        .trials
        .iter()
        .filter(|trial| !trial.summary.is_exact())
        .map(|trial| merged.plan.trials()[trial.trial_idx].id().to_string())
        .collect();
    html! {
        @if is_reference {
            p { "These trials were computed by the integer reference itself: there is nothing to compare." }
        } @else {
            p {
                (grouped(compared)) " updates were compared with the integer reference, bit for bit: "
                (grouped(mismatches)) @if mismatches == 1 { " mismatch, " } @else { " mismatches, " }
                (count(faults, "fault")) "."
            }
            @if has_published && faults > 0 {
                p.note { "The published circuit has harmless phantom spikes, which are counted as faults." }
            }
        }
        @if !wrong.is_empty() {
            p.warning { "These trials did not keep their claims: " (wrong.join(", ")) "." }
        }
    }
}

fn trials(merged: &Merged) -> Markup {
    let keys = merged.plan.varied();
    let body = html! {
        table.counts {
            caption { "Test samples read right in per cent, after the last epoch and at the highest" }
            thead {
                tr {
                    th scope="col" { "trial" }
                    @for key in &keys { th scope="col" { (key) } }
                    @for reading in Reading::ALL {
                        th.n scope="col" { (reading.name()) }
                        th.n scope="col" { (reading.name()) ", highest" }
                    }
                    th scope="col" { "dead classes" }
                    th.n scope="col" { "mismatches" }
                    th.n scope="col" { "faults" }
                }
            }
            tbody {
                @for trial in merged.trials.iter().take(MOST_ROWS) {
                    @let planned = &merged.plan.trials()[trial.trial_idx];
                    @let figures = trial.figures();
                    tr {
                        th.name scope="row" { (planned.id()) }
                        @for key in &keys { td { (written(planned.value(key).as_ref())) } }
                        @for reading in Reading::ALL {
                            td.n { (percent(figures.last[readout_idx(reading)])) }
                            td.n { (percent(figures.best[readout_idx(reading)])) }
                        }
                        td { (trial.summary.rows.last().map_or("", |row| row.dead_classes.as_str())) }
                        td.n { (grouped(figures.mismatches)) }
                        td.n { (grouped(figures.faults)) }
                    }
                }
            }
        }
    };
    html! {
        (wide("Trials", &body))
        @if merged.trials.len() > MOST_ROWS {
            p.note {
                "The first " (MOST_ROWS) " of " (grouped(merged.trials.len() as u64)) " trials; sweep.csv has all."
            }
        }
        p.note {
            "A trial is a run in a folder of its own, trials/ and its name: synfire report makes the page of one, or \
             of several side by side."
        }
    }
}
