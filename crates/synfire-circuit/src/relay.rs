//! The motifs a circuit is wired from: relays, gates and their names.

use synfire_net::{Connectivity, Delay, LayerId, NetworkBuilder, ProjectionId, Weights};

/// Adds projections named after what they join.
pub(crate) struct Wiring<'a> {
    pub(crate) builder: &'a mut NetworkBuilder,
}

impl Wiring<'_> {
    /// Neuron k of one population drives neuron k of another: a relay, or with a delay a memory.
    pub(crate) fn relay(
        &mut self,
        from: LayerId,
        to: LayerId,
        weight: i32,
        delay: u8,
    ) -> ProjectionId {
        let weights = Weights::Uniform(weight);
        self.add(from, to, Connectivity::OneToOne { weights, delay: steps(delay) }, delay)
    }

    /// A gate opens, or with a negative weight holds, all of a population.
    pub(crate) fn gate(&mut self, gate: LayerId, to: LayerId, weight: i32) -> ProjectionId {
        let weights = Weights::Uniform(weight);
        self.add(gate, to, Connectivity::OneToAll { weights, delay: Delay::ZERO }, 0)
    }

    fn add(&mut self, from: LayerId, to: LayerId, wired: Connectivity, delay: u8) -> ProjectionId {
        let weight = match &wired {
            Connectivity::OneToOne { weights: Weights::Uniform(weight), .. }
            | Connectivity::OneToAll { weights: Weights::Uniform(weight), .. } => *weight,
            _ => 0,
        };
        let (source, target) = (self.builder.layer_name(from), self.builder.layer_name(to));
        let name = format!("{source} to {target}, weight {weight}, delay {delay}");
        self.builder.connect(name, from, to, wired)
    }
}

/// Delays of the circuits are written in the source text and small.
fn steps(delay: u8) -> Delay {
    Delay::new(delay).unwrap_or(Delay::MAX)
}
