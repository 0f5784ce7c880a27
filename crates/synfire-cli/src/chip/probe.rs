//! Probes: a part of the state written after every so-manieth step, and kept for a picture.
//!
//! A probe is named by the layer or projection and, after the last dot, by what is probed of it. Its file
//! begins with step 0, the state before the first step. Few values stand in columns; many stand in rows of
//! their own, of which only those are written that have changed since the sample before.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context, Result};
use synfire_train::synfire_net::Network;
use synfire_train::{OutputDir, OutputFile};

use super::machine::{Machine, Quantity};
use super::spikes::one_of;
use crate::UsageError;

/// Most values that stand in columns.
const MAX_COLUMNS: usize = 1000;
/// Most curves of a picture.
const MAX_CURVES: usize = 16;
/// Most samples of a curve; beyond it, every second one is left out.
const MAX_SAMPLES: usize = 4096;

/// What is probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    /// As it was named.
    pub(super) name: String,
    /// The name of its files, without their endings.
    pub(super) stem: String,
    quantity: Quantity,
}

impl Probe {
    /// The names of its first curves: of a synapse its ends, otherwise the neuron.
    pub(super) fn labels(&self, network: &Network, n_curves: usize) -> Vec<String> {
        match self.quantity {
            Quantity::Weight(id) | Quantity::Delay(id) | Quantity::Tag(id) => network
                .synapses(id)
                .take(n_curves)
                .map(|synapse| format!("{} to {}", synapse.source, synapse.target))
                .collect(),
            _ => (0..n_curves).map(|idx| idx.to_string()).collect(),
        }
    }

    /// What its values are counted in.
    pub(super) const fn unit(&self) -> &'static str {
        match self.quantity {
            Quantity::Current(_) => "current, in units of charge",
            Quantity::Voltage(_) => "voltage, in units of charge",
            Quantity::Weight(_) => "weight",
            Quantity::Delay(_) => "delay, in steps",
            Quantity::Tag(_) => "tag",
            Quantity::Trace(..) => "trace",
        }
    }

    /// The threshold that a voltage has to exceed.
    pub(super) fn threshold(&self, network: &Network) -> Option<i64> {
        let Quantity::Voltage(layer) = self.quantity else { return None };
        network.layer(layer).neuron().map(|neuron| i64::from(neuron.threshold))
    }
}

/// The probes named by words, each of which lists one or more with commas between.
///
/// # Errors
/// A name that stands for nothing, with those that stand for something.
pub(super) fn resolve(words: &[String], machine: &Machine) -> Result<Vec<Probe>, UsageError> {
    let known = machine.quantities();
    let mut probes: Vec<Probe> = Vec::new();
    let mut stems = BTreeSet::new();
    for word in words {
        for name in split(word, |name| known.iter().any(|(known, _)| known == name)) {
            let Some(&(_, quantity)) = known.iter().find(|(known, _)| *known == name) else {
                let known: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                let expected = one_of(&known);
                return Err(UsageError(format!(
                    "probe is `{}`, expected {expected}",
                    name.escape_debug()
                )));
            };
            if probes.iter().any(|probe| probe.quantity == quantity) {
                continue;
            }
            let stem = stem(&name, &mut stems);
            probes.push(Probe { name, stem, quantity });
        }
    }
    Ok(probes)
}

/// The names in a list with commas. A name may contain commas itself: the longest known one is taken.
pub(super) fn split(list: &str, is_known: impl Fn(&str) -> bool) -> Vec<String> {
    let parts: Vec<&str> = list.split(',').collect();
    let mut names = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let ends = (at + 1..=parts.len()).rev();
        let end = ends.clone().find(|&end| is_known(&parts[at..end].join(","))).unwrap_or(at + 1);
        names.push(parts[at..end].join(","));
        at = end;
    }
    names
}

/// A name for files: what file systems dislike is replaced, and no two probes share one.
fn stem(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_alphanumeric() || " ,._-+".contains(c) { c } else { '_' };
    let plain: String = name.chars().map(plain).collect();
    let plain = if plain.starts_with('.') { format!("_{plain}") } else { plain };
    let numbered = (2..).map(|n| format!("{plain}-{n}"));
    let candidates = std::iter::once(plain.clone()).chain(numbered);
    // File systems that ignore case are common.
    let stem = candidates.into_iter().find(|stem| taken.insert(stem.to_lowercase()));
    stem.unwrap_or(plain)
}

/// Values over time, as many as a picture can show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Curves {
    /// Steps of the samples.
    pub(super) steps: Vec<u64>,
    /// The values of each curve, one per sample.
    pub(super) values: Vec<Vec<i64>>,
    /// Curves that would be too many.
    pub(super) n_left_out: usize,
    /// Of how many samples one is kept.
    pub(super) thinning: u64,
    seen: u64,
}

impl Curves {
    fn new(n_values: usize) -> Curves {
        let n_shown = n_values.min(MAX_CURVES);
        Curves {
            values: vec![Vec::new(); n_shown],
            n_left_out: n_values - n_shown,
            thinning: 1,
            ..Curves::default()
        }
    }

