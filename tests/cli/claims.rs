//! A run that is not exact says so and fails.

use synfire_cli::Status;

use crate::scratch::{Scratch, uniform};

/// Every hidden neuron far above what the published circuit holds down (potentials up to 17,344), and
/// every output just active: all but one have an error downwards, which is learned in phase 9, when the
/// hidden neurons should spike again after a phantom spike in phase 8.
fn large_sums(circuit: &str) -> (Scratch, crate::scratch::Answer) {
    let scratch = Scratch::new();
    scratch.write("large.npz", &uniform(30, 254, 20));
    let words = format!(
        "train --circuit {circuit} --init-weights @/large.npz --samples 20 --epochs 1 --out @/run"
    );
    let answer = scratch.synfire(&words);
    (scratch, answer)
}

#[test]
fn the_published_circuit_fails_where_sums_are_large() {
    let (scratch, answer) = large_sums("published");
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    let row = scratch.metrics("run").pop().expect("a row, all the same");
    assert_eq!(row.compared, 20);
    assert!(row.mismatches > 0 && row.faults > 0, "{row:?}");
    let Some((first, rest)) = answer.stderr.split_once('\n') else { panic!("{answer:?}") };
    assert!(first.starts_with("warning: epoch 1, training sample "), "{first}");
    assert!(first.contains("fault: ") && first.contains("spike in phase "), "{first}");
    assert!(rest.contains(": update differs from the reference: "), "{rest}");
    let verdict = format!(
        "error: the run is not exact: {} of 20 compared updates differ from the reference, {} faults\n",
        row.mismatches,
        row.faults + row.test_faults
    );
    assert!(rest.ends_with(&verdict), "{rest}");
}

#[test]
fn the_sized_circuit_does_not() {
    let (scratch, answer) = large_sums("sized");
    let answer = answer.succeeded();
    assert!(
        answer.stdout.contains("compared 20 updates with the reference: 0 mismatches, 0 faults")
    );
    let row = scratch.metrics("run").pop().expect("a row");
    assert!(row.updates > 0, "nothing was learned, so that nothing could differ: {row:?}");
}

/// Phantom spikes in phase 0 change no weight: they are reported and do not fail the published circuit.
#[test]
fn harmless_phantom_spikes_are_reported() {
    let scratch = Scratch::new();
    scratch.write("phantom.npz", &uniform(30, 130, 20));
    let words = "train --circuit published --init-weights @/phantom.npz --samples 10 --epochs 1 --out @/run";
    let answer = scratch.synfire(words).succeeded();
    let row = scratch.metrics("run").pop().expect("a row");
    assert!(row.faults > 0 && row.mismatches == 0, "{row:?}");
    assert!(answer.stderr.contains(": fault: step "), "{answer:?}");
    assert!(answer.stdout.contains(&format!("0 mismatches, {} faults", row.faults)), "{answer:?}");
}
