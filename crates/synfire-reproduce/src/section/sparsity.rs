//! How much happens in a sample, and how it thins out in training.

#![expect(clippy::float_arithmetic, reason = "means of counts, for a text and a picture")]

use anyhow::{Context, Result};
use synfire_circuit::{LEARNING_PERIOD, Population};
use synfire_draw::{Axis, Plot, PlotLine, plot};

use super::{Section, count, percent, table};
use crate::experiment::observed::Observed;
use crate::experiment::sparsity::{Inference, Sparsity};
use crate::experiment::training::fraction;
use crate::record::Record;
use crate::scale::Scale;

/// What is shown over the epochs: name, population, phases.
const SHOWN: [(&str, &[Population], &[u32]); 6] = {
    use Population as P;
    [
        ("active inputs (x, 1)", &[P::X], &[1]),
        ("active hidden (h, 2)", &[P::H], &[2]),
        ("open hidden (c, 6)", &[P::C], &[6]),
        ("error sent back (hT, 6, 10)", &[P::HBack], &[6, 10]),
        ("hidden errors (h, 7, 11)", &[P::H], &[7, 11]),
        ("output errors (d+, d-, 4)", &[P::DPlus, P::DMinus], &[4]),
    ]
};

pub(crate) fn sparsity(record: &Record) -> Result<Section> {
    let mut section = Section { title: "Sparsity".into(), ..Section::default() };
    section.text += "What a sample sets in motion, before and during a run on the fast engine at spike level. At the \
                     epochs of the table \
                     the weights of then were put into a fresh learning circuit and the first samples of the \
                     training set were \
                     learned there, so that all numbers of a row are of the same samples; the run itself went on \
                     undisturbed. \
                     Numbers are means for each sample. *Touched* are samples in which some hidden error met an \
                     active input, so \
                     that W1 was asked to change; *asked* are the synapses, of all eight matrices, for which the \
                     rule asked for a \
                     change. A synaptic operation is a weight that is delivered; *fixed* are the one-to-one \
                     synapses, gates and \
                     inputs. The learning circuit delivers a weight of W1 in each of phases 1, 7 and 11 to three \
                     copies of the \
                     hidden layer, errors or not; the inference circuit delivers it once.\n\n";
    let mut shares = Vec::new();
    for (item, name) in [("mnist", "MNIST"), ("fashion", "Fashion-MNIST")] {
        let result: Sparsity = record.result("sparsity", item)?;
        tell(&mut section, item, name, &result)?;
        let curve = &result.curve;
        let points = curve
            .errors
            .iter()
            .zip(1_u32..)
            .map(|(&n, epoch)| (f64::from(epoch), 100.0 * fraction(n, curve.train_samples)))
            .filter(|(_, share)| *share > 0.0);
        let points: Vec<(f64, f64)> = points.collect();
        if !points.is_empty() {
            shares.push(PlotLine { name: name.to_owned(), points, ..PlotLine::default() });
        }
        if item == "mnist" && record.scale == Scale::Full {
            demand(&mut section, &result)?;
        }
    }
    if !shares.is_empty() {
        let last =
            shares.iter().flat_map(|line| &line.points).map(|point| point.0).fold(2.0, f64::max);
        let least =
            shares.iter().flat_map(|line| &line.points).map(|point| point.1).fold(10.0, f64::min);
        let svg = plot(&Plot {
            title: "Samples with any output error, while training".to_owned(),
            x: axis("epoch", 1.0, last, false),
            y: axis("% of the samples of the epoch", least * 0.8, 100.0, true),
            lines: shares,
            levels: Vec::new(),
        })?;
        let caption = "Share of training samples with any output error, epoch by epoch, on a logarithmic axis";
        section.figure("sparsity-errors", caption, svg);
        section.text += "A sample without an output error changes nothing at all, so this is also the share of \
                         samples that train.\n\n";
    }
    Ok(section)
}

fn axis(label: &str, low: f64, high: f64, is_log: bool) -> Axis {
    Axis { label: label.to_owned(), low, high, is_log }
}

