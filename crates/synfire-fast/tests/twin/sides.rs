//! Runs a case on both engines and compares everything that either can be asked.

use crate::case::{Case, Change, What};
use crate::cuts::{Cuts, Cutting, Loss};
use proptest::prelude::*;
use std::sync::Arc;
use synfire_fast::synfire_loihi::{PlainEngine, Program, RulesError, lower_with};
use synfire_fast::{FastEngine, KernelFault, Lanes};
use synfire_net::rule::Variable;
use synfire_net::{
    Engine, Fault, FaultKind, InputSchedule, LayerId, Observer, ProjectionId, Rules, Sabotage,
    StepError, Strictness, WeightsError,
};

/// What an engine reported, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Spikes(u64, LayerId, Vec<u32>),
    Fault(Fault),
}

impl Event {
    /// The step of which it was reported.
    pub(crate) const fn step(&self) -> u64 {
        match self {
            Self::Spikes(step, ..) | Self::Fault(Fault { step, .. }) => *step,
        }
    }
}

/// Keeps everything; packed spikes are unpacked, after a look at their form.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    sizes: &'a [u32],
    pub(crate) events: Vec<Event>,
    /// What is wrong with the form of a report.
    malformed: Option<String>,
}

impl<'a> Record<'a> {
    pub(crate) fn new(sizes: &'a [u32]) -> Self {
        Self { sizes, events: Vec::new(), malformed: None }
    }
}

impl Observer for Record<'_> {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        if neurons.is_empty() || !neurons.is_sorted_by(|a, b| a < b) {
            self.malformed = Some(format!("step {step}, {layer:?}: spikes {neurons:?}"));
        }
        self.events.push(Event::Spikes(step, layer, neurons.to_vec()));
    }

    fn spike_words(&mut self, step: u64, layer: LayerId, words: &[u64]) {
        let n_neurons = self.sizes[layer.index()];
        if words.len() != n_neurons.div_ceil(64) as usize {
            self.malformed = Some(format!("step {step}, {layer:?}: {} words", words.len()));
        }
        let bit = |k: u32| words.get(k as usize / 64).is_some_and(|word| word >> (k % 64) & 1 == 1);
        let all = (0..).take(words.len() * 64);
        self.spikes(step, layer, &all.filter(|&k| bit(k)).collect::<Vec<_>>());
    }

    fn fault(&mut self, fault: &Fault) {
        self.events.push(Event::Fault(*fault));
    }
}

/// What happened in the cases: a comparison of nothing proves nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) steps: u64,
    pub(crate) spikes: u64,
    pub(crate) updates: u64,
    pub(crate) input_wrapped: u64,
    pub(crate) current_wrapped: u64,
    pub(crate) biased_current_wrapped: u64,
    pub(crate) voltage_clamped: u64,
    pub(crate) spike_outside_phase: u64,
    pub(crate) learning_outside_phase: u64,
    pub(crate) faultless: u64,
    /// Steps in which two projections of one source layer that had held equal weights no longer did.
    pub(crate) splits: u64,
    pub(crate) pulses: u64,
    pub(crate) other_learning: u64,
    pub(crate) weights_replaced: u64,
    pub(crate) rules_exchanged: u64,
    pub(crate) changes_refused: u64,
    /// What states contained that were handed on: charges in flight, neurons held, and, of learning, traces,
    /// spikes of its period, rewards and tags that are not 0.
    pub(crate) cut_charges: u64,
    pub(crate) cut_holds: u64,
    pub(crate) cut_traces: u64,
    pub(crate) cut_spikes: u64,
    pub(crate) cut_rewards: u64,
    pub(crate) cut_tags: u64,
}

