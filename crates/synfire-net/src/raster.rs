//! Packed spikes: one bit per neuron and step.
//!
//! A [`Raster`] is an [`Observer`]. It grows with what it hears: one bit per neuron for every layer and
//! step with a spike, and one word for every layer and step without. It compares two runs spike by spike,
//! naming the first difference. It keeps no faults, and no steps before its first.

use crate::{LayerId, Network, Observer};

/// Spikes of a stretch of steps. Two rasters of one network are equal if they begin at the same step and
/// hold the same spikes.
#[derive(Clone, Debug)]
pub struct Raster {
    n_neurons: Vec<u32>,
    first_step: u64,
    /// Steps up to the last one with a spike.
    n_steps: usize,
    /// For each step and layer, where its words begin, counted from 1; 0 without a spike. All 0 from
    /// `n_steps` on.
    places: Vec<usize>,
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
        let n_neurons = network.layers().iter().map(|layer| layer.n_neurons).collect();
        Self { n_neurons, first_step, n_steps: 0, places: Vec::new(), words: Vec::new() }
    }

    /// Forgets all spikes and records from `first_step` on, keeping the memory.
    pub fn restart(&mut self, first_step: u64) {
        self.first_step = first_step;
        self.places[..self.n_steps * self.n_neurons.len()].fill(0);
        self.n_steps = 0;
        self.words.clear();
    }

    /// Adds spikes; those before the first recorded step are ignored.
    ///
    /// # Panics
    /// If the layer or a neuron is not one of the network's, or the step is so late that the bits do
    /// not fit into memory.
    pub fn record(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        let n_neurons = self.size_of(layer);
        if neurons.is_empty() {
            return;
        }
        let Some(place) = self.place(step, layer) else { return };
        if self.places[place] == 0 {
            self.places[place] = self.words.len() + 1;
            self.words.resize(self.words.len() + n_neurons.div_ceil(64) as usize, 0);
        }
        let start = self.places[place] - 1;
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
        let n_neurons = self.size_of(layer);
        // Bits beyond the layer, or words beyond it, would belong to another one.
        let in_last_word = n_neurons % 64;
        let beyond =
            words.last().filter(|_| in_last_word > 0).map_or(0, |word| word >> in_last_word);
        let fits = words.len() == n_neurons.div_ceil(64) as usize && beyond == 0;
        assert!(fits, "{} words for {layer}, which has {n_neurons} neurons", words.len());
        if words.iter().all(|&word| word == 0) {
            return;
        }
        let Some(place) = self.place(step, layer) else { return };
        if self.places[place] == 0 {
            self.places[place] = self.words.len() + 1;
            self.words.extend_from_slice(words);
        } else {
            let start = self.places[place] - 1;
            for (recorded, word) in self.words[start..].iter_mut().zip(words) {
                *recorded |= word;
            }
        }
    }

    fn size_of(&self, layer: LayerId) -> u32 {
        match self.n_neurons.get(layer.index()) {
            Some(&n_neurons) => n_neurons,
            None => panic!("spikes of {layer} in a network of {} layers", self.n_neurons.len()),
        }
    }

    /// Makes room for the places of a step and returns that of a layer; `None` before the first step.
    fn place(&mut self, step: u64, layer: LayerId) -> Option<usize> {
        let step_idx = usize::try_from(step.checked_sub(self.first_step)?).ok()?;
        if step_idx >= self.n_steps {
            self.n_steps = step_idx + 1;
            let needed = self.n_steps * self.n_neurons.len();
            if self.places.len() < needed {
                self.places.resize(needed, 0);
            }
        }
        Some(step_idx * self.n_neurons.len() + layer.index())
    }

    /// The first step that is recorded.
    #[must_use]
    pub const fn first_step(&self) -> u64 {
        self.first_step
    }

    /// The last step in which a spike was recorded.
    #[must_use]
    pub const fn last_step(&self) -> Option<u64> {
        match self.n_steps {
            0 => None,
            n_steps => Some(self.first_step + n_steps as u64 - 1),
        }
    }

    /// The packed spikes of one layer in one step, neuron k in bit k mod 64 of word k / 64; empty where
    /// nothing was recorded.
    #[must_use]
    pub fn words(&self, step: u64, layer: LayerId) -> &[u64] {
        let place = |step_idx: u64| {
            let step_idx = usize::try_from(step_idx).ok().filter(|&idx| idx < self.n_steps)?;
            let n_words = self.n_neurons.get(layer.index())?.div_ceil(64) as usize;
            let start =
                self.places[step_idx * self.n_neurons.len() + layer.index()].checked_sub(1)?;
            self.words.get(start..start + n_words)
        };
        step.checked_sub(self.first_step).and_then(place).unwrap_or(&[])
    }

    /// The neurons of a layer that spiked in a step, ascending.
    pub fn spikes(&self, step: u64, layer: LayerId) -> impl Iterator<Item = u32> {
        (0u32..).step_by(64).zip(self.words(step, layer)).flat_map(|(first, &word)| {
            // The word without its lowest spike, until none is left.
            let rests = std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)));
            rests.take_while(|&rest| rest != 0).map(move |rest| first + rest.trailing_zeros())
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
}

impl PartialEq for Raster {
    fn eq(&self, other: &Self) -> bool {
        if (self.first_step, self.n_steps, self.words.len())
            != (other.first_step, other.n_steps, other.words.len())
            || self.n_neurons != other.n_neurons
        {
            return false;
        }
        // Spikes may have come in another order, so places may differ where spikes do not.
        let n_places = self.n_steps * self.n_neurons.len();
        let places = self.places[..n_places].iter().zip(&other.places[..n_places]);
        places.zip(self.n_neurons.iter().cycle()).all(|((&one, &two), n_neurons)| {
            let n_words = n_neurons.div_ceil(64) as usize;
            match (one, two) {
                (0, 0) => true,
                (0, _) | (_, 0) => false,
                _ => self.words[one - 1..][..n_words] == other.words[two - 1..][..n_words],
            }
        })
    }
}

impl Eq for Raster {}

impl Observer for Raster {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.record(step, layer, neurons);
    }

    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        self.record_words(step, layer, words);
    }
}
