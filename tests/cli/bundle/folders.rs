//! The folder that a bundle goes to, and the folder of the run that it comes from.

use synfire_cli::Status;

use super::shared;
use crate::scratch::{Answer, Scratch};

/// A folder is replaced only if it is a bundle and that is asked for; what fails leaves nothing.
#[test]
fn folders_are_taken_as_a_whole_or_not_at_all() {
    let scratch = Scratch::new();
    let run = shared().path("run").display().to_string();
    let make = |words: &[&str]| -> Answer {
        let words: Vec<&str> =
            ["bundle", &run, "--samples", "1"].into_iter().chain(words.iter().copied()).collect();
        scratch.synfire_args(&words)
    };
    make(&["--out", "@/b"]).succeeded();
    let message = make(&["--out", "@/b"]).failed(Status::Failure);
    assert!(message.contains("is there already: replace the bundle with --overwrite"), "{message}");
    scratch.write("b/mine.txt", b"mine");
    make(&["--out", "@/b", "--overwrite"]).succeeded();
    assert!(!scratch.path("b/mine.txt").exists(), "a bundle is replaced as a whole");
    std::fs::create_dir(scratch.path("empty")).expect("a folder");
    make(&["--out", "@/empty"]).succeeded();
    std::fs::create_dir(scratch.path("thesis")).expect("a folder");
    scratch.write("thesis/chapter.txt", b"years of work");
    let message = make(&["--out", "@/thesis", "--overwrite"]).failed(Status::Failure);
    assert!(message.contains("is there already and is no bundle"), "{message}");
    assert_eq!(scratch.read("thesis/chapter.txt"), b"years of work");
    let message = make(&["--out", "@/c", "--samples", "0"]);
    assert_eq!(message.status, Status::Usage);
    let message = scratch
        .synfire_args(&["bundle", &run, "--samples", "0", "--out", "@/c"])
        .failed(Status::Usage);
    assert_eq!(message, "error: number of samples is 0, expected 1 to 200\n");
    let message = scratch.synfire("bundle @/thesis --out @/c").failed(Status::Usage);
    assert!(message.contains("holds no run: there is no run.toml in it"), "{message}");
    let names: Vec<_> = std::fs::read_dir(scratch.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names.len(), 3, "nothing temporary is left: {names:?}");

    scratch.synfire("train --samples 20 --epochs 1 --hidden 8 --seeds 1,2 --out @/s").succeeded();
    let message = scratch.synfire("bundle @/s --out @/c").failed(Status::Usage);
    assert!(message.contains("holds runs of several seeds, expected one of them"), "{message}");
    let words = "train --samples 20 --epochs 1 --hidden 8 --engine reference --variant lanl-numpy --out @/l";
    scratch.synfire(words).succeeded();
    let message = scratch.synfire("bundle @/l --out @/c").failed(Status::Failure);
    assert!(message.contains("variant is lanl-numpy, expected circuit"), "{message}");
    std::fs::remove_file(scratch.path("s/seed-1/weights.npz")).expect("there");
    let message = scratch.synfire("bundle @/s/seed-1 --out @/c").failed(Status::Failure);
    assert!(message.contains("has no weights.npz: the run has finished no epoch yet"), "{message}");
}
