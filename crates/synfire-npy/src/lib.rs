//! Arrays in NumPy's files, read as if somebody wanted to do harm.
//!
//! - [`parse_npy`], [`write_npy`]: one [`Array`] in a `.npy` file.
//! - [`Npz`], [`write_npz`]: several in a `.npz` archive.
//! - [`Header`], [`in_c_order`]: for who reads the elements of a large array piece by piece.
//!
//! ```
//! use synfire_npy::{Array, Npz, write_npz};
//!
//! let weights = Array::new(&[1, 2], vec![-256_i16, 254])?;
//! let bytes = write_npz([("w1", &weights)])?; // np.load(...)["w1"] in Python
//! assert_eq!(Npz::parse(&bytes)?.array("w1")?, weights);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Equal arrays make equal bytes, those that NumPy writes. Files that are read are not trusted: bad ones end in an
//! error that says what was found, and memory grows only with what is really there.
//!
//! # What it does not do
//! It opens no files: it is handed bytes and hands them out. It knows no objects, records, dates and complex numbers,
//! computes nothing, and has no views.

mod array;
mod header;
mod names;
mod npy;
mod npz;

pub use array::{Array, ArrayError, Shaped, Values};
pub use header::{ElementType, Header, HeaderError, in_c_order};
pub use names::{listed, printable};
pub use npy::{NpyError, parse_npy, write_npy};
pub use npz::{MOST_UNPACKED, Npz, NpzError, write_npz};
