//! States: what does not fit a network, in which words, and states taken apart and put together.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::borrow::Cow;
use synfire_net::{
    Connectivity, Delay, EngineState, InFlight, LayerState, LearnerState, LearningPeriod, Network,
    NetworkBuilder, Neuron, Part, PartsError, PlasticState, Plasticity, Projection, Refractory,
    Reward, RewardState, Rule, Rules, Synapse, Trace, Traces, UNIT_GAIN, Values, WeightRange,
    Weights,
};

/// Two sources onto two held neurons, and from these onto a leaky one by synapses that learn all there is.
fn network() -> Network {
    let mut builder = NetworkBuilder::new("small");
    let input = builder.sources("in", 2);
    let held =
        builder.neurons("held", 2, Neuron::memoryless(640, -64, Refractory::new(4).unwrap()));
    let leaky = Neuron {
        current_decay: synfire_net::Decay::NONE,
        voltage_floor: Some(-100),
        ..Neuron::memoryless(640, 0, Refractory::ONE)
    };
    let leaky = builder.neurons("leaky", 1, leaky);
    let delay = Delay::new(3).unwrap();
    let weights = Weights::Each(vec![5, -6]);
    builder.connect("drive", input, held, Connectivity::OneToOne { weights, delay });
    let fast = Synapse { source: 0, target: 1, delay: Delay::ZERO, weight: 7 };
    builder.connect("fast", input, held, Connectivity::List(vec![fast]));
    let rule = |text: &str| Some(Rule::parse(text).unwrap());
    let rules = Rules { weight: rule("x1*y0"), delay: rule("x0"), tag: rule("y0") };
    let trace = Trace::new(9, 5);
    let plasticity = Plasticity {
        rules,
        range: WeightRange::MIXED,
        traces: Traces { x1: trace, y2: trace, ..Traces::NONE },
        reward: trace.map(|trace| Reward { source: builder.sources("reward", 1), trace }),
        period: LearningPeriod::new(3).unwrap(),
        phases: None,
    };
    builder.projection(Projection {
        name: "learns".to_owned(),
        source: held,
        target: leaky,
        connectivity: Connectivity::AllToAll { weights: Weights::Uniform(2), delay: Delay::ZERO },
        gain: UNIT_GAIN,
        plasticity: Some(plasticity),
    });
    builder.build().unwrap()
}

/// A state after step 8, with something in every place.
fn state() -> EngineState {
    let charge = |steps, neuron_idx, charge| InFlight { steps, neuron_idx, charge };
    let learner = LearnerState {
        x1: vec![3, 127],
        y2: vec![1],
        last_pre: vec![0, 2],
        last_post: vec![1],
        reward: Some(RewardState { value: 5, pending: 9, has_spiked: true }),
        ..LearnerState::default()
    };
    let plastic = PlasticState {
        weights: vec![-256, 254],
        delays: vec![0, 62],
        tags: vec![-256, 255],
        learner: Some(learner),
    };
    let mut state = EngineState {
        step: 8,
        seed: Some(u64::MAX),
        layers: vec![
            LayerState::default(),
            LayerState {
                currents: vec![320, 448],
                voltages: vec![0, 384],
                held: vec![3, 0],
                in_flight: vec![
                    charge(1, 1, 448 - 384),
                    charge(2, 0, 5 * 64),
                    charge(4, 0, -320),
                    charge(4, 1, 384),
                ],
            },
            LayerState {
                currents: vec![1 << 40],
                voltages: vec![-100],
                held: vec![0],
                in_flight: vec![charge(63, 0, 2 * 256 * 64)],
            },
            LayerState::default(),
        ],
        projections: vec![None, None, Some(plastic)],
        ..EngineState::default()
    };
    state.operations.steps = 8;
    state.operations.spikes = 77;
    state
}

#[test]
fn a_state_that_fits_is_let_pass() {
    assert_eq!(state().check(&network()), Ok(()));
    // Without a learner: an engine that remembers nothing.
    let mut other = state();
    other.projections[2].as_mut().unwrap().learner = None;
    assert_eq!(other.check(&network()), Ok(()));
}

