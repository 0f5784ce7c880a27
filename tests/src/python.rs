//! A Python interpreter, for tests that hold our files against what Python makes of them.
//!
//! It is the one that `SYNFIRE_PYTHON` names, else `python3`; `.ci/run` sets the variable to one that has what
//! `tests/python/requirements.txt` lists. Python is optional: where there is none, or one that lacks a module, a
//! test says what it skipped and passes.
//!
//! ```
//! use synfire_tests::Python;
//!
//! let Some(python) = Python::with(&["json"]) else { return };
//! assert_eq!(python.run("import sys; print(sys.argv[1:])", &["a", "b"]), "['a', 'b']\n");
//! assert_eq!(python.try_run("raise SystemExit('no')", &["a"]).unwrap_err(), "no\n");
//! ```

use std::ffi::{OsStr, OsString};
use std::process::{Command, Stdio};

/// An interpreter that has the modules a test asked for.
#[derive(Clone, Debug)]
pub struct Python {
    interpreter: OsString,
}

impl Python {
    /// An interpreter that can import all these modules; none are needed for the standard library.
    ///
    /// Says what is skipped where there is none.
    #[must_use]
    #[expect(clippy::print_stdout, reason = "a test says what it skipped")]
    pub fn with(modules: &[&str]) -> Option<Python> {
        let named = std::env::var_os("SYNFIRE_PYTHON").filter(|name| !name.is_empty());
        let python = Python { interpreter: named.unwrap_or_else(|| "python3".into()) };
        let shown = python.interpreter.display();
        let imports: String = modules.iter().map(|module| format!("import {module}\n")).collect();
        match python.command().args(["-c", &imports]).output() {
            Ok(output) if output.status.success() => Some(python),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let reason = said.lines().last().unwrap_or("it failed without a word");
                println!("skipped: {shown} lacks a module ({reason}); see SYNFIRE_PYTHON");
                None
            }
            Err(error) => {
                println!("skipped: no Python, {shown}: {error}; see SYNFIRE_PYTHON");
                None
            }
        }
    }

    /// The bare interpreter, for a working folder or environment of one's own.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        // Nothing is written beside the scripts, which lie in the repository.
        command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
        command
    }

    /// Runs a script and returns what it prints, or what it said when it failed.
    ///
    /// # Errors
    /// If the script ends with another exit code than 0.
    ///
    /// # Panics
    /// If the interpreter cannot be started or prints no text.
    pub fn try_run<A: AsRef<OsStr>>(&self, script: &str, args: &[A]) -> Result<String, String> {
        let mut command = self.command();
        let output = command.args(["-c", script]).args(args).output().expect("Python starts");
        let text = |bytes| String::from_utf8(bytes).expect("Python prints text");
        match output.status.success() {
            true => Ok(text(output.stdout)),
            false => Err(text(output.stdout) + &text(output.stderr)),
        }
    }

    /// Runs a script that must not fail, and returns what it prints.
    ///
    /// # Panics
    /// If it fails, with what it said.
    #[must_use]
    pub fn run<A: AsRef<OsStr>>(&self, script: &str, args: &[A]) -> String {
        self.try_run(script, args).unwrap_or_else(|said| panic!("Python failed:\n{said}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_no_python() {
        assert!(Python::with(&["no_such_module_of_synfire"]).is_none());
    }

    #[test]
    fn failures_are_told_from_answers() {
        let Some(python) = Python::with(&["sys"]) else { return };
        assert_eq!(python.run("import sys; print(sys.argv[1])", &["a b"]), "a b\n");
        let none: [&str; 0] = [];
        let said = python.try_run("print('so far'); raise SystemExit('no further')", &none);
        assert_eq!(said, Err("so far\nno further\n".to_owned()));
    }
}
