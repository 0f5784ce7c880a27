//! What a core has only once, and cores that nobody has.

use crate::{PLAIN, all_to_all, leaky, messages, on, place_by_hand, place_on};
use synfire_loihi::place::{ChipLimits, LOIHI, ManualPopulation};
use synfire_net::{
    Decay, LearningPeriod, NetworkBuilder, Neuron, Noise, NoiseTarget, Plasticity, WeightRange,
};

/// Two layers of one neuron each on core 0, and what is wrong with that; left alone they are placed.
fn together(neurons: [Neuron; 2]) -> (Vec<String>, usize) {
    let placed = |manual: bool| {
        let mut builder = NetworkBuilder::new("two");
        let layers = ["a", "b"].into_iter().zip(neurons);
        let layers: Vec<_> =
            layers.map(|(name, neuron)| builder.neurons(name, 1, neuron)).collect();
        let populations = layers.into_iter().map(|layer| on(layer, &[0])).collect();
        place_by_hand(builder, if manual { populations } else { vec![] })
    };
    let n_cores = placed(false).unwrap().cores().len();
    match placed(true) {
        Ok(_) => (vec![], n_cores),
        failed => (messages(failed), n_cores),
    }
}

#[test]
fn decay_offsets() {
    let current = |decay| Neuron { current_decay: Decay::new(decay).unwrap(), ..leaky() };
    let voltage = |decay| Neuron { voltage_decay: Decay::new(decay).unwrap(), ..leaky() };
    assert_eq!(
        together([current(0), current(4096)]),
        (
            vec![
                "layer `b`: core 0.0 would need the current decay offset 1, expected 0 as for layer `a`, which is on the same core".to_owned()
            ],
            2
        )
    );
    assert_eq!(
        together([voltage(4096), voltage(0)]),
        (
            vec![
                "layer `b`: core 0.0 would need the voltage decay offset 0, expected 1 as for layer `a`, which is on the same core".to_owned()
            ],
            2
        )
    );
    for (one, two) in [(0, 1), (0, 4095), (4096, 1), (4095, 4096), (4096, 4096), (0, 0)] {
        assert_eq!(together([current(one), current(two)]), (vec![], 1));
        assert_eq!(together([voltage(one), voltage(two)]), (vec![], 1));
    }
    // The one of the current and that of the voltage are two.
    assert_eq!(together([current(0), voltage(4096)]), (vec![], 1));
}

#[test]
fn voltage_limits() {
    let low = Neuron { voltage_floor: Some(0), ..leaky() };
    assert_eq!(
        together([leaky(), low]),
        (
            vec![
                "layer `b`: core 0.0 would need the voltage limits 0 to 8388607, expected -8388607 to 8388607 as for layer `a`, which is on the same core".to_owned()
            ],
            2
        )
    );
    assert_eq!(together([low, low]), (vec![], 1));
}

#[test]
fn noise() {
    let noisy = |exponent| Neuron {
        noise: Some(Noise { target: NoiseTarget::Current, exponent, mantissa_offset: -1 }),
        ..leaky()
    };
    assert_eq!(
        together([noisy(7), noisy(8)]),
        (
            vec![
                "layer `b`: core 0.0 would need the noise exponent 8, offset -1, on the current, expected exponent 7, offset -1, on the current as for layer `a`, which is on the same core".to_owned()
            ],
            2
        )
    );
    // The flag is a matter of the profile.
    assert_eq!(together([noisy(7), leaky()]), (vec![], 1));
    assert_eq!(together([leaky(), noisy(7)]), (vec![], 1));
}

#[test]
fn learning_periods() {
    let placed = |periods: [u8; 2], manual: bool| {
        let mut builder = NetworkBuilder::new("two");
        let input = builder.sources("in", 1);
        let rest = builder.neurons("rest", 1, PLAIN);
        let mut populations = vec![on(rest, &[3])];
        for (name, period) in ["a", "b"].into_iter().zip(periods) {
            let layer = builder.neurons(name, 1, PLAIN);
            let period = LearningPeriod::new(period).unwrap();
            let plasticity = Plasticity::new("x0*y0*2".parse().unwrap(), WeightRange::MIXED);
            let plasticity = Plasticity { period, ..plasticity };
            builder.connect_plastic(name, input, layer, all_to_all(2, 0), plasticity);
            populations.push(on(layer, &[3]));
        }
        place_by_hand(builder, if manual { populations } else { vec![] })
    };
    assert_eq!(placed([2, 2], true).unwrap().cores()[0].settings.learning_period.unwrap().get(), 2);
    assert_eq!(placed([2, 3], false).unwrap().cores().len(), 2);
    assert_eq!(
        messages(placed([2, 3], true)),
        [
            "layer `b`: core 0.3 would need the learning period 3, expected 2 as for layer `a`, which is on the same core"
        ]
    );
}

