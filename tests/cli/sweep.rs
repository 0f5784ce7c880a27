//! Sweeps: planned, run in parts by processes that are killed, and merged to the same bytes whoever did what.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use synfire_cli::{ArrayTask, Status, Surroundings};
use synfire_tests::workspace;

use crate::process::binary;
use crate::scratch::Scratch;

/// Twelve trials, of which those with more epochs take longer.
const GRID: &str = "[base]\nsamples = 60\nhidden = 20\ncheck = 7\n\
                    [grid]\nepochs = [1, 2]\norder = [\"shuffled\", \"file\"]\nseed = \"1..=3\"\n";

/// What merging writes.
const FILES: [&str; 3] = ["sweep.csv", "groups.csv", "report.html"];

fn planned(grid: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("grid.toml", grid.as_bytes());
    scratch.synfire("sweep plan @/grid.toml --out @/sweep").succeeded();
    scratch
}

fn merged(scratch: &Scratch) -> [Vec<u8>; 3] {
    scratch.synfire("sweep merge @/sweep").succeeded();
    FILES.map(|file| scratch.read(&format!("sweep/{file}")))
}

fn assert_same(found: &[Vec<u8>; 3], expected: &[Vec<u8>; 3], what: &str) {
    for (file, (found, expected)) in FILES.iter().zip(found.iter().zip(expected)) {
        assert!(found == expected, "{file} differs: {what}");
    }
}

/// The names of the trials, in the order of the plan.
fn trials(scratch: &Scratch) -> Vec<String> {
    let answer = scratch.synfire("sweep plan @/grid.toml --out @/sweep --dry-run --json");
    let json: Value = serde_json::from_str(&answer.succeeded().stdout).expect("an object");
    let trials = json["trials"].as_array().expect("a list").iter();
    trials.map(|trial| trial["id"].as_str().expect("a name").to_owned()).collect()
}

/// One shard or five, on one thread or two, in any order.
#[test]
fn shards_merge_byte_for_byte() {
    let whole = planned(GRID);
    let said = whole.synfire("sweep run @/sweep --threads 2").succeeded();
    assert_eq!(said.stderr, "", "quiet when nobody watches");
    assert!(said.stdout.starts_with("12 trials finished\ntrained 1,080 samples in "), "{said:?}");
    let expected = merged(&whole);

    let parts = planned(GRID);
    for number in [4, 1, 5, 3, 2] {
        let message = parts.synfire("sweep merge @/sweep").failed(Status::Failure);
        assert!(message.contains(" of 12 trials are not finished: "), "{message}");
        assert!(!parts.path("sweep/sweep.csv").exists());
        let words = format!("sweep run @/sweep --shard {number}/5 --threads 1");
        let said = parts.synfire(&words).succeeded().stdout;
        assert!(said.starts_with(&format!("shard {number}/5: ")), "{said}");
    }
    assert_same(&merged(&parts), &expected, "five shards");

    let table = String::from_utf8(expected[0].clone()).expect("text");
    let mut lines = table.lines();
    let head = lines.next().expect("a heading");
    assert!(
        head.starts_with(
            "trial,epochs,order,seed,last_exact,last_binary,last_potential,best_exact,"
        )
    );
    let names: Vec<&str> =
        lines.clone().map(|line| line.split(',').next().expect("a name")).collect();
    assert_eq!(names, trials(&whole), "in the order of the plan");
    // What stands there is what the trial's own table says.
    for (line, id) in lines.zip(&names) {
        let rows = whole.metrics(&format!("sweep/trials/{id}"));
        let last = rows.last().expect("a row");
        let figures =
            [last.test_exact, last.test_binary, last.test_potential].map(|it| it.to_string());
        assert_eq!(line.split(',').skip(4).take(3).collect::<Vec<_>>(), figures);
        assert!(line.ends_with(&format!(",{},0,0", 9 * rows.len())), "{line}");
    }
    let groups = String::from_utf8(expected[1].clone()).expect("text");
    let groups: Vec<&str> = groups.lines().collect();
    assert_eq!(groups.len(), 5);
    assert!(groups[0].starts_with("epochs,order,planned,n,last_exact_mean,last_exact_sd,"));
    assert!(groups[1].starts_with("1,shuffled,3,3,") && groups[4].starts_with("2,file,3,3,"));
    let mean = |column: usize| -> f64 {
        let values = table
            .lines()
            .skip(1)
            .take(3)
            .map(|line| line.split(',').nth(column).expect("a figure"));
        values.map(|value| value.parse::<f64>().expect("a number")).sum::<f64>() / 3.0
    };
    assert_eq!(groups[1].split(',').nth(4), Some(mean(4).to_string().as_str()));
}

