//! Training runs of spiking backpropagation over any Synfire engine
