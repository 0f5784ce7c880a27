//! Weights and spikes of Synfire as files that other programs read and write.
//!
//! - [`Npz`], [`write_npz`]: archives of named arrays as NumPy has them; [`parse_npy`], [`write_npy`]: one array.
//!
//! ```
//! use synfire_exchange::{Array, Npz, write_npz};
//!
//! let steps = Array::list(vec![3_i64, 5]);
//! let bytes = write_npz([("steps", &steps)])?;
//! assert_eq!(Npz::parse(&bytes)?.array("steps")?, steps);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Equal input makes equal bytes. Files that are read are not trusted: bad ones end in an error that says what was
//! found, and memory grows only with what is really there.
//!
//! # What it does not do
//! It opens no files: it is handed bytes and hands them out. It runs no network.

mod array;
mod npy;
mod npz;

pub use array::{Array, ArrayError, Values};
pub use npy::{NpyError, parse_npy, write_npy};
pub use npz::{MOST_UNPACKED, Npz, NpzError, write_npz};
