//! Sums beyond what the published circuit holds down: it fails and is reported; the sized circuit is exact.

use crate::ladder::{fast, ladder, loihi};
use std::sync::Arc;
use synfire_circuit::{CircuitShape, Form, LearningCircuit, PlasticWeights};
use synfire_net::FaultKind;
use synfire_verify::{Case, Check, Lockstep};

/// Weights as late training leaves them on dense images: hidden sums of both signs far above 17,344, and
/// a hidden layer that is wrong about its class.
pub(crate) fn dense_case() -> Case {
    let shape = CircuitShape::new(160, 12, 4);
    let strong = |idx: usize| match idx % 12 {
        0..4 => 200,
        4..8 => -150,
        8..10 => 4,
        _ => 6,
    };
    let w1 = (0..160 * 12).map(strong).collect();
    let w2 =
        (0..12).flat_map(|hidden| [60, 200, -20, 90].map(|w: i16| w - hidden / 2 * 2)).collect();
    let samples =
        (0..24).map(|k| ((0..160).filter(|idx| idx % 7 != k % 7).collect(), k % 4)).collect();
    Case {
        name: "dense images".to_owned(),
        repeat: String::new(),
        shape,
        weights: PlasticWeights::from_forward(&shape, w1, w2),
        samples,
    }
}

#[test]
fn the_sized_circuit_is_exact_where_sums_are_large() {
    let found = ladder(&dense_case(), Form::Sized);
    assert!(found.failure.is_none(), "{:?}", found.failure);
    assert_eq!(found.samples, 24);
}

#[test]
fn the_published_circuit_fails_where_sums_are_large_and_says_so() {
    let case = dense_case();
    let found = ladder(&case, Form::Published);
    let failure = found.failure.expect("phantom spikes");
    let mismatch = failure.mismatch.expect("a located mismatch");
    assert_eq!(mismatch.place, "h", "{mismatch}");

    let circuit = LearningCircuit::new(case.shape, Form::Published, &case.weights).expect("valid");
    let circuit = Arc::new(circuit);
    let [mut chip, mut twin] = [loihi, fast].map(|build| {
        let engine = build(Arc::clone(circuit.network())).expect("fits the chip");
        Lockstep::new(Arc::clone(&circuit), engine).expect("starts")
    });
    let (mut n_phantoms, mut n_wrong) = (0, 0);
    for (active, target) in &case.samples {
        for side in [&mut chip, &mut twin] {
            side.run_sample(active, *target, Check::Compare).expect("faults are reported");
        }
        // The engines of the chip agree in everything, phantoms included.
        let cycle = chip.cycle();
        assert_eq!(cycle.faults, twin.cycle().faults);
        assert_eq!(cycle.potentials, twin.cycle().potentials);
        assert_eq!(chip.raster().first_difference(twin.raster()), None);
        assert_eq!(chip.engine().operations(), twin.engine().operations());
        for (name, projection) in circuit.plastic() {
            let [one, other] = [&chip, &twin].map(|side| side.engine().weights(projection));
            assert_eq!(one, other, "{name}");
        }
        n_phantoms += cycle
            .faults
            .iter()
            .filter(|fault| matches!(fault.kind, FaultKind::SpikeOutsidePhase { phase: 8 }))
            .count();
        n_wrong += usize::from(cycle.comparison.as_ref().is_some_and(|c| c.mismatch.is_some()));
    }
    assert!(n_phantoms > 0, "no phantom spike in phase 8 was reported");
    assert!(n_wrong > 0, "no wrong update was reported");
}
