//! A dense matrix of weights: codes, sums of rows that are kept for later, learning by rows.
//!
//! A weight is a *code* times a power of two: every weight that the matrix holds, or can come to hold by learning, is a
//! multiple of it. Codes have 8 bits where all of them fit, else 16; they lie row by row, one row per source,
//! padded to whole blocks.
//!
//! Sums of rows are kept with the set of sources and the version of the weights they were made from. Delivering the
//! same spikes through the same weights again, as a circuit does that replays its input, costs a comparison. Two
//! sums are kept; the one that was delivered last is never overwritten by the next, because the targets of a
//! delivery may be looked at until the step after it.

use crate::fault::KernelFault;
use crate::fired::Set;
use crate::kernel::{self, BLOCK, ReadBytes, SumBytes};
use crate::lanes::Dispatch;
use synfire_loihi::SynapseGroup;
use synfire_loihi::limits::{RULE_FRACTION_BITS, UNIT_BITS};

/// Changes of weights where only the source, only the target, or both spiked, in 1/128 of a weight unit.
pub(crate) type Changes = [i32; 3];

#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    n_sources: usize,
    n_targets: usize,
    /// Codes from one row to the next.
    stride: usize,
    codes: Codes,
    /// Smallest and largest code that learning can reach; unused if nothing learns.
    range: [i16; 2],
    /// Power of two from a code to a weight.
    weight_shift: u32,
    /// Power of two from a code to units of charge.
    charge_shift: u32,
    /// Counts the changes of the codes, from 1.
    version: u64,
    sums: [RowSum; 2],
    /// The sum that was delivered last.
    latest: usize,
    /// Bytes from which on two threads add the rows of a sum.
    split_from: usize,
    fault: Option<KernelFault>,
}

/// Bytes of rows from which on a second thread is worth its while: measured, see `docs/performance.md`.
pub(crate) const SPLIT_FROM: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Codes {
    /// Codes from -128 up: see [`kernel::byte_of`].
    Bytes(Vec<u8>),
    Words(Vec<i16>),
}

/// The sum of the rows of some sources.
#[derive(Clone, Debug, Default)]
struct RowSum {
    /// The version of the codes; 0 if there is no sum.
    version: u64,
    sources: Vec<u64>,
    /// One per padded column, in codes.
    sums: Vec<i32>,
    min: i32,
    max: i32,
}

/// Sums that were delivered, in codes: see [`Matrix::charge_shift`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivered<'a> {
    pub(crate) sums: &'a [i32],
    pub(crate) min: i32,
    pub(crate) max: i32,
}

impl Matrix {
    /// The weights of a projection before the first step, which has one row of synapses per source.
    pub(crate) fn new(group: &SynapseGroup, n_sources: usize, n_targets: usize) -> Self {
        let exponent = group.format.exponent.get();
        // As in the plain engine: plastic weights are mantissas, static ones effective weights in weight units.
        let (weights, step_bits, shift, range) = if group.microcode.is_some() {
            let range = group.format.weight.range();
            let step_bits = group.format.weight.step_bits();
            let shift = UNIT_BITS.saturating_add_signed(exponent.into());
            (group.weight_mantissas.clone(), step_bits, shift, [range.min, range.max])
        } else {
            #[expect(clippy::cast_possible_truncation, reason = "at most 2^15 - 1 weight units")]
            let units = |&mantissa| (group.format.effective_weight(mantissa) >> UNIT_BITS) as i16;
            let weights: Vec<i16> = group.weight_mantissas.iter().map(units).collect();
            let common =
                weights.iter().fold(0, |bits, weight| bits | weight).trailing_zeros().min(15);
            let least = weights.iter().copied().min().unwrap_or(0);
            let largest = weights.iter().copied().max().unwrap_or(0);
            (weights, common, UNIT_BITS, [least, largest])
        };
        let range = range.map(|end| end >> step_bits);
        let stride = n_targets.next_multiple_of(BLOCK);
        let fits = range.iter().all(|&end| i8::try_from(end).is_ok());
        let n_codes = n_sources * stride;
        let codes = if fits {
            Codes::Bytes(vec![kernel::ZERO; n_codes])
        } else {
            Codes::Words(vec![0; n_codes])
        };
        let sum = || RowSum { sums: vec![0; stride], ..RowSum::default() };
        let mut matrix = Self {
            n_sources,
            n_targets,
            stride,
            codes,
            range,
            weight_shift: step_bits,
            charge_shift: step_bits + shift,
            version: 0,
            sums: [sum(), sum()],
            latest: 0,
            split_from: SPLIT_FROM,
            fault: None,
        };
        matrix.set_weights(&weights);
        matrix
    }

    pub(crate) fn set_split_from(&mut self, n_bytes: usize) {
        self.split_from = n_bytes;
    }

    pub(crate) fn plant(&mut self, fault: KernelFault) {
        self.fault = Some(fault);
    }

