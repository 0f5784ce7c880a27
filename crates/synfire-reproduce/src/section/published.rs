//! The published circuit and the sized one, side by side: what holds, where it breaks, why, and what mends it.

#![expect(clippy::float_arithmetic, reason = "fractions of counts, for a text")]

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use synfire_draw::{Axis, Level, Plot, PlotLine, plot};

use super::{Section, count, counted, percent, percents, table};
use crate::experiment::published::Course;
use crate::experiment::training::fraction;
use crate::record::Record;
use crate::scale::Scale;
use crate::statistics::Spread;

/// The circuits on one task, by seed.
struct Task {
    key: &'static str,
    name: &'static str,
    published: Vec<Course>,
    /// A new network for every epoch; on wider registers; as the code was earlier. Only where copies drift.
    restarted: Vec<Course>,
    wide: Vec<Course>,
    earlier: Vec<Course>,
    sized: Vec<Course>,
}

impl Task {
    fn of(record: &Record, key: &'static str, name: &'static str) -> Result<Task> {
        let courses = |arm| -> Result<Vec<Course>> {
            let prefix = format!("{key}-{arm}-");
            let trials = record.items.get("published");
            if !trials.is_some_and(|all| all.keys().any(|name| name.starts_with(&prefix))) {
                return Ok(Vec::new());
            }
            let all: Vec<(String, Course)> = record.results("published", &prefix)?;
            Ok(all.into_iter().map(|(_, course)| course).collect())
        };
        let [published, restarted, wide, earlier, sized] =
            ["published", "restarted", "wide", "earlier", "sized"].map(courses);
        Ok(Task {
            key,
            name,
            published: published?,
            restarted: restarted?,
            wide: wide?,
            earlier: earlier?,
            sized: sized?,
        })
    }

    /// All circuits with their names in tables.
    fn arms(&self) -> impl Iterator<Item = (&'static str, &Vec<Course>)> {
        let arms = [
            ("published", &self.published),
            ("published, restarted", &self.restarted),
            ("published, wide", &self.wide),
            ("earlier", &self.earlier),
            ("ours", &self.sized),
        ];
        arms.into_iter().filter(|(_, courses)| !courses.is_empty())
    }

    fn n_epochs(&self) -> usize {
        self.published.iter().chain(&self.sized).map(|course| course.exact.len()).min().unwrap_or(0)
    }

    /// A count of the published circuit's runs, added up.
    fn sum(&self, of: impl Fn(&Course) -> u64) -> u64 {
        self.published.iter().map(of).sum()
    }

    fn samples(&self) -> u64 {
        self.sum(|course| course.tally.samples)
    }
}

