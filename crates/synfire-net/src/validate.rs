//! Everything that can be wrong with a network, each with its place.
//!
//! Checked are: at least one layer; unique, non-empty names; layer sizes; neuron limits; that ids
//! exist; that nothing projects onto sources; sizes that the connectivity asks for; indices, number and
//! range of weights; gains; the reward channel; phases against the period. What a particular engine or
//! chip cannot hold is not a problem of the network and is refused by that engine.

use crate::{
    Connectivity, Layer, LayerId, LayerKind, Network, PhaseSet, Projection, Weights, phase,
};
use std::collections::BTreeSet;
use std::fmt;

/// The largest layer, in neurons: 2^24, far above a chip of 131,072 compartments.
pub const MAX_LAYER: u32 = 1 << 24;
/// The largest magnitude of a weight times its gain, in units of charge.
pub const MAX_CHARGE: i64 = i32::MAX as i64;

/// One problem and its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {defect}")]
pub struct Problem {
    /// Where: the network, a layer or a projection, by name.
    pub place: Place,
    /// What is wrong there.
    pub defect: Defect,
}

/// The part of a network a problem belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The network as a whole.
    Network,
    /// The layer of this name.
    Layer(String),
    /// The projection of this name.
    Projection(String),
    /// The gating ring.
    Gating,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network => f.write_str("network"),
            Self::Layer(name) => write!(f, "layer `{name}`"),
            Self::Projection(name) => write!(f, "projection `{name}`"),
            Self::Gating => f.write_str("gating"),
        }
    }
}

/// What can be wrong with a part of a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum Defect {
    /// A network needs a layer.
    #[error("has no layer, expected at least one")]
    NoLayers,
    /// A name is empty.
    #[error("the name is empty")]
    EmptyName,
    /// Two parts of one kind share a name.
    #[error("the name is used more than once")]
    DuplicateName,
    /// A layer is empty or too large.
    #[error("has {found} neurons, expected 1 to {max}", max = MAX_LAYER)]
    LayerSize { found: u32 },
    /// A voltage limit lies on the wrong side of the resting voltage.
    #[error("voltage {limit} is {found}, expected {allowed}")]
    VoltageLimit { limit: &'static str, found: i32, allowed: &'static str },
    /// A threshold below the resting voltage would make the neuron fire for ever.
    #[error("threshold is {found}, expected 0 or more")]
    Threshold { found: i32 },
    /// An end of a projection does not exist.
    #[error("its {end} is {found}, but the network has {n_layers} layers")]
    UnknownLayer { end: &'static str, found: LayerId, n_layers: usize },
    /// Sources have no input.
    #[error("its target `{layer}` is a layer of sources, which receive nothing")]
    TargetIsSource { layer: String },
    /// Sources do not learn from post-synaptic spikes, gains have limits.
    #[error("gain is {found}, expected 1 to 8192")]
    Gain { found: i32 },
    /// One to one needs layers of one size.
    #[error("one to one joins {sources} sources to {targets} targets, expected equal sizes")]
    UnequalSizes { sources: u32, targets: u32 },
    /// One to all starts from one neuron.
    #[error("one to all starts from {found} neurons, expected 1")]
    ManySources { found: u32 },
    /// The number of weights differs from the number of synapses.
    #[error("has {found} weights, expected {expected}, one per synapse")]
    WeightCount { found: usize, expected: usize },
    /// A listed synapse points outside a layer.
    #[error("synapse {synapse_idx} has {end} neuron {found}, expected 0 to {last}")]
    SynapseIndex { synapse_idx: usize, end: &'static str, found: u32, last: u32 },
    /// A weight is not allowed for a plastic synapse.
    #[error(
        "synapse {synapse_idx} (neuron {source_idx} to {target_idx}) has weight {found}, expected {min} to {max} in steps of {step}"
    )]
    PlasticWeight {
        synapse_idx: usize,
        source_idx: u32,
        target_idx: u32,
        found: i32,
        min: i16,
        max: i16,
        step: i16,
    },
    /// A weight times its gain leaves 32 bits.
    #[error("synapse {synapse_idx} carries {found} units of charge, expected at most {max} either way", max = MAX_CHARGE)]
    Charge { synapse_idx: usize, found: i64 },
    /// The allowed weights are empty or do not contain 0.
    #[error(
        "weight range is {min} to {max} in steps of {step}, expected min <= 0 <= max, both multiples of a step of at least 1"
    )]
    WeightRange { min: i16, max: i16, step: i16 },
    /// The rule reads a reward that nothing drives.
    #[error("the rule `{rule}` reads a reward, but the projection has no reward channel")]
    NoReward { rule: String },
    /// The reward channel is driven by more than one neuron.
    #[error("the reward channel is driven by layer `{layer}` of {found} neurons, expected 1")]
    RewardSize { layer: String, found: u32 },
    /// A reward impulse is too large for the chip's seven bits.
    #[error("reward impulse is {found}, expected 0 to 127")]
    RewardImpulse { found: u8 },
    /// A period is not usable.
    #[error("period is {found}, expected 1 to {max}", max = phase::MAX_PERIOD)]
    Period { found: u32 },
    /// Phases are named in a network without a period.
    #[error("names phases, but the network has no gating period")]
    NoPeriod,
    /// A phase lies beyond the period.
    #[error("phase {found} is named, expected 0 to {last}")]
    Phase { found: u32, last: u32 },
    /// A gate of the ring is not a layer of one neuron.
    #[error("gate {idx} of the ring is layer `{layer}` of {found} neurons, expected 1")]
    GateSize { idx: usize, layer: String, found: u32 },
}

