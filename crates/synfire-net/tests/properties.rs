//! Laws of networks, input and rasters over random cases; none needs an engine.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use synfire_net::strategy::{Limits, Reach, driven, input, network};
use synfire_net::{
    Connectivity, Engine, FaultKind, InputSchedule, LayerId, LayerKind, Network, NetworkBuilder,
    Neuron, Observer, PhaseSet, Raster, Refractory, SpikeDifference, StepError, Weights, file,
};

fn any_network() -> impl Strategy<Value = Network> {
    let reach = prop_oneof![Just(Reach::Bounded), Just(Reach::Wrapping)];
    // Up to 70 neurons: a raster packs 64 into a word.
    let size = prop_oneof![3 => Just(6_u32), 1 => Just(70)];
    (reach, size).prop_flat_map(|(reach, max_layer_size)| {
        network(Limits { reach, max_layer_size, ..Limits::default() })
    })
}

/// Spikes of a network, in any order and some of them twice.
fn spikes(network: &Network) -> impl Strategy<Value = Vec<(u64, LayerId, u32)>> + use<> {
    let mut places = Vec::new();
    for id in network.layer_ids() {
        places.extend((0..network.layer(id).n_neurons).map(|neuron_idx| (id, neuron_idx)));
    }
    let step = prop_oneof![4 => 0_u64..8, 1 => 0_u64..200];
    prop::collection::vec((step, any::<Index>()), 0..60).prop_map(move |spikes| {
        let place = |place: Index| places[place.index(places.len())];
        spikes.into_iter().map(|(step, at)| (step, place(at).0, place(at).1)).collect()
    })
}

fn raster(network: &Network, first_step: u64, spikes: &[(u64, LayerId, u32)]) -> Raster {
    let mut raster = Raster::new(network, first_step);
    for &(step, layer, neuron_idx) in spikes {
        Observer::spikes(&mut raster, step, layer, &[neuron_idx]);
    }
    raster
}

type Case = (Network, Vec<(u64, LayerId, u32)>);

fn recorded() -> impl Strategy<Value = Case> {
    any_network().prop_flat_map(|network| {
        let spikes = spikes(&network);
        (Just(network), spikes)
    })
}

