//! The fast engine of the chip model: any `Program` by events and dense kernels, bit for bit the plain engine.
mod agenda;
mod engine;
mod fault;
mod fired;
mod inbox;
mod kernel;
mod lanes;
mod layout;
mod leaky;
mod learn;
mod matrix;
mod memoryless;

pub use engine::FastEngine;
pub use fault::KernelFault;
pub use lanes::Lanes;
pub use synfire_loihi;
