//! `synfire train`: a run, and what is said about it at its end. Those of several seeds are in `seed_runs`.

#![expect(clippy::float_arithmetic, reason = "percentages of a report")]

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use synfire_train::{
    Config, EVENT_FILE, EngineKind, EpochMetrics, METRICS_FILE, RUN_FILE, Resume, RunFile, Summary,
    WEIGHTS_FILE, quoted, recorded, resume,
};

use crate::options::TrainOptions;
use crate::watch::{Line, RunWatch, Screen};
use crate::{Status, Surroundings, interrupt, seed_runs};

/// What is to be done.
pub(crate) struct Task {
    pub(crate) kind: Kind,
    pub(crate) has_json: bool,
}

/// A run, or runs of several seeds, from the beginning or from where they stand.
pub(crate) enum Kind {
    Begin(Box<Config>),
    GoOn(Box<Resume>),
}

pub(crate) fn run(
    options: &TrainOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let choices = options.choices()?;
    let has_json = choices.json == Some(true);
    if surroundings.takes_interrupts {
        interrupt::listen();
    }
    let (kind, seeds, data_dir) = match options.resumed() {
        None => {
            let may_overwrite = options.may_overwrite();
            let config = Config { commit: commit(), may_overwrite, ..choices.config() };
            (Kind::Begin(Box::new(config)), choices.seeds, choices.data_dir)
        }
        Some((dir, which)) => {
            let RunFile { seeds, data_dir, .. } = recorded(dir)?;
            let data_dir = choices.data_dir.clone().or(data_dir);
            let plan = Resume { dir: dir.to_owned(), which, choices, commit: commit() };
            (Kind::GoOn(Box::new(plan)), seeds, data_dir)
        }
    };
    let task = Task { kind, has_json };
    let dirs = surroundings.search_path(data_dir);
    if let Some(seeds) = &seeds {
        return seed_runs::run(&task, seeds, &dirs, surroundings, stdout, stderr);
    }
    let summary = {
        let screen = Screen::new(surroundings.is_watched, has_json, stdout, stderr);
        let mut watch = RunWatch::new(screen);
        let result = match &task.kind {
            Kind::Begin(config) => synfire_train::run(config, &dirs, &mut watch),
            Kind::GoOn(plan) => resume(plan, &dirs, &mut watch),
        };
        if let Err(error) = &result {
            watch.into_screen().tell("failed", None, json!({ "error": error.to_string() }));
        }
        result?
    };
    if let Some(stopped) = summary.stopped {
        if has_json {
            let content = stopped_json(&summary);
            Line { event: "stopped", run: None, content }.write(stdout)?;
        }
        let at = stopped.at;
        let go_on = match stopped.is_saved {
            true => format!("go on with `{}`", resume_command(&summary.dir)),
            false => "there is no checkpoint to go on from".to_owned(),
        };
        writeln!(stderr, "interrupted after {at}; {go_on}")?;
        return Ok(Status::Interrupted);
    }
    if has_json {
        Line { event: "finished", run: None, content: json_of(&summary) }.write(stdout)?;
    } else {
        write_text(&summary, stdout)?;
    }
    if summary.is_exact() {
        return Ok(Status::Success);
    }
    writeln!(
        stderr,
        "error: the run is not exact: {} of {} compared updates differ from the reference, {} faults",
        summary.mismatches(),
        summary.compared(),
        summary.faults()
    )?;
    Ok(Status::Failure)
}

/// The command that goes on with what was stopped.
pub(crate) fn resume_command(dir: &Path) -> String {
    format!("synfire train --resume {}", quoted(&dir.to_string_lossy()))
}

/// The commit of the sources this program was built from, if known.
pub(crate) fn commit() -> Option<String> {
    option_env!("SYNFIRE_COMMIT").map(str::to_owned)
}

fn write_text(summary: &Summary, stdout: &mut dyn Write) -> Result<()> {
    let Summary { run, rows, dir, .. } = summary;
    writeln!(stdout, "{}, seed {}", what_ran(run), run.config.seed)?;
    let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
    writeln!(
        stdout,
        "trained {} epoch{} of {} samples in {seconds:.1} s",
        run.config.epochs,
        if run.config.epochs == 1 { "" } else { "s" },
        run.record.samples
    )?;
    if let Some(last) = rows.last() {
        let test = [last.test_exact, last.test_binary, last.test_potential];
        writeln!(stdout, "test accuracy: {}", accuracies(test))?;
        if !last.dead_classes.is_empty() {
            writeln!(stdout, "dead classes: {}", last.dead_classes.replace(' ', ", "))?;
        }
    }
    if run.config.engine != EngineKind::Reference {
        writeln!(
            stdout,
            "compared {} updates with the reference: {} mismatches, {} faults",
            summary.compared(),
            summary.mismatches(),
            summary.faults()
        )?;
    }
    let mut files = vec![WEIGHTS_FILE, METRICS_FILE, RUN_FILE];
    files.extend(run.config.has_tensorboard.then_some(EVENT_FILE));
    writeln!(stdout, "wrote {} to {}", files.join(", "), dir.display())?;
    Ok(())
}

/// Data set, layers and machine of a run.
pub(crate) fn what_ran(run: &RunFile) -> String {
    let Config { dataset, engine, circuit, variant, .. } = &run.config;
    let layers: Vec<String> = run.record.layers.iter().map(usize::to_string).collect();
    let machine = match engine {
        EngineKind::Reference => format!("engine reference ({variant})"),
        EngineKind::Lif | EngineKind::Loihi | EngineKind::Fast => {
            format!("engine {engine}, {circuit} circuit")
        }
    };
    format!("{dataset} {}, {machine}", layers.join("-"))
}

fn dead_classes(row: &EpochMetrics) -> Vec<usize> {
    row.dead_classes.split_whitespace().filter_map(|class| class.parse().ok()).collect()
}

/// A run that was stopped as one JSON object.
pub(crate) fn stopped_json(summary: &Summary) -> Value {
    let stopped = summary.stopped;
    json!({
        "dir": summary.dir,
        "epochs_done": summary.rows.len(),
        "samples_done": stopped.map(|stopped| stopped.at.samples),
        "is_saved": stopped.map(|stopped| stopped.is_saved),
        "resume": resume_command(&summary.dir),
    })
}

/// A run as one JSON object.
pub(crate) fn json_of(summary: &Summary) -> Value {
    let last = summary.rows.last();
    let fraction = |of: fn(&EpochMetrics) -> f64| last.map(of);
    json!({
        "exact": fraction(|row| row.test_exact),
        "binary": fraction(|row| row.test_binary),
        "potential": fraction(|row| row.test_potential),
        "dead_classes": last.map(dead_classes),
        "compared": summary.compared(),
        "mismatches": summary.mismatches(),
        "faults": summary.faults(),
        "is_exact": summary.is_exact(),
        "dir": summary.dir,
        "run": summary.run,
        "epochs": summary.rows,
    })
}

/// The three readouts in per cent.
pub(crate) fn accuracies([exact, binary, potential]: [f64; 3]) -> String {
    let [exact, binary, potential] = [exact, binary, potential].map(|fraction| 100.0 * fraction);
    format!("exact {exact:.2} %, binary {binary:.2} %, potential {potential:.2} %")
}

/// Numbers with commas between.
pub(crate) fn list(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}
