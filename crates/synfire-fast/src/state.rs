//! Where the engine stands, taken and taken over (clause S7 of `docs/semantics.md`).
//!
//! A state says what is, not how it is kept: sets of spikes become steps still held, input that is made of gates, sets
//! and kept sums becomes charges, shared matrices become one array for each projection. On the way back all input is
//! plain sums, nothing is kept of sums of matrices, and copies that are equal share a matrix again.

use crate::engine::FastEngine;
use crate::layout::Body;
use synfire_loihi::engine::{check_state, plastic_state, seed_of_chance};
use synfire_net::{Engine, EngineState, InFlight, LayerId, LayerState, ProjectionId, StateError};

impl FastEngine {
    pub(crate) fn take_state(&self) -> EngineState {
        let network = self.program.network();
        EngineState {
            step: self.step,
            seed: seed_of_chance(&self.program, &self.learning, self.seed),
            operations: self.operations,
            layers: network.layer_ids().map(|id| self.layer_state(id)).collect(),
            projections: network
                .projection_ids()
                .map(|id| {
                    let weights = || self.weights(id).unwrap_or_default().into_owned();
                    plastic_state(&self.program, id, &self.learning, weights, || self.delays(id))
                })
                .collect(),
        }
    }

    fn layer_state(&self, id: LayerId) -> LayerState {
        match &self.bodies[id.index()] {
            Body::Sources => LayerState::default(),
            Body::Memoryless(memoryless) => {
                memoryless.state(self.step, &self.synapses.matrices, &self.fired)
            }
            Body::Leaky(leaky) => leaky.state(self.step),
        }
    }

    pub(crate) fn take_over(&mut self, state: &EngineState) -> Result<(), StateError> {
        check_state(&self.program, &self.learning, self.seed, state)?;
        (self.step, self.operations) = (state.step, state.operations);
        (self.stopped, self.stopped_at) = (false, None);
        self.spiking.clear();
        self.agenda.forget();
        self.fired.forget();
        for (id, state) in self.program.network().layer_ids().zip(&state.layers) {
            let n_words = state.held.len().div_ceil(64);
            match &mut self.bodies[id.index()] {
                Body::Sources => {}
                Body::Memoryless(memoryless) => {
                    let words = &mut self.words[..n_words];
                    memoryless.take_over(self.step, state, &mut self.fired, words);
                }
                Body::Leaky(leaky) => {
                    leaky.take_over(self.step, state);
                    self.agenda.keep(id, true);
                }
            }
            for &InFlight { steps, .. } in &state.in_flight {
                self.agenda.mark(self.step + u64::from(steps), id);
            }
        }
        for (id, state) in self.program.network().projection_ids().zip(&state.projections) {
            let Some(state) = state else { continue };
            self.replace_weights(id, &state.weights);
            if let Some(list) = &mut self.synapses.lists[id.index()] {
                list.set_delays(&state.delays);
            }
            if let Some(learning) = &mut self.learning[id.index()] {
                learning.take_over(state);
            }
        }
        Ok(())
    }

    /// Replaces weights that are known to fit, with no input that refers to sums of matrices.
    pub(crate) fn replace_weights(&mut self, id: ProjectionId, weights: &[i16]) {
        if let Some(list) = &mut self.synapses.lists[id.index()] {
            list.weights_mut().copy_from_slice(weights);
        } else if let Some(mut matrix) = self.synapses.withdraw(id) {
            matrix.set_weights(weights);
            self.synapses.place(&self.program, &self.learning, id, matrix);
        }
    }
}
