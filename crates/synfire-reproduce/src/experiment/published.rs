//! The published circuit and the sized one from the same start and in the same order: faults, wrong updates, copies
//! that drift apart, potentials, accuracies, epoch by epoch. A third arm is the published circuit as the authors' loop
//! runs it: a new network for every epoch, all copies and both feedback matrices made from W1 and W2.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use synfire_circuit::{Form, LearningCircuit, Population};
use synfire_data::shuffle;
use synfire_net::{Engine, UNIT_GAIN};
use synfire_reference::Weights;
use synfire_train::{EngineKind, Machine, evaluate};

use super::changed::{Changed, Part, earlier, network_of, wide};
use super::training::{Task, Training, max_active};
use super::watched::{Tally, Watched, circuit_of, fast};
use crate::material::Material;
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// The hidden populations, of which phantom spikes were expected.
pub(crate) const HIDDEN: [&str; 3] = ["h", "h<", "h>"];

/// How a run is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arm {
    /// The published circuit, run through.
    Published,
    /// The published circuit, a new network for every epoch.
    Restarted,
    /// What the authors' code was at an earlier time, run through.
    Earlier,
    /// The published circuit as it would be if sums could be twice as large, run through.
    Wide,
    /// Ours, run through.
    Sized,
}

impl Arm {
    const fn name(self) -> &'static str {
        match self {
            Arm::Published => "published",
            Arm::Restarted => "restarted",
            Arm::Earlier => "earlier",
            Arm::Wide => "wide",
            Arm::Sized => "sized",
        }
    }

    /// What is changed in it, if it is none of both forms.
    fn part(self) -> Option<Part> {
        match self {
            Arm::Published | Arm::Restarted | Arm::Sized => None,
            Arm::Earlier => Some(earlier()),
            Arm::Wide => Some(wide()),
        }
    }

    /// The form of the circuit, or that which answers for it.
    const fn form(self) -> Form {
        match self {
            Arm::Published | Arm::Restarted | Arm::Earlier => Form::Published,
            // Whose registers are wide enough.
            Arm::Wide | Arm::Sized => Form::Sized,
        }
    }
}

/// All arms, seed by seed. Those but the two forms are about what happens on the second task only.
pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let n_seeds = scale.pick(1, 1, 3);
    let mut trials = Vec::new();
    for (name, task, arms) in [
        ("mnist", Task::mnist(scale), &[Arm::Published, Arm::Sized][..]),
        (
            "fashion",
            Task::fashion(scale),
            &[Arm::Published, Arm::Restarted, Arm::Wide, Arm::Earlier, Arm::Sized],
        ),
    ] {
        for &arm in arms {
            // Its many phantoms take time, and one seed shows what they do.
            let n_seeds = if arm == Arm::Earlier { 1 } else { n_seeds };
            for seed in 1..=n_seeds {
                let epochs = scale.pick(3, 3, 60);
                let training =
                    Training { form: arm.form(), ..Training::new(task.clone(), seed, epochs) };
                let mut parameters = training.parameters();
                parameters["check_every"] = json!(1);
                parameters["arm"] = json!(arm.name());
                let expected_ms = 2 * training.expected_ms();
                trials.push(Trial::new(
                    format!("{name}-{}-{seed}", arm.name()),
                    parameters,
                    expected_ms,
                    move |material, watch| Ok(to_value(run(&training, arm, material, watch)?)?),
                ));
            }
        }
    }
    trials
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Course {
    pub(crate) train_samples: u64,
    pub(crate) test_samples: u64,
    /// Of the two forms; of others it says nothing.
    pub(crate) bounds: Bounds,
    /// Test samples right after each epoch, read from the first copies: all output bits, first active output, largest
    /// potential.
    pub(crate) exact: Vec<u64>,
    pub(crate) binary: Vec<u64>,
    pub(crate) potential: Vec<u64>,
    /// Samples of each epoch with an output error, with any fault, and with a wrong update.
    pub(crate) errors: Vec<u64>,
    pub(crate) faulty: Vec<u64>,
    pub(crate) wrong: Vec<u64>,
    /// Samples of each epoch with a spike of h, h< or h> in phase 0 and in phase 8, and with a sum that wrapped in any
    /// of them in phase 2.
    pub(crate) phase_0: Vec<u64>,
    pub(crate) phase_8: Vec<u64>,
    pub(crate) wrapped: Vec<u64>,
    /// Synapses after each epoch in which copies of W1 differ, copies of W2, and F+ from W2 transposed.
    pub(crate) drift: Vec<[u64; 3]>,
    /// Ends of the potentials in each epoch.
    pub(crate) z1: Vec<[i32; 2]>,
    pub(crate) z2: Vec<[i32; 2]>,
    /// Classes that are dead after each epoch.
    pub(crate) dead: Vec<u64>,
    /// Faults of the inference circuit, over all evaluations.
    pub(crate) test_faults: u64,
    /// Synapses that were not followed, over all epochs; must be 0.
    pub(crate) lost: u64,
    /// Everything seen in training.
    pub(crate) tally: Tally,
}