impl Seen {
    fn fault(&mut self, fault: &Fault) {
        *match fault.kind {
            FaultKind::InputWrapped { .. } => &mut self.input_wrapped,
            FaultKind::CurrentWrapped { .. } => &mut self.current_wrapped,
            FaultKind::BiasedCurrentWrapped { .. } => &mut self.biased_current_wrapped,
            FaultKind::VoltageClamped { .. } => &mut self.voltage_clamped,
            FaultKind::SpikeOutsidePhase { .. } => &mut self.spike_outside_phase,
            FaultKind::LearningOutsidePhase { .. } => &mut self.learning_outside_phase,
            _ => unreachable!("no other kind is known"),
        } += 1;
    }
}

/// What both engines can do besides [`Engine`].
pub(crate) trait Chip: Engine {
    fn exchange(&mut self, projection: ProjectionId, rules: &Rules) -> Result<(), RulesError>;
    fn disturb(&mut self, sabotage: Sabotage);
    fn be_cloned(&mut self);

    fn change(&mut self, change: &Change) -> Changed {
        let id = change.projection;
        let mut weights = match self.weights(id) {
            Some(weights) => weights.to_vec(),
            None => vec![0],
        };
        match &change.what {
            What::Rotate(by) => {
                let n_weights = weights.len().max(1);
                weights.rotate_left(by % n_weights);
            }
            &What::One(idx, weight) => {
                let n_weights = weights.len().max(1);
                if let Some(place) = weights.get_mut(idx % n_weights) {
                    *place = weight;
                }
            }
            What::WeightsOf(other) => {
                weights = self.weights(*other).map_or(vec![1], |weights| weights.to_vec());
            }
            What::Rules(rules) => return Changed::Rules(self.exchange(id, rules)),
            What::Sabotage(sabotage) => {
                self.disturb(*sabotage);
                return Changed::Otherwise;
            }
            What::Clone => {
                self.be_cloned();
                return Changed::Otherwise;
            }
        }
        Changed::Weights(self.set_weights(id, &weights))
    }
}

#[derive(Debug, PartialEq)]
pub(crate) enum Changed {
    Weights(Result<(), WeightsError>),
    Rules(Result<(), RulesError>),
    Otherwise,
}

impl Chip for PlainEngine {
    fn exchange(&mut self, projection: ProjectionId, rules: &Rules) -> Result<(), RulesError> {
        self.set_rules(projection, rules)
    }
    fn disturb(&mut self, sabotage: Sabotage) {
        self.sabotage(sabotage);
    }
    fn be_cloned(&mut self) {
        *self = self.clone();
    }
}

impl Chip for FastEngine {
    fn exchange(&mut self, projection: ProjectionId, rules: &Rules) -> Result<(), RulesError> {
        self.set_rules(projection, rules)
    }
    fn disturb(&mut self, sabotage: Sabotage) {
        self.sabotage(sabotage);
    }
    fn be_cloned(&mut self) {
        let all = Lanes::available();
        let place = all.iter().position(|&lanes| lanes == self.lanes()).unwrap();
        *self = self.clone().with_lanes(all[(place + 1) % all.len()]).unwrap();
    }
}

/// A case that is lowered, and how long its layers are.
pub(crate) struct Lowered<'a> {
    pub(crate) case: &'a Case,
    program: Arc<Program>,
    pub(crate) sizes: Vec<u32>,
}

impl<'a> Lowered<'a> {
    pub(crate) fn new(case: &'a Case) -> Result<Self, TestCaseError> {
        let program = lower_with(Arc::clone(&case.network), case.arithmetic)
            .map_err(|refusals| TestCaseError::reject(refusals.to_string()))?;
        let sizes = case.network.layers().iter().map(|layer| layer.n_neurons).collect();
        Ok(Self { case, program: Arc::new(program), sizes })
    }

    pub(crate) fn plain(&self, strictness: Strictness) -> PlainEngine {
        let program = Arc::clone(&self.program);
        let mut engine = PlainEngine::with_seed(program, strictness, self.case.seed);
        self.case.sabotage.iter().for_each(|&sabotage| engine.disturb(sabotage));
        engine
    }

