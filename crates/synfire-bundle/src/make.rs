//! From the folder of a run to the folder of a bundle, which appears whole or not at all.
//!
//! Everything is written into a folder beside its place, checked there as `synfire bundle check` would, and then
//! renamed. A bundle that is replaced is moved aside first and removed last.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use synfire_train::synfire_data::{SearchPath, sha256_hex};
use tempfile::TempDir;

use crate::BundleError;
use crate::case::Case;
use crate::check::check;
use crate::crafted;
use crate::folder::files;
use crate::golden::{Golden, Most};
use crate::header::{BundleHeader, CaseHeader, FORM, to_text};
use crate::readme::readme;
use crate::run::Run;
use crate::sums::{self, SUMS_FILE};

/// The file that makes a folder a bundle.
pub(crate) const HEADER_FILE: &str = "bundle.toml";
/// The program that runs a bundle without us.
pub(crate) const READER_FILE: &str = "reader.py";
/// The folder of the cases.
pub(crate) const CASES_DIR: &str = "cases";
/// Its text.
pub(crate) const READER: &str = include_str!("reader.py");
/// What is to be read first.
pub(crate) const README_FILE: &str = "README.md";
/// What the names of folders begin with that are not in their place.
const PREFIX: &str = ".synfire-";

/// What a bundle is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleConfig {
    /// The folder of a run, as `synfire train` wrote it.
    pub run: PathBuf,
    /// The folder of the bundle.
    pub out: PathBuf,
    /// Number of samples of the first case, from the initial weights, 1 to 1000.
    pub n_samples: usize,
    /// Whether a bundle that is there is replaced; what is no bundle never is.
    pub may_overwrite: bool,
    /// The commit of the program's sources, for the record.
    pub commit: Option<String>,
}

impl BundleConfig {
    /// Number of samples unless something else is asked for.
    pub const SAMPLES: usize = 5;
    /// Test samples of the circuit of inference.
    const TEST_SAMPLES: usize = 10;
}

/// A bundle that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its cases, in the order of the README.
    pub cases: Vec<MadeCase>,
    /// Number of files.
    pub n_files: usize,
    /// Bytes of all files.
    pub n_bytes: u64,
}

/// A case of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeCase {
    /// Its name.
    pub name: String,
    /// Number of samples.
    pub n_samples: usize,
    /// Steps to run.
    pub n_steps: u64,
    /// Synapses of all kinds.
    pub n_synapses: usize,
    /// Golden spikes.
    pub n_spikes: usize,
    /// Golden changes of weights.
    pub n_changes: usize,
    /// Bytes of its files.
    pub n_bytes: u64,
}

/// Makes a bundle. Data sets are looked for in `dirs`; `progress` is told the name of each case before it is run.
///
/// # Errors
/// A run that cannot be read or is no circuit's, data that is missing or other data, engines that disagree, a folder
/// that is taken or cannot be written. Nothing is left behind then.
pub fn make(
    config: &BundleConfig,
    dirs: &SearchPath,
    mut progress: impl FnMut(&str),
) -> Result<Made, BundleError> {
    vacant(config)?;
    let run = Run::read(&config.run, dirs)?;
    let mut cases = vec![run.first(config.n_samples)?, run.trained()?];
    cases.push(run.inference(BundleConfig::TEST_SAMPLES));
    cases.extend(crafted::all(run.form())?);
    // A trained case without samples would show nothing.
    cases.retain(|case| !case.samples.is_empty());

    let parent = match config.out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent).map_err(BundleError::write(parent))?;
    let folder = new_folder(parent).map_err(BundleError::write(&config.out))?;
    let mut writer = Writer { dir: folder.path().to_owned(), sums: Vec::new(), n_bytes: 0 };
    let mut made = Vec::new();
    let mut headers = Vec::new();
    for case in &cases {
        progress(&case.name);
        let (case, header) = write_case(&mut writer, case)?;
        made.push(case);
        headers.push(header);
    }
    let header = BundleHeader {
        form: FORM,
        synfire: env!("CARGO_PKG_VERSION").to_owned(),
        commit: config.commit.clone(),
        cases: cases.iter().map(|case| case.name.clone()).collect(),
        run: run.header(),
        data_files: run.data_files(),
    };
    let sizes: Vec<u64> = made.iter().map(|case| case.n_bytes).collect();
    writer.write(README_FILE, readme(&header, &headers, &sizes).as_bytes())?;
    writer.write(READER_FILE, READER.as_bytes())?;
    writer.write(HEADER_FILE, to_text(&header).as_bytes())?;
    let sums = sums::write(&writer.sums);
    writer.write(SUMS_FILE, sums.as_bytes())?;
    progress("check");
    let checked = check(folder.path())?;
    if let Some(problem) = checked.problems.first() {
        return Err(BundleError::OwnCheck { problem: problem.to_string() });
    }
    let (n_files, n_bytes) = (writer.sums.len(), writer.n_bytes);
    put(folder, config).map_err(BundleError::write(&config.out))?;
    Ok(Made { cases: made, n_files, n_bytes })
}

