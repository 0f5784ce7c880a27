//! The engine: the same steps as the plain one, for those parts of a network in which something happens.
//!
//! A step does, in this order (clauses S1 to S6 of `docs/semantics.md`):
//!
//! 1. layers with input, and those that never rest, are updated, ascending, and their spikes reported;
//! 2. the spikes of each layer that spiked are delivered along its routes;
//! 3. projections whose sources or targets spiked learn; copies of a matrix that are to change differently are split
//!    first.
//!
//! Everything else is at rest: nothing it could do in this step would change its state.

use crate::agenda::Agenda;
use crate::fault::KernelFault;
use crate::lanes::{Dispatch, Lanes};
use crate::layout::{Body, Count, Route, Synapses, Way};
use crate::spikes::{self, Spikes};
use std::borrow::Cow;
use std::sync::Arc;
use synfire_loihi::engine::{Learning, Report, Slots, Spiked};
use synfire_loihi::{Program, RulesError};
use synfire_net::rule::Variable;
use synfire_net::{
    Engine, FaultKind, InputSchedule, InputSpike, LayerId, Network, Observer, Operations,
    ProjectionId, Rules, Sabotage, StepError, Strictness, WeightsError, check_weights,
};

/// The fast engine of the chip model: bit for bit what [`PlainEngine`](synfire_loihi::PlainEngine) does, faults and
/// counts included.
#[derive(Clone, Debug)]
pub struct FastEngine {
    pub(crate) program: Arc<Program>,
    pub(crate) seed: u64,
    strictness: Strictness,
    dispatch: Dispatch,
    sabotage: Vec<Sabotage>,
    pub(crate) fault: Option<KernelFault>,
    pub(crate) step: u64,
    stopped: bool,
    /// The layer in whose update a strict engine stopped: later ones stand one step earlier.
    stopped_at: Option<LayerId>,
    /// The ids of all layers, ascending.
    layers: Vec<LayerId>,
    bodies: Vec<Body>,
    pub(crate) spikes: Vec<Spikes>,
    /// The layers that spiked in the last step, ascending.
    spiking: Vec<LayerId>,
    agenda: Agenda,
    /// Where the spikes of each layer go.
    routes: Vec<Vec<Route>>,
    pub(crate) synapses: Synapses,
    /// One per projection; `None` if it does not learn.
    pub(crate) learning: Vec<Option<Learning>>,
    pub(crate) plastic: Plastic,
    pub(crate) operations: Operations,
    /// Scratch: rows of a sum, projections that may learn.
    pub(crate) rows: Vec<u32>,
    pub(crate) candidates: Vec<ProjectionId>,
}

/// Where to look for projections that learn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plastic {
    /// The plastic projections from each layer, ascending.
    pub(crate) from: Vec<Vec<ProjectionId>>,
    /// The plastic projections onto each layer that can learn from spikes of targets alone, ascending.
    pub(crate) onto: Vec<Vec<ProjectionId>>,
    /// Those that take note of every step, ascending.
    pub(crate) full: Vec<ProjectionId>,
}

impl FastEngine {
    /// An engine before its first step, all compartments at rest, with seed 0.
    #[must_use]
    pub fn new(program: Arc<Program>, strictness: Strictness) -> Self {
        Self::with_seed(program, strictness, 0)
    }

