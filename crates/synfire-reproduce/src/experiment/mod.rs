//! Everything that is computed: one module for each item, and what they share. What is said of results is in `section`;
//! a change here makes kept results stale.

pub(crate) mod ablation;
pub(crate) mod accuracy;
pub(crate) mod changed;
pub(crate) mod cost;
pub(crate) mod driven;
pub(crate) mod feedback;
pub(crate) mod forgotten;
pub(crate) mod inferred;
pub(crate) mod numpy;
pub(crate) mod observed;
pub(crate) mod phases;
pub(crate) mod published;
pub(crate) mod restart;
pub(crate) mod sensitivity;
pub(crate) mod sparsity;
pub(crate) mod training;
pub(crate) mod watched;
