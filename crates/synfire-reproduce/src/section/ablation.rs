//! What each part of the circuit is for, by what happens without it.

use anyhow::{Context, Result};
use synfire_draw::{Axis, Plot, PlotLine, plot};

use super::{Section, count, signed, table};
use crate::experiment::ablation::{Ablation, Ablations, BASES};
use crate::record::Record;
use crate::scale::Scale;

/// What a part is for, by what its name ends with.
const PURPOSES: [(&str, &str); 16] = [
    ("h not held in 8", "keeps h silent while the echo of the replay in 7 arrives"),
    ("h not held in 0", "the same after the replay in 11"),
    ("o not held in 6", "keeps o silent while the echo of h in 5 arrives"),
    ("o not held in 8", "the same after h in 7"),
    ("o not held in 10", "the same after h in 9"),
    ("o not held in 0", "the same after h in 11"),
    ("hT, oT not held in 4", "keeps hT silent while the outputs of 3 arrive through F+"),
    ("nobody held", "all of these"),
    ("i halved", "inhibition of the right strength"),
    ("i times 1.5", "inhibition of the right strength: too much wraps around"),
    ("three quarters of the bias", "rest without inhibition; the gates are weakened by as much"),
    ("half the bias", "the same"),
    ("a quarter of the bias", "the same"),
    ("no bias", "the same"),
    ("no bias, nobody held", "rest at all"),
    ("refractory 2 in hT", "hT must spike in 5 and 6, and in 9 and 10"),
];

pub(crate) fn ablation(record: &Record) -> Result<Section> {
    let states: Vec<(String, Ablations)> =
        [record.results("ablation", "mnist-")?, record.results("ablation", "fashion-")?].concat();
    let names: Vec<String> = states
        .iter()
        .map(|(name, state)| {
            let task = match (record.scale, name.starts_with("mnist")) {
                (Scale::Smoke, true) => "digits 1",
                (Scale::Smoke, false) => "digits 2",
                (_, true) => "MNIST",
                (_, false) => "Fashion-MNIST",
            };
            format!("{task}, {} epochs", state.epochs)
        })
        .collect();
    let (_, first) = states.first().context("no state")?;
    let n_samples = first.parts.first().map_or(0, |part| part.tally.samples);
    let mut section =
        Section { title: "What each part of the circuit is for".to_owned(), ..Section::default() };
    section.text += &format!(
        "From weights that the reference had trained for some epochs (seed 1), {} further samples were learned by \
         circuits in which one thing was changed, all \
         else equal. A cell reads *samples with a fault / samples with a wrong update* (both as in the section on \
         the published circuit). Sized, `i` is {}, {} and {} units for h, o and hT. What has no effect on these samples may \
         have one on others: what is \
         needed for all weights within their limits is the matter of clause G3.\n\n",
        count(n_samples),
        signed((-first.holds[0]).into()),
        signed((-first.holds[1]).into()),
        signed((-first.holds[2]).into()),
    );
    mends(&states, &names, &mut section)?;
    for base in BASES {
        without(&states, &names, base, &mut section)?;
    }
    scan(&states, &names, &mut section)?;
    demands(&states, &mut section);
    Ok(section)
}

fn part<'a>(state: &'a Ablations, name: &str) -> Result<&'a Ablation> {
    let found = state.parts.iter().find(|part| part.name == name);
    found.with_context(|| format!("there is no part {name}"))
}

fn cell(part: &Ablation) -> String {
    format!("{} / {}", count(part.tally.faulty), count(part.tally.wrong))
}

fn row(states: &[(String, Ablations)], label: &str, name: &str) -> Result<Vec<String>> {
    let mut cells = vec![label.to_owned()];
    for (_, state) in states {
        cells.push(cell(part(state, name)?));
    }
    Ok(cells)
}

