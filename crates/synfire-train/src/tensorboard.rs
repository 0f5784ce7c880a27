//! Event files for TensorBoard: the figures of `metrics.csv` as curves that grow while a run goes on.
//!
//! 1. Figures: [`scalars`] names what a row holds, in groups as TensorBoard shows them.
//! 2. An event: one message of protocol buffers, encoded by hand. Of the many fields of `event.proto` and
//!    `summary.proto` it needs `wall_time`, `step`, `file_version` and of each value `tag` and `simple_value`.
//! 3. A record: length, checksum of the length, event, checksum of the event, as TensorFlow writes them.
//! 4. [`EventFile`]: a version, then one event for each epoch, whose step is the number of the epoch.
//!
//! TensorBoard keeps an event file open and reads on where it was, so that this is the one result that is
//! not replaced as a whole, but grows. What a run that was killed has left of its last event is cut off when
//! the run is resumed, with all epochs after the checkpoint.
//!
//! Values are 32-bit floats, as TensorBoard stores scalars; `metrics.csv` has them in full. There are no
//! other kinds of summaries here. Dates come from the caller.

#![expect(
    clippy::float_arithmetic,
    reason = "a speed and dates for a picture, derived from counts and times"
)]

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::Duration;

use crc::{CRC_32_ISCSI, Crc, Table};

use crate::metrics::EpochMetrics;
use crate::output::{OutputDir, OutputError};

/// Name of the event file in the folder of a run. TensorBoard looks for `tfevents` in it.
pub const EVENT_FILE: &str = "events.out.tfevents.synfire";

/// The version of the form, in the first event.
const FILE_VERSION: &[u8] = b"brain.Event:2";

/// Bytes of a record around its event: length and checksum before, checksum after.
const LENGTHS: [usize; 2] = [12, 4];
/// Longest record of an epoch, in bytes; they have some five hundred.
const LONGEST_EVENT: u64 = 4096;

/// CRC-32C, the polynomial of Castagnoli, by a table of 256 entries: events are short.
const CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISCSI);

/// The figures of a row, by their names in TensorBoard. `n_samples` is the number of training samples.
///
/// `speed/samples_per_second` is missing where no time has passed.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a picture does not need the last digits"
)]
pub(crate) fn scalars(row: &EpochMetrics, n_samples: usize) -> Vec<(&'static str, f32)> {
    let n_dead = row.dead_classes.split_whitespace().count();
    let speed = (row.seconds > 0.0).then(|| n_samples as f64 / row.seconds);
    let figures = [
        ("test/exact", row.test_exact),
        ("test/binary", row.test_binary),
        ("test/potential", row.test_potential),
        ("train/exact", row.train_exact),
        ("train/binary", row.train_binary),
        ("train/potential", row.train_potential),
        ("learning/error_share", row.error_share),
        ("learning/updates", row.updates as f64),
        ("learning/saturated", row.saturated as f64),
        ("learning/dead_classes", n_dead as f64),
        ("learning/hidden_active", row.hidden_active),
        ("check/compared", row.compared as f64),
        ("check/mismatches", row.mismatches as f64),
        ("check/faults", row.faults as f64),
        ("check/test_faults", row.test_faults as f64),
    ];
    let speed = speed.map(|speed| ("speed/samples_per_second", speed));
    figures.into_iter().chain(speed).map(|(tag, value)| (tag, value as f32)).collect()
}

/// The event file of a run, open for further epochs.
#[derive(Debug)]
pub(crate) struct EventFile {
    path: PathBuf,
    file: File,
    n_samples: usize,
}

impl EventFile {
    /// Opens the file of a run of `n_samples` training samples an epoch, whose epochs `rows` are done already.
    ///
    /// What the file holds of these epochs stays as it is; what it lacks of them is added, dated
    /// `unix_time`; everything else is cut off.
    pub(crate) fn open(
        output: &OutputDir,
        rows: &[EpochMetrics],
        n_samples: usize,
        unix_time: Duration,
    ) -> Result<EventFile, OutputError> {
        let path = output.path(EVENT_FILE);
        let open = || {
            let mut options = File::options();
            let mut file =
                options.read(true).write(true).create(true).truncate(false).open(&path)?;
            let mut bytes = Vec::new();
            // Only a run that is resumed has anything to keep.
            if !rows.is_empty() {
                // What is beyond belongs to no epoch that is done.
                let most = LONGEST_EVENT * (1 + rows.len() as u64);
                Read::by_ref(&mut file).take(most).read_to_end(&mut bytes)?;
            }
            let (kept, n_epochs) = kept_events(&bytes, rows.len());
            file.set_len(kept as u64)?;
            file.seek(SeekFrom::End(0))?;
            let mut more = Vec::new();
            if kept == 0 {
                record(&version(unix_time), &mut more);
            }
            for row in rows.iter().skip(n_epochs) {
                record(&event(row, n_samples, unix_time), &mut more);
            }
            file.write_all(&more)?;
            Ok(file)
        };
        match open() {
            Ok(file) => Ok(EventFile { path, file, n_samples }),
            Err(cause) => Err(OutputError::File { path, cause }),
        }
    }

