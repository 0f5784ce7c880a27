//! How much is active, and how much is learned.

use maud::{Markup, html};
use synfire_train::EpochMetrics;

use super::learning::AXIS;
use super::{Place, Told, left_out, wide};
use crate::answers::Answers;
use crate::axis::Axis;
use crate::chart::{Chart, Columns, Line};
use crate::folder::RunFolder;
use crate::words::{count, grouped, ratio, share};

/// Columns of the histogram of hidden neurons.
const BINS: usize = 20;

pub(crate) fn activity(place: &Place, told: &Told<'_>) -> Markup {
    let folder = told.folder;
    html! {
        div.pair {
            (over_epochs(place, folder, "errors", "Samples with an error", "training samples (%)", "%", 2,
                |row| 100.0 * row.error_share,
                "Share of training samples for which some output erred. Only these change weights: late in training most \
                 samples pass without a trace."))
            (over_epochs(place, folder, "updates", "Updates", "weight changes in an epoch", "changes", 0,
                |row| row.updates as f64,
                "Changes of single weights asked for in w1 and w2 in each epoch, saturated or not."))
            (over_epochs(place, folder, "saturated", "Saturated weights", "weights at a limit", "weights", 0,
                |row| row.saturated as f64,
                "Weights at one of their limits at the end of each epoch, feedback matrices included."))
            (over_epochs(place, folder, "active", "Active hidden neurons", "active for a test sample, mean", "neurons", 1,
                |row| row.hidden_active,
                "How many hidden neurons a test sample makes active, on average, after each epoch. The fewer, the sparser the code \
                 and the less the chip has to send."))
            @if let Ok(seen) = &told.findings.answers { (hidden(place, &seen.answers)) }
        }
        @match &told.findings.answers {
            Ok(seen) => (place.figure(
                "Sparsity",
                "How many neurons of a layer are active for a test sample, on average. In the circuit a neuron that is not active \
                 sends nothing, so this is what communication costs.",
                &layers(folder, &seen.answers),
            )),
            Err(reason) => (left_out(reason, "Sparsity is left out.")),
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "what a picture says, once each")]
fn over_epochs(
    place: &Place,
    folder: &RunFolder,
    name: &str,
    title: &str,
    label: &str,
    unit: &'static str,
    decimals: usize,
    of: impl Fn(&EpochMetrics) -> f64,
    see: &str,
) -> Markup {
    let points: Vec<_> = folder.rows.iter().map(|row| (f64::from(row.epoch), of(row))).collect();
    let most = points.iter().map(|&(_, value)| value).fold(0.0, f64::max);
    let (first, last) =
        (points.first().map_or(0.0, |it| it.1), points.last().map_or(0.0, |it| it.1));
    let top = if unit == "%" { 100.0 } else { f64::MAX };
    // Nothing at all still needs a scale.
    let most = if most > 0.0 { most } else { 1.0 };
    let chart = Chart {
        id: place.id(name),
        title: title.to_owned(),
        description: format!(
            "{first:.decimals$} {unit} in epoch {}, {last:.decimals$} {unit} in epoch {}.",
            folder.rows.first().map_or(1, |row| row.epoch),
            folder.last().epoch
        ),
        x: Axis::whole(AXIS, 1, folder.last().epoch),
        y: Axis::around(label, [0.0, most], [0.0, top]),
        lines: vec![Line { name: title.to_owned(), style: 0, is_faint: false, points }],
        levels: Vec::new(),
        unit,
        decimals,
    };
    place.figure(title, see, &chart.draw())
}

/// How the activity is shared among hidden neurons.
fn hidden(place: &Place, answers: &Answers) -> Markup {
    let mut counts = [0_u64; BINS];
    for &n_active in &answers.hidden {
        #[expect(clippy::cast_possible_truncation, reason = "at most the number of columns")]
        let bin = (n_active * BINS as u64).checked_div(answers.n_samples).unwrap_or(0) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0) as f64;
    let never = answers.hidden.iter().filter(|&&n_active| n_active == 0).count() as u64;
    let width = 100.0 / BINS as f64;
    let column = |(idx, &count): (usize, &u64)| {
        let from = idx as f64 * width;
        let note =
            format!("active in {from:.0} to {:.0} % of samples: {count} neurons", from + width);
        ([from, from + width], count as f64, note)
    };
    let title = "How often hidden neurons are active";
    let columns = Columns {
        id: place.id("hidden"),
        title: title.to_owned(),
        description: format!("{} of {} are never active.", never, answers.hidden.len()),
        x: Axis::around("test samples in which active (%)", [0.0, 100.0], [0.0, 100.0]),
        y: Axis::around("hidden neurons", [0.0, most], [0.0, f64::MAX]),
        columns: counts.iter().enumerate().map(column).collect(),
        style: 2,
    };
    let see = format!(
        "Hidden neurons by the share of test samples for which they are active; {} never. Those at the far left carry little, \
         those at the far right tell nothing apart.",
        count(never, "neuron")
    );
    place.figure(title, &see, &columns.draw())
}

fn layers(folder: &RunFolder, answers: &Answers) -> Markup {
    let n_layers = answers.active.len();
    let name = |layer: usize| match layer {
        0 => "input".to_owned(),
        _ if layer + 1 == n_layers => "output".to_owned(),
        _ if n_layers == 3 => "hidden".to_owned(),
        _ => format!("hidden {layer}"),
    };
    let sizes = folder.shape.sizes();
    wide(
        "Sparsity",
        &html! {
            table.counts {
                caption { "Active neurons per test sample, after the last epoch" }
                thead {
                    tr {
                        th scope="col" { "layer" }
                        th.n scope="col" { "neurons" }
                        th.n scope="col" { "active, mean" }
                        th.n scope="col" { "active (%)" }
                        th.bar aria-hidden="true" { "of all" }
                    }
                }
                tbody {
                    @for (layer, &n_active) in answers.active.iter().enumerate() {
                        @let of_all = answers.n_samples * sizes[layer] as u64;
                        tr {
                            th scope="row" { (name(layer)) }
                            td.n { (grouped(sizes[layer] as u64)) }
                            td.n { (format!("{:.1}", ratio(n_active, answers.n_samples))) }
                            td.n { (share(n_active, of_all)) }
                            td.bar aria-hidden="true" { span style=(format!("width:{:.1}%", 100.0 * ratio(n_active, of_all))) {} }
                        }
                    }
                }
            }
        },
    )
}
