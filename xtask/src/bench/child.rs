//! Child processes: waited for in small steps, so that an interrupt ends them and memory can be read.
//!
//! What a child prints goes to files. Ctrl-C reaches a child of a terminal by itself; it gets two seconds
//! to end, and is then ended, as is one whose parent alone was interrupted.

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two looks at a child.
const PAUSE: Duration = Duration::from_millis(20);

/// What an interrupted child is given to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// Whether Ctrl-C was pressed.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on an interrupt is noted. Where that is not possible it ends the process as ever.
    pub(super) fn listen() -> Self {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let _ = signal_hook::flag::register(signal, Arc::clone(&interrupt.0));
        }
        interrupt
    }

    /// # Errors
    /// If there was one.
    pub(super) fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) {
            bail!("interrupted; docs/performance.md is as it was");
        }
        Ok(())
    }
}

/// What is known of a child that ended well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) wall: Duration,
    /// Most memory that it had resident, where the system says so.
    pub(super) peak_bytes: Option<u64>,
}

/// Runs a command to its end, its output in `<stem>.out` and `<stem>.err`.
///
/// # Errors
/// If it cannot be started, fails or is interrupted.
pub(super) fn run(command: &mut Command, stem: &Path, interrupt: &Interrupt) -> Result<Ended> {
    interrupt.check()?;
    let name = command.get_program().to_string_lossy().into_owned();
    let [out, err] = ["out", "err"].map(|extension| stem.with_extension(extension));
    if let Some(folder) = stem.parent() {
        std::fs::create_dir_all(folder)?;
    }
    command.stdin(Stdio::null()).stdout(File::create(out)?).stderr(File::create(&err)?);
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot run {name}"))?;
    let mut peak_bytes = None;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_bytes = peak(child.id()).max(peak_bytes);
        if interrupt.check().is_err() {
            end(&mut child)?;
            interrupt.check()?;
        }
        std::thread::sleep(PAUSE);
    };
    let wall = start.elapsed();
    // A child of the terminal may have ended by the interrupt before it was noted here.
    interrupt.check()?;
    if !status.success() {
        let said = std::fs::read_to_string(&err).unwrap_or_default();
        let mut last: Vec<&str> = said.lines().rev().take(20).collect();
        last.reverse();
        bail!("{name} failed ({status}):\n{}", last.join("\n"));
    }
    Ok(Ended { wall, peak_bytes })
}

/// Waits a little, and ends the child if it still runs.
fn end(child: &mut Child) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < GRACE {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

fn peak(process: u32) -> Option<u64> {
    peak_bytes(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// The high-water mark in the text of `/proc/<pid>/status`.
fn peak_bytes(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn the_high_water_mark_is_read() {
        let status = "Name:\tsynfire\nVmPeak:\t  900 kB\nVmHWM:\t   12345 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(peak_bytes(status), Some(12_345 * 1024));
        assert_eq!(peak_bytes("Name:\tx\n"), None);
        assert_eq!(peak_bytes("VmHWM: 5 pages\n"), None);
    }

    #[test]
    fn a_child_that_fails_is_an_error_with_its_words() {
        let dir = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::default();
        let mut version = crate::workspace::cargo();
        run(version.arg("--version"), &dir.path().join("version"), &interrupt).unwrap();
        let said = std::fs::read_to_string(dir.path().join("version.out")).unwrap();
        assert!(said.starts_with("cargo "), "{said}");
        let mut nonsense = crate::workspace::cargo();
        let error = run(nonsense.arg("no-such-thing"), &dir.path().join("x"), &interrupt);
        assert!(error.unwrap_err().to_string().contains("no-such-thing"));
    }

    #[test]
    fn after_an_interrupt_nothing_starts() {
        let dir = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::default();
        interrupt.0.store(true, Ordering::Relaxed);
        let mut version = crate::workspace::cargo();
        let error = run(version.arg("--version"), &dir.path().join("version"), &interrupt);
        assert!(error.unwrap_err().to_string().starts_with("interrupted"));
        assert!(!dir.path().join("version.out").exists());
    }
}
