//! Spikes as CSV: `step,layer,neuron`, with the layer by its name and steps from 1.
//!
//! What a run writes, another can be given as input. Rows of input may come in any order; a spike that is
//! there twice is an error, and so is one that no step of the run would see.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use csv::Writer;
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
    let mut lines = (1_u64..).zip(text.lines());
    let heading = lines.next().map_or("", |(_, line)| line);
    if columns(heading) != Ok(HEADER.map(Cow::Borrowed)) {
        bail!("line 1: heading is {}, expected `{}`", shown(heading), HEADER.join(","));
    }
    let mut spikes: Vec<(InputSpike, u64)> = Vec::new();
    let mut problems = Problems::default();
    for (line, row) in lines.filter(|(_, row)| !row.is_empty()) {
        match columns(row).and_then(|columns| spike(&columns, network, steps)) {
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

/// The columns of a line; a quoted one may hold commas, and two quotes for one. No name of a layer breaks a line, so
/// that no row is longer than its line.
///
/// Cut by hand: a reader of CSV would keep the place of each of a hundred million columns.
fn columns(line: &str) -> Result<[Cow<'_, str>; 3], String> {
    let mut found = [const { Cow::Borrowed("") }; 3];
    let mut rest = Some(line);
    let mut n = 0;
    while let Some(text) = rest {
        let (column, after) = match text.strip_prefix('"') {
            None => match text.split_once(',') {
                None => (Cow::Borrowed(text), None),
                Some((column, after)) => (Cow::Borrowed(column), Some(after)),
            },
            Some(quoted) => {
                // Quotes come in pairs until the one that ends the column.
                let pairs = quoted.match_indices('"').map(|(at, _)| at);
                let mut end = None;
                let mut before = None;
                for at in pairs {
                    match before.take() {
                        Some(first) if first + 1 == at => {}
                        Some(first) => {
                            end = Some(first);
                            break;
                        }
                        None => before = Some(at),
                    }
                }
                let Some(end) = end.or(before) else {
                    return Err(format!(", column {}: a quote is not closed", n + 1));
                };
                let after = &quoted[end + 1..];
                let after = match after.strip_prefix(',') {
                    None if after.is_empty() => None,
                    None => return Err(format!(", column {}: text follows a quote", n + 1)),
                    after => after,
                };
                (Cow::Owned(quoted[..end].replace("\"\"", "\"")), after)
            }
        };
        if let Some(place) = found.get_mut(n) {
            *place = column;
        }
        (rest, n) = (after, n + 1);
    }
    match n {
        3 => Ok(found),
        _ => Err(format!(": {n} columns, expected 3: {}", HEADER.join(","))),
    }
}

/// The spike of a row, or what is wrong with it, as it goes on after the line.
fn spike(columns: &[Cow<'_, str>; 3], network: &Network, steps: u32) -> Result<InputSpike, String> {
    let [step, layer, neuron] = columns.each_ref().map(AsRef::as_ref);
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
    fn lines_are_cut_into_columns() {
        let cut = |line| columns(line).map(|columns| columns.map(Cow::into_owned));
        let three = |columns: [&str; 3]| Ok(columns.map(str::to_owned));
        assert_eq!(cut("1,c,0"), three(["1", "c", "0"]));
        assert_eq!(cut("1,\"a, \"\"b\"\"\",0"), three(["1", "a, \"b\"", "0"]));
        assert_eq!(cut("\"\",\"\"\"\",\"x\""), three(["", "\"", "x"]));
        assert_eq!(cut("1,a\"b,"), three(["1", "a\"b", ""]));
        let error = |line| columns(line).unwrap_err();
        assert_eq!(error("1,\"a,0"), ", column 2: a quote is not closed");
        assert_eq!(error("1,\"a\"\",0"), ", column 2: a quote is not closed");
        assert_eq!(error("1,\"a\" ,0"), ", column 2: text follows a quote");
        assert_eq!(error("1,2,3,4,5"), ": 5 columns, expected 3: step,layer,neuron");
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
