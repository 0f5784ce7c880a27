//! Sums shared by two threads: the same on any number of them, inside a pool and outside.

use std::sync::Arc;
use synfire_fast::FastEngine;
use synfire_loihi::{PlainEngine, lower};
use synfire_net::{
    Connectivity, Delay, Engine, InputSchedule, LayerId, NetworkBuilder, Neuron, Plasticity,
    Raster, Refractory, Rule, Strictness, WeightRange, Weights,
};

const N_STEPS: u32 = 30;

/// Two layers of `n` that sources drive, and a matrix between them that learns.
fn network(n: u32) -> (NetworkBuilder, [LayerId; 2]) {
    let mut builder = NetworkBuilder::new("wide");
    let drives = ["pre drive", "post drive"].map(|name| builder.sources(name, n));
    let [pre, post] = ["pre", "post"]
        .map(|name| builder.neurons(name, n, Neuron::memoryless(64 * 512, 0, Refractory::ONE)));
    for (drive, layer) in drives.into_iter().zip([pre, post]) {
        let weights = Weights::Uniform(520);
        let one_to_one = Connectivity::OneToOne { weights, delay: Delay::ZERO };
        builder.connect(format!("drive {layer}"), drive, layer, one_to_one);
    }
    let weights = (0..n * n).map(|k| i32::try_from(k * 37 % 256).unwrap() * 2 - 256).collect();
    let dense = Connectivity::AllToAll { weights: Weights::Each(weights), delay: Delay::ZERO };
    let plasticity = Plasticity::new(Rule::parse("2*x0*y0").unwrap(), WeightRange::MIXED);
    builder.connect_plastic("matrix", pre, post, dense, plasticity);
    (builder, drives)
}

#[test]
fn any_number_of_threads_gives_the_same() {
    for n in [1, 32, 33, 64, 130, 400] {
        let (builder, drives) = network(n);
        let program = Arc::new(lower(Arc::new(builder.build().unwrap())).unwrap());
        let network = program.network();
        let matrix = network.find_projection("matrix").unwrap();
        let mut schedule = InputSchedule::new();
        for step in 1..=u64::from(N_STEPS) {
            for (drive, layer) in drives.into_iter().enumerate() {
                let spikes =
                    |&k: &u32| (u64::from(k) * 7 + step * 13 + drive as u64).is_multiple_of(3);
                (0..n).filter(spikes).for_each(|source| schedule.push(step, layer, source));
            }
        }
        let run = |mut engine: Box<dyn Engine>| {
            let mut raster = Raster::new(engine.network(), 1);
            engine.advance(N_STEPS, &schedule, &mut raster).unwrap();
            let weights = engine.weights(matrix).unwrap().into_owned();
            (raster, weights, engine.operations())
        };
        let expected = run(Box::new(PlainEngine::new(Arc::clone(&program), Strictness::Report)));
        assert!(n == 1 || expected.2.plastic_updates > 0, "nothing was compared");
        let fast = || {
            let engine = FastEngine::new(Arc::clone(&program), Strictness::Report);
            Box::new(engine.with_split_from(0))
        };
        assert!(run(fast()) == expected, "outside of a pool, {n}");
        for n_threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            assert!(pool.install(|| run(fast())) == expected, "{n_threads} threads, {n}");
        }
    }
}
