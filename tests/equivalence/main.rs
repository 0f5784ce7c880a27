//! Spikes against the reference, and engine against engine.

mod conformance;
mod ladder;
mod late;
mod order;
mod random;
mod states;
