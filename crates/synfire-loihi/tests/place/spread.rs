//! Layers on several cores, by hand and not, and the table.

use crate::{PLAIN, all_to_all, on, one_to_one, place_by_hand, place_on};
use synfire_loihi::place::{ChipLimits, CoreId, LOIHI, ManualPopulation, hops};
use synfire_net::{Connectivity, Delay, NetworkBuilder, Synapse};

#[test]
fn a_population_is_distributed_in_the_order_of_its_cores() {
    let mut builder = NetworkBuilder::new("by hand");
    let h = builder.neurons("h", 10, PLAIN);
    let o = builder.neurons("o", 2, PLAIN);
    let rest = builder.neurons("rest", 3, PLAIN);
    builder.connect("w", h, o, all_to_all(1, 0));
    let placement = place_by_hand(builder, vec![on(h, &[9, 4, 6]), on(o, &[6, 30, 31])]).unwrap();
    let of = |layer| {
        let slices = placement.slices(layer).iter();
        let slice = |slice: &synfire_loihi::place::Slice| {
            let id = placement.cores()[slice.core_idx].id;
            (id.core, slice.first, slice.n, slice.offset)
        };
        slices.map(slice).collect::<Vec<_>>()
    };
    assert_eq!(of(h), [(9, 0, 4, 0), (4, 4, 3, 0), (6, 7, 3, 0)]);
    assert_eq!(of(o), [(6, 0, 1, 3), (30, 1, 1, 0)]);
    // The rest is alone, on a core that is not named.
    assert_eq!(placement.slices(rest).len(), 1);
    assert!(![4, 6, 9, 30].contains(&of(rest)[0].0));
    let ids: Vec<_> = placement.routes().iter().map(|route| route.n_axons).collect();
    assert_eq!(ids, [3, 3, 3, 3, 4, 4]);
}

#[test]
fn other_layers_avoid_the_cores_named_by_hand() {
    let mut builder = NetworkBuilder::new("beside");
    let layers = ["a", "b"].map(|name| builder.neurons(name, 1, PLAIN));
    builder.neurons("rest", 3 * 1024, PLAIN);
    let populations =
        vec![ManualPopulation::new(layers[0], 0, [1]), ManualPopulation::new(layers[1], 7, [0])];
    let limits = ChipLimits { cores_per_chip: 3, ..LOIHI };
    let placement = place_on(builder, limits, populations).unwrap();
    let mut ids: Vec<_> =
        placement.cores().iter().map(|core| (core.id.chip, core.id.core)).collect();
    assert_eq!(ids.len(), 5);
    ids.retain(|id| ![(0, 1), (7, 0)].contains(id));
    assert_eq!(ids.len(), 3);
}

/// A list is cut where it has to be, and every axon is counted on every core that it reaches.
#[test]
fn lists_are_cut() {
    let mut builder = NetworkBuilder::new("list");
    let h = builder.neurons("h", 40, PLAIN);
    let synapses = (0..40_u32).flat_map(|source| {
        (0..40_u32)
            .filter(move |target| (source * 7 + target * 3) % 5 < 2)
            .map(move |target| Synapse { source, target, delay: Delay::ZERO, weight: 1 })
    });
    builder.connect("list", h, h, Connectivity::List(synapses.collect()));
    builder.connect("next", h, h, one_to_one(1));
    let limits = ChipLimits { compartments: 7, output_slots: 60, ..LOIHI };
    let placement = place_on(builder, limits, vec![]).unwrap();
    assert!(placement.cores().len() >= 6);
}

/// A chain of layers, each on a core of its own, lies close together on the mesh.
#[test]
fn cores_that_talk_are_near() {
    let mut builder = NetworkBuilder::new("chain");
    let layers: Vec<_> =
        (0..30).map(|idx| builder.neurons(format!("l{idx}"), 1024, PLAIN)).collect();
    // Far apart in the order of layers.
    for idx in 0..29 {
        let (from, to) = (layers[idx * 7 % 30], layers[(idx + 1) * 7 % 30]);
        builder.connect(format!("p{idx}"), from, to, one_to_one(1));
    }
    let placement = place_by_hand(builder, vec![]).unwrap();
    let totals = placement.totals();
    assert_eq!((totals.n_cores, totals.usage.output_slots), (30, 29 * 1024));
    let in_order: u32 = (0..29_u32)
        .map(|idx| {
            let [from, to] =
                [idx * 7 % 30, (idx + 1) * 7 % 30].map(|core| CoreId { chip: 0, core });
            hops(from, to).total()
        })
        .sum();
    assert!(totals.n_axon_hops * 3 < u64::from(in_order) * 1024, "{}", totals.n_axon_hops);
}

#[test]
fn the_table_shows_every_core() {
    let mut builder = NetworkBuilder::new("table");
    let input = builder.sources("in", 256);
    let h = builder.neurons("h", 513, PLAIN);
    let o = builder.neurons("o", 1, PLAIN);
    builder.connect("w", input, h, all_to_all(1, 0));
    builder.connect("v", h, o, all_to_all(1, 0));
    let placement = place_by_hand(builder, vec![on(h, &[0, 40]), on(o, &[0])]).unwrap();
    // 256 axons of 257 synapses take 37 words each; o begins behind 256 compartments and needs an index of
    // 9 bits, for which a word has room.
    assert_eq!(
        placement.to_string(),
        "\
core  tile  compartments  accumulators  inputs    outputs   words       profiles  thresholds  formats  traces  rules  binds               populations
0.0   0,0   258/1024      2064/8192     769/4096  257/4096  9985/16384  1/32      1/8         2/8      0/3     0      synapse words 60 %  h 0-256, o 0
0.40  2,1   256/1024      2048/8192     256/4096  256/4096  9216/16384  1/32      1/8         1/8      0/3     0      synapse words 56 %  h 257-512
all         514           4112          1025      513       19201
2 cores on 1 chip, 768 hops of axons
"
    );
}
