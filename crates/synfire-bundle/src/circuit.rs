//! One of the two circuits with what a bundle says of it: names, phases, meanings, schedule.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use synfire_train::synfire_circuit::{
    CircuitError, CircuitShape, Form, INFERENCE_PERIOD, InferenceCircuit, LEARNING_PERIOD,
    LearningCircuit, MEANINGS, PlasticWeights, Population, Quantity,
};
use synfire_train::synfire_net::{InputSchedule, LayerId, Network, ProjectionId};

use crate::case::Sample;

/// Which of the two circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Twelve phases from a sample to its update.
    Learning,
    /// Four phases from a sample to its class.
    Inference,
}

/// A circuit that was built.
pub(crate) enum Circuit {
    Learning(Box<LearningCircuit>),
    Inference(Box<InferenceCircuit>),
}

/// What a rule is called in the files, in the order of [`LearningCircuit::plastic`].
pub(crate) const RULES: [&str; 8] = ["w1", "w1<", "w1>", "w2", "w2<", "w2>", "f+", "f-"];

impl Circuit {
    pub(crate) fn new(
        kind: Kind,
        shape: CircuitShape,
        form: Form,
        weights: &PlasticWeights,
    ) -> Result<Circuit, CircuitError> {
        Ok(match kind {
            Kind::Learning => {
                Circuit::Learning(Box::new(LearningCircuit::new(shape, form, weights)?))
            }
            Kind::Inference => {
                let circuit = InferenceCircuit::new(shape, form, &weights.w1, &weights.w2)?;
                Circuit::Inference(Box::new(circuit))
            }
        })
    }

    pub(crate) fn network(&self) -> &Arc<Network> {
        match self {
            Circuit::Learning(circuit) => circuit.network(),
            Circuit::Inference(circuit) => circuit.network(),
        }
    }

    /// Steps of a gating cycle.
    pub(crate) fn period(&self) -> u32 {
        match self {
            Circuit::Learning(_) => LEARNING_PERIOD,
            Circuit::Inference(_) => INFERENCE_PERIOD,
        }
    }

    /// The first step of a sample; phase 0.
    pub(crate) fn first_step(&self, sample: usize) -> u64 {
        (sample as u64 + 1) * u64::from(self.period()) + 1
    }

    /// Every population with its layer.
    pub(crate) fn populations(&self) -> Vec<(Population, LayerId)> {
        // A ring has 12 gates or 4.
        let period = u8::try_from(self.period()).unwrap_or(u8::MAX);
        let all = Population::WORKING.into_iter().chain((0..period).map(Population::Gate));
        let layer = |population| match self {
            Circuit::Learning(circuit) => Some(circuit.layer(population)),
            Circuit::Inference(circuit) => circuit.layer(population),
        };
        all.filter_map(|population| Some((population, layer(population)?))).collect()
    }

