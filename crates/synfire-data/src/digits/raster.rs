//! From pen lines to pixels, in integers.
//!
//! A pen line is a straight piece of stroke with a radius; a pixel is ink if its centre lies within
//! the radius of some line. Lengths are in 1/256 of a pixel. Nothing here is random.

/// Pixels per side.
pub(crate) const SIDE: usize = 20;
/// Length units per pixel.
pub(crate) const PIXEL: i64 = 256;
/// One picture, row by row; true is ink.
pub(crate) type Picture = [bool; SIDE * SIDE];

/// A straight piece of stroke.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PenLine {
    pub(crate) from: (i64, i64),
    pub(crate) to: (i64, i64),
    pub(crate) radius: i64,
}

impl PenLine {
    /// Whether `point` is within the radius of the line, ends rounded.
    fn covers(&self, point: (i64, i64)) -> bool {
        let (dx, dy) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let (px, py) = (point.0 - self.from.0, point.1 - self.from.1);
        let reach = self.radius * self.radius;
        let length = dx * dx + dy * dy;
        let along = px * dx + py * dy;
        if along <= 0 {
            return px * px + py * py <= reach;
        }
        if along >= length {
            let (qx, qy) = (px - dx, py - dy);
            return qx * qx + qy * qy <= reach;
        }
        // Squared distance to the line is cross^2 / length: compared without the division.
        let cross = px * dy - py * dx;
        cross * cross <= reach * length
    }
}

/// The pixels whose centre lies under `line`, set to ink.
pub(crate) fn draw_line(picture: &mut Picture, line: &PenLine) {
    let span = |a: i64, b: i64| {
        let first = (a.min(b) - line.radius - PIXEL / 2).div_euclid(PIXEL);
        let last = (a.max(b) + line.radius + PIXEL / 2).div_euclid(PIXEL);
        pixel_range(first, last)
    };
    for row in span(line.from.1, line.to.1) {
        for col in span(line.from.0, line.to.0) {
            if !picture[row * SIDE + col] && line.covers((centre(col), centre(row))) {
                picture[row * SIDE + col] = true;
            }
        }
    }
}

/// The part of `first..=last` that lies in the picture.
fn pixel_range(first: i64, last: i64) -> std::ops::Range<usize> {
    let start = usize::try_from(first).unwrap_or(0);
    let end = usize::try_from(last.saturating_add(1)).unwrap_or(0).min(SIDE);
    start..end
}

/// The centre of the pixel at `position`, a row or column below [`SIDE`].
fn centre(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX / PIXEL - 1) * PIXEL + PIXEL / 2
}

/// Whether a pixel or one of its four neighbours is ink.
pub(crate) fn touches_ink(picture: &Picture, row: usize, col: usize) -> bool {
    let at = |row: usize, col: usize| picture[row * SIDE + col];
    at(row, col)
        || (row > 0 && at(row - 1, col))
        || (row + 1 < SIDE && at(row + 1, col))
        || (col > 0 && at(row, col - 1))
        || (col + 1 < SIDE && at(row, col + 1))
}

#[cfg(test)]
mod tests {
    use super::{PIXEL, PenLine, Picture, SIDE, draw_line, touches_ink};

    fn drawn(from: (i64, i64), to: (i64, i64), radius: i64) -> Picture {
        let mut picture = [false; SIDE * SIDE];
        draw_line(&mut picture, &PenLine { from, to, radius });
        picture
    }

    #[test]
    fn a_level_line_is_a_bar_with_round_ends() {
        // Centre line through the middle of row 10, from column 5 to column 14, radius one pixel:
        // rows 9 to 11 over the columns, and one more pixel at each end of row 10.
        let y = 10 * PIXEL + PIXEL / 2;
        let picture = drawn((5 * PIXEL + PIXEL / 2, y), (14 * PIXEL + PIXEL / 2, y), PIXEL);
        for row in 0..SIDE {
            for col in 0..SIDE {
                let bar = (9..=11).contains(&row) && (5..=14).contains(&col);
                let cap = row == 10 && (col == 4 || col == 15);
                assert_eq!(picture[row * SIDE + col], bar || cap, "row {row}, column {col}");
            }
        }
    }

    /// The bounding box only saves time: every pixel is as the distance test alone says.
    #[test]
    fn the_bounding_box_loses_no_pixel() {
        let mut draw = crate::draw::Draw::new(b"testing.", 11, 0);
        for _ in 0..2000 {
            let mut point = || (draw.within(4000) + 2560, draw.within(4000) + 2560);
            let line = PenLine { from: point(), to: point(), radius: 300 };
            let picture = drawn(line.from, line.to, line.radius);
            for (position, &ink) in picture.iter().enumerate() {
                let (row, col) = (position / SIDE, position % SIDE);
                assert_eq!(ink, line.covers((super::centre(col), super::centre(row))), "{line:?}");
            }
        }
    }

    #[test]
    fn a_line_outside_leaves_the_picture_empty() {
        assert!(drawn((-9000, -9000), (-8000, -900), 300).iter().all(|&ink| !ink));
        assert!(drawn((9000, 0), (9000, 9000), 300).iter().all(|&ink| !ink));
    }

    #[test]
    fn a_point_is_a_dot_and_its_neighbours_touch_it() {
        let middle = (7 * PIXEL + PIXEL / 2, 3 * PIXEL + PIXEL / 2);
        let picture = drawn(middle, middle, PIXEL / 4);
        assert_eq!(picture.iter().filter(|&&ink| ink).count(), 1);
        assert!(picture[3 * SIDE + 7]);
        let touching: usize =
            (0..SIDE * SIDE).filter(|p| touches_ink(&picture, p / SIDE, p % SIDE)).count();
        assert_eq!(touching, 5);
    }
}
