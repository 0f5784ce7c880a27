//! The observer that counts.
//!
//! Spikes are kept until their step is over. Then, in this order:
//!
//! 1. compartments that spiked, and those of layers with noise, join those that receive input: these are
//!    active, the others of each core inactive;
//! 2. spikes are delivered: messages, synaptic operations, and arrivals in later steps;
//! 3. the learning engine visits synapses, if a learning period ends;
//! 4. the step is priced by every set of constants and joins the tally.
//!
//! A step costs time in proportion to its spikes, the synapses of its spikes in lists, and the cores.

use super::arrivals::Arrivals;
use super::constants::ConstantSet;
use super::counts::Counts;
use super::fan::Fan;
use super::layout::Layout;
use super::learning::{Learning, LearningVisits};
use super::tally::Tally;
use crate::place::Placement;
use crate::program::Program;
use std::sync::Arc;
use synfire_net::{LayerId, Network, Observer};

/// Why a meter cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum MeterError {
    /// Program and placement are those of different networks.
    #[error(
        "placement is of network `{found}`, expected that of the program, `{expected}`, and equal to it"
    )]
    OtherNetwork { found: String, expected: String },
    /// Two sets of constants have one name.
    #[error("two sets of constants are named `{name}`, expected different names")]
    SetTwice { name: &'static str },
}

/// Counts the operations of a run from its spikes.
#[derive(Clone, Debug)]
pub struct CostMeter {
    network: Arc<Network>,
    layout: Layout,
    fans: Vec<Fan>,
    arrivals: Arrivals,
    learning: Learning,
    /// Layers whose compartments all have noise.
    noisy: Vec<usize>,
    tally: Tally,
    /// The step that is being heard of.
    step: u64,
    /// Its spikes, by layer.
    spikes: Vec<Vec<u32>>,
    /// Its operations, by core.
    cores: Vec<Counts>,
    /// The longest way of its messages, by set of constants.
    longest_ps: Vec<u64>,
}

impl CostMeter {
    /// A meter that hears from step 1 on and prices by every set of [`ConstantSet::ALL`].
    ///
    /// # Errors
    /// A placement of another network.
    pub fn new(
        program: &Program,
        placement: &Placement,
        visits: LearningVisits,
    ) -> Result<Self, MeterError> {
        Self::with_sets(program, placement, visits, &ConstantSet::ALL)
    }

    /// The same with other sets of constants.
    ///
    /// # Errors
    /// A placement of another network, or two sets of one name.
    pub fn with_sets(
        program: &Program,
        placement: &Placement,
        visits: LearningVisits,
        sets: &[ConstantSet],
    ) -> Result<Self, MeterError> {
        let network = program.network();
        if !Arc::ptr_eq(network, placement.network()) && network != placement.network() {
            let [found, expected] = [placement.network(), network].map(|of| of.name().to_owned());
            return Err(MeterError::OtherNetwork { found, expected });
        }
        for (idx, set) in sets.iter().enumerate() {
            if sets[..idx].iter().any(|other| other.name == set.name) {
                return Err(MeterError::SetTwice { name: set.name });
            }
        }
        let layout = Layout::new(network, placement);
        let fans: Vec<Fan> =
            network.projection_ids().map(|id| Fan::new(network, id, &layout, sets)).collect();
        let has_noise = |&layer: &LayerId| {
            program.compartments(layer).is_some_and(|group| group.config.noise.is_some())
        };
        Ok(Self {
            arrivals: Arrivals::new(&layout),
            learning: Learning::new(network, &layout, &fans, visits),
            noisy: network.layer_ids().filter(has_noise).map(LayerId::index).collect(),
            tally: Tally::new(network, &layout.cores, visits, sets),
            step: 1,
            spikes: vec![Vec::new(); network.layers().len()],
            cores: vec![Counts::default(); layout.cores.len()],
            longest_ps: vec![0; sets.len()],
            fans,
            layout,
            network: Arc::clone(network),
        })
    }

    /// The same meter, not yet used, hearing from `first_step` on; what is heard of earlier steps is ignored.
    #[must_use]
    pub const fn starting_at(mut self, first_step: u64) -> Self {
        self.step = first_step;
        self
    }

    /// Ends every step up to `last_step`, those without spikes included. What is heard of these steps
    /// afterwards is ignored.
    pub fn finish(&mut self, last_step: u64) {
        while self.step <= last_step {
            self.end_step();
        }
    }

    /// What the steps that are over cost.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Takes the tally out and goes on with an empty one; spikes on their way and learning periods go on.
    /// So the tallies of parts of a run add up to that of the whole.
    pub fn take(&mut self) -> Tally {
        let empty = self.tally.emptied();
        std::mem::replace(&mut self.tally, empty)
    }

    fn end_step(&mut self) {
        let Self { layout, fans, arrivals, cores, spikes, longest_ps, step, .. } = self;
        let step = *step;
        cores.fill(Counts::default());
        longest_ps.fill(0);
        for &layer in &self.noisy {
            arrivals.note_all(step, layer);
        }
        for (layer, spikes) in spikes.iter().enumerate() {
            for &neuron_idx in spikes {
                if let Some(core) = layout.core(layer, neuron_idx) {
                    arrivals.note(step, layer, neuron_idx, layout);
                    cores[core].spiking_updates += 1;
                }
            }
        }
        arrivals.take(step, layout, |core, n| cores[core].active_updates += n);
        for (counts, n_serviced) in cores.iter_mut().zip(&layout.n_serviced) {
            counts.inactive_updates = n_serviced - counts.active_updates;
        }
        for fan in fans.iter() {
            let spikes = &spikes[fan.source];
            if !spikes.is_empty() {
                fan.deliver(spikes, layout, cores, longest_ps);
                arrivals.deliver(step, fan, spikes, layout);
            }
        }
        self.learning.step(step, spikes, fans, layout, cores);
        self.tally.add_step(self.network.phase(step).unwrap_or(0), cores, longest_ps);
        spikes.iter_mut().for_each(Vec::clear);
        self.step += 1;
    }
}

impl Observer for CostMeter {
    /// # Panics
    /// If layer or neuron is not one of the network's.
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        if step < self.step {
            return;
        }
        self.finish(step - 1);
        self.spikes[layer.index()].extend_from_slice(neurons);
    }
}
