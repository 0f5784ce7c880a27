//! The spike raster: a band for each layer, a mark for each spike.

use crate::DrawError;
use crate::canvas::{
    FAINT, INK, SHADE, Steps, WIDTH, colour, cover, cut, line, pixel, rectangle, sheet, text,
};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use std::collections::{BTreeMap, BTreeSet};

/// Most spikes of a raster.
pub const MAX_SPIKES: u64 = 20_000_000;
/// Most bands of a raster.
pub const MAX_ROWS: usize = 1000;
const LEFT: i32 = 150;
const TOP: i32 = 40;
const BELOW: i32 = 40;

/// The spikes of some layers over some steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RasterPicture {
    /// What is written above.
    pub title: String,
    /// The bands, from top to bottom, at least one.
    pub rows: Vec<RasterRow>,
    /// The first step shown, counted from 1.
    pub first_step: u64,
    /// The last step shown.
    pub last_step: u64,
    /// The spikes, in any order; equal ones are drawn once.
    pub spikes: Vec<RasterSpike>,
    /// Number of steps after which a gating ring begins anew, if there is one: step t has phase
    /// (t - 1) mod period, and phase 0 gets a line.
    pub period: Option<u32>,
}

/// A band: one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RasterRow {
    /// The name written beside it.
    pub name: String,
    /// Number of neurons, at least 1.
    pub n_neurons: u32,
}

/// A spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RasterSpike {
    /// The step, counted from 1.
    pub step: u64,
    /// The band.
    pub row: usize,
    /// The neuron within its layer.
    pub neuron_idx: u32,
}

/// Draws a raster.
///
/// A layer of few neurons has several pixels for each; in a large one several neurons share a pixel.
///
/// # Errors
/// No rows, more than 1000 rows or [`MAX_SPIKES`] spikes, steps out of order, a spike outside its band or
/// the steps.
pub fn raster(picture: &RasterPicture) -> Result<String, DrawError> {
    let RasterPicture { rows, spikes, .. } = picture;
    if rows.is_empty() {
        return Err(DrawError::Empty { what: "a row" });
    }
    at_most("rows", rows.len(), MAX_ROWS as u64)?;
    at_most("spikes", spikes.len(), MAX_SPIKES)?;
    let right = i32::try_from(WIDTH).unwrap_or(i32::MAX) - 20;
    let steps = Steps::new(picture.first_step, picture.last_step, LEFT, right)?;
    let heights: Vec<i32> = rows.iter().map(|row| band_height(row.n_neurons)).collect();
    let mut tops = vec![TOP];
    for height in &heights {
        tops.push(tops[tops.len() - 1] + height);
    }
    let bottom = tops[rows.len()];
    let marks = marks(picture, &steps, &tops, &heights)?;
    let height = u32::try_from(bottom + BELOW).unwrap_or(u32::MAX);
    let mut svg = sheet(height, &picture.title, |area| {
        for (idx, row) in rows.iter().enumerate() {
            let (top, height) = (tops[idx], heights[idx]);
            if idx % 2 == 0 {
                rectangle(area, [(LEFT, top), (right, top + height)], SHADE.filled())?;
            }
            let name = match row.n_neurons {
                1 => cut(&row.name, 20),
                n => format!("{} ({n})", cut(&row.name, 14)),
            };
            text(area, &name, (LEFT - 8, top + height / 2 - 6), 12, INK, HPos::Right)?;
        }
        if let Some(period) = picture.period.filter(|&period| period > 0) {
            let period = u64::from(period);
            let first = (picture.first_step - 1).div_ceil(period) * period + 1;
            // Lines nearer than four pixels would hide everything.
            if steps.width() * f64::from(picture.period.unwrap_or(1)) >= 4.0 {
                for step in
                    (first..=picture.last_step).step_by(usize::try_from(period).unwrap_or(1))
                {
                    let x = steps.left_of(step);
                    line(area, vec![(x, TOP), (x, bottom)], FAINT)?;
                }
            }
        }
        steps.draw(area, TOP, bottom)
    })?;
    for (row, marks) in marks.iter().enumerate().filter(|(_, marks)| !marks.is_empty()) {
        cover(&mut svg, colour(row % 8), united(marks));
    }
    Ok(svg)
}

/// A mark: upper edge, height, left edge, width.
type Mark = (i32, i32, i32, i32);

