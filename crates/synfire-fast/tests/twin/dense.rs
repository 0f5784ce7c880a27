//! Random networks of what a fast engine treats specially.
//!
//! Layers come in families of equal twins, of sizes around whole words. Projections come in groups of equal
//! copies, from one layer to all twins of a family, or to one of them: matrices whose updates coincide until
//! something reaches one twin only. Patterns, formats, delays and rules are drawn from those that have a
//! kernel of their own, next to some that have none. Genes do not depend on each other: every combination is a
//! network, if the chip can hold its sums.

use crate::case::Case;
use crate::random::{disturbances, run, what};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::sync::Arc;
use synfire_fast::synfire_loihi::RuleArithmetic;
use synfire_net::{
    Connectivity, Decay, Delay, Gating, InputSchedule, LayerId, Network, NetworkBuilder, Neuron,
    Noise, NoiseTarget, PhaseSet, Plasticity, Projection, Refractory, Reward, Rule, Synapse,
    UNIT_GAIN, WeightRange, Weights,
};

#[derive(Clone, Debug)]
struct LayerGenes {
    size: usize,
    neuron: Neuron,
    n_twins: usize,
    phases: Option<u64>,
}

#[derive(Clone, Debug)]
struct GroupGenes {
    source: Index,
    family: Index,
    /// All twins of the family, or this one.
    twin: Option<Index>,
    pattern: u8,
    delays: [u8; 4],
    format: usize,
    exponent: u8,
    weights: WeightGenes,
    plastic: Option<PlasticGenes>,
}

#[derive(Clone, Debug)]
struct WeightGenes {
    kind: u8,
    value: i32,
    seed: u64,
}

#[derive(Clone, Debug)]
struct PlasticGenes {
    rule: &'static str,
    impulse: u8,
    phases: Option<u64>,
}

/// Sizes, and how often and where sources spike.
#[derive(Clone, Debug)]
struct Frame {
    sizes: [u32; 3],
    period: Option<u32>,
    n_steps: u32,
    seed: u64,
    /// For each layer of sources the part of all steps before its first spike, in eighths, and how many of its
    /// sources spike.
    sources: Vec<(usize, u32, Density)>,
}

#[derive(Clone, Copy, Debug)]
enum Density {
    One,
    Sparse,
    Half,
    All,
    Mixed,
}

const FORMATS: [WeightRange; 6] = [
    WeightRange::MIXED,
    WeightRange { min: 0, max: 255, step: 1 },
    WeightRange { min: -255, max: 0, step: 1 },
    WeightRange { min: -256, max: 248, step: 8 },
    WeightRange { min: 0, max: 252, step: 4 },
    WeightRange { min: -248, max: 0, step: 8 },
];

/// Multiples of every step of the formats above, so that most of them are pulses.
const RULES: [&str; 14] = [
    "16*x0*y0*r1 - 8*x0*y0",
    "8*x0*y0",
    "-8*x0*y0",
    "8*x0 - 8*y0",
    "-16*y0",
    "16*x0",
    "8*x0*y0 - 16*y0*r1",
    // More than a byte holds.
    "64*x0*y0 + 64*x0*y0 + 64*x0",
    "-64*x0*y0 - 64*x0*y0 - 64*y0",
    "64*x0*r1 - 64*y0",
    "64*y0 + 64*y0 + 64*y0 + 64*y0 - 8*x0",
    // These need chance, or depend on the format.
    "2*x0*y0 - 2*y0",
    "2^-2*x0*y0",
    "2^-3*x0*r1 - x0*y0",
];

fn size() -> impl Strategy<Value = u32> {
    prop_oneof![
        3 => select(vec![1_u32, 2, 3, 17]),
        4 => select(vec![63_u32, 64, 65]),
        3 => select(vec![127_u32, 128, 129]),
        1 => select(vec![255_u32, 256, 257, 300, 400]),
    ]
}

