//! The order of the samples in one epoch.
//!
//! A Fisher-Yates shuffle whose draws are rejected and never folded, so that all orders are
//! equally likely. The draws of epoch `e` are stream `e` of domain `ordr`: an order depends on the
//! number of samples, the seed and the epoch, and not on the epochs before it.

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
    let mut draw = Draw::new(*b"ordr", 0, seed, epoch);
    let mut order: Vec<u32> = (0..=u32::MAX).take(n).collect();
    for last in (1..order.len()).rev() {
        let chosen = draw.below(last as u64 + 1);
        // The chosen place is at most `last`, which is a usize.
        order.swap(last, usize::try_from(chosen).unwrap_or(last));
    }
    order
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
    const TEN: [u32; 10] = [2, 4, 8, 7, 9, 6, 0, 5, 1, 3];
    const NEXT: [u32; 10] = [6, 7, 2, 8, 1, 4, 3, 5, 9, 0];
    const OTHER: [u32; 10] = [2, 7, 0, 1, 5, 3, 4, 8, 6, 9];
    const LONG: [u32; 5] = [59_447, 11_364, 32_813, 57_411, 3388];

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
