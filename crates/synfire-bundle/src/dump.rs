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

use synfire_train::synfire_exchange::synfire_npy::listed;
use synfire_train::synfire_exchange::{Array, Npz};

use crate::BundleError;
use crate::check::BundleProblem;
use crate::contents::Contents;
use crate::listing::Listing;
use crate::parse::shown;
use crate::score::Score;

/// Longest file of somebody's spikes or weights, in bytes.
pub(crate) const LONGEST_DUMP: u64 = 1 << 28;
/// Most spikes that are read; few in unit tests, which go to the limit.
const MOST_SPIKES: usize = if cfg!(test) { 100 } else { 20_000_000 };
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
pub(crate) fn wrong(path: &Path, problem: BundleProblem) -> BundleError {
    let BundleProblem { line, message, .. } = problem;
    BundleError::Form { path: path.to_owned(), line: line.unwrap_or(0), message }
}

/// The CSV of somebody's file.
pub(crate) fn csv(bytes: &[u8]) -> Result<&str, BundleProblem> {
    std::str::from_utf8(bytes).map_err(|_| of_file("expected CSV in UTF-8, or .npz".to_owned()))
}

/// The problem of a file without lines.
pub(crate) fn of_file(message: String) -> BundleProblem {
    BundleProblem::new("", None, message)
}

/// Reads the spikes of a machine; `offset` is added to their steps.
pub(crate) fn read<'a>(
    contents: Contents<'a>,
    path: &'a Path,
    score: &Score,
    offset: i64,
) -> Result<Dump, BundleError> {
    let bytes = contents.dump(path, LONGEST_DUMP).map_err(BundleError::read(path))?;
    parse(&bytes, score, offset).map_err(|problem| wrong(path, problem))
}

fn parse(bytes: &[u8], score: &Score, offset: i64) -> Result<Dump, BundleProblem> {
    if !is_npz(bytes) {
        return from_csv(csv(bytes)?, score, offset);
    }
    let spikes = from_npz(bytes, score).map_err(of_file)?;
    let moved = spikes.into_iter().map(|(step, id)| Ok((shifted(step, offset)?, id, None)));
    Ok(Dump { spikes: moved.collect::<Result<_, String>>().map_err(of_file)? })
}

fn shifted(step: u64, offset: i64) -> Result<u64, String> {
    let moved = step.checked_add_signed(offset).filter(|step| (1..=LATEST).contains(step));
    moved.ok_or_else(|| {
        let with = if offset == 0 { String::new() } else { format!(" moved by {offset}") };
        format!("step is {step}{with}, expected 1 to {LATEST}")
    })
}

fn from_csv(text: &str, score: &Score, offset: i64) -> Result<Dump, BundleProblem> {
    let listing = Listing::new(text)?;
    let place = |name: &str| listing.place(name);
    let neuron = (place("layer"), place("neuron"), place("id"));
    let (Some(step_at), (Some(_), Some(_), _) | (_, _, Some(_))) = (place("step"), neuron) else {
        return Err(listing.lacks("`step,layer,neuron` or `step,id`"));
    };
    let mut spikes = Vec::new();
    for item in listing {
        let item = item?;
        let step = item.number::<u64>(step_at, "step")?;
        let step = shifted(step, offset).map_err(|message| item.problem(message))?;
        let id = match neuron {
            (Some(layer_at), Some(neuron_at), _) => {
                let name = item.text(layer_at);
                let layer = score.find(name).ok_or_else(|| {
                    let known = score.layer_names();
                    item.problem(format!("layer is {}, expected one of {known}", shown(name)))
                })?;
                let layer = &score.layers[layer];
                let what = format!("neuron of layer {name}");
                layer.first_id + item.below(neuron_at, &what, layer.n_neurons)?
            }
            (_, _, id_at) => item.below(id_at.unwrap_or_default(), "id", score.n_neurons())?,
        };
        if spikes.len() == MOST_SPIKES {
            return Err(item.problem(format!("more than {MOST_SPIKES} spikes")));
        }
        spikes.push((step, id, Some(item.line)));
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
            listed(&names, "none"),
            score.layer_names()
        )),
        _ => Ok(spikes),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use synfire_train::synfire_exchange::write_npz;

    use super::*;
    use crate::score::tests::two_layers;

    /// What is found in as many spikes as are read, and in one more.
    fn at_the_limit(bytes: impl Fn(usize) -> Vec<u8>) {
        let score = two_layers();
        let most = parse(&bytes(MOST_SPIKES), &score, 0).unwrap();
        assert_eq!(most.spikes.len(), MOST_SPIKES);
        let message = parse(&bytes(MOST_SPIKES + 1), &score, 0).err().unwrap().to_string();
        assert!(message.ends_with("more than 100 spikes"), "{message}");
    }

    #[test]
    fn more_spikes_than_are_read_are_refused_in_each_form() {
        at_the_limit(|n| [b"step,id\n".to_vec(), b"1,0\n".repeat(n)].concat());
        at_the_limit(|n| {
            let (steps, ids) = (Array::list(vec![1_u8; n]), Array::list(vec![0_u8; n]));
            write_npz([("step", &steps), ("id", &ids)]).unwrap()
        });
        // 2 neurons in enough steps, of which some are silent.
        at_the_limit(|n| {
            let mut raster = vec![1_u8; n];
            raster.resize(2 * MOST_SPIKES, 0);
            let raster = Array::new(&[2, MOST_SPIKES], raster).unwrap();
            write_npz([("h", &raster)]).unwrap()
        });
    }
}
