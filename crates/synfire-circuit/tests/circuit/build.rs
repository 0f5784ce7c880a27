//! What can be built, and the message where it cannot.

use proptest::prelude::*;
use synfire_circuit::{
    CircuitError, CircuitShape, Dials, Form, InferenceCircuit, LearningCircuit, Opening,
    PlasticWeights, Population,
};

fn refusal(shape: CircuitShape, form: Form, weights: &PlasticWeights) -> String {
    LearningCircuit::new(shape, form, weights).unwrap_err().to_string()
}

#[test]
fn error_thresholds_are_even_and_bounded() {
    let with = |error_threshold| CircuitShape { error_threshold, ..CircuitShape::new(3, 2, 2) };
    let weights = PlasticWeights::zeros(&with(0));
    for found in [-2, -1, 1, 511, 1023, 1024, i32::MAX, i32::MIN] {
        assert_eq!(
            refusal(with(found), Form::Sized, &weights),
            format!("error threshold is {found}, expected an even number from 0 to 1022")
        );
    }
    for found in [-2, 2, 1022, 3] {
        assert_eq!(
            refusal(with(found), Form::Published, &weights),
            format!("error threshold is {found}, expected 0 in the published circuit")
        );
        let error = LearningCircuit::new(with(found), Form::Published, &weights).unwrap_err();
        assert_eq!(error, CircuitError::PublishedThreshold { found });
    }
    for allowed in [0, 2, 512, 1022] {
        LearningCircuit::new(with(allowed), Form::Sized, &weights).unwrap();
    }
    LearningCircuit::new(with(0), Form::Published, &weights).unwrap();
}

/// The table of clause P2, in units of 64 units of charge.
#[test]
fn strengths_are_those_of_the_table() {
    let shape = CircuitShape::new(3, 2, 2);
    let weights = PlasticWeights::zeros(&shape);
    let dials = |form| *LearningCircuit::new(shape, form, &weights).unwrap().dials();
    let opening = Opening { threshold: 1024, bias: -8192, gate: 8704, gate_high: 8192 };
    let published = Dials {
        plastic_gain: 64,
        hidden: opening,
        other: opening,
        gate_threshold: 1024,
        gate_extra: 512,
        error_extra: 512,
        one: 520,
        hold_hidden: -8128,
        hold_output: -8128,
        hold_error: -8128,
        ring: 9280,
    };
    assert_eq!(dials(Form::Published), published);
    let sized = Dials {
        plastic_gain: 32,
        hidden: Opening { threshold: 512, bias: -1536, gate: 1792, gate_high: 1536 },
        other: Opening { threshold: 2688, bias: -8192, gate: 10_624, gate_high: 10_368 },
        gate_threshold: 512,
        gate_extra: 256,
        error_extra: 256,
        one: 260,
        // Clause G2: as much as the open phase leaves, up to a multiple of 128.
        hold_hidden: -28_672,
        // Clause G2: the middle between 127 n - 10880 and 32768 - 128 n, down to a multiple of 64.
        hold_output: -10_880,
        hold_error: -10_880,
        ring: 4640,
    };
    assert_eq!(dials(Form::Sized), sized);
    let bias = |form| {
        let circuit = LearningCircuit::new(shape, form, &weights).unwrap();
        circuit.network().layer(circuit.layer(Population::DMinus)).neuron().unwrap().bias
    };
    assert_eq!([bias(Form::Published), bias(Form::Sized)], [-8192 * 64; 2]);
}

/// An error counts above the threshold: with `g` and `ge`, a sum of theta stays silent and theta + 2
/// fires.
#[test]
fn the_error_threshold_is_where_the_error_population_opens() {
    for theta in [0, 2, 100, 510, 512, 514, 1022] {
        let shape = CircuitShape { error_threshold: theta, ..CircuitShape::new(3, 2, 2) };
        let circuit =
            LearningCircuit::new(shape, Form::Sized, &PlasticWeights::zeros(&shape)).unwrap();
        let dials = circuit.dials();
        let neuron = *circuit.network().layer(circuit.layer(Population::HBack)).neuron().unwrap();
        let fires = |sum: i32| {
            let opened = (dials.other.gate + dials.error_extra) * 64 + sum * dials.plastic_gain;
            opened + neuron.bias > neuron.threshold
        };
        assert!(!fires(theta) && fires(theta + 2), "threshold {theta}");
    }
}

