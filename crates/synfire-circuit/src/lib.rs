//! Synfire-gated circuits for on-chip backpropagation, and an ideal integer LIF engine to run them
