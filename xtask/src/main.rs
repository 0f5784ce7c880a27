//! The commands of the workspace itself, run as `cargo xtask`.
//!
//! `ci` is what a change must pass; it runs the other commands and cargo's own, cheapest first.
//! `tidy` checks what neither compiler nor clippy can see, `layers` who depends on whom, and
//! `verify` holds the spiking circuits against the reference, `bench` measures and writes the page of
//! measurements; `reproduce` runs the paper's experiments and writes what came out; `fuzz` lets a fuzzer loose on
//! each parser. Each command is one module; nothing here is published.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "commands talk to a terminal")]

mod bench;
mod ci;
mod fuzz;
mod layers;
mod reproduce;
mod tidy;
mod verify;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The workspace's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure everything and write docs/performance.md.
    Bench(bench::Args),
    /// Run every check a change must pass, cheapest first, and stop at the first that fails.
    Ci(ci::Args),
    /// Run every fuzz target for so many inputs; needs a nightly compiler and cargo-fuzz.
    Fuzz(fuzz::Args),
    /// Compare the arrows between crates with what cargo reports.
    Layers,
    /// Run the paper's experiments at spike level and write docs/reproduction.md.
    Reproduce(reproduce::Args),
    /// Check what neither compiler nor clippy can see: module docs, clause numbers, manifests, words.
    Tidy,
    /// Prove the spiking engines equal to the reference, update by update.
    Verify(verify::Args),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Bench(args) => bench::run(&args),
        Command::Ci(args) => ci::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Layers => layers::run(),
        Command::Reproduce(args) => reproduce::run(&args),
        Command::Tidy => tidy::run(),
        Command::Verify(args) => verify::run(&args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
