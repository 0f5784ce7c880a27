//! `synfire import`: weights of another program as a weight file of ours.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use synfire_train::synfire_exchange::write_weights;
use synfire_train::synfire_reference::{Shape, Variant};
use synfire_train::{RUN_FILE, WEIGHTS_FILE, read_weights};

use crate::chip::{Destination, check_distinct};
use crate::export::{arrays, layers};
use crate::options::one_of;
use crate::{Status, Surroundings, UsageError};

/// What stands below the options in the long help.
pub(crate) const EXAMPLES: &str = r"Examples:
  synfire train --samples 500 --epochs 1 --hidden 50
  synfire export runs/digits-fast-seed1 --out theirs.safetensors
  synfire import theirs.safetensors --out w.npz
      the weights of the run again
  synfire eval --weights w.npz

Read are npz archives and safetensors files with w1 (hidden, input) and w2
(output, hidden), whole even numbers from -256 to 254 of any type, and, if they
are there, w2Tp and w2Tm (hidden, output). So are the files that LANL's code
saves: final_weights_*.npz; all_weights_*.npz, whose last weights are taken;
and W1 and W2 of its NumPy simulation, which is variant lanl-numpy. A note says
what was missing and how it was made up.";

#[derive(Args, Clone, Debug)]
pub(crate) struct ImportOptions {
    /// Weights of another program: npz or safetensors
    #[arg(value_name = "FILE")]
    source: PathBuf,
    /// Algorithm the weights are for, which sets their range [default: that of the file, or circuit]
    #[arg(long, value_parser = one_of::<Variant>(&["circuit", "lanl-numpy"]))]
    variant: Option<Variant>,
    /// The weight file, or a folder for weights.npz
    #[arg(long, value_name = "W.npz|DIR")]
    out: PathBuf,
}

impl ImportOptions {
    fn out(&self) -> Result<PathBuf> {
        let ends_in_separator = self.out.to_string_lossy().ends_with(std::path::is_separator);
        let is_file = self.out.extension().is_some_and(|ending| ending == "npz");
        if !(self.out.is_dir() || ends_in_separator || !is_file) {
            return Ok(self.out.clone());
        }
        if self.out.join(RUN_FILE).exists() {
            let shown = self.out.display();
            let message = format!("output {shown}: it is the folder of a run, whose weights stay");
            return Err(UsageError(message).into());
        }
        Ok(self.out.join(WEIGHTS_FILE))
    }
}

pub(crate) fn run(
    options: &ImportOptions,
    _: &Surroundings,
    stdout: &mut dyn Write,
    _: &mut dyn Write,
) -> Result<Status> {
    let out = options.out()?;
    check_distinct(&[&options.source], std::slice::from_ref(&out))?;
    let shown = options.source.display();
    let limits = options.variant.unwrap_or_default().limits();
    let file = read_weights(&options.source, limits)?;
    let shape = match (file.told(), options.variant) {
        (Some(shape), None) => shape.clone(),
        (Some(shape), Some(variant)) if shape.variant() != variant => {
            let found = shape.variant();
            let message = format!("{shown} holds weights of variant {found}, not of {variant}");
            return Err(UsageError(message).into());
        }
        (Some(shape), Some(_)) => shape.clone(),
        (None, variant) => Shape::new(&file.sizes())
            .with_context(|| shown.to_string())?
            .with_variant(variant.unwrap_or_default()),
    };
    let remarks = file.remarks().to_vec();
    let weights = file.into_weights(&shape).with_context(|| shown.to_string())?;
    let destination = Destination::open(&out)?;
    let bytes = write_weights(&weights).with_context(|| out.display().to_string())?;
    destination.write(&bytes)?;
    writeln!(stdout, "read {shown}: {}, variant {}", layers(&shape), shape.variant())?;
    for remark in remarks {
        writeln!(stdout, "note: {remark}")?;
    }
    let hidden = 1..shape.n_layers() - 1;
    if hidden.clone().any(|layer| shape.error_threshold(layer) != 0) {
        let thetas: Vec<String> =
            hidden.map(|layer| shape.error_threshold(layer).to_string()).collect();
        let thetas = thetas.join(", ");
        writeln!(stdout, "note: error thresholds {thetas} have no place in a weight file")?;
    }
    writeln!(stdout, "wrote {}: {}", out.display(), arrays(&weights))?;
    Ok(Status::Success)
}
