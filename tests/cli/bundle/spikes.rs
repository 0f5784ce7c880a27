//! Somebody's spikes, each with another fault: it is named, and what may be behind it.

use synfire_cli::Status;

use super::{bundle, shared, text};
use crate::scratch::{Answer, Scratch};

/// Spikes as rows.
pub(super) type Rows = Vec<(u64, String, u32)>;

pub(super) fn golden(case: &str, file: &str) -> Rows {
    let row = |line: &str| {
        let columns: Vec<&str> = line.split(',').collect();
        (
            columns[0].parse().expect("a step"),
            columns[1].to_owned(),
            columns[2].parse().expect("a neuron"),
        )
    };
    text(shared(), &format!("cases/{case}/{file}")).lines().skip(1).map(row).collect()
}

pub(super) fn csv(rows: &Rows) -> String {
    let lines: String =
        rows.iter().map(|(step, layer, neuron)| format!("{step},{layer},{neuron}\n")).collect();
    format!("step,layer,neuron\n{lines}")
}

/// Compares a dump with the case `ties`.
pub(super) fn compare(scratch: &Scratch, rows: &Rows, words: &[&str]) -> Answer {
    scratch.write("dump.csv", csv(rows).as_bytes());
    let dir = bundle().display().to_string();
    let all = ["bundle", "compare", &dir, "@/dump.csv", "--case", "ties"];
    scratch.synfire_args(&all.into_iter().chain(words.iter().copied()).collect::<Vec<_>>())
}

/// What a comparison that found something says.
pub(super) fn found(answer: Answer) -> String {
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    assert_eq!(answer.stderr, "", "{answer:?}");
    answer.stdout
}

/// The first spike of a layer in a phase, and its place in the list.
pub(super) fn first_of(rows: &Rows, layer: &str, phase: u64) -> (usize, u64, u32) {
    let is_meant = |row: &&(u64, String, u32)| row.1 == layer && (row.0 - 1) % 12 == phase;
    let place = rows.iter().position(|row| is_meant(&row)).expect("such a spike");
    (place, rows[place].0, rows[place].2)
}

pub(super) fn has(said: &str, words: &str) {
    assert!(said.contains(words), "no `{words}` in: {said}");
}

#[test]
fn golden_spikes_are_as_they_must_be() {
    let scratch = Scratch::new();
    let rows = golden("ties", "spikes.csv");
    let said = compare(&scratch, &rows, &[]).succeeded().stdout;
    has(&said, "case ties, 10 samples, 27 layers: ");
    has(&said, "spikes: all as they must be");
    // Any order, LANL's names, generators among them, later spikes.
    let mut other: Rows = rows.iter().rev().cloned().collect();
    for row in &mut other {
        row.1 = match &*row.1 {
            "h<" => "h1_copy".to_owned(),
            "g3" => "g03".to_owned(),
            "oT" => "oT-".to_owned(),
            name => name.to_owned(),
        };
    }
    other.extend(golden("ties", "stimulus.csv"));
    other.push((400, "x".to_owned(), 0));
    let said = compare(&scratch, &other, &[]).succeeded().stdout;
    has(&said, "31 layers: ");
    has(&said, "1 spikes after the last step of the case were not compared");
    let changes = bundle().join("cases/ties/changes.csv").display().to_string();
    let said = compare(&scratch, &rows, &["--weights", &changes]).succeeded().stdout;
    has(&said, "changes expected, all as they must be");
    let said = compare(&scratch, &rows, &["--json"]).succeeded().stdout;
    let answer: serde_json::Value = serde_json::from_str(&said).expect("one object");
    assert_eq!((&answer["is_equal"], &answer["missing"]), (&true.into(), &0.into()));
}

#[test]
fn a_missing_spike_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "d+", 4);
    rows.remove(place);
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "spikes: 1 missing, 0 too much, 0 listed twice");
    has(&said, &format!("first difference: step {step}, phase 4 of sample "));
    has(&said, &format!("layer d+, neuron {neuron} (id "));
    has(&said, "expected a spike (output error d2+), found none");
    let said = found(compare(&scratch, &rows, &["--json"]));
    let answer: serde_json::Value = serde_json::from_str(&said).expect("one object");
    let first = &answer["first"];
    assert_eq!((&first["finding"], &first["layer"]), (&"missing".into(), &"d+".into()));
    assert_eq!((&first["step"], &first["neuron"]), (&step.into(), &neuron.into()));
    assert_eq!(first["meaning"], "output error d2+");
}

#[test]
fn a_spike_too_much_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    // Phase 8 of sample 1, in which nothing may spike: the echo of a replay.
    rows.push((33, "h".to_owned(), 5));
    let n_lines = rows.len() + 1;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "spikes: 0 missing, 1 too much");
    has(
        &said,
        "first difference: step 33, phase 8 of sample 1 (class 2), layer h (LANL h1), neuron 5 (id ",
    );
    let place = format!("found one in a phase in which this layer may not spike, line {n_lines}");
    has(&said, &place);
}

