//! The phase table as it was seen, and two samples spike by spike.

use std::collections::BTreeMap;

use anyhow::Result;
use synfire_circuit::{LEARNING_PERIOD, MEANINGS, Population, Quantity};

use super::{Section, count, percent, table};
use crate::experiment::observed::{Observed, populations};
use crate::experiment::phases::{Drawn, Phases, State};
use crate::experiment::training::fraction;
use crate::record::Record;

pub(crate) fn phases(record: &Record) -> Result<Section> {
    let mut section = Section { title: "Who spikes when".into(), ..Section::default() };
    section.text += "The circuit is a list of claims about silence: each population may spike in a few of the twelve \
                     phases and in no \
                     other (clause P1 of [semantics.md](semantics.md); the paper's gating table). The tables below \
                     are counted from \
                     spikes of all neurons, on the fast engine with the sized circuit, with the initial weights and \
                     with those \
                     after training. A number is the mean number of spikes of the population in that phase for each \
                     sample; a dot \
                     is a phase in which it may not spike and did not. `0!` is a phase in which it may spike and \
                     never did.\n\n";
    for (item, name) in [("mnist", "MNIST"), ("fashion", "Fashion-MNIST")] {
        let result: Phases = record.result("phases", item)?;
        let sizes = result.sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        for (key, when, state) in [
            ("initial", "initial weights".to_owned(), &result.initial),
            ("late", format!("weights after {} epochs", result.epochs), &result.late),
        ] {
            let title = format!("{name}, {sizes}, {when}");
            tell(&mut section, &format!("phases.{item}.{key}"), &title, &state.observed);
        }
    }
    let result: Phases = record.result("phases", "mnist")?;
    let share = |observed: &Observed| percent(fraction(observed.errors, observed.samples));
    section.text += &format!(
        "Beyond silence the tables show what the circuit is made of. Every replay repeats what was remembered: equal \
         quantities \
         (clause P3) have equal counts in all their cells, which was demanded of each table. Input and hidden \
         activity are \
         replayed in every sample (phases 5 to 7, 9 and 11), whether there is an error or not; what carries errors \
         (phase 4, hT in 6 and 10, h \
         in 7 and 11) spikes in the samples with an output error only, which are {} % of these with the initial \
         weights and \
         {} % after {} epochs (first table and second). The replays are the price of having no computer in the loop \
         that \
         could skip them.\n\n",
        share(&result.initial.observed),
        share(&result.late.observed),
        result.epochs,
    );
    section.text += "### Two samples, spike by spike\n\n";
    section.text += "The paper's figure of a sample running through the circuit, for a sample in which the outputs \
                     err, from all spikes \
                     of the engine (a part of the neurons is shown). Time runs to the right, one step a column. \
                     Under the pointer \
                     every mark says what it means, if the picture is opened by itself.\n\n";
    for (key, when, state) in [
        ("initial", "initial weights".to_owned(), &result.initial),
        ("late", format!("weights after {} epochs", result.epochs), &result.late),
    ] {
        draw(&mut section, key, &when, state);
    }
    section.text += READING;
    Ok(section)
}

/// What a reader ought to see, phase by phase.
const READING: &str = "What to see: in phase 1 the input spikes, in 2 the hidden neurons at three thresholds (h at \
                       512, h< at 0, h> at \
    1024), in 3 the outputs likewise, beside them the target t and the memory mh of the hidden neurons. Phase 4 \
    compares: a \
    spike of d+ is an output that should have spiked, one of d- an output that should not have. In 5 hidden and \
    output populations \
    spike together where W2 and the feedback matrices go up, and hT sends the error back, to be heard in 6, where c \
    also opens the \
    hidden neurons between the thresholds 0 and 1024. In 7 the input is replayed and meets the hidden neurons whose \
    weights go up. \
    Phase 8 is silent. 9, 10 and 11 are the same for what goes down, and 0 is silent again. The gates at the bottom \
    are the pulse that \
    runs round.\n\n";

