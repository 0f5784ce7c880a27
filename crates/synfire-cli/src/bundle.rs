//! `synfire bundle`: the circuit as a benchmark for hardware and emulators, its check, and comparisons with it.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use synfire_bundle::{
    BundleConfig, Checked, CompareConfig, Comparison, Made, SpikeMismatch, WeightComparison, check,
    compare, make,
};
use synfire_train::{RUN_FILE, read_choices};

use crate::train::commit;
use crate::{Status, Surroundings, examples};

#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct BundleOptions {
    #[command(subcommand)]
    command: Option<BundleCommand>,
    /// Folder of a run, as `synfire train` wrote it
    #[arg(value_name = "RUN_DIR", required = true)]
    run: Option<PathBuf>,
    /// Folder for the bundle
    #[arg(long, value_name = "DIR", default_value = "nbp-bundle")]
    out: PathBuf,
    /// Samples of the first case, learned from the initial weights, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = BundleConfig::SAMPLES)]
    samples: usize,
    /// Replace the bundle that lies in the folder; anything else is never replaced
    #[arg(long)]
    overwrite: bool,
    /// Folder that holds mnist/ or fashion-mnist/, searched before $SYNFIRE_DATA_DIR and the cache folder
    /// [default: that of the run]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, Subcommand)]
enum BundleCommand {
    /// Check that a bundle is whole, and run its cases again
    ///
    /// Every file against its checksum; then each case: the circuit is built anew and run on the plain engine of the
    /// chip model, and the first line of a file that is not as it must be is named. Exit code 1 if there is one.
    #[command(after_long_help = examples::BUNDLE_CHECK)]
    Check(CheckOptions),
    /// Compare the spikes of a machine, and its weights, with a case, and name the first difference
    ///
    /// In causal order, with step, phase, sample, layer by both names, neuron and what the spike means. Exit code 1 if
    /// anything differs.
    #[command(after_long_help = examples::BUNDLE_COMPARE)]
    Compare(CompareOptions),
}

#[derive(Args, Clone, Debug)]
struct CheckOptions {
    /// Folder of a bundle
    #[arg(value_name = "DIR")]
    bundle: PathBuf,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Args, Clone, Debug)]
