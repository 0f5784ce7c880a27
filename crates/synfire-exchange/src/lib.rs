//! Weights and spikes of Synfire as files that other programs read and write.
//!
//! - [`WeightFile`], [`write_weights`], [`write_weight_tensors`]: all weights of a network, as npz or safetensors, ours
//!   and those of the paper's authors.
//! - [`SpikeFile`]: spikes on record, as those authors save them.
//! - [`Tensors`], [`write_tensors`]: named arrays with metadata as safetensors has them.
//! - [`Npz`], [`write_npz`]: archives of named arrays as NumPy has them; [`parse_npy`], [`write_npy`]: one array.
//! - `write_nir`, with feature `nir`: the network that answers, for Norse, snnTorch, Spyx and other simulators.
//!
//! ```
//! use synfire_exchange::synfire_reference::{Shape, init};
//! use synfire_exchange::{Npz, WeightFile, write_weight_tensors, write_weights};
//!
//! let shape = Shape::new(&[400, 100, 10])?;
//! let weights = init::he(&shape, 1);
//! let npz = write_weights(&weights)?; // np.load(...)["w1"] in Python
//! assert_eq!(Npz::parse(&npz)?.array("w1")?.shape(), [100, 400]);
//! let tensors = write_weight_tensors(&weights, &shape);
//! let back = WeightFile::parse(&tensors, shape.limits())?.into_weights(&shape)?;
//! assert_eq!(back, weights);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Equal input makes equal bytes. Files that are read are not trusted: bad ones end in an error that says what was
//! found, and memory grows only with what is really there.
//!
//! # What it does not do
//! It opens no files: it is handed bytes and hands them out. It runs no network.

#[cfg(feature = "nir")]
mod nir;
mod spikes;
mod tensors;
mod told;
mod weights;

#[cfg(feature = "nir")]
pub use nir::{NirError, NirTarget, NirTargetError, write_nir};
pub use spikes::{RecordedLayer, RecordedSpike, SpikeFile, SpikeFileError};
pub use tensors::{Tensors, TensorsError, write_tensors};
pub use told::MetadataError;
pub use weights::{
    Remark, WeightFile, WeightFileError, weight_arrays, write_weight_tensors, write_weights,
};

pub use synfire_npy::{
    self, Array, ArrayError, MOST_UNPACKED, NpyError, Npz, NpzError, Values, parse_npy, write_npy,
    write_npz,
};
pub use synfire_reference;
