//! The authors' NumPy arithmetic beside the circuit's.

#![expect(clippy::float_arithmetic, reason = "fractions of counts, for a text")]

use anyhow::{Context, Result};
use synfire_draw::{Axis, Plot, PlotLine, plot};

use super::{Section, count, percent, percents, table};
use crate::experiment::numpy::Divergence;
use crate::experiment::training::{Curve, fraction};
use crate::record::Record;
use crate::statistics::{fisher, wilson};

pub(crate) fn numpy(record: &Record) -> Result<Section> {
    let mut section =
        Section { title: "The authors' NumPy arithmetic".into(), ..Section::default() };
    section.text += "Beside the code for the chip the authors published a NumPy program without spikes. It is close to the circuit and \
                     not the same: it sends the error back through W2 after its update, closes the gates at 1024 and not above it, \
                     clips weights at ±254, and has one feedback matrix (clauses V1 to V5). Here it is the variant `lanl-numpy` of \
                     the reference, equal to that program's own output bit for bit where tests have it.\n\n";
    divergence(record, &mut section)?;
    collapse(record, &mut section)?;
    Ok(section)
}

fn divergence(record: &Record, section: &mut Section) -> Result<()> {
    let runs: Vec<(String, Divergence)> = record.results("numpy", "divergence.")?;
    let (_, first) = runs.first().context("no run")?;
    section.text += &format!(
        "**Divergence.** Both arithmetics from the same weights and in the same order, {} seeds. The columns of W1 and W2 are the \
         share of weights that differ between the two runs. The last column is another question: of so many samples of the \
         circuit's run, how many would the other arithmetic have updated differently *from the same weights*; beside it how many had \
         an output error at all.\n\n",
        runs.len()
    );
    let mut rows = Vec::new();
    for (idx, after) in first.after.iter().enumerate() {
        let share = |matrix: usize| -> Vec<f64> {
            let of_run = |told: &Divergence| {
                Some(fraction(told.differ.get(idx)?[matrix], told.synapses[matrix]))
            };
            runs.iter().filter_map(|(_, told)| of_run(told)).collect()
        };
        let sum = |of: fn(&Divergence) -> &Vec<u64>| -> u64 {
            runs.iter().filter_map(|(_, told)| of(told).get(idx)).sum()
        };
        let all = after * runs.len() as u64;
        let part = |n: u64| format!("{} %", percent(fraction(n, all)));
        let (updates, errors) = (sum(|told| &told.updates), sum(|told| &told.errors));
        let [w1, w2] = [0, 1].map(|matrix| format!("{} %", percents(&share(matrix))));
        if *after == 200 {
            section.fact("numpy.updates-200", part(updates));
        }
        if *after == 2_000 {
            section.fact("numpy.w1-2000", w1.clone());
        }
        rows.push(vec![count(*after), w1, w2, part(updates), part(errors)]);
    }
    section.text += &table(&["samples", "W1", "W2", "updated differently", "with an error"], &rows);
    let firsts: Vec<String> =
        runs.iter().map(|(_, told)| told.first.map_or("never".into(), count)).collect();
    section.text += &format!(
        "The first sample after which anything differs, by seed: {}.\n\n",
        firsts.join(", ")
    );
    section.fact("numpy.first", firsts.join(", "));

    let line = |(name, told): &(String, Divergence)| PlotLine {
        name: format!("seed {}", name.rsplit('-').next().unwrap_or_default()),
        points: told
            .after
            .iter()
            .zip(&told.differ)
            .map(|(after, differ)| {
                (fraction(*after, 1), 100.0 * fraction(differ[0], told.synapses[0]))
            })
            .collect(),
        band: Vec::new(),
        is_dashed: false,
    };
    let last = first.after.last().copied().unwrap_or(1);
    let svg = plot(&Plot {
        title: "Weights of W1 that differ between circuit and NumPy arithmetic".into(),
        x: Axis { label: "samples".into(), low: 1.0, high: fraction(last, 1), is_log: true },
        y: Axis { label: "percent".into(), low: 0.0, high: 100.0, is_log: false },
        lines: runs.iter().map(line).collect(),
        levels: Vec::new(),
    })?;
    section.figure("numpy-divergence", "share of W1 that differs over the number of samples", svg);
    Ok(())
}

