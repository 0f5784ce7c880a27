//! One file, from the first mirror that has it to its name.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use super::answer::Coming;
use super::client::{Answer, Client};
use super::disk::{Origin, Part, Store};
use super::problem::{FetchError, FetchProblem};
use super::wanted::{Wanted, page};
use super::{FetchEvent, FetchPlan, FetchWatch, Fetched};

/// Bytes read at a time.
const PIECE_BYTES: usize = 1 << 16;
/// The longest pause between two trials.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Whether somebody wants to stop is asked so often in a pause.
const NAP: Duration = Duration::from_millis(50);

/// A file that is to be had.
pub(super) struct Transfer<'a> {
    pub(super) plan: &'a FetchPlan,
    pub(super) file: &'a Wanted,
    pub(super) store: &'a Store,
    pub(super) client: &'a Client,
}

/// Why an address did not give the file.
struct Refused {
    problem: FetchProblem,
    /// Whether what came was to follow what was there, so that from the beginning it may be right.
    was_resumed: bool,
}

/// An error that ends all, or a problem with one address.
type Trial<T> = Result<Result<T, Refused>, FetchError>;

impl Transfer<'_> {
    /// Tries one address after another, packed before plain.
    pub(super) fn run(
        &self,
        addresses: &[String],
        watch: &mut dyn FetchWatch,
    ) -> Result<Fetched, FetchError> {
        let mut trials = Vec::new();
        for address in addresses {
            for suffix in [".gz", ""] {
                let url = format!("{address}{}{suffix}", self.file.name);
                match self.from(&url, watch)? {
                    Ok(fetched) => return Ok(fetched),
                    Err(problem) => {
                        let is_absence = problem.is_absence();
                        trials.push((url, problem));
                        if !is_absence {
                            break;
                        }
                    }
                }
            }
        }
        let (name, dir) = (self.file.name.clone(), self.store.dir().to_owned());
        Err(FetchError::Nowhere { name, dir, trials })
    }

    /// Tries one address, more than once if that may help.
    fn from(
        &self,
        url: &str,
        watch: &mut dyn FetchWatch,
    ) -> Result<Result<Fetched, FetchProblem>, FetchError> {
        let mut pause = self.plan.patience.pause;
        let mut n_left = self.plan.patience.n_trials.max(1);
        loop {
            n_left -= 1;
            let refused = match self.once(url, watch)? {
                Ok(fetched) => return Ok(Ok(fetched)),
                Err(refused) => refused,
            };
            let Refused { problem, was_resumed } = refused;
            let is_afresh = was_resumed && problem.is_of_rest();
            if problem.is_of_content() || is_afresh {
                self.store.discard(&self.file.name)?;
            }
            let is_tried_again = n_left > 0 && (is_afresh || problem.may_pass());
            watch.happened(&FetchEvent::Failed { url, problem: &problem, is_tried_again });
            if !is_tried_again {
                return Ok(Err(problem));
            }
            if problem.may_pass() {
                self.wait(pause, watch)?;
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }

    fn wait(&self, pause: Duration, watch: &mut dyn FetchWatch) -> Result<(), FetchError> {
        let mut left = pause;
        while !left.is_zero() {
            self.check_stop(watch)?;
            let nap = left.min(NAP);
            std::thread::sleep(nap);
            left -= nap;
        }
        self.check_stop(watch)
    }

    fn check_stop(&self, watch: &mut dyn FetchWatch) -> Result<(), FetchError> {
        if !watch.wants_stop() {
            return Ok(());
        }
        let name = self.file.name.clone();
        let n_bytes = self.store.part(&name).map_or(0, |part| part.n_bytes);
        Err(FetchError::Stopped { name, n_bytes })
    }

    /// One request; what comes is verified and put in its place.
    fn once(&self, url: &str, watch: &mut dyn FetchWatch) -> Trial<Fetched> {
        self.check_stop(watch)?;
        let part = self.store.part(&self.file.name).filter(|part| part.origin.url == url);
        let was_resumed = part.is_some();
        let refused = |problem| Ok(Err(Refused { problem, was_resumed }));
        // A process that ended before it could verify what had come has nothing to ask for.
        let is_all = part.as_ref().is_some_and(|part| part.origin.n_total == Some(part.n_bytes));
        if !is_all && let Err(problem) = self.receive(url, part.as_ref(), watch)? {
            return refused(problem);
        }
        let path = self.store.part_path(&self.file.name);
        let n_bytes = match self.file.check(&path) {
            Ok(n_bytes) => n_bytes,
            Err(problem) => return refused(problem),
        };
        let path = self.put(&path, watch)?;
        let fetched = Fetched { path, n_bytes, from: Some(url.to_owned()) };
        watch.happened(&FetchEvent::Finished(&fetched));
        Ok(Ok(fetched))
    }

    /// Asks for the file, or for the rest of it, and keeps what comes.
    fn receive(
        &self,
        url: &str,
        part: Option<&Part>,
        watch: &mut dyn FetchWatch,
    ) -> Result<Result<(), FetchProblem>, FetchError> {
        let (name, allowed) = (&self.file.name, self.file.most_bytes());
        let asked = part.map(|part| (part.n_bytes, part.origin.validator.as_str()));
        let mut answer = match self.client.get(url, asked) {
            Ok(answer) => answer,
            Err(problem) => return Ok(Err(problem)),
        };
        let Coming { n_before, n_total } = match answer.head.coming(part, allowed) {
            Ok(coming) => coming,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut file = match n_before {
            0 => {
                let validator = answer.head.validator.clone();
                let origin =
                    validator.map(|validator| Origin { url: url.to_owned(), validator, n_total });
                self.store.begin(name, origin.as_ref())?
            }
            _ => self.store.go_on(name)?,
        };
        watch.happened(&FetchEvent::Began { name, url, n_before, n_total });
        let come = self.keep(&mut answer, &mut file, n_before, watch)?;
        // Also of what is gone on with the next time.
        self.store.flush(name, &file)?;
        let n_bytes = match come {
            Ok(n_bytes) => n_bytes,
            Err(FetchProblem::Cut { found, promised: None }) => {
                return Ok(Err(FetchProblem::Cut { found, promised: n_total }));
            }
            Err(problem) => return Ok(Err(problem)),
        };
        Ok(match n_total.filter(|&n_total| n_bytes < n_total) {
            Some(promised) => Err(FetchProblem::Cut { found: n_bytes, promised: Some(promised) }),
            None => Ok(()),
        })
    }

    /// Appends what comes to the part; the number of bytes that are there at the end.
    fn keep(
        &self,
        answer: &mut Answer,
        file: &mut File,
        n_before: u64,
        watch: &mut dyn FetchWatch,
    ) -> Result<Result<u64, FetchProblem>, FetchError> {
        let (name, allowed) = (&self.file.name, self.file.most_bytes());
        let mut n_bytes = n_before;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let n = match self.client.read(answer, &mut piece, n_bytes) {
                Ok(0) => return Ok(Ok(n_bytes)),
                Ok(n) => n,
                Err(problem) => return Ok(Err(problem)),
            };
            let piece = &piece[..n];
            // What is no file at all need not be waited for.
            if n_bytes == 0
                && let Some(text) = page(piece)
            {
                return Ok(Err(FetchProblem::Page { text }));
            }
            n_bytes += n as u64;
            if n_bytes > allowed {
                return Ok(Err(FetchProblem::TooLong { found: None, allowed }));
            }
            self.store.append(name, file, piece)?;
            watch.happened(&FetchEvent::Received { n_bytes });
            if watch.wants_stop() {
                self.store.flush(name, file)?;
                return Err(FetchError::Stopped { name: name.clone(), n_bytes });
            }
        }
    }

    /// Puts a verified part in its place, and what would be loaded before it out of the way.
    fn put(&self, part: &PathBuf, watch: &mut dyn FetchWatch) -> Result<PathBuf, FetchError> {
        let mut start = [0; 2];
        let is_packed = File::open(part).and_then(|mut file| file.read_exact(&mut start)).is_ok()
            && start == [0x1f, 0x8b];
        let name = &self.file.name;
        let whole = if is_packed { format!("{name}.gz") } else { name.clone() };
        let path = self.store.finish(name, &whole)?;
        for before in self.file.names().iter().take_while(|&before| *before != whole) {
            if self.store.path(before).exists() {
                let path = self.store.move_aside(before)?;
                watch.happened(&FetchEvent::MovedAside { path: &path });
            }
        }
        Ok(path)
    }
}
