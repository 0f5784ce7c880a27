//! A forward matrix once more, one byte per weight: what the sums of clause R1 read.
//!
//! A sample adds one row of weights for each active source; late in training that is nearly all of
//! its work, and its time is the time to read those rows. Weights of the circuit are even and lie
//! in -256..=254, so a weight counted in steps from the lower limit fits into one byte: half of
//! what the [`Matrix`] holds. The matrix remains the weight; its packed rows are made from it
//! whenever it changes.
//!
//! The columns are cut into blocks of up to 224, each stored for itself: a block's sums stay in
//! registers while one row after another is added. Two columns of a block share a lane of 16 bits,
//! the one from the first half of the block in the lower byte and the one from the second half in
//! the upper. Added up as they stand, the lanes give `lower + 256 * upper` modulo 65,536; added up
//! after a shift by eight bits, they give `upper`. Both bytes' sums fit 16 bits for [`BLOCK_ROWS`]
//! rows, so both are exact.
//!
//! Limits with more than 256 weights, or a step that is no power of two, are not packed; their sums
//! read the matrix itself (`forward`).

use crate::lanes::Lanes;
use crate::limits::WeightLimits;
use crate::matrix::{LANES, Matrix, PADDING};

/// Rows whose bytes, each at most 255, add up to no more than 65,535.
const BLOCK_ROWS: usize = 257;

/// Vectors in a row of the widest block.
const WIDEST: usize = 7;

/// Sixteen lanes, never across two cache lines.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Vector([u16; LANES]);

/// Bytes of a cache line, at whose start a block's rows begin.
const LINE: usize = 64;

/// Rows of weights, a byte each.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    blocks: Vec<Block>,
    coding: Coding,
}

/// The same columns of all rows.
#[derive(Clone, Debug)]
struct Block {
    /// Column in the lower byte of the first lane.
    first: usize,
    /// Vectors per row, 1 to [`WIDEST`].
    width: usize,
    rows: Rows,
}

/// How a weight becomes a byte.
#[derive(Clone, Copy, Debug)]
struct Coding {
    min: i16,
    /// Logarithm of the weight step.
    shift: u32,
}

impl Packed {
    /// A copy of the matrix, whose weights must obey the limits; `None` if such weights do not fit
    /// into a byte. The width of blocks is the one that suits `lanes`.
    pub(crate) fn new(matrix: &Matrix, limits: WeightLimits, lanes: Lanes) -> Option<Packed> {
        // x86-64 has 16 vector registers, of half the length in its baseline; two hold what is
        // neither of a block's sums.
        let few_registers = cfg!(target_arch = "x86_64") && lanes == Lanes::Baseline;
        Packed::with_blocks_of(if few_registers { 3 } else { WIDEST }, matrix, limits)
    }

    /// As [`Packed::new`], with blocks of up to `widest` vectors.
    fn with_blocks_of(widest: usize, matrix: &Matrix, limits: WeightLimits) -> Option<Packed> {
        let (min, step) = (limits.min(), limits.step());
        let shift = step.trailing_zeros();
        if 1 << shift != step || (limits.max() - min) >> shift > 255 {
            return None;
        }
        let width = matrix.n_targets().div_ceil(PADDING);
        let n_blocks = width.div_ceil(widest);
        let block = |block_idx: usize| {
            // Widths as even as possible.
            let first = width * block_idx / n_blocks;
            let width = width * (block_idx + 1) / n_blocks - first;
            Block { first: first * PADDING, width, rows: Rows::new(width * matrix.n_sources()) }
        };
        let mut packed =
            Packed { blocks: (0..n_blocks).map(block).collect(), coding: Coding { min, shift } };
        for source_idx in 0..matrix.n_sources() {
            packed.repack_row(matrix, source_idx);
        }
        Some(packed)
    }

    /// Takes one row over from the matrix.
    #[inline(always)]
    pub(crate) fn repack_row(&mut self, matrix: &Matrix, source_idx: usize) {
        for Block { first, width, rows } in &mut self.blocks {
            // Columns behind the last one are weights of the next row, or zeros: they fit, and
            // what they add up to belongs to no target.
            let row = &matrix.padded()[source_idx * matrix.n_targets() + *first..];
            let (lower, upper) = row[..*width * PADDING].split_at(*width * LANES);
            let pairs = lower.as_chunks().0.iter().zip(upper.as_chunks().0);
            let vectors = &mut rows.get_mut()[source_idx * *width..][..*width];
            for (vector, (lower, upper)) in vectors.iter_mut().zip(pairs) {
                *vector = self.coding.pack(lower, upper);
            }
        }
    }

