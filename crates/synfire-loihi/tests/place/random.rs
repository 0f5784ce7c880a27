//! Random networks on random chips: a placement keeps every limit, loses nothing, and is the same again.

use crate::recount;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;
use synfire_loihi::place::{
    ChipLimits, LOIHI, Manual, ManualPopulation, PlaceError, PlaceOptions, Resource, place,
};
use synfire_loihi::{Program, lower};
use synfire_net::Network;
use synfire_net::strategy::{Limits, Reach, learning_network, network};

/// Chips so small that small networks need many cores, and some do not fit.
fn chip() -> impl Strategy<Value = ChipLimits> {
    let small = (1..20_u32, 8..200_u32, 2..80_u32, 2..60_u32, 2..80_u32);
    let kinds = (1..5_u32, 1..4_u32, 1..8_u32, 1..4_u32, prop::option::of(1..4_u32));
    let size = (1..40_u32, prop::option::weighted(0.2, 1..30_u32));
    (small, kinds, size).prop_map(|(small, kinds, size)| ChipLimits {
        compartments: small.0,
        accumulator_slots: small.1,
        input_slots: small.2,
        output_slots: small.3,
        synapse_words: small.4,
        compartment_profiles: kinds.0,
        threshold_profiles: kinds.1,
        synapse_formats: kinds.2,
        pre_traces: kinds.3,
        learning_rules: kinds.4,
        cores_per_chip: size.0,
        n_chips: size.1,
    })
}

fn networks() -> impl Strategy<Value = Network> {
    let limits = |max_layer_size| Limits {
        max_neuron_layers: 6,
        max_source_layers: 2,
        max_layer_size,
        max_projections: 8,
        n_steps: 1,
        reach: Reach::Wrapping,
    };
    prop_oneof![network(limits(20)), learning_network(limits(20)), learning_network(limits(5))]
}

/// Populations that name the first layers and spread them over a few cores.
fn by_hand(network: &Network, genes: &[(u32, u32)]) -> Manual {
    let layers = network.layer_ids().filter(|&id| !network.layer(id).is_source());
    let populations = layers
        .zip(genes)
        .map(|(layer, &(first, n))| ManualPopulation::new(layer, 0, first..first + n))
        .collect();
    Manual { populations }
}

#[derive(Default)]
struct Seen {
    placed: Cell<u32>,
    split: Cell<u32>,
    several_chips: Cell<u32>,
    by_hand: Cell<u32>,
    refused: Cell<u32>,
    neurons: Cell<u32>,
}

fn count(counter: &Cell<u32>, happened: bool) {
    counter.set(counter.get() + u32::from(happened));
}

#[test]
fn every_placement_is_right_and_every_refusal_justified() {
    let config = ProptestConfig { cases: 1500, ..ProptestConfig::with_source_file(file!()) };
    let seen = Seen::default();
    let genes = prop::collection::vec((0..4_u32, 1..5_u32), 0..3);
    let limits = prop_oneof![3 => chip(), 1 => Just(LOIHI)];
    TestRunner::new(config)
        .run(&(networks(), limits, genes), |(network, limits, genes)| {
            let manual = by_hand(&network, &genes);
            let Ok(program) = lower(Arc::new(network)) else { return Ok(()) };
            for manual in [Manual::default(), manual] {
                let options = PlaceOptions { limits: limits.clone(), manual };
                let placed = place(&program, &options);
                prop_assert_eq!(&place(&program, &options), &placed);
                match placed {
                    Ok(placement) => {
                        recount::check(&program, &placement);
                        count(&seen.placed, true);
                        count(&seen.split, placement.cores().len() > 6);
                        count(&seen.several_chips, placement.n_chips() > 1);
                        count(&seen.by_hand, !options.manual.populations.is_empty());
                    }
                    Err(errors) => {
                        count(&seen.refused, true);
                        for error in errors.as_slice() {
                            justified(&program, error);
                            count(&seen.neurons, matches!(error, PlaceError::Neuron { .. }));
                        }
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    let counts = [
        ("placed", &seen.placed),
        ("split", &seen.split),
        ("on several chips", &seen.several_chips),
        ("by hand", &seen.by_hand),
        ("refused", &seen.refused),
        ("neurons too large", &seen.neurons),
    ];
    for (name, counter) in counts {
        assert!(counter.get() > 50, "{name}: {}", counter.get());
    }
}

/// A neuron that no core can hold is counted again.
fn justified(program: &Program, error: &PlaceError) {
    match error {
        PlaceError::Core { found, allowed, .. } => assert!(found > allowed),
        PlaceError::Cores { found, allowed } => assert!(found > allowed),
        PlaceError::Neuron { layer, neuron_idx, resource, found, allowed } => {
            assert!(found > allowed);
            let network = program.network();
            let layer = network.find_layer(layer).unwrap();
            let into =
                network.projection_ids().filter(|&id| network.projection(id).target == layer);
            let axons = into.map(|id| {
                let onto = network.synapses(id).filter(|synapse| synapse.target == *neuron_idx);
                let sources: BTreeSet<u32> = onto.map(|synapse| synapse.source).collect();
                let slots = if network.projection(id).is_plastic() { 2 } else { 1 };
                (u32::try_from(sources.len()).unwrap(), slots)
            });
            let (n_axons, slots) =
                axons.fold((0, 0), |(n_axons, slots), (n, each)| (n_axons + n, slots + n * each));
            match resource {
                Resource::InputSlots => assert_eq!(*found, slots),
                // One word holds one synapse, and several onto one neuron are rare.
                Resource::SynapseWords => assert!(*found >= n_axons),
                _ => {}
            }
        }
        _ => {}
    }
}
