//! Runs that are stopped and go on: equal, byte for byte, to runs that were left alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use synfire_train::synfire_circuit::Form;
use synfire_train::synfire_data::{SearchPath, Source, sha256_hex};
use synfire_train::synfire_reference::{Matrix, Shape, Variant, Weights};
use synfire_train::{
    Choices, Config, EngineKind, EpochMetrics, Milestone, Monitor, Notice, Order, Resume, Summary,
    Tally, Which, resume, resume_seeds, run, run_seeds, write_weights,
};

const FILES: [&str; 5] = [
    "weights.npz",
    "metrics.csv",
    "run.toml",
    "checkpoint.safetensors",
    "events.out.tfevents.synfire",
];

/// Stops after so many samples; time stands still, so that nothing differs by it.
#[derive(Default)]
struct Stopper {
    left: Option<u32>,
    notices: Vec<String>,
    saved: Vec<Milestone>,
    epochs: Vec<u32>,
    /// Epochs that began or went on, and how many of their samples were done.
    begun: Vec<(u32, u64)>,
}

impl Stopper {
    fn after(n_samples: u32) -> Stopper {
        Stopper { left: Some(n_samples), ..Stopper::default() }
    }
}

impl Monitor for Stopper {
    fn now(&mut self) -> Duration {
        Duration::ZERO
    }
    fn epoch_started(&mut self, epoch: u32, _n_samples: usize, tally: &Tally) {
        self.begun.push((epoch, tally.score.samples));
    }
    fn noticed(&mut self, notice: &Notice) {
        self.notices.push(notice.to_string());
    }
    fn saved(&mut self, milestone: Milestone) {
        self.saved.push(milestone);
    }
    fn epoch_finished(&mut self, row: &EpochMetrics) {
        self.epochs.push(row.epoch);
    }
    fn wants_stop(&mut self) -> bool {
        match &mut self.left {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }
}

fn config(dir: &Path, engine: EngineKind) -> Config {
    Config {
        epochs: 3,
        samples: Some(40),
        n_hidden: Some(20),
        check_every: 7,
        has_tensorboard: true,
        out: dir.join("run"),
        ..Config::new(Source::Digits, engine)
    }
}

fn begin(config: &Config, monitor: &mut Stopper) -> Summary {
    run(config, &SearchPath::default(), monitor).expect("it runs")
}

fn go_on(dir: &Path, monitor: &mut Stopper) -> Summary {
    resume(&Resume::new(dir), &SearchPath::default(), monitor).expect("it goes on")
}

fn refused(plan: &Resume) -> String {
    let end = resume(plan, &SearchPath::default(), &mut Stopper::default());
    end.expect_err("it does not go on").to_string()
}

fn files(dir: &Path) -> BTreeMap<&'static str, Vec<u8>> {
    let read = |name| Some((name, std::fs::read(dir.join(name)).ok()?));
    FILES.into_iter().filter_map(read).collect()
}

fn assert_equal(
    found: &BTreeMap<&'static str, Vec<u8>>,
    expected: &BTreeMap<&'static str, Vec<u8>>,
) {
    assert_eq!(expected.len(), FILES.len());
    for (name, bytes) in expected {
        assert!(found.get(name) == Some(bytes), "{name} differs");
    }
}

