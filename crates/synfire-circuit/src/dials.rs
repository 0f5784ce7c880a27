//! The fixed strengths of a circuit, and how the sized circuit chooses them.
//!
//! All strengths count charge in units of 64, the chip's weight unit. The *published* circuit gives a
//! plastic weight unit the weight of one such unit; the *sized* circuit halves it, which loses nothing
//! because plastic weights are even, and leaves twice the room before a sum wraps around.
//!
//! # How much room there is
//! A gated population with bias -B and threshold T rests as long as its input of a step is at most
//! A = T + B (the *activation*). A gate adds G = A - 512u to open it at 512, where u is the size of one
//! plastic unit. An echo of the forward potential z then stays silent under inhibition I if
//! u z <= A + I, its sum does not wrap if u z >= I - 32768, and in the phase that is meant to see it,
//! the population at threshold 0 does not wrap if u z <= 32767 - A. With B at its limit of 8192, one may
//! choose T. The three bounds are equal near A = 10922, I = 10923: then |u z| may reach 21845. The
//! nearest strengths that eight-bit mantissas hold are A = 10880 and, for symmetric sums, I = 10944, good
//! for |z| up to 43,648 at u = 1/2, against 41,984 with the published threshold.

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

/// The fixed strengths of a circuit, in units of 64 but for the gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dials {
    /// Charge of one unit of a plastic weight: 64 published, 32 sized.
    pub plastic_gain: i32,
    /// Threshold of the gated populations.
    pub threshold: i32,
    /// Threshold of the gates, which have no bias.
    pub gate_threshold: i32,
    /// Opens a population at 512: `g`.
    pub gate: i32,
    /// Opens a population at 1024: `g-`.
    pub gate_high: i32,
    /// On top of `gate`, opens a population at 0: `g+`.
    pub gate_extra: i32,
    /// On top of `gate`, opens the error population at the error threshold.
    pub error_extra: i32,
    /// A spike of one neuron to one neuron: `1`, and with the other sign `-1`.
    pub one: i32,
    /// Holds the hidden populations down while the input is replayed: `i`, negative.
    pub hold_hidden: i32,
    /// Holds the output populations down while the hidden activity is replayed: `i`, negative.
    pub hold_output: i32,
    /// Holds the error populations down while the output spikes: `i`, negative.
    pub hold_error: i32,
    /// Passes the pulse from gate to gate.
    pub ring: i32,
}

impl Dials {
    /// The published strengths.
    #[must_use]
    pub const fn published() -> Self {
        Self {
            plastic_gain: 64,
            threshold: 1024,
            gate_threshold: 1024,
            gate: 8704,
            gate_high: 8192,
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
        Self {
            plastic_gain: 32,
            threshold: activation + BIAS,
            gate_threshold: 512,
            gate: activation - 256,
            gate_high: activation - 512,
            gate_extra: 256,
            error_extra: 256 - error_threshold / 2,
            one: 260,
            hold_hidden: hold(n_active),
            hold_output: hold(n_hidden),
            hold_error: hold(n_outputs),
            ring: 4640,
        }
    }
}

/// The nearest strength at or below `strength` that is a multiple of 64 with an eight-bit mantissa.
fn representable(strength: i64) -> i32 {
    (strength / 64).clamp(0, 255) as i32 * 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sized_circuit_leaves_the_room_its_documentation_states() {
        let dials = Dials::sized(170, 170, 10, 0);
        let activation = dials.threshold - BIAS;
        assert_eq!(activation, 10_880);
        let (lowest, highest) = (-128 * 170, 127 * 170);
        assert!(highest <= activation - dials.hold_hidden, "echo stays silent");
        assert!(lowest >= -32_768 - dials.hold_hidden, "echo does not wrap");
        assert!(highest <= 32_767 - activation, "the open phase does not wrap");
        let wide = Dials::sized(784, 400, 10, 0);
        assert_eq!(wide.hold_hidden, -10_496);
    }

    #[test]
    fn gates_open_at_their_thresholds() {
        for (dials, unit) in [(Dials::published(), 2), (Dials::sized(100, 100, 10, 0), 1)] {
            let fires = |input: i32, z: i32| input + z * unit / 2 + BIAS > dials.threshold;
            for z in [-1026, -1024, -2, 0, 2, 510, 512, 514, 1022, 1024, 1026] {
                assert_eq!(fires(dials.gate, z), z > 512);
                assert_eq!(fires(dials.gate + dials.gate_extra, z), z > 0);
                assert_eq!(fires(dials.gate_high, z), z > 1024);
            }
            assert!(fires(dials.gate + dials.one, 0));
            assert!(!fires(dials.gate, 0) && !fires(dials.gate + dials.one - dials.one, 0));
            assert!(!fires(dials.one, 0) && dials.ring > dials.gate_threshold);
        }
    }
}