/// What z1 a circuit can bear (clause G1), in weight units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bounds {
    /// Above this h spikes in phase 0, and in phase 8.
    pub(crate) echo_0: i64,
    pub(crate) echo_8: i64,
    /// Below this the sum of phase 8 wraps around.
    pub(crate) wrap_8: i64,
    /// Above this the sum of phase 2 wraps around in h<, which then is silent.
    pub(crate) open: i64,
}

impl Bounds {
    /// Those of a circuit, by its strengths and neurons.
    fn of(circuit: &LearningCircuit) -> Bounds {
        let dials = circuit.dials();
        let network = circuit.network();
        let neuron = network.layer(circuit.layer(Population::H)).kind;
        let rest = match neuron {
            synfire_net::LayerKind::Neurons(neuron) => {
                i64::from(neuron.threshold - neuron.bias) / i64::from(UNIT_GAIN)
            }
            synfire_net::LayerKind::Source => 0,
        };
        let hold = -i64::from(dials.hold_hidden);
        let is_held = circuit.form() == Form::Sized;
        let weight = |charge: i64| charge * i64::from(UNIT_GAIN) / i64::from(dials.plastic_gain);
        Bounds {
            echo_0: weight(rest + if is_held { hold } else { 0 }),
            echo_8: weight(rest + hold),
            // In the sized circuit nobody with a negative sum is held.
            wrap_8: weight(if is_held { 0 } else { hold } - 32_768),
            open: weight(32_767 - rest),
        }
    }
}

fn run(training: &Training, arm: Arm, material: &Material, watch: &Watch<'_>) -> Result<Course> {
    let split = training.task.split(material)?;
    let shape = training.shape(&split)?;
    let weights = training.initial_weights(&shape)?;
    let most = max_active(&split)?;
    let machine = Machine::new(EngineKind::Fast, training.form, most);
    let start = |weights: Weights| -> Result<(Bounds, Watched)> {
        let form = arm.part().map_or(training.form, |part| part.form);
        let circuit = circuit_of(&shape, form, most, &weights)?;
        let engine: Box<dyn Engine> = match arm.part() {
            None => Box::new(fast(circuit.network())?),
            Some(part) => Box::new(Changed::new(&circuit, &network_of(&circuit, &part)?)?),
        };
        Ok((Bounds::of(&circuit), Watched::new(&circuit, engine, shape.clone(), weights)?))
    };
    let (bounds, mut watched) = start(weights)?;
    let mut course = Course {
        train_samples: split.train.len() as u64,
        test_samples: split.test.len() as u64,
        bounds,
        ..Course::default()
    };
    let of = u64::from(training.epochs) * course.train_samples;
    for epoch in 0..training.epochs {
        let before = u64::from(epoch) * course.train_samples;
        let mut tally = Tally::default();
        for sample_idx in shuffle(split.train.len(), training.seed, u64::from(epoch)) {
            if tally.samples.is_multiple_of(2048) {
                watch.done(before + tally.samples, of)?;
            }
            let sample_idx = sample_idx as usize;
            let (active, target) = (split.train.input(sample_idx), split.train.target(sample_idx));
            watched.run_sample(active, target, &mut tally)?;
        }
        let weights = watched.weights()?;
        let test = evaluate(&shape, &weights, &split.test, &machine)?;
        course.exact.push(test.score.exact);
        course.binary.push(test.score.binary);
        course.potential.push(test.score.potential);
        course.errors.push(tally.errors);
        course.faulty.push(tally.faulty);
        course.wrong.push(tally.wrong);
        course.phase_0.push(tally.samples_with(&HIDDEN, 0, "spike"));
        course.phase_8.push(tally.samples_with(&HIDDEN, 8, "spike"));
        course.wrapped.push(tally.samples_with(&HIDDEN, 2, "wrap"));
        course.drift.push(watched.drift()?);
        course.z1.push(tally.z1);
        course.z2.push(tally.z2);
        course.dead.push(test.dead_classes().len() as u64);
        course.test_faults += test.faults;
        course.lost += watched.lost()?;
        if arm == Arm::Restarted {
            // Samples are counted anew by the new network.
            tally.first = tally.first.map(|first| first.map(|sample| sample + before));
            (_, watched) = start(Weights::from_forward(&shape, weights.forward().to_vec())?)?;
        }
        course.tally.merge(&tally);
    }
    Ok(course)
}
