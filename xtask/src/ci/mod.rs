//! `cargo xtask ci`: every check a change must pass, cheapest first.
//!
//! A stage is a name, the reason why it exists, and what it runs. The first that fails ends the run, so
//! the ones that fail often and fast stand first. All stages share one target folder, and as far as
//! possible one set of features (`--workspace --all-features`), because each new pair of profile and
//! features compiles every dependency again.
//!
//! A missing tool or missing outside data is said, never silently passed over.

mod package;
mod reproduction;

use crate::{layers, tidy, workspace};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::Value;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Arguments of `cargo xtask ci`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run only these stages, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', conflicts_with = "from")]
    only: Vec<Stage>,
    /// Start with this stage.
    #[arg(long, value_enum)]
    from: Option<Stage>,
    /// Print the stages with their reasons and run nothing.
    #[arg(long)]
    list: bool,
}

/// The stages in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Stage {
    Fmt,
    Tidy,
    Layers,
    Deny,
    Clippy,
    Doc,
    Test,
    TestRelease,
    Alone,
    Package,
    Verify,
    SelfTest,
    Reproduction,
    VerifyData,
}

impl Stage {
    const fn reason(self) -> &'static str {
        match self {
            // A second to run, and the commonest fault of a change.
            Self::Fmt => "one layout, so that a diff shows only what changed",
            // Reads the tree and needs no build.
            Self::Tidy => "what neither compiler nor clippy can see",
            // One call of cargo, no build.
            Self::Layers => "a dependency that breaks a layer is a decision, not an accident",
            // Not part of a plain toolchain, and its advisories change without us.
            Self::Deny => "licences, advisories and sources of what we depend on",
            // Checks without generating code. It also guards the promised compiler, by the lint
            // `incompatible_msrv`, and exactness, by the lints on float arithmetic and hash maps.
            Self::Clippy => "lints are warnings while one works and errors here",
            // Reuses what clippy checked. A broken link is an error.
            Self::Doc => "documents are part of the product",
            // With debug assertions and overflow checks: arithmetic that leaves its type is found.
            Self::Test => "unit, property, documentation and integration tests, overflow checked",
            // Golden, equivalence and engine tests once more as users run the code: no result may hang on
            // a debug assertion or an overflow check. Nor on the optimiser: compiler 1.95 was seen to drop a
            // count of booleans from the learning of the chip model, in optimised builds only.
            Self::TestRelease => "the same spikes and weights without debug assertions",
            // Features unify within a workspace build, so a crate that forgot one builds there.
            Self::Alone => "other projects take us crate by crate, feature by feature",
            // Checks each crate as its tarball holds it: a file left out is found before users miss it.
            Self::Package => "what would be published compiles",
            // Slowest to start, as it needs the whole optimised build.
            Self::Verify => {
                "every update equals the reference, and every claim has compared something"
            }
            // A comparison that cannot fail proves nothing.
            Self::SelfTest => "every injected fault is caught and located",
            // On digits that the program makes; the experiments themselves take an hour.
            Self::Reproduction => {
                "the paper's experiments run, and give the same on any number of threads"
            }
            // Sums as large as images make them: from the first sample, and late in training, where the
            // published circuit is no longer exact.
            Self::VerifyData => "the sized circuit is exact on real images, early and late",
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn run(self) -> Result<Outcome> {
        match self {
            Self::Fmt => cargo(&["fmt", "--all", "--check"], &[]),
            Self::Tidy => passed(tidy::run()?),
            Self::Layers => passed(layers::run()?),
            Self::Deny => deny(),
            Self::Clippy => cargo(
                &[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--all-features",
                    "--",
                    "-D",
                    "warnings",
                ],
                &[],
            ),
            Self::Doc => cargo(
                &["doc", "--workspace", "--all-features", "--no-deps"],
                &[("RUSTDOCFLAGS", "-D warnings")],
            ),
            Self::Test => cargo(&["test", "--workspace", "--all-features", "--no-fail-fast"], &[]),
            Self::TestRelease => test_release(),
            Self::Alone => alone(),
            Self::Package => package::run(),
            Self::Verify => verify(&[]),
            Self::SelfTest => verify(&["--self-test"]),
            Self::Reproduction => reproduction::run(),
            Self::VerifyData => verify_data(),
        }
    }
}

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    /// Not run, and why.
    Skipped(&'static str),
}

/// Runs the chosen stages up to the first that fails.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let stages = chosen(args);
    if args.list {
        for stage in stages {
            println!("{:<13} {}", stage.name(), stage.reason());
        }
        return Ok(ExitCode::SUCCESS);
    }
    for name in ["SYNFIRE_DATA_DIR", "SYNFIRE_GOLDEN_DIR"] {
        match std::env::var(name) {
            Ok(folder) => println!("ci: {name} is {folder}"),
            Err(_) => println!(
                "ci: {name} is not set; tests that want outside data look for it themselves"
            ),
        }
    }
    let mut done: Vec<(Stage, Duration, Outcome)> = Vec::new();
    for (idx, &stage) in stages.iter().enumerate() {
        println!("\n== {} of {}: {}: {}", idx + 1, stages.len(), stage.name(), stage.reason());
        let start = Instant::now();
        let outcome = stage.run().with_context(|| format!("stage {}", stage.name()))?;
        let took = start.elapsed();
        if let Outcome::Skipped(reason) = outcome {
            println!("skipped: {reason}");
        }
        println!("== {} took {}", stage.name(), seconds(took));
        done.push((stage, took, outcome));
        if outcome == Outcome::Failed {
            break;
        }
    }
    println!();
    for (stage, took, outcome) in &done {
        let outcome = match outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
            Outcome::Skipped(_) => "skipped",
        };
        println!("{:<13} {:>9}  {outcome}", stage.name(), seconds(*took));
    }
    let total: Duration = done.iter().map(|(_, took, _)| *took).sum();
    match done.last() {
        Some((stage, _, Outcome::Failed)) => {
            println!("ci: FAILED in stage {} after {}", stage.name(), seconds(total));
            println!(
                "repeat: cargo xtask ci --only {0}, go on: cargo xtask ci --from {0}",
                stage.name()
            );
            Ok(ExitCode::FAILURE)
        }
        _ => {
            let skipped =
                done.iter().filter(|(_, _, outcome)| matches!(outcome, Outcome::Skipped(_)));
            println!(
                "ci: passed in {} (stages run: {}, skipped: {})",
                seconds(total),
                done.len() - skipped.clone().count(),
                skipped.count()
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn chosen(args: &Args) -> Vec<Stage> {
    let is_chosen = |stage: &Stage| {
        (args.only.is_empty() || args.only.contains(stage))
            && args.from.is_none_or(|first| *stage >= first)
    };
    Stage::value_variants().iter().copied().filter(is_chosen).collect()
}

fn seconds(duration: Duration) -> String {
    let tenths = duration.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

fn passed(code: ExitCode) -> Result<Outcome> {
    Ok(if code == ExitCode::SUCCESS { Outcome::Passed } else { Outcome::Failed })
}

/// Runs cargo, its output going where ours goes.
fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Outcome> {
    let mut command = workspace::cargo();
    command.args(arguments).envs(environment.iter().copied());
    execute(&mut command)
}

fn execute(command: &mut Command) -> Result<Outcome> {
    let words: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    println!("$ cargo {}", words.join(" "));
    let status = command.status().context("cannot run cargo")?;
    Ok(if status.success() { Outcome::Passed } else { Outcome::Failed })
}

/// MNIST and Fashion-MNIST, where present.
fn verify_data() -> Result<Outcome> {
    if std::env::var_os("SYNFIRE_DATA_DIR").is_none() {
        return Ok(Outcome::Skipped("SYNFIRE_DATA_DIR is not set"));
    }
    let runs: [&[&str]; 3] = [
        &["--dataset", "mnist", "--samples", "2000"],
        &["--dataset", "fashion-mnist", "--samples", "2000"],
        &["--dataset", "fashion-mnist", "--after-epochs", "60", "--samples", "20000"],
    ];
    for arguments in runs {
        let outcome = verify(arguments)?;
        if outcome != Outcome::Passed {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Passed)
}

fn deny() -> Result<Outcome> {
    let installed = workspace::cargo()
        .args(["deny", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if installed {
        cargo(&["deny", "--all-features", "check"], &[])
    } else {
        Ok(Outcome::Skipped("cargo-deny is not installed; `cargo install cargo-deny` adds it"))
    }
}

/// What computes spikes and weights, optimised: the equivalence tests, which go through circuits and comparisons too,
/// and those of the crates whose arithmetic they stand on. All others are about texts and descriptions, and ran in
/// the stage before.
fn test_release() -> Result<Outcome> {
    let plain = ["test", "--release", "--all-features", "--no-fail-fast"];
    let across = ["golden", "equivalence", "circuits"].map(|test| ["--test", test]).concat();
    let across = [&plain[..], &["--package", "synfire-tests"], &across].concat();
    if cargo(&across, &[])? == Outcome::Failed {
        return Ok(Outcome::Failed);
    }
    let crates = ["reference", "loihi", "fast"];
    let crates = crates.map(|name| format!("--package=synfire-{name}"));
    let crates: Vec<&str> = crates.iter().map(String::as_str).collect();
    cargo(&[&plain[..], &crates, &["--lib", "--tests"]].concat(), &[])
}

/// Lints each published crate with its default features, and again with each feature alone.
fn alone() -> Result<Outcome> {
    let metadata = workspace::metadata()?;
    for (name, _) in layers::ARROWS {
        // Clippy and not check: it turns warnings into errors for our crates without compiling their
        // dependencies with other flags.
        let plain = ["clippy", "--quiet", "--package", name];
        let deny = ["--", "-D", "warnings"];
        if cargo(&[&plain[..], &deny].concat(), &[])? == Outcome::Failed {
            return Ok(Outcome::Failed);
        }
        // Where features are on by default, somebody turns them off.
        let off = ["--no-default-features"];
        if has_default(&metadata, name)?
            && cargo(&[&plain[..], &off, &deny].concat(), &[])? == Outcome::Failed
        {
            return Ok(Outcome::Failed);
        }
        for feature in features(&metadata, name)? {
            let with = ["--no-default-features", "--features", feature];
            if cargo(&[&plain[..], &with, &deny].concat(), &[])? == Outcome::Failed {
                return Ok(Outcome::Failed);
            }
        }
    }
    Ok(Outcome::Passed)
}

/// The features of a member, and what each turns on.
fn all_features<'a>(metadata: &'a Value, name: &str) -> Result<&'a serde_json::Map<String, Value>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let Some(package) = packages.iter().find(|package| package["name"] == name) else {
        bail!("{name} is not in the workspace");
    };
    package["features"].as_object().context("cargo metadata lists no features")
}

/// Whether a member has features that are on by default.
fn has_default(metadata: &Value, name: &str) -> Result<bool> {
    let default = all_features(metadata, name)?.get("default").and_then(Value::as_array);
    Ok(default.is_some_and(|features| !features.is_empty()))
}

/// The features of a member, `default` left out.
fn features<'a>(metadata: &'a Value, name: &str) -> Result<Vec<&'a str>> {
    let features = all_features(metadata, name)?;
    Ok(features.keys().map(String::as_str).filter(|feature| *feature != "default").collect())
}

fn verify(arguments: &[&str]) -> Result<Outcome> {
    let plain = ["run", "--quiet", "--release", "--package", "xtask", "--", "verify"];
    cargo(&[&plain[..], arguments].concat(), &[])
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn stages_are_chosen_in_their_order() {
        let args = |only: &[Stage], from| Args { only: only.to_vec(), from, list: false };
        assert_eq!(chosen(&args(&[], None)), Stage::value_variants());
        assert_eq!(chosen(&args(&[Stage::Doc, Stage::Fmt], None)), [Stage::Fmt, Stage::Doc]);
        assert_eq!(
            chosen(&args(&[], Some(Stage::Verify))),
            [Stage::Verify, Stage::SelfTest, Stage::Reproduction, Stage::VerifyData]
        );
    }

    #[test]
    fn a_command_that_fails_fails_its_stage() {
        assert_eq!(cargo(&["--no-such-option"], &[]).unwrap(), Outcome::Failed);
        assert_eq!(cargo(&["--version"], &[]).unwrap(), Outcome::Passed);
        assert_eq!(passed(ExitCode::FAILURE).unwrap(), Outcome::Failed);
    }

    #[test]
    fn features_are_those_of_the_manifest() {
        let json =
            r#"{"packages": [{"name": "a", "features": {"default": ["x"], "x": [], "y": []}}]}"#;
        let metadata = serde_json::from_str(json).unwrap();
        assert_eq!(features(&metadata, "a").unwrap(), ["x", "y"]);
        assert!(has_default(&metadata, "a").unwrap());
        assert!(features(&metadata, "b").is_err());
    }

    #[test]
    fn durations_are_in_tenths() {
        assert_eq!(seconds(Duration::from_millis(61_250)), "61.2 s");
    }
}