struct CompareOptions {
    /// Folder of a bundle
    #[arg(value_name = "DIR")]
    bundle: PathBuf,
    /// Spikes of the machine: CSV with step,layer,neuron or step,id; or .npz
    #[arg(value_name = "SPIKES")]
    spikes: PathBuf,
    /// The case that the machine ran [default: the first of the bundle]
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// Weights of the machine: CSV with pre,post,weight or step,pre,post,new; or .npz
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The sample after which the weights were read, from 0 [default: the last]
    #[arg(long, value_name = "K", requires = "weights")]
    after: Option<usize>,
    /// Compare these layers only, by our names or LANL's
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    layers: Vec<String>,
    /// Add this to the steps of the machine, whose first may be 0
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    offset: i64,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(
    options: &BundleOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    match &options.command {
        None => make_bundle(options, surroundings, stdout, stderr),
        Some(BundleCommand::Check(options)) => check_bundle(options, stdout),
        Some(BundleCommand::Compare(options)) => compare_with(options, stdout),
    }
}

fn make_bundle(
    options: &BundleOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let run = options.run.clone().unwrap_or_default();
    let recorded = || read_choices(&run.join(RUN_FILE)).ok().and_then(|choices| choices.data_dir);
    let dirs = surroundings.search_path(options.data_dir.clone().or_else(recorded));
    let config = BundleConfig {
        run,
        out: options.out.clone(),
        n_samples: options.samples,
        may_overwrite: options.overwrite,
        commit: commit(),
    };
    let made = make(&config, &dirs, |case| {
        if surroundings.is_watched {
            let _ = writeln!(stderr, "running {case}");
        }
    })?;
    let out = shown(&options.out);
    if options.json {
        writeln!(stdout, "{}", made_json(&made, &options.out))?;
        return Ok(Status::Success);
    }
    for case in &made.cases {
        writeln!(
            stdout,
            "case {}: {} samples, {} steps, {} synapses, {} spikes, {} changes, {} kB",
            case.name,
            case.n_samples,
            case.n_steps,
            case.n_synapses,
            case.n_spikes,
            case.n_changes,
            case.n_bytes.div_ceil(1000)
        )?;
    }
    let kilobytes = made.n_bytes.div_ceil(1000);
    writeln!(stdout, "wrote {out}: {} files, {kilobytes} kB, checked", made.n_files)?;
    Ok(Status::Success)
}

fn made_json(made: &Made, out: &Path) -> Value {
    let case = |case: &synfire_bundle::MadeCase| {
        json!({
            "name": case.name,
            "samples": case.n_samples,
            "steps": case.n_steps,
            "synapses": case.n_synapses,
            "spikes": case.n_spikes,
            "changes": case.n_changes,
            "bytes": case.n_bytes,
        })
    };
    json!({
        "dir": out,
        "files": made.n_files,
        "bytes": made.n_bytes,
        "cases": made.cases.iter().map(case).collect::<Vec<_>>(),
    })
}

fn check_bundle(options: &CheckOptions, stdout: &mut dyn Write) -> Result<Status> {
    let checked = check(&options.bundle)?;
    let status = match checked.problems.is_empty() {
        true => Status::Success,
        false => Status::Failure,
    };
    if options.json {
        writeln!(stdout, "{}", checked_json(&checked))?;
        return Ok(status);
    }
    for case in &checked.cases {
        writeln!(
            stdout,
            "case {}: {} samples run again, {} spikes and {} changes as they must be",
            case.name, case.n_samples, case.n_spikes, case.n_changes
        )?;
    }
    for problem in &checked.problems {
        writeln!(stdout, "problem: {problem}")?;
    }
    let kilobytes = checked.n_bytes.div_ceil(1000);
    let verdict = match checked.problems.len() {
        0 => "whole and right".to_owned(),
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    };
    let dir = shown(&options.bundle);
    writeln!(stdout, "{dir}: {} files, {kilobytes} kB: {verdict}", checked.n_files)?;
    Ok(status)
}

fn checked_json(checked: &Checked) -> Value {
    let case = |case: &synfire_bundle::CheckedCase| {
        json!({
            "name": case.name,
            "samples": case.n_samples,
            "spikes": case.n_spikes,
            "changes": case.n_changes,
        })
    };
    let problem = |it: &synfire_bundle::BundleProblem| json!({ "file": it.file, "line": it.line, "message": it.message });
    json!({
        "is_right": checked.problems.is_empty(),
        "files": checked.n_files,
        "bytes": checked.n_bytes,
        "cases": checked.cases.iter().map(case).collect::<Vec<_>>(),
        "problems": checked.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

fn compare_with(options: &CompareOptions, stdout: &mut dyn Write) -> Result<Status> {
    let comparison = compare(&CompareConfig {
        bundle: options.bundle.clone(),
        spikes: options.spikes.clone(),
        case: options.case.clone(),
        layers: options.layers.clone(),
        offset: options.offset,
        weights: options.weights.clone(),
        after: options.after,
    })?;
    match options.json {
        true => writeln!(stdout, "{}", comparison_json(&comparison))?,
        false => write_comparison(&comparison, stdout)?,
    }
    Ok(if comparison.is_equal() { Status::Success } else { Status::Failure })
}

fn write_comparison(comparison: &Comparison, stdout: &mut dyn Write) -> Result<()> {
    let Comparison { case, n_samples, n_expected, n_found, .. } = comparison;
    writeln!(
        stdout,
        "case {case}, {n_samples} samples, {} layers: {n_expected} spikes expected, {n_found} found",
        comparison.layers.len()
    )?;
    if comparison.n_later > 0 {
        let n = comparison.n_later;
        writeln!(stdout, "{n} spikes after the last step of the case were not compared")?;
    }
    match &comparison.first {
        None => writeln!(stdout, "spikes: all as they must be")?,
        Some(first) => {
            let Comparison { n_missing, n_extra, n_twice, .. } = comparison;
            writeln!(
                stdout,
                "spikes: {n_missing} missing, {n_extra} too much, {n_twice} listed twice"
            )?;
            writeln!(stdout, "first difference: {first}")?;
        }
    }
    for hint in &comparison.hints {
        writeln!(stdout, "hint: {hint}")?;
    }
    let Some(weights) = &comparison.weights else { return Ok(()) };
    let WeightComparison { n_compared, n_different, n_weights, .. } = weights;
    let what = match weights.is_changes {
        true => format!("{n_compared} changes expected"),
        false => format!("{n_compared} of {n_weights} compared"),
    };
    match &weights.first {
        None => writeln!(stdout, "weights: {what}, all as they must be")?,
        Some(first) => {
            writeln!(stdout, "weights: {what}, {n_different} different")?;
            writeln!(stdout, "first difference: {first}")?;
        }
    }
    for hint in &weights.hints {
        writeln!(stdout, "hint: {hint}")?;
    }
    Ok(())
}

fn comparison_json(comparison: &Comparison) -> Value {
    json!({
        "is_equal": comparison.is_equal(),
        "case": comparison.case,
        "samples": comparison.n_samples,
        "layers": comparison.layers,
        "expected": comparison.n_expected,
        "found": comparison.n_found,
        "missing": comparison.n_missing,
        "extra": comparison.n_extra,
        "twice": comparison.n_twice,
        "later": comparison.n_later,
        "first": comparison.first.as_ref().map(spike_json),
        "hints": comparison.hints,
        "weights": comparison.weights.as_ref().map(weights_json),
    })
}

fn spike_json(mismatch: &SpikeMismatch) -> Value {
    let place = &mismatch.place;
    json!({
        "finding": mismatch.finding.name(),
        "step": place.step,
        "phase": place.phase,
        "sample": place.sample,
        "sample_index": place.sample_index,
        "sample_class": place.sample_label,
        "layer": place.layer,
        "lanl": place.lanl,
        "neuron": place.neuron,
        "id": place.id,
        "meaning": place.meaning,
        "line": mismatch.line,
        "text": mismatch.to_string(),
    })
}

fn weights_json(weights: &WeightComparison) -> Value {
    let first = weights.first.as_ref().map(|first| {
        json!({
            "sample": first.sample,
            "step": first.step,
            "rule": first.rule,
            "pre": first.pre,
            "post": first.post,
            "ids": [first.ids.0, first.ids.1],
            "expected": first.expected,
            "found": first.found,
            "text": first.to_string(),
        })
    });
    json!({
        "is_changes": weights.is_changes,
        "compared": weights.n_compared,
        "weights": weights.n_weights,
        "different": weights.n_different,
        "first": first,
        "hints": weights.hints,
    })
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(".").unwrap_or(path).display()
}
