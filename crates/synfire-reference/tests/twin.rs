//! The crate and a naive second implementation agree on everything, sample after sample.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod naive;

use std::collections::BTreeMap;

use naive::{Naive, Trace, dense};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use synfire_reference::{Record, Reference, Values, proptest, strategy};

fn integers(values: &[i32]) -> Vec<i64> {
    values.iter().map(|&value| i64::from(value)).collect()
}

fn list(bits: &[bool]) -> Vec<u32> {
    (0..).zip(bits).filter_map(|(idx, &bit)| bit.then_some(idx)).collect()
}

fn compare(record: &Record, trace: &Trace) -> Result<(), TestCaseError> {
    prop_assert_eq!(record.input(), &trace.active[0][..]);
    let top = trace.z.len() - 1;
    for (l, layer) in (1..).zip(record.layers()) {
        prop_assert_eq!(integers(layer.potential()), &trace.z[l][..], "z of layer {}", l);
        prop_assert_eq!(layer.active(), &trace.active[l][..], "active in layer {}", l);
        prop_assert_eq!(layer.active_list(), list(&trace.active[l]));
        prop_assert_eq!(layer.gate(), &trace.gate[l][..], "gate of layer {}", l);
        let above = |threshold| trace.z[l].iter().map(move |&z| z > threshold).collect::<Vec<_>>();
        prop_assert_eq!(layer.above_zero(), above(0));
        prop_assert_eq!(layer.above_upper(), above(1024));
        if l < top {
            prop_assert_eq!(integers(layer.e_plus()), &trace.e_plus[l][..], "e+ of layer {}", l);
            prop_assert_eq!(integers(layer.e_minus()), &trace.e_minus[l][..], "e- of layer {}", l);
        } else {
            prop_assert!(layer.e_plus().is_empty() && layer.e_minus().is_empty());
        }
        prop_assert_eq!(layer.error_plus(), &trace.d_plus[l][..], "d+ of layer {}", l);
        prop_assert_eq!(layer.error_minus(), &trace.d_minus[l][..], "d- of layer {}", l);
        prop_assert_eq!(layer.error_plus_list(), list(&trace.d_plus[l]));
        prop_assert_eq!(layer.error_minus_list(), list(&trace.d_minus[l]));
    }
    let wrong = |bits: &[bool]| bits.contains(&true);
    prop_assert_eq!(record.has_error(), wrong(&trace.d_plus[top]) || wrong(&trace.d_minus[top]));
    prop_assert_eq!(record.n_updates(), trace.n_updates);
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 600, ..Config::default() })]

    /// R1 to R7 for any number of layers, in both variants: every intermediate of every sample,
    /// and every weight after it.
    #[test]
    fn the_reference_and_the_naive_formulas_agree(case in strategy::case(1..=4)) {
        let mut reference = Reference::new(case.shape.clone(), case.weights.clone()).unwrap();
        let mut naive = Naive::new(&case.shape, &case.weights);
        // The samples come round several times, so that weights wander into their limits.
        for sample in std::iter::repeat_n(&case.samples, 3).flatten() {
            let record = reference.learn(sample.borrow()).unwrap();
            compare(record, &naive.learn(&sample.input, sample.target))?;
            let weights = reference.weights();
            for (l, matrix) in weights.forward().iter().enumerate() {
                prop_assert_eq!(dense(matrix), &naive.w[l][..], "forward {}", l);
            }
            for k in 0..case.shape.n_hidden_layers() {
                prop_assert_eq!(dense(&weights.feedback_plus()[k]), &naive.fp[k][..]);
                prop_assert_eq!(dense(&weights.feedback_minus()[k]), &naive.fm[k][..]);
            }
        }
        prop_assert_eq!(reference.weights().check(&case.shape), Ok(()));
    }

    /// Inference shows the activity learning starts from, and changes and remembers nothing.
    #[test]
    fn inference_is_the_activity_of_learning(case in strategy::case(1..=3)) {
        let mut learner = Reference::new(case.shape.clone(), case.weights.clone()).unwrap();
        for sample in &case.samples {
            let before = learner.clone();
            let learned = learner.learn(sample.borrow()).unwrap().clone();
            let mut reader = before.clone();
            let inferred = reader.infer(&sample.input).unwrap().clone();
            for (name, values) in inferred.quantities() {
                let is_error = name.contains("error_") || name.contains(".e_");
                match values {
                    Values::Bits(bits) if is_error => prop_assert!(!bits.contains(&true)),
                    Values::Integers(sums) if is_error => {
                        prop_assert!(sums.iter().all(|&sum| sum == 0));
                    }
                    _ => prop_assert_eq!(Some(values), learned.get(&name), "{}", name),
                }
            }
            prop_assert_eq!(inferred.target(), None);
            prop_assert!(!inferred.has_error() && inferred.n_updates() == 0);
            prop_assert_eq!(reader.weights(), before.weights());
            prop_assert_eq!(inferred.readout(sample.target), learned.readout(sample.target));
        }
    }
}

