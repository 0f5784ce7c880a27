//! A case as somebody compares with it: its layers by both names, its phases with their meanings, its samples and its
//! golden spikes. All from the files, whose sums must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use synfire_train::synfire_data::sha256_hex;

use crate::BundleError;
use crate::check::{BundleProblem, LONGEST_FILE, LONGEST_HEADER, read_header};
use crate::contents::Contents;
use crate::header::CaseHeader;
use crate::make::HEADER_FILE;
use crate::parse::{MOST_SAMPLES, NO_SAMPLE, Rows, file_of, read_case_header, shown};
use crate::sums::{self, SUMS_FILE};
use crate::table::{COMPARTMENTS, GENERATORS, PHASES, SAMPLES, SPIKES};

/// Most layers of a case; ours have some dozens.
const MOST_LAYERS: usize = 200;
/// Most golden spikes of a case that are compared with; few in unit tests, which go to the limit.
const MOST_SPIKES: usize = if cfg!(test) { 100 } else { 10_000_000 };

/// A layer of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScoreLayer {
    pub(crate) name: String,
    pub(crate) lanl: String,
    pub(crate) first_id: u32,
    pub(crate) n_neurons: u32,
    pub(crate) is_generator: bool,
}

/// A sample of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScoreSample {
    pub(crate) first_step: u64,
    pub(crate) last_step: u64,
    pub(crate) index: String,
    pub(crate) label: String,
}

/// What a machine is to play, and what must be heard.
pub(crate) struct Score {
    pub(crate) header: CaseHeader,
    /// In the order of their ids.
    pub(crate) layers: Vec<ScoreLayer>,
    meanings: BTreeMap<(usize, u32), String>,
    pub(crate) samples: Vec<ScoreSample>,
    /// Golden spikes and those of generators: step and id.
    pub(crate) spikes: BTreeSet<(u64, u32)>,
}

/// Where a spike is, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpikePlace {
    /// The step, from 1.
    pub step: u64,
    /// The phase of the gating cycle.
    pub phase: u32,
    /// The sample, from 0; `None` before the first.
    pub sample: Option<usize>,
    /// Its place in the data set, if it is from one.
    pub sample_index: Option<String>,
    /// Its class.
    pub sample_label: Option<String>,
    /// The layer by our name.
    pub layer: String,
    /// The layer in the authors' code.
    pub lanl: String,
    /// The neuron in its layer.
    pub neuron: u32,
    /// The neuron in the case.
    pub id: u32,
    /// What a spike of this layer in this phase says; `None` where it may not spike.
    pub meaning: Option<String>,
}

impl std::fmt::Display for SpikePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step {}, phase {}", self.step, self.phase)?;
        if let Some(sample) = self.sample {
            write!(f, " of sample {sample}")?;
            match (&self.sample_index, &self.sample_label) {
                (Some(index), Some(label)) => write!(f, " (index {index}, class {label})")?,
                (None, Some(label)) => write!(f, " (class {label})")?,
                _ => {}
            }
        }
        write!(f, ", layer {}", self.layer)?;
        if self.lanl != self.layer {
            write!(f, " (LANL {})", self.lanl)?;
        }
        write!(f, ", neuron {} (id {})", self.neuron, self.id)
    }
}

/// Files of a bundle whose sums hold.
pub(crate) struct Source<'a> {
    contents: Contents<'a>,
    sums: BTreeMap<String, String>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(contents: Contents<'a>) -> Result<Source<'a>, BundleError> {
        let dir = contents.dir();
        let text =
            contents.text(SUMS_FILE, LONGEST_HEADER).map_err(|problem| form(dir, problem))?;
        let sums = sums::parse(&text).map_err(|(line, message)| {
            form(dir, BundleProblem::new(SUMS_FILE, Some(line), message))
        })?;
        Ok(Source { contents, sums: sums.into_iter().collect() })
    }

    /// All files, of sums that need not hold.
    pub(crate) const fn contents(&self) -> Contents<'a> {
        self.contents
    }

    /// The text of a file as the bundle was made with it.
    pub(crate) fn text(&self, name: &str) -> Result<String, BundleError> {
        let dir = self.contents.dir();
        let text = self.contents.text(name, LONGEST_FILE).map_err(|problem| form(dir, problem))?;
        match self.sums.get(name) {
            Some(sum) if *sum == sha256_hex(text.as_bytes()) => Ok(text),
            _ => Err(BundleError::Changed { path: dir.join(name) }),
        }
    }
}

/// A problem of a bundle's file as an error.
pub(crate) fn form(dir: &Path, problem: BundleProblem) -> BundleError {
    let BundleProblem { file, line, message } = problem;
    BundleError::Form { path: dir.join(file), line: line.unwrap_or(0), message }
}

