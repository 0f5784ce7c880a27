//! A gating chain: a ring of single neurons around which one pulse runs for ever.
//!
//! Gate k passes the pulse to gate k + 1 in one step, so a ring of n gates has period n. One spike of the
//! start source sets it going; nothing outside is needed afterwards (Renner et al. 2024, synfire-gated
//! synfire chains).

use crate::dials::Dials;
use synfire_net::{
    Connectivity, Delay, Gating, LayerId, NetworkBuilder, Neuron, PhaseSet, Refractory, UNIT_GAIN,
    Weights,
};

/// The layers of a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The source whose one spike starts the pulse.
    pub start: LayerId,
    /// The gates in the order in which the pulse visits them.
    pub gates: Vec<LayerId>,
}

impl Chain {
    /// The step in which the start source spikes: the pulse then enters gate 0 in the next step, the last
    /// of the first cycle.
    #[must_use]
    pub fn start_step(&self) -> u64 {
        (self.gates.len() as u64).saturating_sub(1)
    }

    /// Adds the ring to a network, gates named by `name`, and gives the network its period.
    pub(crate) fn add(
        builder: &mut NetworkBuilder,
        n_gates: u8,
        dials: &Dials,
        name: impl Fn(u8) -> String,
    ) -> Self {
        let period = u32::from(n_gates);
        let neuron = Neuron::memoryless(dials.gate_threshold * UNIT_GAIN, 0, Refractory::ONE);
        let gates: Vec<_> = (0..n_gates)
            .map(|k| {
                let gate = builder.neurons(name(k), 1, neuron);
                builder.allow(gate, PhaseSet::of(&[(u32::from(k) + period - 1) % period]));
                gate
            })
            .collect();
        let pass =
            || Connectivity::OneToOne { weights: Weights::Uniform(dials.ring), delay: Delay::ZERO };
        for (k, &gate) in gates.iter().enumerate() {
            let next = (k + 1) % gates.len();
            builder.connect(format!("ring {k} to {next}"), gate, gates[next], pass());
        }
        let start = builder.sources("start", 1);
        builder.allow(start, PhaseSet::of(&[period - 2]));
        builder.connect("start to ring", start, gates[0], pass());
        builder.gating(Gating { period, chain: gates.clone() });
        Self { start, gates }
    }
}