    /// Adds an epoch.
    pub(crate) fn add(
        &mut self,
        row: &EpochMetrics,
        unix_time: Duration,
    ) -> Result<(), OutputError> {
        let mut bytes = Vec::new();
        record(&event(row, self.n_samples, unix_time), &mut bytes);
        self.file
            .write_all(&bytes)
            .map_err(|cause| OutputError::File { path: self.path.clone(), cause })
    }
}

/// How many bytes of an event file are whole events of the epochs 1, 2 and so on up to `n_epochs`, and of
/// how many: what a run that goes on leaves in it.
#[must_use]
pub fn kept_events(bytes: &[u8], n_epochs: usize) -> (usize, usize) {
    let mut rest = bytes;
    if !next_event(&mut rest).is_some_and(|event| event.ends_with(FILE_VERSION)) {
        return (0, 0);
    }
    let mut kept = (bytes.len() - rest.len(), 0);
    while kept.1 < n_epochs && next_event(&mut rest).and_then(step) == Some(kept.1 as u64 + 1) {
        kept = (bytes.len() - rest.len(), kept.1 + 1);
    }
    kept
}

/// The event of the next record, if it is whole and its checksums are right.
fn next_event<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let [before, after] = LENGTHS;
    let (head, body) = rest.split_at_checked(before)?;
    let (length, sum) = head.split_at_checked(8)?;
    let is_right = |bytes: &[u8], sum: &[u8]| masked_crc(bytes).to_le_bytes() == *sum;
    let n_bytes = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
    let (event, tail) = body.split_at_checked(n_bytes)?;
    let (event_sum, tail) = tail.split_at_checked(after)?;
    if !is_right(length, sum) || !is_right(event, event_sum) {
        return None;
    }
    *rest = tail;
    Some(event)
}

/// The step of an event as [`event`] writes it.
fn step(event: &[u8]) -> Option<u64> {
    // The date before it has a tag and eight bytes.
    let (&tag, digits) = event.get(9..)?.split_first()?;
    let mut value = 0;
    for (place, &byte) in digits.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return (tag == 2 << 3).then_some(value);
        }
    }
    None
}

/// The first event of a file.
fn version(unix_time: Duration) -> Vec<u8> {
    let mut event = Vec::new();
    double(1, unix_time.as_secs_f64(), &mut event);
    bytes(3, FILE_VERSION, &mut event);
    event
}

/// The event of an epoch.
fn event(row: &EpochMetrics, n_samples: usize, unix_time: Duration) -> Vec<u8> {
    event_of(row.epoch.into(), &scalars(row, n_samples), unix_time)
}

fn event_of(step: u64, scalars: &[(&str, f32)], unix_time: Duration) -> Vec<u8> {
    let mut summary = Vec::new();
    for &(tag, number) in scalars {
        let mut value = Vec::new();
        bytes(1, tag.as_bytes(), &mut value);
        float(2, number, &mut value);
        bytes(1, &value, &mut summary);
    }
    let mut event = Vec::new();
    double(1, unix_time.as_secs_f64(), &mut event);
    event.push(2 << 3);
    varint(step, &mut event);
    bytes(5, &summary, &mut event);
    event
}

/// Adds the record of an event.
fn record(event: &[u8], to: &mut Vec<u8>) {
    let length = (event.len() as u64).to_le_bytes();
    to.extend(length);
    to.extend(masked_crc(&length).to_le_bytes());
    to.extend(event);
    to.extend(masked_crc(event).to_le_bytes());
}

