//! The fast engine beside the plain one: equal in everything either can be asked, after every step.
//!
//! - `case`: a network, its input, and what is done to it on the way;
//! - `sides`: runs a case on both engines, step by step, in one go and strictly, on every [`Lanes`] path, and
//!   compares reports, states, weights, traces and counts;
//! - `random`: networks of `synfire_net::strategy`, with the whole language of rules;
//! - `dense`: networks that are wide, have copies, relays, gates and loops, which a fast engine treats
//!   specially;
//! - `corners`: the same special treatments one by one, where it is known what must happen;
//! - `cuts`: states taken between two steps, from which other engines go on;
//! - `forged`: states that no run has led to;
//! - `planted`: faults in kernels, each of which the comparison must see;
//! - `threads`: sums that two threads share.
//!
//! `SYNFIRE_TWIN_CASES` multiplies the number of random cases.
//!
//! [`Lanes`]: synfire_fast::Lanes

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::print_stdout, reason = "a test says what its cases contained")]

mod case;
mod corners;
mod cuts;
mod dense;
mod forged;
mod planted;
mod random;
mod sides;
mod threads;