#[test]
fn what_does_not_fit_is_named() {
    type Spoil = fn(&mut EngineState);
    fn plastic(state: &mut EngineState) -> &mut PlasticState {
        state.projections[2].as_mut().unwrap()
    }
    fn learner(state: &mut EngineState) -> &mut LearnerState {
        plastic(state).learner.as_mut().unwrap()
    }
    let rows: [(Spoil, &str); 34] = [
        (|s| s.step = 1 << 63, "step is 9223372036854775808, expected 0 to 9223372036854775807"),
        (
            |s| s.operations.plastic_updates = u64::MAX,
            "number of plastic updates is 18446744073709551615, expected 0 to 9223372036854775807",
        ),
        (|s| s.step = 9, "number of steps run is 8, expected 9, the step of the state"),
        (|s| s.layers.truncate(3), "network: 3 values of layers, expected 4"),
        (|s| s.projections.push(None), "network: 4 values of projections, expected 3"),
        (|s| s.layers[0].currents.push(0), "layer `in`: 1 values of current, expected 0"),
        (|s| s.layers[1].voltages.truncate(1), "layer `held`: 1 values of voltage, expected 2"),
        (|s| s.layers[1].held.push(0), "layer `held`: 3 values of held steps, expected 2"),
        (|s| s.layers[1].held[0] = 4, "layer `held`: held steps 0 is 4, expected 0 to 3"),
        (|s| s.layers[2].held[0] = 1, "layer `leaky`: held steps 0 is 1, expected 0 to 0"),
        (
            |s| s.layers[2].currents[0] = (1 << 50) + 1,
            "layer `leaky`: current 0 is 1125899906842625, expected -1125899906842624 to 1125899906842624",
        ),
        (
            |s| s.layers[2].voltages[0] = -101,
            "layer `leaky`: voltage 0 is -101, expected -100 to 640",
        ),
        (
            |s| s.layers[2].voltages[0] = 641,
            "layer `leaky`: voltage 0 is 641, expected -100 to 640",
        ),
        (|s| s.layers[1].voltages[0] = 256, "layer `held`: voltage 0 is 256, expected 0 to 0"),
        (
            |s| s.layers[1].voltages[1] = 383,
            "layer `held`: voltage 1 is 383, expected 384, current and bias, or 0 after a spike",
        ),
        (
            |s| s.layers[1].in_flight[0].steps = 0,
            "layer `held`: charge in flight 0 arrives after 0 steps, expected 1 to 4",
        ),
        (
            |s| s.layers[1].in_flight[3].steps = 5,
            "layer `held`: charge in flight 3 arrives after 5 steps, expected 1 to 4",
        ),
        (
            |s| s.layers[2].in_flight[0].neuron_idx = 1,
            "layer `leaky`: neuron of charge in flight 0 is 1, expected 0 to 0",
        ),
        (
            |s| s.layers[1].in_flight[2].charge = 0,
            "layer `held`: charge in flight 2 is 0 for neuron 0 after 4 steps, expected each place once, ascending, and no charge of 0",
        ),
        (
            |s| s.layers[1].in_flight.swap(2, 3),
            "layer `held`: charge in flight 3 is -320 for neuron 0 after 4 steps, expected each place once, ascending, and no charge of 0",
        ),
        (
            |s| s.layers[1].in_flight[0].charge = 13 * 64 + 1,
            "layer `held`: charge 833 arrives at neuron 1 after 1 steps, expected at most 832 either way",
        ),
        (
            |s| s.layers[1].in_flight[3].charge = -6 * 64 - 1,
            "layer `held`: charge -385 arrives at neuron 1 after 4 steps, expected at most 384 either way",
        ),
        (
            |s| s.layers[2].in_flight[0].charge += 1,
            "layer `leaky`: charge 32769 arrives at neuron 0 after 63 steps, expected at most 32768 either way",
        ),
        (|s| s.projections[2] = None, "projection `learns`: found none, expected plastic synapses"),
        (
            |s| s.projections[0] = Some(PlasticState::default()),
            "projection `drive`: found plastic synapses, expected none",
        ),
        (
            |s| plastic(s).weights[1] = 255,
            "projection `learns`, synapse 1: weight 255, expected -256 to 254 in steps of 2",
        ),
        (|s| plastic(s).delays[0] = 63, "projection `learns`: delay 0 is 63, expected 0 to 62"),
        (|s| plastic(s).delays.clear(), "projection `learns`: 0 values of delay, expected 2"),
        (|s| plastic(s).tags[0] = -257, "projection `learns`: tag 0 is -257, expected -256 to 255"),
        (|s| learner(s).x1[1] = 128, "projection `learns`: trace x1 1 is 128, expected 0 to 127"),
        (|s| learner(s).y1 = vec![0], "projection `learns`: 1 values of trace y1, expected 0"),
        (
            |s| learner(s).last_post[0] = 3,
            "projection `learns`: last spike of target 0 is 3, expected 0 to 2",
        ),
        (
            |s| learner(s).reward = None,
            "projection `learns`: found none, expected a reward channel",
        ),
        (
            |s| learner(s).reward = Some(RewardState { value: 128, ..RewardState::default() }),
            "projection `learns`: trace r1 0 is 128, expected 0 to 127",
        ),
    ];
    let network = network();
    for (spoil, expected) in rows {
        let mut state = state();
        spoil(&mut state);
        assert_eq!(state.check(&network).unwrap_err().to_string(), expected);
    }
    // At the end of a learning period nothing is noted any more.
    let mut state = state();
    (state.step, state.operations.steps) = (9, 9);
    let error = state.check(&network).unwrap_err().to_string();
    assert_eq!(error, "projection `learns`: last spike of source 1 is 2, expected 0 to 0");
    // Nobody spiked before step 1.
    let mut early = EngineState { step: 2, ..state.clone() };
    early.operations.steps = 2;
    early.layers[1].held[0] = 1;
    let error = early.check(&network).unwrap_err().to_string();
    assert_eq!(error, "layer `held`: held steps 0 is 1, expected 2 to 3");
    early.layers[1].held[0] = 2;
    assert_eq!(early.check(&network), Ok(()));
}

