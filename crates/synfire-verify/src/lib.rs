//! Proof by comparison: spiking engines held against the reference, update by update
