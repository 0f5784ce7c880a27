//! A chip's spikes on record against those of a circuit here: same weights, same samples, every spike.
//!
//! 1. The record says which layers were probed, by the names of the paper's authors or by ours, and in which steps.
//! 2. The samples are those that the record itself shows, in layer x in phase 1 and, when learning, layer t in phase 3;
//!    or samples of a data set, for records without these layers.
//! 3. The circuit runs from the weights through all these steps, and each layer on record is compared with it.
//!
//! What is found is a [`SpikeComparison`]: counts, and the first difference in time. Faults are no differences: the
//! published circuit has some, and the chip ran it. What the files look like is written in `docs/formats.md`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use synfire_circuit::{
    Form, INFERENCE_PERIOD, InferenceCircuit, LEARNING_PERIOD, LearningCircuit, Population,
};
use synfire_data::{Dataset, Preparation, SearchPath, Source, Split, load};
use synfire_exchange::{Array, RecordedLayer, RecordedSpike, SpikeFile, SpikeFileError, write_npz};
use synfire_net::{Fault, InputSchedule, LayerId, Network, Observer, Raster, StepError};
use synfire_reference::{Shape, Variant, Weights};

use crate::config::EngineKind;
use crate::error::RunError;
use crate::ground::{fit, read_file, read_regular};
use crate::learner::plastic;
use crate::machine::{Machine, circuit_shape};
use crate::raster::Half;

/// Longest record, in bytes.
const LONGEST_FILE: u64 = 1 << 30;

/// Which circuit made the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ring {
    /// The learning circuit, twelve steps a sample.
    #[default]
    Learning,
    /// The circuit that only answers, four steps a sample.
    Inference,
}

impl Ring {
    const fn period(self) -> u64 {
        match self {
            Ring::Learning => LEARNING_PERIOD as u64,
            Ring::Inference => INFERENCE_PERIOD as u64,
        }
    }

    /// The name used in options and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Ring::Learning => "learning",
            Ring::Inference => "inference",
        }
    }
}

/// Which samples were shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stimulus {
    /// Those that the record shows. Should it begin after the first sample, the first one that it shows whole is the
    /// first that is run, from the weights as they were before it.
    Recorded,
    /// Samples of a data set.
    Dataset {
        /// The data set.
        dataset: Source,
        /// How its images become bits.
        preparation: Preparation,
        /// Which half of it.
        half: Half,
        /// The samples in the order in which they were shown; by default the first ones, as many as the record holds.
        samples: Option<Vec<usize>>,
    },
}

/// What is compared with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpikeCompareConfig {
    /// The spikes on record.
    pub recording: PathBuf,
    /// The weights before the first sample.
    pub weights: PathBuf,
    /// Which circuit made the record.
    pub ring: Ring,
    /// The form of the circuit.
    pub circuit: Form,
    /// What runs it here; of no effect on the result.
    pub engine: EngineKind,
    /// The samples.
    pub stimulus: Stimulus,
    /// The step of the first column; 1 if the probes were there from the start.
    pub first_step: u64,
    /// The layers to compare, by either name; by default all on record.
    pub layers: Option<Vec<String>>,
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum SpikeCompareError {
    /// The record cannot be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// The record is none.
    #[error("{}: {cause}", path.display())]
    File { path: PathBuf, cause: SpikeFileError },
    /// The reference has no spikes.
    #[error("engine reference computes without spikes, expected `lif`, `loihi` or `fast`")]
    NoSpikes,
    /// A layer of another circuit.
    #[error("layer {name} is no population of the {ring} circuit, expected {known}")]
    Layer { name: String, ring: &'static str, known: String },
    /// A layer that was asked for is not on record.
    #[error("layer {name} is not on record, found {found}")]
    NotRecorded { name: String, found: String },
    /// One population under both of its names.
    #[error("layer {name} is on record twice, under both of its names")]
    Twice { name: String },
    /// A layer of another size.
    #[error("layer {name} has {found} neurons on record, expected {expected}")]
    Size { name: String, found: usize, expected: usize },
    /// Layers that were recorded for different times.
    #[error(
        "layer {name} is on record for {found} steps, layer {other} for {expected}: a part is missing"
    )]
    Length { name: String, found: usize, other: String, expected: usize },
    /// The record ends before there is anything to compare.
    #[error(
        "the record ends in step {last_step}, before the input of a sample that it shows whole"
    )]
    Short { last_step: u64 },
    /// The samples are not on record.
    #[error(
        "layer {name} is not on record, so that the samples must be named: a data set, and which of it"
    )]
    NoStimulus { name: &'static str },
    /// The steps are not those of the circuit.
    #[error(
        "layer x spikes in phase {found} and never in phase 1 when the first column is step {first_step}: it may be \
         step {suggested}"
    )]
    Phase { found: u64, first_step: u64, suggested: u64 },
    /// Another number of samples.
    #[error("the record holds {expected} samples, {found} were named")]
    Samples { found: usize, expected: u64 },
    /// A sample that does not exist.
    #[error("sample {found} of {dataset}, allowed are 0 to {last}")]
    Sample { found: usize, dataset: String, last: usize },
    /// No spike on either side.
    #[error("nothing was compared: neither the record nor the circuit has a spike in these layers")]
    Nothing,
    /// Weights or data are missing or do not fit, or the circuit cannot be built.
    #[error(transparent)]
    Run(Box<RunError>),
    /// A record of ours is larger than an archive can be.
    #[error("the record cannot be packed: {cause}")]
    Pack { cause: std::io::Error },
    /// The engine stopped.
    #[error("step {step}: {cause}")]
    Step { step: u64, cause: StepError },
}

