//! All results: the file `docs/reproduction.json`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scale::Scale;

/// What came out of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// What the trial was made with.
    pub parameters: Value,
    /// What came out.
    pub result: Value,
}

/// When a trial ran and how long it took; the only part of a record that differs from one reproduction to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// The day on which it ended, UTC: `2026-11-21`.
    pub date: String,
    /// Milliseconds that it took.
    pub milliseconds: u64,
}

/// All results, by item and trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// How much was run.
    pub scale: Scale,
    /// The hash of the sources that computed the results, by item.
    pub sources: BTreeMap<String, String>,
    /// What came out, by item and trial.
    pub items: BTreeMap<String, BTreeMap<String, Outcome>>,
    /// What was demanded of the results and found in them, filled in by the document.
    #[serde(default)]
    pub expectations: Vec<crate::section::Expectation>,
    /// Each number that the findings quote, by name, filled in by the document.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// When and how long, by item and trial.
    pub times: BTreeMap<String, BTreeMap<String, Times>>,
}

impl Record {
    /// A record of nothing.
    #[must_use]
    pub const fn new(scale: Scale) -> Record {
        Record {
            scale,
            sources: BTreeMap::new(),
            items: BTreeMap::new(),
            expectations: Vec::new(),
            facts: BTreeMap::new(),
            times: BTreeMap::new(),
        }
    }

    /// Whether there are results of this item.
    #[must_use]
    pub fn has(&self, item: &str) -> bool {
        self.items.contains_key(item)
    }

    /// The result of a trial.
    ///
    /// # Errors
    /// If there is none, or it is of another form.
    pub fn result<T: DeserializeOwned>(&self, item: &str, trial: &str) -> Result<T> {
        let outcome = self.items.get(item).and_then(|trials| trials.get(trial));
        let outcome = outcome.with_context(|| format!("there is no result {item}/{trial}"))?;
        T::deserialize(&outcome.result)
            .with_context(|| format!("the result {item}/{trial} has another form"))
    }

    /// The results of all trials of an item whose names begin with `prefix`, in the order of the number that follows
    /// it, then of their names; at least one.
    ///
    /// # Errors
    /// If there is none, or one is of another form.
    pub fn results<T: DeserializeOwned>(
        &self,
        item: &str,
        prefix: &str,
    ) -> Result<Vec<(String, T)>> {
        let trials =
            self.items.get(item).with_context(|| format!("there are no results of {item}"))?;
        let mut names: Vec<&String> =
            trials.keys().filter(|name| name.starts_with(prefix)).collect();
        let number = |name: &str| {
            let digits = name[prefix.len()..].split(|c: char| !c.is_ascii_digit()).next();
            digits.and_then(|digits| digits.parse::<u64>().ok())
        };
        names.sort_by_key(|name| (number(name), (*name).clone()));
        if names.is_empty() {
            bail!("there are no results {item}/{prefix}*");
        }
        names.into_iter().map(|name| Ok((name.clone(), self.result(item, name)?))).collect()
    }

    /// The days on which the trials of an item ended: first and last.
    #[must_use]
    pub fn days(&self, item: &str) -> Option<(&str, &str)> {
        let trials = self.times.get(item)?;
        let dates = || trials.values().map(|times| times.date.as_str());
        Some((dates().min()?, dates().max()?))
    }

    /// The text of the file.
    ///
    /// # Errors
    /// None that results can cause.
    pub fn to_json(&self) -> Result<String> {
        // One trial a line: readable, and a difference is a line.
        let mut text = String::from("{\n");
        let line = |value: &Value| serde_json::to_string(value).context("no JSON");
        text += &format!("\"scale\": {},\n", line(&serde_json::to_value(self.scale)?)?);
        text += &format!("\"sources\": {},\n", line(&serde_json::to_value(&self.sources)?)?);
        let expectations: Vec<String> = self
            .expectations
            .iter()
            .map(|expectation| line(&serde_json::to_value(expectation)?))
            .collect::<Result<_>>()?;
        text += &format!("\"expectations\": [\n{}\n],\n", expectations.join(",\n"));
        let facts: Vec<String> = self
            .facts
            .iter()
            .map(|(name, fact)| {
                Ok(format!(
                    "{}: {}",
                    line(&Value::from(name.as_str()))?,
                    line(&Value::from(fact.as_str()))?
                ))
            })
            .collect::<Result<_>>()?;
        text += &format!("\"facts\": {{\n{}\n}},\n", facts.join(",\n"));
        text += &format!("\"items\": {{\n{}\n}},\n", by_trial(&self.items)?);
        text += &format!("\"times\": {{\n{}\n}}\n}}\n", by_trial(&self.times)?);
        Ok(text)
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// If it is of another form.
    pub fn parse(text: &str) -> Result<Record> {
        serde_json::from_str(text).context("this is no record of a reproduction")
    }
}

fn by_trial<T: Serialize>(items: &BTreeMap<String, BTreeMap<String, T>>) -> Result<String> {
    let items = items.iter().map(|(item, trials)| {
        let trials = trials.iter().map(|(trial, value)| {
            Ok(format!("{}: {}", serde_json::to_string(trial)?, serde_json::to_string(value)?))
        });
        let trials: Vec<String> = trials.collect::<Result<_>>()?;
        Ok(format!("{}: {{\n{}\n}}", serde_json::to_string(item)?, trials.join(",\n")))
    });
    Ok(items.collect::<Result<Vec<String>>>()?.join(",\n"))
}
