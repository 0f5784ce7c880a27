//! Manifests and documents: what a published crate must carry, and tables that repeat the code.
//!
//! 1. Every member takes lints, edition and compiler from the workspace; a published one has what a
//!    registry shows, a README of its own, and the licence file.
//! 2. The documents exist; the changelog has its headings; the README lists every published crate.
//! 3. The table of arrows in `docs/architecture.md` is that of `layers`, and every foreign dependency has
//!    its reason there.

use super::{Problem, Tree};
use crate::layers;
use toml::{Table, Value};

const ARCHITECTURE: &str = "docs/architecture.md";
const DOCUMENTS: [&str; 5] =
    [ARCHITECTURE, "docs/semantics.md", "docs/chip-facts.md", "docs/contributing.md", "deny.toml"];

/// What every member takes from the workspace.
const INHERITED: [&str; 4] = ["version", "edition", "rust-version", "license-file"];
/// What a registry shows of a published crate.
const SHOWN: [&str; 6] =
    ["description", "license-file", "repository", "keywords", "categories", "readme"];

/// Headings of a release; `Values` is for what alters a spike, a weight or an order for equal input.
const HEADINGS: [&str; 4] = ["### Added", "### Changed", "### Fixed", "### Values"];

pub(super) fn check(tree: &Tree, problems: &mut Vec<Problem>) {
    members(tree, problems);
    documents(tree, problems);
    architecture(tree, problems);
}

fn members(tree: &Tree, problems: &mut Vec<Problem>) {
    let manifests = tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    for file in manifests {
        let path = file.path.as_str();
        // A package that tests keep outside the workspace follows rules of its own.
        let Some(folder) = path.strip_suffix("/Cargo.toml") else { continue };
        if folder != "tests" && folder != "xtask" && folder.matches('/').count() != 1 {
            continue;
        }
        let manifest = match file.text.parse::<Table>() {
            Ok(manifest) => manifest,
            Err(error) => {
                problems.push(Problem::of_file(path, format!("is no TOML: {}", error.message())));
                continue;
            }
        };
        let mut missing = |what: &str| {
            problems.push(Problem::of_file(path, format!("expected {what}")));
        };
        let package = manifest.get("package").and_then(Value::as_table);
        let Some(package) = package else {
            missing("a table `package`");
            continue;
        };
        let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
        if folder.strip_prefix("crates/").is_some_and(|folder| folder != name) {
            missing(&format!("the package to be named like its folder, found `{name}`"));
        }
        if !is_inherited(manifest.get("lints")) {
            missing("`lints.workspace = true`");
        }
        for key in INHERITED {
            if !is_inherited(package.get(key)) {
                missing(&format!("`{key}.workspace = true`"));
            }
        }
        if package.get("publish").and_then(Value::as_bool) == Some(false) {
            continue;
        }
        for key in SHOWN {
            if !package.get(key).is_some_and(is_filled) {
                missing(&format!("`{key}`, which a published crate needs"));
            }
        }
        let readme = format!("{folder}/README.md");
        let heading = format!("# {name}");
        let readme = tree.find(&readme).and_then(|readme| readme.text.lines().next());
        if readme != Some(heading.as_str()) {
            missing(&format!("a README.md beside it that opens with `{heading}`"));
        }
    }
}

fn is_inherited(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        other => is_inherited(Some(other)),
    }
}

fn documents(tree: &Tree, problems: &mut Vec<Problem>) {
    for path in DOCUMENTS {
        if tree.find(path).is_none_or(|file| file.text.trim().is_empty()) {
            problems.push(Problem::of_file(path, "is missing or empty"));
        }
    }
    if !tree.find("LICENSE").is_some_and(|file| file.text.starts_with("MIT License")) {
        problems
            .push(Problem::of_file("LICENSE", "is missing or does not open with `MIT License`"));
    }
    let changelog = tree.find("CHANGELOG.md").map(|file| file.text.as_str()).unwrap_or_default();
    match changelog.split_once("\n## Unreleased\n") {
        None => problems.push(Problem::of_file("CHANGELOG.md", "has no section `## Unreleased`")),
        Some((_, after)) => {
            let section = after.split("\n## ").next().unwrap_or_default();
            for heading in HEADINGS {
                if !section.lines().any(|line| line == heading) {
                    let message = format!("the section `## Unreleased` has no `{heading}`");
                    problems.push(Problem::of_file("CHANGELOG.md", message));
                }
            }
        }
    }
    let readme = tree.find("README.md").map(|file| file.text.as_str()).unwrap_or_default();
    for (name, _) in layers::ARROWS {
        if !readme.lines().any(|line| line.starts_with('|') && line.contains(&format!("`{name}`")))
        {
            problems.push(Problem::of_file("README.md", format!("no table lists `{name}`")));
        }
    }
}

fn architecture(tree: &Tree, problems: &mut Vec<Problem>) {
    let Some(file) = tree.find(ARCHITECTURE) else { return };
    let shown: Vec<(usize, &str)> =
        section(&file.text, "## Arrows").filter(|(_, line)| line.starts_with("| `")).collect();
    let expected = layers::table();
    for (number, row) in &shown {
        if !expected.iter().any(|expected| expected == row) {
            let message = format!("`{row}` is no row of ARROWS in xtask/src/layers.rs");
            problems.push(Problem::at(ARCHITECTURE, *number, message));
        }
    }
    for row in expected.iter().filter(|row| !shown.iter().any(|(_, shown)| shown == row)) {
        let message = format!("the table of arrows lacks `{row}`");
        problems.push(Problem::of_file(ARCHITECTURE, message));
    }
    let manifest = tree.find("Cargo.toml").and_then(|file| file.text.parse::<Table>().ok());
    let dependencies = manifest
        .as_ref()
        .and_then(|manifest| manifest.get("workspace")?.get("dependencies")?.as_table());
    let Some(dependencies) = dependencies else {
        problems.push(Problem::of_file("Cargo.toml", "has no table `workspace.dependencies`"));
        return;
    };
    for name in dependencies.iter().filter(|(_, at)| at.get("path").is_none()).map(|(name, _)| name)
    {
        let cell = format!("`{name}`");
        let mut rows = section(&file.text, "## Dependencies");
        if !rows.any(|(_, line)| line.starts_with('|') && line.contains(&cell)) {
            let message = format!("the section `## Dependencies` gives no reason for {cell}");
            problems.push(Problem::of_file(ARCHITECTURE, message));
        }
    }
}

/// The numbered lines from a heading of the second level to the next.
fn section<'a>(text: &'a str, heading: &str) -> impl Iterator<Item = (usize, &'a str)> {
    (1..)
        .zip(text.lines())
        .skip_while(move |(_, line)| *line != heading)
        .skip(1)
        .take_while(|(_, line)| !line.starts_with("## "))
}
