//! How a projection learns: by known changes, or in full.

use super::learner::Learner;
use crate::program::Program;
use crate::rule::{Microcode, Pulse};
use synfire_net::rule::Variable;
use synfire_net::{LearnerState, PlasticState, Plasticity, ProjectionId};

/// How a projection learns.
#[derive(Clone, Debug)]
pub enum Learning {
    /// From the spikes of each step alone, by changes that are known beforehand.
    Pulse(Microcode, Pulse),
    /// In full.
    Full(Box<Learner>),
}

impl Learning {
    /// The learning of a projection before the first step, its chance from `seed`; `None` if it does not learn.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn new(program: &Program, id: ProjectionId, seed: u64) -> Option<Self> {
        let plasticity = program.network().projection(id).plasticity.as_ref()?;
        let group = program.synapses(id);
        let microcode = group.microcode.clone()?;
        Some(match &group.pulse {
            Some(pulse) => Self::Pulse(microcode, pulse.clone()),
            None => Self::in_full(program, id, seed, microcode, plasticity),
        })
    }

    /// Exchanges the rules between two steps for some that [`Program::exchange`] has lowered. Traces, tags
    /// and what was noted of the current learning period stay.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    pub fn exchange(
        &mut self,
        program: &Program,
        id: ProjectionId,
        seed: u64,
        microcode: Microcode,
    ) {
        let Some(plasticity) = &program.network().projection(id).plasticity else { return };
        match self {
            Self::Full(learner) => learner.set_microcode(microcode),
            Self::Pulse(..) => {
                // Nothing was noted so far: rules of this kind look no further than a step.
                *self = match Pulse::of(&microcode, plasticity.reward) {
                    Some(pulse) => Self::Pulse(microcode, pulse),
                    None => Self::in_full(program, id, seed, microcode, plasticity),
                };
            }
        }
    }

    /// The tag of every synapse, in canonical order; `None` without a rule for tags.
    #[must_use]
    pub fn tags(&self) -> Option<Vec<i16>> {
        let learner = self.learner()?;
        (!learner.tags().is_empty()).then(|| learner.tags().to_vec())
    }

    /// A trace, as [`PlainEngine::trace`](crate::PlainEngine::trace) has it.
    #[must_use]
    pub fn trace(&self, variable: Variable) -> Option<Vec<u8>> {
        self.learner()?.trace(variable)
    }

    /// What learning remembers; `None` if it looks no further than a step.
    #[must_use]
    pub fn memory(&self) -> Option<LearnerState> {
        self.learner().map(Learner::memory)
    }

    /// Takes over the tags and what learning remembers of a state that [`check_state`](super::check_state) let pass.
    pub fn take_over(&mut self, state: &PlasticState) {
        if let (Self::Full(learner), Some(memory)) = (self, &state.learner) {
            learner.take_over(memory, &state.tags);
        }
    }

    fn learner(&self) -> Option<&Learner> {
        match self {
            Self::Pulse(..) => None,
            Self::Full(learner) => Some(learner),
        }
    }

    fn in_full(
        program: &Program,
        id: ProjectionId,
        seed: u64,
        microcode: Microcode,
        plasticity: &Plasticity,
    ) -> Self {
        Self::Full(Box::new(Learner::new(program, id, seed, microcode, plasticity)))
    }
}
