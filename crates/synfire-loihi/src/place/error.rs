//! Why a program cannot be placed: every reason found, each with its layer and core.

use super::mesh::CoreId;
use super::usage::Resource;
use crate::limits::ACCUMULATORS;
use std::fmt;

/// A setting that all compartments of a core share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The bit added to the register of every current decay.
    CurrentDecayOffset,
    /// The bit added to the register of every voltage decay.
    VoltageDecayOffset,
    /// Where voltages are clamped.
    VoltageLimits,
    /// Strength, mean and target of the noise.
    Noise,
    /// Steps from one learning to the next.
    LearningPeriod,
    /// Accumulator slots of each compartment.
    Accumulators,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CurrentDecayOffset => "current decay offset",
            Self::VoltageDecayOffset => "voltage decay offset",
            Self::VoltageLimits => "voltage limits",
            Self::Noise => "noise",
            Self::LearningPeriod => "learning period",
            Self::Accumulators => "number of accumulators",
        })
    }
}

/// One reason why a program cannot be placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum PlaceError {
    /// The layers put on a core use more of a resource than it has. The layer is the first with which they
    /// do; `found` is what all of them use together.
    #[error(
        "layer `{layer}`: core {core} has {found} {resource}, {} too many, expected at most {allowed}",
        found - allowed
    )]
    Core { layer: String, core: CoreId, resource: Resource, found: u32, allowed: u32 },
    /// A neuron alone uses more of a resource than an empty core has.
    #[error(
        "layer `{layer}`: neuron {neuron_idx} alone needs {found} {resource}, {} too many, expected at most {allowed} on an empty core",
        found - allowed
    )]
    Neuron { layer: String, neuron_idx: u32, resource: Resource, found: u32, allowed: u32 },
    /// Layers put on one core need different values of a setting that the core has once.
    #[error(
        "layer `{layer}`: core {core} would need the {setting} {found}, expected {expected} as for layer `{other}`, which is on the same core"
    )]
    MixedSetting {
        layer: String,
        core: CoreId,
        setting: Setting,
        found: String,
        expected: String,
        other: String,
    },
    /// A delay is too long for the number of accumulator slots asked for.
    #[error(
        "layer `{layer}`: projection `{projection}` has the delay {found}, expected at most {allowed} on core {core} with {accumulators} accumulators"
    )]
    Delay {
        layer: String,
        projection: String,
        core: CoreId,
        found: u8,
        allowed: u8,
        accumulators: u8,
    },
    /// A number of accumulator slots that compartments cannot have.
    #[error("layer `{layer}`: number of accumulators is {found}, expected one of {ACCUMULATORS:?}")]
    Accumulators { layer: String, found: u8 },
    /// A core that its chip does not have.
    #[error(
        "layer `{layer}`: core {core} does not exist, expected at most {allowed} cores on a chip"
    )]
    NoSuchCore { layer: String, core: CoreId, allowed: u32 },
    /// A chip that there is not.
    #[error(
        "layer `{layer}`: core {core} is on a chip that does not exist, expected at most {allowed}"
    )]
    NoSuchChip { layer: String, core: CoreId, allowed: u32 },
    /// A population names the same core twice.
    #[error("layer `{layer}`: core {core} is named twice, expected once")]
    CoreTwice { layer: String, core: CoreId },
    /// A layer is put somewhere twice.
    #[error("layer `{layer}` is placed twice by hand, expected once")]
    LayerTwice { layer: String },
    /// A layer is put on no cores.
    #[error("layer `{layer}` has no cores, expected one at least")]
    NoCores { layer: String },
    /// Sources are put on cores.
    #[error(
        "layer `{layer}` has cores, expected none: it consists of sources, which the host drives"
    )]
    Sources { layer: String },
    /// A layer is placed by hand that the network does not have.
    #[error(
        "a population names layer {layer_idx}, expected one of the {n_layers} layers of the network"
    )]
    NoSuchLayer { layer_idx: usize, n_layers: usize },
    /// There are not enough cores.
    #[error("needs {found} cores, {} too many, expected at most {allowed}", found - allowed)]
    Cores { found: u64, allowed: u64 },
}

/// Every reason found, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceErrors(pub(super) Vec<PlaceError>);

impl PlaceErrors {
    /// The reasons: first those of populations placed by hand, by population and core, then those of other
    /// layers.
    #[must_use]
    pub fn as_slice(&self) -> &[PlaceError] {
        &self.0
    }
}

impl fmt::Display for PlaceErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.len();
        write!(f, "the network cannot be placed, for {n} ")?;
        f.write_str(if n == 1 { "reason" } else { "reasons" })?;
        for error in &self.0 {
            write!(f, "\n  {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PlaceErrors {}
