//! From a network file to a program on cores, or to everything that stands in the way.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use synfire_train::synfire_loihi::place::{Manual, PlaceOptions, Placement, place};
use synfire_train::synfire_loihi::{Program, lower};
use synfire_train::synfire_net::Network;
use synfire_train::synfire_net::file::{self, FileError};

use super::file::{LONGEST_NETWORK, LONGEST_PLACEMENT, read_text};

/// Reasons that a message lists; JSON has all.
const MAX_LINES: usize = 50;

/// A network in the terms of the chip, and where it is on it.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) program: Arc<Program>,
    pub(super) placement: Placement,
}

/// Every reason why a network is refused.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) reasons: Vec<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.reasons.len();
        write!(f, "refused, for {n} {}", if n == 1 { "reason" } else { "reasons" })?;
        for reason in self.reasons.iter().take(MAX_LINES) {
            write!(f, "\n  {reason}")?;
        }
        match n.saturating_sub(MAX_LINES) {
            0 => Ok(()),
            rest => write!(f, "\n  and {rest} more"),
        }
    }
}

impl std::error::Error for Refused {}

fn refused<T: ToString>(reasons: &[T]) -> Refused {
    Refused { reasons: reasons.iter().map(ToString::to_string).collect() }
}

/// Reads a network, lowers it and places it, with the populations of a file where these are told to be.
///
/// # Errors
/// A file that cannot be read; otherwise [`Refused`]: every problem of the network, or else everything that
/// the chip cannot hold together with what is wrong in the placement file, or else everything that cannot
/// be placed.
pub(super) fn read(net: &Path, placement: Option<&Path>) -> Result<Placed> {
    let text = read_text(net, LONGEST_NETWORK)?;
    let by_hand = placement.map(|path| read_text(path, LONGEST_PLACEMENT)).transpose()?;
    let network = Arc::new(file::parse(&text).map_err(|error| match error {
        FileError::Invalid(problems) => refused(problems.as_slice()),
        other => refused(&[other]),
    })?);
    let manual = placement.zip(by_hand.as_deref()).map(|(path, text)| manual(path, text, &network));
    let mut reasons = Vec::new();
    let program = lower(Arc::clone(&network));
    if let Err(refusals) = &program {
        reasons.extend(refused(refusals.as_slice()).reasons);
    }
    if let Some(Err(error)) = &manual {
        reasons.extend(error.reasons.iter().cloned());
    }
    match (program, manual.transpose()) {
        (Ok(program), Ok(manual)) => Ok(put(Arc::new(program), manual)?),
        _ => Err(Refused { reasons }.into()),
    }
}

/// Places a program that is lowered already, with the populations of a file where these are told to be.
///
/// # Errors
/// A file that cannot be read; otherwise [`Refused`]: what is wrong in it, or everything that cannot be
/// placed.
pub(super) fn of_program(program: &Arc<Program>, placement: Option<&Path>) -> Result<Placed> {
    let manual = placement.map(|path| {
        let text = read_text(path, LONGEST_PLACEMENT)?;
        anyhow::Ok(manual(path, &text, program.network())?)
    });
    Ok(put(Arc::clone(program), manual.transpose()?)?)
}

/// Lowers a network and places it.
///
/// # Errors
/// Those of lowering and of [`of_program`].
pub(super) fn of_network(network: &Arc<Network>, placement: Option<&Path>) -> Result<Placed> {
    of_program(&Arc::new(lower(Arc::clone(network))?), placement)
}

/// Reads where populations are to be.
fn manual(path: &Path, text: &str, network: &Network) -> Result<Manual, Refused> {
    Manual::parse(text, network).map_err(|error| refused(&[format!("{}: {error}", path.display())]))
}

/// Places a program.
///
/// # Errors
/// Everything that stands in the way.
fn put(program: Arc<Program>, manual: Option<Manual>) -> Result<Placed, Refused> {
    let options = PlaceOptions { manual: manual.unwrap_or_default(), ..PlaceOptions::default() };
    let placement = place(&program, &options).map_err(|errors| refused(errors.as_slice()))?;
    Ok(Placed { program, placement })
}
