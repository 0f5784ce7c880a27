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
use crate::fired::{self, Fired, Set};
use crate::inbox::Term;
use crate::kernel;
use crate::lanes::{Dispatch, Kernel, Lanes};
use crate::layout::{self, Body, Facts, Route, Synapses, Way};
use crate::learn::Plastic;
use crate::memoryless::Surroundings;
use std::borrow::Cow;
use std::sync::Arc;
use synfire_loihi::engine::{Learning, Report, Slots};
use synfire_loihi::{Program, RulesError};
use synfire_net::rule::Variable;
use synfire_net::{
    Engine, EngineState, FaultKind, InputSchedule, InputSpike, LayerId, Network, Observer,
    Operations, ProjectionId, Rules, Sabotage, StateError, StepError, Strictness, WeightsError,
    check_weights,
};

/// The fast engine of the chip model: bit for bit what [`PlainEngine`](synfire_loihi::PlainEngine) does, faults and
/// counts included. It goes on where a plain one stood, and the other way round:
///
/// ```
/// use std::sync::Arc;
/// use synfire_fast::FastEngine;
/// use synfire_fast::synfire_loihi::synfire_net::{
///     Connectivity, Delay, Engine, InputSchedule, NetworkBuilder, Neuron, Refractory, Strictness,
///     Weights,
/// };
/// use synfire_fast::synfire_loihi::{PlainEngine, lower};
///
/// let mut builder = NetworkBuilder::new("ring");
/// let start = builder.sources("start", 1);
/// let neuron = Neuron::memoryless(64 * 1024, 0, Refractory::ONE);
/// let [one, other] = ["one", "other"].map(|name| builder.neurons(name, 1, neuron));
/// let late = Delay::new(5).expect("at most 62");
/// for (source, target) in [(start, one), (one, other), (other, one)] {
///     let connectivity = Connectivity::OneToOne { weights: Weights::Uniform(1040), delay: late };
///     builder.connect(format!("{source} to {target}"), source, target, connectivity);
/// }
/// let program = Arc::new(lower(Arc::new(builder.build()?))?);
/// let mut input = InputSchedule::new();
/// input.push(1, start, 0);
///
/// let mut plain = PlainEngine::new(Arc::clone(&program), Strictness::Strict);
/// plain.advance(10, &input, &mut ())?;
/// let state = plain.state().expect("it has not stopped");
/// // The spike of step 7 is on its way to the other neuron.
/// assert_eq!(state.layers[other.index()].in_flight[0].steps, 3);
/// let mut fast = FastEngine::new(program, Strictness::Strict);
/// fast.restore(&state)?;
/// fast.advance(40, &input, &mut ())?;
/// plain.advance(40, &input, &mut ())?;
/// assert_eq!(fast.state(), plain.state());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FastEngine {
    pub(crate) program: Arc<Program>,
    pub(crate) seed: u64,
    strictness: Strictness,
    dispatch: Dispatch,
    sabotage: Vec<Sabotage>,
    pub(crate) fault: Option<KernelFault>,
    pub(crate) step: u64,
    pub(crate) stopped: bool,
    /// The layer in whose update a strict engine stopped: later ones stand one step earlier.
    pub(crate) stopped_at: Option<LayerId>,
    /// The ids of all layers, ascending.
    layers: Vec<LayerId>,
    facts: Vec<Facts>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) fired: Fired,
    /// The layers that spiked in the last step, ascending.
    pub(crate) spiking: Vec<LayerId>,
    pub(crate) agenda: Agenda,
    /// Where the spikes of each layer go.
    routes: Vec<Vec<Route>>,
    pub(crate) synapses: Synapses,
    /// One per projection; `None` if it does not learn.
    pub(crate) learning: Vec<Option<Learning>>,
    pub(crate) plastic: Plastic,
    pub(crate) operations: Operations,
    /// Scratch: rows of a sum, projections that may learn, spikes and faults of a layer.
    pub(crate) rows: Vec<u32>,
    pub(crate) candidates: Vec<ProjectionId>,
    pub(crate) words: Vec<u64>,
    faults: Vec<(u32, FaultKind)>,
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
        let fired = Fired::new(network.layer_ids().map(|id| {
            (network.layer(id).n_neurons, layout::n_sets(&program, id, &routes[id.index()]))
        }));
        let widest = network.layers().iter().map(|layer| layer.n_neurons).max().unwrap_or(0);
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
            facts: network.layer_ids().map(|id| Facts::new(&program, id)).collect(),
            bodies,
            fired,
            spiking: Vec::new(),
            agenda,
            routes,
            synapses,
            learning,
            plastic: Plastic::default(),
            operations: Operations::default(),
            rows: Vec::new(),
            candidates: Vec::new(),
            words: vec![0; widest.div_ceil(64) as usize],
            faults: Vec::new(),
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

    /// The same engine, with sums of weight rows of at least so many bytes shared by two threads of the rayon
    /// pool that it runs in; without this, from 2^20 on. Outside of a pool, and in one of a single thread,
    /// nothing is shared. What is computed is the same.
    #[must_use]
    pub fn with_split_from(mut self, n_bytes: usize) -> Self {
        self.synapses.matrices.iter_mut().for_each(|matrix| matrix.set_split_from(n_bytes));
        self
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

    #[inline(always)]
    fn run_step(
        &mut self,
        program: &Program,
        input: &[InputSpike],
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        self.step += 1;
        self.operations.steps += 1;
        let mut report = Report {
            network: program.network(),
            strictness: self.strictness,
            step: self.step,
            phase: program.network().phase(self.step),
            observer,
        };
        self.spiking.clear();
        for sources in input.chunk_by(|a, b| a.layer == b.layer) {
            let layer = sources[0].layer;
            self.agenda.mark(self.step, layer);
            self.fired.note_sources(
                layer,
                self.step,
                sources.iter().map(|source| source.source_idx),
            );
        }
        if self.sabotage.is_empty() {
            for word_idx in 0..self.agenda.n_words() {
                let mut rest = self.agenda.word(self.step, word_idx);
                while rest != 0 {
                    let idx = 64 * word_idx + rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    self.update(self.layers[idx], &mut report)?;
                }
            }
            self.agenda.clear(self.step);
            self.deliver(false);
            return self.learn(&mut report);
        }
        for idx in 0..self.layers.len() {
            self.update(self.layers[idx], &mut report)?;
        }
        self.agenda.clear(self.step);
        self.deliver(false);
        self.learn(&mut report)?;
        self.deliver(true);
        Ok(())
    }

    /// S1 to S3 for one layer.
    #[inline(always)]
    fn update(&mut self, id: LayerId, report: &mut Report<'_>) -> Result<(), StepError> {
        let step = self.step;
        let facts = self.facts[id.index()];
        let words = &mut self.words[..facts.n_words];
        let n_fired = match &mut self.bodies[id.index()] {
            Body::Sources => 0,
            Body::Memoryless(memoryless) => {
                let surroundings =
                    Surroundings { matrices: &self.synapses.matrices, fired: &self.fired };
                memoryless.update(step, &surroundings, words, &mut self.faults)
            }
            Body::Leaky(leaky) => {
                let has_input = self.agenda.is_due(step, id);
                let n_fired = leaky.update(step, has_input, words, &mut self.faults);
                self.agenda.keep(id, !leaky.is_resting());
                n_fired
            }
        };
        if n_fired > 0 {
            self.fired.note(id, step, words, n_fired);
        }
        if !self.faults.is_empty() {
            self.report_faults(id, report)?;
        }
        if n_fired == 0 && !facts.is_source && self.sabotage.is_empty() {
            return Ok(());
        }
        if !self.sabotage.is_empty() {
            self.sabotage_layer(id);
        }
        let set = self.fired.at(id, step);
        if set.is_empty() {
            return Ok(());
        }
        self.spiking.push(id);
        if let Some(phase) = report.phase_outside(facts.phases) {
            let kind = FaultKind::SpikeOutsidePhase { phase };
            fired::for_each(set.words(), |neuron_idx| self.faults.push((neuron_idx, kind)));
            self.report_faults(id, report)?;
        }
        let set = self.fired.at(id, step);
        report.observer.spike_words(step, id, set.words());
        if !facts.is_source {
            self.operations.spikes += set.len() as u64;
        }
        Ok(())
    }

    #[cold]
    fn report_faults(&mut self, id: LayerId, report: &mut Report<'_>) -> Result<(), StepError> {
        let reported = self
            .faults
            .drain(..)
            .try_for_each(|(neuron_idx, kind)| report.fault(id, neuron_idx, kind));
        if reported.is_err() {
            self.stopped_at = Some(id);
        }
        reported
    }

    /// Spikes that are to get lost or to be added in this step.
    #[cold]
    fn sabotage_layer(&mut self, id: LayerId) {
        for &sabotage in &self.sabotage {
            match sabotage {
                Sabotage::DropSpike { step, layer, neuron_idx }
                    if (step, layer) == (self.step, id) =>
                {
                    if self.fired.remove(id, step, neuron_idx)
                        && let Body::Memoryless(memoryless) = &mut self.bodies[id.index()]
                    {
                        memoryless.drop_spike(step, neuron_idx);
                    }
                }
                Sabotage::AddSpike { step, layer, neuron_idx }
                    if (step, layer) == (self.step, id) =>
                {
                    if self.fired.insert(id, step, neuron_idx)
                        && let Body::Leaky(leaky) = &mut self.bodies[id.index()]
                    {
                        leaky.reset(neuron_idx as usize);
                        self.agenda.keep(id, true);
                    }
                }
                _ => {}
            }
        }
    }

    /// S4: spikes are delivered; `late` are those that sabotage keeps back until after learning.
    #[inline(always)]
    fn deliver(&mut self, late: bool) {
        let Self { spiking, fired, routes, bodies, agenda, synapses, operations, rows, .. } = self;
        let is_sabotaged = !self.sabotage.is_empty();
        let mut delivery = Delivery {
            step: self.step,
            dispatch: self.dispatch,
            keeps_sums: !is_sabotaged,
            fired,
            bodies,
            agenda,
            synapses,
            counts: [0; 3],
            rows,
        };
        for &source in &*spiking {
            let set = fired.at(source, self.step);
            let place = fired.place(source);
            for route in &routes[source.index()] {
                if is_sabotaged && is_late(&self.sabotage, route.projection) != late {
                    continue;
                }
                delivery.along(set, place, route);
            }
        }
        let [fixed, input, plastic] = delivery.counts;
        operations.static_deliveries += fixed;
        operations.input_deliveries += input;
        operations.plastic_deliveries += plastic;
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
}

fn is_late(sabotage: &[Sabotage], id: ProjectionId) -> bool {
    sabotage.iter().any(|sabotage| match sabotage {
        Sabotage::DeliverAfterLearning => true,
        Sabotage::DeliverAfterLearningOf(projection) => *projection == id,
        _ => false,
    })
}

/// What delivering the spikes of a step needs of the engine.
struct Delivery<'a> {
    step: u64,
    dispatch: Dispatch,
    /// Whether a sum that a matrix keeps is safe until it has been taken: not if another follows after learning.
    keeps_sums: bool,
    fired: &'a Fired,
    bodies: &'a mut [Body],
    agenda: &'a mut Agenda,
    synapses: &'a mut Synapses,
    /// Deliveries so far, by [`Count`](crate::layout::Count).
    counts: [u64; 3],
    rows: &'a mut Vec<u32>,
}