/// Every problem of a network, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems in the order of layers, then projections, then gating.
    #[must_use]
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.len();
        write!(f, "the network has {n} {}", if n == 1 { "problem" } else { "problems" })?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Checks a network; the ids of its parts need not exist.
pub(crate) fn validate(network: &Network) -> Result<(), Problems> {
    let mut found = Vec::new();
    if network.layers.is_empty() {
        found.push(Problem { place: Place::Network, defect: Defect::NoLayers });
    }
    let mut names = BTreeSet::new();
    for layer in &network.layers {
        let mut report =
            |defect| found.push(Problem { place: Place::Layer(layer.name.clone()), defect });
        check_name(&layer.name, &mut names, &mut report);
        check_layer(layer, &mut report);
        check_phases(network, layer.phases, &mut report);
    }
    names.clear();
    for projection in &network.projections {
        let mut report = |defect| {
            found.push(Problem { place: Place::Projection(projection.name.clone()), defect });
        };
        check_name(&projection.name, &mut names, &mut report);
        check_projection(network, projection, &mut report);
    }
    let mut report = |defect| found.push(Problem { place: Place::Gating, defect });
    check_gating(network, &mut report);
    if found.is_empty() { Ok(()) } else { Err(Problems(found)) }
}

fn check_name<'a>(name: &'a str, names: &mut BTreeSet<&'a str>, report: &mut impl FnMut(Defect)) {
    if name.trim().is_empty() {
        report(Defect::EmptyName);
    } else if !names.insert(name) {
        report(Defect::DuplicateName);
    }
}

fn check_layer(layer: &Layer, report: &mut impl FnMut(Defect)) {
    if layer.n_neurons == 0 || layer.n_neurons > MAX_LAYER {
        report(Defect::LayerSize { found: layer.n_neurons });
    }
    let LayerKind::Neurons(neuron) = &layer.kind else { return };
    if neuron.threshold < 0 {
        report(Defect::Threshold { found: neuron.threshold });
    }
    if let Some(found) = neuron.voltage_floor.filter(|&floor| floor > 0) {
        report(Defect::VoltageLimit { limit: "floor", found, allowed: "0 or less" });
    }
    if let Some(found) = neuron.voltage_ceiling.filter(|&ceiling| ceiling < 0) {
        report(Defect::VoltageLimit { limit: "ceiling", found, allowed: "0 or more" });
    }
}

fn check_phases(network: &Network, phases: Option<PhaseSet>, report: &mut impl FnMut(Defect)) {
    let Some(phases) = phases else { return };
    match &network.gating {
        None => report(Defect::NoPeriod),
        Some(gating) => {
            if let Some(found) = phases.last().filter(|&last| last >= gating.period) {
                report(Defect::Phase { found, last: gating.period.saturating_sub(1) });
            }
        }
    }
}

fn check_projection(network: &Network, projection: &Projection, report: &mut impl FnMut(Defect)) {
    if !(1..=8192).contains(&projection.gain) {
        report(Defect::Gain { found: projection.gain });
    }
    let mut end = |end: &'static str, id: LayerId| {
        let layer = network.layers.get(id.index());
        if layer.is_none() {
            report(Defect::UnknownLayer { end, found: id, n_layers: network.layers.len() });
        }
        layer
    };
    let source = end("source", projection.source);
    let target = end("target", projection.target);
    if let Some(target) = target.filter(|layer| layer.is_source()) {
        report(Defect::TargetIsSource { layer: target.name.clone() });
    }
    check_plasticity(network, projection, report);
    if let (Some(source), Some(target)) = (source, target)
        && check_connectivity(projection, source.n_neurons, target.n_neurons, report)
    {
        check_weights(projection, source.n_neurons, target.n_neurons, report);
    }
}

