//! What is wrong with a network, through the builder: for every defect its message and its place, and
//! that all are reported at once in the documented order.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use synfire_net::{
    Connectivity, Defect, Delay, Gating, Layer, LayerId, LayerKind, MAX_LAYER, NetworkBuilder,
    Neuron, Noise, NoiseTarget, PhaseSet, Place, Plasticity, Projection, Refractory, Reward, Rule,
    Rules, Synapse, Trace, Traces, WeightRange, Weights,
};

const NEURON: Neuron = Neuron::memoryless(64, 0, Refractory::ONE);

fn uniform(weight: i32) -> Connectivity {
    Connectivity::AllToAll { weights: Weights::Uniform(weight), delay: Delay::ZERO }
}

/// Two sources, three neurons, one neuron.
fn small() -> (NetworkBuilder, [LayerId; 3]) {
    let mut builder = NetworkBuilder::new("small");
    let ids = [
        builder.sources("in", 2),
        builder.neurons("mid", 3, NEURON),
        builder.neurons("one", 1, NEURON),
    ];
    (builder, ids)
}

/// An id that is beyond the three layers of [`small`].
fn foreign() -> LayerId {
    let (mut builder, _) = small();
    (0..5).map(|idx| builder.neurons(format!("more {idx}"), 1, NEURON)).last().unwrap()
}

/// Rules for weight, delay and tag; empty for none.
fn rules([weight, delay, tag]: [&str; 3]) -> Rules {
    let rule = |text: &str| (!text.is_empty()).then(|| Rule::parse(text).unwrap());
    Rules { weight: rule(weight), delay: rule(delay), tag: rule(tag) }
}

fn plastic(rule: &str) -> Plasticity {
    Plasticity::new(rule.parse().unwrap(), WeightRange::MIXED)
}

/// What the builder says, without the first line.
fn lines(builder: NetworkBuilder) -> Vec<String> {
    match builder.build() {
        Ok(_) => Vec::new(),
        Err(problems) => {
            let text = problems.to_string();
            let n = problems.as_slice().len();
            let head =
                format!("the network has {n} {}", if n == 1 { "problem" } else { "problems" });
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some(head.as_str()));
            lines.map(|line| line.trim_start().to_owned()).collect()
        }
    }
}

#[track_caller]
fn assert_layer(change: impl FnOnce(&mut Layer), expected: &[&str]) {
    let (mut builder, _) = small();
    let mut layer =
        Layer { name: "odd".into(), n_neurons: 2, kind: LayerKind::Neurons(NEURON), phases: None };
    change(&mut layer);
    builder.layer(layer);
    assert_eq!(lines(builder), expected);
}

#[track_caller]
fn assert_neuron(change: impl FnOnce(&mut Neuron), expected: &[&str]) {
    let mut neuron = NEURON;
    change(&mut neuron);
    assert_layer(|layer| layer.kind = LayerKind::Neurons(neuron), expected);
}

/// A projection from `mid` to `one`.
#[track_caller]
fn assert_projection(change: impl FnOnce(&mut Projection, [LayerId; 3]), expected: &[&str]) {
    let (mut builder, ids) = small();
    let mut projection = Projection {
        name: "p".into(),
        source: ids[1],
        target: ids[2],
        connectivity: uniform(2),
        gain: 64,
        plasticity: None,
    };
    change(&mut projection, ids);
    builder.projection(projection);
    assert_eq!(lines(builder), expected);
}

#[track_caller]
fn assert_learning(change: impl FnOnce(&mut Plasticity, [LayerId; 3]), expected: &[&str]) {
    assert_projection(
        |projection, ids| {
            let mut plasticity = plastic("2*x0*y0");
            change(&mut plasticity, ids);
            projection.plasticity = Some(plasticity);
        },
        expected,
    );
}

#[track_caller]
fn assert_gating(period: u32, chain: impl FnOnce([LayerId; 3]) -> Vec<LayerId>, expected: &[&str]) {
    let (mut builder, ids) = small();
    builder.gating(Gating { period, chain: chain(ids) });
    assert_eq!(lines(builder), expected);
}

#[test]
fn the_starting_points_are_valid() {
    assert_layer(|_| (), &[]);
    assert_projection(|_, _| (), &[]);
    assert_learning(|_, _| (), &[]);
    assert_gating(64, |ids| vec![ids[2]], &[]);
}

