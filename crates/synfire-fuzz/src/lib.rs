//! What is done with hostile input: a [`Target`] for each parser of the workspace.
//!
//! A target is a function of bytes that hands them to a parser and looks at what comes out: nothing panics, what was
//! read can be written and read again as the same, and no size that was announced is believed. Beside it stand
//! the seeds, well-formed inputs made by our own writers, and a dictionary of words.
//!
//! The targets are run in two ways. A fuzzer, in the folder `fuzz` of the repository, searches with coverage for as
//! long as one likes: `cargo xtask fuzz`, see `docs/contributing.md`. The tests here run each over its seeds and
//! some thousand [mutations](mutated) of them, the same ones everywhere, so that no target falls behind its parser.
//!
//! ```
//! let target = synfire_fuzz::find("rule").expect("there is one");
//! for (idx, seed) in (0..).zip((target.seeds)()) {
//!     (target.run)(&seed);
//!     (target.run)(&synfire_fuzz::mutated(&seed, target, idx));
//! }
//! ```
//!
//! Some targets take bytes as they would lie in a file. Where check sums or lengths would turn away nearly every
//! mutation ([`Form::Pieces`]), the input is cut into pieces instead, from which a file is
//! made whose sums are right and whose parts are hostile.
//!
//! Nothing here is for other crates, and what it finds is mended in the crate of the parser, with a test there.

mod archive;
mod mutate;
mod pieces;
mod targets;

pub use mutate::mutated;
pub use targets::{Form, TARGETS, Target, find};
