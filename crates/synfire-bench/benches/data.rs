//! Samples: drawing the procedural digits, parsing IDX files, the order of an epoch.
//!
//! Before the timing, what is parsed is compared with what was written, and the two shuffles with each
//! other.

use criterion::{Criterion, Throughput};
use std::time::Duration;
use synfire_data::{digits, idx, shuffle};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = criterion.benchmark_group("data");

    let n_digits = 200;
    let [once, again] = [(), ()].map(|()| digits::generate(1, n_digits, 1).expect("not empty"));
    assert_eq!(once.train, again.train);
    group.throughput(Throughput::Elements(n_digits as u64));
    group.bench_function("digits", |bencher| {
        bencher.iter(|| digits::generate(1, n_digits, 1).expect("not empty"));
    });

    // Two thousand images of 28 x 28.
    let (n_images, side) = (2000_u32, 28_u32);
    let pixels: Vec<u8> = (0..=250).cycle().take((n_images * side * side) as usize).collect();
    let header = [0x803, n_images, side, side].map(u32::to_be_bytes).concat();
    let file = [header, pixels.clone()].concat();
    let images = idx::parse_images(&file).expect("well formed");
    assert!(images.iter().flatten().eq(&pixels));
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("idx images", |bencher| {
        bencher.iter(|| idx::parse_images(&file).expect("well formed"));
    });

    let n_samples = 60_000;
    let twin = synfire_reference::order::shuffle;
    assert_eq!(shuffle(n_samples, 1, 0), twin(n_samples, 1, 0));
    group.throughput(Throughput::Elements(n_samples as u64));
    group.bench_function("shuffle", |bencher| bencher.iter(|| shuffle(n_samples, 1, 0)));
    group.bench_function("shuffle, the reference's", |bencher| {
        bencher.iter(|| twin(n_samples, 1, 0));
    });
    group.finish();
    criterion.final_summary();
}