proptest! {
    /// The builder accepts its own output, and the parts say what the whole says.
    #[test]
    fn a_network_can_be_built_again(network in any_network()) {
        let mut builder = NetworkBuilder::new(network.name());
        for layer in network.layers() {
            builder.layer(layer.clone());
        }
        for projection in network.projections() {
            builder.projection(projection.clone());
        }
        if let Some(gating) = network.gating() {
            builder.gating(gating.clone());
        }
        prop_assert_eq!(builder.build(), Ok(network));
    }

    #[test]
    fn the_toml_form_keeps_everything(network in any_network()) {
        prop_assert_eq!(file::parse(&file::write(&network)), Ok(network));
    }

    /// Synapses come in canonical order, as many as the size says, and between neurons that exist.
    #[test]
    fn synapses_are_in_canonical_order(network in any_network()) {
        let mut n_synapses = 0;
        for id in network.projection_ids() {
            let projection = network.projection(id);
            let ends: Vec<_> =
                network.synapses(id).map(|s| (s.source, s.target, s.delay)).collect();
            prop_assert!(ends.is_sorted());
            prop_assert_eq!(ends.len(), network.n_synapses(id));
            n_synapses += ends.len();
            let [n_sources, n_targets] =
                [projection.source, projection.target].map(|id| network.layer(id).n_neurons);
            for (source, target, delay) in ends {
                prop_assert!(source < n_sources && target < n_targets);
                prop_assert!(delay <= projection.max_delay());
            }
            prop_assert_eq!(network.find_projection(&projection.name), Some(id));
        }
        let size = network.size();
        let [plastic, fixed, input] =
            [size.n_plastic_synapses, size.n_static_synapses, size.n_input_synapses];
        prop_assert_eq!(plastic + fixed + input, n_synapses);
        for id in network.layer_ids() {
            prop_assert_eq!(network.find_layer(&network.layer(id).name), Some(id));
        }
    }

    /// Whatever the input, a bounded network stays within the chip's widths: interval arithmetic over
    /// all input that there can be.
    #[test]
    fn bounded_networks_stay_within_the_registers(
        // Large layers too: in small ones a projection hardly ever has to be left out.
        network in prop_oneof![Just(6), Just(70)]
            .prop_flat_map(|n| network(Limits { max_layer_size: n, ..Limits::default() })),
    ) {
        for id in network.layer_ids() {
            let LayerKind::Neurons(neuron) = network.layer(id).kind else { continue };
            let mut sums = vec![0_i64; network.layer(id).n_neurons as usize];
            for projection_id in network.projection_ids() {
                let projection = network.projection(projection_id);
                for synapse in network.synapses(projection_id).filter(|_| projection.target == id) {
                    let weight = projection.plasticity.as_ref().map_or(
                        i64::from(synapse.weight).abs(),
                        |p| i64::from(p.range.min).abs().max(p.range.max.into()),
                    );
                    sums[synapse.target as usize] += weight * i64::from(projection.gain);
                }
            }
            let input = sums.into_iter().max().unwrap_or(0);
            prop_assert!(input < 1 << 21);
            let (mut current, mut low, mut high) = (0, 0_i64, 0_i64);
            for _ in 0..Limits::default().n_steps {
                current = neuron.current_decay.apply(current) + input;
                let change = current + i64::from(neuron.bias).abs();
                low = neuron.voltage_decay.apply(low) - change;
                high = neuron.voltage_decay.apply(high) + change;
                prop_assert!(change < 1 << 23 && low > -(1 << 23) && high < 1 << 23);
                low = low.max(neuron.voltage_floor.map_or(i64::MIN, i64::from));
                high = high.min(neuron.threshold.into());
            }
        }
    }

    /// Input is input of sources, within the steps asked for.
    #[test]
    fn input_belongs_to_its_network(
        (network, input) in driven(Limits::default()),
        n_steps in 0_u32..4,
    ) {
        prop_assert_eq!(input.check(&network, 0, u64::MAX), Ok(()));
        prop_assert!(input.spikes().iter().all(|spike| (1..=64).contains(&spike.step)));
        let mut runner = TestRunner::deterministic();
        let short = self::input(&network, n_steps).new_tree(&mut runner).unwrap().current();
        prop_assert!(short.spikes().iter().all(|spike| spike.step <= n_steps.into()));
    }

    /// A schedule is the sorted set of what was pushed.
    #[test]
    fn a_schedule_is_a_set((network, spikes) in recorded()) {
        let mut schedule = InputSchedule::new();
        let mut model = BTreeSet::new();
        for &(step, layer, source_idx) in &spikes {
            schedule.push(step, layer, source_idx);
            model.insert((step, layer, source_idx));
        }
        let listed: Vec<_> =
            schedule.spikes().iter().map(|s| (s.step, s.layer, s.source_idx)).collect();
        prop_assert_eq!(&listed, &model.iter().copied().collect::<Vec<_>>());
        for step in 0..10 {
            let at: Vec<_> = schedule.at(step).iter().map(|s| (s.layer, s.source_idx)).collect();
            let expected = model.iter().filter(|s| s.0 == step).map(|s| (s.1, s.2));
            prop_assert_eq!(at, expected.collect::<Vec<_>>());
        }
        // The first spike of no source is what a check finds, if it lies within the steps.
        let wrong = model.iter().find(|s| !network.layer(s.1).is_source());
        let expected = wrong.map(|&(step, layer, _)| {
            StepError::NotASource { step, layer: network.layer(layer).name.clone() }
        });
        prop_assert_eq!(schedule.check(&network, 0, u64::MAX).err(), expected);
        if let Some(wrong) = wrong {
            prop_assert_eq!(schedule.check(&network, wrong.0 + 1, wrong.0), Ok(()));
        }
        schedule.clear();
        prop_assert_eq!(schedule, InputSchedule::new());
    }

    /// A raster is the set of spikes from its first step on.
    #[test]
    fn a_raster_is_a_set((network, spikes) in recorded(), first_step in 0_u64..4) {
        let raster = raster(&network, first_step, &spikes);
        let kept = spikes.iter().filter(|spike| spike.0 >= first_step);
        let model: BTreeSet<_> = kept.copied().collect();
        prop_assert_eq!(raster.first_step(), first_step);
        prop_assert_eq!(raster.n_spikes(), model.len() as u64);
        prop_assert_eq!(raster.last_step(), model.last().map(|spike| spike.0));
        let steps: BTreeSet<u64> = spikes.iter().map(|spike| spike.0).chain([0, 1, 999]).collect();
        for step in steps {
            for layer in network.layer_ids() {
                let expected: Vec<u32> =
                    model.iter().filter(|s| (s.0, s.1) == (step, layer)).map(|s| s.2).collect();
                prop_assert_eq!(raster.spikes(step, layer).collect::<Vec<_>>(), expected.clone());
                for neuron_idx in 0..network.layer(layer).n_neurons + 70 {
                    let found = raster.contains(step, layer, neuron_idx);
                    prop_assert_eq!(found, expected.contains(&neuron_idx));
                }
            }
        }
        let mut again = raster.clone();
        again.restart(2);
        prop_assert_eq!(again, Raster::new(&network, 2));
    }

    /// Two rasters differ first where their sets do, from either side; without a difference they are
    /// equal.
    #[test]
    fn the_first_difference_is_the_first(
        (network, spikes) in recorded(),
        planted in any::<Index>(),
        n_planted in 0_usize..3,
    ) {
        let one = raster(&network, 0, &spikes);
        let mut model: BTreeMap<(u64, LayerId, u32), bool> = BTreeMap::new();
        let mut other = spikes.clone();
        for k in 0..n_planted.min(spikes.len()) {
            // Lost here, and added 3 steps later unless it is there anyway.
            let spike = spikes[(planted.index(spikes.len()) + k) % spikes.len()];
            other.retain(|&kept| kept != spike);
            other.push((spike.0 + 3, spike.1, spike.2));
        }
        let [first, second]: [BTreeSet<_>; 2] =
            [&spikes, &other].map(|spikes| spikes.iter().copied().collect());
        for &spike in first.symmetric_difference(&second) {
            model.insert(spike, first.contains(&spike));
        }
        let two = raster(&network, 0, &other);
        let expected = model.first_key_value().map(|(&(step, layer, neuron_idx), &in_first)| {
            SpikeDifference { step, layer, neuron_idx, in_first }
        });
        prop_assert_eq!(one.first_difference(&two), expected);
        let mirrored = expected.map(|d| SpikeDifference { in_first: !d.in_first, ..d });
        prop_assert_eq!(two.first_difference(&one), mirrored);
        // Rasters that begin elsewhere are compared all the same.
        let later = raster(&network, 5, &other);
        prop_assert_eq!(two.first_difference(&later).is_none(), second.iter().all(|s| s.0 >= 5));
        prop_assert_eq!(later.first_difference(&two).is_none(), second.iter().all(|s| s.0 >= 5));
        if expected.is_none() {
            prop_assert_eq!(one, two);
        } else {
            prop_assert_ne!(one, two);
        }
    }

    /// Sets of phases against sets of numbers.
    #[test]
    fn a_phase_set_is_a_set(
        phases in prop::collection::vec(0_u32..64, 0..10),
        period in 1_u32..=64,
        steps in any::<u32>(),
    ) {
        let set = PhaseSet::of(&phases);
        let model: BTreeSet<u32> = phases.iter().copied().collect();
        prop_assert_eq!(set.iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(set.last(), model.last().copied());
        prop_assert_eq!(set.is_empty(), model.is_empty());
        let shifted = set.shifted(steps, period);
        let moved = |phase: &u32| (u64::from(*phase) + u64::from(steps)) % u64::from(period);
        let model: BTreeSet<u64> = model.iter().map(moved).collect();
        prop_assert_eq!(
            shifted.iter().map(u64::from).collect::<Vec<_>>(),
            model.into_iter().collect::<Vec<_>>()
        );
        let either: BTreeSet<_> = set.iter().chain(shifted.iter()).collect();
        prop_assert_eq!(set.union(shifted).iter().count(), either.len());
    }
}

/// The strategy reaches what it is for; without this, tests over random networks could be about nothing.
#[test]
fn random_networks_have_every_feature() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut runner = TestRunner::deterministic();
    let strategy = driven(Limits::default());
    for _ in 0..400 {
        let (network, input) = strategy.new_tree(&mut runner).unwrap().current();
        let mut see = |what, is_seen: bool| *seen.entry(what).or_default() += u32::from(is_seen);
        see("no projection", network.projections().is_empty());
        see("input", !input.spikes().is_empty());
        see("no input", input.spikes().is_empty());
        see("gating", network.gating().is_some());
        see("no gating", network.gating().is_none());
        see("chain", network.gating().is_some_and(|gating| gating.chain.len() > 1));
        see("layer phases", network.layers().iter().any(|layer| layer.phases.is_some()));
        for layer in network.layers() {
            let Some(neuron) = layer.neuron() else { continue };
            for decay in [0, 1, 2, 4095, 4096] {
                let name = ["decay 0", "decay 1", "decay 2", "decay 4095", "decay 4096"];
                let name = name[[0, 1, 2, 4095, 4096].iter().position(|&d| d == decay).unwrap()];
                see(name, neuron.current_decay.get() == decay);
            }
            see("refractory 1", neuron.refractory.get() == 1);
            see("refractory 2", neuron.refractory.get() == 2);
            see("refractory 63", neuron.refractory.get() == 63);
            see("bias", neuron.bias != 0);
            see("floor", neuron.voltage_floor.is_some());
            see("ceiling", neuron.voltage_ceiling.is_some());
        }
        for id in network.projection_ids() {
            let projection = network.projection(id);
            see("from sources", network.layer(projection.source).is_source());
            see("onto itself", projection.source == projection.target);
            see("gain 32", projection.gain == 32);
            see("delay 0", projection.max_delay().get() == 0);
            see("delay 62", projection.max_delay().get() == 62);
            let is_uniform = |weights: &Weights| matches!(weights, Weights::Uniform(_));
            match &projection.connectivity {
                Connectivity::AllToAll { weights, .. } => {
                    see("all to all, uniform", is_uniform(weights));
                    see("all to all, each", !is_uniform(weights));
                }
                Connectivity::OneToOne { .. } => see("one to one", true),
                Connectivity::OneToAll { .. } => see("one to all", true),
                Connectivity::List(synapses) => {
                    see("list", true);
                    see("empty list", synapses.is_empty());
                    let ends: Vec<_> =
                        synapses.iter().map(|s| (s.source, s.target, s.delay)).collect();
                    see("duplicate synapses", ends.windows(2).any(|two| two[0] == two[1]));
                }
            }
            let weights: Vec<i32> = network.synapses(id).map(|synapse| synapse.weight).collect();
            see("mixed signs", weights.iter().any(|w| *w < 0) && weights.iter().any(|w| *w > 0));
            if let Some(plasticity) = &projection.plasticity {
                see("plastic", true);
                let reads = plasticity.rules.iter().any(|(_, rule)| rule.needs_reward());
                see("reads reward", reads);
                see("reward unread", plasticity.reward.is_some() && !reads);
                see("learning phases", plasticity.phases.is_some());
            }
        }
    }
    for (what, n) in &seen {
        assert!(*n >= 3, "{what}: {n} of {seen:#?}");
    }
    assert_eq!(seen.len(), 35, "a feature that never occurs is not listed: {seen:?}");
}

