//! A map of cores: what lies on each, and how full it is.

use crate::DrawError;
use crate::canvas::{FAINT, INK, WIDTH, colour, cut, line, pixel, rectangle, sheet, text};
use crate::raster::{at_most, outside};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use std::collections::{BTreeMap, BTreeSet};

const TOP: i32 = 40;
const LEFT: i32 = 20;
const CELL: (i32, i32) = (56, 50);
const TILE_GAP: i32 = 3;
const CHIP_TITLE: i32 = 20;
const CHIP_GAP: i32 = 16;
const LEGEND_LINE: i32 = 18;
/// Most characters of the line below the legend.
const MAX_NOTE: usize = 140;
const CORES_PER_TILE: u32 = 4;
const MAX_CHIPS: u64 = 16;

/// The cores of some chips.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoreMap {
    /// What is written above.
    pub title: String,
    /// Tiles beside each other on a chip, 1 to 8.
    pub columns: u32,
    /// Tiles above each other on a chip, 1 to 16. A tile has four cores, two by two.
    pub rows: u32,
    /// The used cores of each chip, at least one chip.
    pub chips: Vec<Vec<CoreBox>>,
}

/// A used core.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoreBox {
    /// Its number: four in a tile, tiles row by row.
    pub core: u32,
    /// What is written in it.
    pub label: String,
    /// What lies on it, from the left.
    pub segments: Vec<Segment>,
    /// The share used of the resource that binds, 0 to 1.
    pub load: f64,
    /// The name of that resource.
    pub binds: String,
}

/// A part of what lies on a core.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// Its name in the legend; one name should have one colour.
    pub name: String,
    /// The share of the core that it takes, 0 to 1.
    pub share: f64,
    /// The number of its colour.
    pub colour_idx: usize,
}

/// Draws a map of cores.
///
/// # Errors
/// No chip or more than 16, a mesh without tiles or wider than the picture, a core that the mesh does not
/// have or that a chip has twice, a share that is no number.
pub fn core_map(map: &CoreMap) -> Result<String, DrawError> {
    if map.chips.is_empty() {
        return Err(DrawError::Empty { what: "a chip" });
    }
    at_most("chips", map.chips.len(), MAX_CHIPS)?;
    for (what, found, max) in
        [("columns of tiles", map.columns, 8), ("rows of tiles", map.rows, 16)]
    {
        if !(1..=max).contains(&found) {
            return Err(outside(what, found.into(), 1, max.into()));
        }
    }
    let n_cores = map.columns * map.rows * CORES_PER_TILE;
    for cores in &map.chips {
        let mut seen = BTreeSet::new();
        if let Some(twice) = cores.iter().find(|core| !seen.insert(core.core)) {
            return Err(DrawError::Twice { what: "a chip has core", found: twice.core.into() });
        }
    }
    let mut legend: Vec<(&str, usize)> = Vec::new();
    let mut named = BTreeSet::new();
    for core in map.chips.iter().flatten() {
        if core.core >= n_cores {
            return Err(outside("core", core.core.into(), 0, u64::from(n_cores) - 1));
        }
        for segment in &core.segments {
            if !(0.0..=f64::MAX).contains(&segment.share) {
                return Err(DrawError::Share { what: "the share", name: segment.name.clone() });
            }
            if named.insert(segment.name.as_str()) {
                legend.push((&segment.name, segment.colour_idx));
            }
        }
        if !(0.0..=f64::MAX).contains(&core.load) {
            return Err(DrawError::Share { what: "the load", name: core.label.clone() });
        }
    }
    let [columns, rows] = [map.columns, map.rows].map(|n| i32::try_from(n).unwrap_or(16));
    let chip_height = CHIP_TITLE + rows * (2 * CELL.1 + TILE_GAP) + CHIP_GAP;
    let n_chips = i32::try_from(map.chips.len()).unwrap_or(i32::MAX);
    let per_line = i32::try_from(WIDTH).unwrap_or(960) / 120;
    let n_names = i32::try_from(legend.len()).unwrap_or(i32::MAX - per_line);
    let legend_lines = (n_names + per_line - 1) / per_line;
    let height = TOP + n_chips * chip_height + legend_lines * LEGEND_LINE + 20;
    sheet(u32::try_from(height).unwrap_or(u32::MAX), &map.title, |area| {
        for (chip_idx, cores) in (0_i32..).zip(&map.chips) {
            let top = TOP + chip_idx * chip_height + CHIP_TITLE;
            let title = format!("chip {chip_idx}: {} of {n_cores} cores used", cores.len());
            text(area, &title, (LEFT, top - 16), 12, INK, HPos::Left)?;
            for core in 0..n_cores {
                let corners = corners(core, columns, top);
                rectangle(area, corners, FAINT.mix(0.25).filled())?;
            }
            for core in cores {
                draw_core(area, core, corners(core.core, columns, top))?;
            }
        }
        let top = TOP + n_chips * chip_height;
        for (idx, (name, colour_idx)) in (0_i32..).zip(&legend) {
            let (x, y) = (LEFT + idx % per_line * 116, top + idx / per_line * LEGEND_LINE);
            rectangle(area, [(x, y + 2), (x + 12, y + 10)], colour(*colour_idx).filled())?;
            text(area, &cut(name, 13), (x + 18, y), 12, INK, HPos::Left)?;
        }
        let y = top + legend_lines * LEGEND_LINE;
        text(area, &cut(&note(map), MAX_NOTE), (LEFT, y), 12, INK, HPos::Left)
    })
}