    pub(crate) fn fast(&self, strictness: Strictness, lanes: Option<Lanes>) -> FastEngine {
        let program = Arc::clone(&self.program);
        let mut engine = FastEngine::with_seed(program, strictness, self.case.seed);
        if let Some(lanes) = lanes {
            engine = engine.with_lanes(lanes).unwrap();
        }
        self.case.sabotage.iter().for_each(|&sabotage| engine.disturb(sabotage));
        engine
    }

    /// All steps, with as few calls as changes allow, or with one for every step.
    fn run<E: Chip>(
        &self,
        engine: &mut E,
        is_whole: bool,
        record: &mut Record<'_>,
    ) -> Result<(), StepError> {
        let Case { input, n_steps, changes, .. } = self.case;
        let mut stops: Vec<u32> = changes.iter().map(|change| change.after).collect();
        if is_whole {
            stops.push(*n_steps);
        } else {
            stops.extend(1..=*n_steps);
        }
        stops.retain(|stop| (1..=*n_steps).contains(stop));
        stops.sort_unstable();
        stops.dedup();
        let mut done = 0;
        for stop in stops {
            engine.advance(stop - done, input, record)?;
            done = stop;
            for change in changes.iter().filter(|change| change.after == stop) {
                engine.change(change);
            }
        }
        Ok(())
    }
}

/// Compares all that both engines do with a case. What was seen is added to `seen`.
pub(crate) fn compare(case: &Case, seen: &mut Seen) -> Result<(), TestCaseError> {
    let lowered = Lowered::new(case)?;
    let cuts = Cuts::new(&lowered, Cutting::Twice, None);
    let (events, plain) = side_by_side(&lowered, None, cuts, seen)?;
    at_once(&lowered, &events, &plain)?;
    strictly(&lowered, &events, seen)
}

/// Compares step by step with an engine that has a fault in a kernel: an error is what it should give.
pub(crate) fn compare_planted(case: &Case, fault: KernelFault) -> Result<(), TestCaseError> {
    let lowered = Lowered::new(case)?;
    let cuts = Cuts::new(&lowered, Cutting::Twice, None);
    side_by_side(&lowered, Some(fault), cuts, &mut Seen::default()).map(|_| ())
}

/// Compares step by step, with cuts; where states lose something on the way, an error is what it should give.
pub(crate) fn compare_cut(
    case: &Case,
    cutting: Cutting,
    loss: Option<Loss>,
    seen: &mut Seen,
) -> Result<(), TestCaseError> {
    let lowered = Lowered::new(case)?;
    let cuts = Cuts::new(&lowered, cutting, loss);
    side_by_side(&lowered, None, cuts, seen).map(|_| ())
}

