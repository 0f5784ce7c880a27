//! The published circuit against vectors made by two other simulations of it: weights after chosen
//! samples, the bits of every sample, every spike of the first samples, and operation counts.
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

mod published;