#[test]
fn a_network_has_a_layer_and_a_name() {
    assert_eq!(
        lines(NetworkBuilder::new("empty")),
        ["network: has no layer, expected at least one"]
    );
    let mut builder = NetworkBuilder::new("  ");
    builder.sources("in", 1);
    assert_eq!(lines(builder), ["network: the name is empty"]);
    let mut builder = NetworkBuilder::new("two\nlines");
    builder.sources("in", 1);
    assert_eq!(
        lines(builder),
        ["network: the name contains the control character '\\n', expected none"]
    );
}

#[test]
fn a_network_is_not_larger_than_memory() {
    let mut builder = NetworkBuilder::new("large");
    let large = builder.neurons("large", MAX_LAYER, NEURON);
    assert_eq!(lines(builder.clone()), [""; 0]);
    builder.connect("16 to all", large, large, Connectivity::List(Vec::new()));
    let few = builder.sources("few", 16);
    assert_eq!(
        lines(builder.clone()),
        ["network: has 16777232 neurons and sources in all, expected at most 16777216"]
    );
    builder.connect("exact", few, large, uniform(1));
    assert_eq!(lines(builder.clone()).len(), 1);
    builder.connect("one more", few, few, uniform(1));
    assert_eq!(
        lines(builder)[1..],
        [
            "network: has 268435712 synapses in all, expected at most 268435456",
            "projection `one more`: its target `few` is a layer of sources, which receive nothing"
        ]
    );
}

#[test]
fn names_are_unique_among_their_kind() {
    assert_layer(|layer| layer.name = String::new(), &["layer ``: the name is empty"]);
    assert_layer(
        |layer| layer.name = " \t".into(),
        &[
            "layer ` \\t`: the name is empty",
            "layer ` \\t`: the name contains the control character '\\t', expected none",
        ],
    );
    assert_layer(
        |layer| layer.name = "mid".into(),
        &["layer `mid`: the name is used more than once"],
    );
    assert_layer(
        |layer| layer.name = "nul\0".into(),
        &["layer `nul\\u{0}`: the name contains the control character '\\0', expected none"],
    );
    assert_projection(
        |projection, _| projection.name = "line\nbreak".into(),
        &[
            "projection `line\\nbreak`: the name contains the control character '\\n', expected none",
        ],
    );
    // A layer and a projection may share a name.
    assert_projection(|projection, _| projection.name = "mid".into(), &[]);
    let (mut builder, ids) = small();
    builder.connect("p", ids[0], ids[1], uniform(1));
    builder.connect("p", ids[0], ids[2], uniform(1));
    assert_eq!(lines(builder), ["projection `p`: the name is used more than once"]);
}

#[test]
fn layers_have_a_size() {
    for found in [0, MAX_LAYER + 1, u32::MAX] {
        let expected = format!("layer `odd`: has {found} neurons, expected 1 to 16777216");
        assert_layer(|layer| layer.n_neurons = found, &[&expected]);
    }
}

#[test]
fn neurons_keep_their_limits() {
    assert_neuron(|neuron| neuron.threshold = 0, &[]);
    assert_neuron(
        |neuron| neuron.threshold = -1,
        &["layer `odd`: threshold is -1, expected 0 or more"],
    );
    assert_neuron(|neuron| neuron.voltage_floor = Some(0), &[]);
    assert_neuron(
        |neuron| neuron.voltage_floor = Some(1),
        &["layer `odd`: voltage floor is 1, expected 0 or less"],
    );
    assert_neuron(|neuron| neuron.voltage_ceiling = Some(0), &[]);
    assert_neuron(
        |neuron| neuron.voltage_ceiling = Some(-1),
        &["layer `odd`: voltage ceiling is -1, expected 0 or more"],
    );
}

#[test]
fn phases_need_a_period_and_lie_within() {
    assert_layer(
        |layer| layer.phases = Some(PhaseSet::EMPTY),
        &["layer `odd`: names phases, but the network has no gating period"],
    );
    assert_learning(
        |plasticity, _| plasticity.phases = Some(PhaseSet::of(&[1])),
        &["projection `p`: names phases, but the network has no gating period"],
    );
    let (mut builder, ids) = small();
    builder.gating(Gating { period: 4, chain: Vec::new() });
    builder.allow(ids[0], PhaseSet::of(&[0, 3]));
    builder.allow(ids[1], PhaseSet::of(&[0, 4]));
    let mut plasticity = plastic("2*x0");
    plasticity.phases = Some(PhaseSet::of(&[63]));
    builder.connect_plastic("p", ids[0], ids[2], uniform(2), plasticity);
    assert_eq!(
        lines(builder),
        [
            "layer `mid`: phase 4 is named, expected 0 to 3",
            "projection `p`: phase 63 is named, expected 0 to 3"
        ]
    );
}

