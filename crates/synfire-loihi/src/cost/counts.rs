//! Numbers of operations, and which of them have a price.

use std::fmt;
use std::ops::AddAssign;

/// Operations of a core, a phase or a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Updates of compartments that received input, spiked or have noise.
    pub active_updates: u64,
    /// Updates of other compartments, and of unused places in the last group of four.
    pub inactive_updates: u64,
    /// Updates with a spike, which are active updates as well.
    pub spiking_updates: u64,
    /// Synapses that delivered a spike, on the core of the target.
    pub synaptic_operations: u64,
    /// Synapses that the learning engine looked at.
    pub learning_visits: u64,
    /// Synapses that some product of a rule could reach; has no price of its own.
    pub rule_evaluations: u64,
    /// Axons along which neurons of the core sent a spike.
    pub messages: u64,
    /// Those of them that stayed on their tile.
    pub tile_local_messages: u64,
    /// Spikes of sources that arrived, one for each axon.
    pub input_messages: u64,
    /// Hops of the messages along rows, those between chips included.
    pub east_west_hops: u64,
    /// Hops of the messages along columns.
    pub north_south_hops: u64,
    /// Hops from chip to chip; have no price of their own.
    pub chip_hops: u64,
}

impl Counts {
    /// How often an operation took place.
    #[must_use]
    pub const fn of(&self, operation: Operation) -> u64 {
        match operation {
            Operation::ActiveUpdate => self.active_updates,
            Operation::InactiveUpdate => self.inactive_updates,
            Operation::SpikingUpdate => self.spiking_updates,
            Operation::SynapticDelivery => self.synaptic_operations,
            Operation::LearningVisit => self.learning_visits,
            Operation::Sending => self.messages,
            Operation::Arrival => self.messages + self.input_messages,
            Operation::EastWestHop => self.east_west_hops,
            Operation::NorthSouthHop => self.north_south_hops,
        }
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        self.active_updates += other.active_updates;
        self.inactive_updates += other.inactive_updates;
        self.spiking_updates += other.spiking_updates;
        self.synaptic_operations += other.synaptic_operations;
        self.learning_visits += other.learning_visits;
        self.rule_evaluations += other.rule_evaluations;
        self.messages += other.messages;
        self.tile_local_messages += other.tile_local_messages;
        self.input_messages += other.input_messages;
        self.east_west_hops += other.east_west_hops;
        self.north_south_hops += other.north_south_hops;
        self.chip_hops += other.chip_hops;
    }
}

impl<'a> std::iter::Sum<&'a Self> for Counts {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        let mut sum = Self::default();
        for counts in all {
            sum += counts;
        }
        sum
    }
}

/// An operation that has a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Update of a compartment that receives input, spikes or has noise.
    ActiveUpdate,
    /// Update of another compartment, or of an unused place in the last group of four.
    InactiveUpdate,
    /// What a spike adds to the update.
    SpikingUpdate,
    /// Delivery of a spike through one synapse: a synaptic operation.
    SynapticDelivery,
    /// The learning engine looks at one synapse.
    LearningVisit,
    /// A spike leaves its core along one axon.
    Sending,
    /// A spike, of a neuron or a source, is handed to a core within its tile, once for each axon.
    Arrival,
    /// A spike goes from tile to tile along a row.
    EastWestHop,
    /// A spike goes from tile to tile along a column.
    NorthSouthHop,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 9] = [
        Self::ActiveUpdate,
        Self::InactiveUpdate,
        Self::SpikingUpdate,
        Self::SynapticDelivery,
        Self::LearningVisit,
        Self::Sending,
        Self::Arrival,
        Self::EastWestHop,
        Self::NorthSouthHop,
    ];

    /// Those that keep a core busy, one after the other. The others are the way of a message, which goes on
    /// while cores work.
    pub const SERIAL: [Self; 6] = [
        Self::ActiveUpdate,
        Self::InactiveUpdate,
        Self::SpikingUpdate,
        Self::SynapticDelivery,
        Self::LearningVisit,
        Self::Sending,
    ];
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ActiveUpdate => "active updates",
            Self::InactiveUpdate => "inactive updates",
            Self::SpikingUpdate => "spiking updates",
            Self::SynapticDelivery => "synaptic operations",
            Self::LearningVisit => "learning visits",
            Self::Sending => "messages sent",
            Self::Arrival => "messages within a tile",
            Self::EastWestHop => "hops east-west",
            Self::NorthSouthHop => "hops north-south",
        })
    }
}
