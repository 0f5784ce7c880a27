//! The inference circuit: four phases from a sample to its class, weights frozen.
//!
//! Input, hidden and output population and a ring of four gates, with the strengths of the learning
//! circuit of the same form. Nothing echoes: the input is not replayed.

use crate::chain::Chain;
use crate::dials::{Dials, Form};
use crate::learning::gated_neuron;
use crate::population::Population;
use crate::relay::Wiring;
use crate::shape::{CircuitError, CircuitShape};
use std::sync::Arc;
use synfire_net::{
    Connectivity, Delay, LayerId, Network, NetworkBuilder, PhaseSet, Projection, ProjectionId,
    Weights,
};

/// The inference circuit and where to find its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InferenceCircuit {
    pub(crate) dials: Dials,
    pub(crate) network: Arc<Network>,
    pub(crate) layers: [LayerId; 3],
    pub(crate) chain: Chain,
    pub(crate) input: LayerId,
    pub(crate) forward: [ProjectionId; 2],
}

impl InferenceCircuit {
    /// Builds the circuit; `w1` has one row of `n_hidden` per input, `w2` one of `n_outputs` per hidden
    /// neuron.
    ///
    /// # Errors
    /// Weights that do not fit the shape, and layers that are empty or too large.
    pub fn new(
        shape: CircuitShape,
        form: Form,
        w1: &[i16],
        w2: &[i16],
    ) -> Result<Self, CircuitError> {
        let dials = match form {
            Form::Published => Dials::published(),
            Form::Sized => Dials::sized(shape.active(), shape.n_hidden, shape.n_outputs, 0),
        };
        let mut builder = NetworkBuilder::new(format!("inference circuit, {form}"));
        let layers = [
            (Population::X, shape.n_inputs),
            (Population::H, shape.n_hidden),
            (Population::O, shape.n_outputs),
        ]
        .map(|(population, size)| {
            let layer = builder.neurons(population.name(), size, gated_neuron(&dials, population));
            builder.allow(layer, population.inference_phases());
            layer
        });
        let chain = Chain::add(&mut builder, 4, &dials, |k| Population::Gate(k).name());
        let input = builder.sources("input", shape.n_inputs);
        builder.allow(input, PhaseSet::of(&[0]));
        let mut wiring = Wiring { builder: &mut builder };
        wiring.relay(input, layers[0], dials.one, 0);
        for (k, population) in [Population::X, Population::H, Population::O].into_iter().enumerate()
        {
            wiring.gate(chain.gates[k + 1], layers[k], dials.opening(population).gate);
        }
        let [x, h, o] = layers;
        let forward =
            [("w1", x, h, w1), ("w2", h, o, w2)].map(|(name, source, target, weights)| {
                let each = weights.iter().map(|&weight| i32::from(weight)).collect();
                builder.projection(Projection {
                    name: name.to_owned(),
                    source,
                    target,
                    connectivity: Connectivity::AllToAll {
                        weights: Weights::Each(each),
                        delay: Delay::ZERO,
                    },
                    gain: dials.plastic_gain,
                    plasticity: None,
                })
            });
        let network = Arc::new(builder.build()?);
        Ok(Self { dials, network, layers, chain, input, forward })
    }

    /// The network, for an engine.
    #[must_use]
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The layer of a population, for `X`, `H`, `O` and the first four gates.
    #[must_use]
    pub fn layer(&self, population: Population) -> Option<LayerId> {
        match population {
            Population::X => Some(self.layers[0]),
            Population::H => Some(self.layers[1]),
            Population::O => Some(self.layers[2]),
            Population::Gate(k) => self.chain.gates.get(usize::from(k)).copied(),
            _ => None,
        }
    }

    /// The frozen matrices, input to hidden and hidden to output.
    #[must_use]
    pub const fn forward(&self) -> [ProjectionId; 2] {
        self.forward
    }
}
