//! Downloads from servers that stall, cut, lie, send something else or nothing: a clear error or a complete, verified
//! file, and never a part of one under its name.

#![cfg(feature = "fetch")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod server;

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use server::{Request, Server, absent, head, serve};
use synfire_data::{
    FetchError, FetchEvent, FetchPlan, FetchProblem, FetchWatch, Patience, Wanted, check_files,
    fetch, sha256_hex,
};
use tempfile::TempDir;

const NAME: &str = "train-images-idx3-ubyte";

/// Bytes that gzip cannot make much of, so that a packed file takes several reads.
fn content() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..300_000).map(|_| next()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn wanted() -> Wanted {
    let content = content();
    Wanted { name: NAME.to_owned(), sha256: sha256_hex(&content), n_bytes: content.len() as u64 }
}

/// A plan with little patience.
fn plan(dir: &Path, mirrors: &[String]) -> FetchPlan {
    FetchPlan {
        files: vec![wanted()],
        mirrors: mirrors.to_vec(),
        dir: dir.to_owned(),
        patience: Patience {
            connect: Duration::from_secs(5),
            stall: Duration::from_millis(300),
            total: Duration::from_secs(20),
            pause: Duration::from_millis(1),
            n_trials: 3,
        },
        proxy: None,
    }
}

/// What happened, in words.
#[derive(Default)]
struct Diary {
    lines: Vec<String>,
    /// Stops after so many bytes.
    stops_at: Option<u64>,
    n_bytes: u64,
}

impl FetchWatch for Diary {
    fn happened(&mut self, event: &FetchEvent<'_>) {
        self.lines.push(match event {
            FetchEvent::Present(_) => "present".to_owned(),
            FetchEvent::Wrong { problem, .. } => format!("wrong: {problem}"),
            FetchEvent::Began { n_before, n_total, .. } => {
                format!("began {n_before} of {n_total:?}")
            }
            FetchEvent::Received { n_bytes } => {
                self.n_bytes = *n_bytes;
                return;
            }
            FetchEvent::Failed { problem, is_tried_again, .. } => {
                format!("failed{}: {problem}", if *is_tried_again { "" } else { " for good" })
            }
            FetchEvent::MovedAside { path } => {
                format!("aside {}", path.file_name().unwrap().display())
            }
            FetchEvent::Finished(_) => "finished".to_owned(),
            other => format!("{other:?}"),
        });
    }

    fn wants_stop(&mut self) -> bool {
        self.stops_at.is_some_and(|stop| self.n_bytes >= stop)
    }
}

/// The names in a folder, sorted.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Whatever happened, a name holds the right content or nothing.
#[track_caller]
fn check_names(dir: &Path) {
    for checked in check_files(&[wanted()], dir) {
        assert!(checked.problem.is_none(), "{checked:?}");
    }
}

/// Downloads from a server, which must succeed, and returns what happened.
#[track_caller]
fn succeeded(
    answer: impl Fn(&Request, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> Vec<String> {
    let (server, dir) = (Server::start(answer), tempfile::tempdir().unwrap());
    let mut diary = Diary::default();
    let fetched = fetch(&plan(dir.path(), &[server.root()]), &mut diary).unwrap();
    assert!(fetched[0].path.exists() && fetched[0].from.is_some(), "{fetched:?}");
    assert_eq!(names(dir.path()).len(), 1, "nothing else is left: {:?}", names(dir.path()));
    check_names(dir.path());
    diary.lines
}

/// Downloads from a server, which must fail, and returns the last problem with the packed file.
#[track_caller]
fn failed(
    answer: impl Fn(&Request, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> (FetchProblem, Vec<String>) {
    let (server, dir) = (Server::start(answer), tempfile::tempdir().unwrap());
    let mut diary = Diary::default();
    let error = fetch(&plan(dir.path(), &[server.root()]), &mut diary).unwrap_err();
    assert!(names(dir.path()).iter().all(|name| name.contains(".part")), "{:?}", names(dir.path()));
    let FetchError::Nowhere { trials, .. } = error else { panic!("{error}") };
    (trials[0].1.clone(), diary.lines)
}

#[test]
fn a_good_server_is_believed_once_its_bytes_are_checked() {
    let packed = gzip(&content());
    let n = packed.len();
    let lines = succeeded(move |request, stream| serve(request, stream, &packed, "\"a\""));
    assert_eq!(lines, [format!("began 0 of Some({n})"), "finished".to_owned()]);
}

#[test]
fn plain_files_are_taken_where_there_are_no_packed_ones() {
    let lines = succeeded(|request, stream| match request.path.ends_with(".gz") {
        true => absent(stream),
        false => serve(request, stream, &content(), "\"a\""),
    });
    assert_eq!(
        lines,
        [
            "failed for good: the server answered with status 404",
            "began 0 of Some(300000)",
            "finished"
        ]
    );
}

/// Without a length, in pieces, or until the connection closes.
#[test]
fn answers_without_a_length_are_whole_when_their_content_is() {
    let packed = gzip(&content());
    let chunked = packed.clone();
    succeeded(move |_, stream| {
        head(stream, "200 OK", "Transfer-Encoding: chunked\r\n")?;
        for piece in chunked.chunks(40_000) {
            write!(stream, "{:x}\r\n", piece.len())?;
            stream.write_all(piece)?;
            stream.write_all(b"\r\n")?;
        }
        stream.write_all(b"0\r\n\r\n")
    });
    let closed = packed.clone();
    succeeded(move |_, stream| {
        head(stream, "200 OK", "")?;
        stream.write_all(&closed)
    });
    let (problem, _) = failed(move |_, stream| {
        head(stream, "200 OK", "")?;
        stream.write_all(&packed[..packed.len() / 2])
    });
    assert!(matches!(problem, FetchProblem::Gzip { .. }), "{problem}");
}

#[test]
fn a_server_that_stalls_is_asked_for_the_rest() {
    let packed = gzip(&content());
    let n_calls = AtomicUsize::new(0);
    let half = packed.len() / 2;
    let lines = succeeded(move |request, stream| {
        if n_calls.fetch_add(1, Ordering::SeqCst) == 0 {
            head(
                stream,
                "200 OK",
                &format!("Content-Length: {}\r\nETag: \"a\"\r\n", packed.len()),
            )?;
            stream.write_all(&packed[..half])?;
            std::thread::sleep(Duration::from_secs(3));
            return Ok(());
        }
        serve(request, stream, &packed, "\"a\"")
    });
    assert!(lines[1].starts_with("failed: nothing came for 0.3 s, after "), "{lines:?}");
    assert_eq!(lines[2].split(' ').nth(1), Some(&*half.to_string()), "{lines:?}");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let (problem, lines) = failed(|_, _| {
        std::thread::sleep(Duration::from_secs(3));
        Ok(())
    });
    assert!(matches!(problem, FetchProblem::Stalled { n_bytes: 0, .. }), "{problem}");
    assert_eq!(lines.len(), 3, "three trials: {lines:?}");
    // Nobody listens on a port that was just given back.
    let dir = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error =
        fetch(&plan(dir.path(), &[format!("http://127.0.0.1:{port}")]), &mut ()).unwrap_err();
    let FetchError::Nowhere { trials, .. } = error else { panic!("{error}") };
    assert!(matches!(trials[0].1, FetchProblem::Connection { .. }), "{trials:?}");
}

#[test]
fn a_transfer_that_drips_ends() {
    let (server, dir) = (
        Server::start(|_, stream| {
            head(stream, "200 OK", "Content-Length: 200000\r\n")?;
            for _ in 0..400 {
                stream.write_all(b"\x1f")?;
                std::thread::sleep(Duration::from_millis(20));
            }
            Ok(())
        }),
        tempfile::tempdir().unwrap(),
    );
    let mut plan = plan(dir.path(), &[server.root()]);
    plan.patience.total = Duration::from_millis(600);
    let FetchError::Nowhere { trials, .. } = fetch(&plan, &mut ()).unwrap_err() else { panic!() };
    assert!(matches!(trials[0].1, FetchProblem::Slow { n_bytes: 1.., .. }), "{trials:?}");
}

/// A length that is too long never comes true; one that is too short makes another file.
#[test]
fn a_server_that_lies_about_the_length_is_found_out() {
    let packed = gzip(&content());
    let n = packed.len();
    let long = packed.clone();
    let (problem, lines) = failed(move |_, stream| {
        head(stream, "200 OK", &format!("Content-Length: {}\r\n", n + 10))?;
        stream.write_all(&long)
    });
    assert_eq!(problem, FetchProblem::Cut { found: n as u64, promised: Some(n as u64 + 10) });
    assert!(lines[1].starts_with("failed: ") && lines.len() == 6, "{lines:?}");
    let (problem, lines) = failed(move |_, stream| {
        head(stream, "200 OK", &format!("Content-Length: {}\r\n", n - 10))?;
        stream.write_all(&packed)
    });
    assert!(matches!(problem, FetchProblem::Gzip { .. }), "{problem}");
    assert_eq!(lines.len(), 2, "wrong bytes are not asked for again: {lines:?}");
}

#[test]
fn wrong_bytes_are_not_taken() {
    let mut other = content();
    other[200_000] ^= 1;
    let packed = gzip(&other);
    let (problem, _) = failed(move |request, stream| serve(request, stream, &packed, "\"a\""));
    let (found, expected) = (sha256_hex(&other), sha256_hex(&content()));
    assert_eq!(problem, FetchProblem::Checksum { found, expected });
    let mut damaged = gzip(&content());
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x10;
    let (problem, _) = failed(move |request, stream| serve(request, stream, &damaged, "\"a\""));
    let is_damage = matches!(
        problem,
        FetchProblem::Gzip { .. } | FetchProblem::Checksum { .. } | FetchProblem::Content { .. }
    );
    assert!(is_damage, "{problem}");
    let short = gzip(&content()[..299_999]);
    let (problem, _) = failed(move |request, stream| serve(request, stream, &short, "\"a\""));
    assert_eq!(problem, FetchProblem::Content { found: Some(299_999), expected: 300_000 });
}

#[test]
fn a_login_page_is_called_that() {
    let page = b"\n <!DOCTYPE html>\n<html><title>Hotel Wifi</title>please log in";
    let (problem, _) = failed(|request, stream| serve(request, stream, page, "\"a\""));
    let text = "<!DOCTYPE html> <html><title>Hotel Wifi</title>please log in".to_owned();
    assert_eq!(problem, FetchProblem::Page { text });
    assert!(
        problem.to_string().contains("is a login asked for, or a proxy in between?"),
        "{problem}"
    );
}

/// A page is known by its beginning, however much of it there is, and nothing of it stays.
#[test]
fn a_page_that_never_ends_is_called_a_page() {
    let answer = |_: &Request, stream: &mut TcpStream| {
        head(stream, "200 OK", "ETag: \"a\"\r\n")?;
        stream.write_all(b"<html>")?;
        loop {
            stream.write_all(&[b'x'; 1 << 16])?;
        }
    };
    let (problem, _) = failed(answer);
    assert!(matches!(problem, FetchProblem::Page { .. }), "{problem}");
}

#[test]
fn of_wrong_bytes_nothing_stays() {
    let packed = gzip(&content()[1..]);
    let server = Server::start(move |request, stream| serve(request, stream, &packed, "\"a\""));
    let dir = tempfile::tempdir().unwrap();
    fetch(&plan(dir.path(), &[server.root()]), &mut Diary::default()).unwrap_err();
    assert_eq!(names(dir.path()), Vec::<String>::new());
}

#[test]
fn redirections_are_followed_and_circles_are_not() {
    let packed = gzip(&content());
    succeeded(move |request, stream| match request.path.strip_prefix("/there/") {
        Some(_) => serve(request, stream, &packed, "\"a\""),
        None => head(
            stream,
            "302 Found",
            &format!("Location: /there{}\r\nContent-Length: 0\r\n", request.path),
        ),
    });
    let (problem, _) = failed(|request, stream| {
        let headers = format!("Location: {}x\r\nContent-Length: 0\r\n", request.path);
        head(stream, "301 Moved Permanently", &headers)
    });
    assert_eq!(problem, FetchProblem::Redirects);
}

#[test]
fn endless_bytes_end() {
    let (problem, _) = failed(|_, stream| {
        head(stream, "200 OK", "")?;
        loop {
            stream.write_all(&[0; 1 << 16])?;
        }
    });
    assert_eq!(problem, FetchProblem::TooLong { found: None, allowed: 341_596 });
    let (problem, _) = failed(|_, stream| {
        head(stream, "200 OK", "Content-Length: 99999999999\r\n")?;
        stream.write_all(&[0; 1 << 16])
    });
    assert_eq!(problem, FetchProblem::TooLong { found: Some(99_999_999_999), allowed: 341_596 });
    let (problem, _) = failed(|_, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\n")?;
        loop {
            write!(stream, "X-Header: {}\r\n", "x".repeat(1000))?;
        }
    });
    assert!(matches!(problem, FetchProblem::Protocol { .. }), "{problem}");
}

/// 64 MiB of zeros in some 64 kB: left packed after the 300,000 bytes that there can be.
#[test]
fn a_gzip_bomb_is_left_packed() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 1 << 26]).unwrap();
    let mut bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 300_000, "{}", bomb.len());
    // That the message is not about the check sum at the very end shows that unpacking stopped before it.
    let check = bomb.len() - 8;
    bomb[check] ^= 1;
    let (problem, _) = failed(move |request, stream| serve(request, stream, &bomb, "\"a\""));
    assert_eq!(problem, FetchProblem::Content { found: None, expected: 300_000 });
}

