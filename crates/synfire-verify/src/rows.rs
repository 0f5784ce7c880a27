//! A set of rows of a matrix, packed.

use std::ops::Range;

/// Some of the rows of a matrix, row k in bit k mod 64 of word k / 64.
pub(crate) struct Rows {
    words: Vec<u64>,
    n_rows: usize,
}

impl Rows {
    /// None of `n_rows` rows.
    pub(crate) fn none(n_rows: usize) -> Self {
        Self { words: vec![0; n_rows.div_ceil(64)], n_rows }
    }

    /// The packed rows.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// Takes over packed rows; says whether they fit, and changes nothing if not.
    pub(crate) fn set_words(&mut self, words: &[u64]) -> bool {
        let rest = self.n_rows % 64;
        let is_beyond = rest > 0 && words.last().is_some_and(|word| word >> rest != 0);
        let fits = words.len() == self.words.len() && !is_beyond;
        if fits {
            self.words.copy_from_slice(words);
        }
        fits
    }

    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    pub(crate) fn add_all(&mut self) {
        self.add_range(0..self.n_rows);
    }

    /// Rows beyond the matrix are ignored.
    pub(crate) fn add(&mut self, row: usize) {
        if row < self.n_rows {
            self.words[row / 64] |= 1 << (row % 64);
        }
    }

    pub(crate) fn add_range(&mut self, range: Range<usize>) {
        for row in range {
            self.add(row);
        }
    }

    /// Adds rows in packed form; there are no bits beyond the matrix.
    pub(crate) fn add_words(&mut self, words: &[u64]) {
        for (word, more) in self.words.iter_mut().zip(words) {
            *word |= more;
        }
    }

    pub(crate) fn add_those(&mut self, other: &Self) {
        self.add_words(&other.words);
    }

    /// Keeps only what the other set has, too.
    pub(crate) fn keep_those(&mut self, other: &Self) {
        for (word, kept) in self.words.iter_mut().zip(&other.words) {
            *word &= kept;
        }
    }

    pub(crate) fn remove_those(&mut self, other: &Self) {
        for (word, gone) in self.words.iter_mut().zip(&other.words) {
            *word &= !gone;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The rows in ascending order, neighbours together.
    pub(crate) fn runs(&self) -> Runs<'_> {
        Runs { words: &self.words, next: 0 }
    }
}

/// Stretches of neighbouring rows, ascending.
pub(crate) struct Runs<'a> {
    words: &'a [u64],
    next: usize,
}

impl Runs<'_> {
    /// The first row from `next` on that is in the set, or that is not; the end if there is none.
    fn first(&self, is_in: bool) -> usize {
        let flip = if is_in { 0 } else { u64::MAX };
        let start = self.next / 64;
        for (word_idx, word) in self.words.iter().enumerate().skip(start) {
            let mut word = word ^ flip;
            if word_idx == start {
                word &= u64::MAX << (self.next % 64);
            }
            if word != 0 {
                return 64 * word_idx + word.trailing_zeros() as usize;
            }
        }
        64 * self.words.len()
    }
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        self.next = self.first(true);
        let start = self.next;
        if start == 64 * self.words.len() {
            return None;
        }
        self.next = self.first(false);
        Some(start..self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(rows: &Rows) -> Vec<(usize, usize)> {
        rows.runs().map(|run| (run.start, run.end)).collect()
    }

    #[test]
    fn neighbours_form_runs() {
        let mut rows = Rows::none(130);
        assert_eq!(rows.runs().next(), None);
        for row in [0, 1, 5, 63, 64, 65, 127, 128, 129, 130, 500] {
            rows.add(row);
        }
        assert_eq!(runs(&rows), [(0, 2), (5, 6), (63, 66), (127, 130)]);
        assert_eq!(rows.len(), 9);
        rows.add_all();
        assert_eq!(runs(&rows), [(0, 130)]);
        let mut others = Rows::none(130);
        others.add_words(&[u64::MAX, 1]);
        rows.remove_those(&others);
        assert_eq!(runs(&rows), [(65, 130)]);
        rows.keep_those(&others);
        assert_eq!(rows.len(), 0);
        rows.add_those(&others);
        assert_eq!(runs(&rows), [(0, 65)]);
        let mut whole = Rows::none(128);
        whole.add_all();
        assert_eq!(runs(&whole), [(0, 128)]);
    }
}
