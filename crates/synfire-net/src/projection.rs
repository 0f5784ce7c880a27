//! A projection: all synapses from one layer to another, with their weights, delays and learning.
//!
//! A spike of a source neuron at step t adds `weight * gain` units of charge to the target's input of
//! step t + 1 + delay. Synapses have a canonical order, by source, then target, then delay: weights
//! given or returned as one slice follow it. For an all-to-all projection that is one row per source.

use crate::rule::Rules;
use crate::{LayerId, PhaseSet, Rule, Trace, Traces};
use serde::{Deserialize, Serialize};

/// Charge of one weight unit of the chip: the usual gain.
pub const UNIT_GAIN: i32 = 64;

/// Extra steps a spike takes through a synapse, 0 to 62.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct Delay(u8);

impl Delay {
    /// The spike acts in the next step.
    pub const ZERO: Self = Self(0);
    /// The longest delay.
    pub const MAX: Self = Self(62);

    /// Returns `None` above 62.
    #[must_use]
    pub const fn new(steps: u8) -> Option<Self> {
        if steps <= Self::MAX.0 { Some(Self(steps)) } else { None }
    }

    /// The delay in steps beyond the one that every spike takes.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Delay {
    type Error = String;
    fn try_from(steps: u8) -> Result<Self, String> {
        Self::new(steps).ok_or_else(|| format!("delay is {steps}, expected 0 to 62"))
    }
}

/// From an integer of any size, so that a message can name the range.
impl TryFrom<i64> for Delay {
    type Error = String;
    fn try_from(steps: i64) -> Result<Self, String> {
        let short = u8::try_from(steps).ok();
        short.and_then(Self::new).ok_or_else(|| format!("delay is {steps}, expected 0 to 62"))
    }
}

impl From<Delay> for u8 {
    fn from(delay: Delay) -> Self {
        delay.0
    }
}

/// The weights of a regular projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weights {
    /// Every synapse has this weight.
    Uniform(i32),
    /// One weight per synapse, in canonical order.
    Each(Vec<i32>),
}

/// One synapse of an explicit list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Synapse {
    /// Index of the source neuron in its layer.
    pub source: u32,
    /// Index of the target neuron in its layer.
    pub target: u32,
    /// Steps the spike takes beyond the first.
    pub delay: Delay,
    /// Weight, in units of the projection's gain.
    ///
    /// Its product with the gain is at most [`MAX_CHARGE`](crate::MAX_CHARGE) either way.
    pub weight: i32,
}

/// Who is connected to whom, how strongly, how fast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connectivity {
    /// Every source to every target.
    AllToAll {
        /// One weight per pair, one row per source.
        weights: Weights,
        /// Delay of all synapses.
        delay: Delay,
    },
    /// Source k to target k; both layers have one size.
    OneToOne {
        /// One weight per pair.
        weights: Weights,
        /// Delay of all synapses.
        delay: Delay,
    },
    /// The only neuron of the source layer to every target.
    OneToAll {
        /// One weight per target.
        weights: Weights,
        /// Delay of all synapses.
        delay: Delay,
    },
    /// Synapses one by one, in canonical order once the network is built.
    List(Vec<Synapse>),
}

/// The weights a plastic synapse may hold: `min`, `min + step`, ..., `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightRange {
    /// Smallest weight, at most 0 and a multiple of `step`.
    pub min: i16,
    /// Largest weight, at least 0 and a multiple of `step`.
    pub max: i16,
    /// Distance of neighbouring weights, at least 1; every weight is a multiple of it.
    pub step: i16,
}

impl WeightRange {
    /// Signed even weights, the chip's mixed sign mode at 8 bits: -256 to 254.
    pub const MIXED: Self = Self { min: -256, max: 254, step: 2 };

    /// Whether `weight` is one of the allowed values; none is if the step is below 1.
    #[must_use]
    pub const fn contains(self, weight: i32) -> bool {
        self.step >= 1
            && weight >= self.min as i32
            && weight <= self.max as i32
            && weight % self.step as i32 == 0
    }
}

/// The reinforcement channel of a learning rule: one spike source or neuron whose spikes raise `r1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reward {
    /// The layer, of one neuron, that drives the channel.
    pub source: LayerId,
    /// The trace that is read as `r1`. It decays in every step; all spikes of a learning period add their
    /// impulse at its end.
    pub trace: Trace,
}

impl Reward {
    /// A channel whose `r1` is `impulse` in learning periods in which the source spikes, and otherwise 0;
    /// `None` for an impulse above 127.
    #[must_use]
    pub const fn flash(source: LayerId, impulse: u8) -> Option<Self> {
        match Trace::flash(impulse) {
            None => None,
            Some(trace) => Some(Self { source, trace }),
        }
    }
}

/// Number of steps from one learning to the next, 1 to 63. Learning takes place at the end of every step
/// that is a multiple of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct LearningPeriod(u8);

impl LearningPeriod {
    /// Learning takes place in every step.
    pub const ONE: Self = Self(1);

    /// Returns `None` outside 1..=63.
    #[must_use]
    pub const fn new(steps: u8) -> Option<Self> {
        if steps >= 1 && steps <= 63 { Some(Self(steps)) } else { None }
    }

    /// The period in steps.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Whether learning takes place at the end of `step`, counted from 1.
    #[must_use]
    pub const fn ends_at(self, step: u64) -> bool {
        step.is_multiple_of(self.0 as u64)
    }