#[test]
fn missing_weights_are_named_by_projection() {
    let shape = CircuitShape::new(3, 2, 2);
    let mut weights = PlasticWeights::zeros(&shape);
    weights.w1.pop();
    weights.feedback_minus.clear();
    let text = refusal(shape, Form::Sized, &weights);
    for line in [
        "the network has 4 problems",
        "projection `x to h, plastic`: has 5 weights, expected 6, one per synapse",
        "projection `x to h<, plastic`: has 5 weights, expected 6, one per synapse",
        "projection `x to h>, plastic`: has 5 weights, expected 6, one per synapse",
        "projection `oT to hT, plastic`: has 0 weights, expected 4, one per synapse",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn weights_out_of_range_are_named_with_their_neurons() {
    let shape = CircuitShape::new(3, 2, 2);
    for found in [255, 256, -258, 1, -1, i16::MIN, i16::MAX] {
        let mut weights = PlasticWeights::zeros(&shape);
        weights.w2[3] = found;
        let text = refusal(shape, Form::Published, &weights);
        let expected = format!(
            "projection `h to o, plastic`: synapse 3 (neuron 1 to 1) has weight {found}, expected -256 \
             to 254 in steps of 2"
        );
        assert!(text.contains(&expected), "{text}");
    }
}

#[test]
fn empty_layers_are_named() {
    for (shape, layer) in [
        (CircuitShape::new(0, 2, 2), "x"),
        (CircuitShape::new(3, 0, 2), "h<"),
        (CircuitShape::new(3, 2, 0), "d+"),
    ] {
        let text = refusal(shape, Form::Sized, &PlasticWeights::zeros(&shape));
        assert!(text.contains(&format!("layer `{layer}`: has 0 neurons")), "{text}");
    }
}

#[test]
fn the_inference_circuit_checks_its_weights_too() {
    let shape = CircuitShape::new(3, 2, 2);
    let refused = InferenceCircuit::new(shape, Form::Sized, &[0; 6], &[0; 3]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the network has 1 problem\n  projection `w2`: has 3 weights, expected 4, one per synapse"
    );
}

#[test]
fn forms_have_names() {
    for form in [Form::Published, Form::Sized] {
        assert_eq!(form.to_string().parse(), Ok(form));
    }
    let error = "big".parse::<Form>().unwrap_err();
    assert_eq!(error, "circuit is `big`, expected `sized` or `published`");
    assert_eq!(Form::default(), Form::Sized);
}

#[test]
fn the_lowest_weight_has_no_positive_twin() {
    let shape = CircuitShape::new(1, 2, 3);
    let w2 = vec![-256, 254, 0, 2, -254, -2];
    let weights = PlasticWeights::from_forward(&shape, vec![4, 6], w2);
    // One row per output: transposed.
    assert_eq!(weights.feedback_plus, [-256, 2, 254, -254, 0, -2]);
    assert_eq!(weights.feedback_minus, [254, -2, -254, 254, 0, 2]);
}

proptest! {
    /// Any even weights within the range make a circuit, and F+ and F- are W2 transposed and its
    /// negative but for -256.
    #[test]
    fn feedback_starts_as_the_transposed_output_weights(
        n_hidden in 1_usize..6,
        n_outputs in 1_usize..5,
        seed in prop::collection::vec(
            prop_oneof![Just(-128_i16), Just(127), Just(0), Just(-127), -128_i16..=127], 30),
    ) {
        let size = |n: usize| u32::try_from(n).unwrap();
        let shape = CircuitShape::new(1, size(n_hidden), size(n_outputs));
        let w2: Vec<_> = seed.iter().map(|half| half * 2).take(n_hidden * n_outputs).collect();
        let weights = PlasticWeights::from_forward(&shape, vec![0; n_hidden], w2.clone());
        for hidden in 0..n_hidden {
            for output in 0..n_outputs {
                let weight = w2[hidden * n_outputs + output];
                let at = output * n_hidden + hidden;
                prop_assert_eq!(weights.feedback_plus[at], weight);
                let mirrored = if weight == -256 { 254 } else { -weight };
                prop_assert_eq!(weights.feedback_minus[at], mirrored);
            }
        }
        for form in [Form::Published, Form::Sized] {
            prop_assert!(LearningCircuit::new(shape, form, &weights).is_ok());
        }
    }

    /// Nothing is checked early, and nothing panics: weights of any value and number are refused or
    /// accepted by the circuit.
    #[test]
    fn weights_of_any_kind_do_not_panic(
        w1 in prop::collection::vec(any::<i16>(), 0..8),
        w2 in prop::collection::vec(prop_oneof![Just(i16::MIN), any::<i16>()], 0..8),
    ) {
        let shape = CircuitShape::new(2, 2, 3);
        let weights = PlasticWeights::from_forward(&shape, w1, w2);
        prop_assert_eq!(weights.feedback_minus.len(), 6);
        let is_fit = |all: &[i16], n: usize| {
            all.len() == n && all.iter().all(|w| (-256..=254).contains(w) && w % 2 == 0)
        };
        let built = LearningCircuit::new(shape, Form::Sized, &weights);
        prop_assert_eq!(built.is_ok(), is_fit(&weights.w1, 4) && is_fit(&weights.w2, 6));
    }
}
