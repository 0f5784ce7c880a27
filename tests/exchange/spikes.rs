//! `synfire compare-spikes`: records like those of a chip, made here and changed, and those of two other simulations.
//!
//! There is no public recording of this circuit on a chip.

use serde_json::Value;
use synfire_cli::Status;
use synfire_data::digits;
use synfire_exchange::{Array, Npz, Values, weight_arrays, write_npz, write_weights};
use synfire_reference::{Reference, Shape, Weights, init};
use synfire_tests::{Npz as GoldenNpz, golden_dir};

use crate::command::Scratch;

const N_SAMPLES: usize = 6;
/// Steps on record: start, samples, and one more.
const N_STEPS: usize = 12 * (N_SAMPLES + 1) + 1;
/// The comparison of the record with the weights it was made with.
const COMPARE: &str = "compare-spikes @/chip.npz --weights @/w.npz";

fn weights() -> Weights {
    init::he(&Shape::new(&[400, 30, 10]).expect("a shape"), 1)
}

/// A record and the weights it was made with.
fn recorded() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("w.npz", &write_weights(&weights()).expect("small"));
    let said = scratch.says("export @/w.npz --format spikes --samples 0..=5 --out @/chip.npz");
    assert_eq!(said, "wrote @/chip.npz: spikes of 6 samples of digits, published circuit\n");
    scratch
}

/// Bits of a layer, a row for each neuron.
struct Bits {
    name: String,
    rows: Vec<Vec<u8>>,
}

/// Changes the record.
fn change(scratch: &Scratch, change: impl FnOnce(&mut Vec<Bits>)) {
    let bytes = scratch.read("chip.npz");
    let mut archive = Npz::parse(&bytes).expect("an archive");
    let mut layers: Vec<Bits> = Vec::new();
    for name in archive.names().to_vec() {
        let array = archive.array(&name).expect("an array");
        let n_columns = array.shape()[1];
        let Values::U8(values) = array.values() else { panic!("{name} is no array of bytes") };
        layers.push(Bits { name, rows: values.chunks(n_columns).map(<[u8]>::to_vec).collect() });
    }
    change(&mut layers);
    let array = |bits: &Bits| {
        let sides = [bits.rows.len(), bits.rows.first().map_or(0, Vec::len)];
        (bits.name.clone(), Array::new(&sides, bits.rows.concat()).expect("a matrix"))
    };
    let arrays: Vec<(String, Array)> = layers.iter().map(array).collect();
    let pairs = arrays.iter().map(|(name, array)| (name.as_str(), array));
    scratch.write("chip.npz", &write_npz(pairs).expect("small"));
}

fn layer<'a>(layers: &'a mut [Bits], name: &str) -> &'a mut Bits {
    layers.iter_mut().find(|layer| layer.name == name).expect("is on record")
}

/// Neuron and column of a layer's last spike.
fn last_spike(bits: &Bits) -> (usize, usize) {
    let columns = (0..N_STEPS).rev();
    let spikes =
        columns.flat_map(|column| (0..bits.rows.len()).map(move |neuron| (neuron, column)));
    spikes.into_iter().find(|&(neuron, column)| bits.rows[neuron][column] == 1).expect("a spike")
}

/// The line that names the first difference.
fn first(said: &str) -> &str {
    said.lines().find_map(|line| line.strip_prefix("first difference: ")).expect("a difference")
}

/// Where a column lies, in the words of a difference.
fn place(column: usize) -> String {
    format!("step {}, phase {} of sample {}", column + 1, column % 12, column / 12 - 1)
}

#[test]
fn our_own_record_agrees_on_every_engine_and_by_both_ways_to_its_samples() {
    let scratch = recorded();
    let said = scratch.says(COMPARE);
    assert!(
        said.starts_with("learning circuit, published: steps 1 to 85, 6 samples, 13 layers\n"),
        "{said}"
    );
    for more in
        ["--engine lif", "--engine loihi", "--samples 0..=5", "--dataset digits", "--circuit sized"]
    {
        let other = scratch.says(&format!("{COMPARE} {more}"));
        assert_eq!(other.lines().last(), said.lines().last(), "{more}");
    }
    let answer = scratch.says(&format!("{COMPARE} --layers h1,o --json"));
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["equal"], true);
    assert_eq!(answer["layers"].as_array().expect("a list").len(), 2);
    // Both names mean the same.
    let ours: Value =
        serde_json::from_str(&scratch.says(&format!("{COMPARE} --layers h,o --json")))
            .expect("JSON");
    assert_eq!(ours, answer);
}

