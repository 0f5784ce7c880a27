//! What a core uses of each resource, and which resource binds.

use super::limits::ChipLimits;
use std::fmt;

/// A resource of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Compartments.
    Compartments,
    /// Accumulator slots of all compartments.
    AccumulatorSlots,
    /// Slots of axons that arrive.
    InputSlots,
    /// Slots of axons that leave.
    OutputSlots,
    /// Words of synaptic memory.
    SynapseWords,
    /// Different decays, refractory periods and noise flags.
    CompartmentProfiles,
    /// Different thresholds.
    ThresholdProfiles,
    /// Different ways to store synapses.
    SynapseFormats,
    /// Different presynaptic traces.
    PreTraces,
    /// Different learning rules.
    LearningRules,
}

impl Resource {
    /// Every resource.
    pub const ALL: [Self; 10] = [
        Self::Compartments,
        Self::AccumulatorSlots,
        Self::InputSlots,
        Self::OutputSlots,
        Self::SynapseWords,
        Self::CompartmentProfiles,
        Self::ThresholdProfiles,
        Self::SynapseFormats,
        Self::PreTraces,
        Self::LearningRules,
    ];
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compartments => "compartments",
            Self::AccumulatorSlots => "accumulator slots",
            Self::InputSlots => "input axon slots",
            Self::OutputSlots => "output axon slots",
            Self::SynapseWords => "synapse words",
            Self::CompartmentProfiles => "compartment profiles",
            Self::ThresholdProfiles => "threshold profiles",
            Self::SynapseFormats => "synapse formats",
            Self::PreTraces => "pre-trace configurations",
            Self::LearningRules => "learning rules",
        })
    }
}

/// What a core uses, or several cores together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Compartments.
    pub compartments: u32,
    /// Compartments times the accumulator slots of each.
    pub accumulator_slots: u32,
    /// Slots of axons that arrive: two for one that learns, the second of which holds the presynaptic
    /// trace, and one for any other.
    pub input_slots: u32,
    /// Slots of axons that leave.
    pub output_slots: u32,
    /// Words of 64 bits of synaptic memory.
    pub synapse_words: u32,
    /// Different combinations of decays, refractory period and noise flag.
    pub compartment_profiles: u32,
    /// Different thresholds.
    pub threshold_profiles: u32,
    /// Different combinations of sign mode, widths, exponent and learning.
    pub synapse_formats: u32,
    /// Different presynaptic traces of learning projections, no trace being one of them.
    pub pre_traces: u32,
    /// Different learning rules.
    pub learning_rules: u32,
}

impl Usage {
    /// How much of a resource is used.
    #[must_use]
    pub const fn of(&self, resource: Resource) -> u32 {
        match resource {
            Resource::Compartments => self.compartments,
            Resource::AccumulatorSlots => self.accumulator_slots,
            Resource::InputSlots => self.input_slots,
            Resource::OutputSlots => self.output_slots,
            Resource::SynapseWords => self.synapse_words,
            Resource::CompartmentProfiles => self.compartment_profiles,
            Resource::ThresholdProfiles => self.threshold_profiles,
            Resource::SynapseFormats => self.synapse_formats,
            Resource::PreTraces => self.pre_traces,
            Resource::LearningRules => self.learning_rules,
        }
    }

    /// The resource of which the largest share is used, how much that is, and how much there is. Of equal
    /// shares the first in the order of [`Resource::ALL`] counts; what has no limit never binds.
    #[must_use]
    pub fn binding(&self, limits: &ChipLimits) -> (Resource, u32, u32) {
        let mut binding = (Resource::Compartments, self.compartments, limits.compartments);
        for resource in Resource::ALL {
            let (found, Some(limit)) = (self.of(resource), limits.of(resource)) else { continue };
            if u64::from(found) * u64::from(binding.2) > u64::from(binding.1) * u64::from(limit) {
                binding = (resource, found, limit);
            }
        }
        binding
    }

    /// Every resource of which more is used than there is, with both numbers.
    pub fn excess<'a>(
        &'a self,
        limits: &'a ChipLimits,
    ) -> impl Iterator<Item = (Resource, u32, u32)> + 'a {
        Resource::ALL.into_iter().filter_map(|resource| {
            let (found, limit) = (self.of(resource), limits.of(resource)?);
            (found > limit).then_some((resource, found, limit))
        })
    }

    /// Adds what another core uses.
    pub(super) const fn add(&mut self, other: &Self) {
        self.compartments += other.compartments;
        self.accumulator_slots += other.accumulator_slots;
        self.input_slots += other.input_slots;
        self.output_slots += other.output_slots;
        self.synapse_words += other.synapse_words;
        self.compartment_profiles += other.compartment_profiles;
        self.threshold_profiles += other.threshold_profiles;
        self.synapse_formats += other.synapse_formats;
        self.pre_traces += other.pre_traces;
        self.learning_rules += other.learning_rules;
    }
}

#[cfg(test)]
mod tests {
    use super::super::limits::LOIHI;
    use super::*;

    #[test]
    fn the_largest_share_binds() {
        let binding = |usage: Usage| usage.binding(&LOIHI);
        assert_eq!(binding(Usage::default()), (Resource::Compartments, 0, 1024));
        let mut usage = Usage { compartments: 256, input_slots: 1024, ..Usage::default() };
        assert_eq!(binding(usage), (Resource::Compartments, 256, 1024));
        usage.input_slots += 1;
        assert_eq!(binding(usage), (Resource::InputSlots, 1025, 4096));
        usage.synapse_formats = 3;
        assert_eq!(binding(usage), (Resource::SynapseFormats, 3, 8));
        usage.learning_rules = 1000;
        assert_eq!(binding(usage), (Resource::SynapseFormats, 3, 8));
        let one = ChipLimits { learning_rules: Some(1), pre_traces: 0, ..LOIHI };
        assert_eq!(usage.binding(&one), (Resource::LearningRules, 1000, 1));
    }

    /// Each resource is within its budget at the limit, and alone in excess one above.
    #[test]
    fn excess_begins_above_the_limit() {
        let limits = ChipLimits { learning_rules: Some(5), ..LOIHI };
        for resource in Resource::ALL {
            for (more, expected) in [(0, 0), (1, 1)] {
                let mut usage = Usage::default();
                let field = match resource {
                    Resource::Compartments => &mut usage.compartments,
                    Resource::AccumulatorSlots => &mut usage.accumulator_slots,
                    Resource::InputSlots => &mut usage.input_slots,
                    Resource::OutputSlots => &mut usage.output_slots,
                    Resource::SynapseWords => &mut usage.synapse_words,
                    Resource::CompartmentProfiles => &mut usage.compartment_profiles,
                    Resource::ThresholdProfiles => &mut usage.threshold_profiles,
                    Resource::SynapseFormats => &mut usage.synapse_formats,
                    Resource::PreTraces => &mut usage.pre_traces,
                    Resource::LearningRules => &mut usage.learning_rules,
                };
                *field = limits.of(resource).unwrap_or(0) + more;
                let excess: Vec<_> = usage.excess(&limits).collect();
                assert_eq!(excess.len(), expected, "{resource}");
                assert!(
                    excess.iter().all(|&(of, found, limit)| of == resource && found == limit + 1)
                );
            }
        }
    }
}
