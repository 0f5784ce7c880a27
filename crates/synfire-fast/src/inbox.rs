//! The input of one step of a population without memory, kept as it arrived.
//!
//! Input arrives as a charge for everyone (a gate), as a charge for a set of neurons (a relay), as sums that a matrix
//! keeps, or as sums of its own. Only what a step needs of it is ever worked out. An inbox fills one cache line; what
//! does not fit is added up at once.

use crate::fired::{self, Fired};
use crate::kernel;
use crate::matrix::{Delivered, Matrix};

/// Sets of neurons that an inbox refers to.
pub(crate) const MOST_TERMS: usize = 4;
const MOST_DENSE: usize = 2;

/// The input of one step.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(crate) struct Inbox {
    /// The step it is for; what it holds is of no meaning in any other.
    step: u64,
    /// Charge for every neuron.
    uniform: i32,
    n_terms: u8,
    n_dense: u8,
    has_sums: bool,
    terms: [Term; MOST_TERMS],
    dense: [DenseTerm; MOST_DENSE],
}

/// A charge for a set of neurons.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Term {
    pub(crate) charge: i32,
    /// Where the set is.
    pub(crate) place: u32,
}

/// Sums that a matrix keeps.
#[derive(Clone, Copy, Debug, Default)]
struct DenseTerm {
    matrix: u32,
    sum: u32,
}

/// The inboxes of a population, and sums of their own for those that need them.
#[derive(Clone, Debug)]
pub(crate) struct Inboxes {
    n_neurons: usize,
    boxes: Vec<Inbox>,
    /// One row per inbox, as soon as any needs it; all 0 unless its inbox has sums.
    sums: Vec<i32>,
}

impl Inboxes {
    /// So many inboxes, a power of two.
    pub(crate) fn new(n_neurons: usize, n_inboxes: usize) -> Self {
        let boxes = vec![Inbox::default(); n_inboxes.next_power_of_two()];
        Self { n_neurons, boxes, sums: Vec::new() }
    }

    #[expect(clippy::cast_possible_truncation, reason = "an index below 64")]
    #[inline(always)]
    fn place(&self, step: u64) -> usize {
        step as usize & (self.boxes.len() - 1)
    }

    /// The inbox of a step, emptied if it was that of an earlier one.
    #[inline(always)]
    pub(crate) fn open(&mut self, step: u64) -> &mut Inbox {
        let place = self.place(step);
        if self.boxes[place].step != step {
            if self.boxes[place].has_sums {
                self.sums[place * self.n_neurons..][..self.n_neurons].fill(0);
            }
            let inbox = &mut self.boxes[place];
            inbox.step = step;
            inbox.uniform = 0;
            (inbox.n_terms, inbox.n_dense, inbox.has_sums) = (0, 0, false);
        }
        &mut self.boxes[place]
    }

    /// The inbox of a step, if anything arrived for it.
    pub(crate) fn get(&self, step: u64) -> Option<&Inbox> {
        Some(&self.boxes[self.place(step)]).filter(|inbox| inbox.step == step)
    }

    /// Forgets all input.
    pub(crate) fn forget(&mut self) {
        self.boxes.fill(Inbox::default());
        self.sums.fill(0);
    }

    /// Steps ahead in which input can arrive.
    pub(crate) fn reach(&self) -> u8 {
        // At most 64 boxes.
        u8::try_from(self.boxes.len() - 1).unwrap_or(u8::MAX)
    }

    #[inline(always)]
    pub(crate) fn add_uniform(&mut self, step: u64, charge: i32) {
        // Lowering has made sure that the magnitudes of all charges onto a neuron add up to 31 bits.
        self.open(step).uniform += charge;
    }

    /// Adds a charge for the set of neurons at a place.
    #[inline(always)]
    pub(crate) fn add_term(&mut self, step: u64, term: Term, fired: &Fired) {
        let inbox = self.open(step);
        let n_terms = usize::from(inbox.n_terms);
        if let Some(free) = inbox.terms.get_mut(n_terms) {
            *free = term;
            inbox.n_terms += 1;
        } else {
            let words = fired.words_at(term.place, self.n_neurons);
            let sums = self.sums(step);
            fired::for_each(words, |neuron| sums[neuron as usize] += term.charge);
        }
    }

