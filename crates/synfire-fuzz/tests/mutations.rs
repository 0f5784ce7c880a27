//! Each target over its seeds and some thousand mutations of them, and the packages around it.

use std::path::PathBuf;

use synfire_fuzz::{Form, TARGETS, find, mutated};

/// Mutations of all seeds of a target together. More of them find more; `cargo xtask fuzz` runs millions.
const MUTATIONS: u64 = 3000;

fn run(name: &str) {
    let target = find(name).expect("a target of this name");
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{name} has seeds");
    let mut number = 0;
    for seed in &seeds {
        (target.run)(seed);
    }
    while number < MUTATIONS {
        for seed in &seeds {
            (target.run)(&mutated(seed, target, number));
            number += 1;
        }
    }
}

macro_rules! each {
    ($($test:ident: $name:literal),* $(,)?) => {
        $(#[test] fn $test() { run($name); })*

        /// A target that is forgotten here is run by nobody until somebody fuzzes.
        #[test]
        fn every_target_is_run() {
            let run = [$($name),*];
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(run.to_vec(), names);
        }
    };
}

each! {
    bundle_check: "bundle-check",
    bundle_dump: "bundle-dump",
    bundle_score: "bundle-score",
    checkpoint: "checkpoint",
    checkpoint_parts: "checkpoint-parts",
    data_npy: "data-npy",
    data_npz: "data-npz",
    download: "download",
    events: "events",
    grid: "grid",
    idx: "idx",
    idx_gzip: "idx-gzip",
    lists: "lists",
    metrics: "metrics",
    network: "network",
    npy: "npy",
    npz: "npz",
    npz_entries: "npz-entries",
    placement: "placement",
    plan: "plan",
    rule: "rule",
    run_file: "run-file",
    spike_file: "spike-file",
    spikes: "spikes",
    state: "state",
    tensors: "tensors",
}

/// A seed that is turned away at the door leads a fuzzer nowhere.
#[test]
fn seeds_fit() {
    for target in TARGETS {
        for seed in (target.seeds)() {
            assert!(seed.len() <= target.longest, "{}: {} bytes", target.name, seed.len());
            let is_text = std::str::from_utf8(&seed).is_ok();
            assert!(is_text || target.form != Form::Text, "{}", target.name);
        }
    }
}

/// Of the seeds that a parser accepts nothing is known otherwise.
#[test]
fn networks_of_seeds_are_networks() {
    for seed in (find("network").expect("a target").seeds)() {
        let text = String::from_utf8(seed).expect("text");
        if let Err(error) = synfire_net::file::parse(&text) {
            panic!("{error}\n{text}");
        }
    }
}

/// The package for the fuzzer, outside the workspace, has a program for each target and no other.
#[test]
fn every_target_has_its_program() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).expect("a manifest");
    let programs: Vec<&str> =
        manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")).collect();
    let expected: Vec<String> =
        TARGETS.iter().map(|target| format!("{}.rs\"", target.name)).collect();
    assert_eq!(programs, expected);
    for target in TARGETS {
        let path = dir.join(format!("fuzz_targets/{}.rs", target.name));
        let program = std::fs::read_to_string(path).expect("a program");
        assert!(program.contains(&format!("find(\"{}\")", target.name)), "{}", target.name);
    }
}
