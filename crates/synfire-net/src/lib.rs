//! Describe networks of integer spiking neurons, and the contract of an engine that runs them.
//!
//! For whoever describes a spiking circuit, reads or writes one as a file, or writes a machine that runs
//! it. A [`Network`] is layers of integer leaky integrate-and-fire neurons, projections with delays, learning
//! rules as data and, if the network has one, a ring of gates that gives it a period. It is made by a
//! [`NetworkBuilder`], which reports every problem at once, or read from [its TOML form](mod@file).
//! Whoever writes a new engine needs this crate and nothing else: the [`Engine`] trait, the
//! [`InputSchedule`] that drives it and the [`Observer`] it reports to. All numbers are integers: charge
//! in units of which a weight unit is usually 64, decays in 1/4096, times in steps counted from 1.
//!
//! ```
//! use synfire_net::{Connectivity, Delay, NetworkBuilder, Neuron, Refractory, Weights};
//!
//! // Two neurons, each waking the other: a ring of period two once it has been kicked.
//! let mut builder = NetworkBuilder::new("ring");
//! let start = builder.sources("start", 1);
//! let neuron = Neuron::memoryless(64 * 1024, 0, Refractory::ONE);
//! let ring = [builder.neurons("g0", 1, neuron), builder.neurons("g1", 1, neuron)];
//! let strong = || Connectivity::OneToOne { weights: Weights::Uniform(9280), delay: Delay::ZERO };
//! builder.connect("start", start, ring[0], strong());
//! builder.connect("g0 to g1", ring[0], ring[1], strong());
//! builder.connect("g1 to g0", ring[1], ring[0], strong());
//! let network = builder.build()?;
//! assert_eq!(network.size().n_neurons, 2);
//! assert_eq!(synfire_net::file::parse(&synfire_net::file::write(&network))?, network);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is in it
//! | | |
//! |---|---|
//! | [`Network`], [`NetworkBuilder`], [`Problems`] | the validated whole, the way to it, all that stands in the way |
//! | [`Layer`], [`Neuron`], [`Decay`], [`Refractory`] | neurons and sources |
//! | [`Projection`], [`Connectivity`], [`Weights`], [`Synapse`], [`Delay`] | who is connected to whom |
//! | [`Plasticity`], [`Rules`], [`Trace`], [`WeightRange`], [`Reward`] | how synapses learn; grammar: [`rule`] |
//! | [`Noise`] | chance, on neurons |
//! | [`Gating`], [`PhaseSet`] | the period, and what may happen when |
//! | [`Engine`], [`Observer`], [`Fault`], [`Strictness`] | the contract of a machine that runs a network |
//! | [`EngineState`], [`StateError`] | where an engine stands, to go on from there, and why it cannot |
//! | [`InputSchedule`], [`Raster`], [`Recording`] | spikes that go in, what comes out |
//! | [`file`](mod@file) | the TOML form |
//! | [`toml_memory`], [`check_toml_memory`] | what a TOML text takes to read, for whoever reads one from outside |
//! | [`printable`] | what a message may quote of such a text |
//! | [`Sabotage`] | deliberate deviations, to test whoever compares engines |
//! | `strategy`, `rule::strategy` | random networks, input and rules for property tests, with feature `proptest` |
//!
//! # What it does not do
//! It runs nothing and knows no chip: no weight encodings and no cores, and register widths only in the
//! words of a [`FaultKind`]. A valid network may be one that a given engine refuses. It opens no files;
//! the TOML form is read from and written to text. Neurons of several compartments, axonal delays, thresholds
//! that adapt and box-shaped synapses cannot be described; the TOML form refuses them by name.

mod builder;
mod engine;
pub mod file;
mod id;
mod input;
mod layer;
mod network;
mod neuron;
mod noise;
mod phase;
mod printable;
mod projection;
mod raster;
mod recording;
pub mod rule;
mod sabotage;
mod state;
#[cfg(feature = "proptest")]
pub mod strategy;
mod toml_memory;
mod trace;
mod validate;

pub use builder::NetworkBuilder;
pub use engine::{
    Engine, Fault, FaultKind, Observer, Operations, StepError, Strictness, WeightsError,
    check_weights,
};
pub use id::{LayerId, ProjectionId};
pub use input::{InputSchedule, InputSpike};
pub use layer::{Layer, LayerKind};
pub use network::{Network, NetworkSize};
pub use neuron::{Decay, Neuron, Refractory};
pub use noise::{Noise, NoiseTarget};
pub use phase::{Gating, MAX_PERIOD, PhaseSet};
pub use printable::printable;
pub use projection::{
    Connectivity, Delay, LearningPeriod, Plasticity, Projection, Reward, Synapse, UNIT_GAIN,
    WeightRange, Weights,
};
pub use raster::{Raster, SpikeDifference};
pub use recording::Recording;
pub use rule::{Rule, Rules};
pub use sabotage::Sabotage;
pub use state::{
    EngineState, InFlight, LayerState, LearnerState, Part, PartsError, PlasticState, RewardState,
    StateError, Values, Width,
};
pub use toml_memory::{TomlMemoryError, check_toml_memory, toml_memory};
pub use trace::{DecayLaw, Impulse, Rounding, Trace, Traces};
pub use validate::{
    Defect, MAX_CHARGE, MAX_LAYER, MAX_NEURONS, MAX_SYNAPSES, Place, Problem, Problems,
};