    /// Power of two from a sum of codes to units of charge.
    #[inline(always)]
    pub(crate) const fn charge_shift(&self) -> u32 {
        self.charge_shift
    }

    /// Whether both hold the same weights in the same form.
    pub(crate) fn is_equal(&self, other: &Self) -> bool {
        (self.n_targets, self.weight_shift, self.charge_shift, self.range)
            == (other.n_targets, other.weight_shift, other.charge_shift, other.range)
            && self.codes == other.codes
    }

    /// Replaces all weights, in canonical order.
    pub(crate) fn set_weights(&mut self, weights: &[i16]) {
        self.version += 1;
        let shift = self.weight_shift;
        for (row, weights) in weights.chunks_exact(self.n_targets).enumerate() {
            let row = row * self.stride..row * self.stride + self.n_targets;
            match &mut self.codes {
                Codes::Bytes(codes) => {
                    for (code, &weight) in codes[row].iter_mut().zip(weights) {
                        *code = kernel::byte_of(byte(weight >> shift));
                    }
                }
                Codes::Words(codes) => {
                    for (code, &weight) in codes[row].iter_mut().zip(weights) {
                        *code = weight >> shift;
                    }
                }
            }
        }
    }

    /// Copies the weights from synapse `first` on, in canonical order.
    pub(crate) fn read_weights(&self, dispatch: Dispatch, first: usize, weights: &mut [i16]) {
        let (n_targets, stride, shift) = (self.n_targets, self.stride, self.weight_shift);
        match &self.codes {
            Codes::Bytes(codes) => {
                dispatch.run(ReadBytes { codes, stride, n_targets, shift, first, weights });
            }
            Codes::Words(codes) => {
                for (synapse_idx, weight) in (first..).zip(weights) {
                    let (source, target) = (synapse_idx / n_targets, synapse_idx % n_targets);
                    *weight = codes[source * stride + target] << shift;
                }
            }
        }
    }

    /// All weights in canonical order.
    pub(crate) fn weights(&self, dispatch: Dispatch) -> Vec<i16> {
        let mut weights = vec![0; self.n_sources * self.n_targets];
        self.read_weights(dispatch, 0, &mut weights);
        weights
    }

    /// Sums the rows of `spikes`, or finds the sum that is there already, and returns which of the two it is.
    /// `rows` is scratch.
    #[inline(always)]
    pub(crate) fn sum(
        &mut self,
        dispatch: Dispatch,
        spikes: Set<'_>,
        rows: &mut Vec<u32>,
    ) -> usize {
        let is_stale_allowed = self.fault == Some(KernelFault::StaleSum);
        let is_known = |sum: &RowSum| {
            sum.version != 0
                && (sum.version == self.version || is_stale_allowed)
                && sum.sources == spikes.words()
        };
        for idx in [self.latest, 1 - self.latest] {
            if is_known(&self.sums[idx]) {
                self.latest = idx;
                return idx;
            }
        }
        self.latest = 1 - self.latest;
        spikes.list(rows);
        if self.fault == Some(KernelFault::RowSkipped) {
            rows.pop();
        }
        let Self { codes, stride, n_targets, split_from, .. } = self;
        let (stride, n_targets) = (*stride, *n_targets);
        let sum = &mut self.sums[self.latest];
        let sums = &mut sum.sums;
        (sum.min, sum.max) = match codes {
            Codes::Bytes(codes) => {
                sum_by_threads(*split_from, dispatch, codes, stride, rows, n_targets, sums)
            }
            Codes::Words(codes) => dispatch.run(|| {
                kernel::sum_words(codes, stride, rows, sums);
                kernel::bounds(&sums[..n_targets])
            }),
        };
        if self.fault == Some(KernelFault::LaneOffByOne) {
            sums.rotate_right(1);
        }
        sum.version = self.version;
        sum.sources.clear();
        sum.sources.extend_from_slice(spikes.words());
        self.latest
    }