/// A process that is killed at some moment, again and again, until it comes to its end.
#[cfg(unix)]
#[test]
fn a_shard_that_is_killed_goes_on() {
    let grid = GRID.replace("samples = 60", "samples = 400\ncheckpoint-minutes = 0.0001");
    let whole = planned(&grid);
    whole.synfire("sweep run @/sweep").succeeded();
    let expected = merged(&whole);

    let killed = planned(&grid);
    let mut n_kills = 0;
    let n_done = |scratch: &Scratch| {
        let weights =
            |id: &String| scratch.path(&format!("sweep/trials/{id}/weights.npz")).exists();
        trials(scratch).iter().filter(|id| weights(id)).count()
    };
    for round in 1.. {
        let before = n_done(&killed);
        let mut child = Command::new(binary())
            .args(["sweep", "run", "sweep", "--threads", "2"])
            .current_dir(killed.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let start = Instant::now();
        // Two trials further, so that some are done, some begun, and the others not.
        while n_done(&killed) < before + 2 && child.try_wait().expect("a child").is_none() {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing is written");
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(7 * round % 23));
        // Without effect on one that has ended.
        child.kill().expect("a child");
        let output = child.wait_with_output().expect("it ends");
        match output.status.code() {
            None => n_kills += 1,
            code => {
                assert_eq!(code, Some(0), "{}", String::from_utf8_lossy(&output.stderr));
                break;
            }
        }
    }
    assert!(n_kills >= 2, "{n_kills}");
    assert_same(&merged(&killed), &expected, "killed and gone on with");
}

/// What is done stays as it is, when the sweep runs again and when its grid grows.
#[test]
fn a_grid_that_grows_keeps_what_is_done() {
    let scratch =
        planned("[base]\nsamples = 40\nepochs = 1\n[grid]\nhidden = [10, 20]\nseed = [1]\n");
    scratch.synfire("sweep run @/sweep").succeeded();
    let ids = trials(&scratch);
    let checkpoint =
        |id: &String| scratch.path(&format!("sweep/trials/{id}/checkpoint.safetensors"));
    let times = || -> Vec<_> {
        let time = |id| std::fs::metadata(checkpoint(id)).and_then(|file| file.modified());
        ids.iter().map(|id| time(id).expect("a checkpoint")).collect()
    };
    let before = times();
    let again = scratch.synfire("sweep run @/sweep").succeeded().stdout;
    assert!(
        again.starts_with("0 trials finished, 2 done before\nevery trial is done: "),
        "{again}"
    );

    let grid = "[grid]\nseeds = [2, 1]\nhidden = [30, 20, 10]\nepochs = 1\n[base]\nsamples = 40\n";
    scratch.write("grid.toml", grid.as_bytes());
    let said = scratch.synfire("sweep plan @/grid.toml --out @/sweep").succeeded();
    assert!(
        said.stdout.contains("6 trials; 2 of them done already; 240 samples to train in all"),
        "{said:?}"
    );
    assert_eq!(said.stderr, "");
    let said = scratch.synfire("sweep run @/sweep").succeeded().stdout;
    assert!(said.starts_with("4 trials finished, 2 done before\n"), "{said}");
    assert_eq!(times(), before, "what was done was written again");
    scratch.synfire("sweep merge @/sweep").succeeded();

    let grid = "[base]\nsamples = 40\nepochs = 1\n[grid]\nhidden = [20]\nseed = [1]\n[[trial]]\nhidden = 20\n";
    scratch.write("grid.toml", grid.as_bytes());
    let said = scratch.synfire("sweep plan @/grid.toml --out @/sweep").succeeded();
    let notes = "note: 1 combination comes about more than once; it is one trial\n\
                 note: 5 trials of the plan before are not in this one; what they left stays\n";
    assert_eq!(said.stderr, notes);
}

/// A trial that cannot be written fails, with its name; the others come to their end.
#[test]
fn a_trial_that_fails_leaves_the_others() {
    let scratch =
        planned("[base]\nsamples = 40\nepochs = 1\nhidden = 10\n[grid]\nseed = \"1..=3\"\n");
    let ids = trials(&scratch);
    std::fs::create_dir(scratch.path("sweep/trials")).expect("a folder");
    scratch.write(&format!("sweep/trials/{}", ids[1]), b"a file where a folder should be");
    let answer = scratch.synfire("sweep run @/sweep --json");
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    assert!(answer.stderr.starts_with(&format!("error: trial {}: ", ids[1])), "{answer:?}");
    assert!(answer.stderr.ends_with("error: 1 of 3 trials failed\n"), "{answer:?}");
    let lines: Vec<Value> =
        answer.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let last = lines.last().expect("a line");
    assert_eq!((&last["event"], last.get("trial")), (&"finished".into(), None));
    assert_eq!(last["trials"]["failed"][0]["trial"], ids[1]);
    assert_eq!(last["trials"]["finished"], serde_json::json!([ids[0], ids[2]]));
    let started = lines.iter().filter(|line| line["event"] == "started");
    assert!(started.clone().all(|line| line["trial"].is_string()) && started.count() == 2);

    std::fs::remove_file(scratch.path(&format!("sweep/trials/{}", ids[1]))).expect("removable");
    scratch.synfire("sweep run @/sweep").succeeded();
    merged(&scratch);
}

/// A trial that another process is at is passed by, and nobody is disturbed.
#[cfg(unix)]
#[test]
fn a_trial_that_another_process_is_at_is_passed_by() {
    let scratch =
        planned("[base]\nsamples = 40\nepochs = 1\nhidden = 10\n[grid]\nseed = \"1..=3\"\n");
    let ids = trials(&scratch);
    let dir = scratch.path(&format!("sweep/trials/{}", ids[2]));
    std::fs::create_dir_all(&dir).expect("a folder");
    let held = std::fs::File::open(&dir).expect("a folder");
    held.lock().expect("lockable");
    let answer = scratch.synfire("sweep run @/sweep").succeeded();
    assert!(
        answer.stdout.starts_with("2 trials finished, 1 left to another process\n"),
        "{answer:?}"
    );
    assert_eq!(answer.stderr, format!("trial {}: passed by, another process is at it\n", ids[2]));
    assert!(!dir.join("run.toml").exists());
    let message = scratch.synfire("sweep merge @/sweep").failed(Status::Failure);
    assert!(
        message.contains(&format!("1 of 3 trials are not finished: {}; go on with ", ids[2])),
        "{message}"
    );
    drop(held);
    scratch.synfire("sweep run @/sweep").succeeded();
    merged(&scratch);
}

/// Two processes with the same trials share them, and what comes out is the same.
#[test]
fn two_processes_at_one_sweep_do_not_disturb_each_other() {
    let whole = planned(GRID);
    whole.synfire("sweep run @/sweep").succeeded();
    let expected = merged(&whole);
    let shared = planned(GRID);
    let run = || {
        let mut command = Command::new(binary());
        command.args(["sweep", "run", "sweep", "--threads", "1"]).current_dir(shared.path(""));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the binary runs")
    };
    for child in [run(), run()] {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{output:?}");
    }
    assert_same(&merged(&shared), &expected, "two processes");
}

#[test]
fn what_is_damaged_is_not_merged() {
    let scratch =
        planned("[base]\nsamples = 40\nepochs = 2\nhidden = 10\n[grid]\nseed = \"1..=2\"\n");
    let ids = trials(&scratch);
    scratch.synfire("sweep run @/sweep").succeeded();
    let file = |name: &str| format!("sweep/trials/{}/{name}", ids[1]);
    let text = |name: &str| String::from_utf8(scratch.read(&file(name))).expect("text");
    let (run, metrics) = (text("run.toml"), text("metrics.csv"));
    let rows: Vec<&str> = metrics.lines().collect();
    let weights = scratch.read(&file("weights.npz"));
    let sum = run.lines().find(|line| line.starts_with("dataset-sha256")).expect("a checksum");
    let other_data = run.replace(sum, &format!("dataset-sha256 = \"{}\"", "0".repeat(64)));
    let cases: [(&str, Vec<u8>, &str); 10] = [
        (
            "run.toml",
            run.replace("seed = 2", "seed = 3").into(),
            "seed is 3 there and 2 in the plan",
        ),
        (
            "run.toml",
            run.replace("epochs = 2", "epochs = 3").into(),
            "epochs is 3 there and 2 in the plan",
        ),
        ("run.toml", "seed = 2\n".into(), "the table [record] is missing"),
        ("run.toml", "[record".into(), "run.toml, line 1"),
        ("run.toml", other_data.into(), "but not of the same samples"),
        ("metrics.csv", "epoch\n1\n".into(), "metrics.csv is damaged: "),
        ("metrics.csv", metrics.replace(",0.", ",7.").into(), "expected 0 to 1"),
        ("metrics.csv", [rows[0], rows[2]].join("\n").into(), "epoch in row 1 is 2, expected 1"),
        ("weights.npz", "PK".into(), "weights.npz: "),
        ("weights.npz", weights[..weights.len() / 2].into(), "weights.npz: "),
    ];
    for (name, bytes, expected) in cases {
        let whole = scratch.read(&file(name));
        scratch.write(&file(name), &bytes);
        for words in ["sweep merge @/sweep", "sweep merge @/sweep --partial"] {
            let message = scratch.synfire(words).failed(Status::Failure);
            assert!(message.contains(expected), "{expected}: {message}");
            assert!(message.contains(&ids[1]), "{message}");
            assert!(!scratch.path("sweep/sweep.csv").exists());
        }
        scratch.write(&file(name), &whole);
    }
    std::fs::remove_file(scratch.path(&file("weights.npz"))).expect("removable");
    let message = scratch.synfire("sweep merge @/sweep").failed(Status::Failure);
    assert!(message.contains("weights.npz is missing, and the trial is finished"), "{message}");
    // The checkpoint has them.
    scratch.synfire("sweep run @/sweep").succeeded();
    assert!(scratch.read(&file("weights.npz")) == weights);

    // A trial in the midst of its epochs is missing, not damaged.
    scratch.write(&file("metrics.csv"), rows[..2].join("\n").as_bytes());
    let answer = scratch.synfire("sweep merge @/sweep --partial --json").succeeded();
    assert_eq!(
        answer.stderr,
        format!("note: 1 of 2 trials are not finished, 1 of them begun: {}\n", ids[1])
    );
    let json: Value = serde_json::from_str(&answer.stdout).expect("an object");
    assert_eq!((&json["trials"], &json["missing"][0]), (&2.into(), &Value::from(ids[1].as_str())));
    assert_eq!((&json["groups"][0]["n"], &json["groups"][0]["planned"]), (&1.into(), &2.into()));
}

/// A run with other options in the folder of a trial is not touched.
#[test]
fn a_foreign_run_in_a_trials_folder_stays() {
    let scratch =
        planned("[base]\nsamples = 40\nepochs = 1\nhidden = 10\n[grid]\nseed = \"1..=2\"\n");
    let ids = trials(&scratch);
    let place = format!("sweep/trials/{}", ids[0]);
    scratch
        .synfire(&format!("train --samples 40 --epochs 1 --hidden 12 --seed 1 --out @/{place}"))
        .succeeded();
    let before = scratch.read(&format!("{place}/weights.npz"));
    let answer = scratch.synfire("sweep run @/sweep");
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    assert!(
        answer.stderr.contains("hidden is 12 there and 10 in the plan; move it away"),
        "{answer:?}"
    );
    assert!(answer.stdout.starts_with("1 trial finished, 1 failed\n"), "{answer:?}");
    assert!(scratch.read(&format!("{place}/weights.npz")) == before);
}

#[test]
fn tasks_of_a_job_array_are_shards() {
    let scratch = planned(GRID);
    let task = |id: &str, count: &str| {
        let text = |text: &str| Some(text.to_owned());
        let array_task =
            ArrayTask { id: text(id), count: text(count), min: text("1"), step: text("1") };
        Surroundings { array_task, ..Surroundings::default() }
    };
    let said = scratch.synfire_in(&task("2", "4"), "sweep run @/sweep").succeeded().stdout;
    assert!(said.starts_with("shard 2/4: 3 trials finished\n"), "{said}");
    // What is named goes over what the environment says.
    let said =
        scratch.synfire_in(&task("2", "4"), "sweep run @/sweep --shard 4/4").succeeded().stdout;
    assert!(said.starts_with("shard 4/4: 3 trials finished\n"), "{said}");
    let message = scratch.synfire_in(&task("9", "4"), "sweep run @/sweep").failed(Status::Usage);
    assert!(
        message.contains("task 9 is none of the 4 of a job array without gaps from 1"),
        "{message}"
    );
}

/// The batch script as it stands, task by task, in an environment as Slurm makes it.
#[cfg(unix)]
#[test]
fn the_batch_script_runs_its_shards() {
    let script = workspace().join("docs/examples/sweep/sweep.sbatch");
    let text = std::fs::read_to_string(&script).expect("the script");
    let array =
        text.lines().find_map(|line| line.strip_prefix("#SBATCH --array=1-")).expect("an array");
    let n_tasks: u32 = array.parse().expect("a number");
    let grid = workspace().join("docs/examples/sweep/sweep.toml");
    let grid = std::fs::read_to_string(grid).expect("the grid");
    let scratch = planned(&grid.replace("samples = 300", "samples = 30"));
    let run = |task: u32, dir: Option<&Path>| {
        let mut command = Command::new("bash");
        command.arg(&script).env("SYNFIRE", binary()).env("SLURM_CPUS_PER_TASK", "1");
        command.env("SLURM_ARRAY_TASK_ID", task.to_string()).env("SLURM_ARRAY_TASK_MIN", "1");
        command.env("SLURM_ARRAY_TASK_COUNT", array).env("SLURM_ARRAY_TASK_STEP", "1");
        if let Some(dir) = dir {
            command.env("SWEEP_DIR", dir);
        }
        command.stdin(Stdio::null()).output().expect("bash")
    };
    let output = run(1, None);
    assert!(!output.status.success(), "without a folder: {output:?}");
    for task in 1..=n_tasks {
        let output = run(task, Some(&scratch.path("sweep")));
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.starts_with(&format!("shard {task}/{n_tasks}: ")), "{said}");
    }
    merged(&scratch);
}

