//! The contract of a machine that runs a network.
//!
//! An [`Engine`] is made from a network by a constructor of its own crate, is driven by an
//! [`InputSchedule`] and speaks to an [`Observer`]. What happens within one step, in which order, is
//! clause S1 to S6 of `docs/semantics.md`, what is left between two steps clause S7; every engine follows
//! them, so that two engines differ at most in what their arithmetic can hold, and say so by a [`Fault`].

use crate::{EngineState, InputSchedule, LayerId, Network, ProjectionId, StateError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A machine that runs one network in discrete time steps, counted from 1.
///
/// Two engines built from equal networks and driven by equal input report equal spikes and hold equal
/// weights after every step, as long as neither reports a fault of its arithmetic.
pub trait Engine: Send {
    /// A short, stable name for reports.
    fn name(&self) -> &'static str;

    /// The network that runs.
    fn network(&self) -> &Network;

    /// The last step that was run; 0 before the first.
    fn step(&self) -> u64;

    /// Runs `steps` further steps.
    ///
    /// Of `input`, only the spikes within these steps are used. Spikes are reported in ascending
    /// (step, layer, neuron) order, the faults of neurons before the spikes of their step and layer, the
    /// faults of learning after all spikes of their step.
    ///
    /// # Errors
    /// An input spike for a neuron that is no source, and, in a strict engine, the first fault. The
    /// engine stands within the failed step afterwards and refuses to go on.
    fn advance(
        &mut self,
        steps: u32,
        input: &InputSchedule,
        observer: &mut dyn Observer,
    ) -> Result<(), StepError>;

    /// The current of every neuron of `layer` after the last step, in units of charge; empty for
    /// sources.
    fn currents(&self, layer: LayerId) -> Vec<i64>;

    /// The voltage of every neuron of `layer` after the last step, in units of charge; 0 after a spike
    /// and while held; empty for sources.
    fn voltages(&self, layer: LayerId) -> Vec<i64>;

    /// The weights of a plastic projection now, in canonical order; `None` if it does not learn.
    fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>>;

    /// Copies the weights of the synapses from `first` on, as many as `weights` has places, and says whether
    /// the projection learns; if it does not, nothing is copied. For who wants some rows and not all.
    ///
    /// # Panics
    /// If a plastic projection has fewer synapses than asked for.
    fn read_weights(&self, projection: ProjectionId, first: usize, weights: &mut [i16]) -> bool {
        let all = self.weights(projection);
        if let Some(all) = &all {
            weights.copy_from_slice(&all[first..][..weights.len()]);
        }
        all.is_some()
    }

    /// Replaces the weights of a plastic projection between two steps.
    ///
    /// # Errors
    /// A static projection, a wrong number of weights, or a weight outside the projection's range;
    /// nothing is changed then.
    fn set_weights(
        &mut self,
        projection: ProjectionId,
        weights: &[i16],
    ) -> Result<(), WeightsError>;

    /// What the engine has done since it was made, or before it took over a state.
    fn operations(&self) -> Operations;

    /// Where the engine stands: all that what follows depends on (clause S7). `None` if it takes no states, or was
    /// stopped by an error: within a step there is no state. What this returns unless an engine says otherwise.
    ///
    /// Engines that agree have equal states. Sabotage and rules that were exchanged are not part of it.
    fn state(&self) -> Option<EngineState> {
        None
    }

    /// Puts the engine where another one, or itself, stood: one for an equal network, set up with the same seed and
    /// with the same rules exchanged. From there on it reports the same spikes, faults, weights, traces, currents,
    /// voltages and counts of operations as that one would have. An engine that was stopped goes on.
    ///
    /// # Errors
    /// A state that does not fit the network, the seed or what the engine can hold, and an engine that takes no
    /// states; nothing is changed then.
    fn restore(&mut self, state: &EngineState) -> Result<(), StateError> {
        let _ = state;
        Err(StateError::Unsupported { engine: self.name() })
    }
}

/// What an engine does about a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Reports it and stops with an error.
    #[default]
    Strict,
    /// Reports it and goes on, doing what the modelled machine would do.
    Report,
}

