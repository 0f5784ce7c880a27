//! The clauses that are easy to get wrong, one test each, on networks small enough to read.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use synfire_reference::{
    Matrix, Readout, Reference, Sample, SampleError, Shape, Values, Variant, WeightLimits, Weights,
};

/// A network from rows of weights, one matrix after another.
fn network(shape: Shape, matrices: &[&[i16]]) -> Reference {
    let sizes = shape.sizes().to_vec();
    let pairs = sizes.windows(2).zip(matrices);
    let forward =
        pairs.map(|(pair, values)| Matrix::new(pair[0], pair[1], values.to_vec()).unwrap());
    let weights = Weights::from_forward(&shape, forward.collect()).unwrap();
    Reference::new(shape, weights).unwrap()
}

fn shape(sizes: &[usize]) -> Shape {
    Shape::new(sizes).unwrap()
}

/// Five inputs that reach one output with exactly `potential`.
fn one_output(potential: i16, variant: Variant) -> Reference {
    let quarter = potential / 10 * 2;
    let rest = potential - 4 * quarter;
    let values = [quarter, quarter, quarter, quarter, rest];
    network(shape(&[5, 1]).with_variant(variant), &[&values])
}

const ALL_FIVE: &[u32] = &[0, 1, 2, 3, 4];

/// R1, R6: strictly above 512.
#[test]
fn r1_fires_strictly_above_512() {
    for (potential, fires) in [(510, false), (512, false), (514, true)] {
        let mut reference = one_output(potential, Variant::Circuit);
        let output = reference.infer(ALL_FIVE).unwrap().output().clone();
        assert_eq!(output.potential(), [i32::from(potential)]);
        assert_eq!(output.active(), [fires]);
    }
}

/// R2, R6 and the last sentence of R10: the gate is open on 0 < z <= 1024; in `lanl-numpy` on
/// 0 < z < 1024.
#[test]
fn r2_gate_is_open_above_0_up_to_1024() {
    let cases = [(-2, false), (0, false), (2, true), (1022, true), (1024, true), (1026, false)];
    for (potential, is_open) in cases {
        let gate = |variant| {
            let mut reference = one_output(potential, variant);
            let output = reference.infer(ALL_FIVE).unwrap().output().clone();
            assert_eq!(output.above_zero(), [potential > 0]);
            assert_eq!(output.above_upper(), [potential > 1024]);
            output.gate().to_vec()
        };
        assert_eq!(gate(Variant::Circuit), [is_open], "z = {potential}");
        assert_eq!(gate(Variant::LanlNumpy), [is_open && potential != 1024], "z = {potential}");
    }
}

/// R10: an output with z <= 0 gets no positive error, so its class can die; just above 0 it does.
#[test]
fn r10_a_class_without_potential_is_never_corrected() {
    for (potential, is_corrected) in [(-2, false), (0, false), (2, true), (512, true), (514, false)]
    {
        let mut reference = one_output(potential, Variant::Circuit);
        let before = reference.weights().clone();
        let record = reference.learn(Sample { input: ALL_FIVE, target: 0 }).unwrap();
        assert_eq!(record.output().error_plus(), [is_corrected], "z = {potential}");
        assert_eq!(*reference.weights() == before, !is_corrected);
    }
}

/// R10: a wrong output above 1024 is not corrected, and at 1024 it is; `lanl-numpy` stops at 1024.
#[test]
fn r10_nothing_is_corrected_above_1024() {
    for variant in Variant::ALL {
        for potential in [514_i16, 1022, 1024, 1026] {
            let share = (potential / 10) * 2;
            let last = potential - 4 * share;
            // Two outputs: the target is silent at 0 and gets no error, the other one is wrong.
            let values = [0, share, 0, share, 0, share, 0, share, 0, last];
            let mut reference = network(shape(&[5, 2]).with_variant(variant), &[&values]);
            let record = reference.learn(Sample { input: ALL_FIVE, target: 0 }).unwrap();
            let ceiling = if variant == Variant::Circuit { 1024 } else { 1023 };
            assert_eq!(record.output().error_minus(), [false, potential <= ceiling]);
            let steps = if potential <= ceiling { 5 } else { 0 };
            assert_eq!(record.n_updates(), steps);
        }
    }
}

