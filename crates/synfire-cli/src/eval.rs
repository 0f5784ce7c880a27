//! `synfire eval`: how well a weight file answers the test samples.

use std::io::Write;

use anyhow::Result;
use serde_json::json;
use synfire_train::evaluate_file;
use synfire_train::synfire_circuit::Form;

use crate::options::EvalOptions;
use crate::train::{accuracies, list};
use crate::{Status, Surroundings};

pub(crate) fn run(
    options: &EvalOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let config = options.config();
    let dirs = surroundings.search_path(options.source.data_dir.clone());
    let evaluation = evaluate_file(&config, &dirs)?;
    let fractions @ [exact, binary, potential] = evaluation.score.fractions();
    let dead = evaluation.dead_classes();
    if let Some(fault) = &evaluation.first_fault {
        writeln!(stderr, "warning: {fault}")?;
    }
    if options.json {
        let answer = json!({
            "exact": exact,
            "binary": binary,
            "potential": potential,
            "samples": evaluation.score.samples,
            "faults": evaluation.faults,
            "dead_classes": dead,
            "dataset": config.dataset.to_string(),
            "engine": config.engine.name(),
            "circuit": config.circuit.name(),
        });
        writeln!(stdout, "{answer}")?;
    } else {
        let (dataset, engine) = (&config.dataset, config.engine);
        let n_samples = evaluation.score.samples;
        writeln!(stdout, "{dataset}, engine {engine}: {n_samples} test samples")?;
        writeln!(stdout, "test accuracy: {}", accuracies(fractions))?;
        if !dead.is_empty() {
            writeln!(stdout, "dead classes: {}", list(&dead))?;
        }
        if evaluation.faults > 0 {
            writeln!(stdout, "faults: {}", evaluation.faults)?;
        }
    }
    // The published circuit has harmless phantom spikes.
    let is_clean = evaluation.faults == 0 || config.circuit == Form::Published;
    Ok(if is_clean { Status::Success } else { Status::Failure })
}
