//! `synfire sweep merge`: tables and a page of what the trials left.

#![expect(clippy::float_arithmetic, reason = "percentages of a report")]

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use synfire_report::sweep_report;
use synfire_train::{
    GROUPS_FILE, Group, Merged, OutputDir, Plan, SWEEP_FILE, Spread, TrialValue, merge, quoted,
};

use super::count;
use super::plan::aligned;
use crate::Status;

const PAGE_FILE: &str = "report.html";

/// Groups that are shown.
const MOST_SHOWN: usize = 30;

#[derive(Args, Clone, Debug)]
pub(crate) struct MergeOptions {
    /// Folder of the sweep, with its plan and its trials
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Merge the trials that are there, even if some are missing
    #[arg(long)]
    partial: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    options: &MergeOptions,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let dir = &options.dir;
    let merged = merge(Plan::read(dir)?, dir)?;
    let n_trials = merged.plan.trials().len();
    let n_missing = merged.missing.len();
    let missing = || {
        let names = merged.names_of_missing();
        let begun = merged.missing.iter().filter(|missing| missing.epochs[0] > 0).count();
        let begun = if begun == 0 { String::new() } else { format!(", {begun} of them begun") };
        format!("{n_missing} of {n_trials} trials are not finished{begun}: {names}")
    };
    if n_missing > 0 && (!options.partial || merged.trials.is_empty()) {
        let run = format!("synfire sweep run {}", quoted(&dir.to_string_lossy()));
        let partial = if options.partial { "" } else { ", or merge the others with --partial" };
        writeln!(stderr, "error: {}; go on with `{run}`{partial}", missing())?;
        return Ok(Status::Failure);
    }
    let output = OutputDir::open(dir)?;
    let page = sweep_report(&merged);
    merged.write(&output)?;
    output.write(PAGE_FILE, page.as_bytes())?;
    let groups = merged.groups();
    if options.json {
        writeln!(stdout, "{}", json_of(&merged, &groups, dir))?;
    } else {
        write_text(&merged, &groups, stdout)?;
        let dir = dir.display();
        writeln!(stdout, "wrote {SWEEP_FILE}, {GROUPS_FILE} and {PAGE_FILE} to {dir}")?;
    }
    if n_missing > 0 {
        writeln!(stderr, "note: {}", missing())?;
    }
    for trial in merged.trials.iter().filter(|trial| !trial.summary.is_exact()) {
        let summary = &trial.summary;
        writeln!(
            stderr,
            "error: trial {} is not exact: {} of {} compared updates differ from the reference, {} faults",
            merged.plan.trials()[trial.trial_idx].id(),
            summary.mismatches(),
            summary.compared(),
            summary.faults()
        )?;
    }
    Ok(if merged.is_exact() { Status::Success } else { Status::Failure })
}

fn write_text(merged: &Merged, groups: &[Group], stdout: &mut dyn Write) -> Result<()> {
    let n_trials = merged.plan.trials().len();
    let whole = match merged.missing.len() {
        0 => count(n_trials, "trial"),
        n => format!("{} of {}", n_trials - n, count(n_trials, "trial")),
    };
    writeln!(
        stdout,
        "{whole} in {}; test accuracy after the last epoch, %, mean and deviation",
        count(groups.len(), "group")
    )?;
    let mut rows =
        vec![["", "n", "exact", "", "binary", "", "potential", ""].map(str::to_owned).to_vec()];
    for group in groups.iter().take(MOST_SHOWN) {
        let mut row = vec![group.name(), group.trials.len().to_string()];
        for spread in group.last {
            let per_cent = |value: Option<f64>| {
                value.map_or("-".to_owned(), |it| format!("{:.2}", 100.0 * it))
            };
            row.push(per_cent(spread.map(|spread| spread.mean)));
            row.push(per_cent(spread.and_then(|spread| spread.deviation)));
        }
        rows.push(row);
    }
    for line in aligned(&rows) {
        writeln!(stdout, "{line}")?;
    }
    if groups.len() > MOST_SHOWN {
        writeln!(stdout, "and {} more, all in {GROUPS_FILE}", groups.len() - MOST_SHOWN)?;
    }
    let sum = |of: fn(&Group) -> u64| groups.iter().map(of).fold(0, u64::saturating_add);
    if sum(|group| group.compared) > 0 {
        writeln!(
            stdout,
            "compared {} updates with the reference: {} mismatches, {} faults",
            sum(|group| group.compared),
            sum(|group| group.mismatches),
            sum(|group| group.faults)
        )?;
    }
    Ok(())
}

fn json_of(merged: &Merged, groups: &[Group], dir: &std::path::Path) -> Value {
    let group = |group: &Group| {
        let value = |(key, value): &(&str, Option<TrialValue>)| ((*key).to_owned(), json!(value));
        let spreads = |spreads: [Option<Spread>; 3]| {
            let [exact, binary, potential] = spreads;
            json!({ "exact": exact, "binary": binary, "potential": potential })
        };
        json!({
            "values": group.values.iter().map(value).collect::<serde_json::Map<_, _>>(),
            "planned": group.n_planned,
            "n": group.trials.len(),
            "last": spreads(group.last),
            "best": spreads(group.best),
            "compared": group.compared,
            "mismatches": group.mismatches,
            "faults": group.faults,
        })
    };
    let missing = merged.missing.iter();
    json!({
        "dir": dir,
        "trials": merged.plan.trials().len(),
        "missing": missing.map(|missing| missing.id.to_string()).collect::<Vec<_>>(),
        "is_exact": merged.is_exact(),
        "groups": groups.iter().map(group).collect::<Vec<_>>(),
    })
}
