//! Stacked bars, one below another: what a total is made of.

use crate::DrawError;
use crate::canvas::{
    FAINT, INK, WIDTH, colour, cut, line, pixel, rectangle, round_distance, sheet, text, tick,
};
use crate::raster::{at_most, outside};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

const LEFT: i32 = 150;
const RIGHT: i32 = 140;
const TOP: i32 = 40;
const BAR: i32 = 22;
/// Room for the numbers of the axis.
const AXIS: i32 = 24;
const MAX_BARS: u64 = 500;
const MAX_PARTS: u64 = 24;

/// Stacked bars with one scale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BarPicture {
    /// What is written above.
    pub title: String,
    /// The unit of all values.
    pub unit: String,
    /// Names of the parts, for the legend.
    pub parts: Vec<String>,
    /// From top to bottom, at least one.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// The name beside it.
    pub name: String,
    /// One value for each part, in its order.
    pub values: Vec<u64>,
}

/// Draws stacked bars; the total of each stands behind it.
///
/// # Errors
/// No bar, more than 500 bars or 24 parts, a bar with another number of values than there are parts.
pub fn bars(picture: &BarPicture) -> Result<String, DrawError> {
    let BarPicture { title, unit, parts, bars } = picture;
    if bars.is_empty() {
        return Err(DrawError::Empty { what: "a bar" });
    }
    at_most("bars", bars.len(), MAX_BARS)?;
    at_most("parts", parts.len(), MAX_PARTS)?;
    for bar in bars {
        let [found, n_parts] = [bar.values.len(), parts.len()].map(|n| n as u64);
        if found != n_parts {
            return Err(outside("number of values of a bar", found, n_parts, n_parts));
        }
    }
    let totals: Vec<u128> =
        bars.iter().map(|bar| bar.values.iter().map(|&value| u128::from(value)).sum()).collect();
    let most = totals.iter().copied().max().unwrap_or(0).max(1);
    let room = i32::try_from(WIDTH).unwrap_or(960) - LEFT - RIGHT;
    #[expect(clippy::cast_precision_loss, reason = "a picture is less than a thousand pixels wide")]
    let x = |value: u128| LEFT + pixel(value as f64 / most as f64 * f64::from(room));
    let n_bars = i32::try_from(bars.len()).unwrap_or(i32::MAX);
    let n_parts = i32::try_from(parts.len()).unwrap_or(0);
    let bottom = TOP + n_bars * BAR;
    let legend_top = bottom + AXIS + 8;
    let height = legend_top + (n_parts + 5) / 6 * 18 + 8;
    let distance = round_distance(u64::try_from(most).unwrap_or(u64::MAX), 8);
    sheet(u32::try_from(height).unwrap_or(u32::MAX), title, |area| {
        let marks = (0..20).map(|k| u128::from(distance) * k).take_while(|&value| value <= most);
        for value in marks {
            line(area, vec![(x(value), TOP - 4), (x(value), bottom + 4)], FAINT)?;
            let number = tick(i128::try_from(value).unwrap_or(i128::MAX));
            text(area, &number, (x(value), bottom + 6), 12, INK, HPos::Center)?;
        }
        text(area, &cut(unit, 14), (LEFT + room + RIGHT - 12, bottom + 6), 12, INK, HPos::Right)?;
        for (idx, (bar, total)) in (0_i32..).zip(bars.iter().zip(&totals)) {
            let top = TOP + idx * BAR;
            text(area, &cut(&bar.name, 20), (LEFT - 8, top + 3), 12, INK, HPos::Right)?;
            let mut sum = 0_u128;
            for (part, &value) in bar.values.iter().enumerate() {
                let left = x(sum);
                sum += u128::from(value);
                if value > 0 {
                    let corners = [(left, top), (x(sum).max(left + 1), top + BAR - 5)];
                    rectangle(area, corners, colour(part).filled())?;
                }
            }
            // What is too long to be read is rounded.
            let label = match total {
                0..1_000_000_000 => format!("{total} {unit}"),
                _ => format!("{total:.4e} {unit}"),
            };
            text(area, &cut(&label, 19), (x(*total) + 6, top + 3), 12, INK, HPos::Left)?;
        }
        for (idx, name) in (0_i32..).zip(parts) {
            let (left, top) = (20 + idx % 6 * 155, legend_top + idx / 6 * 18);
            let Ok(part) = usize::try_from(idx) else { continue };
            rectangle(area, [(left, top + 2), (left + 12, top + 10)], colour(part).filled())?;
            text(area, &cut(name, 19), (left + 18, top), 12, INK, HPos::Left)?;
        }
        Ok(())
    })
}
