//! Every example of every `--help` runs as it stands, as a user would type it in the root of the repository. But
//! downloads come from a server on this machine.

use std::path::Path;
use std::process::{Command, Stdio};

use synfire_tests::{data_dir, workspace};

use crate::data_command::serve_folder;
use crate::process::binary;
use crate::scratch::Scratch;
use crate::surface::commands;

/// The examples of a help text, continued lines joined.
fn examples(help: &str) -> Vec<String> {
    let mut examples = Vec::new();
    let mut lines = help.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("  synfire ") || line.starts_with("  synfire  ") {
            continue;
        }
        let mut example = line.trim().to_owned();
        while let Some(begun) = example.strip_suffix('\\') {
            example = begun.trim_end().to_owned() + " " + lines.next().expect("a line").trim();
        }
        examples.push(example);
    }
    examples
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("a file");
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "who runs the test ought to know what it did not run")]
fn each_example_runs_as_it_stands() {
    let scratch = Scratch::new();
    let (mut n_run, mut n_skipped) = (0, 0);
    for (name, help) in commands() {
        let examples = examples(&help);
        let has_subcommands = help.contains("\nCommands:\n");
        assert!(!examples.is_empty() || has_subcommands, "{name} has no example");
        // What one command leaves must not be what makes another's examples work.
        let place = scratch.path(&name.replace(' ', "-"));
        if !examples.is_empty() {
            copy(&workspace().join("docs/examples"), &place.join("docs/examples"));
        }
        for example in examples {
            if example.starts_with("synfire data fetch ") {
                match data_dir() {
                    Some(dir) => run_download(&example, &dir, &place),
                    None => println!("skipped: {example}: no MNIST; set SYNFIRE_DATA_DIR"),
                }
                continue;
            }
            if example.contains("mnist") && data_dir().is_none() {
                println!("skipped: {example}: no MNIST; set SYNFIRE_DATA_DIR");
                n_skipped += 1;
                continue;
            }
            let mut command = Command::new(binary());
            // None of them needs a shell.
            command.args(example.split(' ').skip(1)).current_dir(&place).stdin(Stdio::null());
            if let Some(dir) = data_dir() {
                command.env("SYNFIRE_DATA_DIR", std::path::absolute(dir).expect("a path"));
            }
            let output = command.output().expect("the binary runs");
            assert!(output.status.success(), "{name}: {example}: {output:?}");
            assert!(!output.stdout.is_empty(), "{name}: {example} says nothing");
            n_run += 1;
        }
    }
    println!("{n_run} examples run, {n_skipped} skipped");
    assert!(n_run >= 15, "{n_run}");
}

/// Runs an example of a download with a mirror of our own in the place of any other.
fn run_download(example: &str, data_dir: &Path, place: &Path) {
    let words: Vec<&str> = example.split(' ').skip(1).collect();
    let server = serve_folder(data_dir);
    let mirror = format!("{}{}", server.root(), words[2]);
    let mut command = Command::new(binary());
    for (idx, word) in words.iter().enumerate() {
        let is_address = idx > 0 && words[idx - 1] == "--mirror";
        command.arg(if is_address { &mirror } else { *word });
    }
    if !words.contains(&"--mirror") && !words.contains(&"--check") {
        command.args(["--mirror", &mirror]);
    }
    command.env_remove("SYNFIRE_DATA_DIR").env("XDG_CACHE_HOME", place.join("cache"));
    command.env("HOME", place).current_dir(place).stdin(Stdio::null());
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{example}: {output:?}");
    assert!(!output.stdout.is_empty(), "{example} says nothing");
}

#[test]
fn examples_are_found() {
    let help =
        "Usage: synfire a\n\nExamples:\n  synfire a \\\n      --b c\n      words\n  synfire d\n";
    assert_eq!(examples(help), ["synfire a --b c", "synfire d"]);
}
