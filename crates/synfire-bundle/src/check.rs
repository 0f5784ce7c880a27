//! Whether a bundle is whole and right.
//!
//! 1. Every file is one that `SHA256SUMS` lists, and has the sum listed there; names stay within the folder, links are
//!    not followed, nothing is longer than a bundle's file can be.
//! 2. Of each case, circuit, weights and samples are read from `case.toml`, `synapses.csv`, `stimulus.csv` and
//!    `samples.csv`; the circuit is built anew, loaded and run on the plain engine of the chip model, beside the fast
//!    one and the reference.
//! 3. All files of the case are written once more, from what was built and what came out, and compared with those of
//!    the bundle: the first line that differs is named. So are README and reader, in a bundle of this version.
//!
//! A damaged file is thus named by its sum and, where it is one of a case, by the line that is wrong. Memory is bounded
//! by the length of the files: sizes that a header claims are believed only as far as there are lines for them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use synfire_train::synfire_data::sha256_hex;
use synfire_train::synfire_net::{check_toml_memory, printable};

use crate::BundleError;
use crate::contents::Contents;
use crate::folder::{FILES, files};
use crate::golden::{Golden, Most};
use crate::header::{BundleHeader, CaseHeader, FORM};
use crate::make::{CASES_DIR, HEADER_FILE, READER, READER_FILE, README_FILE};
use crate::parse::read_case;
use crate::readme::readme;
use crate::sums::{self, SUMS_FILE, check_name};

/// Longest file of a bundle, in bytes.
pub(crate) const LONGEST_FILE: u64 = 1 << 28;
/// Longest header, and longest list of sums, in bytes.
pub(crate) const LONGEST_HEADER: u64 = 1 << 20;
/// Memory that a header may take to read, in bytes.
pub(crate) const MOST_MEMORY: u64 = 1 << 26;
/// Most cases of a bundle.
const MOST_CASES: usize = 100;
/// Characters of a line that are shown.
const SHOWN: usize = 100;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was checked of each case, in the order of the header.
    pub cases: Vec<CheckedCase>,
    /// Files whose sums were compared.
    pub n_files: usize,
    /// Bytes of these files.
    pub n_bytes: u64,
    /// What is wrong: files that are missing, changed or too many, then the first wrong line of each case.
    pub problems: Vec<BundleProblem>,
}

/// A case that was run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedCase {
    /// Its name.
    pub name: String,
    /// Number of samples.
    pub n_samples: usize,
    /// Spikes that came out.
    pub n_spikes: usize,
    /// Changes of weights that came out.
    pub n_changes: usize,
}

/// Something wrong with a file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleProblem {
    /// The file, by its name in the bundle.
    pub file: String,
    /// The line, counted from 1, if there is one.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for BundleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BundleProblem { file, line, message } = self;
        match line {
            None => write!(f, "{file}: {message}"),
            Some(line) => write!(f, "{file}, line {line}: {message}"),
        }
    }
}

impl BundleProblem {
    pub(crate) fn new(
        file: impl Into<String>,
        line: Option<usize>,
        message: impl Into<String>,
    ) -> BundleProblem {
        BundleProblem { file: file.into(), line, message: message.into() }
    }
}

/// Checks the bundle in a folder.
///
/// # Errors
/// If the folder is no bundle. What is wrong with one that is, is no error, see [`Checked::problems`].
pub fn check(dir: &Path) -> Result<Checked, BundleError> {
    check_contents(Contents::Folder(dir))
}

/// Checks a bundle in memory, each file under its name, such as `cases/first/spikes.csv`.
///
/// ```
/// let mut files = synfire_bundle::tiny();
/// assert!(synfire_bundle::check_files(&files)?.problems.is_empty());
/// files.remove("cases/learning/spikes.csv");
/// let problems = synfire_bundle::check_files(&files)?.problems;
/// assert_eq!(problems[0].to_string(), "cases/learning/spikes.csv: is listed and not there");
/// # Ok::<(), synfire_bundle::BundleError>(())
/// ```
///
/// # Errors
/// As [`check`].
pub fn check_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Checked, BundleError> {
    check_contents(Contents::Memory(files))
}

