//! Packed sets of neurons: neuron k is bit k mod 64 of word k / 64, bits beyond the layer are 0.

/// The neurons of a layer that spiked in a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spikes {
    words: Vec<u64>,
    n_neurons: usize,
    /// Number of bits set.
    n_spikes: usize,
}

impl Spikes {
    pub(crate) fn new(n_neurons: usize) -> Self {
        Self { words: vec![0; n_neurons.div_ceil(64)], n_neurons, n_spikes: 0 }
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) const fn len(&self) -> usize {
        self.n_spikes
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.n_spikes == 0
    }

    pub(crate) fn has(&self, neuron: usize) -> bool {
        has(&self.words, neuron)
    }

    pub(crate) fn clear(&mut self) {
        if self.n_spikes > 0 {
            self.words.fill(0);
            self.n_spikes = 0;
        }
    }

    /// Adds a neuron; one that does not exist, or is there already, changes nothing. Says whether it was added.
    pub(crate) fn insert(&mut self, neuron: usize) -> bool {
        let is_new = neuron < self.n_neurons && !self.has(neuron);
        if is_new {
            self.words[neuron / 64] |= 1 << (neuron % 64);
            self.n_spikes += 1;
        }
        is_new
    }

    /// Removes a neuron, if it is there.
    pub(crate) fn remove(&mut self, neuron: usize) {
        if neuron < self.n_neurons && self.has(neuron) {
            self.words[neuron / 64] &= !(1 << (neuron % 64));
            self.n_spikes -= 1;
        }
    }

    /// Lets `write` replace all words, of which bits beyond the layer are then cleared.
    pub(crate) fn rewrite(&mut self, write: impl FnOnce(&mut [u64])) {
        write(&mut self.words);
        let in_last_word = self.n_neurons % 64;
        if let Some(last) = self.words.last_mut().filter(|_| in_last_word > 0) {
            *last &= (1 << in_last_word) - 1;
        }
        self.n_spikes = count(&self.words);
    }

    /// Writes the neurons into `list`, ascending.
    pub(crate) fn list(&self, list: &mut Vec<u32>) {
        list.clear();
        for_each(&self.words, |neuron| list.push(neuron));
    }
}

pub(crate) fn has(words: &[u64], neuron: usize) -> bool {
    words[neuron / 64] >> (neuron % 64) & 1 == 1
}

pub(crate) fn count(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// Visits the set bits, ascending.
#[inline]
pub(crate) fn for_each(words: &[u64], mut visit: impl FnMut(u32)) {
    for (first, &word) in (0u32..).step_by(64).zip(words) {
        let mut rest = word;
        while rest != 0 {
            visit(first + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_neurons_of_the_layer_only() {
        for n_neurons in [1, 63, 64, 65, 130] {
            let mut spikes = Spikes::new(n_neurons);
            assert!(spikes.insert(n_neurons - 1));
            assert!(!spikes.insert(n_neurons - 1));
            assert!(!spikes.insert(n_neurons));
            assert_eq!(spikes.len(), 1);
            spikes.rewrite(|words| words.fill(u64::MAX));
            assert_eq!(spikes.len(), n_neurons);
            let mut list = Vec::new();
            spikes.list(&mut list);
            assert!(list.iter().map(|&neuron| neuron as usize).eq(0..n_neurons));
            spikes.remove(0);
            spikes.remove(n_neurons);
            assert_eq!(spikes.len(), n_neurons - 1);
            assert!(!spikes.has(0));
            spikes.clear();
            assert!(spikes.is_empty() && spikes.words().iter().all(|&word| word == 0));
        }
    }
}
