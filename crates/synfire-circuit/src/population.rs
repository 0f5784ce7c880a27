//! The populations of the learning circuit, by our names and by those of the authors' code.
//!
//! A population is a layer with a meaning. Sizes, phases and meanings are the table of clause P1 in
//! `docs/semantics.md`, after section "network" of Renner et al. 2024 and their published topology.

use synfire_net::PhaseSet;

/// A population of the learning circuit; the inference circuit uses a subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Population {
    /// The input: the sample in phase 1, its replay in 7 and 11.
    X,
    /// Memory of the input.
    Mx,
    /// Hidden neurons at threshold 512.
    H,
    /// Hidden neurons at threshold 0.
    HLow,
    /// Hidden neurons at threshold 1024.
    HHigh,
    /// Memory of the hidden activity.
    Mh,
    /// Derivative gate: potential above 0 and not above 1024.
    C,
    /// Hidden layer that receives the error back.
    HBack,
    /// Output neurons at threshold 512.
    O,
    /// Output neurons at threshold 0.
    OLow,
    /// Output neurons at threshold 1024.
    OHigh,
    /// The output error with opposite roles.
    OBack,
    /// The target.
    T,
    /// Output silent though it is the target.
    DPlus,
    /// Output active though it is not the target.
    DMinus,
    /// A gate of the ring, by its number.
    Gate(u8),
}

/// Which side of the network a population belongs to, and so its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// As many neurons as inputs.
    Input,
    /// As many neurons as hidden neurons.
    Hidden,
    /// As many neurons as outputs.
    Output,
    /// One neuron.
    Single,
}

/// Length of a gating cycle of the learning circuit, in steps.
pub const LEARNING_PERIOD: u32 = 12;
/// Length of a gating cycle of the inference circuit, in steps.
pub const INFERENCE_PERIOD: u32 = 4;

impl Population {
    /// Every population of the learning circuit but the gates, in the order of their layers.
    pub const WORKING: [Self; 15] = [
        Self::X,
        Self::Mx,
        Self::H,
        Self::HLow,
        Self::HHigh,
        Self::Mh,
        Self::C,
        Self::HBack,
        Self::O,
        Self::OLow,
        Self::OHigh,
        Self::OBack,
        Self::T,
        Self::DPlus,
        Self::DMinus,
    ];

    /// Our name.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::X => "x",
            Self::Mx => "mx",
            Self::H => "h",
            Self::HLow => "h<",
            Self::HHigh => "h>",
            Self::Mh => "mh",
            Self::C => "c",
            Self::HBack => "hT",
            Self::O => "o",
            Self::OLow => "o<",
            Self::OHigh => "o>",
            Self::OBack => "oT",
            Self::T => "t",
            Self::DPlus => "d+",
            Self::DMinus => "d-",
            Self::Gate(k) => return format!("g{k}"),
        }
        .to_owned()
    }

    /// The name in the authors' published code.
    #[must_use]
    pub fn lanl_name(self) -> String {
        match self {
            Self::X => "x",
            Self::Mx => "m_x6",
            Self::H => "h1",
            Self::HLow => "h1_copy",
            Self::HHigh => "h1_copy2",
            Self::Mh => "m_h1",
            Self::C => "c_h1",
            Self::HBack => "h1T",
            Self::O => "o",
            Self::OLow => "o_copy",
            Self::OHigh => "o_copy2",
            Self::OBack => "oT-",
            Self::T => "t",
            Self::DPlus => "d+",
            Self::DMinus => "d-",
            Self::Gate(k) => return format!("g{k:02}"),
        }
        .to_owned()
    }

    /// Which side of the network the population belongs to.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::X | Self::Mx => Side::Input,
            Self::H | Self::HLow | Self::HHigh | Self::Mh | Self::C | Self::HBack => Side::Hidden,
            Self::O
            | Self::OLow
            | Self::OHigh
            | Self::OBack
            | Self::T
            | Self::DPlus
            | Self::DMinus => Side::Output,
            Self::Gate(_) => Side::Single,
        }
    }

    /// The phases of the learning circuit in which the population may spike.
    #[must_use]
    pub fn learning_phases(self) -> PhaseSet {
        match self {
            Self::X => PhaseSet::of(&[1, 7, 11]),
            Self::Mx | Self::C => PhaseSet::of(&[6]),
            Self::H => PhaseSet::of(&[2, 5, 7, 9, 11]),
            Self::HLow | Self::HHigh => PhaseSet::of(&[2, 7, 11]),
            Self::Mh | Self::T => PhaseSet::of(&[3]),
            Self::HBack => PhaseSet::of(&[5, 6, 9, 10]),
            Self::O | Self::OLow | Self::OHigh => PhaseSet::of(&[3, 5, 9]),
            Self::OBack => PhaseSet::of(&[5, 9]),
            Self::DPlus | Self::DMinus => PhaseSet::of(&[4]),
            Self::Gate(k) => gate_phase(k, LEARNING_PERIOD),
        }
    }

    /// The phases of the inference circuit in which the population may spike; empty if it has none.
    #[must_use]
    pub fn inference_phases(self) -> PhaseSet {
        match self {
            Self::X => PhaseSet::of(&[1]),
            Self::H => PhaseSet::of(&[2]),
            Self::O => PhaseSet::of(&[3]),
            Self::Gate(k) => gate_phase(k, INFERENCE_PERIOD),
            _ => PhaseSet::EMPTY,
        }
    }
}

/// Gate k spikes one phase before the one it is named after, so that what it opens spikes in phase k.
fn gate_phase(k: u8, period: u32) -> PhaseSet {
    PhaseSet::of(&[(u32::from(k) + period - 1) % period])
}
