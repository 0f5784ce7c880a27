//! The published costs of an operation, as two sets of constants, each value with its source.
//!
//! Both sets are read through others, and neither is a measurement of a single operation: [`DAVIES_2018`] is
//! a simulation of the circuit before the chip existed, [`SANA_FE`] a fit to measurements of a board. What a set
//! does not publish is taken from the other and marked [`Origin::Borrowed`]. Energies are femtojoules, times
//! picoseconds, so that every published value is an integer.

use super::counts::{Counts, Operation};
use crate::place::Hops;

/// Leakage of one chip in milliwatts: 3.34 W over 32 chips (Frady and others, 2020, as quoted by others; the
/// supply voltage is not stated). One milliwatt is one femtojoule in each picosecond.
pub const STATIC_POWER_MW_PER_CHIP: u32 = 104;

/// Whether a constant is the set's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The source of the set gives it.
    Published,
    /// The source of the set does not give it; it is that of the set of this name.
    Borrowed(&'static str),
}

/// The cost of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Energy in femtojoules.
    pub energy_fj: u32,
    /// Time in picoseconds.
    pub time_ps: u32,
    /// Whether the set publishes it.
    pub origin: Origin,
}

impl Price {
    const fn published(energy_fj: u32, time_ps: u32) -> Self {
        Self { energy_fj, time_ps, origin: Origin::Published }
    }

    const fn borrowed(self, from: &'static str) -> Self {
        Self { origin: Origin::Borrowed(from), ..self }
    }
}

/// How long all cores wait for each other at the end of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Barrier {
    /// With one tile in use, in picoseconds.
    pub one_tile_ps: u32,
    /// With 32 tiles in use, in picoseconds, at least as long.
    pub all_tiles_ps: u32,
}

impl Barrier {
    /// The barrier over this many tiles, in picoseconds: along a straight line from 1 to 32 tiles, rounded to
    /// the nearest, half up. Only the two ends are published, and nothing for more than one chip: above 32 tiles
    /// it is that of 32.
    #[must_use]
    pub const fn time_ps(self, n_tiles: usize) -> u64 {
        let beyond_first = match n_tiles {
            0 => 0,
            1..=32 => n_tiles as u64 - 1,
            _ => 31,
        };
        let difference = self.all_tiles_ps.saturating_sub(self.one_tile_ps) as u64;
        self.one_tile_ps as u64 + (difference * beyond_first * 2 + 31) / 62
    }
}

/// The costs of all operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the price of the operation of its name")]
pub struct ConstantSet {
    /// A short name for reports, unique among the sets of one meter.
    pub name: &'static str,
    /// Where the set comes from.
    pub source: &'static str,
    pub active_update: Price,
    pub inactive_update: Price,
    pub spiking_update: Price,
    pub synaptic_operation: Price,
    pub learning_visit: Price,
    pub sending: Price,
    pub arrival: Price,
    pub east_west_hop: Price,
    pub north_south_hop: Price,
    pub barrier: Barrier,
}

/// Table 2 of Davies and others, IEEE Micro 38(1), 2018: simulation of the circuit at 0.75 V before there was
/// silicon, reported consistent with early silicon. Read through quotations and the source of SANA-FE.
///
/// | constant | value | remark |
/// |---|---|---|
/// | active update | 81 pJ, 8.4 ns | "neuron update, active" |
/// | inactive update | 52 pJ, 5.3 ns | "neuron update, inactive" |
/// | synaptic operation | 23.6 pJ, 3.5 ns | published as the least energy and the longest time |
/// | learning visit | 120 pJ, 6.1 ns | "synaptic update, pairwise STDP": other rules may differ |
/// | arrival | 1.7 pJ, 2.1 ns | "spike within a tile" |
/// | hop east-west | 3.0 pJ, 4.1 ns | |
/// | hop north-south | 4.0 pJ, 6.5 ns | |
/// | barrier | 113 to 465 ns | for 1 to 32 tiles; no energy published |
/// | spiking update | 69.3 pJ, 30 ns | not published: borrowed from SANA-FE; part of it may be in the active update |
/// | sending | 76.8 pJ, 7.6 ns | not published: borrowed from SANA-FE |
pub const DAVIES_2018: ConstantSet = ConstantSet {
    name: "davies-2018",
    source: "Davies et al., IEEE Micro 38(1), 2018, Table 2 (simulated, 0.75 V), as quoted by others",
    active_update: Price::published(81_000, 8_400),
    inactive_update: Price::published(52_000, 5_300),
    spiking_update: SPIKING_UPDATE.borrowed(SANA_FE_NAME),
    synaptic_operation: Price::published(23_600, 3_500),
    learning_visit: LEARNING_VISIT,
    sending: SENDING.borrowed(SANA_FE_NAME),
    arrival: Price::published(1_700, 2_100),
    east_west_hop: Price::published(3_000, 4_100),
    north_south_hop: Price::published(4_000, 6_500),
    barrier: Barrier { one_tile_ps: 113_000, all_tiles_ps: 465_000 },
};

