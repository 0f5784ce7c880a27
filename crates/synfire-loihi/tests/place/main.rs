//! Placement, seen from outside.
//!
//! - `limits`: every budget of a core, at its boundary and one beyond;
//! - `settings`: what a core has only once, and numbers of cores and chips that do not exist;
//! - `spread`: layers that need several cores, and the table;
//! - `random`: random networks on random chips, counted again by `recount`, synapse by synapse.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod limits;
mod random;
mod recount;
mod settings;
mod spread;

use std::sync::Arc;
use synfire_loihi::lower;
use synfire_loihi::place::{
    ChipLimits, LOIHI, Manual, ManualPopulation, PlaceErrors, PlaceOptions, Placement, place,
};
use synfire_net::{
    Connectivity, Decay, Delay, LayerId, NetworkBuilder, Neuron, Refractory, Weights,
};

/// A neuron without memory.
pub(crate) const PLAIN: Neuron = Neuron::memoryless(64, 0, Refractory::ONE);

/// A neuron whose decays are open to either offset.
pub(crate) fn leaky() -> Neuron {
    let decay = Decay::new(2048).unwrap();
    Neuron { current_decay: decay, voltage_decay: decay, ..PLAIN }
}

pub(crate) fn all_to_all(weight: i32, delay: u8) -> Connectivity {
    let delay = Delay::new(delay).unwrap();
    Connectivity::AllToAll { weights: Weights::Uniform(weight), delay }
}

pub(crate) fn one_to_one(weight: i32) -> Connectivity {
    Connectivity::OneToOne { weights: Weights::Uniform(weight), delay: Delay::ZERO }
}

pub(crate) fn on(layer: LayerId, cores: &[u32]) -> ManualPopulation {
    ManualPopulation::new(layer, 0, cores.iter().copied())
}

pub(crate) fn place_on(
    builder: NetworkBuilder,
    limits: ChipLimits,
    populations: Vec<ManualPopulation>,
) -> Result<Placement, PlaceErrors> {
    let program = lower(Arc::new(builder.build().unwrap())).unwrap();
    let placed = place(&program, &PlaceOptions { limits, manual: Manual { populations } });
    if let Ok(placement) = &placed {
        recount::check(&program, placement);
    }
    placed
}

pub(crate) fn place_by_hand(
    builder: NetworkBuilder,
    populations: Vec<ManualPopulation>,
) -> Result<Placement, PlaceErrors> {
    place_on(builder, LOIHI, populations)
}

/// The messages of a placement that fails, without the first line.
pub(crate) fn messages(placed: Result<Placement, PlaceErrors>) -> Vec<String> {
    placed.unwrap_err().as_slice().iter().map(ToString::to_string).collect()
}
