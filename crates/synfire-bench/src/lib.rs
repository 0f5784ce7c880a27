//! The networks that the benches time, and the check that comes before every timing.
//!
//! A [`Workload`] is a network, 400-400-10 say, with initial or late weights and the samples that follow. The
//! engines run the same workloads, and [`Workload::check`] climbs the ladder of
//! `synfire-verify` with them first: what is timed has been seen to be equal to the reference.
//! A [`Floor`] is the least that any engine could take: one pass over the weights that a sample touches.
//!
//! The benches are in `benches/`, one file per concern; how to run them, and what was measured, is in
//! `docs/performance.md`. Nothing here is for other crates.

mod engines;
mod floor;
mod timing;
mod workload;

pub use engines::{fast, lif, loihi};
pub use floor::{Floor, Width};
pub use workload::{Workload, digits, digits_of_width, is_quick, workloads};
