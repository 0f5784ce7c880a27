//! The authors' loop, which makes a new network for every epoch, against running through: from the same start and in
//! the same orders. *Through* is the reference, to which running through is equal; both restarting arms are spikes on
//! the fast engine. *Rebuilt* makes F- from W2 at every restart; *authors* also forgets the rewards of each epoch's
//! last sample.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use synfire_circuit::{Form, PlasticWeights};
use synfire_data::{Split, shuffle};
use synfire_reference::{Reference, Sample, Shape, Weights};
use synfire_train::{EngineKind, Machine, evaluate};

use super::driven::{Driven, Reward};
use super::training::{Task, Training, max_active, unmirrored};
use super::watched::{circuit_of, differing, plastic_of, weights_of};
use crate::material::Material;
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// One trial a seed.
pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    (1..=scale.pick(2, 1, 5))
        .map(|seed| {
            let training = Training::new(Task::mnist(scale), seed, scale.pick(4, 4, 60));
            let parameters = json!({ "training": training.parameters(), "arms": 3 });
            let expected_ms = 3 * training.expected_ms();
            Trial::new(format!("seed-{seed}"), parameters, expected_ms, move |material, watch| {
                Ok(to_value(run(&training, material, watch)?)?)
            })
        })
        .collect()
}

/// One seed, three ways.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ways {
    pub(crate) test_samples: u64,
    pub(crate) through: Way,
    pub(crate) rebuilt: Way,
    pub(crate) authors: Way,
    /// Weights at a limit after each epoch of running through, feedback included, and synapses in which F- is not -F+.
    pub(crate) saturated: Vec<u64>,
    pub(crate) unmirrored: Vec<u64>,
    /// Epochs whose last sample had an output error, whose rewards mattered.
    pub(crate) last_errors: u64,
}

/// One way of training.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Way {
    /// Test samples right after each epoch.
    pub(crate) exact: Vec<u64>,
    pub(crate) binary: Vec<u64>,
    pub(crate) potential: Vec<u64>,
    /// Weights that differ from those of running through after each epoch: W1, W2, F-.
    pub(crate) apart: Vec<[u64; 3]>,
    /// Faults; must be 0.
    pub(crate) faults: u64,
}

impl Way {
    fn evaluate(
        &mut self,
        shape: &Shape,
        weights: &Weights,
        split: &Split,
        machine: &Machine,
    ) -> Result<()> {
        let test = evaluate(shape, weights, &split.test, machine)?;
        self.exact.push(test.score.exact);
        self.binary.push(test.score.binary);
        self.potential.push(test.score.potential);
        self.faults += test.faults;
        Ok(())
    }
}

fn run(training: &Training, material: &Material, watch: &Watch<'_>) -> Result<Ways> {
    let split = training.task.split(material)?;
    let shape = training.shape(&split)?;
    let start = training.initial_weights(&shape)?;
    let most = max_active(&split)?;
    let machine = Machine::new(EngineKind::Fast, Form::Sized, most);
    let mut reference = Reference::new(shape.clone(), start.clone())?;
    let (mut rebuilt, mut authors) = (start.clone(), start);
    let mut ways = Ways { test_samples: split.test.len() as u64, ..Ways::default() };
    let n_train = split.train.len();
    let of = u64::from(training.epochs) * n_train as u64;
    for epoch in 0..training.epochs {
        let before = u64::from(epoch) * n_train as u64;
        let order = shuffle(n_train, training.seed, u64::from(epoch));
        let sample_at = |sample_idx: u32| {
            let sample_idx = sample_idx as usize;
            Sample { input: split.train.input(sample_idx), target: split.train.target(sample_idx) }
        };
        for &sample_idx in &order {
            reference.learn(sample_at(sample_idx))?;
        }
        ways.last_errors += u64::from(reference.record().has_error());
        let Ways { through, .. } = &mut ways;
        through.evaluate(&shape, reference.weights(), &split, &Machine::Reference)?;
        through.apart.push([0; 3]);
        let known = plastic_of(reference.weights());
        let arms = [
            (&mut rebuilt, &mut ways.rebuilt, Reward::Given),
            (&mut authors, &mut ways.authors, Reward::Forgotten),
        ];
        for (part, (weights, way, last)) in (0..).zip(arms) {
            // A new network, its F- from W2.
            let forward = weights.forward().to_vec();
            let circuit =
                circuit_of(&shape, Form::Sized, most, &Weights::from_forward(&shape, forward)?)?;
            let mut driven = Driven::new(circuit)?;
            for (place, &sample_idx) in order.iter().enumerate() {
                if place.is_multiple_of(4096) {
                    watch.done(before + (part * n_train + place) as u64 / 2, of)?;
                }
                let reward = if place + 1 == n_train { last } else { Reward::Given };
                let Sample { input, target } = sample_at(sample_idx);
                driven.run_sample(input, target, reward)?;
            }
            let found = driven.weights();
            way.apart.push(apart(&found, &known));
            way.faults += driven.faults();
            *weights = weights_of(&shape, found)?;
            way.evaluate(&shape, weights, &split, &machine)?;
        }
        let limits = shape.limits();
        ways.saturated.push(reference.weights().saturation(limits).total() as u64);
        ways.unmirrored.push(unmirrored(reference.weights()));
    }
    Ok(ways)
}

fn apart(one: &PlasticWeights, other: &PlasticWeights) -> [u64; 3] {
    [
        differing(&one.w1, &other.w1),
        differing(&one.w2, &other.w2),
        differing(&one.feedback_minus, &other.feedback_minus),
    ]
}
