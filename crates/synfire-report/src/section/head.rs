//! What ran, and how well it answers.

use maud::{Markup, html};
use synfire_train::synfire_reference::Variant;
use synfire_train::{Config, EngineKind, EpochMetrics};

use crate::folder::RunFolder;
use crate::paper::{Reading, values};
use crate::words::{grouped, percent};

/// A run in one line.
pub(crate) fn describe(folder: &RunFolder) -> String {
    let Config { dataset, seed, .. } = &folder.run.config;
    format!("{dataset} {}, {}, seed {seed}", folder.layers(), machine(folder))
}

/// What executed the learning rule.
pub(crate) fn machine(folder: &RunFolder) -> String {
    let Config { engine, circuit, variant, .. } = &folder.run.config;
    match engine {
        EngineKind::Reference if *variant == Variant::Circuit => {
            "reference without spikes".to_owned()
        }
        EngineKind::Reference => format!("reference without spikes, variant {variant}"),
        EngineKind::Lif => format!("ideal spiking neurons, {circuit} circuit"),
        EngineKind::Loihi | EngineKind::Fast => {
            format!("chip model (engine {engine}), {circuit} circuit")
        }
    }
}

/// Test samples read right, as a fraction.
pub(crate) const fn accuracy(row: &EpochMetrics, reading: Reading) -> f64 {
    match reading {
        Reading::Binary => row.test_binary,
        Reading::Potential => row.test_potential,
        Reading::Exact => row.test_exact,
    }
}

/// The first epoch with the highest accuracy, and that.
pub(crate) fn best(folder: &RunFolder, reading: Reading) -> (u32, f64) {
    let mut best = (0, -1.0);
    for row in &folder.rows {
        if accuracy(row, reading) > best.1 {
            best = (row.epoch, accuracy(row, reading));
        }
    }
    best
}

/// The readouts, what ran, and the command that runs it again.
pub(crate) fn what_ran(folder: &RunFolder) -> Markup {
    let config = &folder.run.config;
    let record = &folder.run.record;
    let last = folder.last();
    let seconds: f64 = folder.rows.iter().map(|row| row.seconds).sum();
    let program = match &record.commit {
        None => format!("Synfire {}, commit not recorded", record.version),
        Some(commit) => format!("Synfire {}, commit {commit}", record.version),
    };
    let epochs = match folder.is_unfinished() {
        false => grouped(last.epoch.into()),
        true => format!("{} of {}: the run is not finished", last.epoch, config.epochs),
    };
    let preparation = config.preparation;
    let cropped = match preparation.crop {
        0 => String::new(),
        n => format!("; {n} pixels cut off on each side"),
    };
    let rows = [
        (
            "Data set",
            format!(
                "{}{cropped}, grey values from {} count as 1",
                config.dataset, preparation.threshold
            ),
        ),
        ("Layers", format!("{} (input, hidden, output)", folder.layers())),
        ("Machine", machine(folder)),
        ("Epochs", epochs),
        (
            "Training samples",
            format!("{} in each epoch, order {}", grouped(record.samples as u64), config.order),
        ),
        (
            "Seed",
            match &config.init_weights {
                None => config.seed.to_string(),
                Some(path) => format!("{}; weights from {}", config.seed, path.display()),
            },
        ),
        ("Training time", format!("{seconds:.1} s, evaluation not included")),
        ("Program", program),
        ("Folder", folder.dir.display().to_string()),
    ];
    html! {
        ul.readouts {
            @for reading in Reading::ALL {
                @let (epoch, highest) = best(folder, reading);
                li {
                    span.name { (reading.name()) " readout" }
                    span.value { (percent(accuracy(last, reading))) " %" }
                    span.note { "of test samples read right after epoch " (last.epoch) }
                    span.note { "highest: " (percent(highest)) " % after epoch " (epoch) }
                    @for value in values(&config.dataset).iter().filter(|value| value.reading == reading) {
                        span.note { "paper: " (format!("{:.1}", value.percent)) " % (" (value.of) ")" }
                    }
                    span.note.meaning { (reading.meaning()) }
                }
            }
        }
        @if !last.dead_classes.is_empty() {
            p.warning {
                strong { "Dead classes: " (last.dead_classes.replace(' ', ", ")) ". " }
                "The potential of their outputs is hardly ever above 0, so that no error raises it any more."
            }
        }
        dl.facts {
            @for (name, value) in &rows {
                div { dt { (name) } dd { (value) } }
            }
        }
        p.command-name { "The command that repeats it:" }
        pre.command tabindex="0" {
            code {
                // Broken between options only, as far as they fit.
                @for (idx, option) in record.command.split(" --").enumerate() {
                    @if idx > 0 { " " span { "--" (option) } } @else { span { (option) } }
                }
            }
        }
    }
}
