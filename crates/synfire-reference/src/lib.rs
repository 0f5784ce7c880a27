//! Binarized backpropagation in plain integers: the oracle Synfire holds its circuits against

mod backward;
mod draw;
mod forward;
pub mod init;
mod limits;
mod matrix;
pub mod order;
mod record;
mod reference;
mod shape;
mod update;
mod weights;

pub use limits::{LimitsError, WeightLimits};
pub use matrix::{Matrix, MatrixError};
pub use record::{LayerRecord, Readout, Record, Values};
pub use reference::{Reference, Sample, SampleError};
pub use shape::{Shape, ShapeError, Thresholds, Variant, VariantError};
pub use weights::{MatrixName, Saturation, Weights, WeightsError};
