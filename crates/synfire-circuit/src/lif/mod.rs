//! The ideal integer LIF engine: the semantics of a network with unlimited integers.
//!
//! It follows clauses S1 to S7 of `docs/semantics.md` and nothing else: no register wraps, no weight is
//! encoded. Where it and a chip model differ, the chip's arithmetic is the reason. It knows no circuit.
//! Rules may use spikes and reward (`x0`, `y0`, `r0`, `r1`); rules with traces, tags, delays, weights or
//! learning periods are refused.
//!
//! `layer` holds the state of neurons, `projection` weights and wiring, `rule` their learning, `state` takes the
//! state of all of them; here they are put together step by step.

mod layer;
mod projection;
mod rule;
mod state;

pub use rule::LifError;

use layer::LayerState;
use projection::{ProjectionState, Strength, Wiring, narrow};
use std::borrow::Cow;
use std::sync::Arc;
use synfire_net::{
    Engine, EngineState, Fault, FaultKind, InputSchedule, Layer, LayerId, Network, Observer,
    Operations, ProjectionId, Sabotage, StateError, StepError, Strictness, WeightsError,
    check_weights,
};

/// Runs a network with unlimited integers.
#[derive(Clone, Debug)]
pub struct LifEngine {
    network: Arc<Network>,
    layers: Vec<LayerState>,
    projections: Vec<ProjectionState>,
    /// Outgoing projections of each layer.
    outgoing: Vec<Vec<ProjectionId>>,
    strictness: Strictness,
    sabotage: Option<Sabotage>,
    step: u64,
    stopped: bool,
    operations: Operations,
}

impl LifEngine {
    /// Makes an engine that stands before the first step.
    ///
    /// # Errors
    /// A learning rule or period this engine does not have, noise, or a change that is no multiple of the
    /// weight step.
    pub fn new(network: Arc<Network>, strictness: Strictness) -> Result<Self, LifError> {
        let noisy = |layer: &&Layer| layer.neuron().is_some_and(|neuron| neuron.noise.is_some());
        if let Some(layer) = network.layers().iter().find(noisy) {
            return Err(LifError::Noise { layer: layer.name.clone() });
        }
        let mut outgoing = vec![Vec::new(); network.layers().len()];
        let mut projections = Vec::with_capacity(network.projections().len());
        for (id, projection) in network.projection_ids().zip(network.projections()) {
            outgoing[projection.source.index()].push(id);
            projections.push(ProjectionState::new(&network, projection)?);
        }
        let mut n_slots = vec![1; network.layers().len()];
        for projection in network.projections() {
            let needed = usize::from(projection.max_delay().get()) + 2;
            let slots = &mut n_slots[projection.target.index()];
            *slots = needed.max(*slots);
        }
        let layers = network
            .layers()
            .iter()
            .zip(n_slots)
            .map(|(layer, n_slots)| {
                let n = if layer.is_source() { 0 } else { layer.n_neurons as usize };
                LayerState {
                    neuron: layer.neuron().copied(),
                    phases: layer.phases,
                    current: vec![0; n],
                    voltage: vec![0; n],
                    held: vec![0; n],
                    slots: vec![vec![0; n]; n_slots],
                    spikes: Vec::new(),
                }
            })
            .collect();
        Ok(Self {
            network,
            layers,
            projections,
            outgoing,
            strictness,
            sabotage: None,
            step: 0,
            stopped: false,
            operations: Operations::default(),
        })
    }

    /// Deviates from the semantics on purpose, to test whoever checks this engine.
    pub fn sabotage(&mut self, sabotage: Sabotage) {
        self.sabotage = Some(sabotage);
    }

    /// S1 to S3: sources and neurons spike, and are reported.
    fn spike(
        &mut self,
        input: &InputSchedule,
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        let step = self.step;
        let phase = self.network.phase(step);
        for layer in &mut self.layers {
            layer.spikes.clear();
        }
        for spike in input.at(step) {
            self.layers[spike.layer.index()].spikes.push(spike.source_idx);
        }
        for id in self.network.layer_ids() {
            let layer = &mut self.layers[id.index()];
            if let Some(neuron) = layer.neuron {
                layer.update(step, &neuron);
                if let Some(sabotage) = self.sabotage {
                    layer.deceive(sabotage, step, id);
                }
                self.operations.spikes += layer.spikes.len() as u64;
            }
            if layer.spikes.is_empty() {
                continue;
            }
            if let (Some(phases), Some(phase)) = (layer.phases, phase)
                && !phases.contains(phase)
            {
                for &neuron_idx in &layer.spikes {
                    let kind = FaultKind::SpikeOutsidePhase { phase };
                    let fault = Fault { step, layer: id, neuron_idx, kind };
                    report(&self.network, self.strictness, fault, observer)?;
                }
            }
            observer.spikes(step, id, &layer.spikes);
        }
        Ok(())
    }

    /// S4: every spike adds its weight to a slot of its targets; `late` are those that sabotage keeps
    /// back until after learning.
    fn deliver(&mut self, late: bool) {
        for (source, outgoing) in self.outgoing.iter().enumerate() {
            if self.layers[source].spikes.is_empty() {
                continue;
            }
            // Taken out for a while: a layer may project onto itself.
            let spikes = std::mem::take(&mut self.layers[source].spikes);
            for &id in outgoing {
                let is_late = match self.sabotage {
                    Some(Sabotage::DeliverAfterLearning) => true,
                    Some(Sabotage::DeliverAfterLearningOf(projection)) => projection == id,
                    _ => false,
                };
                if is_late != late {
                    continue;
                }
                let projection = &self.projections[id.index()];
                let n = projection.deliver(
                    self.step,
                    &spikes,
                    &mut self.layers[projection.target].slots,
                );
                match projection.strength {
                    Strength::Plastic(..) => self.operations.plastic_deliveries += n,
                    _ if self.layers[source].neuron.is_none() => {
                        self.operations.input_deliveries += n;
                    }
                    _ => self.operations.static_deliveries += n,
                }
            }
            self.layers[source].spikes = spikes;
        }
    }

