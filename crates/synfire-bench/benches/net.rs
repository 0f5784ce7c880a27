//! Text to description and back: learning rules and network files.
//!
//! Before the timing, every text is read back and compared with what it was written from.

use criterion::{Criterion, Throughput};
use std::hint::black_box;
use std::time::Duration;
use synfire_circuit::{CircuitShape, Form, LearningCircuit, PlasticWeights, RULE};
use synfire_net::{Rule, file};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = criterion.benchmark_group("net");

    let rule = Rule::parse(RULE).expect("the published rule");
    assert_eq!(Rule::parse(&rule.to_string()).as_ref(), Ok(&rule));
    group.bench_function("rule, parse", |bencher| bencher.iter(|| Rule::parse(black_box(RULE))));
    group.bench_function("rule, print", |bencher| bencher.iter(|| black_box(&rule).to_string()));

    // A file of some ten thousand weights.
    let shape = CircuitShape::new(60, 40, 10);
    let circuit = LearningCircuit::new(shape, Form::Sized, &PlasticWeights::zeros(&shape));
    let circuit = circuit.expect("fits");
    let text = file::write(circuit.network());
    assert_eq!(file::parse(&text).as_ref(), Ok(&**circuit.network()));
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("toml, parse", |bencher| {
        bencher.iter(|| file::parse(&text).expect("compared"));
    });
    group.bench_function("toml, write", |bencher| bencher.iter(|| file::write(circuit.network())));
    group.finish();
    criterion.final_summary();
}
