//! The plain engine: a program run step by step, in the order in which one reads it.
//!
//! A step does, in this order (clauses S1 to S6 of `docs/semantics.md`):
//!
//! 1. the sources named by the input spike;
//! 2. every compartment takes the input of this step and is updated, layer by layer;
//! 3. spikes are reported, ascending; together with 1 and 2 one layer after the other;
//! 4. spikes are delivered: each synapse adds its effective weight to a later step's slot;
//! 5. every plastic projection learns from the spikes of this step and the reward;
//! 6. the step is over.
//!
//! Faults are reported where they are found: sums that leave a register, by neuron, then spikes outside
//! the phases of their layer, then, in 5, coincidences outside the phases of their projection. A strict
//! engine stops there.
//!
//! The engine is loops over the scalar definitions of this crate. It visits the synapses of neurons
//! that spiked and no others, unless a rule takes turns, which is all the optimisation there is.
//! `learner` is learning in full; what needs neither chance nor memory is learned from the spikes of a step.
//!
//! `state` says where the engine stands between two steps, and puts it there.
//!
//! [`Connection`], [`Learning`], [`Learner`] and [`check_state`] are for other engines of the chip too, where they
//! have nothing quicker of their own.

mod connection;
mod exchange;
mod learner;
mod learning;
mod population;
mod report;
mod state;

pub use self::connection::{Connection, Slots, Spiked};
pub use self::exchange::RulesError;
pub use self::learner::{Learner, Synapses};
pub use self::learning::Learning;
use self::population::Population;
pub use self::report::Report;
pub use self::state::{check_state, plastic_state, seed_of_chance};
use crate::program::Program;
use std::borrow::Cow;
use std::sync::Arc;
use synfire_net::rule::Variable;
use synfire_net::{
    Engine, EngineState, FaultKind, InputSchedule, InputSpike, LayerId, Network, Observer,
    Operations, ProjectionId, Rules, Sabotage, StateError, StepError, Strictness, WeightsError,
    check_weights,
};

/// The plain, strict engine of the chip model.
///
/// It follows the chip bit by bit where the chip's registers overflow, and reports that as a fault.
#[derive(Clone, Debug)]
pub struct PlainEngine {
    program: Arc<Program>,
    seed: u64,
    strictness: Strictness,
    sabotage: Vec<Sabotage>,
    step: u64,
    stopped: bool,
    populations: Vec<Population>,
    connections: Vec<Connection>,
    /// One per projection; `None` if it does not learn.
    learning: Vec<Option<Learning>>,
    operations: Operations,
}

impl PlainEngine {
    /// An engine before its first step, all compartments at rest, with seed 0.
    #[must_use]
    pub fn new(program: Arc<Program>, strictness: Strictness) -> Self {
        Self::with_seed(program, strictness, 0)
    }

    /// An engine whose chance comes from `seed`: noise, the rounding of traces and of what is learned.
    /// Without these the seed is without effect.
    #[must_use]
    pub fn with_seed(program: Arc<Program>, strictness: Strictness, seed: u64) -> Self {
        let network = program.network();
        let population =
            |id| Population::new(seed, id, network.layer(id).n_neurons, program.compartments(id));
        let populations = network.layer_ids().map(population).collect();
        let connections =
            network.projection_ids().map(|id| Connection::new(&program, id)).collect();
        let learning =
            network.projection_ids().map(|id| Learning::new(&program, id, seed)).collect();
        Self {
            seed,
            learning,
            strictness,
            sabotage: Vec::new(),
            step: 0,
            stopped: false,
            populations,
            connections,
            operations: Operations::default(),
            program,
        }
    }

    /// Makes the engine deviate from the semantics, to show that a comparison notices.
    ///
    /// Deviations add up. One that names a neuron the network does not have changes nothing.
    pub fn sabotage(&mut self, sabotage: Sabotage) {
        self.sabotage.push(sabotage);
    }

