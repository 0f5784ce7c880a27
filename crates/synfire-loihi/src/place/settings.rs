//! What all compartments of a core have in common.
//!
//! A core has one number of accumulator slots, one pair of voltage limits, one noise (each profile says
//! whether its compartments take it), one learning period and one offset bit for each of the two decays. A
//! decay is the register, 0 to 4095, plus the offset: a decay of 0 needs the offset 0, one of 4096 the
//! offset 1, and every other decay can do with either.

use super::error::Setting;
use crate::compartment::VoltageLimits;
use synfire_net::{Decay, LearningPeriod, Noise};

/// The settings of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreSettings {
    /// Accumulator slots of each compartment: 8, 16, 32 or 64.
    pub n_accumulators: u8,
    /// Whether 1 is added to the register of each current decay; where that is open, yes, as the chip does
    /// by default.
    pub current_decay_offset: bool,
    /// Whether 1 is added to the register of each voltage decay; where that is open, no, as the chip does
    /// by default.
    pub voltage_decay_offset: bool,
    /// Where voltages are clamped.
    pub voltage_limits: VoltageLimits,
    /// The noise of those compartments whose profile has the noise flag.
    pub noise: Option<Noise>,
    /// How often the synapses of the core learn, if some do.
    pub learning_period: Option<LearningPeriod>,
}

/// The offset bit that a decay needs, if it needs a certain one.
pub(super) fn offset_of(decay: Decay) -> Option<bool> {
    match decay {
        Decay::NONE => Some(false),
        Decay::CLEAR => Some(true),
        _ => None,
    }
}

/// What the compartments of a layer, or those of a core so far, ask of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// Accumulator slots that the longest delay needs.
    pub(super) least_accumulators: u8,
    /// Accumulator slots that someone asked for.
    pub(super) fixed_accumulators: Option<u8>,
    pub(super) current_offset: Option<bool>,
    pub(super) voltage_offset: Option<bool>,
    pub(super) voltage_limits: VoltageLimits,
    pub(super) noise: Option<Noise>,
    pub(super) learning_period: Option<LearningPeriod>,
}

impl Needs {
    /// What both ask for. Where they contradict each other the first stands and the setting is reported;
    /// that too few accumulator slots were asked for is not a contradiction but a delay that does not fit.
    pub(super) fn merge(self, other: &Self, mut mixed: impl FnMut(Setting)) -> Self {
        let mut either = |one: Option<bool>, two: Option<bool>, setting| {
            if one.is_some() && two.is_some() && one != two {
                mixed(setting);
            }
            one.or(two)
        };
        let current_offset =
            either(self.current_offset, other.current_offset, Setting::CurrentDecayOffset);
        let voltage_offset =
            either(self.voltage_offset, other.voltage_offset, Setting::VoltageDecayOffset);
        if self.voltage_limits != other.voltage_limits {
            mixed(Setting::VoltageLimits);
        }
        if differ(self.noise, other.noise) {
            mixed(Setting::Noise);
        }
        if differ(self.learning_period, other.learning_period) {
            mixed(Setting::LearningPeriod);
        }
        if differ(self.fixed_accumulators, other.fixed_accumulators) {
            mixed(Setting::Accumulators);
        }
        Self {
            least_accumulators: self.least_accumulators.max(other.least_accumulators),
            fixed_accumulators: self.fixed_accumulators.or(other.fixed_accumulators),
            current_offset,
            voltage_offset,
            voltage_limits: self.voltage_limits,
            noise: self.noise.or(other.noise),
            learning_period: self.learning_period.or(other.learning_period),
        }
    }

    /// Whether both can have what they ask for.
    pub(super) fn agree(&self, other: &Self) -> bool {
        let mut agree = true;
        self.merge(other, |_| agree = false);
        agree
    }

    /// The number of accumulator slots that comes of it.
    pub(super) fn n_accumulators(&self) -> u8 {
        self.fixed_accumulators.unwrap_or(self.least_accumulators)
    }

