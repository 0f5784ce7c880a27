//! The NIR graph, read by Python's `nir` and stepped with forward Euler, answers as the reference does.

use std::path::Path;

use synfire_data::{Dataset, Preparation, SearchPath, Source, digits, load};
use synfire_exchange::{Array, NirTarget, write_nir, write_npz};
use synfire_reference::{Reference, Sample, Shape, Weights, init, order};
use synfire_tests::{Python, data_dir};
use tempfile::TempDir;

const SCRIPT: &str = include_str!("../python/nir_euler.py");
/// The file of what the reference answers.
const EXPECTED: &str = "expected.npz";
/// Test images that are compared.
const N_SAMPLES: usize = 2000;

/// Weights that have learned something, so that sums lie on both sides of the threshold.
fn trained(sizes: &[usize], train: &Dataset) -> Weights {
    let shape = Shape::new(sizes).expect("a shape");
    let mut network = Reference::new(shape.clone(), init::he(&shape, 1)).expect("weights");
    for sample_idx in order::shuffle(train.len(), 1, 1) {
        let sample_idx = sample_idx as usize;
        let (input, target) = (train.input(sample_idx), train.target(sample_idx));
        network.learn(Sample { input, target }).expect("a sample");
    }
    network.weights().clone()
}

/// What the reference answers to the first test images, layer by layer, as an npz file.
fn answers(weights: &Weights, sizes: &[usize], test: &Dataset) -> Vec<u8> {
    let shape = Shape::new(sizes).expect("a shape");
    let mut network = Reference::new(shape, weights.clone()).expect("weights");
    let mut layers = vec![Vec::new(); sizes.len()];
    for sample_idx in 0..N_SAMPLES {
        let input = test.input(sample_idx);
        let mut bits = vec![0_u8; sizes[0]];
        for &on in input {
            bits[on as usize] = 1;
        }
        layers[0].extend(bits);
        let record = network.infer(input).expect("a sample");
        for (layer, values) in layers.iter_mut().enumerate().skip(1) {
            values.extend(
                record.layer(layer).expect("a layer").active().iter().map(|&is_on| u8::from(is_on)),
            );
        }
    }
    let arrays: Vec<(String, Array)> = layers
        .into_iter()
        .enumerate()
        .map(|(layer, values)| {
            let name = if layer == 0 { "input".to_owned() } else { format!("layer{layer}") };
            (name, Array::new(&[N_SAMPLES, sizes[layer]], values).expect("one bit per neuron"))
        })
        .collect();
    write_npz(arrays.iter().map(|(name, array)| (name.as_str(), array))).expect("small")
}

/// What Python says of graphs, each with its time step in seconds: for each, samples compared and those that differ,
/// layer by layer and in the output node.
fn stepped(python: &Python, dir: &Path, graphs: &[(Vec<u8>, f64)]) -> Vec<Vec<usize>> {
    let mut args = vec![dir.join(EXPECTED).into_os_string()];
    for (n, (graph, step_seconds)) in graphs.iter().enumerate() {
        let path = dir.join(format!("{n}.nir"));
        std::fs::write(&path, graph).expect("writable");
        args.extend([path.into_os_string(), step_seconds.to_string().into()]);
    }
    let said = python.run(SCRIPT, &args);
    let numbers = |line: &str| -> Vec<usize> {
        line.split(' ').map(|word| word.parse().expect("a number")).collect()
    };
    said.lines().map(numbers).collect()
}

