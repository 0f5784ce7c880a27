//! The reproduction in its smallest form, twice, on one thread and on two: equal but for times.

use super::{Outcome, cargo};
use crate::workspace;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(super) fn run() -> Result<Outcome> {
    let folder = workspace::target_dir()?.join("reproduce");
    let mut written = Vec::new();
    for n_threads in ["1", "2"] {
        let out = folder.join(format!("ci-{n_threads}"));
        if out.exists() {
            fs::remove_dir_all(&out).with_context(|| format!("cannot remove {}", out.display()))?;
        }
        let out_text = out.to_str().context("the target folder has a name that is no text")?;
        let plain = ["run", "--quiet", "--release", "--package", "xtask", "--", "reproduce"];
        let how = ["--smoke", "--fresh", "--threads", n_threads, "--out", out_text];
        if cargo(&[&plain[..], &how].concat(), &[])? == Outcome::Failed {
            return Ok(Outcome::Failed);
        }
        written.push(lasting(&out)?);
    }
    let differ = differences(&written[0], &written[1])?;
    for name in &differ {
        println!("{name} is another on two threads than on one");
    }
    Ok(if differ.is_empty() { Outcome::Passed } else { Outcome::Failed })
}

/// All files below a folder by name, without what tells of time.
fn lasting(dir: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut dirs = vec![dir.to_path_buf()];
    while let Some(dir) = dirs.pop() {
        let entries = fs::read_dir(&dir).with_context(|| format!("no folder {}", dir.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                files.insert(
                    path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                    without_times(&text),
                );
            }
        }
    }
    Ok(files)
}

/// Lines of the page that tell of time say `Computed`; in the record it is the last part.
fn without_times(text: &str) -> String {
    let before = text.split("\n\"times\": {").next().unwrap_or(text);
    before.lines().filter(|line| !line.contains("Computed")).collect::<Vec<_>>().join("\n")
}

/// The files that differ or are missing on one side.
fn differences(
    left: &BTreeMap<String, String>,
    right: &BTreeMap<String, String>,
) -> Result<Vec<String>> {
    if !left.keys().any(|name| name.ends_with(".svg")) || !left.contains_key("reproduction.json") {
        bail!("the reproduction wrote no figures or no record: nothing would be compared");
    }
    let names = left.keys().chain(right.keys().filter(|name| !left.contains_key(*name)));
    Ok(names.filter(|name| left.get(*name) != right.get(*name)).cloned().collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn only_times_may_differ() {
        let files = |date: &str, number: &str| {
            let page = format!("# A\nComputed {date}.\n{number}\n| Computed: all | {date} |\n");
            let record = format!(
                "{{\n\"items\": {{\n{number}\n}},\n\"times\": {{\n\"a\": \"{date}\"\n}}\n}}\n"
            );
            let all = [
                ("reproduction.md", page),
                ("reproduction.json", record),
                ("a.svg", "<svg/>".into()),
            ];
            all.map(|(name, text)| (name.to_owned(), without_times(&text))).into_iter().collect()
        };
        let equal: BTreeMap<String, String> = files("2026-11-21", "7");
        assert_eq!(differences(&equal, &files("2026-11-22", "7")).unwrap(), Vec::<String>::new());
        let names = ["reproduction.json", "reproduction.md"];
        assert_eq!(differences(&equal, &files("2026-11-21", "8")).unwrap(), names);
        let mut more = equal.clone();
        more.insert("b.svg".into(), String::new());
        assert_eq!(differences(&equal, &more).unwrap(), ["b.svg"]);
        assert!(differences(&BTreeMap::new(), &BTreeMap::new()).is_err());
    }
}