#[test]
fn a_late_spike_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "hT", 5);
    // Later than the next phase, in which the same neuron may spike as well.
    rows[place].0 += 3;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("step {step}, phase 5 of sample "));
    has(&said, &format!("layer hT (LANL h1T), neuron {neuron} (id "));
    has(&said, "expected a spike (replay of h), found none");
    has(&said, &format!("hint: hT {neuron} spikes 3 steps later instead, in step {}", step + 3));
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "mx", 6);
    rows[place].0 += 1;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("hint: mx {neuron} spikes 1 step later instead, in step {}", step + 1));
    rows[place].0 -= 2;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("step {}, phase 5 of sample ", step - 1));
    has(&said, &format!("hint: mx {neuron} must spike 1 step later instead, in step {step}"));
}

#[test]
fn a_wrong_neuron_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "c", 6);
    let taken: Vec<u32> =
        rows.iter().filter(|row| row.0 == step && row.1 == "c").map(|row| row.2).collect();
    let other = (0..32).rev().find(|neuron| !taken.contains(neuron)).expect("a silent neuron");
    rows[place].2 = other;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "spikes: 1 missing, 1 too much");
    has(&said, &format!("layer c (LANL c_h1), neuron {} (id ", neuron.min(other)));
    let hint = match neuron < other {
        true => format!("hint: neuron c {other} spikes instead"),
        false => format!("hint: neuron c {neuron} must spike instead"),
    };
    has(&said, &hint);
}

#[test]
fn a_wrong_layer_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "d+", 4);
    rows[place].1 = "d-".to_owned();
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("step {step}, phase 4 of sample "));
    has(&said, &format!("hint: neuron d- {neuron} spikes instead, of another layer"));
    rows[place].1 = "e".to_owned();
    let message = compare(&scratch, &rows, &[]).failed(Status::Failure);
    has(
        &message,
        &format!("dump.csv, line {}: layer is `e`, expected one of x, mx, h, ", place + 2),
    );
    rows[place] = (step, "d+".to_owned(), 5);
    let message = compare(&scratch, &rows, &[]).failed(Status::Failure);
    has(&message, "neuron of layer d+ is `5`, expected 0 to 4");
}

#[test]
fn exchanged_layers_are_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    for row in &mut rows {
        row.1 = match &*row.1 {
            "h<" => "h>".to_owned(),
            "h>" => "h<".to_owned(),
            name => name.to_owned(),
        };
    }
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "phase 2 of sample ");
    has(&said, "layer h< (LANL h1_copy), neuron ");
    has(&said, "expected a spike (z1 > 0), found none");
    has(&said, "hint: layers h< and h> are exchanged");
    let mut rows = golden("ties", "spikes.csv");
    rows.retain(|row| row.1 != "oT");
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "hint: the dump has no spike of oT; --layers compares others alone");
    compare(&scratch, &rows, &["--layers", "h,h1_copy,d+"]).succeeded();
    let message = compare(&scratch, &rows, &["--layers", "z"]).failed(Status::Usage);
    has(&message, "layer is `z`, expected one of x, mx, ");
}

#[test]
fn a_dump_cut_short_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    rows.retain(|row| row.0 <= 99);
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "first difference: step 100, phase 3 of sample 7 ");
    has(&said, "hint: the dump ends in step 99, in sample 7 of 10; the case goes on to step 132");
    let said = found(compare(&scratch, &Vec::new(), &[]));
    has(&said, "hint: the dump has no spike of these layers up to the case's last step");
}

#[test]
fn a_shift_by_a_phase_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    for row in &mut rows {
        row.0 += 1;
    }
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "first difference: step 12, phase 11, layer g0 (LANL g00), neuron 0 (id ");
    has(&said, "are right but 1 step too late: try --offset -1");
    compare(&scratch, &rows, &["--offset", "-1"]).succeeded();
    for row in &mut rows {
        row.0 -= 2;
    }
    let said = found(compare(&scratch, &rows, &["--offset", "3"]));
    has(&said, "are right but 2 steps too late: try --offset 1");
}

#[test]
fn a_spike_listed_twice_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (_, step, neuron) = first_of(&rows, "x", 7);
    rows.push((step, "x".to_owned(), neuron));
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "spikes: 0 missing, 0 too much, 1 listed twice");
    has(&said, &format!("step {step}, phase 7 of sample "));
    has(
        &said,
        &format!("expected one spike (replay of x), found it twice, line {}", rows.len() + 1),
    );
}

/// Of two differences the earlier one is named, wherever it stands in the dump.
#[test]
fn the_first_difference_is_the_first_in_time() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    rows.insert(0, (105, "o".to_owned(), 0));
    rows.push((57, "o".to_owned(), 0));
    has(&found(compare(&scratch, &rows, &[])), "first difference: step 57, phase 8 of sample 3 ");
}
