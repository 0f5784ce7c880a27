//! Special treatments one by one, where it is known what must happen.
//!
//! Each case is compared as the random ones are; besides, that it holds what it is made for is asserted: copies
//! that split and where, more relays than four in a step, sums beyond 16 bits and beyond the 22 of a step's
//! input, neurons that spike by themselves, populations at rest that wake.

use crate::case::{Case, Change, What};
use crate::dense::scramble;
use crate::sides::{Seen, compare};
use std::sync::Arc;
use synfire_fast::FastEngine;
use synfire_fast::synfire_loihi::{PlainEngine, lower};
use synfire_net::{
    Connectivity, Decay, Delay, Engine, Gating, InputSchedule, LayerId, NetworkBuilder, Neuron,
    PhaseSet, Plasticity, Projection, ProjectionId, Refractory, Reward, Rule, Sabotage, Strictness,
    UNIT_GAIN, WeightRange, Weights,
};

const SIZES: [u32; 8] = [1, 63, 64, 65, 127, 128, 129, 400];

/// Compares, and returns what was seen.
pub(crate) fn checked(case: &Case) -> Seen {
    let mut seen = Seen::default();
    if let Err(error) = compare(case, &mut seen) {
        panic!("{error}\n{}", case.network.name());
    }
    seen
}

pub(crate) fn all(weights: Weights, delay: u8) -> Connectivity {
    Connectivity::AllToAll { weights, delay: Delay::new(delay).unwrap() }
}

pub(crate) fn one_to_one(weight: i32, delay: u8) -> Connectivity {
    let delay = Delay::new(delay).unwrap();
    Connectivity::OneToOne { weights: Weights::Uniform(weight), delay }
}

pub(crate) fn memoryless(threshold: i32, refractory: u8) -> Neuron {
    Neuron::memoryless(threshold * UNIT_GAIN, 0, Refractory::new(refractory).unwrap())
}

fn learns(rule: &str, reward: Option<LayerId>) -> Plasticity {
    Plasticity {
        reward: reward.and_then(|layer| Reward::flash(layer, 1)),
        ..Plasticity::new(Rule::parse(rule).unwrap(), WeightRange::MIXED)
    }
}

/// Small even weights that look random.
pub(crate) fn small(n: u32, seed: u64) -> Weights {
    let weight = |k: u64| i32::try_from(scramble(seed, k) % 9).unwrap() * 2 - 8;
    Weights::Each((0..n.into()).map(weight).collect())
}

/// Some of the sources spike in each step, in some steps none.
pub(crate) fn some(
    input: &mut InputSchedule,
    steps: std::ops::RangeInclusive<u64>,
    layer: LayerId,
    n: u32,
    seed: u64,
) {
    for step in steps {
        let of_step = scramble(seed, step);
        if of_step.is_multiple_of(5) {
            continue;
        }
        for source_idx in 0..n {
            if scramble(of_step, source_idx.into()).is_multiple_of(3) {
                input.push(step, layer, source_idx);
            }
        }
    }
}

/// Three copies of a matrix onto layers that are told when to spike, the same for some steps.
pub(crate) struct Copied {
    pub(crate) case: Case,
    pub(crate) copies: [ProjectionId; 3],
    pub(crate) targets: [LayerId; 3],
    /// The first step in which the last two layers spike differently.
    pub(crate) differs_in: u64,
}

