//! One compartment: its parameters, its state and its update within a single time step.
//!
//! A compartment holds a current and a voltage, both 24-bit integers. In each step it
//!
//! 1. takes the synaptic input delivered for this step, which wraps at 22 bits;
//! 2. decays the current and adds the input, which wraps at 24 bits;
//! 3. unless it is held after a spike, adds the bias to the new current, which wraps at 24 bits,
//!    decays the voltage, adds the sum and clamps;
//! 4. spikes if the voltage is strictly above the threshold, and then resets to 0 and is held.
//!
//! The order is observable and is clause S2 of `docs/semantics.md`. A held compartment stays at
//! voltage 0 and ignores the bias, but its current goes on. A step that leaves a register says so in
//! its [`Outcome`]; whether that is a fault is for the engine to decide. Noise, if there is any, is added
//! to the input before 1 or to the sum in 3. Compartments joined to trees and threshold homeostasis are not
//! modelled.

use crate::fixed::{decay, wrap};
use crate::limits::{
    BIAS_EXPONENT, BIAS_MANTISSA, CEILING_EXPONENT, FLOOR_EXPONENT, INPUT_BITS, STATE_BITS,
    THRESHOLD_MANTISSA, UNIT_BITS, VOLTAGE_END,
};
use synfire_net::{Decay, FaultKind, Noise, NoiseTarget, Refractory};

/// Threshold of a compartment: a mantissa of 17 bits, times 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold(i32);

impl Threshold {
    /// Returns `None` outside 0..=131071.
    #[must_use]
    pub fn new(threshold_mantissa: i32) -> Option<Self> {
        THRESHOLD_MANTISSA.contains(&threshold_mantissa).then_some(Self(threshold_mantissa))
    }

    /// The threshold of exactly `charge`, if the chip can hold it.
    #[must_use]
    pub fn from_charge(charge: i32) -> Option<Self> {
        if charge % (1 << UNIT_BITS) == 0 { Self::new(charge >> UNIT_BITS) } else { None }
    }

    /// The mantissa as the chip stores it.
    #[must_use]
    pub const fn mantissa(self) -> i32 {
        self.0
    }

    /// The threshold in units of charge.
    #[must_use]
    pub const fn charge(self) -> i32 {
        self.0 << UNIT_BITS
    }
}

/// Bias of a compartment: `mantissa * 2^exponent` units of charge, without a factor of 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bias {
    mantissa: i16,
    exponent: u8,
    /// Mantissa and exponent multiplied out, once and not in every step.
    charge: i32,
}

impl Bias {
    /// No bias.
    pub const NONE: Self = Self { mantissa: 0, exponent: 0, charge: 0 };

    /// Returns `None` for a mantissa outside -4096..=4095 or an exponent above 7.
    #[must_use]
    pub fn new(mantissa: i16, exponent: u8) -> Option<Self> {
        (BIAS_MANTISSA.contains(&mantissa) && BIAS_EXPONENT.contains(&exponent)).then(|| Self {
            mantissa,
            exponent,
            charge: i32::from(mantissa) << exponent,
        })
    }

    /// The bias of exactly `charge` with the smallest exponent, if the chip can hold it.
    #[must_use]
    pub fn from_charge(charge: i32) -> Option<Self> {
        BIAS_EXPONENT.filter(|&exponent| charge % (1 << exponent) == 0).find_map(|exponent| {
            i16::try_from(charge >> exponent)
                .ok()
                .and_then(|mantissa| Self::new(mantissa, exponent))
        })
    }

    /// The mantissa as the chip stores it.
    #[must_use]
    pub const fn mantissa(self) -> i16 {
        self.mantissa
    }

    /// The exponent as the chip stores it.
    #[must_use]
    pub const fn exponent(self) -> u8 {
        self.exponent
    }

    /// The bias in units of charge.
    #[must_use]
    pub const fn charge(self) -> i32 {
        self.charge
    }
}

/// Limits of the voltage. The chip has one pair per core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoltageLimits {
    floor_exponent: u8,
    ceiling_exponent: u8,
    /// The limits that the exponents stand for, worked out once and not in every step.
    min: i32,
    max: i32,
}

impl VoltageLimits {
    /// The ends of the voltage register.
    pub const REGISTER: Self =
        Self { floor_exponent: 23, ceiling_exponent: 7, min: -VOLTAGE_END, max: VOLTAGE_END };

