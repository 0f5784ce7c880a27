//! The inference circuit reads what the reference reads.

use std::sync::Arc;
use synfire_circuit::{Form, InferenceCircuit, LifEngine, Population, Potentials};
use synfire_fast::FastEngine;
use synfire_loihi::{PlainEngine, lower};
use synfire_net::{Engine, Raster, Strictness};
use synfire_reference::{Matrix, Reference, Shape, Weights};
use synfire_verify::cases;

#[test]
fn inference_equals_the_reference_on_every_engine() {
    let mut n_output_spikes = 0;
    for form in [Form::Published, Form::Sized] {
        for number in 0..300 {
            let case = cases::random(form, 3, number);
            let circuit =
                InferenceCircuit::new(case.shape, form, &case.weights.w1, &case.weights.w2)
                    .expect("valid");
            let network = circuit.network();
            let program = Arc::new(lower(Arc::clone(network)).expect("fits the chip"));
            let engines: [Box<dyn Engine>; 3] = [
                Box::new(
                    LifEngine::new(Arc::clone(network), Strictness::Strict).expect("supported"),
                ),
                Box::new(PlainEngine::new(Arc::clone(&program), Strictness::Strict)),
                Box::new(FastEngine::new(program, Strictness::Strict)),
            ];
            let sizes = [case.shape.n_inputs, case.shape.n_hidden, case.shape.n_outputs];
            let shape = Shape::new(&sizes.map(|n| n as usize)).expect("valid");
            let matrix = |n: usize, m: usize, values: &Vec<i16>| {
                Matrix::new(sizes[n] as usize, sizes[m] as usize, values.clone()).expect("fits")
            };
            let forward = vec![matrix(0, 1, &case.weights.w1), matrix(1, 2, &case.weights.w2)];
            let weights = Weights::from_forward(&shape, forward).expect("in range");
            let mut reference = Reference::new(shape, weights).expect("fits");
            for mut engine in engines {
                circuit.start(&mut *engine, &mut ()).expect("the ring starts");
                for (active, _) in &case.samples {
                    let mut raster = Raster::new(network, engine.step() + 1);
                    let mut potentials = Potentials::default();
                    circuit
                        .run_cycle(&mut *engine, active, &mut raster, &mut potentials)
                        .expect("no faults");
                    let record = reference.infer(active).expect("fits");
                    let [h, o] =
                        [Population::H, Population::O].map(|p| circuit.layer(p).expect("there"));
                    let last = engine.step();
                    let hidden: Vec<u32> = raster.spikes(last - 1, h).collect();
                    let output: Vec<u32> = raster.spikes(last, o).collect();
                    assert_eq!(hidden, record.layers()[0].active_list(), "{form}, {}", case.name);
                    assert_eq!(output, record.output().active_list(), "{form}, {}", case.name);
                    let potential: Vec<i64> =
                        record.output().potential().iter().map(|&z| i64::from(z)).collect();
                    assert_eq!(potentials.output, potential, "{form}, {}", case.name);
                    n_output_spikes += output.len();
                }
            }
        }
    }
    assert!(n_output_spikes > 1000, "only {n_output_spikes} output spikes were compared");
}
