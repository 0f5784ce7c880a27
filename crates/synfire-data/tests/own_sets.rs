//! Data sets of the user's own: what is read from them, and what a user reads when something is wrong with them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::float_arithmetic, reason = "fractions that a user stores")]

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use npyz::{AutoSerialize, WriterBuilder};
use proptest::prelude::*;
use synfire_data::npy::{parse_images, parse_labels};
use synfire_data::{
    Dataset, LoadError, Oddity, Preparation, SearchPath, Source, Split, load, oddities,
};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

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

/// An array as another writer has it.
fn npy<T: AutoSerialize + Copy>(shape: &[u64], order: npyz::Order, elements: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = npyz::WriteOptions::new().default_dtype().order(order);
    let mut writer = options.shape(shape).writer(&mut bytes).begin_nd().unwrap();
    writer.extend(elements.iter().copied()).unwrap();
    writer.finish().unwrap();
    bytes
}

/// The arrays of the set of `small_set`.
fn small_arrays() -> [(&'static str, Vec<u8>); 4] {
    let train = [0_u8, 129, 128, 255, 0, 0, 200, 0, 0, 0, 0, 200];
    // The test images as fractions, the labels as NumPy makes them unless told otherwise.
    let test = [0.0, 0.0, 0.0, 0.0, 130.0 / 255.0, 0.0_f32];
    [
        ("x_train", npy(&[2, 2, 3], npyz::Order::C, &train)),
        ("y_train", npy(&[2], npyz::Order::C, &[2_i64, 0])),
        ("x_test", npy(&[1, 2, 3], npyz::Order::C, &test)),
        ("y_test", npy(&[1, 1], npyz::Order::C, &[1_i64])),
    ]
}

fn loaded_npy(path: &Path) -> Result<Split, LoadError> {
    let source = Source::Npy(path.to_owned());
    load(&source, &SearchPath::default(), &Preparation::of(&source))
}

#[test]
fn arrays_in_a_folder_are_read() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in small_arrays() {
        write(&dir, &format!("{name}.npy"), &bytes);
    }
    check_small(&loaded_npy(dir.path()).unwrap());
    fs::rename(dir.path().join("x_test.npy"), dir.path().join("X_test.npy")).unwrap();
    check_small(&loaded_npy(dir.path()).unwrap());
    fs::remove_file(dir.path().join("X_test.npy")).unwrap();
    let message = loaded_npy(dir.path()).unwrap_err().to_string();
    let dir = dir.path().display();
    assert_eq!(
        message,
        format!(
            "npy:{dir}: there are no test images in {dir}; expected one of x_test.npy, X_test.npy; a set \
             has samples of its own to be judged by"
        )
    );
}

/// An archive of arrays, stored or deflated.
fn npz(arrays: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(format!("{name}.npy"), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn arrays_in_an_archive_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("all.npz");
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        fs::write(&path, npz(&small_arrays(), method)).unwrap();
        check_small(&loaded_npy(&path).unwrap());
    }
    assert_eq!(loaded_npy(&path).unwrap().test.name(), "all test");
}

