//! Delivery: the accumulator slots in which input waits for its step.
//!
//! Every compartment has A slots, used in turn: the input of step t waits in slot t mod A. A spike of
//! step t with delay d adds to the slot of step t + 1 + d, and the slot of step t is cleared when the
//! step takes it, so that A slots serve delays 0 to A - 2. The sums are exact: nothing wraps before the
//! step takes them. Axonal delays and the packing of axons into cores are not modelled.

use crate::limits::ACCUMULATORS;
use synfire_net::{Delay, InFlight};

/// The number of accumulator slots that a longest delay needs: 8, 16, 32 or 64.
#[must_use]
pub fn accumulators_for(longest: Delay) -> u8 {
    // The longest delay is 62, which 64 slots hold.
    let needed = longest.get() + 2;
    ACCUMULATORS.into_iter().find(|&slots| slots >= needed).unwrap_or(ACCUMULATORS[3])
}

/// Accumulator slots of a group of compartments.
#[derive(Clone, Debug)]
pub struct Accumulators {
    n_compartments: usize,
    n_slots: u64,
    /// One row of sums per slot, in units of charge.
    sums: Vec<i32>,
}

impl Accumulators {
    /// Empty slots.
    #[must_use]
    pub fn new(n_compartments: usize, n_slots: u8) -> Self {
        let sums = vec![0; n_compartments * usize::from(n_slots)];
        Self { n_compartments, n_slots: n_slots.into(), sums }
    }

    /// The input of all compartments for `step`, to be read and set to 0.
    pub fn take(&mut self, step: u64) -> &mut [i32] {
        self.slot(step)
    }

    /// The slot to which spikes of `step` with this delay add.
    pub fn deliver(&mut self, step: u64, delay: u8) -> &mut [i32] {
        self.slot(step + 1 + u64::from(delay))
    }

    /// What waits for the steps after `step`, the last that was taken.
    #[must_use]
    pub fn in_flight(&self, step: u64) -> Vec<InFlight> {
        // The slot of the last step is empty.
        let steps = (1..).take_while(|&steps| u64::from(steps) < self.n_slots);
        let waiting = steps.flat_map(|steps: u8| {
            let start = self.start(step + u64::from(steps));
            let sums = (0..).zip(&self.sums[start..start + self.n_compartments]);
            sums.filter(|&(_, &sum)| sum != 0).map(move |(neuron_idx, &sum)| InFlight {
                steps,
                neuron_idx,
                charge: sum.into(),
            })
        });
        waiting.collect()
    }

    /// Replaces all that waits by what another one had in flight after `step`. Charges are known to fit.
    ///
    /// # Panics
    /// If there are fewer compartments than a charge asks for.
    #[expect(clippy::cast_possible_truncation, reason = "lowering bounds all sums to 32 bits")]
    pub fn take_over(&mut self, step: u64, in_flight: &[InFlight]) {
        self.sums.fill(0);
        for &InFlight { steps, neuron_idx, charge } in in_flight {
            self.slot(step + u64::from(steps))[neuron_idx as usize] = charge as i32;
        }
    }

    fn slot(&mut self, step: u64) -> &mut [i32] {
        let start = self.start(step);
        &mut self.sums[start..start + self.n_compartments]
    }

    #[expect(clippy::cast_possible_truncation, reason = "a slot index is below 64")]
    const fn start(&self, step: u64) -> usize {
        (step % self.n_slots) as usize * self.n_compartments
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn slots_hold_delays_up_to_two_less() {
        let rows = [(0, 8), (6, 8), (7, 16), (14, 16), (15, 32), (30, 32), (31, 64), (62, 64)];
        for (delay, slots) in rows {
            assert_eq!(accumulators_for(Delay::new(delay).unwrap()), slots);
        }
    }

    /// Every delay that a number of slots serves arrives once, at its step, and nowhere else.
    #[test]
    fn input_waits_for_its_step() {
        for n_slots in ACCUMULATORS {
            for delay in 0..=n_slots - 2 {
                let mut slots = Accumulators::new(2, n_slots);
                let mut arrivals = Vec::new();
                for step in 1..200_u64 {
                    let sums = slots.take(step);
                    if std::mem::take(&mut sums[1]) != 0 {
                        arrivals.push(step);
                    }
                    assert_eq!(sums[0], 0);
                    if step == 5 || step == 6 {
                        slots.deliver(step, delay)[1] += 64;
                    }
                }
                let first = 6 + u64::from(delay);
                assert_eq!(arrivals, [first, first + 1]);
            }
        }
    }
}