    /// The program that runs.
    #[must_use]
    pub const fn program(&self) -> &Arc<Program> {
        &self.program
    }

    fn run_step(
        &mut self,
        spikes: &[InputSpike],
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        self.step += 1;
        self.operations.steps += 1;
        let program = Arc::clone(&self.program);
        let mut report = Report {
            network: program.network(),
            strictness: self.strictness,
            step: self.step,
            phase: program.network().phase(self.step),
            observer,
        };
        for layer in program.network().layer_ids() {
            self.update(layer, spikes, &mut report)?;
        }
        self.deliver(false);
        self.learn(&mut report)?;
        if !self.sabotage.is_empty() {
            self.deliver(true);
        }
        Ok(())
    }

    /// S1 to S3 for one layer.
    fn update(
        &mut self,
        id: LayerId,
        input: &[InputSpike],
        report: &mut Report<'_>,
    ) -> Result<(), StepError> {
        let population = &mut self.populations[id.index()];
        population.update(report.step, |neuron_idx, kind| report.fault(id, neuron_idx, kind))?;
        let start = input.partition_point(|spike| spike.layer < id);
        let of_layer = input[start..].iter().take_while(|spike| spike.layer == id);
        population.spike_sources(of_layer.map(|spike| spike.source_idx));
        for &sabotage in &self.sabotage {
            match sabotage {
                Sabotage::DropSpike { step, layer, neuron_idx }
                    if (step, layer) == (report.step, id) =>
                {
                    population.drop_spike(neuron_idx);
                }
                Sabotage::AddSpike { step, layer, neuron_idx }
                    if (step, layer) == (report.step, id) =>
                {
                    population.add_spike(neuron_idx);
                }
                _ => {}
            }
        }
        if let Some(phase) = report.phase_outside(report.network.layer(id).phases) {
            for &neuron_idx in population.spikes() {
                report.fault(id, neuron_idx, FaultKind::SpikeOutsidePhase { phase })?;
            }
        }
        if !population.spikes().is_empty() {
            report.observer.spikes(report.step, id, population.spikes());
        }
        if !report.network.layer(id).is_source() {
            self.operations.spikes += population.spikes().len() as u64;
        }
        Ok(())
    }

    /// S4: spikes are delivered; `late` are those that sabotage keeps back until after learning.
    fn deliver(&mut self, late: bool) {
        let network = self.program.network();
        for (id, connection) in network.projection_ids().zip(&self.connections) {
            let is_late = self.sabotage.iter().any(|sabotage| match sabotage {
                Sabotage::DeliverAfterLearning => true,
                Sabotage::DeliverAfterLearningOf(projection) => *projection == id,
                _ => false,
            });
            if is_late != late {
                continue;
            }
            let projection = network.projection(id);
            let [source, target] = [projection.source, projection.target].map(LayerId::index);
            // The spikes are lent out while the slots of what may be the same layer are written.
            let spikes = self.populations[source].lend_spikes();
            let delivered = match self.populations[target].slots() {
                Some(slots) => connection.deliver(self.step, &spikes, slots),
                None => 0,
            };
            self.populations[source].return_spikes(spikes);
            let count = if projection.is_plastic() {
                &mut self.operations.plastic_deliveries
            } else if network.layer(projection.source).is_source() {
                &mut self.operations.input_deliveries
            } else {
                &mut self.operations.static_deliveries
            };
            *count += delivered;
        }
    }