    /// A floor of -(2^n) + 1 and a ceiling of 2^(9 + 2m) - 1; `None` for n above 31 or m above 7.
    #[must_use]
    pub fn new(floor_exponent: u8, ceiling_exponent: u8) -> Option<Self> {
        if !FLOOR_EXPONENT.contains(&floor_exponent)
            || !CEILING_EXPONENT.contains(&ceiling_exponent)
        {
            return None;
        }
        // A floor exponent above 23 lies outside the register.
        let min = if floor_exponent > 23 { -VOLTAGE_END } else { 1 - (1 << floor_exponent) };
        let max = (1 << (9 + 2 * ceiling_exponent)) - 1;
        Some(Self { floor_exponent, ceiling_exponent, min, max })
    }

    /// The n of a floor of exactly `charge`.
    #[must_use]
    pub fn floor_exponent_of(charge: i32) -> Option<u8> {
        FLOOR_EXPONENT.into_iter().find(|&n| -(1_i64 << n) + 1 == i64::from(charge))
    }

    /// The m of a ceiling of exactly `charge`.
    #[must_use]
    pub fn ceiling_exponent_of(charge: i32) -> Option<u8> {
        CEILING_EXPONENT.into_iter().find(|&m| (1 << (9 + 2 * m)) - 1 == charge)
    }

    /// The n of the floor, as the chip stores it.
    #[must_use]
    pub const fn floor_exponent(self) -> u8 {
        self.floor_exponent
    }

    /// The m of the ceiling, as the chip stores it.
    #[must_use]
    pub const fn ceiling_exponent(self) -> u8 {
        self.ceiling_exponent
    }

    /// The smallest voltage in units of charge: the floor, or the end of the register if that is nearer.
    #[must_use]
    pub const fn min(self) -> i32 {
        self.min
    }

    /// The largest voltage in units of charge.
    #[must_use]
    pub const fn max(self) -> i32 {
        self.max
    }
}

/// Parameters of a compartment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompartmentConfig {
    /// Loss of current per step, effective; see
    /// [`decay_from_register`](crate::fixed::decay_from_register) for register values.
    pub current_decay: Decay,
    /// Loss of voltage per step, effective.
    pub voltage_decay: Decay,
    /// The compartment spikes strictly above this.
    pub threshold: Threshold,
    /// Added to the current on its way to the voltage, unless held.
    pub bias: Bias,
    /// Least number of steps between spikes: after a spike all but one of them are held.
    pub refractory: Refractory,
    /// Where the voltage is clamped.
    pub voltage_limits: VoltageLimits,
    /// What is added at random, and where.
    pub noise: Option<Noise>,
}

/// The charge that a random word stands for: of the numbers from -127 to 127 it picks one, each as likely
/// as any other to one part in 2^24, which [`Noise::charge`] scales. Within 24 bits if the network is valid.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "below 255, and within a register")]
pub const fn noise_charge(noise: Noise, word: u32) -> i32 {
    let drawn = ((word as u64 * 255) >> 32) as i16 - 127;
    noise.charge(drawn as i8) as i32
}

/// State of a compartment between two steps; all zero before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compartment {
    /// Current, 24 bits, in units of charge.
    pub current: i32,
    /// Voltage, within the limits of the configuration, in units of charge.
    pub voltage: i32,
    /// Steps that are still held.
    pub held: u8,
}

impl Compartment {
    /// The state of these values, which are known to fit their registers.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "24 bits")]
    pub const fn of(current: i64, voltage: i64, held: u8) -> Self {
        Self { current: current as i32, voltage: voltage as i32, held }
    }
}

/// What a step did: whether it spiked, and the exact sums before each limit took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the compartment spiked.
    pub spiked: bool,
    /// Whether some limit took effect; [`CompartmentConfig::faults`] says which of them are faults.
    pub limited: bool,
    input: i32,
    current: i32,
    biased_current: i32,
    voltage: i32,
}

impl CompartmentConfig {
    /// Runs one step on `state` with the exact sum of the input delivered for it, without noise.
    #[inline]
    pub fn step(&self, state: &mut Compartment, input: i32) -> Outcome {
        self.advance(state, input, 0)
    }