pub(crate) fn copied(n_sources: u32, n_targets: u32, rule: &str) -> Copied {
    let mut builder = NetworkBuilder::new(format!("{n_sources} to {n_targets}, {rule}"));
    let [pre, post] =
        [("pre", n_sources), ("post", n_targets)].map(|(name, n)| builder.sources(name, n));
    let reward = builder.sources("reward", 1);
    let extra = builder.sources("extra", 1);
    let from = builder.neurons("from", n_sources, memoryless(100, 1));
    builder.connect("drive", pre, from, one_to_one(254, 0));
    let targets = [0, 1, 2].map(|k| {
        let target = builder.neurons(format!("to {k}"), n_targets, memoryless(5000, 1));
        builder.connect(
            format!("drive {k}"),
            post,
            target,
            Connectivity::OneToOne { weights: Weights::Uniform(254 * 32), delay: Delay::ZERO },
        );
        target
    });
    // Every neuron of the last layer spikes where the others may not.
    builder.connect("extra", extra, targets[2], all(Weights::Uniform(254 * 32), 0));
    let copies = targets.map(|target| {
        let plasticity = learns(rule, Some(reward));
        let name = format!("copy onto {target:?}");
        let weights = small(n_sources * n_targets, 7);
        builder.connect_plastic(name, from, target, all(weights, 1), plasticity)
    });
    let n_steps = 24;
    let mut input = InputSchedule::new();
    some(&mut input, 1..=n_steps, pre, n_sources, 1);
    // Not where the last layer is to spike alone.
    for steps in [1..=10, 12..=15, 17..=n_steps] {
        some(&mut input, steps, post, n_targets, 2);
    }
    for step in [2, 6] {
        (0..n_sources).for_each(|source| input.push(step, pre, source));
        (0..n_targets).step_by(2).for_each(|target| input.push(step, post, target));
    }
    some(&mut input, 1..=n_steps, reward, 1, 3);
    for step in [11, 16] {
        input.push(step, extra, 0);
        (0..n_sources).for_each(|source| input.push(step, pre, source));
    }
    let case = Case::new(builder.build().unwrap(), input, u32::try_from(n_steps).unwrap());
    Copied { case, copies, targets, differs_in: 12 }
}

#[test]
fn copies_split_when_their_updates_differ() {
    const RULES: [&str; 4] =
        ["4*x0*y0*r1 - 2*x0*y0", "2*x0 - 4*y0", "-2*y0", "64*x0 + 64*x0 - 64*y0 - 64*y0 - 64*y0"];
    for (n_sources, n_targets) in [(1, 1), (3, 64), (65, 63), (64, 129), (130, 17), (400, 10)] {
        for rule in RULES {
            let Copied { case, copies, differs_in, .. } = copied(n_sources, n_targets, rule);
            let seen = checked(&case);
            assert_eq!(seen.splits, 2, "{n_sources} to {n_targets}, {rule}: {seen:?}");
            // They do share their storage until then, and the first two go on doing so.
            let program = lower(Arc::clone(&case.network)).unwrap();
            let mut engine = FastEngine::new(Arc::new(program), Strictness::Report);
            let mut n_matrices = Vec::new();
            for _ in 0..case.n_steps {
                engine.advance(1, &case.input, &mut ()).unwrap();
                n_matrices.push(engine.n_matrices());
            }
            let split = usize::try_from(differs_in).unwrap() - 1;
            assert_eq!(n_matrices[..split], vec![1; split], "{n_sources} to {n_targets}, {rule}");
            assert_eq!(n_matrices[split..], vec![2; n_matrices.len() - split]);
            assert_eq!(engine.weights(copies[0]), engine.weights(copies[1]));
        }
    }
}

