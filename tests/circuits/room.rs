//! How large hidden sums may be (clause G5), at its very edges, on the chip.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use synfire_circuit::{CircuitShape, Form, LearningCircuit, PlasticWeights, Potentials};
use synfire_fast::FastEngine;
use synfire_loihi::{PlainEngine, lower};
use synfire_net::{Engine, InputSchedule, Strictness};

/// Shows one sample twice in which all inputs are active, and says whether a strict engine stops. Hidden neuron 0 gets
/// `z` from them, hidden neuron 1 nothing.
fn is_exact(form: Form, z: i32) -> bool {
    let weight = if z < 0 { -256 } else { 254 };
    let n_inputs = u32::try_from(z / weight).unwrap() + 1;
    let shape = CircuitShape::new(n_inputs, 2, 2);
    let rest = i16::try_from(z % weight).unwrap();
    let column = (1..n_inputs).map(|_| i16::try_from(weight).unwrap()).chain([rest]);
    let w1: Vec<i16> = column.flat_map(|weight| [weight, 0]).collect();
    let weights = PlasticWeights::from_forward(&shape, w1, vec![0; 4]);
    let circuit = LearningCircuit::new(shape, form, &weights).unwrap();
    let program = Arc::new(lower(Arc::clone(circuit.network())).unwrap());
    let engines: [Box<dyn Engine>; 2] = [
        Box::new(PlainEngine::new(Arc::clone(&program), Strictness::Strict)),
        Box::new(FastEngine::new(program, Strictness::Strict)),
    ];
    let found = engines.map(|mut engine| {
        circuit.start(engine.as_mut(), &mut ()).unwrap();
        let active: Vec<u32> = (0..n_inputs).collect();
        let mut potentials = Potentials::default();
        (0..2).all(|sample| {
            let mut schedule = InputSchedule::new();
            circuit.schedule_sample(sample, &active, 1, &mut schedule);
            let run = circuit.run_cycle(engine.as_mut(), &schedule, &mut (), &mut potentials);
            assert!(run.is_err() || potentials.hidden == [i64::from(z), 0], "{potentials:?}");
            run.is_ok()
        })
    });
    assert_eq!(found[0], found[1], "both engines, z = {z}");
    found[0]
}

/// Beyond what the proof reaches, for such sums want more active inputs than it allows for: the room is that of the
/// sum, whoever makes it.
#[test]
fn hidden_sums_have_the_room_that_is_stated() {
    for z in [-65_536, -65_534, -43_650, 512, 514, 43_650, 61_436, 61_438] {
        assert!(is_exact(Form::Sized, z), "{z}");
    }
    for z in [-65_538, 61_440] {
        assert!(!is_exact(Form::Sized, z), "{z}");
    }
    for (z, expected) in [(9216, true), (9218, false), (-24_640, true), (-24_642, false)] {
        assert_eq!(is_exact(Form::Published, z), expected, "{z}");
    }
}