impl From<RunError> for SpikeCompareError {
    fn from(error: RunError) -> Self {
        Self::Run(Box::new(error))
    }
}

impl SpikeCompareError {
    /// Whether the choices are to blame and not what they were applied to.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::NoSpikes | Self::NotRecorded { .. } | Self::NoStimulus { .. } => true,
            Self::Samples { .. } | Self::Sample { .. } => true,
            Self::Run(error) => error.is_usage(),
            _ => false,
        }
    }
}

/// A spike that one side has and the other lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discrepancy {
    /// The population.
    pub population: Population,
    /// The neuron.
    pub neuron_idx: u32,
    /// The step, as the record counts them.
    pub step: u64,
    /// Its phase.
    pub phase: u64,
    /// The sample to which the step belongs, as the record counts them; `None` before the first.
    pub sample: Option<u64>,
    /// Whether the record has it; otherwise the circuit here does.
    pub is_recorded: bool,
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { population, neuron_idx, step, phase, sample, is_recorded } = *self;
        write!(f, "layer {}, neuron {neuron_idx}, step {step}, phase {phase}", Named(population))?;
        match sample {
            Some(sample) => write!(f, " of sample {sample}")?,
            None => f.write_str(" before the first sample")?,
        }
        f.write_str(match is_recorded {
            true => ": expected silence, found a spike",
            false => ": expected a spike, found silence",
        })
    }
}

/// A population by both names.
struct Named(Population);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, lanl) = (self.0.name(), self.0.lanl_name());
        if ours == lanl { f.write_str(&ours) } else { write!(f, "{ours} ({lanl})") }
    }
}

/// What was found in one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerCounts {
    /// The population.
    pub population: Population,
    /// Spikes of the circuit here.
    pub expected: u64,
    /// Spikes on record.
    pub recorded: u64,
    /// Spikes that the record lacks.
    pub missing: u64,
    /// Spikes that only the record has.
    pub extra: u64,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpikeComparison {
    /// The first and the last step that were compared, as the record counts them.
    pub steps: (u64, u64),
    /// Number of samples in them.
    pub n_samples: u64,
    /// The layers in the order of the circuit.
    pub layers: Vec<LayerCounts>,
    /// The first difference, by step, layer and neuron.
    pub first: Option<Discrepancy>,
    /// If the record would agree with another first step, that step.
    pub suggested: Option<u64>,
    /// Layers that were left out because nothing was recorded in them.
    pub left_out: Vec<String>,
    /// Faults that the engine reported.
    pub n_faults: u64,
}

impl SpikeComparison {
    /// Whether every spike agrees.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.first.is_none()
    }

    /// Spikes of all layers on either side, each counted once.
    #[must_use]
    pub fn n_compared(&self) -> u64 {
        self.layers.iter().map(|layer| layer.expected + layer.extra).sum()
    }
}