/// Every engine, every kind of check, stopped again and again, in the first sample and after the last.
#[test]
fn a_run_that_is_stopped_ends_as_if_it_had_not_been() {
    let kinds = [
        (EngineKind::Reference, 0, Form::Sized, Variant::Circuit),
        (EngineKind::Reference, 0, Form::Sized, Variant::LanlNumpy),
        (EngineKind::Lif, 7, Form::Sized, Variant::Circuit),
        (EngineKind::Loihi, 1, Form::Sized, Variant::Circuit),
        (EngineKind::Fast, 0, Form::Sized, Variant::Circuit),
        (EngineKind::Fast, 1, Form::Published, Variant::Circuit),
        (EngineKind::Fast, 7, Form::Sized, Variant::Circuit),
    ];
    for (engine, check_every, circuit, variant) in kinds {
        let dir = tempfile::tempdir().expect("a folder");
        let order = if check_every == 1 { Order::File } else { Order::Shuffled };
        let config = Config { check_every, circuit, variant, order, ..config(dir.path(), engine) };
        let undisturbed = begin(&config, &mut Stopper::default());
        assert_eq!((undisturbed.rows.len(), undisturbed.stopped), (3, None));
        let expected = files(&config.out);
        let paces: &[u32] = if engine == EngineKind::Loihi { &[41] } else { &[13, 40, 41] };
        for &pace in paces {
            let n_stops = stop_often(&config, pace, &undisturbed, &expected);
            // A stop is asked for at the beginning of an epoch, too.
            assert!(n_stops >= 120 / (pace + 2), "{n_stops} stops, {pace} samples each");
        }
    }
}

/// Runs and stops after `pace` samples, until it is at its end.
fn stop_often(
    config: &Config,
    pace: u32,
    undisturbed: &Summary,
    expected: &BTreeMap<&'static str, Vec<u8>>,
) -> u32 {
    std::fs::remove_dir_all(&config.out).expect("removable");
    let mut monitor = Stopper::after(pace);
    let mut summary = begin(config, &mut monitor);
    let mut n_stops = 0;
    let mut epochs = monitor.epochs;
    while let Some(stopped) = summary.stopped {
        assert!(stopped.is_saved && monitor.saved.contains(&stopped.at), "{stopped:?}");
        n_stops += 1;
        monitor = Stopper::after(pace);
        summary = go_on(&config.out, &mut monitor);
        epochs.extend(monitor.epochs.iter());
    }
    assert_eq!(epochs, [1, 2, 3]);
    assert_eq!(&summary, undisturbed);
    assert_equal(&files(&config.out), expected);
    n_stops
}

/// Whoever watches hears of each epoch once, and of one in which a run goes on, how far it was.
#[test]
fn epochs_are_told_of_when_they_begin_and_when_they_go_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = config(dir.path(), EngineKind::Reference);
    let mut monitor = Stopper::after(55);
    begin(&config, &mut monitor);
    assert_eq!(monitor.begun, [(1, 0), (2, 0)]);
    // To the last sample of epoch 2, so that only its evaluation is missing.
    let Some(Milestone { samples, .. }) = monitor.saved.last().copied() else {
        panic!("not saved")
    };
    let left = u32::try_from(40 - samples).expect("a few");
    let mut monitor = Stopper::after(left);
    go_on(&config.out, &mut monitor);
    assert_eq!(monitor.begun, [(2, samples)]);
    let mut monitor = Stopper::default();
    go_on(&config.out, &mut monitor);
    assert_eq!(monitor.begun, [(2, 40), (3, 0)]);
}

#[test]
fn a_run_can_be_stopped_after_every_sample() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = Config { samples: Some(6), ..config(dir.path(), EngineKind::Fast) };
    let undisturbed = begin(&config, &mut Stopper::default());
    let expected = files(&config.out);
    // After each sample, and after each epoch once more before its evaluation.
    assert!(stop_often(&config, 1, &undisturbed, &expected) >= 18);
}

