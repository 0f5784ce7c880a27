//! What is taken of a run: its weights at the start and at the end, its data, its order of samples.

use std::io::ErrorKind;
use std::path::Path;

use synfire_train::synfire_circuit::{Form, PlasticWeights};
use synfire_train::synfire_data::{Dataset, SearchPath, known_files, load, sha256_hex, shuffle};
use synfire_train::synfire_reference::{
    Reference, Sample as Labelled, Shape, Variant, Weights, init,
};
use synfire_train::{Order, RUN_FILE, RunError, RunFile, WEIGHTS_FILE, WeightFile, read_regular};

use crate::BundleError;
use crate::case::{Case, Sample, plastic};
use crate::circuit::Kind;
use crate::header::{DataFile, RunHeader};
use crate::shows::shows;

/// Longest file that is read of a run, in bytes.
const LONGEST_FILE: u64 = 1 << 30;
/// Most samples of the first case.
pub(crate) const MOST_SAMPLES: usize = 1000;
/// Samples with trained weights looked at for each thing that a sample is to show.
const CANDIDATES: usize = 2000;

/// A finished run with its data.
pub(crate) struct Run {
    shape: Shape,
    form: Form,
    initial: Weights,
    trained: Weights,
    train: Dataset,
    test: Dataset,
    max_active: u32,
    file: RunFile,
}

impl Run {
    /// Reads the folder of a run; data sets are looked for in `dirs`.
    pub(crate) fn read(dir: &Path, dirs: &SearchPath) -> Result<Run, BundleError> {
        let file = read_record(dir)?;
        if file.seeds.is_some() {
            return Err(BundleError::Sweep { dir: dir.to_owned() });
        }
        let config = &file.config;
        if config.variant != Variant::Circuit {
            return Err(BundleError::Variant { found: config.variant.to_string() });
        }
        if file.record.layers.len() != 3 {
            return Err(BundleError::Layers { found: file.record.layers.len() });
        }
        let shape = Shape::new(&file.record.layers).map_err(RunError::from)?;
        let trained = match read_weights(&dir.join(WEIGHTS_FILE), &shape)? {
            Some((weights, _)) => weights,
            None => return Err(BundleError::NoWeights { dir: dir.to_owned() }),
        };
        let initial = match &config.init_weights {
            None => init::he(&shape, config.seed),
            Some(path) => {
                let missing = || BundleError::read(path)(std::io::Error::from(ErrorKind::NotFound));
                let (weights, sum) = read_weights(path, &shape)?.ok_or_else(missing)?;
                let expected = file.record.checksums.init_weights.as_ref();
                if expected.is_some_and(|expected| *expected != sum) {
                    return Err(BundleError::Changed { path: path.clone() });
                }
                weights
            }
        };
        let split = load(&config.dataset, dirs, &config.preparation).map_err(RunError::from)?;
        let most = split.train.max_active().max(split.test.max_active());
        let max_active = u32::try_from(most).unwrap_or(u32::MAX);
        let n_samples = file.record.samples;
        let train = split
            .train
            .truncated(n_samples)
            .map_err(|_| BundleError::Samples { found: n_samples, most: split.train.len() })?;
        let run = Run {
            form: config.circuit,
            shape,
            initial,
            trained,
            train,
            test: split.test,
            max_active,
            file,
        };
        let found = run.fingerprint();
        match &run.file.record.checksums.dataset {
            Some(expected) if *expected != found => Err(BundleError::OtherData {
                dataset: run.file.config.dataset.to_string(),
                expected: expected.clone(),
                found,
            }),
            _ => Ok(run),
        }
    }

    fn fingerprint(&self) -> String {
        sha256_hex((self.train.fingerprint() + &self.test.fingerprint()).as_bytes())
    }

    /// What the data set is called, without the folder of one that is the user's own.
    fn dataset(&self) -> String {
        let name = self.file.config.dataset.to_string();
        name.split(':').next().unwrap_or_default().to_owned()
    }

    pub(crate) const fn form(&self) -> Form {
        self.form
    }

    pub(crate) fn header(&self) -> RunHeader {
        let config = &self.file.config;
        RunHeader {
            dataset: self.dataset(),
            crop: config.preparation.crop,
            threshold: config.preparation.threshold,
            width: self.train.width(),
            height: self.train.height(),
            classes: self.train.n_classes(),
            train_samples: self.train.len(),
            test_samples: self.test.len(),
            dataset_sha256: self.fingerprint(),
            layers: self.shape.sizes().to_vec(),
            circuit: self.form.to_string(),
            epochs: config.epochs,
            order: config.order.to_string(),
            seed: config.seed,
        }
    }

    pub(crate) fn data_files(&self) -> Vec<DataFile> {
        let file = |name: &str, sha256: &str| DataFile {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
        };
        let known = known_files(&self.file.config.dataset);
        known.iter().map(|known| file(known.name, known.sha256)).collect()
    }

    /// The order in which an epoch visits the training samples, the first being 0.
    fn order(&self, epoch: u32) -> Vec<u32> {
        match self.file.config.order {
            Order::Shuffled => shuffle(self.train.len(), self.file.config.seed, epoch.into()),
            Order::File => (0..).take(self.train.len()).collect(),
        }
    }

