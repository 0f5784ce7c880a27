//! The TOML form of a network, read and written as text.
//!
//! ```
//! let network = synfire_net::file::parse(r#"
//!     name = "relay"
//!
//!     [[layer]]            # without a neuron: spike sources
//!     name = "input"
//!     size = 2
//!
//!     [[layer]]
//!     name = "relay"
//!     size = 2
//!     neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 65536, bias = 0, refractory = 2 }
//!
//!     [[projection]]
//!     name = "input to relay"
//!     from = "input"
//!     to = "relay"
//!     pattern = "one-to-one"   # or all-to-all, one-to-all, list
//!     weight = 1040            # or weights = [..], or synapses = [[source, target, weight, delay], ..]
//!     delay = 3
//! "#)?;
//! assert_eq!(network.layers().len(), 2);
//! # Ok::<(), synfire_net::file::FileError>(())
//! ```
//!
//! Further keys:
//!
//! - of a layer: `phases`; of its neuron: `voltage_floor`, `voltage_ceiling`,
//!   `noise = { target = "current", exponent, mantissa_offset }` (or `"voltage"`);
//! - of a projection: `gain` (64 if absent) and a table `learning` with `rule` (for the weight), `delay_rule`,
//!   `tag_rule`, `min`, `max`, `step`, `period` (1 if absent), traces `x1`, `x2`, `y1`, `y2`, `y3` such as
//!   `x1 = { impulse = 64, tau = 2 }`, `reward = { source, impulse }` and `phases`. A trace, and the reward,
//!   may say `fraction` (of the impulse, in 1/256), `law` (`"exponential"`, or `"linear"`) and `rounding`
//!   (`"stochastic"`, or `"down"`); the `tau` of a reward is 0 if absent;
//! - of the network: a table `gating` with `period` and `chain`.
//!
//! Unknown keys are errors; features of the chip that no network can describe are refused by name. What
//! [`write()`] prints, [`parse`] reads back as an equal network.

mod form;

use self::form::{
    File, GatingEntry, LayerEntry, LearningEntry, Pattern, ProjectionEntry, RewardEntry, Unmodelled,
};
use crate::printable::{Printable, printable};
use crate::validate::Problems;
use crate::{
    Connectivity, Delay, Gating, Layer, LayerId, LayerKind, MAX_PERIOD, Network, NetworkBuilder,
    PhaseSet, Plasticity, Projection, Reward, Rules, Synapse, TomlMemoryError, Traces, WeightRange,
    Weights, check_toml_memory,
};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// The most bytes of memory that reading a text may take: room for some four million weights.
const MOST_MEMORY: u64 = 2 << 30;