/// What the grey bars mean: the resources that bind, the most frequent first.
fn note(map: &CoreMap) -> String {
    let mut n_bound: BTreeMap<&str, usize> = BTreeMap::new();
    for core in map.chips.iter().flatten().filter(|core| !core.binds.is_empty()) {
        *n_bound.entry(&core.binds).or_default() += 1;
    }
    let mut n_bound: Vec<(&str, usize)> = n_bound.into_iter().collect();
    n_bound.sort_by_key(|&(_, n_cores)| std::cmp::Reverse(n_cores));
    let resources: Vec<String> =
        n_bound.iter().map(|(name, n_cores)| format!("{name} ({n_cores})")).collect();
    let mut note = "pale: unused core; grey bar: share of the resource that binds".to_owned();
    if !resources.is_empty() {
        note += &format!(", by number of cores: {}", resources.join(", "));
    }
    note
}

/// The corners of a core: two by two in a tile, tiles row by row.
fn corners(core: u32, columns: i32, top: i32) -> [(i32, i32); 2] {
    let core = i32::try_from(core).unwrap_or(0);
    let (tile, within) = (core / 4, core % 4);
    let x = LEFT + (tile % columns) * (2 * CELL.0 + TILE_GAP) + (within % 2) * CELL.0;
    let y = top + (tile / columns) * (2 * CELL.1 + TILE_GAP) + (within / 2) * CELL.1;
    [(x, y), (x + CELL.0 - 3, y + CELL.1 - 3)]
}

fn draw_core(
    area: &crate::canvas::Area<'_>,
    core: &CoreBox,
    [from, to]: [(i32, i32); 2],
) -> Result<(), DrawError> {
    let width = f64::from(to.0 - from.0);
    let bar = (from.1 + 15, to.1 - 9);
    let mut left = 0.0_f64;
    for segment in &core.segments {
        let right = (left + segment.share).min(1.0);
        let [x0, x1] = [left, right].map(|share| from.0 + pixel(share * width));
        // However small, it shows; however many there are, they stay within the core.
        let x0 = x0.min(to.0 - 1);
        let corners = [(x0, bar.0), (x1.max(x0 + 1), bar.1)];
        rectangle(area, corners, colour(segment.colour_idx).filled())?;
        left = right;
    }
    let load = from.0 + pixel(core.load.min(1.0) * width);
    rectangle(area, [(from.0, to.1 - 6), (load, to.1 - 2)], INK.mix(0.55).filled())?;
    line(area, vec![from, (to.0, from.1), to, (from.0, to.1), from], INK.stroke_width(1))?;
    text(area, &cut(&core.label, 8), (from.0 + 3, from.1 + 2), 11, INK, HPos::Left)
}