/// One table and what is demanded of it.
fn tell(section: &mut Section, fact: &str, title: &str, observed: &Observed) {
    let n = observed.samples;
    section.text += &format!("**{title}**, {} samples:\n\n", count(n));
    let head: Vec<String> = std::iter::once("population".to_owned())
        .chain((0..LEARNING_PERIOD).map(|phase| phase.to_string()))
        .collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> = Population::WORKING
        .into_iter()
        .map(|population| {
            let cells = (0..LEARNING_PERIOD).map(|phase| {
                let found = observed.of(population, phase);
                let is_allowed = population.learning_phases().contains(phase);
                match (found, is_allowed) {
                    (0, false) => "·".to_owned(),
                    (0, true) => "0!".to_owned(),
                    (_, true) => per_sample(found, n),
                    (_, false) => format!("**{}**", per_sample(found, n)),
                }
            });
            std::iter::once(population.name()).chain(cells).collect()
        })
        .collect();
    section.text += &table(&head, &rows);

    let (outside, missing) = judge(observed);
    let n_outside: u64 = outside.iter().map(|(.., n)| n).sum();
    section.expect(
        format!("{title}: spikes outside the phases of clause P1"),
        "0",
        n_outside,
        n_outside == 0,
    );
    section.expect(
        format!("{title}: faults of the engine"),
        "0",
        observed.faults,
        observed.faults == 0,
    );
    let unequal = unequal(observed);
    section.expect(
        format!("{title}: quantities whose cells differ in their number of spikes"),
        "none",
        if unequal.is_empty() { "none".to_owned() } else { unequal.join("; ") },
        unequal.is_empty() && n > 0,
    );
    let gates = (0..12).all(|gate| {
        let row = observed.row(Population::Gate(gate));
        row.iter().sum::<u64>() == n && row[(usize::from(gate) + 11) % 12] == n
    });
    section.expect(
        format!("{title}: each gate spikes once a sample, one phase before its number"),
        "yes",
        if gates { "yes" } else { "no" },
        gates,
    );
    section.text += if outside.is_empty() {
        "No spike fell outside, and each gate of the ring spiked once a sample. "
    } else {
        "Spikes fell outside, printed bold. "
    };
    section.text += &if missing.is_empty() {
        "Every cell that may spike did.\n\n".to_owned()
    } else {
        let reasons: Vec<String> = missing
            .iter()
            .map(|(quantity, cells)| {
                format!("{} ({quantity}: none of these samples had any)", cells.join(", "))
            })
            .collect();
        format!("Of the cells that may spike these did not: {}.\n\n", reasons.join("; "))
    };
    section.fact(format!("{fact}.outside"), count(n_outside));
    section.fact(format!("{fact}.samples"), count(n));
    section.fact(format!("{fact}.error_samples"), count(observed.errors));
}

/// Population, phase and number of spikes.
type Cell = (Population, u32, u64);

/// Cells that may not spike and did, with their spikes; and those that may and did not, by what they would have meant.
fn judge(observed: &Observed) -> (Vec<Cell>, BTreeMap<&'static str, Vec<String>>) {
    let (mut outside, mut missing) = (Vec::new(), BTreeMap::<_, Vec<String>>::new());
    for population in populations() {
        for phase in 0..LEARNING_PERIOD {
            let n = observed.of(population, phase);
            let is_allowed = population.learning_phases().contains(phase);
            if n > 0 && !is_allowed {
                outside.push((population, phase, n));
            } else if n == 0 && is_allowed {
                let meaning = MEANINGS
                    .iter()
                    .find(|meaning| meaning.population == population && meaning.phase == phase);
                let quantity = meaning.map_or("the pulse", |meaning| meaning.quantity.name());
                missing
                    .entry(quantity)
                    .or_default()
                    .push(format!("{} in {phase}", population.name()));
            }
        }
    }
    (outside, missing)
}

/// Quantities that do not have the same number of spikes wherever they show (clause P3), and the derivative gate if it
/// is not what lies between its two thresholds.
fn unequal(observed: &Observed) -> Vec<String> {
    let mut counts: BTreeMap<Quantity, Vec<u64>> = BTreeMap::new();
    for meaning in &MEANINGS {
        counts
            .entry(meaning.quantity)
            .or_default()
            .push(observed.of(meaning.population, meaning.phase));
    }
    let mut unequal: Vec<String> = counts
        .iter()
        .filter(|(_, counts)| counts.windows(2).any(|pair| pair[0] != pair[1]))
        .map(|(quantity, counts)| format!("{}: {counts:?}", quantity.name()))
        .collect();
    let total =
        |quantity| counts.get(&quantity).and_then(|counts| counts.first()).copied().unwrap_or(0);
    let between = total(Quantity::HiddenLow).checked_sub(total(Quantity::HiddenHigh));
    if between != Some(total(Quantity::Derivative)) {
        unequal.push("the derivative gate is not what lies between its thresholds".to_owned());
    }
    unequal
}

