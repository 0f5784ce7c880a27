//! A bundle of two tiny cases in memory, made as [`make`](crate::make()) makes others.

use std::collections::BTreeMap;

use synfire_train::synfire_circuit::{CircuitShape, Form, PlasticWeights};
use synfire_train::synfire_data::sha256_hex;

use crate::case::{Case, Sample};
use crate::circuit::Kind;
use crate::folder::files;
use crate::golden::{Golden, Most};
use crate::header::{BundleHeader, FORM, RunHeader, to_text};
use crate::make::{CASES_DIR, HEADER_FILE, READER, READER_FILE, README_FILE};
use crate::readme::readme;
use crate::sums::{self, SUMS_FILE};

/// Inputs, hidden neurons, outputs.
const LAYERS: [u32; 3] = [3, 1, 2];

/// A whole and right bundle of some ten kilobytes, each file under its name: for tests of what reads bundles.
///
/// Its cases are `learning`, in which one sample is learned, and `inference`. They are of no run: what is said of one
/// is made up.
///
/// # Panics
/// Never: it is a function of nothing, and tested.
#[must_use]
pub fn tiny() -> BTreeMap<String, Vec<u8>> {
    let cases = [("learning", Kind::Learning), ("inference", Kind::Inference)];
    let mut contents = BTreeMap::new();
    let (mut headers, mut sizes) = (Vec::new(), Vec::new());
    for (name, kind) in cases {
        let case = case(name, kind);
        let golden = Golden::run(&case, Most::ANY).expect("a case that runs");
        let (header, files) = files(&case, &golden).expect("a case with files");
        sizes.push(files.iter().map(|(_, bytes)| bytes.len() as u64).sum());
        headers.push(header);
        let named =
            files.into_iter().map(|(file, bytes)| (format!("{CASES_DIR}/{name}/{file}"), bytes));
        contents.extend(named);
    }
    let header = header(cases.map(|(name, _)| name.to_owned()).to_vec());
    contents.insert(README_FILE.to_owned(), readme(&header, &headers, &sizes).into_bytes());
    contents.insert(READER_FILE.to_owned(), READER.as_bytes().to_vec());
    contents.insert(HEADER_FILE.to_owned(), to_text(&header).into_bytes());
    let sums: Vec<_> =
        contents.iter().map(|(name, bytes)| (name.clone(), sha256_hex(bytes))).collect();
    contents.insert(SUMS_FILE.to_owned(), sums::write(&sums).into_bytes());
    contents
}

fn case(name: &str, kind: Kind) -> Case {
    let [n_inputs, n_hidden, n_outputs] = LAYERS;
    let shape = CircuitShape::new(n_inputs, n_hidden, n_outputs);
    Case {
        name: name.to_owned(),
        about: "A sample of three inputs, of the class that is not answered.".to_owned(),
        source: "nothing".to_owned(),
        kind,
        form: Form::Sized,
        layers: LAYERS,
        max_active: n_inputs,
        // The hidden neuron fires on all inputs, and asks for the first class.
        weights: PlasticWeights::from_forward(&shape, vec![254, 200, 120], vec![254, 100]),
        samples: vec![Sample { input: vec![0, 1, 2], target: 1, index: None }],
    }
}

fn header(cases: Vec<String>) -> BundleHeader {
    let [n_inputs, ..] = LAYERS.map(|size| size as usize);
    BundleHeader {
        form: FORM,
        synfire: env!("CARGO_PKG_VERSION").to_owned(),
        commit: None,
        cases,
        run: RunHeader {
            dataset: "nothing".to_owned(),
            crop: 0,
            threshold: 0,
            width: n_inputs,
            height: 1,
            classes: 2,
            train_samples: 1,
            test_samples: 1,
            dataset_sha256: sha256_hex(b""),
            layers: LAYERS.map(|size| size as usize).to_vec(),
            circuit: Form::Sized.to_string(),
            epochs: 1,
            order: "file".to_owned(),
            seed: 1,
        },
        data_files: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::tiny;
    use crate::{CompareConfig, check_files, compare_files};

    #[test]
    fn it_is_whole_and_right_and_learns() {
        let files = tiny();
        let checked = check_files(&files).unwrap();
        assert_eq!(checked.problems, []);
        let [learning, inference] = &checked.cases[..] else { panic!("two cases") };
        assert!(learning.n_changes > 0 && inference.n_spikes > 0, "{checked:?}");
        let n_bytes: usize = files.values().map(Vec::len).sum();
        assert!(n_bytes < 100_000, "{n_bytes}");
        for case in ["learning", "inference"] {
            let file = |name: &str| format!("cases/{case}/{name}").into();
            let config = CompareConfig {
                case: Some(case.to_owned()),
                spikes: file("spikes.csv"),
                weights: (case == "learning").then(|| file("changes.csv")),
                ..CompareConfig::default()
            };
            assert!(compare_files(&config, &files).unwrap().is_equal());
        }
    }
}
