//! How the cost of a training sample grows with the hidden layer: 400-N-10 on the digits, late weights.
//!
//! Reference, fast engine and memory floor at every width, the plain engine up to 1,000. Before the timing,
//! every network climbs the ladder of engines.

use criterion::{BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use std::time::Duration;
use synfire_bench::{Floor, Width, digits_of_width, fast, is_quick, loihi};
use synfire_verify::Check;

/// Numbers of hidden neurons.
const WIDTHS: [usize; 6] = [100, 200, 400, 1000, 2000, 4000];

/// The last that a short run measures, and the last on the plain engine.
const QUICK_WIDTH: usize = 1000;
const PLAIN_WIDTH: usize = 1000;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for n_hidden in WIDTHS {
        if is_quick() && n_hidden > QUICK_WIDTH {
            break;
        }
        bench(&mut criterion, n_hidden);
    }
    criterion.final_summary();
}

fn bench(criterion: &mut Criterion, n_hidden: usize) {
    let workload = digits_of_width(n_hidden).expect("the digits need no files");
    workload.check();
    let network = workload.circuit.network();
    let floor = Floor::new(&workload, Width::I8);
    floor.check(&workload, Width::I8);

    let mut group = criterion.benchmark_group("width");
    group.bench_function(BenchmarkId::new("reference", n_hidden), |bencher| {
        bencher.iter_custom(|n| workload.time_reference(n));
    });
    let engine = fast(network.clone()).expect("checked");
    group.bench_function(BenchmarkId::new("fast", n_hidden), |bencher| {
        bencher.iter_custom(|n| workload.time_engine(&engine, Check::Skip, n));
    });
    if n_hidden <= PLAIN_WIDTH {
        let engine = loihi(network.clone()).expect("checked");
        group.bench_function(BenchmarkId::new("loihi", n_hidden), |bencher| {
            bencher.iter_custom(|n| workload.time_engine(&engine, Check::Skip, n));
        });
    }
    group.throughput(Throughput::Bytes(floor.bytes_per_sample()));
    group.bench_function(BenchmarkId::new("rows i8", n_hidden), |bencher| {
        let mut sample_idx = 0;
        bencher.iter(|| {
            sample_idx += 1;
            black_box(&floor).read_sample(sample_idx)
        });
    });
    group.finish();
}
