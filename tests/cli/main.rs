//! The `synfire` command from outside: what it writes, what it says, and how it ends.
//!
//! Most tests call the command as a function; `process` runs the real binary.

mod bad_input;
mod bundle;
mod chip_check;
mod chip_nbp;
mod chip_run;
mod claims;
mod data_command;
mod determinism;
mod engines;
mod examples;
mod guide;
mod hostile;
#[cfg(target_os = "linux")]
mod hostile_sweep;
mod json_lines;
mod own_data;
mod process;
mod raster;
mod report;
mod results;
mod run_files;
mod scratch;
mod seeds;
#[path = "../../crates/synfire-data/tests/fetch/server.rs"]
mod server;
mod stopped;
mod surface;
mod sweep;
mod tensorboard;
#[cfg(target_os = "linux")]
mod trap;
