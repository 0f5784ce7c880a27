//! Downloads the files of a data set, so that a name holds a complete, verified file or nothing.
//!
//! [`fetch`] goes through the files in order. What is there already and is right stays. For each other file it
//! tries the mirrors in order, each with and without `.gz`:
//!
//! 1. the bytes go to `NAME.part`; what they come from, and what tells that it has not changed (`ETag` or
//!    `Last-Modified`), stands in `NAME.part-from`;
//! 2. a part that is there already is gone on with if the server sends the rest of the same thing, otherwise from
//!    the beginning;
//! 3. the part is flushed to the disk, unpacked and compared with the SHA-256 that the content must have;
//! 4. it is renamed to its name. Files of that part under names that [`load`](crate::load()) looks for before are
//!    moved aside, to `NAME.wrong`.
//!
//! Whatever ends the process between any two operations leaves nothing that could be taken for whole. Faults that
//! may pass (no connection, a stalled or cut transfer, an overloaded server) are tried again a few times, going on
//! where the transfer ended; others lead to the next mirror at once. Sizes are bounded by what the content is known to
//! have, times by [`Patience`]. The library has no clock and reads no environment: what the transfer does is told to
//! a [`FetchWatch`].
//!
//! The content is known by its checksum, so that it does not matter who sends it or whether anybody listens: plain
//! `http` is as good as `https`, which the feature `https` adds for servers that have nothing else.

mod answer;
mod client;
mod disk;
#[cfg(test)]
mod killed;
mod problem;
mod transfer;
mod wanted;

use std::path::{Path, PathBuf};
use std::time::Duration;

#[doc(hidden)]
pub use answer::judge_answer;
use client::Client;
use disk::Store;
pub use problem::{FetchError, FetchProblem};
use transfer::Transfer;
pub use wanted::{Wanted, mirrors, wanted_files};

/// How long a transfer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until something comes, first or next.
    pub stall: Duration,
    /// For one whole transfer, however little it stalls.
    pub total: Duration,
    /// Before the first trial after a fault that may pass; twice as long before each further one.
    pub pause: Duration,
    /// Number of trials for each address, at least 1.
    pub n_trials: u32,
}

impl Default for Patience {
    /// 20 s for a connection, 30 s without a byte, an hour in all, four trials with pauses from 1 s on.
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            total: Duration::from_secs(3600),
            pause: Duration::from_secs(1),
            n_trials: 4,
        }
    }
}

/// What is to be downloaded, from where and to where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchPlan {
    /// The files.
    pub files: Vec<Wanted>,
    /// Addresses of folders that hold them, `http://...` or `https://...`, in the order in which they are tried.
    pub mirrors: Vec<String>,
    /// The folder that they go to; it is made if it is not there.
    pub dir: PathBuf,
    /// How long a transfer may take.
    pub patience: Patience,
    /// The address of an HTTP proxy, if there is one.
    pub proxy: Option<String>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it lies.
    pub path: PathBuf,
    /// Its length on the disk, packed or not.
    pub n_bytes: u64,
    /// The address that it came from; `None` if it was there.
    pub from: Option<String>,
}

