//! Whether a state fits a network: sizes, ranges, and what follows from the parameters of a neuron.
//!
//! What is refused here no engine can hold, or no engine could hold in the same way: a voltage that its current
//! denies, more charge in flight than the synapses carry. What one engine's registers cannot hold that engine
//! refuses by itself.

use super::carried::Carried;
use super::{EngineState, InFlight, LayerState, LearnerState, PlasticState, StateError};
use crate::{
    Decay, Delay, Layer, LayerId, Network, Neuron, Operations, Place, Plasticity, Projection,
    ProjectionId, check_weights,
};
use std::ops::RangeInclusive;

/// Largest magnitude of a current or voltage: far above anything a network can hold, and
/// [`Decay::apply`] is exact up to it.
const STATE_END: i64 = 1 << 50;

impl EngineState {
    /// Checks the state against a network: whether it has a value for every neuron and plastic synapse and none
    /// for others, and whether each is one that it can have. [`Engine::restore`](crate::Engine::restore) does
    /// this first.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn check(&self, network: &Network) -> Result<(), StateError> {
        self.check_counts()?;
        let lengths = [
            ("layers", self.layers.len(), network.layers().len()),
            ("projections", self.projections.len(), network.projections().len()),
        ];
        for (quantity, found, expected) in lengths {
            check_length(&Place::Network, quantity, found, expected)?;
        }
        for (id, state) in network.layer_ids().zip(&self.layers) {
            state.check(network, id, self.step)?;
        }
        for (id, state) in network.projection_ids().zip(&self.projections) {
            let projection = network.projection(id);
            match (state, &projection.plasticity) {
                (None, None) => {}
                (Some(state), Some(plasticity)) => {
                    state.check(network, id, plasticity, self.step)?;
                }
                _ => {
                    let place = Place::Projection(projection.name.clone());
                    return Err(StateError::Plasticity { place, found: state.is_some() });
                }
            }
        }
        Ok(())
    }

    fn check_counts(&self) -> Result<(), StateError> {
        let max = Self::MAX_STEP;
        let Operations {
            steps,
            spikes,
            static_deliveries,
            input_deliveries,
            plastic_deliveries,
            plastic_updates,
        } = self.operations;
        let counts = [
            ("step", self.step),
            ("number of steps run", steps),
            ("number of spikes", spikes),
            ("number of static deliveries", static_deliveries),
            ("number of input deliveries", input_deliveries),
            ("number of plastic deliveries", plastic_deliveries),
            ("number of plastic updates", plastic_updates),
        ];
        match counts.into_iter().find(|&(_, count)| count > max) {
            Some((quantity, found)) => Err(StateError::Count { quantity, found, max }),
            None if steps != self.step => {
                Err(StateError::StepsRun { found: steps, step: self.step })
            }
            None => Ok(()),
        }
    }
}

impl LayerState {
    fn check(&self, network: &Network, id: LayerId, step: u64) -> Result<(), StateError> {
        let layer = network.layer(id);
        let place = Place::Layer(layer.name.clone());
        let n_neurons = if layer.is_source() { 0 } else { layer.n_neurons as usize };
        check_length(&place, "current", self.currents.len(), n_neurons)?;
        check_length(&place, "voltage", self.voltages.len(), n_neurons)?;
        check_length(&place, "held steps", self.held.len(), n_neurons)?;
        if let Some(neuron) = layer.neuron() {
            self.check_neurons(&place, neuron, step)?;
        }
        self.check_in_flight(&place, network, id, layer)
    }