#[test]
fn ends_exist_and_receive() {
    assert_projection(
        |projection, _| projection.source = foreign(),
        &["projection `p`: its source is layer #7, but the network has 3 layers"],
    );
    assert_projection(
        |projection, _| projection.target = foreign(),
        &["projection `p`: its target is layer #7, but the network has 3 layers"],
    );
    assert_projection(
        |projection, ids| projection.target = ids[0],
        &["projection `p`: its target `in` is a layer of sources, which receive nothing"],
    );
    // Onto itself, and learning from sources, are fine.
    assert_projection(|projection, ids| projection.source = ids[2], &[]);
    assert_projection(
        |projection, ids| {
            projection.source = ids[0];
            projection.plasticity = Some(plastic("2*x0*y0"));
        },
        &[],
    );
}

#[test]
fn gains_and_charges_have_limits() {
    for gain in [0, -64, 8193] {
        let expected = format!("projection `p`: gain is {gain}, expected 1 to 8192");
        assert_projection(|projection, _| projection.gain = gain, &[&expected]);
    }
    assert_projection(|projection, _| projection.gain = 8192, &[]);
    let largest = i32::MAX / 64;
    assert_projection(|projection, _| projection.connectivity = uniform(-largest), &[]);
    // One problem for all synapses of a uniform projection.
    assert_projection(
        |projection, _| projection.connectivity = uniform(-largest - 1),
        &[
            "projection `p`: synapse 0 carries -2147483648 units of charge, expected at most 2147483647 either way",
        ],
    );
    assert_projection(
        |projection, _| {
            let weights = Weights::Each(vec![0, i32::MIN, 1]);
            projection.connectivity = Connectivity::AllToAll { weights, delay: Delay::MAX };
        },
        &[
            "projection `p`: synapse 1 carries -137438953472 units of charge, expected at most 2147483647 either way",
        ],
    );
}

#[test]
fn connectivity_fits_the_sizes() {
    let delay = Delay::ZERO;
    let weights = || Weights::Uniform(1);
    assert_projection(
        |projection, _| {
            projection.connectivity = Connectivity::OneToOne { weights: weights(), delay };
        },
        &["projection `p`: one to one joins 3 sources to 1 targets, expected equal sizes"],
    );
    assert_projection(
        |projection, _| {
            projection.connectivity = Connectivity::OneToAll { weights: weights(), delay };
        },
        &["projection `p`: one to all starts from 3 neurons, expected 1"],
    );
    let each = |n| Weights::Each(vec![1; n]);
    for (source, target, connectivity, found, expected) in [
        (1, 2, Connectivity::AllToAll { weights: each(4), delay }, 4, 3),
        (1, 1, Connectivity::OneToOne { weights: each(2), delay }, 2, 3),
        (2, 1, Connectivity::OneToAll { weights: each(1), delay }, 1, 3),
        (0, 1, Connectivity::AllToAll { weights: each(0), delay }, 0, 6),
    ] {
        let expected =
            format!("projection `p`: has {found} weights, expected {expected}, one per synapse");
        assert_projection(
            |projection, ids| {
                projection.source = ids[source];
                projection.target = ids[target];
                projection.connectivity = connectivity;
            },
            &[&expected],
        );
    }
}

#[test]
fn listed_synapses_exist() {
    let synapse = |source, target| Synapse { source, target, delay: Delay::ZERO, weight: 1 };
    // Listed last, in canonical order first.
    let listed = vec![synapse(3, 0), synapse(2, 1), synapse(0, 0), synapse(0, 0)];
    assert_projection(
        |projection, _| projection.connectivity = Connectivity::List(listed),
        &[
            "projection `p`: synapse 2 has target neuron 1, expected 0 to 0",
            "projection `p`: synapse 3 has source neuron 3, expected 0 to 2",
        ],
    );
}

