//! Compartments that keep nothing from one step to the next but whether they are held: both decays are 4096 and
//! there is no noise.
//!
//! The input of a step alone decides who spikes: current and voltage are functions of it and are worked out only for
//! who asks. A step without input is no work. Where bounds of the input prove that nobody can spike and nothing
//! can wrap, nothing is worked out either; input made of a few charges for sets of neurons is decided set by set.

use crate::inbox::Inbox;
use crate::kernel;
use crate::lanes::Dispatch;
use crate::matrix::Matrix;
use crate::spikes::{self, Spikes};
use synfire_loihi::fixed::wrap;
use synfire_loihi::limits::INPUT_BITS;
use synfire_loihi::{CompartmentConfig, CompartmentGroup};
use synfire_net::{Decay, FaultKind, StepError};

/// Terms of an inbox that are decided set by set: 8 cases.
const MOST_SETS: usize = 3;

/// Inputs that do not wrap.
const INPUT_RANGE: std::ops::RangeInclusive<i64> = -(1 << INPUT_BITS)..=(1 << INPUT_BITS) - 1;

#[derive(Clone, Debug)]
pub(crate) struct Memoryless {
    n_neurons: usize,
    config: CompartmentConfig,
    /// A neuron that is not held spikes if its input, wrapped, is above this.
    limit: i32,
    inboxes: Vec<Inbox>,
    resets: Resets,
    input: Vec<i32>,
    /// Faults that are reported once everybody has been updated.
    wrapped: Vec<(u32, FaultKind)>,
}

/// Who was reset in which of the last steps, and hence is held.
#[derive(Clone, Debug, Default)]
struct Resets {
    /// Steps that a reset holds.
    hold: u64,
    latest: Vec<(u64, Vec<u64>)>,
}

impl Memoryless {
    /// `None` if the compartments have a memory or noise.
    pub(crate) fn new(group: &CompartmentGroup) -> Option<Self> {
        let config = group.config;
        let is_memoryless = (config.current_decay, config.voltage_decay)
            == (Decay::CLEAR, Decay::CLEAR)
            && config.noise.is_none();
        let threshold = config.threshold.charge();
        // Below the ceiling the clamp does not decide, as no floor is above a threshold; at or below the threshold
        // nothing ever spikes.
        let limit = if config.voltage_limits.max() > threshold {
            threshold - config.bias.charge()
        } else {
            i32::MAX
        };
        is_memoryless.then(|| Self {
            n_neurons: group.n_compartments as usize,
            config,
            limit,
            inboxes: vec![Inbox::default(); usize::from(group.n_accumulators)],
            resets: Resets { hold: u64::from(config.refractory.get()) - 1, latest: Vec::new() },
            input: Vec::new(),
            wrapped: Vec::new(),
        })
    }

    /// Whether neurons spike without input.
    pub(crate) const fn is_restless(&self) -> bool {
        self.limit < 0
    }

    /// The inbox of a step that is not over.
    #[expect(clippy::cast_possible_truncation, reason = "an index below 64")]
    pub(crate) fn inbox(&mut self, step: u64) -> &mut Inbox {
        let n_inboxes = self.inboxes.len() as u64;
        self.inboxes[(step % n_inboxes) as usize].open(step)
    }

    /// Writes who spikes in `step` into `fired`, which is empty.
    ///
    /// # Errors
    /// What `fault` returns.
    pub(crate) fn update(
        &mut self,
        step: u64,
        matrices: &[Matrix],
        dispatch: Dispatch,
        fired: &mut Spikes,
        mut fault: impl FnMut(u32, FaultKind) -> Result<(), StepError>,
    ) -> Result<(), StepError> {
        let limit = self.limit;
        #[expect(clippy::cast_possible_truncation, reason = "an index below 64")]
        let slot = (step % self.inboxes.len() as u64) as usize;
        let inbox = self.inboxes[slot].open(step);
        let bounds = inbox.bounds(matrices);
        let can_wrap = bounds
            .is_none_or(|(low, high)| !INPUT_RANGE.contains(&low) || !INPUT_RANGE.contains(&high));
        if !can_wrap && bounds.is_some_and(|(_, high)| high <= i64::from(limit)) {
            return Ok(());
        }
        let mut dense = inbox.dense(matrices);
        match (can_wrap, dense.len(), inbox.terms().len()) {
            (false, 0, 0..=MOST_SETS) => fired.rewrite(|words| by_sets(inbox, limit, words)),
            (false, 1, 0) => {
                if let Some((delivered, shift)) = dense.next() {
                    // Both sides are multiples of the power of two, or the limit lies between two of them.
                    let limit = (limit.saturating_sub(inbox.uniform())) >> shift;
                    let sums = &delivered.sums[..self.n_neurons];
                    fired.rewrite(|words| dispatch.run(|| kernel::above(sums, limit, words)));
                }
            }
            _ => {
                drop(dense);
                inbox.expand(matrices, self.n_neurons, &mut self.input);
                let input = &mut self.input;
                if can_wrap {
                    for (neuron_idx, charge) in (0..).zip(input.iter_mut()) {
                        let exact = *charge;
                        *charge = wrap(exact, INPUT_BITS);
                        if *charge != exact {
                            let kind = FaultKind::InputWrapped { charge: exact.into() };
                            self.wrapped.push((neuron_idx, kind));
                        }
                    }
                }
                fired.rewrite(|words| dispatch.run(|| kernel::above(input, limit, words)));
            }
        }
        if !fired.is_empty() {
            self.resets.free(step, fired);
            if !fired.is_empty() {
                self.resets.push(step, fired.words());
            }
        }
        self.wrapped.drain(..).try_for_each(|(neuron_idx, kind)| fault(neuron_idx, kind))
    }

