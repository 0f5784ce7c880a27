//! Test cases that dwell on the hard places: thresholds, limits, ties.
//!
//! Uniform weights almost never put a potential on 0, 512 or 1024 or a weight on a limit. The
//! strategies here choose weights near limits and zero, and then **steer** chosen potentials of the
//! first sample onto a threshold or one step beside it, layer by layer from the input. Two outputs
//! steered to one value are a tie.
//!
//! For property tests of this crate and of crates that compare themselves with it; present only
//! with feature `proptest`.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::sample::select;

use crate::limits::WeightLimits;
use crate::matrix::Matrix;
use crate::reference::Sample;
use crate::shape::{Shape, Variant};
use crate::weights::Weights;

/// A network and samples for it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Layers, limits, variant.
    pub shape: Shape,
    /// Weights that fit the shape.
    pub weights: Weights,
    /// Samples that fit the shape, at least one; the first is the one potentials were steered for.
    pub samples: Vec<OwnedSample>,
}

/// A sample that owns its input.
#[derive(Clone, Debug)]
pub struct OwnedSample {
    /// The active inputs, ascending.
    pub input: Vec<u32>,
    /// The class.
    pub target: usize,
}

impl OwnedSample {
    /// The sample as the reference takes it.
    #[must_use]
    pub fn borrow(&self) -> Sample<'_> {
        Sample { input: &self.input, target: self.target }
    }
}

/// Where the feedback weights of a case come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feedback {
    /// Transpose of the forward weights and its saturated negative.
    Mirrored,
    /// Drawn on their own, as if saturation had driven them away from their twins.
    Free,
}

/// Cases of every variant, with mirrored or free feedback, small and circuit weight limits, error
/// thresholds, and `n_weight_layers` layers of weights (1 is a network without hidden layer).
pub fn case(n_weight_layers: RangeInclusive<usize>) -> impl Strategy<Value = Case> {
    let variant = prop_oneof![
        3 => Just((Variant::Circuit, Feedback::Mirrored)),
        1 => Just((Variant::Circuit, Feedback::Free)),
        1 => Just((Variant::LanlNumpy, Feedback::Mirrored)),
    ];
    (variant, n_weight_layers, any::<bool>()).prop_flat_map(
        |((variant, feedback), depth, circuit)| {
            let limits = match variant {
                Variant::Circuit if circuit => Just(WeightLimits::CIRCUIT).boxed(),
                Variant::Circuit => limits().boxed(),
                Variant::LanlNumpy => Just(WeightLimits::LANL).boxed(),
            };
            limits.prop_flat_map(move |limits| filled(depth, variant, limits, feedback))
        },
    )
}

/// Cases of the circuit variant in which every weight has its negative twin in the feedback: the
/// limits are symmetric and the feedback mirrors the forward weights.
pub fn unsaturated_case(n_weight_layers: RangeInclusive<usize>) -> impl Strategy<Value = Case> {
    n_weight_layers.prop_flat_map(|depth| {
        filled(depth, Variant::Circuit, WeightLimits::LANL, Feedback::Mirrored)
    })
}

/// Cases a three-layer circuit can run: the circuit variant and its limits, an even error threshold or
/// none, at most 170 inputs, with feedback of either kind.
pub fn circuit_case() -> impl Strategy<Value = Case> {
    let feedback = prop_oneof![3 => Just(Feedback::Mirrored), 1 => Just(Feedback::Free)];
    let drawn = feedback
        .prop_flat_map(|feedback| filled(2, Variant::Circuit, WeightLimits::CIRCUIT, feedback));
    drawn.prop_filter_map("at most 170 inputs", |case| {
        let even = case.shape.error_threshold(1) / 2 * 2;
        let shape = case.shape.with_error_threshold(1, even).ok()?;
        (shape.n_inputs() <= 170).then_some(Case { shape, ..case })
    })
}

/// Weight limits of all sizes and steps, the circuit's included.
pub fn limits() -> impl Strategy<Value = WeightLimits> {
    let drawn = (1_i16..=4, 0_i16..=64, 0_i16..=64)
        .prop_filter_map("limits hold zero and another weight", |(step, below, above)| {
            WeightLimits::new(-below * step, above * step, step).ok()
        });
    prop_oneof![
        2 => Just(WeightLimits::CIRCUIT),
        1 => Just(WeightLimits::LANL),
        1 => select(vec![(-8192, 8192, 1), (-8192, 8190, 2), (-2, 2, 2), (-1, 0, 1)])
            .prop_filter_map("limits are valid", |(a, b, s)| WeightLimits::new(a, b, s).ok()),
        2 => drawn,
    ]
}

/// A weight within the limits and on the grid: often at a limit or beside it, often near zero.
pub fn weight(limits: WeightLimits) -> impl Strategy<Value = i16> + Clone {
    let step = limits.step();
    let (lowest, highest) = (limits.min() / step, limits.max() / step);
    prop_oneof![
        1 => select(vec![lowest, (lowest + 1).min(highest)]),
        1 => select(vec![highest, (highest - 1).max(lowest)]),
        1 => lowest.max(-2)..=highest.min(2),
        4 => lowest..=highest,
    ]
    .prop_map(move |multiple| multiple * step)
}

/// Input size: mostly small, sometimes more rows than one 16-bit block can add.
fn n_inputs() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 1_usize..=24, 1 => 120_usize..=270]
}