#[test]
fn statuses_are_tried_again_where_that_may_help() {
    for (status, n_lines) in
        [("500 Oops", 3), ("503 Busy", 3), ("429 Slow Down", 3), ("400 What", 1)]
    {
        let (problem, lines) =
            failed(move |_, stream| head(stream, status, "Content-Length: 0\r\n"));
        let code = status[..3].parse().unwrap();
        assert_eq!(problem, FetchProblem::Status { code });
        assert_eq!(lines.len(), n_lines, "{status}: {lines:?}");
    }
    // Nothing under both names.
    let (_, lines) = failed(|_, stream| absent(stream));
    assert_eq!(lines, ["failed for good: the server answered with status 404"; 2]);
    let (problem, _) = failed(|_, stream| stream.write_all(b"220 smtp.example ready\r\n"));
    assert!(matches!(problem, FetchProblem::Protocol { .. }), "{problem}");
}

/// A transfer that was stopped, to be gone on with.
fn stopped_half(dir: &Path, server: &Server) -> u64 {
    let mut diary = Diary { stops_at: Some(100_000), ..Diary::default() };
    let error = fetch(&plan(dir, &[server.root()]), &mut diary).unwrap_err();
    let FetchError::Stopped { n_bytes, .. } = error else { panic!("{error}") };
    assert!(n_bytes >= 100_000);
    let part = fs::metadata(dir.join(format!("{NAME}.part"))).unwrap();
    assert_eq!(part.len(), n_bytes, "what came is there");
    n_bytes
}

