//! Image data sets as bits: what a spiking circuit with 0/1 inputs learns from.
//!
//! - [`load`] returns MNIST or Fashion-MNIST from canonical IDX files, checked byte for byte, or
//!   [`digits`], a set that this crate draws itself and that needs no files.
//! - [`Dataset`] holds samples as ascending lists of active inputs, with labels.
//! - [`shuffle`] is the order of an epoch, pinned for all machines and all time.
//! - [`idx`] parses IDX files, plain or gzip, from bytes; [`npy`] arrays of NumPy.
//!
//! ```
//! use synfire_data::{Preparation, SearchPath, Source, load, shuffle};
//!
//! let source: Source = "digits".parse()?;
//! let folders = SearchPath::new(None, None, None);
//! let split = load(&source, &folders, &Preparation::of(&source))?;
//!
//! for sample_idx in shuffle(split.train.len(), 1, 0).into_iter().take(3) {
//!     let sample_idx = sample_idx as usize;
//!     let (active, target) = (split.train.input(sample_idx), split.train.target(sample_idx));
//!     assert!(active.len() < 400 && target < 10);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A user's own set is named by its place, `idx:DIR` or `npy:DIR`; [`oddities`] says what is odd about one. With the
//! feature `fetch`, a function of that name downloads known sets.
//!
//! What it does not do: it reads no environment variable and no argument (the folders are handed
//! in), writes nothing but downloads, keeps no grey levels once a threshold has been applied, and knows nothing of
//! networks, spikes or learning.

mod binarize;
mod checksum;
mod dataset;
pub mod digits;
mod draw;
#[cfg(feature = "fetch")]
mod fetch;
pub mod idx;
mod input_file;
mod load;
pub mod npy;
mod npz;
mod oddity;
mod order;
mod own;
mod source;

pub use binarize::{Preparation, PreparationError};
pub use checksum::{KnownFile, known_files, sha256_hex};
pub use dataset::{Dataset, DatasetError, Split};
#[cfg(feature = "fetch")]
#[doc(hidden)]
pub use fetch::judge_answer;
#[cfg(feature = "fetch")]
pub use fetch::{
    Checked, FetchError, FetchEvent, FetchPlan, FetchProblem, FetchWatch, Fetched, Patience,
    Wanted, check_files, fetch, mirrors, wanted_files,
};
pub use load::{LoadError, Searched, load};
pub use oddity::{Oddity, class_counts, oddities};
pub use order::shuffle;
pub use own::load_npz;
pub use source::{Origin, SearchPath, Source, SourceError};
