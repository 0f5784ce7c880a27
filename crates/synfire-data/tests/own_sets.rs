//! Data sets of the user's own: what is read from them, and what a user reads when something is wrong with them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use synfire_data::{LoadError, Preparation, SearchPath, Source, Split, load};
use tempfile::TempDir;

/// An IDX file of unsigned bytes.
fn idx(sizes: &[usize], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, u8::try_from(sizes.len()).unwrap()];
    for &size in sizes {
        file.extend(u32::try_from(size).unwrap().to_be_bytes());
    }
    file.extend(bytes);
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Two training and one test image of 2 rows by 3 columns, three classes.
fn small_set() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let train = [0, 129, 128, 255, 0, 0, 200, 0, 0, 0, 0, 200];
    write(&dir, "train-images-idx3-ubyte", &idx(&[2, 2, 3], &train));
    write(&dir, "train-labels-idx1-ubyte", &idx(&[2], &[2, 0]));
    write(&dir, "t10k-images-idx3-ubyte", &idx(&[1, 2, 3], &[0, 0, 0, 0, 130, 0]));
    write(&dir, "t10k-labels-idx1-ubyte", &idx(&[1], &[1]));
    dir
}

fn write(dir: &TempDir, name: &str, bytes: &[u8]) {
    fs::write(dir.path().join(name), bytes).unwrap();
}

fn loaded(path: &Path, dirs: &SearchPath) -> Result<Split, LoadError> {
    let source = Source::Idx(path.to_owned());
    load(&source, dirs, &Preparation::of(&source))
}

#[track_caller]
fn refused(dir: &TempDir, message: &str) {
    let found = loaded(dir.path(), &SearchPath::default()).unwrap_err().to_string();
    let found = found.replace(&dir.path().display().to_string(), "DIR");
    assert_eq!(found, message);
}

#[track_caller]
fn check_small(split: &Split) {
    let Split { train, test } = split;
    assert_eq!((train.width(), train.height(), train.n_classes()), (3, 2, 3));
    assert_eq!((train.input(0), train.label(0)), (&[1, 3][..], 2));
    assert_eq!((train.input(1), train.label(1)), (&[0, 5][..], 0));
    assert_eq!((test.len(), test.input(0), test.label(0), test.n_classes()), (1, &[4][..], 1, 3));
}

#[test]
fn a_folder_is_read() {
    let dir = small_set();
    let split = loaded(dir.path(), &SearchPath::default()).unwrap();
    check_small(&split);
    let name = Source::Idx(dir.path().to_owned()).short_name();
    assert_eq!(split.train.name(), format!("{name} train"));
}

/// Other names, packed, and behind what their names begin with.
#[test]
fn files_have_several_names() {
    let dir = small_set();
    let rename = |from: &str, to: &str| {
        fs::rename(dir.path().join(from), dir.path().join(to)).unwrap();
    };
    rename("t10k-images-idx3-ubyte", "test-images-idx3-ubyte");
    rename("t10k-labels-idx1-ubyte", "test-labels.idx1-ubyte");
    let packed = gzip(&fs::read(dir.path().join("train-images-idx3-ubyte")).unwrap());
    write(&dir, "train-images-idx3-ubyte.gz", &packed);
    fs::remove_file(dir.path().join("train-images-idx3-ubyte")).unwrap();
    check_small(&loaded(dir.path(), &SearchPath::default()).unwrap());

    for entry in fs::read_dir(dir.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        rename(&name, &format!("emnist-{name}"));
    }
    refused(
        &dir,
        "idx:DIR: there are no training images in DIR; expected one of train-images-idx3-ubyte, \
         train-images.idx3-ubyte, train-images-idx3-ubyte.gz, train-images.idx3-ubyte.gz, \
         train-images-idx2-ubyte, train-images.idx2-ubyte, train-images-idx2-ubyte.gz, \
         train-images.idx2-ubyte.gz",
    );
    check_small(&loaded(&dir.path().join("emnist"), &SearchPath::default()).unwrap());
}

/// A relative path that leads nowhere counts from the folders of the search path.
#[test]
fn relative_places_are_searched() {
    let root = tempfile::tempdir().unwrap();
    let dir = small_set();
    let own = root.path().join("sets-of-mine");
    fs::create_dir(&own).unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), own.join(entry.file_name())).unwrap();
    }
    let dirs = SearchPath::new(Some("/nowhere".into()), Some(root.path().to_owned()), None);
    check_small(&loaded("sets-of-mine".as_ref(), &dirs).unwrap());
    let error = loaded("set-of-mine".as_ref(), &dirs).unwrap_err().to_string();
    let place = root.path().join("set-of-mine");
    assert_eq!(
        error,
        format!(
            "idx:set-of-mine: a folder, or a folder and what the names of its files begin with, was not \
             found; looked at set-of-mine, /nowhere/set-of-mine, {}",
            place.display()
        )
    );
}

#[test]
fn what_is_missing_or_does_not_fit_is_named() {
    let dir = small_set();
    write(&dir, "t10k-images-idx3-ubyte", &idx(&[1, 3, 2], &[0; 6]));
    refused(
        &dir,
        "idx:DIR: test images have 3 rows by 2 columns, expected 2 by 3 as the training images",
    );
    write(&dir, "t10k-labels-idx1-ubyte", &idx(&[2], &[1, 1]));
    refused(
        &dir,
        "DIR/t10k-labels-idx1-ubyte: number of labels is 2, expected 1 as in DIR/t10k-images-idx3-ubyte",
    );
    fs::remove_file(dir.path().join("t10k-labels-idx1-ubyte")).unwrap();
    refused(
        &dir,
        "idx:DIR: there are no test labels in DIR; expected one of t10k-labels-idx1-ubyte, \
         t10k-labels.idx1-ubyte, t10k-labels-idx1-ubyte.gz, t10k-labels.idx1-ubyte.gz, \
         test-labels-idx1-ubyte, test-labels.idx1-ubyte, test-labels-idx1-ubyte.gz, \
         test-labels.idx1-ubyte.gz; a set has samples of its own to be judged by",
    );
    let floats = [&[0, 0, 13, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1][..], &[0; 4]].concat();
    let dir = small_set();
    write(&dir, "train-images-idx3-ubyte", &floats);
    refused(
        &dir,
        "DIR/train-images-idx3-ubyte: magic number is 0x00000d03 (32-bit floats in 3 dimensions), \
         expected 0x00000803 (images)",
    );
}

#[test]
fn labels_go_up_to_255() {
    let dir = small_set();
    write(&dir, "t10k-labels-idx1-ubyte", &idx(&[1], &[255]));
    let split = loaded(dir.path(), &SearchPath::default()).unwrap();
    assert_eq!((split.train.n_classes(), split.test.n_classes()), (256, 256));
}

#[test]
fn samples_without_rows_are_pictures_of_one_row() {
    let dir = small_set();
    for (name, n) in [("train-images-idx", 2), ("t10k-images-idx", 1)] {
        fs::remove_file(dir.path().join(format!("{name}3-ubyte"))).unwrap();
        write(&dir, &format!("{name}2-ubyte"), &idx(&[n, 5], &vec![200; 5 * n]));
    }
    let split = loaded(dir.path(), &SearchPath::default()).unwrap();
    assert_eq!((split.train.width(), split.train.height()), (5, 1));
    assert_eq!(split.train.max_active(), 5);
}
