//! How often F- is not the negative of F+, and whether it ever changes what is learned (clause R7); and how large
//! hidden potentials become.
//!
//! On the reference, which the circuit equals. Before each sample the feedback matrices are known; after it, the
//! errors. If some synapse is unmirrored, the hidden error signals are formed once more with -F+ in the place of F-,
//! and compared.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use synfire_data::shuffle;
use synfire_reference::{Record, Reference, Sample, init};

use super::training::{Task, unmirrored};
use crate::material::Material;
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// Counts over a training run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feedback {
    /// Samples trained.
    pub(crate) samples: u64,
    /// Samples with an output error.
    pub(crate) errors: u64,
    /// The first sample, counted from 0 over all epochs, after which a synapse was unmirrored.
    pub(crate) first: Option<u64>,
    /// Samples with an output error that met an unmirrored synapse of an output with an error.
    pub(crate) met: u64,
    /// Of those, samples whose hidden error signals -F+ would have changed.
    pub(crate) changed: u64,
    /// The first of them.
    pub(crate) first_changed: Option<u64>,
    /// Hidden neurons with both error signals at once, over all samples.
    pub(crate) both: u64,
    /// Unmirrored synapses at the end of each epoch.
    pub(crate) unmirrored: Vec<u64>,
    /// Synapses of the feedback matrix.
    pub(crate) synapses: u64,
    /// The least and the greatest potential of a hidden neuron.
    pub(crate) z1: [i32; 2],
}

pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let epochs = scale.pick(2, 3, 60);
    let tasks = [
        ("mnist", Task::mnist(scale), 2, scale.pick(1, 1, 5)),
        ("fashion", Task::fashion(scale), 5, scale.pick(1, 1, 10)),
    ];
    let mut trials = Vec::new();
    for (name, task, us, n_seeds) in tasks {
        for seed in 1..=n_seeds {
            let parameters = json!({ "task": task.parameters(), "seed": seed, "epochs": epochs });
            let task = task.clone();
            let n_samples = task.samples.map_or(60_000, |[train, _]| train as u64);
            let expected_ms = epochs * n_samples * us / 1000;
            trials.push(Trial::new(
                format!("feedback-{name}.seed-{seed}"),
                parameters,
                expected_ms,
                move |material, watch| Ok(to_value(run(&task, seed, epochs, material, watch)?)?),
            ));
        }
    }
    trials
}

fn run(
    task: &Task,
    seed: u64,
    epochs: u64,
    material: &Material,
    watch: &Watch<'_>,
) -> Result<Feedback> {
    let split = task.split(material)?;
    let shape = task.shape(&split)?;
    let mut reference = Reference::new(shape.clone(), init::he(&shape, seed))?;
    let mut told = Feedback::default();
    let (mut plus, mut minus) = feedback(&reference)?;
    told.synapses = plus.len() as u64;
    for epoch in 0..epochs {
        for sample_idx in shuffle(split.train.len(), seed, epoch) {
            let sample_idx = sample_idx as usize;
            let sample = Sample {
                input: split.train.input(sample_idx),
                target: split.train.target(sample_idx),
            };
            let record = reference.learn(sample)?;
            let potentials = record.layer(1).context("no hidden layer")?.potential();
            let [least, greatest] = told.z1;
            told.z1 = potentials
                .iter()
                .fold([least, greatest], |[least, greatest], &z| [least.min(z), greatest.max(z)]);
            if record.has_error() {
                told.count(record, &plus, &minus)?;
                (plus, minus) = feedback(&reference)?;
                let is_mirrored = plus.iter().zip(&minus).all(|(p, m)| *p == -*m);
                if !is_mirrored && told.first.is_none() {
                    told.first = Some(told.samples);
                }
            }
            told.samples += 1;
            if told.samples.is_multiple_of(4096) {
                watch.done(told.samples, epochs * split.train.len() as u64)?;
            }
        }
        told.unmirrored.push(unmirrored(reference.weights()));
    }
    Ok(told)
}