/// Step by step on all lanes, everything after every step.
fn side_by_side(
    lowered: &Lowered<'_>,
    plant: Option<KernelFault>,
    mut cuts: Cuts<'_>,
    seen: &mut Seen,
) -> Result<(Vec<Event>, PlainEngine), TestCaseError> {
    let Lowered { case, program, sizes } = lowered;
    let network = &case.network;
    for id in network.projection_ids().filter(|&id| network.projection(id).is_plastic()) {
        let is_pulse = program.synapses(id).pulse.is_some();
        *if is_pulse { &mut seen.pulses } else { &mut seen.other_learning } += 1;
    }
    let mut plain = lowered.plain(Strictness::Report);
    let mut engines: Vec<(Lanes, FastEngine)> = Lanes::available()
        .into_iter()
        .map(|lanes| (lanes, lowered.fast(Strictness::Report, Some(lanes))))
        .collect();
    if let Some(fault) = plant {
        engines.iter_mut().for_each(|(_, engine)| engine.plant(fault));
    }
    let mut copies = Copies::new(&plain);
    let mut all_events = Vec::new();
    cuts.cut(0, &plain, &engines, seen)?;
    for step in 1..=case.n_steps {
        let mut expected = Record::new(sizes);
        plain.advance(1, &case.input, &mut expected).map_err(fail)?;
        for (lanes, engine) in &mut engines {
            let mut found = Record::new(sizes);
            engine.advance(1, &case.input, &mut found).map_err(fail)?;
            prop_assert_eq!(&found.malformed, &None);
            prop_assert_eq!(&found.events, &expected.events, "step {}, {:?}", step, lanes);
            compare_states(&plain, engine).map_err(|why| {
                TestCaseError::fail(format!("after step {step}, {lanes:?}: {why}"))
            })?;
        }
        for event in &expected.events {
            match event {
                Event::Spikes(_, layer, neurons) if !network.layer(*layer).is_source() => {
                    seen.spikes += neurons.len() as u64;
                }
                Event::Spikes(..) => {}
                Event::Fault(fault) => seen.fault(fault),
            }
        }
        cuts.follow(step, &expected.events, &plain)?;
        seen.splits += copies.splits(&plain);
        all_events.append(&mut expected.events);
        for change in case.changes.iter().filter(|change| change.after == step) {
            let outcome = plain.change(change);
            match &outcome {
                Changed::Weights(Ok(())) => seen.weights_replaced += 1,
                Changed::Rules(Ok(())) => seen.rules_exchanged += 1,
                Changed::Weights(Err(_)) | Changed::Rules(Err(_)) => seen.changes_refused += 1,
                Changed::Otherwise => {}
            }
            for (lanes, engine) in &mut engines {
                prop_assert_eq!(&engine.change(change), &outcome, "{:?}, {:?}", lanes, change);
                compare_states(&plain, engine).map_err(|why| {
                    TestCaseError::fail(format!("after step {step} and {change:?}: {why}"))
                })?;
            }
            cuts.change(change);
        }
        cuts.cut(step, &plain, &engines, seen)?;
    }
    cuts.go_back(&plain, &engines, &all_events)?;
    seen.steps += u64::from(case.n_steps);
    seen.updates += plain.operations().plastic_updates;
    Ok((all_events, plain))
}

/// All steps by one call.
fn at_once(
    lowered: &Lowered<'_>,
    events: &[Event],
    plain: &PlainEngine,
) -> Result<(), TestCaseError> {
    let mut engine = lowered.fast(Strictness::Report, None);
    let mut record = Record::new(&lowered.sizes);
    lowered.run(&mut engine, true, &mut record).map_err(fail)?;
    prop_assert_eq!(&record.malformed, &None);
    prop_assert_eq!(&record.events[..], events, "in one go");
    compare_states(plain, &engine).map_err(|why| TestCaseError::fail(format!("in one go: {why}")))
}

/// A strict engine hears the same up to the first fault, and stops in the same step for the same reason.
fn strictly(lowered: &Lowered<'_>, events: &[Event], seen: &mut Seen) -> Result<(), TestCaseError> {
    let first_fault = events.iter().position(|event| matches!(event, Event::Fault(_)));
    if first_fault.is_none() {
        seen.faultless += 1;
    }
    let mut plain = lowered.plain(Strictness::Strict);
    let mut expected = Record::new(&lowered.sizes);
    let outcome = lowered.run(&mut plain, true, &mut expected);
    prop_assert_eq!(outcome.is_err(), first_fault.is_some());
    for is_whole in [true, false] {
        let mut engine = lowered.fast(Strictness::Strict, None);
        let mut found = Record::new(&lowered.sizes);
        prop_assert_eq!(&lowered.run(&mut engine, is_whole, &mut found), &outcome);
        prop_assert_eq!(&found.events, &expected.events, "strict");
        prop_assert_eq!(engine.step(), plain.step());
        if outcome.is_err() {
            let again = engine.advance(1, &InputSchedule::new(), &mut ());
            prop_assert_eq!(again, Err(StepError::Stopped { step: plain.step() }));
            prop_assert!(engine.state().is_none() && plain.state().is_none());
        }
        compare_states(&plain, &engine)
            .map_err(|why| TestCaseError::fail(format!("strict, {outcome:?}: {why}")))?;
    }
    Ok(())
}

