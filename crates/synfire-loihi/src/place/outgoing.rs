//! Axons that leave: how many each neuron has, and between which cores they run.
//!
//! Both depend on where the targets are. A neuron has one axon for each projection and each core with
//! targets of it.

use super::load::Load;
use super::wiring::{Run, Wiring};
use std::collections::BTreeMap;

/// Where each layer lies: its runs in ascending order, each with the position of its core.
pub(super) type Layout = Vec<Vec<(Run, usize)>>;

/// Where the layers on some cores lie.
pub(super) fn layout<'a>(wiring: &Wiring<'_>, loads: impl Iterator<Item = &'a Load>) -> Layout {
    let mut layout = vec![Vec::new(); wiring.parts.len()];
    for (core_idx, load) in loads.enumerate() {
        for loaded in &load.runs {
            layout[loaded.layer].push((loaded.run, core_idx));
        }
    }
    for runs in &mut layout {
        runs.sort_by_key(|(run, _)| run.first);
    }
    layout
}

fn runs_of(layout: &Layout, layer: usize) -> Vec<Run> {
    layout[layer].iter().map(|&(run, _)| run).collect()
}

/// Numbers of axons that leave the neurons of each layer, as sums from the first neuron on.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    /// One more number than neurons; empty for sources, whose axons come from the host.
    sums: Vec<Vec<u64>>,
}

impl Outgoing {
    /// No axons.
    pub(super) fn none(wiring: &Wiring<'_>) -> Self {
        let zeros = |n_neurons: u32| vec![0; n_neurons as usize + 1];
        let sums = wiring.parts.iter().map(|part| part.as_ref().map(|part| zeros(part.n_neurons)));
        Self { sums: sums.map(Option::unwrap_or_default).collect() }
    }

    /// The axons of a complete layout.
    pub(super) fn of(wiring: &Wiring<'_>, layout: &Layout) -> Self {
        let mut outgoing = Self::none(wiring);
        for incoming in &wiring.projections {
            let sums = &mut outgoing.sums[incoming.projection.source.index()];
            if sums.is_empty() {
                continue;
            }
            let targets = runs_of(layout, incoming.projection.target.index());
            // First the changes from neuron to neuron, which wrap below zero; a position further on, so
            // that summing up twice gives the sums from zero.
            incoming.axons(&targets, |sources, _| {
                let mut change = |at: u32, by: u64| {
                    if let Some(sum) = sums.get_mut(at as usize + 1) {
                        *sum = sum.wrapping_add(by);
                    }
                };
                change(sources.start, 1);
                change(sources.end, u64::MAX);
            });
        }
        for sums in &mut outgoing.sums {
            let (mut n_axons, mut sum) = (0_u64, 0_u64);
            for entry in sums {
                n_axons = n_axons.wrapping_add(*entry);
                sum += n_axons;
                *entry = sum;
            }
        }
        outgoing
    }

    /// The axons that leave a run.
    pub(super) fn from(&self, layer: usize, run: Run) -> u64 {
        let sums = &self.sums[layer];
        sums[run.end() as usize] - sums[run.first as usize]
    }

    /// Neuron by neuron the larger number of both.
    pub(super) fn raise(&mut self, other: &Self) {
        for (sums, others) in self.sums.iter_mut().zip(&other.sums) {
            let (mut before, mut sum) = (0, 0);
            for (at, entry) in sums.iter_mut().enumerate().skip(1) {
                let own = *entry - before;
                before = *entry;
                sum += own.max(others[at] - others[at - 1]);
                *entry = sum;
            }
        }
    }
}

/// Number of axons from core to core.
pub(super) fn routes(wiring: &Wiring<'_>, layout: &Layout) -> BTreeMap<(usize, usize), u32> {
    let mut routes = BTreeMap::new();
    for incoming in &wiring.projections {
        let sources = &layout[incoming.projection.source.index()];
        let targets = &layout[incoming.projection.target.index()];
        let target_runs = runs_of(layout, incoming.projection.target.index());
        incoming.axons(&target_runs, |range, at| {
            let begin = sources.partition_point(|(run, _)| run.end() <= range.start);
            let reached = sources[begin..].iter().take_while(|(run, _)| run.first < range.end);
            for (run, from) in reached {
                let n_axons = run.end().min(range.end) - run.first.max(range.start);
                *routes.entry((*from, targets[at].1)).or_insert(0) += n_axons;
            }
        });
    }
    routes
}
