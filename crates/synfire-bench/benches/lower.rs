//! From a shape to a running engine: building the circuit, lowering it, making the engines.
//!
//! Before the timing, the engines that come out are climbed against the reference.

use criterion::{BatchSize, Criterion};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use synfire_bench::digits;
use synfire_circuit::{Form, InferenceCircuit, LearningCircuit, LifEngine};
use synfire_loihi::{PlainEngine, lower};
use synfire_net::Strictness;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let [initial, ..] = &digits().expect("the digits need no files")[..] else { return };
    initial.check();
    let (shape, weights) = (initial.case.shape, &initial.case.weights);
    let network = initial.circuit.network();
    let program = Arc::new(lower(network.clone()).expect("checked"));

    let mut group = criterion.benchmark_group("lower 400-400-10");
    for form in [Form::Published, Form::Sized] {
        group.bench_function(format!("build learning circuit, {form}"), |bencher| {
            bencher.iter(|| LearningCircuit::new(shape, form, weights).expect("checked"));
        });
    }
    group.bench_function("build inference circuit", |bencher| {
        bencher.iter(|| InferenceCircuit::new(shape, Form::Sized, &weights.w1, &weights.w2));
    });
    group.bench_function("lower learning circuit", |bencher| {
        bencher.iter_batched(|| network.clone(), lower, BatchSize::LargeInput);
    });
    group.bench_function("make loihi engine", |bencher| {
        bencher.iter(|| black_box(PlainEngine::new(program.clone(), Strictness::Report)));
    });
    group.bench_function("make lif engine", |bencher| {
        bencher.iter(|| LifEngine::new(network.clone(), Strictness::Report).expect("checked"));
    });
    group.finish();
    criterion.final_summary();
}
