//! `synfire completions` and `synfire man`: what the options say, for shells and for readers of manuals.
//!
//! Both are made from the options themselves, so that they cannot differ from them.

use std::io::Write;

use anyhow::Result;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use synfire_train::OutputDir;

use crate::options::{CompletionsOptions, ManOptions, Options};
use crate::{Status, UsageError};

/// Writes a completion script.
pub(crate) fn complete(options: &CompletionsOptions, stdout: &mut dyn Write) -> Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Options::command(), "synfire", &mut script);
    stdout.write_all(&script)?;
    Ok(Status::Success)
}

/// Writes one page, or all of them into a folder.
pub(crate) fn describe(options: &ManOptions, stdout: &mut dyn Write) -> Result<Status> {
    // `help` has no page of its own.
    let mut whole = Options::command().disable_help_subcommand(true);
    // Gives subcommands the names of their pages.
    whole.build();
    if let Some(dir) = &options.out {
        let output = OutputDir::open(dir)?;
        let mut n_pages = 0;
        for command in all(&whole) {
            output.write(&format!("{}.1", name(command)), &page(command)?)?;
            n_pages += 1;
        }
        writeln!(stdout, "wrote {n_pages} pages to {}", dir.display())?;
        return Ok(Status::Success);
    }
    let mut command = &whole;
    for word in &options.command {
        let Some(next) = command.find_subcommand(word) else {
            let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            return Err(UsageError(format!(
                "`{}` has no command `{word}`, expected {}",
                name(command).replace('-', " "),
                if names.is_empty() { "nothing more".to_owned() } else { names.join(", ") }
            ))
            .into());
        };
        command = next;
    }
    stdout.write_all(&page(command)?)?;
    Ok(Status::Success)
}

/// A command and all below it.
fn all(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().flat_map(all);
    std::iter::once(command).chain(below).collect()
}

/// The name of a page: `synfire-chip-run`.
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    // No date: equal programs give equal pages.
    let version = format!("synfire {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).title(name(command)).source(version);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    let mut sections = Vec::new();
    man.render_name_section(&mut sections)?;
    man.render_synopsis_section(&mut sections)?;
    man.render_description_section(&mut sections)?;
    man.render_options_section(&mut sections)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut sections)?;
    }
    // The library defines an apostrophe before each section; once is enough.
    for line in String::from_utf8_lossy(&sections).lines() {
        if !line.starts_with(".ie ") && !line.starts_with(".el ") {
            writeln!(page, "{line}")?;
        }
    }
    if let Some(text) = command.get_after_long_help() {
        // The library would fill the lines, which have an order of their own.
        writeln!(page, ".SH \"EXAMPLES AND FILES\"\n.nf")?;
        for line in text.to_string().lines() {
            writeln!(page, "{}", literal(line))?;
        }
        writeln!(page, ".fi")?;
    }
    Ok(page)
}

/// A line of text in which nothing means anything to a reader of manuals.
fn literal(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_line_stays_as_it_is() {
        assert_eq!(literal("  a --b 'c' \\"), r"  a \-\-b \(aqc\(aq \e");
        assert_eq!(literal(".fi"), r"\&.fi");
    }
}
