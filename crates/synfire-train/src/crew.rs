//! Runs side by side on several threads: who does which, and how the thread that watches hears of it.
//!
//! Each of a few workers takes the next run when it is done with one. Each evaluates in a pool of its own, so that
//! no run waits for another and as many threads are busy as were asked for, with any number of runs. What
//! happens in them is passed on to the thread that called. What a run is, and what becomes of its end, is the
//! business of the caller.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use rayon::ThreadPool;

use crate::error::RunError;
use crate::metrics::{EpochMetrics, Tally};
use crate::monitor::{Monitor, Notice};
use crate::record::RunFile;
use crate::run::{Summary, new_pool};

/// Progress is told about once in so many samples of a run.
const SAMPLES_PER_REPORT: u64 = 1024;

/// Time since any fixed moment, on any thread; it never runs backwards.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// Whether all runs are to end after the samples that they are at; asked after each, on any thread.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// What happened in one of several runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunEvent<'a> {
    /// Training is about to begin; the epochs that are done already, if the run is resumed.
    Started(&'a RunFile, &'a [EpochMetrics]),
    /// So many more samples have been trained; what training did in their epoch so far.
    Trained(u64, &'a Tally),
    /// Something the user ought to know.
    Noticed(&'a Notice),
    /// An epoch has been trained, evaluated and written.
    Epoch(&'a EpochMetrics),
    /// The run has come to its end.
    Finished(&'a Summary),
    /// The run was stopped.
    Stopped(&'a Summary),
    /// The run has failed; the others go on.
    Failed(&'a RunError),
    /// The run was not begun here.
    Skipped(Skip),
}

impl RunEvent<'_> {
    /// How a run ended.
    pub(crate) const fn of_end(end: &Result<Summary, RunError>) -> RunEvent<'_> {
        match end {
            Ok(summary) if summary.stopped.is_some() => RunEvent::Stopped(summary),
            Ok(summary) => RunEvent::Finished(summary),
            Err(error) => RunEvent::Failed(error),
        }
    }
}

/// Why a run was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skip {
    /// It had come to its end before.
    Done,
    /// Another process is at it.
    Busy,
}

/// Watches runs side by side; all but the clock is called on the thread that called for them.
pub trait RunsMonitor {
    /// The data is there, the runs are about to begin; the training samples of each, over all its epochs.
    fn started(&mut self, n_samples: &[u64]) {
        let _ = n_samples;
    }

    /// Time since 1 January 1970, UTC. It stands only in files whose form asks for dates.
    fn unix_time(&mut self) -> Duration {
        Duration::ZERO
    }

    /// Something happened in a run, counted from 0 as they were handed in.
    fn happened(&mut self, run_idx: usize, event: &RunEvent<'_>) {
        let _ = (run_idx, event);
    }
}

/// Watches nothing.
impl RunsMonitor for () {}

/// The workers.
pub(crate) struct Crew<'a> {
    /// One for each.
    pools: Vec<ThreadPool>,
    clock: Clock<'a>,
    wants_stop: Stop<'a>,
}

impl<'a> Crew<'a> {
    /// As many workers as there are threads, those of the current pool if no number is given, but no more than runs.
    pub(crate) fn new(
        n_threads: Option<NonZeroUsize>,
        n_runs: usize,
        clock: Clock<'a>,
        wants_stop: Stop<'a>,
    ) -> Result<Crew<'a>, RunError> {
        let n_threads = n_threads.map_or_else(rayon::current_num_threads, NonZeroUsize::get);
        Ok(Crew { pools: pools(n_threads, n_runs)?, clock, wants_stop })
    }

    /// Begins runs 0 to `n_runs` in this order, each on the next worker that is free, until all are done or somebody
    /// wants to stop. `ended` hears of each run that has an end, in the order in which they end.
    pub(crate) fn run<E: Send>(
        &self,
        n_runs: usize,
        run: &(dyn Fn(usize, &ThreadPool, &mut dyn Monitor) -> E + Sync),
        monitor: &mut dyn RunsMonitor,
        ended: &mut dyn FnMut(&mut dyn RunsMonitor, usize, E),
    ) {
        let Crew { clock, wants_stop, .. } = *self;
        let clock_began = monitor.unix_time().saturating_sub(clock());
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            for pool in &self.pools {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    while !wants_stop() {
                        let run_idx = next.fetch_add(1, Ordering::Relaxed);
                        if run_idx >= n_runs {
                            break;
                        }
                        let mut relay = Relay {
                            run_idx,
                            sender: &sender,
                            clock,
                            clock_began,
                            wants_stop,
                            n_told: 0,
                            tally: Tally::default(),
                        };
                        let end = run(run_idx, pool, &mut relay);
                        relay.tell(Told::Ended(end));
                    }
                });
            }
            drop(sender);
            // Ends when the last worker has dropped its sender.
            for (run_idx, told) in receiver {
                let mut tell = |event: &RunEvent<'_>| monitor.happened(run_idx, event);
                match told {
                    Told::Started(run, rows) => tell(&RunEvent::Started(&run, &rows)),
                    Told::Trained(n, tally) => tell(&RunEvent::Trained(n, &tally)),
                    Told::Noticed(notice) => tell(&RunEvent::Noticed(&notice)),
                    Told::Epoch(row) => tell(&RunEvent::Epoch(&row)),
                    Told::Ended(end) => ended(monitor, run_idx, end),
                }
            }
        });
    }
}

