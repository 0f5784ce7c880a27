//! `synfire sweep plan`: from a grid file to the list of trials.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use synfire_train::{PLAN_FILE, Plan, PlanError, Trial, TrialId, done_trials, quoted, read_grid};

use super::{count, grouped};
use crate::Status;

/// Trials that are shown.
const MOST_SHOWN: usize = 30;

#[derive(Args, Clone, Debug)]
pub(crate) struct PlanOptions {
    /// The grid file
    #[arg(value_name = "GRID.toml")]
    grid: PathBuf,
    /// Folder of the sweep [default: runs/ and the name of the grid file]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Show the trials and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object instead of text, with every choice of every trial
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    options: &PlanOptions,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let plan = read_grid(&options.grid)?;
    let dir = options.out.clone().unwrap_or_else(|| {
        let stem = options.grid.file_stem().unwrap_or_else(|| "sweep".as_ref());
        Path::new("runs").join(stem)
    });
    let n_dropped = n_dropped(&plan, &dir)?;
    let n_done = done_trials(&plan, &dir)?.len();
    if !options.dry_run {
        plan.write(&dir)?;
    }
    if options.json {
        writeln!(stdout, "{}", json_of(&plan, &dir, n_done))?;
    } else {
        write_text(&plan, n_done, stdout)?;
        match options.dry_run {
            true => writeln!(stdout, "wrote nothing")?,
            false => {
                let run = format!("synfire sweep run {}", quoted(&dir.to_string_lossy()));
                writeln!(stdout, "wrote {PLAN_FILE} to {}; run it with `{run}`", dir.display())?;
            }
        }
    }
    match plan.n_repeated() {
        0 => {}
        1 => writeln!(stderr, "note: 1 combination comes about more than once; it is one trial")?,
        n => {
            writeln!(
                stderr,
                "note: {n} combinations come about more than once; each is one trial"
            )?;
        }
    }
    if n_dropped > 0 {
        let trials = count(n_dropped, "trial");
        writeln!(
            stderr,
            "note: {trials} of the plan before are not in this one; what they left stays"
        )?;
    }
    Ok(Status::Success)
}

/// Trials of the plan that lies in the folder which are not in this one.
fn n_dropped(plan: &Plan, dir: &Path) -> Result<usize> {
    let before = match Plan::read(dir) {
        Err(PlanError::NoPlan { .. }) => return Ok(0),
        before => before?,
    };
    let ids: BTreeSet<TrialId> = plan.trials().iter().map(Trial::id).collect();
    Ok(before.trials().iter().filter(|trial| !ids.contains(&trial.id())).count())
}

/// Samples of all trials together, those of trials of which only the data can say not included.
fn n_samples(plan: &Plan) -> u64 {
    plan.trials().iter().filter_map(Trial::n_samples).fold(0, u64::saturating_add)
}

fn write_text(plan: &Plan, n_done: usize, stdout: &mut dyn Write) -> Result<()> {
    let trials = plan.trials();
    let varied = plan.varied();
    let mut rows = vec![vec!["trial".to_owned()]];
    rows[0].extend(varied.iter().map(|&key| key.to_owned()));
    rows[0].push("samples".to_owned());
    for trial in trials.iter().take(MOST_SHOWN) {
        let mut row = vec![trial.id().to_string()];
        row.extend(
            varied.iter().map(|key| trial.value(key).map_or("-".to_owned(), |it| it.to_string())),
        );
        row.push(trial.n_samples().map_or("-".to_owned(), grouped));
        rows.push(row);
    }
    for line in aligned(&rows) {
        writeln!(stdout, "{line}")?;
    }
    if trials.len() > MOST_SHOWN {
        writeln!(
            stdout,
            "and {} more, all in {PLAN_FILE}",
            grouped((trials.len() - MOST_SHOWN) as u64)
        )?;
    }
    let unknown = trials.iter().filter(|trial| trial.n_samples().is_none()).count();
    let unknown = match unknown {
        0 => String::new(),
        n => format!(", and those of {} that only the data can say", count(n, "trial")),
    };
    let done = match n_done {
        0 => String::new(),
        n => format!("; {} of them done already", grouped(n as u64)),
    };
    let samples = grouped(n_samples(plan));
    writeln!(
        stdout,
        "{}{done}; {samples} samples to train in all{unknown}",
        count(trials.len(), "trial")
    )?;
    Ok(())
}

/// Rows of a table, the first column to the left, the others to the right.
pub(super) fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells =
            row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            });
        cells.collect::<String>().trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn json_of(plan: &Plan, dir: &Path, n_done: usize) -> Value {
    json!({
        "dir": dir,
        "varied": plan.varied(),
        "samples": n_samples(plan),
        "done": n_done,
        "repeated": plan.n_repeated(),
        "trials": plan.trials(),
    })
}