/// Once a neuron index beyond its layer set a bit of the next layer.
#[test]
#[should_panic(expected = "neuron 70 of layer #0, which has 2")]
fn a_raster_refuses_neurons_that_do_not_exist() {
    let mut builder = NetworkBuilder::new("two layers");
    let first = builder.sources("first", 2);
    builder.neurons("second", 9, Neuron::memoryless(64, 0, Refractory::ONE));
    let network = builder.build().unwrap();
    Raster::new(&network, 1).record(1, first, &[70]);
}

#[test]
fn an_empty_report_records_nothing() {
    let mut builder = NetworkBuilder::new("one layer");
    let layer = builder.sources("layer", 2);
    let network = builder.build().unwrap();
    let mut raster = Raster::new(&network, 1);
    raster.record(9, layer, &[]);
    assert_eq!(raster, Raster::new(&network, 1));
}

/// The contract can be held by a box and sent to another thread.
#[test]
fn engines_and_observers_are_objects() {
    fn is_send<T: Send + ?Sized>() {}
    is_send::<Box<dyn Engine>>();
    let mut both = ((), &mut ());
    let observer: &mut dyn Observer = &mut both;
    observer.spikes(1, LayerIds::first(), &[0]);
    assert!(FaultKind::VoltageClamped { charge: 8_388_608 }.to_string().contains("8388608"));
}

struct LayerIds;

impl LayerIds {
    fn first() -> LayerId {
        NetworkBuilder::new("ids").sources("first", 1)
    }
}
