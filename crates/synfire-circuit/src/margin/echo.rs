//! Bounds of a hidden neuron's input while the input is replayed, where its own memory holds it.
//!
//! The argument, for neuron k of h, h< or h> in phase 8 or 0:
//!
//! 1. Its fixed input is `i` from neuron k of mh, as of phase 3, and nothing else; its plastic input is an echo of the
//!    potential z that h had in phase 2, as the copies of W1 are equal: they begin so and learn alike.
//! 2. Neuron k of mh spiked in phase 3 if and only if neuron k of h did in phase 2, which it did if and only if z
//!    was above its threshold there: neither was held by an earlier spike, and nothing else reaches them.
//! 3. Between phase 2 and the echo of phase 8 nothing is learned, before that of phase 0 the potentiation of phase
//!    7: up to 2 for each active input, never down.
//! 4. So either z was above, and the input is at least threshold + `i` and at most the largest sum + `i`; or it was
//!    not, and the input is an echo of at most the threshold, potentiated, without `i`.
//!
//! Steps 1 and 2 are read off the network. Where they do not hold there is nothing to say here, and the plain
//! bounds stand.

use super::{incoming, is_memoryless, may_be_held, weight_bounds};
use crate::learning::LearningCircuit;
use crate::population::Population;
use synfire_net::{Connectivity, LayerId, Network, Projection};

/// The phases of the input's echo, and how often W1 was potentiated before.
const ECHOES: [(u32, i64); 2] = [(8, 0), (0, 1)];
/// What a potentiation adds to a weight.
const STEP: i64 = 2;

/// Bounds of the input of a hidden neuron in a phase of the echo; `None` for other populations and phases, or if the
/// argument does not apply.
pub(super) fn bounds(circuit: &LearningCircuit, layer: LayerId, phase: u32) -> Option<(i64, i64)> {
    let (_, n_steps) = *ECHOES.iter().find(|(echo, _)| *echo == phase)?;
    let [x, h, mh] = [Population::X, Population::H, Population::Mh].map(|it| circuit.layer(it));
    let hidden = [Population::H, Population::HLow, Population::HHigh];
    if !hidden.map(|it| circuit.layer(it)).contains(&layer) {
        return None;
    }
    let network = circuit.network();
    let mut plastic = None;
    let mut hold = 0;
    for (projection, sent) in incoming(network, layer, phase) {
        if projection.source == x && projection.plasticity.is_some() && plastic.is_none() {
            plastic = Some(projection);
        } else if projection.source == mh && sent == 3 {
            hold += relayed(projection)?;
        } else {
            return None;
        }
    }
    let plastic = plastic?;
    let gain = i64::from(plastic.gain);
    let silent_up_to = above_which_memory_fires(network, x, h, mh, gain)?;
    let (low, high) = weight_bounds(plastic);
    let n_active = i64::from(circuit.shape().active());
    let (least, most) = (low * gain * n_active, high * gain * n_active);
    let potentiated = n_steps * STEP * gain * n_active;
    let active = (silent_up_to.min(most) + hold, most + hold);
    let silent = (least, (silent_up_to + potentiated).min(most));
    // A sum that can be neither above nor below is no case.
    Some(match most > silent_up_to {
        true => (active.0.min(silent.0), active.1.max(silent.1)),
        false => silent,
    })
}

/// The plastic charge of phase 2 above which h spikes, and then mh in phase 3.
fn above_which_memory_fires(
    network: &Network,
    x: LayerId,
    h: LayerId,
    mh: LayerId,
    gain: i64,
) -> Option<i64> {
    // h in phase 2: a gate, and x through weights of the same gain.
    let mut opened = 0;
    for (projection, sent) in incoming(network, h, 2) {
        match projection.source == x {
            true if i64::from(projection.gain) == gain && sent == 1 => {}
            true => return None,
            false => opened += gated(network, projection)?,
        }
    }
    let silent_up_to = rest(network, h, 2)? - opened;
    // mh in phase 3: silent by its gate alone, not with h.
    let (mut opened, mut relay) = (0, None);
    for (projection, sent) in incoming(network, mh, 3) {
        match projection.source == h {
            true if sent == 2 && relay.is_none() => relay = Some(relayed(projection)?),
            true => return None,
            false => opened += gated(network, projection)?,
        }
    }
    let rest = rest(network, mh, 3)?;
    (opened <= rest && opened + relay? > rest).then_some(silent_up_to)
}

/// The largest input at which a layer without memory, not held by an earlier spike, is silent.
fn rest(network: &Network, layer: LayerId, phase: u32) -> Option<i64> {
    let neuron = network.layer(layer).neuron()?;
    let is_free = is_memoryless(neuron) && !may_be_held(network, layer, neuron, phase);
    is_free.then(|| i64::from(neuron.threshold) - i64::from(neuron.bias))
}

/// The charge of a fixed synapse from one neuron to the one of the same index.
fn relayed(projection: &Projection) -> Option<i64> {
    let (low, high) = weight_bounds(projection);
    let is_fixed = projection.plasticity.is_none() && low == high;
    let is_relay = matches!(projection.connectivity, Connectivity::OneToOne { .. });
    (is_fixed && is_relay).then(|| low * i64::from(projection.gain))
}

/// The charge that a gate of the ring adds for certain.
fn gated(network: &Network, projection: &Projection) -> Option<i64> {
    let (low, high) = weight_bounds(projection);
    let is_gate = network.gating()?.chain.contains(&projection.source);
    (is_gate && low == high).then(|| low * i64::from(projection.gain))
}
