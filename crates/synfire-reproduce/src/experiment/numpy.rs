//! The arithmetic of the authors' NumPy program against the circuit's.
//!
//! *Divergence*: both from the same start and in the same order, how many weights differ; and both from the same state,
//! how many samples they update differently. *Collapse*: many seeds of each, in how many of which a class has died.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use synfire_data::shuffle;
use synfire_reference::{Matrix, Reference, Sample, Shape, Variant, Weights, init};
use synfire_train::EngineKind;

use super::training::{Task, Training};
use crate::material::Material;
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// How two runs drift apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Divergence {
    /// Synapses of W1 and W2.
    pub(crate) synapses: [u64; 2],
    /// Samples after which the counts below were taken.
    pub(crate) after: Vec<u64>,
    /// Weights of W1 and W2 that differ between the two runs.
    pub(crate) differ: Vec<[u64; 2]>,
    /// Samples of the circuit's run that the other arithmetic would have updated differently, from the same weights.
    pub(crate) updates: Vec<u64>,
    /// Samples with an output error in the circuit's run.
    pub(crate) errors: Vec<u64>,
    /// The first sample, counted from 1, after which the two runs differ.
    pub(crate) first: Option<u64>,
}

/// Where counts are taken.
const AFTER: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let mut trials = Vec::new();
    let n_samples = scale.pick(200, 2_000, 5_000);
    for seed in 1..=scale.pick(1, 2, 5) {
        let task = Task::mnist(scale);
        let parameters = json!({ "task": task.parameters(), "seed": seed, "samples": n_samples });
        trials.push(Trial::new(format!("divergence.seed-{seed}"), parameters, n_samples / 5, {
            move |material, watch| Ok(to_value(diverge(&task, seed, n_samples, material, watch)?)?)
        }));
    }
    let epochs = scale.pick(2, 3, 10);
    for seed in 1..=scale.pick(2, 6, 100) {
        let circuit = Training::new(Task::mnist(scale), seed, epochs);
        trials.push(circuit.trial(format!("circuit.seed-{seed}")));
        trials.push(numpy(scale, seed, epochs).trial(format!("numpy.seed-{seed}")));
    }
    // As long as the paper's runs.
    if scale == Scale::Full {
        for seed in 1..=15 {
            trials.push(numpy(scale, seed, 60).trial(format!("numpy-60.seed-{seed}")));
        }
    }
    trials
}

fn numpy(scale: Scale, seed: u64, epochs: u32) -> Training {
    let training = Training::new(Task::mnist(scale), seed, epochs);
    Training {
        engine: EngineKind::Reference,
        variant: Variant::LanlNumpy,
        check_every: 0,
        ..training
    }
}

fn diverge(
    task: &Task,
    seed: u64,
    n_samples: u64,
    material: &Material,
    watch: &Watch<'_>,
) -> Result<Divergence> {
    let split = task.split(material)?;
    let shape = task.shape(&split)?;
    let other_shape = shape.clone().with_variant(Variant::LanlNumpy);
    let start = init::he(&shape, seed);
    let mut circuit = Reference::new(shape.clone(), start.clone())?;
    let mut numpy = Reference::new(other_shape.clone(), as_numpy(&other_shape, &start)?)?;
    // Taken to the circuit's weights before each sample.
    let mut probe = numpy.clone();
    let mut told = Divergence::default();
    for (place, matrix) in start.forward().iter().enumerate() {
        told.synapses[place] = matrix.values().len() as u64;
    }
    let (mut updates, mut errors) = (0, 0);
    let order = shuffle(split.train.len(), seed, 0);
    for (done, &sample_idx) in (1_u64..=n_samples).zip(&order) {
        let sample_idx = sample_idx as usize;
        let (input, target) = (split.train.input(sample_idx), split.train.target(sample_idx));
        let sample = Sample { input, target };
        let before = circuit.weights().clone();
        let has_error = circuit.learn(sample)?.has_error();
        numpy.learn(sample)?;
        errors += u64::from(has_error);
        probe.set_weights(as_numpy(&other_shape, &before)?)?;
        probe.learn(sample)?;
        let after = as_numpy(&other_shape, circuit.weights())?;
        updates += u64::from(probe.weights().forward() != after.forward());
        let differ = differences(circuit.weights(), numpy.weights());
        if told.first.is_none() && differ != [0, 0] {
            told.first = Some(done);
        }
        if AFTER.contains(&done) || done == n_samples {
            told.after.push(done);
            told.differ.push(differ);
            told.updates.push(updates);
            told.errors.push(errors);
        }
        if done.is_multiple_of(64) {
            watch.done(done, n_samples)?;
        }
    }
    Ok(told)
}

/// The weights as the NumPy program can hold them, that is without -256.
fn as_numpy(shape: &Shape, weights: &Weights) -> Result<Weights> {
    let forward = weights.forward().iter().zip(shape.sizes().windows(2)).map(|(matrix, sizes)| {
        let values = matrix.values().iter().map(|&weight| weight.max(-254)).collect();
        Matrix::new(sizes[0], sizes[1], values).context("a matrix of another size")
    });
    Ok(Weights::from_forward(shape, forward.collect::<Result<_>>()?)?)
}

/// Weights of W1 and W2 that differ.
fn differences(left: &Weights, right: &Weights) -> [u64; 2] {
    let mut differ = [0; 2];
    for (count, (left, right)) in differ.iter_mut().zip(left.forward().iter().zip(right.forward()))
    {
        let pairs = left.values().iter().zip(right.values());
        *count = pairs.filter(|(left, right)| left != right).count() as u64;
    }
    differ
}