/// What happens while files are downloaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchEvent<'a> {
    /// A file is there and is right.
    Present(&'a Fetched),
    /// A file is there, is not what it should be, and is downloaded.
    Wrong {
        /// The file.
        path: &'a Path,
        /// What is wrong with it.
        problem: &'a FetchProblem,
    },
    /// Bytes are coming.
    Began {
        /// The name of the file.
        name: &'a str,
        /// Where they come from.
        url: &'a str,
        /// Bytes that are there from an earlier transfer.
        n_before: u64,
        /// Bytes in all, if the server says it.
        n_total: Option<u64>,
    },
    /// So many bytes are there.
    Received {
        /// Bytes, those of an earlier transfer too.
        n_bytes: u64,
    },
    /// A trial failed.
    Failed {
        /// The address.
        url: &'a str,
        /// Why.
        problem: &'a FetchProblem,
        /// Whether the same address is tried again.
        is_tried_again: bool,
    },
    /// A file that stood in the way of the right one has another name now.
    MovedAside {
        /// Its new name.
        path: &'a Path,
    },
    /// A file is complete, verified and in its place.
    Finished(&'a Fetched),
}

/// Watches a download.
pub trait FetchWatch {
    /// Something happened.
    fn happened(&mut self, event: &FetchEvent<'_>) {
        let _ = event;
    }

    /// Whether to end now; what has come stays, and is gone on with the next time.
    fn wants_stop(&mut self) -> bool {
        false
    }
}

/// Watches nothing.
impl FetchWatch for () {}

/// Downloads files that are not there yet, or are not what they should be.
///
/// ```no_run
/// use synfire_data::{FetchPlan, Patience, Source, fetch, mirrors, wanted_files};
///
/// let plan = FetchPlan {
///     files: wanted_files(&Source::Mnist),
///     mirrors: mirrors(&Source::Mnist),
///     dir: "data/mnist".into(),
///     patience: Patience::default(),
///     proxy: None,
/// };
/// for file in fetch(&plan, &mut ())? {
///     println!("{}: {} bytes", file.path.display(), file.n_bytes);
/// }
/// # Ok::<(), synfire_data::FetchError>(())
/// ```
///
/// # Errors
/// If the folder cannot be written or somebody else downloads to it, if a file comes from none of the mirrors, or if
/// the watch wants to stop. Files that are finished by then stay.
pub fn fetch(plan: &FetchPlan, watch: &mut dyn FetchWatch) -> Result<Vec<Fetched>, FetchError> {
    fetch_to(plan, Store::open(&plan.dir)?, watch)
}

fn fetch_to(
    plan: &FetchPlan,
    store: Store,
    watch: &mut dyn FetchWatch,
) -> Result<Vec<Fetched>, FetchError> {
    let client = Client::new(&plan.patience, plan.proxy.as_deref())?;
    let addresses = plan.mirrors.iter().map(|mirror| client::folder(mirror));
    let addresses = addresses.collect::<Result<Vec<String>, FetchError>>()?;
    let _lock = store.lock()?;
    let mut all = Vec::new();
    for file in &plan.files {
        let fetched = match present(&store, file, watch)? {
            Some(fetched) => fetched,
            None => {
                Transfer { plan, file, store: &store, client: &client }.run(&addresses, watch)?
            }
        };
        all.push(fetched);
    }
    Ok(all)
}

/// The file if it is there under any of its names, and is right; others that would be loaded before it are moved
/// aside.
fn present(
    store: &Store,
    file: &Wanted,
    watch: &mut dyn FetchWatch,
) -> Result<Option<Fetched>, FetchError> {
    let mut wrong: Vec<String> = Vec::new();
    for name in file.names() {
        let path = store.path(&name);
        if !path.exists() {
            continue;
        }
        match file.check(&path) {
            Ok(n_bytes) => {
                for name in &wrong {
                    let path = store.move_aside(name)?;
                    watch.happened(&FetchEvent::MovedAside { path: &path });
                }
                // What a process left that ended between the name and its tidying up.
                store.discard(&file.name)?;
                let fetched = Fetched { path, n_bytes, from: None };
                watch.happened(&FetchEvent::Present(&fetched));
                return Ok(Some(fetched));
            }
            Err(problem) => {
                watch.happened(&FetchEvent::Wrong { path: &path, problem: &problem });
                wrong.push(name);
            }
        }
    }
    Ok(None)
}

/// What one file is found to be.
#[derive(Debug)]
pub struct Checked {
    /// Its name without `.gz`.
    pub name: String,
    /// Where it lies, if it is there.
    pub path: Option<PathBuf>,
    /// What is wrong with it.
    pub problem: Option<FetchProblem>,
}

/// Looks at files without downloading anything: whether each is there, and is what it should be.
#[must_use]
pub fn check_files(files: &[Wanted], dir: &Path) -> Vec<Checked> {
    let checked = |file: &Wanted| {
        let path = file.names().iter().map(|name| dir.join(name)).find(|path| path.exists());
        let problem = path.as_ref().and_then(|path| file.check(path).err());
        Checked { name: file.name.clone(), path, problem }
    };
    files.iter().map(checked).collect()
}
