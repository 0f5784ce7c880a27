//! A case: a circuit with its weights and the samples it is shown, and nothing of what comes out.

use synfire_train::synfire_circuit::{CircuitShape, Form, PlasticWeights};
use synfire_train::synfire_reference::{Matrix, Shape, Weights};

use crate::BundleError;
use crate::circuit::{Circuit, Kind};

/// One sample of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// The active inputs, ascending.
    pub(crate) input: Vec<u32>,
    /// The class.
    pub(crate) target: u32,
    /// Its place in the data set, if it is from one.
    pub(crate) index: Option<u32>,
}

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// What the case is for, in a sentence.
    pub(crate) about: String,
    /// Where the samples come from.
    pub(crate) source: String,
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    /// Inputs, hidden neurons, outputs.
    pub(crate) layers: [u32; 3],
    /// Most inputs active at once, by which the circuit is sized.
    pub(crate) max_active: u32,
    /// The matrices at the start, one row per presynaptic neuron.
    pub(crate) weights: PlasticWeights,
    pub(crate) samples: Vec<Sample>,
}

impl Case {
    /// The circuit with the weights of the start.
    pub(crate) fn circuit(&self) -> Result<Circuit, BundleError> {
        Circuit::new(self.kind, self.shape(), self.form, &self.weights).map_err(|cause| {
            BundleError::Circuit { case: self.name.clone(), cause: Box::new(cause) }
        })
    }

    pub(crate) fn shape(&self) -> CircuitShape {
        let [n_inputs, n_hidden, n_outputs] = self.layers;
        CircuitShape::new(n_inputs, n_hidden, n_outputs).with_max_active(self.max_active)
    }

    /// The shape as the reference knows it.
    pub(crate) fn reference_shape(&self) -> Result<Shape, BundleError> {
        let sizes = self.layers.map(|size| size as usize);
        Ok(Shape::new(&sizes).map_err(synfire_train::RunError::from)?)
    }

    /// The weights as the reference knows them.
    pub(crate) fn reference_weights(&self, shape: &Shape) -> Result<Weights, BundleError> {
        let [n_inputs, n_hidden, n_outputs] = self.layers.map(|size| size as usize);
        let matrix = |n_sources, n_targets, values: &[i16]| {
            Matrix::new(n_sources, n_targets, values.to_vec())
                .expect("the circuit was built from them")
        };
        let PlasticWeights { w1, w2, feedback_plus, feedback_minus } = &self.weights;
        Weights::new(
            shape,
            vec![matrix(n_inputs, n_hidden, w1), matrix(n_hidden, n_outputs, w2)],
            vec![matrix(n_outputs, n_hidden, feedback_plus)],
            vec![matrix(n_outputs, n_hidden, feedback_minus)],
        )
        .map_err(|cause| synfire_train::RunError::Weights { cause: cause.into() }.into())
    }

    /// The last step of the last sample.
    pub(crate) fn last_step(&self, circuit: &Circuit) -> u64 {
        circuit.first_step(self.samples.len()) - 1
    }
}

/// The matrices of a network as circuits are given them.
pub(crate) fn plastic(weights: &Weights) -> PlasticWeights {
    PlasticWeights {
        w1: weights.forward()[0].values().to_vec(),
        w2: weights.forward()[1].values().to_vec(),
        feedback_plus: weights.feedback_plus()[0].values().to_vec(),
        feedback_minus: weights.feedback_minus()[0].values().to_vec(),
    }
}
