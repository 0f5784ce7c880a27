//! The network as placement sees it: what each slice of a layer receives and where each neuron sends.
//!
//! Regular projections are counted by formula. Lists are sorted by target once, so that a slice costs no more
//! than its own synapses.
//!
//! An axon runs from one neuron, for one projection, to one core that holds at least one of its targets.
//! That axons of several projections from one neuron to one core could be merged is not modelled.

use super::memory::TAG_BITS;
use super::settings::{Needs, offset_of};
use crate::program::Program;
use crate::rule::Microcode;
use crate::synapse::SignMode;
use std::collections::BTreeMap;
use std::ops::Range;
use synfire_net::rule::{Target, Variable};
use synfire_net::{Connectivity, LayerId, Network, Projection, ProjectionId, Synapse, Trace};

/// A run of neurons of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: u32,
    pub(super) n: u32,
}

impl Run {
    pub(super) const fn end(self) -> u32 {
        self.first + self.n
    }
}

/// What a run of neurons receives through one projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fan {
    pub(super) n_axons: u32,
    /// Pairs of a number of synapses and the number of axons that have so many.
    pub(super) sizes: Vec<(u32, u32)>,
    /// Whether the targets of each axon are consecutive neurons, each once.
    pub(super) consecutive: bool,
    /// The largest first target of an axon, counted from the beginning of the run.
    pub(super) last_base: u32,
}

/// How the synapses of a projection are stored, apart from what depends on the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Storage {
    pub(super) sign_mode: SignMode,
    pub(super) weight_bits: u8,
    pub(super) exponent: i8,
    pub(super) has_delays: bool,
    pub(super) tag_bits: u8,
    pub(super) learns: bool,
}

/// A projection as its targets' cores see it.
pub(super) struct Incoming<'a> {
    pub(super) projection: &'a Projection,
    n_sources: u32,
    /// Target and source of every synapse of a list, sorted.
    list: Vec<(u32, u32)>,
    pub(super) storage: Storage,
    /// Number of its presynaptic traces and of its rules among those that differ, if it learns.
    pub(super) learning: Option<(usize, usize)>,
    pub(super) longest_delay: u8,
}

/// A layer that needs compartments.
pub(super) struct Part {
    pub(super) n_neurons: u32,
    pub(super) needs: Needs,
    /// Numbers of its profiles among those that differ.
    pub(super) compartment_profile: usize,
    pub(super) threshold_profile: usize,
    /// Its projections, by position in [`Wiring::projections`].
    pub(super) incoming: Vec<usize>,
}

/// The network as placement sees it.
pub(super) struct Wiring<'a> {
    pub(super) network: &'a Network,
    pub(super) layer_ids: Vec<LayerId>,
    /// One per layer; `None` for sources.
    pub(super) parts: Vec<Option<Part>>,
    pub(super) projections: Vec<Incoming<'a>>,
}

impl<'a> Wiring<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        let network: &Network = program.network();
        let mut traces: Vec<[Option<Trace>; 2]> = Vec::new();
        let mut rules: Vec<&Microcode> = Vec::new();
        let projections: Vec<_> = network
            .projection_ids()
            .map(|id| incoming(program, id, &mut traces, &mut rules))
            .collect();
        let mut by_target = vec![Vec::new(); network.layers().len()];
        for (idx, incoming) in projections.iter().enumerate() {
            by_target[incoming.projection.target.index()].push(idx);
        }
        let (mut profiles, mut thresholds) = (BTreeMap::new(), BTreeMap::new());
        let layer_ids: Vec<_> = network.layer_ids().collect();
        let parts = layer_ids
            .iter()
            .zip(by_target)
            .map(|(&id, incoming)| {
                let group = program.compartments(id)?;
                let config = group.config;
                let learning_period = incoming.iter().find_map(|&idx| {
                    let plasticity = projections[idx].projection.plasticity.as_ref()?;
                    Some(plasticity.period)
                });
                let profile = (
                    config.current_decay.get(),
                    config.voltage_decay.get(),
                    config.refractory.get(),
                    config.noise.is_some(),
                );
                let n_profiles = profiles.len();
                let n_thresholds = thresholds.len();
                Some(Part {
                    n_neurons: group.n_compartments,
                    needs: Needs {
                        least_accumulators: group.n_accumulators,
                        fixed_accumulators: None,
                        current_offset: offset_of(config.current_decay),
                        voltage_offset: offset_of(config.voltage_decay),
                        voltage_limits: config.voltage_limits,
                        noise: config.noise,
                        learning_period,
                    },
                    compartment_profile: *profiles.entry(profile).or_insert(n_profiles),
                    threshold_profile: *thresholds
                        .entry(config.threshold.mantissa())
                        .or_insert(n_thresholds),
                    incoming,
                })
            })
            .collect();
        Self { network, layer_ids, parts, projections }
    }

    pub(super) fn name(&self, layer: usize) -> String {
        self.network.layers()[layer].name.clone()
    }

    /// What a run of a layer receives, projection by projection.
    pub(super) fn fans(&self, part: &Part, run: Run) -> Vec<(usize, Fan)> {
        let received = part.incoming.iter().map(|&idx| (idx, self.projections[idx].fan(run)));
        received.filter(|(_, fan)| fan.n_axons > 0).collect()
    }
}