    /// Adds sums that a matrix keeps until the step after the next.
    #[inline(always)]
    pub(crate) fn add_dense(&mut self, step: u64, matrix: usize, sum: usize, matrices: &[Matrix]) {
        let inbox = self.open(step);
        let n_dense = usize::from(inbox.n_dense);
        if let Some(free) = inbox.dense.get_mut(n_dense) {
            // There are fewer matrices than projections, whose ids have 32 bits.
            #[expect(clippy::cast_possible_truncation, reason = "see above")]
            let term = DenseTerm { matrix: matrix as u32, sum: sum as u32 };
            *free = term;
            inbox.n_dense += 1;
        } else {
            let matrix = &matrices[matrix];
            let sums = self.sums(step);
            kernel::add_shifted(sums, matrix.delivered(sum).sums, matrix.charge_shift());
        }
    }

    /// Sums to be added to, one per neuron.
    pub(crate) fn sums(&mut self, step: u64) -> &mut [i32] {
        if self.sums.is_empty() {
            self.sums.resize(self.boxes.len() * self.n_neurons, 0);
        }
        self.open(step).has_sums = true;
        let start = self.place(step) * self.n_neurons;
        &mut self.sums[start..start + self.n_neurons]
    }

    /// Adds what matrices keep to sums of its own, for all inboxes; of one of an earlier step, which nobody reads, that
    /// makes no difference.
    pub(crate) fn settle(&mut self, matrices: &[Matrix]) {
        for place in 0..self.boxes.len() {
            let Inbox { step, dense, n_dense, .. } = self.boxes[place];
            self.boxes[place].n_dense = 0;
            for term in &dense[..usize::from(n_dense)] {
                let matrix = &matrices[term.matrix as usize];
                let sums = self.sums(step);
                let delivered = matrix.delivered(term.sum as usize);
                kernel::add_shifted(sums, delivered.sums, matrix.charge_shift());
            }
        }
    }

    /// The input of every neuron in a step, worked out.
    pub(crate) fn expand(
        &self,
        step: u64,
        matrices: &[Matrix],
        fired: &Fired,
        input: &mut Vec<i32>,
    ) {
        input.clear();
        let Some(inbox) = self.get(step) else {
            input.resize(self.n_neurons, 0);
            return;
        };
        if inbox.has_sums {
            input.extend_from_slice(
                &self.sums[self.place(step) * self.n_neurons..][..self.n_neurons],
            );
            kernel::add_uniform(input, inbox.uniform);
        } else {
            input.resize(self.n_neurons, inbox.uniform);
        }
        for (delivered, shift) in inbox.dense(matrices) {
            kernel::add_shifted(input, delivered.sums, shift);
        }
        for term in inbox.terms() {
            let words = fired.words_at(term.place, self.n_neurons);
            fired::for_each(words, |neuron| input[neuron as usize] += term.charge);
        }
    }
}

impl Inbox {
    pub(crate) const fn uniform(&self) -> i32 {
        self.uniform
    }

    #[inline(always)]
    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms[..usize::from(self.n_terms)]
    }

    pub(crate) fn n_dense(&self) -> usize {
        self.n_dense.into()
    }

    /// The sums that matrices keep, with the power of two to units of charge.
    #[inline(always)]
    pub(crate) fn dense<'a>(
        &'a self,
        matrices: &'a [Matrix],
    ) -> impl Iterator<Item = (Delivered<'a>, u32)> {
        self.dense[..usize::from(self.n_dense)].iter().map(|term| {
            let matrix = &matrices[term.matrix as usize];
            (matrix.delivered(term.sum as usize), matrix.charge_shift())
        })
    }

    /// Bounds of the input of every neuron; `None` if they are not known.
    #[inline(always)]
    pub(crate) fn bounds(&self, matrices: &[Matrix]) -> Option<(i64, i64)> {
        if self.has_sums {
            return None;
        }
        let start = i64::from(self.uniform);
        let (mut low, mut high) = (start, start);
        for term in self.terms() {
            low += i64::from(term.charge.min(0));
            high += i64::from(term.charge.max(0));
        }
        for (Delivered { min, max, .. }, shift) in self.dense(matrices) {
            low += i64::from(min) << shift;
            high += i64::from(max) << shift;
        }
        Some((low, high))
    }
}
