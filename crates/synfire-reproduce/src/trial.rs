//! One thing that is computed, and what it hears of the world while it is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::Value;
use synfire_train::{Monitor, Tally};

use crate::material::Material;

/// What a trial does: a function of the data and of what it was made with, which its parameters say.
pub(crate) type Work = Box<dyn Fn(&Material, &Watch<'_>) -> Result<Value> + Send + Sync>;

/// One thing that is computed, on one thread.
pub struct Trial {
    /// Its name within its item; also the name of a file.
    pub name: String,
    /// All that its result depends on besides the data. A kept result with other parameters is not taken.
    pub parameters: Value,
    /// Milliseconds that it takes on one core of a machine of 2021, roughly: for the order and the estimate only.
    pub expected_ms: u64,
    pub(crate) work: Work,
}

impl Trial {
    pub(crate) fn new<W>(
        name: impl Into<String>,
        parameters: Value,
        expected_ms: u64,
        work: W,
    ) -> Trial
    where
        W: Fn(&Material, &Watch<'_>) -> Result<Value> + Send + Sync + 'static,
    {
        Trial { name: name.into(), parameters, expected_ms, work: Box::new(work) }
    }
}

impl std::fmt::Debug for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trial")
            .field("name", &self.name)
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

/// Between a trial and whoever waits for it.
#[derive(Debug)]
pub struct Watch<'a> {
    wants_stop: &'a AtomicBool,
    /// How much of the trial is done, in thousandths.
    permille: &'a AtomicU64,
}

impl<'a> Watch<'a> {
    pub(crate) const fn new(wants_stop: &'a AtomicBool, permille: &'a AtomicU64) -> Watch<'a> {
        Watch { wants_stop, permille }
    }

    /// Tells how much is done.
    ///
    /// # Errors
    /// If all is to stop; the trial ends with this error.
    pub fn done(&self, part: u64, of: u64) -> Result<()> {
        self.permille.store(part * 1000 / of.max(1), Ordering::Relaxed);
        if self.wants_stop.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        Ok(())
    }

    /// A monitor for a trainer, which stops it when all is to stop.
    pub(crate) fn monitor(&self) -> Ear<'_> {
        Ear { watch: self }
    }
}

/// A trainer's monitor.
pub(crate) struct Ear<'a> {
    watch: &'a Watch<'a>,
}

impl Monitor for Ear<'_> {
    /// No result of a trial depends on time.
    fn now(&mut self) -> Duration {
        Duration::ZERO
    }

    fn trained(&mut self, _: &Tally) {}

    fn wants_stop(&mut self) -> bool {
        self.watch.wants_stop.load(Ordering::Relaxed)
    }
}
