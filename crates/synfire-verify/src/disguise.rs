//! An engine that runs another network, or another schedule, than it says: for the self-test.

use std::borrow::Cow;
use std::sync::Arc;
use synfire_circuit::{LEARNING_PERIOD, LearningCircuit};
use synfire_net::{
    Engine, InputSchedule, LayerId, Network, Observer, Operations, ProjectionId, StepError,
    WeightsError,
};

/// What the disguise does besides hiding a changed network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tamper {
    None,
    /// Moves the reward by so many steps.
    Reward(i8),
    /// Before the first sample, moves the first weight of a projection by 2.
    Copy(ProjectionId),
    /// After every sample, lifts weights below -254.
    Clip,
    /// After every sample, makes the negative feedback matrix from w2.
    Mirror,
}

pub(crate) struct Disguise {
    inner: Box<dyn Engine>,
    network: Arc<Network>,
    tamper: Tamper,
    reward: LayerId,
    plastic: [ProjectionId; 8],
    n_hidden: usize,
    n_outputs: usize,
}

impl Disguise {
    pub(crate) fn new(inner: Box<dyn Engine>, circuit: &LearningCircuit, tamper: Tamper) -> Self {
        Self {
            inner,
            network: Arc::clone(circuit.network()),
            tamper,
            reward: circuit.sources()[2],
            plastic: circuit.plastic().map(|(_, id)| id),
            n_hidden: circuit.shape().n_hidden as usize,
            n_outputs: circuit.shape().n_outputs as usize,
        }
    }

    /// What is done to weights at the end of a cycle.
    fn tamper(&mut self) {
        match self.tamper {
            Tamper::None | Tamper::Reward(_) | Tamper::Copy(_) => {}
            Tamper::Clip => {
                for id in self.plastic {
                    let clipped = self.read(id).iter().map(|&weight| weight.max(-254)).collect();
                    self.replace(id, clipped);
                }
            }
            Tamper::Mirror => {
                let [.., minus] = self.plastic;
                let w2 = self.read(self.plastic[3]);
                let mirrored = (0..w2.len()).map(|idx| {
                    let (output, hidden) = (idx / self.n_hidden, idx % self.n_hidden);
                    (-w2[hidden * self.n_outputs + output]).min(254)
                });
                self.replace(minus, mirrored.collect());
            }
        }
    }

    fn read(&self, id: ProjectionId) -> Vec<i16> {
        self.inner.weights(id).map(Cow::into_owned).unwrap_or_default()
    }

    fn replace(&mut self, id: ProjectionId, weights: Vec<i16>) {
        self.inner.set_weights(id, &weights).expect("tampering keeps weights in range");
    }
}

impl Engine for Disguise {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn network(&self) -> &Network {
        &self.network
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
        let mut schedule = InputSchedule::new();
        for spike in input.spikes() {
            let moved = match self.tamper {
                Tamper::Reward(by) if spike.layer == self.reward => {
                    spike.step.saturating_add_signed(i64::from(by))
                }
                _ => spike.step,
            };
            schedule.push(moved, spike.layer, spike.source_idx);
        }
        if let Tamper::Copy(id) = self.tamper
            && self.inner.step() == u64::from(LEARNING_PERIOD)
        {
            let mut weights = self.read(id);
            weights[0] += if weights[0] > 0 { -2 } else { 2 };
            self.replace(id, weights);
        }
        self.inner.advance(steps, &schedule, observer)?;
        if self.inner.step().is_multiple_of(u64::from(LEARNING_PERIOD)) {
            self.tamper();
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
    ) -> Result<(), WeightsError> {
        self.inner.set_weights(projection, weights)
    }

    fn operations(&self) -> Operations {
        self.inner.operations()
    }
}
