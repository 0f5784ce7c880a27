//! `synfire compare-spikes`: a chip's spikes on record against the circuit here.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};
use synfire_train::synfire_circuit::Form;
use synfire_train::{
    Config, Discrepancy, EngineKind, Half, Ring, SpikeCompareConfig, SpikeComparison, Stimulus,
    compare_spikes,
};

use crate::finished::{finished, weights_in};
use crate::options::{DataOptions, ENGINES, form, one_of};
use crate::raster::SampleList;
use crate::{Status, Surroundings, UsageError};

/// What stands below the options in the long help.
pub(crate) const EXAMPLES: &str = r"Examples:
  synfire train --samples 500 --epochs 1 --hidden 50
  synfire export runs/digits-fast-seed1 --format spikes --out chip.npz
      in the place of what a chip has recorded
  synfire compare-spikes chip.npz runs/digits-fast-seed1
      every spike on record, in samples that the record itself shows
  synfire compare-spikes chip.npz --layers h1,o --json \
          --weights runs/digits-fast-seed1/weights.npz --samples 0..=3
      two layers only, of samples that are named, for another program

The record: an npz archive, an array (neurons, steps) of 0 and 1 for each layer
that was probed, named as in LANL's code (h1, h1_copy, oT-) or as here (h, h<,
oT); its first column is step 1 of the run, unless --first-step says otherwise.
The weights are those before the first sample. If x is on record, and t when
learning, the samples are read off them; otherwise name them with --dataset,
--split and --samples. The first difference is named; exit code 1 if there is
one. docs/formats.md has the details.";

#[derive(Args, Clone, Debug)]
pub(crate) struct CompareSpikesOptions {
    /// Spikes on record, as LANL's code saves them in spikes_*.npz
    #[arg(value_name = "CHIP.npz")]
    recording: PathBuf,
    /// Folder of a run: its weights.npz, and what its run.toml says of the data set
    #[arg(value_name = "DIR", required_unless_present = "weights")]
    run: Option<PathBuf>,
    /// Weight file, instead of the folder
    #[arg(long, value_name = "W.npz", conflicts_with = "run")]
    weights: Option<PathBuf>,
    /// Circuit that made the record: learning, twelve steps a sample, or inference, four
    #[arg(long, default_value = "learning",
        value_parser = PossibleValuesParser::new(["learning", "inference"]))]
    network: String,
    /// Form of the circuit
    #[arg(long, value_parser = form(), default_value = "published")]
    circuit: Form,
    /// What executes the circuit here; changes no result [default: fast]
    #[arg(long, value_parser = one_of::<EngineKind>(ENGINES))]
    engine: Option<EngineKind>,
    /// Compare these layers only, by either name, with commas between [default: all on record]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    layers: Option<Vec<String>>,
    /// Step of the first column [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    first_step: Option<u64>,
    #[command(flatten)]
    source: DataOptions,
    /// Half of the data set [default: train, of inference test]
    #[arg(long, value_name = "HALF", value_parser = PossibleValuesParser::new(["train", "test"]))]
    split: Option<String>,
    /// Samples that were shown, by their numbers in the data set: 0,5,7 or 0..=3
    /// [default: those that the record shows; of a data set the first ones]
    #[arg(long, value_name = "LIST")]
    samples: Option<SampleList<MOST_SAMPLES>>,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// Most samples that can be named.
const MOST_SAMPLES: usize = 100_000;

impl CompareSpikesOptions {
    fn ring(&self) -> Ring {
        if self.network == "inference" { Ring::Inference } else { Ring::Learning }
    }

    fn config(&self) -> Result<(SpikeCompareConfig, Option<PathBuf>)> {
        let mut choices = match &self.run {
            None => synfire_train::Choices::default(),
            Some(dir) => finished(dir)?,
        };
        let named = self.source.is_chosen() || self.samples.is_some() || self.split.is_some();
        let mut chosen = synfire_train::Choices::default();
        self.source.choose(&mut chosen);
        choices = chosen.over(choices);
        let data_dir = choices.data_dir.clone();
        let Config { dataset, preparation, .. } = choices.config();
        let half = match (self.split.as_deref(), self.ring()) {
            (Some("test"), _) | (None, Ring::Inference) => Half::Test,
            _ => Half::Train,
        };
        let samples = self.samples.as_ref().map(|samples| samples.as_slice().to_vec());
        let stimulus = match named {
            true => Stimulus::Dataset { dataset, preparation, half, samples },
            false => Stimulus::Recorded,
        };
        let weights = match (&self.run, &self.weights) {
            (Some(dir), _) => weights_in(dir),
            (None, Some(path)) => path.clone(),
            (None, None) => return Err(UsageError("name weights".to_owned()).into()),
        };
        let config = SpikeCompareConfig {
            recording: self.recording.clone(),
            weights,
            ring: self.ring(),
            circuit: self.circuit,
            engine: self.engine.unwrap_or_default(),
            stimulus,
            first_step: self.first_step.unwrap_or(1),
            layers: self.layers.clone(),
        };
        Ok((config, data_dir))
    }
}