    /// The bytes of one target, to be replaced one by one.
    #[inline(always)]
    pub(crate) fn column_mut(&mut self, target_idx: usize) -> Column<'_> {
        let block_idx = self.blocks.partition_point(|block| block.first <= target_idx) - 1;
        let Block { first, width, rows } = &mut self.blocks[block_idx];
        let (offset, half) = (target_idx - *first, *width * LANES);
        let is_upper = offset >= half;
        let lane_idx = if is_upper { offset - half } else { offset };
        Column {
            rows: rows.get_mut(),
            width: *width,
            vector_idx: lane_idx / LANES,
            lane_idx: lane_idx % LANES,
            bits: if is_upper { 8 } else { 0 },
            coding: self.coding,
        }
    }

    /// Raises, then lowers the rows of all `sources` in the matrix, each target by its own step,
    /// and repacks them. `raise` and `lower` hold zeros up to a multiple of [`PADDING`].
    #[inline(always)]
    pub(crate) fn change_rows(
        &mut self,
        matrix: &mut Matrix,
        sources: &[u32],
        (raise, lower): (&[i16], &[i16]),
        limits: WeightLimits,
    ) {
        let n_targets = matrix.n_targets();
        for Block { first, width, rows } in &mut self.blocks {
            let (first, width) = (*first, *width);
            let (raise_0, raise_1) = halves(&raise[first..], width);
            let (lower_0, lower_1) = halves(&lower[first..], width);
            let rows = rows.get_mut();
            for &source_idx in sources {
                let source_idx = source_idx as usize;
                // Behind the last target follow weights of the next row, or zeros: they change
                // by 0.
                let row = &mut matrix.padded_mut()[source_idx * n_targets + first..];
                let (row_0, row_1) = row[..width * PADDING].split_at_mut(width * LANES);
                let row_0 = row_0.as_chunks_mut().0.iter_mut().zip(raise_0.iter().zip(lower_0));
                let row_1 = row_1.as_chunks_mut().0.iter_mut().zip(raise_1.iter().zip(lower_1));
                let vectors = &mut rows[source_idx * width..][..width];
                for (vector, ((weights_0, (up_0, down_0)), (weights_1, (up_1, down_1)))) in
                    vectors.iter_mut().zip(row_0.zip(row_1))
                {
                    let new_0 = changed(weights_0, up_0, down_0, limits);
                    let new_1 = changed(weights_1, up_1, down_1, limits);
                    *vector = self.coding.pack(&new_0, &new_1);
                    (*weights_0, *weights_1) = (new_0, new_1);
                }
            }
        }
    }

    /// Writes the sum of the rows of all `sources` into `sums`, one number per target.
    #[inline(always)]
    pub(crate) fn sum_rows(&self, sources: &[u32], sums: &mut [i32]) {
        for block in &self.blocks {
            let sums = &mut sums[block.first..];
            match block.width {
                1 => block.sum_rows::<1>(self.coding, sources, sums),
                2 => block.sum_rows::<2>(self.coding, sources, sums),
                3 => block.sum_rows::<3>(self.coding, sources, sums),
                4 => block.sum_rows::<4>(self.coding, sources, sums),
                5 => block.sum_rows::<5>(self.coding, sources, sums),
                6 => block.sum_rows::<6>(self.coding, sources, sums),
                _ => block.sum_rows::<WIDEST>(self.coding, sources, sums),
            }
        }
    }
}

/// Vectors from the start of a cache line on.
#[derive(Debug)]
struct Rows {
    /// One vector more than there are.
    padded: Vec<Vector>,
    /// Where they begin, 0 or 1.
    start: usize,
}

impl Rows {
    fn new(n_vectors: usize) -> Rows {
        let padded = vec![Vector([0; LANES]); n_vectors + 1];
        let start = usize::from(!padded.as_ptr().addr().is_multiple_of(LINE));
        Rows { padded, start }
    }

