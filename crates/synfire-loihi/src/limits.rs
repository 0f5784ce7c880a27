//! How wide the chip's registers are, in one place.
//!
//! Each constant is the width or range of one quantity, with its source. Checks and error messages
//! elsewhere follow from these. Budgets of a core or of the whole chip (compartments, synaptic memory,
//! axons) limit where things are placed, not what they compute; they are in [`place`](crate::place).
//!
//! Sources: the parameter table of a public description of the chip's compartments and synapses, which
//! three open emulators (Brian2Loihi, Lava, nengo-loihi) implement alike unless a line says otherwise.

use std::ops::RangeInclusive;

/// Magnitude bits of the current and of current plus bias: 24-bit two's complement.
pub const STATE_BITS: u32 = 23;
/// Magnitude bits of the synaptic input of one step: 22-bit two's complement.
pub const INPUT_BITS: u32 = 21;
/// Largest voltage; the smallest is its negative. The voltage is clamped, not wrapped.
pub const VOLTAGE_END: i32 = (1 << STATE_BITS) - 1;
/// Binary places of a decay constant: 4096 stands for losing everything.
pub const DECAY_BITS: u32 = 12;
/// Charge of one weight unit and of one unit of the threshold mantissa, as a power of two.
pub const UNIT_BITS: u32 = 6;
/// Largest magnitude of the effective weight of one synapse, in units of charge.
pub const EFFECTIVE_WEIGHT_END: i32 = (1 << INPUT_BITS) - (1 << UNIT_BITS);

/// Threshold mantissa, 17 bits unsigned.
pub const THRESHOLD_MANTISSA: RangeInclusive<i32> = 0..=131_071;
/// Bias mantissa, 13 bits signed.
pub const BIAS_MANTISSA: RangeInclusive<i16> = -4096..=4095;
/// Bias exponent, 3 bits unsigned.
pub const BIAS_EXPONENT: RangeInclusive<u8> = 0..=7;
/// Exponent n of the voltage floor -(2^n) + 1.
pub const FLOOR_EXPONENT: RangeInclusive<u8> = 0..=31;
/// Exponent m of the voltage ceiling 2^(9 + 2m) - 1.
pub const CEILING_EXPONENT: RangeInclusive<u8> = 0..=7;
/// Decay constant as a register holds it, before the offset bit is added, 12 bits unsigned.
pub const DECAY_REGISTER: RangeInclusive<u16> = 0..=4095;

/// Weight exponent of a synapse format, 4 bits signed.
pub const WEIGHT_EXPONENT: RangeInclusive<i8> = -8..=7;
/// Codes of the number of weight bits; 7 does not exist (nengo-loihi).
pub const WEIGHT_BITS: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 8];

/// Accumulator slots that a compartment can have. With A slots a delay can be 0 to A - 2.
pub const ACCUMULATORS: [u8; 4] = [8, 16, 32, 64];

/// Magnitude bits of the accumulator in which a rule is evaluated: 16-bit two's complement.
pub const RULE_BITS: u32 = 15;
/// Binary places below a weight unit in that accumulator.
pub const RULE_FRACTION_BITS: u32 = 7;
/// Width of a trace, 0 to 127, in bits (published).
pub const TRACE_BITS: u32 = 7;
/// Width of the reward trace, 0 to 127, in bits. Its width and sign on the chip are not public.
pub const REWARD_BITS: u32 = 7;
/// Width of a spike flag used as a factor, for overflow accounting, in bits.
pub const FLAG_BITS: u32 = 1;
/// Width of a weight or a tag used as a factor, in bits besides the sign.
pub const SYNAPTIC_BITS: u32 = 9;
/// Width of a delay used as a factor, in bits: 6, as the field has. Lava, for Loihi 2, counts 9.
pub const DELAY_BITS: u32 = 6;
/// Width of a scale's mantissa for overflow accounting, in bits: 3 in nengo-loihi, which documents it
/// as what the chip does. Lava has 4; see [`RuleArithmetic`](crate::RuleArithmetic).
pub const SCALE_BITS: u32 = 3;
/// Tag of a synapse, 9 bits signed (published). Lava's code reaches one further down.
pub const TAG: RangeInclusive<i16> = -256..=255;
