//! What a network is before it has weights: layers, thresholds, limits, and the variant.
//!
//! Layer 0 is the input, the last layer the output, any number of hidden layers lie between.
//! The thresholds of clauses R1 to R3 are the same for all layers; each hidden layer has an error
//! threshold of its own (0 in the paper, clause R4). Weights live in
//! [`Weights`](crate::Weights).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::limits::WeightLimits;

/// Largest number of neurons in one layer: with the largest weight limits every sum fits 32 bits.
const LARGEST_LAYER: usize = 65_536;

/// Which algorithm runs on the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// Clauses R1 to R10: what the published spiking circuit computes. Errors travel back through
    /// the feedback weights as they stood before the sample.
    #[default]
    Circuit,
    /// LANL's `numpy_simulation.py`, a different algorithm: errors travel back through weights
    /// already updated by this sample, the upper gate closes at 1024 and not above, and weights
    /// end at -254.
    LanlNumpy,
}

impl Variant {
    /// All variants, in the order of their definition.
    pub const ALL: [Variant; 2] = [Variant::Circuit, Variant::LanlNumpy];

    /// The weight limits the variant comes with.
    #[must_use]
    pub const fn limits(self) -> WeightLimits {
        match self {
            Variant::Circuit => WeightLimits::CIRCUIT,
            Variant::LanlNumpy => WeightLimits::LANL,
        }
    }

    /// The name used in files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Variant::Circuit => "circuit",
            Variant::LanlNumpy => "lanl-numpy",
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not a variant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("variant is `{found}`, expected `circuit` or `lanl-numpy`")]
pub struct VariantError {
    /// The name given.
    pub found: String,
}

impl FromStr for Variant {
    type Err = VariantError;

    fn from_str(name: &str) -> Result<Variant, VariantError> {
        Variant::ALL
            .into_iter()
            .find(|variant| variant.name() == name)
            .ok_or_else(|| VariantError { found: name.to_owned() })
    }
}

/// The three potentials, in weight units, at which a neuron's answer changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// A neuron is active strictly above this potential (R1).
    pub fire: i32,
    /// The derivative gate is open only strictly above this potential (R2).
    pub zero: i32,
    /// The derivative gate is closed strictly above this potential (R2).
    pub upper: i32,
}

impl Thresholds {
    /// The paper's values.
    pub const PAPER: Thresholds = Thresholds { fire: 512, zero: 0, upper: 1024 };
}

/// Layer sizes, thresholds, weight limits and variant of one network.
///
/// ```
/// use synfire_reference::Shape;
///
/// let shape = Shape::new(&[400, 400, 10])?.with_error_threshold(1, 50)?;
/// assert_eq!(shape.n_layers(), 3);
/// assert_eq!(shape.error_threshold(1), 50);
/// # Ok::<(), synfire_reference::ShapeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    sizes: Vec<usize>,
    /// One per layer; only those of hidden layers are ever different from zero.
    error_thresholds: Vec<i32>,
    limits: WeightLimits,
    variant: Variant,
}

/// Why a network cannot have the wanted shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the fields say what was found")]
#[non_exhaustive]
pub enum ShapeError {
    /// Less than an input and an output layer.
    #[error("network has {found} layers, expected 2 or more")]
    Layers { found: usize },
    /// A layer is empty or too large.
    #[error("layer {layer} has {found} neurons, expected 1 to 65536")]
    Neurons { layer: usize, found: usize },
    /// An error threshold was given to a layer that is not hidden.
    #[error("error threshold is for layer {layer}, expected a hidden layer, 1 to {last_hidden}")]
    NotHidden { layer: usize, last_hidden: usize },
    /// A negative error threshold: it would turn silence into an error signal.
    #[error("error threshold of layer {layer} is {found}, expected 0 or more")]
    ErrorThreshold { layer: usize, found: i32 },
    /// `lanl-numpy` passes errors of both signs through one matrix, which needs a twin of each
    /// weight with the opposite sign.
    #[error("weight limits of variant lanl-numpy are {min}..={max}, expected a symmetric range")]
    Asymmetric { min: i16, max: i16 },
}

impl Shape {
    /// A network of the `circuit` variant with its weight limits and error thresholds of 0.
    ///
    /// `sizes` are the numbers of neurons from input to output.
    ///
    /// # Errors
    /// If there are fewer than two layers or one has no neurons or more than 65,536.
    pub fn new(sizes: &[usize]) -> Result<Shape, ShapeError> {
        if sizes.len() < 2 {
            return Err(ShapeError::Layers { found: sizes.len() });
        }
        for (layer, &found) in sizes.iter().enumerate() {
            if found == 0 || found > LARGEST_LAYER {
                return Err(ShapeError::Neurons { layer, found });
            }
        }
        Ok(Shape {
            sizes: sizes.to_vec(),
            error_thresholds: vec![0; sizes.len()],
            limits: Variant::Circuit.limits(),
            variant: Variant::Circuit,
        })
    }

    /// Sets the error threshold of one hidden layer: an error signal passes strictly above it.
    ///
    /// # Errors
    /// If the layer is not hidden or the threshold is negative.
    pub fn with_error_threshold(mut self, layer: usize, theta: i32) -> Result<Shape, ShapeError> {
        if !self.is_hidden(layer) {
            return Err(ShapeError::NotHidden { layer, last_hidden: self.sizes.len() - 2 });
        }
        if theta < 0 {
            return Err(ShapeError::ErrorThreshold { layer, found: theta });
        }
        self.error_thresholds[layer] = theta;
        Ok(self)
    }