    #[inline(always)]
    fn get(&self) -> &[Vector] {
        &self.padded[self.start..]
    }

    #[inline(always)]
    fn get_mut(&mut self) -> &mut [Vector] {
        &mut self.padded[self.start..]
    }
}

impl Clone for Rows {
    /// The copy lies elsewhere and may begin at the other place.
    fn clone(&self) -> Rows {
        let mut clone = Rows::new(self.padded.len() - 1);
        let n_vectors = clone.padded.len() - 1;
        clone.get_mut()[..n_vectors].copy_from_slice(&self.get()[..n_vectors]);
        clone
    }
}

impl Block {
    /// Writes the sums of the block's columns to the start of `sums`.
    #[inline(always)]
    fn sum_rows<const N: usize>(&self, coding: Coding, sources: &[u32], sums: &mut [i32]) {
        let (sums_0, sums_1) = sums.split_at_mut(sums.len().min(N * LANES));
        let mut base = Some(i32::from(coding.min) * i32::try_from(sources.len()).unwrap_or(0));
        let mut chunks = sources.chunks(BLOCK_ROWS);
        let mut chunk = chunks.next().unwrap_or(&[]);
        loop {
            let [lower, upper] = self.sum_bytes::<N>(chunk);
            for (place, (lower, upper)) in (0..).step_by(LANES).zip(lower.iter().zip(&upper)) {
                coding.write(lower, base, sums_0.get_mut(place..));
                coding.write(upper, base, sums_1.get_mut(place..));
            }
            let Some(next) = chunks.next() else { break };
            (chunk, base) = (next, None);
        }
    }

    /// Sums of the lower and of the upper bytes, for no more rows than [`BLOCK_ROWS`].
    #[inline(always)]
    fn sum_bytes<const N: usize>(&self, sources: &[u32]) -> [[[u16; LANES]; N]; 2] {
        let rows = self.rows.get().as_chunks::<N>().0;
        let mut both = [[0_u16; LANES]; N];
        let mut upper = [[0_u16; LANES]; N];
        for &source_idx in sources {
            let row = &rows[source_idx as usize];
            for ((both, upper), vector) in both.iter_mut().zip(&mut upper).zip(row) {
                for ((both, upper), &lane) in both.iter_mut().zip(upper).zip(&vector.0) {
                    *both = both.wrapping_add(lane);
                    *upper = upper.wrapping_add(lane >> 8);
                }
            }
        }
        // Fresh arrays for what follows: the ones above can then stay in registers.
        let mut sums = [[[0; LANES]; N]; 2];
        for vector_idx in 0..N {
            for lane_idx in 0..LANES {
                let upper = upper[vector_idx][lane_idx];
                sums[0][vector_idx][lane_idx] = both[vector_idx][lane_idx].wrapping_sub(upper << 8);
                sums[1][vector_idx][lane_idx] = upper;
            }
        }
        sums
    }
}

/// One target's byte in each row.
pub(crate) struct Column<'a> {
    rows: &'a mut [Vector],
    width: usize,
    vector_idx: usize,
    lane_idx: usize,
    /// Position of the byte in its lane.
    bits: u32,
    coding: Coding,
}

impl Column<'_> {
    /// Takes one weight over from the matrix.
    #[inline(always)]
    pub(crate) fn repack(&mut self, source_idx: usize, weight: i16) {
        let vector = &mut self.rows[source_idx * self.width + self.vector_idx];
        let lane = &mut vector.0[self.lane_idx];
        *lane = *lane & !(0xff << self.bits) | self.coding.steps(weight) << self.bits;
    }
}

impl Coding {
    /// A weight's distance from the lower limit, in steps.
    #[inline(always)]
    fn steps(self, weight: i16) -> u16 {
        // Not negative, and below 256 by the check of the limits.
        weight.wrapping_sub(self.min).cast_unsigned() >> self.shift
    }

    #[inline(always)]
    fn pack(self, lower: &[i16; LANES], upper: &[i16; LANES]) -> Vector {
        let mut lanes = [0; LANES];
        for (lane, (&lower, &upper)) in lanes.iter_mut().zip(lower.iter().zip(upper)) {
            *lane = self.steps(lower) | self.steps(upper) << 8;
        }
        Vector(lanes)
    }

