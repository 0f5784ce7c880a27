//! What a run would cost on the chip, seen from outside.
//!
//! - `by_hand`: tiny networks whose operations, energies and times were worked out on paper;
//! - `random`: random networks against what the engine counts and against `recount`, which looks at every
//!   synapse in every step and shares no table with the crate;
//! - `sums`: tallies of parts add up to that of the whole.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod by_hand;
mod random;
mod recount;
mod sums;

use std::sync::Arc;
use synfire_loihi::cost::{CostMeter, LearningVisits};
use synfire_loihi::place::{
    ChipLimits, LOIHI, Manual, ManualPopulation, PlaceOptions, Placement, place,
};
use synfire_loihi::{PlainEngine, Program, lower};
use synfire_net::{Engine, InputSchedule, LayerId, Network, Strictness};

/// Options for random networks, whose learning is more varied than a core of the chip can hold.
pub(crate) fn roomy(manual: Manual) -> PlaceOptions {
    let limits = ChipLimits { pre_traces: u32::MAX, synapse_formats: u32::MAX, ..LOIHI };
    PlaceOptions { limits, manual }
}

/// A program with each of the layers on these cores of chip 0.
pub(crate) fn placed(network: Network, cores: &[(LayerId, &[u32])]) -> (Arc<Program>, Placement) {
    let program = Arc::new(lower(Arc::new(network)).unwrap());
    let populations = cores
        .iter()
        .map(|&(layer, cores)| ManualPopulation::new(layer, 0, cores.iter().copied()))
        .collect();
    let options = PlaceOptions { manual: Manual { populations }, ..PlaceOptions::default() };
    let placement = place(&program, &options).unwrap();
    (program, placement)
}

/// What a run of these steps and input spikes costs.
pub(crate) fn metered(
    program: &Arc<Program>,
    placement: &Placement,
    visits: LearningVisits,
    n_steps: u32,
    spikes: &[(u64, LayerId, u32)],
) -> CostMeter {
    let mut meter = CostMeter::new(program, placement, visits).unwrap();
    let mut input = InputSchedule::new();
    for &(step, layer, source_idx) in spikes {
        input.push(step, layer, source_idx);
    }
    let mut engine = PlainEngine::new(Arc::clone(program), Strictness::Report);
    engine.advance(n_steps, &input, &mut meter).unwrap();
    meter.finish(n_steps.into());
    meter
}
