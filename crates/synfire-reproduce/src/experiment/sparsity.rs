//! How much happens in a sample, layer by layer and phase by phase, as training goes on.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};

use super::observed::{Observed, observe};
use super::training::{Curve, Task, Training, max_active};
use crate::scale::Scale;
use crate::trial::Trial;

/// Epochs after which samples are looked at.
const EPOCHS: [u32; 8] = [0, 1, 2, 5, 10, 20, 40, 60];

/// A run, looked at now and then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sparsity {
    pub(crate) sizes: Vec<usize>,
    /// The run itself.
    pub(crate) curve: Curve,
    /// Epochs done, and what samples of the training set did with the weights of then.
    pub(crate) looks: Vec<(u32, Observed)>,
    /// Weights delivered in an inference sample, at the same times: plastic matrices, all.
    pub(crate) inference: Vec<Inference>,
}

/// What an answer takes: counts of samples of the test set in evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inference {
    pub(crate) samples: u64,
    /// Active inputs of these samples, and hidden neurons active in them.
    pub(crate) active: [u64; 2],
    /// Weights of W1 and W2 delivered.
    pub(crate) operations: u64,
    /// Weights of fixed synapses delivered: inputs, and gates that open x, h and o.
    pub(crate) fixed: u64,
}

/// One trial for each data set.
pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let n_samples = scale.pick(60, 500, 1000);
    [
        ("mnist", Task::mnist(scale), scale.pick(2, 10, 60)),
        ("fashion", Task::fashion(scale), scale.pick(2, 5, 60)),
    ]
    .into_iter()
    .map(|(name, task, epochs)| {
        let training = Training::new(task, 1, epochs);
        let looks: Vec<u32> = EPOCHS.into_iter().filter(|&epoch| epoch <= epochs).collect();
        let parameters =
            json!({ "training": training.parameters(), "looks": looks, "samples": n_samples });
        let expected_ms = training.expected_ms() + 300;
        Trial::new(name, parameters, expected_ms, move |material, watch| {
            let split = training.task.split(material)?;
            let shape = training.shape(&split)?;
            let most = max_active(&split)?;
            let initial = training.initial_weights(&shape)?;
            let of = u64::from(epochs);
            let look = |weights: &_, epoch: u32| -> Result<(u32, Observed)> {
                let done = (u64::from(epoch), of);
                Ok((epoch, observe(&shape, weights, most, &split.train, n_samples, watch, done)?))
            };
            let mut observed = vec![look(&initial, 0)?];
            let mut inference =
                vec![super::inferred::observe(&shape, &initial, most, &split.train, n_samples)?];
            let curve = training.run(material, watch, &mut |epoch, trainer| {
                if looks.contains(&epoch) {
                    let weights = trainer.weights()?;
                    observed.push(look(&weights, epoch)?);
                    inference.push(super::inferred::observe(
                        &shape,
                        &weights,
                        most,
                        &split.train,
                        n_samples,
                    )?);
                }
                Ok(())
            })?;
            let sizes = shape.sizes().to_vec();
            Ok(to_value(Sparsity { sizes, curve, looks: observed, inference })?)
        })
    })
    .collect()
}