    /// An engine whose chance comes from `seed`, as that of the plain one:
    /// [`PlainEngine::with_seed`](synfire_loihi::PlainEngine::with_seed).
    #[must_use]
    pub fn with_seed(program: Arc<Program>, strictness: Strictness, seed: u64) -> Self {
        let network = program.network();
        let learning: Vec<_> =
            network.projection_ids().map(|id| Learning::new(&program, id, seed)).collect();
        let all_routes: Vec<_> =
            network.projection_ids().map(|id| Route::new(&program, id)).collect();
        let synapses = Synapses::new(&program, &all_routes, &learning);
        let mut routes = vec![Vec::new(); network.layers().len()];
        for route in all_routes {
            routes[network.projection(route.projection).source.index()].push(route);
        }
        let bodies: Vec<_> = network.layer_ids().map(|id| Body::new(&program, id, seed)).collect();
        let mut agenda = Agenda::new(bodies.len());
        for (id, body) in network.layer_ids().zip(&bodies) {
            agenda.keep(
                id,
                match body {
                    Body::Sources => false,
                    Body::Memoryless(memoryless) => memoryless.is_restless(),
                    Body::Leaky(_) => true,
                },
            );
        }
        let spikes =
            network.layers().iter().map(|layer| Spikes::new(layer.n_neurons as usize)).collect();
        let mut engine = Self {
            seed,
            strictness,
            dispatch: Dispatch::widest(),
            sabotage: Vec::new(),
            fault: None,
            step: 0,
            stopped: false,
            stopped_at: None,
            layers: network.layer_ids().collect(),
            bodies,
            spikes,
            spiking: Vec::new(),
            agenda,
            routes,
            synapses,
            learning,
            plastic: Plastic::default(),
            operations: Operations::default(),
            rows: Vec::new(),
            candidates: Vec::new(),
            program,
        };
        engine.find_plastic();
        engine
    }

    /// The same engine on kernels for another instruction set; `None` if this machine lacks it. Without this
    /// an engine uses the widest there is. What is computed is the same.
    #[must_use]
    pub fn with_lanes(mut self, lanes: Lanes) -> Option<Self> {
        self.dispatch = Dispatch::new(lanes)?;
        Some(self)
    }

    /// The instruction set that the kernels use.
    #[must_use]
    pub const fn lanes(&self) -> Lanes {
        self.dispatch.lanes()
    }

    /// Makes the engine deviate from the semantics, to show that a comparison notices.
    ///
    /// Deviations add up. One that names a neuron the network does not have changes nothing.
    pub fn sabotage(&mut self, sabotage: Sabotage) {
        self.sabotage.push(sabotage);
    }

    /// Makes a kernel or a shortcut deviate from what it stands for, to show that a comparison notices. The last
    /// fault planted counts.
    pub fn plant(&mut self, fault: KernelFault) {
        self.fault = Some(fault);
        for matrix in &mut self.synapses.matrices {
            matrix.plant(fault);
        }
    }

    /// The program that runs.
    #[must_use]
    pub const fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The number of matrices in memory: copies with equal weights share one, until they differ.
    #[must_use]
    pub fn n_matrices(&self) -> usize {
        self.synapses.n_matrices()
    }

