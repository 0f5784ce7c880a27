//! The engines that are timed, each made for a network.

use std::sync::Arc;
use synfire_circuit::LifEngine;
use synfire_fast::FastEngine;
use synfire_loihi::{PlainEngine, Program, lower};
use synfire_net::{Network, Strictness};

/// The ideal integer engine.
///
/// # Errors
/// A rule that it does not have, in words.
pub fn lif(network: Arc<Network>) -> Result<LifEngine, String> {
    LifEngine::new(network, Strictness::Report).map_err(|error| error.to_string())
}

/// The plain engine of the chip.
///
/// # Errors
/// Why the network cannot be lowered, in words.
pub fn loihi(network: Arc<Network>) -> Result<PlainEngine, String> {
    Ok(PlainEngine::new(program(network)?, Strictness::Report))
}

/// The fast engine of the chip, with the widest lanes that this machine has.
///
/// # Errors
/// Why the network cannot be lowered, in words.
pub fn fast(network: Arc<Network>) -> Result<FastEngine, String> {
    Ok(FastEngine::new(program(network)?, Strictness::Report))
}

fn program(network: Arc<Network>) -> Result<Arc<Program>, String> {
    lower(network).map(Arc::new).map_err(|error| error.to_string())
}