fn collapse(record: &Record, section: &mut Section) -> Result<()> {
    let circuit: Vec<(String, Curve)> = record.results("numpy", "circuit.")?;
    let numpy: Vec<(String, Curve)> = record.results("numpy", "numpy.")?;
    let epochs = circuit[0].1.exact.len();
    section.text += &format!(
        "**Collapse.** A class is *dead* if the potential of its output is above 0 for less than one in a hundred of its test \
         samples: by clause R10 it then gets no error that would raise it. {} seeds of each arithmetic, {epochs} epochs; the \
         circuit at spike level.\n\n",
        circuit.len()
    );
    let dead = |curves: &[(String, Curve)]| -> u64 {
        curves
            .iter()
            .filter(|(_, curve)| curve.dead.last().is_some_and(|dead| !dead.is_empty()))
            .count() as u64
    };
    let of_all = |name: &str, curves: &[(String, Curve)]| {
        let (k, n) = (dead(curves), curves.len() as u64);
        let (low, high) = wilson(k, n);
        let last = |of: usize| -> Vec<f64> {
            curves.iter().filter_map(|(_, curve)| curve.fractions()[of].last().copied()).collect()
        };
        let epochs = curves.first().map_or(0, |(_, curve)| curve.exact.len());
        let interval = format!("{} to {} %", percent(low), percent(high));
        vec![
            name.into(),
            epochs.to_string(),
            format!("{k} of {n}"),
            interval,
            percents(&last(1)),
            percents(&last(2)),
        ]
    };
    let mut rows = vec![of_all("circuit", &circuit), of_all("NumPy", &numpy)];
    let p = fisher(dead(&circuit), circuit.len() as u64, dead(&numpy), numpy.len() as u64);
    let mut long = None;
    if let Ok(numpy_60) = record.results::<Curve>("numpy", "numpy-60.") {
        let circuit_60: Vec<(String, Curve)> = record.results("mnist", "seed-")?;
        rows.push(of_all("circuit", &circuit_60));
        rows.push(of_all("NumPy", &numpy_60));
        let ks = [dead(&circuit_60), dead(&numpy_60)];
        long = Some((ks, [circuit_60.len() as u64, numpy_60.len() as u64]));
    }
    let head = [
        "arithmetic",
        "epochs",
        "runs with a dead class",
        "95 % interval (Wilson)",
        "binary",
        "potential",
    ];
    section.text += &table(&head, &rows);
    let verdict = |p: f64| match p < 0.01 {
        true => "the two differ",
        false => "at the level of 1 % this does not show that the two differ",
    };
    section.text += &format!(
        "Fisher's exact test, two-sided, after {epochs} epochs: p = {}; {}.",
        small(p),
        verdict(p)
    );
    section.fact("numpy.collapse.circuit", format!("{} of {}", dead(&circuit), circuit.len()));
    section.fact("numpy.collapse.numpy", format!("{} of {}", dead(&numpy), numpy.len()));
    section.fact("numpy.collapse.p", small(p));
    if let Some(([a, b], [n_a, n_b])) = long {
        let p = fisher(a, n_a, b, n_b);
        section.text += &format!(" After 60 epochs: p = {}; {}.", small(p), verdict(p));
        section.fact("numpy.collapse-60.circuit", format!("{a} of {n_a}"));
        section.fact("numpy.collapse-60.numpy", format!("{b} of {n_b}"));
        section.fact("numpy.collapse-60.p", small(p));
    }
    section.text += "\n\n";
    let faults: u64 =
        circuit.iter().map(|(_, curve)| curve.mismatches + curve.faults + curve.test_faults).sum();
    section.expect(
        "mismatches and faults in the circuit's runs beside NumPy's",
        "0",
        count(faults),
        faults == 0,
    );
    Ok(())
}

/// A probability with two significant digits.
fn small(p: f64) -> String {
    if p >= 0.095 { format!("{p:.2}") } else { format!("{p:.1e}") }
}
