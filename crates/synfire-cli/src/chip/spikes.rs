//! Spikes as CSV: `step,layer,neuron`, with the layer by its name and steps from 1.
//!
//! What a run writes, another can be given as input. Rows of input may come in any order; a spike that is
//! there twice is an error, and so is one that no step of the run would see.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use csv::{ReaderBuilder, StringRecord, Writer};
use synfire_train::OutputFile;
use synfire_train::synfire_net::{InputSchedule, InputSpike, LayerId, Network, Observer};

use super::file::read_text;

const HEADER: [&str; 3] = ["step", "layer", "neuron"];
/// Longest file of spikes, in bytes.
const LONGEST: u64 = 256 << 20;
/// Most spikes of a file, of which each takes 40 bytes while it is read.
const MAX_SPIKES: usize = 1 << 24;
/// Problems of a file that are listed; the others are counted.
const MAX_LINES: usize = 10;
/// Names that are listed.
const MAX_NAMES: usize = 20;

/// Reads the input of a run of `steps` steps.
///
/// # Errors
/// If the file cannot be read, or a row is no spike of a source within the run: with file, line and column,
/// for the first rows.
pub(super) fn read_input(path: &Path, network: &Network, steps: u32) -> Result<InputSchedule> {
    let text = read_text(path, LONGEST)?;
    parse_spikes(&text, network, steps).with_context(|| path.display().to_string())
}

/// Reads the input of a run of `steps` steps from the text of its file: rows of step, layer and neuron, as a run writes
/// them, in any order.
///
/// # Errors
/// What is wrong with the first rows that are no spike of a source within the run, by line and column; how many
/// there are of them; more than 16,777,216 spikes.
pub fn parse_spikes(text: &str, network: &Network, steps: u32) -> Result<InputSchedule> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = records.next().transpose()?.unwrap_or_default();
    if !header.iter().eq(HEADER) {
        let found = header.iter().take(2 * HEADER.len()).collect::<Vec<_>>().join(",");
        bail!("line 1: heading is {}, expected `{}`", shown(&found), HEADER.join(","));
    }
    let mut spikes: Vec<(InputSpike, u64)> = Vec::new();
    let mut problems = Problems::default();
    for record in records {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        match spike(&record, network, steps) {
            Ok(_) if spikes.len() == MAX_SPIKES => {
                bail!("line {line}: more than {MAX_SPIKES} spikes, expected at most so many");
            }
            Ok(spike) => spikes.push((spike, line)),
            Err(problem) => problems.add(|| format!("line {line}{problem}")),
        }
    }
    spikes.sort_unstable();
    for pair in spikes.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (spike, first) = pair[0];
        let InputSpike { step, layer, source_idx } = spike;
        let name = &network.layer(layer).name;
        problems.add(|| {
            format!(
                "line {}: spike of step {step}, layer `{name}`, neuron {source_idx} is there a second \
                 time, expected once; first on line {first}",
                pair[1].1
            )
        });
    }
    problems.check()?;
    let mut schedule = InputSchedule::new();
    for (InputSpike { step, layer, source_idx }, _) in spikes {
        schedule.push(step, layer, source_idx);
    }
    Ok(schedule)
}

/// The first problems of a file in words, and how many there are in all.
#[derive(Default)]
struct Problems {
    first: Vec<String>,
    n: usize,
}

impl Problems {
    fn add(&mut self, problem: impl FnOnce() -> String) {
        self.n += 1;
        if self.first.len() < MAX_LINES {
            self.first.push(problem());
        }
    }

    fn check(&self) -> Result<()> {
        let lines = self.first.join("\n  ");
        match (self.n, self.n - self.first.len()) {
            (0, _) => Ok(()),
            (1, _) => Err(anyhow!("{lines}")),
            (n, 0) => Err(anyhow!("{n} problems\n  {lines}")),
            (n, rest) => Err(anyhow!("{n} problems\n  {lines}\n  and {rest} more")),
        }
    }
}

/// The beginning of a field in a message.
fn shown(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    format!("`{}`", start.escape_debug())
}

/// The spike of a row, or what is wrong with it, as it goes on after the line.
fn spike(record: &StringRecord, network: &Network, steps: u32) -> Result<InputSpike, String> {
    let &[step, layer, neuron] = &record.iter().take(4).collect::<Vec<_>>()[..] else {
        return Err(format!(": {} columns, expected 3: {}", record.len(), HEADER.join(",")));
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let step = number(step)
        .filter(|step| (1..=u64::from(steps)).contains(step))
        .ok_or_else(|| format!(", column 1: step is {}, expected 1 to {steps}", shown(step)))?;
    let source = network.find_layer(layer).filter(|&id| network.layer(id).is_source());
    let source = source.ok_or_else(|| {
        let sources = network.layers().iter().filter(|layer| layer.is_source());
        let sources: Vec<&str> = sources.map(|layer| layer.name.as_str()).collect();
        let found = if network.find_layer(layer).is_some() {
            format!("{}, which is no layer of sources", shown(layer))
        } else {
            shown(layer)
        };
        format!(", column 2: layer is {found}, expected {}", one_of(&sources))
    })?;
    let last = network.layer(source).n_neurons - 1;
    let source_idx = number(neuron)
        .and_then(|found| u32::try_from(found).ok())
        .filter(|&found| found <= last)
        .ok_or_else(|| {
            format!(
                ", column 3: neuron is {}, expected 0 to {last} in layer `{layer}`",
                shown(neuron)
            )
        })?;
    Ok(InputSpike { step, layer: source, source_idx })
}

/// Names of which one is expected.
pub(super) fn one_of(names: &[&str]) -> String {
    let listed: Vec<String> =
        names.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MAX_NAMES) {
        _ if names.is_empty() => "none: there are none".to_owned(),
        0 if names.len() == 1 => listed.concat(),
        0 => format!("one of {}", listed.join(", ")),
        rest => format!("one of {} and {rest} more", listed.join(", ")),
    }
}

