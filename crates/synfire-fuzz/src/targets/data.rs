//! Data sets: IDX files, plain and packed; arrays of NumPy.

use synfire_data::idx::{Images, parse_images, parse_labels};

use synfire_data::npy;

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
        Err(error) => drop(error.to_string()),
    }
    match parse_labels(bytes) {
        Ok(labels) => assert!(!labels.as_slice().is_empty()),
        Err(error) => drop(error.to_string()),
    }
}
