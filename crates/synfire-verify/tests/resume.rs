//! A lockstep that is resumed at the end of any sample compares what the uninterrupted one does.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use synfire_circuit::{CircuitShape, Form, LearningCircuit, LifEngine, PlasticWeights, Population};
use synfire_net::{Engine, Sabotage, Strictness};
use synfire_verify::{Check, Comparison, Cycle, Lockstep, LockstepError, LockstepState};

const N_SAMPLES: u32 = 40;

fn circuit() -> Arc<LearningCircuit> {
    let shape = CircuitShape::new(48, 5, 3);
    let weight = |k: i16| 60 + 2 * (k * 37 % 61);
    let w1 = (0..240).map(|k| if k % 5 == 4 { -100 } else { weight(k) }).collect();
    let w2 = (0..15).map(|k| if k % 3 == 2 { -60 } else { 2 * weight(k) - 100 }).collect();
    let weights = PlasticWeights::from_forward(&shape, w1, w2);
    Arc::new(LearningCircuit::new(shape, Form::Sized, &weights).unwrap())
}

fn engine(circuit: &LearningCircuit, sabotage: Option<Sabotage>) -> Box<dyn Engine> {
    let mut engine = LifEngine::new(Arc::clone(circuit.network()), Strictness::Report).unwrap();
    if let Some(sabotage) = sabotage {
        engine.sabotage(sabotage);
    }
    Box::new(engine)
}

fn check(k: u32) -> Check {
    match k * k % 11 {
        0 | 1 => Check::Sparse,
        3 => Check::Compare,
        _ => Check::Skip,
    }
}

/// All that a sample shows.
type Shown = (u64, Vec<i64>, Vec<i64>, Vec<u32>, u64, usize, Option<Comparison>);

fn run(lockstep: &mut Lockstep, k: u32) -> Shown {
    let mut active = [0, 1, 2, 3, 4].map(|n| 8 + (k * 7 + n * (5 + k % 2)) % 32);
    active.sort_unstable();
    let Cycle { sample, potentials, output, updates, faults, comparison, .. } =
        lockstep.run_sample(&active, k % 2, check(k)).unwrap();
    let (hidden, readout) = (potentials.hidden.clone(), potentials.output.clone());
    (*sample, hidden, readout, output.clone(), *updates, faults.len(), comparison.clone())
}

/// Runs all samples; what each showed, the state before each and after the last, and all weights at the end.
fn whole(
    circuit: &Arc<LearningCircuit>,
    sabotage: Option<Sabotage>,
) -> (Vec<Shown>, Vec<LockstepState>, Comparison) {
    let mut lockstep = Lockstep::new(Arc::clone(circuit), engine(circuit, sabotage)).unwrap();
    let (mut shown, mut states) = (Vec::new(), Vec::new());
    for k in 0..N_SAMPLES {
        states.push(lockstep.state().unwrap());
        shown.push(run(&mut lockstep, k));
    }
    states.push(lockstep.state().unwrap());
    (shown, states, lockstep.compare_all().unwrap())
}

/// Resumes at every state and runs the rest; where something else is shown, the sample.
fn first_difference(
    circuit: &Arc<LearningCircuit>,
    sabotage: Option<Sabotage>,
    change: impl Fn(&mut LockstepState),
) -> Option<u64> {
    let (shown, states, all) = whole(circuit, sabotage);
    states.iter().find_map(|state| {
        let mut state = LockstepState::from_parts(state.parts()).unwrap();
        change(&mut state);
        let engine = engine(circuit, sabotage);
        let mut lockstep = Lockstep::resume(Arc::clone(circuit), engine, &state).unwrap();
        assert_eq!(lockstep.state().as_ref(), Some(&state));
        let first = u32::try_from(state.next_sample).unwrap();
        let differs = |k: &u32| run(&mut lockstep, *k) != shown[*k as usize];
        let different = (first..N_SAMPLES).find(differs).map(u64::from);
        different
            .or_else(|| (lockstep.compare_all().unwrap() != all).then_some(u64::from(N_SAMPLES)))
    })
}

