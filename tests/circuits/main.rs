//! The circuits themselves: what they consist of, their phases as observed, and their inference.

mod inference;
mod placement;
mod room;
mod size;
