//! One example on the chip model: its spikes by layer and its learned numbers, step by step.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use synfire_loihi::{PlainEngine, lower};
use synfire_net::{Engine, Fault, InputSchedule, LayerId, Network, Observer, Strictness, file};
use synfire_tests::workspace;

/// Runs an example, with its input, from its first step.
pub(crate) struct Scene {
    pub(crate) engine: PlainEngine,
    network: Arc<Network>,
    input: InputSchedule,
    heard: Heard,
}

#[derive(Default)]
struct Heard {
    /// Step and neuron of every spike, by layer.
    spikes: BTreeMap<usize, Vec<(u64, u32)>>,
    n_faults: usize,
}

impl Observer for Heard {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        let spikes = self.spikes.entry(layer.index()).or_default();
        spikes.extend(neurons.iter().map(|&neuron| (step, neuron)));
    }
    fn fault(&mut self, _: &Fault) {
        self.n_faults += 1;
    }
}

impl Scene {
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let folder = workspace().join("docs/examples").join(name);
        let network = file::parse(&fs::read_to_string(folder.join("net.toml")).unwrap()).unwrap();
        let network = Arc::new(network);
        let text = fs::read_to_string(folder.join("input.csv")).unwrap();
        let mut input = InputSchedule::new();
        let mut rows: Vec<(u64, LayerId, u32)> = text
            .lines()
            .skip(1)
            .map(|line| {
                let fields: Vec<&str> = line.split(',').collect();
                let layer = network.find_layer(fields[1]).unwrap();
                (fields[0].parse().unwrap(), layer, fields[2].parse().unwrap())
            })
            .collect();
        rows.sort_unstable();
        for (step, layer, neuron) in rows {
            input.push(step, layer, neuron);
        }
        let program = Arc::new(lower(Arc::clone(&network)).unwrap());
        let engine = PlainEngine::with_seed(program, Strictness::Report, seed);
        Self { engine, network, input, heard: Heard::default() }
    }

    pub(crate) fn advance_to(&mut self, step: u64) {
        let steps = u32::try_from(step - self.engine.step()).unwrap();
        self.engine.advance(steps, &self.input, &mut self.heard).unwrap();
    }

    /// Step and neuron of every spike of a layer so far.
    pub(crate) fn spikes(&self, layer: &str) -> Vec<(u64, u32)> {
        let layer = self.network.find_layer(layer).unwrap();
        self.heard.spikes.get(&layer.index()).cloned().unwrap_or_default()
    }

    pub(crate) fn weights(&self, projection: &str) -> Vec<i16> {
        let projection = self.network.find_projection(projection).unwrap();
        self.engine.weights(projection).unwrap().into_owned()
    }

    pub(crate) fn tags(&self, projection: &str) -> Vec<i16> {
        self.engine.tags(self.network.find_projection(projection).unwrap()).unwrap()
    }

    pub(crate) const fn n_faults(&self) -> usize {
        self.heard.n_faults
    }
}
