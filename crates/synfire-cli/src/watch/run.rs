//! Watching the run of one seed.

#![expect(clippy::float_arithmetic, reason = "percentages, for the eye only")]

use std::time::{Duration, Instant};

use serde_json::json;
use synfire_train::{EpochMetrics, Milestone, Monitor, Notice, RunFile, Tally};

use crate::interrupt;

use super::{Screen, event, forecast, forecast::Forecast, table, unix_time};

/// The clock of a run, and what is shown and told of it.
pub(crate) struct RunWatch<'a> {
    start: Instant,
    screen: Screen<'a>,
    forecast: Forecast,
    n_epochs: u32,
    epoch: u32,
    /// What training did in this epoch.
    tally: Tally,
    /// Sums over the epochs before.
    before: Counts,
    /// Share of test samples read right after the last epoch.
    last_test: Option<f64>,
    is_evaluating: bool,
}

/// What may have gone wrong so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) compared: u64,
    pub(super) mismatches: u64,
    pub(super) faults: u64,
}

impl Counts {
    pub(super) fn add(&mut self, row: &EpochMetrics) {
        self.compared += row.compared;
        self.mismatches += row.mismatches;
        self.faults += row.faults + row.test_faults;
    }

    /// With those of an epoch that goes on.
    pub(super) const fn with(self, tally: &Tally) -> Counts {
        Counts {
            compared: self.compared + tally.compared,
            mismatches: self.mismatches + tally.mismatches,
            faults: self.faults + tally.faults,
        }
    }

    pub(super) fn words(self) -> String {
        let words =
            |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let faults = words(self.faults, "fault", "faults");
        if self.compared + self.mismatches == 0 {
            return faults;
        }
        format!("{}, {faults}", words(self.mismatches, "mismatch", "mismatches"))
    }
}

impl<'a> RunWatch<'a> {
    pub(crate) fn new(screen: Screen<'a>) -> RunWatch<'a> {
        RunWatch {
            start: Instant::now(),
            screen,
            forecast: Forecast::default(),
            n_epochs: 0,
            epoch: 0,
            tally: Tally::default(),
            before: Counts::default(),
            last_test: None,
            is_evaluating: false,
        }
    }

    /// The screen, for what is to be said at the end.
    pub(crate) fn into_screen(self) -> Screen<'a> {
        self.screen
    }

    fn show(&self) {
        let now = self.start.elapsed();
        let prefix = prefix(self.epoch, self.n_epochs, self.forecast.left(now));
        self.screen.show(&prefix, self.forecast.n_done());
        self.screen.say(|| {
            let doing = if self.is_evaluating {
                "testing".to_owned()
            } else {
                self.forecast.speed(now).map_or_else(|| "training".to_owned(), speed)
            };
            let [_, train, _] = self.tally.score.fractions();
            let train = (self.tally.score.samples > 0).then_some(train);
            let counts = self.before.with(&self.tally);
            message(train, self.last_test, &doing, counts)
        });
    }
}

impl Monitor for RunWatch<'_> {
    fn now(&mut self) -> Duration {
        self.start.elapsed()
    }

    fn unix_time(&mut self) -> Duration {
        unix_time()
    }

    fn started(&mut self, run: &RunFile, rows: &[EpochMetrics]) {
        let n_samples = run.record.samples as u64;
        self.n_epochs = run.config.epochs;
        let n_done = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        self.forecast = Forecast::new(self.n_epochs, n_samples, n_done);
        for row in rows {
            self.before.add(row);
            self.last_test = Some(row.test_binary);
        }
        self.screen.begin(u64::from(self.n_epochs) * n_samples);
        if self.screen.is_read() {
            table::EPOCHS.iter().for_each(|line| self.screen.line(line));
        }
        let content = json!({ "dir": run.config.out, "epochs_done": rows.len(), "run": run });
        self.screen.tell("started", None, content);
    }

    fn epoch_started(&mut self, epoch: u32, _n_samples: usize, tally: &Tally) {
        self.forecast.epoch_started(self.start.elapsed(), tally.score.samples);
        (self.epoch, self.tally, self.is_evaluating) = (epoch, *tally, false);
        self.show();
    }

    fn trained(&mut self, tally: &Tally) {
        self.forecast.trained(tally.score.samples - self.tally.score.samples);
        self.tally = *tally;
        self.show();
    }

    fn evaluation_started(&mut self, _epoch: u32) {
        self.forecast.evaluation_started(self.start.elapsed());
        self.is_evaluating = true;
        self.show();
    }

    fn noticed(&mut self, notice: &Notice) {
        self.screen.line(&format!("warning: {notice}"));
        self.screen.tell("notice", None, event::of_notice(notice));
    }

    fn saved(&mut self, milestone: Milestone) {
        self.screen.tell("checkpoint", None, event::of_milestone(milestone));
    }

    fn wants_stop(&mut self) -> bool {
        let is_noted = interrupt::is_noted();
        if is_noted {
            self.screen.freeze();
        }
        is_noted
    }

    fn epoch_finished(&mut self, row: &EpochMetrics) {
        self.forecast.epoch_finished(self.start.elapsed());
        self.before.add(row);
        self.tally = Tally::default();
        self.last_test = Some(row.test_binary);
        if self.screen.is_read() {
            self.screen.line(&table::of_epoch(row));
        }
        self.screen.tell("epoch", None, row);
    }
}

