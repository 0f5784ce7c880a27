//! The benches of `synfire-bench`: built once, run one by one, medians read from criterion's files.
//!
//! Which benches there are is asked from cargo, so that a new one is run and shown without a change here.
//! Results lie in a folder of their own, emptied before each bench: nothing old is ever read.

use super::child::{self, Interrupt};
use crate::workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A built bench.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bench {
    pub(super) name: String,
    program: PathBuf,
}

/// The median of one timing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Timing {
    /// The bench that it is part of.
    pub(super) bench: String,
    /// What criterion calls group, function and value.
    pub(super) group: String,
    pub(super) function: String,
    pub(super) value: String,
    /// Nanoseconds of one iteration.
    pub(super) median: f64,
    /// What one iteration works on.
    pub(super) throughput: Option<Throughput>,
}

/// The work of an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Throughput {
    Bytes(u64),
    Elements(u64),
}

/// Builds all benches, in the order of the page.
pub(super) fn build(place: &Path, interrupt: &Interrupt) -> Result<Vec<Bench>> {
    let mut cargo = workspace::cargo();
    cargo.args(["bench", "--package", "synfire-bench", "--benches", "--no-run"]);
    cargo.arg("--message-format=json");
    let stem = place.join("build");
    child::run(&mut cargo, &stem, interrupt)?;
    let mut found = benches(&std::fs::read_to_string(stem.with_extension("out"))?)?;
    if found.is_empty() {
        bail!("cargo built no benches of synfire-bench");
    }
    let first = ["sample", "width", "inference", "fast_kernels"];
    let place = |name: &str| first.iter().position(|known| *known == name).unwrap_or(first.len());
    found.sort_by(|a, b| (place(&a.name), &a.name).cmp(&(place(&b.name), &b.name)));
    Ok(found)
}

/// The programs in what cargo prints while it builds, a message of JSON on each line.
fn benches(messages: &str) -> Result<Vec<Bench>> {
    let mut found = Vec::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Value = serde_json::from_str(line).context("cargo printed no JSON")?;
        let is_bench = message["target"]["kind"]
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "bench"));
        let name = message["target"]["name"].as_str();
        if let (true, Some(name), Some(program)) = (is_bench, name, message["executable"].as_str())
        {
            found.push(Bench { name: name.to_owned(), program: program.into() });
        }
    }
    Ok(found)
}

impl Bench {
    /// Runs the bench and reads its medians.
    pub(super) fn run(
        &self,
        place: &Path,
        is_quick: bool,
        data_dir: Option<&Path>,
        interrupt: &Interrupt,
    ) -> Result<Vec<Timing>> {
        let results = place.join("criterion");
        if results.exists() {
            std::fs::remove_dir_all(&results)?;
        }
        let mut command = Command::new(&self.program);
        command.arg("--bench").env("CRITERION_HOME", &results);
        // What is set outside must not decide.
        command.env_remove("SYNFIRE_BENCH_QUICK").env_remove("SYNFIRE_DATA_DIR");
        command.envs(data_dir.map(|dir| ("SYNFIRE_DATA_DIR", dir)));
        if is_quick {
            command.env("SYNFIRE_BENCH_QUICK", "1");
            command.args(["--warm-up-time", "0.1", "--measurement-time", "0.2"]);
            command.args(["--sample-size", "10"]);
        } else {
            // Some hundred benches: with criterion's usual seconds for each it would be half an hour.
            command.args(["--warm-up-time", "0.3", "--measurement-time", "1"]);
        }
        child::run(&mut command, &place.join(&self.name), interrupt)
            .with_context(|| format!("bench {}", self.name))?;
        let mut timings = Vec::new();
        read(&results, &self.name, &mut timings)?;
        if timings.is_empty() {
            bail!("bench {} left no results", self.name);
        }
        timings.sort_by(|a, b| {
            let key = |timing: &Timing| (timing.group.clone(), timing.function.clone());
            key(a).cmp(&key(b)).then_with(|| a.value.cmp(&b.value))
        });
        Ok(timings)
    }
}

