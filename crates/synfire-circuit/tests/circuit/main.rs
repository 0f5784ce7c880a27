//! The circuits as networks: ring, schedules, names, limits of what can be built, and the proof.
//!
//! What a whole sample computes is held against the reference elsewhere, by `synfire-verify`.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod build;
mod margin;
mod names;
mod ring;
mod schedule;
