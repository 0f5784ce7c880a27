//! What it does to forget the rewards of a run's last sample.

use anyhow::{Context, Result};

use super::{Section, count, counted, percent, table};
use crate::experiment::forgotten::{Lost, Stage};
use crate::experiment::training::fraction;
use crate::record::Record;
use crate::statistics::Spread;

pub(crate) fn forgotten(record: &Record) -> Result<Section> {
    let lost: Vec<(String, Lost)> = record.results("forgotten-reward", "seed-")?;
    let (_, first) = lost.first().context("no seed")?;
    let mut section = Section { title: "The forgotten reward".to_owned(), ..Section::default() };
    section.text += "A coincidence of spikes raises a weight by 2 if a reward comes in the same step and lowers it \
    by 2 if not. The reward of a \
                     sample comes twice, in phases 5 and 7. The authors' program counts these pairs from a cycle \
                     before the first sample on, one for each sample: the first rewards nothing, and \
                     the last sample of a run has none. Whatever that sample should have raised, it lowers: every \
                     synapse concerned ends up 4 units from where it should be, unless it meets a limit. Our \
                     schedule rewards the last sample too.\n\n";
    section.text += &format!(
        "Measured on the fast engine, {}: from weights after some epochs, the next samples with an output error \
         were each learned twice from the \
         same state, with their rewards and without. Means per sample, copies of W1 and W2 not counted:\n\n",
        counted(lost.len(), "seed"),
    );
    let mut rows = Vec::new();
    for idx in 0..first.stages.len() {
        let stages: Vec<&Stage> =
            lost.iter().filter_map(|(_, lost)| lost.stages.get(idx)).collect();
        rows.push(row(&stages));
    }
    let head = [
        "after epochs",
        "samples with an error",
        "of these affected",
        "W1",
        "W2",
        "F+",
        "F-",
        "most in one sample",
        "by 4 units",
        "by 2, at a limit",
    ];
    section.text += &table(&head, &rows);
    let all = || lost.iter().flat_map(|(_, lost)| &lost.stages);
    let (errors, searched) = all().fold((0, 0), |(errors, searched), stage| {
        (errors + stage.errors, searched + stage.searched)
    });
    let last: Vec<&Stage> = lost.iter().filter_map(|(_, lost)| lost.stages.last()).collect();
    let per_sample = mean(&last, |stage| stage.synapses.iter().sum());
    let last_epochs = last.first().map_or(0, |stage| stage.epochs);
    let share =
        fraction(last.iter().map(|s| s.errors).sum(), last.iter().map(|s| s.searched).sum());
    section.text += &format!(
        "A run is hurt only if its last sample has an error: {} % of samples after {}. Then {per_sample:.0} \
         synapses are wrong in \
         the mean, nearly all of them in W1. It is one sample of a run, but the authors' loop starts a run for \
         every epoch; what \
         that comes to is in the section on restarts.\n\n",
        percent(share),
        counted(last_epochs as usize, "epoch"),
    );
    section.fact("forgotten.synapses", format!("{per_sample:.0}"));
    section.fact("forgotten.epochs", last_epochs);
    section.fact("forgotten.samples", count(errors));
    let most = all().map(|stage| stage.most).max().unwrap_or(0);
    section.fact("forgotten.most", count(most));
    let mismatches: u64 = all().map(|stage| stage.mismatches + stage.faults).sum();
    let of = format!("{mismatches} in {} samples of {}", count(errors), count(searched));
    section.expect(
        "forgotten reward: with rewards, synapses that are not the reference's, and faults",
        "0",
        of,
        mismatches == 0,
    );
    let odd: u64 = all()
        .flat_map(|stage| &stage.by)
        .filter(|(by, _)| !matches!(by, 2 | 4))
        .map(|(_, n)| n)
        .sum();
    section.expect(
        "forgotten reward: synapses that differ by anything but 4 units, or 2 at a limit",
        "0",
        odd,
        odd == 0,
    );
    Ok(section)
}

fn row(stages: &[&Stage]) -> Vec<String> {
    let errors = stages.iter().map(|stage| stage.errors).sum::<u64>();
    let affected = stages.iter().map(|stage| stage.affected).sum::<u64>();
    let by = |units: i32| {
        let n = stages.iter().filter_map(|stage| stage.by.get(&units)).sum::<u64>();
        let all = stages.iter().flat_map(|stage| stage.by.values()).sum::<u64>();
        format!("{} %", percent(fraction(n, all)))
    };
    let mut cells = vec![
        stages.first().map_or(0, |stage| stage.epochs).to_string(),
        count(errors),
        count(affected),
    ];
    cells.extend(
        [0, 1, 2, 3].map(|idx| format!("{:.1}", mean(stages, |stage| stage.synapses[idx]))),
    );
    cells.push(count(stages.iter().map(|stage| stage.most).max().unwrap_or(0)));
    cells.extend([by(4), by(2)]);
    cells
}

/// Per sample with an error, over seeds.
fn mean(stages: &[&Stage], of: impl Fn(&Stage) -> u64) -> f64 {
    let means: Vec<f64> = stages.iter().map(|stage| fraction(of(stage), stage.errors)).collect();
    Spread::of(&means).mean
}
