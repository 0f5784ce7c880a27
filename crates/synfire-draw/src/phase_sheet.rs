//! Draws a raster by phase: where everything lies, and its text.

use crate::DrawError;
use crate::phase_raster::{PhaseBand, PhasePopulation, PhaseRaster, Pixels, RasterPanel, Tone};
use crate::style::{escaped, style, wrapped};
use std::fmt::Write;

/// Width left of the first step: names.
const LEFT: i32 = 196;
const RIGHT: i32 = 16;
/// What a picture should not pass in width, so that a window of 1280 pixels holds it.
const WIDTH: i32 = 1240;
/// Narrowest and widest column of a step.
const COLUMN: [i32; 2] = [27, 44];
/// Width of a column that holds the name of a phase.
const NAME: i32 = 38;
/// Height of a row of one among several neurons, and of one that stands alone.
const ROW: i32 = 7;
const SINGLE_ROW: i32 = 15;
/// Height of a line of text.
const LINE: i32 = 15;
/// Pixels of text a character takes on average, for what is broken into lines or laid out in a row.
const CHARACTER: i32 = 6;
/// Side of the picture of a sample.
const PIXELS: i32 = 60;

/// Draws a raster by phase as text that can be a file of its own or a part of a page.
///
/// It follows the reader's preference for light or dark, or the variables `--raster-ink`, `--raster-paper`,
/// `--raster-soft`, `--raster-line` and so on of a page around it. Its width is that of its samples: up to three fit
/// into 1240 pixels, and what is wider or shown on something narrower is to be scrolled, not shrunk.
///
/// # Errors
/// No samples or rows, too many of something, and marks outside the steps shown.
pub fn phase_raster(picture: &PhaseRaster) -> Result<String, DrawError> {
    picture.check()?;
    let mut sheet = Sheet::new(picture);
    sheet.head();
    for panel in &picture.panels {
        sheet.panel(panel);
    }
    sheet.foot();
    Ok(sheet.finish())
}

struct Sheet<'a> {
    picture: &'a PhaseRaster,
    n_steps: i32,
    /// Width of a step.
    column: i32,
    /// How far down the picture reaches by now.
    y: i32,
    /// Behind the panels, which end where is known at the end only.
    top: i32,
    text: String,
}

impl<'a> Sheet<'a> {
    fn new(picture: &'a PhaseRaster) -> Self {
        // At most 64 samples of 64 phases.
        let n_steps = i32::try_from(picture.n_steps()).unwrap_or(i32::MAX);
        let column = ((WIDTH - LEFT - RIGHT) / n_steps).clamp(COLUMN[0], COLUMN[1]);
        Self { picture, n_steps, column, y: 0, top: 0, text: String::new() }
    }

    fn right(&self) -> i32 {
        LEFT + self.n_steps * self.column
    }

    fn period(&self) -> i32 {
        i32::try_from(self.picture.period).unwrap_or(i32::MAX)
    }

    /// The left end of the k-th step shown.
    fn left_of(&self, k: i32) -> i32 {
        LEFT + k * self.column
    }

    /// The middle of a step.
    fn middle_of(&self, step: u64) -> i32 {
        let k = i32::try_from(step - self.picture.first_step).unwrap_or(i32::MAX);
        self.left_of(k) + self.column / 2
    }

    fn write(&mut self, class: &str, x: i32, y: i32, text: &str) {
        if !text.is_empty() {
            let _ = writeln!(
                self.text,
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>",
                escaped(text)
            );
        }
    }

    /// Title, legend, samples and phases.
    fn head(&mut self) {
        let picture = self.picture;
        let n_chars = usize::try_from((self.right() - 12) * 2 / 19).unwrap_or(0);
        self.y = 8;
        for line in wrapped(&picture.title, n_chars) {
            self.y += 18;
            self.write("title", 12, self.y, &line);
        }
        self.y += 8;
        self.legend();
        self.samples();
        self.phases();
        self.top = self.y;
    }

    fn legend(&mut self) {
        let mut x = 12;
        self.y += LINE;
        for (glyph, name) in &self.picture.legend {
            let width = 18 + CHARACTER * i32::try_from(name.chars().count()).unwrap_or(0) + 16;
            if x > 12 && x + width > self.right() {
                x = 12;
                self.y += LINE + 2;
            }
            let path = glyph.path(x + 5, self.y - 4);
            let _ = writeln!(self.text, "<path class=\"{}\" d=\"{path}\"/>", glyph.class());
            self.write("", x + 14, self.y, name);
            x += width;
        }
        self.y += 10;
    }

