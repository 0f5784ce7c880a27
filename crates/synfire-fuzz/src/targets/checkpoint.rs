//! Checkpoints, and the state of an engine in them.

use std::borrow::Cow;

use synfire_data::sha256_hex;
use synfire_net::{EngineState, Part};
use synfire_train::Checkpoint;

use super::runs::recorded;
use super::{Form, Target, check_message};
use crate::pieces::{Pieces, piece};

const WORDS: &[&str] = &[
    "\"dtype\":",
    "\"shape\":",
    "\"data_offsets\":",
    "\"__metadata__\":",
    "\"U8\"",
    "\"I16\"",
    "\"F4\"",
    "\"U64\"",
    "[0,18446744073709551615]",
    "[9223372036854775807,9223372036854775807]",
    "\"synfire\"",
    "\"sha256\"",
    "learner.w1",
    "learner.w2Tp",
    "learner.next_sample",
    "learner.turn",
    "learner.reference.w1",
    "learner.stale.w1",
    "[[[[[[[[",
    "format = 1\n",
    "is-reference = true\n",
    "is-reference = false\n",
    "metrics = ",
    "run = ",
    "[same]\n",
    "[position]\n",
    "epochs = ",
    "samples = ",
    "seconds = ",
    "secs = ",
    "nanos = ",
    "[position.tally]\n",
    "[position.tally.score]\n",
];

pub(super) const CHECKPOINT: Target = Target {
    name: "checkpoint",
    about: "checkpoints, their sum made right",
    form: Form::Bytes,
    longest: 4096,
    run: |bytes| {
        let mut sealed = bytes.to_vec();
        if let Some(end) = sealed.len().checked_sub(64) {
            let sum = sha256_hex(&sealed[..end]);
            sealed[end..].copy_from_slice(sum.as_bytes());
        }
        check(&sealed);
    },
    seeds: || vec![file(&seed_entry(true), &reference_arrays()), file("format = 2", &[])],
    words: WORDS,
};

pub(super) const CHECKPOINT_PARTS: Target = Target {
    name: "checkpoint-parts",
    about: "checkpoints of hostile parts: entry, and arrays by name and type",
    form: Form::Pieces,
    longest: 4096,
    run: |bytes| {
        let mut pieces = Pieces::new(bytes);
        let entry = pieces.text();
        let mut arrays = Vec::new();
        while !pieces.is_empty() && arrays.len() < 24 {
            let name = name_of(&mut pieces);
            arrays.push((name, WIDTHS[usize::from(pieces.byte()) % WIDTHS.len()], pieces.piece()));
        }
        let arrays: Vec<_> =
            arrays.iter().map(|(name, kind, bytes)| (&name[..], *kind, *bytes)).collect();
        check(&file(entry, &arrays));
    },
    seeds: || {
        let arrays = |arrays: &[(&str, &str, &[u8])]| -> Vec<u8> {
            let one = |(name, kind, bytes): &(&str, &str, &[u8])| {
                let known = NAMES.iter().position(|known| known == name).unwrap_or(usize::MAX);
                let name = match u8::try_from(known) {
                    Ok(known) => vec![known],
                    Err(_) => [vec![u8::MAX], piece(name.as_bytes())].concat(),
                };
                let kind = WIDTHS.iter().position(|(width, _)| width == kind).unwrap_or(0);
                [name, vec![u8::try_from(kind).unwrap_or(0)], piece(bytes)].concat()
            };
            arrays.iter().flat_map(one).collect()
        };
        let reference: Vec<_> = reference_arrays()
            .iter()
            .map(|&(name, (kind, _), bytes)| (name, kind, bytes))
            .collect();
        let circuit: &[(&str, &str, &[u8])] = &[
            ("step", "U64", &[1, 0, 0, 0, 0, 0, 0, 0]),
            ("operations", "U64", &[0; 48]),
            ("next_sample", "U64", &[0; 8]),
            ("turn", "U8", &[3]),
            ("sizes", "U32", &[1, 0, 0, 0]),
            ("currents", "I64", &[0; 8]),
            ("held", "U8", &[0]),
            ("plastic", "U8", &[0, 1]),
            ("weights.1", "I16", &[2, 0]),
        ];
        let same = "\n[same]\nvoltages = \"currents\"\n";
        let [with, without] = [seed_entry(true), seed_entry(false) + same];
        vec![
            [piece(with.as_bytes()), arrays(&reference)].concat(),
            [piece(without.as_bytes()), arrays(circuit)].concat(),
        ]
    },
    words: WORDS,
};

