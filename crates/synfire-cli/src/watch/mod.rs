//! What a training run shows and tells while it goes on.
//!
//! - [`Screen`] is where it goes: a bar on a terminal, warnings on the error stream, JSON lines on the answer
//!   stream if asked for. Without a terminal and without `--json` there are warnings alone.
//! - [`RunWatch`] watches one run, [`RunsWatch`] several side by side.
//! - `event` is the form of the JSON lines, `forecast` the time that is left, `table` the line of an epoch.
//!
//! The results of a run are worded elsewhere, in `train`, `seed_runs` and `sweep`.

mod event;
mod forecast;
mod run;
mod runs;
mod screen;
mod table;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use event::{Line, RunName};
pub(crate) use run::RunWatch;
pub(crate) use runs::RunsWatch;
pub(crate) use screen::Screen;

/// Time since 1970 by the clock of the system; of a clock that is set to before, nothing.
fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
