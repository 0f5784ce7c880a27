//! One sample at a time, on the reference or on a circuit beside it.
//!
//! Both answer with the same [`Lesson`], so that the trainer does not know which of them learns.

use std::sync::Arc;

use synfire_circuit::{Form, LearningCircuit, PlasticWeights};
use synfire_reference::{Matrix, Readout, Reference, Sample, Shape, Weights};
use synfire_verify::{Check, Lockstep, LockstepError, LockstepState, Mismatch};

use crate::error::RunError;
use crate::machine::{Machine, circuit_shape};
use crate::readout::read;

/// Whether a sample's update is compared with the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    /// All of it.
    Whole,
    /// All it can have changed and a part of the rest; one of few samples to be compared.
    Sparse,
    /// Nothing.
    Nothing,
}

/// What happened in one training sample, in numbers; words are made of it only when asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lesson {
    pub(crate) readout: Readout,
    pub(crate) has_error: bool,
    pub(crate) updates: u64,
    pub(crate) faults: u64,
    pub(crate) is_compared: bool,
    pub(crate) is_mismatch: bool,
}

/// Where a network stands between two samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LearnerState {
    Reference(Weights),
    Circuit(Box<LockstepState>),
}

/// A network that learns.
pub(crate) enum Learner {
    Reference(Box<Reference>),
    Circuit { lockstep: Box<Lockstep>, shape: Shape },
}

impl Learner {
    pub(crate) fn new(
        shape: Shape,
        weights: Weights,
        machine: &Machine,
    ) -> Result<Learner, RunError> {
        let wrong =
            |cause: synfire_reference::WeightsError| RunError::Weights { cause: cause.into() };
        match machine {
            Machine::Reference => {
                let reference = Reference::new(shape, weights).map_err(wrong)?;
                Ok(Learner::Reference(Box::new(reference)))
            }
            Machine::Circuit { form, max_active, build } => {
                let sizes = circuit_shape(&shape, *max_active)?;
                weights.check(&shape).map_err(wrong)?;
                let circuit = LearningCircuit::new(sizes, *form, &plastic(&weights))?;
                let engine = build(circuit.network().clone()).map_err(RunError::Engine)?;
                let lockstep = Lockstep::new(Arc::new(circuit), engine).map_err(RunError::Start)?;
                Ok(Learner::Circuit { lockstep: Box::new(lockstep), shape })
            }
        }
    }

    /// A network that stands where another one stood.
    pub(crate) fn resume(
        shape: Shape,
        machine: &Machine,
        state: &LearnerState,
    ) -> Result<Learner, RunError> {
        match (machine, state) {
            (Machine::Reference, LearnerState::Reference(weights)) => {
                Learner::new(shape, weights.clone(), machine)
            }
            (Machine::Circuit { form, max_active, build }, LearnerState::Circuit(state)) => {
                let sizes = circuit_shape(&shape, *max_active)?;
                // The weights that the network is described with are replaced by those of the state.
                let circuit = LearningCircuit::new(sizes, *form, &state.reference)?;
                let engine = build(circuit.network().clone()).map_err(RunError::Engine)?;
                let lockstep = Lockstep::resume(Arc::new(circuit), engine, state)
                    .map_err(RunError::Restore)?;
                Ok(Learner::Circuit { lockstep: Box::new(lockstep), shape })
            }
            _ => Err(RunError::OtherMachine),
        }
    }

    /// Where the network stands; `None` if its engine takes no states.
    pub(crate) fn state(&self) -> Option<LearnerState> {
        match self {
            Learner::Reference(reference) => {
                Some(LearnerState::Reference(reference.weights().clone()))
            }
            Learner::Circuit { lockstep, .. } => {
                Some(LearnerState::Circuit(Box::new(lockstep.state()?)))
            }
        }
    }

