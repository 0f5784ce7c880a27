//! Networks at two moments of their training, with the samples that they see next.
//!
//! Initial weights are silent in most places and wrong in nearly every sample; late weights are right in
//! most. Both occur in a run, for a few samples and for all the rest.

use crate::engines::{fast, lif, loihi};
use std::error::Error;
use std::sync::Arc;
use synfire_circuit::{CircuitShape, Form, LearningCircuit, PlasticWeights};
use synfire_data::{Dataset, Preparation, SearchPath, Source, load, shuffle};
use synfire_net::Engine;
use synfire_reference::{Reference, Sample, Shape, Weights, init};
use synfire_verify::{Case, Claim, Lockstep, Rung, climb};

/// Hidden neurons of the published network.
const N_HIDDEN: usize = 400;

/// The seed of initial weights and orders.
const SEED: u64 = 1;

/// Samples of a workload. A timing starts over from the workload's weights after so many.
const N_SAMPLES: usize = 200;

/// Set for a short run: only the published sizes of the real sets.
const QUICK: &str = "SYNFIRE_BENCH_QUICK";

/// Where the real sets are.
const DATA_DIR: &str = "SYNFIRE_DATA_DIR";

/// A network with weights, and samples to train it on.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The same for the ladder: name, shape, weights and samples.
    pub case: Case,
    /// The circuit on which engines run it.
    pub circuit: Arc<LearningCircuit>,
    /// The shape on which the reference runs it.
    pub shape: Shape,
}

/// Every workload that this environment has data for: the digits always, the real sets with
/// `SYNFIRE_DATA_DIR` set, those of 1,000 hidden neurons not with `SYNFIRE_BENCH_QUICK` set.
///
/// # Errors
/// If files are missing or damaged.
pub fn workloads() -> Result<Vec<Workload>, Box<dyn Error>> {
    let mut all = digits()?;
    if let Some(dir) = std::env::var_os(DATA_DIR) {
        all.extend(real(&SearchPath::new(None, Some(dir.into()), None))?);
    }
    Ok(all)
}

/// Whether a short run was asked for.
#[must_use]
pub fn is_quick() -> bool {
    std::env::var_os(QUICK).is_some()
}

/// The procedural digits, 400-400-10, with initial and with late weights.
///
/// # Errors
/// None that the fixed sizes could cause.
pub fn digits() -> Result<Vec<Workload>, Box<dyn Error>> {
    let path = SearchPath::default();
    moments(&Source::Digits, &path, Preparation::of(&Source::Digits), N_HIDDEN, 20)
}

/// The procedural digits with another number of hidden neurons, with late weights.
///
/// # Errors
/// If the circuit cannot be that wide.
pub fn digits_of_width(n_hidden: usize) -> Result<Workload, Box<dyn Error>> {
    let path = SearchPath::default();
    let mut both = moments(&Source::Digits, &path, Preparation::of(&Source::Digits), n_hidden, 5)?;
    both.pop().ok_or_else(|| "no late weights".into())
}

/// MNIST 400-400-10 and Fashion-MNIST 784-400-10, and both as 784-1000-10, each with initial and with late
/// weights, from the folders of `path`.
fn real(path: &SearchPath) -> Result<Vec<Workload>, Box<dyn Error>> {
    let whole = |source| Preparation { crop: 0, ..Preparation::of(source) };
    let (mnist, fashion) = (&Source::Mnist, &Source::FashionMnist);
    let mut all = moments(mnist, path, Preparation::of(mnist), N_HIDDEN, 5)?;
    all.extend(moments(fashion, path, whole(fashion), N_HIDDEN, 5)?);
    if !is_quick() {
        all.extend(moments(mnist, path, whole(mnist), 1000, 5)?);
        all.extend(moments(fashion, path, whole(fashion), 1000, 5)?);
    }
    Ok(all)
}

/// A set's network before training and after `n_epochs` on the reference.
fn moments(
    source: &Source,
    path: &SearchPath,
    preparation: Preparation,
    n_hidden: usize,
    n_epochs: u64,
) -> Result<Vec<Workload>, Box<dyn Error>> {
    let dataset = load(source, path, &preparation)?.train;
    let shape = Shape::new(&[dataset.n_inputs(), n_hidden, dataset.n_classes()])?;
    let mut reference = Reference::new(shape.clone(), init::he(&shape, SEED))?;
    let mut all = vec![Workload::new(&dataset, &shape, reference.weights(), "initial", 0)?];
    for epoch in 0..n_epochs {
        for sample_idx in shuffle(dataset.len(), SEED, epoch) {
            let (input, target) =
                (dataset.input(sample_idx as usize), dataset.target(sample_idx as usize));
            reference.learn(Sample { input, target })?;
        }
    }
    all.push(Workload::new(&dataset, &shape, reference.weights(), "late", n_epochs)?);
    Ok(all)
}

