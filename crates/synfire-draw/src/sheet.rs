//! A contact sheet: small black and white pictures of one size in named rows.
//!
//! Pixels that stand side by side are one stroke of a path. Like rasters by phase the sheet follows the reader's
//! preference for light or dark; active pixels are ink.

use crate::DrawError;
use crate::canvas::cut;
use crate::raster::at_most;
use crate::style::{escaped, style, wrapped};
use std::fmt::Write;

/// Most pictures of a sheet.
pub const MAX_TILES: usize = 4096;
/// Most pixels of all pictures of a sheet.
pub const MAX_SHEET_PIXELS: u64 = 1 << 25;

/// Width left of the pictures: names.
const LEFT: i32 = 150;
const MARGIN: i32 = 16;
/// The longer side of a picture.
const SIDE: i32 = 56;
const GAP: i32 = 6;
/// Height of a line of text, and the width of a character on average.
const LINE: i32 = 16;
const CHARACTER: i32 = 6;
/// What a sheet should not pass in width.
const WIDTH: i32 = 1240;

/// Pictures of one size in named rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactSheet {
    /// What is written above.
    pub title: String,
    /// Lines below the title, broken where they are too long.
    pub notes: Vec<String>,
    /// Pixels per row of a picture, at least 1.
    pub width: usize,
    /// Rows of a picture, at least 1.
    pub height: usize,
    /// From top to bottom, at least one.
    pub rows: Vec<SheetRow>,
}

/// Pictures that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetRow {
    /// The name written beside them.
    pub name: String,
    /// A second line below the name.
    pub note: String,
    /// The pictures, from left to right; there may be none.
    pub tiles: Vec<SheetTile>,
}

/// One picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetTile {
    /// What is shown when the pointer rests on it.
    pub note: String,
    /// Active pixels, ascending: pixel `row * width + column`.
    pub active: Vec<u32>,
}

/// Draws a contact sheet as text that can be a file of its own or a part of a page.
///
/// Rows that are too long for the width are broken.
///
/// # Errors
/// No rows, pictures without pixels, too many of either, and active pixels outside a picture.
pub fn contact_sheet(sheet: &ContactSheet) -> Result<String, DrawError> {
    let ContactSheet { title, notes, width, height, rows } = sheet;
    if rows.is_empty() {
        return Err(DrawError::Empty { what: "a row" });
    }
    let n_pixels = width.saturating_mul(*height) as u64;
    if n_pixels == 0 {
        return Err(DrawError::Empty { what: "a pixel" });
    }
    let n_tiles = rows.iter().map(|row| row.tiles.len()).sum();
    at_most("pictures", n_tiles, MAX_TILES as u64)?;
    let all = usize::try_from(n_pixels.saturating_mul(n_tiles as u64)).unwrap_or(usize::MAX);
    at_most("pixels of all pictures", all, MAX_SHEET_PIXELS)?;
    let size = TileSize::new(*width, *height);
    let n_columns = ((WIDTH - LEFT - MARGIN) / (size.width + GAP)).max(1);
    let longest = rows.iter().map(|row| row.tiles.len()).max().unwrap_or(0);
    let longest = i32::try_from(longest).unwrap_or(i32::MAX).clamp(1, n_columns);
    let right = (LEFT + longest * (size.width + GAP) + MARGIN).max(560);

    let mut text = String::new();
    let mut y = MARGIN + LINE;
    let _ = writeln!(
        text,
        "<text class=\"title\" x=\"{MARGIN}\" y=\"{y}\">{}</text>",
        escaped(&cut(title, 100))
    );
    y += LINE / 2;
    let n_characters = usize::try_from((right - 2 * MARGIN) / CHARACTER).unwrap_or(1);
    for line in notes.iter().flat_map(|note| wrapped(note, n_characters)) {
        y += LINE;
        let line = escaped(&line);
        let _ = writeln!(text, "<text class=\"soft\" x=\"{MARGIN}\" y=\"{y}\">{line}</text>");
    }
    y += LINE;
    for row in rows {
        let top = y;
        let x = LEFT - 12;
        let (name, note) = (escaped(&cut(&row.name, 20)), escaped(&cut(&row.note, 22)));
        let _ = writeln!(text, "<text class=\"b e\" x=\"{x}\" y=\"{}\">{name}</text>", top + LINE);
        let _ =
            writeln!(text, "<text class=\"n e\" x=\"{x}\" y=\"{}\">{note}</text>", top + 2 * LINE);
        for (place, tile) in (0..).zip(&row.tiles) {
            let (column, line) = (place % n_columns, place / n_columns);
            let x = LEFT + column * (size.width + GAP);
            y = top + line * (size.height + GAP);
            let path = strokes(*width, n_pixels, &tile.active)?;
            let note = escaped(&tile.note);
            let (w, h) = (size.width, size.height);
            let _ = writeln!(
                text,
                "<svg x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {width} {height}\" \
                 preserveAspectRatio=\"none\" shape-rendering=\"crispEdges\"><title>{note}</title>\
                 <rect class=\"frame\" width=\"{width}\" height=\"{height}\"/>\
                 <path class=\"pixels\" d=\"{path}\"/></svg>"
            );
        }
        y = (y + size.height).max(top + 2 * LINE) + 2 * GAP;
    }
    let (bottom, style, title) = (y + MARGIN, style(), escaped(title));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"synfire-raster\" role=\"img\" width=\"{right}\" \
         height=\"{bottom}\" viewBox=\"0 0 {right} {bottom}\">\n<title>{title}</title>\n{style}\
         <style>.synfire-raster .frame{{fill:var(--r-line);fill-opacity:.35}}</style>\n\
         <rect class=\"paper\" width=\"{right}\" height=\"{bottom}\"/>\n{text}</svg>\n"
    ))
}

