//! What comes out of a case: spikes, changes of weights, sums of all weights, found by running it.
//!
//! The golden engine is the plain engine of the chip model, [`PlainEngine`]: loops over the scalar definitions, in the
//! order in which one reads them. Beside it run the fast engine, which must report the same spikes and hold the same
//! weights after every sample, and the integer reference, whose outputs and updates must be those of the spikes. A case
//! in which they differ has no golden files. The published circuit may leave exactness; from its first fault on the
//! reference is not asked any more.

use std::collections::BTreeSet;
use std::sync::Arc;

use synfire_train::synfire_circuit::Form;
use synfire_train::synfire_data::sha256_hex;
use synfire_train::synfire_fast::FastEngine;
use synfire_train::synfire_loihi::{PlainEngine, Program, lower};
use synfire_train::synfire_net::{
    Engine, Fault, LayerId, Network, Observer, ProjectionId, StepError, Strictness,
};
use synfire_train::synfire_reference::Reference;

use crate::BundleError;
use crate::case::{Case, plastic};
use crate::circuit::{Circuit, Kind};
use crate::shows::{listed, shows};

/// A spike of a compartment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spike {
    pub(crate) step: u64,
    pub(crate) layer: LayerId,
    pub(crate) neuron: u32,
}

/// A weight that differs after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) sample: usize,
    pub(crate) step: u64,
    pub(crate) projection: ProjectionId,
    /// Indices within their layers.
    pub(crate) pre: u32,
    pub(crate) post: u32,
    pub(crate) old: i16,
    pub(crate) new: i16,
}

/// What one sample left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) n_spikes: usize,
    pub(crate) n_changes: usize,
    /// Of all weight mantissas after the sample.
    pub(crate) sha256: String,
    /// What it is an example of.
    pub(crate) shows: String,
}

/// All that comes out of a case.
pub(crate) struct Golden {
    pub(crate) circuit: Circuit,
    pub(crate) program: Arc<Program>,
    pub(crate) spikes: Vec<Spike>,
    pub(crate) changes: Vec<Change>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) n_faults: usize,
}

/// Spikes and changes beyond which a case is not run on: what is to be compared with it has fewer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    pub(crate) spikes: usize,
    pub(crate) changes: usize,
}

impl Most {
    /// As many as there are.
    pub(crate) const ANY: Most = Most { spikes: usize::MAX, changes: usize::MAX };
}

/// Hears spikes of compartments, and faults.
#[derive(Default)]
struct Ears {
    is_source: Vec<bool>,
    spikes: Vec<Spike>,
    n_faults: usize,
    first_fault: Option<Fault>,
}

impl Ears {
    fn new(network: &Network) -> Ears {
        let is_source = network.layers().iter().map(|layer| layer.is_source()).collect();
        Ears { is_source, ..Ears::default() }
    }
}

impl Observer for Ears {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        if !self.is_source[layer.index()] {
            self.spikes.extend(neurons.iter().map(|&neuron| Spike { step, layer, neuron }));
        }
    }

    fn fault(&mut self, fault: &Fault) {
        self.n_faults += 1;
        self.first_fault.get_or_insert(*fault);
    }
}

impl Golden {
    /// Runs a case.
    ///
    /// # Errors
    /// If the circuit cannot be built or does not fit the chip, a sized circuit has a fault, or two of the three who
    /// must agree do not.
    pub(crate) fn run(case: &Case, most: Most) -> Result<Golden, BundleError> {
        let circuit = case.circuit()?;
        let network = Arc::clone(circuit.network());
        let refused = |cause| BundleError::Refused { case: case.name.clone(), cause };
        let program = Arc::new(lower(Arc::clone(&network)).map_err(refused)?);
        let stopped = |cause: StepError| BundleError::Step { case: case.name.clone(), cause };
        let schedule = circuit.schedule(&case.samples);
        let mut plain = PlainEngine::new(Arc::clone(&program), Strictness::Report);
        let mut fast = FastEngine::new(Arc::clone(&program), Strictness::Report);
        let [mut ears, mut other] = [(); 2].map(|()| Ears::new(&network));
        let mut weights = Snapshot::new(&network, &program);
        let mut reference = Beside::new(case)?;
        let period = circuit.period();
        plain.advance(period, &schedule, &mut ears).map_err(stopped)?;
        fast.advance(period, &schedule, &mut other).map_err(stopped)?;
        let (mut changes, mut outcomes) = (Vec::new(), Vec::new());
        for sample in 0..case.samples.len() {
            let (n_spikes, n_changes) = (ears.spikes.len(), changes.len());
            for _ in 0..period {
                plain.advance(1, &schedule, &mut ears).map_err(stopped)?;
                weights.follow(&plain, sample, &mut changes);
                if ears.spikes.len() > most.spikes || changes.len() > most.changes {
                    break;
                }
            }
            if let (Form::Sized, Some(fault)) = (case.form, ears.first_fault) {
                let fault = fault.describe(&network);
                return Err(BundleError::Fault { case: case.name.clone(), fault });
            }
            let differs =
                |what: String| BundleError::Disagreement { case: case.name.clone(), sample, what };
            let is_cut = plain.step() < circuit.first_step(sample + 1) - 1;
            let shown = reference.follow(case, sample)?;
            if !is_cut {
                fast.advance(period, &schedule, &mut other).map_err(stopped)?;
                if ears.spikes != other.spikes || ears.n_faults != other.n_faults {
                    return Err(differs("engines loihi and fast report other spikes".to_owned()));
                }
                if let Some(name) = weights.first_other(&fast) {
                    let what = format!("engines loihi and fast hold other weights of {name}");
                    return Err(differs(what));
                }
                if ears.n_faults == 0 {
                    reference
                        .compare(&circuit, &weights, &ears.spikes[n_spikes..])
                        .map_err(differs)?;
                }
            }
            outcomes.push(Outcome {
                n_spikes: ears.spikes.len() - n_spikes,
                n_changes: changes.len() - n_changes,
                sha256: weights.sha256(),
                shows: listed(&shown),
            });
            if is_cut {
                break;
            }
        }
        let Ears { spikes, n_faults, .. } = ears;
        Ok(Golden { circuit, program, spikes, changes, outcomes, n_faults })
    }
}

