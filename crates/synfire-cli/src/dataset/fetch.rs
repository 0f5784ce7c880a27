//! `synfire data fetch`: the files of a known set, from public mirrors or any other.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};
use synfire_train::synfire_data::{
    Checked, FetchError, FetchEvent, FetchPlan, FetchWatch, Fetched, Patience, Source, check_files,
    fetch, mirrors, wanted_files,
};

use super::rate::Rate;
use crate::{Status, Surroundings, UsageError, interrupt};

#[derive(Args, Clone, Debug)]
pub(crate) struct FetchOptions {
    /// The data set
    #[arg(value_name = "NAME", value_parser = downloadable())]
    dataset: Source,
    /// Folder for mnist/ or fashion-mnist/ [default: the user's cache folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Address of a folder that holds the files, http:// or https://, instead of the public mirrors; may be
    /// repeated, and is tried in this order
    #[arg(long, value_name = "URL")]
    mirror: Vec<String>,
    /// Download nothing: check the files that are there
    #[arg(long, conflicts_with = "mirror")]
    check: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

fn downloadable() -> impl TypedValueParser<Value = Source> {
    PossibleValuesParser::new(["mnist", "fashion-mnist"]).try_map(|name| name.parse::<Source>())
}

pub(super) fn run(
    options: &FetchOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let name = options.dataset.short_name();
    let files = wanted_files(&options.dataset);
    let Some(target) = options.data_dir.as_ref().or(surroundings.cache_dir.as_ref()) else {
        let message = "there is no cache folder: name a folder for the files with --data-dir";
        return Err(UsageError(message.to_owned()).into());
    };
    let mut dir = target.join(&name);
    if options.data_dir.is_none() {
        // What is loaded is the first that has all files; another copy would only lie beside it.
        let searched = surroundings.search_path(None);
        let is_whole = |dir: &Path| check_files(&files, dir).iter().all(|file| file.path.is_some());
        let found = searched.dirs().map(|(_, dir)| dir.join(&name)).find(|dir| is_whole(dir));
        dir = found.unwrap_or(dir);
    }
    if options.check {
        return check(&check_files(&files, &dir), &dir, options.json, stdout);
    }
    if surroundings.takes_interrupts {
        interrupt::listen();
    }
    let named = &options.mirror;
    let plan = FetchPlan {
        files,
        mirrors: if named.is_empty() { mirrors(&options.dataset) } else { named.clone() },
        dir,
        patience: Patience::default(),
        proxy: surroundings.proxy.clone(),
    };
    let fetched = {
        let rate = Rate::new(surroundings.is_watched && !options.json);
        fetch(&plan, &mut Watch { rate, stderr })
    };
    let fetched = match fetched {
        Ok(fetched) => fetched,
        Err(error @ FetchError::Stopped { .. }) => {
            writeln!(stderr, "interrupted: {error}")?;
            return Ok(Status::Interrupted);
        }
        Err(error @ (FetchError::Mirror { .. } | FetchError::NoHttps { .. })) => {
            return Err(UsageError(error.to_string()).into());
        }
        Err(error) => return Err(error.into()),
    };
    if options.json {
        let files: Vec<Value> = fetched.iter().map(json_of).collect();
        writeln!(stdout, "{}", json!({ "dataset": name, "dir": plan.dir, "files": files }))?;
        return Ok(Status::Success);
    }
    for Fetched { path, n_bytes, from } in &fetched {
        let file = path.file_name().unwrap_or_default().display();
        match from {
            Some(url) => writeln!(stdout, "{file}: {n_bytes} bytes from {url}")?,
            None => writeln!(stdout, "{file}: was there")?,
        }
    }
    writeln!(stdout, "{name} is complete and verified in {}", plan.dir.display())?;
    Ok(Status::Success)
}

fn json_of(fetched: &Fetched) -> Value {
    json!({ "path": fetched.path, "bytes": fetched.n_bytes, "from": fetched.from })
}

/// Says what is there.
fn check(files: &[Checked], dir: &Path, has_json: bool, stdout: &mut dyn Write) -> Result<Status> {
    let is_right = |file: &Checked| file.path.is_some() && file.problem.is_none();
    if has_json {
        let of_file = |file: &Checked| {
            let problem = file.problem.as_ref().map(ToString::to_string);
            json!({ "name": file.name, "path": file.path, "problem": problem })
        };
        let all: Vec<Value> = files.iter().map(of_file).collect();
        let is_complete = files.iter().all(is_right);
        let answer = json!({ "dir": dir, "is_complete": is_complete, "files": all });
        writeln!(stdout, "{answer}")?;
    } else {
        for file in files {
            let path = file.path.as_deref().and_then(Path::file_name).unwrap_or_default();
            match (&file.path, &file.problem) {
                (None, _) => writeln!(stdout, "{}: is not there", file.name)?,
                (_, Some(problem)) => writeln!(stdout, "{}: {problem}", path.display())?,
                _ => writeln!(stdout, "{}: right", path.display())?,
            }
        }
        writeln!(stdout, "in {}", dir.display())?;
    }
    Ok(if files.iter().all(is_right) { Status::Success } else { Status::Failure })
}

/// A bar on a terminal, and what is worth a line.
struct Watch<'a> {
    rate: Rate,
    stderr: &'a mut dyn Write,
}

impl FetchWatch for Watch<'_> {
    fn happened(&mut self, event: &FetchEvent<'_>) {
        // A reader that went away is no reason to stop.
        let _ = match event {
            FetchEvent::Began { name, n_before, n_total, .. } => {
                self.rate.begin(name, *n_before, *n_total);
                Ok(())
            }
            FetchEvent::Received { n_bytes } => {
                self.rate.set(*n_bytes);
                Ok(())
            }
            FetchEvent::Wrong { path, problem } => {
                writeln!(
                    self.stderr,
                    "warning: {}: {problem}; it is downloaded again",
                    path.display()
                )
            }
            FetchEvent::Failed { url, problem, is_tried_again } => {
                self.rate.end();
                let what = if *is_tried_again { "; it is tried again" } else { "" };
                writeln!(self.stderr, "warning: {url}: {problem}{what}")
            }
            FetchEvent::MovedAside { path } => {
                writeln!(self.stderr, "note: a wrong file is now called {}", path.display())
            }
            FetchEvent::Finished(_) => {
                self.rate.end();
                Ok(())
            }
            _ => Ok(()),
        };
    }

    fn wants_stop(&mut self) -> bool {
        interrupt::is_noted()
    }
}
