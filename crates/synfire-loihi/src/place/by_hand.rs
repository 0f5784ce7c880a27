//! The cores that are filled by hand, and everything that stands in the way.

use super::error::PlaceError;
use super::limits::ChipLimits;
use super::load::Load;
use super::manual::{Manual, ManualPopulation};
use super::mesh::CoreId;
use super::outgoing::Outgoing;
use super::usage::Resource;
use super::wiring::{Part, Run, Wiring};
use crate::limits::ACCUMULATORS;
use std::collections::{BTreeMap, BTreeSet};

/// The cores filled by hand, in the order of their ids, and what is wrong with them.
pub(super) struct ByHand {
    pub(super) cores: BTreeMap<CoreId, Load>,
    /// Whether a layer is named, whatever became of it.
    pub(super) named: Vec<bool>,
    pub(super) errors: Vec<PlaceError>,
}

impl ByHand {
    pub(super) fn new(wiring: &Wiring<'_>, limits: &ChipLimits, manual: &Manual) -> Self {
        let mut by_hand = Self {
            cores: BTreeMap::new(),
            named: vec![false; wiring.parts.len()],
            errors: Vec::new(),
        };
        let mut exceeded = BTreeMap::new();
        for population in &manual.populations {
            by_hand.add(wiring, limits, population, &mut exceeded);
        }
        by_hand.refuse_delays(wiring);
        for ((core, resource), layer) in exceeded {
            // With what came later.
            let load = &by_hand.cores[&core];
            let (found, allowed) = (load.usage(wiring).of(resource), limits.of(resource));
            let allowed = allowed.unwrap_or(u32::MAX);
            let layer = wiring.name(layer);
            by_hand.errors.push(PlaceError::Core { layer, core, resource, found, allowed });
        }
        by_hand
    }

    /// Adds a population. `exceeded` keeps the first layer with which a core had too little of something.
    fn add(
        &mut self,
        wiring: &Wiring<'_>,
        limits: &ChipLimits,
        population: &ManualPopulation,
        exceeded: &mut BTreeMap<(CoreId, Resource), usize>,
    ) {
        let layer = population.layer.index();
        let n_layers = wiring.parts.len();
        let Some(part) = wiring.parts.get(layer) else {
            self.errors.push(PlaceError::NoSuchLayer { layer_idx: layer, n_layers });
            return;
        };
        let n_errors = self.errors.len();
        let name = || wiring.name(layer);
        let Some(part) = part else {
            self.errors.push(PlaceError::Sources { layer: name() });
            return;
        };
        if std::mem::replace(&mut self.named[layer], true) {
            self.errors.push(PlaceError::LayerTwice { layer: name() });
        }
        if population.cores.is_empty() {
            self.errors.push(PlaceError::NoCores { layer: name() });
        }
        let mut named = BTreeSet::new();
        for &core in &population.cores {
            let layer = name();
            if core.core >= limits.chip_cores() {
                let allowed = limits.chip_cores();
                self.errors.push(PlaceError::NoSuchCore { layer, core, allowed });
            } else if let Some(allowed) = limits.n_chips.filter(|&n_chips| core.chip >= n_chips) {
                self.errors.push(PlaceError::NoSuchChip { layer, core, allowed });
            } else if !named.insert(core) {
                self.errors.push(PlaceError::CoreTwice { layer, core });
            }
        }
        if let Some(found) = population.accumulators.filter(|slots| !ACCUMULATORS.contains(slots)) {
            self.errors.push(PlaceError::Accumulators { layer: name(), found });
        }
        if self.errors.len() > n_errors {
            return;
        }
        for (core, run) in distribute(part.n_neurons, &population.cores) {
            self.put(wiring, (layer, part), population.accumulators, core, run);
            for (resource, ..) in self.cores[&core].usage(wiring).excess(limits) {
                exceeded.entry((core, resource)).or_insert(layer);
            }
        }
    }

