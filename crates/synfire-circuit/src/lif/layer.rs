//! The neurons of a layer: their state, and clause S2 on all of them.

use super::slot_of;
use synfire_net::{Decay, LayerId, Neuron, PhaseSet, Sabotage};

#[derive(Clone, Debug)]
pub(super) struct LayerState {
    pub(super) neuron: Option<Neuron>,
    pub(super) phases: Option<PhaseSet>,
    pub(super) current: Vec<i64>,
    pub(super) voltage: Vec<i64>,
    pub(super) held: Vec<u8>,
    /// Charge that arrives in steps to come: slot `step mod n_slots`.
    pub(super) slots: Vec<Vec<i64>>,
    pub(super) spikes: Vec<u32>,
}

impl LayerState {
    /// S2: one step of every neuron.
    pub(super) fn update(&mut self, step: u64, neuron: &Neuron) {
        let (current_decay, voltage_decay) = (Decay::CLEAR, Decay::CLEAR);
        if (neuron.current_decay, neuron.voltage_decay) == (current_decay, voltage_decay) {
            // The same loop, compiled once more with decays that are known: nothing is multiplied.
            self.update_all(step, &Neuron { current_decay, voltage_decay, ..*neuron });
        } else {
            self.update_all(step, neuron);
        }
    }

    #[inline(always)]
    pub(super) fn update_all(&mut self, step: u64, neuron: &Neuron) {
        let slot = slot_of(step, self.slots.len());
        let input = &mut self.slots[slot];
        let threshold = i64::from(neuron.threshold);
        let bias = i64::from(neuron.bias);
        let floor = neuron.voltage_floor.map_or(i64::MIN, i64::from);
        let ceiling = neuron.voltage_ceiling.map_or(i64::MAX, i64::from);
        let state = self.current.iter_mut().zip(&mut self.voltage).zip(&mut self.held).zip(input);
        for (neuron_idx, (((current, voltage), held), charge)) in (0u32..).zip(state) {
            *current = neuron.current_decay.apply(*current) + *charge;
            *charge = 0;
            if *held > 0 {
                *held -= 1;
                *voltage = 0;
                continue;
            }
            *voltage =
                (neuron.voltage_decay.apply(*voltage) + *current + bias).clamp(floor, ceiling);
            if *voltage > threshold {
                *voltage = 0;
                *held = neuron.refractory.get() - 1;
                self.spikes.push(neuron_idx);
            }
        }
    }

    pub(super) fn deceive(&mut self, sabotage: Sabotage, now: u64, id: LayerId) {
        match sabotage {
            Sabotage::DropSpike { step, layer, neuron_idx } if (step, layer) == (now, id) => {
                self.spikes.retain(|&spike| spike != neuron_idx);
            }
            Sabotage::AddSpike { step, layer, neuron_idx } if (step, layer) == (now, id) => {
                if let Err(place) = self.spikes.binary_search(&neuron_idx) {
                    self.spikes.insert(place, neuron_idx);
                }
            }
            _ => {}
        }
    }
}
