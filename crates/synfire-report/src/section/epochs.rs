//! Every epoch in figures.

use maud::{Markup, html};

use super::wide;
use crate::folder::RunFolder;
use crate::words::{grouped, percent};

const COLUMNS: [&str; 16] = [
    "epoch",
    "test potential",
    "test binary",
    "test exact",
    "training potential",
    "training binary",
    "training exact",
    "with error (%)",
    "updates",
    "saturated",
    "compared",
    "differ",
    "faults",
    "test faults",
    "hidden active",
    "seconds",
];

pub(crate) fn every_epoch(folder: &RunFolder) -> Markup {
    let table = html! {
        table.counts {
            caption { "Run " (folder.name) ", epoch by epoch; samples read right in per cent" }
            thead {
                tr {
                    @for name in COLUMNS {
                        th.n scope="col" { (name) }
                    }
                }
            }
            tbody {
                @for row in &folder.rows {
                    tr {
                        th.n scope="row" { (row.epoch) }
                        @for fraction in [row.test_potential, row.test_binary, row.test_exact, row.train_potential,
                            row.train_binary, row.train_exact, row.error_share] {
                            td.n { (percent(fraction)) }
                        }
                        @let learned = [row.updates, row.saturated, row.compared, row.mismatches];
                        @for n in learned.into_iter().chain([row.faults, row.test_faults]) {
                            td.n { (grouped(n)) }
                        }
                        td.n { (format!("{:.1}", row.hidden_active)) }
                        td.n { (format!("{:.2}", row.seconds)) }
                    }
                }
            }
        }
    };
    html! {
        details {
            summary { "All " (folder.rows.len()) " epochs of " (folder.name) " as a table" }
            (wide("Every epoch", &table))
        }
    }
}