/// All weight mantissas as they stand, projection by projection.
struct Snapshot {
    network: Arc<Network>,
    mantissas: Vec<Vec<i16>>,
}

impl Snapshot {
    fn new(network: &Arc<Network>, program: &Program) -> Snapshot {
        let mantissas = network
            .projection_ids()
            .map(|id| program.synapses(id).weight_mantissas.clone())
            .collect();
        Snapshot { network: Arc::clone(network), mantissas }
    }

    /// Takes over what an engine learned in its last step, and notes each change.
    fn follow(&mut self, engine: &dyn Engine, sample: usize, changes: &mut Vec<Change>) {
        for id in self.network.projection_ids() {
            let Some(now) = engine.weights(id) else { continue };
            let old = &mut self.mantissas[id.index()];
            if *now == **old {
                continue;
            }
            let synapses = self.network.synapses(id);
            for ((synapse, old), &new) in synapses.zip(old).zip(now.iter()) {
                if *old != new {
                    changes.push(Change {
                        sample,
                        step: engine.step(),
                        projection: id,
                        pre: synapse.source,
                        post: synapse.target,
                        old: *old,
                        new,
                    });
                    *old = new;
                }
            }
        }
    }

    /// The first projection of which an engine holds other weights.
    fn first_other(&self, engine: &dyn Engine) -> Option<&str> {
        let differs = |id: &ProjectionId| {
            engine.weights(*id).is_some_and(|now| *now != *self.mantissas[id.index()])
        };
        let other = self.network.projection_ids().find(differs)?;
        Some(&self.network.projection(other).name)
    }

    /// The sum of all mantissas, as 16-bit integers in two's complement, lowest byte first.
    fn sha256(&self) -> String {
        let all = self.mantissas.iter().flatten();
        let bytes: Vec<u8> = all.flat_map(|mantissa| mantissa.to_le_bytes()).collect();
        sha256_hex(&bytes)
    }
}

/// The reference, which knows nothing of spikes, on the same samples.
struct Beside {
    kind: Kind,
    reference: Reference,
    active: Vec<u32>,
}

impl Beside {
    fn new(case: &Case) -> Result<Beside, BundleError> {
        let shape = case.reference_shape()?;
        let weights = case.reference_weights(&shape)?;
        let reference = Reference::new(shape, weights)
            .map_err(|cause| synfire_train::RunError::Weights { cause: cause.into() })?;
        Ok(Beside { kind: case.kind, reference, active: Vec::new() })
    }

    /// Learns a sample, or only answers, and says what it shows.
    fn follow(
        &mut self,
        case: &Case,
        sample_idx: usize,
    ) -> Result<BTreeSet<&'static str>, BundleError> {
        use synfire_train::synfire_reference::Sample;
        let sample = &case.samples[sample_idx];
        let failed = |cause| synfire_train::RunError::Sample { sample_idx, cause };
        let target = sample.target as usize;
        let before = self.reference.weights().clone();
        let record = match self.kind {
            Kind::Learning => self.reference.learn(Sample { input: &sample.input, target }),
            Kind::Inference => self.reference.infer(&sample.input),
        };
        let record = record.map_err(failed)?.clone();
        self.active = record.output().active_list().to_vec();
        let mut shown = shows(&record, target, &before, self.reference.weights());
        if self.kind == Kind::Inference {
            // Nothing else means anything where nothing is learned.
            shown.retain(|word| ["z1=512", "z2=512"].contains(word));
        }
        Ok(shown)
    }

    /// Holds the spikes of a sample, and the weights after it, against the reference.
    fn compare(
        &self,
        circuit: &Circuit,
        weights: &Snapshot,
        spikes: &[Spike],
    ) -> Result<(), String> {
        let output = circuit.network().find_layer("o");
        let period = u64::from(circuit.period());
        let spoke = spikes
            .iter()
            .filter(|spike| Some(spike.layer) == output && (spike.step - 1) % period == 3);
        if !spoke.map(|spike| &spike.neuron).eq(&self.active) {
            return Err("outputs are not those of the reference".to_owned());
        }
        let Circuit::Learning(learning) = circuit else { return Ok(()) };
        let (w1, w2, plus, minus) = learning.matrices();
        let expected = plastic(self.reference.weights());
        let copies = w1.iter().map(|id| (id, &expected.w1));
        let copies = copies.chain(w2.iter().map(|id| (id, &expected.w2)));
        let copies = copies.chain([(&plus, &expected.feedback_plus)]);
        for (id, expected) in copies.chain([(&minus, &expected.feedback_minus)]) {
            if weights.mantissas[id.index()] != *expected {
                let name = &circuit.network().projection(*id).name;
                return Err(format!("weights of {name} are not those of the reference"));
            }
        }
        Ok(())
    }
}
