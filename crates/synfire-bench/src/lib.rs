//! Benches of Synfire's hot paths, equality checked before timing
