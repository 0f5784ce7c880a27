//! Compartments that keep nothing from one step to the next but whether they are held: both decays are 4096 and
//! there is no noise.
//!
//! The input of a step alone decides who spikes: current and voltage are functions of it and are worked out only for
//! who asks. A step without input is no work. Where bounds of the input prove that nobody can spike and nothing
//! can wrap, nothing is worked out either; input made of a few charges for sets of neurons is decided set by set.

use crate::fired::{self, Fired};
use crate::inbox::{Inbox, Inboxes};
use crate::kernel;
use crate::matrix::Matrix;
use synfire_loihi::fixed::wrap;
use synfire_loihi::limits::INPUT_BITS;
use synfire_loihi::{CompartmentConfig, CompartmentGroup};
use synfire_net::{Decay, FaultKind, InFlight, LayerId, LayerState};

/// Terms of an inbox that are decided set by set: 8 cases.
const MOST_SETS: usize = 3;

/// Inputs that do not wrap.
const INPUT_RANGE: std::ops::RangeInclusive<i64> = -(1 << INPUT_BITS)..=(1 << INPUT_BITS) - 1;

#[derive(Clone, Debug)]
pub(crate) struct Memoryless {
    layer: LayerId,
    n_neurons: usize,
    /// A neuron that is not held spikes if its input, wrapped, is above this.
    limit: i32,
    /// Steps that a spike holds.
    hold: u64,
    inboxes: Inboxes,
    cold: Box<Cold>,
}

/// What is seldom needed.
#[derive(Clone, Debug)]
struct Cold {
    config: CompartmentConfig,
    /// Neurons that sabotage made lose a spike: they are held without having been heard.
    dropped: Vec<(u64, u32)>,
    input: Vec<i32>,
}

/// What an update needs of the engine.
pub(crate) struct Surroundings<'a> {
    pub(crate) matrices: &'a [Matrix],
    pub(crate) fired: &'a Fired,
}

impl Memoryless {
    /// `None` if the compartments have a memory or noise.
    pub(crate) fn new(layer: LayerId, group: &CompartmentGroup) -> Option<Self> {
        let config = group.config;
        let is_memoryless = (config.current_decay, config.voltage_decay)
            == (Decay::CLEAR, Decay::CLEAR)
            && config.noise.is_none();
        let threshold = config.threshold.charge();
        // Below the ceiling the clamp does not decide, as no floor is above a threshold; with a ceiling at or below the
        // threshold nothing ever spikes.
        let limit = if config.voltage_limits.max() > threshold {
            threshold - config.bias.charge()
        } else {
            i32::MAX
        };
        let n_neurons = group.n_compartments as usize;
        is_memoryless.then(|| Self {
            layer,
            n_neurons,
            limit,
            hold: u64::from(config.refractory.get()) - 1,
            inboxes: Inboxes::new(n_neurons, group.n_accumulators.into()),
            cold: Box::new(Cold { config, dropped: Vec::new(), input: Vec::new() }),
        })
    }

    /// Whether neurons spike without input.
    pub(crate) const fn is_restless(&self) -> bool {
        self.limit < 0
    }

    /// Where input arrives.
    #[inline(always)]
    pub(crate) const fn inboxes(&mut self) -> &mut Inboxes {
        &mut self.inboxes
    }

