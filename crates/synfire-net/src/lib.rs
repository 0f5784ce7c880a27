//! Describe networks of integer spiking neurons, and the contract of an engine that runs them
