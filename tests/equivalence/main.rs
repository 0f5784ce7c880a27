//! Spikes against the reference, and engine against engine.

mod ladder;
mod late;
