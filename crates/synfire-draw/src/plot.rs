//! Line plots over real axes, linear or logarithmic, with bands and levels: what a paper's figure shows.
//!
//! `curves` shows what a machine held in each step; this shows any quantity over any other. Axes and legend are
//! drawn by `plotters`; bands, lines and levels are written here as text, which dashes, pale areas and halos need.

use crate::DrawError;
use crate::axis::{Axis, Scale};
use crate::canvas::{FAINT, INK, WIDTH, append, colour, cut, line, rectangle, sheet, text};
use crate::raster::at_most;
use crate::style::escaped;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use std::fmt::Write;

const LEFT: i32 = 70;
/// Width of the legend, right of the plot.
const LEGEND: i32 = 230;
const MARGIN: i32 = 24;
const TOP: i32 = 62;
const BOTTOM: i32 = TOP + 330;
const LEGEND_LINE: i32 = 19;
const MAX_NAME: usize = 30;
const MAX_LINES: u64 = 16;
const MAX_LEVELS: u64 = 16;
const MAX_POINTS: u64 = 200_000;
/// Lines of at most so many points have a mark at each.
const MAX_MARKED: usize = 24;
/// About how many numbers stand at an axis.
const X_TICKS: u32 = 9;
const Y_TICKS: u32 = 7;

/// Quantities over a quantity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// What is written above.
    pub title: String,
    /// The axis from left to right.
    pub x: Axis,
    /// The axis from bottom to top.
    pub y: Axis,
    /// At least one, unless there is a level.
    pub lines: Vec<PlotLine>,
    /// Values that are marked by a line across.
    pub levels: Vec<Level>,
}

/// A line and the band around it; either may be left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlotLine {
    /// The name in the legend; without one it has no place there.
    pub name: String,
    /// Places `(x, y)` in the order in which they are joined; up to 24 are marked each.
    pub points: Vec<(f64, f64)>,
    /// Places `(x, low, high)` from left to right, drawn pale.
    pub band: Vec<(f64, f64, f64)>,
    /// Whether the line is broken.
    pub is_dashed: bool,
}

/// A value with a name, such as one that somebody else found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Level {
    /// The value, on the y axis. One that lies beyond its ends is not drawn.
    pub value: f64,
    /// The name written beside its line.
    pub name: String,
}

/// Draws lines, bands and levels, 960 pixels wide, with the legend beside them.
///
/// # Errors
/// Neither line nor level, a line without points and band, more than 16 lines, 16 levels or 200,000 points, a number
/// that is not finite or, on a logarithmic axis, not above 0, an axis that does not run upwards.
pub fn plot(plot: &Plot) -> Result<String, DrawError> {
    check(plot)?;
    let has_legend = plot.lines.iter().any(|line| !line.name.is_empty());
    let width = i32::try_from(WIDTH).unwrap_or(960);
    let right = width - if has_legend { LEGEND } else { MARGIN };
    let x = Scale::new(&plot.x, LEFT, right);
    let y = Scale::new(&plot.y, BOTTOM, TOP);
    let mut svg = sheet(u32::try_from(BOTTOM + 52).unwrap_or(0), &plot.title, |area| {
        text(area, &cut(&plot.y.label, 100), (12, 38), 12, INK, HPos::Left)?;
        for (value, label) in y.ticks(Y_TICKS) {
            let at = y.at(value);
            line(area, vec![(LEFT - 4, at), (right, at)], FAINT)?;
            text(area, &label, (LEFT - 8, at - 6), 12, INK, HPos::Right)?;
        }
        for (value, label) in x.ticks(X_TICKS) {
            let at = x.at(value);
            line(area, vec![(at, TOP), (at, BOTTOM + 4)], FAINT)?;
            text(area, &label, (at, BOTTOM + 7), 12, INK, HPos::Center)?;
        }
        line(area, vec![(LEFT, TOP), (LEFT, BOTTOM), (right, BOTTOM)], INK)?;
        let middle = (LEFT + right) / 2;
        text(area, &cut(&plot.x.label, 100), (middle, BOTTOM + 28), 12, INK, HPos::Center)?;
        let mut top = TOP;
        for (idx, PlotLine { name, points, is_dashed, .. }) in plot.lines.iter().enumerate() {
            if name.is_empty() {
                continue;
            }
            let (left, stroke) = (right + 14, colour(idx).stroke_width(2));
            match (points.is_empty(), *is_dashed) {
                (true, _) => {
                    let pale = colour(idx).mix(0.25).filled();
                    rectangle(area, [(left, top + 2), (left + 20, top + 11)], pale)?;
                }
                (false, false) => line(area, vec![(left, top + 6), (left + 20, top + 6)], stroke)?,
                (false, true) => {
                    line(area, vec![(left, top + 6), (left + 8, top + 6)], stroke)?;
                    line(area, vec![(left + 12, top + 6), (left + 20, top + 6)], stroke)?;
                }
            }
            text(area, &cut(name, MAX_NAME), (left + 27, top), 12, INK, HPos::Left)?;
            top += LEGEND_LINE;
        }
        Ok(())
    })?;
    let frame = Frame { x, y };
    let mut body = String::new();
    for (idx, line) in plot.lines.iter().enumerate() {
        frame.band(&line.band, colour(idx), &mut body);
    }
    frame.levels(&plot.levels, &mut body);
    for (idx, line) in plot.lines.iter().enumerate() {
        frame.line(line, colour(idx), &mut body);
    }
    append(&mut svg, &body);
    Ok(svg)
}

