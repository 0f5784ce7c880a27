//! How well weights answer a data set, on any machine and any number of threads.
//!
//! The circuit is built once; each thread has an engine of its own and a contiguous part of the samples.
//! An answer depends on nothing but weights and input, and counts are added, so that the result is the
//! same for every number of threads. Nothing is learned here: circuits run in their short form with frozen
//! weights.

use std::ops::Range;

use rayon::prelude::*;
use synfire_circuit::{InferenceCircuit, Population};
use synfire_data::Dataset;
use synfire_net::{Engine, Fault, InputSchedule, LayerId, Observer};
use synfire_reference::{Readout, Reference, Shape, Weights};

use crate::error::RunError;
use crate::machine::{Machine, circuit_shape};
use crate::metrics::Score;
use crate::readout::read;

/// Counts over all samples of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// How many answers were right.
    pub score: Score,
    /// Faults of the engines; 0 on the reference.
    pub faults: u64,
    /// The first of them, in words.
    pub first_fault: Option<String>,
    /// Active hidden neurons, over all samples.
    pub hidden_active: u64,
    /// Per class, samples of this class.
    n_samples: Vec<u64>,
    /// Per class, samples of this class for which the potential of its output was above 0.
    n_positive: Vec<u64>,
}

impl Evaluation {
    pub(crate) fn new(n_classes: usize) -> Evaluation {
        Evaluation {
            score: Score::default(),
            faults: 0,
            first_fault: None,
            hidden_active: 0,
            n_samples: vec![0; n_classes],
            n_positive: vec![0; n_classes],
        }
    }

    /// Counts an answer, and whether the potential of the output in question was above 0.
    pub(crate) fn add(&mut self, readout: Readout, is_positive: bool, target: usize) {
        self.score.add(readout, target);
        self.n_samples[target] += 1;
        self.n_positive[target] += u64::from(is_positive);
    }

    fn merged(mut self, other: Evaluation) -> Evaluation {
        self.score += other.score;
        self.faults += other.faults;
        self.hidden_active += other.hidden_active;
        self.first_fault = self.first_fault.or(other.first_fault);
        for (sum, n) in self.n_samples.iter_mut().zip(other.n_samples) {
            *sum += n;
        }
        for (sum, n) in self.n_positive.iter_mut().zip(other.n_positive) {
            *sum += n;
        }
        self
    }

    /// The classes that have died: of less than one in a hundred of their samples the output's potential
    /// is above 0.
    ///
    /// An output whose potential is 0 or below gets no error that would raise it (clause R10), so that
    /// such a class hardly comes back. An output that is silent above 0, as many are early in training,
    /// is not dead. Of dead classes in trained networks, none to two of a thousand samples are above 0.
    #[must_use]
    pub fn dead_classes(&self) -> Vec<usize> {
        let counts = self.n_samples.iter().zip(&self.n_positive).enumerate();
        counts.filter(|(_, (n, positive))| 100 * **positive < **n).map(|(class, _)| class).collect()
    }
}

/// Evaluates weights on a data set, split over the threads of the current pool.
///
/// # Errors
/// If the weights do not fit the shape, the data set does not fit the network, or the engine cannot run
/// the circuit.
pub fn evaluate(
    shape: &Shape,
    weights: &Weights,
    dataset: &Dataset,
    machine: &Machine,
) -> Result<Evaluation, RunError> {
    let part_size = dataset.len().div_ceil(rayon::current_num_threads().max(1));
    let parts: Vec<Range<usize>> = (0..dataset.len())
        .step_by(part_size.max(1))
        .map(|start| start..dataset.len().min(start + part_size))
        .collect();
    let n_classes = shape.n_classes().max(dataset.n_classes());
    let circuit = match machine {
        Machine::Reference => None,
        Machine::Circuit { form, max_active, build } => {
            let circuit = InferenceCircuit::new(
                circuit_shape(shape, *max_active)?,
                *form,
                weights.forward()[0].values(),
                weights.forward()[1].values(),
            )?;
            Some((circuit, build))
        }
    };
    let evaluate_part = |part: Range<usize>| match &circuit {
        None => on_reference(shape, weights, dataset, part, n_classes),
        Some((circuit, build)) => {
            let engine = build(circuit.network().clone()).map_err(RunError::Engine)?;
            on_circuit(circuit, engine, dataset, part, n_classes)
        }
    };
    let parts: Vec<Evaluation> =
        parts.into_par_iter().map(evaluate_part).collect::<Result<_, RunError>>()?;
    Ok(parts.into_iter().fold(Evaluation::new(n_classes), Evaluation::merged))
}