    /// Runs one step on `state` with the exact sum of the input delivered for it and a charge of noise,
    /// which is added where the configuration says.
    pub fn step_with_noise(&self, state: &mut Compartment, input: i32, charge: i32) -> Outcome {
        match self.noise.map(|noise| noise.target) {
            None => self.advance(state, input, 0),
            Some(NoiseTarget::Current) => self.advance(state, input + charge, 0),
            Some(NoiseTarget::Voltage) => self.advance(state, input, charge),
        }
    }

    /// `noise` is added to current and bias.
    #[inline(always)]
    fn advance(&self, state: &mut Compartment, input: i32, noise: i32) -> Outcome {
        let held_input = wrap(input, INPUT_BITS);
        let current = decay(state.current, self.current_decay) + held_input;
        state.current = wrap(current, STATE_BITS);
        // Every wrap changes a bit; looking for changes once is cheaper than comparing three times.
        let changed_bits = (held_input ^ input) | (state.current ^ current);
        if state.held > 0 {
            state.held -= 1;
            state.voltage = 0;
            // The bias does not act on a held compartment, so it cannot overflow either.
            let (biased_current, voltage) = (0, 0);
            let limited = changed_bits != 0;
            return Outcome { spiked: false, limited, input, current, biased_current, voltage };
        }
        let biased_current = state.current + self.bias.charge() + noise;
        let drive = wrap(biased_current, STATE_BITS);
        let voltage = decay(state.voltage, self.voltage_decay) + drive;
        state.voltage = voltage.max(self.voltage_limits.min()).min(self.voltage_limits.max());
        let changed_bits = changed_bits | (drive ^ biased_current) | (state.voltage ^ voltage);
        let limited = changed_bits != 0;
        let spiked = state.voltage > self.threshold.charge();
        if spiked {
            self.reset(state);
        }
        Outcome { spiked, limited, input, current, biased_current, voltage }
    }

    /// What a spike does to the compartment that emits it.
    pub const fn reset(&self, state: &mut Compartment) {
        state.voltage = 0;
        state.held = self.refractory.get() - 1;
    }