    fn put(
        &mut self,
        wiring: &Wiring<'_>,
        (layer, part): (usize, &Part),
        accumulators: Option<u8>,
        core: CoreId,
        run: Run,
    ) {
        let needs = super::settings::Needs { fixed_accumulators: accumulators, ..part.needs };
        let load = self.cores.entry(core).or_insert_with(|| Load::new(needs));
        let mut mixed = Vec::new();
        let before = load.needs;
        load.needs = before.merge(&needs, |setting| mixed.push(setting));
        for setting in mixed {
            // The first layer that differs: the others there have what the core has.
            let other = load.runs.iter().find(|loaded| {
                let alone = wiring.parts[loaded.layer].as_ref().map(|part| part.needs);
                let mut differs = false;
                if let Some(alone) = alone {
                    alone.merge(&needs, |found| differs |= found == setting);
                }
                differs
            });
            let other = other.or(load.runs.first()).map_or(layer, |loaded| loaded.layer);
            self.errors.push(PlaceError::MixedSetting {
                layer: wiring.name(layer),
                core,
                setting,
                found: needs.describe(setting),
                expected: before.describe(setting),
                other: wiring.name(other),
            });
        }
        load.push(wiring, (layer, part), run, 0);
    }

    /// Reports every projection whose delays the slots of a core do not hold. That is known only when all
    /// populations are there: one may leave the number of slots open and another settle it.
    fn refuse_delays(&mut self, wiring: &Wiring<'_>) {
        for (&core, load) in &self.cores {
            let accumulators = load.needs.n_accumulators();
            let allowed = accumulators - 2;
            let parts = load.runs.iter().filter_map(|loaded| {
                let part = wiring.parts[loaded.layer].as_ref()?;
                Some((loaded.layer, part))
            });
            let incoming = parts.flat_map(|(layer, part)| {
                part.incoming.iter().map(move |&idx| (layer, &wiring.projections[idx]))
            });
            for (layer, incoming) in incoming.filter(|(_, of)| of.longest_delay > allowed) {
                self.errors.push(PlaceError::Delay {
                    layer: wiring.name(layer),
                    projection: incoming.projection.name.clone(),
                    core,
                    found: incoming.longest_delay,
                    allowed,
                    accumulators,
                });
            }
        }
    }

    /// Cores from which more axons leave than they have slots.
    pub(super) fn output_errors(
        &self,
        wiring: &Wiring<'_>,
        limits: &ChipLimits,
        outgoing: &Outgoing,
    ) -> Vec<PlaceError> {
        let overflow =
            self.cores.iter().map(|(&core, load)| overflow(core, load, limits, outgoing));
        overflow
            .flatten()
            .map(|(core, layer, found)| PlaceError::Core {
                layer: wiring.name(layer),
                core,
                resource: Resource::OutputSlots,
                found,
                allowed: limits.output_slots,
            })
            .collect()
    }
}

/// The layer with which a core has more leaving axons than slots, and how many it has in all.
pub(super) fn overflow(
    core: CoreId,
    load: &Load,
    limits: &ChipLimits,
    outgoing: &Outgoing,
) -> Option<(CoreId, usize, u32)> {
    let mut sum = 0;
    let mut layer = None;
    for loaded in &load.runs {
        sum += outgoing.from(loaded.layer, loaded.run);
        if sum > u64::from(limits.output_slots) {
            layer = layer.or(Some(loaded.layer));
        }
    }
    layer.map(|layer| (core, layer, u32::try_from(sum).unwrap_or(u32::MAX)))
}

/// Even runs in the order of the cores; cores beyond the number of neurons get none.
fn distribute(n_neurons: u32, cores: &[CoreId]) -> Vec<(CoreId, Run)> {
    // Checked before: there is one core at least, and no more than the mesh can address on all chips.
    let n_cores = u32::try_from(cores.len()).unwrap_or(u32::MAX).max(1);
    let (each, more) = (n_neurons / n_cores, n_neurons % n_cores);
    let mut first = 0;
    let mut runs = Vec::new();
    for (&core, idx) in cores.iter().zip(0..) {
        let n = each + u32::from(idx < more);
        if n > 0 {
            runs.push((core, Run { first, n }));
            first += n;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neurons_are_distributed_evenly() {
        let cores = |n| (0..n).map(|core| CoreId { chip: 0, core }).collect::<Vec<_>>();
        let sizes = |n_neurons, n_cores| {
            let runs = distribute(n_neurons, &cores(n_cores));
            let mut next = 0;
            for ((core, run), idx) in runs.iter().zip(0..) {
                assert_eq!((core.core, run.first), (idx, next));
                next += run.n;
            }
            assert_eq!(next, n_neurons);
            runs.iter().map(|(_, run)| run.n).collect::<Vec<_>>()
        };
        assert_eq!(sizes(10, 4), [3, 3, 2, 2]);
        assert_eq!(sizes(8, 4), [2; 4]);
        assert_eq!(sizes(3, 5), [1; 3]);
        assert_eq!(sizes(1025, 1), [1025]);
    }
}