const WIDTHS: [(&str, usize); 6] =
    [("U8", 1), ("I16", 2), ("U32", 4), ("I64", 8), ("U64", 8), ("F32", 4)];

/// Names of arrays, by a byte.
const NAMES: [&str; 40] = [
    "w1",
    "w2",
    "w2Tp",
    "w2Tm",
    "step",
    "seed",
    "operations",
    "sizes",
    "currents",
    "voltages",
    "held",
    "in_flight.layer",
    "in_flight.steps",
    "in_flight.neuron",
    "in_flight.charge",
    "plastic",
    "weights.0",
    "weights.1",
    "delays.0",
    "delays.1",
    "tags.0",
    "tags.1",
    "x1.0",
    "x2.0",
    "y1.0",
    "y2.0",
    "y3.0",
    "last_pre.0",
    "last_post.0",
    "reward.0",
    "next_sample",
    "turn",
    "reference.w1",
    "reference.w2",
    "reference.feedback_plus",
    "reference.feedback_minus",
    "stale.w1",
    "stale.w2",
    "stale.feedback_plus",
    "stale.feedback_minus",
];

fn name_of(pieces: &mut Pieces<'_>) -> String {
    let known = usize::from(pieces.byte());
    NAMES.get(known).map_or_else(|| pieces.text().to_owned(), |name| (*name).to_owned())
}

/// Arrays of a run of layers 4, 3 and 2.
fn reference_arrays() -> Vec<(&'static str, (&'static str, usize), &'static [u8])> {
    let i16 = ("I16", 2);
    vec![
        ("w1", i16, &[2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0]),
        ("w2", i16, &[4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0]),
        ("w2Tp", i16, &[4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0]),
        ("w2Tm", i16, &[0xfc, 0xff, 0xfc, 0xff, 0xfc, 0xff, 0xfc, 0xff, 0xfc, 0xff, 0xfc, 0xff]),
    ]
}

fn seed_entry(is_reference: bool) -> String {
    format!(
        "format = 1\nrun = '''\n{}'''\nmetrics = \"\"\nis-reference = {is_reference}\n[position]\nepochs = 0\n\
         samples = 0\nis-trained = false\nhas-mismatch = false\nhas-fault = false\nhas-test-fault = false\n\
         seconds = {{ secs = 0, nanos = 0 }}\ntally = {{ errors = 0, updates = 0, faults = 0, compared = 0, \
         mismatches = 0, score = {{ samples = 0, exact = 0, binary = 0, potential = 0 }} }}\n[same]\n",
        recorded()
    )
}

/// A file of safetensors with an entry and arrays, and the sum of it all.
fn file(entry: &str, arrays: &[(&str, (&str, usize), &[u8])]) -> Vec<u8> {
    let quoted = |text: &str| -> String {
        let escaped = |c: char| match c {
            '"' | '\\' => format!("\\{c}"),
            c if u32::from(c) < 32 => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        };
        format!("\"{}\"", text.chars().map(escaped).collect::<String>())
    };
    let mut header = format!("{{\"__metadata__\":{{\"synfire\":{}}}", quoted(entry));
    let mut values = Vec::new();
    let sum = [b'0'; 64];
    let arrays =
        arrays.iter().map(|(name, kind, bytes)| (format!("learner.{name}"), *kind, *bytes));
    for (name, (kind, width), bytes) in arrays.chain([("sha256".to_owned(), ("U8", 1), &sum[..])]) {
        let n = bytes.len() / width;
        let begin = values.len();
        values.extend(&bytes[..n * width]);
        header += &format!(
            ",{}:{{\"dtype\":\"{kind}\",\"shape\":[{n}],\"data_offsets\":[{begin},{}]}}",
            quoted(&name),
            values.len()
        );
    }
    header.push('}');
    let mut file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &values].concat();
    let end = file.len() - 64;
    let sum = sha256_hex(&file[..end]);
    file[end..].copy_from_slice(sum.as_bytes());
    file
}

