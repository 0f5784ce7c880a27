//! Whole experiments: the built `synfire train` as users run it, timed from start to end.
//!
//! Runs whose times are compared alternate, so that a machine that gets slower is not taken for a cost.
//! Each writes into a folder that is removed afterwards. A run that is not exact fails, and so does the
//! command: there is nothing to say about the speed of a wrong answer.

use super::child::{self, Interrupt};
use crate::workspace;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// One run of `synfire train` on one seed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Run {
    /// The options that distinguish it, as they can be typed.
    pub(super) options: String,
    pub(super) layers: String,
    pub(super) epochs: u64,
    pub(super) check: u64,
    /// Seconds from start to end, loading and evaluation included.
    pub(super) wall: f64,
    /// Seconds of training alone.
    pub(super) training: f64,
    /// Training samples of all epochs.
    pub(super) n_samples: u64,
    pub(super) compared: u64,
    pub(super) mismatches: u64,
    /// Share of the test samples read right by the binary readout after the last epoch.
    pub(super) accuracy: f64,
    pub(super) peak_bytes: Option<u64>,
}

/// Two seeds on two threads, and one on one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Threads {
    pub(super) epochs: u64,
    /// Seconds of each run, in the order in which they alternated.
    pub(super) one: Vec<f64>,
    pub(super) two: Vec<f64>,
    pub(super) peak_bytes: Option<u64>,
}

/// Everything measured on whole runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Runs {
    /// MNIST 400-400-10, alternating with and without `--check 100`.
    pub(super) mnist: Vec<Run>,
    /// Fashion-MNIST 784-400-10.
    pub(super) fashion: Vec<Run>,
    pub(super) threads: Threads,
}

/// Builds `synfire`.
pub(super) fn build(place: &Path, interrupt: &Interrupt) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--release", "--package", "synfire-cli"]);
    child::run(&mut cargo, &place.join("build-synfire"), interrupt).map(|_| ())
}

/// Runs everything.
pub(super) fn run(
    program: &Path,
    place: &Path,
    data_dir: &Path,
    is_quick: bool,
    interrupt: &Interrupt,
    note: &dyn Fn(&str),
) -> Result<Runs> {
    let (epochs, rounds, epochs_of_threads) = if is_quick { (2, 1, 1) } else { (60, 2, 20) };
    let place = place.join("runs");
    let session = Session { program, place: &place, data_dir, interrupt, note };
    let measured = session.all(epochs, rounds, epochs_of_threads);
    // Also after an interrupt. What cannot be removed lies in the target folder and is overwritten.
    let _ = std::fs::remove_dir_all(&place);
    measured
}

struct Session<'a> {
    program: &'a Path,
    place: &'a Path,
    data_dir: &'a Path,
    interrupt: &'a Interrupt,
    note: &'a dyn Fn(&str),
}

impl Session<'_> {
    fn all(&self, epochs: u64, rounds: u64, epochs_of_threads: u64) -> Result<Runs> {
        let mut runs = Runs::default();
        for _ in 0..rounds {
            for check in [100, 0] {
                runs.mnist.push(self.one("mnist", epochs, check)?);
            }
        }
        runs.fashion.push(self.one("fashion-mnist", epochs, 100)?);
        runs.threads.epochs = epochs_of_threads;
        for _ in 0..rounds {
            for (seeds, threads) in [("--seed 1", 1), ("--seeds 1,2", 2)] {
                let options = format!(
                    "--dataset mnist --engine fast --epochs {epochs_of_threads} {seeds} --threads {threads}"
                );
                let ended = self.train(&options)?;
                let seconds = ended.wall.as_secs_f64();
                if threads == 1 {
                    runs.threads.one.push(seconds);
                } else {
                    runs.threads.two.push(seconds);
                    runs.threads.peak_bytes = runs.threads.peak_bytes.max(ended.peak_bytes);
                }
            }
        }
        Ok(runs)
    }

    fn one(&self, dataset: &str, epochs: u64, check: u64) -> Result<Run> {
        let options = format!(
            "--dataset {dataset} --engine fast --epochs {epochs} --check {check} --threads 1"
        );
        let ended = self.train(&options)?;
        let answer = std::fs::read_to_string(self.place.join("train.out"))?;
        let run = read(&answer).with_context(|| format!("synfire train {options}"))?;
        Ok(Run { options, wall: ended.wall.as_secs_f64(), peak_bytes: ended.peak_bytes, ..run })
    }

    fn train(&self, options: &str) -> Result<child::Ended> {
        (self.note)(&format!("synfire train {options}"));
        let out = self.place.join("out");
        if out.exists() {
            std::fs::remove_dir_all(&out)?;
        }
        let mut command = Command::new(self.program);
        command.arg("train").args(options.split(' ')).arg("--json");
        command.arg("--data-dir").arg(self.data_dir).arg("--out").arg(out);
        child::run(&mut command, &self.place.join("train"), self.interrupt)
            .with_context(|| format!("synfire train {options}"))
    }
}

/// What `synfire train --json` says about a run.
#[expect(clippy::float_arithmetic, reason = "seconds of epochs, for a report")]
fn read(answer: &str) -> Result<Run> {
    // The last line has the results; those before it tell of the run as it went on.
    let last = answer.lines().last().unwrap_or_default();
    let answer: Value = serde_json::from_str(last).context("it printed no JSON")?;
    let number = |value: &Value, key: &str| {
        value[key].as_u64().with_context(|| format!("its answer has no number `{key}`"))
    };
    let (settings, epochs) = (&answer["run"], answer["epochs"].as_array());
    let epochs = epochs.context("its answer has no epochs")?;
    let seconds = |row: &Value| row["seconds"].as_f64().context("an epoch has no seconds");
    let mut training = 0.0;
    for row in epochs {
        training += seconds(row)?;
    }
    let layers = settings["record"]["layers"].as_array().context("its answer has no layers")?;
    Ok(Run {
        layers: layers.iter().map(Value::to_string).collect::<Vec<_>>().join("-"),
        epochs: epochs.len() as u64,
        check: number(settings, "check")?,
        training,
        n_samples: number(&settings["record"], "samples")? * epochs.len() as u64,
        compared: number(&answer, "compared")?,
        mismatches: number(&answer, "mismatches")?,
        accuracy: answer["binary"].as_f64().context("its answer has no accuracy")?,
        ..Run::default()
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const ANSWER: &str = concat!(
        r#"{"event":"started","dir":"out"}"#,
        "\n",
        r#"{"event":"finished","binary":0.97,"compared":1200,"mismatches":0,"run":{"check":100,"#,
        r#""record":{"layers":[400,400,10],"samples":60000}},"epochs":[{"seconds":0.5},{"seconds":0.25}]}"#,
        "\n"
    );

    #[test]
    fn the_answer_of_a_run_is_read() {
        let run = read(ANSWER).unwrap();
        assert_eq!((run.layers.as_str(), run.epochs, run.check), ("400-400-10", 2, 100));
        assert_eq!((run.training, run.n_samples), (0.75, 120_000));
        assert_eq!((run.compared, run.mismatches, run.accuracy), (1200, 0, 0.97));
    }

    #[test]
    fn an_answer_in_which_something_lacks_is_refused() {
        for key in
            ["binary", "compared", "mismatches", "layers", "samples", "check", "epochs", "seconds"]
        {
            let damaged = ANSWER.replace(&format!("\"{key}\""), "\"other\"");
            assert!(read(&damaged).is_err(), "{key}");
        }
        assert!(read("error").is_err());
    }
}