/// Weights of one copy are replaced, its rule is exchanged, or a spike of its targets gets lost.
#[test]
fn copies_split_when_one_is_changed() {
    let base = || copied(70, 66, "4*x0*y0*r1 - 2*x0*y0");
    for (member, n_splits) in [(0, 3), (1, 3), (2, 2)] {
        let Copied { mut case, copies, .. } = base();
        case.changes =
            vec![Change { after: 5, projection: copies[member], what: What::One(4000, 254) }];
        let seen = checked(&case);
        assert!(seen.weights_replaced == 1 && seen.splits == n_splits, "{seen:?}");

        let Copied { mut case, copies, .. } = base();
        let rules = synfire_net::Rules::weight(Rule::parse("-6*x0*y0").unwrap());
        let what = What::Rules(rules);
        case.changes = vec![Change { after: 5, projection: copies[member], what }];
        let seen = checked(&case);
        assert!(seen.rules_exchanged == 1 && seen.splits == n_splits, "{seen:?}");

        // Away and back again: equal copies may share once more.
        let Copied { mut case, copies, .. } = base();
        case.changes = vec![
            Change { after: 4, projection: copies[member], what: What::Rotate(1) },
            Change {
                after: 6,
                projection: copies[member],
                what: What::WeightsOf(copies[(member + 1) % 3]),
            },
            Change { after: 8, projection: copies[member], what: What::One(3, -256) },
        ];
        assert_eq!(checked(&case).weights_replaced, 3);

        for step in [3, 7] {
            for is_lost in [true, false] {
                let Copied { mut case, targets, .. } = base();
                let layer = targets[member];
                // Spikes that are lost are those of neurons that would have spiked.
                case.sabotage = (0..66)
                    .map(|neuron_idx| match is_lost {
                        true => Sabotage::DropSpike { step, layer, neuron_idx },
                        false => Sabotage::AddSpike { step, layer, neuron_idx },
                    })
                    .collect();
                assert_eq!(
                    checked(&case).splits,
                    n_splits,
                    "step {step}, layer {member}, {is_lost}"
                );
            }
        }
    }
}

#[test]
fn every_sabotage_is_the_same() {
    let Copied { case: whole, copies, targets, .. } = copied(65, 64, "2*x0*y0 - 4*y0");
    let [layer, ..] = targets;
    for sabotage in [
        vec![Sabotage::DeliverAfterLearning],
        vec![Sabotage::DeliverAfterLearningOf(copies[1])],
        vec![Sabotage::DeliverAfterLearningOf(copies[1]), Sabotage::DeliverAfterLearning],
        vec![Sabotage::AddSpike { step: 1, layer, neuron_idx: 63 }],
        vec![Sabotage::AddSpike { step: 9, layer, neuron_idx: 64 }],
        vec![Sabotage::AddSpike { step: 9, layer, neuron_idx: u32::MAX }],
        vec![Sabotage::DropSpike { step: 9, layer, neuron_idx: u32::MAX }],
        vec![
            Sabotage::AddSpike { step: 5, layer, neuron_idx: 3 },
            Sabotage::DropSpike { step: 5, layer, neuron_idx: 3 },
            Sabotage::AddSpike { step: 6, layer, neuron_idx: 3 },
            Sabotage::DeliverAfterLearning,
        ],
    ] {
        checked(&Case { sabotage, ..whole.clone() });
    }
}

/// Layers of every size, relayed one to one with many delays and charges at once, and gated.
#[test]
fn relays_of_many_delays_meet_in_one_step() {
    for n in SIZES {
        let mut builder = NetworkBuilder::new(format!("relays of {n}"));
        let sources = builder.sources("sources", n);
        let gate = builder.sources("gate", 1);
        let target = builder.neurons("target", n, memoryless(300, 2));
        let next = builder.neurons("next", n, memoryless(100, 1));
        for (delay, weight) in [(0, 64), (0, 100), (0, -90), (1, 300), (2, -5), (2, 80), (3, 254)] {
            let name = format!("relay {delay} {weight}");
            builder.connect(name, sources, target, one_to_one(weight, delay));
        }
        for delay in (0..=62).step_by(7) {
            builder.connect(format!("late {delay}"), sources, target, one_to_one(60, delay));
        }
        let delay = Delay::new(2).unwrap();
        let weights = Weights::Uniform(-150);
        let hold = Connectivity::OneToAll { weights, delay };
        builder.connect("gate", gate, target, hold);
        builder.connect("on", target, next, one_to_one(101, 0));
        builder.connect("back", next, next, one_to_one(-200, 1));
        let mut input = InputSchedule::new();
        some(&mut input, 1..=80, sources, n, 5);
        (1..80).step_by(3).for_each(|step| input.push(step, gate, 0));
        let seen = checked(&Case::new(builder.build().unwrap(), input, 90));
        assert!(seen.spikes > 10, "{n}: {seen:?}");
    }
}