#[test]
fn every_end_of_a_sample_can_be_resumed() {
    let circuit = circuit();
    assert_eq!(first_difference(&circuit, None, |_| {}), None);
    let (shown, states, all) = whole(&circuit, None);
    assert!(shown.iter().all(|it| it.6.as_ref().is_none_or(|it| it.first().is_none())));
    assert!(states.iter().any(|state| state.stale.iter().flatten().any(|&rows| rows != 0)));
    assert!(states.iter().any(|state| state.turn > 3));
    assert_eq!(all.first(), None);
}

/// A spike is lost in a sample that is compared: the mismatch, and what follows from it, are the same.
#[test]
fn a_mismatch_is_met_again_and_what_follows_from_it() {
    let circuit = circuit();
    let mut n_mismatches = [0; 2];
    for (sample, phase) in [(5, 2), (6, 2), (6, 5), (7, 2), (12, 3)] {
        for neuron_idx in 0..3 {
            let populations: &[Population] =
                if phase == 3 { &[Population::O, Population::OLow] } else { &[Population::H] };
            for &population in populations {
                let step = circuit.first_step(sample) + phase;
                let layer = circuit.layer(population);
                let lost = Sabotage::DropSpike { step, layer, neuron_idx };
                assert_eq!(first_difference(&circuit, Some(lost), |_| {}), None, "{lost:?}");
                let (shown, ..) = whole(&circuit, Some(lost));
                let comparisons = shown.iter().filter_map(|it| it.6.as_ref());
                let n = comparisons.filter(|it| it.first().is_some()).count();
                let k = u32::try_from(sample).unwrap();
                n_mismatches[usize::from(check(k) == Check::Skip)] += n;
            }
        }
    }
    assert!(n_mismatches[0] > 3, "{n_mismatches:?}");
}

/// Whatever a state has lost shows: stale rows, the reference's weights, whose turn it is.
#[test]
fn what_is_forgotten_shows() {
    let circuit = circuit();
    type Loss = fn(&mut LockstepState);
    let losses: [(&str, Loss); 3] = [
        ("stale rows", |state| state.stale.iter_mut().for_each(|rows| rows.fill(0))),
        ("a weight of the reference", |state| state.reference.w2[0] ^= 2),
        ("the turn", |state| state.turn = 15 - state.turn),
    ];
    for (what, loss) in losses {
        assert!(first_difference(&circuit, None, loss).is_some(), "{what}");
    }
}

/// A state of another moment or another shape is refused, with what does not fit.
#[test]
fn other_states_are_refused() {
    let circuit = circuit();
    let (_, states, _) = whole(&circuit, None);
    type Spoil = fn(&mut LockstepState);
    let spoil: [(&str, Spoil); 6] = [
        ("engine stands at step 72, expected 84, the last before sample 6", |state| {
            state.next_sample += 1;
        }),
        ("turn is 16, expected 0 to 15", |state| state.turn = 16),
        ("stale rows of FeedbackPlus(0): 1 words, expected bits for 3 rows", |state| {
            state.stale[1][0] = 8;
        }),
        ("stale rows of Forward(0): 2 words, expected bits for 48 rows", |state| {
            state.stale[3].push(0);
        }),
        (
            "engine lif: projection `h to o, plastic`, synapse 3: weight 7, expected -256 to 254 in steps of 2",
            |state| {
                let plastic = state.engine.projections.iter_mut().flatten();
                plastic
                    .filter(|it| it.weights.len() == 15)
                    .take(1)
                    .for_each(|it| it.weights[3] = 7);
            },
        ),
        ("reference: ", |state| state.reference.w1.clear()),
    ];
    for (reason, spoil) in spoil {
        let mut state = states[5].clone();
        spoil(&mut state);
        let engine = engine(&circuit, None);
        let error = Lockstep::resume(Arc::clone(&circuit), engine, &state).err().unwrap();
        assert!(error.to_string().starts_with(reason), "{error}");
    }
    let shape = CircuitShape::new(48, 5, 2);
    let other = LearningCircuit::new(shape, Form::Sized, &PlasticWeights::zeros(&shape)).unwrap();
    let engine = engine(&other, None);
    let error = Lockstep::resume(circuit, engine, &states[5]).err().unwrap();
    assert!(matches!(error, LockstepError::OtherNetwork { .. }), "{error}");
}
