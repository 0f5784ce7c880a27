//! Addressed, pinned random draws: every stream is a function of (domain, seed, stream number).
//!
//! ChaCha with 8 rounds, keyed with the seed and a domain tag, so that the shuffle and the digits of
//! one seed never share a draw. Bounded draws are written here and not taken from a distribution
//! crate, whose algorithm may change between releases: the order of a data set and the pixels of the
//! digits are results that people compare across years.
//!
//! Not for secrets, and not for real-valued draws.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One random stream.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream number `stream` of `seed` in `domain`.
    ///
    /// Key bytes 0 to 7 are the seed, little endian, 8 to 15 the domain, the rest zero; `stream` is
    /// the ChaCha stream number (nonce).
    pub(crate) fn new(domain: &[u8; 8], seed: u64, stream: u64) -> Draw {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(domain);
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Draw(rng)
    }

    /// A number in `0..bound`, each equally likely; 0 when `bound` is 0.
    ///
    /// Multiply and reject (Lemire 2019): the high half of `word * bound` is unbiased once words
    /// whose low half falls below `2^32 mod bound` are drawn again.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        if bound == 0 {
            return 0;
        }
        let bound = u64::from(bound);
        loop {
            let product = u64::from(self.0.next_u32()) * bound;
            let [high, low] = [product >> 32, product & 0xffff_ffff];
            // The remainder is below the bound, so the division is hardly ever needed.
            if low >= bound || low >= (1 << 32) % bound {
                return u32::try_from(high).expect("a 32-bit bound keeps the high half in 32 bits");
            }
        }
    }

    /// A number in `-reach..=reach`, each equally likely.
    pub(crate) fn within(&mut self, reach: u32) -> i64 {
        i64::from(self.below(2 * reach + 1)) - i64::from(reach)
    }

    /// A bell-shaped number in `-reach..=reach`: the mean of three even draws, which keeps most
    /// near 0 and still bounds every one.
    pub(crate) fn bell(&mut self, reach: u32) -> i64 {
        (self.within(reach) + self.within(reach) + self.within(reach)) / 3
    }

    /// True in `times` of `of` cases.
    pub(crate) fn chance(&mut self, times: u32, of: u32) -> bool {
        self.below(of) < times
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;

    /// Computed with a ChaCha8 and a bounded draw written separately, in Python, from their definitions.
    /// A change here changes every shuffle and every digit.
    #[test]
    fn words_are_pinned() {
        let mut draw = Draw::new(b"testing.", 7, 3);
        let words: Vec<u32> = (0..4).map(|_| draw.below(u32::MAX)).collect();
        assert_eq!(words, [2014789283, 1642564494, 2941246317, 3385013295]);
    }

    #[test]
    fn bounded_draws_are_even_and_bounded() {
        let mut draw = Draw::new(b"testing.", 1, 0);
        // 3 * 2^30 is the bound with the most rejections: one word in four is drawn again. Without
        // that, two words in four would lead to a multiple of 3.
        let bound = 3 << 30;
        let mut rests = [0_u32; 3];
        for _ in 0..30_000 {
            let drawn = draw.below(bound);
            assert!(drawn < bound);
            rests[(drawn % 3) as usize] += 1;
        }
        // 10,000 each; standard deviation 82.
        assert!(rests.iter().all(|&n| n.abs_diff(10_000) < 500), "{rests:?}");
        assert!((0..1000).all(|_| draw.below(1) == 0));
        assert_eq!(draw.below(0), 0);
    }

    #[test]
    fn domains_seeds_and_streams_differ() {
        let first = |domain, seed, stream| Draw::new(domain, seed, stream).below(u32::MAX);
        let all = [
            first(b"testing.", 1, 1),
            first(b"testing!", 1, 1),
            first(b"testing.", 2, 1),
            first(b"testing.", 1, 2),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b), "{all:?}");
        }
    }

    #[test]
    fn centred_draws_reach_both_ends_and_no_further() {
        let mut draw = Draw::new(b"testing.", 5, 0);
        let drawn: Vec<i64> = (0..2000).map(|_| draw.within(4)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-4), Some(&4)));
        assert!((0..2000).all(|_| draw.bell(30).abs() <= 30));
        let hits = (0..4000).filter(|_| draw.chance(1, 4)).count();
        assert!(hits.abs_diff(1000) < 150, "{hits}");
    }
}