/// Rows of extremes whose sum leaves 16 bits on the way, and 22 bits at the end.
#[test]
fn many_rows_of_extreme_weights() {
    for (n_sources, n_low, n_targets) in
        [(600, 300, 65), (600, 300, 16), (400, 400, 33), (513, 0, 64), (300, 260, 1)]
    {
        for gain in [UNIT_GAIN, 2 * UNIT_GAIN] {
            let mut builder = NetworkBuilder::new(format!("{n_low} of {n_sources}, gain {gain}"));
            let sources = builder.sources("sources", n_sources);
            let reset = builder.sources("reset", 1);
            let neurons = [
                memoryless(0, 1),
                Neuron {
                    current_decay: Decay::new(2048).unwrap(),
                    voltage_decay: Decay::NONE,
                    ..memoryless(1000, 3)
                },
            ];
            for (k, neuron) in neurons.into_iter().enumerate() {
                let target = builder.neurons(format!("target {k}"), n_targets, neuron);
                for is_plastic in [false, true] {
                    let weight = |idx: u32| if idx / n_targets < n_low { -256 } else { 254 };
                    let weights = (0..n_sources * n_targets).map(weight).collect();
                    builder.projection(Projection {
                        name: format!("dense {k} {is_plastic}"),
                        source: sources,
                        target,
                        connectivity: all(Weights::Each(weights), u8::from(is_plastic)),
                        gain,
                        plasticity: is_plastic.then(|| learns("2*x0*y0 - 2*x0", Some(reset))),
                    });
                }
            }
            let mut input = InputSchedule::new();
            for step in [1, 2, 5, 9] {
                (0..n_sources).for_each(|source| input.push(step, sources, source));
            }
            for step in [6, 7, 12] {
                (0..n_sources).step_by(2).for_each(|source| input.push(step, sources, source));
            }
            (0..257.min(n_sources)).for_each(|source| input.push(14, sources, source));
            let seen = checked(&Case::new(builder.build().unwrap(), input, 20));
            let wraps = n_low == 0 || n_low == n_sources;
            assert!(!wraps || seen.input_wrapped > 0, "{n_low} of {n_sources}: {seen:?}");
        }
    }
}

/// Inputs of exactly the largest and smallest sum, and one unit beyond.
#[test]
fn sums_at_the_edge_of_a_steps_input() {
    // 8192 weight units are one more than fit upwards, and just fit downwards, of 2^21 - 1 and -2^21.
    for (n_rows, extra, wraps) in [(127, 254, 0), (128, 0, 0), (128, 254, 66), (128, 256, 66)] {
        for sign in [1, -1] {
            let mut builder = NetworkBuilder::new(format!("{sign} * ({n_rows} rows + {extra})"));
            let sources = builder.sources("sources", n_rows);
            let more = builder.sources("more", 1);
            let n = 33;
            for (k, neuron) in
                [memoryless(8000, 1), Neuron { voltage_decay: Decay::NONE, ..memoryless(8000, 1) }]
                    .into_iter()
                    .enumerate()
            {
                let target = builder.neurons(format!("target {k}"), n, neuron);
                // 254 or 256 times 128 is the edge: 32768 weight units.
                let mut weights = vec![254 * sign; (n_rows * n) as usize];
                weights[..n as usize].fill(sign * (254 + 2 * (n_rows.cast_signed() - 1)).min(254));
                builder.connect(
                    format!("dense {k}"),
                    sources,
                    target,
                    all(Weights::Each(weights), 0),
                );
                let fill = 32_768 - 254 * 128;
                let weight =
                    sign * (if n_rows == 128 { fill } else { 0 } + extra - i32::from(sign > 0));
                let weights = Weights::Uniform(weight / 2 * 2);
                let delay = Delay::ZERO;
                builder.connect(
                    format!("more {k}"),
                    more,
                    target,
                    Connectivity::OneToAll { weights, delay },
                );
            }
            let mut input = InputSchedule::new();
            for step in [2, 3, 6] {
                (0..n_rows).for_each(|source| input.push(step, sources, source));
                input.push(step, more, 0);
            }
            let seen = checked(&Case::new(builder.build().unwrap(), input, 8));
            assert_eq!(seen.input_wrapped > 0, wraps > 0, "{n_rows} {extra} {sign}: {seen:?}");
        }
    }
}

