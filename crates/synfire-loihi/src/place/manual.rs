//! Placement by hand, population by population, and its TOML form.
//!
//! A population is a layer and the cores it is distributed over: evenly, in the order of the cores, the first
//! ones with one neuron more where it does not come out even. Several populations may share cores; they lie
//! there in the order in which they are listed. What is not named is placed on other cores.
//!
//! ```toml
//! [[population]]
//! layer = "h"
//! chip = 0                # 0 if absent
//! cores = [2, 3]          # or core_range = [2, 3], first and last
//! accumulators = 8        # 8, 16, 32 or 64; enough for the longest delay if absent
//! ```

use super::limits::MESH_CORES;
use super::mesh::CoreId;
use serde::Deserialize;
use std::ops::Range;
use synfire_net::{LayerId, Network, TomlMemoryError, check_toml_memory, printable};
use toml::Spanned;

/// The most bytes of memory that reading a text may take: room for some four hundred thousand numbers.
const MOST_MEMORY: u64 = 256 << 20;

/// A layer and the cores it is distributed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualPopulation {
    /// The layer; not one of sources, and named once.
    pub layer: LayerId,
    /// The cores, each once; those beyond the number of neurons stay empty.
    pub cores: Vec<CoreId>,
    /// Accumulator slots of each compartment on these cores: 8, 16, 32 or 64. `None` for as many as the
    /// longest delay needs.
    pub accumulators: Option<u8>,
}

impl ManualPopulation {
    /// A layer on cores of one chip.
    #[must_use]
    pub fn new(layer: LayerId, chip: u32, cores: impl IntoIterator<Item = u32>) -> Self {
        let cores = cores.into_iter().map(|core| CoreId { chip, core }).collect();
        Self { layer, cores, accumulators: None }
    }
}

/// What is placed by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manual {
    /// The populations, in the order in which they lie on cores that they share.
    pub populations: Vec<ManualPopulation>,
}

/// Why a text is no placement by hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum ManualError {
    /// The text is not TOML, a key is unknown or missing, or a value has the wrong type or range.
    #[error("line {line}: {message}")]
    Syntax { line: usize, message: String },
    /// The text has more values or tables than memory is given to.
    #[error(transparent)]
    Memory(#[from] TomlMemoryError),
    /// A layer is named that the network does not have.
    #[error(
        "line {line}: population of layer `{}`, which the network does not have",
        printable(layer)
    )]
    UnknownLayer { line: usize, layer: String },
    /// The layer consists of sources.
    #[error(
        "line {line}: layer `{layer}` consists of sources, expected neurons: the host drives sources"
    )]
    Sources { line: usize, layer: String },
    /// A layer has two populations.
    #[error("line {line}: layer `{layer}` has a second population, expected one")]
    LayerTwice { line: usize, layer: String },
    /// Cores are missing or given twice.
    #[error("line {line}: layer `{layer}`: expected either `cores` or `core_range`")]
    CoresAndRange { line: usize, layer: String },
    /// There are no cores.
    #[error("line {line}: layer `{layer}` has no cores, expected one at least")]
    NoCores { line: usize, layer: String },
    /// A range ends before it begins.
    #[error(
        "line {line}: layer `{layer}`: core_range is {first} to {last}, expected the first core, then the last"
    )]
    EmptyRange { line: usize, layer: String, first: u32, last: u32 },
    /// A core is named twice.
    #[error("line {line}: layer `{layer}`: core {core} is named twice, expected once")]
    CoreTwice { line: usize, layer: String, core: u32 },
    /// No chip has a core of this number.
    #[error("line {line}: layer `{layer}`: core is {found}, expected 0 to {}", MESH_CORES - 1)]
    Core { line: usize, layer: String, found: u32 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    population: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    layer: Spanned<String>,
    #[serde(default)]
    chip: u32,
    cores: Option<Spanned<Vec<u32>>>,
    core_range: Option<Spanned<[u32; 2]>>,
    accumulators: Option<u8>,
}

impl Manual {
    /// Reads the TOML form for a network. What depends on the limits of the chip is checked in placement.
    ///
    /// # Errors
    /// The first unreadable place, with its line and, where it has one, its layer; text that may take more than
    /// 256 MiB of memory to read.
    pub fn parse(text: &str, network: &Network) -> Result<Self, ManualError> {
        check_toml_memory(text, MOST_MEMORY)?;
        let file: File = toml::from_str(text).map_err(|error| ManualError::Syntax {
            line: line_of(text, error.span().unwrap_or(0..0)),
            message: printable(error.message()),
        })?;
        let mut populations: Vec<ManualPopulation> = Vec::new();
        for entry in file.population {
            let at = entry.span();
            let entry = entry.into_inner();
            let line = line_of(text, entry.layer.span());
            let layer = entry.layer.into_inner();
            let Some(id) = network.find_layer(&layer) else {
                return Err(ManualError::UnknownLayer { line, layer });
            };
            if network.layer(id).is_source() {
                return Err(ManualError::Sources { line, layer });
            }
            if populations.iter().any(|population| population.layer == id) {
                return Err(ManualError::LayerTwice { line, layer });
            }
            let cores = match (entry.cores, entry.core_range) {
                (Some(cores), None) => {
                    listed(line_of(text, cores.span()), layer, cores.into_inner())?
                }
                (None, Some(range)) => {
                    ranged(line_of(text, range.span()), layer, range.into_inner())?
                }
                _ => {
                    let line = line_of(text, at);
                    return Err(ManualError::CoresAndRange { line, layer });
                }
            };
            let accumulators = entry.accumulators;
            let population = ManualPopulation::new(id, entry.chip, cores);
            populations.push(ManualPopulation { accumulators, ..population });
        }
        Ok(Self { populations })
    }
}