pub(crate) fn published(record: &Record) -> Result<Section> {
    let tasks = match record.scale {
        Scale::Smoke => ["digits, first task", "digits, second task"],
        _ => ["MNIST", "Fashion-MNIST"],
    };
    let tasks = [Task::of(record, "mnist", tasks[0])?, Task::of(record, "fashion", tasks[1])?];
    let mut section =
        Section { title: "The published circuit and ours".to_owned(), ..Section::default() };
    let (n_seeds, n_epochs) = (tasks[0].published.len(), tasks[0].n_epochs());
    let bounds = tasks[0].published.first().context("no seed")?.bounds;
    section.text += &format!(
        "The circuit that the authors published and the sized one differ in strengths and in who holds \
         whom down (clause \
         P2 of `semantics.md`). Both were trained here from the same start, in the same order, {} and {n_epochs} \
         epochs, on the fast engine, which does what the chip's registers do, wraps included. Every sample was \
         watched:\n\n\
         - a *fault* is a spike of a population in a phase in which it means nothing (a *phantom*), a coincidence \
         of spikes \
         in a phase in which nothing may be learned, or a sum that leaves its register and wraps around;\n\
         - an update is *wrong* if on any of the eight plastic projections, in any phase, other pairs of neurons \
         coincide than \
         the reference asks for **from the same state**. The state is that of the first copies (W1 onto h, W2 onto \
         o) \
         and of F+ and F- just before the sample: after a wrong update the reference takes over what the engine \
         made of it, so \
         that one error is not counted twice. All updates of all epochs were judged;\n\
         - *drift* is what stays: synapses in which the three copies of W1 differ, the three copies of W2, or F+ \
         and W2 transposed.\n\n\
         Accuracies are those of the weights onto h and o, the first copies, in the four-phase inference circuit \
         of the same form.\n\n\
         *Published* and *ours* run through all epochs. The second task has three more circuits: \
         *published, restarted* gets a new network for every epoch, with all copies and both feedback matrices \
         made from W1 and \
         W2, as the authors' loop does it; that ends every drift with the epoch (it is given as it stands then). \
         *Published, wide* is what the published circuit would be if its registers held twice as much, so that \
         nothing wraps at \
         these potentials. *Earlier* (one seed) is an earlier version of their code, which is public too: no \
         refractory \
         period, `i` \
         twice as strong, h held in phase 0 too and o in 8.\n\n",
        counted(n_seeds, "seed"),
    );
    section.text += &format!(
        "**Why phantoms come.** The input is replayed in phases 7 and 11 to be learned with. Its spikes also reach \
         h, h< and h> \
         through W1, one phase later, as an echo of z1. In phase 0 the published circuit has only the bias against \
         it: above \
         z1 = {} a neuron spikes. In phase 8 the inhibition `i` is added: it spikes above {}; but below {} the sum \
         of `i` and the \
         echo leaves the chip's register, wraps around to a large positive one, and the neuron spikes as well. In \
         phase 2, \
         where z1 is meant to be seen, gate and z1 together wrap above {}, and the strongest neurons are silent. \
         In ours \
         only a neuron that was active is held, by its own memory, and these bounds are at about {} and {}.\n\n",
        signed(bounds.echo_0),
        signed(bounds.echo_8),
        signed(bounds.wrap_8),
        signed(bounds.open),
        signed(tasks[0].sized.first().context("no seed")?.bounds.echo_8),
        signed(tasks[0].sized.first().context("no seed")?.bounds.wrap_8),
    );
    section.text += "**Why some of them matter.** A phantom in phase 0 is over before the next sample is seen in \
    phase 2: its neuron \
                     is held in phase 1, and those it drives rest then. A phantom in phase 8 holds h in phase 9, \
                     where its \
                     activity should be replayed: W2 is then not lowered where F+ is, and the two part. It also \
                     drives the outputs in \
                     phase 9, when their gate is open: some spike that should not, and learn. A wrap in phase 2 is \
                     worse, because the \
                     activity itself is wrong.\n\n";
    for task in &tasks {
        tell(task, &mut section);
    }
    figures(&tasks, &mut section)?;
    places(&tasks, &mut section);
    section.text += "### What the authors say of it\n\nThe authors knew of these limits. A comment in the \
    parameters of their later version says that a \
                     sum of inputs above the bias makes a neuron spike in a phase in which it should be silent, \
                     and that a sum beyond \
                     the register overflows and does the same (they give the limit of the 24-bit register, which \
                     the *wide* circuit \
                     stays within; the chip model used here has 22 bits for the input of one step). Their main \
                     program asserts, for samples of which all populations \
                     are recorded, that h and o are silent in phases 0, 1, 4, 6, 8 and 10, and that copies are \
                     equal in the end. In the \
                     runs above the first assertion fails wherever a phantom is counted, the second wherever \
                     copies have drifted. The \
                     paper, as far as we can see, does not say how often either happened.\n\n";
    paper(record, &tasks[1], &mut section);
    demands(&tasks, &mut section);
    Ok(section)
}

/// The paper's accuracy beside what the published circuit comes to here.
fn paper(record: &Record, task: &Task, section: &mut Section) {
    const EPOCH: usize = 40;
    if record.scale == Scale::Smoke || task.n_epochs() < EPOCH {
        return;
    }
    let cells: Vec<String> = task
        .arms()
        .map(|(arm, courses)| {
            let values: Vec<f64> =
                courses.iter().map(|course| at(course, |course| &course.binary, EPOCH)).collect();
            section.fact(
                format!("published.{}.binary.epoch-{EPOCH}.{}", task.key, arm.replace(", ", "-")),
                percents(&values),
            );
            format!("*{arm}* {}", percents(&values))
        })
        .collect();
    section.text += &format!(
        "The paper gives 79 % for Fashion-MNIST after {EPOCH} epochs, measured on the chip. Here, by the same \
         readout after as \
         many epochs: {}. Which version of the code the paper's runs were made with, and what the chip does where \
         our model of it wraps, \
         we do not know. What can be said is that the published circuit, with these weights, orders and this model \
         of the \
         chip, does not compute the algorithm on this data set, and that ours does.\n\n",
        cells.join(", "),
    );
}

