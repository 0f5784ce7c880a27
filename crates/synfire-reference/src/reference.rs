//! The network with its weights: learns one sample at a time, or only answers.
//!
//! [`Reference::learn`] runs a sample through the clauses in their order:
//!
//! 1. activity of every layer (R1, R2);
//! 2. error signals from the output down (R3, R4);
//! 3. changes of every weight (R5).
//!
//! In the `circuit` variant all errors are known before any weight changes. In `lanl-numpy` each
//! layer's weights change before the error passes through them. Nothing here allocates per sample,
//! and without an output error steps 2 and 3 cost nothing.
//!
//! Forward weights are kept twice where their limits allow it: as the [`Weights`] that callers see,
//! and packed into bytes for the sums (`packed`). Whatever changes the first changes the second.

use thiserror::Error;

use crate::backward::{hidden_error, output_error};
use crate::forward::activity;
use crate::lanes::{Dispatch, Lanes};
use crate::matrix::Matrix;
use crate::packed::Packed;
use crate::record::{LayerRecord, Record};
use crate::set_rows::SetRows;
use crate::shape::{Shape, Variant};
use crate::update::{Steps, change_feedback, change_forward};
use crate::weights::{MatrixName, Weights, WeightsError};

/// One labelled sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample<'a> {
    /// The active inputs, in ascending order.
    pub input: &'a [u32],
    /// The class: the output neuron that ought to be active.
    pub target: usize,
}

/// Why a sample does not fit the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum SampleError {
    /// An active input is not an input neuron.
    #[error("active input at position {position} is {found}, expected 0 to {last}")]
    Input { position: usize, found: u32, last: usize },
    /// The active inputs are not in ascending order, or one is named twice.
    #[error("active input at position {position} is {found}, expected more than {previous}")]
    Order { position: usize, found: u32, previous: u32 },
    /// The target is not an output neuron.
    #[error("target class is {found}, expected 0 to {last}")]
    Target { found: usize, last: usize },
}

impl Sample<'_> {
    /// Checks the sample against a shape.
    ///
    /// # Errors
    /// If an input or the target lies outside the network, or the inputs are not in ascending
    /// order.
    pub fn check(&self, shape: &Shape) -> Result<(), SampleError> {
        let last = shape.n_classes() - 1;
        if self.target > last {
            return Err(SampleError::Target { found: self.target, last });
        }
        check_input(self.input, shape)
    }
}

fn check_input(input: &[u32], shape: &Shape) -> Result<(), SampleError> {
    let n_inputs = shape.n_inputs();
    // Every pair is compared, whatever the first ones say: that takes whole lanes at a time.
    let pairs = input.iter().zip(input.get(1..).unwrap_or(&[]));
    let is_ascending = pairs.fold(true, |so_far, (a, b)| so_far & (a < b));
    if is_ascending && input.last().is_none_or(|&largest| (largest as usize) < n_inputs) {
        return Ok(());
    }
    let mut previous = None;
    for (position, &found) in input.iter().enumerate() {
        if found as usize >= n_inputs {
            return Err(SampleError::Input { position, found, last: n_inputs - 1 });
        }
        if let Some(previous) = previous.filter(|&previous| previous >= found) {
            return Err(SampleError::Order { position, found, previous });
        }
        previous = Some(found);
    }
    Ok(())
}

/// A network that learns by clauses R1 to R10, or by the algorithm of its variant.
#[derive(Clone, Debug)]
pub struct Reference {
    shape: Shape,
    weights: Weights,
    /// The forward weights once more, as they are summed; `None` if the limits do not allow it.
    packed: Vec<Option<Packed>>,
    record: Record,
    steps: Steps,
    dispatch: Dispatch,
}

