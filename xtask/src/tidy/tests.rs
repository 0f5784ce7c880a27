//! Every rule of tidy meets a tree that breaks it, and the workspace itself meets every rule.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;
use crate::layers;
use tempfile::TempDir;

#[test]
fn the_workspace_is_tidy() {
    let problems = check(&workspace::root()).unwrap();
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

const MANIFEST: &str = r#"
[package]
name = "synfire-circuit"
description = "circuits"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license-file.workspace = true
repository.workspace = true
keywords = ["spiking"]
categories.workspace = true
readme = "README.md"

[lints]
workspace = true
"#;

/// A small tree that keeps every rule.
fn tidy_files() -> Vec<(&'static str, String)> {
    let readme = layers::ARROWS.iter().map(|(name, _)| format!("| `{name}` | use it |\n"));
    let architecture = format!(
        "# Architecture\n## Arrows\n{}\n## Dependencies\n| `toml` | reads files |\n",
        layers::table().join("\n")
    );
    vec![
        ("Cargo.toml", "[workspace.dependencies]\ntoml = \"1\"\n".to_owned()),
        ("LICENSE", "MIT License\n".to_owned()),
        ("README.md", readme.collect()),
        (
            "CHANGELOG.md",
            "# Changelog\n\n## Unreleased\n\n### Added\n### Changed\n### Fixed\n### Values\n"
                .to_owned(),
        ),
        ("deny.toml", "[licenses]\n".to_owned()),
        (".cargo/config.toml", "[alias]\n".to_owned()),
        ("docs/architecture.md", architecture),
        ("docs/semantics.md", "### S1 First\n### S2 Second\n### S3 Third\n### R1 One\n".to_owned()),
        ("docs/chip-facts.md", "| C1 | wrap |\n".to_owned()),
        ("docs/contributing.md", "# Contributing\n".to_owned()),
        ("crates/synfire-circuit/Cargo.toml", MANIFEST.to_owned()),
        ("crates/synfire-circuit/README.md", "# synfire-circuit\n".to_owned()),
        ("crates/synfire-circuit/src/lib.rs", "//! Circuits.\nmod chain;\nmod lif;\n".to_owned()),
        (
            "crates/synfire-circuit/src/chain.rs",
            "//! A ring (clauses S1 to\n//! S3; clause R1, fact C1).\n".to_owned(),
        ),
        ("crates/synfire-circuit/src/lif.rs", "//! An engine.\nuse crate::Fault;\n".to_owned()),
        ("crates/synfire-loihi/src/lib.rs", "//! A chip.\n".to_owned()),
        ("crates/synfire-net/src/lib.rs", "//! Networks.\n#[cfg(test)]\nuse std::fs;\n".to_owned()),
    ]
}

fn problems_of(files: &[(&str, String)]) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    check(folder.path()).unwrap().iter().map(Problem::to_string).collect()
}

#[test]
fn a_tidy_tree_has_no_problems() {
    assert_eq!(problems_of(&tidy_files()), Vec::<String>::new());
}

