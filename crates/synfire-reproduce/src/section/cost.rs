//! Energy and time on the chip, estimated, beside what was measured there.

#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "estimates of energy and time, for a text"
)]

use anyhow::{Context, Result};
use synfire_draw::{Bar, BarPicture, bars};
use synfire_loihi::cost::{ConstantSet, DAVIES_2018, Operation, SANA_FE, STATIC_POWER_MW_PER_CHIP};

use super::{Section, count, table};
use crate::experiment::cost::{Bill, Costs, PARTS, Priced};
use crate::record::Record;
use crate::scale::Scale;

/// What the authors measured: millijoules and milliseconds of a sample.
pub(crate) const MEASURED_TRAINING: [f64; 2] = [0.59, 1.5];
/// The same for inference.
pub(crate) const MEASURED_INFERENCE: [f64; 2] = [0.0025, 0.17];
const FJ_PER_MJ: f64 = 1e12;
const PS_PER_MS: f64 = 1e9;

/// A way to estimate: rows of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) is_training: bool,
    pub(crate) form: &'static str,
    pub(crate) spread: Option<u32>,
    pub(crate) all_visited: bool,
    pub(crate) set: &'static ConstantSet,
}

/// The way that is told in detail: as few cores as possible, everything visited, the sized circuit.
pub(crate) const TRAINING: Way =
    Way { is_training: true, form: "sized", spread: None, all_visited: true, set: &DAVIES_2018 };
/// The same for inference, in which nothing learns.
pub(crate) const INFERENCE: Way = Way { is_training: false, ..TRAINING };
const TOUCHED: Way = Way { all_visited: false, ..TRAINING };

impl Way {
    /// The bill of this way.
    pub(crate) fn of<'a>(&self, priced: &'a Priced) -> Result<&'a Bill> {
        let is_it = |bill: &&Bill| {
            bill.is_training == self.is_training
                && bill.form == self.form
                && bill.spread == self.spread
                && bill.all_visited == self.all_visited
                && bill.set == self.set.name
        };
        priced
            .bills
            .iter()
            .find(is_it)
            .with_context(|| format!("there is no estimate for {self:?}"))
    }
}

/// Millijoules and milliseconds of a sample.
pub(crate) fn per_sample(bill: &Bill, samples: u64) -> [f64; 2] {
    let n = samples.max(1) as f64;
    let time: u64 = bill.time_ps().iter().sum();
    [bill.energy_fj() as f64 / FJ_PER_MJ / n, time as f64 / PS_PER_MS / n]
}

/// The state to be told in detail: after five epochs as in `docs/cost.md`, or the last before.
pub(crate) fn told(costs: &Costs) -> Result<&Priced> {
    let early = costs.states.iter().rfind(|priced| priced.epoch <= 5);
    early.context("no weights were priced")
}

pub(crate) fn cost(record: &Record) -> Result<Section> {
    let costs: Costs = record.result("cost", "mnist")?;
    let mut section = Section {
        title: "Energy and time: estimates beside the measurement".into(),
        ..Section::default()
    };
    let sizes = costs.sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
    section.text += &format!(
        "The paper measured energy and time of a sample on the chip. A simulation cannot; **every energy and time of \
         ours here \
         is an estimate**: operations are counted spike by spike for a placement on cores and multiplied by \
         published costs of one \
         operation. The counts are exact, the constants are those of two sets, read through others, and none was \
         adjusted. \
         How it is done, and what is not counted, is [cost.md](cost.md). {} training samples of {sizes}, twelve \
         steps for training \
         and four for inference, weights of seed 1 after so many epochs.\n\n",
        count(costs.samples),
    );
    overview(&mut section, &costs)?;
    operations(&mut section, &costs)?;
    phases(&mut section, &costs)?;
    gap(&mut section, record, &costs)?;
    let faults: u64 =
        costs.states.iter().flat_map(|state| &state.bills).map(|bill| bill.faults).sum();
    let sized: u64 = costs
        .states
        .iter()
        .flat_map(|state| &state.bills)
        .filter(|bill| bill.form == "sized")
        .map(|bill| bill.faults)
        .sum();
    section.expect("faults of the sized circuits while they were priced", "0", sized, sized == 0);
    if faults > sized {
        section.text += "The published circuit had faults in these samples (phantom spikes, see the section on it); \
                         they are \
                         priced like any other spike.\n\n";
    }
    Ok(section)
}

