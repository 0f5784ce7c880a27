//! Random small networks that the chip can hold, dwelling on the corners.
//!
//! A network is described by genes that do not depend on each other: a source is a number, taken
//! modulo the layers that exist. Every combination of genes is a network, and shrinking stays simple.

use crate::naive::weights;
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::Arc;
use synfire_net::{
    Connectivity, Decay, Delay, Gating, LayerId, Network, NetworkBuilder, Neuron, PhaseSet,
    Plasticity, Projection, Refractory, Reward, Synapse, WeightRange,
};

/// A network and the sources that spike in each of its steps.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) network: Arc<Network>,
    pub(crate) input: Vec<Vec<(LayerId, u32)>>,
}

#[derive(Clone, Debug)]
struct LayerGenes {
    n_neurons: u32,
    decays: (u16, u16),
    threshold_mantissa: i32,
    bias: (i32, u8),
    refractory: u8,
    floor_exponent: Option<u8>,
    ceiling_exponent: Option<u8>,
    phases: Option<u64>,
}

#[derive(Clone, Debug)]
struct ProjectionGenes {
    ends: (usize, usize),
    pattern: u8,
    delays: Vec<u8>,
    /// 0 mixed, 1 excitatory, 2 inhibitory, 3 mixed with 6 bits.
    format: u8,
    exponent: i8,
    /// The gain of a static projection is 64 divided by two to this.
    finer: u8,
    mantissas: Vec<i32>,
    plastic: Option<PlasticGenes>,
}

#[derive(Clone, Debug)]
struct PlasticGenes {
    products: Vec<ProductGenes>,
    reward: usize,
    impulse: u8,
    phases: Option<u64>,
}

#[derive(Clone, Debug)]
struct ProductGenes {
    negative: bool,
    steps: u8,
    gate: &'static str,
    factors: Vec<&'static str>,
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let layers = prop::collection::vec(layer(), 1..=4);
    let sources = prop::collection::vec(1..=3_u32, 1..=2);
    let projections = prop::collection::vec(projection(), 1..=8);
    let period = prop::option::of(1..=7_u32);
    let input = prop::collection::vec(any::<u8>(), 10..=90);
    (layers, sources, projections, period, input).prop_map(
        |(layers, sources, projections, period, input)| {
            build(&layers, &sources, &projections, period, &input)
        },
    )
}

fn layer() -> impl Strategy<Value = LayerGenes> {
    let decay = || {
        prop_oneof![
            3 => Just(4096_u16),
            2 => Just(0_u16),
            2 => select(vec![1_u16, 128, 1024, 4095]),
            2 => 0..=4096_u16,
        ]
    };
    let threshold = prop_oneof![select(vec![0, 1, 64, 1024, 131_071]), 0..=131_071, 0..=2000];
    let bias = prop_oneof![
        3 => Just((0, 0_u8)),
        2 => (select(vec![-4096, -1, 1, 4095]), 0..=7_u8),
        1 => select(vec![(-4096, 7_u8), (4095, 7)]),
        1 => (-4096..=4095, 0..=7_u8),
    ];
    let refractory = prop_oneof![4 => 1..=4_u8, 1 => Just(63_u8)];
    let limits = (
        prop_oneof![3 => Just(None), 1 => (0..=30_u8).prop_map(Some)],
        prop_oneof![3 => Just(None), 1 => (0..=7_u8).prop_map(Some)],
    );
    let phases = prop::option::weighted(0.3, any::<u64>());
    (1..=4_u32, (decay(), decay()), threshold, bias, refractory, limits, phases).prop_map(
        |(n_neurons, decays, threshold_mantissa, bias, refractory, limits, phases)| LayerGenes {
            n_neurons,
            decays,
            threshold_mantissa,
            bias,
            refractory,
            floor_exponent: limits.0,
            ceiling_exponent: limits.1,
            phases,
        },
    )
}

