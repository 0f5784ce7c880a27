//! `cargo xtask reproduce`: the paper's experiments at spike level, and the document that tells of them.
//!
//! What is computed and what is said of it is in `synfire-reproduce`. Here are arguments, the folder of results,
//! progress, and the files: `docs/reproduction.md`, its figures, `docs/reproduction.json`, `docs/findings.md`.
//! Results are kept under `target/reproduce` as they come, so that an interrupted reproduction goes on where it was;
//! nothing under `docs` changes before all results are there.

mod files;
mod progress;

use crate::workspace;
use anyhow::{Context, Result, bail};
use progress::Progress;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use synfire_data::SearchPath;
use synfire_reproduce::{
    ITEMS, Item, Material, Record, Scale, Sources, Store, Task, compute, document,
};

/// Computes the paper's experiments at spike level and writes docs/reproduction.md.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Args {
    /// Few seeds and epochs, some minutes; written below the target folder. The default.
    #[arg(long, conflicts_with_all = ["full", "smoke"])]
    quick: bool,
    /// Everything; written to docs.
    #[arg(long, conflicts_with = "smoke")]
    full: bool,
    /// Small networks on digits made by the program, some seconds; needs no data.
    #[arg(long)]
    smoke: bool,
    /// Only this item, may be repeated; prints its section and writes no document.
    #[arg(long, value_name = "ITEM")]
    only: Vec<String>,
    /// Write the documents of docs/reproduction.json anew; computes nothing.
    #[arg(long, conflicts_with_all = ["quick", "full", "smoke", "only", "fresh"])]
    rewrite: bool,
    /// Leave results of earlier commands alone and compute everything.
    #[arg(long)]
    fresh: bool,
    /// Trials at a time [default: one for each processor]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Folder that holds mnist/ and fashion-mnist/ [default: $SYNFIRE_DATA_DIR, else the cache folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Folder for the documents [default: docs with --full, else one below the target folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn after_help() -> String {
    let mut text = String::from(
        "Examples:\n  cargo xtask reproduce --smoke\n  cargo xtask reproduce --quick\n  \
         cargo xtask reproduce --full --only published\n  cargo xtask reproduce --full\n\nItems:\n",
    );
    for item in ITEMS {
        text += &format!("  {:<14} {}\n", item.name, item.about);
    }
    text + "\nAn interrupt loses the trials that run, no others; the same command goes on. Results do not \
            depend on the number of threads. It fails if anything demanded of the results does not hold."
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let root = workspace::root();
    if args.rewrite {
        let out = args.out.clone().unwrap_or_else(|| root.join("docs"));
        let path = out.join(files::RECORD);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let mut record = Record::parse(&text).with_context(|| format!("{}", path.display()))?;
        let document = document(&mut record)?;
        files::write(&out, &record, &document)?;
        return Ok(verdict(&record, &out));
    }
    let scale = match (args.full, args.smoke) {
        (true, _) => Scale::Full,
        (_, true) => Scale::Smoke,
        _ => Scale::Quick,
    };
    let items = chosen(&args.only)?;
    let material = Material::new(search_path(args.data_dir.as_deref()));
    let sources = Sources::read(&root)?;
    let target = workspace::target_dir()?.join("reproduce");
    let mut stores = Vec::new();
    for item in items {
        let Some(module) = item.experiment else { continue };
        let hash = sources.hash(module)?;
        let store = Store::new(&target, scale, item.name, &hash);
        if args.fresh && store.dir().exists() {
            std::fs::remove_dir_all(store.dir())
                .with_context(|| format!("{} cannot be removed", store.dir().display()))?;
        }
        stores.push((item, hash, store));
    }
    let wants_stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let _ = signal_hook::flag::register(signal, Arc::clone(&wants_stop));
    }

    let (todo, n_kept) = todo(&stores, scale);
    let n_threads = args
        .threads
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN);
    let mut progress =
        Progress::new(std::io::stderr().is_terminal(), todo.len(), n_kept, n_threads.get());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let computed = compute(todo, &material, n_threads, &clock, &wants_stop, &mut |event| {
        progress.hear(event);
    });
    progress.end();
    if wants_stop.load(Ordering::Relaxed) {
        eprintln!("interrupted; the same command goes on from here");
        return Ok(ExitCode::from(130));
    }
    computed?;

    let mut record = Record::new(scale);
    for (item, hash, store) in &stores {
        record.sources.insert(item.name.to_owned(), hash.clone());
        let missing = store.collect(item.name, &(item.trials)(scale), &mut record);
        if !missing.is_empty() {
            bail!("{}: no result of {}", item.name, missing.join(", "));
        }
    }
    if !args.only.is_empty() {
        return print_sections(args, &record);
    }
    let document = document(&mut record)?;
    let out = args.out.clone().unwrap_or_else(|| match scale {
        Scale::Full => root.join("docs"),
        _ => target.join(scale.name()).join("docs"),
    });
    files::write(&out, &record, &document)?;
    Ok(verdict(&record, &out))
}

/// The items that were asked for, with those that they need.
fn chosen(names: &[String]) -> Result<Vec<&'static Item>> {
    let known = || ITEMS.iter().map(|item| item.name).collect::<Vec<_>>().join(", ");
    let mut wanted: Vec<&str> = Vec::new();
    for name in names {
        let item = ITEMS.iter().find(|item| item.name == name);
        let item = item.with_context(|| format!("no item `{name}`; there are {}", known()))?;
        wanted.push(item.name);
        wanted.extend(item.needs);
    }
    Ok(ITEMS.iter().filter(|item| names.is_empty() || wanted.contains(&item.name)).collect())
}

/// An item, the hash of its sources, and where its results are.
type Kept = (&'static Item, String, Store);

/// The trials that have not run, and the number of those that have.
fn todo(stores: &[Kept], scale: Scale) -> (Vec<Task<'_>>, usize) {
    let all = stores.iter().flat_map(|(item, _, store)| {
        (item.trials)(scale).into_iter().map(move |trial| (item.name, store, trial))
    });
    let (kept, todo): (Vec<_>, Vec<_>) =
        all.partition(|(_, store, trial)| store.get(trial).is_some());
    (todo, kept.len())
}

/// The folder that was named, that of the environment, and where `synfire data fetch` puts what it downloads.
fn search_path(data_dir: Option<&Path>) -> SearchPath {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let cache = cache.map(|dir| dir.join("synfire"));
    SearchPath::new(data_dir.map(Path::to_path_buf), variable("SYNFIRE_DATA_DIR"), cache)
}

fn print_sections(args: &Args, record: &Record) -> Result<ExitCode> {
    let mut all_hold = true;
    for item in ITEMS.iter().filter(|item| args.only.iter().any(|name| name == item.name)) {
        let section = (item.section)(record)?;
        println!("## {}\n\n{}", section.title, section.text);
        for expectation in &section.expectations {
            let found = if expectation.holds { "holds" } else { "DOES NOT HOLD" };
            let (what, expected) = (&expectation.what, &expectation.expected);
            println!("{found}: {what}: expected {expected}, found {}", expectation.found);
            all_hold &= expectation.holds;
        }
    }
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verdict(record: &Record, out: &Path) -> ExitCode {
    let failed: Vec<_> = record.expectations.iter().filter(|e| !e.holds).collect();
    println!("wrote {}", out.join(files::PAGE).display());
    println!(
        "{} of {} demands on the results hold",
        record.expectations.len() - failed.len(),
        record.expectations.len()
    );
    for expectation in &failed {
        let (what, expected) = (&expectation.what, &expectation.expected);
        println!("does not hold: {what}: expected {expected}, found {}", expectation.found);
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