/// The file `arch/loihi.yaml` of the simulator SANA-FE (Boyle and others), which its authors calibrated
/// against a Nahuku board. Other versions of the file differ by some percent, that of sending by half.
///
/// | constant | value | remark |
/// |---|---|---|
/// | active update | 72.8 pJ, 9.7 ns | |
/// | inactive update | 51.2 pJ, 6.0 ns | |
/// | spiking update | 69.3 pJ, 30 ns | on top of the active update |
/// | synaptic operation | 35.5 pJ, 4.0 ns | |
/// | sending | 76.8 pJ, 7.6 ns | outgoing axon |
/// | arrival | 0 pJ, 2.1 ns | the file has 1.7 pJ switched off: it is in other constants of the fit |
/// | hop east-west | 3.0 pJ, 4.1 ns | |
/// | hop north-south | 4.2 pJ, 6.5 ns | |
/// | barrier | 299 ns | whatever the number of tiles |
/// | learning visit | 120 pJ, 6.1 ns | the simulator does not learn: borrowed from Davies 2018 |
pub const SANA_FE: ConstantSet = ConstantSet {
    name: SANA_FE_NAME,
    source: "SANA-FE (Boyle et al.), arch/loihi.yaml, calibrated against a Nahuku board",
    active_update: Price::published(72_800, 9_700),
    inactive_update: Price::published(51_200, 6_000),
    spiking_update: SPIKING_UPDATE,
    synaptic_operation: Price::published(35_500, 4_000),
    learning_visit: LEARNING_VISIT.borrowed("davies-2018"),
    sending: SENDING,
    arrival: Price::published(0, 2_100),
    east_west_hop: Price::published(3_000, 4_100),
    north_south_hop: Price::published(4_200, 6_500),
    barrier: Barrier { one_tile_ps: 299_000, all_tiles_ps: 299_000 },
};

const SANA_FE_NAME: &str = "sana-fe";
/// Of SANA-FE.
const SPIKING_UPDATE: Price = Price::published(69_300, 30_000);
/// Of SANA-FE.
const SENDING: Price = Price::published(76_800, 7_600);
/// Of Davies 2018.
const LEARNING_VISIT: Price = Price::published(120_000, 6_100);

impl ConstantSet {
    /// Both sets.
    pub const ALL: [Self; 2] = [DAVIES_2018, SANA_FE];

    /// The price of an operation.
    #[must_use]
    pub const fn price(&self, operation: Operation) -> Price {
        match operation {
            Operation::ActiveUpdate => self.active_update,
            Operation::InactiveUpdate => self.inactive_update,
            Operation::SpikingUpdate => self.spiking_update,
            Operation::SynapticDelivery => self.synaptic_operation,
            Operation::LearningVisit => self.learning_visit,
            Operation::Sending => self.sending,
            Operation::Arrival => self.arrival,
            Operation::EastWestHop => self.east_west_hop,
            Operation::NorthSouthHop => self.north_south_hop,
        }
    }

    /// The energy of one kind of operation, in femtojoules.
    pub(super) fn energy_fj(&self, operation: Operation, counts: &Counts) -> u128 {
        u128::from(counts.of(operation)) * u128::from(self.price(operation).energy_fj)
    }

    /// How long a core is busy with these operations, in picoseconds.
    pub(super) fn busy_ps(&self, counts: &Counts) -> u128 {
        let times = Operation::SERIAL.map(|operation| {
            u128::from(counts.of(operation)) * u128::from(self.price(operation).time_ps)
        });
        times.iter().sum()
    }

    /// How long a message is on its way, in picoseconds.
    pub(super) fn way_ps(&self, hops: Hops) -> u64 {
        let hop = |n: u32, price: Price| u64::from(n) * u64::from(price.time_ps);
        u64::from(self.arrival.time_ps)
            .saturating_add(hop(hops.east_west, self.east_west_hop))
            .saturating_add(hop(hops.north_south, self.north_south_hop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_barrier_grows_from_one_tile_to_all() {
        let davies = |n| DAVIES_2018.barrier.time_ps(n);
        assert_eq!([0, 1, 32, 33, 1000].map(davies), [113_000, 113_000, 465_000, 465_000, 465_000]);
        // 113 ns and 352 ns / 31 = 11.354838... for each further tile.
        assert_eq!([2, 3, 17].map(davies), [124_355, 135_710, 294_677]);
        assert_eq!([1, 7, 32].map(|n| SANA_FE.barrier.time_ps(n)), [299_000; 3]);
    }

    /// What is marked as borrowed is the other set's own value, and nothing else is marked.
    #[test]
    fn borrowed_prices_are_those_of_the_other_set() {
        for (set, other) in [(DAVIES_2018, SANA_FE), (SANA_FE, DAVIES_2018)] {
            let mut borrowed = Vec::new();
            for operation in Operation::ALL {
                let (price, lent) = (set.price(operation), other.price(operation));
                if let Origin::Borrowed(from) = price.origin {
                    assert_eq!(from, other.name);
                    assert_eq!(lent.origin, Origin::Published);
                    assert_eq!((price.energy_fj, price.time_ps), (lent.energy_fj, lent.time_ps));
                    borrowed.push(operation);
                }
            }
            let expected: &[Operation] = if set.name == "davies-2018" {
                &[Operation::SpikingUpdate, Operation::Sending]
            } else {
                &[Operation::LearningVisit]
            };
            assert_eq!(borrowed, expected);
        }
    }
}