/// What was said once is not said again by a run that goes on.
#[test]
fn notices_are_given_once() {
    let dir = tempfile::tempdir().expect("a folder");
    // Far above what the published circuit holds: faults, mismatches and dead classes.
    let shape = Shape::new(&[400, 30, 10]).expect("a shape");
    let matrix = |n_sources, n_targets, weight| {
        Matrix::new(n_sources, n_targets, vec![weight; n_sources * n_targets]).expect("a matrix")
    };
    let forward = vec![matrix(400, 30, 254), matrix(30, 10, 20)];
    let weights = Weights::from_forward(&shape, forward).expect("weights");
    let file = dir.path().join("large.npz");
    std::fs::write(&file, write_weights(&weights).expect("small")).expect("writable");
    let config = Config {
        samples: Some(10),
        circuit: Form::Published,
        n_hidden: None,
        init_weights: Some(file.clone()),
        ..config(dir.path(), EngineKind::Fast)
    };
    let mut alone = Stopper::default();
    begin(&config, &mut alone);
    let expected = files(&config.out);
    std::fs::remove_dir_all(&config.out).expect("removable");
    let mut monitor = Stopper::after(4);
    let mut notices = Vec::new();
    let mut summary = begin(&config, &mut monitor);
    loop {
        notices.append(&mut monitor.notices);
        if summary.stopped.is_none() {
            break;
        }
        monitor = Stopper::after(4);
        // What a run started from is not needed any more.
        let _ = std::fs::remove_file(&file);
        summary = go_on(&config.out, &mut monitor);
    }
    assert!(alone.notices.len() > 1, "{:?}", alone.notices);
    assert_eq!(notices, alone.notices);
    assert_equal(&files(&config.out), &expected);
}

#[test]
fn a_finished_run_gets_more_epochs() {
    let dir = tempfile::tempdir().expect("a folder");
    let long = config(dir.path(), EngineKind::Fast);
    begin(&long, &mut Stopper::default());
    let expected = files(&long.out);
    std::fs::remove_dir_all(&long.out).expect("removable");
    begin(&Config { epochs: 1, ..long.clone() }, &mut Stopper::default());
    let plan = |epochs| Resume {
        choices: Choices { epochs: Some(epochs), ..Choices::default() },
        ..Resume::new(&long.out)
    };
    let mut monitor = Stopper::after(20);
    let dirs = SearchPath::default();
    let summary = resume(&plan(3), &dirs, &mut monitor).expect("it goes on");
    assert!(summary.stopped.is_some());
    // The record says 3 from here on.
    assert_eq!(
        refused(&plan(1)),
        "number of epochs is 1, expected at least 2: so many are trained or begun"
    );
    go_on(&long.out, &mut Stopper::default());
    assert_equal(&files(&long.out), &expected);
    // Nothing is left to do, and what is there is whole again.
    std::fs::remove_file(long.out.join("weights.npz")).expect("removable");
    std::fs::write(long.out.join(".synfire-AbCd12"), "of a run that was killed").expect("writable");
    assert_eq!(go_on(&long.out, &mut Stopper::default()).rows.len(), 3);
    assert_equal(&files(&long.out), &expected);
    assert!(!long.out.join(".synfire-AbCd12").exists());
}

/// Moved to another folder, a run goes on where it lies.
#[test]
fn a_run_goes_on_where_it_was_moved_to() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = config(dir.path(), EngineKind::Reference);
    begin(&config, &mut Stopper::default());
    let expected = files(&config.out);
    std::fs::remove_dir_all(&config.out).expect("removable");
    begin(&config, &mut Stopper::after(50));
    let moved = dir.path().join("moved");
    std::fs::rename(&config.out, &moved).expect("movable");
    assert_eq!(go_on(&moved, &mut Stopper::default()).dir, moved);
    assert_equal(&files(&moved), &expected);
    assert!(!config.out.exists());
}