/// What happened on one task.
fn tell(task: &Task, section: &mut Section) {
    let n_epochs = task.n_epochs();
    section.text += &format!("### {}\n\n", task.name);
    let head = [
        "circuit",
        "seed",
        "first fault",
        "first wrong update",
        "phantoms in 0",
        "in 8",
        "wraps in 2",
        "wrong updates",
        "drift W1, W2, F+",
        "z1",
        "z2",
        "dead",
        "binary",
        "potential",
    ];
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (arm, courses) in task.arms() {
        for (course, seed) in courses.iter().zip(1..) {
            let drift = course.drift.last().copied().unwrap_or_default();
            let seed: u32 = seed;
            rows.push(vec![
                arm.to_owned(),
                seed.to_string(),
                place_of(course, 0),
                place_of(course, 1),
                count(course.phase_0.iter().sum()),
                count(course.phase_8.iter().sum()),
                count(course.wrapped.iter().sum()),
                count(course.tally.wrong),
                drift.map(count).join(", "),
                ends(course.tally.z1),
                ends(course.tally.z2),
                course.dead.last().copied().unwrap_or(0).to_string(),
                last(course, |course| &course.binary),
                last(course, |course| &course.potential),
            ]);
        }
    }
    section.text += "Samples with a phantom of h, h< or h> in phase 0 and in phase 8, with a wrap in phase 2, and \
    with a wrong update, \
                     over all epochs; the least and greatest potentials; drift, dead classes and accuracy \
                     (percent) after the last epoch.\n\n";
    section.text += &table(&head, &rows);

    let faulty = task.sum(|course| course.tally.faulty);
    let wrong = task.sum(|course| course.tally.wrong);
    let of = task.samples();
    let drift = task.sum(|course| course.drift.last().copied().unwrap_or_default().iter().sum());
    section.text += &match (faulty, wrong) {
        (0, _) => {
            format!("None of {} samples had a fault, and no update was wrong.\n\n", count(of))
        }
        (_, 0) => format!(
            "{} of {} samples ({} %) had a fault, and no update was wrong: on these runs the published circuit is \
             exact, \
             phantoms and all, and its weights are those of ours to the last bit.\n\n",
            count(faulty),
            count(of),
            percent(fraction(faulty, of)),
        ),
        _ => format!(
            "{} of {} samples ({} %) had a fault and {} ({} %) were updated wrongly; {} of the wrong updates were \
             made in samples in \
             which the reference changes nothing at all. In the end {} synapses had drifted, over all seeds. Past \
             its first wrong update \
             the published circuit computes something else than backpropagation from its weights.\n\n",
            count(faulty),
            count(of),
            percent(fraction(faulty, of)),
            count(wrong),
            percent(fraction(wrong, of)),
            count(task.sum(|course| course.tally.wrong_silent)),
            count(drift),
        ),
    };
    if wrong > 0 {
        let [w1, w2, plus, minus] = [0, 1, 2, 3].map(|idx| {
            let in_it = task.sum(|course| course.tally.wrong_in[idx]);
            format!("{} %", percent(fraction(in_it, wrong)))
        });
        section.text += &format!(
            "Of the wrong updates, {w1} were wrong in a copy of W1, {w2} in a copy of W2, {plus} in F+ and {minus} \
             in F-.\n\n",
        );
    }
    for (arm, courses) in task.arms().filter(|(arm, _)| !matches!(*arm, "published" | "ours")) {
        let again: u64 = courses.iter().map(|course| course.tally.wrong).sum();
        let of: u64 = courses.iter().map(|course| course.tally.samples).sum();
        section.text += &format!(
            "*{arm}*: {} of {} samples were updated wrongly ({} %). ",
            count(again),
            count(of),
            percent(fraction(again, of)),
        );
        let arm = arm.replace(", ", "-");
        section.fact(format!("published.{}.wrong.{arm}", task.key), count(again));
        section.fact(
            format!("published.{}.wrong.percent.{arm}", task.key),
            percent(fraction(again, of)),
        );
    }
    section.text += if task.restarted.is_empty() { "" } else { "\n\n" };
    by_epoch(task, section);
    accuracies(task, section);
    let name = format!("published.{}", task.key);
    section.fact(format!("{name}.samples"), count(of));
    section.fact(format!("{name}.faulty"), count(faulty));
    section.fact(format!("{name}.faulty.percent"), percent(fraction(faulty, of)));
    section.fact(format!("{name}.wrong"), count(wrong));
    section.fact(format!("{name}.wrong.percent"), percent(fraction(wrong, of)));
    section.fact(format!("{name}.drift"), count(drift));
    section.fact(format!("{name}.seeds"), task.published.len());
    section.fact(format!("{name}.epochs"), n_epochs);
    let greatest = |courses: &[Course]| courses.iter().map(|course| course.tally.z1[1]).max();
    let least = |courses: &[Course]| courses.iter().map(|course| course.tally.z1[0]).min();
    section
        .fact(format!("{name}.z1.greatest"), signed(greatest(&task.published).unwrap_or(0).into()));
    section.fact(format!("{name}.z1.least"), signed(least(&task.published).unwrap_or(0).into()));
    section.fact(
        format!("{name}.sized.z1.greatest"),
        signed(greatest(&task.sized).unwrap_or(0).into()),
    );
    section.fact(format!("{name}.sized.z1.least"), signed(least(&task.sized).unwrap_or(0).into()));
    for (what, idx) in [("first-fault", 0), ("first-wrong", 1)] {
        let firsts: Vec<String> =
            task.published.iter().map(|course| place_of(course, idx)).collect();
        section.fact(format!("{name}.{what}"), firsts.join("; "));
    }
}

