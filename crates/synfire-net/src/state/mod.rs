//! Where an engine stands between two steps: all that what follows depends on, and nothing of how an engine
//! keeps it.
//!
//! [`Engine::state`](crate::Engine::state) takes a state, [`Engine::restore`](crate::Engine::restore) puts an
//! engine there (clause S7 of `docs/semantics.md`). States have one canonical form, so that engines that agree
//! have equal states, whatever they skip, share or pack. `check` says whether a state fits a network, for which
//! `carried` bounds what is on its way, and `error` why it does not; `parts` takes it apart into named arrays of
//! integers, for files.
//!
//! Not in a state are network and program, strictness and sabotage, and rules that were exchanged: they are what
//! an engine is set up with. Of the seed only the number is there; random words have addresses (clause RND7) and
//! no generator has a position.

mod carried;
mod check;
mod error;
mod parts;

pub use error::StateError;
pub use parts::{Part, PartsError, Values, Width};

use crate::Operations;
use serde::{Deserialize, Serialize};

/// Where an engine stands after a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineState {
    /// The last step that was run, 0 before the first; at most [`EngineState::MAX_STEP`].
    pub step: u64,
    /// The seed of chance; `None` where nothing is left to chance: no layer has noise and every projection
    /// learns from the spikes of a step alone.
    pub seed: Option<u64>,
    /// What was done since the engine was made, or since the one was whose state this one had.
    pub operations: Operations,
    /// One per layer of the network.
    pub layers: Vec<LayerState>,
    /// One per projection of the network; `None` if it does not learn.
    pub projections: Vec<Option<PlasticState>>,
}

/// The neurons of a layer after a step, one value each; nothing at all for sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerState {
    /// Currents, in units of charge.
    pub currents: Vec<i64>,
    /// Voltages, in units of charge; 0 after a spike and while held.
    pub voltages: Vec<i64>,
    /// Steps that each neuron will still be held, 0 to 62.
    pub held: Vec<u8>,
    /// Input that is on its way, ascending by step, then neuron; only what is not 0.
    pub in_flight: Vec<InFlight>,
}

/// The sum of what arrives at a neuron in a step to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InFlight {
    /// Steps from the last one that was run, 1 to 63.
    pub steps: u8,
    /// The neuron, by its index in the layer.
    pub neuron_idx: u32,
    /// The sum, in units of charge; not 0.
    pub charge: i64,
}

/// The synapses of a projection that learns, in canonical order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlasticState {
    /// One weight per synapse.
    pub weights: Vec<i16>,
    /// One delay per synapse, 0 to 62, if the network has a rule for them; otherwise empty.
    pub delays: Vec<u8>,
    /// One tag per synapse, -256 to 255, if the network has a rule for them; otherwise empty.
    pub tags: Vec<i16>,
    /// What learning remembers; `None` if it looks no further than a step.
    pub learner: Option<LearnerState>,
}

/// What the learning of a projection remembers from one step to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearnerState {
    /// One value per source, 0 to 127, as the last learning period left it and with the impulses of this one
    /// that were followed by another spike; empty without that trace. The same goes for the four others.
    pub x1: Vec<u8>,
    /// One value per source.
    pub x2: Vec<u8>,
    /// One value per target.
    pub y1: Vec<u8>,
    /// One value per target.
    pub y2: Vec<u8>,
    /// One value per target.
    pub y3: Vec<u8>,
    /// The step of this learning period, from 1, in which each source spiked last; 0 if it did not.
    pub last_pre: Vec<u8>,
    /// The same of each target.
    pub last_post: Vec<u8>,
    /// The reward channel, if there is one.
    pub reward: Option<RewardState>,
}

/// The reward channel of a projection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardState {
    /// The trace `r1`, 0 to 127, without the impulses of this learning period.
    pub value: u8,
    /// The impulses of this learning period, 0 to 127.
    pub pending: u8,
    /// Whether the reward source spiked in this learning period.
    pub has_spiked: bool,
}

impl EngineState {
    /// The largest step of a state, and the largest count of an operation: 2^63 - 1. What an engine can count
    /// on from there will not overflow.
    pub const MAX_STEP: u64 = i64::MAX.cast_unsigned();
}
