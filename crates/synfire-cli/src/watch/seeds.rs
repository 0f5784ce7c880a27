//! Watching the runs of several seeds: one bar for all, a line for each that has ended.
//!
//! The forecast is that of even work: what is left at the speed of all so far, evaluations included. It is
//! too low towards the end, when there are fewer runs than threads.

#![expect(clippy::float_arithmetic, reason = "a speed and a forecast, for the eye only")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use synfire_train::{SeedEvent, SweepMonitor, Tally};

use super::run::{Counts, speed};
use super::{Screen, event, forecast::words, table, unix_time};
use crate::interrupt;
use crate::train::{json_of, stopped_json};

/// What is shown and told of the runs of several seeds.
pub(crate) struct SeedsWatch<'a> {
    start: Instant,
    screen: Screen<'a>,
    n_runs: usize,
    n_epochs: u32,
    n_ended: usize,
    /// Training samples of an epoch, and of all epochs of all runs.
    n_of_epoch: u64,
    n_samples: u64,
    /// Samples that are done or will not be trained any more, and those that were trained here.
    n_done: u64,
    n_trained: u64,
    counts: Counts,
    /// What training did in the epochs that go on, by seed.
    going_on: BTreeMap<u64, Tally>,
    /// Samples done in the runs that go on, by seed.
    done_of: BTreeMap<u64, u64>,
}

impl<'a> SeedsWatch<'a> {
    pub(crate) fn new(screen: Screen<'a>, n_runs: usize, n_epochs: u32) -> SeedsWatch<'a> {
        SeedsWatch {
            start: Instant::now(),
            screen,
            n_runs,
            n_epochs,
            n_ended: 0,
            n_of_epoch: 0,
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

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn show(&self) {
        let seconds = self.start.elapsed().as_secs_f64();
        let is_known = self.n_trained > 0 && seconds > 0.0;
        let pace = is_known.then(|| self.n_trained as f64 / seconds);
        let n_left = self.n_samples.saturating_sub(self.n_done);
        let left = pace.and_then(|pace| Duration::try_from_secs_f64(n_left as f64 / pace).ok());
        let left = left.map_or_else(String::new, |left| format!("{:>11} left", words(left)));
        let width = self.n_runs.to_string().len();
        let prefix = format!("{:>width$}/{} runs {left:>16}", self.n_ended, self.n_runs);
        self.screen.show(&prefix, self.n_done);
        self.screen.say(|| {
            let counts = self.going_on.values().fold(self.counts, |sum, tally| sum.with(tally));
            let speed = pace.map_or_else(|| "training".to_owned(), speed);
            format!("{} going on; {speed}; {}", self.done_of.len(), counts.words())
        });
    }

    fn has_ended(&mut self, seed: u64) {
        self.n_ended += 1;
        // What a run that failed has not trained is not left to do.
        let n_done = self.done_of.remove(&seed).unwrap_or(0);
        self.n_done += (u64::from(self.n_epochs) * self.n_of_epoch).saturating_sub(n_done);
        self.going_on.remove(&seed);
        self.show();
    }
}

impl SweepMonitor for SeedsWatch<'_> {
    fn started(&mut self, n_samples: usize) {
        self.start = Instant::now();
        self.n_of_epoch = n_samples as u64;
        self.n_samples = u64::from(self.n_epochs) * self.n_of_epoch * self.n_runs as u64;
        self.screen.begin(self.n_samples);
        if self.screen.is_read() {
            table::RUNS.iter().for_each(|line| self.screen.line(line));
        }
        self.show();
    }

    fn unix_time(&mut self) -> Duration {
        unix_time()
    }

    fn happened(&mut self, seed: u64, event: &SeedEvent<'_>) {
        let seed_of_line = Some(seed);
        if interrupt::is_noted() {
            self.screen.freeze();
        }
        match event {
            SeedEvent::Started(run, rows) => {
                rows.iter().for_each(|row| self.counts.add(row));
                let n_done = rows.len() as u64 * self.n_of_epoch;
                self.n_done += n_done;
                self.done_of.insert(seed, n_done);
                let content =
                    json!({ "dir": run.config.out, "epochs_done": rows.len(), "run": run });
                self.screen.tell("started", seed_of_line, content);
                self.show();
            }
            SeedEvent::Trained(n_more, tally) => {
                // What a run that is resumed had done of this epoch.
                let n_before = match self.going_on.contains_key(&seed) {
                    true => 0,
                    false => tally.score.samples - n_more,
                };
                self.n_done += n_before + n_more;
                self.n_trained += n_more;
                *self.done_of.entry(seed).or_default() += n_before + n_more;
                self.going_on.insert(seed, **tally);
                self.show();
            }
            SeedEvent::Noticed(notice) => {
                self.screen.line(&format!("warning: seed {seed}: {notice}"));
                self.screen.tell("notice", seed_of_line, event::of_notice(notice));
            }
            SeedEvent::Epoch(row) => {
                self.counts.add(row);
                self.going_on.remove(&seed);
                self.screen.tell("epoch", seed_of_line, row);
            }
            SeedEvent::Finished(summary) => {
                if self.screen.is_read() {
                    self.screen.line(&table::of_run(seed, summary));
                }
                self.screen.tell("finished", seed_of_line, json_of(summary));
                self.has_ended(seed);
            }
            SeedEvent::Stopped(summary) => {
                let at = summary.stopped.map(|stopped| stopped.at).unwrap_or_default();
                self.screen.line(&format!("seed {seed}: stopped after {at}"));
                self.screen.tell("stopped", seed_of_line, stopped_json(summary));
                self.has_ended(seed);
            }
            SeedEvent::Failed(error) => {
                self.screen.line(&format!("error: seed {seed}: {error}"));
                let content = json!({ "error": error.to_string() });
                self.screen.tell("failed", seed_of_line, content);
                self.has_ended(seed);
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
        let mut watch = SeedsWatch::new(Screen::of_lines(&mut stdout, &mut stderr), 3, 2);
        let seeds = "1..=3".parse().unwrap();
        let clock = || Duration::ZERO;
        let dirs = SearchPath::default();
        let sweep = run_seeds(&config, &seeds, &dirs, &clock, &|| false, &mut watch).unwrap();
        assert_eq!((watch.n_done, watch.n_samples, watch.n_trained), (180, 180, 120));
        assert_eq!((watch.n_ended, watch.going_on.len(), watch.done_of.len()), (3, 0, 0));
        drop(watch);
        let text = String::from_utf8(stderr).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("warning: ")).collect();
        assert_eq!(lines[..2], table::RUNS);
        let [first, third] = [0, 1].map(|run| &sweep.finished[run]);
        assert_eq!(lines[2], table::of_run(1, first));
        assert_eq!(lines[2].len(), table::RUNS[1].len());
        assert!(lines[3].starts_with("error: seed 2: output folder "), "{text}");
        assert_eq!(lines[4..], [table::of_run(3, third)]);
        assert_eq!(stdout, b"");
    }
}
