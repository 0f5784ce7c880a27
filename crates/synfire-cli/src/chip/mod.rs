//! `synfire chip`: networks of one's own on the model of the chip.
//!
//! `options` says what there is; `check`, `run` and `nbp` are the commands. The rest is what they read and
//! write: `file` texts, `spikes` and `probe` tables of a run, `destination` the files it is asked for.

mod check;
mod destination;
mod estimate;
mod file;
mod machine;
mod nbp;
mod options;
mod pace;
mod picture;
mod placed;
mod probe;
mod run;
mod spikes;
mod table;

use std::io::Write;

use anyhow::Result;

use crate::{Status, Surroundings};
pub(crate) use destination::{Destination, check_distinct};
pub(crate) use options::{ChipCommand, NETWORK_FORM};
pub use spikes::parse_spikes;

pub(crate) fn run(
    command: &ChipCommand,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    match command {
        ChipCommand::Check(options) => check::run(options, stdout, stderr),
        ChipCommand::Run(options) => run::run(options, surroundings, stdout, stderr),
        ChipCommand::Nbp(options) => nbp::run(options, surroundings, stdout),
    }
}

/// A number of things, in words.
fn count(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}
