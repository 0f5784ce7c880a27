//! A picture of a few samples in the learning circuit, spike by spike and phase by phase.
//!
//! [`raster_file`] goes from a [`RasterConfig`] to a [`SampleRaster`], whose [`svg`](SampleRaster::svg) is the picture;
//! this is what the command `synfire raster` calls. [`sample_raster`] does the same with weights and samples
//! at hand.
//!
//! The samples are learned one after another, as in training, so the second sees what the first changed; what is
//! learned is thrown away. The picture says nothing of the engine, and all engines give the same one.

mod describe;
mod record;
mod words;

use std::path::PathBuf;

use synfire_circuit::Form;
use synfire_data::{Dataset, Preparation, SearchPath, Source, Split, load};
use synfire_draw::{DrawError, PhaseRaster, phase_raster};
use synfire_net::StepError;
use synfire_reference::{Readout, Reference, Shape, Variant, Weights, init};

use crate::config::{Config, EngineKind};
use crate::error::RunError;
use crate::ground::{fit, max_active, read_file};
use crate::machine::Machine;

/// Most samples of one picture.
pub const MOST_RASTER_SAMPLES: usize = 24;
/// Most neurons shown of a population.
pub const MOST_RASTER_ROWS: usize = 128;
/// Samples looked at for some that show an error and none.
const CANDIDATES: usize = 1000;

/// Why there is no picture of samples.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum RasterError {
    /// The reference has no spikes.
    #[error("engine reference computes without spikes, expected `lif`, `loihi` or `fast`")]
    NoSpikes,
    /// Too many samples, or none.
    #[error("number of samples is {found}, allowed are 1 to {MOST_RASTER_SAMPLES}")]
    Samples { found: usize },
    /// A sample that does not exist.
    #[error("sample {found} of {dataset}, allowed are 0 to {last}")]
    Sample { found: usize, dataset: String, last: usize },
    /// Too many rows, or none.
    #[error(
        "number of neurons shown of a population is {found}, allowed are 1 to {MOST_RASTER_ROWS}"
    )]
    Rows { found: usize },
    /// Samples and network do not fit each other.
    #[error(
        "{dataset} has {n_inputs} inputs and {n_classes} classes, the network {} and {}",
        .expected.0, .expected.1
    )]
    Sizes { dataset: String, n_inputs: usize, n_classes: usize, expected: (usize, usize) },
    /// What is needed cannot be read, or the circuit cannot be built.
    #[error(transparent)]
    Run(Box<RunError>),
    /// The engine stopped.
    #[error("sample {sample_idx}: {cause}")]
    Step { sample_idx: usize, cause: StepError },
    /// The picture cannot be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
}

impl From<RunError> for RasterError {
    fn from(error: RunError) -> Self {
        Self::Run(Box::new(error))
    }
}

impl RasterError {
    /// Whether the choices are to blame and not what they were applied to.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::NoSpikes | Self::Samples { .. } | Self::Sample { .. } | Self::Rows { .. } => true,
            Self::Run(error) => error.is_usage(),
            _ => false,
        }
    }
}

/// One of the two halves of a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Half {
    /// Samples to learn from.
    #[default]
    Train,
    /// Samples to be judged by.
    Test,
}

/// Where a picture gets its network and its samples from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RasterConfig {
    /// The weight file; without one, weights as a run of [`RasterConfig::seed`] starts with.
    pub weights: Option<PathBuf>,
    /// The data set.
    pub dataset: Source,
    /// How its images become bits.
    pub preparation: Preparation,
    /// Which half of it.
    pub half: Half,
    /// Number of hidden neurons; by default that of the weight file, or [`Config::HIDDEN`].
    pub n_hidden: Option<usize>,
    /// Seed of the weights; of no effect with a weight file.
    pub seed: u64,
    /// What runs the circuit; of no effect on the picture.
    pub engine: EngineKind,
    /// The form of the circuit.
    pub circuit: Form,
    /// The samples, in the order in which they are learned; the same one may come again. `None` for the first in
    /// which the outputs err and the first in which they do not.
    pub samples: Option<Vec<usize>>,
    /// Most neurons shown of a population, 1 to [`MOST_RASTER_ROWS`].
    pub n_rows: usize,
}

