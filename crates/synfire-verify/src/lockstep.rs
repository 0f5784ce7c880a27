//! One engine on the learning circuit, beside the reference, sample by sample.
//!
//! Each sample runs one gating cycle on the engine. If it is to be compared, the reference learns the
//! same sample, and then every spike of the cycle, every forward potential and every weight of all eight
//! plastic projections must be what the reference says; a sparse comparison spares weights that the
//! sample cannot have changed, and comes round to them later. What a sample that was not compared can have
//! changed, the reference takes over from the engine, and after one that differed everything, so that each
//! comparison is about one update.

use crate::claim::Counts;
use crate::compare;
use crate::expected::Expected;
use crate::follow::{Extent, Following};
use crate::heard::Heard;
use crate::mismatch::Mismatch;
use crate::state::LockstepState;
use std::sync::Arc;
use synfire_circuit::{LEARNING_PERIOD, LearningCircuit, PlasticWeights, Population, Potentials};
use synfire_net::{Engine, Fault, InputSchedule, LayerId, Raster, StateError, StepError};
use synfire_reference::{Matrix, Record, Reference, Sample, Shape, Weights};

/// Whether to compare a sample with the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Compare every spike, potential and weight.
    Compare,
    /// Compare every spike and potential, and of the weights, in every copy: those that the sample changed,
    /// all of the output and feedback matrices, and a sixteenth of the rest, another one each time. After
    /// sixteen such samples every weight was compared; [`Lockstep::compare_all`] does so at once. For comparing
    /// few samples of many.
    Sparse,
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
    /// The engine does not take its part of a state.
    #[error("engine {engine}: {source}")]
    State { engine: &'static str, source: StateError },
    /// The sample of a state does not begin where its engine stands.
    #[error("engine stands at step {found}, expected {expected}, the last before sample {sample}")]
    Step { found: u64, expected: u64, sample: u64 },
    /// What a state remembers does not fit the circuit.
    #[error("{0}")]
    Memory(String),
}

/// What one sample did.
#[derive(Clone, Debug, Default)]
pub struct Cycle {
    /// The sample, counted from 0.
    pub sample: u64,
    /// The forward potentials, from the engine; those of the hidden neurons only if the sample was compared,
    /// otherwise none.
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
    following: Following,
    next_sample: u64,
    schedule: InputSchedule,
    heard: Heard,
    expected: Expected,
    populations: Populations,
    cycle: Cycle,
}