/// Each fault, made by replacing one file, and the problem that must be found, alone.
#[test]
fn every_fault_is_found_alone() {
    const CHAIN: &str = "crates/synfire-circuit/src/chain.rs";
    const LIF: &str = "crates/synfire-circuit/src/lif.rs";
    const CHIP: &str = "crates/synfire-loihi/src/lib.rs";
    let doc = |rest: &str| format!("//! A ring.\n{rest}\n");
    let long_line = doc(&format!("// {}", "x".repeat(118)));
    let long_file = format!("//! A ring.\n{}", "\n".repeat(1000));
    // Written so that this file itself cites nothing.
    let cite = |rest: &str| doc(&format!("// clause{rest}"));
    let without = |line: &str| MANIFEST.replace(line, "");
    let faults: Vec<(&str, String, &str)> = vec![
        (CHAIN, "mod x;\n".to_owned(), "chain.rs:1: the file does not open with its module doc"),
        (
            CHAIN,
            doc(concat!("fn f() { todo", "!() }")),
            concat!("chain.rs:2: `todo", "!(` is left"),
        ),
        (
            CHAIN,
            doc(concat!("fn f() { unimplemented", "!() }")),
            concat!("`unimplemented", "!(` is left"),
        ),
        (CHAIN, doc(concat!("fn f() { dbg", "!(1); }")), concat!("`dbg", "!(` is left")),
        (CHAIN, doc(concat!("#[", "ignore = \"slow\"]")), concat!("`#[", "ignore` is left")),
        (CHAIN, long_line, "chain.rs:2: line of 121 characters, expected at most 120"),
        (
            CHAIN,
            doc(&format!("const T: &str = \"{0}\n{0}\";\n//{0}", "x".repeat(119))),
            "chain.rs:4: line of 121 characters",
        ),
        (CHAIN, long_file, "chain.rs: 1001 lines, expected at most 1000"),
        (CHAIN, doc("use crate::lif::State;"), "chain.rs:2: a circuit names the engine `lif`"),
        (CHAIN, doc("use crate::LifEngine;"), "chain.rs:2: a circuit names the engine `lif`"),
        (
            LIF,
            doc("use crate::chain::Chain;"),
            "lif.rs:2: the engine `lif` names the circuit module `chain`",
        ),
        (
            CHIP,
            doc("// the Gradient"),
            "lib.rs:2: `gradient`: the chip does not know what it computes",
        ),
        (CHIP, doc("/// of a data set"), "lib.rs:2: `data set`: the chip"),
        (CHIP, doc("struct S { label: u8, }"), "lib.rs:2: `label`: the chip"),
        ("crates/synfire-net/src/lib.rs", doc("use std::env;"), "synfire-net uses std::env"),
        ("crates/synfire-net/src/lib.rs", doc("use std::fs::File;"), "synfire-net uses std::fs"),
        ("crates/synfire-train/src/lib.rs", doc("let now = Instant::now();"), "uses Instant::now"),
        (
            "crates/synfire-data/src/lib.rs",
            doc("use std::process;"),
            "synfire-data uses std::process",
        ),
        (
            CHAIN,
            doc(concat!("// see /", "work/x")),
            concat!("chain.rs:2: `/", "work/`: a path of one machine"),
        ),
        (
            "docs/contributing.md",
            concat!("../", "shared").to_owned(),
            concat!("contributing.md:1: `../", "shared`"),
        ),
        (".cargo/config.toml", "[source.crates-io]\n".to_owned(), "registries are set by the user"),
        (
            "Cargo.lock",
            "source = \"git+https://example.org/x\"\n".to_owned(),
            "expected the public registry",
        ),
        (CHAIN, cite(" S4."), "chain.rs:2: S4 is cited, but no clause"),
        (CHAIN, cite("s S1 to S4"), "chain.rs:2: S4 is cited, but no clause"),
        (CHAIN, cite("s S2, S7 and R1"), "chain.rs:2: S7 is cited"),
        (CHAIN, doc(concat!("// (fact", " C2)")), "chain.rs:2: C2 is cited"),
        (CHAIN, cite(" R1, clause\n/// R9"), "chain.rs:3: R9 is cited"),
        (
            "docs/contributing.md",
            concat!("see clause", " G1\n").to_owned(),
            "contributing.md:1: G1 is cited",
        ),
        (
            "docs/chip-facts.md",
            "| C1 | a |\n| C1 | b |\n".to_owned(),
            "C1 is defined in line 1 already",
        ),
        (
            "docs/chip-facts.md",
            "| C1 | a |\n| C3 | b |\n".to_owned(),
            "C3 follows a gap: C2 is missing",
        ),
        (
            "docs/chip-facts.md",
            "| C1 | a |\n| E1 | b |\n".to_owned(),
            "E1 belongs into the other document",
        ),
        ("LICENSE", "all rights reserved\n".to_owned(), "LICENSE: is missing or does not open"),
        ("CHANGELOG.md", "# Changelog\n".to_owned(), "has no section `## Unreleased`"),
        (
            "CHANGELOG.md",
            "\n## Unreleased\n### Added\n### Changed\n### Fixed\n## 0.1.0\n### Values\n".to_owned(),
            "the section `## Unreleased` has no `### Values`",
        ),
        ("deny.toml", String::new(), "deny.toml: is missing or empty"),
        (
            "crates/synfire-circuit/Cargo.toml",
            without("description = \"circuits\""),
            "expected `description`",
        ),
        (
            "crates/synfire-circuit/Cargo.toml",
            without("repository.workspace = true"),
            "expected `repository`",
        ),
        (
            "crates/synfire-circuit/Cargo.toml",
            MANIFEST.replace("\"spiking\"", ""),
            "expected `keywords`",
        ),
        (
            "crates/synfire-circuit/Cargo.toml",
            without("categories.workspace = true"),
            "expected `categories`",
        ),
        (
            "crates/synfire-circuit/Cargo.toml",
            without("[lints]\nworkspace = true"),
            "expected `lints.workspace",
        ),
        (
            "crates/synfire-circuit/Cargo.toml",
            without("rust-version.workspace = true"),
            "expected `rust-version.workspace = true`",
        ),
        ("crates/synfire-circuit/Cargo.toml", "[package".to_owned(), "Cargo.toml: is no TOML"),
        (
            "crates/synfire-circuit/README.md",
            "# circuits\n".to_owned(),
            "expected a README.md beside it",
        ),
        (
            "Cargo.toml",
            "[workspace.dependencies]\ntoml = \"1\"\nrayon = \"1\"\n".to_owned(),
            "gives no reason for `rayon`",
        ),
    ];
    for (path, text, expected) in faults {
        let mut files = tidy_files();
        files.retain(|(other, _)| *other != path);
        files.push((path, text));
        let found = problems_of(&files);
        assert!(found.len() == 1 && found[0].contains(expected), "{expected}: {found:#?}");
    }
}

