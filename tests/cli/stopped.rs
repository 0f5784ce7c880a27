//! Training that is killed, interrupted or runs out of disk, in processes of its own, and goes on.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::process::binary;
use crate::scratch::{Scratch, timeless};

/// Kills of the test that kills.
const N_KILLS: u32 = 50;

/// A checkpoint as often as can be, every few samples.
const RUN: &str =
    "train --samples 1000 --hidden 20 --check 3 --epochs 12 --checkpoint-minutes 0.0001";

fn spawn(scratch: &Scratch, words: &str) -> Child {
    Command::new(binary())
        .args(words.split_whitespace())
        .current_dir(scratch.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

fn synfire(scratch: &Scratch, words: &str) -> Output {
    spawn(scratch, words).wait_with_output().expect("it ends")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Moments that a seed draws.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

fn checkpoint(dir: &Path) -> Option<Vec<u8>> {
    std::fs::read(dir.join("checkpoint.safetensors")).ok()
}

/// The arrays of a checkpoint, without the header, which has times in it, and the checksum.
fn arrays(bytes: &[u8]) -> &[u8] {
    let header = u64::from_le_bytes(*bytes.first_chunk().expect("a header"));
    &bytes[8 + usize::try_from(header).expect("short")..bytes.len() - 64]
}

fn is_between_epochs(bytes: &[u8]) -> bool {
    let text = br"[position.tally.score]\nsamples = 0\n";
    bytes.windows(text.len()).any(|window| window == text)
}

fn assert_equal(scratch: &Scratch, [run, alone]: [&str; 2]) {
    let file = |dir: &str, name: &str| scratch.read(&format!("{dir}/{name}"));
    assert!(file(run, "weights.npz") == file(alone, "weights.npz"), "weights of {run} differ");
    let name = "checkpoint.safetensors";
    assert!(arrays(&file(run, name)) == arrays(&file(alone, name)), "checkpoints of {run} differ");
    assert_eq!(timeless(scratch.metrics(run)), timeless(scratch.metrics(alone)));
    let compared =
        |dir: &str| -> Vec<u64> { scratch.metrics(dir).iter().map(|row| row.compared).collect() };
    assert_eq!(compared(run), compared(alone));
    let [record, expected] = [run, alone].map(|dir| {
        let text = String::from_utf8(file(dir, "run.toml")).expect("text");
        text.replace(dir, "DIR")
    });
    assert_eq!(record, expected);
}

/// Killed at any moment, a run goes on and ends as if nothing had happened. Runs that come to their end are
/// followed by others, until enough were killed.
#[cfg(unix)]
#[test]
fn fifty_kills_change_nothing() {
    let scratch = Scratch::new();
    let mut dice = Dice(5);
    let (mut n_kills, mut n_early, mut n_amid) = (0, 0, 0);
    for seed in 1.. {
        let [run, alone] = ["run", "alone"].map(|name| format!("{name}{seed}"));
        let begin = format!("{RUN} --seed {seed} --out {run}");
        let dir = scratch.path(&run);
        loop {
            let before = checkpoint(&dir);
            n_amid += u32::from(before.as_deref().is_some_and(|bytes| !is_between_epochs(bytes)));
            let go_on = format!("train --resume {run}");
            let mut child = spawn(&scratch, if before.is_some() { &go_on } else { &begin });
            let start = Instant::now();
            if dice.below(4) == 0 {
                // Perhaps before it does anything.
                std::thread::sleep(Duration::from_millis(dice.below(60)));
            } else {
                while checkpoint(&dir) == before && child.try_wait().expect("a child").is_none() {
                    assert!(start.elapsed() < Duration::from_secs(60), "no checkpoint comes");
                    std::thread::sleep(Duration::from_micros(500));
                }
                std::thread::sleep(Duration::from_micros(dice.below(20_000)));
            }
            if n_kills < N_KILLS {
                // Without effect on one that has ended.
                child.kill().expect("a child");
            }
            let output = child.wait_with_output().expect("it ends");
            match output.status.code() {
                None => n_kills += 1,
                code => {
                    assert_eq!(code, Some(0), "{}", stderr(&output));
                    break;
                }
            }
            n_early += u32::from(checkpoint(&dir) == before);
        }
        assert!(synfire(&scratch, &begin.replace(&run, &alone)).status.success());
        assert_equal(&scratch, [&run, &alone]);
        let mut names: Vec<_> = std::fs::read_dir(&dir)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        let checkpoints = ["checkpoint-before.safetensors", "checkpoint.safetensors"];
        assert_eq!(names[..2], checkpoints);
        assert_eq!(names[2..], ["metrics.csv", "run.toml", "weights.npz"], "nothing is left");
        if n_kills >= N_KILLS {
            break;
        }
    }
    assert!(n_amid >= 10 && n_early >= 1, "{n_amid} in the midst of an epoch, {n_early} early");
}

/// The first interrupt ends training after a sample, with a checkpoint.
#[cfg(unix)]
#[test]
fn interrupted_training_goes_on() {
    goes_on_after("-INT");
}

/// So does the signal with which batch systems announce the end.
#[cfg(unix)]
#[test]
fn terminated_training_goes_on() {
    goes_on_after("-TERM");
}

#[cfg(unix)]
fn goes_on_after(signal: &str) {
    let scratch = Scratch::new();
    let run = "train --samples 300 --hidden 20 --epochs 3000000 --out run";
    let mut child = spawn(&scratch, run);
    let start = Instant::now();
    while checkpoint(&scratch.path("run")).is_none() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(kill.expect("a command of the system").success());
    while child.try_wait().expect("a child").is_none() && start.elapsed() < Duration::from_secs(90)
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Without effect on one that has ended.
    let _ = child.kill();
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let message = stderr(&output);
    assert!(message.starts_with("interrupted after "), "{message}");
    assert!(message.ends_with("; go on with `synfire train --resume run`\n"), "{message}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let n_epochs = u32::try_from(scratch.metrics("run").len()).expect("few") + 1;

    let message = stderr(&synfire(&scratch, run));
    assert!(message.contains("holds a run that is not finished, saved up to "), "{message}");
    let output = synfire(&scratch, &format!("train --resume run --epochs {n_epochs} --json"));
    assert!(output.status.success(), "{output:?}");
    let alone = run.replace("3000000", &n_epochs.to_string()).replace("run", "alone");
    assert!(synfire(&scratch, &alone).status.success());
    assert_equal(&scratch, ["run", "alone"]);
}

/// No file may grow beyond some kilobytes: what is finished stays, and with room again the run goes on.
#[cfg(unix)]
#[test]
fn a_full_disk_loses_nothing_that_is_finished() {
    let scratch = Scratch::new();
    let run = "train --engine reference --samples 100 --hidden 40 --out run";
    assert!(synfire(&scratch, &format!("{run} --epochs 2")).status.success());
    let names =
        ["weights.npz", "metrics.csv", "checkpoint.safetensors", "checkpoint-before.safetensors"];
    let finished = names.map(|name| scratch.read(&format!("run/{name}")));

    // Without the signal, a write beyond the limit fails as one to a full disk does.
    let script = format!(
        "trap '' XFSZ; ulimit -f 16; exec '{}' train --resume run --epochs 4",
        binary().display()
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(scratch.path(""))
        .output()
        .expect("a shell");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = stderr(&output);
    assert!(message.starts_with("error: run/weights.npz cannot be written: "), "{message}");
    let safe = "complete are weights.npz of epoch 2, metrics.csv of epoch 2, checkpoint.safetensors of epoch 2";
    assert!(message.contains(safe), "{message}");
    let go_on = "when there is room, go on with `synfire train --resume run`\n";
    assert!(message.ends_with(go_on), "{message}");
    assert_eq!(names.map(|name| scratch.read(&format!("run/{name}"))), finished);

    assert!(synfire(&scratch, "train --resume run").status.success());
    assert!(
        synfire(&scratch, &format!("{run} --epochs 4").replace("--out run", "--out alone"))
            .status
            .success()
    );
    assert_equal(&scratch, ["run", "alone"]);
}

#[test]
fn what_cannot_go_on_says_why() {
    let scratch = Scratch::new();
    let run = "train --engine reference --samples 40 --hidden 20 --epochs 2 --out @/run";
    scratch.synfire(run).succeeded();
    let dir = scratch.path("run").display().to_string();
    for (words, expected) in [
        ("--resume @/none", "none holds no run: there is no run.toml"),
        ("--resume @/run --seed 2", "--seed cannot be used with --resume: "),
        ("--resume @/run --engine lif", "--engine cannot be used with --resume: "),
        ("--resume @/run --out @/other", "--out cannot be used with --resume: "),
        (
            "--resume @/run --epochs 1",
            "number of epochs is 1, expected at least 2: so many are trained",
        ),
        ("--resume @/run --config @/run/run.toml", "cannot be used with"),
        ("--resume @/run --overwrite", "cannot be used with"),
        ("--before", "--resume <DIR>"),
    ] {
        let answer = scratch.synfire(&format!("train {words}"));
        assert!(answer.stderr.contains(expected), "{words}: {answer:?}");
    }
    scratch
        .synfire("train --resume @/run --threads 1 --checkpoint-minutes 1 --tensorboard")
        .succeeded();
    let mut bytes = scratch.read("run/checkpoint.safetensors");
    let place = bytes.len() / 2;
    bytes[place] ^= 4;
    scratch.write("run/checkpoint.safetensors", &bytes);
    let message = scratch.synfire("train --resume @/run").failed(synfire_cli::Status::Failure);
    assert!(
        message.contains("run/checkpoint.safetensors cannot be resumed: it is damaged: "),
        "{message}"
    );
    let offer =
        format!("the checkpoint before it is whole: `synfire train --resume {dir} --before`\n");
    assert!(message.ends_with(&offer), "{message}");
    scratch.synfire("train --resume @/run --before").succeeded();
    scratch.synfire("train --resume @/run").succeeded();
}