/// From the published circuit to ours.
fn mends(states: &[(String, Ablations)], names: &[String], section: &mut Section) -> Result<()> {
    let steps = [
        ("published", BASES[0]),
        ("+ a plastic unit of half the charge", "unit halved"),
        ("+ threshold 2,688, gates to match", "unit halved, threshold 2,688"),
        ("+ `i` from the shape", "unit halved, threshold 2,688, i sized"),
        (
            "+ h held in 0 and o in 8 too",
            "unit halved, threshold 2,688, i sized, h held in 0, o in 8",
        ),
        ("+ h held by its own memory, not by a gate: ours", BASES[1]),
        ("published, h held in 0 and o in 8 too", "h also held in 0, o in 8"),
        ("published, `i` doubled", "i 16,256"),
        ("published, refractory 1 in h, h<, h>", "published, refractory 1 in h, h<, h>"),
        ("published, registers twice as wide", "wide"),
        ("an earlier version of the authors' code", "earlier"),
    ];
    let rows: Vec<Vec<String>> =
        steps.iter().map(|(label, name)| row(states, label, name)).collect::<Result<_>>()?;
    section.text += "### What mends the published circuit\n\nFirst all steps from it to ours, one on top of the \
    other, then some mends alone:\n\n";
    section.text += &table(&head("circuit", names), &rows);
    section.text += "Halving the charge of a plastic unit doubles every bound and loses nothing, because weights \
    are even. The bias cannot grow, it is at the \
                     chip's limit, but the threshold can, and the room of all three bounds (clause G1) is then \
                     equal. More inhibition alone moves the fault: \
                     it wraps around at negative potentials. In ours only who was active is held, and so no negative potential meets any \
     inhibition. Letting h spike in consecutive steps saves its replay \
                     in 9 from the phantom in 8, \
                     but not the outputs from the phantom's spikes.\n\n";
    for (label, name) in [("published", BASES[0]), ("ours", BASES[1])] {
        let cells = row(states, label, name)?;
        for ((key, _), cell) in states.iter().zip(&cells[1..]) {
            section.fact(format!("ablation.{label}.{key}"), cell);
        }
    }
    Ok(())
}

fn head<'a>(first: &'a str, names: &'a [String]) -> Vec<&'a str> {
    std::iter::once(first).chain(names.iter().map(String::as_str)).collect()
}

/// A circuit with one part changed at a time.
fn without(
    states: &[(String, Ablations)],
    names: &[String],
    base: &str,
    section: &mut Section,
) -> Result<()> {
    let title = if base == BASES[0] { "the published circuit" } else { "ours" };
    let mut rows = vec![[row(states, "unchanged", base)?, vec![String::new()]].concat()];
    let mut idle = Vec::new();
    let (_, first) = states.first().context("no state")?;
    for changed in &first.parts {
        let Some(what) = changed.name.strip_prefix(base).and_then(|rest| rest.strip_prefix(", "))
        else {
            continue;
        };
        let mut has_effect = false;
        for (_, state) in states {
            let (with, without) = (part(state, base)?, part(state, &changed.name)?);
            has_effect |= with.tally != without.tally || with.drift != without.drift;
        }
        if has_effect {
            let purpose =
                PURPOSES.iter().find(|(name, _)| *name == what).map_or("", |(_, purpose)| purpose);
            rows.push([row(states, what, &changed.name)?, vec![purpose.to_owned()]].concat());
        } else {
            idle.push(what);
        }
    }
    section.text += &format!("### One part changed in {title}\n\n");
    let mut head = head("changed", names);
    head.push("what the part is for");
    section.text += &table(&head, &rows);
    if !idle.is_empty() {
        section.text += &format!(
            "Without any effect on any of these samples, in spikes that mean something, faults or weights: {}.\n\n",
            idle.join("; "),
        );
    }
    section.fact(format!("ablation.{base}.idle"), idle.join("; "));
    Ok(())
}