fn write_case(writer: &mut Writer, case: &Case) -> Result<(MadeCase, CaseHeader), BundleError> {
    let golden = Golden::run(case, Most::ANY)?;
    let (header, files) = files(case, &golden)?;
    let before = writer.n_bytes;
    for (name, bytes) in files {
        writer.write(&format!("{CASES_DIR}/{}/{name}", case.name), &bytes)?;
    }
    let made = MadeCase {
        name: case.name.clone(),
        n_samples: header.samples,
        n_steps: header.steps,
        n_synapses: header.plastic_synapses + header.fixed_synapses + header.generator_synapses,
        n_spikes: header.spikes,
        n_changes: header.changes,
        n_bytes: writer.n_bytes - before,
    };
    Ok((made, header))
}

/// Writes files and notes their sums.
struct Writer {
    dir: PathBuf,
    sums: Vec<(String, String)>,
    n_bytes: u64,
}

impl Writer {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let path = self.dir.join(name);
        let written = || {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        written().map_err(BundleError::write(&path))?;
        self.sums.push((name.to_owned(), sha256_hex(bytes)));
        self.n_bytes += bytes.len() as u64;
        Ok(())
    }
}

/// Whether a bundle may be put where it is to go: where nothing lies, an empty folder, or a bundle to be replaced.
fn vacant(config: &BundleConfig) -> Result<(), BundleError> {
    let dir = config.out.clone();
    let Ok(metadata) = std::fs::symlink_metadata(&dir) else { return Ok(()) };
    let is_empty = metadata.is_dir()
        && std::fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_none());
    let is_bundle =
        metadata.is_dir() && [HEADER_FILE, SUMS_FILE].iter().all(|name| dir.join(name).is_file());
    match is_empty || is_bundle && config.may_overwrite {
        true => Ok(()),
        false => Err(BundleError::Occupied { dir, is_bundle }),
    }
}

/// A folder beside the bundle's, on the same disk.
fn new_folder(parent: &Path) -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The library's default of 0700 would outlive the renaming.
        builder.permissions(std::fs::Permissions::from_mode(0o777));
    }
    builder.tempdir_in(parent)
}

/// Puts a folder in its place.
fn put(folder: TempDir, config: &BundleConfig) -> std::io::Result<()> {
    let out = &config.out;
    let mut aside = None;
    if out.exists() {
        let is_empty = std::fs::read_dir(out)?.next().is_none();
        if is_empty {
            std::fs::remove_dir(out)?;
        } else {
            let place = new_folder(
                out.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")),
            )?;
            std::fs::rename(out, place.path().join("old"))?;
            aside = Some(place);
        }
    }
    let path = folder.keep();
    if let Err(error) = std::fs::rename(&path, out) {
        if let Some(aside) = &aside {
            let _ = std::fs::rename(aside.path().join("old"), out);
        }
        let _ = std::fs::remove_dir_all(&path);
        return Err(error);
    }
    Ok(())
}
