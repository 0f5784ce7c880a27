//! The compartments or sources of one layer while a program runs: state, slots and spikes of a step.

use super::connection::Spiked;
use crate::axon::Accumulators;
use crate::compartment::{Compartment, CompartmentConfig, Outcome, noise_charge};
use crate::program::CompartmentGroup;
use crate::random::{Purpose, Words};
use synfire_net::{Decay, FaultKind, LayerId, LayerState, Noise, StepError};

/// One layer. Sources have spikes only.
#[derive(Clone, Debug)]
pub(super) struct Population {
    compartments: Option<Compartments>,
    /// Whether each neuron spiked in the last step.
    has_spiked: Vec<bool>,
    /// Those that did, ascending.
    spikes: Vec<u32>,
    /// Outcomes of the last step in which a limit took effect.
    limited: Vec<(u32, Outcome)>,
}

#[derive(Clone, Debug)]
struct Compartments {
    config: CompartmentConfig,
    states: Vec<Compartment>,
    slots: Accumulators,
    /// Where noise is drawn from, if there is any.
    noise: Option<Words>,
}

impl Population {
    pub(super) fn new(
        seed: u64,
        layer: LayerId,
        n_neurons: u32,
        group: Option<&CompartmentGroup>,
    ) -> Self {
        let n_neurons = n_neurons as usize;
        #[expect(clippy::cast_possible_truncation, reason = "ids are 32 bits wide")]
        let place = layer.index() as u32;
        let compartments = group.map(|group| Compartments {
            config: group.config,
            states: vec![Compartment::default(); n_neurons],
            slots: Accumulators::new(n_neurons, group.n_accumulators),
            noise: group.config.noise.map(|_| Words::new(seed, Purpose::Noise, place)),
        });
        Self {
            compartments,
            has_spiked: vec![false; n_neurons],
            spikes: Vec::new(),
            limited: Vec::new(),
        }
    }

    /// Forgets the spikes of the step before and updates every compartment.
    ///
    /// # Errors
    /// What `fault` returns.
    pub(super) fn update(
        &mut self,
        step: u64,
        mut fault: impl FnMut(u32, FaultKind) -> Result<(), StepError>,
    ) -> Result<(), StepError> {
        for neuron_idx in self.spikes.drain(..) {
            self.has_spiked[neuron_idx as usize] = false;
        }
        let Some(compartments) = &mut self.compartments else { return Ok(()) };
        let config = compartments.config;
        // Faults are reported behind the loop, so that it holds nothing but arithmetic.
        self.limited.clear();
        compartments.update(step, |neuron_idx, outcome| {
            if outcome.limited {
                self.limited.push((neuron_idx, outcome));
            }
            if outcome.spiked {
                self.has_spiked[neuron_idx as usize] = true;
                self.spikes.push(neuron_idx);
            }
        });
        for &(neuron_idx, outcome) in &self.limited {
            for kind in config.faults(outcome) {
                fault(neuron_idx, kind)?;
            }
        }
        Ok(())
    }

    /// Sources spike, ascending.
    pub(super) fn spike_sources(&mut self, sources: impl Iterator<Item = u32>) {
        for source_idx in sources {
            self.has_spiked[source_idx as usize] = true;
            self.spikes.push(source_idx);
        }
    }

    /// Sabotage: the spike gets lost, the neuron stays reset.
    pub(super) fn drop_spike(&mut self, neuron_idx: u32) {
        if let Ok(place) = self.spikes.binary_search(&neuron_idx) {
            self.spikes.remove(place);
            self.has_spiked[neuron_idx as usize] = false;
        }
    }

    /// Sabotage: the neuron spikes, held or not, and is reset.
    pub(super) fn add_spike(&mut self, neuron_idx: u32) {
        if let Some(has_spiked) = self.has_spiked.get_mut(neuron_idx as usize)
            && let Err(place) = self.spikes.binary_search(&neuron_idx)
        {
            *has_spiked = true;
            self.spikes.insert(place, neuron_idx);
            if let Some(Compartments { config, states, .. }) = &mut self.compartments {
                config.reset(&mut states[neuron_idx as usize]);
            }
        }
    }

