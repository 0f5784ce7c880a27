//! One engine on the learning circuit, beside the reference, sample by sample.
//!
//! Each sample runs one gating cycle on the engine. If it is to be compared, the reference learns the
//! same sample, and then every spike of the cycle, every forward potential and every weight of all eight
//! plastic projections must be what the reference says. After a sample that was not compared, or that
//! differed, the reference takes over the engine's weights, so that each comparison is about one update.

use crate::claim::Counts;
use crate::compare;
use crate::expected;
use crate::mismatch::Mismatch;
use std::sync::Arc;
use synfire_circuit::{LearningCircuit, PlasticWeights, Population, Potentials};
use synfire_net::{Engine, Fault, InputSchedule, Raster, Recording, StepError};
use synfire_reference::{Matrix, Record, Reference, Sample, Shape, Weights};

/// Whether to compare a sample with the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Compare every spike, potential and weight.
    Compare,
    /// Only run the engine.
    Skip,
}

/// Why a lockstep cannot start or go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum LockstepError {
    /// The engine stopped.
    #[error("engine {engine}: {source}")]
    Engine { engine: &'static str, source: StepError },
    /// The reference refuses the circuit's shape, weights or sample.
    #[error("reference: {0}")]
    Reference(String),
    /// The engine runs another network than the circuit's.
    #[error("engine {engine} runs the network `{found}`, expected the one of the circuit")]
    OtherNetwork { engine: &'static str, found: String },
}

/// What one sample did.
#[derive(Clone, Debug, Default)]
pub struct Cycle {
    /// The sample, counted from 0.
    pub sample: u64,
    /// The forward potentials, from the engine.
    pub potentials: Potentials,
    /// The outputs that spiked in the forward phase, ascending, from the engine.
    pub output: Vec<u32>,
    /// Whether any output had an error.
    pub has_error: bool,
    /// Weights of w1 and w2 that were asked to change, copies not counted.
    pub updates: u64,
    /// What the engine reported.
    pub faults: Vec<Fault>,
    /// The comparison with the reference, if it was asked for.
    pub comparison: Option<Comparison>,
}

/// What was compared in one sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How much was compared, by claim.
    pub counts: Counts,
    /// The first difference in what the sample computed or learnt (E1 to E6).
    pub mismatch: Option<Mismatch>,
    /// The first spike or fault where nothing should happen (E8).
    pub stray: Option<Mismatch>,
}

impl Comparison {
    /// The first difference of either kind.
    #[must_use]
    pub fn first(&self) -> Option<&Mismatch> {
        self.mismatch.iter().chain(&self.stray).min_by_key(|mismatch| mismatch.phase)
    }
}

/// One engine beside the reference.
pub struct Lockstep {
    circuit: Arc<LearningCircuit>,
    engine: Box<dyn Engine>,
    reference: Reference,
    /// Whether the reference holds the engine's weights of the moment.
    in_step: bool,
    next_sample: u64,
    schedule: InputSchedule,
    heard: Recording,
    expected: Raster,
    cycle: Cycle,
}

impl Lockstep {
    /// Starts the ring on an engine that stands before the first step.
    ///
    /// # Errors
    /// An engine for another network or one that stops, and a shape the reference does not accept.
    pub fn new(
        circuit: Arc<LearningCircuit>,
        mut engine: Box<dyn Engine>,
    ) -> Result<Self, LockstepError> {
        if engine.network() != &**circuit.network() {
            let found = engine.network().name().to_owned();
            return Err(LockstepError::OtherNetwork { engine: engine.name(), found });
        }
        let name = engine.name();
        let mut heard = Recording::new(circuit.network(), 1);
        circuit
            .start(&mut *engine, &mut heard)
            .map_err(|source| LockstepError::Engine { engine: name, source })?;
        let reference = reference_of(&circuit, &*engine)?;
        let expected = Raster::new(circuit.network(), 1);
        Ok(Self {
            circuit,
            engine,
            reference,
            in_step: true,
            next_sample: 0,
            schedule: InputSchedule::new(),
            heard,
            expected,
            cycle: Cycle::default(),
        })
    }

    /// Runs the next sample: the inputs in `active`, ascending, and the class `target`.
    ///
    /// # Errors
    /// An engine that stops (a strict one at its first fault) and a sample outside the shape.
    pub fn run_sample(
        &mut self,
        active: &[u32],
        target: u32,
        check: Check,
    ) -> Result<&Cycle, LockstepError> {
        if check == Check::Compare && !self.in_step {
            let weights = reference_weights(&self.circuit, &*self.engine)?;
            let refused = |error| LockstepError::Reference(format!("{error}"));
            self.reference.set_weights(weights).map_err(refused)?;
            self.in_step = true;
        }
        let sample = self.next_sample;
        self.schedule.clear();
        self.circuit.schedule_sample(sample, active, target, &mut self.schedule);
        self.heard.restart(self.circuit.first_step(sample));
        let potentials = &mut self.cycle.potentials;
        self.circuit
            .run_cycle(&mut *self.engine, &self.schedule, &mut self.heard, potentials)
            .map_err(|source| LockstepError::Engine { engine: self.engine.name(), source })?;
        self.next_sample += 1;
        self.describe(sample);
        self.cycle.comparison = match check {
            Check::Skip => {
                self.in_step = false;
                None
            }
            Check::Compare => Some(self.compare(sample, active, target)?),
        };
        Ok(&self.cycle)
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }

