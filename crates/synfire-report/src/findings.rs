//! What is found out about a run beyond its files: with its weights, on its data.
//!
//! Each finding is there or has a sentence that says why not, which stands in its place on the page. A data
//! set is loaded once for all runs that share it.

use std::collections::BTreeMap;
use std::rc::Rc;

use synfire_train::synfire_data::{Dataset, SearchPath, Source, Split, load, sha256_hex};
use synfire_train::synfire_reference::{Reference, Sample, Shape, Variant, Weights};
use synfire_train::{
    EngineKind, METRICS_FILE, Machine, RasterConfig, RasterLook, SampleStory, WEIGHTS_FILE,
    sample_raster,
};

use crate::answers::Answers;
use crate::cost::{CircuitCost, circuits};
use crate::folder::RunFolder;
use crate::pixels::Size;

/// Training samples looked at for one in which the outputs err and one in which they do not.
const CANDIDATES: usize = 1000;

/// Something that was found, or why it is left out, as a sentence.
pub(crate) type Found<T> = Result<T, String>;

/// What is found out about one run.
pub(crate) struct Findings {
    pub(crate) answers: Found<Seen>,
    pub(crate) raster: Found<Raster>,
    pub(crate) cost: Found<[CircuitCost; 2]>,
}

/// Answers on test samples, and the samples.
pub(crate) struct Seen {
    pub(crate) answers: Answers,
    pub(crate) split: Rc<Split>,
    pub(crate) size: Size,
    /// Whether the last row of the metrics says the same.
    pub(crate) is_as_recorded: bool,
}

/// Some samples spike by spike.
pub(crate) struct Raster {
    pub(crate) svg: String,
    /// Of each sample, whether the outputs err.
    pub(crate) has_error: Vec<bool>,
}

/// Data sets that were asked for.
pub(crate) struct Datasets<'a> {
    dirs: &'a SearchPath,
    loaded: BTreeMap<(Source, usize, u8), Result<Rc<Split>, String>>,
    /// What the user ought to be told, once for each cause.
    pub(crate) notes: Vec<String>,
}

impl<'a> Datasets<'a> {
    pub(crate) const fn new(dirs: &'a SearchPath) -> Datasets<'a> {
        Datasets { dirs, loaded: BTreeMap::new(), notes: Vec::new() }
    }

    /// The data that a run was trained on.
    fn of(&mut self, folder: &RunFolder) -> Found<Rc<Split>> {
        let config = &folder.run.config;
        let (dataset, preparation) = (&config.dataset, config.preparation);
        let key = (dataset.clone(), preparation.crop, preparation.threshold);
        let loaded = self.loaded.entry(key).or_insert_with(|| {
            load(dataset, self.dirs, &preparation).map(Rc::new).map_err(|error| {
                self.notes.push(error.to_string());
                format!("The data set {dataset} is not there, or is damaged.")
            })
        });
        let split = loaded.clone()?;
        let expected = folder.run.record.checksums.dataset.as_ref();
        if expected.is_some_and(|expected| Some(expected) != checksum(&split, folder).as_ref()) {
            let note = format!(
                "{}: the data set {dataset} found is not the one that the run was trained on",
                folder.dir.display()
            );
            self.notes.push(note);
            return Err(format!("The data set {dataset} found is not the one of the run."));
        }
        Ok(split)
    }
}

/// The checksum of data as a run records it.
fn checksum(split: &Split, folder: &RunFolder) -> Option<String> {
    let n_samples = folder.run.record.samples;
    let train = match n_samples == split.train.len() {
        true => split.train.fingerprint(),
        false => split.train.truncated(n_samples).ok()?.fingerprint(),
    };
    Some(sha256_hex((train + &split.test.fingerprint()).as_bytes()))
}

impl Findings {
    pub(crate) fn new(folder: &RunFolder, datasets: &mut Datasets<'_>) -> Findings {
        let Some(weights) = &folder.weights else {
            let note = format!("{} is missing", folder.dir.join(WEIGHTS_FILE).display());
            datasets.notes.push(note);
            return Findings::missing(&format!("The file {WEIGHTS_FILE} is missing."));
        };
        let split = match datasets.of(folder) {
            Ok(split) => split,
            Err(sentence) => return Findings::missing(&sentence),
        };
        let answers = seen(folder, weights, &split);
        if answers.as_ref().is_ok_and(|seen| !seen.is_as_recorded) {
            let path = folder.dir.join(WEIGHTS_FILE);
            let path = path.display();
            datasets.notes.push(format!(
                "{path} answers otherwise than the last row of {METRICS_FILE} says: they are not of one run"
            ));
        }
        let raster = raster(folder, weights, &split);
        let cost = cost(folder, weights, &split);
        Findings { answers, raster, cost }
    }

