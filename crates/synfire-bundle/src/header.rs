//! What a bundle and its cases say of themselves: `bundle.toml` and `case.toml`.

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::circuit::Kind;
use crate::golden::Golden;
use crate::table::View;

/// The form of bundles that this crate writes and reads.
pub(crate) const FORM: u32 = 1;

/// `bundle.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BundleHeader {
    /// The form of the files.
    pub(crate) form: u32,
    /// Version of Synfire.
    pub(crate) synfire: String,
    /// The commit of its sources if known; a `+` at its end if they were changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    /// The folders in `cases`, in the order of the README.
    pub(crate) cases: Vec<String>,
    pub(crate) run: RunHeader,
    /// The files that the data set was read from.
    #[serde(default, rename = "data-file", skip_serializing_if = "Vec::is_empty")]
    pub(crate) data_files: Vec<DataFile>,
}

/// The run that the weights are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RunHeader {
    pub(crate) dataset: String,
    pub(crate) crop: usize,
    pub(crate) threshold: u8,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) classes: usize,
    pub(crate) train_samples: usize,
    pub(crate) test_samples: usize,
    /// Of the samples after crop and threshold, those for training, then those for testing.
    pub(crate) dataset_sha256: String,
    pub(crate) layers: Vec<usize>,
    pub(crate) circuit: String,
    pub(crate) epochs: u32,
    pub(crate) order: String,
    pub(crate) seed: u64,
}

/// A file of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataFile {
    pub(crate) name: String,
    /// Of the unpacked content.
    pub(crate) sha256: String,
}

/// `case.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CaseHeader {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) source: String,
    pub(crate) circuit: Kind,
    /// The form of the circuit: `sized` or `published`.
    pub(crate) form: String,
    pub(crate) layers: [u32; 3],
    pub(crate) max_active: u32,
    /// Steps of a gating cycle.
    pub(crate) period: u32,
    /// Steps to run, from step 1 on.
    pub(crate) steps: u64,
    pub(crate) samples: usize,
    pub(crate) compartments: usize,
    pub(crate) generators: usize,
    pub(crate) plastic_synapses: usize,
    pub(crate) fixed_synapses: usize,
    pub(crate) generator_synapses: usize,
    /// Spikes of compartments.
    pub(crate) spikes: usize,
    /// Weights that changed in a step.
    pub(crate) changes: usize,
    /// Spikes outside the phases of their layer and sums that left a register: none in a sized circuit.
    pub(crate) faults: usize,
}

impl CaseHeader {
    pub(crate) fn new(case: &Case, view: &View<'_>, golden: &Golden) -> CaseHeader {
        let [compartments, generators, plastic, fixed, from_generators] = view.counts();
        CaseHeader {
            name: case.name.clone(),
            about: case.about.clone(),
            source: case.source.clone(),
            circuit: case.kind,
            form: case.form.name().to_owned(),
            layers: case.layers,
            max_active: case.max_active,
            period: golden.circuit.period(),
            steps: case.last_step(&golden.circuit),
            samples: case.samples.len(),
            compartments,
            generators,
            plastic_synapses: plastic,
            fixed_synapses: fixed,
            generator_synapses: from_generators,
            spikes: golden.spikes.len(),
            changes: golden.changes.len(),
            faults: golden.n_faults,
        }
    }
}

/// The TOML form of a header.
pub(crate) fn to_text<T: Serialize>(header: &T) -> String {
    toml::to_string(header).expect("a header has a TOML form")
}