/// F+ and F-, a row for each output.
fn feedback(reference: &Reference) -> Result<(Vec<i32>, Vec<i32>)> {
    let weights = reference.weights();
    let values = |matrices: &[synfire_reference::Matrix]| -> Result<Vec<i32>> {
        let matrix = matrices.first().context("no feedback")?;
        Ok(matrix.values().iter().map(|&weight| i32::from(weight)).collect())
    };
    Ok((values(weights.feedback_plus())?, values(weights.feedback_minus())?))
}

impl Feedback {
    /// Counts a sample with an output error, of which F+ and F- stood so before it.
    fn count(&mut self, record: &Record, plus: &[i32], minus: &[i32]) -> Result<()> {
        self.errors += 1;
        let hidden = record.layer(1).context("no hidden layer")?;
        let n_hidden = hidden.gate().len();
        let (up, down) = (record.output().error_plus_list(), record.output().error_minus_list());
        let rows = || up.iter().chain(down).map(|&output| output as usize * n_hidden);
        let is_met =
            rows().any(|row| (row..row + n_hidden).any(|synapse| plus[synapse] != -minus[synapse]));
        if !is_met {
            return Ok(());
        }
        self.met += 1;
        let mut is_changed = false;
        for unit in 0..n_hidden {
            let sum = |rows: &[u32]| -> i32 {
                rows.iter().map(|&output| plus[output as usize * n_hidden + unit]).sum()
            };
            let mirrored = sum(up) - sum(down);
            let gate = hidden.gate()[unit];
            let [is_plus, is_minus] = [hidden.error_plus()[unit], hidden.error_minus()[unit]];
            is_changed |= is_plus != (gate && mirrored > 0) || is_minus != (gate && mirrored < 0);
            self.both += u64::from(is_plus && is_minus);
        }
        if is_changed {
            self.changed += 1;
            self.first_changed = self.first_changed.or(Some(self.samples));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_reference::{Matrix, Shape, Weights};

    /// Output 0 is active and ought not to be, output 1 the other way round; in hidden neuron 0 the synapses of F- are
    /// 254 where F+ has -256, so that its errors cancel where those of -F+ would not.
    #[test]
    fn a_synapse_without_a_mirror_is_met_and_may_change_an_error() {
        let shape = Shape::new(&[4, 3, 2]).unwrap();
        let matrix =
            |rows, columns, values: &[i16]| Matrix::new(rows, columns, values.to_vec()).unwrap();
        let told = |minus: i16| {
            let weights = Weights::new(
                &shape,
                vec![matrix(4, 3, &[254; 12]), matrix(3, 2, &[254, 100, 254, 100, 254, 100])],
                vec![matrix(2, 3, &[-256, 0, 0, -254, 0, 0])],
                vec![matrix(2, 3, &[minus, 0, 0, 254, 0, 0])],
            );
            let mut reference = Reference::new(shape.clone(), weights.unwrap()).unwrap();
            let (plus, minus) = feedback(&reference).unwrap();
            let record = reference.learn(Sample { input: &[0, 1, 2], target: 1 }).unwrap();
            assert_eq!(record.output().error_plus_list(), [1]);
            assert_eq!(record.output().error_minus_list(), [0]);
            let mut told = Feedback::default();
            told.count(record, &plus, &minus).unwrap();
            (told.errors, told.met, told.changed, told.first_changed)
        };
        // e+ = F+[1] + F-[0] = -254 + 254 = 0, with the mirror -254 + 256 = 2.
        assert_eq!(told(254), (1, 1, 1, Some(0)));
    }

    #[test]
    fn mirrored_matrices_are_never_met() {
        let shape = Shape::new(&[4, 3, 2]).unwrap();
        let mut reference = Reference::new(shape.clone(), init::he(&shape, 3)).unwrap();
        let (plus, minus) = feedback(&reference).unwrap();
        let record = reference.learn(Sample { input: &[0, 1, 2], target: 1 }).unwrap();
        let mut told = Feedback::default();
        told.count(record, &plus, &minus).unwrap();
        assert_eq!((told.errors, told.met, told.changed), (1, 0, 0));
    }
}
