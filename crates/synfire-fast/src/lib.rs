//! The fast engine of the chip model: runs any [`Program`](synfire_loihi::Program) by events and dense kernels.
//!
//! [`FastEngine`] does bit for bit what [`PlainEngine`](synfire_loihi::PlainEngine) does: spikes, weights,
//! tags, delays,
//! traces, currents, voltages, faults and operation counts are equal after every step. It is for whoever trains or
//! sweeps; who wants to read what the chip does reads the plain engine. It knows nothing of what it computes.
//!
//! ```
//! use std::sync::Arc;
//! use synfire_fast::FastEngine;
//! use synfire_fast::synfire_loihi::synfire_net::{
//!     Connectivity, Delay, Engine, InputSchedule, NetworkBuilder, Neuron, Raster, Refractory,
//!     Strictness, Weights,
//! };
//! use synfire_fast::synfire_loihi::{PlainEngine, lower};
//!
//! let mut builder = NetworkBuilder::new("all to all");
//! let input = builder.sources("input", 3);
//! let neuron = Neuron::memoryless(64 * 1024, 0, Refractory::ONE);
//! let output = builder.neurons("output", 2, neuron);
//! let weights = Weights::Each(vec![520, -8, 512, 512, 0, 520]);
//! builder.connect("weights", input, output, Connectivity::AllToAll { weights, delay: Delay::ZERO });
//! let program = Arc::new(lower(Arc::new(builder.build()?))?);
//!
//! // 520 + 512 is above the threshold of 1024; 512 + 520 - 8 only reaches it.
//! let mut schedule = InputSchedule::new();
//! schedule.push(1, input, 0);
//! schedule.push(1, input, 1);
//! schedule.push(3, input, 0);
//! schedule.push(3, input, 1);
//! schedule.push(3, input, 2);
//! let mut fast = FastEngine::new(Arc::clone(&program), Strictness::Strict);
//! let mut plain = PlainEngine::new(Arc::clone(&program), Strictness::Strict);
//! let [mut raster, mut other] = [(); 2].map(|()| Raster::new(program.network(), 1));
//! fast.advance(5, &schedule, &mut raster)?;
//! plain.advance(5, &schedule, &mut other)?;
//! assert_eq!(raster, other);
//! assert_eq!(raster.spikes(2, output).collect::<Vec<_>>(), [0]);
//! assert_eq!(fast.operations(), plain.operations());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How
//! - **Events.** Only layers with input in a step are updated, only layers that spiked are delivered and learn.
//!   The populations of a gated circuit rest most of the time.
//! - **Sets.** Spikes are packed, 64 to a word. Relays from neuron to neuron and gates are decided set by set.
//! - **Sums that are kept.** A matrix keeps the sums of its rows with the set of sources and the version of the
//!   weights they were made from: who replays its input pays once. Bounds of these sums prove that a population
//!   that is held down does not spike, so that it is left alone.
//! - **Copies share.** Projections from the same sources with equal weights and the same rule have one matrix,
//!   until their targets spike differently in a step that learns; then they are split.
//! - **Lanes.** Weights are 8-bit codes where they fit; rows are added in 16-bit lanes, in blocks that cannot
//!   overflow, and widened before they could. What the chip wraps is wrapped once and reported. Everything is
//!   compiled for several instruction sets ([`Lanes`]), of which the widest that the machine has is used; all
//!   compute the same.
//! - **States.** What is skipped, shared or kept for later is no part of a state: it equals the plain engine's, and
//!   copies that are equal share a matrix again when one is taken over.
//! - **Fallback.** What has no kernel is run by the scalar definitions of `synfire-loihi`: noise, traces and
//!   rounding at random, synapses listed one by one.
//!
//! # What it does not do
//! - It has no arithmetic, no fault and no error of its own: what a program is, is said in `synfire-loihi`.
//! - One engine runs on one thread, but for the sums of layers so wide that two threads pay
//!   ([`FastEngine::with_split_from`]). Engines are independent of each other: several runs use several threads.
//! - Rules with traces, and noise, take as long as on the plain engine.

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
mod state;

pub use engine::FastEngine;
pub use fault::KernelFault;
pub use lanes::Lanes;
pub use synfire_loihi;
