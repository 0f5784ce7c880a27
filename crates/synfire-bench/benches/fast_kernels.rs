//! The kernels and shortcuts of the fast engine, one at a time: small networks in which little else happens.
//!
//! Each is one layer of 400 that spikes in every step onto another. The plain engine runs the same; before the timing
//! both are compared after every one of 24 steps, on every instruction set of this machine.

use criterion::{BenchmarkId, Criterion, Throughput};
use std::sync::Arc;
use std::time::Duration;
use synfire_circuit::RULE;
use synfire_fast::{FastEngine, Lanes};
use synfire_loihi::{PlainEngine, Program, lower};
use synfire_net::{
    Connectivity, Decay, Delay, Engine, InputSchedule, LayerId, NetworkBuilder, Neuron, Plasticity,
    Raster, Refractory, Rule, Strictness, WeightRange, Weights,
};

const N: u32 = 400;
/// Neurons that spike in a step: as many as there are active inputs in an image of digits.
const N_ACTIVE: u32 = 99;
/// Steps of one run.
const N_STEPS: u32 = 24;

/// A network, and the sources that spike in every step of a round.
struct Scene {
    name: &'static str,
    program: Arc<Program>,
    drives: Vec<(LayerId, Vec<Vec<u32>>)>,
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for scene in scenes() {
        scene.check();
        scene.bench(&mut criterion);
    }
    criterion.final_summary();
}

/// A set of active neurons, one of several that share few.
fn active(idx: u32) -> Vec<u32> {
    let mut neurons: Vec<u32> = (0..N_ACTIVE).map(|k| (k * (4 + idx) + 37 * idx) % N).collect();
    neurons.sort_unstable();
    neurons.dedup();
    neurons
}

/// Neurons that nothing in these networks makes spike.
fn silent() -> Neuron {
    Neuron::memoryless(8_000_000, 0, Refractory::ONE)
}

fn weights(n: u32) -> Weights {
    let draw = |k: u32| i32::try_from(k.wrapping_mul(2_654_435_761) >> 24).unwrap_or(0);
    Weights::Each((0..n).map(|k| (draw(k) - 128) & !1).collect())
}

fn scenes() -> Vec<Scene> {
    let others: Vec<_> = (0..3).map(active).collect();
    let dense = || Connectivity::AllToAll { weights: weights(N * N), delay: Delay::ZERO };
    let onto_silent = |name, connectivity: Connectivity, sets: &[Vec<u32>]| {
        let mut builder = NetworkBuilder::new(name);
        let sources = builder.sources("sources", N);
        let targets = builder.neurons("targets", N, silent());
        builder.connect("synapses", sources, targets, connectivity);
        scene(name, builder, vec![(sources, sets.to_vec())])
    };
    let one_to_one = |weights| Connectivity::OneToOne { weights, delay: Delay::ZERO };
    let mut all = vec![
        onto_silent("99 rows of 400 added", dense(), &others),
        onto_silent("a sum used again", dense(), &others[..1]),
        onto_silent("one to one, equal weights", one_to_one(Weights::Uniform(520)), &others),
        onto_silent("one to one, listed", one_to_one(weights(N)), &others),
    ];

    let mut builder = NetworkBuilder::new("threshold");
    let sources = builder.sources("sources", N);
    let targets = builder.neurons("targets", N, Neuron::memoryless(64 * 512, 0, Refractory::ONE));
    builder.connect("synapses", sources, targets, dense());
    all.push(scene("99 rows of 400 added, compared", builder, vec![(sources, others.clone())]));

    let mut builder = NetworkBuilder::new("leaky");
    let sources = builder.sources("sources", N);
    let decay = Decay::new(400).unwrap_or(Decay::CLEAR);
    let neuron = Neuron { current_decay: decay, voltage_decay: decay, ..silent() };
    let targets = builder.neurons("targets", N, neuron);
    builder.connect("synapses", sources, targets, one_to_one(Weights::Uniform(20)));
    all.push(scene("400 leaky neurons", builder, vec![(sources, others.clone())]));

    let mut builder = NetworkBuilder::new("learning");
    let [pre_drive, post_drive] = ["pre drive", "post drive"].map(|name| builder.sources(name, N));
    let spiking = Neuron::memoryless(64 * 512, 0, Refractory::ONE);
    let [pre, post] = ["pre", "post"].map(|name| builder.neurons(name, N, spiking));
    builder.connect("drive pre", pre_drive, pre, one_to_one(Weights::Uniform(520)));
    builder.connect("drive post", post_drive, post, one_to_one(Weights::Uniform(16_384)));
    if let Ok(rule) = Rule::parse(RULE.replace("r1*4", "4").as_str()) {
        let plasticity = Plasticity::new(rule, WeightRange::MIXED);
        builder.connect_plastic("synapses", pre, post, dense(), plasticity);
    }
    let drives = vec![(pre_drive, others[..1].to_vec()), (post_drive, others[1..2].to_vec())];
    all.push(scene("99 rows of 400 changed and added", builder, drives));
    all
}

