//! How much the result depends on what was chosen.

use anyhow::Result;

use super::{Section, count, percents, table};
use crate::experiment::sensitivity::{GROUPS, n_seeds, settings_at, trial_name};
use crate::experiment::training::Curve;
use crate::record::Record;

pub(crate) fn sensitivity(record: &Record) -> Result<Section> {
    let mut section = Section { title: "Sensitivity".into(), ..Section::default() };
    let scale = record.scale;
    let seeds = n_seeds(scale);
    let base: Curve = record.result("sensitivity", &trial_name("", "base", 1))?;
    let epochs = base.exact.len();
    section.text += &format!(
        "One choice after the other, all others as in the paper; {seeds} seed{}, {epochs} epoch{}, at spike level with the sized \
         circuit. Accuracies in percent after the last epoch, best potential, share of weights at a limit, runs with a dead \
         class. **Bold** is the paper's choice.\n\n",
        if seeds == 1 { "" } else { "s" },
        if epochs == 1 { "" } else { "s" },
    );
    let mut exact = [0; 2];
    for (group, _) in GROUPS {
        let (title, base_name) = words(group);
        section.text += title;
        section.text += "\n\n";
        let mut rows = Vec::new();
        for setting in settings_at(scale, group) {
            let curves: Vec<Curve> = (1..=seeds)
                .map(|seed| record.result("sensitivity", &trial_name(group, setting, seed)))
                .collect::<Result<_>>()?;
            for curve in &curves {
                exact[0] += curve.compared;
                exact[1] += curve.mismatches + curve.faults + curve.test_faults;
            }
            let name = match (*setting, group) {
                ("base", _) => format!("**{base_name}**"),
                ("0", "fashion-theta") => "**0**".to_owned(),
                (quarters, "init") => format!("{quarters}/4"),
                (other, _) => other.to_owned(),
            };
            let last = |of: usize| -> Vec<f64> {
                curves.iter().filter_map(|curve| curve.fractions()[of].last().copied()).collect()
            };
            let best: Vec<f64> = curves
                .iter()
                .map(|curve| curve.fractions()[2].iter().copied().fold(0.0, f64::max))
                .collect();
            let n_dead = curves
                .iter()
                .filter(|c| c.dead.last().is_some_and(|dead| !dead.is_empty()))
                .count();
            let saturated =
                curves.iter().filter_map(|c| c.saturated.last()).max().copied().unwrap_or(0);
            section.fact(format!("sensitivity.{group}.{setting}.potential"), percents(&last(2)));
            section.fact(format!("sensitivity.{group}.{setting}.binary"), percents(&last(1)));
            rows.push(vec![
                name,
                percents(&last(1)),
                percents(&last(2)),
                percents(&best),
                count(saturated),
                format!("{n_dead} of {seeds}"),
            ]);
        }
        let head = ["", "binary", "potential", "best potential", "most at a limit", "dead classes"];
        section.text += &table(&head, &rows);
    }
    section.expect(
        "updates compared in the sensitivity runs",
        "more than 0",
        count(exact[0]),
        exact[0] > 0,
    );
    section.expect(
        "mismatches and faults in the sensitivity runs",
        "0",
        count(exact[1]),
        exact[1] == 0,
    );
    Ok(section)
}

/// What a group varies, and the paper's choice in words.
fn words(group: &str) -> (&'static str, &'static str) {
    match group {
        "hidden" => ("**Hidden neurons**, MNIST.", "400"),
        "threshold" => (
            "**Input threshold**, MNIST: a pixel counts as 1 from this grey value on. 103, 129 and 154 are 0.4, 0.5 and 0.6 of the \
             authors' scale.",
            "129",
        ),
        "init" => (
            "**Initial weights**, MNIST: clause R8's, scaled, rounded towards 0 to even numbers, within ±240.",
            "4/4",
        ),
        "order" => {
            ("**Order**, MNIST: a new shuffle each epoch, or always as in the file.", "shuffled")
        }
        "theta" => (
            "**Error threshold** theta, MNIST: the error passes the hidden layer where e+ or e- is above it, and not above 0 (clause \
             R4); only a gate weight of the circuit is another.",
            "0",
        ),
        _ => ("**Error threshold** theta, Fashion-MNIST.", "0"),
    }
}