/// Size of a hidden or output layer: mostly small, sometimes around the lane counts of a row sum.
fn n_targets() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 1_usize..=12, 1 => select(vec![15_usize, 16, 17, 64, 81])]
}

fn error_threshold() -> impl Strategy<Value = i32> {
    prop_oneof![3 => Just(0), 1 => select(vec![2, 100, 254]), 1 => 0..=300]
}

/// One number per chosen neuron: a threshold, or one step beside it.
fn wish() -> impl Strategy<Value = Option<i32>> {
    let near =
        (select(vec![0, 512, 1024]), -1..=1).prop_map(|(threshold, off)| threshold + 2 * off);
    prop_oneof![1 => Just(None), 2 => near.prop_map(Some)]
}

fn filled(
    depth: usize,
    variant: Variant,
    limits: WeightLimits,
    feedback: Feedback,
) -> impl Strategy<Value = Case> {
    let thetas = prop::collection::vec(error_threshold(), depth.saturating_sub(1));
    let sizes = (n_inputs(), prop::collection::vec(n_targets(), depth));
    (sizes, thetas).prop_flat_map(move |((n_inputs, upper), thetas)| {
        let mut sizes = vec![n_inputs];
        sizes.extend(upper);
        let n_forward = sizes.windows(2).map(|pair| pair[0] * pair[1]).sum::<usize>();
        let n_feedback = sizes.windows(2).skip(1).map(|pair| pair[0] * pair[1]).sum::<usize>();
        let n_free = if feedback == Feedback::Free { 2 * n_feedback } else { 0 };
        let wishes = prop::collection::vec(wish(), sizes[1..].iter().sum::<usize>());
        let samples = prop::collection::vec(sample(sizes[0], sizes[depth]), 1..=6);
        let values = prop::collection::vec(weight(limits), n_forward + n_free);
        (values, wishes, samples).prop_filter_map(
            "sizes, limits and weights fit together",
            move |(values, wishes, samples)| {
                let mut shape =
                    Shape::new(&sizes).ok()?.with_variant(variant).with_limits(limits).ok()?;
                for (layer, &theta) in (1..).zip(&thetas) {
                    shape = shape.with_error_threshold(layer, theta).ok()?;
                }
                let weights = weights(&shape, values, &wishes, &samples[0], feedback)?;
                Some(Case { shape, weights, samples })
            },
        )
    })
}

fn sample(n_inputs: usize, n_classes: usize) -> impl Strategy<Value = OwnedSample> {
    let dense = prop::collection::vec(prop::bool::weighted(0.9), n_inputs);
    let half = prop::collection::vec(any::<bool>(), n_inputs);
    let bits = prop_oneof![1 => Just(vec![false; n_inputs]), 3 => dense, 6 => half];
    (bits, 0..n_classes).prop_map(|(bits, target)| {
        let input = (0_u32..).zip(bits).filter_map(|(idx, bit)| bit.then_some(idx)).collect();
        OwnedSample { input, target }
    })
}

fn weights(
    shape: &Shape,
    values: Vec<i16>,
    wishes: &[Option<i32>],
    first: &OwnedSample,
    feedback: Feedback,
) -> Option<Weights> {
    let mut values = values.into_iter();
    let mut take = |n_sources: usize, n_targets: usize| {
        Matrix::new(n_sources, n_targets, values.by_ref().take(n_sources * n_targets).collect())
    };
    let sizes = shape.sizes();
    let mut forward = Vec::new();
    for pair in sizes.windows(2) {
        forward.push(take(pair[0], pair[1]).ok()?);
    }
    let mut wishes = wishes.iter();
    let mut active = first.input.clone();
    for matrix in &mut forward {
        let mut above = Vec::new();
        for (target, wish) in (0_u32..).zip(wishes.by_ref().take(matrix.n_targets())) {
            let potential = steer(matrix, &active, target as usize, *wish, shape.limits());
            if potential > shape.thresholds().fire {
                above.push(target);
            }
        }
        active = above;
    }
    if feedback == Feedback::Mirrored {
        return Weights::from_forward(shape, forward).ok();
    }
    let mut free = Vec::new();
    for pair in sizes.windows(2).skip(1).chain(sizes.windows(2).skip(1)) {
        free.push(take(pair[1], pair[0]).ok()?);
    }
    let minus = free.split_off(shape.n_hidden_layers());
    Weights::new(shape, forward, free, minus).ok()
}

/// Changes the weights from `active` to one target until they sum to `wish`, as far as limits and
/// grid allow. Returns the sum.
fn steer(
    matrix: &mut Matrix,
    active: &[u32],
    target: usize,
    wish: Option<i32>,
    limits: WeightLimits,
) -> i32 {
    let weight_of =
        |matrix: &Matrix, source: u32| matrix.get(source as usize, target).map_or(0, i32::from);
    let mut sum: i32 = active.iter().map(|&source| weight_of(matrix, source)).sum();
    let step = i32::from(limits.step());
    for &source in active {
        let Some(wish) = wish else { break };
        let old = weight_of(matrix, source);
        let aimed = (old + (wish - sum) / step * step)
            .clamp(i32::from(limits.min()), i32::from(limits.max()));
        if let Ok(new) = i16::try_from(aimed) {
            matrix.set(source as usize, target, new);
            sum += aimed - old;
        }
    }
    sum
}