    /// Writes who spikes in `step` into `words` and returns their number. If there is nobody, `words` may hold
    /// anything.
    /// Inputs that wrapped are added to `wrapped`.
    #[inline(always)]
    pub(crate) fn update(
        &mut self,
        step: u64,
        surroundings: &Surroundings<'_>,
        words: &mut [u64],
        wrapped: &mut Vec<(u32, FaultKind)>,
    ) -> u32 {
        let &Surroundings { matrices, fired } = surroundings;
        let limit = self.limit;
        let inbox = self.inboxes.open(step);
        let bounds = inbox.bounds(matrices);
        let can_wrap = bounds
            .is_none_or(|(low, high)| !INPUT_RANGE.contains(&low) || !INPUT_RANGE.contains(&high));
        if !can_wrap && bounds.is_some_and(|(_, high)| high <= i64::from(limit)) {
            return 0;
        }
        match (can_wrap, inbox.n_dense(), inbox.terms().len()) {
            (false, 0, 0..=MOST_SETS) => by_sets(inbox, limit, fired, self.n_neurons, words),
            (false, 1, 0) => {
                if let Some((delivered, shift)) = inbox.dense(matrices).next() {
                    // Both sides are multiples of the power of two, or the limit lies between two of them.
                    let limit = (limit.saturating_sub(inbox.uniform())) >> shift;
                    let sums = &delivered.sums[..self.n_neurons];
                    kernel::above(sums, limit, words);
                }
            }
            _ => {
                self.inboxes.expand(step, matrices, fired, &mut self.cold.input);
                let input = &mut self.cold.input;
                if can_wrap {
                    for (neuron_idx, charge) in (0..).zip(input.iter_mut()) {
                        let exact = *charge;
                        *charge = wrap(exact, INPUT_BITS);
                        if *charge != exact {
                            let kind = FaultKind::InputWrapped { charge: exact.into() };
                            wrapped.push((neuron_idx, kind));
                        }
                    }
                }
                kernel::above(input, limit, words);
            }
        }
        if self.hold > 0 {
            fired.held(self.layer, step, self.hold, false, |held| {
                words.iter_mut().zip(held).for_each(|(word, held)| *word &= !held);
            });
            for &(dropped_step, neuron) in &self.cold.dropped {
                if dropped_step < step && dropped_step + self.hold >= step {
                    words[neuron as usize / 64] &= !(1 << (neuron % 64));
                }
            }
        }
        if let Some(last) = words.last_mut() {
            *last &= fired::last_word(self.n_neurons);
        }
        words.iter().map(|word| word.count_ones()).sum()
    }

    /// Takes note of a spike that sabotage made get lost.
    pub(crate) fn drop_spike(&mut self, step: u64, neuron: u32) {
        self.cold.dropped.push((step, neuron));
    }

    /// Works out input that refers to sums of matrices.
    pub(crate) fn settle(&mut self, matrices: &[Matrix]) {
        self.inboxes.settle(matrices);
    }

    /// The currents after `step`, the last one.
    pub(crate) fn currents(&self, step: u64, matrices: &[Matrix], fired: &Fired) -> Vec<i64> {
        self.held_currents(step, matrices, fired).into_iter().map(i64::from).collect()
    }

    /// The voltages after `step`, the last one.
    pub(crate) fn voltages(&self, step: u64, matrices: &[Matrix], fired: &Fired) -> Vec<i64> {
        if step == 0 {
            return vec![0; self.n_neurons];
        }
        let limits = self.cold.config.voltage_limits;
        let mut voltages: Vec<i64> = self
            .held_currents(step, matrices, fired)
            .into_iter()
            .map(|current| current + self.cold.config.bias.charge())
            .map(|voltage| voltage.max(limits.min()).min(limits.max()).into())
            .collect();
        fired.held(self.layer, step, self.hold, true, |words| {
            fired::for_each(words, |neuron| voltages[neuron as usize] = 0);
        });
        for &(dropped_step, neuron) in &self.cold.dropped {
            if dropped_step <= step && dropped_step + self.hold >= step {
                voltages[neuron as usize] = 0;
            }
        }
        voltages
    }

    /// The neurons after `step`, the last one.
    pub(crate) fn state(&self, step: u64, matrices: &[Matrix], fired: &Fired) -> LayerState {
        let mut held = vec![0; self.n_neurons];
        // Who spiked in a step is held for some steps after it. Later spikes come first and count.
        for (spiked, words) in fired.recent(self.layer, step, self.hold) {
            fired::for_each(words, |neuron| self.hold_on(&mut held, step, spiked, neuron));
        }
        for &(spiked, neuron) in &self.cold.dropped {
            self.hold_on(&mut held, step, spiked, neuron);
        }
        let mut input = Vec::new();
        let in_flight = (1..=self.inboxes.reach()).flat_map(|steps| {
            let arrival = step + u64::from(steps);
            input.clear();
            if self.inboxes.get(arrival).is_some() {
                self.inboxes.expand(arrival, matrices, fired, &mut input);
            }
            let sums = (0..).zip(&input).filter(|&(_, &charge)| charge != 0);
            let charges = sums.map(|(neuron_idx, &charge)| InFlight {
                steps,
                neuron_idx,
                charge: charge.into(),
            });
            charges.collect::<Vec<_>>()
        });
        let in_flight = in_flight.collect();
        LayerState {
            currents: self.currents(step, matrices, fired),
            voltages: self.voltages(step, matrices, fired),
            held,
            in_flight,
        }
    }

