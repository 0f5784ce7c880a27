//! Chance: the same seed gives the same bits, another seed others, a copy goes on like its original; and how
//! often a rounding goes up, over all words that matter.

use crate::record::{Record, neuron, one_to_one, schedule};
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::Arc;
use synfire_loihi::compartment::noise_charge;
use synfire_loihi::fixed::stochastic_shift;
use synfire_loihi::trace::TraceConfig;
use synfire_loihi::{PlainEngine, Program, lower};
use synfire_net::rule::Variable;
use synfire_net::strategy::{Limits, driven_learning};
use synfire_net::{
    Connectivity, Delay, Engine, InputSchedule, NetworkBuilder, Neuron, Noise, NoiseTarget,
    Plasticity, Rules, Strictness, Trace, Traces, WeightRange, Weights, WeightsError,
};

/// Everything that an engine shows.
#[derive(Debug, PartialEq)]
struct State {
    charges: Vec<[Vec<i64>; 2]>,
    weights: Vec<Vec<i16>>,
    delays: Vec<Vec<u8>>,
    tags: Vec<Option<Vec<i16>>>,
    traces: Vec<[Option<Vec<u8>>; 10]>,
    operations: synfire_net::Operations,
}

fn state(engine: &PlainEngine) -> State {
    let network = engine.program().network();
    let each = || network.projection_ids();
    State {
        charges: network
            .layer_ids()
            .map(|layer| [engine.currents(layer), engine.voltages(layer)])
            .collect(),
        weights: each().filter_map(|id| engine.weights(id)).map(|it| it.to_vec()).collect(),
        delays: each().map(|id| engine.delays(id)).collect(),
        tags: each().map(|id| engine.tags(id)).collect(),
        traces: each().map(|id| Variable::ALL.map(|it| engine.trace(id, it))).collect(),
        operations: engine.operations(),
    }
}

/// Ten noisy neurons that all learn with chance in everything, and input.
fn chancy() -> (Arc<Program>, InputSchedule) {
    let mut builder = NetworkBuilder::new("chance");
    let sources = builder.sources("sources", 10);
    let noise = Noise { target: NoiseTarget::Voltage, exponent: 10, mantissa_offset: 0 };
    let cell = Neuron { noise: Some(noise), ..neuron(1024, 1024, 60) };
    let cells = builder.neurons("cells", 10, cell);
    builder.connect("drive", sources, cells, one_to_one(60));
    let connectivity =
        Connectivity::AllToAll { weights: Weights::Uniform(10), delay: Delay::new(3).unwrap() };
    let rule = |text: &str| Some(text.parse().unwrap());
    let plasticity = Plasticity {
        rules: Rules {
            weight: rule("2^-3*x1*y0 - 2^-3*x0*y1"),
            delay: rule("2^-5*x1*y0 - 2^-5*x0*y1"),
            tag: rule("2^-4*x1*y0 - 2^-5*x0*y1"),
        },
        traces: Traces { x1: Trace::new(50, 5), y1: Trace::new(45, 8), ..Traces::NONE },
        ..Plasticity::new("2*x0".parse().unwrap(), WeightRange::MIXED)
    };
    builder.connect_plastic("learns", sources, cells, connectivity, plasticity);
    let spikes: Vec<_> = (1..=60_u64)
        .flat_map(|step| (0..10_u32).map(move |idx| (step, sources, idx)))
        .filter(|&(step, _, idx)| (step * 7 + u64::from(idx) * 4) % 9 < 3)
        .collect();
    let program = lower(Arc::new(builder.build().unwrap())).unwrap();
    (Arc::new(program), schedule(&spikes))
}

fn run(program: &Arc<Program>, seed: u64, input: &InputSchedule) -> (State, Record) {
    let mut engine = PlainEngine::with_seed(Arc::clone(program), Strictness::Report, seed);
    let mut record = Record::default();
    engine.advance(60, input, &mut record).unwrap();
    (state(&engine), record)
}