    /// S5: the learning phase.
    fn learn(&mut self, report: &mut Report<'_>) -> Result<(), StepError> {
        let program = Arc::clone(&self.program);
        for id in program.network().projection_ids() {
            let projection = program.network().projection(id);
            let (Some(plasticity), Some(learning)) =
                (&projection.plasticity, &mut self.learning[id.index()])
            else {
                continue;
            };
            let pre = &self.populations[projection.source.index()];
            let post = &self.populations[projection.target.index()];
            let connection = &mut self.connections[id.index()];
            if let Some(phase) = report.phase_outside(plasticity.phases) {
                for (source_idx, target_idx) in connection.coincidences(pre.spikes(), post.spiked())
                {
                    let kind =
                        FaultKind::LearningOutsidePhase { phase, projection: id, source_idx };
                    report.fault(projection.target, target_idx, kind)?;
                }
            }
            let is_rewarded = plasticity
                .reward
                .is_some_and(|reward| !self.populations[reward.source.index()].spikes().is_empty());
            self.operations.plastic_updates += match learning {
                Learning::Pulse(microcode, pulse) => connection.learn(
                    microcode,
                    pulse.changes(is_rewarded),
                    pre.spiked(),
                    post.spiked(),
                ),
                Learning::Full(learner) => {
                    learner.step(report.step, pre.spikes(), post.spikes(), is_rewarded, connection)
                }
            };
        }
        Ok(())
    }

    /// The tag of every synapse now, in canonical order; `None` unless the projection has a rule for tags.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn tags(&self, projection: ProjectionId) -> Option<Vec<i16>> {
        self.learning[projection.index()].as_ref()?.tags()
    }

    /// The delay of every synapse now, in steps, in canonical order.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn delays(&self, projection: ProjectionId) -> Vec<u8> {
        self.connections[projection.index()].delays()
    }

    /// A trace as the chip stores it, 0 to 127: of every source (`x1`, `x2`), of every target (`y1`, `y2`, `y3`),
    /// or of the reward (`r1`), of which there is one. It is what the end of the last learning period left,
    /// with the impulses of spikes of this one that were followed by another; that of the reward goes on
    /// decaying. `None` if the projection has no such trace, or learns from spikes and a reward of one step
    /// alone.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn trace(&self, projection: ProjectionId, variable: Variable) -> Option<Vec<u8>> {
        self.learning[projection.index()].as_ref()?.trace(variable)
    }

    /// Exchanges the rules of a projection between two steps. Traces, tags and what was noted of the current
    /// learning period stay.
    ///
    /// # Errors
    /// A projection that does not learn, a rule that reads a trace or reward it does not have, different
    /// `u_k`, or a rule for delays or tags where there was none: then there are neither slots nor bits for it.
    /// Nothing is changed then.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    pub fn set_rules(&mut self, projection: ProjectionId, rules: &Rules) -> Result<(), RulesError> {
        let microcode = self.program.exchange(projection, rules)?;
        if let Some(learning) = &mut self.learning[projection.index()] {
            learning.exchange(&self.program, projection, self.seed, microcode);
        }
        Ok(())
    }
}

impl Engine for PlainEngine {
    fn name(&self) -> &'static str {
        "loihi"
    }

    fn network(&self) -> &Network {
        self.program.network()
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
        let last = self.step + u64::from(steps);
        // Whatever goes wrong from here on leaves the engine stopped.
        self.stopped = true;
        input.check(self.program.network(), self.step + 1, last)?;
        while self.step < last {
            self.run_step(input.at(self.step + 1), observer)?;
        }
        self.stopped = false;
        Ok(())
    }

    fn currents(&self, layer: LayerId) -> Vec<i64> {
        self.populations[layer.index()].currents()
    }

    fn voltages(&self, layer: LayerId) -> Vec<i64> {
        self.populations[layer.index()].voltages()
    }

    fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>> {
        let is_plastic = self.program.network().projection(projection).is_plastic();
        is_plastic.then(|| Cow::Borrowed(self.connections[projection.index()].weights()))
    }

    fn set_weights(
        &mut self,
        projection: ProjectionId,
        weights: &[i16],
    ) -> Result<(), WeightsError> {
        check_weights(self.program.network(), projection, weights)?;
        self.connections[projection.index()].weights_mut().copy_from_slice(weights);
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
