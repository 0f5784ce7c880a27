//! Checkpoints: a run at the boundary of a sample, complete, as bytes.
//!
//! The form is that of safetensors, so that the arrays can be read by other programs. Every array of the state is
//! a one-dimensional tensor `learner.<name>`; of arrays that are equal, as the copies of a matrix are, one is
//! stored. Everything else is TOML in the one entry `synfire` of the file's metadata: the format's version, the
//! position, the rows of the metrics so far, the text of `run.toml`, and which arrays stand for which.
//!
//! The last tensor, `sha256`, holds 64 hexadecimal digits: the SHA-256 of all bytes before them. Equal runs make
//! equal bytes, but for the times in them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use synfire_data::sha256_hex;
use synfire_net::{Part, PartsError, Values, check_toml_memory, printable};
use synfire_reference::{Matrix, Shape, Weights};
use synfire_verify::LockstepState;

use crate::learner::LearnerState;
use crate::metrics::{EpochMetrics, metrics_csv, parse_metrics_csv};
use crate::position::{Milestone, Position};
use crate::record::RunFile;

/// The version of the format written and read here.
const FORMAT: u32 = 1;
/// The entry of the file's metadata.
const ENTRY: &str = "synfire";
/// What the names of the state's arrays begin with.
const PREFIX: &str = "learner.";
/// The tensor with the checksum; it comes after all others, which are wider or begin with [`PREFIX`].
const CHECKSUM: &str = "sha256";
/// Digits of the checksum.
const N_DIGITS: usize = 64;
/// Longest header, in bytes: names and places of a few dozen arrays, and the metrics of a hundred thousand epochs.
const LONGEST_HEADER: u64 = 16 << 20;
/// The most bytes of memory that reading the entry may take; those of runs take some 100,000.
const MOST_MEMORY: u64 = 256 << 20;
/// Most bytes of arrays that are equal to others, per byte of the file and besides: a matrix that is stored once stands
/// for that of the reference and at most three in the circuit.
const COPIES_PER_BYTE: usize = 4;
const SMALL_COPIES: usize = 64 << 20;

/// A run at the boundary of a sample, as `checkpoint.safetensors` holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The text of `run.toml`.
    pub(crate) run: String,
    pub(crate) position: Position,
    /// The metrics of the epochs so far.
    pub(crate) rows: Vec<EpochMetrics>,
    pub(crate) learner: LearnerState,
}

/// Why bytes are not a checkpoint that can be resumed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum CheckpointError {
    /// No file of this form, or not all of it.
    #[error("it is truncated, or no safetensors file: {message}")]
    Form { message: String },
    /// More in front of the arrays than a checkpoint has.
    #[error("its header has {found} bytes, expected at most {LONGEST_HEADER}")]
    Header { found: u64 },
    /// The file of another program.
    #[error("it is a safetensors file, but no checkpoint of Synfire")]
    Foreign,
    /// At least one bit has changed.
    #[error("it is damaged: its SHA-256 is {found}, expected {expected}")]
    Checksum { found: String, expected: String },
    /// Written by another version.
    #[error(
        "its format is version {found}, expected {FORMAT}: another version of Synfire wrote it"
    )]
    Version { found: i64 },
    /// The checksum is right, the content is not.
    #[error("it is no checkpoint of this version: {message}")]
    Content { message: String },
}

/// Everything that is no array.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    format: u32,
    run: String,
    metrics: String,
    /// Whether the arrays are those of the reference alone.
    is_reference: bool,
    position: Position,
    /// Arrays that are not stored, and the equal ones that are.
    same: BTreeMap<String, String>,
}

impl CheckpointError {
    /// The error of the library, which quotes names of the file.
    fn form(error: SafeTensorError) -> CheckpointError {
        CheckpointError::Form { message: printable(&error.to_string()) }
    }
}

