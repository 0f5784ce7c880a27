//! Clauses S4 and S5: what a spike carries, when a weight changes, where it saturates.

use crate::record::{engine, neuron, one_to_one, rule, schedule};
use synfire_circuit::RULE;
use synfire_net::{
    Connectivity, Delay, Engine, NetworkBuilder, Plasticity, Reward, Strictness, WeightRange,
    Weights,
};

/// E16: rule 2 * x0 * y0, weight 10, both ends spike in step 4 (Lava, Brian2Loihi).
#[test]
fn spikes_carry_the_weight_before_learning() {
    let mut builder = NetworkBuilder::new("coincidence");
    let source = builder.sources("source", 1);
    let kick = builder.sources("kick", 1);
    let cell = builder.neurons("cell", 1, neuron([4096, 4096], 4096, 1));
    let id = builder.connect_plastic("weight", source, cell, one_to_one(10, 0), rule("2*x0*y0"));
    builder.connect("kick", kick, cell, one_to_one(200, 0));
    let input = schedule(&[(3, kick), (4, source), (6, source)]);
    let mut engine = engine(builder, Strictness::Strict);
    let (mut weights, mut currents) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        engine.advance(1, &input, &mut ()).unwrap();
        weights.push(engine.weights(id).unwrap()[0]);
        currents.push(engine.currents(cell)[0]);
    }
    assert_eq!(weights, [10, 10, 10, 12, 12, 12, 12]);
    assert_eq!(currents, [0, 0, 0, 200 * 64, 10 * 64, 0, 12 * 64]);
}

/// With a delay the weight is still that of the step of the spike, not of the arrival.
#[test]
fn a_delayed_spike_carries_the_weight_it_left_with() {
    let mut builder = NetworkBuilder::new("delayed");
    let source = builder.sources("source", 1);
    let cell = builder.neurons("cell", 1, neuron([4096, 4096], 64_000, 1));
    let id = builder.connect_plastic("weight", source, cell, one_to_one(10, 2), rule("2*x0"));
    let mut engine = engine(builder, Strictness::Strict);
    let mut currents = Vec::new();
    for _ in 0..6 {
        engine.advance(1, &schedule(&[(1, source), (2, source)]), &mut ()).unwrap();
        currents.push(engine.currents(cell)[0]);
    }
    assert_eq!(currents, [0, 0, 0, 640, 768, 0]);
    assert_eq!(*engine.weights(id).unwrap(), [14]);
}

/// The published rule: +2 in a rewarded step, -2 in any other, nothing without a coincidence; the
/// reward acts in its own step only, and saturation is at -256 and 254.
#[test]
fn the_published_rule_follows_the_reward() {
    let run = |start: i32, events: &[(bool, bool, bool)]| {
        let mut builder = NetworkBuilder::new("reward");
        let source = builder.sources("source", 1);
        let kick = builder.sources("kick", 1);
        let reward = builder.sources("reward", 1);
        let cell = builder.neurons("cell", 1, neuron([4096, 4096], 100_000, 1));
        let plasticity = Plasticity { reward: Reward::flash(reward, 1), ..rule(RULE) };
        let wired = one_to_one(start, 0);
        let id = builder.connect_plastic("weight", source, cell, wired, plasticity);
        builder.connect("kick", kick, cell, one_to_one(4000, 0));
        let mut input = schedule(&[]);
        for (step, &(pre, post, rewarded)) in (2..).zip(events) {
            for (is_given, at, layer) in
                [(pre, step, source), (post, step - 1, kick), (rewarded, step, reward)]
            {
                if is_given {
                    input.push(at, layer, 0);
                }
            }
        }
        let mut engine = engine(builder, Strictness::Strict);
        engine.advance(1, &input, &mut ()).unwrap();
        let mut weights = Vec::new();
        for _ in events {
            engine.advance(1, &input, &mut ()).unwrap();
            weights.push(engine.weights(id).unwrap()[0]);
        }
        weights
    };
    let (up, down) = ((true, true, true), (true, true, false));
    assert_eq!(run(0, &[up, down, down, up]), [2, 0, -2, 0]);
    let (pre, post) = ((true, false, true), (false, true, true));
    assert_eq!(run(0, &[pre, post, (false, false, true), down]), [0, 0, 0, -2]);
    assert_eq!(run(250, &[up, up, up, down]), [252, 254, 254, 252]);
    assert_eq!(run(-252, &[down, down, down, up]), [-254, -256, -256, -254]);
}

/// Rules on one end only, and the reward count, visit the synapses they concern and no other.
#[test]
fn rules_on_one_end() {
    let rows = [
        ("2*x0", [2, 2, 0, 0], 2),
        ("2*y0", [2, 0, 2, 0], 2),
        ("2*x0 + 4*y0", [6, 2, 4, 0], 3),
        ("2*x0*(r1+1)", [8, 8, 0, 0], 2),
        ("2*y0*r0", [2, 0, 2, 0], 2),
        ("-2*x0*y0", [-2, 0, 0, 0], 1),
    ];
    for (text, expected, n_updates) in rows {
        let mut builder = NetworkBuilder::new("ends");
        let sources = builder.sources("sources", 2);
        let kick = builder.sources("kick", 1);
        let reward = builder.sources("reward", 1);
        let cells = builder.neurons("cells", 2, neuron([4096, 4096], 64_000, 1));
        let plasticity = Plasticity { reward: Reward::flash(reward, 3), ..rule(text) };
        let all = Connectivity::AllToAll { weights: Weights::Uniform(0), delay: Delay::ZERO };
        let id = builder.connect_plastic("weights", sources, cells, all, plasticity);
        let only_first = Weights::Each(vec![2000, 0]);
        let wired = Connectivity::OneToAll { weights: only_first, delay: Delay::ZERO };
        builder.connect("kick", kick, cells, wired);
        // In step 2 source 0 and neuron 0 spike, and the reward.
        let input = schedule(&[(1, kick), (2, sources), (2, reward)]);
        let mut engine = engine(builder, Strictness::Strict);
        engine.advance(3, &input, &mut ()).unwrap();
        assert_eq!(*engine.weights(id).unwrap(), expected, "{text}");
        assert_eq!(engine.operations().plastic_updates, n_updates, "{text}");
    }
}

/// A range in steps of 1 without negative weights ends at 0 and 255.
#[test]
fn other_ranges_saturate_at_their_ends() {
    for (start, text, expected) in [(250, "2*x0", [252, 254, 255]), (3, "-2*x0", [1, 0, 0])] {
        let mut builder = NetworkBuilder::new("range");
        let source = builder.sources("source", 1);
        let cell = builder.neurons("cell", 1, neuron([4096, 4096], 64_000, 1));
        let range = WeightRange { min: 0, max: 255, step: 1 };
        let plasticity = Plasticity { range, ..rule(text) };
        let wired = one_to_one(start, 0);
        let id = builder.connect_plastic("weight", source, cell, wired, plasticity);
        let mut engine = engine(builder, Strictness::Strict);
        let input = schedule(&[1, 2, 3].map(|step| (step, source)));
        let mut weights = Vec::new();
        for _ in 0..3 {
            engine.advance(1, &input, &mut ()).unwrap();
            weights.push(engine.weights(id).unwrap()[0]);
        }
        assert_eq!(weights, expected, "{text}");
    }
}