/// Whatever is changed in a checkpoint is noticed, and the one before it ends as it would have.
#[test]
fn damaged_checkpoints_are_refused_and_the_one_before_is_offered() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = config(dir.path(), EngineKind::Fast);
    begin(&config, &mut Stopper::default());
    let expected = files(&config.out);
    std::fs::remove_dir_all(&config.out).expect("removable");
    begin(&config, &mut Stopper::after(60));
    let path = config.out.join("checkpoint.safetensors");
    let whole = std::fs::read(&path).expect("readable");
    let last = Resume::new(&config.out);
    let run = config.out.display();
    let offer =
        format!("; the checkpoint before it is whole: `synfire train --resume {run} --before`");
    let refuse = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("writable");
        let message = refused(&last);
        let start = format!("{} cannot be resumed: it is ", path.display());
        assert!(message.starts_with(&start) && message.ends_with(&offer), "{message}");
        message.strip_prefix(&start).map(str::to_owned).expect("just seen")
    };
    for length in [0, 1, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        let message = refuse(&whole[..length]);
        assert!(message.starts_with("truncated, or no safetensors file: "), "{length}: {message}");
    }
    let header =
        usize::try_from(u64::from_le_bytes(*whole.first_chunk().expect("long"))).expect("short");
    let n_places = 97;
    for k in 0..n_places {
        let place = k * (whole.len() - 1) / (n_places - 1);
        let mut flipped = whole.clone();
        flipped[place] ^= 1 << (k % 8);
        let message = refuse(&flipped);
        // A flip in the header may break its form first.
        assert!(place < 8 + header || message.starts_with("damaged: its SHA-256 is "), "{message}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    refuse(&longer);
    let foreign = b"\x02\0\0\0\0\0\0\0{}";
    assert!(refuse(foreign).starts_with("a safetensors file, but no checkpoint of Synfire"));
    // The library quotes names of the file.
    let header = br#"{"\u001b[2J":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#;
    let odd = [&(header.len() as u64).to_le_bytes()[..], header, b"12"].concat();
    let message = refuse(&odd);
    assert!(message.contains(r"\u{1b}[2J"), "{message}");
    assert!(refuse(&expected["weights.npz"]).starts_with("truncated, or no safetensors file: "));

    // Another version, with a checksum that is right.
    let text = b"format = 1\\n";
    let at = whole.windows(text.len()).position(|window| window == text).expect("the version");
    let mut newer = whole.clone();
    newer[at + 9] = b'2';
    let end = newer.len() - 64;
    let digits = sha256_hex(&newer[..end]);
    newer[end..].copy_from_slice(digits.as_bytes());
    std::fs::write(&path, &newer).expect("writable");
    let message = refused(&last);
    assert!(message.contains("its format is version 2, expected 1: another version"), "{message}");

    // It goes on from the one before, which must not be lost to the damaged one while it does.
    let before = Resume { which: Which::Before, ..last.clone() };
    let mut monitor = Stopper::after(0);
    resume(&before, &SearchPath::default(), &mut monitor).expect("it goes on");
    for which in ["checkpoint.safetensors", "checkpoint-before.safetensors"] {
        assert!(std::fs::read(config.out.join(which)).expect("readable") != newer, "{which}");
    }
    go_on(&config.out, &mut Stopper::default());
    assert_equal(&files(&config.out), &expected);

    // Only the one before is there; or nothing; or no folder.
    std::fs::remove_file(&path).expect("removable");
    assert_eq!(refused(&last), format!("{} is missing{offer}", path.display()));
    std::fs::write(config.out.join("checkpoint-before.safetensors"), "none").expect("writable");
    let message = refused(&before);
    assert!(message.ends_with("invalid header") || message.contains("truncated"), "{message}");
    std::fs::remove_file(config.out.join("checkpoint-before.safetensors")).expect("removable");
    assert_eq!(
        refused(&last),
        format!(
            "{run} holds no checkpoint.safetensors: nothing of the run is there to go on from; begin it again \
             with `synfire train --config {run}/run.toml`"
        )
    );
    let nowhere = dir.path().join("nowhere");
    let message = format!("{} holds no run: there is no run.toml", nowhere.display());
    assert_eq!(refused(&Resume::new(&nowhere)), message);
}

/// The record must be that of the checkpoint, and no option changes a run in its midst.
#[test]
fn another_run_than_the_checkpoint_is_of_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = config(dir.path(), EngineKind::Fast);
    begin(&config, &mut Stopper::after(50));
    let path = config.out.join("run.toml");
    let text = std::fs::read_to_string(&path).expect("readable");
    let last = Resume::new(&config.out);
    for (from, to, expected) in [
        (
            "seed = 1\n",
            "seed = 2\n",
            "run.toml says seed is 2, but the checkpoint was written with seed 1",
        ),
        (
            "engine = \"fast\"",
            "engine = \"lif\"",
            "run.toml says engine is lif, but the checkpoint was written",
        ),
        ("samples = 40\norder", "samples = 39\norder", ""),
        ("check = 7\n", "check = 8\n", "run.toml says check is 8, but"),
        ("threshold = 129\n", "threshold = 100\n", "run.toml says threshold is 100, but"),
        ("hidden = 20\n", "hiden = 20\n", "unknown key `hiden`, did you mean `hidden`?"),
    ] {
        std::fs::write(&path, text.replace(from, to)).expect("writable");
        let message = refused(&last);
        assert!(message.contains(expected), "{to}: {message}");
    }
    // Another data set under the same name.
    let sum = text
        .split("dataset-sha256 = \"")
        .nth(1)
        .expect("recorded")
        .split('"')
        .next()
        .expect("digits");
    std::fs::write(&path, text.replace(sum, &"0".repeat(64))).expect("writable");
    assert!(refused(&last).contains("run.toml says dataset-sha256 is 0000"));
    // How long a run is to be may be said there, too; without the file, the checkpoint says it.
    std::fs::write(&path, text.replace("\nepochs = 3\n", "\nepochs = 2\n")).expect("writable");
    assert_eq!(go_on(&config.out, &mut Stopper::after(1)).run.config.epochs, 2);
    std::fs::remove_file(&path).expect("removable");
    assert_eq!(go_on(&config.out, &mut Stopper::after(1)).run.config.epochs, 2);

    for (choices, key) in [
        (Choices { seed: Some(1), ..Choices::default() }, "seed"),
        (Choices { check: Some(7), ..Choices::default() }, "check"),
        (Choices { out: Some("x".into()), ..Choices::default() }, "out"),
    ] {
        let message = refused(&Resume { choices, ..last.clone() });
        assert!(
            message.starts_with(&format!("--{key} cannot be used with --resume: ")),
            "{message}"
        );
    }
}

