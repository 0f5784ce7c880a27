//! What an engine of the chip does about faults.

use synfire_net::{Fault, FaultKind, LayerId, Network, Observer, PhaseSet, StepError, Strictness};

/// Reports the faults of one step and stops a strict engine at the first.
pub struct Report<'a> {
    /// The network that runs.
    pub network: &'a Network,
    /// Whether the first fault stops the engine.
    pub strictness: Strictness,
    /// The step, counted from 1.
    pub step: u64,
    /// Its phase, if the network has a period.
    pub phase: Option<u32>,
    /// Who hears of it.
    pub observer: &'a mut dyn Observer,
}

impl Report<'_> {
    /// Reports a fault of a neuron.
    ///
    /// # Errors
    /// The fault itself, in a strict engine.
    pub fn fault(
        &mut self,
        layer: LayerId,
        neuron_idx: u32,
        kind: FaultKind,
    ) -> Result<(), StepError> {
        let fault = Fault { step: self.step, layer, neuron_idx, kind };
        self.observer.fault(&fault);
        match self.strictness {
            Strictness::Report => Ok(()),
            Strictness::Strict => {
                Err(StepError::Fault { fault, description: fault.describe(self.network) })
            }
        }
    }

    /// The phase of this step, if it is not one of `allowed`.
    #[inline]
    #[must_use]
    pub fn phase_outside(&self, allowed: Option<PhaseSet>) -> Option<u32> {
        self.phase.filter(|&phase| allowed.is_some_and(|allowed| !allowed.contains(phase)))
    }
}
