//! Every Rust file by itself: it says what it is, holds nothing unfinished, and fits the eye.

use super::{File, Problem, Tree};

/// rustfmt leaves comments alone; beyond this a line no longer fits beside a diff. A line with a text
/// in it may be longer: a message in one piece is found by searching for it.
const LONGEST_LINE: usize = 120;
/// A file of this length is more than one concept.
const LONGEST_FILE: usize = 1000;

/// What may not stay in a finished tree. Written in two parts so that this file passes.
const MARKS: [(&str, &str); 4] = [
    (concat!("todo", "!("), "write it or leave it out"),
    (concat!("unimplemented", "!("), "write it or leave it out"),
    (concat!("dbg", "!("), "a trace for one's own eyes"),
    (concat!("#[", "ignore"), "assert today's behaviour and say why it is wrong instead"),
];

pub(super) fn check(tree: &Tree, problems: &mut Vec<Problem>) {
    for file in tree.rust() {
        check_file(file, problems);
    }
}

fn check_file(file: &File, problems: &mut Vec<Problem>) {
    let path = file.path.as_str();
    let first = file.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if !first.starts_with("//! ") {
        problems.push(Problem::at(
            path,
            1,
            "the file does not open with its module doc, `//! ...`",
        ));
    }
    for (number, code) in file.code() {
        for (mark, reason) in MARKS {
            if code.contains(mark) {
                problems.push(Problem::at(path, number, format!("`{mark}` is left: {reason}")));
            }
        }
    }
    let mut in_text = false;
    for (number, line) in file.lines() {
        let is_comment = !in_text && line.trim_start().starts_with("//");
        let n_quotes = if is_comment { 0 } else { quotes(line) };
        let width = line.chars().count();
        if width > LONGEST_LINE && !in_text && n_quotes == 0 {
            let message = format!("line of {width} characters, expected at most {LONGEST_LINE}");
            problems.push(Problem::at(path, number, message));
        }
        in_text ^= n_quotes % 2 == 1;
    }
    let n_lines = file.text.lines().count();
    if n_lines > LONGEST_FILE {
        let message =
            format!("{n_lines} lines, expected at most {LONGEST_FILE}: split the concept");
        problems.push(Problem::of_file(path, message));
    }
}

/// Quotation marks that open or close a text; those that are escaped or characters do not.
fn quotes(line: &str) -> usize {
    line.replace("\\\\", "").replace("\\\"", "").replace("'\"'", "").matches('"').count()
}
