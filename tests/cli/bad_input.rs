//! Bad input ends with a message that names it: file, quantity, found, expected.

use std::io::{Cursor, Write};

use npyz::WriterBuilder;
use synfire_cli::{Status, Surroundings};
use zip::write::SimpleFileOptions;

use crate::scratch::Scratch;

type Array<'a> = (&'a str, [u64; 2], Vec<i64>);

/// An archive as NumPy would write it, of 64-bit integers.
fn npz(arrays: &[Array<'_>]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, shape, values) in arrays {
        archive.start_file(format!("{name}.npy"), SimpleFileOptions::default()).expect("in memory");
        let mut bytes = Vec::new();
        let options = npyz::WriteOptions::new().default_dtype().shape(shape);
        let mut writer = options.writer(&mut bytes).begin_nd().expect("in memory");
        writer.extend(values.iter().copied()).expect("in memory");
        writer.finish().expect("in memory");
        archive.write_all(&bytes).expect("in memory");
    }
    archive.finish().expect("in memory").into_inner()
}

fn w1(value: i64) -> Array<'static> {
    let mut values = vec![2; 3 * 400];
    values[401] = value;
    ("w1", [3, 400], values)
}

fn w2() -> Array<'static> {
    ("w2", [10, 3], vec![-4; 30])
}

/// What `eval` and `train` say about a weight file; both must say the same.
fn message(arrays: &[Array<'_>]) -> String {
    message_of(&npz(arrays))
}

fn message_of(bytes: &[u8]) -> String {
    let scratch = Scratch::new();
    scratch.write("w.npz", bytes);
    let eval = scratch.synfire("eval --weights @/w.npz").failed(Status::Failure);
    let train = scratch.synfire("train --init-weights @/w.npz --out @/run").failed(Status::Failure);
    assert_eq!(eval, train);
    assert!(
        !scratch.path("run").exists(),
        "nothing is written before the start is known to be good"
    );
    let start = format!("error: {}: ", scratch.path("w.npz").display());
    eval.strip_prefix(&start).unwrap_or_else(|| panic!("{eval}")).trim_end().to_owned()
}

#[test]
fn weights_of_the_wrong_shape() {
    assert_eq!(
        message(&[("w1", [3, 784], vec![2; 3 * 784]), w2()]),
        "array w1 has shape (3, 784), expected (3, 400): hidden by input neurons"
    );
    assert_eq!(
        message(&[w1(2), ("w2", [10, 4], vec![2; 40])]),
        "array w2 has shape (10, 4), expected (10, 3): output by hidden neurons"
    );
    let feedback = ("w2Tp", [10, 3], vec![-4; 30]);
    assert_eq!(
        message(&[w1(2), w2(), feedback, ("w2Tm", [3, 10], vec![4; 30])]),
        "array w2Tp has shape (10, 3), expected (3, 10): hidden by output neurons"
    );
    assert_eq!(
        message(&[w1(2), ("w2", [3, 3], vec![2; 9]), ("w3", [10, 3], vec![2; 30])]),
        "found forward arrays w1 to w3, expected w1 to w2"
    );
    let scratch = Scratch::new();
    scratch.write("w.npz", &npz(&[w1(2), w2()]));
    let words = "train --hidden 5 --init-weights @/w.npz --out @/run";
    let message = scratch.synfire(words).failed(Status::Failure);
    let end = "array w1 has shape (3, 400), expected (5, 400): hidden by input neurons\n";
    assert!(message.ends_with(end), "{message}");
}

#[test]
fn odd_and_out_of_range_weights() {
    for value in [7, -257, 255, 256, -258, 100_000, i64::MIN] {
        assert_eq!(
            message(&[w1(value), w2()]),
            format!(
                "array w1, element [1, 1] is {value}, expected an even integer from -256 to 254"
            )
        );
    }
}

#[test]
fn weight_files_that_are_none() {
    let whole = npz(&[w1(2), w2()]);
    for length in [0, 1, 100, whole.len() / 2, whole.len() - 1] {
        let message = message_of(&whole[..length]);
        assert!(message.starts_with("not a complete npz archive: "), "{message}");
    }
    assert_eq!(message(&[w1(2)]), "array w2 is missing, found w1");
    assert_eq!(message(&[("a", [1, 1], vec![0])]), "array w1 is missing, found a");
    let scratch = Scratch::new();
    let message = scratch.synfire("eval --weights @/none.npz").failed(Status::Failure);
    assert!(message.contains("none.npz: cannot be read: "), "{message}");
    let message = scratch.synfire("eval --weights @/").failed(Status::Failure);
    assert!(message.contains("expected a regular file"), "{message}");
}

#[test]
fn missing_data_says_which_files_go_where() {
    let scratch = Scratch::new();
    let surroundings = Surroundings {
        data_dir: Some(scratch.path("environment")),
        cache_dir: Some(scratch.path("cache")),
        ..Surroundings::default()
    };
    let words = "train --dataset fashion-mnist --data-dir @/mine --out @/run";
    let message = scratch.synfire_in(&surroundings, words).failed(Status::Failure);
    for file in [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ] {
        assert!(message.contains(file), "{message}");
    }
    let places =
        ["mine", "environment", "cache"].map(|dir| scratch.path(dir).join("fashion-mnist"));
    let order: Vec<_> =
        places.iter().map(|dir| message.find(&*dir.to_string_lossy()).expect("named")).collect();
    assert!(order.is_sorted(), "{message}");
    assert!(!scratch.path("run").exists());
}

/// Below a regular file no folder can be made, whoever runs the test.
#[test]
fn an_output_folder_that_cannot_be_written() {
    let scratch = Scratch::new();
    scratch.write("file", b"");
    // Would take hours if the folder were found wrong only at the end.
    let words = "train --epochs 4000000000 --out @/file/run";
    let message = scratch.synfire(words).failed(Status::Failure);
    let start =
        format!("error: output folder {} cannot be written: ", scratch.path("file/run").display());
    assert!(message.starts_with(&start), "{message}");
}

#[test]
fn start_weights_are_not_overwritten() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("run")).expect("a folder");
    let bytes = npz(&[w1(2), w2()]);
    scratch.write("run/weights.npz", &bytes);
    let words = "train --init-weights @/run/weights.npz --out @/run/../run";
    let message = scratch.synfire(words).failed(Status::Usage);
    assert!(message.contains("would be overwritten by the results"), "{message}");
    assert_eq!(scratch.read("run/weights.npz"), bytes);
}

