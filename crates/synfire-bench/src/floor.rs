//! The memory floor: a plain pass over the weight bytes that a sample cannot do without.
//!
//! Whatever computes a sample exactly has to read the rows of `w1` that belong to its active inputs and
//! the rows of `w2` that belong to its active hidden neurons. A [`Floor`] holds both matrices at one or
//! two bytes a weight, row by row, and adds up the bytes of such rows as words of eight: nothing is
//! multiplied, compared or written. What an engine takes longer than that, on the same machine and in
//! the same run, is its own doing.

use crate::Workload;

/// Bytes in a word.
const WORD: usize = size_of::<u64>();

/// How wide a stored weight is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One byte.
    I8,
    /// Two bytes.
    I16,
}

impl Width {
    /// The bytes of a weight. One byte keeps the lower half: only the amount matters here.
    fn bytes(self, weight: i16) -> impl Iterator<Item = u8> {
        let n_bytes = match self {
            Self::I8 => 1,
            Self::I16 => 2,
        };
        weight.to_le_bytes().into_iter().take(n_bytes)
    }
}

/// A matrix whose rows begin at whole words.
#[derive(Clone, Debug)]
struct Rows {
    words: Vec<u64>,
    words_per_row: usize,
    bytes_per_row: usize,
}

impl Rows {
    fn new(weights: &[i16], n_targets: usize, width: Width) -> Self {
        let bytes = |row: &[i16]| row.iter().flat_map(|&w| width.bytes(w)).collect::<Vec<u8>>();
        let mut words = Vec::new();
        let mut bytes_per_row = 0;
        for row in weights.chunks_exact(n_targets) {
            let bytes = bytes(row);
            bytes_per_row = bytes.len();
            words.extend(bytes.chunks(WORD).map(word));
        }
        Self { words, words_per_row: bytes_per_row.div_ceil(WORD), bytes_per_row }
    }

    fn row(&self, row_idx: usize) -> &[u64] {
        &self.words[row_idx * self.words_per_row..][..self.words_per_row]
    }
}

/// Up to eight bytes, the first the least.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

fn sum(words: &[u64]) -> u64 {
    words.iter().fold(0, |sum: u64, &word| sum.wrapping_add(word))
}

/// The matrices of a workload, and the rows that each of its samples touches.
#[derive(Clone, Debug)]
pub struct Floor {
    w1: Rows,
    w2: Rows,
    /// Active inputs and active hidden neurons of each sample, with the workload's weights.
    samples: Vec<(Vec<u32>, Vec<u32>)>,
}

impl Floor {
    /// The workload's matrices at this width.
    ///
    /// # Panics
    /// Never: a workload's samples fit its shape.
    #[must_use]
    pub fn new(workload: &Workload, width: Width) -> Self {
        let mut reference = workload.reference();
        let touched = |(active, _): &(Vec<u32>, u32)| {
            let record = reference.infer(active).expect("a sample of the set");
            (active.clone(), record.layers()[0].active_list().to_vec())
        };
        let samples = workload.case.samples.iter().map(touched).collect();
        let [n_hidden, n_outputs] = [1, 2].map(|layer| workload.shape.n_neurons(layer));
        let weights = &workload.case.weights;
        Self {
            w1: Rows::new(&weights.w1, n_hidden, width),
            w2: Rows::new(&weights.w2, n_outputs, width),
            samples,
        }
    }

    /// Adds up what sample `sample_idx` touches. Numbers beyond the last sample start over.
    #[must_use]
    pub fn read_sample(&self, sample_idx: usize) -> u64 {
        let (inputs, hidden) = &self.samples[sample_idx % self.samples.len()];
        let rows = |rows: &Rows, indices: &[u32]| {
            indices
                .iter()
                .fold(0, |total: u64, &idx| total.wrapping_add(sum(rows.row(idx as usize))))
        };
        rows(&self.w1, inputs).wrapping_add(rows(&self.w2, hidden))
    }

    /// Adds up both matrices.
    #[must_use]
    pub fn read_all(&self) -> u64 {
        sum(&self.w1.words).wrapping_add(sum(&self.w2.words))
    }

    /// Mean number of weight bytes that a sample touches.
    #[must_use]
    pub fn bytes_per_sample(&self) -> u64 {
        let bytes = |(inputs, hidden): &(Vec<u32>, Vec<u32>)| {
            inputs.len() * self.w1.bytes_per_row + hidden.len() * self.w2.bytes_per_row
        };
        let total: usize = self.samples.iter().map(bytes).sum();
        (total / self.samples.len()) as u64
    }

    /// Bytes of both matrices, rows filled up to whole words.
    #[must_use]
    pub fn bytes_in_all(&self) -> u64 {
        ((self.w1.words.len() + self.w2.words.len()) * WORD) as u64
    }

    /// Adds up the touched weights once more, weight by weight, and compares.
    ///
    /// # Panics
    /// If a pass reads other bytes than those of the weights.
    pub fn check(&self, workload: &Workload, width: Width) {
        let weights = &workload.case.weights;
        let [n_hidden, n_outputs] = [1, 2].map(|layer| workload.shape.n_neurons(layer));
        let of_row = |matrix: &[i16], n_targets: usize, row_idx: usize| {
            let row = &matrix[row_idx * n_targets..][..n_targets];
            let bytes = row.iter().flat_map(|&weight| width.bytes(weight)).enumerate();
            bytes.fold(0, |total: u64, (byte_idx, byte)| {
                total.wrapping_add(u64::from(byte) << (8 * (byte_idx % WORD)))
            })
        };
        for (sample_idx, (inputs, hidden)) in self.samples.iter().enumerate() {
            let first = inputs.iter().map(|&idx| of_row(&weights.w1, n_hidden, idx as usize));
            let second = hidden.iter().map(|&idx| of_row(&weights.w2, n_outputs, idx as usize));
            let expected = first.chain(second).fold(0, u64::wrapping_add);
            assert_eq!(self.read_sample(sample_idx), expected, "sample {sample_idx}");
        }
        let rows = |matrix: &[i16], n_targets: usize| {
            (0..matrix.len() / n_targets)
                .map(|idx| of_row(matrix, n_targets, idx))
                .fold(0, u64::wrapping_add)
        };
        let expected = rows(&weights.w1, n_hidden).wrapping_add(rows(&weights.w2, n_outputs));
        assert_eq!(self.read_all(), expected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_at_whole_words() {
        // Three weights a row: 3 bytes, or 6.
        let rows = Rows::new(&[1, 2, 3, -1, 5, 6], 3, Width::I8);
        assert_eq!((rows.row(0), rows.row(1)), (&[0x03_02_01][..], &[0x06_05_ff][..]));
        assert_eq!(rows.bytes_per_row, 3);
        let rows = Rows::new(&[1, 2, 3, -1, 5, 6], 3, Width::I16);
        assert_eq!(rows.row(1), [0x0006_0005_ffff]);
        let wide = Rows::new(&[1; 9], 9, Width::I8);
        assert_eq!(wide.row(0), [0x0101_0101_0101_0101, 1]);
        assert_eq!(sum(wide.row(0)), 0x0101_0101_0101_0102);
    }
}
