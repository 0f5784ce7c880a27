//! Faults of kernels that can be planted, to show that a comparison notices.

/// A deviation of the engine's own kernels and shortcuts from what they stand for. What any engine can be made to
/// do wrong is [`Sabotage`](synfire_loihi::synfire_net::Sabotage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KernelFault {
    /// Sums of weight rows land one lane further on.
    LaneOffByOne,
    /// The last row of every sum is left out.
    RowSkipped,
    /// A sum of rows is used again although weights have changed since.
    StaleSum,
    /// Copies of a matrix go on sharing their storage although their updates differ.
    CopyNotSplit,
}

impl KernelFault {
    /// Every fault.
    pub const ALL: [Self; 4] =
        [Self::LaneOffByOne, Self::RowSkipped, Self::StaleSum, Self::CopyNotSplit];

    /// What it is, in a few words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LaneOffByOne => "a sum of rows one lane off",
            Self::RowSkipped => "a row of a sum skipped",
            Self::StaleSum => "a sum used again after its weights changed",
            Self::CopyNotSplit => "shared copies not split",
        }
    }
}
