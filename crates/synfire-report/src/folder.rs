//! The folders of runs, read and checked: what ran, a row for each epoch, the weights.
//!
//! A folder of a sweep stands for the folders of its seeds. What is missing or damaged is found here, so that
//! what is drawn later is known to be whole: every figure is a number, every fraction between 0 and 1.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use synfire_train::synfire_reference::{Shape, Weights};
use synfire_train::{
    EpochMetrics, METRICS_FILE, RUN_FILE, RunFile, WEIGHTS_FILE, WeightFile, check_metrics,
    parse_metrics_csv, read_regular,
};

use crate::ReportError;

/// Longest file of each kind that is read, in bytes. A row of metrics takes four times as much memory at worst; a
/// hundred thousand epochs have 15 MB of them.
const LONGEST_RUN: u64 = 1 << 20;
const LONGEST_METRICS: u64 = 64 << 20;
const LONGEST_WEIGHTS: u64 = 1 << 30;

/// Most runs of one report.
pub const MOST_RUNS: usize = 100;

/// A run as its folder holds it.
#[derive(Clone, Debug)]
pub struct RunFolder {
    /// The folder.
    pub dir: PathBuf,
    /// What the run is called in the report: the last part of its folder, more where that is not unique.
    pub name: String,
    /// The record of the run.
    pub run: RunFile,
    /// One row per epoch, at least one, epochs ascending.
    pub rows: Vec<EpochMetrics>,
    /// The weights after the last of them, if they are there.
    pub weights: Option<Weights>,
    /// The layers.
    pub shape: Shape,
}

impl RunFolder {
    /// The last row.
    ///
    /// # Panics
    /// Never for a folder that was read: it has a row.
    #[must_use]
    pub fn last(&self) -> &EpochMetrics {
        self.rows.last().expect("a folder that was read has a row")
    }

    /// Layer sizes as they are written, `400-400-10`.
    #[must_use]
    pub fn layers(&self) -> String {
        let sizes: Vec<String> = self.shape.sizes().iter().map(usize::to_string).collect();
        sizes.join("-")
    }

    /// Whether there are fewer epochs than were asked for.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.last().epoch < self.run.config.epochs
    }

    /// The folder of one run.
    fn read(dir: &Path, run: RunFile) -> Result<RunFolder, ReportError> {
        let dir = dir.to_owned();
        let shape = Shape::new(&run.record.layers)
            .map_err(|cause| ReportError::Layers { path: dir.join(RUN_FILE), cause })?
            .with_variant(run.config.variant);
        let path = dir.join(METRICS_FILE);
        let Some(bytes) = read(&path, LONGEST_METRICS)? else {
            return Err(ReportError::Missing { path, dir });
        };
        let rows = match parse_metrics_csv(&bytes) {
            Ok(rows) if rows.is_empty() => return Err(ReportError::Missing { path, dir }),
            Ok(rows) => rows,
            Err(cause) => return Err(ReportError::Metrics { path, cause: cause.into(), dir }),
        };
        if let Err(cause) = check_metrics(&rows) {
            return Err(ReportError::Metrics { path, cause: cause.into(), dir });
        }
        let path = dir.join(WEIGHTS_FILE);
        let weights = match read(&path, LONGEST_WEIGHTS)? {
            None => None,
            Some(bytes) => {
                let limits = run.config.variant.limits();
                let file = WeightFile::parse(&bytes, limits);
                match file.and_then(|file| file.into_weights(&shape)) {
                    Ok(weights) => Some(weights),
                    Err(cause) => {
                        let cause = Box::new(cause);
                        return Err(ReportError::Weights { path, cause, dir });
                    }
                }
            }
        };
        Ok(RunFolder { dir, name: String::new(), run, rows, weights, shape })
    }
}

/// Reads folders of runs and of sweeps, in the order given. Of a sweep, seeds without an epoch are left out.
///
/// # Errors
/// The first folder that holds no run, or whose files are missing or damaged; no run, or more than
/// [`MOST_RUNS`].
pub fn read_folders(dirs: &[PathBuf]) -> Result<Vec<RunFolder>, ReportError> {
    if dirs.is_empty() {
        return Err(ReportError::NoFolder);
    }
    // Counted before they are read: each brings its weights.
    let mut found = Vec::new();
    for dir in dirs {
        let run = read_run(dir)?;
        let Some(seeds) = run.seeds.clone() else {
            found.push((dir.clone(), run));
            continue;
        };
        let n_before = found.len();
        for seed in seeds.as_slice() {
            let dir = dir.join(format!("seed-{seed}"));
            if dir.join(METRICS_FILE).exists() {
                let run = read_run(&dir)?;
                found.push((dir, run));
            }
        }
        if found.len() == n_before {
            return Err(ReportError::NoSeed { dir: dir.clone() });
        }
    }
    if found.len() > MOST_RUNS {
        return Err(ReportError::Runs { found: found.len(), most: MOST_RUNS });
    }
    let read = found.into_iter().map(|(dir, run)| RunFolder::read(&dir, run));
    let mut folders = read.collect::<Result<Vec<_>, _>>()?;
    name(&mut folders)?;
    Ok(folders)
}

fn read_run(dir: &Path) -> Result<RunFile, ReportError> {
    let path = dir.join(RUN_FILE);
    let Some(bytes) = read(&path, LONGEST_RUN)? else {
        return Err(ReportError::NoRun { dir: dir.to_owned() });
    };
    let text = String::from_utf8(bytes).map_err(|error| ReportError::Read {
        path: path.clone(),
        cause: std::io::Error::new(ErrorKind::InvalidData, error),
    })?;
    RunFile::parse(&text).map_err(|cause| ReportError::RunFile { path, cause: Box::new(cause) })
}

/// The bytes of a regular file, if it is there.
fn read(path: &Path, longest: u64) -> Result<Option<Vec<u8>>, ReportError> {
    match read_regular(path, longest) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(ReportError::Read { path: path.to_owned(), cause }),
    }
}

/// Names the runs, so that no two have the same name.
fn name(folders: &mut [RunFolder]) -> Result<(), ReportError> {
    let paths: Vec<PathBuf> = folders
        .iter()
        .map(|folder| folder.dir.canonicalize().unwrap_or_else(|_| folder.dir.clone()))
        .collect();
    let last_parts = |path: &Path, n: usize| -> String {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        parts[parts.len().saturating_sub(n)..].join("/")
    };
    for (idx, path) in paths.iter().enumerate() {
        if paths[..idx].contains(path) {
            return Err(ReportError::Twice { dir: folders[idx].dir.clone() });
        }
        let longest = path.iter().count();
        let others = || paths.iter().enumerate().filter(|&(other, _)| other != idx);
        let n = (1..longest)
            .find(|&n| others().all(|(_, other)| last_parts(other, n) != last_parts(path, n)));
        folders[idx].name = last_parts(path, n.unwrap_or(longest));
    }
    Ok(())
}
