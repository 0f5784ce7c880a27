//! From spikes to named quantities: what a spike of a population in a phase means.
//!
//! The table is clause P3 of `docs/semantics.md`: every spike of a sample in the learning circuit is one
//! of these, or a gate, or a fault. The comparison with a reference goes through it, row by row.

use crate::population::Population;

/// A quantity of one sample, as the reference knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// The input bits.
    Input,
    /// The one-hot target.
    Target,
    /// Hidden potential above 512.
    Hidden,
    /// Hidden potential above 0.
    HiddenLow,
    /// Hidden potential above 1024.
    HiddenHigh,
    /// Hidden potential above 0 and not above 1024.
    Derivative,
    /// Output potential above 512.
    Output,
    /// Output potential above 0.
    OutputLow,
    /// Output potential above 1024.
    OutputHigh,
    /// Output error upwards.
    OutputErrorPlus,
    /// Output error downwards.
    OutputErrorMinus,
    /// Sum of the errors sent back above the error threshold, upwards, before the derivative gate.
    BackPlus,
    /// The same downwards.
    BackMinus,
    /// Hidden error upwards.
    HiddenErrorPlus,
    /// Hidden error downwards.
    HiddenErrorMinus,
}

impl Quantity {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Target => "target",
            Self::Hidden => "hidden activity",
            Self::HiddenLow => "hidden potential above 0",
            Self::HiddenHigh => "hidden potential above 1024",
            Self::Derivative => "derivative gate",
            Self::Output => "output activity",
            Self::OutputLow => "output potential above 0",
            Self::OutputHigh => "output potential above 1024",
            Self::OutputErrorPlus => "output error, plus",
            Self::OutputErrorMinus => "output error, minus",
            Self::BackPlus => "error sent back, plus",
            Self::BackMinus => "error sent back, minus",
            Self::HiddenErrorPlus => "hidden error, plus",
            Self::HiddenErrorMinus => "hidden error, minus",
        }
    }
}

/// The meaning of one population's spikes in one phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The phase, 0 to 11.
    pub phase: u32,
    /// The population that spikes.
    pub population: Population,
    /// What its spikes say.
    pub quantity: Quantity,
}

const fn row(phase: u32, population: Population, quantity: Quantity) -> Meaning {
    Meaning { phase, population, quantity }
}

/// Every meaning of a spike in the learning circuit, gates left out, in causal order.
pub const MEANINGS: [Meaning; 35] = {
    use Population as P;
    use Quantity as Q;
    [
        row(1, P::X, Q::Input),
        row(2, P::H, Q::Hidden),
        row(2, P::HLow, Q::HiddenLow),
        row(2, P::HHigh, Q::HiddenHigh),
        row(3, P::Mh, Q::Hidden),
        row(3, P::O, Q::Output),
        row(3, P::OLow, Q::OutputLow),
        row(3, P::OHigh, Q::OutputHigh),
        row(3, P::T, Q::Target),
        row(4, P::DPlus, Q::OutputErrorPlus),
        row(4, P::DMinus, Q::OutputErrorMinus),
        row(5, P::H, Q::Hidden),
        row(5, P::HBack, Q::Hidden),
        row(5, P::O, Q::OutputErrorPlus),
        row(5, P::OLow, Q::OutputErrorPlus),
        row(5, P::OHigh, Q::OutputErrorPlus),
        row(5, P::OBack, Q::OutputErrorMinus),
        row(6, P::Mx, Q::Input),
        row(6, P::C, Q::Derivative),
        row(6, P::HBack, Q::BackPlus),
        row(7, P::X, Q::Input),
        row(7, P::H, Q::HiddenErrorPlus),
        row(7, P::HLow, Q::HiddenErrorPlus),
        row(7, P::HHigh, Q::HiddenErrorPlus),
        row(9, P::H, Q::Hidden),
        row(9, P::HBack, Q::Hidden),
        row(9, P::O, Q::OutputErrorMinus),
        row(9, P::OLow, Q::OutputErrorMinus),
        row(9, P::OHigh, Q::OutputErrorMinus),
        row(9, P::OBack, Q::OutputErrorPlus),
        row(10, P::HBack, Q::BackMinus),
        row(11, P::X, Q::Input),
        row(11, P::H, Q::HiddenErrorMinus),
        row(11, P::HLow, Q::HiddenErrorMinus),
        row(11, P::HHigh, Q::HiddenErrorMinus),
    ]
};
