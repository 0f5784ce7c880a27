//! Bundles: their own files, changed somewhere, under sums that are right; and what somebody compares with them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use synfire_bundle::synfire_train::synfire_data::sha256_hex;
use synfire_bundle::{BundleError, CompareConfig, check_files, compare_files, tiny};

use super::{Form, Target, check_message};
use crate::archive::zip;
use crate::pieces::{Pieces, piece};

/// Longest message, in bytes: some list the layers of a case.
const LONGEST_MESSAGE: usize = 20_000;

type Files = BTreeMap<String, Vec<u8>>;

const SUMS: &str = "SHA256SUMS";
const CASES: [&str; 2] = ["learning", "inference"];

const WORDS: &[&str] = &[
    "form = 1\n",
    "cases = [\"learning\"]\n",
    "cases = [\"../../a\"]\n",
    "circuit = \"inference\"\n",
    "circuit = \"learning\"\n",
    "form = \"published\"\n",
    "layers = [3, 1, 2]\n",
    "layers = [65536, 65536, 65536]\n",
    "max-active = ",
    "period = ",
    "steps = ",
    "samples = ",
    "spikes = ",
    "4294967295",
    "9223372036854775807",
    "18446744073709551615",
    "-1",
    "x,",
    "input,",
    "none",
    "w1<",
    "f-",
    "cases/learning/spikes.csv",
    "../",
    ",",
    "\n",
    "\"",
    "\u{1b}[2J",
];

pub(super) const BUNDLE_CHECK: Target = Target {
    name: "bundle-check",
    about: "bundles that are checked: sums, headers, tables, what their circuits do",
    form: Form::Pieces,
    longest: 256,
    run: |bytes| {
        let (_, files) = changed(bytes);
        match check_files(&files) {
            Ok(checked) => {
                for problem in &checked.problems {
                    check_message(&problem.to_string(), LONGEST_MESSAGE);
                }
                assert!(checked.cases.iter().all(|case| case.n_samples > 0));
                assert!(checked.n_files <= files.len());
            }
            Err(error) => check_message(&error.to_string(), LONGEST_MESSAGE),
        }
    },
    seeds: changes,
    words: WORDS,
};

pub(super) const BUNDLE_SCORE: Target = Target {
    name: "bundle-score",
    about: "bundles that somebody compares with, sums right",
    form: Form::Pieces,
    longest: 256,
    run: |bytes| {
        let (case, mut files) = changed(bytes);
        for name in ["spikes.csv", "changes.csv"] {
            files.insert(name.to_owned(), whole(case)[&format!("cases/{case}/{name}")].clone());
        }
        compare(&files, case, "spikes.csv", (case == CASES[0]).then_some("changes.csv"), 0);
    },
    seeds: changes,
    words: WORDS,
};

pub(super) const BUNDLE_DUMP: Target = Target {
    name: "bundle-dump",
    about: "spikes and weights of a machine, as CSV and in archives, against a bundle",
    form: Form::Pieces,
    longest: 512,
    run: |bytes| {
        let mut pieces = Pieces::new(bytes);
        let (form, offset) = (pieces.byte(), pieces.byte());
        let (case, is_weights) = (CASES[usize::from(form & 1)], form & 2 != 0);
        let dump = match form & 12 {
            0 => pieces.rest().to_vec(),
            4 => archive(pieces),
            _ => zip(&[(b"w1.npy", pieces.rest().to_vec())]),
        };
        let mut files = whole(case).clone();
        files.insert("dump".to_owned(), dump);
        let spikes = format!("cases/{case}/spikes.csv");
        match is_weights {
            true => compare(&files, case, &spikes, Some("dump"), 0),
            // Few steps, or about as many as there can be.
            false => {
                let offset = i64::from(offset.cast_signed());
                let offset = if offset % 16 == 7 { i64::MAX - offset } else { offset };
                compare(&files, case, "dump", None, offset);
            }
        }
    },
    seeds: || {
        let csv = |form: u8, text: &str| [&[form, 0], text.as_bytes()].concat();
        let header = |descr: &str, shape: &str| {
            format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")
        };
        let entry = |name: &str, header: &str, values: &[u8]| {
            [piece(name.as_bytes()), vec![1], piece(header.as_bytes()), piece(values)].concat()
        };
        let list = header("|u1", "(3,)");
        let pairs = [entry("step.npy", &list, &[14, 15, 16]), entry("id.npy", &list, &[0, 1, 2])];
        let raster = entry("h.npy", &header("|u1", "(1, 8)"), &[0, 1, 0, 0, 0, 1, 0, 0]);
        let w1 = entry("w1.npy", &header("<i2", "(3, 1)"), &[254, 0, 200, 0, 120, 0]);
        let w2 = entry("w2.npy", &header("<i2", "(1, 2)"), &[254, 0, 100, 0]);
        vec![
            csv(0, "step,layer,neuron\n14,x,0\n14,x,1\n15,h,0\n"),
            csv(1, "\"id\",\"step\",other\r\n\"0\",6,a\r\n"),
            csv(2, "pre,post,weight\n0,3,254\n"),
            csv(2, "step,pre,post,new\n19,0,3,252\n"),
            csv(2, "sample,pre,post,new\n0,0,3,252\n"),
            [vec![4, 0], pairs.concat()].concat(),
            [vec![5, 0], raster].concat(),
            [vec![6, 0], w1, w2].concat(),
        ]
    },
    words: &[
        "step",
        "layer",
        "neuron",
        "id",
        "sample",
        "pre",
        "post",
        "new",
        "weight",
        "x",
        "h<",
        "oT",
        ",",
        "\n",
        "\"",
        "\r\n",
        "18446744073709551615",
        "9223372036854775807",
        "1099511627777",
        "-1",
        "step.npy",
        "id.npy",
        "w1.npy",
        "w2Tp.npy",
        "'<f8'",
        "'<u8'",
        "'|O'",
        "(4294967296, 4294967296)",
        "(3,)",
        "(8, 1)",
    ],
};