    /// Takes note that a neuron spiked in an earlier step.
    fn hold_on(&self, held: &mut [u8], step: u64, spiked: u64, neuron: u32) {
        // At most 62, a refractory period less one.
        let left = u8::try_from((spiked + self.hold).saturating_sub(step)).unwrap_or(u8::MAX);
        let held = &mut held[neuron as usize];
        *held = left.max(*held);
    }

    /// Stands where another one stood after `step`: input becomes sums of its own, and whoever is held, or has voltage
    /// 0 for having spiked or been held, spiked as long ago as that takes. `words` is scratch.
    pub(crate) fn take_over(
        &mut self,
        step: u64,
        state: &LayerState,
        fired: &mut Fired,
        words: &mut [u64],
    ) {
        self.cold.dropped.clear();
        self.inboxes.forget();
        if state.currents.iter().any(|&current| current != 0) {
            for (sum, &current) in self.inboxes.sums(step).iter_mut().zip(&state.currents) {
                *sum = narrow(current);
            }
        }
        for &InFlight { steps, neuron_idx, charge } in &state.in_flight {
            let arrival = step + u64::from(steps);
            self.inboxes.sums(arrival)[neuron_idx as usize] = narrow(charge);
        }
        for spiked in step.saturating_sub(self.hold).max(1)..=step {
            let left = spiked + self.hold - step;
            words.fill(0);
            let mut n_fired = 0;
            for (neuron, (&held, &voltage)) in state.held.iter().zip(&state.voltages).enumerate() {
                if u64::from(held) == left && (left > 0 || voltage == 0) {
                    words[neuron / 64] |= 1 << (neuron % 64);
                    n_fired += 1;
                }
            }
            if n_fired > 0 {
                fired.note(self.layer, spiked, words, n_fired);
            }
        }
    }

    fn held_currents(&self, step: u64, matrices: &[Matrix], fired: &Fired) -> Vec<i32> {
        let mut input = vec![0; self.n_neurons];
        if step > 0 {
            self.inboxes.expand(step, matrices, fired, &mut input);
        }
        for charge in &mut input {
            *charge = wrap(*charge, INPUT_BITS);
        }
        input
    }
}

/// A value that is known to fit a register.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
const fn narrow(value: i64) -> i32 {
    value as i32
}

/// Decides for each set of neurons that get the same charges whether they spike.
#[inline(always)]
fn by_sets(inbox: &Inbox, limit: i32, fired: &Fired, n_neurons: usize, words: &mut [u64]) {
    let base = inbox.uniform();
    // All bits if the neurons of the sets named by the bits of `case` spike.
    let spike = |charge: i32| if charge > limit { u64::MAX } else { 0 };
    match *inbox.terms() {
        [] => words.fill(spike(base)),
        [a] => {
            let [none, with] = [spike(base), spike(base + a.charge)];
            for (word, a) in words.iter_mut().zip(fired.words_at(a.place, n_neurons)) {
                *word = (with & a) | (none & !a);
            }
        }
        [a, b] => {
            let none = spike(base);
            let [only_a, only_b] = [a, b].map(|term| spike(base + term.charge));
            let both = spike(base + a.charge + b.charge);
            let sets = [a, b].map(|term| fired.words_at(term.place, n_neurons));
            for (word, (a, b)) in words.iter_mut().zip(sets[0].iter().zip(sets[1])) {
                *word = (both & a & b) | (only_a & a & !b) | (only_b & !a & b) | (none & !a & !b);
            }
        }
        ref terms => {
            words.fill(0);
            for case in 0..1_usize << terms.len() {
                let has = |place: usize| case >> place & 1 == 1;
                let charges = (0..).zip(terms).filter(|(place, _)| has(*place));
                let charge = base + charges.map(|(_, term)| term.charge).sum::<i32>();
                if charge <= limit {
                    continue;
                }
                for (word_idx, word) in words.iter_mut().enumerate() {
                    let mut set = u64::MAX;
                    for (place, term) in (0..).zip(terms) {
                        let member = fired.words_at(term.place, n_neurons)[word_idx];
                        set &= if has(place) { member } else { !member };
                    }
                    *word |= set;
                }
            }
        }
    }
}
