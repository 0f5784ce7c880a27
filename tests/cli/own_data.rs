//! Data sets of the user's own through the whole command: training, evaluation, pictures, reports, going on.

use std::io::Write as _;
use std::process::{Command, Stdio};

use synfire_cli::Status;
use synfire_tests::Python;
use zip::write::SimpleFileOptions;

use crate::process::binary;
use crate::scratch::{Scratch, timeless};

/// Grey images of one size with labels, in the order of samples.
pub(crate) struct Pictures {
    rows: usize,
    columns: usize,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Pictures {
    /// Bars of three kinds, one for each class, at places that a seed draws.
    pub(crate) fn bars(rows: usize, columns: usize, n: usize, mut seed: u32) -> Pictures {
        let mut draw = |end: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as usize % end
        };
        let mut pixels = Vec::new();
        let mut labels = Vec::new();
        for sample_idx in 0..n {
            let class = sample_idx % 3;
            let (row, column) = (draw(rows), draw(columns));
            for place in 0..rows * columns {
                let (r, c) = (place / columns, place % columns);
                let is_ink = match class {
                    0 => r == row,
                    1 => c == column,
                    _ => (r + columns - c) % 3 == column % 3,
                };
                let grey = if is_ink { 130 + draw(126) } else { draw(129) };
                pixels.push(u8::try_from(grey).expect("a byte"));
            }
            labels.push(u8::try_from(class).expect("a class"));
        }
        Pictures { rows, columns, pixels, labels }
    }

    fn idx(&self) -> [Vec<u8>; 2] {
        let word = |n: usize| u32::try_from(n).expect("small").to_be_bytes();
        let n = word(self.labels.len());
        let images = [&[0, 0, 8, 3], &n, &word(self.rows), &word(self.columns), &self.pixels[..]];
        [images.concat(), [&[0, 0, 8, 1], &n, &self.labels[..]].concat()]
    }

    fn npy(&self) -> [Vec<u8>; 2] {
        let array = |descr: &str, shape: String, elements: &[u8]| {
            let text =
                format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
            let length = u16::try_from(text.len()).expect("short").to_le_bytes();
            [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), elements].concat()
        };
        let n = self.labels.len();
        let labels: Vec<u8> =
            self.labels.iter().flat_map(|&label| i64::from(label).to_le_bytes()).collect();
        [
            array("|u1", format!("({n}, {}, {})", self.rows, self.columns), &self.pixels),
            array("<i8", format!("({n},)"), &labels),
        ]
    }
}

/// Writes IDX files to `name`, arrays to `name.npy` and an archive of them to `name.npz`.
pub(crate) fn write(scratch: &Scratch, name: &str, train: &Pictures, test: &Pictures) {
    for dir in [name.to_owned(), format!("{name}.npy")] {
        std::fs::create_dir_all(scratch.path(&dir)).expect("writable");
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (half, other, pictures) in [("train", "train", train), ("t10k", "test", test)] {
        let [images, labels] = pictures.idx();
        scratch.write(&format!("{name}/{half}-images-idx3-ubyte"), &images);
        scratch.write(&format!("{name}/{half}-labels-idx1-ubyte"), &labels);
        for (letter, array) in ["x", "y"].into_iter().zip(pictures.npy()) {
            scratch.write(&format!("{name}.npy/{letter}_{other}.npy"), &array);
            let entry = format!("{letter}_{other}.npy");
            archive.start_file(entry, SimpleFileOptions::default()).expect("an entry");
            archive.write_all(&array).expect("an entry");
        }
    }
    let archive = archive.finish().expect("an archive").into_inner();
    scratch.write(&format!("{name}.npz"), &archive);
}

/// Three classes, 7 x 5 pixels.
fn bars(scratch: &Scratch) {
    write(scratch, "bars", &Pictures::bars(5, 7, 240, 1), &Pictures::bars(5, 7, 60, 2));
}

const RUN: &str = "--epochs 5 --hidden 20 --check 1";

#[test]
fn a_set_of_ones_own_is_learnt_exactly_in_every_form_and_on_every_engine() {
    let scratch = Scratch::new();
    bars(&scratch);
    for (form, engine) in
        [("idx:@/bars", "fast"), ("npy:@/bars.npy", "lif"), ("npy:@/bars.npz", "loihi")]
    {
        let run = format!("train --dataset {form} {RUN} --engine {engine} --out @/{engine}");
        let answer = scratch.synfire(&run).succeeded();
        assert!(answer.stdout.contains(" 35-20-3, engine "), "{answer:?}");
        let compared = "compared 1200 updates with the reference: 0 mismatches, 0 faults";
        assert!(answer.stdout.contains(compared), "{answer:?}");
        assert!(!answer.stderr.contains("data set"), "nothing is odd: {answer:?}");
        assert!(scratch.read(&format!("{engine}/weights.npz")) == scratch.read("fast/weights.npz"));
        assert_eq!(timeless(scratch.metrics(engine)), timeless(scratch.metrics("fast")));
    }
    let words = "eval --dataset npy:@/bars.npz --weights @/fast/weights.npz --json";
    let answer = scratch.synfire(words).succeeded().stdout;
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["samples"], 60);
    let last = scratch.metrics("fast").pop().expect("rows");
    assert_eq!(answer["potential"], last.test_potential);
    assert!(last.test_potential > 0.5, "three classes are learnt at all: {last:?}");
}

