//! Interrupts of the process (Ctrl-C): the first ends a run early with what it has, the second at once.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Exit code of a process that was interrupted, as shells have it.
const INTERRUPTED_CODE: i32 = 130;

/// From now on an interrupt is noted. Where that is not possible it ends the process as ever.
pub(crate) fn listen() {
    // Twice in one process, the first handler stays.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "whoever interrupts twice does not want to wait")]
            std::process::exit(INTERRUPTED_CODE);
        }
    });
}

/// Whether there was one.
pub(crate) fn is_noted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
