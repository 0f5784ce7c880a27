//! The ideal engine and both engines of the chip model on random valid networks that have nothing to do with backprop.

use proptest::prelude::*;
use std::sync::Arc;
use synfire_circuit::LifEngine;
use synfire_fast::FastEngine;
use synfire_loihi::{PlainEngine, lower};
use synfire_net::strategy::{Limits, Reach, driven};
use synfire_net::{Engine, Fault, FaultKind, InputSchedule, Network, Recording, Strictness};

/// Runs the engines side by side. Everything they can be asked must agree after every step, up to the
/// first step in which the chip's registers were too small. Returns the spikes and updates compared, and
/// whether the registers held.
fn side_by_side(
    network: Network,
    input: &InputSchedule,
    n_steps: u32,
) -> Result<(u64, u64, bool), TestCaseError> {
    let network = Arc::new(network);
    let program =
        lower(Arc::clone(&network)).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let lif = LifEngine::new(Arc::clone(&network), Strictness::Report)
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    let program = Arc::new(program);
    let mut engines: [Box<dyn Engine>; 3] = [
        Box::new(lif),
        Box::new(PlainEngine::new(Arc::clone(&program), Strictness::Report)),
        Box::new(FastEngine::new(program, Strictness::Report)),
    ];
    let mut heard = [0, 1, 2].map(|_| Recording::new(&network, 1));
    for _ in 0..n_steps {
        for (engine, heard) in engines.iter_mut().zip(&mut heard) {
            engine
                .advance(1, input, heard)
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
        }
        let [ideal, chip, fast] = &engines;
        // Those of the chip agree whether or not its registers hold.
        agree([&**chip, &**fast], [&heard[1], &heard[2]])?;
        let is_phase_fault = |fault: &&Fault| {
            matches!(
                fault.kind,
                FaultKind::SpikeOutsidePhase { .. } | FaultKind::LearningOutsidePhase { .. }
            )
        };
        if heard[1].faults.iter().any(|fault| !is_phase_fault(&fault)) {
            let n_updates = ideal.operations().plastic_updates;
            return Ok((heard[0].raster.n_spikes(), n_updates, false));
        }
        agree([&**ideal, &**chip], [&heard[0], &heard[1]])?;
    }
    Ok((heard[0].raster.n_spikes(), engines[0].operations().plastic_updates, true))
}

fn agree([one, other]: [&dyn Engine; 2], heard: [&Recording; 2]) -> Result<(), TestCaseError> {
    prop_assert_eq!(&heard[0].faults, &heard[1].faults);
    prop_assert_eq!(heard[0].raster.first_difference(&heard[1].raster), None);
    for layer in one.network().layer_ids() {
        prop_assert_eq!(one.currents(layer), other.currents(layer));
        prop_assert_eq!(one.voltages(layer), other.voltages(layer));
    }
    for projection in one.network().projection_ids() {
        prop_assert_eq!(one.weights(projection), other.weights(projection));
    }
    prop_assert_eq!(one.operations(), other.operations());
    // The ideal engine leaves nothing to chance and remembers nothing where the chip, to round, does.
    let states = [one, other].map(|engine| {
        let mut state = engine.state().unwrap_or_default();
        state.seed = None;
        state.projections.iter_mut().flatten().for_each(|plastic| plastic.learner = None);
        state
    });
    prop_assert!(states[0] == states[1], "states after {}", one.step());
    prop_assert_eq!(states[0].step, one.step());
    Ok(())
}

fn agree_on(reach: Reach) -> (u64, u64, u32) {
    let limits = Limits { reach, ..Limits::default() };
    let counts = std::cell::Cell::new((0, 0, 0));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 1500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&driven(limits), |(network, input)| {
        let (spikes, updates, held) = side_by_side(network, &input, limits.n_steps)?;
        let (all_spikes, all_updates, n_held) = counts.get();
        counts.set((all_spikes + spikes, all_updates + updates, n_held + u32::from(held)));
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.err().map_or(String::new(), |error| error.to_string()));
    counts.get()
}

/// S1 to S6 leave an engine no freedom as long as its registers hold.
#[test]
fn engines_agree_on_random_networks() {
    let (spikes, updates, n_held) = agree_on(Reach::Bounded);
    assert_eq!(n_held, 1500, "a bounded network left the chip's registers");
    assert!(spikes > 50_000 && updates > 20_000, "{spikes} spikes, {updates} updates");
}

/// And they agree up to the step in which a register is too small, which the chip reports.
#[test]
fn engines_agree_until_a_register_overflows() {
    let (spikes, _, n_held) = agree_on(Reach::Wrapping);
    assert!(n_held < 1500, "no register ever overflowed");
    assert!(spikes > 1000, "{spikes} spikes");
}
