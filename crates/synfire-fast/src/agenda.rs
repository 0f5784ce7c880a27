//! Which layers have something to do in which step: small sets of layers, one per step to come.

use synfire_net::LayerId;

/// Steps ahead in which input can arrive: the longest delay and one.
const STEPS: u64 = 64;

#[derive(Clone, Debug)]
pub(crate) struct Agenda {
    n_words: usize,
    /// Layers with input, for each of the steps to come.
    due: Vec<u64>,
    /// Layers that are never left out.
    always: Vec<u64>,
}

impl Agenda {
    pub(crate) fn new(n_layers: usize) -> Self {
        let n_words = n_layers.div_ceil(64);
        Self { n_words, due: vec![0; n_words * 64], always: vec![0; n_words] }
    }

    /// Input arrives at a layer in a step.
    #[inline(always)]
    pub(crate) fn mark(&mut self, step: u64, layer: LayerId) {
        let start = self.start(step);
        self.due[start + layer.index() / 64] |= 1 << (layer.index() % 64);
    }

    /// Whether a layer is to be updated in every step, from now on.
    pub(crate) fn keep(&mut self, layer: LayerId, always: bool) {
        let word = &mut self.always[layer.index() / 64];
        let bit = 1 << (layer.index() % 64);
        *word = if always { *word | bit } else { *word & !bit };
    }

    /// Forgets all input.
    pub(crate) fn forget(&mut self) {
        self.due.fill(0);
    }

    pub(crate) fn is_due(&self, step: u64, layer: LayerId) -> bool {
        self.due[self.start(step) + layer.index() / 64] >> (layer.index() % 64) & 1 == 1
    }

    /// Words of a set of layers.
    pub(crate) const fn n_words(&self) -> usize {
        self.n_words
    }

    /// Layers with something to do in a step: layer k is bit k mod 64 of word k / 64.
    #[inline(always)]
    pub(crate) fn word(&self, step: u64, word_idx: usize) -> u64 {
        self.due[self.start(step) + word_idx] | self.always[word_idx]
    }

    /// A step is over: what is noted from here on is for the one 64 steps later.
    #[inline(always)]
    pub(crate) fn clear(&mut self, step: u64) {
        let start = self.start(step);
        self.due[start..start + self.n_words].fill(0);
    }

    #[inline(always)]
    const fn start(&self, step: u64) -> usize {
        (step % STEPS) as usize * self.n_words
    }
}
