//! Shared pieces of the workspace-level tests: where outside data may lie, and how to read it.
//!
//! Outside data is optional. A test that wants it asks here, and says what it skipped without it.

mod npz;
mod python;

pub use npz::Npz;
pub use python::Python;

use std::path::{Path, PathBuf};

/// The workspace's root.
#[must_use]
pub fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map_or_else(|| manifest.to_owned(), Path::to_owned)
}

/// The folder with `mnist/` and `fashion-mnist/`, if there is one.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    let given = std::env::var_os("SYNFIRE_DATA_DIR").map(PathBuf::from);
    let beside = workspace().join("../shared/datasets");
    given.into_iter().chain([beside]).find(|dir| dir.join("mnist").is_dir())
}

/// The folder with the vectors of the published circuit, if there is one.
#[must_use]
pub fn golden_dir() -> Option<PathBuf> {
    let given = std::env::var_os("SYNFIRE_GOLDEN_DIR").map(PathBuf::from);
    let near_data = data_dir().map(|dir| dir.join("../golden"));
    let beside = workspace().join("../shared/golden");
    given.into_iter().chain(near_data).chain([beside]).find(|dir| dir.is_dir())
}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide.md")]
struct Guide;