#[test]
fn what_was_stopped_goes_on_where_it_stood() {
    let packed = gzip(&content());
    let n = packed.len();
    let server = Server::start(move |request, stream| serve(request, stream, &packed, "\"a\""));
    let dir = tempfile::tempdir().unwrap();
    let n_before = stopped_half(dir.path(), &server);
    let mut diary = Diary::default();
    fetch(&plan(dir.path(), &[server.root()]), &mut diary).unwrap();
    assert_eq!(diary.lines, [format!("began {n_before} of Some({n})"), "finished".to_owned()]);
    let last = server.requests().pop().unwrap();
    assert_eq!(last.header("if-range"), Some("\"a\""));
    assert_eq!(last.header("accept-encoding"), Some("identity"));
    check_names(dir.path());
    // The third time there is nothing to do.
    let mut diary = Diary::default();
    let fetched = fetch(&plan(dir.path(), &[server.root()]), &mut diary).unwrap();
    assert_eq!((diary.lines, fetched[0].from.as_ref()), (vec!["present".to_owned()], None));
}

/// A process that ended before it could look at what had come.
#[test]
fn what_has_come_whole_is_not_asked_for_again() {
    let packed = gzip(&content());
    let n = packed.len() as u64;
    let server = Server::start(move |request, stream| serve(request, stream, &packed, "\"a\""));
    let dir = tempfile::tempdir().unwrap();
    let mut diary = Diary { stops_at: Some(n), ..Diary::default() };
    fetch(&plan(dir.path(), &[server.root()]), &mut diary).unwrap_err();
    let n_requests = server.requests().len();
    fetch(&plan(dir.path(), &[server.root()]), &mut Diary::default()).unwrap();
    assert_eq!(server.requests().len(), n_requests);
    check_names(dir.path());
}

