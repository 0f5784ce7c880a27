//! The only way to a [`Network`].
//!
//! Parts are added one by one and get their ids at once; [`NetworkBuilder::build`] checks the whole and
//! reports every problem it finds, each with its layer or projection.

use crate::validate::{Problems, validate};
use crate::{
    Connectivity, Gating, Layer, LayerId, LayerKind, Network, Neuron, PhaseSet, Plasticity,
    Projection, ProjectionId, UNIT_GAIN,
};

/// Collects the parts of a network.
#[derive(Clone, Debug)]
pub struct NetworkBuilder {
    network: Network,
}

impl NetworkBuilder {
    /// Starts a network without parts. Its name, for reports, must not be empty.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            network: Network { name, layers: Vec::new(), projections: Vec::new(), gating: None },
        }
    }

    /// Adds a layer of 1 to [`MAX_LAYER`](crate::MAX_LAYER) equal neurons.
    pub fn neurons(&mut self, name: impl Into<String>, n_neurons: u32, neuron: Neuron) -> LayerId {
        let kind = LayerKind::Neurons(neuron);
        self.layer(Layer { name: name.into(), n_neurons, kind, phases: None })
    }

    /// Adds a layer of 1 to [`MAX_LAYER`](crate::MAX_LAYER) spike sources.
    pub fn sources(&mut self, name: impl Into<String>, n_sources: u32) -> LayerId {
        let kind = LayerKind::Source;
        self.layer(Layer { name: name.into(), n_neurons: n_sources, kind, phases: None })
    }

    /// Adds a layer described in full.
    ///
    /// # Panics
    /// Above 2^32 layers.
    pub fn layer(&mut self, layer: Layer) -> LayerId {
        let id = u32::try_from(self.network.layers.len()).expect("fewer than 2^32 layers");
        self.network.layers.push(layer);
        LayerId(id)
    }

    /// The name of a layer that was added.
    ///
    /// # Panics
    /// If this builder has not handed out the id and has fewer layers.
    #[must_use]
    pub fn layer_name(&self, layer: LayerId) -> &str {
        &self.network.layers[layer.index()].name
    }

    /// Allows a layer to spike in these phases only; [`gating`](Self::gating) gives the period.
    ///
    /// # Panics
    /// If this builder has not handed out the id and has fewer layers.
    pub fn allow(&mut self, layer: LayerId, phases: PhaseSet) -> &mut Self {
        self.network.layers[layer.index()].phases = Some(phases);
        self
    }

    /// Adds a static projection whose unit of weight is [`UNIT_GAIN`], 64 units of charge.
    pub fn connect(
        &mut self,
        name: impl Into<String>,
        source: LayerId,
        target: LayerId,
        connectivity: Connectivity,
    ) -> ProjectionId {
        let gain = UNIT_GAIN;
        let plasticity = None;
        self.projection(Projection {
            name: name.into(),
            source,
            target,
            connectivity,
            gain,
            plasticity,
        })
    }

    /// Adds a projection that learns, from any layer; its unit of weight is [`UNIT_GAIN`], 64 units of
    /// charge.
    pub fn connect_plastic(
        &mut self,
        name: impl Into<String>,
        source: LayerId,
        target: LayerId,
        connectivity: Connectivity,
        plasticity: Plasticity,
    ) -> ProjectionId {
        let gain = UNIT_GAIN;
        let plasticity = Some(plasticity);
        self.projection(Projection {
            name: name.into(),
            source,
            target,
            connectivity,
            gain,
            plasticity,
        })
    }

    /// Adds a projection described in full. Synapses of a list are brought to canonical order; synapses
    /// with equal ends and delay keep the order in which they were given.
    ///
    /// # Panics
    /// Above 2^32 projections.
    pub fn projection(&mut self, mut projection: Projection) -> ProjectionId {
        let id =
            u32::try_from(self.network.projections.len()).expect("fewer than 2^32 projections");
        if let Connectivity::List(synapses) = &mut projection.connectivity {
            // Stable, so that equal synapses keep the order in which they were listed.
            synapses.sort_by_key(|synapse| (synapse.source, synapse.target, synapse.delay));
        }
        self.network.projections.push(projection);
        ProjectionId(id)
    }

    /// Gives the network a period and names the gates of its ring. The last call counts.
    pub fn gating(&mut self, gating: Gating) -> &mut Self {
        self.network.gating = Some(gating);
        self
    }

    /// Checks the whole network.
    ///
    /// # Errors
    /// Every problem found, in the order of the network, then layers, then projections, then gating.
    pub fn build(self) -> Result<Network, Problems> {
        validate(&self.network)?;
        Ok(self.network)
    }
}
