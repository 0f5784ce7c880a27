//! Random networks, scattered over cores and chips: the meter against the engine's own counts, and against a
//! recount of everything.

use crate::recount::{Spikes, recount};
use crate::roomy;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::sync::Arc;
use synfire_loihi::cost::{ConstantSet, CostMeter, LearningVisits};
use synfire_loihi::place::{CoreId, Manual, ManualPopulation, Placement, place};
use synfire_loihi::{PlainEngine, Program, lower};
use synfire_net::strategy::{Limits, Reach, driven, driven_learning};
use synfire_net::{Engine, InputSchedule, Network, NetworkBuilder, Rules, Strictness};

const N_STEPS: u32 = 64;
const LIMITS: Limits = Limits {
    max_neuron_layers: 4,
    max_source_layers: 2,
    max_layer_size: 6,
    max_projections: 8,
    n_steps: N_STEPS,
    reach: Reach::Bounded,
};

/// How often the interesting things happened.
#[derive(Default)]
struct Seen {
    spikes: Cell<u64>,
    tile_local: Cell<u64>,
    east_west: Cell<u64>,
    north_south: Cell<u64>,
    chips: Cell<u64>,
    input_messages: Cell<u64>,
    evaluations: Cell<u64>,
    updates: Cell<u64>,
    spared_visits: Cell<u64>,
    steps_of_later_phases: Cell<u64>,
}

fn add(to: &Cell<u64>, n: u64) {
    to.set(to.get() + n);
}

/// A placement on scattered cores: each layer has up to three of its own.
fn scatter(program: &Program, places: &[Index]) -> Placement {
    let network = program.network();
    let mut free: Vec<CoreId> =
        (0..2).flat_map(|chip| (0..128).map(move |core| CoreId { chip, core })).collect();
    let mut places = places.iter().cycle();
    let mut populations = Vec::new();
    for layer in network.layer_ids().filter(|&layer| !network.layer(layer).is_source()) {
        let n_cores = 1 + places.next().unwrap().index(3);
        let mut core = || free.remove(places.next().unwrap().index(free.len()));
        let cores = (0..n_cores).map(|_| core()).collect();
        populations.push(ManualPopulation { layer, cores, accumulators: None });
    }
    place(program, &roomy(Manual { populations })).unwrap()
}

fn check(network: Network, input: &InputSchedule, places: &[Index], seen: &Seen) {
    let program = Arc::new(lower(Arc::new(network)).unwrap());
    let placement = scatter(&program, places);
    let meter = |visits| CostMeter::new(&program, &placement, visits).unwrap();
    let mut observer =
        (Spikes::default(), (meter(LearningVisits::All), meter(LearningVisits::Touched)));
    let mut engine = PlainEngine::new(Arc::clone(&program), Strictness::Report);
    engine.advance(N_STEPS, input, &mut observer).unwrap();
    let (spikes, (mut all, mut touched)) = observer;
    all.finish(N_STEPS.into());
    touched.finish(N_STEPS.into());

    // What the engine counts itself.
    let (total, operations) = (all.tally().total(), engine.operations());
    let deliveries =
        [operations.static_deliveries, operations.input_deliveries, operations.plastic_deliveries];
    assert_eq!(total.synaptic_operations, deliveries.iter().sum::<u64>());
    assert_eq!(total.spiking_updates, operations.spikes);
    assert!(total.rule_evaluations >= operations.plastic_updates);
    assert_eq!(all.tally().n_steps(), operations.steps);

    // Both meters differ in visits only, in one direction.
    let fewer = touched.tally().total();
    assert!(fewer.learning_visits <= total.learning_visits);
    assert_eq!(fewer.learning_visits, fewer.rule_evaluations);
    assert_eq!(
        synfire_loihi::cost::Counts { learning_visits: total.learning_visits, ..fewer },
        total
    );

    for (visits, meter) in [(LearningVisits::All, &all), (LearningVisits::Touched, &touched)] {
        let tally = meter.tally();
        for set in ConstantSet::ALL {
            let n_steps = N_STEPS.into();
            let recount = recount(&program, &placement, &spikes, n_steps, visits, &set);
            for (&(phase, core), counts) in &recount.counts {
                assert_eq!(tally.of_phase_and_core(phase, core), *counts, "{phase} {core}");
            }
            let estimate = tally.estimate(&set).unwrap();
            for (&phase, &[busiest, way]) in &recount.times {
                let time = estimate.phases()[phase].time;
                assert_eq!((time.busiest_ps, time.way_ps), (busiest, way), "{phase}");
            }
            let by_core: u128 = estimate.cores().iter().map(|core| core.energy_fj).sum();
            let by_kind: u128 = estimate.operations().iter().map(|row| row.energy_fj).sum();
            assert_eq!((estimate.energy_fj(), estimate.energy_fj()), (by_core, by_kind));
        }
    }
    add(&seen.spikes, total.spiking_updates);
    add(&seen.tile_local, total.tile_local_messages);
    add(&seen.east_west, total.east_west_hops);
    add(&seen.north_south, total.north_south_hops);
    add(&seen.chips, total.chip_hops);
    add(&seen.input_messages, total.input_messages);
    add(&seen.evaluations, total.rule_evaluations);
    add(&seen.updates, operations.plastic_updates);
    add(&seen.spared_visits, total.learning_visits - fewer.learning_visits);
    add(&seen.steps_of_later_phases, (1..64).map(|phase| all.tally().n_steps_of(phase)).sum());
}

