//! The fast engine (being built).
mod engine;
pub use engine::{FastEngine, KernelFault, Lanes};
pub use synfire_loihi;
