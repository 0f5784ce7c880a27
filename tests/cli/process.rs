//! The real binary, in processes of its own: exit codes, streams, the environment.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::scratch::{Scratch, timeless};

/// The binary, built once; it belongs to another package, so cargo does not hand it to this test.
pub(crate) fn binary() -> &'static PathBuf {
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

#[test]
fn a_run_of_a_network_is_quiet_and_ends_with_its_code() {
    let scratch = Scratch::new();
    let neuron = "neuron = { current_decay = 4096, voltage_decay = 0, threshold = 8388544, \
                  bias = 524160, refractory = 1 }";
    let net = format!("name = \"full\"\n[[layer]]\nname = \"n\"\nsize = 1\n{neuron}\n");
    scratch.write("net.toml", net.as_bytes());
    let output = synfire(&scratch, "chip run net.toml --steps 9 --spikes out.csv", "1");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "quiet when piped: {output:?}");
    assert_eq!(scratch.read("out.csv"), b"step,layer,neuron\n");
    let code = |words| synfire(&scratch, words, "1").status.code();
    assert_eq!(code("chip run net.toml --steps 19"), Some(1));
    assert_eq!(code("chip run net.toml"), Some(2));
    assert_eq!(code("chip check net.toml"), Some(0));
    assert_eq!(code("chip check out.csv"), Some(1));
    assert_eq!(code("chip run --help"), Some(0));
}

/// The first interrupt ends a run with what it has.
#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_it_has() {
    use std::time::Duration;

    let scratch = Scratch::new();
    let neuron = "neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 64, bias = 128, \
                  refractory = 60 }";
    let net = format!("name = \"ticks\"\n[[layer]]\nname = \"n\"\nsize = 1\n{neuron}\n");
    scratch.write("net.toml", net.as_bytes());
    let words = "chip run net.toml --steps 4000000000 --spikes out/spikes.csv --raster out/r.svg \
                 --probe n.v --sample-every 1000000000 --out out --json";
    let mut child = Command::new(binary())
        .args(words.split_whitespace())
        .current_dir(scratch.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let has_begun = || {
        let mut files = std::fs::read_dir(scratch.path("out")).into_iter().flatten().flatten();
        // Rows are written some thousand bytes at a time.
        files.any(|file| file.metadata().is_ok_and(|metadata| metadata.len() > 8000))
    };
    for _ in 0..600 {
        if has_begun() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("a command of the system").success());
    for _ in 0..600 {
        if child.try_wait().expect("a child").is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    // Without effect on one that has ended.
    let _ = child.kill();
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = String::from_utf8(output.stderr).expect("text");
    assert!(message.contains("error: interrupted after step "), "{message}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(answer["stopped_by"], "interrupt");
    let spikes = String::from_utf8(scratch.read("out/spikes.csv")).expect("text");
    assert_eq!(answer["layers"][0]["spikes"], spikes.lines().count() - 1);
    assert!(spikes.starts_with("step,layer,neuron\n1,n,0\n"), "{spikes}");
    assert_eq!(scratch.read("out/n.v.csv"), b"step,n0\n0,0\n");
    let n_files = std::fs::read_dir(scratch.path("out")).expect("a folder").count();
    assert_eq!(n_files, 4, "nothing temporary is left");
}
