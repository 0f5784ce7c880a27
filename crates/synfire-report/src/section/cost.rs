//! What a sample would cost on the chip, beside what was measured there.

use maud::{Markup, html};
use synfire_train::synfire_loihi::cost::{Estimate, Operation};

use super::{Place, Told, left_out, wide};
use crate::cost::CircuitCost;
use crate::paper::{MEASURED_INFERENCE, MEASURED_SHAPE, MEASURED_TRAINING, Measured};
use crate::words::{count, energy, grouped, time};

pub(crate) fn cost(place: &Place, told: &Told<'_>) -> Markup {
    let circuits = match &told.findings.cost {
        Ok(circuits) => circuits,
        Err(reason) => return left_out(reason, "The estimate is left out."),
    };
    let [training, inference] = circuits;
    let folder = told.folder;
    let n_trained = u64::from(folder.last().epoch) * folder.run.record.samples as u64;
    let is_measured_shape = folder.shape.sizes() == MEASURED_SHAPE;
    let of = if is_measured_shape { "" } else { ", of another shape than this network" };
    let n_samples = count(training.n_samples as u64, "training sample");
    html! {
        p.warning {
            strong { "These are estimates, not measurements. " }
            "Operations are counted exactly; what one costs is published by others, for another supply voltage or as fitted \
             to other networks. Not counted: host, management, loading of data. Time depends on how many cores share the \
             work, and here the network takes as few as can hold it; the authors' placement is not published."
        }
        (place.figure(
            "Energy and time of a sample",
            &format!(
                "Mean of {n_samples} with the weights after the last epoch. The measured values are of the paper's circuit \
                 on a chip (Renner et al. 2024, Table 1, 400-400-10{of}). Training is dominated by the learning engine \
                 looking at every plastic synapse in every step, which is an assumption: docs/cost.md of Synfire says why."
            ),
            &samples(&[(training, MEASURED_TRAINING), (inference, MEASURED_INFERENCE)]),
        ))
        @if let Some(estimate) = training.estimates.first() {
            @let (sum_fj, sum_ps) = of_all(training, estimate, n_trained);
            p.note {
                "All " (grouped(n_trained)) " training samples of this run at the rate of " (estimate.set().name) ": about "
                (energy(sum_fj)) " and " (time(sum_ps)) " on the chip. An estimate."
            }
            details {
                summary { "Where the energy of a training sample goes" }
                (operations(training))
            }
        }
    }
}

fn of_all(cost: &CircuitCost, estimate: &Estimate, n_samples: u64) -> (u128, u128) {
    let n = u128::from(n_samples);
    (estimate.energy_fj_per(cost.period) * n, estimate.time_ps_per(cost.period) * n)
}

fn samples(circuits: &[(&CircuitCost, Measured)]) -> Markup {
    wide(
        "Energy and time of a sample",
        &html! {
            table.counts {
                caption { "Per sample; leakage of the chip is not in the energy" }
                thead {
                    tr {
                        th scope="col" { "circuit" }
                        th scope="col" { "by" }
                        th.n scope="col" { "energy" }
                        th.n scope="col" { "time" }
                        th.n scope="col" { "leakage besides" }
                        th scope="col" { "on" }
                    }
                }
                tbody {
                    @for (cost, measured) in circuits {
                        @for estimate in &cost.estimates {
                            tr {
                                th scope="row" { (cost.name) }
                                td { "estimate, " (estimate.set().name) }
                                td.n { (energy(estimate.energy_fj_per(cost.period))) }
                                td.n { (time(estimate.time_ps_per(cost.period))) }
                                td.n { (energy(estimate.static_energy_fj_per(cost.period))) }
                                td { (count(cost.n_cores as u64, "core")) " of " (count(cost.n_chips as u64, "chip")) }
                            }
                        }
                        tr.measured {
                            th scope="row" { (cost.name) }
                            td { "measured by the paper" }
                            td.n { (energy(measured.energy_fj)) }
                            td.n { (time(measured.time_ps)) }
                            td.n { "not stated" }
                            td { "a chip" }
                        }
                    }
                }
            }
        },
    )
}

fn operations(cost: &CircuitCost) -> Markup {
    let n_samples = cost.n_samples.max(1);
    wide(
        "Energy by operation",
        &html! {
            table.counts {
                caption { "Estimated energy of a training sample by operation" }
                thead {
                    tr {
                        th scope="col" { "operation" }
                        th.n scope="col" { "number" }
                        @for estimate in &cost.estimates { th.n scope="col" { (estimate.set().name) } }
                    }
                }
                tbody {
                    @for operation in Operation::ALL {
                        @let rows: Vec<_> = cost.estimates.iter().filter_map(|estimate| {
                            estimate.operations().iter().find(|row| row.operation == operation)
                        }).collect();
                        tr {
                            th scope="row" { (operation.to_string()) }
                            td.n { (grouped(rows.first().map_or(0, |row| row.count / n_samples as u64))) }
                            @for row in &rows { td.n { (energy(row.energy_fj / n_samples as u128)) } }
                        }
                    }
                }
            }
        },
    )
}