    /// Works out input that refers to sums of matrices.
    pub(crate) fn settle(&mut self, matrices: &[Matrix]) {
        for inbox in &mut self.inboxes {
            inbox.settle(matrices, self.n_neurons);
        }
    }

    /// Resets a neuron that sabotage makes spike.
    pub(crate) fn reset(&mut self, step: u64, neuron: usize) {
        let mut words = vec![0; self.n_neurons.div_ceil(64)];
        words[neuron / 64] |= 1 << (neuron % 64);
        self.resets.push(step, &words);
    }

    /// The currents after `step`, the last one.
    pub(crate) fn currents(&self, step: u64, matrices: &[Matrix]) -> Vec<i64> {
        self.held_currents(step, matrices).into_iter().map(i64::from).collect()
    }

    /// The voltages after `step`, the last one.
    pub(crate) fn voltages(&self, step: u64, matrices: &[Matrix]) -> Vec<i64> {
        if step == 0 {
            return vec![0; self.n_neurons];
        }
        let limits = self.config.voltage_limits;
        let mut voltages: Vec<i64> = self
            .held_currents(step, matrices)
            .into_iter()
            .map(|current| current + self.config.bias.charge())
            .map(|voltage| voltage.max(limits.min()).min(limits.max()).into())
            .collect();
        for (reset_step, words) in &self.resets.latest {
            if reset_step + self.resets.hold >= step {
                spikes::for_each(words, |neuron| voltages[neuron as usize] = 0);
            }
        }
        voltages
    }

    fn held_currents(&self, step: u64, matrices: &[Matrix]) -> Vec<i32> {
        let mut input = Vec::new();
        #[expect(clippy::cast_possible_truncation, reason = "an index below 64")]
        let inbox = &self.inboxes[(step % self.inboxes.len() as u64) as usize];
        if step > 0 && inbox.is_for(step) {
            inbox.expand(matrices, self.n_neurons, &mut input);
        } else {
            input.resize(self.n_neurons, 0);
        }
        for charge in &mut input {
            *charge = wrap(*charge, INPUT_BITS);
        }
        input
    }
}

/// Decides for each set of neurons that get the same charges whether they spike.
#[inline]
fn by_sets(inbox: &Inbox, limit: i32, words: &mut [u64]) {
    let terms = inbox.terms();
    words.fill(0);
    for case in 0..1_usize << terms.len() {
        let has = |place: usize| case >> place & 1 == 1;
        let charges = (0..).zip(terms).filter(|(place, _)| has(*place));
        let charge = inbox.uniform() + charges.map(|(_, term)| term.charge).sum::<i32>();
        if charge <= limit {
            continue;
        }
        for (word_idx, word) in words.iter_mut().enumerate() {
            let mut set = u64::MAX;
            for (place, term) in (0..).zip(terms) {
                let member = term.words[word_idx];
                set &= if has(place) { member } else { !member };
            }
            *word |= set;
        }
    }
}

impl Resets {
    /// Removes those who are held in `step` from `fired`.
    fn free(&self, step: u64, fired: &mut Spikes) {
        for (reset_step, held) in &self.latest {
            // The neuron is held in the steps after its reset, not in the step itself.
            if *reset_step < step && reset_step + self.hold >= step {
                fired.rewrite(|words| {
                    for (word, held) in words.iter_mut().zip(held) {
                        *word &= !held;
                    }
                });
            }
        }
    }

    fn push(&mut self, step: u64, words: &[u64]) {
        // An entry that holds nobody any more is used again.
        let hold = self.hold;
        let old = self.latest.iter_mut().find(|(reset_step, _)| reset_step + hold < step);
        if let Some((reset_step, old)) = old {
            *reset_step = step;
            old.clear();
            old.extend_from_slice(words);
        } else {
            self.latest.push((step, words.to_vec()));
        }
    }
}
