//! Parameters of an integer leaky integrate-and-fire neuron with a decaying current.
//!
//! All quantities are exact integers in units of charge, of which one weight unit is 64 (the `gain` of
//! a projection says how many units one unit of its weight carries). What a step does with the
//! parameters is clause S2 of `docs/semantics.md`; which of them a chip can hold is the chip's business.

use crate::Noise;
use serde::{Deserialize, Serialize};

/// Loss of current or voltage per step in 1/4096: 0 keeps everything, 4096 clears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u16")]
pub struct Decay(u16);

impl Decay {
    /// Nothing is lost.
    pub const NONE: Self = Self(0);
    /// Everything is lost: a neuron without memory.
    pub const CLEAR: Self = Self(4096);

    /// Returns `None` above 4096. There is no rounding constructor: callers decide.
    #[must_use]
    pub const fn new(value: u16) -> Option<Self> {
        if value <= 4096 { Some(Self(value)) } else { None }
    }

    /// The loss per step in 1/4096.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// What is left of `state` after one step, its magnitude rounded down.
    ///
    /// Exact for every `state` whose magnitude is below 2^50, far above anything a network can hold.
    #[must_use]
    pub const fn apply(self, state: i64) -> i64 {
        let kept = 4096 - self.0 as u64;
        // The chip shifts the magnitude and restores the sign; shifting the signed value would leave
        // -1 stuck at -1 for ever.
        let magnitude = (state.unsigned_abs() * kept) >> 12;
        magnitude.cast_signed() * state.signum()
    }
}

impl TryFrom<u16> for Decay {
    type Error = String;
    fn try_from(value: u16) -> Result<Self, String> {
        Self::new(value).ok_or_else(|| format!("decay is {value}, expected 0 to 4096"))
    }
}

/// From an integer of any size, so that a message can name the range.
impl TryFrom<i64> for Decay {
    type Error = String;
    fn try_from(value: i64) -> Result<Self, String> {
        let short = u16::try_from(value).ok();
        short.and_then(Self::new).ok_or_else(|| format!("decay is {value}, expected 0 to 4096"))
    }
}

impl From<Decay> for u16 {
    fn from(decay: Decay) -> Self {
        decay.0
    }
}

/// Least number of steps from one spike to the next, 1 to 63: after a spike at step t the neuron is
/// held at voltage 0 until step t + `refractory` - 1 and may spike again at t + `refractory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct Refractory(u8);

impl Refractory {
    /// No step is held: the neuron may spike in consecutive steps.
    pub const ONE: Self = Self(1);
    /// The step after a spike is held.
    pub const TWO: Self = Self(2);

    /// Returns `None` outside 1..=63.
    #[must_use]
    pub const fn new(steps: u8) -> Option<Self> {
        if steps >= 1 && steps <= 63 { Some(Self(steps)) } else { None }
    }

    /// Steps from a spike to the earliest next one.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Refractory {
    type Error = String;
    fn try_from(value: u8) -> Result<Self, String> {
        Self::new(value).ok_or_else(|| format!("refractory period is {value}, expected 1 to 63"))
    }
}

/// From an integer of any size, so that a message can name the range.
impl TryFrom<i64> for Refractory {
    type Error = String;
    fn try_from(value: i64) -> Result<Self, String> {
        let short = u8::try_from(value).ok();
        short
            .and_then(Self::new)
            .ok_or_else(|| format!("refractory period is {value}, expected 1 to 63"))
    }
}

impl From<Refractory> for u8 {
    fn from(refractory: Refractory) -> Self {
        refractory.0
    }
}

/// What every neuron of a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neuron {
    /// Loss of current per step.
    pub current_decay: Decay,
    /// Loss of voltage per step.
    pub voltage_decay: Decay,
    /// The neuron spikes when its voltage is strictly above this, in units of charge.
    pub threshold: i32,
    /// Added to the voltage in every step that is not held, in units of charge.
    pub bias: i32,
    /// Least number of steps between spikes.
    pub refractory: Refractory,
    /// The voltage is never below this, at most 0; `None` leaves the limit to the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voltage_floor: Option<i32>,
    /// The voltage is never above this, at least 0; `None` leaves the limit to the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voltage_ceiling: Option<i32>,
    /// Pseudo-random charge in every step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
}

impl Neuron {
    /// A neuron without memory: current and voltage of a step depend on the input of that step only.
    #[must_use]
    pub const fn memoryless(threshold: i32, bias: i32, refractory: Refractory) -> Self {
        Self {
            current_decay: Decay::CLEAR,
            voltage_decay: Decay::CLEAR,
            threshold,
            bias,
            refractory,
            voltage_floor: None,
            voltage_ceiling: None,
            noise: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decay_rounds_the_magnitude_down() {
        // Rows of a register table recorded from a public emulator of the chip (chip fact C4).
        let rows = [(1000, 0, 1000), (1000, 1, 999), (-1000, 1, -999), (1, 1, 0), (-1, 1, 0)];
        for (state, decay, left) in rows {
            assert_eq!(Decay::new(decay).map(|d| d.apply(state)), Some(left));
        }
        assert_eq!(Decay::CLEAR.apply(-8_388_607), 0);
        assert_eq!(Decay::NONE.apply(-8_388_607), -8_388_607);
        assert_eq!(Decay::new(4097), None);
    }

    #[test]
    fn refractory_is_one_to_sixty_three() {
        assert_eq!(Refractory::new(0), None);
        assert_eq!(Refractory::new(64), None);
        assert_eq!(Refractory::new(63).map(Refractory::get), Some(63));
    }
}
