//! One training sample: reference, LIF, plain Loihi, and the latter two compared with the reference.
//!
//! Each timing runs the 200 samples of a workload from the workload's weights, over and over, so that
//! weights do not wander off while they are timed. The engine's part is what `synfire train` runs for a
//! sample, the raster included; with `compared`, what it runs when every update is checked.
//!
//! With `SYNFIRE_DATA_DIR` set, MNIST and Fashion-MNIST are timed too.

use criterion::{BenchmarkId, Criterion};
use std::time::{Duration, Instant};
use synfire_bench::{Workload, digits, lif, loihi, real};
use synfire_data::SearchPath;
use synfire_net::Engine;
use synfire_reference::Sample;
use synfire_verify::Check;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut workloads = digits().expect("the digits need no files");
    if let Some(dir) = std::env::var_os("SYNFIRE_DATA_DIR") {
        let path = SearchPath::new(None, Some(dir.into()), None);
        workloads.extend(real(&path).expect("$SYNFIRE_DATA_DIR holds both sets"));
    }
    for workload in &workloads {
        workload.check();
        bench(&mut criterion, workload);
    }
    criterion.final_summary();
}

fn bench(criterion: &mut Criterion, workload: &Workload) {
    let network = workload.circuit.network();
    let lif = lif(network.clone()).expect("checked");
    let loihi = loihi(network.clone()).expect("checked");
    let mut group = criterion.benchmark_group("sample");
    let name = &workload.case.name;
    group.bench_function(BenchmarkId::new("reference", name), |bencher| {
        bencher.iter_custom(|n| learn_on_reference(workload, n));
    });
    for (check, suffix) in [(Check::Skip, ""), (Check::Compare, " compared")] {
        group.bench_function(BenchmarkId::new(format!("lif{suffix}"), name), |bencher| {
            bencher.iter_custom(|n| learn_on_engine(workload, &lif, check, n));
        });
        group.bench_function(BenchmarkId::new(format!("loihi{suffix}"), name), |bencher| {
            bencher.iter_custom(|n| learn_on_engine(workload, &loihi, check, n));
        });
    }
    group.finish();
}

/// The time that `n` samples take on the reference, without that of starting over.
fn learn_on_reference(workload: &Workload, n: u64) -> Duration {
    rounds(workload, n, |samples| {
        let mut reference = workload.reference();
        let start = Instant::now();
        for (active, target) in samples {
            let sample = Sample { input: active, target: *target as usize };
            reference.learn(sample).expect("a sample of the set");
        }
        start.elapsed()
    })
}

/// The time that `n` samples take on a copy of `engine`, without that of starting over.
fn learn_on_engine<E>(workload: &Workload, engine: &E, check: Check, n: u64) -> Duration
where
    E: Engine + Clone + 'static,
{
    rounds(workload, n, |samples| {
        let mut lockstep = workload.lockstep(engine.clone());
        let start = Instant::now();
        for (active, target) in samples {
            lockstep.run_sample(active, *target, check).expect("faults are reported");
        }
        start.elapsed()
    })
}

/// Runs `n` samples, as often from the first as that takes.
fn rounds(
    workload: &Workload,
    n: u64,
    mut round: impl FnMut(&[(Vec<u32>, u32)]) -> Duration,
) -> Duration {
    let samples = &workload.case.samples;
    let n = usize::try_from(n).expect("far fewer");
    let whole: Duration = (0..n / samples.len()).map(|_| round(samples)).sum();
    whole + round(&samples[..n % samples.len()])
}
