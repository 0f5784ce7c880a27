//! Costs add up: parts of a run to the whole run, parts of a network to the whole network.

use crate::{metered, placed, roomy};
use proptest::prelude::*;
use std::sync::Arc;
use synfire_loihi::cost::{ConstantSet, CostMeter, Estimate, LearningVisits};
use synfire_loihi::place::{Manual, place};
use synfire_loihi::{PlainEngine, lower};
use synfire_net::strategy::{Limits, driven_learning};
use synfire_net::{
    Connectivity, Delay, Engine, LayerId, Network, NetworkBuilder, Neuron, Plasticity, Refractory,
    Strictness, WeightRange, Weights,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::with_source_file(file!()) })]

    /// However a run is cut, with spikes on their way and in the middle of learning periods.
    #[test]
    fn parts_of_a_run_add_up(
        (network, input) in driven_learning(Limits::default()),
        cut in 0_u32..=64,
        all in any::<bool>(),
    ) {
        let visits = if all { LearningVisits::All } else { LearningVisits::Touched };
        let program = Arc::new(lower(Arc::new(network)).unwrap());
        let placement = place(&program, &roomy(Manual::default())).unwrap();
        let meter = || CostMeter::new(&program, &placement, visits).unwrap();
        let engine = || PlainEngine::new(Arc::clone(&program), Strictness::Report);

        let mut whole = meter();
        engine().advance(64, &input, &mut whole).unwrap();
        whole.finish(64);

        let (mut parts, mut engine) = (meter(), engine());
        engine.advance(cut, &input, &mut parts).unwrap();
        parts.finish(cut.into());
        let first = parts.take();
        prop_assert_eq!(parts.tally().n_steps(), 0);
        prop_assert_eq!(parts.tally().total(), Default::default());
        engine.advance(64 - cut, &input, &mut parts).unwrap();
        parts.finish(64);
        let second = parts.take();
        let mut sum = first.clone();
        sum.add(&second).unwrap();
        prop_assert_eq!(&sum, whole.tally());

        for set in ConstantSet::ALL {
            let of = |tally: &synfire_loihi::cost::Tally| tally.estimate(&set).unwrap();
            let (first, second, whole) = (of(&first), of(&second), of(whole.tally()));
            let sum = |what: fn(&Estimate) -> u128| what(&first) + what(&second);
            prop_assert_eq!(whole.energy_fj(), sum(Estimate::energy_fj));
            prop_assert_eq!(whole.time_ps(), sum(Estimate::time_ps));
            prop_assert_eq!(whole.static_energy_fj(), sum(Estimate::static_energy_fj));
        }
    }
}

/// A source that wakes four neurons, which wake, and teach, three more.
fn part(builder: &mut NetworkBuilder, name: &str) -> [LayerId; 3] {
    let neuron = Neuron::memoryless(64 * 100, 0, Refractory::ONE);
    let input = builder.sources(format!("{name} input"), 1);
    let h = builder.neurons(format!("{name} h"), 4, neuron);
    let o = builder.neurons(format!("{name} o"), 3, neuron);
    let weights = |weight| Connectivity::AllToAll {
        weights: Weights::Uniform(weight),
        delay: Delay::new(1).unwrap(),
    };
    builder.connect(format!("{name} w"), input, h, weights(200));
    let plasticity = Plasticity::new("2*x0".parse().unwrap(), WeightRange::MIXED);
    builder.connect_plastic(format!("{name} v"), h, o, weights(30), plasticity);
    [input, h, o]
}

/// Parts of a network that do not meet, on cores of their own, cost as much energy as each alone, and no more
/// time than one after the other.
#[test]
fn disjoint_parts_of_a_network_add_up_in_energy() {
    let alone = |name: &str, cores: [u32; 2], steps: &[u64]| {
        let mut builder = NetworkBuilder::new(name);
        let [input, h, o] = part(&mut builder, name);
        cost(builder.build().unwrap(), &[(h, &cores[..1]), (o, &cores[1..])], input, steps)
    };
    let one = alone("one", [3, 80], &[1, 5, 9]);
    let two = alone("two", [44, 45], &[2, 5]);

    let mut builder = NetworkBuilder::new("both");
    let first = part(&mut builder, "one");
    let second = part(&mut builder, "two");
    let cores: [(LayerId, &[u32]); 4] =
        [(first[1], &[3]), (first[2], &[80]), (second[1], &[44]), (second[2], &[45])];
    let (program, placement) = placed(builder.build().unwrap(), &cores);
    let spikes = [1, 5, 9].map(|step| (step, first[0], 0));
    let spikes = [spikes.as_slice(), &[2, 5].map(|step| (step, second[0], 0))].concat();
    let both = metered(&program, &placement, LearningVisits::All, 20, &spikes);
    for (set, (one, two)) in ConstantSet::ALL.iter().zip(one.iter().zip(&two)) {
        let both = both.tally().estimate(set).unwrap();
        assert_eq!(both.energy_fj(), one.energy_fj() + two.energy_fj());
        let [one, two, both] = [one, two, &both].map(Estimate::time);
        assert!(both.busiest_ps >= one.busiest_ps.max(two.busiest_ps));
        assert!(both.busiest_ps < one.busiest_ps + two.busiest_ps);
    }
}

fn cost(
    network: Network,
    cores: &[(LayerId, &[u32])],
    input: LayerId,
    steps: &[u64],
) -> Vec<Estimate> {
    let (program, placement) = placed(network, cores);
    let spikes: Vec<_> = steps.iter().map(|&step| (step, input, 0)).collect();
    let meter = metered(&program, &placement, LearningVisits::All, 20, &spikes);
    let estimates = ConstantSet::ALL.iter().map(|set| meter.tally().estimate(set).unwrap());
    estimates.collect()
}

/// Tallies of meters that were not made alike are not added.
#[test]
fn unlike_tallies_do_not_add_up() {
    let tally = |core: u32, visits| {
        let mut builder = NetworkBuilder::new("one");
        let [_, h, o] = part(&mut builder, "one");
        let (program, placement) = placed(builder.build().unwrap(), &[(h, &[core]), (o, &[9])]);
        metered(&program, &placement, visits, 3, &[]).take()
    };
    let mut one = tally(1, LearningVisits::All);
    let before = one.clone();
    let error = one.add(&tally(2, LearningVisits::All)).unwrap_err();
    assert_eq!(error.to_string(), "tallies differ in cores, expected those of meters made alike");
    let error = one.add(&tally(1, LearningVisits::Touched)).unwrap_err();
    assert!(error.to_string().contains("learning visits"));
    assert_eq!(one, before);
    assert_eq!(one.add(&before), Ok(()));
    assert_eq!(one.n_steps(), 6);
}