/// A bias above the threshold, with every refractory period, and input that holds down.
#[test]
fn neurons_spike_by_themselves() {
    for refractory in 1..=63 {
        let n = SIZES[usize::from(refractory) % 7];
        let mut builder = NetworkBuilder::new(format!("refractory {refractory}"));
        let sources = builder.sources("sources", n);
        let neuron = |threshold: i32, bias, decay| Neuron {
            bias,
            current_decay: decay,
            voltage_decay: decay,
            ..memoryless(threshold, refractory)
        };
        let spontaneous = builder.neurons("spontaneous", n, neuron(10, 641, Decay::CLEAR));
        let at_threshold = builder.neurons("at threshold", n, neuron(10, 640, Decay::CLEAR));
        let slow = builder.neurons("slow", n, neuron(100, 640, Decay::NONE));
        for (k, layer) in [spontaneous, at_threshold, slow].into_iter().enumerate() {
            builder.connect(format!("hold {k}"), sources, layer, one_to_one(-50, 1));
            builder.connect(format!("push {k}"), sources, layer, one_to_one(60, 3));
        }
        builder.connect("on", spontaneous, at_threshold, all(small(n * n, 3), 2));
        builder.connect("back", slow, slow, all(small(n * n, 4), 0));
        let mut input = InputSchedule::new();
        some(&mut input, 1..=60, sources, n, 9);
        let seen = checked(&Case::new(builder.build().unwrap(), input, 140));
        assert!(seen.spikes > 2 * u64::from(n), "{refractory}: {seen:?}");
    }
}

/// Every delay of a dense projection, static and plastic, with spikes in many steps on their way at once.
#[test]
fn dense_projections_of_every_delay() {
    for delay in 0..=62 {
        let (n, m) = (SIZES[usize::from(delay) % 6], SIZES[usize::from(delay) % 5 + 1]);
        let mut builder = NetworkBuilder::new(format!("delay {delay}"));
        let sources = builder.sources("sources", n);
        let quick = builder.neurons("quick", m, memoryless(5, 1));
        let slow = Neuron { current_decay: Decay::new(900).unwrap(), ..memoryless(9, 2) };
        let slow = builder.neurons("slow", m, slow);
        builder.connect("static", sources, quick, all(small(n * m, 1), delay));
        builder.connect("static too", sources, slow, all(small(n * m, 2), 62 - delay));
        for (k, target) in [quick, slow].into_iter().enumerate() {
            let plasticity = learns("2*x0*y0 - 2*y0", None);
            let connectivity = all(small(n * m, 3), delay / (1 + u8::from(k == 1)));
            builder.connect_plastic(
                format!("learns {k}"),
                sources,
                target,
                connectivity,
                plasticity,
            );
        }
        builder.connect("loop", quick, quick, all(small(m * m, 5), delay));
        builder.connect_plastic(
            "learning loop",
            slow,
            slow,
            all(small(m * m, 6), delay),
            learns("2*x0 - 2*x0*y0", None),
        );
        let mut input = InputSchedule::new();
        some(&mut input, 1..=70, sources, n, u64::from(delay));
        let seen = checked(&Case::new(builder.build().unwrap(), input, 135));
        assert!(seen.updates > 0, "{delay}: {seen:?}");
    }
}