/// Every way, at every state.
fn overview(section: &mut Section, costs: &Costs) -> Result<()> {
    let first = told(costs)?;
    let spreads: Vec<u32> = {
        let mut spreads: Vec<u32> = first.bills.iter().filter_map(|bill| bill.spread).collect();
        spreads.sort_unstable();
        spreads.dedup();
        spreads
    };
    let widest = spreads.last().copied();
    let mut ways = vec![TRAINING, Way { set: &SANA_FE, ..TRAINING }];
    ways.extend(spreads.into_iter().map(|n| Way { spread: Some(n), ..TRAINING }));
    ways.push(Way { form: "published", ..TRAINING });
    ways.extend([TOUCHED, Way { set: &SANA_FE, ..TOUCHED }, Way { spread: widest, ..TOUCHED }]);
    ways.push(Way { form: "published", ..TOUCHED });
    let inference =
        [INFERENCE, Way { set: &SANA_FE, ..INFERENCE }, Way { form: "published", ..INFERENCE }];
    let mut head = vec!["a sample".to_owned(), "cores".to_owned()];
    for state in trained(costs) {
        head.push(format!("after {} epochs: energy", state.epoch));
        head.push("time".to_owned());
        head.push("energy x time".to_owned());
    }
    let mut rows = Vec::new();
    let measured = |name: &str, [energy, time]: [f64; 2]| {
        let cells = [short(energy) + " mJ", short(time) + " ms", edp(energy, time)];
        let cells = trained(costs).flat_map(|_| cells.iter().map(|cell| format!("**{cell}**")));
        [
            format!("**{name}, measured (paper)**"),
            if name == "training" { "2 to 95, asked for" } else { "-" }.to_owned(),
        ]
        .into_iter()
        .chain(cells)
        .collect()
    };
    for (name, values, ways) in [
        ("training", MEASURED_TRAINING, ways.as_slice()),
        ("inference", MEASURED_INFERENCE, inference.as_slice()),
    ] {
        rows.push(measured(name, values));
        for way in ways {
            rows.push(row(way, costs)?);
        }
    }
    section.text += &table(&head.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
    section.text += "*All visited*: the learning engine looks at every plastic synapse of a core in every step; \
                     *touched*: only at those \
                     that its rule can reach with the spikes of the step. The first row of each group is on as few \
                     cores as hold the \
                     network; *spread* gives each of h, h<, h> so many cores of its own, at which the authors' \
                     placement, which is not \
                     published, may be nearer. Energy x time is the energy-delay product, in micro- or nanojoule \
                     seconds. \
                     Leakage is not in the energies.\n\n";
    for state in &costs.states {
        for (name, way) in [("training", TRAINING), ("touched", TOUCHED), ("inference", INFERENCE)]
        {
            let [energy, time] = per_sample(way.of(state)?, costs.samples);
            section.fact(format!("cost.{name}.epoch-{}.energy", state.epoch), short(energy));
            section.fact(format!("cost.{name}.epoch-{}.time", state.epoch), short(time));
        }
    }
    Ok(())
}

/// All states but the initial one.
fn trained(costs: &Costs) -> impl Iterator<Item = &Priced> {
    costs.states.iter().filter(|state| state.epoch > 0)
}

fn row(way: &Way, costs: &Costs) -> Result<Vec<String>> {
    let bill = way.of(told(costs)?)?;
    let visits = match (way.is_training, way.all_visited) {
        (false, _) => "inference",
        (true, true) => "training, all visited",
        (true, false) => "training, touched",
    };
    let form = if way.form == "sized" { "" } else { ", published circuit" };
    let spread = way.spread.map_or(String::new(), |n| format!(", spread over 3 x {n}"));
    let mut cells = vec![
        format!("{visits}, {}{form}{spread}, *estimate*", way.set.name),
        bill.n_cores.to_string(),
    ];
    for state in trained(costs) {
        let [energy, time] = per_sample(way.of(state)?, costs.samples);
        cells.extend([short(energy) + " mJ", short(time) + " ms", edp(energy, time)]);
    }
    Ok(cells)
}

/// Millijoules times milliseconds.
fn edp(energy: f64, time: f64) -> String {
    let micro = energy * time;
    if micro < 0.1 {
        format!("{} nJ s", short(micro * 1000.0))
    } else {
        format!("{} µJ s", short(micro))
    }
}

/// Three significant digits.
pub(crate) fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let mut n_decimals = 2;
    let mut scaled = value.abs();
    while scaled < 1.0 && n_decimals < 12 {
        scaled *= 10.0;
        n_decimals += 1;
    }
    while scaled >= 10.0 && n_decimals > 0 {
        scaled /= 10.0;
        n_decimals -= 1;
    }
    format!("{value:.n_decimals$}")
}