impl Delivery<'_> {
    /// Delivers a set of spikes, which is at a place, along a route.
    #[inline(always)]
    fn along(&mut self, set: Set<'_>, place: u32, route: &Route) {
        let id = route.projection;
        let step = self.step + route.steps();
        let body = &mut self.bodies[route.target.index()];
        self.agenda.mark(step, route.target);
        let mut n_delivered = set.len() as u64 * u64::from(route.n_targets);
        match route.way {
            Way::Broadcast => {
                // Lowering has made sure that the sum fits.
                #[expect(clippy::cast_possible_truncation, reason = "see above")]
                #[expect(clippy::cast_possible_wrap, reason = "see above")]
                let charge = route.charge * set.len() as i32;
                match body {
                    Body::Sources => {}
                    Body::Memoryless(memoryless) => {
                        memoryless.inboxes().add_uniform(step, charge);
                    }
                    Body::Leaky(leaky) => kernel::add_uniform(leaky.input(step), charge),
                }
            }
            Way::Relay => {
                n_delivered = set.len() as u64;
                match body {
                    Body::Sources => {}
                    Body::Memoryless(memoryless) => {
                        let term = Term { charge: route.charge, place };
                        memoryless.inboxes().add_term(step, term, self.fired);
                    }
                    Body::Leaky(leaky) => {
                        let input = leaky.input(step);
                        fired::for_each(set.words(), |neuron| {
                            input[neuron as usize] += route.charge;
                        });
                    }
                }
            }
            Way::Dense => {
                let Some(matrix_idx) = self.synapses.matrix_of[id.index()] else { return };
                let sum = self.synapses.matrices[matrix_idx].sum(self.dispatch, set, self.rows);
                let matrix = &self.synapses.matrices[matrix_idx];
                let (sums, shift) = (matrix.delivered(sum).sums, matrix.charge_shift());
                match body {
                    Body::Sources => {}
                    Body::Memoryless(memoryless) if route.delay == 0 && self.keeps_sums => {
                        let matrices = &self.synapses.matrices;
                        memoryless.inboxes().add_dense(step, matrix_idx, sum, matrices);
                    }
                    Body::Memoryless(memoryless) => {
                        let input = memoryless.inboxes().sums(step);
                        kernel::add_shifted(input, sums, shift);
                    }
                    Body::Leaky(leaky) => {
                        let input = leaky.input(step);
                        kernel::add_shifted(input, sums, shift);
                    }
                }
            }
            Way::Listed => {
                let Some(list) = &self.synapses.lists[id.index()] else { return };
                set.list(self.rows);
                let mut slots = Input { agenda: self.agenda, layer: route.target, body };
                n_delivered = list.deliver(self.step, self.rows, &mut slots);
            }
        }
        self.counts[route.count as usize] += n_delivered;
    }
}

