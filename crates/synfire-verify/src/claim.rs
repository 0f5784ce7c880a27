//! The claims of equivalence, in causal order.
//!
//! They are clauses E1 to E8 of `docs/semantics.md`. Each counts what was compared: a claim that compared
//! nothing has failed.

/// One of the equivalences that are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// E1: potentials, activity at every threshold, and what the memories keep of them.
    Forward,
    /// E2: the output errors.
    OutputError,
    /// E3: the update of the output weights.
    OutputUpdate,
    /// E4: the derivative gate, the errors sent back and the hidden errors.
    HiddenError,
    /// E5: the update of the hidden weights.
    HiddenUpdate,
    /// E6: the copies of a matrix agree, and the feedback matrices are the reference's.
    Copies,
    /// E7: two engines agree in every spike, potential, weight and operation count.
    Engines,
    /// E8: nobody spikes, learns or overflows where it should not.
    Silence,
}

impl Claim {
    /// Every claim, in causal order.
    pub const ALL: [Self; 8] = [
        Self::Forward,
        Self::OutputError,
        Self::OutputUpdate,
        Self::HiddenError,
        Self::HiddenUpdate,
        Self::Copies,
        Self::Engines,
        Self::Silence,
    ];

    /// Number of the claim's clause.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::Forward => "E1",
            Self::OutputError => "E2",
            Self::OutputUpdate => "E3",
            Self::HiddenError => "E4",
            Self::HiddenUpdate => "E5",
            Self::Copies => "E6",
            Self::Engines => "E7",
            Self::Silence => "E8",
        }
    }

    /// What is claimed, in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Forward => "forward activity",
            Self::OutputError => "output error",
            Self::OutputUpdate => "output update",
            Self::HiddenError => "hidden error",
            Self::HiddenUpdate => "hidden update",
            Self::Copies => "copies and feedback",
            Self::Engines => "engine against engine",
            Self::Silence => "silence elsewhere",
        }
    }

    /// What the count counts.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Forward => "spikes and potentials",
            Self::OutputError | Self::HiddenError | Self::Engines => "spikes",
            Self::OutputUpdate | Self::HiddenUpdate => "weight changes",
            Self::Copies => "weights",
            Self::Silence => "layers and phases",
        }
    }
}

/// How much was compared for each claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; 8]);

impl Counts {
    /// Adds to the count of a claim.
    pub const fn add(&mut self, claim: Claim, n: u64) {
        self.0[claim as usize] += n;
    }

    /// What was compared for a claim.
    #[must_use]
    pub const fn get(&self, claim: Claim) -> u64 {
        self.0[claim as usize]
    }

    /// Adds the counts of another comparison.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}
