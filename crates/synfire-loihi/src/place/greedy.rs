//! Which neurons share a core: a greedy filling, repeated with what it has shown.
//!
//! 1. Layer after layer is cut into runs, each as large as a core that is already open, or an empty one,
//!    can take. What a core can take is found by bisection.
//! 2. How many axons leave a neuron depends on the cores of its targets and is known only afterwards. If
//!    more leave a core than it has slots, all is done again, with slots reserved for every axon seen so far,
//!    until none is missing. No neuron is ever seen with fewer axons, so that this ends.
//! 3. Several orders of layers and manners of cutting are tried; the fewest cores win, then the fewest
//!    axons.

use super::error::PlaceError;
use super::limits::ChipLimits;
use super::load::Load;
use super::outgoing::{Layout, Outgoing, layout};
use super::wiring::{Part, Run, Wiring};
use std::cmp::Reverse;

/// Cores opened last that still take further layers.
const OPEN_CORES: usize = 64;
/// Times that slots for axons are reserved anew.
const ROUNDS: usize = 64;
/// Cores, and synapses of lists, above which only one order and manner is tried.
const MANY_CORES: usize = 2000;
const MANY_LISTED: usize = 1 << 20;

/// In which order layers come.
#[derive(Clone, Copy, Debug)]
enum Order {
    AsGiven,
    MostSynapses,
    MostNeurons,
}

/// How a layer is cut into runs.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Every open core that can take a neuron takes as many as it can.
    FillUp,
    /// Full cores, but for the rest, which goes where it fits.
    ShareRest,
    /// Runs of one size, each of which goes where it fits.
    Even,
}

/// What is to be placed, and what it has to be placed beside.
pub(super) struct Planner<'a> {
    pub(super) wiring: &'a Wiring<'a>,
    pub(super) limits: &'a ChipLimits,
    /// Whether a layer is to be placed.
    pub(super) open_layers: &'a [bool],
    /// Cores that are placed already.
    pub(super) placed: &'a [Load],
}

impl Planner<'_> {
    /// The best filling found, with the axons that leave.
    pub(super) fn plan(&self) -> Result<(Vec<Load>, Outgoing), Vec<PlaceError>> {
        let mut best: Option<(usize, u64, Vec<Load>, Outgoing)> = None;
        let mut errors = Vec::new();
        for order in [Order::AsGiven, Order::MostSynapses, Order::MostNeurons] {
            for manner in [Manner::ShareRest, Manner::FillUp, Manner::Even] {
                match self.settle(order, manner) {
                    Ok((loads, outgoing)) => {
                        let n_axons = self.n_axons(&loads, &outgoing);
                        let better = |&(cores, axons, ..): &(usize, u64, _, _)| {
                            (loads.len(), n_axons) < (cores, axons)
                        };
                        if best.as_ref().is_none_or(better) {
                            best = Some((loads.len(), n_axons, loads, outgoing));
                        }
                    }
                    Err(found) if errors.is_empty() => errors = found,
                    Err(_) => {}
                }
                let n_cores = best.as_ref().map_or(0, |best| best.0);
                if n_cores > MANY_CORES || self.n_listed() > MANY_LISTED {
                    return best.map(|(_, _, loads, outgoing)| (loads, outgoing)).ok_or(errors);
                }
            }
        }
        best.map(|(_, _, loads, outgoing)| (loads, outgoing)).ok_or(errors)
    }

    /// What stands in the way of layers alone, wherever their targets are.
    pub(super) fn problems(&self) -> Vec<PlaceError> {
        let none = Outgoing::none(self.wiring);
        self.fill(Order::AsGiven, Manner::ShareRest, &none).err().unwrap_or_default()
    }

    fn n_listed(&self) -> usize {
        let projections = self.wiring.projections.iter().map(|incoming| incoming.projection);
        let lists = projections.map(|projection| match &projection.connectivity {
            synfire_net::Connectivity::List(synapses) => synapses.len(),
            _ => 0,
        });
        lists.sum()
    }

    fn n_axons(&self, loads: &[Load], outgoing: &Outgoing) -> u64 {
        self.placed.iter().chain(loads).map(|load| leaving(load, outgoing)).sum()
    }

    /// Fills cores until no core has more axons than slots.
    fn settle(
        &self,
        order: Order,
        manner: Manner,
    ) -> Result<(Vec<Load>, Outgoing), Vec<PlaceError>> {
        let mut reserved = Outgoing::none(self.wiring);
        let mut round = 1;
        loop {
            let loads = self.fill(order, manner, &reserved)?;
            let layout: Layout = layout(self.wiring, self.placed.iter().chain(&loads));
            let outgoing = Outgoing::of(self.wiring, &layout);
            let slots = u64::from(self.limits.output_slots);
            let overflow = loads.iter().any(|load| leaving(load, &outgoing) > slots);
            if !overflow || round == ROUNDS {
                return Ok((loads, outgoing));
            }
            reserved.raise(&outgoing);
            round += 1;
        }
    }

    fn fill(
        &self,
        order: Order,
        manner: Manner,
        reserved: &Outgoing,
    ) -> Result<Vec<Load>, Vec<PlaceError>> {
        let mut filling = Filling { planner: self, reserved, loads: Vec::new() };
        let mut errors = Vec::new();
        for layer in self.ordered(order) {
            if let Some(part) = &self.wiring.parts[layer] {
                filling.add(layer, part, manner, &mut errors);
            }
        }
        if errors.is_empty() { Ok(filling.loads) } else { Err(errors) }
    }

    fn ordered(&self, order: Order) -> Vec<usize> {
        let mut layers: Vec<usize> =
            (0..self.open_layers.len()).filter(|&layer| self.open_layers[layer]).collect();
        let n_neurons = |layer: usize| self.wiring.network.layers()[layer].n_neurons;
        let n_synapses = |layer: usize| {
            let ids = self.wiring.network.projection_ids();
            let into = self.wiring.parts[layer].iter().flat_map(|part| &part.incoming);
            let ids: Vec<_> = ids.collect();
            into.map(|&idx| self.wiring.network.n_synapses(ids[idx])).sum::<usize>()
        };
        match order {
            Order::AsGiven => {}
            Order::MostSynapses => layers.sort_by_cached_key(|&layer| Reverse(n_synapses(layer))),
            Order::MostNeurons => layers.sort_by_key(|&layer| Reverse(n_neurons(layer))),
        }
        layers
    }
}

