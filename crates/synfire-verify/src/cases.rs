//! Cases for the ladder: random networks whose potentials dwell on thresholds, limits and ties.
//!
//! The networks come from the reference's own strategies; a case is a function of seed and number, so
//! that a failure can be repeated.

use crate::ladder::Case;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use synfire_circuit::{CircuitShape, Form, PlasticWeights};
use synfire_reference::strategy::circuit_case;

/// Random cases as the property tests draw and shrink them; without an error threshold for the published
/// circuit, which has none.
pub fn strategy(form: Form) -> impl Strategy<Value = Case> {
    circuit_case().prop_map(move |drawn| {
        let size = |layer: usize| u32::try_from(drawn.shape.n_neurons(layer)).unwrap_or(u32::MAX);
        let shape = CircuitShape {
            error_threshold: match form {
                Form::Published => 0,
                Form::Sized => drawn.shape.error_threshold(1),
            },
            ..CircuitShape::new(size(0), size(1), size(2))
        };
        let matrix = |matrix: &synfire_reference::Matrix| matrix.values().to_vec();
        let weights = PlasticWeights {
            w1: matrix(&drawn.weights.forward()[0]),
            w2: matrix(&drawn.weights.forward()[1]),
            feedback_plus: matrix(&drawn.weights.feedback_plus()[0]),
            feedback_minus: matrix(&drawn.weights.feedback_minus()[0]),
        };
        let sample = |sample: &synfire_reference::strategy::OwnedSample| {
            (sample.input.clone(), u32::try_from(sample.target).unwrap_or(u32::MAX))
        };
        let samples = drawn.samples.iter().map(sample).collect();
        Case { name: "random network".to_owned(), repeat: String::new(), shape, weights, samples }
    })
}

/// Random case number `number` of a seed.
///
/// # Panics
/// If the strategies reject every draw, which they do not.
#[must_use]
pub fn random(form: Form, seed: u64, number: u64) -> Case {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = strategy(form).new_tree(&mut runner).expect("the strategies accept some draw");
    let mut case = tree.current();
    case.name = format!("random network {number} of seed {seed}");
    case.repeat = format!("--seed {seed} --only-case {number}");
    case
}
