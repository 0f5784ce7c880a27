//! The ideal integer LIF engine: the semantics of a network with unlimited integers.
//!
//! It follows clauses S1 to S6 of `docs/semantics.md` and nothing else: no register wraps, no weight is
//! encoded. Where it and a chip model differ, the chip's arithmetic is the reason. It knows no circuit.
//! Rules may use spikes and reward (`x0`, `y0`, `r0`, `r1`); rules with traces, tags, delays, weights or
//! learning periods are refused.

use std::borrow::Cow;
use std::sync::Arc;
use synfire_net::rule::{Dependency, Factor, Variable};
use synfire_net::{
    Connectivity, Decay, Engine, Fault, FaultKind, InputSchedule, LayerId, Network, Neuron,
    Observer, Operations, PhaseSet, Plasticity, Projection, ProjectionId, Rule, Sabotage,
    StepError, Strictness, Weights, WeightsError, check_weights,
};

/// Why a network cannot run on this engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum LifError {
    /// The rule reads something this engine does not have.
    #[error(
        "projection `{projection}`: the rule `{rule}` uses `{term}`, expected only x0, y0, r0, r1 and constants"
    )]
    Term { projection: String, rule: String, term: String },
    /// The rule asks for a change that is no integer multiple of the weight step.
    #[error(
        "projection `{projection}`: the rule `{rule}` changes a weight by {change}/128, expected a multiple of {step}"
    )]
    Fraction { projection: String, rule: String, change: i64, step: i16 },
}

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

#[derive(Clone, Debug)]
struct LayerState {
    neuron: Option<Neuron>,
    phases: Option<PhaseSet>,
    current: Vec<i64>,
    voltage: Vec<i64>,
    held: Vec<u8>,
    /// Charge that arrives in steps to come: slot `step mod n_slots`.
    slots: Vec<Vec<i64>>,
    spikes: Vec<u32>,
}

#[derive(Clone, Debug)]
struct ProjectionState {
    target: usize,
    gain: i64,
    wiring: Wiring,
    strength: Strength,
}

#[derive(Clone, Debug)]
enum Wiring {
    /// Every source to every target, with one delay.
    Dense { n_targets: usize, delay: u64 },
    /// Synapses `first[source]..first[source + 1]`.
    Sparse { first: Vec<usize>, targets: Vec<u32>, delays: Vec<u8> },
}

#[derive(Clone, Debug)]
enum Strength {
    Uniform(i32),
    Static(Vec<i32>),
    Plastic(Vec<i16>, Learning),
}

#[derive(Clone, Debug)]
struct Learning {
    source: usize,
    /// Change of weight by [reward given][x0][y0].
    change: [[[i32; 2]; 2]; 2],
    min: i32,
    max: i32,
    reward: Option<usize>,
    phases: Option<PhaseSet>,
}

