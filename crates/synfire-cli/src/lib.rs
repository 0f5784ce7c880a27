//! The `synfire` command: train and evaluate on-chip backpropagation, spike by spike, and run networks of
//! one's own on a model of the chip.
//!
//! Here the command is a function, [`run()`], of its arguments, of what surrounds it
//! ([`Surroundings`]) and of two streams; `main` hands in those of the process. All computing is done by
//! [`synfire_train`]; this crate reads options, shows progress and words the results.
//!
//! ```
//! use synfire_cli::{Status, Surroundings, run};
//!
//! let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
//! let status = run(["synfire", "margin"], &Surroundings::default(), &mut stdout, &mut stderr);
//! assert_eq!(status, Status::Success);
//! assert!(String::from_utf8(stdout)?.contains("headroom"));
//! # Ok::<(), std::string::FromUtf8Error>(())
//! ```
//!
//! | command | |
//! |---|---|
//! | `train`, `eval` | train networks, one seed or several, and compare them with the reference; evaluate weights |
//! | `raster` | samples in the learning circuit as a picture, spike by spike |
//! | `sweep plan`, `sweep run`, `sweep merge` | many runs that differ in any option, on one machine or many |
//! | `report` | runs as one page of HTML |
//! | `export`, `import` | weights to and from other programs: npz, safetensors, NIR |
//! | `compare-spikes` | a chip's spikes on record against the circuit here |
//! | `bundle` | the circuit as a benchmark: make one, check it, compare a machine with it |
//! | `data fetch`, `data show` | download MNIST or Fashion-MNIST; what the network sees of any data set |
//! | `margin` | prove that a learning circuit keeps to its phases |
//! | `chip check` | whether a network fits the chip, where, and what binds |
//! | `chip run` | run a network: spikes in and out as CSV, pictures, probes of its state |
//! | `chip nbp` | estimated energy and time of a sample, beside what was measured |
//! | `completions`, `man` | what the options say, for shells and for readers of manuals |
//!
//! Exit codes: 0 if all went well, 1 for a failed run or claim, for faults and for a network that is refused,
//! 2 for a wrong use of the options, 130 for training that was interrupted (Ctrl-C, SIGTERM) and can be resumed.
//!
//! # What it does not do
//! It is not a library for other programs: they use `synfire-train`, which has all of this but the
//! options and the wording.

mod bundle;
mod chip;
mod compare_spikes;
mod dataset;
mod eval;
mod examples;
mod export;
mod finished;
mod import;
mod interrupt;
mod margin;
mod options;
mod plain;
mod raster;
mod report;
mod seed_runs;
mod surface;
mod surroundings;
mod sweep;
mod train;
mod watch;

use std::ffi::OsString;
use std::fmt;
use std::io::Write;

use anyhow::Result;
use clap::Parser;
use synfire_bundle::BundleError;
use synfire_train::{PlanError, RasterError, RunError, SpikeCompareError};

pub use chip::parse_spikes;
use options::{Command, Options};
use plain::PlainStream;
pub use raster::SampleList;
pub use surroundings::{ArrayTask, Surroundings};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All went well.
    Success,
    /// The run failed, or a claim did not hold.
    Failure,
    /// The options are wrong.
    Usage,
    /// Training was interrupted, and can be resumed.
    Interrupted,
}

impl Status {
    /// The exit code of the process.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Status::Success => 0,
            Status::Failure => 1,
            Status::Usage => 2,
            Status::Interrupted => 130,
        }
    }
}

/// Options that are well formed but cannot be meant.
#[derive(Debug)]
struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// Runs the command. `args` begins with the command's own name.
pub fn run<I>(
    args: I,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Status
where
    I: IntoIterator,
    I::Item: Into<OsString> + Clone,
{
    let stderr = &mut PlainStream(stderr);
    let options = match Options::try_parse_from(args) {
        Ok(options) => options,
        Err(answer) => {
            // Help and version are asked for, and go where answers go.
            let is_asked_for = answer.exit_code() == 0;
            let text = answer.render();
            // A reader that went away is no reason to fail.
            return if is_asked_for {
                let _ = write!(stdout, "{text}");
                Status::Success
            } else {
                let _ = write!(stderr, "{text}");
                Status::Usage
            };
        }
    };
    let result: Result<Status> = match options.command {
        Command::Train(options) => train::run(&options, surroundings, stdout, stderr),
        Command::Eval(options) => eval::run(&options, surroundings, stdout, stderr),
        Command::Raster(options) => raster::run(&options, surroundings, stdout, stderr),
        Command::Sweep(command) => sweep::run(&command, surroundings, stdout, stderr),
        Command::Report(options) => report::run(&options, surroundings, stdout, stderr),
        Command::Export(options) => export::run(&options, surroundings, stdout, stderr),
        Command::Import(options) => import::run(&options, surroundings, stdout, stderr),
        Command::CompareSpikes(options) => {
            compare_spikes::run(&options, surroundings, stdout, stderr)
        }
        Command::Bundle(options) => bundle::run(&options, surroundings, stdout, stderr),
        Command::Margin(options) => margin::run(&options, stdout),
        Command::Completions(options) => surface::complete(&options, stdout),
        Command::Man(options) => surface::describe(&options, stdout),
        Command::Chip(command) => chip::run(&command, surroundings, stdout, stderr),
        Command::Data(command) => dataset::run(&command, surroundings, stdout, stderr),
    };
    result.unwrap_or_else(|error| {
        let _ = writeln!(stderr, "error: {error:#}");
        let is_usage = error.downcast_ref::<RunError>().is_some_and(RunError::is_usage)
            || error.downcast_ref::<BundleError>().is_some_and(BundleError::is_usage)
            || error.downcast_ref::<SpikeCompareError>().is_some_and(SpikeCompareError::is_usage)
            || error.downcast_ref::<PlanError>().is_some_and(PlanError::is_usage)
            || error.downcast_ref::<RasterError>().is_some_and(RasterError::is_usage);
        if is_usage || error.is::<UsageError>() { Status::Usage } else { Status::Failure }
    })
}
