//! Why a network cannot be lowered: every reason, each with its layer or projection.

use crate::limits::{BIAS_EXPONENT, BIAS_MANTISSA, THRESHOLD_MANTISSA};
use crate::synapse::SignMode;
use std::fmt;
use synfire_net::Place;

/// One reason and its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Refusal {
    /// The layer or projection, by name.
    pub place: Place,
    /// What the chip cannot hold there.
    pub reason: RefusalReason,
}

/// What the chip cannot hold exactly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum RefusalReason {
    /// A threshold is no mantissa times 64.
    #[error("threshold is {found}, expected a multiple of 64 from 0 to {}", THRESHOLD_MANTISSA.end() * 64)]
    Threshold { found: i32 },
    /// A bias is no mantissa times a power of two.
    #[error(
        "bias is {found}, expected a mantissa of {} to {} times a power of two of at most 2^{}",
        BIAS_MANTISSA.start(), BIAS_MANTISSA.end(), BIAS_EXPONENT.end()
    )]
    Bias { found: i32 },
    /// A floor is no power of two less one.
    #[error("voltage floor is {found}, expected -(2^n) + 1 with n from 0 to 31")]
    VoltageFloor { found: i32 },
    /// A ceiling is no such power of two less one.
    #[error("voltage ceiling is {found}, expected 2^(9 + 2m) - 1 with m from 0 to 7")]
    VoltageCeiling { found: i32 },
    /// The input of a compartment could leave the exact sum in which faults are found.
    #[error(
        "the effective weights onto neuron {neuron_idx} add up to {found} in magnitude, expected below 2147483648"
    )]
    InputSum { neuron_idx: usize, found: i64 },
    /// No format holds exactly these plastic weights.
    #[error(
        "plastic weights are {min} to {max} in steps of {step}, expected the range of a sign mode and a number of weight bits, such as -256 to 254 in steps of 2"
    )]
    WeightRange { min: i16, max: i16, step: i16 },
    /// The gain of a plastic projection is no weight exponent.
    #[error("gain of plastic weights is {found}, expected 64 times a power of two")]
    PlasticGain { found: i32 },
    /// The chip would round or limit a weight that learning can reach.
    #[error(
        "plastic weight {weight} with gain {gain} carries {charge} units of charge, of which the chip would make {found}"
    )]
    PlasticWeight { weight: i16, gain: i32, charge: i64, found: i32 },
    /// A static weight is too large for every exponent.
    #[error(
        "synapse {synapse_idx} carries {charge} units of charge (weight {weight}, gain {gain}), expected {min} to {max} for {sign_mode} weights"
    )]
    StaticWeightSize {
        synapse_idx: usize,
        weight: i32,
        gain: i32,
        charge: i64,
        sign_mode: SignMode,
        min: i64,
        max: i64,
    },
    /// A static weight is no mantissa times a power of two that all weights can share.
    #[error(
        "synapse {synapse_idx} carries {charge} units of charge (weight {weight}, gain {gain}), expected a multiple of {quantum}, as {sign_mode} weights up to {largest} units need the weight exponent {exponent}"
    )]
    StaticWeight {
        synapse_idx: usize,
        weight: i32,
        gain: i32,
        charge: i64,
        quantum: i64,
        sign_mode: SignMode,
        largest: i64,
        exponent: i8,
    },
    /// Projections onto one layer learn in different periods, which a core has only one of.
    #[error(
        "learning period is {found}, expected {expected} as in projection `{other}`, which leads to the same layer"
    )]
    LearningPeriod { found: u8, expected: u8, other: String },
}

/// Every reason why a network cannot be lowered, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals(pub(crate) Vec<Refusal>);

impl Refusals {
    /// The reasons in the order of layers, then projections, then sums of input.
    #[must_use]
    pub fn as_slice(&self) -> &[Refusal] {
        &self.0
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.len();
        write!(f, "the chip cannot hold the network exactly, for {n} ")?;
        f.write_str(if n == 1 { "reason" } else { "reasons" })?;
        for refusal in &self.0 {
            write!(f, "\n  {refusal}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusals {}
