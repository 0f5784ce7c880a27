//! Everything that can be wrong with a network, each with its place.
//!
//! Checked are, in this order:
//!
//! 1. the network: its name; at least one layer; the number of neurons and of synapses in all;
//! 2. each layer: its name, unique among layers; its size; neuron limits; phases against the period;
//! 3. each projection: its name, unique among projections; its gain; that both ends exist and that the
//!    target is no source; weight range, rules and their traces, reward channel and learning phases; the sizes that the
//!    connectivity asks for; indices, number and range of weights;
//! 4. gating: the period; that each gate is a single neuron and stands in the ring once.
//!
//! What a particular engine or chip cannot hold is not a problem of the network and is refused by that
//! engine. Whether the ring of gates is really wired as a ring is not checked.

use crate::printable::Printable;
use crate::{
    Connectivity, Layer, LayerId, LayerKind, Network, Noise, PhaseSet, Plasticity, Projection,
    Weights, phase,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The largest layer, in neurons: 2^24, far above a chip of 131,072 compartments.
pub const MAX_LAYER: u32 = 1 << 24;
/// Most neurons and sources of a network. With delays an engine holds some hundred bytes for each.
pub const MAX_NEURONS: u64 = 1 << 24;
/// Most synapses of a network: 2^28, twice what the chip can store. A few words of text can ask for
/// 2^48 of them; engines may rely on this limit and hold each in memory.
pub const MAX_SYNAPSES: u64 = 1 << 28;
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
            Self::Layer(name) => write!(f, "layer `{}`", Printable(name)),
            Self::Projection(name) => write!(f, "projection `{}`", Printable(name)),
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
    /// The layers are too large together.
    #[error("has {found} neurons and sources in all, expected at most {max}", max = MAX_NEURONS)]
    NeuronCount { found: u64 },
    /// The projections are too large together.
    #[error("has {found} synapses in all, expected at most {max}", max = MAX_SYNAPSES)]
    SynapseCount { found: u64 },
    /// A name is empty or nothing but white space.
    #[error("the name is empty")]
    EmptyName,
    /// A name would break lines or hide something in a report.
    #[error("the name contains the control character {found:?}, expected none")]
    ControlCharacter { found: char },
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
    #[error("its target `{}` is a layer of sources, which receive nothing", Printable(layer))]
    TargetIsSource { layer: String },
    /// A gain is zero, negative or beyond the chip's largest weight exponent.
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
    /// The ends of the weight range are no multiples of a positive step, or 0 is not between them.
    #[error(
        "weight range is {min} to {max} in steps of {step}, expected min <= 0 <= max, both multiples of a step of at least 1"
    )]
    WeightRange { min: i16, max: i16, step: i16 },
    /// The rule reads a reward that nothing drives.
    #[error("the rule `{rule}` reads a reward, but the projection has no reward channel")]
    NoReward { rule: String },
    /// The reward channel is driven by more than one neuron.
    #[error(
        "the reward channel is driven by layer `{}` of {found} neurons, expected 1",
        Printable(layer)
    )]
    RewardSize { layer: String, found: u32 },
    /// A projection learns, but nothing says what.
    #[error("learns without a rule, expected at least one of dw, dd and dt")]
    NoRule,
    /// The rule reads a trace that nothing feeds.
    #[error(
        "the rule `{rule}` reads {trace}, but the projection gives {trace} no impulse and time constant"
    )]
    NoTrace { rule: String, trace: &'static str },
    /// The rules of one projection take turns differently.
    #[error("its rules use u{first} and u{other}, expected one k for all u_k of a projection")]
    UnequalTurns { first: u8, other: u8 },
    /// Noise that does not fit into a register.
    #[error(
        "noise of exponent {exponent} and mantissa offset {mantissa_offset} reaches {found} units of charge, expected an exponent of 0 to {max_exponent} and at most {max} units",
        max_exponent = Noise::MAX_EXPONENT, max = Noise::MAX_CHARGE
    )]
    Noise { exponent: u8, mantissa_offset: i8, found: i64 },
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
    #[error(
        "gate {idx} of the ring is layer `{}` of {found} neurons, expected 1",
        Printable(layer)
    )]
    GateSize { idx: usize, layer: String, found: u32 },
    /// A gate of the ring is driven from outside.
    #[error("gate {idx} of the ring is layer `{}` of sources, expected a neuron", Printable(layer))]
    GateIsSource { idx: usize, layer: String },
    /// The pulse would visit a gate twice in one turn.
    #[error(
        "gate {idx} of the ring is layer `{}`, which is already gate {first_idx}",
        Printable(layer)
    )]
    DuplicateGate { idx: usize, layer: String, first_idx: usize },
}

/// Lines of problems in a message: a list of weights in the wrong units gives as many as weights.
const MAX_LINES: usize = 50;

