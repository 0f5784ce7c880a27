//! Placement: which compartments are on which core of which chip.
//!
//! [`place`] distributes the neurons of a [`Program`] so that no core has more of anything than
//! [`ChipLimits`] allows and all compartments of a core agree in what the core has only once. What a layer
//! computes does not depend on where it is; placement says whether a network fits a chip, what binds, and how
//! far spikes travel.
//!
//! ```
//! use std::sync::Arc;
//! use synfire_loihi::lower;
//! use synfire_loihi::place::{PlaceOptions, Resource, place};
//! use synfire_loihi::synfire_net::{
//!     Connectivity, Delay, NetworkBuilder, Neuron, Refractory, Weights,
//! };
//!
//! let mut builder = NetworkBuilder::new("dense");
//! let input = builder.sources("input", 400);
//! let hidden = builder.neurons("hidden", 400, Neuron::memoryless(65536, 0, Refractory::TWO));
//! let weights = Weights::Uniform(1);
//! builder.connect("w", input, hidden, Connectivity::AllToAll { weights, delay: Delay::ZERO });
//! let program = lower(Arc::new(builder.build()?))?;
//!
//! // 400 axons of 400 synapses are 22,800 words, of which a core has 16,384.
//! let placement = place(&program, &PlaceOptions::default())?;
//! assert_eq!(placement.cores().len(), 2);
//! let core = &placement.cores()[0];
//! assert_eq!(core.usage.binding(placement.limits()).0, Resource::SynapseWords);
//! assert_eq!(placement.core_of(hidden, 399), Some(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is counted
//! - An **axon** runs from one neuron or source, for one projection, to one core that holds at least one of
//!   its targets. It takes one input slot there, two if the projection learns, and one output slot on the core
//!   of its neuron. Sources are on the host and take no output slots.
//! - **Synaptic memory**: groups of at most 64 synapses, each with a head of 10 bits in whole words of 64 bits.
//!   A synapse has its weight bits, a delay if the projection has one, a tag if its rules have one, and an
//!   index of 6 to 12 bits unless the targets of every axon of the projection on this core are consecutive
//!   compartments that begin below 256.
//! - **Profiles, formats, traces, rules**: how many different ones a core needs.
//!
//! # Order
//! 1. Populations named by hand ([`Manual`]) go where they are told.
//! 2. The other layers fill further cores, greedily, in several orders, again and again until no core has too
//!    many leaving axons; the result with the fewest cores is kept.
//! 3. Those cores are moved about on the mesh while that shortens the ways of axons.
//!
//! Everything is deterministic. A better placement may exist: that fewer cores do not suffice is not proven.
//!
//! # What it does not do
//! Merging the axons of several projections, axons that stand for a population of neurons, and the order of
//! learning axons behind the others are not modelled; nor are embedded processors and what the host needs.

mod arrange;
mod by_hand;
mod error;
mod greedy;
mod limits;
mod load;
mod manual;
mod memory;
mod mesh;
mod outgoing;
mod placement;
mod settings;
mod table;
mod usage;
mod wiring;

pub use self::error::{PlaceError, PlaceErrors, Setting};
pub use self::limits::{ChipLimits, LOIHI, MESH_CORES};
pub use self::manual::{Manual, ManualError, ManualPopulation};
pub use self::mesh::{CORES_PER_TILE, CoreId, Hops, TILE_COLUMNS, hops};
pub use self::placement::{Core, Placement, Route, Slice, Totals};
pub use self::settings::CoreSettings;
pub use self::usage::{Resource, Usage};

use self::by_hand::ByHand;
use self::greedy::{Planner, leaving};
use self::load::Load;
use self::wiring::Wiring;
use crate::program::Program;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What placement has to keep to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceOptions {
    /// The budgets; those of the chip, [`LOIHI`], by default.
    pub limits: ChipLimits,
    /// What is placed by hand; nothing by default.
    pub manual: Manual,
}