impl RasterConfig {
    /// Number of neurons shown of a population unless something else is asked for.
    pub const ROWS: usize = 12;

    /// What a run trains on, from the weights it starts with or from a file. The reference engine, which has no
    /// spikes, gives way to the default.
    #[must_use]
    pub fn of(config: &Config, weights: Option<PathBuf>) -> Self {
        let engine = match config.engine {
            EngineKind::Reference => EngineKind::default(),
            spiking => spiking,
        };
        Self {
            weights,
            dataset: config.dataset.clone(),
            preparation: config.preparation,
            half: Half::Train,
            n_hidden: config.n_hidden,
            seed: config.seed,
            engine,
            circuit: config.circuit,
            samples: None,
            n_rows: Self::ROWS,
        }
    }
}

/// How a picture looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RasterLook {
    /// What the weights are, for the title.
    pub weights: String,
    /// Most neurons shown of a population, 1 to [`MOST_RASTER_ROWS`].
    pub n_rows: usize,
}

/// What one sample did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleStory {
    /// Its place in the data set.
    pub sample_idx: usize,
    /// Its class.
    pub class: usize,
    /// Outputs that spiked, ascending.
    pub active: Vec<u32>,
    /// How the outputs are read.
    pub readout: Readout,
    /// The largest potential of an output, in weight units.
    pub potential: i64,
    /// Outputs that should have spiked and did not.
    pub errors_up: Vec<u32>,
    /// Outputs that spiked and should not have.
    pub errors_down: Vec<u32>,
    /// Hidden neurons whose weights from active inputs go up.
    pub n_hidden_up: usize,
    /// Hidden neurons whose weights from active inputs go down.
    pub n_hidden_down: usize,
    /// Weights of `w1` and of `w2` that differ after the sample.
    pub changed: [usize; 2],
    /// Faults the engine reported.
    pub n_faults: usize,
}

/// Some samples as a picture, and in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRaster {
    /// What is drawn.
    pub picture: PhaseRaster,
    /// The samples in the order in which they were learned.
    pub samples: Vec<SampleStory>,
    /// Spikes of all neurons in these samples, shown or not.
    pub n_spikes: u64,
    /// The first fault, in words.
    pub first_fault: Option<String>,
}

impl SampleRaster {
    /// The picture as text, a file of its own or a part of a page.
    ///
    /// # Errors
    /// If there is too much to draw.
    pub fn svg(&self) -> Result<String, DrawError> {
        phase_raster(&self.picture)
    }
}

/// Draws samples of a data set in the circuit of a run.
///
/// ```
/// use synfire_train::synfire_data::{SearchPath, Source};
/// use synfire_train::{Config, EngineKind, RasterConfig, raster_file};
///
/// let config = Config { n_hidden: Some(30), ..Config::new(Source::Digits, EngineKind::Fast) };
/// let choice = RasterConfig { samples: Some(vec![0]), ..RasterConfig::of(&config, None) };
/// let raster = raster_file(&choice, &SearchPath::default())?;
/// assert_eq!(raster.samples[0].n_faults, 0);
/// assert!(raster.svg()?.starts_with("<svg"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`sample_raster`], and if data or weights are missing, damaged or do not fit each other.
pub fn raster_file(config: &RasterConfig, dirs: &SearchPath) -> Result<SampleRaster, RasterError> {
    let file = config
        .weights
        .as_deref()
        .map(|path| read_file(path, Variant::Circuit.limits()).map(|(file, _)| (path, file)));
    let file = file.transpose()?;
    let Split { train, test } =
        load(&config.dataset, dirs, &config.preparation).map_err(RunError::from)?;
    let max_active = max_active(&[&train, &test]);
    let dataset = match config.half {
        Half::Train => train,
        Half::Test => test,
    };
    let stored = file.as_ref().and_then(|(_, file)| file.sizes().get(1).copied());
    let n_hidden = config.n_hidden.or(stored).unwrap_or(Config::HIDDEN);
    let shape =
        Shape::new(&[dataset.n_inputs(), n_hidden, dataset.n_classes()]).map_err(RunError::from)?;
    let (weights, what) = match file {
        None => (init::he(&shape, config.seed), format!("initial weights of seed {}", config.seed)),
        Some((path, file)) => (fit(file, &shape, path)?, "trained weights".to_owned()),
    };
    let machine = Machine::new(config.engine, config.circuit, max_active);
    let samples = match &config.samples {
        Some(samples) => samples.clone(),
        None => telling_samples(&shape, &weights, &dataset)?,
    };
    let look = RasterLook { weights: what, n_rows: config.n_rows };
    sample_raster(&shape, &weights, &dataset, &samples, &machine, &look)
}

