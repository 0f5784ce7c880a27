//! Clause P4: which source spikes in which step.

use proptest::prelude::*;
use synfire_circuit::{
    CircuitShape, Form, InferenceCircuit, LearningCircuit, LifEngine, MEANINGS, PlasticWeights,
    Population, Potentials, Quantity,
};
use synfire_net::{Engine, InputSchedule, Raster, StepError, Strictness};

fn circuit(w1: i16, w2: i16) -> LearningCircuit {
    let shape = CircuitShape::new(4, 3, 2);
    let weights = PlasticWeights::from_forward(&shape, vec![w1; 12], vec![w2; 6]);
    LearningCircuit::new(shape, Form::Sized, &weights).unwrap()
}

#[test]
fn samples_occupy_the_stated_steps() {
    let circuit = circuit(0, 0);
    let [input, target, reward] = circuit.sources();
    let mut schedule = InputSchedule::new();
    circuit.schedule_start(&mut schedule);
    for sample in 0..3 {
        circuit.schedule_sample(sample, &[1, 3], 1, &mut schedule);
    }
    let found: Vec<_> = schedule.spikes().iter().map(|s| (s.step, s.layer, s.source_idx)).collect();
    let mut expected = vec![(11, circuit.chain().start, 0)];
    for k in [0, 12, 24] {
        // The last sample has both rewards too.
        expected.extend([(k + 13, input, 1), (k + 13, input, 3), (k + 15, target, 1)]);
        expected.extend([(k + 18, reward, 0), (k + 20, reward, 0)]);
    }
    assert_eq!(found, expected);
}

proptest! {
    /// Every spike of sample k lies in its twelve steps, and every step belongs to one sample.
    #[test]
    fn steps_and_samples_are_inverse(sample in 0_u64..1 << 40, within in 0_u64..12) {
        let circuit = circuit(0, 0);
        let first = circuit.first_step(sample);
        prop_assert_eq!(first, 12 * sample + 13);
        prop_assert_eq!(circuit.sample_of(first + within), Some(sample));
        prop_assert_eq!(circuit.network().phase(first + within), Some(u32::try_from(within).unwrap()));
        let mut schedule = InputSchedule::new();
        circuit.schedule_sample(sample, &[0], 0, &mut schedule);
        for spike in schedule.spikes() {
            prop_assert_eq!(circuit.sample_of(spike.step), Some(sample));
        }
    }
}

#[test]
fn steps_before_the_first_sample_belong_to_none() {
    let circuit = circuit(0, 0);
    for step in 0..=12 {
        assert_eq!(circuit.sample_of(step), None);
    }
    assert_eq!(circuit.sample_of(13), Some(0));
}

/// All of a run from one schedule, and sample by sample, is the same run.
#[test]
fn the_last_sample_is_rewarded_like_any_other() {
    let circuit = circuit(200, 200);
    let (_, [w2, ..], plus, _) = circuit.matrices();
    let engine = || LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
    let mut schedule = InputSchedule::new();
    circuit.schedule_start(&mut schedule);
    let mut at_once = engine();
    // One sample with potentials 400, so that no hidden neuron is active and nothing changes; one that
    // is wrong about class 0; and the same again.
    let samples: [&[u32]; 3] = [&[0, 1], &[0, 1, 2], &[1, 2, 3]];
    for (sample, active) in (0..).zip(samples) {
        circuit.schedule_sample(sample, active, 1, &mut schedule);
    }
    at_once.advance(12 * 4, &schedule, &mut ()).unwrap();

    let mut in_turn = engine();
    circuit.start(&mut in_turn, &mut ()).unwrap();
    let mut seen = Vec::new();
    for (sample, active) in (0..).zip(samples) {
        schedule.clear();
        circuit.schedule_sample(sample, active, 1, &mut schedule);
        let mut potentials = Potentials::default();
        let mut output = Vec::new();
        let mut shorter = in_turn.clone();
        circuit.run_cycle(&mut in_turn, &schedule, &mut (), &mut potentials).unwrap();
        circuit.run_cycle_for_output(&mut shorter, &schedule, &mut (), &mut output).unwrap();
        assert_eq!((&output, shorter.operations()), (&potentials.output, in_turn.operations()));
        assert_eq!(shorter.weights(w2), in_turn.weights(w2));
        seen.push((potentials.hidden, potentials.output, in_turn.weights(w2).unwrap()[0]));
    }
    assert_eq!(
        seen,
        [
            (vec![400; 3], vec![0, 0], 200),
            (vec![600; 3], vec![600, 600], 198),
            // W1 took a step of the hidden error, which is the sign of F to class 0: down.
            (vec![596; 3], vec![594, 600], 196),
        ]
    );
    for (_, id) in circuit.plastic() {
        assert_eq!(at_once.weights(id), in_turn.weights(id));
    }
    assert_eq!(at_once.operations(), in_turn.operations());
    assert_eq!(at_once.weights(plus).as_deref(), Some(&[196, 196, 196, 200, 200, 200][..]));
}

