//! The examples of `docs/examples`: they do what their page says, and their pictures are those of the page.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod behaviour;
mod pictures;
mod scene;
