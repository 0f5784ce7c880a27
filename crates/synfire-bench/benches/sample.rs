//! One training sample: reference, LIF, plain Loihi, fast, and the memory floor.
//!
//! Each timing runs the 200 samples of a workload from the workload's weights, over and over. The engine's
//! part is what `synfire train` runs for a sample, the raster included; with `compared`, what it runs when
//! every update is checked. The floors read what a sample touches, or both matrices, and do nothing else.
//!
//! With `SYNFIRE_DATA_DIR` set, MNIST and Fashion-MNIST are timed too.

use criterion::{BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use std::time::Duration;
use synfire_bench::{Floor, Width, Workload, fast, lif, loihi, workloads};
use synfire_verify::Check;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for workload in &workloads().expect("$SYNFIRE_DATA_DIR holds both sets") {
        workload.check();
        samples(&mut criterion, workload);
        floors(&mut criterion, workload);
    }
    criterion.final_summary();
}

fn samples(criterion: &mut Criterion, workload: &Workload) {
    let network = workload.circuit.network();
    let lif = lif(network.clone()).expect("checked");
    let loihi = loihi(network.clone()).expect("checked");
    let fast = fast(network.clone()).expect("checked");
    let mut group = criterion.benchmark_group("sample");
    let name = &workload.case.name;
    group.bench_function(BenchmarkId::new("reference", name), |bencher| {
        bencher.iter_custom(|n| workload.time_reference(n));
    });
    for (check, suffix) in [(Check::Skip, ""), (Check::Compare, " compared")] {
        group.bench_function(BenchmarkId::new(format!("lif{suffix}"), name), |bencher| {
            bencher.iter_custom(|n| workload.time_engine(&lif, check, n));
        });
        group.bench_function(BenchmarkId::new(format!("loihi{suffix}"), name), |bencher| {
            bencher.iter_custom(|n| workload.time_engine(&loihi, check, n));
        });
        group.bench_function(BenchmarkId::new(format!("fast{suffix}"), name), |bencher| {
            bencher.iter_custom(|n| workload.time_engine(&fast, check, n));
        });
    }
    group.finish();
}

fn floors(criterion: &mut Criterion, workload: &Workload) {
    let mut group = criterion.benchmark_group("floor");
    let name = &workload.case.name;
    for (width, suffix) in [(Width::I8, "i8"), (Width::I16, "i16")] {
        let floor = Floor::new(workload, width);
        floor.check(workload, width);
        group.throughput(Throughput::Bytes(floor.bytes_per_sample()));
        group.bench_function(BenchmarkId::new(format!("rows {suffix}"), name), |bencher| {
            let mut sample_idx = 0;
            bencher.iter(|| {
                sample_idx += 1;
                black_box(&floor).read_sample(sample_idx)
            });
        });
        group.throughput(Throughput::Bytes(floor.bytes_in_all()));
        group.bench_function(BenchmarkId::new(format!("all {suffix}"), name), |bencher| {
            bencher.iter(|| black_box(&floor).read_all());
        });
    }
    group.finish();
}
