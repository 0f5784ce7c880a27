//! The input of one step of a population without memory, kept as it arrived.
//!
//! Input arrives as a charge for everyone (a gate), as a charge for a set of neurons (a relay), as sums of a matrix
//! that the matrix keeps, or as sums of its own. Only what a step needs of it is ever worked out.

use crate::matrix::{Delivered, Matrix};
use crate::spikes;

/// The input of one step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inbox {
    /// The step it is for; what it holds is of no meaning in any other.
    step: u64,
    /// Charge for every neuron.
    uniform: i32,
    terms: Vec<Term>,
    /// Terms in use; those behind are kept for their memory.
    n_terms: usize,
    dense: Vec<DenseTerm>,
    /// Sums of its own, one per neuron; all 0 unless `has_sums`.
    sums: Vec<i32>,
    has_sums: bool,
}

/// A charge for a set of neurons.
#[derive(Clone, Debug, Default)]
pub(crate) struct Term {
    pub(crate) charge: i32,
    pub(crate) words: Vec<u64>,
}

/// Sums that a matrix keeps.
#[derive(Clone, Copy, Debug)]
struct DenseTerm {
    matrix: usize,
    sum: usize,
}

impl Inbox {
    /// The inbox of `step`, emptied if it was that of an earlier one.
    pub(crate) fn open(&mut self, step: u64) -> &mut Self {
        if self.step != step {
            self.step = step;
            self.uniform = 0;
            self.n_terms = 0;
            self.dense.clear();
            if self.has_sums {
                self.sums.fill(0);
                self.has_sums = false;
            }
        }
        self
    }

    pub(crate) const fn is_for(&self, step: u64) -> bool {
        self.step == step
    }

    pub(crate) const fn add_uniform(&mut self, charge: i32) {
        // Lowering has made sure that the magnitudes of all charges onto a neuron add up to 31 bits.
        self.uniform += charge;
    }

    pub(crate) fn add_term(&mut self, charge: i32, words: &[u64]) {
        if self.n_terms == self.terms.len() {
            self.terms.push(Term::default());
        }
        let term = &mut self.terms[self.n_terms];
        term.charge = charge;
        term.words.clear();
        term.words.extend_from_slice(words);
        self.n_terms += 1;
    }

    pub(crate) fn add_dense(&mut self, matrix: usize, sum: usize) {
        self.dense.push(DenseTerm { matrix, sum });
    }

    /// Sums to be added to, one per neuron.
    pub(crate) fn sums(&mut self, n_neurons: usize) -> &mut [i32] {
        self.sums.resize(n_neurons, 0);
        self.has_sums = true;
        &mut self.sums
    }

    /// Adds what matrices keep to sums of its own. Of an inbox of an earlier step, which nobody reads, that makes
    /// no difference.
    pub(crate) fn settle(&mut self, matrices: &[Matrix], n_neurons: usize) {
        if self.dense.is_empty() {
            return;
        }
        self.sums.resize(n_neurons, 0);
        for term in self.dense.drain(..) {
            let matrix = &matrices[term.matrix];
            let sums = &matrix.delivered(term.sum).sums[..n_neurons];
            crate::kernel::add_shifted(&mut self.sums, sums, matrix.charge_shift());
        }
        self.has_sums = true;
    }

    pub(crate) const fn uniform(&self) -> i32 {
        self.uniform
    }

    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms[..self.n_terms]
    }

    /// The sums that matrices keep, with the power of two to units of charge.
    pub(crate) fn dense<'a>(
        &'a self,
        matrices: &'a [Matrix],
    ) -> impl ExactSizeIterator<Item = (Delivered<'a>, u32)> {
        self.dense.iter().map(|term| {
            let matrix = &matrices[term.matrix];
            (matrix.delivered(term.sum), matrix.charge_shift())
        })
    }

    /// Bounds of the input of every neuron; `None` if they are not known.
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

    /// The input of every neuron, worked out.
    pub(crate) fn expand(&self, matrices: &[Matrix], n_neurons: usize, input: &mut Vec<i32>) {
        input.clear();
        if self.has_sums {
            input.extend(self.sums.iter().map(|&sum| sum + self.uniform));
        } else {
            input.resize(n_neurons, self.uniform);
        }
        for (Delivered { sums, .. }, shift) in self.dense(matrices) {
            crate::kernel::add_shifted(input, &sums[..n_neurons], shift);
        }
        for term in self.terms() {
            spikes::for_each(&term.words, |neuron| input[neuron as usize] += term.charge);
        }
    }
}
