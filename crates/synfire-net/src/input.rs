//! Spikes given from outside: which source spikes in which step.
//!
//! A schedule knows no network. Whether its spikes are spikes of sources is checked by the engine that
//! is driven by it, with [`InputSchedule::check`].

use crate::{LayerId, LayerKind, Network, StepError};

/// One spike of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputSpike {
    /// The step in which the source spikes, counted from 1.
    pub step: u64,
    /// The layer of sources.
    pub layer: LayerId,
    /// The source, by its index in the layer.
    pub source_idx: u32,
}

/// Spikes of sources, in ascending order, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputSchedule {
    spikes: Vec<InputSpike>,
}

impl InputSchedule {
    /// A schedule without spikes.
    #[must_use]
    pub const fn new() -> Self {
        Self { spikes: Vec::new() }
    }

    /// Adds a spike, in any order; a spike that is there already is not added again. Ascending order is
    /// quick, a spike in between moves all later ones.
    pub fn push(&mut self, step: u64, layer: LayerId, source_idx: u32) {
        let spike = InputSpike { step, layer, source_idx };
        if self.spikes.last().is_none_or(|last| *last < spike) {
            self.spikes.push(spike);
        } else if let Err(place) = self.spikes.binary_search(&spike) {
            self.spikes.insert(place, spike);
        }
    }

    /// Removes all spikes and keeps the memory.
    pub fn clear(&mut self) {
        self.spikes.clear();
    }

    /// All spikes in ascending order.
    #[must_use]
    pub fn spikes(&self) -> &[InputSpike] {
        &self.spikes
    }

    /// The spikes of one step.
    #[must_use]
    pub fn at(&self, step: u64) -> &[InputSpike] {
        let start = self.spikes.partition_point(|spike| spike.step < step);
        let len = self.spikes[start..].partition_point(|spike| spike.step == step);
        &self.spikes[start..start + len]
    }

    /// Checks the spikes of the steps `first..=last` against a network, as
    /// [`Engine::advance`](crate::Engine::advance) promises.
    ///
    /// # Errors
    /// The first spike within these steps whose layer does not exist, is no source, or is too small.
    pub fn check(&self, network: &Network, first: u64, last: u64) -> Result<(), StepError> {
        let start = self.spikes.partition_point(|spike| spike.step < first);
        for spike in self.spikes[start..].iter().take_while(|spike| spike.step <= last) {
            let step = spike.step;
            let Some(layer) = network.layers().get(spike.layer.index()) else {
                let n_layers = network.layers().len();
                return Err(StepError::UnknownLayer { step, found: spike.layer, n_layers });
            };
            if !matches!(layer.kind, LayerKind::Source) {
                return Err(StepError::NotASource { step, layer: layer.name.clone() });
            }
            if spike.source_idx >= layer.n_neurons {
                return Err(StepError::UnknownSource {
                    step,
                    layer: layer.name.clone(),
                    found: spike.source_idx,
                    last: layer.n_neurons - 1,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_are_kept_in_order_and_once() {
        let mut schedule = InputSchedule::new();
        for (step, source) in [(5, 1), (2, 0), (5, 0), (5, 1)] {
            schedule.push(step, LayerId(0), source);
        }
        let order: Vec<_> = schedule.spikes().iter().map(|s| (s.step, s.source_idx)).collect();
        assert_eq!(order, [(2, 0), (5, 0), (5, 1)]);
        assert_eq!(schedule.at(5).len(), 2);
        assert_eq!(schedule.at(3), []);
    }
}
