//! The spikes that somebody recorded, in one of three forms.
//!
//! - CSV with a heading: columns `step`, `layer`, `neuron`, or `step`, `id`, in any order, others among them. Layers
//!   are called by our names or by those of the authors' code. Quotes around values and any line ends
//!   are taken.
//! - `.npz` with arrays `step` and `id` of equal length.
//! - `.npz` with an array for each layer, named like it, of shape (neurons, steps) or (steps, neurons): what is not 0
//!   is a spike; the first column is step 1.
//!
//! Order does not matter. A spike that is listed twice is noted, not dropped.

use std::path::Path;

use synfire_train::synfire_exchange::{Array, Npz};

use crate::BundleError;
use crate::check::BundleProblem;
use crate::parse::shown;
use crate::run::read_bounded;
use crate::score::Score;

/// Longest file of somebody's spikes or weights, in bytes.
pub(crate) const LONGEST_DUMP: u64 = 1 << 28;
/// Most spikes that are read.
const MOST_SPIKES: usize = 20_000_000;
/// Most columns of a line, ours and others among them.
pub(crate) const MOST_COLUMNS: usize = 64;
/// Latest step that is read.
const LATEST: u64 = 1 << 40;

/// Spikes as they were listed: step and id, with the line where there is one.
pub(crate) struct Dump {
    pub(crate) spikes: Vec<(u64, u32, Option<usize>)>,
}

