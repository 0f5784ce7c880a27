//! What a raster by phase shows: samples side by side, panels of populations, marks with a meaning.
//!
//! Time is cut into samples of equal length, each into phases. A phase has a column in every panel; what
//! happens in it is written above. Drawing is the business of [`phase_raster`](crate::phase_raster()).

use crate::DrawError;
use crate::glyph::Glyph;
use crate::raster::{at_most, outside};

/// Most samples of a raster by phase.
pub const MAX_SAMPLES: usize = 64;
/// Most phases of a sample.
pub const MAX_PHASES: u32 = 64;
/// Most rows of a raster by phase, over all panels.
pub const MAX_PHASE_ROWS: usize = 2000;
/// Most marks of a raster by phase: each has a shape and a text of its own.
pub const MAX_MARKS: u64 = 100_000;

/// A raster of some samples, phase by phase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhaseRaster {
    /// What is written above.
    pub title: String,
    /// What there is to see, for who cannot see it.
    pub description: String,
    /// The first step shown, counted from 1; it is phase 0 of the first sample.
    pub first_step: u64,
    /// Number of phases of a sample, each one step, 1 to [`MAX_PHASES`].
    pub period: u32,
    /// What happens in which phases, ascending; phases may be left out.
    pub bands: Vec<PhaseBand>,
    /// What each glyph stands for, in the order of the legend.
    pub legend: Vec<(Glyph, String)>,
    /// The samples, one after another, 1 to [`MAX_SAMPLES`].
    pub samples: Vec<SampleSpan>,
    /// The panels, from top to bottom.
    pub panels: Vec<RasterPanel>,
}

/// One or several phases with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhaseBand {
    /// The first phase.
    pub first: u32,
    /// The last phase.
    pub last: u32,
    /// What happens in them.
    pub name: String,
    /// What happens in each, from the first on; may be empty.
    pub parts: Vec<String>,
    /// What lies behind it.
    pub tone: Tone,
}

/// The ground of some phases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// That of the paper.
    #[default]
    Plain,
    /// Something grows.
    Up,
    /// Something shrinks.
    Down,
}

/// What is written above a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleSpan {
    /// Its name.
    pub name: String,
    /// More about it, a line each; a long one is broken.
    pub lines: Vec<String>,
    /// The sample itself, if it is a picture.
    pub pixels: Option<Pixels>,
}

/// A picture of black and white.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pixels {
    /// Width, at least 1.
    pub width: usize,
    /// Row by row, each `width` long.
    pub bits: Vec<bool>,
}

/// One panel of populations that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RasterPanel {
    /// Its name.
    pub name: String,
    /// Said beside it, such as what is left out.
    pub note: String,
    /// The populations, from top to bottom.
    pub populations: Vec<PhasePopulation>,
}

/// Rows that share a name: some neurons of a population.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhasePopulation {
    /// The short name, repeated at the start of every sample.
    pub symbol: String,
    /// The name in words.
    pub name: String,
    /// Said below the name.
    pub note: String,
    /// The rows, from top to bottom.
    pub rows: Vec<PhaseRow>,
    /// Numbers written above the rows, by step: spikes of all neurons, also of those not shown. Empty for none.
    pub counts: Vec<(u64, u64)>,
}

/// One neuron.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhaseRow {
    /// Written beside the first and the last row of a population.
    pub label: String,
    /// Its spikes.
    pub marks: Vec<PhaseMark>,
}

/// One spike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseMark {
    /// The step, counted from 1.
    pub step: u64,
    /// Its shape.
    pub glyph: Glyph,
    /// What is told when the pointer rests on it.
    pub note: String,
}

impl PhaseRaster {
    /// The last step shown.
    #[must_use]
    pub fn last_step(&self) -> u64 {
        self.first_step + self.n_steps() - 1
    }

    pub(crate) fn n_steps(&self) -> u64 {
        self.samples.len() as u64 * u64::from(self.period)
    }

    /// # Errors
    /// What cannot be drawn.
    pub(crate) fn check(&self) -> Result<(), DrawError> {
        if self.samples.is_empty() {
            return Err(DrawError::Empty { what: "a sample" });
        }
        if self.panels.iter().all(|panel| panel.populations.iter().all(|it| it.rows.is_empty())) {
            return Err(DrawError::Empty { what: "a row" });
        }
        at_most("samples", self.samples.len(), MAX_SAMPLES as u64)?;
        if !(1..=MAX_PHASES).contains(&self.period) {
            return Err(outside("number of phases", self.period.into(), 1, MAX_PHASES.into()));
        }
        let last_start = u64::MAX / 2;
        if !(1..=last_start).contains(&self.first_step) {
            return Err(outside("first step", self.first_step, 1, last_start));
        }
        for band in &self.bands {
            if band.first > band.last || band.last >= self.period {
                let last = u64::from(self.period) - 1;
                return Err(outside(
                    "last phase of a band",
                    band.last.into(),
                    band.first.into(),
                    last,
                ));
            }
        }
        for pixels in self.samples.iter().filter_map(|sample| sample.pixels.as_ref()) {
            let n = pixels.bits.len();
            if pixels.width == 0 || n == 0 || !n.is_multiple_of(pixels.width) {
                let width = pixels.width.max(1) as u64;
                let whole = (n as u64).div_ceil(width).max(1) * width;
                return Err(outside("number of pixels of a sample", n as u64, whole, whole));
            }
        }
        let populations = || self.panels.iter().flat_map(|panel| &panel.populations);
        at_most("rows", populations().map(|it| it.rows.len()).sum(), MAX_PHASE_ROWS as u64)?;
        let marks = || populations().flat_map(|it| &it.rows).flat_map(|row| &row.marks);
        at_most("marks", marks().count(), MAX_MARKS)?;
        let counted = populations().flat_map(|it| &it.counts).map(|&(step, _)| step);
        for step in marks().map(|mark| mark.step).chain(counted) {
            if !(self.first_step..=self.last_step()).contains(&step) {
                return Err(outside("step of a mark", step, self.first_step, self.last_step()));
            }
        }
        Ok(())
    }
}
