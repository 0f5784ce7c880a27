//! Trials side by side: who does which, and how whoever watches hears of it.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::material::Material;
use crate::record::{Outcome, Times};
use crate::store::Store;
use crate::trial::{Trial, Watch};

/// Time since 1 January 1970, UTC.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// What happens while trials are computed.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A trial has come to its end and is kept: its item, its name, milliseconds.
    Done(&'a str, &'a str, u64),
    /// Some time has passed; how much is done of everything that is to be computed here, by expected milliseconds.
    Tick {
        /// Expected milliseconds of what is done.
        done: u64,
        /// Expected milliseconds of everything.
        of: u64,
    },
}

/// How often whoever watches hears that time has passed.
const TICK: Duration = Duration::from_millis(500);

/// A trial, the name of its item, and where its result belongs.
pub type Task<'a> = (&'static str, &'a Store, Trial);

/// Computes trials and keeps what comes out, the longest first. A trial that fails or
/// a stop lets those that run come to their end, or to their next look at `wants_stop`, and no other begin.
///
/// # Errors
/// The first error of a trial, or of keeping its result.
pub fn compute(
    trials: Vec<Task<'_>>,
    material: &Material,
    n_threads: NonZeroUsize,
    clock: Clock<'_>,
    wants_stop: &AtomicBool,
    hear: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let of: u64 = trials.iter().map(|(_, _, trial)| trial.expected_ms).sum();
    let mut queue = trials;
    // Equal lengths keep their order.
    queue.sort_by_key(|(_, _, trial)| std::cmp::Reverse(trial.expected_ms));
    let n_threads = n_threads.get().min(queue.len().max(1));
    let queue = Mutex::new(VecDeque::from(queue));
    let is_over = AtomicBool::new(false);
    let finished = AtomicU64::new(0);
    let running: Vec<(AtomicU64, AtomicU64)> =
        (0..n_threads).map(|_| (AtomicU64::new(0), AtomicU64::new(0))).collect();
    let (send, receive) = mpsc::channel();
    let mut first_error = None;
    std::thread::scope(|scope| {
        for (expected, permille) in &running {
            let (queue, send, is_over, finished) = (&queue, send.clone(), &is_over, &finished);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) && !wants_stop.load(Ordering::Relaxed) {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((item, store, trial)) = next else { break };
                    permille.store(0, Ordering::Relaxed);
                    expected.store(trial.expected_ms, Ordering::Relaxed);
                    let watch = Watch::new(wants_stop, permille);
                    let end = run(item, &trial, material, store, clock, &watch);
                    expected.store(0, Ordering::Relaxed);
                    finished.fetch_add(trial.expected_ms, Ordering::Relaxed);
                    is_over.fetch_or(end.is_err(), Ordering::Relaxed);
                    if send.send((item, trial.name, end)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        loop {
            match receive.recv_timeout(TICK) {
                Ok((item, trial, Ok(milliseconds))) => {
                    hear(Event::Done(item, &trial, milliseconds));
                }
                Ok((_, _, Err(error))) => first_error = first_error.take().or(Some(error)),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
            let part = |(expected, permille): &(AtomicU64, AtomicU64)| {
                expected.load(Ordering::Relaxed) * permille.load(Ordering::Relaxed) / 1000
            };
            let done = finished.load(Ordering::Relaxed) + running.iter().map(part).sum::<u64>();
            hear(Event::Tick { done: done.min(of), of });
        }
    });
    first_error.map_or(Ok(()), Err)
}

/// Runs one trial in a pool of one thread, so that nothing in it takes the thread of another.
fn run(
    item: &str,
    trial: &Trial,
    material: &Material,
    store: &Store,
    clock: Clock<'_>,
    watch: &Watch<'_>,
) -> Result<u64> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().context("no thread")?;
    let start = clock();
    let result = pool
        .install(|| (trial.work)(material, watch))
        .with_context(|| format!("{item}/{}", trial.name))?;
    let end = clock();
    let milliseconds = u64::try_from(end.saturating_sub(start).as_millis()).unwrap_or(u64::MAX);
    let outcome = Outcome { parameters: trial.parameters.clone(), result };
    store.put(&trial.name, &outcome, &Times { date: day(end), milliseconds })?;
    Ok(milliseconds)
}

/// The day of a time since 1970, UTC, in the Gregorian calendar.
fn day(time: Duration) -> String {
    let mut days = time.as_secs() / 86_400;
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", days + 1)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::scale::Scale;
    use serde_json::json;
    use synfire_data::SearchPath;

    /// Trials that give their number times ten; of those that fail, an error.
    fn trials(n: u64, failing: &[u64]) -> Vec<(&'static str, Trial)> {
        let trial = |number: u64| {
            let fails = failing.contains(&number);
            Trial::new(
                format!("t-{number}"),
                json!({ "number": number }),
                10 * number,
                move |_, watch| {
                    watch.done(1, 2)?;
                    anyhow::ensure!(!fails, "broken on purpose");
                    Ok(json!(number * 10))
                },
            )
        };
        (1..=n).map(|number| ("item", trial(number))).collect()
    }

    fn run_all(
        trials: Vec<(&'static str, Trial)>,
        store: &Store,
        n_threads: usize,
        wants_stop: &AtomicBool,
    ) -> (Result<()>, Vec<String>) {
        let material = Material::new(SearchPath::new(None, None, None));
        let n_threads = NonZeroUsize::new(n_threads).unwrap();
        let clock = || Duration::from_secs(1_795_219_200);
        let mut done = Vec::new();
        let trials = trials.into_iter().map(|(item, trial)| (item, store, trial)).collect();
        let end = compute(trials, &material, n_threads, &clock, wants_stop, &mut |event| {
            if let Event::Done(item, trial, milliseconds) = event {
                assert_eq!(milliseconds, 0);
                done.push(format!("{item}/{trial}"));
            }
        });
        (end, done)
    }

    #[test]
    fn results_are_kept_and_the_same_on_any_number_of_threads() {
        let dir = tempfile::tempdir().unwrap();
        let mut records = Vec::new();
        for n_threads in [1, 3] {
            let store =
                Store::new(&dir.path().join(n_threads.to_string()), Scale::Smoke, "item", "0123");
            let (end, done) = run_all(trials(7, &[]), &store, n_threads, &AtomicBool::new(false));
            end.unwrap();
            assert_eq!(done.len(), 7);
            if n_threads == 1 {
                assert_eq!(done[0], "item/t-7", "the longest first");
            }
            let mut record = crate::Record::new(Scale::Smoke);
            let all: Vec<Trial> = trials(8, &[]).into_iter().map(|(_, trial)| trial).collect();
            assert_eq!(store.collect("item", &all, &mut record), ["t-8"], "what has not run");
            assert_eq!(record.result::<u64>("item", "t-3").unwrap(), 30);
            assert_eq!(record.times["item"]["t-3"].date, "2026-11-21");
            records.push(record.to_json().unwrap());
        }
        assert_eq!(records[0], records[1]);
        assert_eq!(crate::Record::parse(&records[0]).unwrap().to_json().unwrap(), records[0]);
    }

    #[test]
    fn a_failure_loses_nothing_that_was_done_and_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path(), Scale::Smoke, "item", "0123");
        let (end, done) = run_all(trials(5, &[2]), &store, 1, &AtomicBool::new(false));
        assert_eq!(format!("{:#}", end.unwrap_err()), "item/t-2: broken on purpose");
        assert_eq!(done, ["item/t-5", "item/t-4", "item/t-3"]);
        let all = trials(5, &[]);
        let is_kept: Vec<bool> = all.iter().map(|(_, trial)| store.get(trial).is_some()).collect();
        assert_eq!(is_kept, [false, false, true, true, true]);
    }

    #[test]
    fn a_stop_ends_trials_and_begins_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path(), Scale::Smoke, "item", "0123");
        let (end, done) = run_all(trials(5, &[]), &store, 2, &AtomicBool::new(true));
        assert!(end.is_ok() && done.is_empty(), "{done:?}");
        assert!(!store.dir().exists(), "nothing half done is kept");
    }

    /// A result is taken again only if it is whole and of the same parameters and sources.
    #[test]
    fn what_is_stale_or_broken_is_computed_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path(), Scale::Smoke, "item", "0123");
        run_all(trials(1, &[]), &store, 1, &AtomicBool::new(false)).0.unwrap();
        let (_, trial) = trials(1, &[]).pop().unwrap();
        assert!(store.get(&trial).is_some());
        assert!(Store::new(dir.path(), Scale::Smoke, "item", "4567").get(&trial).is_none());
        assert!(Store::new(dir.path(), Scale::Quick, "item", "0123").get(&trial).is_none());
        let other = Trial { parameters: json!({ "number": 2 }), ..trials(1, &[]).pop().unwrap().1 };
        assert!(store.get(&other).is_none());
        let path = store.dir().join("t-1.json");
        let text = std::fs::read(&path).unwrap();
        std::fs::write(&path, &text[..text.len() / 2]).unwrap();
        assert!(store.get(&trial).is_none());
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_798_761_599, "2026-12-31"),
            (1_795_219_200, "2026-11-21"),
        ] {
            assert_eq!(day(Duration::from_secs(seconds)), expected);
        }
    }
}