/// The layers that say what a sample did.
struct Populations {
    input: LayerId,
    hidden: LayerId,
    output: LayerId,
    errors: [LayerId; 2],
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
        check_network(&circuit, &*engine)?;
        let name = engine.name();
        let mut heard = Heard::new(circuit.network(), 1);
        circuit
            .start(&mut *engine, &mut heard)
            .map_err(|source| LockstepError::Engine { engine: name, source })?;
        let reference = reference_of(&circuit, plastic_weights(&circuit, &*engine))?;
        Ok(Self::of(circuit, engine, reference, heard))
    }

    /// Goes on from a state, with any engine that takes it and a circuit of the shape and form that it was taken
    /// of. From there on the lockstep compares and reports what the one would have of which the state is.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use synfire_verify::synfire_circuit::{
    ///     CircuitShape, Form, LearningCircuit, LifEngine, PlasticWeights,
    /// };
    /// use synfire_verify::synfire_net::Strictness;
    /// use synfire_verify::{Check, Lockstep, LockstepState};
    ///
    /// let shape = CircuitShape::new(4, 3, 2);
    /// let weights = PlasticWeights::from_forward(&shape, vec![200; 12], vec![200; 6]);
    /// let circuit = Arc::new(LearningCircuit::new(shape, Form::Sized, &weights)?);
    /// let engine = || LifEngine::new(Arc::clone(circuit.network()), Strictness::Report);
    /// let mut first = Lockstep::new(Arc::clone(&circuit), Box::new(engine()?))?;
    /// first.run_sample(&[0, 1, 2], 1, Check::Skip)?;
    ///
    /// // To a file and back: a state is named arrays of integers.
    /// let state = first.state().expect("this engine takes states");
    /// let read = LockstepState::from_parts(state.parts())?;
    /// let mut second = Lockstep::resume(Arc::clone(&circuit), Box::new(engine()?), &read)?;
    /// first.run_sample(&[1, 2, 3], 0, Check::Compare)?;
    /// second.run_sample(&[1, 2, 3], 0, Check::Compare)?;
    /// assert_eq!(first.cycle().comparison, second.cycle().comparison);
    /// assert_eq!(first.state(), second.state());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// An engine for another network or one that does not take the state, and a state that does not fit the circuit
    /// or is not that of a sample's end.
    pub fn resume(
        circuit: Arc<LearningCircuit>,
        mut engine: Box<dyn Engine>,
        state: &LockstepState,
    ) -> Result<Self, LockstepError> {
        check_network(&circuit, &*engine)?;
        let (found, sample) = (state.engine.step, state.next_sample);
        // Far below the last step that an engine can count.
        let expected = u64::from(LEARNING_PERIOD).saturating_mul(sample.saturating_add(1));
        if found != expected {
            return Err(LockstepError::Step { found, expected, sample });
        }
        let reference = reference_of(&circuit, state.reference.clone())?;
        let name = engine.name();
        engine
            .restore(&state.engine)
            .map_err(|source| LockstepError::State { engine: name, source })?;
        let heard = Heard::new(circuit.network(), expected + 1);
        let mut lockstep = Self::of(circuit, engine, reference, heard);
        lockstep.following.remember(&state.stale, state.turn).map_err(LockstepError::Memory)?;
        lockstep.next_sample = sample;
        Ok(lockstep)
    }

    /// Where the lockstep stands between two samples; `None` if its engine takes no states or has stopped.
    #[must_use]
    pub fn state(&self) -> Option<LockstepState> {
        let engine = self.engine.state()?;
        let weights = self.reference.weights();
        let values = |matrix: &Matrix| matrix.values().to_vec();
        let reference = PlasticWeights {
            w1: values(&weights.forward()[0]),
            w2: values(&weights.forward()[1]),
            feedback_plus: values(&weights.feedback_plus()[0]),
            feedback_minus: values(&weights.feedback_minus()[0]),
        };
        let (stale, turn) = self.following.memory();
        Some(LockstepState { engine, next_sample: self.next_sample, reference, stale, turn })
    }

    /// All in one place, before the first sample.
    fn of(
        circuit: Arc<LearningCircuit>,
        engine: Box<dyn Engine>,
        reference: Reference,
        heard: Heard,
    ) -> Self {
        let following = Following::new(&circuit);
        let expected = Expected::new(&circuit);
        let populations = Populations {
            input: circuit.layer(Population::X),
            hidden: circuit.layer(Population::H),
            output: circuit.layer(Population::O),
            errors: [Population::DPlus, Population::DMinus].map(|error| circuit.layer(error)),
        };
        Self {
            circuit,
            engine,
            reference,
            following,
            next_sample: 0,
            schedule: InputSchedule::new(),
            heard,
            expected,
            populations,
            cycle: Cycle::default(),
        }
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
        let extent = match check {
            Check::Compare => Some(Extent::Full),
            Check::Sparse => Some(Extent::Sparse),
            Check::Skip => None,
        };
        if let Some(extent) = extent {
            self.following
                .take_over(extent, active, &*self.engine, &mut self.reference)
                .map_err(|error| LockstepError::Reference(error.to_string()))?;
        }
        let sample = self.next_sample;
        self.schedule.clear();
        self.circuit.schedule_sample(sample, active, target, &mut self.schedule);
        self.heard.restart(self.circuit.first_step(sample));
        let Cycle { potentials, .. } = &mut self.cycle;
        let (engine, schedule, heard) = (&mut *self.engine, &self.schedule, &mut self.heard);
        let ran = if extent.is_some() {
            self.circuit.run_cycle(engine, schedule, heard, potentials)
        } else {
            potentials.hidden.clear();
            self.circuit.run_cycle_for_output(engine, schedule, heard, &mut potentials.output)
        };
        ran.map_err(|source| LockstepError::Engine { engine: self.engine.name(), source })?;
        self.next_sample += 1;
        self.describe(sample);
        self.cycle.comparison = match extent {
            None => {
                self.following.skip(&self.heard);
                None
            }
            Some(extent) => Some(self.compare(sample, active, target, extent)?),
        };
        Ok(&self.cycle)
    }

    /// Compares all weights of all copies as they are now: those that the reference knows with it, those that
    /// samples which were not compared can have changed between the copies. For the end of a run of
    /// samples, few of which were compared. The counts are those of the copies alone.
    ///
    /// # Errors
    /// Weights that the reference refuses.
    pub fn compare_all(&mut self) -> Result<Comparison, LockstepError> {
        let mut counts = Counts::default();
        let difference = self
            .following
            .compare_all(&*self.engine, &mut self.reference, &mut counts)
            .map_err(|error| LockstepError::Reference(error.to_string()))?;
        let last = self.next_sample.saturating_sub(1);
        let mismatch = difference.map(|difference| difference.mismatch(&self.circuit, last));
        if mismatch.is_some() {
            self.following.forget();
        }
        Ok(Comparison { counts, mismatch, stray: None })
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
        let Populations { input, hidden, output, errors } = self.populations;
        let heard = &self.heard;
        self.cycle.sample = sample;
        self.cycle.has_error = errors.iter().any(|&error| heard.count(4, error) > 0);
        let pairs = |phase, one, other| match heard.count(phase, one) {
            0 => 0,
            n => n * heard.count(phase, other),
        };
        self.cycle.updates = [7, 11].map(|phase| pairs(phase, hidden, input)).iter().sum::<u64>()
            + [5, 9].map(|phase| pairs(phase, output, hidden)).iter().sum::<u64>();
        self.cycle.output.clear();
        let first = self.circuit.first_step(sample);
        self.cycle.output.extend(heard.raster.spikes(first + 3, output));
        self.cycle.faults.clone_from(&heard.faults);
    }

    fn compare(
        &mut self,
        sample: u64,
        active: &[u32],
        target: u32,
        extent: Extent,
    ) -> Result<Comparison, LockstepError> {
        let refused = |error| LockstepError::Reference(format!("{error}"));
        let taught = Sample { input: active, target: target as usize };
        self.reference.learn(taught).map_err(refused)?;
        let record = self.reference.record();
        self.expected.set(&self.circuit, record, target, sample);
        let mut counts = Counts::default();
        let difference = self.following.compare(
            extent,
            &self.heard,
            &*self.engine,
            &self.reference,
            &mut counts,
        );
        let sight = compare::Sight {
            circuit: &self.circuit,
            sample,
            record,
            weights: difference.map(|difference| difference.mismatch(&self.circuit, sample)),
            potentials: &self.cycle.potentials,
            found: &self.heard.raster,
            expected: &self.expected,
            faults: &self.heard.faults,
        };
        let comparison = sight.compare(counts);
        if comparison.mismatch.is_some() {
            self.following.forget();
        }
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

fn check_network(circuit: &LearningCircuit, engine: &dyn Engine) -> Result<(), LockstepError> {
    if engine.network() == &**circuit.network() {
        return Ok(());
    }
    let found = engine.network().name().to_owned();
    Err(LockstepError::OtherNetwork { engine: engine.name(), found })
}

fn reference_of(
    circuit: &LearningCircuit,
    weights: PlasticWeights,
) -> Result<Reference, LockstepError> {
    let shape = reference_shape(circuit)?;
    let refused = |error| LockstepError::Reference(format!("{error}"));
    Reference::new(shape, reference_weights(circuit, weights)?).map_err(refused)
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
    weights: PlasticWeights,
) -> Result<Weights, LockstepError> {
    let shape = circuit.shape();
    let [n_inputs, n_hidden, n_outputs] =
        [shape.n_inputs, shape.n_hidden, shape.n_outputs].map(|n| n as usize);
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::claim::Claim;
    use crate::follow::N_TURNS;
    use std::borrow::Cow;
    use synfire_circuit::{CircuitShape, Form, LifEngine};
    use synfire_net::{
        Network, Observer, Operations, ProjectionId, Strictness, WeightsError as NetWeightsError,
    };

    /// An engine that changes one weight, with no spike to show for it, once a step is over.
    struct Meddler {
        inner: LifEngine,
        step: u64,
        projection: ProjectionId,
        synapse_idx: usize,
    }

    impl Engine for Meddler {
        fn name(&self) -> &'static str {
            self.inner.name()
        }
        fn network(&self) -> &Network {
            self.inner.network()
        }
        fn step(&self) -> u64 {
            self.inner.step()
        }
        fn advance(
            &mut self,
            steps: u32,
            input: &InputSchedule,
            observer: &mut dyn Observer,
        ) -> Result<(), StepError> {
            let before = self.step();
            self.inner.advance(steps, input, observer)?;
            if before < self.step && self.step <= self.inner.step() {
                let mut weights = self.inner.weights(self.projection).unwrap().into_owned();
                weights[self.synapse_idx] -= 2;
                self.inner.set_weights(self.projection, &weights).unwrap();
            }
            Ok(())
        }
        fn currents(&self, layer: LayerId) -> Vec<i64> {
            self.inner.currents(layer)
        }
        fn voltages(&self, layer: LayerId) -> Vec<i64> {
            self.inner.voltages(layer)
        }
        fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>> {
            self.inner.weights(projection)
        }
        fn set_weights(
            &mut self,
            projection: ProjectionId,
            weights: &[i16],
        ) -> Result<(), NetWeightsError> {
            self.inner.set_weights(projection, weights)
        }
        fn operations(&self) -> Operations {
            self.inner.operations()
        }
    }

    const N_INPUTS: u32 = 48;

    /// Hidden neuron 4 and output 2 are never active, and class 2 is never asked for: their rows of the
    /// output and feedback matrices do not change.
    const QUIET: [usize; 2] = [4, 2];

    fn circuit() -> Arc<LearningCircuit> {
        let shape = CircuitShape::new(N_INPUTS, 5, 3);
        let weight = |k: i16| 60 + 2 * (k * 37 % 61);
        let w1 = (0..240).map(|k| if k % 5 == 4 { -100 } else { weight(k) }).collect();
        let w2 = (0..15).map(|k| if k % 3 == 2 { -60 } else { 2 * weight(k) - 100 }).collect();
        let weights = PlasticWeights::from_forward(&shape, w1, w2);
        Arc::new(LearningCircuit::new(shape, Form::Sized, &weights).unwrap())
    }

    /// Inputs 8 to 39, so that the first and the last rows of w1 are not touched by any sample.
    fn sample(k: u32) -> ([u32; 5], u32) {
        let mut active = [0, 1, 2, 3, 4].map(|n| 8 + (k * 7 + n * (5 + k % 2)) % (N_INPUTS - 16));
        active.sort_unstable();
        (active, k % 2)
    }

    fn lif(circuit: &LearningCircuit) -> LifEngine {
        LifEngine::new(Arc::clone(circuit.network()), Strictness::Strict).unwrap()
    }

    fn run(lockstep: &mut Lockstep, k: u32, check: Check) -> Comparison {
        let (active, target) = sample(k);
        let cycle = lockstep.run_sample(&active, target, check).unwrap();
        assert_eq!(cycle.potentials.hidden.is_empty(), check == Check::Skip);
        cycle.comparison.clone().unwrap_or_default()
    }

    /// The first sparse comparison, counted from 1, that sees anything; one sample in three is compared.
    fn first_seen(lockstep: &mut Lockstep, n: usize) -> Option<usize> {
        let n_samples = 3 * u32::try_from(n).unwrap();
        let mut compared = 0;
        (0..n_samples).find_map(|k| {
            let check = if k % 3 == 2 { Check::Sparse } else { Check::Skip };
            let comparison = run(lockstep, k, check);
            compared += usize::from(check == Check::Sparse);
            comparison.first().map(|_| compared)
        })
    }

    /// Sparse comparisons agree with an engine that follows the semantics, wherever the unchecked samples lie
    /// and whatever they learn, and count no more weights than there are.
    #[test]
    fn sparse_comparisons_follow_a_faithful_engine() {
        let circuit = circuit();
        let mut lockstep = Lockstep::new(Arc::clone(&circuit), Box::new(lif(&circuit))).unwrap();
        let n_copied: u64 = 2 * 240 + 4 * 15;
        let (mut counts, mut updates) = (Counts::default(), 0);
        for k in 0..400_u32 {
            let check = match k * k % 11 {
                0 | 1 => Check::Sparse,
                3 => Check::Compare,
                _ => Check::Skip,
            };
            let comparison = run(&mut lockstep, k, check);
            assert_eq!(comparison.first(), None, "sample {k}");
            let n = comparison.counts.get(Claim::Copies);
            match check {
                Check::Compare => assert_eq!(n, n_copied),
                Check::Sparse => assert!(n < n_copied && n >= 60, "{n} weights"),
                Check::Skip => updates += lockstep.cycle().updates,
            }
            if k % 50 == 49 {
                let all = lockstep.compare_all().unwrap();
                assert_eq!((all.first(), all.counts.get(Claim::Copies)), (None, n_copied));
            }
            counts.merge(&comparison.counts);
        }
        assert!(updates > 100, "{updates} updates in samples that were not compared");
        for claim in Claim::ALL {
            assert_eq!(counts.get(claim) == 0, claim == Claim::Engines, "{claim:?}");
        }
    }

    /// A weight that changes where no spikes coincide, in a sample that is not compared, is found in every
    /// copy of every matrix: by the next sixteen sparse comparisons, and by one of everything.
    #[test]
    fn a_weight_that_changes_by_itself_is_found() {
        let circuit = circuit();
        let mut latest = 0;
        for (name, projection) in circuit.plastic() {
            // Of the input, rows that no sample uses; otherwise the change might be taken over.
            let rows: &[usize] = match &name[..2] {
                "w1" => &[0, 3, 7, 40, 47],
                "w2" => &QUIET[..1],
                _ => &QUIET[1..],
            };
            let target = circuit.network().projection(projection).target;
            let n_targets = circuit.network().layer(target).n_neurons as usize;
            for row in rows {
                let meddler = || Meddler {
                    inner: lif(&circuit),
                    step: circuit.first_step(3) + 11,
                    projection,
                    synapse_idx: row * n_targets + 1,
                };
                let mut lockstep =
                    Lockstep::new(Arc::clone(&circuit), Box::new(meddler())).unwrap();
                let seen = first_seen(&mut lockstep, N_TURNS + 1).unwrap();
                assert!(seen > 1, "{name}: sample 3 comes after the first comparison, of sample 2");
                assert!(seen <= N_TURNS + 1, "{name}, row {row}: seen by comparison {seen}");
                latest = latest.max(seen);

                let mut lockstep =
                    Lockstep::new(Arc::clone(&circuit), Box::new(meddler())).unwrap();
                for k in 0..4 {
                    run(&mut lockstep, k, Check::Skip);
                }
                let all = lockstep.compare_all().unwrap();
                let mismatch = all.first().unwrap();
                assert_eq!(mismatch.place, circuit.network().projection(projection).name);
                let place = (mismatch.source_idx, mismatch.neuron_idx);
                assert_eq!(place, (u32::try_from(*row).ok(), 1));
                // The reference has taken over the first copy; others still differ from it, or it from them.
                let again = lockstep.compare_all().unwrap();
                assert_eq!(again.first().is_some(), name.starts_with('w'), "{name}");
            }
        }
        assert!(latest > 2, "the rotation was needed");
    }

    /// Without the marks of what samples that were not compared have changed, the reference computes with old
    /// weights, and that is seen.
    #[test]
    fn a_lost_mark_is_noticed() {
        let circuit = circuit();
        for lost in [false, true] {
            let mut lockstep =
                Lockstep::new(Arc::clone(&circuit), Box::new(lif(&circuit))).unwrap();
            let mut updates = 0;
            for k in 0..9 {
                run(&mut lockstep, k, Check::Skip);
                updates += lockstep.cycle().updates;
            }
            assert!(updates > 0);
            if lost {
                lockstep.following = Following::new(&circuit);
            }
            let comparison = run(&mut lockstep, 9, Check::Sparse);
            assert_eq!(comparison.first().is_some(), lost);
        }
    }
}