fn check(plot: &Plot) -> Result<(), DrawError> {
    let Plot { x, y, lines, levels, .. } = plot;
    if lines.is_empty() && levels.is_empty() {
        return Err(DrawError::Empty { what: "a line or a level" });
    }
    at_most("lines", lines.len(), MAX_LINES)?;
    at_most("levels", levels.len(), MAX_LEVELS)?;
    at_most(
        "points",
        lines.iter().map(|line| line.points.len() + line.band.len()).sum(),
        MAX_POINTS,
    )?;
    for (axis, Axis { low, high, is_log, .. }) in [("x", x), ("y", y)] {
        // The difference of two finite numbers need not be finite.
        if !(low.is_finite() && high.is_finite() && (high - low).is_finite() && low < high) {
            return Err(DrawError::Axis { axis, low: low.to_string(), high: high.to_string() });
        }
        number(axis, *low, *is_log)?;
    }
    for PlotLine { points, band, .. } in lines {
        if points.is_empty() && band.is_empty() {
            return Err(DrawError::Empty { what: "a point in each line" });
        }
        for &(at, value) in points {
            number("x", at, x.is_log)?;
            number("y", value, y.is_log)?;
        }
        for &(at, low, high) in band {
            number("x", at, x.is_log)?;
            number("y", low, y.is_log)?;
            number("y", high, y.is_log)?;
        }
    }
    levels.iter().try_for_each(|level| number("y", level.value, y.is_log))
}

fn number(axis: &'static str, found: f64, is_log: bool) -> Result<(), DrawError> {
    if found.is_finite() && (!is_log || found > 0.0) {
        return Ok(());
    }
    let allowed = if is_log { "a finite number above 0" } else { "a finite number" };
    Err(DrawError::Number { axis, found: found.to_string(), allowed })
}

/// The area between the axes.
#[derive(Clone, Copy, Debug)]
struct Frame {
    x: Scale,
    y: Scale,
}

impl Frame {
    fn band(&self, band: &[(f64, f64, f64)], colour: RGBColor, body: &mut String) {
        if band.is_empty() {
            return;
        }
        let at = |x: f64, y: f64| {
            let [x, y] = [self.x.share(x), self.y.share(y)].map(|share| share.clamp(0.0, 1.0));
            (self.x.pixel(x), self.y.pixel(y))
        };
        let upper = band.iter().map(|&(x, _, high)| at(x, high));
        let lower = band.iter().rev().map(|&(x, low, _)| at(x, low));
        let mut corners: Vec<(i32, i32)> = upper.chain(lower).collect();
        corners.dedup();
        let fill = hex(colour);
        let _ = write!(body, "<path fill=\"{fill}\" fill-opacity=\"0.18\" d=\"");
        path(&corners, body);
        body.push_str("z\"/>\n");
    }

    fn line(&self, line: &PlotLine, colour: RGBColor, body: &mut String) {
        let shares: Vec<[f64; 2]> =
            line.points.iter().map(|&(x, y)| [self.x.share(x), self.y.share(y)]).collect();
        let stroke = hex(colour);
        let mut strokes: Vec<Vec<(i32, i32)>> = Vec::new();
        for pair in shares.windows(2) {
            let Some(ends) = clipped(pair[0], pair[1]) else { continue };
            let [from, to] = ends.map(|[x, y]| (self.x.pixel(x), self.y.pixel(y)));
            match strokes.last_mut() {
                Some(stroke) if stroke.last() == Some(&from) => stroke.push(to),
                _ => strokes.push(vec![from, to]),
            }
        }
        if !strokes.is_empty() {
            let dashes = if line.is_dashed { " stroke-dasharray=\"8 4\"" } else { "" };
            let _ = write!(
                body,
                "<path fill=\"none\" stroke=\"{stroke}\" stroke-width=\"2\" stroke-linejoin=\"round\"{dashes} d=\""
            );
            for mut corners in strokes {
                corners.dedup();
                path(&corners, body);
            }
            body.push_str("\"/>\n");
        }
        if line.points.len() <= MAX_MARKED {
            let is_in = |share: &f64| (0.0..=1.0).contains(share);
            for [x, y] in shares.iter().filter(|shares| shares.iter().all(is_in)) {
                let (x, y) = (self.x.pixel(*x), self.y.pixel(*y));
                let _ = writeln!(body, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{stroke}\"/>");
            }
        }
    }

