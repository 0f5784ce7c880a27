//! The page: targets and what was measured, tables with ratios, the machine, and prose kept from the page before.
//!
//! Every number outside the prose comes from [`Measured`]. The prose, between two marks, is written by
//! hand and carried over as it is.
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "ratios of a report")]

use super::criterion::{Throughput, Timing};
use super::picture::{FUNCTIONS, by_width};
use super::whole::{Run, Runs};
use super::{Measured, PICTURE};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// Between these lines stands what a person wrote.
const BEGIN: &str = "<!-- notes: written by hand, kept by `cargo xtask bench` -->";
const END: &str = "<!-- end of notes -->";

/// Nanoseconds that the chip takes for a training sample and for an inference of 400-400-10, published.
const CHIP_TRAINING: f64 = 1.5e6;
const CHIP_INFERENCE: f64 = 0.17e6;

/// The network of the published measurements, and the epochs of an experiment.
const PUBLISHED: &str = "400-400-10";
const EPOCHS: u64 = 60;

/// The prose of a page.
///
/// # Errors
/// If there is a page without both marks: then what is prose in it cannot be told.
pub(super) fn notes(page: &str) -> Result<String> {
    if page.is_empty() {
        return Ok(String::new());
    }
    let (_, rest) =
        page.split_once(BEGIN).with_context(|| format!("no line `{BEGIN}` in the page"))?;
    let (notes, _) =
        rest.split_once(END).with_context(|| format!("no line `{END}` in the page"))?;
    if page.matches(BEGIN).count() + page.matches(END).count() != 2 {
        bail!("the marks of the notes stand more than once in the page");
    }
    Ok(notes.trim_matches('\n').to_owned())
}

/// The whole page.
pub(super) fn page(measured: &Measured, notes: &str) -> String {
    let mut page = "# Performance\n\nWhat the parts of Synfire cost. Written by `cargo xtask bench`, except for \
        the notes at its end. Every bench first\ncompares what it is about to time with the reference or with \
        a twin, sample by sample, and stops if anything differs; a whole\nrun that is not exact fails.\n\n"
        .to_owned();
    if measured.is_quick {
        page.push_str("**A quick run: short timings and few epochs.**\n\n");
    }
    page.push_str(&tables(measured));
    page.push_str(&machine(measured));
    page.push_str(&format!("{BEGIN}\n\n{notes}\n\n{END}\n"));
    page
}

/// Everything that is computed from measurements, in the order of the page.
pub(super) fn tables(measured: &Measured) -> String {
    let timings = Timings(&measured.timings);
    [
        targets(measured),
        samples(&timings),
        growth(&timings),
        inference(&timings),
        measured.runs.as_ref().map(runs).unwrap_or_default(),
        others(&timings),
    ]
    .concat()
}

/// Timings, asked by what they are of.
struct Timings<'a>(&'a [Timing]);

impl Timings<'_> {
    fn find(&self, group: &str, function: &str, value: &str) -> Option<&Timing> {
        self.0.iter().find(|timing| {
            (timing.group.as_str(), timing.function.as_str(), timing.value.as_str())
                == (group, function, value)
        })
    }

    fn median(&self, group: &str, function: &str, value: &str) -> Option<f64> {
        self.find(group, function, value).map(|timing| timing.median)
    }

    /// The workloads of a group.
    fn values(&self, group: &str) -> Vec<&str> {
        let of_group = self.0.iter().filter(|timing| timing.group == group);
        of_group.map(|timing| timing.value.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// On MNIST 400-400-10 late in training, or on the digits where MNIST is not there.
    fn published(&self, group: &str, function: &str) -> Option<(f64, &'static str)> {
        [("mnist train 400-400-10 late", "MNIST"), ("digits train 400-400-10 late", "digits")]
            .into_iter()
            .find_map(|(value, name)| Some((self.median(group, function, value)?, name)))
    }
}

/// A table: a heading over each column, and rows of as many cells.
fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    let mut text = line(&headings);
    text.push_str(&format!("|{}\n", "---|".repeat(headings.len())));
    text.extend(rows.iter().map(|row| line(row)));
    text.push('\n');
    text
}

/// Three significant digits, as far as they lie behind the point.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// Nanoseconds as microseconds; a dash for what was not measured.
fn micros(nanoseconds: Option<f64>) -> String {
    nanoseconds.map_or_else(|| "-".to_owned(), |value| digits(value / 1000.0))
}

fn ratio(of: Option<f64>, to: Option<f64>) -> String {
    of.zip(to).map_or_else(|| "-".to_owned(), |(of, to)| digits(of / to))
}

/// The middle value, or the mean of the two.
fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        return values.get(middle).copied();
    }
    let below = values.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(*below, *values.get(middle)?))
}

