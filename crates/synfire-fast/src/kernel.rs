//! Loops over lanes: sums of weight rows, changes of weight rows, comparison with a threshold, a compartment's
//! step. Each is the twin of a scalar definition, and written so that the compiler keeps its lanes in registers; run
//! them through [`Dispatch::run`](crate::lanes::Dispatch::run).
//!
//! Rows of codes are padded to whole [`BLOCK`]s, with zeros that no sum of a neuron sees.

use crate::lanes::{Kernel, Lanes};
use synfire_loihi::CompartmentConfig;
use synfire_loihi::limits::{DECAY_BITS, INPUT_BITS, STATE_BITS, VOLTAGE_END};

/// Columns of the narrowest block; rows are padded to a multiple of it.
pub(crate) const BLOCK: usize = 32;

/// What a byte holds for the code 0: bytes are codes from -128 up.
pub(crate) const ZERO: u8 = 128;

/// Rows of bytes whose sums fit 16 bits whatever the bytes: 257 times 255 is 65535.
const ROWS_IN_16_BITS: usize = 257;

/// Blocks whose sums stay in registers: x86-64 has 16 vector registers of 32 bytes, 14 of which hold sums; in its
/// baseline they are half as long.
pub(crate) const fn widest(lanes: Lanes) -> usize {
    match lanes {
        Lanes::Baseline => 3,
        Lanes::V3 | Lanes::V4 => 7,
    }
}

/// Writes the sum of the codes of the named rows into `sums`, one per padded column from `first_block` on, and returns
/// bounds of the first `n_targets`. Columns are cut into parts of at most `widest` blocks, as even as possible.
pub(crate) struct SumBytes<'a> {
    pub(crate) codes: &'a [u8],
    pub(crate) stride: usize,
    pub(crate) rows: &'a [u32],
    pub(crate) widest: usize,
    pub(crate) first_block: usize,
    pub(crate) n_targets: usize,
    pub(crate) sums: &'a mut [i32],
}

impl Kernel for SumBytes<'_> {
    type Output = (i32, i32);

    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { codes, stride, rows, widest, first_block, n_targets, sums } = self;
        sums.fill(0);
        let n_blocks = sums.len() / BLOCK;
        let n_parts = n_blocks.div_ceil(widest);
        for part in 0..n_parts {
            let [from, to] = [part, part + 1].map(|part| n_blocks * part / n_parts);
            let start = (first_block + from) * BLOCK;
            let sums = &mut sums[from * BLOCK..to * BLOCK];
            match to - from {
                1 => add_bytes::<16>(codes, stride, rows, start, sums),
                2 => add_bytes::<32>(codes, stride, rows, start, sums),
                3 => add_bytes::<48>(codes, stride, rows, start, sums),
                4 => add_bytes::<64>(codes, stride, rows, start, sums),
                5 => add_bytes::<80>(codes, stride, rows, start, sums),
                6 => add_bytes::<96>(codes, stride, rows, start, sums),
                _ => add_bytes::<112>(codes, stride, rows, start, sums),
            }
        }
        bounds(&sums[..n_targets])
    }
}

/// Adds `2 N` columns. Two neighbours share a lane of 16 bits: added up as they stand, lanes give
/// `lower + 256 upper` modulo 65536; added up after a shift by eight bits, they give `upper`. Both bytes' sums fit
/// 16 bits, so both are exact.
#[inline(always)]
fn add_bytes<const N: usize>(
    codes: &[u8],
    stride: usize,
    rows: &[u32],
    start: usize,
    sums: &mut [i32],
) {
    for rows in rows.chunks(ROWS_IN_16_BITS) {
        let (mut lanes, mut uppers) = ([0_u16; N], [0_u16; N]);
        for &row in rows {
            let (pairs, _) = codes[row as usize * stride + start..][..2 * N].as_chunks::<2>();
            for ((lane, upper), &pair) in lanes.iter_mut().zip(&mut uppers).zip(pairs) {
                let pair = u16::from_le_bytes(pair);
                *lane = lane.wrapping_add(pair);
                *upper = upper.wrapping_add(pair >> 8);
            }
        }
        // Every byte was one of `ZERO` and its code.
        #[expect(clippy::cast_possible_truncation, reason = "at most 257 rows")]
        #[expect(clippy::cast_possible_wrap, reason = "at most 257 rows")]
        let zero = i32::from(ZERO) * rows.len() as i32;
        // Fresh arrays, because indexed accumulators would not stay in registers.
        let mut lowers = [0_i32; N];
        for (lower, (&lane, &upper)) in lowers.iter_mut().zip(lanes.iter().zip(&uppers)) {
            *lower = i32::from(lane.wrapping_sub(upper << 8)) - zero;
        }
        let uppers = uppers.map(|upper| i32::from(upper) - zero);
        let sums = &mut sums[..2 * N];
        for column in 0..N {
            sums[2 * column] += lowers[column];
            sums[2 * column + 1] += uppers[column];
        }
    }
}

