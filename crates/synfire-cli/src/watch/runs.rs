//! Watching several runs side by side: one bar for all, a line for each that has ended.
//!
//! The forecast is that of even work: what is left at the speed of all so far, evaluations included. It is
//! too low towards the end, when there are fewer runs than threads.

#![expect(clippy::float_arithmetic, reason = "a speed and a forecast, for the eye only")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use synfire_train::{RunEvent, RunsMonitor, Skip, Tally};

use super::run::{Counts, speed};
use super::{RunName, Screen, event, forecast::words, table, unix_time};
use crate::interrupt;
use crate::train::{json_of, stopped_json};

/// What is shown and told of several runs.
pub(crate) struct RunsWatch<'a> {
    start: Instant,
    screen: Screen<'a>,
    /// What they are called, in the order in which the monitor counts them.
    names: Vec<RunName>,
    n_ended: usize,
    /// Training samples of all epochs of each run, and of all runs.
    n_of_run: Vec<u64>,
    n_samples: u64,
    /// Samples that are done or will not be trained any more, and those that were trained here.
    n_done: u64,
    n_trained: u64,
    counts: Counts,
    /// What training did in the epochs that go on, by run.
    going_on: BTreeMap<usize, Tally>,
    /// Samples done in the runs that go on, by run.
    done_of: BTreeMap<usize, u64>,
}

impl<'a> RunsWatch<'a> {
    pub(crate) fn new(screen: Screen<'a>, names: Vec<RunName>) -> RunsWatch<'a> {
        RunsWatch {
            start: Instant::now(),
            screen,
            names,
            n_ended: 0,
            n_of_run: Vec::new(),
            n_samples: 0,
            n_done: 0,
            n_trained: 0,
            counts: Counts::default(),
            going_on: BTreeMap::new(),
            done_of: BTreeMap::new(),
        }
    }

    /// The screen, for what is to be said at the end.
    pub(crate) fn into_screen(self) -> Screen<'a> {
        self.screen
    }

    /// Samples that were trained here.
    pub(crate) const fn n_trained(&self) -> u64 {
        self.n_trained
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn show(&self) {
        let seconds = self.start.elapsed().as_secs_f64();
        let is_known = self.n_trained > 0 && seconds > 0.0;
        let pace = is_known.then(|| self.n_trained as f64 / seconds);
        let n_left = self.n_samples.saturating_sub(self.n_done);
        let left = pace.and_then(|pace| Duration::try_from_secs_f64(n_left as f64 / pace).ok());
        let left = left.map_or_else(String::new, |left| format!("{:>11} left", words(left)));
        let n_runs = self.names.len();
        let width = n_runs.to_string().len();
        let prefix = format!("{:>width$}/{n_runs} runs {left:>16}", self.n_ended);
        self.screen.show(&prefix, self.n_done);
        self.screen.say(|| {
            let counts = self.going_on.values().fold(self.counts, |sum, tally| sum.with(tally));
            let speed = pace.map_or_else(|| "training".to_owned(), speed);
            format!("{} going on; {speed}; {}", self.done_of.len(), counts.words())
        });
    }

    fn has_ended(&mut self, run_idx: usize) {
        self.n_ended += 1;
        // What a run that failed has not trained is not left to do.
        let n_done = self.done_of.remove(&run_idx).unwrap_or(0);
        let n_of_run = self.n_of_run.get(run_idx).copied().unwrap_or(0);
        self.n_done += n_of_run.saturating_sub(n_done);
        self.going_on.remove(&run_idx);
        self.show();
    }
}

impl RunsMonitor for RunsWatch<'_> {
    fn started(&mut self, n_samples: &[u64]) {
        self.start = Instant::now();
        self.n_of_run = n_samples.to_vec();
        self.n_samples = n_samples.iter().fold(0, |sum, &n| sum.saturating_add(n));
        self.screen.begin(self.n_samples);
        if self.screen.is_read() {
            let heading = match self.names.first() {
                Some(RunName::Trial(_)) => table::TRIALS,
                _ => table::RUNS,
            };
            heading.iter().for_each(|line| self.screen.line(line));
        }
        self.show();
    }

    fn unix_time(&mut self) -> Duration {
        unix_time()
    }

