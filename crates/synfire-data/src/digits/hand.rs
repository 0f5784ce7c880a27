//! One digit written by one imagined hand: the random part of the procedural set.
//!
//! From a skeleton to a picture, in this order:
//!
//! 1. every mark is displaced a little (wobble), a shaky hand more than a steady one;
//! 2. the marks are joined by cubic curves, cut into straight pieces;
//! 3. the whole is bent, scaled unequally, sheared, turned and moved;
//! 4. the pen draws it, with a width that changes along the way and now and then a gap;
//! 5. pixels along the edge of the ink and specks anywhere are flipped.
//!
//! Lengths are integers: 1/16 of a skeleton unit up to step 2, 1/256 of a pixel after. The turn uses
//! the rational form of sine and cosine, so no table and no floating point is needed and every
//! machine draws the same bits. How hard the set is to learn is decided here, by the constants; see
//! [`digits`](crate::digits) for what was measured.

use super::raster::{self, PIXEL, PenLine, Picture, SIDE};
use super::skeleton::{Mark, Skeleton};
use crate::draw::Draw;

/// Parts of a skeleton unit before scaling.
const FINE_PARTS: u32 = 16;
const FINE: i64 = FINE_PARTS as i64;
/// Fixed-point one of the linear map.
const ONE: i64 = 4096;
/// Straight pieces per curve.
const PIECES: i64 = 6;

/// Displacement of a mark, in skeleton units, at most: steadiest and shakiest hand.
const WOBBLE: (u32, u32) = (3, 8);
/// Bend of the whole: displacement at the edge of the field, in skeleton units, at most.
const BEND: u32 = 10;
/// Height of an unvaried digit, 100 skeleton units, in 1/256 pixel: 15.6 pixels.
const SIZE: i64 = 4000;
/// Change of the height, in 1/4096, at most: 17 %.
const HEIGHT_CHANGE: u32 = 700;
/// Width over height, in 1/4096: 1.2 times as wide as the skeletons are drawn.
const WIDTH: i64 = 4900;
/// Change of the width over the height, in 1/4096, at most.
const WIDTH_CHANGE: u32 = 1300;
/// Shear, in 1/4096 of x per y, at most: 20 degrees.
const SHEAR: u32 = 1500;
/// Tangent of half the turn, in 1/4096, at most: 30 degrees.
const HALF_TURN: u32 = 1100;
/// Displacement of the whole, in 1/256 pixel, at most: 3.7 pixels.
const SHIFT: u32 = 940;
/// Radius of the pen, in 1/256 pixel: thinnest and thickest.
const PEN: (u32, u32) = (200, 340);
/// Change of the radius from start to end of a digit, half of it, at most.
const PEN_CHANGE: u32 = 60;
/// One digit in this many has a gap.
const GAP_ONE_IN: u32 = 4;
/// Pixels flipped of 1,000: those that touch ink or are ink.
const FLIP_NEAR: u32 = 24;
/// Pixels flipped of 1,000: all others.
const FLIP_FAR: u32 = 4;

/// A picture of `skeleton` in a hand drawn from `draw`.
pub(crate) fn write(skeleton: Skeleton, draw: &mut Draw) -> Picture {
    let pieces = flatten(&wobbled(skeleton, draw));
    let map = Map::drawn(draw);
    let radius = i64::from(PEN.0 + draw.below(PEN.1 - PEN.0 + 1));
    let change = draw.bell(PEN_CHANGE);
    let gap = gap(pieces.len(), draw);

    let mut picture = [false; SIDE * SIDE];
    let n_pieces = i64::try_from(pieces.len()).unwrap_or(1).max(1);
    for (progress, (at, piece)) in (0_i64..).zip(pieces.iter().enumerate()) {
        if gap.contains(&at) {
            continue;
        }
        let radius = radius + change * (2 * progress - n_pieces) / n_pieces;
        let line = PenLine { from: map.apply(piece.0), to: map.apply(piece.1), radius };
        raster::draw_line(&mut picture, &line);
    }
    speckled(&picture, draw)
}

type Point = (i64, i64);

/// The marks of a skeleton after wobble, in 1/16 unit, with how the pen passes each.
fn wobbled(skeleton: Skeleton, draw: &mut Draw) -> Vec<(Passing, Point)> {
    let shakiness = WOBBLE.0 + draw.below(WOBBLE.1 - WOBBLE.0 + 1);
    let reach = shakiness * FINE_PARTS;
    skeleton
        .iter()
        .map(|&mark| {
            let (passing, x, y) = match mark {
                Mark::Down(x, y) => (Passing::Down, x, y),
                Mark::Smooth(x, y) => (Passing::Smooth, x, y),
                Mark::Corner(x, y) => (Passing::Corner, x, y),
            };
            let place =
                (i64::from(x) * FINE + draw.bell(reach), i64::from(y) * FINE + draw.bell(reach));
            (passing, place)
        })
        .collect()
}

/// How the pen passes a mark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Passing {
    Down,
    Smooth,
    Corner,
}