#[test]
fn plastic_weights_lie_in_a_sound_range() {
    let range = |min, max, step| WeightRange { min, max, step };
    for (min, max, step) in [
        (-256, 254, 0),
        (-256, 254, -2),
        (2, 254, 2),
        (-256, -2, 2),
        (-255, 254, 2),
        (-256, 255, 2),
    ] {
        let message = format!(
            "projection `p`: weight range is {min} to {max} in steps of {step}, expected min <= 0 <= max, \
             both multiples of a step of at least 1"
        );
        assert!(!range(min, max, step).contains(3), "{message}");
        assert_projection(
            |projection, _| {
                let plasticity = Plasticity { range: range(min, max, step), ..plastic("2*x0*y0") };
                projection.plasticity = Some(plasticity);
                projection.connectivity = uniform(0.clamp(min, max).into());
            },
            &[&message],
        );
    }
    // Sound in spite of an overflow of i16::MIN / -1 that a naive check would meet.
    assert!(!range(i16::MIN, 0, -1).contains(0));
    for (weight, ok) in [(-256, true), (254, true), (-258, false), (256, false), (3, false)] {
        let message = format!(
            "projection `p`: synapse 2 (neuron 2 to 0) has weight {weight}, expected -256 to 254 in steps of 2"
        );
        let expected: &[&str] = if ok { &[] } else { &[&message] };
        assert_projection(
            |projection, _| {
                projection.plasticity = Some(plastic("2*x0*y0"));
                let weights = Weights::Each(vec![0, 2, weight]);
                projection.connectivity = Connectivity::AllToAll { weights, delay: Delay::ZERO };
            },
            expected,
        );
    }
}

#[test]
fn reward_comes_from_one_neuron() {
    assert_learning(
        |plasticity, _| plasticity.rules = Rules::weight("2*x0*r1".parse().unwrap()),
        &[
            "projection `p`: the rule `2*x0*r1` reads a reward, but the projection has no reward channel",
        ],
    );
    assert_learning(
        |plasticity, _| plasticity.rules = Rules::weight("2*x0*r0".parse().unwrap()),
        &[
            "projection `p`: the rule `2*x0*r0` reads a reward, but the projection has no reward channel",
        ],
    );
    let reward = |source, impulse| Reward::flash(source, impulse);
    // A neuron may drive it, even with phases of its own.
    assert_learning(|plasticity, ids| plasticity.reward = reward(ids[2], 127), &[]);
    assert_eq!(reward(foreign(), 128), None);
    assert_learning(
        |plasticity, ids| plasticity.reward = reward(ids[0], 1),
        &["projection `p`: the reward channel is driven by layer `in` of 2 neurons, expected 1"],
    );
    assert_learning(
        |plasticity, _| plasticity.reward = reward(foreign(), 1),
        &["projection `p`: its reward source is layer #7, but the network has 3 layers"],
    );
}

#[test]
fn whoever_learns_has_a_rule() {
    assert_learning(
        |plasticity, _| plasticity.rules = Rules::default(),
        &["projection `p`: learns without a rule, expected at least one of dw, dd and dt"],
    );
    for texts in [["x0", "", ""], ["", "x0", ""], ["", "", "x0"], ["x0", "y0", "u9"]] {
        assert_learning(|plasticity, _| plasticity.rules = rules(texts), &[]);
    }
}

#[test]
fn rules_read_traces_that_are_there() {
    let trace = Trace::new(0, 0);
    let all = Traces { x1: trace, x2: trace, y1: trace, y2: trace, y3: trace };
    let without = [
        ("x1", Traces { x1: None, ..all }),
        ("x2", Traces { x2: None, ..all }),
        ("y1", Traces { y1: None, ..all }),
        ("y2", Traces { y2: None, ..all }),
        ("y3", Traces { y3: None, ..all }),
    ];
    for (missing, traces) in without {
        for (read, _) in without {
            for target in 0..3 {
                let rule = format!("2*u0*({read}+1)*w");
                let mut texts = [""; 3];
                texts[target] = &rule;
                let message = format!(
                    "projection `p`: the rule `{rule}` reads {missing}, but the projection gives {missing} no \
                     impulse and time constant"
                );
                let expected: &[&str] = if read == missing { &[&message] } else { &[] };
                assert_learning(
                    |plasticity, _| {
                        plasticity.rules = rules(texts);
                        plasticity.traces = traces;
                    },
                    expected,
                );
            }
        }
    }
    // Spikes, weight, delay and tag are there without being asked for.
    assert_learning(|plasticity, _| plasticity.rules = rules(["x0*y0*w*d*t", "", ""]), &[]);
}

