//! From a sample to spikes of the sources, and one gating cycle from end to end.
//!
//! In the learning circuit sample k = 0, 1, ... has the steps 12 k + 13 to 12 k + 24: the input is given
//! in step 12 k + 13, the target in 12 k + 15, the reward in 12 k + 18 and 12 k + 20 (also that of a
//! run's last sample, which the published schedule forgets). In the inference circuit it has the steps
//! 4 k + 5 to 4 k + 8. The steps before the first sample only start the ring.

use crate::dials::Dials;
use crate::inference::InferenceCircuit;
use crate::learning::{INPUT_OFFSET, LearningCircuit, REWARD_OFFSETS, TARGET_OFFSET};
use crate::population::{INFERENCE_PERIOD, LEARNING_PERIOD, Population};
use synfire_net::{Engine, InputSchedule, LayerId, Observer, StepError};

/// The forward potentials of one sample, in weight units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Potentials {
    /// Of the hidden neurons, read in phase 2.
    pub hidden: Vec<i64>,
    /// Of the outputs, read in phase 3.
    pub output: Vec<i64>,
}

impl LearningCircuit {
    /// The first step of sample k.
    #[must_use]
    pub const fn first_step(&self, sample: u64) -> u64 {
        (sample + 1) * LEARNING_PERIOD as u64 + 1
    }

    /// The sample to which a step belongs; `None` before the first.
    #[must_use]
    pub const fn sample_of(&self, step: u64) -> Option<u64> {
        (step.saturating_sub(1) / LEARNING_PERIOD as u64).checked_sub(1)
    }

    /// Schedules the one spike that starts the ring.
    pub fn schedule_start(&self, schedule: &mut InputSchedule) {
        schedule.push(self.chain.start_step(), self.chain.start, 0);
    }

    /// Schedules the spikes of one sample: `active` inputs, the `target` class, the rewards.
    pub fn schedule_sample(
        &self,
        sample: u64,
        active: &[u32],
        target: u32,
        schedule: &mut InputSchedule,
    ) {
        let before = self.first_step(sample) - 1;
        schedule.push_all(before + INPUT_OFFSET, self.input, active);
        schedule.push(before + TARGET_OFFSET, self.target, target);
        for offset in REWARD_OFFSETS {
            schedule.push(before + offset, self.reward, 0);
        }
    }

    /// Runs the steps before the first sample, in which the ring starts.
    ///
    /// # Errors
    /// As [`Engine::advance`].
    pub fn start(
        &self,
        engine: &mut dyn Engine,
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        let mut schedule = InputSchedule::new();
        self.schedule_start(&mut schedule);
        engine.advance(LEARNING_PERIOD, &schedule, observer)
    }

    /// Runs the twelve steps of one sample, whose spikes are in `schedule`, and reads the potentials on
    /// the way. The engine must stand at the end of the cycle before.
    ///
    /// # Errors
    /// As [`Engine::advance`].
    pub fn run_cycle(
        &self,
        engine: &mut dyn Engine,
        schedule: &InputSchedule,
        observer: &mut dyn Observer,
        potentials: &mut Potentials,
    ) -> Result<(), StepError> {
        engine.advance(3, schedule, observer)?;
        potentials.hidden =
            self.dials.forward_potential(engine, self.layer(Population::H), Population::H);
        engine.advance(1, schedule, observer)?;
        potentials.output =
            self.dials.forward_potential(engine, self.layer(Population::O), Population::O);
        engine.advance(LEARNING_PERIOD - 4, schedule, observer)
    }

    /// As [`LearningCircuit::run_cycle`], but reads the potentials of the outputs only: for who does not
    /// look at those of the hidden neurons, which are many. What the engine does is the same.
    ///
    /// # Errors
    /// As [`Engine::advance`].
    pub fn run_cycle_for_output(
        &self,
        engine: &mut dyn Engine,
        schedule: &InputSchedule,
        observer: &mut dyn Observer,
        output: &mut Vec<i64>,
    ) -> Result<(), StepError> {
        engine.advance(4, schedule, observer)?;
        *output = self.dials.forward_potential(engine, self.layer(Population::O), Population::O);
        engine.advance(LEARNING_PERIOD - 4, schedule, observer)
    }
}

impl InferenceCircuit {
    /// Runs the steps before the first sample, in which the ring starts.
    ///
    /// # Errors
    /// As [`Engine::advance`].
    pub fn start(
        &self,
        engine: &mut dyn Engine,
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        let mut schedule = InputSchedule::new();
        schedule.push(self.chain.start_step(), self.chain.start, 0);
        engine.advance(INFERENCE_PERIOD, &schedule, observer)
    }

    /// Runs the four steps of the next sample and reads the potentials on the way.
    ///
    /// # Errors
    /// As [`Engine::advance`].
    pub fn run_cycle(
        &self,
        engine: &mut dyn Engine,
        active: &[u32],
        observer: &mut dyn Observer,
        potentials: &mut Potentials,
    ) -> Result<(), StepError> {
        let mut schedule = InputSchedule::new();
        schedule.push_all(engine.step() + INPUT_OFFSET, self.input, active);
        let [_, h, o] = self.layers;
        engine.advance(3, &schedule, observer)?;
        potentials.hidden = self.dials.forward_potential(engine, h, Population::H);
        engine.advance(1, &schedule, observer)?;
        potentials.output = self.dials.forward_potential(engine, o, Population::O);
        Ok(())
    }

    /// As [`InferenceCircuit::run_cycle`], but reads the potentials of the outputs only. What is in
    /// `schedule` is replaced by the spikes of the sample; its memory is what it is asked for.
    ///
    /// # Errors
    /// As [`Engine::advance`].
    pub fn run_cycle_for_output(
        &self,
        engine: &mut dyn Engine,
        active: &[u32],
        schedule: &mut InputSchedule,
        observer: &mut dyn Observer,
        output: &mut Vec<i64>,
    ) -> Result<(), StepError> {
        schedule.clear();
        schedule.push_all(engine.step() + INPUT_OFFSET, self.input, active);
        engine.advance(INFERENCE_PERIOD, schedule, observer)?;
        *output = self.dials.forward_potential(engine, self.layers[2], Population::O);
        Ok(())
    }
}

impl Dials {
    /// The current without the gate's share, in weight units: neurons without memory carry nothing else.
    /// Rounded towards 0, should an engine carry a fraction of a unit.
    fn forward_potential(
        &self,
        engine: &dyn Engine,
        layer: LayerId,
        population: Population,
    ) -> Vec<i64> {
        let gate = i64::from(self.opening(population).gate) * i64::from(synfire_net::UNIT_GAIN);
        let gain = i64::from(self.plastic_gain);
        let mut potentials = engine.currents(layer);
        if gain.count_ones() == 1 {
            // The same as the division, for whole vectors of neurons.
            let shift = gain.trailing_zeros();
            for potential in &mut potentials {
                let charge = *potential - gate;
                *potential = (charge + (charge >> 63 & (gain - 1))) >> shift;
            }
        } else {
            for potential in &mut potentials {
                *potential = (*potential - gate) / gain;
            }
        }
        potentials
    }
}
