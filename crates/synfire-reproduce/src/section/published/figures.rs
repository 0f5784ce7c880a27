//! The figures of the published circuit beside ours.

#![expect(clippy::float_arithmetic, reason = "percents and axes")]

use anyhow::{Context, Result};
use synfire_draw::{Axis, Level, Plot, PlotLine, plot};

use super::course::{Of, accuracy_at, coordinate, shares, whole};
use super::{Section, Task};
use crate::statistics::Spread;

pub(super) fn figures(tasks: &[Task; 2], section: &mut Section) -> Result<()> {
    section.text += "### Over the epochs\n\n";
    let n_epochs = tasks.iter().map(Task::n_epochs).max().unwrap_or(1);
    let x = || Axis { label: "epoch".into(), low: 0.0, high: coordinate(n_epochs), is_log: false };
    let mut lines = Vec::new();
    let quantities: [(&str, Of); 4] = [
        ("phantom in 0", |course| &course.phase_0),
        ("phantom in 8", |course| &course.phase_8),
        ("wrap in 2", |course| &course.wrapped),
        ("wrong update", |course| &course.wrong),
    ];
    for (task, is_dashed) in tasks.iter().zip([true, false]) {
        for (name, of) in quantities {
            let values = |epoch| shares(&task.published, &of, epoch);
            if (1..=task.n_epochs()).all(|epoch| values(epoch).iter().all(|&share| share <= 0.0)) {
                continue;
            }
            let name = format!("{}: {name}", task.name);
            lines.push(curve(name, is_dashed, task.n_epochs(), 100.0, values));
        }
    }
    if !lines.is_empty() {
        let svg = plot(&Plot {
            title: "The published circuit: samples with faults and wrong updates".into(),
            x: x(),
            y: Axis { label: "percent of samples".into(), low: 0.0, high: 100.0, is_log: false },
            lines,
            levels: Vec::new(),
        })?;
        section.figure(
            "published-rates",
            "Published circuit: share of samples with phantoms, wraps and wrong updates",
            svg,
        );
    }

    let mut lines = Vec::new();
    for (task, is_dashed) in tasks.iter().zip([true, false]) {
        for (name, end) in [("greatest", 1), ("least", 0)] {
            let values = |epoch: usize| -> Vec<f64> {
                let ends = task.sized.iter().filter_map(|course| course.z1.get(epoch - 1));
                ends.map(|ends| f64::from(ends[end])).collect()
            };
            lines.push(curve(
                format!("{}: {name} z1", task.name),
                is_dashed,
                task.n_epochs(),
                1.0,
                values,
            ));
        }
    }
    let bounds = tasks[0].published.first().context("no seed")?.bounds;
    let ours = tasks[0].sized.first().context("no seed")?.bounds;
    let level = |value: i64, name: &str| Level { value: whole(value), name: name.into() };
    let svg = plot(&Plot {
        title: "Hidden potentials over the epochs, our circuit, and what the circuits bear".into(),
        x: x(),
        y: Axis { label: "z1".into(), low: -70_000.0, high: 70_000.0, is_log: false },
        lines,
        levels: vec![
            level(bounds.echo_0, "published: phantom in 0"),
            level(bounds.echo_8, "published: phantom in 8"),
            level(bounds.open, "published: wrap in 2"),
            level(bounds.wrap_8, "published: wrap in 8"),
            level(ours.echo_8, "ours: phantom"),
            level(ours.wrap_8, "ours: wrap"),
        ],
    })?;
    section.figure(
        "published-potentials",
        "Largest and smallest hidden potential in each epoch, and the bounds of both circuits",
        svg,
    );

    for task in tasks {
        let mut lines = Vec::new();
        for (arm, courses) in task.arms() {
            let values = |epoch: usize| accuracy_at(courses, epoch);
            lines.push(curve(arm.to_owned(), arm != "ours", task.n_epochs(), 100.0, values));
        }
        let lowest = lines.iter().flat_map(|line| &line.band[line.band.len() / 10..]);
        let low = lowest.map(|&(_, low, _)| low).fold(100.0, f64::min);
        let svg = plot(&Plot {
            title: format!("{}: test accuracy by the largest potential", task.name),
            x: x(),
            y: Axis {
                label: "percent".into(),
                low: (low / 5.0).floor() * 5.0,
                high: 100.0,
                is_log: false,
            },
            lines,
            levels: Vec::new(),
        })?;
        let caption = format!(
            "{}: test accuracy of the published circuit and ours, mean and range over seeds",
            task.name
        );
        section.figure(&format!("published-accuracy-{}", task.key), &caption, svg);
    }
    Ok(())
}

/// Mean and range over seeds in each epoch.
fn curve(
    name: String,
    is_dashed: bool,
    n_epochs: usize,
    scale: f64,
    values: impl Fn(usize) -> Vec<f64>,
) -> PlotLine {
    let mut line = PlotLine { name, is_dashed, ..PlotLine::default() };
    for epoch in 1..=n_epochs {
        let spread = Spread::of(&values(epoch));
        line.points.push((coordinate(epoch), scale * spread.mean));
        line.band.push((coordinate(epoch), scale * spread.least, scale * spread.greatest));
    }
    line
}
