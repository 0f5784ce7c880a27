//! What a user reads when the files of a data set are missing, damaged, or other files.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use synfire_data::{Preparation, SearchPath, Source, load};
use tempfile::TempDir;

/// An image file with `n` images of 2 x 2 pixels.
fn images(n: u8) -> Vec<u8> {
    let mut file = vec![0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 2, 0, 0, 0, 2];
    file.extend(vec![200; 4 * usize::from(n)]);
    file
}

fn labels(n: u8) -> Vec<u8> {
    let mut file = vec![0, 0, 8, 1, 0, 0, 0, n];
    file.extend(0..n);
    file
}

/// A data folder with a tiny set in the shape of MNIST: well formed, and not MNIST.
fn tiny_set() -> (TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("mnist");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("train-images-idx3-ubyte"), images(3)).unwrap();
    fs::write(dir.join("train-labels-idx1-ubyte"), labels(3)).unwrap();
    fs::write(dir.join("t10k-images-idx3-ubyte"), images(2)).unwrap();
    fs::write(dir.join("t10k-labels-idx1-ubyte"), labels(2)).unwrap();
    (root, dir)
}

fn message(root: &Path) -> String {
    let path = SearchPath::new(Some(root.to_owned()), None, None);
    load(&Source::Mnist, &path, &Preparation::of(&Source::Mnist)).unwrap_err().to_string()
}

#[track_caller]
fn refused(root: &TempDir, file: &Path, rest: &str) {
    assert_eq!(message(root.path()), format!("{}: {rest}", file.display()));
}

const TRAIN_SUM: &str = "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db";

#[test]
fn a_wrong_checksum_names_file_expected_and_found() {
    let (root, dir) = tiny_set();
    let found = synfire_data::sha256_hex(&images(3));
    refused(
        &root,
        &dir.join("train-images-idx3-ubyte"),
        &format!("SHA-256 of the unpacked content is {found}, expected {TRAIN_SUM}"),
    );
}

/// The same content under each accepted name gets as far as the checksum, of the unpacked bytes.
#[test]
fn all_accepted_names_are_found() {
    let (root, dir) = tiny_set();
    let found = synfire_data::sha256_hex(&images(3));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&images(3)).unwrap();
    let packed = encoder.finish().unwrap();
    fs::remove_file(dir.join("train-images-idx3-ubyte")).unwrap();
    for (name, content) in [
        ("train-images-idx3-ubyte.gz", &packed),
        ("train-images.idx3-ubyte", &images(3)),
        ("train-images.idx3-ubyte.gz", &packed),
    ] {
        fs::write(dir.join(name), content).unwrap();
        let rest = format!("SHA-256 of the unpacked content is {found}, expected {TRAIN_SUM}");
        refused(&root, &dir.join(name), &rest);
        fs::remove_file(dir.join(name)).unwrap();
    }
}

#[test]
fn a_truncated_file_is_called_that_before_its_checksum_is() {
    let (root, dir) = tiny_set();
    let file = dir.join("t10k-images-idx3-ubyte");
    fs::write(&file, &images(2)[..20]).unwrap();
    refused(&root, &file, "payload is truncated: 4 bytes, the header promises 8");
    fs::write(&file, []).unwrap();
    refused(&root, &file, "header has 0 bytes, expected 16");
}

#[test]
fn a_mislabelled_file_is_called_that() {
    let (root, dir) = tiny_set();
    let file = dir.join("train-labels-idx1-ubyte");
    fs::write(&file, images(3)).unwrap();
    refused(&root, &file, "magic number is 0x00000803 (images), expected 0x00000801 (labels)");
}

#[test]
fn counts_that_differ_name_both_files() {
    let (root, dir) = tiny_set();
    fs::write(dir.join("t10k-labels-idx1-ubyte"), labels(5)).unwrap();
    let images = dir.join("t10k-images-idx3-ubyte");
    refused(
        &root,
        &dir.join("t10k-labels-idx1-ubyte"),
        &format!("number of labels is 5, expected 2 as in {}", images.display()),
    );
}

#[test]
fn missing_files_are_listed_with_their_places() {
    let (root, dir) = tiny_set();
    fs::remove_file(dir.join("t10k-images-idx3-ubyte")).unwrap();
    fs::remove_file(dir.join("t10k-labels-idx1-ubyte")).unwrap();
    let explicit = root.path().to_owned();
    let cache = PathBuf::from("/nowhere/synfire");
    let path = SearchPath::new(Some(explicit), None, Some(cache));
    let error = load(&Source::Mnist, &path, &Preparation::of(&Source::Mnist)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the files of mnist were not found; it needs train-images-idx3-ubyte, \
             train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each plain or \
             with .gz, in one of these folders:\n  \
             {} (--data-dir): lacks t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte\n  \
             /nowhere/synfire/mnist (cache folder): has none of them\n\
             the set digits needs no files",
            dir.display()
        )
    );
    let none =
        load(&Source::FashionMnist, &SearchPath::default(), &Preparation::of(&Source::Mnist));
    assert_eq!(
        none.unwrap_err().to_string(),
        "the files of fashion-mnist were not found; it needs train-images-idx3-ubyte, \
         train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each plain or with \
         .gz, in a folder fashion-mnist inside the folder named by --data-dir or $SYNFIRE_DATA_DIR\n\
         the set digits needs no files"
    );
}

/// A folder without the set is passed over for the next that has it.
#[test]
fn the_first_folder_that_has_all_files_is_taken() {
    let (incomplete, dir) = tiny_set();
    fs::remove_file(dir.join("t10k-images-idx3-ubyte")).unwrap();
    let (second, second_dir) = tiny_set();
    let (third, _) = tiny_set();
    let place = |root: &TempDir| Some(root.path().to_owned());
    let path = SearchPath::new(place(&incomplete), place(&second), place(&third));
    let error = load(&Source::Mnist, &path, &Preparation::of(&Source::Mnist)).unwrap_err();
    let expected = second_dir.join("train-images-idx3-ubyte");
    assert!(error.to_string().starts_with(&expected.display().to_string()), "{error}");
}

#[test]
fn what_is_not_a_file_is_refused() {
    let (root, dir) = tiny_set();
    let file = dir.join("train-images-idx3-ubyte");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    refused(&root, &file, "cannot be read: it is not a regular file");
}

/// A sparse file of 1 GiB: refused by its length, without reading it.
#[test]
fn an_absurdly_long_file_is_not_read() {
    let (root, dir) = tiny_set();
    let file = dir.join("train-images-idx3-ubyte");
    fs::File::create(&file).unwrap().set_len(1 << 30).unwrap();
    refused(&root, &file, "file is longer than the 134218752 bytes allowed");
}