impl Reference {
    /// Brings shape and weights together.
    ///
    /// # Errors
    /// If the weights do not fit the shape.
    pub fn new(shape: Shape, weights: Weights) -> Result<Reference, WeightsError> {
        weights.check(&shape)?;
        let dispatch = Dispatch::widest();
        let packed = packed(&shape, &weights, dispatch);
        let record = Record::new(&shape);
        let steps = Steps::new(shape.sizes().iter().copied().max().unwrap_or(0));
        Ok(Reference { shape, weights, packed, record, steps, dispatch })
    }

    /// Chooses the instruction set; `None` if this machine lacks it. A new network runs on the
    /// widest that the machine has. The results are the same on all of them.
    #[must_use]
    pub fn with_lanes(mut self, lanes: Lanes) -> Option<Reference> {
        self.dispatch = Dispatch::new(lanes)?;
        self.packed = packed(&self.shape, &self.weights, self.dispatch);
        Some(self)
    }

    /// The instruction set in use.
    #[must_use]
    pub fn lanes(&self) -> Lanes {
        self.dispatch.lanes()
    }

    /// Layer sizes, limits and variant.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The weights as they stand now.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Replaces the weights. The record of the last sample stays.
    ///
    /// # Errors
    /// If the weights do not fit the shape; the old ones then stay.
    pub fn set_weights(&mut self, weights: Weights) -> Result<(), WeightsError> {
        weights.check(&self.shape)?;
        self.packed = packed(&self.shape, &weights, self.dispatch);
        self.weights = weights;
        Ok(())
    }

    /// Replaces the weights from one source neuron, the row `source` of `matrix`. The record of the
    /// last sample stays. Under `lanl-numpy` the feedback twins of a forward row are replaced with
    /// it.
    ///
    /// This is how weights that change elsewhere are followed at the cost of the rows that change:
    /// only this row is looked at.
    ///
    /// ```
    /// use synfire_reference::{MatrixName, Reference, Shape, init};
    ///
    /// let shape = Shape::new(&[2, 3, 1])?;
    /// let mut network = Reference::new(shape.clone(), init::he(&shape, 1))?;
    /// network.set_row(MatrixName::Forward(0), 1, &[2, 4, 6])?;
    /// assert_eq!(network.weights().forward()[0].row(1), [2, 4, 6]);
    /// assert!(network.set_row(MatrixName::Forward(0), 1, &[2, 4, 7]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such matrix or source, or the row is of the wrong length or holds a weight
    /// out of range or off the grid; under `lanl-numpy` also if a feedback weight differs from its
    /// forward twin. The old weights then stay.
    pub fn set_row(
        &mut self,
        matrix: MatrixName,
        source: usize,
        row: &[i16],
    ) -> Result<(), WeightsError> {
        let n_targets = self.weights.named(matrix).map_or(row.len(), Matrix::n_targets);
        if row.len() != n_targets {
            let found = row.len();
            return Err(WeightsError::RowLength { matrix, source_idx: source, found, n_targets });
        }
        self.set_rows(matrix, source, row)
    }

    /// As [`Reference::set_row`], for as many neighbouring rows as `rows` holds, from that of source `first`
    /// on: quicker than one after the other.
    ///
    /// # Errors
    /// As [`Reference::set_row`], and then no row is replaced.
    pub fn set_rows(
        &mut self,
        matrix: MatrixName,
        first: usize,
        rows: &[i16],
    ) -> Result<(), WeightsError> {
        let Reference { dispatch, shape, weights, packed, .. } = self;
        dispatch.run(SetRows { shape, weights, packed, matrix, first, rows })
    }

    /// Gives up the network and keeps its weights.
    #[must_use]
    pub fn into_weights(self) -> Weights {
        self.weights
    }

    /// Number of weights, feedback included, that sit at a limit. Looks at every weight;
    /// [`Weights::saturation`] tells the matrices apart.
    #[must_use]
    pub fn saturated(&self) -> usize {
        self.weights.saturation(self.shape.limits()).total()
    }