fn on_reference(
    shape: &Shape,
    weights: &Weights,
    dataset: &Dataset,
    part: Range<usize>,
    n_classes: usize,
) -> Result<Evaluation, RunError> {
    let mut reference = Reference::new(shape.clone(), weights.clone())
        .map_err(|cause| RunError::Weights { cause: cause.into() })?;
    let mut evaluation = Evaluation::new(n_classes);
    for sample_idx in part {
        let target = dataset.target(sample_idx);
        let record = reference
            .infer(dataset.input(sample_idx))
            .map_err(|cause| RunError::Sample { sample_idx, cause })?;
        let hidden = record.layers().split_last().map_or(&[][..], |(_, hidden)| hidden);
        let n_active = hidden.iter().map(|layer| layer.active_list().len() as u64);
        evaluation.hidden_active += n_active.sum::<u64>();
        let is_positive = record.output().above_zero().get(target) == Some(&true);
        evaluation.add(record.readout(target), is_positive, target);
    }
    Ok(evaluation)
}

fn on_circuit(
    circuit: &InferenceCircuit,
    mut engine: Box<dyn Engine>,
    dataset: &Dataset,
    part: Range<usize>,
    n_classes: usize,
) -> Result<Evaluation, RunError> {
    let mut evaluation = Evaluation::new(n_classes);
    let mut heard =
        Heard::new([Population::H, Population::O].map(|population| circuit.layer(population)));
    let (mut schedule, mut output) = (InputSchedule::new(), Vec::new());
    let failed = |sample_idx| move |cause| RunError::Evaluation { sample_idx, cause };
    circuit.start(&mut *engine, &mut heard).map_err(failed(part.start))?;
    for sample_idx in part {
        heard.fired.clear();
        let active = dataset.input(sample_idx);
        circuit
            .run_cycle_for_output(&mut *engine, active, &mut schedule, &mut heard, &mut output)
            .map_err(failed(sample_idx))?;
        let target = dataset.target(sample_idx);
        let is_positive = output.get(target).is_some_and(|&potential| potential > 0);
        evaluation.add(read(&heard.fired, &output, target), is_positive, target);
        if let Some(fault) = heard.faults.first().filter(|_| evaluation.first_fault.is_none()) {
            // The step is left out: it depends on how many samples this thread ran before.
            let layer = &circuit.network().layer(fault.layer).name;
            let Fault { neuron_idx, kind, .. } = fault;
            evaluation.first_fault = Some(format!(
                "test sample {sample_idx}, layer {layer}, neuron {neuron_idx}: {kind}"
            ));
        }
        evaluation.hidden_active += std::mem::take(&mut heard.n_hidden);
        evaluation.faults += heard.faults.len() as u64;
        heard.faults.clear();
    }
    Ok(evaluation)
}

/// Outputs that fired, active hidden neurons and faults, of one sample.
struct Heard {
    hidden: Option<LayerId>,
    n_hidden: u64,
    output: Option<LayerId>,
    fired: Vec<u32>,
    faults: Vec<Fault>,
}

impl Heard {
    fn new([hidden, output]: [Option<LayerId>; 2]) -> Heard {
        Heard { hidden, n_hidden: 0, output, fired: Vec::new(), faults: Vec::new() }
    }
}

impl Observer for Heard {
    fn spikes(&mut self, _step: u64, layer: LayerId, neurons: &[u32]) {
        if Some(layer) == self.output {
            self.fired.extend_from_slice(neurons);
        } else if Some(layer) == self.hidden {
            self.n_hidden += neurons.len() as u64;
        }
    }

    fn spike_words(&mut self, _step: u64, layer: LayerId, words: &[u64]) {
        if Some(layer) == self.output {
            for (first, &word) in (0..).step_by(64).zip(words) {
                let bits = (0..64).filter(|bit| word >> bit & 1 == 1);
                self.fired.extend(bits.map(|bit| first + bit));
            }
        } else if Some(layer) == self.hidden {
            self.n_hidden += words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        }
    }

    fn fault(&mut self, fault: &Fault) {
        self.faults.push(*fault);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_circuit::Form;

    #[test]
    fn packed_spikes_are_heard_as_listed_ones() {
        let shape = circuit_shape(&Shape::new(&[1, 1, 70]).unwrap(), 1).unwrap();
        let circuit = InferenceCircuit::new(shape, Form::Sized, &[0], &[0; 70]).unwrap();
        let layers = [Population::H, Population::O].map(|population| circuit.layer(population));
        let hear = |packed: bool| {
            let mut heard = Heard::new(layers);
            for layer in layers.into_iter().flatten() {
                match packed {
                    true => heard.spike_words(1, layer, &[1 << 63 | 5, 1 << 2]),
                    false => heard.spikes(1, layer, &[0, 2, 63, 66]),
                }
            }
            (heard.fired, heard.n_hidden)
        };
        assert_eq!(hear(true), (vec![0, 2, 63, 66], 4));
        assert_eq!(hear(false), hear(true));
    }

    #[test]
    fn silent_is_not_dead() {
        let readout = Readout { exact: false, binary: 0, potential: 0 };
        let mut evaluation = Evaluation::new(4);
        for sample_idx in 0..200 {
            evaluation.add(readout, sample_idx < 2, 0);
            evaluation.add(readout, sample_idx < 1, 1);
            evaluation.add(readout, false, 2);
        }
        // Class 3 has no samples: nothing is known of it.
        assert_eq!(evaluation.dead_classes(), [1, 2]);
    }
}