    /// The value of `u_k` in the learning at the end of `step`: 1 in every 2^k-th learning.
    #[must_use]
    pub const fn turn(self, step: u64, k: u8) -> bool {
        (step / self.0 as u64).trailing_zeros() >= k as u32
    }
}

impl Default for LearningPeriod {
    fn default() -> Self {
        Self::ONE
    }
}

/// From an integer of any size, so that a message can name the range.
impl TryFrom<i64> for LearningPeriod {
    type Error = String;
    fn try_from(steps: i64) -> Result<Self, String> {
        let short = u8::try_from(steps).ok();
        short
            .and_then(Self::new)
            .ok_or_else(|| format!("learning period is {steps}, expected 1 to 63"))
    }
}

impl From<LearningPeriod> for u8 {
    fn from(period: LearningPeriod) -> Self {
        period.0
    }
}

/// How the synapses of a projection learn. The rules are evaluated at the end of every learning period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plasticity {
    /// The changes of weight, delay and tag, at least one of them.
    pub rules: Rules,
    /// The weights a synapse may hold; a change beyond saturates.
    pub range: WeightRange,
    /// What is left of earlier spikes, for rules that read it.
    pub traces: Traces,
    /// The reinforcement channel, which a rule that reads `r0` or `r1` needs.
    pub reward: Option<Reward>,
    /// How often learning takes place.
    pub period: LearningPeriod,
    /// The phases in which a pre- and a postsynaptic spike may coincide; `None` allows every step.
    /// An engine reports a coincidence in another phase as a fault.
    pub phases: Option<PhaseSet>,
}

impl Plasticity {
    /// A rule for the weights, evaluated in every step, without traces, reward and limits to phases.
    #[must_use]
    pub const fn new(rule: Rule, range: WeightRange) -> Self {
        Self {
            rules: Rules::weight(rule),
            range,
            traces: Traces::NONE,
            reward: None,
            period: LearningPeriod::ONE,
            phases: None,
        }
    }
}

/// All synapses from one layer to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// Name, unique among the projections of the network, not empty and without control characters.
    pub name: String,
    /// The layer whose spikes are carried.
    pub source: LayerId,
    /// The layer that receives them; never a layer of sources.
    pub target: LayerId,
    /// Who is connected to whom.
    pub connectivity: Connectivity,
    /// Units of charge per unit of weight, 1 to 8192; [`UNIT_GAIN`] for the chip's weight unit.
    pub gain: i32,
    /// How the synapses learn, if they do.
    pub plasticity: Option<Plasticity>,
}

impl Projection {
    /// Number of synapses between layers of the given sizes, whether or not these fit the connectivity.
    #[must_use]
    pub fn n_synapses(&self, n_sources: u32, n_targets: u32) -> usize {
        match &self.connectivity {
            Connectivity::AllToAll { .. } => n_sources as usize * n_targets as usize,
            Connectivity::OneToOne { .. } => n_sources as usize,
            Connectivity::OneToAll { .. } => n_targets as usize,
            Connectivity::List(synapses) => synapses.len(),
        }
    }

    /// Every synapse in canonical order, between layers of the given sizes. Ask the
    /// [network](crate::Network::synapses) that the projection belongs to if you have it.
    ///
    /// # Panics
    /// When the iterator meets a synapse without a weight, because there are fewer weights than the
    /// sizes ask for.
    pub fn synapses(&self, n_sources: u32, n_targets: u32) -> impl Iterator<Item = Synapse> {
        let n_synapses = self.n_synapses(n_sources, n_targets);
        (0..n_synapses).map(move |idx| self.synapse(idx, n_targets))
    }

    #[expect(clippy::cast_possible_truncation, reason = "an index within a layer is a u32")]
    fn synapse(&self, idx: usize, n_targets: u32) -> Synapse {
        let (source, target, weights, delay) = match &self.connectivity {
            Connectivity::AllToAll { weights, delay } => (
                (idx / n_targets as usize) as u32,
                (idx % n_targets as usize) as u32,
                weights,
                delay,
            ),
            Connectivity::OneToOne { weights, delay } => (idx as u32, idx as u32, weights, delay),
            Connectivity::OneToAll { weights, delay } => (0, idx as u32, weights, delay),
            Connectivity::List(synapses) => return synapses[idx],
        };
        let weight = match weights {
            Weights::Uniform(weight) => *weight,
            Weights::Each(each) => each[idx],
        };
        Synapse { source, target, delay: *delay, weight }
    }

    /// The longest delay that a synapse has or can learn.
    #[must_use]
    pub fn max_delay(&self) -> Delay {
        if self.plasticity.as_ref().is_some_and(|plasticity| plasticity.rules.delay.is_some()) {
            return Delay::MAX;
        }
        match &self.connectivity {
            Connectivity::AllToAll { delay, .. }
            | Connectivity::OneToOne { delay, .. }
            | Connectivity::OneToAll { delay, .. } => *delay,
            Connectivity::List(synapses) => {
                synapses.iter().map(|synapse| synapse.delay).max().unwrap_or_default()
            }
        }
    }

    /// Whether weights, delays or tags change.
    #[must_use]
    pub const fn is_plastic(&self) -> bool {
        self.plasticity.is_some()
    }
}
