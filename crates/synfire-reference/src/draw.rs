//! Addressed random words: each one a function of seed, domain, stream and position.
//!
//! ChaCha with 8 rounds. Bytes 0 to 7 of the key are the seed, little endian; bytes 8 to 11 the
//! domain; bytes 12 to 15 the domain's index, little endian; the rest is zero. The stream is
//! ChaCha's nonce. Domains keep initial weights and shuffles of one seed apart; a stream of its
//! own for every weight keeps a weight independent of how many words its neighbours used.
//!
//! What is made of the words is written in [`init`](crate::init) and [`order`](crate::order) and
//! not taken from a distribution crate, whose algorithm may change between releases. Not for
//! secrets.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One stream of random words.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn new(domain: [u8; 4], index: u32, seed: u64, stream: u64) -> Draw {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&domain);
        key[12..16].copy_from_slice(&index.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Draw(rng)
    }

    /// Restarts at the first word of another stream.
    pub(crate) fn restart(&mut self, stream: u64) {
        self.0.set_stream(stream);
        self.0.set_word_pos(0);
    }

    /// The next 64 random bits.
    pub(crate) fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..bound`, all equally likely; 0 if the bound is 0.
    ///
    /// Words are cut to the bits that the bound needs and drawn again while they reach it
    /// (rejection), so there is no bias whatever the bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound < 2 {
            return 0;
        }
        let mask = u64::MAX >> (bound - 1).leading_zeros();
        loop {
            let word = self.word() & mask;
            if word < bound {
                return word;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The generator is plain ChaCha8: the words are those of the key and nonce described above.
    /// The expected words were computed with a ChaCha implementation written for this test, in
    /// Python, from RFC 8439's block function with 8 rounds and a 64-bit counter and nonce.
    #[test]
    fn words_are_chacha8_of_the_documented_key() {
        let mut draw = Draw::new(*b"init", 3, 0x0102_0304_0506_0708, 5);
        let words = [draw.word(), draw.word(), draw.word()];
        assert_eq!(words, WORDS);
        draw.restart(6);
        assert_ne!(draw.word(), WORDS[0]);
        draw.restart(5);
        assert_eq!([draw.word(), draw.word(), draw.word()], WORDS);
    }

    const WORDS: [u64; 3] = [0x6a1c_7e4b_8bac_cecf, 0x0218_667f_0afb_48cd, 0xe99b_b9b1_922a_5483];

    /// Every value of a bound that is not a power of two comes up about equally often.
    #[test]
    fn bounded_draws_are_even() {
        let mut draw = Draw::new(*b"test", 0, 1, 0);
        let mut counts = [0_u32; 5];
        for _ in 0..50_000 {
            let drawn = draw.below(5);
            if let Some(count) = counts.get_mut(usize::try_from(drawn).unwrap_or(9)) {
                *count += 1;
            }
        }
        assert_eq!(counts.iter().sum::<u32>(), 50_000);
        // Four standard deviations of a binomial count with p = 1/5 are 358.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 358), "{counts:?}");
        assert_eq!([draw.below(0), draw.below(1)], [0, 0]);
    }
}
