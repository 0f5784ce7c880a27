//! `synfire chip nbp`: counts that follow from the shape, estimates that add up, and the measured values.

#![expect(clippy::float_arithmetic, reason = "figures of a report are compared")]

use serde_json::Value;
use synfire_cli::Status;

use crate::scratch::{Scratch, uniform};

fn json(scratch: &Scratch, words: &str) -> Value {
    let answer = scratch.synfire(&format!("chip nbp --json {words}")).succeeded();
    assert_eq!(answer.stderr, "", "quiet when piped");
    serde_json::from_str(&answer.stdout).expect("one object")
}

/// How often an operation took place in all samples.
fn operations(estimate: &Value, name: &str) -> u64 {
    let operations = estimate["run"]["operations"].as_array().expect("operations");
    let row = operations.iter().find(|row| row["operation"] == name).expect("a known operation");
    row["count"].as_u64().expect("a count")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn sum(values: &Value, field: &str) -> f64 {
    values.as_array().expect("a list").iter().map(|value| number(&value[field])).sum()
}

fn is_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

#[test]
fn the_published_shape_stands_beside_what_was_measured() {
    let scratch = Scratch::new();
    let answer = json(&scratch, "--samples 2");
    assert_eq!(answer["layers"], serde_json::json!([400, 400, 10]));
    assert_eq!(answer["source"], "digits");
    let [training, inference] = &answer["circuits"].as_array().expect("circuits")[..] else {
        panic!("{answer}")
    };
    assert_eq!((&training["faults"], &inference["faults"]), (&0.into(), &0.into()));
    assert_eq!(training["plastic_synapses"], 500_000);
    let estimate = &training["estimates"][0];
    assert_eq!(estimate["is_estimate"], true);
    assert_eq!(estimate["steps"], 12);
    // Each of two samples is twelve steps, after each of which all plastic synapses are looked at.
    assert_eq!(operations(estimate, "learning visits"), 2 * 12 * 500_000);
    assert_eq!(operations(&inference["estimates"][0], "learning visits"), 0);
    // That alone is 0.72 mJ per sample; everything else is small beside it.
    let energy = number(&estimate["energy_joules"]);
    assert!(energy > 0.72e-3 && energy < 0.8e-3, "{energy}");
    let energy = number(&inference["estimates"][0]["energy_joules"]);
    assert!(energy > 0.5e-6 && energy < 2.5e-6, "{energy}");
    let measured = |circuit: &Value| {
        ["energy_joules", "time_seconds"].map(|field| number(&circuit["measured"][field]))
    };
    assert!(is_close(measured(training)[0], 0.59e-3) && is_close(measured(training)[1], 1.5e-3));
    assert!(is_close(measured(inference)[0], 2.5e-6) && is_close(measured(inference)[1], 0.17e-3));
}

#[test]
fn estimates_add_up_over_phases_and_cores() {
    let scratch = Scratch::new();
    let words = "--inputs 30 --hidden 20 --outputs 4 --samples 3 --constants davies,sana-fe,davies";
    let answer = json(&scratch, words);
    assert_eq!(answer["source"], "random inputs (8 of 30 active)");
    for circuit in answer["circuits"].as_array().expect("circuits") {
        let estimates = circuit["estimates"].as_array().expect("estimates");
        let names: Vec<_> = estimates.iter().map(|estimate| &estimate["constants"]).collect();
        assert_eq!(names, ["davies-2018", "sana-fe"]);
        for estimate in estimates {
            let per_sample = |sum: f64| sum / 3.0;
            let energy = number(&estimate["energy_joules"]);
            assert!(is_close(per_sample(sum(&estimate["run"]["phases"], "energy_joules")), energy));
            assert!(is_close(per_sample(sum(&estimate["run"]["cores"], "energy_joules")), energy));
            assert!(is_close(
                per_sample(sum(&estimate["run"]["operations"], "energy_joules")),
                energy
            ));
            let time = number(&estimate["time_seconds"]);
            assert!(is_close(per_sample(sum(&estimate["run"]["phases"], "time_seconds")), time));
            // Leakage of one chip.
            assert!(is_close(number(&estimate["leakage_joules"]), 0.104 * time), "{estimate}");
            assert_eq!(
                estimate["run"]["steps"],
                3 * circuit["steps_per_sample"].as_u64().expect("steps")
            );
        }
        assert_eq!(circuit["placement"]["n_chips"], 1);
    }
    assert_eq!(answer, json(&scratch, words), "the same every time");
    // Rules reach far less than all synapses.
    let touched = json(&scratch, &format!("{words} --learning-visits touched"));
    let visits =
        |answer: &Value| operations(&answer["circuits"][0]["estimates"][0], "learning visits");
    assert!(visits(&touched) > 0 && visits(&touched) < visits(&answer) / 4);
}

#[test]
fn every_figure_says_what_it_is() {
    let scratch = Scratch::new();
    let words = "chip nbp --inputs 30 --hidden 20 --outputs 4 --samples 3 --picture @/cores.svg";
    let text = scratch.synfire(words).succeeded().stdout;
    for unit in ["J", "uJ", "nJ", "pJ", "ms", "us", "ns"] {
        for line in text.lines().filter(|line| line.contains(&format!(" {unit},"))) {
            assert!(
                line.starts_with("estimate by ") || line.starts_with("measured on a chip"),
                "{line}"
            );
        }
    }
    for expected in [
        "30-20-4, sized circuits, 3 samples of random inputs",
        "learning circuit: ",
        "inference circuit: ",
        "static power, not in the energy above",
        "phase  estimated energy  estimated time",
        "binds: ",
        "measured on a chip, per sample: 590.000 uJ, 1.500 ms (Renner et al. 2024, Table 1, 400-400-10, another shape)",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(scratch.read("cores.svg").starts_with(b"<svg"));
}

#[test]
fn the_learning_circuit_goes_where_it_is_told() {
    let scratch = Scratch::new();
    let words = "--inputs 30 --hidden 20 --outputs 4 --samples 1";
    scratch.write("place.toml", b"[[population]]\nlayer = \"h\"\ncore_range = [100, 104]\n");
    let cores = |words: &str| {
        let answer = json(&scratch, words);
        let cores = answer["circuits"][0]["placement"]["cores"].as_array().expect("cores").clone();
        let has_h = |core: &&Value| {
            let slices = core["slices"].as_array().expect("slices");
            slices.iter().any(|slice| slice["layer"] == "h")
        };
        let numbers = cores.iter().filter(has_h).map(|core| core["core"].as_u64());
        numbers.map(|core| core.expect("a number")).collect::<Vec<_>>()
    };
    assert_eq!(cores(words).len(), 1);
    let placed = cores(&format!("{words} --placement @/place.toml"));
    assert_eq!(placed, [100, 101, 102, 103, 104]);
}

#[test]
fn weights_are_read() {
    let scratch = Scratch::new();
    scratch.write("w.npz", &uniform(7, 64, 254));
    let answer = json(&scratch, "--weights @/w.npz --samples 1");
    assert_eq!(answer["layers"], serde_json::json!([400, 7, 10]));
    let words = "chip nbp --weights @/w.npz --hidden 8";
    let message = scratch.synfire(words).failed(Status::Failure);
    let start = format!("error: {}: ", scratch.path("w.npz").display());
    assert_eq!(
        message,
        format!("{start}array w1 has shape (7, 400), expected (8, 400): hidden by input neurons\n")
    );
    scratch.write("w.npz", b"no archive");
    let message = scratch.synfire("chip nbp --weights @/w.npz").failed(Status::Failure);
    assert!(message.starts_with(&start), "{message}");
}

#[test]
fn wrong_use_is_told() {
    let scratch = Scratch::new();
    scratch.write("place.toml", b"[[population]]\nlayer = \"nowhere\"\ncores = [1]\n");
    for (words, expected, status) in [
        ("--samples 0", "0 is not in 1..", Status::Usage),
        (
            "--samples 10001",
            "number of samples is 10001, expected 1 to 10000 for digits",
            Status::Usage,
        ),
        ("--inputs 0", "0 neurons", Status::Usage),
        ("--hidden 65537", "65537", Status::Usage),
        ("--inputs 60000 --hidden 60000", "number of weights is 3600600000", Status::Usage),
        ("--constants loihi", "[possible values: davies, sana-fe]", Status::Usage),
        ("--learning-visits none", "[possible values: all, touched]", Status::Usage),
        ("--threshold 0", "threshold is 0", Status::Usage),
        ("--picture @/", "expected the name of a file", Status::Usage),
        (
            "--placement @/place.toml --picture @/place.toml",
            "is read by this command",
            Status::Usage,
        ),
        ("--placement @/place.toml", "population of layer `nowhere`", Status::Failure),
        ("--dataset mnist --data-dir @/none", "train-images-idx3-ubyte", Status::Failure),
    ] {
        let answer =
            scratch.synfire_in(&synfire_cli::Surroundings::default(), &format!("chip nbp {words}"));
        let message = answer.failed(status);
        assert!(message.contains(expected), "{words}: {message}");
    }
}
