//! The plain engine and lowering, seen from outside.
//!
//! - `worked_examples`: networks whose results were recorded on a chip or run on other emulators;
//! - `worked_learning`: the same for traces and learning, with what is left to chance;
//! - `contract`: what the engine promises beyond numbers: order, faults, strictness, sabotage;
//! - `exchange`: rules that take the place of others;
//! - `chance`: seeds, copies, and how often a rounding goes up;
//! - `refusals`: the messages of networks that cannot be lowered;
//! - `twin`: random networks against `naive`, a second simulator that shares no code;
//! - `learning_twin`: the same with all of learning, and rules and moments one by one.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod chance;
mod contract;
mod exchange;
mod learning_twin;
mod naive;
mod naive_learning;
mod naive_rule;
mod random_network;
mod record;
mod refusals;
mod twin;
mod worked_examples;
mod worked_learning;
