//! Line plots: where points lie, what is cut off, what is refused.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use synfire_draw::{Axis, Level, Plot, PlotLine, plot};

fn axis(low: f64, high: f64, is_log: bool) -> Axis {
    Axis { label: "some <quantity>".to_owned(), low, high, is_log }
}

fn line(name: &str, points: &[(f64, f64)]) -> PlotLine {
    PlotLine { name: name.to_owned(), points: points.to_vec(), ..PlotLine::default() }
}

/// Axes from 0 to 10 and from 0 to 1, a legend.
fn picture(points: &[(f64, f64)]) -> Plot {
    Plot {
        title: "title".to_owned(),
        x: axis(0.0, 10.0, false),
        y: axis(0.0, 1.0, false),
        lines: vec![line("first", points)],
        levels: Vec::new(),
    }
}

#[test]
fn points_lie_where_they_belong() {
    let svg = plot(&picture(&[(0.0, 0.0), (5.0, 0.5), (10.0, 1.0)])).unwrap();
    assert!(
        svg.contains("stroke=\"#0072B2\"") && svg.contains("d=\"M70 392L400 227L730 62\""),
        "{svg}"
    );
    assert_eq!(svg.matches("<circle").count(), 3);
    let mut logarithmic = picture(&[(0.1, 0.5), (1.0, 0.5), (10.0, 0.5)]);
    logarithmic.x = axis(0.1, 10.0, true);
    assert!(plot(&logarithmic).unwrap().contains("d=\"M70 227L400 227L730 227\""));
    // Without a name there is no legend and more room.
    logarithmic.lines[0].name.clear();
    assert!(plot(&logarithmic).unwrap().contains("L936 227\""));
}

#[test]
fn what_lies_outside_is_cut_off() {
    let svg = plot(&picture(&[(-5.0, 0.0), (5.0, 1.0), (5.0, 3.0), (20.0, 3.0)])).unwrap();
    assert!(svg.contains("d=\"M70 227L400 62\""), "{svg}");
    assert_eq!(svg.matches("<circle").count(), 1, "{svg}");
    let mut banded = picture(&[(0.0, 0.5)]);
    banded.lines[0].band = vec![(0.0, -1.0, 0.5), (20.0, 0.5, 2.0)];
    assert!(plot(&banded).unwrap().contains("d=\"M70 227L730 62L730 227L70 392z\""));
}

#[test]
fn levels_have_names_that_do_not_meet() {
    let mut leveled = picture(&[(0.0, 0.5)]);
    leveled.levels =
        [0.5, 0.51, 0.52, 7.0].map(|value| Level { value, name: "paper <it>".to_owned() }).to_vec();
    let svg = plot(&leveled).unwrap();
    assert_eq!(svg.matches("stroke-dasharray=\"3 3\"").count(), 3);
    let places: Vec<&str> = svg
        .lines()
        .filter(|line| line.contains("paper &lt;it&gt;"))
        .map(|line| line.split(" text-anchor").next().unwrap())
        .collect();
    assert_eq!(places.len(), 3);
    assert!(
        places[0] != places[1] && places[1] != places[2] && places[0] != places[2],
        "{places:?}"
    );
}

#[test]
fn equal_plots_are_equal_text_and_broken_lines_are_broken() {
    let mut plain = picture(&[(0.0, 0.2), (10.0, 0.3)]);
    assert_eq!(plot(&plain).unwrap(), plot(&plain).unwrap());
    assert!(!plot(&plain).unwrap().contains("stroke-dasharray"));
    plain.lines[0].is_dashed = true;
    assert!(plot(&plain).unwrap().contains("stroke-dasharray=\"8 4\""));
    // Many points on one pixel are one corner.
    let crowd: Vec<(f64, f64)> = (0..10_000).map(|k| (f64::from(k) / 1000.0, 0.5)).collect();
    assert!(plot(&picture(&crowd)).unwrap().len() < 20_000);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let message = |picture: Plot| plot(&picture).unwrap_err().to_string();
    let good = || picture(&[(1.0, 0.5)]);
    assert_eq!(
        message(Plot { lines: Vec::new(), ..good() }),
        "a picture needs a line or a level, found none"
    );
    assert_eq!(message(picture(&[])), "a picture needs a point in each line, found none");
    assert_eq!(
        message(Plot { lines: vec![line("", &[(1.0, 1.0)]); 17], ..good() }),
        "lines: found 17, expected at most 16"
    );
    assert_eq!(
        message(picture(&[(1.0, f64::NAN)])),
        "a number on the y axis is NaN, expected a finite number"
    );
    assert_eq!(
        message(Plot { y: axis(0.1, 1.0, true), ..picture(&[(1.0, 0.0)]) }),
        "a number on the y axis is 0, expected a finite number above 0"
    );
    assert_eq!(
        message(Plot { x: axis(0.0, 1.0, true), ..good() }),
        "a number on the x axis is 0, expected a finite number above 0"
    );
    for (low, high) in [(1.0, 1.0), (2.0, 1.0), (0.0, f64::INFINITY), (f64::MIN, f64::MAX)] {
        let text = message(Plot { x: axis(low, high, false), ..good() });
        assert!(text.starts_with("the x axis runs from "), "{text}");
    }
}
