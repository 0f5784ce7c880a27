//! Spikes on record, as the paper's authors save them: an npz archive with one array per layer.
//!
//! An array is named like its layer, (neurons, steps), and holds a 1 where a neuron spiked in a step. Any type will do
//! whose values are 0 and 1. Read is another form too, for many silent steps: an array `raster` of rows (layer, neuron,
//! step), whose layers are places in a list of names `raster_layers` and whose steps are counted from 1.
//!
//! What the first column of a record stands for is not in it: step 1 of a run, unless its probes began later. What the
//! layers mean is not the business of this module.

use synfire_npy::{Array, Npz, NpzError, Shaped, printable};

/// Most spikes of a file.
const MOST_SPIKES: usize = 1 << 24;
/// The two arrays of the other form.
const RASTER: &str = "raster";
const RASTER_LAYERS: &str = "raster_layers";

/// Why bytes are no spikes on record.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and where")]
#[non_exhaustive]
pub enum SpikeFileError {
    /// The archive or one of its arrays cannot be read.
    #[error(transparent)]
    Npz(Box<NpzError>),
    /// There is no array.
    #[error("the archive holds no arrays, expected one for each layer on record")]
    Empty,
    /// An array of another shape.
    #[error("array {} has shape {}, expected {expected}", printable(.array), Shaped(.found))]
    Dimensions { array: String, found: Vec<usize>, expected: &'static str },
    /// A value that is neither spike nor silence.
    #[error("array {}, neuron {neuron_idx}, column {column} is {found}, expected 0 or 1", printable(.array))]
    Value { array: String, neuron_idx: usize, column: usize, found: String },
    /// A row of `raster` that is none.
    #[error("array raster, row {row} is [{}], expected layer 0 to {last_layer}, neuron, step from 1 on", .found.join(", "))]
    Row { row: usize, found: Vec<String>, last_layer: usize },
    /// Names of layers that are no texts, or occur twice.
    #[error("array raster_layers is no list of different names")]
    Names,
    /// More spikes than are read.
    #[error("more than {MOST_SPIKES} spikes")]
    Spikes,
}

impl From<NpzError> for SpikeFileError {
    fn from(error: NpzError) -> Self {
        Self::Npz(Box::new(error))
    }
}

/// A spike of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordedSpike {
    /// Steps after the first one on record, from 0.
    pub column: u32,
    /// The neuron.
    pub neuron_idx: u32,
}

/// What was recorded of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedLayer {
    /// Its name in the file.
    pub name: String,
    /// Number of neurons, where the file says it.
    pub n_neurons: Option<usize>,
    /// Number of steps on record.
    pub n_steps: usize,
    /// By step, then neuron, none twice.
    pub spikes: Vec<RecordedSpike>,
}

/// Spikes of several layers over the same stretch of steps.
///
/// ```
/// use synfire_exchange::{Array, SpikeFile, write_npz};
///
/// // Neuron 1 of layer o in the third step.
/// let o = Array::new(&[2, 4], vec![0_u8, 0, 0, 0, 0, 0, 1, 0])?;
/// let file = SpikeFile::parse(&write_npz([("o", &o)])?)?;
/// let [layer] = file.layers() else { panic!("one layer") };
/// assert_eq!((layer.n_steps, layer.spikes[0].column, layer.spikes[0].neuron_idx), (4, 2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpikeFile {
    layers: Vec<RecordedLayer>,
}

impl SpikeFile {
    /// Reads an archive.
    ///
    /// # Errors
    /// If the bytes are no npz archive, or one of its arrays is no record of spikes.
    pub fn parse(bytes: &[u8]) -> Result<SpikeFile, SpikeFileError> {
        let mut archive = Npz::parse(bytes)?;
        if archive.has(RASTER) && archive.has(RASTER_LAYERS) {
            let raster = archive.array(RASTER)?;
            return from_rows(&raster, &archive.array(RASTER_LAYERS)?);
        }
        let names = archive.names().to_vec();
        if names.is_empty() {
            return Err(SpikeFileError::Empty);
        }
        let mut left = MOST_SPIKES;
        let mut layers = Vec::new();
        for name in names {
            let layer = from_columns(&archive.array(&name)?, name, left)?;
            left -= layer.spikes.len();
            layers.push(layer);
        }
        Ok(SpikeFile { layers })
    }

