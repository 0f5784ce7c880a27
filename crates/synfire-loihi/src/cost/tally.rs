//! What was counted, by phase and core, with the times of steps added up.
//!
//! A step lasts as long as its busiest core: times cannot be worked out from sums afterwards, so that they
//! are added up step by step, by every set of constants of the meter. Energies can.

use super::constants::ConstantSet;
use super::counts::Counts;
use super::estimate::{Estimate, StepTime};
use super::learning::LearningVisits;
use crate::place::CoreId;
use synfire_net::Network;

/// Operations of a stretch of steps. Counts are exact, and times exact by their constants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    cores: Vec<CoreId>,
    visits: LearningVisits,
    sets: Vec<ConstantSet>,
    learns_delays: bool,
    phases: Vec<Phase>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Phase {
    n_steps: u64,
    /// One per core.
    counts: Vec<Counts>,
    /// One per set of constants, without barriers.
    times: Vec<StepTime>,
}

/// Why two tallies cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tallies differ in {what}, expected those of meters made alike")]
pub struct TallyMismatch {
    what: &'static str,
}

impl Tally {
    pub(super) fn new(
        network: &Network,
        cores: &[CoreId],
        visits: LearningVisits,
        sets: &[ConstantSet],
    ) -> Self {
        let n_phases = network.gating().map_or(1, |gating| gating.period as usize);
        let learns_delays = network.projections().iter().any(|projection| {
            projection.plasticity.as_ref().is_some_and(|how| how.rules.delay.is_some())
        });
        let phase = Phase {
            n_steps: 0,
            counts: vec![Counts::default(); cores.len()],
            times: vec![StepTime::default(); sets.len()],
        };
        Self {
            cores: cores.to_vec(),
            visits,
            sets: sets.to_vec(),
            learns_delays,
            phases: vec![phase; n_phases],
        }
    }

    /// The same without a step.
    pub(super) fn emptied(&self) -> Self {
        let mut tally = self.clone();
        for phase in &mut tally.phases {
            phase.n_steps = 0;
            phase.counts.fill(Counts::default());
            phase.times.fill(StepTime::default());
        }
        tally
    }

    pub(super) fn add_step(&mut self, phase: u32, cores: &[Counts], longest_ps: &[u64]) {
        let phase = &mut self.phases[phase as usize];
        phase.n_steps += 1;
        for (sum, counts) in phase.counts.iter_mut().zip(cores) {
            *sum += counts;
        }
        for ((time, set), &longest) in phase.times.iter_mut().zip(&self.sets).zip(longest_ps) {
            time.busiest_ps += cores.iter().map(|counts| set.busy_ps(counts)).max().unwrap_or(0);
            time.way_ps += u128::from(longest);
        }
    }

    /// Adds what was counted in other steps.
    ///
    /// # Errors
    /// A tally of a meter with other cores, phases, sets of constants or learning visits; nothing is changed
    /// then.
    pub fn add(&mut self, other: &Self) -> Result<(), TallyMismatch> {
        let alike = [
            (self.cores == other.cores, "cores"),
            (self.phases.len() == other.phases.len(), "number of phases"),
            (self.sets == other.sets, "sets of constants"),
            (self.visits == other.visits, "learning visits"),
            (self.learns_delays == other.learns_delays, "whether delays learn"),
        ];
        if let Some(&(_, what)) = alike.iter().find(|(equal, _)| !equal) {
            return Err(TallyMismatch { what });
        }
        for (phase, other) in self.phases.iter_mut().zip(&other.phases) {
            phase.n_steps += other.n_steps;
            for (sum, counts) in phase.counts.iter_mut().zip(&other.counts) {
                *sum += counts;
            }
            for (sum, time) in phase.times.iter_mut().zip(&other.times) {
                sum.busiest_ps += time.busiest_ps;
                sum.way_ps += time.way_ps;
            }
        }
        Ok(())
    }

    /// Number of steps.
    #[must_use]
    pub fn n_steps(&self) -> u64 {
        self.phases.iter().map(|phase| phase.n_steps).sum()
    }

    /// Number of phases: the period of the network's ring, or 1.
    #[must_use]
    pub fn n_phases(&self) -> usize {
        self.phases.len()
    }

    /// Number of steps that had a phase; 0 for a phase that does not exist.
    #[must_use]
    pub fn n_steps_of(&self, phase: usize) -> u64 {
        self.phases.get(phase).map_or(0, |phase| phase.n_steps)
    }

    /// The cores, in the order of the placement.
    #[must_use]
    pub fn cores(&self) -> &[CoreId] {
        &self.cores
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

    /// The sets of constants by which steps were priced.
    #[must_use]
    pub fn sets(&self) -> &[ConstantSet] {
        &self.sets
    }

    /// All operations.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.phases.iter().flat_map(|phase| &phase.counts).sum()
    }

    /// The operations of the steps of a phase; none for a phase that does not exist.
    #[must_use]
    pub fn of_phase(&self, phase: usize) -> Counts {
        self.phases.get(phase).map(|phase| phase.counts.iter().sum()).unwrap_or_default()
    }

    /// The operations of a core, by position in [`Tally::cores`]; none for a core that does not exist.
    #[must_use]
    pub fn of_core(&self, core_idx: usize) -> Counts {
        self.phases.iter().filter_map(|phase| phase.counts.get(core_idx)).sum()
    }

    /// The operations of a core in the steps of a phase; none where one of them does not exist.
    #[must_use]
    pub fn of_phase_and_core(&self, phase: usize, core_idx: usize) -> Counts {
        let counts = self.phases.get(phase).and_then(|phase| phase.counts.get(core_idx));
        counts.copied().unwrap_or_default()
    }

    /// Energy and time by a set of constants; `None` if the meter did not price by it.
    #[must_use]
    pub fn estimate(&self, set: &ConstantSet) -> Option<Estimate> {
        let at = self.sets.iter().position(|known| known == set)?;
        let times: Vec<StepTime> = self.phases.iter().map(|phase| phase.times[at]).collect();
        Some(Estimate::new(self, *set, &times))
    }
}