/// Whether bytes are an archive of NumPy's.
pub(crate) fn is_npz(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

/// A problem of somebody's file as an error.
pub(crate) fn wrong(path: &Path, line: usize, message: String) -> BundleError {
    BundleError::Form { path: path.to_owned(), line, message }
}

/// Reads the spikes of a machine; `offset` is added to their steps.
pub(crate) fn read(path: &Path, score: &Score, offset: i64) -> Result<Dump, BundleError> {
    let bytes = read_bounded(path, LONGEST_DUMP).map_err(BundleError::read(path))?;
    if is_npz(&bytes) {
        let spikes = from_npz(&bytes, score).map_err(|message| wrong(path, 0, message))?;
        let moved = spikes.into_iter().map(|(step, id)| Ok((shifted(step, offset)?, id, None)));
        let spikes =
            moved.collect::<Result<_, String>>().map_err(|message| wrong(path, 0, message))?;
        return Ok(Dump { spikes });
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| wrong(path, 0, "expected CSV in UTF-8, or .npz".to_owned()))?;
    from_csv(&text, score, offset)
        .map_err(|problem| wrong(path, problem.line.unwrap_or(0), problem.message))
}

fn shifted(step: u64, offset: i64) -> Result<u64, String> {
    let moved = step.checked_add_signed(offset).filter(|step| (1..=LATEST).contains(step));
    moved.ok_or_else(|| {
        let with = if offset == 0 { String::new() } else { format!(" moved by {offset}") };
        format!("step is {step}{with}, expected 1 to {LATEST}")
    })
}

/// The values of a line, without quotes and spaces around them; of more than [`MOST_COLUMNS`] one more than these.
pub(crate) fn columns(line: &str) -> Vec<&str> {
    let values = line.trim_end_matches('\r').split(',').take(MOST_COLUMNS + 1);
    values.map(|value| value.trim().trim_matches('"')).collect()
}

fn from_csv(text: &str, score: &Score, offset: i64) -> Result<Dump, BundleProblem> {
    let problem = |line: usize, message: String| BundleProblem::new("", Some(line), message);
    let mut lines = text.lines().enumerate();
    let heading = lines.next().map_or("", |(_, line)| line);
    let names = columns(heading);
    if names.len() > MOST_COLUMNS {
        return Err(problem(1, format!("heading has more than {MOST_COLUMNS} columns")));
    }
    let place = |name: &str| names.iter().position(|other| *other == name);
    let neuron = (place("layer"), place("neuron"), place("id"));
    let (Some(step_at), (Some(_), Some(_), _) | (_, _, Some(_))) = (place("step"), neuron) else {
        let message =
            format!("heading is {}, expected `step,layer,neuron` or `step,id`", shown(heading));
        return Err(problem(1, message));
    };
    let mut spikes = Vec::new();
    for (idx, line) in lines {
        if line.trim().is_empty() {
            continue;
        }
        let number = idx + 1;
        let values = columns(line);
        if values.len() != names.len() {
            let message = format!("found {} columns, expected {}", values.len(), names.len());
            return Err(problem(number, message));
        }
        let step = values[step_at].parse::<u64>().ok();
        let step = step.ok_or_else(|| {
            problem(number, format!("step is {}, expected a number", shown(values[step_at])))
        })?;
        let step = shifted(step, offset).map_err(|message| problem(number, message))?;
        let id = match neuron {
            (Some(layer_at), Some(neuron_at), _) => {
                let name = values[layer_at];
                let layer = score.find(name).ok_or_else(|| {
                    let known = score.layer_names();
                    problem(number, format!("layer is {}, expected one of {known}", shown(name)))
                })?;
                let layer = &score.layers[layer];
                let found = values[neuron_at].parse::<u32>().ok();
                let neuron = found.filter(|&neuron| neuron < layer.n_neurons).ok_or_else(|| {
                    let (found, last) = (shown(values[neuron_at]), layer.n_neurons - 1);
                    let message =
                        format!("neuron of layer {name} is {found}, expected 0 to {last}");
                    problem(number, message)
                })?;
                layer.first_id + neuron
            }
            (_, _, id_at) => {
                let value = values[id_at.unwrap_or_default()];
                let found = value.parse::<u32>().ok().filter(|&id| id < score.n_neurons());
                found.ok_or_else(|| {
                    let last = score.n_neurons().saturating_sub(1);
                    problem(number, format!("id is {}, expected 0 to {last}", shown(value)))
                })?
            }
        };
        if spikes.len() == MOST_SPIKES {
            return Err(problem(number, format!("more than {MOST_SPIKES} spikes")));
        }
        spikes.push((step, id, Some(number)));
    }
    Ok(Dump { spikes })
}

fn from_npz(bytes: &[u8], score: &Score) -> Result<Vec<(u64, u32)>, String> {
    let mut archive = Npz::parse(bytes).map_err(|error| error.to_string())?;
    let names = archive.names().to_vec();
    let mut array = |name: &str| archive.array(name).map_err(|error| error.to_string());
    if names.iter().any(|name| name == "step") && names.iter().any(|name| name == "id") {
        let (steps, ids) = (array("step")?, array("id")?);
        let [n_steps, n_ids] = [&steps, &ids].map(|array| array.values().len());
        if n_steps != n_ids {
            return Err(format!(
                "array step has {n_steps} values and id {n_ids}, expected as many"
            ));
        }
        if n_steps > MOST_SPIKES {
            return Err(format!("more than {MOST_SPIKES} spikes"));
        }
        let mut spikes = Vec::new();
        for position in 0..n_steps {
            let number = |array: &Array, most: u64| {
                let value = array.values().integer(position)?;
                u64::try_from(value).ok().filter(|value| *value <= most)
            };
            let last = u64::from(score.n_neurons()).saturating_sub(1);
            let id = number(&ids, last).and_then(|id| u32::try_from(id).ok());
            let message = |what: &str, most: u64| {
                format!("value {position} of array {what} is no integer from 0 to {most}")
            };
            let step = number(&steps, LATEST).ok_or_else(|| message("step", LATEST))?;
            spikes.push((step, id.ok_or_else(|| message("id", last))?));
        }
        return Ok(spikes);
    }
    let mut spikes = Vec::new();
    let mut n_layers = 0;
    for name in &names {
        let Some(layer) = score.find(name).map(|idx| &score.layers[idx]) else { continue };
        n_layers += 1;
        let raster = array(name)?;
        let n = layer.n_neurons as usize;
        let (n_steps, is_turned) = match *raster.shape() {
            [rows, steps] if rows == n => (steps, false),
            [steps, columns] if columns == n => (steps, true),
            _ => {
                let shape = raster.shape();
                return Err(format!(
                    "array {name} has shape {shape:?}, expected {n} neurons by steps"
                ));
            }
        };
        for position in 0..n * n_steps {
            let value = raster.values().integer(position);
            let value = value.ok_or_else(|| format!("array {name} holds no integers"))?;
            if value != 0 {
                if spikes.len() == MOST_SPIKES {
                    return Err(format!("more than {MOST_SPIKES} spikes"));
                }
                let (neuron, step) = match is_turned {
                    false => (position / n_steps, position % n_steps),
                    true => (position % n, position / n),
                };
                let neuron = u32::try_from(neuron).unwrap_or_default();
                spikes.push((step as u64 + 1, layer.first_id + neuron));
            }
        }
    }
    match n_layers {
        0 => Err(format!(
            "found arrays {}, expected `step` and `id`, or one for each layer: {}",
            names.join(", "),
            score.layer_names()
        )),
        _ => Ok(spikes),
    }
}