    fn sample(dataset: &Dataset, index: u32) -> Sample {
        let (input, label) = (dataset.input(index as usize), dataset.label(index as usize));
        Sample { input: input.to_vec(), target: label.into(), index: Some(index) }
    }

    fn case(
        &self,
        name: &str,
        about: &str,
        kind: Kind,
        dataset: &Dataset,
        weights: &Weights,
    ) -> Case {
        let sizes = self.shape.sizes();
        Case {
            name: name.to_owned(),
            about: about.to_owned(),
            source: dataset.name().to_owned(),
            kind,
            form: self.form,
            // A shape has at most 65,536 neurons in a layer.
            layers: [0, 1, 2].map(|layer| u32::try_from(sizes[layer]).unwrap_or(u32::MAX)),
            max_active: self.max_active,
            weights: plastic(weights),
            samples: Vec::new(),
        }
    }

    /// The first samples that the run learned, from the weights it began with.
    pub(crate) fn first(&self, n_samples: usize) -> Result<Case, BundleError> {
        let most = self.train.len().min(MOST_SAMPLES);
        if !(1..=most).contains(&n_samples) {
            return Err(BundleError::Samples { found: n_samples, most });
        }
        let about =
            "The first samples that the run learned, in its order, from its initial weights.";
        let case = self.case("first", about, Kind::Learning, &self.train, &self.initial);
        let order = self.order(0);
        let samples = order[..n_samples].iter().map(|&index| Run::sample(&self.train, index));
        Ok(Case { samples: samples.collect(), ..case })
    }

    /// Telling samples of the epoch that would come next, from the trained weights.
    pub(crate) fn trained(&self) -> Result<Case, BundleError> {
        let about = "Samples of the epoch after the last, from the trained weights: the first with an error upwards, \
                     the first with one downwards, the first without an error, and the first that asks a weight of W2 \
                     at its end to go further, as far as there are such.";
        let case = self.case("trained", about, Kind::Learning, &self.train, &self.trained);
        let wrong = |cause: synfire_train::synfire_reference::WeightsError| RunError::Weights {
            cause: cause.into(),
        };
        let mut reference =
            Reference::new(self.shape.clone(), self.trained.clone()).map_err(wrong)?;
        let order = self.order(self.file.config.epochs);
        let wanted: [&[&str]; 4] = [&["d2+"], &["d2-"], &["no-error"], &["w2-max", "w2-min"]];
        let mut samples: Vec<Sample> = Vec::new();
        for words in wanted {
            let is_new = |index: &u32| samples.iter().all(|sample| sample.index != Some(*index));
            let candidates: Vec<u32> =
                order.iter().copied().take(CANDIDATES).filter(is_new).collect();
            for index in candidates {
                let sample = Run::sample(&self.train, index);
                let before = reference.weights().clone();
                let target = sample.target as usize;
                let record = reference
                    .learn(Labelled { input: &sample.input, target })
                    .map_err(|cause| RunError::Sample { sample_idx: index as usize, cause })?
                    .clone();
                let shown = shows(&record, target, &before, reference.weights());
                if words.iter().any(|word| shown.contains(word)) {
                    samples.push(sample);
                    break;
                }
                reference.set_weights(before).map_err(wrong)?;
            }
        }
        Ok(Case { samples, ..case })
    }

    /// The first test samples in the circuit that only answers, with the trained weights.
    pub(crate) fn inference(&self, n_samples: usize) -> Case {
        let about =
            "The first test samples in the circuit of inference, weights trained and frozen.";
        let case = self.case("inference", about, Kind::Inference, &self.test, &self.trained);
        // There is no feedback in this circuit: it is not what the run left, but what the forward matrices make of it.
        let PlasticWeights { w1, w2, .. } = case.weights.clone();
        let weights = PlasticWeights::from_forward(&case.shape(), w1, w2);
        let n_samples = n_samples.min(self.test.len());
        let samples = (0..).take(n_samples).map(|index| Run::sample(&self.test, index));
        Case { samples: samples.collect(), weights, ..case }
    }
}

fn read_record(dir: &Path) -> Result<RunFile, BundleError> {
    let path = dir.join(RUN_FILE);
    let Some(bytes) = read(&path)? else {
        return Err(BundleError::NoRun { dir: dir.to_owned() });
    };
    let text = String::from_utf8(bytes)
        .map_err(|error| std::io::Error::new(ErrorKind::InvalidData, error))
        .map_err(BundleError::read(&path))?;
    RunFile::parse(&text).map_err(|cause| RunError::RunFile { path, cause: Box::new(cause) }.into())
}

/// The weights of a file and the sum of its bytes, if it is there.
fn read_weights(path: &Path, shape: &Shape) -> Result<Option<(Weights, String)>, BundleError> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let weights = WeightFile::parse(&bytes, shape.limits())
        .and_then(|file| file.into_weights(shape))
        .map_err(|cause| RunError::WeightFile { path: path.to_owned(), cause })?;
    Ok(Some((weights, sha256_hex(&bytes))))
}

/// The bytes of a regular file that is not longer than anybody can mean, if it is there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, BundleError> {
    match read_regular(path, LONGEST_FILE) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(BundleError::read(path)(cause)),
    }
}