    /// As [`PlainEngine::tags`](synfire_loihi::PlainEngine::tags).
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
        match &self.synapses.lists[projection.index()] {
            Some(list) => list.delays(),
            None => {
                let network = self.program.network();
                let delay = network.projection(projection).max_delay().get();
                vec![delay; network.n_synapses(projection)]
            }
        }
    }

    /// As [`PlainEngine::trace`](synfire_loihi::PlainEngine::trace).
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn trace(&self, projection: ProjectionId, variable: Variable) -> Option<Vec<u8>> {
        self.learning[projection.index()].as_ref()?.trace(variable)
    }

    /// Exchanges the rules of a projection between two steps, as
    /// [`PlainEngine::set_rules`](synfire_loihi::PlainEngine::set_rules).
    ///
    /// # Errors
    /// As there; nothing is changed then.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    pub fn set_rules(&mut self, projection: ProjectionId, rules: &Rules) -> Result<(), RulesError> {
        let microcode = self.program.exchange(projection, rules)?;
        self.settle();
        // Copies share a matrix only as long as they share a rule.
        let matrix = self.synapses.withdraw(projection);
        if let Some(learning) = &mut self.learning[projection.index()] {
            learning.exchange(&self.program, projection, self.seed, microcode);
        }
        if let Some(matrix) = matrix {
            self.synapses.place(&self.program, &self.learning, projection, matrix);
        }
        self.find_plastic();
        Ok(())
    }

    fn run_step(
        &mut self,
        input: &[InputSpike],
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
        for layer in self.spiking.drain(..) {
            self.spikes[layer.index()].clear();
        }
        for sources in input.chunk_by(|a, b| a.layer == b.layer) {
            let layer = sources[0].layer;
            self.agenda.mark(self.step, layer);
            let spikes = &mut self.spikes[layer.index()];
            sources.iter().for_each(|source| {
                spikes.insert(source.source_idx as usize);
            });
        }
        if self.sabotage.is_empty() {
            let mut first = 0;
            for word_idx in 0.. {
                let Some(mut rest) = self.agenda.at(self.step).nth(word_idx) else { break };
                while rest != 0 {
                    let idx = first + rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    self.update(self.layers[idx], &mut report)?;
                }
                first += 64;
            }
            self.agenda.clear(self.step);
            self.deliver(false);
            return self.learn(&mut report);
        }
        for layer in program.network().layer_ids() {
            self.update(layer, &mut report)?;
        }
        self.agenda.clear(self.step);
        self.deliver(false);
        self.learn(&mut report)?;
        self.deliver(true);
        Ok(())
    }

    /// S1 to S3 for one layer.
    fn update(&mut self, id: LayerId, report: &mut Report<'_>) -> Result<(), StepError> {
        let step = self.step;
        let fired = &mut self.spikes[id.index()];
        let updated = match &mut self.bodies[id.index()] {
            Body::Sources => Ok(()),
            Body::Memoryless(memoryless) => memoryless.update(
                step,
                &self.synapses.matrices,
                self.dispatch,
                fired,
                |neuron_idx, kind| report.fault(id, neuron_idx, kind),
            ),
            Body::Leaky(leaky) => {
                let has_input = self.agenda.is_due(step, id);
                let updated =
                    leaky.update(step, has_input, self.dispatch, fired, |neuron_idx, kind| {
                        report.fault(id, neuron_idx, kind)
                    });
                self.agenda.keep(id, !leaky.is_resting());
                updated
            }
        };
        if let Err(error) = updated {
            self.stopped_at = Some(id);
            return Err(error);
        }
        if !self.sabotage.is_empty() {
            self.sabotage_layer(id);
        }
        let fired = &self.spikes[id.index()];
        if fired.is_empty() {
            return Ok(());
        }
        self.spiking.push(id);
        let layer = report.network.layer(id);
        if let Some(phase) = report.phase_outside(layer.phases) {
            let mut neurons = Vec::new();
            fired.list(&mut neurons);
            for neuron_idx in neurons {
                if let Err(error) =
                    report.fault(id, neuron_idx, FaultKind::SpikeOutsidePhase { phase })
                {
                    self.stopped_at = Some(id);
                    return Err(error);
                }
            }
        }
        report.observer.spike_words(step, id, fired.words());
        if !layer.is_source() {
            self.operations.spikes += fired.len() as u64;
        }
        Ok(())
    }

    /// Spikes that are to get lost or to be added in this step.
    fn sabotage_layer(&mut self, id: LayerId) {
        for &sabotage in &self.sabotage {
            match sabotage {
                Sabotage::DropSpike { step, layer, neuron_idx }
                    if (step, layer) == (self.step, id) =>
                {
                    self.spikes[id.index()].remove(neuron_idx as usize);
                }
                Sabotage::AddSpike { step, layer, neuron_idx }
                    if (step, layer) == (self.step, id) =>
                {
                    if self.spikes[id.index()].insert(neuron_idx as usize) {
                        match &mut self.bodies[id.index()] {
                            Body::Sources => {}
                            Body::Memoryless(memoryless) => {
                                memoryless.reset(step, neuron_idx as usize);
                            }
                            Body::Leaky(leaky) => {
                                leaky.reset(neuron_idx as usize);
                                self.agenda.keep(id, true);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// S4: spikes are delivered; `late` are those that sabotage keeps back until after learning.
    fn deliver(&mut self, late: bool) {
        for idx in 0..self.spiking.len() {
            let source = self.spiking[idx].index();
            // Spikes and routes are lent out while the input of what may be the same layer is written.
            let fired = std::mem::take(&mut self.spikes[source]);
            let routes = std::mem::take(&mut self.routes[source]);
            for route in &routes {
                if self.is_late(route.projection) == late {
                    self.deliver_along(route, &fired);
                }
            }
            self.routes[source] = routes;
            self.spikes[source] = fired;
        }
    }

    fn is_late(&self, id: ProjectionId) -> bool {
        self.sabotage.iter().any(|sabotage| match sabotage {
            Sabotage::DeliverAfterLearning => true,
            Sabotage::DeliverAfterLearningOf(projection) => *projection == id,
            _ => false,
        })
    }

    fn deliver_along(&mut self, route: &Route, fired: &Spikes) {
        let id = route.projection;
        let n_spikes = fired.len();
        let body = &mut self.bodies[route.target.index()];
        let mut n_delivered = n_spikes * route.n_targets;
        match route.way {
            Way::Broadcast { charge, delay } => {
                let step = self.step + 1 + u64::from(delay);
                self.agenda.mark(step, route.target);
                // Lowering has made sure that the sum fits.
                #[expect(clippy::cast_possible_truncation, reason = "see above")]
                #[expect(clippy::cast_possible_wrap, reason = "see above")]
                let charge = charge * n_spikes as i32;
                match body {
                    Body::Sources => {}
                    Body::Memoryless(memoryless) => memoryless.inbox(step).add_uniform(charge),
                    Body::Leaky(leaky) => crate::kernel::add_uniform(leaky.input(step), charge),
                }
            }
            Way::Relay { charge, delay } => {
                n_delivered = n_spikes;
                let step = self.step + 1 + u64::from(delay);
                self.agenda.mark(step, route.target);
                match body {
                    Body::Sources => {}
                    Body::Memoryless(memoryless) => {
                        memoryless.inbox(step).add_term(charge, fired.words());
                    }
                    Body::Leaky(leaky) => {
                        let input = leaky.input(step);
                        spikes::for_each(fired.words(), |neuron| input[neuron as usize] += charge);
                    }
                }
            }
            Way::Dense { delay } => {
                let Some(place) = self.synapses.matrix_of[id.index()] else { return };
                let step = self.step + 1 + u64::from(delay);
                self.agenda.mark(step, route.target);
                let matrix = &mut self.synapses.matrices[place];
                let sum = matrix.sum(self.dispatch, fired, &mut self.rows);
                let delivered = matrix.delivered(sum);
                let sums = &delivered.sums[..matrix.n_targets()];
                let shift = matrix.charge_shift();
                match body {
                    Body::Sources => {}
                    // What the matrix keeps is kept for the next step, unless a sum after learning follows.
                    Body::Memoryless(memoryless) if delay == 0 && self.sabotage.is_empty() => {
                        memoryless.inbox(step).add_dense(place, sum);
                    }
                    Body::Memoryless(memoryless) => {
                        let input = memoryless.inbox(step).sums(sums.len());
                        self.dispatch.run(|| crate::kernel::add_shifted(input, sums, shift));
                    }
                    Body::Leaky(leaky) => {
                        let input = leaky.input(step);
                        self.dispatch.run(|| crate::kernel::add_shifted(input, sums, shift));
                    }
                }
            }
            Way::Listed => {
                let Some(list) = &self.synapses.lists[id.index()] else { return };
                fired.list(&mut self.rows);
                let agenda = &mut self.agenda;
                let mut slots = Input { agenda, layer: route.target, n: route.n_targets, body };
                n_delivered = usize::try_from(list.deliver(self.step, &self.rows, &mut slots))
                    .unwrap_or(usize::MAX);
            }
        }
        let count = match route.count {
            Count::Static => &mut self.operations.static_deliveries,
            Count::Input => &mut self.operations.input_deliveries,
            Count::Plastic => &mut self.operations.plastic_deliveries,
        };
        *count += n_delivered as u64;
    }

    /// Works out input that refers to sums of matrices, before matrices are exchanged.
    fn settle(&mut self) {
        for body in &mut self.bodies {
            if let Body::Memoryless(memoryless) = body {
                memoryless.settle(&self.synapses.matrices);
            }
        }
    }

    /// The last step that a layer has seen.
    fn step_of(&self, layer: LayerId) -> u64 {
        match self.stopped_at {
            Some(stopped_at) if layer > stopped_at => self.step - 1,
            _ => self.step,
        }
    }

    pub(crate) const fn dispatch(&self) -> Dispatch {
        self.dispatch
    }

    pub(crate) fn spiking(&self) -> &[LayerId] {
        &self.spiking
    }

    pub(crate) fn spiked(&self, layer: LayerId) -> impl Fn(u32) -> bool + '_ {
        let spikes = &self.spikes[layer.index()];
        move |neuron| spikes.has(neuron as usize)
    }
}

/// The input of a layer, for synapses that come one by one.
struct Input<'a> {
    agenda: &'a mut Agenda,
    layer: LayerId,
    n: usize,
    body: &'a mut Body,
}

impl Slots for Input<'_> {
    fn deliver(&mut self, step: u64, delay: u8) -> &mut [i32] {
        let step = step + 1 + u64::from(delay);
        self.agenda.mark(step, self.layer);
        match &mut *self.body {
            Body::Sources => &mut [],
            Body::Memoryless(memoryless) => memoryless.inbox(step).sums(self.n),
            Body::Leaky(leaky) => leaky.input(step),
        }
    }
}

impl Engine for FastEngine {
    fn name(&self) -> &'static str {
        "fast"
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
        match &self.bodies[layer.index()] {
            Body::Sources => Vec::new(),
            Body::Memoryless(memoryless) => {
                memoryless.currents(self.step_of(layer), &self.synapses.matrices)
            }
            Body::Leaky(leaky) => leaky.currents(),
        }
    }

    fn voltages(&self, layer: LayerId) -> Vec<i64> {
        match &self.bodies[layer.index()] {
            Body::Sources => Vec::new(),
            Body::Memoryless(memoryless) => {
                memoryless.voltages(self.step_of(layer), &self.synapses.matrices)
            }
            Body::Leaky(leaky) => leaky.voltages(),
        }
    }

    fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>> {
        if !self.program.network().projection(projection).is_plastic() {
            return None;
        }
        match (
            self.synapses.matrix_of[projection.index()],
            &self.synapses.lists[projection.index()],
        ) {
            (Some(place), _) => Some(Cow::Owned(self.synapses.matrices[place].weights())),
            (None, Some(list)) => Some(Cow::Borrowed(list.weights())),
            (None, None) => None,
        }
    }

    fn read_weights(&self, projection: ProjectionId, first: usize, weights: &mut [i16]) -> bool {
        if !self.program.network().projection(projection).is_plastic() {
            return false;
        }
        if let Some(place) = self.synapses.matrix_of[projection.index()] {
            self.synapses.matrices[place].read_weights(first, weights);
        } else if let Some(list) = &self.synapses.lists[projection.index()] {
            weights.copy_from_slice(&list.weights()[first..][..weights.len()]);
        }
        true
    }

    fn set_weights(
        &mut self,
        projection: ProjectionId,
        weights: &[i16],
    ) -> Result<(), WeightsError> {
        check_weights(self.program.network(), projection, weights)?;
        self.settle();
        if let Some(list) = &mut self.synapses.lists[projection.index()] {
            list.weights_mut().copy_from_slice(weights);
        } else if let Some(mut matrix) = self.synapses.withdraw(projection) {
            matrix.set_weights(weights);
            self.synapses.place(&self.program, &self.learning, projection, matrix);
        }
        Ok(())
    }

    fn operations(&self) -> Operations {
        self.operations
    }
}

/// Who spiked, for the scalar definitions.
pub(crate) fn spiked_as<'a, F: Fn(u32) -> bool>(neurons: &'a [u32], has: F) -> Spiked<'a, F> {
    Spiked { neurons, has }
}
