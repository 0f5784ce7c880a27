//! Learning curves of the three readouts, with the paper's values.

use maud::{Markup, html};
use synfire_train::EpochMetrics;

use super::Place;
use super::head::accuracy;
use crate::axis::Axis;
use crate::chart::{Chart, Level, Line, legend_name};
use crate::folder::RunFolder;
use crate::paper::{PaperValue, Reading, values};

/// A second picture is drawn if the last half of the epochs takes less than this part of the first's height.
const CLOSE: f64 = 0.4;

pub(crate) const AXIS: &str = "epoch";
const ACCURACY: &str = "samples read right (%)";

const fn training(row: &EpochMetrics, reading: Reading) -> f64 {
    match reading {
        Reading::Binary => row.train_binary,
        Reading::Potential => row.train_potential,
        Reading::Exact => row.train_exact,
    }
}

/// The curves of one run: all epochs from the lowest value, and the upper part again, larger.
pub(crate) fn curves(place: &Place, folder: &RunFolder) -> Markup {
    let curve = |reading: Reading, of: fn(&EpochMetrics, Reading) -> f64| {
        let points = folder.rows.iter().map(|row| (f64::from(row.epoch), 100.0 * of(row, reading)));
        points.collect::<Vec<_>>()
    };
    let lines = || {
        let mut lines = Vec::new();
        for (style, reading) in Reading::ALL.into_iter().enumerate() {
            let name = format!("{}, test", reading.name());
            lines.push(Line { name, style, is_faint: false, points: curve(reading, accuracy) });
        }
        for (style, reading) in Reading::ALL.into_iter().enumerate() {
            let name = format!("{}, training", reading.name());
            lines.push(Line { name, style, is_faint: true, points: curve(reading, training) });
        }
        lines
    };
    let style = |reading| Reading::ALL.iter().position(|&other| other == reading);
    let levels = || levels(folder, |_| true, style);
    let see = "Thick: test samples after each epoch. Thin: training samples as they were read while learning, \
               each before its own update. A gap that opens between thin and thick is what was learned by heart.";
    let paper = match values(&folder.run.config.dataset).is_empty() {
        true => "",
        false => " Lines across: the paper's values, for its own network and number of epochs.",
    };
    let pictures = pictures(
        place,
        "curves",
        "Accuracy of the three readouts",
        &format!("{see}{paper}"),
        &lines,
        &levels,
    );
    html! { div.pair { (pictures) } }
}

/// The paper's values as lines across.
fn levels(
    folder: &RunFolder,
    is_shown: impl Fn(&PaperValue) -> bool,
    style: impl Fn(Reading) -> Option<usize>,
) -> Vec<Level> {
    let shown = values(&folder.run.config.dataset).iter().filter(|value| is_shown(value));
    shown
        .map(|value| Level {
            name: format!("paper, {} {:.1} % ({})", value.reading.name(), value.percent, value.of),
            value: value.percent,
            style: style(value.reading),
        })
        .collect()
}

/// The curves of several runs, one picture for each readout.
pub(crate) fn overlaid(place: &Place, folders: &[&RunFolder]) -> Markup {
    html! {
        div.pair {
        @for reading in Reading::ALL {
            @let lines = || folders.iter().enumerate().map(|(style, folder)| Line {
                name: legend_name(&folder.name),
                style,
                is_faint: false,
                points: folder.rows.iter().map(|row| (f64::from(row.epoch), 100.0 * accuracy(row, reading))).collect(),
            }).collect::<Vec<_>>();
            @let levels = || common_levels(folders, reading);
            (pictures(
                place,
                reading.name(),
                &format!("Accuracy of the {} readout, test samples", reading.name()),
                &format!("Each curve is a run, after each epoch; right means: {}.", reading.meaning()),
                &lines,
                &levels,
            ))
        }
        }
    }
}

/// The paper's values, if all runs are of one data set.
fn common_levels(folders: &[&RunFolder], reading: Reading) -> Vec<Level> {
    let dataset = |folder: &RunFolder| folder.run.config.dataset.clone();
    match folders {
        [first, rest @ ..] if rest.iter().all(|folder| dataset(folder) == dataset(first)) => {
            levels(first, |value| value.reading == reading, |_| None)
        }
        _ => Vec::new(),
    }
}

/// Curves in one picture, and their upper part again where they come close.
pub(crate) fn pictures(
    place: &Place,
    name: &str,
    title: &str,
    see: &str,
    lines: &dyn Fn() -> Vec<Line>,
    levels: &dyn Fn() -> Vec<Level>,
) -> Markup {
    let all = lines();
    let values = |from: f64| {
        let points = all.iter().flat_map(|line| &line.points);
        let within = points.filter(move |(epoch, _)| *epoch >= from);
        within
            .map(|&(_, value)| value)
            .fold([f64::MAX, f64::MIN], |[min, max], value| [min.min(value), max.max(value)])
    };
    let epochs = all.iter().flat_map(|line| &line.points).map(|&(epoch, _)| epoch);
    let last_epoch = epochs.fold(1.0, f64::max);
    let with_levels = |[min, max]: [f64; 2]| {
        let levels = levels();
        let values = levels.iter().map(|level| level.value);
        values.fold([min, max], |[min, max], value| [min.min(value), max.max(value)])
    };
    let whole = with_levels(values(0.0));
    let close = with_levels(values(last_epoch / 2.0));
    let has_close = close[1] - close[0] < CLOSE * (whole[1] - whole[0]) && last_epoch >= 4.0;
    let shown = [(whole, "", ""), (close, "-close", ", close up")];
    let shown = &shown[..if has_close { 2 } else { 1 }];
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of epochs"
    )]
    let last = last_epoch as u32;
    html! {
        @for (range, suffix, more) in shown {
            @let chart = Chart {
                id: place.id(&format!("{name}{suffix}")),
                title: format!("{title}{more}"),
                description: told(&all),
                x: Axis::whole(AXIS, 1, last),
                y: Axis::around(ACCURACY, *range, [0.0, 100.0]),
                lines: lines(),
                levels: levels(),
                unit: "%",
                decimals: 2,
            };
            @let see = if more.is_empty() { see } else { "The same, the range of the second half of the epochs." };
            (place.figure(&format!("{title}{more}"), see, &chart.draw()))
        }
    }
}

/// First and last value of each curve.
fn told(lines: &[Line]) -> String {
    let ends = lines.iter().filter_map(|line| {
        let ((first, from), (last, to)) = (line.points.first()?, line.points.last()?);
        Some(format!(
            "{}: {from:.2} % after epoch {first}, {to:.2} % after epoch {last}.",
            line.name
        ))
    });
    ends.collect::<Vec<_>>().join(" ")
}
