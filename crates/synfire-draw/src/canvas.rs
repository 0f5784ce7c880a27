//! What all pictures share: size, colours, text, and the way from `plotters` to a string.

use crate::DrawError;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::fmt::Display;

pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Width of every picture in pixels.
pub(crate) const WIDTH: u32 = 960;
/// Most pixels a picture is high.
pub(crate) const MAX_HEIGHT: u32 = 20_000;

/// Most characters of a title.
const MAX_TITLE: usize = 110;
/// Whole numbers with more digits are written as powers of ten.
const MAX_DIGITS: usize = 9;

/// The last step that can be drawn.
const MAX_STEP: u64 = 1 << 40;

pub(crate) const INK: RGBColor = RGBColor(40, 40, 40);
pub(crate) const FAINT: RGBColor = RGBColor(200, 200, 200);
pub(crate) const SHADE: RGBColor = RGBColor(244, 244, 244);
pub(crate) const FONT: &str = "sans-serif";

/// Colours that people who confuse red and green can tell apart (Okabe and Ito).
const PALETTE: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(120, 94, 40),
    RGBColor(90, 90, 90),
];

/// The colour of a number; beyond eight they repeat, lighter each time.
pub(crate) fn colour(idx: usize) -> RGBColor {
    let RGBColor(red, green, blue) = PALETTE[idx % PALETTE.len()];
    let turns = u32::try_from(idx / PALETTE.len()).unwrap_or(0).min(2);
    let lighter = |channel: u8| {
        let missing = 255 - u32::from(channel);
        u8::try_from(255 - missing * (4 - turns) / 4).unwrap_or(255)
    };
    RGBColor(lighter(red), lighter(green), lighter(blue))
}

/// What the drawing library says, as an error of ours.
pub(crate) fn library(error: impl Display) -> DrawError {
    DrawError::Library { message: error.to_string() }
}

/// Draws on a white sheet and returns the text of the picture.
pub(crate) fn sheet(
    height: u32,
    title: &str,
    draw: impl FnOnce(&Area<'_>) -> Result<(), DrawError>,
) -> Result<String, DrawError> {
    if height > MAX_HEIGHT {
        let (found, max) = (height.into(), MAX_HEIGHT.into());
        return Err(DrawError::TooMany { what: "pixels of height", found, max });
    }
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        area.fill(&WHITE).map_err(library)?;
        text(&area, &cut(title, MAX_TITLE), (12, 10), 15, INK, HPos::Left)?;
        draw(&area)?;
        area.present().map_err(library)?;
    }
    Ok(svg)
}

/// Adds to a finished picture, on top of all, rectangles that share a colour.
///
/// They are one path, because a shape of its own for each takes six times the text.
pub(crate) fn cover(
    svg: &mut String,
    colour: RGBColor,
    rectangles: impl IntoIterator<Item = [i32; 4]>,
) {
    let RGBColor(red, green, blue) = colour;
    let mut path = format!("<path fill=\"#{red:02X}{green:02X}{blue:02X}\" d=\"");
    for [x, y, width, height] in rectangles {
        path.push_str(&format!("M{x} {y}h{width}v{height}h-{width}z"));
    }
    path.push_str("\"/>\n");
    append(svg, &path);
}

/// Adds to a finished picture, on top of all, elements, each with its line end.
pub(crate) fn append(svg: &mut String, elements: &str) {
    const END: &str = "</svg>";
    let Some(end) = svg.rfind(END) else { return };
    svg.truncate(end);
    svg.push_str(elements);
    svg.push_str(END);
    svg.push('\n');
}

/// Writes text about so many pixels high whose top is at a point.
pub(crate) fn text(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    size: u32,
    colour: RGBColor,
    anchor: HPos,
) -> Result<(), DrawError> {
    // The library divides by 1.24 what it is told.
    let size = size * 5 / 4;
    let style = (FONT, size).into_text_style(area).color(&colour).pos(Pos::new(anchor, VPos::Top));
    area.draw_text(&printable(text), &style, at).map_err(library)
}

/// A name in which what XML cannot hold, and controls, are replaced.
fn printable(name: &str) -> String {
    let is_printable =
        |character: char| !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}');
    name.chars()
        .map(|character| if is_printable(character) { character } else { '\u{fffd}' })
        .collect()
}

/// A number on an axis, short enough to stand beside it.
pub(crate) fn tick(value: i128) -> String {
    let plain = value.to_string();
    if plain.len() > MAX_DIGITS { format!("{value:e}") } else { plain }
}

/// A name cut to a number of characters.
pub(crate) fn cut(name: &str, n_chars: usize) -> String {
    if name.chars().count() <= n_chars {
        return name.to_owned();
    }
    let mut cut: String = name.chars().take(n_chars.saturating_sub(1)).collect();
    cut.push('\u{2026}');
    cut
}

pub(crate) fn rectangle(
    area: &Area<'_>,
    corners: [(i32, i32); 2],
    style: impl Into<ShapeStyle>,
) -> Result<(), DrawError> {
    area.draw(&Rectangle::new(corners, style)).map_err(library)
}

pub(crate) fn line(
    area: &Area<'_>,
    points: Vec<(i32, i32)>,
    style: impl Into<ShapeStyle>,
) -> Result<(), DrawError> {
    area.draw(&PathElement::new(points, style)).map_err(library)
}