fn incoming<'a>(
    program: &'a Program,
    id: ProjectionId,
    traces: &mut Vec<[Option<Trace>; 2]>,
    rules: &mut Vec<&'a Microcode>,
) -> Incoming<'a> {
    let network: &Network = program.network();
    let projection = network.projection(id);
    let group = program.synapses(id);
    let learning = projection.plasticity.as_ref().zip(group.microcode.as_ref());
    let longest_delay = projection.max_delay().get();
    let has_tags = learning.is_some_and(|(plasticity, microcode)| {
        microcode.changes(Target::Tag) || plasticity.rules.reads(Variable::T)
    });
    Incoming {
        projection,
        n_sources: network.layer(projection.source).n_neurons,
        list: match &projection.connectivity {
            Connectivity::List(synapses) => by_target(synapses),
            _ => Vec::new(),
        },
        storage: Storage {
            sign_mode: group.format.weight.sign_mode(),
            weight_bits: group.format.weight.bits(),
            exponent: group.format.exponent.get(),
            has_delays: longest_delay > 0,
            tag_bits: if has_tags { TAG_BITS } else { 0 },
            learns: learning.is_some(),
        },
        learning: learning.map(|(plasticity, microcode)| {
            let own = [plasticity.traces.x1, plasticity.traces.x2];
            (number_of(traces, own), number_of(rules, microcode))
        }),
        longest_delay,
    }
}

/// The position of `item`, which is added if it is new.
fn number_of<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    items.iter().position(|known| *known == item).unwrap_or_else(|| {
        items.push(item);
        items.len() - 1
    })
}

impl Incoming<'_> {
    /// What a run of the target layer receives.
    fn fan(&self, run: Run) -> Fan {
        let fan = |n_axons, n_synapses, last_base| Fan {
            n_axons,
            sizes: vec![(n_synapses, n_axons)],
            consecutive: true,
            last_base,
        };
        match &self.projection.connectivity {
            Connectivity::AllToAll { .. } => fan(self.n_sources, run.n, 0),
            Connectivity::OneToOne { .. } => fan(run.n, 1, run.n - 1),
            Connectivity::OneToAll { .. } => fan(1, run.n, 0),
            Connectivity::List(_) => listed_fan(&self.list, run),
        }
    }

    /// Calls `each` with runs of sources and a position in `targets`, runs of the target layer: every
    /// source of the run has one axon to that target run. Each axon is in one call.
    pub(super) fn axons(&self, targets: &[Run], mut each: impl FnMut(Range<u32>, usize)) {
        match &self.projection.connectivity {
            Connectivity::AllToAll { .. } | Connectivity::OneToAll { .. } => {
                (0..targets.len()).for_each(|at| each(0..self.n_sources, at));
            }
            Connectivity::OneToOne { .. } => {
                for (at, run) in targets.iter().enumerate() {
                    each(run.first..run.end(), at);
                }
            }
            Connectivity::List(synapses) => {
                let mut rest = synapses.as_slice();
                while let Some(&Synapse { source, target, .. }) = rest.first() {
                    let at = targets.partition_point(|run| run.end() <= target);
                    each(source..source + 1, at);
                    let end = targets[at].end();
                    let n = rest.partition_point(|synapse| {
                        (synapse.source, synapse.target) < (source, end)
                    });
                    rest = &rest[n..];
                }
            }
        }
    }
}

/// Target and source of every synapse, sorted.
fn by_target(synapses: &[Synapse]) -> Vec<(u32, u32)> {
    let mut ends: Vec<_> =
        synapses.iter().map(|synapse| (synapse.target, synapse.source)).collect();
    ends.sort_unstable();
    ends
}

/// What a run of targets receives through the synapses of a list.
#[expect(clippy::cast_possible_truncation, reason = "a network has at most 2^28 synapses")]
fn listed_fan(by_target: &[(u32, u32)], run: Run) -> Fan {
    let begin = by_target.partition_point(|(target, _)| *target < run.first);
    let n = by_target[begin..].partition_point(|(target, _)| *target < run.end());
    let mut ends: Vec<(u32, u32)> =
        by_target[begin..begin + n].iter().map(|&(target, source)| (source, target)).collect();
    ends.sort_unstable();
    let mut sizes = BTreeMap::new();
    let mut fan = Fan { n_axons: 0, sizes: Vec::new(), consecutive: true, last_base: 0 };
    for axon in ends.chunk_by(|one, two| one.0 == two.0) {
        fan.n_axons += 1;
        *sizes.entry(axon.len() as u32).or_insert(0) += 1;
        fan.consecutive &= axon.windows(2).all(|pair| pair[0].1 + 1 == pair[1].1);
        fan.last_base = fan.last_base.max(axon[0].1 - run.first);
    }
    fan.sizes = sizes.into_iter().collect();
    fan
}

#[cfg(test)]
mod tests {
    use super::*;
    use synfire_net::Delay;

    fn list(ends: &[(u32, u32)]) -> Vec<Synapse> {
        let synapse = |&(source, target)| Synapse { source, target, delay: Delay::ZERO, weight: 1 };
        ends.iter().map(synapse).collect()
    }

    #[test]
    fn a_run_sees_its_part_of_a_list() {
        let synapses = list(&[(0, 1), (0, 2), (0, 3), (2, 0), (2, 2), (5, 4), (5, 4), (6, 2)]);
        let by_target = by_target(&synapses);
        let fan = |first, n| {
            let fan = listed_fan(&by_target, Run { first, n });
            (fan.n_axons, fan.sizes, fan.consecutive, fan.last_base)
        };
        assert_eq!(fan(0, 5), (4, vec![(1, 1), (2, 2), (3, 1)], false, 4));
        assert_eq!(fan(1, 3), (3, vec![(1, 2), (3, 1)], true, 1));
        assert_eq!(fan(2, 1), (3, vec![(1, 3)], true, 0));
        // Two synapses onto one target are not consecutive.
        assert_eq!(fan(4, 1), (1, vec![(2, 1)], false, 0));
        assert_eq!(fan(0, 2), (2, vec![(1, 2)], true, 1));
        assert_eq!(fan(5, 3), (0, vec![], true, 0));
    }
}
