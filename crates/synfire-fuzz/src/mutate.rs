//! Mutations of seeds for tests: a fuzzer without coverage, the same on every machine.
//!
//! Each mutation is a function of the seed's bytes and a number; what a fuzzer finds to be worth more it keeps, this
//! keeps nothing.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::Target;

/// Numbers that sit at an edge.
const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x0001_0000_0000,
    u64::MAX / 2,
    u64::MAX,
];

/// A mutation of a seed; another for each number.
#[must_use]
pub fn mutated(seed: &[u8], target: &Target, number: u64) -> Vec<u8> {
    let mut random = Random(ChaCha8Rng::seed_from_u64(number));
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        mutate(&mut bytes, target, &mut random);
    }
    bytes.truncate(target.longest);
    bytes
}

fn mutate(bytes: &mut Vec<u8>, target: &Target, random: &mut Random) {
    let place = random.below(bytes.len() + 1);
    let length = random.below((bytes.len() - place).min(32) + 1);
    match random.below(8) {
        0 if place < bytes.len() => bytes[place] ^= 1 << random.below(8),
        1 if place < bytes.len() => bytes[place] = random.0.next_u32().to_le_bytes()[0],
        2 => {
            let edge = EDGES[random.below(EDGES.len())].to_le_bytes();
            let width = [1, 2, 4, 8][random.below(4)];
            let is_big_endian = random.below(2) == 0;
            for (idx, byte) in bytes[place..].iter_mut().take(width).enumerate() {
                *byte = edge[if is_big_endian { width - 1 - idx } else { idx }];
            }
        }
        3 => drop(bytes.drain(place..place + length)),
        4 => {
            let copied = bytes[place..place + length].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, copied);
        }
        5 if !target.words.is_empty() => {
            let word = target.words[random.below(target.words.len())].as_bytes();
            bytes.splice(place..place + length, word.iter().copied());
        }
        6 => bytes.truncate(place),
        7 => {
            // A number in digits becomes another one.
            let is_digit = |byte: &u8| byte.is_ascii_digit();
            if let Some(first) = bytes[place..].iter().position(is_digit) {
                let first = place + first;
                let n = bytes[first..].iter().take_while(|byte| is_digit(byte)).count();
                let digits = EDGES[random.below(EDGES.len())].to_string();
                bytes.splice(first..first + n, digits.into_bytes());
            }
        }
        _ => bytes.push(random.0.next_u32().to_le_bytes()[0]),
    }
}

struct Random(ChaCha8Rng);

impl Random {
    /// A number below `end`, which is above 0. That small ones are likelier by 2^-32 does not matter here.
    fn below(&mut self, end: usize) -> usize {
        self.0.next_u32() as usize % end
    }
}
