//! The two implementations of the shuffle, of crates that do not know each other, give one order.

use proptest::prelude::*;

fn check(n: usize, seed: u64, epoch: u64) {
    let [used, twin] = [synfire_data::shuffle, synfire_reference::order::shuffle];
    assert!(used(n, seed, epoch) == twin(n, seed, epoch), "n {n}, seed {seed}, epoch {epoch}");
}

#[test]
fn orders_agree_for_every_small_size() {
    for n in 0..=300 {
        for (seed, epoch) in [(0, 0), (1, 0), (1, 1), (u64::MAX, 59)] {
            check(n, seed, epoch);
        }
    }
}

#[test]
fn orders_agree_for_the_data_sets() {
    for n in [10_000, 60_000] {
        for seed in 1..=5 {
            for epoch in [0, 1, 59] {
                check(n, seed, epoch);
            }
        }
    }
}

proptest! {
    /// Any seed and epoch, to the ends of their ranges.
    #[test]
    fn orders_agree(n in 0_usize..5000, seed in any::<u64>(), epoch in any::<u64>()) {
        check(n, seed, epoch);
    }
}