/// The marks of each band, equal ones once: at most one for each pixel.
fn marks(
    picture: &RasterPicture,
    steps: &Steps,
    tops: &[i32],
    heights: &[i32],
) -> Result<Vec<BTreeSet<Mark>>, DrawError> {
    let width = pixel(steps.width() - 1.0).clamp(2, 4);
    let mut marks = vec![BTreeSet::new(); picture.rows.len()];
    for &RasterSpike { step, row, neuron_idx } in &picture.spikes {
        let n_rows = picture.rows.len() as u64;
        let Some(band) = picture.rows.get(row) else {
            return Err(outside("row of a spike", row as u64, 0, n_rows - 1));
        };
        if neuron_idx >= band.n_neurons {
            let last = u64::from(band.n_neurons).saturating_sub(1);
            return Err(outside("neuron of a spike", neuron_idx.into(), 0, last));
        }
        if !(steps.first..=steps.last).contains(&step) {
            return Err(outside("step of a spike", step, steps.first, steps.last));
        }
        let room = f64::from(heights[row] - 4);
        let pitch = room / f64::from(band.n_neurons);
        let height = pixel(pitch - 1.0).clamp(1, 10);
        let y = tops[row] + 2 + pixel(pitch * f64::from(neuron_idx));
        marks[row].insert((y, height, steps.middle_of(step) - width / 2, width));
    }
    Ok(marks)
}

/// Rectangles `[x, y, width, height]` that cover the same pixels as the marks of a band: marks that touch
/// side by side are one, and so are equal stretches that touch one below another.
fn united(marks: &BTreeSet<Mark>) -> Vec<[i32; 4]> {
    let mut stretches: Vec<Mark> = Vec::new();
    for &(y, height, x, width) in marks {
        match stretches.last_mut() {
            Some((above, high, left, wide))
                if (*above, *high) == (y, height) && x <= *left + *wide =>
            {
                *wide = (*wide).max(x + width - *left);
            }
            _ => stretches.push((y, height, x, width)),
        }
    }
    let mut rectangles: Vec<[i32; 4]> = Vec::new();
    // By left edge and width, the rectangle that ends lowest.
    let mut lowest: BTreeMap<(i32, i32), usize> = BTreeMap::new();
    for (y, height, x, width) in stretches {
        if let Some(&idx) = lowest.get(&(x, width)) {
            let [_, top, _, high] = &mut rectangles[idx];
            if *top + *high == y {
                *high += height;
                continue;
            }
        }
        lowest.insert((x, width), rectangles.len());
        rectangles.push([x, y, width, height]);
    }
    rectangles
}

/// High enough for its name; seven pixels for each of a few neurons, three for each of up to 64.
fn band_height(n_neurons: u32) -> i32 {
    let high = match n_neurons {
        0..=12 => 7 * n_neurons + 4,
        13..=64 => (3 * n_neurons + 4).max(88),
        _ => 196,
    };
    i32::try_from(high).unwrap_or(196).max(18)
}

pub(crate) fn at_most(what: &'static str, found: usize, max: u64) -> Result<(), DrawError> {
    let found = found as u64;
    if found > max { Err(DrawError::TooMany { what, found, max }) } else { Ok(()) }
}

pub(crate) const fn outside(what: &'static str, found: u64, min: u64, max: u64) -> DrawError {
    DrawError::Outside { what, found, min, max }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(rectangles: &[[i32; 4]]) -> Vec<(i32, i32)> {
        let mut pixels = Vec::new();
        for &[x, y, width, height] in rectangles {
            pixels.extend((y..y + height).flat_map(|y| (x..x + width).map(move |x| (x, y))));
        }
        pixels.sort_unstable();
        pixels
    }

    /// Every pattern of twelve marks, three below another and four side by side, that touch or overlap.
    #[test]
    fn what_is_united_covers_the_same_pixels_once() {
        for pattern in 0_u32..1 << 12 {
            let chosen = (0..12).filter(|bit| pattern >> bit & 1 == 1);
            let marks: BTreeSet<Mark> =
                chosen.map(|bit| (bit / 4 * 2, 2, bit % 4 * 3, 2 + bit % 3)).collect();
            let each: Vec<[i32; 4]> =
                marks.iter().map(|&(y, height, x, width)| [x, y, width, height]).collect();
            let mut expected = pixels(&each);
            expected.dedup();
            assert_eq!(pixels(&united(&marks)), expected, "{pattern:#014b}");
        }
    }

    #[test]
    fn a_full_block_is_one_rectangle() {
        let marks = (0..5).flat_map(|y| (0..7).map(move |x| (y, 1, x, 2))).collect();
        assert_eq!(united(&marks), [[0, 0, 8, 5]]);
    }
}