#[test]
fn delays_that_the_accumulators_do_not_hold() {
    let placed = |delay, accumulators: [Option<u8>; 2]| {
        let mut builder = NetworkBuilder::new("delays");
        let input = builder.sources("in", 1);
        let late = builder.neurons("late", 3, PLAIN);
        let other = builder.neurons("other", 3, PLAIN);
        builder.connect("w", input, late, all_to_all(1, delay));
        let populations = [late, other].into_iter().zip(accumulators);
        let populations = populations
            .map(|(layer, accumulators)| ManualPopulation { accumulators, ..on(layer, &[4]) });
        place_by_hand(builder, populations.collect())
    };
    let accumulators =
        |delay, asked| placed(delay, asked).unwrap().cores()[0].settings.n_accumulators;
    assert_eq!(accumulators(6, [Some(8), None]), 8);
    assert_eq!(accumulators(7, [None, None]), 16);
    assert_eq!(accumulators(7, [None, Some(64)]), 64);
    let refused = "layer `late`: projection `w` has the delay 7, expected at most 6 on core 0.4 with 8 accumulators";
    assert_eq!(messages(placed(7, [Some(8), None])), [refused]);
    // Whoever else asks for the number.
    assert_eq!(messages(placed(7, [None, Some(8)])), [refused]);
    assert_eq!(
        messages(placed(0, [Some(8), Some(16)])),
        [
            "layer `other`: core 0.4 would need the number of accumulators 16, expected 8 as for layer `late`, which is on the same core"
        ]
    );
    for found in [0, 7, 9, 128] {
        assert_eq!(
            messages(placed(0, [Some(found), None])),
            [format!(
                "layer `late`: number of accumulators is {found}, expected one of [8, 16, 32, 64]"
            )]
        );
    }
}

#[test]
fn cores_that_do_not_exist() {
    let placed = |chip, core| {
        let mut builder = NetworkBuilder::new("one");
        let layer = builder.neurons("h", 1, PLAIN);
        let limits = ChipLimits { n_chips: Some(2), ..LOIHI };
        place_on(builder, limits, vec![ManualPopulation::new(layer, chip, [core])])
    };
    assert_eq!(placed(1, 127).unwrap().cores()[0].id.to_string(), "1.127");
    assert_eq!(
        messages(placed(1, 128)),
        ["layer `h`: core 1.128 does not exist, expected at most 128 cores on a chip"]
    );
    assert_eq!(
        messages(placed(2, 0)),
        ["layer `h`: core 2.0 is on a chip that does not exist, expected at most 2"]
    );
}

/// Every mistake is named, and the layers beside are looked at, too.
#[test]
fn all_mistakes_at_once() {
    let mut builder = NetworkBuilder::new("mistakes");
    let input = builder.sources("in", 4097);
    let layers = ["a", "b", "c"].map(|name| builder.neurons(name, 1, PLAIN));
    let large = builder.neurons("large", 1, PLAIN);
    builder.connect("w", input, large, all_to_all(1, 0));
    let foreign = {
        let mut other = NetworkBuilder::new("other");
        (0..9).map(|idx| other.sources(format!("{idx}"), 1)).last().unwrap()
    };
    let populations = vec![
        on(input, &[0]),
        on(layers[0], &[1]),
        on(layers[0], &[2]),
        on(layers[1], &[]),
        on(layers[2], &[6, 6]),
        on(foreign, &[7]),
    ];
    assert_eq!(
        messages(place_by_hand(builder, populations)),
        [
            "layer `in` has cores, expected none: it consists of sources, which the host drives",
            "layer `a` is placed twice by hand, expected once",
            "layer `b` has no cores, expected one at least",
            "layer `c`: core 0.6 is named twice, expected once",
            "a population names layer 8, expected one of the 5 layers of the network",
            "layer `large`: neuron 0 alone needs 4097 input axon slots, 1 too many, expected at most 4096 on an empty core",
        ]
    );
}
