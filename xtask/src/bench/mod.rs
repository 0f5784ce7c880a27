//! `cargo xtask bench`: runs the benches and whole experiments, and writes `docs/performance.md`.
//!
//! In this order: criterion's benches of `synfire-bench`, each a child process ([`criterion`]); whole runs
//! of the built `synfire`, children too, where MNIST and Fashion-MNIST are ([`whole`]); the machine
//! ([`machine`]); the page ([`page`]) and its picture ([`picture`]). Nothing is written unless everything
//! that was asked for has run. It judges nothing: a target that is missed is a line of the page.

mod child;
mod criterion;
mod machine;
mod page;
mod picture;
mod whole;

use crate::workspace;
use anyhow::{Context, Result, bail};
use child::Interrupt;
use criterion::Timing;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Runs all benches and whole experiments, and writes docs/performance.md.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench --quick\n  \
    cargo xtask bench --only sample\n  cargo xtask bench --only runs")]
pub(crate) struct Args {
    /// Measure briefly and leave out what takes long; the page goes to the target folder.
    #[arg(long)]
    quick: bool,
    /// Only this bench of synfire-bench, or `runs` for the whole experiments; prints its tables.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Folder that holds mnist/ and fashion-mnist/ [default: $SYNFIRE_DATA_DIR]
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

/// The part that is no bench.
const RUNS: &str = "runs";

/// Everything that was measured.
#[derive(Clone, Debug, Default)]
struct Measured {
    is_quick: bool,
    machine: machine::Machine,
    timings: Vec<Timing>,
    runs: Option<whole::Runs>,
}

/// One part of the work and the seconds that it is expected to take.
#[derive(Clone, Debug)]
struct Part {
    name: String,
    expected: u64,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let data_dir = args
        .data_dir
        .clone()
        .or_else(|| std::env::var_os("SYNFIRE_DATA_DIR").map(PathBuf::from))
        .map(|dir| dir.canonicalize().with_context(|| format!("no folder {}", dir.display())))
        .transpose()?;
    let root = workspace::root();
    // Before minutes of measuring: is there a place for the prose?
    kept_notes(&root)?;
    let target = workspace::target_dir()?;
    let place = target.join("xtask-bench");
    let interrupt = Interrupt::listen();

    let mut progress = Progress::new();
    progress.say("building the benches and synfire");
    let benches = criterion::build(&place, &interrupt)?;
    whole::build(&place, &interrupt)?;
    let names: Vec<&str> = benches.iter().map(|bench| bench.name.as_str()).chain([RUNS]).collect();
    let is_wanted = |name: &str| args.only.as_deref().is_none_or(|only| only == name);
    if let Some(only) = args.only.as_deref().filter(|only| !names.contains(only)) {
        bail!("no bench `{only}`; there are {}", names.join(", "));
    }
    for name in names.iter().filter(|name| is_wanted(name)) {
        let is_left_out = *name == RUNS && data_dir.is_none();
        if !is_left_out {
            let expected = expected_seconds(name, args.quick, data_dir.is_some());
            progress.parts.push(Part { name: (*name).to_owned(), expected });
        }
    }

    // Before anything of ours runs, so that the load is that of others.
    let mut measured = Measured {
        is_quick: args.quick,
        machine: machine::Machine::describe(&root, &std::env::args().skip(1).collect::<Vec<_>>()),
        ..Measured::default()
    };
    for bench in benches.iter().filter(|bench| is_wanted(&bench.name)) {
        progress.begin();
        measured.timings.extend(bench.run(&place, args.quick, data_dir.as_deref(), &interrupt)?);
    }
    if let Some(dir) = data_dir.as_deref().filter(|_| is_wanted(RUNS)) {
        progress.begin();
        let program =
            target.join("release").join(format!("synfire{}", std::env::consts::EXE_SUFFIX));
        let note = |what: &str| progress.say(what);
        measured.runs = Some(whole::run(&program, &place, dir, args.quick, &interrupt, &note)?);
    }
    interrupt.check()?;
    if args.only.is_some() {
        print!("{}", page::tables(&measured));
        return Ok(ExitCode::SUCCESS);
    }
    let page_path = if args.quick { place.join("performance.md") } else { root.join(PAGE) };
    let folder = page_path.parent().context("no folder for the page")?;
    if let Some(svg) = picture::growth(&measured.timings)? {
        std::fs::create_dir_all(folder.join("img"))?;
        workspace::replace(&folder.join(PICTURE), svg.as_bytes())?;
    }
    // Read again: somebody may have written while we measured.
    let text = page::page(&measured, &kept_notes(&root)?);
    workspace::replace(&page_path, text.as_bytes())?;
    println!("wrote {}", page_path.display());
    if data_dir.is_none() {
        println!("left out: MNIST, Fashion-MNIST and whole runs; $SYNFIRE_DATA_DIR is not set");
    }
    Ok(ExitCode::SUCCESS)
}

/// The page, from the root, and its picture, from the folder of the page.
const PAGE: &str = "docs/performance.md";
const PICTURE: &str = "img/growth.svg";

/// The prose of the page as it is now.
fn kept_notes(root: &Path) -> Result<String> {
    let path = root.join(PAGE);
    match std::fs::read_to_string(&path) {
        Ok(page) => page::notes(&page),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// How long a part took where it was written. Only the estimate hangs on it.
fn expected_seconds(name: &str, is_quick: bool, has_data: bool) -> u64 {
    match (name, is_quick, has_data) {
        ("sample", true, _) => 25,
        ("sample", false, false) => 70,
        ("sample", false, true) => 400,
        ("width", false, _) => 110,
        ("inference", false, true) => 150,
        (RUNS, true, _) => 25,
        (RUNS, false, _) => 500,
        (_, true, _) => 8,
        (_, false, _) => 35,
    }
}

/// Lines for whoever watches; nothing where errors go into a file.
#[derive(Debug)]
struct Progress {
    is_watched: bool,
    parts: Vec<Part>,
    n_begun: usize,
    begun: Option<Instant>,
}

impl Progress {
    fn new() -> Self {
        let is_watched = std::io::stderr().is_terminal();
        Self { is_watched, parts: Vec::new(), n_begun: 0, begun: None }
    }

    fn say(&self, what: &str) {
        if self.is_watched {
            eprintln!("bench: {what}");
        }
    }

    /// The next part begins.
    fn begin(&mut self) {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        if let Some(part) = self.parts.get(self.n_begun) {
            let left = time_left(&self.parts, self.n_begun, begun.elapsed());
            let (number, n_parts) = (self.n_begun + 1, self.parts.len());
            self.say(&format!("{number} of {n_parts}: {}, about {left} s left", part.name));
        }
        self.n_begun += 1;
    }
}

/// Seconds left after `n_done` parts in this time: as much slower or faster than expected as so far.
fn time_left(parts: &[Part], n_done: usize, took: Duration) -> u64 {
    let sum = |parts: &[Part]| parts.iter().map(|part| part.expected).sum::<u64>();
    let (done, left) = (sum(&parts[..n_done]), sum(&parts[n_done..]));
    (left * took.as_secs()).checked_div(done).unwrap_or(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_learns_from_what_was_done() {
        let parts = [10, 20, 30].map(|expected| Part { name: String::new(), expected });
        assert_eq!(time_left(&parts, 0, Duration::ZERO), 60);
        assert_eq!(time_left(&parts, 1, Duration::from_secs(20)), 100);
        assert_eq!(time_left(&parts, 3, Duration::from_secs(20)), 0);
    }
}
