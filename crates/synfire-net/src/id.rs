//! Typed identities of the parts of a network.
//!
//! An id is the position at which the builder added the part. It is valid for the network that the
//! builder makes and for no other; engines and observers speak of layers and projections by id only.

use std::fmt;

/// Identity of a layer within one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId(pub(crate) u32);

/// Identity of a projection within one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectionId(pub(crate) u32);

impl LayerId {
    /// Position of the layer in [`Network::layers`](crate::Network::layers).
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl ProjectionId {
    /// Position of the projection in [`Network::projections`](crate::Network::projections).
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for LayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer #{}", self.0)
    }
}

impl fmt::Display for ProjectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "projection #{}", self.0)
    }
}
