//! Runs of several seeds: each as if it had been alone, and what is said about them together.

use serde_json::Value;
use synfire_cli::Status;
use synfire_train::parse_seeds_csv;

use crate::scratch::{Scratch, timeless, uniform};

const RUN: &str = "train --samples 60 --epochs 2 --hidden 30 --check 7";

/// Bit for bit what the runs of single seeds write, on any number of threads.
#[test]
fn each_run_is_that_of_its_seed_alone() {
    let scratch = Scratch::new();
    for n_threads in [1, 2, 3] {
        let words = format!("{RUN} --seeds 2..=3,1 --threads {n_threads} --out @/sweep");
        let answer = scratch.synfire(&words).succeeded();
        assert_eq!(answer.stderr, "", "quiet when nobody watches");
        let folder = scratch.path("sweep");
        let mut names: Vec<_> = std::fs::read_dir(&folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        assert_eq!(names, ["run.toml", "seed-1", "seed-2", "seed-3", "seeds.csv"]);
        let moved = format!("sweep-{n_threads}");
        std::fs::rename(&folder, scratch.path(&moved)).expect("movable");
        for seed in [1, 2, 3] {
            let single = format!("sweep/seed-{seed}");
            scratch.synfire(&format!("{RUN} --seed {seed} --out @/{single}")).succeeded();
            let this = format!("{moved}/seed-{seed}");
            for file in ["weights.npz", "run.toml"] {
                let files = [&single, &this].map(|dir| scratch.read(&format!("{dir}/{file}")));
                assert!(files[0] == files[1], "{file} of seed {seed}, {n_threads} threads");
            }
            assert_eq!(timeless(scratch.metrics(&this)), timeless(scratch.metrics(&single)));
        }
        std::fs::remove_dir_all(&folder).expect("removable");
        let rows = parse_seeds_csv(&scratch.read(&format!("{moved}/seeds.csv"))).expect("a table");
        let seeds: Vec<u64> = rows.iter().map(|row| row.seed).collect();
        assert_eq!(seeds, [2, 3, 1], "in the order given, whichever ended first");
        for row in &rows {
            let metrics = scratch.metrics(&format!("{moved}/seed-{}", row.seed));
            let last = metrics.last().expect("a row");
            assert_eq!(row.last_exact, last.test_exact);
            assert_eq!(
                (row.last_binary, row.last_potential),
                (last.test_binary, last.test_potential)
            );
            let best = metrics.iter().map(|row| row.test_potential).fold(0.0, f64::max);
            assert_eq!(row.best_potential, best);
            let epoch = &metrics[row.best_potential_epoch as usize - 1];
            assert_eq!(epoch.test_potential, best);
            assert_eq!((row.epochs, row.compared, row.mismatches + row.faults), (2, 18, 0));
        }
    }
    let weights = |seed: u64| scratch.read(&format!("sweep-1/seed-{seed}/weights.npz"));
    assert!(weights(1) != weights(2), "the seed has no effect");
}

#[test]
fn the_table_says_how_runs_scatter() {
    let scratch = Scratch::new();
    let words = format!("{RUN} --engine reference --seeds 1,2,5 --out @/sweep");
    let answer = scratch.synfire(&words).succeeded();
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert_eq!(lines[0], "digits 400-30-10, engine reference (circuit), 3 seeds");
    assert!(lines[1].starts_with("trained 2 epochs of 60 samples for each, "), "{}", lines[1]);
    assert_eq!(lines[2], "test accuracy, %           mean       sd      min      max");
    let rows = parse_seeds_csv(&scratch.read("sweep/seeds.csv")).expect("a table");
    let values = rows.iter().map(|row| 100.0 * row.last_binary).collect::<Vec<_>>();
    let mean = values.iter().sum::<f64>() / 3.0;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let [min, max] =
        [f64::min, f64::max].map(|of| values.iter().copied().reduce(of).expect("rows"));
    let sd = (squares / 2.0).sqrt();
    assert_eq!(lines[4], format!("last epoch  binary    {mean:>9.2}{sd:>9.2}{min:>9.2}{max:>9.2}"));
    let starts = lines[3..9].iter().map(|line| line[..22].trim_end()).collect::<Vec<_>>();
    let expected = ["last epoch  exact", "last epoch  binary", "last epoch  potential"];
    assert_eq!(starts[..3], expected);
    assert_eq!(starts[3..], expected.map(|start| start.replace("last", "best")));
    assert!(lines[9].starts_with("wrote seeds.csv and a folder for each seed to "), "{}", lines[9]);

    let json = scratch.synfire(&format!("{words} --json")).succeeded().stdout;
    let last = json.lines().last().expect("a line");
    let json: Value = serde_json::from_str(last).expect("a JSON object");
    assert_eq!(json["runs"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["runs"][2]["run"]["seed"], 5);
    assert_eq!(json["failed"], serde_json::json!([]));
    let json_min = json["last"]["binary"]["min"].as_f64().expect("a number");
    assert_eq!(100.0 * json_min, min);

    let one = format!("{RUN} --engine reference --seeds 4 --out @/one");
    let one = scratch.synfire(&one).succeeded().stdout;
    assert!(one.contains(", 1 seed\n"), "{one}");
    assert!(one.lines().nth(3).is_some_and(|line| line.contains("        - ")), "{one}");
}

/// A run that cannot write fails; the others stay, and the command says so.
#[test]
fn a_run_that_fails_leaves_the_others() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("sweep")).expect("a folder");
    scratch.write("sweep/seed-2", b"a file where a folder should be");
    for n_threads in [1, 2] {
        let words =
            format!("{RUN} --engine reference --seeds 1..=3 --threads {n_threads} --out @/sweep");
        let answer = scratch.synfire(&words);
        assert_eq!(answer.status, Status::Failure, "{answer:?}");
        let lines: Vec<&str> = answer.stderr.lines().collect();
        assert!(lines[0].starts_with("error: seed 2: output folder "), "{answer:?}");
        assert_eq!(lines[1..], ["error: 1 of 3 runs failed"]);
        assert!(answer.stdout.contains(", 2 seeds\n"), "{answer:?}");
        let rows = parse_seeds_csv(&scratch.read("sweep/seeds.csv")).expect("a table");
        assert_eq!(rows.iter().map(|row| row.seed).collect::<Vec<_>>(), [1, 3]);
        assert!(scratch.path("sweep/seed-3/weights.npz").exists());
    }
}

