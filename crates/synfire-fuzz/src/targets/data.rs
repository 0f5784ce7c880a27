//! Data sets: IDX files, plain and packed; arrays of NumPy, alone and in archives.

use std::path::Path;

use synfire_data::idx::{Images, parse_images, parse_labels};
use synfire_data::{Preparation, Split, load_npz, npy};

use super::{Form, Target, check_message};
use crate::archive::{self, gzip};
use crate::pieces::{Pieces, piece};

const WORDS: &[&str] = &["\0\0\u{8}\u{3}", "\0\0\u{8}\u{1}", "\u{1f}"];

pub(super) const IDX: Target = Target {
    name: "idx",
    about: "IDX files, plain or gzip",
    form: Form::Bytes,
    longest: 256,
    run: idx,
    seeds: || {
        let plain = [images(2, 2, 3), images(1, 9, 13), labels(7)];
        plain.iter().flat_map(|file| [file.clone(), gzip(file)]).collect()
    },
    words: WORDS,
};

pub(super) const IDX_GZIP: Target = Target {
    name: "idx-gzip",
    about: "IDX files in gzip streams whose sums are right",
    form: Form::Bytes,
    longest: 256,
    run: |bytes| idx(&gzip(bytes)),
    seeds: || vec![images(2, 2, 3), images(1, 9, 8), labels(7)],
    words: WORDS,
};

pub(super) const DATA_NPY: Target = Target {
    name: "data-npy",
    about: "images and labels as arrays of NumPy",
    form: Form::Pieces,
    longest: 256,
    run: |bytes| {
        let mut pieces = Pieces::new(bytes);
        let file = match pieces.byte() {
            255 => pieces.rest().to_vec(),
            version => archive::npy(version, pieces.piece(), pieces.rest()),
        };
        match npy::parse_images(&file) {
            Ok(images) => {
                assert!(images.len() * images.n_rows() * images.n_columns() <= file.len());
            }
            Err(error) => check_message(&error.to_string(), 2000),
        }
        match npy::parse_labels(&file) {
            Ok(labels) => assert!(labels.as_slice().len() <= file.len()),
            Err(error) => check_message(&error.to_string(), 2000),
        }
    },
    seeds: || {
        let seed =
            |header: &str, n: usize| [vec![1], piece(header.as_bytes()), vec![1; n]].concat();
        vec![
            seed("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 3), }\n", 12),
            seed("{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }\n", 24),
            seed("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }\n", 16),
            seed("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 2, 2, 1), }\n", 8),
        ]
    },
    words: super::arrays::WORDS,
};

pub(super) const DATA_NPZ: Target = Target {
    name: "data-npz",
    about: "data sets as archives of arrays, whole ones and such whose sums are right",
    form: Form::Pieces,
    longest: 1024,
    run: |bytes| {
        let mut pieces = Pieces::new(bytes);
        let crop = usize::from(pieces.byte());
        let preparation = Preparation { crop, threshold: pieces.byte() };
        let archive = match pieces.byte() {
            255 => pieces.rest().to_vec(),
            _ => {
                let mut entries = Vec::new();
                while !pieces.is_empty() && entries.len() < 8 {
                    let name = ARRAYS.get(usize::from(pieces.byte())).copied();
                    let name = name.unwrap_or_else(|| pieces.piece());
                    entries.push((name, super::arrays::array_of(&mut pieces)));
                }
                archive::zip(&entries)
            }
        };
        match load_npz(Path::new("set.npz"), &archive, &preparation) {
            Ok(Split { train, test }) => {
                assert_eq!((train.width(), train.height()), (test.width(), test.height()));
                for set in [train, test] {
                    assert!(!set.is_empty() && set.len() <= archive.len());
                    for sample_idx in 0..set.len() {
                        let active = set.input(sample_idx);
                        assert!(active.is_sorted() && active.len() <= archive.len());
                        assert!(active.iter().all(|&input| (input as usize) < set.n_inputs()));
                        assert!(set.target(sample_idx) < set.n_classes());
                    }
                }
            }
            Err(error) => check_message(&error.to_string(), 4000),
        }
    },
    seeds: || {
        let array = |name: u8, header: &str, values: &[u8]| {
            [vec![name, 1], piece(header.as_bytes()), piece(values)].concat()
        };
        let images = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2), }";
        let labels = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }";
        let arrays = |names: [u8; 4]| -> Vec<u8> {
            let each = |(k, name): (usize, u8)| match k % 2 {
                0 => array(name, images, &[0, 200, 255, 0, 0, 0, 255, 255]),
                _ => array(name, labels, &[0, 1]),
            };
            names.into_iter().enumerate().flat_map(each).collect()
        };
        let plain = |name: &'static str, header: &str, values: &[u8]| {
            (name.as_bytes(), archive::npy(1, header.as_bytes(), values))
        };
        let whole = archive::zip(&[
            plain("x_train.npy", images, &[9; 8]),
            plain("y_train.npy", labels, &[0, 1]),
            plain("x_test.npy", images, &[9; 8]),
            plain("y_test.npy", labels, &[1, 0]),
        ]);
        vec![
            [vec![0, 127, 0], arrays([0, 1, 2, 3])].concat(),
            [vec![1, 127, 0], arrays([4, 5, 6, 7])].concat(),
            [vec![0, 8, 255], whole].concat(),
        ]
    },
    words: super::arrays::WORDS,
};

/// Arrays by a byte for each of their names.
const ARRAYS: [&[u8]; 8] = [
    b"x_train.npy",
    b"y_train.npy",
    b"x_test.npy",
    b"y_test.npy",
    b"X_train.npy",
    b"Y_train.npy",
    b"X_test.npy",
    b"Y_test.npy",
];

fn images(n: u8, n_rows: u8, n_columns: u8) -> Vec<u8> {
    let n_pixels = usize::from(n) * usize::from(n_rows) * usize::from(n_columns);
    let sizes = [0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, n_rows, 0, 0, 0, n_columns];
    let pixels = (0..=u8::MAX).cycle().take(n_pixels);
    sizes.into_iter().chain(pixels).collect()
}

fn labels(n: u8) -> Vec<u8> {
    [0, 0, 8, 1, 0, 0, 0, n].into_iter().chain(0..n).collect()
}

fn idx(bytes: &[u8]) {
    match parse_images(bytes) {
        Ok(images) => {
            let pixels: Vec<u8> = images.iter().flatten().copied().collect();
            assert_eq!(pixels.len(), images.len() * images.n_rows() * images.n_columns());
            let again = Images::new(images.n_rows(), images.n_columns(), pixels);
            assert_eq!(again.as_ref(), Ok(&images));
        }
        Err(error) => check_message(&error.to_string(), 2000),
    }
    match parse_labels(bytes) {
        Ok(labels) => assert!(!labels.as_slice().is_empty()),
        Err(error) => check_message(&error.to_string(), 2000),
    }
}