/// The same for 16-bit codes. A sum of a layer's codes fits 32 bits: lowering refuses networks where the charges
/// they stand for would not.
#[inline(always)]
pub(crate) fn sum_words(codes: &[i16], stride: usize, rows: &[u32], sums: &mut [i32]) {
    for (start, sums) in (0..stride).step_by(BLOCK).zip(sums.chunks_exact_mut(BLOCK)) {
        add_words(codes, stride, rows, start, sums);
    }
}

#[inline(always)]
fn add_words(codes: &[i16], stride: usize, rows: &[u32], start: usize, sums: &mut [i32]) {
    let mut lanes = [0_i32; BLOCK];
    for &row in rows {
        let codes = &codes[row as usize * stride + start..][..BLOCK];
        for (lane, &code) in lanes.iter_mut().zip(codes) {
            *lane = lane.wrapping_add(i32::from(code));
        }
    }
    sums.copy_from_slice(&lanes);
}

/// Least and largest of some sums; 0 and 0 of none.
#[inline(always)]
pub(crate) fn bounds(sums: &[i32]) -> (i32, i32) {
    let (mut min, mut max) = (i32::MAX, i32::MIN);
    for &sum in sums {
        min = min.min(sum);
        max = max.max(sum);
    }
    if sums.is_empty() { (0, 0) } else { (min, max) }
}

/// Adds to every code of the named rows the change of its column and clamps it to the range. No change is larger
/// than a byte; larger ones are made of several, which saturate alike.
#[inline(always)]
pub(crate) fn change_bytes(codes: &mut [u8], rows: &[u32], changes: &[i8], [min, max]: [i8; 2]) {
    let stride = changes.len();
    for &row in rows {
        let codes = &mut codes[row as usize * stride..][..stride];
        for (byte, &change) in codes.iter_mut().zip(changes) {
            let code = code_of(*byte).saturating_add(change);
            *byte = byte_of(code.max(min).min(max));
        }
    }
}

/// Columns that are read at once where rows are no longer.
const SHORT: usize = 16;

/// Reads weights out of padded rows, in canonical order from synapse `first` on.
pub(crate) struct ReadBytes<'a> {
    pub(crate) codes: &'a [u8],
    pub(crate) stride: usize,
    pub(crate) n_targets: usize,
    /// Power of two from a code to a weight.
    pub(crate) shift: u32,
    pub(crate) first: usize,
    pub(crate) weights: &'a mut [i16],
}

impl Kernel for ReadBytes<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { codes, stride, n_targets, shift, first, weights } = self;
        let weight = |byte: u8| i16::from(code_of(byte)) << shift;
        let (mut source, mut target) = (first / n_targets, first % n_targets);
        let mut done = 0;
        if target == 0 && n_targets <= SHORT {
            // A short row is read as a whole block, whose end the next row writes over.
            for row in codes.chunks_exact(stride).skip(source) {
                let (Some(block), Some(place)) =
                    (row.first_chunk::<SHORT>(), weights[done..].first_chunk_mut::<SHORT>())
                else {
                    break;
                };
                *place = block.map(weight);
                (source, done) = (source + 1, done + n_targets);
            }
        }
        while done < weights.len() {
            let row = &codes[source * stride + target..][..n_targets - target];
            let rest = &mut weights[done..];
            for (place, &byte) in rest.iter_mut().zip(row) {
                *place = weight(byte);
            }
            done += rest.len().min(row.len());
            (source, target) = (source + 1, 0);
        }
    }
}

/// The code that a byte holds.
#[inline(always)]
pub(crate) const fn code_of(byte: u8) -> i8 {
    (byte ^ ZERO).cast_signed()
}

/// The byte that holds a code.
#[inline(always)]
pub(crate) const fn byte_of(code: i8) -> u8 {
    code.cast_unsigned() ^ ZERO
}

/// The same for 16-bit codes.
#[inline(always)]
pub(crate) fn change_words(codes: &mut [i16], rows: &[u32], changes: &[i16], [min, max]: [i16; 2]) {
    let stride = changes.len();
    for &row in rows {
        let codes = &mut codes[row as usize * stride..][..stride];
        for (code, &change) in codes.iter_mut().zip(changes) {
            *code = code.saturating_add(change).max(min).min(max);
        }
    }
}

/// Sets the bit of every sum above `limit`. Bits beyond the sums are cleared.
#[inline(always)]
pub(crate) fn above(sums: &[i32], limit: i32, words: &mut [u64]) {
    let (wholes, rest) = sums.as_chunks::<64>();
    for (word, sums) in words.iter_mut().zip(wholes) {
        *word = gathered(&sums.map(|sum| u8::from(sum > limit)));
    }
    if let Some(word) = words.get_mut(wholes.len()) {
        let mut bytes = [0; 64];
        for (byte, &sum) in bytes.iter_mut().zip(rest) {
            *byte = u8::from(sum > limit);
        }
        *word = gathered(&bytes);
    }
}