/// What nobody could have back is not replaced.
#[test]
fn a_run_is_not_begun_over_another_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = config(dir.path(), EngineKind::Reference);
    let run_dir = config.out.display();
    let over = |config: &Config| {
        let end = run(config, &SearchPath::default(), &mut Stopper::default());
        end.map(|_| ()).map_err(|error| {
            assert!(error.is_usage());
            error.to_string()
        })
    };
    begin(&config, &mut Stopper::after(50));
    let kept = files(&config.out);
    let start = format!("output folder {run_dir} holds a run that is not finished, saved up to ");
    let end = format!(
        " samples of epoch 2: go on with it, `synfire train --resume {run_dir}`, choose another folder with \
         --out, or replace it with --overwrite"
    );
    let message = over(&config).expect_err("it would be lost");
    assert!(message.starts_with(&start) && message.ends_with(&end), "{message}");
    assert_eq!(files(&config.out), kept);
    begin(&Config { may_overwrite: true, ..config.clone() }, &mut Stopper::default());
    // The same again is no loss.
    over(&config).expect("the same run");
    let message = over(&Config { epochs: 5, ..config.clone() }).expect_err("longer");
    assert!(
        message.contains(&format!("`synfire train --resume {run_dir} --epochs 5`")),
        "{message}"
    );
    let message = over(&Config { epochs: 1, ..config.clone() }).expect_err("shorter");
    assert!(message.contains("holds a finished run of 3 epochs: choose another"), "{message}");
    let message = over(&Config { seed: 2, ..config.clone() }).expect_err("another");
    assert!(message.contains("(seed is 1 there and 2 here)"), "{message}");
    std::fs::write(config.out.join("checkpoint.safetensors"), "damaged").expect("writable");
    let message = over(&config).expect_err("who knows what it was");
    assert!(message.contains("holds a run that cannot be read ("), "{message}");
}