/// A pool for each worker; together they have `n_threads` threads.
fn pools(n_threads: usize, n_runs: usize) -> Result<Vec<ThreadPool>, RunError> {
    let n_workers = n_threads.min(n_runs).max(1);
    let share = |worker: usize| n_threads / n_workers + usize::from(worker < n_threads % n_workers);
    (0..n_workers).map(|worker| new_pool(share(worker).max(1))).collect()
}

/// What a worker tells.
enum Told<E> {
    Started(Box<RunFile>, Vec<EpochMetrics>),
    Trained(u64, Tally),
    Noticed(Notice),
    Epoch(Box<EpochMetrics>),
    Ended(E),
}

/// The monitor of one run: passes everything on to the thread that watches.
struct Relay<'a, E> {
    run_idx: usize,
    sender: &'a Sender<(usize, Told<E>)>,
    clock: Clock<'a>,
    /// Time since 1970 when the clock showed 0.
    clock_began: Duration,
    wants_stop: Stop<'a>,
    /// Samples told of in this epoch.
    n_told: u64,
    tally: Tally,
}

impl<E> Relay<'_, E> {
    fn tell(&self, told: Told<E>) {
        // The thread that watches is gone only if it panicked, and then nobody wants to know.
        let _ = self.sender.send((self.run_idx, told));
    }

    fn tell_trained(&mut self) {
        let n_now = self.tally.score.samples;
        if n_now > self.n_told {
            self.tell(Told::Trained(n_now - self.n_told, self.tally));
            self.n_told = n_now;
        }
    }
}

impl<E> Monitor for Relay<'_, E> {
    fn now(&mut self) -> Duration {
        (self.clock)()
    }

    fn unix_time(&mut self) -> Duration {
        self.clock_began + (self.clock)()
    }

    fn wants_stop(&mut self) -> bool {
        (self.wants_stop)()
    }

    fn started(&mut self, run: &RunFile, rows: &[EpochMetrics]) {
        self.tell(Told::Started(Box::new(run.clone()), rows.to_vec()));
    }

    fn epoch_started(&mut self, _epoch: u32, _n_samples: usize, tally: &Tally) {
        (self.n_told, self.tally) = (tally.score.samples, *tally);
    }

    fn trained(&mut self, tally: &Tally) {
        self.tally = *tally;
        if tally.score.samples - self.n_told >= SAMPLES_PER_REPORT {
            self.tell_trained();
        }
    }

    fn noticed(&mut self, notice: &Notice) {
        self.tell(Told::Noticed(notice.clone()));
    }

    fn epoch_finished(&mut self, row: &EpochMetrics) {
        self.tell_trained();
        self.tell(Told::Epoch(Box::new(row.clone())));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn threads_are_shared_out_and_none_is_added() {
        let sizes = |n_threads, n_runs| -> Vec<usize> {
            pools(n_threads, n_runs).unwrap().iter().map(ThreadPool::current_num_threads).collect()
        };
        assert_eq!(sizes(1, 5), [1]);
        assert_eq!(sizes(2, 2), [1, 1]);
        assert_eq!(sizes(3, 2), [2, 1]);
        assert_eq!(sizes(5, 1), [5]);
        assert_eq!(sizes(2, 15), [1, 1]);
        assert_eq!(sizes(2, 0), [2]);
    }

    /// Each run has its turn once, also where there are more workers than one; a stop leaves the rest.
    #[test]
    fn every_run_has_one_end() {
        let never: Stop<'_> = &|| false;
        for (n_threads, wants_stop, expected) in
            [(1, never, 7), (3, never, 7), (2, &|| true, 0)] as [(_, Stop<'_>, _); 3]
        {
            let clock = || Duration::ZERO;
            let n_threads = NonZeroUsize::new(n_threads);
            let crew = Crew::new(n_threads, 7, &clock, wants_stop).unwrap();
            let mut ends = Vec::new();
            crew.run(7, &|run_idx, _, _| run_idx * 10, &mut (), &mut |_, run_idx, end| {
                assert_eq!(end, run_idx * 10);
                ends.push(run_idx);
            });
            ends.sort_unstable();
            assert_eq!(ends, (0..expected).collect::<Vec<_>>());
        }
    }
}
