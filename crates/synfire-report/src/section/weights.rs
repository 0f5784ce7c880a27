//! The weights: receptive fields, how they are spread, how many are at a limit.

use maud::{Markup, html};
use synfire_train::synfire_reference::{Matrix, WeightLimits, Weights};

use super::{Place, Told, left_out, wide};
use crate::axis::Axis;
use crate::chart::Columns;
use crate::findings::Seen;
use crate::folder::RunFolder;
use crate::pixels::{self, Size};
use crate::words::{grouped, ratio, share};

/// Receptive fields that are shown.
const FIELDS: usize = 48;
/// Columns of a histogram.
const BINS: usize = 32;

pub(crate) fn weights(place: &Place, told: &Told<'_>) -> Markup {
    let Some(weights) = &told.folder.weights else {
        return left_out(
            "The file weights.npz is missing.",
            "What is drawn of the weights is left out.",
        );
    };
    let limits = told.folder.shape.limits();
    html! {
        (fields(place, told, weights))
        (place.figure(
            "How the weights are spread",
            "How many weights of a matrix have which value. Columns at either end that stand out are weights that would \
             go on if they could: they are saturated.",
            &html! { div.four { @for (name, matrix) in weights.matrices() {
                (histogram(place, &name.to_string(), matrix, limits))
            } } },
        ))
        (place.figure(
            "Saturation",
            "Weights at a limit. A saturated weight no longer learns in that direction; where the two feedback matrices \
             saturate apart, they are no longer the exact mirror of each other.",
            &saturation(weights, limits),
        ))
    }
}

/// What a matrix holds.
fn meaning(name: &str) -> &'static str {
    match name {
        "w1" => "input to hidden",
        "w2" => "hidden to output",
        "w2Tp" => "feedback, positive",
        "w2Tm" => "feedback, negative",
        other if other.ends_with("Tp") => "feedback, positive",
        other if other.ends_with("Tm") => "feedback, negative",
        _ => "layer to layer",
    }
}

fn fields(place: &Place, told: &Told<'_>, weights: &Weights) -> Markup {
    let folder: &RunFolder = told.folder;
    let seen: Option<&Seen> = told.findings.answers.as_ref().ok();
    let Some(size) = seen.map(|seen| seen.size).or_else(|| Size::square(folder.shape.n_inputs()))
    else {
        return left_out("The inputs make no square picture.", "Receptive fields are left out.");
    };
    let limits = folder.shape.limits();
    let limit = i32::from(limits.min()).abs().max(i32::from(limits.max()).abs());
    // One row per hidden neuron.
    let into = weights.forward()[0].transposed();
    let out = &weights.forward()[1];
    let mut neurons: Vec<usize> = (0..into.n_sources()).collect();
    if let Some(seen) = seen {
        neurons.sort_by_key(|&neuron_idx| std::cmp::Reverse(seen.answers.hidden[neuron_idx]));
    }
    neurons.truncate(FIELDS);
    let active = |neuron_idx: usize| {
        seen.map(|seen| share(seen.answers.hidden[neuron_idx], seen.answers.n_samples))
    };
    // Meaningful only where the next layer is the output.
    let is_output_next = folder.shape.sizes().len() == 3;
    let favourite = |neuron_idx: usize| {
        let row = out.row(neuron_idx);
        let largest = row.iter().max()?;
        row.iter().position(|weight| weight == largest).filter(|_| is_output_next)
    };
    let body = html! {
        (pixels::scale_bar(limits.min(), limits.max()))
        ul.fields {
            @for &neuron_idx in &neurons {
                @let mut note = format!("hidden neuron {neuron_idx}");
                @if let Some(active) = active(neuron_idx) { @let () = note.push_str(&format!(", active in {active} % of test samples")); }
                @if let Some(class) = favourite(neuron_idx) { @let () = note.push_str(&format!(", most for class {class}")); }
                li {
                    (pixels::field(size, into.row(neuron_idx), limit, &note))
                    span { (neuron_idx) @if let Some(class) = favourite(neuron_idx) { " \u{2192} " (class) } }
                    @if let Some(active) = active(neuron_idx) { span { (active) " %" } }
                }
            }
        }
    };
    let order = match seen {
        Some(_) => {
            "the most active on test samples first, with the share of samples in which they are active"
        }
        None => "the first ones",
    };
    place.figure(
        &format!("Receptive fields of {} of {} hidden neurons", neurons.len(), into.n_sources()),
        &format!(
            "The weights into a hidden neuron, each in the place of its input: light excites, dark inhibits; {order}. Behind \
             the arrow the class to whose output the neuron is connected most strongly. Strokes and edges are what was \
             learned; grain that is left over from the start is where hardly any input is ever active."
        ),
        &body,
    )
}

