//! From recorded samples to the description of a picture: which neurons are shown, and what is said of each spike.

use std::collections::BTreeSet;
use std::fmt;

use synfire_circuit::{LEARNING_PERIOD, Population, Side};
use synfire_data::Dataset;
use synfire_draw::{
    Glyph, PhaseMark, PhasePopulation, PhaseRaster, PhaseRow, Pixels, RasterPanel, SampleSpan,
};
use synfire_reference::Shape;

use super::record::{Recorded, Told};
use super::{RasterLook, SampleStory, words};

/// The panels but that of the gates: name, side, populations from top to bottom.
const PANELS: [(&str, Side, &[Population]); 3] = {
    use Population as P;
    [
        (
            "Output populations",
            Side::Output,
            &[P::O, P::OLow, P::OHigh, P::T, P::DPlus, P::DMinus, P::OBack],
        ),
        ("Hidden populations", Side::Hidden, &[P::H, P::HLow, P::HHigh, P::Mh, P::C, P::HBack]),
        ("Input populations", Side::Input, &[P::X, P::Mx]),
    ]
};

pub(super) fn describe(
    shape: &Shape,
    dataset: &Dataset,
    recorded: &Recorded,
    look: &RasterLook,
) -> PhaseRaster {
    let layers: Vec<String> = shape.sizes().iter().map(usize::to_string).collect();
    let form = recorded.circuit.form();
    let mut panels: Vec<RasterPanel> = PANELS
        .iter()
        .map(|&(name, side, populations)| panel(recorded, name, side, populations, look.n_rows))
        .collect();
    panels.push(gates(recorded));
    let n = recorded.told.len();
    let title = format!(
        "{n} sample{} of {}, learned in spikes: {}, {}, {form} circuit",
        if n == 1 { "" } else { "s" },
        dataset.name(),
        layers.join("-"),
        look.weights,
    );
    let description = format!(
        "Spikes of a spiking circuit for backpropagation, in four panels one below the other: output, hidden and input \
         populations, and gates. Time runs to the right in steps, twelve to a sample; {}.",
        recorded.told.iter().map(|it| it.story.to_string()).collect::<Vec<_>>().join(". ")
    );
    PhaseRaster {
        title,
        description,
        first_step: recorded.circuit.first_step(0),
        period: LEARNING_PERIOD,
        bands: words::bands(),
        legend: words::legend(),
        samples: recorded.told.iter().map(|told| span(&told.story, dataset)).collect(),
        panels,
    }
}

/// What is written above a sample.
fn span(story: &SampleStory, dataset: &Dataset) -> SampleSpan {
    SampleSpan {
        name: format!("Sample {}: class {}", story.sample_idx, story.class),
        lines: lines(story),
        pixels: Some(Pixels { width: dataset.width(), bits: dataset.bits(story.sample_idx) }),
    }
}

fn lines(story: &SampleStory) -> Vec<String> {
    let SampleStory {
        active, readout, potential, errors_up, errors_down, changed, n_faults, ..
    } = story;
    let classes = |list: &[u32]| list.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let spiked = match active[..] {
        [] => "no output spikes".to_owned(),
        [one] => format!("output {one} spikes"),
        _ => format!("outputs {} spike", classes(active)),
    };
    let mut lines =
        vec![format!("{spiked}; largest potential {potential}, of {}", readout.potential)];
    let mut errors = Vec::new();
    if !errors_up.is_empty() {
        errors.push(format!("{} should have spiked", classes(errors_up)));
    }
    if !errors_down.is_empty() {
        errors.push(format!("{} should not have", classes(errors_down)));
    }
    let [w1, w2] = changed;
    if errors.is_empty() {
        lines.push("no error, nothing to learn".to_owned());
    } else {
        lines.push(format!("error: {}", errors.join("; ")));
    }
    if !errors.is_empty() || w1 + w2 > 0 {
        lines.push(format!(
            "update: {w2} weights of W2, {w1} of W1 ({} hidden neurons up, {} down)",
            story.n_hidden_up, story.n_hidden_down
        ));
    }
    if *n_faults > 0 {
        lines.push(format!(
            "{n_faults} fault{}: see the crosses",
            if *n_faults == 1 { "" } else { "s" }
        ));
    }
    lines
}

impl fmt::Display for SampleStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sample {} of class {}: {}", self.sample_idx, self.class, lines(self).join("; "))
    }
}

fn panel(
    recorded: &Recorded,
    name: &str,
    side: Side,
    populations: &[Population],
    n_rows: usize,
) -> RasterPanel {
    let n_neurons = populations.first().map_or(0, |&population| {
        recorded.circuit.network().layer(recorded.circuit.layer(population)).n_neurons
    });
    debug_assert!(populations.iter().all(|population| population.side() == side), "{side:?}");
    let mut spiking = BTreeSet::new();
    for &population in populations {
        for (_, step, _) in steps(recorded) {
            spiking.extend(recorded.raster.spikes(step, recorded.circuit.layer(population)));
        }
    }
    let all: Vec<u32> = (0..n_neurons).collect();
    let spiking: Vec<u32> = spiking.into_iter().collect();
    let n_spiking = spiking.len();
    let (shown, note) = if all.len() <= n_rows {
        (all, format!("all {n_neurons} neurons of each"))
    } else if n_spiking == 0 {
        (evenly(&all, n_rows), format!("{n_rows} of {n_neurons} neurons, none of which spikes"))
    } else if n_spiking <= n_rows {
        (spiking, format!("the {n_spiking} neurons of {n_neurons} that spike"))
    } else {
        let (shown, n_active) = telling(recorded, populations, &spiking, n_rows);
        let of_these = match n_active {
            None => String::new(),
            Some(n) => format!(", {n} of them from those active in phase 2"),
        };
        let note = format!(
            "{n_rows} of the {n_spiking} neurons (of {n_neurons}) that spike{of_these}; the same in each population; \
             small numbers count the spikes of all"
        );
        (shown, note)
    };
    let is_thinned = n_spiking > shown.len();
    let populations =
        populations.iter().map(|&it| rows(recorded, it, &shown, is_thinned)).collect();
    RasterPanel { name: name.to_owned(), note, populations }
}