/// The share of samples in which things happened, epoch by epoch.
fn by_epoch(task: &Task, section: &mut Section) {
    let n_epochs = task.n_epochs();
    let shown = [1, 2, 3, 5, 10, 20, 40, 60].into_iter().filter(|&epoch| epoch <= n_epochs);
    let rows: Vec<Vec<String>> = shown
        .map(|epoch| {
            let share =
                |of: &dyn Fn(&Course) -> &Vec<u64>| percents(&shares(&task.published, of, epoch));
            let drift: Vec<f64> =
                task.published.iter().map(|course| total(course, epoch)).collect();
            let accuracy = |courses: &Vec<Course>| percents(&accuracy_at(courses, epoch));
            let ends = |of: fn(&Course) -> &Vec<[i32; 2]>| {
                let all = task.published.iter().filter_map(|course| of(course).get(epoch - 1));
                let (mut low, mut high) = (0, 0);
                for &[least, greatest] in all {
                    (low, high) = (low.min(least), high.max(greatest));
                }
                ends([low, high])
            };
            let mut cells = vec![
                epoch.to_string(),
                ends(|course| &course.z1),
                share(&|course| &course.phase_0),
                share(&|course| &course.phase_8),
                share(&|course| &course.wrapped),
                share(&|course| &course.wrong),
                format!("{:.0}", Spread::of(&drift).mean),
            ];
            cells.extend(task.arms().map(|(_, courses)| accuracy(courses)));
            cells
        })
        .collect();
    section.text += "The published circuit epoch by epoch, mean and standard deviation over seeds, in percent of \
    the samples; z1 is the widest of \
                     all seeds, drift the mean number of synapses; then the accuracy by the potential readout of \
                     all circuits, in percent:\n\n";
    let mut head =
        vec!["epoch", "z1", "phantoms in 0", "in 8", "wraps in 2", "wrong updates", "drift"];
    head.extend(task.arms().map(|(arm, _)| arm));
    section.text += &table(&head, &rows);
}

