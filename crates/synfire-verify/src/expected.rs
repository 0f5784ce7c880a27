//! What a record of the reference says the circuit must do: every spike of a sample's cycle.
//!
//! The reference knows quantities, the circuit knows populations and phases;
//! [`synfire_circuit::MEANINGS`] joins them. Gates and sources are expected too, so that whatever spikes
//! and is not expected is a mismatch.

use synfire_circuit::{LEARNING_PERIOD, LearningCircuit, MEANINGS, Population, Quantity};
use synfire_net::{LayerId, Raster};
use synfire_reference::Record;

/// Number of quantities.
const N_QUANTITIES: usize = Quantity::HiddenErrorMinus as usize + 1;

/// The spikes that the reference expects of one sample.
pub(crate) struct Expected {
    /// The layer of each of the [`MEANINGS`].
    layers: [LayerId; MEANINGS.len()],
    /// The gate that spikes in each phase.
    gates: Vec<LayerId>,
    raster: Raster,
    /// For whom each quantity is true, packed.
    quantities: [Packed; N_QUANTITIES],
}

#[derive(Default)]
struct Packed {
    words: Vec<u64>,
    n_set: u64,
}

impl Expected {
    pub(crate) fn new(circuit: &LearningCircuit) -> Self {
        let gates = circuit.chain().gates.iter().cycle().skip(1).take(LEARNING_PERIOD as usize);
        Self {
            layers: MEANINGS.map(|meaning| circuit.layer(meaning.population)),
            gates: gates.copied().collect(),
            raster: Raster::new(circuit.network(), 1),
            quantities: Default::default(),
        }
    }

    /// All spikes of the last sample that was set.
    pub(crate) const fn raster(&self) -> &Raster {
        &self.raster
    }

    /// For how many neurons a quantity is true.
    pub(crate) const fn count(&self, quantity: Quantity) -> u64 {
        self.quantities[quantity as usize].n_set
    }

    /// Replaces everything by what sample `sample` must do.
    pub(crate) fn set(
        &mut self,
        circuit: &LearningCircuit,
        record: &Record,
        target: u32,
        sample: u64,
    ) {
        let first = circuit.first_step(sample);
        self.measure(record, target, circuit.shape().error_threshold);
        let raster = &mut self.raster;
        raster.restart(first);
        let [input, target_source, reward] = circuit.sources();
        raster.record_words(first, input, &self.quantities[Quantity::Input as usize].words);
        raster.record(first + 2, target_source, &[target]);
        for phase in [5, 7] {
            raster.record(first + phase, reward, &[0]);
        }
        for (step, gate) in (first..).zip(&self.gates) {
            raster.record_words(step, *gate, &[1]);
        }
        for (meaning, &layer) in MEANINGS.iter().zip(&self.layers) {
            let packed = &self.quantities[meaning.quantity as usize];
            if packed.n_set > 0 {
                raster.record_words(first + u64::from(meaning.phase), layer, &packed.words);
            }
        }
    }

    fn measure(&mut self, record: &Record, target: u32, threshold: i32) {
        use Quantity as Q;
        let hidden = &record.layers()[0];
        let output = record.output();
        let one_hot = &mut self.quantities[Q::Target as usize];
        one_hot.words.clear();
        one_hot.words.resize(output.active().len().div_ceil(64), 0);
        if let Some(word) = one_hot.words.get_mut(target as usize / 64) {
            *word = 1 << (target % 64);
        }
        one_hot.n_set = 1;
        for (quantity, bits) in [
            (Q::Input, record.input()),
            (Q::Hidden, hidden.active()),
            (Q::HiddenLow, hidden.above_zero()),
            (Q::HiddenHigh, hidden.above_upper()),
            (Q::Derivative, hidden.gate()),
            (Q::Output, output.active()),
            (Q::OutputLow, output.above_zero()),
            (Q::OutputHigh, output.above_upper()),
            (Q::OutputErrorPlus, output.error_plus()),
            (Q::OutputErrorMinus, output.error_minus()),
            (Q::HiddenErrorPlus, hidden.error_plus()),
            (Q::HiddenErrorMinus, hidden.error_minus()),
        ] {
            self.quantities[quantity as usize].pack(bits, |&bit| bit);
        }
        for (quantity, sums) in [(Q::BackPlus, hidden.e_plus()), (Q::BackMinus, hidden.e_minus())] {
            self.quantities[quantity as usize].pack(sums, |&e| e > threshold);
        }
    }
}

impl Packed {
    fn pack<T: Copy>(&mut self, values: &[T], is_set: impl Fn(&T) -> bool) {
        self.words.clear();
        self.words.extend(values.chunks(64).map(|values| {
            let (eights, rest) = values.as_chunks::<8>();
            let mut word = 0;
            for (k, eight) in eights.iter().enumerate() {
                // Byte i, 0 or 1, is multiplied into bit 56 + i.
                let bytes = u64::from_le_bytes(eight.map(|value| u8::from(is_set(&value))));
                word |= (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * k);
            }
            for (k, value) in rest.iter().enumerate() {
                word |= u64::from(is_set(value)) << (8 * eights.len() + k);
            }
            word
        }));
        self.n_set = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
    }
}

/// The claim that a spike of a population in a phase belongs to, or [`None`] if it should be silent.
pub(crate) fn meaning_of(
    circuit: &LearningCircuit,
    layer: LayerId,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_packed_in_order() {
        for n in [0, 1, 7, 8, 9, 63, 64, 65, 130] {
            let values: Vec<i32> = (0..n).map(|k| k * k % 7).collect();
            let mut packed = Packed::default();
            packed.pack(&values, |&value| value > 2);
            let expected: Vec<usize> = (0..values.len()).filter(|&idx| values[idx] > 2).collect();
            let is_set = |idx: &usize| packed.words[idx / 64] >> (idx % 64) & 1 == 1;
            let found: Vec<usize> = (0..64 * packed.words.len()).filter(is_set).collect();
            assert_eq!(found, expected);
            assert_eq!(packed.n_set, expected.len() as u64);
        }
    }
}
