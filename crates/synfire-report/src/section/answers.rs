//! Which class is read as which, and the samples that are read wrongly.

use maud::{Markup, html};

use super::{Place, Told, left_out, wide};
use crate::answers::{Answers, Misread};
use crate::findings::Seen;
use crate::pixels;
use crate::words::{count, grouped, share};

/// Pictures of one pair of classes.
const PICTURES: usize = 8;
/// Pairs shown before the others are folded away.
const PAIRS: usize = 12;
/// Shades of wrong answers.
const SHADES: u64 = 6;

pub(crate) fn answers(place: &Place, told: &Told<'_>) -> Markup {
    let seen = match &told.findings.answers {
        Ok(seen) => seen,
        Err(reason) => {
            return left_out(reason, "Confusion matrix and misread samples are left out.");
        }
    };
    let answers = &seen.answers;
    html! {
        p {
            "The weights after the last epoch, asked again by the reference about all "
            (grouped(answers.n_samples)) " test samples"
            @if seen.is_as_recorded { ". The counts are those that the run recorded." }
            @else { "." }
        }
        @if !seen.is_as_recorded {
            p.warning {
                strong { "The weights answer otherwise than the run recorded. " }
                "The files weights.npz and metrics.csv are not of one run or not of one epoch."
            }
        }
        div.pair {
            (place.figure(
                "Confusion matrix, potential readout",
                "Rows are what a sample is, columns what the largest potential says it is. On the diagonal, in bold, what is \
                 right; elsewhere the stronger the shade, the more samples go that wrong way.",
                &confusion("potential readout", &answers.potential),
            ))
            (place.figure(
                "Confusion matrix, binary readout",
                &format!(
                    "Columns are the first output that spikes. For {} no output spikes: they stand in column 0.",
                    count(answers.silent, "sample")
                ),
                &confusion("binary readout", &answers.binary),
            ))
        }
        (misread(place, seen))
    }
}

fn confusion(name: &str, table: &[Vec<u64>]) -> Markup {
    let n_samples: u64 = table.iter().flatten().sum();
    let right = Answers::right(table);
    let wrong = |class: usize, read: usize, n: u64| if class == read { 0 } else { n };
    let most = table.iter().enumerate().flat_map(|(class, row)| {
        row.iter().enumerate().map(move |(read, &n)| wrong(class, read, n))
    });
    let most = most.max().unwrap_or(0).max(1);
    let shade = |n: u64| (SHADES * n).div_ceil(most);
    wide(
        &format!("Confusion matrix, {name}"),
        &html! {
            table.confusion {
                caption {
                    "Test samples by class (rows) and by " (name) " (columns): "
                    (grouped(right)) " of " (grouped(n_samples)) " right, " (share(right, n_samples)) " %"
                }
                thead {
                    tr {
                        th scope="col" { span.hidden { "class" } }
                        @for read in 0..table.len() { th scope="col" { (read) } }
                        th.sum scope="col" { "right (%)" }
                    }
                }
                tbody {
                    @for (class, row) in table.iter().enumerate() {
                        tr {
                            th scope="row" { (class) }
                            @for (read, &n) in row.iter().enumerate() {
                                @if read == class { td.right { (n) } }
                                @else if n == 0 { td.none { "\u{b7}" } }
                                @else { td.(format!("w{}", shade(n))) { (n) } }
                            }
                            td.sum { (share(row[class], row.iter().sum())) }
                        }
                    }
                }
            }
        },
    )
}

fn misread(place: &Place, seen: &Seen) -> Markup {
    let pairs = seen.answers.pairs();
    if pairs.is_empty() {
        return html! { p { "No test sample is misread by the potential readout." } };
    }
    let (first, rest) = pairs.split_at(pairs.len().min(PAIRS));
    let body = html! {
        div.pairs { @for pair in first { (of_pair(seen, pair)) } }
        @if !rest.is_empty() {
            details {
                summary { "The other " (count(rest.len() as u64, "pair")) " of classes" }
                div.pairs { @for pair in rest { (of_pair(seen, pair)) } }
            }
        }
    };
    place.figure(
        &format!("Misread samples, potential readout: {}", grouped(seen.answers.misread.len() as u64)),
        &format!(
            "The bits that the network saw, by what they are and what they were read as, the most frequent pair first, and in \
             each the samples in which the network was most certain, at most {PICTURES}. Below a picture its number in the \
             test set, and how far the wrong output was ahead of the right one, in weight units."
        ),
        &body,
    )
}

fn of_pair(seen: &Seen, ((target, read), samples): &((usize, usize), Vec<Misread>)) -> Markup {
    html! {
        div.of-pair {
            p.pair-name {
                strong { (target) " read as " (read) } ", " (count(samples.len() as u64, "sample"))
            }
            ul.samples {
                @for misread in samples.iter().take(PICTURES) {
                    @let note = format!(
                        "test sample {}: a {target} read as {read}, potential {} against {} of the right output",
                        misread.sample_idx, misread.potential, misread.of_target
                    );
                    li {
                        (pixels::sample(seen.size, seen.split.test.input(misread.sample_idx), &note))
                        span { (misread.sample_idx) }
                        span { "+" (misread.margin()) }
                    }
                }
            }
        }
    }
}
