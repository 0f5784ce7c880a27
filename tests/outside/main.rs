//! Each library crate, used from outside: one package per crate, in a folder of its own and in no
//! workspace, that depends on that crate alone by path and runs the example of its front page.
//!
//! 1. The example is cut out of the crate's own `lib.rs`, or the README, so that it cannot drift.
//! 2. The package gets the workspace's lock file, so that it needs no network and builds what the
//!    workspace builds; what is built is shared by all of them.
//! 3. It must build and end with success, assertions of the example included.
//!
//! What an example needs beside the crate it shows, the crate re-exports: that is what is tested here and
//! not by the doc tests, which see all dependencies of their crate.

#![expect(clippy::print_stdout, reason = "it says which examples ran")]

mod example;
mod package;

use example::{from_front_page, from_readme};
use package::Package;
use std::path::{Path, PathBuf};
use synfire_tests::workspace;

/// Library crates, leaves first.
const CRATES: [&str; 13] = [
    "synfire-net",
    "synfire-reference",
    "synfire-npy",
    "synfire-data",
    "synfire-draw",
    "synfire-exchange",
    "synfire-circuit",
    "synfire-loihi",
    "synfire-fast",
    "synfire-verify",
    "synfire-train",
    "synfire-report",
    "synfire-bundle",
];

/// Where the packages are built, beside what the workspace builds.
fn target_dir() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().unwrap_or(scratch).join("outside")
}

/// One test, because cargo lets one build at a time into a folder anyway.
#[test]
fn each_library_crate_can_be_used_alone() {
    let mut failed = Vec::new();
    let mut run = |package: Package| match package.run(&target_dir()) {
        Ok(took) => println!("{}: built and ran in {} ms", package.name, took.as_millis()),
        Err(error) => failed.push(format!("{}: {error}", package.name)),
    };
    for name in CRATES {
        let source = workspace().join("crates").join(name).join("src/lib.rs");
        let source = std::fs::read_to_string(source).expect("a crate has a lib.rs");
        let main = from_front_page(&source);
        let main = main.unwrap_or_else(|| panic!("{name} shows no example on its front page"));
        run(Package { name: format!("{name}-outside"), crates: vec![name], main });
    }
    let readme = std::fs::read_to_string(workspace().join("README.md")).expect("a README");
    run(Package {
        name: "readme-outside".to_owned(),
        crates: vec!["synfire-circuit", "synfire-net"],
        main: from_readme(&readme).expect("the README shows an example"),
    });
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// The list above is the list of crates: none can be forgotten.
#[test]
fn every_library_crate_is_listed() {
    let is_library = |path: &Path| {
        let manifest = std::fs::read_to_string(path.join("Cargo.toml")).unwrap_or_default();
        let is_published = !manifest.lines().any(|line| line == "publish = false");
        // A command, with a library only for those who test it.
        is_published && !path.join("src/main.rs").exists()
    };
    let folders = std::fs::read_dir(workspace().join("crates")).expect("a folder of crates");
    let mut found: Vec<_> = folders
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| is_library(path))
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    let mut listed = CRATES.map(str::to_owned);
    found.sort_unstable();
    listed.sort_unstable();
    assert_eq!(found, listed);
}
