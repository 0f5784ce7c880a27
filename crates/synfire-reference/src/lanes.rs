//! Which instructions the kernels are compiled for, and which of them this machine has.
//!
//! A kernel is a plain loop over integers, written once. [`Dispatch::run`] holds a copy of it for
//! every instruction set and runs the one that was chosen when the network was made. All of them
//! compute the same integers; only the time differs.

use pulp::NullaryFnOnce;

/// An instruction set for which the kernels are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lanes {
    /// Whatever the program was compiled for: on x86-64 SSE2, 16 bytes at a time.
    Baseline,
    /// x86-64-v3: AVX2, 32 bytes at a time.
    V3,
    /// x86-64-v4: AVX-512.
    V4,
}

impl Lanes {
    /// Every instruction set.
    pub const ALL: [Lanes; 3] = [Lanes::Baseline, Lanes::V3, Lanes::V4];

    /// Those that this machine has, narrowest first.
    #[must_use]
    pub fn available() -> Vec<Lanes> {
        Lanes::ALL.into_iter().filter(|&lanes| Dispatch::new(lanes).is_some()).collect()
    }

    /// A short name: `baseline`, `x86-64-v3`, `x86-64-v4`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Lanes::Baseline => "baseline",
            Lanes::V3 => "x86-64-v3",
            Lanes::V4 => "x86-64-v4",
        }
    }
}

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
    pub(crate) fn new(lanes: Lanes) -> Option<Dispatch> {
        match lanes {
            Lanes::Baseline => Some(Dispatch(Chosen::Baseline)),
            #[cfg(target_arch = "x86_64")]
            Lanes::V3 => pulp::x86::V3::try_new().map(|v3| Dispatch(Chosen::V3(v3))),
            #[cfg(target_arch = "x86_64")]
            Lanes::V4 => pulp::x86::V4::try_new().map(|v4| Dispatch(Chosen::V4(v4))),
            #[cfg(not(target_arch = "x86_64"))]
            Lanes::V3 | Lanes::V4 => None,
        }
    }

    /// The widest that this machine has.
    pub(crate) fn widest() -> Dispatch {
        let widest_first = Lanes::ALL.into_iter().rev();
        widest_first.filter_map(Dispatch::new).next().unwrap_or(Dispatch(Chosen::Baseline))
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

    /// Runs a kernel. What it calls must be `#[inline(always)]`: a function that stays outside is
    /// compiled for the baseline.
    pub(crate) fn run<K: NullaryFnOnce>(self, kernel: K) -> K::Output {
        match self.0 {
            Chosen::Baseline => kernel.call(),
            #[cfg(target_arch = "x86_64")]
            Chosen::V3(v3) => v3.vectorize(kernel),
            #[cfg(target_arch = "x86_64")]
            Chosen::V4(v4) => v4.vectorize(kernel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_is_always_there_and_the_widest_is_available() {
        let available = Lanes::available();
        assert_eq!(available.first(), Some(&Lanes::Baseline));
        assert_eq!(available.last(), Some(&Dispatch::widest().lanes()));
        for lanes in available {
            assert_eq!(Dispatch::new(lanes).map(Dispatch::lanes), Some(lanes));
        }
        assert_eq!(Lanes::ALL.map(Lanes::name), ["baseline", "x86-64-v3", "x86-64-v4"]);
    }
}