    /// Sets range and grid of the weights.
    ///
    /// # Errors
    /// If the variant is `lanl-numpy` and the range is not symmetric.
    pub fn with_limits(mut self, limits: WeightLimits) -> Result<Shape, ShapeError> {
        if self.variant == Variant::LanlNumpy && !limits.is_symmetric() {
            return Err(ShapeError::Asymmetric { min: limits.min(), max: limits.max() });
        }
        self.limits = limits;
        Ok(self)
    }

    /// Chooses the variant and the weight limits it comes with.
    #[must_use]
    pub fn with_variant(mut self, variant: Variant) -> Shape {
        self.variant = variant;
        self.limits = variant.limits();
        self
    }

    /// Number of layers, input and output included.
    #[must_use]
    pub fn n_layers(&self) -> usize {
        self.sizes.len()
    }

    /// Number of layers between input and output.
    #[must_use]
    pub fn n_hidden_layers(&self) -> usize {
        self.sizes.len() - 2
    }

    /// Numbers of neurons from input to output.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Number of neurons of a layer; 0 if there is no such layer.
    #[must_use]
    pub fn n_neurons(&self, layer: usize) -> usize {
        self.sizes.get(layer).copied().unwrap_or(0)
    }

    /// Number of inputs.
    #[must_use]
    pub fn n_inputs(&self) -> usize {
        self.sizes[0]
    }

    /// Number of classes, that is of output neurons.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    /// Whether a layer lies between input and output.
    #[must_use]
    pub fn is_hidden(&self, layer: usize) -> bool {
        0 < layer && layer < self.sizes.len() - 1
    }

    /// The short name of a layer: `x`, then `h` (or `h1`, `h2`, ... if there are several), then
    /// `o`. Names of layers that do not exist are never used.
    #[must_use]
    pub fn layer_name(&self, layer: usize) -> String {
        match layer {
            0 => "x".to_owned(),
            _ if layer >= self.sizes.len() - 1 => "o".to_owned(),
            _ if self.n_hidden_layers() == 1 => "h".to_owned(),
            _ => format!("h{layer}"),
        }
    }

    /// The potentials at which neurons answer.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        Thresholds::PAPER
    }

    /// The error threshold of a layer; 0 for layers that are not hidden.
    #[must_use]
    pub fn error_threshold(&self, layer: usize) -> i32 {
        self.error_thresholds.get(layer).copied().unwrap_or(0)
    }

    /// Range and grid of the weights.
    #[must_use]
    pub fn limits(&self) -> WeightLimits {
        self.limits
    }

    /// The algorithm.
    #[must_use]
    pub fn variant(&self) -> Variant {
        self.variant
    }

    /// The largest potential at which the derivative gate is open: the upper threshold itself in
    /// the circuit, one below it in `lanl-numpy`.
    pub(crate) fn gate_ceiling(&self) -> i32 {
        match self.variant {
            Variant::Circuit => self.thresholds().upper,
            Variant::LanlNumpy => self.thresholds().upper - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_keep_their_names() {
        for variant in Variant::ALL {
            assert_eq!(variant.to_string().parse(), Ok(variant));
        }
        assert_eq!("lanl-numpy".parse(), Ok(Variant::LanlNumpy));
        assert_eq!("Circuit".parse::<Variant>(), Err(VariantError { found: "Circuit".into() }));
    }

    #[test]
    fn impossible_shapes_are_refused() {
        assert_eq!(Shape::new(&[]), Err(ShapeError::Layers { found: 0 }));
        assert_eq!(Shape::new(&[4]), Err(ShapeError::Layers { found: 1 }));
        assert_eq!(Shape::new(&[4, 0, 2]), Err(ShapeError::Neurons { layer: 1, found: 0 }));
        assert_eq!(Shape::new(&[4, 65_537]), Err(ShapeError::Neurons { layer: 1, found: 65_537 }));
    }

    #[test]
    fn error_thresholds_belong_to_hidden_layers() -> Result<(), ShapeError> {
        let shape = Shape::new(&[4, 3, 3, 2])?;
        for layer in [0, 3, 4, usize::MAX] {
            assert_eq!(
                shape.clone().with_error_threshold(layer, 5),
                Err(ShapeError::NotHidden { layer, last_hidden: 2 })
            );
        }
        assert_eq!(
            shape.clone().with_error_threshold(1, -1),
            Err(ShapeError::ErrorThreshold { layer: 1, found: -1 })
        );
        let shape = shape.with_error_threshold(2, 70)?;
        assert_eq!([0, 1, 2, 3, 4].map(|l| shape.error_threshold(l)), [0, 0, 70, 0, 0]);
        Ok(())
    }

    #[test]
    fn lanl_numpy_needs_symmetric_limits() -> Result<(), ShapeError> {
        let shape = Shape::new(&[4, 2])?.with_variant(Variant::LanlNumpy);
        assert_eq!(shape.limits(), WeightLimits::LANL);
        assert_eq!(
            shape.clone().with_limits(WeightLimits::CIRCUIT),
            Err(ShapeError::Asymmetric { min: -256, max: 254 })
        );
        assert_eq!(shape.with_variant(Variant::Circuit).limits(), WeightLimits::CIRCUIT);
        Ok(())
    }

    #[test]
    fn layers_have_short_names() -> Result<(), ShapeError> {
        let one = Shape::new(&[4, 3, 2])?;
        assert_eq!([0, 1, 2].map(|layer| one.layer_name(layer)), ["x", "h", "o"]);
        let two = Shape::new(&[4, 3, 3, 2])?;
        assert_eq!([0, 1, 2, 3].map(|layer| two.layer_name(layer)), ["x", "h1", "h2", "o"]);
        Ok(())
    }
}