/// An interrupt ends all trials of a shard after a sample, and the same command goes on.
#[cfg(unix)]
#[test]
fn an_interrupted_shard_goes_on() {
    let scratch =
        planned("[base]\nhidden = 20\nepochs = 3\nsamples = 4000\n[grid]\nseed = \"1..=3\"\n");
    let mut command = Command::new(binary());
    command
        .args(["sweep", "run", "sweep", "--threads", "2", "--json"])
        .current_dir(scratch.path(""));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the binary runs");
    let ids = trials(&scratch);
    let is_begun = |id: &&String| scratch.path(&format!("sweep/trials/{id}/run.toml")).exists();
    let start = Instant::now();
    while ids.iter().filter(is_begun).count() < 2 && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("a command of the system").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let last: Value =
        serde_json::from_str(stdout.lines().last().expect("a line")).expect("an object");
    assert_eq!(last["trials"]["open"].as_array().map(Vec::len), Some(3), "{last}");
    assert_eq!(last["is_exact"], false);
    let stopped = stdout
        .lines()
        .filter(|line| line.starts_with("{\"event\":\"stopped\",\"trial\":\""))
        .count();
    assert_eq!(stopped, 2, "{stdout}");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let expected = "interrupted: 3 of 3 trials are not finished; the same command goes on\n";
    assert!(stderr.ends_with(expected), "{stderr}");
    for id in &ids[..2] {
        assert!(scratch.path(&format!("sweep/trials/{id}/checkpoint.safetensors")).exists());
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let scratch = Scratch::new();
    scratch.write("huge.toml", b"[grid]\nseed = \"1..=10000\"\ncheck = [1, 2]\n");
    scratch.write("typo.toml", b"[grid]\nephocs = [1, 2]\n");
    scratch.write("good.toml", b"[grid]\nseed = [1, 2]\n");
    scratch.write("many.toml", b"[base]\nsamples = 10001\n[grid]\nseed = [1, 2]\n");
    for (words, expected) in [
        (
            "sweep plan @/huge.toml",
            "huge.toml, line 1, column 2: the grid has 20000 combinations, expected at most",
        ),
        (
            "sweep plan @/typo.toml",
            "typo.toml, line 2, column 1: unknown key `ephocs`, did you mean `epochs`?",
        ),
        ("sweep run @", "holds no sweep: there is no plan.toml in it"),
        ("sweep merge @", "holds no sweep: there is no plan.toml in it"),
        ("sweep run @ --shard 0/5", "shard is 0/5, expected 1/5 to 5/5"),
        ("sweep run @ --shard 6/5", "shard is 6/5, expected 1/5 to 5/5"),
        ("sweep run @ --shard five", "shard is `five`, expected i/n"),
    ] {
        let message = scratch.synfire(words).failed(Status::Usage);
        assert!(message.contains(expected), "{words}: {message}");
    }
    let message = scratch.synfire("sweep plan @/none.toml").failed(Status::Failure);
    assert!(message.contains("none.toml: cannot be read: "), "{message}");
    let said = scratch.synfire("sweep plan @/good.toml --out @/dry --dry-run").succeeded().stdout;
    assert!(said.ends_with("wrote nothing\n") && !scratch.path("dry").exists(), "{said}");
    // What only the data can say is said before anything is trained.
    scratch.synfire("sweep plan @/many.toml --out @/many").succeeded();
    let message = scratch.synfire("sweep run @/many").failed(Status::Usage);
    assert!(
        message.contains("number of training samples is 10001, expected 1 to 10000"),
        "{message}"
    );
    assert!(!scratch.path("many/trials").exists());
    // A plan that was changed by hand is not run.
    let plan = String::from_utf8(scratch.read("many/plan.toml")).expect("text");
    scratch.write("many/plan.toml", plan.replace("samples = 10001", "samples = 100").as_bytes());
    let message = scratch.synfire("sweep run @/many").failed(Status::Failure);
    assert!(message.contains("plan.toml, trial 1: id is "), "{message}");
}

/// A mismatch fails the run and the merging, and says which trial.
#[test]
fn a_trial_that_is_not_exact_fails() {
    let scratch = Scratch::new();
    scratch.write("large.npz", &crate::scratch::uniform(30, 254, 20));
    let path = scratch.path("large.npz").display().to_string();
    let grid = format!(
        "[base]\nsamples = 20\nepochs = 1\ncircuit = \"published\"\ninit-weights = \"{path}\"\n[grid]\nseed = [1]\n\
         [[trial]]\ncircuit = \"sized\"\n"
    );
    scratch.write("grid.toml", grid.as_bytes());
    scratch.synfire("sweep plan @/grid.toml --out @/sweep").succeeded();
    let ids = trials(&scratch);
    for words in ["sweep run @/sweep", "sweep merge @/sweep"] {
        let answer = scratch.synfire(words);
        assert_eq!(answer.status, Status::Failure, "{answer:?}");
        assert!(
            answer.stderr.contains(&format!("error: trial {} is not exact: ", ids[0])),
            "{answer:?}"
        );
        assert!(!answer.stderr.contains(&format!("trial {} is not exact", ids[1])), "{answer:?}");
    }
    assert!(scratch.path("sweep/sweep.csv").exists(), "it is written all the same");
}
