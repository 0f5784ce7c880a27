//! `synfire sweep run`: the trials of a shard, side by side.

#![expect(clippy::float_arithmetic, reason = "a speed, for the eye only")]

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use synfire_train::{
    EngineKind, Plan, Shard, ShardRuns, ShardTask, Summary, TrialId, quoted, run_shard,
};

use super::{count, grouped, slurm};
use crate::options::ThreadOptions;
use crate::train::commit;
use crate::watch::{Line, RunName, RunsWatch, Screen};
use crate::{Status, Surroundings, interrupt};

#[derive(Args, Clone, Debug)]
pub(crate) struct RunOptions {
    /// Folder of the sweep, with its plan
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Run one of n parts only: 1/n to n/n [default: the task of a Slurm job array, otherwise all]
    ///
    /// Without it a task of a job array runs the part that $SLURM_ARRAY_TASK_ID, _COUNT, _MIN and _STEP say.
    #[arg(long, value_name = "I/N", value_parser = one_shard)]
    shard: Option<Shard>,
    /// Folder that holds mnist/ or fashion-mnist/, searched before $SYNFIRE_DATA_DIR and the cache folder
    /// [default: that of the grid file]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Print JSON lines instead of text: what happens as it happens, the results in the last line
    #[arg(long)]
    json: bool,
}

fn one_shard(text: &str) -> Result<Shard, synfire_train::ShardError> {
    text.parse()
}

pub(super) fn run(
    options: &RunOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let shard = match options.shard {
        Some(shard) => shard,
        None => slurm::shard(&surroundings.array_task)?.unwrap_or(Shard::WHOLE),
    };
    let plan = Plan::read(&options.dir)?;
    if surroundings.takes_interrupts {
        interrupt::listen();
    }
    let data_dir = options.data_dir.clone().or_else(|| plan.settings().data_dir.clone());
    let dirs = surroundings.search_path(data_dir);
    let n_threads = options.threads.threads;
    let task = ShardTask { shard, n_threads, commit: commit(), ..ShardTask::new(&options.dir) };
    let start = Instant::now();
    let clock = || start.elapsed();
    let (runs, n_trained) = {
        let names = plan.shard(shard).into_iter();
        let names = names.map(|idx| RunName::Trial(plan.trials()[idx].id().to_string())).collect();
        let screen = Screen::new(surroundings.is_watched, options.json, stdout, stderr);
        let mut watch = RunsWatch::new(screen, names);
        let result = run_shard(&plan, &task, &dirs, &clock, &interrupt::is_noted, &mut watch);
        let n_trained = watch.n_trained();
        if let Err(error) = &result {
            watch.into_screen().tell("failed", None, json!({ "error": error.to_string() }));
        }
        (result?, n_trained)
    };
    let seconds = start.elapsed().as_secs_f64();
    if options.json {
        let content = json_of(&runs, &task, n_trained, seconds);
        Line { event: "finished", run: None, content }.write(stdout)?;
    } else {
        write_text(&runs, &plan, &task, n_trained, seconds, stdout)?;
    }
    let n_trials = plan.shard(shard).len();
    for (id, summary) in runs.finished.iter().filter(|(_, summary)| !summary.is_exact()) {
        writeln!(
            stderr,
            "error: trial {id} is not exact: {} of {} compared updates differ from the reference, {} faults",
            summary.mismatches(),
            summary.compared(),
            summary.faults()
        )?;
    }
    if !runs.failed.is_empty() {
        writeln!(stderr, "error: {} of {n_trials} trials failed", runs.failed.len())?;
    }
    if !runs.open.is_empty() {
        writeln!(
            stderr,
            "interrupted: {} of {n_trials} trials are not finished; the same command goes on",
            runs.open.len()
        )?;
    }
    Ok(match (runs.failed.is_empty() && runs.is_exact(), runs.open.is_empty()) {
        (false, _) => Status::Failure,
        (true, false) => Status::Interrupted,
        (true, true) => Status::Success,
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn write_text(
    runs: &ShardRuns,
    plan: &Plan,
    task: &ShardTask,
    n_trained: u64,
    seconds: f64,
    stdout: &mut dyn Write,
) -> Result<()> {
    let part = match task.shard {
        Shard::WHOLE => String::new(),
        shard => format!("shard {shard}: "),
    };
    let mut words = vec![format!("{} finished", count(runs.finished.len(), "trial"))];
    let more = [
        (runs.done.len(), "done before"),
        (runs.busy.len(), "left to another process"),
        (runs.open.len(), "open"),
        (runs.failed.len(), "failed"),
    ];
    words.extend(more.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")));
    writeln!(stdout, "{part}{}", words.join(", "))?;
    if n_trained > 0 {
        let pace = n_trained as f64 / seconds;
        writeln!(
            stdout,
            "trained {} samples in {seconds:.1} s, {pace:.0} a second with evaluation",
            grouped(n_trained)
        )?;
    }
    let engine = |(_, summary): &(TrialId, Summary)| summary.run.config.engine;
    if runs.finished.iter().map(engine).any(|engine| engine != EngineKind::Reference) {
        let sum = |of: fn(&Summary) -> u64| runs.finished.iter().map(|(_, it)| of(it)).sum::<u64>();
        writeln!(
            stdout,
            "compared {} updates with the reference: {} mismatches, {} faults",
            sum(Summary::compared),
            sum(Summary::mismatches),
            sum(Summary::faults)
        )?;
    }
    let is_all = runs.finished.len() + runs.done.len() == plan.trials().len();
    let merge = format!("synfire sweep merge {}", quoted(&task.dir.to_string_lossy()));
    match is_all {
        true => writeln!(stdout, "every trial is done: `{merge}`")?,
        false => writeln!(stdout, "when every trial is done: `{merge}`")?,
    }
    Ok(())
}

fn json_of(runs: &ShardRuns, task: &ShardTask, n_trained: u64, seconds: f64) -> Value {
    let names = |ids: &[TrialId]| ids.iter().map(TrialId::to_string).collect::<Vec<_>>();
    let finished: Vec<TrialId> = runs.finished.iter().map(|(id, _)| *id).collect();
    let failed = runs.failed.iter();
    let failed =
        failed.map(|(id, error)| json!({ "trial": id.to_string(), "error": error.to_string() }));
    json!({
        "dir": task.dir,
        "shard": task.shard.to_string(),
        "samples": n_trained,
        "seconds": seconds,
        "is_exact": runs.is_exact() && runs.failed.is_empty() && runs.open.is_empty(),
        "trials": {
            "finished": names(&finished),
            "done": names(&runs.done),
            "busy": names(&runs.busy),
            "open": names(&runs.open),
            "failed": failed.collect::<Vec<_>>(),
        },
    })
}
