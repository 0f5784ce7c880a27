//! Input: dense, sparse, in bursts, or none.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::{InputSchedule, LayerId, Network};

/// Spikes for the sources of `network` in the steps 1 to `n_steps`: any source in any step, a few
/// spikes here and there, or bursts in which one source, or all of them, spike step after step.
pub fn input(network: &Network, n_steps: u32) -> impl Strategy<Value = InputSchedule> + use<> {
    let mut sources = Vec::new();
    for id in network.layer_ids().filter(|&id| network.layer(id).is_source()) {
        sources.extend((0..network.layer(id).n_neurons).map(|source_idx| (id, source_idx)));
    }
    let n_places = n_steps as usize * sources.len();
    // Half of all places, or nearly all of them.
    let dense = prop_oneof![Just(0.5), Just(0.95)]
        .prop_flat_map(move |share| prop::collection::vec(prop::bool::weighted(share), n_places))
        .prop_map(|taken| taken.iter().enumerate().filter(|(_, t)| **t).map(|(k, _)| k).collect());
    let few = 0..=n_places.div_ceil(16);
    let sparse = prop::collection::vec(any::<Index>(), few).prop_map(move |places| {
        places.iter().filter(|_| n_places > 0).map(|place| place.index(n_places)).collect()
    });
    let n_sources = sources.len();
    let bursts = prop::collection::vec(burst(), 1..=6).prop_map(move |bursts| {
        let mut places = Vec::new();
        for burst in bursts.iter().filter(|_| n_places > 0) {
            let start = burst.start.index(n_steps as usize);
            let chosen = burst.source.map(|source| source.index(n_sources));
            for step_idx in start..(start + burst.n_steps).min(n_steps as usize) {
                let all = 0..n_sources;
                let members = all.filter(|&source| chosen.is_none_or(|chosen| chosen == source));
                places.extend(members.map(|source| step_idx * n_sources + source));
            }
        }
        places
    });
    prop_oneof![3 => dense, 2 => sparse, 3 => bursts]
        .prop_map(move |places: Vec<usize>| schedule(&sources, &places))
}

/// Some steps in a row in which one source spikes, or every source.
#[derive(Clone, Debug)]
struct Burst {
    start: Index,
    n_steps: usize,
    source: Option<Index>,
}

fn burst() -> impl Strategy<Value = Burst> {
    (any::<Index>(), 1_usize..=12, prop::option::of(any::<Index>()))
        .prop_map(|(start, n_steps, source)| Burst { start, n_steps, source })
}

/// Place k is source k mod n of step k / n + 1.
fn schedule(sources: &[(LayerId, u32)], places: &[usize]) -> InputSchedule {
    let mut schedule = InputSchedule::new();
    for place in places {
        let (layer, source_idx) = sources[place % sources.len()];
        schedule.push((place / sources.len()) as u64 + 1, layer, source_idx);
    }
    schedule
}
