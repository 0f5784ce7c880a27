//! Where the spikes of a projection go: tables made once, so that a run looks at spikes and not at synapses.
//!
//! All sources of an all-to-all projection go to the same cores with the same number of synapses. For a list
//! the synapses of each source are counted once by core. What a message costs depends on the cores at both
//! ends and is summed up for each source beforehand, too.

use super::constants::ConstantSet;
use super::counts::Counts;
use super::layout::Layout;
use std::collections::BTreeMap;
use synfire_net::{Connectivity, Network, ProjectionId, Synapse};

/// One projection.
#[derive(Clone, Debug)]
pub(super) struct Fan {
    /// Position of the layer whose spikes it carries.
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) n_sources: u64,
    pub(super) pattern: Pattern,
    /// What a spike of each source sends; empty for sources off the chip.
    routes: Vec<Route>,
}

#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// Every source to every target.
    Dense { delay: u8 },
    /// Source k to target k.
    OneToOne { delay: u8 },
    /// Synapses one by one.
    List(List),
}

/// The synapses of a list, by source and by core.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// Target and delay of each synapse, those of a source in one row.
    links: Vec<(u32, u8)>,
    /// Where the row of each source begins, and the end of all.
    rows: Vec<usize>,
    /// Cores and numbers of synapses, those of a source in one row.
    shares: Vec<(u32, u32)>,
    share_rows: Vec<usize>,
    /// Number of synapses onto each target.
    pub(super) fan_in: Vec<u32>,
}

/// What one spike of one neuron sends.
#[derive(Clone, Debug, Default)]
struct Route {
    core: usize,
    counts: Counts,
    /// The longest way of its messages by each set of constants, in picoseconds.
    longest_ps: Vec<u64>,
}

impl Fan {
    pub(super) fn new(
        network: &Network,
        id: ProjectionId,
        layout: &Layout,
        sets: &[ConstantSet],
    ) -> Self {
        let projection = network.projection(id);
        let (source, target) = (projection.source.index(), projection.target.index());
        let n_sources = network.layer(projection.source).n_neurons;
        let n_targets = network.layer(projection.target).n_neurons;
        let pattern = match &projection.connectivity {
            Connectivity::AllToAll { delay, .. } | Connectivity::OneToAll { delay, .. } => {
                Pattern::Dense { delay: delay.get() }
            }
            Connectivity::OneToOne { delay, .. } => Pattern::OneToOne { delay: delay.get() },
            Connectivity::List(synapses) => {
                Pattern::List(List::new(synapses, n_sources, n_targets, target, layout))
            }
        };
        let mut fan =
            Self { source, target, n_sources: n_sources.into(), pattern, routes: Vec::new() };
        if !network.layer(projection.source).is_source() {
            fan.routes = (0..n_sources).map(|neuron| fan.route(neuron, layout, sets)).collect();
        }
        fan
    }

    fn route(&self, source_idx: u32, layout: &Layout, sets: &[ConstantSet]) -> Route {
        let Some(core) = layout.core(self.source, source_idx) else { return Route::default() };
        let mut counts = Counts::default();
        let mut longest_ps = vec![0; sets.len()];
        self.shares(source_idx, layout, |to, _| {
            let hops = layout.hops(core, to);
            counts.messages += 1;
            counts.east_west_hops += u64::from(hops.east_west);
            counts.north_south_hops += u64::from(hops.north_south);
            counts.chip_hops += u64::from(hops.chips);
            if hops.total() == 0 {
                counts.tile_local_messages += 1;
            }
            for (longest, set) in longest_ps.iter_mut().zip(sets) {
                *longest = set.way_ps(hops).max(*longest);
            }
        });
        Route { core, counts, longest_ps }
    }

