//! Every budget of a core: what just fits is placed, one more is refused with the numbers.

use crate::{PLAIN, all_to_all, leaky, messages, on, one_to_one, place_by_hand, place_on};
use synfire_loihi::place::{ChipLimits, LOIHI, ManualPopulation, PlaceError, Resource};
use synfire_net::{
    Connectivity, Delay, NetworkBuilder, Neuron, Plasticity, Refractory, Synapse, Trace, Traces,
    WeightRange, Weights,
};

fn builder() -> NetworkBuilder {
    NetworkBuilder::new("limits")
}

fn learning(rule: &str) -> Plasticity {
    Plasticity::new(rule.parse().unwrap(), WeightRange::MIXED)
}

#[test]
fn compartments() {
    let placed = |n| {
        let mut builder = builder();
        let layer = builder.neurons("h", n, PLAIN);
        place_by_hand(builder, vec![on(layer, &[5])])
    };
    assert_eq!(placed(1024).unwrap().cores()[0].usage.compartments, 1024);
    assert_eq!(
        messages(placed(1025)),
        [
            "layer `h`: core 0.5 has 1025 compartments, 1 too many, expected at most 1024",
            "layer `h`: core 0.5 has 8200 accumulator slots, 8 too many, expected at most 8192",
        ]
    );
}

/// The layer that is one too many is named, and what all layers use together.
#[test]
fn compartments_of_several_layers() {
    let mut builder = builder();
    let layers =
        [("a", 1000), ("b", 30), ("c", 70)].map(|(name, n)| builder.neurons(name, n, PLAIN));
    let limits = ChipLimits { accumulator_slots: 100_000, ..LOIHI };
    let placed = place_on(builder, limits, layers.map(|layer| on(layer, &[0])).to_vec());
    assert_eq!(
        messages(placed),
        ["layer `b`: core 0.0 has 1100 compartments, 76 too many, expected at most 1024"]
    );
}

#[test]
fn accumulator_slots() {
    let placed = |n| {
        let mut builder = builder();
        let layer = builder.neurons("h", n, PLAIN);
        let population = ManualPopulation { accumulators: Some(64), ..on(layer, &[0]) };
        place_by_hand(builder, vec![population])
    };
    assert_eq!(placed(128).unwrap().cores()[0].settings.n_accumulators, 64);
    assert_eq!(
        messages(placed(129)),
        ["layer `h`: core 0.0 has 8256 accumulator slots, 64 too many, expected at most 8192"]
    );
}

/// Without populations by hand, the longest delay takes the slots and the layer more cores.
#[test]
fn long_delays_leave_room_for_fewer_compartments() {
    for (delay, n_cores) in [(6, 1), (7, 2), (14, 2), (15, 4), (30, 4), (31, 8), (62, 8)] {
        let mut builder = builder();
        let input = builder.sources("in", 1);
        let layer = builder.neurons("h", 1024, PLAIN);
        builder.connect("w", input, layer, all_to_all(1, delay));
        assert_eq!(place_by_hand(builder, vec![]).unwrap().cores().len(), n_cores, "{delay}");
    }
}