impl Checkpoint {
    /// The checkpoint as bytes.
    ///
    /// # Errors
    /// None that a run can cause; those of the writers.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let parts = self.learner.parts();
        let mut same = BTreeMap::new();
        let mut stored: Vec<&Part<'_>> = Vec::new();
        for part in &parts {
            match stored.iter().find(|other| other.values == part.values) {
                Some(other) => {
                    same.insert(part.name.clone(), other.name.clone());
                }
                None => stored.push(part),
            }
        }
        let content =
            |error: &dyn std::fmt::Display| CheckpointError::Content { message: error.to_string() };
        let metrics = metrics_csv(&self.rows).map_err(|error| content(&error))?;
        let entry = Entry {
            format: FORMAT,
            run: self.run.clone(),
            metrics: String::from_utf8(metrics).map_err(|error| content(&error))?,
            is_reference: matches!(self.learner, LearnerState::Reference(_)),
            position: self.position,
            same,
        };
        let entry = toml::to_string(&entry).map_err(|error| content(&error))?;
        let arrays: Vec<(String, Dtype, Vec<u8>)> = stored
            .into_iter()
            .map(|part| {
                let (dtype, bytes) = to_bytes(&part.values);
                (format!("{PREFIX}{}", part.name), dtype, bytes)
            })
            .chain([(CHECKSUM.to_owned(), Dtype::U8, vec![b'0'; N_DIGITS])])
            .collect();
        let tensors = arrays.iter().map(|(name, dtype, bytes)| {
            let n_values = bytes.len() * 8 / dtype.bitsize();
            TensorView::new(*dtype, vec![n_values], bytes).map(|tensor| (name, tensor))
        });
        let tensors: Vec<_> = tensors.collect::<Result<_, _>>().map_err(CheckpointError::form)?;
        // One entry only: the order of several would be random.
        let metadata = [(ENTRY.to_owned(), entry)].into_iter().collect();
        let mut bytes =
            safetensors::serialize(tensors, Some(metadata)).map_err(CheckpointError::form)?;
        let end = bytes.len() - N_DIGITS;
        let digits = sha256_hex(&bytes[..end]);
        bytes[end..].copy_from_slice(digits.as_bytes());
        Ok(bytes)
    }

    /// Reads a checkpoint. Whether it fits the run it is for is looked at when it is resumed.
    ///
    /// # Errors
    /// If the bytes are not all of a checkpoint of this version, unchanged.
    pub fn parse(bytes: &[u8]) -> Result<Checkpoint, CheckpointError> {
        match bytes.first_chunk().map(|length| u64::from_le_bytes(*length)) {
            Some(found) if found > LONGEST_HEADER && found < bytes.len() as u64 => {
                return Err(CheckpointError::Header { found });
            }
            // The parser says what is wrong with one that is not there.
            _ => {}
        }
        let (header_len, metadata) =
            SafeTensors::read_metadata(bytes).map_err(CheckpointError::form)?;
        let entry = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY));
        let entry = entry.ok_or(CheckpointError::Foreign)?;
        let (rest, digits) = bytes.split_at(bytes.len().saturating_sub(N_DIGITS));
        let found = sha256_hex(rest);
        if found.as_bytes() != digits {
            let expected = digits.escape_ascii().to_string();
            return Err(CheckpointError::Checksum { found, expected });
        }
        let content = |error: &dyn std::fmt::Display| CheckpointError::Content {
            message: printable(&error.to_string()),
        };
        check_toml_memory(entry, MOST_MEMORY).map_err(|error| content(&error))?;
        // What another version says in other words is still of another version.
        let table: toml::Table = toml::from_str(entry).map_err(|error| content(&error))?;
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(found) if found == i64::from(FORMAT) => {}
            found => return Err(CheckpointError::Version { found: found.unwrap_or(0) }),
        }
        let entry: Entry = toml::from_str(entry).map_err(|error| content(&error))?;
        let rows = parse_metrics_csv(entry.metrics.as_bytes()).map_err(|error| content(&error))?;
        if rows.len() as u64 != u64::from(entry.position.epochs) {
            let (found, expected) = (rows.len(), entry.position.epochs);
            return Err(content(&format!("{found} rows of metrics, expected {expected}")));
        }
        let arrays = &bytes[size_of::<u64>() + header_len..];
        let mut stored = BTreeMap::new();
        for (name, info) in metadata.tensors() {
            let Some(name) = name.strip_prefix(PREFIX) else { continue };
            let (begin, end) = info.data_offsets;
            let values = from_bytes(info.dtype, &arrays[begin..end])
                .ok_or_else(|| content(&format!("array {name} has type {}", info.dtype)))?;
            stored.insert(name.to_owned(), values);
        }
        let mut copies = Vec::new();
        let mut room = COPIES_PER_BYTE * bytes.len() + SMALL_COPIES;
        for (name, other) in &entry.same {
            let Some(values) = stored.get(other) else {
                return Err(content(&format!("array {other} is missing")));
            };
            let n_bytes = metadata.info(&format!("{PREFIX}{other}")).map_or(0, |info| {
                let (begin, end) = info.data_offsets;
                end - begin
            });
            room = room
                .checked_sub(n_bytes)
                .ok_or_else(|| content(&format!("too many arrays are equal to {other}")))?;
            copies.push(Part { name: name.clone(), values: values.clone() });
        }
        let stored = stored.into_iter().map(|(name, values)| Part { name, values });
        let parts: Vec<Part<'_>> = stored.chain(copies).collect();
        let run = RunFile::parse(&entry.run).map_err(|error| content(&error))?;
        let learner = match entry.is_reference {
            true => LearnerState::of_reference(&run, parts),
            false => LockstepState::from_parts(parts)
                .map(|state| LearnerState::Circuit(Box::new(state)))
                .map_err(|error| error.to_string()),
        };
        let learner = learner.map_err(|message| content(&message))?;
        Ok(Checkpoint { run: entry.run, position: entry.position, rows, learner })
    }

    /// The text of the run's `run.toml`.
    #[must_use]
    pub fn run_text(&self) -> &str {
        &self.run
    }

    /// How far the run is.
    #[must_use]
    pub fn milestone(&self) -> Milestone {
        self.position.milestone()
    }

    /// The metrics of the epochs so far.
    #[must_use]
    pub fn rows(&self) -> &[EpochMetrics] {
        &self.rows
    }
}

