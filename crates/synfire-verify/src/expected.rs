//! What a record of the reference says the circuit must do: every spike of a sample's cycle.
//!
//! The reference knows quantities, the circuit knows populations and phases;
//! [`synfire_circuit::MEANINGS`] joins them. Gates and sources are expected too, so that whatever spikes
//! and is not expected is a mismatch.

use synfire_circuit::{LEARNING_PERIOD, LearningCircuit, MEANINGS, Population, Quantity};
use synfire_net::Raster;
use synfire_reference::Record;

/// Writes the expected spikes of sample `sample` into `raster`.
pub(crate) fn spikes(
    circuit: &LearningCircuit,
    record: &Record,
    target: u32,
    sample: u64,
    raster: &mut Raster,
) {
    let first = circuit.first_step(sample);
    raster.restart(first);
    let mut scratch = Vec::new();
    let [input, target_source, reward] = circuit.sources();
    spike(raster, first, input, record.input_list());
    spike(raster, first + 2, target_source, &[target]);
    for phase in [5, 7] {
        spike(raster, first + phase, reward, &[0]);
    }
    for (phase, gate) in (0u64..).zip(circuit.chain().gates.iter().cycle().skip(1)) {
        if phase == u64::from(LEARNING_PERIOD) {
            break;
        }
        spike(raster, first + phase, *gate, &[0]);
    }
    let threshold = circuit.shape().error_threshold;
    for meaning in &MEANINGS {
        let layer = circuit.layer(meaning.population);
        let neurons = quantity(record, target, threshold, meaning.quantity, &mut scratch);
        spike(raster, first + u64::from(meaning.phase), layer, neurons);
    }
}

fn spike(raster: &mut Raster, step: u64, layer: synfire_net::LayerId, neurons: &[u32]) {
    if !neurons.is_empty() {
        raster.record(step, layer, neurons);
    }
}

/// The neurons for which a quantity of the record is true.
fn quantity<'a>(
    record: &'a Record,
    target: u32,
    threshold: i32,
    quantity: Quantity,
    scratch: &'a mut Vec<u32>,
) -> &'a [u32] {
    let hidden = &record.layers()[0];
    let output = record.output();
    match quantity {
        Quantity::Input => record.input_list(),
        Quantity::Target => {
            scratch.clear();
            scratch.push(target);
            scratch
        }
        Quantity::Hidden => hidden.active_list(),
        Quantity::HiddenLow => list(hidden.above_zero().iter().copied(), scratch),
        Quantity::HiddenHigh => list(hidden.above_upper().iter().copied(), scratch),
        Quantity::Derivative => list(hidden.gate().iter().copied(), scratch),
        Quantity::Output => output.active_list(),
        Quantity::OutputLow => list(output.above_zero().iter().copied(), scratch),
        Quantity::OutputHigh => list(output.above_upper().iter().copied(), scratch),
        Quantity::OutputErrorPlus => output.error_plus_list(),
        Quantity::OutputErrorMinus => output.error_minus_list(),
        Quantity::BackPlus => list(hidden.e_plus().iter().map(|&e| e > threshold), scratch),
        Quantity::BackMinus => list(hidden.e_minus().iter().map(|&e| e > threshold), scratch),
        Quantity::HiddenErrorPlus => hidden.error_plus_list(),
        Quantity::HiddenErrorMinus => hidden.error_minus_list(),
    }
}

fn list(bits: impl Iterator<Item = bool>, scratch: &mut Vec<u32>) -> &[u32] {
    scratch.clear();
    scratch.extend((0u32..).zip(bits).filter(|(_, bit)| *bit).map(|(idx, _)| idx));
    scratch
}

/// The claim that a spike of a population in a phase belongs to, or [`None`] if it should be silent.
pub(crate) fn meaning_of(
    circuit: &LearningCircuit,
    layer: synfire_net::LayerId,
    phase: u32,
) -> Option<Quantity> {
    MEANINGS
        .iter()
        .find(|meaning| meaning.phase == phase && circuit.layer(meaning.population) == layer)
        .map(|meaning| meaning.quantity)
}

/// Number of layers and phases in which nobody may spike.
pub(crate) fn n_silent() -> u64 {
    let working = Population::WORKING.len() as u64 * u64::from(LEARNING_PERIOD);
    working - MEANINGS.len() as u64
}
