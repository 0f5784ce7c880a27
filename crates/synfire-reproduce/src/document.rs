//! The document: all sections in order, as a function of the record.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use crate::item::{ITEMS, Item};
use crate::record::Record;
use crate::scale::Scale;
use crate::section::{Expectation, Figure, Section, count, table};

/// The findings, with a name in braces where a number of the record belongs.
const FINDINGS: &str = include_str!("findings.md");

/// All files that are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// `reproduction.md`.
    pub page: String,
    /// `findings.md`.
    pub findings: String,
    /// `reproduction/NAME.svg`.
    pub figures: Vec<Figure>,
}

/// The document of a record of all items; notes in the record what was demanded and found.
///
/// # Errors
/// If a result is missing or of another form.
pub fn document(record: &mut Record) -> Result<Document> {
    let mut parts = Vec::new();
    record.expectations.clear();
    record.facts.clear();
    for item in ITEMS {
        let section = (item.section)(record).with_context(|| format!("item {}", item.name))?;
        parts.push((item, section));
    }
    for (_, section) in &parts {
        record.expectations.extend(section.expectations.iter().cloned());
        for (name, fact) in &section.facts {
            if record.facts.insert(name.clone(), fact.clone()).is_some() {
                bail!("two facts are named {name}");
            }
        }
    }
    let mut page = head(record);
    let mut figures = Vec::new();
    for (item, section) in parts {
        page += &format!(
            "\n## {}\n\n{}\n\n{}",
            section.title,
            origin(record, item),
            section.text.trim()
        );
        page += "\n";
        let Section { figures: drawn, .. } = section;
        figures.extend(drawn);
    }
    page += &tail(record);
    Ok(Document { page: tidy(&page), findings: tidy(&findings(record)?), figures })
}

fn head(record: &Record) -> String {
    let scale = record.scale;
    let mut text = String::from(
        "# Reproduction\n\n\
         The experiments of Renner et al. 2024 (\"The backpropagation algorithm implemented on spiking neuromorphic \
         hardware\", Nature Communications 15:9691, doi:10.1038/s41467-024-53827-9), run spike by spike on the model of \
         the chip, and others that the paper's claims call for. Written by\n\n",
    );
    text += &format!("```\ncargo xtask reproduce --{scale}\n```\n\n");
    text += "from [reproduction.json](reproduction.json), which holds the counts behind every number here: no text below is \
             written by hand after the results. Spreads are standard deviations over seeds. *Paper* marks values of the \
             paper; all others are ours. [findings.md](findings.md) tells in a page what this adds to the paper.\n\n";
    text += match scale {
        Scale::Full => "",
        Scale::Quick => {
            "**This is the quick form: few seeds and epochs. Values of the paper are for orientation only.**\n\n"
        }
        Scale::Smoke => {
            "**This is a test of the command, on digits made by the program. Nothing here is a reproduction.**\n\n"
        }
    };
    text += "## What was demanded\n\n";
    let n_failed = record.expectations.iter().filter(|e| !e.holds).count();
    text += &format!(
        "The command fails unless all of these hold. {}\n\n",
        match n_failed {
            0 => "They do.".to_owned(),
            n => format!("**{n} of them {}.**", if n == 1 { "does not" } else { "do not" }),
        }
    );
    let row = |e: &Expectation| {
        let holds = if e.holds { "yes" } else { "**no**" };
        vec![e.what.clone(), e.expected.clone(), e.found.clone(), holds.to_owned()]
    };
    let rows: Vec<_> = record.expectations.iter().map(row).collect();
    text + &table(&["what", "demanded", "found", "holds"], &rows)
}

/// Which command computed an item, of what it consists, and when it ran.
fn origin(record: &Record, item: &Item) -> String {
    let scale = record.scale;
    let mut text = format!("`cargo xtask reproduce --{scale} --only {}`", item.name);
    if let Some(trials) = record.items.get(item.name) {
        let n = trials.len();
        text += &format!(": {n} trial{}", if n == 1 { "" } else { "s" });
    }
    if !item.needs.is_empty() {
        text += &format!("; reads the results of {}", item.needs.join(", "));
    }
    text += ".";
    let days: Vec<_> = std::iter::once(&item.name)
        .chain(item.needs)
        .filter_map(|name| record.days(name))
        .collect();
    let first = days.iter().map(|(first, _)| *first).min();
    let last = days.iter().map(|(_, last)| *last).max();
    match (first, last) {
        (Some(first), Some(last)) if first == last => text += &format!("\nComputed {first}."),
        (Some(first), Some(last)) => text += &format!("\nComputed {first} to {last}."),
        _ => {}
    }
    text
}

fn tail(record: &Record) -> String {
    let mut text = String::from("\n## What this took\n\n");
    text += "Seconds that the trials took, added up, each on a thread of its own of a machine that may have had other work; the \
             only numbers here that another run of the command changes.\n\n";
    let mut total = 0;
    let mut rows = Vec::new();
    for item in ITEMS {
        let Some(times) = record.times.get(item.name) else { continue };
        let milliseconds: u64 = times.values().map(|times| times.milliseconds).sum();
        total += milliseconds;
        let name = format!("Computed: {}", item.name);
        rows.push(vec![name, times.len().to_string(), count(milliseconds.div_ceil(1000))]);
    }
    rows.push(vec!["Computed: all".into(), String::new(), count(total.div_ceil(1000))]);
    text += &table(&["item", "trials", "seconds"], &rows);
    text += "Each result belongs to the sources that computed it, by SHA-256:\n\n";
    let row = |(item, hash): (&String, &String)| vec![item.clone(), format!("`{hash}`")];
    text + &table(&["item", "sources"], &record.sources.iter().map(row).collect::<Vec<_>>())
}

/// The findings with the numbers of the record in them.
fn findings(record: &Record) -> Result<String> {
    Ok(match record.scale {
        Scale::Full => fill(FINDINGS, &record.facts, None)?,
        other => {
            let numbers = fill(FINDINGS, &record.facts, Some("(only with --full)"))?;
            format!("**From `--{other}`: the words were written for `--full`.**\n\n{numbers}")
        }
    })
}

/// Replaces each `{name}` by the fact of this name, or by what stands for facts that are not known.
fn fill(template: &str, facts: &BTreeMap<String, String>, unknown: Option<&str>) -> Result<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').context("a brace is not closed")?;
        let fact = facts.get(name).map(String::as_str).or(unknown);
        let known = || facts.keys().cloned().collect::<Vec<_>>().join(", ");
        let fact = fact.with_context(|| format!("no fact `{name}`; there are {}", known()))?;
        text += before;
        text += fact;
        rest = behind;
    }
    Ok(text + rest)
}

/// Not more than one empty line in a row, none at the end.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        if !(line.trim().is_empty() && lines.last().is_some_and(|last| last.is_empty())) {
            lines.push(line.trim_end());
        }
    }
    while lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_take_the_place_of_their_names() {
        let facts = BTreeMap::from([("a.b".to_owned(), "95.7".to_owned())]);
        assert_eq!(fill("x {a.b} y {a.b}.", &facts, None).ok().as_deref(), Some("x 95.7 y 95.7."));
        let error = fill("{a.c}", &facts, None).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("no fact `a.c`; there are a.b"));
        assert_eq!(fill("{a.c}", &facts, Some("?")).ok().as_deref(), Some("?"));
        assert!(fill("{a.b", &facts, None).is_err());
    }

    #[test]
    fn empty_lines_come_alone() {
        assert_eq!(tidy("a\n\n\n\nb  \n\n"), "a\n\nb\n");
    }
}
