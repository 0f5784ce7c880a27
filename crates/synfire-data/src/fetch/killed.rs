//! Downloads that end between any two operations on the disk, again and again.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "../../tests/fetch/server.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod server;

use std::cell::Cell;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use server::{Server, serve};

use super::disk::Store;
use super::{FetchError, FetchPlan, Patience, Wanted, check_files, fetch, fetch_to};
use crate::checksum::sha256_hex;

const NAMES: [&str; 2] = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"];

fn content(name: &str) -> Vec<u8> {
    // Hardly to be packed, so that it comes in several pieces.
    let byte = |k: u32| k.wrapping_mul(2_654_435_761).to_be_bytes()[1];
    name.bytes().cycle().zip(0..200_000).map(|(letter, k)| letter ^ byte(k)).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn plan(dir: &Path, mirror: String) -> FetchPlan {
    let wanted = |name: &str| {
        let content = content(name);
        let n_bytes = content.len() as u64;
        Wanted { name: name.to_owned(), sha256: sha256_hex(&content), n_bytes }
    };
    FetchPlan {
        files: NAMES.map(wanted).to_vec(),
        mirrors: vec![mirror],
        dir: dir.to_owned(),
        patience: Patience { pause: Duration::ZERO, ..Patience::default() },
        proxy: None,
    }
}

/// A name holds the right content or nothing, and a part that is there is the beginning of the file.
fn check(plan: &FetchPlan, packed: &[Vec<u8>; 2]) {
    for checked in check_files(&plan.files, &plan.dir) {
        assert!(checked.problem.is_none(), "{checked:?}");
    }
    let store = Store::open(&plan.dir).unwrap();
    for (name, packed) in NAMES.iter().zip(packed) {
        if store.part(name).is_some() {
            let part = std::fs::read(store.part_path(name)).unwrap();
            assert!(packed.starts_with(&part), "{name}: a part of something else");
        }
    }
}

/// Killed after every number of operations, then once more each time until it is done: nothing is ever taken for
/// whole, and what comes out is whole.
#[test]
fn a_download_killed_anywhere_goes_on() {
    let packed = NAMES.map(|name| gzip(&content(name)));
    let served = packed.clone();
    let server = Server::start(move |request, stream| {
        let idx = usize::from(request.path.contains("labels"));
        serve(request, stream, &served[idx], "\"a\"")
    });
    let mut n_resumed = 0;
    let mut n_operations = None;
    for left in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let plan = plan(dir.path(), server.root());
        // A wrong file that would be loaded first.
        std::fs::write(dir.path().join(NAMES[0]), b"wrong").unwrap();
        let run = |left: u32| {
            let mut store = Store::open(dir.path()).unwrap();
            store.operations_left = Some(Cell::new(left));
            fetch_to(&plan, store, &mut ())
        };
        match run(left) {
            Err(FetchError::File { cause, .. }) if cause.to_string() == "killed" => {}
            Err(error) => panic!("{error}"),
            Ok(_) => {
                n_operations = Some(left);
                break;
            }
        }
        // The wrong file is still there, or is out of the way; all else is right.
        std::fs::remove_file(dir.path().join(NAMES[0])).unwrap_or_default();
        check(&plan, &packed);
        let n_before = server.requests().len();
        // A few operations more each time.
        for more in 3.. {
            let is_done = run(more).is_ok();
            check(&plan, &packed);
            if is_done {
                break;
            }
        }
        n_resumed += server.requests()[n_before..]
            .iter()
            .filter(|request| request.first_byte().is_some())
            .count();
        fetch(&plan, &mut ()).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with(".wrong"))
            .collect();
        names.sort_unstable();
        assert_eq!(names, NAMES.map(|name| format!("{name}.gz")), "killed after {left}");
    }
    assert!(n_operations.is_some_and(|n| n > 15), "{n_operations:?}");
    assert!(n_resumed > 5, "{n_resumed} went on");
}

/// Whoever comes second is told so.
#[cfg(unix)]
#[test]
fn a_folder_has_one_download_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let _lock = store.lock().unwrap();
    let error = fetch(&plan(dir.path(), "http://host.invalid/".to_owned()), &mut ()).unwrap_err();
    assert!(matches!(error, FetchError::Busy { .. }), "{error}");
}

/// A disk that is full is no fault of the server; what has come stays.
#[test]
fn what_came_stays_when_the_disk_is_full() {
    let packed = NAMES.map(|name| gzip(&content(name)));
    let served = packed.clone();
    let server = Server::start(move |request, stream| serve(request, stream, &served[0], "\"a\""));
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path(), server.root());
    let mut store = Store::open(dir.path()).unwrap();
    store.operations_left = Some(Cell::new(4));
    let error = fetch_to(&plan, store, &mut ()).unwrap_err();
    let path = dir.path().join(format!("{}.part", NAMES[0]));
    assert_eq!(error.to_string(), format!("{} cannot be written: killed", path.display()));
    let n = std::fs::metadata(&path).unwrap().len();
    assert!(n > 0 && packed[0].len() as u64 > n);
}