/// Writes the spikes of a run while it runs.
pub(super) struct SpikesFile<'a> {
    network: &'a Network,
    /// One per layer.
    is_written: Vec<bool>,
    writer: Writer<OutputFile>,
    error: Option<csv::Error>,
}

impl<'a> SpikesFile<'a> {
    /// A file with the spikes of some layers.
    pub(super) fn new(
        network: &'a Network,
        layers: &[LayerId],
        file: OutputFile,
    ) -> Result<SpikesFile<'a>> {
        let mut writer = Writer::from_writer(file);
        writer.write_record(HEADER)?;
        let is_written = network.layer_ids().map(|id| layers.contains(&id)).collect();
        Ok(SpikesFile { network, is_written, writer, error: None })
    }

    /// What went wrong so far.
    ///
    /// # Errors
    /// If a row could not be written.
    pub(super) fn check(&mut self) -> Result<()> {
        match self.error.take() {
            Some(error) => {
                Err(error).with_context(|| format!("{} cannot be written", self.path().display()))
            }
            None => Ok(()),
        }
    }

    fn path(&self) -> &Path {
        self.writer.get_ref().path()
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) fn finish(mut self) -> Result<()> {
        self.check()?;
        let path = self.path().to_owned();
        let file = self.writer.into_inner().map_err(|error| anyhow!("{}", error.error()));
        Ok(file.with_context(|| format!("{} cannot be written", path.display()))?.finish()?)
    }
}

impl Observer for SpikesFile<'_> {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        if self.error.is_some() || !self.is_written[layer.index()] {
            return;
        }
        let step = step.to_string();
        let name = self.network.layer(layer).name.as_str();
        for neuron in neurons {
            let row = [&*step, name, &*neuron.to_string()];
            if let Err(error) = self.writer.write_record(row) {
                self.error = Some(error);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_train::synfire_net::{NetworkBuilder, Neuron, Refractory};

    fn network() -> Network {
        let mut builder = NetworkBuilder::new("test");
        builder.sources("a, \"b\"", 3);
        builder.sources("c", 1);
        builder.neurons("n", 2, Neuron::memoryless(64, 0, Refractory::ONE));
        builder.build().unwrap()
    }

    fn problem(rows: &str) -> String {
        parse_spikes(&format!("step,layer,neuron\n{rows}"), &network(), 10).unwrap_err().to_string()
    }

    #[test]
    fn rows_in_any_order_are_spikes() {
        let text = "step,layer,neuron\r\n7,c,0\n\n10,\"a, \"\"b\"\"\", 2\n1,c,0\n";
        let schedule = parse_spikes(text, &network(), 10).unwrap();
        let found: Vec<_> = schedule
            .spikes()
            .iter()
            .map(|spike| (spike.step, spike.layer.index(), spike.source_idx))
            .collect();
        assert_eq!(found, [(1, 1, 0), (7, 1, 0), (10, 0, 2)]);
        assert!(parse_spikes("step,layer,neuron", &network(), 10).unwrap().spikes().is_empty());
    }

    #[test]
    fn every_wrong_row_is_named_by_line_and_column() {
        assert_eq!(problem("1,c,0\n0,c,0\n"), "line 3, column 1: step is `0`, expected 1 to 10");
        assert_eq!(problem("11,c,0"), "line 2, column 1: step is `11`, expected 1 to 10");
        assert_eq!(problem("-1,c,0"), "line 2, column 1: step is `-1`, expected 1 to 10");
        assert_eq!(
            problem("1,d,0"),
            "line 2, column 2: layer is `d`, expected one of `a, \"b\"`, `c`"
        );
        assert_eq!(
            problem("1,n,0"),
            "line 2, column 2: layer is `n`, which is no layer of sources, expected one of `a, \"b\"`, `c`"
        );
        assert_eq!(
            problem("1,c,1"),
            "line 2, column 3: neuron is `1`, expected 0 to 0 in layer `c`"
        );
        assert_eq!(problem("1,c"), "line 2: 2 columns, expected 3: step,layer,neuron");
        assert_eq!(
            problem("1,c,0\n2,c,0\n1,c,0"),
            "line 4: spike of step 1, layer `c`, neuron 0 is there a second time, expected once; \
             first on line 2"
        );
        let many = problem(&"0,c,0\n".repeat(12));
        assert!(
            many.starts_with("12 problems\n  line 2, ") && many.ends_with("and 2 more"),
            "{many}"
        );
        let heading = parse_spikes("step;layer;neuron\n", &network(), 10).unwrap_err().to_string();
        assert_eq!(heading, "line 1: heading is `step;layer;neuron`, expected `step,layer,neuron`");
    }
}
