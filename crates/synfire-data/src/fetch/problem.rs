//! Why files could not be downloaded.

use std::path::PathBuf;
use std::time::Duration;

/// Why a file could not be had from one address, or is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum FetchProblem {
    /// No connection, or it broke.
    #[error("no connection: {reason}")]
    Connection { reason: String },
    /// Nothing came for too long.
    #[error("nothing came for {} s, after {n_bytes} bytes", .waited.as_secs_f32())]
    Stalled { n_bytes: u64, waited: Duration },
    /// The transfer took too long as a whole.
    #[error("the transfer took longer than {} s, after {n_bytes} bytes", .allowed.as_secs_f32())]
    Slow { n_bytes: u64, allowed: Duration },
    /// The connection ended before all was there.
    #[error("the transfer ended after {found} bytes{}", promised_words(.promised.as_ref()))]
    Cut { found: u64, promised: Option<u64> },
    /// The server says that it has no such file, or something else.
    #[error("the server answered with status {code}")]
    Status { code: u16 },
    /// The server sends on and on.
    #[error("the server's redirections lead nowhere")]
    Redirects,
    /// The server's words are no HTTP, or not those that belong here.
    #[error("the server's answer is not understood: {reason}")]
    Protocol { reason: String },
    /// More bytes than the file can have.
    #[error("the file is longer than the {allowed} bytes allowed{}", found_words(.found.as_ref()))]
    TooLong { found: Option<u64>, allowed: u64 },
    /// A page in the place of the file.
    #[error(
        "a web page came in the place of the file (`{text}`): is a login asked for, or a proxy in between?"
    )]
    Page { text: String },
    /// The packed content cannot be unpacked.
    #[error("the gzip stream is damaged or cut off: {reason}")]
    Gzip { reason: String },
    /// The content has another length.
    #[error("the unpacked content has {} bytes, expected {expected}", length(.found.as_ref()))]
    Content { found: Option<u64>, expected: u64 },
    /// The content is another one.
    #[error("SHA-256 of the unpacked content is {found}, expected {expected}")]
    Checksum { found: String, expected: String },
    /// A file is there and cannot be read.
    #[error("it cannot be read: {reason}")]
    Unreadable { reason: String },
}

impl FetchProblem {
    /// Whether it may be otherwise in a moment.
    pub(super) const fn may_pass(&self) -> bool {
        match self {
            FetchProblem::Connection { .. }
            | FetchProblem::Stalled { .. }
            | FetchProblem::Cut { .. } => true,
            FetchProblem::Status { code } => matches!(code, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }

    /// Whether the bytes that have come are worth nothing.
    pub(super) const fn is_of_content(&self) -> bool {
        matches!(
            self,
            FetchProblem::TooLong { .. }
                | FetchProblem::Page { .. }
                | FetchProblem::Gzip { .. }
                | FetchProblem::Content { .. }
                | FetchProblem::Checksum { .. }
        )
    }

    /// Whether it is the answer to the question for the rest of a file that is wrong.
    pub(super) const fn is_of_rest(&self) -> bool {
        self.is_of_content()
            || matches!(self, FetchProblem::Protocol { .. } | FetchProblem::Status { code: 416 })
    }

    /// Whether the address leads to nothing; storage services say so in different ways.
    pub(super) const fn is_absence(&self) -> bool {
        matches!(self, FetchProblem::Status { code: 403 | 404 | 410 })
    }
}

/// Why files could not be downloaded.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum FetchError {
    /// The folder cannot be made or written.
    #[error("folder {} cannot be written: {cause}", .dir.display())]
    Dir { dir: PathBuf, cause: std::io::Error },
    /// Somebody else downloads to it.
    #[error("folder {} is being downloaded to by another process", .dir.display())]
    Busy { dir: PathBuf },
    /// A file cannot be written. What has come so far stays.
    #[error("{} cannot be written: {cause}", .path.display())]
    File { path: PathBuf, cause: std::io::Error },
    /// An address that is none.
    #[error("mirror is `{found}`, expected http://... or https://...: {reason}")]
    Mirror { found: String, reason: String },
    /// An address that needs what this program was built without.
    #[error("mirror is `{found}`, and this program is built without https: name an http:// mirror")]
    NoHttps { found: String },
    /// The proxy's address is none.
    #[error("proxy is `{found}`, expected http://HOST:PORT: {reason}")]
    Proxy { found: String, reason: String },
    /// No mirror has it.
    #[error("{name} could not be downloaded to {}:{}", .dir.display(), tried(.trials))]
    Nowhere { name: String, dir: PathBuf, trials: Vec<(String, FetchProblem)> },
    /// The watch wanted to stop.
    #[error("stopped at {name} with {n_bytes} bytes of it; the next time goes on from there")]
    Stopped { name: String, n_bytes: u64 },
}

fn promised_words(promised: Option<&u64>) -> String {
    promised.map_or_else(String::new, |promised| format!(", {promised} were promised"))
}

fn found_words(found: Option<&u64>) -> String {
    found.map_or_else(String::new, |found| format!(": it is to have {found}"))
}

fn length(found: Option<&u64>) -> String {
    found.map_or_else(|| "more".to_owned(), u64::to_string)
}

/// The last problem with each address.
fn tried(trials: &[(String, FetchProblem)]) -> String {
    match trials {
        [] => " there is no mirror".to_owned(),
        trials => trials.iter().map(|(url, problem)| format!("\n  {url}: {problem}")).collect(),
    }
}
