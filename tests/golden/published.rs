//! Every array of the golden files, engine by engine.

use std::sync::Arc;
use synfire_circuit::{
    CircuitShape, Form, LearningCircuit, LifEngine, PlasticWeights, Population, Potentials,
};
use synfire_net::{Engine, InputSchedule, Network, Operations, Raster, Strictness};
use synfire_tests::{Npz, golden_dir};

const FILES: [&str; 3] = ["small_16-8-3_mid_s5", "small_12-9-4_sat_s1", "phantom_100-12-4_s6"];

#[test]
fn lif_reproduces_every_array() {
    every_array("lif", |network| {
        Box::new(
            LifEngine::new(network, Strictness::Report).expect("the circuit's rule is supported"),
        )
    });
}

#[test]
fn plain_loihi_reproduces_every_array() {
    every_array("loihi", |network| {
        Box::new(synfire_loihi::PlainEngine::new(program(network), Strictness::Report))
    });
}

#[test]
fn fast_reproduces_every_array() {
    every_array("fast", |network| {
        Box::new(synfire_fast::FastEngine::new(program(network), Strictness::Report))
    });
}

fn program(network: Arc<Network>) -> Arc<synfire_loihi::Program> {
    Arc::new(synfire_loihi::lower(network).expect("the published circuit fits the chip"))
}

fn every_array(engine_name: &str, build: impl Fn(Arc<Network>) -> Box<dyn Engine>) {
    let Some(dir) = golden_dir() else {
        println!("skipped: no golden vectors found; set SYNFIRE_GOLDEN_DIR");
        return;
    };
    for file in FILES {
        let golden = Npz::read(&dir.join(format!("{file}.npz")));
        one_file(&golden, &format!("{engine_name}, {file}"), &build);
    }
}

fn one_file(golden: &Npz, context: &str, build: &impl Fn(Arc<Network>) -> Box<dyn Engine>) {
    let (x_shape, inputs) = golden.array("X");
    let (t_shape, targets) = golden.array("T");
    let (n_samples, n_inputs, n_outputs) = (x_shape[0], x_shape[1], t_shape[1]);
    let n_hidden = golden.array("W1_init").0[1];
    let size = |n: usize| u32::try_from(n).expect("small");
    let shape = CircuitShape::new(size(n_inputs), size(n_hidden), size(n_outputs));
    let weights =
        PlasticWeights::from_forward(&shape, golden.weights("W1_init"), golden.weights("W2_init"));
    let circuit = LearningCircuit::named(shape, Form::Published, &weights, Population::lanl_name)
        .expect("the golden shape is valid");
    let mut engine = build(Arc::clone(circuit.network()));
    let mut raster = Raster::new(circuit.network(), 1);
    let mut schedule = InputSchedule::new();
    let mut potentials = Potentials::default();
    circuit.start(&mut *engine, &mut raster).expect("the ring starts");
    let (stats_shape, stats) = golden.array("stats_per_sample");
    assert_eq!(stats_shape, [n_samples, 4]);
    let mut n_compared = 0;
    let n_raster_samples = 20;
    for sample in 0..n_samples {
        let active: Vec<u32> = ones(&inputs[sample * n_inputs..(sample + 1) * n_inputs]);
        let target = ones(&targets[sample * n_outputs..(sample + 1) * n_outputs])[0];
        schedule.clear();
        circuit.schedule_sample(sample as u64, &active, target, &mut schedule);
        // The counts of the first sample include the steps in which the ring starts.
        let before = if sample == 0 { Operations::default() } else { engine.operations() };
        circuit
            .run_cycle(&mut *engine, &schedule, &mut raster, &mut potentials)
            .expect("faults are reported, not errors");
        let done = engine.operations() - before;
        let counted =
            [done.static_deliveries, done.plastic_deliveries, done.plastic_updates, done.spikes];
        let expected: Vec<u64> = stats[sample * 4..sample * 4 + 4]
            .iter()
            .map(|&n| u64::try_from(n).expect("a count"))
            .collect();
        assert_eq!(counted[..], expected[..], "{context}, sample {sample}: operation counts");
        let first = circuit.first_step(sample as u64);
        for (name, population, phase) in [
            ("h", Population::H, 2),
            ("o", Population::O, 3),
            ("dp", Population::DPlus, 4),
            ("dm", Population::DMinus, 4),
            ("d1p", Population::H, 7),
            ("d1m", Population::H, 11),
        ] {
            let (shape, bits) = golden.array(&format!("circuit_{name}"));
            let expected = ones(&bits[sample * shape[1]..(sample + 1) * shape[1]]);
            let found: Vec<u32> = raster.spikes(first + phase, circuit.layer(population)).collect();
            assert_eq!(found, expected, "{context}, sample {sample}: {name}");
        }
        let ([w1, ..], [w2, ..], plus, minus) = circuit.matrices();
        for (name, id) in [("W1", w1), ("W2", w2), ("W2Tp", plus), ("W2Tm", minus)] {
            let name = format!("circuit_{name}_after_{}", sample + 1);
            if golden.get(&name).is_some() {
                let found = engine.weights(id).expect("plastic");
                assert_eq!(found[..], golden.weights(&name)[..], "{context}: {name}");
                n_compared += 1;
            }
        }
    }
    assert!(n_compared >= 12, "{context}: only {n_compared} matrices compared");
    compare_raster(golden, context, &circuit, &raster, circuit.first_step(n_raster_samples) - 1);
}

fn compare_raster(
    golden: &Npz,
    context: &str,
    circuit: &LearningCircuit,
    raster: &Raster,
    last: u64,
) {
    let names = golden.texts("raster_layers");
    let (shape, rows) = golden.array("raster");
    let mut expected = Raster::new(circuit.network(), 1);
    let mut last_in_file = 0;
    for row in rows.chunks(shape[1]) {
        let name = &names[usize::try_from(row[0]).expect("an index")];
        let layer = circuit.network().find_layer(name).expect("LANL's layer names");
        let step = u64::try_from(row[2]).expect("a step");
        let neuron = u32::try_from(row[1]).expect("a neuron");
        last_in_file = last_in_file.max(step);
        expected.record(step, layer, &[neuron]);
    }
    assert!(
        expected.n_spikes() > 500 && last_in_file <= last,
        "{context}: the raster is cut short"
    );
    let mut found = Raster::new(circuit.network(), 1);
    for step in 1..=last_in_file {
        for layer in circuit.network().layer_ids() {
            if circuit.network().layer(layer).is_source() {
                continue;
            }
            let neurons: Vec<u32> = raster.spikes(step, layer).collect();
            if !neurons.is_empty() {
                found.record(step, layer, &neurons);
            }
        }
    }
    assert_eq!(found.first_difference(&expected), None, "{context}: spike by spike");
}

fn ones(bits: &[i64]) -> Vec<u32> {
    (0u32..).zip(bits).filter(|(_, bit)| **bit == 1).map(|(idx, _)| idx).collect()
}
