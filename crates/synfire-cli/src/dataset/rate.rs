//! The bar of a download: bytes, rate, time left.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const KNOWN: &str = "{prefix} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
const UNKNOWN: &str = "{prefix} {spinner} {bytes}, {bytes_per_sec}";

/// The bar, if somebody watches.
pub(super) struct Rate {
    is_watched: bool,
    bar: Option<ProgressBar>,
}

impl Rate {
    pub(super) const fn new(is_watched: bool) -> Rate {
        Rate { is_watched, bar: None }
    }

    /// Bytes of this file begin to come, after those of an earlier transfer.
    pub(super) fn begin(&mut self, name: &str, n_before: u64, n_total: Option<u64>) {
        self.end();
        if !self.is_watched {
            return;
        }
        let bar = ProgressBar::with_draw_target(n_total, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(if n_total.is_some() { KNOWN } else { UNKNOWN });
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(name.to_owned());
        // The rate is that of this transfer alone.
        bar.set_position(n_before);
        bar.reset_eta();
        self.bar = Some(bar);
    }

    pub(super) fn set(&self, n_bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(n_bytes);
        }
    }

    pub(super) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Rate {
    fn drop(&mut self) {
        self.end();
    }
}
