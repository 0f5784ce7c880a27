//! Cuts: the state is taken between two steps, put into other engines, and these go on beside the first.
//!
//! After every step the states of both engines must be equal. At some steps, or at all, new engines of either
//! kind take the state over, and from there on report and hold what the uninterrupted ones do, step by step. At
//! last the uninterrupted ones go back to a cut themselves and run the rest once more.

use crate::case::{Case, Change, What};
use crate::corners::{all, copied, memoryless, one_to_one, small, some};
use crate::dense::scramble;
use crate::sides::{Chip, Event, Lowered, Record, Seen, compare_cut, fail};
use proptest::prelude::*;
use std::sync::Arc;
use synfire_fast::synfire_loihi::{PlainEngine, Program, lower};
use synfire_fast::{FastEngine, Lanes};
use synfire_net::{
    Connectivity, Decay, Delay, Engine, EngineState, InputSchedule, LearningPeriod, NetworkBuilder,
    Neuron, PlasticState, Plasticity, Reward, Rules, Sabotage, StateError, StepError, Strictness,
    Trace, Traces, WeightRange, Weights,
};

/// Where a case is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cutting {
    /// At two steps, which look random.
    Twice,
    /// Before the first step and after every one.
    Everywhere,
}

/// What a state that is handed on lost, for tests of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    Charge,
    Hold,
    Trace,
    Spike,
    Reward,
    Delay,
    Tag,
    Weight,
}

impl Loss {
    pub(crate) const ALL: [Self; 8] = [
        Self::Charge,
        Self::Hold,
        Self::Trace,
        Self::Spike,
        Self::Reward,
        Self::Delay,
        Self::Tag,
        Self::Weight,
    ];

    /// Takes something out of a state; says whether there was anything.
    fn from(self, state: &mut EngineState) -> bool {
        let plastic = || state.projections.iter().flatten();
        let has_learner = |it: &PlasticState| it.learner.is_some();
        match self {
            Self::Charge => {
                let layer = state.layers.iter_mut().find(|layer| !layer.in_flight.is_empty());
                layer.map(|layer| layer.in_flight.pop()).is_some()
            }
            Self::Hold => {
                let held = state.layers.iter_mut().flat_map(|layer| &mut layer.held);
                zeroed(held)
            }
            _ if !plastic().any(has_learner) && self != Self::Weight => false,
            Self::Weight => zeroed(plastic_mut(state).flat_map(|it| &mut it.weights)),
            Self::Delay => zeroed(plastic_mut(state).flat_map(|it| &mut it.delays)),
            Self::Tag => zeroed(plastic_mut(state).flat_map(|it| &mut it.tags)),
            Self::Trace => {
                let learners = plastic_mut(state).filter_map(|it| it.learner.as_mut());
                zeroed(learners.flat_map(|it| it.x1.iter_mut().chain(&mut it.y1)))
            }
            Self::Spike => {
                let learners = plastic_mut(state).filter_map(|it| it.learner.as_mut());
                zeroed(learners.flat_map(|it| it.last_pre.iter_mut().chain(&mut it.last_post)))
            }
            Self::Reward => {
                let learners = plastic_mut(state).filter_map(|it| it.learner.as_mut());
                let rewards = learners.filter_map(|it| it.reward.as_mut());
                zeroed(rewards.flat_map(|it| [&mut it.value, &mut it.pending]))
            }
        }
    }
}

fn plastic_mut(state: &mut EngineState) -> impl Iterator<Item = &mut PlasticState> {
    state.projections.iter_mut().flatten()
}

/// Sets the last value that is not 0 to 0.
fn zeroed<'a, T: Default + PartialEq + 'a>(values: impl Iterator<Item = &'a mut T>) -> bool {
    let last = values.filter(|value| **value != T::default()).last();
    last.map(|value| *value = T::default()).is_some()
}

/// An engine that has taken a state over.
struct Revived {
    what: String,
    engine: Box<dyn Chip>,
}

/// The engines that go on from cuts, beside the uninterrupted ones.
pub(crate) struct Cuts<'a> {
    lowered: &'a Lowered<'a>,
    cutting: Cutting,
    at: Vec<u32>,
    loss: Option<Loss>,
    revived: Vec<Revived>,
    /// The first cut, for going back.
    first: Option<(u32, EngineState)>,
}