/// Populations with memory come to rest, current first or voltage first, and are woken again.
#[test]
fn populations_at_rest_are_woken() {
    for (current_decay, voltage_decay) in [
        (4095, 4096),
        (1, 4096),
        (4096, 1),
        (4096, 4095),
        (4000, 3000),
        (0, 4096),
        (4096, 0),
        (0, 0),
    ] {
        for (bias, floor, ceiling) in
            [(0, None, None), (64, None, None), (-64, Some(0), None), (64, None, Some(511))]
        {
            let mut builder =
                NetworkBuilder::new(format!("{current_decay} {voltage_decay} {bias}"));
            let n = 65;
            let sources = builder.sources("sources", n);
            let neuron = Neuron {
                current_decay: Decay::new(current_decay).unwrap(),
                voltage_decay: Decay::new(voltage_decay).unwrap(),
                bias,
                voltage_floor: floor,
                voltage_ceiling: ceiling,
                ..memoryless(500, 5)
            };
            let layer = builder.neurons("layer", n, neuron);
            let echo = builder.neurons("echo", n, neuron);
            builder.connect("wake", sources, layer, one_to_one(400, 0));
            builder.connect("hold", sources, layer, one_to_one(-300, 20));
            builder.connect("on", layer, echo, one_to_one(600, 62));
            let mut input = InputSchedule::new();
            for (step, source) in [(1, 0), (2, 0), (40, 64), (41, 64), (200, 3), (201, 3), (203, 9)]
            {
                input.push(step, sources, source);
            }
            checked(&Case::new(builder.build().unwrap(), input, 300));
        }
    }
}

/// Coincidences and spikes in phases where they may not be, in an order that is part of the contract.
#[test]
fn faults_come_in_their_order() {
    let mut builder = NetworkBuilder::new("phases");
    let n = 70;
    let sources = builder.sources("sources", n);
    let first = builder.neurons("first", n, memoryless(100, 1));
    let second = builder.neurons("second", n, memoryless(100, 1));
    builder.allow(first, PhaseSet::of(&[1, 2]));
    builder.allow(second, PhaseSet::of(&[0]));
    builder.connect("drive first", sources, first, one_to_one(254, 0));
    builder.connect("drive second", sources, second, one_to_one(254, 1));
    for (k, (source, target)) in
        [(first, second), (first, second), (second, first), (first, first), (sources, second)]
            .into_iter()
            .enumerate()
    {
        let plasticity = Plasticity {
            phases: Some(PhaseSet::of(&[u32::try_from(k).unwrap() % 3])),
            ..learns("2*x0*y0 - 2*y0", None)
        };
        let connectivity = all(small(n * n, 1), 0);
        builder.connect_plastic(format!("learns {k}"), source, target, connectivity, plasticity);
    }
    builder.gating(Gating { period: 3, chain: Vec::new() });
    let mut input = InputSchedule::new();
    some(&mut input, 1..=20, sources, n, 1);
    let seen = checked(&Case::new(builder.build().unwrap(), input, 24));
    let all = [seen.spike_outside_phase, seen.learning_outside_phase, seen.updates];
    assert!(all.iter().all(|&n| n > 100), "{seen:?}");
}

/// Every register leaves its width, in some neurons of a layer and not in others, both ways.
#[test]
fn registers_overflow() {
    let mut seen = Seen::default();
    for (current_decay, voltage_decay) in [(0, 0), (0, 4096), (1, 0), (300, 1), (4096, 0)] {
        for sign in [1, -1] {
            let mut builder =
                NetworkBuilder::new(format!("{current_decay} {voltage_decay} {sign}"));
            let n = 129;
            let sources = builder.sources("sources", n);
            let neuron = Neuron {
                current_decay: Decay::new(current_decay).unwrap(),
                voltage_decay: Decay::new(voltage_decay).unwrap(),
                bias: sign * (4095 << 7),
                ..memoryless(131_071, 2)
            };
            let layer = builder.neurons("layer", n, neuron);
            for k in 0..3 {
                let weights = (0..n.cast_signed()).map(|idx| sign * 64 * (idx * 2 - 4));
                let delay = Delay::new(k).unwrap();
                let weights = Weights::Each(weights.collect());
                let connectivity = Connectivity::OneToOne { weights, delay };
                builder.connect(format!("drive {k}"), sources, layer, connectivity);
            }
            let mut input = InputSchedule::new();
            for step in 1..=20 {
                (0..n).for_each(|source| input.push(step, sources, source));
            }
            let case = Case::new(builder.build().unwrap(), input, 40);
            if let Err(error) = compare(&case, &mut seen) {
                panic!("{error}\n{}", case.network.name());
            }
        }
    }
    let all = [
        seen.input_wrapped,
        seen.current_wrapped,
        seen.biased_current_wrapped,
        seen.voltage_clamped,
    ];
    assert!(all.iter().all(|&n| n > 10), "{seen:?}");
}

