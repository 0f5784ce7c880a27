//! The messages of networks that cannot be lowered, and the encodings of those that can.

use crate::record::{neuron, one_to_one, one_to_one_delayed};
use std::sync::Arc;
use synfire_loihi::{RefusalReason, SignMode, lower};
use synfire_net::{
    Connectivity, Delay, LayerId, LearningPeriod, NetworkBuilder, Neuron, Plasticity, Projection,
    Refractory, WeightRange, Weights,
};

fn ends(builder: &mut NetworkBuilder) -> (LayerId, LayerId) {
    let source = builder.sources("source", 1);
    (source, builder.neurons("cell", 1, neuron(4096, 4096, 1)))
}

fn messages(builder: NetworkBuilder) -> Vec<String> {
    let refusals = lower(Arc::new(builder.build().unwrap())).unwrap_err();
    refusals.as_slice().iter().map(ToString::to_string).collect()
}

fn plasticity(rule: &str, range: WeightRange) -> Plasticity {
    Plasticity::new(rule.parse().unwrap(), range)
}

#[test]
fn every_reason_is_listed() {
    let mut builder = NetworkBuilder::new("hopeless");
    let source = builder.sources("source", 1);
    let cell = builder.neurons(
        "cell",
        1,
        Neuron {
            voltage_floor: Some(-8),
            voltage_ceiling: Some(1023),
            noise: None,
            ..Neuron::memoryless(65_537, 4097, Refractory::ONE)
        },
    );
    builder.neurons("large", 1, Neuron::memoryless(8_388_608, -524_289, Refractory::ONE));
    builder.connect("odd", source, cell, one_to_one(521));
    builder.connect("huge", source, cell, one_to_one(-40_000));
    let odd = WeightRange { min: -256, max: 255, step: 1 };
    builder.connect_plastic("odd plastic", source, cell, one_to_one(3), plasticity("x0", odd));
    let late = Plasticity { period: LearningPeriod::new(5).unwrap(), ..plasticity("x0", odd) };
    builder.connect_plastic("late plastic", source, cell, one_to_one(3), late);
    let refusals = lower(Arc::new(builder.build().unwrap())).unwrap_err();
    assert_eq!(
        refusals.to_string(),
        "the chip cannot hold the network exactly, for 11 reasons
  layer `cell`: threshold is 65537, expected a multiple of 64 from 0 to 8388544
  layer `cell`: bias is 4097, expected a mantissa of -4096 to 4095 times a power of two of at most 2^7
  layer `cell`: voltage floor is -8, expected -(2^n) + 1 with n from 0 to 31
  layer `cell`: voltage ceiling is 1023, expected 2^(9 + 2m) - 1 with m from 0 to 7
  layer `large`: threshold is 8388608, expected a multiple of 64 from 0 to 8388544
  layer `large`: bias is -524289, expected a mantissa of -4096 to 4095 times a power of two of at most 2^7
  projection `odd`: synapse 0 carries 33344 units of charge (weight 521, gain 64), expected a multiple of 256, as excitatory weights up to 33344 units need the weight exponent 2
  projection `huge`: synapse 0 carries -2560000 units of charge (weight -40000, gain 64), expected -2088960 to 0 for inhibitory weights
  projection `odd plastic`: plastic weights are -256 to 255 in steps of 1, expected the range of a sign mode and a number of weight bits, such as -256 to 254 in steps of 2
  projection `late plastic`: learning period is 5, expected 1 as in projection `odd plastic`, which leads to the same layer
  projection `late plastic`: plastic weights are -256 to 255 in steps of 1, expected the range of a sign mode and a number of weight bits, such as -256 to 254 in steps of 2"
    );
}

#[test]
fn plastic_weights_must_be_exact_wherever_learning_can_take_them() {
    let excitatory = WeightRange { min: 0, max: 255, step: 1 };
    let rows = [
        (WeightRange::MIXED, 96, "gain of plastic weights is 96, expected 64 times a power of two"),
        (
            WeightRange::MIXED,
            8192,
            "plastic weight -256 with gain 8192 carries -2097152 units of charge, of which the chip would make -2097088",
        ),
        (
            WeightRange::MIXED,
            16,
            "plastic weight 254 with gain 16 carries 4064 units of charge, of which the chip would make 4032",
        ),
        (
            excitatory,
            32,
            "plastic weight 255 with gain 32 carries 8160 units of charge, of which the chip would make 8128",
        ),
    ];
    for (range, gain, message) in rows {
        let mut builder = NetworkBuilder::new("gain");
        let (source, target) = ends(&mut builder);
        builder.projection(Projection {
            name: "plastic".into(),
            source,
            target,
            connectivity: one_to_one(0),
            gain,
            plasticity: Some(plasticity("2*x0", range)),
        });
        assert_eq!(messages(builder), [format!("projection `plastic`: {message}")]);
    }
}

/// The weights of one projection must share an exponent.
#[test]
fn weights_that_share_no_exponent_are_refused() {
    let mut builder = NetworkBuilder::new("shared");
    let source = builder.sources("source", 1);
    let cells = builder.neurons("cells", 3, neuron(4096, 4096, 1));
    let weights = Weights::Each(vec![520, -4, -6]);
    let delay = Delay::ZERO;
    builder.connect("both signs", source, cells, Connectivity::OneToAll { weights, delay });
    // 520 needs 2^2 in steps of 2: multiples of 8 weight units, or 512 units of charge.
    assert_eq!(
        messages(builder),
        [
            "projection `both signs`: synapse 1 carries -256 units of charge (weight -4, gain 64), expected a multiple of 512, as mixed weights up to 33280 units need the weight exponent 2"
        ]
    );
}

