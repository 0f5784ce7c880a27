//! Estimates of energy and time, in words and numbers. Every line says that it is one.

#![expect(clippy::float_arithmetic, reason = "figures of a report")]

use std::io::Write;

use anyhow::Result;
use serde_json::{Value, json};
use synfire_train::synfire_loihi::cost::{
    ConstantSet, CostMeter, Estimate, STATIC_POWER_MW_PER_CHIP, Tally,
};
use synfire_train::synfire_net::{LayerId, Observer};

use super::options::CostOptions;
use super::placed::Placed;
use super::table::table;

/// Steps over which a quiet network, and the traces of a spike, are followed: longer than any delay.
const WATCHED: u64 = 64;

/// A meter of a program on its cores.
pub(super) fn meter(placed: &Placed, options: &CostOptions) -> Result<CostMeter> {
    let Placed { program, placement } = placed;
    // A set that is named twice is meant once.
    let mut sets: Vec<ConstantSet> = Vec::new();
    for set in &options.constants {
        if !sets.contains(set) {
            sets.push(*set);
        }
    }
    Ok(CostMeter::with_sets(program, placement, options.learning_visits, &sets)?)
}

/// By every set of constants that was asked for.
pub(super) fn estimates(tally: &Tally) -> Vec<Estimate> {
    tally.sets().iter().filter_map(|set| tally.estimate(set)).collect()
}

/// What a step and a spike would cost.
pub(super) struct StepCost {
    /// Many steps without spikes, by each set of constants.
    quiet: Vec<Estimate>,
    /// What the spike of a first neuron adds to them, by layer, then by set, in femtojoules.
    spikes: Vec<(LayerId, Vec<u128>)>,
}

impl StepCost {
    /// Follows a quiet network, and then one spike of each layer.
    pub(super) fn new(placed: &Placed, options: &CostOptions) -> Result<StepCost> {
        let mut meter = meter(placed, options)?;
        let mut last = WATCHED;
        meter.finish(last);
        let quiet = estimates(&meter.take());
        let mut spikes = Vec::new();
        for layer in placed.program.network().layer_ids() {
            meter.spikes(last + 1, layer, &[0]);
            last += WATCHED;
            meter.finish(last);
            let with_spike = estimates(&meter.take());
            let added = with_spike.iter().zip(&quiet);
            let added =
                added.map(|(with, without)| with.energy_fj().saturating_sub(without.energy_fj()));
            spikes.push((layer, added.collect()));
        }
        Ok(StepCost { quiet, spikes })
    }

    pub(super) fn write(&self, placed: &Placed, stdout: &mut dyn Write) -> Result<()> {
        for (idx, estimate) in self.quiet.iter().enumerate() {
            let name = estimate.set().name;
            writeln!(
                stdout,
                "\nestimate by {name}: a step without spikes takes {} and {}; leakage besides: {} mW",
                time(estimate.time_ps_per(1)),
                energy(estimate.energy_fj_per(1)),
                u64::from(STATIC_POWER_MW_PER_CHIP) * estimate.n_chips() as u64
            )?;
            writeln!(stdout, "estimate by {name}: what a spike of neuron 0 adds\n")?;
            let rows: Vec<_> = self
                .spikes
                .iter()
                .map(|(layer, added)| {
                    let layer = placed.program.network().layer(*layer);
                    vec![layer.name.clone(), energy(added[idx])]
                })
                .collect();
            write!(stdout, "{}", table(&["layer", "estimate"], &rows))?;
        }
        Ok(())
    }