    /// What is written above each sample.
    fn samples(&mut self) {
        let width = self.period() * self.column;
        let top = self.y;
        let mut bottom = top;
        for (k, sample) in (0..).zip(&self.picture.samples) {
            let mut x = self.left_of(k * self.period()) + 6;
            let mut room = width - 12;
            if let Some(pixels) = &sample.pixels {
                self.pixels(pixels, x, top + 4);
                bottom = bottom.max(top + 4 + PIXELS);
                x += PIXELS + 10;
                room -= PIXELS + 10;
            }
            let n_chars = usize::try_from(room / CHARACTER).unwrap_or(0);
            let mut y = top;
            for (class, text) in
                [("b", &sample.name)].into_iter().chain(sample.lines.iter().map(|line| ("s", line)))
            {
                for line in wrapped(text, n_chars) {
                    y += LINE;
                    self.write(class, x, y, &line);
                }
            }
            bottom = bottom.max(y);
        }
        self.y = bottom + 10;
    }

    fn pixels(&mut self, pixels: &Pixels, x: i32, y: i32) {
        let (width, n_rows) = (pixels.width, pixels.bits.len() / pixels.width);
        let _ = write!(
            self.text,
            "<svg x=\"{x}\" y=\"{y}\" width=\"{PIXELS}\" height=\"{PIXELS}\" viewBox=\"0 0 {width} {n_rows}\">\
             <path class=\"thin\" d=\"M0 0h{width}v{n_rows}h-{width}z\" vector-effect=\"non-scaling-stroke\"/>\
             <path class=\"pixels\" d=\""
        );
        for (row, bits) in pixels.bits.chunks(pixels.width).enumerate() {
            let mut column = 0;
            while column < bits.len() {
                let n = bits[column..].iter().take_while(|&&bit| bit).count();
                if n > 0 {
                    let _ = write!(self.text, "M{column} {row}h{n}v1h-{n}z");
                }
                column += n.max(1);
            }
        }
        self.text.push_str("\"/></svg>\n");
    }

    /// The names of the phases above their columns.
    fn phases(&mut self) {
        let picture = self.picture;
        self.write("e soft s", LEFT - 8, self.y + 12, "what happens");
        self.write("e soft s", LEFT - 8, self.y + 39, "phase");
        for k in (0..self.n_steps).step_by(usize::try_from(self.period()).unwrap_or(1)) {
            for PhaseBand { first, last, name, parts, .. } in &picture.bands {
                let [first, last] =
                    [first, last].map(|&phase| k + i32::try_from(phase).unwrap_or(0));
                let middle = (self.left_of(first) + self.left_of(last + 1)) / 2;
                let is_single = first == last;
                let class = if is_single { "m n" } else { "m s b" };
                // Names of single phases keep clear of each other on two lines where columns are narrow.
                let is_low = is_single && self.column < NAME && first % 2 == 1;
                self.write(class, middle, self.y + if is_low { 25 } else { 12 }, name);
                for (part, at) in parts.iter().zip(first..=last) {
                    self.write("m n", self.left_of(at) + self.column / 2, self.y + 25, part);
                }
            }
        }
        self.phase_numbers(self.y + 39);
        self.y += 46;
    }

    fn phase_numbers(&mut self, y: i32) {
        for k in 0..self.n_steps {
            let phase = k % self.period();
            self.write("m n", self.left_of(k) + self.column / 2, y, &phase.to_string());
        }
    }

    fn panel(&mut self, panel: &RasterPanel) {
        self.y += 18;
        self.write("b", 12, self.y, &panel.name);
        // Beside the name, on the columns: who scrolls to the side keeps reading.
        let n_chars = usize::try_from((self.right() - LEFT - 12) / CHARACTER).unwrap_or(0);
        for (k, line) in wrapped(&panel.note, n_chars).iter().enumerate() {
            self.y += if k > 0 { LINE - 1 } else { 0 };
            self.write("soft s halo", LEFT + 6, self.y, line);
        }
        self.y += 6;
        for population in &panel.populations {
            self.population(population);
        }
    }