#[test]
fn bad_archives_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("all.npz");
    let message = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let message = loaded_npy(&path).unwrap_err().to_string();
        message.replace(&dir.path().display().to_string(), "DIR")
    };
    let whole = npz(&small_arrays(), zip::CompressionMethod::Deflated);
    assert_eq!(
        message(&whole[..whole.len() - 30]),
        "DIR/all.npz: not a complete npz archive: its end is missing"
    );
    assert!(message(b"PK").starts_with("DIR/all.npz: not a complete npz archive: "));
    let without = npz(&small_arrays()[1..], zip::CompressionMethod::Stored);
    assert_eq!(
        message(&without),
        "npy:DIR/all.npz: there are no training images in DIR/all.npz; expected one of x_train, X_train"
    );
    // An end that says more entries than anybody means.
    let mut crowded = whole.clone();
    let end = crowded.len() - 22;
    crowded[end + 8..end + 12].copy_from_slice(&[0xff, 0x7f, 0xff, 0x7f]);
    let found = message(&crowded);
    assert!(found.contains("it has 32767 entries in "), "{found}");
    // A table that is longer than anybody's.
    let mut wide = whole.clone();
    wide[end + 12..end + 16].copy_from_slice(&(1_u32 << 20 | 1).to_le_bytes());
    let found = message(&wide);
    assert!(found.contains("it has 4 entries in 1048577 bytes, expected at most "), "{found}");
    // The place of a second record with sizes of 64 bits, which readers look at first.
    let mut large = whole[..end].to_vec();
    large.extend(b"PK\x06\x07");
    large.extend([0; 16]);
    large.extend(&whole[end..]);
    let found = message(&large);
    assert!(found.ends_with("it is of the form for more than 4 GiB"), "{found}");
    // Two arrays of one name.
    let mut twice = whole.clone();
    for at in 0..twice.len() - 11 {
        if twice[at..].starts_with(b"x_test.npy") {
            twice[at..at + 6].copy_from_slice(b"y_test");
        }
    }
    assert_eq!(
        message(&twice),
        "DIR/all.npz: not a complete npz archive: two entries have one name"
    );
    // A flipped bit in the packed elements of the first array.
    let mut damaged = npz(&small_arrays(), zip::CompressionMethod::Stored);
    let place = damaged
        .windows(12)
        .position(|bytes| bytes == [0, 129, 128, 255, 0, 0, 200, 0, 0, 0, 0, 200]);
    damaged[place.unwrap()] ^= 1;
    let found = message(&damaged);
    assert!(found.starts_with("DIR/all.npz/x_train: array cannot be unpacked: "), "{found}");
}

/// What would be read for hours is refused unread.
#[cfg(unix)]
#[test]
fn archives_are_files_of_a_size() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("all.npz");
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    let message = loaded_npy(&path).unwrap_err().to_string();
    assert!(message.ends_with("it is not a regular file"), "{message}");
    fs::remove_file(&path).unwrap();
    // A hole of so many bytes.
    fs::File::create(&path).unwrap().set_len((1 << 30) + 1).unwrap();
    let message = loaded_npy(&path).unwrap_err().to_string();
    assert!(message.contains("1073741824"), "{message}");
}

/// The same pictures as IDX files and as arrays are the same set, wherever the bytes come from.
#[test]
fn both_forms_of_a_set_are_equal() {
    let idx_dir = small_set();
    let dir = tempfile::tempdir().unwrap();
    let mut arrays = small_arrays();
    arrays[2].1 = npy(&[1, 2, 3, 1], npyz::Order::Fortran, &[0_i32, 0, 0, 130, 0, 0]);
    for (name, bytes) in arrays {
        write(&dir, &format!("{name}.npy"), &bytes);
    }
    let one = loaded(idx_dir.path(), &SearchPath::default()).unwrap();
    let other = loaded_npy(dir.path()).unwrap();
    let prints = |split: &Split| [split.train.fingerprint(), split.test.fingerprint()];
    assert_eq!(prints(&one), prints(&other));
}

#[test]
fn what_is_odd_is_said() {
    let dir = small_set();
    write(&dir, "train-labels-idx1-ubyte", &idx(&[2], &[4, 0]));
    let split = loaded(dir.path(), &SearchPath::default()).unwrap();
    let said: Vec<String> = oddities(&split).iter().map(Oddity::to_string).collect();
    assert_eq!(
        said,
        [
            "classes 1, 2 and 3 have no training samples",
            "classes 0, 2, 3 and 4 have no test samples"
        ]
    );
}

/// Images of some size, pixel by pixel, with a label for each.
fn pictures() -> impl Strategy<Value = ((usize, usize), Vec<u8>, Vec<u8>)> {
    (1_usize..6, 1_usize..8, 1_usize..8).prop_flat_map(|(n, rows, columns)| {
        let pixel = prop_oneof![Just(128_u8), Just(129), Just(0), Just(255), any::<u8>()];
        let pixels = prop::collection::vec(pixel, n * rows * columns);
        (pixels, prop::collection::vec(any::<u8>(), n))
            .prop_map(move |(pixels, labels)| ((rows, columns), pixels, labels))
    })
}

