//! `synfire export`: weights as a file of another program.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use clap::builder::PossibleValuesParser;
use synfire_train::synfire_circuit::Form;
use synfire_train::synfire_exchange::{weight_arrays, write_weight_tensors, write_weights};
use synfire_train::synfire_reference::{Shape, Variant, Weights};
use synfire_train::{Choices, read_weights, record_spikes};

use crate::chip::{Destination, check_distinct};
use crate::finished::{finished, weights_in};
use crate::options::form;
use crate::raster::SampleList;
use crate::{Status, Surroundings, UsageError};

/// What stands below the options in the long help.
pub(crate) const EXAMPLES: &str = r"Examples:
  synfire train --samples 500 --epochs 1 --hidden 50
  synfire export runs/digits-fast-seed1 --out w.safetensors
      for Python: safetensors.numpy.load_file
  synfire export runs/digits-fast-seed1 \
          --out saved_weights/final_weights_synfire.npz
      for the restore mode of LANL's code, which looks for files of this name
      in its folder saved_weights
  synfire export runs/digits-fast-seed1 --format nir --target norse --out n.nir
      the network that answers, for norse.torch.from_nir(nir.read(...))

npz and safetensors hold w1 (hidden, input), w2 (output, hidden), w2Tp and w2Tm
(hidden, output), int16, even, -256 to 254; safetensors says in its metadata
what network they are of. A NIR graph holds w1 and w2 and thresholds; a neuron
forgets in each step what came before, and one step answers one sample.
--target is who reads it: norse steps by 1e-3 s, snntorch by 1e-4 s, spyx by 1
and answers late, generic stands for 1 s. docs/formats.md has the details.";

#[derive(Args, Clone, Debug)]
pub(crate) struct ExportOptions {
    /// Folder of a run, or a weight file
    #[arg(value_name = "DIR|W.npz")]
    source: PathBuf,
    /// Form of the file [default: by the ending of --out: .npz, .safetensors or .nir]
    ///
    /// spikes: not the weights, but the spikes of samples in the learning circuit, in the form in which LANL's code
    /// saves those of a chip.
    #[arg(long, value_parser = PossibleValuesParser::new(["npz", "safetensors", "nir", "spikes"]))]
    format: Option<String>,
    /// Who is to read a NIR graph; readers differ in their time step [default: generic]
    #[arg(long, value_parser = PossibleValuesParser::new(["norse", "snntorch", "spyx", "generic"]))]
    target: Option<String>,
    /// Training samples whose spikes are written, by their numbers: 0,5,7 or 0..=3 [default: 0..=3]
    #[arg(long, value_name = "LIST")]
    samples: Option<SampleList<MOST_SAMPLES>>,
    /// Form of the circuit whose spikes are written [default: published]
    #[arg(long, value_parser = form())]
    circuit: Option<Form>,
    /// The file; its folder is made
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl ExportOptions {
    fn format(&self) -> Result<&str> {
        let ending = self.out.extension().and_then(|ending| ending.to_str());
        let known = ending.filter(|ending| ["npz", "safetensors", "nir"].contains(ending));
        let Some(format) = self.format.as_deref().or(known) else {
            let shown = self.out.display();
            let message = format!(
                "output {shown}: its ending is not .npz, .safetensors or .nir: name the --format"
            );
            return Err(UsageError(message).into());
        };
        if self.target.is_some() && format != "nir" {
            let message = format!("--target is for NIR graphs, the format is {format}");
            return Err(UsageError(message).into());
        }
        if (self.samples.is_some() || self.circuit.is_some()) && format != "spikes" {
            let message = format!("--samples and --circuit are for spikes, the format is {format}");
            return Err(UsageError(message).into());
        }
        Ok(format)
    }
}

/// Most samples whose spikes are written.
const MOST_SAMPLES: usize = 1000;

pub(crate) fn run(
    options: &ExportOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    _: &mut dyn Write,
) -> Result<Status> {
    let format = options.format()?;
    let (path, choices) = match options.source.is_dir() {
        true => (weights_in(&options.source), finished(&options.source)?),
        false => (options.source.clone(), Choices::default()),
    };
    check_distinct(&[&path], std::slice::from_ref(&options.out))?;
    if format == "spikes" {
        return spikes(options, &path, choices, surroundings, stdout);
    }
    let (shape, weights) = weights_of(&path, choices.config().variant)?;
    let destination = Destination::open(&options.out)?;
    let shown = options.out.display();
    let bytes = match format {
        "npz" => write_weights(&weights).with_context(|| shown.to_string())?,
        "safetensors" => write_weight_tensors(&weights, &shape),
        _ => graph(&weights, options.target.as_deref())?,
    };
    destination.write(&bytes)?;
    match format {
        "nir" => {
            let target = options.target.as_deref().unwrap_or("generic");
            writeln!(stdout, "wrote {shown}: NIR graph for {target}, {}", layers(&shape))?;
        }
        _ => writeln!(stdout, "wrote {shown}: {}", arrays(&weights))?,
    }
    Ok(Status::Success)
}

/// Writes what a chip would have on record.
fn spikes(
    options: &ExportOptions,
    weights: &Path,
    choices: Choices,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
) -> Result<Status> {
    let config = choices.config();
    let samples = options.samples.as_ref().map_or(vec![0, 1, 2, 3], |it| it.as_slice().to_vec());
    let circuit = options.circuit.unwrap_or(Form::Published);
    let destination = Destination::open(&options.out)?;
    let dirs = surroundings.search_path(choices.data_dir);
    let stimulus = (&config.dataset, &config.preparation);
    destination.write(&record_spikes(weights, stimulus, &samples, circuit, &dirs)?)?;
    let (shown, n) = (options.out.display(), samples.len());
    writeln!(
        stdout,
        "wrote {shown}: spikes of {n} samples of {}, {circuit} circuit",
        config.dataset
    )?;
    Ok(Status::Success)
}

/// A weight file and the network it is of.
fn weights_of(path: &Path, variant: Variant) -> Result<(Shape, Weights)> {
    let file = read_weights(path, variant.limits())?;
    let shape = match file.told() {
        Some(shape) => shape.clone(),
        None => Shape::new(&file.sizes())?.with_variant(variant),
    };
    let weights = file.into_weights(&shape).with_context(|| path.display().to_string())?;
    Ok((shape, weights))
}

#[cfg(feature = "nir")]
fn graph(weights: &Weights, target: Option<&str>) -> Result<Vec<u8>> {
    use synfire_train::synfire_exchange::{NirTarget, write_nir};
    let target = target.map(str::parse::<NirTarget>).transpose()?.unwrap_or_default();
    Ok(write_nir(weights, target)?)
}

#[cfg(not(feature = "nir"))]
fn graph(_: &Weights, _: Option<&str>) -> Result<Vec<u8>> {
    let message = "this synfire was built without NIR; its feature `nir` adds it".to_owned();
    Err(UsageError(message).into())
}

/// Names, shapes and type of the arrays of a weight file.
pub(crate) fn arrays(weights: &Weights) -> String {
    let arrays = weight_arrays(weights);
    let one = |(name, array): &(String, synfire_train::synfire_exchange::Array)| {
        let sides: Vec<String> = array.shape().iter().map(usize::to_string).collect();
        format!("{name} ({})", sides.join(", "))
    };
    format!("{}, int16", arrays.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// Sizes of layers, such as 400-400-10.
pub(crate) fn layers(shape: &Shape) -> String {
    shape.sizes().iter().map(usize::to_string).collect::<Vec<_>>().join("-")
}
