//! What a run writes and says, and what an evaluation makes of it.

use serde_json::Value;
use synfire_tests::Npz;
use synfire_train::synfire_data::sha256_hex;
use synfire_train::{RunFile, parse_metrics_csv};

use crate::scratch::{Scratch, timeless, uniform};

const COLUMNS: &str = "epoch,train_exact,train_binary,train_potential,test_exact,test_binary,\
                       test_potential,error_share,updates,saturated,faults,compared,mismatches,seconds";

#[test]
fn a_run_writes_three_files_and_says_so() {
    let scratch = Scratch::new();
    let words = "train --samples 120 --epochs 2 --hidden 50 --out @/run";
    let answer = scratch.synfire(words).succeeded();
    assert_eq!(answer.stderr, "", "quiet when nobody watches");
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert_eq!(lines[0], "digits 400-50-10, engine fast, sized circuit, seed 1");
    assert!(lines[1].starts_with("trained 2 epochs of 120 samples in "), "{}", lines[1]);
    assert!(lines[2].starts_with("test accuracy: exact "), "{}", lines[2]);
    assert_eq!(lines[3], "compared 240 updates with the reference: 0 mismatches, 0 faults");
    assert!(lines[4].starts_with("wrote weights.npz, metrics.csv, run.toml to "), "{}", lines[4]);

    let mut files: Vec<_> = std::fs::read_dir(scratch.path("run"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    files.sort();
    let checkpoints = ["checkpoint-before.safetensors", "checkpoint.safetensors"];
    assert_eq!(files[..2], checkpoints);
    assert_eq!(files[2..], ["metrics.csv", "run.toml", "weights.npz"]);
    let table = String::from_utf8(scratch.read("run/metrics.csv")).expect("text");
    assert!(table.starts_with(COLUMNS), "{table}");
    assert_eq!(table.lines().count(), 3);

    let npz = Npz::read(&scratch.path("run/weights.npz"));
    assert_eq!(npz.array("w1").0, [50, 400]);
    assert_eq!(npz.array("w2").0, [10, 50]);
    for name in ["w2Tp", "w2Tm"] {
        assert_eq!(npz.array(name).0, [50, 10]);
    }
    // No weight has saturated so early, so that the feedback still mirrors the output weights.
    let (w2, plus, minus) = (npz.weights("w2"), npz.weights("w2Tp"), npz.weights("w2Tm"));
    for (place, &weight) in w2.iter().enumerate() {
        let mirrored = place % 50 * 10 + place / 50;
        assert_eq!((plus[mirrored], minus[mirrored]), (weight, -weight));
    }
}

/// What `run.toml` records is a command that repeats the run.
#[test]
fn the_recorded_command_repeats_the_run() {
    let scratch = Scratch::new();
    let start = "train --engine reference --samples 80 --epochs 1 --hidden 40 --out @/start";
    scratch.synfire(start).succeeded();
    let words = "train --samples 60 --epochs 2 --seed 3 --check 2 --init-weights @/start/weights.npz \
                 --out @/run";
    scratch.synfire(words).succeeded();
    let text = String::from_utf8(scratch.read("run/run.toml")).expect("text");
    let record = RunFile::parse(&text).expect("a run file");
    let layers = &record.record.layers;
    assert_eq!(layers, &[400, 40, 10], "the hidden layer is that of the start weights");
    let sum = sha256_hex(&scratch.read("start/weights.npz"));
    assert_eq!(record.record.checksums.init_weights, Some(sum));

    let [weights, metrics] = [scratch.read("run/weights.npz"), scratch.read("run/metrics.csv")];
    std::fs::remove_dir_all(scratch.path("run")).expect("removable");
    let command = record.record.command.strip_prefix("synfire ").expect("our command");
    scratch.synfire(command).succeeded();
    assert!(scratch.read("run/weights.npz") == weights, "weights differ");
    let before = parse_metrics_csv(&metrics).expect("a table");
    assert_eq!(timeless(scratch.metrics("run")), timeless(before));
    assert_eq!(scratch.read("run/run.toml"), text.as_bytes());
}

#[test]
fn eval_reproduces_the_last_row() {
    let scratch = Scratch::new();
    scratch.synfire("train --samples 500 --epochs 2 --hidden 80 --out @/run").succeeded();
    let row = scratch.metrics("run").pop().expect("a row");
    for engine in ["reference", "lif", "loihi", "fast"] {
        let words = format!("eval --weights @/run/weights.npz --engine {engine} --json");
        let answer: Value =
            serde_json::from_str(&scratch.synfire(&words).succeeded().stdout).expect("JSON");
        assert_eq!(answer["exact"], row.test_exact, "{engine}");
        assert_eq!(answer["binary"], row.test_binary, "{engine}");
        assert_eq!(answer["potential"], row.test_potential, "{engine}");
        assert_eq!(answer["samples"], 2000, "{engine}");
        assert_eq!(answer["faults"], 0, "{engine}");
    }
    let text = scratch.synfire("eval --weights @/run/weights.npz").succeeded().stdout;
    assert!(text.starts_with("digits, engine fast: 2000 test samples\ntest accuracy: exact "));
}

/// Weights that are all 0 never fire: every class is dead, and training cannot revive them (R10).
#[test]
fn dead_classes_are_named() {
    let scratch = Scratch::new();
    scratch.write("zero.npz", &uniform(30, 0, 0));
    let words =
        "train --engine reference --init-weights @/zero.npz --samples 50 --epochs 2 --out @/run";
    let answer = scratch.synfire(words).succeeded();
    assert!(answer.stdout.contains("dead classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9\n"), "{answer:?}");
    let warning = "warning: after epoch 1: classes 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 have died: \
                   for nearly all of their test samples the output's potential is not above 0\n";
    assert_eq!(answer.stderr, warning, "said once, as long as they are the same");
    let row = scratch.metrics("run").pop().expect("a row");
    assert_eq!(row.dead_classes, "0 1 2 3 4 5 6 7 8 9");
    // A silent output reads as class 0, which is a tenth of the set.
    assert_eq!((row.test_exact, row.test_binary, row.updates), (0.0, 0.1, 0));
    let eval = scratch.synfire("eval --weights @/zero.npz").succeeded().stdout;
    assert!(eval.contains("dead classes: 0, 1"), "{eval}");
}

#[test]
fn margin_prints_the_proof() {
    let scratch = Scratch::new();
    let words = "margin --inputs 400 --hidden 170 --active 170";
    let proved = scratch.synfire(words).succeeded().stdout;
    assert!(proved.contains("\nproved: no weight within the limits"), "{proved}");
    let open = scratch.synfire("margin --circuit published").succeeded().stdout;
    assert!(open.contains("not proved for every weight within the limits"), "{open}");
}
