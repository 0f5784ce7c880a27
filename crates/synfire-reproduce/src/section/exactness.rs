//! Whether the spiking circuit computed what the reference computes, over all runs.

use anyhow::Result;

use super::{Section, count, signed, table};
use crate::experiment::feedback::Feedback;
use crate::experiment::training::Curve;
use crate::record::Record;

pub(crate) fn exactness(record: &Record) -> Result<Section> {
    let mut section = Section { title: "Exactness".into(), ..Section::default() };
    section.text += "Every update of seed 1 was compared with the reference, bit by bit: sums, spikes by phase, error signals, all \
                     eight matrices (clauses E1 to E8 of [semantics.md](semantics.md)). Of the other seeds it was every hundredth, \
                     and all matrices at the end of each epoch. A *fault* is a spike in a phase in which its population must be \
                     silent, a sum that left a register of the chip, or a coincidence where nothing may be learned; faults are \
                     looked for in every step of every sample.\n\n";
    let mut rows = Vec::new();
    let [mut trained, mut compared, mut mismatches, mut faults] = [0; 4];
    for (item, name) in [("mnist", "MNIST"), ("fashion", "Fashion-MNIST")] {
        let curves: Vec<(String, Curve)> = record.results(item, "seed-")?;
        let sum = |of: fn(&Curve) -> u64| curves.iter().map(|(_, curve)| of(curve)).sum::<u64>();
        let here = [
            sum(Curve::trained),
            sum(|curve| curve.compared),
            sum(|curve| curve.mismatches),
            sum(|curve| curve.faults + curve.test_faults),
        ];
        for (total, n) in
            [&mut trained, &mut compared, &mut mismatches, &mut faults].into_iter().zip(here)
        {
            *total += n;
        }
        let evaluated = sum(|curve| curve.test_samples * curve.exact.len() as u64);
        let last = |of: fn(&Curve) -> &Vec<u64>| {
            curves.iter().filter_map(|(_, curve)| of(curve).last()).max().copied().unwrap_or(0)
        };
        let saturated = last(|curve| &curve.saturated);
        let [trained, compared, mismatches, faults] = here.map(count);
        let cells = [trained, count(evaluated), compared, mismatches, faults, count(saturated)];
        rows.push(std::iter::once(name.to_owned()).chain(cells).collect());
        section.fact(format!("exactness.{item}.trained"), count(here[0]));
        section.fact(format!("exactness.{item}.compared"), count(here[1]));
        section.fact(format!("exactness.{item}.saturated"), count(saturated));
    }
    section.text += &table(
        &[
            "",
            "samples trained",
            "evaluated",
            "updates compared",
            "mismatches",
            "faults",
            "most weights at a limit at the end",
        ],
        &rows,
    );
    section.fact("exactness.trained", count(trained));
    section.fact("exactness.compared", count(compared));
    section.expect(
        "updates compared with the reference",
        "more than 0",
        count(compared),
        compared > 0,
    );
    section.expect(
        "mismatches in all runs of the sized circuit",
        "0",
        count(mismatches),
        mismatches == 0,
    );
    section.expect("faults in all runs of the sized circuit", "0", count(faults), faults == 0);
    feedback(record, &mut section)?;
    Ok(section)
}

/// F- that is not -F+.
fn feedback(record: &Record, section: &mut Section) -> Result<()> {
    section.text += "**The second feedback matrix.** F- starts as the negative of F+ and gets the opposite changes, each saturating on \
                     its own. Weights range from -256 to 254, so that from the first saturation on they may differ (clause R7). \
                     Counted on the reference: synapses in which they differ at the end; the first sample after which one did; \
                     samples with an output error that ran over such a synapse; and of those, the samples in which any hidden \
                     error signal would have been another with -F+ in its place. The last column is the range of the hidden potentials over \
                     all epochs, of which the circuit must bear every one (clause G5).\n\n";
    let mut rows = Vec::new();
    let [mut met, mut changed, mut both] = [0; 3];
    for (item, name) in [("mnist", "MNIST"), ("fashion", "Fashion-MNIST")] {
        let told: Vec<(String, Feedback)> =
            record.results("exactness", &format!("feedback-{item}.seed-"))?;
        let mut changed_here = 0;
        for (trial, told) in &told {
            let seed = trial.rsplit('-').next().unwrap_or_default();
            let first = told.first.map_or("never".to_owned(), |sample| {
                format!(
                    "{} (epoch {})",
                    count(sample + 1),
                    sample * told.unmirrored.len() as u64 / told.samples + 1
                )
            });
            let last = told.unmirrored.last().copied().unwrap_or(0);
            let share = format!("{} of {}", count(last), count(told.synapses));
            let cells = [
                name.to_owned(),
                seed.to_owned(),
                first,
                share,
                count(told.met),
                count(told.changed),
                format!("{} to {}", signed(told.z1[0].into()), signed(told.z1[1].into())),
            ];
            rows.push(cells.to_vec());
            met += told.met;
            changed_here += told.changed;
            both += told.both;
        }
        changed += changed_here;
        let least = told.iter().map(|(_, told)| told.z1[0]).min().unwrap_or(0);
        let greatest = told.iter().map(|(_, told)| told.z1[1]).max().unwrap_or(0);
        section.fact(format!("exactness.{item}.z1.least"), signed(least.into()));
        section.fact(format!("exactness.{item}.z1.greatest"), signed(greatest.into()));
        section.fact(format!("exactness.{item}.z1.seeds"), told.len());
        let most = told.iter().filter_map(|(_, told)| told.unmirrored.last()).max().copied();
        section.fact(format!("exactness.{item}.unmirrored"), count(most.unwrap_or(0)));
        section.fact(format!("exactness.{item}.changed"), count(changed_here));
    }
    let head = [
        "",
        "seed",
        "first sample",
        "synapses that differ at the end",
        "samples that met one",
        "errors that would be others",
        "z1 from, to",
    ];
    section.text += &table(&head, &rows);
    section.text += &match (met, changed) {
        (0, _) => "No sample with an error ever met such a synapse: in these runs one feedback matrix, read with both signs, would have \
                   done the same.\n\n"
            .to_owned(),
        (_, 0) => "It never mattered: with -F+ in the place of F- every hidden error signal would have been the same.\n\n".to_owned(),
        _ => format!(
            "It matters, rarely: in {} of {} such samples -F+ would have taught something else. Both are exact results of their own \
             circuits; the chip's has two matrices.\n\n",
            count(changed),
            count(met)
        ),
    };
    if both == 0 {
        section.text += "A hidden unit with both error signals at once, for which the two matrices leave room, was never seen.\n\n";
    }
    section.fact("exactness.met", count(met));
    section.fact("exactness.changed", count(changed));
    Ok(())
}
