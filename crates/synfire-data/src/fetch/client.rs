//! One request and its answer, over `ureq`, in the words of a download.
//!
//! Nothing is taken from the environment, no connection is kept, and packed bytes stay packed: it is the files that are
//! packed.

use core::net::IpAddr;
use std::io::Read;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::{Uri, header};
use ureq::{Agent, Error, Proxy, ProxyProtocol, Timeout};

use super::Patience;
use super::answer::Head;
use super::problem::{FetchError, FetchProblem};

/// Most redirections that are followed.
const MOST_REDIRECTS: u32 = 8;
/// The longest head of an answer, in bytes.
const LONGEST_HEAD: usize = 1 << 15;

/// Asks servers for files.
pub(super) struct Client {
    agent: Agent,
    /// For servers on this machine, which no proxy reaches.
    direct: Agent,
    patience: Patience,
}

/// The beginning of an answer, and what is still to come of it.
pub(super) struct Answer {
    pub(super) head: Head,
    body: Box<dyn Read>,
}

/// The address of a folder, with a slash at its end.
pub(super) fn folder(mirror: &str) -> Result<String, FetchError> {
    let wrong = |reason: String| FetchError::Mirror { found: mirror.to_owned(), reason };
    let uri: Uri = mirror.parse().map_err(|error| wrong(format!("{error}")))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") if cfg!(feature = "https") => {}
        Some("https") => return Err(FetchError::NoHttps { found: mirror.to_owned() }),
        _ => return Err(wrong("it has another beginning".to_owned())),
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(wrong("there is no host".to_owned()));
    }
    if uri.query().is_some() || mirror.contains('#') {
        return Err(wrong(
            "names of files are put behind it, so that nothing may follow".to_owned(),
        ));
    }
    Ok(if mirror.ends_with('/') { mirror.to_owned() } else { format!("{mirror}/") })
}

impl Client {
    pub(super) fn new(patience: &Patience, proxy: Option<&str>) -> Result<Client, FetchError> {
        let wrong = |reason: &str| FetchError::Proxy {
            found: proxy.unwrap_or_default().to_owned(),
            reason: reason.to_owned(),
        };
        let proxy = proxy.map(Proxy::new).transpose().map_err(|error| wrong(&error.to_string()))?;
        if proxy.as_ref().is_some_and(|proxy| {
            proxy.protocol() != ProxyProtocol::Http && proxy.protocol() != ProxyProtocol::Https
        }) {
            return Err(wrong("SOCKS is not spoken here"));
        }
        let agent = |proxy: Option<Proxy>| Agent::new_with_config(config(patience, proxy));
        Ok(Client { agent: agent(proxy), direct: agent(None), patience: *patience })
    }

    /// Asks for a file, or for what follows a part of it as long as it is still the same.
    pub(super) fn get(&self, url: &str, part: Option<(u64, &str)>) -> Result<Answer, FetchProblem> {
        let uri = url.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_near = address.is_ok_and(|address| address.is_loopback());
        let agent = if is_near { &self.direct } else { &self.agent };
        let mut request = agent.get(url);
        if let Some((n_bytes, validator)) = part {
            request = request
                .header(header::RANGE, format!("bytes={n_bytes}-"))
                .header(header::IF_RANGE, validator);
        }
        let answer = request.call().map_err(|error| self.problem(&error, 0))?;
        let head = Head::of(answer.status().as_u16(), answer.headers());
        Ok(Answer { head, body: Box::new(answer.into_body().into_reader()) })
    }

    /// The next bytes of an answer of which `n_before` have come; 0 at its end.
    pub(super) fn read(
        &self,
        answer: &mut Answer,
        bytes: &mut [u8],
        n_before: u64,
    ) -> Result<usize, FetchProblem> {
        loop {
            return match answer.body.read(bytes) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => Err(match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                    Some(error) => self.problem(error, n_before),
                    None => of_io(&error, n_before),
                }),
                Ok(n) => Ok(n),
            };
        }
    }

    fn problem(&self, error: &Error, n_bytes: u64) -> FetchProblem {
        let Patience { stall, connect, total, .. } = self.patience;
        match error {
            Error::Timeout(Timeout::PerRead | Timeout::PerWrite) => {
                FetchProblem::Stalled { n_bytes, waited: stall }
            }
            Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                let reason = format!("nobody answered for {} s", connect.as_secs_f32());
                FetchProblem::Connection { reason }
            }
            Error::Timeout(_) => FetchProblem::Slow { n_bytes, allowed: total },
            Error::Io(error) => of_io(error, n_bytes),
            Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_) => {
                FetchProblem::Connection { reason: error.to_string() }
            }
            Error::TooManyRedirects | Error::RedirectFailed => FetchProblem::Redirects,
            Error::TlsRequired => FetchProblem::Protocol {
                reason: "it asks for https, which this program is built without".to_owned(),
            },
            error => FetchProblem::Protocol { reason: error.to_string() },
        }
    }
}

fn config(patience: &Patience, proxy: Option<Proxy>) -> Config {
    let wait = |duration: Duration| Some(duration);
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(MOST_REDIRECTS)
        .max_response_header_size(LONGEST_HEAD)
        .proxy(proxy)
        .user_agent(concat!("synfire/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .max_idle_connections(0)
        .timeout_resolve(wait(patience.connect))
        .timeout_connect(wait(patience.connect))
        .timeout_per_read(wait(patience.stall))
        .timeout_per_write(wait(patience.stall))
        .timeout_global(wait(patience.total))
        .build()
}

fn of_io(error: &std::io::Error, n_bytes: u64) -> FetchProblem {
    match error.kind() {
        // The connection was there; it ended too early.
        std::io::ErrorKind::UnexpectedEof => FetchProblem::Cut { found: n_bytes, promised: None },
        _ => FetchProblem::Connection { reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn mirrors_are_folders() {
        let message = |mirror| folder(mirror).map_err(|error| error.to_string());
        assert_eq!(message("http://h:8000/a"), Ok("http://h:8000/a/".to_owned()));
        assert_eq!(message("http://h"), Ok("http://h/".to_owned()));
        for mirror in
            ["ftp://h/a", "h/a", "", "http://", "http://h/a?b=c", "http://h/#x", "file:///a"]
        {
            let message = message(mirror).err().unwrap_or_default();
            let start = format!("mirror is `{mirror}`, expected http://... or https://...: ");
            assert!(message.starts_with(&start), "{message}");
        }
    }
}
