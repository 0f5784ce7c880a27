//! The order of the samples in one epoch.
//!
//! A Fisher-Yates shuffle from the last place down, whose draws are rejected and never folded, so
//! that all orders are equally likely. The words of epoch `e` are stream `e` of domain `shuffle`
//! (`shuf` with the index that its other letters spell): an order depends on the number of samples,
//! the seed and the epoch, and not on the epochs before it.
//!
//! `synfire_data::shuffle` gives the same orders, so that a run can be repeated with either. It is
//! written separately, as neither crate depends on the other; `tests/equivalence/order.rs` of the
//! workspace holds the two together.

use crate::draw::Draw;

/// The indices `0..n` in the order of one epoch. Equal arguments give equal orders on every
/// machine and in every release.
///
/// An index fits 32 bits: of more than 2^32 samples only the first 2^32 would be listed.
///
/// ```
/// let order = synfire_reference::order::shuffle(60_000, 1, 0);
/// assert_eq!(order.len(), 60_000);
/// assert_ne!(order, synfire_reference::order::shuffle(60_000, 1, 1));
/// ```
#[must_use]
pub fn shuffle(n: usize, seed: u64, epoch: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..=u32::MAX).take(n).collect();
    let mut words = half_words(Draw::new(*b"shuf", u32::from_le_bytes(*b"fle\0"), seed, epoch));
    for last in (1..order.len()).rev() {
        let chosen = below(last as u64 + 1, &mut words);
        // The chosen place is at most `last`, which is a usize.
        order.swap(last, usize::try_from(chosen).unwrap_or(last));
    }
    order
}

/// The words of a stream in halves of 32 bits, the lower half first.
fn half_words(mut draw: Draw) -> impl Iterator<Item = u64> {
    std::iter::repeat_with(move || draw.word())
        .flat_map(|word| [word & u64::from(u32::MAX), word >> 32])
}

/// A number in `0..bound`, all equally likely, for a bound of 1 to 2^32.
///
/// The 32 bits above the point of `word / 2^32 * bound`. A word leads to one number or the next by
/// where its products fall; those left over when 2^32 words are dealt out evenly, whose fractions are
/// below `2^32 mod bound`, are drawn again.
fn below(bound: u64, words: &mut impl Iterator<Item = u64>) -> u64 {
    let n_left_over = (1 << 32) % bound;
    let products = words.map(|word| word * bound);
    let mut kept = products.filter(|product| product % (1 << 32) >= n_left_over);
    // The words never end.
    kept.next().map_or(0, |product| product >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The orders this release draws. They must never change: runs are named by their seed.
    #[test]
    fn orders_are_pinned() {
        assert_eq!(shuffle(10, 1, 0), TEN);
        assert_eq!(shuffle(10, 1, 1), NEXT);
        assert_eq!(shuffle(10, 2, 0), OTHER);
        assert_eq!(shuffle(60_000, 1, 0)[..5], LONG);
    }

    // From an independent program (Python, its own ChaCha).
    const TEN: [u32; 10] = [9, 4, 8, 6, 2, 3, 0, 5, 1, 7];
    const NEXT: [u32; 10] = [7, 2, 6, 5, 4, 3, 1, 8, 9, 0];
    const OTHER: [u32; 10] = [5, 2, 6, 9, 3, 4, 0, 7, 1, 8];
    const LONG: [u32; 5] = [53_136, 11_090, 52_930, 48_830, 52_537];

    /// The bound with the most words left over, one in four: without drawing again, a multiple of 3
    /// would come up twice as often as any other number.
    #[test]
    fn draws_are_even_where_many_are_rejected() {
        let mut words = half_words(Draw::new(*b"test", 0, 2, 0));
        let mut counts = [0_u32; 3];
        for _ in 0..30_000 {
            let drawn = below(3 << 30, &mut words);
            assert!(drawn < 3 << 30);
            counts[usize::try_from(drawn % 3).unwrap_or(9)] += 1;
        }
        // 10,000 each, with a standard deviation of 82.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 400), "{counts:?}");
    }

    #[test]
    fn every_index_occurs_once() {
        assert!(shuffle(0, 1, 0).is_empty());
        assert_eq!(shuffle(1, 1, 0), [0]);
        for n in [2, 3, 64, 65, 1000] {
            let mut order = shuffle(n, 5, 9);
            order.sort_unstable();
            assert!(order.iter().copied().eq((0..=u32::MAX).take(n)));
        }
    }

    /// All 24 orders of four samples come up about equally often over 24,000 epochs.
    #[test]
    fn all_orders_are_equally_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for epoch in 0..24_000 {
            *counts.entry(shuffle(4, 3, epoch)).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        // Four and a half standard deviations of a count with mean 1000 are 140.
        assert!(counts.values().all(|count| count.abs_diff(1000) < 140), "{counts:?}");
    }
}
