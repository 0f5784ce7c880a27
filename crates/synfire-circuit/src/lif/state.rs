//! Where the ideal engine stands, taken and taken over: clause S7.
//!
//! The engine holds what a state names and nothing else, so that both are copies from one place to another.

use super::layer::LayerState as Neurons;
use super::projection::Strength;
use super::{LifEngine, slot_of};
use synfire_net::{EngineState, InFlight, LayerState, Place, PlasticState, StateError};

impl LifEngine {
    pub(super) fn take_state(&self) -> EngineState {
        let plastic = |strength: &Strength| match strength {
            Strength::Plastic(weights, _) => {
                Some(PlasticState { weights: weights.clone(), ..PlasticState::default() })
            }
            Strength::Uniform(_) | Strength::Static(_) => None,
        };
        EngineState {
            step: self.step,
            seed: None,
            operations: self.operations,
            layers: self.layers.iter().map(|layer| layer.take_state(self.step)).collect(),
            projections: self.projections.iter().map(|it| plastic(&it.strength)).collect(),
        }
    }

    pub(super) fn take_over(&mut self, state: &EngineState) -> Result<(), StateError> {
        state.check(&self.network)?;
        if state.seed.is_some() {
            return Err(StateError::Seed { found: state.seed, expected: None });
        }
        for (projection, plastic) in self.network.projections().iter().zip(&state.projections) {
            if plastic.as_ref().is_some_and(|plastic| plastic.learner.is_some()) {
                let place = Place::Projection(projection.name.clone());
                return Err(StateError::Learner { place, found: true });
            }
        }
        (self.step, self.operations, self.stopped) = (state.step, state.operations, false);
        for (layer, state) in self.layers.iter_mut().zip(&state.layers) {
            layer.take_over(self.step, state);
        }
        for (projection, state) in self.projections.iter_mut().zip(&state.projections) {
            if let (Strength::Plastic(weights, _), Some(state)) = (&mut projection.strength, state)
            {
                weights.copy_from_slice(&state.weights);
            }
        }
        Ok(())
    }
}

impl Neurons {
    fn take_state(&self, step: u64) -> LayerState {
        let n_slots = self.slots.len();
        // The slot of the step itself was emptied in it.
        let steps = (1_u8..).take(n_slots - 1);
        let in_flight =
            steps.flat_map(|steps| {
                let sums = (0_u32..).zip(&self.slots[slot_of(step + u64::from(steps), n_slots)]);
                sums.filter(|&(_, &charge)| charge != 0)
                    .map(move |(neuron_idx, &charge)| InFlight { steps, neuron_idx, charge })
            });
        LayerState {
            currents: self.current.clone(),
            voltages: self.voltage.clone(),
            held: self.held.clone(),
            in_flight: in_flight.collect(),
        }
    }

    fn take_over(&mut self, step: u64, state: &LayerState) {
        self.current.copy_from_slice(&state.currents);
        self.voltage.copy_from_slice(&state.voltages);
        self.held.copy_from_slice(&state.held);
        self.spikes.clear();
        self.slots.iter_mut().for_each(|slot| slot.fill(0));
        let n_slots = self.slots.len();
        for &InFlight { steps, neuron_idx, charge } in &state.in_flight {
            self.slots[slot_of(step + u64::from(steps), n_slots)][neuron_idx as usize] = charge;
        }
    }
}
