//! Activity: potentials as sums of weight rows, and who is active.
//!
//! The potential of a target neuron is the sum of the weights from all active sources (clause R1).
//! One function computes all potentials of a layer from the list of active sources; the hidden
//! error of clause R4 is a sum of the same kind and uses it too.
//!
//! The sums run in 16-bit lanes: a block of sources is never longer than
//! [`WeightLimits::rows_without_overflow`], so that no lane can leave 16 bits, and each block is
//! widened before the next begins. The result is the exact integer sum.

use crate::limits::WeightLimits;
use crate::matrix::{LANES, Matrix};

/// Lanes kept in registers while one block of rows is summed.
const WIDE: usize = 6 * LANES;

/// Whether a sum replaces what is in the output or is added to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sum {
    Replace,
    Add,
}

/// Writes the sum of the rows of all `sources` into `sums`, one number per target.
///
/// Sources must be rows of the matrix, and `sums` must have one place per target.
pub(crate) fn sum_rows(
    matrix: &Matrix,
    sources: &[u32],
    limits: WeightLimits,
    mode: Sum,
    sums: &mut [i32],
) {
    debug_assert_eq!(sums.len(), matrix.n_targets());
    if mode == Sum::Replace {
        sums.fill(0);
    }
    for block in sources.chunks(limits.rows_without_overflow()) {
        let mut wide = sums.chunks_exact_mut(WIDE);
        let mut start = 0;
        for lanes in wide.by_ref() {
            add_block::<WIDE>(matrix, block, start, lanes);
            start += WIDE;
        }
        // The last lanes may read past the end of a row, into the next row or the padding behind
        // the matrix; what they sum there has no place in the output.
        for lanes in wide.into_remainder().chunks_mut(LANES) {
            add_block::<LANES>(matrix, block, start, lanes);
            start += LANES;
        }
    }
}

/// Adds columns `start..start + N` of the rows of `block` to `sums`, which may be shorter.
fn add_block<const N: usize>(matrix: &Matrix, block: &[u32], start: usize, sums: &mut [i32]) {
    let values = matrix.padded();
    let n_targets = matrix.n_targets();
    let mut lanes = [0_i16; N];
    for &source in block {
        let row = &values[source as usize * n_targets + start..][..N];
        for (lane, &weight) in lanes.iter_mut().zip(row) {
            // Cannot wrap, by the length of the block.
            *lane = lane.wrapping_add(weight);
        }
    }
    let widened = lanes.map(i32::from);
    for (sum, lane) in sums.iter_mut().zip(widened) {
        *sum += lane;
    }
}

/// Lists the neurons whose bit is set, in ascending order.
///
/// `list` keeps its capacity; with as many places as there are bits it never allocates.
pub(crate) fn list_set(bits: &[bool], list: &mut Vec<u32>) {
    list.clear();
    // A test of each neuron would be mispredicted as often as neurons are active; a word of 64
    // bits is left once, when no bit remains.
    for (first, word) in (0_u32..).step_by(64).zip(bits.chunks(64)) {
        let (eights, rest) = word.as_chunks::<8>();
        let mut mask = 0;
        for (byte_idx, eight) in eights.iter().enumerate() {
            mask |= gathered(eight) << (8 * byte_idx);
        }
        for (bit_idx, &bit) in (8 * eights.len()..).zip(rest) {
            mask |= u64::from(bit) << bit_idx;
        }
        while mask != 0 {
            list.push(first + mask.trailing_zeros());
            mask &= mask - 1;
        }
    }
}

/// Eight bits as the lowest eight bits of a word, the first bit lowest.
fn gathered(bits: &[bool; 8]) -> u64 {
    // Byte i holds 0 or 1. Multiplied by 2^(56 - 7 i) it lands on bit 56 + i; the eight products
    // that land there never meet another, so nothing carries.
    u64::from_le_bytes(bits.map(u8::from)).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// Every width around the lane counts, more sources than one block, weights at the limits.
    #[test]
    fn sums_are_exact_at_every_width_and_block_length() {
        for n_targets in [1, 9, 15, 16, 17, 63, 64, 65, 80, 130] {
            for n_sources in [1_usize, 126, 127, 128, 254, 255, 300] {
                let limits = WeightLimits::CIRCUIT;
                let values = (0..n_sources * n_targets).map(|place| {
                    let column = place % n_targets;
                    [limits.min(), limits.max(), 2, -2][(column + place / 97) % 4]
                });
                let matrix = Matrix::new(n_sources, n_targets, values.collect()).unwrap();
                let sources: Vec<u32> = (0..u32::try_from(n_sources).unwrap()).collect();
                let mut sums = vec![7; n_targets];
                sum_rows(&matrix, &sources, limits, Sum::Replace, &mut sums);
                let expected: Vec<i32> = (0..n_targets)
                    .map(|t| (0..n_sources).map(|s| i32::from(matrix.row(s)[t])).sum())
                    .collect();
                assert_eq!(sums, expected, "{n_sources} by {n_targets}");
                sum_rows(&matrix, &sources, limits, Sum::Add, &mut sums);
                let doubled: Vec<i32> = expected.iter().map(|sum| 2 * sum).collect();
                assert_eq!(sums, doubled);
            }
        }
    }

    /// All weights of one sign at the limit, so that a longer block would overflow.
    #[test]
    fn the_longest_block_does_not_overflow() {
        for weight in [-256, 254] {
            let matrix = Matrix::new(400, 1, vec![weight; 400]).unwrap();
            let sources: Vec<u32> = (0..400).collect();
            let mut sums = [0];
            sum_rows(&matrix, &sources, WeightLimits::CIRCUIT, Sum::Replace, &mut sums);
            assert_eq!(sums, [400 * i32::from(weight)]);
        }
    }

    /// All 256 patterns of eight bits.
    #[test]
    fn eight_bits_are_gathered() {
        for pattern in 0..256_u64 {
            let bits = std::array::from_fn(|bit_idx| pattern >> bit_idx & 1 == 1);
            assert_eq!(gathered(&bits), pattern);
        }
    }

    #[test]
    fn set_bits_are_listed_in_order() {
        let mut list = vec![9];
        for n in [0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 200] {
            for period in [1, 2, 3, 7, 64] {
                let bits: Vec<bool> = (0..n).map(|idx| idx % period == 0).collect();
                list_set(&bits, &mut list);
                let expected: Vec<u32> = (0..n).filter(|idx| idx % period == 0).collect();
                assert_eq!(list, expected);
                list_set(&vec![false; n as usize], &mut list);
                assert!(list.is_empty());
            }
        }
    }
}
