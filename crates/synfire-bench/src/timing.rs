//! Training samples under a stopwatch, always from the workload's weights.
//!
//! A timing runs the samples of a workload in their order and starts over from its weights after the
//! last, so that weights do not wander off while they are timed. Making the engine anew is not timed.

use crate::Workload;
use std::time::{Duration, Instant};
use synfire_net::Engine;
use synfire_reference::Sample;
use synfire_verify::Check;

impl Workload {
    /// The time that `n` samples take on the reference.
    ///
    /// # Panics
    /// Never: a workload's samples fit its shape.
    #[must_use]
    pub fn time_reference(&self, n: u64) -> Duration {
        self.rounds(n, |samples| {
            let mut reference = self.reference();
            let start = Instant::now();
            for (active, target) in samples {
                let sample = Sample { input: active, target: *target as usize };
                reference.learn(sample).expect("a sample of the set");
            }
            start.elapsed()
        })
    }

    /// The time that `n` samples take on copies of `engine`, which must stand before the first step.
    ///
    /// # Panics
    /// If the engine runs another network or stops.
    #[must_use]
    pub fn time_engine<E>(&self, engine: &E, check: Check, n: u64) -> Duration
    where
        E: Engine + Clone + 'static,
    {
        self.rounds(n, |samples| {
            let mut lockstep = self.lockstep(engine.clone());
            let start = Instant::now();
            for (active, target) in samples {
                lockstep.run_sample(active, *target, check).expect("faults are reported");
            }
            start.elapsed()
        })
    }

    /// Runs `n` samples, as often from the first as that takes.
    fn rounds(&self, n: u64, mut round: impl FnMut(&[(Vec<u32>, u32)]) -> Duration) -> Duration {
        let samples = &self.case.samples;
        let n = usize::try_from(n).expect("far fewer");
        let whole: Duration = (0..n / samples.len()).map(|_| round(samples)).sum();
        whole + round(&samples[..n % samples.len()])
    }
}