#[test]
fn options_that_are_wrong() {
    let scratch = Scratch::new();
    for (words, expected) in [
        ("train --samples 0", "number of training samples is 0, expected at least 1"),
        (
            "train --samples 10001",
            "number of training samples is 10001, expected 1 to 10000 for digits",
        ),
        ("train --epochs 0", "number of epochs is 0, expected at least 1"),
        ("train --hidden 0", "number of hidden neurons is 0, expected 1 to 65536"),
        ("train --crop 10", "crop is 10 pixels per side, allowed are 0 to 9 for 20 x 20 images"),
        ("train --threshold 0", "threshold is 0, allowed are 1 to 255"),
        ("train --threshold 256", "256 is not in 0..=255"),
        ("train --seed 9223372036854775808", "expected 0 to 9223372036854775807"),
        (
            "train --dataset emnist",
            "data set is \"emnist\", allowed are digits, mnist, fashion-mnist, idx:DIR, npy:DIR",
        ),
        ("train --engine loihi2", "[possible values: reference, lif, loihi, fast]"),
        ("train --circuit small", "[possible values: sized, published]"),
        ("train --variant numpy", "[possible values: circuit, lanl-numpy]"),
        ("train --order random", "[possible values: shuffled, file]"),
        (
            "train --variant lanl-numpy",
            "variant lanl-numpy runs on engine reference only, found engine fast",
        ),
        (
            "train --engine lif --variant lanl-numpy",
            "variant lanl-numpy runs on engine reference only, found engine lif",
        ),
        ("eval", "--weights <W.npz>"),
        ("", "Usage: synfire"),
        ("tain", "unrecognized subcommand 'tain'"),
    ] {
        let message = scratch.synfire(&format!("{words} --out @/run").replace(
            // Only `train` has a folder for results.
            " --out @/run",
            if words.starts_with("train") { " --out @/run" } else { "" },
        ));
        let message = message.failed(Status::Usage);
        assert!(message.contains(expected), "{words}: {message}");
        assert!(!scratch.path("run").exists(), "{words}");
    }
}

#[test]
fn margin_refuses_what_is_no_network() {
    let message = Scratch::new().synfire("margin --hidden 0").failed(Status::Failure);
    assert!(message.starts_with("error: the circuit cannot be built: "), "{message}");
}

/// A network the circuit's variant allows, and a variant that allows less.
#[test]
fn lanl_weights_end_at_254() {
    let scratch = Scratch::new();
    scratch.write("w.npz", &npz(&[w1(-256), w2()]));
    let words = "train --engine reference --variant lanl-numpy --samples 10 --epochs 1 \
                 --init-weights @/w.npz --out @/run";
    let message = scratch.synfire(words).failed(Status::Failure);
    assert!(message.contains("is -256, expected an even integer from -254 to 254"), "{message}");
    let words = words.replace("--variant lanl-numpy", "");
    scratch.synfire(&words).succeeded();
}