/// What the estimate is made of, by operation.
fn operations(section: &mut Section, costs: &Costs) -> Result<()> {
    let state = told(costs)?;
    let n = costs.samples.max(1);
    let bills = [TRAINING.of(state)?, TOUCHED.of(state)?, INFERENCE.of(state)?];
    let rows = Operation::ALL.iter().enumerate().map(|(idx, operation)| {
        let price = DAVIES_2018.price(*operation);
        let mut cells = vec![
            operation.to_string(),
            format!("{} pJ", short(f64::from(price.energy_fj) / 1000.0)),
        ];
        for bill in bills {
            let (found, energy) = bill.operations.get(idx).copied().unwrap_or_default();
            cells.push(count((found + n / 2) / n));
            cells.push(short(energy as f64 / 1e9 / n as f64));
        }
        cells
    });
    section.text += &format!(
        "Operations for each sample after {} epochs and their *estimated* energy in µJ (davies-2018, fewest \
         cores):\n\n",
        state.epoch
    );
    section.text += &table(
        &["", "one", "training, all visited", "µJ", "training, touched", "µJ", "inference", "µJ"],
        &rows.collect::<Vec<_>>(),
    );
    Ok(())
}

/// What it is made of, phase by phase.
fn phases(section: &mut Section, costs: &Costs) -> Result<()> {
    let state = told(costs)?;
    let n = costs.samples.max(1);
    let [all, touched] = [TRAINING.of(state)?, TOUCHED.of(state)?];
    let energy = |bill: &Bill, phase: usize| {
        let parts = bill.phases.get(phase).map_or([0; 4], |(parts, _)| *parts);
        short(parts.iter().sum::<u64>() as f64 / 1e9 / n as f64)
    };
    let time = |bill: &Bill, phase: usize| {
        let parts = bill.phases.get(phase).map_or([0; 3], |(_, time)| *time);
        short(parts.iter().sum::<u64>() as f64 / 1e6 / n as f64)
    };
    let inference = INFERENCE.of(state)?;
    let rows = (0..all.phases.len()).map(|phase| {
        let answers = inference.phases.len() > phase;
        let answer = |text: String| if answers { text } else { "-".to_owned() };
        vec![
            phase.to_string(),
            energy(all, phase),
            time(all, phase),
            energy(touched, phase),
            time(touched, phase),
            answer(energy(inference, phase)),
            answer(time(inference, phase)),
        ]
    });
    section.text += &format!(
        "*Estimated* energy (µJ) and time (µs) of each phase after {} epochs (davies-2018, fewest cores):\n\n",
        state.epoch
    );
    section.text += &table(
        &[
            "phase",
            "training, all visited: µJ",
            "µs",
            "training, touched: µJ",
            "µs",
            "inference: µJ",
            "µs",
        ],
        &rows.collect::<Vec<_>>(),
    );
    for (name, way, title) in [
        ("all", TRAINING, "training, all plastic synapses visited in every step"),
        ("touched", TOUCHED, "training, touched synapses visited"),
        ("inference", INFERENCE, "inference"),
    ] {
        let bill = way.of(state)?;
        let svg = bars(&BarPicture {
            title: format!("Estimated energy of each phase, {title}, after {} epochs", state.epoch),
            unit: "nJ".to_owned(),
            parts: PARTS.map(str::to_owned).to_vec(),
            bars: bill
                .phases
                .iter()
                .enumerate()
                .map(|(phase, (parts, _))| Bar {
                    name: format!("phase {phase}"),
                    values: parts.iter().map(|fj| (fj / n + 500_000) / 1_000_000).collect(),
                })
                .collect(),
        })?;
        let caption = format!("Estimated energy of a sample by phase: {title}, davies-2018");
        section.figure(&format!("cost-{name}"), &caption, svg);
    }
    Ok(())
}