#[test]
fn every_rule_may_read_the_reward() {
    for target in 0..3 {
        let mut texts = [""; 3];
        texts[target] = "x0*r1";
        assert_learning(
            |plasticity, _| plasticity.rules = rules(texts),
            &[
                "projection `p`: the rule `x0*r1` reads a reward, but the projection has no reward channel",
            ],
        );
        assert_learning(
            |plasticity, ids| {
                plasticity.rules = rules(texts);
                plasticity.reward = Reward::flash(ids[2], 0);
            },
            &[],
        );
    }
}

#[test]
fn rules_take_turns_together() {
    let unequal =
        "projection `p`: its rules use u0 and u9, expected one k for all u_k of a projection";
    for (texts, expected) in [
        (["u0", "u9", ""], [unequal].as_slice()),
        (["u0", "", "u9"], &[unequal]),
        (["", "u0", "u9"], &[unequal]),
        (["x0", "u0 + y0", "y0 - u9"], &[unequal]),
        // The first two that differ stand for all.
        (["u0", "u9", "u5"], &[unequal]),
        (["u0", "u0", "u9"], &[unequal]),
        (["u9", "u9", "u9"], &[]),
        (["u9", "x0", "y0"], &[]),
    ] {
        assert_learning(|plasticity, _| plasticity.rules = rules(texts), expected);
    }
}

#[test]
fn noise_fits_into_a_register() {
    // The largest magnitude is (127 + 64 * |offset|) * 2^(exponent - 7), which 8388607 still holds.
    for (exponent, mantissa_offset, found) in [
        (0, 0, None),
        (23, 0, None),
        (24, 0, Some(16_646_144)),
        (23, 1, Some(12_517_376)),
        (23, -1, Some(12_517_376)),
        (22, 2, None),
        (22, -2, None),
        (22, 3, Some(10_452_992)),
        (22, -3, Some(10_452_992)),
        (16, i8::MAX, None),
        (17, i8::MAX, Some(8_453_120)),
        (16, i8::MIN, None),
        (17, i8::MIN, Some(8_518_656)),
        // Said of an exponent of 40, where nothing overflows.
        (u8::MAX, 0, Some(127 << 33)),
        (u8::MAX, i8::MIN, Some(8319 << 33)),
    ] {
        let message = format!(
            "layer `odd`: noise of exponent {exponent} and mantissa offset {mantissa_offset} reaches {} \
             units of charge, expected an exponent of 0 to 23 and at most 8388607 units",
            found.unwrap_or(0_i64)
        );
        let expected: &[&str] = if found.is_some() { &[&message] } else { &[] };
        for target in [NoiseTarget::Current, NoiseTarget::Voltage] {
            let noise = Noise { target, exponent, mantissa_offset };
            assert_neuron(|neuron| neuron.noise = Some(noise), expected);
        }
    }
}

#[test]
fn the_ring_is_made_of_single_neurons() {
    for period in [0, 65, u32::MAX] {
        let expected = format!("gating: period is {period}, expected 1 to 64");
        assert_gating(period, |_| Vec::new(), &[&expected]);
    }
    assert_gating(
        3,
        |ids| vec![ids[2], ids[1]],
        &["gating: gate 1 of the ring is layer `mid` of 3 neurons, expected 1"],
    );
    assert_gating(
        3,
        |_| vec![foreign()],
        &["gating: its gate is layer #7, but the network has 3 layers"],
    );
    assert_gating(
        3,
        |ids| vec![ids[2], ids[2]],
        &["gating: gate 1 of the ring is layer `one`, which is already gate 0"],
    );
    let mut builder = NetworkBuilder::new("driven");
    let gate = builder.sources("gate", 1);
    builder.gating(Gating { period: 2, chain: vec![gate] });
    assert_eq!(
        lines(builder),
        ["gating: gate 0 of the ring is layer `gate` of sources, expected a neuron"]
    );
}

