//! Proof by comparison: spiking engines held against the reference, update by update.
//!
//! Hand it an engine, any [`Engine`](synfire_net::Engine), and it says whether what the engine computes
//! is what the integer reference computes. [`Lockstep`] runs one engine on the learning circuit beside
//! the reference, sample by sample: every spike, every potential and every weight must be equal.
//! [`climb`] runs several engines side by side, each also against the one before. Claims stand in causal
//! order ([`Claim`], clauses E1 to E8), so the first [`Mismatch`] is the nearest to its cause; each claim
//! counts what it compared, and one that compared nothing has failed ([`holds`]).
//!
//! ```
//! use std::sync::Arc;
//! use synfire_verify::synfire_circuit::{
//!     CircuitShape, Form, LearningCircuit, LifEngine, PlasticWeights, Population,
//! };
//! use synfire_verify::synfire_net::{Sabotage, Strictness};
//! use synfire_verify::{Check, Claim, Comparison, Counts, Lockstep};
//!
//! let shape = CircuitShape::new(4, 3, 2);
//! let weights = PlasticWeights::from_forward(&shape, vec![200; 12], vec![200; 6]);
//! let circuit = Arc::new(LearningCircuit::new(shape, Form::Sized, &weights)?);
//! let engine = || LifEngine::new(Arc::clone(circuit.network()), Strictness::Report);
//! let samples: [(&[u32], u32); 3] = [(&[0, 1, 2], 1), (&[1, 2, 3], 0), (&[0, 2, 3], 1)];
//!
//! // An engine that follows the semantics agrees with the reference in every bit.
//! let mut lockstep = Lockstep::new(Arc::clone(&circuit), Box::new(engine()?))?;
//! let mut counts = Counts::default();
//! for (active, target) in samples {
//!     let cycle = lockstep.run_sample(active, target, Check::Compare)?;
//!     let comparison = cycle.comparison.as_ref().expect("it was asked for");
//!     assert_eq!(comparison.first(), None);
//!     counts.merge(&comparison.counts);
//! }
//! assert!(counts.get(Claim::OutputUpdate) > 0);
//!
//! // One that loses a spike of d- in phase 4 does not, and is told where.
//! let mut faulty = engine()?;
//! faulty.sabotage(Sabotage::DropSpike {
//!     step: circuit.first_step(0) + 4,
//!     layer: circuit.layer(Population::DMinus),
//!     neuron_idx: 0,
//! });
//! let mut lockstep = Lockstep::new(Arc::clone(&circuit), Box::new(faulty))?;
//! let cycle = lockstep.run_sample(&[0, 1, 2], 1, Check::Compare)?;
//! let mismatch = cycle.comparison.as_ref().and_then(Comparison::first).expect("a spike is lost");
//! assert_eq!(
//!     mismatch.to_string(),
//!     "E2 output error: mismatch at sample 0, phase 4, d-, neuron 0: \
//!      expected a spike, found silent; last phase in agreement: 3"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Parts
//! - [`Lockstep`]: one engine beside the reference; what training with checks uses. A [`LockstepState`] is where it
//!   stands after a sample, to go on from there another time.
//! - [`climb`], [`Rung`], [`Case`], [`text`]: the ladder of engines and its report.
//! - [`conformance`]: for whoever writes an engine.
//! - [`selftest`]: a list of faults, each of which must be caught and located.
//! - `cases`, with feature `proptest`: random networks that dwell on thresholds, limits and ties.
//!
//! # What it does not do
//! It knows no engine but is handed them, so it cannot share their arithmetic. It proves nothing about
//! samples it did not run: what holds for every weight is the matter of `synfire_circuit::margin`. It
//! prints nothing and opens no files; `cargo xtask verify` is the command around it.

#[cfg(feature = "proptest")]
pub mod cases;
mod claim;
mod compare;
pub mod conformance;
mod disguise;
mod expected;
mod follow;
mod heard;
mod ladder;
mod lockstep;
mod mismatch;
mod report;
mod rows;
pub mod selftest;
mod state;

pub use claim::{Claim, Counts};
pub use ladder::{Build, Case, Climb, Failure, Rung, climb};
pub use lockstep::{Check, Comparison, Cycle, Lockstep, LockstepError, plastic_weights};
pub use mismatch::Mismatch;
pub use report::{holds, text};
pub use state::LockstepState;

// Their types are part of the signatures here.
#[cfg(feature = "proptest")]
pub use proptest;
pub use synfire_circuit;
pub use synfire_net;
pub use synfire_reference;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
