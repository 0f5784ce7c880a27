//! One sample from one state, with its rewards and without: what is lost if the reward of a run's last sample is
//! forgotten.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use synfire_circuit::{Form, PlasticWeights};
use synfire_data::shuffle;
use synfire_reference::{Reference, Sample};

use super::driven::{Driven, Reward};
use super::training::{Task, Training, max_active};
use super::watched::{circuit_of, plastic_of};
use crate::material::Material;
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// One trial a seed.
pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let stages: &'static [u32] = scale.pick(&[0, 1], &[0, 1], &[0, 1, 5, 20, 60]);
    let n_samples = scale.pick(10, 20, 100);
    (1..=scale.pick(1, 1, 3))
        .map(|seed| {
            let epochs = stages.last().copied().unwrap_or(0);
            let training = Training::new(Task::mnist(scale), seed, epochs);
            let parameters = json!({
                "training": training.parameters(),
                "stages": stages,
                "errors": n_samples,
            });
            let expected_ms = u64::from(epochs) * 200 + 2000;
            Trial::new(format!("seed-{seed}"), parameters, expected_ms, move |material, watch| {
                Ok(to_value(run(&training, stages, n_samples, material, watch)?)?)
            })
        })
        .collect()
}

/// What forgetting does to single samples, at some stages of a training.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lost {
    pub(crate) stages: Vec<Stage>,
}

/// Samples with an output error, each from the same weights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stage {
    /// After so many epochs.
    pub(crate) epochs: u32,
    /// Samples that had to be looked at to find so many with an error.
    pub(crate) searched: u64,
    pub(crate) errors: u64,
    /// Those for which it made any difference.
    pub(crate) affected: u64,
    /// Synapses that came out differently, summed over samples: W1, W2, F+, F-, copies not counted.
    pub(crate) synapses: [u64; 4],
    /// The most for one sample.
    pub(crate) most: u64,
    /// How many synapses by how much: the weight with rewards less that without.
    pub(crate) by: BTreeMap<i32, u64>,
    /// Synapses that with rewards are not the reference's; must be 0.
    pub(crate) mismatches: u64,
    /// Faults; must be 0.
    pub(crate) faults: u64,
}

fn run(
    training: &Training,
    stages: &[u32],
    n_samples: u64,
    material: &Material,
    watch: &Watch<'_>,
) -> Result<Lost> {
    let split = training.task.split(material)?;
    let shape = training.shape(&split)?;
    let mut reference = Reference::new(shape.clone(), training.initial_weights(&shape)?)?;
    let mut lost = Lost::default();
    for epoch in 0..=training.epochs {
        watch.done(u64::from(epoch), u64::from(training.epochs) + 1)?;
        let order = shuffle(split.train.len(), training.seed, u64::from(epoch));
        let samples = || {
            order.iter().map(|&sample_idx| {
                let sample_idx = sample_idx as usize;
                Sample {
                    input: split.train.input(sample_idx),
                    target: split.train.target(sample_idx),
                }
            })
        };
        if stages.contains(&epoch) {
            let weights = reference.weights().clone();
            let circuit = circuit_of(&shape, Form::Sized, max_active(&split)?, &weights)?;
            let mut driven = Driven::new(circuit)?;
            let start = driven.state()?;
            let mut taught = Reference::new(shape.clone(), weights.clone())?;
            let mut stage = Stage { epochs: epoch, ..Stage::default() };
            for sample in samples() {
                if stage.errors == n_samples {
                    break;
                }
                stage.searched += 1;
                if !taught.learn(sample)?.has_error() {
                    continue;
                }
                stage.errors += 1;
                let expected = plastic_of(taught.weights());
                taught.set_weights(weights.clone())?;
                let mut after = |reward| -> Result<PlasticWeights> {
                    driven.restore(&start)?;
                    driven.run_sample(sample.input, sample.target, reward)?;
                    Ok(driven.weights())
                };
                let (with, without) = (after(Reward::Given)?, after(Reward::Forgotten)?);
                stage.note(&with, &without, &expected);
            }
            stage.faults = driven.faults();
            lost.stages.push(stage);
        }
        if epoch < training.epochs {
            for sample in samples() {
                reference.learn(sample)?;
            }
        }
    }
    Ok(lost)
}

const fn matrices(weights: &PlasticWeights) -> [&Vec<i16>; 4] {
    [&weights.w1, &weights.w2, &weights.feedback_plus, &weights.feedback_minus]
}

impl Stage {
    fn note(&mut self, with: &PlasticWeights, without: &PlasticWeights, expected: &PlasticWeights) {
        let mut n_sample = 0;
        let all = matrices(with).into_iter().zip(matrices(without)).zip(matrices(expected));
        for (((with, without), expected), sum) in all.zip(&mut self.synapses) {
            for ((&with, &without), &expected) in with.iter().zip(without).zip(expected) {
                self.mismatches += u64::from(with != expected);
                if with != without {
                    *self.by.entry(i32::from(with) - i32::from(without)).or_default() += 1;
                    *sum += 1;
                    n_sample += 1;
                }
            }
        }
        self.affected += u64::from(n_sample > 0);
        self.most = self.most.max(n_sample);
    }
}
