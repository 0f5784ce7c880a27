//! A chip's spikes on record against those of a circuit here: same weights, same samples, every spike.
//!
//! 1. The record says which layers were probed, by the names of the paper's authors or by ours, and in which steps.
//! 2. The samples are those that the record itself shows, in layer x in phase 1 and, when learning, layer t in phase 3;
//!    or samples of a data set, for records without these layers.
//! 3. The circuit runs from the weights through all these steps, and each layer on record is compared with it.
//!
//! What is found is a [`SpikeComparison`]: counts, and the first difference in time. Faults are no differences: the
//! published circuit has some, and the chip ran it. What the files look like is written in `docs/formats.md`.

mod name;
mod ours;
mod record;

use std::fmt;
use std::path::{Path, PathBuf};

use synfire_circuit::{Form, INFERENCE_PERIOD, LEARNING_PERIOD, Population};
use synfire_data::{Dataset, Preparation, SearchPath, Source, Split, load};
use synfire_exchange::{Array, SpikeFile, SpikeFileError, write_npz};
use synfire_net::StepError;
use synfire_reference::{Shape, Variant, Weights};

use self::name::{Named, population, size};
use self::ours::{Shown, run};
use self::record::Record;
use crate::config::EngineKind;
use crate::error::RunError;
use crate::ground::{fit, read_file, read_regular};
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
    /// The record is one, but not of this circuit, of these layers or of these samples.
    #[error("{}: {cause}", path.display())]
    Record { path: PathBuf, cause: Box<SpikeCompareError> },
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
            Self::Record { cause, .. } => cause.is_usage(),
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
    let in_record = |cause: SpikeCompareError| {
        let (path, cause) = (path.clone(), Box::new(cause));
        SpikeCompareError::Record { path, cause }
    };
    let wanted = wanted(config)?;
    let record = Record::new(&file, config, wanted.as_deref(), &shape).map_err(in_record)?;
    let shown = match &config.stimulus {
        Stimulus::Recorded => record.shown(&file, config).map_err(in_record)?,
        Stimulus::Dataset { dataset, preparation, half, samples } => {
            let Split { train, test } = load(dataset, dirs, preparation).map_err(RunError::from)?;
            let dataset = if *half == Half::Train { train } else { test };
            fits(&config.weights, &shape, &dataset)?;
            let expected = record.n_samples;
            let most = usize::try_from(expected).unwrap_or(usize::MAX);
            let samples = samples.clone().unwrap_or_else(|| (0..most.min(dataset.len())).collect());
            if samples.len() != most {
                let found = samples.len();
                return Err(in_record(SpikeCompareError::Samples { found, expected }));
            }
            shown(&dataset, &samples)?
        }
    };
    let machine = (config.ring, config.circuit, config.engine);
    let ours = run(machine, &shape, &weights, &shown, record.last_step - record.shift)?;
    record.compare(&file, config, &ours)
}

/// The layers that are asked for.
fn wanted(config: &SpikeCompareConfig) -> Result<Option<Vec<Population>>, SpikeCompareError> {
    let Some(names) = &config.layers else { return Ok(None) };
    let by_name = |name: &String| population(name, config.ring);
    names.iter().map(by_name).collect::<Result<_, _>>().map(Some)
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
