//! Runs samples through the learning circuit and keeps what a picture tells: spikes, potentials, changes.

use synfire_circuit::{Dials, LEARNING_PERIOD, LearningCircuit, Population};
use synfire_data::Dataset;
use synfire_net::{
    Engine, Fault, InputSchedule, Observer, ProjectionId, Raster, StepError, UNIT_GAIN,
};
use synfire_reference::{Shape, Weights};

use super::{RasterError, SampleStory};
use crate::error::RunError;
use crate::learner::plastic;
use crate::machine::{Machine, circuit_shape};
use crate::readout::read;

/// Samples in the circuit.
pub(super) struct Recorded {
    pub(super) circuit: LearningCircuit,
    /// Spikes from the first sample on.
    pub(super) raster: Raster,
    pub(super) told: Vec<Told>,
    pub(super) n_spikes: u64,
    pub(super) first_fault: Option<String>,
}

/// One of them.
pub(super) struct Told {
    pub(super) story: SampleStory,
    /// Its first step, of phase 0.
    pub(super) first_step: u64,
    potentials: [Vec<i64>; 4],
}

impl Told {
    /// The sum behind a spike in weight units, with its symbol, where it is known.
    pub(super) fn sum(
        &self,
        population: Population,
        phase: u32,
        neuron_idx: u32,
    ) -> Option<(&'static str, i64)> {
        use Population::{H, HBack, HHigh, HLow, O, OHigh, OLow};
        let (symbol, which) = match (population, phase) {
            (H | HLow | HHigh, 2) => ("z", 0),
            (O | OLow | OHigh, 3) => ("z", 1),
            (HBack, 6) => ("e+", 2),
            (HBack, 10) => ("e-", 3),
            _ => return None,
        };
        Some((symbol, *self.potentials[which].get(neuron_idx as usize)?))
    }
}

#[derive(Default)]
struct Faults {
    n: usize,
    first: Option<Fault>,
}

impl Observer for Faults {
    fn fault(&mut self, fault: &Fault) {
        self.n += 1;
        self.first.get_or_insert(*fault);
    }
}

pub(super) fn record(
    shape: &Shape,
    weights: &Weights,
    dataset: &Dataset,
    samples: &[usize],
    machine: &Machine,
) -> Result<Recorded, RasterError> {
    let Machine::Circuit { form, max_active, build } = machine else {
        return Err(RasterError::NoSpikes);
    };
    let sizes = circuit_shape(shape, *max_active)?;
    weights.check(shape).map_err(|cause| RunError::Weights { cause: cause.into() })?;
    let circuit = LearningCircuit::new(sizes, *form, &plastic(weights)).map_err(RunError::from)?;
    let mut engine = build(circuit.network().clone()).map_err(RunError::Engine)?;
    let engine = engine.as_mut();
    let mut raster = Raster::new(circuit.network(), circuit.first_step(0));
    let mut faults = Faults::default();
    let stopped = |sample_idx| move |cause| RasterError::Step { sample_idx, cause };
    circuit.start(engine, &mut faults).map_err(stopped(samples[0]))?;
    let mut told = Vec::new();
    for (k, &sample_idx) in (0..).zip(samples) {
        let before = (faults.n, matrices(&circuit, engine));
        // A class is one of at most 256.
        let class = dataset.target(sample_idx);
        let mut schedule = InputSchedule::new();
        let target = u32::try_from(class).unwrap_or(u32::MAX);
        circuit.schedule_sample(k, dataset.input(sample_idx), target, &mut schedule);
        let observer = &mut (&mut raster, &mut faults);
        let potentials =
            cycle(&circuit, engine, &schedule, observer).map_err(stopped(sample_idx))?;
        let first_step = circuit.first_step(k);
        let spikes = |population: Population, phase: u64| -> Vec<u32> {
            raster.spikes(first_step + phase, circuit.layer(population)).collect()
        };
        let active = spikes(Population::O, 3);
        let readout = read(&active, &potentials[1], class);
        let n_changed = |[before, after]: [&[i16]; 2]| {
            before.iter().zip(after).filter(|(before, after)| before != after).count()
        };
        let after = matrices(&circuit, engine);
        let story = SampleStory {
            sample_idx,
            class,
            active,
            readout,
            potential: potentials[1].get(readout.potential).copied().unwrap_or(0),
            errors_up: spikes(Population::DPlus, 4),
            errors_down: spikes(Population::DMinus, 4),
            n_hidden_up: spikes(Population::H, 7).len(),
            n_hidden_down: spikes(Population::H, 11).len(),
            changed: [0, 1].map(|which| n_changed([&before.1[which], &after[which]])),
            n_faults: faults.n - before.0,
        };
        told.push(Told { story, first_step, potentials });
    }
    let n_spikes = raster_spikes(&circuit, &raster, told.len() as u64);
    let first_fault = faults.first.map(|fault| fault.describe(circuit.network()));
    Ok(Recorded { circuit, raster, told, n_spikes, first_fault })
}

/// The first copies of the two forward matrices.
fn matrices(circuit: &LearningCircuit, engine: &dyn Engine) -> [Vec<i16>; 2] {
    let ([w1, ..], [w2, ..], ..) = circuit.matrices();
    let weights = |id: ProjectionId| engine.weights(id).unwrap_or_default().into_owned();
    [weights(w1), weights(w2)]
}

/// The twelve steps of a sample, with a look at the sums behind its spikes: z of hidden and output
/// neurons, e+ and e- of the hidden neurons.
fn cycle(
    circuit: &LearningCircuit,
    engine: &mut dyn Engine,
    schedule: &InputSchedule,
    observer: &mut dyn Observer,
) -> Result<[Vec<i64>; 4], StepError> {
    let Dials { hidden, other, error_extra, plastic_gain, .. } = *circuit.dials();
    let sums = |engine: &dyn Engine, population: Population, opened: i32| -> Vec<i64> {
        // Neurons without memory carry the sum and what the gate adds to it.
        let share = i64::from(opened) * i64::from(UNIT_GAIN);
        let currents = engine.currents(circuit.layer(population));
        currents.into_iter().map(|charge| (charge - share) / i64::from(plastic_gain)).collect()
    };
    engine.advance(3, schedule, observer)?;
    let hidden = sums(engine, Population::H, hidden.gate);
    engine.advance(1, schedule, observer)?;
    let output = sums(engine, Population::O, other.gate);
    engine.advance(3, schedule, observer)?;
    let plus = sums(engine, Population::HBack, other.gate + error_extra);
    engine.advance(4, schedule, observer)?;
    let minus = sums(engine, Population::HBack, other.gate + error_extra);
    engine.advance(1, schedule, observer)?;
    // e is compared with 0 by what the gate adds: an error threshold of theta opens at -theta.
    Ok([hidden, output, plus, minus])
}

/// Spikes of neurons, sources left out.
fn raster_spikes(circuit: &LearningCircuit, raster: &Raster, n_samples: u64) -> u64 {
    let gates = (0..12).map(Population::Gate);
    let populations: Vec<_> = Population::WORKING.into_iter().chain(gates).collect();
    let first = circuit.first_step(0);
    let steps = first..first + n_samples * u64::from(LEARNING_PERIOD);
    let in_step = |step: u64| -> u64 {
        let of = |&population: &Population| {
            raster.spikes(step, circuit.layer(population)).count() as u64
        };
        populations.iter().map(of).sum()
    };
    steps.map(in_step).sum()
}