/// Axons that leave a core.
pub(super) fn leaving(load: &Load, outgoing: &Outgoing) -> u64 {
    load.runs.iter().map(|loaded| outgoing.from(loaded.layer, loaded.run)).sum()
}

struct Filling<'a> {
    planner: &'a Planner<'a>,
    reserved: &'a Outgoing,
    loads: Vec<Load>,
}

impl Filling<'_> {
    fn add(&mut self, layer: usize, part: &Part, manner: Manner, errors: &mut Vec<PlaceError>) {
        // What an empty core took before it is likely to take again.
        let (mut first, mut guess) = (0, 0);
        while first < part.n_neurons {
            let rest = part.n_neurons - first;
            let (core_idx, n) = match manner {
                Manner::FillUp => self.roomiest((layer, part), first, rest),
                Manner::ShareRest | Manner::Even => {
                    let whole =
                        self.largest(&mut Load::new(part.needs), (layer, part), first, rest, guess);
                    let n_runs = if whole == 0 { 1 } else { rest.div_ceil(whole) };
                    let wanted = match manner {
                        Manner::Even => rest.div_ceil(n_runs),
                        _ if whole == 0 => rest,
                        _ => rest.min(whole),
                    };
                    if matches!(manner, Manner::Even) || wanted == rest {
                        match self.roomiest((layer, part), first, wanted) {
                            (core_idx, n) if n == wanted => (core_idx, n),
                            _ => (None, wanted),
                        }
                    } else {
                        (None, wanted)
                    }
                }
            };
            let (core_idx, n) = match core_idx {
                Some(core_idx) if n > 0 => (core_idx, n),
                _ => {
                    let mut load = Load::new(part.needs);
                    let most = if n == 0 { rest } else { n };
                    let n = self.largest(&mut load, (layer, part), first, most, guess);
                    guess = n;
                    if n == 0 {
                        self.refuse(layer, part, first, errors);
                        return;
                    }
                    self.loads.push(load);
                    (self.loads.len() - 1, n)
                }
            };
            let run = Run { first, n };
            let load = &mut self.loads[core_idx];
            load.needs = load.needs.merge(&part.needs, |_| ());
            load.push(self.planner.wiring, (layer, part), run, self.reserved.from(layer, run));
            first += n;
        }
    }

    /// The open core that takes most of a layer, at most `most` neurons, and how many.
    fn roomiest(&mut self, part: (usize, &Part), first: u32, most: u32) -> (Option<usize>, u32) {
        let mut found = (None, 0);
        let mut loads = std::mem::take(&mut self.loads);
        let begin = loads.len().saturating_sub(OPEN_CORES);
        for (core_idx, load) in loads.iter_mut().enumerate().skip(begin) {
            let n = self.largest(load, part, first, most, 0);
            if n > found.1 {
                found = (Some(core_idx), n);
            }
            if n == most {
                break;
            }
        }
        self.loads = loads;
        found
    }

    /// How many neurons from `first` on a core can take, at most `most`; it is left as it was. A good guess
    /// saves work, and 0 is none.
    fn largest(
        &self,
        load: &mut Load,
        (layer, part): (usize, &Part),
        first: u32,
        most: u32,
        guess: u32,
    ) -> u32 {
        if load.holds(layer) || !load.needs.agree(&part.needs) {
            return 0;
        }
        let limits = self.planner.limits;
        let needs = load.needs;
        load.needs = needs.merge(&part.needs, |_| ());
        let n_accumulators = u32::from(load.needs.n_accumulators());
        let room = limits.compartments.min(limits.accumulator_slots / n_accumulators);
        let most = most.min(room.saturating_sub(load.n_compartments));
        let n = most_fitting(most, guess, |n| {
            let run = Run { first, n };
            let output_slots = self.reserved.from(layer, run);
            load.push(self.planner.wiring, (layer, part), run, output_slots);
            let fits = load.fits(self.planner.wiring, limits);
            load.pop(output_slots);
            fits
        });
        load.needs = needs;
        n
    }

    fn refuse(&self, layer: usize, part: &Part, first: u32, errors: &mut Vec<PlaceError>) {
        let run = Run { first, n: 1 };
        let mut load = Load::new(part.needs);
        let output_slots = self.reserved.from(layer, run);
        load.push(self.planner.wiring, (layer, part), run, output_slots);
        let usage = load.usage(self.planner.wiring);
        for (resource, found, allowed) in usage.excess(self.planner.limits) {
            let layer = self.planner.wiring.name(layer);
            errors.push(PlaceError::Neuron { layer, neuron_idx: first, resource, found, allowed });
        }
    }
}