pub(crate) fn fail(error: impl ToString) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Everything but reports. What differs is named in short: whole matrices would hide it.
fn compare_states(plain: &PlainEngine, fast: &FastEngine) -> Result<(), String> {
    let network = plain.network();
    if plain.step() != fast.step() {
        return Err(format!("step {}, expected {}", fast.step(), plain.step()));
    }
    for id in network.layer_ids() {
        let name = &network.layer(id).name;
        same(|| format!("current of {name}"), &fast.currents(id), &plain.currents(id))?;
        same(|| format!("voltage of {name}"), &fast.voltages(id), &plain.voltages(id))?;
    }
    for id in network.projection_ids() {
        let name = &network.projection(id).name;
        let [found, expected] = [fast.weights(id), plain.weights(id)];
        if found.is_some() != expected.is_some() {
            return Err(format!("{name}: weights are known to one engine only"));
        }
        if let Some((found, expected)) = found.zip(expected) {
            same(|| format!("weight of {name}"), &found, &expected)?;
            read_in_part(fast, id, &expected)?;
            if fast.tags(id) != plain.tags(id) {
                return Err(format!("{name}: tags {:?} != {:?}", fast.tags(id), plain.tags(id)));
            }
            for variable in Variable::ALL {
                let [found, expected] = [fast.trace(id, variable), plain.trace(id, variable)];
                if found != expected {
                    return Err(format!(
                        "{name}: {variable:?} is {found:?}, expected {expected:?}"
                    ));
                }
            }
        } else if fast.read_weights(id, 0, &mut []) {
            return Err(format!("{name}: weights of a static projection can be read"));
        }
        same(|| format!("delay of {name}"), &fast.delays(id), &plain.delays(id))?;
    }
    if fast.operations() != plain.operations() {
        return Err(format!("{:?}, expected {:?}", fast.operations(), plain.operations()));
    }
    Ok(())
}

/// Some weights at the ends and in between.
fn read_in_part(fast: &FastEngine, id: ProjectionId, expected: &[i16]) -> Result<(), String> {
    let n_weights = expected.len();
    let parts = [(0, n_weights.min(3)), (n_weights / 2, n_weights - n_weights / 2), (n_weights, 0)];
    for (first, n) in parts {
        let mut found = vec![i16::MIN; n];
        if !fast.read_weights(id, first, &mut found) {
            return Err(format!("{id}: weights cannot be read in part"));
        }
        same(|| format!("{id}: weight read from {first} on"), &found, &expected[first..][..n])?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: impl Fn() -> String,
    found: &[T],
    expected: &[T],
) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let places: Vec<usize> =
        (0..found.len().min(expected.len())).filter(|&k| found[k] != expected[k]).collect();
    match places.first() {
        None => Err(format!("{} values of {}, expected {}", found.len(), what(), expected.len())),
        Some(&k) => Err(format!(
            "{} {k} is {:?}, expected {:?}; {} of {} differ",
            what(),
            found[k],
            expected[k],
            places.len(),
            expected.len()
        )),
    }
}

/// Projections of one source layer with equal weights: which of them still have equal weights.
struct Copies {
    pairs: Vec<(ProjectionId, ProjectionId)>,
}

impl Copies {
    fn new(engine: &PlainEngine) -> Self {
        let network = engine.network();
        let ids: Vec<_> =
            network.projection_ids().filter(|&id| network.projection(id).is_plastic()).collect();
        let source = |id| network.projection(id).source;
        let mut pairs = Vec::new();
        for (k, &one) in ids.iter().enumerate() {
            for &other in &ids[k + 1..] {
                if source(one) == source(other) && engine.weights(one) == engine.weights(other) {
                    pairs.push((one, other));
                }
            }
        }
        Self { pairs }
    }

    /// How many pairs have become different.
    fn splits(&mut self, engine: &PlainEngine) -> u64 {
        let n_pairs = self.pairs.len();
        self.pairs.retain(|&(one, other)| engine.weights(one) == engine.weights(other));
        (n_pairs - self.pairs.len()) as u64
    }
}