#[test]
fn input_slots() {
    let placed = |n_sources, plasticity: Option<Plasticity>, manual: bool| {
        let mut builder = builder();
        let input = builder.sources("in", n_sources);
        let layer = builder.neurons("h", 2, PLAIN);
        match plasticity {
            None => builder.connect("w", input, layer, all_to_all(2, 0)),
            Some(own) => builder.connect_plastic("w", input, layer, all_to_all(2, 0), own),
        };
        place_by_hand(builder, if manual { vec![on(layer, &[1])] } else { vec![] })
    };
    for manual in [false, true] {
        for (n_sources, plasticity) in [(4096, None), (2048, Some(learning("x0*y0*2")))] {
            let placement = placed(n_sources, plasticity, manual).unwrap();
            let usage = placement.cores()[0].usage;
            assert_eq!(usage.input_slots, 4096);
            assert_eq!(usage.binding(&LOIHI), (Resource::InputSlots, 4096, 4096));
        }
    }
    assert_eq!(
        messages(placed(4097, None, false)),
        [
            "layer `h`: neuron 0 alone needs 4097 input axon slots, 1 too many, expected at most 4096 on an empty core"
        ]
    );
    assert_eq!(
        messages(placed(4097, None, true)),
        ["layer `h`: core 0.1 has 4097 input axon slots, 1 too many, expected at most 4096"]
    );
    assert_eq!(
        messages(placed(2049, Some(learning("x0*y0*2")), true)),
        ["layer `h`: core 0.1 has 4098 input axon slots, 2 too many, expected at most 4096"]
    );
}

/// 4096 axons of 30 synapses of 8 bits take four words each and fill the memory to the last.
#[test]
fn synapse_words() {
    let placed = |synapse_words| {
        let mut builder = builder();
        let input = builder.sources("in", 4096);
        let layer = builder.neurons("h", 30, PLAIN);
        builder.connect("w", input, layer, all_to_all(1, 0));
        let limits = ChipLimits { synapse_words, ..LOIHI };
        place_on(builder, limits, vec![on(layer, &[0])])
    };
    assert_eq!(placed(16_384).unwrap().cores()[0].usage.synapse_words, 16_384);
    assert_eq!(
        messages(placed(16_383)),
        ["layer `h`: core 0.0 has 16384 synapse words, 1 too many, expected at most 16383"]
    );
}

/// Delays, tags and indices make synapses wider.
#[test]
fn words_of_wide_synapses() {
    let words = |delay, plasticity: Option<Plasticity>, compartments_before| {
        let mut builder = builder();
        let before = builder.neurons("before", compartments_before, PLAIN);
        let input = builder.sources("in", 1);
        let layer = builder.neurons("h", 64, PLAIN);
        match plasticity {
            None => builder.connect("w", input, layer, all_to_all(2, delay)),
            Some(own) => builder.connect_plastic("w", input, layer, all_to_all(2, delay), own),
        };
        let placement = place_by_hand(builder, vec![on(before, &[0]), on(layer, &[0])]).unwrap();
        placement.cores()[0].usage.synapse_words
    };
    // (64 * bits + 10) / 64, rounded up.
    assert_eq!(words(0, None, 255), 8 + 1);
    assert_eq!(words(0, None, 256), 8 + 9 + 1);
    assert_eq!(words(1, None, 1), 8 + 3 + 1);
    assert_eq!(words(7, None, 1), 8 + 4 + 1);
    assert_eq!(words(62, None, 1), 8 + 6 + 1);
    assert_eq!(words(0, Some(learning("x0*y0*2")), 1), 8 + 1);
    let mut tagged = learning("x0*y0*2");
    tagged.rules.tag = Some("x0*y0".parse().unwrap());
    assert_eq!(words(0, Some(tagged), 1), 8 + 9 + 1);
    let mut moving = learning("x0*y0*2");
    moving.rules.delay = Some("x0*y0".parse().unwrap());
    assert_eq!(words(0, Some(moving), 1), 8 + 6 + 1);
}

#[test]
fn output_slots() {
    let placed = |one_more| {
        let mut builder = builder();
        let from = builder.neurons("from", 1024, PLAIN);
        let to = builder.neurons("to", 4, PLAIN);
        builder.connect("w", from, to, all_to_all(1, 0));
        if one_more {
            let synapse = Synapse { source: 1023, target: 2, delay: Delay::ZERO, weight: 1 };
            builder.connect("one more", from, to, Connectivity::List(vec![synapse]));
        }
        place_by_hand(builder, vec![on(from, &[0]), on(to, &[1, 2, 3, 4])])
    };
    assert_eq!(placed(false).unwrap().cores()[0].usage.output_slots, 4096);
    assert_eq!(
        messages(placed(true)),
        ["layer `from`: core 0.0 has 4097 output axon slots, 1 too many, expected at most 4096"]
    );
}