/// Whether the synapses may be enumerated.
fn check_connectivity(
    projection: &Projection,
    sources: u32,
    targets: u32,
    report: &mut impl FnMut(Defect),
) -> bool {
    let weights = match &projection.connectivity {
        Connectivity::OneToOne { .. } if sources != targets => {
            report(Defect::UnequalSizes { sources, targets });
            return false;
        }
        Connectivity::OneToAll { .. } if sources != 1 => {
            report(Defect::ManySources { found: sources });
            return false;
        }
        Connectivity::List(synapses) => {
            let mut sound = true;
            for (synapse_idx, synapse) in synapses.iter().enumerate() {
                for (end, found, size) in
                    [("source", synapse.source, sources), ("target", synapse.target, targets)]
                {
                    if found >= size {
                        let last = size.saturating_sub(1);
                        report(Defect::SynapseIndex { synapse_idx, end, found, last });
                        sound = false;
                    }
                }
            }
            return sound;
        }
        Connectivity::AllToAll { weights, .. }
        | Connectivity::OneToOne { weights, .. }
        | Connectivity::OneToAll { weights, .. } => weights,
    };
    let expected = projection.n_synapses(sources, targets);
    match weights {
        Weights::Each(each) if each.len() != expected => {
            report(Defect::WeightCount { found: each.len(), expected });
            false
        }
        _ => true,
    }
}

fn check_weights(
    projection: &Projection,
    n_sources: u32,
    n_targets: u32,
    report: &mut impl FnMut(Defect),
) {
    let uniform = match &projection.connectivity {
        Connectivity::AllToAll { weights: Weights::Uniform(_), .. }
        | Connectivity::OneToOne { weights: Weights::Uniform(_), .. }
        | Connectivity::OneToAll { weights: Weights::Uniform(_), .. } => 1,
        _ => usize::MAX,
    };
    let synapses = projection.synapses(n_sources, n_targets).take(uniform);
    for (synapse_idx, synapse) in synapses.enumerate() {
        let found = i64::from(synapse.weight) * i64::from(projection.gain);
        if found.abs() > MAX_CHARGE {
            report(Defect::Charge { synapse_idx, found });
        }
        if let Some(range) = projection.plasticity.as_ref().map(|plasticity| plasticity.range)
            && range.step > 0
            && !range.contains(synapse.weight)
        {
            report(Defect::PlasticWeight {
                synapse_idx,
                source_idx: synapse.source,
                target_idx: synapse.target,
                found: synapse.weight,
                min: range.min,
                max: range.max,
                step: range.step,
            });
        }
    }
}

fn check_plasticity(network: &Network, projection: &Projection, report: &mut impl FnMut(Defect)) {
    let Some(plasticity) = &projection.plasticity else { return };
    let range = plasticity.range;
    if range.step < 1
        || range.min > 0
        || range.max < 0
        || range.min % range.step != 0
        || range.max % range.step != 0
    {
        report(Defect::WeightRange { min: range.min, max: range.max, step: range.step });
    }
    match plasticity.reward {
        None => {
            if plasticity.rule.needs_reward() {
                report(Defect::NoReward { rule: plasticity.rule.to_string() });
            }
        }
        Some(reward) => {
            if reward.impulse > 127 {
                report(Defect::RewardImpulse { found: reward.impulse });
            }
            match network.layers.get(reward.source.index()) {
                None => report(Defect::UnknownLayer {
                    end: "reward source",
                    found: reward.source,
                    n_layers: network.layers.len(),
                }),
                Some(layer) if layer.n_neurons != 1 => {
                    report(Defect::RewardSize {
                        layer: layer.name.clone(),
                        found: layer.n_neurons,
                    });
                }
                Some(_) => {}
            }
        }
    }
    check_phases(network, plasticity.phases, report);
}

fn check_gating(network: &Network, report: &mut impl FnMut(Defect)) {
    let Some(gating) = &network.gating else { return };
    if gating.period == 0 || gating.period > phase::MAX_PERIOD {
        report(Defect::Period { found: gating.period });
    }
    for (idx, &id) in gating.chain.iter().enumerate() {
        match network.layers.get(id.index()) {
            None => report(Defect::UnknownLayer {
                end: "gate",
                found: id,
                n_layers: network.layers.len(),
            }),
            Some(layer) if layer.n_neurons != 1 => {
                report(Defect::GateSize { idx, layer: layer.name.clone(), found: layer.n_neurons });
            }
            Some(_) => {}
        }
    }
}
