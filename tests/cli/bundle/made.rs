//! Bundles that are made: equal for equal runs, run again by us and without us.

use synfire_tests::Python;

use super::{CASES, bundle, files, shared, text};
use crate::scratch::Scratch;

#[test]
fn equal_runs_give_equal_bundles() {
    let scratch = Scratch::new();
    let words = "train --samples 200 --epochs 1 --hidden 16 --engine reference --out @/other/run";
    scratch.synfire(words).succeeded();
    let words = "bundle @/other/run --out @/deep/down/nbp/ --samples 3";
    scratch.synfire(words).succeeded();
    let (one, two) = (files(&bundle()), files(&scratch.path("deep/down/nbp")));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(*bytes == two[name], "{name} differs");
    }
    let beside = std::fs::read_dir(scratch.path("deep/down")).expect("a folder").count();
    assert_eq!(beside, 1, "nothing temporary is left");
}

#[test]
fn a_bundle_passes_its_check() {
    let scratch = Scratch::new();
    let dir = bundle().display().to_string();
    let answer = scratch.synfire_args(&["bundle", "check", &dir]).succeeded();
    for case in CASES {
        assert!(answer.stdout.contains(&format!("case {case}: ")), "{answer:?}");
    }
    assert!(answer.stdout.trim_end().ends_with("whole and right"), "{answer:?}");
    let answer = scratch.synfire_args(&["bundle", "check", &dir, "--json"]).succeeded();
    let answer: serde_json::Value = serde_json::from_str(&answer.stdout).expect("one object");
    assert_eq!(answer["is_right"], true);
    assert_eq!(answer["cases"].as_array().map(Vec::len), Some(CASES.len()));
}

/// The cases show what they promise, whatever the run.
#[test]
fn hard_cases_are_hard() {
    let shown = |case: &str| {
        let samples = text(shared(), &format!("cases/{case}/samples.csv"));
        let words: Vec<String> = samples
            .lines()
            .skip(1)
            .filter_map(|line| line.rsplit(',').next())
            .flat_map(|words| words.split(' ').map(str::to_owned))
            .collect();
        words
    };
    for (case, wanted) in [
        (
            "ties",
            &["z1=0", "z1=512", "z1=1024", "z2=0", "z2=512", "z2=1024", "e+=0", "e-=0", "no-error"]
                [..],
        ),
        ("saturation", &["w1-max", "w1-min", "w2-max", "w2-min", "f-max", "f-min", "f-parts"]),
        ("both-errors", &["d1+-", "w1-max-both"]),
        ("large-sums", &["z1>9216", "z1>17344", "z1<-17344"]),
    ] {
        let words = shown(case);
        for word in wanted {
            assert!(words.iter().any(|found| found == word), "{case} shows no {word}: {words:?}");
        }
    }
}

/// Everything needed is in the folder: the reader knows the standard library and its tables.
#[test]
fn sixty_lines_of_python_reproduce_every_case() {
    let reader = text(shared(), "reader.py");
    assert!(reader.lines().count() <= 60, "{}", reader.lines().count());
    assert!(reader.contains("\nimport csv, hashlib, os, struct, sys\n"), "{reader}");
    let Some(python) = Python::with(&["csv", "hashlib"]) else { return };
    let output = python.command().arg(bundle().join("reader.py")).output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    let mut cases: Vec<String> = CASES.iter().map(|case| format!("{case}: OK")).collect();
    cases.sort();
    assert_eq!(said.lines().collect::<Vec<_>>(), cases);
}

/// The published circuit leaves exactness where sums are large: its phantoms are golden too.
#[test]
fn the_published_circuit_has_a_bundle() {
    let scratch = Scratch::new();
    let words =
        "train --samples 60 --epochs 1 --hidden 12 --circuit published --check 0 --out @/run";
    scratch.synfire(words);
    scratch.synfire("bundle @/run --out @/bundle --samples 2").succeeded();
    let case = text(&scratch, "cases/large-sums/case.toml");
    let faults = case.lines().find_map(|line| line.strip_prefix("faults = ")).expect("a count");
    assert_ne!(faults, "0", "{case}");
    scratch.synfire("bundle check @/bundle").succeeded();
    if let Some(python) = Python::with(&["csv", "hashlib"]) {
        let reader = scratch.path("bundle/reader.py");
        let output = python.command().arg(reader).arg("large-sums").output().expect("Python");
        assert!(output.status.success(), "{output:?}");
    }
}