/// Nanoseconds of a training sample over a whole run.
fn mean_sample(run: &Run) -> f64 {
    1e9 * run.training / run.n_samples as f64
}

/// The median of a quantity over the runs that check every so many samples.
fn of_runs(runs: &[Run], check: u64, quantity: impl Fn(&Run) -> f64) -> Option<f64> {
    median(runs.iter().filter(|run| run.check == check).map(quantity))
}

/// A target: what it is of, its unit, the largest value that meets it, the aim, and what was measured.
struct Target {
    what: String,
    unit: &'static str,
    must: f64,
    aim: Option<f64>,
    measured: Option<f64>,
}

impl Target {
    fn row(&self) -> Vec<String> {
        let with_unit =
            |value: f64| format!("{} {}", digits(value), self.unit).trim_end().to_owned();
        let limit = |value: f64| format!("{value} {}", self.unit).trim_end().to_owned();
        vec![
            self.what.clone(),
            limit(self.must),
            self.aim.map_or_else(|| "-".to_owned(), limit),
            self.measured.map_or_else(|| "not measured".to_owned(), with_unit),
            self.verdict(),
        ]
    }

    fn verdict(&self) -> String {
        match self.measured {
            None => "-".to_owned(),
            Some(value) if self.aim.is_some_and(|aim| value <= aim) => "aim".to_owned(),
            Some(value) if value <= self.must => "yes".to_owned(),
            Some(value) => format!("no, by {} %", digits(100.0 * (value / self.must - 1.0))),
        }
    }
}

fn targets(measured: &Measured) -> String {
    let timings = Timings(&measured.timings);
    let none = Runs::default();
    let Runs { mnist, fashion, threads } = measured.runs.as_ref().unwrap_or(&none);
    let epochs = |runs: &[Run]| runs.first().map_or(EPOCHS, |run| run.epochs);
    let micros = |nanoseconds: Option<f64>| nanoseconds.map(|value| value / 1000.0);
    let whole = |runs: &[Run]| -> Vec<Run> {
        runs.iter().filter(|run| run.epochs == EPOCHS).cloned().collect()
    };
    let complete = whole(mnist);
    let [inference, reference] = [("inference", "fast"), ("sample", "reference")]
        .map(|(group, function)| timings.published(group, function));
    let named = |what: &str, found: Option<(f64, &str)>| {
        found.map_or_else(|| what.to_owned(), |(_, set)| format!("{what}, {set}, late"))
    };
    let target =
        |what: String, unit, must, aim, measured| Target { what, unit, must, aim, measured };
    let all = [
        target(
            format!("training sample, fast, MNIST 400-400-10, mean over {} epochs", epochs(mnist)),
            "us",
            15.0,
            Some(5.0),
            micros(of_runs(mnist, 100, mean_sample)),
        ),
        target(
            format!(
                "training sample, fast, Fashion-MNIST 784-400-10, mean over {} epochs",
                epochs(fashion)
            ),
            "us",
            35.0,
            Some(12.0),
            micros(of_runs(fashion, 100, mean_sample)),
        ),
        target(
            named("inference, fast, 400-400-10", inference),
            "us",
            4.0,
            Some(1.5),
            micros(inference.map(|found| found.0)),
        ),
        target(
            named("training sample, reference, 400-400-10", reference),
            "us",
            2.0,
            Some(1.0),
            micros(reference.map(|found| found.0)),
        ),
        target(
            "MNIST, 60 epochs, evaluation after each, `--check 100`".to_owned(),
            "s",
            90.0,
            Some(30.0),
            of_runs(&complete, 100, |run| run.wall),
        ),
        target(
            "two seeds on two threads against one on one, time".to_owned(),
            "",
            1.1,
            Some(1.0),
            median(threads.two.iter().copied())
                .zip(median(threads.one.iter().copied()))
                .map(|(two, one)| two / one),
        ),
        target(
            "most memory resident in that MNIST run".to_owned(),
            "MB",
            150.0,
            Some(60.0),
            complete.iter().filter_map(|run| run.peak_bytes).max().map(|bytes| bytes as f64 / 1e6),
        ),
        target(
            "`--check 100` against `--check 0`, training time".to_owned(),
            "",
            1.05,
            None,
            of_runs(mnist, 100, |run| run.training)
                .zip(of_runs(mnist, 0, |run| run.training))
                .map(|(with, without)| with / without),
        ),
    ];
    if all.iter().all(|target| target.measured.is_none()) {
        return String::new();
    }
    let rows: Vec<_> = all.iter().map(Target::row).collect();
    let table = table(&["one core, medians", "must", "aim", "measured", "met"], &rows);
    format!("## Targets\n{table}")
}

