//! The first Rust example of a text, made into a program.

/// The first example of a crate's front page, the `//!` lines of its `lib.rs`.
pub(crate) fn from_front_page(source: &str) -> Option<String> {
    let docs: Vec<&str> = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    // rustdoc takes a fence without a language for Rust, and hides lines behind a `# `.
    first(&docs, &["```", "```rust", "```no_run"]).map(|lines| {
        let shown = |line: &str| match line.trim_start() {
            "#" => String::new(),
            text => text.strip_prefix("# ").unwrap_or(line).to_owned(),
        };
        program(&lines.iter().map(|line| shown(line)).collect::<Vec<_>>())
    })
}

/// The first example of a Markdown file that says it is Rust.
pub(crate) fn from_readme(source: &str) -> Option<String> {
    let lines: Vec<&str> = source.lines().collect();
    first(&lines, &["```rust"])
        .map(|lines| program(&lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>()))
}

fn first<'a, 'b>(lines: &'a [&'b str], fences: &[&str]) -> Option<&'a [&'b str]> {
    let mut start = 0;
    loop {
        // A closing fence looks like one that opens: go from block to block.
        start += lines[start..].iter().position(|line| line.starts_with("```"))? + 1;
        let len = lines[start..].iter().position(|line| *line == "```")?;
        if fences.contains(&lines[start - 1]) {
            return Some(&lines[start..start + len]);
        }
        start += len + 1;
    }
}

/// An example as rustdoc runs it: it may use `?`, and may bring its own `main`.
fn program(lines: &[String]) -> String {
    let mut body = lines.join("\n");
    if body.contains("fn main()") {
        return body;
    }
    if !body.trim_end().ends_with("(())") {
        body.push_str("\nOk::<(), Box<dyn std::error::Error>>(())");
    }
    format!(
        "fn main() {{\n    fn example() -> Result<(), impl std::fmt::Debug> {{\n{body}\n    }}\n    \
         example().unwrap();\n}}\n"
    )
}

#[test]
fn hidden_lines_count_and_the_text_around_does_not() {
    let source = "//! Title.\n//!\n//! ```text\n//! no\n//! ```\n//!\n//! ```\n//! let a = 1;\n//! # Ok::<(), ()>(())\n\
                  //! ```\n\nmod other;\n";
    let found = from_front_page(source).expect("an example");
    assert!(found.contains("let a = 1;\nOk::<(), ()>(())"), "{found}");
    assert!(!found.contains("no\n") && !found.contains("mod other"), "{found}");
    assert_eq!(from_front_page("//! Title.\n\nfn code() {}\n"), None);
    assert_eq!(from_readme("# Title\n\n```\ncargo run\n```\n"), None);
}