/// The checksum of a record: rotated and moved, so that it may stand in data that is itself summed up.
fn masked_crc(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Adds a field of eight bytes.
fn double(field: u8, value: f64, to: &mut Vec<u8>) {
    to.push(field << 3 | 1);
    to.extend(value.to_le_bytes());
}

/// Adds a field of four bytes.
fn float(field: u8, value: f32, to: &mut Vec<u8>) {
    to.push(field << 3 | 5);
    to.extend(value.to_le_bytes());
}

/// Adds a field of any length: text, or another message.
fn bytes(field: u8, value: &[u8], to: &mut Vec<u8>) {
    to.push(field << 3 | 2);
    varint(value.len() as u64, to);
    to.extend(value);
}

/// Adds a number, seven bits to a byte, the lowest first.
fn varint(mut value: u64, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    to.push(value.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::evaluate::Evaluation;
    use crate::metrics::{Score, Tally};

    /// Written by `RecordWriter` and `event_pb2` of the Python package tensorboard 2.21.0: the version at
    /// 1700000000.25; at 1700000001.5, in step 300, test/exact = 0.8125 and check/faults = 0.
    const BY_PYTHON: &str = "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32\
        338d2fe936000000000000004f578cef0900006040fc54d94110ac022a280a110a0a746573742f6578616374150000503f0a\
        130a0c636865636b2f6661756c7473150000000044407441";

    fn by_python() -> Vec<u8> {
        let digits = BY_PYTHON.as_bytes().chunks(2);
        digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    fn row(epoch: u32) -> EpochMetrics {
        let score = Score { samples: 8, exact: 1, binary: 2, potential: 3 };
        let tally = Tally { score, errors: 6, updates: 70, faults: 9, compared: 5, mismatches: 4 };
        let mut test = Evaluation::new(3);
        test.faults = 11;
        EpochMetrics::new(epoch, &tally, &test, 33, Duration::from_millis(500))
    }

    #[test]
    fn a_file_is_what_tensorboard_itself_would_write() {
        let mut file = Vec::new();
        record(&version(Duration::from_millis(1_700_000_000_250)), &mut file);
        let scalars = [("test/exact", 0.8125), ("check/faults", 0.0)];
        record(&event_of(300, &scalars, Duration::from_millis(1_700_000_001_500)), &mut file);
        assert_eq!(file, by_python());
        let mut rest = &file[..];
        assert!(next_event(&mut rest).is_some());
        assert_eq!((next_event(&mut rest).and_then(step), rest.len()), (Some(300), 0));
    }

    /// The check value of the catalogue of CRC algorithms for CRC-32/ISCSI, then masked by hand.
    #[test]
    fn checksums() {
        assert_eq!(CRC.checksum(b"123456789"), 0xe306_9283);
        assert_eq!(masked_crc(b"123456789"), 0xc78a_b0e5);
    }

    #[test]
    fn each_figure_of_a_row_has_its_curve() {
        let row = EpochMetrics { dead_classes: "3 7".to_owned(), hidden_active: 50.5, ..row(1) };
        let expected = [
            ("test/exact", 0.0),
            ("test/binary", 0.0),
            ("test/potential", 0.0),
            ("train/exact", 0.125),
            ("train/binary", 0.25),
            ("train/potential", 0.375),
            ("learning/error_share", 0.75),
            ("learning/updates", 70.0),
            ("learning/saturated", 33.0),
            ("learning/dead_classes", 2.0),
            ("learning/hidden_active", 50.5),
            ("check/compared", 5.0),
            ("check/mismatches", 4.0),
            ("check/faults", 9.0),
            ("check/test_faults", 11.0),
            ("speed/samples_per_second", 16.0),
        ];
        assert_eq!(scalars(&row, 8), expected);
        let at_once = EpochMetrics { seconds: 0.0, ..row };
        assert_eq!(scalars(&at_once, 8), expected[..15], "no speed without time");
    }

    const NOON: Duration = Duration::from_secs(1_700_000_000);

    /// What a file says: the steps in their order, and how long it is.
    fn steps(output: &OutputDir) -> (Vec<u64>, usize) {
        let bytes = std::fs::read(output.path(EVENT_FILE)).unwrap();
        let mut rest = &bytes[..];
        assert!(next_event(&mut rest).unwrap().ends_with(FILE_VERSION));
        let steps = std::iter::from_fn(|| next_event(&mut rest).map(|event| step(event).unwrap()));
        let steps = steps.collect();
        assert_eq!(rest, b"", "nothing else is there");
        (steps, bytes.len())
    }

    #[test]
    fn a_file_grows_and_a_new_run_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let output = OutputDir::open(dir.path()).unwrap();
        for _ in 0..2 {
            let mut file = EventFile::open(&output, &[], 8, NOON).unwrap();
            for epoch in 1..=3 {
                file.add(&row(epoch), NOON).unwrap();
                assert_eq!(steps(&output).0.len(), epoch as usize, "there at once");
            }
            assert_eq!(steps(&output).0, [1, 2, 3]);
        }
    }

    /// Whatever a run that was killed has left, there is each step once.
    #[test]
    fn a_resumed_run_repeats_no_step_and_keeps_dates() {
        let dir = tempfile::tempdir().unwrap();
        let output = OutputDir::open(dir.path()).unwrap();
        let rows: Vec<_> = (1..=4).map(row).collect();
        drop(EventFile::open(&output, &rows[..3], 8, NOON).unwrap());
        let whole = std::fs::read(output.path(EVENT_FILE)).unwrap();
        let one = (whole.len() - (whole.len() - 40) / 3 * 3, (whole.len() - 40) / 3);
        assert_eq!(one.0, 40, "the version; events are equally long");
        let late = NOON + Duration::from_secs(60);
        for (n_done, next) in (0..=4).zip(1..) {
            for left in
                [0, 1, 39, 40, 41, 40 + one.1, whole.len() - one.1, whole.len() - 1, whole.len()]
            {
                std::fs::write(output.path(EVENT_FILE), &whole[..left]).unwrap();
                let mut file = EventFile::open(&output, &rows[..n_done], 8, late).unwrap();
                file.add(&row(next), late).unwrap();
                let expected: Vec<u64> = (1..=u64::from(next)).collect();
                assert_eq!(steps(&output).0, expected, "{n_done} epochs, {left} bytes");
                if n_done > 0 {
                    let common = left.saturating_sub(40) / one.1;
                    let common = if left < 40 { 0 } else { 40 + one.1 * common.min(n_done) };
                    let bytes = std::fs::read(output.path(EVENT_FILE)).unwrap();
                    assert!(bytes[..common] == whole[..common], "what was there has changed");
                }
            }
        }
        // A bit that has flipped, in a length, a date or a checksum: what comes before it stays.
        for place in [41, 60, whole.len() - one.1 - 1] {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            std::fs::write(output.path(EVENT_FILE), &damaged).unwrap();
            drop(EventFile::open(&output, &rows[..3], 8, late).unwrap());
            assert_eq!(steps(&output).0, [1, 2, 3], "byte {place}");
        }
        std::fs::write(output.path(EVENT_FILE), b"a file of somebody else").unwrap();
        drop(EventFile::open(&output, &rows[..1], 8, late).unwrap());
        assert_eq!(steps(&output).0, [1]);
    }

    /// What is kept is whole to the bit, of this form, and of consecutive epochs from the first on.
    #[test]
    fn what_is_kept_is_whole_and_in_order() {
        let file = |events: &[Vec<u8>]| {
            let mut file = Vec::new();
            events.iter().for_each(|event| record(event, &mut file));
            file
        };
        let of_epoch = |epoch| event(&row(epoch), 8, NOON);
        let events = [version(NOON), of_epoch(1), of_epoch(2)];
        let whole = file(&events);
        let ends = [1, 2, 3].map(|n| file(&events[..n]).len());
        assert_eq!(kept_events(&whole, 2), (whole.len(), 2));
        assert_eq!(kept_events(&whole, 1), (ends[1], 1));
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            let n_whole = ends.iter().filter(|&&end| end <= place).count();
            let kept = if n_whole == 0 { (0, 0) } else { (ends[n_whole - 1], n_whole - 1) };
            assert_eq!(kept_events(&damaged, 2), kept, "byte {place}");
        }
        let kept = |events: &[Vec<u8>]| kept_events(&file(events), 2).1;
        assert_eq!(kept(&[version(NOON), of_epoch(2), of_epoch(1)]), 0);
        assert_eq!(kept(&[version(NOON), of_epoch(1), of_epoch(1)]), 1);
        assert_eq!(kept_events(&file(&[of_epoch(1), of_epoch(2)]), 2), (0, 0), "no version");
        let mut other = of_epoch(1);
        other[9] = 4 << 3;
        assert_eq!(kept(&[version(NOON), other]), 0, "another field where the step stands");
    }

    /// A file of which more would be kept than a run writes is not read whole.
    #[test]
    fn a_file_is_read_as_far_as_it_can_be_ours() {
        let dir = tempfile::tempdir().unwrap();
        let output = OutputDir::open(dir.path()).unwrap();
        let mut large = Vec::new();
        record(&[vec![0; 10_000], FILE_VERSION.to_vec()].concat(), &mut large);
        assert_eq!(kept_events(&large, 1), (large.len(), 0));
        std::fs::write(output.path(EVENT_FILE), &large).unwrap();
        drop(EventFile::open(&output, &[row(1)], 8, NOON).unwrap());
        assert!(steps(&output).1 < 10_000);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let output = OutputDir::open(dir.path()).unwrap();
        std::fs::create_dir(output.path(EVENT_FILE)).unwrap();
        let message = EventFile::open(&output, &[], 8, NOON).err().unwrap().to_string();
        assert!(message.contains("events.out.tfevents.synfire cannot be written: "), "{message}");
    }
}
