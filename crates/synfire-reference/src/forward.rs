//! Activity: potentials as sums of weight rows, and who is active.
//!
//! The potential of a target neuron is the sum of the weights from all active sources (clause R1).
//! [`activity`] computes all potentials of a layer from the list of active sources, and what the
//! layer makes of them. It reads the packed copy of the weights where there is one (`packed`).
//!
//! [`sum_rows`] sums rows of the matrix itself: weights that are not packed, and the hidden error
//! of clause R4, which is a sum of the same kind. It runs in 16-bit lanes: a block of sources is
//! never longer than [`WeightLimits::rows_without_overflow`], so that no lane can leave 16 bits,
//! and each block is widened before the next begins. The result is the exact integer sum.

use pulp::NullaryFnOnce;

use crate::lanes::Dispatch;
use crate::limits::WeightLimits;
use crate::matrix::{LANES, Matrix};
use crate::packed::Packed;
use crate::record::LayerRecord;

/// Lanes kept in registers while one block of rows is summed.
const WIDE: usize = 6 * LANES;

/// R1, R2: one layer's potentials from the active neurons below, and its answer to them.
pub(crate) fn activity(
    dispatch: Dispatch,
    matrix: &Matrix,
    packed: Option<&Packed>,
    sources: &[u32],
    limits: WeightLimits,
    layer: &mut LayerRecord,
) {
    dispatch.run(Activity { matrix, packed, sources, limits, layer });
}

struct Activity<'a> {
    matrix: &'a Matrix,
    packed: Option<&'a Packed>,
    sources: &'a [u32],
    limits: WeightLimits,
    layer: &'a mut LayerRecord,
}

impl NullaryFnOnce for Activity<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Activity { matrix, packed, sources, limits, layer } = self;
        match packed {
            Some(packed) => packed.sum_rows(sources, &mut layer.potential),
            None => sum_rows(matrix, sources, limits, Sum::Replace, &mut layer.potential),
        }
        layer.answer();
    }
}

/// Whether a sum replaces what is in the output or is added to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sum {
    Replace,
    Add,
}

/// Writes the sum of the rows of all `sources` into `sums`, one number per target.
///
/// Sources must be rows of the matrix, and `sums` must have one place per target.
#[inline(always)]
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
#[inline(always)]
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
/// `list` keeps its capacity; with room for eight more places than there are bits it never
/// allocates.
#[inline(always)]
pub(crate) fn list_set(bits: &[bool], list: &mut Vec<u32>) {
    // A test of each neuron would be mispredicted as often as neurons are active. Eight places are
    // written for eight bits, whichever are set; the next eight begin behind the last one that
    // was.
    list.resize(bits.len() + 8, 0);
    let list_places = list.as_mut_slice();
    let mut n_set = 0;
    let (eights, rest) = bits.as_chunks::<8>();
    for (first, eight) in (0_u32..).step_by(8).zip(eights) {
        let byte = gathered(eight);
        if let Some(places) = list_places.get_mut(n_set..).and_then(<[u32]>::first_chunk_mut::<8>) {
            *places = POSITIONS[usize::from(byte)].map(|position| first + position);
        }
        n_set += byte.count_ones() as usize;
    }
    for (neuron_idx, &bit) in (0_u32..).skip(8 * eights.len()).zip(rest) {
        list_places[n_set] = neuron_idx;
        n_set += usize::from(bit);
    }
    list.truncate(n_set);
}

/// For each byte the positions of its bits that are set, ascending; zeros behind them.
static POSITIONS: [[u32; 8]; 256] = positions();

const fn positions() -> [[u32; 8]; 256] {
    let mut positions = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut n_set, mut position) = (0, 0);
        while position < 8 {
            if byte >> position & 1 == 1 {
                positions[byte][n_set] = position;
                n_set += 1;
            }
            position += 1;
        }
        byte += 1;
    }
    positions
}

/// Eight bits as one byte, the first bit lowest.
#[inline(always)]
fn gathered(bits: &[bool; 8]) -> u8 {
    // Byte i holds 0 or 1. Multiplied by 2^(56 - 7 i) it lands on bit 56 + i; the eight products
    // that land there never meet another, so nothing carries.
    let product = u64::from_le_bytes(bits.map(u8::from)).wrapping_mul(0x0102_0408_1020_4080);
    product.to_le_bytes()[7]
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
        for pattern in 0..=u8::MAX {
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
