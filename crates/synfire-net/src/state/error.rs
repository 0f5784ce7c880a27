//! Why an engine was not put into a state.

use crate::{Place, WeightsError};
use std::fmt;

/// Why an engine was not restored. It is what it was before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum StateError {
    /// The engine has no snapshots.
    #[error("engine {engine} takes no states")]
    Unsupported { engine: &'static str },
    /// A step or a count of operations too large to go on from.
    #[error("{quantity} is {found}, expected 0 to {max}")]
    Count { quantity: &'static str, found: u64, max: u64 },
    /// The number of steps run is not the step.
    #[error("number of steps run is {found}, expected {step}, the step of the state")]
    StepsRun { found: u64, step: u64 },
    /// Another seed, or chance where there is none.
    #[error("seed of chance is {}, expected {}", Seed(*found), Seed(*expected))]
    Seed { found: Option<u64>, expected: Option<u64> },
    /// More or fewer values than there are layers, neurons, synapses.
    #[error("{place}: {found} values of {quantity}, expected {expected}")]
    Length { place: Place, quantity: &'static str, found: usize, expected: usize },
    /// A value that the network or the engine cannot have.
    #[error("{place}: {quantity} {idx} is {found}, expected {min} to {max}")]
    Range { place: Place, quantity: &'static str, idx: usize, found: i64, min: i64, max: i64 },
    /// A weight outside the range of its projection.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The voltage of a neuron without memory does not follow from its current.
    #[error(
        "{place}: voltage {neuron_idx} is {found}, expected {expected}, current and bias, or 0 after a spike"
    )]
    Voltage { place: Place, neuron_idx: usize, found: i64, expected: i64 },
    /// Charge arrives later than the longest delay allows, or not in a step to come.
    #[error("{place}: charge in flight {idx} arrives after {found} steps, expected 1 to {max}")]
    Arrival { place: Place, idx: usize, found: u8, max: u8 },
    /// Charge in flight is not listed in its canonical form.
    #[error(
        "{place}: charge in flight {idx} is {charge} for neuron {neuron_idx} after {steps} steps, expected each place once, ascending, and no charge of 0"
    )]
    Order { place: Place, idx: usize, steps: u8, neuron_idx: u32, charge: i64 },
    /// More charge is in flight than the synapses onto the neuron can carry.
    #[error(
        "{place}: charge {found} arrives at neuron {neuron_idx} after {steps} steps, expected at most {max} either way"
    )]
    Charge { place: Place, neuron_idx: u32, steps: u8, found: i64, max: i64 },
    /// The state of a projection that does not learn, or none of one that does.
    #[error("{place}: found {}, expected {}", either(*found, SYNAPSES), either(!*found, SYNAPSES))]
    Plasticity { place: Place, found: bool },
    /// A learner remembers more or less than the engine's.
    #[error(
        "{place}: found {}, expected {} (rules that were exchanged are to be exchanged again before)",
        either(*found, MEMORY),
        either(!*found, MEMORY)
    )]
    Learner { place: Place, found: bool },
    /// A reward channel where there is none, or the other way round.
    #[error("{place}: found {}, expected {}", either(*found, CHANNEL), either(!*found, CHANNEL))]
    Reward { place: Place, found: bool },
}

const SYNAPSES: &str = "plastic synapses";
const MEMORY: &str = "a learner with a memory";
const CHANNEL: &str = "a reward channel";

const fn either(is_there: bool, what: &'static str) -> &'static str {
    if is_there { what } else { "none" }
}

struct Seed(Option<u64>);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(seed) => write!(f, "{seed}"),
            None => f.write_str("none"),
        }
    }
}