impl LifEngine {
    /// Makes an engine that stands before the first step.
    ///
    /// # Errors
    /// A learning rule with a term this engine does not have, or a change that is no multiple of the
    /// weight step.
    pub fn new(network: Arc<Network>, strictness: Strictness) -> Result<Self, LifError> {
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

impl LayerState {
    /// S2: one step of every neuron.
    fn update(&mut self, step: u64, neuron: &Neuron) {
        let (current_decay, voltage_decay) = (Decay::CLEAR, Decay::CLEAR);
        if (neuron.current_decay, neuron.voltage_decay) == (current_decay, voltage_decay) {
            // The same loop, compiled once more with decays that are known: nothing is multiplied.
            self.update_all(step, &Neuron { current_decay, voltage_decay, ..*neuron });
        } else {
            self.update_all(step, neuron);
        }
    }

    #[inline(always)]
    fn update_all(&mut self, step: u64, neuron: &Neuron) {
        let slot = slot_of(step, self.slots.len());
        let input = &mut self.slots[slot];
        let threshold = i64::from(neuron.threshold);
        let bias = i64::from(neuron.bias);
        let floor = neuron.voltage_floor.map_or(i64::MIN, i64::from);
        let ceiling = neuron.voltage_ceiling.map_or(i64::MAX, i64::from);
        let state = self.current.iter_mut().zip(&mut self.voltage).zip(&mut self.held).zip(input);
        for (neuron_idx, (((current, voltage), held), charge)) in (0u32..).zip(state) {
            *current = neuron.current_decay.apply(*current) + *charge;
            *charge = 0;
            if *held > 0 {
                *held -= 1;
                *voltage = 0;
                continue;
            }
            *voltage =
                (neuron.voltage_decay.apply(*voltage) + *current + bias).clamp(floor, ceiling);
            if *voltage > threshold {
                *voltage = 0;
                *held = neuron.refractory.get() - 1;
                self.spikes.push(neuron_idx);
            }
        }
    }

    fn deceive(&mut self, sabotage: Sabotage, now: u64, id: LayerId) {
        match sabotage {
            Sabotage::DropSpike { step, layer, neuron_idx } if (step, layer) == (now, id) => {
                self.spikes.retain(|&spike| spike != neuron_idx);
            }
            Sabotage::AddSpike { step, layer, neuron_idx } if (step, layer) == (now, id) => {
                if let Err(place) = self.spikes.binary_search(&neuron_idx) {
                    self.spikes.insert(place, neuron_idx);
                }
            }
            _ => {}
        }
    }
}

/// The slot in which charge for a step is collected.
#[expect(clippy::cast_possible_truncation, reason = "a remainder of a length")]
const fn slot_of(step: u64, n_slots: usize) -> usize {
    (step % n_slots as u64) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to a range of i16")]
const fn narrow(weight: i32) -> i16 {
    weight as i16
}

impl Wiring {
    /// Every synapse whose ends both spiked, in canonical order.
    fn coincidences(&self, pre: &[u32], post: &[u32]) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for &source in pre {
            match self {
                Self::Dense { .. } => found.extend(post.iter().map(|&target| (source, target))),
                Self::Sparse { first, targets, .. } => {
                    let row = &targets[first[source as usize]..first[source as usize + 1]];
                    let hit = row.iter().filter(|target| post.binary_search(target).is_ok());
                    found.extend(hit.map(|&target| (source, target)));
                }
            }
        }
        found
    }
}

impl ProjectionState {
    fn new(network: &Network, projection: &Projection) -> Result<Self, LifError> {
        let n_sources = network.layer(projection.source).n_neurons;
        let n_targets = network.layer(projection.target).n_neurons;
        let wiring = match &projection.connectivity {
            Connectivity::AllToAll { delay, .. } => {
                Wiring::Dense { n_targets: n_targets as usize, delay: u64::from(delay.get()) }
            }
            _ => {
                let mut first = vec![0; n_sources as usize + 1];
                let (mut targets, mut delays) = (Vec::new(), Vec::new());
                for synapse in projection.synapses(n_sources, n_targets) {
                    first[synapse.source as usize + 1] += 1;
                    targets.push(synapse.target);
                    delays.push(synapse.delay.get());
                }
                for source in 0..n_sources as usize {
                    first[source + 1] += first[source];
                }
                Wiring::Sparse { first, targets, delays }
            }
        };
        let strength = match (&projection.plasticity, &projection.connectivity) {
            (Some(plasticity), _) => {
                let weights = projection.synapses(n_sources, n_targets);
                let weights = weights.map(|synapse| narrow(synapse.weight)).collect();
                Strength::Plastic(weights, Learning::new(projection, plasticity)?)
            }
            (
                None,
                Connectivity::AllToAll { weights, .. }
                | Connectivity::OneToOne { weights, .. }
                | Connectivity::OneToAll { weights, .. },
            ) => match weights {
                Weights::Uniform(weight) => Strength::Uniform(*weight),
                Weights::Each(each) => Strength::Static(each.clone()),
            },
            (None, Connectivity::List(synapses)) => {
                Strength::Static(synapses.iter().map(|synapse| synapse.weight).collect())
            }
        };
        let (target, gain) = (projection.target.index(), i64::from(projection.gain));
        Ok(Self { target, gain, wiring, strength })
    }

    /// Adds the weights of all spikes to the slots of the target layer; returns how many.
    fn deliver(&self, step: u64, spikes: &[u32], slots: &mut [Vec<i64>]) -> u64 {
        let n_slots = slots.len();
        let mut n_delivered = 0;
        for &source in spikes {
            let source = source as usize;
            match &self.wiring {
                Wiring::Dense { n_targets, delay } => {
                    let slot = &mut slots[slot_of(step + 1 + delay, n_slots)];
                    let row = source * n_targets..(source + 1) * n_targets;
                    match &self.strength {
                        Strength::Uniform(weight) => {
                            let charge = i64::from(*weight) * self.gain;
                            slot.iter_mut().for_each(|sum| *sum += charge);
                        }
                        Strength::Static(weights) => {
                            for (sum, &weight) in slot.iter_mut().zip(&weights[row]) {
                                *sum += i64::from(weight) * self.gain;
                            }
                        }
                        Strength::Plastic(weights, _) => {
                            for (sum, &weight) in slot.iter_mut().zip(&weights[row]) {
                                *sum += i64::from(weight) * self.gain;
                            }
                        }
                    }
                    n_delivered += *n_targets as u64;
                }
                Wiring::Sparse { first, targets, delays } => {
                    let row = first[source]..first[source + 1];
                    n_delivered += row.len() as u64;
                    let mut synapses = row.clone();
                    // Most rows have one delay, so that its slot is looked up once and not per synapse.
                    for delays in delays[row].chunk_by(|a, b| a == b) {
                        let slot = slot_of(step + 1 + u64::from(delays[0]), n_slots);
                        let sums = &mut slots[slot];
                        for synapse in synapses.by_ref().take(delays.len()) {
                            let weight = match &self.strength {
                                Strength::Uniform(weight) => *weight,
                                Strength::Static(weights) => weights[synapse],
                                Strength::Plastic(weights, _) => i32::from(weights[synapse]),
                            };
                            sums[targets[synapse] as usize] += i64::from(weight) * self.gain;
                        }
                    }
                }
            }
        }
        n_delivered
    }
}

impl Learning {
    fn new(projection: &Projection, plasticity: &Plasticity) -> Result<Self, LifError> {
        let rule = &plasticity.rule;
        let impulse = plasticity.reward.map_or(0, |reward| i64::from(reward.impulse));
        let mut change = [[[0; 2]; 2]; 2];
        for (given, by_pre) in change.iter_mut().enumerate() {
            for (x0, by_post) in by_pre.iter_mut().enumerate() {
                for (y0, change) in by_post.iter_mut().enumerate() {
                    let reward = (given == 1).then_some(impulse);
                    let asked = evaluate(rule, x0 == 1, y0 == 1, reward).map_err(|term| {
                        let projection = projection.name.clone();
                        LifError::Term { projection, rule: rule.to_string(), term }
                    })?;
                    let step = i64::from(plasticity.range.step) * 128;
                    if asked % step != 0 {
                        return Err(LifError::Fraction {
                            projection: projection.name.clone(),
                            rule: rule.to_string(),
                            change: asked,
                            step: plasticity.range.step,
                        });
                    }
                    // A change far beyond the range saturates like one just beyond it.
                    *change = i32::try_from((asked / 128).clamp(-65_536, 65_536)).unwrap_or(0);
                }
            }
        }
        Ok(Self {
            source: projection.source.index(),
            change,
            min: i32::from(plasticity.range.min),
            max: i32::from(plasticity.range.max),
            reward: plasticity.reward.map(|reward| reward.source.index()),
            phases: plasticity.phases,
        })
    }
}

/// The change a rule asks for, in 1/128 of a weight unit, exactly; the name of a term it may not use.
/// `reward` is the impulse of the reward channel in a step in which it is driven.
fn evaluate(rule: &Rule, x0: bool, y0: bool, reward: Option<i64>) -> Result<i64, String> {
    let mut change: i64 = 0;
    for product in rule.products() {
        let mut value = match product.gate() {
            Dependency::X0 => i64::from(x0),
            Dependency::Y0 => i64::from(y0),
            Dependency::U(k) => return Err(format!("u{k}")),
        };
        for factor in product.factors() {
            let factor = match *factor {
                Factor::X0 => i64::from(x0),
                Factor::Y0 => i64::from(y0),
                Factor::Sum { variable: Variable::R1, constant } => {
                    reward.unwrap_or(0) + i64::from(constant)
                }
                Factor::Sum { variable: Variable::R0, constant } => {
                    i64::from(reward.is_some()) + i64::from(constant)
                }
                Factor::Sum { variable, .. } | Factor::Sign { variable, .. } => {
                    return Err(format!("{variable:?}").to_lowercase());
                }
            };
            value = value.saturating_mul(factor);
        }
        // Exponents are -7 to 8, so that a product is always a whole number of 1/128.
        let scale = i64::from(product.mantissa()) << (i32::from(product.exponent()) + 7);
        change = change.saturating_add(value.saturating_mul(scale));
    }
    Ok(change)
}
