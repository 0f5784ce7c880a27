//! Interrupts of the process (Ctrl-C, or the SIGTERM of a batch system): the first ends a run early with what it
//! has, the second at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether there was one; empty as long as nobody listens.
static NOTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Exit code of a process that was interrupted, as shells have it for Ctrl-C.
const INTERRUPTED_CODE: i32 = 130;

/// From now on an interrupt is noted. Where that is not possible it ends the process as ever.
pub(crate) fn listen() {
    // Once in a process: of two pairs of actions the second would take the first one's note for an earlier signal.
    NOTED.get_or_init(|| {
        let noted = Arc::default();
        // SIGHUP is not among them: `nohup` has it ignored, and a run is to outlive its terminal then.
        for signal in [SIGINT, SIGTERM] {
            // The end comes before the note, so that it takes two signals.
            let _ =
                flag::register_conditional_shutdown(signal, INTERRUPTED_CODE, Arc::clone(&noted))
                    .and_then(|_| flag::register(signal, Arc::clone(&noted)));
        }
        noted
    });
}

/// Whether there was one.
pub(crate) fn is_noted() -> bool {
    NOTED.get().is_some_and(|noted| noted.load(Ordering::Relaxed))
}