/// R10: a hidden neuron above 1024 or at 0 keeps its weights although the error reaches it.
#[test]
fn r10_hidden_neurons_outside_their_gate_keep_their_weights() {
    // Hidden potentials 0, 2, 1024, 1026, 600 through five inputs; the output hears only the last.
    let w1 = [
        0, 0, 204, 204, 120, //
        0, 0, 204, 204, 120, //
        0, 0, 204, 204, 120, //
        0, 0, 204, 204, 120, //
        0, 2, 208, 210, 120,
    ];
    let w2 = [50, 50, 4, 4, 100];
    let mut reference = network(shape(&[5, 5, 1]), &[&w1, &w2]);
    let record = reference.learn(Sample { input: ALL_FIVE, target: 0 }).unwrap();
    let hidden = record.layer(1).unwrap();
    assert_eq!(hidden.potential(), [0, 2, 1024, 1026, 600]);
    assert_eq!(hidden.e_plus(), [50, 50, 4, 4, 100]);
    assert_eq!(hidden.e_minus(), [-50, -50, -4, -4, -100]);
    assert_eq!(hidden.error_plus(), [false, true, true, false, true]);
    let first_row = reference.weights().forward()[0].row(0);
    assert_eq!(first_row, [0, 2, 206, 204, 122]);
}

/// R4: the error travels through the feedback weights as they stood before the sample. With a
/// weight of 0 that this sample raises to 2, the circuit sees no error sum and `lanl-numpy` does.
#[test]
fn r4_uses_feedback_from_before_the_update() {
    let w1 = [200, 200, 200, 200, 200, 200];
    let w2 = [0, 60];
    for (variant, sums) in [(Variant::Circuit, [0, 60]), (Variant::LanlNumpy, [2, 62])] {
        let mut reference = network(shape(&[3, 2, 1]).with_variant(variant), &[&w1, &w2]);
        let record = reference.learn(Sample { input: &[0, 1, 2], target: 0 }).unwrap();
        let hidden = record.layer(1).unwrap();
        assert_eq!(hidden.e_plus(), sums);
        assert_eq!(hidden.error_plus(), [sums[0] > 0, true]);
        assert_eq!(reference.weights().forward()[1].values(), [2, 62]);
    }
}

/// R4 with an error threshold: strictly above it.
#[test]
fn r4_error_threshold_is_strict() {
    let w1 = [200, 200, 200, 200, 200, 200];
    for (theta, expected) in [(0, [true, true]), (58, [true, true]), (60, [false, true])] {
        let shape = shape(&[3, 2, 1]).with_error_threshold(1, theta).unwrap();
        let mut reference = network(shape, &[&w1, &[60, 62]]);
        let record = reference.learn(Sample { input: &[0, 1, 2], target: 0 }).unwrap();
        assert_eq!(record.layer(1).unwrap().error_plus(), expected);
    }
}

