//! Binarized backpropagation in plain integers: the oracle Synfire holds its circuits against
