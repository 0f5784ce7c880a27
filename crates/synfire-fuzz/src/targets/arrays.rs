//! Arrays of NumPy: single ones, and archives of them as weights.

use synfire_exchange::{
    Array, Npz, SpikeFile, Tensors, WeightFile, parse_npy, write_npy, write_weight_tensors,
    write_weights,
};
use synfire_reference::{Shape, WeightLimits, Weights, init};

use super::{Form, Target, check_message};
use crate::archive::{npy, zip};
use crate::pieces::{Pieces, piece};

pub(super) const WORDS: &[&str] = &[
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }",
    "'descr'",
    "'fortran_order'",
    "'shape'",
    "True",
    "False",
    "'|i1'",
    "'>i4'",
    "'<i8'",
    "'<u8'",
    "'<f4'",
    "'<f8'",
    "'|b1'",
    "'<U4'",
    "'|S3'",
    "'|O'",
    "('a', '<i2')",
    "[('a', '<i2', (2,))]",
    "()",
    "(3,)",
    "(2, 3)",
    "(0, 4)",
    "(-1, 4)",
    "(65536, 65536)",
    "(4294967296, 4294967296)",
    "18446744073709551616",
    "((((",
    "w1",
    "w2",
    "w2Tp",
    "w2Tm",
    ".npy",
    "../../",
    "NUMPY",
];

pub(super) const NPY: Target = Target {
    name: "npy",
    about: "single arrays of NumPy",
    form: Form::Pieces,
    longest: 256,
    run: |bytes| {
        let array = array_of(&mut Pieces::new(bytes));
        check_array(&array);
    },
    seeds: || {
        HEADERS
            .iter()
            .map(|header| entry(1, header, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]))
            .collect()
    },
    words: WORDS,
};

const HEADERS: [&str; 6] = [
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }\n",
    "{'descr': '|i1', 'fortran_order': True, 'shape': (3, 4), }\n",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n",
    "{'descr': '|b1', 'fortran_order': False, 'shape': (), }\n",
    "{'descr': '<U1', 'fortran_order': False, 'shape': (3,), }\n",
    "{'descr': '>i8', 'fortran_order': False, 'shape': (1, 1), }\n",
];

/// An array as pieces: how it is made, its header, its values.
fn entry(version: u8, header: &str, values: &[u8]) -> Vec<u8> {
    [vec![version], piece(header.as_bytes()), piece(values)].concat()
}

/// An array made of pieces; version 255 is any bytes.
pub(super) fn array_of(pieces: &mut Pieces<'_>) -> Vec<u8> {
    match pieces.byte() {
        255 => pieces.piece().to_vec(),
        version => npy(version, pieces.piece(), pieces.piece()),
    }
}

fn check_array(bytes: &[u8]) {
    match parse_npy(bytes) {
        Ok(array) => {
            assert!(array.values().len() <= bytes.len().max(1), "more than there is");
            let written = write_npy(&array);
            let again = parse_npy(&written).expect("what was written can be read");
            // Compared as bytes, as no number equals what is none.
            assert_eq!(write_npy(&again), written);
        }
        Err(error) => check_message(&error.to_string(), 2000),
    }
}

pub(super) const NPZ: Target = Target {
    name: "npz",
    about: "archives of arrays, as weights and as any arrays",
    form: Form::Bytes,
    longest: 1024,
    run: check_archive,
    seeds: || {
        let (shape, weights) = weights();
        let archive = write_weights(&weights).expect("a small archive");
        let array = write_npy(&Array::list(vec![1_i64, 2]));
        vec![archive, write_weight_tensors(&weights, &shape), zip(&[(b"a.npy", array)]), zip(&[])]
    },
    words: &[
        "PK\u{1}\u{2}",
        "PK\u{3}\u{4}",
        "PK\u{5}\u{6}",
        "PK\u{6}\u{6}",
        "PK\u{6}\u{7}",
        "w1.npy",
        "w2.npy",
    ],
};

fn weights() -> (Shape, Weights) {
    let shape = Shape::new(&[3, 2, 2]).expect("three layers");
    let weights = init::he(&shape, 1);
    (shape, weights)
}