/// An answer without a length of its own ends early; that it was to be more is known from its range.
#[test]
fn a_rest_that_is_cut_is_gone_on_with() {
    let packed = gzip(&content());
    let n = packed.len();
    let n_calls = AtomicUsize::new(0);
    let server = Server::start(move |request, stream| {
        match (n_calls.fetch_add(1, Ordering::SeqCst), request.first_byte()) {
            (1, Some(first)) => {
                let range =
                    format!("Content-Range: bytes {first}-{}/{n}\r\nETag: \"a\"\r\n", n - 1);
                head(stream, "206 Partial Content", &range)?;
                stream.write_all(&packed[first..first + 1000])
            }
            _ => serve(request, stream, &packed, "\"a\""),
        }
    });
    let dir = tempfile::tempdir().unwrap();
    let n_before = stopped_half(dir.path(), &server);
    let mut diary = Diary::default();
    fetch(&plan(dir.path(), &[server.root()]), &mut diary).unwrap();
    let (begun, n_cut) = (format!("began {n_before} of Some({n})"), n_before + 1000);
    assert_eq!(diary.lines[0], begun);
    assert_eq!(diary.lines[2..], [format!("began {n_cut} of Some({n})"), "finished".to_owned()]);
    check_names(dir.path());
}

/// A file that has changed, and servers that answer the question for the rest wrongly.
#[test]
fn a_rest_of_something_else_is_not_put_behind_what_there_is() {
    type Wrong = fn(&Request, &mut TcpStream, &[u8]) -> std::io::Result<()>;
    let wrongs: [(&str, Wrong); 7] = [
        ("another start", |_, stream, packed| {
            let n = packed.len();
            let headers =
                format!("Content-Length: {n}\r\nContent-Range: bytes 0-{}/{n}\r\n", n - 1);
            head(stream, "206 Partial Content", &headers)?;
            stream.write_all(packed)
        }),
        ("no range at all", |request, stream, packed| {
            let rest = &packed[request.first_byte().unwrap_or(0)..];
            head(stream, "206 Partial Content", &format!("Content-Length: {}\r\n", rest.len()))?;
            stream.write_all(rest)
        }),
        ("another length", |request, stream, packed| {
            let (first, n) = (request.first_byte().unwrap_or(0), packed.len() + 5);
            let range = format!("Content-Range: bytes {first}-{}/{n}\r\n", n - 1);
            head(stream, "206 Partial Content", &range)?;
            stream.write_all(&packed[first..])
        }),
        ("another tag", |request, stream, packed| {
            let (first, n) = (request.first_byte().unwrap_or(0), packed.len());
            let range = format!("Content-Range: bytes {first}-{}/{n}\r\nETag: \"b\"\r\n", n - 1);
            head(stream, "206 Partial Content", &range)?;
            stream.write_all(&packed[first..])
        }),
        ("bytes of something else", |request, stream, packed| {
            let (first, n) = (request.first_byte().unwrap_or(0), packed.len());
            let range = format!("Content-Range: bytes {first}-{}/{n}\r\nETag: \"a\"\r\n", n - 1);
            head(stream, "206 Partial Content", &range)?;
            stream.write_all(&vec![7; n - first])
        }),
        ("a status", |_, stream, _| {
            head(stream, "416 Range Not Satisfiable", "Content-Length: 0\r\n")
        }),
        ("all of it", |_, stream, packed| {
            head(stream, "200 OK", &format!("Content-Length: {}\r\n", packed.len()))?;
            stream.write_all(packed)
        }),
    ];
    for (what, wrong) in wrongs {
        let packed = gzip(&content());
        let server = Server::start(move |request, stream| match request.first_byte() {
            Some(_) => wrong(request, stream, &packed),
            None => serve(request, stream, &packed, "\"a\""),
        });
        let dir = tempfile::tempdir().unwrap();
        stopped_half(dir.path(), &server);
        let mut diary = Diary::default();
        fetch(&plan(dir.path(), &[server.root()]), &mut diary).expect(what);
        check_names(dir.path());
        assert_eq!(names(dir.path()), [format!("{NAME}.gz")], "{what}");
        let n_from_start = diary.lines.iter().filter(|line| line.starts_with("began 0 ")).count();
        assert_eq!(n_from_start, 1, "{what}: {:?}", diary.lines);
    }
}

