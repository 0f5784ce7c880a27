//! `synfire report`: pages of runs that were trained, and what is said when something is missing.

use synfire_cli::{Status, Surroundings};

use crate::scratch::Scratch;

fn page(scratch: &Scratch, name: &str) -> String {
    String::from_utf8(scratch.read(name)).expect("text")
}

#[test]
fn a_trained_run_becomes_a_page() {
    let scratch = Scratch::new();
    scratch.synfire("train --samples 60 --epochs 2 --hidden 20 --out @/run").succeeded();
    let answer = scratch.synfire("report @/run").succeeded();
    assert!(answer.stdout.contains("run/report.html"), "{answer:?}");
    assert_eq!(answer.stderr, "");
    let first = page(&scratch, "run/report.html");
    // Computed again, the answers are those of the run; every update was compared.
    assert!(first.contains("The counts are those that the run recorded."));
    assert!(first.contains("Every update was compared, and all are equal, bit for bit: "));
    assert!(first.contains("<span>synfire train</span> <span>--dataset digits</span>"));
    // The same folder, the same page.
    scratch.synfire("report @/run --out @/again.html").succeeded();
    assert!(page(&scratch, "again.html") == first);
    // The command in it repeats the run, and the page but for the times.
    scratch.synfire("train --config @/run/run.toml --out @/second").succeeded();
    let metrics = String::from_utf8(scratch.read("run/metrics.csv")).expect("text");
    scratch.write("second/metrics.csv", metrics.as_bytes());
    scratch.synfire("report @/second").succeeded();
    let second = page(&scratch, "second/report.html").replace("/second", "/run");
    assert!(
        second.replace("epochs of second", "epochs of run").replace("Run second", "Run run")
            == first
    );
}

#[test]
fn several_runs_and_a_sweep_share_a_page() {
    let scratch = Scratch::new();
    let words =
        "train --samples 30 --epochs 1 --hidden 10 --engine reference --seeds 1,2 --out @/sweep";
    scratch.synfire(words).succeeded();
    scratch
        .synfire("train --samples 30 --epochs 1 --hidden 10 --engine lif --out @/one")
        .succeeded();
    let answer = scratch.synfire("report @/sweep @/one --out @/all/page.html").succeeded();
    assert!(answer.stdout.starts_with("3 runs, "), "{answer:?}");
    let page = page(&scratch, "all/page.html");
    for name in ["seed-1", "seed-2", "one"] {
        assert!(page.contains(&format!("Run {name}<")), "{name}");
    }
}

#[test]
fn what_is_missing_is_left_out_with_a_note() {
    let scratch = Scratch::new();
    scratch.synfire("train --samples 20 --epochs 1 --hidden 8 --out @/run").succeeded();
    // As if the run had been one of MNIST, on a machine without it.
    let text = String::from_utf8(scratch.read("run/run.toml")).expect("text");
    scratch.write("run/run.toml", text.replacen("\"digits\"", "\"mnist\"", 1).as_bytes());
    let answer = scratch.synfire_in(&Surroundings::default(), "report @/run").succeeded();
    assert!(answer.stderr.starts_with("note: "), "{answer:?}");
    assert!(answer.stdout.contains("parts are left out, see the notes"), "{answer:?}");
    assert!(page(&scratch, "run/report.html").contains("The estimate is left out."));
}

#[test]
fn what_is_no_run_is_refused_before_anything_is_made() {
    let scratch = Scratch::new();
    let error = scratch.synfire("report @/nowhere").failed(Status::Failure);
    assert!(error.contains("nowhere holds no run: there is no run.toml in it"), "{error}");
    assert!(!scratch.path("nowhere").exists());
    scratch.synfire("train --samples 20 --epochs 1 --hidden 8 --out @/run").succeeded();
    let error = scratch.synfire("report @/run --out @/run/metrics.csv").failed(Status::Usage);
    assert!(error.contains("is read by this command"), "{error}");
    scratch.synfire("report").failed(Status::Usage);
}
