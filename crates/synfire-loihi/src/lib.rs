//! A bit-accurate, strict software model of Intel's first Loihi chip