/// The input of a layer, for synapses that come one by one.
struct Input<'a> {
    agenda: &'a mut Agenda,
    layer: LayerId,
    body: &'a mut Body,
}

impl Slots for Input<'_> {
    fn deliver(&mut self, step: u64, delay: u8) -> &mut [i32] {
        let step = step + 1 + u64::from(delay);
        self.agenda.mark(step, self.layer);
        match &mut *self.body {
            Body::Sources => &mut [],
            Body::Memoryless(memoryless) => memoryless.inboxes().sums(step),
            Body::Leaky(leaky) => leaky.input(step),
        }
    }
}

/// Some steps, to be run on an instruction set: all of it, not only the kernels, profits from instructions that count
/// and find bits.
struct Run<'a> {
    engine: &'a mut FastEngine,
    program: &'a Program,
    /// The last step to run.
    last: u64,
    /// Input from the next step on.
    spikes: &'a [InputSpike],
    observer: &'a mut dyn Observer,
}

impl Kernel for Run<'_> {
    type Output = Result<(), StepError>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let mut rest = self.spikes;
        while self.engine.step < self.last {
            let next = self.engine.step + 1;
            let n_now = rest.iter().take_while(|spike| spike.step == next).count();
            let (now, later) = rest.split_at(n_now);
            rest = later;
            self.engine.run_step(self.program, now, self.observer)?;
        }
        Ok(())
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
        let program = Arc::clone(&self.program);
        input.check(program.network(), self.step + 1, last)?;
        let spikes = input.spikes();
        let rest = &spikes[spikes.partition_point(|spike| spike.step <= self.step)..];
        let run = Run { engine: self, program: &program, last, spikes: rest, observer };
        run.engine.dispatch.run(run)?;
        self.stopped = false;
        Ok(())
    }

    fn currents(&self, layer: LayerId) -> Vec<i64> {
        match &self.bodies[layer.index()] {
            Body::Sources => Vec::new(),
            Body::Memoryless(memoryless) => {
                memoryless.currents(self.step_of(layer), &self.synapses.matrices, &self.fired)
            }
            Body::Leaky(leaky) => leaky.currents(),
        }
    }

    fn voltages(&self, layer: LayerId) -> Vec<i64> {
        match &self.bodies[layer.index()] {
            Body::Sources => Vec::new(),
            Body::Memoryless(memoryless) => {
                memoryless.voltages(self.step_of(layer), &self.synapses.matrices, &self.fired)
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
            (Some(place), _) => {
                Some(Cow::Owned(self.synapses.matrices[place].weights(self.dispatch)))
            }
            (None, Some(list)) => Some(Cow::Borrowed(list.weights())),
            (None, None) => None,
        }
    }

    fn read_weights(&self, projection: ProjectionId, first: usize, weights: &mut [i16]) -> bool {
        if !self.program.network().projection(projection).is_plastic() {
            return false;
        }
        if let Some(place) = self.synapses.matrix_of[projection.index()] {
            self.synapses.matrices[place].read_weights(self.dispatch, first, weights);
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
        self.replace_weights(projection, weights);
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
