//! A real axis, linear or logarithmic: where a value lies on it, and which round values are written beside it.
//!
//! Logarithms are computed here by multiplication alone, because those of a system's library may differ in the last
//! bit from machine to machine.

use crate::canvas::pixel;

/// An axis. What lies beyond its ends is cut off.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// The quantity and its unit.
    pub label: String,
    /// The value at its beginning.
    pub low: f64,
    /// The value at its end, above `low`.
    pub high: f64,
    /// Whether equal ways are equal factors; then `low` is above 0.
    pub is_log: bool,
}

/// From values to pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    is_log: bool,
    /// Pixels at the ends.
    pub(crate) start: i32,
    pub(crate) end: i32,
}

impl Scale {
    pub(crate) fn new(axis: &Axis, start: i32, end: i32) -> Scale {
        Scale { low: axis.low, high: axis.high, is_log: axis.is_log, start, end }
    }

    /// The share of the axis before a value: 0 to 1 for those on it.
    pub(crate) fn share(&self, value: f64) -> f64 {
        if self.is_log {
            let low = log2(self.low);
            return (log2(value) - low) / (log2(self.high) - low);
        }
        (value - self.low) / (self.high - self.low)
    }

    /// The pixel at a share.
    pub(crate) fn pixel(&self, share: f64) -> i32 {
        self.start + pixel(share * f64::from(self.end - self.start))
    }

    pub(crate) fn at(&self, value: f64) -> i32 {
        self.pixel(self.share(value))
    }

    /// Round values on the axis and how they are written.
    pub(crate) fn ticks(&self, n: u32) -> Vec<(f64, String)> {
        // What is rounded on its way still lies on the axis.
        let is_on = |value: f64| (-1e-9..=1.0 + 1e-9).contains(&self.share(value));
        let even = || self.even_ticks(n).into_iter().filter(|(value, _)| is_on(*value)).collect();
        if !self.is_log {
            return even();
        }
        let n_decades = (log2(self.high) - log2(self.low)) / log2(10.0);
        if n_decades < 0.7 {
            return even();
        }
        let factors: &[i64] = if n_decades < 2.5 { &[1, 2, 5] } else { &[1] };
        let all = (-324..=307).flat_map(|power| factors.iter().map(move |&factor| (factor, power)));
        let mut ticks: Vec<(f64, String)> = all
            .map(|(factor, power)| written(factor, power))
            .filter(|(value, _)| *value > 0.0 && value.is_finite() && is_on(*value))
            .collect();
        let every = ticks.len().div_ceil(usize::try_from(n).unwrap_or(usize::MAX)).max(1);
        if factors.len() == 1 {
            ticks = ticks.into_iter().step_by(every).collect();
        }
        ticks
    }

    /// Values at equal distances, which are 1, 2 or 5 times a power of ten.
    #[expect(clippy::cast_possible_truncation, reason = "at most 1e15")]
    fn even_ticks(&self, n: u32) -> Vec<(f64, String)> {
        let least = (self.high - self.low) / f64::from(n);
        let all = (-324..=307).flat_map(|power| [1, 2, 5].map(|factor| (factor, power)));
        let found = all.map(|(factor, power)| (factor, power, written(factor, power).0));
        let Some((factor, power, distance)) =
            { found }.find(|&(.., distance)| distance > 0.0 && distance * (1.0 + 1e-9) >= least)
        else {
            return Vec::new();
        };
        let first = (self.low / distance).floor();
        // Beyond this neighbours cannot be told apart.
        if first.abs() > 1e15 {
            return Vec::new();
        }
        (0..=i64::from(n) + 2).map(|k| written((first as i64 + k) * factor, power)).collect()
    }
}

/// `factor` times a power of ten, as a number and as text, both without the rounding of a product.
fn written(factor: i64, power: i32) -> (f64, String) {
    let value: f64 = format!("{factor}e{power}").parse().unwrap_or(0.0);
    let is_plain = value == 0.0 || (value.abs() >= 1e-5 && value.abs() < 1e7);
    let label = match usize::try_from(-power) {
        _ if !is_plain => format!("{value:e}"),
        Ok(n_decimals) => format!("{value:.n_decimals$}"),
        Err(_) => format!("{value:.0}"),
    };
    (value, label)
}

/// The binary logarithm of a finite number above 0, to 48 binary places.
fn log2(value: f64) -> f64 {
    let mut rest = value;
    let mut whole = 0.0;
    while rest >= 2.0 && rest.is_finite() {
        rest /= 2.0;
        whole += 1.0;
    }
    while rest < 1.0 && rest > 0.0 {
        rest *= 2.0;
        whole -= 1.0;
    }
    let mut place = 0.5;
    for _ in 0..48 {
        rest *= rest;
        if rest >= 2.0 {
            rest /= 2.0;
            whole += place;
        }
        place /= 2.0;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, is_log: bool) -> Vec<String> {
        let axis = Axis { label: String::new(), low, high, is_log };
        Scale::new(&axis, 0, 600).ticks(8).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_written_short() {
        assert_eq!(labels(0.0, 60.0, false), ["0", "10", "20", "30", "40", "50", "60"]);
        assert_eq!(labels(0.94, 0.98, false)[..3], ["0.940", "0.945", "0.950"]);
        assert_eq!(labels(-0.3, 0.3, false), ["-0.3", "-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(0.0, 3e7, false)[1], "5000000");
        assert_eq!(labels(0.0, 3e8, false)[1], "5e7");
        assert_eq!(labels(1.0, 10_000.0, true), ["1", "10", "100", "1000", "10000"]);
        assert_eq!(labels(0.05, 2.0, true), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(labels(40.0, 100.0, true)[..2], ["40", "50"]);
        let wide = labels(1e-300, 1e300, true);
        assert!(wide.len() <= 8 && wide.len() > 4, "{wide:?}");
        assert!(labels(1e300, 1e300 * (1.0 + 1e-15), false).len() < 20);
    }

    #[test]
    fn logarithms_are_logarithms() {
        for value in [1e-300, 0.1, 0.5, 1.0, 3.0, 1024.0, 1e15] {
            assert!((log2(value) - value.log2()).abs() < 1e-11, "{value}");
        }
    }
}