/// Counts of elementary operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Steps run.
    pub steps: u64,
    /// Spikes of neurons; sources are not counted.
    pub spikes: u64,
    /// Weights of static synapses between neurons delivered.
    pub static_deliveries: u64,
    /// Weights of static synapses from sources delivered.
    pub input_deliveries: u64,
    /// Weights of plastic synapses delivered.
    pub plastic_deliveries: u64,
    /// Weights for which a rule asked for a change other than 0, saturated or not.
    pub plastic_updates: u64,
}

impl std::ops::Sub for Operations {
    type Output = Self;
    /// What was done between two counts.
    fn sub(self, earlier: Self) -> Self {
        Self {
            steps: self.steps - earlier.steps,
            spikes: self.spikes - earlier.spikes,
            static_deliveries: self.static_deliveries - earlier.static_deliveries,
            input_deliveries: self.input_deliveries - earlier.input_deliveries,
            plastic_deliveries: self.plastic_deliveries - earlier.plastic_deliveries,
            plastic_updates: self.plastic_updates - earlier.plastic_updates,
        }
    }
}

/// Hears what an engine reports while it runs.
pub trait Observer {
    /// The neurons or sources of `layer` that spiked in `step`, ascending, at least one.
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        let _ = (step, layer, neurons);
    }

    /// The same in packed form, neuron k in bit k mod 64 of word k / 64, for engines that hold spikes so; bits
    /// beyond the layer are 0. An engine reports a step's spikes of a layer in one of the two forms. Unless an
    /// observer takes words itself, it is told [`spikes`](Observer::spikes).
    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        self.spikes(step, layer, &unpacked(words));
    }

    /// Something the network is not supposed to do, or the arithmetic cannot hold.
    fn fault(&mut self, fault: &Fault) {
        let _ = fault;
    }
}

/// An observer that hears nothing.
impl Observer for () {
    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        let _ = (step, layer, words);
    }
}

fn unpacked(words: &[u64]) -> Vec<u32> {
    let mut neurons = Vec::with_capacity(words.iter().map(|word| word.count_ones() as usize).sum());
    for (first, &word) in (0u32..).step_by(64).zip(words) {
        let mut rest = word;
        while rest != 0 {
            neurons.push(first + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
    neurons
}

/// Two observers hear the same.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.0.spikes(step, layer, neurons);
        self.1.spikes(step, layer, neurons);
    }
    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        self.0.spike_words(step, layer, words);
        self.1.spike_words(step, layer, words);
    }
    fn fault(&mut self, fault: &Fault) {
        self.0.fault(fault);
        self.1.fault(fault);
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        (**self).spikes(step, layer, neurons);
    }
    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        (**self).spike_words(step, layer, words);
    }
    fn fault(&mut self, fault: &Fault) {
        (**self).fault(fault);
    }
}

/// Something a network is not supposed to do, located.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The step in which it happened, counted from 1.
    pub step: u64,
    /// The layer of the neuron concerned.
    pub layer: LayerId,
    /// The neuron, by its index in the layer.
    pub neuron_idx: u32,
    /// What happened.
    pub kind: FaultKind,
}

/// The kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the exact values before the limit took effect")]
#[non_exhaustive]
pub enum FaultKind {
    /// The input of one step left the chip's 22-bit accumulator and wrapped around.
    InputWrapped { charge: i64 },
    /// The current left 24 bits and wrapped around.
    CurrentWrapped { charge: i64 },
    /// Current plus bias left 24 bits and wrapped around.
    BiasedCurrentWrapped { charge: i64 },
    /// The voltage reached the end of the register and was clamped.
    VoltageClamped { charge: i64 },
    /// The neuron spiked in a phase in which its layer may not.
    SpikeOutsidePhase { phase: u32 },
    /// A pre- and this postsynaptic spike coincided in a phase in which the projection may not learn.
    LearningOutsidePhase { phase: u32, projection: ProjectionId, source_idx: u32 },
}

