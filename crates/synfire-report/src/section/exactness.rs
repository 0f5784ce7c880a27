//! What was proved of a run, what was sampled, and what was neither.

use maud::{Markup, html};
use synfire_train::EngineKind;
use synfire_train::synfire_circuit::Form;

use crate::folder::RunFolder;
use crate::words::{count, grouped};

/// Sums over all epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) trained: u64,
    pub(crate) compared: u64,
    pub(crate) mismatches: u64,
    pub(crate) faults: u64,
    pub(crate) test_faults: u64,
}

impl Sums {
    pub(crate) fn of(folder: &RunFolder) -> Sums {
        let mut sums = Sums {
            trained: u64::from(folder.last().epoch) * folder.run.record.samples as u64,
            compared: 0,
            mismatches: 0,
            faults: 0,
            test_faults: 0,
        };
        for row in &folder.rows {
            // Damaged tables may hold any number.
            sums.compared = sums.compared.saturating_add(row.compared);
            sums.mismatches = sums.mismatches.saturating_add(row.mismatches);
            sums.faults = sums.faults.saturating_add(row.faults);
            sums.test_faults = sums.test_faults.saturating_add(row.test_faults);
        }
        sums
    }
}

/// How a run stands, in a word or two.
pub(crate) fn verdict(folder: &RunFolder) -> &'static str {
    let sums = Sums::of(folder);
    let has_faults = sums.faults + sums.test_faults > 0;
    match folder.run.config.engine {
        EngineKind::Reference => "the reference itself",
        _ if sums.mismatches > 0 => "not exact",
        _ if has_faults && folder.run.config.circuit == Form::Sized => "faults",
        _ if sums.compared == 0 => "not compared",
        _ => "exact where compared",
    }
}

pub(crate) fn summary(folder: &RunFolder) -> Markup {
    let sums = Sums::of(folder);
    let Sums { trained, compared, mismatches, faults, test_faults } = sums;
    let config = &folder.run.config;
    if config.engine == EngineKind::Reference {
        return html! {
            p {
                "This run was computed by the integer reference itself: there are no spikes, and nothing to compare. \
                 What it says holds for the spiking circuit as far as the circuit equals the reference."
            }
        };
    }
    let is_all = compared >= trained && trained > 0;
    html! {
        div.wide role="region" aria-label="Counts of the comparison with the reference" tabindex="0" {
            table.counts {
                caption { "Comparison with the integer reference, all epochs together" }
                thead { tr { th scope="col" { "what" } th.n scope="col" { "number" } } }
                tbody {
                    tr { th scope="row" { "training samples learned" } td.n { (grouped(trained)) } }
                    tr { th scope="row" { "updates compared with the reference" } td.n { (grouped(compared)) } }
                    tr { th scope="row" { "of these, updates that differ" } td.n { (grouped(mismatches)) } }
                    tr { th scope="row" { "faults in training" } td.n { (grouped(faults)) } }
                    tr { th scope="row" { "faults in evaluation" } td.n { (grouped(test_faults)) } }
                }
            }
        }
        @if mismatches > 0 {
            p.warning {
                strong { "Not exact. " }
                (count(mismatches, "comparison")) " found a weight that differs from what the reference learns from the same sample."
            }
        } @else if compared == 0 {
            p.warning { strong { "Nothing was compared. " } "The run was told to compare no update (" code { "--check 0" } ")." }
        } @else if is_all {
            p {
                strong { "Every update was compared, and all are equal, bit for bit: " }
                "after each sample, every weight in all its copies was what the integer reference makes of it. For this run \
                 that is a proof by exhaustion, not a sample."
            }
        } @else {
            p {
                strong { "Where updates were compared, all are equal, bit for bit. " }
                "One update in " (grouped(config.check_every)) " was compared: the weights that it can have changed, all of w2 and \
                 feedback, and a part of the others in turn; at the end of each epoch all weights, whether the copies of \
                 a weight agree and whether what must not change did not. Updates between two comparisons were not looked at: for \
                 them this is a sample, not a proof. " code { "--check 1" } " compares everything."
            }
        }
        @if faults + test_faults == 0 {
            p {
                "No fault: no sum left the range of the chip, and no neuron spiked or learned outside its phases. The engine \
                 watches for these at every step of every sample."
            }
        } @else if config.circuit == Form::Published {
            p {
                "The published circuit spikes where it should not when sums are large; each such spike is counted as a \
                 fault. Most are harmless to the weights: the comparison above says whether these were."
            }
        } @else {
            p.warning { strong { "There were faults. " } "The sized circuit is built not to have any; its weights are not to be trusted." }
        }
        p.note {
            "Equal means: equal to the published integer model of the chip's arithmetic, as this program has it. Whether \
             a chip does the same was not measured."
        }
    }
}
