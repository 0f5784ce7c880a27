//! Curves over steps: panels one above another, each with several series.

use crate::DrawError;
use crate::canvas::{
    FAINT, INK, Steps, WIDTH, colour, cut, line, pixel, rectangle, round_distance, sheet, text,
    tick,
};
use crate::raster::{at_most, outside};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use std::collections::BTreeMap;

const LEFT: i32 = 90;
const RIGHT: i32 = 130;
const TOP: i32 = 40;
const PANEL: i32 = 190;
const LEGEND_LINE: i32 = 15;
const GAP: i32 = 30;
const BELOW: i32 = 44;
const MAX_PANELS: u64 = 64;
const MAX_SERIES: u64 = 32;

/// Quantities over steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CurvePicture {
    /// What is written above.
    pub title: String,
    /// The first step shown, counted from 1.
    pub first_step: u64,
    /// The last step shown.
    pub last_step: u64,
    /// One above another, at least one.
    pub panels: Vec<Panel>,
}

/// One quantity, or several that share a scale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// The quantity and its unit.
    pub label: String,
    /// At least one.
    pub series: Vec<Series>,
    /// A value marked by a line across, such as a threshold, and its name.
    pub level: Option<(i64, String)>,
}

/// One quantity, which keeps a value until the next is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// The name in the legend.
    pub name: String,
    /// Step and value, steps ascending.
    pub points: Vec<(u64, i64)>,
}

/// Draws curves. Of many points in one column of pixels the first, least, greatest and last are kept.
///
/// # Errors
/// No panel, a panel without series or points, more than 64 panels or 32 series in one, steps out of order
/// or outside the picture.
pub fn curves(picture: &CurvePicture) -> Result<String, DrawError> {
    if picture.panels.is_empty() {
        return Err(DrawError::Empty { what: "a panel" });
    }
    at_most("panels", picture.panels.len(), MAX_PANELS)?;
    let right = i32::try_from(WIDTH).unwrap_or(i32::MAX) - RIGHT;
    let steps = Steps::new(picture.first_step, picture.last_step, LEFT, right)?;
    for panel in &picture.panels {
        check(panel, &steps)?;
    }
    let panels_height: i32 = picture.panels.iter().map(|panel| panel_height(panel) + GAP).sum();
    let height = TOP + panels_height - GAP + BELOW;
    sheet(u32::try_from(height).unwrap_or(u32::MAX), &picture.title, |area| {
        let mut top = TOP;
        for panel in &picture.panels {
            let bottom = top + panel_height(panel);
            steps.draw(area, top, bottom)?;
            let scale = Scale::of(panel, top, bottom);
            for value in scale.ticks() {
                let y = scale.y(value);
                line(area, vec![(LEFT - 4, y), (right, y)], FAINT)?;
                text(area, &tick(value.into()), (LEFT - 8, y - 6), 12, INK, HPos::Right)?;
            }
            line(area, vec![(LEFT, top), (LEFT, bottom)], INK)?;
            text(area, &cut(&panel.label, 60), (LEFT + 6, top + 2), 12, INK, HPos::Left)?;
            let mut legend = top + 4;
            if let Some((value, name)) = &panel.level {
                let y = scale.y(*value);
                line(area, vec![(LEFT, y), (right, y)], INK.stroke_width(1))?;
                let sample = vec![(right + 8, legend + 6), (right + 20, legend + 6)];
                line(area, sample, INK.stroke_width(1))?;
                text(area, &cut(name, 14), (right + 26, legend), 12, INK, HPos::Left)?;
                legend += LEGEND_LINE;
            }
            for (idx, series) in panel.series.iter().enumerate() {
                line(area, path(series, &steps, &scale), colour(idx).stroke_width(2))?;
                if panel.series.len() > 1 {
                    let sample = [(right + 8, legend + 2), (right + 20, legend + 9)];
                    rectangle(area, sample, colour(idx).filled())?;
                    text(area, &cut(&series.name, 14), (right + 26, legend), 12, INK, HPos::Left)?;
                    legend += LEGEND_LINE;
                }
            }
            top = bottom + GAP;
        }
        Ok(())
    })
}

/// High enough for its legend, which has a line for the level and, of more than one series, for each.
fn panel_height(panel: &Panel) -> i32 {
    let n_lines = panel.series.len() + usize::from(panel.level.is_some());
    (i32::try_from(n_lines).unwrap_or(i32::MAX / LEGEND_LINE - 1) * LEGEND_LINE + 8).max(PANEL)
}

fn check(panel: &Panel, steps: &Steps) -> Result<(), DrawError> {
    if panel.series.is_empty() {
        return Err(DrawError::Empty { what: "a series in each panel" });
    }
    at_most("series of a panel", panel.series.len(), MAX_SERIES)?;
    for series in &panel.series {
        if series.points.is_empty() {
            return Err(DrawError::Empty { what: "a point in each series" });
        }
        for &(step, _) in &series.points {
            if !(steps.first..=steps.last).contains(&step) {
                return Err(outside("step of a point", step, steps.first, steps.last));
            }
        }
        if let Some(pair) = series.points.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(outside("step of a point", pair[1].0, pair[0].0 + 1, steps.last));
        }
    }
    Ok(())
}

/// From values to pixels.
#[derive(Clone, Copy, Debug)]
struct Scale {
    low: i64,
    high: i64,
    top: i32,
    bottom: i32,
}

impl Scale {
    fn of(panel: &Panel, top: i32, bottom: i32) -> Self {
        let values =
            panel.series.iter().flat_map(|series| series.points.iter().map(|point| point.1));
        let values = values.chain(panel.level.as_ref().map(|level| level.0));
        let (low, high) = values
            .fold((i64::MAX, i64::MIN), |(low, high), value| (value.min(low), value.max(high)));
        // A constant keeps off the axis, and above there is room for the label.
        let low = if low == high { low.saturating_sub(1) } else { low };
        let high = high.saturating_add(high.saturating_sub(low) / 8 + 1);
        Self { low, high, top: top + 14, bottom }
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture is some hundred pixels high")]
    fn y(&self, value: i64) -> i32 {
        let span = self.high as f64 - self.low as f64;
        let share = (value as f64 - self.low as f64) / span.max(1.0);
        self.bottom - pixel(share * f64::from(self.bottom - self.top))
    }

    /// About five round values.
    fn ticks(&self) -> Vec<i64> {
        let distance = i128::from(round_distance(self.high.abs_diff(self.low), 5));
        let start = i128::from(self.low).div_euclid(distance) * distance;
        (0..12)
            .filter_map(|k| i64::try_from(start + k * distance).ok())
            .filter(|value| (self.low..=self.high).contains(value))
            .collect()
    }
}

/// The corners of a series drawn in stairs up to the end of the steps, few in each column of pixels.
fn path(series: &Series, steps: &Steps, scale: &Scale) -> Vec<(i32, i32)> {
    let mut columns: BTreeMap<i32, [i32; 4]> = BTreeMap::new();
    for &(step, value) in &series.points {
        let (x, y) = (steps.middle_of(step), scale.y(value));
        let column = columns.entry(x).or_insert([y; 4]);
        *column = [column[0], column[1].min(y), column[2].max(y), y];
    }
    let mut points: Vec<(i32, i32)> = Vec::new();
    for (x, [first, least, greatest, last]) in columns {
        if let Some(&(_, y)) = points.last() {
            points.push((x, y));
        }
        for y in [first, least, greatest, last] {
            points.push((x, y));
        }
        points.dedup();
    }
    if let Some(&(x, y)) = points.last() {
        points.push((steps.right.max(x + 1), y));
    }
    points
}