/// What it costs.
fn accuracies(task: &Task, section: &mut Section) {
    let n_epochs = task.n_epochs();
    let n_last = n_epochs.min(10);
    for (arm, courses) in task.arms().filter(|(arm, _)| *arm != "ours") {
        let mut sentences = Vec::new();
        for (name, of) in READOUTS {
            let differences: Vec<f64> = courses
                .iter()
                .zip(&task.sized)
                .map(|(published, sized)| late(published, of, n_last) - late(sized, of, n_last))
                .collect();
            let spread = Spread::of(&differences);
            let found = if differences.len() > 1 {
                format!("{:+.2} ± {:.2}", 100.0 * spread.mean, 100.0 * spread.deviation)
            } else {
                format!("{:+.2}", 100.0 * spread.mean)
            };
            let key = arm.replace(", ", "-");
            section.fact(format!("published.{}.{name}.difference.{key}", task.key), &found);
            sentences.push(format!("{found} {name}"));
        }
        section.text += &format!(
            "Accuracy of the circuit *{arm}* less that of ours, mean of the last {n_last} epochs, paired by seed, \
             in percentage points: {}. ",
            sentences.join(", "),
        );
    }
    let mut died = Vec::new();
    for (arm, courses) in task.arms() {
        let with = courses.iter().filter(|course| course.dead.iter().any(|&n| n > 0)).count();
        let most = courses.iter().flat_map(|course| course.dead.last()).max().copied().unwrap_or(0);
        died.push(format!(
            "*{arm}* {with} of {} (at most {most} classes dead in the end)",
            courses.len()
        ));
        section.fact(
            format!("published.{}.dead.{}", task.key, arm.replace(", ", "-")),
            format!("{with} of {}", courses.len()),
        );
        section
            .fact(format!("published.{}.dead-classes.{}", task.key, arm.replace(", ", "-")), most);
        for (name, of) in READOUTS {
            let values: Vec<f64> = courses.iter().map(|course| at(course, of, n_epochs)).collect();
            section.fact(
                format!("published.{}.{name}.last.{}", task.key, arm.replace(", ", "-")),
                percents(&values),
            );
        }
    }
    section.text +=
        &format!("Runs in which some class was dead after any epoch: {}.\n\n", died.join("; "));
    let test_faults = task.sum(|course| course.test_faults);
    if test_faults > 0 {
        section.text += &format!(
            "In the inference circuit, which replays nothing, the published strengths led to {} faults over all \
             evaluations: sums that wrapped.\n\n",
            count(test_faults),
        );
    }
}

/// Where all faults of the published circuit happened.
fn places(tasks: &[Task; 2], section: &mut Section) {
    let mut all: BTreeMap<&String, [u64; 2]> = BTreeMap::new();
    for (idx, task) in tasks.iter().enumerate() {
        for course in &task.published {
            for (place, [samples, _]) in &course.tally.places {
                all.entry(place).or_default()[idx] += samples;
            }
        }
    }
    if all.is_empty() {
        return;
    }
    let mut rows: Vec<_> = all.into_iter().collect();
    rows.sort_by_key(|(place, samples)| (std::cmp::Reverse(samples[0] + samples[1]), *place));
    let n_all = rows.len();
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .take(24)
        .map(|(place, [one, other])| vec![place.clone(), count(one), count(other)])
        .collect();
    section.text += "### Where faults happen\n\nSamples of all seeds and epochs of the published circuit with a \
    fault, by population, phase and kind";
    section.text += &match n_all {
        n_all if n_all > rows.len() => {
            format!(", the {} most frequent of {n_all}:\n\n", rows.len())
        }
        _ => ":\n\n".to_owned(),
    };
    section.text += &table(&["population, phase, kind", tasks[0].name, tasks[1].name], &rows);
}

fn demands(tasks: &[Task; 2], section: &mut Section) {
    let ours = || tasks.iter().flat_map(|task| &task.sized);
    let theirs = tasks.iter().flat_map(|task| {
        [&task.published, &task.restarted, &task.wide, &task.earlier].into_iter().flatten()
    });
    let samples: u64 = ours().map(|course| course.tally.samples).sum();
    let of = format!("of {} samples", count(samples));
    let bad: u64 = ours().map(|course| course.tally.faulty + course.test_faults).sum();
    section.expect("sized circuit, both tasks: faults", "0", format!("{bad} {of}"), bad == 0);
    let wrong: u64 = ours().map(|course| course.tally.wrong).sum();
    section.expect(
        "sized circuit, both tasks: wrong updates",
        "0",
        format!("{wrong} {of}"),
        wrong == 0,
    );
    let drift: u64 = ours().flat_map(|course| course.drift.iter().flatten()).sum();
    section.expect("sized circuit, both tasks: drifted synapses", "0", drift, drift == 0);
    let lost: u64 = ours().chain(theirs).map(|course| course.lost).sum();
    section.expect(
        "synapses that changed without a coincidence that was seen",
        "0",
        lost,
        lost == 0,
    );
    // Where no update was wrong, both circuits have learned the same.
    let same = tasks
        .iter()
        .flat_map(|task| task.published.iter().zip(&task.sized))
        .filter(|(published, _)| published.tally.wrong == 0);
    let (mut n_pairs, mut n_equal) = (0, 0);
    for (published, sized) in same {
        n_pairs += 1;
        n_equal += u32::from(published.exact == sized.exact && published.z1 == sized.z1);
    }
    section.expect(
        "runs of the published circuit without a wrong update that equal ours in every epoch",
        format!("{n_pairs}"),
        n_equal,
        n_pairs == n_equal,
    );
}

