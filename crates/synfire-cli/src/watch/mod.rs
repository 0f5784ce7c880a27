//! What a training run shows and tells while it goes on.
//!
//! - [`Screen`] is where it goes: a bar on a terminal, warnings on the error stream, JSON lines on the answer
//!   stream if asked for. Without a terminal and without `--json` there are warnings alone.
//! - [`RunWatch`] watches the run of one seed, [`SeedsWatch`] those of several.
//! - `event` is the form of the JSON lines, `forecast` the time that is left, `table` the line of an epoch.
//!
//! The results of a run are worded elsewhere, in `train` and `sweep`.

mod event;
mod forecast;
mod run;
mod screen;
mod seeds;
mod table;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use event::Line;
pub(crate) use run::RunWatch;
pub(crate) use screen::Screen;
pub(crate) use seeds::SeedsWatch;

/// Time since 1970 by the clock of the system; of a clock that is set to before, nothing.
fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