/// Packs bytes of 0 and 1 into a word, the first byte lowest.
#[inline(always)]
pub(crate) fn gathered(bytes: &[u8; 64]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    let mut word = 0;
    for (shift, &eight) in (0..64).step_by(8).zip(eights) {
        // Byte i, times 2^(56 - 7 i), lands on bit 56 + i; the eight products that land there never meet
        // another, so nothing carries.
        word |= (u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << shift;
    }
    word
}

/// Adds `charge` to every sum.
#[inline(always)]
pub(crate) fn add_uniform(sums: &mut [i32], charge: i32) {
    for sum in sums {
        *sum = sum.wrapping_add(charge);
    }
}

/// Adds codes, shifted, to sums.
#[inline(always)]
pub(crate) fn add_shifted(sums: &mut [i32], codes: &[i32], shift: u32) {
    for (sum, &code) in sums.iter_mut().zip(codes) {
        *sum = sum.wrapping_add(code << shift);
    }
}

/// Parameters of a step as lanes want them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepParameters {
    kept_current: i32,
    kept_voltage: i32,
    bias: i32,
    threshold: i32,
    hold: i32,
    min: i32,
    max: i32,
}

impl StepParameters {
    pub(crate) fn new(config: &CompartmentConfig) -> Self {
        let kept = |decay: synfire_net::Decay| (1 << DECAY_BITS) - i32::from(decay.get());
        Self {
            kept_current: kept(config.current_decay),
            kept_voltage: kept(config.voltage_decay),
            bias: config.bias.charge(),
            threshold: config.threshold.charge(),
            hold: i32::from(config.refractory.get()) - 1,
            min: config.voltage_limits.min(),
            max: config.voltage_limits.max(),
        }
    }
}

/// States of compartments, one array per quantity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct States {
    pub(crate) current: Vec<i32>,
    pub(crate) voltage: Vec<i32>,
    pub(crate) held: Vec<i32>,
}

/// What a step of all compartments did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stepped {
    /// Some sum left its register in a way that is a fault.
    pub(crate) has_fault: bool,
    /// Some state is not what it was.
    pub(crate) has_changed: bool,
}

/// One step of all compartments without noise, the twin of [`CompartmentConfig::step`]: from `before` and the
/// input of the step to `after`, and a byte of 0 or 1 for every spike.
#[inline(always)]
pub(crate) fn step(
    parameters: &StepParameters,
    before: &States,
    input: &[i32],
    after: &mut States,
    spiked: &mut [u8],
) -> Stepped {
    let &StepParameters { kept_current, kept_voltage, bias, threshold, hold, min, max } =
        parameters;
    let (mut fault_bits, mut changed_bits) = (0, 0);
    let n = input.len();
    let [old_current, old_voltage, old_held] =
        [&before.current[..n], &before.voltage[..n], &before.held[..n]];
    let [new_current, new_voltage, new_held] =
        [&mut after.current[..n], &mut after.voltage[..n], &mut after.held[..n]];
    let spiked = &mut spiked[..n];
    for idx in 0..n {
        let charge = wrap::<INPUT_BITS>(input[idx]);
        let current = decayed(old_current[idx], kept_current) + charge;
        let held_current = wrap::<STATE_BITS>(current);
        let biased = held_current + bias;
        let drive = wrap::<STATE_BITS>(biased);
        let voltage = decayed(old_voltage[idx], kept_voltage) + drive;
        let clamped = voltage.max(min).min(max);
        let is_free = i32::from(old_held[idx] == 0);
        let spike = is_free & i32::from(clamped > threshold);
        let is_beyond = i32::from(!(-VOLTAGE_END..=VOLTAGE_END).contains(&voltage));
        let free_mask = -is_free;
        fault_bits |= (charge ^ input[idx])
            | (held_current ^ current)
            | (free_mask & ((drive ^ biased) | is_beyond));
        let next_voltage = free_mask & (spike - 1) & clamped;
        let next_held = (spike * hold) | (!free_mask & (old_held[idx] - 1));
        changed_bits |= (held_current ^ old_current[idx])
            | (next_voltage ^ old_voltage[idx])
            | (next_held ^ old_held[idx])
            | spike;
        new_current[idx] = held_current;
        new_voltage[idx] = next_voltage;
        new_held[idx] = next_held;
        #[expect(clippy::cast_possible_truncation, reason = "0 or 1")]
        #[expect(clippy::cast_sign_loss, reason = "0 or 1")]
        let byte = spike as u8;
        spiked[idx] = byte;
    }
    Stepped { has_fault: fault_bits != 0, has_changed: changed_bits != 0 }
}

/// [`fixed::wrap`](synfire_loihi::fixed::wrap) with a width that is known.
#[inline(always)]
const fn wrap<const BITS: u32>(value: i32) -> i32 {
    (value << (31 - BITS)) >> (31 - BITS)
}

/// [`fixed::decay`](synfire_loihi::fixed::decay) of a state of 24 bits, without 64-bit products: of a magnitude
/// 4096 a + b the part a is multiplied exactly and only b is rounded.
#[inline(always)]
const fn decayed(state: i32, kept: i32) -> i32 {
    let sign = state >> 31;
    let magnitude = (state ^ sign) - sign;
    let (high, low) = (magnitude >> DECAY_BITS, magnitude & ((1 << DECAY_BITS) - 1));
    let left = high * kept + ((low * kept) >> DECAY_BITS);
    (left ^ sign) - sign
}

#[cfg(test)]
mod tests;
