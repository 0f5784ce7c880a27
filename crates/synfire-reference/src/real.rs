//! The real-valued model that the integers approximate, with its gradients, on nalgebra.
//!
//! Two models share one derivative, that of a ReLU truncated to 0..1: `1 / 1024` where the
//! potential lies above 0 and not above 1024, zero elsewhere (clause R2).
//!
//! - [`RealModel`] is the ideal: activations are `clamp(z / 1024, 0, 1)`, so the derivative is
//!   its own and the gradient of the squared loss is exact. Finite differences confirm it.
//! - [`SurrogateModel`] binarises: activations are 0 or 1 as in clause R1, and the derivative
//!   stands in for the one a step does not have (straight-through). Its gradient is what clauses
//!   R3 and R4 take the sign of.
//!
//! Where the two agree. For the output and the last hidden layer the integer error signals are the
//! signs of the surrogate gradient of the loss, wherever R2 to R4 do not gate them. Further down
//! each layer takes the sign of what comes back through **one** layer from the signs above it, which
//! is the gradient with its magnitudes forgotten layer by layer; [`SurrogateModel::step_back`] is
//! that one layer. The integers share no code with this module.
#![expect(clippy::float_arithmetic, reason = "this module is the real-valued model")]

use nalgebra::{DMatrix, DVector};
use thiserror::Error;

use crate::matrix::Matrix;
use crate::reference::{Sample, SampleError};
use crate::shape::Shape;
use crate::weights::{Weights, WeightsError};

/// A potential of 1 activation unit, in weight units.
const UNIT: f64 = 1024.0;

/// Why a real-valued model cannot be built or run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum RealError {
    /// The model has no weights at all.
    #[error("real-valued model has no weight matrix, expected 1 or more")]
    Empty,
    /// A matrix does not continue the one below it.
    #[error("weight matrix {index} takes {found} sources, expected {expected}")]
    Chain { index: usize, found: usize, expected: usize },
    /// An input or target vector has the wrong length.
    #[error("{quantity} has {found} values, expected {expected}")]
    Length { quantity: &'static str, found: usize, expected: usize },
}

/// The loss of one sample and its derivatives.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Half the sum of the squared differences between output and target.
    pub loss: f64,
    /// Potentials of the layers above the input, in weight units.
    pub potential: Vec<DVector<f64>>,
    /// Derivatives of the loss by those potentials. An error signal is the sign of the negative.
    pub by_potential: Vec<DVector<f64>>,
    /// Derivatives of the loss by the weights, one row per **target** neuron.
    pub by_weight: Vec<DMatrix<f64>>,
}

/// The ideal model: real weights, real activations.
#[derive(Clone, Debug, PartialEq)]
pub struct RealModel {
    /// One row per target neuron, so that potentials are matrix times activation.
    weights: Vec<DMatrix<f64>>,
}

impl RealModel {
    /// Takes matrices with one row per target neuron, from the input up.
    ///
    /// # Errors
    /// If there is none or one has not as many columns as the one below has rows.
    pub fn new(weights: Vec<DMatrix<f64>>) -> Result<RealModel, RealError> {
        if weights.is_empty() {
            return Err(RealError::Empty);
        }
        for (index, pair) in weights.windows(2).enumerate() {
            let (found, expected) = (pair[1].ncols(), pair[0].nrows());
            if found != expected {
                return Err(RealError::Chain { index: index + 1, found, expected });
            }
        }
        Ok(RealModel { weights })
    }

    /// The forward weights of an integer network, which determine the model.
    #[must_use]
    pub fn from_weights(weights: &Weights) -> RealModel {
        RealModel { weights: weights.forward().iter().map(real).collect() }
    }

    /// The weights, one row per target neuron.
    #[must_use]
    pub fn weights(&self) -> &[DMatrix<f64>] {
        &self.weights
    }

    /// The loss of one sample.
    ///
    /// # Errors
    /// If input or target has the wrong length.
    pub fn loss(&self, input: &DVector<f64>, target: &DVector<f64>) -> Result<f64, RealError> {
        self.check(input, target)?;
        let (_, activations) = forward(&self.weights, input, activation);
        Ok(squared_loss(&activations[activations.len() - 1], target))
    }

