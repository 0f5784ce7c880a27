//! Counts of the paper's network, and phases read from spikes instead of from a table.

use std::sync::Arc;
use synfire_circuit::{
    CircuitShape, Form, InferenceCircuit, LearningCircuit, LifEngine, PlasticWeights, Population,
    Potentials,
};
use synfire_net::{Engine, InputSchedule, PhaseSet, Raster, Strictness};
use synfire_verify::cases;

#[test]
fn the_published_learning_circuit_has_the_published_size() {
    let shape = CircuitShape::new(400, 400, 10);
    let circuit = LearningCircuit::new(shape, Form::Published, &PlasticWeights::zeros(&shape))
        .expect("valid");
    let size = circuit.network().size();
    assert_eq!(size.n_neurons, 3282);
    assert_eq!(size.n_plastic_synapses, 500_000);
    assert_eq!(size.n_static_synapses, 16_792);
    assert_eq!(size.n_input_synapses, 411);
}

#[test]
fn the_inference_circuit_has_the_published_size() {
    let shape = CircuitShape::new(400, 400, 10);
    let circuit = InferenceCircuit::new(shape, Form::Published, &vec![0; 160_000], &vec![0; 4000])
        .expect("valid");
    let size = circuit.network().size();
    assert_eq!((size.n_neurons, size.n_sources), (814, 401));
    assert_eq!(size.n_static_synapses + size.n_input_synapses, 165_215);
}

#[test]
fn every_phase_of_the_table_is_seen_and_no_other() {
    for form in [Form::Published, Form::Sized] {
        let mut seen = [PhaseSet::EMPTY; 15];
        for number in 0..200 {
            let case = cases::random(form, 1, number);
            if form == Form::Published && case.shape.n_inputs > 36 {
                continue; // Phantom spikes are possible there, and tested elsewhere.
            }
            let circuit = LearningCircuit::new(case.shape, form, &case.weights).expect("valid");
            let network = Arc::clone(circuit.network());
            let mut engine = LifEngine::new(network, Strictness::Report).expect("supported");
            let mut raster = Raster::new(circuit.network(), 1);
            let mut schedule = InputSchedule::new();
            circuit.start(&mut engine, &mut raster).expect("the ring starts");
            for (sample, (active, target)) in (0..).zip(&case.samples) {
                circuit.schedule_sample(sample, active, *target, &mut schedule);
                let mut potentials = Potentials::default();
                circuit
                    .run_cycle(&mut engine, &schedule, &mut raster, &mut potentials)
                    .expect("faults are reported, not errors");
            }
            for step in 1..=engine.step() {
                let phase = circuit.network().phase(step).expect("a ring");
                for (seen, population) in seen.iter_mut().zip(Population::WORKING) {
                    if raster.spikes(step, circuit.layer(population)).next().is_some() {
                        *seen = seen.union(PhaseSet::of(&[phase]));
                    }
                }
                for k in 0..12 {
                    let spiked = raster.contains(step, circuit.layer(Population::Gate(k)), 0);
                    let due = step >= 12 && (phase + 1) % 12 == u32::from(k);
                    assert_eq!(spiked, due, "gate {k} in step {step}");
                }
            }
        }
        for (seen, population) in seen.iter().zip(Population::WORKING) {
            assert_eq!(*seen, population.learning_phases(), "{form}: {}", population.name());
        }
    }
}