impl Fault {
    /// A sentence that names layer, neuron and, for a fault of learning, projection as `network` does.
    ///
    /// # Panics
    /// If the fault happened in another, larger network.
    #[must_use]
    pub fn describe(&self, network: &Network) -> String {
        let layer = &network.layer(self.layer).name;
        let place = format!("step {}, layer {layer}, neuron {}", self.step, self.neuron_idx);
        match self.kind {
            FaultKind::LearningOutsidePhase { projection, .. } => {
                let projection = &network.projection(projection).name;
                format!("{place}, projection {projection}: {}", self.kind)
            }
            _ => format!("{place}: {}", self.kind),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InputWrapped { charge } => {
                write!(f, "input of one step is {charge}, beyond -2097152 to 2097151, and wrapped")
            }
            Self::CurrentWrapped { charge } => {
                write!(f, "current is {charge}, beyond -8388608 to 8388607, and wrapped")
            }
            Self::BiasedCurrentWrapped { charge } => {
                write!(f, "current plus bias is {charge}, beyond -8388608 to 8388607, and wrapped")
            }
            Self::VoltageClamped { charge } => {
                write!(f, "voltage is {charge}, beyond -8388607 to 8388607, and was clamped")
            }
            Self::SpikeOutsidePhase { phase } => {
                write!(f, "spike in phase {phase}, in which the layer may not spike")
            }
            Self::LearningOutsidePhase { phase, source_idx, .. } => write!(
                f,
                "coincidence with presynaptic neuron {source_idx} in phase {phase}, in which the \
                 projection may not learn"
            ),
        }
    }
}

/// Why an engine stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum StepError {
    /// A fault in a strict engine.
    #[error("{description}")]
    Fault { fault: Fault, description: String },
    /// An input spike for something that is no source.
    #[error("input spike of step {step}: layer `{layer}` is not a layer of sources")]
    NotASource { step: u64, layer: String },
    /// An input spike for a source that does not exist.
    #[error("input spike of step {step}: source {found} of layer `{layer}`, expected 0 to {last}")]
    UnknownSource { step: u64, layer: String, found: u32, last: u32 },
    /// An input spike for a layer that does not exist.
    #[error("input spike of step {step}: {found} of a network of {n_layers} layers")]
    UnknownLayer { step: u64, found: LayerId, n_layers: usize },
    /// The engine was stopped by an earlier error.
    #[error("the engine stopped in step {step} and cannot go on")]
    Stopped { step: u64 },
}

/// Why weights were not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
pub enum WeightsError {
    /// The projection does not learn.
    #[error("projection `{projection}` does not learn: its weights cannot be replaced")]
    Static { projection: String },
    /// The number of weights differs from the number of synapses.
    #[error("projection `{projection}`: {found} weights, expected {expected}")]
    Count { projection: String, found: usize, expected: usize },
    /// A weight is not allowed.
    #[error(
        "projection `{projection}`, synapse {synapse_idx}: weight {found}, expected {min} to {max} in steps of {step}"
    )]
    Weight { projection: String, synapse_idx: usize, found: i16, min: i16, max: i16, step: i16 },
}

/// Checks weights for a plastic projection, as [`Engine::set_weights`] promises.
///
/// # Errors
/// See [`Engine::set_weights`].
///
/// # Panics
/// If the id belongs to another, larger network.
pub fn check_weights(
    network: &Network,
    id: ProjectionId,
    weights: &[i16],
) -> Result<(), WeightsError> {
    let projection = network.projection(id);
    let name = || projection.name.clone();
    let Some(plasticity) = &projection.plasticity else {
        return Err(WeightsError::Static { projection: name() });
    };
    let expected = network.n_synapses(id);
    if weights.len() != expected {
        return Err(WeightsError::Count { projection: name(), found: weights.len(), expected });
    }
    let range = plasticity.range;
    match weights.iter().position(|&weight| !range.contains(i32::from(weight))) {
        None => Ok(()),
        Some(synapse_idx) => Err(WeightsError::Weight {
            projection: name(),
            synapse_idx,
            found: weights[synapse_idx],
            min: range.min,
            max: range.max,
            step: range.step,
        }),
    }
}
