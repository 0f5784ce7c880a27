//! `synfire data`: downloads from a server on this machine, and what the network sees.

use std::path::Path;

use synfire_cli::{Status, Surroundings};
use synfire_data::{Preparation, SearchPath, Source, load};
use synfire_tests::data_dir;

use crate::own_data::{Pictures, write};
use crate::scratch::Scratch;
use crate::server::{Server, absent, serve};

/// The files of a folder, as a good server sends them.
pub(crate) fn serve_folder(dir: &Path) -> Server {
    let dir = dir.to_owned();
    Server::start(move |request, stream| {
        match std::fs::read(dir.join(request.path.trim_start_matches('/'))) {
            Ok(bytes) => serve(request, stream, &bytes, "\"1\""),
            Err(_) => absent(stream),
        }
    })
}

fn cached(scratch: &Scratch) -> Surroundings {
    Surroundings { cache_dir: Some(scratch.path("cache")), ..Surroundings::default() }
}

/// The files come to the cache folder, where the other commands find them, and are not asked for twice.
#[test]
#[expect(clippy::print_stdout, reason = "a test says what it skipped")]
fn mnist_comes_and_is_found() {
    let Some(dir) = data_dir() else { return println!("skipped: there is no data") };
    let scratch = Scratch::new();
    let (server, place) = (serve_folder(&dir), cached(&scratch));
    let words = format!("data fetch mnist --mirror {}mnist", server.root());
    let answer = scratch.synfire_in(&place, &words).succeeded();
    assert_eq!(answer.stderr, "", "quiet when piped");
    let end =
        format!("mnist is complete and verified in {}\n", scratch.path("cache/mnist").display());
    assert!(answer.stdout.ends_with(&end), "{answer:?}");
    assert_eq!(answer.stdout.lines().count(), 5, "{answer:?}");
    let n_requests = server.requests().len();
    let answer = scratch.synfire_in(&place, &format!("{words} --json")).succeeded();
    assert_eq!(server.requests().len(), n_requests);
    let answer: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(answer["files"].as_array().map(Vec::len), Some(4), "{answer}");
    scratch.synfire_in(&place, "data fetch mnist --check").succeeded();
    let answer = scratch.synfire_in(&place, "data show mnist --json").succeeded();
    let answer: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!((&answer["inputs"], &answer["train"]["samples"]), (&400.into(), &60_000.into()));
}

#[test]
fn what_does_not_come_is_said_and_leaves_nothing() {
    let scratch = Scratch::new();
    let place = cached(&scratch);
    let page = Server::start(|request, stream| serve(request, stream, b"<!doctype html>", "\"1\""));
    let words = format!("data fetch fashion-mnist --mirror {}", page.root());
    let answer = scratch.synfire_in(&place, &words);
    assert_eq!((answer.status, answer.stdout.as_str()), (Status::Failure, ""));
    assert!(answer.stderr.contains("is a login asked for"), "{answer:?}");
    let left = std::fs::read_dir(scratch.path("cache/fashion-mnist")).expect("a folder").count();
    assert_eq!(left, 0);

    let answer = scratch.synfire_in(&place, "data fetch fashion-mnist --check");
    assert_eq!(answer.status, Status::Failure);
    assert!(answer.stdout.starts_with("train-images-idx3-ubyte: is not there\n"), "{answer:?}");
    scratch.write("cache/fashion-mnist/t10k-labels-idx1-ubyte", b"short");
    let answer = scratch.synfire_in(&place, "data fetch fashion-mnist --check --json");
    let answer: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(answer["is_complete"], false);
    let problem = answer["files"][3]["problem"].as_str().expect("a problem");
    assert_eq!(problem, "the unpacked content has 5 bytes, expected 10008");
}

#[test]
fn fetch_is_told_what_it_needs() {
    let scratch = Scratch::new();
    let message = scratch.synfire_args(&["data", "fetch", "mnist"]).failed(Status::Usage);
    assert!(message.contains("name a folder for the files with --data-dir"), "{message}");
    for mirror in ["ftp://host/x", "http://", "mnist"] {
        let words = format!("data fetch mnist --mirror {mirror} --data-dir @/x");
        let message = scratch.synfire(&words).failed(Status::Usage);
        assert!(message.contains(&format!("mirror is `{mirror}`, expected http://")), "{message}");
    }
    scratch.synfire("data fetch digits").failed(Status::Usage);
}

#[test]
fn a_set_is_shown_as_text_figures_and_sheet() {
    let scratch = Scratch::new();
    let answer = scratch.synfire("data show digits").succeeded();
    let source = Source::Digits;
    let split = load(&source, &SearchPath::default(), &Preparation::of(&source)).expect("digits");
    let head = format!(
        "digits: 20 x 20 pixels, 400 inputs, 10 classes; crop 0, threshold 129\n10000 training samples: {:.1} inputs \
         active on average (",
        split.train.mean_active()
    );
    assert!(answer.stdout.starts_with(&head), "{answer:?}");
    assert!(answer.stdout.contains("  of each class: 1000\n"), "{answer:?}");
    assert!(answer.stdout.contains("\n0: sample ") && answer.stdout.contains('\u{2588}'));
    let widest = answer.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|n| n <= 110), "{widest:?}");

    let json = scratch.synfire("data show digits --crop 2 --json").succeeded().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["width"], &json["test"]["samples"]), (&16.into(), &2000.into()));

    for out in ["one", "two"] {
        scratch.synfire(&format!("data show digits --n 3 --out @/{out}.svg")).succeeded();
    }
    let sheet = String::from_utf8(scratch.read("one.svg")).expect("text");
    assert_eq!(sheet.matches("<title>sample ").count(), 30);
    assert!(scratch.read("one.svg") == scratch.read("two.svg"), "sheets differ");

    let words = "data show digits --class 7 --split test --n 2";
    let answer = scratch.synfire(words).succeeded();
    assert_eq!(answer.stdout.matches("7: sample ").count(), 2, "{answer:?}");
    let message = scratch.synfire("data show digits --class 10").failed(Status::Usage);
    assert!(message.contains("class is 10, allowed are 0 to 9 for digits"), "{message}");
    let message = scratch.synfire("data show digits --n 0").failed(Status::Usage);
    assert!(message.contains("number of samples of each class is 0, allowed are 1 to 409"));
}

/// Pictures wider than a terminal, and samples that are no pictures.
#[test]
fn sets_of_ones_own_are_shown_whatever_their_size() {
    let scratch = Scratch::new();
    for (name, rows, columns) in
        [("wide", 30, 230), ("flat", 1, 300), ("tall", 90, 2), ("dot", 1, 1)]
    {
        write(
            &scratch,
            name,
            &Pictures::bars(rows, columns, 9, 1),
            &Pictures::bars(rows, columns, 6, 2),
        );
        let answer =
            scratch.synfire(&format!("data show npy:@/{name}.npz --out @/{name}.svg")).succeeded();
        assert!(answer.stdout.contains(&format!("{columns} x {rows} pixels")), "{answer:?}");
        let answer = scratch.synfire(&format!("data show idx:@/{name}")).succeeded();
        let pictures = answer.stdout.split_once("\n\n").expect("pictures").1;
        let widest = pictures.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|n| n <= 110), "{name}: {widest:?}");
    }
}
