//! Which core goes where on the mesh: hill climbing on the number of hops.
//!
//! The cost is the number of axons from core to core, each times the hops from tile to tile. Core by core
//! the best of all places is taken, free or exchanged with another core, as long as that lowers the cost, in a
//! fixed order and with a bounded amount of work. Cores placed by hand stay where they are. What the host
//! sends is not counted: where it enters the mesh is not public.

use super::mesh::{CoreId, hops};
use std::collections::BTreeMap;

/// Hops that are worked out at most.
const WORK: u64 = 8_000_000;

/// The cost of an arrangement: axons times hops.
pub(super) fn cost(ids: &[CoreId], routes: &BTreeMap<(usize, usize), u32>) -> u64 {
    let ways = routes.iter().map(|(&(from, to), &n_axons)| {
        u64::from(n_axons) * u64::from(hops(ids[from], ids[to]).total())
    });
    ways.sum()
}

/// Moves the cores from `first_free` on among `places`, of which they have some.
pub(super) fn arrange(
    ids: &mut [CoreId],
    first_free: usize,
    places: &[CoreId],
    routes: &BTreeMap<(usize, usize), u32>,
) {
    let mut neighbours = vec![BTreeMap::new(); ids.len()];
    for (&(from, to), &n_axons) in routes.iter().filter(|((from, to), _)| from != to) {
        for (one, two) in [(from, to), (to, from)] {
            *neighbours[one].entry(two).or_insert(0_u64) += u64::from(n_axons);
        }
    }
    let neighbours: Vec<Vec<(usize, u64)>> =
        neighbours.into_iter().map(|to| to.into_iter().collect()).collect();
    let mut occupants: BTreeMap<CoreId, usize> = ids.iter().copied().zip(0..).collect();
    let mut work = 0;
    let mut improved = true;
    while improved && work < WORK {
        improved = false;
        for core in first_free..ids.len() {
            let here = ids[core];
            let mut best: Option<(u64, CoreId)> = None;
            let mut free_tile = None;
            for &place in places {
                let tile = (place.chip, place.tile());
                if tile == (here.chip, here.tile()) {
                    continue;
                }
                let other = occupants.get(&place).copied();
                match other {
                    Some(other) if other < first_free => continue,
                    // Free cores of one tile are as good as each other.
                    None if free_tile == Some(tile) => continue,
                    None => free_tile = Some(tile),
                    Some(_) => {}
                }
                let (before, after) = change(ids, &neighbours, core, place, other);
                work += neighbours[core].len() as u64 + 1;
                work += other.map_or(0, |other| neighbours[other].len() as u64);
                let gain = before.saturating_sub(after);
                if gain > best.map_or(0, |(gain, _)| gain) {
                    best = Some((gain, place));
                }
            }
            if let Some((_, place)) = best {
                improved = true;
                occupants.remove(&here);
                if let Some(other) = occupants.insert(place, core) {
                    ids[other] = here;
                    occupants.insert(here, other);
                }
                ids[core] = place;
            }
            if work >= WORK {
                break;
            }
        }
    }
}

/// The cost of the axons of a core, and of the one it changes places with, before and after.
fn change(
    ids: &[CoreId],
    neighbours: &[Vec<(usize, u64)>],
    core: usize,
    place: CoreId,
    other: Option<usize>,
) -> (u64, u64) {
    let (mut before, mut after) = (0, 0);
    // Between the two of them the way stays as long as it was.
    let mut add = |moved: usize, from: CoreId, to: CoreId, partner: Option<usize>| {
        let others = neighbours[moved].iter().filter(|(end, _)| Some(*end) != partner);
        for &(end, n_axons) in others {
            before += n_axons * u64::from(hops(from, ids[end]).total());
            after += n_axons * u64::from(hops(to, ids[end]).total());
        }
    };
    add(core, ids[core], place, other);
    if let Some(other) = other {
        add(other, place, ids[core], Some(core));
    }
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chip() -> Vec<CoreId> {
        (0..128).map(|core| CoreId { chip: 0, core }).collect()
    }

    /// A ring of cores that starts scattered; whatever is done, nobody shares a place.
    #[test]
    fn climbing_lowers_the_cost() {
        let places = chip();
        let n = 40_usize;
        let mut ids: Vec<CoreId> = (0..n).map(|core| places[core * 37 % 128]).collect();
        let routes: BTreeMap<_, _> = (0..n).map(|core| ((core, (core + 1) % n), 3)).collect();
        let before = cost(&ids, &routes);
        let pinned = ids[..5].to_vec();
        arrange(&mut ids, 5, &places, &routes);
        let after = cost(&ids, &routes);
        assert!(after * 3 < before, "{before} {after}");
        assert_eq!(ids[..5], pinned);
        let mut distinct = ids.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), n);
        assert!(ids.iter().all(|id| places.contains(id)));
    }

    /// What an exchange is said to change is what it changes.
    #[test]
    fn changes_are_exact() {
        let places = chip();
        let mut ids: Vec<CoreId> = places.iter().copied().step_by(9).collect();
        let n = ids.len();
        let routes: BTreeMap<_, _> = (0..n)
            .flat_map(|from| {
                (0..n).map(move |to| ((from, to), u32::from((from * 7 + to) % 5 == 0)))
            })
            .collect();
        let mut neighbours = vec![BTreeMap::new(); n];
        for (&(from, to), &n_axons) in routes.iter().filter(|((from, to), _)| from != to) {
            *neighbours[from].entry(to).or_insert(0) += u64::from(n_axons);
            *neighbours[to].entry(from).or_insert(0) += u64::from(n_axons);
        }
        let neighbours: Vec<Vec<_>> =
            neighbours.into_iter().map(|to| to.into_iter().collect()).collect();
        for core in 0..n {
            for other in (0..n).filter(|&other| other != core) {
                let total = cost(&ids, &routes);
                let (before, after) = change(&ids, &neighbours, core, ids[other], Some(other));
                ids.swap(core, other);
                assert_eq!(cost(&ids, &routes) + before, total + after);
            }
        }
    }
}