impl<'a> Cuts<'a> {
    pub(crate) fn new(lowered: &'a Lowered<'a>, cutting: Cutting, loss: Option<Loss>) -> Self {
        let case = lowered.case;
        let at = match cutting {
            Cutting::Everywhere => (0..=case.n_steps).collect(),
            Cutting::Twice => (0..2)
                .map(|k| scramble(case.seed ^ u64::from(case.n_steps), k))
                .map(|word| u32::try_from(word % u64::from(case.n_steps + 1)).unwrap())
                .collect(),
        };
        Self { lowered, cutting, at, loss, revived: Vec::new(), first: None }
    }

    /// After a step and the changes that follow it.
    pub(crate) fn cut(
        &mut self,
        step: u32,
        plain: &PlainEngine,
        fast: &[(Lanes, FastEngine)],
        seen: &mut Seen,
    ) -> Result<(), TestCaseError> {
        if !self.is_looked_at(step) && !self.at.contains(&step) {
            return Ok(());
        }
        let state = plain.state().unwrap();
        for (lanes, engine) in fast {
            prop_assert!(engine.state().as_ref() == Some(&state), "states, step {step}, {lanes:?}");
        }
        prop_assert_eq!(state.check(plain.network()), Ok(()), "step {}", step);
        if !self.at.contains(&step) {
            return Ok(());
        }
        note(&state, seen);
        if self.first.is_none() {
            self.first = Some((step, state.clone()));
        }
        let mut handed = EngineState::from_parts(state.parts()).map_err(fail)?;
        prop_assert!(handed == state, "parts, step {step}");
        let is_lost = self.loss.is_some_and(|loss| loss.from(&mut handed));
        if self.loss.is_some() && !is_lost {
            return Ok(());
        }
        let lanes = fast.get(step as usize % fast.len().max(1)).map(|(lanes, _)| *lanes);
        let engines: [(&str, Box<dyn Chip>); 2] = [
            ("plain", Box::new(self.lowered.plain(Strictness::Report))),
            ("fast", Box::new(self.lowered.fast(Strictness::Report, lanes))),
        ];
        for (name, mut engine) in engines {
            // What an engine is set up with is no part of its state.
            for after in 0..=step {
                for change in self.lowered.case.changes.iter().filter(|it| it.after == after) {
                    if after > 0 && matches!(change.what, What::Rules(_) | What::Sabotage(_)) {
                        engine.change(change);
                    }
                }
            }
            let what = format!("{name}, cut after {step}");
            engine
                .restore(&handed)
                .map_err(|error| TestCaseError::fail(format!("{what}: {error}")))?;
            prop_assert!(engine.state().as_ref() == Some(&handed), "{what}: restored state");
            self.revived.push(Revived { what, engine });
        }
        Ok(())
    }

    /// Whether states are compared after a step, which takes longer than the step.
    fn is_looked_at(&self, step: u32) -> bool {
        self.cutting == Cutting::Everywhere
            || step == self.lowered.case.n_steps
            || step.is_multiple_of(8)
    }

    /// The next step of all engines that go on.
    pub(crate) fn follow(
        &mut self,
        step: u32,
        events: &[Event],
        plain: &PlainEngine,
    ) -> Result<(), TestCaseError> {
        let state = self.is_looked_at(step).then(|| plain.state());
        for Revived { what, engine } in &mut self.revived {
            let mut found = Record::new(&self.lowered.sizes);
            engine.advance(1, &self.lowered.case.input, &mut found).map_err(fail)?;
            prop_assert_eq!(&found.events[..], events, "{}: step {}", what, step);
            // Engines that were handed less are judged by what they do, and by what learning has made.
            if let Some(state) = state.as_ref().filter(|_| self.loss.is_none()) {
                prop_assert!(engine.state() == *state, "{what}: state after step {step}");
                continue;
            }
            for id in plain.network().projection_ids() {
                prop_assert!(
                    engine.weights(id) == plain.weights(id),
                    "{what}: weights of {id} after {step}"
                );
            }
            for id in plain.network().layer_ids() {
                prop_assert_eq!(engine.currents(id), plain.currents(id), "{}: step {}", what, step);
                prop_assert_eq!(engine.voltages(id), plain.voltages(id), "{}: step {}", what, step);
            }
        }
        Ok(())
    }

    pub(crate) fn change(&mut self, change: &Change) {
        for Revived { engine, .. } in &mut self.revived {
            engine.change(change);
        }
    }

