//! Several runs side by side.

use maud::{Markup, html};
use synfire_train::{Config, Spread};

use super::exactness::{Sums, verdict};
use super::head::{accuracy, best, machine};
use super::{Place, learning, wide};
use crate::folder::RunFolder;
use crate::paper::Reading;
use crate::words::{grouped, percent};

/// A table of the runs, how they scatter, and their curves.
pub(crate) fn compared(place: &Place, folders: &[RunFolder]) -> Markup {
    let all: Vec<&RunFolder> = folders.iter().collect();
    html! {
        (place.section("runs", "Runs", &table(place, folders)))
        (place.section("learning", "Learning", &html! {
            @if let Some(warning) = differing_sets(folders) { p.warning { (warning) } }
            (learning::overlaid(place, &all))
        }))
        (place.section("exactness", "Exactness", &exactness(folders)))
    }
}

fn differing_sets(folders: &[RunFolder]) -> Option<&'static str> {
    let prepared =
        |folder: &RunFolder| (folder.run.config.dataset.clone(), folder.run.config.preparation);
    let first = prepared(folders.first()?);
    folders.iter().any(|folder| prepared(folder) != first).then_some(
        "These runs are of different data sets or preparations: their accuracies do not compare.",
    )
}

fn table(place: &Place, folders: &[RunFolder]) -> Markup {
    let body = html! {
        table.counts {
            caption { "Test samples read right in per cent, after the last epoch and at the highest" }
            thead {
                tr {
                    th scope="col" { "run" }
                    @for reading in Reading::ALL {
                        th.n scope="col" { (reading.name()) }
                        th.n scope="col" { (reading.name()) ", highest" }
                    }
                    th.n scope="col" { "seed" }
                    th.n scope="col" { "epochs" }
                    th scope="col" { "data set" }
                    th scope="col" { "layers" }
                    th scope="col" { "machine" }
                    th scope="col" { "exactness" }
                }
            }
            tbody {
                @for folder in folders {
                    tr {
                        th.name scope="row" { (folder.name) }
                        @for reading in Reading::ALL {
                            td.n { (percent(accuracy(folder.last(), reading))) }
                            td.n { (percent(best(folder, reading).1)) }
                        }
                        td.n { (folder.run.config.seed) }
                        td.n { (folder.last().epoch) @if folder.is_unfinished() { " of " (folder.run.config.epochs) } }
                        td { (folder.run.config.dataset.to_string()) }
                        td.layers { (folder.layers()) }
                        td { (machine(folder)) }
                        td { (verdict(folder)) }
                    }
                }
                @if are_seeds(folders) { (spread(folders)) }
            }
        }
    };
    place.figure(
        "The runs",
        if are_seeds(folders) {
            "The runs differ in their seeds only; below them mean and standard deviation."
        } else {
            "What came out, and what ran. Two columns for each readout: after the last epoch, and at the highest of all epochs."
        },
        &wide("The runs", &body),
    )
}

/// Whether the runs are one run with several seeds.
fn are_seeds(folders: &[RunFolder]) -> bool {
    let without_seed = |folder: &RunFolder| Config {
        seed: 0,
        out: "".into(),
        commit: None,
        ..folder.run.config.clone()
    };
    let [first, rest @ ..] = folders else { return false };
    let of_first = without_seed(first);
    let is_alike = |folder: &RunFolder| {
        without_seed(folder) == of_first && folder.last().epoch == first.last().epoch
    };
    !rest.is_empty() && rest.iter().all(is_alike)
}

fn spread(folders: &[RunFolder]) -> Markup {
    let of = |value: &dyn Fn(&RunFolder) -> f64| {
        let values: Vec<f64> = folders.iter().map(value).collect();
        Spread::of(&values).map_or_else(String::new, |spread| match spread.deviation {
            None => percent(spread.mean),
            Some(deviation) => format!("{} \u{b1} {}", percent(spread.mean), percent(deviation)),
        })
    };
    html! {
        tr.mean {
            th scope="row" { "mean \u{b1} deviation" }
            @for reading in Reading::ALL {
                td.n { (of(&|folder| accuracy(folder.last(), reading))) }
                td.n { (of(&|folder| best(folder, reading).1)) }
            }
            td colspan="6" { (folders.len()) " seeds" }
        }
    }
}

fn exactness(folders: &[RunFolder]) -> Markup {
    let body = html! {
        table.counts {
            caption { "Comparison with the integer reference, all epochs together" }
            thead {
                tr {
                    th scope="col" { "run" }
                    th.n scope="col" { "learned" }
                    th.n scope="col" { "compared" }
                    th.n scope="col" { "differ" }
                    th.n scope="col" { "faults in training" }
                    th.n scope="col" { "in evaluation" }
                    th scope="col" { "in words" }
                }
            }
            tbody {
                @for folder in folders {
                    @let sums = Sums::of(folder);
                    tr {
                        th.name scope="row" { (folder.name) }
                        @for n in [sums.trained, sums.compared, sums.mismatches, sums.faults, sums.test_faults] {
                            td.n { (grouped(n)) }
                        }
                        td { (verdict(folder)) }
                    }
                }
            }
        }
    };
    html! {
        (wide("Comparison with the integer reference", &body))
        p.note { "What was compared was compared bit for bit; what lies between was not looked at. The section of a run says more." }
    }
}