/// Spikes for each sample, short.
fn per_sample(found: u64, n: u64) -> String {
    // In thousandths, rounded to the nearest.
    let thousandths = (found * 1000 + n / 2) / n.max(1);
    match thousandths {
        0..100 => format!("0.{thousandths:03}"),
        100..10_000 => {
            let hundredths = (found * 100 + n / 2) / n.max(1);
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        }
        _ => {
            let tenths = (found * 10 + n / 2) / n.max(1);
            format!("{}.{}", tenths / 10, tenths % 10)
        }
    }
}

fn draw(section: &mut Section, key: &str, when: &str, state: &State) {
    let Some(Drawn { svg, story, spikes, faults, errors, hidden, changed }) = &state.drawn else {
        section.text +=
            &format!("With {when} no sample of the training set has an output error.\n\n");
        return;
    };
    section.figure(
        &format!("raster-{key}"),
        &format!("One sample in the learning circuit, spike by spike, with {when}"),
        svg.clone(),
    );
    let [up, down] = errors;
    let n_errors = up.len() + down.len();
    let plural = if n_errors == 1 { "" } else { "s" };
    section.text += &format!(
        "*With {when}*: {story}. In all {} spikes of neurons in twelve steps; phase 4 shows {n_errors} error{plural} \
         ({} of d+, {} of \
         d-), phase 7 {} hidden neurons whose weights from the active inputs go up, phase 11 {} for which they go \
         down; {} \
         weights of W1 and {} of W2 changed.\n\n",
        count(*spikes),
        up.len(),
        down.len(),
        hidden[0],
        hidden[1],
        count(changed[0] as u64),
        count(changed[1] as u64),
    );
    section.expect(format!("faults in the sample drawn with {when}"), "0", faults, *faults == 0);
    section.expect(
        format!("the sample drawn with {when} has an output error"),
        "at least 1",
        n_errors,
        n_errors > 0,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five samples in which everything that may be is, once each.
    fn full() -> Observed {
        let spikes = populations()
            .into_iter()
            .map(|population| {
                std::array::from_fn(|phase| {
                    let phase = u32::try_from(phase).unwrap_or(0);
                    let is_low = matches!((population, phase), (Population::HLow, 2));
                    match population.learning_phases().contains(phase) {
                        false => 0,
                        true if is_low => 10,
                        true => 5,
                    }
                })
            })
            .collect();
        Observed { samples: 5, spikes, ..Observed::default() }
    }

    fn failed(observed: &Observed) -> Vec<String> {
        let mut section = Section::default();
        tell(&mut section, "fact", "title", observed);
        section.expectations.into_iter().filter(|it| !it.holds).map(|it| it.what).collect()
    }

    #[test]
    fn a_faultless_table_holds() {
        assert_eq!(failed(&full()), Vec::<String>::new());
        let (outside, missing) = judge(&full());
        assert!(outside.is_empty() && missing.is_empty());
    }

    /// Each spike that is moved, lost or added is seen.
    #[test]
    fn what_is_wrong_is_seen() {
        let mut phantom = full();
        phantom.spikes[2][8] = 1;
        assert_eq!(failed(&phantom), ["title: spikes outside the phases of clause P1"]);
        let mut lost = full();
        lost.spikes[2][5] -= 1;
        assert_eq!(
            failed(&lost),
            ["title: quantities whose cells differ in their number of spikes"]
        );
        let mut gate = full();
        let last = gate.spikes.len() - 1;
        gate.spikes[last][10] -= 1;
        assert_eq!(
            failed(&gate),
            ["title: each gate spikes once a sample, one phase before its number"]
        );
        assert_eq!(failed(&Observed { faults: 1, ..full() }), ["title: faults of the engine"]);
        let mut silent = full();
        silent.spikes[13][4] = 0;
        assert_eq!(judge(&silent).1.into_values().flatten().collect::<Vec<_>>(), ["d+ in 4"]);
    }

    #[test]
    fn means_are_short() {
        for (found, n, text) in [
            (1, 1000, "0.001"),
            (99, 1000, "0.099"),
            (5, 10, "0.50"),
            (86_241, 1000, "86.2"),
            (12, 10, "1.20"),
        ] {
            assert_eq!(per_sample(found, n), text);
        }
    }
}