    /// The name of every layer in the authors' code; generators have only ours.
    pub(crate) fn lanl_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.network().layers().iter().map(|layer| layer.name.clone()).collect();
        for (population, layer) in self.populations() {
            names[layer.index()] = population.lanl_name();
        }
        names
    }

    /// A layer of generators.
    fn source(&self, name: &str) -> LayerId {
        self.network().find_layer(name).expect("both circuits call their sources so")
    }

    /// What a spike of each layer says in each phase in which it may spike: phase, layer, words.
    pub(crate) fn meanings(&self) -> Vec<(u32, LayerId, String)> {
        let period = self.period();
        let mut meanings = Vec::new();
        for (population, layer) in self.populations() {
            match (self, population) {
                (_, Population::Gate(k)) => {
                    let phase = (u32::from(k) + period - 1) % period;
                    meanings.push((phase, layer, format!("gate of phase {k}")));
                }
                (Circuit::Learning(_), _) => {
                    let rows = MEANINGS.iter().filter(|row| row.population == population);
                    let words = |quantity, phase| words(quantity, phase).to_owned();
                    meanings
                        .extend(rows.map(|row| (row.phase, layer, words(row.quantity, row.phase))));
                }
                (Circuit::Inference(_), _) => {
                    let phase = population.inference_phases().last().unwrap_or(0);
                    let quantity = match population {
                        Population::X => Quantity::Input,
                        Population::H => Quantity::Hidden,
                        _ => Quantity::Output,
                    };
                    meanings.push((phase, layer, words(quantity, phase).to_owned()));
                }
            }
        }
        let start = (period - 2, self.source("start"), "starts the ring; once".to_owned());
        meanings.push(start);
        meanings.push((0, self.source("input"), "sample".to_owned()));
        if matches!(self, Circuit::Learning(_)) {
            meanings.push((2, self.source("target"), "class of the sample".to_owned()));
            for phase in [5, 7] {
                let words = "reward: coincidences of this step go up";
                meanings.push((phase, self.source("reward"), words.to_owned()));
            }
        }
        meanings.sort_by_key(|&(phase, layer, _)| (phase, layer));
        meanings
    }

    /// What the generators do for these samples.
    pub(crate) fn schedule(&self, samples: &[Sample]) -> InputSchedule {
        let mut schedule = InputSchedule::new();
        schedule.push(u64::from(self.period()) - 1, self.source("start"), 0);
        for (k, sample) in samples.iter().enumerate() {
            match self {
                Circuit::Learning(circuit) => {
                    let (input, target) = (&sample.input, sample.target);
                    circuit.schedule_sample(k as u64, input, target, &mut schedule);
                }
                Circuit::Inference(_) => {
                    schedule.push_all(self.first_step(k), self.source("input"), &sample.input);
                }
            }
        }
        schedule
    }

    /// The name of the rule of each projection, if it learns.
    pub(crate) fn rules(&self) -> Vec<Option<&'static str>> {
        let mut names = vec![None; self.network().projections().len()];
        if let Circuit::Learning(circuit) = self {
            for (name, (_, id)) in RULES.into_iter().zip(circuit.plastic()) {
                names[id.index()] = Some(name);
            }
        }
        names
    }

    /// The projections that hold the matrices: one of each.
    pub(crate) fn matrices(&self) -> Vec<ProjectionId> {
        match self {
            Circuit::Learning(circuit) => {
                let ([w1, ..], [w2, ..], plus, minus) = circuit.matrices();
                vec![w1, w2, plus, minus]
            }
            Circuit::Inference(circuit) => circuit.forward().to_vec(),
        }
    }
}

/// What a spike says, in the words of the clauses.
const fn words(quantity: Quantity, phase: u32) -> &'static str {
    match (quantity, phase) {
        (Quantity::Input, 1) => "input x",
        (Quantity::Input, 6) => "memory of x",
        (Quantity::Input, _) => "replay of x",
        (Quantity::Target, _) => "target t",
        (Quantity::Hidden, 2) => "hidden activity h: z1 > 512",
        (Quantity::Hidden, 3) => "memory of h",
        (Quantity::Hidden, _) => "replay of h",
        (Quantity::HiddenLow, _) => "z1 > 0",
        (Quantity::HiddenHigh, _) => "z1 > 1024",
        (Quantity::Derivative, _) => "derivative gate b1: 0 < z1 <= 1024",
        (Quantity::Output, _) => "output activity o: z2 > 512",
        (Quantity::OutputLow, _) => "z2 > 0",
        (Quantity::OutputHigh, _) => "z2 > 1024",
        (Quantity::OutputErrorPlus, 4) => "output error d2+",
        (Quantity::OutputErrorPlus, _) => "replay of output error d2+",
        (Quantity::OutputErrorMinus, 4) => "output error d2-",
        (Quantity::OutputErrorMinus, _) => "replay of output error d2-",
        (Quantity::BackPlus, _) => "error sent back: e+ > 0 before the gate",
        (Quantity::BackMinus, _) => "error sent back: e- > 0 before the gate",
        (Quantity::HiddenErrorPlus, _) => "hidden error d1+",
        (Quantity::HiddenErrorMinus, _) => "hidden error d1-",
    }
}