    fn happened(&mut self, run_idx: usize, event: &RunEvent<'_>) {
        let Some(name) = self.names.get(run_idx).cloned() else { return };
        let run = Some(&name);
        if interrupt::is_noted() {
            self.screen.freeze();
        }
        match event {
            RunEvent::Started(file, rows) => {
                rows.iter().for_each(|row| self.counts.add(row));
                let n_done = (rows.len() as u64).saturating_mul(file.record.samples as u64);
                self.n_done += n_done;
                self.done_of.insert(run_idx, n_done);
                let content =
                    json!({ "dir": file.config.out, "epochs_done": rows.len(), "run": file });
                self.screen.tell("started", run, content);
                self.show();
            }
            RunEvent::Trained(n_more, tally) => {
                // What a run that is resumed had done of this epoch.
                let n_before = match self.going_on.contains_key(&run_idx) {
                    true => 0,
                    false => tally.score.samples - n_more,
                };
                self.n_done += n_before + n_more;
                self.n_trained += n_more;
                *self.done_of.entry(run_idx).or_default() += n_before + n_more;
                self.going_on.insert(run_idx, **tally);
                self.show();
            }
            RunEvent::Noticed(notice) => {
                self.screen.line(&format!("warning: {name}: {notice}"));
                self.screen.tell("notice", run, event::of_notice(notice));
            }
            RunEvent::Epoch(row) => {
                self.counts.add(row);
                self.going_on.remove(&run_idx);
                self.screen.tell("epoch", run, row);
            }
            RunEvent::Finished(summary) => {
                if self.screen.is_read() {
                    self.screen.line(&table::of_run(&name, summary));
                }
                self.screen.tell("finished", run, json_of(summary));
                self.has_ended(run_idx);
            }
            RunEvent::Stopped(summary) => {
                let at = summary.stopped.map(|stopped| stopped.at).unwrap_or_default();
                self.screen.line(&format!("{name}: stopped after {at}"));
                self.screen.tell("stopped", run, stopped_json(summary));
                self.has_ended(run_idx);
            }
            RunEvent::Failed(error) => {
                self.screen.line(&format!("error: {name}: {error}"));
                let content = json!({ "error": error.to_string() });
                self.screen.tell("failed", run, content);
                self.has_ended(run_idx);
            }
            RunEvent::Skipped(skip) => {
                let reason = match skip {
                    Skip::Done => "done",
                    _ => "busy",
                };
                if *skip == Skip::Busy {
                    self.screen.line(&format!("{name}: passed by, another process is at it"));
                }
                self.screen.tell("skipped", run, json!({ "reason": reason }));
                self.has_ended(run_idx);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use synfire_train::synfire_data::{SearchPath, Source};
    use synfire_train::{Config, EngineKind, run_seeds};

    use super::*;

    /// A heading, a row for each run that ends, and why another did not.
    #[test]
    fn whoever_watches_reads_a_table() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("seed-2"), b"a file where a folder should be").unwrap();
        let config = Config {
            epochs: 2,
            samples: Some(30),
            n_hidden: Some(20),
            out: dir.path().to_owned(),
            n_threads: std::num::NonZeroUsize::new(1),
            ..Config::new(Source::Digits, EngineKind::Reference)
        };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut watch = RunsWatch::new(
            Screen::of_lines(&mut stdout, &mut stderr),
            (1..=3).map(RunName::Seed).collect(),
        );
        let seeds = "1..=3".parse().unwrap();
        let clock = || Duration::ZERO;
        let dirs = SearchPath::default();
        let runs = run_seeds(&config, &seeds, &dirs, &clock, &|| false, &mut watch).unwrap();
        assert_eq!((watch.n_done, watch.n_samples, watch.n_trained), (180, 180, 120));
        assert_eq!((watch.n_ended, watch.going_on.len(), watch.done_of.len()), (3, 0, 0));
        drop(watch);
        let text = String::from_utf8(stderr).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("warning: ")).collect();
        assert_eq!(lines[..2], table::RUNS);
        let [first, third] = [0, 1].map(|run| &runs.finished[run]);
        assert_eq!(lines[2], table::of_run(&RunName::Seed(1), first));
        assert_eq!(lines[2].len(), table::RUNS[1].len());
        assert!(lines[3].starts_with("error: seed 2: output folder "), "{text}");
        assert_eq!(lines[4..], [table::of_run(&RunName::Seed(3), third)]);
        assert_eq!(stdout, b"");
    }
}