#[test]
fn pictures_and_reports_are_of_any_size() {
    let scratch = Scratch::new();
    write(&scratch, "wide", &Pictures::bars(12, 40, 24, 1), &Pictures::bars(12, 40, 12, 2));
    write(&scratch, "flat", &Pictures::bars(1, 40, 24, 1), &Pictures::bars(1, 40, 12, 2));
    for (set, sizes) in [("wide", "480-12-3"), ("flat", "40-12-3")] {
        let run = format!("train --dataset idx:@/{set} --epochs 1 --hidden 12 --out @/run-{set}");
        let answer = scratch.synfire(&run).succeeded();
        assert!(answer.stdout.contains(sizes), "{answer:?}");
        scratch.synfire(&format!("raster @/run-{set}")).succeeded();
        let picture =
            String::from_utf8(scratch.read(&format!("run-{set}/raster.svg"))).expect("text");
        assert!(picture.starts_with("<svg"));
        let answer = scratch.synfire(&format!("report @/run-{set}")).succeeded();
        assert!(answer.stderr.is_empty(), "nothing is left out: {answer:?}");
        scratch
            .synfire(&format!("chip nbp --dataset idx:@/{set} --hidden 12 --samples 2"))
            .succeeded();
    }
}

/// Paths in a run file count from the current folder, as on the command line.
#[test]
fn a_run_file_may_name_a_relative_place() {
    let scratch = Scratch::new();
    bars(&scratch);
    std::fs::create_dir(scratch.path("elsewhere")).expect("writable");
    std::fs::create_dir(scratch.path("sets")).expect("writable");
    scratch.write("mine.toml", b"dataset = \"idx:bars\"\nepochs = 1\nhidden = 20\nout = \"run\"\n");
    let call = |dir: &str, words: &str| {
        let mut command = Command::new(binary());
        command.args(words.split(' ')).current_dir(scratch.path(dir)).stdin(Stdio::null());
        command.env_remove("SYNFIRE_DATA_DIR").env("XDG_CACHE_HOME", scratch.path("nowhere"));
        let output = command.output().expect("the binary runs");
        let text = String::from_utf8_lossy(&output.stderr);
        // So short a run may have dead classes.
        let told = text.lines().filter(|line| !line.starts_with("warning: after epoch"));
        (output.status.code(), told.collect::<String>())
    };
    assert_eq!(call("", "train --config mine.toml"), (Some(0), String::new()));
    let record = String::from_utf8(scratch.read("run/run.toml")).expect("text");
    assert!(record.starts_with("dataset = \"idx:bars\"\n"), "{record}");
    assert!(record.contains("synfire train --dataset idx:bars "), "{record}");
    let (code, message) = call("elsewhere", "train --resume ../run --epochs 2");
    assert_eq!(code, Some(1));
    assert!(message.contains("idx:bars: a folder, or a folder and what"), "{message}");
    // Moved, it is found below the folder that is named.
    std::fs::rename(scratch.path("bars"), scratch.path("sets/bars")).expect("movable");
    let moved = "train --resume ../run --epochs 2 --data-dir ../sets";
    assert_eq!(call("elsewhere", moved), (Some(0), String::new()));
    assert_eq!(call("elsewhere", "report ../run --data-dir ../sets"), (Some(0), String::new()));
    assert_eq!(scratch.metrics("run").len(), 2);
}

/// A run goes on with what it was trained on, and with nothing else.
#[test]
fn a_set_that_changed_is_not_trained_on() {
    let scratch = Scratch::new();
    bars(&scratch);
    let run = "train --dataset npy:@/bars.npy --epochs 1 --hidden 20 --out @/run";
    scratch.synfire(run).succeeded();
    let [_, labels] = Pictures::bars(5, 7, 60, 2).npy();
    let mut changed = labels;
    *changed.last_mut().expect("labels") = 0;
    let place = changed.len() - 8;
    changed[place] = 1;
    scratch.write("bars.npy/y_test.npy", &changed);
    for words in ["train --resume @/run --epochs 2", "train --config @/run/run.toml --out @/again"]
    {
        let message = scratch.synfire(words).failed(Status::Usage);
        assert!(message.contains("as prepared has SHA-256 "), "{message}");
    }
    let answer = scratch.synfire("report @/run").succeeded();
    assert!(answer.stderr.contains("is not the one that the run was trained on"), "{answer:?}");
}