/// A layer that is not placed by hand is cut smaller until its axons have slots.
#[test]
fn many_targets_make_slices_smaller() {
    for (n_targets, n_cores) in [(4, 1), (5, 2), (9, 3), (60, 16)] {
        let mut builder = builder();
        let from = builder.neurons("from", 1024, PLAIN);
        let to = builder.neurons("to", n_targets, PLAIN);
        builder.connect("w", from, to, all_to_all(1, 0));
        let cores: Vec<u32> = (0..n_targets).collect();
        let placement = place_by_hand(builder, vec![on(to, &cores)]).unwrap();
        assert_eq!(placement.slices(from).len(), n_cores, "{n_targets}");
    }
}

#[test]
fn a_neuron_with_too_many_axons() {
    let placed = |output_slots| {
        let mut builder = builder();
        let from = builder.neurons("from", 1, PLAIN);
        let to = builder.neurons("to", 4, PLAIN);
        builder.connect("w", from, to, all_to_all(1, 0));
        place_on(builder, ChipLimits { output_slots, ..LOIHI }, vec![on(to, &[0, 1, 2, 3])])
    };
    assert!(placed(4).is_ok());
    assert_eq!(
        messages(placed(3)),
        [
            "layer `from`: neuron 0 alone needs 4 output axon slots, 1 too many, expected at most 3 on an empty core"
        ]
    );
}

/// Layers that differ in one number each: by hand they share a core up to the limit; left alone they
/// take another.
fn kinds(
    limit: u32,
    add: impl Fn(&mut NetworkBuilder, u8) -> synfire_net::LayerId,
    limits: &ChipLimits,
) -> Vec<String> {
    let placed = |n: u32, manual: bool| {
        let mut builder = builder();
        let layers: Vec<_> =
            (0..u8::try_from(n).unwrap()).map(|idx| add(&mut builder, idx)).collect();
        let populations =
            if manual { layers.into_iter().map(|layer| on(layer, &[0])).collect() } else { vec![] };
        place_on(builder, limits.clone(), populations)
    };
    assert!(placed(limit, true).is_ok());
    assert_eq!(placed(limit, false).unwrap().cores().len(), 1);
    assert_eq!(placed(limit + 1, false).unwrap().cores().len(), 2);
    messages(placed(limit + 1, true))
}

#[test]
fn profiles() {
    let refractory = |builder: &mut NetworkBuilder, idx: u8| {
        let refractory = Refractory::new(idx + 1).unwrap();
        builder.neurons(format!("h{idx}"), 1, Neuron { refractory, ..leaky() })
    };
    assert_eq!(
        kinds(32, refractory, &LOIHI),
        ["layer `h32`: core 0.0 has 33 compartment profiles, 1 too many, expected at most 32"]
    );
    let threshold = |builder: &mut NetworkBuilder, idx: u8| {
        builder.neurons(format!("h{idx}"), 1, Neuron { threshold: 64 * i32::from(idx), ..leaky() })
    };
    assert_eq!(
        kinds(8, threshold, &LOIHI),
        ["layer `h8`: core 0.0 has 9 threshold profiles, 1 too many, expected at most 8"]
    );
}

#[test]
fn formats() {
    // An odd mantissa needs its exponent; beyond the eight of one sign, the other.
    let format = |builder: &mut NetworkBuilder, idx: u8| {
        let input = builder.sources(format!("in{idx}"), 1);
        let layer = builder.neurons(format!("h{idx}"), 1, PLAIN);
        let weight = if idx < 8 { 255 << idx } else { -255 };
        builder.connect(format!("w{idx}"), input, layer, one_to_one(weight));
        layer
    };
    assert_eq!(
        kinds(8, format, &LOIHI),
        ["layer `h8`: core 0.0 has 9 synapse formats, 1 too many, expected at most 8"]
    );
}