/// Input for what is no source stops both engines alike, and nothing is done before it is found.
#[test]
fn bad_input_is_refused_alike() {
    let Copied { case, targets, .. } = copied(3, 65, "2*x0*y0");
    let program = Arc::new(lower(Arc::clone(&case.network)).unwrap());
    for (layer, source_idx) in [(targets[0], 0), (case.network.find_layer("pre").unwrap(), 3)] {
        let mut input = case.input.clone();
        input.push(6, layer, source_idx);
        let mut plain = PlainEngine::new(Arc::clone(&program), Strictness::Report);
        let mut fast = FastEngine::new(Arc::clone(&program), Strictness::Report);
        for n_steps in [0, 3, 0, 2, 4, 1] {
            let expected = plain.advance(n_steps, &input, &mut ());
            assert_eq!(fast.advance(n_steps, &input, &mut ()), expected);
            assert_eq!(fast.step(), plain.step());
            assert_eq!(fast.operations(), plain.operations());
        }
        assert_eq!(plain.step(), 5);
        assert!(fast.advance(1, &InputSchedule::new(), &mut ()).is_err());
    }
}

/// More layers than a word has bits: relays in a ring with a delay each, gates, and matrices between far ends.
#[test]
fn more_layers_than_a_word_has_bits() {
    for n_layers in [64_usize, 65, 140] {
        let mut builder = NetworkBuilder::new(format!("{n_layers} layers"));
        let n = 5;
        let sources = builder.sources("sources", n);
        let slow = Neuron { voltage_decay: Decay::new(2000).unwrap(), ..memoryless(120, 3) };
        let layers: Vec<LayerId> = (1..n_layers)
            .map(|k| {
                let neuron = if k % 5 == 0 {
                    slow
                } else {
                    memoryless(100, 1 + u8::try_from(k % 3).unwrap())
                };
                builder.neurons(format!("layer {k}"), n, neuron)
            })
            .collect();
        builder.connect("start", sources, layers[0], one_to_one(200, 0));
        builder.connect("far", sources, layers[layers.len() - 1], all(small(n * n, 2), 3));
        for k in 0..layers.len() {
            let next = layers[(k + 1) % layers.len()];
            builder.connect(
                format!("on {k}"),
                layers[k],
                next,
                one_to_one(200, u8::try_from(k % 3).unwrap()),
            );
            if k % 10 == 0 {
                let far = layers[(k + 70) % layers.len()];
                let plasticity = learns("2*x0 - 4*y0 + 2*x0*y0", None);
                let connectivity = all(small(n * n, u64::from(n)), 1);
                builder.connect_plastic(
                    format!("far {k}"),
                    layers[k],
                    far,
                    connectivity,
                    plasticity,
                );
            }
        }
        let mut input = InputSchedule::new();
        some(&mut input, 1..=30, sources, n, 1);
        let seen = checked(&Case::new(builder.build().unwrap(), input, 300));
        assert!(seen.spikes > 1000 && seen.updates > 10, "{seen:?}");
    }
}

