//! What the documents show: the examples do what their page says, their pictures are those of the page, and
//! fragments of networks can be read.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod behaviour;
mod front;
mod pictures;
mod scene;
mod snippets;
