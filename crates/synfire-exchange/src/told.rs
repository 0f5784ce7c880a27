//! What the metadata of a weight file say of its network: layers, thresholds, limits, variant.
//!
//! All keys and values are texts, as safetensors has it. A file without the key `format`, or with another value of
//! it than ours, is the file of another program, and nothing is believed of it.

use std::collections::BTreeMap;

use synfire_npy::printable;
use synfire_reference::{Shape, ShapeError, Thresholds, Variant, WeightLimits};

/// The value of `format`.
const FORMAT: &str = "synfire-weights";
/// The value of `format_version`.
const VERSION: &str = "1";

/// Why metadata do not describe a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what was expected")]
#[non_exhaustive]
pub enum MetadataError {
    /// Written by another version.
    #[error("format_version is {found}, expected {VERSION}: another version of Synfire wrote it")]
    Version { found: String },
    /// An entry that is needed is not there.
    #[error("entry {key} is missing")]
    Missing { key: &'static str },
    /// An entry is not what it must be.
    #[error("entry {key} is `{found}`, expected {expected}")]
    Entry { key: &'static str, found: String, expected: String },
    /// No network has this shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

/// What is said of a network of this shape.
pub(crate) fn metadata_of(shape: &Shape) -> BTreeMap<String, String> {
    let limits = shape.limits();
    let Thresholds { fire, zero, upper } = shape.thresholds();
    let hidden = 1..shape.n_layers() - 1;
    [
        ("format", FORMAT.to_owned()),
        ("format_version", VERSION.to_owned()),
        ("producer", format!("synfire {}", env!("CARGO_PKG_VERSION"))),
        ("orientation", "target, source".to_owned()),
        ("layers", joined(shape.sizes().iter(), "-")),
        ("variant", shape.variant().to_string()),
        ("threshold_fire", fire.to_string()),
        ("threshold_zero", zero.to_string()),
        ("threshold_upper", upper.to_string()),
        ("error_thresholds", joined(hidden.map(|layer| shape.error_threshold(layer)), ",")),
        ("weight_min", limits.min().to_string()),
        ("weight_max", limits.max().to_string()),
        ("weight_step", limits.step().to_string()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

fn joined(values: impl Iterator<Item: ToString>, between: &str) -> String {
    values.map(|value| value.to_string()).collect::<Vec<_>>().join(between)
}

/// The shape that metadata tell of, if they are ours.
pub(crate) fn shape_in(
    metadata: &BTreeMap<String, String>,
) -> Result<Option<Shape>, MetadataError> {
    if metadata.get("format").is_none_or(|format| format != FORMAT) {
        return Ok(None);
    }
    let get = |key| metadata.get(key).map(String::as_str).ok_or(MetadataError::Missing { key });
    let version = get("format_version")?;
    if version != VERSION {
        return Err(MetadataError::Version { found: printable(version) });
    }
    let refused = |key, expected: String| {
        let found = printable(metadata.get(key).map_or("", String::as_str));
        MetadataError::Entry { key, found, expected }
    };
    let list = |key, between: char| -> Result<Vec<i32>, MetadataError> {
        let parts = get(key)?.split(between).filter(|part| !part.is_empty());
        let numbers: Result<Vec<i32>, _> = parts.map(str::parse).collect();
        numbers.map_err(|_| refused(key, format!("integers with `{between}` between")))
    };
    let number = |key| -> Result<i16, MetadataError> {
        get(key)?.parse().map_err(|_| refused(key, "an integer".to_owned()))
    };
    let sizes =
        list("layers", '-')?.into_iter().map(usize::try_from).collect::<Result<Vec<_>, _>>();
    let sizes = sizes.map_err(|_| refused("layers", "numbers of neurons".to_owned()))?;
    let variant: Variant = get("variant")?
        .parse()
        .map_err(|_| refused("variant", "`circuit` or `lanl-numpy`".to_owned()))?;
    let limits =
        WeightLimits::new(number("weight_min")?, number("weight_max")?, number("weight_step")?)
            .map_err(|cause| refused("weight_min", format!("limits of weights: {cause}")))?;
    let mut shape = Shape::new(&sizes)?.with_variant(variant).with_limits(limits)?;
    let thresholds = list("error_thresholds", ',')?;
    if thresholds.len() != shape.n_hidden_layers() {
        let n = shape.n_hidden_layers();
        return Err(refused("error_thresholds", format!("{n}, one for each hidden layer")));
    }
    for (layer, theta) in (1..).zip(thresholds) {
        shape = shape.with_error_threshold(layer, theta)?;
    }
    let Thresholds { fire, zero, upper } = shape.thresholds();
    for (key, expected) in
        [("threshold_fire", fire), ("threshold_zero", zero), ("threshold_upper", upper)]
    {
        if get(key)? != expected.to_string() {
            return Err(refused(key, expected.to_string()));
        }
    }
    Ok(Some(shape))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn shapes_survive() {
        let deep = Shape::new(&[6, 5, 4, 3]).unwrap().with_error_threshold(2, 50).unwrap();
        let lanl = Shape::new(&[6, 5, 3]).unwrap().with_variant(Variant::LanlNumpy);
        let narrow = Shape::new(&[2, 1]).unwrap();
        let narrow = narrow.with_limits(WeightLimits::new(-8, 8, 4).unwrap()).unwrap();
        for shape in [deep, lanl, narrow] {
            assert_eq!(shape_in(&metadata_of(&shape)), Ok(Some(shape)));
        }
        assert_eq!(shape_in(&BTreeMap::new()), Ok(None));
        let foreign = BTreeMap::from([("format".to_owned(), "pt".to_owned())]);
        assert_eq!(shape_in(&foreign), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let shape = Shape::new(&[6, 5, 3]).unwrap();
        for (key, value, message) in [
            (
                "format_version",
                "2",
                "format_version is 2, expected 1: another version of Synfire wrote it",
            ),
            ("layers", "6-x", "entry layers is `6-x`, expected integers with `-` between"),
            ("layers", "6-0-3", "layer 1 has 0 neurons, expected 1 to 65536"),
            ("layers", "\r", "entry layers is `\\r`, expected integers with `-` between"),
            ("variant", "other", "entry variant is `other`, expected `circuit` or `lanl-numpy`"),
            ("weight_step", "two", "entry weight_step is `two`, expected an integer"),
            ("threshold_fire", "511", "entry threshold_fire is `511`, expected 512"),
            (
                "error_thresholds",
                "0,0",
                "entry error_thresholds is `0,0`, expected 1, one for each hidden layer",
            ),
        ] {
            let mut metadata = metadata_of(&shape);
            metadata.insert(key.to_owned(), value.to_owned());
            assert_eq!(shape_in(&metadata).unwrap_err().to_string(), message);
        }
        let mut metadata = metadata_of(&shape);
        metadata.remove("variant");
        assert_eq!(shape_in(&metadata), Err(MetadataError::Missing { key: "variant" }));
    }
}
