//! The circuits on a chip: whole, within every budget, and on how many cores.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use synfire_circuit::{CircuitShape, Form, InferenceCircuit, LearningCircuit, PlasticWeights};
use synfire_loihi::lower;
use synfire_loihi::place::{LOIHI, PlaceOptions, Placement, place};
use synfire_net::Network;

fn placed(network: &Arc<Network>) -> Placement {
    let program = lower(Arc::clone(network)).unwrap();
    let placement = place(&program, &PlaceOptions::default()).unwrap();
    for core in placement.cores() {
        assert_eq!(core.usage.excess(&LOIHI).count(), 0, "{:?}", core.usage);
    }
    for layer in network.layer_ids() {
        let on_chip =
            if network.layer(layer).is_source() { 0 } else { network.layer(layer).n_neurons };
        let mut next = 0;
        for slice in placement.slices(layer) {
            assert_eq!(slice.first, next);
            next += slice.n;
        }
        assert_eq!(next, on_chip, "{}", network.layer(layer).name);
    }
    placement
}

fn untrained(inputs: u32, hidden: u32) -> (CircuitShape, PlasticWeights) {
    let shape = CircuitShape::new(inputs, hidden, 10);
    let [w1, w2] = [inputs * hidden, hidden * 10].map(|n| vec![0; n as usize]);
    let weights = PlasticWeights::from_forward(&shape, w1, w2);
    (shape, weights)
}

/// The paper's size, and the largest that is asked of us: each fits one chip.
#[test]
fn the_learning_circuit_fits_a_chip() {
    // The memories that hold hidden neurons in the sized circuit want formats of their own.
    for (inputs, hidden, most) in [(400, 400, [8, 6]), (784, 1000, [28, 24])] {
        for (form, most) in [Form::Sized, Form::Published].into_iter().zip(most) {
            let (shape, weights) = untrained(inputs, hidden);
            let circuit = LearningCircuit::new(shape, form, &weights).unwrap();
            let placement = placed(circuit.network());
            assert_eq!(placement.n_chips(), 1);
            let n_cores = placement.cores().len();
            assert!(n_cores <= most, "{inputs}-{hidden}-10 {form:?}: {n_cores} cores");
            // No packing can do with fewer words than the plastic synapses of the three copies have bytes.
            let n_words: u64 =
                placement.cores().iter().map(|core| u64::from(core.usage.synapse_words)).sum();
            assert!(n_words * 8 > 3 * u64::from(inputs * hidden));
        }
    }
}

#[test]
fn the_inference_circuit_fits_a_chip() {
    let shape = CircuitShape::new(400, 400, 10);
    let circuit = InferenceCircuit::new(shape, Form::Sized, &[2; 160_000], &[-2; 4000]).unwrap();
    let placement = placed(circuit.network());
    assert!(placement.cores().len() <= 2, "{}", placement.cores().len());
}