/// Why a text is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum FileError {
    /// The text is not TOML, a key is unknown or missing, or a value has the wrong type or range.
    #[error("line {line}: {message}")]
    Syntax { line: usize, message: String },
    /// The text has more values or tables than memory is given to.
    #[error(transparent)]
    Memory(#[from] TomlMemoryError),
    /// A layer is named that the file does not define.
    #[error("line {line}: {place} names layer `{found}`, which the file does not define")]
    UnknownLayer { line: usize, place: String, found: String },
    /// The keys of a projection do not fit its pattern.
    #[error("line {line}: projection `{projection}` is `{pattern}`: {message}")]
    Pattern { line: usize, projection: String, pattern: &'static str, message: &'static str },
    /// A phase number that no period can have.
    #[error("line {line}: {place} names phase {found}, expected 0 to 63")]
    Phase { line: usize, place: String, found: u32 },
    /// Something the chip has and no network can describe.
    #[error("line {line}: {place} has `{key}`: {feature} are not modelled")]
    NotModelled { line: usize, place: String, key: &'static str, feature: &'static str },
    /// The parts are readable, but the whole is not a valid network.
    #[error(transparent)]
    Invalid(#[from] Problems),
}

/// Reads a network from its TOML form.
///
/// # Errors
/// The first unreadable place, with its line; or, if all is readable, every problem of the network. Text that may
/// take more than 2 GiB of memory to read is refused. Text that is not UTF-8 is the business of the caller.
pub fn parse(text: &str) -> Result<Network, FileError> {
    check_toml_memory(text, MOST_MEMORY)?;
    let file: File = toml::from_str(text).map_err(|error| FileError::Syntax {
        line: line_of(text, error.span().unwrap_or(0..0)),
        message: printable(&in_words(error.message())),
    })?;
    let mut builder = NetworkBuilder::new(file.name);
    let mut ids = BTreeMap::new();
    for layer in file.layer {
        let name = layer.name;
        let place = format!("layer `{}`", Printable(&name));
        let unmodelled = [
            ("dendrites", "neurons of several compartments", layer.dendrites),
            ("axon_delay", "axonal delays", layer.axon_delay),
            ("homeostasis", "thresholds that adapt", layer.homeostasis),
        ];
        refuse(text, &place, unmodelled)?;
        let phases = layer.phases.map(|phases| phase_set(text, phases, &place)).transpose()?;
        let kind = layer.neuron.map_or(LayerKind::Source, LayerKind::Neurons);
        let id = builder.layer(Layer { name: name.clone(), n_neurons: layer.size, kind, phases });
        // Of layers with one name the first is meant; that there are two is reported in the end.
        ids.entry(name).or_insert(id);
    }
    let find = |name: Spanned<String>, place: &str| {
        ids.get(name.get_ref()).copied().ok_or_else(|| FileError::UnknownLayer {
            line: line_of(text, name.span()),
            place: place.to_owned(),
            found: Printable(name.get_ref()).to_string(),
        })
    };
    for entry in file.projection {
        let span = entry.name.span();
        let name = entry.name.into_inner();
        let place = format!("projection `{}`", Printable(&name));
        refuse(text, &place, [("filter", "box-shaped synaptic filters", entry.filter)])?;
        let source = find(entry.from, &place)?;
        let target = find(entry.to, &place)?;
        let connectivity =
            connectivity(entry.pattern, entry.weight, entry.weights, entry.synapses, entry.delay)
                .map_err(|message| FileError::Pattern {
                line: line_of(text, span),
                projection: Printable(&name).to_string(),
                pattern: entry.pattern.name(),
                message,
            })?;
        let plasticity = match entry.learning {
            None => None,
            Some(learning) => {
                let reward = match learning.reward {
                    None => None,
                    Some(reward) => {
                        let source = find(reward.source, &format!("the reward of {place}"))?;
                        Some(Reward { source, trace: reward.trace })
                    }
                };
                let LearningEntry { x1, x2, y1, y2, y3, min, max, step, period, .. } = learning;
                Some(Plasticity {
                    rules: Rules {
                        weight: learning.rule,
                        delay: learning.delay_rule,
                        tag: learning.tag_rule,
                    },
                    range: WeightRange { min, max, step },
                    traces: Traces { x1, x2, y1, y2, y3 },
                    reward,
                    period,
                    phases: learning
                        .phases
                        .map(|phases| phase_set(text, phases, &place))
                        .transpose()?,
                })
            }
        };
        let gain = entry.gain;
        builder.projection(Projection { name, source, target, connectivity, gain, plasticity });
    }
    if let Some(gating) = file.gating {
        let mut chain = Vec::new();
        for gate in gating.chain {
            chain.push(find(gate, "the gating chain")?);
        }
        builder.gating(Gating { period: gating.period, chain });
    }
    Ok(builder.build()?)
}

/// Writes the TOML form of a network.
///
/// # Panics
/// Never: everything a network can hold has a TOML form.
#[must_use]
pub fn write(network: &Network) -> String {
    let name = |id: LayerId| Spanned::new(0..0, network.layer(id).name.clone());
    let file = File {
        name: network.name().to_owned(),
        gating: network.gating().map(|gating| GatingEntry {
            period: gating.period,
            chain: gating.chain.iter().map(|&gate| name(gate)).collect(),
        }),
        layer: network
            .layers()
            .iter()
            .map(|layer| LayerEntry {
                name: layer.name.clone(),
                size: layer.n_neurons,
                phases: layer.phases.map(spanned),
                neuron: layer.neuron().copied(),
                dendrites: None,
                axon_delay: None,
                homeostasis: None,
            })
            .collect(),
        projection: network
            .projections()
            .iter()
            .map(|projection| {
                let (pattern, weights, synapses, delay) = match &projection.connectivity {
                    Connectivity::AllToAll { weights, delay } => {
                        (Pattern::AllToAll, Some(weights), None, *delay)
                    }
                    Connectivity::OneToOne { weights, delay } => {
                        (Pattern::OneToOne, Some(weights), None, *delay)
                    }
                    Connectivity::OneToAll { weights, delay } => {
                        (Pattern::OneToAll, Some(weights), None, *delay)
                    }
                    Connectivity::List(synapses) => {
                        let rows = synapses.iter().map(|s| (s.source, s.target, s.weight, s.delay));
                        (Pattern::List, None, Some(rows.collect()), Delay::ZERO)
                    }
                };
                let (weight, weights) = match weights {
                    None => (None, None),
                    Some(Weights::Uniform(weight)) => (Some(*weight), None),
                    Some(Weights::Each(each)) => (None, Some(each.clone())),
                };
                ProjectionEntry {
                    name: Spanned::new(0..0, projection.name.clone()),
                    from: name(projection.source),
                    to: name(projection.target),
                    pattern,
                    delay,
                    gain: projection.gain,
                    weight,
                    weights,
                    synapses,
                    filter: None,
                    learning: projection.plasticity.as_ref().map(|plasticity| LearningEntry {
                        rule: plasticity.rules.weight.clone(),
                        delay_rule: plasticity.rules.delay.clone(),
                        tag_rule: plasticity.rules.tag.clone(),
                        min: plasticity.range.min,
                        max: plasticity.range.max,
                        step: plasticity.range.step,
                        period: plasticity.period,
                        x1: plasticity.traces.x1,
                        x2: plasticity.traces.x2,
                        y1: plasticity.traces.y1,
                        y2: plasticity.traces.y2,
                        y3: plasticity.traces.y3,
                        phases: plasticity.phases.map(spanned),
                        reward: plasticity.reward.map(|reward| RewardEntry {
                            source: name(reward.source),
                            trace: reward.trace,
                        }),
                    }),
                }
            })
            .collect(),
    };
    toml::to_string(&file).expect("every network has a TOML form")
}

/// Refuses the first of these keys that is there.
fn refuse<const N: usize>(
    text: &str,
    place: &str,
    keys: [(&'static str, &'static str, Option<Unmodelled>); N],
) -> Result<(), FileError> {
    for (key, feature, found) in keys {
        if let Some(found) = found {
            let (line, place) = (line_of(text, found.span()), place.to_owned());
            return Err(FileError::NotModelled { line, place, key, feature });
        }
    }
    Ok(())
}

fn connectivity(
    pattern: Pattern,
    weight: Option<i32>,
    weights: Option<Vec<i32>>,
    synapses: Option<Vec<(u32, u32, i32, Delay)>>,
    delay: Delay,
) -> Result<Connectivity, &'static str> {
    if matches!(pattern, Pattern::List) {
        if weight.is_some() || weights.is_some() || delay != Delay::ZERO {
            return Err("weights and delays belong into `synapses`, one row each");
        }
        let rows = synapses.ok_or("needs `synapses`, rows of source, target, weight and delay")?;
        let synapse = |(source, target, weight, delay)| Synapse { source, target, delay, weight };
        return Ok(Connectivity::List(rows.into_iter().map(synapse).collect()));
    }
    if synapses.is_some() {
        return Err("`synapses` belongs to the pattern `list`");
    }
    let weights = match (weight, weights) {
        (Some(weight), None) => Weights::Uniform(weight),
        (None, Some(each)) => Weights::Each(each),
        _ => return Err("needs either `weight`, for all synapses, or `weights`, one each"),
    };
    Ok(match pattern {
        Pattern::AllToAll => Connectivity::AllToAll { weights, delay },
        Pattern::OneToOne => Connectivity::OneToOne { weights, delay },
        Pattern::OneToAll | Pattern::List => Connectivity::OneToAll { weights, delay },
    })
}

