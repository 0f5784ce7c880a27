//! The backpropagation circuit as a benchmark for builders of hardware and emulators.
//!
//! - [`make`] goes from the folder of a run to a bundle: a folder with the circuit as the chip would be loaded with it,
//!   its stimulus, and what must come out, spike by spike and weight by weight, in plain tables.
//! - [`check`] says whether a bundle is whole and right, by running it again.
//! - [`compare`] holds the spikes and weights of somebody's machine against it and names the first difference.
//!
//! These are `synfire bundle`, `synfire bundle check` and `synfire bundle compare`. A bundle needs nothing of ours: its
//! README holds the arithmetic, and a reader in 60 lines of Python runs it. It holds no date, so that equal runs give
//! equal bundles.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use synfire_bundle::synfire_train::synfire_data::{SearchPath, Source};
//! use synfire_bundle::synfire_train::{Config, EngineKind, Monitor, run};
//! use synfire_bundle::{BundleConfig, CompareConfig, check, compare, make};
//!
//! struct Clock(Instant);
//! impl Monitor for Clock {
//!     fn now(&mut self) -> Duration {
//!         self.0.elapsed()
//!     }
//! }
//!
//! let dir = std::env::temp_dir().join("synfire-bundle-example");
//! let config = Config {
//!     epochs: 1,
//!     samples: Some(50),
//!     n_hidden: Some(8),
//!     may_overwrite: true,
//!     out: dir.join("run"),
//!     ..Config::new(Source::Digits, EngineKind::Fast)
//! };
//! run(&config, &SearchPath::default(), &mut Clock(Instant::now()))?;
//!
//! let bundle = dir.join("bundle");
//! let config = BundleConfig {
//!     run: dir.join("run"),
//!     out: bundle.clone(),
//!     n_samples: 2,
//!     may_overwrite: true,
//!     commit: None,
//! };
//! let made = make(&config, &SearchPath::default(), |_| ())?;
//! assert_eq!(made.cases[0].n_samples, 2);
//! assert!(check(&bundle)?.problems.is_empty());
//!
//! // A machine that does what it must.
//! let spikes = bundle.join("cases/ties/spikes.csv");
//! let case = Some("ties".to_owned());
//! let comparison = compare(&CompareConfig { bundle, spikes, case, ..CompareConfig::default() })?;
//! assert!(comparison.is_equal());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do
//! It trains nothing and prints nothing. It knows the circuits of this program and no others: a network of one's own is
//! run with `synfire chip run`. It measures no energy and no time.

mod case;
mod check;
mod circuit;
mod compare;
mod contents;
mod crafted;
mod diagnose;
mod dump;
mod error;
mod folder;
mod golden;
mod header;
mod listing;
mod make;
mod parse;
mod readme;
mod run;
mod score;
mod shows;
mod sums;
mod table;
mod tiny;
mod weigh;

pub use check::{BundleProblem, Checked, CheckedCase, check, check_files};
pub use circuit::Kind;
pub use compare::{CompareConfig, Comparison, SpikeFinding, SpikeMismatch, compare, compare_files};
pub use error::BundleError;
pub use make::{BundleConfig, Made, MadeCase, make};
pub use score::SpikePlace;
pub use tiny::tiny;
pub use weigh::{WeightComparison, WeightMismatch};

pub use synfire_train;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
