//! The style of pictures that follow the theme of the page they stand in.
//!
//! A picture alone follows the reader's preference for light or dark. A page that has themes of its own sets
//! the variables below, and every picture in it follows. `plotters` writes neither classes nor titles, so
//! pictures with this style are written here as text.

use crate::glyph::Glyph;
use std::fmt::Write;

/// The variables a page may set, each with its value on white and on black.
const VARIABLES: [(&str, &str, &str); 6] = [
    ("paper", "#fff", "#15181c"),
    ("ink", "#1c1c1c", "#e8e8e8"),
    ("soft", "#5c5c5c", "#a8a8a8"),
    ("line", "#c9c9c9", "#464c54"),
    ("shade-up", "#fbeee2", "#33261a"),
    ("shade-down", "#f5e9f6", "#2f2233"),
];

/// The style element of a picture of class `synfire-raster`: variables `--raster-ink` and so on.
pub(crate) fn style() -> String {
    let mut text = String::from("<style>\n");
    for (idx, at) in [".synfire-raster{", "@media (prefers-color-scheme:dark){.synfire-raster{"]
        .into_iter()
        .enumerate()
    {
        text.push_str(at);
        for (name, light, dark) in VARIABLES {
            let value = [light, dark][idx];
            let _ = write!(text, "--r-{name}:var(--raster-{name},{value});");
        }
        for glyph in Glyph::ALL {
            let (class, value) = (glyph.class(), glyph.colours()[idx]);
            let _ = write!(text, "--r-{class}:var(--raster-{class},{value});");
        }
        text.push_str(if idx == 0 { "}\n" } else { "}}\n" });
    }
    text.push_str(
        ".synfire-raster text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,\
         sans-serif;font-size:12px;fill:var(--r-ink)}\n\
         .synfire-raster .paper{fill:var(--r-paper)}\n\
         .synfire-raster .title{font-size:16px;font-weight:600}\n\
         .synfire-raster .b{font-weight:600}\n\
         .synfire-raster .soft{fill:var(--r-soft)}\n\
         .synfire-raster .n{font-size:10px;fill:var(--r-soft)}\n\
         .synfire-raster .s{font-size:11px}\n\
         .synfire-raster .halo{paint-order:stroke;stroke:var(--r-paper);stroke-width:4px}\n\
         .synfire-raster .m{text-anchor:middle}\n\
         .synfire-raster .e{text-anchor:end}\n\
         .synfire-raster .pixels{fill:var(--r-ink)}\n\
         .synfire-raster .up{fill:var(--r-shade-up)}\n\
         .synfire-raster .down{fill:var(--r-shade-down)}\n\
         .synfire-raster .thin{stroke:var(--r-line);stroke-width:1;fill:none}\n\
         .synfire-raster .row{stroke:var(--r-line);stroke-width:1;stroke-opacity:.45;fill:none}\n\
         .synfire-raster .thick{stroke:var(--r-ink);stroke-width:1.5;fill:none}\n",
    );
    for glyph in Glyph::ALL {
        let class = glyph.class();
        let rule = match glyph {
            Glyph::Ring => format!("fill:none;stroke:var(--r-{class});stroke-width:1.4"),
            Glyph::Cross => format!("fill:none;stroke:var(--r-{class});stroke-width:2"),
            _ => format!("fill:var(--r-{class})"),
        };
        let _ = writeln!(text, ".synfire-raster .{class}{{{rule}}}");
    }
    text.push_str("</style>\n");
    text
}

/// Text as it may stand between tags and in quoted attributes. What XML cannot hold, and controls, are
/// replaced.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other if other.is_control() => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

/// Words in lines of at most so many characters, except where a single word is longer.
pub(crate) fn wrapped(text: &str, n_chars: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= n_chars => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_controls_are_replaced() {
        assert_eq!(
            escaped("h< & \"o>\" '\u{7}\u{fffe}"),
            "h&lt; &amp; &quot;o&gt;&quot; &#39;\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn lines_hold_whole_words() {
        assert_eq!(wrapped("one two three four", 9), ["one two", "three", "four"]);
        assert_eq!(wrapped("verylongword a", 4), ["verylongword", "a"]);
        assert!(wrapped("  ", 4).is_empty());
    }
}