    /// The loss of one sample and its gradient, by backpropagation.
    ///
    /// # Errors
    /// If input or target has the wrong length.
    pub fn gradient(
        &self,
        input: &DVector<f64>,
        target: &DVector<f64>,
    ) -> Result<Gradient, RealError> {
        self.check(input, target)?;
        Ok(backpropagate(&self.weights, input, target, activation, derivative))
    }

    fn check(&self, input: &DVector<f64>, target: &DVector<f64>) -> Result<(), RealError> {
        let n_inputs = self.weights[0].ncols();
        let n_outputs = self.weights[self.weights.len() - 1].nrows();
        for (quantity, found, expected) in
            [("input", input.len(), n_inputs), ("target", target.len(), n_outputs)]
        {
            if found != expected {
                return Err(RealError::Length { quantity, found, expected });
            }
        }
        Ok(())
    }
}

/// The binarised model with the surrogate derivative.
///
/// All numbers are integers times powers of 1/1024: for networks of a few small layers they are
/// exact, and so are their signs.
#[derive(Clone, Debug, PartialEq)]
pub struct SurrogateModel {
    shape: Shape,
    weights: Vec<DMatrix<f64>>,
}

impl SurrogateModel {
    /// The model of an integer network; feedback weights are not part of it.
    ///
    /// # Errors
    /// If the weights do not fit the shape.
    pub fn new(shape: &Shape, weights: &Weights) -> Result<SurrogateModel, WeightsError> {
        weights.check(shape)?;
        let weights = weights.forward().iter().map(real).collect();
        Ok(SurrogateModel { shape: shape.clone(), weights })
    }

    /// The loss of one sample through the binarised activations, and its surrogate gradient.
    ///
    /// # Errors
    /// If the sample does not fit the network.
    pub fn gradient(&self, sample: Sample<'_>) -> Result<Gradient, SampleError> {
        sample.check(&self.shape)?;
        let mut input = DVector::zeros(self.shape.n_inputs());
        for &neuron_idx in sample.input {
            input[neuron_idx as usize] = 1.0;
        }
        let mut target = DVector::zeros(self.shape.n_classes());
        target[sample.target] = 1.0;
        let fire = f64::from(self.shape.thresholds().fire);
        let binary = |z: f64| if z > fire { 1.0 } else { 0.0 };
        Ok(backpropagate(&self.weights, &input, &target, binary, |z| self.derivative(z)))
    }

    /// Takes derivatives by the potentials of layer `layer + 1` back to those of layer `layer`.
    ///
    /// # Errors
    /// If the layer is not hidden or a vector has the wrong length.
    pub fn step_back(
        &self,
        layer: usize,
        potential: &DVector<f64>,
        above: &DVector<f64>,
    ) -> Result<DVector<f64>, RealError> {
        for (quantity, found, expected) in [
            ("potential", potential.len(), self.shape.n_neurons(layer)),
            ("derivative above", above.len(), self.shape.n_neurons(layer.saturating_add(1))),
        ] {
            if found != expected || !self.shape.is_hidden(layer) {
                return Err(RealError::Length { quantity, found, expected });
            }
        }
        Ok(step_back(&self.weights[layer], potential, above, &|z| self.derivative(z)))
    }

    fn derivative(&self, potential: f64) -> f64 {
        let is_open = potential > f64::from(self.shape.thresholds().zero)
            && potential <= f64::from(self.shape.gate_ceiling());
        if is_open { 1.0 / UNIT } else { 0.0 }
    }
}

/// The ideal activation, a ReLU truncated to 0..1.
fn activation(potential: f64) -> f64 {
    (potential / UNIT).clamp(0.0, 1.0)
}

fn derivative(potential: f64) -> f64 {
    if potential > 0.0 && potential <= UNIT { 1.0 / UNIT } else { 0.0 }
}

fn real(matrix: &Matrix) -> DMatrix<f64> {
    // nalgebra stores columns: a source's row of ours is a column of the target-by-source matrix.
    let values = matrix.values().iter().map(|&weight| f64::from(weight));
    DMatrix::from_iterator(matrix.n_targets(), matrix.n_sources(), values)
}

fn squared_loss(output: &DVector<f64>, target: &DVector<f64>) -> f64 {
    (output - target).norm_squared() / 2.0
}