/// Faults over the strength that holds h.
fn scan(states: &[(String, Ablations)], names: &[String], section: &mut Section) -> Result<()> {
    let mut lines = Vec::new();
    let mut highest = 0;
    for ((_, state), name) in states.iter().zip(names) {
        if state.scan.iter().all(|&(_, faulty, _)| faulty == 0) {
            continue;
        }
        for (what, is_dashed, of) in [("faults", false, 1), ("wrong", true, 2)] {
            let points = state.scan.iter().map(|&(hold, faulty, wrong)| {
                let n = if of == 1 { faulty } else { wrong };
                highest = highest.max(n);
                (f64::from(hold), small(n))
            });
            let points = points.collect();
            lines.push(PlotLine {
                name: format!("{}: {what}", name.replace(" epochs", "")),
                points,
                band: Vec::new(),
                is_dashed,
            });
        }
    }
    section.text += "### How much inhibition\n\n";
    if lines.is_empty() {
        section.text += "Without any inhibition of h, h< and h> no sample of these had a fault in our circuit: the \
        potentials are still small enough.\n\n";
        return Ok(());
    }
    section.text += "In our circuit, `i` of h, h< and h> in phases 8 and 0 was varied. With too little, the echo \
    of large potentials gets through; too much there cannot be, because only who was active is held. ";
    for ((_, state), name) in states.iter().zip(names) {
        let quiet: Vec<i32> = state
            .scan
            .iter()
            .filter(|(_, faulty, _)| *faulty == 0)
            .map(|(hold, ..)| *hold)
            .collect();
        if let (Some(low), Some(high)) = (quiet.first(), quiet.last()) {
            section.text += &format!(
                "{name}: no fault from {} to {}. ",
                signed((*low).into()),
                signed((*high).into())
            );
        }
    }
    section.text += &format!(
        "The sized circuit takes {}.\n\n",
        states
            .iter()
            .map(|(_, state)| count(state.holds[0].unsigned_abs().into()))
            .collect::<Vec<_>>()
            .join(", "),
    );
    let svg = plot(&Plot {
        title: "Our circuit with other inhibition of h, h<, h>".into(),
        x: Axis {
            label: "inhibition in phases 8 and 0, units of 64".into(),
            low: 0.0,
            high: 32_768.0,
            is_log: false,
        },
        y: Axis {
            label: "samples".into(),
            low: 0.0,
            high: small(highest.next_multiple_of(100).max(1)),
            is_log: false,
        },
        lines,
        levels: Vec::new(),
    })?;
    section.figure(
        "ablation-inhibition",
        "Samples with faults and wrong updates over the strength of inhibition",
        svg,
    );
    Ok(())
}

fn demands(states: &[(String, Ablations)], section: &mut Section) {
    let ours =
        states.iter().flat_map(|(_, state)| &state.parts).filter(|part| part.name == BASES[1]);
    let bad: u64 = ours
        .map(|part| part.tally.faulty + part.tally.wrong + part.drift.iter().sum::<u64>())
        .sum();
    section.expect(
        "ablation: faults, wrong updates and drift of the unchanged sized circuit",
        "0",
        bad,
        bad == 0,
    );
    let lost: u64 = states.iter().flat_map(|(_, state)| &state.parts).map(|part| part.lost).sum();
    section.expect(
        "ablation: synapses that changed without a coincidence that was seen",
        "0",
        lost,
        lost == 0,
    );
    // What must break: otherwise nothing here could show that anything does.
    let broken: u64 = states
        .iter()
        .flat_map(|(_, state)| &state.parts)
        .filter(|part| part.name == "sized, refractory 2 in hT")
        .map(|part| part.tally.wrong)
        .sum();
    section.expect(
        "ablation: wrong updates with refractory period 2 in hT",
        "more than 0",
        broken,
        broken > 0,
    );
}

#[expect(clippy::cast_precision_loss, reason = "samples are few")]
const fn small(number: u64) -> f64 {
    number as f64
}
