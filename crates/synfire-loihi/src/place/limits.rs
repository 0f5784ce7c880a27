//! The budgets of a core and of a chip.
//!
//! They say where compartments can go, not what they compute; that is the business of
//! [`limits`](crate::limits). Sources: the published description of the chip (Davies and others, IEEE Micro
//! 38(1), 2018, as quoted by others) and the checks of nengo-loihi; each field says which. Some numbers are
//! in doubt, so that all of them can be changed.

use super::usage::Resource;

/// Budgets of a core, and the number of cores and chips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipLimits {
    /// Compartments of a core: 1024 (published; nengo-loihi).
    pub compartments: u32,
    /// Accumulator slots of a core, those of all its compartments together: 8192, that is 1024
    /// compartments with 8 slots or 128 with 64. Inferred from the published longest delay.
    pub accumulator_slots: u32,
    /// Axons that can arrive at a core, in slots: 4096 (published; nengo-loihi).
    pub input_slots: u32,
    /// Axons that can leave a core, in slots: 4096 (published; nengo-loihi).
    pub output_slots: u32,
    /// Words of 64 bits of a core's synaptic memory: 16,384, or 128 KB (published; nengo-loihi).
    pub synapse_words: u32,
    /// Different combinations of decays, refractory period and noise flag: 32 (nengo-loihi).
    pub compartment_profiles: u32,
    /// Different thresholds: 8 (nengo-loihi, which elsewhere checks for 16).
    pub threshold_profiles: u32,
    /// Different ways to store synapses: 8 (nengo-loihi, which elsewhere checks for 16).
    pub synapse_formats: u32,
    /// Different presynaptic traces of learning projections: 3 (a check of nengo-loihi, marked unsure).
    pub pre_traces: u32,
    /// Different learning rules; `None` for no limit. No public source gives one.
    pub learning_rules: Option<u32>,
    /// Cores of a chip: 128 (published). More than [`MESH_CORES`] count as so many.
    pub cores_per_chip: u32,
    /// Number of chips; `None` for as many as are needed.
    pub n_chips: Option<u32>,
}

/// Cores of a chip that its mesh can address (published).
pub const MESH_CORES: u32 = 4096;

/// The budgets of Intel's first Loihi chip as far as they are public, and as many chips as are needed.
pub const LOIHI: ChipLimits = ChipLimits {
    compartments: 1024,
    accumulator_slots: 8192,
    input_slots: 4096,
    output_slots: 4096,
    synapse_words: 16_384,
    compartment_profiles: 32,
    threshold_profiles: 8,
    synapse_formats: 8,
    pre_traces: 3,
    learning_rules: None,
    cores_per_chip: 128,
    n_chips: None,
};

impl Default for ChipLimits {
    fn default() -> Self {
        LOIHI
    }
}

impl ChipLimits {
    /// What a core has of a resource, or `None` if it is not limited.
    #[must_use]
    pub const fn of(&self, resource: Resource) -> Option<u32> {
        Some(match resource {
            Resource::Compartments => self.compartments,
            Resource::AccumulatorSlots => self.accumulator_slots,
            Resource::InputSlots => self.input_slots,
            Resource::OutputSlots => self.output_slots,
            Resource::SynapseWords => self.synapse_words,
            Resource::CompartmentProfiles => self.compartment_profiles,
            Resource::ThresholdProfiles => self.threshold_profiles,
            Resource::SynapseFormats => self.synapse_formats,
            Resource::PreTraces => self.pre_traces,
            Resource::LearningRules => return self.learning_rules,
        })
    }

    /// Cores of a chip, as far as the mesh can address them.
    pub(super) fn chip_cores(&self) -> u32 {
        self.cores_per_chip.min(MESH_CORES)
    }

    /// The number of cores there are, or `None` if there are as many as are needed.
    #[must_use]
    pub fn n_cores(&self) -> Option<u64> {
        match (self.n_chips, self.chip_cores()) {
            (None, 1..) => None,
            (n_chips, n_cores) => Some(u64::from(n_chips.unwrap_or(0)) * u64::from(n_cores)),
        }
    }
}
