//! One product of a rule: what the chip multiplies, how wide it holds it, what it cuts off.

use super::{Moment, Reading};
use crate::fixed::saturate;
use crate::limits::{DELAY_BITS, FLAG_BITS, REWARD_BITS, RULE_BITS, SYNAPTIC_BITS, TRACE_BITS};
use synfire_net::rule::{Dependency, Factor, Product, Variable};

/// `gate * mantissa * 2^exponent * operands`, ready to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MicroProduct {
    pub(super) gate: Gate,
    mantissa: i8,
    exponent: i8,
    operands: Vec<Operand>,
    /// Bits by which the product of the operands is shifted down.
    excess: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    X0,
    Y0,
    Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    X0,
    Y0,
    Sum { variable: Variable, constant: i8 },
    Sign { variable: Variable, constant: i8 },
}

impl MicroProduct {
    pub(super) fn new(product: &Product, scale_bits: u32) -> Self {
        let gate = match product.gate() {
            Dependency::X0 => Gate::X0,
            Dependency::Y0 => Gate::Y0,
            Dependency::U(_) => Gate::Turn,
        };
        let operands: Vec<_> = product.factors().iter().copied().map(Operand::new).collect();
        let width: u32 = operands.iter().map(|operand| operand.width()).sum();
        let excess = (width + scale_bits).saturating_sub(RULE_BITS);
        Self { gate, mantissa: product.mantissa(), exponent: product.exponent(), operands, excess }
    }

    /// Whether it is made of nothing but spikes and reward.
    pub(super) fn is_of_spikes(&self) -> bool {
        let reads_reward = |variable| matches!(variable, Variable::R0 | Variable::R1);
        self.gate != Gate::Turn
            && self.operands.iter().all(|operand| match operand {
                Operand::X0 | Operand::Y0 => true,
                Operand::Sum { variable, .. } => reads_reward(*variable),
                Operand::Sign { .. } => false,
            })
    }

    /// The product in 1/128 of a unit, saturated to 16 bits, by the chip's integer steps.
    pub(super) fn evaluate(&self, moment: &Moment) -> i32 {
        let reading = match self.gate {
            Gate::X0 if moment.x0 => &moment.at_pre,
            Gate::Y0 if moment.y0 => &moment.at_post,
            Gate::Turn if moment.turn => &moment.at_end,
            _ => return 0,
        };
        // At most six factors of nine bits and a sign: below 2^58.
        let mut product = i64::from(self.mantissa);
        for operand in &self.operands {
            product *= i64::from(operand.held(moment, reading));
        }
        // The scaling down is not made good again: that is what the chip does.
        let scaled = i128::from(product >> self.excess) << self.shift();
        let end = 1_i128 << RULE_BITS;
        #[expect(clippy::cast_possible_truncation, reason = "16 bits fit into 32")]
        let held = scaled.clamp(-end, end - 1) as i32;
        held
    }

    /// From the product to 1/128 of a unit; the exponent is at least -7.
    const fn shift(&self) -> u32 {
        (self.exponent + 7).unsigned_abs() as u32
    }
}

impl Operand {
    const fn new(factor: Factor) -> Self {
        match factor {
            Factor::X0 => Self::X0,
            Factor::Y0 => Self::Y0,
            Factor::Sum { variable, constant } => Self::Sum { variable, constant },
            Factor::Sign { variable, constant } => Self::Sign { variable, constant },
        }
    }

    /// The value as wide as the chip holds it.
    fn held(self, moment: &Moment, reading: &Reading) -> i32 {
        let end = 1 << self.width();
        match self {
            Self::X0 => moment.x0.into(),
            Self::Y0 => moment.y0.into(),
            Self::Sum { variable, constant } => {
                let sum = value(variable, moment, reading) + i32::from(constant);
                saturate(sum, -end, end - 1)
            }
            Self::Sign { variable, constant } => {
                (value(variable, moment, reading) + i32::from(constant)).signum()
            }
        }
    }

    const fn width(self) -> u32 {
        match self {
            Self::X0 | Self::Y0 => FLAG_BITS,
            Self::Sum { variable, .. } | Self::Sign { variable, .. } => match variable {
                Variable::X1 | Variable::X2 | Variable::Y1 | Variable::Y2 | Variable::Y3 => {
                    TRACE_BITS
                }
                Variable::R0 => FLAG_BITS,
                Variable::R1 => REWARD_BITS,
                Variable::W | Variable::T => SYNAPTIC_BITS,
                Variable::D => DELAY_BITS,
            },
        }
    }
}

fn value(variable: Variable, moment: &Moment, reading: &Reading) -> i32 {
    match variable {
        Variable::X1 => reading.x1.into(),
        Variable::X2 => reading.x2.into(),
        Variable::Y1 => reading.y1.into(),
        Variable::Y2 => reading.y2.into(),
        Variable::Y3 => reading.y3.into(),
        Variable::R0 => moment.r0.into(),
        Variable::R1 => moment.r1.into(),
        Variable::W => moment.weight.into(),
        Variable::D => moment.delay.into(),
        Variable::T => moment.tag.into(),
    }
}
