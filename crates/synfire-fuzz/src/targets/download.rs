//! What a server says, what lies beside a part of a file from an earlier transfer, and the bytes that come.

use std::sync::OnceLock;

use synfire_data::{FetchProblem, Wanted, judge_answer, sha256_hex};

use super::{Form, Target, check_message};
use crate::archive::gzip;
use crate::pieces::{Pieces, piece};

/// Longest message, in bytes.
const LONGEST_MESSAGE: usize = 2000;
/// Most bytes that a file may have.
const ALLOWED: u64 = 1 << 20;
const STATUS: [u16; 8] = [200, 206, 416, 404, 301, 204, 503, 100];
const HEADERS: [&str; 4] = ["content-range", "etag", "last-modified", "content-length"];
const ORIGIN: &str = "url http://h/a.gz\nunchanged \"v\"\nbytes 20\nend\n";

pub(super) const DOWNLOAD: Target = Target {
    name: "download",
    about: "heads of a server's answers, records of parts, and contents",
    form: Form::Pieces,
    longest: 512,
    run: |bytes| {
        let mut pieces = Pieces::new(bytes);
        let status = STATUS[usize::from(pieces.byte() % 8)];
        let n_part = u64::from(pieces.byte());
        let origin = pieces.text();
        let n_headers = pieces.byte() % 5;
        let headers: Vec<(&str, &[u8])> = (0..n_headers)
            .map(|_| {
                let name = HEADERS.get(usize::from(pieces.byte())).copied();
                (name.unwrap_or_else(|| pieces.text()), pieces.piece())
            })
            .collect();
        answer(status, &headers, (origin, n_part));
        content(pieces.rest());
    },
    seeds: || {
        let header = |name: u8, value: &str| [vec![name], piece(value.as_bytes())].concat();
        let seed = |status: u8, n_part: u8, headers: &[Vec<u8>], body: &[u8]| {
            let n = u8::try_from(headers.len()).unwrap_or(u8::MAX);
            let head = [vec![status, n_part], piece(ORIGIN.as_bytes()), vec![n]].concat();
            [head, headers.concat(), body.to_vec()].concat()
        };
        let rest = header(0, "bytes 10-19/20");
        let tag = header(1, "\"v\"");
        vec![
            seed(0, 0, &[header(3, "20"), tag.clone()], CONTENT),
            seed(0, 10, &[header(2, "Sat, 01 Jan 2000 00:00:00 GMT")], &gzip(CONTENT)),
            seed(1, 10, &[rest, tag], b"<!doctype html><title>log in</title>"),
            seed(1, 10, &[header(0, "bytes 10-19/*"), header(1, "W/\"v\"")], &gzip(b"other")),
            seed(2, 10, &[header(0, "bytes */20")], b""),
        ]
    },
    words: &[
        "bytes 10-19/20",
        "bytes ",
        "-",
        "/*",
        "/",
        "18446744073709551615",
        "18446744073709551616",
        "1048577",
        "\"v\"",
        "W/\"",
        "url http://h/a.gz\n",
        "unchanged ",
        "bytes unknown\n",
        "end\n",
        "\r\n",
        "<html",
        "<?xml",
        "\u{feff}",
        "content-range",
        "etag",
        "\u{1b}[2J",
        "content",
    ],
};

fn answer(status: u16, headers: &[(&str, &[u8])], part: (&str, u64)) {
    match judge_answer(status, headers, part, ALLOWED) {
        Ok((n_before, n_total, origin)) => {
            assert!(n_total.is_none_or(|n_total| n_total <= ALLOWED));
            if n_before > 0 {
                assert!(status == 206 && n_before == part.1 && origin.is_none());
            } else {
                assert_eq!(status, 200, "what begins anew is whole");
            }
            // What is put down is a whole record: with it the rest can be asked for.
            if let Some(origin) = origin {
                let rest = [("content-range", &b"bytes 1-1/*"[..])];
                let again = judge_answer(206, &rest, (&origin, 1), u64::MAX);
                assert_eq!(again, Ok((1, n_total, None)), "{origin:?}");
            }
        }
        Err(problem) => check_message(&problem.to_string(), LONGEST_MESSAGE),
    }
}

/// What the files that are wanted hold.
const CONTENT: &[u8] = b"content";

fn content(bytes: &[u8]) {
    static WANTED: OnceLock<Wanted> = OnceLock::new();
    let wanted = WANTED.get_or_init(|| Wanted {
        name: "a".to_owned(),
        sha256: sha256_hex(CONTENT),
        n_bytes: CONTENT.len() as u64,
    });
    match wanted.check_bytes(bytes) {
        Ok(()) => assert!(bytes == CONTENT || bytes.starts_with(&[0x1f, 0x8b])),
        Err(problem) => {
            assert!(bytes != CONTENT && !matches!(problem, FetchProblem::Unreadable { .. }));
            check_message(&problem.to_string(), LONGEST_MESSAGE);
        }
    }
    // Streams whose own sums are right come through packed and plain alike.
    let packed = wanted.check_bytes(&gzip(bytes));
    assert_eq!(packed.is_ok(), bytes == CONTENT);
}
