//! Compartments with a memory: currents and voltages that decay, and noise.
//!
//! All of them are stepped at once, in lanes, from one set of arrays to another. A step without input that changed
//! nothing at all, with nobody spiking and no noise, has found the state in which the population rests: the
//! steps after it
//! are left out until input comes. Where a step may have left a register, and where noise is drawn, the scalar
//! definition decides.

use crate::kernel::{self, States, StepParameters};
use synfire_loihi::axon::Accumulators;
use synfire_loihi::compartment::noise_charge;
use synfire_loihi::random::Words;
use synfire_loihi::{Compartment, CompartmentConfig, CompartmentGroup};
use synfire_net::{FaultKind, LayerState};

#[derive(Clone, Debug)]
pub(crate) struct Leaky {
    config: CompartmentConfig,
    parameters: StepParameters,
    states: States,
    /// Where the next states are written.
    next: States,
    fired: Vec<u8>,
    slots: Accumulators,
    /// Where noise is drawn from, if there is any.
    words: Option<Words>,
    /// Without input the next step would change nothing.
    is_resting: bool,
}

impl Leaky {
    pub(crate) fn new(group: &CompartmentGroup, words: Option<Words>) -> Self {
        let n_neurons = group.n_compartments as usize;
        let zeros = || vec![0; n_neurons];
        let states = States { current: zeros(), voltage: zeros(), held: zeros() };
        Self {
            config: group.config,
            parameters: StepParameters::new(&group.config),
            next: states.clone(),
            states,
            fired: vec![0; n_neurons.next_multiple_of(64)],
            slots: Accumulators::new(n_neurons, group.n_accumulators),
            words,
            is_resting: false,
        }
    }

    pub(crate) const fn is_resting(&self) -> bool {
        self.is_resting
    }

    /// The input, in units of charge, of a step that is not over.
    pub(crate) fn input(&mut self, step: u64) -> &mut [i32] {
        self.slots.take(step)
    }

    /// Writes who spikes in `step` into `words` and returns their number. If there is nobody, `words` may hold
    /// anything.
    /// `has_input` says whether any input arrived; sums that left a register are added to `faults`.
    #[inline(always)]
    pub(crate) fn update(
        &mut self,
        step: u64,
        has_input: bool,
        words: &mut [u64],
        faults: &mut Vec<(u32, FaultKind)>,
    ) -> u32 {
        if self.words.is_some() {
            return self.update_by_scalars(step, words, faults);
        }
        let input = self.slots.take(step);
        let Self { parameters, states, next, fired: bytes, .. } = self;
        let stepped = kernel::step(parameters, states, input, next, bytes);
        if stepped.has_fault {
            self.is_resting = false;
            return self.update_by_scalars(step, words, faults);
        }
        std::mem::swap(&mut self.states, &mut self.next);
        self.is_resting = !has_input && !stepped.has_changed;
        if has_input {
            input.fill(0);
        }
        if !stepped.has_changed {
            return 0;
        }
        let (wholes, _) = bytes.as_chunks::<64>();
        for (word, bytes) in words.iter_mut().zip(wholes) {
            *word = kernel::gathered(bytes);
        }
        words.iter().map(|word| word.count_ones()).sum()
    }

    fn update_by_scalars(
        &mut self,
        step: u64,
        words: &mut [u64],
        faults: &mut Vec<(u32, FaultKind)>,
    ) -> u32 {
        let config = self.config;
        words.fill(0);
        let mut n_fired = 0;
        for ((idx, neuron_idx), charge) in (0..).zip(0..).zip(self.slots.take(step)) {
            let charge = std::mem::take(charge);
            let mut state = self.states.get(idx);
            let outcome = match (config.noise, &mut self.words) {
                (Some(noise), Some(random)) => config.step_with_noise(
                    &mut state,
                    charge,
                    noise_charge(noise, random.word(step, idx)),
                ),
                _ => config.step(&mut state, charge),
            };
            self.states.set(idx, state);
            if outcome.limited {
                faults.extend(config.faults(outcome).map(|kind| (neuron_idx, kind)));
            }
            if outcome.spiked {
                words[idx / 64] |= 1 << (idx % 64);
                n_fired += 1;
            }
        }
        n_fired
    }

    /// Resets a neuron that sabotage makes spike.
    pub(crate) fn reset(&mut self, neuron: usize) {
        let mut state = self.states.get(neuron);
        self.config.reset(&mut state);
        self.states.set(neuron, state);
        self.is_resting = false;
    }

    /// The neurons after `step`, the last one.
    pub(crate) fn state(&self, step: u64) -> LayerState {
        let held = |&held: &i32| u8::try_from(held).unwrap_or(u8::MAX);
        LayerState {
            currents: self.currents(),
            voltages: self.voltages(),
            held: self.states.held.iter().map(held).collect(),
            in_flight: self.slots.in_flight(step),
        }
    }

    /// Stands where another one stood after `step`.
    pub(crate) fn take_over(&mut self, step: u64, state: &LayerState) {
        let values = state.currents.iter().zip(&state.voltages).zip(&state.held);
        for (idx, ((&current, &voltage), &held)) in values.enumerate() {
            self.states.set(idx, Compartment::of(current, voltage, held));
        }
        self.slots.take_over(step, &state.in_flight);
        self.is_resting = false;
    }

    pub(crate) fn currents(&self) -> Vec<i64> {
        self.states.current.iter().map(|&current| current.into()).collect()
    }

    pub(crate) fn voltages(&self) -> Vec<i64> {
        self.states.voltage.iter().map(|&voltage| voltage.into()).collect()
    }
}

impl States {
    fn get(&self, idx: usize) -> Compartment {
        let [current, voltage, held] = [self.current[idx], self.voltage[idx], self.held[idx]];
        // A refractory period has at most 63 steps.
        Compartment { current, voltage, held: u8::try_from(held).unwrap_or(u8::MAX) }
    }

    fn set(&mut self, idx: usize, Compartment { current, voltage, held }: Compartment) {
        (self.current[idx], self.voltage[idx], self.held[idx]) = (current, voltage, held.into());
    }
}