/// An archive of at most eight arrays: of each its name, then how it is made, its header, its values.
fn archive(mut pieces: Pieces<'_>) -> Vec<u8> {
    let mut entries = Vec::new();
    while !pieces.is_empty() && entries.len() < 8 {
        entries.push((pieces.piece(), super::arrays::array_of(&mut pieces)));
    }
    zip(&entries)
}

fn compare(files: &Files, case: &str, spikes: &str, weights: Option<&str>, offset: i64) {
    let choices = CompareConfig {
        case: Some(case.to_owned()),
        spikes: spikes.into(),
        weights: weights.map(Into::into),
        offset,
        ..CompareConfig::default()
    };
    match compare_files(&choices, files) {
        Ok(comparison) => {
            let n_compared = comparison.n_expected + comparison.n_found;
            assert!(comparison.n_missing + comparison.n_extra <= n_compared);
            let weights = comparison.weights.and_then(|weights| weights.first);
            let first = comparison.first.map(|first| first.to_string());
            let said = first.into_iter().chain(weights.map(|first| first.to_string()));
            said.chain(comparison.hints).for_each(|said| check_message(&said, LONGEST_MESSAGE));
        }
        Err(error) => {
            assert!(!matches!(error, BundleError::Read { .. }), "{error}");
            check_message(&error.to_string(), LONGEST_MESSAGE);
        }
    }
}

/// A bundle of one of the two cases, its README and program left out.
fn whole(case: &str) -> &'static Files {
    static WHOLE: OnceLock<[Files; 2]> = OnceLock::new();
    let both = WHOLE.get_or_init(|| {
        let files = tiny();
        CASES.map(|case| {
            let folder = format!("cases/{case}/");
            let is_of_it = |name: &str| name.starts_with(&folder) || name == "bundle.toml";
            let mut files: Files =
                files.iter().filter(|(name, _)| is_of_it(name)).map(clone).collect();
            let header = String::from_utf8_lossy(&files["bundle.toml"]);
            let both = "cases = [\"learning\", \"inference\"]";
            assert!(header.contains(both), "{header}");
            let header = header.replace(both, &format!("cases = [\"{case}\"]"));
            files.insert("bundle.toml".to_owned(), header.into_bytes());
            let sums = files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256_hex(bytes)));
            let sums: String = sums.collect();
            files.insert(SUMS.to_owned(), sums.into_bytes());
            files
        })
    });
    &both[usize::from(case != CASES[0])]
}

fn clone((name, bytes): (&String, &Vec<u8>)) -> (String, Vec<u8>) {
    (name.clone(), bytes.clone())
}

/// A bundle with at most eight changes: of each the file, the place, the number of bytes that go (255: all that
/// follow), and the piece that comes. The sums are those of the files as they are then, unless they are changed too.
fn changed(bytes: &[u8]) -> (&'static str, Files) {
    let mut pieces = Pieces::new(bytes);
    let case = CASES[usize::from(pieces.byte() & 1)];
    let mut files = whole(case).clone();
    let names: Vec<String> = files.keys().cloned().collect();
    for _ in 0..8 {
        if pieces.is_empty() {
            break;
        }
        let name = &names[usize::from(pieces.byte()) % names.len()];
        let at = usize::from(u16::from_le_bytes([pieces.byte(), pieces.byte()]));
        let n_gone = usize::from(pieces.byte());
        let piece = pieces.piece();
        let Some(file) = files.get_mut(name) else { continue };
        let at = at % (file.len() + 1);
        let end = if n_gone == 255 { file.len() } else { file.len().min(at + n_gone) };
        file.splice(at..end, piece.iter().copied());
        let sum = sha256_hex(file);
        if name != SUMS {
            let sums = String::from_utf8_lossy(&files[SUMS]);
            let with = |line: &str| match line.split_once("  ") {
                Some((_, of)) if of == name => format!("{sum}  {name}\n"),
                _ => format!("{line}\n"),
            };
            let sums: String = sums.lines().map(with).collect();
            files.insert(SUMS.to_owned(), sums.into_bytes());
        }
    }
    (case, files)
}

/// Changes in each file: nothing, a digit at its end, another beginning.
fn changes() -> Vec<Vec<u8>> {
    let change = |case: u8, file: u8, at: u16, n_gone: u8, new: &[u8]| {
        [&[case, file][..], &at.to_le_bytes(), &[n_gone], &piece(new)].concat()
    };
    let mut seeds = vec![vec![0], vec![1]];
    for case in [0, 1] {
        let names = (0..).zip(whole(CASES[usize::from(case)]));
        for (file, (_, bytes)) in names {
            let end = u16::try_from(bytes.len().saturating_sub(2)).unwrap_or(u16::MAX);
            seeds.push(change(case, file, end, 1, b"9"));
            seeds.push(change(case, file, end / 2, 1, b"\n"));
        }
    }
    seeds
}
