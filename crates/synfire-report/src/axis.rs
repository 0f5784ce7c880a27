//! Axes: from values to places on a picture, with round numbers beside them.

/// The range of an axis and what is written at it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    /// The quantity and its unit.
    pub(crate) label: String,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// An axis that holds a range, its ends moved out to round numbers but not past `floor` and `ceiling`.
    pub(crate) fn around(label: &str, [min, max]: [f64; 2], [floor, ceiling]: [f64; 2]) -> Axis {
        let step = round_step((max - min).max(1e-9) / 5.0);
        let min = ((min / step).floor() * step).max(floor);
        let mut max = ((max / step).ceil() * step).min(ceiling);
        if max - min < step {
            max = min + step;
        }
        Axis::with_step(label, min, max, step)
    }

    /// An axis of whole numbers, such as epochs, from the first to the last.
    pub(crate) fn whole(label: &str, first: u32, last: u32) -> Axis {
        let last = last.max(first + 1);
        let step = round_step(f64::from(last - first) / 8.0).max(1.0);
        Axis::with_step(label, f64::from(first), f64::from(last), step)
    }

    fn with_step(label: &str, min: f64, max: f64, step: f64) -> Axis {
        let first = (min / step - 1e-6).ceil();
        let ticks = (0..40_u32)
            .map(|k| (first + f64::from(k)) * step)
            .take_while(|tick| *tick <= max + step * 1e-6);
        let decimals = [1.0, 0.1, 0.01].iter().filter(|&&unit| step < unit * 0.999).count();
        Axis { label: label.to_owned(), min, max, ticks: ticks.collect(), decimals }
    }

    /// Where a value lies between the ends, 0 to 1; outside for what is outside.
    pub(crate) fn place(&self, value: f64) -> f64 {
        (value - self.min) / (self.max - self.min)
    }

    pub(crate) fn holds(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.place(value))
    }

    /// A tick as it is written; thousands and millions are shortened.
    pub(crate) fn written(&self, tick: f64) -> String {
        let most = self.max.abs().max(self.min.abs());
        let (unit, suffix) = match most {
            _ if most >= 2e6 => (1e6, "M"),
            _ if most >= 2e4 => (1e3, "k"),
            _ => (1.0, ""),
        };
        if tick == 0.0 || suffix.is_empty() {
            return format!("{:.*}", self.decimals, tick + 0.0);
        }
        let text = format!("{:.2}", tick / unit);
        format!("{}{suffix}", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// 1, 2 or 5 times a power of ten, at least the given number.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let factor =
        [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= least * 0.999_999);
    factor.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|&tick| axis.written(tick)).collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let axis = Axis::around("", [92.3, 97.6], [0.0, 100.0]);
        assert_eq!(written(&axis), ["92", "94", "96", "98"]);
        assert!(axis.holds(92.0) && axis.holds(98.0) && !axis.holds(91.9));
        let near = Axis::around("", [99.2, 99.95], [0.0, 100.0]);
        assert_eq!(written(&near), ["99.2", "99.4", "99.6", "99.8", "100.0"]);
        assert_eq!(written(&Axis::whole("", 1, 8)), ["1", "2", "3", "4", "5", "6", "7", "8"]);
        assert_eq!(written(&Axis::whole("", 1, 60)), ["10", "20", "30", "40", "50", "60"]);
        assert_eq!(written(&Axis::whole("", 1, 1)), ["1", "2"]);
    }

    #[test]
    fn large_numbers_are_short_and_one_value_has_room() {
        let axis = Axis::around("", [0.0, 1_730_000.0], [0.0, f64::MAX]);
        assert_eq!(written(&axis), ["0", "0.5M", "1M", "1.5M", "2M"]);
        let thousands = Axis::around("", [0.0, 41_000.0], [0.0, f64::MAX]);
        assert_eq!(written(&thousands), ["0", "10k", "20k", "30k", "40k", "50k"]);
        let millions = Axis::around("", [0.0, 29_000_000.0], [0.0, f64::MAX]);
        assert_eq!(written(&millions), ["0", "10M", "20M", "30M"]);
        for value in [0.0, 100.0, 50.0] {
            let flat = Axis::around("", [value, value], [0.0, 100.0]);
            assert!(flat.max > flat.min && flat.place(value).is_finite(), "{flat:?}");
        }
    }
}