fn histogram(place: &Place, name: &str, matrix: &Matrix, limits: WeightLimits) -> Markup {
    let (min, max) = (i32::from(limits.min()), i32::from(limits.max()));
    // Both limits in the outermost columns, whole steps in each.
    let width = (max - min).unsigned_abs() as usize / BINS + 1;
    let mut counts = vec![0_u64; BINS];
    for &weight in matrix.values() {
        let place = (i32::from(weight) - min).unsigned_abs() as usize / width;
        counts[place.min(BINS - 1)] += 1;
    }
    let n: u64 = counts.iter().sum();
    let of = |count: u64| 100.0 * ratio(count, n);
    let most = counts.iter().copied().max().unwrap_or(0);
    let column = |(idx, &count): (usize, &u64)| {
        let first = f64::from(min) + (idx * width) as f64;
        let last = (first + width as f64 - 1.0).min(f64::from(max));
        let note = format!("{first} to {last}: {} weights, {} %", grouped(count), share(count, n));
        ([first, first + width as f64], of(count), note)
    };
    let mean =
        matrix.values().iter().map(|&weight| f64::from(weight)).sum::<f64>() / n.max(1) as f64;
    let end = f64::from(min) + (BINS * width) as f64;
    let title = format!("{name}, {}", meaning(name));
    let columns = Columns {
        id: place.id(&format!("histogram-{name}")),
        title: format!("Histogram of {title}"),
        description: format!("{} weights between {min} and {max}, mean {mean:.1}.", grouped(n)),
        x: Axis::around("weight (weight units)", [f64::from(min), end], [f64::from(min), end]),
        y: Axis::around("weights (%)", [0.0, of(most)], [0.0, 100.0]),
        columns: counts.iter().enumerate().map(column).collect(),
        style: 0,
    };
    html! { div { p.part { (title) } (columns.draw()) } }
}

fn saturation(weights: &Weights, limits: WeightLimits) -> Markup {
    wide(
        "Saturation",
        &html! {
            table.counts {
                caption { "Weights at the limits " (limits.min()) " and " (limits.max()) " after the last epoch" }
                thead {
                    tr {
                        th scope="col" { "matrix" }
                        th.n scope="col" { "weights" }
                        th.n scope="col" { "at " (limits.min()) }
                        th.n scope="col" { "at " (limits.max()) }
                        th.n scope="col" { "saturated (%)" }
                    }
                }
                tbody {
                    @for (name, matrix) in weights.matrices() {
                        @let n = matrix.values().len() as u64;
                        @let at = |limit: i16| matrix.values().iter().filter(|&&weight| weight == limit).count() as u64;
                        @let (low, high) = (at(limits.min()), at(limits.max()));
                        tr {
                            th scope="row" { (name.to_string()) ", " (meaning(&name.to_string())) }
                            td.n { (grouped(n)) }
                            td.n { (grouped(low)) }
                            td.n { (grouped(high)) }
                            td.n { (share(low + high, n)) }
                        }
                    }
                }
            }
        },
    )
}