    /// Lines across with their names: above at the right, unless another name is there.
    fn levels(&self, levels: &[Level], body: &mut String) {
        let mut taken: Vec<[i32; 4]> = Vec::new();
        let drawn = |level: &&Level| (0.0..=1.0).contains(&self.y.share(level.value));
        let lines: Vec<i32> = levels.iter().filter(drawn).map(|it| self.y.at(it.value)).collect();
        let (left, right) = (self.x.start, self.x.end);
        let ink = hex(INK);
        for Level { value, name } in levels.iter().filter(drawn) {
            let y = self.y.at(*value);
            let _ = writeln!(
                body,
                "<path fill=\"none\" stroke=\"{ink}\" stroke-width=\"1\" stroke-dasharray=\"3 3\" d=\"M{left} \
                 {y}H{right}\"/>"
            );
            let name = cut(name, 40);
            let width = i32::try_from(name.chars().count()).unwrap_or(0) * 7;
            let places = (0..4).flat_map(|column| {
                let end = right - 4 - column * 190;
                [[end - width, y - 16, end, y - 3], [end - width, y + 3, end, y + 16]]
            });
            let is_free = |[left, top, right, bottom]: &[i32; 4]| {
                let apart = |other: &[i32; 4]| {
                    *right < other[0] || other[2] < *left || *bottom < other[1] || other[3] < *top
                };
                // Above the frame there is room for one name.
                *top >= TOP - 17 && *bottom <= BOTTOM && taken.iter().all(apart)
            };
            let is_clear = |place: &[i32; 4]| {
                is_free(place) && !lines.iter().any(|line| (place[1]..=place[3]).contains(line))
            };
            let place = places.clone().find(is_clear).or_else(|| { places }.find(is_free));
            let place = place.unwrap_or([right - 4 - width, y - 16, right - 4, y - 3]);
            taken.push(place);
            let [_, _, end, bottom] = place;
            let _ = writeln!(
                body,
                "<text x=\"{end}\" y=\"{}\" text-anchor=\"end\" font-family=\"sans-serif\" font-size=\"12\" \
                 fill=\"{ink}\" stroke=\"#FFFFFF\" stroke-width=\"3\" paint-order=\"stroke\">{}</text>",
                bottom - 2,
                escaped(&name)
            );
        }
    }
}

fn path(corners: &[(i32, i32)], body: &mut String) {
    for (idx, (x, y)) in corners.iter().enumerate() {
        let _ = write!(body, "{}{x} {y}", if idx == 0 { 'M' } else { 'L' });
    }
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// The part of a straight line that lies within the unit square (Liang and Barsky).
fn clipped(from: [f64; 2], to: [f64; 2]) -> Option<[[f64; 2]; 2]> {
    let way = [to[0] - from[0], to[1] - from[1]];
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    for axis in [0, 1] {
        for (speed, room) in [(-way[axis], from[axis]), (way[axis], 1.0 - from[axis])] {
            if speed == 0.0 && room < 0.0 {
                return None;
            }
            if speed < 0.0 {
                start = start.max(room / speed);
            } else if speed > 0.0 {
                end = end.min(room / speed);
            }
        }
    }
    let at = |part: f64| [from[0] + part * way[0], from[1] + part * way[1]];
    let ends = [if start > 0.0 { at(start) } else { from }, if end < 1.0 { at(end) } else { to }];
    (start <= end).then_some(ends)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn lines_are_cut_at_the_frame() {
        assert_eq!(clipped([0.0, 0.0], [1.0, 1.0]), Some([[0.0, 0.0], [1.0, 1.0]]));
        assert_eq!(clipped([-1.0, 0.5], [3.0, 0.5]), Some([[0.0, 0.5], [1.0, 0.5]]));
        assert_eq!(clipped([0.5, -1.0], [0.5, 0.5]), Some([[0.5, 0.0], [0.5, 0.5]]));
        assert_eq!(clipped([0.0, 2.0], [1.0, 2.0]), None);
        assert_eq!(clipped([-0.5, 0.8], [0.5, 1.8]), None);
        assert_eq!(clipped([0.5, 0.5], [0.5, 0.5]).unwrap()[0], [0.5, 0.5]);
    }
}
