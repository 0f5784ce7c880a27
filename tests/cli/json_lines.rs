//! `train --json`: what happens, one object a line, and the results in the last.

use serde_json::{Value, json};
use synfire_cli::Status;

use crate::scratch::{Answer, Scratch, uniform};

/// The lines of an answer, each with its event.
fn lines(answer: &Answer) -> Vec<(String, Value)> {
    assert!(answer.stdout.ends_with('\n'), "{answer:?}");
    let line = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("an object on a line");
        assert!(line.starts_with("{\"event\":\""), "the event comes first: {line}");
        (value["event"].as_str().expect("an event").to_owned(), value)
    };
    answer.stdout.lines().map(line).collect()
}

fn events(lines: &[(String, Value)]) -> Vec<&str> {
    lines.iter().map(|(event, _)| event.as_str()).collect()
}

#[test]
fn a_run_tells_its_epochs_and_then_its_results() {
    let scratch = Scratch::new();
    let words = "train --samples 200 --epochs 2 --hidden 60 --json --out @/run";
    let answer = scratch.synfire(words).succeeded();
    assert_eq!(answer.stderr, "");
    let lines = lines(&answer);
    let told: Vec<&str> =
        events(&lines).into_iter().filter(|&event| event != "checkpoint").collect();
    assert_eq!(told, ["started", "epoch", "epoch", "finished"]);
    let saved: Vec<_> = lines.iter().filter(|(event, _)| event == "checkpoint").collect();
    assert_eq!(saved.last().map(|(_, line)| &line["epochs_done"]), Some(&2.into()));
    let lines: Vec<_> = lines.into_iter().filter(|(event, _)| event != "checkpoint").collect();
    let started = &lines[0].1;
    assert_eq!(started["dir"], scratch.path("run").to_str().expect("text"));
    assert_eq!(started["epochs_done"], 0);
    assert_eq!(started["run"]["record"]["layers"], json!([400, 60, 10]));
    // A line has what the table has, by the same names.
    let rows = scratch.metrics("run");
    for (row, (_, line)) in rows.iter().zip(&lines[1..3]) {
        let mut line = line.clone();
        line.as_object_mut().expect("an object").remove("event");
        assert_eq!(line, serde_json::to_value(row).expect("an object"));
    }
    let finished = &lines[3].1;
    assert_eq!(finished["binary"], rows[1].test_binary);
    assert_eq!((&finished["compared"], &finished["mismatches"]), (&400.into(), &0.into()));
    assert_eq!(finished["run"], started["run"]);
    assert_eq!((&finished["epochs"][1]["epoch"], &finished["is_exact"]), (&2.into(), &true.into()));
}

/// What a user ought to know is on both streams, where it happened; the run fails, and the results say so.
#[test]
fn faults_and_mismatches_are_told_as_they_happen() {
    let scratch = Scratch::new();
    scratch.write("large.npz", &uniform(30, 254, 20));
    let words = "train --circuit published --init-weights @/large.npz --samples 20 --epochs 1 --json \
                 --out @/run";
    let answer = scratch.synfire(words);
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    let lines = lines(&answer);
    let notices: Vec<&Value> =
        lines.iter().filter(|(event, _)| event == "notice").map(|(_, line)| line).collect();
    let [fault, mismatch, ..] = notices[..] else { panic!("{answer:?}") };
    assert_eq!((&fault["kind"], &fault["epoch"]), (&"fault".into(), &1.into()));
    assert_eq!((&mismatch["kind"], &mismatch["epoch"]), (&"mismatch".into(), &1.into()));
    assert!(fault["sample"].as_u64().is_some_and(|sample| sample < 20), "{fault}");
    for notice in &notices {
        let text = notice["text"].as_str().expect("text");
        assert!(answer.stderr.contains(&format!("warning: {text}\n")), "{answer:?}");
    }
    let (last, finished) = lines.last().expect("a line");
    assert_eq!((last.as_str(), &finished["is_exact"]), ("finished", &false.into()));
}

/// A run that goes on tells where, and then as any other.
#[test]
fn a_run_that_is_resumed_says_what_is_done() {
    let scratch = Scratch::new();
    scratch.synfire("train --samples 40 --epochs 2 --hidden 20 --out @/run").succeeded();
    let answer = scratch.synfire("train --resume @/run --epochs 3 --json").succeeded();
    let lines = lines(&answer);
    assert_eq!((lines[0].0.as_str(), &lines[0].1["epochs_done"]), ("started", &2.into()));
    let epochs: Vec<&Value> = lines
        .iter()
        .filter(|(event, _)| event == "epoch")
        .map(|(_, line)| &line["epoch"])
        .collect();
    assert_eq!(epochs, [&Value::from(3)]);
    let (last, finished) = lines.last().expect("a line");
    assert_eq!((last.as_str(), finished["epochs"].as_array().map(Vec::len)), ("finished", Some(3)));
}

#[test]
fn a_run_that_fails_says_why_in_its_last_line() {
    let scratch = Scratch::new();
    let answer = scratch.synfire("train --init-weights @/none.npz --json --out @/run");
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    let lines = lines(&answer);
    assert_eq!(events(&lines), ["failed"]);
    let error = lines[0].1["error"].as_str().expect("text");
    assert_eq!(answer.stderr, format!("error: {error}\n"));
}

#[test]
fn runs_of_several_seeds_tell_which_one() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("sweep")).expect("a folder");
    scratch.write("sweep/seed-2", b"a file where a folder should be");
    let words = "train --engine reference --samples 40 --epochs 2 --hidden 20 --seeds 1..=3 --threads 2 \
                 --json --out @/sweep";
    let answer = scratch.synfire(words);
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    let mut lines = lines(&answer);
    let (event, last) = lines.pop().expect("a line");
    assert_eq!((event.as_str(), last.get("seed")), ("finished", None));
    assert_eq!(last["runs"].as_array().map(Vec::len), Some(2));
    assert_eq!(last["failed"][0]["seed"], 2);
    for (seed, expected) in [
        (1, &["started", "epoch", "epoch", "finished"][..]),
        (2, &["failed"]),
        (3, &["started", "epoch", "epoch", "finished"]),
    ] {
        let of_seed: Vec<_> = lines
            .iter()
            .filter(|(event, line)| line["seed"] == seed && event != "notice")
            .cloned()
            .collect();
        assert_eq!(events(&of_seed), expected, "seed {seed}");
        if let Some((_, finished)) = of_seed.last().filter(|(event, _)| event == "finished") {
            assert_eq!(finished["run"]["seed"], seed);
        }
    }
}