/// The properties above would hold vacuously if no case came near a threshold or a limit.
#[test]
fn the_strategies_reach_the_hard_places() {
    let mut runner = TestRunner::deterministic();
    let cases = strategy::case(1..=4);
    let mut counts = BTreeMap::new();
    let mut count = |place: &'static str, n: usize| *counts.entry(place).or_insert(0) += n;
    for _ in 0..400 {
        let case = cases.new_tree(&mut runner).unwrap().current();
        let limits = case.shape.limits();
        let mut reference = Reference::new(case.shape.clone(), case.weights.clone()).unwrap();
        for sample in &case.samples {
            let before = reference.weights().clone();
            let record = reference.learn(sample.borrow()).unwrap();
            for (l, layer) in (1..).zip(record.layers()) {
                let z = layer.potential();
                count("on 0", z.iter().filter(|&&z| z == 0).count());
                count("on 512", z.iter().filter(|&&z| z == 512).count());
                count("on 1024", z.iter().filter(|&&z| z == 1024).count());
                count(
                    "one step above a threshold",
                    z.iter().filter(|z| [2, 514, 1026].contains(z)).count(),
                );
                let signals = layer.error_plus().iter().zip(layer.error_minus());
                count("both signals", signals.filter(|(plus, minus)| **plus && **minus).count());
                if record.has_error() {
                    let theta = case.shape.error_threshold(l);
                    let sums = layer.e_plus().iter().chain(layer.e_minus());
                    count("error sum on its threshold", sums.filter(|&&sum| sum == theta).count());
                }
            }
            let z = record.output().potential();
            let wrong_and_high = |(j, &z): (usize, &i32)| j != sample.target && z > 1024;
            let largest = z.iter().max().unwrap();
            let deepest = &record.layers()[0];
            count("output error", usize::from(record.has_error()));
            count("class beyond correction", usize::from(z[sample.target] <= 0));
            count("wrong and far above", usize::from(z.iter().enumerate().any(wrong_and_high)));
            count("tied output", usize::from(z.iter().filter(|z| *z == largest).count() > 1));
            count("more inputs than a block", usize::from(sample.input.len() > 127));
            if case.shape.n_layers() == 5 {
                count("error four layers down", deepest.error_plus_list().len());
            }
            let after = reference.weights();
            for ((_, old), (_, new)) in before.matrices().zip(after.matrices()) {
                let changes = || old.values().iter().zip(new.values());
                let max = limits.max();
                count(
                    "saturated above",
                    changes().filter(|(old, new)| new > old && **new == max).count(),
                );
                let min = limits.min();
                count(
                    "saturated below",
                    changes().filter(|(old, new)| new < old && **new == min).count(),
                );
            }
        }
    }
    assert_eq!(counts.len(), 14);
    assert!(counts.values().all(|&n| n >= 20), "{counts:?}");
}