/// Two runs do not write into one folder at the same time.
#[cfg(unix)]
#[test]
fn a_folder_belongs_to_one_run_at_a_time() {
    struct Intruder<'a>(&'a Config, Vec<String>);
    impl Monitor for Intruder<'_> {
        fn now(&mut self) -> Duration {
            Duration::ZERO
        }
        fn epoch_finished(&mut self, _: &EpochMetrics) {
            let second = run(self.0, &SearchPath::default(), &mut Stopper::default());
            self.1.push(second.expect_err("the folder is taken").to_string());
        }
    }
    let dir = tempfile::tempdir().expect("a folder");
    let config = Config { epochs: 1, ..config(dir.path(), EngineKind::Reference) };
    let mut intruder = Intruder(&config, Vec::new());
    run(&config, &SearchPath::default(), &mut intruder).expect("it runs");
    let message =
        format!("output folder {} belongs to a run that still goes on", config.out.display());
    assert_eq!(intruder.1, [message]);
}

/// A file that cannot be replaced ends the run; what is complete stays, and is named.
#[test]
fn what_cannot_be_written_loses_nothing_that_is_finished() {
    /// After the first epoch, something is in the way of a file.
    struct Vandal<'a> {
        path: &'a Path,
        epochs: Vec<u32>,
    }
    impl Monitor for Vandal<'_> {
        fn now(&mut self) -> Duration {
            Duration::ZERO
        }
        fn saved(&mut self, milestone: Milestone) {
            if milestone.epochs == 1 {
                // The file may come back while it is replaced.
                while std::fs::create_dir(self.path).is_err() {
                    let _ = std::fs::remove_file(self.path);
                }
                std::fs::write(self.path.join("in the way"), "").expect("writable");
            }
        }
        fn epoch_finished(&mut self, row: &EpochMetrics) {
            self.epochs.push(row.epoch);
        }
    }
    for (file, safe) in [
        ("weights.npz", "complete are weights.npz of epoch "),
        ("metrics.csv", ", metrics.csv of epoch "),
        ("checkpoint.safetensors", ", checkpoint.safetensors of epoch "),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let config =
            Config { epochs: 50, has_tensorboard: false, ..config(dir.path(), EngineKind::Fast) };
        let path = config.out.join(file);
        let mut vandal = Vandal { path: &path, epochs: Vec::new() };
        let error = run(&config, &SearchPath::default(), &mut vandal).expect_err("it cannot");
        assert!(!error.is_usage());
        let message = error.to_string();
        let start = format!("{} cannot be written: ", config.out.join(file).display());
        let end = format!(
            "; when there is room, go on with `synfire train --resume {}`",
            config.out.display()
        );
        assert!(message.contains(safe), "{message}");
        assert!(message.ends_with(&end), "{message}");
        assert!(vandal.epochs.len() < 6, "it goes on for nothing: {:?}", vandal.epochs);
        if file == "checkpoint.safetensors" {
            // Here the last good one was what was destroyed.
            continue;
        }
        assert!(message.starts_with(&start), "{message}");
        std::fs::remove_dir_all(&path).expect("removable");
        let n_epochs = vandal.epochs.last().copied().unwrap_or(1) + 1;
        let plan = Resume {
            choices: Choices { epochs: Some(n_epochs), ..Choices::default() },
            ..Resume::new(&config.out)
        };
        let summary =
            resume(&plan, &SearchPath::default(), &mut Stopper::default()).expect("it goes on");
        let alone = Config {
            epochs: summary.run.config.epochs,
            out: dir.path().join("alone"),
            ..config.clone()
        };
        begin(&alone, &mut Stopper::default());
        for name in ["weights.npz", "metrics.csv"] {
            let read = |dir: &Path| std::fs::read(dir.join(name)).expect("readable");
            assert!(read(&config.out) == read(&alone.out), "{name}");
        }
    }
}

