//! Whether cited clauses and facts exist.
//!
//! A clause (R, V, S, P, G, E, RND) is defined by a heading of `docs/semantics.md` that starts with its
//! number, a chip fact (C) by a row of a table of `docs/chip-facts.md` that does. Numbers of a family run
//! from 1 without a gap. A citation is the word clause or fact, singular or plural, followed by numbers:
//! one, a list or a range. Citations are looked for in Rust files and in every document.

use super::{File, Problem, Tree};
use std::collections::BTreeMap;

const SEMANTICS: &str = "docs/semantics.md";
const CHIP_FACTS: &str = "docs/chip-facts.md";

/// The number of a clause: family and position.
type Number<'a> = (&'a str, u32);

pub(super) fn check(tree: &Tree, problems: &mut Vec<Problem>) {
    let mut defined: BTreeMap<Number<'_>, (&str, usize)> = BTreeMap::new();
    for path in [SEMANTICS, CHIP_FACTS] {
        let Some(file) = tree.find(path) else {
            problems.push(Problem::of_file(path, "is missing"));
            continue;
        };
        for (line, number) in definitions(file) {
            let is_fact = number.0 == "C";
            if is_fact != (path == CHIP_FACTS) {
                let message = format!("{}{} belongs into the other document", number.0, number.1);
                problems.push(Problem::at(path, line, message));
            }
            if let Some((_, first)) = defined.insert(number, (path, line)) {
                let message =
                    format!("{}{} is defined in line {first} already", number.0, number.1);
                problems.push(Problem::at(path, line, message));
            }
        }
    }
    for (&(family, position), &(path, line)) in &defined {
        if position > 1 && !defined.contains_key(&(family, position - 1)) {
            let message =
                format!("{family}{position} follows a gap: {family}{} is missing", position - 1);
            problems.push(Problem::at(path, line, message));
        }
    }
    for file in tree.files.iter().filter(|file| file.is_rust() || file.is_markdown()) {
        for (line, (family, position)) in citations(file) {
            if !defined.contains_key(&(family, position)) {
                let message =
                    format!("{family}{position} is cited, but no clause or fact has this number");
                problems.push(Problem::at(&file.path, line, message));
            }
        }
    }
}

/// Numbers that headings or table rows start with.
fn definitions(file: &File) -> impl Iterator<Item = (usize, Number<'_>)> {
    let is_facts = file.path == CHIP_FACTS;
    file.lines().filter_map(move |(line, text)| {
        let start = if is_facts { text.strip_prefix('|') } else { text.strip_prefix("###") }?;
        let first = start.trim_start_matches('#').split_whitespace().next()?;
        Some((line, number(first)?))
    })
}

/// Every cited number with its line; a range counts as all its members.
fn citations(file: &File) -> Vec<(usize, Number<'_>)> {
    let tokens = file.lines().flat_map(|(line, text)| {
        // A citation may go on in the next line of a comment.
        let words = text.split(|c: char| c.is_whitespace() || c == '-' || c == '\u{2013}');
        words
            .filter(|word| !word.is_empty() && !matches!(*word, "//" | "///" | "//!"))
            .map(move |word| (line, word))
    });
    let mut tokens = tokens.peekable();
    let mut found = Vec::new();
    while let Some((_, word)) = tokens.next() {
        if !is_citation(word) {
            continue;
        }
        let mut last: Option<Number<'_>> = None;
        let mut is_range = false;
        while let Some(&(line, word)) = tokens.peek() {
            if let Some(next) = number(trim(word)) {
                if let (true, Some(from)) = (is_range, last) {
                    found.extend((from.1 + 1..next.1).map(|between| (line, (next.0, between))));
                }
                found.push((line, next));
                (last, is_range) = (Some(next), false);
            } else if last.is_some() && matches!(word, "to" | "and" | "or" | "through") {
                is_range = matches!(word, "to" | "through");
            } else {
                break;
            }
            tokens.next();
        }
    }
    found
}

fn is_citation(word: &str) -> bool {
    let word = trim(word).to_lowercase();
    matches!(word.as_str(), "clause" | "clauses" | "fact" | "facts")
}

fn trim(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// `S12` as (`S`, 12).
fn number(word: &str) -> Option<Number<'_>> {
    let digits = word.find(|c: char| c.is_ascii_digit())?;
    let (family, position) = word.split_at(digits);
    let is_family = matches!(family, "R" | "V" | "S" | "P" | "G" | "E" | "RND" | "C");
    if is_family { Some((family, position.parse().ok()?)) } else { None }
}
