//! The scalar definitions of the chip: decay, a compartment's step, the learning rule.
//!
//! Before the timing, each is compared on the timed values with its counterpart elsewhere: decay and
//! step with the exact decay of the network description, the rule with the change that it stands for.

use criterion::{Criterion, Throughput};
use std::hint::black_box;
use std::time::Duration;
use synfire_circuit::RULE;
use synfire_loihi::fixed::decay;
use synfire_loihi::random::{Purpose, Words};
use synfire_loihi::trace::TraceConfig;
use synfire_loihi::{
    Bias, Compartment, CompartmentConfig, Microcode, Moment, Reading, RuleArithmetic, SignMode,
    Threshold, VoltageLimits, WeightFormat,
};
use synfire_net::rule::Target;
use synfire_net::{Decay, Refractory, Rule, Rules, Trace};

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
        noise: None,
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
    let format = WeightFormat::full(SignMode::Mixed);
    let lower = |rule: &str| {
        let rule = Rule::parse(rule).expect("well formed");
        Microcode::new(&Rules::weight(rule), format, RuleArithmetic::DEFAULT)
    };
    let microcode = lower(RULE);
    let moments: Vec<Moment> = [false, true]
        .into_iter()
        .flat_map(|x0| [(x0, false), (x0, true)])
        .flat_map(|(x0, y0)| {
            [0, 1].map(|r1| Moment { x0, y0, r0: r1 == 1, r1, ..Moment::default() })
        })
        .collect();
    let weights: Vec<i16> = (-128..128).map(|half| 2 * half).collect();
    for moment in &moments {
        let expected = i32::from(moment.x0 && moment.y0) * if moment.r1 > 0 { 2 } else { -2 };
        assert_eq!(microcode.change(Target::Weight, moment), expected * 128);
        for &weight in &weights {
            let learnt = (i32::from(weight) + expected).clamp(-256, 254);
            assert_eq!(i32::from(microcode.learn(weight, expected * 128)), learnt);
        }
    }
    let pairs = lower("2^-2*x1*y0 - 2^-2*y1*x0");
    let pair_moments: Vec<Moment> = (0..8_u8)
        .map(|n| {
            let at = Reading { x1: 16 * n, y1: 64 - 8 * n, ..Reading::default() };
            Moment { x0: n < 4, y0: n >= 4, at_pre: at, at_post: at, ..Moment::default() }
        })
        .collect();
    let changes = pair_moments.iter().map(|moment| pairs.change(Target::Weight, moment));
    let expected = (0..8).map(|n| if n < 4 { -32 * (64 - 8 * n) } else { 32 * 16 * n });
    assert!(changes.eq(expected));
    let mut group = criterion.benchmark_group("kernels");
    for (name, rule, moments) in
        [("rule, evaluated", &microcode, &moments), ("pair rule, evaluated", &pairs, &pair_moments)]
    {
        group.throughput(Throughput::Elements(moments.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| -> i32 {
                black_box(moments).iter().map(|moment| rule.change(Target::Weight, moment)).sum()
            });
        });
    }
    let mut words = Words::new(1, Purpose::Weight, 0);
    let trace = TraceConfig::new(&Trace::new(64, 10).expect("below 128"));
    assert_eq!(trace.decay(100, 0), 90);
    group.throughput(Throughput::Elements(1024));
    group.bench_function("random words in a row", |bencher| {
        let mut step = 0;
        bencher.iter(|| -> u32 {
            step += 1;
            (0..1024).fold(0, |all, element| all ^ words.word(step, element))
        });
    });
    group.bench_function("trace, decayed", |bencher| {
        let mut values = [100_u8; 1024];
        bencher.iter(|| {
            for (value, word) in values.iter_mut().zip(0_u32..) {
                *value = trace.decay(*value, word << 16) | 64;
            }
            black_box(&values);
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