    fn check_neurons(&self, place: &Place, neuron: &Neuron, step: u64) -> Result<(), StateError> {
        let is_memoryless = (neuron.current_decay, neuron.voltage_decay)
            == (Decay::CLEAR, Decay::CLEAR)
            && neuron.noise.is_none();
        let currents = if is_memoryless && step == 0 { 0..=0 } else { -STATE_END..=STATE_END };
        check_range(place, "current", &self.currents, &currents)?;
        // After a spike at step s, R - 1 - (step - s) steps are left, and no spike was before step 1.
        let longest = i64::from(neuron.refractory.get()) - 1;
        let since_start = i64::try_from(step).unwrap_or(i64::MAX);
        let least = (longest - since_start + 1).max(1);
        for (idx, &held) in self.held.iter().enumerate().filter(|&(_, &held)| held > 0) {
            let found = i64::from(held);
            if !(least..=longest).contains(&found) {
                let (min, max) = match least {
                    1 => (0, longest),
                    least if least <= longest => (least, longest),
                    _ => (0, 0),
                };
                let (place, quantity) = (place.clone(), "held steps");
                return Err(StateError::Range { place, quantity, idx, found, min, max });
            }
        }
        let floor = neuron.voltage_floor.map_or(-STATE_END, i64::from);
        let ceiling = neuron.voltage_ceiling.map_or(STATE_END, i64::from);
        // A neuron above its threshold has spiked, and spikes leave 0.
        let voltages = floor..=ceiling.min(i64::from(neuron.threshold).max(0));
        check_range(place, "voltage", &self.voltages, &voltages)?;
        for (idx, &voltage) in self.voltages.iter().enumerate() {
            let is_held = self.held[idx] > 0;
            if is_held && voltage != 0 {
                let (place, quantity) = (place.clone(), "voltage");
                let found = voltage;
                return Err(StateError::Range { place, quantity, idx, found, min: 0, max: 0 });
            }
            if !is_memoryless {
                continue;
            }
            let driven = (self.currents[idx] + i64::from(neuron.bias)).clamp(floor, ceiling);
            let expected = if step == 0 { 0 } else { driven };
            // After a spike, which lasts to the last step in which the neuron is held.
            let can_be_zero = is_held || since_start > longest;
            if voltage != expected && !(voltage == 0 && can_be_zero) {
                let (place, neuron_idx, found) = (place.clone(), idx, voltage);
                return Err(StateError::Voltage { place, neuron_idx, found, expected });
            }
        }
        Ok(())
    }

    fn check_in_flight(
        &self,
        place: &Place,
        network: &Network,
        id: LayerId,
        layer: &Layer,
    ) -> Result<(), StateError> {
        let incoming = || network.projections().iter().filter(|projection| projection.target == id);
        let longest = incoming().map(Projection::max_delay).max();
        let max = longest.map_or(0, |delay| delay.get() + 1);
        if self.in_flight.is_empty() {
            return Ok(());
        }
        let carried = Carried::onto(network, id);
        let mut earlier = None;
        let mut bounds = (0, Vec::new());
        for (idx, &InFlight { steps, neuron_idx, charge }) in self.in_flight.iter().enumerate() {
            let place = || place.clone();
            if !(1..=max).contains(&steps) {
                return Err(StateError::Arrival { place: place(), idx, found: steps, max });
            }
            if neuron_idx >= layer.n_neurons {
                let quantity = "neuron of charge in flight";
                let (found, max) = (i64::from(neuron_idx), i64::from(layer.n_neurons) - 1);
                return Err(StateError::Range {
                    place: place(),
                    quantity,
                    idx,
                    found,
                    min: 0,
                    max,
                });
            }
            if charge == 0 || earlier.is_some_and(|earlier| (steps, neuron_idx) <= earlier) {
                return Err(StateError::Order { place: place(), idx, steps, neuron_idx, charge });
            }
            earlier = Some((steps, neuron_idx));
            if bounds.0 != steps {
                bounds = (steps, carried.in_flight(steps));
            }
            let largest = bounds.1[neuron_idx as usize];
            if !(-largest..=largest).contains(&charge) {
                let (found, max) = (charge, largest);
                return Err(StateError::Charge { place: place(), neuron_idx, steps, found, max });
            }
        }
        Ok(())
    }
}