/// R5, R7: F- starts at 254 where W2 is -256. Where W2 is held at 254 the mirrored weight in F-
/// still has room and goes on to -256: from then on the two are no longer negatives.
#[test]
fn r7_negative_feedback_saturates_on_its_own() {
    // h0 is active and reaches output 0 with -256, output 1 with 254; h1 carries output 0 to 600.
    let w1 = [200, 250, 200, 250, 200, 250];
    let w2 = [-256, 254, 254, 254];
    let mut reference = network(shape(&[3, 2, 2]), &[&w1, &w2]);
    let feedback = |reference: &Reference| {
        let weights = reference.weights();
        (
            weights.feedback_plus()[0].values().to_vec(),
            weights.feedback_minus()[0].values().to_vec(),
        )
    };
    assert_eq!(feedback(&reference), (vec![-256, 254, 254, 254], vec![254, -254, -254, -254]));
    // Output 0 at -2 is out of reach; output 1 at 508 is raised: W2 stays at 254, F- goes on.
    let sample = Sample { input: &[0, 1, 2], target: 1 };
    let record = reference.learn(sample).unwrap();
    assert_eq!(record.output().potential(), [-2, 508]);
    assert_eq!(record.output().error_plus(), [false, true]);
    assert_eq!(reference.weights().forward()[1].values(), [-256, 254, 254, 254]);
    assert_eq!(feedback(&reference), (vec![-256, 254, 254, 254], vec![254, -254, -256, -256]));
    assert_eq!(reference.saturated(), 4 + 4 + 3);
}

/// R7: with feedback that has drifted apart one neuron may have both signals; its weights rise and
/// then fall, so that only a weight at the upper limit ends lower.
#[test]
fn r7_both_signals_at_once_cost_a_saturated_weight_one_step() {
    let shape = shape(&[3, 2, 2]);
    let w1 = Matrix::new(3, 2, vec![254, 200, 250, 200, -2, 200]).unwrap();
    let w2 = Matrix::new(2, 2, vec![2, 254, 4, 254]).unwrap();
    // Outputs: 0 at 6 wants to rise, 1 at 508 is silent. Only output 0 has an error, d+.
    let plus = Matrix::new(2, 2, vec![2, 0, 0, 0]).unwrap();
    let minus = Matrix::new(2, 2, vec![2, 0, 0, 0]).unwrap();
    let weights = Weights::new(&shape, vec![w1, w2], vec![plus], vec![minus]).unwrap();
    let mut reference = Reference::new(shape, weights).unwrap();
    // Hidden neuron 0 at 502 is silent but its gate is open.
    let record = reference.learn(Sample { input: &[0, 1, 2], target: 0 }).unwrap();
    let hidden = record.layer(1).unwrap();
    assert_eq!(hidden.potential(), [502, 600]);
    assert_eq!(
        (hidden.error_plus(), hidden.error_minus()),
        (&[true, false][..], &[true, false][..])
    );
    assert_eq!(reference.weights().forward()[0].values(), [252, 200, 250, 200, -2, 200]);
}

/// R5 with another grid: a change is one step, and the limits hold.
#[test]
fn r5_steps_and_limits_are_those_of_the_shape() {
    let limits = WeightLimits::new(-600, 300, 100).unwrap();
    let shape = shape(&[3, 1]).with_limits(limits).unwrap();
    let mut reference = network(shape, &[&[300, -300, 100]]);
    reference.learn(Sample { input: &[0, 1, 2], target: 0 }).unwrap();
    assert_eq!(reference.weights().forward()[0].values(), [300, -200, 200]);
}

/// R9: first index wins ties, a silent output reads as class 0, exact means every bit.
#[test]
fn r9_readouts() {
    let read = |weights: &[i16], class| {
        let mut reference = network(shape(&[3, 3]), &[weights]);
        reference.infer(&[0, 1, 2]).unwrap().readout(class)
    };
    let silent = read(&[0, 100, 100, 0, 100, 100, 0, 100, 100], 0);
    assert_eq!(silent, Readout { exact: false, binary: 0, potential: 1 });
    let one = read(&[0, 100, 200, 0, 100, 200, 0, 100, 200], 2);
    assert_eq!(one, Readout { exact: true, binary: 2, potential: 2 });
    let two = read(&[0, 200, 250, 0, 200, 250, 0, 200, 250], 2);
    assert_eq!(two, Readout { exact: false, binary: 1, potential: 2 });
    let other = read(&[0, 100, 200, 0, 100, 200, 0, 100, 200], 9);
    assert_eq!(other, Readout { exact: false, binary: 2, potential: 2 });
    let negative = read(&[-100, -100, -90, -100, -100, -90, -100, -100, -90], 2);
    assert_eq!(negative, Readout { exact: false, binary: 0, potential: 2 });
}

