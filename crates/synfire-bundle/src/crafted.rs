//! Hard cases on small networks: ties, weights at their ends, both errors at once, large sums.
//!
//! Nothing of them is written down but what they are to show. Weights are drawn from a pinned shuffle, and samples are
//! tried one after another on the reference, learning as they are accepted, until one shows what is wanted next; where
//! none of many does, other weights are drawn. The search is a function of nothing, so every bundle has the same cases.

use synfire_train::RunError;
use synfire_train::synfire_circuit::Form;
use synfire_train::synfire_data::shuffle;
use synfire_train::synfire_reference::{
    Matrix, Reference, Sample as Labelled, Shape, WeightLimits, Weights,
};

use crate::BundleError;
use crate::case::{Case, Sample, plastic};
use crate::circuit::Kind;
use crate::shows::shows;

/// Samples tried for each thing that is to be shown.
const CANDIDATES: u32 = 20_000;
/// Networks tried.
const NETWORKS: u64 = 40;

/// A case that is searched for.
struct Plan {
    name: &'static str,
    about: &'static str,
    /// Inputs, hidden neurons, outputs.
    layers: [u32; 3],
    draw: fn(&Shape, u64) -> Vec<Matrix>,
    /// Whether F- is drawn by itself instead of beginning as the negative of F+.
    has_own_feedback: bool,
    /// What the samples show, one after another: each all of its words.
    wanted: &'static [&'static [&'static str]],
}

const PLANS: [Plan; 4] = [
    Plan {
        name: "ties",
        about: "Potentials exactly at the thresholds 0, 512 and 1024, and errors sent back that are exactly 0: all \
                comparisons are strict. Samples without any error are among them.",
        layers: [24, 32, 5],
        draw: |shape, seed| spread(shape, seed, to_weight),
        has_own_feedback: false,
        wanted: &[
            &["no-error"],
            &["z1=0", "d2+"],
            &["z1=512", "d2-"],
            &["z1=1024", "d1+"],
            &["z2=0"],
            &["z2=512"],
            &["z2=1024"],
            &["e+=0"],
            &["e-=0"],
            &["no-error"],
        ],
    },
    Plan {
        name: "saturation",
        about: "Weights at 254 and -256 that are asked to go further, in all matrices; F- saturates by itself, and \
                parts \
                from the negative of F+.",
        layers: [20, 12, 4],
        draw: |shape, seed| spread(shape, seed, at_the_ends),
        has_own_feedback: false,
        wanted: &[
            &["w1-max"],
            &["w1-min"],
            &["w2-max", "f-parts"],
            &["w2-min", "f-max"],
            &["w2-max", "f-min"],
            &["d1+", "w1-max"],
            &["d1-", "w1-min"],
        ],
    },
    Plan {
        name: "both-errors",
        about: "Hidden neurons with d1+ and d1- in one sample, which F- of its own makes possible: up in phase 7, \
                down in \
                phase 11, without effect but for weights at 254.",
        layers: [20, 12, 4],
        draw: |shape, seed| spread(shape, seed, at_the_ends),
        has_own_feedback: true,
        wanted: &[&["d1+-"], &["w1-max-both"], &["d1+-", "w1-min"]],
    },
    Plan {
        name: "large-sums",
        about: "Hidden potentials far beyond the thresholds, whose echoes in phases 8 and 0 must stay silent: in the \
                published circuit they fire.",
        layers: [96, 8, 4],
        draw: by_columns,
        has_own_feedback: false,
        wanted: &[
            &["z1>9216", "d2-"],
            &["z1>17344", "d2-"],
            &["z1<-17344", "d2-"],
            &["z1>9216", "d1+"],
            &["z1>17344", "d1-"],
        ],
    },
];

/// All crafted cases, for circuits of one form.
pub(crate) fn all(form: Form) -> Result<Vec<Case>, BundleError> {
    PLANS.iter().map(|plan| plan.find(form)).collect()
}

impl Plan {
    fn find(&self, form: Form) -> Result<Case, BundleError> {
        let shape = Shape::new(&self.layers.map(|size| size as usize)).map_err(RunError::from)?;
        let mut furthest = 0;
        for seed in 0..NETWORKS {
            let weights = self.weights(&shape, seed)?;
            let samples = self.samples(&shape, &weights, seed)?;
            if samples.len() == self.wanted.len() {
                return Ok(Case {
                    name: self.name.to_owned(),
                    about: self.about.to_owned(),
                    source: "found by search".to_owned(),
                    kind: Kind::Learning,
                    form,
                    layers: self.layers,
                    max_active: self.layers[0],
                    weights: plastic(&weights),
                    samples,
                });
            }
            furthest = furthest.max(samples.len());
        }
        let wanted = self.wanted[furthest].join(" and ");
        Err(BundleError::NotFound { case: self.name.to_owned(), wanted })
    }

