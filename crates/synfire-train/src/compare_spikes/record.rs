//! What of a record is compared: which layers and steps, which samples it shows, and where it differs.

use std::collections::BTreeMap;

use synfire_circuit::Population;
use synfire_exchange::{RecordedLayer, RecordedSpike, SpikeFile};
use synfire_reference::Shape;

use super::name::{Named, population, size};
use super::ours::{Ours, Shown};
use super::{
    Discrepancy, LayerCounts, Ring, SpikeCompareConfig, SpikeCompareError, SpikeComparison,
    Stimulus,
};

/// What of a record is compared.
pub(super) struct Record {
    /// The layers, each by its place in the file, in the order of the circuit.
    places: BTreeMap<Population, usize>,
    /// Those of them that are read for their samples only.
    uncompared: Vec<Population>,
    left_out: Vec<String>,
    /// Steps of the record that are compared; it counts `shift` more than we do.
    first_step: u64,
    pub(super) last_step: u64,
    pub(super) shift: u64,
    pub(super) n_samples: u64,
}

impl Record {
    pub(super) fn new(
        file: &SpikeFile,
        config: &SpikeCompareConfig,
        wanted: Option<&[Population]>,
        shape: &Shape,
    ) -> Result<Record, SpikeCompareError> {
        let is_silent = file.layers().iter().all(|layer| layer.spikes.is_empty());
        let (mut places, mut uncompared) = (BTreeMap::new(), Vec::new());
        let mut left_out = Vec::new();
        let mut longest: Option<&RecordedLayer> = None;
        let found = || -> String {
            file.layers().iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        for (place, layer) in file.layers().iter().enumerate() {
            // Where x and t were not probed, the authors' code means to make them up and writes zeros.
            if matches!(layer.name.as_str(), "x" | "t") && layer.spikes.is_empty() && !is_silent {
                left_out.push(layer.name.clone());
                continue;
            }
            let population = match population(&layer.name, config.ring) {
                Ok(population) => population,
                Err(_) if wanted.is_some() => continue,
                Err(error) => return Err(error),
            };
            let is_stimulus = config.stimulus == Stimulus::Recorded
                && matches!(population, Population::X | Population::T);
            let is_wanted = wanted.is_none_or(|wanted| wanted.contains(&population));
            if !is_wanted && !is_stimulus {
                continue;
            }
            if !is_wanted {
                uncompared.push(population);
            }
            let side = size(population, shape);
            let largest = layer.spikes.iter().map(|spike| spike.neuron_idx as usize + 1).max();
            let n_neurons = layer.n_neurons.unwrap_or_else(|| largest.unwrap_or(0).max(side));
            if n_neurons != side {
                let (name, found) = (layer.name.clone(), n_neurons);
                return Err(SpikeCompareError::Size { name, found, expected: side });
            }
            match longest {
                Some(other) if other.n_steps != layer.n_steps => {
                    let (short, long) =
                        if other.n_steps < layer.n_steps { (other, layer) } else { (layer, other) };
                    return Err(SpikeCompareError::Length {
                        name: short.name.clone(),
                        found: short.n_steps,
                        other: long.name.clone(),
                        expected: long.n_steps,
                    });
                }
                _ => longest = Some(layer),
            }
            if places.insert(population, place).is_some() {
                return Err(SpikeCompareError::Twice { name: Named(population).to_string() });
            }
        }
        for (&population, name) in
            wanted.iter().copied().flatten().zip(config.layers.iter().flatten())
        {
            if !places.contains_key(&population) {
                let (name, found) = (name.clone(), found());
                return Err(SpikeCompareError::NotRecorded { name, found });
            }
        }
        let period = config.ring.period();
        let n_steps = longest.map_or(0, |layer| layer.n_steps as u64);
        let last_step = (config.first_step + n_steps).saturating_sub(1);
        // Sample k has its input in layer x in step (k + 1) period + 2.
        let n_begun = last_step.saturating_sub(2) / period;
        let (mut shift, mut first_step) = (0, config.first_step);
        if config.stimulus == Stimulus::Recorded && first_step > period + 1 {
            shift = (first_step - 2) / period * period;
            first_step = shift + period + 1;
        }
        let n_samples = n_begun.saturating_sub(shift / period);
        if n_samples == 0 {
            return Err(SpikeCompareError::Short { last_step });
        }
        Ok(Record { places, uncompared, left_out, first_step, last_step, shift, n_samples })
    }

    /// The samples that the record shows.
    pub(super) fn shown(
        &self,
        file: &SpikeFile,
        config: &SpikeCompareConfig,
    ) -> Result<Vec<Shown>, SpikeCompareError> {
        let period = config.ring.period();
        let layer = |population, name| match self.places.get(&population) {
            Some(&place) => Ok(&file.layers()[place]),
            None => Err(SpikeCompareError::NoStimulus { name }),
        };
        let step = |spike: &RecordedSpike| config.first_step + u64::from(spike.column);
        let x = layer(Population::X, "x")?;
        let phase = |spike: &RecordedSpike| (step(spike) - 1) % period;
        if let Some(spike) = x.spikes.first().filter(|_| x.spikes.iter().all(|it| phase(it) != 1)) {
            let (found, first_step) = (phase(spike), config.first_step);
            let (turn, place) = ((first_step - 1) / period, (first_step - 1) % period);
            let suggested = turn * period + (place + period + 1 - found) % period + 1;
            return Err(SpikeCompareError::Phase { found, first_step, suggested });
        }
        let t = match config.ring {
            Ring::Learning => Some(layer(Population::T, "t")?),
            Ring::Inference => None,
        };
        // The neurons of a layer that spiked in a step, which are in order.
        let neurons = |layer: &RecordedLayer, wanted: u64| -> Vec<u32> {
            let from = layer.spikes.partition_point(|spike| step(spike) < wanted);
            let spikes = layer.spikes[from..].iter().take_while(|spike| step(spike) == wanted);
            spikes.map(|spike| spike.neuron_idx).collect()
        };
        let one = |k: u64| {
            let start = self.shift + (k + 1) * period + 1;
            let targets = t.map_or(Vec::new(), |t| neurons(t, start + 3));
            Shown { active: neurons(x, start + 1), targets }
        };
        Ok((0..self.n_samples).map(one).collect())
    }

    pub(super) fn compare(
        &self,
        file: &SpikeFile,
        config: &SpikeCompareConfig,
        ours: &Ours,
    ) -> Result<SpikeComparison, SpikeCompareError> {
        let period = config.ring.period();
        let mut layers = Vec::new();
        let mut first: Option<Discrepancy> = None;
        let compared =
            self.places.iter().filter(|(population, _)| !self.uncompared.contains(population));
        for (&population, &place) in compared {
            let expected =
                ours.spikes(population, self.first_step - self.shift, self.last_step - self.shift);
            let recorded = file.layers()[place]
                .spikes
                .iter()
                .map(|spike| (config.first_step + u64::from(spike.column), spike.neuron_idx));
            let recorded: Vec<(u64, u32)> =
                recorded.filter(|&(step, _)| step >= self.first_step).collect();
            let mut counts = LayerCounts {
                population,
                expected: expected.len() as u64,
                recorded: recorded.len() as u64,
                missing: 0,
                extra: 0,
            };
            let expected = expected.into_iter().map(|(step, neuron)| (step + self.shift, neuron));
            for ((step, neuron_idx), is_recorded) in differences(expected, recorded.into_iter()) {
                if is_recorded {
                    counts.extra += 1;
                } else {
                    counts.missing += 1;
                }
                if first.is_none_or(|first| step < first.step) {
                    let phase = (step - 1) % period;
                    let sample = ((step - 1) / period).checked_sub(1);
                    first = Some(Discrepancy {
                        population,
                        neuron_idx,
                        step,
                        phase,
                        sample,
                        is_recorded,
                    });
                }
            }
            layers.push(counts);
        }
        if layers.iter().all(|layer| layer.expected + layer.recorded == 0) {
            return Err(SpikeCompareError::Nothing);
        }
        // What the samples were was read by the first step; with another one they were others.
        let is_fixed = config.stimulus != Stimulus::Recorded;
        let suggested = first.filter(|_| is_fixed).and_then(|_| self.suggest(file, config, ours));
        Ok(SpikeComparison {
            steps: (self.first_step, self.last_step),
            n_samples: self.n_samples,
            layers,
            first,
            suggested,
            left_out: self.left_out.clone(),
            n_faults: ours.n_faults,
        })
    }

    /// The step of the first column with which all spikes on record would agree.
    fn suggest(&self, file: &SpikeFile, config: &SpikeCompareConfig, ours: &Ours) -> Option<u64> {
        let period = config.ring.period();
        let last = self.last_step - self.shift;
        let candidates = (1..=period).flat_map(|by| {
            [Some(config.first_step + by), config.first_step.checked_sub(by).filter(|&it| it > 0)]
        });
        candidates.flatten().find(|&first_step| {
            let n_spikes: usize =
                self.places.values().map(|&place| file.layers()[place].spikes.len()).sum();
            n_spikes > 0
                && self.places.iter().all(|(&population, &place)| {
                    let layer = &file.layers()[place];
                    let step = |spike: &RecordedSpike| first_step + u64::from(spike.column);
                    // Where both are known; the end of one may lie beyond that of the other.
                    let end = (first_step + layer.n_steps as u64 - 1).min(last);
                    let recorded = layer.spikes.iter().map(|spike| (step(spike), spike.neuron_idx));
                    let recorded = recorded.filter(|&(step, _)| step <= end);
                    differences(ours.spikes(population, first_step, end).into_iter(), recorded)
                        .next()
                        .is_none()
                })
        })
    }
}

/// What one of two ascending lists has and the other lacks, and whether that is the second.
fn differences<T: Ord + Copy>(
    first: impl Iterator<Item = T>,
    second: impl Iterator<Item = T>,
) -> impl Iterator<Item = (T, bool)> {
    let (mut first, mut second) = (first.peekable(), second.peekable());
    std::iter::from_fn(move || {
        loop {
            match (first.peek().copied(), second.peek().copied()) {
                (Some(one), Some(other)) if one == other => {
                    first.next();
                    second.next();
                }
                (Some(one), other) if other.is_none_or(|other| one < other) => {
                    first.next();
                    return Some((one, false));
                }
                (_, Some(other)) => {
                    second.next();
                    return Some((other, true));
                }
                (_, None) => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_found_on_both_sides_in_order() {
        let found = |first: &[u32], second: &[u32]| -> Vec<(u32, bool)> {
            differences(first.iter().copied(), second.iter().copied()).collect()
        };
        assert_eq!(found(&[1, 2, 5], &[1, 2, 5]), []);
        assert_eq!(found(&[1, 4, 5], &[2, 4, 7]), [(1, false), (2, true), (5, false), (7, true)]);
        assert_eq!(found(&[], &[3]), [(3, true)]);
        assert_eq!(found(&[3], &[]), [(3, false)]);
    }
}
