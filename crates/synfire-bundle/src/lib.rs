//! The backpropagation circuit as a benchmark for builders of hardware and emulators.
//!
//! [`make`] goes from the folder of a run to a bundle: a folder with the circuit as the chip would be loaded with it,
//! its stimulus, and what must come out, spike by spike and weight by weight, in plain tables. [`check`] says whether a
//! bundle is whole and right, by running it again. These are `synfire bundle` and `synfire bundle check`.
//!
//! A bundle needs nothing of ours: its README holds the arithmetic, and a reader in 60 lines of Python runs it. It
//! holds no date, so that equal runs give equal bundles.

mod case;
mod check;
mod circuit;
mod crafted;
mod error;
mod folder;
mod golden;
mod header;
mod make;
mod parse;
mod readme;
mod run;
mod shows;
mod sums;
mod table;

pub use check::{BundleProblem, Checked, CheckedCase, check};
pub use circuit::Kind;
pub use error::BundleError;
pub use make::{BundleConfig, Made, MadeCase, make};

pub use synfire_train;
