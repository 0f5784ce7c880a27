//! `synfire train --seeds`: several runs side by side, and a table of how they scatter.

#![expect(clippy::float_arithmetic, reason = "percentages of a report")]

use std::io::Write;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};
use synfire_train::synfire_data::SearchPath;
use synfire_train::{
    EngineKind, SEEDS_FILE, SeedRow, SeedRuns, Seeds, Spread, Summary, resume_seeds, run_seeds,
};

use crate::train::{Kind, Task, json_of, resume_command, what_ran};
use crate::watch::{Line, RunName, RunsWatch, Screen};
use crate::{Status, Surroundings, interrupt};

/// The three readouts, each with its values after the last epoch and at its best one.
type Figure = (&'static str, fn(&SeedRow) -> f64, fn(&SeedRow) -> f64);

const FIGURES: [Figure; 3] = [
    ("exact", |row| row.last_exact, |row| row.best_exact),
    ("binary", |row| row.last_binary, |row| row.best_binary),
    ("potential", |row| row.last_potential, |row| row.best_potential),
];

pub(crate) fn run(
    task: &Task,
    seeds: &Seeds,
    dirs: &SearchPath,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let has_json = task.has_json;
    let start = Instant::now();
    let clock = || start.elapsed();
    let runs = {
        let screen = Screen::new(surroundings.is_watched, has_json, stdout, stderr);
        let names = seeds.as_slice().iter().map(|&seed| RunName::Seed(seed)).collect();
        let mut watch = RunsWatch::new(screen, names);
        let stop = &interrupt::is_noted;
        let result = match &task.kind {
            Kind::Begin(config) => run_seeds(config, seeds, dirs, &clock, stop, &mut watch),
            Kind::GoOn(plan) => resume_seeds(plan, dirs, &clock, stop, &mut watch),
        };
        if let Err(error) = &result {
            watch.into_screen().tell("failed", None, json!({ "error": error.to_string() }));
        }
        result?
    };
    if has_json {
        Line { event: "finished", run: None, content: json_of_runs(&runs) }.write(stdout)?;
    } else {
        write_text(&runs, stdout)?;
    }
    if runs.is_exact() {
        return Ok(Status::Success);
    }
    if !runs.open.is_empty() {
        let (open, n_runs) = (runs.open.len(), seeds.as_slice().len());
        let go_on = resume_command(&runs.dir);
        writeln!(
            stderr,
            "interrupted: {open} of {n_runs} runs are not finished; go on with `{go_on}`"
        )?;
    }
    for summary in runs.finished.iter().filter(|summary| !summary.is_exact()) {
        writeln!(
            stderr,
            "error: the run of seed {} is not exact: {} of {} compared updates differ from the reference, {} \
             faults",
            summary.run.config.seed,
            summary.mismatches(),
            summary.compared(),
            summary.faults()
        )?;
    }
    if !runs.failed.is_empty() {
        let (failed, n_runs) = (runs.failed.len(), seeds.as_slice().len());
        writeln!(stderr, "error: {failed} of {n_runs} runs failed")?;
    }
    let is_open = !runs.open.is_empty() && runs.failed.is_empty();
    let is_right = runs.finished.iter().all(Summary::is_exact);
    Ok(if is_open && is_right { Status::Interrupted } else { Status::Failure })
}

fn write_text(runs: &SeedRuns, stdout: &mut dyn Write) -> Result<()> {
    let rows = runs.rows();
    if let Some(Summary { run, .. }) = runs.finished.first() {
        let plural = if rows.len() == 1 { "" } else { "s" };
        writeln!(stdout, "{}, {} seed{plural}", what_ran(run), rows.len())?;
        let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
        writeln!(
            stdout,
            "trained {} epoch{} of {} samples for each, {seconds:.1} s in all",
            run.config.epochs,
            if run.config.epochs == 1 { "" } else { "s" },
            run.record.samples
        )?;
        let heads = ["mean", "sd", "min", "max"].map(|head| format!("{head:>9}")).concat();
        writeln!(stdout, "test accuracy, %      {heads}")?;
        let mut line = |epoch: &str, name: &str, of: fn(&SeedRow) -> f64| -> Result<()> {
            let values: Vec<f64> = rows.iter().map(of).collect();
            let Some(Spread { mean, deviation, min, max }) = Spread::of(&values) else {
                return Ok(());
            };
            let cell = |fraction: f64| format!("{:>9.2}", 100.0 * fraction);
            let deviation = deviation.map_or_else(|| format!("{:>9}", "-"), cell);
            let cells = [cell(mean), deviation, cell(min), cell(max)].concat();
            writeln!(stdout, "{epoch:<12}{name:<10}{cells}")?;
            Ok(())
        };
        for (name, last, _) in FIGURES {
            line("last epoch", name, last)?;
        }
        for (name, _, best) in FIGURES {
            line("best epoch", name, best)?;
        }
        if run.config.engine != EngineKind::Reference {
            let sum = |of: fn(&SeedRow) -> u64| rows.iter().map(of).sum::<u64>();
            writeln!(
                stdout,
                "compared {} updates with the reference: {} mismatches, {} faults",
                sum(|row| row.compared),
                sum(|row| row.mismatches),
                sum(|row| row.faults)
            )?;
        }
    }
    writeln!(stdout, "wrote {SEEDS_FILE} and a folder for each seed to {}", runs.dir.display())?;
    Ok(())
}

fn json_of_runs(runs: &SeedRuns) -> Value {
    let rows = runs.rows();
    let spread = |of: fn(&SeedRow) -> f64| {
        let values: Vec<f64> = rows.iter().map(of).collect();
        json!(Spread::of(&values))
    };
    let [exact, binary, potential] = FIGURES;
    let failed: Vec<Value> = runs
        .failed
        .iter()
        .map(|(seed, error)| json!({ "seed": seed, "error": error.to_string() }))
        .collect();
    json!({
        "last": {
            "exact": spread(exact.1), "binary": spread(binary.1), "potential": spread(potential.1),
        },
        "best": {
            "exact": spread(exact.2), "binary": spread(binary.2), "potential": spread(potential.2),
        },
        "is_exact": runs.is_exact(),
        "dir": runs.dir,
        "open": runs.open,
        "failed": failed,
        "runs": runs.finished.iter().map(json_of).collect::<Vec<_>>(),
    })
}
