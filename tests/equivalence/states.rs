//! The learning circuit, cut anywhere: a state taken of one engine, handed to any other.

use crate::ladder::{fast, lif, loihi};
use crate::late::dense_case;
use std::sync::Arc;
use synfire_circuit::{Form, LEARNING_PERIOD, LearningCircuit};
use synfire_net::{Engine, EngineState, FaultKind, InputSchedule, Recording};
use synfire_verify::{Build, Case, Check, Lockstep, LockstepState};

/// The engines that agree in all of a form: what leaves the chip's registers is none of the ideal engine's.
fn builds(form: Form) -> Vec<(&'static str, &'static Build)> {
    let chip: [(_, &'static Build); 2] = [("loihi", &loihi), ("fast", &fast)];
    match form {
        Form::Published => chip.to_vec(),
        Form::Sized => [("lif", &lif as &'static Build)].into_iter().chain(chip).collect(),
    }
}

fn circuit(case: &Case, form: Form) -> Arc<LearningCircuit> {
    Arc::new(LearningCircuit::new(case.shape, form, &case.weights).expect("valid"))
}

/// The input of all samples, and the spike that starts the ring.
fn schedule(circuit: &LearningCircuit, case: &Case) -> InputSchedule {
    let mut schedule = InputSchedule::new();
    circuit.schedule_start(&mut schedule);
    for (sample, (active, target)) in (0..).zip(&case.samples) {
        circuit.schedule_sample(sample, active, *target, &mut schedule);
    }
    schedule
}

/// Runs the circuit with a cut at every step of the ring's start and of some samples; each state goes to every
/// engine, which runs on for a cycle and a half. Returns how many cuts there were, charges in flight, neurons held,
/// and faults of registers and of phases.
fn cut_everywhere(form: Form) -> (u64, u64, u64, [usize; 2]) {
    let case = dense_case();
    let circuit = circuit(&case, form);
    let input = schedule(&circuit, &case);
    let builds = builds(form);
    let new = |build: &Build| build(Arc::clone(circuit.network())).expect("fits");
    let mut engines: Vec<Box<dyn Engine>> = builds.iter().map(|(_, build)| new(build)).collect();
    let (mut n_cuts, mut n_charges, mut n_held, mut n_faults) = (0, 0, 0, [0; 2]);
    let n_steps = u64::from(LEARNING_PERIOD) * 8;
    for step in 0..n_steps {
        let states: Vec<EngineState> =
            engines.iter().map(|engine| engine.state().expect("takes states")).collect();
        assert!(states.iter().all(|state| *state == states[0]), "{form}, step {step}");
        for layer in &states[0].layers {
            n_charges += layer.in_flight.len() as u64;
            n_held += layer.held.iter().filter(|&&held| held > 0).count() as u64;
        }
        // The start of the ring, the first samples, and one of the later ones.
        let cycle = step / u64::from(LEARNING_PERIOD);
        if matches!(cycle, 0..=2 | 6) {
            n_cuts += 1;
            go_on(&circuit, &engines, &states[0], &input, &builds);
        }
        for engine in &mut engines {
            let mut heard = Recording::new(circuit.network(), step + 1);
            engine.advance(1, &input, &mut heard).expect("faults are reported");
            for fault in heard.faults {
                let is_of_phase = matches!(fault.kind, FaultKind::SpikeOutsidePhase { .. });
                n_faults[usize::from(is_of_phase)] += 1;
            }
        }
    }
    (n_cuts, n_charges, n_held, n_faults)
}

/// New engines take the state over and run on, as the ones do of which it is.
fn go_on(
    circuit: &LearningCircuit,
    engines: &[Box<dyn Engine>],
    state: &EngineState,
    input: &InputSchedule,
    builds: &[(&str, &'static Build)],
) {
    let n_steps = LEARNING_PERIOD * 3 / 2;
    let run = |build: &Build| {
        let mut engine = build(Arc::clone(circuit.network())).expect("fits");
        engine.restore(state).expect("fits the network");
        let mut heard = Recording::new(circuit.network(), state.step + 1);
        engine.advance(n_steps, input, &mut heard).expect("faults are reported");
        (heard, engine.state())
    };
    // The uninterrupted one, from the start once more.
    let mut first = builds[0].1(Arc::clone(circuit.network())).expect("fits");
    let before = u32::try_from(state.step).expect("a short run");
    first.advance(before, input, &mut ()).expect("faults are reported");
    assert_eq!(first.operations(), engines[0].operations());
    let mut expected = Recording::new(circuit.network(), state.step + 1);
    first.advance(n_steps, input, &mut expected).expect("faults are reported");
    for (name, build) in builds {
        let (heard, last) = run(build);
        let what = format!("{name}, cut after {before}");
        assert_eq!(heard.faults, expected.faults, "{what}");
        assert_eq!(heard.raster.first_difference(&expected.raster), None, "{what}");
        assert!(last == first.state(), "{what}: state");
    }
}

#[test]
fn the_sized_circuit_is_cut_at_every_step() {
    let (n_cuts, n_charges, n_held, n_faults) = cut_everywhere(Form::Sized);
    assert_eq!((n_cuts, n_faults), (48, [0, 0]));
    assert!(n_charges > 1000 && n_held > 100, "{n_charges} charges, {n_held} held");
}

#[test]
fn the_published_circuit_is_cut_among_phantom_spikes() {
    let (n_cuts, n_charges, n_held, [_, n_phantoms]) = cut_everywhere(Form::Published);
    assert_eq!(n_cuts, 48);
    assert!(n_charges > 1000 && n_held > 100, "{n_charges} charges, {n_held} held");
    assert!(n_phantoms > 10, "{n_phantoms} phantom spikes");
}

/// What the engine of a resumed lockstep is, is without effect; also where samples differ from the reference.
#[test]
fn a_lockstep_is_resumed_on_another_engine() {
    let case = dense_case();
    let check = |sample: usize| match sample % 4 {
        0 => Check::Compare,
        1 => Check::Sparse,
        _ => Check::Skip,
    };
    for form in [Form::Sized, Form::Published] {
        let circuit = circuit(&case, form);
        let new = |build: &Build| build(Arc::clone(circuit.network())).expect("fits");
        let builds = builds(form);
        let mut locksteps: Vec<Lockstep> = builds
            .iter()
            .map(|(_, build)| Lockstep::new(Arc::clone(&circuit), new(build)).expect("starts"))
            .collect();
        let mut n_mismatches = 0;
        for (sample, (active, target)) in case.samples.iter().enumerate() {
            let states: Vec<LockstepState> =
                locksteps.iter().map(|it| it.state().expect("takes states")).collect();
            assert!(states.iter().all(|state| *state == states[0]), "{form}, sample {sample}");
            let mut resumed: Vec<Lockstep> = builds
                .iter()
                .zip(&states)
                .map(|((_, build), state)| {
                    Lockstep::resume(Arc::clone(&circuit), new(build), state).expect("fits")
                })
                .collect();
            let mut seen = Vec::new();
            for lockstep in locksteps.iter_mut().chain(&mut resumed) {
                let cycle = lockstep.run_sample(active, *target, check(sample)).expect("runs");
                let shown = (cycle.comparison.clone(), cycle.faults.clone(), cycle.updates);
                seen.push((shown, cycle.output.clone(), cycle.potentials.clone()));
            }
            assert!(seen.iter().all(|it| *it == seen[0]), "{form}, sample {sample}");
            let comparison = seen[0].0.0.as_ref();
            n_mismatches += usize::from(comparison.is_some_and(|it| it.first().is_some()));
            if sample % 3 == 1 {
                // From here on the resumed ones are the ones that run.
                locksteps = resumed;
            }
        }
        assert_eq!(n_mismatches > 0, form == Form::Published, "{form}: {n_mismatches}");
    }
}
