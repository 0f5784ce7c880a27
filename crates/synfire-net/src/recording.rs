//! An observer that keeps everything: spikes packed, faults listed.

use crate::{Fault, LayerId, Network, Observer, Raster};

/// All that an engine reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The spikes, from the raster's first step on.
    pub raster: Raster,
    /// The faults, in the order in which they were reported.
    pub faults: Vec<Fault>,
}

impl Recording {
    /// An empty recording of spikes from `first_step` on, and of every fault.
    #[must_use]
    pub fn new(network: &Network, first_step: u64) -> Self {
        Self { raster: Raster::new(network, first_step), faults: Vec::new() }
    }

    /// Forgets everything and records from `first_step` on, keeping the memory.
    pub fn restart(&mut self, first_step: u64) {
        self.raster.restart(first_step);
        self.faults.clear();
    }
}

impl Observer for Recording {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.raster.record(step, layer, neurons);
    }

    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        self.raster.record_words(step, layer, words);
    }

    fn fault(&mut self, fault: &Fault) {
        self.faults.push(*fault);
    }
}
