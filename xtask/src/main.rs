//! The commands of the workspace itself.

fn main() {}