    /// The intermediates of the last sample; all zero before the first.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Runs one sample and changes the weights by it.
    ///
    /// # Errors
    /// If an input or the target lies outside the network, or the inputs are not in ascending
    /// order. Weights and record then stay as they were.
    pub fn learn(&mut self, sample: Sample<'_>) -> Result<&Record, SampleError> {
        sample.check(&self.shape)?;
        self.activity(sample.input);
        self.record.target = Some(sample.target);
        let n_layers = self.record.layers.len();
        if !output_error(&mut self.record.layers[n_layers - 1], sample.target) {
            return Ok(&self.record);
        }
        match self.shape.variant() {
            Variant::Circuit => {
                let n_wrong = 1 + (1..n_layers).rev().take_while(|&l| self.hidden_error(l)).count();
                for layer in (n_layers - n_wrong + 1)..=n_layers {
                    self.update(layer);
                }
            }
            Variant::LanlNumpy => {
                self.update(n_layers);
                for layer in (1..n_layers).rev() {
                    if !self.hidden_error(layer) {
                        break;
                    }
                    self.update(layer);
                }
            }
        }
        Ok(&self.record)
    }

    /// Runs one input and changes nothing.
    ///
    /// # Errors
    /// If an input lies outside the network or the inputs are not in ascending order.
    pub fn infer(&mut self, input: &[u32]) -> Result<&Record, SampleError> {
        check_input(input, &self.shape)?;
        self.activity(input);
        self.record.target = None;
        Ok(&self.record)
    }

    /// R1, R2: potentials and activity of every layer.
    fn activity(&mut self, input: &[u32]) {
        let record = &mut self.record;
        record.set_input(input);
        record.n_updates = 0;
        let mut below: Option<&LayerRecord> = None;
        let matrices = self.weights.forward.iter().zip(&self.packed);
        for ((matrix, packed), layer) in matrices.zip(&mut record.layers) {
            let sources = below.map_or(input, LayerRecord::active_list);
            layer.clear_errors();
            activity(self.dispatch, matrix, packed.as_ref(), sources, self.shape.limits(), layer);
            below = Some(layer);
        }
    }

    /// R4 for one hidden layer. Returns whether it has any error signal.
    fn hidden_error(&mut self, layer: usize) -> bool {
        let (below, above) = self.record.layers.split_at_mut(layer);
        let weights = &self.weights;
        let feedback = (&weights.feedback_plus[layer - 1], &weights.feedback_minus[layer - 1]);
        let theta = self.shape.error_threshold(layer);
        let limits = self.shape.limits();
        let hidden = &mut below[layer - 1];
        hidden_error(self.dispatch, hidden, &above[0], feedback, theta, limits)
    }

    /// R5 for the weights into one layer and their feedback twins.
    fn update(&mut self, layer: usize) {
        let limits = self.shape.limits();
        let record = &mut self.record;
        let (below, above) = record.layers.split_at(layer - 1);
        let (errors, sources) = (&above[0], below.last());
        let active = sources.map_or(&record.input_list, |source| &source.active_list);
        let (plus, minus) = (&errors.error_plus_list, &errors.error_minus_list);
        record.n_updates += (active.len() * (plus.len() + minus.len())) as u64;

        let matrix = &mut self.weights.forward[layer - 1];
        let packed = self.packed[layer - 1].as_mut();
        change_forward(self.dispatch, matrix, packed, active, errors, limits, &mut self.steps);
        if let Some(source) = sources {
            let weights = &mut self.weights;
            let (plus, minus) = (&mut weights.feedback_plus, &mut weights.feedback_minus);
            let feedback = (&mut plus[layer - 2], &mut minus[layer - 2]);
            let active = &source.active;
            change_feedback(self.dispatch, feedback, active, errors, limits, &mut self.steps);
        }
    }
}

fn packed(shape: &Shape, weights: &Weights, dispatch: Dispatch) -> Vec<Option<Packed>> {
    let packed = |matrix| Packed::new(matrix, shape.limits(), dispatch.lanes());
    weights.forward.iter().map(packed).collect()
}
