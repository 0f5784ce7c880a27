//! What the paper reports, to stand beside what a run did.
//!
//! Renner, Sheldon, Zlotnik, Tao, Sornborger, "The backpropagation algorithm implemented on spiking neuromorphic
//! hardware", Nature Communications 15:9691 (2024). The figures are for the paper's networks and numbers of epochs,
//! which a run need not share: each says so.

use synfire_train::synfire_data::Source;

/// How an answer is read; the order of tables and curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reading {
    Binary,
    Potential,
    Exact,
}

impl Reading {
    pub(crate) const ALL: [Reading; 3] = [Reading::Potential, Reading::Binary, Reading::Exact];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Reading::Binary => "binary",
            Reading::Potential => "potential",
            Reading::Exact => "exact",
        }
    }

    /// What it means.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Reading::Binary => "the first output that spikes; silence reads as class 0",
            Reading::Potential => "the output with the largest potential",
            Reading::Exact => "the right output spikes and no other",
        }
    }
}

/// One figure of the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PaperValue {
    pub(crate) reading: Reading,
    /// Test samples read right, in per cent.
    pub(crate) percent: f64,
    /// Where it stands and of what it is.
    pub(crate) of: &'static str,
}

/// The paper's figures for a data set.
pub(crate) const fn values(dataset: &Source) -> &'static [PaperValue] {
    match dataset {
        Source::Mnist => &[
            PaperValue { reading: Reading::Potential, percent: 97.5, of: "400-400-10, 60 epochs" },
            PaperValue {
                reading: Reading::Binary,
                percent: 96.3,
                of: "Table 1, 400-400-10, 60 epochs",
            },
            PaperValue {
                reading: Reading::Binary,
                percent: 95.7,
                of: "text, 400-400-10, 60 epochs",
            },
        ],
        Source::FashionMnist => {
            &[PaperValue { reading: Reading::Binary, percent: 79.0, of: "784-400-10, 40 epochs" }]
        }
        _ => &[],
    }
}

/// Energy and time of a sample that the paper measured on a chip, 400-400-10.
pub(crate) struct Measured {
    pub(crate) energy_fj: u128,
    pub(crate) time_ps: u128,
}

pub(crate) const MEASURED_SHAPE: [usize; 3] = [400, 400, 10];
pub(crate) const MEASURED_TRAINING: Measured =
    Measured { energy_fj: 590_000_000_000, time_ps: 1_500_000_000 };
pub(crate) const MEASURED_INFERENCE: Measured =
    Measured { energy_fj: 2_500_000_000, time_ps: 170_000_000 };
