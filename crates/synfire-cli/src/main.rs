//! The process around the command: arguments, environment, streams, exit code.

use std::process::ExitCode;

use synfire_cli::{Surroundings, run};

fn main() -> ExitCode {
    let surroundings = Surroundings::of_process();
    let (mut stdout, mut stderr) = (std::io::stdout(), std::io::stderr());
    let status = run(std::env::args_os(), &surroundings, &mut stdout, &mut stderr);
    ExitCode::from(status.code())
}
