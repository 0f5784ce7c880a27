//! Lines for whoever watches: on a terminal one that moves, in a file one for each trial.

use std::time::{Duration, Instant};
use synfire_reproduce::Event;

/// What is shown while trials run.
#[derive(Debug)]
pub(super) struct Progress {
    is_terminal: bool,
    begun: Instant,
    n_trials: usize,
    n_done: usize,
    is_line_open: bool,
}

impl Progress {
    pub(super) fn new(is_terminal: bool, n_trials: usize, n_kept: usize, n_threads: usize) -> Self {
        if is_terminal && n_trials + n_kept > 0 {
            let kept = if n_kept > 0 { format!(", {n_kept} more are done") } else { String::new() };
            eprintln!("reproduce: {n_trials} trials on {n_threads} threads{kept}");
        }
        Progress { is_terminal, begun: Instant::now(), n_trials, n_done: 0, is_line_open: false }
    }

    pub(super) fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Done(item, trial, milliseconds) => {
                self.n_done += 1;
                if self.is_terminal {
                    self.end();
                    let seconds = Duration::from_millis(milliseconds).as_secs_f32();
                    let (n_done, n_trials) = (self.n_done, self.n_trials);
                    eprintln!("{n_done:>4} of {n_trials}  {item}/{trial}  {seconds:.1} s");
                }
            }
            Event::Tick { done, of } => {
                if self.is_terminal {
                    let left = time_left(self.begun.elapsed(), done, of);
                    let percent = done * 100 / of.max(1);
                    let left =
                        left.map_or(String::new(), |left| format!(", about {} left", words(left)));
                    eprint!("\r\x1b[2K{percent} %{left}");
                    self.is_line_open = true;
                }
            }
        }
    }

    /// Ends the line that moves.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.is_line_open) {
            eprint!("\r\x1b[2K");
        }
    }
}

/// As long for each part of what is left as for what is done; nothing is known in the beginning.
fn time_left(elapsed: Duration, done: u64, of: u64) -> Option<Duration> {
    let left = u32::try_from(of.saturating_sub(done)).ok()?;
    let done = u32::try_from(done).ok().filter(|done| *done > 0)?;
    (elapsed > Duration::from_secs(2)).then(|| elapsed.saturating_mul(left) / done)
}

fn words(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        _ => format!("{} min", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_takes_as_long_as_what_was() {
        let seconds = Duration::from_secs;
        assert_eq!(time_left(seconds(10), 250, 1000), Some(seconds(30)));
        assert_eq!(time_left(seconds(10), 0, 1000), None);
        assert_eq!(time_left(seconds(1), 250, 1000), None);
        assert_eq!((words(seconds(119)), words(seconds(121))), ("119 s".into(), "2 min".into()));
    }
}
