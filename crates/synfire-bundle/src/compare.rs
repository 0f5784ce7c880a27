//! Somebody's spikes and weights against the golden ones of a case: the first difference, counts, what may be behind.
//!
//! Spikes are compared as sets of step and neuron, in causal order: by step, then by id, which goes from input to
//! output. A layer of generators is compared if the dump has spikes of it. What the dump holds after the last step of
//! the case is counted and not compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::BundleError;
use crate::contents::Contents;
use crate::diagnose::diagnose;
use crate::dump;
use crate::score::{Score, SpikePlace};
use crate::weigh::{WeightComparison, weigh};

/// What is compared with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompareConfig {
    /// The folder of the bundle.
    pub bundle: PathBuf,
    /// The spikes of a machine, CSV or npz.
    pub spikes: PathBuf,
    /// The case; the first of the bundle unless one is named.
    pub case: Option<String>,
    /// Layers to compare, by either name; all if none is named.
    pub layers: Vec<String>,
    /// Added to the steps of the spikes.
    pub offset: i64,
    /// The weights of the machine, CSV or npz.
    pub weights: Option<PathBuf>,
    /// The sample after which these weights were read, if they are not changes; the last unless one is named.
    pub after: Option<usize>,
}

/// What is wrong with a spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpikeFinding {
    /// It must be there and is not.
    Missing,
    /// It must not be there and is.
    Extra,
    /// It is there more than once.
    Twice,
}

impl SpikeFinding {
    /// A short name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SpikeFinding::Missing => "missing",
            SpikeFinding::Extra => "extra",
            SpikeFinding::Twice => "twice",
        }
    }
}

/// The first spike that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpikeMismatch {
    /// What is wrong.
    pub finding: SpikeFinding,
    /// Where.
    pub place: SpikePlace,
    /// Its line in the dump, if it has one.
    pub line: Option<usize>,
}

impl std::fmt::Display for SpikeMismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let meaning = match &self.place.meaning {
            Some(meaning) => format!(" ({meaning})"),
            None => " in a phase in which this layer may not spike".to_owned(),
        };
        write!(f, "{}: ", self.place)?;
        match self.finding {
            SpikeFinding::Missing => write!(f, "expected a spike{meaning}, found none")?,
            SpikeFinding::Extra => write!(f, "expected no spike, found one{meaning}")?,
            SpikeFinding::Twice => write!(f, "expected one spike{meaning}, found it twice")?,
        }
        match self.line {
            Some(line) => write!(f, ", line {line}"),
            None => Ok(()),
        }
    }
}

/// How a machine did in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The case.
    pub case: String,
    /// Number of its samples.
    pub n_samples: usize,
    /// The layers that were compared.
    pub layers: Vec<String>,
    /// Golden spikes of these layers.
    pub n_expected: usize,
    /// Different spikes of the dump in these layers, up to the case's last step.
    pub n_found: usize,
    /// Golden spikes that the dump lacks.
    pub n_missing: usize,
    /// Spikes of the dump that are not golden.
    pub n_extra: usize,
    /// Spikes that are in the dump more than once.
    pub n_twice: usize,
    /// Spikes of the dump after the case's last step, not compared.
    pub n_later: usize,
    /// The first difference in causal order.
    pub first: Option<SpikeMismatch>,
    /// What may be behind the differences.
    pub hints: Vec<String>,
    /// How the weights did, if there were some.
    pub weights: Option<WeightComparison>,
}

impl Comparison {
    /// Whether everything that was compared is as it must be.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.first.is_none() && self.weights.as_ref().is_none_or(|weights| weights.first.is_none())
    }
}

/// Compares spikes, and weights if there are some, with a case.
///
/// # Errors
/// A folder that is no bundle or was changed, a case or layer that it does not have, and files that cannot be read.
pub fn compare(config: &CompareConfig) -> Result<Comparison, BundleError> {
    compare_contents(config, Contents::Folder(&config.bundle))
}