/// Equal matrices between the same two layers, some with another delay or charge: more of them than input refers to.
#[test]
fn equal_matrices_onto_one_layer() {
    for changed in [0, 3] {
        let mut builder = NetworkBuilder::new(format!("equal matrices, {changed} changes"));
        let (n, m) = (66, 70);
        let sources = builder.sources("sources", n);
        let quick = builder.neurons("quick", m, memoryless(100, 1));
        let slow = Neuron { current_decay: Decay::new(700).unwrap(), ..memoryless(300, 2) };
        let slow = builder.neurons("slow", m, slow);
        let mut plastic = Vec::new();
        for (k, (target, delay, gain)) in [
            (quick, 0, 1),
            (quick, 0, 1),
            (slow, 0, 1),
            (quick, 0, 1),
            (quick, 1, 1),
            (slow, 2, 1),
            (quick, 0, 2),
            (quick, 1, 4),
        ]
        .into_iter()
        .enumerate()
        {
            for is_plastic in [false, true] {
                let id = builder.projection(Projection {
                    name: format!("matrix {k} {is_plastic}"),
                    source: sources,
                    target,
                    connectivity: all(small(n * m, 3), delay),
                    gain: UNIT_GAIN * gain,
                    plasticity: is_plastic.then(|| learns("2*x0*y0 - 2*y0", None)),
                });
                plastic.extend(is_plastic.then_some(id));
            }
        }
        let mut input = InputSchedule::new();
        some(&mut input, 1..=25, sources, n, 1);
        let mut case = Case::new(builder.build().unwrap(), input, 30);
        case.changes = (0..changed)
            .map(|k| Change {
                after: u32::try_from(3 + 4 * k).unwrap(),
                projection: plastic[2 * k],
                what: What::One(50 + k, -200),
            })
            .collect();
        let seen = checked(&case);
        assert!(seen.spikes > 100 && seen.updates > 1000, "{seen:?}");
    }
}

/// Input that leaves its register on one side only, for some neurons of a layer: by relays, gates and matrices.
#[test]
fn input_wraps_on_one_side() {
    let n = 67;
    for threshold in [0, 30_000, 131_071] {
        for sign in [1, -1] {
            // 256 weight units times 64 times 64 are half of what fits upwards.
            let weight = sign * 255 * 64;
            for way in 0..4 {
                let mut builder = NetworkBuilder::new(format!("{threshold}, {weight}, way {way}"));
                let sources = [0, 1, 2].map(|k| builder.sources(format!("sources {k}"), n));
                let gate = builder.sources("gate", 1);
                let target = builder.neurons("target", n, memoryless(threshold, 2));
                for (k, source) in sources.into_iter().enumerate() {
                    // Every third column is strong, and every second row.
                    let strong = |idx: u32| {
                        if (idx % n).is_multiple_of(3) && (idx / n).is_multiple_of(2) {
                            weight
                        } else {
                            0
                        }
                    };
                    let connectivity = match way {
                        0 => one_to_one(weight, 0),
                        1 if k == 0 => {
                            let weights = Weights::Uniform(weight);
                            let delay = Delay::ZERO;
                            let all = Connectivity::OneToAll { weights, delay };
                            builder.connect("gate", gate, target, all);
                            one_to_one(weight, 0)
                        }
                        1 => one_to_one(weight, 0),
                        // One matrix, or three.
                        2 if k > 0 => one_to_one(0, 0),
                        _ => all(Weights::Each((0..n * n).map(strong).collect()), 0),
                    };
                    builder.connect(format!("way {k}"), source, target, connectivity);
                }
                let mut input = InputSchedule::new();
                for (k, source) in sources.into_iter().enumerate() {
                    some(&mut input, 1..=20, source, n, u64::try_from(31 + k).unwrap());
                }
                (1..20).step_by(2).for_each(|step| input.push(step, gate, 0));
                let seen = checked(&Case::new(builder.build().unwrap(), input, 24));
                assert!(seen.input_wrapped > 0, "{threshold}, {weight}, way {way}: {seen:?}");
            }
        }
    }
}