impl PlasticState {
    fn check(
        &self,
        network: &Network,
        id: ProjectionId,
        plasticity: &Plasticity,
        step: u64,
    ) -> Result<(), StateError> {
        check_weights(network, id, &self.weights)?;
        let place = Place::Projection(network.projection(id).name.clone());
        let n_synapses = network.n_synapses(id);
        let if_there = |is_there: bool| if is_there { n_synapses } else { 0 };
        let n_delays = if_there(plasticity.rules.delay.is_some());
        check_length(&place, "delay", self.delays.len(), n_delays)?;
        check_range(&place, "delay", &self.delays, &(0..=Delay::MAX.get()))?;
        let n_tags = if_there(plasticity.rules.tag.is_some());
        check_length(&place, "tag", self.tags.len(), n_tags)?;
        check_range(&place, "tag", &self.tags, &(-256..=255))?;
        match &self.learner {
            Some(learner) => learner.check(&place, network, id, plasticity, step),
            None => Ok(()),
        }
    }
}

impl LearnerState {
    fn check(
        &self,
        place: &Place,
        network: &Network,
        id: ProjectionId,
        plasticity: &Plasticity,
        step: u64,
    ) -> Result<(), StateError> {
        let projection = network.projection(id);
        let n_pre = network.layer(projection.source).n_neurons as usize;
        let n_post = network.layer(projection.target).n_neurons as usize;
        let traces = plasticity.traces;
        for (quantity, values, trace, n) in [
            ("trace x1", &self.x1, traces.x1, n_pre),
            ("trace x2", &self.x2, traces.x2, n_pre),
            ("trace y1", &self.y1, traces.y1, n_post),
            ("trace y2", &self.y2, traces.y2, n_post),
            ("trace y3", &self.y3, traces.y3, n_post),
        ] {
            check_length(place, quantity, values.len(), if trace.is_some() { n } else { 0 })?;
            check_range(place, quantity, values, &(0..=127))?;
        }
        // Below 63: what is noted is forgotten at the end of each period.
        let n_noted = step % u64::from(plasticity.period.get());
        let noted = 0..=u8::try_from(n_noted).unwrap_or(u8::MAX);
        for (quantity, values, n) in [
            ("last spike of source", &self.last_pre, n_pre),
            ("last spike of target", &self.last_post, n_post),
        ] {
            check_length(place, quantity, values.len(), n)?;
            check_range(place, quantity, values, &noted)?;
        }
        match (&self.reward, &plasticity.reward) {
            (Some(reward), Some(_)) => {
                check_range(place, "trace r1", &[reward.value], &(0..=127))?;
                // Impulses are forgotten at the end of each period, too.
                let pending = if n_noted == 0 { 0..=0 } else { 0..=127 };
                check_range(place, "reward noted", &[reward.pending], &pending)?;
                let noted = [u8::from(reward.has_spiked)];
                check_range(
                    place,
                    "spike of the reward source noted",
                    &noted,
                    &(0..=*pending.end().min(&1)),
                )
            }
            (None, None) => Ok(()),
            (found, _) => Err(StateError::Reward { place: place.clone(), found: found.is_some() }),
        }
    }
}

fn check_length(
    place: &Place,
    quantity: &'static str,
    found: usize,
    expected: usize,
) -> Result<(), StateError> {
    if found == expected {
        return Ok(());
    }
    Err(StateError::Length { place: place.clone(), quantity, found, expected })
}

fn check_range<T: Copy + PartialOrd + Into<i64>>(
    place: &Place,
    quantity: &'static str,
    values: &[T],
    range: &RangeInclusive<T>,
) -> Result<(), StateError> {
    let Some(idx) = values.iter().position(|value| !range.contains(value)) else { return Ok(()) };
    let (found, min, max) = (values[idx].into(), (*range.start()).into(), (*range.end()).into());
    Err(StateError::Range { place: place.clone(), quantity, idx, found, min, max })
}
