//! A core while it is being filled: its runs, and what they use together.

use super::limits::ChipLimits;
use super::memory::{BASE_END, delay_bits, index_bits, words};
use super::settings::Needs;
use super::usage::Usage;
use super::wiring::{Fan, Part, Run, Storage, Wiring};
use std::collections::BTreeSet;

/// A run of a layer on a core.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub(super) layer: usize,
    pub(super) run: Run,
    /// Its first compartment on the core.
    pub(super) offset: u32,
    compartment_profile: usize,
    threshold_profile: usize,
    fans: Vec<(usize, Fan)>,
}

/// The runs on a core.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) runs: Vec<Loaded>,
    pub(super) needs: Needs,
    pub(super) n_compartments: u32,
    /// What is reserved for axons that leave.
    pub(super) output_slots: u64,
}

impl Load {
    /// A core that has the settings of its first layer and no compartments yet.
    pub(super) const fn new(needs: Needs) -> Self {
        Self { runs: Vec::new(), needs, n_compartments: 0, output_slots: 0 }
    }

    pub(super) fn holds(&self, layer: usize) -> bool {
        self.runs.iter().any(|loaded| loaded.layer == layer)
    }

    /// Adds a run, whatever comes of it.
    pub(super) fn push(
        &mut self,
        wiring: &Wiring<'_>,
        (layer, part): (usize, &Part),
        run: Run,
        output_slots: u64,
    ) {
        self.runs.push(Loaded {
            layer,
            run,
            offset: self.n_compartments,
            compartment_profile: part.compartment_profile,
            threshold_profile: part.threshold_profile,
            fans: wiring.fans(part, run),
        });
        self.n_compartments += run.n;
        self.output_slots += output_slots;
    }

    /// Takes the run added last away.
    pub(super) fn pop(&mut self, output_slots: u64) {
        if let Some(loaded) = self.runs.pop() {
            self.n_compartments -= loaded.run.n;
            self.output_slots -= output_slots;
        }
    }

    /// What the runs use, with what is reserved for axons that leave.
    pub(super) fn usage(&self, wiring: &Wiring<'_>) -> Usage {
        let n_accumulators = self.needs.n_accumulators();
        let index_bits = index_bits(self.n_compartments);
        let (mut input_slots, mut synapse_words) = (0, 0);
        let mut compartment_profiles = BTreeSet::new();
        let mut threshold_profiles = BTreeSet::new();
        let mut formats: BTreeSet<(Storage, u8)> = BTreeSet::new();
        let (mut pre_traces, mut rules) = (BTreeSet::new(), BTreeSet::new());
        for loaded in &self.runs {
            compartment_profiles.insert(loaded.compartment_profile);
            threshold_profiles.insert(loaded.threshold_profile);
            for (idx, fan) in &loaded.fans {
                let incoming = &wiring.projections[*idx];
                let storage = incoming.storage;
                // All axons of a projection on a core share a format: a second one would take another of
                // few formats, to save little.
                let is_dense = fan.consecutive && loaded.offset + fan.last_base < BASE_END;
                let index_bits = if is_dense { 0 } else { index_bits };
                let delay_bits = if storage.has_delays { delay_bits(n_accumulators) } else { 0 };
                let bits = [storage.weight_bits, delay_bits, storage.tag_bits, index_bits];
                let synapse_bits = bits.into_iter().map(u32::from).sum();
                formats.insert((storage, index_bits));
                for &(n_synapses, n_axons) in &fan.sizes {
                    synapse_words += n_axons * words(n_synapses, synapse_bits);
                }
                input_slots += fan.n_axons * if storage.learns { 2 } else { 1 };
                if let Some((traces, microcode)) = incoming.learning {
                    pre_traces.insert(traces);
                    rules.insert(microcode);
                }
            }
        }
        Usage {
            compartments: self.n_compartments,
            accumulator_slots: self.n_compartments * u32::from(n_accumulators),
            input_slots,
            output_slots: u32::try_from(self.output_slots).unwrap_or(u32::MAX),
            synapse_words,
            compartment_profiles: count(&compartment_profiles),
            threshold_profiles: count(&threshold_profiles),
            synapse_formats: count(&formats),
            pre_traces: count(&pre_traces),
            learning_rules: count(&rules),
        }
    }

    /// Whether the core has enough of everything.
    pub(super) fn fits(&self, wiring: &Wiring<'_>, limits: &ChipLimits) -> bool {
        self.usage(wiring).excess(limits).next().is_none()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most one per run and projection of a core")]
fn count<T>(set: &BTreeSet<T>) -> u32 {
    set.len() as u32
}