#[test]
fn a_seed_decides_everything() {
    let (program, input) = chancy();
    let (first, record) = run(&program, 7, &input);
    assert_eq!(run(&program, 7, &input), (first, record));
    // Seed 0 is the default.
    let mut engine = PlainEngine::new(Arc::clone(&program), Strictness::Report);
    engine.advance(60, &input, &mut ()).unwrap();
    assert_eq!(state(&engine), run(&program, 0, &input).0);
}

#[test]
fn another_seed_changes_all_that_is_left_to_chance() {
    let (program, input) = chancy();
    // Seeds that differ in one low or one high bit.
    for (one, other) in [(7, 6), (7, 7 | 1 << 63), (0, 1 << 32)] {
        let [one, other] = [one, other].map(|seed| run(&program, seed, &input));
        assert_ne!(one.1, other.1);
        assert_ne!(one.0.charges, other.0.charges);
        assert_ne!(one.0.weights, other.0.weights);
        assert_ne!(one.0.delays, other.0.delays);
        assert_ne!(one.0.tags, other.0.tags);
        assert_ne!(one.0.traces, other.0.traces);
    }
}

/// Steps in one go or one by one, an original or its copy: the same.
#[test]
fn a_copy_goes_on_like_its_original() {
    let limits = Limits { n_steps: 60, max_layer_size: 4, max_projections: 5, ..Limits::default() };
    let config = ProptestConfig { cases: 200, ..ProptestConfig::with_source_file(file!()) };
    proptest!(config, |((network, input) in driven_learning(limits), at: Index, seed: u64)| {
        let program = Arc::new(lower(Arc::new(network)).unwrap());
        let at = u32::try_from(at.index(60)).unwrap();
        let mut engine = PlainEngine::with_seed(program, Strictness::Report, seed);
        engine.advance(at, &input, &mut ()).unwrap();
        let mut copy = engine.clone();
        prop_assert_eq!(state(&engine), state(&copy));
        let [mut first, mut second] = [Record::default(), Record::default()];
        copy.advance(60 - at, &input, &mut second).unwrap();
        for _ in at..60 {
            engine.advance(1, &input, &mut first).unwrap();
        }
        prop_assert_eq!(first, second);
        prop_assert_eq!(state(&engine), state(&copy));
    });
}

/// Weights of a projection that learns in full are replaced; its traces, tags and delays stay; the rule reads
/// the new ones.
#[test]
fn weights_are_replaced_where_traces_are_kept() {
    let mut builder = NetworkBuilder::new("replaced");
    let source = builder.sources("source", 1);
    let cells = builder.neurons("cells", 2, neuron(4096, 4096, 200));
    let plasticity = Plasticity {
        rules: Rules {
            tag: Some("x0*x1".parse().unwrap()),
            ..Rules::weight("-2^-1*x0*w".parse().unwrap())
        },
        traces: Traces { x1: Trace::new(20, 4), ..Traces::NONE },
        ..Plasticity::new("2*x0".parse().unwrap(), WeightRange::MIXED)
    };
    let connectivity = Connectivity::AllToAll { weights: Weights::Uniform(0), delay: Delay::ZERO };
    let id = builder.connect_plastic("weights", source, cells, connectivity, plasticity);
    let mut engine = crate::record::engine(builder, Strictness::Report);
    let input = schedule(&[(1, source, 0), (3, source, 0)]);
    engine.advance(2, &input, &mut ()).unwrap();
    let [tags, traces] =
        [engine.tags(id).unwrap().len(), engine.trace(id, Variable::X1).unwrap().len()];
    assert_eq!((tags, traces), (2, 1));
    let before = state(&engine);
    for (weights, message) in [
        (vec![4], "projection `weights`: 1 weights, expected 2"),
        (
            vec![4, 3],
            "projection `weights`, synapse 1: weight 3, expected -256 to 254 in steps of 2",
        ),
        (
            vec![256, 4],
            "projection `weights`, synapse 0: weight 256, expected -256 to 254 in steps of 2",
        ),
    ] {
        let error = engine.set_weights(id, &weights).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(state(&engine), before);
    }
    let unknown = engine.set_weights(id, &[]).unwrap_err();
    assert!(matches!(unknown, WeightsError::Count { found: 0, expected: 2, .. }));
    engine.set_weights(id, &[200, -256]).unwrap();
    let mut expected = state(&engine);
    expected.weights = before.weights.clone();
    assert_eq!(expected, before);
    engine.advance(2, &input, &mut ()).unwrap();
    // Delivered as replaced, then halved by the rule.
    assert_eq!(engine.currents(cells), [200 * 64, -256 * 64]);
    assert_eq!(*engine.weights(id).unwrap(), [100, -128]);
}