/// Learns samples one after another on a machine's circuit and describes every spike.
///
/// # Errors
/// Samples that do not exist or do not fit the network, more than [`MOST_RASTER_SAMPLES`] of them, the
/// reference as the machine, a network of other than three layers, and an engine that stops.
pub fn sample_raster(
    shape: &Shape,
    weights: &Weights,
    dataset: &Dataset,
    samples: &[usize],
    machine: &Machine,
    look: &RasterLook,
) -> Result<SampleRaster, RasterError> {
    if !(1..=MOST_RASTER_SAMPLES).contains(&samples.len()) {
        return Err(RasterError::Samples { found: samples.len() });
    }
    if !(1..=MOST_RASTER_ROWS).contains(&look.n_rows) {
        return Err(RasterError::Rows { found: look.n_rows });
    }
    if let Some(&found) = samples.iter().find(|&&sample_idx| sample_idx >= dataset.len()) {
        let (dataset, last) = (dataset.name().to_owned(), dataset.len() - 1);
        return Err(RasterError::Sample { found, dataset, last });
    }
    let (n_inputs, n_classes) = (dataset.n_inputs(), dataset.n_classes());
    let expected = (shape.n_inputs(), shape.n_classes());
    if (n_inputs, n_classes) != expected {
        let dataset = dataset.name().to_owned();
        return Err(RasterError::Sizes { dataset, n_inputs, n_classes, expected });
    }
    let recorded = record::record(shape, weights, dataset, samples, machine)?;
    let picture = describe::describe(shape, dataset, &recorded, look);
    let record::Recorded { told, n_spikes, first_fault, .. } = recorded;
    let samples = told.into_iter().map(|told| told.story).collect();
    Ok(SampleRaster { picture, samples, n_spikes, first_fault })
}

/// The first sample in which the outputs err and the first in which they do not, as far as there are both.
fn telling_samples(
    shape: &Shape,
    weights: &Weights,
    dataset: &Dataset,
) -> Result<Vec<usize>, RunError> {
    let mut reference = Reference::new(shape.clone(), weights.clone())
        .map_err(|cause| RunError::Weights { cause: cause.into() })?;
    let (mut with, mut without) = (None, None);
    for sample_idx in 0..dataset.len().min(CANDIDATES) {
        let record = reference
            .infer(dataset.input(sample_idx))
            .map_err(|cause| RunError::Sample { sample_idx, cause })?;
        let (output, target) = (record.output(), dataset.target(sample_idx));
        // Clause R3.
        let has_error =
            (0..output.active().len()).any(|k| match (k == target, output.active()[k]) {
                (true, false) => output.above_zero()[k],
                (false, true) => !output.above_upper()[k],
                _ => false,
            });
        let first = if has_error { &mut with } else { &mut without };
        first.get_or_insert(sample_idx);
        if with.is_some() && without.is_some() {
            break;
        }
    }
    Ok(with.into_iter().chain(without).collect())
}
