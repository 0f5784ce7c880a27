//! What a run writes beside its weights: metrics, the table of seeds, events.

use crc::{CRC_32_ISCSI, Crc};
use synfire_train::{kept_events, metrics_csv, parse_metrics_csv, parse_seeds_csv};

use super::{Form, Target, check_message};
use crate::pieces::{Pieces, piece};

const METRICS_ROWS: &str = "epoch,train_exact,train_binary,train_potential,test_exact,test_binary,test_potential,\
error_share,updates,saturated,faults,compared,mismatches,seconds,dead_classes,test_faults,hidden_active\n\
1,0.5,0.25,0.125,0.1,1,0,1e-3,12345,2,0,100,0,1.5,,0,27.5\n2,1,1,1,1,1,1,0,0,0,0,0,0,0,0 3 9,0,0\n";

const SEEDS_ROWS: &str = "seed,epochs,last_exact,last_binary,last_potential,best_exact,best_exact_epoch,best_binary,\
best_binary_epoch,best_potential,best_potential_epoch,compared,mismatches,faults,seconds\n\
7,2,0.5,0.5,0.5,0.5,1,0.5,2,0.5,1,100,0,0,3.25\n";

pub(super) const METRICS: Target = Target {
    name: "metrics",
    about: "metrics and tables of seeds, as CSV",
    form: Form::Bytes,
    longest: 512,
    run: metrics,
    seeds: || vec![METRICS_ROWS.as_bytes().to_vec(), SEEDS_ROWS.as_bytes().to_vec()],
    words: &[
        "epoch,",
        "seed,",
        "epochs,",
        "dead_classes",
        "\"",
        ",",
        "\n",
        "nan",
        "inf",
        "1e309",
        "-0",
        "4294967296",
        "18446744073709551616",
        "\r\n",
        "0 3 9",
    ],
};

fn metrics(bytes: &[u8]) {
    match parse_metrics_csv(bytes) {
        Ok(rows) => {
            let written = metrics_csv(&rows).expect("rows in memory");
            let again = parse_metrics_csv(&written).expect("what was written can be read");
            // Compared as text, as no number equals what is none.
            assert_eq!(metrics_csv(&again).expect("rows in memory"), written);
        }
        Err(error) => check_message(&error.to_string(), 2000),
    }
    match parse_seeds_csv(bytes) {
        Ok(rows) => assert!(rows.len() <= bytes.len()),
        Err(error) => check_message(&error.to_string(), 2000),
    }
}

pub(super) const EVENTS: Target = Target {
    name: "events",
    about: "event files of a run that goes on, their sums right",
    form: Form::Pieces,
    longest: 256,
    run: |bytes| {
        let mut pieces = Pieces::new(bytes);
        let mut file = Vec::new();
        while !pieces.is_empty() && file.len() < 4096 {
            match pieces.byte() {
                255 => file.extend(pieces.piece()),
                _ => file.extend(record(pieces.piece())),
            }
        }
        for n_epochs in [0, 1, 3] {
            let (n_bytes, n_kept) = kept_events(&file, n_epochs);
            assert!(n_bytes <= file.len() && n_kept <= n_epochs);
            assert_eq!(kept_events(&file[..n_bytes], n_epochs), (n_bytes, n_kept));
        }
    },
    seeds: || {
        let event = |bytes: &[u8]| [vec![0], piece(bytes)].concat();
        let version = event(b"\x09\0\0\0\0\0\0\0\0\x1a\x0dbrain.Event:2");
        let epoch = |n: u8| event(&[9, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, n, 0x2a, 0]);
        vec![version.clone(), [version, epoch(1), epoch(2)].concat()]
    },
    words: &["brain.Event:2", "\u{10}\u{1}"],
};

/// A record of an event file, as the format has it: length, its sum, the event, its sum.
fn record(event: &[u8]) -> Vec<u8> {
    const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
    let masked = |bytes: &[u8]| {
        let sum = CRC.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8);
        sum.to_le_bytes()
    };
    let length = (event.len() as u64).to_le_bytes();
    [&length[..], &masked(&length), event, &masked(event)].concat()
}