    /// Calls `each` with every core that has targets of a source, and the number of synapses there.
    fn shares(&self, source_idx: u32, layout: &Layout, mut each: impl FnMut(usize, u64)) {
        match &self.pattern {
            Pattern::Dense { .. } => {
                layout.n_on_core[self.target].iter().for_each(|&(core, n)| each(core, n));
            }
            Pattern::OneToOne { .. } => {
                if let Some(core) = layout.core(self.target, source_idx) {
                    each(core, 1);
                }
            }
            Pattern::List(list) => {
                let row =
                    list.share_rows[source_idx as usize]..list.share_rows[source_idx as usize + 1];
                list.shares[row].iter().for_each(|&(core, n)| each(core as usize, n.into()));
            }
        }
    }

    /// Adds what the spikes of a step do on each core: messages and synaptic operations. `longest_ps` becomes
    /// the longest way by each set if one of these is longer.
    pub(super) fn deliver(
        &self,
        spikes: &[u32],
        layout: &Layout,
        cores: &mut [Counts],
        longest_ps: &mut [u64],
    ) {
        if self.routes.is_empty() {
            self.count_rows(spikes, layout, |core, n_spikes, n_synapses| {
                cores[core].input_messages += n_spikes;
                cores[core].synaptic_operations += n_synapses;
            });
            return;
        }
        self.count_rows(spikes, layout, |core, _, n_synapses| {
            cores[core].synaptic_operations += n_synapses;
        });
        for &source_idx in spikes {
            let route = &self.routes[source_idx as usize];
            cores[route.core] += &route.counts;
            for (longest, way) in longest_ps.iter_mut().zip(&route.longest_ps) {
                *longest = (*longest).max(*way);
            }
        }
    }

    /// Calls `each` with a core, a number of the given sources with targets there, and the number of
    /// synapses from these; a core may come several times.
    pub(super) fn count_rows(
        &self,
        sources: &[u32],
        layout: &Layout,
        mut each: impl FnMut(usize, u64, u64),
    ) {
        if let Pattern::Dense { .. } = self.pattern {
            let n_spikes = sources.len() as u64;
            for &(core, n) in &layout.n_on_core[self.target] {
                each(core, n_spikes, n_spikes * n);
            }
            return;
        }
        for &source_idx in sources {
            self.shares(source_idx, layout, |core, n| each(core, 1, n));
        }
    }

    /// The number of synapses on each core.
    pub(super) fn count_all(&self, layout: &Layout) -> Vec<u64> {
        let mut cores = vec![0; layout.cores.len()];
        match &self.pattern {
            Pattern::Dense { .. } => {
                for &(core, n) in &layout.n_on_core[self.target] {
                    cores[core] += self.n_sources * n;
                }
            }
            Pattern::OneToOne { .. } => {
                for &(core, n) in &layout.n_on_core[self.target] {
                    cores[core] += n;
                }
            }
            Pattern::List(list) => {
                for &(core, n) in &list.shares {
                    cores[core as usize] += u64::from(n);
                }
            }
        }
        cores
    }
}

impl List {
    fn new(
        synapses: &[Synapse],
        n_sources: u32,
        n_targets: u32,
        target: usize,
        layout: &Layout,
    ) -> Self {
        let links = synapses.iter().map(|synapse| (synapse.target, synapse.delay.get())).collect();
        let rows: Vec<usize> = (0..=n_sources)
            .map(|source| synapses.partition_point(|synapse| synapse.source < source))
            .collect();
        let mut fan_in = vec![0; n_targets as usize];
        let (mut shares, mut share_rows) = (Vec::new(), vec![0]);
        for row in rows.windows(2) {
            let mut by_core = BTreeMap::new();
            for synapse in &synapses[row[0]..row[1]] {
                fan_in[synapse.target as usize] += 1;
                let core = layout.core_of[layout.first[target] + synapse.target as usize];
                if let Some(core) = core {
                    *by_core.entry(core).or_insert(0) += 1;
                }
            }
            shares.extend(by_core);
            share_rows.push(shares.len());
        }
        Self { links, rows, shares, share_rows, fan_in }
    }

    /// Targets and delays of the synapses of a source.
    pub(super) fn links(&self, source_idx: u32) -> &[(u32, u8)] {
        &self.links[self.rows[source_idx as usize]..self.rows[source_idx as usize + 1]]
    }
}
