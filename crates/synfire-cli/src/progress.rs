//! What a run shows while it runs: a bar and a line per epoch for whoever watches, warnings always.

use std::io::Write;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use synfire_train::{EpochMetrics, Monitor, Notice, RunFile, Tally};

use crate::train::accuracies;

/// Time since 1970 by the clock of the system; of a clock that is set to before, nothing.
pub(crate) fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The clock of a run, and its display on the error stream.
pub(crate) struct Progress<'a> {
    start: Instant,
    bar: Option<ProgressBar>,
    stderr: &'a mut dyn Write,
    n_epochs: u32,
    /// Samples of the epochs before this one.
    n_before: u64,
    n_samples: u64,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(is_watched: bool, stderr: &'a mut dyn Write) -> Progress<'a> {
        Progress {
            start: Instant::now(),
            bar: is_watched
                .then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())),
            stderr,
            n_epochs: 0,
            n_before: 0,
            n_samples: 0,
        }
    }

    /// A line above the bar, or on the stream itself if there is no bar.
    fn line(&mut self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => {
                // A reader that went away is no reason to stop training.
                let _ = writeln!(self.stderr, "{text}");
            }
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Monitor for Progress<'_> {
    fn now(&mut self) -> Duration {
        self.start.elapsed()
    }

    fn unix_time(&mut self) -> Duration {
        unix_time()
    }

    fn started(&mut self, run: &RunFile, _rows: &[EpochMetrics]) {
        self.n_epochs = run.config.epochs;
        if let Some(bar) = &self.bar {
            bar.set_length(u64::from(run.config.epochs) * run.record.samples as u64);
            let style = ProgressStyle::with_template(
                "{prefix} {wide_bar} {pos}/{len} samples, {per_sec}, {eta} left",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        }
    }

    fn epoch_started(&mut self, epoch: u32, n_samples: usize, _tally: &Tally) {
        self.n_before += self.n_samples;
        self.n_samples = n_samples as u64;
        if let Some(bar) = &self.bar {
            bar.set_prefix(format!("epoch {epoch}/{}", self.n_epochs));
        }
    }

    fn trained(&mut self, tally: &Tally) {
        if let Some(bar) = &self.bar {
            bar.set_position(self.n_before + tally.score.samples);
        }
    }

    fn noticed(&mut self, notice: &Notice) {
        self.line(&format!("warning: {notice}"));
    }

    fn epoch_finished(&mut self, row: &EpochMetrics) {
        if self.bar.is_some() {
            let test = accuracies([row.test_exact, row.test_binary, row.test_potential]);
            let (epoch, seconds) = (row.epoch, row.seconds);
            self.line(&format!("epoch {epoch:>3}: test {test}, trained in {seconds:.1} s"));
        }
    }
}
