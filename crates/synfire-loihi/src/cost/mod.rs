//! What a run would cost on the chip: operations counted exactly, energy and time estimated from them.
//!
//! A [`CostMeter`] listens to any engine as an [`Observer`](synfire_net::Observer). It hears spikes; which
//! synapses carry them, which compartments receive them and how far they travel follows from the
//! [`Program`](crate::Program) and the [`Placement`](crate::place::Placement). Counts are exact. An
//! [`Estimate`] multiplies them by the published cost of an operation and **is an estimate**, never a
//! measurement: the constants are those of a [`ConstantSet`], each with its source.
//!
//! ```
//! use std::sync::Arc;
//! use synfire_loihi::cost::{CostMeter, DAVIES_2018, LearningVisits};
//! use synfire_loihi::place::{PlaceOptions, place};
//! use synfire_loihi::synfire_net::{
//!     Connectivity, Delay, Engine, InputSchedule, NetworkBuilder, Neuron, Refractory, Strictness,
//!     Weights,
//! };
//! use synfire_loihi::{PlainEngine, lower};
//!
//! let mut builder = NetworkBuilder::new("one to four");
//! let input = builder.sources("input", 1);
//! let output = builder.neurons("output", 4, Neuron::memoryless(65536, 0, Refractory::ONE));
//! let weights = Weights::Uniform(8);
//! builder.connect("w", input, output, Connectivity::OneToAll { weights, delay: Delay::ZERO });
//! let program = Arc::new(lower(Arc::new(builder.build()?))?);
//! let placement = place(&program, &PlaceOptions::default())?;
//!
//! let mut meter = CostMeter::new(&program, &placement, LearningVisits::All)?;
//! let mut schedule = InputSchedule::new();
//! schedule.push(1, input, 0);
//! PlainEngine::new(program, Strictness::Strict).advance(2, &schedule, &mut meter)?;
//! meter.finish(2);
//!
//! let estimate = meter.tally().estimate(&DAVIES_2018).ok_or("not priced")?;
//! // Four synapses, then four compartments that receive, after a step in which none did; one spike arrives.
//! assert_eq!(estimate.energy_fj(), 4 * 23_600 + 4 * 81_000 + 4 * 52_000 + 1_700);
//! assert!(estimate.to_string().lines().all(|line| line.contains("estimate")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is counted, in each step, on each core
//! - **active updates**: compartments that receive input in the step (a synapse delivers, whatever its weight),
//!   spike in it, or have noise;
//! - **inactive updates**: all others, and the unused places of the last group: compartments are serviced in
//!   groups of four (nengo-loihi), taken here as every group in every step;
//! - **spiking updates**: compartments that spike, which are active as well;
//! - **synaptic operations**: synapses that deliver a spike of the step, those from sources included, on the
//!   core of the target;
//! - **learning visits**: synapses that the learning engine looks at, see [`LearningVisits`];
//! - **rule evaluations**: synapses that some product of a rule can reach, given the spikes of the learning
//!   period; not priced;
//! - **messages**: one for every axon of a spike, that is for each projection and each core with targets, on the
//!   core of the neuron, with their hops;
//! - **input messages**: the same for spikes of sources, on the core of the targets: where they enter the mesh is
//!   not known, so that no hops and no way are counted.
//!
//! # How the time of a step is put together
//! Each core does its work one operation after the other; the busiest core counts. Messages travel while cores
//! work, so that only the longest way of the step is added, and then the barrier.
//!
//! # What it does not do
//! The host, the embedded processors and their phases, probes, loading, and the messages that carry rewards
//! are not counted. Hops between chips are counted as hops of the mesh, as no cost is published. Leakage is
//! stated beside an estimate, never added to it. Learned delays change when a compartment is active: the
//! delays of the program count, and the estimate says so.

mod arrivals;
mod constants;
mod counts;
mod estimate;
mod fan;
mod layout;
mod learning;
mod meter;
mod table;
mod tally;

pub use self::constants::{
    Barrier, ConstantSet, DAVIES_2018, Origin, Price, SANA_FE, STATIC_POWER_MW_PER_CHIP,
};
pub use self::counts::{Counts, Operation};
pub use self::estimate::{CoreEstimate, Estimate, OperationEstimate, PhaseEstimate, StepTime};
pub use self::learning::LearningVisits;
pub use self::meter::{CostMeter, MeterError};
pub use self::tally::{Tally, TallyMismatch};
