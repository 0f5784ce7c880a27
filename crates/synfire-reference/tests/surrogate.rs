//! The integer error signals are signs of gradients, and the gradients are gradients.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::float_arithmetic, reason = "the gradients are those of a real-valued model")]

use approx::assert_relative_eq;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use synfire_reference::real::{RealModel, SurrogateModel};
use synfire_reference::{
    LayerRecord, Matrix, Reference, Sample, Shape, Weights, nalgebra, proptest, strategy,
};

/// +1 for d+, -1 for d-, 0 for neither. Both at once does not happen while no feedback weight has
/// saturated.
fn signals(layer: &LayerRecord) -> DVector<f64> {
    let signal = |(&plus, &minus): (&bool, &bool)| f64::from(plus) - f64::from(minus);
    let values = layer.error_plus().iter().zip(layer.error_minus()).map(signal);
    DVector::from_iterator(layer.potential().len(), values)
}

/// The sign of a derivative with the opposite direction: where to go to lower the loss.
fn descent(derivative: f64) -> f64 {
    if derivative == 0.0 { 0.0 } else { -derivative.signum() }
}

/// Whether R4 lets a signal of this hidden neuron pass: its error sum is above the threshold.
fn passes_threshold(layer: &LayerRecord, neuron_idx: usize, theta: i32) -> bool {
    layer.e_plus()[neuron_idx] > theta || layer.e_minus()[neuron_idx] > theta
}

proptest! {
    #![proptest_config(Config { cases: 400, ..Config::default() })]

    /// R3, R4: the error signals of the output and of the last hidden layer are the signs of the
    /// surrogate gradient of the loss, neuron by neuron, in networks of any depth. The error
    /// threshold of R4 silences small ones; the gates of R2 and R3 are zeros of the derivative.
    #[test]
    fn the_top_two_layers_take_the_sign_of_the_surrogate_gradient(
        case in strategy::unsaturated_case(2..=4)
    ) {
        let model = SurrogateModel::new(&case.shape, &case.weights).unwrap();
        for sample in &case.samples {
            let mut reference = Reference::new(case.shape.clone(), case.weights.clone()).unwrap();
            let record = reference.learn(sample.borrow()).unwrap();
            let gradient = model.gradient(sample.borrow()).unwrap();
            let top = record.layers().len() - 1;
            let output = signals(record.output());
            prop_assert_eq!(&output, &gradient.by_potential[top].map(descent));
            let hidden = &record.layers()[top - 1];
            let theta = case.shape.error_threshold(top);
            let signs = gradient.by_potential[top - 1].map(descent);
            for (idx, (&signal, &sign)) in signals(hidden).iter().zip(&signs).enumerate() {
                let expected = if passes_threshold(hidden, idx, theta) { sign } else { 0.0 };
                prop_assert_eq!(signal, expected, "hidden neuron {}", idx);
                // Nothing but the threshold may silence a neuron that has a gradient.
                prop_assert!(theta > 0 || signal == sign);
            }
        }
    }

    /// R4 at every depth: a layer's signals are the signs of the surrogate gradient through the
    /// one layer of weights above it, of the loss that the signals above it stand for.
    #[test]
    fn every_layer_takes_the_sign_of_one_step_back(case in strategy::unsaturated_case(2..=4)) {
        let model = SurrogateModel::new(&case.shape, &case.weights).unwrap();
        for sample in &case.samples {
            let mut reference = Reference::new(case.shape.clone(), case.weights.clone()).unwrap();
            let record = reference.learn(sample.borrow()).unwrap();
            for l in 1..record.layers().len() {
                let (hidden, above) = (&record.layers()[l - 1], &record.layers()[l]);
                let potential = hidden.potential().iter().map(|&z| f64::from(z));
                let potential = DVector::from_iterator(hidden.potential().len(), potential);
                let back = model.step_back(l, &potential, &-signals(above)).unwrap();
                let theta = case.shape.error_threshold(l);
                for (idx, (&signal, &derivative)) in signals(hidden).iter().zip(&back).enumerate() {
                    let is_open = passes_threshold(hidden, idx, theta);
                    let expected = if is_open { descent(derivative) } else { 0.0 };
                    prop_assert_eq!(signal, expected, "layer {} neuron {}", l, idx);
                    prop_assert!(theta > 0 || signal == descent(derivative));
                }
            }
        }
    }

    /// The gradient of the ideal model is that of its loss: central differences of every weight.
    #[test]
    fn the_real_gradient_is_that_of_finite_differences(
        sizes in prop::collection::vec(1_usize..=5, 2..=5),
        drawn in prop::collection::vec(-0.7_f64..1.0, 4 * 25 + 10),
    ) {
        let mut drawn = drawn.into_iter();
        let mut vector = |n: usize| DVector::from_iterator(n, drawn.by_ref().take(n));
        let input = vector(sizes[0]).map(f64::abs);
        let target = vector(sizes[sizes.len() - 1]).map(f64::abs);
        let weights: Vec<DMatrix<f64>> = sizes
            .windows(2)
            .map(|pair| vector(pair[0] * pair[1]).reshape_generic(
                nalgebra::Dyn(pair[1]), nalgebra::Dyn(pair[0])) * 1024.0)
            .collect();
        let model = RealModel::new(weights).unwrap();
        let gradient = model.gradient(&input, &target).unwrap();
        // At a kink of the activation there is no derivative to compare with.
        let kink = |z: &f64| z.abs() < 1.0 || (z - 1024.0).abs() < 1.0;
        prop_assume!(!gradient.potential.iter().flatten().any(kink));
        let h = 1e-2;
        for (l, matrix) in model.weights().iter().enumerate() {
            for place in 0..matrix.len() {
                let loss = |change: f64| {
                    let mut moved = model.weights().to_vec();
                    moved[l][place] += change;
                    RealModel::new(moved).unwrap().loss(&input, &target).unwrap()
                };
                let slope = (loss(h) - loss(-h)) / (2.0 * h);
                let exact = gradient.by_weight[l][place];
                assert_relative_eq!(slope, exact, epsilon = 1e-11, max_relative = 1e-5);
            }
        }
    }
}

