//! A bit-accurate, strict software model of Intel's first Loihi chip (2018).
//!
//! [`lower`](lower()) brings a [`Network`](synfire_net::Network) into the chip's own terms: mantissas and
//! exponents, sign modes, accumulator slots, microcode. It does so exactly or refuses, with every
//! reason. [`PlainEngine`] then runs the [`Program`] bit by bit as the chip would. What the chip does
//! silently it reports as a [`Fault`](synfire_net::Fault): input, current, and current plus bias that
//! wrap around, a voltage at the end of its register, a spike in a phase in which the layer may not.
//! Strict, it stops there.
//!
//! ```
//! use std::sync::Arc;
//! use synfire_loihi::{PlainEngine, lower};
//! use synfire_loihi::synfire_net::{
//!     Connectivity, Delay, Engine, InputSchedule, NetworkBuilder, Neuron, Raster, Refractory,
//!     Strictness, Weights,
//! };
//!
//! let mut builder = NetworkBuilder::new("one to one");
//! let input = builder.sources("input", 2);
//! let neuron = Neuron::memoryless(64 * 1024, 0, Refractory::ONE);
//! let output = builder.neurons("output", 2, neuron);
//! let weights = Weights::Each(vec![1040, 1024]);
//! builder.connect("weights", input, output, Connectivity::OneToOne { weights, delay: Delay::ZERO });
//! let network = builder.build()?;
//!
//! // 1040 is 130 * 2^3 on the chip and exceeds the threshold; 1024 = 128 * 2^3 only reaches it.
//! let program = Arc::new(lower(Arc::new(network))?);
//! let mut engine = PlainEngine::new(Arc::clone(&program), Strictness::Strict);
//! let mut schedule = InputSchedule::new();
//! schedule.push(1, input, 0);
//! schedule.push(1, input, 1);
//! let mut raster = Raster::new(program.network(), 1);
//! engine.advance(3, &schedule, &mut raster)?;
//! assert_eq!(raster.spikes(2, output).collect::<Vec<_>>(), [0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Modules hold the scalar definitions, which engines share: [`fixed`] the arithmetic, [`limits`] the
//! widths, [`compartment`] one neuron's step, [`synapse`] the formats of weights, [`axon`] the slots in
//! which input waits, [`trace`] what is left of spikes, [`rule`] learning, [`random`] chance. [`place`](mod@place)
//! says where on a chip a program goes, [`cost`] what running it would take.
//!
//! # What is not modelled
//! - compartments joined to trees, axonal delays, threshold homeostasis, box-shaped synapses: the form in
//!   which a network is described refuses them by name;
//! - embedded processors, probes and their artefacts: a voltage is what the next step starts from;
//! - the chip's own random numbers, whose generators are not public: distributions agree, sequences do not.
//!
//! Where public descriptions of the chip disagree the model follows what agrees with recordings from a
//! chip; the sources are named at each function. "Loihi" never means Loihi 2 here.

pub mod axon;
pub mod compartment;
pub mod cost;
pub mod engine;
pub mod fixed;
pub mod limits;
mod lower;
pub mod place;
mod program;
pub mod random;
mod refusal;
pub mod rule;
pub mod synapse;
pub mod trace;

pub use compartment::{Bias, Compartment, CompartmentConfig, Outcome, Threshold, VoltageLimits};
pub use engine::{PlainEngine, RulesError};
pub use lower::{lower, lower_with};
pub use program::{CompartmentGroup, Program, SynapseGroup};
pub use refusal::{Refusal, RefusalReason, Refusals};
pub use rule::{Accumulation, Microcode, Moment, Pulse, Reading, RuleArithmetic, ScaleWidth};
pub use synapse::{SignMode, SynapseFormat, WeightExponent, WeightFormat};
pub use synfire_net;