#[test]
fn a_spike_that_lacks_and_one_too_many_are_named() {
    let scratch = recorded();
    let mut at = (0, 0);
    change(&scratch, |layers| {
        let h = layer(layers, "h1");
        at = last_spike(h);
        h.rows[at.0][at.1] = 0;
    });
    let (neuron, column) = at;
    let said = scratch.differs(COMPARE);
    let expected = format!(
        "layer h (h1), neuron {neuron}, {}: expected a spike, found silence",
        place(column)
    );
    assert_eq!(first(&said), expected);
    assert!(said.contains("differ: 1 of "), "{said}");
    let answer: Value =
        serde_json::from_str(&scratch.differs(&format!("{COMPARE} --json"))).expect("JSON");
    assert_eq!(answer["first"]["lanl"], "h1");
    assert_eq!(
        (&answer["first"]["neuron"], &answer["first"]["step"]),
        (&Value::from(neuron), &Value::from(column + 1))
    );
    assert_eq!(
        (&answer["first"]["found"], &answer["equal"]),
        (&Value::from("silence"), &Value::from(false))
    );
    // Another neuron instead: both are counted.
    change(&scratch, |layers| {
        let h = layer(layers, "h1");
        let other =
            (0..30).find(|&it| it != neuron && h.rows[it][column] == 0).expect("a silent one");
        h.rows[other][column] = 1;
    });
    let said = scratch.differs(COMPARE);
    assert!(said.contains("differ: 2 of "), "{said}");
    let said = scratch.says(&format!("{COMPARE} --layers o,d+,d-"));
    assert!(said.contains("3 layers"), "{said}");
    // Before the first sample, in a layer that is silent then.
    change(&scratch, |layers| layer(layers, "oT-").rows[4][2] = 1);
    let said = scratch.differs(COMPARE);
    assert_eq!(
        first(&said),
        "layer oT (oT-), neuron 4, step 3, phase 2 before the first sample: expected silence, found a spike"
    );
}

#[test]
fn shifted_records_are_told_from_wrong_ones() {
    // One layer a step late.
    let scratch = recorded();
    change(&scratch, |layers| {
        for row in &mut layer(layers, "h1T").rows {
            row.rotate_right(1);
        }
    });
    let said = scratch.differs(COMPARE);
    assert!(first(&said).starts_with("layer hT (h1T), neuron "), "{said}");
    assert!(!said.contains("--first-step"), "{said}");
    // The whole record a step late: the first column is step 0, or so it seems.
    let scratch = recorded();
    change(&scratch, |layers| {
        for row in layers.iter_mut().flat_map(|layer| &mut layer.rows) {
            row.remove(0);
        }
    });
    let message = scratch.fails(Status::Failure, COMPARE);
    let expected = "layer x spikes in phase 0 and never in phase 1 when the first column is step 1: it may be step 2";
    assert_eq!(message, format!("error: @/chip.npz: {expected}"));
    let said = scratch.says(&format!("{COMPARE} --first-step 2"));
    assert!(said.starts_with("learning circuit, published: steps 2 to 85, 6 samples"), "{said}");
    // With samples that are named, all is compared and the right step is found.
    let said = scratch.differs(&format!("{COMPARE} --samples 0..=5"));
    assert!(said.contains("with --first-step 2 every spike would agree\n"), "{said}");
}

