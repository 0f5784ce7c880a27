//! Where a run is shown: a bar with lines above it, or lines alone, and JSON lines beside them.

use std::io::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::event::{Line, RunName};
use crate::plain::plain;

/// Two lines: how far, and how well. What does not fit is cut off, never wrapped.
const BAR: &str = "{prefix} {wide_bar} {percent:>3} %\n{wide_msg}";

/// The two streams, and the bar if somebody watches.
pub(crate) struct Screen<'a> {
    bar: Option<ProgressBar>,
    is_watched: bool,
    /// Whether there may be a bar; tests look at lines alone.
    has_bar: bool,
    has_json: bool,
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
}

impl<'a> Screen<'a> {
    /// `is_watched`: the error stream is a terminal. `has_json`: events go to the answer stream.
    pub(crate) fn new(
        is_watched: bool,
        has_json: bool,
        stdout: &'a mut dyn Write,
        stderr: &'a mut dyn Write,
    ) -> Screen<'a> {
        Screen { bar: None, is_watched, has_bar: true, has_json, stdout, stderr }
    }

    /// That of somebody who watches and sees no bar.
    #[cfg(test)]
    pub(super) fn of_lines(stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Screen<'a> {
        let mut screen = Screen::new(true, false, stdout, stderr);
        screen.has_bar = false;
        screen
    }

    /// Shows the bar of so many samples, if somebody watches.
    pub(super) fn begin(&mut self, n_samples: u64) {
        if self.is_watched && self.has_bar {
            let target = ProgressDrawTarget::stderr();
            let bar = ProgressBar::with_draw_target(Some(n_samples), target);
            let style = ProgressStyle::with_template(BAR);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            // A terminal that cannot draw gets lines.
            self.bar = (!bar.is_hidden()).then(|| bar.with_style(style));
        }
    }

    /// Whether lines are read as they come. With JSON lines they would say it twice.
    pub(super) const fn is_read(&self) -> bool {
        self.is_watched && !self.has_json
    }

    /// What stands before the bar, and how many samples are done.
    pub(super) fn show(&self, prefix: &str, n_done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(prefix.to_owned());
            bar.set_position(n_done);
        }
    }

    /// What stands below the bar. It is made only if it is looked at.
    pub(super) fn say(&self, message: impl FnOnce() -> String) {
        if let Some(bar) = &self.bar {
            bar.set_message(message());
        }
    }

    /// Leaves the bar as it stands. A terminal shows an interrupt (`^C`) below the bar, so that it could not be
    /// cleared any more without leaving parts.
    pub(super) fn freeze(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
            let _ = writeln!(self.stderr);
        }
    }

    /// A line above the bar, or on the error stream if there is no bar.
    pub(super) fn line(&mut self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(plain(text)),
            None => {
                // A reader that went away is no reason to stop training.
                let _ = writeln!(self.stderr, "{text}");
            }
        }
    }

    /// A JSON line, if they are asked for; it is there at once.
    pub(crate) fn tell(&mut self, event: &str, run: Option<&RunName>, content: impl Serialize) {
        if !self.has_json {
            return;
        }
        let line = Line { event, run, content };
        // As above; the last line of a run is written by whoever words its results.
        let _ = match &self.bar {
            // Both streams may be one terminal.
            Some(bar) => bar.suspend(|| line.write(self.stdout)),
            None => line.write(self.stdout),
        };
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