    /// Engines at the end of a case go back to the first cut and run the rest again.
    pub(crate) fn go_back(
        &self,
        plain: &PlainEngine,
        fast: &[(Lanes, FastEngine)],
        events: &[Event],
    ) -> Result<(), TestCaseError> {
        let Some((cut, state)) = &self.first else { return Ok(()) };
        let case = self.lowered.case;
        let is_set_up = |what: &What| matches!(what, What::Rules(_) | What::Sabotage(_));
        if case.changes.iter().any(|change| change.after > *cut && is_set_up(&change.what)) {
            return Ok(());
        }
        let rest = events.iter().filter(|event| event.step() > u64::from(*cut));
        let rest: Vec<&Event> = rest.collect();
        let mut engines: Vec<Box<dyn Chip>> = vec![Box::new(plain.clone())];
        engines
            .extend(fast.iter().map(|(_, engine)| -> Box<dyn Chip> { Box::new(engine.clone()) }));
        for mut engine in engines {
            engine.restore(state).map_err(fail)?;
            prop_assert!(engine.state().as_ref() == Some(state), "back at {cut}");
            let mut found = Record::new(&self.lowered.sizes);
            for step in cut + 1..=case.n_steps {
                engine.advance(1, &case.input, &mut found).map_err(fail)?;
                for change in case.changes.iter().filter(|change| change.after == step) {
                    engine.change(change);
                }
            }
            prop_assert!(found.events.iter().eq(rest.iter().copied()), "again from {cut}");
            prop_assert!(engine.state() == plain.state(), "again from {cut}: state");
        }
        Ok(())
    }
}

/// Counts what cut states contain.
fn note(state: &EngineState, seen: &mut Seen) {
    let count = |values: &[u8]| values.iter().filter(|&&value| value > 0).count() as u64;
    for layer in &state.layers {
        seen.cut_charges += layer.in_flight.len() as u64;
        seen.cut_holds += count(&layer.held);
    }
    for learner in state.projections.iter().flatten().filter_map(|it| it.learner.as_ref()) {
        for traces in [&learner.x1, &learner.x2, &learner.y1, &learner.y2, &learner.y3] {
            seen.cut_traces += count(traces);
        }
        seen.cut_spikes += count(&learner.last_pre) + count(&learner.last_post);
        let reward = learner.reward.unwrap_or_default();
        seen.cut_rewards += u64::from(reward.value > 0) + u64::from(reward.pending > 0);
    }
    let tags = state.projections.iter().flatten().flat_map(|it| &it.tags);
    seen.cut_tags += tags.filter(|&&tag| tag != 0).count() as u64;
}

/// Relays of many delays and gates onto neurons that are held, and onto leaky ones that are held longer.
fn layered(n: u32) -> Case {
    let mut builder = NetworkBuilder::new(format!("layered, {n}"));
    let sources = builder.sources("sources", n);
    let gate = builder.sources("gate", 1);
    let target = builder.neurons("target", n, memoryless(300, 3));
    let next = builder.neurons("next", n, memoryless(100, 1));
    let decay = |loss| Decay::new(loss).unwrap();
    let (current_decay, voltage_decay) = (decay(900), decay(300));
    let leaky = Neuron { current_decay, voltage_decay, ..memoryless(120, 5) };
    let leaky = builder.neurons("leaky", n, leaky);
    for (delay, weight) in [(0, 64), (0, 100), (0, -90), (1, 300), (2, -6), (2, 80), (7, 254)] {
        let name = format!("relay {delay} {weight}");
        builder.connect(name, sources, target, one_to_one(weight, delay));
    }
    let delay = Delay::new(2).unwrap();
    let hold = Connectivity::OneToAll { weights: Weights::Uniform(-150), delay };
    builder.connect("gate", gate, target, hold);
    builder.connect("on", target, next, one_to_one(120, 3));
    builder.connect("off", target, leaky, one_to_one(-30, 9));
    builder.connect("back", next, next, one_to_one(-200, 1));
    builder.connect("all", next, leaky, all(small(n * n, 3), 1));
    builder.connect("leak", sources, leaky, one_to_one(90, 0));
    let mut input = InputSchedule::new();
    some(&mut input, 1..=30, sources, n, 5);
    (1..30).step_by(3).for_each(|step| input.push(step, gate, 0));
    Case::new(builder.build().unwrap(), input, 40)
}