/// A run that differs from the reference fails the command, whichever it is.
#[test]
fn a_mismatch_in_any_run_fails() {
    let scratch = Scratch::new();
    scratch.write("large.npz", &uniform(30, 254, 20));
    let words = "train --circuit published --init-weights @/large.npz --samples 20 --epochs 1 \
                 --seeds 1,2 --out @/sweep";
    let answer = scratch.synfire(words);
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    assert!(answer.stderr.contains("warning: seed 1: epoch 1, training sample "), "{answer:?}");
    assert!(answer.stderr.contains("error: the run of seed 2 is not exact: "), "{answer:?}");
}

#[test]
fn seeds_that_cannot_be_are_refused_before_anything_runs() {
    let scratch = Scratch::new();
    for (words, message) in [
        ("--seeds 1..3", "seeds `1..3`: expected numbers and ranges such as 1,2,5 or 1..=15"),
        ("--seeds 3..=1", "the range is empty"),
        ("--seeds 1,1", "seed 1 is named twice"),
        ("--seeds 1,9223372036854775808", "expected 0 to 9223372036854775807"),
        ("--seeds 1,2 --seed 3", "cannot be used with"),
        ("--seeds 1,2 --epochs 0", "number of epochs is 0"),
        ("--threads 0", "expected 1 to 1024"),
        ("--threads 1025", "expected 1 to 1024"),
    ] {
        let message_found =
            scratch.synfire(&format!("train {words} --out @/run")).failed(Status::Usage);
        assert!(message_found.contains(message), "{words}: {message_found}");
        assert!(!scratch.path("run").exists(), "{words}");
    }
}

/// What is said by default is what is done.
#[test]
fn help_names_the_defaults() {
    let help = Scratch::new().synfire("train --help").succeeded().stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "What executes the network [default: fast]",
        "[possible values: reference, lif, loihi, fast]",
        "1 for all, 0 for none [default: 1 for digits, otherwise 100]",
        "[default: runs/<dataset>-<engine>-seeds]",
        "a list 1,2,5, a range 1..=15",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
}
