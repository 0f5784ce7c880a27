//! What a placement uses, counted again from the network, synapse by synapse.
//!
//! Shares nothing with placement but its result: axons are collected one by one with the compartments that
//! they reach, and words are added up group by group.

use std::collections::{BTreeMap, BTreeSet};
use synfire_loihi::Program;
use synfire_loihi::place::{Placement, Resource, hops};
use synfire_net::rule::Variable;
use synfire_net::{Decay, LayerId, Synapse};

/// Everything that can be asked of a placement.
pub(crate) fn check(program: &Program, placement: &Placement) {
    complete(program, placement);
    settings(program, placement);
    budgets(program, placement);
}

/// Every neuron has one compartment and every compartment one neuron.
fn complete(program: &Program, placement: &Placement) {
    let network = program.network();
    let mut taken = BTreeSet::new();
    for layer in network.layer_ids() {
        let n_neurons =
            if program.compartments(layer).is_some() { network.layer(layer).n_neurons } else { 0 };
        let mut next = 0;
        for slice in placement.slices(layer) {
            assert_eq!((slice.layer, slice.first), (layer, next));
            assert!(slice.n > 0);
            assert!(placement.cores()[slice.core_idx].slices.contains(slice));
            for neuron_idx in slice.first..slice.first + slice.n {
                assert_eq!(placement.core_of(layer, neuron_idx), Some(slice.core_idx));
                assert!(taken.insert((slice.core_idx, slice.offset + neuron_idx - slice.first)));
            }
            next += slice.n;
        }
        assert_eq!(next, n_neurons);
        assert_eq!(placement.core_of(layer, n_neurons), None);
    }
    for (core_idx, core) in placement.cores().iter().enumerate() {
        let n = taken.iter().filter(|(at, _)| *at == core_idx).count();
        assert_eq!(core.usage.compartments as usize, n);
        assert!(n > 0, "an empty core");
        let last = taken.iter().rfind(|(at, _)| *at == core_idx);
        assert_eq!(last, Some(&(core_idx, core.usage.compartments - 1)));
    }
    let ids: Vec<_> = placement.cores().iter().map(|core| core.id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    let limits = placement.limits();
    assert!(ids.iter().all(|id| id.core < limits.cores_per_chip));
    assert!(ids.iter().all(|id| limits.n_chips.is_none_or(|n_chips| id.chip < n_chips)));
}

/// What a core has once is what every compartment on it asks for.
fn settings(program: &Program, placement: &Placement) {
    let network = program.network();
    for core in placement.cores() {
        let settings = core.settings;
        for slice in &core.slices {
            let config = program.compartments(slice.layer).unwrap().config;
            let bits = [
                (config.current_decay, settings.current_decay_offset),
                (config.voltage_decay, settings.voltage_decay_offset),
            ];
            for (decay, offset) in bits {
                assert!(decay != Decay::NONE || !offset);
                assert!(decay != Decay::CLEAR || offset);
            }
            assert_eq!(config.voltage_limits, settings.voltage_limits);
            assert!(config.noise.is_none() || config.noise == settings.noise);
        }
        for projection in network.projections() {
            if core.slices.iter().any(|slice| slice.layer == projection.target) {
                assert!(projection.max_delay().get() + 2 <= settings.n_accumulators);
                if let Some(plasticity) = &projection.plasticity {
                    assert_eq!(settings.learning_period, Some(plasticity.period));
                }
            }
        }
    }
}

/// Words of 64 bits: groups of 64 synapses, a head of 10 bits each.
fn words(n_synapses: usize, bits: usize) -> u32 {
    let mut words = 0;
    let mut rest = n_synapses;
    while rest > 0 {
        let group = rest.min(64);
        rest -= group;
        words += (group * bits + 10).div_ceil(64);
    }
    u32::try_from(words).unwrap()
}

fn budgets(program: &Program, placement: &Placement) {
    let network = program.network();
    let n_cores = placement.cores().len();
    let mut output_slots = vec![0; n_cores];
    let mut input_slots = vec![0; n_cores];
    let mut synapse_words = vec![0; n_cores];
    let mut formats = vec![BTreeSet::new(); n_cores];
    let mut traces = vec![Vec::new(); n_cores];
    let mut rules = vec![Vec::new(); n_cores];
    let mut routes = BTreeMap::new();
    for id in network.projection_ids() {
        let projection = network.projection(id);
        // Core, then source: the compartments that its axon reaches.
        let mut axons: BTreeMap<usize, BTreeMap<u32, Vec<u32>>> = BTreeMap::new();
        let mut n_synapses = 0;
        for Synapse { source, target, .. } in network.synapses(id) {
            let core_idx = placement.core_of(projection.target, target).unwrap();
            let compartment = compartment(placement, projection.target, target);
            axons.entry(core_idx).or_default().entry(source).or_default().push(compartment);
            n_synapses += 1;
        }
        let reached: usize = axons.values().flat_map(|axons| axons.values().map(Vec::len)).sum();
        assert_eq!(reached, n_synapses);
        for (core_idx, axons) in axons {
            let core = &placement.cores()[core_idx];
            let n_compartments = core.usage.compartments;
            let is_dense = axons.values().all(|reached| {
                reached[0] < 256 && reached.windows(2).all(|pair| pair[0] + 1 == pair[1])
            });
            let index_bits = if is_dense {
                0
            } else {
                (6..).find(|&bits| 2_u32.pow(bits) >= n_compartments).unwrap().min(12)
            };
            let delay_bits = if projection.max_delay().get() == 0 {
                0
            } else {
                [8, 16, 32, 64].iter().position(|&n| n == core.settings.n_accumulators).unwrap() + 3
            };
            let plasticity = projection.plasticity.as_ref();
            let has_tag = plasticity.is_some_and(|plasticity| {
                plasticity.rules.tag.is_some() || plasticity.rules.reads(Variable::T)
            });
            let tag_bits = if has_tag { 9 } else { 0 };
            let format = program.synapses(id).format;
            let weight_bits = usize::from(format.weight.bits());
            formats[core_idx].insert((
                format.weight.sign_mode(),
                format.exponent,
                [weight_bits, delay_bits, tag_bits, index_bits as usize],
                plasticity.is_some(),
            ));
            let bits = weight_bits + delay_bits + tag_bits + index_bits as usize;
            for (source, reached) in axons {
                synapse_words[core_idx] += words(reached.len(), bits);
                input_slots[core_idx] += if plasticity.is_some() { 2 } else { 1 };
                if let Some(from) = placement.core_of(projection.source, source) {
                    output_slots[from] += 1;
                    *routes.entry((from, core_idx)).or_insert(0) += 1;
                }
            }
            if let Some(plasticity) = plasticity {
                let own = (plasticity.traces.x1, plasticity.traces.x2);
                if !traces[core_idx].contains(&own) {
                    traces[core_idx].push(own);
                }
                let microcode = program.synapses(id).microcode.clone().unwrap();
                if !rules[core_idx].contains(&microcode) {
                    rules[core_idx].push(microcode);
                }
            }
        }
    }
    for (core_idx, core) in placement.cores().iter().enumerate() {
        let usage = core.usage;
        let configs =
            core.slices.iter().map(|slice| program.compartments(slice.layer).unwrap().config);
        let profiles: BTreeSet<_> = configs
            .clone()
            .map(|config| {
                let decays = (config.current_decay.get(), config.voltage_decay.get());
                (decays, config.refractory.get(), config.noise.is_some())
            })
            .collect();
        let thresholds: BTreeSet<_> = configs.map(|config| config.threshold.charge()).collect();
        assert_eq!(usage.input_slots, input_slots[core_idx]);
        assert_eq!(usage.output_slots, output_slots[core_idx]);
        assert_eq!(usage.synapse_words, synapse_words[core_idx]);
        assert_eq!(usage.synapse_formats as usize, formats[core_idx].len());
        assert_eq!(usage.compartment_profiles as usize, profiles.len());
        assert_eq!(usage.threshold_profiles as usize, thresholds.len());
        assert_eq!(usage.pre_traces as usize, traces[core_idx].len());
        assert_eq!(usage.learning_rules as usize, rules[core_idx].len());
        let slots = usage.compartments * u32::from(core.settings.n_accumulators);
        assert_eq!(usage.accumulator_slots, slots);
        for resource in Resource::ALL {
            if let Some(limit) = placement.limits().of(resource) {
                assert!(usage.of(resource) <= limit, "{resource} on core {}", core.id);
            }
        }
    }
    let found: BTreeMap<_, _> =
        placement.routes().iter().map(|route| ((route.from, route.to), route.n_axons)).collect();
    assert_eq!(found, routes);
    let ways = routes.iter().map(|(&(from, to), &n_axons)| {
        let [from, to] = [from, to].map(|core_idx| placement.cores()[core_idx].id);
        u64::from(n_axons) * u64::from(hops(from, to).total())
    });
    assert_eq!(placement.totals().n_axon_hops, ways.sum::<u64>());
}

fn compartment(placement: &Placement, layer: LayerId, neuron_idx: u32) -> u32 {
    let slices = placement.slices(layer);
    let holds = |first: u32, n: u32| (first..first + n).contains(&neuron_idx);
    let slice = slices.iter().find(|slice| holds(slice.first, slice.n)).unwrap();
    slice.offset + neuron_idx - slice.first
}
