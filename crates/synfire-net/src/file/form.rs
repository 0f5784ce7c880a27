//! The shape of the TOML form: one type per table, with the names of its keys.

use crate::{DecayLaw, Delay, Impulse, LearningPeriod, Neuron, Rounding, Rule, Trace, UNIT_GAIN};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// The value of a key that is there only to be refused by name.
pub(super) type Unmodelled = Spanned<IgnoredAny>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gating: Option<GatingEntry>,
    #[serde(default)]
    pub(super) layer: Vec<LayerEntry>,
    #[serde(default)]
    pub(super) projection: Vec<ProjectionEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GatingEntry {
    pub(super) period: u32,
    #[serde(default)]
    pub(super) chain: Vec<Spanned<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LayerEntry {
    pub(super) name: String,
    pub(super) size: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) phases: Option<Vec<Spanned<u32>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) neuron: Option<Neuron>,
    #[serde(default, skip_serializing)]
    pub(super) dendrites: Option<Unmodelled>,
    #[serde(default, skip_serializing)]
    pub(super) axon_delay: Option<Unmodelled>,
    #[serde(default, skip_serializing)]
    pub(super) homeostasis: Option<Unmodelled>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pattern {
    AllToAll,
    OneToOne,
    OneToAll,
    List,
}

impl Pattern {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AllToAll => "all-to-all",
            Self::OneToOne => "one-to-one",
            Self::OneToAll => "one-to-all",
            Self::List => "list",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectionEntry {
    pub(super) name: Spanned<String>,
    pub(super) from: Spanned<String>,
    pub(super) to: Spanned<String>,
    pub(super) pattern: Pattern,
    #[serde(default)]
    pub(super) delay: Delay,
    #[serde(default = "unit_gain")]
    pub(super) gain: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) weight: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) weights: Option<Vec<i32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) synapses: Option<Vec<(u32, u32, i32, Delay)>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) learning: Option<LearningEntry>,
    #[serde(default, skip_serializing)]
    pub(super) filter: Option<Unmodelled>,
}

const fn unit_gain() -> i32 {
    UNIT_GAIN
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LearningEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<Rule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) delay_rule: Option<Rule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tag_rule: Option<Rule>,
    pub(super) min: i16,
    pub(super) max: i16,
    pub(super) step: i16,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) period: LearningPeriod,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) phases: Option<Vec<Spanned<u32>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) x1: Option<Trace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) x2: Option<Trace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) y1: Option<Trace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) y2: Option<Trace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) y3: Option<Trace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reward: Option<RewardEntry>,
}

/// A reward is its source and its trace, in one table.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "RewardForm", into = "RewardForm")]
pub(super) struct RewardEntry {
    pub(super) source: Spanned<String>,
    pub(super) trace: Trace,
}

impl Clone for RewardEntry {
    fn clone(&self) -> Self {
        let source = Spanned::new(self.source.span(), self.source.get_ref().clone());
        Self { source, trace: self.trace }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RewardForm {
    source: Spanned<String>,
    impulse: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    fraction: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    tau: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    law: DecayLaw,
    #[serde(default, skip_serializing_if = "is_default")]
    rounding: Rounding,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TraceForm {
    impulse: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    fraction: i64,
    tau: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    law: DecayLaw,
    #[serde(default, skip_serializing_if = "is_default")]
    rounding: Rounding,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TryFrom<TraceForm> for Trace {
    type Error = String;
    fn try_from(form: TraceForm) -> Result<Self, String> {
        let TraceForm { impulse, fraction, tau, law, rounding } = form;
        let part = u8::try_from(fraction)
            .map_err(|_| format!("fraction of an impulse is {fraction}, expected 0 to 255"))?;
        let impulse = u8::try_from(impulse)
            .ok()
            .and_then(|whole| Impulse::new(whole, part))
            .ok_or_else(|| format!("impulse is {impulse}, expected 0 to 127"))?;
        let tau = u16::try_from(tau)
            .map_err(|_| format!("time constant tau is {tau}, expected 0 to 65535"))?;
        Ok(Self { impulse, tau, law, rounding })
    }
}

impl From<Trace> for TraceForm {
    fn from(trace: Trace) -> Self {
        let Trace { impulse, tau, law, rounding } = trace;
        let (whole, fraction) = (impulse.whole().into(), impulse.fraction().into());
        Self { impulse: whole, fraction, tau: tau.into(), law, rounding }
    }
}

impl Serialize for Trace {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TraceForm::from(*self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Trace {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(TraceForm::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl TryFrom<RewardForm> for RewardEntry {
    type Error = String;
    fn try_from(form: RewardForm) -> Result<Self, String> {
        let RewardForm { source, impulse, fraction, tau, law, rounding } = form;
        let trace = TraceForm { impulse, fraction, tau, law, rounding };
        Ok(Self { source, trace: Trace::try_from(trace)? })
    }
}

impl From<RewardEntry> for RewardForm {
    fn from(entry: RewardEntry) -> Self {
        let TraceForm { impulse, fraction, tau, law, rounding } = entry.trace.into();
        Self { source: entry.source, impulse, fraction, tau, law, rounding }
    }
}