fn neuron() -> impl Strategy<Value = Neuron> {
    let memoryless = (Just(Decay::CLEAR), Just(Decay::CLEAR)).boxed();
    let decay = || {
        prop_oneof![
            1 => Just(Decay::CLEAR),
            2 => Just(Decay::NONE),
            3 => select(vec![1_u16, 128, 1024, 2048, 4095]).prop_map(|it| Decay::new(it).unwrap()),
        ]
    };
    let decays = prop_oneof![3 => memoryless, 2 => (decay(), decay()).boxed()];
    let threshold = prop_oneof![
        3 => select(vec![0, 1, 16, 255, 256, 1024]),
        1 => select(vec![8000, 20_000, 131_071]),
        1 => 0..=4000,
    ];
    // In units of charge; above most thresholds, just above, or below.
    let bias = prop_oneof![
        7 => Just(0),
        1 => select(vec![1, 64, 4095, -64, -4096]),
        1 => select(vec![4095 << 4, 4095 << 7, -4096 << 7]),
    ];
    let refractory = prop_oneof![4 => 1..=4_u8, 1 => 1..=63_u8, 1 => Just(63_u8)];
    let floor = prop::option::weighted(0.1, (0..=20_u8).prop_map(|n| 1 - (1 << n)));
    let ceiling = prop::option::weighted(0.1, (0..=6_u8).prop_map(|m| (1 << (9 + 2 * m)) - 1));
    let noise = (any::<bool>(), 4..=16_u8).prop_map(|(is_current, exponent)| Noise {
        target: if is_current { NoiseTarget::Current } else { NoiseTarget::Voltage },
        exponent,
        mantissa_offset: 0,
    });
    let noise = prop::option::weighted(0.08, noise);
    (decays, threshold, bias, refractory, floor, ceiling, noise).prop_map(
        |((current_decay, voltage_decay), threshold, bias, refractory, floor, ceiling, noise)| {
            Neuron {
                current_decay,
                voltage_decay,
                threshold: threshold * UNIT_GAIN,
                bias,
                refractory: Refractory::new(refractory).unwrap(),
                voltage_floor: floor,
                voltage_ceiling: ceiling,
                noise,
            }
        },
    )
}

fn layer() -> impl Strategy<Value = LayerGenes> {
    let phases = prop::option::weighted(0.2, any::<u64>());
    let n_twins = prop_oneof![3 => Just(1_usize), 2 => 2..=3_usize];
    (0..3_usize, neuron(), n_twins, phases).prop_map(|(size, neuron, n_twins, phases)| LayerGenes {
        size,
        neuron,
        n_twins,
        phases,
    })
}

fn weights() -> impl Strategy<Value = WeightGenes> {
    (0..7_u8, -256..=255_i32, any::<u64>()).prop_map(|(kind, value, seed)| WeightGenes {
        kind,
        value,
        seed,
    })
}

fn group() -> impl Strategy<Value = GroupGenes> {
    let delay = || prop_oneof![3 => Just(0_u8), 3 => 0..=5_u8, 1 => 0..=62_u8, 1 => Just(62_u8)];
    let plastic = (select(RULES.to_vec()), select(vec![1_u8, 0, 2, 3]), any::<u64>(), any::<u8>())
        .prop_map(|(rule, impulse, bits, share)| PlasticGenes {
            rule,
            impulse,
            phases: (share < 50).then_some(bits),
        });
    let twin = prop_oneof![2 => Just(None), 1 => any::<Index>().prop_map(Some)];
    // Most are dense, then relays; gates and lists are fewer.
    let pattern = prop_oneof![4 => Just(0_u8), 3 => Just(1_u8), 1 => Just(2_u8), 1 => Just(3_u8)];
    let exponent = prop_oneof![5 => Just(0_u8), 2 => 1..=3_u8, 1 => 4..=6_u8];
    let plastic = prop::option::of(plastic);
    let delays = [delay(), delay(), delay(), delay()];
    (
        (any::<Index>(), any::<Index>(), twin),
        pattern,
        delays,
        0..6_usize,
        exponent,
        weights(),
        plastic,
    )
        .prop_map(
            |((source, family, twin), pattern, delays, format, exponent, weights, plastic)| {
                GroupGenes {
                    source,
                    family,
                    twin,
                    pattern,
                    delays,
                    format,
                    exponent,
                    weights,
                    plastic,
                }
            },
        )
}