/// A network, what the reference answers, and what Python makes of the network for each target.
fn check(python: &Python, train: &Dataset, test: &Dataset, hidden: &[usize]) -> (Weights, TempDir) {
    let sizes = [&[train.n_inputs()], hidden, &[train.n_classes()]].concat();
    let weights = trained(&sizes, train);
    let dir = tempfile::tempdir().expect("a scratch folder");
    std::fs::write(dir.path().join(EXPECTED), answers(&weights, &sizes, test)).expect("writable");
    let graph = |target: NirTarget| {
        let graph = write_nir(&weights, target).expect("a graph");
        assert_eq!(
            graph,
            write_nir(&weights, target).expect("a graph"),
            "equal weights, equal bytes"
        );
        (graph, target.step_seconds())
    };
    let graphs = NirTarget::ALL.map(graph);
    // Samples, then each layer but the input, then the output node.
    let mut expected = vec![0; sizes.len() + 1];
    expected[0] = N_SAMPLES;
    assert_eq!(stepped(python, dir.path(), &graphs), vec![expected; graphs.len()], "{sizes:?}");
    (weights, dir)
}

/// The smallest change of one weight that a test image shows: a hidden neuron at the threshold, and an input of it.
fn changed(weights: &Weights, test: &Dataset) -> Weights {
    let shape = Shape::new(&[test.n_inputs(), weights.forward()[0].n_targets(), test.n_classes()]);
    let shape = shape.expect("a shape");
    let mut network = Reference::new(shape.clone(), weights.clone()).expect("weights");
    for sample_idx in 0..N_SAMPLES {
        let record = network.infer(test.input(sample_idx)).expect("a sample");
        let potentials = record.layer(1).expect("a layer").potential();
        let Some(target) = potentials.iter().position(|&z| z == 512) else { continue };
        let source = test.input(sample_idx)[0] as usize;
        let mut forward = weights.forward().to_vec();
        let weight = forward[0].get(source, target).expect("is there");
        forward[0].set(source, target, weight + 2);
        return Weights::from_forward(&shape, forward).expect("weights");
    }
    panic!("no hidden neuron is ever at the threshold, so that nothing small could be seen");
}

#[test]
fn digits_are_answered_as_by_the_reference() {
    let Some(python) = Python::with(&["numpy", "nir", "h5py"]) else { return };
    let split = digits::generate(digits::SEED, 1000, N_SAMPLES).expect("digits");
    let (weights, dir) = check(&python, &split.train, &split.test, &[100]);
    // What Python must see: a step of another length, one weight changed by one step, a threshold off by one.
    let graph = write_nir(&weights, NirTarget::Generic).expect("a graph");
    let other = write_nir(&changed(&weights, &split.test), NirTarget::Generic).expect("a graph");
    let path = dir.path().join("lower.nir");
    std::fs::write(&path, &graph).expect("writable");
    let lower = "import sys, h5py\nwith h5py.File(sys.argv[1], 'r+') as f:\n    f['node/nodes/lif1/v_threshold'][...] -= 1";
    assert_eq!(python.run(lower, &[&path]), "");
    let lower = std::fs::read(&path).expect("readable");
    let found = stepped(&python, dir.path(), &[(graph, 0.5), (other, 1.0), (lower, 1.0)]);
    for differing in found {
        assert!(differing[0] == N_SAMPLES && differing[1] > 0, "{differing:?}");
    }
}

/// Any number of layers.
#[test]
fn deep_networks_are_answered_as_by_the_reference() {
    let Some(python) = Python::with(&["numpy", "nir", "h5py"]) else { return };
    let split = digits::generate(digits::SEED, 300, N_SAMPLES).expect("digits");
    let _ = check(&python, &split.train, &split.test, &[60, 40]);
}

#[test]
#[expect(clippy::print_stdout, reason = "a test says what it skipped")]
fn mnist_is_answered_as_by_the_reference() {
    let Some(python) = Python::with(&["numpy", "nir", "h5py"]) else { return };
    let Some(dir) = data_dir() else {
        println!("skipped: no MNIST; set SYNFIRE_DATA_DIR to a folder that holds mnist/");
        return;
    };
    let dirs = SearchPath::new(Some(dir), None, None);
    let split = load(&Source::Mnist, &dirs, &Preparation::of(&Source::Mnist)).expect("MNIST");
    let train = split.train.truncated(2000).expect("so many");
    let _ = check(&python, &train, &split.test, &[100]);
}