/// Probes that began with sample 3, as the authors' code probes the last hundred of a run.
#[test]
fn records_that_begin_late_are_compared_from_there() {
    let scratch = recorded();
    change(&scratch, |layers| {
        for row in layers.iter_mut().flat_map(|layer| &mut layer.rows) {
            row.drain(..48);
        }
    });
    let said = scratch.says(&format!("{COMPARE} --first-step 49 --samples 0..=5"));
    assert!(
        said.starts_with("learning circuit, published: steps 49 to 85, 6 samples, 13 layers\n"),
        "{said}"
    );
    // The record shows three samples; what the weights were before them only its maker knows.
    let said = scratch.differs(&format!("{COMPARE} --first-step 49"));
    assert!(said.starts_with("learning circuit, published: steps 49 to 85, 3 samples"), "{said}");
    assert!(first(&said).contains(" of sample "), "{said}");
}

#[test]
fn truncated_foreign_and_empty_records_are_refused() {
    let scratch = recorded();
    change(&scratch, |layers| {
        for row in &mut layer(layers, "o").rows {
            row.truncate(50);
        }
    });
    let message = scratch.fails(Status::Failure, COMPARE);
    assert!(
        message.starts_with("error: @/chip.npz: layer o is on record for 50 steps, layer "),
        "{message}"
    );
    assert!(message.ends_with("a part is missing"), "{message}");

    let scratch = recorded();
    change(&scratch, |layers| {
        for row in layers.iter_mut().flat_map(|layer| &mut layer.rows) {
            row.truncate(50);
        }
    });
    let said = scratch.says(COMPARE);
    assert!(said.contains("steps 1 to 50, 4 samples"), "{said}");
    let message = scratch.fails(Status::Usage, &format!("{COMPARE} --samples 0..=5"));
    assert_eq!(message, "error: @/chip.npz: the record holds 4 samples, 6 were named");

    let scratch = recorded();
    change(&scratch, |layers| layer(layers, "o").name = "o3".to_owned());
    let message = scratch.fails(Status::Failure, COMPARE);
    let start = "error: @/chip.npz: layer o3 is no population of the learning circuit, expected x, mx (m_x6), h (h1), ";
    assert!(message.starts_with(start), "{message}");
    let message = scratch.fails(Status::Usage, &format!("{COMPARE} --layers h1,o"));
    assert!(
        message.starts_with("error: @/chip.npz: layer o is not on record, found "),
        "{message}"
    );
    let message = scratch.fails(Status::Failure, &format!("{COMPARE} --layers h1,o3"));
    assert!(message.starts_with("error: layer o3 is no population"), "of no file: {message}");
    let _ = scratch.says(&format!("{COMPARE} --layers h1"));

    let scratch = recorded();
    change(&scratch, |layers| drop(layer(layers, "d+").rows.pop()));
    let message = scratch.fails(Status::Failure, COMPARE);
    assert_eq!(message, "error: @/chip.npz: layer d+ has 9 neurons on record, expected 10");

    let scratch = recorded();
    change(&scratch, |layers| layers.retain(|layer| layer.name == "d+"));
    let message = scratch.fails(Status::Usage, COMPARE);
    assert!(
        message.starts_with(
            "error: @/chip.npz: layer x is not on record, so that the samples must be named"
        ),
        "{message}"
    );
    change(&scratch, |layers| {
        layers[0].name = "oT-".to_owned();
        layers[0].rows.iter_mut().for_each(|row| row.fill(0));
    });
    let message = scratch.fails(
        Status::Usage,
        "compare-spikes @/chip.npz --weights @/w.npz --engine reference --samples 0..=5",
    );
    assert!(message.contains("engine reference computes without spikes"), "{message}");
    let message = scratch.fails(Status::Failure, "compare-spikes @/none.npz --weights @/w.npz");
    assert!(message.starts_with("error: @/none.npz: cannot be read"), "{message}");
}

