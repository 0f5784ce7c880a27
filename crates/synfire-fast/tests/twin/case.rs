//! A network, its input, and what is done to it on the way.

use std::sync::Arc;
use synfire_fast::synfire_loihi::RuleArithmetic;
use synfire_net::{InputSchedule, Network, ProjectionId, Rules, Sabotage};

/// Everything that two engines are given alike.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) network: Arc<Network>,
    pub(crate) input: InputSchedule,
    pub(crate) n_steps: u32,
    pub(crate) arithmetic: RuleArithmetic,
    pub(crate) seed: u64,
    pub(crate) changes: Vec<Change>,
    pub(crate) sabotage: Vec<Sabotage>,
}

impl Case {
    pub(crate) fn new(network: Network, input: InputSchedule, n_steps: u32) -> Self {
        Self {
            network: Arc::new(network),
            input,
            n_steps,
            arithmetic: RuleArithmetic::DEFAULT,
            seed: 0,
            changes: Vec::new(),
            sabotage: Vec::new(),
        }
    }
}

/// Something that is done between two steps.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) after: u32,
    pub(crate) projection: ProjectionId,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Weights change places, by so many.
    Rotate(usize),
    /// One weight takes another value; where there are fewer synapses, one of those there are.
    One(usize, i16),
    /// The weights of another projection, which may not fit.
    WeightsOf(ProjectionId),
    /// Other rules, which may not be allowed.
    Rules(Rules),
    /// From here on, or for one step to come.
    Sabotage(Sabotage),
    /// An engine gives way to its clone, which runs on other lanes.
    Clone,
}