/// The largest number up to `most` that fits, if smaller ones do; 0 if 1 does not. Found by bisection, or, with
/// a guess, in steps that double from there.
fn most_fitting(most: u32, guess: u32, mut fits: impl FnMut(u32) -> bool) -> u32 {
    // What fits, and what does not or is more than is asked for.
    let (mut fitting, mut too_many) = (0, most + 1);
    let mut step = 1;
    let mut next = if guess == 0 { most } else { guess.min(most) };
    while too_many - fitting > 1 {
        let up = fits(next);
        if up {
            fitting = next;
        } else {
            too_many = next;
        }
        next = if guess == 0 {
            // Most cores that are open cannot take a single one.
            if fitting == 0 && too_many == most { 1 } else { fitting + (too_many - fitting) / 2 }
        } else if up && too_many == most + 1 {
            fitting.saturating_add(step).min(most)
        } else if !up && fitting == 0 {
            too_many.saturating_sub(step).max(1)
        } else {
            fitting + (too_many - fitting) / 2
        };
        step = step.saturating_mul(2);
    }
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_fits_is_found_from_any_guess() {
        for most in 0..40 {
            for limit in 0..45 {
                for guess in 0..45 {
                    let mut n_trials = 0;
                    let n = most_fitting(most, guess, |n| {
                        n_trials += 1;
                        assert!((1..=most).contains(&n));
                        n <= limit
                    });
                    assert_eq!(n, most.min(limit), "{most} {limit} {guess}");
                    assert!(n_trials <= 12, "{most} {limit} {guess}: {n_trials}");
                    if guess > 0 && guess == n {
                        assert!(n_trials <= 2);
                    }
                }
            }
        }
    }
}