/// One data set.
fn tell(section: &mut Section, item: &str, name: &str, result: &Sparsity) -> Result<()> {
    let sizes = result.sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
    let n = result.looks.first().map_or(0, |(_, observed)| observed.samples);
    section.text += &format!("**{name}**, {sizes}, seed 1, {} samples:\n\n", count(n));
    let rows = result.looks.iter().zip(&result.inference).map(|((epoch, observed), inference)| {
        let mean = |part| mean(part, observed.samples);
        let of = |population, phase| observed.of(population, phase);
        let [plastic, fixed, input] = observed.operations;
        vec![
            epoch.to_string(),
            mean(of(Population::X, 1)),
            mean(of(Population::H, 2)),
            mean(of(Population::C, 6)),
            mean(all_spikes(observed)),
            percent(fraction(observed.errors, observed.samples)),
            percent(fraction(observed.w1_touched, observed.samples)),
            mean(observed.changes),
            mean(plastic),
            mean(fixed + input),
            mean_of(inference, inference.operations),
            mean_of(inference, inference.fixed),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    section.text += &table(
        &[
            "after epoch",
            "active inputs",
            "active hidden",
            "open hidden",
            "spikes",
            "% with an error",
            "% touched",
            "asked",
            "plastic operations",
            "fixed",
            "inference: W1, W2",
            "fixed",
        ],
        &rows,
    );
    for (epoch, observed) in &result.looks {
        let fact = |what: &str| format!("sparsity.{item}.epoch-{epoch}.{what}");
        let mean = |part| mean(part, observed.samples);
        section.fact(fact("hidden"), mean(observed.of(Population::H, 2)));
        section.fact(fact("inputs"), mean(observed.of(Population::X, 1)));
        section.fact(fact("plastic_operations"), mean(observed.operations[0]));
        section.fact(fact("touched"), percent(fraction(observed.w1_touched, observed.samples)));
        section.fact(fact("asked"), mean(observed.changes));
    }
    for (inference, (epoch, observed)) in result.inference.iter().zip(&result.looks) {
        let same = inference.active == [observed.of(Population::X, 1), inference.active[1]];
        section.expect(
            format!(
                "{name}, after epoch {epoch}: the inference circuit has the active inputs of the learning circuit"
            ),
            count(observed.of(Population::X, 1)),
            count(inference.active[0]),
            same,
        );
    }
    let faults: u64 = result.looks.iter().map(|(_, observed)| observed.faults).sum();
    section.expect(format!("{name}: faults in the samples looked at"), "0", faults, faults == 0);
    let split = result
        .looks
        .iter()
        .all(|(_, it)| it.plastic_by_phase.iter().sum::<u64>() == it.operations[0]);
    section.expect(
        format!("{name}: plastic operations counted from spikes by phase, and by the engine"),
        "equal",
        if split { "equal" } else { "not equal" },
        split,
    );
    section.text += "Plastic synaptic operations for each sample by phase:\n\n";
    let phases: Vec<u32> = (0..LEARNING_PERIOD)
        .filter(|&phase| result.looks.iter().any(|(_, it)| it.plastic_by_phase[phase as usize] > 0))
        .collect();
    let head: Vec<String> = std::iter::once("after epoch".to_owned())
        .chain(phases.iter().map(|phase| format!("phase {phase}")))
        .collect();
    let rows: Vec<Vec<String>> = result
        .looks
        .iter()
        .map(|(epoch, it)| {
            let cells =
                phases.iter().map(|&phase| mean(it.plastic_by_phase[phase as usize], it.samples));
            std::iter::once(epoch.to_string()).chain(cells).collect()
        })
        .collect();
    section.text += &table(&head.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
    let (first, last) = (result.looks.first(), result.looks.last());
    let ((_, first), (epoch, last)) = (first.context("no look")?, last.context("no look")?);
    let replays = |it: &Observed| {
        fraction(it.plastic_by_phase[7] + it.plastic_by_phase[11], it.operations[0])
    };
    section.text += &format!(
        "The replays of the input in phases 7 and 11 make up {} % of all plastic operations after {epoch} epochs ({} \
         % at the \
         start), and {} % of the samples have a use for them: a circuit that could skip what follows a silent phase \
         4 would save them in \
         all others.\n\n",
        percent(replays(last)),
        percent(replays(first)),
        percent(fraction(last.w1_touched, last.samples)),
    );
    section.fact(format!("sparsity.{item}.replays"), percent(replays(last)));
    figure(section, item, name, result)
}

fn figure(section: &mut Section, item: &str, name: &str, result: &Sparsity) -> Result<()> {
    let mut lines = Vec::new();
    for (label, populations, phases) in SHOWN {
        let points = result.looks.iter().map(|(epoch, it)| {
            let cells = populations
                .iter()
                .flat_map(|&population| phases.iter().map(move |&phase| (population, phase)));
            let spikes: u64 = cells.map(|(population, phase)| it.of(population, phase)).sum();
            (f64::from(*epoch), fraction(spikes, it.samples))
        });
        // Nothing has no place on a logarithmic axis.
        let points: Vec<(f64, f64)> = points.filter(|(_, mean)| *mean > 0.0).collect();
        if !points.is_empty() {
            lines.push(PlotLine { name: label.to_owned(), points, ..PlotLine::default() });
        }
    }
    let ends = lines.iter().flat_map(|line| &line.points).map(|point| point.1);
    let low = ends.clone().fold(0.1, f64::min) * 0.7;
    let high = ends.fold(1.0, f64::max) * 2.0;
    let last = result.looks.last().map_or(1.0, |(epoch, _)| f64::from(*epoch)).max(1.0);
    let svg = plot(&Plot {
        title: format!("{name}: spikes for each sample, by what they say"),
        x: axis("epochs done", 0.0, last, false),
        y: axis("spikes for each sample", low, high, true),
        lines,
        levels: Vec::new(),
    })?;
    let caption = format!(
        "{name}: spikes for each training sample over the epochs, on a logarithmic axis; phases in brackets"
    );
    section.figure(&format!("sparsity-{item}"), &caption, svg);
    Ok(())
}

/// What two prototypes had counted before this program was written.
fn demand(section: &mut Section, result: &Sparsity) -> Result<()> {
    let curve = &result.curve;
    let share = |epoch: usize| -> Result<f64> {
        Ok(100.0
            * fraction(*curve.errors.get(epoch - 1).context("no such epoch")?, curve.train_samples))
    };
    let (_, late) = result.looks.last().context("no look")?;
    let mean = |part: u64| fraction(part, late.samples);
    for (what, found, low, high) in [
        ("MNIST: active inputs of a sample", mean(late.of(Population::X, 1)), 96.0, 102.0),
        (
            "MNIST: active hidden neurons of a sample after the last epoch",
            mean(late.of(Population::H, 2)),
            70.0,
            102.0,
        ),
        ("MNIST: % of samples with an error in epoch 1", share(1)?, 12.0, 20.0),
        ("MNIST: % of samples with an error in epoch 6", share(6)?, 5.0, 9.0),
        (
            "MNIST: % of samples with an error in the last epoch",
            share(curve.errors.len())?,
            0.2,
            1.0,
        ),
        (
            "MNIST: thousands of plastic operations of a sample",
            mean(late.operations[0]) / 1000.0,
            345.0,
            385.0,
        ),
    ] {
        let expected = format!("{low} to {high}");
        section.expect(what, expected, format!("{found:.2}"), (low..=high).contains(&found));
    }
    for (epoch, name) in [(1, "first"), (6, "sixth"), (curve.errors.len(), "last")] {
        section.fact(format!("sparsity.mnist.errors.{name}"), format!("{:.2}", share(epoch)?));
    }
    Ok(())
}

/// Spikes of all neurons; sources are none.
fn all_spikes(observed: &Observed) -> u64 {
    observed.spikes.iter().flatten().sum()
}

fn mean_of(inference: &Inference, part: u64) -> String {
    mean(part, inference.samples)
}

/// A mean, short: whole above a thousand, one decimal above ten.
fn mean(part: u64, n: u64) -> String {
    let n = n.max(1);
    if part / n >= 1000 {
        return count((part + n / 2) / n);
    }
    let mean = fraction(part, n);
    if mean >= 10.0 { format!("{mean:.1}") } else { format!("{mean:.2}") }
}