    /// One of the two sums.
    #[inline(always)]
    pub(crate) fn delivered(&self, idx: usize) -> Delivered<'_> {
        let RowSum { sums, min, max, .. } = &self.sums[idx];
        Delivered { sums, min: *min, max: *max }
    }

    /// Changes the weights by a rule that needs neither chance nor memory, and counts those for which it asks
    /// for something. `rows` is scratch.
    pub(crate) fn learn(
        &mut self,
        dispatch: Dispatch,
        changes: Changes,
        pre: Set<'_>,
        post: Set<'_>,
        rows: &mut Vec<u32>,
    ) -> u64 {
        let n_post = post.len();
        let [pre_only, post_only, both] = changes;
        let n_updates = usize::from(both != 0) * pre.len() * n_post
            + usize::from(pre_only != 0) * pre.len() * (self.n_targets - n_post)
            + usize::from(post_only != 0) * (self.n_sources - pre.len()) * n_post;
        if n_updates == 0 {
            return 0;
        }
        self.version += 1;
        let [pre_only, post_only, both] = changes.map(|change| self.code_change(change));
        if (pre_only, both) != (0, 0) {
            pre.list(rows);
            self.change_rows(dispatch, rows, post, [pre_only, both]);
        }
        if post_only != 0 && n_post > 0 {
            rows.clear();
            rows.extend((0..).take(self.n_sources).filter(|&row| !pre.has(row as usize)));
            self.change_rows(dispatch, rows, post, [0, post_only]);
        }
        n_updates as u64
    }

    /// A change in codes. One larger than the range does what one as large does.
    fn code_change(&self, change: i32) -> i16 {
        let codes = change >> (RULE_FRACTION_BITS + self.weight_shift);
        let span = i32::from(self.range[1]) - i32::from(self.range[0]);
        #[expect(clippy::cast_possible_truncation, reason = "codes of plastic weights have 9 bits")]
        let change = codes.clamp(-span, span) as i16;
        change
    }

    /// Changes the named rows: columns outside `post` by the first, columns in `post` by the second.
    fn change_rows(&mut self, dispatch: Dispatch, rows: &[u32], post: Set<'_>, change: [i16; 2]) {
        let columns = (0..self.stride).map(|column| {
            if column >= self.n_targets { 0 } else { change[usize::from(post.has(column))] }
        });
        let range = self.range;
        match &mut self.codes {
            Codes::Words(codes) => {
                let changes: Vec<i16> = columns.collect();
                dispatch.run(|| kernel::change_words(codes, rows, &changes, range));
            }
            Codes::Bytes(codes) => {
                let mut left: Vec<i16> = columns.collect();
                let range = range.map(byte);
                while left.iter().any(|&change| change != 0) {
                    let mut changes = vec![0_i8; left.len()];
                    for (part, left) in changes.iter_mut().zip(&mut left) {
                        *part = byte((*left).clamp(-127, 127));
                        *left -= i16::from(*part);
                    }
                    dispatch.run(|| kernel::change_bytes(codes, rows, &changes, range));
                }
            }
        }
    }

    /// Lets `change` look at and change one weight after the other, as [`synfire_loihi::engine::Synapses`] does.
    pub(crate) fn visit(
        &mut self,
        delay: u8,
        has_row: impl Fn(usize) -> bool,
        has_column: impl Fn(usize) -> bool,
        mut visit: impl FnMut(usize, usize, usize, &mut i16, &mut u8),
    ) {
        self.version += 1;
        let columns: Vec<usize> =
            (0..self.n_targets).filter(|&column| has_column(column)).collect();
        let (stride, n_targets, shift) = (self.stride, self.n_targets, self.weight_shift);
        for source in 0..self.n_sources {
            let mut at = |target: usize| {
                let place = source * stride + target;
                let idx = source * n_targets + target;
                let mut weight = match &self.codes {
                    Codes::Bytes(codes) => i16::from(kernel::code_of(codes[place])),
                    Codes::Words(codes) => codes[place],
                } << shift;
                visit(idx, source, target, &mut weight, &mut { delay });
                match &mut self.codes {
                    Codes::Bytes(codes) => codes[place] = kernel::byte_of(byte(weight >> shift)),
                    Codes::Words(codes) => codes[place] = weight >> shift,
                }
            };
            if has_row(source) {
                (0..n_targets).for_each(&mut at);
            } else {
                columns.iter().copied().for_each(&mut at);
            }
        }
    }
}

/// Sums rows, the left and the right half of the columns each on a thread of the pool that this runs in, if that
/// is worth its while. Outside of a pool, waking one would take longer than it saves.
fn sum_by_threads(
    split_from: usize,
    dispatch: Dispatch,
    codes: &[u8],
    stride: usize,
    rows: &[u32],
    n_targets: usize,
    sums: &mut [i32],
) -> (i32, i32) {
    let widest = kernel::widest(dispatch.lanes());
    let part = |first_block, n_targets, sums| {
        dispatch.run(SumBytes { codes, stride, rows, widest, first_block, n_targets, sums })
    };
    let n_left = stride / BLOCK / 2;
    let is_worth = rows.len() * stride >= split_from && n_left > 0;
    if !is_worth || rayon::current_thread_index().is_none() || rayon::current_num_threads() < 2 {
        return part(0, n_targets, sums);
    }
    let n_left_targets = n_left * BLOCK;
    let (left, right) = sums.split_at_mut(n_left_targets);
    let ((left_min, left_max), (right_min, right_max)) = rayon::join(
        || part(0, n_left_targets, left),
        || part(n_left, n_targets - n_left_targets, right),
    );
    (left_min.min(right_min), left_max.max(right_max))
}

/// A code that is known to fit.
#[expect(clippy::cast_possible_truncation, reason = "the range of the codes was checked")]
const fn byte(code: i16) -> i8 {
    code as i8
}
