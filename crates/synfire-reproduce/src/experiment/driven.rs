//! A learning circuit on the fast engine that is driven by hand: with rewards left out, or with nothing else around it.

use std::sync::Arc;

use anyhow::{Context, Result};
use synfire_circuit::{LearningCircuit, PlasticWeights};
use synfire_fast::FastEngine;
use synfire_net::{Engine, EngineState, Fault, InputSchedule, LayerId, Observer};
use synfire_verify::plastic_weights;

use super::watched::fast;

/// Whether a sample is rewarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reward {
    /// In both phases, 5 and 7.
    Given,
    /// In none.
    Forgotten,
}

/// A circuit and its engine, between two samples.
pub(crate) struct Driven {
    circuit: Arc<LearningCircuit>,
    engine: FastEngine,
    next_sample: u64,
    schedule: InputSchedule,
    output: Vec<i64>,
    faults: Faults,
}

/// Counts faults and listens to nothing else.
#[derive(Default)]
struct Faults(u64);

impl Observer for Faults {
    fn spikes(&mut self, _: u64, _: LayerId, _: &[u32]) {}
    fn spike_words(&mut self, _: u64, _: LayerId, _: &[u64]) {}
    fn fault(&mut self, _: &Fault) {
        self.0 += 1;
    }
}

impl Driven {
    /// Starts the ring.
    pub(crate) fn new(circuit: Arc<LearningCircuit>) -> Result<Driven> {
        let mut engine = fast(circuit.network())?;
        let mut faults = Faults::default();
        circuit.start(&mut engine, &mut faults)?;
        let (schedule, output) = (InputSchedule::new(), Vec::new());
        Ok(Driven { circuit, engine, next_sample: 0, schedule, output, faults })
    }

    /// Runs one sample.
    pub(crate) fn run_sample(
        &mut self,
        active: &[u32],
        target: usize,
        reward: Reward,
    ) -> Result<()> {
        let Driven { circuit, engine, next_sample, schedule, output, faults } = self;
        let target = u32::try_from(target)?;
        schedule.clear();
        match reward {
            Reward::Given => circuit.schedule_sample(*next_sample, active, target, schedule),
            Reward::Forgotten => {
                // Clause P4 without its last part.
                let first = circuit.first_step(*next_sample);
                let [input, targets, _] = circuit.sources();
                schedule.push_all(first, input, active);
                schedule.push(first + 2, targets, target);
            }
        }
        circuit.run_cycle_for_output(engine, schedule, faults, output)?;
        *next_sample += 1;
        Ok(())
    }

    /// Where it stands.
    pub(crate) fn state(&self) -> Result<(u64, EngineState)> {
        Ok((self.next_sample, self.engine.state().context("the engine takes no state")?))
    }

    /// Goes back to where it stood.
    pub(crate) fn restore(&mut self, (sample, state): &(u64, EngineState)) -> Result<()> {
        self.engine.restore(state)?;
        self.next_sample = *sample;
        Ok(())
    }

    /// The first copies.
    pub(crate) fn weights(&self) -> PlasticWeights {
        plastic_weights(&self.circuit, &self.engine)
    }

    /// Faults so far.
    pub(crate) const fn faults(&self) -> u64 {
        self.faults.0
    }
}
