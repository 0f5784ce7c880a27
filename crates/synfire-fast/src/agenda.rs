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

    pub(crate) fn is_due(&self, step: u64, layer: LayerId) -> bool {
        self.due[self.start(step) + layer.index() / 64] >> (layer.index() % 64) & 1 == 1
    }

    /// Layers with something to do in a step.
    pub(crate) fn at<'a>(&'a self, step: u64) -> impl Iterator<Item = u64> + 'a {
        let start = self.start(step);
        self.due[start..start + self.n_words].iter().zip(&self.always).map(|(due, kept)| due | kept)
    }

    /// A step is over: what is noted from here on is for the one 64 steps later.
    pub(crate) fn clear(&mut self, step: u64) {
        let start = self.start(step);
        self.due[start..start + self.n_words].fill(0);
    }

    #[expect(clippy::cast_possible_truncation, reason = "below 64")]
    const fn start(&self, step: u64) -> usize {
        (step % STEPS) as usize * self.n_words
    }
}
