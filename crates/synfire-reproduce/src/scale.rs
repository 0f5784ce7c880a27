//! How much of everything is run.

use serde::{Deserialize, Serialize};

/// How much of everything is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Digits that are made by the program instead of both data sets, small networks: some seconds, for tests.
    Smoke,
    /// Both data sets, few seeds and epochs: some minutes.
    Quick,
    /// As in the paper, or more.
    Full,
}

impl Scale {
    /// The name used on the command line, for folders and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Scale::Smoke => "smoke",
            Scale::Quick => "quick",
            Scale::Full => "full",
        }
    }

    /// One of three values.
    pub(crate) fn pick<T>(self, smoke: T, quick: T, full: T) -> T {
        match self {
            Scale::Smoke => smoke,
            Scale::Quick => quick,
            Scale::Full => full,
        }
    }
}

impl std::fmt::Display for Scale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