fn figures(tasks: &[Task; 2], section: &mut Section) -> Result<()> {
    section.text += "### Over the epochs\n\n";
    let n_epochs = tasks.iter().map(Task::n_epochs).max().unwrap_or(1);
    let x = || Axis { label: "epoch".into(), low: 0.0, high: coordinate(n_epochs), is_log: false };
    let mut lines = Vec::new();
    let quantities: [(&str, Of); 4] = [
        ("phantom in 0", |course| &course.phase_0),
        ("phantom in 8", |course| &course.phase_8),
        ("wrap in 2", |course| &course.wrapped),
        ("wrong update", |course| &course.wrong),
    ];
    for (task, is_dashed) in tasks.iter().zip([true, false]) {
        for (name, of) in quantities {
            let values = |epoch| shares(&task.published, &of, epoch);
            if (1..=task.n_epochs()).all(|epoch| values(epoch).iter().all(|&share| share <= 0.0)) {
                continue;
            }
            let name = format!("{}: {name}", task.name);
            lines.push(curve(name, is_dashed, task.n_epochs(), 100.0, values));
        }
    }
    if !lines.is_empty() {
        let svg = plot(&Plot {
            title: "The published circuit: samples with faults and wrong updates".into(),
            x: x(),
            y: Axis { label: "percent of samples".into(), low: 0.0, high: 100.0, is_log: false },
            lines,
            levels: Vec::new(),
        })?;
        section.figure(
            "published-rates",
            "Published circuit: share of samples with phantoms, wraps and wrong updates",
            svg,
        );
    }

    let mut lines = Vec::new();
    for (task, is_dashed) in tasks.iter().zip([true, false]) {
        for (name, end) in [("greatest", 1), ("least", 0)] {
            let values = |epoch: usize| -> Vec<f64> {
                let ends = task.sized.iter().filter_map(|course| course.z1.get(epoch - 1));
                ends.map(|ends| f64::from(ends[end])).collect()
            };
            lines.push(curve(
                format!("{}: {name} z1", task.name),
                is_dashed,
                task.n_epochs(),
                1.0,
                values,
            ));
        }
    }
    let bounds = tasks[0].published.first().context("no seed")?.bounds;
    let ours = tasks[0].sized.first().context("no seed")?.bounds;
    let level = |value: i64, name: &str| Level { value: whole(value), name: name.into() };
    let svg = plot(&Plot {
        title: "Hidden potentials over the epochs, our circuit, and what the circuits bear".into(),
        x: x(),
        y: Axis { label: "z1".into(), low: -70_000.0, high: 70_000.0, is_log: false },
        lines,
        levels: vec![
            level(bounds.echo_0, "published: phantom in 0"),
            level(bounds.echo_8, "published: phantom in 8"),
            level(bounds.open, "published: wrap in 2"),
            level(bounds.wrap_8, "published: wrap in 8"),
            level(ours.echo_8, "ours: phantom"),
            level(ours.wrap_8, "ours: wrap"),
        ],
    })?;
    section.figure(
        "published-potentials",
        "Largest and smallest hidden potential in each epoch, and the bounds of both circuits",
        svg,
    );

    for task in tasks {
        let mut lines = Vec::new();
        for (arm, courses) in task.arms() {
            let values = |epoch: usize| accuracy_at(courses, epoch);
            lines.push(curve(arm.to_owned(), arm != "ours", task.n_epochs(), 100.0, values));
        }
        let lowest = lines.iter().flat_map(|line| &line.band[line.band.len() / 10..]);
        let low = lowest.map(|&(_, low, _)| low).fold(100.0, f64::min);
        let svg = plot(&Plot {
            title: format!("{}: test accuracy by the largest potential", task.name),
            x: x(),
            y: Axis {
                label: "percent".into(),
                low: (low / 5.0).floor() * 5.0,
                high: 100.0,
                is_log: false,
            },
            lines,
            levels: Vec::new(),
        })?;
        let caption = format!(
            "{}: test accuracy of the published circuit and ours, mean and range over seeds",
            task.name
        );
        section.figure(&format!("published-accuracy-{}", task.key), &caption, svg);
    }
    Ok(())
}

