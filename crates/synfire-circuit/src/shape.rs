//! The shape of a three-layer network, its weights, and what can be wrong with them.

use synfire_net::{Problems, WeightRange};

/// Layer sizes and activity of a three-layer network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitShape {
    /// Number of inputs.
    pub n_inputs: u32,
    /// Number of hidden neurons.
    pub n_hidden: u32,
    /// Number of outputs, one per class.
    pub n_outputs: u32,
    /// The largest number of inputs active in one sample, if known; otherwise all may be. The sized
    /// circuit chooses its strengths by it and its proof rests on it.
    pub max_active: Option<u32>,
    /// Hidden errors count above this; 0 is the paper. Even, because potentials are; the published
    /// circuit has only 0.
    pub error_threshold: i32,
}

impl CircuitShape {
    /// A network of these sizes with any activity and the paper's error threshold.
    #[must_use]
    pub const fn new(n_inputs: u32, n_hidden: u32, n_outputs: u32) -> Self {
        Self { n_inputs, n_hidden, n_outputs, max_active: None, error_threshold: 0 }
    }

    /// The same shape with a known largest number of active inputs.
    #[must_use]
    pub const fn with_max_active(self, max_active: u32) -> Self {
        Self { max_active: Some(max_active), ..self }
    }

    /// The largest number of inputs that may be active at once.
    #[must_use]
    pub fn active(&self) -> u32 {
        self.max_active.map_or(self.n_inputs, |max_active| max_active.min(self.n_inputs))
    }
}

/// The plastic matrices of the learning circuit, each row by row, one row per presynaptic neuron.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlasticWeights {
    /// Input to hidden, `n_inputs` rows of `n_hidden`.
    pub w1: Vec<i16>,
    /// Hidden to output, `n_hidden` rows of `n_outputs`.
    pub w2: Vec<i16>,
    /// Output to hidden, carrying the error as it is: `n_outputs` rows of `n_hidden`.
    pub feedback_plus: Vec<i16>,
    /// Output to hidden, carrying the error with its sign changed: `n_outputs` rows of `n_hidden`.
    pub feedback_minus: Vec<i16>,
}

impl PlasticWeights {
    /// Weights with the feedback matrices a network starts with: `w2` transposed, and its negative as far
    /// as the range allows (-256 has no positive twin). Nothing is checked here: matrices that do not
    /// fit the shape, or weights that the range does not hold, are refused when a circuit is built.
    ///
    /// # Panics
    /// If the feedback matrices of such a shape do not fit into memory.
    #[must_use]
    pub fn from_forward(shape: &CircuitShape, w1: Vec<i16>, w2: Vec<i16>) -> Self {
        let (n_hidden, n_outputs) = (shape.n_hidden as usize, shape.n_outputs as usize);
        let entry =
            |idx: usize| w2.get(idx % n_hidden * n_outputs + idx / n_hidden).copied().unwrap_or(0);
        let feedback_plus: Vec<i16> = (0..n_hidden * n_outputs).map(entry).collect();
        let feedback_minus = feedback_plus
            .iter()
            .map(|weight| weight.saturating_neg().min(WeightRange::MIXED.max))
            .collect();
        Self { w1, w2, feedback_plus, feedback_minus }
    }

    /// Weights that are all 0.
    ///
    /// # Panics
    /// If matrices of such a shape do not fit into memory.
    #[must_use]
    pub fn zeros(shape: &CircuitShape) -> Self {
        let w1 = vec![0; shape.n_inputs as usize * shape.n_hidden as usize];
        Self::from_forward(shape, w1, vec![0; shape.n_hidden as usize * shape.n_outputs as usize])
    }
}

/// Why a circuit cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum CircuitError {
    /// The published circuit knows no error threshold.
    #[error("error threshold is {found}, expected 0 in the published circuit")]
    PublishedThreshold { found: i32 },
    /// Potentials are even, and strengths have eight bits.
    #[error("error threshold is {found}, expected an even number from 0 to 1022")]
    ErrorThreshold { found: i32 },
    /// The network is not valid: a layer is empty or too large, weights are missing or out of range.
    #[error(transparent)]
    Network(#[from] Problems),
}

pub(crate) fn check_error_threshold(found: i32, published: bool) -> Result<(), CircuitError> {
    if published && found != 0 {
        return Err(CircuitError::PublishedThreshold { found });
    }
    if !(0..=1022).contains(&found) || found % 2 != 0 {
        return Err(CircuitError::ErrorThreshold { found });
    }
    Ok(())
}
