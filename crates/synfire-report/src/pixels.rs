//! Samples and receptive fields: small pictures, row by row, as paths.
//!
//! A row is a stroke of one pixel's height, so that pixels side by side share one command. Pictures are crisp at
//! any size and take no file of their own.

use maud::{Markup, PreEscaped, html};

/// Levels of a receptive field to each side of zero.
const LEVELS: i32 = 8;

/// The colours of the lowest weight, of zero, of the highest: also ascending from dark to light, so that they
/// can be told apart without colour.
const LOWEST: [i32; 3] = [12, 35, 96];
const ZERO: [i32; 3] = [140, 141, 144];
const HIGHEST: [i32; 3] = [255, 231, 140];

/// Width and height of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Size {
    /// That of a data set, or the square of this many pixels, if it is one.
    pub(crate) fn square(n: usize) -> Option<Size> {
        let side = n.isqrt();
        (side * side == n && side > 0).then_some(Size { width: side, height: side })
    }
}

/// A stroke for each run of pixels of equal value, where `value` is what is drawn.
fn strokes<T: PartialEq + Copy>(size: Size, pixels: &[T], value: T) -> String {
    let mut path = String::new();
    for (row_idx, row) in pixels.chunks(size.width).take(size.height).enumerate() {
        let mut column_idx = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == value {
                path.push_str(&format!("M{column_idx} {row_idx}h{}", run.len()));
            }
            column_idx += run.len();
        }
    }
    path
}

/// A sample as the network saw it: active inputs dark, or light on a dark page.
pub(crate) fn sample(size: Size, active: &[u32], note: &str) -> Markup {
    let mut pixels = vec![false; size.width * size.height];
    for &input_idx in active {
        if let Some(pixel) = pixels.get_mut(input_idx as usize) {
            *pixel = true;
        }
    }
    html! {
        svg.sample role="img" viewBox=(format!("0 0 {} {}", size.width, size.height)) {
            title { (note) }
            path d=(strokes(size, &pixels, true)) {}
        }
    }
}

/// The level of a weight, -8 to 8, where `limit` is the largest magnitude.
fn level(weight: i16, limit: i32) -> i32 {
    let doubled = 2 * LEVELS * i32::from(weight) + limit * i32::from(weight.signum());
    (doubled / (2 * limit)).clamp(-LEVELS, LEVELS)
}

/// The weights into one neuron in the places of its inputs.
pub(crate) fn field(size: Size, weights: &[i16], limit: i32, note: &str) -> Markup {
    let levels: Vec<i32> = weights.iter().map(|&weight| level(weight, limit)).collect();
    html! {
        svg.field role="img" viewBox=(format!("0 0 {} {}", size.width, size.height)) {
            title { (note) }
            @for level in (-LEVELS..=LEVELS).filter(|&level| level != 0) {
                @let path = strokes(size, &levels, level);
                @if !path.is_empty() {
                    path.(class(level)) d=(path) {}
                }
            }
        }
    }
}

/// The bar that says which colour is which weight.
pub(crate) fn scale_bar(min: i16, max: i16) -> Markup {
    const SIDE: i32 = 20;
    let width = SIDE * (2 * LEVELS + 1);
    html! {
        svg.scale role="img" viewBox=(format!("0 0 {} 34", width + 100)) {
            title { "Scale: from " (min) " (darkest) over 0 (grey) to " (max) " (lightest), in weight units" }
            @for (place, level) in (0..).zip(-LEVELS..=LEVELS) {
                rect.(class(level)) x=(SIDE * place) y="0" width=(SIDE) height="14" {}
            }
            text x="0" y="29" { (min) }
            text.m x=(width / 2) y="29" { "0" }
            text.e x=(width) y="29" { (max) }
            text x=(width + 8) y="12" { "weight units" }
        }
    }
}

fn class(level: i32) -> String {
    format!("f{}", level + LEVELS)
}

/// The colours of all levels, for the page's style.
pub(crate) fn style() -> PreEscaped<String> {
    let mut text = String::new();
    for level in -LEVELS..=LEVELS {
        let end = if level < 0 { LOWEST } else { HIGHEST };
        let mix = |idx: usize| ZERO[idx] + (end[idx] - ZERO[idx]) * level.abs() / LEVELS;
        let (name, colour) = (class(level), format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2)));
        text.push_str(&format!("path.{name}{{stroke:{colour}}}rect.{name}{{fill:{colour}}}"));
    }
    PreEscaped(text)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn pixels_side_by_side_are_one_stroke() {
        let size = Size { width: 4, height: 2 };
        let drawn = sample(size, &[0, 1, 3, 6, 7, 99], "a \"<b>\"").into_string();
        assert!(drawn.contains("d=\"M0 0h2M3 0h1M2 1h2\""), "{drawn}");
        assert!(drawn.contains("<title>a &quot;&lt;b&gt;&quot;</title>"), "{drawn}");
    }

    #[test]
    fn levels_are_symmetric_and_reach_both_ends() {
        let levels = [-256, -16, -15, 0, 15, 16, 254].map(|weight| level(weight, 256));
        assert_eq!(levels, [-8, -1, 0, 0, 0, 1, 8]);
        let drawn = field(Size { width: 3, height: 1 }, &[-256, -256, 254], 256, "").into_string();
        assert!(
            drawn.contains("class=\"f0\" d=\"M0 0h2\"")
                && drawn.contains("class=\"f16\" d=\"M2 0h1\"")
        );
    }

    /// Told apart in grey: each colour is lighter than the one before.
    #[test]
    fn colours_ascend_from_dark_to_light() {
        let text = style().0;
        let lightness = |class: &str| {
            let (_, rest) = text.split_once(&format!("rect.{class}{{fill:#")).unwrap();
            let part = |at: usize| i32::from_str_radix(&rest[at..at + 2], 16).unwrap();
            2126 * part(0) + 7152 * part(2) + 722 * part(4)
        };
        let all: Vec<i32> = (0..17).map(|k| lightness(&format!("f{k}"))).collect();
        assert!(all.is_sorted_by(|a, b| a < b), "{all:?}");
    }

    #[test]
    fn only_squares_have_a_side() {
        assert_eq!(Size::square(784), Some(Size { width: 28, height: 28 }));
        assert_eq!((Size::square(20), Size::square(0)), (None, None));
    }
}