fn projection() -> impl Strategy<Value = ProjectionGenes> {
    let delay = prop_oneof![4 => 0..=3_u8, 1 => 0..=62_u8, 1 => Just(62_u8)];
    let exponent = prop_oneof![3 => 0..=3_i8, 1 => -1..=7_i8, 2 => 6..=7_i8];
    let mantissa = prop_oneof![1 => select(vec![0, 1, 254, 255, 256]), 3 => 0..=256];
    let signed =
        (mantissa, any::<bool>()).prop_map(|(size, minus)| if minus { -size } else { size });
    (
        (any::<usize>(), any::<usize>()),
        0..=3_u8,
        prop::collection::vec(delay, 4),
        0..=3_u8,
        exponent,
        0..=6_u8,
        prop::collection::vec(signed, 24),
        prop::option::of(plastic()),
    )
        .prop_map(|(ends, pattern, delays, format, exponent, finer, mantissas, plastic)| {
            ProjectionGenes { ends, pattern, delays, format, exponent, finer, mantissas, plastic }
        })
}

fn plastic() -> impl Strategy<Value = PlasticGenes> {
    // At most one factor reads the reward: two would be scaled down on the chip.
    let factors = prop_oneof![
        Just(vec![]),
        Just(vec!["x0"]),
        Just(vec!["y0"]),
        Just(vec!["x0", "y0"]),
        Just(vec!["y0", "x0", "r1"]),
        Just(vec!["r1"]),
        Just(vec!["(r1-1)", "x0"]),
        Just(vec!["(1-r1)", "y0"]),
        Just(vec!["(r1+1)"]),
    ];
    let product = (any::<bool>(), 1..=3_u8, select(vec!["x0", "y0"]), factors).prop_map(
        |(negative, steps, gate, factors)| ProductGenes { negative, steps, gate, factors },
    );
    (
        prop::collection::vec(product, 1..=3),
        any::<usize>(),
        select(vec![0_u8, 1, 2, 5]),
        prop::option::weighted(0.3, any::<u64>()),
    )
        .prop_map(|(products, reward, impulse, phases)| PlasticGenes {
            products,
            reward,
            impulse,
            phases,
        })
}

fn build(
    layers: &[LayerGenes],
    sources: &[u32],
    projections: &[ProjectionGenes],
    period: Option<u32>,
    input: &[u8],
) -> Case {
    let mut builder = NetworkBuilder::new("random");
    let mut sizes = Vec::new();
    // A source of its own for the reward, so that every network has one.
    for (idx, &n_sources) in [1].iter().chain(sources).enumerate() {
        sizes.push((builder.sources(format!("source {idx}"), n_sources), n_sources));
    }
    let n_source_layers = sizes.len();
    for (idx, genes) in layers.iter().enumerate() {
        let id = builder.neurons(format!("layer {idx}"), genes.n_neurons, neuron(genes));
        if let (Some(period), Some(bits)) = (period, genes.phases) {
            builder.allow(id, phases(bits, period));
        }
        sizes.push((id, genes.n_neurons));
    }
    if let Some(period) = period {
        builder.gating(Gating { period, chain: Vec::new() });
    }
    let rewards: Vec<LayerId> = sizes.iter().filter(|(_, n)| *n == 1).map(|(id, _)| *id).collect();
    for (idx, genes) in projections.iter().enumerate() {
        let source = sizes[genes.ends.0 % sizes.len()];
        let target = sizes[n_source_layers + genes.ends.1 % layers.len()];
        builder.projection(build_projection(idx, genes, source, target, period, &rewards));
    }
    let input = input
        .iter()
        .map(|bits| {
            let all =
                sizes[..n_source_layers].iter().flat_map(|&(id, n)| (0..n).map(move |k| (id, k)));
            all.enumerate().filter(|(k, _)| bits >> k & 1 == 1).map(|(_, source)| source).collect()
        })
        .collect();
    Case { network: Arc::new(builder.build().unwrap()), input }
}

