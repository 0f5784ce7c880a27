//! Binarized backpropagation in plain integers: what Synfire's spiking circuits must compute.
//!
//! A network of binary neurons learns by backpropagation with integer weights, in the way that
//! Renner et al. made it run on spiking hardware (*Nature Communications* 15:9691, 2024): forward
//! with a threshold, backward with signs, every weight a small even number. This crate says exactly
//! what comes out, clause by clause (R1 to R10 of the semantics), for any number of layers, and
//! records every intermediate of a sample by name. It is quick enough to train on it: a sample whose
//! answer is right costs little more than one pass over the weights of its active neurons, a byte
//! each.
//!
//! ```
//! use synfire_reference::{Reference, Sample, Shape, Values, init};
//!
//! // Two classes of twelve-pixel images: left half on, right half on.
//! let shape = Shape::new(&[12, 24, 2])?;
//! let weights = init::he(&shape, 2);
//! let mut network = Reference::new(shape, weights)?;
//! let (left, right) = ([0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]);
//! for _ in 0..100 {
//!     network.learn(Sample { input: &left, target: 0 })?;
//!     network.learn(Sample { input: &right, target: 1 })?;
//! }
//! let record = network.infer(&right)?;
//! assert!(record.readout(1).exact);
//! // Every intermediate has a name.
//! assert_eq!(record.get("o.active"), Some(Values::Bits(&[false, true])));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Parts
//!
//! - [`Shape`]: layers, thresholds, [`WeightLimits`], error thresholds, and the [`Variant`]:
//!   `circuit`, the default, or `lanl-numpy`, the authors' simulation, a different algorithm.
//! - [`Weights`] of [`Matrix`]: forward and feedback, checked against a shape.
//! - [`Reference`]: learns a [`Sample`], or only answers, and shows its [`Record`]. It can follow
//!   weights that change elsewhere, row by row ([`Reference::set_row`]).
//! - [`Lanes`]: the instruction sets that its loops are compiled for. The widest that the machine
//!   has is chosen at run time, without `unsafe` code of this crate; all compute the same integers.
//! - [`init`] and [`order`]: initial weights and sample orders, each a function of its seed, equal
//!   on every machine and in every release.
//! - [`real`]: the real-valued model and the surrogate gradient whose signs the integers take.
//! - `strategy`, with feature `proptest`: test cases that dwell on thresholds and limits.
//!
//! # What it does not do
//!
//! It knows nothing of spikes, steps, phases or fixed point, and shares no code with what is
//! compared with it. It reads no files, prints nothing, holds no data set and runs no epochs. It is
//! no general library for neural networks: one kind of neuron, one learning rule.

mod backward;
mod draw;
mod forward;
pub mod init;
mod lanes;
mod limits;
mod matrix;
pub mod order;
mod packed;
pub mod real;
mod record;
mod reference;
mod set_rows;
mod shape;
#[cfg(feature = "proptest")]
pub mod strategy;
mod update;
mod weights;

pub use lanes::Lanes;
pub use limits::{LimitsError, WeightLimits};
pub use matrix::{Matrix, MatrixError};
pub use record::{LayerRecord, Readout, Record, Values};
pub use reference::{Reference, Sample, SampleError};
pub use shape::{Shape, ShapeError, Thresholds, Variant, VariantError};
pub use weights::{MatrixName, Saturation, Weights, WeightsError};

// Their types are part of the signatures of `real` and `strategy`.
pub use nalgebra;
#[cfg(feature = "proptest")]
pub use proptest;