#[test]
fn traces_and_rules() {
    let learns = |builder: &mut NetworkBuilder, idx: u8, plasticity: Plasticity| {
        let input = builder.sources(format!("in{idx}"), 1);
        let layer = builder.neurons(format!("h{idx}"), 1, PLAIN);
        builder.connect_plastic(format!("w{idx}"), input, layer, one_to_one(2), plasticity);
        layer
    };
    let traced = |builder: &mut NetworkBuilder, idx: u8| {
        let traces = Traces { x1: Trace::new(idx, 2), ..Traces::NONE };
        learns(builder, idx, Plasticity { traces, ..learning("x0*y0*2") })
    };
    assert_eq!(
        kinds(3, traced, &LOIHI),
        ["layer `h3`: core 0.0 has 4 pre-trace configurations, 1 too many, expected at most 3"]
    );
    let ruled = |builder: &mut NetworkBuilder, idx: u8| {
        learns(builder, idx, learning(&format!("x0*y0*2^{idx}")))
    };
    assert_eq!(
        kinds(2, ruled, &ChipLimits { learning_rules: Some(2), ..LOIHI }),
        ["layer `h2`: core 0.0 has 3 learning rules, 1 too many, expected at most 2"]
    );
    // Not limited unless asked for.
    let mut builder = builder();
    (0..6).for_each(|idx| {
        ruled(&mut builder, idx);
    });
    let placement = place_by_hand(builder, vec![]).unwrap();
    assert_eq!(placement.cores()[0].usage.learning_rules, 6);
}

#[test]
fn cores_and_chips() {
    let placed = |n, n_chips| {
        let mut builder = builder();
        builder.neurons("h", n, PLAIN);
        place_on(builder, ChipLimits { cores_per_chip: 2, n_chips, ..LOIHI }, vec![])
    };
    assert_eq!(placed(2048, Some(1)).unwrap().n_chips(), 1);
    assert_eq!(messages(placed(2049, Some(1))), ["needs 3 cores, 1 too many, expected at most 2"]);
    assert_eq!(placed(2049, Some(2)).unwrap().n_chips(), 2);
    assert_eq!(placed(6 * 1024, None).unwrap().n_chips(), 3);
    let mut builder = builder();
    builder.neurons("h", 1, PLAIN);
    let none = ChipLimits { cores_per_chip: 0, ..LOIHI };
    assert_eq!(
        messages(place_on(builder, none, vec![])),
        ["needs 1 cores, 1 too many, expected at most 0"]
    );
}

/// Chips without anything are refused in words, resource by resource.
#[test]
fn a_core_of_nothing() {
    let mut builder = builder();
    let input = builder.sources("in", 1);
    for name in ["a", "b"] {
        let layer = builder.neurons(name, 1, PLAIN);
        builder.connect(
            name,
            input,
            layer,
            Connectivity::OneToAll { weights: Weights::Uniform(1), delay: Delay::ZERO },
        );
    }
    let nothing = ChipLimits {
        compartments: 0,
        accumulator_slots: 0,
        input_slots: 0,
        output_slots: 0,
        synapse_words: 0,
        compartment_profiles: 0,
        threshold_profiles: 0,
        synapse_formats: 0,
        pre_traces: 0,
        ..LOIHI
    };
    let errors = place_on(builder, nothing, vec![]).unwrap_err();
    // Seven of nine resources, for either layer.
    assert_eq!(errors.as_slice().len(), 14);
    let is_neuron = |error: &PlaceError| matches!(error, PlaceError::Neuron { neuron_idx: 0, .. });
    assert!(errors.as_slice().iter().all(is_neuron));
    assert!(
        errors.to_string().starts_with("the network cannot be placed, for 14 reasons\n  layer `a`")
    );
}