/// A whole number as a pixel; what lies beyond a million pixels is drawn there.
#[expect(clippy::cast_possible_truncation, reason = "clamped")]
pub(crate) fn pixel(value: f64) -> i32 {
    value.round().clamp(-1e6, 1e6) as i32
}

/// The x axis of steps: where a step lies, and its marks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) left: i32,
    pub(crate) right: i32,
}

impl Steps {
    pub(crate) fn new(first: u64, last: u64, left: i32, right: i32) -> Result<Self, DrawError> {
        if first == 0 || first > last {
            return Err(DrawError::Steps { first, last });
        }
        if last > MAX_STEP {
            return Err(DrawError::TooMany { what: "steps", found: last, max: MAX_STEP });
        }
        Ok(Self { first, last, left, right })
    }

    /// Width of one step in pixels.
    #[expect(clippy::cast_precision_loss, reason = "a picture is less than a thousand pixels wide")]
    pub(crate) fn width(&self) -> f64 {
        f64::from(self.right - self.left) / (self.last - self.first + 1) as f64
    }

    /// The left end of a step.
    #[expect(clippy::cast_precision_loss, reason = "a picture is less than a thousand pixels wide")]
    pub(crate) fn left_of(&self, step: u64) -> i32 {
        let before = step.saturating_sub(self.first) as f64;
        pixel(f64::from(self.left) + before * self.width())
    }

    /// The middle of a step.
    #[expect(clippy::cast_precision_loss, reason = "a picture is less than a thousand pixels wide")]
    pub(crate) fn middle_of(&self, step: u64) -> i32 {
        let before = step.saturating_sub(self.first) as f64 + 0.5;
        pixel(f64::from(self.left) + before * self.width())
    }

    /// Steps that are written on the axis: about eight round numbers.
    pub(crate) fn ticks(&self) -> Vec<u64> {
        let span = self.last - self.first + 1;
        let distance = round_distance(span, 8);
        let start = self.first.div_ceil(distance) * distance;
        let mut ticks: Vec<u64> =
            (0..20).map(|k| start + k * distance).take_while(|&step| step <= self.last).collect();
        if ticks.is_empty() {
            ticks.push(self.first);
        }
        ticks
    }

    /// Draws the axis below `bottom` and its grid up from there to `top`.
    pub(crate) fn draw(&self, area: &Area<'_>, top: i32, bottom: i32) -> Result<(), DrawError> {
        for step in self.ticks() {
            let x = self.middle_of(step);
            line(area, vec![(x, top), (x, bottom + 4)], FAINT.mix(0.6))?;
            // A long number at the end keeps within the picture.
            let label = step.to_string();
            let half = i32::try_from(label.len()).unwrap_or(0) * 4;
            let end = i32::try_from(WIDTH).unwrap_or(i32::MAX) - half;
            text(area, &label, (x.min(end), bottom + 6), 12, INK, HPos::Center)?;
        }
        line(area, vec![(self.left, bottom), (self.right, bottom)], INK)?;
        text(area, "step", (self.right, bottom + 20), 12, INK, HPos::Right)
    }
}

/// 1, 2 or 5 times a power of ten, so that at most about `n` of it fit into `span`.
pub(crate) fn round_distance(span: u64, n: u64) -> u64 {
    let least = span.div_ceil(n).max(1);
    let mut power = 1_u64;
    loop {
        for factor in [1, 2, 5] {
            let distance = factor * power;
            if distance >= least {
                return distance;
            }
        }
        match power.checked_mul(10).filter(|power| *power <= u64::MAX / 10) {
            Some(next) => power = next,
            None => return least,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let ticks = |first, last| Steps { first, last, left: 0, right: 900 }.ticks();
        assert_eq!(ticks(1, 8), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(ticks(1, 660), [100, 200, 300, 400, 500, 600]);
        assert_eq!(ticks(7, 7), [7]);
        assert!(ticks(1, MAX_STEP).len() <= 20);
        assert!(
            Steps::new(1, MAX_STEP, 0, 1).is_ok() && Steps::new(1, MAX_STEP + 1, 0, 1).is_err()
        );
    }

    #[test]
    fn long_numbers_are_powers_of_ten() {
        assert_eq!(tick(-64_000), "-64000");
        assert_eq!(tick(123_456_789), "123456789");
        assert_eq!(tick(-5_000_000_000_000_000_000), "-5e18");
    }

    #[test]
    fn covers_stand_before_the_end() {
        let mut svg = "<svg>\n</svg>\n".to_owned();
        cover(&mut svg, RGBColor(1, 2, 255), [[3, 4, 5, 6], [7, 8, 9, 1]]);
        let path = "<path fill=\"#0102FF\" d=\"M3 4h5v6h-5zM7 8h9v1h-9z\"/>";
        assert_eq!(svg, format!("<svg>\n{path}\n</svg>\n"));
    }

    #[test]
    fn colours_repeat_lighter() {
        assert_eq!(colour(0), PALETTE[0]);
        assert_ne!(colour(8), colour(0));
        assert_ne!(colour(16), colour(8));
        assert_eq!(colour(usize::MAX / 2 * 2), colour(usize::MAX / 2 * 2));
    }
}
