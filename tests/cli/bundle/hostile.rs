//! Bundles that were made to harm, or are damaged.

use synfire_cli::Status;

use super::{copy, forge, text};
use crate::scratch::Scratch;

/// Bundles that were made to harm, or are damaged: an answer, little memory, nothing outside the folder.
#[test]
fn hostile_bundles_are_answered() {
    let check = |scratch: &Scratch| {
        let answer = scratch.synfire("bundle check @/bundle");
        assert_eq!(answer.status, Status::Failure, "{answer:?}");
        answer.stdout
    };
    let has = |said: &str, words: &str| assert!(said.contains(words), "{words}: {said}");

    let scratch = copy();
    let sums = text(&scratch, "SHA256SUMS");
    let climbing = format!("{sums}{}  ../../outside\n", "0".repeat(64));
    scratch.write("bundle/SHA256SUMS", climbing.as_bytes());
    let said = check(&scratch);
    has(
        &said,
        "problem: SHA256SUMS, line 95: name is `../../outside`, expected a file within the bundle",
    );

    scratch.write("bundle/SHA256SUMS", sums.as_bytes());
    scratch.write("bundle/extra.txt", b"more");
    has(&check(&scratch), "problem: extra.txt: is not listed in SHA256SUMS");
    std::fs::remove_file(scratch.path("bundle/extra.txt")).expect("there");
    std::fs::remove_file(scratch.path("bundle/cases/ties/rules.csv")).expect("there");
    has(&check(&scratch), "problem: cases/ties/rules.csv: is listed and not there");

    for (name, from, to, message) in [
        ("bundle.toml", "form = 1", "form = 2", "form is 2, expected 1"),
        ("bundle.toml", "\"ties\"", "\"../ties\"", "case is `../ties`, expected a plain name"),
        ("bundle.toml", "cases = ", "cases = 7 #", "bundle.toml, line "),
        ("cases/ties/case.toml", "layers = [24", "layers = [65536", "lines, expected more than "),
        (
            "cases/ties/case.toml",
            "layers = [24",
            "layers = [4294967295",
            "layer size is 4294967295",
        ),
        (
            "cases/ties/case.toml",
            "samples = 10",
            "samples = 99999999",
            "number of samples is 99999999",
        ),
        (
            "cases/ties/case.toml",
            "\"sized\"",
            "\"huge\"",
            "form is `huge`, expected `sized` or `published`",
        ),
        ("cases/ties/case.toml", "\"learning\"", "\"inference\"", "period is 12, expected 4"),
        ("cases/ties/samples.csv", "sample,", "simple,", "samples.csv, line 1: heading is "),
        (
            "cases/ties/stimulus.csv",
            "11,start,0",
            "11,start",
            "stimulus.csv, line 2: found 2 columns",
        ),
        ("cases/ties/stimulus.csv", "\n13,input,", "\n14,input,", "stimulus.csv, line "),
        ("cases/ties/spikes.csv", "step,", "\u{0},", "spikes.csv, line 1: heading is "),
    ] {
        let scratch = copy();
        let content = text(&scratch, name);
        assert!(content.contains(from), "{name} has no {from}");
        forge(&scratch, name, &content.replacen(from, to, 1));
        has(&check(&scratch), message);
    }

    // Somebody may run the reader.
    let scratch = copy();
    let reader = text(&scratch, "reader.py");
    forge(&scratch, "reader.py", &format!("import shutil\n{reader}"));
    has(&check(&scratch), "problem: reader.py, line 1: found `import shutil`, expected ");

    let scratch = copy();
    scratch.write("bundle/cases/ties/changes.csv", b"\xff\xfe");
    has(&check(&scratch), "cases/ties/changes.csv, line 1: is no text in UTF-8");
    #[cfg(unix)]
    {
        let path = scratch.path("bundle/cases/ties/changes.csv");
        std::fs::remove_file(&path).expect("there");
        std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
        has(&check(&scratch), "cases/ties/changes.csv: is no regular file");
    }
    let message = scratch.synfire("bundle check @/nowhere").failed(Status::Failure);
    has(&message, "is no bundle: there is no bundle.toml in it");
}
