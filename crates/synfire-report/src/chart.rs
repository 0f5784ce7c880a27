//! Curves over epochs, and columns, as SVG within the page.
//!
//! Colours come from the page's classes, so that they follow its theme; every curve has a dash and a marker of
//! its own besides, and every value can be read by resting on its marker. Text is text. A picture is 480 units
//! wide and is scaled to its place.

use maud::{Markup, html};

use crate::axis::Axis;
use crate::words::cut;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 290.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 40.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 44.0;
/// Least distance between two lines of text.
const LINE: f64 = 15.0;
/// Markers are drawn at no more points of a curve than this.
const MOST_MARKERS: usize = 12;

/// Curves that share their axes.
pub(crate) struct Chart {
    /// Unique on the page.
    pub(crate) id: String,
    pub(crate) title: String,
    /// What there is to see, for who cannot see it.
    pub(crate) description: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) lines: Vec<Line>,
    /// Values marked by a line across.
    pub(crate) levels: Vec<Level>,
    /// Behind a value when it is told.
    pub(crate) unit: &'static str,
    /// Decimals of a value when it is told.
    pub(crate) decimals: usize,
}

/// One curve.
pub(crate) struct Line {
    pub(crate) name: String,
    /// Which colour, dash and marker.
    pub(crate) style: usize,
    /// Whether it stays in the background: thin and without markers.
    pub(crate) is_faint: bool,
    /// Epochs ascending.
    pub(crate) points: Vec<(f64, f64)>,
}

/// A value marked by a line across.
pub(crate) struct Level {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// The style of the curve it belongs to, if it belongs to one.
    pub(crate) style: Option<usize>,
}

/// Number of colours, shapes and dashes.
const N_COLOURS: usize = 8;
const N_MARKERS: usize = 7;
const DASHES: [&str; 4] = ["", "7 3", "9 3 2 3", "4 2"];

/// The outline of a marker about a point.
fn marker(style: usize, x: f64, y: f64) -> String {
    match style % N_MARKERS {
        0 => format!("M{:.1} {y:.1}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z", x - 3.5),
        1 => format!("M{:.1} {:.1}h6v6h-6z", x - 3.0, y - 3.0),
        2 => format!("M{x:.1} {:.1}l4 7h-8z", y - 4.0),
        3 => format!("M{x:.1} {:.1}l4 4.5l-4 4.5l-4-4.5z", y - 4.5),
        4 => format!("M{x:.1} {:.1}l4-7h-8z", y + 4.0),
        5 => format!("M{:.1} {:.1}h3v-3h2v3h3v2h-3v3h-2v-3h-3z", x - 4.0, y - 1.0),
        _ => format!("M{:.1} {:.1}h8v3h-8z", x - 4.0, y - 1.5),
    }
}

fn dash(style: usize) -> &'static str {
    DASHES[style % DASHES.len()]
}

/// The part of a picture in which values lie.
struct Frame<'a> {
    x: &'a Axis,
    y: &'a Axis,
}

impl Frame<'_> {
    fn x(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - self.y.place(value) * (HEIGHT - TOP - BOTTOM)
    }

    /// Grid, numbers and names of both axes.
    fn draw(&self) -> Markup {
        let (left, right, bottom) = (LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM);
        let grid: String = self
            .y
            .ticks
            .iter()
            .map(|&tick| format!("M{left} {:.1}H{right}", self.y(tick)))
            .collect();
        let notches: String =
            self.x.ticks.iter().map(|&tick| format!("M{:.1} {bottom}v4", self.x(tick))).collect();
        let middle = (TOP + bottom) / 2.0;
        html! {
            path.grid d=(grid) {}
            path.axis d=(format!("M{left} {TOP}V{bottom}H{right}{notches}")) {}
            @for &tick in &self.y.ticks {
                text.e x=(LEFT - 6.0) y=(format!("{:.1}", self.y(tick) + 4.0)) { (self.y.written(tick)) }
            }
            @for &tick in &self.x.ticks {
                text.m x=(format!("{:.1}", self.x(tick))) y=(bottom + 17.0) { (self.x.written(tick)) }
            }
            text.m x=((left + right) / 2.0) y=(HEIGHT - 8.0) { (self.x.label) }
            text.m transform=(format!("translate(13 {middle}) rotate(-90)")) { (self.y.label) }
        }
    }
}

/// The opening of a picture: title and description for who cannot see it.
fn picture(id: &str, title: &str, description: &str, body: &Markup) -> Markup {
    html! {
        svg.chart role="img" viewBox=(format!("0 0 {WIDTH} {HEIGHT}"))
            aria-labelledby=(format!("{id}-t {id}-d")) {
            title id=(format!("{id}-t")) { (title) }
            desc id=(format!("{id}-d")) { (description) }
            (body)
        }
    }
}

impl Chart {
    /// The picture and its legend.
    pub(crate) fn draw(&self) -> Markup {
        let frame = Frame { x: &self.x, y: &self.y };
        let clip = format!("{}-c", self.id);
        let faint_first = || {
            let faint = self.lines.iter().filter(|line| line.is_faint);
            faint.chain(self.lines.iter().filter(|line| !line.is_faint))
        };
        let body = html! {
            clipPath id=(clip) {
                rect x=(LEFT) y=(TOP - 5.0) width=(WIDTH - LEFT - RIGHT) height=(HEIGHT - TOP - BOTTOM + 5.0) {}
            }
            (frame.draw())
            (self.levels(&frame))
            g clip-path=(format!("url(#{clip})")) {
                @for line in faint_first() {
                    path.line.faint[line.is_faint].(colour(line.style))
                        stroke-dasharray=[Some(dash(line.style)).filter(|dash| !dash.is_empty())]
                        d=(self.path(&frame, line)) {}
                }
            }
            @for line in faint_first().filter(|line| !line.is_faint) {
                (self.markers(&frame, line))
            }
        };
        html! {
            (picture(&self.id, &self.title, &self.description, &body))
            // One curve alone is named by the title.
            @if self.lines.len() + self.levels.len() > 1 { (self.legend()) }
        }
    }