/// Every problem of a network, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems in the order of the network, then layers, then projections, then gating.
    #[must_use]
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }
}

/// The problems one by one, a line each; of more than 50, the first 50 and how many follow.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.len();
        write!(f, "the network has {n} {}", if n == 1 { "problem" } else { "problems" })?;
        for problem in self.0.iter().take(MAX_LINES) {
            write!(f, "\n  {problem}")?;
        }
        match n.saturating_sub(MAX_LINES) {
            0 => Ok(()),
            rest => write!(f, "\n  and {rest} more"),
        }
    }
}

impl std::error::Error for Problems {}

/// Checks a network; the ids of its parts need not exist.
pub(crate) fn validate(network: &Network) -> Result<(), Problems> {
    let mut found = Vec::new();
    let mut report = |defect| found.push(Problem { place: Place::Network, defect });
    check_name(&network.name, &mut BTreeSet::new(), &mut report);
    check_counts(network, &mut report);
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
    if let Some(found) = name.chars().find(|character| character.is_control()) {
        report(Defect::ControlCharacter { found });
    }
}

fn check_counts(network: &Network, report: &mut impl FnMut(Defect)) {
    if network.layers.is_empty() {
        report(Defect::NoLayers);
    }
    // A layer or projection that is wrong by itself is reported there, and not counted here.
    let size = |id: LayerId| network.layers.get(id.index()).map_or(0, |layer| layer.n_neurons);
    let sizes = network.layers.iter().map(|layer| layer.n_neurons);
    let n_neurons: u64 = sizes.filter(|&size| size <= MAX_LAYER).map(u64::from).sum();
    if n_neurons > MAX_NEURONS {
        report(Defect::NeuronCount { found: n_neurons });
    }
    let n_synapses = network.projections.iter().map(|projection| {
        let [n_sources, n_targets] = [projection.source, projection.target].map(size);
        if n_sources > MAX_LAYER || n_targets > MAX_LAYER {
            return 0;
        }
        projection.n_synapses(n_sources, n_targets) as u64
    });
    let n_synapses = n_synapses.fold(0, u64::saturating_add);
    if n_synapses > MAX_SYNAPSES {
        report(Defect::SynapseCount { found: n_synapses });
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
    if let Some(noise) = neuron.noise {
        let Noise { exponent, mantissa_offset, .. } = noise;
        // An exponent far beyond would overflow where the charge is worked out.
        let found = Noise { exponent: exponent.min(40), ..noise }.largest_charge();
        if exponent > Noise::MAX_EXPONENT || found > Noise::MAX_CHARGE {
            report(Defect::Noise { exponent, mantissa_offset, found });
        }
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
    check_rules(plasticity, report);
    match plasticity.reward {
        None => {
            for (_, rule) in plasticity.rules.iter().filter(|(_, rule)| rule.needs_reward()) {
                report(Defect::NoReward { rule: rule.to_string() });
            }
        }
        Some(reward) => match network.layers.get(reward.source.index()) {
            None => report(Defect::UnknownLayer {
                end: "reward source",
                found: reward.source,
                n_layers: network.layers.len(),
            }),
            Some(layer) if layer.n_neurons != 1 => {
                report(Defect::RewardSize { layer: layer.name.clone(), found: layer.n_neurons });
            }
            Some(_) => {}
        },
    }
    check_phases(network, plasticity.phases, report);
}

fn check_rules(plasticity: &Plasticity, report: &mut impl FnMut(Defect)) {
    let Plasticity { rules, traces, .. } = plasticity;
    if rules.iter().next().is_none() {
        report(Defect::NoRule);
    }
    if let Err([first, other]) = rules.u_exponent() {
        report(Defect::UnequalTurns { first, other });
    }
    for (_, rule) in rules.iter() {
        for trace in traces.missing(rule) {
            report(Defect::NoTrace { rule: rule.to_string(), trace });
        }
    }
}

fn check_gating(network: &Network, report: &mut impl FnMut(Defect)) {
    let Some(gating) = &network.gating else { return };
    if gating.period == 0 || gating.period > phase::MAX_PERIOD {
        report(Defect::Period { found: gating.period });
    }
    let mut first = BTreeMap::new();
    for (idx, &id) in gating.chain.iter().enumerate() {
        match network.layers.get(id.index()) {
            None => report(Defect::UnknownLayer {
                end: "gate",
                found: id,
                n_layers: network.layers.len(),
            }),
            Some(layer) => {
                let name = || layer.name.clone();
                if layer.n_neurons != 1 {
                    report(Defect::GateSize { idx, layer: name(), found: layer.n_neurons });
                }
                if layer.is_source() {
                    report(Defect::GateIsSource { idx, layer: name() });
                }
                let first_idx = *first.entry(id).or_insert(idx);
                if first_idx != idx {
                    report(Defect::DuplicateGate { idx, layer: name(), first_idx });
                }
            }
        }
    }
}
