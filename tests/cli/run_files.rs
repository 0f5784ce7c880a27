//! Run files: what a run records repeats it, what is wrong in one has a place.

use synfire_cli::Status;
use synfire_train::synfire_data::sha256_hex;
use synfire_train::{RunFile, parse_seeds_csv};

use crate::scratch::{Scratch, timeless};

const RUN: &str = "train --samples 60 --epochs 2 --hidden 30 --seed 3 --check 7";

fn record(scratch: &Scratch, name: &str) -> RunFile {
    let text = String::from_utf8(scratch.read(name)).expect("text");
    RunFile::parse(&text).expect("a run file")
}

/// The file of a run, moved away, gives the same files again.
#[test]
fn a_run_file_repeats_its_run() {
    let scratch = Scratch::new();
    scratch
        .synfire("train --engine reference --samples 80 --epochs 1 --hidden 40 --out @/start")
        .succeeded();
    for (engine, more) in [
        ("fast", "--circuit published"),
        ("lif", "--order file --crop 1 --threshold 90"),
        ("reference", "--variant lanl-numpy --samples 50"),
        ("loihi", "--init-weights @/start/weights.npz --hidden 40 --checkpoint-minutes 0.5"),
    ] {
        let run = if more.contains("--samples") {
            RUN.replace("--samples 60 ", "")
        } else {
            RUN.to_owned()
        };
        let run = if more.contains("--hidden") { run.replace("--hidden 30 ", "") } else { run };
        scratch.synfire(&format!("{run} --engine {engine} {more} --out @/run")).succeeded();
        std::fs::rename(scratch.path("run"), scratch.path("before")).expect("movable");
        scratch.synfire("train --config @/before/run.toml").succeeded();
        for file in ["weights.npz", "run.toml"] {
            let files = ["before", "run"].map(|dir| scratch.read(&format!("{dir}/{file}")));
            assert!(files[0] == files[1], "{engine}: {file} differs");
        }
        assert_eq!(timeless(scratch.metrics("run")), timeless(scratch.metrics("before")));
        for dir in ["run", "before"] {
            std::fs::remove_dir_all(scratch.path(dir)).expect("removable");
        }
    }
}

#[test]
fn the_file_of_a_sweep_repeats_all_its_runs() {
    let scratch = Scratch::new();
    let run = RUN.replace(" --seed 3", "");
    scratch.synfire(&format!("{run} --engine reference --seeds 2..=4,9 --out @/sweep")).succeeded();
    let file = record(&scratch, "sweep/run.toml");
    assert_eq!(file.seeds.as_ref().map(ToString::to_string), Some("2..=4,9".to_owned()));
    std::fs::rename(scratch.path("sweep"), scratch.path("before")).expect("movable");
    scratch.synfire("train --config @/before/run.toml").succeeded();
    assert_eq!(scratch.read("sweep/run.toml"), scratch.read("before/run.toml"));
    let rows = parse_seeds_csv(&scratch.read("sweep/seeds.csv")).expect("a table");
    assert_eq!(rows.iter().map(|row| row.seed).collect::<Vec<_>>(), [2, 3, 4, 9]);
    for seed in [2, 3, 4, 9] {
        let files =
            ["sweep", "before"].map(|dir| scratch.read(&format!("{dir}/seed-{seed}/weights.npz")));
        assert!(files[0] == files[1], "seed {seed}");
    }
    // One seed in the place of several.
    scratch.synfire("train --config @/before/run.toml --seed 3 --out @/one").succeeded();
    assert_eq!(scratch.read("one/weights.npz"), scratch.read("before/seed-3/weights.npz"));
}

#[test]
fn options_go_over_the_file() {
    let scratch = Scratch::new();
    scratch.write(
        "mine.toml",
        b"# by hand\nengine = \"reference\"\nepochs = 1\nsamples = 40\nhidden = 20\njson = true\nthreads = 1\n",
    );
    let answer =
        scratch.synfire("train --config @/mine.toml --epochs 2 --seed 8 --out @/run").succeeded();
    assert!(answer.stdout.starts_with('{'), "the file asks for JSON: {answer:?}");
    let run = record(&scratch, "run/run.toml");
    assert_eq!((run.config.epochs, run.config.seed, run.config.samples), (2, 8, Some(40)));
    assert_eq!(scratch.metrics("run").len(), 2);
    let direct =
        "train --engine reference --epochs 2 --samples 40 --hidden 20 --seed 8 --out @/run2";
    scratch.synfire(direct).succeeded();
    assert!(scratch.read("run/weights.npz") == scratch.read("run2/weights.npz"), "weights differ");
}

#[test]
fn what_is_wrong_in_a_run_file_has_a_place() {
    let scratch = Scratch::new();
    for (text, expected) in [
        ("epoch = 3", "line 1, column 1: unknown key `epoch`, did you mean `epochs`?"),
        ("seed = 1\n\nepochs = 0\n", "line 3, column 10: epochs is 0, expected 1 to 4294967295"),
        ("engine = 3", "line 1, column 10: engine is of type integer, expected string"),
        ("engine = \"fats\"", "engine is `fats`, expected `reference`, `lif`, `loihi` or `fast`"),
        ("seed = ", "line 1, column 8: "),
    ] {
        scratch.write("bad.toml", text.as_bytes());
        let message =
            scratch.synfire("train --config @/bad.toml --out @/run").failed(Status::Usage);
        let start = format!("error: {}, line ", scratch.path("bad.toml").display());
        assert!(message.starts_with(&start) && message.contains(expected), "{text}: {message}");
        assert!(!scratch.path("run").exists());
    }
    let message = scratch.synfire("train --config @/none.toml").failed(Status::Failure);
    assert!(message.contains("none.toml: cannot be read: "), "{message}");
    let message = scratch.synfire("train --config @/").failed(Status::Failure);
    assert!(message.contains("expected a regular file"), "{message}");
}

/// What a run read must be there unchanged when it is repeated.
#[test]
fn other_weights_and_other_data_than_recorded_are_refused() {
    let scratch = Scratch::new();
    let start = "train --engine reference --samples 80 --epochs 1 --hidden 40 --out @/start";
    scratch.synfire(start).succeeded();
    let words = "train --engine reference --samples 60 --epochs 1 --init-weights @/start/weights.npz --out @/run";
    scratch.synfire(words).succeeded();
    let recorded = record(&scratch, "run/run.toml").record.checksums;
    std::fs::rename(scratch.path("run"), scratch.path("before")).expect("movable");
    scratch.synfire(&start.replace("--samples 80", "--samples 81 --overwrite")).succeeded();
    let message = scratch.synfire("train --config @/before/run.toml").failed(Status::Usage);
    let sums = [recorded.init_weights, recorded.dataset].map(|sum| sum.expect("recorded"));
    let found = sha256_hex(&scratch.read("start/weights.npz"));
    assert!(message.contains(&sums[0]) && message.contains(&found), "{message}");
    assert!(!scratch.path("run").exists());
    // Named on the command line, it is meant.
    scratch.write("other.npz", &scratch.read("start/weights.npz"));
    scratch.synfire("train --config @/before/run.toml --init-weights @/other.npz").succeeded();

    let text = String::from_utf8(scratch.read("run/run.toml")).expect("text");
    scratch.write("other.toml", text.replace(&sums[1], &"0".repeat(64)).as_bytes());
    let message =
        scratch.synfire("train --config @/other.toml --out @/other").failed(Status::Usage);
    assert!(message.contains("data set digits as prepared has SHA-256 "), "{message}");
    scratch.synfire("train --config @/other.toml --samples 50 --out @/other").succeeded();
}