type Of = fn(&Course) -> &Vec<u64>;

const READOUTS: [(&str, Of); 3] = [
    ("exact", |course| &course.exact),
    ("binary", |course| &course.binary),
    ("potential", |course| &course.potential),
];

/// Mean and range over seeds in each epoch.
fn curve(
    name: String,
    is_dashed: bool,
    n_epochs: usize,
    scale: f64,
    values: impl Fn(usize) -> Vec<f64>,
) -> PlotLine {
    let mut line = PlotLine { name, is_dashed, ..PlotLine::default() };
    for epoch in 1..=n_epochs {
        let spread = Spread::of(&values(epoch));
        line.points.push((coordinate(epoch), scale * spread.mean));
        line.band.push((coordinate(epoch), scale * spread.least, scale * spread.greatest));
    }
    line
}

/// Of the samples of an epoch, by seed.
fn shares(courses: &[Course], of: &dyn Fn(&Course) -> &Vec<u64>, epoch: usize) -> Vec<f64> {
    courses
        .iter()
        .map(|course| {
            fraction(of(course).get(epoch - 1).copied().unwrap_or(0), course.train_samples)
        })
        .collect()
}

fn at(course: &Course, of: Of, epoch: usize) -> f64 {
    fraction(of(course).get(epoch - 1).copied().unwrap_or(0), course.test_samples)
}

fn accuracy_at(courses: &[Course], epoch: usize) -> Vec<f64> {
    courses.iter().map(|course| at(course, |course| &course.potential, epoch)).collect()
}

/// The mean of the last epochs.
fn late(course: &Course, of: Of, n_last: usize) -> f64 {
    let n_epochs = course.exact.len();
    let values: Vec<f64> =
        (n_epochs - n_last + 1..=n_epochs).map(|epoch| at(course, of, epoch)).collect();
    Spread::of(&values).mean
}

fn last(course: &Course, of: Of) -> String {
    percent(at(course, of, course.exact.len()))
}

fn total(course: &Course, epoch: usize) -> f64 {
    let drift = course.drift.get(epoch - 1).copied().unwrap_or_default();
    whole(i64::try_from(drift.iter().sum::<u64>()).unwrap_or(i64::MAX))
}

/// `epoch 2, sample 5,516`.
fn place_of(course: &Course, idx: usize) -> String {
    match course.tally.first[idx] {
        None => "none".to_owned(),
        Some(sample) => {
            let per_epoch = course.train_samples.max(1);
            format!("epoch {}, sample {}", sample / per_epoch + 1, count(sample % per_epoch + 1))
        }
    }
}

fn ends([least, greatest]: [i32; 2]) -> String {
    format!("{} to {}", signed(least.into()), signed(greatest.into()))
}

