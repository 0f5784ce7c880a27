//! The paper's experiments at spike level, on data sets of the paper, and the document that tells of them.
//!
//! `cargo xtask reproduce` is the command around this crate. It is never published.
//!
//! - [`ITEMS`]: what there is to reproduce. An [`Item`] is a list of [`Trial`]s and a section of the document.
//! - `experiment`: the trials, that is everything that is computed. A trial is a function of its parameters and of the
//!   data, on one thread; its result is a JSON value of counts.
//! - [`Store`]: results on disk, one file for each trial, kept under a hash of the sources that computed them, so that
//!   work goes on where it stopped and nothing stale is taken over.
//! - [`compute`]: trials side by side.
//! - [`Record`]: all results, the file `docs/reproduction.json`.
//! - `section`, [`document`]: what is said of them: `docs/reproduction.md`, its figures, and `docs/findings.md`. They
//!   are functions of the record alone, so that no number in them comes from anywhere else.
//!
//! # What it does not do
//! It measures no time and no energy: seconds in the record are there for planning, costs are estimates. It has no
//! clock and prints nothing; both are the business of the command.

mod crew;
mod document;
mod experiment;
mod item;
mod material;
mod record;
mod scale;
mod section;
mod sources;
mod statistics;
mod store;
mod trial;

pub use crew::{Clock, Event, Task, compute};
pub use document::{Document, document};
pub use item::{ITEMS, Item};
pub use material::Material;
pub use record::{Outcome, Record, Times};
pub use scale::Scale;
pub use section::{Expectation, Figure, Section};
pub use sources::Sources;
pub use store::Store;
pub use trial::{Trial, Watch};