    /// The neurons that spiked in the last step, ascending.
    pub(super) fn spikes(&self) -> &[u32] {
        &self.spikes
    }

    pub(super) fn spiked(&self) -> Spiked<'_, impl Fn(u32) -> bool> {
        Spiked { neurons: &self.spikes, has: |neuron_idx| self.has_spiked[neuron_idx as usize] }
    }

    /// Takes the list of spikes out until [`Population::return_spikes`].
    pub(super) fn lend_spikes(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.spikes)
    }

    pub(super) fn return_spikes(&mut self, spikes: Vec<u32>) {
        self.spikes = spikes;
    }

    /// Where input for later steps is added; none for sources, onto which nothing projects.
    pub(super) fn slots(&mut self) -> Option<&mut Accumulators> {
        self.compartments.as_mut().map(|compartments| &mut compartments.slots)
    }

    pub(super) fn currents(&self) -> Vec<i64> {
        self.states().map(|state| state.current.into()).collect()
    }

    pub(super) fn voltages(&self) -> Vec<i64> {
        self.states().map(|state| state.voltage.into()).collect()
    }

    /// The neurons after `step`; nothing for sources.
    pub(super) fn state(&self, step: u64) -> LayerState {
        let Some(Compartments { states, slots, .. }) = &self.compartments else {
            return LayerState::default();
        };
        LayerState {
            currents: self.currents(),
            voltages: self.voltages(),
            held: states.iter().map(|state| state.held).collect(),
            in_flight: slots.in_flight(step),
        }
    }

    /// Stands where another one stood after `step`, with nobody having spiked since.
    pub(super) fn take_over(&mut self, step: u64, state: &LayerState) {
        self.has_spiked.fill(false);
        self.spikes.clear();
        let Some(Compartments { states, slots, .. }) = &mut self.compartments else { return };
        let values = state.currents.iter().zip(&state.voltages).zip(&state.held);
        for (compartment, ((&current, &voltage), &held)) in states.iter_mut().zip(values) {
            *compartment = Compartment::of(current, voltage, held);
        }
        slots.take_over(step, &state.in_flight);
    }

    fn states(&self) -> impl Iterator<Item = &Compartment> {
        self.compartments.iter().flat_map(|compartments| &compartments.states)
    }
}

impl Compartments {
    /// Steps every compartment and hands on what it did.
    fn update(&mut self, step: u64, heard: impl FnMut(u32, Outcome)) {
        let config = self.config;
        if let (Some(noise), Some(words)) = (config.noise, &mut self.noise) {
            let sums = self.slots.take(step);
            step_noisy(&config, noise, &mut self.states, sums, |idx| words.word(step, idx), heard);
            return;
        }
        let (current_decay, voltage_decay) = (Decay::CLEAR, Decay::CLEAR);
        if (config.current_decay, config.voltage_decay) == (current_decay, voltage_decay) {
            // The same loop, compiled once more with decays that are known: nothing is multiplied.
            let config = CompartmentConfig { current_decay, voltage_decay, ..config };
            step_all(&config, &mut self.states, self.slots.take(step), heard);
        } else {
            step_all(&config, &mut self.states, self.slots.take(step), heard);
        }
    }
}

fn step_noisy(
    config: &CompartmentConfig,
    noise: Noise,
    states: &mut [Compartment],
    sums: &mut [i32],
    mut word: impl FnMut(usize) -> u32,
    mut heard: impl FnMut(u32, Outcome),
) {
    for ((state, sum), neuron_idx) in states.iter_mut().zip(sums).zip(0..) {
        let charge = noise_charge(noise, word(neuron_idx as usize));
        let outcome = config.step_with_noise(state, std::mem::take(sum), charge);
        if outcome.limited || outcome.spiked {
            heard(neuron_idx, outcome);
        }
    }
}

#[inline(always)]
fn step_all(
    config: &CompartmentConfig,
    states: &mut [Compartment],
    sums: &mut [i32],
    mut heard: impl FnMut(u32, Outcome),
) {
    for ((state, sum), neuron_idx) in states.iter_mut().zip(sums).zip(0..) {
        let outcome = config.step(state, std::mem::take(sum));
        if outcome.limited || outcome.spiked {
            heard(neuron_idx, outcome);
        }
    }
}
