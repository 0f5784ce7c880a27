//! What happened on one task: tables, and the words beside them.

#![expect(clippy::float_arithmetic, reason = "fractions of counts, for a text")]

use std::collections::BTreeMap;

use super::course::{READOUTS, accuracy_at, at, ends, last, late, place_of, shares, total};
use super::{Section, Task, count, percent, percents, signed, table};
use crate::experiment::published::Course;
use crate::experiment::training::fraction;
use crate::statistics::Spread;

/// What happened on one task.
pub(super) fn tell(task: &Task, section: &mut Section) {
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
pub(super) fn places(tasks: &[Task; 2], section: &mut Section) {
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
