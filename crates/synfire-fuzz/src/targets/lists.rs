//! Short texts: lists of seeds and of samples, minutes, names.

use synfire_cli::SampleList;
use synfire_data::Source;
use synfire_reference::Variant;
use synfire_train::{EngineKind, Minutes, Order, Seeds};

use super::{Form, Target};
use crate::pieces::text;

pub(super) const LISTS: Target = Target {
    name: "lists",
    about: "lists of seeds and samples, minutes, names",
    form: Form::Text,
    longest: 64,
    run: lists,
    seeds: || {
        ["1..=15", "1,2,5", "1..=3,7", "0.5", "1e3", "mnist", "idx:a/b", "fast", "circuit", "file"]
            .map(|text| text.as_bytes().to_vec())
            .to_vec()
    },
    words: &[
        "..=",
        ",",
        "18446744073709551615",
        "10000",
        "inf",
        "nan",
        "1e308",
        "1e-9",
        "digits",
        "fashion-mnist",
        "idx:",
        "npy:",
        "loihi",
        "lanl-numpy",
        "shuffled",
    ],
};

fn lists(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(seeds) = text.parse::<Seeds>() {
        assert!((1..=Seeds::MOST).contains(&seeds.as_slice().len()));
        assert_eq!(seeds.to_string().parse().as_ref(), Ok(&seeds));
    }
    if let Ok(minutes) = text.parse::<Minutes>() {
        assert_eq!(minutes.to_string().parse(), Ok(minutes));
    }
    if let Ok(list) = text.parse::<SampleList>() {
        assert!(!list.as_slice().is_empty());
    }
    if let Ok(source) = text.parse::<Source>() {
        assert_eq!(source.to_string().parse().as_ref(), Ok(&source));
        assert!(!source.short_name().contains(['/', '\\']));
    }
    if let Ok(kind) = text.parse::<EngineKind>() {
        assert_eq!(kind.name(), text);
    }
    if let Ok(order) = text.parse::<Order>() {
        assert_eq!(order.name(), text);
    }
    if let Ok(variant) = text.parse::<Variant>() {
        assert_eq!(variant.to_string(), text);
    }
}