#[test]
fn odd_sets_are_trained_on_with_a_warning() {
    let scratch = Scratch::new();
    let mut train = Pictures::bars(4, 4, 12, 1);
    let mut test = Pictures::bars(4, 4, 6, 2);
    train.labels.iter_mut().for_each(|label| *label *= 2);
    test.labels.iter_mut().for_each(|label| *label *= 2);
    write(&scratch, "gaps", &train, &test);
    let run = "train --epochs 1 --hidden 8 --check 1";
    let answer =
        scratch.synfire(&format!("{run} --dataset idx:@/gaps --out @/gaps-run")).succeeded();
    assert_eq!(
        answer.stderr.lines().take(2).collect::<Vec<_>>(),
        [
            "warning: data set: classes 1 and 3 have no training samples",
            "warning: data set: classes 1 and 3 have no test samples"
        ]
    );
    let words = format!("{run} --dataset idx:@/gaps --seeds 1..=2 --out @/seeds");
    let answer = scratch.synfire(&words).succeeded();
    let n = answer.stderr.matches("have no training samples").count();
    assert_eq!(n, 1, "said once: {answer:?}");

    train.pixels.fill(0);
    test.pixels.fill(0);
    write(&scratch, "blank", &train, &test);
    for engine in ["reference", "lif", "loihi", "fast"] {
        let words = format!("{run} --engine {engine} --dataset idx:@/blank --out @/blank-{engine}");
        let answer = scratch.synfire(&words).succeeded();
        assert!(answer.stderr.contains("no pixel of a training image counts as 1"), "{answer:?}");
    }
    scratch.synfire("raster @/blank-fast").succeeded();
    scratch.synfire("report @/blank-fast").succeeded();
    train.labels.fill(0);
    test.labels.fill(0);
    train.pixels.fill(255);
    test.pixels.fill(255);
    write(&scratch, "one", &train, &test);
    let answer =
        scratch.synfire(&format!("{run} --dataset npy:@/one.npz --out @/one-run")).succeeded();
    assert!(answer.stderr.contains("there is one class only"), "{answer:?}");
}

#[test]
fn a_wrong_place_is_said_and_a_wrong_name_lists_the_forms() {
    let scratch = Scratch::new();
    let message =
        scratch.synfire("train --dataset npy:@/nothing --out @/run").failed(Status::Failure);
    assert!(
        message.contains("a folder with arrays, or an archive of them, was not found"),
        "{message}"
    );
    let message = scratch.synfire("train --dataset csv:x --out @/run").failed(Status::Usage);
    let forms = "allowed are digits, mnist, fashion-mnist, idx:DIR, npy:DIR";
    assert!(message.contains(forms), "{message}");
    assert!(!scratch.path("run").exists());
}

/// What NumPy itself writes, in the forms that people have.
#[test]
fn files_of_numpy_are_read() {
    let Some(python) = Python::with(&["numpy"]) else { return };
    let scratch = Scratch::new();
    bars(&scratch);
    let script = "
import numpy as np, os, sys
here = sys.argv[1]
sets = np.load(f'{here}/bars.npz')
x, y = sets['x_train'], sets['y_train']
u, v = sets['x_test'], sets['y_test']
forms = {
    'fortran': (np.asfortranarray(x), y.astype('uint8'), np.asfortranarray(u), v.astype('>i2')),
    'single': ((x / 255).astype('float32'), y[:, None], u / 255, v),
    'channel': (x[..., None], y, u[:, None].astype('int64'), v),
    'bits': (x > 128, y, u > 128, v),
    'half': ((x > 128).astype('float16'), y, (u > 128).astype('>f8'), v),
}
for name, arrays in forms.items():
    os.mkdir(f'{here}/{name}')
    for key, array in zip(('x_train', 'y_train', 'x_test', 'y_test'), arrays):
        np.save(f'{here}/{name}/{key}.npy', array)
np.savez_compressed(f'{here}/packed.npz', x_train=x, y_train=y, x_test=u, y_test=v)
np.save(f'{here}/objects.npy', np.array([{}], dtype=object))
";
    assert_eq!(python.run(script, &[scratch.path("")]), "");
    let run = "train --epochs 1 --hidden 10";
    scratch.synfire(&format!("{run} --dataset idx:@/bars --out @/run-bars")).succeeded();
    for form in ["fortran", "single", "channel", "bits", "half", "packed.npz"] {
        scratch.synfire(&format!("{run} --dataset npy:@/{form} --out @/run-{form}")).succeeded();
        let weights = scratch.read(&format!("run-{form}/weights.npz"));
        assert!(weights == scratch.read("run-bars/weights.npz"), "{form}");
    }
    std::fs::rename(scratch.path("objects.npy"), scratch.path("bits/x_test.npy")).expect("movable");
    let message =
        scratch.synfire(&format!("{run} --dataset npy:@/bits --out @/o")).failed(Status::Failure);
    assert!(message.contains("elements are of type |O, expected booleans"), "{message}");
}
