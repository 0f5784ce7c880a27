//! Layers by both of their names, ours and that of the paper's authors.

use std::fmt;

use synfire_circuit::{Population, Side};
use synfire_reference::Shape;

use super::{Ring, SpikeCompareError};
use crate::choices::quoted;

/// A population by both names.
pub(super) struct Named(pub(super) Population);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, lanl) = (self.0.name(), self.0.lanl_name());
        if ours == lanl { f.write_str(&ours) } else { write!(f, "{ours} ({lanl})") }
    }
}

/// The populations of a circuit.
pub(super) fn populations(ring: Ring) -> Vec<Population> {
    match ring {
        Ring::Learning => {
            Population::WORKING.into_iter().chain((0..12).map(Population::Gate)).collect()
        }
        Ring::Inference => [Population::X, Population::H, Population::O]
            .into_iter()
            .chain((0..4).map(Population::Gate))
            .collect(),
    }
}

/// The population of either name.
pub(super) fn population(name: &str, ring: Ring) -> Result<Population, SpikeCompareError> {
    let all = populations(ring);
    let found = all.iter().copied().find(|it| it.lanl_name() == name || it.name() == name);
    found.ok_or_else(|| {
        let names = all.iter().filter(|it| !matches!(it, Population::Gate(_)));
        let known: Vec<String> = names.map(|&it| Named(it).to_string()).collect();
        let gates = Named(Population::Gate(0));
        SpikeCompareError::Layer {
            name: quoted(name),
            ring: ring.name(),
            known: format!("{} and gates such as {gates}", known.join(", ")),
        }
    })
}

/// Number of neurons of a population.
pub(super) fn size(population: Population, shape: &Shape) -> usize {
    match population.side() {
        Side::Input => shape.n_inputs(),
        Side::Hidden => shape.n_neurons(1),
        Side::Output => shape.n_classes(),
        Side::Single => 1,
    }
}
