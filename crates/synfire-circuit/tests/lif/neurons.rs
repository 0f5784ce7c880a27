//! Clauses S1, S2 and S4: decay, threshold, refractory period, bias, limits, delays.
//!
//! The sequences are those that public emulators of the chip produce (Brian2Loihi 0.x, Lava,
//! nengo-loihi), numbers E6, E7, E9 and E13 of the project's chip description; the ideal engine must
//! agree, because no register is at its end in them. Input of a source spike of step t acts in step
//! t + 1, so a sequence that starts with its input is compared from step 2 on.

use crate::record::{Record, engine, neuron, one_to_one, run, schedule};
use synfire_net::{Engine, NetworkBuilder, Neuron, Refractory, Strictness};

/// A spike, whose voltage is 0 afterwards.
const S: i64 = 0;

/// E6: constant input of 640, threshold 1280, voltage without decay.
#[test]
fn refractory_period_holds_the_voltage_at_zero() {
    let rows: [(u8, Vec<i64>, Vec<u64>); 3] = [
        (1, vec![640, 1280, S, 640, 1280, S, 640, 1280, S], vec![3, 6, 9]),
        (2, vec![640, 1280, S, 0, 640, 1280, S, 0, 640, 1280, S], vec![3, 7, 11]),
        (3, vec![640, 1280, S, 0, 0, 640, 1280, S, 0, 0, 640, 1280], vec![3, 8]),
    ];
    for (refractory, expected, spikes) in rows {
        let mut builder = NetworkBuilder::new("constant drive");
        let source = builder.sources("source", 1);
        let cell = builder.neurons("cell", 1, neuron([4096, 0], 1280, refractory));
        builder.connect("drive", source, cell, one_to_one(10, 0));
        let mut engine = engine(builder, Strictness::Strict);
        let input = schedule(&(1..=expected.len() as u64).map(|t| (t, source)).collect::<Vec<_>>());
        let mut record = Record::default();
        let [u, v] = run(&mut engine, expected.len() + 1, &input, cell, &mut record);
        assert_eq!(v[1..], expected, "R = {refractory}");
        assert!(u[1..].iter().all(|&u| u == 640), "held neurons receive input");
        let spikes: Vec<_> = spikes.iter().map(|index| index + 1).collect();
        assert_eq!(record.steps_of(cell), spikes, "R = {refractory}");
    }
}

/// E7: an input of 6400 in one step, decaying by a quarter; threshold 4992.
#[test]
fn current_is_kept_while_held() {
    let u = [6400, 4800, 3600, 2700, 2025, 1518, 1138, 853, 639, 479];
    let rows: [(u8, [i64; 10], Vec<u64>); 3] = [
        (1, [S, 4800, S, 2700, 4725, S, 1138, 1991, 2630, 3109], vec![2, 4, 7]),
        (2, [S, 0, 3600, S, 0, 1518, 2656, 3509, 4148, 4627], vec![2, 5]),
        (3, [S, 0, 0, 2700, 4725, S, 0, 0, 639, 1118], vec![2, 7]),
    ];
    for (refractory, v, spikes) in rows {
        let mut builder = NetworkBuilder::new("one input");
        let source = builder.sources("source", 1);
        let cell = builder.neurons("cell", 1, neuron([1024, 0], 4992, refractory));
        builder.connect("input", source, cell, one_to_one(100, 0));
        let mut engine = engine(builder, Strictness::Strict);
        let mut record = Record::default();
        let input = schedule(&[(1, source)]);
        let [currents, voltages] = run(&mut engine, 11, &input, cell, &mut record);
        assert_eq!(currents[1..], u, "R = {refractory}");
        assert_eq!(voltages[1..], v, "R = {refractory}");
        assert_eq!(record.steps_of(cell), spikes, "R = {refractory}");
    }
}

/// Negative input gives the negated sequence: the magnitude is rounded down, not the number.
#[test]
fn decay_rounds_the_magnitude_down() {
    let u = [6400, 4800, 3600, 2700, 2025, 1518, 1138, 853, 639, 479];
    let mut builder = NetworkBuilder::new("inhibition");
    let source = builder.sources("source", 1);
    let cell = builder.neurons("cell", 1, neuron([1024, 4096], 64, 1));
    builder.connect("input", source, cell, one_to_one(-100, 0));
    let mut engine = engine(builder, Strictness::Strict);
    let input = schedule(&[(1, source)]);
    let [currents, voltages] = run(&mut engine, 11, &input, cell, &mut Record::default());
    assert_eq!(currents[1..], u.map(|u: i64| -u));
    assert_eq!(voltages[1..], u.map(|u: i64| -u));
}

#[test]
fn threshold_is_strict() {
    // Two inputs of 64 * 5 = 320: at threshold 640 silent, at 639 a spike; and one at threshold 0.
    for (threshold, spikes) in [(640, vec![]), (639, vec![2]), (0, vec![2])] {
        let mut builder = NetworkBuilder::new("threshold");
        let source = builder.sources("source", 1);
        let cell = builder.neurons("cell", 1, neuron([4096, 4096], threshold, 1));
        builder.connect("one", source, cell, one_to_one(5, 0));
        builder.connect("two", source, cell, one_to_one(5, 0));
        let mut engine = engine(builder, Strictness::Strict);
        let mut record = Record::default();
        engine.advance(4, &schedule(&[(1, source)]), &mut record).unwrap();
        assert_eq!(record.steps_of(cell), spikes, "threshold {threshold}");
    }
}