/// `mnist train 400-400-10 late` as cells: data set and sizes, moment.
fn workload(value: &str) -> Vec<String> {
    let value =
        value.replace(" train ", " ").replace("mnist", "MNIST").replace("fashion", "Fashion");
    let (network, moment) = value.rsplit_once(' ').unwrap_or((&value, ""));
    vec![network.to_owned(), moment.to_owned()]
}

fn samples(timings: &Timings<'_>) -> String {
    let values = timings.values("sample");
    if values.is_empty() {
        return String::new();
    }
    let functions =
        ["reference", "lif", "loihi", "fast", "lif compared", "loihi compared", "fast compared"];
    let times = values.iter().map(|value| {
        let cells =
            functions.iter().map(|function| micros(timings.median("sample", function, value)));
        workload(value).into_iter().chain(cells).collect()
    });
    let times: Vec<Vec<String>> = times.collect();
    let mut headings = vec!["network", "weights"];
    headings.extend(["reference", "LIF", "plain", "fast"]);
    headings.extend(["LIF compared", "plain compared", "fast compared"]);
    let mut text = format!("## A training sample\nMicroseconds.\n\n{}", table(&headings, &times));

    let ratios = values.iter().map(|value| {
        let [reference, plain, fast] = ["reference", "loihi", "fast"]
            .map(|function| timings.median("sample", function, value));
        let floor = |function| timings.median("floor", function, value);
        let chip = value.contains(PUBLISHED).then_some(CHIP_TRAINING);
        let touched = timings.find("floor", "rows i8", value).and_then(|timing| timing.throughput);
        let kilobytes = match touched {
            Some(Throughput::Bytes(bytes)) => digits(bytes as f64 / 1000.0),
            _ => "-".to_owned(),
        };
        let cells = [
            ratio(plain, fast),
            ratio(chip, fast),
            ratio(chip, reference),
            kilobytes,
            micros(floor("rows i8")),
            micros(floor("rows i16")),
            micros(floor("all i8")),
            micros(floor("all i16")),
            ratio(fast, floor("rows i8")),
            ratio(reference, floor("rows i8")),
        ];
        workload(value).into_iter().chain(cells).collect()
    });
    let ratios: Vec<Vec<String>> = ratios.collect();
    let headings = [
        "network",
        "weights",
        "plain / fast",
        "chip / fast",
        "chip / reference",
        "kB touched",
        "rows, i8",
        "rows, i16",
        "all, i8",
        "all, i16",
        "fast / floor",
        "reference / floor",
    ];
    text.push_str(
        "How many times faster than the plain engine and than the chip (1.5 ms a sample of 400-400-10, published), \
         and the memory floor:\nmicroseconds of one pass that adds up the weights a sample touches (rows of \
         active inputs and active hidden neurons), or all\nof them, at one and at two bytes a weight. The \
         floor of the last columns is that of the rows at one byte.\n\n",
    );
    text.push_str(&table(&headings, &ratios));
    text
}