    /// Writes sixteen sums of steps as weights, or adds them if there is no base.
    #[inline(always)]
    fn write(self, steps: &[u16; LANES], base: Option<i32>, sums: Option<&mut [i32]>) {
        let weights = steps.map(|steps| i32::from(steps) << self.shift);
        let Some(sums) = sums else { return };
        match (sums.first_chunk_mut::<LANES>(), base) {
            (Some(sums), Some(base)) => *sums = weights.map(|weight| weight + base),
            (Some(sums), None) => {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += weight;
                }
            }
            (None, base) => {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = weight + base.unwrap_or(*sum);
                }
            }
        }
    }
}

/// The two halves of a block's columns.
#[inline(always)]
fn halves(columns: &[i16], width: usize) -> (&[[i16; LANES]], &[[i16; LANES]]) {
    let (lower, upper) = columns[..width * PADDING].split_at(width * LANES);
    (lower.as_chunks().0, upper.as_chunks().0)
}

#[inline(always)]
fn changed(
    weights: &[i16; LANES],
    raise: &[i16; LANES],
    lower: &[i16; LANES],
    limits: WeightLimits,
) -> [i16; LANES] {
    let mut changed = *weights;
    for (weight, (&up, &down)) in changed.iter_mut().zip(raise.iter().zip(lower)) {
        // Limits and steps are at most 8192, so neither sum can leave 16 bits.
        *weight = weight.wrapping_add(up).min(limits.max()).wrapping_sub(down).max(limits.min());
    }
    changed
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use pulp::NullaryFnOnce;

    use super::*;
    use crate::lanes::{Dispatch, Lanes};

    struct SumRows<'a>(&'a Packed, &'a [u32], &'a mut [i32]);

    impl NullaryFnOnce for SumRows<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            self.0.sum_rows(self.1, self.2);
        }
    }

    struct ChangeRows<'a>(&'a mut Packed, &'a mut Matrix, &'a [u32], &'a [i16], &'a [i16]);

    impl NullaryFnOnce for ChangeRows<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            self.0.change_rows(self.1, self.2, (self.3, self.4), WeightLimits::CIRCUIT);
        }
    }

    fn matrix(n_sources: usize, n_targets: usize, limits: WeightLimits) -> Matrix {
        let n_weights = usize::try_from((limits.max() - limits.min()) / limits.step()).unwrap() + 1;
        let values = (0..n_sources * n_targets).map(|place| {
            let steps = match place % 5 {
                0 => 0,
                1 => n_weights - 1,
                _ => (place * 40_503 + place / 7) % n_weights,
            };
            limits.min() + limits.step() * i16::try_from(steps).unwrap()
        });
        Matrix::new(n_sources, n_targets, values.collect()).unwrap()
    }

    fn widths() -> impl Iterator<Item = usize> {
        (1..=35).chain([63, 64, 65, 95, 96, 97, 128, 129, 191, 193, 223, 224, 225, 400, 449])
    }

    /// Every width around whole vectors, blocks of every width, more sources than a block of rows,
    /// on every instruction set.
    #[test]
    fn sums_are_exact_at_every_width_and_block_length() {
        let circuit = WeightLimits::CIRCUIT;
        for limits in [circuit, WeightLimits::LANL, WeightLimits::new(-8, 24, 8).unwrap()] {
            for n_targets in widths() {
                let matrix = matrix(520, n_targets, limits);
                let packed = [1, 3, WIDEST]
                    .map(|widest| Packed::with_blocks_of(widest, &matrix, limits).unwrap());
                for n_sources in [0, 1, 2, 256, 257, 258, 514, 515] {
                    let sources: Vec<u32> = (0..520).step_by(519 / n_sources.max(1)).collect();
                    let sources = &sources[..n_sources];
                    let mut expected = vec![0; n_targets];
                    for row in sources.iter().map(|&source_idx| matrix.row(source_idx as usize)) {
                        for (sum, &weight) in expected.iter_mut().zip(row) {
                            *sum += i32::from(weight);
                        }
                    }
                    for lanes in Lanes::available() {
                        for packed in &packed {
                            let mut sums = vec![9; n_targets];
                            let kernel = SumRows(packed, sources, &mut sums);
                            Dispatch::new(lanes).unwrap().run(kernel);
                            assert_eq!(sums, expected, "{n_sources} by {n_targets}, {lanes:?}");
                        }
                    }
                }
            }
        }
    }

    /// All bytes at their largest or at zero: a longer block would overflow.
    #[test]
    fn the_longest_block_does_not_overflow() {
        let sources: Vec<u32> = (0..600).collect();
        for weight in [-256, 254] {
            let matrix = Matrix::new(600, 33, vec![weight; 600 * 33]).unwrap();
            let packed = Packed::new(&matrix, WeightLimits::CIRCUIT, Lanes::V3).unwrap();
            for n_sources in [257, 258, 600] {
                let mut sums = [0; 33];
                packed.sum_rows(&sources[..n_sources], &mut sums);
                assert_eq!(sums, [i32::try_from(n_sources).unwrap() * i32::from(weight); 33]);
            }
        }
    }

    /// Rows change as the plain loop changes them, no other weight does, and the packed copy is
    /// that of the changed matrix.
    #[test]
    fn matrix_and_packed_copy_change_together() {
        let limits = WeightLimits::CIRCUIT;
        for n_targets in widths() {
            let before = matrix(9, n_targets, limits);
            let sources = [0, 2, 3, 7, 8];
            let mut raise = vec![0; n_targets.next_multiple_of(PADDING)];
            let mut lower = raise.clone();
            for target_idx in 0..n_targets {
                raise[target_idx] = [2, 0, 2, 0, 0, 0, 0][target_idx % 7];
                lower[target_idx] = [0, 2, 2, 0, 0][target_idx % 5];
            }
            let mut expected = before.clone();
            for &source_idx in &sources {
                for target_idx in 0..n_targets {
                    let weight = before.get(source_idx as usize, target_idx).unwrap();
                    let raised = (weight + raise[target_idx]).min(254);
                    let changed = (raised - lower[target_idx]).max(-256);
                    expected.set(source_idx as usize, target_idx, changed);
                }
            }
            for lanes in Lanes::available() {
                let mut changed = before.clone();
                let mut packed = Packed::new(&changed, limits, lanes).unwrap();
                let kernel = ChangeRows(&mut packed, &mut changed, &sources, &raise, &lower);
                Dispatch::new(lanes).unwrap().run(kernel);
                assert_eq!(changed, expected, "{n_targets}, {lanes:?}");
                assert_eq!(sums_of_rows(&packed, n_targets), rows(&expected));
            }
            let mut changed = before.clone();
            let mut packed = Packed::with_blocks_of(3, &changed, limits).unwrap();
            for target_idx in 0..n_targets {
                for source_idx in 0..9 {
                    let weight = expected.get(source_idx, target_idx).unwrap();
                    changed.set(source_idx, target_idx, weight);
                    packed.column_mut(target_idx).repack(source_idx, weight);
                }
            }
            assert_eq!(sums_of_rows(&packed, n_targets), rows(&expected));
            for source_idx in 0..9 {
                packed.repack_row(&before, source_idx);
            }
            assert_eq!(sums_of_rows(&packed, n_targets), rows(&before));
        }
    }

    fn rows(matrix: &Matrix) -> Vec<Vec<i32>> {
        let row = |source_idx| matrix.row(source_idx).iter().copied().map(i32::from).collect();
        (0..matrix.n_sources()).map(row).collect()
    }

    fn sums_of_rows(packed: &Packed, n_targets: usize) -> Vec<Vec<i32>> {
        let row = |source_idx| {
            let mut sums = vec![0; n_targets];
            packed.sum_rows(&[source_idx], &mut sums);
            sums
        };
        (0..9).map(row).collect()
    }

    #[test]
    fn what_does_not_fit_a_byte_is_not_packed() {
        let fits = |min, max, step| {
            let limits = WeightLimits::new(min, max, step).unwrap();
            Packed::new(&Matrix::zeros(2, 3), limits, Lanes::Baseline).is_some()
        };
        assert!(
            fits(-256, 254, 2) && fits(-128, 127, 1) && fits(0, 255, 1) && fits(-8192, 8128, 64)
        );
        assert!(
            !fits(-256, 256, 2)
                && !fits(-129, 127, 1)
                && !fits(-30, 30, 3)
                && !fits(-8192, 8192, 1)
        );
    }
}
