//! Compares one sample of an engine with the reference, in causal order.

use crate::claim::{Claim, Counts};
use crate::expected;
use crate::lockstep::Comparison;
use crate::mismatch::Mismatch;
use synfire_circuit::{LEARNING_PERIOD, LearningCircuit, MEANINGS, Potentials, Quantity};
use synfire_net::{Engine, Fault, ProjectionId, Raster};
use synfire_reference::{Record, Weights};

/// Everything that is known of one sample, from both sides.
pub(crate) struct Sight<'a> {
    pub(crate) circuit: &'a LearningCircuit,
    pub(crate) engine: &'a dyn Engine,
    pub(crate) sample: u64,
    pub(crate) record: &'a Record,
    /// The reference's weights after the sample.
    pub(crate) weights: &'a Weights,
    pub(crate) potentials: &'a Potentials,
    pub(crate) found: &'a Raster,
    pub(crate) expected: &'a Raster,
    pub(crate) faults: &'a [Fault],
}

impl Sight<'_> {
    /// Compares everything; of each kind of mismatch, the one that came first in time.
    pub(crate) fn compare(&self) -> Comparison {
        let mut counts = Counts::default();
        self.count_spikes(&mut counts);
        let (meant, stray) = self.spikes();
        let updates = [self.potentials(&mut counts), meant, self.weights(&mut counts)];
        let first = |mismatches: &[Option<Mismatch>]| {
            mismatches.iter().flatten().min_by_key(|mismatch| mismatch.phase).cloned()
        };
        Comparison { counts, mismatch: first(&updates), stray: first(&[stray, self.faults()]) }
    }

    fn count_spikes(&self, counts: &mut Counts) {
        let first = self.circuit.first_step(self.sample);
        for meaning in &MEANINGS {
            let layer = self.circuit.layer(meaning.population);
            let words = self.expected.words(first + u64::from(meaning.phase), layer);
            let n = words.iter().map(|word| u64::from(word.count_ones())).sum();
            counts.add(claim_of(meaning.quantity), n);
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
            let pairs = (0u32..).zip(found.iter().zip(expected));
            if let Some((neuron_idx, (found, expected))) =
                pairs.into_iter().find(|(_, (found, expected))| **found != i64::from(**expected))
            {
                return Some(Mismatch {
                    claim: Claim::Forward,
                    sample: self.sample,
                    phase,
                    place: place.to_owned(),
                    neuron_idx,
                    source_idx: None,
                    expected: format!("potential {expected}"),
                    found: found.to_string(),
                    agreed_up_to: phase.checked_sub(1),
                });
            }
        }
        None
    }

    /// E1, E2 and E4: every spike that means something; and E8: every other. The first of either kind.
    fn spikes(&self) -> (Option<Mismatch>, Option<Mismatch>) {
        let (mut meant, mut stray) = (None, None);
        if self.found == self.expected {
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
                        != self.expected.contains(step, layer, neuron_idx)
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

    /// E3, E5 and E6: all weights of all copies.
    fn weights(&self, counts: &mut Counts) -> Option<Mismatch> {
        let (w1, w2, plus, minus) = self.circuit.matrices();
        let forward = self.weights.forward();
        let [n_w1, n_w2] = self.changes();
        counts.add(Claim::OutputUpdate, n_w2);
        counts.add(Claim::HiddenUpdate, n_w1);
        let rows = [
            (Claim::OutputUpdate, w2[0], &forward[1], 9),
            (Claim::HiddenUpdate, w1[0], &forward[0], 11),
            (Claim::Copies, w2[1], &forward[1], 9),
            (Claim::Copies, w2[2], &forward[1], 9),
            (Claim::Copies, plus, &self.weights.feedback_plus()[0], 9),
            (Claim::Copies, minus, &self.weights.feedback_minus()[0], 9),
            (Claim::Copies, w1[1], &forward[0], 11),
            (Claim::Copies, w1[2], &forward[0], 11),
        ];
        let mut first = None;
        for (claim, projection, expected, phase) in rows {
            if claim == Claim::Copies {
                counts.add(claim, expected.values().len() as u64);
            }
            let mismatch = self.matrix(claim, projection, expected.values(), phase);
            if first.as_ref().is_none_or(|first: &Mismatch| first.phase > phase) {
                first = mismatch.or(first);
            }
        }
        first
    }

    fn matrix(
        &self,
        claim: Claim,
        projection: ProjectionId,
        expected: &[i16],
        phase: u32,
    ) -> Option<Mismatch> {
        let found = self.engine.weights(projection)?;
        if found[..] == *expected {
            return None;
        }
        let network = self.circuit.network();
        let target = network.projection(projection).target;
        let n_targets = network.layer(target).n_neurons as usize;
        let idx = found.iter().zip(expected).position(|(found, expected)| found != expected)?;
        let position = |idx: usize| u32::try_from(idx).unwrap_or(u32::MAX);
        Some(Mismatch {
            claim,
            sample: self.sample,
            phase,
            place: network.projection(projection).name.clone(),
            neuron_idx: position(idx % n_targets),
            source_idx: Some(position(idx / n_targets)),
            expected: format!("weight {}", expected[idx]),
            found: found[idx].to_string(),
            agreed_up_to: phase.checked_sub(1),
        })
    }

    /// Weights of w1 and w2 that the reference was asked to change.
    fn changes(&self) -> [u64; 2] {
        let hidden = &self.record.layers()[0];
        let output = self.record.output();
        let errors = |plus: &[u32], minus: &[u32]| (plus.len() + minus.len()) as u64;
        let n_inputs = self.record.input_list().len() as u64;
        let n_active = hidden.active_list().len() as u64;
        [
            n_inputs * errors(hidden.error_plus_list(), hidden.error_minus_list()),
            n_active * errors(output.error_plus_list(), output.error_minus_list()),
        ]
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
