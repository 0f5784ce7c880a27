//! Learning with traces and chance: 100 steps of 400 sources that teach 100 leaky neurons by pairs of spikes.
//!
//! Every fourth step a tenth of the sources spikes. The same network learns by the pair rule, which touches
//! rows and columns, and by one with a term that visits every synapse in every step; a third one has the same
//! spikes and no learning, and tells what delivery and compartments take. Before timing, a second engine must
//! arrive at the same weights, and the weights must have changed.

use criterion::{Criterion, Throughput};
use std::sync::Arc;
use std::time::Duration;
use synfire_loihi::{PlainEngine, Program, lower};
use synfire_net::{
    Connectivity, Decay, Delay, Engine, InputSchedule, LayerId, NetworkBuilder, Neuron, Plasticity,
    Refractory, Strictness, Trace, Traces, WeightRange, Weights,
};

const N_SOURCES: u32 = 400;
const N_NEURONS: u32 = 100;
const N_STEPS: u32 = 100;
const SEED: u64 = 1;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let rules = [
        ("no learning", None),
        ("pair rule", Some("2^-2*x1*y0 - 2^-2*y1*x0")),
        ("pair rule and decay", Some("2^-2*x1*y0 - 2^-2*y1*x0 - 2^-7*u0*w")),
    ];
    let mut group = criterion.benchmark_group("learning");
    group.throughput(Throughput::Elements(N_STEPS.into()));
    for (name, rule) in rules {
        let (program, sources) = program(rule);
        let input = input(sources);
        check(&program, &input);
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || engine(&program),
                |engine| engine.advance(N_STEPS, &input, &mut ()),
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
    criterion.final_summary();
}

fn program(rule: Option<&str>) -> (Arc<Program>, LayerId) {
    let mut builder = NetworkBuilder::new("learning");
    let sources = builder.sources("sources", N_SOURCES);
    let neuron = Neuron {
        voltage_decay: Decay::new(256).expect("at most 4096"),
        ..Neuron::memoryless(64 * 1500, 0, Refractory::TWO)
    };
    let neurons = builder.neurons("neurons", N_NEURONS, neuron);
    let weights = (0..N_SOURCES * N_NEURONS).map(|idx| (idx * 7919 % 60).cast_signed());
    let weights = Weights::Each(weights.collect());
    let all = Connectivity::AllToAll { weights, delay: Delay::ZERO };
    match rule {
        None => builder.connect("synapses", sources, neurons, all),
        Some(rule) => {
            let rule = rule.parse().expect("well formed");
            let range = WeightRange { min: 0, max: 255, step: 1 };
            let traces = Traces { x1: Trace::new(64, 10), y1: Trace::new(64, 10), ..Traces::NONE };
            let plasticity = Plasticity { traces, ..Plasticity::new(rule, range) };
            builder.connect_plastic("synapses", sources, neurons, all, plasticity)
        }
    };
    let network = builder.build().expect("a valid network");
    (Arc::new(lower(Arc::new(network)).expect("fits the chip")), sources)
}

fn input(sources: LayerId) -> InputSchedule {
    let mut input = InputSchedule::new();
    for step in (1..=u64::from(N_STEPS)).step_by(4) {
        let first = u32::try_from(step * 7919 % 10).expect("below 10");
        for source_idx in (first..N_SOURCES).step_by(10) {
            input.push(step, sources, source_idx);
        }
    }
    input
}

fn engine(program: &Arc<Program>) -> PlainEngine {
    PlainEngine::with_seed(Arc::clone(program), Strictness::Report, SEED)
}

fn check(program: &Arc<Program>, input: &InputSchedule) {
    let [mut whole, mut stepwise] = [(); 2].map(|()| engine(program));
    whole.advance(N_STEPS, input, &mut ()).expect("reports faults");
    for _ in 0..N_STEPS {
        stepwise.advance(1, input, &mut ()).expect("reports faults");
    }
    assert!(whole.operations().spikes > 100, "{:?}", whole.operations());
    for id in program.network().projection_ids() {
        assert_eq!(whole.weights(id), stepwise.weights(id));
        if program.network().projection(id).is_plastic() {
            assert!(whole.operations().plastic_updates > 1000, "{:?}", whole.operations());
            assert_ne!(whole.weights(id).as_deref(), Some(&*program.synapses(id).weight_mantissas));
        }
    }
}
