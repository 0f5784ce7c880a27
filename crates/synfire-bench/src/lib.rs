//! The networks that the benches time, and the check that comes before every timing.
//!
//! A [`Workload`] is a network of 400-400-10 or 784-400-10 with initial or late weights and the samples
//! that follow. The engines run the same workloads, and [`Workload::check`] climbs the ladder of
//! `synfire-verify` with them first: what is timed has been seen to be equal to the reference.
//!
//! The benches are in `benches/`, one file per concern; how to run them, and what was measured, is in
//! `docs/performance.md`. Nothing here is for other crates.

mod engines;
mod workload;

pub use engines::{lif, loihi};
pub use workload::{Workload, digits, real};
