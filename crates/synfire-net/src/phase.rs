//! Phases of a gating cycle.
//!
//! A circuit driven by a ring of gates repeats itself with a fixed period. Step `t` (counted from 1)
//! has phase `(t - 1) mod period`. A [`PhaseSet`] says in which phases something may happen; engines
//! report everything outside it as a fault.

use std::fmt;

/// The longest period a [`PhaseSet`] can describe, in steps.
pub const MAX_PERIOD: u32 = 64;

/// A set of phases, each below [`MAX_PERIOD`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseSet(u64);

impl PhaseSet {
    /// The set without a phase.
    pub const EMPTY: Self = Self(0);

    /// The set of the given phases.
    ///
    /// # Panics
    /// If a phase is not below [`MAX_PERIOD`]; meant for phases written in the source text. Use
    /// [`PhaseSet::try_of`] for phases that were read from somewhere.
    #[must_use]
    pub const fn of(phases: &[u32]) -> Self {
        match Self::try_of(phases) {
            Some(set) => set,
            None => panic!("a phase lies beyond the longest period"),
        }
    }

    /// The set of the given phases, or `None` if one is not below [`MAX_PERIOD`].
    #[must_use]
    pub const fn try_of(phases: &[u32]) -> Option<Self> {
        let mut bits = 0;
        let mut idx = 0;
        while idx < phases.len() {
            if phases[idx] >= MAX_PERIOD {
                return None;
            }
            bits |= 1 << phases[idx];
            idx += 1;
        }
        Some(Self(bits))
    }

    /// Whether `phase` belongs to the set.
    #[must_use]
    pub const fn contains(self, phase: u32) -> bool {
        phase < MAX_PERIOD && self.0 >> phase & 1 == 1
    }

    /// Whether no phase belongs to the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The phases of the set in ascending order.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        (0..MAX_PERIOD).filter(move |&phase| self.contains(phase))
    }

    /// The largest phase of the set.
    #[must_use]
    pub const fn last(self) -> Option<u32> {
        self.0.checked_ilog2()
    }

    /// The phases of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Every phase moved later by `steps`, around a ring of `period` phases.
    ///
    /// # Panics
    /// If the period is 0 or above [`MAX_PERIOD`].
    #[must_use]
    pub fn shifted(self, steps: u32, period: u32) -> Self {
        assert!((1..=MAX_PERIOD).contains(&period), "period is {period}, expected 1 to 64");
        let mut moved = 0;
        for phase in self.iter() {
            moved |= 1 << ((phase + steps % period) % period);
        }
        Self(moved)
    }
}

impl fmt::Display for PhaseSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, phase) in self.iter().enumerate() {
            if idx > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{phase}")?;
        }
        Ok(())
    }
}

/// The ring of gates that gives a network its period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gating {
    /// Length of a gating cycle in steps, 1 to [`MAX_PERIOD`].
    pub period: u32,
    /// The gates of the ring in the order in which the pulse visits them, each a layer of one neuron and
    /// each once; empty where the pulses come from outside.
    pub chain: Vec<crate::LayerId>,
}

impl Gating {
    /// The phase of a step counted from 1; step 0, before the first, has the last phase.
    ///
    /// # Panics
    /// If the period is 0, which it is in no [`Network`](crate::Network).
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a remainder is below the period, a u32")]
    pub const fn phase(&self, step: u64) -> u32 {
        let period = self.period as u64;
        ((step % period + period - 1) % period) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_is_the_step_before_modulo_the_period() {
        let gating = Gating { period: 12, chain: Vec::new() };
        assert_eq!([0, 1, 12, 13, 24].map(|step| gating.phase(step)), [11, 0, 11, 0, 11]);
    }

    #[test]
    fn sets_shift_around_the_ring() {
        let set = PhaseSet::of(&[1, 7, 11]);
        assert_eq!(set.shifted(5, 12), PhaseSet::of(&[0, 4, 6]));
        assert_eq!(set.to_string(), "1, 7, 11");
        assert_eq!(set.last(), Some(11));
        assert_eq!(PhaseSet::try_of(&[64]), None);
        assert!(!set.contains(200));
    }
}