/// Bad samples are refused with their position and leave weights and record alone.
#[test]
fn bad_samples_are_refused() {
    let mut reference = one_output(100, Variant::Circuit);
    reference.learn(Sample { input: ALL_FIVE, target: 0 }).unwrap();
    let (weights, record) = (reference.weights().clone(), reference.record().clone());
    let cases: [(&[u32], usize, SampleError); 4] = [
        (&[0, 5], 0, SampleError::Input { position: 1, found: 5, last: 4 }),
        (&[3, 1], 0, SampleError::Order { position: 1, found: 1, previous: 3 }),
        (&[2, 2], 0, SampleError::Order { position: 1, found: 2, previous: 2 }),
        (&[0], 1, SampleError::Target { found: 1, last: 0 }),
    ];
    for (input, target, error) in cases {
        assert_eq!(reference.learn(Sample { input, target }), Err(error));
        if !matches!(error, SampleError::Target { .. }) {
            assert_eq!(reference.infer(input), Err(error));
        }
    }
    assert_eq!(
        reference.infer(&[u32::MAX]).unwrap_err().to_string(),
        "active input at position 0 is 4294967295, expected 0 to 4"
    );
    assert_eq!((reference.weights(), reference.record()), (&weights, &record));
    assert!(reference.infer(&[]).is_ok());
}

/// Every intermediate has a name, and the name finds it.
#[test]
fn a_record_lists_every_intermediate_by_name() {
    let shape = shape(&[2, 3, 2, 1]);
    let weights = synfire_reference::init::he(&shape, 4);
    let mut reference = Reference::new(shape, weights).unwrap();
    let record = reference.learn(Sample { input: &[1], target: 0 }).unwrap();
    let names: Vec<String> = record.quantities().map(|(name, _)| name).collect();
    let hidden = [
        "potential",
        "active",
        "above_zero",
        "above_upper",
        "gate",
        "e_plus",
        "e_minus",
        "error_plus",
        "error_minus",
    ];
    let mut expected = vec!["x.active".to_owned()];
    for layer in ["h1", "h2", "o"] {
        let sums = |quantity: &&&str| layer != "o" || !quantity.starts_with("e_");
        expected.extend(hidden.iter().filter(sums).map(|quantity| format!("{layer}.{quantity}")));
    }
    assert_eq!(names, expected);
    for (name, values) in record.quantities() {
        assert_eq!(record.get(&name), Some(values));
    }
    assert_eq!(record.get("x.active"), Some(Values::Bits(&[false, true])));
    assert_eq!(record.get("h2.potential"), Some(Values::Integers(record.layers()[1].potential())));
    for unknown in ["", "h", "h.active", "o.e_plus", "o.z", "x.potential"] {
        assert_eq!(record.get(unknown), None, "{unknown}");
    }
    assert_eq!(record.target(), Some(0));
}

/// New weights are checked like the first ones, and the old ones stay if they do not fit.
#[test]
fn weights_can_be_replaced() {
    let mut reference = one_output(100, Variant::Circuit);
    let shape = shape(&[5, 1]);
    let fitting = synfire_reference::init::he(&shape, 1);
    reference.set_weights(fitting.clone()).unwrap();
    assert_eq!(reference.weights(), &fitting);
    let other = synfire_reference::init::he(&Shape::new(&[5, 2]).unwrap(), 1);
    assert!(reference.set_weights(other.clone()).is_err());
    assert_eq!(reference.weights(), &fitting);
    assert!(Reference::new(shape, other).is_err());
    assert_eq!(reference.into_weights(), fitting);
}
