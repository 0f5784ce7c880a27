//! Which instructions kernels are compiled for, and which of them this machine has.
//!
//! A kernel is written once, as a plain loop. [`Dispatch::run`] compiles it for every instruction set and runs the
//! one that was chosen when the engine was made. All of them compute the same integers.

/// An instruction set for which kernels are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lanes {
    /// Whatever the program was compiled for: on x86-64 SSE2, 16 bytes at a time.
    Baseline,
    /// x86-64-v3: AVX2, 32 bytes at a time.
    V3,
    /// x86-64-v4: AVX-512, 64 bytes at a time.
    V4,
}

impl Lanes {
    /// Every instruction set.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::V3, Self::V4];

    /// Those that this machine has, narrowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|&lanes| Dispatch::new(lanes).is_some()).collect()
    }

    /// A short name: `baseline`, `x86-64-v3`, `x86-64-v4`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::V3 => "x86-64-v3",
            Self::V4 => "x86-64-v4",
        }
    }
}

pub(crate) use pulp::NullaryFnOnce as Kernel;

/// An instruction set that this machine is known to have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dispatch(Chosen);

#[derive(Clone, Copy, Debug)]
enum Chosen {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    V4(pulp::x86::V4),
}

impl Dispatch {
    /// `None` if the machine lacks it.
    pub(crate) fn new(lanes: Lanes) -> Option<Self> {
        match lanes {
            Lanes::Baseline => Some(Self(Chosen::Baseline)),
            #[cfg(target_arch = "x86_64")]
            Lanes::V3 => pulp::x86::V3::try_new().map(|v3| Self(Chosen::V3(v3))),
            #[cfg(target_arch = "x86_64")]
            Lanes::V4 => pulp::x86::V4::try_new().map(|v4| Self(Chosen::V4(v4))),
            #[cfg(not(target_arch = "x86_64"))]
            Lanes::V3 | Lanes::V4 => None,
        }
    }

    /// The widest that this machine has.
    pub(crate) fn widest() -> Self {
        Lanes::ALL.into_iter().rev().find_map(Self::new).unwrap_or(Self(Chosen::Baseline))
    }

    pub(crate) const fn lanes(self) -> Lanes {
        match self.0 {
            Chosen::Baseline => Lanes::Baseline,
            #[cfg(target_arch = "x86_64")]
            Chosen::V3(_) => Lanes::V3,
            #[cfg(target_arch = "x86_64")]
            Chosen::V4(_) => Lanes::V4,
        }
    }

    /// Runs a kernel, which must be inlined into what it is called from: a short closure is, anything longer has to
    /// say so.
    #[inline(always)]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Chosen::Baseline => kernel.call(),
            #[cfg(target_arch = "x86_64")]
            Chosen::V3(v3) => v3.vectorize(kernel),
            #[cfg(target_arch = "x86_64")]
            Chosen::V4(v4) => v4.vectorize(kernel),
        }
    }
}
