//! Sweeps: many runs that differ in any of their choices, on one machine or on many.
//!
//! In reading order: [`grid`](self::grid) what somebody asks for, [`trial`](self::trial) one run of it and its
//! name, [`plan`](self::plan) all of them, [`shard`](self::shard) the part of one machine, [`run`](self::run) running
//! that, [`merge`](self::merge) what came out, [`table`](self::table) as files.
//!
//! A trial is a normal run in a folder of its own, `trials/<id>`, and its id is a hash of all its choices that have an
//! effect on results. So equal trials have one name in every grid and on every machine, what is done stays done when
//! the grid grows, and who does what has no effect on anything that is merged.

mod grid;
mod merge;
mod plan;
mod run;
mod shard;
mod table;
mod trial;

pub use grid::{GridError, GridProblem, MOST_TRIALS, parse_grid, read_grid};
pub use merge::{MergeError, Merged, MergedTrial, Missing, merge};
pub use plan::{PLAN_FILE, Plan, PlanError, Settings, TRIALS_DIR};
pub use run::{ShardRuns, ShardTask, done_trials, run_shard};
pub use shard::{Shard, ShardError};
pub use table::{Figures, GROUPS_FILE, Group, SWEEP_FILE};
pub use trial::{Trial, TrialId, TrialIdError, TrialValue};