fn check(bytes: &[u8]) {
    match Checkpoint::parse(bytes) {
        Ok(checkpoint) => {
            let written = checkpoint.to_bytes().expect("what was read can be written");
            let again = Checkpoint::parse(&written).expect("what was written can be read");
            // Compared as bytes, as no number of the metrics equals what is none.
            assert_eq!(again.to_bytes().ok(), Some(written));
            assert_eq!(again.run_text(), checkpoint.run_text());
        }
        Err(error) => check_message(&error.to_string(), 4000),
    }
}

pub(super) const STATE: Target = Target {
    name: "state",
    about: "the state of an engine as named arrays",
    form: Form::Pieces,
    longest: 512,
    run: state,
    seeds: || {
        let number = |name: &str| NAMES.iter().position(|known| *known == name).unwrap_or(255);
        let part = |name: &str, width: u8, bytes: &[u8]| {
            [vec![u8::try_from(number(name)).unwrap_or(255), width], piece(bytes)].concat()
        };
        let layers = [
            part("step", 4, &[1, 0, 0, 0, 0, 0, 0, 0]),
            part("operations", 4, &[0; 48]),
            part("sizes", 2, &[2, 0, 0, 0, 1, 0, 0, 0]),
            part("currents", 3, &[0; 24]),
            part("voltages", 3, &[1; 24]),
            part("held", 0, &[0; 3]),
        ]
        .concat();
        let charges = [
            part("in_flight.layer", 2, &[0, 0, 0, 0]),
            part("in_flight.steps", 0, &[3]),
            part("in_flight.neuron", 2, &[0, 0, 0, 0]),
            part("in_flight.charge", 3, &[9; 8]),
        ]
        .concat();
        let learner = [
            part("plastic", 0, &[2, 0, 1]),
            part("weights.0", 1, &[2, 0, 4, 0]),
            part("x1.0", 0, &[7]),
            part("reward.0", 0, &[1, 2, 1]),
        ]
        .concat();
        vec![layers.clone(), [layers, charges, learner].concat()]
    },
    words: &["weights.2", "reward.1", "y3.1"],
};

fn state(bytes: &[u8]) {
    let mut pieces = Pieces::new(bytes);
    let mut parts = Vec::new();
    while !pieces.is_empty() && parts.len() < 40 {
        let name = name_of(&mut pieces);
        let width = pieces.byte();
        let bytes = pieces.piece();
        parts.push(match width % 5 {
            0 => Part::new::<u8>(name, bytes.to_vec()),
            1 => Part::new::<i16>(name, split(bytes, i16::from_le_bytes)),
            2 => Part::new::<u32>(name, split(bytes, u32::from_le_bytes)),
            3 => Part::new::<i64>(name, split(bytes, i64::from_le_bytes)),
            _ => Part::new::<u64>(name, split(bytes, u64::from_le_bytes)),
        });
    }
    match EngineState::from_parts(parts) {
        Ok(state) => {
            let again = EngineState::from_parts(state.parts());
            assert_eq!(again.as_ref(), Ok(&state));
        }
        Err(error) => check_message(&error.to_string(), 4000),
    }
}

fn split<T: Clone, const N: usize>(bytes: &[u8], of: fn([u8; N]) -> T) -> Cow<'static, [T]> {
    let (chunks, _) = bytes.as_chunks();
    Cow::Owned(chunks.iter().map(|chunk| of(*chunk)).collect())
}
