//! The data sets, each loaded once, however many trials ask for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use synfire_data::{Preparation, SearchPath, Source, Split, load};

/// The data sets, each loaded when it is first asked for.
#[derive(Debug)]
pub struct Material {
    dirs: SearchPath,
    splits: Mutex<BTreeMap<String, Arc<Split>>>,
}

impl Material {
    /// Data sets that lie in one of these folders.
    #[must_use]
    pub const fn new(dirs: SearchPath) -> Material {
        Material { dirs, splits: Mutex::new(BTreeMap::new()) }
    }

    /// A data set, prepared in this way.
    ///
    /// # Errors
    /// If it is not there, or not what it ought to be.
    pub fn split(&self, source: &Source, preparation: &Preparation) -> Result<Arc<Split>> {
        // Held while loading: the others would only load the same.
        let mut splits = self.splits.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{source:?} {preparation:?}");
        if let Some(split) = splits.get(&key) {
            return Ok(Arc::clone(split));
        }
        let split = load(source, &self.dirs, preparation)
            .with_context(|| format!("the data set {source} cannot be loaded"))?;
        let split = Arc::new(split);
        splits.insert(key, Arc::clone(&split));
        Ok(split)
    }
}
