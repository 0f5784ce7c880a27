//! The bar of a run, and how many steps at a time: few enough to look up often, enough for that to cost nothing.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shortest and longest time between two looks at progress and interrupts.
const LOOKS: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(100)];
/// Most steps between two looks.
const MOST_STEPS: u32 = 1 << 20;

/// The pace of a run, and its bar for whoever watches.
pub(super) struct Pace {
    bar: Option<ProgressBar>,
    since: Instant,
    chunk: u32,
}

impl Pace {
    /// A run of so many things, steps for instance.
    pub(super) fn new(is_watched: bool, n: u64, things: &str) -> Pace {
        let bar = is_watched.then(|| {
            let target = ProgressDrawTarget::stderr();
            let bar = ProgressBar::with_draw_target(Some(n), target);
            let template =
                format!("{{wide_bar}} {{pos}}/{{len}} {things}, {{per_sec}}, {{eta}} left");
            let style = ProgressStyle::with_template(&template);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Pace { bar, since: Instant::now(), chunk: 1 }
    }

    /// Number of them until the next look.
    pub(super) const fn chunk(&self) -> u32 {
        self.chunk
    }

    /// A look after `done` of them.
    pub(super) fn look(&mut self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
        let passed = self.since.elapsed();
        self.since = Instant::now();
        let [shortest, longest] = LOOKS;
        if passed < shortest {
            self.chunk = (self.chunk * 2).min(MOST_STEPS);
        } else if passed > longest {
            self.chunk = (self.chunk / 2).max(1);
        }
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