/// The size of a picture on the sheet: a whole number of pixels for each of its own, as far as that fits.
struct TileSize {
    width: i32,
    height: i32,
}

impl TileSize {
    fn new(width: usize, height: usize) -> TileSize {
        let longer = width.max(height);
        let side = SIDE.unsigned_abs() as usize;
        let scaled = |n: usize| {
            let n = if longer <= side { n * (side / longer) } else { n * side / longer };
            // One row of many features is still to be seen.
            i32::try_from(n.max(4)).unwrap_or(SIDE)
        };
        TileSize { width: scaled(width), height: scaled(height) }
    }
}

/// A rectangle for each run of active pixels.
fn strokes(width: usize, n_pixels: u64, active: &[u32]) -> Result<String, DrawError> {
    let mut path = String::new();
    let mut rest = active;
    while let Some(&first) = rest.first() {
        if let Some(&found) = rest.iter().find(|&&pixel| u64::from(pixel) >= n_pixels) {
            let max = n_pixels - 1;
            return Err(DrawError::Outside {
                what: "active pixel",
                found: found.into(),
                min: 0,
                max,
            });
        }
        let (row, column) = (first as usize / width, first as usize % width);
        let n = rest.iter().zip(first..).take_while(|&(&pixel, next)| pixel == next).count();
        let n = n.min(width - column).max(1);
        let _ = write!(path, "M{column} {row}h{n}v1h-{n}z");
        rest = &rest[n..];
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn sheet(width: usize, height: usize, active: &[u32]) -> ContactSheet {
        let tile = SheetTile { note: "sample 0".to_owned(), active: active.to_vec() };
        ContactSheet {
            title: "mine <train>".to_owned(),
            notes: vec!["two samples".to_owned()],
            width,
            height,
            rows: vec![SheetRow {
                name: "class 0".to_owned(),
                note: "1 sample".to_owned(),
                tiles: vec![tile],
            }],
        }
    }

    #[test]
    fn pixels_side_by_side_are_one_stroke() {
        assert_eq!(
            strokes(4, 8, &[0, 1, 3, 4, 7]).unwrap(),
            "M0 0h2v1h-2zM3 0h1v1h-1zM0 1h1v1h-1zM3 1h1v1h-1z"
        );
        assert_eq!(strokes(2, 4, &[0, 1, 2, 3]).unwrap(), "M0 0h2v1h-2zM0 1h2v1h-2z");
        assert_eq!(strokes(2, 4, &[]).unwrap(), "");
    }

    #[test]
    fn a_sheet_has_names_and_notes_and_is_the_same_each_time() {
        let sheet = sheet(3, 2, &[0, 5]);
        let svg = contact_sheet(&sheet).unwrap();
        assert!(svg.starts_with("<svg xmlns"), "{svg}");
        for part in ["mine &lt;train&gt;", "class 0", "sample 0", "d=\"M0 0h1v1h-1zM2 1h1v1h-1z\""]
        {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
        assert_eq!(contact_sheet(&sheet).unwrap(), svg);
    }

    #[test]
    fn any_size_has_a_place() {
        for (width, height) in [(1, 1), (1000, 1), (1, 1000), (28, 28), (100, 30), (57, 57)] {
            let size = TileSize::new(width, height);
            assert!((4..=SIDE).contains(&size.width) && (4..=SIDE).contains(&size.height));
            assert!(contact_sheet(&sheet(width, height, &[0])).is_ok());
        }
        assert_eq!((TileSize::new(7, 5).width, TileSize::new(7, 5).height), (56, 40));
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let message = |sheet: &ContactSheet| contact_sheet(sheet).unwrap_err().to_string();
        assert_eq!(message(&sheet(3, 2, &[6])), "active pixel is 6, expected 0 to 5");
        assert_eq!(message(&sheet(0, 2, &[])), "a picture needs a pixel, found none");
        let none = ContactSheet { rows: Vec::new(), ..sheet(1, 1, &[]) };
        assert_eq!(message(&none), "a picture needs a row, found none");
        let mut many = sheet(1, 1, &[]);
        many.rows[0].tiles = vec![many.rows[0].tiles[0].clone(); MAX_TILES + 1];
        assert_eq!(message(&many), "pictures: found 4097, expected at most 4096");
        assert!(
            message(&sheet(1 << 20, 1 << 20, &[])).starts_with("pixels of all pictures: found ")
        );
    }
}