/// A seed is without effect where nothing is left to chance.
#[test]
fn without_chance_all_seeds_agree() {
    let mut builder = NetworkBuilder::new("sure");
    let source = builder.sources("source", 1);
    let cell = builder.neurons("cell", 1, neuron(1000, 300, 10));
    let plasticity = Plasticity {
        traces: Traces {
            x1: Some(Trace { rounding: synfire_net::Rounding::Down, ..Trace::new(8, 3).unwrap() }),
            ..Traces::NONE
        },
        ..Plasticity::new("2*x0*x1 - 2*y0".parse().unwrap(), WeightRange::MIXED)
    };
    builder.connect_plastic("weight", source, cell, one_to_one(20), plasticity);
    let program = Arc::new(lower(Arc::new(builder.build().unwrap())).unwrap());
    let input = schedule(&[1, 2, 5, 9, 20, 21].map(|step| (step, source, 0)));
    let expected = run(&program, 0, &input);
    assert!(!expected.1.spikes.is_empty());
    for seed in [1, u64::MAX, 1 << 40] {
        assert_eq!(run(&program, seed, &input), expected);
    }
}

/// Of all upper halves of a word as many round up as the fraction says, for every number of bits that rules
/// and traces cut off and every fraction of a coarse one.
#[test]
fn roundings_go_up_as_often_as_the_fraction_says() {
    let n_up = |value: i32, shift| {
        let floor = value >> shift;
        let words = (0..=u32::from(u16::MAX)).map(|top| stochastic_shift(value, shift, top << 16));
        words
            .map(|rounded| {
                assert!(rounded == floor || rounded == floor + 1);
                (rounded - floor).unsigned_abs()
            })
            .sum::<u32>()
    };
    for shift in 7..=16_u32 {
        let unit = 1_i32 << shift;
        for rest in [0, 1, 2, unit / 3, unit / 2 - 1, unit / 2, unit - 2, unit - 1] {
            for whole in [-200 * unit, -unit, 0, 31 * unit] {
                let share = rest.unsigned_abs() << (16 - shift);
                assert_eq!(n_up(whole + rest, shift), share, "{whole} and {rest} of {unit}");
            }
        }
    }
    for rest in 0..128 {
        assert_eq!(n_up(-5 * 128 + rest, 7), rest.unsigned_abs() << 9);
    }
}

/// The same for what a step leaves of a trace: the words' upper halves are all there is to it.
#[test]
fn traces_round_up_as_often_as_the_fraction_says() {
    for tau in [1, 2, 3, 10, 1000] {
        let trace = Trace::new(1, tau).unwrap();
        let config = TraceConfig::new(&trace);
        for value in [1, 2, 51, 100, 127_u8] {
            let exact = u32::from(value) * trace.decay_factor();
            let left = |top: u32| u32::from(config.decay(value, top << 16 | (top & 0xffff)));
            let n_up: u32 = (0..=0xffff).map(|top| left(top) - (exact >> 16)).sum();
            assert_eq!(n_up, exact & 0xffff, "tau {tau}, value {value}");
        }
    }
}

/// Each of the 255 numbers has an equal share of all words, to one word.
#[test]
fn noise_is_uniform_over_all_words() {
    let noise = Noise { target: NoiseTarget::Current, exponent: 7, mantissa_offset: 0 };
    let mut first = 0_u64;
    for drawn in -127..=127_i32 {
        // The first word of the next number.
        let next = (u64::try_from(drawn + 128).unwrap() << 32).div_ceil(255);
        assert!((next - first).abs_diff((1 << 32) / 255) <= 1);
        for word in [first, next - 1] {
            assert_eq!(noise_charge(noise, u32::try_from(word).unwrap()), drawn);
        }
        first = next;
    }
    assert_eq!(first, 1 << 32);
}