fn run(networks: impl Strategy<Value = (Network, InputSchedule)>) {
    let config = ProptestConfig { cases: 150, ..ProptestConfig::with_source_file(file!()) };
    let places = prop::collection::vec(any::<Index>(), 24);
    let seen = Seen::default();
    let checked = TestRunner::new(config).run(&(networks, places), |((network, input), places)| {
        check(network, &input, &places, &seen);
        Ok(())
    });
    checked.unwrap();
    let all = [
        ("spikes", &seen.spikes),
        ("messages within a tile", &seen.tile_local),
        ("hops along rows", &seen.east_west),
        ("hops along columns", &seen.north_south),
        ("hops between chips", &seen.chips),
        ("input messages", &seen.input_messages),
        ("evaluations", &seen.evaluations),
        ("updates", &seen.updates),
        ("visits spared", &seen.spared_visits),
        ("steps of later phases", &seen.steps_of_later_phases),
    ];
    for (what, n) in all {
        assert!(n.get() > 100, "only {} {what} in all cases", n.get());
    }
}

#[test]
fn random_networks_are_counted_as_the_engine_and_a_recount_count_them() {
    run(driven(LIMITS));
}

#[test]
fn random_learning_by_the_whole_language_is_counted_alike() {
    run(driven_learning(LIMITS));
}

/// With rules that ask for a change wherever they reach, the engine's updates are the evaluations.
#[test]
fn updates_are_evaluations_where_rules_never_ask_for_nothing() {
    let config = ProptestConfig { cases: 150, ..ProptestConfig::with_source_file(file!()) };
    let n_updates = Cell::new(0);
    // A multiple of every step of the weights.
    let rules = prop::sample::select(vec!["2^3*x0*y0", "2^3*x0", "2^3*y0", "2^3*x0 + 2^3*y0"]);
    let networks = (driven(LIMITS), prop::collection::vec(rules, 8));
    let checked = TestRunner::new(config).run(&networks, |((network, input), rules)| {
        let network = with_rules(&network, &rules);
        let program = Arc::new(lower(Arc::new(network)).unwrap());
        let placement = place(&program, &roomy(Manual::default())).unwrap();
        let mut meter = CostMeter::new(&program, &placement, LearningVisits::Touched).unwrap();
        let mut engine = PlainEngine::new(program, Strictness::Report);
        engine.advance(N_STEPS, &input, &mut meter).unwrap();
        meter.finish(N_STEPS.into());
        let updates = engine.operations().plastic_updates;
        prop_assert_eq!(meter.tally().total().rule_evaluations, updates);
        add(&n_updates, updates);
        Ok(())
    });
    checked.unwrap();
    assert!(n_updates.get() > 1000, "only {} updates", n_updates.get());
}

/// The same network with other rules.
fn with_rules(network: &Network, rules: &[&str]) -> Network {
    let mut builder = NetworkBuilder::new(network.name());
    for layer in network.layers() {
        builder.layer(layer.clone());
    }
    for (projection, rule) in network.projections().iter().zip(rules.iter().cycle()) {
        let mut projection = projection.clone();
        if let Some(plasticity) = &mut projection.plasticity {
            plasticity.rules = Rules::weight(rule.parse().unwrap());
            plasticity.reward = None;
        }
        builder.projection(projection);
    }
    if let Some(gating) = network.gating() {
        builder.gating(gating.clone());
    }
    builder.build().unwrap()
}
