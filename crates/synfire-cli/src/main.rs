//! The synfire command: train and evaluate on-chip backpropagation, spike by spike

fn main() {}
