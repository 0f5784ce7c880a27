//! The commands of `docs/guide.md`, run as they stand, one after another in one empty folder.
//!
//! A block `sh` is a script; in a block `console` lines after `$ ` are commands and what follows is what they print,
//! in which `...` stands for anything. A block `python` wants Python with NumPy. A block after
//! `<!-- needs: mnist -->` wants that data set, one after `<!-- not run -->` is for reading. What is skipped says so.
//! Blocks `rust` are doctests of this package.

#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use synfire_tests::{Python, data_dir, workspace};

use crate::process::binary;
use crate::scratch::Scratch;

/// A fenced block and what the comment above it says.
#[derive(Debug, PartialEq, Eq)]
struct Block<'a> {
    line: usize,
    language: &'a str,
    remark: Option<&'a str>,
    text: Vec<&'a str>,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    let mut before = "";
    for (line, text) in (1..).zip(page.lines()) {
        match (text.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(language), None) => {
                let remark = before.strip_prefix("<!-- ").and_then(|it| it.strip_suffix(" -->"));
                open = Some(Block { line, language, remark, text: Vec::new() });
            }
            (None, Some(mut block)) => {
                block.text.push(text);
                open = Some(block);
            }
            (None, None) => {}
        }
        before = text;
    }
    assert!(open.is_none(), "a block that does not end");
    blocks
}

/// Whether lines are those expected, in which `...` stands for anything, alone for any number of lines.
fn is_as_expected(found: &[&str], expected: &[&str]) -> bool {
    match expected {
        [] => found.is_empty(),
        ["...", rest @ ..] => (0..=found.len()).any(|n| is_as_expected(&found[n..], rest)),
        [first, rest @ ..] => match found {
            [line, others @ ..] => fits(line, first) && is_as_expected(others, rest),
            [] => false,
        },
    }
}

fn fits(line: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split("...").collect();
    let Some(mut rest) = line.strip_prefix(parts[0]) else { return false };
    for (k, part) in parts.iter().enumerate().skip(1) {
        let is_last = k == parts.len() - 1;
        if is_last {
            return rest.len() >= part.len() && rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

/// A shell that stops at the first command that fails.
fn shell() -> Command {
    let mut command = Command::new("sh");
    command.arg("-eu");
    command
}

/// Runs a script with the command on the path.
fn run(mut command: Command, script: &str, dir: &Path) -> Output {
    let bin = binary().parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path));
    command.args(["-c", script]).current_dir(dir).stdin(Stdio::null());
    command.env("PATH", std::env::join_paths(paths).expect("plain paths"));
    match data_dir() {
        Some(data_dir) => {
            command.env("SYNFIRE_DATA_DIR", data_dir.canonicalize().expect("is there"))
        }
        None => command.env_remove("SYNFIRE_DATA_DIR"),
    };
    command.output().expect("the program runs")
}

#[test]
fn the_guide_says_what_happens() {
    let page = std::fs::read_to_string(workspace().join("docs/guide.md")).expect("the guide");
    let scratch = Scratch::new();
    let dir = scratch.path("");
    let mut n_run = 0;
    let python = Python::with(&["numpy"]);
    for block in blocks(&page) {
        let Block { line, language, remark, text } = block;
        let place = format!("docs/guide.md, block of line {line}");
        match remark {
            Some("not run") => continue,
            Some("needs: mnist") if data_dir().is_none() => {
                println!("{place}: skipped, there is no data");
                continue;
            }
            None | Some("needs: mnist") => {}
            Some(other) => panic!("{place}: what does `{other}` mean?"),
        }
        let script = text.join("\n");
        let check = |output: &Output, what: &str| {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{place}: {what}: {said}");
            assert_eq!(said, "", "{place}: {what}");
        };
        match language {
            "sh" if python.is_none()
                && ["pruned.npz", "own.npz"].iter().any(|it| script.contains(it)) =>
            {
                println!("{place}: skipped, it needs what Python writes");
                continue;
            }
            "sh" => check(&run(shell(), &script, &dir), &script),
            "python" => match &python {
                Some(python) => check(&run(python.command(), &script, &dir), &script),
                None => {
                    println!("{place}: skipped, there is no Python with NumPy");
                    continue;
                }
            },
            "console" => {
                let mut rest = &text[..];
                while let [command, others @ ..] = rest {
                    let command = command.strip_prefix("$ ").expect("a command");
                    let n = others.iter().take_while(|line| !line.starts_with("$ ")).count();
                    let output = run(shell(), command, &dir);
                    check(&output, command);
                    let said = String::from_utf8_lossy(&output.stdout);
                    let said: Vec<&str> = said.lines().collect();
                    let expected = &others[..n];
                    assert!(is_as_expected(&said, expected), "{place}: {command}: {said:#?}");
                    rest = &others[n..];
                }
            }
            "rust" => continue,
            other => panic!("{place}: nobody runs `{other}`"),
        }
        n_run += 1;
    }
    assert!(n_run >= 8, "only {n_run} blocks were run");
}

#[test]
fn dots_stand_for_anything_and_nothing_else_does() {
    for (line, pattern, is_fit) in [
        ("trained in 3.2 s", "trained in ... s", true),
        ("trained in 3.2 m", "trained in ... s", false),
        ("abcabd", "...ab...", true),
        ("a-b-c", "a...b...c", true),
        ("a-c", "a...b...c", false),
        ("x", "x", true),
        ("xy", "x", false),
        ("ab", "ab...ab", false),
    ] {
        assert_eq!(fits(line, pattern), is_fit, "{line} {pattern}");
    }
    assert!(is_as_expected(&["a", "b", "c"], &["a", "...", "c"]));
    assert!(is_as_expected(&["a", "c"], &["a", "...", "c"]));
    assert!(!is_as_expected(&["a", "b"], &["a"]));
    assert!(!is_as_expected(&["a"], &["a", "b"]));
}

#[test]
fn blocks_are_found_with_their_remarks() {
    let page =
        "a\n```sh\none\ntwo\n```\n<!-- needs: mnist -->\n```console\n$ x\n```\n\n```rust\n```\n";
    let found = blocks(page);
    let block = |line, language, remark, text: &[&'static str]| Block {
        line,
        language,
        remark,
        text: text.to_vec(),
    };
    assert_eq!(
        found,
        [
            block(2, "sh", None, &["one", "two"]),
            block(7, "console", Some("needs: mnist"), &["$ x"]),
            block(11, "rust", None, &[]),
        ]
    );
}