    /// S5: every plastic synapse evaluates its rule.
    fn learn(&mut self, observer: &mut dyn Observer) -> Result<(), StepError> {
        let phase = self.network.phase(self.step);
        for (id, projection) in self.network.projection_ids().zip(&mut self.projections) {
            let Strength::Plastic(weights, learning) = &mut projection.strength else { continue };
            let pre = &self.layers[learning.source].spikes;
            let post = &self.layers[projection.target].spikes;
            if pre.is_empty() && post.is_empty() {
                continue;
            }
            let rewarded =
                learning.reward.is_some_and(|layer| !self.layers[layer].spikes.is_empty());
            let change = learning.change[usize::from(rewarded)];
            if let (Some(phase), Some(phases)) = (phase, learning.phases)
                && !phases.contains(phase)
            {
                let layer = self.network.projection(id).target;
                for (source_idx, neuron_idx) in projection.wiring.coincidences(pre, post) {
                    let kind =
                        FaultKind::LearningOutsidePhase { phase, projection: id, source_idx };
                    let fault = Fault { step: self.step, layer, neuron_idx, kind };
                    report(&self.network, self.strictness, fault, observer)?;
                }
            }
            let n_sources = self.network.layers()[learning.source].n_neurons;
            let everyone: Vec<u32>;
            let visited: &[u32] = if change[0][1] == 0 {
                pre
            } else {
                everyone = (0..n_sources).collect();
                &everyone
            };
            for &source in visited {
                let x0 = usize::from(pre.binary_search(&source).is_ok());
                let mut visit = |synapse: usize, y0: usize| {
                    let asked = change[x0][y0];
                    if asked != 0 {
                        self.operations.plastic_updates += 1;
                        let learnt = i32::from(weights[synapse]) + asked;
                        weights[synapse] = narrow(learnt.clamp(learning.min, learning.max));
                    }
                };
                match &projection.wiring {
                    Wiring::Dense { n_targets, .. } if change[x0][0] == 0 => {
                        for &target in post {
                            visit(source as usize * n_targets + target as usize, 1);
                        }
                    }
                    Wiring::Dense { n_targets, .. } => {
                        for target in 0..u32::try_from(*n_targets).unwrap_or(u32::MAX) {
                            let y0 = usize::from(post.binary_search(&target).is_ok());
                            visit(source as usize * n_targets + target as usize, y0);
                        }
                    }
                    Wiring::Sparse { first, targets, .. } => {
                        let row = first[source as usize]..first[source as usize + 1];
                        for (synapse, &target) in row.clone().zip(&targets[row]) {
                            visit(synapse, usize::from(post.binary_search(&target).is_ok()));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn one_step(
        &mut self,
        input: &InputSchedule,
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        self.step += 1;
        self.operations.steps += 1;
        self.spike(input, observer)?;
        self.deliver(false);
        self.learn(observer)?;
        if self.sabotage.is_some() {
            self.deliver(true);
        }
        Ok(())
    }
}

impl Engine for LifEngine {
    fn name(&self) -> &'static str {
        "lif"
    }

    fn network(&self) -> &Network {
        &self.network
    }

    fn step(&self) -> u64 {
        self.step
    }

    fn advance(
        &mut self,
        steps: u32,
        input: &InputSchedule,
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        if self.stopped {
            return Err(StepError::Stopped { step: self.step });
        }
        input.check(&self.network, self.step + 1, self.step + u64::from(steps))?;
        for _ in 0..steps {
            if let Err(error) = self.one_step(input, observer) {
                self.stopped = true;
                return Err(error);
            }
        }
        Ok(())
    }

    fn currents(&self, layer: LayerId) -> Vec<i64> {
        self.layers[layer.index()].current.clone()
    }

    fn voltages(&self, layer: LayerId) -> Vec<i64> {
        self.layers[layer.index()].voltage.clone()
    }

    fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>> {
        match &self.projections[projection.index()].strength {
            Strength::Plastic(weights, _) => Some(Cow::Borrowed(weights)),
            _ => None,
        }
    }

    fn set_weights(&mut self, projection: ProjectionId, new: &[i16]) -> Result<(), WeightsError> {
        check_weights(&self.network, projection, new)?;
        if let Strength::Plastic(weights, _) = &mut self.projections[projection.index()].strength {
            weights.copy_from_slice(new);
        }
        Ok(())
    }

    fn operations(&self) -> Operations {
        self.operations
    }

    fn state(&self) -> Option<EngineState> {
        (!self.stopped).then(|| self.take_state())
    }

    fn restore(&mut self, state: &EngineState) -> Result<(), StateError> {
        self.take_over(state)
    }
}

fn report(
    network: &Network,
    strictness: Strictness,
    fault: Fault,
    observer: &mut dyn Observer,
) -> Result<(), StepError> {
    observer.fault(&fault);
    match strictness {
        Strictness::Report => Ok(()),
        Strictness::Strict => Err(StepError::Fault { fault, description: fault.describe(network) }),
    }
}

/// The slot in which charge for a step is collected.
#[expect(clippy::cast_possible_truncation, reason = "a remainder of a length")]
const fn slot_of(step: u64, n_slots: usize) -> usize {
    (step % n_slots as u64) as usize
}