fn listed(line: usize, layer: String, cores: Vec<u32>) -> Result<Vec<u32>, ManualError> {
    if cores.is_empty() {
        return Err(ManualError::NoCores { line, layer });
    }
    if let Some(&found) = cores.iter().find(|&&core| core >= MESH_CORES) {
        return Err(ManualError::Core { line, layer, found });
    }
    let twice = (1..cores.len()).find(|&idx| cores[..idx].contains(&cores[idx]));
    match twice {
        Some(idx) => Err(ManualError::CoreTwice { line, layer, core: cores[idx] }),
        None => Ok(cores),
    }
}

fn ranged(line: usize, layer: String, range: [u32; 2]) -> Result<Vec<u32>, ManualError> {
    match range {
        [first, last] if first > last => Err(ManualError::EmptyRange { line, layer, first, last }),
        [_, last] if last >= MESH_CORES => Err(ManualError::Core { line, layer, found: last }),
        [first, last] => Ok((first..=last).collect()),
    }
}

fn line_of(text: &str, span: Range<usize>) -> usize {
    let before = text.get(..span.start).unwrap_or(text);
    before.bytes().filter(|&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use synfire_net::{NetworkBuilder, Neuron, Refractory};

    fn network() -> Network {
        let mut builder = NetworkBuilder::new("two");
        builder.sources("in", 2);
        for name in ["h", "o"] {
            builder.neurons(name, 4, Neuron::memoryless(64, 0, Refractory::ONE));
        }
        builder.build().unwrap()
    }

    #[test]
    fn populations_are_read() {
        let network = network();
        let text = r#"
            [[population]]
            layer = "o"
            chip = 1
            cores = [3, 2]
            accumulators = 16

            [[population]]
            layer = "h"
            core_range = [5, 7]
        "#;
        let o = ManualPopulation {
            accumulators: Some(16),
            ..ManualPopulation::new(network.find_layer("o").unwrap(), 1, [3, 2])
        };
        let h = ManualPopulation::new(network.find_layer("h").unwrap(), 0, 5..8);
        assert_eq!(Manual::parse(text, &network), Ok(Manual { populations: vec![o, h] }));
        assert_eq!(Manual::parse("", &network), Ok(Manual::default()));
    }

    #[test]
    fn messages_name_line_and_layer() {
        let rows = [
            (
                "layer = \"x\"\ncores = [1]",
                "line 2: population of layer `x`, which the network does not have",
            ),
            (
                "cores = [1]\nlayer = \"in\"",
                "line 3: layer `in` consists of sources, expected neurons: the host drives sources",
            ),
            ("layer = \"h\"", "line 1: layer `h`: expected either `cores` or `core_range`"),
            (
                "layer = \"h\"\ncores = [1]\ncore_range = [1, 2]",
                "line 1: layer `h`: expected either `cores` or `core_range`",
            ),
            ("layer = \"h\"\ncores = []", "line 3: layer `h` has no cores, expected one at least"),
            (
                "layer = \"h\"\ncore_range = [4, 3]",
                "line 3: layer `h`: core_range is 4 to 3, expected the first core, then the last",
            ),
            (
                "layer = \"h\"\ncores = [1, 2, 1]",
                "line 3: layer `h`: core 1 is named twice, expected once",
            ),
            (
                "layer = \"h\"\ncores = [4096]",
                "line 3: layer `h`: core is 4096, expected 0 to 4095",
            ),
            (
                "layer = \"h\"\ncore_range = [0, 4000000000]",
                "line 3: layer `h`: core is 4000000000, expected 0 to 4095",
            ),
            (
                "layer = \"h\"\ncores = [1]\n[[population]]\nlayer = \"h\"\ncores = [2]",
                "line 5: layer `h` has a second population, expected one",
            ),
        ];
        for (text, message) in rows {
            let error = Manual::parse(&format!("[[population]]\n{text}"), &network()).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        // Escapes of TOML stand for characters that move a cursor.
        for text in ["layer = \"\\u001b[2J\"", "layer = \"h\"\n\"\\u001b[2J\" = 1"] {
            let text = format!("[[population]]\n{text}");
            let message = Manual::parse(&text, &network()).unwrap_err().to_string();
            assert!(message.contains(r"`\u{1b}[2J`"), "{message:?}");
        }
        for text in ["layer = 3", "layer = \"h\"\ncore = 3", "layer = \"h\"\ncores = [-1]", "="] {
            let error = Manual::parse(&format!("[[population]]\n{text}"), &network()).unwrap_err();
            assert!(matches!(error, ManualError::Syntax { line: 2.., .. }), "{error}");
        }
    }
}
