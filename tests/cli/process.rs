//! The real binary, in processes of its own: exit codes, streams, the environment.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::scratch::{Scratch, timeless};

/// The binary, built once; it belongs to another package, so cargo does not hand it to this test.
fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        // target/<profile>/deps/<this test>
        let test = std::env::current_exe().expect("the test has a path");
        let profile_dir = test.parent().and_then(|deps| deps.parent()).expect("a target folder");
        let target_dir = profile_dir.parent().expect("a target folder");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "synfire-cli", "--bin", "synfire"]);
        if profile_dir.ends_with("release") {
            cargo.arg("--release");
        }
        let status = cargo
            .arg("--target-dir")
            .arg(target_dir)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the binary builds");
        profile_dir.join(format!("synfire{}", std::env::consts::EXE_SUFFIX))
    })
}

fn synfire(scratch: &Scratch, words: &str, n_threads: &str) -> Output {
    Command::new(binary())
        .args(words.split_whitespace())
        .env("RAYON_NUM_THREADS", n_threads)
        .env("SYNFIRE_DATA_DIR", scratch.path("nowhere"))
        .current_dir(scratch.path(""))
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

#[test]
fn a_run_is_the_same_on_any_number_of_threads() {
    let scratch = Scratch::new();
    for n_threads in ["1", "2"] {
        let words = format!("train --samples 100 --epochs 1 --hidden 40 --out t{n_threads}");
        let output = synfire(&scratch, &words, n_threads);
        assert!(output.status.success(), "{output:?}");
        assert!(output.stderr.is_empty(), "quiet when piped: {output:?}");
    }
    assert!(scratch.read("t1/weights.npz") == scratch.read("t2/weights.npz"), "weights differ");
    assert_eq!(timeless(scratch.metrics("t1")), timeless(scratch.metrics("t2")));
}

#[test]
fn results_go_where_the_default_says() {
    let scratch = Scratch::new();
    let words = "train --engine reference --samples 10 --epochs 1 --hidden 8 --seed 5";
    assert!(synfire(&scratch, words, "1").status.success());
    assert!(scratch.path("runs/digits-reference-seed5/weights.npz").exists());
}

#[test]
fn exit_codes() {
    let scratch = Scratch::new();
    let code = |words| synfire(&scratch, words, "1").status.code();
    assert_eq!(code("--version"), Some(0));
    assert_eq!(code("train --help"), Some(0));
    assert_eq!(code("eval --weights none.npz"), Some(1));
    assert_eq!(code("train --samples 0"), Some(2));
    assert_eq!(code("train --no-such-option"), Some(2));
    let output = synfire(&scratch, "train --dataset mnist", "1");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).expect("text");
    let place = scratch.path("nowhere/mnist").display().to_string();
    assert!(message.contains(&place), "{message}");
}