fn frame() -> impl Strategy<Value = Frame> {
    use Density::{All, Half, Mixed, One, Sparse};
    let density = select(vec![One, Sparse, Half, All, Mixed, Mixed]);
    let starts = prop_oneof![2 => Just(0_u32), 1 => 1..=7_u32];
    let sources = prop::collection::vec((0..3_usize, starts, density), 1..=3);
    let period = prop::option::weighted(0.3, 1..=12_u32);
    ((size(), size()), period, 12..=40_u32, any::<u64>(), sources).prop_map(
        |((one, other), period, n_steps, seed, sources)| Frame {
            sizes: [one, other, 1],
            period,
            n_steps,
            seed,
            sources,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let layers = prop::collection::vec(layer(), 1..=4);
    let groups = prop::collection::vec(group(), 2..=9);
    let changes = prop::collection::vec((1..=40_u32, any::<Index>(), what()), 0..=2);
    let sabotage = prop::collection::vec((any::<[Index; 3]>(), 0..4_u8, 1..=40_u32), 0..=2);
    let sabotage = prop_oneof![2 => Just(Vec::new()), 1 => sabotage];
    (frame(), layers, groups, changes, sabotage).prop_map(
        |(frame, layers, groups, changes, sabotage)| {
            let (network, input) = build(&frame, &layers, &groups);
            let network = Arc::new(network);
            let (changes, sabotage) = disturbances(&network, &changes, &sabotage);
            Case {
                network,
                input,
                n_steps: frame.n_steps,
                arithmetic: RuleArithmetic::DEFAULT,
                seed: frame.seed,
                changes,
                sabotage,
            }
        },
    )
}

/// A number that depends on `seed` and `place` in a way that looks random.
pub(crate) fn scramble(seed: u64, place: u64) -> u64 {
    let mut z = seed.wrapping_add(place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn masked(bits: Option<u64>, period: Option<u32>) -> Option<PhaseSet> {
    let (bits, period) = (bits?, period?);
    let named: Vec<u32> = (0..period).filter(|phase| bits >> phase & 1 == 1).collect();
    PhaseSet::try_of(&named)
}

fn build(frame: &Frame, layers: &[LayerGenes], groups: &[GroupGenes]) -> (Network, InputSchedule) {
    let mut builder = NetworkBuilder::new("dense");
    let mut all: Vec<(LayerId, u32)> = Vec::new();
    let reward = builder.sources("reward", 1);
    all.push((reward, 1));
    for (idx, &(size, ..)) in frame.sources.iter().enumerate() {
        let n_sources = frame.sizes[size];
        all.push((builder.sources(format!("source {idx}"), n_sources), n_sources));
    }
    let input = input(frame, &all);
    let mut families = Vec::new();
    for (idx, genes) in layers.iter().enumerate() {
        let n_neurons = frame.sizes[genes.size];
        let twins: Vec<LayerId> = (0..genes.n_twins)
            .map(|twin| {
                let id = builder.neurons(format!("layer {idx}.{twin}"), n_neurons, genes.neuron);
                if let Some(phases) = masked(genes.phases, frame.period) {
                    builder.allow(id, phases);
                }
                id
            })
            .collect();
        all.extend(twins.iter().map(|&id| (id, n_neurons)));
        families.push((twins, n_neurons));
    }
    if let Some(period) = frame.period {
        builder.gating(Gating { period, chain: Vec::new() });
    }
    for (idx, genes) in groups.iter().enumerate() {
        let (twins, n_targets) = &families[genes.family.index(families.len())];
        let fits = |&&(_, n_sources): &&(LayerId, u32)| match genes.pattern {
            1 => n_sources == *n_targets,
            2 => n_sources == 1,
            _ => true,
        };
        // The reward source is there always, and a gate for all.
        let fitting: Vec<_> = all.iter().filter(fits).copied().collect();
        let (source, n_sources) = match fitting.len() {
            0 => (reward, 1),
            n => fitting[genes.source.index(n)],
        };
        let targets = match genes.twin {
            None => &twins[..],
            Some(twin) => {
                let k = twin.index(twins.len());
                &twins[k..=k]
            }
        };
        for (copy, &target) in targets.iter().enumerate() {
            let name = format!("projection {idx}.{copy}");
            let ends = [(source, n_sources), (target, *n_targets)];
            builder.projection(projection(genes, name, ends, reward, frame.period));
        }
    }
    (builder.build().unwrap(), input)
}

fn projection(
    genes: &GroupGenes,
    name: String,
    [(source, n_sources), (target, n_targets)]: [(LayerId, u32); 2],
    reward: LayerId,
    period: Option<u32>,
) -> Projection {
    let range = FORMATS[genes.format];
    let delay = |k: usize| Delay::new(genes.delays[k % 4]).unwrap();
    let weights = |n: u32| {
        let n = n as usize;
        if genes.weights.kind == 0 {
            Weights::Uniform(weight(&genes.weights, range, 0, n))
        } else {
            Weights::Each((0..n).map(|k| weight(&genes.weights, range, k, n)).collect())
        }
    };
    let connectivity = match genes.pattern {
        1 if n_sources == n_targets => {
            Connectivity::OneToOne { weights: weights(n_sources), delay: delay(0) }
        }
        2 if n_sources == 1 => {
            Connectivity::OneToAll { weights: weights(n_targets), delay: delay(0) }
        }
        3 => {
            let n = n_sources.max(n_targets) as usize + 5;
            let end = |k: usize, n_ends: u32, salt: u64| {
                u32::try_from(scramble(genes.weights.seed ^ salt, k as u64) % u64::from(n_ends))
                    .unwrap()
            };
            let synapse = |k: usize| Synapse {
                source: end(k, n_sources, 1),
                target: end(k, n_targets, 2),
                delay: delay(k),
                weight: weight(&genes.weights, range, k, n),
            };
            Connectivity::List((0..n).map(synapse).collect())
        }
        _ => Connectivity::AllToAll { weights: weights(n_sources * n_targets), delay: delay(0) },
    };
    let plasticity = genes.plastic.as_ref().map(|plastic| Plasticity {
        reward: Reward::flash(reward, plastic.impulse),
        phases: masked(plastic.phases, period),
        ..Plasticity::new(Rule::parse(plastic.rule).unwrap(), range)
    });
    let gain = UNIT_GAIN << genes.exponent;
    Projection { name, source, target, connectivity, gain, plasticity }
}

fn weight(genes: &WeightGenes, range: WeightRange, k: usize, n: usize) -> i32 {
    let [min, max, step] = [range.min, range.max, range.step].map(i32::from);
    let random = i32::try_from(scramble(genes.seed, k as u64) >> 40).unwrap();
    let wanted = match genes.kind {
        0 => genes.value,
        1 => (random % 9 - 4) * step,
        2 => min + random % (max - min + 1),
        3 if random % 2 == 0 => min,
        4 => min,
        6 if k < n / 2 => min,
        _ => max,
    };
    wanted.clamp(min, max) / step * step
}

fn input(frame: &Frame, sources: &[(LayerId, u32)]) -> InputSchedule {
    let mut schedule = InputSchedule::new();
    for step in 1..=u64::from(frame.n_steps) {
        for (idx, &(layer, n_sources)) in sources.iter().enumerate() {
            let (start, density) = match idx {
                0 => (0, Density::Half),
                _ => {
                    let (_, start, density) = frame.sources[idx - 1];
                    (start, density)
                }
            };
            if step * 8 <= u64::from(start * frame.n_steps) {
                continue;
            }
            let seed = scramble(frame.seed, step << 8 | idx as u64);
            let density = match (density, seed % 8) {
                (Density::Mixed, 0..=2) => continue,
                (Density::Mixed, 3) => Density::One,
                (Density::Mixed, 4) => Density::Sparse,
                (Density::Mixed, 5..=6) => Density::Half,
                (Density::Mixed, _) => Density::All,
                (density, _) => density,
            };
            for source_idx in 0..n_sources {
                let random = scramble(seed, u64::from(source_idx));
                let spikes = match density {
                    Density::One => u64::from(source_idx) == seed % u64::from(n_sources),
                    Density::Sparse => random.is_multiple_of(16),
                    Density::Half => random.is_multiple_of(2),
                    Density::All | Density::Mixed => true,
                };
                if spikes {
                    schedule.push(step, layer, source_idx);
                }
            }
        }
    }
    schedule
}

#[test]
fn wide_layers_copies_relays_and_gates() {
    let seen = run(1200, &case());
    let all = [
        seen.spikes / 1000,
        seen.updates / 1000,
        seen.pulses,
        seen.other_learning,
        seen.splits,
        seen.input_wrapped,
        seen.current_wrapped,
        seen.spike_outside_phase,
        seen.learning_outside_phase,
        seen.faultless,
        seen.weights_replaced,
        seen.rules_exchanged,
    ];
    assert!(all.iter().all(|&n| n > 10), "{seen:?}");
}