impl Score {
    /// A case of the bundle; the first unless one is named.
    pub(crate) fn read<'a>(
        contents: Contents<'a>,
        name: Option<&str>,
    ) -> Result<(Score, Source<'a>), BundleError> {
        let dir = contents.dir();
        if !contents.has(HEADER_FILE) {
            return Err(BundleError::NoBundle { dir: dir.to_owned() });
        }
        let wrong = |problem| form(dir, problem);
        let cases = read_header(contents).map_err(wrong)?.cases;
        let name = name.unwrap_or(&cases[0]);
        if !cases.iter().any(|case| case == name) {
            let (found, known) = (name.to_owned(), cases.join(", "));
            return Err(BundleError::Case { found, known });
        }
        let source = Source::new(contents)?;
        let header = read_case_header(contents, name).map_err(wrong)?;
        let mut score = Score {
            header,
            layers: Vec::new(),
            meanings: BTreeMap::new(),
            samples: Vec::new(),
            spikes: BTreeSet::new(),
        };
        for (file, heading) in [("compartments.csv", COMPARTMENTS), ("generators.csv", GENERATORS)]
        {
            let file = file_of(name, file);
            let text = source.text(&file)?;
            score.add_layers(&file, &text, heading).map_err(wrong)?;
        }
        for file in ["phases.csv", "samples.csv", "spikes.csv", "stimulus.csv"] {
            let name = file_of(name, file);
            let text = source.text(&name)?;
            match file {
                "phases.csv" => score.add_meanings(&name, &text),
                "samples.csv" => score.add_samples(&name, &text),
                _ => score.add_spikes(&name, &text),
            }
            .map_err(wrong)?;
        }
        Ok((score, source))
    }

    fn add_layers(&mut self, file: &str, text: &str, heading: &str) -> Result<(), BundleProblem> {
        for row in Rows::new(file, text, heading)? {
            let row = row?;
            let id = row.number(0, "id", 0, u32::MAX.into())?;
            let expected = self.layers.last().map_or(0, |layer| layer.first_id + layer.n_neurons);
            if id != i64::from(expected) {
                return Err(row.problem(format!("id is {id}, expected {expected}")));
            }
            let n_layers = self.layers.len();
            match self.layers.last_mut().filter(|layer| layer.name == row.text(1)) {
                Some(layer) => layer.n_neurons += 1,
                None if n_layers == MOST_LAYERS => {
                    return Err(row.problem(format!("more than {MOST_LAYERS} layers")));
                }
                None => self.layers.push(ScoreLayer {
                    name: row.words(1, "layer")?,
                    lanl: row.words(2, "lanl")?,
                    first_id: expected,
                    n_neurons: 1,
                    is_generator: heading == GENERATORS,
                }),
            }
        }
        Ok(())
    }

    fn add_meanings(&mut self, file: &str, text: &str) -> Result<(), BundleProblem> {
        for row in Rows::new(file, text, PHASES)? {
            let row = row?;
            let phase = row.number(0, "phase", 0, 63)?;
            let Some(layer) = self.find(row.text(1)) else {
                let found = shown(row.text(1));
                return Err(row.problem(format!("layer {found} is not in the case")));
            };
            let phase = u32::try_from(phase).unwrap_or_default();
            self.meanings.insert((layer, phase), row.words(3, "meaning")?);
        }
        Ok(())
    }

    fn add_samples(&mut self, file: &str, text: &str) -> Result<(), BundleProblem> {
        for row in Rows::new(file, text, SAMPLES)? {
            let row = row?;
            let step = |column| row.number(column, "step", 1, i64::MAX).map(i64::unsigned_abs);
            if self.samples.len() == MOST_SAMPLES {
                return Err(row.problem(format!("more than {MOST_SAMPLES} samples")));
            }
            self.samples.push(ScoreSample {
                first_step: step(1)?,
                last_step: step(2)?,
                index: row.words(3, "index")?,
                label: row.words(4, "label")?,
            });
        }
        match self.samples.is_empty() {
            true => Err(BundleProblem::new(file, None, NO_SAMPLE)),
            false => Ok(()),
        }
    }

    fn add_spikes(&mut self, file: &str, text: &str) -> Result<(), BundleProblem> {
        for row in Rows::new(file, text, SPIKES)? {
            let row = row?;
            let step = row.number(0, "step", 1, i64::MAX)?.unsigned_abs();
            let Some(layer) = self.find(row.text(1)) else {
                let found = shown(row.text(1));
                return Err(row.problem(format!("layer {found} is not in the case")));
            };
            let layer = &self.layers[layer];
            let neuron = row.number(2, "neuron", 0, i64::from(layer.n_neurons) - 1)?;
            let id = layer.first_id + u32::try_from(neuron).unwrap_or_default();
            if self.spikes.len() == MOST_SPIKES {
                return Err(row.problem(format!("more than {MOST_SPIKES} spikes")));
            }
            self.spikes.insert((step, id));
        }
        Ok(())
    }

    /// A layer by either of its names.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let by = |test: &dyn Fn(&ScoreLayer) -> bool| self.layers.iter().position(test);
        by(&|layer| layer.name == name).or_else(|| by(&|layer| layer.lanl == name))
    }

    /// The layer of a neuron.
    pub(crate) fn layer_of(&self, id: u32) -> usize {
        self.layers.partition_point(|layer| layer.first_id <= id).saturating_sub(1)
    }

    /// Number of neurons, generators among them.
    pub(crate) fn n_neurons(&self) -> u32 {
        self.layers.last().map_or(0, |layer| layer.first_id + layer.n_neurons)
    }

    /// The last step that the golden spikes speak of.
    pub(crate) fn last_step(&self) -> u64 {
        self.samples.last().map_or(0, |sample| sample.last_step)
    }

    /// The sample of a step.
    pub(crate) fn sample_of(&self, step: u64) -> Option<usize> {
        self.samples
            .iter()
            .position(|sample| (sample.first_step..=sample.last_step).contains(&step))
    }

    /// A neuron by its layer and index: `h< 3`.
    pub(crate) fn name_of(&self, id: u32) -> String {
        let layer = &self.layers[self.layer_of(id)];
        format!("{} {}", layer.name, id - layer.first_id)
    }

    /// Where a spike is and what it says.
    pub(crate) fn place(&self, step: u64, id: u32) -> SpikePlace {
        let layer_idx = self.layer_of(id);
        let layer = &self.layers[layer_idx];
        let period = u64::from(self.header.period.max(1));
        let phase = u32::try_from((step + period - 1) % period).unwrap_or_default();
        let sample = self.sample_of(step);
        let told = sample.map(|sample| &self.samples[sample]);
        SpikePlace {
            step,
            phase,
            sample,
            sample_index: told.map(|told| told.index.clone()).filter(|index| !index.is_empty()),
            sample_label: told.map(|told| told.label.clone()),
            layer: layer.name.clone(),
            lanl: layer.lanl.clone(),
            neuron: id - layer.first_id,
            id,
            meaning: self.meanings.get(&(layer_idx, phase)).cloned(),
        }
    }

    /// The names of all layers of compartments.
    pub(crate) fn layer_names(&self) -> String {
        let names: Vec<&str> = self.layers.iter().map(|layer| &*layer.name).collect();
        names.join(", ")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// A case of two layers, h and o, of two neurons each, in which nobody spikes.
    pub(crate) fn two_layers() -> Score {
        let header = "name = 'n'\nabout = ''\nsource = ''\ncircuit = 'inference'\nform = 'sized'\nlayers = [2, 2, 2]\n\
                      max-active = 2\nperiod = 5\nsteps = 5\nsamples = 1\ncompartments = 4\ngenerators = 0\n\
                      plastic-synapses = 0\nfixed-synapses = 0\ngenerator-synapses = 0\nspikes = 0\nchanges = 0\n\
                      faults = 0\n";
        let layer = |name: &str, first_id| ScoreLayer {
            name: name.to_owned(),
            lanl: name.to_owned(),
            first_id,
            n_neurons: 2,
            is_generator: false,
        };
        Score {
            header: toml::from_str(header).unwrap(),
            layers: vec![layer("h", 0), layer("o", 2)],
            meanings: BTreeMap::new(),
            samples: Vec::new(),
            spikes: BTreeSet::new(),
        }
    }

    #[test]
    fn more_spikes_than_are_compared_with_are_refused() {
        let table = |n: usize| {
            let rows: String = (1..=n).map(|step| format!("{step},h,1\n")).collect();
            format!("{SPIKES}\n{rows}")
        };
        let mut score = two_layers();
        assert_eq!(score.add_spikes("spikes.csv", &table(MOST_SPIKES)), Ok(()));
        let problem = two_layers().add_spikes("spikes.csv", &table(MOST_SPIKES + 1)).unwrap_err();
        assert_eq!(problem.to_string(), "spikes.csv, line 102: more than 100 spikes");
    }

    #[test]
    fn more_layers_than_a_case_may_have_are_refused() {
        let parameters = ",0".repeat(COMPARTMENTS.split(',').count() - 3);
        let row = |id: usize| format!("{id},l{id},l{id}{parameters}\n");
        let table =
            |n: usize| format!("{COMPARTMENTS}\n{}", (4..4 + n).map(row).collect::<String>());
        let add = |n: usize| two_layers().add_layers("c.csv", &table(n), COMPARTMENTS);
        assert_eq!(add(MOST_LAYERS - 2), Ok(()));
        let message = add(MOST_LAYERS - 1).unwrap_err().to_string();
        assert_eq!(message, "c.csv, line 200: more than 200 layers");
    }
}
