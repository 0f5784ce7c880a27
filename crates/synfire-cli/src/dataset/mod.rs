//! `synfire data`: data sets themselves, before anything is trained on them.
//!
//! `fetch` downloads a known set or checks what is there, `show` shows what the network sees of any set.

mod fetch;
mod rate;
mod show;

use std::io::Write;

use anyhow::Result;
use clap::Subcommand;

use crate::{Status, Surroundings, examples};
use fetch::FetchOptions;
use show::ShowOptions;

/// A command on data sets.
#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Download MNIST or Fashion-MNIST, or check the files that are there
    ///
    /// The files go to DIR/mnist or DIR/fashion-mnist, where the other commands look for them. Each is compared
    /// with the checksum that its content must have before it gets its name; what was interrupted goes on where it
    /// stood.
    #[command(after_long_help = examples::DATA_FETCH)]
    Fetch(FetchOptions),
    /// Show what the network sees of a data set: samples after crop and threshold, classes, active inputs
    #[command(after_long_help = examples::DATA_SHOW)]
    Show(ShowOptions),
}

pub(crate) fn run(
    command: &DataCommand,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    match command {
        DataCommand::Fetch(options) => fetch::run(options, surroundings, stdout, stderr),
        DataCommand::Show(options) => show::run(options, surroundings, stdout, stderr),
    }
}
