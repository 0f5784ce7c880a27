//! The fixed strengths of a circuit, and how the sized circuit chooses them.
//!
//! All strengths count charge in units of 64, the chip's weight unit. The *published* circuit gives a
//! plastic weight unit the weight of one such unit; the *sized* circuit halves it, which loses nothing
//! because plastic weights are even, and leaves twice the room before a sum wraps around.
//!
//! # How much room there is
//! A gated population with bias -B and threshold T rests as long as its input of a step is at most
//! A = T + B (the *activation*). A gate adds G = A - 512u to open it at 512, where u is the size of one
//! plastic unit. In the phase that is meant to see a potential z, the population at threshold 0 does not
//! wrap if u z <= 32767 - A. An echo of z stays silent under inhibition I if u z <= A + I, and its sum does
//! not wrap if u z >= I - 32768.
//!
//! *Outputs* and *errors* are held by a gate, which holds all neurons alike. With B at its limit of 8192, one
//! may choose T. The three bounds are equal near A = 10922, I = 10923: then |u z| may reach 21845. The
//! nearest strengths that eight-bit mantissas hold are A = 10880 and, for symmetric sums, I = 10944, good
//! for |z| up to 43,648 at u = 1/2, against 41,984 with the published threshold.
//!
//! *Hidden* neurons meet the largest sums, those of the input, and images were seen to pass that room. There the
//! inhibition comes from the memory of the neuron's own activity: only a neuron with z > 512 is held, and all
//! others are silent by themselves, for their echo is at most 256 (and one more for each active input by what was
//! learned since). The sum of a negative z is then free of I and wraps below z = -65,536 only; and as no other
//! input of a hidden neuron is larger than a relay's, A may be small, which leaves the open phase nearly the whole
//! register: with A = 2048 and I = 28,672 the condition holds for -65,536 <= z <= 61,438.

use crate::population::Population;

/// Which form of a circuit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Synapse for synapse as the paper's authors published it, with its phantom spikes.
    Published,
    /// Sized for the sums that weights and activity allow; the default.
    #[default]
    Sized,
}

impl Form {
    /// The name used on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Sized => "sized",
        }
    }
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Form {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "published" => Ok(Self::Published),
            "sized" => Ok(Self::Sized),
            _ => Err(format!("circuit is `{text}`, expected `sized` or `published`")),
        }
    }
}

/// The bias of a gated population, the lowest the chip can hold: -4096 * 2^7 / 64.
pub(crate) const BIAS: i32 = -8192;
/// An input of one step wraps above this and below minus one more than this, in units of 64.
const INPUT_LIMIT: i64 = 32_767;

/// How the neurons of some populations rest, and what opens them, in units of 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Threshold.
    pub threshold: i32,
    /// Bias, negative.
    pub bias: i32,
    /// Opens at 512: `g`.
    pub gate: i32,
    /// Opens at 1024: `g-`.
    pub gate_high: i32,
}

impl Opening {
    /// With activation `activation`, where one unit of a plastic weight has this charge in units of 64.
    const fn of(activation: i32, threshold: i32, unit_512: i32) -> Self {
        Self {
            threshold,
            bias: threshold - activation,
            gate: activation - unit_512,
            gate_high: activation - 2 * unit_512,
        }
    }

    /// The largest input of a step at which a neuron rests.
    #[must_use]
    pub const fn activation(&self) -> i32 {
        self.threshold - self.bias
    }
}

/// The fixed strengths of a circuit, in units of 64 but for the gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dials {
    /// Charge of one unit of a plastic weight: 64 published, 32 sized.
    pub plastic_gain: i32,
    /// Of h, h<, h>.
    pub hidden: Opening,
    /// Of all other gated populations.
    pub other: Opening,
    /// Threshold of the gates, which have no bias.
    pub gate_threshold: i32,
    /// On top of `gate`, opens a population at 0: `g+`.
    pub gate_extra: i32,
    /// On top of `gate`, opens the error population at the error threshold.
    pub error_extra: i32,
    /// A spike of one neuron to one neuron: `1`, and with the other sign `-1`.
    pub one: i32,
    /// Holds the hidden populations down while the input is replayed: `i`, negative. From a gate in the published
    /// circuit, from the memory of a neuron's own activity in the sized one.
    pub hold_hidden: i32,
    /// Holds the output populations down while the hidden activity is replayed: `i`, negative.
    pub hold_output: i32,
    /// Holds the error populations down while the output spikes: `i`, negative.
    pub hold_error: i32,
    /// Passes the pulse from gate to gate.
    pub ring: i32,
}

impl Dials {
    /// How the neurons of a population rest, and what opens them; gates are not opened.
    #[must_use]
    pub const fn opening(&self, population: Population) -> Opening {
        match population {
            Population::H | Population::HLow | Population::HHigh => self.hidden,
            _ => self.other,
        }
    }

    /// The published strengths.
    #[must_use]
    pub const fn published() -> Self {
        let opening = Opening::of(1024 - BIAS, 1024, 512);
        Self {
            plastic_gain: 64,
            hidden: opening,
            other: opening,
            gate_threshold: 1024,
            gate_extra: 512,
            error_extra: 512,
            one: 520,
            hold_hidden: -8128,
            hold_output: -8128,
            hold_error: -8128,
            ring: 9280,
        }
    }

