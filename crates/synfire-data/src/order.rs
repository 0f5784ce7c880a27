//! The order in which an epoch visits its samples: a pinned Fisher-Yates shuffle.
//!
//! Each epoch has its own random stream, addressed by (seed, epoch): a resumed run needs no replay
//! of the epochs before. The order is part of a result, so it is pinned by test and a change of it
//! belongs under "Values" in the changelog.
//!
//! `synfire_reference::order::shuffle` gives the same orders. It is written separately, as neither crate
//! depends on the other; `tests/equivalence/order.rs` of the workspace holds the two together.

use crate::draw::Draw;

/// The order of `n` samples in `epoch` of a run with `seed`: a permutation of `0..n`.
///
/// Fisher-Yates from the last position down, each swap partner drawn without bias from a ChaCha8
/// stream that is a function of `seed` and `epoch` only.
///
/// # Panics
/// If `n` exceeds 2^32, which no [`Dataset`](crate::Dataset) can reach.
#[must_use]
pub fn shuffle(n: usize, seed: u64, epoch: u64) -> Vec<u32> {
    let last = u32::try_from(n.saturating_sub(1)).expect("a data set has at most 2^32 samples");
    if n == 0 {
        return Vec::new();
    }
    shuffled(last, &mut Draw::new(b"shuffle\0", seed, epoch))
}

/// A permutation of `0..=last`.
pub(crate) fn shuffled(last: u32, draw: &mut Draw) -> Vec<u32> {
    let mut order: Vec<u32> = (0..=last).collect();
    for position in (1..=last).rev() {
        // `position` is below 2^32 - 1 whenever a vector of u32 of this length fits in memory.
        let partner = draw.below(position.saturating_add(1));
        order.swap(position as usize, partner as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::shuffle;

    /// Computed with a shuffle written separately, in Python, on its own ChaCha8.
    #[test]
    fn orders_are_pinned() {
        assert_eq!(shuffle(10, 1, 0), [9, 4, 8, 6, 2, 3, 0, 5, 1, 7]);
        assert_eq!(shuffle(10, 1, 1), [7, 2, 6, 5, 4, 3, 1, 8, 9, 0]);
        assert_eq!(shuffle(10, 2, 0), [5, 2, 6, 9, 3, 4, 0, 7, 1, 8]);
    }

    #[test]
    fn corners() {
        assert_eq!(shuffle(0, 1, 0), []);
        assert_eq!(shuffle(1, 1, 0), [0]);
    }

    /// All 24 orders of four samples, each about 1,000 times in 24,000 epochs (standard deviation 31).
    #[test]
    fn every_order_is_equally_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for epoch in 0..24_000 {
            *counts.entry(shuffle(4, 9, epoch)).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|n| n.abs_diff(1000) < 150), "{counts:?}");
    }
}