/// The properties above compare signs; here is how many of them are signs and not zeros, and that
/// the finite differences meet weights that matter.
#[test]
fn the_properties_compare_something() {
    let mut runner = TestRunner::deterministic();
    let cases = strategy::unsaturated_case(2..=4);
    let mut n_signals = [[0; 3]; 4];
    for _ in 0..400 {
        let case = cases.new_tree(&mut runner).unwrap().current();
        let mut reference = Reference::new(case.shape.clone(), case.weights.clone()).unwrap();
        for sample in &case.samples {
            let record = reference.learn(sample.borrow()).unwrap();
            for (from_top, layer) in record.layers().iter().rev().enumerate() {
                n_signals[from_top][0] += layer.error_plus_list().len();
                n_signals[from_top][1] += layer.error_minus_list().len();
                n_signals[from_top][2] += layer.potential().len();
            }
        }
    }
    assert!(n_signals.iter().flatten().all(|&n| n > 100), "{n_signals:?}");
}

/// Two layers below the output the integers no longer take the sign of the gradient of the loss:
/// each layer forgets magnitudes, and a neuron that hears one strong and two weak errors follows
/// the two. Clause R4 says so for the layers of the paper's network; this is what it means deeper.
#[test]
fn deeper_layers_follow_signs_and_not_magnitudes() {
    // The first neuron of h1 reaches the first three of h2 by equal weights, and those reach o by
    // 2, 2 and -200. Their signs come back to it as two against one, although the gradient of the
    // loss, 2 + 2 - 200, points the other way. The rest only keeps h2 and o in their open ranges.
    let shape = Shape::new(&[3, 4, 4, 1]).unwrap();
    let to_h2 = vec![100, 100, 100, 0, 0, 0, 0, 200, 0, 0, 0, 200, 0, 0, 0, 200];
    let forward = vec![
        Matrix::new(3, 4, vec![200; 12]).unwrap(),
        Matrix::new(4, 4, to_h2).unwrap(),
        Matrix::new(4, 1, vec![2, 2, -200, 100]).unwrap(),
    ];
    let weights = Weights::from_forward(&shape, forward).unwrap();
    let sample = Sample { input: &[0, 1, 2], target: 0 };
    let gradient = SurrogateModel::new(&shape, &weights).unwrap().gradient(sample).unwrap();
    let mut reference = Reference::new(shape, weights).unwrap();
    let record = reference.learn(sample).unwrap();
    assert_eq!(record.output().error_plus(), [true]);
    assert_eq!(signals(&record.layers()[1]).as_slice(), [1.0, 1.0, -1.0, 1.0]);
    assert_eq!(descent(gradient.by_potential[0][0]), -1.0);
    assert_eq!(signals(&record.layers()[0])[0], 1.0);
}