/// Every result at or below a folder.
fn read(folder: &Path, bench: &str, timings: &mut Vec<Timing>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        if path.file_name().is_some_and(|name| name == "new") {
            let text = |name: &str| {
                let path = path.join(name);
                std::fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))
            };
            timings.push(timing(bench, &text("benchmark.json")?, &text("estimates.json")?)?);
        } else {
            read(&path, bench, timings)?;
        }
    }
    Ok(())
}

/// One timing from criterion's two files.
fn timing(bench: &str, benchmark: &str, estimates: &str) -> Result<Timing> {
    let benchmark: Value = serde_json::from_str(benchmark).context("benchmark.json")?;
    let estimates: Value = serde_json::from_str(estimates).context("estimates.json")?;
    let text = |key: &str| benchmark[key].as_str().unwrap_or_default().to_owned();
    let median =
        estimates["median"]["point_estimate"].as_f64().context("estimates.json has no median")?;
    if !(median > 0.0 && median.is_finite()) {
        bail!("the median of {} is {median} ns", text("full_id"));
    }
    let amount = |key: &str| benchmark["throughput"][key].as_u64();
    let throughput =
        amount("Bytes").map(Throughput::Bytes).or(amount("Elements").map(Throughput::Elements));
    Ok(Timing {
        bench: bench.to_owned(),
        group: benchmark["group_id"].as_str().context("benchmark.json has no group")?.to_owned(),
        function: text("function_id"),
        value: text("value_str"),
        median,
        throughput,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const BENCHMARK: &str = r#"{"group_id":"floor","function_id":"rows i8",
        "value_str":"digits train 400-400-10 late","throughput":{"Bytes":30531},"full_id":"f"}"#;

    #[test]
    fn a_median_is_read_with_what_it_is_of() {
        let estimates = r#"{"mean":{"point_estimate":9.0},"median":{"point_estimate":1234.5}}"#;
        let read = timing("sample", BENCHMARK, estimates).unwrap();
        let expected = Timing {
            bench: "sample".to_owned(),
            group: "floor".to_owned(),
            function: "rows i8".to_owned(),
            value: "digits train 400-400-10 late".to_owned(),
            median: 1234.5,
            throughput: Some(Throughput::Bytes(30531)),
        };
        assert_eq!(read, expected);
        let plain = r#"{"group_id":"net","function_id":"a","value_str":null,"throughput":null}"#;
        let read = timing("net", plain, estimates).unwrap();
        assert_eq!((read.value.as_str(), read.throughput), ("", None));
    }

    #[test]
    fn a_result_without_a_median_is_refused() {
        assert!(timing("sample", BENCHMARK, r#"{"mean":{"point_estimate":9.0}}"#).is_err());
        let zero = r#"{"median":{"point_estimate":0.0}}"#;
        assert!(timing("sample", BENCHMARK, zero).is_err());
        assert!(timing("sample", "{}", r#"{"median":{"point_estimate":1.0}}"#).is_err());
        assert!(timing("sample", "", "").is_err());
    }

    #[test]
    fn results_are_found_in_their_folders_and_only_the_new_ones() {
        let dir = tempfile::tempdir().unwrap();
        for (moment, median) in [("new", 5), ("base", 7)] {
            let folder = dir.path().join("floor/rows i8/digits").join(moment);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("benchmark.json"), BENCHMARK).unwrap();
            let estimates = format!(r#"{{"median":{{"point_estimate":{median}.0}}}}"#);
            std::fs::write(folder.join("estimates.json"), estimates).unwrap();
        }
        let mut timings = Vec::new();
        read(dir.path(), "sample", &mut timings).unwrap();
        assert_eq!(timings.iter().map(|timing| timing.median).collect::<Vec<_>>(), [5.0]);
    }

    #[test]
    fn benches_are_found_in_the_messages_of_cargo() {
        let messages = [
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"a"},"executable":null}"#,
            r#"{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"net"},"executable":"/t/net-1"}"#,
            "not a message",
        ];
        let found = benches(&messages.join("\n")).unwrap();
        assert_eq!(found, [Bench { name: "net".to_owned(), program: "/t/net-1".into() }]);
    }
}