impl Workload {
    /// The first samples of `epoch`.
    fn new(
        dataset: &Dataset,
        shape: &Shape,
        weights: &Weights,
        moment: &str,
        epoch: u64,
    ) -> Result<Workload, Box<dyn Error>> {
        let n_neurons = |layer| u32::try_from(shape.n_neurons(layer));
        let max_active = u32::try_from(dataset.max_active())?;
        let circuit_shape = CircuitShape::new(n_neurons(0)?, n_neurons(1)?, n_neurons(2)?)
            .with_max_active(max_active);
        let values = |matrix: &synfire_reference::Matrix| matrix.values().to_vec();
        let weights = PlasticWeights {
            w1: values(&weights.forward()[0]),
            w2: values(&weights.forward()[1]),
            feedback_plus: values(&weights.feedback_plus()[0]),
            feedback_minus: values(&weights.feedback_minus()[0]),
        };
        let circuit = Arc::new(LearningCircuit::new(circuit_shape, Form::Sized, &weights)?);
        let samples = shuffle(dataset.len(), SEED, epoch)
            .into_iter()
            .take(N_SAMPLES)
            .map(|sample_idx| sample_idx as usize)
            .map(|idx| (dataset.input(idx).to_vec(), u32::from(dataset.label(idx))))
            .collect();
        let sizes: Vec<String> = shape.sizes().iter().map(usize::to_string).collect();
        let case = Case {
            name: format!("{} {} {moment}", dataset.name(), sizes.join("-")),
            repeat: String::new(),
            shape: circuit_shape,
            weights,
            samples,
        };
        Ok(Workload { case, circuit, shape: shape.clone() })
    }

    /// Runs every sample on the reference and on all engines, and compares every spike, potential and
    /// weight.
    ///
    /// # Panics
    /// If anything differs, or a claim compared nothing.
    pub fn check(&self) {
        let lif = |network| lif(network).map(|engine| Box::new(engine) as Box<dyn Engine>);
        let loihi = |network| loihi(network).map(|engine| Box::new(engine) as Box<dyn Engine>);
        let fast = |network| fast(network).map(|engine| Box::new(engine) as Box<dyn Engine>);
        let rungs = [
            Rung { name: "lif", build: &lif },
            Rung { name: "loihi", build: &loihi },
            Rung { name: "fast", build: &fast },
        ];
        let found = climb(&self.case, Form::Sized, &rungs);
        assert!(found.failure.is_none(), "{}: {:?}", self.case.name, found.failure);
        // The last rung is held against the reference and against the one below.
        let compared = |claim: &Claim| found.counts.last().is_some_and(|n| n.get(*claim) > 0);
        assert!(Claim::ALL.iter().all(compared), "{}: {:?}", self.case.name, found.counts);
    }

    /// The reference with the workload's weights.
    ///
    /// # Panics
    /// Never: a workload's weights fit its shape.
    #[must_use]
    pub fn reference(&self) -> Reference {
        let weights = &self.case.weights;
        let [n_inputs, n_hidden, n_outputs] = [0, 1, 2].map(|layer| self.shape.n_neurons(layer));
        let matrix = |n_sources, n_targets, values: &[i16]| {
            synfire_reference::Matrix::new(n_sources, n_targets, values.to_vec()).expect("its size")
        };
        let weights = Weights::new(
            &self.shape,
            vec![matrix(n_inputs, n_hidden, &weights.w1), matrix(n_hidden, n_outputs, &weights.w2)],
            vec![matrix(n_outputs, n_hidden, &weights.feedback_plus)],
            vec![matrix(n_outputs, n_hidden, &weights.feedback_minus)],
        );
        Reference::new(self.shape.clone(), weights.expect("made for the shape")).expect("checked")
    }

    /// An engine beside its reference, before the first sample.
    ///
    /// # Panics
    /// If the engine runs another network than the workload's.
    #[must_use]
    pub fn lockstep(&self, engine: impl Engine + 'static) -> Lockstep {
        Lockstep::new(Arc::clone(&self.circuit), Box::new(engine)).expect("the workload's network")
    }
}
