//! Data sets: IDX files, plain and packed.

use synfire_data::idx::{Images, parse_images, parse_labels};

use super::{Form, Target};
use crate::archive::gzip;

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