pub(crate) fn run(
    options: &CompareSpikesOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    _: &mut dyn Write,
) -> Result<Status> {
    let (config, data_dir) = options.config()?;
    let found = compare_spikes(&config, &surroundings.search_path(data_dir))?;
    if options.json {
        writeln!(stdout, "{}", answer(&config, &found))?;
    } else {
        tell(&config, &found, stdout)?;
    }
    Ok(if found.is_equal() { Status::Success } else { Status::Failure })
}

fn tell(
    config: &SpikeCompareConfig,
    found: &SpikeComparison,
    stdout: &mut dyn Write,
) -> std::io::Result<()> {
    let (first, last) = found.steps;
    let (ring, circuit) = (config.ring.name(), config.circuit);
    writeln!(
        stdout,
        "{ring} circuit, {circuit}: steps {first} to {last}, {} samples, {} layers",
        found.n_samples,
        found.layers.len()
    )?;
    for name in &found.left_out {
        writeln!(stdout, "note: layer {name} is on record without a spike and was left out")?;
    }
    let rows = found.layers.iter().map(|layer| {
        let (ours, lanl) = (layer.population.name(), layer.population.lanl_name());
        let name = if ours == lanl { ours } else { format!("{ours} ({lanl})") };
        let counts = [layer.expected, layer.recorded, layer.missing, layer.extra];
        [name].into_iter().chain(counts.map(|count| count.to_string())).collect::<Vec<_>>()
    });
    let head = ["layer", "here", "record", "missing", "extra"].map(str::to_owned).to_vec();
    for row in [head].into_iter().chain(rows) {
        let [name, here, record, missing, extra] = &row[..] else { continue };
        writeln!(stdout, "  {name:<14} {here:>9} {record:>9} {missing:>8} {extra:>8}")?;
    }
    match &found.first {
        None => writeln!(stdout, "equal: {} spikes compared", found.n_compared()),
        Some(discrepancy) => {
            let n: u64 = found.layers.iter().map(|layer| layer.missing + layer.extra).sum();
            writeln!(stdout, "first difference: {discrepancy}")?;
            if let Some(step) = found.suggested {
                writeln!(stdout, "with --first-step {step} every spike would agree")?;
            }
            writeln!(stdout, "differ: {n} of {} spikes", found.n_compared())
        }
    }
}

fn answer(config: &SpikeCompareConfig, found: &SpikeComparison) -> Value {
    let layers: Vec<Value> = found
        .layers
        .iter()
        .map(|layer| {
            json!({
                "layer": layer.population.name(),
                "lanl": layer.population.lanl_name(),
                "here": layer.expected,
                "record": layer.recorded,
                "missing": layer.missing,
                "extra": layer.extra,
            })
        })
        .collect();
    let first = found.first.as_ref().map(|it: &Discrepancy| {
        json!({
            "layer": it.population.name(),
            "lanl": it.population.lanl_name(),
            "neuron": it.neuron_idx,
            "step": it.step,
            "phase": it.phase,
            "sample": it.sample,
            "expected": if it.is_recorded { "silence" } else { "spike" },
            "found": if it.is_recorded { "spike" } else { "silence" },
        })
    });
    json!({
        "equal": found.is_equal(),
        "network": config.ring.name(),
        "circuit": config.circuit.name(),
        "engine": config.engine.name(),
        "first_step": found.steps.0,
        "last_step": found.steps.1,
        "samples": found.n_samples,
        "compared": found.n_compared(),
        "layers": layers,
        "first": first,
        "suggested_first_step": found.suggested,
        "left_out": found.left_out,
        "faults": found.n_faults,
    })
}
