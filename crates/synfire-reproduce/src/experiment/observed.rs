//! Training samples in a learning circuit, counted spike by spike: who fires in which phase, and what is delivered.

use std::sync::Arc;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use synfire_circuit::{Form, LEARNING_PERIOD, LearningCircuit, Population};
use synfire_data::Dataset;
use synfire_net::{Engine, Fault, InputSchedule, LayerId, Observer};
use synfire_reference::{Shape, Weights};

use super::watched::{circuit_shape, fast, plastic_of};
use crate::trial::Watch;

const N_PHASES: usize = LEARNING_PERIOD as usize;
/// Samples between two looks at whether all is to stop.
const LOOK: usize = 50;

/// All populations, those of the ring at the end, in the order of the rows of [`Observed::spikes`].
pub(crate) fn populations() -> Vec<Population> {
    Population::WORKING.into_iter().chain((0..12).map(Population::Gate)).collect()
}

/// What some samples did, learned one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Observed {
    pub(crate) samples: u64,
    /// Spikes by population and phase.
    pub(crate) spikes: Vec<[u64; N_PHASES]>,
    /// Samples with any output error, that is with any spike of d+ or d-.
    pub(crate) errors: u64,
    /// The place of the first of them.
    pub(crate) first_error: Option<u64>,
    /// Samples in which inputs and hidden errors met, so that weights of W1 were asked to change.
    pub(crate) w1_touched: u64,
    /// Weights for which the rule asked for a change, all eight plastic projections together.
    pub(crate) changes: u64,
    /// Weights delivered: plastic, fixed between neurons, fixed from sources.
    pub(crate) operations: [u64; 3],
    /// Plastic weights delivered, by phase.
    pub(crate) plastic_by_phase: [u64; N_PHASES],
    /// Faults of the engine.
    pub(crate) faults: u64,
}

impl Observed {
    /// The row of a population.
    pub(crate) fn row(&self, population: Population) -> [u64; N_PHASES] {
        let idx = populations().iter().position(|&it| it == population);
        idx.and_then(|idx| self.spikes.get(idx)).copied().unwrap_or_default()
    }

    /// Spikes of a population in a phase.
    pub(crate) fn of(&self, population: Population, phase: u32) -> u64 {
        self.row(population)[phase as usize % N_PHASES]
    }
}

/// Counts what an engine reports.
struct Ear {
    /// The row of each layer, if it is of a population.
    rows: Vec<Option<usize>>,
    /// Plastic synapses of each neuron of a layer.
    plastic: Vec<u64>,
    spikes: Vec<[u64; N_PHASES]>,
    plastic_by_phase: [u64; N_PHASES],
    faults: u64,
    /// Steps up to this one, in which the ring starts, are not counted.
    before: u64,
}

impl Observer for Ear {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        if step <= self.before {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "less than 12")]
        let phase = ((step - 1) % u64::from(LEARNING_PERIOD)) as usize;
        let n = neurons.len() as u64;
        if let Some(row) = self.rows[layer.index()] {
            self.spikes[row][phase] += n;
        }
        self.plastic_by_phase[phase] += n * self.plastic[layer.index()];
    }

    fn fault(&mut self, _: &Fault) {
        self.faults += 1;
    }
}

