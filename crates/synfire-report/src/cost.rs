//! What a sample would cost on the chip, estimated with the weights of a run.
//!
//! Both circuits are lowered and placed on the fewest cores, and shown a few training samples; operations are
//! counted and priced as [`synfire_loihi::cost`](synfire_train::synfire_loihi::cost) does. This is what
//! `synfire chip nbp` tells in full.

use std::sync::Arc;

use synfire_train::synfire_circuit::{
    CircuitShape, Form, INFERENCE_PERIOD, InferenceCircuit, LEARNING_PERIOD, LearningCircuit,
    PlasticWeights, Potentials,
};
use synfire_train::synfire_data::Dataset;
use synfire_train::synfire_fast::FastEngine;
use synfire_train::synfire_loihi::cost::{CostMeter, Estimate, LearningVisits};
use synfire_train::synfire_loihi::lower;
use synfire_train::synfire_loihi::place::{PlaceOptions, place};
use synfire_train::synfire_net::{Engine, InputSchedule, Network, StepError, Strictness};
use synfire_train::synfire_reference::{Matrix, Shape, Weights};

/// Samples that are shown.
const SAMPLES: usize = 20;

/// The estimates for one circuit, one per set of constants.
#[derive(Clone, Debug)]
pub(crate) struct CircuitCost {
    pub(crate) name: &'static str,
    /// Steps of a sample.
    pub(crate) period: u64,
    pub(crate) n_samples: usize,
    pub(crate) n_cores: usize,
    pub(crate) n_chips: usize,
    pub(crate) estimates: Vec<Estimate>,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Learning, then inference.
pub(crate) fn circuits(
    shape: &Shape,
    weights: &Weights,
    form: Form,
    max_active: u32,
    train: &Dataset,
) -> Result<[CircuitCost; 2], Failure> {
    let &[n_inputs, n_hidden, n_outputs] = shape.sizes() else {
        return Err("the circuit has three layers".into());
    };
    let [n_inputs, n_hidden, n_outputs] = [n_inputs, n_hidden, n_outputs].map(u32::try_from);
    let sizes = CircuitShape::new(n_inputs?, n_hidden?, n_outputs?).with_max_active(max_active);
    let n_samples = train.len().min(SAMPLES);
    let samples = || (0..n_samples).map(|idx| (train.input(idx), u32::from(train.label(idx))));

    let learning = LearningCircuit::new(sizes, form, &plastic(weights))?;
    let mut schedule = InputSchedule::new();
    let mut potentials = Potentials::default();
    let learning =
        measure("training", LEARNING_PERIOD, learning.network(), n_samples, |engine, meter| {
            learning.start(engine, meter)?;
            meter.finish(engine.step());
            meter.take();
            for (idx, (input, target)) in (0..).zip(samples()) {
                schedule.clear();
                learning.schedule_sample(idx, input, target, &mut schedule);
                learning.run_cycle(engine, &schedule, meter, &mut potentials)?;
            }
            Ok(())
        })?;

    let [w1, w2] = weights.forward() else { return Err("expected two forward matrices".into()) };
    let inference = InferenceCircuit::new(sizes, form, w1.values(), w2.values())?;
    let inference =
        measure("inference", INFERENCE_PERIOD, inference.network(), n_samples, |engine, meter| {
            inference.start(engine, meter)?;
            meter.finish(engine.step());
            meter.take();
            for (input, _) in samples() {
                inference.run_cycle(engine, input, meter, &mut potentials)?;
            }
            Ok(())
        })?;
    Ok([learning, inference])
}

fn measure(
    name: &'static str,
    period: u32,
    network: &Arc<Network>,
    n_samples: usize,
    run: impl FnOnce(&mut FastEngine, &mut CostMeter) -> Result<(), StepError>,
) -> Result<CircuitCost, Failure> {
    let program = Arc::new(lower(Arc::clone(network))?);
    let placement = place(&program, &PlaceOptions::default())?;
    let mut meter = CostMeter::new(&program, &placement, LearningVisits::All)?;
    let mut engine = FastEngine::new(Arc::clone(&program), Strictness::Report);
    run(&mut engine, &mut meter)?;
    meter.finish(engine.step());
    let tally = meter.take();
    let totals = placement.totals();
    Ok(CircuitCost {
        name,
        period: period.into(),
        n_samples,
        n_cores: totals.n_cores,
        n_chips: totals.n_chips,
        estimates: tally.sets().iter().filter_map(|set| tally.estimate(set)).collect(),
    })
}

fn plastic(weights: &Weights) -> PlasticWeights {
    let values = |matrices: &[Matrix], idx: usize| {
        matrices.get(idx).map(|matrix| matrix.values().to_vec()).unwrap_or_default()
    };
    PlasticWeights {
        w1: values(weights.forward(), 0),
        w2: values(weights.forward(), 1),
        feedback_plus: values(weights.feedback_plus(), 0),
        feedback_minus: values(weights.feedback_minus(), 0),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_train::synfire_data::digits;
    use synfire_train::synfire_reference::init;

    #[test]
    fn a_training_sample_costs_more_than_an_answer() {
        let train = digits::generate(digits::SEED, 3, 1).unwrap().train;
        let shape = Shape::new(&[train.n_inputs(), 12, 10]).unwrap();
        let most = u32::try_from(train.max_active()).unwrap();
        let costs = circuits(&shape, &init::he(&shape, 1), Form::Sized, most, &train).unwrap();
        assert_eq!(costs.each_ref().map(|cost| cost.estimates.len()), [2, 2]);
        // Twelve steps of each of three samples, without those that start the ring.
        assert_eq!(costs[0].estimates[0].n_steps(), 36);
        let [training, inference] = costs.map(|cost| cost.estimates[0].energy_fj_per(cost.period));
        assert!(training > inference && inference > 0, "{training} {inference}");
        assert!(
            circuits(
                &Shape::new(&[4, 3, 3, 2]).unwrap(),
                &init::he(&shape, 1),
                Form::Sized,
                most,
                &train
            )
            .is_err()
        );
    }
}
