//! Random words of the chip model: each a function of seed, purpose, place, step and element.
//!
//! The chip draws from shift registers whose sequences are not public; only the distribution can be
//! matched. Here a word is read from an address and never from a sequence that others advance: engines may
//! visit synapses in any order, or leave out those where the word makes no difference, and agree bit by bit.
//!
//! The generator is ChaCha with 8 rounds (clauses RND1 and RND7). Bytes 0 to 7 of the key are the seed,
//! little endian, bytes 8 to 11 the [`Purpose`], bytes 12 to 15 the id of the layer or projection, little
//! endian, the rest zero; the nonce is the step; the word at position n belongs to element n.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a random word is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Noise; the place is a layer, the element a neuron.
    Noise,
    /// First presynaptic trace; the place is a projection, the element a source.
    X1,
    /// Second presynaptic trace; the place is a projection, the element a source.
    X2,
    /// First postsynaptic trace; the place is the target layer, the element a neuron, so that projections
    /// onto one layer with equal parameters have one and the same trace.
    Y1,
    /// Second postsynaptic trace; place and element as for the first.
    Y2,
    /// Third postsynaptic trace; place and element as for the first.
    Y3,
    /// Reward trace; the place is a projection, the element 0.
    R1,
    /// Rounding of a weight; the place is a projection, the element a synapse in canonical order.
    Weight,
    /// Rounding of a delay; place and element as for a weight.
    Delay,
    /// Rounding of a tag; place and element as for a weight.
    Tag,
}

impl Purpose {
    /// The bytes of the key.
    #[must_use]
    pub const fn tag(self) -> [u8; 4] {
        *match self {
            Self::Noise => b"nois",
            Self::X1 => b"trx1",
            Self::X2 => b"trx2",
            Self::Y1 => b"try1",
            Self::Y2 => b"try2",
            Self::Y3 => b"try3",
            Self::R1 => b"trr1",
            Self::Weight => b"rndw",
            Self::Delay => b"rndd",
            Self::Tag => b"rndt",
        }
    }
}

/// Words of one purpose and place.
#[derive(Clone, Debug)]
pub struct Words {
    rng: ChaCha8Rng,
    /// Step and element of the word that the generator would give next.
    next: (u64, u64),
}

/// Words that are skipped rather than looked up anew: a look-up computes four blocks of 16.
const MAX_SKIPPED: u64 = 64;

impl Words {
    /// The words of a purpose in a place.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, place: u32) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&purpose.tag());
        key[12..16].copy_from_slice(&place.to_le_bytes());
        Self { rng: ChaCha8Rng::from_seed(key), next: (0, 0) }
    }

    /// The word of a step and an element.
    #[must_use]
    pub fn word(&mut self, step: u64, element: usize) -> u32 {
        let element = element as u64;
        if step != self.next.0 {
            self.rng.set_stream(step);
        }
        let skipped = element.wrapping_sub(self.next.1);
        if step != self.next.0 || skipped > MAX_SKIPPED {
            self.rng.set_word_pos(element.into());
        } else {
            for _ in 0..skipped {
                self.rng.next_u32();
            }
        }
        self.next = (step, element + 1);
        self.rng.next_u32()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order of reading is without effect.
    #[test]
    fn a_word_is_a_function_of_its_address() {
        let mut in_order = Words::new(7, Purpose::Weight, 3);
        let mut words = Vec::new();
        for step in [0, 1, 2, 1 << 40] {
            for element in 0..300 {
                words.push(((step, element), in_order.word(step, element)));
            }
        }
        let mut shuffled = Words::new(7, Purpose::Weight, 3);
        for idx in 0..words.len() {
            // 7 is coprime to the 1200 words: every one is visited.
            let ((step, element), expected) = words[idx * 7 % words.len()];
            assert_eq!(shuffled.word(step, element), expected, "step {step}, element {element}");
        }
    }

    #[test]
    fn seeds_purposes_places_steps_and_elements_differ() {
        let words = |seed, purpose, place, step| {
            let mut words = Words::new(seed, purpose, place);
            [0, 1, 1 << 33].map(|element| words.word(step, element))
        };
        let rows = [
            words(1, Purpose::Weight, 0, 1),
            words(2, Purpose::Weight, 0, 1),
            words(1, Purpose::Delay, 0, 1),
            words(1, Purpose::Weight, 1, 1),
            words(1, Purpose::Weight, 0, 2),
        ];
        let mut all: Vec<u32> = rows.into_iter().flatten().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 15);
    }
}
