//! `synfire raster`: samples in the learning circuit as a picture, spike by spike.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;
use synfire_train::synfire_circuit::Form;
use synfire_train::synfire_reference::Variant;
use synfire_train::{
    Choices, EngineKind, Half, MOST_RASTER_ROWS, MOST_RASTER_SAMPLES, RasterConfig, raster_file,
};

use crate::chip::{Destination, check_distinct};
use crate::finished::{finished, weights_in};
use crate::options::{DataOptions, EngineOptions};
use crate::{Status, Surroundings};

/// What stands below the options in the long help.
pub(crate) const EXAMPLES: &str = r"Examples:
  synfire raster
      two digits in the circuit with initial weights: raster.svg
  synfire raster --samples 0,0,0 --out thrice.svg
      one digit three times: what learning it changes
  synfire train --samples 1000 --epochs 2
  synfire raster runs/digits-fast-seed1
      in the circuit of this run, with its weights: raster.svg in its folder
  synfire raster runs/digits-fast-seed1 --split test --samples 0..=3 \
          --out four.svg
  synfire raster --weights runs/digits-fast-seed1/weights.npz \
          --circuit published --out published.svg

The picture: time in steps to the right, twelve phases to a sample; four
panels, outputs, hidden neurons, inputs, gates. Each mark has a shape and a
colour by what the spike says, and tells its values when the pointer rests on
it. Open it in a browser; it is an SVG file without anything from outside.";

const PICTURE_FILE: &str = "raster.svg";

#[derive(Args, Clone, Debug)]
pub(crate) struct RasterOptions {
    /// Folder of a run: its weights.npz, and what its run.toml says of data set and circuit
    #[arg(value_name = "DIR")]
    run: Option<PathBuf>,
    #[command(flatten)]
    source: DataOptions,
    #[command(flatten)]
    engine: EngineOptions,
    /// Samples by their numbers in the data set, learned in this order: 0,5,7 or 0..=3
    /// [default: the first in which the outputs err, and the first in which they do not]
    #[arg(long, value_name = "LIST")]
    samples: Option<SampleList>,
    /// Half of the data set [default: train]
    #[arg(long, value_name = "HALF", value_parser = PossibleValuesParser::new(["train", "test"]))]
    split: Option<String>,
    /// Seed of the initial weights [default: 1]
    #[arg(long, value_name = "S", conflicts_with_all = ["run", "weights"])]
    seed: Option<u64>,
    /// Number of hidden neurons [default: that of the weights, or 400]
    #[arg(long, value_name = "N", conflicts_with = "run")]
    hidden: Option<usize>,
    /// Weight file: arrays w1, w2 and, if there, w2Tp and w2Tm [default: that of DIR, or initial weights]
    #[arg(long, value_name = "W.npz", conflicts_with = "run")]
    weights: Option<PathBuf>,
    /// Most neurons shown of a population, 1 to 128 [default: 12]
    #[arg(long, value_name = "N", value_parser = one_number_of_rows)]
    neurons: Option<usize>,
    /// The picture [default: raster.svg, in DIR if there is one]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The samples of `--samples`: positions in the order given, `0,5,7` or `0..=3`, at least one and at most `MOST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleList<const MOST: usize = MOST_RASTER_SAMPLES>(Vec<usize>);

impl<const MOST: usize> SampleList<MOST> {
    /// The positions.
    #[must_use]
    pub fn as_slice(&self) -> &[usize] {
        &self.0
    }
}

impl<const MOST: usize> FromStr for SampleList<MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form =
            |part: &str| format!("`{part}`: expected numbers and ranges such as 0,5,7 or 0..=3");
        let mut samples = Vec::new();
        for part in text.split(',') {
            let number = |digits: &str| match digits.starts_with('+') {
                true => Err(form(part)),
                false => digits.parse::<usize>().map_err(|_| form(part)),
            };
            let (first, last) = match part.split_once("..=") {
                None => (number(part)?, number(part)?),
                Some((first, last)) => (number(first)?, number(last)?),
            };
            if last < first {
                return Err(format!(
                    "`{part}`: the range is empty, expected its end at or after its start"
                ));
            }
            if last - first >= MOST - samples.len() {
                return Err(format!("more than {MOST} samples"));
            }
            samples.extend(first..=last);
        }
        Ok(SampleList(samples))
    }
}

