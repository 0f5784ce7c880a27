//! What is said of the results: one module for each item. Nothing here computes anything but statistics of a record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) mod ablation;
pub(crate) mod accuracy;
pub(crate) mod cost;
pub(crate) mod exactness;
pub(crate) mod forgotten;
pub(crate) mod numpy;
pub(crate) mod phases;
pub(crate) mod published;
pub(crate) mod restart;
pub(crate) mod sensitivity;
pub(crate) mod sparsity;
pub(crate) mod table_1;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use words::{count, counted, percent, percents, signed, table};

/// One part of the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Its text in Markdown, without the heading; figures are embedded as `![..](reproduction/NAME.svg)`.
    pub text: String,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// What is demanded of the results. One that does not hold makes the command fail.
    pub expectations: Vec<Expectation>,
    /// Numbers that the findings may quote, by name: `mnist.last.binary.mean`.
    pub facts: BTreeMap<String, String>,
}

impl Section {
    /// Notes a number for the findings, as it is written in the text.
    pub(crate) fn fact(&mut self, name: impl Into<String>, text: impl ToString) {
        self.facts.insert(name.into(), text.to_string());
    }

    /// Demands something of the results.
    pub(crate) fn expect(
        &mut self,
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl ToString,
        holds: bool,
    ) {
        self.expectations.push(Expectation {
            what: what.into(),
            expected: expected.into(),
            found: found.to_string(),
            holds,
        });
    }

    /// Adds a figure and its place in the text.
    pub(crate) fn figure(&mut self, name: &str, caption: &str, svg: String) {
        self.text += &format!("![{caption}](reproduction/{name}.svg)\n\n");
        self.figures.push(Figure { name: name.to_owned(), svg });
    }
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The name of its file, without `.svg`.
    pub name: String,
    /// The picture.
    pub svg: String,
}

/// Something that is demanded of the results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What it is about.
    pub what: String,
    /// What is demanded.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Whether it holds.
    pub holds: bool,
}