    fn population(&mut self, population: &PhasePopulation) {
        let PhasePopulation { symbol, name, note, rows, counts } = population;
        let n_rows = i32::try_from(rows.len()).unwrap_or(i32::MAX);
        let pitch = if n_rows == 1 { SINGLE_ROW } else { ROW };
        let top = self.y;
        let first_row = top + if counts.is_empty() { 2 } else { 12 };
        let words = if note.is_empty() { 1 } else { 2 };
        let least = if n_rows == 1 { 0 } else { words * 13 + 6 };
        let bottom = (first_row + n_rows * pitch + 2).max(top + least);
        let right = self.right();
        let _ = writeln!(self.text, "<path class=\"thin\" d=\"M12 {top}H{right}\"/>");
        let baseline = top + 12;
        let _ = writeln!(
            self.text,
            "<text x=\"12\" y=\"{baseline}\"><tspan class=\"b\">{}</tspan><tspan class=\"s\" dx=\"6\">{}</tspan></text>",
            escaped(symbol),
            escaped(name)
        );
        self.write("n", 12, baseline + 13, note);
        for &(step, n) in counts {
            if n > 0 {
                self.write("m n", self.middle_of(step), top + 10, &n.to_string());
            }
        }
        if n_rows > 1 {
            // The short name again at each sample but the first, for who has scrolled.
            for k in (0..self.n_steps).step_by(usize::try_from(self.period()).unwrap_or(1)).skip(1)
            {
                self.write("n", self.left_of(k) + 4, top + 10, symbol);
            }
        }
        let ends = [Some(0), rows.len().checked_sub(1).filter(|&last| last > 0)];
        for (row_idx, y) in
            ends.into_iter().flatten().zip([first_row + 7, first_row + n_rows * pitch])
        {
            if n_rows > 1 {
                self.write("e n", LEFT - 5, y, &rows[row_idx].label);
            }
        }
        let mut lines = String::new();
        let mut y = first_row + pitch / 2;
        for row in rows {
            if n_rows > 1 && !row.marks.is_empty() {
                let _ = write!(lines, "M{LEFT} {y}.5H{right}");
            }
            y += pitch;
        }
        if !lines.is_empty() {
            let _ = writeln!(self.text, "<path class=\"row\" d=\"{lines}\"/>");
        }
        let mut y = first_row + pitch / 2;
        for row in rows {
            for mark in &row.marks {
                let path = mark.glyph.path(self.middle_of(mark.step), y);
                let (class, note) = (mark.glyph.class(), escaped(&mark.note));
                let _ = writeln!(
                    self.text,
                    "<path class=\"{class}\" d=\"{path}\"><title>{note}</title></path>"
                );
            }
            y += pitch;
        }
        self.y = bottom;
    }

    /// The axis of steps.
    fn foot(&mut self) {
        let (bottom, right) = (self.y, self.right());
        let _ = writeln!(self.text, "<path class=\"thin\" d=\"M12 {bottom}H{right}\"/>");
        self.phase_numbers(bottom + 13);
        self.write("e soft s", LEFT - 8, bottom + 13, "phase");
        self.write("e soft s", LEFT - 8, bottom + 27, "step");
        // As many as fit beside each other.
        let digits = self.picture.last_step().to_string().len();
        let every = (i32::try_from(digits).unwrap_or(1) * 6 + 6).div_euclid(self.column) + 1;
        for k in 0..self.n_steps {
            if k % self.period() % every != 0 {
                continue;
            }
            let step = self.picture.first_step + u64::try_from(k).unwrap_or(0);
            self.write("m n", self.left_of(k) + self.column / 2, bottom + 27, &step.to_string());
        }
        self.y = bottom + 36;
    }

    /// What lies behind everything: paper, tones, and lines between phases and samples.
    fn ground(&self) -> String {
        let (picture, bottom) = (self.picture, self.y - 32);
        let (top, column) = (self.top - 46, self.column);
        let mut text = String::new();
        let period = usize::try_from(self.period()).unwrap_or(1);
        let starts = || (0..self.n_steps).step_by(period);
        for band in &picture.bands {
            let class = match band.tone {
                Tone::Plain => continue,
                Tone::Up => "up",
                Tone::Down => "down",
            };
            let [first, last] = [band.first, band.last].map(|it| i32::try_from(it).unwrap_or(0));
            let (width, height) = ((last - first + 1) * column, bottom - top);
            for k in starts() {
                let x = self.left_of(k + first);
                let _ = writeln!(
                    text,
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>"
                );
            }
        }
        let mut thin = String::new();
        for band in &picture.bands {
            for k in starts() {
                let x = self.left_of(k + i32::try_from(band.first).unwrap_or(0));
                let _ = write!(thin, "M{x} {top}V{bottom}");
            }
        }
        let _ = writeln!(text, "<path class=\"thin\" d=\"{thin}\"/>");
        let mut thick = String::new();
        for k in starts().chain([self.n_steps]) {
            let _ = write!(thick, "M{} {top}V{bottom}", self.left_of(k));
        }
        let _ = writeln!(text, "<path class=\"thick\" d=\"{thick}\"/>");
        text
    }

    fn finish(self) -> String {
        let (width, height) = (self.right() + RIGHT, self.y);
        let (title, description) =
            (escaped(&self.picture.title), escaped(&self.picture.description));
        let (style, ground) = (style(), self.ground());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"synfire-raster\" role=\"img\" \
             aria-label=\"{title}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
             <desc>{description}</desc>\n{style}\
             <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n{ground}{}</svg>\n",
            self.text
        )
    }
}
