//! The sections on circuits, on results of the smallest scale.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::atomic::{AtomicBool, AtomicU64};

use serde_json::{Value, json};
use synfire_data::SearchPath;

use super::Section;
use crate::item::ITEMS;
use crate::material::Material;
use crate::record::{Outcome, Record};
use crate::scale::Scale;
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