proptest! {
    /// Whatever type and order an array has, its pictures are the same.
    #[test]
    fn arrays_round_trip(((rows, columns), pixels, labels) in pictures()) {
        let n = labels.len();
        let shape = [n as u64, rows as u64, columns as u64];
        let expected = synfire_data::idx::Images::new(rows, columns, pixels.clone()).unwrap();
        let of_bytes = npy(&shape, npyz::Order::C, &pixels);
        prop_assert_eq!(&parse_images(&of_bytes).unwrap(), &expected);
        let wide: Vec<i64> = pixels.iter().map(|&pixel| pixel.into()).collect();
        prop_assert_eq!(&parse_images(&npy(&shape, npyz::Order::C, &wide)).unwrap(), &expected);
        let shares: Vec<f64> = pixels.iter().map(|&pixel| f64::from(pixel) / 255.0).collect();
        prop_assert_eq!(&parse_images(&npy(&shape, npyz::Order::C, &shares)).unwrap(), &expected);
        // Element (i, r, c) at i + n (r + rows c).
        let mut turned = vec![0; pixels.len()];
        for (place, &pixel) in pixels.iter().enumerate() {
            let (i, r, c) = (place / (rows * columns), place / columns % rows, place % columns);
            turned[i + n * (r + rows * c)] = pixel;
        }
        prop_assert_eq!(&parse_images(&npy(&shape, npyz::Order::Fortran, &turned)).unwrap(), &expected);
        let wide: Vec<u32> = labels.iter().map(|&label| label.into()).collect();
        let read = parse_labels(&npy(&[n as u64], npyz::Order::C, &wide)).unwrap();
        prop_assert_eq!(read.as_slice(), &labels[..]);
        // Every proper prefix is refused, and so is the file with a byte more.
        for end in 0..of_bytes.len() {
            prop_assert!(parse_images(&of_bytes[..end]).is_err(), "prefix of {} bytes", end);
        }
        prop_assert!(parse_images(&[&of_bytes[..], &[0]].concat()).is_err());
    }

    /// Files of any image size and classes come back as the same samples, in both forms.
    #[test]
    fn sets_round_trip(
        ((rows, columns), pixels, labels) in pictures(), threshold in 1_u8..=255,
    ) {
        let n = labels.len();
        let dir = tempfile::tempdir().unwrap();
        for half in ["train", "test"] {
            write(&dir, &format!("{half}-images-idx3-ubyte"), &idx(&[n, rows, columns], &pixels));
            write(&dir, &format!("{half}-labels-idx1-ubyte"), &idx(&[n], &labels));
            let shape = [n as u64, rows as u64, columns as u64];
            write(&dir, &format!("x_{half}.npy"), &npy(&shape, npyz::Order::C, &pixels));
            write(&dir, &format!("y_{half}.npy"), &npy(&[n as u64], npyz::Order::C, &labels));
        }
        let images = synfire_data::idx::Images::new(rows, columns, pixels).unwrap();
        let n_classes = usize::from(*labels.iter().max().unwrap()) + 1;
        let labels = synfire_data::idx::Labels::new(labels).unwrap();
        let preparation = Preparation { crop: 0, threshold };
        let expected = Dataset::from_images("x", n_classes, &images, &labels, &preparation).unwrap();
        for source in [Source::Idx(dir.path().to_owned()), Source::Npy(dir.path().to_owned())] {
            let Split { train, test } = load(&source, &SearchPath::default(), &preparation).unwrap();
            for set in [train, test] {
                prop_assert_eq!((set.width(), set.height()), (columns, rows));
                prop_assert_eq!(set.fingerprint(), expected.fingerprint());
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_images(&bytes);
        let _ = parse_labels(&bytes);
    }

    /// Bytes that get past the first checks.
    #[test]
    fn nearly_arrays_never_panic(
        descr in prop::sample::select(vec!["|u1", "|b1", "<i2", ">i8", "<f2", "<f4", ">f8", "|O", "<U3"]),
        is_fortran: bool,
        shape in prop::collection::vec(
            prop_oneof![0_u64..4, Just(u64::MAX), Just(1 << 30), Just(1 << 24), any::<u64>()], 0..6,
        ),
        rest in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let order = if is_fortran { "True" } else { "False" };
        let sides: Vec<String> = shape.iter().map(u64::to_string).collect();
        let text = format!(
            "{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({}), }}\n", sides.join(", ")
        );
        let length = u16::try_from(text.len()).unwrap().to_le_bytes();
        let bytes = [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), &rest].concat();
        if let Ok(images) = parse_images(&bytes) {
            prop_assert!(images.len() * images.n_rows() * images.n_columns() <= rest.len());
        }
        if let Ok(labels) = parse_labels(&bytes) {
            prop_assert!(labels.as_slice().len() <= rest.len());
        }
    }
}