/// Potentials and activations of every layer above the input.
fn forward(
    weights: &[DMatrix<f64>],
    input: &DVector<f64>,
    activation: impl Fn(f64) -> f64,
) -> (Vec<DVector<f64>>, Vec<DVector<f64>>) {
    let mut potentials = Vec::with_capacity(weights.len());
    let mut activations: Vec<DVector<f64>> = Vec::with_capacity(weights.len());
    for matrix in weights {
        let potential = matrix * activations.last().unwrap_or(input);
        activations.push(potential.map(&activation));
        potentials.push(potential);
    }
    (potentials, activations)
}

fn step_back(
    matrix: &DMatrix<f64>,
    potential: &DVector<f64>,
    above: &DVector<f64>,
    derivative: &impl Fn(f64) -> f64,
) -> DVector<f64> {
    matrix.tr_mul(above).component_mul(&potential.map(derivative))
}

fn backpropagate(
    weights: &[DMatrix<f64>],
    input: &DVector<f64>,
    target: &DVector<f64>,
    activation: impl Fn(f64) -> f64,
    derivative: impl Fn(f64) -> f64,
) -> Gradient {
    let (potential, activations) = forward(weights, input, activation);
    let top = weights.len() - 1;
    let output = &activations[top];
    let mut by_potential = vec![(output - target).component_mul(&potential[top].map(&derivative))];
    for layer in (0..top).rev() {
        let above = &by_potential[by_potential.len() - 1];
        by_potential.push(step_back(&weights[layer + 1], &potential[layer], above, &derivative));
    }
    by_potential.reverse();
    let by_weight = by_potential.iter().enumerate().map(|(layer, delta)| {
        let below = if layer == 0 { input } else { &activations[layer - 1] };
        delta * below.transpose()
    });
    Gradient {
        loss: squared_loss(output, target),
        by_weight: by_weight.collect(),
        potential,
        by_potential,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn sizes_are_checked() {
        assert_eq!(RealModel::new(vec![]), Err(RealError::Empty));
        let broken = vec![DMatrix::zeros(3, 2), DMatrix::zeros(2, 4)];
        assert_eq!(
            RealModel::new(broken),
            Err(RealError::Chain { index: 1, found: 4, expected: 3 })
        );
        let model = RealModel::new(vec![DMatrix::zeros(3, 2)]).unwrap();
        assert_eq!(
            model.loss(&DVector::zeros(3), &DVector::zeros(3)),
            Err(RealError::Length { quantity: "input", found: 3, expected: 2 })
        );
        assert_eq!(
            model.gradient(&DVector::zeros(2), &DVector::zeros(2)),
            Err(RealError::Length { quantity: "target", found: 2, expected: 3 })
        );
    }

    /// One weight layer by hand: z = 512, s = 0.5, loss 1/8, dE/dz = -0.5 / 1024.
    #[test]
    fn one_neuron_by_hand() {
        let model = RealModel::new(vec![DMatrix::from_element(1, 2, 256.0)]).unwrap();
        let gradient =
            model.gradient(&DVector::from_element(2, 1.0), &DVector::from_element(1, 1.0)).unwrap();
        assert_eq!(gradient.loss, 0.125);
        assert_eq!(gradient.by_potential[0][0], -0.5 / 1024.0);
        assert_eq!(gradient.by_weight[0][(0, 1)], -0.5 / 1024.0);
    }

    /// Our rows become columns: nothing is transposed by accident.
    #[test]
    fn weights_keep_their_source_and_target() {
        let matrix = Matrix::new(2, 3, vec![2, 4, 6, 8, 10, 12]).unwrap();
        let converted = real(&matrix);
        assert_eq!((converted.nrows(), converted.ncols()), (3, 2));
        assert_eq!(converted[(2, 1)], 12.0);
    }

    #[test]
    fn step_back_refuses_what_is_not_hidden() {
        let shape = Shape::new(&[2, 3, 2]).unwrap();
        let weights = crate::init::he(&shape, 1);
        let model = SurrogateModel::new(&shape, &weights).unwrap();
        let (two, three) = (DVector::zeros(2), DVector::zeros(3));
        assert!(model.step_back(0, &two, &three).is_err());
        assert!(model.step_back(2, &two, &two).is_err());
        assert!(model.step_back(usize::MAX, &two, &two).is_err());
        assert_eq!(model.step_back(1, &three, &two).unwrap().len(), 3);
    }
}
