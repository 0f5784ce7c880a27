//! Every instruction set that this machine has computes what the naive formulas say, at every width
//! around whole vectors, with weights that fit into a byte and with weights that do not.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod naive;

use naive::{Naive, Trace, dense};
use synfire_reference::{
    Lanes, MatrixName, Record, Reference, Sample, Shape, Variant, WeightLimits, Weights, init,
};

/// Inputs and classes of the sample with a number; every input is active at times, and all of them.
fn sample(number: u32, n_inputs: u32, n_classes: u32) -> (Vec<u32>, usize) {
    let is_active = |input: u32| {
        let word = (input * n_classes + number % n_classes).wrapping_mul(0x9e37_79b9);
        number.is_multiple_of(13) || word >> 30 == 0 || (number + input).is_multiple_of(11)
    };
    ((0..n_inputs).filter(|&input| is_active(input)).collect(), (number % n_classes) as usize)
}

fn assert_equal(record: &Record, trace: &Trace, what: &str) {
    let integers = |sums: &[i32]| sums.iter().map(|&sum| i64::from(sum)).collect::<Vec<_>>();
    assert_eq!(record.input(), trace.active[0], "{what}");
    assert_eq!(record.n_updates(), trace.n_updates, "{what}");
    for (l, layer) in (1..).zip(record.layers()) {
        assert_eq!(integers(layer.potential()), trace.z[l], "{what}, layer {l}");
        assert_eq!(layer.active(), trace.active[l], "{what}, layer {l}");
        assert_eq!(layer.gate(), trace.gate[l], "{what}, layer {l}");
        let above = |threshold| trace.z[l].iter().map(|&z| z > threshold).collect::<Vec<_>>();
        assert_eq!(layer.above_zero(), above(0), "{what}, layer {l}");
        assert_eq!(layer.above_upper(), above(1024), "{what}, layer {l}");
        if !layer.e_plus().is_empty() {
            assert_eq!(integers(layer.e_plus()), trace.e_plus[l], "{what}, layer {l}");
            assert_eq!(integers(layer.e_minus()), trace.e_minus[l], "{what}, layer {l}");
        }
        assert_eq!(layer.error_plus(), trace.d_plus[l], "{what}, layer {l}");
        assert_eq!(layer.error_minus(), trace.d_minus[l], "{what}, layer {l}");
        let lists = [
            (layer.active(), layer.active_list()),
            (layer.error_plus(), layer.error_plus_list()),
            (layer.error_minus(), layer.error_minus_list()),
        ];
        for (bits, list) in lists {
            assert!(
                (0_u32..)
                    .zip(bits)
                    .filter(|(_, bit)| **bit)
                    .map(|(idx, _)| idx)
                    .eq(list.iter().copied())
            );
        }
    }
}

/// Learns on every instruction set; returns how many errors there were in hidden layers.
fn run(shape: &Shape, n_samples: u32) -> usize {
    let mut n_errors = 0;
    let weights = init::he(shape, 3);
    for lanes in Lanes::available() {
        let reference = Reference::new(shape.clone(), weights.clone()).unwrap();
        let mut reference = reference.with_lanes(lanes).unwrap();
        assert_eq!(reference.lanes(), lanes);
        let mut naive = Naive::new(shape, &weights);
        let n_inputs = u32::try_from(shape.n_inputs()).unwrap();
        let n_classes = u32::try_from(shape.n_classes()).unwrap();
        for number in 0..n_samples {
            let what = format!("{:?}, {lanes:?}, sample {number}", shape.sizes());
            let (input, target) = sample(number, n_inputs, n_classes);
            let record = reference.learn(Sample { input: &input, target }).unwrap();
            assert_equal(record, &naive.learn(&input, target), &what);
            n_errors += record.layers()[0].error_plus_list().len();
            n_errors += record.layers()[0].error_minus_list().len();
            for (l, matrix) in reference.weights().forward().iter().enumerate() {
                assert_eq!(dense(matrix), naive.w[l], "{what}, forward {l}");
            }
            for (k, matrix) in reference.weights().feedback_plus().iter().enumerate() {
                assert_eq!(dense(matrix), naive.fp[k], "{what}, positive feedback {k}");
            }
            for (k, matrix) in reference.weights().feedback_minus().iter().enumerate() {
                assert_eq!(dense(matrix), naive.fm[k], "{what}, negative feedback {k}");
            }
        }
    }
    n_errors
}

#[test]
fn every_width_around_whole_vectors() {
    let mut n_errors = 0;
    for n_hidden in [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129, 223, 224, 225, 449] {
        for n_classes in [1, 10, 17, 40] {
            n_errors += run(&Shape::new(&[70, n_hidden, n_classes]).unwrap(), 26);
        }
    }
    assert!(n_errors > 10_000, "{n_errors}");
}

#[test]
fn more_inputs_than_any_block_of_rows() {
    assert!(run(&Shape::new(&[784, 60, 30, 10]).unwrap(), 40) > 100);
}

#[test]
fn variants_and_limits() {
    let shape = Shape::new(&[90, 50, 34, 5]).unwrap();
    assert!(run(&shape.clone().with_variant(Variant::LanlNumpy), 60) > 100);
    for (min, max, step) in [(-258, 258, 2), (-300, 300, 3), (-128, 127, 1), (-512, 504, 8)] {
        let limits = WeightLimits::new(min, max, step).unwrap();
        assert!(run(&shape.clone().with_limits(limits).unwrap(), 60) > 20, "{limits:?}");
    }
}

/// Rows that were replaced are the ones that the next sample sees.
#[test]
fn replaced_rows_are_summed() {
    let shape = Shape::new(&[40, 50, 10]).unwrap();
    for lanes in Lanes::available() {
        let mut one =
            Reference::new(shape.clone(), init::he(&shape, 1)).unwrap().with_lanes(lanes).unwrap();
        let other: Weights = init::he(&shape, 2);
        let places: Vec<_> =
            other.matrices().map(|(name, matrix)| (name, matrix.clone())).collect();
        for (name, matrix) in &places {
            // The first half one by one, the second at once.
            let half = matrix.n_sources() / 2;
            for source_idx in 0..half {
                one.set_row(*name, source_idx, matrix.row(source_idx)).unwrap();
            }
            one.set_rows(*name, half, &matrix.values()[half * matrix.n_targets()..]).unwrap();
        }
        let w1 = MatrixName::Forward(0);
        assert!(one.set_row(w1, 0, &[1; 50]).is_err(), "off the grid");
        assert!(one.set_row(w1, 0, &[2; 100]).is_err(), "two rows are not one");
        assert!(one.set_rows(w1, 39, &[2; 100]).is_err(), "beyond the matrix");
        assert!(one.set_rows(w1, usize::MAX, &[2; 50]).is_err(), "far beyond the matrix");
        assert!(one.set_rows(w1, 0, &[2; 60]).is_err(), "one row and a part");
        let mut two = Reference::new(shape.clone(), other).unwrap();
        for number in 0..40 {
            let (input, target) = sample(number, 40, 10);
            let sample = Sample { input: &input, target };
            assert_eq!(one.learn(sample), two.learn(sample));
        }
        assert_eq!(one.weights(), two.weights());
    }
}
