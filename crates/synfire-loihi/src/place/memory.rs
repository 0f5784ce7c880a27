//! Synaptic memory: how many words the synapses of an axon take.
//!
//! The synapses of an axon on one core are packed in groups of at most 64, each of which begins in a new
//! word of 64 bits with a head of 10 bits. A synapse has its weight and, where it needs them, a delay, a tag
//! and the index of its compartment; without an index the targets are consecutive compartments from the
//! axon's base on, which must be below 256. Source: nengo-loihi.

/// Synapses of a group, at most.
const GROUP: u32 = 64;
/// Bits of the head of a group: 4 and 6.
const HEAD_BITS: u32 = 10;
/// Bits of a word.
const WORD_BITS: u32 = 64;
/// First compartment that an axon without indices cannot begin at.
pub(super) const BASE_END: u32 = 256;
/// Bits of a tag.
pub(super) const TAG_BITS: u8 = 9;

/// Words that an axon of `n_synapses` takes, each of which has `synapse_bits`.
pub(super) const fn words(n_synapses: u32, synapse_bits: u32) -> u32 {
    let full = group_words(GROUP, synapse_bits);
    let rest = match n_synapses % GROUP {
        0 => 0,
        n => group_words(n, synapse_bits),
    };
    n_synapses / GROUP * full + rest
}

const fn group_words(n_synapses: u32, synapse_bits: u32) -> u32 {
    (n_synapses * synapse_bits + HEAD_BITS).div_ceil(WORD_BITS)
}

/// Bits of an index into the compartments of a core: the fewest of 6 to 12 that reach them all.
pub(super) fn index_bits(n_compartments: u32) -> u8 {
    (6..12).find(|&bits| n_compartments <= 1 << bits).unwrap_or(12)
}

/// Bits of a delay on a core with this many accumulator slots: 3 for 8 slots to 6 for 64.
#[expect(clippy::cast_possible_truncation, reason = "a logarithm of 8 bits")]
pub(super) const fn delay_bits(n_accumulators: u8) -> u8 {
    n_accumulators.ilog2() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What nengo-loihi's packing gives for axons of these sizes, without and with an index of 9 bits.
    #[test]
    fn words_follow_the_published_packing() {
        let sizes = [1, 10, 64, 128, 400, 1024];
        assert_eq!(sizes.map(|n| words(n, 8)), [1, 2, 9, 18, 57, 144]);
        assert_eq!(sizes.map(|n| words(n, 8 + 9)), [1, 3, 18, 36, 113, 288]);
        assert_eq!(words(0, 8), 0);
        // No synapse is so wide that one alone takes a second word.
        assert_eq!(words(1, 8 + 6 + 9 + 12), 1);
    }

    #[test]
    fn an_index_reaches_every_compartment() {
        let rows = [(1, 6), (64, 6), (65, 7), (128, 7), (400, 9), (512, 9), (513, 10), (1024, 10)];
        for (n_compartments, bits) in rows {
            assert_eq!(index_bits(n_compartments), bits);
        }
        assert_eq!(index_bits(1_000_000), 12);
        assert_eq!([8, 16, 32, 64].map(delay_bits), [3, 4, 5, 6]);
    }
}