fn check_contents(contents: Contents<'_>) -> Result<Checked, BundleError> {
    if !contents.has(HEADER_FILE) {
        return Err(BundleError::NoBundle { dir: contents.dir().to_owned() });
    }
    let mut checked = Checked { cases: Vec::new(), n_files: 0, n_bytes: 0, problems: Vec::new() };
    check_sums(contents, &mut checked);
    match read_header(contents) {
        Ok(header) => {
            let mut as_told = Vec::new();
            for name in &header.cases {
                match check_case(contents, name) {
                    Ok((case, told)) => {
                        checked.cases.push(case);
                        as_told.push(told);
                    }
                    Err(problem) => checked.problems.push(problem),
                }
            }
            if as_told.len() == header.cases.len() {
                checked.problems.extend(check_words(contents, &header, &as_told));
            }
        }
        Err(problem) => checked.problems.push(problem),
    }
    Ok(checked)
}

/// Compares every file with its sum.
fn check_sums(contents: Contents<'_>, checked: &mut Checked) {
    let listed = match contents.text(SUMS_FILE, LONGEST_HEADER) {
        Err(problem) => return checked.problems.push(problem),
        Ok(text) => match sums::parse(&text) {
            Err((line, message)) => {
                return checked.problems.push(BundleProblem::new(SUMS_FILE, Some(line), message));
            }
            Ok(listed) => listed,
        },
    };
    let present = contents.names(&mut checked.problems);
    for (name, expected) in &listed {
        if !present.contains(name) {
            checked.problems.push(BundleProblem::new(name, None, "is listed and not there"));
            continue;
        }
        match contents.bytes(name, LONGEST_FILE) {
            Err(problem) => checked.problems.push(problem),
            Ok(bytes) => {
                checked.n_files += 1;
                checked.n_bytes += bytes.len() as u64;
                let found = sha256_hex(&bytes);
                if found != *expected {
                    let message = format!("SHA-256 is {found}, expected {expected}");
                    checked.problems.push(BundleProblem::new(name, None, message));
                }
            }
        }
    }
    for name in present.iter().filter(|name| *name != SUMS_FILE) {
        if !listed.iter().any(|(other, _)| other == name) {
            let message = format!("is not listed in {SUMS_FILE}");
            checked.problems.push(BundleProblem::new(name, None, message));
        }
    }
}

/// `bundle.toml`, if this program can read its form.
pub(crate) fn read_header(contents: Contents<'_>) -> Result<BundleHeader, BundleProblem> {
    let problem = |message: String| BundleProblem::new(HEADER_FILE, None, message);
    let text = contents.text(HEADER_FILE, LONGEST_HEADER)?;
    check_toml_memory(&text, MOST_MEMORY).map_err(|error| problem(error.to_string()))?;
    let form = text.parse::<toml::Table>().ok().and_then(|table| table.get("form")?.as_integer());
    if let Some(form) = form.filter(|&form| form != i64::from(FORM)) {
        return Err(problem(format!("form is {form}, expected {FORM}: made by another version")));
    }
    let header: BundleHeader =
        toml::from_str(&text).map_err(|error| at_line(HEADER_FILE, &text, &error))?;
    let n_cases = header.cases.len();
    if !(1..=MOST_CASES).contains(&n_cases) {
        return Err(problem(format!("number of cases is {n_cases}, expected 1 to {MOST_CASES}")));
    }
    for name in &header.cases {
        if check_name(name).is_err() || name.contains('/') {
            return Err(problem(format!(
                "case is `{}`, expected a plain name",
                name.escape_debug()
            )));
        }
    }
    Ok(header)
}

/// The problem of a text that is not the TOML it should be.
pub(crate) fn at_line(file: &str, text: &str, error: &toml::de::Error) -> BundleProblem {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count();
    BundleProblem::new(file, Some(line), printable(error.message()))
}