/// A whole number with a sign and commas.
pub(crate) fn signed(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", count(number.unsigned_abs()))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
const fn whole(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "epochs are few")]
const fn coordinate(epoch: usize) -> f64 {
    epoch as f64
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::sync::atomic::{AtomicBool, AtomicU64};

    use serde_json::{Value, json};
    use synfire_data::SearchPath;

    use super::*;
    use crate::item::ITEMS;
    use crate::material::Material;
    use crate::record::Outcome;
    use crate::trial::Watch;

    /// The four items that are about the circuit.
    const CIRCUIT: [&str; 4] = ["published", "ablation", "forgotten-reward", "restart"];

    fn record() -> Record {
        let material = Material::new(SearchPath::new(None, None, None));
        let mut record = Record::new(Scale::Smoke);
        for item in ITEMS.iter().filter(|item| CIRCUIT.contains(&item.name)) {
            for trial in (item.trials)(Scale::Smoke) {
                let (wants_stop, permille) = (AtomicBool::new(false), AtomicU64::new(0));
                let result = (trial.work)(&material, &Watch::new(&wants_stop, &permille)).unwrap();
                let outcome = Outcome { parameters: trial.parameters, result };
                record.items.entry(item.name.into()).or_default().insert(trial.name, outcome);
            }
        }
        record
    }

    fn section_of(name: &str, record: &Record) -> Section {
        let item = ITEMS.iter().find(|item| item.name == name).unwrap();
        (item.section)(record).unwrap()
    }

    /// Which expectations do not hold.
    fn broken(name: &str, record: &Record) -> Vec<String> {
        let expectations = section_of(name, record).expectations;
        expectations.into_iter().filter(|it| !it.holds).map(|it| it.what).collect()
    }

    /// Sections read sensibly at the smallest scale, and what a result has to be is asked of it.
    #[test]
    fn sections_are_written_and_demands_are_made() {
        let record = record();
        for name in CIRCUIT {
            let section = section_of(name, &record);
            assert!(section.text.len() > 500 && !section.facts.is_empty(), "{name}");
            assert!(
                !section.text.contains("NaN") && !section.text.contains(" inf "),
                "{}",
                section.text
            );
            for figure in &section.figures {
                assert!(figure.svg.starts_with("<svg"), "{name}");
                assert!(section.text.contains(&format!("reproduction/{}.svg", figure.name)));
            }
            assert_eq!(broken(name, &record), Vec::<String>::new(), "{name}");
        }
        // One wrong number at a time: it is asked for, and by the right demand.
        let spoiled = |item: &str, trial: &str, path: &str, value: Value| {
            let mut record = record.clone();
            let result = &mut record.items.get_mut(item).unwrap().get_mut(trial).unwrap().result;
            *result.pointer_mut(path).unwrap() = value;
            broken(item, &record).join("; ")
        };
        for (item, trial, path, value, words) in [
            ("published", "mnist-sized-1", "/tally/wrong", json!(1), "wrong updates"),
            ("published", "fashion-sized-1", "/tally/faulty", json!(1), "faults"),
            ("published", "fashion-sized-1", "/drift/0/1", json!(2), "drifted"),
            ("published", "mnist-published-1", "/lost", json!(2), "without a coincidence"),
            ("published", "mnist-published-1", "/exact/0", json!(0), "equal ours"),
            ("ablation", "mnist-0", "/parts/33/drift/0", json!(1), "drift of the unchanged"),
            ("forgotten-reward", "seed-1", "/stages/0/mismatches", json!(1), "not the reference's"),
            ("forgotten-reward", "seed-1", "/stages/0/by", json!({ "-4": 1 }), "anything but 4"),
            ("restart", "seed-1", "/rebuilt/faults", json!(1), "faults"),
            ("restart", "seed-1", "/rebuilt/apart/0/0", json!(1), "before F- does"),
        ] {
            let found = spoiled(item, trial, path, value);
            assert!(found.contains(words), "{item} {trial} {path}: {found}");
        }
    }

    /// Forgetting the rewards of a sample with an error turns what should have risen by 2 into what sank by 2.
    #[test]
    fn a_forgotten_reward_is_seen() {
        let record = record();
        let lost: crate::experiment::forgotten::Lost =
            record.result("forgotten-reward", "seed-1").unwrap();
        for stage in &lost.stages {
            assert!(stage.affected > 0 && stage.synapses.iter().all(|&n| n > 0), "{stage:?}");
            assert!(stage.by[&4] > 0 && stage.mismatches == 0, "{stage:?}");
        }
        let ways: Vec<(String, crate::experiment::restart::Ways)> =
            record.results("restart", "seed-").unwrap();
        for (seed, ways) in ways {
            let is_apart = ways.authors.apart.iter().any(|apart| apart[0] > 0);
            assert_eq!(is_apart, ways.last_errors > 0, "{seed}: {ways:?}");
            assert_eq!(ways.rebuilt.exact, ways.through.exact);
        }
    }

    #[test]
    fn numbers_have_signs() {
        assert_eq!(
            (signed(-24_640), signed(0), signed(9216)),
            ("-24,640".into(), "0".into(), "9,216".into())
        );
    }
}
