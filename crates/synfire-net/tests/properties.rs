//! Laws of networks, input and rasters over random cases; none needs an engine.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use synfire_net::rule::{Dependency, Factor, Variable};
use synfire_net::strategy::{
    Limits, Reach, driven, driven_learning, input, learning_network, network,
};
use synfire_net::{
    Connectivity, DecayLaw, Engine, FaultKind, InputSchedule, LayerId, LayerKind, Network,
    NetworkBuilder, Neuron, NoiseTarget, Observer, PhaseSet, Plasticity, Raster, Refractory,
    Rounding, SpikeDifference, StepError, Trace, Weights, file,
};

fn any_network() -> impl Strategy<Value = Network> {
    let reach = prop_oneof![Just(Reach::Bounded), Just(Reach::Wrapping)];
    // Up to 70 neurons: a raster packs 64 into a word.
    let size = prop_oneof![3 => Just(6_u32), 1 => Just(70)];
    (reach, size).prop_flat_map(|(reach, max_layer_size)| {
        let limits = Limits { reach, max_layer_size, ..Limits::default() };
        prop_oneof![network(limits), learning_network(limits)]
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
        network in prop_oneof![Just(6), Just(70)].prop_flat_map(|n| {
            let limits = Limits { max_layer_size: n, ..Limits::default() };
            prop_oneof![network(limits), learning_network(limits)]
        }),
    ) {
        for id in network.layer_ids() {
            let LayerKind::Neurons(neuron) = network.layer(id).kind else { continue };
            let mut sums = vec![0_i64; network.layer(id).n_neurons as usize];
            for projection_id in network.projection_ids() {
                let projection = network.projection(projection_id);
                for synapse in network.synapses(projection_id).filter(|_| projection.target == id) {
                    let weight = projection.plasticity.as_ref().map_or(
                        i64::from(synapse.weight).abs(),
                        |p| i64::from(p.range.min).abs().max(p.range.max.into()) * meeting_spikes(p),
                    );
                    sums[synapse.target as usize] += weight * i64::from(projection.gain);
                }
            }
            let noise = |target| {
                let noise = neuron.noise.filter(|noise| noise.target == target);
                noise.map_or(0, |noise| noise.charge(-127).abs().max(noise.charge(127).abs()))
            };
            let input = sums.into_iter().max().unwrap_or(0) + noise(NoiseTarget::Current);
            prop_assert!(input < 1 << 21);
            let (mut current, mut low, mut high) = (0, 0_i64, 0_i64);
            for _ in 0..Limits::default().n_steps {
                current = neuron.current_decay.apply(current) + input;
                let change =
                    current + i64::from(neuron.bias).abs() + noise(NoiseTarget::Voltage);
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

/// Most spikes of one source that a synapse delivers in one step, by trial: spikes that left 1 to 63 steps
/// ago meet if each of them met another delay, and a delay is another one only after a learning.
fn meeting_spikes(plasticity: &Plasticity) -> i64 {
    if plasticity.rules.delay.is_none() {
        return 1;
    }
    let period = u64::from(plasticity.period.get());
    let at = |step: u64| (step - 63..step).map(|left| left / period).collect::<BTreeSet<_>>().len();
    (64..64 + period).map(at).max().unwrap().try_into().unwrap()
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

/// The same for networks that learn by the whole language.
#[test]
fn random_learning_networks_have_every_feature() {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut runner = TestRunner::deterministic();
    let strategy = driven_learning(Limits::default());
    for _ in 0..300 {
        let (network, input) = strategy.new_tree(&mut runner).unwrap().current();
        assert_eq!(input.check(&network, 0, 64), Ok(()));
        assert!(network.layers().iter().any(|layer| layer.is_source() && layer.n_neurons == 1));
        let mut see = |what: &str, is_seen: bool| {
            *seen.entry(what.to_owned()).or_default() += u32::from(is_seen);
        };
        see("input", !input.spikes().is_empty());
        for neuron in network.layers().iter().filter_map(|layer| layer.neuron()) {
            let noise = |target| neuron.noise.is_some_and(|noise| noise.target == target);
            see("no noise", neuron.noise.is_none());
            see("noise on current", noise(NoiseTarget::Current));
            see("noise on voltage", noise(NoiseTarget::Voltage));
            see("noise with a mean", neuron.noise.is_some_and(|noise| noise.mantissa_offset != 0));
        }
        let mut periods = BTreeMap::new();
        for id in network.projection_ids() {
            let projection = network.projection(id);
            assert!(network.n_synapses(id) <= 40);
            see("static", projection.plasticity.is_none());
            let Some(plasticity) = &projection.plasticity else { continue };
            // A core of the chip has one learning period, and a layer of this size lies on one.
            let period = *periods.entry(projection.target).or_insert(plasticity.period);
            assert_eq!(period, plasticity.period);
            let source = network.layer(projection.source);
            see("learning from sources", source.is_source());
            see("learning from neurons", !source.is_source());
            see("learning phases", plasticity.phases.is_some());
            if let Some(reward) = plasticity.reward {
                let is_source = network.layer(reward.source).is_source();
                see("reward from a source", is_source);
                see("reward from a neuron", !is_source);
            }
            match &projection.connectivity {
                Connectivity::AllToAll { .. } => see("all to all", true),
                Connectivity::OneToOne { .. } => see("one to one", true),
                Connectivity::OneToAll { .. } => see("one to all", true),
                Connectivity::List(_) => see("list", true),
            }
            see_plasticity(plasticity, &mut see);
        }
    }
    for (what, n) in &seen {
        assert!(*n >= 5, "{what}: {n} of {seen:#?}");
    }
    assert_eq!(seen.len(), 116, "a feature that never occurs is not listed: {seen:#?}");
}

fn see_plasticity(plasticity: &Plasticity, see: &mut impl FnMut(&str, bool)) {
    let Plasticity { rules, range, traces, reward, period, .. } = plasticity;
    let gates: BTreeSet<_> = rules.iter().flat_map(|(_, rule)| rule.gates()).collect();
    see("only a weight", rules.weight.is_some() && rules.delay.is_none() && rules.tag.is_none());
    see("all three targets", rules.iter().count() == 3);
    for (target, rule) in rules.iter() {
        see(&target.to_string(), true);
        for variable in Variable::ALL {
            see(&format!("{target} reads {variable}"), rule.reads(variable));
        }
        for product in rule.products() {
            see("x0 as a factor", product.factors().contains(&Factor::X0));
            see("y0 as a factor", product.factors().contains(&Factor::Y0));
            let is_sign = |factor: &Factor| matches!(factor, Factor::Sign { .. });
            see("sign", product.factors().iter().any(is_sign));
            see("two factors", product.factors().len() == 2);
        }
        for gate in rule.gates() {
            match gate {
                Dependency::X0 | Dependency::Y0 => see(&format!("{target} at {gate}"), true),
                Dependency::U(_) => see(&format!("{target} at u"), true),
            }
        }
    }
    for k in [0, 1, 2, 9] {
        see(&format!("u{k}"), gates.contains(&Dependency::U(k)));
    }
    see(
        "a delay rule of the weight's k",
        rules.weight.as_ref().zip(rules.delay.as_ref()).is_some_and(|(weight, delay)| {
            weight.u_exponent().is_some() && weight.u_exponent() == delay.u_exponent()
        }),
    );
    for steps in [1, 2, 3, 4, 5, 6, 7, 8, 63] {
        see(&format!("period {steps}"), period.get() == steps);
    }
    // The sign modes with their bits, as the chip has them.
    let levels = (i32::from(range.max) - i32::from(range.min)) / i32::from(range.step) + 1;
    for bits in [1, 2, 3, 4, 5, 6, 8] {
        let is = levels == 1 << bits;
        see(&format!("mixed or excitatory {bits} bits"), is && range.max >= 0);
    }
    see("mixed", range.min < 0 && range.max > 0);
    see("excitatory", range.min == 0 && range.max > 0);
    see("inhibitory", range.min < 0 && range.max == 0);
    see("0 bits", levels == 1);
    let needs_reward = rules.iter().any(|(_, rule)| rule.needs_reward());
    see("reward unread", reward.is_some() && !needs_reward);
    let known = [
        (Variable::X1, traces.x1),
        (Variable::X2, traces.x2),
        (Variable::Y1, traces.y1),
        (Variable::Y2, traces.y2),
        (Variable::Y3, traces.y3),
    ];
    for (variable, trace) in known {
        see(&format!("{variable} unread"), trace.is_some() && !rules.reads(variable));
        if let Some(trace) = trace {
            see_trace("trace", &trace, see);
        }
    }
    if let Some(reward) = reward {
        see_trace("reward", &reward.trace, see);
    }
}

fn see_trace(kind: &str, trace: &Trace, see: &mut impl FnMut(&str, bool)) {
    let mut see = |what: &str, is_seen| see(&format!("{kind}: {what}"), is_seen);
    see("flash", trace.is_flash());
    see("impulse 127", trace.impulse.whole() == 127);
    see("impulse 0", trace.impulse.whole() == 0);
    see("fraction", trace.impulse.fraction() > 0);
    see("tau 0", trace.tau == 0);
    see("tau 1", trace.tau == 1);
    see("tau", trace.tau > 1);
    see("exponential", trace.law == DecayLaw::Exponential);
    see("linear", trace.law == DecayLaw::Linear);
    see("stochastic", trace.rounding == Rounding::Stochastic);
    see("down", trace.rounding == Rounding::Down);
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
