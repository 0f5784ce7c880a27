//! Faults in kernels: the comparison must see every one of them, on every path.

use crate::corners::{checked, copied};
use crate::sides::compare_planted;
use synfire_fast::KernelFault;

#[test]
fn every_kernel_fault_is_seen() {
    for (n_sources, n_targets) in [(65, 63), (130, 64), (40, 129)] {
        let copied = copied(n_sources, n_targets, "4*x0*y0*r1 - 2*x0*y0");
        checked(&copied.case);
        for fault in KernelFault::ALL {
            let outcome = compare_planted(&copied.case, fault);
            let why = outcome.expect_err(&format!("{fault:?} was not seen"));
            if fault == KernelFault::CopyNotSplit {
                // Until copies differ, sharing them is right.
                let step = format!("after step {}", copied.differs_in);
                assert!(why.to_string().contains(&step), "{why}");
            }
        }
    }
}