    /// The circuit.
    #[must_use]
    pub const fn circuit(&self) -> &Arc<LearningCircuit> {
        &self.circuit
    }

    /// The spikes of the last sample, sources and gates included.
    #[must_use]
    pub const fn raster(&self) -> &Raster {
        &self.heard.raster
    }

    /// What the last sample did.
    #[must_use]
    pub const fn cycle(&self) -> &Cycle {
        &self.cycle
    }

    /// What the reference computed for the last compared sample.
    #[must_use]
    pub fn record(&self) -> &Record {
        self.reference.record()
    }

    /// The weights as they are now, the first copy of each matrix, from the engine.
    #[must_use]
    pub fn plastic_weights(&self) -> PlasticWeights {
        plastic_weights(&self.circuit, &*self.engine)
    }

    /// Fills the cycle from what was heard.
    fn describe(&mut self, sample: u64) {
        let first = self.circuit.first_step(sample);
        let raster = &self.heard.raster;
        let count = |population: Population, phase: u64| -> u64 {
            let words = raster.words(first + phase, self.circuit.layer(population));
            words.iter().map(|word| u64::from(word.count_ones())).sum()
        };
        use Population::{DMinus, DPlus, H, O, X};
        self.cycle.sample = sample;
        self.cycle.has_error = count(DPlus, 4) + count(DMinus, 4) > 0;
        self.cycle.updates =
            [7, 11].map(|phase| count(X, phase) * count(H, phase)).iter().sum::<u64>()
                + [5, 9].map(|phase| count(H, phase) * count(O, phase)).iter().sum::<u64>();
        self.cycle.output.clear();
        self.cycle.output.extend(raster.spikes(first + 3, self.circuit.layer(O)));
        self.cycle.faults.clone_from(&self.heard.faults);
    }

    fn compare(
        &mut self,
        sample: u64,
        active: &[u32],
        target: u32,
    ) -> Result<Comparison, LockstepError> {
        let refused = |error| LockstepError::Reference(format!("{error}"));
        let taught = Sample { input: active, target: target as usize };
        self.reference.learn(taught).map_err(refused)?;
        let record = self.reference.record();
        expected::spikes(&self.circuit, record, target, sample, &mut self.expected);
        let sight = compare::Sight {
            circuit: &self.circuit,
            engine: &*self.engine,
            sample,
            record,
            weights: self.reference.weights(),
            potentials: &self.cycle.potentials,
            found: &self.heard.raster,
            expected: &self.expected,
            faults: &self.heard.faults,
        };
        let comparison = sight.compare();
        self.in_step = comparison.mismatch.is_none();
        Ok(comparison)
    }
}

/// The weights an engine holds, the first copy of each matrix.
///
/// # Panics
/// If the engine runs another network than the circuit's.
#[must_use]
pub fn plastic_weights(circuit: &LearningCircuit, engine: &dyn Engine) -> PlasticWeights {
    let ([w1, ..], [w2, ..], plus, minus) = circuit.matrices();
    let read = |id| engine.weights(id).expect("the circuit's matrices are plastic").into_owned();
    PlasticWeights {
        w1: read(w1),
        w2: read(w2),
        feedback_plus: read(plus),
        feedback_minus: read(minus),
    }
}

fn reference_of(
    circuit: &LearningCircuit,
    engine: &dyn Engine,
) -> Result<Reference, LockstepError> {
    let shape = reference_shape(circuit)?;
    let refused = |error| LockstepError::Reference(format!("{error}"));
    Reference::new(shape, reference_weights(circuit, engine)?).map_err(refused)
}

fn reference_shape(circuit: &LearningCircuit) -> Result<Shape, LockstepError> {
    let shape = circuit.shape();
    let sizes = [shape.n_inputs, shape.n_hidden, shape.n_outputs].map(|n| n as usize);
    let refused = |error| LockstepError::Reference(format!("{error}"));
    Shape::new(&sizes)
        .and_then(|sized| sized.with_error_threshold(1, shape.error_threshold))
        .map_err(refused)
}

fn reference_weights(
    circuit: &LearningCircuit,
    engine: &dyn Engine,
) -> Result<Weights, LockstepError> {
    let shape = circuit.shape();
    let [n_inputs, n_hidden, n_outputs] =
        [shape.n_inputs, shape.n_hidden, shape.n_outputs].map(|n| n as usize);
    let weights = plastic_weights(circuit, engine);
    let matrix = |n_sources, n_targets, values| {
        Matrix::new(n_sources, n_targets, values)
            .map_err(|error| LockstepError::Reference(error.to_string()))
    };
    let forward =
        vec![matrix(n_inputs, n_hidden, weights.w1)?, matrix(n_hidden, n_outputs, weights.w2)?];
    let plus = vec![matrix(n_outputs, n_hidden, weights.feedback_plus)?];
    let minus = vec![matrix(n_outputs, n_hidden, weights.feedback_minus)?];
    Weights::new(&reference_shape(circuit)?, forward, plus, minus)
        .map_err(|error| LockstepError::Reference(error.to_string()))
}