#[test]
fn all_problems_are_reported_at_once_and_in_order() {
    let mut builder = NetworkBuilder::new("");
    let one = builder.neurons("one", 0, NEURON);
    let two = builder.neurons("one", 1, Neuron { threshold: -64, ..NEURON });
    builder.projection(Projection {
        name: "p".into(),
        source: one,
        target: two,
        connectivity: Connectivity::List(Vec::new()),
        gain: 0,
        plasticity: Some(plastic("2*x0*r1")),
    });
    builder.gating(Gating { period: 65, chain: Vec::new() });
    let problems = builder.build().unwrap_err();
    let found: Vec<_> = problems
        .as_slice()
        .iter()
        .map(|problem| (problem.place.clone(), problem.defect.clone()))
        .collect();
    let layer = || Place::Layer("one".into());
    let projection = || Place::Projection("p".into());
    assert_eq!(
        found,
        [
            (Place::Network, Defect::EmptyName),
            (layer(), Defect::LayerSize { found: 0 }),
            (layer(), Defect::DuplicateName),
            (layer(), Defect::Threshold { found: -64 }),
            (projection(), Defect::Gain { found: 0 }),
            (projection(), Defect::NoReward { rule: "2*x0*r1".into() }),
            (Place::Gating, Defect::Period { found: 65 }),
        ]
    );
}

#[test]
fn all_problems_of_learning_are_reported_at_once_and_in_order() {
    let (mut builder, ids) = small();
    let noise = Noise { target: NoiseTarget::Voltage, exponent: 24, mantissa_offset: 0 };
    builder.neurons("loud", 1, Neuron { threshold: -1, noise: Some(noise), ..NEURON });
    let plasticity = Plasticity {
        rules: rules(["u1*x1*y3 + u1*r0", "u2*y2*x2", "x0*r1*x1"]),
        range: WeightRange { min: 1, max: 2, step: 1 },
        traces: Traces { x2: Trace::new(1, 1), ..Traces::NONE },
        phases: Some(PhaseSet::of(&[1])),
        ..plastic("x0")
    };
    builder.connect_plastic("p", ids[0], ids[1], uniform(3), plasticity.clone());
    let plasticity =
        Plasticity { rules: Rules::default(), reward: Reward::flash(ids[1], 1), ..plasticity };
    builder.connect_plastic("q", ids[0], ids[1], uniform(2), plasticity);
    assert_eq!(
        lines(builder),
        [
            "layer `loud`: threshold is -1, expected 0 or more",
            "layer `loud`: noise of exponent 24 and mantissa offset 0 reaches 16646144 units of charge, expected \
             an exponent of 0 to 23 and at most 8388607 units",
            "projection `p`: weight range is 1 to 2 in steps of 1, expected min <= 0 <= max, both multiples of a \
             step of at least 1",
            "projection `p`: its rules use u1 and u2, expected one k for all u_k of a projection",
            "projection `p`: the rule `u1*x1*y3 + u1*r0` reads x1, but the projection gives x1 no impulse and time \
             constant",
            "projection `p`: the rule `u1*x1*y3 + u1*r0` reads y3, but the projection gives y3 no impulse and time \
             constant",
            "projection `p`: the rule `u2*y2*x2` reads y2, but the projection gives y2 no impulse and time \
             constant",
            "projection `p`: the rule `x0*r1*x1` reads x1, but the projection gives x1 no impulse and time \
             constant",
            "projection `p`: the rule `u1*x1*y3 + u1*r0` reads a reward, but the projection has no reward channel",
            "projection `p`: the rule `x0*r1*x1` reads a reward, but the projection has no reward channel",
            "projection `p`: names phases, but the network has no gating period",
            "projection `p`: synapse 0 (neuron 0 to 0) has weight 3, expected 1 to 2 in steps of 1",
            "projection `q`: weight range is 1 to 2 in steps of 1, expected min <= 0 <= max, both multiples of a \
             step of at least 1",
            "projection `q`: learns without a rule, expected at least one of dw, dd and dt",
            "projection `q`: the reward channel is driven by layer `mid` of 3 neurons, expected 1",
            "projection `q`: names phases, but the network has no gating period",
        ]
    );
}

#[test]
fn a_long_list_of_problems_is_cut_in_print_only() {
    let (mut builder, ids) = small();
    let synapse = |source| Synapse { source, target: 0, delay: Delay::ZERO, weight: 1 };
    builder.connect("p", ids[0], ids[1], Connectivity::List((2..102).map(synapse).collect()));
    let problems = builder.clone().build().unwrap_err();
    assert_eq!(problems.as_slice().len(), 100);
    let lines = lines(builder);
    assert_eq!((lines.len(), lines[50].as_str()), (51, "and 50 more"));
}