/// Learns the first samples of a data set from given weights on a fresh sized circuit and counts. What is learned is
/// thrown away.
pub(crate) fn observe(
    shape: &Shape,
    weights: &Weights,
    max_active: u32,
    dataset: &Dataset,
    n_samples: usize,
    watch: &Watch<'_>,
    done: (u64, u64),
) -> Result<Observed> {
    let sizes = circuit_shape(shape, max_active)?;
    let circuit = LearningCircuit::new(sizes, Form::Sized, &plastic_of(weights))?;
    let network = Arc::clone(circuit.network());
    let mut engine = fast(&network)?;
    let populations = populations();
    let mut rows = vec![None; network.layers().len()];
    for (row, &population) in populations.iter().enumerate() {
        rows[circuit.layer(population).index()] = Some(row);
    }
    let mut plastic = vec![0; network.layers().len()];
    for projection in network.projections() {
        if projection.plasticity.is_some() {
            plastic[projection.source.index()] +=
                u64::from(network.layer(projection.target).n_neurons);
        }
    }
    let mut ear = Ear {
        rows,
        plastic,
        spikes: vec![[0; N_PHASES]; populations.len()],
        plastic_by_phase: [0; N_PHASES],
        faults: 0,
        before: u64::from(LEARNING_PERIOD),
    };
    circuit.start(&mut engine, &mut ear)?;
    let start = engine.operations();
    let row = |population| populations.iter().position(|&it| it == population).unwrap_or(0);
    let [plus, minus, hidden] = [Population::DPlus, Population::DMinus, Population::H].map(row);
    let mut schedule = InputSchedule::new();
    let mut output = Vec::new();
    let mut observed = Observed::default();
    for sample_idx in 0..dataset.len().min(n_samples) {
        if sample_idx % LOOK == 0 {
            watch.done(done.0, done.1)?;
        }
        let errors = |ear: &Ear| ear.spikes[plus][4] + ear.spikes[minus][4];
        let touching = |ear: &Ear| ear.spikes[hidden][7] + ear.spikes[hidden][11];
        let before = (errors(&ear), touching(&ear));
        let (sample, target) = (sample_idx as u64, u32::from(dataset.label(sample_idx)));
        schedule.clear();
        circuit.schedule_sample(sample, dataset.input(sample_idx), target, &mut schedule);
        circuit.run_cycle_for_output(&mut engine, &schedule, &mut ear, &mut output)?;
        observed.samples += 1;
        if errors(&ear) > before.0 {
            observed.errors += 1;
            observed.first_error.get_or_insert(sample);
        }
        observed.w1_touched += u64::from(touching(&ear) > before.1);
    }
    let operations = engine.operations() - start;
    observed.operations =
        [operations.plastic_deliveries, operations.static_deliveries, operations.input_deliveries];
    observed.changes = operations.plastic_updates;
    observed.spikes = ear.spikes;
    observed.plastic_by_phase = ear.plastic_by_phase;
    observed.faults = ear.faults;
    Ok(observed)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::sync::atomic::{AtomicBool, AtomicU64};

    use super::*;
    use synfire_data::digits;
    use synfire_reference::{Reference, Sample, init};

    fn observed(n_samples: usize) -> (Shape, Weights, Dataset, Observed) {
        let dataset = digits::generate(digits::SEED, 60, 1).unwrap().train;
        let shape = Shape::new(&[dataset.n_inputs(), 20, 10]).unwrap();
        let weights = init::he(&shape, 3);
        let (stop, permille) = (AtomicBool::new(false), AtomicU64::new(0));
        let watch = Watch::new(&stop, &permille);
        let most = u32::try_from(dataset.max_active()).unwrap();
        let observed =
            observe(&shape, &weights, most, &dataset, n_samples, &watch, (0, 1)).unwrap();
        (shape, weights, dataset, observed)
    }

    /// Counts are those of the reference, which has no spikes.
    #[test]
    fn counts_are_those_of_the_reference() {
        let (shape, weights, dataset, observed) = observed(60);
        let mut reference = Reference::new(shape, weights).unwrap();
        let [mut inputs, mut hidden, mut errors, mut touched] = [0; 4];
        let mut first = None;
        for idx in 0..60 {
            let sample = Sample { input: dataset.input(idx), target: dataset.target(idx) };
            let record = reference.learn(sample).unwrap();
            let layer = &record.layers()[0];
            inputs += record.input_list().len() as u64;
            hidden += layer.active_list().len() as u64;
            errors += u64::from(record.has_error());
            let is_touched = layer.error_plus_list().len() + layer.error_minus_list().len() > 0;
            touched += u64::from(is_touched);
            if record.has_error() {
                first.get_or_insert(idx as u64);
            }
        }
        assert_eq!(observed.samples, 60);
        assert_eq!(observed.of(Population::X, 1), inputs);
        assert_eq!(observed.of(Population::H, 2), hidden);
        assert_eq!((observed.errors, observed.first_error), (errors, first));
        assert_eq!(observed.w1_touched, touched);
        assert!(errors > 0 && touched > 0 && observed.changes > 0);
        assert_eq!(observed.faults, 0);
        // A spike in each phase, and only there; the start of the ring is not counted.
        assert_eq!(observed.row(Population::Gate(0)), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60]);
        assert_eq!(observed.plastic_by_phase.iter().sum::<u64>(), observed.operations[0]);
    }

    /// No sample, no count.
    #[test]
    fn nothing_is_counted_of_nothing() {
        let (_, _, _, observed) = observed(0);
        assert_eq!((observed.samples, observed.operations), (0, [0; 3]));
        assert!(observed.spikes.iter().flatten().all(|&n| n == 0));
    }
}