/// E9, first row: bias 6400 every step, threshold 25,600, voltage without decay; no input at all.
#[test]
fn bias_acts_in_every_step() {
    let mut builder = NetworkBuilder::new("bias");
    let biased = Neuron { bias: 6400, ..neuron([4096, 0], 25_600, 1) };
    let cell = builder.neurons("cell", 1, biased);
    let mut engine = engine(builder, Strictness::Strict);
    let mut record = Record::default();
    let [_, v] = run(&mut engine, 8, &schedule(&[]), cell, &mut record);
    assert_eq!(v, [6400, 12_800, 19_200, 25_600, S, 6400, 12_800, 19_200]);
    assert_eq!(record.steps_of(cell), [5]);
}

#[test]
fn voltage_limits_clamp() {
    // E8, last row: a floor of 0 forgets what is below.
    let mut builder = NetworkBuilder::new("floor");
    let source = builder.sources("source", 1);
    let kick = builder.sources("kick", 1);
    let floor = Neuron { voltage_floor: Some(0), ..neuron([4096, 0], 64_000, 1) };
    let ceiling = Neuron { voltage_ceiling: Some(1000), ..neuron([4096, 0], 64_000, 1) };
    let cells = [builder.neurons("floor", 1, floor), builder.neurons("ceiling", 1, ceiling)];
    for (idx, &cell) in cells.iter().enumerate() {
        builder.connect(format!("source {idx}"), source, cell, one_to_one(-10, 0));
        builder.connect(format!("kick {idx}"), kick, cell, one_to_one(20, 0));
    }
    let mut engine = engine(builder, Strictness::Strict);
    let mut seen = Vec::new();
    for _ in 0..4 {
        engine.advance(1, &schedule(&[(1, source), (2, kick), (3, kick)]), &mut ()).unwrap();
        seen.push(cells.map(|cell| engine.voltages(cell)[0]));
    }
    assert_eq!(seen, [[0, 0], [0, -640], [1280, 640], [2560, 1000]]);
}

/// E13 and both ends of the range: a spike of step t acts in step t + 1 + delay and in no other.
#[test]
fn delays_postpone_input() {
    for delay in [0, 1, 3, 62] {
        let mut builder = NetworkBuilder::new("delay");
        let source = builder.sources("source", 1);
        let cell = builder.neurons("cell", 1, neuron([4096, 4096], 1280, 1));
        builder.connect("input", source, cell, one_to_one(10, delay));
        let mut engine = engine(builder, Strictness::Strict);
        let input = schedule(&[(2, source), (5, source)]);
        let [u, _] = run(&mut engine, 140, &input, cell, &mut Record::default());
        let mut expected = vec![0; 140];
        for sent in [2, 5] {
            // Position k is step k + 1.
            expected[sent + usize::from(delay)] = 640;
        }
        assert_eq!(u, expected, "delay {delay}");
    }
}

/// Delays of 0 and 62 to one neuron wait in slots of their own, also a whole round of slots later.
#[test]
fn the_shortest_and_the_longest_delay_meet() {
    let mut builder = NetworkBuilder::new("delays");
    let source = builder.sources("source", 1);
    let cell = builder.neurons("cell", 1, neuron([4096, 4096], 64_000, 1));
    builder.connect("soon", source, cell, one_to_one(10, 0));
    builder.connect("late", source, cell, one_to_one(3, 62));
    let mut engine = engine(builder, Strictness::Strict);
    let input = schedule(&[(1, source), (63, source), (64, source)]);
    let [u, _] = run(&mut engine, 130, &input, cell, &mut Record::default());
    let nonzero: Vec<_> = (1..).zip(u).filter(|(_, u)| *u != 0).collect();
    // Step 64 gets the late part of step 1 and the soon part of step 63.
    assert_eq!(nonzero, [(2, 640), (64, 640 + 192), (65, 640), (126, 192), (127, 192)]);
}

/// E13: a chain of two neurons joined by two synapses (Brian2Loihi; its index is our step less 1).
#[test]
fn a_chain_of_two_neurons() {
    let mut builder = NetworkBuilder::new("chain");
    let source = builder.sources("source", 1);
    let a = builder.neurons("a", 1, neuron([4096, 4096], 640, 1));
    let b = builder.neurons("b", 1, neuron([4096, 4096], 640, 1));
    builder.connect("source to a", source, a, one_to_one(20, 0));
    builder.connect("a to b", a, b, one_to_one(20, 0));
    builder.connect("a to b, later", a, b, one_to_one(30, 2));
    let mut engine = engine(builder, Strictness::Strict);
    let mut record = Record::default();
    let input = schedule(&[(3, source), (6, source)]);
    let [u, _] = run(&mut engine, 11, &input, b, &mut record);
    assert_eq!(record.steps_of(a), [4, 7]);
    assert_eq!(record.steps_of(b), [5, 7, 8, 10]);
    assert_eq!(u, [0, 0, 0, 0, 1280, 0, 1920, 1280, 0, 1920, 0]);
}

/// A refractory period of 63 steps, the longest: one spike in 63 steps of a drive that never rests.
#[test]
fn the_longest_refractory_period() {
    let mut builder = NetworkBuilder::new("longest");
    let held = Neuron { bias: 100, ..neuron([4096, 4096], 99, Refractory::new(63).unwrap().get()) };
    let cell = builder.neurons("cell", 1, held);
    let mut engine = engine(builder, Strictness::Strict);
    let mut record = Record::default();
    engine.advance(130, &schedule(&[]), &mut record).unwrap();
    assert_eq!(record.steps_of(cell), [1, 64, 127]);
}
