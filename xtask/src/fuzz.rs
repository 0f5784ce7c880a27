//! `cargo xtask fuzz`: each parser under fire of a fuzzer, one after the other.
//!
//! 1. Seeds and dictionaries are written by `synfire-fuzz`, which knows the targets.
//! 2. The programs in the folder `fuzz` are built by `cargo fuzz`, with a nightly compiler and the versions of the
//!    workspace's own lock file.
//! 3. Each runs for so many inputs, within limits of memory and time; what it finds to be worth keeping lies in
//!    `fuzz/corpus`, so that the next run goes on from there.
//!
//! A table is printed at the end. A finding is an input that panicked, took more than five seconds, or asked for more
//! memory than the limits; it is kept in `fuzz/artifacts`, and the command fails. There are no sanitizers: none of
//! our code is unsafe, and without them ten times as many inputs are run.

use crate::workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Arguments of `cargo xtask fuzz`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Inputs for each target.
    #[arg(long, default_value_t = 10_000_000)]
    runs: u64,
    /// Seconds for each target, if these are over before the inputs are.
    #[arg(long)]
    seconds: Option<u64>,
    /// The targets; all if none is named.
    targets: Vec<String>,
}

/// Most memory of a target, and the largest single piece of it, in megabytes; most seconds for one input.
const LIMITS: [&str; 3] = ["-rss_limit_mb=512", "-malloc_limit_mb=128", "-timeout=5"];

/// How the programs are built: for speed. Without a sanitizer, see above, and without a call for every comparison:
/// words that must be guessed stand in the dictionaries.
const BUILD: [&str; 3] = ["--sanitizer", "none", "--no-trace-compares"];

/// A target as `synfire-fuzz` lists it.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    name: String,
    longest: usize,
}

/// What a target did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outcome {
    n_inputs: u64,
    seconds: u64,
    /// Edges of the program that were reached.
    coverage: u64,
    /// The input that was found, or what else went wrong.
    finding: Option<String>,
}

/// Runs the targets.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let dir = workspace::root().join("fuzz");
    if !nightly(&["fuzz", "--version"]).stdout(Stdio::null()).status().is_ok_and(|s| s.success()) {
        bail!(
            "cargo-fuzz or a nightly toolchain is missing: `rustup toolchain install nightly` and \
             `cargo install cargo-fuzz` add them"
        );
    }
    let listed = workspace::cargo()
        .args(["run", "--quiet", "--package", "synfire-fuzz", "--example", "seeds", "--"])
        .arg(dir.join("seeds"))
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !listed.status.success() {
        bail!("the seeds cannot be written");
    }
    let targets = chosen(parse_list(&String::from_utf8_lossy(&listed.stdout))?, &args.targets)?;
    // What is fuzzed has the versions of what is shipped.
    fs::copy(workspace::root().join("Cargo.lock"), dir.join("Cargo.lock"))
        .context("cannot copy Cargo.lock")?;
    let mut build = nightly(&["fuzz", "build"]);
    build.args(BUILD);
    if !build.status().context("cannot run cargo fuzz")?.success() {
        bail!("the programs of the fuzzer do not build");
    }
    let mut done = Vec::new();
    for target in targets {
        let outcome = fire(&dir, &target, args)?;
        println!("{}", row(&target.name, &outcome));
        done.push((target.name, outcome));
    }
    println!("\n{:<18} {:>11} {:>8} {:>7}  finding", "target", "inputs", "seconds", "edges");
    for (name, outcome) in &done {
        println!("{}", row(name, outcome));
    }
    let n_findings = done.iter().filter(|(_, outcome)| outcome.finding.is_some()).count();
    println!("fuzz: {n_findings} findings");
    Ok(if n_findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Cargo by the nightly toolchain, in the root; the one that runs us would hand down its own.
fn nightly(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.arg("+nightly").args(arguments).current_dir(workspace::root());
    command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    // Its own head says what it is for. Elsewhere the fuzzer is slower on tables, and finds the same.
    if cfg!(unix) {
        command.env("RUSTC_WRAPPER", workspace::root().join("fuzz/rustc-wrapper.sh"));
    }
    command
}

fn parse_list(text: &str) -> Result<Vec<Target>> {
    let target = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        let longest = rest.split(' ').next()?.parse().ok()?;
        Some(Target { name: name.to_owned(), longest })
    };
    text.lines().map(|line| target(line).with_context(|| format!("no target: `{line}`"))).collect()
}

