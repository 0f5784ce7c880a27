//! Equal choices give equal results: from run to run, and for any number of threads.

use crate::scratch::{Scratch, timeless};

const RUN: &str = "train --samples 150 --epochs 2 --hidden 60 --seed 9 --check 7";

#[test]
fn two_runs_are_one() {
    let scratch = Scratch::new();
    for dir in ["a", "b"] {
        scratch.synfire(&format!("{RUN} --out @/{dir}")).succeeded();
    }
    assert!(scratch.read("a/weights.npz") == scratch.read("b/weights.npz"), "weights differ");
    assert_eq!(timeless(scratch.metrics("a")), timeless(scratch.metrics("b")));
    assert_eq!(scratch.metrics("a")[0].compared, 22, "samples 0, 7, ... 147");
    assert_eq!(scratch.metrics("a")[1].compared, 21, "samples 154, ... 294");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let scratch = Scratch::new();
    for n_threads in [1, 2, 3, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("a pool");
        for engine in ["reference", "loihi", "fast"] {
            let words = format!("{RUN} --engine {engine} --out @/{engine}-{n_threads}");
            pool.install(|| scratch.synfire(&words)).succeeded();
            let [first, this] = [1, n_threads].map(|n| format!("{engine}-{n}"));
            let weights = [&first, &this].map(|dir| scratch.read(&format!("{dir}/weights.npz")));
            assert!(weights[0] == weights[1], "{engine}, {n_threads} threads: weights differ");
            assert_eq!(timeless(scratch.metrics(&this)), timeless(scratch.metrics(&first)));
        }
    }
}

/// Shuffles and initial weights follow the seed, and each epoch has an order of its own.
#[test]
fn seed_and_order_matter() {
    let scratch = Scratch::new();
    let run = "train --engine reference --samples 150 --epochs 1 --hidden 60";
    for (dir, options) in [
        ("a", "--seed 1"),
        ("b", "--seed 2"),
        ("file", "--seed 1 --order file"),
        ("again", "--seed 2 --order file --init-weights @/a/weights.npz"),
        ("more", "--seed 3 --order file --init-weights @/a/weights.npz"),
    ] {
        scratch.synfire(&format!("{run} {options} --out @/{dir}")).succeeded();
    }
    let weights = |dir: &str| scratch.read(&format!("{dir}/weights.npz"));
    assert!(weights("a") != weights("b"), "the seed has no effect");
    assert!(weights("a") != weights("file"), "the order has no effect");
    assert!(weights("again") == weights("more"), "the seed has an effect where nothing is drawn");
}