pub(super) const TENSORS: Target = Target {
    name: "tensors",
    about: "safetensors files, as weights and as any arrays",
    form: Form::Pieces,
    longest: 1536,
    run: |bytes| {
        let mut pieces = Pieces::new(bytes);
        let header = pieces.piece();
        let length = (header.len() as u64).to_le_bytes();
        let file = [&length[..], header, pieces.rest()].concat();
        check_archive(&file);
        if let Ok(tensors) = Tensors::parse(&file) {
            for name in tensors.names().iter().take(8) {
                match tensors.array(name) {
                    Ok(array) => check_array(&write_npy(&array)),
                    Err(error) => check_message(&error.to_string(), 10_000),
                }
            }
        }
    },
    seeds: || {
        let (shape, weights) = weights();
        let file = write_weight_tensors(&weights, &shape);
        let (length, rest) = file.split_at(8);
        let (header, values) =
            rest.split_at(length.iter().rev().fold(0, |n, &b| n << 8 | usize::from(b)));
        vec![[piece(header), values.to_vec()].concat()]
    },
    words: &[
        "\"__metadata__\":",
        "\"dtype\":",
        "\"shape\":",
        "\"data_offsets\":",
        "\"I16\"",
        "\"F16\"",
        "\"BOOL\"",
        "\"F64\"",
        "\"U64\"",
        "\"F4\"",
        "[0,12]",
        "[]",
        "[0]",
        "18446744073709551615",
        "4294967296",
        "-1",
        "1e9",
        "\"w1\"",
        "\"w2\"",
        "\"format\":",
        "\"format_version\":",
        "\"synfire-weights\"",
        "\\u0000",
        "{{{{",
        "[[[[",
    ],
};

pub(super) const SPIKE_FILE: Target = Target {
    name: "spike-file",
    about: "spikes on record of a chip, in archives whose sums are right",
    form: Form::Pieces,
    longest: 512,
    run: |bytes| {
        let names: [&[u8]; 4] = [b"o.npy", b"h.npy", b"raster.npy", b"raster_layers.npy"];
        match SpikeFile::parse(&archive_of(bytes, &names)) {
            Ok(file) => {
                for layer in file.layers() {
                    assert!(layer.spikes.is_sorted());
                    assert!(
                        layer.spikes.iter().all(|spike| (spike.column as usize) < layer.n_steps)
                    );
                }
            }
            Err(error) => check_message(&error.to_string(), 10_000),
        }
    },
    seeds: || {
        let named =
            |name: u8, header: &str, values: &[u8]| [vec![name], entry(1, header, values)].concat();
        let columns = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";
        let rows = "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }";
        let texts = "{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }";
        let raster = named(2, rows, &[1, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0]);
        vec![
            [named(0, columns, &[0, 1, 0, 0, 0, 1]), named(1, columns, &[0; 6])].concat(),
            [raster, named(3, texts, &[b'o', 0, 0, 0, b'h', 0, 0, 0])].concat(),
            named(
                0,
                "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 9223372036854775807), }",
                &[],
            ),
        ]
    },
    words: WORDS,
};

pub(super) const NPZ_ENTRIES: Target = Target {
    name: "npz-entries",
    about: "archives whose own sums and sizes are right",
    form: Form::Pieces,
    longest: 512,
    run: |bytes| check_archive(&archive_of(bytes, &NAMES)),
    seeds: || {
        let small = |header: &str, n: usize| entry(1, header, &vec![2; n]);
        let w1 = small("{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }", 6);
        let w2 = small("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 2), }", 8);
        let named = |name: u8, entry: &[u8]| [&[name], entry].concat();
        let forward = [named(0, &w1), named(1, &w2)].concat();
        let feedback = [named(2, &w2), named(3, &w2)].concat();
        vec![forward.clone(), [forward, feedback].concat(), named(6, &w1)]
    },
    words: WORDS,
};

const NAMES: [&[u8]; 8] = [
    b"w1.npy",
    b"w2.npy",
    b"w2Tp.npy",
    b"w2Tm.npy",
    b"w3.npy",
    b"w3Tp.npy",
    b"../../w1.npy",
    b"a.txt",
];

/// An archive of at most eight entries, each with a byte for its name; beyond the known ones the name is a piece.
fn archive_of(bytes: &[u8], names: &[&[u8]]) -> Vec<u8> {
    let mut pieces = Pieces::new(bytes);
    let mut entries = Vec::new();
    while !pieces.is_empty() && entries.len() < 8 {
        let name = usize::from(pieces.byte());
        let name = names.get(name).copied().unwrap_or_else(|| pieces.piece());
        entries.push((name, array_of(&mut pieces)));
    }
    zip(&entries)
}

fn check_archive(bytes: &[u8]) {
    match WeightFile::parse(bytes, WeightLimits::CIRCUIT) {
        Ok(file) => {
            let sizes = file.sizes();
            assert!(sizes.len() > 2 && sizes.iter().all(|&size| size > 0));
            if let Ok(shape) = Shape::new(&sizes)
                && let Ok(weights) = file.into_weights(&shape)
            {
                let written = write_weights(&weights).expect("a small archive");
                let again = WeightFile::parse(&written, shape.limits());
                let again = again.and_then(|file| file.into_weights(&shape));
                assert!(again.is_ok_and(|again| again == weights));
            }
        }
        Err(error) => check_message(&error.to_string(), 10_000),
    }
    if let Ok(mut archive) = Npz::parse(bytes) {
        let names: Vec<String> = archive.names().iter().take(8).cloned().collect();
        for name in names {
            match archive.array(&name) {
                Ok(array) => check_array(&write_npy(&array)),
                Err(error) => check_message(&error.to_string(), 10_000),
            }
        }
    }
}
