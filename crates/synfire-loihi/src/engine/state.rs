//! Where an engine of the chip stands: what all of them share of clause S7.
//!
//! [`check_state`] is what every engine of the chip asks before it takes a state over, [`plastic_state`] what
//! every one says of a projection, [`seed_of_chance`] whether its seed matters. How neurons are kept is each engine's
//! own business; the plain one's is at the end.

use super::learning::Learning;
use super::population::Population;
use super::{Connection, PlainEngine};
use crate::limits::{INPUT_BITS, STATE_BITS};
use crate::program::Program;
use synfire_net::{Decay, EngineState, LayerId, Place, PlasticState, ProjectionId, StateError};

/// The seed, if anything is left to chance: a layer has noise, or a projection learns in full.
#[must_use]
pub fn seed_of_chance(program: &Program, learning: &[Option<Learning>], seed: u64) -> Option<u64> {
    let groups = program.network().layer_ids().filter_map(|id| program.compartments(id));
    let has_noise = groups.into_iter().any(|group| group.config.noise.is_some());
    let learns_in_full = learning.iter().any(|it| matches!(it, Some(Learning::Full(_))));
    (has_noise || learns_in_full).then_some(seed)
}

/// Checks whether an engine of `program` with this seed and these rules can take a state over.
///
/// # Errors
/// A state that does not fit the network, the seed or the chip's registers, and one that remembers of learning what
/// these rules do not, or the other way round.
pub fn check_state(
    program: &Program,
    learning: &[Option<Learning>],
    seed: u64,
    state: &EngineState,
) -> Result<(), StateError> {
    let network = program.network();
    state.check(network)?;
    let expected = seed_of_chance(program, learning, seed);
    for (id, plastic) in network.projection_ids().zip(&state.projections) {
        let found = plastic.as_ref().is_some_and(|plastic| plastic.learner.is_some());
        if found != matches!(learning[id.index()], Some(Learning::Full(_))) {
            let place = Place::Projection(network.projection(id).name.clone());
            return Err(StateError::Learner { place, found });
        }
    }
    if state.seed != expected {
        return Err(StateError::Seed { found: state.seed, expected });
    }
    for id in network.layer_ids() {
        check_registers(program, id, state)?;
    }
    Ok(())
}

fn check_registers(program: &Program, id: LayerId, state: &EngineState) -> Result<(), StateError> {
    let Some(group) = program.compartments(id) else { return Ok(()) };
    let config = group.config;
    // Of a current that does not outlive its step nothing is left but the input, which is narrower.
    let current_bits = if config.current_decay == Decay::CLEAR { INPUT_BITS } else { STATE_BITS };
    let voltages = [config.voltage_limits.min(), config.voltage_limits.max()].map(i64::from);
    let layer = &state.layers[id.index()];
    for (quantity, values, [min, max]) in [
        ("current", &layer.currents, [-(1 << current_bits), (1 << current_bits) - 1]),
        ("voltage", &layer.voltages, voltages),
    ] {
        if let Some(idx) = values.iter().position(|value| !(min..=max).contains(value)) {
            let place = Place::Layer(program.network().layer(id).name.clone());
            let found = values[idx];
            return Err(StateError::Range { place, quantity, idx, found, min, max });
        }
    }
    Ok(())
}

/// The state of a projection with these weights, and delays if the network has a rule for them; `None` if it does not
/// learn.
///
/// # Panics
/// If the id belongs to another, larger network.
pub fn plastic_state(
    program: &Program,
    id: ProjectionId,
    learning: &[Option<Learning>],
    weights: impl FnOnce() -> Vec<i16>,
    delays: impl FnOnce() -> Vec<u8>,
) -> Option<PlasticState> {
    let learning = learning[id.index()].as_ref()?;
    let plasticity = program.network().projection(id).plasticity.as_ref()?;
    Some(PlasticState {
        weights: weights(),
        delays: if plasticity.rules.delay.is_some() { delays() } else { Vec::new() },
        tags: learning.tags().unwrap_or_default(),
        learner: learning.memory(),
    })
}

impl PlainEngine {
    pub(super) fn take_state(&self) -> EngineState {
        let plastic = |(id, connection): (ProjectionId, &Connection)| {
            let weights = || connection.weights().to_vec();
            plastic_state(&self.program, id, &self.learning, weights, || connection.delays())
        };
        let ids = self.program.network().projection_ids();
        EngineState {
            step: self.step,
            seed: seed_of_chance(&self.program, &self.learning, self.seed),
            operations: self.operations,
            layers: self.populations.iter().map(|it| Population::state(it, self.step)).collect(),
            projections: ids.zip(&self.connections).map(plastic).collect(),
        }
    }

    pub(super) fn take_over(&mut self, state: &EngineState) -> Result<(), StateError> {
        check_state(&self.program, &self.learning, self.seed, state)?;
        (self.step, self.operations, self.stopped) = (state.step, state.operations, false);
        for (population, state) in self.populations.iter_mut().zip(&state.layers) {
            population.take_over(self.step, state);
        }
        let projections = self.connections.iter_mut().zip(&mut self.learning);
        for ((connection, learning), state) in projections.zip(&state.projections) {
            let (Some(learning), Some(state)) = (learning, state) else { continue };
            connection.weights_mut().copy_from_slice(&state.weights);
            connection.set_delays(&state.delays);
            learning.take_over(state);
        }
        Ok(())
    }
}