    fn path(&self, frame: &Frame<'_>, line: &Line) -> String {
        let mut path = String::new();
        for (idx, &(x, y)) in line.points.iter().enumerate() {
            let command = if idx == 0 { 'M' } else { 'L' };
            path.push_str(&format!("{command}{:.1} {:.1}", frame.x(x), frame.y(y)));
        }
        // A single point is seen as its marker; a path needs two.
        path
    }

    /// A marker at some points, and at every point something to rest on.
    fn markers(&self, frame: &Frame<'_>, line: &Line) -> Markup {
        let n = line.points.len();
        let every = n.div_ceil(MOST_MARKERS).max(1);
        // From the end, so that the last point has one.
        let has_marker = |idx: usize| (n - 1 - idx).is_multiple_of(every);
        let inside = || line.points.iter().enumerate().filter(|(_, point)| self.y.holds(point.1));
        let marks: String = inside()
            .filter(|&(idx, _)| has_marker(idx))
            .map(|(_, &(x, y))| marker(line.style, frame.x(x), frame.y(y)))
            .collect();
        html! {
            path.mark.(colour(line.style)) d=(marks) {}
            @for (_, &(x, y)) in inside() {
                circle.hit cx=(format!("{:.1}", frame.x(x))) cy=(format!("{:.1}", frame.y(y))) r="4" {
                    title {
                        (line.name) ", epoch " (x) ": " (format!("{y:.*}", self.decimals)) " " (self.unit)
                    }
                }
            }
        }
    }

    /// Lines across, with their values at the right, as far apart as they need to be read.
    fn levels(&self, frame: &Frame<'_>) -> Markup {
        let mut inside: Vec<&Level> =
            self.levels.iter().filter(|level| self.y.holds(level.value)).collect();
        inside.sort_by(|a, b| b.value.total_cmp(&a.value));
        let mut next = f64::MIN;
        let mut placed = Vec::new();
        for level in inside {
            let y = frame.y(level.value);
            let text_y = (y + 4.0).max(next);
            next = text_y + LINE;
            placed.push((level, y, text_y));
        }
        let right = WIDTH - RIGHT;
        html! {
            @for (level, y, text_y) in placed {
                path.level.(level.style.map_or("ink", colour)) d=(format!("M{LEFT} {y:.1}H{right}l4 {:.1}", text_y - 4.0 - y)) {
                    title { (level.name) }
                }
                text x=(right + 6.0) y=(format!("{text_y:.1}")) { (format!("{:.1}", level.value)) }
            }
        }
    }

    fn legend(&self) -> Markup {
        html! {
            ul.legend {
                @for line in &self.lines {
                    li {
                        svg.key viewBox="0 0 34 12" aria-hidden="true" {
                            path.line.faint[line.is_faint].(colour(line.style))
                                stroke-dasharray=[Some(dash(line.style)).filter(|dash| !dash.is_empty())]
                                d="M1 6H33" {}
                            @if !line.is_faint {
                                path.mark.(colour(line.style)) d=(marker(line.style, 17.0, 6.0)) {}
                            }
                        }
                        " " (line.name)
                    }
                }
                @for level in self.levels.iter().filter(|level| self.y.holds(level.value)) {
                    li {
                        svg.key viewBox="0 0 34 12" aria-hidden="true" {
                            path.level.(level.style.map_or("ink", colour)) d="M1 6H33" {}
                        }
                        " " (level.name)
                    }
                }
            }
        }
    }
}

fn colour(style: usize) -> &'static str {
    const NAMES: [&str; N_COLOURS] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];
    NAMES[style % N_COLOURS]
}

/// Columns side by side.
pub(crate) struct Columns {
    /// Unique on the page.
    pub(crate) id: String,
    pub(crate) title: String,
    /// What there is to see, for who cannot see it.
    pub(crate) description: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// From where to where, how high, and what is told about it.
    pub(crate) columns: Vec<([f64; 2], f64, String)>,
    /// Which colour.
    pub(crate) style: usize,
}

impl Columns {
    pub(crate) fn draw(&self) -> Markup {
        let frame = Frame { x: &self.x, y: &self.y };
        let bottom = HEIGHT - BOTTOM;
        let body = html! {
            (frame.draw())
            @for ([from, to], height, note) in &self.columns {
                @let (left, right) = (frame.x(*from), frame.x(*to));
                // What is little is still to be seen.
                @let height = if *height > 0.0 { (bottom - frame.y(*height)).max(1.0) } else { 0.0 };
                rect.column.(colour(self.style)) x=(format!("{:.1}", left + 0.5)) y=(format!("{:.1}", bottom - height))
                    width=(format!("{:.1}", (right - left - 1.0).max(0.5))) height=(format!("{height:.1}")) {
                    title { (note) }
                }
            }
        };
        picture(&self.id, &self.title, &self.description, &body)
    }
}

/// A name as legends hold it.
pub(crate) fn legend_name(name: &str) -> String {
    cut(name, 40)
}
