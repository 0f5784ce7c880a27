//! One sample through the inference circuit, weights frozen: reference, LIF, plain Loihi, fast.
//!
//! Before the timing, potentials and answers of all engines are compared with the reference.

use criterion::{BenchmarkId, Criterion};
use std::hint::black_box;
use std::time::Duration;
use synfire_bench::{Workload, fast, lif, loihi, workloads};
use synfire_circuit::{Form, InferenceCircuit, Population, Potentials};
use synfire_net::{Engine, Raster};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for workload in &workloads().expect("$SYNFIRE_DATA_DIR holds both sets") {
        bench(&mut criterion, workload);
    }
    criterion.final_summary();
}

fn bench(criterion: &mut Criterion, workload: &Workload) {
    let weights = &workload.case.weights;
    let circuit = InferenceCircuit::new(workload.case.shape, Form::Sized, &weights.w1, &weights.w2)
        .expect("the workload's weights fit");
    let network = circuit.network();
    let lif = lif(network.clone()).expect("static weights");
    let loihi = loihi(network.clone()).expect("fits the chip");
    let fast = fast(network.clone()).expect("fits the chip");
    check(workload, &circuit, lif.clone());
    check(workload, &circuit, loihi.clone());
    check(workload, &circuit, fast.clone());

    let mut group = criterion.benchmark_group("inference");
    let name = &workload.case.name;
    group.bench_function(BenchmarkId::new("reference", name), |bencher| {
        let mut reference = workload.reference();
        let mut samples = workload.case.samples.iter().cycle();
        bencher.iter(|| {
            let (active, _) = samples.next().expect("a cycle");
            black_box(reference.infer(active).expect("a sample of the set"));
        });
    });
    let engines: [Box<dyn Engine>; 3] = [Box::new(lif), Box::new(loihi), Box::new(fast)];
    for mut engine in engines {
        circuit.start(&mut *engine, &mut ()).expect("stands before the first step");
        group.bench_function(BenchmarkId::new(engine.name(), name), |bencher| {
            let mut potentials = Potentials::default();
            let mut samples = workload.case.samples.iter().cycle();
            bencher.iter(|| {
                let (active, _) = samples.next().expect("a cycle");
                let ran = circuit.run_cycle(&mut *engine, active, &mut (), &mut potentials);
                ran.expect("faults are reported");
                black_box(&potentials);
            });
        });
    }
    group.finish();
}

/// Potentials and output spikes of every sample are those of the reference.
fn check(workload: &Workload, circuit: &InferenceCircuit, mut engine: impl Engine) {
    let mut reference = workload.reference();
    let mut potentials = Potentials::default();
    let mut raster = Raster::new(circuit.network(), 1);
    let output = circuit.layer(Population::O).expect("has outputs");
    circuit.start(&mut engine, &mut raster).expect("stands before the first step");
    for (active, _) in &workload.case.samples {
        raster.restart(engine.step() + 1);
        let ran = circuit.run_cycle(&mut engine, active, &mut raster, &mut potentials);
        ran.expect("faults are reported");
        let record = reference.infer(active).expect("a sample of the set");
        let [hidden, output_record] = [0, 1].map(|layer| &record.layers()[layer]);
        let exact = |potential: &[i32]| potential.iter().map(|&p| i64::from(p)).collect::<Vec<_>>();
        assert_eq!(potentials.hidden, exact(hidden.potential()));
        assert_eq!(potentials.output, exact(output_record.potential()));
        assert!(
            raster.spikes(engine.step(), output).eq(output_record.active_list().iter().copied())
        );
    }
}
