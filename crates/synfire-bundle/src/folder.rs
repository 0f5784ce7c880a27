//! The files of a case's folder, as bytes.

use synfire_train::write_weights;

use crate::BundleError;
use crate::case::Case;
use crate::golden::Golden;
use crate::header::{CaseHeader, to_text};
use crate::table::View;

/// The file of a case's own words.
pub(crate) const CASE_FILE: &str = "case.toml";
/// The files of a case, in the order in which they are judged: what is run before what comes out.
pub(crate) const FILES: [&str; 13] = [
    CASE_FILE,
    "network.toml",
    "compartments.csv",
    "generators.csv",
    "phases.csv",
    "projections.csv",
    "rules.csv",
    "synapses.csv",
    "weights.npz",
    "stimulus.csv",
    "spikes.csv",
    "changes.csv",
    "samples.csv",
];

/// The files of a case by their names.
pub(crate) type Files = Vec<(&'static str, Vec<u8>)>;

/// All files of a case with what came out of it, in the order of [`FILES`], and its header.
pub(crate) fn files(case: &Case, golden: &Golden) -> Result<(CaseHeader, Files), BundleError> {
    let view = View::new(&golden.circuit, &golden.program);
    let header = CaseHeader::new(case, &view, golden);
    let weights = case.reference_weights(&case.reference_shape()?)?;
    let npz = write_weights(&weights).map_err(BundleError::write("weights.npz".as_ref()))?;
    let contents = [
        to_text(&header).into_bytes(),
        view.network_toml().into_bytes(),
        view.compartments().into_bytes(),
        view.generators().into_bytes(),
        view.phases().into_bytes(),
        view.projections().into_bytes(),
        view.rules().into_bytes(),
        view.synapses().into_bytes(),
        npz,
        view.stimulus(case).into_bytes(),
        view.spikes(golden).into_bytes(),
        view.changes(golden).into_bytes(),
        view.samples(case, golden).into_bytes(),
    ];
    Ok((header, FILES.into_iter().zip(contents).collect()))
}
