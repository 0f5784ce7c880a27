//! Packed spikes: one bit per neuron and step.
//!
//! A [`Raster`] is an [`Observer`]. It grows with the steps it hears of, one bit per neuron of the
//! network for every step from the first, and compares two runs spike by spike, naming the first
//! difference. It keeps no faults, and no steps before its first.

use crate::{LayerId, Network, Observer};

/// Spikes of a stretch of steps. Two rasters of one network are equal if they begin at the same step and
/// hold the same spikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    /// First word of each layer within a step.
    first_word: Vec<usize>,
    n_neurons: Vec<u32>,
    words_per_step: usize,
    first_step: u64,
    words: Vec<u64>,
}

/// A spike that one raster has and another lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpikeDifference {
    /// The step of the spike.
    pub step: u64,
    /// Its layer.
    pub layer: LayerId,
    /// Its neuron.
    pub neuron_idx: u32,
    /// Whether the first raster has it; otherwise the second does.
    pub in_first: bool,
}

impl Raster {
    /// An empty raster that records from `first_step` on; earlier spikes are ignored.
    #[must_use]
    pub fn new(network: &Network, first_step: u64) -> Self {
        let n_neurons: Vec<u32> = network.layers().iter().map(|layer| layer.n_neurons).collect();
        let mut first_word = Vec::with_capacity(n_neurons.len());
        let mut words_per_step = 0;
        for &n in &n_neurons {
            first_word.push(words_per_step);
            words_per_step += n.div_ceil(64) as usize;
        }
        Self { first_word, n_neurons, words_per_step, first_step, words: Vec::new() }
    }

    /// Forgets all spikes and records from `first_step` on.
    pub fn restart(&mut self, first_step: u64) {
        self.first_step = first_step;
        self.words.clear();
    }

    /// Adds spikes; those before the first recorded step are ignored.
    ///
    /// # Panics
    /// If the layer or a neuron is not one of the network's, or the step is so late that the bits do
    /// not fit into memory.
    pub fn record(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        let (Some(&first_word), Some(&n_neurons)) =
            (self.first_word.get(layer.index()), self.n_neurons.get(layer.index()))
        else {
            panic!("spikes of {layer} in a network of {} layers", self.n_neurons.len());
        };
        if neurons.is_empty() {
            return;
        }
        let Some(start) = self.reserve(step, first_word) else { return };
        for &neuron in neurons {
            // Without this the bit would belong to another layer.
            assert!(neuron < n_neurons, "neuron {neuron} of {layer}, which has {n_neurons}");
            self.words[start + neuron as usize / 64] |= 1 << (neuron % 64);
        }
    }

    /// Adds spikes in packed form, neuron k in bit k mod 64 of word k / 64; those before the first recorded step
    /// are ignored.
    ///
    /// # Panics
    /// If the layer is not one of the network's, it has another number of words or fewer neurons than bits
    /// that are set, or the step is so late that the bits do not fit into memory.
    pub fn record_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        let (Some(&first_word), Some(&n_neurons)) =
            (self.first_word.get(layer.index()), self.n_neurons.get(layer.index()))
        else {
            panic!("spikes of {layer} in a network of {} layers", self.n_neurons.len());
        };
        // Bits beyond the layer, or words beyond it, would belong to another one.
        let in_last_word = n_neurons % 64;
        let beyond =
            words.last().filter(|_| in_last_word > 0).map_or(0, |word| word >> in_last_word);
        let fits = words.len() == n_neurons.div_ceil(64) as usize && beyond == 0;
        assert!(fits, "{} words for {layer}, which has {n_neurons} neurons", words.len());
        if words.iter().all(|&word| word == 0) {
            return;
        }
        let Some(start) = self.reserve(step, first_word) else { return };
        for (recorded, word) in self.words[start..].iter_mut().zip(words) {
            *recorded |= word;
        }
    }

    /// Makes room up to `step` and returns the place of a word of it; `None` before the first step.
    fn reserve(&mut self, step: u64, word: usize) -> Option<usize> {
        let step_idx = usize::try_from(step.checked_sub(self.first_step)?).ok()?;
        let needed = (step_idx + 1) * self.words_per_step;
        if self.words.len() < needed {
            self.words.resize(needed, 0);
        }
        Some(step_idx * self.words_per_step + word)
    }

    /// The first step that is recorded.
    #[must_use]
    pub const fn first_step(&self) -> u64 {
        self.first_step
    }

    /// The last step in which a spike was recorded.
    #[must_use]
    pub const fn last_step(&self) -> Option<u64> {
        match self.words.len().checked_div(self.words_per_step) {
            None | Some(0) => None,
            Some(n_steps) => Some(self.first_step + n_steps as u64 - 1),
        }
    }

    /// The packed spikes of one layer in one step, neuron k in bit k mod 64 of word k / 64; empty where
    /// nothing was recorded.
    #[must_use]
    pub fn words(&self, step: u64, layer: LayerId) -> &[u64] {
        self.range(step, layer).map_or(&[], |range| &self.words[range])
    }

    /// The neurons of a layer that spiked in a step, ascending.
    pub fn spikes(&self, step: u64, layer: LayerId) -> impl Iterator<Item = u32> {
        (0u32..).zip(self.words(step, layer)).flat_map(|(word_idx, &word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| word_idx * 64 + bit)
        })
    }

    /// Whether a neuron spiked in a step.
    #[must_use]
    pub fn contains(&self, step: u64, layer: LayerId, neuron_idx: u32) -> bool {
        let word = self.words(step, layer).get(neuron_idx as usize / 64);
        word.is_some_and(|word| word >> (neuron_idx % 64) & 1 == 1)
    }

    /// Number of recorded spikes.
    #[must_use]
    pub fn n_spikes(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The first spike in (step, layer, neuron) order that only one of two rasters of one network has.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<SpikeDifference> {
        let last = self.last_step().max(other.last_step())?;
        let n_layers = u32::try_from(self.n_neurons.len()).unwrap_or(u32::MAX);
        for step in self.first_step.min(other.first_step)..=last {
            for layer in (0..n_layers).map(LayerId) {
                let first = self.words(step, layer);
                let second = other.words(step, layer);
                for word_idx in 0..first.len().max(second.len()) {
                    let one = first.get(word_idx).copied().unwrap_or(0);
                    let two = second.get(word_idx).copied().unwrap_or(0);
                    if one != two {
                        let bit = (one ^ two).trailing_zeros();
                        let neuron_idx = u32::try_from(word_idx * 64).unwrap_or(u32::MAX) + bit;
                        let in_first = one >> bit & 1 == 1;
                        return Some(SpikeDifference { step, layer, neuron_idx, in_first });
                    }
                }
            }
        }
        None
    }

    fn range(&self, step: u64, layer: LayerId) -> Option<std::ops::Range<usize>> {
        let step_idx = usize::try_from(step.checked_sub(self.first_step)?).ok()?;
        let n_words = self.n_neurons.get(layer.index())?.div_ceil(64) as usize;
        let start = step_idx.checked_mul(self.words_per_step)? + self.first_word[layer.index()];
        (start + n_words <= self.words.len()).then_some(start..start + n_words)
    }
}

impl Observer for Raster {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.record(step, layer, neurons);
    }

    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        self.record_words(step, layer, words);
    }
}