fn growth(timings: &Timings<'_>) -> String {
    let columns = FUNCTIONS.map(|(function, _)| by_width(timings.0, function));
    let widths: BTreeSet<u64> = columns.iter().flat_map(BTreeMap::keys).copied().collect();
    if widths.is_empty() {
        return String::new();
    }
    let rows = widths.iter().map(|width| {
        let of = |column: &BTreeMap<u64, f64>| column.get(width).copied();
        let [fast, _, floor, plain] = columns.each_ref().map(of);
        let mut cells = vec![format!("400-{width}-10")];
        cells.extend(columns.iter().map(|column| micros(of(column))));
        cells.extend([ratio(plain, fast), ratio(fast, floor)]);
        cells
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let mut headings = vec!["network"];
    headings.extend(FUNCTIONS.map(|(_, name)| name));
    headings.extend(["plain / fast", "fast / floor"]);
    format!(
        "## Growth with the hidden layer\nMicroseconds for a training sample of the digits, late weights.\n\n\
         {}![Cost of a training sample over the number of hidden neurons]({PICTURE})\n\n",
        table(&headings, &rows)
    )
}

fn inference(timings: &Timings<'_>) -> String {
    let values = timings.values("inference");
    if values.is_empty() {
        return String::new();
    }
    let functions = ["reference", "lif", "loihi", "fast"];
    let rows = values.iter().map(|value| {
        let medians = functions.map(|function| timings.median("inference", function, value));
        let [_, _, plain, fast] = medians;
        let chip = value.contains(PUBLISHED).then_some(CHIP_INFERENCE);
        let cells = medians.into_iter().map(micros).chain([ratio(plain, fast), ratio(chip, fast)]);
        workload(value).into_iter().chain(cells).collect()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let headings =
        ["network", "weights", "reference", "LIF", "plain", "fast", "plain / fast", "chip / fast"];
    format!(
        "## Inference\nMicroseconds for a sample, weights frozen. The chip takes 0.17 ms (published).\n\n{}",
        table(&headings, &rows)
    )
}

fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "-".to_owned(), |bytes| digits(bytes as f64 / 1e6))
}

fn runs(runs: &Runs) -> String {
    let row = |run: &Run| {
        vec![
            format!("`{}`", run.options),
            run.layers.clone(),
            digits(run.wall),
            digits(run.training),
            micros(Some(mean_sample(run))),
            digits(run.training / (run.epochs as f64)),
            run.compared.to_string(),
            run.mismatches.to_string(),
            format!("{:.2}", 100.0 * run.accuracy),
            megabytes(run.peak_bytes),
        ]
    };
    let rows: Vec<_> = runs.mnist.iter().chain(&runs.fashion).map(row).collect();
    let headings = [
        "`synfire train`",
        "network",
        "whole, s",
        "training, s",
        "us a sample",
        "s an epoch",
        "compared",
        "mismatches",
        "binary readout, %",
        "peak MB",
    ];
    let mut text = format!(
        "## Whole experiments\n`synfire train` from start to end, loading and evaluation after every epoch \
         included, in the order in which they ran.\n\n{}",
        table(&headings, &rows)
    );
    let seconds =
        |values: &[f64]| values.iter().map(|&value| digits(value)).collect::<Vec<_>>().join(", ");
    let threads = &runs.threads;
    let [one, two] = [&threads.one, &threads.two].map(|values| median(values.iter().copied()));
    let row = vec![
        threads.epochs.to_string(),
        seconds(&threads.one),
        seconds(&threads.two),
        ratio(two, one),
        megabytes(threads.peak_bytes),
    ];
    let headings = [
        "MNIST epochs",
        "one seed, one thread, s",
        "two seeds, two threads, s",
        "ratio of medians",
        "peak MB of two",
    ];
    text.push_str(&format!("### Threads\n{}", table(&headings, &[row])));
    text
}

/// Benches that have no table of their own, each in one.
fn others(timings: &Timings<'_>) -> String {
    let known = ["sample", "floor", "width", "inference"];
    let mut groups: Vec<&str> = Vec::new();
    for timing in timings.0 {
        if !known.contains(&timing.group.as_str()) && !groups.contains(&timing.group.as_str()) {
            groups.push(&timing.group);
        }
    }
    let sections = groups.iter().map(|group| {
        let of_group = timings.0.iter().filter(|timing| timing.group == *group);
        let rows: Vec<Vec<String>> = of_group.map(other).collect();
        let headings = ["what", "median", "for each", "rate"];
        format!("### {group}\n{}", table(&headings, &rows))
    });
    let sections: String = sections.collect();
    if sections.is_empty() { sections } else { format!("## Kernels and other parts\n{sections}") }
}

fn other(timing: &Timing) -> Vec<String> {
    let what = if timing.value.is_empty() {
        timing.function.clone()
    } else {
        format!("{}, {}", timing.value, timing.function)
    };
    let (each, rate) = match timing.throughput {
        Some(Throughput::Elements(n)) => (time(timing.median / n as f64), "-".to_owned()),
        Some(Throughput::Bytes(n)) => {
            ("-".to_owned(), format!("{} GB/s", digits(n as f64 / timing.median)))
        }
        None => ("-".to_owned(), "-".to_owned()),
    };
    vec![what, time(timing.median), each, rate]
}

/// Nanoseconds in a unit that leaves few digits.
fn time(nanoseconds: f64) -> String {
    let (factor, unit) = match nanoseconds {
        value if value >= 1e9 => (1e9, "s"),
        value if value >= 1e6 => (1e6, "ms"),
        value if value >= 1e3 => (1e3, "us"),
        _ => (1.0, "ns"),
    };
    format!("{} {unit}", digits(nanoseconds / factor))
}

fn machine(measured: &Measured) -> String {
    let machine = &measured.machine;
    let lines = [("command", format!("`{}`", machine.command)), ("date", machine.date.clone())];
    let lines = lines.into_iter().chain(machine.lines.iter().cloned());
    let rows: Vec<_> = lines.map(|(what, text)| vec![what.to_owned(), text]).collect();
    let left_out = match &measured.runs {
        Some(_) => "",
        None => {
            "MNIST, Fashion-MNIST and whole experiments were left out: their files were not there.\n\n"
        }
    };
    format!("## Machine and command\n{}{left_out}", table(&["", ""], &rows))
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