fn neuron(genes: &LayerGenes) -> Neuron {
    Neuron {
        current_decay: Decay::new(genes.decays.0).unwrap(),
        voltage_decay: Decay::new(genes.decays.1).unwrap(),
        threshold: genes.threshold_mantissa * 64,
        bias: genes.bias.0 << genes.bias.1,
        refractory: Refractory::new(genes.refractory).unwrap(),
        voltage_floor: genes.floor_exponent.map(|n| 1 - (1 << n)),
        voltage_ceiling: genes.ceiling_exponent.map(|m| (1 << (9 + 2 * m)) - 1),
        noise: None,
    }
}

fn phases(bits: u64, period: u32) -> PhaseSet {
    let allowed: Vec<u32> = (0..period).filter(|phase| bits >> phase & 1 == 1).collect();
    PhaseSet::of(&allowed)
}

fn build_projection(
    idx: usize,
    genes: &ProjectionGenes,
    (source, n_sources): (LayerId, u32),
    (target, n_targets): (LayerId, u32),
    period: Option<u32>,
    rewards: &[LayerId],
) -> Projection {
    let range = [
        WeightRange::MIXED,
        WeightRange { min: 0, max: 255, step: 1 },
        WeightRange { min: -255, max: 0, step: 1 },
        WeightRange { min: -256, max: 248, step: 8 },
    ][usize::from(genes.format)];
    // The chip limits -256 * 2^7, and rounds odd weights times a half.
    let mixed = range.min == -256;
    let exponent = genes.exponent.clamp(if mixed { -1 } else { 0 }, if mixed { 6 } else { 7 });
    let mantissa = |k: usize| {
        let mantissa = genes.mantissas[k % genes.mantissas.len()];
        let mantissa = match genes.format {
            1 => mantissa.abs(),
            2 => -mantissa.abs(),
            _ => mantissa,
        };
        let step = i32::from(range.step);
        mantissa.clamp(range.min.into(), range.max.into()) / step * step
    };
    let (gain, weight): (i32, Box<dyn Fn(usize) -> i32>) = if genes.plastic.is_some() {
        ((64 << (exponent + 1)) / 2, Box::new(mantissa))
    } else {
        let charge = move |k| mantissa(k) * ((64 << (exponent + 1)) / 2);
        // Half a weight unit may be left over with an exponent of -1 and six bits; round it away.
        (64 >> genes.finer, Box::new(move |k| charge(k) / 64 * 64 / (64 >> genes.finer)))
    };
    let n_all = (n_sources * n_targets) as usize;
    let delay = Delay::new(genes.delays[0]).unwrap();
    let each = |n: usize| weights((0..n).map(&weight).collect());
    let connectivity = match genes.pattern {
        0 if n_sources == n_targets => {
            Connectivity::OneToOne { weights: each(n_sources as usize), delay }
        }
        1 if n_sources == 1 => Connectivity::OneToAll { weights: each(n_targets as usize), delay },
        0..=2 => Connectivity::AllToAll { weights: each(n_all), delay },
        _ => {
            // Some pairs, some of them twice, with several delays.
            let synapse = |(k, &mantissa): (usize, &i32)| Synapse {
                source: mantissa.unsigned_abs() % n_sources,
                target: u32::try_from(k).unwrap() % n_targets,
                delay: Delay::new(genes.delays[k % 4]).unwrap(),
                weight: weight(k),
            };
            Connectivity::List(
                genes.mantissas.iter().take(n_all).enumerate().map(synapse).collect(),
            )
        }
    };
    let plasticity = genes.plastic.as_ref().map(|plastic| {
        let rule = rule(&plastic.products, range.step).parse().unwrap();
        Plasticity {
            reward: Reward::flash(rewards[plastic.reward % rewards.len()], plastic.impulse),
            phases: period.and_then(|period| plastic.phases.map(|bits| phases(bits, period))),
            ..Plasticity::new(rule, range)
        }
    });
    Projection { name: format!("projection {idx}"), source, target, connectivity, gain, plasticity }
}

fn rule(products: &[ProductGenes], step: i16) -> String {
    let mut text = String::new();
    for product in products {
        text += if product.negative { " - " } else { " + " };
        text += &format!("{}*{}", step * i16::from(product.steps), product.gate);
        for factor in &product.factors {
            text += &format!("*{factor}");
        }
    }
    text
}