    /// Strengths for hidden potentials from at most `n_active` inputs, output potentials from at most
    /// `n_hidden` and errors from at most `n_outputs` neurons, and errors that count above
    /// `error_threshold`, which must be even.
    #[must_use]
    pub fn sized(n_active: u32, n_hidden: u32, n_outputs: u32, error_threshold: i32) -> Self {
        let activation = 10_880;
        let hold = |n_sources: u32| {
            // Sums of n halved weights lie in -128 n ..= 127 n. The middle between the least inhibition
            // that silences the largest and the most that does not wrap the smallest leaves both sides
            // the same room, or, where there is too little, lacks the same on both.
            let (lowest, highest) = (-128 * i64::from(n_sources), 127 * i64::from(n_sources));
            let least = highest - i64::from(activation);
            let most = INPUT_LIMIT + 1 + lowest;
            -representable(i64::midpoint(least, most).max(0))
        };
        let hidden_activation = hidden_activation(n_active);
        // As much room for an echo as the open phase has. No more than 8 bits twice: 32,640.
        let hold_hidden = (INPUT_LIMIT + 127 - 2 * i64::from(hidden_activation)) / 128 * 128;
        Self {
            plastic_gain: 32,
            hidden: Opening::of(hidden_activation, 512, 256),
            other: Opening::of(activation, activation + BIAS, 256),
            gate_threshold: 512,
            gate_extra: 256,
            error_extra: 256 - error_threshold / 2,
            one: 260,
            hold_hidden: -i32::try_from(hold_hidden).unwrap_or(0),
            hold_output: hold(n_hidden),
            hold_error: hold(n_outputs),
            ring: 4640,
        }
    }
}

/// The activation of hidden populations: above every relay, and above the echo of a neuron that was silent, 256,
/// with one more for each of `n_active` inputs by the potentiation before; 2048 holds 1792 of them. A multiple of
/// 64, up to the activation of the others.
fn hidden_activation(n_active: u32) -> i32 {
    let least = n_active.min(10_880).div_ceil(64) * 64 + 256;
    i32::try_from(least).unwrap_or(i32::MAX).clamp(2048, 10_880)
}

/// The nearest strength at or below `strength` that is a multiple of 64 with an eight-bit mantissa.
fn representable(strength: i64) -> i32 {
    (strength / 64).clamp(0, 255) as i32 * 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_170_active_sources_the_bounds_hold_for_outputs() {
        let dials = Dials::sized(170, 170, 10, 0);
        let activation = dials.other.activation();
        let (lowest, highest) = (-128 * 170, 127 * 170);
        assert!(highest <= activation - dials.hold_output, "echo stays silent");
        assert!(lowest >= -32_768 - dials.hold_output, "echo does not wrap");
        assert!(highest <= 32_767 - activation, "the open phase does not wrap");
    }

    /// Hidden neurons: nothing that was silent is above its activation in the echo, and the strengths are such that the
    /// chip holds them, however many inputs are active.
    #[test]
    fn hidden_populations_have_room_for_any_number_of_inputs() {
        for n_active in [0, 1, 170, 664, 1791, 1792, 1793, 4704, 10_000, 65_536] {
            let Dials { hidden, hold_hidden, .. } = Dials::sized(n_active, 400, 10, 0);
            let activation = hidden.activation();
            let n = i32::try_from(n_active).unwrap_or(i32::MAX);
            assert!(activation >= (256 + n).min(10_880), "{n_active}: {activation}");
            assert!((2048..=10_880).contains(&activation), "{n_active}: {activation}");
            assert!((-32_640..=0).contains(&hold_hidden) && hold_hidden % 128 == 0);
            // An echo as large as the open phase allows is held down, and the least of an active neuron does not wrap.
            assert!(32_767 - activation + hold_hidden <= activation, "{n_active}");
            assert!(256 + hold_hidden >= -32_768, "{n_active}");
        }
        let fashion = Dials::sized(664, 400, 10, 0);
        assert_eq!((fashion.hidden.activation(), fashion.hold_hidden), (2048, -28_672));
    }

    #[test]
    fn gates_open_at_their_thresholds() {
        for (dials, unit) in [(Dials::published(), 2), (Dials::sized(100, 100, 10, 0), 1)] {
            for Opening { threshold, bias, gate, gate_high } in [dials.hidden, dials.other] {
                let fires = |input: i32, z: i32| input + z * unit / 2 + bias > threshold;
                for z in [-1026, -1024, -2, 0, 2, 510, 512, 514, 1022, 1024, 1026] {
                    assert_eq!(fires(gate, z), z > 512);
                    assert_eq!(fires(gate + dials.gate_extra, z), z > 0);
                    assert_eq!(fires(gate_high, z), z > 1024);
                }
                assert!(fires(gate + dials.one, 0));
                assert!(!fires(gate, 0) && !fires(gate + dials.one - dials.one, 0));
                assert!(!fires(dials.one, 0) && dials.ring > dials.gate_threshold);
            }
        }
    }
}