    /// The layers, by name.
    #[must_use]
    pub fn layers(&self) -> &[RecordedLayer] {
        &self.layers
    }
}

/// A layer from its array (neurons, steps).
fn from_columns(array: &Array, name: String, most: usize) -> Result<RecordedLayer, SpikeFileError> {
    // Without neurons the number of steps is backed by nothing, and could be any.
    let (n_neurons, n_steps) = match *array.shape() {
        [n_neurons, n_steps] if n_neurons > 0 => (n_neurons, n_steps),
        ref shape => {
            let is_flat = shape.len() == 2;
            let expected = if is_flat { "a neuron at least" } else { "(neurons, steps)" };
            let found = shape.to_vec();
            return Err(SpikeFileError::Dimensions { array: name, found, expected });
        }
    };
    let mut spikes = Vec::new();
    for column in 0..n_steps {
        for neuron_idx in 0..n_neurons {
            let position = neuron_idx * n_steps + column;
            match array.values().integer(position) {
                Some(0) => {}
                Some(1) if spikes.len() == most => return Err(SpikeFileError::Spikes),
                // Both are less than the number of values, which fit into memory.
                Some(1) => spikes.push(RecordedSpike {
                    column: u32::try_from(column).map_err(|_| SpikeFileError::Spikes)?,
                    neuron_idx: u32::try_from(neuron_idx).map_err(|_| SpikeFileError::Spikes)?,
                }),
                _ => {
                    let found = array.values().shown(position);
                    return Err(SpikeFileError::Value { array: name, neuron_idx, column, found });
                }
            }
        }
    }
    Ok(RecordedLayer { name, n_neurons: Some(n_neurons), n_steps, spikes })
}