#[test]
fn a_state_is_taken_apart_and_put_together() {
    for state in [state(), EngineState::default()] {
        let parts = state.parts();
        let mut names: Vec<_> = parts.iter().map(|part| part.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), parts.len());
        assert!(parts.iter().all(|part| !part.values.is_empty()));
        // In any order.
        let backwards = parts.iter().rev().cloned();
        assert_eq!(EngineState::from_parts(backwards), Ok(state.clone()));
    }
}

#[test]
fn parts_that_make_no_state_are_named() {
    fn put(parts: &mut Vec<Part<'static>>, part: Part<'static>) {
        parts.retain(|it| it.name != part.name);
        parts.push(part);
    }
    type Spoil = fn(&mut Vec<Part<'static>>);
    let rows: [(Spoil, &str); 11] = [
        (|parts| parts.retain(|part| part.name != "step"), "no `step`"),
        (|parts| parts.retain(|part| part.name != "held"), "no `held`"),
        (
            |parts| put(parts, Part::new("step", vec![1_u8])),
            "`step` has values of type u8, expected u64",
        ),
        (|parts| put(parts, Part::new("seed", vec![1_u64, 2])), "`seed` has 2 values, expected 1"),
        (
            |parts| put(parts, Part::new("operations", vec![1_u64, 2])),
            "`operations` has 2 values, expected 6",
        ),
        (
            |parts| put(parts, Part::new("currents", vec![1_i64])),
            "`currents` has 1 values, expected 3",
        ),
        (
            |parts| put(parts, Part::new("in_flight.layer", vec![1_u32, 1, 1, 1, 4])),
            "`in_flight.layer`: value 4 is 4, expected less than 4",
        ),
        (
            |parts| put(parts, Part::new("in_flight.charge", vec![1_i64])),
            "`in_flight.charge` has 1 values, expected 5",
        ),
        (
            |parts| put(parts, Part::new("plastic", vec![0_u8, 0, 3])),
            "`plastic`: value 2 is 3, expected less than 3",
        ),
        (
            |parts| put(parts, Part::new("reward.2", vec![0_u8, 0, 2])),
            "`reward.2`: value 2 is 2, expected less than 2",
        ),
        (
            |parts| parts.push(Part::new("weights.1", vec![0_i16])),
            "`weights.1` is unknown, or there a second time",
        ),
    ];
    let state = state();
    let owned = |part: Part<'_>| match part.values {
        Values::U8(values) => Part::new(part.name, values.into_owned()),
        Values::I16(values) => Part::new(part.name, values.into_owned()),
        Values::U32(values) => Part::new(part.name, values.into_owned()),
        Values::I64(values) => Part::new(part.name, values.into_owned()),
        Values::U64(values) => Part::new(part.name, values.into_owned()),
    };
    for (spoil, expected) in rows {
        let mut parts: Vec<Part<'static>> = state.parts().into_iter().map(owned).collect();
        spoil(&mut parts);
        let error = EngineState::from_parts(parts).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let part = Part { name: "tags".to_owned(), values: Values::I16(Cow::Borrowed(&[1, 2])) };
    assert_eq!((part.values.len(), part.clone().take::<i16>()), (2, Ok(vec![1, 2])));
    let wrong = PartsError::Width { name: "tags".to_owned(), found: "i16", expected: "u8" };
    assert_eq!(part.take::<u8>(), Err(wrong));
}