/// Compares a record with the circuit of a weight file.
///
/// # Errors
/// If record, weights or data are missing, damaged or do not fit each other, if the samples are not known, or if there
/// is nothing to compare.
pub fn compare_spikes(
    config: &SpikeCompareConfig,
    dirs: &SearchPath,
) -> Result<SpikeComparison, SpikeCompareError> {
    let path = &config.recording;
    let bytes = read_regular(path, LONGEST_FILE)
        .map_err(|cause| SpikeCompareError::Read { path: path.clone(), cause })?;
    let file = SpikeFile::parse(&bytes)
        .map_err(|cause| SpikeCompareError::File { path: path.clone(), cause })?;
    drop(bytes);
    let (shape, weights) = weights_of(&config.weights)?;
    let record = Record::new(&file, config, &shape)?;
    let shown = match &config.stimulus {
        Stimulus::Recorded => record.shown(&file, config)?,
        Stimulus::Dataset { dataset, preparation, half, samples } => {
            let Split { train, test } = load(dataset, dirs, preparation).map_err(RunError::from)?;
            let dataset = if *half == Half::Train { train } else { test };
            fits(&config.weights, &shape, &dataset)?;
            let expected = record.n_samples;
            let most = usize::try_from(expected).unwrap_or(usize::MAX);
            let samples = samples.clone().unwrap_or_else(|| (0..most.min(dataset.len())).collect());
            if samples.len() != most {
                return Err(SpikeCompareError::Samples { found: samples.len(), expected });
            }
            shown(&dataset, &samples)?
        }
    };
    let machine = (config.ring, config.circuit, config.engine);
    let ours = run(machine, &shape, &weights, &shown, record.last_step - record.shift)?;
    record.compare(&file, config, &ours)
}

/// The spikes of samples in the learning circuit, in the form in which the authors' code saves those of a chip.
///
/// On record are the layers that it probes, from step 1 to the step after the last sample. Ring and first step of the
/// choice are of no effect.
///
/// # Errors
/// As [`compare_spikes`].
///
/// # Panics
/// Never: an array has as many values as neurons times steps.
pub fn record_spikes(
    weights: &Path,
    stimulus: (&Source, &Preparation),
    samples: &[usize],
    circuit: Form,
    dirs: &SearchPath,
) -> Result<Vec<u8>, SpikeCompareError> {
    let (shape, file_weights) = weights_of(weights)?;
    let (source, preparation) = stimulus;
    let train = load(source, dirs, preparation).map_err(RunError::from)?.train;
    fits(weights, &shape, &train)?;
    let shown = shown(&train, samples)?;
    let period = u64::from(LEARNING_PERIOD);
    let n_steps = (samples.len() as u64 + 1) * period + 1;
    let machine = (Ring::Learning, circuit, EngineKind::default());
    let ours = run(machine, &shape, &file_weights, &shown, n_steps)?;
    let arrays = PROBED.map(|population| {
        let n_neurons = size(population, &shape);
        let columns = usize::try_from(n_steps).unwrap_or(usize::MAX);
        let mut values = vec![0_u8; n_neurons * columns];
        for (step, neuron_idx) in ours.spikes(population, 1, n_steps) {
            let column = usize::try_from(step - 1).unwrap_or(usize::MAX);
            values[neuron_idx as usize * columns + column] = 1;
        }
        let array = Array::new(&[n_neurons, columns], values);
        (population.lanl_name(), array.expect("neurons times steps values"))
    });
    write_npz(arrays.iter().map(|(name, array)| (name.as_str(), array)))
        .map_err(|cause| SpikeCompareError::Pack { cause })
}

/// The layers that the authors' code probes (their probe mode 2).
const PROBED: [Population; 13] = {
    use Population as P;
    [
        P::X,
        P::H,
        P::HLow,
        P::HHigh,
        P::O,
        P::OLow,
        P::OHigh,
        P::T,
        P::DPlus,
        P::DMinus,
        P::OBack,
        P::HBack,
        P::C,
    ]
};

/// Whether weights are for such samples; if not, with the words of a weight file that does not fit its data.
fn fits(path: &Path, shape: &Shape, dataset: &Dataset) -> Result<(), RunError> {
    if (dataset.n_inputs(), dataset.n_classes()) != (shape.n_inputs(), shape.n_classes()) {
        let shape = Shape::new(&[dataset.n_inputs(), shape.n_neurons(1), dataset.n_classes()])?;
        fit(read_file(path, shape.limits())?.0, &shape, path)?;
    }
    Ok(())
}

