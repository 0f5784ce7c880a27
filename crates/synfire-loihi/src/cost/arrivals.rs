//! Which compartments receive input in which step.
//!
//! A ring of 64 steps, as no spike is on its way for longer than 63. Of a layer that receives as a whole only
//! that is noted. Single compartments are noted in a list for each step, once: a bit for each compartment
//! and step says whether it is there already.

use super::fan::{Fan, Pattern};
use super::layout::Layout;

/// Steps of the ring.
const RING: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    /// One bit per step of the ring for each neuron.
    noted: Vec<u64>,
    /// One bit per step of the ring for each layer that receives as a whole.
    whole: Vec<u64>,
    /// Neurons by layer and number, for each step of the ring.
    single: Vec<Vec<(u32, u32)>>,
}

impl Arrivals {
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            noted: vec![0; layout.core_of.len()],
            whole: vec![0; layout.first.len()],
            single: vec![Vec::new(); RING],
        }
    }

    /// Notes a compartment.
    pub(super) fn note(&mut self, step: u64, layer: usize, neuron_idx: u32, layout: &Layout) {
        let slot = slot(step);
        let noted = &mut self.noted[layout.first[layer] + neuron_idx as usize];
        if *noted >> slot & 1 == 0 {
            *noted |= 1 << slot;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a network has fewer than 2^32 layers"
            )]
            self.single[slot].push((layer as u32, neuron_idx));
        }
    }

    /// Notes all compartments of a layer.
    pub(super) fn note_all(&mut self, step: u64, layer: usize) {
        self.whole[layer] |= 1 << slot(step);
    }

    /// Notes where spikes of `step` will arrive.
    pub(super) fn deliver(&mut self, step: u64, fan: &Fan, spikes: &[u32], layout: &Layout) {
        let at = |delay: u8| step + 1 + u64::from(delay);
        match &fan.pattern {
            Pattern::Dense { delay } => self.note_all(at(*delay), fan.target),
            Pattern::OneToOne { delay } => {
                spikes.iter().for_each(|&idx| self.note(at(*delay), fan.target, idx, layout));
            }
            Pattern::List(list) => {
                for &(target, delay) in spikes.iter().flat_map(|&idx| list.links(idx)) {
                    self.note(at(delay), fan.target, target, layout);
                }
            }
        }
    }

    /// Calls `each` with cores and numbers of compartments that receive in `step`, and forgets them.
    pub(super) fn take(&mut self, step: u64, layout: &Layout, mut each: impl FnMut(usize, u64)) {
        let slot = slot(step);
        let mut single = std::mem::take(&mut self.single[slot]);
        for (layer, neuron_idx) in single.drain(..) {
            let layer = layer as usize;
            self.noted[layout.first[layer] + neuron_idx as usize] &= !(1 << slot);
            if self.whole[layer] >> slot & 1 == 0
                && let Some(core) = layout.core(layer, neuron_idx)
            {
                each(core, 1);
            }
        }
        // The memory is kept for the step that comes round to this place.
        self.single[slot] = single;
        for (whole, n_on_core) in self.whole.iter_mut().zip(&layout.n_on_core) {
            if *whole >> slot & 1 == 1 {
                *whole &= !(1 << slot);
                n_on_core.iter().for_each(|&(core, n)| each(core, n));
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a remainder is below 64")]
const fn slot(step: u64) -> usize {
    (step % RING as u64) as usize
}