fn scene(
    name: &'static str,
    builder: NetworkBuilder,
    drives: Vec<(LayerId, Vec<Vec<u32>>)>,
) -> Scene {
    let network = builder.build().expect("written by hand");
    let program = lower(Arc::new(network)).expect("fits the chip");
    Scene { name, program: Arc::new(program), drives }
}

impl Scene {
    /// The input of some steps from `first` on.
    fn schedule(&self, first: u64) -> InputSchedule {
        let mut schedule = InputSchedule::new();
        for step in first..first + u64::from(N_STEPS) {
            for (layer, sets) in &self.drives {
                let n_sets = u64::try_from(sets.len()).unwrap_or(1);
                let set = usize::try_from(step % n_sets).map_or(&sets[0], |idx| &sets[idx]);
                set.iter().for_each(|&source| schedule.push(step, *layer, source));
            }
        }
        schedule
    }

    fn fast(&self, lanes: Lanes) -> FastEngine {
        let engine = FastEngine::new(Arc::clone(&self.program), Strictness::Strict);
        engine.with_lanes(lanes).expect("one of this machine's")
    }

    fn check(&self) {
        let network = self.program.network();
        let schedule = self.schedule(1);
        let mut n_spikes = 0;
        for lanes in Lanes::available() {
            let mut plain = PlainEngine::new(Arc::clone(&self.program), Strictness::Strict);
            let mut fast = self.fast(lanes);
            let [mut expected, mut found] = [(); 2].map(|()| Raster::new(network, 1));
            for _ in 0..N_STEPS {
                plain.advance(1, &schedule, &mut expected).expect("no faults");
                fast.advance(1, &schedule, &mut found).expect("no faults");
                assert_eq!(expected, found, "{}, {}", self.name, lanes.name());
                for layer in network.layer_ids() {
                    assert_eq!(plain.currents(layer), fast.currents(layer), "{}", self.name);
                    assert_eq!(plain.voltages(layer), fast.voltages(layer), "{}", self.name);
                }
                for id in network.projection_ids() {
                    assert_eq!(plain.weights(id), fast.weights(id), "{}", self.name);
                }
                assert_eq!(plain.operations(), fast.operations(), "{}", self.name);
            }
            n_spikes += found.n_spikes();
        }
        assert!(n_spikes > 0, "{}: nothing was compared", self.name);
    }

    fn bench(&self, criterion: &mut Criterion) {
        let mut group = criterion.benchmark_group("fast kernels");
        group.throughput(Throughput::Elements(N_STEPS.into()));
        let schedule = self.schedule(1);
        let plain = PlainEngine::new(Arc::clone(&self.program), Strictness::Strict);
        group.bench_function(BenchmarkId::new("loihi", self.name), |bencher| {
            bencher.iter_batched_ref(
                || plain.clone(),
                |engine| engine.advance(N_STEPS, &schedule, &mut ()),
                criterion::BatchSize::LargeInput,
            );
        });
        for lanes in Lanes::available() {
            let fast = self.fast(lanes);
            group.bench_function(BenchmarkId::new(lanes.name(), self.name), |bencher| {
                bencher.iter_batched_ref(
                    || fast.clone(),
                    |engine| engine.advance(N_STEPS, &schedule, &mut ()),
                    criterion::BatchSize::LargeInput,
                );
            });
        }
        group.finish();
    }
}
