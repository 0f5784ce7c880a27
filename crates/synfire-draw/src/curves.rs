//! Curves over steps: panels one above another, each with several series.

use crate::DrawError;
use crate::canvas::{
    FAINT, INK, Steps, WIDTH, colour, cut, line, pixel, rectangle, round_distance, sheet, text,
};
use crate::raster::{at_most, outside};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use std::collections::BTreeMap;

const LEFT: i32 = 90;
const RIGHT: i32 = 130;
const TOP: i32 = 40;
const PANEL: i32 = 190;
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
    let n_panels = i32::try_from(picture.panels.len()).unwrap_or(i32::MAX);
    let height = TOP + n_panels * PANEL + (n_panels - 1) * GAP + BELOW;
    sheet(u32::try_from(height).unwrap_or(u32::MAX), &picture.title, |area| {
        let mut top = TOP;
        for panel in &picture.panels {
            let bottom = top + PANEL;
            steps.draw(area, top, bottom)?;
            let scale = Scale::of(panel, top, bottom);
            for value in scale.ticks() {
                let y = scale.y(value);
                line(area, vec![(LEFT - 4, y), (right, y)], FAINT)?;
                text(area, &value.to_string(), (LEFT - 8, y - 6), 12, INK, HPos::Right)?;
            }
            line(area, vec![(LEFT, top), (LEFT, bottom)], INK)?;
            text(area, &cut(&panel.label, 60), (LEFT + 6, top + 2), 12, INK, HPos::Left)?;
            if let Some((value, name)) = &panel.level {
                let y = scale.y(*value);
                line(area, vec![(LEFT, y), (right, y)], INK.stroke_width(1))?;
                text(area, &cut(name, 16), (right + 6, y - 6), 12, INK, HPos::Left)?;
            }
            for (idx, series) in panel.series.iter().enumerate() {
                let points = path(series, &steps, &scale);
                line(area, points, colour(idx).stroke_width(2))?;
                let Ok(place) = i32::try_from(idx) else { continue };
                let y = top + 4 + 15 * place;
                if panel.series.len() > 1 && y < bottom + GAP - 10 {
                    let sample = [(right + 8, y + 2), (right + 20, y + 9)];
                    rectangle(area, sample, colour(idx).filled())?;
                    text(area, &cut(&series.name, 14), (right + 26, y), 12, INK, HPos::Left)?;
                }
            }
            top = bottom + GAP;
        }
        Ok(())
    })
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
        // Room above for the label, and a scale even for a constant.
        let room = high.saturating_sub(low).max(1);
        let high = high.saturating_add(room / 8 + 1);
        Self { low, high, top: top + 14, bottom }
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture is some hundred pixels high")]
    fn y(&self, value: i64) -> i32 {
        let span = self.high as f64 - self.low as f64;
        let share = (value as f64 - self.low as f64) / span.max(1.0);
        self.bottom - pixel(share * f64::from(self.bottom - self.top))
    }

    fn ticks(&self) -> Vec<i64> {
        let span = self.high.abs_diff(self.low);
        let Ok(distance) = i64::try_from(round_distance(span, 5)) else { return vec![self.low] };
        let start = self.low.div_euclid(distance).saturating_mul(distance);
        (0..12)
            .filter_map(|k: i64| start.checked_add(k.checked_mul(distance)?))
            .filter(|value| (self.low..=self.high).contains(value))
            .collect()
    }
}

/// The corners of a series drawn in stairs, few in each column of pixels.
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
    points
}