/// Learning with all that it can remember, in learning periods of so many steps.
fn remembered(period: u8) -> Case {
    let mut builder = NetworkBuilder::new(format!("remembered, {period}"));
    let [pre, post] = ["pre", "post"].map(|name| builder.sources(name, 6));
    let reward = builder.sources("reward", 1);
    let target = builder.neurons("target", 6, memoryless(200, 1));
    builder.connect("drive", post, target, one_to_one(254, 0));
    let rule = |text: &str| Some(text.parse().unwrap());
    let plasticity = Plasticity {
        rules: Rules {
            weight: rule("2^-3*x1*y0 - 2^-3*y1*x0 + 2^-2*r1*x0 + x0*t"),
            delay: rule("2^-3*x0*y1 - 2*y0"),
            tag: rule("x0*y1 - y0"),
        },
        range: WeightRange::MIXED,
        traces: Traces { x1: Trace::new(60, 9), y1: Trace::new(40, 7), ..Traces::NONE },
        reward: Trace::new(30, 6).map(|trace| Reward { source: reward, trace }),
        period: LearningPeriod::new(period).unwrap(),
        phases: None,
    };
    builder.connect_plastic("learns", pre, target, all(small(36, 4), 3), plasticity);
    let mut input = InputSchedule::new();
    some(&mut input, 1..=40, pre, 6, 8);
    some(&mut input, 1..=40, post, 6, 9);
    some(&mut input, 1..=40, reward, 1, 10);
    Case { seed: 3, ..Case::new(builder.build().unwrap(), input, 48) }
}

fn program(case: &Case) -> Arc<Program> {
    Arc::new(lower(Arc::clone(&case.network)).unwrap())
}

fn both(program: &Arc<Program>) -> [Box<dyn Engine>; 2] {
    [
        Box::new(FastEngine::new(Arc::clone(program), Strictness::Strict)),
        Box::new(PlainEngine::new(Arc::clone(program), Strictness::Strict)),
    ]
}

/// Cut before and after every step: copies that share a matrix, relays of many delays, gates, leaky neurons.
#[test]
fn every_step_can_be_cut() {
    for rule in ["4*x0*y0*r1 - 2*x0*y0", "2*x0 - 4*y0"] {
        for (n_sources, n_targets) in [(3, 64), (65, 63), (70, 10)] {
            let mut seen = Seen::default();
            let case = copied(n_sources, n_targets, rule).case;
            compare_cut(&case, Cutting::Everywhere, None, &mut seen).unwrap();
            assert!(seen.cut_charges > 100 && seen.splits == 2, "{seen:?}");
        }
    }
    for n in [1, 64, 130] {
        let mut seen = Seen::default();
        compare_cut(&layered(n), Cutting::Everywhere, None, &mut seen).unwrap();
        assert!(seen.cut_charges > 100 && seen.cut_holds > 10, "{n}: {seen:?}");
    }
    for period in [1, 4, 7] {
        let mut seen = Seen::default();
        compare_cut(&remembered(period), Cutting::Everywhere, None, &mut seen).unwrap();
        let all = [seen.cut_charges, seen.cut_traces, seen.cut_rewards, seen.cut_tags];
        assert!(all.iter().all(|&n| n > 10), "{period}: {seen:?}");
        assert_eq!(seen.cut_spikes > 10, period > 1, "{period}: {seen:?}");
    }
}

/// Who lost a spike is held as if it had been heard, and who was given one is held as well.
#[test]
fn sabotaged_neurons_are_held_on() {
    let whole = layered(20);
    for name in ["target", "next", "leaky"] {
        let layer = whole.network.find_layer(name).unwrap();
        for is_lost in [true, false] {
            let deviation = |step: u64, neuron_idx: u32| match is_lost {
                true => Sabotage::DropSpike { step, layer, neuron_idx },
                false => Sabotage::AddSpike { step, layer, neuron_idx },
            };
            let of_step = |step: u64| (0..20).map(move |neuron_idx| deviation(step, neuron_idx));
            let sabotage = (5..25).step_by(3).flat_map(of_step).collect();
            let case = Case { sabotage, ..whole.clone() };
            let mut seen = Seen::default();
            compare_cut(&case, Cutting::Everywhere, None, &mut seen).unwrap();
            assert!(seen.cut_holds > 10, "{name}: {seen:?}");
        }
    }
}

/// Copies that are equal share a matrix again, and one that is not has its own.
#[test]
fn copies_share_again() {
    let copied = copied(70, 66, "4*x0*y0*r1 - 2*x0*y0");
    let program = program(&copied.case);
    let engine = || FastEngine::new(Arc::clone(&program), Strictness::Report);
    let mut first = engine();
    for _ in 0..copied.case.n_steps {
        first.advance(1, &copied.case.input, &mut ()).unwrap();
        let mut second = engine();
        second.restore(&first.state().unwrap()).unwrap();
        assert_eq!(second.n_matrices(), first.n_matrices(), "step {}", first.step());
    }
    assert_eq!(first.n_matrices(), 2);
}