/// So many of the neurons that spike, at even distances. Hidden neurons that fire are few, but it is they whose
/// memory is replayed: as far as there are so many, half of those shown are of them, and their number is returned.
fn telling(
    recorded: &Recorded,
    populations: &[Population],
    spiking: &[u32],
    n_rows: usize,
) -> (Vec<u32>, Option<usize>) {
    if populations.first() != Some(&Population::H) {
        return (evenly(spiking, n_rows), None);
    }
    let layer = recorded.circuit.layer(Population::H);
    let forward = steps(recorded).filter(|&(_, _, phase)| phase == 2);
    let active: BTreeSet<u32> =
        forward.flat_map(|(_, step, _)| recorded.raster.spikes(step, layer)).collect();
    let (active, others): (Vec<u32>, Vec<u32>) =
        spiking.iter().partition(|neuron_idx| active.contains(neuron_idx));
    let n_active = active.len().min(n_rows.div_ceil(2)).max(n_rows.saturating_sub(others.len()));
    let mut shown = evenly(&active, n_active);
    shown.extend(evenly(&others, n_rows - n_active));
    shown.sort_unstable();
    (shown, Some(n_active))
}

/// So many of a list that is at least so long, at even distances, its first among them.
fn evenly(list: &[u32], n: usize) -> Vec<u32> {
    (0..n).map(|k| list[k * list.len() / n]).collect()
}

/// Every step of every sample, with its phase.
fn steps(recorded: &Recorded) -> impl Iterator<Item = (&Told, u64, u32)> {
    let of = |told| (0..LEARNING_PERIOD).map(move |phase| (told, phase));
    recorded
        .told
        .iter()
        .flat_map(of)
        .map(|(told, phase): (&Told, u32)| (told, told.first_step + u64::from(phase), phase))
}

fn rows(
    recorded: &Recorded,
    population: Population,
    shown: &[u32],
    is_thinned: bool,
) -> PhasePopulation {
    let layer = recorded.circuit.layer(population);
    let symbol = population.name();
    let mut rows: Vec<PhaseRow> = shown
        .iter()
        .map(|neuron_idx| PhaseRow { label: neuron_idx.to_string(), marks: Vec::new() })
        .collect();
    let mut counts = Vec::new();
    for (told, step, phase) in steps(recorded) {
        let (glyph, quantity) = words::meaning(population, phase);
        let says = quantity.map_or("means nothing, a fault", |quantity| quantity.name());
        let mut n = 0;
        for neuron_idx in recorded.raster.spikes(step, layer) {
            n += 1;
            let Ok(row) = shown.binary_search(&neuron_idx) else { continue };
            let sum = told.sum(population, phase, neuron_idx);
            let sum = sum.map_or(String::new(), |(name, value)| format!(", {name} = {value}"));
            let note = format!("{symbol} {neuron_idx}, step {step}, phase {phase}: {says}{sum}");
            rows[row].marks.push(PhaseMark { step, glyph, note });
        }
        if is_thinned && n > 0 {
            counts.push((step, n));
        }
    }
    let lanl = population.lanl_name();
    let note = if lanl == symbol { String::new() } else { format!("{lanl} in the authors' code") };
    PhasePopulation { symbol, name: words::name(population).to_owned(), note, rows, counts }
}

/// The ring, and the reward.
fn gates(recorded: &Recorded) -> RasterPanel {
    let circuit = &recorded.circuit;
    let single =
        |symbol: String, name: &str, layer, is_expected: &dyn Fn(u32) -> bool, says: &str| {
            let mut marks = Vec::new();
            for (_, step, phase) in steps(recorded) {
                if recorded.raster.contains(step, layer, 0) {
                    let note = format!("{symbol}, step {step}, phase {phase}: {says}");
                    let glyph = if is_expected(phase) { Glyph::Bar } else { Glyph::Cross };
                    marks.push(PhaseMark { step, glyph, note });
                }
            }
            let rows = vec![PhaseRow { label: String::new(), marks }];
            PhasePopulation { symbol, name: name.to_owned(), rows, ..PhasePopulation::default() }
        };
    let mut populations: Vec<PhasePopulation> = (0..12)
        .map(|k| {
            let gate = Population::Gate(k);
            let does = words::gate(k, circuit.form());
            let phases = gate.learning_phases();
            let says = format!("{does} in phase {k}");
            single(gate.name(), does, circuit.layer(gate), &|phase| phases.contains(phase), &says)
        })
        .collect();
    let [_, _, reward] = circuit.sources();
    populations.push(single(
        "r".to_owned(),
        "reward, a source",
        reward,
        &|phase| matches!(phase, 5 | 7),
        "reward: what spikes together in this step goes up, in others down",
    ));
    let note =
        "each fires one phase before the one it is named after, and hands the pulse on".to_owned();
    RasterPanel { name: "Gates".to_owned(), note, populations }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_choices_are_different_and_begin_with_the_first() {
        let list: Vec<u32> = (0..100).map(|k| 3 * k).collect();
        for n in 1..=100 {
            let chosen = evenly(&list, n);
            assert_eq!((chosen.len(), chosen[0]), (n, 0));
            assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]), "{chosen:?}");
        }
    }
}
