//! The first difference between what was expected and what was found, located.

use crate::claim::Claim;
use std::fmt;

/// One difference and where it was first seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The claim it refutes.
    pub claim: Claim,
    /// The sample, counted from 0 within the run.
    pub sample: u64,
    /// The phase of the gating cycle; for a weight, the phase in which it should have changed last.
    pub phase: u32,
    /// The population or projection, by name.
    pub place: String,
    /// The neuron; of a weight, the postsynaptic one.
    pub neuron_idx: u32,
    /// The presynaptic neuron, if a weight differs.
    pub source_idx: Option<u32>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The last phase of the sample's cycle in which everything agreed.
    pub agreed_up_to: Option<u32>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { claim, sample, phase, place, neuron_idx, expected, found, .. } = self;
        write!(f, "{} {}: mismatch at sample {sample}, ", claim.clause(), claim.title())?;
        write!(f, "phase {phase}, {place}, neuron {neuron_idx}")?;
        if let Some(source) = self.source_idx {
            write!(f, " (from neuron {source})")?;
        }
        write!(f, ": expected {expected}, found {found}; ")?;
        match self.agreed_up_to {
            Some(phase) => write!(f, "last phase in agreement: {phase}"),
            None => write!(f, "no phase of the sample in agreement"),
        }
    }
}
