//! The inference network as a NIR graph, for other simulators.
//!
//! NIR is a list of nodes and edges in an HDF5 file. A network of weights W1 to WL is `input`, then for each layer an
//! `Affine` node without bias and a `LIF` node, then `output`. The time constant of the `LIF` nodes is the time step:
//! with forward Euler, v += dt / tau (v_leak - v + r i), a neuron then forgets everything in each step, its voltage is
//! its input, and it spikes if that is above 512: clause R1. One step answers one sample.
//!
//! Readers of NIR choose their time step themselves, and differ; [`NirTarget`] is whose step is meant. All numbers of
//! the graph are integers, but for tau, and as they are small enough, floating-point sums of them are exact.
//!
//! Lost are learning rules, feedback matrices, gates and refractory periods: NIR has no place for them. Equal weights
//! make equal bytes.

use std::fmt;
use std::str::FromStr;

use hdf5_pure::{FileBuilder, GroupBuilder};
use synfire_reference::{Thresholds, Weights};

/// The version of NIR that is written.
const NIR_VERSION: &str = "1.0.8";

/// Who is to read a graph: they differ in their time step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NirTarget {
    /// Norse: 1e-3 s unless `from_nir` is told another `dt`.
    Norse,
    /// snnTorch: 1e-4 s.
    SnnTorch,
    /// Spyx: 1. Its neurons spike one step late and carry the spike's threshold over as a debt, so that a network of L
    /// matrices is to be given each sample from a fresh state, for L + 1 steps, the last of which has the answer.
    Spyx,
    /// Readers that are told their step: 1 s.
    #[default]
    Generic,
}

impl NirTarget {
    /// All targets, in the order of their definition.
    pub const ALL: [NirTarget; 4] =
        [NirTarget::Norse, NirTarget::SnnTorch, NirTarget::Spyx, NirTarget::Generic];

    /// The name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            NirTarget::Norse => "norse",
            NirTarget::SnnTorch => "snntorch",
            NirTarget::Spyx => "spyx",
            NirTarget::Generic => "generic",
        }
    }

    /// The time step, in seconds, that is the time constant of the neurons.
    #[must_use]
    pub const fn step_seconds(self) -> f64 {
        match self {
            NirTarget::Norse => 1e-3,
            NirTarget::SnnTorch => 1e-4,
            NirTarget::Spyx | NirTarget::Generic => 1.0,
        }
    }
}

impl fmt::Display for NirTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("target is `{found}`, expected `norse`, `snntorch`, `spyx` or `generic`")]
pub struct NirTargetError {
    /// The name given.
    pub found: String,
}

impl FromStr for NirTarget {
    type Err = NirTargetError;

    fn from_str(name: &str) -> Result<NirTarget, NirTargetError> {
        NirTarget::ALL
            .into_iter()
            .find(|target| target.name() == name)
            .ok_or_else(|| NirTargetError { found: name.to_owned() })
    }
}

/// Why there is no NIR graph.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NirError {
    /// The writer of HDF5 files refuses.
    #[error("the HDF5 file cannot be made: {0}")]
    Hdf5(String),
}

/// The network of these weights that only answers, as a NIR file.
///
/// ```
/// use synfire_exchange::synfire_reference::{Shape, init};
/// use synfire_exchange::{NirTarget, write_nir};
///
/// let weights = init::he(&Shape::new(&[20, 16, 10])?, 1);
/// let bytes = write_nir(&weights, NirTarget::Norse)?;
/// assert_eq!(&bytes[..8], b"\x89HDF\r\n\x1a\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the HDF5 file would be too large for its writer.
pub fn write_nir(weights: &Weights, target: NirTarget) -> Result<Vec<u8>, NirError> {
    let mut file = FileBuilder::new();
    text(file.create_dataset("version"), NIR_VERSION);
    let mut graph = file.create_group("node");
    text(graph.create_dataset("type"), "NIRGraph");
    let mut nodes = graph.create_group("nodes");
    let forward = weights.forward();
    let n_inputs = forward.first().map_or(0, |matrix| matrix.n_sources());
    let n_outputs = forward.last().map_or(0, |matrix| matrix.n_targets());
    let mut chain = vec!["input".to_owned()];
    end(&mut nodes, "input", "Input", n_inputs);
    for (layer, matrix) in (1..).zip(forward) {
        let n = matrix.n_targets();
        let (affine, lif) = (format!("w{layer}"), format!("lif{layer}"));
        let turned = matrix.transposed();
        let values: Vec<f32> = turned.values().iter().map(|&weight| weight.into()).collect();
        let mut node = nodes.create_group(&affine);
        text(node.create_dataset("type"), "Affine");
        node.create_dataset("weight")
            .with_f32_data(&values)
            .with_shape(&[n as u64, matrix.n_sources() as u64]);
        node.create_dataset("bias").with_f32_data(&vec![0.0; n]);
        nodes.add_group(node.finish());
        let mut node = nodes.create_group(&lif);
        text(node.create_dataset("type"), "LIF");
        let fire = f64::from(Thresholds::PAPER.fire);
        for (name, value) in [
            ("tau", target.step_seconds()),
            ("r", 1.0),
            ("v_leak", 0.0),
            ("v_reset", 0.0),
            ("v_threshold", fire),
        ] {
            node.create_dataset(name).with_f64_data(&vec![value; n]);
        }
        nodes.add_group(node.finish());
        chain.extend([affine, lif]);
    }
    end(&mut nodes, "output", "Output", n_outputs);
    chain.push("output".to_owned());
    graph.add_group(nodes.finish());
    let edges: Vec<&str> =
        chain.windows(2).flat_map(|pair| [pair[0].as_str(), pair[1].as_str()]).collect();
    graph
        .create_dataset("edges")
        .with_vlen_strings(&edges)
        .with_shape(&[edges.len() as u64 / 2, 2]);
    file.add_group(graph.finish());
    file.finish().map_err(|cause| NirError::Hdf5(cause.to_string()))
}

/// A node at an end of the graph, of so many neurons.
fn end(nodes: &mut GroupBuilder, name: &str, kind: &str, n: usize) {
    let mut node = nodes.create_group(name);
    text(node.create_dataset("type"), kind);
    node.create_dataset("shape").with_i64_data(&[i64::try_from(n).unwrap_or(i64::MAX)]);
    nodes.add_group(node.finish());
}

/// A single text, as h5py reads one.
fn text(dataset: &mut hdf5_pure::DatasetBuilder, value: &str) {
    dataset.with_vlen_strings(&[value]).with_shape(&[]);
}