/// Samples of a data set.
fn shown(dataset: &Dataset, samples: &[usize]) -> Result<Vec<Shown>, SpikeCompareError> {
    if let Some(&found) = samples.iter().find(|&&it| it >= dataset.len()) {
        let (dataset, last) = (dataset.name().to_owned(), dataset.len() - 1);
        return Err(SpikeCompareError::Sample { found, dataset, last });
    }
    let one = |&sample_idx: &usize| Shown {
        active: dataset.input(sample_idx).to_vec(),
        // A class is one of at most 256.
        targets: vec![u32::try_from(dataset.target(sample_idx)).unwrap_or(u32::MAX)],
    };
    Ok(samples.iter().map(one).collect())
}

/// A weight file, whatever network it is of.
fn weights_of(path: &Path) -> Result<(Shape, Weights), RunError> {
    let (file, _) = read_file(path, Variant::Circuit.limits())?;
    let shape = Shape::new(&file.sizes())?;
    if shape.n_layers() != 3 {
        return Err(RunError::Layers { found: shape.n_layers() });
    }
    let weights = fit(file, &shape, path)?;
    Ok((shape, weights))
}

/// One sample.
struct Shown {
    active: Vec<u32>,
    targets: Vec<u32>,
}

/// What of a record is compared.
struct Record {
    /// The layers, each by its place in the file, in the order of the circuit.
    places: BTreeMap<Population, usize>,
    left_out: Vec<String>,
    /// Steps of the record that are compared; it counts `shift` more than we do.
    first_step: u64,
    last_step: u64,
    shift: u64,
    n_samples: u64,
}