/// Compares spikes, and weights if there are some, with a case of a bundle in memory: each file under its name, and
/// with them those of the machine, as the choices call them. [`CompareConfig::bundle`] is not looked at.
///
/// ```
/// use synfire_bundle::{CompareConfig, compare_files, tiny};
/// let mut files = tiny();
/// let spikes = String::from_utf8(files["cases/learning/spikes.csv"].clone())?;
/// files.insert("mine.csv".to_owned(), spikes.replace("\n", "\r\n").into_bytes());
/// let choices = CompareConfig { spikes: "mine.csv".into(), ..CompareConfig::default() };
/// assert!(compare_files(&choices, &files)?.is_equal());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`compare`].
pub fn compare_files(
    config: &CompareConfig,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Comparison, BundleError> {
    compare_contents(config, Contents::Memory(files))
}

fn compare_contents<'a>(
    config: &'a CompareConfig,
    contents: Contents<'a>,
) -> Result<Comparison, BundleError> {
    let (score, source) = Score::read(contents, config.case.as_deref())?;
    let dump = dump::read(contents, &config.spikes, &score, config.offset)?;
    let is_compared = compared_layers(config, &score, &dump)?;

    let (mut found, mut twice) = (BTreeMap::new(), BTreeMap::new());
    let mut n_later = 0;
    for (step, id, line) in dump.spikes {
        if !is_compared[score.layer_of(id)] {
            continue;
        }
        if step > score.last_step() {
            n_later += 1;
        } else if found.insert((step, id), line).is_some() {
            twice.entry((step, id)).or_insert(line);
        }
    }
    let expected: BTreeSet<(u64, u32)> =
        score.spikes.iter().copied().filter(|&(_, id)| is_compared[score.layer_of(id)]).collect();
    let missing: BTreeSet<_> =
        expected.iter().copied().filter(|spike| !found.contains_key(spike)).collect();
    let extra: BTreeSet<_> =
        found.keys().copied().filter(|spike| !expected.contains(spike)).collect();

    let line_of = |spike: &(u64, u32)| found.get(spike).copied().flatten();
    let firsts = [
        missing.first().map(|&spike| (spike, SpikeFinding::Missing, None)),
        extra.first().map(|&spike| (spike, SpikeFinding::Extra, line_of(&spike))),
        twice.iter().next().map(|(&spike, &line)| (spike, SpikeFinding::Twice, line)),
    ];
    let first = firsts.into_iter().flatten().min_by_key(|&(spike, ..)| spike);
    let found: BTreeSet<_> = found.into_keys().collect();
    let hints = match first {
        None => Vec::new(),
        Some(((step, id), finding, _)) => {
            let at = ((step, id), finding);
            diagnose(&score, &expected, &found, &missing, &extra, at, config.offset)
        }
    };
    let weights = match &config.weights {
        None => None,
        Some(path) => Some(weigh(&score, &source, path, config.after)?),
    };
    let layers = score.layers.iter().zip(&is_compared).filter(|&(_, &is_compared)| is_compared);
    Ok(Comparison {
        case: score.header.name.clone(),
        n_samples: score.samples.len(),
        layers: layers.map(|(layer, _)| layer.name.clone()).collect(),
        n_expected: expected.len(),
        n_found: found.len(),
        n_missing: missing.len(),
        n_extra: extra.len(),
        n_twice: twice.len(),
        n_later,
        first: first.map(|((step, id), finding, line)| SpikeMismatch {
            finding,
            place: score.place(step, id),
            line,
        }),
        hints,
        weights,
    })
}

/// Of each layer, whether it is compared.
fn compared_layers(
    config: &CompareConfig,
    score: &Score,
    dump: &dump::Dump,
) -> Result<Vec<bool>, BundleError> {
    if config.layers.is_empty() {
        let mut is_compared: Vec<bool> =
            score.layers.iter().map(|layer| !layer.is_generator).collect();
        for &(_, id, _) in &dump.spikes {
            is_compared[score.layer_of(id)] = true;
        }
        return Ok(is_compared);
    }
    let mut is_compared = vec![false; score.layers.len()];
    for name in &config.layers {
        let Some(layer) = score.find(name) else {
            let (found, known) = (name.clone(), score.layer_names());
            return Err(BundleError::Layer { found, known });
        };
        is_compared[layer] = true;
    }
    Ok(is_compared)
}
