//! Proof by comparison.

#[cfg(feature = "proptest")]
pub mod cases;
mod claim;
mod compare;
pub mod conformance;
mod disguise;
mod expected;
mod ladder;
mod lockstep;
mod mismatch;
mod report;
pub mod selftest;

pub use claim::{Claim, Counts};
pub use ladder::{Build, Case, Climb, Failure, Rung, climb};
pub use lockstep::{Check, Comparison, Cycle, Lockstep, LockstepError, plastic_weights};
pub use mismatch::Mismatch;
pub use report::{holds, text};