    fn missing(sentence: &str) -> Findings {
        let sentence = || sentence.to_owned();
        Findings { answers: Err(sentence()), raster: Err(sentence()), cost: Err(sentence()) }
    }
}

fn seen(folder: &RunFolder, weights: &Weights, split: &Rc<Split>) -> Found<Seen> {
    let test = &split.test;
    let answers = Answers::new(&folder.shape, weights, test)
        .map_err(|cause| format!("The weights do not fit the data set: {cause}."))?;
    let last = folder.last();
    let recorded = [last.test_exact, last.test_binary, last.test_potential];
    let right =
        [answers.exact, Answers::right(&answers.binary), Answers::right(&answers.potential)];
    let is_as_recorded = right.into_iter().zip(recorded).all(|(right, recorded)| {
        (crate::words::ratio(right, answers.n_samples) - recorded).abs() < 1e-9
    });
    let size = Size { width: test.width(), height: test.height() };
    Ok(Seen { answers, split: Rc::clone(split), size, is_as_recorded })
}

/// Why a run has no spikes to show.
fn without_circuit(folder: &RunFolder) -> Option<&'static str> {
    if folder.shape.sizes().len() != 3 {
        return Some("The circuit has three layers, the network more.");
    }
    (folder.run.config.variant != Variant::Circuit)
        .then_some("The variant of this run is not what the circuit computes.")
}

fn raster(folder: &RunFolder, weights: &Weights, split: &Split) -> Found<Raster> {
    if let Some(reason) = without_circuit(folder) {
        return Err(reason.to_owned());
    }
    let failed = |cause: &dyn std::fmt::Display| format!("The circuit could not be run: {cause}.");
    let samples = telling(&folder.shape, weights, &split.train).map_err(|cause| failed(&cause))?;
    let machine = Machine::new(EngineKind::Fast, folder.run.config.circuit, max_active(split));
    let look = RasterLook { weights: "trained weights".to_owned(), n_rows: RasterConfig::ROWS };
    let raster = sample_raster(&folder.shape, weights, &split.train, &samples, &machine, &look)
        .map_err(|cause| failed(&cause))?;
    let svg = raster.svg().map_err(|cause| failed(&cause))?;
    let errs = |story: &SampleStory| !story.errors_up.is_empty() || !story.errors_down.is_empty();
    let has_error = raster.samples.iter().map(errs).collect();
    Ok(Raster { svg, has_error })
}

fn cost(folder: &RunFolder, weights: &Weights, split: &Split) -> Found<[CircuitCost; 2]> {
    if let Some(reason) = without_circuit(folder) {
        return Err(reason.to_owned());
    }
    let form = folder.run.config.circuit;
    circuits(&folder.shape, weights, form, max_active(split), &split.train)
        .map_err(|cause| format!("The circuit does not fit the chip: {cause}."))
}

fn max_active(split: &Split) -> u32 {
    let most = split.train.max_active().max(split.test.max_active());
    u32::try_from(most).unwrap_or(u32::MAX)
}

/// The first sample with an output error and the first without, as far as there are both.
fn telling(shape: &Shape, weights: &Weights, dataset: &Dataset) -> Result<Vec<usize>, String> {
    let start =
        || Reference::new(shape.clone(), weights.clone()).map_err(|cause| cause.to_string());
    let mut reference = start()?;
    let (mut with, mut without) = (None, None);
    for sample_idx in 0..dataset.len().min(CANDIDATES) {
        let sample =
            Sample { input: dataset.input(sample_idx), target: dataset.target(sample_idx) };
        let has_error = reference.learn(sample).map_err(|cause| cause.to_string())?.has_error();
        if has_error {
            // All are asked before anything is learned.
            reference = start()?;
        }
        let first = if has_error { &mut with } else { &mut without };
        first.get_or_insert(sample_idx);
        if with.is_some() && without.is_some() {
            break;
        }
    }
    Ok(with.into_iter().chain(without).collect())
}
