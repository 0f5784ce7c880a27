//! The ladder: the reference, then one engine after the other, each held against the one before.
//!
//! A [`Case`] is a network with weights and samples. [`climb`] runs it on every rung side by side, sample
//! by sample, and stops at the first mismatch: against the reference it is located by phase, population
//! and neuron (E1 to E6, E8), between engines by spike, potential, weight or count (E7).

use crate::claim::{Claim, Counts};
use crate::lockstep::{Check, Lockstep};
use crate::mismatch::Mismatch;
use std::sync::Arc;
use synfire_circuit::{CircuitShape, Form, LEARNING_PERIOD, LearningCircuit, PlasticWeights};
use synfire_net::{Engine, Network};

/// Makes an engine for a network, or says why it cannot run it.
pub type Build = dyn Fn(Arc<Network>) -> Result<Box<dyn Engine>, String> + Sync;

/// One engine of the ladder.
#[derive(Clone, Copy)]
pub struct Rung<'a> {
    /// The engine's name in reports.
    pub name: &'a str,
    /// Makes it.
    pub build: &'a Build,
}

/// A network with weights and samples.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is, for reports: `random network 17 of seed 7`, `mnist`.
    pub name: String,
    /// Arguments that make the same case again.
    pub repeat: String,
    /// Layer sizes.
    pub shape: CircuitShape,
    /// Initial weights.
    pub weights: PlasticWeights,
    /// Active inputs and class of each sample.
    pub samples: Vec<(Vec<u32>, u32)>,
}

/// What climbing the ladder with one or more cases found.
#[derive(Clone, Debug)]
pub struct Climb {
    /// For each rung, what was compared with the reference and, from the second on, with the rung below.
    pub counts: Vec<Counts>,
    /// Samples that ran.
    pub samples: u64,
    /// The first failure.
    pub failure: Option<Failure>,
}

/// A case that failed, and how to repeat it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The two sides that disagree.
    pub sides: String,
    /// The case.
    pub case: String,
    /// What happened: a located mismatch, or why an engine stopped.
    pub what: String,
    /// The mismatch, if it is one.
    pub mismatch: Option<Mismatch>,
    /// Arguments that repeat it.
    pub repeat: String,
}

impl Climb {
    /// Nothing compared yet.
    #[must_use]
    pub fn empty(n_rungs: usize) -> Self {
        Self { counts: vec![Counts::default(); n_rungs], samples: 0, failure: None }
    }

    /// Adds what another case found; the earlier failure is kept.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            count.merge(more);
        }
        self.samples += other.samples;
        self.failure = self.failure.or(other.failure);
        self
    }
}

/// Runs one case on all rungs.
#[must_use]
pub fn climb(case: &Case, form: Form, rungs: &[Rung<'_>]) -> Climb {
    let mut climb = Climb::empty(rungs.len());
    let fail = |sides: String, what: String, mismatch: Option<Mismatch>| {
        let sample =
            mismatch.as_ref().map_or(String::new(), |m| format!(" --only-sample {}", m.sample));
        let repeat = format!("{}{sample}", case.repeat);
        Some(Failure { sides, case: case.name.clone(), what, mismatch, repeat })
    };
    let against = |name: &str| format!("reference vs {name}");
    let circuit = match LearningCircuit::new(case.shape, form, &case.weights) {
        Ok(circuit) => Arc::new(circuit),
        Err(error) => {
            climb.failure = fail("circuit".to_owned(), error.to_string(), None);
            return climb;
        }
    };
    let mut sides = Vec::new();
    for rung in rungs {
        let lockstep = (rung.build)(Arc::clone(circuit.network())).and_then(|engine| {
            Lockstep::new(Arc::clone(&circuit), engine).map_err(|error| error.to_string())
        });
        match lockstep {
            Ok(lockstep) => sides.push(lockstep),
            Err(error) => {
                climb.failure = fail(against(rung.name), error, None);
                return climb;
            }
        }
    }
    for (active, target) in &case.samples {
        for (idx, (side, rung)) in sides.iter_mut().zip(rungs).enumerate() {
            let comparison = match side.run_sample(active, *target, Check::Compare) {
                Ok(cycle) => cycle.comparison.clone().unwrap_or_default(),
                Err(error) => {
                    climb.failure = fail(against(rung.name), error.to_string(), None);
                    return climb;
                }
            };
            climb.counts[idx].merge(&comparison.counts);
            if let Some(mismatch) = comparison.first() {
                climb.failure =
                    fail(against(rung.name), mismatch.to_string(), Some(mismatch.clone()));
                return climb;
            }
        }
        for idx in 1..sides.len() {
            let (lower, upper) = (&sides[idx - 1], &sides[idx]);
            climb.counts[idx].add(Claim::Engines, lower.raster().n_spikes());
            if let Some(mismatch) = engines(lower, upper) {
                let names = format!("{} vs {}", rungs[idx - 1].name, rungs[idx].name);
                climb.failure = fail(names, mismatch.to_string(), Some(mismatch));
                return climb;
            }
        }
        climb.samples += 1;
    }
    climb
}

/// The place of a difference in nothing but what was done how often.
pub(crate) const OPERATION_COUNTS: &str = "operation counts";

/// E7: everything two engines can be asked.
pub(crate) fn engines(lower: &Lockstep, upper: &Lockstep) -> Option<Mismatch> {
    let circuit = lower.circuit();
    let network = circuit.network();
    let sample = lower.cycle().sample;
    let first = circuit.first_step(sample);
    let blank = Mismatch {
        claim: Claim::Engines,
        sample,
        phase: LEARNING_PERIOD - 1,
        place: String::new(),
        neuron_idx: 0,
        source_idx: None,
        expected: String::new(),
        found: String::new(),
        agreed_up_to: None,
    };
    if let Some(difference) = lower.raster().first_difference(upper.raster()) {
        let phase = u32::try_from(difference.step - first).unwrap_or(LEARNING_PERIOD);
        let (expected, found) =
            if difference.in_first { ("a spike", "silent") } else { ("silent", "a spike") };
        return Some(Mismatch {
            phase,
            place: network.layer(difference.layer).name.clone(),
            neuron_idx: difference.neuron_idx,
            expected: expected.to_owned(),
            found: found.to_owned(),
            agreed_up_to: phase.checked_sub(1),
            ..blank
        });
    }
    let differing = |place: &str, expected: String, found: String| {
        (expected != found).then(|| Mismatch {
            place: place.to_owned(),
            expected,
            found,
            ..blank.clone()
        })
    };
    let (below, above) = (lower.engine(), upper.engine());
    if lower.cycle().potentials != upper.cycle().potentials {
        let show = |side: &Lockstep| format!("potentials {:?}", side.cycle().potentials);
        return differing("h or o", show(lower), show(upper));
    }
    for (name, projection) in circuit.plastic() {
        if below.weights(projection) != above.weights(projection) {
            return differing(name, "equal weights".to_owned(), "different weights".to_owned());
        }
    }
    let counts = |engine: &dyn Engine| format!("{:?}", engine.operations());
    differing(OPERATION_COUNTS, counts(below), counts(above))
}