    /// The value of a setting, for messages.
    pub(super) fn describe(&self, setting: Setting) -> String {
        let bit = |offset: Option<bool>| match offset {
            None => "either".to_owned(),
            Some(offset) => u8::from(offset).to_string(),
        };
        match setting {
            Setting::CurrentDecayOffset => bit(self.current_offset),
            Setting::VoltageDecayOffset => bit(self.voltage_offset),
            Setting::VoltageLimits => {
                format!("{} to {}", self.voltage_limits.min(), self.voltage_limits.max())
            }
            Setting::Noise => self.noise.map_or_else(
                || "none".to_owned(),
                |noise| {
                    let target = match noise.target {
                        synfire_net::NoiseTarget::Current => "current",
                        synfire_net::NoiseTarget::Voltage => "voltage",
                    };
                    format!(
                        "exponent {}, offset {}, on the {target}",
                        noise.exponent, noise.mantissa_offset
                    )
                },
            ),
            Setting::LearningPeriod => self
                .learning_period
                .map_or_else(|| "none".to_owned(), |period| period.get().to_string()),
            Setting::Accumulators => self.n_accumulators().to_string(),
        }
    }

    /// The settings of the core.
    pub(super) fn settle(&self) -> CoreSettings {
        CoreSettings {
            n_accumulators: self.n_accumulators(),
            current_decay_offset: self.current_offset.unwrap_or(true),
            voltage_decay_offset: self.voltage_offset.unwrap_or(false),
            voltage_limits: self.voltage_limits,
            noise: self.noise,
            learning_period: self.learning_period,
        }
    }
}

fn differ<T: PartialEq>(one: Option<T>, two: Option<T>) -> bool {
    matches!((one, two), (Some(one), Some(two)) if one != two)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use synfire_net::NoiseTarget;

    const PLAIN: Needs = Needs {
        least_accumulators: 8,
        fixed_accumulators: None,
        current_offset: None,
        voltage_offset: None,
        voltage_limits: VoltageLimits::REGISTER,
        noise: None,
        learning_period: None,
    };

    #[test]
    fn only_the_ends_of_a_decay_fix_its_offset() {
        let offset = |decay| offset_of(Decay::new(decay).unwrap());
        assert_eq!([0, 1, 4095, 4096].map(offset), [Some(false), None, None, Some(true)]);
    }

    /// Every pair of settings that differ is named, alone; what is open goes with anything.
    #[test]
    fn contradictions_are_named() {
        let noise =
            |exponent| Some(Noise { target: NoiseTarget::Current, exponent, mantissa_offset: 0 });
        let limits = VoltageLimits::new(20, 7).unwrap();
        let period = LearningPeriod::new;
        let bits = [Some(false), Some(true)];
        let rows = [
            (Setting::CurrentDecayOffset, bits.map(|bit| Needs { current_offset: bit, ..PLAIN })),
            (Setting::VoltageDecayOffset, bits.map(|bit| Needs { voltage_offset: bit, ..PLAIN })),
            (Setting::VoltageLimits, [PLAIN, Needs { voltage_limits: limits, ..PLAIN }]),
            (Setting::Noise, [3, 4].map(|n| Needs { noise: noise(n), ..PLAIN })),
            (
                Setting::LearningPeriod,
                [1, 2].map(|n| Needs { learning_period: period(n), ..PLAIN }),
            ),
            (
                Setting::Accumulators,
                [8, 16].map(|n| Needs { fixed_accumulators: Some(n), ..PLAIN }),
            ),
        ];
        for (setting, [one, two]) in rows {
            let mut mixed = Vec::new();
            one.merge(&two, |found| mixed.push(found));
            assert_eq!(mixed, [setting]);
            assert!(!two.agree(&one));
            assert!(one.agree(&one) && two.agree(&two));
            assert_ne!(one.describe(setting), two.describe(setting));
            if setting != Setting::VoltageLimits {
                assert!(PLAIN.agree(&one) && two.agree(&PLAIN));
                assert_eq!(PLAIN.merge(&one, |_| ()), one);
            }
        }
    }

    #[test]
    fn the_longest_delay_counts() {
        let long = Needs { least_accumulators: 64, ..PLAIN };
        assert_eq!(PLAIN.merge(&long, |_| ()).settle().n_accumulators, 64);
        let settings = PLAIN.settle();
        assert!(settings.current_decay_offset && !settings.voltage_decay_offset);
    }
}