/// What lies between the estimate and the measurement.
fn gap(section: &mut Section, record: &Record, costs: &Costs) -> Result<()> {
    let state = told(costs)?;
    let n = costs.samples.max(1) as f64;
    let [all, touched, inference] = [TRAINING.of(state)?, TOUCHED.of(state)?, INFERENCE.of(state)?];
    let [energy, time] = per_sample(all, costs.samples);
    let visits_mj = all.parts_fj()[0] as f64 / FJ_PER_MJ / n;
    let visit = DAVIES_2018.price(Operation::LearningVisit);
    let visits = all.count(Operation::LearningVisit) as f64 / n;
    let visits_ms = visits * f64::from(visit.time_ps) / PS_PER_MS;
    let barrier = |bill: &Bill| bill.time_ps()[2] as f64 / PS_PER_MS / n;
    let leak = |ms: f64| f64::from(STATIC_POWER_MW_PER_CHIP) * ms / 1000.0;
    let [measured, measured_ms] = MEASURED_TRAINING;
    let [answer, answer_ms] = MEASURED_INFERENCE;
    let [touched_mj, touched_ms] = per_sample(touched, costs.samples);
    let [inference_mj, inference_ms] = per_sample(inference, costs.samples);
    let share = |part: f64, whole: f64| short(100.0 * part / whole) + " %";
    let part =
        |name: &str, cells: [String; 4]| std::iter::once(name.to_owned()).chain(cells).collect();
    let none = || "-".to_owned();
    let rows: Vec<Vec<String>> = vec![
        part(
            "learning engine, all visited (estimate)",
            [short(visits_mj) + " mJ", share(visits_mj, measured), none(), none()],
        ),
        part(
            "learning engine, touched (estimate)",
            [
                short(touched.parts_fj()[0] as f64 / FJ_PER_MJ / n) + " mJ",
                share(touched.parts_fj()[0] as f64 / FJ_PER_MJ / n, measured),
                none(),
                none(),
            ],
        ),
        part(
            "everything else that is counted (estimate)",
            [
                short(energy - visits_mj) + " mJ",
                share(energy - visits_mj, measured),
                short(inference_mj) + " mJ",
                share(inference_mj, answer),
            ],
        ),
        part(
            "leakage of one chip over the measured time (estimate)",
            [
                short(leak(measured_ms)) + " mJ",
                share(leak(measured_ms), measured),
                short(leak(answer_ms)) + " mJ",
                share(leak(answer_ms), answer),
            ],
        ),
        part(
            "barriers, fewest cores (estimate)",
            [
                short(barrier(all) * 1000.0) + " µs",
                share(barrier(all), measured_ms),
                short(barrier(inference) * 1000.0) + " µs",
                share(barrier(inference), answer_ms),
            ],
        ),
    ];
    section.text += &format!(
        "What the gap consists of, after {} epochs (davies-2018). Shares are of the measured energy, for barriers of \
         the measured time:\n\n",
        state.epoch
    );
    section.text += &table(&["part", "training", "of measured", "inference", "of measured"], &rows);
    let cores = visits_ms / measured_ms;
    section.text += &format!(
        "- **Learning engine.** It decides training: with all synapses visited the estimate is {} mJ, {} times the \
         measured {measured} \
         mJ; with the touched ones {} mJ, {} of it. {}\n",
        short(energy),
        short(energy / measured),
        short(touched_mj),
        share(touched_mj, measured),
        // Said only of numbers that say it.
        match (0.5 * measured..2.0 * measured).contains(&energy) && touched_mj < 0.1 * measured {
            true =>
                "Only the first is of the measured order, so we take it that the chip visits all of them. That is an \
                 inference from \
                 one number and no published fact.",
            false => "Neither says which of them the chip does.",
        },
    );
    section.text += &format!(
        "- **Time of training** is that of the visits divided among cores: {} of them at {} ns are {} ms on one \
         core, and {} \
         cores that share them evenly would need the measured {measured_ms} ms. On the fewest cores the estimate is \
         {} ms, with \
         touched synapses {} ms. It says more about the number of cores than about the chip.\n",
        count(rounded(visits)),
        short(f64::from(visit.time_ps) / 1000.0),
        short(visits_ms),
        short(cores),
        short(time),
        short(touched_ms),
    );
    section.text += &format!(
        "- **Static power.** {STATIC_POWER_MW_PER_CHIP} mW of one chip would be {} of the measured training energy, \
         and {} of the measured \
         inference energy: that of inference cannot contain the leakage of a chip, and whether that of training does \
         is not said.\n",
        share(leak(measured_ms), measured),
        share(leak(answer_ms), answer),
    );
    section.text += &format!(
        "- **Barriers**, as estimated, are {} of the measured time of a training sample and {} of that of an answer \
         on the \
         fewest cores. A barrier between spiking and learning, of which nothing is published, is not counted. The \
         estimated time of an answer, {} ms, \
         is {} of the measured; the rest may be host, embedded processors and loading of spikes, which are not \
         estimated.\n",
        share(barrier(all), measured_ms),
        share(barrier(inference), answer_ms),
        short(inference_ms),
        share(inference_ms, answer_ms),
    );
    let last = costs.states.last().context("no weights were priced")?;
    let first = costs.states.first().context("no weights were priced")?;
    let at = |way: Way, state| -> Result<f64> { Ok(per_sample(way.of(state)?, costs.samples)[0]) };
    section.text += &format!(
        "- **Training itself**: from {} to {} epochs the estimate goes from {} to {} mJ with all visited, and from \
         {} to {} mJ \
         with the touched. Fewer errors save little: the replays take place in every sample (see Sparsity).\n\n",
        first.epoch,
        last.epoch,
        short(at(TRAINING, first)?),
        short(at(TRAINING, last)?),
        short(at(TOUCHED, first)?),
        short(at(TOUCHED, last)?),
    );
    if record.scale == Scale::Full {
        // What docs/cost.md says, by hand, of the same samples and weights.
        for (what, [energy, time], expected) in [
            ("training", [energy, time], "0.731 mJ, 7.96 ms"),
            ("inference", [inference_mj, inference_ms], "0.00118 mJ, 0.114 ms"),
        ] {
            let found = format!("{} mJ, {} ms", short(energy), short(time));
            let holds = found == expected;
            section.expect(format!("estimate of {what} as in cost.md"), expected, found, holds);
        }
    }
    section.fact("cost.visits", count(rounded(visits)));
    section.fact("cost.visits.share", share(visits_mj, energy));
    section.fact("cost.factor", short(energy / touched_mj));
    section.fact("cost.leak.inference", share(leak(answer_ms), answer));
    section.fact("cost.leak.training", share(leak(measured_ms), measured));
    Ok(())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count above 0")]
fn rounded(count: f64) -> u64 {
    count.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        for (value, text) in [
            (0.0, "0"),
            (0.590_4, "0.590"),
            (0.0025, "0.00250"),
            (6.771, "6.77"),
            (36.6, "36.6"),
            (720.2, "720"),
            (12_345.0, "12345"),
        ] {
            assert_eq!(short(value), text);
        }
        assert_eq!(edp(0.59, 1.5), "0.885 µJ s");
        assert_eq!(edp(0.0025, 0.17), "0.425 nJ s");
    }
}
