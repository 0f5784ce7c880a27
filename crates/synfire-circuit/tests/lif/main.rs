//! The ideal LIF engine against networks small enough to be computed by hand, and against what others
//! have recorded of the chip's neurons where no register is at its end.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod contract;
mod learning;
mod neurons;
mod record;
mod refusals;