    /// The sums of `outcome` that left their registers, in the order of the step. A voltage limit that
    /// was chosen is no fault; the end of the register is.
    pub fn faults(&self, outcome: Outcome) -> impl Iterator<Item = FaultKind> + use<> {
        let Outcome { input, current, biased_current, voltage, .. } = outcome;
        let limits = self.voltage_limits;
        let beyond_register = (voltage > limits.max() && limits.max() == VOLTAGE_END)
            || (voltage < limits.min() && limits.min() == -VOLTAGE_END);
        [
            (wrap(input, INPUT_BITS) != input)
                .then_some(FaultKind::InputWrapped { charge: input.into() }),
            (wrap(current, STATE_BITS) != current)
                .then_some(FaultKind::CurrentWrapped { charge: current.into() }),
            (wrap(biased_current, STATE_BITS) != biased_current)
                .then_some(FaultKind::BiasedCurrentWrapped { charge: biased_current.into() }),
            beyond_register.then_some(FaultKind::VoltageClamped { charge: voltage.into() }),
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn config(current_decay: u16, voltage_decay: u16, threshold: i32) -> CompartmentConfig {
        CompartmentConfig {
            current_decay: Decay::new(current_decay).unwrap(),
            voltage_decay: Decay::new(voltage_decay).unwrap(),
            threshold: Threshold::new(threshold).unwrap(),
            bias: Bias::NONE,
            refractory: Refractory::ONE,
            voltage_limits: VoltageLimits::REGISTER,
            noise: None,
        }
    }

    /// Steps once from the given current and voltage.
    fn once(
        config: CompartmentConfig,
        u: i32,
        v: i32,
        q: i32,
    ) -> (Compartment, bool, Vec<FaultKind>) {
        let mut state = Compartment { current: u, voltage: v, held: 0 };
        let outcome = config.step(&mut state, q);
        let faults: Vec<_> = config.faults(outcome).collect();
        assert!(outcome.limited || faults.is_empty());
        (state, outcome.spiked, faults)
    }

    /// Current and voltage per step.
    fn run(config: CompartmentConfig, mut state: Compartment, input: &[i32]) -> [Vec<i32>; 2] {
        let mut sequences = [Vec::new(), Vec::new()];
        for &q in input {
            config.step(&mut state, q);
            sequences[0].push(state.current);
            sequences[1].push(state.voltage);
        }
        sequences
    }

    /// Worked example E2: Brian2Loihi, Lava and nengo-loihi agree on this impulse response.
    #[test]
    fn impulse_response_agrees_with_three_emulators() {
        let mut input = [0; 11];
        input[0] = 6400;
        let u = [6400, 4800, 3600, 2700, 2025, 1518, 1138, 853, 639, 479, 359];
        let v = [6400, 10400, 12700, 13812, 14110, 13864, 13269, 12463, 11544, 10580, 9616];
        let config = config(1024, 512, 400);
        assert_eq!(run(config, Compartment::default(), &input), [u.to_vec(), v.to_vec()]);
        input[0] = -6400;
        let negated = [u.map(|x| -x).to_vec(), v.map(|x| -x).to_vec()];
        assert_eq!(run(config, Compartment::default(), &input), negated);
    }

    /// Worked example E3: voltages recorded on a chip (slayerPytorch, `LoihiData`, hidden cell; decays
    /// 1024 and 128, threshold mantissa 80, from rest).
    #[test]
    fn voltages_agree_with_a_chip() {
        let input = [2, 0, -22, -8, -28, -4, 16, 12, -24, -30, 6, -106, -2, 46, 0, -4, -22];
        let recorded = [
            128, 220, -1123, -2601, -5446, -7726, -8298, -7880, -9051, -11751, -13236, -20995,
            -26595, -27511, -27962, -28327, -29778,
        ];
        let computed = [
            128, 96, -1336, -1514, -2927, -2451, -814, 158, -1418, -2983, -1853, -8173, -6257,
            -1748, -1311, -1239, -2337,
        ];
        let input = input.map(|weight| weight * 64);
        let [u, v] = run(config(1024, 128, 80), Compartment::default(), &input);
        assert_eq!(v, recorded);
        assert_eq!(u, computed);
    }

    /// Worked example E4: the same chip recording later on, with spikes. Where the chip's probe shows
    /// its placeholder of 128, the voltage is 0.
    #[test]
    fn spikes_agree_with_a_chip() {
        let input =
            [0, 10, 8, -20, 32, 12, -4, 0, 24, 32, -12, 6, -8, 8, 2].map(|weight| weight * 64);
        let recorded =
            [2742, 3890, 0, -203, 1700, 3836, 5102, 0, 2315, 0, 2070, 3941, 4757, 0, 1040];
        let computed = [
            792, 1234, 1437, -203, 1896, 2190, 1386, 1039, 2315, 3784, 2070, 1936, 940, 1217, 1040,
        ];
        let config = config(1024, 128, 80);
        let mut state = Compartment { current: 1056, voltage: 2013, held: 0 };
        let mut spikes = Vec::new();
        for (idx, &q) in input.iter().enumerate() {
            let outcome = config.step(&mut state, q);
            assert_eq!(
                (state.current, state.voltage),
                (computed[idx], recorded[idx]),
                "sample {idx}"
            );
            if outcome.spiked {
                spikes.push(idx);
            }
        }
        assert_eq!(spikes, [2, 7, 9, 13]);
    }

    /// Worked example E5: the threshold is strict.
    #[test]
    fn threshold_is_strict() {
        let config = config(4096, 4096, 64);
        assert_eq!(
            once(config, 0, 0, 64 * 64),
            (Compartment { current: 4096, voltage: 4096, held: 0 }, false, vec![])
        );
        assert!(once(config, 0, 0, 66 * 64).1);
        // 4097 cannot come from weights, only from a bias.
        let config = CompartmentConfig { bias: Bias::from_charge(1).unwrap(), ..config };
        assert!(once(config, 0, 0, 64 * 64).1);
    }

    /// Worked example E6: constant drive of 640 with three refractory periods.
    #[test]
    fn refractory_period_counts_from_the_spike() {
        let s = 0;
        let rows = [
            (1, vec![640, 1280, s, 640, 1280, s, 640, 1280, s]),
            (2, vec![640, 1280, s, 0, 640, 1280, s, 0, 640, 1280, s]),
            (3, vec![640, 1280, s, 0, 0, 640, 1280, s, 0, 0, 640, 1280]),
        ];
        for (period, expected) in rows {
            let refractory = Refractory::new(period).unwrap();
            let config = CompartmentConfig { refractory, ..config(4096, 0, 20) };
            let input = vec![640; expected.len()];
            assert_eq!(run(config, Compartment::default(), &input)[1], expected);
        }
    }

    /// Worked example E7: current flows on while the compartment is held.
    #[test]
    fn current_keeps_flowing_while_held() {
        let mut input = [0; 10];
        input[0] = 6400;
        let u = [6400, 4800, 3600, 2700, 2025, 1518, 1138, 853, 639, 479];
        let s = 0;
        let rows = [
            (1, [s, 4800, s, 2700, 4725, s, 1138, 1991, 2630, 3109]),
            (2, [s, 0, 3600, s, 0, 1518, 2656, 3509, 4148, 4627]),
            (3, [s, 0, 0, 2700, 4725, s, 0, 0, 639, 1118]),
        ];
        for (period, v) in rows {
            let refractory = Refractory::new(period).unwrap();
            let config = CompartmentConfig { refractory, ..config(1024, 0, 78) };
            assert_eq!(run(config, Compartment::default(), &input), [u.to_vec(), v.to_vec()]);
        }
    }

    /// Worked example E8, from the current on (nengo-loihi).
    #[test]
    fn current_wraps_in_two_complement() {
        let memory = config(0, 4096, 131_071);
        let (state, spiked, faults) = once(memory, 8_388_000, 0, 16_320);
        assert_eq!((state.current, state.voltage, spiked), (-8_372_896, -8_372_896, false));
        assert_eq!(faults, [FaultKind::CurrentWrapped { charge: 8_404_320 }]);

        let (state, spiked, faults) = once(memory, 8_388_000, 0, 608);
        assert_eq!((state.current, state.voltage, spiked), (-8_388_608, -8_388_607, false));
        assert_eq!(
            faults,
            [
                FaultKind::CurrentWrapped { charge: 8_388_608 },
                FaultKind::VoltageClamped { charge: -8_388_608 }
            ]
        );

        let (state, spiked, faults) = once(memory, -8_388_000, 0, -608);
        assert_eq!((state.current, state.voltage, spiked), (-8_388_608, -8_388_607, false));
        assert_eq!(faults, [FaultKind::VoltageClamped { charge: -8_388_608 }]);
    }

    /// Worked example E8: too negative an input together with a bias wraps and leads to a spike.
    #[test]
    fn biased_current_wraps_and_fires() {
        let config =
            CompartmentConfig { bias: Bias::new(-4096, 7).unwrap(), ..config(0, 4096, 1024) };
        let (state, spiked, faults) = once(config, -8_000_000, 0, 0);
        assert!(spiked);
        assert_eq!(state.current, -8_000_000);
        assert_eq!(faults, [FaultKind::BiasedCurrentWrapped { charge: -8_524_288 }]);
    }

    /// Worked example E8: the voltage is clamped, and the clamp at the end of the register is reported.
    #[test]
    fn voltage_is_clamped() {
        let up = CompartmentConfig {
            bias: Bias::from_charge(524_160).unwrap(),
            ..config(4096, 0, 131_071)
        };
        let (_, spiked, faults) = once(up, 0, 8_000_000, 0);
        assert!(spiked);
        assert_eq!(faults, [FaultKind::VoltageClamped { charge: 8_524_160 }]);

        let down = CompartmentConfig { bias: Bias::new(-4096, 7).unwrap(), ..up };
        let (state, spiked, faults) = once(down, 0, -8_300_000, 0);
        assert_eq!((state.voltage, spiked), (-8_388_607, false));
        assert_eq!(faults, [FaultKind::VoltageClamped { charge: -8_824_288 }]);
    }

    /// Worked example E8, last row: a floor of 0. A limit that was chosen is no fault.
    #[test]
    fn chosen_limits_are_no_fault() {
        let limits = VoltageLimits::new(0, 7).unwrap();
        let config = CompartmentConfig { voltage_limits: limits, ..config(4096, 0, 1024) };
        let (state, _, faults) = once(config, 0, 0, -640);
        assert_eq!((state.voltage, faults), (0, vec![]));
        let (state, _, faults) = once(config, state.current, state.voltage, 1280);
        assert_eq!((state.voltage, faults), (1280, vec![]));

        let limits = VoltageLimits::new(23, 0).unwrap();
        let config = CompartmentConfig { voltage_limits: limits, ..config };
        let (state, spiked, faults) = once(config, 0, 0, 640);
        assert_eq!((state.voltage, spiked, faults), (511, false, vec![]));
    }

    /// A held compartment ignores its bias and so cannot overflow by it.
    #[test]
    fn a_held_compartment_ignores_its_bias() {
        let config = CompartmentConfig { bias: Bias::new(-4096, 7).unwrap(), ..config(0, 0, 1) };
        let mut state = Compartment { current: -8_000_000, voltage: 0, held: 1 };
        let outcome = config.step(&mut state, 64);
        assert_eq!((state.current, state.voltage, state.held), (-7_999_936, 0, 0));
        assert_eq!((outcome.spiked, outcome.limited), (false, false));
    }

    /// Worked example E9 (Lava): the bias has no factor of 64.
    #[test]
    fn bias_is_mantissa_times_a_power_of_two() {
        let config_up =
            CompartmentConfig { bias: Bias::new(100, 6).unwrap(), ..config(4096, 0, 400) };
        let v = run(config_up, Compartment::default(), &[0; 8])[1].clone();
        assert_eq!(v, [6400, 12800, 19200, 25600, 0, 6400, 12800, 19200]);
        let config =
            CompartmentConfig { bias: Bias::new(-4096, 7).unwrap(), ..config(4096, 4096, 400) };
        assert_eq!(run(config, Compartment::default(), &[0; 3])[1], [-524_288; 3]);
    }

    #[test]
    fn parameters_are_exact_or_refused() {
        assert_eq!(Threshold::from_charge(65_536).map(Threshold::mantissa), Some(1024));
        assert_eq!(Threshold::from_charge(8_388_544).map(Threshold::mantissa), Some(131_071));
        for charge in [65_537, 8_388_608, -64] {
            assert_eq!(Threshold::from_charge(charge), None);
        }
        let bias =
            |charge| Bias::from_charge(charge).map(|bias| (bias.mantissa(), bias.exponent()));
        assert_eq!(bias(-524_288), Some((-4096, 7)));
        assert_eq!(bias(4095), Some((4095, 0)));
        assert_eq!(bias(4096), Some((2048, 1)));
        assert_eq!(bias(-4096), Some((-4096, 0)));
        assert_eq!(bias(524_160), Some((4095, 7)));
        for charge in [4097, 524_288, -524_289, i32::MIN, i32::MAX] {
            assert_eq!(bias(charge), None);
        }
        assert_eq!(Bias::new(4096, 0), None);
        assert_eq!(Bias::new(0, 8), None);
    }

    /// Every bias the registers can express is found again with the same charge.
    #[test]
    fn every_bias_is_representable() {
        for exponent in BIAS_EXPONENT {
            for mantissa in BIAS_MANTISSA {
                let bias = Bias::new(mantissa, exponent).unwrap();
                let found = Bias::from_charge(bias.charge()).unwrap();
                assert_eq!(found.charge(), bias.charge());
                assert!(found.exponent() <= exponent);
            }
        }
    }

    #[test]
    fn voltage_limits_are_powers_of_two_less_one() {
        assert_eq!(
            (VoltageLimits::REGISTER.min(), VoltageLimits::REGISTER.max()),
            (-8_388_607, 8_388_607)
        );
        assert_eq!(VoltageLimits::floor_exponent_of(0), Some(0));
        assert_eq!(VoltageLimits::floor_exponent_of(-8_388_607), Some(23));
        assert_eq!(VoltageLimits::floor_exponent_of(i32::MIN + 1), Some(31));
        assert_eq!(VoltageLimits::floor_exponent_of(-8), None);
        assert_eq!(VoltageLimits::ceiling_exponent_of(511), Some(0));
        assert_eq!(VoltageLimits::ceiling_exponent_of(1023), None);
        assert_eq!(VoltageLimits::new(31, 0).map(VoltageLimits::min), Some(-8_388_607));
        assert_eq!(VoltageLimits::new(32, 0), None);
        assert_eq!(VoltageLimits::new(0, 8), None);
    }
}
