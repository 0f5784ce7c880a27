//! `synfire data show`: what the network sees of a data set.

#![expect(clippy::float_arithmetic, reason = "shares and means of a report")]

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::json;
use synfire_train::RunError;
use synfire_train::synfire_data::{
    Dataset, Oddity, Preparation, Source, Split, class_counts, load, oddities,
};
use synfire_train::synfire_draw::{ContactSheet, MAX_TILES, SheetRow, SheetTile, contact_sheet};

use crate::chip::Destination;
use crate::options::SourceParser;
use crate::{Status, Surroundings, UsageError};

/// Samples of each class on a sheet, and in text, unless told otherwise.
const PER_CLASS: usize = 10;
/// Samples of one class alone.
const OF_ONE_CLASS: usize = 60;
/// Columns of a terminal that pictures are set in.
const TERMINAL: usize = 100;
/// Pictures of text beside each other have so many columns between them.
const SPACE: usize = 2;

#[derive(Args, Clone, Debug)]
pub(crate) struct ShowOptions {
    /// Data set, as the option --dataset of other commands
    #[arg(value_name = "DATASET", value_parser = SourceParser, default_value = "digits")]
    dataset: Source,
    /// Folder that holds mnist/ or fashion-mnist/, searched before $SYNFIRE_DATA_DIR and the cache folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Pixels cut off on each side [default: 4 for mnist, otherwise 0]
    #[arg(long, value_name = "N")]
    crop: Option<usize>,
    /// Smallest grey value that counts as 1, 1 to 255 [default: 129]
    #[arg(long, value_name = "P")]
    threshold: Option<u8>,
    /// Half of the data set [default: train]
    #[arg(long, value_name = "HALF", value_parser = PossibleValuesParser::new(["train", "test"]))]
    split: Option<String>,
    /// Samples shown of each class, the first ones [default: 1 as text, 10 on a sheet, 60 of one class]
    #[arg(long, value_name = "N")]
    n: Option<usize>,
    /// Show this class alone
    #[arg(long, value_name = "C")]
    class: Option<usize>,
    /// Write a contact sheet to this file
    #[arg(long, value_name = "SHEET.svg")]
    out: Option<PathBuf>,
    /// Print the figures as one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// Some samples of one class.
struct Chosen {
    class: usize,
    n_samples: usize,
    samples: Vec<usize>,
}

pub(super) fn run(
    options: &ShowOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let destination = options.out.as_deref().map(Destination::open).transpose()?;
    let Preparation { crop, threshold } = Preparation::of(&options.dataset);
    let preparation = Preparation {
        crop: options.crop.unwrap_or(crop),
        threshold: options.threshold.unwrap_or(threshold),
    };
    let dirs = surroundings.search_path(options.data_dir.clone());
    let split = load(&options.dataset, &dirs, &preparation).map_err(RunError::from)?;
    let odd = oddities(&split);
    let Split { train, test } = &split;
    let half = if options.split.as_deref() == Some("test") { test } else { train };
    let chosen = choose(options, half)?;
    if let Some(file) = &destination {
        file.write(sheet(half, &chosen, &preparation, &odd)?.as_bytes())?;
    }
    for oddity in &odd {
        writeln!(stderr, "warning: data set: {oddity}")?;
    }
    if options.json {
        writeln!(stdout, "{}", figures(options, &preparation, &split, &odd))?;
        return Ok(Status::Success);
    }
    let (width, height, n_classes) = (train.width(), train.height(), train.n_classes());
    let inputs = train.n_inputs();
    writeln!(
        stdout,
        "{}: {width} x {height} pixels, {inputs} inputs, {n_classes} classes; crop {}, threshold {}",
        options.dataset, preparation.crop, preparation.threshold
    )?;
    for (name, set) in [("training", train), ("test", test)] {
        let (n, mean, max) = (set.len(), set.mean_active(), set.max_active());
        let least = set.iter().map(|(input, _)| input.len()).min().unwrap_or(0);
        writeln!(
            stdout,
            "{n} {name} samples: {mean:.1} inputs active on average ({:.1} %), {least} to {max}",
            100.0 * mean / inputs as f64
        )?;
        writeln!(stdout, "  of each class: {}", listed(&class_counts(set)))?;
    }
    match &options.out {
        Some(path) => writeln!(stdout, "wrote {}", path.display())?,
        None => write_pictures(half, &chosen, stdout)?,
    }
    Ok(Status::Success)
}

/// The samples that are shown.
fn choose(options: &ShowOptions, half: &Dataset) -> Result<Vec<Chosen>> {
    let n_classes = half.n_classes();
    if let Some(class) = options.class.filter(|&class| class >= n_classes) {
        let last = n_classes - 1;
        let message = format!("class is {class}, allowed are 0 to {last} for {}", options.dataset);
        return Err(UsageError(message).into());
    }
    let default = match (options.class, &options.out) {
        (Some(_), _) => OF_ONE_CLASS,
        (None, Some(_)) => PER_CLASS.min(MAX_TILES / n_classes),
        (None, None) => 1,
    };
    let n = options.n.unwrap_or(default);
    let classes = match options.class {
        Some(class) => class..class + 1,
        None => 0..n_classes,
    };
    if n == 0 || n.saturating_mul(classes.len()) > MAX_TILES {
        let most = MAX_TILES / classes.len();
        let message = format!("number of samples of each class is {n}, allowed are 1 to {most}");
        return Err(UsageError(message).into());
    }
    let counts = class_counts(half);
    let mut chosen: Vec<Chosen> = classes
        .map(|class| Chosen { class, n_samples: counts[class], samples: Vec::new() })
        .collect();
    let first = chosen.first().map_or(0, |chosen| chosen.class);
    for (sample_idx, (_, label)) in half.iter().enumerate() {
        let place = usize::from(label).checked_sub(first);
        if let Some(chosen) = place.and_then(|place| chosen.get_mut(place))
            && chosen.samples.len() < n
        {
            chosen.samples.push(sample_idx);
        }
    }
    Ok(chosen)
}

fn sheet(
    half: &Dataset,
    chosen: &[Chosen],
    preparation: &Preparation,
    odd: &[Oddity],
) -> Result<String> {
    let Preparation { crop, threshold } = preparation;
    let tile = |&sample_idx: &usize| {
        let active = half.input(sample_idx).to_vec();
        let note = format!("sample {sample_idx}, {} active", active.len());
        SheetTile { note, active }
    };
    let row = |chosen: &Chosen| SheetRow {
        name: format!("class {}", chosen.class),
        note: format!("{} of {} samples", chosen.samples.len(), chosen.n_samples),
        tiles: chosen.samples.iter().map(tile).collect(),
    };
    let mut notes = vec![format!(
        "{} samples, {} x {} pixels, crop {crop}, threshold {threshold}; {:.1} of {} inputs active on average, at \
         most {}",
        half.len(),
        half.width(),
        half.height(),
        half.mean_active(),
        half.n_inputs(),
        half.max_active()
    )];
    notes.extend(odd.iter().map(Oddity::to_string));
    let sheet = ContactSheet {
        title: format!("{}: what the network sees", half.name()),
        notes,
        width: half.width(),
        height: half.height(),
        rows: chosen.iter().map(row).collect(),
    };
    Ok(contact_sheet(&sheet)?)
}

fn figures(
    options: &ShowOptions,
    preparation: &Preparation,
    Split { train, test }: &Split,
    odd: &[Oddity],
) -> serde_json::Value {
    let of = |set: &Dataset| {
        json!({
            "samples": set.len(),
            "classes": class_counts(set),
            "active_mean": set.mean_active(),
            "active_min": set.iter().map(|(input, _)| input.len()).min(),
            "active_max": set.max_active(),
            "sha256": set.fingerprint(),
        })
    };
    json!({
        "dataset": options.dataset.to_string(),
        "width": train.width(),
        "height": train.height(),
        "inputs": train.n_inputs(),
        "classes": train.n_classes(),
        "crop": preparation.crop,
        "threshold": preparation.threshold,
        "train": of(train),
        "test": of(test),
        "oddities": odd.iter().map(Oddity::to_string).collect::<Vec<_>>(),
    })
}

/// Pictures beside each other as far as they fit, two rows of pixels in a line of text.
fn write_pictures(half: &Dataset, chosen: &[Chosen], stdout: &mut dyn Write) -> Result<()> {
    let samples: Vec<(usize, usize)> = chosen
        .iter()
        .flat_map(|chosen| chosen.samples.iter().map(|&sample_idx| (chosen.class, sample_idx)))
        .collect();
    // Neighbours share a character where a picture is wider than the terminal.
    let scale = half.width().div_ceil(TERMINAL);
    let (width, height) = (half.width().div_ceil(scale), half.height().div_ceil(scale));
    // A head such as `7: sample 12345` needs room too.
    let column = width.max(16);
    for together in samples.chunks(((TERMINAL + SPACE) / (column + SPACE)).max(1)) {
        let heads = together.iter().map(|(class, sample)| format!("{class}: sample {sample}"));
        writeln!(stdout, "\n{}", beside(heads, column))?;
        let pictures: Vec<Vec<bool>> =
            together.iter().map(|&(_, sample_idx)| shrunk(half, sample_idx, scale)).collect();
        for row in (0..height).step_by(2) {
            let parts = pictures.iter().map(|pixels| {
                let pixel = |row: usize, place: usize| row < height && pixels[row * width + place];
                let of_place = |place| match (pixel(row, place), pixel(row + 1, place)) {
                    (true, true) => '\u{2588}',
                    (true, false) => '\u{2580}',
                    (false, true) => '\u{2584}',
                    (false, false) => '\u{b7}',
                };
                (0..width).map(of_place).collect::<String>()
            });
            writeln!(stdout, "{}", beside(parts, column))?;
        }
    }
    Ok(())
}

/// A picture in which a pixel is active if one of those it stands for is.
fn shrunk(half: &Dataset, sample_idx: usize, scale: usize) -> Vec<bool> {
    let (width, height) = (half.width().div_ceil(scale), half.height().div_ceil(scale));
    let mut pixels = vec![false; width * height];
    for &input_idx in half.input(sample_idx) {
        let (row, column) = (input_idx as usize / half.width(), input_idx as usize % half.width());
        pixels[row / scale * width + column / scale] = true;
    }
    pixels
}

fn beside(parts: impl Iterator<Item = String>, column: usize) -> String {
    let padded = |part: String| {
        let n_missing = (column + SPACE).saturating_sub(part.chars().count());
        part + &" ".repeat(n_missing)
    };
    parts.map(padded).collect::<String>().trim_end().to_owned()
}

/// Counts with the class before each; of many equal ones in few words.
fn listed(counts: &[usize]) -> String {
    match counts {
        [first, rest @ ..] if rest.iter().all(|count| count == first) => first.to_string(),
        _ => {
            let named = counts.iter().enumerate().map(|(class, n)| format!("{class}: {n}"));
            named.collect::<Vec<_>>().join(", ")
        }
    }
}
