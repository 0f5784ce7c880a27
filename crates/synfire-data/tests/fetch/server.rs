//! A web server on this machine that answers as a test says: well, badly, or not at all.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A request: what is asked for, and the headers by their names in small letters.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    headers: BTreeMap<String, String>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first byte of the range asked for.
    pub(crate) fn first_byte(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }

    fn read(stream: &TcpStream) -> Option<Request> {
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next()?.ok()?;
        let path = first.strip_prefix("GET ")?.split(' ').next()?.to_owned();
        let mut headers = BTreeMap::new();
        for line in lines {
            let line = line.ok()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        Some(Request { path, headers })
    }
}

/// The server; it ends with the test.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    is_over: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server on a port of its own, whose answers are written by `answer`, each on a thread.
    pub(crate) fn start(
        answer: impl Fn(&Request, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (seen, ends, answer) = (Arc::clone(&requests), Arc::clone(&is_over), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut stream = stream;
                    let Some(request) = Request::read(&stream) else { return };
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
                    // Who asked may have gone away.
                    let _ = answer(&request, &mut stream);
                });
            }
        });
        Server { address, requests, is_over }
    }

    /// The address of its root, with a slash at the end.
    pub(crate) fn root(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// What has been asked for so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The one who waits for a request gets one.
        let _ = TcpStream::connect(self.address);
    }
}

/// Writes the head of an answer; `headers` are lines, each with its own end.
pub(crate) fn head(stream: &mut TcpStream, status: &str, headers: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n")
}

/// A whole answer of a good server, or the rest that was asked for, if the file is the one asked about.
pub(crate) fn serve(
    request: &Request,
    stream: &mut TcpStream,
    content: &[u8],
    tag: &str,
) -> std::io::Result<()> {
    let is_same = request.header("if-range") == Some(tag);
    match request.first_byte().filter(|_| is_same) {
        Some(first) if first < content.len() => {
            let (last, n) = (content.len() - 1, content.len() - first);
            let range = format!("Content-Range: bytes {first}-{last}/{}\r\n", content.len());
            let headers = format!("Content-Length: {n}\r\nETag: {tag}\r\n{range}");
            head(stream, "206 Partial Content", &headers)?;
            stream.write_all(&content[first..])
        }
        Some(_) => head(stream, "416 Range Not Satisfiable", "Content-Length: 0\r\n"),
        None => {
            let headers = format!("Content-Length: {}\r\nETag: {tag}\r\n", content.len());
            head(stream, "200 OK", &headers)?;
            stream.write_all(content)
        }
    }
}

/// The answer that there is nothing.
pub(crate) fn absent(stream: &mut TcpStream) -> std::io::Result<()> {
    head(stream, "404 Not Found", "Content-Length: 9\r\n")?;
    stream.write_all(b"not found")
}