/// What has stopped has no state, and goes on from one.
#[test]
fn an_engine_that_stopped_is_revived() {
    let case = layered(5);
    let Case { network, input, .. } = &case;
    let engines = both(&program(&case));
    let target = network.layer_ids().find(|&id| !network.layer(id).is_source()).unwrap();
    for mut engine in engines {
        engine.advance(4, input, &mut ()).unwrap();
        let state = engine.state().unwrap();
        let mut wrong = InputSchedule::new();
        wrong.push(5, target, 0);
        let error = engine.advance(1, &wrong, &mut ()).unwrap_err();
        assert!(matches!(error, StepError::NotASource { .. }));
        assert_eq!(engine.state(), None);
        engine.restore(&state).unwrap();
        assert_eq!(engine.state().as_ref(), Some(&state));
        engine.advance(3, input, &mut ()).unwrap();
    }
}

/// A state that does not fit is refused for its reason, and nothing is changed then.
#[test]
fn other_states_are_refused() {
    let case = layered(5);
    let Case { network, input, .. } = &case;
    for mut engine in both(&program(&case)) {
        engine.advance(6, input, &mut ()).unwrap();
        let state = engine.state().unwrap();
        let leaky = network.find_layer("leaky").unwrap().index();
        let relayed = network.find_layer("target").unwrap().index();
        type Spoil<'a> = &'a dyn Fn(&mut EngineState);
        let spoil: [(&str, Spoil<'_>); 6] = [
            ("layer `target`: current 0 is 2097152, expected -2097152 to 2097151", &|state| {
                state.layers[relayed].currents[0] = 1 << 21;
                state.layers[relayed].voltages[0] = 0;
            }),
            ("layer `leaky`: current 1 is -8388609, expected -8388608 to 8388607", &|state| {
                state.layers[leaky].currents[1] = -(1 << 23) - 1;
            }),
            ("layer `leaky`: voltage 2 is -8388608, expected -8388607 to 8388607", &|state| {
                state.layers[leaky].voltages[2] = -(1 << 23);
                state.layers[leaky].held[2] = 0;
            }),
            ("seed of chance is 1, expected none", &|state| state.seed = Some(1)),
            ("layer `leaky`: 4 values of current, expected 5", &|state| {
                state.layers[leaky].currents.pop();
            }),
            ("step is 9223372036854775808, expected 0 to 9223372036854775807", &|state| {
                state.step = 1 << 63;
                state.operations.steps = 1 << 63;
            }),
        ];
        for (reason, spoil) in spoil {
            let mut other = state.clone();
            spoil(&mut other);
            assert_eq!(engine.restore(&other).unwrap_err().to_string(), reason);
            assert_eq!(engine.state().as_ref(), Some(&state), "{reason}");
        }
        engine.advance(6, input, &mut ()).unwrap();
    }
}

/// Engines that are handed less than the state behave otherwise, in some case that has it to lose.
#[test]
fn every_loss_is_seen() {
    let cases =
        [copied(20, 10, "4*x0*y0*r1 - 2*x0*y0").case, layered(7), remembered(1), remembered(4)];
    for loss in Loss::ALL {
        let caught = cases.iter().filter(|case| {
            compare_cut(case, Cutting::Everywhere, Some(loss), &mut Seen::default()).is_err()
        });
        assert!(caught.count() > 0, "{loss:?} was not seen");
    }
}

/// What one engine learns otherwise than another is no state of it.
#[test]
fn rules_belong_to_the_engine() {
    let case = remembered(1);
    let program = program(&case);
    let mut engine = PlainEngine::with_seed(Arc::clone(&program), Strictness::Report, 7);
    engine.advance(9, &case.input, &mut ()).unwrap();
    let state = engine.state().unwrap();
    assert_eq!(state.seed, Some(7));
    let mut other = FastEngine::with_seed(Arc::clone(&program), Strictness::Report, 8);
    let found = other.restore(&state);
    assert_eq!(found, Err(StateError::Seed { found: Some(7), expected: Some(8) }));
    let mut forgetful = state.clone();
    plastic_mut(&mut forgetful).for_each(|it| it.learner = None);
    let found = other.restore(&forgetful);
    assert!(matches!(found, Err(StateError::Learner { found: false, .. })), "{found:?}");
}