#[test]
fn a_missing_file_is_found() {
    for (path, expected) in [
        ("LICENSE", "LICENSE: is missing"),
        ("docs/semantics.md", "docs/semantics.md: is missing"),
        ("docs/architecture.md", "docs/architecture.md: is missing"),
        ("crates/synfire-circuit/README.md", "expected a README.md beside it"),
        ("CHANGELOG.md", "has no section"),
    ] {
        let mut files = tidy_files();
        files.retain(|(other, _)| *other != path);
        let found = problems_of(&files);
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:#?}");
    }
}

#[test]
fn the_table_of_arrows_must_be_the_code_s() {
    let mut files = tidy_files();
    let architecture = files.iter_mut().find(|(path, _)| *path == "docs/architecture.md").unwrap();
    architecture.1 =
        architecture.1.replace("| `synfire-net` | nothing", "| `synfire-net` | `serde`, nothing");
    let found = problems_of(&files);
    assert!(found[0].contains("is no row of ARROWS"), "{found:#?}");
    assert!(found[1].contains("lacks `| `synfire-net` | nothing of ours |`"), "{found:#?}");
}

#[test]
fn the_readme_lists_every_crate() {
    let mut files = tidy_files();
    files.retain(|(path, _)| *path != "README.md");
    assert_eq!(problems_of(&files).len(), layers::ARROWS.len());
}

/// Tests may look for outside data beside the repository.
#[test]
fn tests_may_probe_beside_the_repository() {
    let mut files = tidy_files();
    files.push(("tests/golden/main.rs", concat!("//! Golden.\n// ../", "shared\n").to_owned()));
    files.push((".ci/run", concat!("../", "shared\n").to_owned()));
    assert_eq!(problems_of(&files), Vec::<String>::new());
}