impl Record {
    fn new(
        file: &SpikeFile,
        config: &SpikeCompareConfig,
        shape: &Shape,
    ) -> Result<Record, SpikeCompareError> {
        let is_silent = file.layers().iter().all(|layer| layer.spikes.is_empty());
        let (mut places, mut left_out) = (BTreeMap::new(), Vec::new());
        let mut longest: Option<&RecordedLayer> = None;
        let found = || -> String {
            file.layers().iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let wanted: Option<Vec<Population>> = match &config.layers {
            None => None,
            Some(names) => {
                let by_name = |name: &String| population(name, config.ring);
                Some(names.iter().map(by_name).collect::<Result<_, _>>()?)
            }
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
            let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.contains(&population));
            if !is_wanted && !is_stimulus {
                continue;
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
        for (&population, name) in wanted.iter().flatten().zip(config.layers.iter().flatten()) {
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
        Ok(Record { places, left_out, first_step, last_step, shift, n_samples })
    }

    /// The samples that the record shows.
    fn shown(
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

    fn compare(
        &self,
        file: &SpikeFile,
        config: &SpikeCompareConfig,
        ours: &Ours,
    ) -> Result<SpikeComparison, SpikeCompareError> {
        let period = config.ring.period();
        let mut layers = Vec::new();
        let mut first: Option<Discrepancy> = None;
        for (&population, &place) in &self.places {
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

/// The populations of a circuit.
fn populations(ring: Ring) -> Vec<Population> {
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
fn population(name: &str, ring: Ring) -> Result<Population, SpikeCompareError> {
    let all = populations(ring);
    let found = all.iter().copied().find(|it| it.lanl_name() == name || it.name() == name);
    found.ok_or_else(|| {
        let names = all.iter().filter(|it| !matches!(it, Population::Gate(_)));
        let known: Vec<String> = names.map(|&it| Named(it).to_string()).collect();
        let gates = Named(Population::Gate(0));
        SpikeCompareError::Layer {
            name: name.chars().take(40).collect(),
            ring: ring.name(),
            known: format!("{} and gates such as {gates}", known.join(", ")),
        }
    })
}

/// Number of neurons of a population.
fn size(population: Population, shape: &Shape) -> usize {
    use synfire_circuit::Side;
    match population.side() {
        Side::Input => shape.n_inputs(),
        Side::Hidden => shape.n_neurons(1),
        Side::Output => shape.n_classes(),
        Side::Single => 1,
    }
}

/// What the circuit here did, from step 1 on.
struct Ours {
    raster: Raster,
    layers: BTreeMap<Population, LayerId>,
    n_faults: u64,
}

impl Ours {
    /// The spikes of a population in these steps, ascending.
    fn spikes(&self, population: Population, first: u64, last: u64) -> Vec<(u64, u32)> {
        let Some(&layer) = self.layers.get(&population) else { return Vec::new() };
        let in_step = |step| self.raster.spikes(step, layer).map(move |neuron| (step, neuron));
        (first.max(1)..=last).flat_map(in_step).collect()
    }
}

#[derive(Default)]
struct Faults(u64);

impl Observer for Faults {
    fn fault(&mut self, _: &Fault) {
        self.0 += 1;
    }
}

/// Runs the circuit through these samples, and to this step.
fn run(
    (ring, circuit, engine): (Ring, Form, EngineKind),
    shape: &Shape,
    weights: &Weights,
    shown: &[Shown],
    last_step: u64,
) -> Result<Ours, SpikeCompareError> {
    let most = shown.iter().map(|sample| sample.active.len()).max().unwrap_or(0);
    let max_active = u32::try_from(most).unwrap_or(u32::MAX);
    let Machine::Circuit { build, form, .. } = Machine::new(engine, circuit, max_active) else {
        return Err(SpikeCompareError::NoSpikes);
    };
    let sizes =
        circuit_shape([shape.n_inputs(), shape.n_neurons(1), shape.n_classes()], max_active);
    let start = |network: &std::sync::Arc<Network>| {
        build(std::sync::Arc::clone(network)).map_err(RunError::Engine)
    };
    let mut faults = Faults::default();
    let stopped = |step| move |cause| SpikeCompareError::Step { step, cause };
    let (engine, raster, layers) = match ring {
        Ring::Learning => {
            let circuit =
                LearningCircuit::new(sizes, form, &plastic(weights)).map_err(RunError::from)?;
            let mut raster = Raster::new(circuit.network(), 1);
            let mut engine = start(circuit.network())?;
            let observer = &mut (&mut raster, &mut faults);
            circuit.start(engine.as_mut(), observer).map_err(stopped(1))?;
            let [input, target, reward] = circuit.sources();
            for (k, sample) in (0..).zip(shown) {
                let first = circuit.first_step(k);
                let mut schedule = InputSchedule::new();
                schedule.push_all(first, input, &sample.active);
                schedule.push_all(first + 2, target, &sample.targets);
                for rewarded in [5, 7] {
                    schedule.push(first + rewarded, reward, 0);
                }
                engine.advance(LEARNING_PERIOD, &schedule, observer).map_err(stopped(first))?;
            }
            let layers = populations(ring).into_iter().map(|it| (it, circuit.layer(it)));
            (engine, raster, layers.collect::<BTreeMap<_, _>>())
        }
        Ring::Inference => {
            let [w1, w2] = [0, 1].map(|l| weights.forward()[l].values());
            let circuit = InferenceCircuit::new(sizes, form, w1, w2).map_err(RunError::from)?;
            let mut raster = Raster::new(circuit.network(), 1);
            let mut engine = start(circuit.network())?;
            let observer = &mut (&mut raster, &mut faults);
            circuit.start(engine.as_mut(), observer).map_err(stopped(1))?;
            let (mut schedule, mut output) = (InputSchedule::new(), Vec::new());
            for sample in shown {
                let first = engine.step() + 1;
                circuit
                    .run_cycle_for_output(
                        engine.as_mut(),
                        &sample.active,
                        &mut schedule,
                        observer,
                        &mut output,
                    )
                    .map_err(stopped(first))?;
            }
            let layers = populations(ring).into_iter();
            let layers = layers.filter_map(|it| Some((it, circuit.layer(it)?)));
            (engine, raster, layers.collect())
        }
    };
    let (mut engine, mut raster) = (engine, raster);
    let rest = last_step.saturating_sub(engine.step());
    if let Ok(rest @ 1..) = u32::try_from(rest) {
        let first = engine.step() + 1;
        let observer = &mut (&mut raster, &mut faults);
        engine.advance(rest, &InputSchedule::new(), observer).map_err(stopped(first))?;
    }
    Ok(Ours { raster, layers, n_faults: faults.0 })
}
