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

    /// Adds spikes of several sources of one layer in one step, in any order. Ascending sources that come
    /// after all spikes that are there already are quick.
    pub fn push_all(&mut self, step: u64, layer: LayerId, sources: &[u32]) {
        let Some(&first) = sources.first() else { return };
        let later = sources.get(1..).unwrap_or(&[]);
        // Every pair is compared, whatever the first ones say: that takes whole lanes at a time.
        let is_ascending = sources.iter().zip(later).fold(true, |so_far, (a, b)| so_far & (a < b));
        let spike = |source_idx| InputSpike { step, layer, source_idx };
        if is_ascending && self.spikes.last().is_none_or(|last| *last < spike(first)) {
            self.spikes.extend(sources.iter().map(|&source_idx| spike(source_idx)));
        } else {
            for &source_idx in sources {
                self.push(step, layer, source_idx);
            }
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
        let mut rest = &self.spikes[self.spikes.partition_point(|spike| spike.step < first)..];
        while let Some(&InputSpike { step, layer: id, .. }) = rest.first() {
            if step > last {
                break;
            }
            // Sources of one step and layer ascend, so the last of them speaks for all.
            let n_spikes = rest.partition_point(|spike| (spike.step, spike.layer) == (step, id));
            let (sources, later) = rest.split_at(n_spikes);
            rest = later;
            let Some(layer) = network.layers().get(id.index()) else {
                let n_layers = network.layers().len();
                return Err(StepError::UnknownLayer { step, found: id, n_layers });
            };
            if !matches!(layer.kind, LayerKind::Source) {
                return Err(StepError::NotASource { step, layer: layer.name.clone() });
            }
            if sources[n_spikes - 1].source_idx >= layer.n_neurons {
                let n_good = sources.partition_point(|spike| spike.source_idx < layer.n_neurons);
                return Err(StepError::UnknownSource {
                    step,
                    layer: layer.name.clone(),
                    found: sources[n_good].source_idx,
                    last: layer.n_neurons - 1,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::NetworkBuilder;

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

    /// Whatever the order, many at once are the same as one after the other.
    #[test]
    fn spikes_can_be_given_together() {
        let calls: [(u64, u32, &[u32]); 6] = [
            (3, 1, &[2, 5, 9]),
            (3, 1, &[7, 4, 5]),
            (3, 2, &[]),
            (5, 0, &[0, 1]),
            (5, 0, &[1, 2]),
            (4, 9, &[3]),
        ];
        let (mut together, mut in_turn) = (InputSchedule::new(), InputSchedule::new());
        for (step, layer, sources) in calls {
            together.push_all(step, LayerId(layer), sources);
            for &source_idx in sources {
                in_turn.push(step, LayerId(layer), source_idx);
            }
        }
        assert_eq!(together, in_turn);
        assert_eq!(together.spikes().len(), 9);
    }

    /// The first source that is missing is named, not the last.
    #[test]
    fn the_first_spike_that_does_not_fit_is_named() {
        let mut builder = NetworkBuilder::new("one layer of sources");
        builder.sources("input", 4);
        let network = builder.build().unwrap();
        let mut schedule = InputSchedule::new();
        schedule.push_all(2, LayerId(0), &[0, 1, 3]);
        schedule.push_all(4, LayerId(0), &[1, 4, 6]);
        schedule.push(5, LayerId(7), 0);
        assert_eq!(schedule.check(&network, 1, 3), Ok(()));
        assert_eq!(schedule.check(&network, 6, 9), Ok(()));
        let found = |last| schedule.check(&network, 1, last).unwrap_err().to_string();
        assert_eq!(found(5), "input spike of step 4: source 4 of layer `input`, expected 0 to 3");
        let layer = schedule.check(&network, 5, 5).unwrap_err().to_string();
        assert_eq!(layer, "input spike of step 5: layer #7 of a network of 1 layers");
    }
}