/// A run on test samples, of which the authors' code records the outputs, and x and t as zeros.
#[test]
fn outputs_of_the_inference_circuit_agree_with_the_reference() {
    let scratch = Scratch::new();
    scratch.write("w.npz", &write_weights(&weights()).expect("small"));
    let split = digits::generate(digits::SEED, digits::N_TRAIN, digits::N_TEST).expect("digits");
    let mut network =
        Reference::new(Shape::new(&[400, 30, 10]).expect("a shape"), weights()).expect("weights");
    let n = 40;
    let n_steps = 4 * n + 5;
    let mut o = vec![0.0; 10 * n_steps];
    for sample_idx in 0..n {
        let record = network.infer(split.test.input(sample_idx)).expect("a sample");
        for &output in record.output().active_list() {
            // The fourth step of its four.
            o[output as usize * n_steps + 4 * (sample_idx + 1) + 3] = 1.0;
        }
    }
    let put = |o: &[f64]| {
        let o = Array::new(&[10, n_steps], o.to_vec()).expect("a matrix");
        let t = Array::new(&[10, 4 * n - 4], vec![0.0; 10 * (4 * n - 4)]).expect("a matrix");
        scratch.write("chip.npz", &write_npz([("o", &o), ("t", &t)]).expect("small"));
    };
    put(&o);
    let words = format!("{COMPARE} --network inference --dataset digits");
    let said = scratch.says(&words);
    assert!(
        said.starts_with("inference circuit, published: steps 1 to 165, 40 samples, 1 layers\n"),
        "{said}"
    );
    assert!(
        said.contains("note: layer t is on record without a spike and was left out\n"),
        "{said}"
    );
    let place = o.iter().rposition(|&bit| bit == 1.0).expect("a spike");
    o[place] = 0.0;
    put(&o);
    let (neuron, column) = (place / n_steps, place % n_steps);
    let expected = format!(
        "layer o, neuron {neuron}, step {}, phase 3 of sample {}: expected a spike, found silence",
        column + 1,
        column / 4 - 1
    );
    assert_eq!(first(&scratch.differs(&words)), expected);
}

/// The published circuit as two other simulations ran it, phantom spikes and all.
#[test]
#[expect(clippy::print_stdout, reason = "a test says what it skipped")]
fn golden_rasters_agree() {
    let Some(dir) = golden_dir() else {
        println!("skipped: no golden vectors found; set SYNFIRE_GOLDEN_DIR");
        return;
    };
    let mut n_files = 0;
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "npz") {
            continue;
        }
        let golden = GoldenNpz::read(&path);
        let turned = |name: &str| {
            let (sides, _) = golden.array(name);
            let values = golden.weights(name);
            let (rows, columns) = (sides[0], sides[1]);
            let turned = (0..columns).flat_map(|c| (0..rows).map(move |r| (r, c)));
            let turned: Vec<i16> = turned.map(|(r, c)| values[r * columns + c]).collect();
            Array::new(&[columns, rows], turned).expect("a matrix")
        };
        let scratch = Scratch::new();
        let (w1, w2) = (turned("W1_init"), turned("W2_init"));
        scratch.write("w.npz", &write_npz([("w1", &w1), ("w2", &w2)]).expect("small"));
        std::fs::copy(&path, scratch.path("chip.npz")).expect("a copy");
        let answer: Value =
            serde_json::from_str(&scratch.says(&format!("{COMPARE} --json"))).expect("JSON");
        let (sides, _) = golden.array("raster");
        assert_eq!(answer["compared"], sides[0], "{}", path.display());
        assert_eq!((&answer["samples"], &answer["equal"]), (&Value::from(20), &Value::from(true)));
        n_files += 1;
    }
    assert!(n_files > 0, "the folder has no vectors");
}

/// Weights that differ in one step make other spikes.
#[test]
fn other_weights_are_noticed() {
    let scratch = recorded();
    let mut arrays = weight_arrays(&weights());
    let w2 = arrays.iter_mut().find(|(name, _)| name == "w2").expect("is there");
    let Values::I16(mut values) = w2.1.clone().into_values() else { panic!("weights") };
    values.iter_mut().for_each(|weight| *weight = -*weight);
    w2.1 = Array::new(&[10, 30], values).expect("a matrix");
    let pairs = arrays.iter().filter(|(name, _)| !name.contains('T'));
    let pairs = pairs.map(|(name, array)| (name.as_str(), array));
    scratch.write("w.npz", &write_npz(pairs).expect("small"));
    let _ = scratch.differs(COMPARE);
}
