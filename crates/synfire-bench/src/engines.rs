//! The engines that are timed, each made for a network.

use std::sync::Arc;
use synfire_circuit::LifEngine;
use synfire_loihi::{PlainEngine, lower};
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
    let program = lower(network).map_err(|error| error.to_string())?;
    Ok(PlainEngine::new(Arc::new(program), Strictness::Report))
}
