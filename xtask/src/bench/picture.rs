//! The picture of how cost grows with the hidden layer.
//!
//! Medians stand at the widths that were measured; between them lie straight lines.

use super::criterion::Timing;
use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use synfire_draw::{CurvePicture, Panel, Series, curves};

/// The functions of the bench `width` in the order of the page, and what they are called there.
pub(super) const FUNCTIONS: [(&str, &str); 4] =
    [("fast", "fast"), ("reference", "reference"), ("rows i8", "memory floor"), ("loihi", "plain")];

/// Medians in nanoseconds by number of hidden neurons, of one function of the bench `width`.
pub(super) fn by_width(timings: &[Timing], function: &str) -> BTreeMap<u64, f64> {
    timings
        .iter()
        .filter(|timing| timing.group == "width" && timing.function == function)
        .filter_map(|timing| Some((timing.value.parse().ok()?, timing.median)))
        .collect()
}

/// The picture as SVG, if the bench ran.
pub(super) fn growth(timings: &[Timing]) -> Result<Option<String>> {
    let series = |(function, name): (&str, &str)| {
        let points = between(&by_width(timings, function));
        (!points.is_empty()).then(|| Series { name: name.to_owned(), points })
    };
    // A curve goes on to the end of the picture, where the plain engine is not measured: it is left out.
    let drawn: Vec<Series> = FUNCTIONS[..3].iter().copied().filter_map(series).collect();
    let points = || drawn.iter().flat_map(|series| &series.points).map(|point| point.0);
    let (Some(first_step), Some(last_step)) = (points().min(), points().max()) else {
        return Ok(None);
    };
    let label = "nanoseconds for a training sample".to_owned();
    let panels = vec![Panel { label, series: drawn, level: None }];
    let title = "400-N-10 on the digits, late weights".to_owned();
    let svg = curves(&CurvePicture { title, first_step, last_step, panels })?;
    // The curves are made for steps; here the axis counts neurons.
    let renamed = svg.replace("\nstep\n", "\nN\n");
    ensure!(renamed != svg, "the axis has another name than `step`");
    Ok(Some(renamed))
}

/// A point at every width from the first to the last, on straight lines between those given.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "places in a picture"
)]
fn between(given: &BTreeMap<u64, f64>) -> Vec<(u64, i64)> {
    let given: Vec<(u64, f64)> = given.iter().map(|(&width, &value)| (width, value)).collect();
    let mut points: Vec<(u64, i64)> = given
        .windows(2)
        .flat_map(|pair| {
            let [(low, from), (high, to)] = [pair[0], pair[1]];
            (low..high).map(move |width| {
                let share = (width - low) as f64 / (high - low) as f64;
                (width, (from + share * (to - from)).round() as i64)
            })
        })
        .collect();
    points.extend(given.last().map(|&(width, value)| (width, value.round() as i64)));
    points
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn timing(function: &str, width: &str, median: f64) -> Timing {
        let [bench, group] = ["width".to_owned(), "width".to_owned()];
        let (function, value) = (function.to_owned(), width.to_owned());
        Timing { bench, group, function, value, median, throughput: None }
    }

    #[test]
    fn lines_are_straight_between_widths() {
        let given = [(100, 10.0), (104, 18.0), (105, 0.0)].into_iter().collect();
        let expected = [(100, 10), (101, 12), (102, 14), (103, 16), (104, 18), (105, 0)];
        assert_eq!(between(&given), expected);
        assert_eq!(between(&BTreeMap::new()), []);
    }

    #[test]
    fn the_picture_shows_what_was_measured() {
        let mut timings = vec![timing("fast", "100", 5000.0), timing("fast", "400", 9000.0)];
        let svg = growth(&timings).unwrap().unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("\nN\n"), "{svg}");
        assert!(!svg.contains("\nstep\n"));
        // Of the plain engine nothing is drawn, whether it was measured or not.
        timings.push(timing("loihi", "100", 90_000.0));
        assert_eq!(growth(&timings).unwrap().unwrap(), svg);
        assert_eq!(growth(&timings[2..]).unwrap(), None);
        assert_eq!(growth(&[]).unwrap(), None);
    }
}
