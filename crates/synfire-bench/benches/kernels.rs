//! The scalar definitions of the chip: decay, a compartment's step, the learning rule.
//!
//! Before the timing, each is compared on the timed values with its counterpart elsewhere: decay and
//! step with the exact decay of the network description, the rule with the change that it stands for.

use criterion::{Criterion, Throughput};
use std::hint::black_box;
use std::time::Duration;
use synfire_circuit::RULE;
use synfire_loihi::fixed::decay;
use synfire_loihi::{
    Bias, Compartment, CompartmentConfig, Events, Microcode, SignMode, Threshold, VoltageLimits,
    WeightFormat,
};
use synfire_net::{Decay, Refractory, Rule};

/// Values per iteration: a typical layer.
const N: i32 = 400;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    decays(&mut criterion);
    steps(&mut criterion);
    rules(&mut criterion);
    criterion.final_summary();
}

/// States over the whole register, of both signs.
fn states() -> Vec<i32> {
    (0..N).map(|idx| (idx - N / 2) * 41_931 + 1).collect()
}

fn decays(criterion: &mut Criterion) {
    let losses = [0, 1, 409, 4095, 4096].map(|loss| Decay::new(loss).expect("at most 4096"));
    let states = states();
    for loss in losses {
        for &state in &states {
            assert_eq!(i64::from(decay(state, loss)), loss.apply(state.into()));
        }
    }
    let mut group = criterion.benchmark_group("kernels");
    group.throughput(Throughput::Elements(u64::from(N.unsigned_abs())));
    group.bench_function("decay", |bencher| {
        let loss = black_box(losses[2]);
        let mut decayed = states.clone();
        bencher.iter(|| {
            for (decayed, &state) in decayed.iter_mut().zip(black_box(&states)) {
                *decayed = decay(state, loss);
            }
            black_box(&decayed);
        });
    });
    group.finish();
}

fn config(loss: Decay) -> CompartmentConfig {
    CompartmentConfig {
        current_decay: loss,
        voltage_decay: loss,
        threshold: Threshold::new(1024).expect("17 bits"),
        bias: Bias::NONE,
        refractory: Refractory::ONE,
        voltage_limits: VoltageLimits::REGISTER,
    }
}

fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kernels");
    group.throughput(Throughput::Elements(u64::from(N.unsigned_abs())));
    let inputs: Vec<i32> = (0..N).map(|idx| (idx - N / 2) * 640).collect();
    for (name, loss) in [("no memory", 4096), ("decaying", 409)] {
        let config = config(Decay::new(loss).expect("at most 4096"));
        check_steps(&config, &inputs);
        group.bench_function(format!("compartment step, {name}"), |bencher| {
            let mut layer = vec![Compartment::default(); inputs.len()];
            let config = black_box(config);
            bencher.iter(|| {
                let mut n_spikes = 0;
                for (state, &input) in layer.iter_mut().zip(black_box(&inputs)) {
                    n_spikes += u32::from(config.step(state, input).spiked);
                }
                n_spikes
            });
        });
    }
    group.finish();
}

/// Twenty steps without overflow are those of exact integers.
fn check_steps(config: &CompartmentConfig, inputs: &[i32]) {
    for &input in inputs {
        let (mut state, mut current, mut voltage) = (Compartment::default(), 0, 0);
        for _ in 0..20 {
            let outcome = config.step(&mut state, input);
            current = config.current_decay.apply(current) + i64::from(input);
            voltage = config.voltage_decay.apply(voltage) + current;
            let spikes = voltage > i64::from(config.threshold.charge());
            if spikes {
                voltage = 0;
            }
            assert!(!outcome.limited && outcome.spiked == spikes);
            assert_eq!([state.current, state.voltage].map(i64::from), [current, voltage]);
        }
    }
}

fn rules(criterion: &mut Criterion) {
    let rule = Rule::parse(RULE).expect("the published rule");
    let format = WeightFormat::full(SignMode::Mixed);
    let microcode = Microcode::lower(&rule, format, 1).expect("fits the chip");
    let events = [false, true]
        .into_iter()
        .flat_map(|x0| [(x0, false), (x0, true)])
        .flat_map(|(x0, y0)| [0, 1].map(|r1| Events { x0, y0, r1 }));
    let events: Vec<Events> = events.collect();
    let weights: Vec<i16> = (-128..128).map(|half| 2 * half).collect();
    for &event in &events {
        let Events { x0, y0, r1 } = event;
        let expected = i32::from(x0 && y0) * if r1 > 0 { 2 } else { -2 };
        assert_eq!(microcode.change(event), expected * 128);
        for &weight in &weights {
            let learnt = (i32::from(weight) + expected).clamp(-256, 254);
            assert_eq!(i32::from(microcode.learn(weight, expected * 128)), learnt);
        }
    }
    let mut group = criterion.benchmark_group("kernels");
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("rule, evaluated", |bencher| {
        bencher.iter(|| -> i32 {
            black_box(&events).iter().map(|&event| microcode.change(event)).sum()
        });
    });
    group.throughput(Throughput::Elements(weights.len() as u64));
    group.bench_function("rule, change applied", |bencher| {
        let mut weights = weights.clone();
        let mut change = 256;
        bencher.iter(|| {
            change = -change;
            for weight in &mut weights {
                *weight = microcode.learn(*weight, change);
            }
            black_box(&weights);
        });
    });
    group.finish();
}