/// A charge that is no multiple of 64 exists on no synapse.
#[test]
fn fractions_of_a_weight_unit_are_refused() {
    let mut builder = NetworkBuilder::new("fraction");
    let (source, target) = ends(&mut builder);
    builder.projection(Projection {
        name: "fraction".into(),
        source,
        target,
        connectivity: one_to_one(3),
        gain: 32,
        plasticity: None,
    });
    let [message] = messages(builder).try_into().unwrap();
    assert!(message.contains("carries 96 units of charge (weight 3, gain 32)"), "{message}");
    assert!(message.contains("expected a multiple of 64"), "{message}");
}

/// A thousand of the largest weights could hide an overflow of 32 bits.
#[test]
fn sums_that_could_overflow_unseen_are_refused() {
    for (n_sources, fits) in [(1028, true), (1029, false)] {
        let mut builder = NetworkBuilder::new("sum");
        let sources = builder.sources("sources", n_sources);
        let cells = builder.neurons("cells", 2, neuron(4096, 4096, 1));
        let weights = Weights::Uniform(255 << 7);
        let delay = Delay::ZERO;
        builder.connect("all", sources, cells, Connectivity::AllToAll { weights, delay });
        if fits {
            lower(Arc::new(builder.build().unwrap())).unwrap();
        } else {
            assert_eq!(
                messages(builder),
                [
                    "layer `cells`: the effective weights onto neuron 0 add up to 2149539840 in magnitude, expected below 2147483648"
                ]
            );
        }
    }
}

/// Mantissas and exponents of the published circuit's static weights, and of a few others.
#[test]
fn static_weights_get_the_smallest_exponent() {
    let rows = [
        (520, SignMode::Excitatory, 130, 2),
        (-520, SignMode::Inhibitory, -130, 2),
        (8704, SignMode::Excitatory, 136, 6),
        (-8128, SignMode::Inhibitory, -254, 5),
        (9280, SignMode::Excitatory, 145, 6),
        (8192, SignMode::Excitatory, 128, 6),
        (512, SignMode::Excitatory, 128, 2),
        (255, SignMode::Excitatory, 255, 0),
        (0, SignMode::Excitatory, 0, 0),
    ];
    for (weight, sign_mode, mantissa, exponent) in rows {
        let mut builder = NetworkBuilder::new("static");
        let (source, cell) = ends(&mut builder);
        let id = builder.connect("weight", source, cell, one_to_one(weight));
        let program = lower(Arc::new(builder.build().unwrap())).unwrap();
        let group = program.synapses(id);
        assert_eq!(group.format.weight.sign_mode(), sign_mode, "{weight}");
        assert_eq!(group.weight_mantissas, [mantissa], "{weight}");
        assert_eq!(group.format.exponent.get(), exponent, "{weight}");
        assert_eq!(group.format.effective_weight(mantissa), weight * 64);
    }
}

#[test]
fn mixed_signs_share_the_even_mantissas() {
    for (weights, mantissas, exponent) in [
        (vec![520, -520], vec![130, -130], 2),
        (vec![254, -256], vec![254, -256], 0),
        // An odd weight needs half the unit.
        (vec![3, -5], vec![6, -10], -1),
    ] {
        let mut builder = NetworkBuilder::new("mixed");
        let source = builder.sources("source", 1);
        let cells = builder.neurons("cells", 2, neuron(4096, 4096, 1));
        let delay = Delay::ZERO;
        let weights = Weights::Each(weights);
        let id = builder.connect("pair", source, cells, Connectivity::OneToAll { weights, delay });
        let program = lower(Arc::new(builder.build().unwrap())).unwrap();
        let group = program.synapses(id);
        assert_eq!(group.format.weight.sign_mode(), SignMode::Mixed);
        assert_eq!(group.weight_mantissas, mantissas);
        assert_eq!(group.format.exponent.get(), exponent);
    }
}

#[test]
fn compartments_get_slots_for_their_delays() {
    for (delay, n_accumulators) in [(0, 8), (6, 8), (7, 16), (62, 64)] {
        let mut builder = NetworkBuilder::new("delay");
        let (source, cell) = ends(&mut builder);
        builder.connect("short", source, cell, one_to_one(2));
        builder.connect("long", source, cell, one_to_one_delayed(2, delay));
        let program = lower(Arc::new(builder.build().unwrap())).unwrap();
        assert_eq!(program.compartments(cell).unwrap().n_accumulators, n_accumulators);
        assert!(program.compartments(source).is_none());
    }
}

/// Reasons are data, not only text.
#[test]
fn reasons_can_be_matched() {
    let mut builder = NetworkBuilder::new("threshold");
    builder.neurons("cell", 1, Neuron::memoryless(100, 0, Refractory::ONE));
    let refusals = lower(Arc::new(builder.build().unwrap())).unwrap_err();
    let [refusal] = refusals.as_slice() else { panic!("one reason was given") };
    assert_eq!(refusal.reason, RefusalReason::Threshold { found: 100 });
}
