//! What a crate must not name: the invariants of `docs/architecture.md` that are absences.
//!
//! 1. In `synfire-circuit` no circuit names the engine `lif`, and `lif` names no circuit: they meet only
//!    in `synfire-net`, so that the engine cannot be bent to the circuit.
//! 2. `synfire-loihi` and `synfire-fast` do not know what they compute.
//! 3. Libraries touch neither clock nor environment, and only two of them touch files.
//! 4. Nothing depends on the machine it was written on.
//!
//! The rules read words, not syntax: comments and texts count where the rule is about words (2, 4).

use super::{File, Problem, Tree};

pub(super) fn check(tree: &Tree, problems: &mut Vec<Problem>) {
    circuits_and_lif(tree, problems);
    chip_words(tree, problems);
    outside_world(tree, problems);
    machine(tree, problems);
}

fn circuits_and_lif(tree: &Tree, problems: &mut Vec<Problem>) {
    const LIF: &str = "crates/synfire-circuit/src/lif";
    let is_lif =
        |file: &File| file.path.strip_prefix(LIF).is_some_and(|rest| rest.starts_with(['.', '/']));
    let is_front = |file: &File| file.path.ends_with("/src/lib.rs");
    let sources = || tree.sources_of("synfire-circuit").filter(|file| !is_front(file));
    let circuits: Vec<&str> =
        sources().filter(|file| !is_lif(file)).filter_map(|file| module_of(&file.path)).collect();
    for file in sources() {
        for (number, code) in file.code() {
            if is_lif(file) {
                for module in &circuits {
                    if ["crate", "super"].iter().any(|from| names(code, &[from, module])) {
                        let message =
                            format!("the engine `lif` names the circuit module `{module}`");
                        problems.push(Problem::at(&file.path, number, message));
                    }
                }
            } else if words(code).any(|word| word == "lif" || word.starts_with("Lif")) {
                let message = "a circuit names the engine `lif`, which is one engine among others";
                problems.push(Problem::at(&file.path, number, message));
            }
        }
    }
}

/// The module of `synfire-circuit` that a file belongs to: `src/lif.rs` and `src/lif/state.rs` are `lif`.
fn module_of(path: &str) -> Option<&str> {
    path.split("/src/").nth(1)?.split(['/', '.']).next()
}

/// Words that say what a network is for.
const PURPOSES: [&str; 13] = [
    "gradient",
    "gradients",
    "backprop",
    "backpropagation",
    "class",
    "classes",
    "classifier",
    "label",
    "labels",
    "dataset",
    "datasets",
    "mnist",
    "training",
];

fn chip_words(tree: &Tree, problems: &mut Vec<Problem>) {
    for file in ["synfire-loihi", "synfire-fast"].iter().flat_map(|name| tree.sources_of(name)) {
        for (number, line) in file.lines() {
            let line = line.to_lowercase();
            let purpose = words(&line).find(|word| PURPOSES.contains(word));
            let phrase = ["data set", "data sets"].into_iter().find(|phrase| {
                let parts: Vec<_> = phrase.split(' ').collect();
                names(&line, &parts)
            });
            if let Some(word) = purpose.or(phrase) {
                let message = format!("`{word}`: the chip does not know what it computes");
                problems.push(Problem::at(&file.path, number, message));
            }
        }
    }
}

/// What lies outside a library, as words in a row.
const FILES: [&str; 2] = ["std", "fs"];
const ENVIRONMENT: [&str; 2] = ["std", "env"];
const PROCESSES: [&str; 2] = ["std", "process"];
const NETWORK: [&str; 2] = ["std", "net"];
const CLOCKS: [[&str; 2]; 2] = [["Instant", "now"], ["SystemTime", "now"]];

/// Libraries, and whether they open the files they are handed.
const LIBRARIES: [(&str, bool); 9] = [
    ("synfire-net", false),
    ("synfire-reference", false),
    ("synfire-circuit", false),
    ("synfire-loihi", false),
    ("synfire-fast", false),
    ("synfire-verify", false),
    ("synfire-data", true),
    ("synfire-train", true),
    ("synfire-report", true),
];

fn outside_world(tree: &Tree, problems: &mut Vec<Problem>) {
    for (package, opens_files) in LIBRARIES {
        let mut outside = vec![ENVIRONMENT, PROCESSES, NETWORK];
        outside.extend(CLOCKS);
        if !opens_files {
            outside.push(FILES);
        }
        for file in tree.sources_of(package) {
            // A test may time itself or write a file of its own.
            let product = file.code().take_while(|(_, code)| code.trim() != "#[cfg(test)]");
            for (number, code) in product {
                for path in outside.iter().filter(|path| names(code, path.as_slice())) {
                    let path = path.join("::");
                    let message = format!(
                        "{package} uses {path}: what lies outside is handed in by the caller"
                    );
                    problems.push(Problem::at(&file.path, number, message));
                }
            }
        }
    }
}

/// Traces of a machine. Written in two parts so that this file passes.
const MACHINE: [(&str, &str); 5] = [
    (concat!("/", "work/"), "a path of one machine"),
    (concat!("/", "root/"), "a path of one machine"),
    (concat!("../", "shared"), "a folder beside this repository: ask the environment for it"),
    (concat!("127.", "0.0.1"), "an address of one machine"),
    (concat!("local", "host"), "an address of one machine"),
];

/// Where cargo gets packages from is the user's business, in the user's own configuration.
const REGISTRY: [&str; 4] = ["[source", "[registries", "[registry", "replace-with"];

fn machine(tree: &Tree, problems: &mut Vec<Problem>) {
    for file in &tree.files {
        // The gate and tests may look for outside data beside the repository; they pass without it.
        let may_probe =
            file.path.starts_with(".ci/") || file.path.split('/').any(|part| part == "tests");
        for (number, line) in file.lines() {
            for (trace, reason) in MACHINE {
                if !may_probe && line.contains(trace) {
                    let message = format!("`{trace}`: {reason}");
                    problems.push(Problem::at(&file.path, number, message));
                }
            }
        }
        let is_cargo = file.path.ends_with("Cargo.toml") || file.path.starts_with(".cargo/");
        for (number, line) in file.lines().filter(|_| is_cargo) {
            if REGISTRY.iter().any(|key| line.trim_start().starts_with(key)) {
                let message =
                    format!("`{}`: registries are set by the user, not here", line.trim());
                problems.push(Problem::at(&file.path, number, message));
            }
        }
        if file.path == "Cargo.lock" {
            for (number, line) in file.lines().filter(|(_, line)| line.starts_with("source = ")) {
                if line != r#"source = "registry+https://github.com/rust-lang/crates.io-index""# {
                    let message = format!("{line}: expected the public registry");
                    problems.push(Problem::at(&file.path, number, message));
                }
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Whether the words occur in a row, whatever stands between them: `std::fs` as well as `std :: fs`.
fn names(text: &str, parts: &[&str]) -> bool {
    let all: Vec<_> = words(text).collect();
    all.windows(parts.len()).any(|window| window == parts)
}
