//! A validated network: what runs, not how.
//!
//! A [`Network`] that exists is valid: names are unique, ids exist, every weight, delay and phase is in
//! range. It is made by [`NetworkBuilder`](crate::NetworkBuilder) or read from
//! [its TOML form](mod@crate::file), and never changes; weights that change live in an engine.

use crate::{Gating, Layer, LayerId, LayerKind, Projection, ProjectionId};

/// A valid network of integer spiking neurons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    pub(crate) name: String,
    pub(crate) layers: Vec<Layer>,
    pub(crate) projections: Vec<Projection>,
    pub(crate) gating: Option<Gating>,
}

impl Network {
    /// Name of the network, for reports.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All layers, in the order of their ids.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// All projections, in the order of their ids.
    #[must_use]
    pub fn projections(&self) -> &[Projection] {
        &self.projections
    }

    /// The ring that gives the network its period, if it has one.
    #[must_use]
    pub const fn gating(&self) -> Option<&Gating> {
        self.gating.as_ref()
    }

    /// The layer with this id.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn layer(&self, id: LayerId) -> &Layer {
        &self.layers[id.index()]
    }

    /// The projection with this id.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn projection(&self, id: ProjectionId) -> &Projection {
        &self.projections[id.index()]
    }

    /// Ids of all layers, ascending.
    pub fn layer_ids(&self) -> impl ExactSizeIterator<Item = LayerId> + use<> {
        (0..id(self.layers.len())).map(LayerId)
    }

    /// Ids of all projections, ascending.
    pub fn projection_ids(&self) -> impl ExactSizeIterator<Item = ProjectionId> + use<> {
        (0..id(self.projections.len())).map(ProjectionId)
    }

    /// The layer of this name.
    #[must_use]
    pub fn find_layer(&self, name: &str) -> Option<LayerId> {
        self.layer_ids().find(|&id| self.layer(id).name == name)
    }

    /// The projection of this name.
    #[must_use]
    pub fn find_projection(&self, name: &str) -> Option<ProjectionId> {
        self.projection_ids().find(|&id| self.projection(id).name == name)
    }

    /// Number of synapses of a projection.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    pub fn n_synapses(&self, id: ProjectionId) -> usize {
        let projection = self.projection(id);
        let n_sources = self.layer(projection.source).n_neurons;
        projection.n_synapses(n_sources, self.layer(projection.target).n_neurons)
    }

    /// Every synapse of a projection in canonical order.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    pub fn synapses(&self, id: ProjectionId) -> impl Iterator<Item = crate::Synapse> {
        let projection = self.projection(id);
        let n_sources = self.layer(projection.source).n_neurons;
        projection.synapses(n_sources, self.layer(projection.target).n_neurons)
    }

    /// The phase of a step, or `None` for a network without gating.
    #[must_use]
    pub fn phase(&self, step: u64) -> Option<u32> {
        self.gating.as_ref().map(|gating| gating.phase(step))
    }

    /// Counts of what the network consists of.
    #[must_use]
    pub fn size(&self) -> NetworkSize {
        let mut size = NetworkSize::default();
        for layer in &self.layers {
            match layer.kind {
                LayerKind::Source => size.n_sources += layer.n_neurons as usize,
                LayerKind::Neurons(_) => size.n_neurons += layer.n_neurons as usize,
            }
        }
        for id in self.projection_ids() {
            let n_synapses = self.n_synapses(id);
            let projection = self.projection(id);
            if projection.is_plastic() {
                size.n_plastic_synapses += n_synapses;
            } else if self.layer(projection.source).is_source() {
                size.n_input_synapses += n_synapses;
            } else {
                size.n_static_synapses += n_synapses;
            }
        }
        size
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the builder hands out ids as u32")]
const fn id(index: usize) -> u32 {
    index as u32
}

/// Counts of neurons and synapses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkSize {
    /// Neurons, without sources.
    pub n_neurons: usize,
    /// Spike sources.
    pub n_sources: usize,
    /// Synapses that learn.
    pub n_plastic_synapses: usize,
    /// Synapses between neurons that never change.
    pub n_static_synapses: usize,
    /// Synapses from sources that never change.
    pub n_input_synapses: usize,
}