/// Checkpoints in the midst of epochs, by the clock.
#[test]
fn checkpoints_come_by_the_clock() {
    /// A second passes between two looks at the clock.
    #[derive(Default)]
    struct Clock(u64, Vec<Milestone>);
    impl Monitor for Clock {
        fn now(&mut self) -> Duration {
            self.0 += 1;
            Duration::from_secs(self.0)
        }
        fn saved(&mut self, milestone: Milestone) {
            self.1.push(milestone);
        }
    }
    let dir = tempfile::tempdir().expect("a folder");
    let saved = |minutes: &str| {
        let config = Config {
            epochs: 1,
            samples: Some(2000),
            checkpoint_minutes: minutes.parse().expect("a number"),
            may_overwrite: true,
            ..config(dir.path(), EngineKind::Reference)
        };
        let mut clock = Clock::default();
        run(&config, &SearchPath::default(), &mut clock).expect("it runs");
        assert_eq!(clock.1.last(), Some(&Milestone { epochs: 1, samples: 0 }));
        clock.1.len()
    };
    assert_eq!(saved("0"), 1);
    assert_eq!(saved("5"), 1);
    let [often, seldom] = ["0.01", "0.2"].map(saved);
    assert!(often > seldom && seldom > 1, "{often}, {seldom}");
}

/// A sweep that was stopped: what is finished stays, what is not begun begins, all else goes on.
#[test]
fn a_sweep_goes_on() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let dir = tempfile::tempdir().expect("a folder");
    let config = Config {
        n_threads: std::num::NonZeroUsize::new(1),
        has_tensorboard: false,
        ..config(dir.path(), EngineKind::Fast)
    };
    let seeds = "1..=3".parse().expect("seeds");
    let dirs = SearchPath::default();
    let clock = || Duration::ZERO;
    let alone = run_seeds(&config, &seeds, &dirs, &clock, &|| false, &mut ()).expect("it runs");
    let names = [
        "seeds.csv",
        "run.toml",
        "seed-1/weights.npz",
        "seed-2/metrics.csv",
        "seed-3/weights.npz",
        "seed-2/checkpoint.safetensors",
        "seed-3/run.toml",
    ];
    let read = || names.map(|name| std::fs::read(config.out.join(name)).expect("readable"));
    let expected = read();
    std::fs::remove_dir_all(&config.out).expect("removable");

    let stop_after = |n: u32| {
        let left = AtomicU32::new(n);
        move || {
            left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_err()
        }
    };
    let plan = Resume {
        choices: Choices { threads: config.n_threads, ..Choices::default() },
        ..Resume::new(&config.out)
    };
    let stop = stop_after(200);
    let sweep = run_seeds(&config, &seeds, &dirs, &clock, &stop, &mut ()).expect("it stops");
    assert_eq!((sweep.finished.len(), &sweep.open[..], sweep.failed.len()), (1, &[2, 3][..], 0));
    assert!(!sweep.is_exact());
    let message = run_seeds(&config, &seeds, &dirs, &clock, &|| false, &mut ())
        .expect_err("it would be lost");
    assert!(message.to_string().contains("holds a run that is not finished"), "{message}");
    let stop = stop_after(20);
    let sweep = resume_seeds(&plan, &dirs, &clock, &stop, &mut ()).expect("it stops");
    assert_eq!(sweep.open, [2, 3]);
    let sweep = resume_seeds(&plan, &dirs, &clock, &|| false, &mut ()).expect("it goes on");
    assert_eq!(sweep.finished, alone.finished);
    assert!(read() == expected, "files differ");
    let before = Resume { which: Which::Before, ..plan };
    let message = resume_seeds(&before, &dirs, &clock, &|| false, &mut ()).expect_err("which one");
    assert!(
        message.to_string().contains("name the folder of one of them for --before"),
        "{message}"
    );
}