fn chosen(targets: Vec<Target>, names: &[String]) -> Result<Vec<Target>> {
    if let Some(name) = names.iter().find(|name| targets.iter().all(|t| t.name != **name)) {
        let known: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
        bail!("no target {name}, expected some of {}", known.join(", "));
    }
    let is_chosen = |target: &Target| names.is_empty() || names.contains(&target.name);
    Ok(targets.into_iter().filter(is_chosen).collect())
}

fn fire(dir: &Path, target: &Target, args: &Args) -> Result<Outcome> {
    let name = &target.name;
    let [corpus, artifacts] = ["corpus", "artifacts"].map(|folder| dir.join(folder).join(name));
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut command = nightly(&["fuzz", "run", name]);
    command.args(BUILD);
    command.arg(&corpus).arg(dir.join("seeds").join(name)).arg("--").args(LIMITS);
    command.arg(format!("-dict={}", dir.join("seeds").join(format!("{name}.dict")).display()));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(format!("-max_len={}", target.longest)).arg(format!("-runs={}", args.runs));
    command.args(args.seconds.map(|seconds| format!("-max_total_time={seconds}")));
    let log: PathBuf = dir.join("corpus").join(format!("{name}.log"));
    let to_log =
        fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let status =
        command.stdout(Stdio::null()).stderr(to_log).status().context("cannot run cargo")?;
    let text = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
    let mut outcome = parse_log(&String::from_utf8_lossy(&text));
    if !status.success() && outcome.finding.is_none() {
        outcome.finding = Some(format!("it ended with {status}, see {}", log.display()));
    }
    Ok(outcome)
}

/// What libFuzzer said: `#1048576 pulse cov: 812 ft: 2503 ...`, in the end `Done 10000000 runs in 93 second(s)`.
fn parse_log(text: &str) -> Outcome {
    let mut outcome = Outcome::default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let mut number_after =
            |word: &str| words.find(|w| *w == word).and_then(|_| words.next()?.parse().ok());
        if line.starts_with("Done ") {
            outcome.n_inputs = number_after("Done").unwrap_or(outcome.n_inputs);
            outcome.seconds = number_after("in").unwrap_or(outcome.seconds);
        } else if let Some(rest) = line.strip_prefix('#') {
            let n = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse();
            outcome.n_inputs = n.unwrap_or(outcome.n_inputs);
            outcome.coverage = number_after("cov:").unwrap_or(outcome.coverage);
        } else if let Some((_, path)) = line.split_once("Test unit written to ") {
            outcome.finding = Some(path.to_owned());
        }
    }
    outcome
}

fn row(name: &str, outcome: &Outcome) -> String {
    let Outcome { n_inputs, seconds, coverage, finding } = outcome;
    let finding = finding.as_deref().unwrap_or("none");
    format!("{name:<18} {n_inputs:>11} {seconds:>8} {coverage:>7}  {finding}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn targets_are_listed_and_chosen() {
        let list = || parse_list("idx 256 IDX files\nrule 128 learning rules\n").unwrap();
        assert_eq!(list()[1], Target { name: "rule".to_owned(), longest: 128 });
        assert!(parse_list("idx many").is_err());
        assert_eq!(chosen(list(), &[]).unwrap().len(), 2);
        assert_eq!(chosen(list(), &["rule".to_owned()]).unwrap()[0].name, "rule");
        let error = chosen(list(), &["rle".to_owned()]).unwrap_err().to_string();
        assert_eq!(error, "no target rle, expected some of idx, rule");
    }

    #[test]
    fn what_the_fuzzer_says_is_read() {
        let text = "INFO: Seed: 1\n#2\tINITED cov: 88 ft: 89 corp: 1/1b exec/s: 0 rss: 30Mb\n\
                    #4194304\tpulse  cov: 530 ft: 1200 corp: 99/4Kb exec/s: 99864 rss: 60Mb\n";
        let pulse = Outcome { n_inputs: 4_194_304, coverage: 530, ..Outcome::default() };
        assert_eq!(parse_log(text), pulse);
        let done = format!("{text}Done 10000000 runs in 93 second(s)\n");
        let whole = Outcome { n_inputs: 10_000_000, seconds: 93, ..pulse.clone() };
        assert_eq!(parse_log(&done), whole);
        let found = format!("{text}artifact_prefix='a/'; Test unit written to a/crash-01\n");
        assert_eq!(parse_log(&found), Outcome { finding: Some("a/crash-01".to_owned()), ..pulse });
        assert!(row("idx", &whole).ends_with("10000000       93     530  none"));
    }
}