/// Cubic curves through the marks (Catmull-Rom, one-sided at ends and corners), as straight pieces.
fn flatten(marks: &[(Passing, Point)]) -> Vec<(Point, Point)> {
    let mut pieces = Vec::with_capacity(marks.len() * 6);
    for at in 1..marks.len() {
        let (passing, end) = marks[at];
        if passing == Passing::Down {
            continue;
        }
        let start = marks[at - 1].1;
        let chord = minus(end, start);
        // Through a smooth mark the pen moves along the chord of its two neighbours.
        let before =
            (marks[at - 1].0 == Passing::Smooth).then(|| halved(minus(end, marks[at - 2].1)));
        let after = marks
            .get(at + 1)
            .filter(|next| passing == Passing::Smooth && next.0 != Passing::Down)
            .map(|next| halved(minus(next.1, start)));
        // Where one side is free, the curve is the parabola that the other side asks for.
        let (leave, arrive) = match (before, after) {
            (Some(leave), Some(arrive)) => (leave, arrive),
            (Some(leave), None) => (leave, minus(doubled(chord), leave)),
            (None, Some(arrive)) => (minus(doubled(chord), arrive), arrive),
            (None, None) => (chord, chord),
        };
        let mut last = start;
        for step in 1..=PIECES {
            let next = (
                hermite(step, start.0, end.0, leave.0, arrive.0),
                hermite(step, start.1, end.1, leave.1, arrive.1),
            );
            pieces.push((last, next));
            last = next;
        }
    }
    pieces
}

/// One coordinate of the cubic at `step` / [`PIECES`], rounded down.
fn hermite(step: i64, start: i64, end: i64, leave: i64, arrive: i64) -> i64 {
    let (k, n) = (step, PIECES);
    let (square, cube, whole) = (k * k * n, k * k * k, n * n * n);
    let sum = start * (2 * cube - 3 * square + whole)
        + leave * (cube - 2 * square + k * n * n)
        + end * (3 * square - 2 * cube)
        + arrive * (cube - square);
    sum.div_euclid(whole)
}

fn minus(a: Point, b: Point) -> Point {
    (a.0 - b.0, a.1 - b.1)
}
fn doubled(a: Point) -> Point {
    (2 * a.0, 2 * a.1)
}
fn halved(a: Point) -> Point {
    (a.0.div_euclid(2), a.1.div_euclid(2))
}

/// From skeleton to picture: a bend, then a linear map, then a shift.
struct Map {
    bend: Point,
    rows: [[i64; 2]; 2],
    shift: Point,
}

impl Map {
    fn drawn(draw: &mut Draw) -> Map {
        let bend = (draw.bell(BEND), draw.bell(BEND / 2));
        let height = ONE + draw.bell(HEIGHT_CHANGE);
        let width = height * (WIDTH + draw.bell(WIDTH_CHANGE)) / ONE;
        let shear = draw.bell(SHEAR);
        // With u the tangent of half the angle: cos = (1 - u^2) / (1 + u^2), sin = 2u / (1 + u^2).
        let half = draw.bell(HALF_TURN);
        let whole = ONE * ONE + half * half;
        let cos = (ONE * ONE - half * half) * ONE / whole;
        let sin = 2 * half * ONE * ONE / whole;
        let rows = [
            [cos * width / ONE, (cos * shear / ONE * width - sin * height) / ONE],
            [sin * width / ONE, (sin * shear / ONE * width + cos * height) / ONE],
        ];
        let middle = PIXEL * 10;
        let shift = (middle + draw.bell(SHIFT), middle + draw.bell(SHIFT));
        Map { bend, rows, shift }
    }

    fn apply(&self, (x, y): Point) -> Point {
        // Full bend at the top and the bottom (y = +-50), and at the sides (x = +-30).
        let x_bent = x + self.bend.0 * y * y / (50 * 50 * FINE);
        let y_bent = y + self.bend.1 * x * x / (30 * 30 * FINE);
        let [[a, b], [c, d]] = self.rows;
        let scaled = |sum: i64| sum / ONE * SIZE / (100 * FINE);
        (
            scaled(a * x_bent + b * y_bent) + self.shift.0,
            scaled(c * x_bent + d * y_bent) + self.shift.1,
        )
    }
}

/// The pieces left out by a pen that skips: mostly none.
fn gap(n_pieces: usize, draw: &mut Draw) -> std::ops::Range<usize> {
    let skips = draw.chance(1, GAP_ONE_IN);
    let bound = u32::try_from(n_pieces).unwrap_or(u32::MAX);
    let start = draw.below(bound) as usize;
    let length = 2 + draw.below(3) as usize;
    if skips { start..start + length } else { 0..0 }
}

/// `clean` with rough edges and specks.
fn speckled(clean: &Picture, draw: &mut Draw) -> Picture {
    let mut picture = *clean;
    for row in 0..SIDE {
        for col in 0..SIDE {
            let near = raster::touches_ink(clean, row, col);
            if draw.chance(if near { FLIP_NEAR } else { FLIP_FAR }, 1000) {
                picture[row * SIDE + col] ^= true;
            }
        }
    }
    picture
}