/// What stands before the bar, always as wide: 29 columns for less than 100 epochs.
fn prefix(epoch: u32, n_epochs: u32, left: Option<Duration>) -> String {
    let width = n_epochs.to_string().len();
    let left = left.map_or_else(String::new, |left| format!("{:>11} left", forecast::words(left)));
    format!("epoch {epoch:>width$}/{n_epochs} {left:>16}")
}

/// What stands below the bar; accuracies are those of the binary readout.
fn message(train: Option<f64>, last_test: Option<f64>, doing: &str, counts: Counts) -> String {
    let share = |fraction: Option<f64>| match fraction {
        Some(fraction) => format!("{:>5.2} %", 100.0 * fraction),
        None => "  -".to_owned(),
    };
    let (train, test) = (share(train), share(last_test));
    format!("binary: train {train}, test {test}; {doing}; {}", counts.words())
}

/// Samples a second in words.
pub(super) fn speed(samples_per_second: f64) -> String {
    let decimals = if samples_per_second < 10.0 { 2 } else { 0 };
    format!("{samples_per_second:.decimals$} samples/s")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use synfire_train::synfire_data::{SearchPath, Source};
    use synfire_train::{Config, EngineKind, METRICS_FILE, parse_metrics_csv};

    use super::*;

    /// A heading, then a row for each epoch as it ends.
    #[test]
    fn whoever_watches_reads_a_table() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config {
            epochs: 2,
            samples: Some(150),
            n_hidden: Some(40),
            out: dir.path().to_owned(),
            ..Config::new(Source::Digits, EngineKind::Fast)
        };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut watch = RunWatch::new(Screen::of_lines(&mut stdout, &mut stderr));
        synfire_train::run(&config, &SearchPath::default(), &mut watch).unwrap();
        drop(watch);
        let text = String::from_utf8(stderr).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("warning: ")).collect();
        let rows =
            parse_metrics_csv(&std::fs::read(dir.path().join(METRICS_FILE)).unwrap()).unwrap();
        let [first, second] = [&rows[0], &rows[1]].map(table::of_epoch);
        assert_eq!(lines, [table::EPOCHS[0], table::EPOCHS[1], first.as_str(), second.as_str()]);
        assert_eq!(stdout, b"");
    }

    #[test]
    fn the_display_says_how_it_stands() {
        let counts = Counts { compared: 600, mismatches: 1, faults: 0 };
        let text = message(Some(0.96414), Some(0.5), &speed(12_345.6), counts);
        assert_eq!(
            text,
            "binary: train 96.41 %, test 50.00 %; 12346 samples/s; 1 mismatch, 0 faults"
        );
        assert!(text.len() < 80);
        let text = message(None, None, "testing", Counts { faults: 2, ..Counts::default() });
        assert_eq!(text, "binary: train   -, test   -; testing; 2 faults");
        assert_eq!(speed(2.755), "2.75 samples/s");
    }

    #[test]
    fn what_stands_before_the_bar_keeps_its_width() {
        let hour = Duration::from_secs(3723);
        for (text, expected) in [
            (prefix(3, 60, Some(hour)), "epoch  3/60  1 h 02 min left"),
            (prefix(60, 60, Some(Duration::ZERO)), "epoch 60/60         0 s left"),
            (prefix(1, 60, None), "epoch  1/60                 "),
        ] {
            assert_eq!(text, expected);
        }
    }
}