    pub(super) fn json(&self, placed: &Placed) -> Vec<Value> {
        let network = placed.program.network();
        let by_set = |(idx, estimate): (usize, &Estimate)| {
            let spikes: Vec<Value> = self
                .spikes
                .iter()
                .map(|(layer, added)| {
                    json!({"layer": network.layer(*layer).name, "energy_joules": joules(added[idx])})
                })
                .collect();
            json!({
                "is_estimate": true,
                "constants": estimate.set().name,
                "source": estimate.set().source,
                "quiet_step_energy_joules": joules(estimate.energy_fj_per(1)),
                "quiet_step_time_seconds": seconds(estimate.time_ps_per(1)),
                "leakage_watts": leakage_watts(estimate),
                "spike_of_neuron_0": spikes,
            })
        };
        self.quiet.iter().enumerate().map(by_set).collect()
    }
}

/// A whole run, or the mean of a number of its steps.
pub(super) fn estimate_json(estimate: &Estimate, steps: Option<u64>) -> Value {
    let steps = steps.unwrap_or(estimate.n_steps());
    let operations: Vec<Value> = estimate
        .operations()
        .iter()
        .map(|row| {
            json!({
                "operation": row.operation.to_string(),
                "count": row.count,
                "energy_joules": joules(row.energy_fj),
            })
        })
        .collect();
    let phases: Vec<Value> = estimate
        .phases()
        .iter()
        .map(|phase| {
            json!({
                "steps": phase.n_steps,
                "energy_joules": joules(phase.energy_fj),
                "time_seconds": seconds(phase.time.total_ps()),
            })
        })
        .collect();
    let cores: Vec<Value> = estimate
        .cores()
        .iter()
        .map(|core| {
            json!({
                "chip": core.core.chip,
                "core": core.core.core,
                "energy_joules": joules(core.energy_fj),
                "busy_seconds": seconds(core.busy_ps),
            })
        })
        .collect();
    json!({
        "is_estimate": true,
        "constants": estimate.set().name,
        "source": estimate.set().source,
        "learning_visits": estimate.visits().to_string(),
        "steps": steps,
        "energy_joules": joules(estimate.energy_fj_per(steps)),
        "time_seconds": seconds(estimate.time_ps_per(steps)),
        "leakage_joules": joules(estimate.static_energy_fj_per(steps)),
        "leakage_watts": leakage_watts(estimate),
        "run": {
            "steps": estimate.n_steps(),
            "operations": operations,
            "phases": phases,
            "cores": cores,
        },
    })
}

fn leakage_watts(estimate: &Estimate) -> f64 {
    f64::from(STATIC_POWER_MW_PER_CHIP) * estimate.n_chips() as f64 * 1e-3
}

pub(super) fn joules(femtojoules: u128) -> f64 {
    femtojoules as f64 * 1e-15
}

pub(super) fn seconds(picoseconds: u128) -> f64 {
    picoseconds as f64 * 1e-12
}

/// Energy in a unit that suits it.
pub(super) fn energy(femtojoules: u128) -> String {
    in_words(femtojoules, ["fJ", "pJ", "nJ", "uJ", "mJ", "J"])
}

/// Time in a unit that suits it.
pub(super) fn time(picoseconds: u128) -> String {
    in_words(picoseconds, ["ps", "ns", "us", "ms", "s", "ks"])
}

/// Three decimals in the largest unit of which there is one whole.
fn in_words(value: u128, units: [&str; 6]) -> String {
    let mut scaled = value as f64;
    let mut unit = units[0];
    for larger in &units[1..] {
        if scaled < 999.9995 {
            break;
        }
        scaled /= 1000.0;
        unit = larger;
    }
    if unit == units[0] { format!("{value} {unit}") } else { format!("{scaled:.3} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_change_their_unit_in_time() {
        for (femtojoules, words) in [
            (0, "0 fJ"),
            (999, "999 fJ"),
            (1000, "1.000 pJ"),
            (999_999_499, "999.999 nJ"),
            (999_999_600, "1.000 uJ"),
            (590_000_000_000, "590.000 uJ"),
        ] {
            assert_eq!(energy(femtojoules), words);
        }
        assert_eq!(time(1_500_000_000), "1.500 ms");
        assert_eq!(time(u128::from(u64::MAX)), "18446.744 ks");
    }
}