    /// Learns one sample, which fits the network. Only a circuit compares.
    pub(crate) fn learn(
        &mut self,
        sample_idx: usize,
        input: &[u32],
        target: usize,
        compare: Compare,
    ) -> Result<Lesson, RunError> {
        match self {
            Learner::Reference(reference) => {
                let record = reference
                    .learn(Sample { input, target })
                    .map_err(|cause| RunError::Sample { sample_idx, cause })?;
                Ok(Lesson {
                    readout: record.readout(target),
                    has_error: record.has_error(),
                    updates: record.n_updates(),
                    faults: 0,
                    is_compared: false,
                    is_mismatch: false,
                })
            }
            Learner::Circuit { lockstep, .. } => {
                let check = match compare {
                    Compare::Whole => Check::Compare,
                    Compare::Sparse => Check::Sparse,
                    Compare::Nothing => Check::Skip,
                };
                // A shape has at most 65,536 outputs.
                let class = u32::try_from(target).unwrap_or(u32::MAX);
                lockstep
                    .run_sample(input, class, check)
                    .map_err(|cause| RunError::Training { sample_idx, cause })?;
                let cycle = lockstep.cycle();
                Ok(Lesson {
                    readout: read(&cycle.output, &cycle.potentials.output, target),
                    has_error: cycle.has_error,
                    updates: cycle.updates,
                    faults: cycle.faults.len() as u64,
                    is_compared: cycle.comparison.is_some(),
                    is_mismatch: difference(lockstep).is_some(),
                })
            }
        }
    }

    /// The first fault of the last sample, in words.
    pub(crate) fn first_fault(&self) -> Option<String> {
        match self {
            Learner::Reference(_) => None,
            Learner::Circuit { lockstep, .. } => {
                let fault = lockstep.cycle().faults.first()?;
                Some(fault.describe(lockstep.engine().network()))
            }
        }
    }

    /// How the last update differs from the reference, in words.
    pub(crate) fn mismatch(&self) -> Option<String> {
        match self {
            Learner::Reference(_) => None,
            Learner::Circuit { lockstep, .. } => difference(lockstep).map(ToString::to_string),
        }
    }

    /// Compares all weights in all copies as they stand: those of few samples compared one by one say less.
    /// How they differ, in words.
    pub(crate) fn compare_all(&mut self) -> Result<Option<String>, LockstepError> {
        match self {
            Learner::Reference(_) => Ok(None),
            Learner::Circuit { lockstep, .. } => {
                Ok(lockstep.compare_all()?.mismatch.map(|mismatch| mismatch.to_string()))
            }
        }
    }

    /// The weights as they stand now.
    ///
    /// Fails only on an engine that does not keep its weights within their range.
    pub(crate) fn weights(&self) -> Result<Weights, RunError> {
        match self {
            Learner::Reference(reference) => Ok(reference.weights().clone()),
            Learner::Circuit { lockstep, shape } => from_plastic(shape, lockstep.plastic_weights()),
        }
    }
}

/// How the last update differs from the reference, if it was compared and does.
fn difference(lockstep: &Lockstep) -> Option<&Mismatch> {
    let comparison = lockstep.cycle().comparison.as_ref()?;
    // The published circuit's phantom spikes are no difference in what it learns; they are counted as
    // faults.
    match lockstep.circuit().form() {
        Form::Sized => comparison.first(),
        Form::Published => comparison.mismatch.as_ref(),
    }
}

/// Both sides keep one row per source.
pub(crate) fn plastic(weights: &Weights) -> PlasticWeights {
    PlasticWeights {
        w1: weights.forward()[0].values().to_vec(),
        w2: weights.forward()[1].values().to_vec(),
        feedback_plus: weights.feedback_plus()[0].values().to_vec(),
        feedback_minus: weights.feedback_minus()[0].values().to_vec(),
    }
}

fn from_plastic(shape: &Shape, plastic: PlasticWeights) -> Result<Weights, RunError> {
    let matrix = |values, source: usize, target: usize| {
        Matrix::new(shape.n_neurons(source), shape.n_neurons(target), values)
            .expect("the circuit was built from this shape")
    };
    let forward = vec![matrix(plastic.w1, 0, 1), matrix(plastic.w2, 1, 2)];
    let plus = vec![matrix(plastic.feedback_plus, 2, 1)];
    let minus = vec![matrix(plastic.feedback_minus, 2, 1)];
    Weights::new(shape, forward, plus, minus)
        .map_err(|cause| RunError::Weights { cause: cause.into() })
}