/// The layers from rows (layer, neuron, step).
fn from_rows(raster: &Array, names: &Array) -> Result<SpikeFile, SpikeFileError> {
    let crate::Values::Text(names) = names.values() else { return Err(SpikeFileError::Names) };
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() != names.len() {
        return Err(SpikeFileError::Names);
    }
    let &[n_rows, 3] = raster.shape() else {
        let (found, expected) = (raster.shape().to_vec(), "(spikes, 3)");
        return Err(SpikeFileError::Dimensions { array: RASTER.to_owned(), found, expected });
    };
    if n_rows > MOST_SPIKES {
        return Err(SpikeFileError::Spikes);
    }
    let layer = |name: &String| RecordedLayer {
        name: name.clone(),
        n_neurons: None,
        n_steps: 0,
        spikes: Vec::new(),
    };
    let mut layers: Vec<RecordedLayer> = names.iter().map(layer).collect();
    let mut n_steps = 0;
    for row in 0..n_rows {
        let cell = |k: usize| -> Option<u32> {
            raster.values().integer(3 * row + k).and_then(|value| value.try_into().ok())
        };
        let place = cell(0).and_then(|layer| layers.get_mut(layer as usize));
        let step = cell(2).and_then(|step| step.checked_sub(1));
        let (Some(layer), Some(neuron_idx), Some(column)) = (place, cell(1), step) else {
            let found = (0..3).map(|k| raster.values().shown(3 * row + k)).collect();
            let last_layer = names.len().saturating_sub(1);
            return Err(SpikeFileError::Row { row, found, last_layer });
        };
        n_steps = n_steps.max(column as usize + 1);
        layer.spikes.push(RecordedSpike { column, neuron_idx });
    }
    for layer in &mut layers {
        layer.n_steps = n_steps;
        layer.spikes.sort_unstable();
        layer.spikes.dedup();
    }
    Ok(SpikeFile { layers })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_npy::write_npz;

    fn parse(arrays: &[(&str, Array)]) -> Result<SpikeFile, String> {
        let bytes = write_npz(arrays.iter().map(|(name, array)| (*name, array))).unwrap();
        SpikeFile::parse(&bytes).map_err(|error| error.to_string())
    }

    fn spikes(layer: &RecordedLayer) -> Vec<(u32, u32)> {
        layer.spikes.iter().map(|spike| (spike.column, spike.neuron_idx)).collect()
    }

    #[test]
    fn both_forms_say_the_same() {
        let o = Array::new(&[2, 3], vec![0.0, 1.0, 0.0, 1.0, 1.0, 0.0]).unwrap();
        let t = Array::new(&[1, 3], vec![false, false, false]).unwrap();
        let file = parse(&[("t", t), ("o", o)]).unwrap();
        let [o, t] = file.layers() else { panic!("two layers") };
        assert_eq!((&o.name[..], o.n_neurons, o.n_steps), ("o", Some(2), 3));
        assert_eq!((spikes(o), spikes(t)), (vec![(0, 1), (1, 0), (1, 1)], vec![]));
        let names = Array::list(vec!["o".to_owned(), "t".to_owned()]);
        let rows = Array::new(&[4, 3], vec![0, 1, 2, 0, 0, 2, 0, 1, 1, 0, 0, 2_i32]).unwrap();
        let other = Array::list(vec![1_u8]);
        let file = parse(&[("raster", rows), ("raster_layers", names), ("W1", other)]).unwrap();
        let [o, t] = file.layers() else { panic!("two layers") };
        assert_eq!((o.n_neurons, o.n_steps, t.n_steps), (None, 2, 2));
        assert_eq!((spikes(o), spikes(t)), (vec![(0, 1), (1, 0), (1, 1)], vec![]));
    }

    #[test]
    fn what_is_no_record_is_named() {
        let message = |arrays: &[(&str, Array)]| parse(arrays).unwrap_err();
        assert_eq!(
            message(&[]),
            "the archive holds no arrays, expected one for each layer on record"
        );
        assert_eq!(
            message(&[("o", Array::list(vec![1_u8]))]),
            "array o has shape (1,), expected (neurons, steps)"
        );
        let two = Array::new(&[1, 2], vec![0_i8, 2]).unwrap();
        assert_eq!(message(&[("o", two)]), "array o, neuron 0, column 1 is 2, expected 0 or 1");
        for (array, expected) in [
            (Array::list(vec![1_u8]), r"array \r has shape "),
            (Array::new(&[1, 1], vec![2_u8]).unwrap(), r"array \r, neuron 0, "),
        ] {
            let text = message(&[("\r", array)]);
            assert!(text.starts_with(expected), "{text}");
        }
        let half = Array::new(&[1, 1], vec![0.5]).unwrap();
        assert_eq!(message(&[("o", half)]), "array o, neuron 0, column 0 is 0.5, expected 0 or 1");
        let names =
            |names: &[&str]| Array::list(names.iter().map(|&it| it.to_owned()).collect::<Vec<_>>());
        for cells in [[1_i64, 0, 1], [0, -1, 1], [0, 0, 0]] {
            let rows = Array::new(&[1, 3], cells.to_vec()).unwrap();
            let text = message(&[("raster", rows), ("raster_layers", names(&["o"]))]);
            assert!(text.starts_with("array raster, row 0 is ["), "{text}");
        }
        let rows = || Array::new(&[0, 3], Vec::<i32>::new()).unwrap();
        let twice = message(&[("raster", rows()), ("raster_layers", names(&["o", "o"]))]);
        assert_eq!(twice, "array raster_layers is no list of different names");
        let wide = Array::new(&[0, 4], Vec::<i32>::new()).unwrap();
        let text = message(&[("raster", wide), ("raster_layers", names(&["o"]))]);
        assert_eq!(text, "array raster has shape (0, 4), expected (spikes, 3)");
    }

    /// An array of nothing can have any number of steps: it would take centuries to go through them.
    #[test]
    fn a_record_without_neurons_is_refused() {
        let none = Array::new(&[0, usize::MAX], Vec::<u8>::new()).unwrap();
        let bytes = write_npz([("o", &none)]).unwrap();
        let message = SpikeFile::parse(&bytes).unwrap_err().to_string();
        assert!(message.ends_with("expected a neuron at least"), "{message}");
    }
}
