//! Pictures as self-contained SVG text: spike rasters, plain or by phase, curves over steps, line plots, maps
//! of cores, stacked bars, contact sheets.
//!
//! For programs that want to show what a network did or where it lies on a chip. Every function takes plain
//! numbers and returns text; equal input gives equal text on every machine. Lines and axes are drawn by
//! `plotters`; where marks go is decided here, so that a picture stays small whatever it shows.
//!
//! ```
//! use synfire_draw::{RasterPicture, RasterRow, RasterSpike, raster};
//!
//! let picture = RasterPicture {
//!     title: "ring".to_owned(),
//!     rows: ["g0", "g1"].map(|name| RasterRow { name: name.to_owned(), n_neurons: 1 }).to_vec(),
//!     first_step: 1,
//!     last_step: 8,
//!     spikes: (1..=8).map(|step| RasterSpike { step, row: (step % 2) as usize, neuron_idx: 0 }).collect(),
//!     period: Some(2),
//! };
//! let svg = raster(&picture)?;
//! assert!(svg.starts_with("<svg") && svg.contains("g1"));
//! # Ok::<(), synfire_draw::DrawError>(())
//! ```
//!
//! # What it does not do
//! It opens no files, knows no network and no chip, and draws nothing that moves. All that reacts are the notes of a
//! raster by phase, which browsers show under the pointer.

#![expect(
    clippy::float_arithmetic,
    reason = "coordinates of pictures; nothing is computed with them"
)]

mod axis;
mod bars;
mod canvas;
mod cores;
mod curves;
mod error;
mod glyph;
mod phase_raster;
mod phase_sheet;
mod plot;
mod raster;
mod sheet;
mod style;

pub use axis::Axis;
pub use bars::{Bar, BarPicture, bars};
pub use cores::{CoreBox, CoreMap, Segment, core_map};
pub use curves::{CurvePicture, Panel, Series, curves};
pub use error::DrawError;
pub use glyph::Glyph;
pub use phase_raster::{
    MAX_MARKS, MAX_PHASE_ROWS, MAX_PHASES, MAX_SAMPLES, PhaseBand, PhaseMark, PhasePopulation,
    PhaseRaster, PhaseRow, Pixels, RasterPanel, SampleSpan, Tone,
};
pub use phase_sheet::phase_raster;
pub use plot::{Level, Plot, PlotLine, plot};
pub use raster::{MAX_ROWS, MAX_SPIKES, RasterPicture, RasterRow, RasterSpike, raster};
pub use sheet::{ContactSheet, MAX_SHEET_PIXELS, MAX_TILES, SheetRow, SheetTile, contact_sheet};
