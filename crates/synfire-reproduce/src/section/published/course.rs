//! What the sections on circuits read of a course.

use super::{count, percent, signed};
use crate::experiment::published::Course;
use crate::experiment::training::fraction;
use crate::statistics::Spread;

pub(super) type Of = fn(&Course) -> &Vec<u64>;

pub(super) const READOUTS: [(&str, Of); 3] = [
    ("exact", |course| &course.exact),
    ("binary", |course| &course.binary),
    ("potential", |course| &course.potential),
];

/// Of the samples of an epoch, by seed.
pub(super) fn shares(
    courses: &[Course],
    of: &dyn Fn(&Course) -> &Vec<u64>,
    epoch: usize,
) -> Vec<f64> {
    courses
        .iter()
        .map(|course| {
            fraction(of(course).get(epoch - 1).copied().unwrap_or(0), course.train_samples)
        })
        .collect()
}

pub(super) fn at(course: &Course, of: Of, epoch: usize) -> f64 {
    fraction(of(course).get(epoch - 1).copied().unwrap_or(0), course.test_samples)
}

pub(super) fn accuracy_at(courses: &[Course], epoch: usize) -> Vec<f64> {
    courses.iter().map(|course| at(course, |course| &course.potential, epoch)).collect()
}

/// The mean of the last epochs.
pub(super) fn late(course: &Course, of: Of, n_last: usize) -> f64 {
    let n_epochs = course.exact.len();
    let values: Vec<f64> =
        (n_epochs - n_last + 1..=n_epochs).map(|epoch| at(course, of, epoch)).collect();
    Spread::of(&values).mean
}

pub(super) fn last(course: &Course, of: Of) -> String {
    percent(at(course, of, course.exact.len()))
}

pub(super) fn total(course: &Course, epoch: usize) -> f64 {
    let drift = course.drift.get(epoch - 1).copied().unwrap_or_default();
    whole(i64::try_from(drift.iter().sum::<u64>()).unwrap_or(i64::MAX))
}

/// `epoch 2, sample 5,516`.
pub(super) fn place_of(course: &Course, idx: usize) -> String {
    match course.tally.first[idx] {
        None => "none".to_owned(),
        Some(sample) => {
            let per_epoch = course.train_samples.max(1);
            format!("epoch {}, sample {}", sample / per_epoch + 1, count(sample % per_epoch + 1))
        }
    }
}

pub(super) fn ends([least, greatest]: [i32; 2]) -> String {
    format!("{} to {}", signed(least.into()), signed(greatest.into()))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(super) const fn whole(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "epochs are few")]
pub(super) const fn coordinate(epoch: usize) -> f64 {
    epoch as f64
}