/// Without a tag or a date nobody can tell whether the rest is that of the same file.
#[test]
fn what_cannot_be_told_from_something_else_begins_anew() {
    let packed = gzip(&content());
    let weak = Server::start(move |_, stream| {
        let headers = format!("Content-Length: {}\r\nETag: W/\"a\"\r\n", packed.len());
        head(stream, "200 OK", &headers)?;
        stream.write_all(&packed)
    });
    let dir = tempfile::tempdir().unwrap();
    stopped_half(dir.path(), &weak);
    fetch(&plan(dir.path(), &[weak.root()]), &mut ()).unwrap();
    assert!(weak.requests().iter().all(|request| request.header("range").is_none()));
}

#[test]
fn the_next_mirror_has_it() {
    let packed = gzip(&content());
    let bad = Server::start(|_, stream| head(stream, "500 Oops", "Content-Length: 0\r\n"));
    let page = Server::start(|request, stream| serve(request, stream, b"<html>", "\"p\""));
    let good = Server::start(move |request, stream| serve(request, stream, &packed, "\"a\""));
    let dir = tempfile::tempdir().unwrap();
    let mirrors = [bad.root(), page.root(), good.root()];
    let fetched = fetch(&plan(dir.path(), &mirrors), &mut ()).unwrap();
    assert_eq!(fetched[0].from, Some(format!("{}{NAME}.gz", good.root())));
    // What one mirror began another does not go on with.
    let dir = tempfile::tempdir().unwrap();
    let n_before = stopped_half(dir.path(), &good);
    let tagged = gzip(&content());
    let other = Server::start(move |request, stream| serve(request, stream, &tagged, "\"a\""));
    fetch(&plan(dir.path(), &[other.root()]), &mut ()).unwrap();
    assert!(n_before > 0 && other.requests()[0].first_byte().is_none());
}