    fn weights(&self, shape: &Shape, seed: u64) -> Result<Weights, BundleError> {
        let wrong = |cause: synfire_train::synfire_reference::WeightsError| RunError::Weights {
            cause: cause.into(),
        };
        let forward = (self.draw)(shape, seed);
        let weights = Weights::from_forward(shape, forward).map_err(wrong)?;
        if !self.has_own_feedback {
            return Ok(weights);
        }
        let (forward, plus, mut minus) = weights.into_parts();
        for matrix in &mut minus {
            draw(matrix, seed, 2, to_weight);
        }
        Ok(Weights::new(shape, forward, plus, minus).map_err(wrong)?)
    }

    /// As many of the wanted samples as these weights have, one after another.
    fn samples(
        &self,
        shape: &Shape,
        weights: &Weights,
        seed: u64,
    ) -> Result<Vec<Sample>, BundleError> {
        let mut now = Reference::new(shape.clone(), weights.clone())
            .map_err(|cause| RunError::Weights { cause: cause.into() })?;
        let mut samples = Vec::new();
        let mut candidate = 0;
        for words in self.wanted {
            let last = candidate + CANDIDATES;
            let found = loop {
                if candidate == last {
                    return Ok(samples);
                }
                let sample = self.candidate(seed, candidate);
                candidate += 1;
                let mut next = now.clone();
                let target = sample.target as usize;
                let labelled = Labelled { input: &sample.input, target };
                let record = next
                    .learn(labelled)
                    .map_err(|cause| RunError::Sample { sample_idx: samples.len(), cause })?
                    .clone();
                let shown = shows(&record, target, now.weights(), next.weights());
                if words.iter().all(|word| shown.contains(word)) {
                    now = next;
                    break sample;
                }
            };
            samples.push(found);
        }
        Ok(samples)
    }

    /// Some inputs, each number of them in turn, and a class.
    fn candidate(&self, seed: u64, candidate: u32) -> Sample {
        let [n_inputs, _, n_outputs] = self.layers;
        let mut input = shuffle(n_inputs as usize, seed, candidate.into());
        input.truncate(1 + (candidate % n_inputs) as usize);
        input.sort_unstable();
        let target = candidate / n_inputs % n_outputs;
        Sample { input, target, index: None }
    }
}

/// Both forward matrices, each drawn by `weight` of a rank and the number of ranks.
fn spread(shape: &Shape, seed: u64, weight: fn(usize, usize) -> i16) -> Vec<Matrix> {
    let sizes = shape.sizes();
    let matrices = sizes.windows(2).map(|pair| Matrix::zeros(pair[0], pair[1]));
    let mut matrices: Vec<Matrix> = matrices.collect();
    for (stream, matrix) in (0..).zip(&mut matrices) {
        draw(matrix, seed, stream, weight);
    }
    matrices
}

/// Weights by their ranks in a pinned shuffle.
fn draw(matrix: &mut Matrix, seed: u64, stream: u64, weight: fn(usize, usize) -> i16) {
    let n = matrix.values().len();
    let ranks = shuffle(n, seed, u64::MAX - stream);
    for (value, rank) in matrix.values_mut().iter_mut().zip(ranks) {
        *value = weight(rank as usize, n);
    }
}

/// Every weight as often as any other.
fn to_weight(rank: usize, n: usize) -> i16 {
    let limits = WeightLimits::CIRCUIT;
    // 256 even numbers from -256 on.
    limits.min() + 2 * i16::from(u8::try_from(rank * 256 / n).unwrap_or(u8::MAX))
}

/// A quarter of the weights at either end, the others anywhere.
fn at_the_ends(rank: usize, n: usize) -> i16 {
    let limits = WeightLimits::CIRCUIT;
    match rank * 4 / n {
        0 => limits.min(),
        1 => limits.max(),
        _ => to_weight(2 * (rank - n / 2), n),
    }
}

/// Every fourth hidden neuron has large weights only, the one after it large negative ones.
fn by_columns(shape: &Shape, seed: u64) -> Vec<Matrix> {
    let mut matrices = spread(shape, seed, to_weight);
    let (n_hidden, limits) = (matrices[0].n_targets(), WeightLimits::CIRCUIT);
    for (position, value) in matrices[0].values_mut().iter_mut().enumerate() {
        // An eighth of the range, at one of its ends; still even.
        match position % n_hidden % 4 {
            0 => *value = limits.max() - (limits.max() - *value) / 16 * 2,
            1 => *value = limits.min() + (*value - limits.min()) / 16 * 2,
            _ => {}
        }
    }
    matrices
}
