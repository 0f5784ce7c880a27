//! Neurons: numbers at the ends of their ranges, thresholds low enough to be passed often.

use proptest::prelude::*;
use proptest::sample::select;

use super::{Reach, Scope};
use crate::{Decay, Neuron, Noise, NoiseTarget, Refractory};

/// Beyond this a voltage is clamped and a current wraps: 24 bits with sign.
const STATE_END: i64 = (1 << 23) - 1;

pub(super) fn neuron(reach: Reach, scope: Scope) -> impl Strategy<Value = Neuron> {
    let refractory = prop_oneof![
        6 => select(vec![1_u8, 2, 3]),
        1 => select(vec![62_u8, 63]),
        1 => 1_u8..=63,
    ]
    .prop_map(|steps| Refractory::new(steps).expect("1 to 63 steps"));
    let noise = match scope {
        Scope::Ideal => Just(None).boxed(),
        Scope::Whole => prop::option::weighted(0.25, noise()).boxed(),
    };
    let decays = (decay(reach), decay(reach));
    (decays, threshold(reach), bias(reach), refractory, limits(reach), noise).prop_map(
        |((current_decay, voltage_decay), threshold, bias, refractory, (floor, ceiling), noise)| {
            Neuron {
                current_decay,
                voltage_decay,
                threshold,
                bias,
                refractory,
                voltage_floor: floor,
                voltage_ceiling: ceiling,
                noise,
            }
        },
    )
}

/// Up to 2^6 times 127, and a mean of up to half of that: as much as a few small weights.
fn noise() -> impl Strategy<Value = Noise> {
    let target = select(vec![NoiseTarget::Current, NoiseTarget::Voltage]);
    let mantissa_offset = prop_oneof![3 => Just(0_i8), 1 => select(vec![-1, 1])];
    (target, 0_u8..=13, mantissa_offset).prop_map(|(target, exponent, mantissa_offset)| Noise {
        target,
        exponent,
        mantissa_offset,
    })
}

/// The largest magnitude that noise adds in a step, wherever it does.
pub(super) fn largest_noise(neuron: &Neuron) -> i64 {
    neuron.noise.map_or(0, Noise::largest_charge)
}

fn noise_onto(neuron: &Neuron, target: NoiseTarget) -> i64 {
    neuron.noise.filter(|noise| noise.target == target).map_or(0, Noise::largest_charge)
}

fn decay(reach: Reach) -> impl Strategy<Value = Decay> {
    let slow = if reach == Reach::Wrapping { 8 } else { 2 };
    prop_oneof![
        3 => Just(4096_u16),
        slow => select(vec![0_u16, 1, 2]),
        2 => select(vec![128_u16, 1024, 2048, 4095]),
        2 => 0_u16..=4096,
    ]
    .prop_map(|value| Decay::new(value).expect("0 to 4096"))
}

/// A multiple of 64; a weight unit is worth one of them.
fn threshold(reach: Reach) -> impl Strategy<Value = i32> {
    let largest = if reach == Reach::Wrapping { 131_071 } else { 40_000 };
    prop_oneof![
        6 => 0..=8,
        4 => 0..=128,
        1 => select(vec![512, 1024]),
        1 => select(vec![largest, largest - 1]),
    ]
    .prop_map(|mantissa| mantissa * 64)
}

/// A mantissa of 13 bits times a power of two: multiples of 64 and others.
fn bias(reach: Reach) -> impl Strategy<Value = i32> {
    let large = if reach == Reach::Wrapping { 4 } else { 1 };
    let mantissa = prop_oneof![2 => select(vec![-4096, 4095, -1, 1]), 1 => -4096..=4095];
    prop_oneof![
        6 => Just(0),
        3 => (-64..=64, 0..=4).prop_map(|(mantissa, exponent)| mantissa << exponent),
        2 => -4096..=4095,
        large => (mantissa, 0..=7).prop_map(|(mantissa, exponent)| mantissa << exponent),
    ]
}

/// Floors are -(2^n) + 1 and ceilings 2^(9 + 2m) - 1, as on the chip.
fn limits(reach: Reach) -> impl Strategy<Value = (Option<i32>, Option<i32>)> {
    let last = if reach == Reach::Wrapping { 31 } else { 22 };
    let floor = (0_u32..=last).prop_map(|n| i32::try_from(-(1_i64 << n) + 1).expect("n up to 31"));
    let ceiling = (0..=7).prop_map(|m| (1 << (9 + 2 * m)) - 1);
    (prop::option::weighted(0.2, floor), prop::option::weighted(0.1, ceiling))
}

/// Makes sure that current and voltage stay within their registers for `n_steps` steps, if the input
/// of every step is within `-input..=input`, which is at most 2^21.
pub(super) fn bound(neuron: &mut Neuron, input: i64, n_steps: u32) {
    if is_bounded(neuron, input, n_steps) {
        return;
    }
    neuron.voltage_floor.get_or_insert(-(1 << 20) + 1);
    if !is_bounded(neuron, input, n_steps) {
        // 2^21 of current, 2^19 of bias, 2^14 of noise, a threshold below 2^22: the sum is within 2^23.
        neuron.current_decay = Decay::CLEAR;
    }
}

fn is_bounded(neuron: &Neuron, input: i64, n_steps: u32) -> bool {
    let bias = i64::from(neuron.bias).abs() + noise_onto(neuron, NoiseTarget::Voltage);
    let floor = neuron.voltage_floor.map_or(i64::MIN, i64::from);
    let (mut current, mut lowest) = (0, 0_i64);
    for _ in 0..n_steps {
        // Decays are monotonic: the largest input of every step gives the largest state.
        current = neuron.current_decay.apply(current) + input;
        let reached = neuron.voltage_decay.apply(lowest) - current - bias;
        // A voltage that does not end in a spike is at most the threshold.
        let highest = i64::from(neuron.threshold) + current + bias;
        if current + bias > STATE_END || reached < -STATE_END || highest > STATE_END {
            return false;
        }
        lowest = reached.max(floor);
    }
    true
}
