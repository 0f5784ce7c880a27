//! A second count, of every compartment and every synapse in every step, from the spikes of a run.

use std::collections::{BTreeMap, BTreeSet};
use synfire_loihi::Program;
use synfire_loihi::cost::{ConstantSet, Counts, LearningVisits};
use synfire_loihi::place::{Placement, hops};
use synfire_net::rule::{Dependency, Factor};
use synfire_net::{LayerId, Observer};

/// Who spiked when.
#[derive(Default)]
pub(crate) struct Spikes(BTreeSet<(u64, LayerId, u32)>);

impl Observer for Spikes {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.0.extend(neurons.iter().map(|&neuron| (step, layer, neuron)));
    }
}

pub(crate) struct Recount {
    /// By phase and core.
    pub(crate) counts: BTreeMap<(usize, usize), Counts>,
    /// By phase, the work of the busiest core and the longest way, for one set of constants.
    pub(crate) times: BTreeMap<usize, [u128; 2]>,
}

pub(crate) fn recount(
    program: &Program,
    placement: &Placement,
    spikes: &Spikes,
    n_steps: u64,
    visits: LearningVisits,
    set: &ConstantSet,
) -> Recount {
    let mut recount = Recount { counts: BTreeMap::new(), times: BTreeMap::new() };
    for step in 1..=n_steps {
        let phase = program.network().phase(step).unwrap_or(0) as usize;
        let mut cores = vec![Counts::default(); placement.cores().len()];
        updates(program, placement, spikes, step, &mut cores);
        let way = delivery(program, placement, spikes, step, set, &mut cores);
        learning(program, placement, spikes, step, visits, &mut cores);
        let busy = cores.iter().map(|counts| {
            let work = [
                (counts.active_updates, set.active_update),
                (counts.inactive_updates, set.inactive_update),
                (counts.spiking_updates, set.spiking_update),
                (counts.synaptic_operations, set.synaptic_operation),
                (counts.learning_visits, set.learning_visit),
                (counts.messages, set.sending),
            ];
            work.iter().map(|(n, price)| u128::from(*n) * u128::from(price.time_ps)).sum()
        });
        let busiest: u128 = busy.max().unwrap_or(0);
        let times = recount.times.entry(phase).or_default();
        *times = [times[0] + busiest, times[1] + way];
        for (core, counts) in cores.iter().enumerate() {
            *recount.counts.entry((phase, core)).or_default() += counts;
        }
    }
    recount
}

fn updates(
    program: &Program,
    placement: &Placement,
    Spikes(spikes): &Spikes,
    step: u64,
    cores: &mut [Counts],
) {
    let network = program.network();
    let mut receives = BTreeSet::new();
    for id in network.projection_ids() {
        let projection = network.projection(id);
        for synapse in network.synapses(id) {
            let sent = step.checked_sub(1 + u64::from(synapse.delay.get()));
            if sent.is_some_and(|sent| spikes.contains(&(sent, projection.source, synapse.source)))
            {
                receives.insert((projection.target, synapse.target));
            }
        }
    }
    for (core, counts) in placement.cores().iter().zip(cores) {
        let mut n_places = 0;
        for slice in &core.slices {
            let has_noise = network.layer(slice.layer).neuron().unwrap().noise.is_some();
            for neuron in slice.first..slice.first + slice.n {
                n_places += 1;
                let spiked = spikes.contains(&(step, slice.layer, neuron));
                if spiked {
                    counts.spiking_updates += 1;
                }
                if spiked || has_noise || receives.contains(&(slice.layer, neuron)) {
                    counts.active_updates += 1;
                } else {
                    counts.inactive_updates += 1;
                }
            }
        }
        while n_places % 4 != 0 {
            n_places += 1;
            counts.inactive_updates += 1;
        }
    }
}

/// Returns the longest way of a message.
fn delivery(
    program: &Program,
    placement: &Placement,
    Spikes(spikes): &Spikes,
    step: u64,
    set: &ConstantSet,
    cores: &mut [Counts],
) -> u128 {
    let network = program.network();
    let mut longest = 0;
    for id in network.projection_ids() {
        let projection = network.projection(id);
        let mut axons = BTreeSet::new();
        for synapse in network.synapses(id) {
            if spikes.contains(&(step, projection.source, synapse.source)) {
                let to = placement.core_of(projection.target, synapse.target).unwrap();
                cores[to].synaptic_operations += 1;
                axons.insert((synapse.source, to));
            }
        }
        for (source, to) in axons {
            let Some(from) = placement.core_of(projection.source, source) else {
                cores[to].input_messages += 1;
                continue;
            };
            let hops = hops(placement.cores()[from].id, placement.cores()[to].id);
            let counts = &mut cores[from];
            counts.messages += 1;
            if hops.east_west == 0 && hops.north_south == 0 {
                counts.tile_local_messages += 1;
            }
            counts.east_west_hops += u64::from(hops.east_west);
            counts.north_south_hops += u64::from(hops.north_south);
            counts.chip_hops += u64::from(hops.chips);
            let way = u128::from(set.arrival.time_ps)
                + u128::from(hops.east_west) * u128::from(set.east_west_hop.time_ps)
                + u128::from(hops.north_south) * u128::from(set.north_south_hop.time_ps);
            longest = longest.max(way);
        }
    }
    longest
}

fn learning(
    program: &Program,
    placement: &Placement,
    Spikes(spikes): &Spikes,
    step: u64,
    visits: LearningVisits,
    cores: &mut [Counts],
) {
    let network = program.network();
    for id in network.projection_ids() {
        let projection = network.projection(id);
        let Some(plasticity) = &projection.plasticity else { continue };
        let period = u64::from(plasticity.period.get());
        if !step.is_multiple_of(period) {
            continue;
        }
        let spiked = |layer, neuron| {
            (step - period + 1..=step).any(|step| spikes.contains(&(step, layer, neuron)))
        };
        for synapse in network.synapses(id) {
            let x0 = spiked(projection.source, synapse.source);
            let y0 = spiked(projection.target, synapse.target);
            let mut products = plasticity.rules.iter().flat_map(|(_, rule)| rule.products());
            let is_reached = products.any(|product| {
                let gate = match product.gate() {
                    Dependency::X0 => x0,
                    Dependency::Y0 => y0,
                    Dependency::U(k) => (step / period).is_multiple_of(1 << k),
                };
                gate && product.factors().iter().all(|factor| match factor {
                    Factor::X0 => x0,
                    Factor::Y0 => y0,
                    _ => true,
                })
            });
            let core = placement.core_of(projection.target, synapse.target).unwrap();
            if is_reached {
                cores[core].rule_evaluations += 1;
            }
            if is_reached || visits == LearningVisits::All {
                cores[core].learning_visits += 1;
            }
        }
    }
}
