//! The engine of a run, and the state that can be probed on it.

use std::sync::Arc;

use anyhow::{Context, Result};
use synfire_train::synfire_circuit::LifEngine;
use synfire_train::synfire_loihi::{PlainEngine, lower};
use synfire_train::synfire_net::rule::Variable;
use synfire_train::synfire_net::{Engine, LayerId, Network, ProjectionId, Strictness};

use super::options::MachineKind;

/// An engine, still known by its type, so that all of its state can be read.
pub(super) enum Machine {
    /// Ideal integer neurons.
    Lif(Box<LifEngine>),
    /// The model of the chip.
    Loihi(Box<PlainEngine>),
}

/// A part of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Current(LayerId),
    Voltage(LayerId),
    Weight(ProjectionId),
    Delay(ProjectionId),
    Tag(ProjectionId),
    Trace(ProjectionId, Variable),
}

/// Traces, as probes name them.
const TRACES: [(&str, Variable); 6] = [
    ("x1", Variable::X1),
    ("x2", Variable::X2),
    ("y1", Variable::Y1),
    ("y2", Variable::Y2),
    ("y3", Variable::Y3),
    ("r1", Variable::R1),
];

impl Machine {
    /// # Errors
    /// If the engine cannot run the network; with every reason if it is the chip.
    pub(super) fn new(
        kind: MachineKind,
        network: Arc<Network>,
        strictness: Strictness,
        seed: u64,
    ) -> Result<Machine> {
        Ok(match kind {
            MachineKind::Lif => {
                let engine =
                    LifEngine::new(network, strictness).context("engine lif cannot run it")?;
                Machine::Lif(Box::new(engine))
            }
            MachineKind::Loihi => {
                let program = Arc::new(lower(network)?);
                Machine::Loihi(Box::new(PlainEngine::with_seed(program, strictness, seed)))
            }
        })
    }

    pub(super) fn engine(&self) -> &dyn Engine {
        match self {
            Machine::Lif(engine) => &**engine,
            Machine::Loihi(engine) => &**engine,
        }
    }

    pub(super) fn engine_mut(&mut self) -> &mut dyn Engine {
        match self {
            Machine::Lif(engine) => &mut **engine,
            Machine::Loihi(engine) => &mut **engine,
        }
    }

    /// Everything that can be probed, by name, in the order of layers and projections.
    pub(super) fn quantities(&self) -> Vec<(String, Quantity)> {
        let network = self.engine().network();
        let mut all = Vec::new();
        for id in network.layer_ids().filter(|&id| !network.layer(id).is_source()) {
            let name = &network.layer(id).name;
            all.push((format!("{name}.u"), Quantity::Current(id)));
            all.push((format!("{name}.v"), Quantity::Voltage(id)));
        }
        for id in network.projection_ids() {
            let name = &network.projection(id).name;
            let parts =
                [("w", Quantity::Weight(id)), ("d", Quantity::Delay(id)), ("t", Quantity::Tag(id))];
            let traces = TRACES.map(|(suffix, variable)| (suffix, Quantity::Trace(id, variable)));
            for (suffix, quantity) in parts.into_iter().chain(traces) {
                if self.read(quantity).is_some() {
                    all.push((format!("{name}.{suffix}"), quantity));
                }
            }
        }
        all
    }

    /// A part of the state now; `None` if there is no such thing.
    pub(super) fn read(&self, quantity: Quantity) -> Option<Vec<i64>> {
        fn wide<T: Copy + Into<i64>>(values: &[T]) -> Vec<i64> {
            values.iter().map(|&value| value.into()).collect()
        }
        let engine = self.engine();
        match (quantity, self) {
            (Quantity::Current(layer), _) => Some(engine.currents(layer)),
            (Quantity::Voltage(layer), _) => Some(engine.voltages(layer)),
            (Quantity::Weight(projection), _) => {
                engine.weights(projection).map(|weights| wide(&weights))
            }
            // Delays that are not learned stand in the network.
            (Quantity::Delay(id), Machine::Loihi(chip)) => {
                let plasticity = engine.network().projection(id).plasticity.as_ref()?;
                plasticity.rules.delay.as_ref()?;
                Some(wide(&chip.delays(id)))
            }
            (Quantity::Tag(id), Machine::Loihi(chip)) => chip.tags(id).map(|tags| wide(&tags)),
            (Quantity::Trace(id, variable), Machine::Loihi(chip)) => {
                chip.trace(id, variable).map(|trace| wide(&trace))
            }
            (_, Machine::Lif(_)) => None,
        }
    }
}