/// Distributes the neurons of a program over cores and chips.
///
/// # Errors
/// What stands in the way of populations placed by hand, and neurons that no core can hold, all at once; if
/// there is nothing of that kind, too many leaving axons of cores filled by hand, or too few cores.
pub fn place(program: &Program, options: &PlaceOptions) -> Result<Placement, PlaceErrors> {
    let limits = &options.limits;
    let wiring = Wiring::new(program);
    let by_hand = ByHand::new(&wiring, limits, &options.manual);
    let open_layers: Vec<bool> = by_hand.named.iter().map(|named| !named).collect();
    let placed: Vec<Load> = by_hand.cores.values().cloned().collect();
    let planner = Planner { wiring: &wiring, limits, open_layers: &open_layers, placed: &placed };
    if !by_hand.errors.is_empty() {
        let mut errors = by_hand.errors;
        errors.extend(planner.problems());
        return Err(PlaceErrors(errors));
    }
    let (loads, outgoing) = planner.plan().map_err(PlaceErrors)?;
    let mut errors = by_hand.output_errors(&wiring, limits, &outgoing);
    let n_cores = (placed.len() + loads.len()) as u64;
    if let Some(allowed) = limits.n_cores().filter(|&allowed| n_cores > allowed) {
        errors.push(PlaceError::Cores { found: n_cores, allowed });
    }
    let mut ids: Vec<CoreId> = by_hand.cores.keys().copied().collect();
    if errors.is_empty() {
        ids.extend(free_cores(limits, &ids).take(loads.len()));
        let numbered = ids.iter().zip(placed.iter().chain(&loads)).skip(placed.len());
        let overflow =
            numbered.filter_map(|(&id, load)| by_hand::overflow(id, load, limits, &outgoing));
        errors.extend(overflow.map(|(core, layer, found)| PlaceError::Core {
            layer: wiring.name(layer),
            core,
            resource: Resource::OutputSlots,
            found,
            allowed: limits.output_slots,
        }));
    }
    if !errors.is_empty() {
        return Err(PlaceErrors(errors));
    }
    let n_placed = placed.len();
    let mut loads: Vec<Load> = placed.into_iter().chain(loads).collect();
    for load in &mut loads {
        load.output_slots = leaving(load, &outgoing);
    }
    let layout = outgoing::layout(&wiring, loads.iter());
    let routes = outgoing::routes(&wiring, &layout);
    let chips: BTreeSet<u32> = ids.iter().map(|id| id.chip).collect();
    let places: Vec<CoreId> = chips
        .into_iter()
        .flat_map(|chip| (0..limits.chip_cores()).map(move |core| CoreId { chip, core }))
        .collect();
    arrange::arrange(&mut ids, n_placed, &places, &routes);
    Ok(assemble(program, limits, &wiring, &loads, &ids, &routes))
}

/// Cores that are not taken, from the first on.
fn free_cores(limits: &ChipLimits, taken: &[CoreId]) -> impl Iterator<Item = CoreId> + use<> {
    let taken: BTreeSet<CoreId> = taken.iter().copied().collect();
    let n_cores = limits.chip_cores();
    let all = (0..).flat_map(move |chip| (0..n_cores).map(move |core| CoreId { chip, core }));
    all.filter(move |id| !taken.contains(id))
}

fn assemble(
    program: &Program,
    limits: &ChipLimits,
    wiring: &Wiring<'_>,
    loads: &[Load],
    ids: &[CoreId],
    routes: &BTreeMap<(usize, usize), u32>,
) -> Placement {
    let mut order: Vec<usize> = (0..loads.len()).collect();
    order.sort_by_key(|&at| ids[at]);
    let mut positions = vec![0; loads.len()];
    for (core_idx, &at) in order.iter().enumerate() {
        positions[at] = core_idx;
    }
    let mut slices: Vec<Vec<Slice>> = vec![Vec::new(); wiring.parts.len()];
    let mut cores = Vec::with_capacity(loads.len());
    for (core_idx, &at) in order.iter().enumerate() {
        let load = &loads[at];
        let on_core: Vec<Slice> = load
            .runs
            .iter()
            .map(|loaded| Slice {
                layer: wiring.layer_ids[loaded.layer],
                first: loaded.run.first,
                n: loaded.run.n,
                core_idx,
                offset: loaded.offset,
            })
            .collect();
        for slice in &on_core {
            slices[slice.layer.index()].push(*slice);
        }
        let (usage, settings) = (load.usage(wiring), load.needs.settle());
        cores.push(Core { id: ids[at], slices: on_core, usage, settings });
    }
    for slices in &mut slices {
        slices.sort_by_key(|slice| slice.first);
    }
    let mut by_core: Vec<Route> = routes
        .iter()
        .map(|(&(from, to), &n_axons)| Route { from: positions[from], to: positions[to], n_axons })
        .collect();
    by_core.sort_by_key(|route| (route.from, route.to));
    Placement {
        network: Arc::clone(program.network()),
        limits: limits.clone(),
        cores,
        slices,
        routes: by_core,
        n_axon_hops: arrange::cost(ids, routes),
    }
}