/// The potentiation of a last sample whose reward is forgotten is a depression: that is what both
/// rewards are for.
#[test]
fn a_forgotten_reward_turns_potentiation_into_depression() {
    let weights_after = |n_rewards: usize| {
        // Outputs stay silent at 300, so class 1 is missed, in the reach of its gate (0 < z < 1024).
        let circuit = circuit(200, 100);
        let [_, _, reward] = circuit.sources();
        let mut whole = InputSchedule::new();
        circuit.schedule_start(&mut whole);
        circuit.schedule_sample(0, &[0, 1, 2], 1, &mut whole);
        let mut schedule = InputSchedule::new();
        let mut given = 0;
        for spike in whole.spikes() {
            given += usize::from(spike.layer == reward);
            if spike.layer != reward || given <= n_rewards {
                schedule.push(spike.step, spike.layer, spike.source_idx);
            }
        }
        let mut engine = LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
        engine.advance(24, &schedule, &mut ()).unwrap();
        let ([w1, ..], [w2, ..], ..) = circuit.matrices();
        let first = |id| engine.weights(id).unwrap()[..2].to_vec();
        [first(w1), first(w2)]
    };
    assert_eq!(weights_after(2), [[202, 202], [100, 102]]);
    assert_eq!(weights_after(1), [[198, 198], [100, 102]]);
    assert_eq!(weights_after(0), [[198, 198], [100, 98]]);
}

#[test]
fn a_sample_outside_the_shape_is_refused_by_the_engine() {
    let circuit = circuit(0, 0);
    let mut engine = LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
    circuit.start(&mut engine, &mut ()).unwrap();
    for (active, target, message) in [
        (4, 0, "input spike of step 13: source 4 of layer `input`, expected 0 to 3"),
        (0, 2, "input spike of step 15: source 2 of layer `target`, expected 0 to 1"),
    ] {
        let mut engine = engine.clone();
        let mut schedule = InputSchedule::new();
        circuit.schedule_sample(0, &[active], target, &mut schedule);
        let run = circuit.run_cycle(&mut engine, &schedule, &mut (), &mut Potentials::default());
        let error: StepError = run.unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

/// Every spike of a sample has a meaning, and each meaning lies in a phase of its population.
#[test]
fn meanings_are_the_phases_of_the_populations() {
    for population in Population::WORKING {
        let phases: Vec<_> = MEANINGS
            .iter()
            .filter(|meaning| meaning.population == population)
            .map(|meaning| meaning.phase)
            .collect();
        assert_eq!(phases, population.learning_phases().iter().collect::<Vec<_>>());
    }
    let circuit = circuit(200, 200);
    let mut engine = LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
    circuit.start(&mut engine, &mut ()).unwrap();
    let mut schedule = InputSchedule::new();
    circuit.schedule_sample(0, &[0, 2, 3], 1, &mut schedule);
    let first = circuit.first_step(0);
    let mut raster = Raster::new(circuit.network(), first);
    circuit.run_cycle(&mut engine, &schedule, &mut raster, &mut Potentials::default()).unwrap();
    let said = |quantity: Quantity| {
        let meanings = MEANINGS.iter().filter(move |meaning| meaning.quantity == quantity);
        let mut said: Vec<Vec<u32>> = meanings
            .map(|meaning| {
                let layer = circuit.layer(meaning.population);
                raster.spikes(first + u64::from(meaning.phase), layer).collect()
            })
            .collect();
        // The same quantity wherever it is shown.
        said.dedup();
        said
    };
    assert_eq!(said(Quantity::Input), [[0, 2, 3]]);
    assert_eq!(said(Quantity::Target), [[1]]);
    assert_eq!(said(Quantity::Hidden), [[0, 1, 2]]);
    assert_eq!(said(Quantity::Derivative), [[0, 1, 2]]);
    assert_eq!(said(Quantity::OutputErrorMinus), [[0]]);
    assert_eq!(said(Quantity::OutputErrorPlus), [Vec::<u32>::new()]);
    assert_eq!(said(Quantity::HiddenErrorMinus), [[0, 1, 2]]);
    assert_eq!(said(Quantity::HiddenErrorPlus), [Vec::<u32>::new()]);
}

/// Reading less changes nothing about what is read.
#[test]
fn inference_can_read_the_outputs_alone() {
    let shape = CircuitShape::new(4, 3, 2);
    let w1: Vec<i16> = (0..12).map(|k| 254 - 20 * k).collect();
    let w2 = [254, -100, 200, 254, 30, -256];
    let circuit = InferenceCircuit::new(shape, Form::Sized, &w1, &w2).unwrap();
    let mut whole = LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
    circuit.start(&mut whole, &mut ()).unwrap();
    let mut shorter = whole.clone();
    let (mut potentials, mut output) = (Potentials::default(), vec![7]);
    // What an earlier sample has left is replaced.
    let mut schedule = InputSchedule::new();
    schedule.push(9, circuit.network().layer_ids().next().unwrap(), 9);
    let mut seen = Vec::new();
    for active in [&[0, 1, 2][..], &[], &[0, 1, 2, 3]] {
        circuit.run_cycle(&mut whole, active, &mut (), &mut potentials).unwrap();
        circuit
            .run_cycle_for_output(&mut shorter, active, &mut schedule, &mut (), &mut output)
            .unwrap();
        assert_eq!(output, potentials.output);
        assert_eq!(shorter.operations(), whole.operations());
        seen.push(output.clone());
    }
    // Hidden neurons 0 and 1 are active, at 582 and 522 and above; 2 stays below 512.
    assert_eq!(seen, [[454, 154], [0, 0], [454, 154]]);
}
