//! Who spikes in which phase, with initial and with late weights, and two samples spike by spike.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use sha2::{Digest, Sha256};
use synfire_circuit::Form;
use synfire_data::{Dataset, digits};
use synfire_reference::{Reference, Sample, Shape, Weights, init};
use synfire_train::{EngineKind, Machine, RasterLook, sample_raster};

use super::observed::{Observed, observe};
use super::training::{Task, Training, max_active};
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// Neurons shown of a population.
const ROWS: usize = 10;

/// Two states of the weights of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phases {
    pub(crate) sizes: Vec<usize>,
    /// Epochs after which the late weights stood.
    pub(crate) epochs: u32,
    pub(crate) initial: State,
    pub(crate) late: State,
}

/// What samples did with these weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) observed: Observed,
    pub(crate) drawn: Option<Drawn>,
}

/// A sample as a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    pub(crate) svg: String,
    /// What it did, in a sentence.
    pub(crate) story: String,
    /// Spikes of all neurons, shown or not.
    pub(crate) spikes: u64,
    pub(crate) faults: u64,
    /// Outputs that should have spiked, and that should not have.
    pub(crate) errors: [Vec<u32>; 2],
    /// Hidden neurons whose weights go up and down.
    pub(crate) hidden: [usize; 2],
    /// Weights of W1 and of W2 that differ after the sample.
    pub(crate) changed: [usize; 2],
}

/// One trial for each data set.
pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let n_samples = scale.pick(60, 500, 1000);
    // Sources that only draw are no part of what a result belongs to; this one holds a drawing.
    let drawing = drawing().unwrap_or_default();
    [
        ("mnist", Task::mnist(scale), scale.pick(2, 5, 60)),
        ("fashion", Task::fashion(scale), scale.pick(2, 3, 60)),
    ]
    .into_iter()
    .map(|(name, task, epochs)| {
        // The reference's weights are the circuit's, see the section on exactness.
        let mut training = Training::new(task, 1, epochs);
        training.engine = EngineKind::Reference;
        training.check_every = 0;
        let parameters = json!({
            "training": training.parameters(),
            "samples": n_samples,
            "circuit": Form::Sized.name(),
            "rows": ROWS,
            "drawing": drawing,
        });
        let expected_ms = training.expected_ms() + 100;
        let is_drawn = name == "mnist";
        Trial::new(name, parameters, expected_ms, move |material, watch| {
            let split = training.task.split(material)?;
            let shape = training.shape(&split)?;
            let initial = training.initial_weights(&shape)?;
            let of = u64::from(epochs) + 1;
            let mut late = None;
            training.run(material, watch, &mut |epoch, trainer| {
                if epoch == epochs {
                    late = Some(trainer.weights()?);
                }
                Ok(())
            })?;
            let look = |weights: &Weights, what: String| -> Result<State> {
                let most = max_active(&split)?;
                let done = (u64::from(epochs), of);
                let observed =
                    observe(&shape, weights, most, &split.train, n_samples, watch, done)?;
                let drawn =
                    is_drawn.then(|| draw(&shape, weights, most, &split.train, what, watch));
                Ok(State { observed, drawn: drawn.transpose()?.flatten() })
            };
            let late = late.context("no epoch was trained")?;
            Ok(to_value(Phases {
                sizes: shape.sizes().to_vec(),
                epochs,
                initial: look(&initial, "initial weights".to_owned())?,
                late: look(&late, format!("weights after {epochs} epochs"))?,
            })?)
        })
    })
    .collect()
}

/// A fingerprint of how samples are drawn: of the picture of one that takes no data.
fn drawing() -> Result<String> {
    let dataset = digits::generate(digits::SEED, 1, 1)?.train;
    let shape = Shape::new(&[dataset.n_inputs(), 8, dataset.n_classes()])?;
    let most = u32::try_from(dataset.max_active())?;
    let machine = Machine::new(EngineKind::Fast, Form::Sized, most);
    let look = RasterLook { weights: String::new(), n_rows: ROWS };
    let raster = sample_raster(&shape, &init::he(&shape, 1), &dataset, &[0], &machine, &look)?;
    let digest = Sha256::digest(raster.svg()?.as_bytes());
    Ok(digest.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Draws the first sample with an output error, if there is one.
fn draw(
    shape: &Shape,
    weights: &Weights,
    max_active: u32,
    dataset: &Dataset,
    what: String,
    watch: &Watch<'_>,
) -> Result<Option<Drawn>> {
    let Some(sample_idx) = first_error(shape, weights, dataset, watch)? else { return Ok(None) };
    let machine = Machine::new(EngineKind::Fast, Form::Sized, max_active);
    let look = RasterLook { weights: what, n_rows: ROWS };
    let raster = sample_raster(shape, weights, dataset, &[sample_idx], &machine, &look)?;
    let story = raster.samples.first().context("no sample was drawn")?;
    Ok(Some(Drawn {
        svg: raster.svg()?,
        story: story.to_string(),
        spikes: raster.n_spikes,
        faults: story.n_faults as u64,
        errors: [story.errors_up.clone(), story.errors_down.clone()],
        hidden: [story.n_hidden_up, story.n_hidden_down],
        changed: story.changed,
    }))
}

/// The first sample in which the outputs err. What is learned before changes nothing, as there is no error.
fn first_error(
    shape: &Shape,
    weights: &Weights,
    dataset: &Dataset,
    watch: &Watch<'_>,
) -> Result<Option<usize>> {
    let mut reference = Reference::new(shape.clone(), weights.clone())?;
    for sample_idx in 0..dataset.len() {
        if sample_idx % 10_000 == 0 {
            watch.done(1, 1)?;
        }
        let (input, target) = (dataset.input(sample_idx), dataset.target(sample_idx));
        if reference.learn(Sample { input, target })?.has_error() {
            return Ok(Some(sample_idx));
        }
    }
    Ok(None)
}
