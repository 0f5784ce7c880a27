//! From any start and order, every engine leaves the same weights, bit for bit.

use synfire_tests::data_dir;

use crate::scratch::{Scratch, timeless};

/// Trains the same run on all engines and compares files and metrics.
fn engines_agree(scratch: &Scratch, options: &str, n_samples: u64) {
    let mut warnings = None;
    for engine in ["reference", "lif", "loihi", "fast"] {
        let words = format!("train --engine {engine} --out @/{engine} {options}");
        let answer = scratch.synfire(&words).succeeded();
        // Nothing but classes that have died, on every engine the same.
        assert_eq!(answer.stderr, *warnings.get_or_insert(answer.stderr.clone()), "{engine}");
        let rows = scratch.metrics(engine);
        let compared: u64 = rows.iter().map(|row| row.compared).sum();
        assert_eq!(compared, if engine == "reference" { 0 } else { n_samples }, "{engine}");
        assert!(rows.iter().all(|row| row.updates > 0 && row.mismatches + row.faults == 0));
    }
    let expected = scratch.read("reference/weights.npz");
    for engine in ["lif", "loihi", "fast"] {
        assert!(
            scratch.read(&format!("{engine}/weights.npz")) == expected,
            "{engine}: weights differ"
        );
        assert_eq!(timeless(scratch.metrics(engine)), timeless(scratch.metrics("reference")));
    }
}

#[test]
fn on_digits_from_a_random_start() {
    let options = "--samples 200 --epochs 2 --hidden 120 --seed 4";
    engines_agree(&Scratch::new(), options, 400);
}

#[test]
fn on_digits_from_trained_weights_in_file_order() {
    let scratch = Scratch::new();
    let words = "train --engine reference --hidden 90 --samples 4000 --epochs 3 --out @/start";
    scratch.synfire(words).succeeded();
    let options = "--init-weights @/start/weights.npz --order file --samples 200 --epochs 1";
    engines_agree(&scratch, options, 200);
}

/// The acceptance of the issue: 2,000 samples of MNIST in the order of the file.
#[test]
#[expect(clippy::print_stdout, reason = "who runs the test ought to know what it did not run")]
fn on_mnist_in_file_order() {
    if data_dir().is_none() {
        println!("skipped: no MNIST; set SYNFIRE_DATA_DIR to a folder that holds mnist/");
        return;
    }
    let options = "--dataset mnist --samples 2000 --epochs 1 --order file --seed 2 --check 1";
    engines_agree(&Scratch::new(), options, 2000);
}