impl LearnerState {
    fn parts(&self) -> Vec<Part<'_>> {
        match self {
            LearnerState::Circuit(state) => state.parts(),
            LearnerState::Reference(weights) => weights
                .matrices()
                .map(|(name, matrix)| Part::new(name.to_string(), matrix.values()))
                .collect(),
        }
    }

    /// The weights of the reference; the record says for which shape.
    fn of_reference(run: &RunFile, mut parts: Vec<Part<'_>>) -> Result<LearnerState, String> {
        let shape = Shape::new(&run.record.layers).map_err(|error| error.to_string())?;
        let shape = shape.with_variant(run.config.variant);
        let mut take = |name: String, source: usize, target: usize| {
            let place = parts.iter().position(|part| part.name == name);
            let place = place.ok_or_else(|| format!("array {name} is missing"))?;
            let values = parts.swap_remove(place).take();
            let values = values.map_err(|error: PartsError| error.to_string())?;
            Matrix::new(shape.n_neurons(source), shape.n_neurons(target), values)
                .map_err(|error| format!("array {name}: {error}"))
        };
        let last = shape.n_layers() - 1;
        let (mut forward, mut plus, mut minus) = (Vec::new(), Vec::new(), Vec::new());
        for l in 0..last {
            forward.push(take(format!("w{}", l + 1), l, l + 1)?);
        }
        for l in 1..last {
            plus.push(take(format!("w{}Tp", l + 1), l + 1, l)?);
            minus.push(take(format!("w{}Tm", l + 1), l + 1, l)?);
        }
        let weights =
            Weights::new(&shape, forward, plus, minus).map_err(|error| error.to_string())?;
        Ok(LearnerState::Reference(weights))
    }
}

/// Values as a tensor has them, lowest byte first.
fn to_bytes(values: &Values<'_>) -> (Dtype, Vec<u8>) {
    match values {
        Values::U8(values) => (Dtype::U8, values.to_vec()),
        Values::I16(values) => (Dtype::I16, joined(values, i16::to_le_bytes)),
        Values::U32(values) => (Dtype::U32, joined(values, u32::to_le_bytes)),
        Values::I64(values) => (Dtype::I64, joined(values, i64::to_le_bytes)),
        Values::U64(values) => (Dtype::U64, joined(values, u64::to_le_bytes)),
    }
}

fn joined<T: Copy, const N: usize>(values: &[T], bytes_of: fn(T) -> [u8; N]) -> Vec<u8> {
    let mut bytes = vec![0; N * values.len()];
    for (place, &value) in bytes.chunks_exact_mut(N).zip(values) {
        place.copy_from_slice(&bytes_of(value));
    }
    bytes
}

fn from_bytes(dtype: Dtype, bytes: &[u8]) -> Option<Values<'static>> {
    Some(match dtype {
        Dtype::U8 => Values::U8(Cow::Owned(bytes.to_vec())),
        Dtype::I16 => Values::I16(split(bytes, i16::from_le_bytes)),
        Dtype::U32 => Values::U32(split(bytes, u32::from_le_bytes)),
        Dtype::I64 => Values::I64(split(bytes, i64::from_le_bytes)),
        Dtype::U64 => Values::U64(split(bytes, u64::from_le_bytes)),
        _ => return None,
    })
}

fn split<T: Clone, const N: usize>(bytes: &[u8], of_bytes: fn([u8; N]) -> T) -> Cow<'static, [T]> {
    let values = bytes.chunks_exact(N).map(|chunk| {
        let mut value = [0; N];
        value.copy_from_slice(chunk);
        of_bytes(value)
    });
    Cow::Owned(values.collect())
}