/// All mirrors with what was wrong with each.
#[test]
fn the_message_says_what_was_tried() {
    let page = Server::start(|request, stream| serve(request, stream, b"<html>", "\"p\""));
    let gone = Server::start(|_, stream| absent(stream));
    let dir = tempfile::tempdir().unwrap();
    let error = fetch(&plan(dir.path(), &[page.root(), gone.root()]), &mut ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{NAME} could not be downloaded to {}:\n  {}{NAME}.gz: a web page came in the place of the file \
             (`<html>`): is a login asked for, or a proxy in between?\n  {}{NAME}.gz: the server answered with \
             status 404\n  {}{NAME}: the server answered with status 404",
            dir.path().display(),
            page.root(),
            gone.root(),
            gone.root()
        )
    );
    let error = fetch(&plan(dir.path(), &[]), &mut ()).unwrap_err().to_string();
    assert!(error.ends_with(": there is no mirror"), "{error}");
    let error =
        fetch(&plan(dir.path(), &["ftp://h/".to_owned()]), &mut ()).unwrap_err().to_string();
    assert!(
        error.starts_with("mirror is `ftp://h/`, expected http://... or https://..."),
        "{error}"
    );
}

/// Files under names that would be loaded before the right one do not stay there.
#[test]
fn wrong_files_are_replaced_or_moved_aside() {
    let packed = gzip(&content());
    let server = Server::start(move |request, stream| serve(request, stream, &packed, "\"a\""));
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(NAME), &content()[..1000]).unwrap();
    fs::write(dir.path().join(format!("{NAME}.gz")), b"<html>log in").unwrap();
    let mut diary = Diary::default();
    let fetched = fetch(&plan(dir.path(), &[server.root()]), &mut diary).unwrap();
    assert_eq!(fetched[0].path, dir.path().join(format!("{NAME}.gz")));
    assert_eq!(
        diary.lines[..2],
        [
            "wrong: the unpacked content has 1000 bytes, expected 300000",
            "wrong: a web page came in the place of the file (`<html>log in`): is a login asked for, or a \
             proxy in between?"
        ]
    );
    assert_eq!(diary.lines.last().map(String::as_str), Some("finished"));
    assert_eq!(names(dir.path()), [format!("{NAME}.gz"), format!("{NAME}.wrong")]);
    check_names(dir.path());
    // One that is right is not downloaded again because of one that is wrong.
    fs::write(dir.path().join(NAME), b"x").unwrap();
    let n_requests = server.requests().len();
    fetch(&plan(dir.path(), &[server.root()]), &mut ()).unwrap();
    assert_eq!(server.requests().len(), n_requests);
    check_names(dir.path());
}

#[test]
fn a_folder_that_cannot_be_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    let error = fetch(&plan(&file.join("x"), &["http://127.0.0.1:1/".to_owned()]), &mut ());
    let message = error.unwrap_err().to_string();
    assert!(
        message.starts_with(&format!("folder {} cannot be written: ", file.join("x").display()))
    );
}

/// What check_files says of what is right, wrong and not there.
#[test]
fn files_are_checked_without_a_network() {
    let dir: TempDir = tempfile::tempdir().unwrap();
    let look = || check_files(&[wanted()], dir.path()).pop().unwrap();
    assert!(look().path.is_none() && look().problem.is_none());
    fs::write(dir.path().join(NAME), content()).unwrap();
    assert!(look().path.is_some() && look().problem.is_none());
    fs::write(dir.path().join(NAME), [content(), vec![0]].concat()).unwrap();
    let problem = look().problem.unwrap();
    assert_eq!(problem, FetchProblem::Content { found: None, expected: 300_000 });
}
