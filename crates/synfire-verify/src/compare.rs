//! Compares what one sample of an engine said with the reference, in causal order. The weights are the
//! matter of `follow`.

use crate::claim::{Claim, Counts};
use crate::expected::{self, Expected};
use crate::lockstep::Comparison;
use crate::mismatch::Mismatch;
use synfire_circuit::{LEARNING_PERIOD, LearningCircuit, MEANINGS, Potentials, Quantity};
use synfire_net::{Fault, Raster};
use synfire_reference::Record;

/// What is known of one sample, from both sides.
pub(crate) struct Sight<'a> {
    pub(crate) circuit: &'a LearningCircuit,
    pub(crate) sample: u64,
    pub(crate) record: &'a Record,
    /// The first difference in the weights after the sample.
    pub(crate) weights: Option<Mismatch>,
    pub(crate) potentials: &'a Potentials,
    pub(crate) found: &'a Raster,
    pub(crate) expected: &'a Expected,
    pub(crate) faults: &'a [Fault],
}

impl Sight<'_> {
    /// Compares everything but weights; of each kind of mismatch, the one that came first in time.
    /// `counts` holds what was compared so far.
    pub(crate) fn compare(&self, mut counts: Counts) -> Comparison {
        self.count_spikes(&mut counts);
        let (meant, stray) = self.spikes();
        let updates = [self.potentials(&mut counts), meant, self.weights.clone()];
        let first = |mismatches: &[Option<Mismatch>]| {
            mismatches.iter().flatten().min_by_key(|mismatch| mismatch.phase).cloned()
        };
        Comparison { counts, mismatch: first(&updates), stray: first(&[stray, self.faults()]) }
    }

    fn count_spikes(&self, counts: &mut Counts) {
        for meaning in &MEANINGS {
            counts.add(claim_of(meaning.quantity), self.expected.count(meaning.quantity));
        }
        counts.add(Claim::Silence, expected::n_silent());
    }

    /// E1: the sums themselves, not only on which side of a threshold they lie.
    fn potentials(&self, counts: &mut Counts) -> Option<Mismatch> {
        let sides = [
            (2, "h", &self.potentials.hidden, self.record.layers()[0].potential()),
            (3, "o", &self.potentials.output, self.record.output().potential()),
        ];
        for (phase, place, found, expected) in sides {
            counts.add(Claim::Forward, expected.len() as u64);
            // Every pair is compared, whatever the first ones say: that takes whole lanes at a time.
            let pairs = found.iter().zip(expected);
            let agree = pairs
                .fold(true, |so_far, (&found, &expected)| so_far & (found == i64::from(expected)));
            if agree && found.len() == expected.len() {
                continue;
            }
            let pairs = (0u32..).zip(expected.iter().enumerate());
            let found = pairs.map(|(neuron_idx, (idx, expected))| {
                (neuron_idx, found.get(idx).copied(), i64::from(*expected))
            });
            let mut differing = found.filter(|(_, found, expected)| *found != Some(*expected));
            if let Some((neuron_idx, found, expected)) = differing.next() {
                return Some(Mismatch {
                    claim: Claim::Forward,
                    sample: self.sample,
                    phase,
                    place: place.to_owned(),
                    neuron_idx,
                    source_idx: None,
                    expected: format!("potential {expected}"),
                    found: found.map_or_else(|| "nothing".to_owned(), |found| found.to_string()),
                    agreed_up_to: phase.checked_sub(1),
                });
            }
        }
        None
    }

    /// E1, E2 and E4: every spike that means something; and E8: every other. The first of either kind.
    fn spikes(&self) -> (Option<Mismatch>, Option<Mismatch>) {
        let (mut meant, mut stray) = (None, None);
        let raster = self.expected.raster();
        if self.found == raster {
            return (meant, stray);
        }
        let network = self.circuit.network();
        let first = self.circuit.first_step(self.sample);
        for phase in 0..LEARNING_PERIOD {
            let step = first + u64::from(phase);
            for layer in network.layer_ids() {
                let quantity = expected::meaning_of(self.circuit, layer, phase);
                let slot = if quantity.is_some() { &mut meant } else { &mut stray };
                if slot.is_some() {
                    continue;
                }
                let n_neurons = network.layer(layer).n_neurons;
                let differs = |&neuron_idx: &u32| {
                    self.found.contains(step, layer, neuron_idx)
                        != raster.contains(step, layer, neuron_idx)
                };
                let Some(neuron_idx) = (0..n_neurons).find(differs) else { continue };
                let is_found = self.found.contains(step, layer, neuron_idx);
                let (expected, found) =
                    if is_found { ("silent", "a spike") } else { ("a spike", "silent") };
                *slot = Some(Mismatch {
                    claim: quantity.map_or(Claim::Silence, claim_of),
                    sample: self.sample,
                    phase,
                    place: network.layer(layer).name.clone(),
                    neuron_idx,
                    source_idx: None,
                    expected: expected.to_owned(),
                    found: found.to_owned(),
                    agreed_up_to: phase.checked_sub(1),
                });
            }
        }
        (meant, stray)
    }

    /// E8: a fault is a mismatch even if no spike or weight shows it.
    fn faults(&self) -> Option<Mismatch> {
        let fault = self.faults.first()?;
        let step = fault.step - self.circuit.first_step(self.sample);
        let phase = u32::try_from(step).unwrap_or(LEARNING_PERIOD);
        Some(Mismatch {
            claim: Claim::Silence,
            sample: self.sample,
            phase,
            place: self.circuit.network().layer(fault.layer).name.clone(),
            neuron_idx: fault.neuron_idx,
            source_idx: None,
            expected: "no fault".to_owned(),
            found: fault.kind.to_string(),
            agreed_up_to: phase.checked_sub(1),
        })
    }
}

const fn claim_of(quantity: Quantity) -> Claim {
    match quantity {
        Quantity::Input
        | Quantity::Target
        | Quantity::Hidden
        | Quantity::HiddenLow
        | Quantity::HiddenHigh
        | Quantity::Output
        | Quantity::OutputLow
        | Quantity::OutputHigh => Claim::Forward,
        Quantity::OutputErrorPlus | Quantity::OutputErrorMinus => Claim::OutputError,
        Quantity::Derivative
        | Quantity::BackPlus
        | Quantity::BackMinus
        | Quantity::HiddenErrorPlus
        | Quantity::HiddenErrorMinus => Claim::HiddenError,
    }
}
