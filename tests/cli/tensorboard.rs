//! `train --tensorboard`: an event file beside the metrics, with each epoch once.

use synfire_train::EVENT_FILE;

use crate::scratch::Scratch;

/// Number of events with test accuracies; the form of the file is tested where it is written.
fn n_epochs(scratch: &Scratch, dir: &str) -> usize {
    let bytes = scratch.read(&format!("{dir}/{EVENT_FILE}"));
    let tag = b"test/exact";
    bytes.windows(tag.len()).filter(|window| window == tag).count()
}

#[test]
fn each_epoch_is_there_once_also_of_a_run_that_went_on() {
    let scratch = Scratch::new();
    let words = "train --samples 40 --epochs 2 --hidden 20 --tensorboard --out @/run";
    let answer = scratch.synfire(words).succeeded();
    let wrote = format!("wrote weights.npz, metrics.csv, run.toml, {EVENT_FILE} to ");
    assert!(answer.stdout.contains(&wrote), "{answer:?}");
    assert_eq!(n_epochs(&scratch, "run"), 2);
    let before = scratch.read(&format!("run/{EVENT_FILE}"));

    scratch.synfire("train --resume @/run --epochs 5").succeeded();
    assert_eq!(n_epochs(&scratch, "run"), 5);
    let after = scratch.read(&format!("run/{EVENT_FILE}"));
    assert!(after.starts_with(&before), "what was there has changed");

    // A file that somebody has lost is made again, from the metrics.
    std::fs::remove_file(scratch.path(&format!("run/{EVENT_FILE}"))).expect("removable");
    scratch.synfire("train --resume @/run --epochs 6").succeeded();
    assert_eq!(n_epochs(&scratch, "run"), 6);
}

#[test]
fn there_is_none_unless_it_is_asked_for() {
    let scratch = Scratch::new();
    let words =
        "train --engine reference --samples 40 --epochs 1 --hidden 20 --seeds 1,2 --out @/sweep";
    scratch.synfire(&format!("{words} --tensorboard")).succeeded();
    for seed in [1, 2] {
        assert_eq!(n_epochs(&scratch, &format!("sweep/seed-{seed}")), 1);
    }
    scratch.synfire(&format!("{words} --overwrite")).succeeded();
    for seed in [1, 2] {
        let file = scratch.path(&format!("sweep/seed-{seed}/{EVENT_FILE}"));
        assert!(!file.exists(), "that of the run before lies beside this one");
    }
}
