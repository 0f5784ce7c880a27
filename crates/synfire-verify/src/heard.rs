//! What an engine said in one gating cycle: its spikes, its faults, and who spiked in which phase.
//!
//! The phases are noted per layer while spikes arrive, so that whoever asks which two layers spiked
//! together need not look through the raster.

use synfire_circuit::LEARNING_PERIOD;
use synfire_net::{Fault, LayerId, Network, Observer, Raster};

/// One cycle of an engine.
pub(crate) struct Heard {
    pub(crate) raster: Raster,
    pub(crate) faults: Vec<Fault>,
    /// For each layer, the phases in which it spiked: phase k is bit k.
    phases: Vec<u16>,
}

const _: () = assert!(LEARNING_PERIOD <= u16::BITS, "a phase is a bit");

impl Heard {
    /// Nothing was heard yet; phase 0 is `first_step`.
    pub(crate) fn new(network: &Network, first_step: u64) -> Self {
        let raster = Raster::new(network, first_step);
        Self { raster, faults: Vec::new(), phases: vec![0; network.layers().len()] }
    }

    /// Forgets everything, keeping the memory; phase 0 is `first_step` from now on.
    pub(crate) fn restart(&mut self, first_step: u64) {
        self.raster.restart(first_step);
        self.faults.clear();
        self.phases.fill(0);
    }

    /// The phases in which two layers spiked, ascending.
    pub(crate) fn together(&self, one: LayerId, other: LayerId) -> impl Iterator<Item = u32> {
        let both = self.phases[one.index()] & self.phases[other.index()];
        // The set without its first phase, until none is left.
        let rests = std::iter::successors(Some(both), |rest| Some(rest & rest.wrapping_sub(1)));
        rests.take_while(|&rest| rest != 0).map(u16::trailing_zeros)
    }

    /// The packed spikes of a layer in a phase.
    pub(crate) fn words(&self, phase: u32, layer: LayerId) -> &[u64] {
        self.raster.words(self.raster.first_step() + u64::from(phase), layer)
    }

    /// Number of spikes of a layer in a phase.
    pub(crate) fn count(&self, phase: u32, layer: LayerId) -> u64 {
        if self.phases[layer.index()] >> phase & 1 == 0 {
            return 0;
        }
        self.words(phase, layer).iter().map(|word| u64::from(word.count_ones())).sum()
    }

    fn note(&mut self, step: u64, layer: LayerId) {
        let phase = step.checked_sub(self.raster.first_step());
        let bit = phase.and_then(|phase| 1_u16.checked_shl(u32::try_from(phase).ok()?));
        if let (Some(phases), Some(bit)) = (self.phases.get_mut(layer.index()), bit) {
            *phases |= bit;
        }
    }
}

impl Observer for Heard {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.note(step, layer);
        self.raster.record(step, layer, neurons);
    }

    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        self.note(step, layer);
        self.raster.record_words(step, layer, words);
    }

    fn fault(&mut self, fault: &Fault) {
        self.faults.push(*fault);
    }
}