fn one_number_of_rows(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| (1..=MOST_RASTER_ROWS).contains(n));
    number.ok_or_else(|| format!("expected 1 to {MOST_RASTER_ROWS}"))
}

impl RasterOptions {
    /// What was chosen here, over what the run was.
    fn choices(&self) -> Result<Choices> {
        let mut chosen = Choices { hidden: self.hidden, seed: self.seed, ..Choices::default() };
        self.source.choose(&mut chosen);
        self.engine.choose(&mut chosen);
        let Some(dir) = &self.run else { return Ok(chosen) };
        Ok(chosen.over(finished(dir)?))
    }

    fn weights(&self) -> Option<PathBuf> {
        self.run.as_deref().map(weights_in).or_else(|| self.weights.clone())
    }

    fn out(&self) -> PathBuf {
        let dir = self.run.as_deref().unwrap_or(Path::new(""));
        self.out.clone().unwrap_or_else(|| dir.join(PICTURE_FILE))
    }
}

pub(crate) fn run(
    options: &RasterOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let choices = options.choices()?;
    let (weights, out) = (options.weights(), options.out());
    check_distinct(
        &weights.iter().map(PathBuf::as_path).collect::<Vec<_>>(),
        std::slice::from_ref(&out),
    )?;
    let destination = Destination::open(&out)?;
    let config = choices.config();
    let chosen = RasterConfig {
        half: if options.split.as_deref() == Some("test") { Half::Test } else { Half::Train },
        samples: options.samples.clone().map(|SampleList(samples)| samples),
        n_rows: options.neurons.unwrap_or(RasterConfig::ROWS),
        // The default engine stands in for a run's own that has no spikes, but not for one asked for here.
        engine: options.engine.engine().unwrap_or(RasterConfig::of(&config, None).engine),
        ..RasterConfig::of(&config, weights)
    };
    if config.engine == EngineKind::Reference && chosen.engine != EngineKind::Reference {
        let engine = chosen.engine;
        writeln!(
            stderr,
            "note: the run computed without spikes; its weights run on engine {engine} here"
        )?;
    }
    if config.variant == Variant::LanlNumpy {
        let variant = config.variant;
        writeln!(stderr, "note: the circuit learns otherwise than variant {variant} of the run")?;
    }
    let dirs = surroundings.search_path(choices.data_dir);
    let raster = raster_file(&chosen, &dirs)?;
    destination.write(raster.svg()?.as_bytes())?;
    for story in &raster.samples {
        writeln!(stdout, "{story}")?;
    }
    let n_faults: usize = raster.samples.iter().map(|story| story.n_faults).sum();
    writeln!(stdout, "{} spikes, {n_faults} faults; wrote {}", raster.n_spikes, out.display())?;
    let Some(fault) = &raster.first_fault else { return Ok(Status::Success) };
    // The published circuit has phantom spikes, which are what one may want to see.
    let (word, status) = match chosen.circuit {
        Form::Published => ("warning", Status::Success),
        Form::Sized => ("error", Status::Failure),
    };
    writeln!(stderr, "{word}: {fault}")?;
    Ok(status)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn lists_keep_order_and_repetition() {
        let list = |text: &str| text.parse::<SampleList>();
        assert_eq!(list("7,0..=2,0").unwrap().0, [7, 0, 1, 2, 0]);
        assert_eq!(list("0..=23").unwrap().0.len(), 24);
        for (text, message) in [
            ("", "``: expected numbers and ranges such as 0,5,7 or 0..=3"),
            ("1,+2", "`+2`: expected numbers and ranges such as 0,5,7 or 0..=3"),
            ("3..=1", "`3..=1`: the range is empty, expected its end at or after its start"),
            ("0..=24", "more than 24 samples"),
            ("0,0..=18446744073709551615", "more than 24 samples"),
        ] {
            assert_eq!(list(text).err().unwrap(), message);
        }
    }
}