/// Whether README and reader, which somebody may believe and run, are those that this version writes.
fn check_words(
    contents: Contents<'_>,
    header: &BundleHeader,
    as_told: &[(CaseHeader, u64)],
) -> Option<BundleProblem> {
    if header.synfire != env!("CARGO_PKG_VERSION") {
        return None;
    }
    let (headers, sizes): (Vec<CaseHeader>, Vec<u64>) = as_told.iter().cloned().unzip();
    let expected =
        [(README_FILE, readme(header, &headers, &sizes)), (READER_FILE, READER.to_owned())];
    expected.into_iter().find_map(|(name, expected)| match contents.text(name, LONGEST_HEADER) {
        Err(problem) => Some(problem),
        Ok(found) if found == expected => None,
        Ok(found) => Some(first_other_line(name, found.as_bytes(), expected.as_bytes())),
    })
}

/// Runs a case again; says too what its header must be, and how long its files are.
fn check_case(
    contents: Contents<'_>,
    name: &str,
) -> Result<(CheckedCase, (CaseHeader, u64)), BundleProblem> {
    let folder = format!("{CASES_DIR}/{name}");
    let (case, n_spikes, n_changes) = read_case(contents, name)?;
    // What comes out need not go far beyond what is compared with it.
    let most = Most { spikes: n_spikes, changes: n_changes };
    let failed = |error: BundleError| BundleProblem::new(&folder, None, error.to_string());
    let golden = Golden::run(&case, most).map_err(failed)?;
    let (header, expected) = files(&case, &golden).map_err(failed)?;
    let n_bytes = expected.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    // The header counts what comes out, so it is judged last: a line says more.
    let in_order = FILES.iter().skip(1).chain(&FILES[..1]);
    for file in in_order {
        let name = format!("{folder}/{file}");
        let bytes = contents.bytes(&name, LONGEST_FILE)?;
        let Some((_, expected)) = expected.iter().find(|(other, _)| other == file) else {
            continue;
        };
        if *bytes == **expected {
            continue;
        }
        return Err(match file.ends_with(".npz") {
            true => BundleProblem::new(
                name,
                None,
                "holds other weights than synapses.csv, or in another form",
            ),
            false => first_other_line(&name, &bytes, expected),
        });
    }
    let checked = CheckedCase {
        name: case.name,
        n_samples: case.samples.len(),
        n_spikes: golden.spikes.len(),
        n_changes: golden.changes.len(),
    };
    Ok((checked, (header, n_bytes)))
}

/// The first line in which a text is not what is expected.
fn first_other_line(name: &str, found: &[u8], expected: &[u8]) -> BundleProblem {
    let [found, expected] = [found, expected].map(|bytes| bytes.split(|&byte| byte == b'\n'));
    let (mut found, mut expected) = (found, expected);
    let mut line = 0;
    loop {
        line += 1;
        let pair = (found.next(), expected.next());
        if pair.0 == pair.1 && pair.0.is_some() {
            continue;
        }
        let shown = |text: Option<&[u8]>| match text {
            None | Some(b"") => "nothing".to_owned(),
            Some(text) => {
                let text: String = String::from_utf8_lossy(text).chars().take(SHOWN).collect();
                format!("`{}`", text.escape_debug())
            }
        };
        let message = format!("found {}, expected {}", shown(pair.0), shown(pair.1));
        return BundleProblem::new(name, Some(line), message);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// Found by a fuzzer: a name of a circuit with a tab in it.
    #[test]
    fn a_message_about_toml_moves_no_cursor() {
        let text = "form = 1\n\"\\u001b[2J\" = 1\n";
        let error = toml::from_str::<BundleHeader>(text).unwrap_err();
        let message = at_line(HEADER_FILE, text, &error).to_string();
        let expected = "bundle.toml, line 2: unknown field `\\u{1b}[2J`, expected one of ";
        assert!(message.starts_with(expected), "{message:?}");
    }
}
