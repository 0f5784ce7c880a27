//! `synfire sweep`: many trials that differ in any option, planned, run in parts, and merged.
//!
//! - `plan` shows what a grid file asks for and writes it down;
//! - `run` runs all of it or one shard, and `slurm` finds out which;
//! - `merge` makes tables and a page of what came out.

mod merge;
mod plan;
mod run;
mod slurm;

use std::io::Write;

use anyhow::Result;
use clap::Subcommand;

use crate::examples;
use crate::{Status, Surroundings};

#[derive(Debug, Subcommand)]
pub(crate) enum SweepCommand {
    /// Show the trials that a grid file asks for, and write them down as a plan
    #[command(after_long_help = examples::SWEEP_PLAN)]
    Plan(plan::PlanOptions),
    /// Run the trials of a plan, or one shard of them; what is done stays, what was stopped goes on
    #[command(after_long_help = examples::SWEEP_RUN)]
    Run(run::RunOptions),
    /// Merge what the trials left into tables and one page of HTML
    #[command(after_long_help = examples::SWEEP_MERGE)]
    Merge(merge::MergeOptions),
}

pub(crate) fn run(
    command: &SweepCommand,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    match command {
        SweepCommand::Plan(options) => plan::run(options, stdout, stderr),
        SweepCommand::Run(options) => run::run(options, surroundings, stdout, stderr),
        SweepCommand::Merge(options) => merge::run(options, stdout, stderr),
    }
}

/// Whole numbers with commas between thousands.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let comma = |idx: usize| idx > 0 && (digits.len() - idx).is_multiple_of(3);
    let written = digits
        .char_indices()
        .flat_map(|(idx, digit)| comma(idx).then_some(',').into_iter().chain([digit]));
    written.collect()
}

/// A number of things.
fn count(n: usize, one: &str) -> String {
    format!("{} {one}{}", grouped(n as u64), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            (count(1, "trial"), count(1200, "trial")),
            ("1 trial".into(), "1,200 trials".into())
        );
    }
}
