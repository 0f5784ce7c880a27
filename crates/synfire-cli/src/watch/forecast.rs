//! How fast a run is and how much time it will still take, from what it took so far.
//!
//! Training and evaluation are taken apart: what is left is the samples left at the speed of training now, and
//! the evaluations left, each as long as the last one. Speed is that of the epoch so far, since epochs become
//! faster as errors become fewer; in the first seconds of an epoch it is that of the epoch before. Before the
//! first evaluation has ended nothing is known of evaluations, and the forecast is too low by them.
//!
//! Times come from the caller, as time since any fixed moment.

#![expect(clippy::float_arithmetic, reason = "a speed and a forecast, for the eye only")]

use std::time::Duration;

/// Speed within an epoch counts after this time.
const SHORTEST: Duration = Duration::from_secs(2);

/// What is known of the pace of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Forecast {
    /// Samples of training in all epochs, and those of them that are done.
    n_samples: u64,
    n_done: u64,
    /// Evaluations that have not ended.
    n_evaluations: u32,
    /// When training in this epoch began, and with how many samples done.
    since: Duration,
    n_since: u64,
    /// When the evaluation that goes on began.
    evaluating_since: Option<Duration>,
    /// Samples a second in the epoch before, and how long its evaluation took.
    last_speed: Option<f64>,
    last_evaluation: Option<Duration>,
}

impl Forecast {
    /// A run of `n_epochs` of `n_samples`, of which `n_epochs_done` are done.
    pub(super) fn new(n_epochs: u32, n_samples: u64, n_epochs_done: u32) -> Forecast {
        Forecast {
            n_samples: u64::from(n_epochs) * n_samples,
            n_done: u64::from(n_epochs_done) * n_samples,
            n_evaluations: n_epochs.saturating_sub(n_epochs_done),
            ..Forecast::default()
        }
    }

    /// Training of an epoch begins, with so many samples of it done.
    pub(super) fn epoch_started(&mut self, now: Duration, n_of_epoch: u64) {
        self.n_done += n_of_epoch;
        (self.since, self.n_since) = (now, self.n_done);
    }

    /// So many more samples have been trained.
    pub(super) fn trained(&mut self, n_more: u64) {
        self.n_done += n_more;
    }

    /// Training of the epoch has ended, its evaluation begins.
    pub(super) fn evaluation_started(&mut self, now: Duration) {
        self.last_speed = self.speed_of_epoch(now).or(self.last_speed);
        self.evaluating_since = Some(now);
    }

    /// The epoch has ended.
    pub(super) fn epoch_finished(&mut self, now: Duration) {
        if let Some(since) = self.evaluating_since.take() {
            self.last_evaluation = Some(now.saturating_sub(since));
        }
        (self.since, self.n_since) = (now, self.n_done);
        self.n_evaluations = self.n_evaluations.saturating_sub(1);
    }

    /// Samples that are done, over all epochs.
    pub(super) const fn n_done(&self) -> u64 {
        self.n_done
    }

    /// Samples trained in a second, if known by now.
    pub(super) fn speed(&self, now: Duration) -> Option<f64> {
        if self.evaluating_since.is_some() {
            return self.last_speed;
        }
        let is_early = now.saturating_sub(self.since) < SHORTEST;
        let speed = self.speed_of_epoch(now);
        if is_early { self.last_speed.or(speed) } else { speed.or(self.last_speed) }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn speed_of_epoch(&self, now: Duration) -> Option<f64> {
        let seconds = now.saturating_sub(self.since).as_secs_f64();
        let n = self.n_done - self.n_since;
        (n > 0 && seconds > 0.0).then(|| n as f64 / seconds)
    }

    /// The time until the end of the run, if anything is known of it by now.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        let n_left = self.n_samples.saturating_sub(self.n_done);
        let training = n_left as f64 / self.speed(now)?;
        let evaluation = self.last_evaluation.unwrap_or_default() * self.n_evaluations;
        let evaluated = self.evaluating_since.map_or(Duration::ZERO, |since| {
            now.saturating_sub(since).min(self.last_evaluation.unwrap_or_default())
        });
        let training = Duration::try_from_secs_f64(training).ok()?;
        Some(training + evaluation.saturating_sub(evaluated))
    }
}

/// A time in words, in two units at most.
pub(super) fn words(time: Duration) -> String {
    let seconds = time.as_secs();
    let [minutes, hours, days] = [60, 3600, 86_400].map(|unit| seconds / unit);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {:02} s", seconds % 60),
        (0, _, _) => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{days} d {:02} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Three epochs of 1000 samples, each trained in 10 s and evaluated in 4 s.
    #[test]
    fn an_even_run_is_foretold_once_an_evaluation_is_known() {
        let mut forecast = Forecast::new(3, 1000, 0);
        assert_eq!(forecast.left(at(0)), None, "nothing is known");
        forecast.epoch_started(at(0), 0);
        assert_eq!((forecast.speed(at(0)), forecast.left(at(1))), (None, None));
        forecast.trained(500);
        assert_eq!(forecast.speed(at(5)), Some(100.0));
        assert_eq!(forecast.left(at(5)), Some(at(25)), "without the evaluations");
        forecast.trained(500);
        forecast.evaluation_started(at(10));
        assert_eq!(forecast.left(at(12)), Some(at(20)));
        forecast.epoch_finished(at(14));
        assert_eq!(forecast.left(at(14)), Some(at(28)), "2 epochs of 14 s");
        forecast.epoch_started(at(14), 0);
        assert_eq!(forecast.speed(at(14)), Some(100.0), "that of the epoch before");
        forecast.trained(1000);
        assert_eq!(forecast.left(at(24)), Some(at(18)));
        forecast.evaluation_started(at(24));
        assert_eq!(forecast.left(at(25)), Some(at(17)));
        assert_eq!(forecast.left(at(99)), Some(at(14)), "an evaluation that takes longer");
        forecast.epoch_finished(at(28));
        forecast.epoch_started(at(28), 0);
        forecast.trained(1000);
        forecast.evaluation_started(at(38));
        forecast.epoch_finished(at(42));
        assert_eq!((forecast.left(at(42)), forecast.n_done()), (Some(at(0)), 3000));
    }

    #[test]
    fn an_epoch_that_is_faster_is_believed_after_a_while() {
        let mut forecast = Forecast::new(2, 1000, 0);
        forecast.epoch_started(at(0), 0);
        forecast.trained(1000);
        forecast.evaluation_started(at(10));
        forecast.epoch_finished(at(10));
        forecast.epoch_started(at(10), 0);
        forecast.trained(200);
        assert_eq!(forecast.speed(at(11)), Some(100.0));
        forecast.trained(200);
        assert_eq!((forecast.speed(at(12)), forecast.left(at(12))), (Some(200.0), Some(at(3))));
    }

    /// What an earlier process has trained says nothing about the speed of this one.
    #[test]
    fn a_resumed_run_counts_its_own_samples() {
        let mut forecast = Forecast::new(4, 1000, 2);
        forecast.epoch_started(at(0), 600);
        forecast.trained(100);
        assert_eq!((forecast.n_done(), forecast.speed(at(2))), (2700, Some(50.0)));
        assert_eq!(forecast.left(at(2)), Some(at(26)));
    }

    #[test]
    fn times_in_words() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 00 s"),
            (3599, "59 min 59 s"),
            (3600, "1 h 00 min"),
            (86_399, "23 h 59 min"),
            (90_000, "1 d 01 h"),
        ] {
            assert_eq!(words(at(seconds)), expected);
        }
    }
}
