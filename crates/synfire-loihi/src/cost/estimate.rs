//! Energy and time of a tally by one set of constants: an estimate.
//!
//! Energies are sums of counts times constants. The time of a step has three parts: see [`StepTime`].
//! Everything is an integer, in femtojoules and picoseconds; only a mean over steps is rounded.

use super::constants::{ConstantSet, Price, STATIC_POWER_MW_PER_CHIP};
use super::counts::{Counts, Operation};
use super::learning::LearningVisits;
use super::tally::Tally;
use crate::place::CoreId;
use std::collections::BTreeSet;

/// The parts of the time of steps, in picoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepTime {
    /// The work of the busiest core of each step.
    pub busiest_ps: u128,
    /// The longest way of a message in each step.
    pub way_ps: u128,
    /// The barriers.
    pub barrier_ps: u128,
}

impl StepTime {
    /// All parts together.
    #[must_use]
    pub const fn total_ps(&self) -> u128 {
        self.busiest_ps + self.way_ps + self.barrier_ps
    }
}

/// The estimate for one kind of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationEstimate {
    /// The operation.
    pub operation: Operation,
    /// How often it took place.
    pub count: u64,
    /// What it costs once.
    pub price: Price,
    /// What it cost in all, in femtojoules.
    pub energy_fj: u128,
}

/// The estimate for the steps of one phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseEstimate {
    /// Number of the steps.
    pub n_steps: u64,
    /// Their energy in femtojoules.
    pub energy_fj: u128,
    /// Their time.
    pub time: StepTime,
}

/// The estimate for one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreEstimate {
    /// The core.
    pub core: CoreId,
    /// Its energy in femtojoules, with that of the messages of its neurons and of sources to it.
    pub energy_fj: u128,
    /// How long it was at work, in picoseconds.
    pub busy_ps: u128,
}

/// Energy and time of a stretch of steps by one set of constants. It prints as a table every line of which
/// says that it is an estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    set: ConstantSet,
    n_chips: usize,
    n_tiles: usize,
    visits: LearningVisits,
    learns_delays: bool,
    counts: Counts,
    operations: Vec<OperationEstimate>,
    phases: Vec<PhaseEstimate>,
    cores: Vec<CoreEstimate>,
}

impl Estimate {
    pub(super) fn new(tally: &Tally, set: ConstantSet, times: &[StepTime]) -> Self {
        let energy_of = |counts: &Counts| -> u128 {
            Operation::ALL.iter().map(|&operation| set.energy_fj(operation, counts)).sum()
        };
        let tiles: BTreeSet<_> = tally.cores().iter().map(|id| (id.chip, id.tile())).collect();
        let chips: BTreeSet<_> = tally.cores().iter().map(|id| id.chip).collect();
        let barrier = u128::from(set.barrier.time_ps(tiles.len()));
        let phases = times.iter().enumerate().map(|(phase, time)| {
            let n_steps = tally.n_steps_of(phase);
            PhaseEstimate {
                n_steps,
                energy_fj: energy_of(&tally.of_phase(phase)),
                time: StepTime { barrier_ps: barrier * u128::from(n_steps), ..*time },
            }
        });
        let cores = tally.cores().iter().enumerate().map(|(core_idx, &core)| {
            let counts = tally.of_core(core_idx);
            CoreEstimate { core, energy_fj: energy_of(&counts), busy_ps: set.busy_ps(&counts) }
        });
        let counts = tally.total();
        let operations = Operation::ALL.iter().map(|&operation| OperationEstimate {
            operation,
            count: counts.of(operation),
            price: set.price(operation),
            energy_fj: set.energy_fj(operation, &counts),
        });
        Self {
            set,
            n_chips: chips.len(),
            n_tiles: tiles.len(),
            visits: tally.visits(),
            learns_delays: tally.learns_delays(),
            counts,
            operations: operations.collect(),
            phases: phases.collect(),
            cores: cores.collect(),
        }
    }

    /// The set of constants.
    #[must_use]
    pub const fn set(&self) -> &ConstantSet {
        &self.set
    }

    /// What the learning engine was taken to look at.
    #[must_use]
    pub const fn visits(&self) -> LearningVisits {
        self.visits
    }

    /// Whether some delays learn: then compartments count as active by the delays of the program.
    #[must_use]
    pub const fn learns_delays(&self) -> bool {
        self.learns_delays
    }

    /// The operations that are priced here.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Number of chips in use.
    #[must_use]
    pub const fn n_chips(&self) -> usize {
        self.n_chips
    }

    /// Number of tiles in use, on all chips.
    #[must_use]
    pub const fn n_tiles(&self) -> usize {
        self.n_tiles
    }

    /// Number of steps.
    #[must_use]
    pub fn n_steps(&self) -> u64 {
        self.phases.iter().map(|phase| phase.n_steps).sum()
    }

    /// By kind of operation, in the order of [`Operation::ALL`].
    #[must_use]
    pub fn operations(&self) -> &[OperationEstimate] {
        &self.operations
    }

    /// By phase; one if the network has no ring.
    #[must_use]
    pub fn phases(&self) -> &[PhaseEstimate] {
        &self.phases
    }

    /// By core, in the order of the placement.
    #[must_use]
    pub fn cores(&self) -> &[CoreEstimate] {
        &self.cores
    }

    /// Energy of all operations in femtojoules, without leakage.
    #[must_use]
    pub fn energy_fj(&self) -> u128 {
        self.phases.iter().map(|phase| phase.energy_fj).sum()
    }

    /// Time of all steps in its parts.
    #[must_use]
    pub fn time(&self) -> StepTime {
        let mut sum = StepTime::default();
        for PhaseEstimate { time, .. } in &self.phases {
            sum.busiest_ps += time.busiest_ps;
            sum.way_ps += time.way_ps;
            sum.barrier_ps += time.barrier_ps;
        }
        sum
    }

    /// Time of all steps in picoseconds.
    #[must_use]
    pub fn time_ps(&self) -> u128 {
        self.time().total_ps()
    }

    /// What all chips in use leak in this time, in femtojoules; no part of [`Estimate::energy_fj`].
    #[must_use]
    pub fn static_energy_fj(&self) -> u128 {
        self.time_ps() * self.n_chips as u128 * u128::from(STATIC_POWER_MW_PER_CHIP)
    }

    /// The mean energy of so many steps in femtojoules, without leakage, rounded to the nearest, half up; 0
    /// for an estimate without steps.
    #[must_use]
    pub fn energy_fj_per(&self, n_steps: u64) -> u128 {
        self.mean(self.energy_fj(), n_steps)
    }

    /// The mean time of so many steps in picoseconds, rounded to the nearest, half up; 0 for an estimate
    /// without steps.
    #[must_use]
    pub fn time_ps_per(&self, n_steps: u64) -> u128 {
        self.mean(self.time_ps(), n_steps)
    }

    /// What all chips in use leak in so many steps, in femtojoules, rounded like the mean energy.
    #[must_use]
    pub fn static_energy_fj_per(&self, n_steps: u64) -> u128 {
        self.mean(self.static_energy_fj(), n_steps)
    }

    fn mean(&self, sum: u128, n_steps: u64) -> u128 {
        let all = u128::from(self.n_steps());
        if all == 0 {
            return 0;
        }
        // Whole shares first, so that no product grows beyond 128 bits.
        let n_steps = u128::from(n_steps);
        let rest = sum % all * n_steps;
        let rounded_up = if rest % all * 2 >= all { 1 } else { 0 };
        sum / all * n_steps + rest / all + rounded_up
    }
}
