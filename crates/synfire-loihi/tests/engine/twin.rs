//! The plain engine and a second simulator agree on random networks, in everything either can say.

use crate::naive::{Naive, Step};
use crate::random_network::{Case, case};
use crate::record::Record;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::sync::Arc;
use synfire_loihi::{PlainEngine, RuleArithmetic, lower};
use synfire_net::{Engine, FaultKind, InputSchedule, StepError, Strictness};

/// How often the interesting things happened: a comparison of nothing proves nothing.
#[derive(Default)]
struct Seen {
    input_wrapped: Cell<u64>,
    current_wrapped: Cell<u64>,
    biased_current_wrapped: Cell<u64>,
    voltage_clamped: Cell<u64>,
    spike_outside_phase: Cell<u64>,
    learning_outside_phase: Cell<u64>,
    spikes: Cell<u64>,
    updates: Cell<u64>,
    faultless_runs: Cell<u64>,
}

impl Seen {
    fn count(&self, step: &Step) {
        for fault in &step.faults {
            let counter = match fault.kind {
                FaultKind::InputWrapped { .. } => &self.input_wrapped,
                FaultKind::CurrentWrapped { .. } => &self.current_wrapped,
                FaultKind::BiasedCurrentWrapped { .. } => &self.biased_current_wrapped,
                FaultKind::VoltageClamped { .. } => &self.voltage_clamped,
                FaultKind::SpikeOutsidePhase { .. } => &self.spike_outside_phase,
                FaultKind::LearningOutsidePhase { .. } => &self.learning_outside_phase,
                _ => unreachable!("no other kind is known"),
            };
            counter.set(counter.get() + 1);
        }
    }

    fn all(&self) -> [(&'static str, u64); 9] {
        [
            ("wrapped inputs", self.input_wrapped.get()),
            ("wrapped currents", self.current_wrapped.get()),
            ("wrapped biased currents", self.biased_current_wrapped.get()),
            ("clamped voltages", self.voltage_clamped.get()),
            ("spikes outside a phase", self.spike_outside_phase.get()),
            ("learning outside a phase", self.learning_outside_phase.get()),
            ("spikes", self.spikes.get()),
            ("updates", self.updates.get()),
            ("runs without a fault", self.faultless_runs.get()),
        ]
    }
}

#[test]
fn plain_engine_agrees_with_a_naive_simulator() {
    let config = ProptestConfig { cases: 3000, ..ProptestConfig::with_source_file(file!()) };
    let seen = Seen::default();
    TestRunner::new(config).run(&case(), |case| compare(&case, &seen)).unwrap();
    for (what, n) in seen.all() {
        assert!(n > 20, "only {n} {what} in all cases");
    }
}

fn compare(case: &Case, seen: &Seen) -> Result<(), TestCaseError> {
    let network = &case.network;
    let program = match lower(Arc::clone(network)) {
        Ok(program) => Arc::new(program),
        Err(refusals) => return Err(TestCaseError::fail(refusals.to_string())),
    };
    let mut input = InputSchedule::new();
    for (step, sources) in (1..).zip(&case.input) {
        for &(layer, source_idx) in sources {
            input.push(step, layer, source_idx);
        }
    }
    let mut engine = PlainEngine::new(Arc::clone(&program), Strictness::Report);
    let mut naive = Naive::new(Arc::clone(network), 0, RuleArithmetic::DEFAULT);
    let mut first_fault = None;
    for sources in &case.input {
        let expected = naive.advance(sources);
        let mut record = Record::default();
        engine.advance(1, &input, &mut record).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(&record.spikes, &expected.spikes);
        prop_assert_eq!(&record.faults, &expected.faults);
        for layer in network.layer_ids() {
            prop_assert_eq!(&engine.currents(layer), &naive.currents[layer.index()]);
            prop_assert_eq!(&engine.voltages(layer), &naive.voltages[layer.index()]);
        }
        for id in network.projection_ids() {
            if let Some(weights) = engine.weights(id) {
                let weights: Vec<i128> = weights.iter().map(|&weight| weight.into()).collect();
                prop_assert_eq!(weights, naive.all(id, |synapse| synapse.weight));
            }
        }
        seen.count(&expected);
        first_fault = first_fault.or(expected.faults.first().copied());
    }
    seen.spikes.set(seen.spikes.get() + engine.operations().spikes);
    prop_assert_eq!(engine.operations().plastic_updates, naive.n_updates());
    seen.updates.set(seen.updates.get() + engine.operations().plastic_updates);

    // A strict engine hears the same up to the first fault, all steps in one go.
    let mut strict = PlainEngine::new(program, Strictness::Strict);
    let mut record = Record::default();
    let n_steps = u32::try_from(case.input.len()).unwrap();
    match (first_fault, strict.advance(n_steps, &input, &mut record)) {
        (None, Ok(())) => {
            seen.faultless_runs.set(seen.faultless_runs.get() + 1);
            prop_assert_eq!(strict.operations(), engine.operations());
        }
        (Some(fault), Err(StepError::Fault { fault: found, .. })) => {
            prop_assert_eq!(found, fault);
            prop_assert_eq!(record.faults, [fault]);
            prop_assert_eq!(strict.step(), fault.step);
            let again = strict.advance(1, &input, &mut ());
            prop_assert_eq!(again, Err(StepError::Stopped { step: fault.step }));
        }
        (expected, found) => prop_assert!(false, "expected {expected:?}, found {found:?}"),
    }
    Ok(())
}