    fn push(&mut self, step: u64, values: &[i64]) {
        if self.seen.is_multiple_of(self.thinning) {
            if self.steps.len() == MAX_SAMPLES {
                keep_even(&mut self.steps);
                self.values.iter_mut().for_each(keep_even);
                self.thinning *= 2;
            }
            self.steps.push(step);
            for (curve, &value) in self.values.iter_mut().zip(values) {
                curve.push(value);
            }
        }
        self.seen += 1;
    }
}

fn keep_even<T>(items: &mut Vec<T>) {
    let mut idx = 0;
    items.retain(|_| {
        idx += 1;
        idx % 2 == 1
    });
}

/// A probe while the run goes on.
pub(super) struct Recorder {
    pub(super) probe: Probe,
    pub(super) curves: Curves,
    file: OutputFile,
    /// The values of the sample before, if values stand in rows.
    last: Option<Vec<i64>>,
    is_first: bool,
}

impl Recorder {
    /// Begins the file `<stem>.csv` in a folder and records the state before the first step.
    pub(super) fn new(probe: Probe, dir: &OutputDir, machine: &Machine) -> Result<Recorder> {
        let values = machine.read(probe.quantity).unwrap_or_default();
        let (singular, letter) = match probe.quantity {
            Quantity::Current(_) | Quantity::Voltage(_) | Quantity::Trace(..) => ("neuron", 'n'),
            Quantity::Weight(_) | Quantity::Delay(_) | Quantity::Tag(_) => ("synapse", 's'),
        };
        let mut file = dir.create(&format!("{}.csv", probe.stem))?;
        let is_wide = values.len() <= MAX_COLUMNS;
        let header = if is_wide {
            let columns: String = (0..values.len()).map(|idx| format!(",{letter}{idx}")).collect();
            format!("step{columns}\n")
        } else {
            format!("step,{singular},value\n")
        };
        file.write_all(header.as_bytes()).with_context(|| cannot(&file))?;
        let last = (!is_wide).then(|| vec![0; values.len()]);
        let curves = Curves::new(values.len());
        let mut recorder = Recorder { probe, curves, file, last, is_first: true };
        recorder.sample(0, machine)?;
        Ok(recorder)
    }

    /// Records the state after a step.
    pub(super) fn sample(&mut self, step: u64, machine: &Machine) -> Result<()> {
        let values = machine.read(self.probe.quantity).unwrap_or_default();
        self.curves.push(step, &values);
        self.write(step, values).with_context(|| cannot(&self.file))
    }

    fn write(&mut self, step: u64, values: Vec<i64>) -> std::io::Result<()> {
        let Recorder { file, last, is_first, .. } = self;
        match last {
            None => {
                write!(file, "{step}")?;
                for value in values {
                    write!(file, ",{value}")?;
                }
                writeln!(file)?;
            }
            Some(last) => {
                for (idx, (value, before)) in values.iter().zip(&*last).enumerate() {
                    if *is_first || value != before {
                        writeln!(file, "{step},{idx},{value}")?;
                    }
                }
                *last = values;
            }
        }
        *is_first = false;
        Ok(())
    }

    /// Puts the file in its place.
    pub(super) fn finish(self) -> Result<(Probe, Curves)> {
        self.file.finish()?;
        Ok((self.probe, self.curves))
    }
}

fn cannot(file: &OutputFile) -> String {
    format!("{} cannot be written", file.path().display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_where_the_names_end() {
        let known = ["a.u", "b, c.v", "a.u,b.w"];
        let split = |list| split(list, |name| known.contains(&name));
        assert_eq!(split("a.u,b, c.v"), ["a.u", "b, c.v"]);
        assert_eq!(split("a.u,b.w"), ["a.u,b.w"]);
        assert_eq!(split("x,a.u,"), ["x", "a.u", ""]);
    }

    #[test]
    fn files_have_harmless_names_of_their_own() {
        let mut taken = BTreeSet::new();
        let stems = ["../a.u", "a/b.w", "a:b.w", "A_B.w", "input to é.w"]
            .map(|name| stem(name, &mut taken));
        assert_eq!(stems, ["_.._a.u", "a_b.w", "a_b.w-2", "A_B.w-3", "input to é.w"]);
    }

    #[test]
    fn curves_are_thinned_and_keep_their_beginning() {
        let mut curves = Curves::new(20);
        assert_eq!((curves.values.len(), curves.n_left_out), (16, 4));
        let n_samples = 2 * MAX_SAMPLES as u64 + 1;
        for step in 0..n_samples {
            curves.push(10 * step, &[i64::try_from(step).unwrap_or_default(); 20]);
        }
        assert_eq!(curves.thinning, 4);
        let steps: Vec<u64> = (0..n_samples).step_by(4).map(|step| 10 * step).collect();
        assert_eq!(curves.steps, steps);
        assert!(curves.values.iter().all(|curve| curve.len() == steps.len()));
        assert_eq!(curves.values[0][1], 4);
    }
}
