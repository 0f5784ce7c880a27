//! The README of a bundle: everything that is needed to reproduce it without us.
//!
//! The text is `readme.md` beside this file; words in capitals are places that are filled in.

use std::fmt::Write;

use crate::Kind;
use crate::header::{BundleHeader, CaseHeader};
use crate::shows::WORDS;

const TEXT: &str = include_str!("readme.md");

/// The text of the README; `sizes` are the bytes of the cases' files.
pub(crate) fn readme(header: &BundleHeader, cases: &[CaseHeader], sizes: &[u64]) -> String {
    let version = match &header.commit {
        None => header.synfire.clone(),
        Some(commit) => format!("{} (commit {commit})", header.synfire),
    };
    let words: String =
        WORDS.iter().map(|(word, meaning)| format!("| `{word}` | {meaning} |\n")).collect();
    // Each place is at the beginning of a line or in one of the first lines; values hold none of these words.
    TEXT.replacen("LAYERS", &join(&header.run.layers, "-"), 1)
        .replacen("VERSION", &version, 1)
        .replacen("\nCASES\n", &format!("\n{}", table(cases, sizes)), 1)
        .replacen("\nWORDS\n", &format!("\n| word | |\n|---|---|\n{words}"), 1)
        .replacen("\nDATA\n", &format!("\n{}", data(header)), 1)
}

fn join<T: ToString>(parts: &[T], with: &str) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(with)
}

/// The cases with their counts, then what each is for.
fn table(cases: &[CaseHeader], sizes: &[u64]) -> String {
    let columns = [
        "case",
        "circuit",
        "samples",
        "steps",
        "compartments",
        "generators",
        "plastic synapses",
        "fixed synapses",
        "generator synapses",
        "spikes",
        "changes",
        "kB",
    ];
    let mut text = format!("| {} |\n{}|\n", columns.join(" | "), "|---".repeat(columns.len()));
    for (case, size) in cases.iter().zip(sizes) {
        let kind = match case.circuit {
            Kind::Learning => "learning",
            Kind::Inference => "inference",
        };
        let circuit = format!("{kind} {}, {}", join(&case.layers, "-"), case.form);
        let kilobytes = size.div_ceil(1000);
        let counts = [
            case.compartments,
            case.generators,
            case.plastic_synapses,
            case.fixed_synapses,
            case.generator_synapses,
            case.spikes,
            case.changes,
        ];
        let (name, counts) = (&case.name, join(&counts, " | "));
        let (samples, steps) = (case.samples, case.steps);
        let _ =
            writeln!(text, "| {name} | {circuit} | {samples} | {steps} | {counts} | {kilobytes} |");
    }
    text.push('\n');
    for case in cases {
        let _ = writeln!(text, "- **{}** ({}): {}", case.name, case.source, case.about);
    }
    text
}

fn data(header: &BundleHeader) -> String {
    let run = &header.run;
    let (set, train, test) = (&run.dataset, run.train_samples, run.test_samples);
    let (width, height, classes) = (run.width, run.height, run.classes);
    let mut lines = vec![
        format!("Data set `{set}`: {train} training and {test} test samples, {classes} classes."),
        format!(
            "Images are cut by {} pixels on each side, to {width} x {height}; a pixel is active if its grey value is \
             at least {}. Input row * {width} + column is the pixel at that place, class k is output k.",
            run.crop, run.threshold
        ),
        format!(
            "SHA-256 of the samples as prepared: {}. It is that of the text which the sums of training and test \
             samples make, in hexadecimal, one after the other. The sum of a set is over the numbers of \
             samples, inputs and classes, 32 bits each, low byte first, then each sample's label (a byte) and inputs \
             (input k in bit k mod 8 of byte k / 8).",
            run.dataset_sha256
        ),
    ];
    for file in &header.data_files {
        lines.push(format!("`{}`, unpacked: SHA-256 {}", file.name, file.sha256));
    }
    lines.push(licence(set).to_owned());
    lines.push(format!(
        "The run: {} circuit, layers {}, {} epochs, order {}, seed {}. In each epoch every training sample is learned \
         once; `first` has the first of the first epoch, by their `index` in the training set.",
        run.circuit,
        join(&run.layers, "-"),
        run.epochs,
        run.order,
        run.seed,
    ));
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

/// What who passes a bundle on has to know of the samples in it.
fn licence(dataset: &str) -> &'static str {
    match dataset {
        "digits" => "The samples in `stimulus.csv` are drawn by Synfire and free like it (MIT).",
        "mnist" => {
            "**The stimulus of some cases holds samples of MNIST** (Y. LeCun, C. Cortes), which is under CC BY-SA 3.0: \
             who passes the bundle on must name it and keep that licence for them."
        }
        "fashion-mnist" => {
            "**The stimulus of some cases holds samples of Fashion-MNIST** (Zalando SE), which is under the MIT \
             licence: who passes the bundle on must name it."
        }
        _ => {
            "**The stimulus of some cases holds samples of a data set of the maker's own**: under which licence, only \
             the maker can say."
        }
    }
}