fn phase_set(text: &str, phases: Vec<Spanned<u32>>, place: &str) -> Result<PhaseSet, FileError> {
    if let Some(phase) = phases.iter().find(|phase| *phase.get_ref() >= MAX_PERIOD) {
        return Err(FileError::Phase {
            line: line_of(text, phase.span()),
            place: place.to_owned(),
            found: *phase.get_ref(),
        });
    }
    let phases: Vec<u32> = phases.into_iter().map(Spanned::into_inner).collect();
    Ok(PhaseSet::try_of(&phases).unwrap_or_default())
}

fn spanned(phases: PhaseSet) -> Vec<Spanned<u32>> {
    phases.iter().map(|phase| Spanned::new(0..0, phase)).collect()
}

/// Keys that are known only to be refused by name.
const REFUSED: [&str; 4] = ["dendrites", "axon_delay", "homeostasis", "filter"];

/// The message of the TOML parser in words for people: it says `expected u8`, and lists every key that it
/// knows.
fn in_words(message: &str) -> String {
    if message.starts_with("unknown field") {
        return REFUSED
            .iter()
            .fold(message.to_owned(), |message, key| message.replace(&format!(", `{key}`"), ""));
    }
    let ranges = [
        ("expected u8", "0 to 255"),
        ("expected i8", "-128 to 127"),
        ("expected u32", "0 to 4294967295"),
        ("expected i16", "-32768 to 32767"),
        ("expected i32", "-2147483648 to 2147483647"),
    ];
    ranges
        .iter()
        .find_map(|(kind, range)| {
            message.strip_suffix(kind).map(|found| format!("{found}expected an integer, {range}"))
        })
        .unwrap_or_else(|| message.to_owned())
}

/// The line, counted from 1, in which a span begins.
fn line_of(text: &str, span: Range<usize>) -> usize {
    let before = text.get(..span.start).unwrap_or(text);
    before.bytes().filter(|&byte| byte == b'\n').count() + 1
}
