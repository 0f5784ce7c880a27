//! Synfire-gated circuits for on-chip backpropagation, and an ideal integer LIF engine to run them.
//!
//! [`LearningCircuit`] is a network of spiking neurons that turns one sample into one update of its
//! weights in twelve steps: a pulse that runs round a ring of gates opens one population after another.
//! It comes in two forms ([`Form`]): *published*, synapse for synapse that of Renner et al. (*Nature
//! Communications* 15:9691, 2024), and *sized*, the default, with strengths chosen so that no sum which
//! the weight limits allow makes a spike that means nothing. [`margin::prove`] shows for which shapes
//! that is proved, and what is missing where it is not. [`InferenceCircuit`] is the short one, four
//! steps, weights frozen.
//!
//! A circuit is a [`Network`](synfire_net::Network); any [`Engine`](synfire_net::Engine) runs it.
//! [`LifEngine`], an engine with unlimited integers, is here too and runs any network that learns from
//! spikes and reward.
//!
//! ```
//! use std::sync::Arc;
//! use synfire_circuit::synfire_net::{Engine, InputSchedule, Raster, Strictness};
//! use synfire_circuit::{
//!     CircuitShape, Form, LearningCircuit, LifEngine, PlasticWeights, Population, Potentials, margin,
//! };
//!
//! // Four inputs, three hidden neurons, two classes.
//! let shape = CircuitShape::new(4, 3, 2);
//! let weights = PlasticWeights::from_forward(&shape, vec![200; 12], vec![200; 6]);
//! let circuit = LearningCircuit::new(shape, Form::Sized, &weights)?;
//! let proof = margin::prove(&circuit);
//! assert!(proof.is_complete(), "{proof}");
//! println!("{}", proof.to_string().lines().last().unwrap_or_default());
//!
//! // One spike, and the ring runs for ever.
//! let mut engine = LifEngine::new(Arc::clone(circuit.network()), Strictness::Strict)?;
//! circuit.start(&mut engine, &mut ())?;
//!
//! // One sample: inputs 0, 1 and 2 are on, the class is 1.
//! let first = circuit.first_step(0);
//! let mut schedule = InputSchedule::new();
//! circuit.schedule_sample(0, &[0, 1, 2], 1, &mut schedule);
//! let mut raster = Raster::new(circuit.network(), first);
//! let mut potentials = Potentials::default();
//! circuit.run_cycle(&mut engine, &schedule, &mut raster, &mut potentials)?;
//!
//! // Both outputs passed 512; in phase 4 class 0 is told that it should not have.
//! assert_eq!(potentials.output, [600, 600]);
//! let error_down = circuit.layer(Population::DMinus);
//! assert_eq!(raster.spikes(first + 4, error_down).collect::<Vec<_>>(), [0]);
//!
//! // So the weights to class 0 went down by 2; those to class 1 stayed.
//! let (_, [w2, ..], _, _) = circuit.matrices();
//! assert_eq!(engine.weights(w2).as_deref(), Some(&[198, 200, 198, 200, 198, 200][..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Parts
//! - [`CircuitShape`], [`PlasticWeights`]: sizes, and the matrices a circuit starts with.
//! - [`LearningCircuit`], [`InferenceCircuit`]: the networks, their schedules and their readout.
//! - [`Population`], [`MEANINGS`]: who may spike when, and what each spike says.
//! - [`Dials`]: the strengths of a form. [`Chain`]: the ring.
//! - [`margin`]: the proof.
//! - [`LifEngine`]: clauses S1 to S7 of the semantics and nothing else.
//!
//! # What it does not do
//! It trains nothing by itself: order of samples, epochs and scores are the caller's. Circuits have one
//! hidden layer. It knows no chip: register widths, weight encodings and what does not fit them are the
//! business of `synfire-loihi`. And it does not check itself: `synfire-verify` holds what an engine did
//! against an integer reference, spike by spike.

mod chain;
mod dials;
mod drive;
mod inference;
mod learning;
mod lif;
pub mod margin;
mod population;
mod readout;
mod relay;
mod shape;

pub use chain::Chain;
pub use dials::{Dials, Form, Opening};
pub use drive::Potentials;
pub use inference::InferenceCircuit;
pub use learning::{LearningCircuit, RULE};
pub use lif::{LifEngine, LifError};
pub use population::{INFERENCE_PERIOD, LEARNING_PERIOD, Population, Side};
pub use readout::{MEANINGS, Meaning, Quantity};
pub use shape::{CircuitError, CircuitShape, PlasticWeights};

// Its types are part of the signatures of circuits and of the engine.
pub use synfire_net;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
